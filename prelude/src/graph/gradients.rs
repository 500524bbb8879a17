//! Symbolic differentiation: walks back from the results and lets each op's declared gradient add nodes to the graph.

use std::collections::{BTreeMap, VecDeque};

use super::scope::{build, with_scope};
use super::{Built, Graph, IntoTensor, Node, Operation, Output, Tensor, Variable};
use crate::error::{Error, Result};
use crate::ops::array::{ZEROS_LIKE, gated, ones_for, zeros_of};
use crate::ops::control::named_group;
use crate::ops::flow::zeros_beside;
use crate::ops::shape;

/// What an op's gradient may look at: the operation, and the gradients of its outputs.
pub struct Gradient {
    op: Operation,
    dys: Vec<Option<Tensor>>,
}

impl Gradient {
    pub(crate) fn input(&self, i: usize) -> Tensor {
        self.op.inputs()[i]
    }

    pub(crate) fn inputs(&self) -> Vec<Tensor> {
        self.op.inputs()
    }

    pub(crate) fn output(&self) -> Tensor {
        self.op.output(0)
    }

    pub(crate) fn output_at(&self, i: u32) -> Tensor {
        self.op.output(i)
    }

    pub(crate) fn node(&self) -> std::sync::Arc<super::Node> {
        self.op.graph.node(self.op.node)
    }

    pub(crate) fn op(&self) -> Operation {
        self.op
    }

    /// The gradient of an output, when one has arrived there.
    pub(crate) fn dy_at(&self, i: usize) -> Option<Tensor> {
        self.dys[i]
    }

    /// The gradient of the first output.
    pub(crate) fn dy(&self) -> Tensor {
        self.dys[0].expect("a gradient is asked for only when one has arrived")
    }

    /// The gradients of all outputs; zeros for those that nothing came back to.
    pub(crate) fn dys_or_zeros(&self) -> Vec<Tensor> {
        let outputs = self.dys.iter().zip(self.op.outputs());
        outputs.map(|(dy, output)| dy.unwrap_or_else(|| zeros_of(output))).collect()
    }
}

/// The derivatives of the sum of `ys` by each of `xs`, as new nodes under `gradients/`: `tf.gradients`.
///
/// `None` stands for an `x` that no `y` depends on. Both take one tensor or variable, a tuple, an array or a slice.
///
/// ```
/// use flowbook::v1 as tf;
/// let x = tf::constant(3.0);
/// let slope = tf::gradients(x * x, x)[0]; // 2x
/// assert_eq!(tf::Session::new().run(slope)?.to_string(), "6.0");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `LookupError` when an op on the way has no gradient.
#[track_caller]
pub fn gradients(ys: impl Tensors, xs: impl Tensors) -> Vec<Option<Tensor>> {
    differentiate(&ys.tensors(), &xs.tensors(), &GradientOptions::default())
}

/// The optional arguments of [`gradients`].
#[derive(Clone, Default)]
pub struct GradientOptions {
    grad_ys: Vec<Tensor>,
    stop_gradients: Vec<Tensor>,
    gates: bool,
}

impl GradientOptions {
    /// The gradients of the `ys` themselves, `grad_ys=`: ones unless given.
    #[must_use]
    pub fn grad_ys(self, grad_ys: impl Tensors) -> GradientOptions {
        GradientOptions { grad_ys: grad_ys.tensors(), ..self }
    }

    /// Tensors that count as constants, `stop_gradients=`: nothing goes back past them.
    #[must_use]
    pub fn stop_gradients(self, stop_gradients: impl Tensors) -> GradientOptions {
        GradientOptions { stop_gradients: stop_gradients.tensors(), ..self }
    }
}

/// [`gradients`] with its optional arguments, `grad_ys=` and `stop_gradients=`.
///
/// ```
/// use flowbook::v1 as tf;
/// let a = tf::constant(2.0).tensor();
/// let b = 2.0 * a;
/// let partial = tf::gradients_with(a + b, (a, b), &tf::GradientOptions::default().stop_gradients((a, b)));
/// let slopes = tf::Session::new().run((partial[0].unwrap(), partial[1].unwrap()))?;
/// assert_eq!(format!("{} {}", slopes.0, slopes.1), "1.0 1.0"); // without the stop, a has 3
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// As [`gradients`], and `ValueError` when there is not one of `grad_ys` for each of `ys`, of its shape.
#[track_caller]
pub fn gradients_with(ys: impl Tensors, xs: impl Tensors, options: &GradientOptions) -> Vec<Option<Tensor>> {
    differentiate(&ys.tensors(), &xs.tensors(), options)
}

/// The same, where the gradients by the operands of one op become known together: `gate_gradients=True`.
#[track_caller]
pub(crate) fn gated_gradients(ys: &[Tensor], xs: &[Tensor]) -> Vec<Option<Tensor>> {
    differentiate(ys, xs, &GradientOptions { gates: true, ..GradientOptions::default() })
}

#[track_caller]
fn differentiate(ys: &[Tensor], xs: &[Tensor], options: &GradientOptions) -> Vec<Option<Tensor>> {
    let Some(first) = ys.first() else { return vec![None; xs.len()] };
    let graph = first.graph;
    graph.as_default(|| {
        build(graph, || {
            let scope = graph.unique_name("gradients");
            with_scope(graph, scope, || backpropagate(graph, ys, xs, options))
        })
    })
}

/// One tensor or several, of whatever handles.
pub trait Tensors {
    /// Them, in order.
    fn tensors(&self) -> Vec<Tensor>;
}

impl<T: Tensors> Tensors for [T] {
    fn tensors(&self) -> Vec<Tensor> {
        self.iter().flat_map(T::tensors).collect()
    }
}

impl<T: Tensors, const N: usize> Tensors for [T; N] {
    fn tensors(&self) -> Vec<Tensor> {
        self.as_slice().tensors()
    }
}

impl<T: Tensors> Tensors for Vec<T> {
    fn tensors(&self) -> Vec<Tensor> {
        self.as_slice().tensors()
    }
}

impl<T: Tensors + ?Sized> Tensors for &T {
    fn tensors(&self) -> Vec<Tensor> {
        (**self).tensors()
    }
}

impl Tensors for Tensor {
    fn tensors(&self) -> Vec<Tensor> {
        vec![*self]
    }
}

impl Tensors for Variable {
    fn tensors(&self) -> Vec<Tensor> {
        vec![self.value()]
    }
}

impl<K> Tensors for Built<K> {
    fn tensors(&self) -> Vec<Tensor> {
        vec![**self]
    }
}

macro_rules! tuples {
    ($($($T:ident)*;)*) => { $(
        impl<$($T: Tensors),*> Tensors for ($($T,)*) {
            #[expect(non_snake_case, reason = "each element is named after its type")]
            fn tensors(&self) -> Vec<Tensor> {
                let ($($T,)*) = self;
                [$($T.tensors()),*].concat()
            }
        }
    )* };
}
tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; }

type Sums = BTreeMap<Output, Vec<Tensor>>;

fn backpropagate(graph: Graph, ys: &[Tensor], xs: &[Tensor], options: &GradientOptions) -> Result<Vec<Option<Tensor>>> {
    let dys = match &options.grad_ys[..] {
        [] => ys.iter().enumerate().map(|(i, y)| initial(graph, *y, i)).collect::<Result<_>>()?,
        given if given.len() != ys.len() => {
            return Err(Error::Value(format!("Passed {} grad_ys for {} ys", given.len(), ys.len())));
        }
        given => given.to_vec(),
    };
    for (y, dy) in ys.iter().zip(&dys).filter(|_| !options.grad_ys.is_empty()) {
        if y.dtype() != dy.dtype() {
            return Err(Error::Type(format!(
                "Gradient type {} generated for real or integer-valued tensor {y} with type {} must be the same",
                dy.dtype().name(),
                y.dtype().name()
            )));
        }
    }
    let stops: Vec<u32> = options.stop_gradients.iter().map(|stop| stop.node).collect();
    backpropagate_until(graph, ys, &dys, xs, 0, options.gates, &stops)
}

/// The derivatives of `ys`, whose own gradients are `dys`, by `xs`, through the nodes from `first` on only.
/// With `gates`, those by the operands of one op become known together.
pub(crate) fn backpropagate_from(
    graph: Graph,
    ys: &[Tensor],
    dys: &[Tensor],
    xs: &[Tensor],
    first: u32,
    gates: bool,
) -> Result<Vec<Option<Tensor>>> {
    backpropagate_until(graph, ys, dys, xs, first, gates, &[])
}

/// As [`backpropagate_from`], where nothing goes back past the nodes `stops`.
fn backpropagate_until(
    graph: Graph,
    ys: &[Tensor],
    dys: &[Tensor],
    xs: &[Tensor],
    first: u32,
    gates: bool,
    stops: &[u32],
) -> Result<Vec<Option<Tensor>>> {
    let between = between(graph, ys, xs);
    let mut sums = Sums::new();
    for (y, dy) in ys.iter().zip(dys) {
        sums.entry(y.output()).or_default().push(*dy);
    }
    let mut walk = Walk::new(graph, ys, &between, first);
    while let Some(id) = walk.next() {
        let op = Operation { graph, node: id };
        let node = graph.node(id);
        walk.leave(&node);
        if stops.contains(&id) || !node.inputs.iter().any(|input| between.binary_search(&input.node).is_ok()) {
            continue;
        }
        let mut dys: Vec<Option<Tensor>> = (0..node.outputs.len() as u32)
            .map(|index| total(&mut sums, Output { node: id, index }))
            .collect::<Result<_>>()?;
        if dys.iter().all(Option::is_none) {
            continue;
        }
        let Some(rule) = node.def.gradient else {
            return Err(Error::Lookup(format!(
                "No gradient defined for operation'{}' (op type: {}). In general every operation must have an associated \
                 `@tf.RegisterGradient` for correct autodiff, which this op is lacking. If you want to pretend this \
                 operation is a constant in your program, you may insert `tf.stop_gradient`.",
                node.name, node.def.name
            )));
        };
        if node.def.name == "Switch" {
            fill_branches(op, &mut dys);
        } else if !node.def.stateful && !graph.data().eager {
            fill_up(op, &mut dys);
        }
        let scope = graph.unique_name(&format!("{}_grad", node.name));
        let parts = with_scope(graph, scope, || {
            let parts = rule(&Gradient { op, dys });
            if gates { tuple(graph, parts) } else { parts }
        });
        for (input, part) in node.inputs.iter().zip(parts) {
            if let (Some(part), true) = (part, between.binary_search(&input.node).is_ok()) {
                sums.entry(*input).or_default().push(part);
            }
        }
    }
    xs.iter().map(|x| total(&mut sums, x.output())).collect()
}

/// The order in which TensorFlow comes past the nodes: each once all that use it are done, those that become ready first
/// also first.
struct Walk {
    ready: VecDeque<u32>,
    /// How many uses of each node are still to come.
    uses: BTreeMap<u32, usize>,
}

impl Walk {
    fn new(graph: Graph, ys: &[Tensor], between: &[u32], first: u32) -> Walk {
        let mut uses: BTreeMap<u32, usize> = between.iter().filter(|id| **id >= first).map(|id| (*id, 0)).collect();
        let ids: Vec<u32> = uses.keys().copied().collect();
        for input in ids.iter().flat_map(|id| graph.node(*id).inputs.clone()) {
            uses.entry(input.node).and_modify(|count| *count += 1);
        }
        let mut ready = VecDeque::new();
        for y in ys {
            if uses.get(&y.node) == Some(&0) && !ready.contains(&y.node) {
                ready.push_back(y.node);
            }
        }
        Walk { ready, uses }
    }

    fn next(&mut self) -> Option<u32> {
        self.ready.pop_front()
    }

    /// Says that a node's gradient has been seen to.
    fn leave(&mut self, node: &Node) {
        for input in &node.inputs {
            let Some(count) = self.uses.get_mut(&input.node) else { continue };
            *count -= 1;
            if *count == 0 {
                self.ready.push_back(input.node);
            }
        }
    }
}

/// Zeros for the outputs that no gradient has come back to.
fn fill_up(op: Operation, dys: &mut [Option<Tensor>]) {
    for (dy, output) in dys.iter_mut().zip(op.outputs()) {
        if dy.is_none() && output.dtype().is_floating() {
            *dy = Some(crate::ops::unary(&ZEROS_LIKE, "zeros_like", "x", output.into_operand()));
        }
    }
}

/// Zeros for the branch that no gradient has come back from, which have a value only when it is the one taken.
fn fill_branches(op: Operation, dys: &mut [Option<Tensor>]) {
    let (x, predicate) = (op.inputs()[0], op.inputs()[1]);
    for (side, dy) in dys.iter_mut().enumerate() {
        dy.get_or_insert_with(|| zeros_beside(x, predicate, side));
    }
}

/// The gradients by the operands of one op, each of which waits for all.
fn tuple(graph: Graph, parts: Vec<Option<Tensor>>) -> Vec<Option<Tensor>> {
    let operations: Vec<Operation> = parts.iter().flatten().map(|part| part.op()).collect();
    if operations.len() < 2 {
        return parts;
    }
    let scope = graph.unique_name("tuple");
    with_scope(graph, scope, || {
        let gate = named_group(&operations, "group_deps");
        parts.into_iter().map(|part| Some(gated(part?, gate))).collect()
    })
}

/// The nodes on a path from an `x` to a `y`, in the order they were added. Inputs always come before what uses them.
fn between(graph: Graph, ys: &[Tensor], xs: &[Tensor]) -> Vec<u32> {
    let data = graph.data();
    let mut depends = vec![false; data.nodes.len()];
    for x in xs {
        depends[x.node as usize] = true;
    }
    for (i, node) in data.nodes.iter().enumerate() {
        let through =
            node.inputs.iter().any(|input| depends[input.node as usize] && data.signature(*input).0.is_floating());
        depends[i] |= through;
    }
    let mut needed = vec![false; data.nodes.len()];
    for y in ys {
        needed[y.node as usize] = true;
    }
    for i in (0..data.nodes.len()).rev() {
        // Only through what depends on an `x`: what hangs on sizes, say, carries no gradient.
        if needed[i] && depends[i] {
            data.nodes[i].inputs.iter().for_each(|input| needed[input.node as usize] = true);
        }
    }
    (0..data.nodes.len() as u32).filter(|i| depends[*i as usize] && needed[*i as usize]).collect()
}

/// Ones in the shape of `y`, named as TensorFlow names them.
fn initial(graph: Graph, y: Tensor, i: usize) -> Result<Tensor> {
    if !y.dtype().is_floating() {
        return Err(Error::Type(format!(
            "Gradients of tensors must be floating point, not {} of {}",
            y.dtype().name(),
            y.name()
        )));
    }
    ones_for(graph, &format!("grad_ys_{i}"), shape::shape(y), y.dtype())
}

/// The sum of the gradients that arrived at an output.
fn total(sums: &mut Sums, output: Output) -> Result<Option<Tensor>> {
    let Some(parts) = sums.get(&output) else { return Ok(None) };
    let total = match parts.as_slice() {
        [one] => *one,
        many => crate::ops::array::add_n(many),
    };
    sums.insert(output, vec![total]);
    Ok(Some(total))
}
