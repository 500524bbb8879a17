//! Elementwise operations fused into one pass, block by block, on all cores when that pays. What belongs to a group
//! is decided in `schedule`; where its operands lie, in `lower`.

use crate::ops::Loop;
use crate::ops::reduce::{BLOCK, Sums, total};
use crate::ops::simd::{self, prefetch, stream};
use crate::team;

/// From this many elements times operations on, a group is shared among the cores.
const PARALLEL: usize = 1 << 19;
/// Shares per core: more than one, so that a core which is busy otherwise does not hold up the rest.
const SHARES: usize = 4;

/// An operand: its address, by how many bytes it moves per element (0 in a register), and by how many from one
/// thread's registers to the next one's.
#[derive(Clone, Copy)]
pub(crate) struct Operand {
    pub ptr: *mut u8,
    pub step: usize,
    pub thread: usize,
}

impl Operand {
    #[inline]
    fn at(&self, start: usize, thread: usize) -> *mut u8 {
        self.ptr.wrapping_add(self.step * start + self.thread * thread)
    }
}

/// One elementwise operation of a group.
pub(crate) struct MapOp {
    pub run: Loop,
    pub inputs: [Operand; 3],
    pub output: Operand,
}

/// Brings a block of a broadcast operand into a register.
pub(crate) struct Load {
    pub from: *mut u8,
    pub to: Operand,
    pub size: usize,
    pub shape: Vec<usize>,
    pub strides: Vec<usize>,
    /// For small groups: where each element comes from.
    pub index: Vec<u32>,
}

/// Takes a register to memory that the caches should not be filled with.
pub(crate) struct Store {
    pub from: Operand,
    pub to: Operand,
}

/// A sum or mean of everything that an operation of the group gives, without its elements ever being stored.
pub(crate) struct Total {
    pub from: Operand,
    pub partials: *mut f32,
    pub to: *mut f32,
    pub mean: bool,
}

/// Elementwise operations that run block by block.
pub(crate) struct Group {
    pub count: usize,
    /// The number of elements a small group works on: `count`, rounded up to whole registers where memory allows.
    pub rounded: usize,
    /// Loads that serve all blocks alike.
    pub splats: Vec<Load>,
    pub loads: Vec<Load>,
    pub ops: Vec<MapOp>,
    pub totals: Vec<Total>,
    pub stores: Vec<Store>,
    /// What is read from memory from block to block.
    pub streams: Vec<Operand>,
    /// For how many threads there are registers.
    pub threads: usize,
}

// SAFETY: threads work on different blocks and have registers of their own; everything else is only read.
unsafe impl Sync for Group {}

/// How many threads a group of this size runs on.
pub(crate) fn threads(count: usize, ops: usize) -> usize {
    if count * ops.max(1) < PARALLEL { 1 } else { team::threads() }
}

impl Group {
    pub fn run(&self) {
        if self.count <= BLOCK {
            self.splats.iter().chain(&self.loads).for_each(|load| load.fill(0, self.count, self.rounded, 0));
            self.ops.iter().for_each(|op| op.run(0, if op.run.tail { self.count } else { self.rounded }, 0));
            return;
        }
        let blocks = self.count.div_ceil(BLOCK);
        if self.threads > 1 {
            let shares = SHARES * self.threads;
            team::each(shares, true, |share, thread| {
                self.blocks(blocks * share / shares, blocks * (share + 1) / shares, thread);
            });
        } else {
            self.blocks(0, blocks, 0);
        }
        for sum in &self.totals {
            // SAFETY: there is a partial sum for each block, all written by now, and `to` is a number of the arena's.
            unsafe { *sum.to = total(std::slice::from_raw_parts(sum.partials, blocks), self.count, sum.mean) };
        }
    }

    fn blocks(&self, from: usize, to: usize, thread: usize) {
        self.splats.iter().for_each(|load| load.fill(0, BLOCK, BLOCK, thread));
        for block in from..to {
            let start = block * BLOCK;
            let count = (self.count - start).min(BLOCK);
            if block + 1 < to {
                self.streams.iter().for_each(|stream| prefetch(stream.at(start + BLOCK, 0), stream.step * BLOCK));
            }
            self.loads.iter().for_each(|load| load.fill(start, count, count, thread));
            self.ops.iter().for_each(|op| op.run(start, count, thread));
            for sum in &self.totals {
                // SAFETY: the operation before wrote `count` elements there; each block has its partial sum.
                unsafe {
                    let elements = std::slice::from_raw_parts(sum.from.at(start, thread).cast::<f32>(), count);
                    *sum.partials.add(block) = f32::leaf(elements);
                }
            }
            for store in &self.stores {
                // SAFETY: the operation before left `count` elements in the register, and the value has room for them.
                unsafe { stream(store.from.at(0, thread), store.to.at(start, 0), count * store.to.step) };
            }
        }
        if !self.stores.is_empty() {
            simd::fence();
        }
    }
}

impl MapOp {
    #[inline]
    fn run(&self, start: usize, count: usize, thread: usize) {
        let at = |i: usize| self.inputs[i].at(start, thread).cast_const();
        // SAFETY: lowering placed `count` elements at each address; an output shares memory with no operand of its own
        // operation.
        unsafe { (self.run.run)(&[at(0), at(1), at(2)], self.output.at(start, thread), count) };
    }
}

impl Load {
    /// Copies the elements `start..start + count` of the broadcast operand; a single number fills `room` places.
    pub fn fill(&self, start: usize, count: usize, room: usize, thread: usize) {
        let to = self.to.at(0, thread);
        // SAFETY: `from` has the elements its strides or the index reach, `to` is a register of at least `room` elements
        // of the same size, and registers overlap nothing else.
        unsafe {
            match self.size {
                1 => self.copy::<u8>(to, start, count, room),
                4 => self.copy::<u32>(to, start, count, room),
                _ => self.copy::<u64>(to, start, count, room),
            }
        }
    }

    /// # Safety
    /// As for `fill`, with elements of `T`'s size.
    #[inline]
    unsafe fn copy<T: Copy>(&self, to: *mut u8, start: usize, count: usize, room: usize) {
        let from = self.from.cast::<T>().cast_const();
        let to = to.cast::<T>();
        let Some((&width, outer)) = self.shape.split_last() else {
            // SAFETY: a scalar has one element.
            unsafe { std::slice::from_raw_parts_mut(to, room).fill(*from) };
            return;
        };
        if !self.index.is_empty() {
            for (i, place) in self.index.iter().enumerate() {
                // SAFETY: the index has an entry for each element of the register.
                unsafe { to.add(i).write(from.add(*place as usize).read()) };
            }
            return;
        }
        // SAFETY: the caller's promise.
        let out = unsafe { std::slice::from_raw_parts_mut(to, count) };
        let step = self.strides[outer.len()];
        let (mut done, mut position) = (0, start);
        while done < count {
            let column = position % width;
            let run = (width - column).min(count - done);
            let mut row = position / width;
            let mut offset = column * step;
            for axis in (0..outer.len()).rev() {
                offset += row % outer[axis] * self.strides[axis];
                row /= outer[axis];
            }
            let cells = &mut out[done..done + run];
            // SAFETY: the offsets follow from the operand's own strides.
            unsafe {
                match step {
                    0 => cells.fill(*from.add(offset)),
                    1 => std::ptr::copy_nonoverlapping(from.add(offset), cells.as_mut_ptr(), run),
                    _ => cells.iter_mut().enumerate().for_each(|(i, c)| *c = *from.add(offset + i * step)),
                }
            }
            done += run;
            position += run;
        }
    }

    /// Where each of the first `count` elements comes from.
    pub fn places(&self, count: usize) -> Vec<u32> {
        let place = |mut position: usize| {
            let mut offset = 0;
            for axis in (0..self.shape.len()).rev() {
                offset += position % self.shape[axis] * self.strides[axis];
                position /= self.shape[axis];
            }
            offset as u32
        };
        (0..count).map(place).collect()
    }

    /// Whether the operand repeats from block to block, so that one load serves all.
    pub fn is_periodic(&self) -> bool {
        let steps = self.shape.iter().zip(&self.strides);
        let outer = steps.rev().skip_while(|(_, stride)| **stride != 0);
        let period: usize =
            self.shape.iter().zip(&self.strides).rev().take_while(|(_, s)| **s != 0).map(|(n, _)| n).product();
        outer.into_iter().all(|(n, stride)| *stride == 0 || *n == 1) && BLOCK.is_multiple_of(period)
    }
}
