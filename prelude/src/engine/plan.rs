//! A compiled run: steps over fixed memory. Running it allocates nothing.

use super::memory::Memory;
use super::{State, at_node, check_interrupt};
use crate::error::{Error, Result};
use crate::graph::Output;
use crate::ops::{Call, Loop, View, cast_array, size_of_dtype};
use crate::{Array, DType};

/// How many elements a fused group works on at a time, so that its registers stay in the first-level cache.
pub(crate) const BLOCK: usize = 1024;

/// What a run asks for.
#[derive(Default)]
pub(crate) struct Request {
    /// Outputs to fetch, or, without an index, nodes to run.
    pub fetches: Vec<(u32, Option<u32>)>,
    pub feeds: Vec<(Output, Array)>,
}

/// An operand of a fused operation: its address, and by how many bytes it moves per element (0 in a register).
#[derive(Clone, Copy)]
pub(crate) struct Operand {
    pub ptr: *mut u8,
    pub step: usize,
}

/// One elementwise operation of a group.
pub(crate) struct MapOp {
    pub run: Loop,
    pub inputs: [Operand; 3],
    pub output: Operand,
}

/// Brings a block of a broadcast operand into a register.
pub(crate) struct Load {
    pub from: *const u8,
    pub to: *mut u8,
    pub size: usize,
    pub shape: Vec<usize>,
    pub strides: Vec<usize>,
}

/// Elementwise operations that run block by block.
pub(crate) struct Group {
    pub count: usize,
    pub splats: Vec<Load>,
    pub loads: Vec<Load>,
    pub ops: Vec<MapOp>,
}

/// One step of a plan.
pub(crate) enum Step {
    Map(Group),
    Call(fn(&Call) -> Result<()>, Call),
    /// An initial or new value for a variable, which has one from then on.
    Assign(fn(&Call) -> Result<()>, Call, u32),
}

/// A variable that must have a value before the plan runs, and the node that would report it.
pub(crate) struct Check {
    pub variable: u32,
    pub name: String,
    pub node: String,
    pub fetched: bool,
}

/// The steps of a run with the memory they work on.
pub(crate) struct Plan {
    pub steps: Vec<Step>,
    pub feeds: Vec<View>,
    pub fetches: Vec<Option<View>>,
    pub checks: Vec<Check>,
    pub _memory: Memory,
    pub _blocks: Vec<Memory>,
    pub _constants: Vec<Array>,
}

// SAFETY: the pointers lead into memory that the plan or its session owns; a session runs one plan at a time, under
// its lock.
unsafe impl Send for Plan {}

impl Plan {
    /// Runs the steps. The fetched values then lie in `fetches`.
    pub fn run(&mut self, state: &mut State, feeds: &[(Output, Array)]) -> Result<()> {
        for (view, (_, array)) in self.feeds.iter().zip(feeds) {
            put(view, array);
        }
        if !self.checks.is_empty() {
            self.check(state)?;
            self.checks.clear();
        }
        for step in &self.steps {
            check_interrupt()?;
            match step {
                Step::Map(group) => group.run(),
                Step::Call(run, call) => run(call).map_err(|e| at_node(e, &call.node.name))?,
                Step::Assign(run, call, variable) => {
                    run(call).map_err(|e| at_node(e, &call.node.name))?;
                    if let Some(variable) = state.variables.get_mut(*variable) {
                        variable.initialized = true;
                    }
                }
            }
        }
        Ok(())
    }

    fn check(&self, state: &State) -> Result<()> {
        for check in &self.checks {
            if state.variables.get(check.variable).is_some_and(|v| v.initialized) {
                continue;
            }
            let lead = if check.fetched { "Graph execution error:\n\n" } else { "" };
            let text = format!("{lead}Attempting to use uninitialized value {}", check.name);
            return Err(at_node(Error::FailedPrecondition(text), &check.node));
        }
        Ok(())
    }
}

/// Copies a fed value into its place, converted as NumPy would.
fn put(view: &View, array: &Array) {
    if array.dtype() != view.dtype {
        put(view, &cast_array(array, view.dtype));
        return;
    }
    match view.dtype {
        DType::String => view.copy_from(&View::of(array)),
        // SAFETY: the plan was made for feeds of this shape and type, and the array's memory is its own.
        dtype => unsafe {
            let from = crate::array::with_data!(array, v => v.as_ptr().cast::<u8>());
            std::ptr::copy_nonoverlapping(from, view.ptr, array.len() * size_of_dtype(dtype));
        },
    }
}

impl Group {
    fn run(&self) {
        for splat in &self.splats {
            splat.fill(0, self.count.min(BLOCK));
        }
        let mut start = 0;
        while start < self.count {
            let count = (self.count - start).min(BLOCK);
            for load in &self.loads {
                load.fill(start, count);
            }
            for op in &self.ops {
                let at = |o: &Operand| o.ptr.wrapping_add(o.step * start);
                let inputs =
                    [at(&op.inputs[0]).cast_const(), at(&op.inputs[1]).cast_const(), at(&op.inputs[2]).cast_const()];
                // SAFETY: lowering placed `count` elements at each address; an output shares memory with no operand
                // of its own operation.
                unsafe { (op.run)(&inputs, at(&op.output), count) };
            }
            start += count;
        }
    }
}

impl Load {
    /// Copies the elements `start..start + count` of the broadcast operand.
    pub fn fill(&self, start: usize, count: usize) {
        // SAFETY: `from` has the elements its strides reach, `to` is a register of at least `count` elements of the
        // same size, and registers overlap nothing else.
        unsafe {
            match self.size {
                1 => self.copy::<u8>(start, count),
                4 => self.copy::<u32>(start, count),
                _ => self.copy::<u64>(start, count),
            }
        }
    }

    /// # Safety
    /// As for `fill`, with elements of `T`'s size.
    unsafe fn copy<T: Copy>(&self, start: usize, count: usize) {
        let from = self.from.cast::<T>();
        // SAFETY: the caller's promise.
        let out = unsafe { std::slice::from_raw_parts_mut(self.to.cast::<T>(), count) };
        let Some((&width, outer)) = self.shape.split_last() else {
            // SAFETY: a scalar has one element.
            out.fill(unsafe { *from });
            return;
        };
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
}
