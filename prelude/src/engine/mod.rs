//! The engine: turns the part of a graph that a run needs into a plan, once, and runs plans.
//! `analyse` finds shapes and folds constants, `schedule` orders and fuses, `lower` places memory and emits steps,
//! `plan` executes them, `group` the elementwise ones; `interpret` is the slow, obvious way for shapes that only the values decide.

mod analyse;
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
pub(crate) use plan::{Plan, Request};

use crate::Array;
use crate::error::{Error, Result};
use crate::graph::{GraphData, Output};
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
}

impl State {
    /// The generator of a random node, seeded on first use.
    pub fn generator(&mut self, graph: &GraphData, node: u32) -> std::sync::Arc<std::sync::Mutex<Philox>> {
        let definition = &graph.nodes[node as usize];
        let seeds = (definition.int("seed"), definition.int("seed2"));
        let fresh = || std::sync::Arc::new(std::sync::Mutex::new(Philox::new(seeds.0, seeds.1)));
        self.random.entry(node).or_insert_with(fresh).clone()
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

impl Plan {
    /// Compiles a run; `None` when some size depends on values, so that only the interpreter can run it.
    pub fn new(
        graph: &GraphData,
        state: &mut State,
        fetches: &[(u32, Option<u32>)],
        feeds: &[(Output, Vec<usize>)],
    ) -> Result<Option<Plan>> {
        let roots: Vec<u32> = roots(fetches, feeds);
        let analysis = analyse::Analysis::new(graph, &roots, feeds)?;
        if analysis.dynamic {
            return Ok(None);
        }
        let order = schedule::order(graph, &analysis);
        let outputs = fetches.iter().filter_map(|(node, index)| Some(Output { node: *node, index: (*index)? }));
        let items = schedule::fuse(graph, &analysis, &order, &outputs.collect::<Vec<_>>());
        lower::lower(graph, &analysis, state, &items, fetches).map(Some)
    }
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
    let analysis = analyse::Analysis::new(graph, &roots(&request.fetches, &feeds), &feeds)?;
    let values = interpret::run(graph, &analysis, state, &arrays)?;
    let outputs = request.fetches.iter().filter_map(|(node, index)| Some(Output { node: *node, index: (*index)? }));
    let value = |(i, o): (usize, Output)| {
        let found = values.get(&analysis.origin(o)).cloned();
        found.ok_or_else(|| Error::InvalidArgument(format!("Retval[{i}] does not have value")))
    };
    outputs.enumerate().map(value).collect()
}
