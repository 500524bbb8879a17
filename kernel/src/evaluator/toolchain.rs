//! Where the programs and libraries are that cells need: rustc, a linker, the standard library, ours.
//! Finding only; `compiler` runs them.

use std::path::{Path, PathBuf};

use crate::Error;

/// What is needed to compile cells.
#[derive(Clone, Debug)]
pub struct Toolchain {
    rustc: PathBuf,
    pub(crate) linker: Linker,
    /// The standard library as a dylib, which cells and library share.
    pub libstd: PathBuf,
    /// The library's dylib.
    pub library: PathBuf,
    /// The `flowbook` executable, which is also the child process.
    pub executable: PathBuf,
}

/// The program that links cells, and the arguments that make it a linker.
#[derive(Clone, Debug)]
pub(crate) struct Linker {
    pub(crate) program: PathBuf,
    pub(crate) first_args: &'static [&'static str],
}

impl Toolchain {
    /// Finds the compiler that the library was built with, a linker, and the library's dylib, which lies beside the
    /// `flowbook` executable.
    ///
    /// # Errors
    /// What is missing and how to get it.
    pub fn find(executable: &Path) -> Result<Toolchain, Error> {
        let sysroot = find_sysroot()?;
        let libs = sysroot.join("lib/rustlib").join(env!("FLOWBOOK_TARGET")).join("lib");
        let libstd = std::fs::read_dir(&libs)
            .ok()
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| file_name(path).starts_with("libstd-") && path.extension().is_some_and(|e| e == "so"))
            .ok_or_else(|| {
                Error::Evaluator(format!(
                    "the Rust standard library is missing from {}; `rustup toolchain install` brings it back",
                    libs.display(),
                ))
            })?;
        Ok(Toolchain {
            rustc: sysroot.join("bin/rustc"),
            linker: find_linker(&sysroot)?,
            libstd,
            library: find_library(executable)?,
            executable: executable.to_owned(),
        })
    }

    /// The path of rustc.
    pub fn rustc(&self) -> &Path {
        &self.rustc
    }
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|n| n.to_str()).unwrap_or("")
}

/// The toolchain named by `FLOWBOOK_SYSROOT`, else the one the library was built with.
pub(crate) fn find_sysroot() -> Result<PathBuf, Error> {
    let chosen = std::env::var_os("FLOWBOOK_SYSROOT").map(PathBuf::from);
    let sysroot = chosen.unwrap_or_else(|| PathBuf::from(env!("FLOWBOOK_SYSROOT")));
    if sysroot.join("bin/rustc").is_file() {
        return Ok(sysroot);
    }
    Err(Error::Evaluator(format!(
        "no Rust toolchain at {}: cells are compiled by the one Flowbook was built with ({}); install Rust from \
         https://rustup.rs and build Flowbook again",
        sysroot.display(),
        env!("FLOWBOOK_RUSTC_VERSION"),
    )))
}

/// The system's `ld` is the quickest of those usually there; rustc always brings one of its own.
pub(crate) fn find_linker(sysroot: &Path) -> Result<Linker, Error> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(program) = std::env::split_paths(&path).map(|dir| dir.join("ld")).find(|ld| ld.is_file()) {
        return Ok(Linker { program, first_args: &[] });
    }
    let own = sysroot.join("lib/rustlib").join(env!("FLOWBOOK_TARGET")).join("bin/rust-lld");
    if own.is_file() {
        return Ok(Linker { program: own, first_args: &["-flavor", "gnu"] });
    }
    Err(Error::Evaluator("no linker: neither `ld` on the PATH nor rust-lld in the toolchain; install binutils".into()))
}

/// The library's dylib lies where cargo puts it, or in the `lib` folder beside the executable's.
pub(crate) fn find_library(executable: &Path) -> Result<PathBuf, Error> {
    let exe = executable.canonicalize().unwrap_or_default();
    let dir = exe.parent().unwrap_or(Path::new("."));
    let candidates = [dir.join("deps/libflowbook.so"), dir.join("libflowbook.so"), dir.join("../lib/libflowbook.so")];
    candidates.iter().find(|path| path.is_file()).cloned().ok_or_else(|| {
        Error::Evaluator(format!(
            "the library libflowbook.so is not beside {}; build it with `cargo build --release`",
            exe.display(),
        ))
    })
}
