//! `tf.losses`: the mean of a loss over all examples, or weighted. Each is a formula over other ops.

use crate::graph::{IntoTensor, Tensor};
use crate::ops::array::convert_to_tensor;
use crate::ops::elementwise::{abs, log, multiply, squared_difference, subtract};
use crate::ops::loss;
use crate::ops::nn::composed;
use crate::ops::reduce::reduce_mean;

pub use super::regularizers::{get_regularization_loss, get_regularization_losses};

/// The mean of `(predictions - labels)^2`: `tf.losses.mean_squared_error(labels, predictions)`.
///
/// ```
/// use flowbook::v1 as tf;
/// let loss = tf::losses::mean_squared_error([1.0, 2.0], tf::constant([1.0, 4.0]));
/// assert_eq!(tf::Session::new().run(loss)?.to_string(), "2.0");
/// # Ok::<(), flowbook::Error>(())
/// ```
#[track_caller]
pub fn mean_squared_error(labels: impl IntoTensor, predictions: impl IntoTensor) -> Tensor {
    let (predictions, labels) = (convert_to_tensor(predictions), labels.into_operand());
    composed(predictions, "mean_squared_error", || reduce_mean(squared_difference(predictions, labels)).tensor())
}

/// The mean of `|predictions - labels|`: `tf.losses.absolute_difference(labels, predictions)`.
#[track_caller]
pub fn absolute_difference(labels: impl IntoTensor, predictions: impl IntoTensor) -> Tensor {
    let (predictions, labels) = (convert_to_tensor(predictions), labels.into_operand());
    composed(predictions, "absolute_difference", || reduce_mean(abs(subtract(predictions, labels))).tensor())
}

/// The mean of `-labels * log(predictions) - (1 - labels) * log(1 - predictions)`, where 1e-7 keeps the logarithms
/// finite: `tf.losses.log_loss(labels, predictions)`.
#[track_caller]
pub fn log_loss(labels: impl IntoTensor, predictions: impl IntoTensor) -> Tensor {
    let (labels, p) = (convert_to_tensor(labels), convert_to_tensor(predictions));
    composed(p, "log_loss", || {
        let yes = multiply(labels, log(p + 1e-7));
        let no = multiply(1.0 - labels, log(1.0 - p + 1e-7));
        reduce_mean(-yes - no).tensor()
    })
}

/// The mean cross entropy of rows of logits with rows of probabilities:
/// `tf.losses.softmax_cross_entropy(onehot_labels, logits)`.
#[track_caller]
pub fn softmax_cross_entropy(onehot_labels: impl IntoTensor, logits: impl IntoTensor) -> Tensor {
    let (logits, labels) = (convert_to_tensor(logits), onehot_labels.into_operand());
    composed(logits, "softmax_cross_entropy_loss", || {
        reduce_mean(loss::softmax_cross_entropy_with_logits(labels, logits)).tensor()
    })
}

/// The mean cross entropy of rows of logits with class numbers:
/// `tf.losses.sparse_softmax_cross_entropy(labels, logits)`.
#[track_caller]
pub fn sparse_softmax_cross_entropy(labels: impl IntoTensor, logits: impl IntoTensor) -> Tensor {
    let (logits, labels) = (convert_to_tensor(logits), labels.into_operand());
    composed(logits, "sparse_softmax_cross_entropy_loss", || {
        reduce_mean(loss::sparse_softmax_cross_entropy_with_logits(labels, logits)).tensor()
    })
}

/// The mean cross entropy of logits with probabilities, each on its own:
/// `tf.losses.sigmoid_cross_entropy(multi_class_labels, logits)`.
#[track_caller]
pub fn sigmoid_cross_entropy(multi_class_labels: impl IntoTensor, logits: impl IntoTensor) -> Tensor {
    let (logits, labels) = (convert_to_tensor(logits), multi_class_labels.into_operand());
    composed(logits, "sigmoid_cross_entropy_loss", || {
        reduce_mean(loss::sigmoid_cross_entropy_with_logits(labels, logits)).tensor()
    })
}
