//! Ops on strings: joining, comparing, choosing; what is made of single ones is in `text`, what becomes several or comes of
//! several in `pieces`, numbers from them and to them in `convert`. Their elements are no plain bytes, so that they have
//! kernels of their own; ops that only move elements take strings where they are.

mod convert;
mod pieces;
mod text;

use super::array::mismatch;
use super::view::View;
use super::{Call, Infer, Kernel, OpDef, Signature, broadcast_inputs, elementwise, here};
use crate::error::{Error, Result};
use crate::graph::{Attr, Attrs, IntoTensor, Operand, Scope, Tensor, build, graph_of};
use crate::{DType, Shape};

pub use convert::{AsString, ToNumber, as_string, to_number};
pub use pieces::{ReduceJoin, Split, reduce_join, split};
pub use text::{Encoded, length, lower, strip, substr, upper};

pub(crate) static OPS: &[&OpDef] = &[
    &ADD,
    &STRING_JOIN,
    &text::STRING_LENGTH,
    &text::STRING_LOWER,
    &text::STRING_STRIP,
    &text::STRING_UPPER,
    &text::SUBSTR,
    &pieces::REDUCE_JOIN,
    &pieces::STRING_SPLIT,
    &convert::AS_STRING,
    &convert::STRING_TO_NUMBER,
];

/// An error unless input `i` is of strings.
fn strings_only(infer: &Infer, i: usize, argument: &str) -> Result<()> {
    if infer.dtype(i) == DType::String {
        return Ok(());
    }
    Err(Error::Type(format!(
        "Input '{argument}' of '{}' Op has type {} that does not match expected type of string.",
        infer.node.def.name,
        infer.dtype(i).name()
    )))
}

/// What the op of numbers is for strings: the op itself, or one of this file.
pub(super) fn form_of(def: &'static OpDef) -> &'static OpDef {
    match def.name {
        "AddV2" => &ADD,
        "Equal" => &EQUAL,
        "NotEqual" => &NOT_EQUAL,
        "Select" => &SELECT,
        "SelectV2" => &SELECT_V2,
        _ => def,
    }
}

/// For each element of the output the place of the one of an operand of these sizes that it is made of.
fn places(sizes: &[usize], out: &[usize]) -> impl Iterator<Item = usize> {
    let own = super::shape::strides(sizes);
    let offset = out.len() - sizes.len();
    let step = |axis: usize| match axis.checked_sub(offset) {
        Some(k) if sizes[k] != 1 => own[k],
        _ => 0,
    };
    let steps: Vec<usize> = (0..out.len()).map(step).collect();
    let (whole, out) = (super::shape::strides(out), out.to_vec());
    let count: usize = out.iter().product();
    (0..count).map(move |i| (0..out.len()).map(|k| i / whole[k] % out[k] * steps[k]).sum())
}

/// The elements of an operand, repeated as the output's sizes want it.
fn spread<'a>(operand: &'a View, out: &View) -> impl Iterator<Item = &'a String> {
    let elements = operand.slice::<String>();
    places(&operand.shape, &out.shape).map(|at| &elements[at])
}

fn pairs(call: &Call) -> impl Iterator<Item = (&String, &String)> {
    spread(call.input(0), call.output()).zip(spread(call.input(1), call.output()))
}

fn infer_pair(infer: &Infer, result: DType) -> Result<Vec<Signature>> {
    infer.same_type(&["x", "y"])?;
    Ok(vec![(result, broadcast_inputs(infer, 0, 2)?)])
}

/// One string after the other.
pub(crate) static ADD: OpDef = OpDef::new(
    "Add",
    |infer| infer_pair(infer, DType::String),
    Kernel::Call(|call| {
        let out = call.output().slice_mut::<String>().iter_mut();
        out.zip(pairs(call)).for_each(|(out, (x, y))| *out = format!("{x}{y}"));
        Ok(())
    }),
);

fn compare(call: &Call, equal: bool) -> Result<()> {
    let out = call.output().slice_mut::<bool>().iter_mut();
    out.zip(pairs(call)).for_each(|(out, (x, y))| *out = (x == y) == equal);
    Ok(())
}

static EQUAL: OpDef =
    OpDef::new("Equal", |infer| infer_pair(infer, DType::Bool), Kernel::Call(|call| compare(call, true)));
static NOT_EQUAL: OpDef =
    OpDef::new("NotEqual", |infer| infer_pair(infer, DType::Bool), Kernel::Call(|call| compare(call, false)));

const CHOICE: Kernel = Kernel::Call(|call| {
    let conditions = call.input(0).slice::<bool>();
    let chosen = places(&call.input(0).shape, &call.output().shape).map(|at| conditions[at]);
    let operands = spread(call.input(1), call.output()).zip(spread(call.input(2), call.output()));
    let out = call.output().slice_mut::<String>().iter_mut();
    out.zip(chosen.zip(operands)).for_each(|(out, (first, (x, y)))| *out = if first { x } else { y }.clone());
    Ok(())
});

static SELECT: OpDef = OpDef::new("Select", elementwise::infer_select, CHOICE);
static SELECT_V2: OpDef = OpDef::new("SelectV2", elementwise::infer_select, CHOICE);

/// The strings at the same place of each input, with a separator between them; scalars serve all places.
pub(crate) static STRING_JOIN: OpDef = OpDef::new(
    "StringJoin",
    |infer| {
        let types: Vec<&str> = infer.inputs.iter().map(|(dtype, _)| dtype.name()).collect();
        if infer.inputs.iter().any(|(dtype, _)| *dtype != DType::String) {
            return Err(Error::Type(format!(
                "Tensors in list passed to 'inputs' of 'StringJoin' Op have types [{}] that do not match expected type \
                 string.",
                types.join(", ")
            )));
        }
        let mut whole = Shape::scalar();
        for (_, shape) in infer.inputs.iter().filter(|(_, shape)| shape.rank() != Some(0)) {
            let differ = whole.sizes().zip(shape.sizes()).is_some_and(|(m, n)| m != n);
            if differ && whole.rank() != Some(0) {
                let running =
                    format!("Input shapes do not match at index 0: {} vs. {}", whole.to_proto(), shape.to_proto());
                return infer.fail(mismatch(&whole, shape), running);
            }
            whole = if whole.sizes().is_some() && whole.rank() != Some(0) { whole } else { shape.clone() };
        }
        Ok(vec![(DType::String, whole)])
    },
    Kernel::Call(|call| {
        let separator = call.node.text("separator");
        let mut columns: Vec<_> = call.inputs.iter().map(|input| spread(input, call.output())).collect();
        for out in call.output().slice_mut::<String>() {
            let parts: Vec<&str> = columns.iter_mut().filter_map(|c| c.next().map(String::as_str)).collect();
            *out = parts.join(separator);
        }
        Ok(())
    }),
);

/// The strings at the same place of each tensor as one, with `separator` between them: `tf.string_join`.
///
/// ```
/// use flowbook::v1 as tf;
/// let hello = tf::string_join(&["hello", "world"], " ");
/// assert_eq!(tf::Session::new().run(hello)?.to_string(), "b'hello world'");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `TypeError` when something else than strings is given, `ValueError` when shapes differ.
#[track_caller]
pub fn string_join<T: IntoTensor + Clone>(inputs: &[T], separator: &str) -> Tensor {
    let operands: Vec<Operand> = inputs.iter().map(|input| input.clone().into_operand()).collect();
    let graph = if operands.is_empty() { here() } else { graph_of(&operands.iter().collect::<Vec<_>>()) };
    build(graph, || {
        let scope = Scope::open(graph, "StringJoin");
        if operands.is_empty() {
            let text = "List argument 'inputs' to 'StringJoin' Op with length 0 shorter than minimum length 1.";
            return Err(Error::Value(text.into()));
        }
        let named = |(i, x): (usize, &Operand)| x.tensor(&scope, &format!("inputs_{i}"), None);
        let inputs = operands.iter().enumerate().map(named).collect::<Result<Vec<Tensor>>>()?;
        let attrs = Attrs::from([("N", Attr::Int(inputs.len() as i64)), ("separator", Attr::Str(separator.into()))]);
        Ok(scope.op(&STRING_JOIN, &inputs, attrs)?.output(0))
    })
}
