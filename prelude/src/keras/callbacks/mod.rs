//! `keras.callbacks`: what happens between the epochs of a training.

mod best;
mod monitor;
mod rate;
mod watch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::models::Model;
use crate::error::Result;
use crate::summary::v2::{self as summary, SummaryWriter};

pub use best::{EarlyStopping, ModelCheckpoint};
pub use rate::{LearningRateScheduler, ReduceLROnPlateau};
pub use watch::{CSVLogger, TerminateOnNaN};

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

    /// Whether [`on_train_batch_end`](Self::on_train_batch_end) is to be called: a training whose batches nobody follows need
    /// not know its figures after each.
    fn follows_batches(&self) -> bool {
        false
    }

    /// After each batch, counted from 0, with the figures of the epoch so far; for those that
    /// [`follow batches`](Self::follows_batches).
    ///
    /// # Errors
    /// Whatever ends the training.
    fn on_train_batch_end(
        &mut self,
        model: &mut Model,
        batch: usize,
        logs: &Logs,
        training: &mut Training,
    ) -> Result<()> {
        let _ = (model, batch, logs, training);
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
tuples! { A 0, B 1; A 0, B 1, C 2; A 0, B 1, C 2, D 3; A 0, B 1, C 2, D 3, E 4; A 0, B 1, C 2, D 3, E 4, F 5; }

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
