//! `model.compile`: optimizer, losses and metrics, each loss and metric brought to the output it is for.

use super::Model;
use super::graph::Graph;
use crate::error::{Error, Result};
use crate::keras::losses::{IntoLoss, Loss};
use crate::keras::metrics::{IntoMetrics, Request, Which};
use crate::keras::optimizers::{IntoOptimizer, Optimizer};

/// What `compile` was told.
#[derive(Clone)]
pub(super) struct Compilation {
    pub optimizer: Optimizer,
    /// The loss of each output, if it has one.
    pub losses: Vec<Option<Loss>>,
    /// Each metric with the number of its output.
    pub metrics: Vec<(usize, Request)>,
}

/// The losses of a model: one for every output, one for each, or some by the output's name.
#[doc(hidden)]
pub enum Losses {
    One(Loss),
    Each(Vec<Loss>),
    Named(Vec<(String, Loss)>),
}

/// What `compile` takes as losses: a [`Loss`], its name or a function, for every output; a tuple or an array with one for
/// each output; or an array of pairs of an output's name and its loss.
pub trait IntoLosses {
    #[doc(hidden)]
    fn into_losses(self) -> Result<Losses>;
}

impl<L: IntoLoss> IntoLosses for L {
    fn into_losses(self) -> Result<Losses> {
        Ok(Losses::One(self.into_loss()?))
    }
}

impl<L: IntoLoss, const N: usize> IntoLosses for [L; N] {
    fn into_losses(self) -> Result<Losses> {
        Ok(Losses::Each(self.into_iter().map(IntoLoss::into_loss).collect::<Result<_>>()?))
    }
}

impl<L: IntoLoss, const N: usize> IntoLosses for [(&str, L); N] {
    fn into_losses(self) -> Result<Losses> {
        let pair = |(name, loss): (&str, L)| Ok((name.to_owned(), loss.into_loss()?));
        Ok(Losses::Named(self.into_iter().map(pair).collect::<Result<_>>()?))
    }
}

impl IntoLosses for Losses {
    fn into_losses(self) -> Result<Losses> {
        Ok(self)
    }
}

macro_rules! tuples {
    ($($($T:ident $i:tt),+;)*) => { $(
        impl<$($T: IntoLoss),+> IntoLosses for ($($T,)+) {
            fn into_losses(self) -> Result<Losses> {
                Ok(Losses::Each(vec![$(self.$i.into_loss()?),+]))
            }
        }
    )* };
}
tuples! { A 0, B 1; A 0, B 1, C 2; A 0, B 1, C 2, D 3; }

impl Losses {
    fn for_outputs(self, names: &[String]) -> Result<Vec<Option<Loss>>> {
        match self {
            Losses::One(loss) => Ok(vec![Some(loss); names.len()]),
            Losses::Each(losses) if losses.len() == names.len() => Ok(losses.into_iter().map(Some).collect()),
            Losses::Each(losses) => Err(too_few("loss", losses.len(), names.len())),
            Losses::Named(losses) => {
                if losses.iter().any(|(name, _)| !names.contains(name)) {
                    let keys: Vec<String> = losses.iter().map(|(name, _)| name.clone()).collect();
                    return Err(Error::Value(format!(
                        "Expected keys {} in loss dict, but found loss.keys()={}",
                        listed(names),
                        listed(&keys)
                    )));
                }
                let of = |name: &String| losses.iter().find(|(known, _)| known == name).map(|(_, loss)| loss.clone());
                Ok(names.iter().map(of).collect())
            }
        }
    }
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    format!("[{}]", quoted.join(", "))
}

fn too_few(what: &str, found: usize, outputs: usize) -> Error {
    Error::Value(format!(
        "For a model with multiple outputs, when providing the `{what}` argument as a list, it should have as many entries as \
         the model has outputs. Received {found} entries whereas the model has {outputs} outputs."
    ))
}

/// Each metric with the number of the output that it is for.
fn assigned(requests: Vec<Request>, graph: &Graph) -> Result<Vec<(usize, Request)>> {
    let names = graph.output_names();
    let plain = requests.iter().filter(|request| matches!(request.which(), Which::Next)).count();
    if names.len() > 1 && plain != 0 && plain != names.len() {
        return Err(too_few("metrics", plain, names.len()));
    }
    let mut next = 0;
    let place = |request: Request| {
        let output = match request.which() {
            Which::Next if names.len() == 1 => 0,
            Which::Next => {
                next += 1;
                next - 1
            }
            Which::Number(output) if output < names.len() => output,
            Which::Number(output) => return Err(too_few("metrics", output + 1, names.len())),
            Which::Name(name) => names.iter().position(|known| *known == name).ok_or_else(|| {
                Error::Value(format!("Expected keys {} in metrics dict, but found '{name}'", listed(&names)))
            })?,
        };
        Ok((output, request))
    };
    requests.into_iter().map(place).collect()
}

impl Model {
    /// Says how it is to be trained: `model.compile(optimizer, loss, metrics)`. Optimizer, losses and metrics are objects or
    /// names; `()` stands for no metrics.
    ///
    /// A model of several outputs takes one loss for each in a tuple or an array, or pairs of an output's name and its loss;
    /// how much each counts is said by [`Loss::loss_weight`]. Metrics come in an array with an array for each output, or in
    /// pairs as well.
    ///
    /// ```
    /// use flowbook::keras::{self, layers::Dense, losses::MeanSquaredError};
    /// let x = keras::Input([3]);
    /// let (a, b) = (Dense::new(1).named("a").call(&x), Dense::new(2).named("b").call(&x));
    /// let mut model = keras::Model::new(&x, [&a, &b]);
    /// let mse = MeanSquaredError::new();
    /// model.compile("sgd", [("a", mse.clone()), ("b", mse.loss_weight(0.5))], [("b", ["mae"])])?;
    /// assert_eq!(model.metrics_names(), ["loss", "a_loss", "b_loss", "b_mae"]);
    /// # Ok::<(), flowbook::Error>(())
    /// ```
    ///
    /// # Errors
    /// `ValueError` for a name that Keras does not know, or when losses or metrics do not fit the outputs.
    pub fn compile(
        &mut self,
        optimizer: impl IntoOptimizer,
        loss: impl IntoLosses,
        metrics: impl IntoMetrics,
    ) -> Result<()> {
        let metrics = metrics.into_metrics();
        metrics.iter().try_for_each(Request::check)?;
        let (optimizer, losses) = (optimizer.into_optimizer()?, loss.into_losses()?);
        let losses = losses.for_outputs(&self.graph.output_names())?;
        let metrics = assigned(metrics, &self.graph)?;
        self.compilation = Some(Compilation { optimizer, losses, metrics });
        self.forget_steps();
        Ok(())
    }

    /// The names of what `evaluate` returns.
    pub fn metrics_names(&self) -> Vec<String> {
        let Some(compilation) = &self.compilation else { return vec!["loss".into()] };
        let outputs = self.graph.output_names();
        let mut names = vec!["loss".to_owned()];
        if outputs.len() == 1 {
            names.extend(compilation.metrics.iter().map(|(_, metric)| metric.name().to_owned()));
            return names;
        }
        let with_loss = outputs.iter().zip(&compilation.losses).filter(|(_, loss)| loss.is_some());
        names.extend(with_loss.map(|(output, _)| format!("{output}_loss")));
        let of = |(output, metric): &(usize, Request)| format!("{}_{}", outputs[*output], metric.name());
        let mut metrics: Vec<String> = compilation.metrics.iter().map(of).collect();
        metrics.sort();
        names.extend(metrics);
        names
    }
}
