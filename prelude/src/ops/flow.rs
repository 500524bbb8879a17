//! Ops that decide in a run what runs: `cond`, `case`, `while_loop`. A branch not taken leaves its tensors without a
//! value, which spreads through `Switch` to everything behind it, up to the `Merge`.

use std::collections::BTreeSet;

use super::control::no_op;
use super::{Infer, Kernel, OpDef, Sample, Signature, typed};
use crate::error::{Error, Result};
use crate::graph::{
    Attr, Attrs, Built, Context, Graph, IntoTensor, Operation, Output, Scope, Tensor, Variable, build,
    control_dependencies, graph_of,
};
use crate::ops::array::{IDENTITY, convert_to_tensor, zeros_like};
use crate::{DType, Shape};

pub(crate) static OPS: &[&OpDef] = &[&SWITCH, &MERGE, &WHILE, &EXIT];

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
    let (x, predicate) = (g.input(0), g.input(1));
    let side = |i: usize| g.dy_at(i).unwrap_or_else(|| switch(zeros_like(x), predicate, "Switch")[i]);
    vec![Some(merge([side(0), side(1)], predicate, "cond_grad")), None]
});

/// Whichever of its inputs has a value.
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
    Kernel::None,
)
.stateful()
.gradient(|g| {
    let predicate = g.op().predicate().expect("a merge knows what it depends on");
    switch(g.dy(), predicate, "cond_grad").map(Some).to_vec()
})
.samples(&[
    Sample { inputs: &[(&[2], 0.5, 1.0), (&[2], -2.0, 2.0)], build: |x| branches(x[0], x[1]) },
    Sample { inputs: &[(&[2], -1.0, -0.5), (&[2], -2.0, 2.0)], build: |x| branches(x[0], x[1]) },
]);

/// A function with two forms, for the test of the gradients.
fn branches(x: Tensor, y: Tensor) -> Tensor {
    cond(super::reduce::reduce_sum(x).gt(0.0), || x * y * 2.0 + y, || y * y - x)
}

fn switch(x: Tensor, predicate: Tensor, name: &str) -> [Tensor; 2] {
    let graph = x.graph();
    let op = build(graph, || Scope::open(graph, name).op(&SWITCH, &[x, predicate], typed("T", x.dtype())));
    [op.output(0), op.output(1)]
}

fn merge(sides: [Tensor; 2], predicate: Tensor, name: &str) -> Tensor {
    let graph = predicate.graph();
    build(graph, || {
        let mut attrs = typed("T", sides[0].dtype());
        attrs.insert("N", Attr::Int(2));
        let op = Scope::open(graph, name).op(&MERGE, &sides, attrs)?;
        graph.data().predicates.insert(op.output(0).output().node, predicate.output());
        Ok(op.output(0))
    })
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

/// An operation hands on nothing; what comes back is the operation that stands for both branches.
impl Structure for Operation {
    type Tensors = Operation;
    fn flatten(self) -> Vec<Tensor> {
        vec![control_dependencies([self], || convert_to_tensor(true))]
    }
    fn pack(tensors: &mut std::vec::IntoIter<Tensor>) -> Operation {
        let done = tensors.next().expect("as many tensors come back as went in");
        control_dependencies([done.op()], no_op)
    }
}

impl<T: Structure> Structure for Vec<T> {
    type Tensors = Vec<T::Tensors>;
    fn flatten(self) -> Vec<Tensor> {
        self.into_iter().flat_map(T::flatten).collect()
    }
    fn pack(tensors: &mut std::vec::IntoIter<Tensor>) -> Vec<T::Tensors> {
        std::iter::from_fn(|| (tensors.len() > 0).then(|| T::pack(tensors))).collect()
    }
}

macro_rules! tuples {
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
tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; }

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
    let pred = pred.into_operand();
    let graph = graph_of(&[&pred]);
    graph.as_default(|| {
        let (scope, pred, on, off) = build(graph, || {
            let scope = Scope::open(graph, "cond");
            let pred = pred.tensor(&scope, "pred", None)?;
            let child = |name: &str, x: Tensor| scope.child(&IDENTITY, name, &[x], typed("T", DType::Bool));
            let [off, on] = scope.enter(|| switch(pred, pred, "Switch"));
            let (on, off, pred) = (child("switch_t", on)?, child("switch_f", off)?, child("pred_id", pred)?);
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
    let mut rest: Box<dyn FnOnce() -> T + 'a> = Box::new(default);
    for (pred, then) in pairs.into_iter().rev() {
        let after = rest;
        rest = Box::new(move || cond(pred, then, after));
    }
    match first {
        Some(pred) => super::nn::composed(pred, "case", rest),
        None => rest(),
    }
}

/// A loop: inputs are the first values of its variables, then the tensors from outside that it uses. Its attributes name
/// the nodes of one turn.
pub(crate) static WHILE: OpDef = OpDef::new(
    "While",
    |infer| {
        let count = infer.node.ints("_variables").len();
        let shapes = infer.node.ints("_variables").iter().zip(&infer.inputs[..count]);
        let fixed = |i: usize| infer.node.ints("_fixed").get(i) == Some(&1);
        Ok(shapes
            .enumerate()
            .map(|(i, (_, s))| open(infer, &(s.0, if fixed(i) { s.1.clone() } else { Shape::unknown() })))
            .collect())
    },
    Kernel::None,
)
.stateful()
.gradient(super::while_grad::of_loop);

/// The value a loop's variable ends with.
pub(crate) static EXIT: OpDef =
    OpDef::new("Exit", |infer| Ok(vec![infer.inputs[0].clone()]), Kernel::Alias).gradient(|g| vec![Some(g.dy())]);

/// The arguments of [`while_loop_with`] that are rarely given.
#[derive(Clone, Default, Debug)]
pub struct WhileOptions {
    /// After how many turns the loop ends although its condition still holds.
    pub maximum_iterations: Option<i64>,
    /// What is known of the variables' shapes in every turn, one for each of the first variables; the others keep the
    /// shape they start with.
    pub shape_invariants: Vec<Shape>,
}

/// Computes `body` of the loop's variables again and again while `cond` of them holds: `tf.while_loop`.
///
/// Gradients go through a loop: they run it once more, and then its turns backwards.
///
/// ```
/// use flowbook::v1 as tf;
/// let (turns, power) = tf::while_loop(|(i, _)| i.lt(10), |(i, p)| (i + 1, p * 2.0), (0, 1.0));
/// let (turns, power) = tf::Session::new().run((turns, power))?;
/// assert_eq!(format!("{turns} {power}"), "10 1024.0");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `ValueError` when the condition is not one truth value or a variable changes its shape, `TypeError` when it changes
/// its element type.
#[track_caller]
pub fn while_loop<V, B, C>(
    cond: impl FnOnce(V::Tensors) -> C,
    body: impl FnOnce(V::Tensors) -> B,
    loop_vars: V,
) -> V::Tensors
where
    V: Structure,
    V::Tensors: Clone,
    B: Structure<Tensors = V::Tensors>,
    C: Into<Tensor>,
{
    while_loop_with(cond, body, loop_vars, &WhileOptions::default())
}

/// [`while_loop`] with its rarer arguments, `maximum_iterations=` and `shape_invariants=`.
///
/// # Panics
/// As [`while_loop`].
#[track_caller]
pub fn while_loop_with<V, B, C>(
    cond: impl FnOnce(V::Tensors) -> C,
    body: impl FnOnce(V::Tensors) -> B,
    loop_vars: V,
    options: &WhileOptions,
) -> V::Tensors
where
    V: Structure,
    V::Tensors: Clone,
    B: Structure<Tensors = V::Tensors>,
    C: Into<Tensor>,
{
    let graph = super::here();
    let (scope, starts, variables, first) = build(graph, || {
        let scope = Scope::open(graph, "while");
        let starts = scope.enter(|| loop_vars.flatten());
        let first = graph.get_operations().len() as u32;
        let variables = graph.outside_control(|| variables(&scope, &starts, &options.shape_invariants))?;
        Ok((scope, starts, variables, first))
    });
    let (condition, results) = scope.enter(|| {
        graph.outside_control(|| {
            let packed = V::pack(&mut variables.clone().into_iter());
            let condition: Tensor = cond(packed.clone()).into();
            (condition, body(packed).flatten())
        })
    });
    let ended = build(graph, || {
        check_condition(&scope, condition)?;
        check_results(&starts, &variables, &results)?;
        Turn { first, condition, results }.build(&scope, starts, &variables, options)
    });
    V::pack(&mut ended.into_iter())
}

/// The nodes that stand for the loop's variables within a turn.
fn variables(scope: &Scope, starts: &[Tensor], invariants: &[Shape]) -> Result<Vec<Tensor>> {
    let each = starts.iter().enumerate().map(|(i, start)| {
        let shape = invariants.get(i).cloned().unwrap_or_else(|| start.shape());
        let attrs = Attrs::from([("dtype", Attr::Type(start.dtype())), ("shape", Attr::Shape(shape))]);
        Ok(scope.child(&super::array::PLACEHOLDER, "Identity", &[], attrs)?.output(0))
    });
    each.collect()
}

fn check_condition(scope: &Scope, condition: Tensor) -> Result<()> {
    if condition.dtype() != DType::Bool {
        return Err(Error::Type(format!(
            "Input 'input' of 'LoopCond' Op has type {} that does not match expected type of bool.",
            condition.dtype().name()
        )));
    }
    match condition.shape().rank() {
        Some(0) | None => Ok(()),
        Some(rank) => Err(Error::Value(format!(
            "Shape must be rank 0 but is rank {rank} for '{{{{node {}/LoopCond}}}} = LoopCond[]({})' with input shapes: {}.",
            scope.name,
            condition.op().name(),
            condition.shape().to_proto()
        ))),
    }
}

fn check_results(starts: &[Tensor], variables: &[Tensor], results: &[Tensor]) -> Result<()> {
    if starts.len() != results.len() {
        return Err(Error::Value(format!(
            "The number of inputs and outputs of a loop's body must be the same: {} and {}.",
            starts.len(),
            results.len()
        )));
    }
    for ((start, variable), result) in starts.iter().zip(variables).zip(results) {
        if start.dtype() != result.dtype() {
            return Err(Error::Type(format!(
                "Input 1 of node {} was passed {} from {} incompatible with expected {}.",
                variable.op().name(),
                result.dtype().name(),
                result.name(),
                start.dtype().name()
            )));
        }
        let (before, after) = (variable.shape(), result.shape());
        let holds = match (before.dims(), after.dims()) {
            (Some(before), Some(after)) => {
                before.len() == after.len() && before.iter().zip(after).all(|(b, a)| b.is_none() || b == a)
            }
            (None, _) => true,
            (Some(_), None) => false,
        };
        if !holds {
            return Err(Error::Value(format!(
                "Input tensor '{}' enters the loop with shape {before}, but has shape {after} after one iteration. To \
                 allow the shape to vary across iterations, use the `shape_invariants` argument of tf.while_loop to \
                 specify a less-specific shape.",
                start.name()
            )));
        }
    }
    Ok(())
}

/// What one turn of a loop consists of.
struct Turn {
    /// The first node that belongs to it; those before are outside.
    first: u32,
    condition: Tensor,
    results: Vec<Tensor>,
}

impl Turn {
    fn build(
        &self,
        scope: &Scope,
        starts: Vec<Tensor>,
        variables: &[Tensor],
        options: &WhileOptions,
    ) -> Result<Vec<Tensor>> {
        let graph = scope.graph;
        let captures = self.captures(graph);
        let pairs = |outputs: &[Output]| {
            Attr::Ints(outputs.iter().flat_map(|o| [i64::from(o.node), i64::from(o.index)]).collect())
        };
        let results: Vec<Output> = self.results.iter().map(|t| t.output()).collect();
        let fixed = (0..starts.len()).map(|i| i64::from(options.shape_invariants.get(i).is_none()));
        let attrs = Attrs::from([
            ("_variables", Attr::Ints(variables.iter().map(|v| i64::from(v.output().node)).collect())),
            ("_captures", pairs(&captures)),
            ("_condition", pairs(&[self.condition.output()])),
            ("_results", pairs(&results)),
            ("_fixed", Attr::Ints(fixed.collect())),
            ("maximum_iterations", Attr::Int(options.maximum_iterations.unwrap_or(-1))),
        ]);
        let captured = captures.iter().map(|o| Operation { graph, node: o.node }.output(o.index));
        let inputs: Vec<Tensor> = starts.into_iter().chain(captured).collect();
        let op = scope.child(&WHILE, "While", &inputs, attrs)?;
        let exit = |i: usize| {
            let ended = op.output(i as u32);
            Ok(scope.child(&EXIT, "Exit", &[ended], typed("T", ended.dtype()))?.output(0))
        };
        (0..variables.len()).map(exit).collect()
    }

    /// The tensors from outside that a turn uses. Variables are not among them: a turn sees them as they are.
    fn captures(&self, graph: Graph) -> Vec<Output> {
        let data = graph.data();
        let mut found = BTreeSet::new();
        let mut inside: Vec<u32> = Vec::new();
        let mut follow = |output: Output, inside: &mut Vec<u32>| match data.nodes[output.node as usize].def.name {
            "VariableV2" => {}
            _ if output.node >= self.first => inside.push(output.node),
            _ => {
                found.insert(output);
            }
        };
        self.results.iter().chain([&self.condition]).for_each(|t| follow(t.output(), &mut inside));
        let mut seen = BTreeSet::new();
        while let Some(id) = inside.pop() {
            if !seen.insert(id) {
                continue;
            }
            let node = &data.nodes[id as usize];
            node.inputs.iter().for_each(|input| follow(*input, &mut inside));
            inside.extend(node.control.iter().filter(|c| **c >= self.first));
        }
        found.into_iter().collect()
    }
}
