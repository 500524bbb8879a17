//! Graphs: nodes under their TensorFlow names, the stack of default graphs, scopes, collections, seeds.
//! Nodes are only described here; what they compute is in `ops`, how they run in `engine`.

pub mod attr;
mod branch;
pub mod collections;
mod dependencies;
mod device;
mod drawing;
mod get_variable;
mod gradients;
mod handle;
pub mod initializer;
mod lookup;
mod names;
mod node;
mod operand;
mod options;
mod scope;
mod variable;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

pub(crate) use attr::OwnGradient;
pub use attr::{Attr, Attrs};
pub(crate) use branch::Context;
use branch::Place;
pub use dependencies::{ControlInputs, HasOperation, control_dependencies};
pub use device::device;
pub(crate) use device::{DeviceSpec, current_device};
pub use get_variable::{CurrentScope, GetVariable, get_variable, get_variable_scope, variable_scope};
pub(crate) use gradients::backpropagate_from;
pub(crate) use gradients::gated_gradients;
pub use gradients::{Gradient, GradientOptions, Tensors, gradients, gradients_with};
pub use handle::{GraphDef, Operation, Tensor};
pub use initializer::VariableInitializer;
pub use operand::{IntoDType, IntoTensor, IntoTensors, Operand};
pub(crate) use operand::{converts, graph_of, into_tensors};
pub use options::Optional;
pub(crate) use options::{Options, operand_setter, setters};
pub use scope::Built;
pub use scope::name_scope;
pub(crate) use scope::{Rebuild, Scope, build};
pub use variable::Variable;
pub(crate) use variable::{auxiliary, slot};

use crate::error::{Error, Result};
use crate::ops::matmul::PENDING;
use crate::ops::{Infer, OpDef, Signature, Sizes};
use crate::{Array, Shape};
use names::Names;
pub(crate) use node::{Listed, Node, Output};

/// What a [`Graph`] handle refers to.
#[derive(Default)]
pub(crate) struct GraphData {
    pub nodes: Vec<Arc<Node>>,
    by_name: HashMap<String, u32>,
    names: Names,
    /// The current name scope, without the trailing slash.
    scope: String,
    variable_scopes: get_variable::VariableScopes,
    control: Vec<dependencies::Controller>,
    /// The branches being built, outermost first.
    branches: Vec<Context>,
    seed: Option<i64>,
    seeded_ops: i64,
    /// The seeds of every random op to come, where somebody else has chosen them.
    op_seeds: Option<(i64, i64)>,
    variables: Vec<Variable>,
    trainable: Vec<Variable>,
    locals: Vec<Variable>,
    slots: Vec<collections::Slot>,
    by_get_variable: HashMap<String, Variable>,
    collections: HashMap<String, Vec<Tensor>>,
    /// The shapes and axes for which gradients of sums have spelled out how often to repeat what.
    pub repeated: HashSet<(Vec<usize>, Vec<i64>)>,
    finalized: bool,
    /// Whether operations run as they are added, so that their errors are those of a run.
    pub eager: bool,
    /// How many building calls are nested in each other, and the state when the outermost began.
    depth: usize,
    start: Mark,
    /// The literal of the last constant with NumPy's exact elements, for a `.dtype(...)` that follows.
    pub literal: Option<(u32, Array)>,
    pub serial: u64,
}

/// How much of a graph existed at one moment.
#[derive(Default, Clone, Copy)]
struct Mark {
    nodes: usize,
    seeded_ops: i64,
    variables: usize,
    trainable: usize,
    /// How many variable scopes had been entered.
    entered: usize,
}

/// A graph: a `Copy` handle, as all handles are, so that it survives from one notebook cell to the next.
#[derive(Clone, Copy)]
pub struct Graph(&'static Mutex<GraphData>);

impl PartialEq for Graph {
    fn eq(&self, other: &Graph) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Graph {}

impl std::hash::Hash for Graph {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.0).hash(state);
    }
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "<tensorflow.python.framework.ops.Graph object at {:p}>", self.0)
    }
}

impl Default for Graph {
    fn default() -> Graph {
        Graph::new()
    }
}

static BASE: LazyLock<Mutex<Graph>> = LazyLock::new(|| Mutex::new(Graph::new()));

thread_local! {
    static STACK: RefCell<Vec<Graph>> = const { RefCell::new(Vec::new()) };
}

/// The graph that new operations are added to: `tf.get_default_graph()`.
pub fn get_default_graph() -> Graph {
    let inner = STACK.with_borrow(|s| s.last().copied());
    inner.unwrap_or_else(|| *BASE.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// Puts an empty graph in the default graph's place: `tf.reset_default_graph()`.
///
/// # Panics
/// Inside [`Graph::as_default`], as TensorFlow does.
#[track_caller]
pub fn reset_default_graph() {
    if STACK.with_borrow(|s| !s.is_empty()) {
        panic!(
            "AssertionError: Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared graph, \
             exit the nesting and create a new graph."
        );
    }
    *BASE.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Graph::new();
}

/// Sets the graph's seed: `tf.set_random_seed(777)`. The k-th random op made in the graph then gets the seeds (777, k).
pub fn set_random_seed(seed: i64) {
    get_default_graph().data().seed = Some(seed);
}

/// Pops the stack of default graphs even when the closure panics.
struct Pop;

impl Drop for Pop {
    fn drop(&mut self) {
        STACK.with_borrow_mut(|s| s.pop());
    }
}

impl Graph {
    /// Makes an empty graph: `tf.Graph()`.
    pub fn new() -> Graph {
        Graph(Box::leak(Box::default()))
    }

    /// Runs `body` with this graph as the default one: `with g.as_default():`.
    pub fn as_default<R>(self, body: impl FnOnce() -> R) -> R {
        STACK.with_borrow_mut(|s| s.push(self));
        let _pop = Pop;
        body()
    }

    /// The operations in the order they were added: `g.get_operations()`.
    ///
    /// As in TensorFlow the nodes that lead an operation's inputs into a branch follow the operation.
    pub fn get_operations(self) -> Vec<Operation> {
        let data = self.data();
        let (mut listed, mut leading) = (Vec::with_capacity(data.nodes.len()), Vec::new());
        for (node, definition) in (0..).zip(&data.nodes) {
            match definition.listed {
                Listed::Nowhere => {}
                Listed::AfterUser => leading.push(node),
                Listed::InOrder => {
                    listed.push(node);
                    listed.append(&mut leading);
                }
            }
        }
        listed.into_iter().chain(leading).map(|node| Operation { graph: self, node }).collect()
    }

    /// Lets no further operation in: `g.finalize()`.
    pub fn finalize(self) {
        self.data().finalized = true;
    }

    /// The graph's seed, as [`set_random_seed`] has it: `g.seed`.
    pub fn seed(self) -> Option<i64> {
        self.data().seed
    }

    pub(crate) fn data(self) -> MutexGuard<'static, GraphData> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn node(self, node: u32) -> Arc<Node> {
        self.data().nodes[node as usize].clone()
    }

    /// Changes a node that has just been added.
    pub(crate) fn change(self, op: Operation, change: impl FnOnce(&mut Node)) {
        change(Arc::make_mut(&mut self.data().nodes[op.node as usize]));
    }

    /// Says more about a tensor's static shape than its op's rule can tell.
    pub(crate) fn set_shape(self, tensor: Tensor, shape: Shape) {
        let mut data = self.data();
        Arc::make_mut(&mut data.nodes[tensor.node as usize]).outputs[tensor.index as usize].1 = shape;
    }

    /// Adds a node under exactly `name`, after inferring its outputs.
    pub(crate) fn add(self, def: &'static OpDef, name: &str, inputs: &[Tensor], attrs: Attrs) -> Result<Operation> {
        if let Some(stranger) = inputs.iter().find(|t| t.graph != self) {
            let first = inputs.iter().find(|t| t.graph == self).copied();
            return Err(Error::Value(match first {
                Some(first) => format!(
                    "{stranger} must be from the same graph as {first} (graphs are {:?} and {self:?}).",
                    stranger.graph
                ),
                None => format!("{stranger} is not from the graph {self:?} that the operation is added to."),
            }));
        }
        if self.data().finalized {
            return Err(Error::Runtime("Graph is finalized and cannot be modified.".into()));
        }
        let Place { inputs, pivot, waits, fetchable } = self.place_in(name, inputs)?;
        let mut data = self.data();
        for tensor in &inputs {
            let producer = &data.nodes[tensor.node as usize];
            if producer.bool(PENDING) {
                let mut strict = Node::clone(producer);
                strict.attrs.remove(PENDING);
                data.infer(&strict)?;
            }
        }
        let inputs: Vec<Output> = inputs.iter().map(|t| t.output()).collect();
        let mut control: Vec<u32> = data.waits_for(&inputs).chain(pivot).collect();
        control.sort_unstable();
        control.dedup();
        let (name, device) = (name.into(), device::current());
        let (outputs, user_name) = (Vec::new(), None);
        let mut node = Node {
            name,
            def,
            inputs,
            control,
            attrs,
            outputs,
            user_name,
            device,
            listed: Listed::InOrder,
            fetchable,
            waits,
        };
        node.outputs = data.infer(&node)?;
        let id = data.nodes.len() as u32;
        data.by_name.insert(node.name.clone(), id);
        data.nodes.push(Arc::new(node));
        data.control.iter_mut().for_each(|controller| controller.see(id));
        Ok(Operation { graph: self, node: id })
    }

    /// The seeds of the next random op, as TensorFlow derives them from the graph's seed and the op's own.
    pub(crate) fn next_seeds(self, op_seed: Option<i64>) -> (i64, i64) {
        let mut data = self.data();
        if let Some(seeds) = data.op_seeds {
            return seeds;
        }
        match (data.seed, op_seed) {
            (Some(seed), Some(op)) => (seed, op),
            (None, Some(op)) => (87_654_321, op),
            (None, None) => (0, 0),
            (Some(seed), None) => {
                data.seeded_ops += 1;
                (seed, data.seeded_ops - 1)
            }
        }
    }
}

impl GraphData {
    /// Chooses the seeds of the random ops to come, or lets the graph choose them again.
    pub(crate) fn set_op_seeds(&mut self, seeds: Option<(i64, i64)>) {
        self.op_seeds = seeds;
    }

    /// The value of an output when it follows from the graph alone.
    pub(crate) fn constant_value(&self, output: Output) -> Option<Array> {
        let node = &self.nodes[output.node as usize];
        if let Some(value) = node.value() {
            return Some(value.clone());
        }
        if let Some(of_shape) = node.def.of_shape {
            let (_, shape) = &self.signature(*node.inputs.get(output.index as usize)?);
            return of_shape(&shape.sizes()?, node);
        }
        if !node.def.is_foldable() || node.inputs.is_empty() || node.outputs.iter().any(|(_, s)| !is_small(s)) {
            return None;
        }
        let inputs: Option<Vec<Array>> = node.inputs.iter().map(|i| self.constant_value(*i)).collect();
        crate::engine::evaluate(node, &inputs?).ok()?.into_iter().nth(output.index as usize)
    }

    /// The elements of a vector of sizes that follow from the graph alone: of shapes, and of lists and parts of them.
    fn known_sizes(&self, output: Output) -> Option<Sizes> {
        if let Some(value) = self.constant_value(output) {
            return value.dtype().is_integer().then(|| crate::ops::ints(value).into_iter().map(Some).collect());
        }
        let node = &self.nodes[output.node as usize];
        let of = |i: usize| self.known_sizes(node.inputs[i]);
        let number = |i: usize| Some(crate::ops::ints(self.constant_value(node.inputs[i])?));
        match node.def.name {
            "Shape" => Some(self.signature(node.inputs[0]).1.dims()?.iter().map(|d| d.map(|d| d as i64)).collect()),
            "Identity" | "Cast" => of(0),
            "Pack" => node.inputs.iter().map(|i| Some(self.known_sizes(*i).and_then(|v| *v.first()?))).collect(),
            "ConcatV2" => {
                let parts: Option<Vec<Sizes>> = (0..node.inputs.len() - 1).map(of).collect();
                Some(parts?.concat())
            }
            "Slice" => {
                let (begin, count) = (usize::try_from(number(1)?[0]).ok()?, number(2)?[0]);
                let rest = of(0)?.get(begin..)?.to_vec();
                Some(if count < 0 { rest } else { rest.get(..count as usize)?.to_vec() })
            }
            "StridedSlice" => crate::ops::slicing::part_of(node, of(0)?, [number(1)?, number(2)?, number(3)?]),
            _ => None,
        }
    }

    pub(crate) fn signature(&self, output: Output) -> Signature {
        self.nodes[output.node as usize].outputs[output.index as usize].clone()
    }

    fn infer(&self, node: &Node) -> Result<Vec<Signature>> {
        let inputs: Vec<Signature> = node.inputs.iter().map(|i| self.signature(*i)).collect();
        let value = |i: usize| self.constant_value(*node.inputs.get(i)?);
        let sizes = |i: usize| self.known_sizes(*node.inputs.get(i)?);
        let infer = Infer::new(node, &inputs, &value, self.eager).with_sizes(&sizes);
        let results = (node.def.infer)(&infer).and_then(|results| {
            let overflows = |(_, s): &Signature| s.num_elements().is_none() && s.sizes().is_some();
            let Some((_, shape)) = results.iter().find(|r| overflows(r)) else { return Ok(results) };
            let text = format!("Shape {} results in overflow when computing number of elements", shape.to_proto());
            infer.fail(text.clone(), text)
        });
        results.map_err(|error| match error {
            error if self.eager => crate::v2::in_eager_op(error, node),
            Error::Value(message) => Error::Value(self.describe(node, &inputs, &infer, &message)),
            other => other,
        })
    }

    /// Ends a build-time message as TensorFlow's shape functions do.
    fn describe(&self, node: &Node, inputs: &[Signature], infer: &Infer, message: &str) -> String {
        let attrs: Vec<String> = (node.attrs.iter().filter(|(k, _)| !k.starts_with('_')))
            .map(|(k, v)| format!("{k}={}", v.short()))
            .collect();
        let names: Vec<String> = node.inputs.iter().map(|i| self.input_name(*i)).collect();
        let shapes: Vec<String> = inputs.iter().map(|(_, s)| s.to_proto()).collect();
        format!(
            "{message} for '{{{{node {}}}}} = {}[{}]({})' with input shapes: {}{}.",
            node.name,
            node.def.name,
            attrs.join(", "),
            names.join(", "),
            shapes.join(", "),
            infer.known_values(),
        )
    }
}

impl Graph {
    /// Empties the graph for another use; handles onto it are dangling from then on.
    pub(crate) fn clear(self, eager: bool) {
        *self.data() = GraphData { eager, ..GraphData::default() };
    }
}

fn is_small(shape: &Shape) -> bool {
    shape.num_elements().is_some_and(|n| n <= 1024)
}
