//! Gradients through `while_loop`: the loop once more from the front, with the values of its variables kept turn by turn,
//! then back through the turns from the last. The turn itself is differentiated once, as nodes beside its own.

use super::array::{PLACEHOLDER, zeros_of};
use super::flow::open;
use super::{Infer, Kernel, OpDef, Signature};
use crate::Shape;
use crate::error::{Error, Result};
use crate::graph::{Attr, Attrs, Gradient, Graph, Operation, Output, Scope, Tensor, backpropagate_from, build};

pub(crate) static OPS: &[&OpDef] = &[&WHILE_GRAD];

/// Inputs are those of the loop, then the gradients of its variables of floats; outputs are the gradients of those of the
/// loop's inputs that are floats. Its attributes are the loop's, and the nodes of a turn back.
pub(crate) static WHILE_GRAD: OpDef = OpDef::new("WhileGrad", infer, Kernel::None).stateful();

fn infer(infer: &Infer) -> Result<Vec<Signature>> {
    let count = infer.node.int("_inputs") as usize;
    let floats = infer.inputs[..count].iter().filter(|(dtype, _)| dtype.is_floating());
    Ok(floats.map(|signature| open(infer, signature)).collect())
}

/// The gradient of a loop.
pub(crate) fn of_loop(g: &Gradient) -> Vec<Option<Tensor>> {
    let op = g.op();
    build(op.graph(), || differentiate(g, op))
}

fn differentiate(g: &Gradient, op: Operation) -> Result<Vec<Option<Tensor>>> {
    let (graph, node) = (op.graph(), g.node());
    let output = |o: Output| Operation { graph, node: o.node }.output(o.index);
    let all = |name: &str| -> Vec<Tensor> { node.outputs_in(name).map(output).collect() };
    let variables = node.ints("_variables").iter().map(|n| output(Output { node: *n as u32, index: 0 }));
    let variables: Vec<Tensor> = variables.collect();
    let (captures, results) = (all("_captures"), all("_results"));
    check_repeatable(graph, &node.name, variables[0].node, op)?;
    let scope = Scope::open(graph, "While");
    let floats = |t: &&Tensor| t.dtype().is_floating();
    let turn_back = |dys: &mut Vec<Tensor>| -> Result<Vec<Option<Tensor>>> {
        let ends: Vec<Tensor> = results.iter().filter(floats).copied().collect();
        for end in &ends {
            let attrs = Attrs::from([("dtype", Attr::Type(end.dtype())), ("shape", Attr::Shape(Shape::unknown()))]);
            dys.push(scope.child(&PLACEHOLDER, "Identity", &[], attrs)?.output(0));
        }
        let inside: Vec<Tensor> = variables.iter().chain(&captures).filter(floats).copied().collect();
        backpropagate_from(graph, &ends, dys, &inside, variables[0].node, false)
    };
    let mut dys = Vec::new();
    let slopes = graph.outside_control(|| scope.enter(|| turn_back(&mut dys)))?;
    // Where nothing comes back, a place that no node has.
    let pairs = slopes.iter().flat_map(|s| match s {
        Some(t) => [i64::from(t.node), i64::from(t.index)],
        None => [-1, 0],
    });
    let mut attrs: Attrs = node.attrs.clone();
    attrs.insert("_inputs", Attr::Int(node.inputs.len() as i64));
    attrs.insert("_slopes", Attr::Ints(pairs.collect()));
    attrs.insert("_dys", Attr::Ints(dys.iter().map(|t| i64::from(t.node)).collect()));
    let outputs = op.outputs();
    let known = outputs.iter().enumerate().filter(|(_, t)| t.dtype().is_floating());
    let arrived = known.map(|(i, t)| g.dy_at(i).unwrap_or_else(|| zeros_of(*t)));
    let inputs: Vec<Tensor> = op.inputs().into_iter().chain(arrived).collect();
    let made = scope.child(&WHILE_GRAD, "WhileGrad", &inputs, attrs)?;
    let mut gradients = made.outputs().into_iter();
    let each = op.inputs().into_iter();
    Ok(each.map(|input| if input.dtype().is_floating() { gradients.next() } else { None }).collect())
}

/// An error when the second time through the loop would not give the first one's values.
fn check_repeatable(graph: Graph, name: &str, first: u32, op: Operation) -> Result<()> {
    let data = graph.data();
    let inside = &data.nodes[first as usize..op.node as usize];
    match inside.iter().find(|n| n.attrs.contains_key("seed2") || n.def.is_update()) {
        Some(node) => Err(Error::Unimplemented(format!(
            "There is no gradient of the loop '{}': each time it runs, '{}' in it gives other values. Take random \
             numbers and updates of variables out of the loop.",
            name.rsplit_once('/').map_or(name, |(scope, _)| scope),
            node.name
        ))),
        None => Ok(()),
    }
}
