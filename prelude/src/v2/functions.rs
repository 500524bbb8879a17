//! TensorFlow 2's functions, one line each: the op table's own function, run by `eager`.

use super::built::{Built, Evaluate};
use super::eager::{call, call_many, check_types, try_call};
use super::operand::{IntoTensor, Operand};
use super::{Tensor, operators};
use crate::error::{Error, Result, collect};
use crate::graph::{self, IntoDType};
use crate::ops::reduce::{self, Axes};
use crate::ops::{self, cast_array, elementwise as e};
use crate::{Array, ArrayLike, DType, Shape};

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
    /// Exponentials that sum to 1 along the last axis: `tf.nn.softmax`.
    softmax(logits) = ops::nn::softmax;
    /// The logarithm of the softmax: `tf.nn.log_softmax`.
    log_softmax(logits) = ops::nn::log_softmax;
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
    /// The Euclidean length of all elements together: `tf.norm`.
    norm(tensor) = ops::norm::norm;
    /// The tensor, shortened to the length `clip_norm` when it is longer: `tf.clip_by_norm`.
    clip_by_norm(t, clip_norm) = ops::norm::clip_by_norm;
    /// The same value: `tf.identity`.
    identity(x) = ops::array::identity;
    /// The same value, which counts as a constant in gradients: `tf.stop_gradient`.
    stop_gradient(x) = ops::array::stop_gradient;
    /// Zeros in the shape and type of `x`: `tf.zeros_like`.
    zeros_like(x) = ops::array::zeros_like;
    /// Ones in the shape and type of `x`: `tf.ones_like`.
    ones_like(x) = ops::array::ones_like;
    /// `value` in the shape `dims`: `tf.fill`.
    fill(dims, value) = ops::array::fill;
    /// Numbers from `start` in steps of `delta` up to below `limit`: `tf.range`.
    range(start, limit, delta) = ops::array::range;
    /// `num` numbers from `start` to `stop`, evenly spaced: `tf.linspace`.
    linspace(start, stop, num) = ops::linspace::linspace;
    /// 1 in the place of each index, 0 in the `depth - 1` others: `tf.one_hot`.
    one_hot(indices; depth: i32) = ops::array::one_hot;
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
    /// The rows of `params` at `indices`: `tf.gather`.
    gather(params, indices) = ops::shape::gather;
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
    boolean_mask(tensor, mask) = ops::scatter::boolean_mask;
    /// The part of `size` from `begin` on: `tf.slice`.
    slice(x, begin, size) = ops::shape::slice;
    /// The tensor with zeros around it: `tf.pad`.
    pad(x, paddings) = ops::shape::pad;
    /// Running sums along an axis: `tf.cumsum`.
    cumsum(x; axis: i32) = ops::slicing::cumsum;
    /// The places where the condition holds, one row each: `tf.where(condition)`.
    argwhere(condition) = ops::slicing::r#where;
    /// `x` where the condition holds, else `y`: `tf.where(condition, x, y)`.
    where_(condition, x, y) = e::select_v2;
    /// The index of the largest element along an axis: `tf.argmax`.
    argmax(x; axis: i32) = reduce::argmax;
    /// The index of the smallest element along an axis: `tf.argmin`.
    argmin(x; axis: i32) = reduce::argmin;
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
    let mut both = call_many(&[x.into_operand()], |x| {
        let (mean, variance) = ops::nn::moments(x[0].clone(), axes);
        vec![mean, variance]
    });
    let variance = both.swap_remove(1);
    (both.swap_remove(0), variance)
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

/// The argument as a tensor: `tf.convert_to_tensor`.
pub fn convert_to_tensor(value: impl IntoTensor) -> Tensor {
    value.into_operand().tensor()
}

/// The arguments of [`constant`].
#[derive(Clone)]
pub struct Constant {
    exact: Array,
    dtype: DType,
    chosen: bool,
    shape: Option<Vec<usize>>,
}

impl Evaluate for Constant {
    fn evaluate(&self) -> Result<Tensor> {
        let from = self.exact.dtype();
        if self.chosen && from != self.dtype && !graph::converts(from, self.dtype) {
            let text = match self.exact.as_slice::<String>() {
                Some([text]) => format!("'{text}'"),
                _ => ops::python_text(&self.exact),
            };
            return Err(Error::Type(format!("Cannot convert {text} to EagerTensor of dtype {}", self.dtype.c_name())));
        }
        let value = cast_array(&self.exact, self.dtype);
        let Some(shape) = &self.shape else { return Ok(Tensor::eager(value)) };
        let count: usize = shape.iter().product();
        if value.len() == 1 {
            return Ok(Tensor::eager(ops::array::filled(&value.reshaped(&[])?, shape)));
        }
        if value.len() != count {
            return Err(Error::Type(format!(
                "Eager execution of tf.constant with unsupported shape. Tensor {value} (converted from {}) has {} \
                 elements, but got `shape` {} with {count} elements).",
                value.to_string().replace(' ', ", "),
                value.len(),
                crate::format::shape_text(shape)
            )));
        }
        Ok(Tensor::eager(value.reshaped(shape)?))
    }
}

/// A tensor of that value: `tf.constant`, with `.with_dtype(...)` and `.with_shape(...)`.
///
/// ```
/// use flowbook::v2 as tf;
/// assert_eq!(tf::constant([1.9, 2.1]).to_string(), "tf.Tensor([1.9 2.1], shape=(2,), dtype=float32)");
/// ```
#[track_caller]
pub fn constant(value: impl ArrayLike) -> Built<Constant> {
    let dtype = value.to_tensor().dtype();
    Built::new(Constant { exact: value.to_array(), dtype, chosen: false, shape: None })
}

impl Built<Constant> {
    /// The element type, `dtype=`.
    ///
    /// # Panics
    /// `TypeError` when the value does not convert to it.
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> Built<Constant> {
        let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
        self.with(|c| (c.dtype, c.chosen) = (dtype, true))
    }

    /// The shape, `shape=`. One value fills it.
    ///
    /// # Panics
    /// `TypeError` when the number of elements differs.
    #[track_caller]
    pub fn with_shape(self, shape: impl Into<Shape>) -> Built<Constant> {
        let sizes = shape.into().sizes();
        self.with(|c| c.shape = sizes)
    }
}

/// The arguments of [`zeros`] and [`ones`].
#[derive(Clone)]
pub struct Filled {
    value: i32,
    shape: Shape,
    dtype: DType,
}

impl Evaluate for Filled {
    fn evaluate(&self) -> Result<Tensor> {
        let sizes = self.shape.sizes().ok_or_else(|| Error::Value("the shape must be fully known".into()))?;
        let one = cast_array(&Array::scalar(self.value), self.dtype);
        Ok(Tensor::eager(ops::array::filled(&one, &sizes)))
    }
}

/// Zeros, of `float32` unless `.with_dtype(...)` says otherwise: `tf.zeros`.
#[track_caller]
pub fn zeros(shape: impl Into<Shape>) -> Built<Filled> {
    Built::new(Filled { value: 0, shape: shape.into(), dtype: DType::Float32 })
}

/// Ones, of `float32` unless `.with_dtype(...)` says otherwise: `tf.ones`.
#[track_caller]
pub fn ones(shape: impl Into<Shape>) -> Built<Filled> {
    Built::new(Filled { value: 1, shape: shape.into(), dtype: DType::Float32 })
}

impl Built<Filled> {
    /// The element type, `dtype=`.
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> Built<Filled> {
        let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
        self.with(|a| a.dtype = dtype)
    }
}

/// The identity matrix of size `n`: `tf.eye`.
#[track_caller]
pub fn eye(n: usize) -> Tensor {
    call(&[], |_| ops::array::eye(n))
}

/// The arguments of the reductions.
#[derive(Clone)]
pub struct Reduction {
    op: fn(graph::Operand) -> graph::Built<reduce::Reduction>,
    x: Operand,
    axes: Option<Axes>,
    keepdims: bool,
}

impl Evaluate for Reduction {
    fn evaluate(&self) -> Result<Tensor> {
        try_call(std::slice::from_ref(&self.x), |x| {
            let reduced = (self.op)(x[0].clone());
            let reduced = match self.axes {
                Some(axes) => reduced.axis(axes),
                None => reduced,
            };
            if self.keepdims { reduced.keepdims(true).tensor() } else { reduced.tensor() }
        })
    }
}

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(x: impl IntoTensor) -> Built<Reduction> {
            Built::new(Reduction { op: reduce::$name, x: x.into_operand(), axes: None, keepdims: false })
        }
    )* };
}
reductions! {
    /// The sum of all elements, or along `.axis(...)`: `tf.reduce_sum`.
    reduce_sum;
    /// The mean of all elements, or along `.axis(...)`: `tf.reduce_mean`.
    reduce_mean;
    /// The largest element, or along `.axis(...)`: `tf.reduce_max`.
    reduce_max;
    /// The smallest element, or along `.axis(...)`: `tf.reduce_min`.
    reduce_min;
    /// The product of all elements, or along `.axis(...)`: `tf.reduce_prod`.
    reduce_prod;
    /// Whether all elements are true, or along `.axis(...)`: `tf.reduce_all`.
    reduce_all;
    /// Whether some element is true, or along `.axis(...)`: `tf.reduce_any`.
    reduce_any;
}

impl Built<Reduction> {
    /// The axes to reduce, `axis=`.
    #[track_caller]
    pub fn axis(self, axes: impl Into<Axes>) -> Built<Reduction> {
        self.with(|r| r.axes = Some(axes.into()))
    }

    /// Whether reduced axes stay, with size 1: `keepdims=`.
    #[track_caller]
    pub fn keepdims(self, keep: bool) -> Built<Reduction> {
        self.with(|r| r.keepdims = keep)
    }
}

/// The arguments of [`matmul`].
#[derive(Clone)]
pub struct Product {
    a: Operand,
    b: Operand,
    ta: bool,
    tb: bool,
}

impl Evaluate for Product {
    fn evaluate(&self) -> Result<Tensor> {
        check_types("MatMul", &self.a, &self.b)?;
        try_call(&[self.a.clone(), self.b.clone()], |x| {
            // All at once: a product before its setters would run as well, and fail.
            ops::matmul::new_product(x[0].clone(), x[1].clone(), self.ta, self.tb)
        })
        .map_err(|error| match error {
            // The two zeros after the sizes are those of a batch, which an eager product does not print.
            Error::InvalidArgument(m) => Error::InvalidArgument(m.replace(" 0 0 [Op", " [Op")),
            other => other,
        })
    }

    fn may_wait(&self) -> bool {
        let sizes = |o: &Operand| o.tensor().shape().sizes()?.last_chunk::<2>().copied();
        let (Some(a), Some(b)) = (sizes(&self.a), sizes(&self.b)) else { return false };
        let (a, b) =
            ((a[usize::from(self.ta)], a[usize::from(!self.ta)]), (b[usize::from(self.tb)], b[usize::from(!self.tb)]));
        a.0 == b.0 || a.1 == b.1 || a.0 == b.1
    }
}

/// The matrix product: `tf.matmul`, with `.transpose_a(true)` and `.transpose_b(true)`.
///
/// # Panics
/// `InvalidArgumentError` when the inner sizes differ or an operand is no matrix; when a transposition would make them
/// fit, it comes from the first use of the product, after the setters.
#[track_caller]
pub fn matmul(a: impl IntoTensor, b: impl IntoTensor) -> Built<Product> {
    Built::new(Product { a: a.into_operand(), b: b.into_operand(), ta: false, tb: false })
}

impl Built<Product> {
    /// Takes the first operand transposed.
    #[track_caller]
    pub fn transpose_a(self, yes: bool) -> Built<Product> {
        self.with(|p| p.ta = yes)
    }

    /// Takes the second operand transposed.
    #[track_caller]
    pub fn transpose_b(self, yes: bool) -> Built<Product> {
        self.with(|p| p.tb = yes)
    }
}

/// The tensor with its axes in reverse order: `tf.transpose`.
#[track_caller]
pub fn transpose(x: impl IntoTensor) -> Tensor {
    call(&[x.into_operand()], |x| ops::shape::transpose(x[0].clone()).tensor())
}

/// The tensor with its axes in the order `perm`: `tf.transpose(x, perm)`.
#[track_caller]
pub fn transpose_perm<const N: usize>(x: impl IntoTensor, perm: [i32; N]) -> Tensor {
    call(&[x.into_operand()], |x| ops::shape::transpose(x[0].clone()).perm(perm).tensor())
}

fn operands<T: IntoTensor + Clone>(values: &[T]) -> Vec<Operand> {
    values.iter().cloned().map(IntoTensor::into_operand).collect()
}

fn nodes(operands: &[graph::Operand]) -> Vec<graph::Tensor> {
    operands.iter().cloned().map(|o| ops::array::convert_to_tensor(o)).collect()
}

/// The tensors one after the other along an axis: `tf.concat`.
#[track_caller]
pub fn concat<T: IntoTensor + Clone>(values: &[T], axis: i32) -> Tensor {
    call(&operands(values), |x| ops::shape::concat(&nodes(x), axis))
}

/// The tensors as the rows of a new first axis: `tf.stack`.
#[track_caller]
pub fn stack<T: IntoTensor + Clone>(values: &[T]) -> Tensor {
    call(&operands(values), |x| ops::shape::stack(&nodes(x)))
}

/// The sum of the tensors: `tf.add_n`.
#[track_caller]
pub fn add_n<T: IntoTensor + Clone>(inputs: &[T]) -> Tensor {
    call(&operands(inputs), |x| ops::array::add_n(&nodes(x)))
}

/// The rows along an axis as tensors of their own: `tf.unstack`.
#[track_caller]
pub fn unstack(value: impl IntoTensor, axis: i32) -> Vec<Tensor> {
    call_many(&[value.into_operand()], |x| ops::slicing::unstack(x[0].clone(), axis))
}

/// The tensor in `num` equal parts along an axis: `tf.split`.
#[track_caller]
pub fn split(value: impl IntoTensor, num: usize, axis: i32) -> Vec<Tensor> {
    call_many(&[value.into_operand()], |x| ops::slicing::split(x[0].clone(), num, axis))
}

/// The tensor with its elements in reverse order along the axes: `tf.reverse`.
#[track_caller]
pub fn reverse<const N: usize>(x: impl IntoTensor, axis: [i32; N]) -> Tensor {
    call(&[x.into_operand()], |x| ops::slicing::reverse(x[0].clone(), axis))
}

/// Runs `body` with the errors it raises as a value.
pub(crate) fn attempt<R>(body: impl FnOnce() -> R) -> Result<R> {
    collect(body)
}
