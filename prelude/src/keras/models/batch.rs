//! Training, testing and predicting one batch at a time, for loops of one's own around a compiled model.

use super::Model;
use super::data::{Examples, Samples, inputs};
use super::nested::Columns;
use super::step::{Purpose, Totals};
use crate::Array;
use crate::error::Result;

impl Model {
    /// One step of training on one batch: `model.train_on_batch(x, y)`. Returns the loss followed by the metrics.
    ///
    /// ```
    /// use flowbook::keras::{Sequential, layers::Dense, optimizers::SGD};
    /// let mut model = Sequential::new();
    /// model.add(Dense::new(1).input_shape([1]).kernel_initializer("zeros"));
    /// model.compile(SGD::new(0.25), "mse", ())?;
    /// // The prediction is 0 before the step, and 0.5 + 0.5 after it.
    /// assert_eq!(model.train_on_batch([[1.0]], [[1.0]])?, [1.0]);
    /// assert_eq!(model.predict_on_batch([[1.0]])?.to_string(), "[[1.]]");
    /// assert_eq!(model.test_on_batch([[1.0]], [[1.0]])?, [0.0]);
    /// # Ok::<(), flowbook::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Fit::run`](super::Fit::run).
    pub fn train_on_batch<X: Examples<Y>, Y>(&mut self, x: X, y: Y) -> Result<Vec<f64>> {
        self.compilation()?;
        let samples = x.samples(y)?.samples()?;
        self.ready_for(&samples)?;
        self.ready_to_learn()?;
        self.on_batch(Purpose::Train, &samples)
    }

    /// Tests on one batch, without learning: `model.test_on_batch(x, y)`. Returns the loss followed by the metrics.
    ///
    /// # Errors
    /// As [`Fit::run`](super::Fit::run).
    pub fn test_on_batch<X: Examples<Y>, Y>(&mut self, x: X, y: Y) -> Result<Vec<f64>> {
        self.compilation()?;
        let samples = x.samples(y)?.samples()?;
        self.ready_for(&samples)?;
        self.on_batch(Purpose::Test, &samples)
    }

    /// Predicts one batch: `model.predict_on_batch(x)`.
    ///
    /// # Errors
    /// As [`Predict::run`](super::Predict::run).
    pub fn predict_on_batch(&mut self, x: impl Columns) -> Result<Array> {
        let x = x.columns();
        let rows = inputs(&x)?[0].shape()[0];
        self.predict(x).batch_size(rows.max(1)).verbose(0).run()
    }

    fn on_batch(&mut self, purpose: Purpose, samples: &Samples) -> Result<Vec<f64>> {
        let columns = samples.columns();
        let order: Vec<usize> = (0..samples.len()).collect();
        let at = self.step(purpose, &columns, order.len())?;
        let step = &mut self.steps[at].1;
        step.run(&columns, &order, self.update.as_mut().filter(|_| purpose == Purpose::Train))?;
        let mut totals = Totals::new(step.metrics());
        step.add_to(&mut totals);
        Ok(totals.in_order())
    }
}
