//! `keras.losses`: what training makes small. The functions give one value for each example; a [`Loss`] is their mean.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::v2::{self, IntoTensor, Tensor, shape_v2};

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

fn last(t: &Tensor) -> Option<usize> {
    t.shape().dims().and_then(|d| d.last().copied()).flatten()
}

pub(super) fn same_rank(y_true: Tensor, y_pred: Tensor) -> (Tensor, Tensor) {
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

/// The mean cross entropy of each probability with its label of 0 or 1: `keras.losses.binary_crossentropy`.
#[track_caller]
pub fn binary_crossentropy(y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Tensor {
    binary(y_true, y_pred, false)
}

#[track_caller]
fn binary(y_true: impl IntoTensor, y_pred: impl IntoTensor, from_logits: bool) -> Tensor {
    let y_pred = y_pred.into_operand().tensor();
    let logits = if from_logits { Some(y_pred.clone()) } else { logits_of(&y_pred) };
    if let Some(logits) = logits {
        let (t, x) = pair(y_true, logits);
        return mean(v2::nn::sigmoid_cross_entropy_with_logits(t, x));
    }
    let (t, p) = pair(y_true, y_pred);
    let p = probability(&p);
    mean(-(&t * v2::math::log(&p) + (1.0 - &t) * v2::math::log(1.0 - &p)))
}

/// The cross entropy of each row of probabilities with its one-hot label: `keras.losses.categorical_crossentropy`.
///
/// # Panics
/// `ValueError` when the shapes differ.
#[track_caller]
pub fn categorical_crossentropy(y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Tensor {
    categorical(y_true, y_pred, false)
}

#[track_caller]
fn categorical(y_true: impl IntoTensor, y_pred: impl IntoTensor, from_logits: bool) -> Tensor {
    let y_pred = y_pred.into_operand().tensor();
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
    if last(&y_true) != last(&y_pred) {
        Error::Value(format!(
            "Arguments `target` and `output` must have the same shape. Received: target.shape={}, output.shape={}",
            shape_v2(&shapes.0),
            shape_v2(&shapes.1)
        ))
        .raise();
    }
    let logits = if from_logits { Some(y_pred.clone()) } else { logits_of(&y_pred) };
    if let Some(logits) = logits {
        return v2::nn::softmax_cross_entropy_with_logits(y_true, logits);
    }
    let p = probability(&(&y_pred / v2::reduce_sum(&y_pred).axis(-1).keepdims(true)));
    -v2::reduce_sum(y_true * v2::math::log(p)).axis(-1)
}

/// The cross entropy of each row of probabilities with the class of that number:
/// `keras.losses.sparse_categorical_crossentropy`.
///
/// # Panics
/// `InvalidArgumentError` for a label that is no class.
#[track_caller]
pub fn sparse_categorical_crossentropy(y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Tensor {
    sparse(y_true, y_pred, false)
}

#[track_caller]
fn sparse(y_true: impl IntoTensor, y_pred: impl IntoTensor, from_logits: bool) -> Tensor {
    let y_pred = y_pred.into_operand().tensor();
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
    let logits = match from_logits {
        true => y_pred.clone(),
        false => logits_of(&y_pred).unwrap_or_else(|| v2::math::log(probability(&y_pred))),
    };
    v2::nn::sparse_softmax_cross_entropy_with_logits(y_true, logits)
}

/// One of the functions above, or one of the user's.
#[derive(Clone)]
enum Kind {
    Plain(fn(Tensor, Tensor) -> Tensor),
    Logits(fn(Tensor, Tensor, bool) -> Tensor),
    Huber,
    Custom(Arc<dyn Fn(&Tensor, &Tensor) -> Tensor + Send + Sync>),
}

/// A loss as an object: the mean over the examples. Made by the classes of this module, by name, or from a function.
#[derive(Clone)]
pub struct Loss {
    name: &'static str,
    kind: Kind,
    from_logits: bool,
    delta: f64,
}

impl fmt::Debug for Loss {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<LossFunctionWrapper({})>", self.name)
    }
}

impl Loss {
    fn plain(name: &'static str, f: fn(Tensor, Tensor) -> Tensor) -> Loss {
        Loss { name, kind: Kind::Plain(f), from_logits: false, delta: 1.0 }
    }

    fn logits(name: &'static str, f: fn(Tensor, Tensor, bool) -> Tensor) -> Loss {
        Loss { kind: Kind::Logits(f), ..Loss::plain(name, mean_squared_error) }
    }

    /// Whether predictions come without their last activation: `from_logits=`. Cross entropies only.
    #[must_use]
    pub fn from_logits(self, yes: bool) -> Loss {
        Loss { from_logits: yes, ..self }
    }

    /// Where the square ends: `delta=`. Huber's only.
    #[must_use]
    pub fn delta(self, delta: f64) -> Loss {
        Loss { delta, ..self }
    }

    /// The name, `"mean_squared_error"`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The mean loss: `loss(y_true, y_pred)`.
    ///
    /// # Panics
    /// As the functions.
    #[track_caller]
    pub fn call(&self, y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Tensor {
        v2::reduce_mean(self.each(&y_true.into_operand().tensor(), &y_pred.into_operand().tensor())).into()
    }

    /// The loss of each example.
    pub(super) fn each(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        match &self.kind {
            Kind::Plain(f) => f(y_true.clone(), y_pred.clone()),
            Kind::Logits(f) => f(y_true.clone(), y_pred.clone(), self.from_logits),
            Kind::Huber => huber(y_true, y_pred, self.delta),
            Kind::Custom(f) => f(y_true, y_pred),
        }
    }
}

macro_rules! classes {
    ($($class:ident, $name:literal $(| $alias:literal)* => $make:expr;)*) => {
        $(
            #[doc = concat!("The loss `", $name, "`: `keras.losses.", stringify!($class), "`.")]
            #[derive(Clone, Copy, Debug)]
            pub struct $class;

            impl $class {
                /// The loss.
                #[expect(clippy::new_ret_no_self, reason = "all losses are of one type")]
                pub fn new() -> Loss {
                    by_name($name).unwrap_or_else(|error| error.raise())
                }
            }
        )*

        fn by_name(name: &str) -> Result<Loss> {
            match name {
                $($name $(| $alias)* | stringify!($class) => {
                    let make: fn(&'static str) -> Loss = $make;
                    Ok(make($name))
                })*
                other => Err(Error::Value(format!("Could not interpret loss identifier: {other}"))),
            }
        }
    };
}
classes! {
    MeanSquaredError, "mean_squared_error" | "mse" | "MSE" => |n| Loss::plain(n, mean_squared_error);
    MeanAbsoluteError, "mean_absolute_error" | "mae" | "MAE" => |n| Loss::plain(n, mean_absolute_error);
    MeanAbsolutePercentageError, "mean_absolute_percentage_error" | "mape" | "MAPE" => |n| Loss::plain(n, mean_absolute_percentage_error);
    MeanSquaredLogarithmicError, "mean_squared_logarithmic_error" | "msle" | "MSLE" => |n| Loss::plain(n, mean_squared_logarithmic_error);
    Hinge, "hinge" => |n| Loss::plain(n, hinge);
    SquaredHinge, "squared_hinge" => |n| Loss::plain(n, squared_hinge);
    Poisson, "poisson" => |n| Loss::plain(n, poisson);
    KLDivergence, "kl_divergence" => |n| Loss::plain(n, kl_divergence);
    LogCosh, "log_cosh" => |n| Loss::plain(n, log_cosh);
    Huber, "huber" => |n| Loss { kind: Kind::Huber, ..Loss::plain(n, mean_squared_error) };
    BinaryCrossentropy, "binary_crossentropy" => |n| Loss::logits(n, binary);
    CategoricalCrossentropy, "categorical_crossentropy" => |n| Loss::logits(n, categorical);
    SparseCategoricalCrossentropy, "sparse_categorical_crossentropy" => |n| Loss::logits(n, sparse);
}

/// What stands for a loss: an object, its name, or a function of labels and predictions that gives one value for each
/// example.
pub trait IntoLoss {
    /// The loss.
    ///
    /// # Errors
    /// `ValueError` for a name that Keras does not know.
    fn into_loss(self) -> Result<Loss>;
}

impl IntoLoss for Loss {
    fn into_loss(self) -> Result<Loss> {
        Ok(self)
    }
}

impl IntoLoss for &str {
    fn into_loss(self) -> Result<Loss> {
        by_name(self)
    }
}

impl<F: Fn(&Tensor, &Tensor) -> Tensor + Send + Sync + 'static> IntoLoss for F {
    fn into_loss(self) -> Result<Loss> {
        Ok(Loss { kind: Kind::Custom(Arc::new(self)), ..Loss::plain("function", mean_squared_error) })
    }
}
