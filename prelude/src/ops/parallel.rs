//! Work on large outputs shared among the cores, for kernels of whole arrays. Elementwise groups share theirs in
//! `engine::group`; the threads are `team`'s.

use crate::team;

/// From this many elementary steps on, sharing pays.
const WORTH: usize = 1 << 18;
/// Shares per core: more than one, so that a core which is busy otherwise does not hold up the rest.
const SHARES: usize = 4;

/// How many pieces `count` things are cut into, and how many are in each.
pub(crate) fn pieces(count: usize, work: usize) -> (usize, usize) {
    if work < WORTH || team::threads() == 1 {
        return (1, count);
    }
    let each = count.div_ceil(SHARES * team::threads()).max(1);
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
    team::chunks(out, each * unit, |i, piece| f(i * each, piece));
}

/// How many threads work on a job that is shared or is not.
pub(crate) fn threads(shared: bool) -> usize {
    if shared { team::threads() } else { 1 }
}

/// The least number of tasks that a job is cut into which is shared or is not.
pub(crate) fn tasks(shared: bool) -> usize {
    if shared { SHARES * team::threads() } else { 1 }
}

/// Calls `f` with every number below `count`: on this thread and, if `shared`, on those that have time.
pub(crate) fn each(count: usize, shared: bool, f: impl Fn(usize) + Sync) {
    team::each(count, shared, |i, _| f(i));
}
