//! `evaluate` and `predict`: the batches of the examples through compiled steps, without learning.

use super::Model;
use super::data::{Examples, Given, Samples, inputs};
use super::fit::{batches, check_batch_size};
use super::history::Scores;
use super::nested::Columns;
use super::step::{Purpose, Totals};
use crate::error::{Error, Result};
use crate::keras::progress::{Logs, Progress, Verbose};
use crate::v2::IntoTensor;
use crate::{Array, DType};

/// A test about to start: made by [`Model::evaluate`], started by [`run`](Evaluate::run).
#[must_use = "nothing is tested before .run()?"]
pub struct Evaluate<'a> {
    model: &'a mut Model,
    samples: Result<Samples>,
    batch_size: usize,
    verbose: Verbose,
    weight: Option<Array>,
    steps: Option<usize>,
}

/// A prediction about to start: made by [`Model::predict`], started by [`run`](Predict::run).
#[must_use = "nothing is predicted before .run()?"]
pub struct Predict<'a> {
    model: &'a mut Model,
    x: Result<Vec<Array>>,
    batch_size: usize,
    verbose: Verbose,
}

impl Model {
    /// Tests the model: `model.evaluate(x, y)` is `model.evaluate(&x, &y).run()?`.
    pub fn evaluate<X: Examples<Y>, Y>(&mut self, x: X, y: Y) -> Evaluate<'_> {
        let given = x.samples(y);
        let batch_size = given.as_ref().ok().and_then(|g| g.batch_size).unwrap_or(32);
        let samples = given.and_then(Given::samples);
        Evaluate { model: self, samples, batch_size, verbose: Verbose::Bar, weight: None, steps: None }
    }

    /// Predicts: `model.predict(x)` is `model.predict(&x).run()?`.
    pub fn predict(&mut self, x: impl Columns) -> Predict<'_> {
        let x = inputs(&x.columns());
        Predict { model: self, x, batch_size: 32, verbose: Verbose::Bar }
    }
}

/// Loss and metrics over examples, or over their first batches, without learning.
pub(super) fn test(
    model: &mut Model,
    samples: &Samples,
    batch_size: usize,
    steps: Option<usize>,
    mut bar: Option<&mut Progress>,
) -> Result<Totals> {
    let columns = samples.columns();
    let count = steps.map_or(samples.len(), |steps| samples.len().min(steps * batch_size));
    let order: Vec<usize> = (0..count).collect();
    let mut totals: Option<Totals> = None;
    for (i, rows) in batches(&order, batch_size) {
        let step = model.step(Purpose::Test, &columns, rows.len())?;
        let step = &mut model.steps[step].1;
        step.run(&columns, rows, None)?;
        let totals = totals.get_or_insert_with(|| Totals::new(step.metrics()));
        step.add_to(totals);
        if let Some(bar) = bar.as_deref_mut()
            && bar.is_due(i)
        {
            bar.update(i, &totals.logs(""), false);
        }
    }
    Ok(totals.unwrap_or_else(|| Totals::new(Vec::new())))
}

impl Evaluate<'_> {
    /// The number of examples in a step, 32 unless said otherwise: `batch_size=`.
    pub fn batch_size(self, batch_size: usize) -> Self {
        Evaluate { batch_size, ..self }
    }

    /// What is printed: nothing (0), a bar (1, the default) or a line (2): `verbose=`.
    pub fn verbose(self, level: u8) -> Self {
        Evaluate { verbose: level.into(), ..self }
    }

    /// How much each example counts: `sample_weight=`.
    pub fn sample_weight(self, weight: impl IntoTensor) -> Self {
        Evaluate { weight: Some(weight.into_operand().tensor().numpy()), ..self }
    }

    /// How many batches to test on, all unless said otherwise: `steps=`.
    pub fn steps(self, steps: usize) -> Self {
        Evaluate { steps: Some(steps), ..self }
    }

    /// Tests, and returns the loss followed by the metrics, as [`Model::metrics_names`] names them.
    ///
    /// # Errors
    /// As [`Fit::run`](super::Fit::run).
    pub fn run(self) -> Result<Vec<f64>> {
        Ok(self.totals()?.in_order())
    }

    /// Tests, and returns the figures by name: `return_dict=True`.
    ///
    /// ```
    /// use flowbook::keras::{Sequential, layers::Dense};
    /// let mut model = Sequential::new();
    /// model.add(Dense::new(1).input_shape([1]).kernel_initializer("zeros"));
    /// model.compile("sgd", "mse", ["mae"])?;
    /// // The predictions are 0.
    /// let scores = model.evaluate([[1.0], [2.0]], [[1.0], [3.0]]).verbose(0).run_dict()?;
    /// assert_eq!(scores.to_string(), "{'loss': 5.0, 'mae': 2.0}");
    /// assert_eq!(scores["mae"], 2.0);
    /// # Ok::<(), flowbook::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Fit::run`](super::Fit::run).
    pub fn run_dict(self) -> Result<Scores> {
        Ok(Scores::new(self.totals()?.logs("")))
    }

    fn totals(self) -> Result<Totals> {
        self.model.compilation()?;
        check_batch_size(self.batch_size)?;
        let mut samples = self.samples?;
        if let Some(weight) = &self.weight {
            samples.weigh(weight)?;
        }
        self.model.ready_for(&samples)?;
        let all = samples.len().div_ceil(self.batch_size);
        let steps = self.steps.map_or(all, |steps| steps.min(all));
        let mut bar = Progress::new(steps, self.verbose);
        let totals = test(self.model, &samples, self.batch_size, self.steps, Some(&mut bar))?;
        totals.publish();
        bar.update(steps, &totals.logs(""), true);
        Ok(totals)
    }
}

impl Predict<'_> {
    /// The number of examples in a step, 32 unless said otherwise: `batch_size=`.
    pub fn batch_size(self, batch_size: usize) -> Self {
        Predict { batch_size, ..self }
    }

    /// What is printed: nothing (0), a bar (1, the default) or a line (2): `verbose=`.
    pub fn verbose(self, level: u8) -> Self {
        Predict { verbose: level.into(), ..self }
    }

    /// Predicts.
    ///
    /// # Errors
    /// `ValueError` when the inputs do not fit the model or there are several outputs, `CancelledError` when interrupted.
    pub fn run(self) -> Result<Array> {
        let outputs = self.model.graph.outputs.len();
        if outputs != 1 {
            return Err(Error::Value(format!(
                "the model '{}' has {outputs} outputs: `run_all` gives all of them",
                self.model.shown_name()
            )));
        }
        Ok(self.run_all()?.swap_remove(0))
    }

    /// Predicts all outputs, for a model of several.
    ///
    /// # Errors
    /// `ValueError` when the inputs do not fit the model, `CancelledError` when interrupted.
    pub fn run_all(self) -> Result<Vec<Array>> {
        check_batch_size(self.batch_size)?;
        let x = self.x?;
        self.model.ready(&x)?;
        let order: Vec<usize> = (0..x[0].shape()[0]).collect();
        let steps = order.len().div_ceil(self.batch_size);
        let mut bar = Progress::new(steps, self.verbose);
        let columns: Vec<&Array> = x.iter().collect();
        let mut outputs = vec![(Vec::<f32>::new(), vec![0]); self.model.graph.outputs.len()];
        for (i, rows) in batches(&order, self.batch_size) {
            let step = self.model.step(Purpose::Predict, &columns, rows.len())?;
            let step = &mut self.model.steps[step].1;
            step.run(&columns, rows, None)?;
            for (output, (elements, shape)) in outputs.iter_mut().enumerate() {
                for part in step.predictions(output) {
                    *shape = part.shape().to_vec();
                    elements.extend_from_slice(
                        crate::ops::cast_array(&part, DType::Float32).as_slice().unwrap_or_default(),
                    );
                }
            }
            if bar.is_due(i) {
                bar.update(i, &Logs::new(), false);
            }
        }
        if steps > 0 {
            bar.update(steps, &Logs::new(), true);
        }
        let whole = |(elements, mut shape): (Vec<f32>, Vec<usize>)| {
            if let Some(first) = shape.first_mut() {
                *first = order.len();
            }
            Array::new(elements, &shape)
        };
        Ok(outputs.into_iter().map(whole).collect())
    }
}
