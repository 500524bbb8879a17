//! The spare copy of the child: a forked, frozen process with the variables of the last completed cell. When the
//! running process dies, the kernel wakes the copy and nothing is lost but what the fatal cell itself did.
//!
//! A fork copies the calling thread only. Thread pools do not exist in a copy that was woken ([`woken`] says so), and
//! a CUDA context cannot be used in it; the library then works on one thread and on the CPU.

#[cfg(target_os = "linux")]
mod spare;

use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(target_os = "linux")]
pub(crate) use spare::{Renewed, renew};

static WOKEN: AtomicBool = AtomicBool::new(false);

/// Whether this process is a copy that took over, in which only the main thread survived.
pub fn woken() -> bool {
    WOKEN.load(Ordering::Relaxed)
}
