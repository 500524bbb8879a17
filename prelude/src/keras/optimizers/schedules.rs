//! `keras.optimizers.schedules`: learning rates that depend on the step.

use serde_json::{Value, json};

use crate::v2::{self, IntoTensor, Tensor};

/// A learning rate as a function of the step. Made by the classes of this module.
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// See [`ExponentialDecay`].
    ExponentialDecay(ExponentialDecay),
    /// See [`PiecewiseConstantDecay`].
    PiecewiseConstantDecay(PiecewiseConstantDecay),
    /// See [`PolynomialDecay`].
    PolynomialDecay(PolynomialDecay),
    /// See [`InverseTimeDecay`].
    InverseTimeDecay(InverseTimeDecay),
    /// See [`CosineDecay`].
    CosineDecay(CosineDecay),
}

impl Schedule {
    /// The rate at a step: `schedule(step)`.
    pub fn call(&self, step: impl IntoTensor) -> Tensor {
        let step = v2::cast(step, v2::float32);
        match self {
            Schedule::ExponentialDecay(s) => s.at(&step),
            Schedule::PiecewiseConstantDecay(s) => s.at(&step),
            Schedule::PolynomialDecay(s) => s.at(&step),
            Schedule::InverseTimeDecay(s) => s.at(&step),
            Schedule::CosineDecay(s) => s.at(&step),
        }
    }

    pub(super) fn config(&self) -> Value {
        json!(format!("{self:?}"))
    }
}

macro_rules! schedules {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $t:ty),+ } |$self:ident, $step:ident| $e:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($field: $t,)+
        }

        impl $name {
            fn at(&$self, $step: &Tensor) -> Tensor {
                $e
            }

            /// The rate at a step: `schedule(step)`.
            pub fn call(&self, step: impl IntoTensor) -> Tensor {
                self.at(&v2::cast(step, v2::float32))
            }
        }

        impl From<$name> for Schedule {
            fn from(schedule: $name) -> Schedule {
                Schedule::$name(schedule)
            }
        }
    )* };
}
schedules! {
    /// `initial * rate ^ (step / decay_steps)`: `keras.optimizers.schedules.ExponentialDecay`.
    ExponentialDecay { initial: f64, decay_steps: f64, decay_rate: f64, staircase: bool } |self, step| {
        let power = step / self.decay_steps;
        let power = if self.staircase { v2::floor(power) } else { power };
        v2::pow(v2::constant(self.decay_rate), power) * self.initial
    };
    /// One rate up to each boundary: `keras.optimizers.schedules.PiecewiseConstantDecay`.
    PiecewiseConstantDecay { boundaries: Vec<f64>, values: Vec<f64> } |self, step| {
        let last: Tensor = v2::constant(self.values.last().copied().unwrap_or(0.0)).into();
        let steps = self.boundaries.iter().zip(&self.values).rev();
        steps.fold(last, |later, (boundary, value)| v2::where_(step.le(*boundary), v2::constant(*value), later))
    };
    /// From one rate to another along a power: `keras.optimizers.schedules.PolynomialDecay`.
    PolynomialDecay { initial: f64, decay_steps: f64, end: f64, power: f64 } |self, step| {
        let share = v2::minimum(step, self.decay_steps) / self.decay_steps;
        v2::pow(1.0 - share, self.power) * (self.initial - self.end) + self.end
    };
    /// `initial / (1 + rate * step / decay_steps)`: `keras.optimizers.schedules.InverseTimeDecay`.
    InverseTimeDecay { initial: f64, decay_steps: f64, decay_rate: f64, staircase: bool } |self, step| {
        let share = step / self.decay_steps;
        let share = if self.staircase { v2::floor(share) } else { share };
        self.initial / (share * self.decay_rate + 1.0)
    };
    /// Half a cosine from the first rate down to a share `alpha` of it: `keras.optimizers.schedules.CosineDecay`.
    CosineDecay { initial: f64, decay_steps: f64, alpha: f64 } |self, step| {
        let share = v2::minimum(step, self.decay_steps) / self.decay_steps;
        let fall = 0.5 * (1.0 + v2::cos(share * std::f64::consts::PI));
        (fall * (1.0 - self.alpha) + self.alpha) * self.initial
    };
}

impl ExponentialDecay {
    /// From `initial_learning_rate`, times `decay_rate` every `decay_steps`.
    pub fn new(initial_learning_rate: f64, decay_steps: usize, decay_rate: f64) -> ExponentialDecay {
        ExponentialDecay {
            initial: initial_learning_rate,
            decay_steps: decay_steps as f64,
            decay_rate,
            staircase: false,
        }
    }

    /// Whether the rate stays the same in between: `staircase=`.
    #[must_use]
    pub fn staircase(self, yes: bool) -> ExponentialDecay {
        ExponentialDecay { staircase: yes, ..self }
    }
}

impl PiecewiseConstantDecay {
    /// `values[i]` up to and with the step `boundaries[i]`, and the last value from then on.
    ///
    /// # Panics
    /// `ValueError` unless there is one value more than boundaries.
    #[track_caller]
    pub fn new<const N: usize, const M: usize>(boundaries: [usize; N], values: [f64; M]) -> PiecewiseConstantDecay {
        if M != N + 1 {
            crate::Error::Value(format!(
                "The length of boundaries should be 1 less than the length of values. Received: boundaries={boundaries:?} \
                 of length {N}, and values={values:?} of length {M}."
            ))
            .raise();
        }
        PiecewiseConstantDecay { boundaries: boundaries.iter().map(|b| *b as f64).collect(), values: values.into() }
    }
}

impl PolynomialDecay {
    /// From `initial_learning_rate` to `end_learning_rate` in `decay_steps`.
    pub fn new(initial_learning_rate: f64, decay_steps: usize, end_learning_rate: f64) -> PolynomialDecay {
        PolynomialDecay {
            initial: initial_learning_rate,
            decay_steps: decay_steps as f64,
            end: end_learning_rate,
            power: 1.0,
        }
    }

    /// The power, 1 unless said otherwise: `power=`.
    #[must_use]
    pub fn power(self, power: f64) -> PolynomialDecay {
        PolynomialDecay { power, ..self }
    }
}

impl InverseTimeDecay {
    /// From `initial_learning_rate`, slower and slower.
    pub fn new(initial_learning_rate: f64, decay_steps: usize, decay_rate: f64) -> InverseTimeDecay {
        InverseTimeDecay {
            initial: initial_learning_rate,
            decay_steps: decay_steps as f64,
            decay_rate,
            staircase: false,
        }
    }

    /// Whether the rate stays the same in between: `staircase=`.
    #[must_use]
    pub fn staircase(self, yes: bool) -> InverseTimeDecay {
        InverseTimeDecay { staircase: yes, ..self }
    }
}

impl CosineDecay {
    /// From `initial_learning_rate` to 0 in `decay_steps`.
    pub fn new(initial_learning_rate: f64, decay_steps: usize) -> CosineDecay {
        CosineDecay { initial: initial_learning_rate, decay_steps: decay_steps as f64, alpha: 0.0 }
    }

    /// The share of the first rate that is left in the end: `alpha=`.
    #[must_use]
    pub fn alpha(self, alpha: f64) -> CosineDecay {
        CosineDecay { alpha, ..self }
    }
}
