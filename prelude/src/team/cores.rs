//! On which core a thread runs, and how it gets off one. Some systems, virtual machines above all, wake a helper on the
//! core that the calling thread is busy on and leave it there for milliseconds while another core is idle.

pub(super) use system::{Cores, here};

/// The core of a thread that has not run yet, or of any on a system that does not tell.
pub(super) const UNKNOWN: u32 = u32::MAX;

#[cfg(target_os = "linux")]
mod system {
    use std::mem::{size_of, zeroed};
    use std::os::unix::thread::JoinHandleExt;
    use std::thread::JoinHandle;

    /// The core that this thread runs on.
    pub fn here() -> u32 {
        // SAFETY: it takes nothing and returns a number.
        u32::try_from(unsafe { libc::sched_getcpu() }).unwrap_or(super::UNKNOWN)
    }

    /// The cores that a helper may use.
    pub struct Cores {
        helper: libc::pthread_t,
        all: libc::cpu_set_t,
    }

    impl Cores {
        /// Those of this process, for a thread of it that does not end.
        pub fn of(helper: &JoinHandle<()>) -> Option<Cores> {
            // SAFETY: zeros are an empty set, and the call fills in one of that size.
            unsafe {
                let mut all: libc::cpu_set_t = zeroed();
                let known = libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut all) == 0;
                known.then(|| Cores { helper: helper.as_pthread_t(), all })
            }
        }

        /// Moves the helper to another core than this one, at once.
        pub fn leave(&self, core: u32) {
            let (core, mut others) = (core as usize, self.all);
            if core >= libc::CPU_SETSIZE as usize {
                return;
            }
            // SAFETY: the core is one that a set has room for; the thread lives as long as the process.
            unsafe {
                libc::CPU_CLR(core, &mut others);
                if libc::CPU_COUNT(&others) > 0 {
                    libc::pthread_setaffinity_np(self.helper, size_of::<libc::cpu_set_t>(), &others);
                }
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::thread::JoinHandle;

    /// Not told by this system.
    pub fn here() -> u32 {
        super::UNKNOWN
    }

    /// The system chooses.
    pub struct Cores;

    impl Cores {
        pub fn of(_helper: &JoinHandle<()>) -> Option<Cores> {
            None
        }

        pub fn leave(&self, _core: u32) {}
    }
}
