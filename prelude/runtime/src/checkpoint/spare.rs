//! How copies are made, replaced and woken, which takes Linux's process descriptors.

use std::io;
use std::sync::atomic::{AtomicI32, Ordering};

use super::WOKEN;
use crate::channel;

/// The spare copy as its parent knows it: the process, and a descriptor of it that no other process can come to mean.
static SPARE: AtomicI32 = AtomicI32::new(0);
static SPARE_FD: AtomicI32 = AtomicI32::new(-1);

/// A spare copy that has been replaced and still has to be ended.
#[must_use]
pub(crate) struct Replaced {
    pid: i32,
    fd: i32,
}

/// What [`renew`] comes back with: once in the running process, and perhaps once more, later, in the copy.
pub(crate) enum Renewed {
    /// In the running process, which now has a new copy; the old one is still there.
    Original(Replaced),
    /// In the copy, which has been woken.
    Woken,
}

/// Makes a spare copy of the present state. At every moment there is one: the old copy stays until the new one is
/// there. When the system refuses, the old one is given up, as it would bring back a state that is past.
pub(crate) fn renew(wake_fd: i32) -> Renewed {
    let old = Replaced { pid: SPARE.swap(0, Ordering::Relaxed), fd: SPARE_FD.swap(-1, Ordering::Relaxed) };
    // With both locked by this thread, the copy finds them in a state that it can unlock.
    let stdout = io::stdout().lock();
    let stderr = io::stderr().lock();
    // SAFETY: called on the main thread, which is the only one that the copy needs; until it is woken the copy only
    // makes plain system calls, and the locks it will need are held by this very thread.
    let pid = channel::while_quiet(|| unsafe { libc::fork() });
    drop((stdout, stderr));
    if pid == 0 {
        old.end_as_its_successor();
        wait(wake_fd);
        WOKEN.store(true, Ordering::Relaxed);
        return Renewed::Woken;
    }
    if pid > 0 {
        SPARE.store(pid, Ordering::Relaxed);
        // SAFETY: a system call without pointers, on our own child.
        SPARE_FD.store(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) } as i32, Ordering::Relaxed);
    }
    Renewed::Original(old)
}

impl Replaced {
    /// Ends it, in the process that it was copied from.
    pub(crate) fn end(self) {
        if self.pid <= 0 {
            return;
        }
        // SAFETY: our own child, which only we wait for, and our own descriptor.
        unsafe {
            libc::kill(self.pid, libc::SIGKILL);
            libc::waitpid(self.pid, std::ptr::null_mut(), 0);
            libc::close(self.fd);
        }
    }

    /// Ends it, in the newer copy, and waits until it is gone: only one may hear the call to wake. It is no child of
    /// ours, and its number may have been given to another process by now; the descriptor means it alone.
    fn end_as_its_successor(self) {
        if self.fd < 0 {
            return;
        }
        let mut gone = libc::pollfd { fd: self.fd, events: libc::POLLIN, revents: 0 };
        // SAFETY: plain system calls on our own descriptor and on a valid array of length one.
        unsafe {
            libc::syscall(libc::SYS_pidfd_send_signal, self.fd, libc::SIGKILL, std::ptr::null::<libc::siginfo_t>(), 0);
            libc::poll(&raw mut gone, 1, -1);
            libc::close(self.fd);
        }
    }
}

/// Sleeps until the kernel writes a byte; ends the process when the kernel is gone.
fn wait(wake_fd: i32) {
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
