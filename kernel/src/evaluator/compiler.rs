//! The compiler that turns a cell into a shared object: how it is called and what it says.
//! One `rustc` to an object file and one bare linker call; cargo takes no part in it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use super::diagnostic::Diagnostic;
use super::source::Source;
use super::toolchain::Toolchain;
use crate::Error;

/// Compiles cells, one after another, into shared objects `cell_1.so`, `cell_2.so`, ...
#[derive(Debug)]
pub struct Compiler {
    toolchain: Toolchain,
    dir: PathBuf,
    made: u32,
    waiting: Option<Waiting>,
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
    /// The type kept at each marked line, written so that later cells can name it.
    pub types: BTreeMap<u32, String>,
    /// Warnings.
    pub warnings: Vec<Diagnostic>,
}

/// A rustc that was started ahead: it has loaded itself and waits for the source to come through a named pipe, which
/// saves about a third of a small cell's time.
#[derive(Debug)]
struct Waiting {
    name: String,
    child: Child,
}

impl Compiler {
    /// A compiler whose files go into `dir`.
    pub fn new(toolchain: Toolchain, dir: &Path) -> Compiler {
        Compiler { toolchain, dir: dir.to_owned(), made: 0, waiting: None, running: Arc::default() }
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

    /// Starts the rustc for the next cell ahead of it. Failing to is no error: the cell will start its own.
    pub fn prepare(&mut self) {
        if self.waiting.is_some() {
            return;
        }
        let name = self.next_name();
        if make_pipe(&self.source_path(&name)).is_err() {
            return;
        }
        let mut rustc = self.rustc(&name, Optimise::No);
        self.waiting = rustc.spawn().ok().map(|child| Waiting { name, child });
    }

    /// Compiles a source.
    ///
    /// # Errors
    /// When rustc or the linker cannot be run at all.
    pub fn compile(&mut self, source: &Source, optimise: Optimise) -> Result<Compiled, Error> {
        let (name, child) = match self.handed_over(source, optimise) {
            Some(started) => started,
            None => self.started_now(source, optimise)?,
        };
        self.running.store(child.id() as i32, Ordering::SeqCst);
        let output = child.wait_with_output();
        self.running.store(0, Ordering::SeqCst);
        let output = output.map_err(|e| Error::Evaluator(format!("rustc was lost: {e}")))?;
        let text = String::from_utf8_lossy(&output.stderr);
        let diagnostics: Vec<Diagnostic> = text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
        if output.status.success() {
            let object = self.link(&name)?;
            let types = kept_types(&fs::read_to_string(self.dir.join(format!("{name}.mir"))).unwrap_or_default());
            return Ok(Compiled::Ready(Ready { file: format!("{name}.rs"), object, types, warnings: diagnostics }));
        }
        if output.status.code().is_none() {
            return Ok(Compiled::Interrupted);
        }
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Ok(Compiled::Rejected(diagnostics));
        }
        Err(Error::Evaluator(format!("rustc failed without a diagnosis: {text}")))
    }

    /// Gives the source to the waiting rustc, if there is one for this kind of cell.
    fn handed_over(&mut self, source: &Source, optimise: Optimise) -> Option<(String, Child)> {
        if optimise == Optimise::Yes {
            return None;
        }
        let Waiting { name, mut child } = self.waiting.take()?;
        let pipe = open_pipe(&self.source_path(&name), &mut child);
        if pipe.is_some_and(|mut pipe| pipe.write_all(source.text().as_bytes()).is_ok()) {
            return Some((name, child));
        }
        end(&mut child);
        None
    }

    fn started_now(&mut self, source: &Source, optimise: Optimise) -> Result<(String, Child), Error> {
        let name = self.next_name();
        let path = self.source_path(&name);
        fs::write(&path, source.text())
            .map_err(|e| Error::Evaluator(format!("cannot write {}: {e}; is the disk full?", path.display())))?;
        let child = self.rustc(&name, optimise).spawn().map_err(|e| {
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

    fn source_path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.rs"))
    }

    fn rustc(&self, name: &str, optimise: Optimise) -> Command {
        let object = self.dir.join(format!("{name}.o"));
        let mir = self.dir.join(format!("{name}.mir"));
        let library = &self.toolchain.library;
        let deps = library.parent().unwrap_or(Path::new("."));
        let mut rustc = Command::new(self.toolchain.rustc());
        rustc
            .current_dir(&self.dir)
            // Full type paths in the MIR need an unstable option; the language stays the stable one.
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["--edition=2024", "--crate-type=lib", "--crate-name=cell", "--error-format=json"])
            .args(["-Ccodegen-units=1", "-Cprefer-dynamic", "-Crelocation-model=pic", "-Cpanic=unwind"])
            .args(["-Zallow-features=", "-Ztrim-diagnostic-paths=no", "-Cmetadata=flowbook-cell"])
            .arg(if optimise == Optimise::Yes { "-Copt-level=2" } else { "-Copt-level=0" })
            // The standard library's own debug assertions would be compiled into every cell.
            .args(["-Cdebug-assertions=off", "-Coverflow-checks=on"])
            .arg(joined(["--extern=flowbook=".as_ref(), library.as_ref()]))
            .arg(joined(["-Ldependency=".as_ref(), deps.as_ref()]))
            .arg(joined(["--emit=obj=".as_ref(), object.as_ref(), ",mir=".as_ref(), mir.as_ref()]))
            .arg(format!("{name}.rs"))
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
        rustc
    }

    /// Undefined symbols are left to the child: it has the standard library and ours loaded already.
    fn link(&self, name: &str) -> Result<PathBuf, Error> {
        let shared = self.dir.join(format!("{name}.so"));
        let linker = &self.toolchain.linker;
        let output = Command::new(&linker.program)
            .args(linker.first_args)
            // Without the header table the unwinder finds no frames of the cell, and a panic aborts.
            .args(["-shared", "-Bsymbolic", "--eh-frame-hdr", "-o"])
            .arg(&shared)
            .arg(self.dir.join(format!("{name}.o")))
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
        if let Some(waiting) = &mut self.waiting {
            end(&mut waiting.child);
        }
    }
}

/// Ends a process that is no longer wanted.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Whether a cell is worth the optimiser's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimise {
    /// Loops and closures: they may run for long.
    Yes,
    /// Straight-line code, which mostly calls the library.
    No,
}

fn make_pipe(path: &Path) -> io::Result<()> {
    let path = std::ffi::CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the path is a valid C string.
    if unsafe { libc::mkfifo(path.as_ptr(), 0o600) } < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Opens the writing end once rustc has opened the other; `None` when rustc is not there to do so.
fn open_pipe(path: &Path, rustc: &mut Child) -> Option<File> {
    // Opening without waiting fails as long as there is no reader, so a rustc that died cannot block us.
    let open = || fs::OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(path);
    for _ in 0..1000 {
        match open() {
            Ok(pipe) => {
                // SAFETY: the mode of our own descriptor; the source may be larger than the pipe.
                unsafe { libc::fcntl(pipe.as_raw_fd(), libc::F_SETFL, 0) };
                return Some(pipe);
            }
            Err(_) if matches!(rustc.try_wait(), Ok(None)) => std::thread::sleep(Duration::from_millis(1)),
            Err(_) => return None,
        }
    }
    None
}

/// An argument made of text and paths, which need not be UTF-8.
fn joined<const N: usize>(parts: [&OsStr; N]) -> OsString {
    let mut all = OsString::new();
    parts.iter().for_each(|part| all.push(part));
    all
}

/// The types that variables were kept with, by the mark of the line, read from the calls of `store::keep` and
/// `KeepCopy::keep`. The MIR names types by public paths, which is what a later cell must write.
fn kept_types(mir: &str) -> BTreeMap<u32, String> {
    mir.lines().filter_map(kept_type).collect()
}

fn kept_type(line: &str) -> Option<(u32, String)> {
    let (before, arguments) = line.split_once("(const \"").or_else(|| line.split_once(", const \""))?;
    let type_name = match before.split_once("store::keep::<") {
        Some((_, rest)) => rest.strip_suffix('>')?,
        None => {
            let (_, rest) = before.split_once("store::Defined<")?;
            let (type_name, _) = rest.rsplit_once("> as ")?;
            type_name.split_once(", ").filter(|(lifetime, _)| lifetime.starts_with('\'')).map_or(type_name, |(_, t)| t)
        }
    };
    let (_, mark) = arguments.split_once("\", const ")?;
    let mark = mark.split_once("_u32")?.0.parse().ok()?;
    Some((mark, type_name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_from_the_mir() {
        let mir = "_3 = flowbook::notebook::rt::store::keep::<std::vec::Vec<i32>>(const \"v\", const 12_u32, move _4) -> [return: bb2];\n\
            _5 = <&flowbook::notebook::rt::store::Defined<'_, (i32, f64)> as flowbook::notebook::rt::store::KeepCopy>::keep(copy _6, const \"t\", const 9_u32) -> [return: bb3];\n\
            _9 = <flowbook::notebook::rt::store::Defined<'_, String> as flowbook::notebook::rt::store::KeepLater>::keep(copy _6, const \"s\", const 10_u32) -> [return: bb3];";
        let types: Vec<(u32, String)> = kept_types(mir).into_iter().collect();
        let expected = [(9, "(i32, f64)"), (10, "String"), (12, "std::vec::Vec<i32>")];
        assert_eq!(types, expected.map(|(mark, name)| (mark, name.to_owned())));
    }
}
