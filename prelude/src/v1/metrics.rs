//! `tf.metrics`: figures that grow batch by batch. Each call gives the figure so far and an op that takes a batch in and gives
//! the figure after it; what has been seen stands in local variables, which `tf::local_variables_initializer()` sets to 0.

use crate::graph::collections::keys::{LOCAL_VARIABLES, METRIC_VARIABLES};
use crate::graph::{IntoTensor, Tensor, Variable, control_dependencies, variable_scope};
use crate::ops::array::{convert_to_tensor, identity};
use crate::ops::elementwise::{
    abs, cast, div_no_nan, divide, equal, greater, less_equal, logical_and, logical_not, maximum, multiply, select,
    sqrt, squared_difference, subtract,
};
use crate::ops::reduce::reduce_sum;
use crate::ops::shape::{reshape, size, slice};
use crate::ops::state::assign_add;
use crate::{Array, DType};

/// A local variable of zeros in the current scope.
fn local(name: &str, shape: &[usize]) -> Variable {
    let zeros = Array::zeros(DType::Float32, shape);
    Variable::new(zeros).named(name).trainable(false).collections(&[LOCAL_VARIABLES, METRIC_VARIABLES])
}

/// Runs `body` in the scope of a metric.
#[track_caller]
fn scoped<R>(name: &str, body: impl FnOnce() -> R) -> R {
    variable_scope("").default_name(name).run(body)
}

/// `predictions` of the shape of `labels`: an axis of size 1 at the end of either counts for nothing.
fn paired(labels: impl IntoTensor, predictions: impl IntoTensor) -> (Tensor, Tensor) {
    let (labels, predictions) = (convert_to_tensor(labels), convert_to_tensor(predictions));
    let last = |t: Tensor| t.shape().dims().and_then(|dims| dims.last().copied()) == Some(Some(1));
    let squeezed = |t: Tensor| crate::ops::shape::squeeze(t, &[-1]);
    match (labels.shape().rank(), predictions.shape().rank()) {
        (Some(m), Some(n)) if n == m + 1 && last(predictions) => (labels, squeezed(predictions)),
        (Some(m), Some(n)) if m == n + 1 && last(labels) => (squeezed(labels), predictions),
        _ => (labels, predictions),
    }
}

/// The mean of all values so far: `tf.metrics.mean(values)`.
///
/// ```
/// use flowbook::v1 as tf;
/// # tf::Graph::new().as_default(|| -> tf::Result<()> {
/// let (mean, update) = tf::metrics::mean([1.0, 2.0, 6.0]);
/// let sess = tf::Session::new();
/// sess.run(tf::local_variables_initializer())?;
/// assert_eq!(sess.run(update)?.to_string(), "3.0");
/// assert_eq!(sess.run(mean)?.to_string(), "3.0");
/// # Ok(())
/// # })?;
/// # Ok::<(), flowbook::Error>(())
/// ```
#[track_caller]
pub fn mean(values: impl IntoTensor) -> (Tensor, Tensor) {
    mean_as("mean", convert_to_tensor(values))
}

fn mean_as(name: &str, values: Tensor) -> (Tensor, Tensor) {
    scoped(name, || {
        let values = if values.dtype() == DType::Float32 { values } else { cast(values, DType::Float32) };
        let (total, count) = (local("total", &[]), local("count", &[]));
        let number = cast(size(values), DType::Float32);
        let updated_total = assign_add(total, reduce_sum(values));
        let updated_count = control_dependencies([values.op()], || assign_add(count, number));
        let ratio = |total: Tensor, count: Tensor, name: &str| div_no_nan(total, maximum(count, 0.0)).named(name);
        (ratio(total.value(), count.value(), "value"), ratio(updated_total, updated_count, "update_op"))
    })
}

/// How often predictions are the labels: `tf.metrics.accuracy(labels, predictions)`.
#[track_caller]
pub fn accuracy(labels: impl IntoTensor, predictions: impl IntoTensor) -> (Tensor, Tensor) {
    let (labels, predictions) = paired(labels, predictions);
    let labels = if labels.dtype() == predictions.dtype() { labels } else { cast(labels, predictions.dtype()) };
    mean_as("accuracy", cast(equal(predictions, labels), DType::Float32))
}

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = |$labels:ident, $predictions:ident| $error:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(labels: impl IntoTensor, predictions: impl IntoTensor) -> (Tensor, Tensor) {
            let ($labels, $predictions) = paired(labels, predictions);
            mean_as(stringify!($name), $error)
        }
    )* };
}
errors! {
    /// The mean of the squared differences: `tf.metrics.mean_squared_error(labels, predictions)`.
    mean_squared_error = |labels, predictions| squared_difference(labels, predictions);
    /// The mean of the absolute differences: `tf.metrics.mean_absolute_error(labels, predictions)`.
    mean_absolute_error = |labels, predictions| abs(subtract(predictions, labels));
}

/// The root of the mean of the squared differences: `tf.metrics.root_mean_squared_error(labels, predictions)`.
#[track_caller]
pub fn root_mean_squared_error(labels: impl IntoTensor, predictions: impl IntoTensor) -> (Tensor, Tensor) {
    let (labels, predictions) = paired(labels, predictions);
    let (value, update) = mean_as("root_mean_squared_error", squared_difference(labels, predictions));
    (sqrt(value), sqrt(update))
}

/// Counts how often the condition holds: the count so far, and after this batch.
fn counted(name: &str, holds: Tensor) -> (Tensor, Tensor) {
    scoped(name, || {
        let count = local("count", &[]);
        let ones = cast(holds, DType::Float32);
        let value = identity(count.value());
        (value, assign_add(count, reduce_sum(ones)))
    })
}

/// Both as truth values.
fn truths(labels: impl IntoTensor, predictions: impl IntoTensor) -> (Tensor, Tensor) {
    let (labels, predictions) = paired(labels, predictions);
    let truth = |t: Tensor| if t.dtype() == DType::Bool { t } else { cast(t, DType::Bool) };
    let predictions = truth(predictions);
    (truth(labels), predictions)
}

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident = |$labels:ident, $predictions:ident| $holds:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(labels: impl IntoTensor, predictions: impl IntoTensor) -> (Tensor, Tensor) {
            let ($labels, $predictions) = truths(labels, predictions);
            counted(stringify!($name), $holds)
        }
    )* };
}
counts! {
    /// How many true ones were taken for true: `tf.metrics.true_positives(labels, predictions)`.
    true_positives = |labels, predictions| logical_and(labels, predictions);
    /// How many false ones were taken for true: `tf.metrics.false_positives(labels, predictions)`.
    false_positives = |labels, predictions| logical_and(logical_not(labels), predictions);
    /// How many true ones were taken for false: `tf.metrics.false_negatives(labels, predictions)`.
    false_negatives = |labels, predictions| logical_and(labels, logical_not(predictions));
    /// How many false ones were taken for false: `tf.metrics.true_negatives(labels, predictions)`.
    true_negatives = |labels, predictions| logical_and(logical_not(labels), logical_not(predictions));
}

/// The share of `part` in both together, 0 when there is neither.
fn share(part: Tensor, rest: Tensor, name: &str) -> Tensor {
    let whole = part + rest;
    select(greater(whole, 0.0), divide(part, part + rest), 0.0).named(name)
}

/// The share of true ones among those that were taken for true: `tf.metrics.precision(labels, predictions)`.
#[track_caller]
pub fn precision(labels: impl IntoTensor, predictions: impl IntoTensor) -> (Tensor, Tensor) {
    let (labels, predictions) = (convert_to_tensor(labels), convert_to_tensor(predictions));
    scoped("precision", || {
        let (labels, predictions) = truths(labels, predictions);
        let (hits, more_hits) = true_positives(labels, predictions);
        let (wrong, more_wrong) = false_positives(labels, predictions);
        (share(hits, wrong, "value"), share(more_hits, more_wrong, "update_op"))
    })
}

/// The share of those that were taken for true among the true ones: `tf.metrics.recall(labels, predictions)`.
#[track_caller]
pub fn recall(labels: impl IntoTensor, predictions: impl IntoTensor) -> (Tensor, Tensor) {
    let (labels, predictions) = (convert_to_tensor(labels), convert_to_tensor(predictions));
    scoped("recall", || {
        let (labels, predictions) = truths(labels, predictions);
        let (hits, more_hits) = true_positives(labels, predictions);
        let (missed, more_missed) = false_negatives(labels, predictions);
        (share(hits, missed, "value"), share(more_hits, more_missed, "update_op"))
    })
}

/// How many thresholds [`auc`] tries.
const THRESHOLDS: usize = 200;

/// The area under the curve of the rate of true positives over that of false ones, by 200 thresholds:
/// `tf.metrics.auc(labels, predictions)`. Predictions are probabilities.
#[track_caller]
pub fn auc(labels: impl IntoTensor, predictions: impl IntoTensor) -> (Tensor, Tensor) {
    let (labels, predictions) = (convert_to_tensor(labels), convert_to_tensor(predictions));
    scoped("auc", || {
        let last = (THRESHOLDS - 1) as f64;
        let threshold = |i: usize| match i {
            0 => -1e-7,
            i if i + 1 == THRESHOLDS => 1.0 + 1e-7,
            i => i as f64 / last,
        };
        let thresholds: Vec<f32> = (0..THRESHOLDS).map(|i| threshold(i) as f32).collect();
        let thresholds = convert_to_tensor(Array::new(thresholds, &[THRESHOLDS, 1]));
        let taken = greater(reshape(cast(predictions, DType::Float32), [1, -1]), thresholds);
        let truth = if labels.dtype() == DType::Bool { labels } else { cast(labels, DType::Bool) };
        // Each row is one threshold.
        let truth = logical_and(reshape(truth, [1, -1]), less_equal(thresholds, 2.0));
        let count = |name: &str, holds: Tensor| {
            let seen = local(name, &[THRESHOLDS]);
            let batch = reduce_sum(cast(holds, DType::Float32)).axis(1).tensor();
            (seen.value(), assign_add(seen, batch))
        };
        let hits = count("true_positives", logical_and(truth, taken));
        let missed = count("false_negatives", logical_and(truth, logical_not(taken)));
        let spared = count("true_negatives", logical_and(logical_not(truth), logical_not(taken)));
        let wrong = count("false_positives", logical_and(logical_not(truth), taken));
        (area([hits.0, missed.0, spared.0, wrong.0], "value"), area([hits.1, missed.1, spared.1, wrong.1], "update_op"))
    })
}

/// The area by trapezoids, from counts of true positives, false negatives, true negatives and false positives.
fn area([hits, missed, spared, wrong]: [Tensor; 4], name: &str) -> Tensor {
    let recall = divide(hits + 1e-6, hits + missed + 1e-6);
    let fall_out = divide(wrong, wrong + spared + 1e-6);
    let count = THRESHOLDS as i32 - 1;
    let first = |t: Tensor| slice(t, [0], [count]);
    let rest = |t: Tensor| slice(t, [1], [count]);
    let widths = first(fall_out) - rest(fall_out);
    let heights = divide(first(recall) + rest(recall), 2.0);
    reduce_sum(multiply(widths, heights)).tensor().named(name)
}
