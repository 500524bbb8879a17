//! The compiler that turns a cell into a shared object: how it is called and what it says.
//! One `rustc` to an object file and one bare linker call; cargo takes no part in it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use serde::Deserialize;

use super::diagnostic::Diagnostic;
use super::server::{Fork, Server};
use super::source::Source;
use super::toolchain::Toolchain;
use crate::Error;

/// The crate around every cell. The cell's own text is included as a file: rustc loads the library and resolves the
/// imports here before it comes to what follows.
const FRAME: &str = "#![allow(unused, dead_code, nonstandard_style, text_direction_codepoint_in_literal)] \
#![warn(unused_must_use)] extern crate alloc; extern crate flowbook; \
#[allow(unused_imports)] use flowbook::notebook::scope::*;";

/// What rustc writes and `ld` reads, in a cell's directory.
const OBJECT: &str = "cell.o";

/// The end of the crate that servers are started with.
const NEXT_CELL: &str = "::flowbook::notebook::rt::next_cell!();";

/// Compiles cells, one after another, in directories `cell_1`, `cell_2`, ... into shared objects.
#[derive(Debug)]
pub struct Compiler {
    toolchain: Toolchain,
    dir: PathBuf,
    files: Files,
    made: u32,
    /// More crates that cells can name, as arguments of rustc.
    crates: Vec<OsString>,
    /// Compilers that fork for cells, one without and one with the optimiser.
    servers: [Option<Server>; 2],
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
    /// They are removed.
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
        let servers = Default::default();
        Compiler {
            toolchain,
            dir: dir.to_owned(),
            files,
            made: 0,
            crates: Vec::new(),
            servers,
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
        self.servers = Default::default();
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

    /// Starts the servers that are not there. Failing to is no error: a cell then has a compiler of its own.
    pub fn prepare(&mut self) {
        for optimise in [Optimise::No, Optimise::Yes] {
            if self.files == Files::Removed && self.servers[optimise as usize].is_none() {
                self.servers[optimise as usize] = self.start_server(optimise).ok();
            }
        }
    }

    fn start_server(&self, optimise: Optimise) -> io::Result<Server> {
        fs::write(self.dir.join("next.rs"), format!("{FRAME}\n{NEXT_CELL}\n"))?;
        Server::start(self.rustc(optimise, &self.dir).arg("next.rs"))
    }

    /// Compiles a source.
    ///
    /// # Errors
    /// When rustc or the linker cannot be run at all.
    pub fn compile(&mut self, source: &Source, optimise: Optimise) -> Result<Compiled, Error> {
        self.made += 1;
        let name = format!("cell_{}", self.made);
        let dir = self.dir.join(&name);
        write_source(&dir, &name, source)
            .map_err(|e| Error::Evaluator(format!("cannot write to {}: {e}; is the disk full?", dir.display())))?;
        let mut rustc = match self.fork(&dir, &name, optimise) {
            Some(fork) => fork,
            None => self.start(&dir, &name, optimise)?,
        };
        self.running.store(rustc.pid(), Ordering::SeqCst);
        let said = Said::read(rustc.messages());
        self.running.store(0, Ordering::SeqCst);
        let compiled = self.compiled(&name, &dir, rustc, said);
        if !matches!(compiled, Ok(Compiled::Ready(_))) {
            self.remove(&dir);
        }
        compiled
    }

    /// Removes the files of a cell, whose shared object stays loaded.
    pub fn loaded(&self, ready: &Ready) {
        ready.object.parent().into_iter().for_each(|dir| self.remove(dir));
    }

    fn remove(&self, dir: &Path) {
        if self.files == Files::Removed {
            // Only space is lost when this fails, and the directory goes with the kernel.
            let _ = fs::remove_dir_all(dir);
        }
    }

    fn compiled(&mut self, name: &str, dir: &Path, rustc: Rustc, said: Said) -> Result<Compiled, Error> {
        if said.object_written {
            // Taking itself down would cost it another ten milliseconds.
            rustc.kill();
            let object = self.link(dir)?;
            return Ok(Compiled::Ready(Ready { file: format!("{name}.rs"), object, warnings: said.diagnostics }));
        }
        let status = self.wait(rustc).map_err(|e| Error::Evaluator(format!("rustc was lost: {e}")))?;
        if status.signal() == Some(libc::SIGKILL) {
            return Ok(Compiled::Interrupted);
        }
        if said.diagnostics.iter().any(Diagnostic::is_error) {
            return Ok(Compiled::Rejected(said.diagnostics));
        }
        Err(Error::Evaluator(format!("rustc failed without a diagnosis ({status}): {}", said.other)))
    }

    fn wait(&mut self, rustc: Rustc) -> io::Result<ExitStatus> {
        match rustc {
            Rustc::Own(mut child) => child.wait(),
            Rustc::Forked(_, optimise) => match &mut self.servers[optimise as usize] {
                Some(server) => server.wait(),
                None => Err(io::Error::other("its server has ended")),
            },
        }
    }

    /// A fork of the server; `None` when that has ended, which costs the cell time, nothing more.
    fn fork(&mut self, dir: &Path, name: &str, optimise: Optimise) -> Option<Rustc> {
        let server = self.servers[optimise as usize].as_mut()?;
        match server.fork(dir, name) {
            Ok(fork) => Some(Rustc::Forked(fork, optimise)),
            Err(_) => {
                self.servers[optimise as usize] = None;
                None
            }
        }
    }

    /// A rustc for this cell alone.
    fn start(&self, dir: &Path, name: &str, optimise: Optimise) -> Result<Rustc, Error> {
        let mut rustc = self.rustc(optimise, dir);
        rustc.arg("crate.rs").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let started = fs::write(dir.join("crate.rs"), format!("{FRAME}\ninclude!(\"{name}.rs\");\n"))
            .and_then(|()| rustc.spawn());
        started.map(Rustc::Own).map_err(|e| {
            Error::Evaluator(format!(
                "cannot run {}: {e}; install Rust from https://rustup.rs and rebuild",
                self.toolchain.rustc().display(),
            ))
        })
    }

    /// The call of rustc but for the file that it compiles.
    fn rustc(&self, optimise: Optimise, dir: &Path) -> Command {
        let library = &self.toolchain.library;
        let deps = library.parent().unwrap_or(Path::new("."));
        let mut rustc = Command::new(self.toolchain.rustc());
        rustc
            .current_dir(dir)
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
            // In the directory where it is by then: a server's forks go to their cells'.
            .arg(format!("--emit=obj={OBJECT}"));
        // SAFETY: a plain system call between fork and exec; a waiting rustc must not outlive the kernel.
        unsafe {
            rustc.pre_exec(|| {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
                Ok(())
            });
        }
        rustc
    }

    /// Undefined symbols are left to the child: it has the standard library and ours loaded already.
    fn link(&self, dir: &Path) -> Result<PathBuf, Error> {
        let shared = dir.join("cell.so");
        let linker = &self.toolchain.linker;
        let output = Command::new(&linker.program)
            .args(linker.first_args)
            // Without the header table the unwinder finds no frames of the cell, and a panic aborts.
            .args(["-shared", "-Bsymbolic", "--eh-frame-hdr"])
            // Two parts in memory instead of five: cells are many, small, and stay loaded.
            .args(["-z", "noseparate-code", "-z", "norelro", "--hash-style=gnu", "-o"])
            .arg(&shared)
            .arg(dir.join(OBJECT))
            .stdin(Stdio::null())
            .output()
            .map_err(|e| Error::Evaluator(format!("cannot run {}: {e}", linker.program.display())))?;
        if !output.status.success() {
            return Err(Error::Evaluator(format!("the linker failed: {}", String::from_utf8_lossy(&output.stderr))));
        }
        Ok(shared)
    }
}

/// A rustc at work on a cell.
enum Rustc {
    Own(Child),
    Forked(Fork, Optimise),
}

impl Rustc {
    fn pid(&self) -> i32 {
        match self {
            Rustc::Own(child) => child.id() as i32,
            Rustc::Forked(fork, _) => fork.pid,
        }
    }

    fn messages(&mut self) -> &mut dyn Read {
        match self {
            Rustc::Own(child) => child.stderr.as_mut().expect("it was started with a pipe"),
            Rustc::Forked(fork, _) => &mut fork.said,
        }
    }

    /// Ends it; nobody waits for a fork, as the server does so in time.
    fn kill(self) {
        match self {
            Rustc::Own(mut child) => {
                let _ = child.kill();
                let _ = child.wait();
            }
            // SAFETY: its number is no other process's as long as no later cell has been compiled.
            Rustc::Forked(fork, _) => drop(unsafe { libc::kill(fork.pid, libc::SIGKILL) }),
        }
    }
}

fn write_source(dir: &Path, name: &str, source: &Source) -> io::Result<()> {
    fs::create_dir(dir)?;
    fs::write(dir.join(format!("{name}.rs")), source.text())
}

/// What rustc says, up to the moment the object is written.
#[derive(Debug, Default)]
struct Said {
    diagnostics: Vec<Diagnostic>,
    object_written: bool,
    /// Lines that are no messages, such as those of a crash.
    other: String,
}

impl Said {
    fn read(messages: &mut dyn Read) -> Said {
        let mut said = Said::default();
        let mut lines = BufReader::new(messages);
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
