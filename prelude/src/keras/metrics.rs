//! `keras.metrics`: figures of merit. Each is a vector of sums that batches add to, computed where the model is, and a
//! result made of the sums.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::losses;
use crate::error::{Error, Result};
use crate::np::Item;
use crate::v2::{self, IntoTensor, Tensor};

/// The sums of one batch.
type Sums = fn(&Tensor, &Tensor, &Metric) -> Tensor;
/// The figure that all the sums give.
type Outcome = fn(&[f64]) -> f64;

/// A figure of merit, with what it has seen so far.
#[derive(Clone)]
pub struct Metric {
    name: String,
    sums: Sums,
    outcome: Outcome,
    threshold: f64,
    seen: Vec<f64>,
}

impl fmt::Debug for Metric {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<Metric name={}>", self.name)
    }
}

impl Metric {
    fn new(name: &str, sums: Sums, outcome: Outcome) -> Metric {
        Metric { name: name.into(), sums, outcome, threshold: 0.5, seen: Vec::new() }
    }

    /// A mean over examples.
    fn mean(name: &str, each: Sums) -> Metric {
        Metric::new(name, each, |s| if s[1] == 0.0 { 0.0 } else { s[0] / s[1] })
    }

    /// Gives it a name: `name=`.
    #[must_use]
    pub fn named(mut self, name: &str) -> Metric {
        self.name = name.into();
        self
    }

    /// From where on a probability counts as yes: `threshold=`.
    #[must_use]
    pub fn threshold(mut self, threshold: f64) -> Metric {
        self.threshold = threshold;
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Takes a batch in: `metric.update_state(y_true, y_pred)`.
    #[track_caller]
    pub fn update_state(&mut self, y_true: impl IntoTensor, y_pred: impl IntoTensor) {
        let (t, p) = (y_true.into_operand().tensor(), y_pred.into_operand().tensor());
        let sums = self.batch(&t, &p).numpy().to_vec::<f64>();
        self.add(&sums);
    }

    /// What it comes to so far: `metric.result()`. 0 before the first batch.
    pub fn result(&self) -> f64 {
        if self.seen.is_empty() { 0.0 } else { f64::from((self.outcome)(&self.seen) as f32) }
    }

    /// Forgets what it has seen: `metric.reset_state()`.
    pub fn reset_state(&mut self) {
        self.seen.clear();
    }

    /// The sums of one batch, as `float32`.
    pub(super) fn batch(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        (self.sums)(y_true, y_pred, self)
    }

    pub(super) fn add<T: Item + Copy + Into<f64>>(&mut self, sums: &[T]) {
        self.seen.resize(sums.len(), 0.0);
        self.seen.iter_mut().zip(sums).for_each(|(seen, sum)| *seen += (*sum).into());
    }
}

/// `[sum of the values, their number]`.
fn summed(values: &Tensor) -> Tensor {
    let values = v2::cast(values, v2::float32);
    let count = values.shape().num_elements().unwrap_or(0);
    v2::stack(&[v2::reduce_sum(&values).tensor(), v2::constant(count as f32).tensor()]).tensor()
}

fn equal(a: &Tensor, b: &Tensor) -> Tensor {
    v2::cast(a.equal(b), v2::float32)
}

fn binary_accuracy(t: &Tensor, p: &Tensor, m: &Metric) -> Tensor {
    let (t, p) = losses::same_rank(v2::cast(t, p.dtype()), p.clone());
    let yes = v2::cast(p.gt(m.threshold), p.dtype());
    let right = equal(&t, &yes);
    let each = if right.ndim() > 1 { v2::reduce_mean(right).axis(-1).tensor() } else { right };
    summed(&each)
}

fn categorical_accuracy(t: &Tensor, p: &Tensor, _: &Metric) -> Tensor {
    summed(&equal(&v2::argmax(t, -1), &v2::argmax(p, -1)))
}

fn sparse_categorical_accuracy(t: &Tensor, p: &Tensor, _: &Metric) -> Tensor {
    let t = v2::cast(t, v2::int64);
    let t = if t.ndim() == p.ndim() { v2::squeeze(t, &[-1]) } else { t };
    summed(&equal(&t, &v2::argmax(p, -1)))
}

/// `[true positives, false positives, true negatives, false negatives]` from where on each of `thresholds` says yes.
fn confusion(t: &Tensor, p: &Tensor, thresholds: &[f32]) -> Tensor {
    let count = t.shape().num_elements().unwrap_or(0) as i32;
    let t = v2::reshape(v2::cast(t, v2::float32), [1, count]);
    let p = v2::reshape(v2::cast(p, v2::float32), [1, count]);
    let cut = v2::constant(thresholds.to_vec()).with_shape([thresholds.len(), 1]);
    let yes = v2::cast(p.gt(cut), v2::float32);
    let row = |part: Tensor| v2::reduce_sum(part).axis(1).tensor();
    v2::concat(&[row(&yes * &t), row(&yes * (1.0 - &t)), row((1.0 - &yes) * (1.0 - &t)), row((1.0 - &yes) * &t)], 0)
}

/// Keras' 200 thresholds: evenly spaced, and a little beyond both ends.
fn many() -> Vec<f32> {
    let inner = (1..199).map(|i| i as f32 / 199.0);
    std::iter::once(-1e-7).chain(inner).chain(std::iter::once(1.0 + 1e-7)).collect()
}

fn ratio(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}

/// The area under the curve of true over false positive rates, by trapezoids.
fn area(sums: &[f64]) -> f64 {
    let n = sums.len() / 4;
    let (tp, rest) = sums.split_at(n);
    let (fp, rest) = rest.split_at(n);
    let (tn, fne) = rest.split_at(n);
    let height: Vec<f64> = (0..n).map(|i| ratio(tp[i], tp[i] + fne[i])).collect();
    let width: Vec<f64> = (0..n).map(|i| ratio(fp[i], fp[i] + tn[i])).collect();
    (1..n).map(|i| (width[i - 1] - width[i]) * (height[i - 1] + height[i]) / 2.0).sum()
}

macro_rules! classes {
    ($($(#[$doc:meta])* $class:ident($snake:literal $(| $alias:literal)*) = $make:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug)]
            pub struct $class(Metric);

            impl Default for $class {
                fn default() -> $class {
                    $class::new()
                }
            }

            impl $class {
                /// With Keras' defaults.
                pub fn new() -> $class {
                    let make: fn(&str) -> Metric = $make;
                    $class(make($snake))
                }

                /// Gives it a name: `name=`.
                #[must_use]
                pub fn named(self, name: &str) -> $class {
                    $class(self.0.named(name))
                }

                /// From where on a probability counts as yes: `threshold=`.
                #[must_use]
                pub fn threshold(self, threshold: f64) -> $class {
                    $class(self.0.threshold(threshold))
                }
            }

            impl Deref for $class {
                type Target = Metric;
                fn deref(&self) -> &Metric {
                    &self.0
                }
            }

            impl DerefMut for $class {
                fn deref_mut(&mut self) -> &mut Metric {
                    &mut self.0
                }
            }

            impl IntoMetrics for $class {
                fn into_metrics(self) -> Vec<Request> {
                    vec![Request::Object(self.0)]
                }
            }
        )*

        fn by_name(name: &str) -> Option<Metric> {
            Some(match name {
                $($snake $(| $alias)* | stringify!($class) => $class::new().0,)*
                _ => return None,
            })
        }
    };
}
classes! {
    /// How often a probability is on its label's side of the threshold: `keras.metrics.BinaryAccuracy`.
    BinaryAccuracy("binary_accuracy") = |n| Metric::mean(n, binary_accuracy);
    /// How often the most probable class is the one-hot label's: `keras.metrics.CategoricalAccuracy`.
    CategoricalAccuracy("categorical_accuracy") = |n| Metric::mean(n, categorical_accuracy);
    /// How often the most probable class is the label: `keras.metrics.SparseCategoricalAccuracy`.
    SparseCategoricalAccuracy("sparse_categorical_accuracy") = |n| Metric::mean(n, sparse_categorical_accuracy);
    /// The mean of the squared differences: `keras.metrics.MeanSquaredError`.
    MeanSquaredError("mean_squared_error" | "mse" | "MSE") = |n| Metric::mean(n, |t, p, _| summed(&losses::mse(t, p)));
    /// The square root of the mean of the squared differences: `keras.metrics.RootMeanSquaredError`.
    RootMeanSquaredError("root_mean_squared_error" | "rmse") = |n| Metric::new(n, |t, p, _| summed(&losses::mse(t, p)), |s| ratio(s[0], s[1]).sqrt());
    /// The mean of the absolute differences: `keras.metrics.MeanAbsoluteError`.
    MeanAbsoluteError("mean_absolute_error" | "mae" | "MAE") = |n| Metric::mean(n, |t, p, _| summed(&losses::mae(t, p)));
    /// The mean cross entropy of probabilities: `keras.metrics.BinaryCrossentropy`.
    BinaryCrossentropy("binary_crossentropy") = |n| Metric::mean(n, |t, p, _| summed(&losses::binary_crossentropy(t, p)));
    /// The mean cross entropy with one-hot labels: `keras.metrics.CategoricalCrossentropy`.
    CategoricalCrossentropy("categorical_crossentropy") = |n| Metric::mean(n, |t, p, _| summed(&losses::categorical_crossentropy(t, p)));
    /// The mean cross entropy with class numbers: `keras.metrics.SparseCategoricalCrossentropy`.
    SparseCategoricalCrossentropy("sparse_categorical_crossentropy") = |n| Metric::mean(n, |t, p, _| summed(&losses::sparse_categorical_crossentropy(t, p)));
    /// The share of true ones among what was said to be: `keras.metrics.Precision`.
    Precision("precision") = |n| Metric::new(n, |t, p, m| confusion(t, p, &[m.threshold as f32]), |s| ratio(s[0], s[0] + s[1]));
    /// The share of the true ones that was found: `keras.metrics.Recall`.
    Recall("recall") = |n| Metric::new(n, |t, p, m| confusion(t, p, &[m.threshold as f32]), |s| ratio(s[0], s[0] + s[3]));
    /// The area under the receiver operating characteristic: `keras.metrics.AUC`.
    AUC("auc") = |n| Metric::new(n, |t, p, _| confusion(t, p, &many()), area);
}

/// A metric asked for; what `"accuracy"` means depends on the shapes of labels and predictions.
#[derive(Clone, Debug)]
pub enum Request {
    /// By name.
    Named(String),
    /// An object.
    Object(Metric),
}

impl Request {
    /// Checks the name.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Request::Named(name) if !is_accuracy(name) && by_name(name).is_none() => {
                Err(Error::Value(format!("Could not interpret metric identifier: {name}")))
            }
            _ => Ok(()),
        }
    }

    /// The name it will show under.
    pub(super) fn name(&self) -> &str {
        match self {
            Request::Named(name) => name,
            Request::Object(metric) => &metric.name,
        }
    }

    /// The metric for labels and predictions of these shapes.
    pub(super) fn resolve(&self, y_true: &Tensor, y_pred: &Tensor) -> Metric {
        let name = match self {
            Request::Object(metric) => return Metric { seen: Vec::new(), ..metric.clone() },
            Request::Named(name) => name,
        };
        if !is_accuracy(name) {
            return by_name(name).map_or_else(|| BinaryAccuracy::new().0, |m| m.named(name));
        }
        let width = |t: &Tensor| t.shape().dims().and_then(|d| d.last().copied()).flatten();
        let metric = if width(y_pred) == Some(1) {
            BinaryAccuracy::new().0
        } else if y_true.ndim() < y_pred.ndim() || width(y_true) == Some(1) {
            SparseCategoricalAccuracy::new().0
        } else {
            CategoricalAccuracy::new().0
        };
        metric.named(name)
    }
}

fn is_accuracy(name: &str) -> bool {
    matches!(name.to_lowercase().as_str(), "acc" | "accuracy")
}

/// What `compile` takes as metrics: an array of names, objects, tuples of both, or `()` for none.
pub trait IntoMetrics {
    /// The metrics asked for.
    fn into_metrics(self) -> Vec<Request>;
}

impl<const N: usize> IntoMetrics for [&str; N] {
    fn into_metrics(self) -> Vec<Request> {
        self.iter().map(|name| Request::Named((*name).into())).collect()
    }
}

impl IntoMetrics for &str {
    fn into_metrics(self) -> Vec<Request> {
        vec![Request::Named(self.into())]
    }
}

impl IntoMetrics for Metric {
    fn into_metrics(self) -> Vec<Request> {
        vec![Request::Object(self)]
    }
}

impl IntoMetrics for Vec<Metric> {
    fn into_metrics(self) -> Vec<Request> {
        self.into_iter().map(Request::Object).collect()
    }
}

impl IntoMetrics for () {
    fn into_metrics(self) -> Vec<Request> {
        Vec::new()
    }
}

macro_rules! tuples {
    ($($($T:ident $i:tt),+;)*) => { $(
        impl<$($T: IntoMetrics),+> IntoMetrics for ($($T,)+) {
            fn into_metrics(self) -> Vec<Request> {
                let mut all = Vec::new();
                $(all.extend(self.$i.into_metrics());)+
                all
            }
        }
    )* };
}
tuples! { A 0, B 1; A 0, B 1, C 2; A 0, B 1, C 2, D 3; }
