//! The engine: turns the part of a graph that a run needs into a plan, once, and runs plans.
//! `analyse` finds shapes and folds constants, `schedule` orders and fuses, `lower` places memory, `emit` emits steps,
//! `plan` executes them, `group` the elementwise ones, `chain` the smallest; `interpret` is the slow, obvious way for shapes
//! that only the values decide.

mod analyse;
mod branches;
mod chain;
pub(crate) mod device;
mod emit;
mod group;
mod interpret;
mod lower;
mod memory;
mod plan;
mod schedule;
mod sites;
#[cfg(test)]
mod tests;

pub(crate) use analyse::{evaluate, execute};
pub(crate) use memory::{VariableState, Variables};
pub(crate) use plan::Request;

use device::{DevicePlan, Held, Placement};
use plan::Plan;

use crate::Array;
use crate::error::{Error, Result};
use crate::graph::{GraphData, Output};
use crate::ops::View;
use crate::ops::random::Philox;

/// Ends a run between two steps when the user asked for it.
#[inline]
pub(crate) fn check_interrupt() -> Result<()> {
    if flowbook_runtime::interrupt::requested() {
        return Err(Error::Cancelled("The run was interrupted.".into()));
    }
    Ok(())
}

/// What a session keeps between runs besides its plans.
#[derive(Default)]
pub(crate) struct State {
    pub variables: Variables,
    pub random: std::collections::BTreeMap<u32, std::sync::Arc<std::sync::Mutex<Philox>>>,
    pub placement: Placement,
}

impl State {
    /// The generator of a random node, seeded on first use.
    pub fn generator(&mut self, graph: &GraphData, node: u32) -> std::sync::Arc<std::sync::Mutex<Philox>> {
        let definition = &graph.nodes[node as usize];
        let seeds = (definition.int("seed"), definition.int("seed2"));
        let fresh = || std::sync::Arc::new(std::sync::Mutex::new(Philox::new(seeds.0, seeds.1)));
        self.random.entry(node).or_insert_with(fresh).clone()
    }

    /// Says that a variable has a value.
    fn initialized(&mut self, variable: u32) {
        if let Some(variable) = self.variables.get_mut(variable) {
            variable.initialized = true;
        }
    }
}

/// An error with the node it happened in, as TensorFlow's messages end.
pub(crate) fn at_node(error: Error, node: &str) -> Error {
    // An error from within a loop names its node already.
    let text = |m: String| if m.contains("\n\t [[{{node ") { m } else { format!("{m}\n\t [[{{{{node {node}}}}}]]") };
    match error {
        Error::InvalidArgument(m) => Error::InvalidArgument(text(m)),
        Error::FailedPrecondition(m) => Error::FailedPrecondition(text(m)),
        Error::Unimplemented(m) => Error::Unimplemented(text(m)),
        Error::ResourceExhausted(m) => Error::ResourceExhausted(text(m)),
        other => other,
    }
}

/// A compiled run.
#[expect(clippy::large_enum_variant, reason = "there are few, and the host's is on the shortest way of all")]
pub(crate) enum Program {
    /// One that runs on the host alone, with the variables it uses and whether it writes to them.
    Host(Plan, Box<[(u32, bool)]>),
    Device(Held<Box<DevicePlan>>),
}

impl Program {
    /// Compiles a run; `None` when some size depends on values, so that only the interpreter can run it.
    pub fn new(
        graph: &GraphData,
        state: &mut State,
        fetches: &[(u32, Option<u32>)],
        feeds: &[(Output, Vec<usize>)],
    ) -> Result<Option<Program>> {
        let roots: Vec<u32> = roots(fetches, feeds);
        let analysis = analyse::Analysis::new(graph, &roots, feeds)?;
        let placed = device::place(graph, &analysis, &state.placement)?;
        if analysis.dynamic {
            return Ok(None);
        }
        let order = schedule::order(graph, &analysis);
        let outputs = fetches.iter().filter_map(|(node, index)| Some(Output { node: *node, index: (*index)? }));
        let items = schedule::fuse(graph, &analysis, &order, &outputs.collect::<Vec<_>>());
        if let Some(main) = placed.main {
            let plan = device::lower(graph, &analysis, state, &items, fetches, (main, &placed))?;
            return Ok(Some(Program::Device(Held::new(Box::new(plan)))));
        }
        let plan = lower::lower(graph, &analysis, state, &items, fetches)?;
        Ok(Some(Program::Host(plan, used(graph, &analysis).into())))
    }

    /// Runs it `times` times and returns the fetched values of the last time.
    pub fn run(&mut self, state: &mut State, feeds: &[(Output, Array)], times: usize) -> Result<Vec<Array>> {
        match self {
            Program::Host(plan, used) => {
                bring_home(state, used)?;
                plan.run(state, feeds, times)
            }
            Program::Device(plan) => plan.run(state, feeds, times),
        }
    }

    /// Starts it on these values, if it runs on a device; the results are there at its [`end`](Self::end).
    pub fn begin(&mut self, state: &mut State, feeds: &[(Output, Array)]) -> Result<bool> {
        match self {
            Program::Host(..) => Ok(false),
            Program::Device(plan) => plan.begin(state, feeds, 1).map(|()| true),
        }
    }

    /// Waits for what was begun with these values, and returns what is fetched.
    pub fn end(&mut self, feeds: &[(Output, Array)]) -> Result<Vec<Array>> {
        match self {
            Program::Host(..) => Err(Error::Runtime("what runs on the host is never begun".into())),
            Program::Device(plan) => plan.end(feeds),
        }
    }

    /// Runs it on what lies in the inputs' own places; the results then lie in theirs.
    pub fn run_in_place(&mut self, state: &mut State) -> Result<()> {
        match self {
            Program::Host(plan, used) => {
                bring_home(state, used)?;
                plan.run_in_place(state)
            }
            Program::Device(plan) => plan.run_in_place(state),
        }
    }

    /// Starts it as [`run_in_place`](Self::run_in_place) does; the results are there after [`finish`](Self::finish).
    pub fn start(&mut self, state: &mut State) -> Result<()> {
        match self {
            Program::Host(..) => self.run_in_place(state),
            Program::Device(plan) => plan.start(state),
        }
    }

    /// Waits for the results of what was started.
    pub fn finish(&mut self) -> Result<()> {
        match self {
            Program::Host(..) => Ok(()),
            Program::Device(plan) => plan.finish(),
        }
    }

    /// The place of an input's own, for [`run_in_place`](Self::run_in_place).
    pub fn input(&self, i: usize) -> &View {
        match self {
            Program::Host(plan, _) => plan.input(i),
            Program::Device(plan) => plan.input(i),
        }
    }

    /// Where a result lies after [`run_in_place`](Self::run_in_place).
    pub fn result(&self, i: usize) -> Option<&View> {
        match self {
            Program::Host(plan, _) => plan.result(i),
            Program::Device(plan) => plan.result(i),
        }
    }

    /// Whether its device exists no more: the process is a copy that took over.
    pub fn is_lost(&self) -> bool {
        matches!(self, Program::Device(_)) && flowbook_runtime::checkpoint::woken()
    }
}

/// Makes the host's copies of variables the newest, where they are not, before something on the host works on them.
#[inline]
fn bring_home(state: &State, used: &[(u32, bool)]) -> Result<()> {
    if !device::any_copies() {
        return Ok(());
    }
    for (variable, written) in used {
        let Some(variable) = state.variables.get(*variable) else { continue };
        variable.storage.bring_home()?;
        if *written {
            variable.storage.written_on_host();
        }
    }
    Ok(())
}

/// The variables that a run uses, and whether it writes to them.
fn used(graph: &GraphData, analysis: &analyse::Analysis) -> Vec<(u32, bool)> {
    let mut used = std::collections::BTreeMap::new();
    for id in &analysis.nodes {
        let node = &graph.nodes[*id as usize];
        if node.def.name == "VariableV2" {
            used.entry(*id).or_insert(false);
        }
        if node.def.is_update() {
            node.inputs.iter().for_each(|input| _ = used.insert(interpret::owner(graph, *input), true));
        }
    }
    used.into_iter().collect()
}

/// The nodes to start from: what is fetched and not fed.
fn roots(fetches: &[(u32, Option<u32>)], feeds: &[(Output, Vec<usize>)]) -> Vec<u32> {
    let fed = |node: u32, index: Option<u32>| feeds.iter().any(|(o, _)| index == Some(o.index) && o.node == node);
    fetches.iter().filter(|(node, index)| !fed(*node, *index)).map(|(node, _)| *node).collect()
}

/// Runs a request node by node.
pub(crate) fn interpret(graph: &GraphData, state: &mut State, request: &Request) -> Result<Vec<Array>> {
    let feeds: Vec<(Output, Vec<usize>)> = request.feeds.iter().map(|(o, a)| (*o, a.shape().to_vec())).collect();
    let arrays: Vec<Array> =
        (request.feeds.iter()).map(|(o, a)| crate::ops::cast_array(a, graph.signature(*o).0)).collect();
    if device::any_copies() {
        state.variables.iter().try_for_each(|variable| {
            variable.storage.bring_home()?;
            variable.storage.written_on_host();
            Ok(())
        })?;
    }
    let analysis = analyse::Analysis::new(graph, &roots(&request.fetches, &feeds), &feeds)?;
    let values = interpret::run(graph, &analysis, state, &arrays)?;
    let outputs = request.fetches.iter().filter_map(|(node, index)| Some(Output { node: *node, index: (*index)? }));
    let value = |(i, o): (usize, Output)| {
        let found = values.get(&analysis.origin(o)).cloned();
        found.ok_or_else(|| Error::InvalidArgument(format!("Retval[{i}] does not have value")))
    };
    outputs.enumerate().map(value).collect()
}
