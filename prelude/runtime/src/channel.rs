//! The process-wide way out for frames: the pipe to the kernel, or nothing when the library runs on its own.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::sync::{Mutex, OnceLock};

use crate::frame::Frame;

static KERNEL: OnceLock<Mutex<Pipes>> = OnceLock::new();

struct Pipes {
    frames: File,
    receipts: File,
}

/// Connects the process to a kernel; the first call wins.
pub(crate) fn connect(frames: File, receipts: File) {
    KERNEL.get_or_init(|| Mutex::new(Pipes { frames, receipts }));
}

/// Whether a kernel listens, that is, whether rich output has somewhere to go.
pub fn connected() -> bool {
    KERNEL.get().is_some()
}

/// Runs `f` while no frame is under way in any thread.
pub(crate) fn while_quiet<T>(f: impl FnOnce() -> T) -> T {
    let _pipes = KERNEL.get().map(|pipes| pipes.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
    f()
}

/// Throws away receipts that a process which died did not collect.
pub(crate) fn drop_old_receipts() {
    let Some(pipes) = KERNEL.get() else { return };
    let mut pipes = pipes.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let fd = pipes.receipts.as_raw_fd();
    // SAFETY: the mode of our own descriptor; blocking again before anyone else reads.
    unsafe { libc::fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK) };
    while matches!(pipes.receipts.read(&mut [0; 64]), Ok(n) if n > 0) {}
    // SAFETY: as above.
    unsafe { libc::fcntl(fd, libc::F_SETFL, 0) };
}

/// What the kernel answers to a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It has it; when it asked for something, that is there.
    Taken = 1,
    /// What it asks for cannot be had.
    Refused = 2,
    /// The cell was interrupted before it could be had.
    Interrupted = 3,
}

impl Receipt {
    fn from_byte(byte: u8) -> Receipt {
        match byte {
            2 => Receipt::Refused,
            3 => Receipt::Interrupted,
            _ => Receipt::Taken,
        }
    }
}

/// Sends a frame and waits until the kernel has it. What was printed before is flushed first and what is printed
/// afterwards is not there yet when the kernel reads, so text and frames keep their order over separate pipes.
/// Without a kernel, or when it is gone, the frame is dropped: the process is about to end anyway.
pub fn send(frame: &Frame) {
    ask(frame);
}

/// The same with the kernel's answer.
pub(crate) fn ask(frame: &Frame) -> Receipt {
    let Some(pipes) = KERNEL.get() else { return Receipt::Refused };
    let mut pipes = pipes.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let _ = std::io::stdout().flush();
    let mut receipt = [Receipt::Refused as u8];
    if frame.write(&mut pipes.frames).is_ok() {
        // `read_exact` goes on after an interrupt.
        let _ = pipes.receipts.read_exact(&mut receipt);
    }
    Receipt::from_byte(receipt[0])
}
