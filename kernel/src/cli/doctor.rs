//! `flowbook doctor`: one line for each thing Flowbook needs or can use.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Place, kernelspec};
use crate::{Error, files};

/// What a check found.
enum Found {
    Ok(String),
    /// Cells run without it; the text says what it is good for.
    Optional(String),
    /// Cells cannot run without it.
    Missing(String),
}

use Found::{Missing, Ok as Present, Optional};

/// Prints the report.
///
/// # Errors
/// [`Error::Doctor`] when cells cannot run.
pub(super) fn report() -> Result<(), Error> {
    let checks: [(&str, fn() -> Found); 10] = [
        ("rustc", rustc),
        ("cargo", cargo),
        ("rust-src", rust_src),
        ("linker", linker),
        ("library", library),
        ("python3", python),
        ("JupyterLab", jupyter_lab),
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
    match first_line("rustc", &["--version"]) {
        Some(version) => Present(version),
        None => Missing("cells are compiled with it; install the toolchain from https://rustup.rs".to_string()),
    }
}

fn cargo() -> Found {
    match first_line("cargo", &["--version"]) {
        Some(version) => Present(version),
        None => Optional("crates named in cells are built with it; it comes with https://rustup.rs".to_string()),
    }
}

fn rust_src() -> Found {
    let source = sysroot().map(|root| root.join("lib/rustlib/src/rust/library"));
    match source.filter(|s| s.is_dir()) {
        Some(source) => Present(source.display().to_string()),
        None => Optional(
            "cells run without it; sources of the standard library come with `rustup component add rust-src`".to_string(),
        ),
    }
}

fn linker() -> Found {
    match ["cc", "gcc", "clang"].into_iter().find_map(files::find_program) {
        Some(linker) => Present(linker.display().to_string()),
        None => Missing("rustc links with `cc`; on Debian and Ubuntu: apt install build-essential".to_string()),
    }
}

/// The library that cells link lies beside the program, or in cargo's `deps` below it.
fn library() -> Found {
    let name = format!("{}flowbook{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let program = std::env::current_exe().unwrap_or_default();
    let beside = program.parent().unwrap_or(Path::new(""));
    let places = [beside.to_path_buf(), beside.join("deps"), beside.join("../lib/flowbook")];
    match places.iter().map(|place| place.join(&name)).find(|file| file.is_file()) {
        Some(file) => Present(file.display().to_string()),
        None => Missing(format!("{name} is not beside the program; build it with `cargo build --release`")),
    }
}

fn python() -> Found {
    match first_line("python3", &["--version"]) {
        Some(version) => Present(version),
        None => Optional("`flowbook lab` needs it to set up JupyterLab; `flowbook run` does not".to_string()),
    }
}

fn jupyter_lab() -> Found {
    match files::find_program("jupyter-lab") {
        Some(program) => Present(program.display().to_string()),
        None => Optional("`flowbook lab` sets it up on the first run".to_string()),
    }
}

fn spec() -> Found {
    match kernelspec::directory(&Place::default()) {
        Ok(directory) if directory.join("kernel.json").is_file() => Present(directory.display().to_string()),
        Ok(directory) => {
            Optional(format!("`flowbook install` or `flowbook lab` puts it into {}", directory.display()))
        }
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

fn sysroot() -> Option<PathBuf> {
    first_line("rustc", &["--print", "sysroot"]).map(PathBuf::from)
}

fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|o| o.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().next().map(|line| line.trim().to_string())
}
