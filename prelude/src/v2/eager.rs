//! How an eager call runs: the op table's own function builds the operation, in a scratch graph or in the recording of
//! a tape, and its new nodes are computed at once. Arithmetic on plain values goes to the loops directly.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use super::operand::Operand;
use super::tape::{node_of, place, recording_now};
use super::tensor::Kind;
use super::{Tensor, placement, random};
use crate::array::Data;
use crate::error::{Error, Result, collect};
use crate::graph::{self, Graph, Node, Output};
use crate::ops::{Call, Infer, Kernel, OpDef, Signature, View, array};
use crate::{Array, DType, Shape};

/// Where a value stands in a recording.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub recording: u64,
    pub output: Output,
}

/// The operations that ran while tapes were watching: a graph, with the value of each of its outputs.
pub(super) struct Recording {
    pub id: u64,
    pub graph: Graph,
    values: RefCell<Vec<Vec<Array>>>,
}

thread_local! {
    /// What the active tapes record into; they share it, so that an outer tape sees the gradients of an inner one.
    static ACTIVE: RefCell<Option<Rc<Recording>>> = const { RefCell::new(None) };
    /// Emptied graphs that await their next use, since graphs are never freed.
    static SPARE: RefCell<Vec<Graph>> = const { RefCell::new(Vec::new()) };
    static NEXT_ID: Cell<u64> = const { Cell::new(1) };
}

fn spare_graph() -> Graph {
    let graph = SPARE.with_borrow_mut(Vec::pop).unwrap_or_default();
    graph.clear(true);
    graph
}

/// A graph that goes back to the spare ones in the end.
struct Scratch(Graph);

impl Drop for Scratch {
    fn drop(&mut self) {
        self.0.clear(true);
        SPARE.with_borrow_mut(|spare| spare.push(self.0));
    }
}

impl Recording {
    /// The recording of the tapes that are active, or a new one.
    pub fn join() -> Rc<Recording> {
        if let Some(active) = Recording::active() {
            return active;
        }
        let id = NEXT_ID.replace(NEXT_ID.get() + 1);
        let fresh = Rc::new(Recording { id, graph: spare_graph(), values: RefCell::default() });
        ACTIVE.set(Some(fresh.clone()));
        fresh
    }

    pub fn active() -> Option<Rc<Recording>> {
        ACTIVE.with_borrow(Option::clone)
    }

    /// Nothing is recorded from now on.
    pub fn end() {
        // A tape among the thread's last values may outlive these.
        let _ = ACTIVE.try_with(RefCell::take);
    }

    /// Takes a value in, so that gradients by it can be asked for.
    pub fn enter(&self, value: &Array) -> Tensor {
        let node = self
            .graph
            .as_default(|| graph::build(self.graph, || array::new_constant(self.graph, "Const", value.clone())));
        Tensor::recorded(value.clone(), Some(Origin { recording: self.id, output: node.output() }))
    }

    /// Computes the nodes added since the last time.
    pub fn advance(&self) -> Result<()> {
        let mut values = self.values.borrow_mut();
        compute(self.graph, &mut values)
    }

    /// What went into the operation of type `op` at that place.
    pub fn before(&self, origin: Origin, op: &str) -> Option<Tensor> {
        if origin.recording != self.id {
            return None;
        }
        let operation = graph::Operation { graph: self.graph, node: origin.output.node };
        (operation.op_type() == op).then(|| self.tensor(operation.inputs()[0]))
    }

    /// The recorded value of a node's output.
    pub fn tensor(&self, node: graph::Tensor) -> Tensor {
        let output = node.output();
        let value = self.values.borrow()[output.node as usize][output.index as usize].clone();
        Tensor::recorded(value, Some(Origin { recording: self.id, output }))
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.graph.clear(true);
        let _ = SPARE.try_with(|spare| spare.borrow_mut().push(self.graph));
    }
}

/// Runs an operation of one result; see [`call_many`].
#[track_caller]
pub(crate) fn call(operands: &[Operand], op: impl FnOnce(&[graph::Operand]) -> graph::Tensor) -> Tensor {
    try_call(operands, op).unwrap_or_else(|error| error.raise())
}

/// As [`call`], with the error as a value.
pub(crate) fn try_call(operands: &[Operand], op: impl FnOnce(&[graph::Operand]) -> graph::Tensor) -> Result<Tensor> {
    let mut results = try_call_many(operands, |x| vec![op(x)])?;
    Ok(results.swap_remove(0))
}

/// Runs an operation: on values at once, on symbols as a part of the function that is being traced. What a tape watches
/// is recorded.
#[track_caller]
pub(crate) fn call_many(operands: &[Operand], op: impl FnOnce(&[graph::Operand]) -> Vec<graph::Tensor>) -> Vec<Tensor> {
    try_call_many(operands, op).unwrap_or_else(|error| error.raise())
}

fn try_call_many(
    operands: &[Operand],
    op: impl FnOnce(&[graph::Operand]) -> Vec<graph::Tensor>,
) -> Result<Vec<Tensor>> {
    let symbolic = operands.iter().find_map(|operand| match operand {
        Operand::Tensor(Tensor(Kind::Symbolic(node))) => Some(node.graph()),
        _ => None,
    });
    if let Some(graph) = symbolic {
        // While a recording is differentiated its nodes are symbols, too.
        let known = |tensor: &Tensor| Some(node_of(graph, tensor));
        let nodes = collect(|| graph.as_default(|| op(&in_graph(graph, operands, known))))?;
        return Ok(nodes.into_iter().map(Tensor::symbolic).collect());
    }
    placement::check()?;
    if let Some(recording) = Recording::active().filter(|r| operands.iter().any(|o| stands_in(o, r.id))) {
        let known = |tensor: &Tensor| {
            let output = place(recording.id, tensor)?;
            Some(graph::Tensor { graph: recording.graph, node: output.node, index: output.index })
        };
        let graph = recording.graph;
        let nodes = collect(|| graph.as_default(|| op(&in_graph(graph, operands, known))))?;
        recording.advance()?;
        return Ok(nodes.into_iter().map(|node| recording.tensor(node)).collect());
    }
    let scratch = Scratch(spare_graph());
    let graph = scratch.0;
    let nodes = collect(|| graph.as_default(|| op(&in_graph(graph, operands, |_| None))))?;
    let mut values = Vec::new();
    compute(graph, &mut values)?;
    Ok(nodes.iter().map(|n| Tensor::eager(values[n.node as usize][n.index as usize].clone())).collect())
}

/// Runs an operation without a result on values, which no tape needs to know of.
pub(super) fn perform(operands: &[Operand], op: impl FnOnce(&[graph::Operand])) -> Result<()> {
    let scratch = Scratch(spare_graph());
    let graph = scratch.0;
    collect(|| graph.as_default(|| op(&in_graph(graph, operands, |_| None))))?;
    compute(graph, &mut Vec::new())
}

fn stands_in(operand: &Operand, recording: u64) -> bool {
    matches!(operand, Operand::Tensor(tensor) if place(recording, tensor).is_some())
}

/// The operands as the op table takes them: literals stay literals, values become constants of the graph.
fn in_graph(
    graph: Graph,
    operands: &[Operand],
    known: impl Fn(&Tensor) -> Option<graph::Tensor>,
) -> Vec<graph::Operand> {
    let convert = |operand: &Operand| match operand {
        Operand::Literal(array, dtype) => graph::Operand::Literal(array.clone(), *dtype),
        Operand::Tensor(Tensor(Kind::Symbolic(node))) => graph::Operand::Tensor(*node),
        Operand::Tensor(tensor) => graph::Operand::Tensor(known(tensor).unwrap_or_else(|| {
            let value = tensor.numpy();
            graph::build(graph, || array::new_constant(graph, "Const", value.clone()))
        })),
    };
    operands.iter().map(convert).collect()
}

/// Computes the values of a graph's nodes from `values.len()` on.
fn compute(graph: Graph, values: &mut Vec<Vec<Array>>) -> Result<()> {
    let nodes: Vec<Arc<Node>> = graph.data().nodes[values.len()..].to_vec();
    for node in nodes {
        let outputs = match node.value() {
            Some(value) => vec![value.clone()],
            None => {
                let inputs: Vec<Array> =
                    node.inputs.iter().map(|i| values[i.node as usize][i.index as usize].clone()).collect();
                run_node(&node, &inputs).map_err(|error| in_eager_op(error, &node))?
            }
        };
        values.push(outputs);
    }
    Ok(())
}

fn run_node(node: &Arc<Node>, inputs: &[Array]) -> Result<Vec<Array>> {
    let signatures: Vec<Signature> = inputs.iter().map(|a| (a.dtype(), Shape::from(a.shape()))).collect();
    let value = |i: usize| inputs.get(i).cloned();
    let results = (node.def.infer)(&Infer::new(node, &signatures, &value, true))?;
    let mut outputs = Vec::with_capacity(results.len());
    for (dtype, shape) in &results {
        let unknown = || Error::InvalidArgument(format!("{}: unknown shape", node.def.name));
        outputs.push((*dtype, shape.sizes().ok_or_else(unknown)?));
    }
    if matches!(node.def.kernel, Kernel::Alias) {
        return Ok(vec![inputs[0].reshaped(&outputs[0].1)?]);
    }
    if let Some((dtype, _)) = outputs.first() {
        placement::log(node.def.name, *dtype);
    }
    if let Some(product) = placement::on_gpu(node, inputs) {
        return Ok(vec![product]);
    }
    let outputs: Vec<Array> = outputs.into_iter().map(|(dtype, sizes)| Array::zeros(dtype, &sizes)).collect();
    let views = |arrays: &[Array]| arrays.iter().map(View::of).collect::<Vec<_>>();
    let random = node.attrs.contains_key("seed2").then(|| random::generator(node));
    crate::engine::execute(&Call { node: node.clone(), inputs: views(inputs), outputs: views(&outputs), random })?;
    Ok(outputs)
}

/// An error in TensorFlow 2's words: with the op, without a node.
pub(crate) fn in_eager_op(error: Error, node: &Node) -> Error {
    let op = node.def.name;
    // Lists of tensors go into the name of what runs, and these two pass on a name of their own.
    let name = match op {
        "ConcatV2" => "concat",
        "Pack" => "stack",
        _ => "",
    };
    // The two zeros after the sizes of a product are those of a batch, which one that runs at once does not print.
    let brief = |m: String| m.strip_suffix(" 0 0").map_or(m.clone(), str::to_owned);
    let text = |m: String| format!("{} {} [Op:{op}] name: {name}", wrapped(node), brief(m));
    match error {
        Error::InvalidArgument(m) => Error::InvalidArgument(text(m)),
        Error::Unimplemented(m) => Error::Unimplemented(text(m)),
        other => other,
    }
}

/// The lead of TensorFlow's messages about an op that runs by itself.
fn wrapped(node: &Node) -> String {
    let kernel = match node.def.name {
        "MatMul" => "__MklMatMul".to_owned(),
        "Einsum" => format!("__MklEinsum_N_{}", node.int("N")),
        op @ ("ConcatV2" | "Pack" | "AddN") => format!("{op}_N_{}", node.int("N")),
        op => op.to_owned(),
    };
    format!("{{{{function_node __wrapped__{kernel}_device_/job:localhost/replica:0/task:0/device:CPU:0}}}}")
}

/// The result of an elementwise op of one type on values that no tape watches, where no size but that of a scalar
/// differs; else nothing, and the ordinary way finds out more.
pub(super) fn arithmetic(def: &'static OpDef, x: &Operand, y: &Operand) -> Option<Tensor> {
    let dtype = match (x, y) {
        (Operand::Tensor(t), _) | (_, Operand::Tensor(t)) => t.value()?.dtype(),
        _ => return None,
    };
    if recording_now() || placement::check().is_err() {
        return None;
    }
    let (x, y) = (x.value_for(dtype)?, y.value_for(dtype)?);
    if x.dtype() != y.dtype() {
        return None;
    }
    let Kernel::Map { select, guard: None, .. } = def.kernel else { return None };
    let run = select(&[dtype, dtype], dtype)?;
    let shape = if x.ndim() >= y.ndim() { x.shape() } else { y.shape() };
    let count = shape.iter().product();
    let (a, b) = (spread(&x, shape, count)?, spread(&y, shape, count)?);
    placement::log(def.name, dtype);
    let out = Array::zeros(dtype, shape);
    let (a, b) = (address(&a), address(&b));
    // SAFETY: both operands have `count` elements of `dtype`, as the output, which was made here.
    unsafe { (run.run)(&[a, b, a], address(&out).cast_mut(), count) };
    Some(Tensor::eager(out))
}

/// The array itself when it has the shape, a scalar repeated to it.
fn spread(array: &Array, shape: &[usize], count: usize) -> Option<Array> {
    if array.shape() == shape {
        return Some(array.clone());
    }
    if array.ndim() > 0 {
        return None;
    }
    Some(match array.data() {
        Data::Float32(v) => Array::new(vec![v[0]; count], shape),
        Data::Float64(v) => Array::new(vec![v[0]; count], shape),
        Data::Int32(v) => Array::new(vec![v[0]; count], shape),
        Data::Int64(v) => Array::new(vec![v[0]; count], shape),
        _ => return None,
    })
}

fn address(array: &Array) -> *const u8 {
    crate::array::with_data!(array, v => v.as_ptr().cast::<u8>())
}

/// TensorFlow's error for operands of different types, which an eager op names by position.
pub(super) fn check_types(op: &str, x: &Operand, y: &Operand) -> Result<()> {
    let dtype = |o: &Operand| match o {
        Operand::Tensor(t) => Some(t.dtype()),
        Operand::Literal(..) => None,
    };
    let (first, second) = match (dtype(x), dtype(y)) {
        (Some(a), Some(b)) => (a, b),
        (Some(a), None) => match y {
            Operand::Literal(_, default) if !graph::converts(*default, a) => (a, *default),
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    if first == second {
        return Ok(());
    }
    let kernel = if op == "MatMul" { "_MklMatMul" } else { op };
    let article = |dtype: DType| dtype.c_name().to_owned();
    Err(Error::InvalidArgument(format!(
        "cannot compute {kernel} as input #1(zero-based) was expected to be a {} tensor but is a {} tensor [Op:{op}] name: ",
        article(first),
        article(second)
    )))
}
