//! The slow, obvious way to run: node by node on arrays. For graphs whose sizes depend on values.

use std::collections::HashMap;
use std::sync::Arc;

use super::analyse::{Analysis, evaluate, execute};
use super::schedule;
use super::{State, at_node, check_interrupt};
use crate::error::Result;
use crate::graph::{GraphData, Node, Output};
use crate::ops::{Call, Infer, Kernel, Signature, View};
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
    for id in schedule::order(graph, analysis) {
        check_interrupt()?;
        let node = &graph.nodes[id as usize];
        step(graph, analysis, state, node, id, &mut values).map_err(|e| at_node(e, &node.name))?;
    }
    Ok(values)
}

fn step(
    graph: &GraphData,
    analysis: &Analysis,
    state: &mut State,
    node: &Arc<Node>,
    id: u32,
    values: &mut HashMap<Output, Array>,
) -> Result<()> {
    let output = Output { node: id, index: 0 };
    if node.def.name == "VariableV2" {
        let (dtype, shape) = graph.signature(output);
        values.insert(output, state.variables.state(id, dtype, &shape).view.to_array());
        return Ok(());
    }
    if matches!(node.def.kernel, Kernel::None) {
        return Ok(());
    }
    let inputs: Vec<Array> = node.inputs.iter().filter_map(|i| values.get(&analysis.origin(*i)).cloned()).collect();
    if let Kernel::Update(_) = node.def.kernel {
        let mut views: Vec<View> = inputs.iter().map(View::of).collect();
        for (view, input) in views.iter_mut().zip(&node.inputs) {
            if let Some(variable) = state.variables.get(owner(graph, *input)) {
                *view = variable.view.clone();
            }
        }
        execute(&Call { node: node.clone(), inputs: views, outputs: vec![], random: None })?;
        let variable = owner(graph, node.inputs[0]);
        if let Some(v) = state.variables.get_mut(variable) {
            v.initialized = true;
            values.insert(output, v.view.to_array());
        }
        return Ok(());
    }
    if !node.def.stateful {
        for (index, value) in evaluate(node, &inputs)?.into_iter().enumerate() {
            values.insert(Output { node: id, index: index as u32 }, value);
        }
        return Ok(());
    }
    let signatures: Vec<Signature> = inputs.iter().map(|a| (a.dtype(), Shape::from(a.shape()))).collect();
    let value = |i: usize| inputs.get(i).cloned();
    let results = (node.def.infer)(&Infer { node, inputs: &signatures, value: &value, running: true })?;
    let outputs: Vec<Array> = results.iter().map(|(d, s)| Array::zeros(*d, &s.sizes().unwrap_or_default())).collect();
    let random = node.attrs.contains_key("seed2").then(|| state.generator(graph, id));
    let views = |arrays: &[Array]| arrays.iter().map(View::of).collect::<Vec<_>>();
    execute(&Call { node: node.clone(), inputs: views(&inputs), outputs: views(&outputs), random })?;
    for (index, array) in outputs.into_iter().enumerate() {
        values.insert(Output { node: id, index: index as u32 }, array);
    }
    Ok(())
}

/// The variable behind a reference: itself, or the first input of the update it went through.
pub(crate) fn owner(graph: &GraphData, mut output: Output) -> u32 {
    while graph.nodes[output.node as usize].def.is_update() {
        output = graph.nodes[output.node as usize].inputs[0];
    }
    output.node
}
