//! `tf.train`: optimizers. Each builds, per variable, one update op that the engine runs in place.

use crate::Array;
use crate::error::{Error, Result};
use crate::graph::{Attr, Graph, Operation, Scope, Tensor, Variable, build, gradients, slot};
use crate::ops::control::NO_OP;
use crate::ops::{OpDef, cast_array, state, typed};

/// What an optimizer does with gradients.
#[derive(Clone, Copy, Debug)]
enum Rule {
    Descent,
    Momentum { momentum: f64, nesterov: bool },
    Adam { beta1: f64, beta2: f64, epsilon: f64 },
}

/// The machinery every optimizer shares.
#[derive(Clone, Copy, Debug)]
struct Optimizer {
    rate: f64,
    name: &'static str,
    rule: Rule,
}

macro_rules! optimizers {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name(Optimizer);

        impl $name {
            /// An operation that changes every trainable variable so that `loss` gets smaller: `.minimize(loss)`.
            ///
            /// # Panics
            /// `ValueError` when there is no variable, or none that the loss depends on.
            #[track_caller]
            pub fn minimize(&self, loss: impl Into<Tensor>) -> Operation {
                let loss = loss.into();
                self.apply_gradients(&self.compute_gradients(loss))
            }

            /// The gradients of `loss` by every trainable variable: `.compute_gradients(loss)`.
            ///
            /// # Panics
            /// As [`minimize`](Self::minimize).
            #[track_caller]
            pub fn compute_gradients(&self, loss: impl Into<Tensor>) -> Vec<(Option<Tensor>, Variable)> {
                compute_gradients(loss.into())
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
    /// Adam of Kingma and Ba: `tf.train.AdamOptimizer(learning_rate)`.
    AdamOptimizer;
}

impl GradientDescentOptimizer {
    /// With that learning rate.
    pub fn new(learning_rate: f64) -> Self {
        GradientDescentOptimizer(Optimizer { rate: learning_rate, name: "GradientDescent", rule: Rule::Descent })
    }
}

impl MomentumOptimizer {
    /// With that learning rate and momentum.
    pub fn new(learning_rate: f64, momentum: f64) -> Self {
        let rule = Rule::Momentum { momentum, nesterov: false };
        MomentumOptimizer(Optimizer { rate: learning_rate, name: "Momentum", rule })
    }

    /// Whether to look ahead as Nesterov does: `use_nesterov=`.
    #[must_use]
    pub fn use_nesterov(self, yes: bool) -> Self {
        let momentum = if let Rule::Momentum { momentum, .. } = self.0.rule { momentum } else { 0.0 };
        MomentumOptimizer(Optimizer { rule: Rule::Momentum { momentum, nesterov: yes }, ..self.0 })
    }
}

impl AdamOptimizer {
    /// With that learning rate; 0.001 is TensorFlow's own.
    pub fn new(learning_rate: f64) -> Self {
        let rule = Rule::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
        AdamOptimizer(Optimizer { rate: learning_rate, name: "Adam", rule })
    }
}

#[track_caller]
fn compute_gradients(loss: Tensor) -> Vec<(Option<Tensor>, Variable)> {
    if !loss.dtype().is_floating() {
        Error::Value(format!(
            "Invalid type {:?} for {}, expected: [tf.float32, tf.float64, tf.float16, tf.bfloat16].",
            loss.dtype(),
            loss.name()
        ))
        .raise();
    }
    let variables: Vec<Variable> = loss.graph().trainable_variables();
    if variables.is_empty() {
        Error::Value("No variables to optimize.".into()).raise();
    }
    let values: Vec<Tensor> = variables.iter().map(|v| v.value()).collect();
    let found = gradients(&[loss], &values);
    if found.iter().all(Option::is_none) {
        let names: Vec<String> = variables.iter().map(|v| format!("\"{v}\"")).collect();
        Error::Value(format!(
            "No gradients provided for any variable, check your graph for ops that do not support gradients, between \
             variables [{}] and loss {loss}.",
            names.join(", ")
        ))
        .raise();
    }
    found.into_iter().zip(variables).collect()
}

impl Optimizer {
    #[track_caller]
    fn apply(&self, gradients: &[(Option<Tensor>, Variable)]) -> Operation {
        let pairs: Vec<(Tensor, Variable)> = gradients.iter().filter_map(|(g, v)| Some(((*g)?, *v))).collect();
        let Some((_, first)) = pairs.first() else {
            Error::Value("No gradients provided for any variable.".into()).raise()
        };
        let graph = first.graph();
        let slots = self.slots(graph, &pairs);
        build(graph, || {
            let scope = Scope::open(graph, self.name);
            let scalars = self.scalars(&scope, pairs[0].0)?;
            let mut updates = Vec::new();
            for (i, (gradient, variable)) in pairs.iter().enumerate() {
                updates.push(self.update(&scope, &slots, i, *variable, *gradient, &scalars)?);
            }
            updates.extend(self.after(&scope, &slots, &scalars, &updates)?);
            graph.as_default(|| {
                crate::graph::control_dependencies(&updates, || {
                    graph.add(&NO_OP, &scope.name, &[], crate::graph::Attrs::new())
                })
            })
        })
    }

    /// The optimizer's own variables: for Adam the two powers, then two moments each; for momentum one each.
    fn slots(&self, graph: Graph, pairs: &[(Tensor, Variable)]) -> Vec<Variable> {
        let zeros = |variable: &Variable, name: &str| {
            let sizes = variable.shape().sizes().unwrap_or_default();
            slot(graph, &format!("{}/{name}", variable.op().name()), Array::zeros(variable.element_type(), &sizes))
        };
        match self.rule {
            Rule::Descent => Vec::new(),
            Rule::Momentum { .. } => pairs.iter().map(|(_, v)| zeros(v, self.name)).collect(),
            Rule::Adam { beta1, beta2, .. } => {
                let scalar = |value: f64| cast_array(&Array::scalar(value), pairs[0].0.dtype());
                let powers = [slot(graph, "beta1_power", scalar(beta1)), slot(graph, "beta2_power", scalar(beta2))];
                let moments = pairs.iter().flat_map(|(_, v)| [zeros(v, self.name), zeros(v, self.name)]);
                powers.into_iter().chain(moments).collect()
            }
        }
    }

    fn scalars(&self, scope: &Scope, like: Tensor) -> Result<Vec<Tensor>> {
        let named: Vec<(&str, f64)> = match self.rule {
            Rule::Descent => vec![("learning_rate", self.rate)],
            Rule::Momentum { momentum, .. } => vec![("learning_rate", self.rate), ("momentum", momentum)],
            Rule::Adam { beta1, beta2, epsilon } => {
                vec![("learning_rate", self.rate), ("beta1", beta1), ("beta2", beta2), ("epsilon", epsilon)]
            }
        };
        named.iter().map(|(n, v)| scope.constant(n, cast_array(&Array::scalar(*v), like.dtype()))).collect()
    }

    fn update(
        &self,
        scope: &Scope,
        slots: &[Variable],
        i: usize,
        variable: Variable,
        gradient: Tensor,
        scalars: &[Tensor],
    ) -> Result<Operation> {
        let target = variable.reference();
        let mut attrs = typed("T", target.dtype());
        attrs.insert("use_locking", Attr::Bool(false));
        attrs.insert("_class", Attr::Strs(vec![format!("loc:@{}", variable.op().name())]));
        let (def, inputs): (&'static OpDef, Vec<Tensor>) = match self.rule {
            Rule::Descent => (&state::APPLY_GRADIENT_DESCENT, vec![target, scalars[0], gradient]),
            Rule::Momentum { nesterov, .. } => {
                attrs.insert("use_nesterov", Attr::Bool(nesterov));
                (&state::APPLY_MOMENTUM, vec![target, slots[i].reference(), scalars[0], gradient, scalars[1]])
            }
            Rule::Adam { .. } => {
                let (m, v) = (slots[2 + 2 * i].reference(), slots[3 + 2 * i].reference());
                let powers = [slots[0].value(), slots[1].value()];
                (&state::APPLY_ADAM, [&[target, m, v], &powers[..], scalars, &[gradient]].concat())
            }
        };
        let name = scope.child_name(&format!("update_{}/{}", variable.op().name(), def.name));
        variable.graph().add(def, &name, &inputs, attrs)
    }

    /// Adam's powers advance once all variables are updated.
    fn after(
        &self,
        scope: &Scope,
        slots: &[Variable],
        scalars: &[Tensor],
        updates: &[Operation],
    ) -> Result<Vec<Operation>> {
        let Rule::Adam { .. } = self.rule else { return Ok(Vec::new()) };
        let mut operations = Vec::new();
        for (i, name) in [(0, "mul"), (1, "mul_1")] {
            let (power, beta) = (slots[i], scalars[1 + i]);
            let graph = power.graph();
            let advanced = graph.as_default(|| {
                crate::graph::control_dependencies(updates, || {
                    scope.child(&crate::ops::elementwise::MUL, name, &[power.value(), beta], typed("T", beta.dtype()))
                })
            })?;
            let assign = if i == 0 { "Assign" } else { "Assign_1" };
            let attrs = typed("T", beta.dtype());
            operations.push(scope.child(&state::ASSIGN, assign, &[power.reference(), advanced.output(0)], attrs)?);
        }
        Ok(operations)
    }
}
