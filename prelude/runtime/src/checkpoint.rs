//! The spare copy of the child: a forked, frozen process with the variables of the last completed cell. When the
//! running process dies, the kernel wakes the copy and nothing is lost but what the fatal cell itself did.
//!
//! A fork copies the calling thread only. Thread pools do not exist in a copy that was woken ([`woken`] says so), and
//! a CUDA context cannot be used in it; the library then works on one thread and on the CPU.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use crate::channel;

static SPARE: AtomicI32 = AtomicI32::new(0);
static WOKEN: AtomicBool = AtomicBool::new(false);

/// Whether this process is a copy that took over, in which only the main thread survived.
pub fn woken() -> bool {
    WOKEN.load(Ordering::Relaxed)
}

/// Replaces the spare copy by one of the present state. Returns true in the copy, once it has been woken.
/// When the system refuses, there is no spare and work goes on.
pub(crate) fn renew(wake_fd: i32) -> bool {
    discard();
    // With both locked by this thread, the copy finds them in a state that it can unlock.
    let _stdout = io::stdout().lock();
    let _stderr = io::stderr().lock();
    // SAFETY: called on the main thread, which is the only one that the copy needs; until it is woken the copy only
    // blocks in `read`, and the locks it will need are held by this very thread.
    let pid = channel::while_quiet(|| unsafe { libc::fork() });
    match pid {
        0 => {
            wait(wake_fd);
            WOKEN.store(true, Ordering::Relaxed);
            true
        }
        pid => {
            SPARE.store(pid.max(0), Ordering::Relaxed);
            false
        }
    }
}

/// Ends the spare copy, if there is one.
fn discard() {
    let pid = SPARE.swap(0, Ordering::Relaxed);
    if pid > 0 {
        // SAFETY: our own child, which only we wait for.
        unsafe {
            libc::kill(pid, libc::SIGKILL);
            libc::waitpid(pid, std::ptr::null_mut(), 0);
        }
    }
}

/// Sleeps until the kernel writes a byte; ends the process when the kernel is gone.
fn wait(wake_fd: i32) {
    SPARE.store(0, Ordering::Relaxed);
    // SAFETY: plain system calls on our own process and on a descriptor that the kernel gave us.
    unsafe {
        // A group of its own, so that what ends the running process does not end its copy.
        libc::setpgid(0, 0);
        loop {
            let mut byte = 0u8;
            match libc::read(wake_fd, (&raw mut byte).cast(), 1) {
                1 => break,
                n if n < 0 && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
                _ => libc::_exit(0),
            }
        }
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
}
