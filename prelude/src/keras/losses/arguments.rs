//! The optional arguments of losses, and which loss takes which. What they do is in `functions`.

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::v2::{Built, Evaluate, IntoTensor, Tensor, attempt};

/// A loss: one value for each example.
pub(super) type Each = fn(&Tensor, &Tensor, &Arguments) -> Tensor;

/// The optional arguments of all losses, with Keras' defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::keras) struct Arguments {
    pub from_logits: bool,
    pub label_smoothing: f64,
    pub delta: f64,
    pub alpha: f64,
    pub gamma: f64,
    pub apply_class_balancing: bool,
}

/// The names of the arguments that a loss takes.
#[derive(Clone, Copy, Debug)]
pub(in crate::keras) struct Takes(&'static [&'static str]);

impl Takes {
    pub const NOTHING: Takes = Takes(&[]);
    pub const DELTA: Takes = Takes(&["delta"]);
    pub const LOGITS: Takes = Takes(&["from_logits"]);
    pub const LABELS: Takes = Takes(&["from_logits", "label_smoothing"]);
    pub const FOCUS: Takes = Takes(&["from_logits", "label_smoothing", "alpha", "gamma"]);
    pub const BINARY_FOCUS: Takes =
        Takes(&["from_logits", "label_smoothing", "alpha", "gamma", "apply_class_balancing"]);

    /// # Errors
    /// `TypeError` when `who` does not take an argument of that name.
    pub fn check(self, who: &str, argument: &str) -> Result<()> {
        if self.0.contains(&argument) {
            return Ok(());
        }
        let takes = if self.0.is_empty() { "it takes none".into() } else { format!("it takes {}", self.0.join(", ")) };
        Err(Error::Type(format!("{who}() got an unexpected keyword argument '{argument}': {takes}")))
    }
}

impl Default for Arguments {
    fn default() -> Arguments {
        Arguments {
            from_logits: false,
            label_smoothing: 0.0,
            delta: 1.0,
            alpha: 0.25,
            gamma: 2.0,
            apply_class_balancing: false,
        }
    }
}

impl Arguments {
    pub fn config(&self) -> Value {
        json!({
            "from_logits": self.from_logits,
            "label_smoothing": self.label_smoothing,
            "delta": self.delta,
            "alpha": self.alpha,
            "gamma": self.gamma,
            "apply_class_balancing": self.apply_class_balancing,
        })
    }

    pub fn from_config(config: &Value) -> Arguments {
        let number = |key: &str, default: f64| config[key].as_f64().unwrap_or(default);
        let yes = |key: &str| config[key].as_bool().unwrap_or(false);
        let default = Arguments::default();
        Arguments {
            from_logits: yes("from_logits"),
            label_smoothing: number("label_smoothing", default.label_smoothing),
            delta: number("delta", default.delta),
            alpha: number("alpha", default.alpha),
            gamma: number("gamma", default.gamma),
            apply_class_balancing: yes("apply_class_balancing"),
        }
    }
}

/// A call of a loss function whose optional arguments are setters.
#[derive(Clone)]
pub struct Call {
    name: &'static str,
    each: Each,
    takes: Takes,
    y_true: Tensor,
    y_pred: Tensor,
    arguments: Arguments,
}

impl Call {
    #[track_caller]
    pub(super) fn of(
        name: &'static str,
        each: Each,
        takes: Takes,
        y_true: impl IntoTensor,
        y_pred: impl IntoTensor,
    ) -> Built<Call> {
        let (y_true, y_pred) = (y_true.into_operand().tensor(), y_pred.into_operand().tensor());
        Built::new(Call { name, each, takes, y_true, y_pred, arguments: Arguments::default() })
    }
}

impl Evaluate for Call {
    fn evaluate(&self) -> Result<Tensor> {
        attempt(|| (self.each)(&self.y_true, &self.y_pred, &self.arguments))
    }
}

/// Setters of a loss's optional arguments, for the functions and for the objects.
macro_rules! setters {
    ($self:ident => $($set:tt)*) => {
        /// Whether predictions come without their last activation: `from_logits=`. Cross entropies take it.
        ///
        /// # Panics
        /// `TypeError` when the loss takes no such argument.
        #[must_use]
        #[track_caller]
        pub fn from_logits($self, yes: bool) -> Self {
            $($set)*("from_logits", |a| a.from_logits = yes)
        }

        /// How far labels are moved towards the same for all classes, from 0 to 1: `label_smoothing=`. Cross entropies
        /// but the sparse one take it.
        ///
        /// # Panics
        /// `TypeError` when the loss takes no such argument.
        #[must_use]
        #[track_caller]
        pub fn label_smoothing($self, by: f64) -> Self {
            $($set)*("label_smoothing", |a| a.label_smoothing = by)
        }

        /// How much the class 1, or each class, counts: `alpha=`; 0.25 unless said otherwise. Focal cross entropies
        /// take it.
        ///
        /// # Panics
        /// `TypeError` when the loss takes no such argument.
        #[must_use]
        #[track_caller]
        pub fn alpha($self, alpha: f64) -> Self {
            $($set)*("alpha", |a| a.alpha = alpha)
        }

        /// How little counts what is nearly right: `gamma=`; 2 unless said otherwise. Focal cross entropies take it.
        ///
        /// # Panics
        /// `TypeError` when the loss takes no such argument.
        #[must_use]
        #[track_caller]
        pub fn gamma($self, gamma: f64) -> Self {
            $($set)*("gamma", |a| a.gamma = gamma)
        }

        /// Whether the classes 1 and 0 count as `alpha` to `1 - alpha`: `apply_class_balancing=`. The binary focal cross
        /// entropy takes it.
        ///
        /// # Panics
        /// `TypeError` when the loss takes no such argument.
        #[must_use]
        #[track_caller]
        pub fn apply_class_balancing($self, yes: bool) -> Self {
            $($set)*("apply_class_balancing", |a| a.apply_class_balancing = yes)
        }
    };
}
pub(super) use setters;

impl Built<Call> {
    setters!(self => self.set);

    #[track_caller]
    fn set(self, argument: &str, change: impl FnOnce(&mut Arguments)) -> Built<Call> {
        self.with(|call| {
            call.takes.check(call.name, argument).unwrap_or_else(|error| error.raise());
            change(&mut call.arguments);
        })
    }
}
