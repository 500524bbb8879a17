//! `keras.callbacks`: what happens between the epochs of a training.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::models::Model;
use crate::Array;
use crate::error::{Error, Result};
use crate::summary::v2::{self as summary, SummaryWriter};

/// The figures of an epoch by name.
pub type Logs = Vec<(String, f64)>;

/// A training under way.
#[derive(Clone, Debug)]
pub struct Training {
    /// The number of epochs it is to have.
    pub epochs: usize,
    /// Whether it ends after this epoch: `model.stop_training`.
    pub stop: bool,
}

impl Training {
    pub(super) fn new(epochs: usize) -> Training {
        Training { epochs, stop: false }
    }
}

/// Something that follows a training: `keras.callbacks.Callback`. Every method may be left out.
pub trait Callback {
    /// Before the first epoch.
    ///
    /// # Errors
    /// Whatever ends the training.
    fn on_train_begin(&mut self, model: &mut Model, training: &mut Training) -> Result<()> {
        let _ = (model, training);
        Ok(())
    }

    /// Before each epoch.
    ///
    /// # Errors
    /// Whatever ends the training.
    fn on_epoch_begin(&mut self, model: &mut Model, epoch: usize, training: &mut Training) -> Result<()> {
        let _ = (model, epoch, training);
        Ok(())
    }

    /// After each epoch, with its figures, to which it may add.
    ///
    /// # Errors
    /// Whatever ends the training.
    fn on_epoch_end(
        &mut self,
        model: &mut Model,
        epoch: usize,
        logs: &mut Logs,
        training: &mut Training,
    ) -> Result<()> {
        let _ = (model, epoch, logs, training);
        Ok(())
    }

    /// After the last epoch, also when the training was interrupted.
    ///
    /// # Errors
    /// Whatever is to be reported in place of the history.
    fn on_train_end(&mut self, model: &mut Model, training: &mut Training) -> Result<()> {
        let _ = (model, training);
        Ok(())
    }
}

/// One callback, a vector or a tuple of them.
pub trait IntoCallbacks {
    /// Them, in order.
    fn into_callbacks(self) -> Vec<Box<dyn Callback>>;
}

impl<C: Callback + 'static> IntoCallbacks for C {
    fn into_callbacks(self) -> Vec<Box<dyn Callback>> {
        vec![Box::new(self)]
    }
}

impl<C: Callback + 'static, const N: usize> IntoCallbacks for [C; N] {
    fn into_callbacks(self) -> Vec<Box<dyn Callback>> {
        self.into_iter().flat_map(IntoCallbacks::into_callbacks).collect()
    }
}

impl IntoCallbacks for Vec<Box<dyn Callback>> {
    fn into_callbacks(self) -> Vec<Box<dyn Callback>> {
        self
    }
}

macro_rules! tuples {
    ($($($T:ident $i:tt),+;)*) => { $(
        impl<$($T: Callback + 'static),+> IntoCallbacks for ($($T,)+) {
            fn into_callbacks(self) -> Vec<Box<dyn Callback>> {
                vec![$(Box::new(self.$i)),+]
            }
        }
    )* };
}
tuples! { A 0, B 1; A 0, B 1, C 2; A 0, B 1, C 2, D 3; }

/// Watches one figure for its best value.
#[derive(Clone, Debug)]
struct Monitor {
    figure: String,
    min_delta: f64,
    mode: Mode,
    best: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Mode {
    Auto,
    Min,
    Max,
}

impl Monitor {
    fn new(figure: &str) -> Monitor {
        Monitor { figure: figure.into(), min_delta: 0.0, mode: Mode::Auto, best: None }
    }

    /// # Panics
    /// `ValueError` for another word.
    #[track_caller]
    fn set_mode(&mut self, mode: &str) {
        self.mode = match mode {
            "auto" => Mode::Auto,
            "min" => Mode::Min,
            "max" => Mode::Max,
            _ => Error::Value(format!("`mode` must be 'auto', 'min' or 'max', not '{mode}'")).raise(),
        };
    }

    fn larger_is_better(&self) -> bool {
        match self.mode {
            Mode::Max => true,
            Mode::Min => false,
            Mode::Auto => ["acc", "auc", "precision", "recall"].iter().any(|word| self.figure.contains(word)),
        }
    }

    /// The figure's value in this epoch; a warning when there is none.
    fn value(&self, logs: &Logs, who: &str) -> Option<f64> {
        let found = logs.iter().find(|(name, _)| *name == self.figure).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<&str> = logs.iter().map(|(name, _)| name.as_str()).collect();
            eprintln!(
                "UserWarning: {who} conditioned on metric `{}` which is not available. Available metrics are: {}",
                self.figure,
                names.join(",")
            );
        }
        found
    }

    fn improves(&self, value: f64) -> bool {
        match self.best {
            None => true,
            Some(best) if self.larger_is_better() => value - self.min_delta > best,
            Some(best) => value + self.min_delta < best,
        }
    }
}

/// Ends a training that no longer gets better: `keras.callbacks.EarlyStopping`.
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    monitor: Monitor,
    patience: usize,
    restore: bool,
    verbose: bool,
    wait: usize,
    stopped: Option<usize>,
    kept: Option<(usize, Vec<Array>)>,
}

impl Default for EarlyStopping {
    fn default() -> EarlyStopping {
        EarlyStopping::new()
    }
}

impl EarlyStopping {
    /// Watching `val_loss`, without patience.
    pub fn new() -> EarlyStopping {
        EarlyStopping {
            monitor: Monitor::new("val_loss"),
            patience: 0,
            restore: false,
            verbose: false,
            wait: 0,
            stopped: None,
            kept: None,
        }
    }

    /// The figure to watch: `monitor=`.
    #[must_use]
    pub fn monitor(mut self, figure: &str) -> EarlyStopping {
        self.monitor.figure = figure.into();
        self
    }

    /// How many epochs may pass without getting better: `patience=`.
    #[must_use]
    pub fn patience(self, epochs: usize) -> EarlyStopping {
        EarlyStopping { patience: epochs, ..self }
    }

    /// How much counts as better: `min_delta=`.
    #[must_use]
    pub fn min_delta(mut self, delta: f64) -> EarlyStopping {
        self.monitor.min_delta = delta.abs();
        self
    }

    /// Whether `"min"` or `"max"` is best, or the figure's name decides (`"auto"`): `mode=`.
    ///
    /// # Panics
    /// `ValueError` for another word.
    #[must_use]
    #[track_caller]
    pub fn mode(mut self, mode: &str) -> EarlyStopping {
        self.monitor.set_mode(mode);
        self
    }

    /// Whether the weights of the best epoch come back in the end: `restore_best_weights=`.
    #[must_use]
    pub fn restore_best_weights(self, yes: bool) -> EarlyStopping {
        EarlyStopping { restore: yes, ..self }
    }

    /// Whether to say so: `verbose=`.
    #[must_use]
    pub fn verbose(self, level: u8) -> EarlyStopping {
        EarlyStopping { verbose: level > 0, ..self }
    }
}

impl Callback for EarlyStopping {
    fn on_train_begin(&mut self, _: &mut Model, _: &mut Training) -> Result<()> {
        (self.wait, self.stopped, self.kept, self.monitor.best) = (0, None, None, None);
        Ok(())
    }

    fn on_epoch_end(
        &mut self,
        model: &mut Model,
        epoch: usize,
        logs: &mut Logs,
        training: &mut Training,
    ) -> Result<()> {
        let Some(value) = self.monitor.value(logs, "Early stopping") else { return Ok(()) };
        self.wait += 1;
        if self.monitor.improves(value) {
            self.monitor.best = Some(value);
            self.wait = 0;
            if self.restore {
                self.kept = Some((epoch, model.get_weights()));
            }
            return Ok(());
        }
        if self.wait >= self.patience && epoch > 0 {
            self.stopped = Some(epoch);
            training.stop = true;
        }
        Ok(())
    }

    fn on_train_end(&mut self, model: &mut Model, _: &mut Training) -> Result<()> {
        if let (Some(epoch), true) = (self.stopped, self.verbose) {
            println!("Epoch {}: early stopping", epoch + 1);
        }
        let Some((epoch, weights)) = self.kept.take() else { return Ok(()) };
        if self.verbose {
            println!("Restoring model weights from the end of the best epoch: {}.", epoch + 1);
        }
        model.set_weights(&weights)
    }
}

/// Saves the model after epochs: `keras.callbacks.ModelCheckpoint(path)`. `{epoch}` in the path becomes the epoch's number.
#[derive(Clone, Debug)]
pub struct ModelCheckpoint {
    path: PathBuf,
    monitor: Monitor,
    best_only: bool,
    weights_only: bool,
    verbose: bool,
}

impl ModelCheckpoint {
    /// Into that file, after every epoch.
    pub fn new(path: impl AsRef<Path>) -> ModelCheckpoint {
        ModelCheckpoint {
            path: path.as_ref().into(),
            monitor: Monitor::new("val_loss"),
            best_only: false,
            weights_only: false,
            verbose: false,
        }
    }

    /// The figure to watch: `monitor=`.
    #[must_use]
    pub fn monitor(mut self, figure: &str) -> ModelCheckpoint {
        self.monitor.figure = figure.into();
        self
    }

    /// Whether `"min"` or `"max"` is best, or the figure's name decides (`"auto"`): `mode=`.
    ///
    /// # Panics
    /// `ValueError` for another word.
    #[must_use]
    #[track_caller]
    pub fn mode(mut self, mode: &str) -> ModelCheckpoint {
        self.monitor.set_mode(mode);
        self
    }

    /// Whether to save only what is better than all before: `save_best_only=`.
    #[must_use]
    pub fn save_best_only(self, yes: bool) -> ModelCheckpoint {
        ModelCheckpoint { best_only: yes, ..self }
    }

    /// Whether to save weights alone: `save_weights_only=`.
    #[must_use]
    pub fn save_weights_only(self, yes: bool) -> ModelCheckpoint {
        ModelCheckpoint { weights_only: yes, ..self }
    }

    /// Whether to say so: `verbose=`.
    #[must_use]
    pub fn verbose(self, level: u8) -> ModelCheckpoint {
        ModelCheckpoint { verbose: level > 0, ..self }
    }
}

impl Callback for ModelCheckpoint {
    fn on_epoch_end(&mut self, model: &mut Model, epoch: usize, logs: &mut Logs, _: &mut Training) -> Result<()> {
        let path = self.path.display().to_string().replace("{epoch}", &(epoch + 1).to_string());
        let number = epoch + 1;
        if self.best_only {
            let Some(value) = self.monitor.value(logs, "Can save best model only; saving") else { return Ok(()) };
            if !self.monitor.improves(value) {
                if let (Some(best), true) = (self.monitor.best, self.verbose) {
                    println!("\nEpoch {number}: {} did not improve from {best:.5}", self.monitor.figure);
                }
                return Ok(());
            }
            if self.verbose {
                let before = self.monitor.best.map_or_else(|| "None".into(), |best| format!("{best:.5}"));
                let figure = &self.monitor.figure;
                println!("\nEpoch {number}: {figure} improved from {before} to {value:.5}, saving model to {path}");
            }
            self.monitor.best = Some(value);
        } else if self.verbose {
            println!("\nEpoch {number}: saving model to {path}");
        }
        let saved = if self.weights_only { model.save_weights(&path) } else { model.save(&path) };
        if saved.is_ok() && self.verbose {
            println!("\nEpoch {number}: finished saving model to {path}");
        }
        saved
    }
}

/// Sets the learning rate of each epoch: `keras.callbacks.LearningRateScheduler(schedule)`, the schedule being a function
/// of the epoch and the rate so far.
pub struct LearningRateScheduler {
    schedule: Box<dyn Fn(usize, f64) -> f64>,
    verbose: bool,
}

impl LearningRateScheduler {
    /// By that function.
    pub fn new(schedule: impl Fn(usize, f64) -> f64 + 'static) -> LearningRateScheduler {
        LearningRateScheduler { schedule: Box::new(schedule), verbose: false }
    }

    /// Whether to say so: `verbose=`.
    #[must_use]
    pub fn verbose(self, level: u8) -> LearningRateScheduler {
        LearningRateScheduler { verbose: level > 0, ..self }
    }
}

fn log_learning_rate(model: &Model, logs: &mut Logs) -> Result<f64> {
    let rate = model.optimizer()?.learning_rate();
    logs.retain(|(name, _)| name != "learning_rate");
    logs.push(("learning_rate".into(), rate));
    Ok(rate)
}

impl Callback for LearningRateScheduler {
    fn on_epoch_begin(&mut self, model: &mut Model, epoch: usize, _: &mut Training) -> Result<()> {
        let optimizer = model.optimizer()?;
        let rate = (self.schedule)(epoch, optimizer.learning_rate());
        optimizer.set_learning_rate(rate);
        if self.verbose {
            let rate = crate::format::py(&rate).to_string();
            println!("\nEpoch {}: LearningRateScheduler setting learning rate to {rate}.", epoch + 1);
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, model: &mut Model, _: usize, logs: &mut Logs, _: &mut Training) -> Result<()> {
        log_learning_rate(model, logs).map(|_| ())
    }
}

/// Lowers the learning rate when a figure no longer gets better: `keras.callbacks.ReduceLROnPlateau`.
#[derive(Clone, Debug)]
pub struct ReduceLROnPlateau {
    monitor: Monitor,
    factor: f64,
    patience: usize,
    cooldown: usize,
    min_lr: f64,
    verbose: bool,
    wait: usize,
    cooling: usize,
}

impl Default for ReduceLROnPlateau {
    fn default() -> ReduceLROnPlateau {
        ReduceLROnPlateau::new()
    }
}

impl ReduceLROnPlateau {
    /// Watching `val_loss`, to a tenth after 10 epochs.
    pub fn new() -> ReduceLROnPlateau {
        let monitor = Monitor { min_delta: 1e-4, ..Monitor::new("val_loss") };
        ReduceLROnPlateau {
            monitor,
            factor: 0.1,
            patience: 10,
            cooldown: 0,
            min_lr: 0.0,
            verbose: false,
            wait: 0,
            cooling: 0,
        }
    }

    /// The figure to watch: `monitor=`.
    #[must_use]
    pub fn monitor(mut self, figure: &str) -> ReduceLROnPlateau {
        self.monitor.figure = figure.into();
        self
    }

    /// What the rate is multiplied by: `factor=`.
    ///
    /// # Panics
    /// `ValueError` for 1 or more.
    #[must_use]
    #[track_caller]
    pub fn factor(self, factor: f64) -> ReduceLROnPlateau {
        if factor >= 1.0 {
            let text = format!("ReduceLROnPlateau does not support a factor >= 1.0. Received factor={factor:?}");
            Error::Value(text).raise();
        }
        ReduceLROnPlateau { factor, ..self }
    }

    /// How many epochs may pass without getting better: `patience=`.
    #[must_use]
    pub fn patience(self, epochs: usize) -> ReduceLROnPlateau {
        ReduceLROnPlateau { patience: epochs, ..self }
    }

    /// How much counts as better: `min_delta=`.
    #[must_use]
    pub fn min_delta(mut self, delta: f64) -> ReduceLROnPlateau {
        self.monitor.min_delta = delta;
        self
    }

    /// How many epochs to wait after a reduction: `cooldown=`.
    #[must_use]
    pub fn cooldown(self, epochs: usize) -> ReduceLROnPlateau {
        ReduceLROnPlateau { cooldown: epochs, ..self }
    }

    /// The least rate: `min_lr=`.
    #[must_use]
    pub fn min_lr(self, rate: f64) -> ReduceLROnPlateau {
        ReduceLROnPlateau { min_lr: rate, ..self }
    }

    /// Whether to say so: `verbose=`.
    #[must_use]
    pub fn verbose(self, level: u8) -> ReduceLROnPlateau {
        ReduceLROnPlateau { verbose: level > 0, ..self }
    }
}

impl Callback for ReduceLROnPlateau {
    fn on_train_begin(&mut self, _: &mut Model, _: &mut Training) -> Result<()> {
        (self.wait, self.cooling, self.monitor.best) = (0, 0, None);
        Ok(())
    }

    fn on_epoch_end(&mut self, model: &mut Model, epoch: usize, logs: &mut Logs, _: &mut Training) -> Result<()> {
        let rate = log_learning_rate(model, logs)?;
        let Some(value) = self.monitor.value(logs, "Learning rate reduction is") else { return Ok(()) };
        if self.cooling > 0 {
            (self.cooling, self.wait) = (self.cooling - 1, 0);
        }
        if self.monitor.improves(value) {
            (self.monitor.best, self.wait) = (Some(value), 0);
            return Ok(());
        }
        if self.cooling > 0 {
            return Ok(());
        }
        self.wait += 1;
        if self.wait < self.patience || rate <= self.min_lr {
            return Ok(());
        }
        let reduced = (rate * self.factor).max(self.min_lr);
        model.optimizer()?.set_learning_rate(reduced);
        if self.verbose {
            let text = crate::format::py(&reduced).to_string();
            println!("\nEpoch {}: ReduceLROnPlateau reducing learning rate to {text}.", epoch + 1);
        }
        (self.cooling, self.wait) = (self.cooldown, 0);
        Ok(())
    }
}

/// Writes the figures of each epoch for TensorBoard, those of the training under `train`, those of the validation under
/// `validation`: `keras.callbacks.TensorBoard(log_dir)`.
pub struct TensorBoard {
    log_dir: PathBuf,
    writers: BTreeMap<&'static str, SummaryWriter>,
}

impl TensorBoard {
    /// Into that directory.
    pub fn new(log_dir: impl AsRef<Path>) -> TensorBoard {
        TensorBoard { log_dir: log_dir.as_ref().into(), writers: BTreeMap::new() }
    }
}

impl Callback for TensorBoard {
    fn on_epoch_end(&mut self, _: &mut Model, epoch: usize, logs: &mut Logs, _: &mut Training) -> Result<()> {
        for (name, value) in logs.iter() {
            let (run, tag) = match name.strip_prefix("val_") {
                Some(tag) => ("validation", tag),
                None => ("train", name.as_str()),
            };
            if !self.writers.contains_key(run) {
                self.writers.insert(run, summary::create_file_writer(self.log_dir.join(run))?);
            }
            let Some(writer) = self.writers.get(run) else { continue };
            writer.as_default(|| summary::scalar(&format!("epoch_{tag}"), *value as f32, epoch as i64))?;
        }
        Ok(())
    }

    fn on_train_end(&mut self, _: &mut Model, _: &mut Training) -> Result<()> {
        self.writers.values().try_for_each(SummaryWriter::flush)
    }
}
