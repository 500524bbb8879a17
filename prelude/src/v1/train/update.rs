//! What all optimizers consist of, and the nodes that they build: slots, one update op for each variable, the step.

use super::optimizers::Rate;
use crate::Array;
use crate::error::{Error, Result};
use crate::graph::{
    Attr, Attrs, Graph, Operation, Scope, Tensor, Variable, VariableInitializer, auxiliary, build,
    control_dependencies, gated_gradients, get_default_graph, slot,
};
use crate::ops::control::NO_OP;
use crate::ops::{OpDef, cast_array, elementwise, state, typed};

/// One input of an update op.
#[derive(Clone, Copy)]
pub(super) enum Input {
    Variable,
    Slot(usize),
    /// A power of the number of that place, which advances with each step.
    Power(usize),
    Rate,
    Number(usize),
    Gradient,
}
/// What all optimizers consist of.
#[derive(Clone, Copy)]
pub(super) struct Optimizer {
    /// Which one it is, however its settings were chosen: what it keeps is its own.
    pub id: u64,
    pub name: &'static str,
    pub rate: Rate,
    pub rate_name: &'static str,
    pub op: &'static OpDef,
    pub inputs: &'static [Input],
    pub numbers: [Option<(&'static str, f64)>; 3],
    /// The names of what is kept for each element, and how it starts.
    pub slots: [Option<(&'static str, VariableInitializer)>; 3],
    pub flag: Option<(&'static str, bool)>,
    pub global_step: Option<Variable>,
}

impl std::fmt::Debug for Optimizer {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{} with learning rate {:?}", self.name, self.rate)
    }
}

#[track_caller]
pub(super) fn compute_gradients(loss: Tensor, variables: &[Variable]) -> Vec<(Option<Tensor>, Variable)> {
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
    gated_gradients(&[loss], &values).into_iter().zip(variables.iter().copied()).collect()
}

/// Variables as Python prints a list of their texts.
fn listed(gradients: &[(Option<Tensor>, Variable)]) -> String {
    let names: Vec<String> = gradients.iter().map(|(_, v)| format!("\"{v}\"")).collect();
    names.join(", ")
}

/// The nodes that all of an optimizer's updates share.
struct Shared {
    rate: Tensor,
    numbers: Vec<Tensor>,
    powers: Vec<Variable>,
}

impl Optimizer {
    #[track_caller]
    pub(super) fn minimize(&self, loss: Tensor, variables: &[Variable]) -> Operation {
        let gradients = compute_gradients(loss, variables);
        if gradients.iter().all(|(gradient, _)| gradient.is_none()) {
            Error::Value(format!(
                "No gradients provided for any variable, check your graph for ops that do not support gradients, between \
                 variables [{}] and loss {loss}.",
                listed(&gradients)
            ))
            .raise();
        }
        self.apply(&gradients)
    }

    #[track_caller]
    pub(super) fn apply(&self, gradients: &[(Option<Tensor>, Variable)]) -> Operation {
        let pairs: Vec<(Tensor, Variable)> = gradients.iter().filter_map(|(g, v)| Some(((*g)?, *v))).collect();
        let Some((_, first)) = pairs.first().copied() else {
            let text = match gradients {
                [] => "No variables provided.".to_owned(),
                _ => format!("No gradients provided for any variable: [{}].", listed(gradients)),
            };
            Error::Value(text).raise()
        };
        let graph = first.graph();
        graph.as_default(|| {
            build(graph, || {
                let powers = self.powers(graph)?;
                let slots = pairs.iter().map(|(_, v)| self.slots(*v)).collect::<Result<Vec<_>>>()?;
                let scope = Scope::open(graph, self.name);
                let shared = self.shared(&scope, powers)?;
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
    fn powers(&self, graph: Graph) -> Result<Vec<Variable>> {
        let numbers = self.inputs.iter().filter_map(|i| if let Input::Power(k) = i { self.numbers[*k] } else { None });
        let power = |(name, value): (&'static str, f64)| {
            self.kept(graph, None, name, || auxiliary(graph, &format!("{name}_power"), Array::scalar(value as f32)))
        };
        numbers.map(power).collect()
    }

    fn slots(&self, variable: Variable) -> Result<Vec<Variable>> {
        let make = |(name, start): &(&'static str, VariableInitializer)| {
            self.kept(variable.graph(), Some(variable), name, || slot(variable, self.name, *start))
        };
        self.slots.iter().flatten().map(make).collect()
    }

    /// What this optimizer has under that name, made when it is first needed: several losses share it.
    fn kept(
        &self,
        graph: Graph,
        of: Option<Variable>,
        name: &'static str,
        make: impl FnOnce() -> Result<Variable>,
    ) -> Result<Variable> {
        if let Some(found) = graph.slot(self.id, of, name) {
            return Ok(found);
        }
        let made = make()?;
        graph.keep_slot(self.id, of, name, made);
        Ok(made)
    }

    /// The names of the slots that exist in the default graph.
    pub(super) fn slot_names(&self) -> Vec<&'static str> {
        let graph = get_default_graph();
        let mut names: Vec<&'static str> = self.slots.iter().flatten().map(|(name, _)| *name).collect();
        names.retain(|name| graph.has_slot(self.id, name));
        names.sort_unstable();
        names
    }

    fn shared(&self, scope: &Scope, powers: Vec<Variable>) -> Result<Shared> {
        // Numbers are float32 whatever the variables are, as TensorFlow has them.
        let number = |n: &str, v: f64| scope.constant(n, Array::scalar(v as f32));
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
            Input::Slot(k) => slots[*k].reference(),
            Input::Power(k) => cast(shared.powers[*k].value()),
            Input::Rate => cast(shared.rate),
            Input::Number(k) => cast(shared.numbers[*k]),
            Input::Gradient => gradient,
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
        let one = control_dependencies([updated], || scope.constant("value", one))?;
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
