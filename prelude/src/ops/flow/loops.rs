//! Loops. The graph lists the nodes that TensorFlow's has, which go round in circles: `Enter`, `Merge`, `LoopCond`, `Switch`,
//! `Identity`, `NextIteration`, `Exit`. What runs is one node that is not listed: it names the nodes of a turn, which
//! are compiled as a run of their own, so that inputs always come before what uses them.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::{Structure, listed, open};
use crate::error::{Error, Result};
use crate::graph::{Attr, Attrs, Context, Listed, Operation, Output, Scope, Tensor, build};
use crate::ops::elementwise::{less, logical_and};
use crate::ops::while_grad::of_loop;
use crate::ops::{Infer, Kernel, OpDef, Signature, here, typed};
use crate::{Array, DType, Shape};

fn same(infer: &Infer) -> Result<Vec<Signature>> {
    Ok(vec![infer.inputs[0].clone()])
}

/// A value from outside as a loop has it.
pub(crate) static ENTER: OpDef = OpDef::new("Enter", same, Kernel::Alias).gradient(|g| vec![Some(g.dy())]);

/// A variable of a loop where its condition is looked at; the turn is fed with it.
pub(crate) static VARIABLE: OpDef =
    OpDef::new("Merge", |infer| Ok(vec![infer.inputs[0].clone(), (DType::Int32, Shape::scalar())]), Kernel::None)
        .stateful();

/// The condition of a loop.
pub(crate) static LOOP_CONDITION: OpDef = OpDef::new("LoopCond", same, Kernel::Alias);

/// Where a loop's variable leaves it or goes into its body.
pub(crate) static DECISION: OpDef =
    OpDef::new("Switch", |infer| Ok(vec![infer.inputs[0].clone(); 2]), Kernel::None).stateful();

/// A variable of a loop in its body; the turn is fed with it.
pub(crate) static VALUE: OpDef = OpDef::new("Identity", same, Kernel::None).stateful();

/// A variable's value for the next turn.
pub(crate) static NEXT_ITERATION: OpDef =
    OpDef::new("NextIteration", same, Kernel::Alias).gradient(|g| vec![Some(g.dy())]);

/// A loop: inputs are the first values of its variables, then the tensors from outside that it uses. Its attributes name
/// the nodes of one turn.
pub(crate) static WHILE: OpDef = OpDef::new(
    "While",
    |infer| {
        let count = infer.node.ints("_variables").len();
        let fixed = |i: usize| infer.node.ints("_fixed").get(i) == Some(&1);
        let shape = |i: usize, shape: &Shape| if fixed(i) { shape.clone() } else { Shape::unknown() };
        let variables = infer.inputs[..count].iter().enumerate();
        Ok(variables.map(|(i, (dtype, known))| open(infer, &(*dtype, shape(i, known)))).collect())
    },
    Kernel::None,
)
.stateful()
.gradient(of_loop);

/// The value a loop's variable ends with.
pub(crate) static EXIT: OpDef = OpDef::new("Exit", same, Kernel::Alias).gradient(|g| vec![Some(g.dy())]);

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
    let graph = here();
    let (scope, limit, starts) = build(graph, || {
        let scope = Scope::open(graph, "while");
        let limit = options.maximum_iterations.map(|limit| Limit::new(&scope, limit)).transpose()?;
        let starts = scope.enter(|| loop_vars.flatten());
        Ok((scope, limit, starts))
    });
    let counted = usize::from(limit.is_some());
    let starts: Vec<Tensor> = limit.iter().map(|limit| limit.counter).chain(starts).collect();
    let ended = scope.enter(|| {
        graph.outside_control(|| {
            let frame = build(graph, || Frame::new(&scope, starts, options, counted));
            let own = |variables: &[Tensor]| variables.iter().skip(counted).copied().collect::<Vec<_>>().into_iter();
            let pack = |variables: &[Tensor]| V::pack(&mut own(variables));
            let condition = frame.within(frame.variables[0], || {
                let below = limit.as_ref().map(|limit| less(frame.variables[0], limit.most));
                let own: Tensor = cond(pack(&frame.variables)).into();
                below.map_or(own, |below| logical_and(below, own))
            });
            let values = build(graph, || frame.decide(condition));
            let results = frame.within(values[0], || {
                let next = limit.as_ref().map(|_| values[0] + 1);
                next.into_iter().chain(body(pack(&values)).flatten()).collect::<Vec<_>>()
            });
            build(graph, || frame.close(condition, &values, &results))
        })
    });
    V::pack(&mut ended.into_iter().skip(counted).collect::<Vec<_>>().into_iter())
}

/// How often a loop turns at most, and the variable that counts the turns.
struct Limit {
    most: Tensor,
    counter: Tensor,
}

impl Limit {
    fn new(scope: &Scope, limit: i64) -> Result<Limit> {
        let number = |v: i64| i32::try_from(v).map_or_else(|_| Array::scalar(v), Array::scalar);
        let most = scope.constant("maximum_iterations", number(limit))?;
        let zero = crate::ops::cast_array(&Array::scalar(0i32), most.dtype());
        Ok(Limit { most, counter: scope.constant("iteration_counter", zero)? })
    }
}

/// A loop under construction.
struct Frame<'a> {
    scope: &'a Scope,
    /// The first values as the loop has them.
    entered: Vec<Tensor>,
    /// The variables as the condition sees them.
    variables: Vec<Tensor>,
    /// Which variables keep the shape they start with.
    fixed: Vec<i64>,
    /// What was led in so far; none while a part is being built.
    context: Cell<Option<Context>>,
}

impl Frame<'_> {
    fn new<'a>(scope: &'a Scope, starts: Vec<Tensor>, options: &WhileOptions, counted: usize) -> Result<Frame<'a>> {
        let graph = scope.graph;
        let mut entered = Vec::new();
        for start in &starts {
            entered.push(scope.child(&ENTER, "Enter", &[*start], typed("T", start.dtype()))?.output(0));
        }
        let invariant = |i: usize| options.shape_invariants.get(i.checked_sub(counted)?);
        let mut variables = Vec::new();
        for (i, enter) in entered.iter().enumerate() {
            let shape = invariant(i).cloned().unwrap_or_else(|| enter.shape());
            let op = scope.child(&VARIABLE, "Merge", &[*enter], typed("T", enter.dtype()))?;
            graph.change(op, |node| node.outputs[0].1 = shape);
            variables.push(op.output(0));
        }
        let fixed = (0..starts.len()).map(|i| i64::from(invariant(i).is_none())).collect();
        let context = Cell::new(Some(Context::of_loop(variables[0])));
        Ok(Frame { scope, entered, variables, fixed, context })
    }

    /// Builds a part of the turn; what it takes from outside comes in through an `Enter`.
    fn within<R>(&self, pivot: Tensor, body: impl FnOnce() -> R) -> R {
        let context = self.context.take().expect("parts of a turn are built one after the other");
        let (built, context) = self.scope.graph.inside(context.from(pivot), body);
        self.context.set(Some(context));
        built
    }

    /// The end of the condition, and the variables as the body sees them.
    fn decide(&self, condition: Tensor) -> Result<Vec<Tensor>> {
        let (scope, graph) = (self.scope, self.scope.graph);
        check_condition(scope, condition)?;
        let condition =
            self.within(self.variables[0], || scope.child(&LOOP_CONDITION, "LoopCond", &[condition], Attrs::new()))?;
        let mut decided = Vec::new();
        for variable in &self.variables {
            let attrs = typed("T", variable.dtype());
            decided.push(scope.child(&DECISION, "Switch", &[*variable, condition.output(0)], attrs)?);
        }
        let mut values = Vec::new();
        for decision in &decided {
            let into = decision.output(1);
            values.push(scope.child(&VALUE, "Identity", &[into], typed("T", into.dtype()))?);
        }
        // What a turn is fed with depends on nothing.
        let variables = self.variables.iter().map(|variable| variable.op());
        for op in variables.chain(decided).chain(values.iter().copied()) {
            graph.change(op, |node| {
                let inputs = std::mem::take(&mut node.inputs);
                node.attrs.insert("_shown", listed(&inputs));
                node.fetchable = false;
            });
        }
        Ok(values.into_iter().map(|value| value.output(0)).collect())
    }

    /// Leads the results back to the front of the turn, and what the variables end with out of the loop.
    fn close(&self, condition: Tensor, values: &[Tensor], results: &[Tensor]) -> Result<Vec<Tensor>> {
        let (scope, graph) = (self.scope, self.scope.graph);
        check_results(&self.starts(), &self.variables, results)?;
        let mut next = Vec::new();
        for result in results {
            let attrs = typed("T", result.dtype());
            next.push(self.within(values[0], || scope.child(&NEXT_ITERATION, "NextIteration", &[*result], attrs))?);
        }
        for ((variable, start), next) in self.variables.iter().zip(&self.entered).zip(&next) {
            let shown = listed(&[start.output(), next.output(0).output()]);
            graph.change(variable.op(), |node| {
                node.attrs.insert("N", Attr::Int(2));
                node.attrs.insert("_shown", shown);
            });
        }
        let results: Vec<Output> = next.iter().map(|op| op.output(0).output()).collect();
        let captures = self.captures(condition, values, &results);
        let nodes = |all: &[Tensor]| Attr::Ints(all.iter().map(|t| i64::from(t.output().node)).collect());
        let attrs = Attrs::from([
            ("_tests", nodes(&self.variables)),
            ("_variables", nodes(values)),
            ("_captures", listed(&captures)),
            ("_condition", listed(&[condition.output()])),
            ("_results", listed(&results)),
            ("_fixed", Attr::Ints(self.fixed.clone())),
        ]);
        let captured = captures.iter().map(|o| Operation { graph, node: o.node }.output(o.index));
        let inputs: Vec<Tensor> = self.entered.iter().copied().chain(captured).collect();
        let turns = graph.add(&WHILE, &format!("{}/_turns", scope.name), &inputs, attrs)?;
        graph.change(turns, |node| node.listed = Listed::Nowhere);
        let exit = |i: usize| {
            let ended = turns.output(i as u32);
            let op = scope.child(&EXIT, "Exit", &[ended], typed("T", ended.dtype()))?;
            let decision = graph.node(values[i].output().node).shown_inputs()[0];
            graph.change(op, |node| _ = node.attrs.insert("_shown", listed(&[Output { index: 0, ..decision }])));
            Ok(op.output(0))
        };
        (0..self.variables.len()).map(exit).collect()
    }

    /// What the variables begin with.
    fn starts(&self) -> Vec<Tensor> {
        self.entered.iter().map(|enter| enter.op().inputs()[0]).collect()
    }

    /// The tensors from outside that a turn uses. Variables are not among them: a turn sees them as they are.
    fn captures(&self, condition: Tensor, values: &[Tensor], results: &[Output]) -> Vec<Output> {
        let data = self.scope.graph.data();
        let first = self.variables[0].output().node;
        let fed: BTreeSet<u32> = self.variables.iter().chain(values).map(|t| t.output().node).collect();
        let mut found = BTreeSet::new();
        let mut inside: Vec<u32> = Vec::new();
        let mut follow = |output: Output, inside: &mut Vec<u32>| match data.nodes[output.node as usize].def.name {
            "VariableV2" => {}
            _ if output.node >= first => inside.push(output.node),
            _ => _ = found.insert(output),
        };
        results.iter().chain([&condition.output()]).for_each(|output| follow(*output, &mut inside));
        let mut seen = BTreeSet::new();
        while let Some(id) = inside.pop() {
            if fed.contains(&id) || !seen.insert(id) {
                continue;
            }
            let node = &data.nodes[id as usize];
            node.inputs.iter().for_each(|input| follow(*input, &mut inside));
            inside.extend(node.waits_for().iter().filter(|c| **c >= first));
        }
        found.into_iter().collect()
    }
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
