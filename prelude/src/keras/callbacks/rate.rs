//! The callbacks that change the learning rate between epochs.

use super::monitor::Monitor;
use super::{Callback, Logs, Training};
use crate::error::{Error, Result};
use crate::keras::models::Model;

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
