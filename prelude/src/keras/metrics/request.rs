//! What `compile` is asked for as metrics: objects, or names whose meaning depends on the shapes of labels and predictions.

use super::Metric;
use super::classes::{BinaryAccuracy, BinaryCrossentropy, CategoricalAccuracy, CategoricalCrossentropy};
use super::classes::{SparseCategoricalAccuracy, SparseCategoricalCrossentropy, by_name};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::keras::losses::last;
use crate::v2::Tensor;

/// A metric asked for; what `"accuracy"` means depends on the shapes of labels and predictions.
#[derive(Clone, Debug)]
pub enum Request {
    /// By name.
    Named(String),
    /// An object.
    Object(Metric),
    /// Either, for the output of that number.
    At(usize, Box<Request>),
    /// Either, for the output of that name.
    Of(String, Box<Request>),
}

/// Which output of a model a metric is for.
pub(in crate::keras) enum Which<'a> {
    /// The next one that has none yet; the only one where there is no other.
    Next,
    Number(usize),
    Name(&'a str),
}

impl Request {
    /// Checks the name.
    pub(in crate::keras) fn check(&self) -> Result<()> {
        match self {
            Request::Named(name) if Family::of(name).is_none() && by_name(name).is_none() => {
                Err(Error::Value(format!("Could not interpret metric identifier: {name}")))
            }
            Request::Named(_) => Ok(()),
            Request::Object(metric) => metric.check_single(),
            Request::At(_, request) | Request::Of(_, request) => request.check(),
        }
    }

    /// The output it is for.
    pub(in crate::keras) fn which(&self) -> Which<'_> {
        match self {
            Request::Named(_) | Request::Object(_) => Which::Next,
            Request::At(output, _) => Which::Number(*output),
            Request::Of(output, _) => Which::Name(output),
        }
    }

    /// It as JSON, for models that are saved.
    pub(in crate::keras) fn config(&self) -> Value {
        match self {
            Request::Named(name) => json!({ "name": name }),
            Request::Object(metric) => metric.config(),
            Request::At(_, request) | Request::Of(_, request) => request.config(),
        }
    }

    /// What [`config`](Self::config) describes; nothing for a class that there is not.
    pub(in crate::keras) fn from_config(config: &Value) -> Option<Request> {
        let name = config["name"].as_str()?;
        match config["class_name"].as_str() {
            None => Some(Request::Named(name.into())),
            Some(class) => Some(Request::Object(by_name(class)?.with_config(name, &config["options"]))),
        }
    }

    /// The name it will show under.
    pub(in crate::keras) fn name(&self) -> &str {
        match self {
            Request::Named(name) => name,
            Request::Object(metric) => metric.name(),
            Request::At(_, request) | Request::Of(_, request) => request.name(),
        }
    }

    /// The metric for labels and predictions of these shapes.
    pub(in crate::keras) fn resolve(&self, y_true: &Tensor, y_pred: &Tensor) -> Metric {
        let name = match self {
            Request::Object(metric) => return metric.clone(),
            Request::At(_, request) | Request::Of(_, request) => return request.resolve(y_true, y_pred),
            Request::Named(name) => name,
        };
        let named = |metric: &Metric| metric.renamed(name);
        let kind = if last(y_pred) == Some(1) {
            Kind::Binary
        } else if y_true.ndim() < y_pred.ndim() || last(y_true) == Some(1) {
            Kind::Sparse
        } else {
            Kind::Categorical
        };
        match (Family::of(name), kind) {
            (Some(Family::Accuracy), Kind::Binary) => named(&BinaryAccuracy::new()),
            (Some(Family::Accuracy), Kind::Sparse) => named(&SparseCategoricalAccuracy::new()),
            (Some(Family::Accuracy), Kind::Categorical) => named(&CategoricalAccuracy::new()),
            (Some(Family::Crossentropy), Kind::Binary) => named(&BinaryCrossentropy::new()),
            (Some(Family::Crossentropy), Kind::Sparse) => named(&SparseCategoricalCrossentropy::new()),
            (Some(Family::Crossentropy), Kind::Categorical) => named(&CategoricalCrossentropy::new()),
            (None, _) => by_name(name).map_or_else(|| named(&BinaryAccuracy::new()), |metric| named(&metric)),
        }
    }
}

/// Names that stand for one of several metrics.
enum Family {
    Accuracy,
    Crossentropy,
}

/// What labels and predictions look like.
enum Kind {
    Binary,
    Sparse,
    Categorical,
}

impl Family {
    fn of(name: &str) -> Option<Family> {
        match name.to_lowercase().as_str() {
            "acc" | "accuracy" => Some(Family::Accuracy),
            "ce" | "crossentropy" => Some(Family::Crossentropy),
            _ => None,
        }
    }
}

/// What `compile` takes as metrics: an array of names, objects, tuples of both, or `()` for none. For a model of several
/// outputs: an array with what each output has, or pairs of an output's name and what it has.
pub trait IntoMetrics {
    /// The metrics asked for.
    fn into_metrics(self) -> Vec<Request>;
}

impl IntoMetrics for Vec<&str> {
    fn into_metrics(self) -> Vec<Request> {
        self.into_iter().map(|name| Request::Named(name.into())).collect()
    }
}

impl<M: IntoMetrics, const N: usize> IntoMetrics for [(&str, M); N] {
    fn into_metrics(self) -> Vec<Request> {
        self.into_iter().flat_map(|(output, metrics)| for_output(output, metrics)).collect()
    }
}

fn for_output(output: &str, metrics: impl IntoMetrics) -> Vec<Request> {
    let of = |request| Request::Of(output.to_owned(), Box::new(request));
    metrics.into_metrics().into_iter().map(of).collect()
}

impl<const M: usize, const N: usize> IntoMetrics for [[&str; M]; N] {
    fn into_metrics(self) -> Vec<Request> {
        let at = |(output, metrics): (usize, [&str; M])| {
            metrics.into_metrics().into_iter().map(move |request| Request::At(output, Box::new(request)))
        };
        self.into_iter().enumerate().flat_map(at).collect()
    }
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

impl IntoMetrics for &Metric {
    fn into_metrics(self) -> Vec<Request> {
        vec![Request::Object(self.clone())]
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
tuples! {
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9;
}
