//! The optimizers by name: what each takes, in a table. How an update is built from it is `update`'s.

use std::sync::atomic::{AtomicU64, Ordering};

use super::update::Input::{Gradient, Number, Power, Slot};
use super::update::{Input, Optimizer, compute_gradients};
use crate::graph::{Built, Operation, Tensor, Variable, initializer};
use crate::ops::training;

/// A learning rate: a number, or a tensor such as a schedule's.
#[derive(Clone, Copy, Debug)]
pub enum Rate {
    /// The same at every step.
    Number(f64),
    /// Whatever it is at the step.
    Tensor(Tensor),
}

macro_rules! rates {
    ($($t:ty),*) => { $(impl From<$t> for Rate {
        fn from(rate: $t) -> Rate {
            Rate::Number(rate.into())
        }
    })* };
}
rates!(f64, f32, i32);

impl From<Tensor> for Rate {
    fn from(rate: Tensor) -> Rate {
        Rate::Tensor(rate)
    }
}

impl From<Variable> for Rate {
    fn from(rate: Variable) -> Rate {
        Rate::Tensor(rate.value())
    }
}

impl<K> From<Built<K>> for Rate {
    fn from(rate: Built<K>) -> Rate {
        Rate::Tensor(rate.into())
    }
}

macro_rules! optimizers {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name(Optimizer);

        impl $name {
            /// The name that its operation and its variables get: `name=`.
            #[must_use]
            pub fn named(self, name: &'static str) -> Self {
                $name(Optimizer { name, ..self.0 })
            }

            /// A variable to count the steps in, `minimize(..., global_step=step)`: each step adds 1 to it.
            #[must_use]
            pub fn global_step(self, step: Variable) -> Self {
                $name(Optimizer { global_step: Some(step), ..self.0 })
            }

            /// An operation that changes every trainable variable so that `loss` gets smaller: `.minimize(loss)`.
            ///
            /// # Panics
            /// `ValueError` when there is no variable, or none that the loss depends on.
            #[track_caller]
            pub fn minimize(&self, loss: impl Into<Tensor>) -> Operation {
                let loss = loss.into();
                self.0.minimize(loss, &loss.graph().trainable_variables())
            }

            /// The same for these variables alone: `.minimize(loss, var_list=variables)`.
            ///
            /// # Panics
            /// As [`minimize`](Self::minimize).
            #[track_caller]
            pub fn minimize_for(&self, loss: impl Into<Tensor>, variables: &[Variable]) -> Operation {
                self.0.minimize(loss.into(), variables)
            }

            /// The gradients of `loss` by every trainable variable: `.compute_gradients(loss)`.
            ///
            /// # Panics
            /// `ValueError` when there is no variable.
            #[track_caller]
            pub fn compute_gradients(&self, loss: impl Into<Tensor>) -> Vec<(Option<Tensor>, Variable)> {
                let loss = loss.into();
                compute_gradients(loss, &loss.graph().trainable_variables())
            }

            /// An operation that applies gradients: `.apply_gradients(...)`.
            ///
            /// # Panics
            /// `ValueError` when there is no gradient among them.
            #[track_caller]
            pub fn apply_gradients(&self, gradients: &[(Option<Tensor>, Variable)]) -> Operation {
                self.0.apply(gradients)
            }

            /// The names of what it keeps for each element of a variable in the default graph, in alphabetical order:
            /// `.get_slot_names()`.
            pub fn get_slot_names(&self) -> Vec<&'static str> {
                self.0.slot_names()
            }

            /// What it keeps for each element of `variable` under that name, `"momentum"` or `"m"`:
            /// `.get_slot(variable, name)`. `None` when it keeps no such thing, or not yet.
            pub fn get_slot(&self, variable: Variable, name: &str) -> Option<Variable> {
                variable.graph().slot(self.0.id, Some(variable), name)
            }
        }
    )* };
}

optimizers! {
    /// Gradient descent: `tf.train.GradientDescentOptimizer(learning_rate)`.
    GradientDescentOptimizer;
    /// Gradient descent with momentum: `tf.train.MomentumOptimizer(learning_rate, momentum)`.
    MomentumOptimizer;
    /// Duchi's Adagrad: `tf.train.AdagradOptimizer(learning_rate)`.
    AdagradOptimizer;
    /// Zeiler's Adadelta: `tf.train.AdadeltaOptimizer(learning_rate)`.
    AdadeltaOptimizer;
    /// Hinton's RMSProp: `tf.train.RMSPropOptimizer(learning_rate)`.
    RMSPropOptimizer;
    /// Adam of Kingma and Ba: `tf.train.AdamOptimizer(learning_rate)`.
    AdamOptimizer;
    /// Adam with Nesterov's look ahead, by Dozat: `tf.contrib.opt.NadamOptimizer(learning_rate)`.
    NadamOptimizer;
}

/// Setters of the numbers that rules have besides the learning rate.
macro_rules! setters {
    ($t:ident: $($(#[$doc:meta])* $set:ident[$i:literal];)*) => {
        impl $t { $(
            $(#[$doc])*
            #[must_use]
            pub fn $set(mut self, value: f64) -> Self {
                if let Some((_, number)) = &mut self.0.numbers[$i] {
                    *number = value;
                }
                self
            }
        )* }
    };
}

/// How many optimizers there have been.
static COUNT: AtomicU64 = AtomicU64::new(0);

fn descent(rate: Rate) -> Optimizer {
    Optimizer {
        id: COUNT.fetch_add(1, Ordering::Relaxed),
        name: "GradientDescent",
        rate,
        rate_name: "learning_rate",
        op: &training::APPLY_GRADIENT_DESCENT,
        inputs: &[Input::Variable, Input::Rate, Gradient],
        numbers: [None; 3],
        slots: [None; 3],
        flag: None,
        global_step: None,
    }
}

impl GradientDescentOptimizer {
    /// With that learning rate.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        GradientDescentOptimizer(descent(learning_rate.into()))
    }
}

impl MomentumOptimizer {
    /// With that learning rate and momentum.
    pub fn new(learning_rate: impl Into<Rate>, momentum: f64) -> Self {
        MomentumOptimizer(Optimizer {
            name: "Momentum",
            op: &training::APPLY_MOMENTUM,
            inputs: &[Input::Variable, Slot(0), Input::Rate, Gradient, Number(0)],
            numbers: [Some(("momentum", momentum)), None, None],
            slots: [Some(("momentum", initializer::zeros())), None, None],
            flag: Some(("use_nesterov", false)),
            ..descent(learning_rate.into())
        })
    }

    /// Whether to look ahead as Nesterov does: `use_nesterov=`.
    #[must_use]
    pub fn use_nesterov(self, yes: bool) -> Self {
        MomentumOptimizer(Optimizer { flag: Some(("use_nesterov", yes)), ..self.0 })
    }
}

impl AdagradOptimizer {
    /// With that learning rate.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        let rule = Optimizer {
            name: "Adagrad",
            op: &training::APPLY_ADAGRAD,
            inputs: &[Input::Variable, Slot(0), Input::Rate, Gradient],
            flag: Some(("update_slots", true)),
            ..descent(learning_rate.into())
        };
        AdagradOptimizer(rule).initial_accumulator_value(0.1)
    }

    /// What the sums of squares start at, `initial_accumulator_value=`; 0.1 by itself.
    #[must_use]
    pub fn initial_accumulator_value(self, value: f64) -> Self {
        AdagradOptimizer(Optimizer {
            slots: [Some(("accumulator", initializer::constant(value))), None, None],
            ..self.0
        })
    }
}

impl AdadeltaOptimizer {
    /// With that learning rate; 0.001 is TensorFlow's own, 1.0 the paper's.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        AdadeltaOptimizer(Optimizer {
            name: "Adadelta",
            rate_name: "lr",
            op: &training::APPLY_ADADELTA,
            inputs: &[Input::Variable, Slot(0), Slot(1), Input::Rate, Number(0), Number(1), Gradient],
            numbers: [Some(("rho", 0.95)), Some(("epsilon", 1e-8)), None],
            slots: [Some(("accum", initializer::zeros())), Some(("accum_update", initializer::zeros())), None],
            ..descent(learning_rate.into())
        })
    }
}
setters! { AdadeltaOptimizer:
    /// How slowly the running means forget, `rho=`; 0.95 by itself.
    rho[0];
    /// What keeps the divisor from 0, `epsilon=`; 1e-8 by itself.
    epsilon[1];
}

impl RMSPropOptimizer {
    /// With that learning rate.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        RMSPropOptimizer(Optimizer {
            name: "RMSProp",
            op: &training::APPLY_RMS_PROP,
            inputs: &[Input::Variable, Slot(0), Slot(1), Input::Rate, Number(0), Number(1), Number(2), Gradient],
            numbers: [Some(("decay", 0.9)), Some(("momentum", 0.0)), Some(("epsilon", 1e-10))],
            slots: [Some(("rms", initializer::ones())), Some(("momentum", initializer::zeros())), None],
            ..descent(learning_rate.into())
        })
    }

    /// Whether to take the gradient's running mean off its running size: `centered=`.
    #[must_use]
    pub fn centered(self, yes: bool) -> Self {
        if !yes {
            return self;
        }
        let inputs =
            &[Input::Variable, Slot(1), Slot(0), Slot(2), Input::Rate, Number(0), Number(1), Number(2), Gradient];
        let zeros = initializer::zeros();
        let slots = [Some(("rms", initializer::ones())), Some(("mg", zeros)), Some(("momentum", zeros))];
        RMSPropOptimizer(Optimizer { op: &training::APPLY_CENTERED_RMS_PROP, inputs, slots, ..self.0 })
    }
}
setters! { RMSPropOptimizer:
    /// How slowly the running size forgets, `decay=`; 0.9 by itself.
    decay[0];
    /// The momentum, `momentum=`; 0 by itself.
    momentum[1];
    /// What keeps the divisor from 0, `epsilon=`; 1e-10 by itself.
    epsilon[2];
}

fn adam(rate: Rate, nesterov: bool) -> Optimizer {
    const INPUTS: &[Input] = &[
        Input::Variable,
        Slot(0),
        Slot(1),
        Power(0),
        Power(1),
        Input::Rate,
        Number(0),
        Number(1),
        Number(2),
        Gradient,
    ];
    Optimizer {
        name: "Adam",
        op: &training::APPLY_ADAM,
        inputs: INPUTS,
        numbers: [Some(("beta1", 0.9)), Some(("beta2", 0.999)), Some(("epsilon", 1e-8))],
        slots: [Some(("m", initializer::zeros())), Some(("v", initializer::zeros())), None],
        flag: Some(("use_nesterov", nesterov)),
        ..descent(rate)
    }
}

impl AdamOptimizer {
    /// With that learning rate; 0.001 is TensorFlow's own.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        AdamOptimizer(adam(learning_rate.into(), false))
    }
}

impl Default for AdamOptimizer {
    fn default() -> Self {
        AdamOptimizer::new(0.001)
    }
}

impl NadamOptimizer {
    /// With that learning rate; 0.001 is TensorFlow's own.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        NadamOptimizer(adam(learning_rate.into(), true))
    }
}

impl Default for NadamOptimizer {
    fn default() -> Self {
        NadamOptimizer::new(0.001)
    }
}
setters! { AdamOptimizer:
    /// How slowly the mean of the gradient forgets, `beta1=`; 0.9 by itself.
    beta1[0];
    /// How slowly the mean of its square forgets, `beta2=`; 0.999 by itself.
    beta2[1];
    /// What keeps the divisor from 0, `epsilon=`; 1e-8 by itself.
    epsilon[2];
}
setters! { NadamOptimizer:
    /// How slowly the mean of the gradient forgets, `beta1=`; 0.9 by itself.
    beta1[0];
    /// How slowly the mean of its square forgets, `beta2=`; 0.999 by itself.
    beta2[1];
    /// What keeps the divisor from 0, `epsilon=`; 1e-8 by itself.
    epsilon[2];
}
