//! `tf.losses`: the mean of a loss over all examples, or weighted. Each is a formula over other ops.

use crate::Error;
use crate::graph::collections::keys::LOSSES;
use crate::graph::{
    Built, IntoTensor, Operand, Optional, Options, Scope, Tensor, build, get_default_graph, operand_setter, setters,
};
use crate::ops::array::{add_n, convert_to_tensor, ones_of};
use crate::ops::elementwise::{
    DIV_NO_NAN, abs, cast, log, minimum, multiply, not_equal, relu, square, squared_difference, subtract,
};
use crate::ops::loss;
use crate::ops::nn::composed;
use crate::ops::reduce::{MEAN, SUM, reduced};
use crate::ops::shape::size;
use crate::ops::{Style, binary};

pub use super::regularizers::{get_regularization_loss, get_regularization_losses};

/// How the losses of examples become one: `tf.losses.Reduction`.
#[expect(non_snake_case, reason = "TensorFlow's own spelling")]
pub mod Reduction {
    /// The losses as they are.
    pub const NONE: &str = "none";
    /// The sum of the weighted losses.
    pub const SUM: &str = "weighted_sum";
    /// The sum of the weighted losses over the sum of the weights.
    pub const MEAN: &str = "weighted_mean";
    /// The sum of the weighted losses over their number.
    pub const SUM_OVER_BATCH_SIZE: &str = "weighted_sum_over_batch_size";
    /// The sum of the weighted losses over the number of weights that are not 0, as without `reduction=`.
    pub const SUM_BY_NONZERO_WEIGHTS: &str = "weighted_sum_by_nonzero_weights";
    /// Another name of [`SUM_BY_NONZERO_WEIGHTS`].
    pub const SUM_OVER_NONZERO_WEIGHTS: &str = SUM_BY_NONZERO_WEIGHTS;
    /// All of them.
    pub(super) const ALL: [&str; 5] = [NONE, SUM, MEAN, SUM_OVER_BATCH_SIZE, SUM_BY_NONZERO_WEIGHTS];
}

/// Which loss it is.
#[derive(Clone, Copy)]
enum Kind {
    AbsoluteDifference,
    Hinge,
    /// With the distance beyond which it grows evenly.
    Huber(f64),
    Log,
    MeanSquaredError,
    Sigmoid,
    Softmax,
    SparseSoftmax,
}

/// The optional arguments of the losses.
#[derive(Clone, Copy)]
pub struct Loss {
    kind: Kind,
    reduction: &'static str,
    /// Labels that are no tensor, which become constants among the nodes of the loss. A program has few of them.
    literal: Option<&'static Operand>,
}

impl Kind {
    /// What the loss is called, and the scope of its nodes.
    fn name(self) -> &'static str {
        match self {
            Kind::AbsoluteDifference => "absolute_difference",
            Kind::Hinge => "hinge_loss",
            Kind::Huber(_) => "huber_loss",
            Kind::Log => "log_loss",
            Kind::MeanSquaredError => "mean_squared_error",
            Kind::Sigmoid => "sigmoid_cross_entropy_loss",
            Kind::Softmax => "softmax_cross_entropy_loss",
            Kind::SparseSoftmax => "sparse_softmax_cross_entropy_loss",
        }
    }

    /// The loss of each example.
    #[track_caller]
    fn losses(self, labels: Operand, predictions: Tensor) -> Tensor {
        match self {
            Kind::AbsoluteDifference => abs(subtract(predictions, labels)),
            Kind::Hinge => {
                let labels = labels
                    .array(Some(predictions.dtype()))
                    .map_or_else(|| convert_to_tensor(labels), convert_to_tensor);
                relu(1.0 - (2.0 * labels - 1.0) * predictions)
            }
            Kind::Huber(delta) => {
                let error = abs(subtract(predictions, labels));
                let quadratic = minimum(error, delta);
                0.5 * square(quadratic) + delta * (error - quadratic)
            }
            Kind::Log => {
                let labels = convert_to_tensor(labels);
                let yes = multiply(labels, log(predictions + 1e-7));
                let no = multiply(1.0 - labels, log(1.0 - predictions + 1e-7));
                -yes - no
            }
            Kind::MeanSquaredError => squared_difference(predictions, labels),
            Kind::Sigmoid => loss::logistic_loss("xentropy", predictions, labels),
            Kind::Softmax => loss::named_softmax_loss("xentropy", &labels, &Operand::Tensor(predictions)),
            Kind::SparseSoftmax => {
                let graph = predictions.graph();
                build(graph, || {
                    let scope = Scope::open(graph, "xentropy");
                    loss::sparse_loss(&scope, "xentropy", &labels, &Operand::Tensor(predictions))
                })
            }
        }
    }
}

/// The losses of examples as one, with what each counts.
fn reduce(losses: Tensor, weights: Option<Tensor>, reduction: &str) -> Tensor {
    let value = "value";
    let weights = weights.map(|weights| cast(weights, losses.dtype()));
    if reduction == Reduction::SUM_BY_NONZERO_WEIGHTS && weights.is_none() {
        return reduced(&MEAN, value, losses, None, false);
    }
    let weighted = weights.map_or(losses, |weights| multiply(losses, weights));
    if reduction == Reduction::NONE {
        return weighted;
    }
    let sum = |x: Tensor| reduced(&SUM, "Sum", x, None, false);
    let all = sum(weighted);
    let each = weights.map_or_else(|| ones_of(losses), |weights| multiply(ones_of(losses), weights));
    let count = match reduction {
        Reduction::SUM => return all,
        Reduction::MEAN => sum(each),
        Reduction::SUM_OVER_BATCH_SIZE => cast(size(losses), losses.dtype()),
        _ => sum(cast(not_equal(each, 0.0), losses.dtype())),
    };
    binary(&DIV_NO_NAN, value, all.into_operand(), count.into_operand(), Style::Function)
}

impl Options for Loss {
    /// The loss is kept in the graph's collection of losses.
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let (labels, others) = match self.literal {
            Some(labels) => (labels, operands),
            None => (&operands[0], &operands[1..]),
        };
        let predictions = convert_to_tensor(others[0].clone());
        let weights = others.get(1).cloned().map(convert_to_tensor);
        composed(predictions, self.kind.name(), || {
            let loss = reduce(self.kind.losses(labels.clone(), predictions), weights, self.reduction);
            loss.graph().add_to_collection(LOSSES, loss);
            loss
        })
    }
}

setters! { Loss {
    /// How the losses of examples become one, `reduction=`: one of [`Reduction`].
    reduction(reduction: &str) |options| options.reduction = match Reduction::ALL.into_iter().find(|known| *known == reduction) {
        Some(known) => known,
        None => Error::Value(format!(
            "Invalid Reduction Key {reduction}. Key should be one of ('none', 'weighted_sum', 'weighted_mean', \
             'weighted_sum_over_batch_size', 'weighted_sum_by_nonzero_weights', 'weighted_sum_by_nonzero_weights')."
        ))
        .raise(),
    };
} }

operand_setter! { Loss {
    /// What each example counts, `weights=`: a number for all, or a tensor that broadcasts to the losses.
    weights
} }

impl Built<Optional<Loss>> {
    /// The distance beyond which the Huber loss grows evenly, `delta=`: 1 unless given. Other losses have none.
    #[track_caller]
    pub fn delta(self, delta: f64) -> Self {
        self.with(|call| {
            if let Kind::Huber(_) = call.options.kind {
                call.options.kind = Kind::Huber(delta);
            }
        })
    }
}

#[track_caller]
fn new_loss(kind: Kind, labels: impl IntoTensor, predictions: impl IntoTensor) -> Built<Optional<Loss>> {
    let loss = Loss { kind, reduction: Reduction::SUM_BY_NONZERO_WEIGHTS, literal: None };
    match labels.into_operand() {
        Operand::Tensor(labels) => Built::composed([labels, convert_to_tensor(predictions)], loss),
        labels if matches!(kind, Kind::Log) => {
            Built::composed([convert_to_tensor(labels), convert_to_tensor(predictions)], loss)
        }
        labels => {
            let literal: &'static Operand = Box::leak(Box::new(labels));
            Built::composed([convert_to_tensor(predictions)], Loss { literal: Some(literal), ..loss })
        }
    }
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
        Error::Value(
            "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape.".into(),
        )
        .raise();
    }
    add_n(&all).named("total_loss")
}

/// The mean of `(predictions - labels)^2`: `tf.losses.mean_squared_error(labels, predictions)`, as all losses with
/// `.weights(...)` and `.reduction(...)`.
///
/// ```
/// use flowbook::v1 as tf;
/// let loss = tf::losses::mean_squared_error([1.0, 2.0], tf::constant([1.0, 4.0]));
/// assert_eq!(tf::Session::new().run(loss)?.to_string(), "2.0");
/// let first = tf::losses::mean_squared_error([1.0, 2.0], tf::constant([3.0, 9.0])).weights([1.0, 0.0]);
/// assert_eq!(tf::Session::new().run(first)?.to_string(), "4.0");
/// # Ok::<(), flowbook::Error>(())
/// ```
#[track_caller]
pub fn mean_squared_error(labels: impl IntoTensor, predictions: impl IntoTensor) -> Built<Optional<Loss>> {
    new_loss(Kind::MeanSquaredError, labels, predictions)
}

/// The mean of `|predictions - labels|`: `tf.losses.absolute_difference(labels, predictions)`.
#[track_caller]
pub fn absolute_difference(labels: impl IntoTensor, predictions: impl IntoTensor) -> Built<Optional<Loss>> {
    new_loss(Kind::AbsoluteDifference, labels, predictions)
}

/// The mean of `-labels * log(predictions) - (1 - labels) * log(1 - predictions)`, where 1e-7 keeps the logarithms
/// finite: `tf.losses.log_loss(labels, predictions)`.
#[track_caller]
pub fn log_loss(labels: impl IntoTensor, predictions: impl IntoTensor) -> Built<Optional<Loss>> {
    new_loss(Kind::Log, labels, predictions)
}

/// The mean of `error^2 / 2` where `|error|` is at most 1, or what `.delta(...)` says, and of `delta |error| - delta^2 / 2` beyond:
/// `tf.losses.huber_loss(labels, predictions)`.
#[track_caller]
pub fn huber_loss(labels: impl IntoTensor, predictions: impl IntoTensor) -> Built<Optional<Loss>> {
    new_loss(Kind::Huber(1.0), labels, predictions)
}

/// The mean of `max(0, 1 - (2 labels - 1) logits)`, of labels that are 0 or 1: `tf.losses.hinge_loss(labels, logits)`.
#[track_caller]
pub fn hinge_loss(labels: impl IntoTensor, logits: impl IntoTensor) -> Built<Optional<Loss>> {
    new_loss(Kind::Hinge, labels, logits)
}

/// The mean cross entropy of rows of logits with rows of probabilities:
/// `tf.losses.softmax_cross_entropy(onehot_labels, logits)`.
#[track_caller]
pub fn softmax_cross_entropy(onehot_labels: impl IntoTensor, logits: impl IntoTensor) -> Built<Optional<Loss>> {
    new_loss(Kind::Softmax, onehot_labels, logits)
}

/// The mean cross entropy of rows of logits with class numbers:
/// `tf.losses.sparse_softmax_cross_entropy(labels, logits)`.
#[track_caller]
pub fn sparse_softmax_cross_entropy(labels: impl IntoTensor, logits: impl IntoTensor) -> Built<Optional<Loss>> {
    new_loss(Kind::SparseSoftmax, labels, logits)
}

/// The mean cross entropy of logits with probabilities, each on its own:
/// `tf.losses.sigmoid_cross_entropy(multi_class_labels, logits)`.
#[track_caller]
pub fn sigmoid_cross_entropy(multi_class_labels: impl IntoTensor, logits: impl IntoTensor) -> Built<Optional<Loss>> {
    new_loss(Kind::Sigmoid, multi_class_labels, logits)
}
