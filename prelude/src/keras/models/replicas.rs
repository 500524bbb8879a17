//! A model on several replicas: each works on its rows of a batch, gradients and moving averages become the same
//! everywhere, and all replicas make the same step.

use std::ops::Range;

use super::Model;
use super::data::gather;
use crate::Array;
use crate::error::{Error, Result};
use crate::keras::optimizers::Optimizer;
use crate::v2::distribute::{Reduce, Strategy, Together};
use crate::v2::{Compiled, Tensor, Variable};

/// One replica's share of a step.
pub(super) struct Part {
    pub rows: Range<usize>,
    pub compiled: Compiled,
}

/// The trained variables, each with the one that gradients are added up in.
pub(super) type Pairs = Vec<(Variable, Variable)>;

/// What follows when all replicas have their gradients; the same for batches of every size.
pub(super) struct Update {
    gradients: Vec<Variable>,
    replicas: Vec<Compiled>,
}

impl Update {
    /// Compiles the optimizer's step for each replica.
    ///
    /// # Errors
    /// Whatever the compilation finds wrong.
    pub fn new(strategy: &Strategy, optimizer: &Optimizer, pairs: &Pairs) -> Result<Update> {
        let step = |replica| {
            strategy.in_replica(replica, || {
                Compiled::trace(&[], |_| {
                    let pairs: Vec<(Tensor, Variable)> =
                        pairs.iter().map(|(variable, gradient)| (gradient.value(), variable.clone())).collect();
                    optimizer.trace(&pairs)?;
                    Ok(Vec::new())
                })
            })
        };
        let replicas = (0..strategy.num_replicas_in_sync()).map(step).collect::<Result<_>>()?;
        Ok(Update { gradients: pairs.iter().map(|(_, gradient)| gradient.clone()).collect(), replicas })
    }
}

/// The variable that a variable's gradients are added up in.
pub(super) fn gradient_of(variable: &Variable, pairs: &mut Pairs) -> Variable {
    if let Some((_, gradient)) = pairs.iter().find(|(known, _)| known.id() == variable.id()) {
        return gradient.clone();
    }
    let gradient = Variable::of(&Array::zeros(variable.dtype(), variable.sizes()), "gradient").trainable(false);
    pairs.push((variable.clone(), gradient.clone()));
    gradient
}

/// Runs a step on rows of the examples.
///
/// # Errors
/// Whatever an operation finds wrong with the values.
pub(super) fn run(parts: &mut [Part], update: Option<&mut Update>, columns: &[&Array], places: &[usize]) -> Result<()> {
    for part in parts.iter_mut() {
        for (i, column) in columns.iter().enumerate() {
            let Some(view) = part.compiled.input(i) else {
                return Err(Error::Unimplemented("a model whose sizes depend on values cannot be trained".into()));
            };
            gather(column, &places[part.rows.clone()], view);
        }
    }
    let together = Together::begin();
    for part in parts.iter_mut() {
        together.start(&mut part.compiled)?;
    }
    if let Some(update) = update {
        let is_gradient = |v: &&Variable| update.gradients.iter().any(|g| g.id() == v.id());
        let averages: Vec<Variable> = parts[0].compiled.written().iter().filter(|v| !is_gradient(v)).cloned().collect();
        together.all_reduce(&update.gradients, parts.len(), Reduce::Sum)?;
        together.all_reduce(&averages, parts.len(), Reduce::Mean)?;
        update.replicas.iter_mut().try_for_each(|plan| together.start(plan))?;
        update.replicas.iter_mut().try_for_each(|plan| together.finish(plan))?;
    }
    parts.iter_mut().try_for_each(|part| together.finish(&mut part.compiled))
}

impl Model {
    /// The strategy it was made under: `model.distribute_strategy`.
    ///
    /// ```
    /// use flowbook::v2 as tf;
    /// use flowbook::keras::Sequential;
    /// let strategy = tf::distribute::MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]);
    /// let model = strategy.scope(Sequential::new);
    /// assert_eq!(model.distribute_strategy().num_replicas_in_sync(), 2);
    /// ```
    pub fn distribute_strategy(&self) -> Strategy {
        self.strategy.clone().unwrap_or_else(crate::v2::distribute::get_strategy)
    }

    /// Makes variables for the replicas of the model's strategy.
    pub(super) fn in_scope<R>(&mut self, body: impl FnOnce(&mut Model) -> R) -> R {
        match self.strategy.clone() {
            Some(strategy) => strategy.scope(|| body(self)),
            None => body(self),
        }
    }

    /// # Errors
    /// `ValueError` when a weight has no copy for each replica.
    pub(super) fn check_mirrored(&self) -> Result<()> {
        let Some(strategy) = &self.strategy else { return Ok(()) };
        let alone = |v: &Variable| v.states().count() < strategy.num_replicas_in_sync();
        match self.weights().iter().find(|v| alone(v)) {
            None => Ok(()),
            Some(v) => Err(Error::Value(format!(
                "Variable ({v}) was not created in the distribution strategy scope of ({strategy}). It is most likely due \
                 to not all layers or the model or optimizer being created outside the distribution strategy scope. Try \
                 to make sure your code looks similar to the following.\nwith strategy.scope():\n  \
                 model=_create_model()\n  model.compile(...)"
            ))),
        }
    }
}
