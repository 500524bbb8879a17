//! Ops that decide in a run what runs: `cond` and `case`. A branch not taken leaves its tensors without a value, which
//! spreads through `Switch` to everything behind it, up to the `Merge`. Loops are in `loops`.

mod loops;

use flowbook_cuda::kernels;

use super::assertion::at_most_one;
use super::view::with_any;
use super::{Call, Infer, Kernel, OpDef, Sample, Signature, cast_array, typed};
use crate::error::{Error, Result};
use crate::graph::{
    Attr, Built, Context, IntoTensor, Operand, Operation, Output, Scope, Tensor, Variable, build, control_dependencies,
    graph_of,
};
use crate::ops::array::{IDENTITY, convert_to_tensor, fill_with, identity};
use crate::ops::shape::SHAPE;
use crate::{DType, Shape};

pub(crate) use loops::ENTER;
pub use loops::{WhileOptions, while_loop, while_loop_with};

pub(crate) static OPS: &[&OpDef] =
    &[&SWITCH, &MERGE, &ENTER, &loops::LOOP_CONDITION, &loops::NEXT_ITERATION, &loops::EXIT];

/// In a run the sizes are left open, so that the engine goes node by node and sees which branch is taken.
pub(super) fn open(infer: &Infer, signature: &Signature) -> Signature {
    if infer.running { (signature.0, Shape::unknown()) } else { signature.clone() }
}

/// Its first input as the first output when the second input is false, as the second when it is true.
pub(crate) static SWITCH: OpDef = OpDef::new(
    "Switch",
    |infer| {
        if infer.dtype(1) != DType::Bool {
            return Err(Error::Type(format!(
                "Input 'pred' of 'Switch' Op has type {} that does not match expected type of bool.",
                infer.dtype(1).name()
            )));
        }
        if let Some(rank) = infer.shape(1).rank().filter(|r| *r != 0) {
            let running = format!("The second input must be a scalar, but it has shape {}", infer.shape(1).to_proto());
            return infer.fail(format!("Shape must be rank 0 but is rank {rank}"), running);
        }
        let signature = open(infer, &infer.inputs[0]);
        Ok(vec![signature.clone(), signature])
    },
    Kernel::None,
)
.stateful()
.gradient(|g| {
    let sides = [0, 1].map(|i| g.dy_at(i).expect("zeros stand for what has not arrived"));
    vec![Some(merge(sides, g.input(1), "cond_grad")), None]
});

/// Whichever of its first two inputs has a value. The third, which TensorFlow's has not, says which one that is: so it can
/// be chosen also where both were computed.
pub(crate) static MERGE: OpDef = OpDef::new(
    "Merge",
    |infer| {
        let (a, b) = (infer.shape(0), infer.shape(1));
        let shape = match (a.dims(), b.dims()) {
            (Some(a), Some(b)) if a.len() == b.len() => {
                Shape::from(a.iter().zip(b).map(|(m, n)| if m == n { *m } else { None }).collect::<Vec<_>>())
            }
            _ => Shape::unknown(),
        };
        Ok(vec![open(infer, &(infer.dtype(0), shape)), (DType::Int32, Shape::scalar())])
    },
    Kernel::Call(choose),
)
.stateful()
.cuda(|call| {
    let (value, index, second) = (call.output(), &call.outputs[1], call.input(2));
    let dtype = value.device_type()?;
    let side = |i: usize| kernels::Operand { dtype, address: call.input(i).address, scalar: false };
    let second = kernels::Operand { dtype: second.device_type()?, address: second.address, scalar: true };
    let mut works = kernels::map("x2 ? x1 : x0", &[side(0), side(1), second], dtype, value.address, value.len());
    works.extend(kernels::map("x0 ? 1 : 0", &[second], index.device_type()?, index.address, 1));
    Some(works)
})
.gradient(|g| {
    let decided = g.node().inputs[2];
    let predicate = Operation { graph: g.dy().graph(), node: decided.node }.output(decided.index);
    switch(g.dy(), predicate, "cond_grad").map(Some).to_vec()
})
.samples(&[
    Sample { inputs: &[(&[2], 0.5, 1.0), (&[2], -2.0, 2.0)], build: |x| branches(x[0], x[1]) },
    Sample { inputs: &[(&[2], -1.0, -0.5), (&[2], -2.0, 2.0)], build: |x| branches(x[0], x[1]) },
]);

/// Copies the side that was decided for, where both have been computed.
fn choose(call: &Call) -> Result<()> {
    let side = usize::from(call.input(2).slice::<bool>()[0]);
    call.outputs[1].slice_mut::<i32>()[0] = side as i32;
    with_any!(call.output().dtype, T => {
        call.output().slice_mut::<T>().clone_from_slice(call.input(side).slice::<T>());
        Ok(())
    })
}

/// A function with two forms, for the test of the gradients.
fn branches(x: Tensor, y: Tensor) -> Tensor {
    cond(super::reduce::reduce_sum(x).gt(0.0), || x * y * 2.0 + y, || y * y - x)
}

fn switch(x: Tensor, predicate: Tensor, name: &str) -> [Tensor; 2] {
    let graph = x.graph();
    let op = build(graph, || Scope::open(graph, name).op(&SWITCH, &[x, predicate], typed("T", x.dtype())));
    [op.output(0), op.output(1)]
}

/// Zeros in the shape of `x` that have a value only when one side is taken.
pub(crate) fn zeros_beside(x: Tensor, predicate: Tensor, side: usize) -> Tensor {
    let graph = x.graph();
    let there = switch(x, predicate, "Switch")[side];
    let pivot = identity(there);
    let sizes = build(graph, || {
        let attrs = typed("T", x.dtype());
        Ok(Scope::open(graph, "Shape").op(&SHAPE, &[there], attrs)?.output(0))
    });
    let zero = cast_array(&crate::Array::scalar(0u8), x.dtype());
    control_dependencies([pivot.op()], || build(graph, || fill_with(&Scope::open(graph, "zeros"), sizes, zero)))
}

fn merge(sides: [Tensor; 2], predicate: Tensor, name: &str) -> Tensor {
    let graph = predicate.graph();
    build(graph, || {
        let mut attrs = typed("T", sides[0].dtype());
        attrs.insert("N", Attr::Int(2));
        let op = Scope::open(graph, name).op(&MERGE, &[sides[0], sides[1], predicate], attrs)?;
        graph.change(op, |node| _ = node.attrs.insert("_shown", listed(&node.inputs[..2])));
        Ok(op.output(0))
    })
}

/// Outputs as an attribute: pairs of a node and an index.
pub(super) fn listed(outputs: &[Output]) -> Attr {
    Attr::Ints(outputs.iter().flat_map(|o| [i64::from(o.node), i64::from(o.index)]).collect())
}

/// Tensors in a structure: one, a tuple, a vector; what branches and loops hand on. Numbers become constants.
pub trait Structure {
    /// The same structure of tensors.
    type Tensors;
    /// The tensors, in order.
    fn flatten(self) -> Vec<Tensor>;
    /// The structure of these tensors. A vector takes all that are left.
    fn pack(tensors: &mut std::vec::IntoIter<Tensor>) -> Self::Tensors;
}

macro_rules! single {
    ($([$($g:ident)?] $t:ty),*) => { $(impl<$($g)?> Structure for $t {
        type Tensors = Tensor;
        #[track_caller]
        fn flatten(self) -> Vec<Tensor> {
            vec![convert_to_tensor(self)]
        }
        fn pack(tensors: &mut std::vec::IntoIter<Tensor>) -> Tensor {
            tensors.next().expect("as many tensors come back as went in")
        }
    })* };
}
single!([] Tensor, [] Variable, [K] Built<K>, [] f64, [] i32, [] bool, [] crate::Array);

/// An operation hands on nothing but that it has run; what comes back is the operation that stands for both branches.
impl Structure for Operation {
    type Tensors = Operation;
    fn flatten(self) -> Vec<Tensor> {
        let graph = self.graph();
        let done = graph.pivot().unwrap_or_else(|| convert_to_tensor(true));
        vec![control_dependencies([self], || {
            build(graph, || {
                let scope = Scope::open(graph, "control_dependency");
                Ok(scope.op(&IDENTITY, &[done], typed("T", DType::Bool))?.output(0))
            })
        })]
    }
    fn pack(tensors: &mut std::vec::IntoIter<Tensor>) -> Operation {
        tensors.next().expect("as many tensors come back as went in").op()
    }
}

/// Vectors and tuples of structures are structures; for the tensors of both generations.
macro_rules! structures {
    () => {
        impl<T: Structure> Structure for Vec<T> {
            type Tensors = Vec<T::Tensors>;
            fn flatten(self) -> Vec<Tensor> {
                self.into_iter().flat_map(T::flatten).collect()
            }
            fn pack(tensors: &mut std::vec::IntoIter<Tensor>) -> Vec<T::Tensors> {
                std::iter::from_fn(|| (tensors.len() > 0).then(|| T::pack(tensors))).collect()
            }
        }
        $crate::ops::flow::structures! { A; A B; A B C; A B C D; A B C D E; A B C D E F; }
    };
    ($($($t:ident)*;)*) => { $(
        impl<$($t: Structure),*> Structure for ($($t,)*) {
            type Tensors = ($($t::Tensors,)*);
            #[expect(non_snake_case, reason = "each element is named after its type")]
            fn flatten(self) -> Vec<Tensor> {
                let ($($t,)*) = self;
                [$($t.flatten()),*].concat()
            }
            fn pack(tensors: &mut std::vec::IntoIter<Tensor>) -> Self::Tensors {
                ($($t::pack(tensors),)*)
            }
        }
    )* };
}
pub(crate) use structures;
structures!();

/// What `true_fn` gives when the condition holds, else what `false_fn` gives: `tf.cond`. Only the branch taken runs.
///
/// ```
/// use flowbook::v1 as tf;
/// let x = tf::constant(3.0);
/// let y = tf::cond(x.lt(5.0), || x * 2.0, || x - 1.0);
/// assert_eq!(tf::Session::new().run(y)?.to_string(), "6.0");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `TypeError` when the condition is no `bool`, `ValueError` when the branches give different element types.
#[track_caller]
pub fn cond<A: Structure, B: Structure<Tensors = A::Tensors>>(
    pred: impl IntoTensor,
    true_fn: impl FnOnce() -> A,
    false_fn: impl FnOnce() -> B,
) -> A::Tensors {
    cond_in("cond", pred.into_operand(), true_fn, false_fn)
}

/// A [`cond`] under another name.
#[track_caller]
pub(super) fn cond_in<A: Structure, B: Structure<Tensors = A::Tensors>>(
    name: &str,
    pred: Operand,
    true_fn: impl FnOnce() -> A,
    false_fn: impl FnOnce() -> B,
) -> A::Tensors {
    let graph = graph_of(&[&pred]);
    graph.as_default(|| {
        let (scope, pred, on, off) = build(graph, || {
            let scope = Scope::open(graph, name);
            let pred = pred.tensor(&scope, "pred", None)?;
            let child = |name: &str, x: Tensor| scope.child(&IDENTITY, name, &[x], typed("T", DType::Bool));
            let [off, on] = scope.enter(|| switch(pred, pred, "Switch"));
            let decided = on.op();
            let (on, off, pred) = (child("switch_t", on)?, child("switch_f", off)?, child("pred_id", pred)?);
            [decided, on, off, pred].into_iter().for_each(|op| graph.change(op, |node| node.fetchable = false));
            Ok((scope, pred.output(0), on.output(0), off.output(0)))
        });
        let merged = scope.enter(|| {
            let taken = graph.within(Context::new(pred, on, 1), || true_fn().flatten());
            let other = graph.within(Context::new(pred, off, 0), || false_fn().flatten());
            build(graph, || join(pred, taken?, other?))
        });
        A::pack(&mut merged.into_iter())
    })
}

fn join(pred: Tensor, taken: Vec<Tensor>, other: Vec<Tensor>) -> Result<Vec<Tensor>> {
    if taken.len() != other.len() {
        return Err(Error::Value(format!(
            "The two structures don't have the same number of elements: {} from 'true_fn', {} from 'false_fn'.",
            taken.len(),
            other.len()
        )));
    }
    let pairs = taken.into_iter().zip(other);
    pairs
        .map(|(t, f)| match (t.dtype(), f.dtype()) {
            (a, b) if a == b => Ok(merge([f, t], pred, "Merge")),
            (a, b) => Err(Error::Value(format!(
                "Outputs of 'true_fn' and 'false_fn' must have the same type(s). Received {} from 'true_fn' and {} from \
                 'false_fn'.",
                a.name(),
                b.name()
            ))),
        })
        .collect()
}

/// A condition and what to compute when it is the first that holds.
pub type Case<'a, T> = (Tensor, Box<dyn FnOnce() -> T + 'a>);

/// What the first condition that holds has beside it, else what `default` gives: `tf.case`.
///
/// # Panics
/// As [`cond`].
#[track_caller]
pub fn case<'a, T: Structure<Tensors = T> + 'a>(pairs: Vec<Case<'a, T>>, default: impl FnOnce() -> T + 'a) -> T {
    let first = pairs.first().map(|(pred, _)| *pred);
    let chain = || pairs.into_iter().rev().fold(Box::new(default) as Branch<'a, T>, after);
    match first {
        Some(pred) => super::nn::composed(pred, "case", || chain()()),
        None => chain()(),
    }
}

/// What is computed in one branch.
type Branch<'a, T> = Box<dyn FnOnce() -> T + 'a>;

/// The branch that tries a case before the others.
fn after<'a, T: Structure<Tensors = T> + 'a>(others: Branch<'a, T>, (pred, then): Case<'a, T>) -> Branch<'a, T> {
    Box::new(move || cond(pred, then, others))
}

/// A [`case`] of which at most one condition may hold, `exclusive=True`.
#[track_caller]
pub(crate) fn exclusive_case(pairs: Vec<(Tensor, Tensor)>, default: Tensor) -> Tensor {
    let predicates: Vec<Tensor> = pairs.iter().map(|(pred, _)| *pred).collect();
    super::nn::composed(predicates[0], "case", || {
        let checked = at_most_one(&predicates);
        let cases = pairs.into_iter().rev().map(|(pred, value)| (pred, Box::new(move || value) as Branch<Tensor>));
        control_dependencies([checked], cases.fold(Box::new(move || default) as Branch<Tensor>, after))
    })
}
