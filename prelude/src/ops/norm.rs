//! Lengths of tensors and functions that limit them. They are made of other ops.

use super::array::{constant, convert_to_tensor, identity, ones_like};
use super::elementwise::{MUL, cast, divide, greater, maximum, minimum, rsqrt, select, sqrt, square};
use super::loss::l2_loss;
use super::nn::{composed, composed_as};
use super::reduce::{Axes, SUM, reduce_sum, reduced};
use super::shape::{size, squeeze, stack};
use super::{cast_array, typed};
use crate::error::Error;
use crate::graph::{IntoTensor, Tensor};
use crate::{Array, DType};

/// The sum of squares with every axis kept.
fn sum_of_squares(x: Tensor) -> Tensor {
    reduced(&SUM, "Sum", x * x, None, true)
}

/// The Euclidean length of all elements together: `tf.norm(tensor)`.
#[track_caller]
pub fn norm(x: impl IntoTensor) -> Tensor {
    let x = convert_to_tensor(x);
    composed(x, "norm", || {
        let length = sqrt(sum_of_squares(x));
        let all: Vec<i64> = (0..x.shape().rank().unwrap_or(0) as i64).collect();
        squeeze(length, &all)
    })
}

/// The tensor with length 1 along `axes`: `tf.nn.l2_normalize(x, axis)`. Lengths below 1e-6 count as 1e-6.
#[track_caller]
pub fn l2_normalize(x: impl IntoTensor, axes: impl Into<Axes>) -> Tensor {
    let (x, axes) = (convert_to_tensor(x), axes.into());
    composed_as(x, "l2_normalize", |scope| {
        let sum = reduced(&SUM, "Sum", square(x), Some(axes), true);
        let inverse = rsqrt(maximum(sum, 1e-12));
        Ok(scope.op(&MUL, &[x, inverse], typed("T", x.dtype()))?.output(0))
    })
}

/// The tensor, shortened to the length `clip_norm` when it is longer: `tf.clip_by_norm`.
#[track_caller]
pub fn clip_by_norm(t: impl IntoTensor, clip_norm: impl IntoTensor) -> Tensor {
    let (t, clip_norm) = (convert_to_tensor(t), clip_norm.into_operand());
    composed_as(t, "clip_by_norm", |scope| {
        let squares = sum_of_squares(t);
        // The root of 0 has no derivative: it is taken of 1 there, and the 0 put in afterwards.
        let positive = greater(squares, 0.0);
        let root = sqrt(select(positive, squares, ones_like(squares)));
        let length = select(positive, root, squares);
        let clipped = divide(t * clip_norm.clone(), maximum(length, clip_norm));
        Ok(scope.op(&super::array::IDENTITY, &[clipped], typed("T", clipped.dtype()))?.output(0))
    })
}

/// The tensor, scaled so that its length for each element is `clip_norm` when it is more: `tf.clip_by_average_norm`.
#[track_caller]
pub fn clip_by_average_norm(t: impl IntoTensor, clip_norm: f64) -> Tensor {
    let t = convert_to_tensor(t);
    composed_as(t, "clip_by_average_norm", |scope| {
        let count = cast(size(t), DType::Float32);
        let inverse = count * rsqrt(sum_of_squares(t));
        let least = minimum(inverse * clip_norm, 1.0);
        Ok(scope.op(&super::array::IDENTITY, &[t * least], typed("T", t.dtype()))?.output(0))
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
        let half = reduce_sum(stack(&halves)).tensor();
        sqrt(half * convert_to_tensor(cast_array(&Array::scalar(2.0f32), half.dtype()))).named("global_norm")
    })
}

/// The tensors, all scaled by `clip_norm / max(global_norm, clip_norm)`, and their global norm before:
/// `tf.clip_by_global_norm`. When that is infinite or no number, so are the tensors.
///
/// # Panics
/// `ValueError` when there is no tensor.
#[track_caller]
pub fn clip_by_global_norm(tensors: &[Tensor], clip_norm: f64) -> (Vec<Tensor>, Tensor) {
    let total = global_norm(tensors);
    let clipped = composed(total, "clip_by_global_norm", || {
        let least = minimum(1.0 / total, constant(1.0).with_dtype(total.dtype()) / clip_norm);
        #[expect(clippy::eq_op, reason = "nothing, or no number when the norm is none")]
        let scale = clip_norm * least + (total - total);
        let each = tensors.iter().enumerate();
        each.map(|(i, t)| identity(*t * scale).named(&format!("clip_by_global_norm/_{i}"))).collect()
    });
    (clipped, total)
}
