//! `tf.losses`: the mean of a loss over all examples, or weighted. Each is a formula over other ops.

use crate::graph::collections::keys::LOSSES;
use crate::graph::{IntoTensor, Operand, Scope, Tensor, build, get_default_graph};
use crate::ops::array::{add_n, convert_to_tensor};
use crate::ops::elementwise::{abs, log, multiply, squared_difference, subtract};
use crate::ops::loss;
use crate::ops::nn::composed;
use crate::ops::reduce::{MEAN, reduced};

pub use super::regularizers::{get_regularization_loss, get_regularization_losses};

/// The mean of all losses, named as TensorFlow names a loss, and kept in the graph's collection of losses.
#[track_caller]
fn mean(losses: Tensor) -> Tensor {
    let mean = reduced(&MEAN, "value", losses, None, false);
    mean.graph().add_to_collection(LOSSES, mean);
    mean
}

/// The losses made so far in the default graph: `tf.losses.get_losses()`.
pub fn get_losses() -> Vec<Tensor> {
    get_default_graph().get_collection(LOSSES)
}

/// The sum of all losses made so far and of the penalties of regularizers: `tf.losses.get_total_loss()`.
///
/// # Panics
/// `ValueError` when there are none.
#[track_caller]
pub fn get_total_loss() -> Tensor {
    let all = [get_losses(), get_regularization_losses()].concat();
    if all.is_empty() {
        crate::Error::Value(
            "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape.".into(),
        )
        .raise();
    }
    add_n(&all).named("total_loss")
}

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
    composed(predictions, "mean_squared_error", || mean(squared_difference(predictions, labels)))
}

/// The mean of `|predictions - labels|`: `tf.losses.absolute_difference(labels, predictions)`.
#[track_caller]
pub fn absolute_difference(labels: impl IntoTensor, predictions: impl IntoTensor) -> Tensor {
    let (predictions, labels) = (convert_to_tensor(predictions), labels.into_operand());
    composed(predictions, "absolute_difference", || mean(abs(subtract(predictions, labels))))
}

/// The mean of `-labels * log(predictions) - (1 - labels) * log(1 - predictions)`, where 1e-7 keeps the logarithms
/// finite: `tf.losses.log_loss(labels, predictions)`.
#[track_caller]
pub fn log_loss(labels: impl IntoTensor, predictions: impl IntoTensor) -> Tensor {
    let (labels, p) = (convert_to_tensor(labels), convert_to_tensor(predictions));
    composed(p, "log_loss", || {
        let yes = multiply(labels, log(p + 1e-7));
        let no = multiply(1.0 - labels, log(1.0 - p + 1e-7));
        mean(-yes - no)
    })
}

/// The mean cross entropy of rows of logits with rows of probabilities:
/// `tf.losses.softmax_cross_entropy(onehot_labels, logits)`.
#[track_caller]
pub fn softmax_cross_entropy(onehot_labels: impl IntoTensor, logits: impl IntoTensor) -> Tensor {
    let (logits, labels) = (convert_to_tensor(logits), onehot_labels.into_operand());
    composed(logits, "softmax_cross_entropy_loss", || {
        mean(loss::named_softmax_loss("xentropy", &labels, &Operand::Tensor(logits)))
    })
}

/// The mean cross entropy of rows of logits with class numbers:
/// `tf.losses.sparse_softmax_cross_entropy(labels, logits)`.
#[track_caller]
pub fn sparse_softmax_cross_entropy(labels: impl IntoTensor, logits: impl IntoTensor) -> Tensor {
    let (logits, labels) = (convert_to_tensor(logits), labels.into_operand());
    composed(logits, "sparse_softmax_cross_entropy_loss", || {
        let graph = logits.graph();
        mean(build(graph, || {
            loss::sparse_loss(&Scope::open(graph, "xentropy"), "xentropy", &labels, &Operand::Tensor(logits))
        }))
    })
}

/// The mean cross entropy of logits with probabilities, each on its own:
/// `tf.losses.sigmoid_cross_entropy(multi_class_labels, logits)`.
#[track_caller]
pub fn sigmoid_cross_entropy(multi_class_labels: impl IntoTensor, logits: impl IntoTensor) -> Tensor {
    let (logits, labels) = (convert_to_tensor(logits), multi_class_labels.into_operand());
    composed(logits, "sigmoid_cross_entropy_loss", || mean(loss::logistic_loss("xentropy", logits, labels)))
}
