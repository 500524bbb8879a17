//! Branches and loops: at once they are Rust's own, in a function that is being traced they become part of it.

use super::function::Trace;
use super::operand::{IntoTensor, Operand};
use super::tensor::Kind;
use super::{Tensor, Variable, stack, unstack};
use crate::error::Error;
use crate::graph;
use crate::ops::flow;

/// Tensors in a structure: one, a tuple, a vector; what branches and loops hand on. Numbers become tensors.
pub trait Structure {
    /// The same structure of tensors.
    type Tensors;
    /// The tensors, in order.
    fn flatten(self) -> Vec<Tensor>;
    /// The structure of these tensors. A vector takes all that are left.
    fn pack(tensors: &mut std::vec::IntoIter<Tensor>) -> Self::Tensors;
}

macro_rules! single {
    ($([$($g:ident: $bound:path)?] $t:ty),*) => { $(impl<$($g: $bound)?> Structure for $t {
        type Tensors = Tensor;
        #[track_caller]
        fn flatten(self) -> Vec<Tensor> {
            vec![self.into_operand().tensor()]
        }
        fn pack(tensors: &mut std::vec::IntoIter<Tensor>) -> Tensor {
            tensors.next().expect("as many tensors come back as went in")
        }
    })* };
}
single!([] Tensor, [] &Tensor, [] Variable, [K: super::built::Evaluate] super::Built<K>, [] f64, [] i32, [] bool, [] crate::Array);

flow::structures!();

fn packed<S: Structure>(tensors: Vec<Tensor>) -> S::Tensors {
    S::pack(&mut tensors.into_iter())
}

/// The tensors as nodes of the function that is being traced.
fn symbols(tensors: Vec<Tensor>) -> Vec<graph::Tensor> {
    let Some(trace) = Trace::active() else {
        Error::Runtime("a symbol is used outside of the function that it belongs to".into()).raise()
    };
    tensors.into_iter().map(|tensor| trace.symbol(&Operand::Tensor(tensor.clone()), tensor.dtype())).collect()
}

fn traced(nodes: Vec<graph::Tensor>) -> Vec<Tensor> {
    nodes.into_iter().map(Tensor::symbolic).collect()
}

/// The truth value of a condition.
#[track_caller]
fn holds(condition: &Tensor) -> bool {
    condition.numpy().astype(crate::DType::Bool).item()
}

/// What `true_fn` gives when the condition holds, else what `false_fn` gives: `tf.cond`.
///
/// ```
/// use flowbook::v2 as tf;
/// let x = tf::constant(3.0);
/// let y = tf::cond(x.lt(5.0), || &x * 2.0, || &x - 1.0);
/// assert_eq!(y.numpy().to_string(), "6.0");
/// ```
///
/// # Panics
/// In a function that is being traced as TensorFlow 1's [`cond`](crate::v1::cond).
#[track_caller]
pub fn cond<A: Structure, B: Structure<Tensors = A::Tensors>>(
    pred: impl IntoTensor,
    true_fn: impl FnOnce() -> A,
    false_fn: impl FnOnce() -> B,
) -> A::Tensors {
    let pred = pred.into_operand().tensor();
    if let Kind::Symbolic(node) = pred.0 {
        let merged = flow::cond(node, || symbols(true_fn().flatten()), || symbols(false_fn().flatten()));
        return packed::<A>(traced(merged));
    }
    packed::<A>(if holds(&pred) { true_fn().flatten() } else { false_fn().flatten() })
}

/// Computes `body` of the loop's variables again and again while `cond` of them holds: `tf.while_loop`.
///
/// ```
/// use flowbook::v2 as tf;
/// let (turns, power) = tf::while_loop(|(i, _)| i.lt(10), |(i, p)| (i + 1, p * 2.0), (0, 1.0));
/// assert_eq!(format!("{} {}", turns.numpy(), power.numpy()), "10 1024.0");
/// ```
///
/// # Panics
/// In a function that is being traced as TensorFlow 1's [`while_loop`](crate::v1::while_loop).
#[track_caller]
pub fn while_loop<V, B, C>(cond: impl Fn(&V::Tensors) -> C, body: impl Fn(&V::Tensors) -> B, loop_vars: V) -> V::Tensors
where
    V: Structure,
    V::Tensors: Structure<Tensors = V::Tensors>,
    B: Structure<Tensors = V::Tensors>,
    C: IntoTensor,
{
    let start = loop_vars.flatten();
    if Trace::active().is_some() {
        let step = |nodes: Vec<graph::Tensor>| symbols(body(&packed::<V>(traced(nodes))).flatten());
        let goes_on =
            |nodes: Vec<graph::Tensor>| symbols(vec![cond(&packed::<V>(traced(nodes))).into_operand().tensor()])[0];
        return packed::<V>(traced(flow::while_loop(goes_on, step, symbols(start))));
    }
    let mut now = packed::<V>(start);
    while holds(&cond(&now).into_operand().tensor()) {
        now = packed::<V>(body(&now).flatten());
    }
    now
}

/// What `f` gives for each row of the first axis, one below the other: `tf.map_fn(fn, elems)`.
///
/// ```
/// use flowbook::v2 as tf;
/// let squares = tf::map_fn(|x| x * x, [1, 2, 3]);
/// assert_eq!(squares.numpy().to_string(), "[1 4 9]");
/// ```
///
/// # Panics
/// `ValueError` for a single number, or an unknown number of rows.
#[track_caller]
pub fn map_fn<R: IntoTensor>(f: impl FnMut(&Tensor) -> R, elems: impl IntoTensor) -> Tensor {
    let mut f = f;
    let rows: Vec<Tensor> = rows(elems).iter().map(|row| f(row).into_operand().tensor()).collect();
    stack(&rows).into()
}

fn rows(elems: impl IntoTensor) -> Vec<Tensor> {
    let elems = elems.into_operand().tensor();
    if elems.shape().rank() == Some(0) {
        Error::Value("elems must be a 1+ dimensional Tensor, not a scalar".into()).raise();
    }
    unstack(elems, 0)
}

/// The value that is handed from row to row, `f(value, row)`, from `initializer` on: `tf.foldl(fn, elems, initializer)`.
///
/// # Panics
/// As [`map_fn`].
#[track_caller]
pub fn foldl<R: IntoTensor>(
    f: impl Fn(&Tensor, &Tensor) -> R,
    elems: impl IntoTensor,
    initializer: impl IntoTensor,
) -> Tensor {
    let start = initializer.into_operand().tensor();
    rows(elems).iter().fold(start, |value, row| f(&value, row).into_operand().tensor())
}

/// All values that [`foldl`] hands on, one below the other: `tf.scan(fn, elems, initializer)`.
///
/// ```
/// use flowbook::v2 as tf;
/// let sums = tf::scan(|sum, x| sum + x, [1, 2, 3], 0);
/// assert_eq!(sums.numpy().to_string(), "[1 3 6]");
/// ```
///
/// # Panics
/// As [`map_fn`].
#[track_caller]
pub fn scan<R: IntoTensor>(
    f: impl Fn(&Tensor, &Tensor) -> R,
    elems: impl IntoTensor,
    initializer: impl IntoTensor,
) -> Tensor {
    let mut value = initializer.into_operand().tensor();
    let step = |row: &Tensor| {
        value = f(&value, row).into_operand().tensor();
        value.clone()
    };
    let values: Vec<Tensor> = rows(elems).iter().map(step).collect();
    stack(&values).into()
}
