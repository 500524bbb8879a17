//! `keras.optimizers`: how gradients change variables. Each rule is written once, with tensors, so that it is traced into
//! the training step and runs by itself on values alike.

mod classes;
mod rules;
pub mod schedules;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::v2::{self, Compiled, Gradient, GradientTape, Tensor, Trace, Variable, attempt, distribute};
use crate::{Array, DType};
use classes::{rule_config, with_rule_config};
use rules::{Of, Rule, Shared};
use schedules::Schedule;

pub use classes::{Adadelta, Adagrad, Adam, AdamW, Adamax, Ftrl, IntoOptimizer, Lion, Nadam, RMSprop, SGD};

/// A learning rate: a number, or a schedule.
#[derive(Clone, Debug, PartialEq)]
pub enum LearningRate {
    /// One number for all steps.
    Constant(f64),
    /// A function of the step.
    Schedule(Schedule),
}

impl From<f64> for LearningRate {
    fn from(rate: f64) -> LearningRate {
        LearningRate::Constant(rate)
    }
}

impl<S: Into<Schedule>> From<S> for LearningRate {
    fn from(schedule: S) -> LearningRate {
        LearningRate::Schedule(schedule.into())
    }
}

/// How gradients are shortened first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Clip {
    norm: Option<f64>,
    value: Option<f64>,
    global_norm: Option<f64>,
}

/// An optimizer: `keras.optimizers.Optimizer`. Clones are the same one.
#[derive(Clone)]
pub struct Optimizer {
    class: &'static str,
    rule: Rule,
    rate: LearningRate,
    clip: Clip,
    weight_decay: Option<f64>,
    state: Arc<Mutex<State>>,
}

/// What an optimizer remembers.
struct State {
    learning_rate: Variable,
    iterations: Variable,
    /// Nadam's running product.
    product: Variable,
    /// The memories of each variable, in the order of the variables it was first given.
    slots: Vec<(u64, Vec<Variable>)>,
    /// Compiled updates for a replica and a set of variables.
    updates: Vec<(Vec<u64>, Compiled)>,
}

impl Optimizer {
    fn with_rule(class: &'static str, rule: Rule, rate: LearningRate) -> Optimizer {
        let first = match &rate {
            LearningRate::Constant(rate) => *rate,
            LearningRate::Schedule(schedule) => f64::from(schedule.call(0).item::<f32>()),
        };
        let hidden = |value: Array, name: &str| Variable::of(&value, name).trainable(false);
        let state = State {
            learning_rate: hidden(Array::scalar(first as f32), "learning_rate"),
            iterations: hidden(Array::scalar(0i64), "iterations"),
            product: hidden(Array::scalar(1f32), "u_product"),
            slots: Vec::new(),
            updates: Vec::new(),
        };
        Optimizer { class, rule, rate, clip: Clip::default(), weight_decay: None, state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The class name, `"Adam"`.
    pub fn class_name(&self) -> &'static str {
        self.class
    }

    /// The name, `"adam"`.
    pub fn name(&self) -> String {
        self.class.to_lowercase()
    }

    /// The learning rate of the next step: `optimizer.learning_rate`.
    pub fn learning_rate(&self) -> f64 {
        let state = self.state();
        match &self.rate {
            LearningRate::Constant(_) => f64::from(state.learning_rate.item::<f32>()),
            LearningRate::Schedule(schedule) => f64::from(schedule.call(state.iterations.item::<i64>()).item::<f32>()),
        }
    }

    /// Changes the learning rate: `optimizer.learning_rate = rate`.
    ///
    /// # Panics
    /// `TypeError` when the rate follows a schedule.
    #[track_caller]
    pub fn set_learning_rate(&self, rate: f64) {
        if let LearningRate::Schedule(_) = self.rate {
            Error::Type(
                "This optimizer was created with a `LearningRateSchedule` object as its `learning_rate` constructor \
                 argument, hence its learning rate is not settable. If you need the learning rate to be settable, you \
                 should instantiate the optimizer with a float `learning_rate` argument."
                    .into(),
            )
            .raise();
        }
        self.state().learning_rate.set(&Array::scalar(rate as f32));
    }

    /// The number of steps so far: `optimizer.iterations`.
    pub fn iterations(&self) -> i64 {
        self.state().iterations.item()
    }

    /// Its variables: step count, learning rate, and what it remembers of each variable.
    pub(crate) fn variables(&self) -> Vec<Variable> {
        let state = self.state();
        let own = [state.iterations.clone(), state.learning_rate.clone()];
        let product = matches!(self.rule, Rule::Nadam { .. }).then(|| state.product.clone());
        let slots = state.slots.iter().flat_map(|(_, slots)| slots.iter().cloned());
        own.into_iter().chain(product).chain(slots).collect()
    }

    /// Whether it has met its variables.
    pub(crate) fn is_built(&self) -> bool {
        !self.state().slots.is_empty()
    }

    /// Meets the variables it is to change.
    pub(crate) fn build(&self, variables: &[Variable]) {
        variables.iter().for_each(|v| {
            self.slots(v);
        });
    }

    /// Changes variables by gradients: `optimizer.apply_gradients(zip(grads, variables))`.
    ///
    /// # Panics
    /// `ValueError` when no variable has a gradient.
    #[track_caller]
    pub fn apply_gradients<G: AsGradient, V: AsVariable>(&self, grads_and_vars: impl IntoIterator<Item = (G, V)>) {
        let pairs: Vec<(Tensor, Variable)> =
            grads_and_vars.into_iter().filter_map(|(g, v)| Some((g.as_gradient()?, v.as_variable()))).collect();
        if pairs.is_empty() {
            Error::Value("No gradients provided for any variable.".into()).raise();
        }
        self.apply(&pairs).unwrap_or_else(|error| error.raise());
    }

    /// Makes a function of the variables smaller by one step: `optimizer.minimize(loss, var_list)`.
    ///
    /// # Panics
    /// `ValueError` when the loss depends on none of the variables.
    #[track_caller]
    pub fn minimize<const N: usize>(&self, loss: impl FnOnce() -> Tensor, var_list: [&Variable; N]) {
        let tape = GradientTape::new();
        let loss = loss();
        let gradients = tape.gradient(&loss, var_list);
        self.apply_gradients(gradients.into_iter().zip(var_list));
    }

    /// Lets its own variables have a copy for each replica of the strategy in force.
    pub(crate) fn mirror(&self) {
        if distribute::mirrors() == 1 {
            return;
        }
        let mut state = self.state();
        let renewed = |v: &mut Variable| {
            if v.states().count() < distribute::mirrors() {
                *v = v.mirrored();
            }
        };
        let State { learning_rate, iterations, product, slots, updates } = &mut *state;
        [learning_rate, iterations, product].into_iter().for_each(renewed);
        slots.iter_mut().flat_map(|(_, slots)| slots).for_each(renewed);
        updates.clear();
    }

    /// Becomes part of what is being traced.
    pub(crate) fn trace(&self, pairs: &[(Tensor, Variable)]) -> Result<()> {
        let (gradients, variables): (Vec<Tensor>, Vec<Variable>) = pairs.iter().cloned().unzip();
        attempt(|| self.update(&gradients, &variables))
    }

    /// Applies gradients: inside a trace as part of it, else as a compiled update of its own; those of a replica when all
    /// replicas have theirs.
    pub(crate) fn apply(&self, pairs: &[(Tensor, Variable)]) -> Result<()> {
        if Trace::active().is_some() {
            if distribute::is_replica() {
                distribute::refuse_trace(
                    "apply_gradients on one of several replicas: all of them make the step together",
                );
            }
            return self.trace(pairs);
        }
        if distribute::defer(self, pairs) {
            return Ok(());
        }
        let variables: Vec<Variable> = pairs.iter().map(|(_, v)| v.clone()).collect();
        self.build(&variables);
        let replica = distribute::replica_index() as u64;
        let ids: Vec<u64> = std::iter::once(replica).chain(variables.iter().map(Variable::id)).collect();
        let gradients: Vec<Array> = pairs.iter().map(|(g, _)| g.numpy()).collect();
        let known = self.state().updates.iter().position(|(of, _)| *of == ids);
        let mut entry = match known {
            Some(at) => self.state().updates.swap_remove(at),
            None => {
                let inputs: Vec<(DType, Vec<usize>)> =
                    gradients.iter().map(|g| (g.dtype(), g.shape().to_vec())).collect();
                let compiled = Compiled::trace(&inputs, |symbols| {
                    self.update(symbols, &variables);
                    Ok(Vec::new())
                })?;
                (ids, compiled)
            }
        };
        let outcome = entry.1.run(&gradients);
        self.state().updates.push(entry);
        outcome.map(|_| ())
    }

    /// One step of every variable.
    fn update(&self, gradients: &[Tensor], variables: &[Variable]) {
        let (iterations, learning_rate, product) = {
            let state = self.state();
            (state.iterations.clone(), state.learning_rate.clone(), state.product.clone())
        };
        let before = iterations.value();
        let rate = match &self.rate {
            LearningRate::Constant(_) => learning_rate.value(),
            LearningRate::Schedule(schedule) => schedule.call(&before),
        };
        let step = v2::cast(&before, v2::float32) + 1.0;
        let product = self.rule.product(&product, &step);
        let shared = Shared { rate, step, product };
        for (gradient, variable) in self.clipped(gradients).iter().zip(variables) {
            let slots = self.slots(variable);
            self.decay(variable, &shared);
            self.rule.step(gradient, &Of { variable, value: variable.value(), slots: &slots }, &shared);
        }
        iterations.assign_add(1i64);
    }

    fn clipped(&self, gradients: &[Tensor]) -> Vec<Tensor> {
        if let Some(norm) = self.clip.norm {
            return gradients.iter().map(|g| v2::clip_by_norm(g, norm)).collect();
        }
        if let Some(norm) = self.clip.global_norm {
            let squares: Vec<Tensor> = gradients.iter().map(|g| v2::reduce_sum(v2::square(g)).into()).collect();
            let length = v2::sqrt(v2::add_n(&squares));
            let scale = norm * v2::minimum(1.0 / length, 1.0 / norm);
            return gradients.iter().map(|g| g * &scale).collect();
        }
        if let Some(limit) = self.clip.value {
            return gradients.iter().map(|g| v2::clip_by_value(g, -limit, limit)).collect();
        }
        gradients.to_vec()
    }

    /// Weight decay comes before the step, as in Keras.
    fn decay(&self, variable: &Variable, shared: &Shared) {
        if let Some(decay) = self.weight_decay {
            let value = variable.value();
            variable.assign(&value - &value * decay * &shared.rate);
        }
    }

    /// What is remembered of a variable; made when it is met for the first time.
    fn slots(&self, variable: &Variable) -> Vec<Variable> {
        let mut state = self.state();
        if let Some((_, slots)) = state.slots.iter().find(|(id, _)| *id == variable.id()) {
            return slots.clone();
        }
        let fresh = |first: f64| {
            let one = crate::ops::cast_array(&Array::scalar(first), variable.dtype());
            Variable::of(&crate::ops::array::filled(&one, variable.sizes()), "slot").trainable(false)
        };
        let slots: Vec<Variable> = self.rule.slots().into_iter().map(fresh).collect();
        state.slots.push((variable.id(), slots.clone()));
        slots
    }

    /// The arguments as JSON, for models that are saved.
    pub(crate) fn config(&self) -> Value {
        let rate = match &self.rate {
            LearningRate::Constant(_) => json!(self.learning_rate()),
            LearningRate::Schedule(schedule) => schedule.config(),
        };
        json!({
            "class_name": self.class,
            "learning_rate": rate,
            "rule": rule_config(self.class, &self.rule),
            "clipnorm": self.clip.norm,
            "clipvalue": self.clip.value,
            "global_clipnorm": self.clip.global_norm,
            "weight_decay": self.weight_decay,
        })
    }

    /// The optimizer that [`config`](Self::config) describes; nothing for a schedule, which no file keeps.
    pub(crate) fn from_config(config: &Value) -> Option<Optimizer> {
        let number = |key: &str| config[key].as_f64();
        let rate = number("learning_rate")?;
        let made = with_rule_config(config["class_name"].as_str()?, rate, &config["rule"])?;
        let clip =
            Clip { norm: number("clipnorm"), value: number("clipvalue"), global_norm: number("global_clipnorm") };
        Some(Optimizer { clip, weight_decay: number("weight_decay"), ..made })
    }
}

impl fmt::Debug for Optimizer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let file = self.class.to_lowercase();
        write!(f, "<keras.src.optimizers.{file}.{} object at {:p}>", self.class, Arc::as_ptr(&self.state))
    }
}

/// A gradient, or a tensor in its place.
pub trait AsGradient {
    /// The tensor, unless it is `None`.
    fn as_gradient(&self) -> Option<Tensor>;
}

impl AsGradient for Gradient {
    fn as_gradient(&self) -> Option<Tensor> {
        self.as_option().cloned()
    }
}

impl AsGradient for Tensor {
    fn as_gradient(&self) -> Option<Tensor> {
        Some(self.clone())
    }
}

impl<T: AsGradient> AsGradient for &T {
    fn as_gradient(&self) -> Option<Tensor> {
        (**self).as_gradient()
    }
}

/// A variable, or a reference to one.
pub trait AsVariable {
    /// The variable.
    fn as_variable(&self) -> Variable;
}

impl AsVariable for Variable {
    fn as_variable(&self) -> Variable {
        self.clone()
    }
}

impl<T: AsVariable> AsVariable for &T {
    fn as_variable(&self) -> Variable {
        (**self).as_variable()
    }
}
