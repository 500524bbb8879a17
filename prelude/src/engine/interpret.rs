//! The slow, obvious way to run: node by node on arrays. For graphs whose sizes depend on values, and for those in which
//! the values decide what runs at all.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Program;
use super::analyse::{Analysis, evaluate, execute};
use super::plan::Request;
use super::schedule;
use super::{State, at_node, check_interrupt};
use crate::error::{Error, Result};
use crate::graph::{GraphData, Node, Output};
use crate::ops::{Call, Infer, Kernel, Signature, View, fits_memory};
use crate::{Array, Shape};

/// Runs the nodes of an analysis and returns every value computed.
pub(crate) fn run(
    graph: &GraphData,
    analysis: &Analysis,
    state: &mut State,
    feeds: &[Array],
) -> Result<HashMap<Output, Array>> {
    let mut values = analysis.values.clone();
    for (output, i) in &analysis.fed {
        values.insert(*output, feeds[*i].clone());
    }
    let mut run = Run { graph, analysis, state, values, dead: HashSet::new() };
    for id in schedule::order(graph, analysis) {
        check_interrupt()?;
        let node = &graph.nodes[id as usize];
        run.step(node, id).map_err(|e| at_node(e, &node.name))?;
    }
    Ok(run.values)
}

struct Run<'a> {
    graph: &'a GraphData,
    analysis: &'a Analysis,
    state: &'a mut State,
    values: HashMap<Output, Array>,
    /// The nodes that lie in a branch not taken.
    dead: HashSet<u32>,
}

impl Run<'_> {
    /// The value of an output; none in a branch not taken.
    fn value(&self, output: Output) -> Option<&Array> {
        let origin = self.analysis.origin(output);
        let value = self.values.get(&origin)?;
        let producer = &self.graph.nodes[origin.node as usize];
        let mut controls = producer.waits_for().iter().map(|c| self.analysis.origin(Output { node: *c, index: 0 }));
        controls.all(|c| self.has_run(c)).then_some(value)
    }

    fn has_run(&self, output: Output) -> bool {
        match self.graph.nodes[output.node as usize].outputs.is_empty() {
            true => !self.dead.contains(&output.node),
            false => self.values.contains_key(&output),
        }
    }

    fn set(&mut self, id: u32, values: Vec<Array>) {
        for (index, value) in values.into_iter().enumerate() {
            let output = Output { node: id, index: index as u32 };
            if !self.analysis.fed.contains_key(&output) {
                self.values.insert(output, value);
            }
        }
    }

    /// Whether something the node waits for was not computed.
    fn is_dead(&self, node: &Node) -> bool {
        let waits = self.analysis.waits(self.graph, node);
        !waits.into_iter().all(|o| self.has_run(o)) || node.inputs.iter().any(|i| self.value(*i).is_none())
    }

    fn step(&mut self, node: &Arc<Node>, id: u32) -> Result<()> {
        let output = Output { node: id, index: 0 };
        if node.def.name == "VariableV2" {
            let (dtype, shape) = self.graph.signature(output);
            let value = self.state.variables.state(id, dtype, &shape).view.to_array();
            self.set(id, vec![value]);
            return Ok(());
        }
        if node.def.name == "Merge" {
            let taken = (0..2).find_map(|i| Some((i, self.value(node.inputs[i as usize])?.clone())));
            match taken {
                Some((i, value)) => self.set(id, vec![value, Array::scalar(i)]),
                None => _ = self.dead.insert(id),
            }
            return Ok(());
        }
        if self.is_dead(node) {
            self.dead.insert(id);
            return Ok(());
        }
        if node.def.name == "IsVariableInitialized" {
            let variable = self.state.variables.get(owner(self.graph, node.inputs[0]));
            let ready = variable.is_some_and(|v| v.initialized);
            self.set(id, vec![Array::scalar(ready)]);
            return Ok(());
        }
        self.check_initialized(node)?;
        let inputs: Vec<Array> = node.inputs.iter().filter_map(|i| self.value(*i).cloned()).collect();
        match (node.def.name, node.def.kernel) {
            ("Switch", _) => {
                let side = u32::from(inputs[1].as_slice::<bool>().is_some_and(|p| p[0]));
                self.values.insert(Output { node: id, index: side }, inputs[0].clone());
            }
            ("While", _) => {
                let ended = turns(self.graph, self.state, node, inputs, |_| {})?;
                self.set(id, ended);
            }
            ("WhileGrad", _) => {
                let gradients = turns_back(self.graph, self.state, node, inputs)?;
                self.set(id, gradients);
            }
            (_, Kernel::None) => {}
            (_, Kernel::Update(_)) => self.update(node, id, &inputs)?,
            _ if node.def.stateful => {
                let results = self.execute(node, id, &inputs)?;
                self.set(id, results);
            }
            _ => {
                let results = evaluate(node, &inputs)?;
                self.set(id, results);
            }
        }
        Ok(())
    }

    /// `FailedPreconditionError` when the node reads a variable that has no value yet.
    fn check_initialized(&self, node: &Node) -> Result<()> {
        let written = usize::from(node.def.name == "Assign");
        for input in &node.inputs[written..] {
            let variable = owner(self.graph, self.analysis.origin(*input));
            let definition = &self.graph.nodes[variable as usize];
            if definition.def.name == "VariableV2" && !self.state.variables.get(variable).is_some_and(|v| v.initialized)
            {
                let text = format!("Attempting to use uninitialized value {}", definition.name);
                let reader = if input.node == variable { node } else { &self.graph.nodes[input.node as usize] };
                return Err(at_node(Error::FailedPrecondition(text), &reader.name));
            }
        }
        Ok(())
    }

    fn update(&mut self, node: &Arc<Node>, id: u32, inputs: &[Array]) -> Result<()> {
        let mut views: Vec<View> = inputs.iter().map(View::of).collect();
        for (view, input) in views.iter_mut().zip(&node.inputs) {
            if let Some(variable) = self.state.variables.get(owner(self.graph, *input)) {
                *view = variable.view.clone();
            }
        }
        execute(&Call { node: node.clone(), inputs: views, outputs: vec![], random: None })?;
        let variable = owner(self.graph, node.inputs[0]);
        let value = self.state.variables.get_mut(variable).map(|v| {
            v.initialized = true;
            v.view.to_array()
        });
        self.set(id, value.into_iter().collect());
        Ok(())
    }

    fn execute(&mut self, node: &Arc<Node>, id: u32, inputs: &[Array]) -> Result<Vec<Array>> {
        let signatures: Vec<Signature> = inputs.iter().map(|a| (a.dtype(), Shape::from(a.shape()))).collect();
        let value = |i: usize| inputs.get(i).cloned();
        let results = (node.def.infer)(&Infer::new(node, &signatures, &value, true))?;
        results.iter().try_for_each(|(dtype, shape)| fits_memory(*dtype, shape))?;
        let outputs: Vec<Array> =
            results.iter().map(|(d, s)| Array::zeros(*d, &s.sizes().unwrap_or_default())).collect();
        let random = node.attrs.contains_key("seed2").then(|| self.state.generator(self.graph, id));
        let views = |arrays: &[Array]| arrays.iter().map(View::of).collect::<Vec<_>>();
        execute(&Call { node: node.clone(), inputs: views(inputs), outputs: views(&outputs), random })?;
        Ok(outputs)
    }
}

/// The outputs that a turn of a loop is fed with: its variables, as the attribute lists them, and what it takes from
/// outside.
fn fed_to(node: &Node, variables: &str) -> Vec<Output> {
    let variables = node.ints(variables).iter().map(|n| Output { node: *n as u32, index: 0 });
    variables.chain(node.outputs_in("_captures")).collect()
}

/// Runs a loop: each turn is a run of its own, compiled anew only when the shapes change. `seen` is shown the values
/// before each turn.
fn turns(
    graph: &GraphData,
    state: &mut State,
    node: &Node,
    inputs: Vec<Array>,
    mut seen: impl FnMut(&[Array]),
) -> Result<Vec<Array>> {
    let (tested, fed) = (fed_to(node, "_tests"), fed_to(node, "_variables"));
    let mut condition = Turn::new(node.outputs_in("_condition").collect());
    let mut body = Turn::new(node.outputs_in("_results").collect());
    let count = node.ints("_variables").len();
    let mut values = inputs;
    loop {
        check_interrupt()?;
        let goes_on = condition.run(graph, state, &tested, &values)?;
        if goes_on.first().and_then(|c| c.as_slice::<bool>()).is_none_or(|c| c != [true]) {
            break;
        }
        seen(&values);
        let next = body.run(graph, state, &fed, &values)?;
        values.splice(..count, next);
    }
    values.truncate(count);
    Ok(values)
}

/// The gradients of a loop's inputs that are floats: the loop once more, then its turns backwards.
fn turns_back(graph: &GraphData, state: &mut State, node: &Node, inputs: Vec<Array>) -> Result<Vec<Array>> {
    let count = node.int("_inputs") as usize;
    let (starts, mut dys) = (inputs[..count].to_vec(), inputs[count..].to_vec());
    let mut before: Vec<Vec<Array>> = Vec::new();
    turns(graph, state, node, starts.clone(), |values| before.push(values.to_vec()))?;
    let floats: Vec<&Array> = starts.iter().filter(|a| a.dtype().is_floating()).collect();
    let mut sums: Vec<Array> = floats[dys.len()..].iter().map(|a| Array::zeros(a.dtype(), a.shape())).collect();
    let places: Vec<Option<Output>> = node
        .outputs_in("_slopes")
        .zip(node.ints("_slopes").iter().step_by(2))
        .map(|(place, id)| (*id >= 0).then_some(place))
        .collect();
    let mut back = Turn::new(places.iter().flatten().copied().collect());
    let dy_nodes = node.ints("_dys").iter().map(|n| Output { node: *n as u32, index: 0 });
    let fed: Vec<Output> = fed_to(node, "_variables").into_iter().chain(dy_nodes).collect();
    for values in before.into_iter().rev() {
        check_interrupt()?;
        let fed_values = [values, dys.clone()].concat();
        let mut slopes = back.run(graph, state, &fed, &fed_values)?.into_iter();
        for (i, place) in places.iter().enumerate() {
            let slope = if place.is_some() { slopes.next() } else { None };
            match (i.checked_sub(dys.len()), slope) {
                (None, slope) => dys[i] = slope.unwrap_or_else(|| Array::zeros(dys[i].dtype(), dys[i].shape())),
                (Some(i), Some(slope)) => sums[i] = &sums[i] + slope,
                (Some(_), None) => {}
            }
        }
    }
    Ok(dys.into_iter().chain(sums).collect())
}

/// One part of a loop's turn, with the plan for the shapes it had last.
struct Turn {
    fetches: Vec<(u32, Option<u32>)>,
    shapes: Vec<Vec<usize>>,
    plan: Option<Program>,
}

impl Turn {
    fn new(outputs: Vec<Output>) -> Turn {
        let fetches = outputs.iter().map(|o| (o.node, Some(o.index))).collect();
        Turn { fetches, shapes: Vec::new(), plan: None }
    }

    fn run(&mut self, graph: &GraphData, state: &mut State, fed: &[Output], values: &[Array]) -> Result<Vec<Array>> {
        let shapes: Vec<Vec<usize>> = values.iter().map(|v| v.shape().to_vec()).collect();
        if self.shapes != shapes {
            let feeds: Vec<(Output, Vec<usize>)> = fed.iter().copied().zip(shapes.iter().cloned()).collect();
            self.plan = Program::new(graph, state, &self.fetches, &feeds)?;
            self.shapes = shapes;
        }
        let feeds: Vec<(Output, Array)> = fed.iter().copied().zip(values.iter().cloned()).collect();
        match &mut self.plan {
            Some(plan) => plan.run(state, &feeds, 1),
            None => super::interpret(graph, state, &Request { fetches: self.fetches.clone(), feeds }),
        }
    }
}

/// The variable behind a reference: itself, or the first input of the update it went through.
pub(crate) fn owner(graph: &GraphData, mut output: Output) -> u32 {
    while graph.nodes[output.node as usize].def.is_update() {
        output = graph.nodes[output.node as usize].inputs[0];
    }
    output.node
}
