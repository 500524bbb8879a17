//! The figure that a callback watches, and whether it got better.

use super::Logs;
use crate::error::Error;

/// Watches one figure for its best value.
#[derive(Clone, Debug)]
pub(super) struct Monitor {
    pub figure: String,
    pub min_delta: f64,
    pub mode: Mode,
    pub best: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Mode {
    Auto,
    Min,
    Max,
}

impl Monitor {
    pub fn new(figure: &str) -> Monitor {
        Monitor { figure: figure.into(), min_delta: 0.0, mode: Mode::Auto, best: None }
    }

    /// # Panics
    /// `ValueError` for another word.
    #[track_caller]
    pub fn set_mode(&mut self, mode: &str) {
        self.mode = match mode {
            "auto" => Mode::Auto,
            "min" => Mode::Min,
            "max" => Mode::Max,
            _ => Error::Value(format!("`mode` must be 'auto', 'min' or 'max', not '{mode}'")).raise(),
        };
    }

    pub fn larger_is_better(&self) -> bool {
        match self.mode {
            Mode::Max => true,
            Mode::Min => false,
            Mode::Auto => ["acc", "auc", "precision", "recall"].iter().any(|word| self.figure.contains(word)),
        }
    }

    /// The figure's value in this epoch; a warning when there is none.
    pub fn value(&self, logs: &Logs, who: &str) -> Option<f64> {
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

    pub fn improves(&self, value: f64) -> bool {
        match self.best {
            None => true,
            Some(best) if self.larger_is_better() => value - self.min_delta > best,
            Some(best) => value + self.min_delta < best,
        }
    }
}
