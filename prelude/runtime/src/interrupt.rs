//! The interrupt flag: set by SIGINT, looked at by everything in the library that runs long.

use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether the user asked the running cell to stop. Loops of the library look at it and end with an error.
pub fn requested() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Asks what runs in this process to stop, from any thread. It stays asked until [`clear`].
pub fn request() {
    INTERRUPTED.store(true, Ordering::Relaxed);
}

/// Forgets a request, before the next piece of work starts.
pub fn clear() {
    INTERRUPTED.store(false, Ordering::Relaxed);
}

extern "C" fn on_sigint(_signal: libc::c_int) {
    request();
}

/// Turns SIGINT into the flag. Sleeps and reads end early with `EINTR`, as SA_RESTART is not set.
pub(crate) fn install() {
    // SAFETY: the handler only stores to an atomic, which is async-signal-safe; `action` is fully initialised.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_sigint as *const () as usize;
        libc::sigemptyset(&mut action.sa_mask);
        libc::sigaction(libc::SIGINT, &action, std::ptr::null_mut());
    }
}
