//! `flowbook doctor`: one line for each thing Flowbook needs or can use.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use super::{Place, kernelspec, program};
use crate::Error;
use crate::environment::{HOW_TO_GET_TENSORBOARD, JUPYTER_LAB, TENSORBOARD};
use crate::evaluator::toolchain;

/// What a check found.
enum Found {
    Ok(String),
    /// Cells run without it; the text says what it is good for.
    Optional(String),
    /// Cells cannot run without it.
    Missing(String),
}

use Found::{Missing, Ok as Present, Optional};

type Check = (&'static str, fn() -> Found);

/// Prints the report.
///
/// # Errors
/// [`Error::Doctor`] when cells cannot run.
pub(super) fn report() -> Result<(), Error> {
    let checks: [Check; 11] = [
        ("rustc", rustc),
        ("cargo", cargo),
        ("rust-src", rust_src),
        ("linker", linker),
        ("library", library),
        ("python3", python),
        ("JupyterLab", jupyter_lab),
        ("TensorBoard", tensorboard),
        ("kernelspec", spec),
        ("data", data),
        ("CUDA", cuda),
    ];
    let mut usable = true;
    for (name, check) in checks {
        let (word, text) = match check() {
            Present(text) => ("ok", text),
            Optional(text) => ("not there", text),
            Missing(text) => {
                usable = false;
                ("missing", text)
            }
        };
        println!("{name:<11} {word}: {text}");
    }
    if usable { Ok(()) } else { Err(Error::Doctor) }
}

fn rustc() -> Found {
    let found = toolchain::find_sysroot().map(|sysroot| sysroot.join("bin/rustc"));
    needed(found, |rustc| first_line(&rustc, &["--version"]).unwrap_or_else(|| rustc.display().to_string()))
}

fn cargo() -> Found {
    match first_line("cargo", &["--version"]) {
        Some(version) => Present(version),
        None => {
            Optional("only `:dep` and building Flowbook itself need it; it comes with https://rustup.rs".to_string())
        }
    }
}

fn rust_src() -> Found {
    let source = toolchain::find_sysroot().map(|root| root.join("lib/rustlib/src/rust/library"));
    match source.ok().filter(|s| s.is_dir()) {
        Some(source) => Present(source.display().to_string()),
        None => Optional(
            "cells run without it; to read the standard library's sources: rustup component add rust-src".into(),
        ),
    }
}

fn linker() -> Found {
    let linker = toolchain::find_sysroot().and_then(|sysroot| toolchain::find_linker(&sysroot));
    needed(linker, |linker| linker.program.display().to_string())
}

fn library() -> Found {
    needed(toolchain::find_library(&program()), |library| library.display().to_string())
}

/// Something without which no cell runs; the evaluator's own search says why it is not found.
fn needed<T>(found: Result<T, Error>, describe: impl FnOnce(T) -> String) -> Found {
    match found {
        Ok(found) => Present(describe(found)),
        Err(Error::Evaluator(reason)) => Missing(reason),
        Err(other) => Missing(other.to_string()),
    }
}

fn python() -> Found {
    match first_line("python3", &["--version"]) {
        Some(version) => Present(version),
        None => Optional("`flowbook lab` needs it to set up JupyterLab; `flowbook run` does not".to_string()),
    }
}

fn jupyter_lab() -> Found {
    match JUPYTER_LAB.find() {
        Some(program) => Present(program.display().to_string()),
        None => Optional("`flowbook lab` sets it up on the first run".to_string()),
    }
}

fn tensorboard() -> Found {
    match TENSORBOARD.find() {
        Some(program) => Present(program.display().to_string()),
        None => Optional(HOW_TO_GET_TENSORBOARD.to_string()),
    }
}

fn spec() -> Found {
    match kernelspec::directory(&Place::default()) {
        Ok(directory) => match kernelspec::starts(&directory) {
            Some(program) if program.is_file() => Present(directory.display().to_string()),
            Some(gone) => Optional(format!("it starts {}, which is gone; run `flowbook install`", gone.display())),
            None => Optional(format!("`flowbook install` or `flowbook lab` puts it into {}", directory.display())),
        },
        Err(e) => Optional(e.to_string()),
    }
}

fn data() -> Found {
    match std::env::var_os("FLOWBOOK_DATA").map(PathBuf::from) {
        Some(directory) if directory.is_dir() => Present(directory.display().to_string()),
        Some(directory) => Optional(format!("FLOWBOOK_DATA names {}, which is no directory", directory.display())),
        None => Optional("FLOWBOOK_DATA is not set; data sets are downloaded when first used".to_string()),
    }
}

fn cuda() -> Found {
    match flowbook_cuda::probe() {
        flowbook_cuda::Probe::Device(device) => Present(device.to_string()),
        flowbook_cuda::Probe::Unavailable(reason) => Optional(format!("{reason}; everything runs on the CPU")),
    }
}

fn first_line(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|o| o.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().next().map(|line| line.trim().to_string())
}
