//! Lengths of tensors and functions that limit them. They are made of other ops.

use super::array::{constant, convert_to_tensor};
use super::elementwise::{divide, maximum, minimum, multiply, sqrt, square};
use super::loss::l2_loss;
use super::nn::composed;
use super::reduce::{Axes, reduce_sum};
use crate::error::Error;
use crate::graph::{IntoTensor, Tensor};

/// The Euclidean length of all elements together: `tf.norm(tensor)`.
#[track_caller]
pub fn norm(x: impl IntoTensor) -> Tensor {
    let x = convert_to_tensor(x);
    composed(x, "norm", || sqrt(reduce_sum(square(x))))
}

/// The tensor with length 1 along `axes`: `tf.nn.l2_normalize(x, axis)`. Lengths below 1e-6 count as 1e-6.
#[track_caller]
pub fn l2_normalize(x: impl IntoTensor, axes: impl Into<Axes>) -> Tensor {
    let (x, axes) = (convert_to_tensor(x), axes.into());
    composed(x, "l2_normalize", || {
        let sum = reduce_sum(square(x)).axis(axes).keepdims(true);
        multiply(x, super::elementwise::rsqrt(maximum(sum, 1e-12)))
    })
}

/// The tensor, shortened to the length `clip_norm` when it is longer: `tf.clip_by_norm`.
#[track_caller]
pub fn clip_by_norm(t: impl IntoTensor, clip_norm: impl IntoTensor) -> Tensor {
    let (t, clip_norm) = (convert_to_tensor(t), clip_norm.into_operand());
    composed(t, "clip_by_norm", || {
        let length = sqrt(reduce_sum(square(t)));
        divide(multiply(t, clip_norm.clone()), maximum(length, clip_norm))
    })
}

/// The Euclidean length of several tensors together: `tf.global_norm`.
///
/// # Panics
/// `ValueError` when there is no tensor.
#[track_caller]
pub fn global_norm(tensors: &[Tensor]) -> Tensor {
    let Some(first) = tensors.first() else { Error::Value("global_norm needs at least one tensor".into()).raise() };
    composed(*first, "global_norm", || {
        let halves: Vec<Tensor> = tensors.iter().map(|t| l2_loss(*t)).collect();
        sqrt(multiply(super::array::add_n(&halves), 2.0))
    })
}

/// The tensors, all scaled by `clip_norm / max(global_norm, clip_norm)`, and their global norm before:
/// `tf.clip_by_global_norm`.
///
/// # Panics
/// `ValueError` when there is no tensor.
#[track_caller]
pub fn clip_by_global_norm(tensors: &[Tensor], clip_norm: f64) -> (Vec<Tensor>, Tensor) {
    let total = global_norm(tensors);
    let clipped = composed(total, "clip_by_global_norm", || {
        let limit = constant(clip_norm).with_dtype(total.dtype());
        let scale = multiply(limit, minimum(1.0 / total, 1.0 / limit));
        tensors.iter().map(|t| multiply(*t, scale)).collect()
    });
    (clipped, total)
}
