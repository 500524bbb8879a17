//! The fork server inside rustc. There is always one process ahead of the next cell: it waits for the cell's name on
//! standard input, a socket, says its own number and compiles. Once it has ended, the server says how, and forks again.
//!
//! A fork has only the thread that made it. Of rustc's threads that is the one at work; the others sleep and hold nothing.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

use crate::memory;

/// What the next four bytes are.
const PROCESS: u8 = b'p';
const STATUS: u8 = b's';

/// Returns in each process that compiles a cell, in the directory of the cell's name, where its source is and a pipe
/// `said` for what rustc has to say; gives the name.
pub fn next_cell() -> io::Result<String> {
    let kernel = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut last = None;
    loop {
        let pid = fork()?;
        if pid == 0 {
            return take_cell(&kernel).or_else(|_| std::process::exit(1));
        }
        say(&kernel, STATUS, end_of(pid)?)?;
        // The number of a process stays its own until it is waited for: until the next one has ended, the kernel may
        // still send this one a signal.
        if let Some(before) = last.replace(pid) {
            // SAFETY: a child of ours that has ended; nothing is written.
            unsafe { libc::waitpid(before, std::ptr::null_mut(), 0) };
        }
    }
}

fn fork() -> io::Result<i32> {
    // SAFETY: the new process goes on as any process would: allocators take care of themselves, and nothing else is locked.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: a plain system call; what waits for a cell must not outlive the server.
        unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    }
    if pid < 0 { Err(io::Error::last_os_error()) } else { Ok(pid) }
}

/// How a process ended, without waiting it away: a status as the system gives it.
fn end_of(pid: i32) -> io::Result<i32> {
    // SAFETY: plain data, for which zeros are values, and written to by the call that follows.
    let info = unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        while libc::waitid(libc::P_PID, pid as libc::id_t, &mut info, libc::WEXITED | libc::WNOWAIT) < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        info
    };
    // SAFETY: what `waitid` fills in has a status.
    let status = unsafe { info.si_status() };
    Ok(if info.si_code == libc::CLD_EXITED { status << 8 } else { status })
}

/// Waits for a cell and makes its directory and its pipe this process's.
fn take_cell(kernel: &UnixStream) -> io::Result<String> {
    let mut name = String::new();
    // The kernel sends one name at a time, so nothing of the next is read here.
    if BufReader::new(kernel).read_line(&mut name)? == 0 {
        return Err(io::Error::other("no kernel waits for cells"));
    }
    let name = name.trim_end();
    std::env::set_current_dir(Path::new(name))?;
    let (nothing, said) = (File::open("/dev/null")?, OpenOptions::new().write(true).open("said")?);
    say(kernel, PROCESS, std::process::id() as i32)?;
    // SAFETY: plain system calls with open descriptors.
    unsafe {
        libc::dup2(nothing.as_raw_fd(), libc::STDIN_FILENO);
        libc::dup2(said.as_raw_fd(), libc::STDERR_FILENO);
    }
    memory::keep_mapped();
    Ok(name.to_owned())
}

fn say(mut kernel: &UnixStream, what: u8, number: i32) -> io::Result<()> {
    let [a, b, c, d] = number.to_ne_bytes();
    kernel.write_all(&[what, a, b, c, d])
}
