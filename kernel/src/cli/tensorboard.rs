//! `flowbook tensorboard`: finds TensorBoard, or sets it up when asked to, and starts it on a directory of event files.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use crate::Error;
use crate::environment::{HOW_TO_GET_TENSORBOARD, TENSORBOARD};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The directory that FileWriter or create_file_writer was given
    #[arg(default_value = ".")]
    logdir: PathBuf,
    /// Set TensorBoard up first, in an environment of Flowbook's own, when it is not there
    #[arg(long)]
    install: bool,
    /// Further arguments for TensorBoard, such as --port 6007
    #[arg(last = true, value_name = "ARGUMENTS")]
    further: Vec<OsString>,
}

/// Becomes TensorBoard.
pub(super) fn open(arguments: &Arguments) -> Result<(), Error> {
    let logdir = &arguments.logdir;
    if !logdir.is_dir() {
        let way_out = "event files are written by tf::summary::FileWriter::new(LOGDIR, sess.graph())";
        return Err(Error::Usage(format!("there is no directory {}; {way_out}", logdir.display())));
    }
    let program = match TENSORBOARD.find() {
        Some(program) => program,
        None if arguments.install => TENSORBOARD.set_up()?,
        None => return Err(Error::Usage(format!("TensorBoard was not found; {HOW_TO_GET_TENSORBOARD}"))),
    };
    let failed = Command::new(&program).arg("--logdir").arg(logdir).args(&arguments.further).exec();
    Err(Error::File { action: "start", path: program, source: failed })
}
