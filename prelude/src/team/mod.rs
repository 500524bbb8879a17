//! The threads that share the work of one op: the one that calls and helpers, which stay awake for a moment after every
//! job, because the next comes soon. What is cut into which pieces is decided elsewhere.

mod cores;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::cell::UnsafeCell;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use cores::{Cores, UNKNOWN, here};

/// For how long a helper looks out for the next job before it sleeps: longer than what lies between two steps of a
/// training, because waking a thread can take as long as multiplying two matrices.
const AWAKE: Duration = Duration::from_millis(1);

/// How many threads there are, the calling one included.
pub(crate) fn threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

/// Calls `f` with every number below `count` and that of the thread it is called on, which is below [`threads`]: on this
/// thread, which is number 0, and, if `shared`, on those that have time.
///
/// # Panics
/// When a call of `f` panics, with its message.
pub(crate) fn each(count: usize, shared: bool, f: impl Fn(usize, usize) + Sync) {
    let team = (shared && count > 1 && threads() > 1).then(Team::get);
    // A second thread that asks works alone, and so does an op within an op.
    let Some((team, lead)) = team.and_then(|team| Some((team, team.lead.try_lock().ok()?))) else {
        return (0..count).for_each(|i| f(i, 0));
    };
    let next = AtomicUsize::new(0);
    let panic = team.share(&|thread| {
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                return;
            }
            f(i, thread);
        }
    });
    // Not with the lock held, which would spoil it.
    drop(lead);
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
}

/// Calls `f` with the numbers of the pieces of `all` and the pieces, each of `size` elements but the last, which may have
/// fewer, on this thread and on those that have time.
pub(crate) fn chunks<T: Send>(all: &mut [T], size: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    struct Start<T>(*mut T);
    // SAFETY: every thread makes of it slices of its own.
    unsafe impl<T: Send> Sync for Start<T> {}
    let (len, start) = (all.len(), &Start(all.as_mut_ptr()));
    each(len.div_ceil(size), true, |i, _| {
        let from = i * size;
        // SAFETY: the pieces lie within `all`, do not overlap, and each number comes once.
        f(i, unsafe { std::slice::from_raw_parts_mut(start.0.add(from), size.min(len - from)) });
    });
}

type Panic = Box<dyn Any + Send>;

/// What all threads of a job call, each with its number.
type Work<'a> = dyn Fn(usize) + Sync + 'a;

struct Team {
    /// Threads do not live on in a copy of the process.
    process: u32,
    /// Held by the thread whose job it is.
    lead: Mutex<()>,
    /// The number of the job, how many helpers are at it, and whether no more may join.
    state: AtomicU64,
    job: UnsafeCell<Option<*const Work<'static>>>,
    panic: Mutex<Option<Panic>>,
    helpers: Vec<Helper>,
}

const CLOSED: u64 = 1;
const ONE: u64 = 2;
const HELPERS: u64 = (1 << 20) - 2;
const JOB: u64 = 1 << 20;

struct Helper {
    thread: OnceLock<(Thread, Option<Cores>)>,
    asleep: AtomicBool,
    /// The core it was told to leave.
    left: AtomicU32,
}

// SAFETY: the job is written while the state is closed and nobody is at it, and read only by those who have joined.
unsafe impl Sync for Team {}
// SAFETY: as above.
unsafe impl Send for Team {}

impl Team {
    /// The team of this process, which lives as long as it does.
    fn get() -> &'static Team {
        static TEAM: AtomicPtr<Team> = AtomicPtr::new(std::ptr::null_mut());
        let (known, process) = (TEAM.load(Ordering::Acquire), std::process::id());
        // SAFETY: either nothing or a team, which is never dropped.
        if let Some(team) = unsafe { known.as_ref() }.filter(|team| team.process == process) {
            return team;
        }
        let team = Box::into_raw(Box::new(Team::new(process)));
        match TEAM.compare_exchange(known, team, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => {
                // SAFETY: as above.
                let team: &'static Team = unsafe { &*team };
                team.start();
                team
            }
            Err(other) => {
                // SAFETY: this one has no threads yet, and nobody else has seen it; `other` is never dropped.
                unsafe {
                    drop(Box::from_raw(team));
                    &*other
                }
            }
        }
    }

    fn new(process: u32) -> Team {
        let helper =
            || Helper { thread: OnceLock::new(), asleep: AtomicBool::new(false), left: AtomicU32::new(UNKNOWN) };
        Team {
            process,
            lead: Mutex::new(()),
            state: AtomicU64::new(CLOSED),
            job: UnsafeCell::new(None),
            panic: Mutex::new(None),
            helpers: (1..threads()).map(|_| helper()).collect(),
        }
    }

    /// Starts the helpers. One that the system does not grant is done without.
    fn start(&'static self) {
        for (i, helper) in self.helpers.iter().enumerate() {
            let builder = thread::Builder::new().name(format!("flowbook-{}", i + 1));
            if let Ok(handle) = builder.spawn(move || self.help(i + 1)) {
                let _ = helper.thread.set((handle.thread().clone(), Cores::of(&handle)));
            }
        }
    }

    /// Has everybody call `work`, this thread included, and returns when all have come back: with what one panicked.
    fn share(&self, work: &Work) -> Option<Panic> {
        // SAFETY: only the lifetime changes, and nobody is at the job any more when this returns.
        let job = unsafe { std::mem::transmute::<*const Work, *const Work<'static>>(work) };
        // SAFETY: the state is closed and nobody has joined: the last job waited for that.
        unsafe { *self.job.get() = Some(job) };
        let number = (self.state.load(Ordering::Relaxed) & !(JOB - 1)).wrapping_add(JOB);
        self.state.store(number, Ordering::SeqCst);
        self.make_way();
        self.wake_after(0);
        let mine = catch_unwind(AssertUnwindSafe(|| work(0)));
        self.state.fetch_or(CLOSED, Ordering::AcqRel);
        while self.state.load(Ordering::Acquire) & HELPERS != 0 {
            thread::yield_now();
        }
        let theirs = self.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        mine.err().or(theirs)
    }

    /// Moves helpers away from the core that this thread is about to be busy on.
    fn make_way(&self) {
        let here = here();
        for helper in self.helpers.iter().filter(|helper| helper.left.load(Ordering::Relaxed) != here) {
            helper.left.store(here, Ordering::Relaxed);
            if let Some((_, Some(cores))) = helper.thread.get() {
                cores.leave(here);
            }
        }
    }

    /// Wakes two sleepers, who wake two each: no thread wakes many.
    fn wake_after(&self, thread: usize) {
        for helper in self.helpers.iter().skip(2 * thread).take(2) {
            if helper.asleep.load(Ordering::SeqCst) && helper.asleep.swap(false, Ordering::SeqCst) {
                helper.thread.get().inspect(|(thread, _)| thread.unpark());
            }
        }
    }

    /// What a helper does all its life.
    fn help(&self, thread: usize) {
        let mut last = CLOSED;
        loop {
            last = self.next_job(thread, last);
            self.wake_after(thread);
            // SAFETY: this thread has joined the job, which is there until the last one has left.
            let work = unsafe { (*self.job.get()).map(|job| &*job) };
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work.inspect(|work| work(thread)))) {
                self.panic.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(panic);
            }
            self.state.fetch_sub(ONE, Ordering::AcqRel);
        }
    }

    /// Joins a job other than the last one as soon as there is one, and gives its number.
    fn next_job(&self, thread: usize, last: u64) -> u64 {
        let mut since = Instant::now();
        loop {
            let state = self.state.load(Ordering::SeqCst);
            let number = state & !(JOB - 1);
            if state & CLOSED == 0 && number != last {
                if self.state.compare_exchange(state, state + ONE, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                    return number;
                }
                continue;
            }
            if since.elapsed() < AWAKE {
                spin_loop();
                continue;
            }
            let asleep = &self.helpers[thread - 1].asleep;
            asleep.store(true, Ordering::SeqCst);
            if self.state.load(Ordering::SeqCst) == state {
                thread::park();
            }
            asleep.store(false, Ordering::SeqCst);
            since = Instant::now();
        }
    }
}
