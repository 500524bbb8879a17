//! The compiler that turns a cell into a shared object: where it is, how it is called, what it says.
//! One `rustc` to an object file and one bare linker call; cargo takes no part in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use super::diagnostic::Diagnostic;
use crate::Error;

/// What is needed to compile cells.
#[derive(Clone, Debug)]
pub struct Toolchain {
    rustc: PathBuf,
    linker: Linker,
    /// The standard library as a dylib, which cells and library share.
    pub libstd: PathBuf,
    /// The library's dylib.
    pub library: PathBuf,
    /// The `flowbook` executable, which is also the child process.
    pub executable: PathBuf,
    running: Arc<AtomicI32>,
}

/// The program that links cells, and the arguments that make it a linker.
#[derive(Clone, Debug)]
pub(crate) struct Linker {
    pub(crate) program: PathBuf,
    first_args: &'static [&'static str],
}

/// How a compilation ended.
#[derive(Debug)]
pub enum Compiled {
    /// A shared object to load, the types of the kept variables by name, and rustc's warnings.
    Ready {
        /// Path of the shared object.
        object: PathBuf,
        /// Name and type, written so that later cells can name it.
        types: Vec<(String, String)>,
        /// Warnings.
        warnings: Vec<Diagnostic>,
    },
    /// rustc's errors.
    Rejected(Vec<Diagnostic>),
    /// Stopped by an interrupt.
    Interrupted,
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
            .ok_or_else(|| Error::Evaluator(format!(
                "the Rust standard library is missing from {}; `rustup toolchain install` brings it back",
                libs.display(),
            )))?;
        Ok(Toolchain {
            rustc: sysroot.join("bin/rustc"),
            linker: find_linker(&sysroot)?,
            libstd,
            library: find_library(executable)?,
            executable: executable.to_owned(),
            running: Arc::default(),
        })
    }

    /// The path of rustc.
    pub fn rustc(&self) -> &Path {
        &self.rustc
    }

    /// A handle that stops a running compilation from another thread.
    pub fn interrupter(&self) -> impl Fn() + Send + Sync + 'static {
        let running = self.running.clone();
        move || {
            let pid = running.load(Ordering::SeqCst);
            if pid > 0 {
                // SAFETY: a signal to a child that has not been waited for, so its id cannot be another process's.
                unsafe { libc::kill(pid, libc::SIGKILL) };
            }
        }
    }

    /// Compiles the source `name.rs` in `dir`.
    ///
    /// # Errors
    /// When rustc or the linker cannot be run at all.
    pub fn compile(&self, dir: &Path, name: &str, optimise: bool) -> Result<Compiled, Error> {
        let object = dir.join(format!("{name}.o"));
        let mir = dir.join(format!("{name}.mir"));
        let deps = self.library.parent().unwrap_or(Path::new("."));
        let mut rustc = Command::new(&self.rustc);
        rustc
            .current_dir(dir)
            // Full type paths in the MIR need an unstable option; the language stays the stable one.
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["--edition=2024", "--crate-type=lib", "--crate-name=cell", "--error-format=json"])
            .args(["-Ccodegen-units=1", "-Cprefer-dynamic", "-Crelocation-model=pic", "-Cpanic=unwind"])
            .args(["-Zallow-features=", "-Ztrim-diagnostic-paths=no", "-Cmetadata=flowbook-cell"])
            .arg(if optimise { "-Copt-level=2" } else { "-Copt-level=0" })
            .args(["-Cdebug-assertions=on", "-Coverflow-checks=on"])
            .arg(joined(["--extern=flowbook=".as_ref(), self.library.as_ref()]))
            .arg(joined(["-Ldependency=".as_ref(), deps.as_ref()]))
            .arg(joined(["--emit=obj=".as_ref(), object.as_ref(), ",mir=".as_ref(), mir.as_ref()]))
            .arg(format!("{name}.rs"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let child = rustc.spawn().map_err(|e| Error::Evaluator(format!(
            "cannot run {}: {e}; install Rust from https://rustup.rs and rebuild",
            self.rustc.display(),
        )))?;
        self.running.store(child.id() as i32, Ordering::SeqCst);
        let output = child.wait_with_output();
        self.running.store(0, Ordering::SeqCst);
        let output = output.map_err(|e| Error::Evaluator(format!("rustc was lost: {e}")))?;
        let text = String::from_utf8_lossy(&output.stderr);
        let diagnostics: Vec<Diagnostic> = text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
        if output.status.success() {
            let shared = self.link(dir, name, &object)?;
            let types = kept_types(&std::fs::read_to_string(&mir).unwrap_or_default());
            return Ok(Compiled::Ready { object: shared, types, warnings: diagnostics });
        }
        if output.status.code().is_none() {
            return Ok(Compiled::Interrupted);
        }
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Ok(Compiled::Rejected(diagnostics));
        }
        Err(Error::Evaluator(format!("rustc failed without a diagnosis: {text}")))
    }

    /// Undefined symbols are left to the child: it has the standard library and ours loaded already.
    fn link(&self, dir: &Path, name: &str, object: &Path) -> Result<PathBuf, Error> {
        let shared = dir.join(format!("{name}.so"));
        let output = Command::new(&self.linker.program)
            .args(self.linker.first_args)
            // Without the header table the unwinder finds no frames of the cell, and a panic aborts.
            .args(["-shared", "-Bsymbolic", "--eh-frame-hdr", "-o"])
            .arg(&shared)
            .arg(object)
            .stdin(Stdio::null())
            .output()
            .map_err(|e| Error::Evaluator(format!("cannot run {}: {e}", self.linker.program.display())))?;
        if !output.status.success() {
            return Err(Error::Evaluator(format!("the linker failed: {}", String::from_utf8_lossy(&output.stderr))));
        }
        Ok(shared)
    }
}

/// An argument made of text and paths, which need not be UTF-8.
fn joined<const N: usize>(parts: [&std::ffi::OsStr; N]) -> OsString {
    let mut all = OsString::new();
    parts.iter().for_each(|part| all.push(part));
    all
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
    candidates.iter().find(|path| path.is_file()).cloned().ok_or_else(|| Error::Evaluator(format!(
        "the library libflowbook.so is not beside {}; build it with `cargo build --release`",
        exe.display(),
    )))
}

/// The types that `keep::<TYPE>(const "NAME"` calls were made with. The MIR names types by public paths, which is
/// what a later cell must write.
fn kept_types(mir: &str) -> Vec<(String, String)> {
    let mut types = Vec::new();
    for line in mir.lines() {
        let Some((_, call)) = line.split_once("store::keep::<") else { continue };
        let Some((type_name, rest)) = call.rsplit_once(">(const \"") else { continue };
        let Some((name, _)) = rest.split_once('"') else { continue };
        types.push((name.to_owned(), type_name.to_owned()));
    }
    types
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_from_the_mir() {
        let mir = "_3 = flowbook::notebook::rt::store::keep::<std::vec::Vec<i32>>(const \"v\", move _4) -> [return: bb2];";
        assert_eq!(kept_types(mir), [("v".to_owned(), "std::vec::Vec<i32>".to_owned())]);
    }
}
