//! A compiled run: steps over fixed memory. Running it allocates nothing but the arrays it returns.

use super::chain::Chain;
use super::group::Group;
use super::memory::Memory;
use super::sites::Sites;
use super::{State, at_node, check_interrupt};
use crate::error::{Error, Result};
use crate::graph::Output;
use crate::ops::{Call, Prepared, View, cast_into, size_of_dtype};
use crate::{Array, DType};

/// What a run asks for.
#[derive(Default)]
pub(crate) struct Request {
    /// Outputs to fetch, or, without an index, nodes to run.
    pub fetches: Vec<(u32, Option<u32>)>,
    pub feeds: Vec<(Output, Array)>,
}

/// How often a plan that is one chain runs between two looks at whether it was interrupted.
const BETWEEN: usize = 256;

/// One step of a plan.
pub(crate) enum Step {
    Map(Group),
    /// Several steps on values that each fit in a register.
    Chain(Chain),
    Call(Prepared, Call),
    /// An initial or new value for a variable, which has one from then on.
    Assign(Prepared, Call, u32),
}

/// A variable that must have a value before the plan runs, and the node that would report it.
pub(crate) struct Check {
    pub variable: u32,
    pub name: String,
    pub node: String,
    pub fetched: bool,
}

/// Where a fed value goes: copied to its place, or, when it is large, read where it lies.
pub(crate) struct Feed {
    pub view: View,
    pub sites: Option<Sites>,
}

/// Where a fetched value comes from.
pub(crate) enum Fetched {
    /// A place in memory, to be copied.
    Copy(View),
    /// What was fed: the place it was copied to, unless it was read where it lies.
    Fed(usize, View),
    /// What the graph says it always is.
    Constant(Array, View),
    /// A large value that the steps wrote into an array, under the shape fetched.
    Kept(usize, Box<[usize]>),
}

/// An array that the steps write and the caller gets; a fresh one is made when the caller still has the last one.
pub(crate) struct Kept {
    pub array: Array,
    pub view: View,
    pub sites: Sites,
}

/// The steps of a run with the memory they work on.
pub(crate) struct Plan {
    pub steps: Vec<Step>,
    pub feeds: Vec<Feed>,
    /// One for each fetched output.
    pub fetches: Vec<Fetched>,
    pub kept: Vec<Kept>,
    pub checks: Vec<Check>,
    /// Whether it once ran to its end: all its variables have values.
    pub settled: bool,
    /// Whether it takes long enough to be interrupted between two steps.
    pub long: bool,
    pub _memory: Memory,
    pub _blocks: Vec<Memory>,
    pub _constants: Vec<Array>,
}

// SAFETY: the pointers lead into memory that the plan or its session owns; a session runs one plan at a time, under
// its lock.
unsafe impl Send for Plan {}

impl Plan {
    /// Runs the steps `times` times and returns the fetched values of the last time.
    pub fn run(&mut self, state: &mut State, feeds: &[(Output, Array)], times: usize) -> Result<Vec<Array>> {
        for (feed, (_, array)) in self.feeds.iter_mut().zip(feeds) {
            feed.put(array);
        }
        self.steps(state, times)?;
        Ok(self.fetches.iter().map(|fetched| fetched.array(feeds, &self.kept)).collect())
    }

    /// Runs the steps on what lies in the inputs' own places; the results then lie in theirs.
    pub fn run_in_place(&mut self, state: &mut State) -> Result<()> {
        for feed in &mut self.feeds {
            if let Some(sites) = &mut feed.sites {
                sites.lead_to(feed.view.ptr);
            }
        }
        self.steps(state, 1)
    }

    /// The place of an input's own, for [`run_in_place`](Self::run_in_place).
    pub fn input(&self, i: usize) -> &View {
        &self.feeds[i].view
    }

    /// Where a result lies after [`run_in_place`](Self::run_in_place).
    pub fn result(&self, i: usize) -> Option<&View> {
        Some(match self.fetches.get(i)? {
            Fetched::Copy(view) | Fetched::Fed(_, view) | Fetched::Constant(_, view) => view,
            Fetched::Kept(slot, _) => &self.kept[*slot].view,
        })
    }

    fn steps(&mut self, state: &mut State, times: usize) -> Result<()> {
        for kept in &mut self.kept {
            if !kept.array.is_unshared() {
                kept.array = Array::zeros(kept.array.dtype(), kept.array.shape());
                kept.view = View::of(&kept.array);
                kept.sites.lead_to(kept.view.ptr);
            }
        }
        if !self.settled {
            check_initialized(&self.checks, state)?;
        }
        self.repeat(state, times)
    }

    fn repeat(&mut self, state: &mut State, times: usize) -> Result<()> {
        if let [Step::Chain(chain)] = &self.steps[..] {
            for done in (0..times).step_by(BETWEEN) {
                check_interrupt()?;
                chain.run((times - done).min(BETWEEN));
            }
            self.settled |= times > 0;
            return Ok(());
        }
        for _ in 0..times {
            check_interrupt()?;
            self.once(state)?;
        }
        self.settled |= times > 0;
        Ok(())
    }

    fn once(&mut self, state: &mut State) -> Result<()> {
        for step in &self.steps {
            if self.long {
                check_interrupt()?;
            }
            match step {
                Step::Map(group) => group.run(),
                Step::Chain(chain) => chain.run(1),
                Step::Call(run, call) => run(call).map_err(|e| at_node(e, &call.node.name))?,
                Step::Assign(run, call, variable) => {
                    run(call).map_err(|e| at_node(e, &call.node.name))?;
                    if !self.settled
                        && let Some(variable) = state.variables.get_mut(*variable)
                    {
                        variable.initialized = true;
                    }
                }
            }
        }
        Ok(())
    }
}

/// `FailedPreconditionError` when a variable has no value yet.
pub(super) fn check_initialized(checks: &[Check], state: &State) -> Result<()> {
    for check in checks {
        if state.variables.get(check.variable).is_some_and(|v| v.initialized) {
            continue;
        }
        let lead = if check.fetched { "Graph execution error:\n\n" } else { "" };
        let text = format!("{lead}Attempting to use uninitialized value {}", check.name);
        return Err(at_node(Error::FailedPrecondition(text), &check.node));
    }
    Ok(())
}

impl Feed {
    /// Brings a fed value to its place, converted as NumPy would.
    fn put(&mut self, array: &Array) {
        if array.dtype() != self.view.dtype {
            if let Some(sites) = &mut self.sites {
                sites.lead_to(self.view.ptr);
            }
            return cast_into(array, &self.view);
        }
        if self.view.dtype == DType::String {
            return self.view.copy_from(&View::of(array));
        }
        let from = crate::array::with_data!(array, v => v.as_ptr().cast::<u8>());
        match &mut self.sites {
            Some(sites) => sites.lead_to(from.cast_mut()),
            // SAFETY: the plan was made for feeds of this shape and type, and the array's memory is its own.
            None => unsafe {
                std::ptr::copy_nonoverlapping(from, self.view.ptr, array.len() * size_of_dtype(self.view.dtype));
            },
        }
    }
}

impl Fetched {
    fn array(&self, feeds: &[(Output, Array)], kept: &[Kept]) -> Array {
        match self {
            Fetched::Fed(i, view) if feeds[*i].1.dtype() == view.dtype => {
                feeds[*i].1.reshaped(&view.shape).unwrap_or_else(|_| view.to_array())
            }
            Fetched::Fed(_, view) => view.to_array(),
            Fetched::Copy(view) => view.to_array(),
            Fetched::Constant(array, _) => array.clone(),
            Fetched::Kept(slot, shape) => {
                let array = &kept[*slot].array;
                array.reshaped(shape).unwrap_or_else(|_| array.clone())
            }
        }
    }
}
