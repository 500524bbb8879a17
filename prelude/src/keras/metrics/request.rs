//! What `compile` is asked for as metrics: objects, or names whose meaning depends on the shapes of labels and predictions.

use super::Metric;
use super::classes::{BinaryAccuracy, BinaryCrossentropy, CategoricalAccuracy, CategoricalCrossentropy};
use super::classes::{SparseCategoricalAccuracy, SparseCategoricalCrossentropy, by_name};
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
        }
    }

    /// The name it will show under.
    pub(in crate::keras) fn name(&self) -> &str {
        match self {
            Request::Named(name) => name,
            Request::Object(metric) => metric.name(),
        }
    }

    /// The metric for labels and predictions of these shapes.
    pub(in crate::keras) fn resolve(&self, y_true: &Tensor, y_pred: &Tensor) -> Metric {
        let name = match self {
            Request::Object(metric) => return metric.clone(),
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
tuples! { A 0, B 1; A 0, B 1, C 2; A 0, B 1, C 2, D 3; }
