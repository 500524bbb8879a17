//! Ops that order or check a run: groups, no-ops, assertions.

use super::array::IDENTITY;
use super::elementwise::{equal, greater, greater_equal, less, less_equal, not_equal};
use super::{Call, Kernel, OpDef, here, typed};
use crate::Array;
use crate::error::Error;
use crate::graph::{Attr, Attrs, IntoTensor, Operand, Operation, Scope, Tensor, build, control_dependencies, graph_of};

pub(crate) static OPS: &[&OpDef] = &[&NO_OP, &ASSERT];

pub(crate) static NO_OP: OpDef = OpDef::new("NoOp", |_| Ok(vec![]), Kernel::None).stateful();

/// An operation that does nothing: `tf.no_op()`.
#[track_caller]
pub fn no_op() -> Operation {
    let graph = here();
    build(graph, || Scope::open(graph, "NoOp").op(&NO_OP, &[], Attrs::new()))
}

/// One operation that runs all of `operations`: `tf.group(...)`.
#[track_caller]
pub fn group(operations: &[Operation]) -> Operation {
    named_group(operations, "group_deps")
}

/// The tensors, each of which has a value only when all have theirs: `tf.tuple(tensors)`.
///
/// # Panics
/// `ValueError` when there is no tensor.
#[track_caller]
pub fn tuple(tensors: &[Tensor]) -> Vec<Tensor> {
    let Some(first) = tensors.first() else {
        Error::Value(format!("Must have at least one Tensor: {tensors:?}.")).raise();
    };
    let graph = first.graph();
    let gated = |tensor: &Tensor, gate: Operation| {
        let name = Scope::open(graph, "control_dependency");
        control_dependencies([gate], || name.op(&IDENTITY, &[*tensor], typed("T", tensor.dtype())))
    };
    graph.as_default(|| {
        build(graph, || {
            Scope::open(graph, "tuple").enter(|| {
                let operations: Vec<Operation> = tensors.iter().map(|tensor| tensor.op()).collect();
                let gate = named_group(&operations, "group_deps");
                tensors.iter().map(|tensor| Ok(gated(tensor, gate)?.output(0))).collect()
            })
        })
    })
}

#[track_caller]
pub(crate) fn named_group(operations: &[Operation], name: &str) -> Operation {
    let graph = operations.first().map_or_else(here, |op| op.graph());
    graph.as_default(|| {
        build(graph, || control_dependencies(operations, || Scope::open(graph, name).op(&NO_OP, &[], Attrs::new())))
    })
}

/// Fails with the data's values unless the condition, its first input, holds.
pub(crate) static ASSERT: OpDef = OpDef::new(
    "Assert",
    |_| Ok(vec![]),
    Kernel::Call(|call| {
        if call.input(0).slice::<bool>().iter().all(|c| *c) {
            return Ok(());
        }
        let limit = call.node.int("summarize").max(0) as usize;
        let data: Vec<String> = (1..call.inputs.len()).map(|i| format!("[{}]", summary(call, i, limit))).collect();
        Err(Error::InvalidArgument(format!("assertion failed: {}", data.join(" "))))
    }),
)
.stateful();

/// The first values of an input as TensorFlow's C++ side prints them.
fn summary(call: &Call, i: usize, limit: usize) -> String {
    let array = call.input(i).to_array();
    let count = array.len();
    let mut words: Vec<String> = match array.dtype() {
        crate::DType::String => array.as_slice::<String>().into_iter().flatten().cloned().collect(),
        crate::DType::Bool => {
            array.as_slice::<bool>().into_iter().flatten().map(|v| u8::from(*v).to_string()).collect()
        }
        crate::DType::Float32 => array.as_slice::<f32>().into_iter().flatten().map(ToString::to_string).collect(),
        crate::DType::Float64 => array.as_slice::<f64>().into_iter().flatten().map(ToString::to_string).collect(),
        _ => super::ints(array).iter().map(ToString::to_string).collect(),
    };
    words.truncate(limit);
    if count > limit {
        return format!("{}...", words.join(" "));
    }
    words.join(" ")
}

/// An operation that fails a run unless `condition` holds, and shows `data`: `tf.Assert`.
#[track_caller]
#[expect(non_snake_case, reason = "TensorFlow's own spelling")]
pub fn Assert(condition: impl IntoTensor, data: &[Tensor]) -> Operation {
    let condition = condition.into_operand();
    let graph = graph_of(&[&condition]);
    build(graph, || {
        let scope = Scope::open(graph, "Assert");
        let condition = condition.tensor(&scope, "condition", None)?;
        scope.child(&ASSERT, assert_name(data), &[&[condition], data].concat(), assert_attrs())
    })
}

/// TensorFlow puts an assertion about numbers that a GPU may hold in a branch of its own.
fn assert_name(data: &[Tensor]) -> &'static str {
    let on_host = |t: &Tensor| matches!(t.dtype(), crate::DType::String | crate::DType::Int32);
    if data.iter().all(on_host) { "Assert" } else { "AssertGuard/Assert" }
}

fn assert_attrs() -> Attrs {
    let mut attrs = typed("T", crate::DType::String);
    attrs.insert("summarize", Attr::Int(3));
    attrs
}

/// Checks a condition now when the values are known, else in the run, as `tf.assert_*` do.
#[track_caller]
fn check(
    name: &str,
    inner: &str,
    relation: &str,
    operands: &[(&str, Tensor)],
    message: &str,
    condition: impl FnOnce() -> Tensor,
) -> Operation {
    let message = if message.is_empty() { String::new() } else { format!("{message}.  ") };
    let graph = operands[0].1.graph();
    build(graph, || {
        let scope = Scope::open(graph, name);
        scope.enter(|| {
            let condition = condition();
            let data = graph.data();
            let values: Option<Vec<Array>> = operands.iter().map(|(_, t)| data.constant_value(t.output())).collect();
            let holds = data.constant_value(condition.output());
            drop(data);
            let text = format!("Condition {relation} did not hold element-wise:");
            if let (Some(values), Some(holds)) = (&values, holds) {
                if holds.as_slice::<bool>().is_some_and(|h| h.iter().all(|c| *c)) {
                    return Scope::open(graph, "NoOp").op(&NO_OP, &[], Attrs::new());
                }
                let shown: Vec<String> =
                    operands.iter().zip(values).map(|((n, t), v)| format!("{n} ({}) = \n{v}", t.name())).collect();
                let lead = if operands.len() == 1 { "\n" } else { "" };
                return Err(Error::InvalidArgument(format!("{message}{lead}{text}\n{}", shown.join("\n"))));
            }
            let all = crate::ops::reduce::reduce_all(condition).tensor();
            let mut data = vec![all];
            let word = |s: &str| Array::scalar(s.to_owned());
            let name = if inner.is_empty() { scope.name.clone() } else { scope.child_name(inner) };
            let scope = Scope { graph, name };
            data.push(scope.constant("Const", word(&message))?);
            data.push(scope.constant("Const", word(&text))?);
            for (n, t) in operands {
                data.push(scope.constant("Const", word(&format!("{n} ({}) = ", t.name())))?);
                data.push(*t);
            }
            let name = format!("Assert/{}", assert_name(&data[1..]));
            scope.child(&ASSERT, &name, &data, assert_attrs())
        })
    })
}

/// Checks of the sign: each in two forms, without and with a message of one's own.
macro_rules! signs {
    ($($f:ident, $with_message:ident = $inner:literal, $relation:literal, $condition:ident;)*) => { $(
        #[doc = concat!("Fails unless `", $relation, "` for every element: `tf.", stringify!($f), "`. Known values are checked at once.")]
        ///
        /// # Panics
        /// `InvalidArgumentError` when the values are known and it does not hold.
        #[track_caller]
        pub fn $f(x: impl IntoTensor) -> Operation {
            $with_message(x, "")
        }

        #[doc = concat!("[`", stringify!($f), "`] with a message that the error begins with, `message=`.")]
        ///
        /// # Panics
        #[doc = concat!("As [`", stringify!($f), "`].")]
        #[track_caller]
        pub fn $with_message(x: impl IntoTensor, message: &str) -> Operation {
            let x = super::array::convert_to_tensor(x);
            check(stringify!($f), $inner, $relation, &[("x", x)], message, || $condition(x, zero_like(x)))
        }
    )* };
}
signs! {
    assert_positive, assert_positive_with_message = "assert_less", "x > 0", greater;
    assert_negative, assert_negative_with_message = "assert_less", "x < 0", less;
    assert_non_negative, assert_non_negative_with_message = "assert_less_equal", "x >= 0", greater_equal;
    assert_non_positive, assert_non_positive_with_message = "assert_less_equal", "x <= 0", less_equal;
}

/// Zero in the type of `x`.
fn zero_like(x: Tensor) -> Tensor {
    super::array::convert_to_tensor(Array::zeros(x.dtype(), &[]))
}

macro_rules! comparisons {
    ($($f:ident = $relation:literal, $condition:ident;)*) => { $(
        #[doc = concat!("Fails unless `", $relation, "` for every element: `tf.", stringify!($f), "`.")]
        ///
        /// # Panics
        /// `InvalidArgumentError` when the values are known and it does not hold.
        #[track_caller]
        pub fn $f(x: impl IntoTensor, y: impl IntoTensor) -> Operation {
            let x = super::array::convert_to_tensor(x);
            let y = match y.into_operand() {
                Operand::Tensor(y) => y,
                literal => super::array::convert_to_tensor(literal.array(Some(x.dtype())).expect("a literal has an array")),
            };
            check(stringify!($f), "", $relation, &[("x", x), ("y", y)], "", || $condition(x, y))
        }
    )* };
}
comparisons! {
    assert_equal = "x == y", equal;
    assert_none_equal = "x != y", not_equal;
    assert_less = "x < y", less;
    assert_less_equal = "x <= y", less_equal;
    assert_greater = "x > y", greater;
    assert_greater_equal = "x >= y", greater_equal;
}
