//! The compiler that turns a cell into a shared object: how it is called and what it says.
//! One `rustc` to an object file and one bare linker call; cargo takes no part in it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use serde::Deserialize;

use super::ahead::{self, Ahead};
use super::diagnostic::Diagnostic;
use super::source::Source;
use super::toolchain::Toolchain;
use crate::Error;

/// The crate around every cell. The cell's own text is included as a file: rustc loads the library and resolves the
/// imports here before it opens that file, so a rustc started ahead has all of this behind it.
const FRAME: &str = "#![allow(unused, dead_code, nonstandard_style, text_direction_codepoint_in_literal)] \
#![warn(unused_must_use)] extern crate alloc; extern crate flowbook; \
#[allow(unused_imports)] use flowbook::notebook::scope::*;";

/// Compiles cells, one after another, into shared objects `cell_1.so`, `cell_2.so`, ...
#[derive(Debug)]
pub struct Compiler {
    toolchain: Toolchain,
    dir: PathBuf,
    files: Files,
    made: u32,
    /// More crates that cells can name, as arguments of rustc.
    crates: Vec<OsString>,
    /// Compilers started ahead, one without and one with the optimiser.
    ahead: [Option<Ahead>; 2],
    /// Compilers whose object is written and that only have to end.
    leaving: Vec<Child>,
    running: Arc<AtomicI32>,
}

/// How a compilation ended.
#[derive(Debug)]
pub enum Compiled {
    /// The cell can be loaded.
    Ready(Ready),
    /// rustc's errors.
    Rejected(Vec<Diagnostic>),
    /// Stopped by an interrupt.
    Interrupted,
}

/// A compiled cell.
#[derive(Debug)]
pub struct Ready {
    /// The name of the source in the locations of panics.
    pub file: String,
    /// The shared object to load.
    pub object: PathBuf,
    /// Warnings.
    pub warnings: Vec<Diagnostic>,
}

/// What becomes of the files of a cell that has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// They are removed; sources never are files at all, but pass through pipes.
    Removed,
    /// They stay, to be looked at.
    Kept,
}

/// Whether a cell is worth the optimiser's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimise {
    /// Straight-line code, which mostly calls the library.
    No = 0,
    /// Loops and closures: they may run for long.
    Yes = 1,
}

impl Compiler {
    /// A compiler whose files go into `dir`.
    pub fn new(toolchain: Toolchain, dir: &Path, files: Files) -> Compiler {
        let (ahead, leaving) = (Default::default(), Vec::new());
        Compiler {
            toolchain,
            dir: dir.to_owned(),
            files,
            made: 0,
            crates: Vec::new(),
            ahead,
            leaving,
            running: Arc::default(),
        }
    }

    /// From now on compiles cells against these crates, too; what they depend on lies in `directory`.
    pub fn link_with(&mut self, crates: &[(String, PathBuf)], directory: &Path) {
        let named = |(name, file): &(String, PathBuf)| {
            joined(["--extern=".as_ref(), name.as_ref(), "=".as_ref(), file.as_ref()])
        };
        self.crates = crates.iter().map(named).collect();
        self.crates.push(joined(["-Ldependency=".as_ref(), directory.as_ref()]));
        self.ahead.iter_mut().filter_map(Option::take).for_each(Ahead::end);
    }

    /// What it works with.
    pub fn toolchain(&self) -> &Toolchain {
        &self.toolchain
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

    /// Starts the compilers for the next cell ahead of it. Failing to is no error: the cell will start its own.
    pub fn prepare(&mut self) {
        self.leaving.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        self.start_ahead(Optimise::No);
        self.start_ahead(Optimise::Yes);
    }

    fn start_ahead(&mut self, optimise: Optimise) {
        if self.files == Files::Removed && self.ahead[optimise as usize].is_none() {
            let name = self.next_name();
            let pipe = self.path(&name, "rs");
            self.ahead[optimise as usize] = Ahead::start(name, pipe, |name| self.start_rustc(name, optimise));
        }
    }

    /// Compiles a source.
    ///
    /// # Errors
    /// When rustc or the linker cannot be run at all.
    pub fn compile(&mut self, source: &Source, optimise: Optimise) -> Result<Compiled, Error> {
        let handed_over = self.ahead[optimise as usize].take().and_then(|ahead| ahead.hand_over(source.text()));
        let (name, mut child) = match handed_over {
            Some(started) => started,
            None => self.start_now(source, optimise)?,
        };
        self.running.store(child.id() as i32, Ordering::SeqCst);
        // Now, not after the cell: cells that follow at once find it ready.
        self.start_ahead(optimise);
        let said = Said::read(&mut child);
        self.running.store(0, Ordering::SeqCst);
        let compiled = self.compiled(&name, child, said);
        self.remove(["rs", "crate.rs", "o"].map(|extension| self.path(&name, extension)));
        compiled
    }

    /// Removes the shared object of a cell, which stays loaded.
    pub fn loaded(&self, ready: &Ready) {
        self.remove([&ready.object]);
    }

    fn remove<const N: usize>(&self, paths: [impl AsRef<Path>; N]) {
        if self.files == Files::Removed {
            // Only space is lost when this fails, and the directory goes with the kernel.
            paths.iter().for_each(|path| drop(fs::remove_file(path)));
        }
    }

    fn compiled(&mut self, name: &str, mut child: Child, said: Said) -> Result<Compiled, Error> {
        if said.object_written {
            let object = self.link(name)?;
            self.leaving.push(child);
            return Ok(Compiled::Ready(Ready { file: format!("{name}.rs"), object, warnings: said.diagnostics }));
        }
        let status = child.wait().map_err(|e| Error::Evaluator(format!("rustc was lost: {e}")))?;
        if status.code().is_none() {
            return Ok(Compiled::Interrupted);
        }
        if said.diagnostics.iter().any(Diagnostic::is_error) {
            return Ok(Compiled::Rejected(said.diagnostics));
        }
        Err(Error::Evaluator(format!("rustc failed without a diagnosis: {}", said.other)))
    }

    fn start_now(&mut self, source: &Source, optimise: Optimise) -> Result<(String, Child), Error> {
        let name = self.next_name();
        let path = self.path(&name, "rs");
        fs::write(&path, source.text())
            .map_err(|e| Error::Evaluator(format!("cannot write {}: {e}; is the disk full?", path.display())))?;
        let child = self.start_rustc(&name, optimise).map_err(|e| {
            Error::Evaluator(format!(
                "cannot run {}: {e}; install Rust from https://rustup.rs and rebuild",
                self.toolchain.rustc().display(),
            ))
        })?;
        Ok((name, child))
    }

    fn next_name(&mut self) -> String {
        self.made += 1;
        format!("cell_{}", self.made)
    }

    fn path(&self, name: &str, extension: &str) -> PathBuf {
        self.dir.join(format!("{name}.{extension}"))
    }

    fn start_rustc(&self, name: &str, optimise: Optimise) -> io::Result<Child> {
        fs::write(self.path(name, "crate.rs"), format!("{FRAME}\ninclude!(\"{name}.rs\");\n"))?;
        let object = self.path(name, "o");
        let library = &self.toolchain.library;
        let deps = library.parent().unwrap_or(Path::new("."));
        let mut rustc = Command::new(self.toolchain.rustc());
        rustc
            .current_dir(&self.dir)
            // Full type paths in diagnostics need an unstable option; the language stays the stable one.
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["--edition=2024", "--crate-type=cdylib", "--crate-name=cell", "--error-format=json"])
            .args(["-Ccodegen-units=1", "-Cprefer-dynamic", "-Crelocation-model=pic", "-Cpanic=unwind"])
            .args(["-Zallow-features=", "-Ztrim-diagnostic-paths=no", "-Zwrite-long-types-to-disk=no"])
            .args(["-Cmetadata=flowbook-cell", "--json=artifacts"])
            // For panics inside the library: which line of the cell called it.
            .arg("-Cdebuginfo=line-tables-only")
            .arg(if optimise == Optimise::Yes { "-Copt-level=2" } else { "-Copt-level=0" })
            // The standard library's own debug assertions would be compiled into every cell.
            .args(["-Cdebug-assertions=off", "-Coverflow-checks=on"])
            .arg(joined(["--extern=flowbook=".as_ref(), library.as_ref()]))
            .arg(joined(["-Ldependency=".as_ref(), deps.as_ref()]))
            .args(&self.crates)
            .arg(joined(["--emit=obj=".as_ref(), object.as_ref()]))
            .arg(format!("{name}.crate.rs"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        // SAFETY: a plain system call between fork and exec; a waiting rustc must not outlive the kernel.
        unsafe {
            rustc.pre_exec(|| {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
                Ok(())
            });
        }
        rustc.spawn()
    }

    /// Undefined symbols are left to the child: it has the standard library and ours loaded already.
    fn link(&self, name: &str) -> Result<PathBuf, Error> {
        let shared = self.path(name, "so");
        let linker = &self.toolchain.linker;
        let output = Command::new(&linker.program)
            .args(linker.first_args)
            // Without the header table the unwinder finds no frames of the cell, and a panic aborts.
            .args(["-shared", "-Bsymbolic", "--eh-frame-hdr"])
            // Two parts in memory instead of five: cells are many, small, and stay loaded.
            .args(["-z", "noseparate-code", "-z", "norelro", "--hash-style=gnu", "-o"])
            .arg(&shared)
            .arg(self.path(name, "o"))
            .stdin(Stdio::null())
            .output()
            .map_err(|e| Error::Evaluator(format!("cannot run {}: {e}", linker.program.display())))?;
        if !output.status.success() {
            return Err(Error::Evaluator(format!("the linker failed: {}", String::from_utf8_lossy(&output.stderr))));
        }
        Ok(shared)
    }
}

impl Drop for Compiler {
    fn drop(&mut self) {
        self.ahead.iter_mut().filter_map(Option::take).for_each(Ahead::end);
        self.leaving.iter_mut().for_each(ahead::end);
    }
}

/// What rustc says, up to the moment the object is written: taking itself down then costs it another ten milliseconds
/// or so, for which nobody has to wait.
#[derive(Debug, Default)]
struct Said {
    diagnostics: Vec<Diagnostic>,
    object_written: bool,
    /// Lines that are no messages, such as those of a crash.
    other: String,
}

impl Said {
    fn read(rustc: &mut Child) -> Said {
        let mut said = Said::default();
        // Borrowed, not taken: closing the pipe would be an error to a rustc that still writes.
        let Some(pipe) = &mut rustc.stderr else { return said };
        let mut lines = BufReader::new(pipe);
        let mut line = Vec::new();
        while matches!(lines.read_until(b'\n', &mut line), Ok(n) if n > 0) {
            match serde_json::from_slice(&line) {
                Ok(Line::Diagnostic(diagnostic)) => said.diagnostics.push(diagnostic),
                Ok(Line::Artifact { emit }) if emit == "obj" => {
                    said.object_written = true;
                    break;
                }
                Ok(_) => {}
                Err(_) => said.other.push_str(&String::from_utf8_lossy(&line)),
            }
            line.clear();
        }
        said
    }
}

/// A line of rustc's messages.
#[derive(Deserialize)]
#[serde(tag = "$message_type", rename_all = "snake_case")]
enum Line {
    Diagnostic(Diagnostic),
    Artifact {
        emit: String,
    },
    #[serde(other)]
    Other,
}

/// An argument made of text and paths, which need not be UTF-8.
fn joined<const N: usize>(parts: [&OsStr; N]) -> OsString {
    let mut all = OsString::new();
    parts.iter().for_each(|part| all.push(part));
    all
}
