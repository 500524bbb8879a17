//! The losses as functions: one value for each example. What makes one number of them is `Loss`.

use super::arguments::{Arguments, Call, Takes};
use crate::error::Error;
use crate::v2::{self, Built, IntoTensor, Tensor, shape_v2};

/// What keeps logarithms of probabilities finite: `keras.backend.epsilon()`.
const EPSILON: f64 = 1e-7;

/// Both as tensors of the predictions' type, with an axis of size 1 added or taken away where the ranks differ by one.
#[track_caller]
fn pair(y_true: impl IntoTensor, y_pred: impl IntoTensor) -> (Tensor, Tensor) {
    let y_pred = y_pred.into_operand().tensor();
    let y_pred = if y_pred.dtype().is_floating() { y_pred } else { v2::cast(y_pred, v2::float32) };
    let y_true = v2::cast(y_true, y_pred.dtype());
    same_rank(y_true, y_pred)
}

pub(in crate::keras) fn last(t: &Tensor) -> Option<usize> {
    t.shape().dims().and_then(|d| d.last().copied()).flatten()
}

pub(in crate::keras) fn same_rank(y_true: Tensor, y_pred: Tensor) -> (Tensor, Tensor) {
    let (a, b) = (y_true.ndim(), y_pred.ndim());
    if a == b + 1 && last(&y_true) == Some(1) {
        return if b == 1 { (y_true, v2::expand_dims(y_pred, -1)) } else { (v2::squeeze(y_true, &[-1]), y_pred) };
    }
    if b == a + 1 && last(&y_pred) == Some(1) {
        return if a == 1 { (v2::expand_dims(y_true, -1), y_pred) } else { (y_true, v2::squeeze(y_pred, &[-1])) };
    }
    (y_true, y_pred)
}

/// The mean along the last axis; a scalar is its own.
fn mean(t: Tensor) -> Tensor {
    if t.ndim() == 0 { t } else { v2::reduce_mean(t).axis(-1).into() }
}

fn probability(p: &Tensor) -> Tensor {
    v2::clip_by_value(p, EPSILON, 1.0 - EPSILON)
}

/// What went into the last activation, where that is known: Keras computes cross entropies from it, and takes what went
/// into a sigmoid or a softmax for the logits of either kind.
fn logits_of(y_pred: &Tensor) -> Option<Tensor> {
    y_pred.before("Softmax").or_else(|| y_pred.before("Sigmoid"))
}

macro_rules! differences {
    ($($(#[$doc:meta])* $name:ident $(, $alias:ident)*: |$t:ident, $p:ident| $e:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Tensor {
            let ($t, $p) = pair(y_true, y_pred);
            $e
        }
        $(
            #[doc = concat!("Another name of [`", stringify!($name), "`].")]
            pub use self::$name as $alias;
        )*
    )* };
}
differences! {
    /// The mean of the squared differences: `keras.losses.mean_squared_error`.
    mean_squared_error, mse: |t, p| mean(v2::square(t - p));
    /// The mean of the absolute differences: `keras.losses.mean_absolute_error`.
    mean_absolute_error, mae: |t, p| mean(v2::abs(t - p));
    /// The mean of the absolute differences, in percent of the labels: `keras.losses.mean_absolute_percentage_error`.
    mean_absolute_percentage_error, mape: |t, p| 100.0 * mean(v2::abs((&t - p) / v2::maximum(v2::abs(&t), EPSILON)));
    /// The mean of the squared differences of `log(1 + y)`: `keras.losses.mean_squared_logarithmic_error`.
    mean_squared_logarithmic_error, msle: |t, p| {
        mean(v2::square(v2::math::log(v2::maximum(t, EPSILON) + 1.0) - v2::math::log(v2::maximum(p, EPSILON) + 1.0)))
    };
    /// The mean of `max(1 - y_true * y_pred, 0)`, labels being -1 and 1, or 0 and 1: `keras.losses.hinge`.
    hinge: |t, p| mean(v2::maximum(1.0 - signs(&t) * p, 0.0));
    /// The mean of `max(1 - y_true * y_pred, 0)^2`: `keras.losses.squared_hinge`.
    squared_hinge: |t, p| mean(v2::square(v2::maximum(1.0 - signs(&t) * p, 0.0)));
    /// The margin of the right class against the best of the others, `max(wrong - right + 1, 0)`:
    /// `keras.losses.categorical_hinge`.
    categorical_hinge: |t, p| {
        let right = v2::reduce_sum(&t * &p).axis(-1);
        let wrong = v2::reduce_max((1.0 - &t) * &p).axis(-1);
        v2::maximum(wrong - right + 1.0, 0.0)
    };
    /// The mean of `y_pred - y_true * log(y_pred)`: `keras.losses.poisson`.
    poisson: |t, p| mean(&p - t * v2::math::log(&p + EPSILON));
    /// The sum of `y_true * log(y_true / y_pred)`: `keras.losses.kl_divergence`.
    kl_divergence: |t, p| {
        let (t, p) = (v2::clip_by_value(t, EPSILON, 1.0), v2::clip_by_value(p, EPSILON, 1.0));
        v2::reduce_sum(&t * v2::math::log(&t / p)).axis(-1).into()
    };
    /// The mean of `log(cosh(y_pred - y_true))`: `keras.losses.log_cosh`.
    log_cosh: |t, p| {
        let x = p - t;
        mean(&x + v2::math::softplus(&x * -2.0) - std::f64::consts::LN_2)
    };
}

/// Labels of 0 and 1 as -1 and 1; others as they are.
fn signs(labels: &Tensor) -> Tensor {
    let binary = v2::reduce_all(v2::logical_or(labels.equal(0.0), labels.equal(1.0)));
    v2::where_(binary, 2.0 * labels - 1.0, labels)
}

/// The mean of half the square up to `delta` and straight beyond: `keras.losses.huber`.
#[track_caller]
pub fn huber(y_true: impl IntoTensor, y_pred: impl IntoTensor, delta: f64) -> Tensor {
    let (t, p) = pair(y_true, y_pred);
    let distance = v2::abs(t - p);
    let near = 0.5 * v2::square(&distance);
    let far = delta * &distance - 0.5 * delta * delta;
    mean(v2::where_(distance.le(delta), near, far))
}

/// The distance from the labels' direction, -1 for the same and 1 for the opposite: `keras.losses.cosine_similarity`.
#[track_caller]
pub fn cosine_similarity(y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Tensor {
    let (t, p) = pair(y_true, y_pred);
    -v2::reduce_sum(v2::nn::l2_normalize(t, -1) * v2::nn::l2_normalize(p, -1)).axis(-1)
}

/// The share that labels and predictions have in common, as `1 - 2 |A B| / (|A| + |B|)` over all elements:
/// `keras.losses.dice`.
#[track_caller]
pub fn dice(y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Tensor {
    let (t, p) = pair(y_true, y_pred);
    1.0 - 2.0 * v2::reduce_sum(&t * &p) / (v2::reduce_sum(&t) + v2::reduce_sum(&p) + EPSILON)
}

macro_rules! with_arguments {
    ($($(#[$doc:meta])* $name:ident = $each:ident, $takes:ident;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Built<Call> {
            Call::of(stringify!($name), $each, Takes::$takes, y_true, y_pred)
        }
    )* };
}
with_arguments! {
    /// The mean cross entropy of each probability with its label of 0 or 1: `keras.losses.binary_crossentropy`.
    ///
    /// ```
    /// use flowbook::keras::losses;
    /// // -log(0.5) for either label.
    /// let entropy = losses::binary_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]);
    /// assert_eq!(entropy.numpy().to_string(), "[0.6931472]");
    /// // A logit of 0 is the probability 0.5.
    /// let same = losses::binary_crossentropy([[0.0, 1.0]], [[0.0, 0.0]]).from_logits(true);
    /// assert_eq!(same.numpy().to_string(), "[0.6931472]");
    /// ```
    binary_crossentropy = binary, LABELS;
    /// As [`binary_crossentropy`], but what is nearly right counts little: `keras.losses.binary_focal_crossentropy`.
    binary_focal_crossentropy = binary_focal, BINARY_FOCUS;
    /// The cross entropy of each row of probabilities with its one-hot label: `keras.losses.categorical_crossentropy`.
    ///
    /// # Panics
    /// `ValueError` when the shapes differ.
    categorical_crossentropy = categorical, LABELS;
    /// As [`categorical_crossentropy`], but what is nearly right counts little:
    /// `keras.losses.categorical_focal_crossentropy`.
    categorical_focal_crossentropy = categorical_focal, FOCUS;
    /// The cross entropy of each row of probabilities with the class of that number:
    /// `keras.losses.sparse_categorical_crossentropy`.
    ///
    /// # Panics
    /// `InvalidArgumentError` for a label that is no class.
    sparse_categorical_crossentropy = sparse, LOGITS;
}

/// Labels of 0 and 1, moved towards a half.
fn smooth_binary(t: Tensor, arguments: &Arguments) -> Tensor {
    let by = arguments.label_smoothing;
    if by == 0.0 { t } else { t * (1.0 - by) + 0.5 * by }
}

/// One-hot labels, moved towards the same for all classes.
fn smooth_categorical(t: Tensor, arguments: &Arguments) -> Tensor {
    let by = arguments.label_smoothing;
    if by == 0.0 {
        return t;
    }
    let classes = last(&t).unwrap_or(1) as f64;
    t * (1.0 - by) + by / classes
}

/// The cross entropy of each element.
fn entropy(t: &Tensor, p: &Tensor) -> Tensor {
    if let Some(logits) = logits_of(p) {
        return v2::nn::sigmoid_cross_entropy_with_logits(t, logits);
    }
    let p = probability(p);
    -(t * v2::math::log(&p) + (1.0 - t) * v2::math::log(1.0 - &p))
}

pub(in crate::keras) fn binary(y_true: &Tensor, y_pred: &Tensor, arguments: &Arguments) -> Tensor {
    let logits = if arguments.from_logits { Some(y_pred.clone()) } else { logits_of(y_pred) };
    if let Some(logits) = logits {
        let (t, x) = pair(y_true, logits);
        return mean(v2::nn::sigmoid_cross_entropy_with_logits(smooth_binary(t, arguments), x));
    }
    let (t, p) = pair(y_true, y_pred);
    mean(entropy(&smooth_binary(t, arguments), &p))
}

pub(super) fn binary_focal(y_true: &Tensor, y_pred: &Tensor, arguments: &Arguments) -> Tensor {
    let (t, p) = pair(y_true, y_pred);
    let t = smooth_binary(t, arguments);
    let p = if arguments.from_logits { v2::sigmoid(p) } else { p };
    let right = &t * &p + (1.0 - &t) * (1.0 - &p);
    let focused = v2::pow(1.0 - right, arguments.gamma) * entropy(&t, &p);
    if !arguments.apply_class_balancing {
        return mean(focused);
    }
    mean((&t * arguments.alpha + (1.0 - &t) * (1.0 - arguments.alpha)) * focused)
}

pub(super) fn categorical_focal(y_true: &Tensor, y_pred: &Tensor, arguments: &Arguments) -> Tensor {
    let t = smooth_categorical(v2::cast(y_true, y_pred.dtype()), arguments);
    let p = if arguments.from_logits { v2::nn::softmax(y_pred).tensor() } else { y_pred.clone() };
    let p = probability(&(&p / v2::reduce_sum(&p).axis(-1).keepdims(true)));
    let entropy = -t * v2::math::log(&p);
    v2::reduce_sum(v2::pow(1.0 - p, arguments.gamma) * arguments.alpha * entropy).axis(-1).into()
}

pub(in crate::keras) fn categorical(y_true: &Tensor, y_pred: &Tensor, arguments: &Arguments) -> Tensor {
    let y_true = v2::cast(y_true, y_pred.dtype());
    let shapes = (y_true.shape(), y_pred.shape());
    if y_true.ndim() != y_pred.ndim() {
        Error::Value(format!(
            "Arguments `target` and `output` must have the same rank (ndim). Received: target.shape={}, output.shape={}",
            shape_v2(&shapes.0),
            shape_v2(&shapes.1)
        ))
        .raise();
    }
    if last(&y_true) != last(y_pred) {
        Error::Value(format!(
            "Arguments `target` and `output` must have the same shape. Received: target.shape={}, output.shape={}",
            shape_v2(&shapes.0),
            shape_v2(&shapes.1)
        ))
        .raise();
    }
    let y_true = smooth_categorical(y_true, arguments);
    let logits = if arguments.from_logits { Some(y_pred.clone()) } else { logits_of(y_pred) };
    if let Some(logits) = logits {
        return v2::nn::softmax_cross_entropy_with_logits(y_true, logits);
    }
    let p = probability(&(y_pred / v2::reduce_sum(y_pred).axis(-1).keepdims(true)));
    -v2::reduce_sum(y_true * v2::math::log(p)).axis(-1)
}

pub(in crate::keras) fn sparse(y_true: &Tensor, y_pred: &Tensor, arguments: &Arguments) -> Tensor {
    let y_true = v2::cast(y_true, v2::int64);
    let y_true =
        if y_true.ndim() == y_pred.ndim() && last(&y_true) == Some(1) { v2::squeeze(y_true, &[-1]) } else { y_true };
    if y_true.ndim() + 1 != y_pred.ndim() {
        Error::Value(format!(
            "Argument `output` must have rank (ndim) `target.ndim - 1`. Received: target.shape={}, output.shape={}",
            shape_v2(&y_true.shape()),
            shape_v2(&y_pred.shape())
        ))
        .raise();
    }
    let logits = match arguments.from_logits {
        true => y_pred.clone(),
        false => logits_of(y_pred).unwrap_or_else(|| v2::math::log(probability(y_pred))),
    };
    v2::nn::sparse_softmax_cross_entropy_with_logits(y_true, logits)
}
