//! Ops of neural networks: softmaxes (`softmax`), activations that are more than one elementwise op (`activation`), what
//! keeps activations in bounds (`normalization`), the bias. Losses are in `ops::loss`, convolutions in `ops::conv`.

mod activation;
mod normalization;
mod softmax;

use crate::error::Result;
use crate::graph::{Attr, IntoTensor, Scope, Tensor, build, graph_of};
use crate::ops::elementwise::{ADD, MAXIMUM, MINIMUM};
use crate::ops::reduce::bias_add_grad;
use crate::ops::{OpDef, Sample, Types, fits_type, typed};

pub(crate) use activation::swish_gradient;
use activation::{LEAKY_RELU, LEAKY_RELU_GRAD};
pub use activation::{leaky_relu, maxout, prelu, silu, swish};
pub use normalization::{batch_normalization, dropout, moments};
use softmax::{LOG_SOFTMAX, SOFTMAX};
pub use softmax::{Rows, log_softmax, softmax};
pub(crate) use softmax::{exponentials_f32, exponentials_f64, greatest, logarithm, sum_of_exponentials};

pub(crate) static OPS: &[&OpDef] = &[&SOFTMAX, &LOG_SOFTMAX, &LEAKY_RELU, &LEAKY_RELU_GRAD, &BIAS_ADD];

/// `x` limited to the interval: `tf.clip_by_value`.
#[track_caller]
pub fn clip_by_value(x: impl IntoTensor, min: impl IntoTensor, max: impl IntoTensor) -> Tensor {
    let (x, min, max) = (x.into_operand(), min.into_operand(), max.into_operand());
    let graph = graph_of(&[&x, &min, &max]);
    build(graph, || {
        let scope = Scope::open(graph, "clip_by_value");
        let x = x.tensor(&scope, "t", None)?;
        fits_type(&MINIMUM, "y", &max, x.dtype())?;
        let max = max.tensor(&scope, "Minimum/y", Some(x.dtype()))?;
        let low = scope.child(&MINIMUM, "Minimum", &[x, max], typed("T", x.dtype()))?.output(0);
        fits_type(&MAXIMUM, "y", &min, x.dtype())?;
        let min = min.tensor(&scope, "y", Some(x.dtype()))?;
        Ok(scope.op(&MAXIMUM, &[low, min], typed("T", x.dtype()))?.output(0))
    })
}

/// Runs `body` with the new operations named under `name`, as one call.
#[track_caller]
pub(crate) fn composed<R>(like: Tensor, name: &str, body: impl FnOnce() -> R) -> R {
    let graph = like.graph();
    graph.as_default(|| build(graph, || Ok(Scope::open(graph, name).enter(body))))
}

/// Runs `body` with the new operations named under `name`, as one call whose last operation bears the name itself.
#[track_caller]
pub(crate) fn composed_as(like: Tensor, name: &str, body: impl FnOnce(&Scope) -> Result<Tensor>) -> Tensor {
    let graph = like.graph();
    graph.as_default(|| {
        build(graph, || {
            let scope = Scope::open(graph, name);
            scope.enter(|| body(&scope))
        })
    })
}

/// `value` plus one number for each index of its last axis.
pub(crate) static BIAS_ADD: OpDef = OpDef::new(
    "BiasAdd",
    |infer| {
        infer.same_type(&["value", "bias"])?;
        infer.allow(0, "value", Types::Numbers)?;
        let (Some(value), Some(bias)) = (infer.shape(0).dims(), infer.shape(1).dims()) else {
            return Ok(vec![infer.inputs[0].clone()]);
        };
        if value.len() < 2 || bias.len() != 1 {
            let running = match value.len() {
                0 | 1 => format!("Input tensor must be at least 2D: {}", infer.shape(0).to_proto()),
                _ => format!("Biases must be 1D: {}", infer.shape(1).to_proto()),
            };
            let building = match value.len() {
                rank @ (0 | 1) => format!("Shape must be at least rank 2 but is rank {rank}"),
                _ => format!("Shape must be rank 1 but is rank {}", bias.len()),
            };
            return infer.fail(building, running);
        }
        if let (Some(m), Some(n)) = (value[value.len() - 1], bias[0])
            && m != n
        {
            return infer.fail(
                format!("Dimensions must be equal, but are {m} and {n}"),
                format!(
                    "Must provide as many biases as the last dimension of the input tensor: {} vs. {}",
                    infer.shape(1).to_proto(),
                    infer.shape(0).to_proto()
                ),
            );
        }
        Ok(vec![infer.inputs[0].clone()])
    },
    ADD.kernel,
)
.gradient(|g| vec![Some(g.dy()), Some(bias_add_grad(g.dy()))])
.samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0), (&[3], -1.0, 1.0)], build: |x| bias_add(x[0], x[1]) }]);

/// `value` plus `bias` along its last axis: `tf.nn.bias_add`.
///
/// # Panics
/// `ValueError` when the bias is no vector of the last axis's size.
#[track_caller]
pub fn bias_add(value: impl IntoTensor, bias: impl IntoTensor) -> Tensor {
    let (value, bias) = (value.into_operand(), bias.into_operand());
    let graph = graph_of(&[&value, &bias]);
    build(graph, || {
        let scope = Scope::open(graph, "BiasAdd");
        let value = value.tensor(&scope, "input", None)?;
        let bias = bias.tensor(&scope, "bias", Some(value.dtype()))?;
        let mut attrs = typed("T", value.dtype());
        attrs.insert("data_format", Attr::Str("NHWC".into()));
        Ok(scope.op(&BIAS_ADD, &[value, bias], attrs)?.output(0))
    })
}
