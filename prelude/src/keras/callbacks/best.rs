//! The callbacks that go by the best epoch: one stops the training, one saves the model.

use std::path::{Path, PathBuf};

use super::monitor::Monitor;
use super::{Callback, Logs, Training};
use crate::Array;
use crate::error::Result;
use crate::keras::models::Model;

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
