//! The child process that holds the variables: takes commands from the kernel, loads each cell's shared object and
//! calls it. It is entered from the kernel's executable through the library's dylib.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::FromRawFd;
use std::time::Duration;

use crate::cell::CellResult;
use crate::checkpoint::Renewed;
use crate::frame::{Command, Frame};
use crate::{cell, channel, checkpoint, code, display, interrupt, store};

/// The descriptor on which the child reads commands.
pub const COMMANDS_FD: i32 = 3;
/// The descriptor on which the child writes frames.
pub const FRAMES_FD: i32 = 4;
/// The descriptor on which the child reads one byte for each frame that the kernel has taken.
pub const RECEIPTS_FD: i32 = 5;

/// The descriptor on which the spare copy waits to be woken.
pub const WAKE_FD: i32 = 6;

/// How long printed text may wait in the child before it is on its way.
const FLUSH_EVERY: Duration = Duration::from_millis(20);

/// Runs cells until the kernel closes the command pipe.
///
/// Must be called on the main thread of a process whose descriptors 3 to 6 are the kernel's pipes.
pub fn main() {
    // SAFETY: the kernel opened these descriptors for us and nothing else in this process owns them.
    let [mut commands, frames, receipts] =
        [COMMANDS_FD, FRAMES_FD, RECEIPTS_FD].map(|fd| unsafe { File::from_raw_fd(fd) });
    for fd in [COMMANDS_FD, FRAMES_FD, RECEIPTS_FD, WAKE_FD] {
        // SAFETY: plain descriptor flags; programs that a cell starts must not inherit the kernel's pipes.
        unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
    let input = Input::keep();
    channel::connect(frames, receipts);
    interrupt::install();
    cell::install_panic_hook();
    std::thread::spawn(flush_now_and_then);
    keep_then_send(&Frame::Ready);
    while let Ok(Some(command)) = Command::read(&mut commands) {
        match command {
            Command::Run { library, entry, global, stdin } => {
                input.open(stdin);
                run(&library, &entry, if global { libc::RTLD_GLOBAL } else { libc::RTLD_LOCAL });
                keep_then_send(&Frame::Done);
            }
            Command::Forget { names } => store::forget(&names),
        }
    }
}

/// Renews the spare copy before the kernel hears that all is done, so what is done is never lost. Comes back twice: in
/// the running process at once, in its copy when that takes over, which then has a copy itself.
fn keep_then_send(news: &Frame) {
    match checkpoint::renew(WAKE_FD) {
        Renewed::Original(replaced) => {
            channel::send(news);
            replaced.end();
        }
        Renewed::Woken => {
            std::thread::spawn(flush_now_and_then);
            channel::drop_old_receipts();
            keep_then_send(&Frame::Woken { pid: std::process::id() });
        }
    }
}

fn run(library: &str, entry: &str, scope: libc::c_int) {
    interrupt::clear();
    match load(library, entry, scope) {
        Ok(None) => {}
        Ok(Some(entry)) => {
            cell::guard(&mut || entry());
            cell::guard(&mut || {
                display::cell_ended();
                Ok(())
            });
            code::put_aside(entry as *const ());
        }
        Err(message) => channel::send(&Frame::Error {
            name: "LinkError".into(),
            value: message,
            file: String::new(),
            line: 0,
            column: 0,
        }),
    }
    let _ = io::stdout().flush();
    channel::send(&Frame::Variables { stock: store::take_stock() });
}

/// Standard input: the kernel's pipe, or nothing, as the cell's front end will have it.
struct Input {
    pipe: libc::c_int,
    nothing: libc::c_int,
}

impl Input {
    fn keep() -> Input {
        // SAFETY: copies of descriptors of this process, kept for good; programs that a cell starts do not inherit them.
        unsafe {
            let nothing = libc::open(c"/dev/null".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
            Input { pipe: libc::fcntl(0, libc::F_DUPFD_CLOEXEC, 10), nothing }
        }
    }

    fn open(&self, answered: bool) {
        // SAFETY: both descriptors are open for as long as the process lives.
        unsafe { libc::dup2(if answered { self.pipe } else { self.nothing }, 0) };
    }
}

/// Loads a cell and finds its entry, if it has one. It stays loaded for good: variables may point into it.
fn load(library: &str, entry: &str, scope: libc::c_int) -> Result<Option<fn() -> CellResult>, String> {
    let path = CString::new(library).map_err(|e| e.to_string())?;
    let name = CString::new(entry).map_err(|e| e.to_string())?;
    // SAFETY: the object was made by the kernel from generated code; by the same compiler as this; its entry is declared so.
    unsafe {
        let handle = libc::dlopen(path.as_ptr(), libc::RTLD_NOW | scope);
        if handle.is_null() {
            return Err(CStr::from_ptr(libc::dlerror()).to_string_lossy().into_owned());
        }
        if entry.is_empty() {
            return Ok(None);
        }
        let symbol = libc::dlsym(handle, name.as_ptr());
        if symbol.is_null() {
            return Err(format!("the compiled cell has no entry `{entry}`"));
        }
        Ok(Some(std::mem::transmute::<*mut libc::c_void, fn() -> CellResult>(symbol)))
    }
}

/// `print!` without a newline stays in the standard library's buffer; this lets it out while the cell runs.
fn flush_now_and_then() {
    loop {
        std::thread::sleep(FLUSH_EVERY);
        let _ = io::stdout().flush();
    }
}
