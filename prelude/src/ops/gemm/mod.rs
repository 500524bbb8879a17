//! Products of `float32` matrices: cut into tiles that stay in registers (`kernel`), from operands laid out for them
//! (`pack`) where that pays, on all cores where that pays. The order of every sum depends on the sizes alone, neither on
//! the tiles nor on the number of threads. Other element types and processors have the `gemm` crate.

pub(crate) mod images;
mod kernel;
mod pack;
#[cfg(test)]
mod tests;

use super::matmul::Sizes;
use super::parallel;
use kernel::{Kernels, Source, Tile};
use pack::{Even, scratch};

/// The most steps of a sum that run in registers at a time: a panel of rows with so many lies in the first-level cache,
/// and the result is read and written as seldom as that allows.
const DEPTH: usize = 1024;
/// Operands with fewer elements together stay in the first-level cache as they are.
const NEAR: usize = 10 << 10;
/// An operand that meets no more panels of the other is read where it lies.
const FEW: usize = 2;
/// From this many multiplications on a product uses all cores.
const PARALLEL: usize = 1 << 21;
/// The most panels that a task packs at a time, so that they stay in the second-level cache.
const BLOCK: usize = 12;
/// The most elements of the operand that all tasks share that are packed at a time.
const SHARED: usize = 1 << 21;

/// `out = a * b + bias` for operands whose sizes are `s`, or nothing on processors this is not for. On this thread alone
/// unless `shared`.
pub(crate) fn product(s: &Sizes, a: &[f32], b: &[f32], bias: Option<&[f32]>, out: &mut [f32], shared: bool) -> bool {
    let Some(kernels) = Kernels::get() else { return false };
    let fits = a.len() == s.m * s.k && b.len() == s.k * s.n && out.len() == s.m * s.n;
    assert!(fits && bias.is_none_or(|bias| bias.len() == s.n), "a product of other sizes than its operands");
    if out.is_empty() {
        return true;
    }
    if s.k == 0 {
        out.fill(0.0);
        bias.into_iter().for_each(|bias| super::matmul::add_bias(bias, out));
        return true;
    }
    let shared = shared && s.m * s.n * s.k >= PARALLEL;
    let bias = bias.map_or(std::ptr::null(), <[f32]>::as_ptr);
    let (each, height) = kernels.sizes(s.n);
    let (rows, columns) = (Even::new(s.m, height), Panels { len: s.n, each });
    let near = a.len() + b.len() <= NEAR;
    Product {
        kernels,
        s,
        a: a.as_ptr(),
        b: b.as_ptr(),
        bias,
        out: out.as_mut_ptr(),
        rows,
        columns,
        height,
        pack_a: s.a.1 != 1 && !near && columns.count() > FEW,
        pack_b: s.b.1 != 1 || !near && rows.count > FEW,
        shared,
    }
    .run();
    true
}

/// Columns in panels of a fixed width; the last one may have fewer.
#[derive(Clone, Copy)]
struct Panels {
    len: usize,
    each: usize,
}

impl Panels {
    fn count(self) -> usize {
        self.len.div_ceil(self.each)
    }

    fn width(self, j: usize) -> usize {
        (self.len - j * self.each).min(self.each)
    }
}

/// A product on its way.
struct Product<'a> {
    kernels: &'static Kernels,
    s: &'a Sizes,
    a: *const f32,
    b: *const f32,
    bias: *const f32,
    out: *mut f32,
    rows: Even,
    columns: Panels,
    /// The rows of a packed panel, of which the last ones may be missing.
    height: usize,
    pack_a: bool,
    pack_b: bool,
    shared: bool,
}

// SAFETY: tasks write different elements of the result and only read the operands.
unsafe impl Sync for Product<'_> {}

/// A stretch of the inner axis.
#[derive(Clone, Copy)]
struct Depth {
    from: usize,
    steps: usize,
}

/// Where panels of an operand lie packed: the one with that number comes first.
#[derive(Clone, Copy)]
struct Packed {
    at: *const f32,
    first: usize,
}

impl Product<'_> {
    fn run(&self) {
        let by_rows = self.s.m >= self.s.n;
        let (mine, others) = match by_rows {
            true => (self.rows.count, self.columns.count()),
            false => (self.columns.count(), self.rows.count),
        };
        // The same number for every core: with large blocks one more or less is felt.
        let blocks = mine.div_ceil(BLOCK).next_multiple_of(parallel::threads(self.shared));
        let blocks = blocks.max(parallel::tasks(self.shared)).min(mine);
        let tasks = Even { len: mine, count: blocks };
        let pack = if by_rows { self.pack_b } else { self.pack_a };
        let width = if by_rows { self.columns.each } else { self.height };
        let depths = Even::new(self.s.k, DEPTH);
        let together = match pack {
            true => (SHARED / (others * width * DEPTH)).clamp(1, depths.count),
            false => depths.count,
        };
        for first in (0..depths.count).step_by(together) {
            let end = (first + together).min(depths.count);
            let (from, to) = (depths.start(first), depths.start(end));
            let room = if pack { others * width * (to - from) } else { 0 };
            scratch(room, |room| {
                if pack {
                    // One piece of work packs a panel for the whole stretch.
                    parallel::each(others, self.shared, |panel| {
                        for d in first..end {
                            let depth = Depth { from: depths.start(d), steps: depths.start(d + 1) - depths.start(d) };
                            let offset = others * width * (depth.from - from) + panel * width * depth.steps;
                            // SAFETY: every panel of every depth has its own place in the room.
                            unsafe { self.pack(by_rows, panel, depth, room.at(offset)) };
                        }
                    });
                }
                parallel::each(tasks.count, self.shared, |task| {
                    for d in first..end {
                        let depth = Depth { from: depths.start(d), steps: depths.start(d + 1) - depths.start(d) };
                        let there = pack.then(|| room.at(others * width * (depth.from - from)));
                        self.task(by_rows, tasks.start(task)..tasks.start(task + 1), depth, there);
                    }
                });
            });
        }
    }

    /// Lays out a panel of columns of the second operand, or else of rows of the first.
    ///
    /// # Safety
    /// There is room for the panel.
    unsafe fn pack(&self, columns: bool, panel: usize, depth: Depth, to: *mut f32) {
        let (a, b) = (self.s.a, self.s.b);
        let (at, source) = match columns {
            true => (panel * self.columns.each, Source { at: self.b, row: b.1, step: b.0 }),
            false => (self.rows.start(panel), Source { at: self.a, row: a.0, step: a.1 }),
        };
        let at = source.at.wrapping_add(at * source.row + depth.from * source.step);
        let source = Source { at, ..source };
        let (count, width) = match columns {
            true => (self.columns.width(panel), self.columns.each),
            false => (self.rows.size(panel), self.height),
        };
        // SAFETY: the panel's rows or columns at that depth are elements of the operand.
        unsafe { self.kernels.pack(source, count, depth.steps, to, width) };
    }

    /// Multiplies some panels, of rows or of columns, with all panels of the other operand.
    fn task(&self, by_rows: bool, mine: std::ops::Range<usize>, depth: Depth, others: Option<*mut f32>) {
        let pack = if by_rows { self.pack_a } else { self.pack_b };
        let width = if by_rows { self.height } else { self.columns.each };
        let room = if pack { mine.len() * width * depth.steps } else { 0 };
        scratch(room, |room| {
            if pack {
                for panel in mine.clone() {
                    let to = room.at((panel - mine.start) * width * depth.steps);
                    // SAFETY: the room is for this task's panels.
                    unsafe { self.pack(!by_rows, panel, depth, to) };
                }
            }
            let mine_at = pack.then(|| Packed { at: room.at(0), first: mine.start });
            let others_at = others.map(|at| Packed { at, first: 0 });
            let (rows, columns) = match by_rows {
                true => (mine.clone(), 0..self.columns.count()),
                false => (0..self.rows.count, mine.clone()),
            };
            let (a, b) = if by_rows { (mine_at, others_at) } else { (others_at, mine_at) };
            for j in columns {
                for i in rows.clone() {
                    let tile = self.tile(i, j, depth, a, b);
                    // SAFETY: the tile lies within the operands and is this task's own.
                    unsafe { self.kernels.run(&tile) };
                }
            }
        });
    }

    #[inline]
    fn tile(&self, i: usize, j: usize, depth: Depth, a: Option<Packed>, b: Option<Packed>) -> Tile {
        let (s, height, each) = (self.s, self.height, self.columns.each);
        let row = self.rows.start(i);
        let (a, a_row, a_step) = match a {
            Some(a) => (a.at.wrapping_add((i - a.first) * height * depth.steps), 1, height),
            None => (self.a.wrapping_add(row * s.a.0 + depth.from * s.a.1), s.a.0, s.a.1),
        };
        let (b, b_step) = match b {
            Some(b) => (b.at.wrapping_add((j - b.first) * each * depth.steps), each),
            None => (self.b.wrapping_add(j * each + depth.from * s.b.0), s.b.0),
        };
        let last = depth.from + depth.steps == s.k && !self.bias.is_null();
        Tile {
            a,
            a_row,
            a_step,
            b,
            b_step,
            steps: depth.steps,
            segments: 1,
            a_segment: 0,
            c: self.out.wrapping_add(row * s.n + j * each),
            c_row: s.n,
            rows: self.rows.size(i),
            columns: self.columns.width(j),
            bias: if last { self.bias.wrapping_add(j * each) } else { std::ptr::null() },
            add: depth.from > 0,
        }
    }
}
