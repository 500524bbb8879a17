//! `keras.metrics`: figures of merit. Each is a vector of sums that batches add to and a result made of the sums; a loop
//! keeps the sums in a variable, a compiled step hands them to `fit`. The classes are in `classes`, what they add up in
//! `rules`.

mod classes;
mod functions;
mod request;
mod rules;

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use super::layers::unique_name;
use crate::error::{Error, Result};
use crate::v2::{self, IntoTensor, Tensor, Variable};
use crate::{Array, DType};
use rules::{Batch, Options, Rule};

pub use super::losses::{
    binary_crossentropy, categorical_crossentropy, hinge, kl_divergence, log_cosh, mae, mape, mean_absolute_error,
    mean_absolute_percentage_error, mean_squared_error, mean_squared_logarithmic_error, mse, msle, poisson,
    sparse_categorical_crossentropy, squared_hinge,
};
pub use classes::*;
pub use functions::{
    binary_accuracy, categorical_accuracy, sparse_categorical_accuracy, sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
};
pub(super) use request::Which;
pub use request::{IntoMetrics, Request};

/// A figure of merit with what it has seen so far: `keras.metrics.Metric`. Clones are the same one.
///
/// ```
/// use flowbook::keras::metrics::{Mean, SparseCategoricalAccuracy};
/// let accuracy = SparseCategoricalAccuracy::new();
/// accuracy.update_state([0, 1], [[0.9, 0.1], [0.8, 0.2]]);
/// assert_eq!(accuracy.result().numpy().to_string(), "0.5");
/// accuracy.reset_state();
/// accuracy.update_state([0, 1], [[0.9, 0.1], [0.8, 0.2]]).sample_weight([3.0, 1.0]);
/// assert_eq!(accuracy.result().numpy().to_string(), "0.75");
///
/// let loss = Mean::new().named("train_loss");
/// loss.update_state(1.0);
/// loss.update_state(2.0);
/// assert_eq!(format!("{:.2}", loss.result()), "1.50");
/// ```
#[derive(Clone)]
pub struct Metric {
    class: &'static str,
    rule: Rule,
    options: Options,
    state: Arc<State>,
}

/// What clones share: a name, made up when none is given, and the sums, which are there from the first batch on.
struct State {
    name: OnceLock<String>,
    sums: OnceLock<Variable>,
}

impl fmt::Debug for Metric {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<{} name={}>", self.class, self.name())
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Metric {
    fn new(class: &'static str, name: Option<&str>, rule: Rule) -> Metric {
        Metric { class, rule, options: Options::default(), state: State::named(name) }
    }

    /// Gives it a name: `name=`. What it has seen stays with the one of the old name.
    #[must_use]
    pub fn named(self, name: &str) -> Metric {
        Metric { state: State::named(Some(name)), ..self }
    }

    fn with(mut self, change: impl FnOnce(&mut Options)) -> Metric {
        change(&mut self.options);
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.state.name.get_or_init(|| unique_name(self.class))
    }

    /// Takes a batch in: `metric.update_state(y_true, y_pred)`, with the setter
    /// [`sample_weight`](Update::sample_weight). Part of the step inside `tf::function`.
    ///
    /// # Panics
    /// `InvalidArgumentError` when labels and predictions do not fit each other.
    #[track_caller]
    pub fn update_state(&self, y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Update {
        let (y_true, y_pred) = (y_true.into_operand().tensor(), y_pred.into_operand().tensor());
        let sums = self.batch(&y_true, &y_pred, None);
        let before = self.sums(&sums).value();
        self.sums(&sums).assign(&before + sums);
        Update { metric: self.clone(), before, y_true, y_pred }
    }

    /// Takes a batch in, as Keras does when the metric is called: `metric(y_true, y_pred)`.
    ///
    /// # Panics
    /// As [`update_state`](Self::update_state).
    #[track_caller]
    pub fn call(&self, y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Update {
        self.update_state(y_true, y_pred)
    }

    /// What it comes to so far, a `float32` scalar, or a vector where there are several thresholds: `metric.result()`.
    ///
    /// # Panics
    /// `AttributeError` inside a function that is being traced, where there is no value yet.
    #[track_caller]
    pub fn result(&self) -> Tensor {
        let seen: Vec<f64> = match self.state.sums.get() {
            Some(sums) => sums.value().numpy().to_vec(),
            None => Vec::new(),
        };
        let figures: Vec<f32> = self.figures(&seen).iter().map(|figure| *figure as f32).collect();
        match figures[..] {
            [figure] => Tensor::eager(Array::scalar(figure)),
            _ => Tensor::eager(vector(figures)),
        }
    }

    /// Forgets what it has seen: `metric.reset_state()`.
    pub fn reset_state(&self) {
        if let Some(sums) = self.state.sums.get() {
            sums.assign(v2::zeros(sums.sizes().to_vec()));
        }
    }

    /// The variable of the sums, as long as these.
    fn sums(&self, like: &Tensor) -> &Variable {
        self.state.sums.get_or_init(|| {
            let sizes = like.shape().sizes().unwrap_or_default();
            Variable::of(&Array::zeros(DType::Float32, &sizes), "sums").trainable(false)
        })
    }

    /// The sums of one batch, as `float32`.
    #[track_caller]
    pub(super) fn batch(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Tensor {
        (self.rule.sums)(&Batch { y_true, y_pred, weight }, &self.options)
    }

    /// What sums come to.
    pub(super) fn figures(&self, sums: &[f64]) -> Vec<f64> {
        (self.rule.figures)(sums, &self.options)
    }

    /// Takes the place of what it has seen.
    pub(super) fn set_sums(&self, sums: &[f64]) {
        let sums = Tensor::eager(vector(sums.iter().map(|sum| *sum as f32).collect()));
        self.sums(&sums).assign(&sums);
    }

    /// The class and the arguments as JSON, for models that are saved.
    fn config(&self) -> Value {
        json!({ "class_name": self.class, "name": self.name(), "options": self.options.config() })
    }

    /// One of that name with the arguments that [`config`](Self::config) gave.
    fn with_config(self, name: &str, options: &Value) -> Metric {
        Metric { options: Options::from_config(options), ..self.named(name) }
    }

    /// A further one of the kind, which has seen nothing.
    fn renamed(&self, name: &str) -> Metric {
        self.clone().named(name)
    }

    /// # Errors
    /// `ValueError` for one that comes to several numbers, which no line of a training has a place for.
    fn check_single(&self) -> Result<()> {
        match self.options.thresholds.len() {
            0 | 1 => Ok(()),
            n => Err(Error::Value(format!(
                "The metric '{}' has {n} thresholds and comes to as many numbers: `compile` takes metrics of one number, so \
                 give it one for each threshold",
                self.name()
            ))),
        }
    }
}

fn vector(values: Vec<f32>) -> Array {
    let count = values.len();
    Array::new(values, &[count])
}

impl State {
    fn named(name: Option<&str>) -> Arc<State> {
        let state = State { name: OnceLock::new(), sums: OnceLock::new() };
        if let Some(name) = name {
            state.name.get_or_init(|| name.into());
        }
        Arc::new(state)
    }
}

/// A batch that a metric has taken in; a setter takes it in anew.
#[derive(Clone)]
pub struct Update {
    metric: Metric,
    before: Tensor,
    y_true: Tensor,
    y_pred: Tensor,
}

impl Update {
    /// How much each example counts: `sample_weight=`.
    ///
    /// # Panics
    /// `InvalidArgumentError` when there are not as many weights as examples.
    #[track_caller]
    pub fn sample_weight(self, weight: impl IntoTensor) -> Update {
        let weight = weight.into_operand().tensor();
        let sums = self.metric.batch(&self.y_true, &self.y_pred, Some(&weight));
        self.metric.sums(&sums).assign(&self.before + sums);
        self
    }
}

impl Deref for Update {
    type Target = Metric;
    fn deref(&self) -> &Metric {
        &self.metric
    }
}

impl fmt::Debug for Update {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(&self.metric, f)
    }
}
