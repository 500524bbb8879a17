//! TensorFlow 2's functions, one line each: the op table's own function, run by `eager`. Functions with settings that are
//! given afterwards are in `creation` and `reduction`, and in `arrays` where the op itself has them; those on the order of
//! elements in `layout`.

mod creation;
mod layout;
mod reduction;

use super::arrays::outputs;
use super::eager::{call, call_many};
use super::operand::{IntoTensor, Operand};
use super::{Tensor, operators};
use crate::error::{Error, Result, collect};
use crate::graph::IntoDType;
use crate::ops::reduce::Axes;
use crate::ops::{self, elementwise as e};

pub use creation::{Constant, Filled, constant, convert_to_tensor, ones, zeros};
pub use layout::{reverse, split, transpose, transpose_perm, unstack};
pub use reduction::{
    Product, Reduction, matmul, reduce_all, reduce_any, reduce_max, reduce_mean, reduce_min, reduce_prod, reduce_sum,
};

/// Functions whose tensor arguments come first.
macro_rules! forward {
    ($($(#[$doc:meta])* $name:ident($($x:ident),+ $(; $($extra:ident: $t:ty),+)?) = $path:path;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name($($x: impl IntoTensor),+ $($(, $extra: $t)+)?) -> Tensor {
            let operands = [$($x.into_operand()),+];
            call(&operands, |operands| {
                let mut operands = operands.iter().cloned();
                $(let $x = operands.next().expect("as many operands as arguments");)+
                $path($($x),+ $($(, $extra)+)?).tensor()
            })
        }
    )* };
}

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident = $runner:ident $def:ident;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(x: impl IntoTensor, y: impl IntoTensor) -> Tensor {
            operators::$runner(&e::$def, x.into_operand(), y.into_operand())
        }
    )* };
}

binary! {
    /// `x + y`: `tf.add`.
    add = binary ADD;
    /// `x - y`: `tf.subtract`.
    subtract = binary SUB;
    /// `x * y`: `tf.multiply`.
    multiply = binary MUL;
    /// The greater of `x` and `y`: `tf.maximum`.
    maximum = binary MAXIMUM;
    /// The lesser of `x` and `y`: `tf.minimum`.
    minimum = binary MINIMUM;
    /// `x` to the power of `y`: `tf.pow`.
    pow = general POW;
    /// `floor(x / y)`: `tf.math.floordiv`.
    floordiv = general FLOOR_DIV;
    /// The remainder with the sign of `y`: `tf.math.floormod`.
    floormod = general FLOOR_MOD;
    /// `(x - y)^2`: `tf.math.squared_difference`.
    squared_difference = binary SQUARED_DIFFERENCE;
    /// The angle of the point `(y, x)`: `tf.math.atan2`.
    atan2 = binary ATAN2;
    /// `x / y`, but 0 where `y` is 0: `tf.math.divide_no_nan`.
    divide_no_nan = general DIV_NO_NAN;
    /// `x * log(y)`, but 0 where `x` is 0: `tf.math.xlogy`.
    xlogy = general XLOGY;
    /// `x / y`, but 0 where `x` is 0: `tf.math.xdivy`.
    xdivy = general XDIVY;
    /// `x == y`, element by element: `tf.equal`.
    equal = general EQUAL;
    /// `x != y`, element by element: `tf.not_equal`.
    not_equal = general NOT_EQUAL;
    /// `x < y`, element by element: `tf.less`.
    less = general LESS;
    /// `x <= y`, element by element: `tf.less_equal`.
    less_equal = general LESS_EQUAL;
    /// `x > y`, element by element: `tf.greater`.
    greater = general GREATER;
    /// `x >= y`, element by element: `tf.greater_equal`.
    greater_equal = general GREATER_EQUAL;
    /// `x and y`: `tf.logical_and`.
    logical_and = general LOGICAL_AND;
    /// `x or y`: `tf.logical_or`.
    logical_or = general LOGICAL_OR;
}

/// `x / y`, true division: integers become `float64` first: `tf.divide`.
#[track_caller]
pub fn divide(x: impl IntoTensor, y: impl IntoTensor) -> Tensor {
    operators::div(x.into_operand(), y.into_operand())
}

/// `x / y`: `tf.truediv`, the same as [`divide`].
#[track_caller]
pub fn truediv(x: impl IntoTensor, y: impl IntoTensor) -> Tensor {
    operators::div(x.into_operand(), y.into_operand())
}

forward! {
    /// `-x`: `tf.negative`.
    negative(x) = e::negative;
    /// The absolute value: `tf.abs`.
    abs(x) = e::abs;
    /// -1, 0 or 1: `tf.sign`.
    sign(x) = e::sign;
    /// `x * x`: `tf.square`.
    square(x) = e::square;
    /// The square root: `tf.sqrt`.
    sqrt(x) = e::sqrt;
    /// `1 / sqrt(x)`: `tf.math.rsqrt`.
    rsqrt(x) = e::rsqrt;
    /// `1 / x`: `tf.math.reciprocal`.
    reciprocal(x) = e::reciprocal;
    /// e to the power of `x`: `tf.exp`.
    exp(x) = e::exp;
    /// `exp(x) - 1`: `tf.math.expm1`.
    expm1(x) = e::expm1;
    /// The natural logarithm: `tf.math.log`.
    log(x) = e::log;
    /// `log(1 + x)`: `tf.math.log1p`.
    log1p(x) = e::log1p;
    /// The sine: `tf.sin`.
    sin(x) = e::sin;
    /// The cosine: `tf.cos`.
    cos(x) = e::cos;
    /// The tangent: `tf.tan`.
    tan(x) = e::tan;
    /// The arc sine: `tf.asin`.
    asin(x) = e::asin;
    /// The arc cosine: `tf.acos`.
    acos(x) = e::acos;
    /// The arc tangent: `tf.atan`.
    atan(x) = e::atan;
    /// The hyperbolic sine: `tf.sinh`.
    sinh(x) = e::sinh;
    /// The hyperbolic cosine: `tf.cosh`.
    cosh(x) = e::cosh;
    /// The hyperbolic tangent: `tf.tanh`.
    tanh(x) = e::tanh;
    /// The inverse of the hyperbolic sine: `tf.asinh`.
    asinh(x) = e::asinh;
    /// The inverse of the hyperbolic cosine: `tf.acosh`.
    acosh(x) = e::acosh;
    /// The inverse of the hyperbolic tangent: `tf.atanh`.
    atanh(x) = e::atanh;
    /// `1 / (1 + exp(-x))`: `tf.sigmoid`.
    sigmoid(x) = e::sigmoid;
    /// The error function: `tf.math.erf`.
    erf(x) = e::erf;
    /// `1 - erf(x)`: `tf.math.erfc`.
    erfc(x) = e::erfc;
    /// The greatest integer not above `x`: `tf.floor`.
    floor(x) = e::floor;
    /// The least integer not below `x`: `tf.math.ceil`.
    ceil(x) = e::ceil;
    /// The nearest integer, ties to even, of floats: `tf.math.rint`.
    rint(x) = e::rint;
    /// The nearest integer, ties to even: `tf.round`.
    round(x) = e::round;
    /// Whether `x` is not a number: `tf.math.is_nan`.
    is_nan(x) = e::is_nan;
    /// Whether `x` is infinite: `tf.math.is_inf`.
    is_inf(x) = e::is_inf;
    /// Whether `x` is neither infinite nor not a number: `tf.math.is_finite`.
    is_finite(x) = e::is_finite;
    /// `not x`: `tf.logical_not`.
    logical_not(x) = e::logical_not;
    /// `max(x, 0)`: `tf.nn.relu`.
    relu(x) = e::relu;
    /// `min(max(x, 0), 6)`: `tf.nn.relu6`.
    relu6(x) = e::relu6;
    /// `log(1 + exp(x))`: `tf.nn.softplus`.
    softplus(x) = e::softplus;
    /// `x / (1 + |x|)`: `tf.nn.softsign`.
    softsign(x) = e::softsign;
    /// `x` where positive, else `exp(x) - 1`: `tf.nn.elu`.
    elu(x) = e::elu;
    /// The scaled exponential unit: `tf.nn.selu`.
    selu(x) = e::selu;
    /// `x * sigmoid(x)`: `tf.nn.swish`.
    swish(x) = ops::nn::swish;
    /// `value` plus `bias` along its last axis: `tf.nn.bias_add`.
    bias_add(value, bias) = ops::nn::bias_add;
    /// `x` limited to the interval: `tf.clip_by_value`.
    clip_by_value(x, min, max) = ops::nn::clip_by_value;
    /// The cross entropy of each row's softmax with its labels: `tf.nn.softmax_cross_entropy_with_logits`.
    softmax_cross_entropy_with_logits(labels, logits) = ops::loss::softmax_cross_entropy_with_logits_v2;
    /// The cross entropy of each row's softmax with the class of that number:
    /// `tf.nn.sparse_softmax_cross_entropy_with_logits`.
    sparse_softmax_cross_entropy_with_logits(labels, logits) = ops::loss::sparse_softmax_cross_entropy_with_logits;
    /// The cross entropy of `sigmoid(logits)` with the labels: `tf.nn.sigmoid_cross_entropy_with_logits`.
    sigmoid_cross_entropy_with_logits(labels, logits) = ops::loss::sigmoid_cross_entropy_with_logits;
    /// Half the sum of the squares of all elements: `tf.nn.l2_loss`.
    l2_loss(t) = ops::loss::l2_loss;
    /// The tensor, shortened to the length `clip_norm` when it is longer: `tf.clip_by_norm`.
    clip_by_norm(t, clip_norm) = ops::norm::clip_by_norm;
    /// The same value: `tf.identity`.
    identity(x) = ops::array::identity;
    /// The same value, which counts as a constant in gradients: `tf.stop_gradient`.
    stop_gradient(x) = ops::array::stop_gradient;
    /// `value` in the shape `dims`: `tf.fill`.
    fill(dims, value) = ops::array::fill;
    /// Numbers from `start` in steps of `delta` up to below `limit`: `tf.range`.
    range(start, limit, delta) = ops::array::range;
    /// `num` numbers from `start` to `stop`, evenly spaced: `tf.linspace`.
    linspace(start, stop, num) = ops::linspace::linspace;
    /// The same elements under another shape; one size may be -1: `tf.reshape`.
    reshape(tensor, shape) = ops::shape::reshape;
    /// The sizes along each axis as a tensor: `tf.shape`.
    shape(x) = ops::shape::shape;
    /// The number of axes as a tensor: `tf.rank`.
    rank(x) = ops::shape::rank;
    /// The number of elements as a tensor: `tf.size`.
    size(x) = ops::shape::size;
    /// The tensor with a further axis of size 1: `tf.expand_dims`.
    expand_dims(x; axis: i32) = ops::shape::expand_dims;
    /// The tensor without the axes given, or without all axes of size 1 when none is: `tf.squeeze`.
    squeeze(x; axis: &[i64]) = ops::shape::squeeze;
    /// The tensor repeated along each axis: `tf.tile`.
    tile(x, multiples) = ops::shape::tile;
    /// The tensor repeated to a larger shape: `tf.broadcast_to`.
    broadcast_to(x, shape) = ops::shape::broadcast_to;
    /// Zeros of a shape with the updates added where indices say: `tf.scatter_nd`.
    scatter_nd(indices, updates, shape) = ops::scatter::scatter_nd;
    /// The tensor with the updates in the places that indices say: `tf.tensor_scatter_nd_update`.
    tensor_scatter_nd_update(tensor, indices, updates) = ops::scatter::tensor_scatter_nd_update;
    /// The tensor with the updates added in the places that indices say: `tf.tensor_scatter_nd_add`.
    tensor_scatter_nd_add(tensor, indices, updates) = ops::scatter::tensor_scatter_nd_add;
    /// The tensor with the updates subtracted in the places that indices say: `tf.tensor_scatter_nd_sub`.
    tensor_scatter_nd_sub(tensor, indices, updates) = ops::scatter::tensor_scatter_nd_sub;
    /// The sums of the rows that have the same number: `tf.math.unsorted_segment_sum`.
    unsorted_segment_sum(data, segment_ids, num_segments) = ops::scatter::unsorted_segment_sum;
    /// The elements or rows where the mask is true: `tf.boolean_mask`.
    boolean_mask(tensor, mask) = ops::slicing::boolean_mask;
    /// The elements or rows at indices of several axes: `tf.gather_nd`.
    gather_nd(params, indices) = ops::shape::gather_nd;
    /// The sums of the rows that have the same number, of numbers that rise: `tf.math.segment_sum`.
    segment_sum(data, segment_ids) = ops::scatter::segment_sum;
    /// The means of the rows that have the same number, of numbers that rise: `tf.math.segment_mean`.
    segment_mean(data, segment_ids) = ops::scatter::segment_mean;
    /// The products of the rows that have the same number, of numbers that rise: `tf.math.segment_prod`.
    segment_prod(data, segment_ids) = ops::scatter::segment_prod;
    /// The greatest of the rows that have the same number, of numbers that rise: `tf.math.segment_max`.
    segment_max(data, segment_ids) = ops::scatter::segment_max;
    /// The least of the rows that have the same number, of numbers that rise: `tf.math.segment_min`.
    segment_min(data, segment_ids) = ops::scatter::segment_min;
    /// The part of `size` from `begin` on: `tf.slice`.
    slice(x, begin, size) = ops::shape::slice;
    /// The places where the condition holds, one row each: `tf.where(condition)`.
    argwhere(condition) = ops::slicing::r#where;
    /// `x` where the condition holds, else `y`: `tf.where(condition, x, y)`.
    where_(condition, x, y) = e::select_v2;
    /// Windows of the filter slid over images: `tf.nn.conv2d`, of `[batch, height, width, channels]` and
    /// `[height, width, in, out]`.
    conv2d(input, filters; strides: [i64; 4], padding: &str) = ops::conv::conv2d;
    /// The largest value of each window: `tf.nn.max_pool2d`.
    max_pool2d(input; ksize: [i64; 4], strides: [i64; 4], padding: &str) = ops::conv::max_pool;
    /// The mean of each window: `tf.nn.avg_pool2d`.
    avg_pool2d(input; ksize: [i64; 4], strides: [i64; 4], padding: &str) = ops::conv::avg_pool;
}

/// `x` where positive, else `alpha * x`: `tf.nn.leaky_relu`, whose own default for `alpha` is 0.2.
#[track_caller]
pub fn leaky_relu(features: impl IntoTensor, alpha: f64) -> Tensor {
    call(&[features.into_operand()], |x| ops::nn::leaky_relu(x[0].clone(), alpha))
}

/// `x` times the share of a normal distribution below it: `tf.nn.gelu`.
#[track_caller]
pub fn gelu(features: impl IntoTensor) -> Tensor {
    let x = features.into_operand().tensor();
    0.5 * &x * erfc(-&x * std::f64::consts::FRAC_1_SQRT_2)
}

/// Each element with probability `1 - rate`, scaled up by its reciprocal, else 0: `tf.nn.dropout(x, rate)`.
///
/// # Panics
/// `ValueError` when `rate` is outside `[0, 1)`.
#[track_caller]
pub fn dropout(x: impl IntoTensor, rate: f64) -> Tensor {
    if !(0.0..1.0).contains(&rate) {
        Error::Value(format!("`rate` must be a scalar tensor or a float in the range [0, 1), got {rate}")).raise();
    }
    call(&[x.into_operand()], |x| ops::nn::dropout(x[0].clone(), 1.0 - rate))
}

/// Mean and variance along `axes`: `tf.nn.moments`.
#[track_caller]
pub fn moments(x: impl IntoTensor, axes: impl Into<Axes>) -> (Tensor, Tensor) {
    let [mean, variance] = outputs(call_many(&[x.into_operand()], |x| {
        let (mean, variance) = ops::nn::moments(x[0].clone(), axes);
        vec![mean, variance]
    }));
    (mean, variance)
}

/// The value as another element type: `tf.cast`. Floats become integers by truncation.
///
/// # Panics
/// `TypeError` for an element type that does not exist.
#[track_caller]
pub fn cast(x: impl IntoTensor, dtype: impl IntoDType) -> Tensor {
    let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
    let x = x.into_operand().tensor();
    if x.dtype() == dtype {
        return x;
    }
    call(&[Operand::Tensor(x)], |x| e::cast(x[0].clone(), dtype))
}

/// Runs `body` with the errors it raises as a value.
pub(crate) fn attempt<R>(body: impl FnOnce() -> R) -> Result<R> {
    collect(body)
}
