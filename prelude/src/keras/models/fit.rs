//! `fit`: epochs of compiled steps, with a progress bar, validation, callbacks, a history, and an end at once when the user
//! interrupts.

use std::collections::BTreeMap;

use flowbook_plot as plt;
use flowbook_runtime::display::{self, DisplayHandle};

use super::Model;
use super::data::{Examples, Given, Samples};
use super::evaluate::test;
use super::history::History;
use super::step::{Purpose, Totals};
use crate::error::{Error, Result};
use crate::keras::callbacks::{Callback, IntoCallbacks, Training};
use crate::keras::progress::{Progress, Verbose};
use crate::v2::IntoTensor;
use crate::v2::random::{host_generator, permute};
use crate::{Array, Shape};

/// A training about to start: made by [`Model::fit`], started by [`run`](Fit::run).
#[must_use = "nothing is learned before .run()?"]
pub struct Fit<'a> {
    model: &'a mut Model,
    given: Result<Given>,
    batch_size: usize,
    epochs: usize,
    initial_epoch: usize,
    verbose: Verbose,
    shuffle: bool,
    plot: bool,
    validation: Option<Result<Given>>,
    validation_split: f64,
    weight: Option<Array>,
    class_weight: BTreeMap<i64, f64>,
    steps_per_epoch: Option<usize>,
    validation_batch_size: Option<usize>,
    validation_steps: Option<usize>,
    validation_freq: usize,
    callbacks: Vec<Box<dyn Callback>>,
}

impl Model {
    /// Trains the model: `model.fit(x, y, epochs=5, batch_size=100)` is
    /// `model.fit(&x, &y).epochs(5).batch_size(100).run()?`. A batched dataset is given as `model.fit(&dataset, ())`.
    ///
    /// ```
    /// use flowbook::keras::{Sequential, layers::Dense, optimizers::SGD};
    /// let mut model = Sequential::new();
    /// model.add(Dense::new(1).input_shape([1]).kernel_initializer("zeros"));
    /// model.compile(SGD::new(0.1), "mse", ())?;
    /// // y = 2 x: the slope is learned.
    /// let history = model.fit([[1.0], [2.0]], [[2.0], [4.0]]).epochs(300).verbose(0).run()?;
    /// assert!(history["loss"][299] < 0.01);
    /// # Ok::<(), flowbook::Error>(())
    /// ```
    pub fn fit<X: Examples<Y>, Y>(&mut self, x: X, y: Y) -> Fit<'_> {
        let given = x.samples(y);
        let batch_size = given.as_ref().ok().and_then(|g| g.batch_size).unwrap_or(32);
        Fit {
            model: self,
            given,
            batch_size,
            epochs: 1,
            initial_epoch: 0,
            verbose: Verbose::Bar,
            shuffle: true,
            plot: false,
            validation: None,
            validation_split: 0.0,
            weight: None,
            class_weight: BTreeMap::new(),
            steps_per_epoch: None,
            validation_batch_size: None,
            validation_steps: None,
            validation_freq: 1,
            callbacks: Vec::new(),
        }
    }

    /// Makes the weights for such inputs, if they are still to come.
    pub(super) fn ready(&mut self, x: &[Array]) -> Result<()> {
        let shape = |x: &Array| {
            let dims = std::iter::once(None).chain(x.shape()[1..].iter().map(|n| Some(*n)));
            Shape::from(dims.collect::<Vec<Option<usize>>>())
        };
        let shapes: Vec<Shape> = x.iter().map(shape).collect();
        self.in_scope(|model| model.build_all(&shapes))?;
        self.check_mirrored()
    }

    /// As [`ready`](Self::ready), with labels for each output.
    pub(super) fn ready_for(&mut self, samples: &Samples) -> Result<()> {
        self.ready(&samples.x)?;
        let (found, wanted) = (samples.y.len(), self.graph.outputs.len());
        if found == wanted {
            return Ok(());
        }
        Err(Error::Value(format!(
            "y_true and y_pred have different structures: there are labels for {found} output(s), and the model has \
             {wanted}. Pass as many in a tuple, as `fit(x, (a, b))`."
        )))
    }

    /// Makes what the optimizer remembers of the weights.
    pub(super) fn ready_to_learn(&mut self) -> Result<()> {
        let (optimizer, variables) = (self.optimizer()?, self.trainable_variables());
        self.in_scope(|_| {
            optimizer.mirror();
            optimizer.build(&variables);
        });
        Ok(())
    }
}

pub(super) fn check_batch_size(size: usize) -> Result<()> {
    if size == 0 {
        return Err(Error::Value("`batch_size` must be a positive integer, not 0.".into()));
    }
    Ok(())
}

/// The batches of an order, each with its number from 1.
pub(super) fn batches(order: &[usize], size: usize) -> impl Iterator<Item = (usize, &[usize])> {
    order.chunks(size).enumerate().map(|(i, rows)| (i + 1, rows))
}

impl Fit<'_> {
    /// How often all examples are gone through, once unless said otherwise: `epochs=`.
    pub fn epochs(self, epochs: usize) -> Self {
        Fit { epochs, ..self }
    }

    /// The number of examples in a step, 32 unless said otherwise: `batch_size=`.
    pub fn batch_size(self, batch_size: usize) -> Self {
        Fit { batch_size, ..self }
    }

    /// What is printed: nothing (0), a bar (1, the default) or a line for each epoch (2): `verbose=`.
    pub fn verbose(self, level: u8) -> Self {
        Fit { verbose: level.into(), ..self }
    }

    /// Whether each epoch has an order of its own, as it has by default: `shuffle=`.
    pub fn shuffle(self, yes: bool) -> Self {
        Fit { shuffle: yes, ..self }
    }

    /// The number of the first epoch, for a training that goes on: `initial_epoch=`.
    pub fn initial_epoch(self, epoch: usize) -> Self {
        Fit { initial_epoch: epoch, ..self }
    }

    /// Whether to draw the loss while training, in one picture that grows.
    pub fn plot(self, yes: bool) -> Self {
        Fit { plot: yes, ..self }
    }

    /// Examples to test on after each epoch: `validation_data=(x, y)`.
    pub fn validation_data<X: Examples<Y>, Y>(self, x: X, y: Y) -> Self {
        Fit { validation: Some(x.samples(y)), ..self }
    }

    /// The share of the examples, the last ones, to test on after each epoch in place of learning from them:
    /// `validation_split=`.
    pub fn validation_split(self, share: f64) -> Self {
        Fit { validation_split: share, ..self }
    }

    /// How many batches an epoch has, all unless said otherwise: `steps_per_epoch=`. The next epoch goes on where this one
    /// ended, until the examples are through.
    pub fn steps_per_epoch(self, steps: usize) -> Self {
        Fit { steps_per_epoch: Some(steps), ..self }
    }

    /// The number of examples in a batch of the tests, as in training unless said otherwise: `validation_batch_size=`.
    pub fn validation_batch_size(self, batch_size: usize) -> Self {
        Fit { validation_batch_size: Some(batch_size), ..self }
    }

    /// How many batches each test has, all unless said otherwise: `validation_steps=`.
    pub fn validation_steps(self, steps: usize) -> Self {
        Fit { validation_steps: Some(steps), ..self }
    }

    /// After how many epochs there is a test, each one unless said otherwise: `validation_freq=`.
    pub fn validation_freq(self, epochs: usize) -> Self {
        Fit { validation_freq: epochs.max(1), ..self }
    }

    /// How much each example counts: `sample_weight=`.
    pub fn sample_weight(self, weight: impl IntoTensor) -> Self {
        Fit { weight: Some(weight.into_operand().tensor().numpy()), ..self }
    }

    /// How much each class counts, 1 unless named: `class_weight=`.
    pub fn class_weight<const N: usize>(self, weights: [(i64, f64); N]) -> Self {
        Fit { class_weight: weights.into(), ..self }
    }

    /// What to do after each epoch: `callbacks=`. One callback or a tuple of them.
    pub fn callbacks(self, callbacks: impl IntoCallbacks) -> Self {
        let mut all = self.callbacks;
        all.extend(callbacks.into_callbacks());
        Fit { callbacks: all, ..self }
    }

    /// Trains.
    ///
    /// # Errors
    /// `ValueError` when the model is not compiled, when the data do not fit it or each other, for batches of 0;
    /// `CancelledError` when interrupted: the model then keeps what it has learned, and [`Model::history`] what it saw.
    pub fn run(mut self) -> Result<History> {
        self.model.compilation()?;
        check_batch_size(self.batch_size)?;
        let mut samples = self.take_samples()?;
        if let Some(weight) = &self.weight {
            samples.weigh(weight)?;
        }
        if !self.class_weight.is_empty() {
            samples.weigh_classes(&self.class_weight)?;
        }
        let given = self.validation.take().transpose()?;
        let tested = given.map(|given| given.limited(self.validation_steps)?.samples());
        let mut validation = tested.transpose()?;
        if self.validation_split > 0.0 && validation.is_none() {
            let (train, test) = samples.split(self.validation_split)?;
            (samples, validation) = (train, Some(test));
        }
        self.model.ready_for(&samples)?;
        self.model.ready_to_learn()?;
        self.model.history = History::default();
        let mut callbacks = std::mem::take(&mut self.callbacks);
        let mut training = Training::new(self.epochs);
        each(&mut callbacks, |c| c.on_train_begin(self.model, &mut training))?;
        let outcome = self.train(&samples, validation.as_ref(), &mut callbacks, &mut training);
        each(&mut callbacks, |c| c.on_train_end(self.model, &mut training))?;
        outcome?;
        Ok(self.model.history.clone())
    }
}

impl Fit<'_> {
    /// The examples: where there is no end of them as many as all epochs take, in the dataset's own order.
    fn take_samples(&mut self) -> Result<Samples> {
        let given = std::mem::replace(&mut self.given, Err(Error::Runtime("the training has begun".into())))?;
        if !given.is_endless() {
            return given.samples();
        }
        let epochs = self.epochs.saturating_sub(self.initial_epoch).max(1);
        let given = given.limited(self.steps_per_epoch.map(|steps| steps * epochs))?;
        (self.shuffle, self.batch_size) = (false, given.batch_size.unwrap_or(self.batch_size));
        given.samples()
    }
}

fn each(callbacks: &mut [Box<dyn Callback>], mut body: impl FnMut(&mut dyn Callback) -> Result<()>) -> Result<()> {
    callbacks.iter_mut().try_for_each(|c| body(&mut **c))
}

impl Fit<'_> {
    fn train(
        &mut self,
        samples: &Samples,
        validation: Option<&Samples>,
        callbacks: &mut [Box<dyn Callback>],
        training: &mut Training,
    ) -> Result<()> {
        let mut order: Vec<usize> = (0..samples.len()).collect();
        let mut generator = host_generator(None);
        let mut curve = None;
        let mut left: &[usize] = &[];
        for epoch in self.initial_epoch..self.epochs {
            each(callbacks, |c| c.on_epoch_begin(self.model, epoch, training))?;
            if self.verbose != Verbose::Silent && self.epochs > 1 {
                println!("Epoch {}/{}", epoch + 1, self.epochs);
            }
            if left.is_empty() {
                if self.shuffle {
                    permute(&mut order, &mut generator);
                }
                left = &order;
            }
            let steps = self.steps_per_epoch.unwrap_or(left.len().div_ceil(self.batch_size));
            let (rows, rest) = left.split_at(left.len().min(steps * self.batch_size));
            let rows = rows.to_vec();
            left = rest;
            let mut bar = Progress::new(steps, self.verbose);
            let totals = self.epoch(samples, &rows, &mut bar, callbacks, training)?;
            totals.publish();
            let mut logs = totals.logs("");
            if let Some(validation) = validation.filter(|_| (epoch + 1).is_multiple_of(self.validation_freq)) {
                let size = self.validation_batch_size.unwrap_or(self.batch_size);
                let tested = test(self.model, validation, size, self.validation_steps, None)?;
                tested.publish();
                logs.extend(tested.logs("val_"));
            }
            let result = each(callbacks, |c| c.on_epoch_end(self.model, epoch, &mut logs, training));
            bar.update(steps, &logs, true);
            self.model.history.record(epoch, &logs);
            result?;
            if self.plot {
                draw(&self.model.history, &mut curve);
            }
            if training.stop {
                break;
            }
        }
        Ok(())
    }

    fn epoch(
        &mut self,
        samples: &Samples,
        order: &[usize],
        bar: &mut Progress,
        callbacks: &mut [Box<dyn Callback>],
        training: &mut Training,
    ) -> Result<Totals> {
        let columns = samples.columns();
        let followed = callbacks.iter().any(|c| c.follows_batches());
        let mut totals: Option<Totals> = None;
        // All batches but the last are of one size, and so of one step.
        let (mut size, mut step) = (0, 0);
        for (i, rows) in batches(order, self.batch_size) {
            if rows.len() != size {
                (size, step) = (rows.len(), self.model.step(Purpose::Train, &columns, rows.len())?);
            }
            let step = &mut self.model.steps[step].1;
            step.run(&columns, rows, self.model.update.as_mut())?;
            let totals = totals.get_or_insert_with(|| Totals::new(step.metrics()));
            step.add_to(totals);
            if bar.is_due(i) {
                bar.update(i, &totals.logs(""), false);
            }
            if followed {
                let logs = totals.logs("");
                let mut following = callbacks.iter_mut().filter(|c| c.follows_batches());
                following.try_for_each(|c| c.on_train_batch_end(self.model, i - 1, &logs, training))?;
                if training.stop {
                    break;
                }
            }
        }
        Ok(totals.unwrap_or_else(|| Totals::new(Vec::new())))
    }
}

/// The loss so far as a picture, in the place of the one before.
fn draw(history: &History, shown: &mut Option<DisplayHandle>) {
    let figure = plt::figure().figsize(6.0, 3.5);
    for (name, values) in history.history.iter() {
        if name.ends_with("loss") {
            let epochs: Vec<f64> = (1..=values.len()).map(|e| e as f64).collect();
            plt::plot(&epochs, values, "").label(name.as_str());
        }
    }
    plt::xlabel("epoch");
    plt::ylabel("loss");
    plt::legend();
    let bytes = figure.to_png();
    plt::close();
    let plain = "<loss curve>";
    match shown {
        Some(handle) => handle.update(vec![("image/png".into(), bytes), ("text/plain".into(), plain.into())]),
        None => *shown = Some(display::png(bytes, plain)),
    }
}
