//! Work on large outputs shared among the cores, for kernels of whole arrays. Elementwise groups share theirs in
//! `engine::group`.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

/// From this many elementary steps on, sharing pays.
const WORTH: usize = 1 << 18;
/// Shares per core: more than one, so that a core which is busy otherwise does not hold up the rest.
const SHARES: usize = 4;

/// Whether so many elementary steps are shared. A copy that took over from a dead process has no thread pool.
pub(crate) fn pays(work: usize) -> bool {
    work >= WORTH && !flowbook_runtime::checkpoint::woken() && rayon::current_num_threads() > 1
}

/// How many pieces `count` things are cut into, and how many are in each.
pub(crate) fn pieces(count: usize, work: usize) -> (usize, usize) {
    if !pays(work) {
        return (1, count);
    }
    let each = count.div_ceil(SHARES * rayon::current_num_threads()).max(1);
    (count.div_ceil(each), each)
}

/// Calls `f` with the number of the first unit and the units of `out`, all at once or in pieces on several cores.
pub(crate) fn over<T: Send>(out: &mut [T], unit: usize, work: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    if work < WORTH {
        return f(0, out);
    }
    let unit = unit.max(1);
    let (count, each) = pieces(out.len() / unit, work);
    if count <= 1 {
        return f(0, out);
    }
    out.par_chunks_mut(each * unit).enumerate().for_each(|(i, piece)| f(i * each, piece));
}

/// Whether there are several cores to work on. A copy that took over from a dead process has no thread pool.
pub(crate) fn available() -> bool {
    !flowbook_runtime::checkpoint::woken() && rayon::current_num_threads() > 1
}

/// Calls `f` with every number below `count`: on this thread and, if `shared`, on those of the pool that have time.
pub(crate) fn each(count: usize, shared: bool, f: impl Fn(usize) + Sync) {
    let helpers = if shared { rayon::current_num_threads().min(count).saturating_sub(1) } else { 0 };
    if helpers == 0 {
        return (0..count).for_each(f);
    }
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                return;
            }
            f(i);
        }
    };
    rayon::in_place_scope(|scope| {
        (0..helpers).for_each(|_| scope.spawn(|_| work()));
        work();
    });
}
