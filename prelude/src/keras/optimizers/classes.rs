//! The classes of optimizers with their arguments, and what stands for one. What they do is `Rule`'s.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde_json::{Map, Value, json};

use super::rules::{self, Rule};
use super::{LearningRate, Optimizer};
use crate::error::{Error, Result};

macro_rules! classes {
    ($($(#[$doc:meta])* $class:ident($rate:literal, $rule:ident { $($field:ident: $t:ty = $default:expr, $field_doc:literal);* $(;)? } $(, weight_decay $decay:literal)?);)*) => { $(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $class(Optimizer);

        impl fmt::Debug for $class {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl Default for $class {
            fn default() -> $class {
                $class::new($rate)
            }
        }

        impl $class {
            /// With that learning rate, a number or a schedule, and Keras' defaults for the rest.
            pub fn new(learning_rate: impl Into<LearningRate>) -> $class {
                let rule = classes!(@rule $rule { $($field: $default),* });
                let optimizer = Optimizer::with_rule(stringify!($class), rule, learning_rate.into());
                $class(Optimizer { weight_decay: classes!(@decay $($decay)?), ..optimizer })
            }

            $(
                #[doc = concat!($field_doc, ": `", stringify!($field), "=`.")]
                #[must_use]
                pub fn $field(mut self, value: $t) -> $class {
                    if let classes!(@pattern $rule $field) = &mut self.0.rule {
                        *$field = value;
                    }
                    self
                }
            )*

            /// The longest a gradient may be: `clipnorm=`.
            #[must_use]
            pub fn clipnorm(mut self, norm: f64) -> $class {
                self.0.clip.norm = Some(norm);
                self
            }

            /// The longest all gradients together may be: `global_clipnorm=`.
            #[must_use]
            pub fn global_clipnorm(mut self, norm: f64) -> $class {
                self.0.clip.global_norm = Some(norm);
                self
            }

            /// The largest a gradient's element may be: `clipvalue=`.
            #[must_use]
            pub fn clipvalue(mut self, value: f64) -> $class {
                self.0.clip.value = Some(value);
                self
            }

            /// The share, times the learning rate, that weights lose in each step: `weight_decay=`.
            #[must_use]
            pub fn weight_decay(mut self, decay: f64) -> $class {
                self.0.weight_decay = Some(decay);
                self
            }
        }

        impl Deref for $class {
            type Target = Optimizer;
            fn deref(&self) -> &Optimizer {
                &self.0
            }
        }

        impl DerefMut for $class {
            fn deref_mut(&mut self) -> &mut Optimizer {
                &mut self.0
            }
        }

        impl IntoOptimizer for $class {
            fn into_optimizer(self) -> Result<Optimizer> {
                Ok(self.0)
            }
        }

        impl IntoOptimizer for &$class {
            fn into_optimizer(self) -> Result<Optimizer> {
                Ok(self.0.clone())
            }
        }
    )*

        /// The numbers of a rule under Keras' names.
        pub(super) fn rule_config(class: &str, rule: &Rule) -> Value {
            let mut fields = Map::new();
            match class {
                $(stringify!($class) => { $(
                    if let classes!(@pattern $rule $field) = rule {
                        fields.insert(stringify!($field).into(), json!($field));
                    }
                )* })*
                _ => {}
            }
            Value::Object(fields)
        }

        /// The optimizer of that class with the numbers that [`rule_config`] gave.
        pub(super) fn with_rule_config(class: &str, rate: f64, config: &Value) -> Option<Optimizer> {
            match class {
                $(stringify!($class) => {
                    let mut made = $class::new(rate).0;
                    $(
                        if let (classes!(@pattern $rule $field), Ok(value)) =
                            (&mut made.rule, serde_json::from_value::<$t>(config[stringify!($field)].clone()))
                        {
                            *$field = value;
                        }
                    )*
                    Some(made)
                })*
                _ => None,
            }
        }
    };
    (@decay) => { None };
    (@decay $decay:literal) => { Some($decay) };
    (@rule Ftrl { $($fields:tt)* }) => { Rule::Ftrl(rules::Ftrl { $($fields)* }) };
    (@rule $rule:ident { $($fields:tt)* }) => { Rule::$rule { $($fields)* } };
    (@pattern Ftrl $field:ident) => { Rule::Ftrl(rules::Ftrl { $field, .. }) };
    (@pattern $rule:ident $field:ident) => { Rule::$rule { $field, .. } };
}
classes! {
    /// Gradient descent, with momentum when asked for: `keras.optimizers.SGD`.
    SGD(0.01, Sgd {
        momentum: f64 = 0.0, "How much of the last step is kept";
        nesterov: bool = false, "Whether to look ahead as Nesterov does";
    });
    /// Steps divided by a running root mean square of the gradients: `keras.optimizers.RMSprop`.
    RMSprop(0.001, RmsProp {
        rho: f64 = 0.9, "The share of the past in the running mean";
        momentum: f64 = 0.0, "How much of the last step is kept";
        epsilon: f64 = 1e-7, "What keeps the divisor from 0";
        centered: bool = false, "Whether to divide by the variance in place of the mean square";
    });
    /// Adam of Kingma and Ba: `keras.optimizers.Adam`.
    Adam(0.001, Adam {
        beta_1: f64 = 0.9, "The share of the past in the running mean";
        beta_2: f64 = 0.999, "The share of the past in the running mean square";
        epsilon: f64 = 1e-7, "What keeps the divisor from 0";
        amsgrad: bool = false, "Whether to divide by the largest mean square so far";
    });
    /// Adam with Nesterov's look ahead: `keras.optimizers.Nadam`.
    Nadam(0.001, Nadam {
        beta_1: f64 = 0.9, "The share of the past in the running mean";
        beta_2: f64 = 0.999, "The share of the past in the running mean square";
        epsilon: f64 = 1e-7, "What keeps the divisor from 0";
    });
    /// Steps divided by the root of the sum of all squares so far: `keras.optimizers.Adagrad`.
    Adagrad(0.001, Adagrad {
        initial_accumulator_value: f64 = 0.1, "What the sums start from";
        epsilon: f64 = 1e-7, "What keeps the divisor from 0";
    });
    /// Adam whose weights also lose a share of themselves in each step, 0.004 unless said otherwise:
    /// `keras.optimizers.AdamW`.
    AdamW(0.001, Adam {
        beta_1: f64 = 0.9, "The share of the past in the running mean";
        beta_2: f64 = 0.999, "The share of the past in the running mean square";
        epsilon: f64 = 1e-7, "What keeps the divisor from 0";
        amsgrad: bool = false, "Whether to divide by the largest mean square so far";
    }, weight_decay 0.004);
    /// Adam with the largest gradient in place of the mean square: `keras.optimizers.Adamax`.
    Adamax(0.001, Adamax {
        beta_1: f64 = 0.9, "The share of the past in the running mean";
        beta_2: f64 = 0.999, "The share that the largest gradient keeps from step to step";
        epsilon: f64 = 1e-7, "What keeps the divisor from 0";
    });
    /// Steps measured by the steps before them: `keras.optimizers.Adadelta`.
    Adadelta(0.001, Adadelta {
        rho: f64 = 0.95, "The share of the past in the running means";
        epsilon: f64 = 1e-7, "What keeps the divisor from 0";
    });
    /// Steps of one length along the signs of a running mean: `keras.optimizers.Lion`.
    Lion(0.001, Lion {
        beta_1: f64 = 0.9, "The share of the past in the direction";
        beta_2: f64 = 0.99, "The share of the past in the running mean";
    });
    /// Follow the regularized leader: `keras.optimizers.Ftrl`.
    Ftrl(0.001, Ftrl {
        learning_rate_power: f64 = -0.5, "How steps shrink with the sum of squares, at most 0";
        initial_accumulator_value: f64 = 0.1, "What the sums start from";
        l1_regularization_strength: f64 = 0.0, "What pulls weights to exactly 0";
        l2_regularization_strength: f64 = 0.0, "What pulls weights towards 0";
        l2_shrinkage_regularization_strength: f64 = 0.0, "What the gradient adds of the weights";
        beta: f64 = 0.0, "What is added to the root of the sum of squares";
    });
}

/// What stands for an optimizer: an object of this module, or its name.
pub trait IntoOptimizer {
    /// The optimizer.
    ///
    /// # Errors
    /// `ValueError` for a name that Keras does not know.
    fn into_optimizer(self) -> Result<Optimizer>;
}

impl IntoOptimizer for Optimizer {
    fn into_optimizer(self) -> Result<Optimizer> {
        Ok(self)
    }
}

impl IntoOptimizer for &str {
    fn into_optimizer(self) -> Result<Optimizer> {
        match self.to_lowercase().as_str() {
            "sgd" => SGD::default().into_optimizer(),
            "rmsprop" => RMSprop::default().into_optimizer(),
            "adam" => Adam::default().into_optimizer(),
            "nadam" => Nadam::default().into_optimizer(),
            "adagrad" => Adagrad::default().into_optimizer(),
            "adamw" => AdamW::default().into_optimizer(),
            "adamax" => Adamax::default().into_optimizer(),
            "adadelta" => Adadelta::default().into_optimizer(),
            "lion" => Lion::default().into_optimizer(),
            "ftrl" => Ftrl::default().into_optimizer(),
            _ => Err(Error::Value(format!("Could not interpret optimizer identifier: {self}"))),
        }
    }
}
