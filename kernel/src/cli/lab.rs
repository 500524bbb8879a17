//! `flowbook lab`: registers the kernel, finds JupyterLab or sets it up, opens the lessons.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use super::{Place, kernelspec, program};
use crate::Error;
use crate::environment::JUPYTER_LAB;
use crate::evaluator::Toolchain;

pub(super) fn open(no_browser: bool, directory: Option<PathBuf>, further: &[OsString]) -> Result<(), Error> {
    Toolchain::find(&program())?;
    let directory = match directory {
        Some(directory) if !directory.is_dir() => {
            return Err(Error::Usage(format!("there is no directory {}", directory.display())));
        }
        Some(directory) => directory,
        None => lessons()?,
    };
    let spec = kernelspec::install(&Place::default())?;
    eprintln!("The kernel \"{}\" is registered in {}", kernelspec::DISPLAY_NAME, spec.display());
    let jupyter = match JUPYTER_LAB.find() {
        Some(jupyter) => jupyter,
        None => JUPYTER_LAB.set_up()?,
    };
    let mut command = Command::new(&jupyter);
    command.arg(format!("--MultiKernelManager.default_kernel_name={}", kernelspec::NAME));
    if no_browser {
        command.arg("--no-browser");
    }
    // In a container everybody is root; Jupyter starts there only when told that this is meant.
    // SAFETY: reads the user id of this process.
    if unsafe { libc::geteuid() } == 0 {
        command.arg("--allow-root");
    }
    let failed = command.args(further).arg(&directory).exec();
    Err(Error::File { action: "start", path: jupyter, source: failed })
}

/// The lessons: `notebooks/` in the current directory, or in one of those above the program.
fn lessons() -> Result<PathBuf, Error> {
    let here = std::env::current_dir().unwrap_or_default();
    let program = program();
    let above = program.ancestors().skip(1).flat_map(|d| [d.join("notebooks"), d.join("share/flowbook/notebooks")]);
    std::iter::once(here.join("notebooks")).chain(above).find(|d| d.is_dir()).ok_or_else(|| {
        let way_out = "run this in the directory that holds `notebooks/`, or name one: flowbook lab DIR";
        Error::Usage(format!("the lessons were not found: {way_out}"))
    })
}
