//! Ops of neural networks: softmax and the losses that TensorFlow computes together with it.

use super::elementwise::{multiply, subtract};
use super::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, typed, unary};
use crate::DType;
use crate::error::Result;
use crate::graph::{IntoTensor, Scope, Tensor, build, graph_of};
use crate::ops::reduce::sum_rows;
use crate::ops::shape::expand_dims;

pub(crate) static OPS: &[&OpDef] = &[&SOFTMAX, &LOG_SOFTMAX, &SOFTMAX_CROSS_ENTROPY];

fn infer_rows(infer: &Infer) -> Result<Vec<Signature>> {
    infer.allow(0, "logits", Types::Floats)?;
    if infer.shape(0).rank() == Some(0) {
        let text = "Shape must be at least rank 1 but is rank 0";
        return infer.fail(text, text);
    }
    Ok(vec![infer.inputs[0].clone()])
}

/// The running maximum and the logarithm of the sum of exponentials of a row.
macro_rules! log_sum {
    ($row:expr, $t:ty) => {{
        let max = $row.iter().copied().fold(<$t>::NEG_INFINITY, <$t>::max);
        let sum: $t = $row.iter().map(|x| (*x - max).exp()).sum();
        (max, sum)
    }};
}

macro_rules! rows {
    ($call:ident, $t:ident, |$row:ident, $out:ident| $body:block) => {{
        let width = $call.input(0).shape.last().copied().unwrap_or(1).max(1);
        match $call.output().dtype {
            DType::Float64 => {
                type $t = f64;
                let out = $call.output().slice_mut::<$t>();
                for ($row, $out) in $call.input(0).slice::<$t>().chunks(width).zip(out.chunks_mut(width)) $body
            }
            _ => {
                type $t = f32;
                let out = $call.output().slice_mut::<$t>();
                for ($row, $out) in $call.input(0).slice::<$t>().chunks(width).zip(out.chunks_mut(width)) $body
            }
        }
        Ok(())
    }};
}

pub(crate) static SOFTMAX: OpDef = OpDef::new("Softmax", infer_rows, Kernel::Call(run_softmax))
    .gradient(|g| {
        let (y, dy) = (g.output(), g.dy());
        let sum = sum_rows(multiply(dy, y));
        vec![Some(multiply(subtract(dy, sum), y))]
    })
    .samples(&[Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| softmax(x[0]) }]);

fn run_softmax(call: &Call) -> Result<()> {
    rows!(call, T, |row, out| {
        let (max, sum) = log_sum!(row, T);
        row.iter().zip(out).for_each(|(x, o)| *o = (*x - max).exp() / sum);
    })
}

/// Exponentials that sum to 1 along the last axis: `tf.nn.softmax`.
#[track_caller]
pub fn softmax(logits: impl IntoTensor) -> Tensor {
    unary(&SOFTMAX, "Softmax", "logits", logits.into_operand())
}

pub(crate) static LOG_SOFTMAX: OpDef = OpDef::new(
    "LogSoftmax",
    infer_rows,
    Kernel::Call(|call| {
        rows!(call, T, |row, out| {
            let (max, sum) = log_sum!(row, T);
            let shift = max + sum.ln();
            row.iter().zip(out).for_each(|(x, o)| *o = *x - shift);
        })
    }),
)
.gradient(|g| {
    let sum = sum_rows(g.dy());
    vec![Some(subtract(g.dy(), multiply(sum, super::elementwise::exp(g.output()))))]
})
.samples(&[Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| log_softmax(x[0]) }]);

/// The logarithm of the softmax: `tf.nn.log_softmax`.
#[track_caller]
pub fn log_softmax(logits: impl IntoTensor) -> Tensor {
    unary(&LOG_SOFTMAX, "LogSoftmax", "logits", logits.into_operand())
}

/// Two outputs: the loss of each row, and its derivative by the logits.
pub(crate) static SOFTMAX_CROSS_ENTROPY: OpDef = OpDef::new(
    "SoftmaxCrossEntropyWithLogits",
    |infer| {
        infer.same_type(&["features", "labels"])?;
        infer.allow(0, "features", Types::Floats)?;
        let shape = super::broadcast_inputs(infer, 0, 2)?;
        let rows = shape.dims().and_then(|d| d.first().copied()).flatten();
        Ok(vec![(infer.dtype(0), crate::Shape::from([rows])), (infer.dtype(0), shape)])
    },
    Kernel::Call(|call| {
        match call.output().dtype {
            DType::Float64 => cross_entropy_f64(call),
            _ => cross_entropy_f32(call),
        }
        Ok(())
    }),
)
.gradient(|g| {
    let by_logits = multiply(expand_dims(g.dy(), -1), g.output_at(1));
    let by_labels = multiply(expand_dims(g.dy(), -1), super::elementwise::negative(log_softmax(g.input(0))));
    vec![Some(by_logits), Some(by_labels)]
})
.samples(&[Sample {
    inputs: &[(&[2, 3], 0.1, 0.9), (&[2, 3], -2.0, 2.0)],
    build: |x| softmax_cross_entropy_with_logits(x[0], x[1]),
}]);

macro_rules! cross_entropy {
    ($name:ident, $t:ty) => {
        fn $name(call: &Call) {
            let width = call.input(0).shape.last().copied().unwrap_or(1).max(1);
            let (losses, backprop) = (call.outputs[0].slice_mut::<$t>(), call.outputs[1].slice_mut::<$t>());
            let rows = call.input(0).slice::<$t>().chunks(width).zip(call.input(1).slice::<$t>().chunks(width));
            for (i, (row, labels)) in rows.enumerate() {
                let (max, sum) = log_sum!(row, $t);
                let shift = max + sum.ln();
                losses[i] = row.iter().zip(labels).map(|(x, l)| l * (shift - x)).sum();
                let out = &mut backprop[i * width..(i + 1) * width];
                let total: $t = labels.iter().sum();
                for ((o, x), l) in out.iter_mut().zip(row).zip(labels) {
                    *o = (x - max).exp() / sum * total - l;
                }
            }
        }
    };
}
cross_entropy!(cross_entropy_f32, f32);
cross_entropy!(cross_entropy_f64, f64);

/// The cross entropy of each row's softmax with its labels: `tf.nn.softmax_cross_entropy_with_logits`.
#[track_caller]
pub fn softmax_cross_entropy_with_logits(labels: impl IntoTensor, logits: impl IntoTensor) -> Tensor {
    let (labels, logits) = (labels.into_operand(), logits.into_operand());
    let graph = graph_of(&[&logits, &labels]);
    build(graph, || {
        let scope = Scope::open(graph, "softmax_cross_entropy_with_logits");
        let logits = logits.tensor(&scope, "logits", None)?;
        let labels = labels.tensor(&scope, "labels", Some(logits.dtype()))?;
        Ok(scope.op(&SOFTMAX_CROSS_ENTROPY, &[logits, labels], typed("T", logits.dtype()))?.output(0))
    })
}

/// `x` limited to the interval: `tf.clip_by_value`.
#[track_caller]
pub fn clip_by_value(x: impl IntoTensor, min: impl IntoTensor, max: impl IntoTensor) -> Tensor {
    let (x, min, max) = (x.into_operand(), min.into_operand(), max.into_operand());
    let graph = graph_of(&[&x, &min, &max]);
    build(graph, || {
        let scope = Scope::open(graph, "clip_by_value");
        let x = x.tensor(&scope, "t", None)?;
        let max = max.tensor(&scope, "Minimum/y", Some(x.dtype()))?;
        let low = scope.child(&super::elementwise::MINIMUM, "Minimum", &[x, max], typed("T", x.dtype()))?.output(0);
        let min = min.tensor(&scope, "y", Some(x.dtype()))?;
        Ok(scope.op(&super::elementwise::MAXIMUM, &[low, min], typed("T", x.dtype()))?.output(0))
    })
}
