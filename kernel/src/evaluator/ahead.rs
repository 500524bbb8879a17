//! Compilers started ahead of the cells: each has loaded itself and the library and waits for a cell's text to come
//! through a named pipe, which saves more than half of a small cell's time.

use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

/// A rustc that waits for its cell.
#[derive(Debug)]
pub struct Ahead {
    /// The cell's name.
    pub name: String,
    pipe: PathBuf,
    child: Child,
}

impl Ahead {
    /// Makes the pipe and then has `start` start the compiler that reads it; `None` when either fails, which costs the
    /// cell time, nothing more.
    pub fn start(name: String, pipe: PathBuf, start: impl FnOnce(&str) -> io::Result<Child>) -> Option<Ahead> {
        make_pipe(&pipe).ok()?;
        let child = start(&name).ok()?;
        Some(Ahead { name, pipe, child })
    }

    /// Gives it the text; `None` when it is not there to take it.
    pub fn hand_over(mut self, text: &str) -> Option<(String, Child)> {
        let pipe = open_pipe(&self.pipe, &mut self.child);
        if pipe.is_some_and(|mut pipe| pipe.write_all(text.as_bytes()).is_ok()) {
            return Some((self.name, self.child));
        }
        self.end();
        None
    }

    /// Ends it without a cell.
    pub fn end(mut self) {
        end(&mut self.child);
        let _ = fs::remove_file(&self.pipe);
    }
}

/// Ends a process that is no longer wanted.
pub fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn make_pipe(path: &Path) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the path is a valid C string.
    if unsafe { libc::mkfifo(path.as_ptr(), 0o600) } < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Opens the writing end once rustc has opened the other; `None` when rustc is not there to do so.
fn open_pipe(path: &Path, rustc: &mut Child) -> Option<File> {
    // Opening without waiting fails as long as there is no reader, so a rustc that died cannot block us.
    let open = || fs::OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(path);
    for _ in 0..10_000 {
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
