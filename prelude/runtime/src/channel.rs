//! The process-wide way out for frames: the pipe to the kernel, or nothing when the library runs on its own.

use std::fs::File;
use std::io::Write;
use std::sync::{Mutex, OnceLock};

use crate::frame::Frame;

static KERNEL: OnceLock<Mutex<File>> = OnceLock::new();

/// Connects the process to a kernel; the first call wins.
pub(crate) fn connect(pipe: File) {
    KERNEL.get_or_init(|| Mutex::new(pipe));
}

/// Whether a kernel listens, that is, whether rich output has somewhere to go.
pub fn connected() -> bool {
    KERNEL.get().is_some()
}

/// Sends a frame after flushing what was printed before it, so that the kernel sees both in order.
/// Without a kernel, or when it is gone, the frame is dropped: the process is about to end anyway.
pub fn send(frame: &Frame) {
    let Some(pipe) = KERNEL.get() else { return };
    let _ = std::io::stdout().flush();
    let mut pipe = pipe.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let _ = frame.write(&mut *pipe);
}
