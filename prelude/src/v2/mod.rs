//! TensorFlow 2.x under its own names: what a notebook has as `tf` after `use flowbook::v2 as tf;`. Everything here is a
//! name for something defined in the other files, or in the op table.
//!
//! Operations run at once. They are the op table's own: `eager` runs them one by one, `function` compiles them.

mod arrays;
mod built;
mod callable;
pub mod config;
mod custom_gradient;
mod dataset;
pub mod debugging;
pub mod distribute;
mod eager;
mod flow;
mod function;
mod functions;
pub mod image;
mod jacobian;
pub mod linalg;
mod operand;
mod operators;
mod parts;
mod placement;
mod print;
pub mod random;
pub mod strings;
mod tape;
mod tensor;
mod tensor_array;
mod variable;

pub use crate::DType;
pub use crate::Shape as TensorShape;
pub use crate::graph::{IntoDType, device};
pub use crate::keras;
pub use crate::summary::v2 as summary;
pub use crate::v1::{VERSION, bool, float32, float64, int32, int64, string, test, uint8, version};
pub use arrays::{
    add_n, argmax, argmin, argsort, clip_by_global_norm, concat, cumsum, einsum, eye, gather, norm, one_hot, ones_like,
    pad, reduce_logsumexp, sort, stack, tensordot, unique, unique_with_counts, zeros_like,
};
pub(crate) use built::Evaluate;
pub use built::{Built, Optional};
pub use callable::{Outputs, Traceable, function};
pub use custom_gradient::custom_gradient;
pub use flow::{Structure, cond, foldl, map_fn, scan, while_loop};
pub use functions::{
    abs, acos, acosh, add, argwhere, asin, asinh, atan, atanh, boolean_mask, broadcast_to, cast, clip_by_norm,
    clip_by_value, constant, convert_to_tensor, cos, cosh, divide, equal, exp, expand_dims, fill, floor, gather_nd,
    greater, greater_equal, identity, less, less_equal, linspace, logical_and, logical_not, logical_or, matmul,
    maximum, minimum, multiply, negative, not_equal, ones, pow, range, rank, reduce_all, reduce_any, reduce_max,
    reduce_mean, reduce_min, reduce_prod, reduce_sum, reshape, reverse, round, scatter_nd, shape, sigmoid, sign, sin,
    sinh, size, slice, split, sqrt, square, squeeze, stop_gradient, subtract, tan, tanh, tensor_scatter_nd_add,
    tensor_scatter_nd_sub, tensor_scatter_nd_update, tile, transpose, transpose_perm, truediv, unstack, where_, zeros,
};
// Types of variables, which cells name.
#[doc(hidden)]
pub use functions::{Constant, Filled, Product, Reduction};
pub use operand::{IntoTensor, IntoTensors, Operand};
pub use parts::{IndexedSlices, VariablePart};
pub use print::{print, print_line};
pub use strings::as_string;
pub use tape::{Gradient, GradientTape, Source, Sources};
pub use tensor::Tensor;
pub use tensor_array::TensorArray;
pub use variable::Variable;

pub(crate) use dataset::rows;
pub(crate) use eager::{call as eager_call, in_eager_op};
pub(crate) use function::{Compiled, Trace, outside};
pub(crate) use functions::attempt;
pub(crate) use tensor::shape_v2;

/// `tf.math`.
pub mod math {
    pub use super::arrays::{
        add_n, argmax, argmin, bincount, confusion_matrix, count_nonzero, cumprod, cumsum, l2_normalize, log_softmax,
        reduce_logsumexp, reduce_std, reduce_variance, softmax, top_k,
    };
    pub use super::functions::{
        abs, acos, acosh, add, asin, asinh, atan, atan2, atanh, ceil, cos, cosh, divide, divide_no_nan, equal, erf,
        erfc, exp, expm1, floor, floordiv, floormod, greater, greater_equal, is_finite, is_inf, is_nan, less,
        less_equal, log, log1p, logical_and, logical_not, logical_or, maximum, minimum, multiply, negative, not_equal,
        pow, reciprocal, reduce_all, reduce_any, reduce_max, reduce_mean, reduce_min, reduce_prod, reduce_sum, rint,
        round, rsqrt, segment_max, segment_mean, segment_min, segment_prod, segment_sum, sigmoid, sign, sin, sinh,
        softplus, sqrt, square, squared_difference, subtract, tan, tanh, unsorted_segment_sum, xdivy, xlogy,
    };
}

/// `tf.nn`: activations, normalisations, convolutions and losses.
pub mod nn {
    pub use super::arrays::{l2_normalize, log_softmax, softmax, top_k};
    pub use super::functions::{
        avg_pool2d, bias_add, conv2d, dropout, elu, gelu, l2_loss, leaky_relu, max_pool2d, moments, relu, relu6, selu,
        sigmoid, sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits, softplus, softsign,
        sparse_softmax_cross_entropy_with_logits, swish, swish as silu, tanh,
    };
}

/// `tf.data`.
pub mod data {
    pub use super::dataset::{Dataset, Elements, Items, Iter};

    /// Lets the library choose how much to prefetch: `tf.data.AUTOTUNE`.
    pub const AUTOTUNE: i64 = -1;
}

/// Whether operations run at once, which they do: `tf.executing_eagerly()`. Inside [`function`] they do not.
pub fn executing_eagerly() -> std::primitive::bool {
    Trace::active().is_none()
}

/// How a variable starts, as a function of its shape: `tf.random_normal_initializer()([8, 1])` in TensorFlow, which is
/// `tf::random_normal_initializer().call([8, 1])` here.
pub fn random_normal_initializer() -> keras::initializers::RandomNormal {
    keras::initializers::RandomNormal::new()
}

/// Zeros: `tf.zeros_initializer()`.
pub fn zeros_initializer() -> keras::initializers::Zeros {
    keras::initializers::Zeros::new()
}

/// Ones: `tf.ones_initializer()`.
pub fn ones_initializer() -> keras::initializers::Ones {
    keras::initializers::Ones::new()
}
