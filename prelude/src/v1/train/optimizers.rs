//! The optimizers. Each is a table of what its update op takes; building the nodes is the same for all of them.

use crate::Array;
use crate::error::{Error, Result};
use crate::graph::{
    Attr, Attrs, Built, Graph, Operation, Scope, Tensor, Variable, VariableInitializer, auxiliary, build,
    control_dependencies, gated_gradients, initializer, slot,
};
use crate::ops::control::NO_OP;
use crate::ops::{OpDef, cast_array, elementwise, state, training, typed};

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

/// One input of an update op.
#[derive(Clone, Copy)]
enum Input {
    Variable,
    Slot(usize),
    /// A power of the number of that place, which advances with each step.
    Power(usize),
    Rate,
    Number(usize),
    Gradient,
}
use Input::{Gradient, Number, Power, Slot};

/// What all optimizers consist of.
#[derive(Clone, Copy)]
struct Optimizer {
    name: &'static str,
    rate: Rate,
    rate_name: &'static str,
    op: &'static OpDef,
    inputs: &'static [Input],
    numbers: [Option<(&'static str, f64)>; 3],
    /// How what is kept for each element starts.
    slots: [Option<VariableInitializer>; 3],
    flag: Option<(&'static str, bool)>,
    global_step: Option<Variable>,
}

impl std::fmt::Debug for Optimizer {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{} with learning rate {:?}", self.name, self.rate)
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
                self.apply_gradients(&self.compute_gradients(loss))
            }

            /// The same for these variables alone: `.minimize(loss, var_list=variables)`.
            ///
            /// # Panics
            /// As [`minimize`](Self::minimize).
            #[track_caller]
            pub fn minimize_for(&self, loss: impl Into<Tensor>, variables: &[Variable]) -> Operation {
                self.apply_gradients(&compute_gradients(loss.into(), variables))
            }

            /// The gradients of `loss` by every trainable variable: `.compute_gradients(loss)`.
            ///
            /// # Panics
            /// As [`minimize`](Self::minimize).
            #[track_caller]
            pub fn compute_gradients(&self, loss: impl Into<Tensor>) -> Vec<(Option<Tensor>, Variable)> {
                let loss = loss.into();
                compute_gradients(loss, &loss.graph().trainable_variables())
            }

            /// An operation that applies gradients: `.apply_gradients(...)`.
            ///
            /// # Panics
            /// `ValueError` when there is no gradient.
            #[track_caller]
            pub fn apply_gradients(&self, gradients: &[(Option<Tensor>, Variable)]) -> Operation {
                self.0.apply(gradients)
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

fn descent(rate: Rate) -> Optimizer {
    Optimizer {
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
            slots: [Some(initializer::zeros()), None, None],
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
        AdagradOptimizer(Optimizer { slots: [Some(initializer::constant(value)), None, None], ..self.0 })
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
            slots: [Some(initializer::zeros()), Some(initializer::zeros()), None],
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
            slots: [Some(initializer::ones()), Some(initializer::zeros()), None],
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
        let slots = [Some(initializer::ones()), Some(initializer::zeros()), Some(initializer::zeros())];
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
        slots: [Some(initializer::zeros()), Some(initializer::zeros()), None],
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

#[track_caller]
fn compute_gradients(loss: Tensor, variables: &[Variable]) -> Vec<(Option<Tensor>, Variable)> {
    if !loss.dtype().is_floating() {
        Error::Value(format!(
            "Invalid type {:?} for {}, expected: [tf.float32, tf.float64, tf.float16, tf.bfloat16].",
            loss.dtype(),
            loss.name()
        ))
        .raise();
    }
    if variables.is_empty() {
        Error::Value("No variables to optimize.".into()).raise();
    }
    let values: Vec<Tensor> = variables.iter().map(|v| v.value()).collect();
    let found = gated_gradients(&[loss], &values);
    if found.iter().all(Option::is_none) {
        let names: Vec<String> = variables.iter().map(|v| format!("\"{v}\"")).collect();
        Error::Value(format!(
            "No gradients provided for any variable, check your graph for ops that do not support gradients, between \
             variables [{}] and loss {loss}.",
            names.join(", ")
        ))
        .raise();
    }
    found.into_iter().zip(variables.iter().copied()).collect()
}

/// The nodes that all of an optimizer's updates share.
struct Shared {
    rate: Tensor,
    numbers: Vec<Tensor>,
    powers: Vec<Variable>,
}

impl Optimizer {
    #[track_caller]
    fn apply(&self, gradients: &[(Option<Tensor>, Variable)]) -> Operation {
        let pairs: Vec<(Tensor, Variable)> = gradients.iter().filter_map(|(g, v)| Some(((*g)?, *v))).collect();
        let Some((like, first)) = pairs.first().copied() else {
            Error::Value("No gradients provided for any variable.".into()).raise()
        };
        let graph = first.graph();
        graph.as_default(|| {
            build(graph, || {
                let powers = self.powers(graph, like)?;
                let slots = pairs.iter().map(|(_, v)| self.slots(*v)).collect::<Result<Vec<_>>>()?;
                let scope = Scope::open(graph, self.name);
                let shared = self.shared(&scope, like, powers)?;
                let mut updates = Vec::new();
                for ((gradient, variable), slots) in pairs.iter().zip(&slots) {
                    updates.push(self.update(&scope, *variable, *gradient, slots, &shared)?);
                }
                updates.extend(advance(&scope, &shared, &updates)?);
                self.finish(&scope, &updates)
            })
        })
    }

    /// The variables that hold powers of Adam's betas.
    fn powers(&self, graph: Graph, like: Tensor) -> Result<Vec<Variable>> {
        let numbers = self.inputs.iter().filter_map(|i| if let Power(k) = i { self.numbers[*k] } else { None });
        numbers
            .map(|(n, v)| auxiliary(graph, &format!("{n}_power"), cast_array(&Array::scalar(v), like.dtype())))
            .collect()
    }

    fn slots(&self, variable: Variable) -> Result<Vec<Variable>> {
        self.slots.iter().flatten().map(|start| slot(variable, self.name, *start)).collect()
    }

    fn shared(&self, scope: &Scope, like: Tensor, powers: Vec<Variable>) -> Result<Shared> {
        let number = |n: &str, v: f64| scope.constant(n, cast_array(&Array::scalar(v), like.dtype()));
        let rate = match self.rate {
            Rate::Number(rate) => number(self.rate_name, rate)?,
            Rate::Tensor(rate) => rate,
        };
        let numbers = self.numbers.iter().flatten().map(|(n, v)| number(n, *v)).collect::<Result<_>>()?;
        Ok(Shared { rate, numbers, powers })
    }

    fn update(
        &self,
        scope: &Scope,
        variable: Variable,
        gradient: Tensor,
        slots: &[Variable],
        shared: &Shared,
    ) -> Result<Operation> {
        let target = variable.reference();
        let cast = |t: Tensor| scope.enter(|| elementwise::cast(t, target.dtype()));
        let input = |input: &Input| match input {
            Input::Variable => target,
            Slot(k) => slots[*k].reference(),
            Power(k) => cast(shared.powers[*k].value()),
            Input::Rate => cast(shared.rate),
            Number(k) => cast(shared.numbers[*k]),
            Gradient => gradient,
        };
        let inputs: Vec<Tensor> = self.inputs.iter().map(input).collect();
        let mut attrs = typed("T", target.dtype());
        attrs.insert("use_locking", Attr::Bool(false));
        attrs.insert("_class", Attr::Strs(vec![format!("loc:@{}", variable.op().name())]));
        if let Some((name, value)) = self.flag {
            attrs.insert(name, Attr::Bool(value));
        }
        let name = scope.child_name(&format!("update_{}/{}", variable.op().name(), self.op.name));
        variable.graph().add(self.op, &name, &inputs, attrs)
    }

    /// The operation that stands for the whole step, and counts it when it is to be counted.
    fn finish(&self, scope: &Scope, updates: &[Operation]) -> Result<Operation> {
        let Some(step) = self.global_step else {
            return control_dependencies(updates, || scope.op(&NO_OP, &[], Attrs::new()));
        };
        let updated = control_dependencies(updates, || scope.child(&NO_OP, "update", &[], Attrs::new()))?;
        let one = cast_array(&Array::scalar(1i32), step.dtype());
        let one = control_dependencies(&[updated], || scope.constant("value", one))?;
        let mut attrs = typed("T", step.dtype());
        attrs.insert("use_locking", Attr::Bool(false));
        attrs.insert("_class", Attr::Strs(vec![format!("loc:@{}", step.op().name())]));
        scope.op(&state::ASSIGN_ADD, &[step.reference(), one], attrs)
    }
}

/// Adam's powers advance once all variables are updated.
fn advance(scope: &Scope, shared: &Shared, updates: &[Operation]) -> Result<Vec<Operation>> {
    let names = [("mul", "Assign"), ("mul_1", "Assign_1")];
    let powers = shared.powers.iter().zip(&shared.numbers).zip(names);
    powers
        .map(|((power, beta), (multiply, assign))| {
            let attrs = typed("T", beta.dtype());
            let advanced = control_dependencies(updates, || {
                scope.child(&elementwise::MUL, multiply, &[power.value(), *beta], attrs.clone())
            })?;
            scope.child(&state::ASSIGN, assign, &[power.reference(), advanced.output(0)], attrs)
        })
        .collect()
}
