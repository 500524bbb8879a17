//! The kernelspec: the directory by which Jupyter finds the kernel.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::Place;
use crate::protocol::PROTOCOL_VERSION;
use crate::{Error, files};

/// The kernel's directory name, which notebooks refer to.
pub(super) const NAME: &str = "flowbook";
/// What front ends show.
pub(super) const DISPLAY_NAME: &str = "Rust (Flowbook)";

/// Writes the kernelspec and returns its directory.
pub(super) fn install(place: &Place) -> Result<PathBuf, Error> {
    let directory = directory(place)?;
    write(&directory).map_err(|source| Error::Kernelspec { action: "write", path: directory.clone(), source })?;
    Ok(directory)
}

/// Removes the kernelspec and returns the directory it was in.
pub(super) fn uninstall(place: &Place) -> Result<PathBuf, Error> {
    let directory = directory(place)?;
    if !directory.join("kernel.json").is_file() {
        return Err(Error::Usage(format!("no kernel is installed in {}", directory.display())));
    }
    std::fs::remove_dir_all(&directory).map_err(|source| Error::Kernelspec {
        action: "remove",
        path: directory.clone(),
        source,
    })?;
    Ok(directory)
}

/// Where the kernelspec of a place lies.
pub(super) fn directory(place: &Place) -> Result<PathBuf, Error> {
    let data = if let Some(prefix) = &place.prefix {
        let prefix = std::path::absolute(prefix).map_err(Error::file("resolve", prefix))?;
        prefix.join("share/jupyter")
    } else if place.sys_prefix {
        sys_prefix()?.join("share/jupyter")
    } else {
        files::jupyter_data().ok_or_else(|| {
            Error::Usage("there is no home directory: set HOME, or choose a place with --prefix DIR".to_string())
        })?
    };
    Ok(data.join("kernels").join(NAME))
}

/// The program that an installed kernelspec starts.
pub(super) fn starts(directory: &Path) -> Option<PathBuf> {
    let text = std::fs::read_to_string(directory.join("kernel.json")).ok()?;
    let spec: serde_json::Value = serde_json::from_str(&text).ok()?;
    spec["argv"][0].as_str().map(PathBuf::from)
}

/// The kernel.json goes into place in one step, so that Jupyter never reads half of one.
fn write(directory: &Path) -> io::Result<()> {
    let program = std::env::current_exe()?;
    let spec = json!({
        "argv": [program, "kernel", "{connection_file}"],
        "display_name": DISPLAY_NAME,
        "language": "rust",
        "interrupt_mode": "message",
        "kernel_protocol_version": PROTOCOL_VERSION,
        "metadata": {"debugger": false},
    });
    std::fs::create_dir_all(directory)?;
    files::write_atomically(&directory.join("kernel.json"), format!("{spec:#}\n").as_bytes())
}

fn sys_prefix() -> Result<PathBuf, Error> {
    let asked = Command::new("python3").args(["-c", "import sys; print(sys.prefix, end='')"]).output();
    let answer = asked.ok().filter(|o| o.status.success()).and_then(|o| String::from_utf8(o.stdout).ok());
    answer.filter(|prefix| !prefix.is_empty()).map(PathBuf::from).ok_or_else(|| {
        Error::Usage("--sys-prefix needs python3 on the path; install Python or use --prefix DIR".to_string())
    })
}
