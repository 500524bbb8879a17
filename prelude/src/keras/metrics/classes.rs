//! The classes of metrics: their names, their optional arguments, and their rules.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::functions::{self, categorical_accuracy, sparse_categorical_accuracy};
use super::request::{IntoMetrics, Request};
use super::rules::{
    Batch, Counts, Curve, Custom, Options, Rule, area, at_thresholds, confusion, curve, explained, mean, ratio, sum,
};
use super::{Metric, Update};
use crate::error::Error;
use crate::keras::losses;
use crate::v2::{IntoTensor, Tensor};

/// One optional argument as a setter.
macro_rules! setter {
    (threshold) => {
        /// From where on a probability counts as yes: `threshold=`; 0.5 unless said otherwise.
        #[must_use]
        pub fn threshold(self, threshold: f64) -> Self {
            Self(self.0.with(|o| o.thresholds = vec![threshold]))
        }
    };
    (thresholds) => {
        /// From where on a probability counts as yes, one number or several: `thresholds=`.
        #[must_use]
        pub fn thresholds(self, thresholds: impl IntoTensor) -> Self {
            let thresholds = thresholds.into_operand().tensor().numpy().to_vec();
            Self(self.0.with(|o| o.thresholds = thresholds))
        }
    };
    (top_k) => {
        /// How many of the most probable classes count as said: `top_k=`.
        #[must_use]
        pub fn top_k(self, k: usize) -> Self {
            Self(self.0.with(|o| o.top_k = Some(k)))
        }
    };
    (class_id) => {
        /// The only class to look at: `class_id=`.
        #[must_use]
        pub fn class_id(self, class: usize) -> Self {
            Self(self.0.with(|o| o.class_id = Some(class)))
        }
    };
    (k) => {
        /// How many of the most probable classes may be the label: `k=`; 5 unless said otherwise.
        #[must_use]
        pub fn k(self, k: usize) -> Self {
            Self(self.0.with(|o| o.k = k))
        }
    };
    (from_logits) => {
        /// Whether predictions come without their last activation: `from_logits=`.
        #[must_use]
        pub fn from_logits(self, yes: bool) -> Self {
            Self(self.0.with(|o| o.loss.from_logits = yes))
        }
    };
    (label_smoothing) => {
        /// How far labels are moved towards the same for all classes, from 0 to 1: `label_smoothing=`.
        #[must_use]
        pub fn label_smoothing(self, by: f64) -> Self {
            Self(self.0.with(|o| o.loss.label_smoothing = by))
        }
    };
    (num_thresholds) => {
        /// How many points the curve is made of: `num_thresholds=`; 200 unless said otherwise.
        ///
        /// # Panics
        /// `ValueError` for fewer than two.
        #[must_use]
        #[track_caller]
        pub fn num_thresholds(self, count: usize) -> Self {
            if count <= 1 {
                Error::Value(format!(
                    "Argument `num_thresholds` must be an integer > 1. Received: num_thresholds={count}"
                ))
                .raise();
            }
            Self(self.0.with(|o| o.num_thresholds = count))
        }
    };
    (curve) => {
        /// `"ROC"`, true over false positives and the default, or `"PR"`, precision over recall: `curve=`.
        ///
        /// # Panics
        /// `ValueError` for another word.
        #[must_use]
        #[track_caller]
        pub fn curve(self, curve: &str) -> Self {
            let curve = match curve {
                "ROC" | "roc" => Curve::Roc,
                "PR" | "pr" => Curve::PrecisionRecall,
                _ => {
                    Error::Value(format!("Invalid AUC curve value: \"{curve}\". Expected values are [\"PR\", \"ROC\"]"))
                        .raise()
                }
            };
            Self(self.0.with(|o| o.curve = curve))
        }
    };
}

/// What every class shares with the metric inside it.
macro_rules! handles {
    ($class:ident) => {
        impl fmt::Debug for $class {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl Deref for $class {
            type Target = Metric;
            fn deref(&self) -> &Metric {
                &self.0
            }
        }

        impl IntoMetrics for $class {
            fn into_metrics(self) -> Vec<Request> {
                self.0.into_metrics()
            }
        }

        impl IntoMetrics for &$class {
            fn into_metrics(self) -> Vec<Request> {
                self.0.clone().into_metrics()
            }
        }
    };
}

macro_rules! class {
    ($(#[$doc:meta])* $class:ident = $make:expr; $($setter:ident)*) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $class(Metric);

        handles!($class);

        impl Default for $class {
            fn default() -> $class {
                $class::new()
            }
        }

        impl $class {
            /// With Keras' defaults.
            pub fn new() -> $class {
                $class($make)
            }

            /// Gives it a name: `name=`.
            #[must_use]
            pub fn named(self, name: &str) -> $class {
                $class(self.0.named(name))
            }

            $(setter!($setter);)*
        }
    };
}

/// The metrics of labels and predictions; those without a fixed name are told apart by a number behind it.
macro_rules! classes {
    ($($(#[$doc:meta])* $class:ident($snake:literal $(| $alias:literal)*) $(named $name:expr)? => $rule:expr, [$($setter:ident)*];)*) => {
        $(class! {
            $(#[$doc])* $class = Metric::new(stringify!($class), classes!(@name $snake $($name)?), $rule); $($setter)*
        })*

        pub(super) fn by_name(name: &str) -> Option<Metric> {
            Some(match name {
                $($snake $(| $alias)* | stringify!($class) => $class::new().0,)*
                _ => return None,
            })
        }
    };
    (@name $snake:literal) => { Some($snake) };
    (@name $snake:literal $name:expr) => { $name };
}

/// The mean of what a function of a batch gives for each example.
macro_rules! mean_of {
    (|$t:ident, $p:ident, $o:pat_param| $each:expr) => {
        Rule {
            sums: |batch: &Batch, $o: &Options| {
                let ($t, $p) = (batch.y_true, batch.y_pred);
                batch.mean_of(&$each)
            },
            figures: mean,
        }
    };
}

/// A figure of the counts of a confusion matrix.
macro_rules! counted {
    (|$c:ident| $figure:expr) => {
        Rule { sums: confusion, figures: |sums, options| at_thresholds(sums, options, |$c: &Counts| $figure) }
    };
}

classes! {
    /// How often predictions are equal to their labels: `keras.metrics.Accuracy`.
    Accuracy("accuracy") => mean_of!(|t, p, _| functions::accuracy(t, p)), [];
    /// How often a probability is on its label's side of the threshold: `keras.metrics.BinaryAccuracy`.
    BinaryAccuracy("binary_accuracy") => mean_of!(|t, p, o| functions::binary(t, p, o.threshold())), [threshold];
    /// How often the most probable class is the one-hot label's: `keras.metrics.CategoricalAccuracy`.
    CategoricalAccuracy("categorical_accuracy") => mean_of!(|t, p, _| categorical_accuracy(t, p)), [];
    /// How often the most probable class is the label: `keras.metrics.SparseCategoricalAccuracy`.
    SparseCategoricalAccuracy("sparse_categorical_accuracy") => mean_of!(|t, p, _| sparse_categorical_accuracy(t, p)), [];
    /// How often the one-hot label's class is among the most probable ones: `keras.metrics.TopKCategoricalAccuracy`.
    TopKCategoricalAccuracy("top_k_categorical_accuracy") =>
        mean_of!(|t, p, o| functions::top_k_categorical_accuracy(t, p, o.k)), [k];
    /// How often the label is among the most probable classes: `keras.metrics.SparseTopKCategoricalAccuracy`.
    SparseTopKCategoricalAccuracy("sparse_top_k_categorical_accuracy") =>
        mean_of!(|t, p, o| functions::sparse_top_k_categorical_accuracy(t, p, o.k)), [k];
    /// The mean of the squared differences: `keras.metrics.MeanSquaredError`.
    MeanSquaredError("mean_squared_error" | "mse" | "MSE") => mean_of!(|t, p, _| losses::mse(t, p)), [];
    /// The square root of the mean of the squared differences: `keras.metrics.RootMeanSquaredError`.
    RootMeanSquaredError("root_mean_squared_error") => Rule {
        sums: |batch, _| batch.mean_of(&losses::mse(batch.y_true, batch.y_pred)),
        figures: |sums, options| vec![mean(sums, options)[0].sqrt()],
    }, [];
    /// The mean of the absolute differences: `keras.metrics.MeanAbsoluteError`.
    MeanAbsoluteError("mean_absolute_error" | "mae" | "MAE") => mean_of!(|t, p, _| losses::mae(t, p)), [];
    /// The mean of the absolute differences, in percent of the labels: `keras.metrics.MeanAbsolutePercentageError`.
    MeanAbsolutePercentageError("mean_absolute_percentage_error" | "mape" | "MAPE") =>
        mean_of!(|t, p, _| losses::mape(t, p)), [];
    /// The mean of the squared differences of `log(1 + y)`: `keras.metrics.MeanSquaredLogarithmicError`.
    MeanSquaredLogarithmicError("mean_squared_logarithmic_error" | "msle" | "MSLE") =>
        mean_of!(|t, p, _| losses::msle(t, p)), [];
    /// The mean of `log(cosh(y_pred - y_true))`: `keras.metrics.LogCoshError`.
    LogCoshError("log_cosh_error") named Some("logcosh") => mean_of!(|t, p, _| losses::log_cosh(t, p)), [];
    /// The cosine of the angle between labels and predictions, 1 for the same direction: `keras.metrics.CosineSimilarity`.
    CosineSimilarity("cosine_similarity") => mean_of!(|t, p, _| -losses::cosine_similarity(t, p)), [];
    /// The share of the labels' variance that the predictions explain: `keras.metrics.R2Score`. Labels and predictions
    /// have one column for each output.
    R2Score("r2_score") => Rule { sums: |batch, _| batch.variation(), figures: explained }, [];
    /// The mean of `max(1 - y_true * y_pred, 0)`: `keras.metrics.Hinge`.
    Hinge("hinge") => mean_of!(|t, p, _| losses::hinge(t, p)), [];
    /// The mean of `max(1 - y_true * y_pred, 0)^2`: `keras.metrics.SquaredHinge`.
    SquaredHinge("squared_hinge") => mean_of!(|t, p, _| losses::squared_hinge(t, p)), [];
    /// The mean margin of the right class against the best of the others: `keras.metrics.CategoricalHinge`.
    CategoricalHinge("categorical_hinge") => mean_of!(|t, p, _| losses::categorical_hinge(t, p)), [];
    /// The mean of the sums of `y_true * log(y_true / y_pred)`: `keras.metrics.KLDivergence`.
    KLDivergence("kl_divergence") => mean_of!(|t, p, _| losses::kl_divergence(t, p)), [];
    /// The mean of `y_pred - y_true * log(y_pred)`: `keras.metrics.Poisson`.
    Poisson("poisson") => mean_of!(|t, p, _| losses::poisson(t, p)), [];
    /// The mean cross entropy of probabilities: `keras.metrics.BinaryCrossentropy`.
    BinaryCrossentropy("binary_crossentropy" | "bce" | "BCE") => mean_of!(|t, p, o| losses::binary(t, p, &o.loss)), [from_logits label_smoothing];
    /// The mean cross entropy with one-hot labels: `keras.metrics.CategoricalCrossentropy`.
    CategoricalCrossentropy("categorical_crossentropy") => mean_of!(|t, p, o| losses::categorical(t, p, &o.loss)), [from_logits label_smoothing];
    /// The mean cross entropy with class numbers: `keras.metrics.SparseCategoricalCrossentropy`.
    SparseCategoricalCrossentropy("sparse_categorical_crossentropy") => mean_of!(|t, p, o| losses::sparse(t, p, &o.loss)), [from_logits];
    /// The share of true ones among what was said to be: `keras.metrics.Precision`.
    Precision("precision") named None => counted!(|c| ratio(c.tp, c.tp + c.fp)), [thresholds top_k class_id];
    /// The share of the true ones that was found: `keras.metrics.Recall`.
    Recall("recall") named None => counted!(|c| ratio(c.tp, c.tp + c.fne)), [thresholds top_k class_id];
    /// How many are said to be and are: `keras.metrics.TruePositives`.
    TruePositives("true_positives") named None => counted!(|c| c.tp), [thresholds];
    /// How many are said to be and are not: `keras.metrics.FalsePositives`.
    FalsePositives("false_positives") named None => counted!(|c| c.fp), [thresholds];
    /// How many are said not to be and are not: `keras.metrics.TrueNegatives`.
    TrueNegatives("true_negatives") named None => counted!(|c| c.tn), [thresholds];
    /// How many are said not to be and are: `keras.metrics.FalseNegatives`.
    FalseNegatives("false_negatives") named None => counted!(|c| c.fne), [thresholds];
    /// The area under the receiver operating characteristic, or under the curve of precision over recall:
    /// `keras.metrics.AUC`.
    AUC("auc") named None => Rule { sums: curve, figures: area }, [num_thresholds curve from_logits];
}

/// The mean of a function of labels and predictions of one's own: `keras.metrics.MeanMetricWrapper(fn)`. No file keeps it.
///
/// ```
/// use flowbook::{keras::metrics::MeanMetricWrapper, v2 as tf};
/// let within = MeanMetricWrapper::new(|y_true, y_pred| tf::cast(tf::abs(y_true - y_pred).lt(0.5), tf::float32)).named("within");
/// within.update_state([1.0, 2.0, 3.0, 4.0], [1.25, 2.0, 5.0, 3.75]);
/// assert_eq!(within.result().numpy().to_string(), "0.75");
/// ```
#[derive(Clone)]
pub struct MeanMetricWrapper(Metric);

impl MeanMetricWrapper {
    /// Of a function that gives one value for each example.
    pub fn new<T: Into<Tensor>>(function: impl Fn(&Tensor, &Tensor) -> T + Send + Sync + 'static) -> MeanMetricWrapper {
        let rule = mean_of!(|t, p, o| o.custom.as_ref().map_or_else(|| p.clone(), |custom| (custom.0)(t, p)));
        let custom = Custom(Arc::new(move |t, p| function(t, p).into()));
        MeanMetricWrapper(Metric::new("MeanMetricWrapper", None, rule).with(|o| o.custom = Some(custom)))
    }

    /// Gives it a name: `name=`.
    #[must_use]
    pub fn named(self, name: &str) -> MeanMetricWrapper {
        MeanMetricWrapper(self.0.named(name))
    }
}

handles!(MeanMetricWrapper);

/// The metrics of plain values.
macro_rules! of_values {
    ($($(#[$doc:meta])* $class:ident($name:literal) => $rule:expr;)*) => { $(
        class! { $(#[$doc])* $class = Metric::new(stringify!($class), Some($name), $rule); }

        impl $class {
            #[doc = concat!("Takes values in: `metric.update_state(values)`, with the setter")]
            /// [`sample_weight`](Update::sample_weight). Part of the step inside `tf::function`.
            #[track_caller]
            pub fn update_state(&self, values: impl IntoTensor) -> Update {
                let values: Tensor = values.into_operand().tensor();
                self.0.update_state(&values, &values)
            }

            /// Takes values in, as Keras does when the metric is called: `metric(values)`.
            #[track_caller]
            pub fn call(&self, values: impl IntoTensor) -> Update {
                self.update_state(values)
            }
        }
    )* };
}
of_values! {
    /// The mean of values, such as the losses of batches: `keras.metrics.Mean`.
    Mean("mean") => Rule { sums: |batch, _| batch.mean_of(batch.y_pred), figures: mean };
    /// The sum of values: `keras.metrics.Sum`.
    Sum("sum") => Rule { sums: |batch, _| batch.sum_of(batch.y_pred), figures: sum };
}
