//! Activations and normalisations of neural networks. Losses are in `loss`, convolutions in `conv`.

use flowbook_cuda::{Work, kernels};

use super::device::{DeviceCall, Place};
use super::elementwise::multiply;
use super::math::Real;
use super::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, simd::multiversioned, typed, unary};
use crate::error::Result;
use crate::graph::{Attr, IntoTensor, Operand, Scope, Tensor, build, graph_of};
use crate::ops::reduce::{Axes, MEAN, reduced, sum_rows};
use crate::{Array, DType};

pub(crate) static OPS: &[&OpDef] = &[&SOFTMAX, &LOG_SOFTMAX, &LEAKY_RELU, &LEAKY_RELU_GRAD, &IDENTITY_N, &BIAS_ADD];

fn infer_rows(infer: &Infer) -> Result<Vec<Signature>> {
    infer.allow(0, "logits", Types::Floats)?;
    if infer.shape(0).rank() == Some(0) {
        let text = "Shape must be at least rank 1 but is rank 0";
        return infer.fail(text, text);
    }
    Ok(vec![infer.inputs[0].clone()])
}

macro_rules! exponentials {
    ($name:ident, $t:ty) => {
        multiversioned! {
            /// The exponentials of rows of `width` logits, each row less its greatest.
            pub(crate) fn $name(logits: &[$t], out: &mut [$t], width: usize) {
                for (row, out) in logits.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
                    let max = greatest(row);
                    row.iter().zip(out).for_each(|(x, o)| *o = x - max);
                }
                out.iter_mut().for_each(|o| *o = Real::exp(*o));
            }
        }
    };
}
exponentials!(exponentials_f32, f32);
exponentials!(exponentials_f64, f64);

/// The greatest of a row.
#[inline(always)]
pub(crate) fn greatest<T: Copy + PartialOrd>(row: &[T]) -> T {
    row.iter().copied().reduce(|a, b| if b > a { b } else { a }).expect("a row of logits has some")
}

pub(crate) static SOFTMAX: OpDef = OpDef::new("Softmax", infer_rows, Kernel::Call(run_softmax))
    .cuda(|call| rows_on_device(call, kernels::softmax))
    .gradient(|g| {
        let (y, dy) = (g.output(), g.dy());
        vec![Some((dy - sum_rows(dy * y)) * y)]
    })
    .samples(&[Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| softmax(x[0]) }]);

/// A function of rows on the device.
fn rows_on_device(
    call: &DeviceCall,
    kernel: fn(flowbook_cuda::DType, [usize; 2], u64, u64) -> Vec<Work>,
) -> Option<Vec<Work>> {
    let (input, output) = (call.input(0), call.output());
    let width = input.shape.last().copied().unwrap_or(1);
    let rows = input.len() / width.max(1);
    Some(kernel(input.device_type()?, [rows, width], input.address, output.address))
}

fn run_softmax(call: &Call) -> Result<()> {
    let width = call.input(0).shape.last().copied().unwrap_or(1).max(1);
    if call.output().dtype == DType::Float32 {
        softmax_f32(call.input(0).slice(), call.output().slice_mut(), width);
        return Ok(());
    }
    let out = call.output().slice_mut::<f64>();
    exponentials_f64(call.input(0).slice(), out, width);
    for row in out.chunks_exact_mut(width) {
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|x| *x /= sum);
    }
    Ok(())
}

multiversioned! {
    /// The softmax of rows as TensorFlow's `float32` one computes it, to the last bit for rows of up to 32.
    fn softmax_f32(logits: &[f32], out: &mut [f32], width: usize) {
        for (row, out) in logits.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
            let max = row.iter().fold(f32::MIN, |max, x| if *x > max { *x } else { max });
            row.iter().zip(out).for_each(|(x, o)| *o = x - max);
        }
        out.iter_mut().for_each(|o| *o = exp_of_difference(*o));
        for row in out.chunks_exact_mut(width) {
            let share = 1.0 / lane_sum(row);
            row.iter_mut().for_each(|o| *o *= share);
        }
    }
}

/// The exponential of a difference from the greatest, with oneDNN's polynomial. What is no number gives infinity.
#[inline(always)]
fn exp_of_difference(x: f32) -> f32 {
    const GREATEST: f32 = 88.722_84;
    const LEAST: f32 = -87.336_55;
    let bounded = if x < GREATEST { x } else { GREATEST };
    let n = bounded.mul_add(std::f32::consts::LOG2_E, 0.5).floor();
    let r = n.mul_add(-std::f32::consts::LN_2, bounded);
    let p = 8.289_291e-3_f32;
    let p = p.mul_add(r, 4.189_782_2e-2);
    let p = p.mul_add(r, 0.166_676_52);
    let p = p.mul_add(r, 0.499_991_5);
    let p = p.mul_add(r, 0.999_999_7);
    let p = p.mul_add(r, 1.0);
    // Half the power, so that 2^128 is within reach.
    let half = f32::from_bits((((n as i32) + 126) << 23) as u32);
    if bounded < LEAST { 0.0 } else { p * half * 2.0 }
}

/// The sum of a row in sixteen lanes, of which each half is added to the other until one is left.
#[inline(always)]
fn lane_sum(row: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 16];
    for part in row.chunks(16) {
        lanes.iter_mut().zip(part).for_each(|(lane, x)| *lane += x);
    }
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
    }
    lanes[0]
}

/// Exponentials that sum to 1 along the last axis: `tf.nn.softmax`.
#[track_caller]
pub fn softmax(logits: impl IntoTensor) -> Tensor {
    unary(&SOFTMAX, "Softmax", "logits", logits.into_operand())
}

fn run_log_softmax(call: &Call) -> Result<()> {
    let width = call.input(0).shape.last().copied().unwrap_or(1).max(1);
    macro_rules! with {
        ($t:ty, $exponentials:ident) => {{
            let (logits, out) = (call.input(0).slice::<$t>(), call.output().slice_mut::<$t>());
            $exponentials(logits, out, width);
            for (row, out) in logits.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
                let (max, log) = (greatest(row), Real::ln(out.iter().sum::<$t>()));
                row.iter().zip(out).for_each(|(x, o)| *o = *x - max - log);
            }
        }};
    }
    match call.output().dtype {
        DType::Float64 => with!(f64, exponentials_f64),
        _ => with!(f32, exponentials_f32),
    }
    Ok(())
}

pub(crate) static LOG_SOFTMAX: OpDef = OpDef::new("LogSoftmax", infer_rows, Kernel::Call(run_log_softmax))
    .cuda(|call| rows_on_device(call, kernels::log_softmax))
    .gradient(|g| {
        let softmax = super::elementwise::exp(g.output());
        vec![Some(g.dy() - sum_rows(g.dy()) * softmax)]
    })
    .samples(&[Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| log_softmax(x[0]) }]);

/// The logarithm of the softmax: `tf.nn.log_softmax`.
#[track_caller]
pub fn log_softmax(logits: impl IntoTensor) -> Tensor {
    unary(&LOG_SOFTMAX, "LogSoftmax", "logits", logits.into_operand())
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
        super::fits_type(&super::elementwise::MAXIMUM, "y", &min, x.dtype())?;
        let min = min.tensor(&scope, "y", Some(x.dtype()))?;
        Ok(scope.op(&super::elementwise::MAXIMUM, &[low, min], typed("T", x.dtype()))?.output(0))
    })
}

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
    vec![Some(leaky_relu_grad(g.dy(), g.input(1), alpha)), Some(super::array::zeros_like(g.input(1)))]
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
            let attrs = super::elementwise::cast_attrs(features.dtype(), DType::Float32);
            features = scope.child(&super::elementwise::CAST, "Cast", &[features], attrs)?.output(0);
        }
        let mut attrs = typed("T", features.dtype());
        attrs.insert("alpha", Attr::Float(alpha as f32));
        Ok(scope.op(&LEAKY_RELU, &[features], attrs)?.output(0))
    })
}

/// The first of its inputs; the others are what its gradient is made of, that of [`swish`].
pub(crate) static IDENTITY_N: OpDef = OpDef::new("IdentityN", |infer| Ok(vec![infer.inputs[0].clone()]), Kernel::Alias)
    .gradient(|g| {
        let (x, beta, dy) = (g.input(1), g.input(2), g.dy());
        let gate = super::elementwise::sigmoid(beta * x);
        let slope = gate * (1.0 + beta * x * (1.0 - gate));
        vec![None, Some(dy * slope), None]
    })
    .samples(&[Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| swish(x[0]) }]);

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
                super::array::new_constant(graph, "features", value)?
            }
        };
        let beta = super::gradient::number(x, "beta", 1.0);
        let gate = super::elementwise::sigmoid(beta * x);
        let gated = x * gate;
        super::array::identity(gated);
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
    let (x, alpha) = (super::array::convert_to_tensor(features), alpha.into_operand());
    composed(x, "prelu", || super::elementwise::relu(x) - multiply(super::elementwise::relu(-x), alpha))
}

/// The greatest of each group of features along the last axis, which leaves `num_units` of them:
/// `tf.contrib.layers.maxout(inputs, num_units)`.
///
/// # Panics
/// `ValueError` when the number of features is not known or no multiple of `num_units`.
#[track_caller]
pub fn maxout(inputs: impl IntoTensor, num_units: usize) -> Tensor {
    let x = super::array::convert_to_tensor(inputs);
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
    composed(x, "MaxOut", || {
        reduced(&super::reduce::MAX, "Max", super::shape::reshape(x, sizes), Some(Axes::from(-1)), false)
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
    super::elementwise::ADD.kernel,
)
.gradient(|g| vec![Some(g.dy()), Some(super::reduce::bias_add_grad(g.dy()))])
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

/// Each element with probability `keep_prob`, scaled up by its reciprocal, else 0: `tf.nn.dropout(x, keep_prob)`.
///
/// `keep_prob` may be a placeholder, so that one graph serves training and evaluation.
///
/// # Panics
/// `ValueError` when `keep_prob` is a number outside `(0, 1]`.
#[track_caller]
pub fn dropout(x: impl IntoTensor, keep_prob: impl IntoTensor) -> Tensor {
    let x = super::array::convert_to_tensor(x);
    let scaled_type = |x: Tensor| {
        if !x.dtype().is_floating() {
            let dtype = x.dtype();
            let text = "`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x_dtype=";
            crate::Error::Value(format!("{text}{dtype}")).raise();
        }
    };
    let keep = match keep_prob.into_operand() {
        Operand::Tensor(keep) => keep,
        literal => {
            let keep = literal.array(Some(DType::Float64)).expect("a literal has an array");
            let number = super::cast_array(&keep, DType::Float64).as_slice::<f64>().map_or(1.0, |v| v[0]);
            if !(number > 0.0 && number <= 1.0) {
                let rate = 1.0 - number;
                let text = "`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate=";
                crate::Error::Value(format!("{text}{rate:?}")).raise();
            }
            scaled_type(x);
            if number == 1.0 {
                return x;
            }
            let number_of = |v: f64| super::cast_array(&Array::scalar(v), x.dtype());
            return composed(x, "dropout", || {
                let scaled = multiply(x, super::array::convert_to_tensor(number_of(1.0 / number)));
                dropped(x, scaled, number_of(1.0 - number))
            });
        }
    };
    scaled_type(x);
    let rate: Tensor = 1.0 - keep;
    composed(x, "dropout", || {
        let rate = if rate.dtype() == x.dtype() { rate } else { super::elementwise::cast(rate, x.dtype()) };
        let one = super::array::convert_to_tensor(super::cast_array(&Array::scalar(1.0f32), x.dtype()));
        let kept = unnamed(&super::elementwise::SUB, "Sub", one, rate);
        dropped(x, unnamed(&super::elementwise::REAL_DIV, "RealDiv", x, kept), rate)
    })
}

/// An op under the name of its type, where the function of the same purpose gives it another.
fn unnamed(def: &'static OpDef, name: &str, x: Tensor, y: Tensor) -> Tensor {
    super::binary(def, name, Operand::Tensor(x), Operand::Tensor(y), super::Style::Function)
}

/// The elements of `scaled`, each 0 with probability `rate`.
fn dropped(x: Tensor, scaled: Tensor, rate: impl IntoTensor) -> Tensor {
    let random = super::random::uniform_like(x);
    let kept = super::elementwise::greater_equal(random, rate);
    let zero = super::array::convert_to_tensor(super::cast_array(&Array::scalar(0.0f32), x.dtype()));
    super::elementwise::select_v2(kept, scaled, zero)
}

/// Mean and variance along `axes`: `tf.nn.moments`.
#[track_caller]
pub fn moments(x: impl IntoTensor, axes: impl Into<Axes>) -> (Tensor, Tensor) {
    let (x, axes) = (super::array::convert_to_tensor(x), axes.into());
    composed(x, "moments", || {
        let kept = reduced(&MEAN, "mean", x, Some(axes), true);
        let squares = super::elementwise::squared_difference(x, super::array::stop_gradient(kept));
        let variance = reduced(&MEAN, "variance", squares, Some(axes), true);
        let gone: Vec<i64> = axes.list().iter().map(|a| i64::from(*a)).collect();
        (super::shape::squeeze(kept, &gone), super::shape::squeeze(variance, &gone))
    })
}

/// `(x - mean) / sqrt(variance + variance_epsilon) * scale + offset`: `tf.nn.batch_normalization`. What Python gives
/// `None` for is 0 as the offset and 1 as the scale.
#[track_caller]
pub fn batch_normalization(
    x: impl IntoTensor,
    mean: impl IntoTensor,
    variance: impl IntoTensor,
    offset: impl IntoTensor,
    scale: impl IntoTensor,
    variance_epsilon: f64,
) -> Tensor {
    let x = super::array::convert_to_tensor(x);
    let (mean, variance) = (mean.into_operand(), variance.into_operand());
    let (offset, scale) = (offset.into_operand(), scale.into_operand());
    composed(x, "batchnorm", || {
        use super::elementwise::{ADD, MUL, SUB};
        // Operators, so that literals take the type of the tensors.
        let operator = |def, name, x: Operand, y: Operand| super::binary(def, name, x, y, super::Style::Operator);
        let widened = operator(&ADD, "add", variance, variance_epsilon.into_operand());
        let inverse = operator(&MUL, "mul", super::elementwise::rsqrt(widened).into_operand(), scale);
        let scaled = x * inverse;
        let mean = operator(&MUL, "mul", mean, inverse.into_operand());
        scaled + operator(&SUB, "sub", offset, mean.into_operand())
    })
}
