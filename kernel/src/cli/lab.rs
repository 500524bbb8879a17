//! `flowbook lab`: registers the kernel, finds JupyterLab or sets it up, opens the lessons.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Place, kernelspec, program};
use crate::evaluator::Toolchain;
use crate::{Error, files};

/// What goes into the environment that is made when there is no JupyterLab.
const REQUIREMENTS: &str = include_str!("requirements.txt");
/// Written last into an environment: without it, or with other requirements in it, the environment is made anew.
const COMPLETE: &str = "flowbook-complete.txt";

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
    let jupyter = match files::find_program("jupyter-lab") {
        Some(jupyter) => jupyter,
        None => environment()?.join("bin/jupyter-lab"),
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

/// The Python environment with JupyterLab, made on first use below the user's data directory.
fn environment() -> Result<PathBuf, Error> {
    let data = files::flowbook_data()
        .ok_or_else(|| lab_error("there is no home directory for it; set HOME or XDG_DATA_HOME"))?;
    let environment = data.join("jupyter");
    let complete = environment.join(COMPLETE);
    if is_complete(&environment) {
        return Ok(environment);
    }
    eprintln!("JupyterLab was not found; setting it up in {} (once, about 200 MB)", environment.display());
    // What an interrupted attempt left behind goes first; the mark comes last, so a half-made one is never used.
    if environment.exists() {
        std::fs::remove_dir_all(&environment).map_err(Error::file("remove", &environment))?;
    }
    std::fs::create_dir_all(&data).map_err(Error::file("create", &data))?;
    if let Err(e) = fill(&environment) {
        let _ = std::fs::remove_dir_all(&environment);
        return Err(e);
    }
    files::write_atomically(&complete, REQUIREMENTS.as_bytes()).map_err(Error::file("write", &complete))?;
    Ok(environment)
}

/// The JupyterLab that an earlier `flowbook lab` has set up.
pub(super) fn own_jupyter_lab() -> Option<PathBuf> {
    let environment = files::flowbook_data()?.join("jupyter");
    is_complete(&environment).then(|| environment.join("bin/jupyter-lab"))
}

fn is_complete(environment: &Path) -> bool {
    std::fs::read_to_string(environment.join(COMPLETE)).is_ok_and(|made_from| made_from == REQUIREMENTS)
}

fn fill(environment: &Path) -> Result<(), Error> {
    let python = files::find_program("python3").ok_or_else(|| {
        lab_error("python3 was not found; install Python 3.10 or newer, or put a `jupyter-lab` on the path")
    })?;
    step(
        "[1/2] creating a Python environment",
        Command::new(python).args(["-m", "venv"]).arg(environment),
        "the venv module is missing or broken; on Debian and Ubuntu: apt install python3-venv",
    )?;
    let list = environment.join("requirements.txt");
    std::fs::write(&list, REQUIREMENTS).map_err(Error::file("write", &list))?;
    step(
        "[2/2] installing JupyterLab",
        Command::new(environment.join("bin/python"))
            .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r"])
            .arg(&list),
        "pip could not install it; check the network connection and run `flowbook lab` again",
    )
}

/// Runs a command with its output visible on standard error.
fn step(title: &str, command: &mut Command, way_out: &str) -> Result<(), Error> {
    eprintln!("{title}");
    let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(lab_error(&format!("{way_out} ({status})"))),
        Err(e) => Err(lab_error(&format!("{way_out} ({e})"))),
    }
}

fn lab_error(reason: &str) -> Error {
    Error::Lab { reason: reason.to_string() }
}
