//! The `flowbook` command line: parsing, and one module for each command that does more than call the library.

mod doctor;
mod execute;
mod kernelspec;
mod lab;
mod progress;
mod run;
mod tensorboard;
mod test;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::{Error, evaluator, protocol};

#[derive(Parser)]
#[command(name = "flowbook", version, about = "Rust notebooks with tensors, graphs and plots at hand")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Open the lessons in JupyterLab, which is set up on the first run if need be
    Lab {
        /// Start the server without opening a browser
        #[arg(long)]
        no_browser: bool,
        /// The directory to open instead of the lessons
        directory: Option<PathBuf>,
        /// Further arguments for JupyterLab, such as --port 9000
        #[arg(last = true, value_name = "ARGUMENTS")]
        further: Vec<OsString>,
    },
    /// Register the kernel with Jupyter
    Install(#[command(flatten)] Place),
    /// Remove the kernel from Jupyter
    Uninstall(#[command(flatten)] Place),
    /// Run a notebook without Jupyter
    Run(run::Arguments),
    /// Run notebooks and compare their outputs with the saved ones
    Test(test::Arguments),
    /// Open TensorBoard on a directory of event files
    #[command(name = "tensorboard")]
    TensorBoard(tensorboard::Arguments),
    /// Serve a Jupyter front end (this is what the kernelspec starts)
    Kernel {
        /// The connection file the front end wrote
        connection_file: PathBuf,
    },
    /// Show what is there, what is missing and how to get it
    Doctor,
}

/// Where kernelspecs go.
#[derive(Args, Default)]
#[group(multiple = false)]
struct Place {
    /// For this user (the default)
    #[arg(long)]
    user: bool,
    /// For the active Python environment
    #[arg(long)]
    sys_prefix: bool,
    /// Below this directory, in share/jupyter/kernels
    #[arg(long, value_name = "DIR")]
    prefix: Option<PathBuf>,
}

/// The path of this program; empty when the system does not tell it.
fn program() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}

/// Runs the command the process was started with; failures go to standard error, in one line.
pub fn main() -> ExitCode {
    match dispatch(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("flowbook: {e}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<(), Error> {
    match command {
        Command::Lab { no_browser, directory, further } => lab::open(no_browser, directory, &further),
        Command::Install(place) => {
            let directory = kernelspec::install(&place)?;
            println!("Installed the kernel \"{}\" in {}", kernelspec::DISPLAY_NAME, directory.display());
            Ok(())
        }
        Command::Uninstall(place) => {
            let directory = kernelspec::uninstall(&place)?;
            println!("Removed the kernel from {}", directory.display());
            Ok(())
        }
        Command::Run(arguments) => run::run(&arguments),
        Command::Test(arguments) => test::test(&arguments),
        Command::TensorBoard(arguments) => tensorboard::open(&arguments),
        Command::Kernel { connection_file } => {
            let info = protocol::connection_file::read(&connection_file)?;
            protocol::serve(&info, protocol::history_file(), Box::new(evaluator::start))
        }
        Command::Doctor => doctor::report(),
    }
}
