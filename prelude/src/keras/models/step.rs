//! One batch: forward, loss, metrics, and in training gradients and update, traced once for each batch size and compiled
//! into a plan for each replica. A step allocates nothing; variables change in place.

use super::replicas::{self, Pairs, Part, Update, gradient_of};
use super::{Compilation, Model, Place};
use crate::Array;
use crate::DType;
use crate::error::Result;
use crate::keras::metrics::Metric;
use crate::keras::progress::Logs;
use crate::keras::regularizers::Regularizer;
use crate::v2::{self, Compiled, GradientTape, Tensor, Variable, attempt};

/// What a step does with a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    Train,
    Test,
    Predict,
}

/// What a step was compiled for: its purpose, and element type and shape of each input.
pub(super) type Signature = (Purpose, Vec<(DType, Vec<usize>)>);

/// A compiled step.
pub(super) struct Step {
    parts: Vec<Part>,
    /// The metrics, resolved for the shapes.
    metrics: Vec<Metric>,
}

/// What an epoch has come to so far.
pub(super) struct Totals {
    loss: f64,
    count: f64,
    metrics: Vec<Tally>,
}

/// A metric with the sums of an epoch.
struct Tally {
    metric: Metric,
    sums: Vec<f64>,
}

impl Tally {
    fn add(&mut self, sums: &[f32]) {
        self.sums.resize(sums.len(), 0.0);
        self.sums.iter_mut().zip(sums).for_each(|(all, sum)| *all += f64::from(*sum));
    }

    fn figure(&self) -> f64 {
        f64::from(self.metric.figures(&self.sums)[0] as f32)
    }
}

impl Totals {
    pub fn new(metrics: Vec<Metric>) -> Totals {
        let metrics = metrics.into_iter().map(|metric| Tally { metric, sums: Vec::new() }).collect();
        Totals { loss: 0.0, count: 0.0, metrics }
    }

    /// The mean loss.
    pub fn loss(&self) -> f64 {
        f64::from((self.loss / self.count.max(1.0)) as f32)
    }

    /// The loss, then the metrics in the order they were asked for.
    pub fn in_order(&self) -> Vec<f64> {
        std::iter::once(self.loss()).chain(self.metrics.iter().map(Tally::figure)).collect()
    }

    /// Every figure by name, in alphabetical order, each name with `prefix` before it.
    pub fn logs(&self, prefix: &str) -> Logs {
        let figure = |tally: &Tally| (format!("{prefix}{}", tally.metric.name()), tally.figure());
        let mut logs: Logs = self.metrics.iter().map(figure).collect();
        logs.push((format!("{prefix}loss"), self.loss()));
        logs.sort_by(|a, b| a.0.cmp(&b.0));
        logs
    }

    /// Lets the metrics that were given as objects know.
    pub fn publish(&self) {
        self.metrics.iter().filter(|tally| !tally.sums.is_empty()).for_each(|tally| tally.metric.set_sums(&tally.sums));
    }
}

impl Step {
    pub fn metrics(&self) -> Vec<Metric> {
        self.metrics.clone()
    }

    /// Runs it on rows of the examples; in training on several replicas with what follows their gradients.
    pub fn run(&mut self, columns: &[&Array], places: &[usize], update: Option<&mut Update>) -> Result<()> {
        replicas::run(&mut self.parts, update, columns, places)
    }

    /// Adds what the last run found.
    pub fn add_to(&self, totals: &mut Totals) {
        for part in &self.parts {
            let result = |i: usize| part.compiled.result(i).map(|view| view.slice::<f32>());
            if let Some([loss]) = result(0) {
                totals.loss += f64::from(*loss) * part.rows.len() as f64;
                totals.count += part.rows.len() as f64;
            }
            for (i, tally) in totals.metrics.iter_mut().enumerate() {
                tally.add(result(i + 1).unwrap_or_default());
            }
        }
    }

    /// What the last run predicted, replica by replica.
    pub fn predictions(&self) -> impl Iterator<Item = Array> {
        let empty = || Array::zeros(DType::Float32, &[0]);
        self.parts.iter().map(move |part| part.compiled.result(0).map_or_else(empty, crate::ops::View::to_array))
    }
}

impl Model {
    /// The number of the step for batches of that size of the examples; compiled when there is none yet.
    pub(super) fn step(&mut self, purpose: Purpose, columns: &[&Array], batch: usize) -> Result<usize> {
        let sized = |a: &&Array| {
            let mut shape = a.shape().to_vec();
            shape[0] = batch;
            (a.dtype(), shape)
        };
        let inputs: Vec<(DType, Vec<usize>)> = columns.iter().map(sized).collect();
        let signature = (purpose, inputs);
        if let Some(at) = self.steps.iter().position(|(s, _)| *s == signature) {
            return Ok(at);
        }
        let step = self.compile_step(purpose, &signature.1)?;
        self.steps.push((signature, step));
        Ok(self.steps.len() - 1)
    }

    fn compile_step(&mut self, purpose: Purpose, inputs: &[(DType, Vec<usize>)]) -> Result<Step> {
        let batch = inputs[0].1[0];
        let strategy = self.strategy.clone();
        let ranges =
            strategy.as_ref().map_or_else(|| std::iter::once(0..batch).collect(), |strategy| strategy.split(batch));
        let together = ranges.len() > 1;
        if together && purpose == Purpose::Train {
            self.compilation()?.loss.check_shared()?;
        }
        let mut gradients = std::mem::take(&mut self.gradients);
        let mut metrics = Vec::new();
        let mut parts = Vec::new();
        for (replica, rows) in ranges.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
            let sized = inputs.iter().map(|(dtype, shape)| (*dtype, [&[rows.len()], &shape[1..]].concat()));
            let sized: Vec<(DType, Vec<usize>)> = sized.collect();
            let share = together.then(|| rows.len() as f64 / batch as f64);
            let mut trace = || {
                Compiled::trace(&sized, |symbols| {
                    let gradients = share.map(|share| (share, &mut gradients));
                    self.trace(purpose, symbols, gradients, &mut metrics)
                })
            };
            let compiled = match &strategy {
                Some(strategy) => strategy.in_replica(replica, trace),
                None => trace(),
            };
            parts.push(Part { rows, compiled: compiled? });
        }
        self.gradients = gradients;
        if let Some(strategy) = strategy.filter(|_| together && purpose == Purpose::Train && self.update.is_none()) {
            self.update = Some(Update::new(&strategy, &self.compilation()?.optimizer, &self.gradients)?);
        }
        Ok(Step { parts, metrics })
    }

    /// What a step does, on symbols. Of several replicas each has its share of the batch and leaves its gradients to be
    /// added up; a replica alone makes its step at once.
    fn trace(
        &self,
        purpose: Purpose,
        symbols: &[Tensor],
        gradients: Option<(f64, &mut Pairs)>,
        metrics: &mut Vec<Metric>,
    ) -> Result<Vec<Tensor>> {
        let y_pred = self.forward(&symbols[0], purpose == Purpose::Train)?;
        if purpose == Purpose::Predict {
            return Ok(vec![y_pred]);
        }
        let compilation = self.compilation()?;
        let (y_true, weight) = (&symbols[1], symbols.get(2));
        let loss = attempt(|| self.objective(compilation, y_true, &y_pred, weight))?;
        let mut results = vec![if loss.ndim() == 0 { loss.clone() } else { v2::reduce_mean(&loss).into() }];
        metrics.clear();
        for request in &compilation.metrics {
            let metric = request.resolve(y_true, &y_pred);
            results.push(attempt(|| metric.batch(y_true, &y_pred, None))?);
            metrics.push(metric);
        }
        match (purpose, gradients) {
            (Purpose::Train, None) => match &self.learned(&loss)[..] {
                [] => {}
                pairs => compilation.optimizer.apply(pairs)?,
            },
            (Purpose::Train, Some((share, gradients))) => attempt(|| {
                // The mean over the batch is the sum of the replicas' means, each by its share.
                for (gradient, variable) in self.learned(&(loss * share)) {
                    gradient_of(&variable, gradients).assign(gradient);
                }
            })?,
            _ => {}
        }
        Ok(results)
    }

    /// The loss of a batch and the penalties on weights.
    fn objective(
        &self,
        compilation: &Compilation,
        y_true: &Tensor,
        y_pred: &Tensor,
        weight: Option<&Tensor>,
    ) -> Tensor {
        let loss = compilation.loss.reduced(y_true, y_pred, weight);
        self.losses().into_iter().fold(loss, |sum, penalty| sum + penalty)
    }

    /// The penalties on weights that the layers' regularizers ask for, which a loop of one's own adds to its loss:
    /// `model.losses`.
    ///
    /// ```
    /// use flowbook::keras::{Sequential, layers::Dense, regularizers};
    /// let mut model = Sequential::new();
    /// model.add(Dense::new(1).input_shape([2]).kernel_initializer("ones").kernel_regularizer(regularizers::l2(0.5)));
    /// // 0.5 (1 + 1)
    /// assert_eq!(model.losses()[0].numpy().to_string(), "1.0");
    /// ```
    pub fn losses(&self) -> Vec<Tensor> {
        let of = |place: &Place| -> Vec<Tensor> {
            let weights = place.layer.base().weights();
            let penalty = |(i, regularizer): (usize, Regularizer)| regularizer.call(&weights[i].variable);
            place.layer.regularizers().into_iter().filter(|(i, _)| *i < weights.len()).map(penalty).collect()
        };
        self.places.iter().flat_map(of).collect()
    }

    /// The variables that the loss depends on, with their gradients.
    fn learned(&self, loss: &Tensor) -> Vec<(Tensor, Variable)> {
        let variables: Vec<Variable> = self.trainable_variables();
        let gradients = GradientTape::new().gradient(loss, &variables);
        gradients.into_iter().zip(variables).filter_map(|(g, v)| Some((g.as_option()?.clone(), v))).collect()
    }
}
