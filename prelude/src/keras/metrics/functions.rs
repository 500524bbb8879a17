//! The accuracies as functions: 1 or 0 for each label.

use crate::keras::losses::{last, same_rank};
use crate::v2::{self, IntoTensor, Tensor};

pub(super) fn equal(a: &Tensor, b: &Tensor) -> Tensor {
    v2::cast(a.equal(b), v2::float32)
}

fn both(y_true: impl IntoTensor, y_pred: impl IntoTensor) -> (Tensor, Tensor) {
    (y_true.into_operand().tensor(), y_pred.into_operand().tensor())
}

/// Whether labels and predictions are the same.
pub(super) fn accuracy(t: &Tensor, p: &Tensor) -> Tensor {
    let (t, p) = same_rank(v2::cast(t, p.dtype()), p.clone());
    equal(&t, &p)
}

/// Whether predictions are on their labels' side of the threshold.
pub(super) fn binary(t: &Tensor, p: &Tensor, threshold: f64) -> Tensor {
    let (t, p) = same_rank(v2::cast(t, p.dtype()), p.clone());
    equal(&t, &v2::cast(p.gt(threshold), p.dtype()))
}

/// Whether predictions are on their labels' side of a half: `keras.metrics.binary_accuracy`.
///
/// ```
/// use flowbook::keras::metrics;
/// let right = metrics::binary_accuracy([1.0, 1.0, 0.0, 0.0], [0.9, 0.8, 0.7, 0.1]);
/// assert_eq!(right.numpy().to_string(), "[1. 1. 0. 1.]");
/// ```
#[track_caller]
pub fn binary_accuracy(y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Tensor {
    let (t, p) = both(y_true, y_pred);
    binary(&t, &p, 0.5)
}

/// Whether the most probable class is the one-hot label's: `keras.metrics.categorical_accuracy`.
#[track_caller]
pub fn categorical_accuracy(y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Tensor {
    equal(&v2::argmax(y_true, -1), &v2::argmax(y_pred, -1))
}

/// Whether the most probable class is the label: `keras.metrics.sparse_categorical_accuracy`.
#[track_caller]
pub fn sparse_categorical_accuracy(y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Tensor {
    let (t, p) = both(y_true, y_pred);
    equal(&classes(&t, &p), &v2::argmax(p, -1))
}

/// Whether the one-hot label's class is among the `k` most probable ones: `keras.metrics.top_k_categorical_accuracy`.
#[track_caller]
pub fn top_k_categorical_accuracy(y_true: impl IntoTensor, y_pred: impl IntoTensor, k: usize) -> Tensor {
    let (t, p) = both(y_true, y_pred);
    among_first(&v2::argmax(t, -1), &p, k)
}

/// Whether the label is among the `k` most probable classes: `keras.metrics.sparse_top_k_categorical_accuracy`.
#[track_caller]
pub fn sparse_top_k_categorical_accuracy(y_true: impl IntoTensor, y_pred: impl IntoTensor, k: usize) -> Tensor {
    let (t, p) = both(y_true, y_pred);
    among_first(&classes(&t, &p), &p, k)
}

/// Class numbers, without an axis of size 1 at the end.
fn classes(t: &Tensor, p: &Tensor) -> Tensor {
    let t = v2::cast(t, v2::int64);
    if t.ndim() == p.ndim() && last(&t) == Some(1) { v2::squeeze(t, &[-1]) } else { t }
}

/// A class is among the first `k` when fewer than `k` are more probable: ties count as in, as `tf.math.in_top_k` has it.
fn among_first(classes: &Tensor, p: &Tensor, k: usize) -> Tensor {
    let own = v2::one_hot(classes, last(p).unwrap_or(0) as i32);
    let score = v2::reduce_sum(own * p).axis(-1).keepdims(true);
    let better = v2::reduce_sum(v2::cast(p.gt(&score), v2::float32)).axis(-1);
    v2::cast(better.lt(k as f32), v2::float32)
}
