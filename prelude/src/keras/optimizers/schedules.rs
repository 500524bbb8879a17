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
    /// See [`CosineDecayRestarts`].
    CosineDecayRestarts(CosineDecayRestarts),
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
            Schedule::CosineDecayRestarts(s) => s.at(&step),
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
    PolynomialDecay { initial: f64, decay_steps: f64, end: f64, power: f64, cycle: bool } |self, step| {
        let share = if self.cycle {
            let rounds = v2::maximum(v2::math::ceil(step / self.decay_steps), 1.0);
            step / (rounds * self.decay_steps)
        } else {
            v2::minimum(step, self.decay_steps) / self.decay_steps
        };
        v2::pow(1.0 - share, self.power) * (self.initial - self.end) + self.end
    };
    /// `initial / (1 + rate * step / decay_steps)`: `keras.optimizers.schedules.InverseTimeDecay`.
    InverseTimeDecay { initial: f64, decay_steps: f64, decay_rate: f64, staircase: bool } |self, step| {
        let share = step / self.decay_steps;
        let share = if self.staircase { v2::floor(share) } else { share };
        self.initial / (share * self.decay_rate + 1.0)
    };
    /// Half a cosine from the first rate down to a share `alpha` of it, after a straight way up if one is asked for:
    /// `keras.optimizers.schedules.CosineDecay`.
    CosineDecay { initial: f64, decay_steps: f64, alpha: f64, warmup: Option<f64>, warmup_steps: f64 } |self, step| {
        let Some(target) = self.warmup else { return self.fall(step, self.initial) };
        let way = step / self.warmup_steps * (target - self.initial) + self.initial;
        v2::where_(step.lt(self.warmup_steps), way, self.fall(&(step - self.warmup_steps), target))
    };
    /// Half a cosine again and again: `keras.optimizers.schedules.CosineDecayRestarts`.
    CosineDecayRestarts { initial: f64, first_decay_steps: f64, t_mul: f64, m_mul: f64, alpha: f64 } |self, step| {
        let done = step / self.first_decay_steps;
        let (round, share) = if self.t_mul == 1.0 {
            let round = v2::floor(&done);
            (round.clone(), done - round)
        } else {
            let round = v2::floor(v2::math::log(1.0 - &done * (1.0 - self.t_mul)) / self.t_mul.ln());
            let length = v2::pow(v2::constant(self.t_mul), &round);
            let before = (1.0 - &length) / (1.0 - self.t_mul);
            (round, (done - before) / length)
        };
        let height = v2::pow(v2::constant(self.m_mul), round);
        (half_cosine(&share) * height * (1.0 - self.alpha) + self.alpha) * self.initial
    };
}

/// From 1 at 0 to 0 at 1.
fn half_cosine(share: &Tensor) -> Tensor {
    0.5 * (1.0 + v2::cos(share * std::f64::consts::PI))
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
            cycle: false,
        }
    }

    /// Whether it starts anew after `decay_steps`, each time slower: `cycle=`.
    #[must_use]
    pub fn cycle(self, yes: bool) -> PolynomialDecay {
        PolynomialDecay { cycle: yes, ..self }
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
        CosineDecay {
            initial: initial_learning_rate,
            decay_steps: decay_steps as f64,
            alpha: 0.0,
            warmup: None,
            warmup_steps: 0.0,
        }
    }

    /// The share of the first rate that is left in the end: `alpha=`.
    #[must_use]
    pub fn alpha(self, alpha: f64) -> CosineDecay {
        CosineDecay { alpha, ..self }
    }

    /// The rate to go up to first, to fall from there: `warmup_target=`.
    #[must_use]
    pub fn warmup_target(self, rate: f64) -> CosineDecay {
        CosineDecay { warmup: Some(rate), ..self }
    }

    /// How many steps it goes up: `warmup_steps=`.
    #[must_use]
    pub fn warmup_steps(self, steps: usize) -> CosineDecay {
        CosineDecay { warmup_steps: steps as f64, ..self }
    }

    fn fall(&self, step: &Tensor, from: f64) -> Tensor {
        let share = v2::minimum(step, self.decay_steps) / self.decay_steps;
        (half_cosine(&share) * (1.0 - self.alpha) + self.alpha) * from
    }
}

impl CosineDecayRestarts {
    /// From `initial_learning_rate` to 0 in `first_decay_steps`, and again, twice as long each time.
    pub fn new(initial_learning_rate: f64, first_decay_steps: usize) -> CosineDecayRestarts {
        CosineDecayRestarts {
            initial: initial_learning_rate,
            first_decay_steps: first_decay_steps as f64,
            t_mul: 2.0,
            m_mul: 1.0,
            alpha: 0.0,
        }
    }

    /// How many times as long as the last each round is: `t_mul=`; 2 unless said otherwise.
    #[must_use]
    pub fn t_mul(self, times: f64) -> CosineDecayRestarts {
        CosineDecayRestarts { t_mul: times, ..self }
    }

    /// How many times the last one's first rate each round starts from: `m_mul=`; 1 unless said otherwise.
    #[must_use]
    pub fn m_mul(self, times: f64) -> CosineDecayRestarts {
        CosineDecayRestarts { m_mul: times, ..self }
    }

    /// The share of the first rate that is left at the end of a round: `alpha=`.
    #[must_use]
    pub fn alpha(self, alpha: f64) -> CosineDecayRestarts {
        CosineDecayRestarts { alpha, ..self }
    }
}
