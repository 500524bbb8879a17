//! One batch: forward, loss, metrics, and in training gradients and update, traced once for each batch size and compiled
//! into a plan for each replica. A step allocates nothing; variables change in place.

use std::sync::Arc;

use super::Model;
use super::replicas::{self, Pairs, Part, Update, gradient_of};
use crate::Array;
use crate::DType;
use crate::error::{Error, Result};
use crate::keras::layers::Layer;
use crate::keras::losses::Loss;
use crate::keras::metrics::{Mean, Metric};
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
    /// What it measures beside the loss: metrics resolved for the shapes, and the losses of several outputs.
    metrics: Vec<Measure>,
}

/// A metric of a step under the name it shows under.
#[derive(Clone)]
pub(super) struct Measure {
    name: String,
    metric: Metric,
}

/// What an epoch has come to so far.
pub(super) struct Totals {
    loss: f64,
    count: f64,
    metrics: Vec<Tally>,
}

/// A metric with the sums of an epoch.
struct Tally {
    measure: Measure,
    sums: Vec<f64>,
}

impl Tally {
    fn add(&mut self, sums: &[f32]) {
        self.sums.resize(sums.len(), 0.0);
        self.sums.iter_mut().zip(sums).for_each(|(all, sum)| *all += f64::from(*sum));
    }

    fn figure(&self) -> f64 {
        f64::from(self.measure.metric.figures(&self.sums)[0] as f32)
    }
}

impl Totals {
    pub fn new(metrics: Vec<Measure>) -> Totals {
        let metrics = metrics.into_iter().map(|measure| Tally { measure, sums: Vec::new() }).collect();
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
        let figure = |tally: &Tally| (format!("{prefix}{}", tally.measure.name), tally.figure());
        let mut logs: Logs = self.metrics.iter().map(figure).collect();
        logs.push((format!("{prefix}loss"), self.loss()));
        logs.sort_by(|a, b| a.0.cmp(&b.0));
        logs
    }

    /// Lets the metrics that were given as objects know.
    pub fn publish(&self) {
        self.metrics
            .iter()
            .filter(|tally| !tally.sums.is_empty())
            .for_each(|tally| tally.measure.metric.set_sums(&tally.sums));
    }
}

impl Step {
    pub fn metrics(&self) -> Vec<Measure> {
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

    /// What the last run predicted for an output, replica by replica.
    pub fn predictions(&self, output: usize) -> impl Iterator<Item = Array> {
        let empty = || Array::zeros(DType::Float32, &[0]);
        self.parts.iter().map(move |part| part.compiled.result(output).map_or_else(empty, crate::ops::View::to_array))
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
            self.compilation()?.losses.iter().flatten().try_for_each(Loss::check_shared)?;
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
        measures: &mut Vec<Measure>,
    ) -> Result<Vec<Tensor>> {
        let (x, rest) = symbols.split_at(self.graph.inputs.len());
        let y_pred = self.forward(x, purpose == Purpose::Train)?;
        if purpose == Purpose::Predict {
            return Ok(y_pred);
        }
        let (y_true, weight) = rest.split_at(y_pred.len());
        let losses = attempt(|| self.output_losses(y_true, &y_pred, weight.first()))??;
        let loss = attempt(|| self.objective(&losses))?;
        let mut results = vec![if loss.ndim() == 0 { loss.clone() } else { v2::reduce_mean(&loss).into() }];
        measures.clear();
        attempt(|| self.measure(y_true, &y_pred, &losses, &mut results, measures))?;
        let compilation = self.compilation()?;
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

    /// The loss of each output that has one, with the output's number.
    ///
    /// # Errors
    /// `ValueError` when there is none at all.
    fn output_losses(
        &self,
        y_true: &[Tensor],
        y_pred: &[Tensor],
        weight: Option<&Tensor>,
    ) -> Result<Vec<(usize, Tensor, f64)>> {
        let losses = self.compilation()?.losses.iter().enumerate();
        let of = |(i, loss): (usize, &Option<Loss>)| {
            let loss = loss.as_ref()?;
            Some((i, loss.reduced(&y_true[i], &y_pred[i], weight), loss.weight()))
        };
        let found: Vec<(usize, Tensor, f64)> = losses.filter_map(of).collect();
        if found.is_empty() {
            return Err(Error::Value("No loss to compute. Provide a `loss` argument in `compile()`.".into()));
        }
        Ok(found)
    }

    /// The losses of the outputs by their weights, and the penalties on weights.
    fn objective(&self, losses: &[(usize, Tensor, f64)]) -> Tensor {
        let weighted =
            |(_, loss, weight): &(usize, Tensor, f64)| if *weight == 1.0 { loss.clone() } else { loss * *weight };
        let parts = losses.iter().map(weighted).chain(self.losses());
        parts.reduce(|sum, part| sum + part).expect("there is a loss")
    }

    /// Adds what is measured beside the loss: the losses of several outputs, and the metrics.
    fn measure(
        &self,
        y_true: &[Tensor],
        y_pred: &[Tensor],
        losses: &[(usize, Tensor, f64)],
        results: &mut Vec<Tensor>,
        measures: &mut Vec<Measure>,
    ) {
        let outputs = self.graph.output_names();
        if outputs.len() > 1 {
            for (output, loss, _) in losses {
                // Every batch counts the same here, other than in the loss itself.
                let metric = Mean::new().named(&format!("{}_loss", outputs[*output]));
                let each = v2::reduce_mean(loss).tensor();
                results.push(metric.batch(&each, &each, None));
                measures.push(Measure { name: metric.name().into(), metric: Metric::clone(&metric) });
            }
        }
        let first = measures.len();
        for (output, request) in self.compilation.iter().flat_map(|c| &c.metrics) {
            let metric = request.resolve(&y_true[*output], &y_pred[*output]);
            results.push(metric.batch(&y_true[*output], &y_pred[*output], None));
            let name = match outputs.len() {
                1 => metric.name().to_owned(),
                _ => format!("{}_{}", outputs[*output], metric.name()),
            };
            measures.push(Measure { name, metric });
        }
        if outputs.len() > 1 {
            sort_by_name(&mut measures[first..], &mut results[1 + first..]);
        }
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
        let of = |(layer, _): (Arc<dyn Layer>, bool)| -> Vec<Tensor> {
            let weights = layer.base().weights();
            let penalty = |(i, regularizer): (usize, Regularizer)| regularizer.call(&weights[i].variable);
            layer.regularizers().into_iter().filter(|(i, _)| *i < weights.len()).map(penalty).collect()
        };
        self.graph.leaves().into_iter().flat_map(of).collect()
    }

    /// The variables that the loss depends on, with their gradients.
    fn learned(&self, loss: &Tensor) -> Vec<(Tensor, Variable)> {
        let variables: Vec<Variable> = self.trainable_variables();
        let gradients = GradientTape::new().gradient(loss, &variables);
        gradients.into_iter().zip(variables).filter_map(|(g, v)| Some((g.as_option()?.clone(), v))).collect()
    }
}

/// Keras has the metrics of several outputs in alphabetical order.
fn sort_by_name(measures: &mut [Measure], results: &mut [Tensor]) {
    let mut both: Vec<(Measure, Tensor)> = measures.iter().cloned().zip(results.iter().cloned()).collect();
    both.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    for (i, (measure, result)) in both.into_iter().enumerate() {
        (measures[i], results[i]) = (measure, result);
    }
}
