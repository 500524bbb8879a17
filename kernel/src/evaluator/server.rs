//! Compilers that have loaded themselves and the library and wait at the end of the crate around a cell. Each keeps one
//! fork of itself ahead of the next cell, which so has all of that behind it. The other side is the macro
//! `flowbook_runtime::next_cell`.

use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

/// The pipe in a cell's directory that rustc's messages come through.
const SAID: &str = "said";

/// What the four bytes after it are: the number of the process that has taken a cell, or how it ended.
const PROCESS: u8 = b'p';
const STATUS: u8 = b's';

/// A rustc that forks for cells.
#[derive(Debug)]
pub struct Server {
    rustc: Child,
    socket: UnixStream,
}

/// The process that compiles one cell.
#[derive(Debug)]
pub struct Fork {
    /// Its number, which stays its own until the next cell's process has ended.
    pub pid: i32,
    /// What it says.
    pub said: File,
}

impl Server {
    /// Starts one.
    ///
    /// # Errors
    /// When it cannot be run. That it ends before it is ready is found out by the first cell.
    pub fn start(rustc: &mut Command) -> io::Result<Server> {
        let (socket, theirs) = UnixStream::pair()?;
        let rustc = rustc.stdin(OwnedFd::from(theirs)).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        Ok(Server { rustc, socket })
    }

    /// Has it compile the cell in a directory of its own directory.
    ///
    /// # Errors
    /// When it has ended.
    pub fn fork(&mut self, directory: &Path, name: &str) -> io::Result<Fork> {
        let said = make_pipe(&directory.join(SAID))?;
        self.socket.write_all(format!("{name}\n").as_bytes())?;
        let pid = self.hear(PROCESS)?;
        Ok(Fork { pid, said: blocking(said)? })
    }

    /// Waits for the last cell's process to end.
    ///
    /// # Errors
    /// When the server has ended.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        self.hear(STATUS).map(ExitStatus::from_raw)
    }

    /// The next number of this kind. How the process of an earlier cell ended is passed over, if nobody asked.
    fn hear(&mut self, what: u8) -> io::Result<i32> {
        loop {
            let mut message = [0; 5];
            self.socket.read_exact(&mut message)?;
            let [kind, number @ ..] = message;
            if kind == what {
                return Ok(i32::from_ne_bytes(number));
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.rustc.kill();
        let _ = self.rustc.wait();
    }
}

/// Makes a named pipe and opens its reading end, without waiting for somebody to write.
fn make_pipe(path: &Path) -> io::Result<File> {
    let name = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the path is a valid C string.
    if unsafe { libc::mkfifo(name.as_ptr(), 0o600) } < 0 {
        return Err(io::Error::last_os_error());
    }
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)
}

/// From now on reads wait, there being somebody who writes.
fn blocking(pipe: File) -> io::Result<File> {
    // SAFETY: the mode of our own descriptor.
    if unsafe { libc::fcntl(pipe.as_raw_fd(), libc::F_SETFL, 0) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(pipe)
}
