//! Activations that have a parameter or are made of several steps. The plain ones are in `ops::elementwise`.

use flowbook_cuda::{Work, kernels};

use super::composed;
use crate::DType;
use crate::error::Result;
use crate::graph::{Attr, Gradient, IntoTensor, Operand, Scope, Tensor, build, control_dependencies, graph_of};
use crate::ops::array::{convert_to_tensor, identity, new_constant, zeros_of};
use crate::ops::custom_gradient::IDENTITY_N;
use crate::ops::device::{DeviceCall, Place};
use crate::ops::elementwise::{CAST, cast_attrs, multiply, relu, sigmoid, square};
use crate::ops::gradient::number;
use crate::ops::reduce::{Axes, MAX, reduce_sum, reduced};
use crate::ops::shape::reshape;
use crate::ops::{Infer, Kernel, OpDef, Sample, Signature, Types, typed};

/// `x` where `sign` is positive, else `alpha * x`.
macro_rules! leak {
    ($call:ident, $t:ty, $sign:expr) => {{
        let slope = $call.node.float("alpha") as $t;
        let pairs = $call.input(0).slice::<$t>().iter().zip($call.input($sign).slice::<$t>());
        for (o, (x, sign)) in $call.output().slice_mut::<$t>().iter_mut().zip(pairs) {
            *o = if *sign > 0.0 { *x } else { slope * *x };
        }
    }};
}

/// The first operand where `sign` is positive, else a fraction of it.
fn leak_on_device(call: &DeviceCall, sign: &str) -> Option<Vec<Work>> {
    let output = call.output();
    let dtype = output.device_type()?;
    let operand = |input: &Place| kernels::Operand { dtype, address: input.address, scalar: false };
    let operands: Vec<kernels::Operand> = call.inputs.iter().map(operand).collect();
    let alpha = f64::from(call.node.float("alpha"));
    let expression = format!("{sign} > 0 ? x0 : (R){alpha:?} * x0");
    Some(kernels::map(&expression, &operands, dtype, output.address, output.len()))
}

fn infer_leak(infer: &Infer) -> Result<Vec<Signature>> {
    infer.allow(0, "features", Types::Floats)?;
    Ok(vec![infer.inputs[0].clone()])
}

pub(crate) static LEAKY_RELU: OpDef = OpDef::new(
    "LeakyRelu",
    infer_leak,
    Kernel::Call(|call| {
        match call.output().dtype {
            DType::Float64 => leak!(call, f64, 0),
            _ => leak!(call, f32, 0),
        }
        Ok(())
    }),
)
.cuda(|call| leak_on_device(call, "x0"))
.gradient(|g| vec![Some(leaky_relu_grad(g.dy(), g.input(0), g.node().float("alpha")))])
.samples(&[
    Sample { inputs: &[(&[2, 3], -2.0, -0.5)], build: |x| leaky_relu(x[0], 0.2) },
    Sample { inputs: &[(&[2, 3], 0.5, 2.0)], build: |x| leaky_relu(x[0], 0.2) },
]);

/// The gradient `dy` where the feature is positive, else `alpha * dy`.
pub(crate) static LEAKY_RELU_GRAD: OpDef = OpDef::new(
    "LeakyReluGrad",
    infer_leak,
    Kernel::Call(|call| {
        match call.output().dtype {
            DType::Float64 => leak!(call, f64, 1),
            _ => leak!(call, f32, 1),
        }
        Ok(())
    }),
)
.cuda(|call| leak_on_device(call, "x1"))
.gradient(|g| {
    let alpha = g.node().float("alpha");
    vec![Some(leaky_relu_grad(g.dy(), g.input(1), alpha)), Some(zeros_of(g.input(1)))]
})
.samples(&[Sample {
    inputs: &[(&[2, 3], -1.0, 1.0), (&[2, 3], 0.5, 2.0)],
    build: |x| leaky_relu_grad(x[0], x[1], 0.2),
}]);

fn leaky_relu_grad(dy: Tensor, features: Tensor, alpha: f32) -> Tensor {
    let graph = dy.graph();
    build(graph, || {
        let mut attrs = typed("T", dy.dtype());
        attrs.insert("alpha", Attr::Float(alpha));
        Ok(Scope::open(graph, "LeakyReluGrad").op(&LEAKY_RELU_GRAD, &[dy, features], attrs)?.output(0))
    })
}

/// `x` where positive, else `alpha * x`: `tf.nn.leaky_relu`, whose own default for `alpha` is 0.2.
#[track_caller]
pub fn leaky_relu(features: impl IntoTensor, alpha: f64) -> Tensor {
    let features = features.into_operand();
    let graph = graph_of(&[&features]);
    build(graph, || {
        let scope = Scope::open(graph, "LeakyRelu");
        let mut features = features.tensor(&scope, "features", None)?;
        if features.dtype().is_integer() {
            let attrs = cast_attrs(features.dtype(), DType::Float32);
            features = scope.child(&CAST, "Cast", &[features], attrs)?.output(0);
        }
        let mut attrs = typed("T", features.dtype());
        attrs.insert("alpha", Attr::Float(alpha as f32));
        Ok(scope.op(&LEAKY_RELU, &[features], attrs)?.output(0))
    })
}

/// The gradients of [`swish`], whose result stands before `x` and `beta` as inputs.
pub(crate) fn swish_gradient(g: &Gradient) -> Vec<Option<Tensor>> {
    let (x, beta, dy) = (g.input(1), g.input(2), g.dy());
    // A recording is seen by nobody, and beta is a constant.
    let seen = !x.graph().data().eager;
    let gate = sigmoid(if seen { again(beta, x, dy) } else { beta * x });
    let slope = gate * (1.0 + beta * x * (1.0 - gate));
    let by_beta = seen.then(|| reduce_sum(dy * square(x) * gate * (1.0 - gate)).tensor());
    vec![None, Some(dy * slope), by_beta]
}

/// `beta * x` once more. TensorFlow lets it wait for `dy`, so that the first one need not be kept; a run does not.
fn again(beta: Tensor, x: Tensor, dy: Tensor) -> Tensor {
    let product = control_dependencies([dy.op()], || beta * x);
    product.graph().change(product.op(), |node| node.waits = false);
    product
}

/// `x * sigmoid(x)`: `tf.nn.swish`.
#[track_caller]
pub fn swish(features: impl IntoTensor) -> Tensor {
    let features = features.into_operand();
    let graph = graph_of(&[&features]);
    build(graph, || {
        let x = match &features {
            Operand::Tensor(x) => *x,
            literal => {
                let value = literal.array(None).expect("a literal has an array");
                new_constant(graph, "features", value)?
            }
        };
        let beta = number(x, "beta", 1.0);
        let gate = sigmoid(beta * x);
        let gated = x * gate;
        identity(gated);
        let attrs = typed("T", x.dtype());
        Ok(Scope::open(graph, "IdentityN").op(&IDENTITY_N, &[gated, x, beta], attrs)?.output(0))
    })
}

/// Another name of [`swish`]: `tf.nn.silu`.
#[track_caller]
pub fn silu(features: impl IntoTensor) -> Tensor {
    swish(features)
}

/// `x` where positive, else `alpha * x` with a slope that is learned: Keras' `PReLU`, which `tf.nn` has not.
#[track_caller]
pub fn prelu(features: impl IntoTensor, alpha: impl IntoTensor) -> Tensor {
    let (x, alpha) = (convert_to_tensor(features), alpha.into_operand());
    composed(x, "prelu", || relu(x) - multiply(relu(-x), alpha))
}

/// The greatest of each group of features along the last axis, which leaves `num_units` of them:
/// `tf.contrib.layers.maxout(inputs, num_units)`.
///
/// # Panics
/// `ValueError` when the number of features is not known or no multiple of `num_units`.
#[track_caller]
pub fn maxout(inputs: impl IntoTensor, num_units: usize) -> Tensor {
    let x = convert_to_tensor(inputs);
    let shape = x.shape();
    let Some([outer @ .., Some(features)]) = shape.dims() else {
        crate::Error::Value(format!("maxout needs a known number of features, not {x}")).raise()
    };
    if num_units == 0 || features % num_units != 0 {
        crate::Error::Value(format!("number of features({features}) is not a multiple of num_units({num_units})"))
            .raise();
    }
    let unknown = outer.iter().filter(|d| d.is_none()).count();
    if unknown > 1 {
        crate::Error::Value(format!("maxout needs all sizes but one, not {x}")).raise();
    }
    let outer = outer.iter().map(|d| d.map_or(-1, |d| d as i32));
    let sizes: Vec<i32> = outer.chain([num_units as i32, (features / num_units) as i32]).collect();
    composed(x, "MaxOut", || reduced(&MAX, "Max", reshape(x, sizes), Some(Axes::from(-1)), false))
}
