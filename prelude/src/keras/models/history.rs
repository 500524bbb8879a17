//! What a training saw, epoch by epoch. Who records it is `fit`.

use std::fmt;
use std::ops::{Deref, Index};

use crate::error::Error;
use crate::keras::progress::Logs;

/// What training saw, epoch by epoch: `keras.callbacks.History`.
#[derive(Clone, Default)]
pub struct History {
    /// The epochs' numbers, from 0.
    pub epoch: Vec<usize>,
    /// Each figure by name, with one value for each epoch.
    pub history: Figures,
}

impl History {
    pub(super) fn record(&mut self, epoch: usize, logs: &Logs) {
        self.epoch.push(epoch);
        for (name, value) in logs {
            match self.history.0.iter_mut().find(|(known, _)| known == name) {
                Some((_, values)) => values.push(*value),
                None => self.history.0.push((name.clone(), vec![*value])),
            }
        }
    }

    /// The names of the figures: `history.history.keys()`.
    pub fn keys(&self) -> Vec<&str> {
        self.history.keys()
    }

    /// The values of a figure, one for each epoch.
    pub fn get(&self, name: &str) -> Option<&[f64]> {
        self.history.get(name)
    }
}

impl Index<&str> for History {
    type Output = Vec<f64>;

    /// # Panics
    /// `KeyError` when there is no figure of that name.
    #[track_caller]
    fn index(&self, name: &str) -> &Vec<f64> {
        &self.history[name]
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<keras.src.callbacks.history.History at {self:p}>")
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&self.history, f)
    }
}

/// Figures by name, in the order in which they came up, each with its value for every epoch: the dictionary
/// `history.history`. It prints as Python's does.
///
/// ```
/// use flowbook::keras::{Sequential, layers::Dense};
/// let mut model = Sequential::new();
/// model.add(Dense::new(1).input_shape([1]));
/// model.compile("sgd", "mse", ["mae"])?;
/// let history = model.fit([[1.0], [2.0]], [[2.0], [4.0]]).epochs(3).verbose(0).run()?;
/// assert_eq!(history.history.keys(), ["loss", "mae"]);
/// assert_eq!(history.history["loss"].len(), 3);
/// # Ok::<(), flowbook::Error>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Figures(Vec<(String, Vec<f64>)>);

impl Figures {
    /// The names of the figures.
    pub fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The values of a figure, one for each epoch.
    pub fn get(&self, name: &str) -> Option<&[f64]> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, values)| &values[..])
    }
}

impl Deref for Figures {
    type Target = [(String, Vec<f64>)];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Index<&str> for Figures {
    type Output = Vec<f64>;

    /// # Panics
    /// `KeyError` when there is no figure of that name.
    #[track_caller]
    fn index(&self, name: &str) -> &Vec<f64> {
        match self.0.iter().find(|(known, _)| known == name) {
            Some((_, values)) => values,
            None => Error::Key(format!("'{name}'")).raise(),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let items: Vec<String> = self.iter().map(|(k, v)| format!("'{k}': {}", crate::format::py(v))).collect();
        write!(f, "{{{}}}", items.join(", "))
    }
}

impl fmt::Debug for Figures {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Figures by name: what `evaluate` gives as a dictionary. It prints as Python's does.
#[derive(Clone, PartialEq)]
pub struct Scores(Logs);

impl Scores {
    pub(super) fn new(logs: Logs) -> Scores {
        Scores(logs)
    }
}

impl Deref for Scores {
    type Target = [(String, f64)];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Index<&str> for Scores {
    type Output = f64;

    /// # Panics
    /// `KeyError` when there is no figure of that name.
    #[track_caller]
    fn index(&self, name: &str) -> &f64 {
        match self.0.iter().find(|(known, _)| known == name) {
            Some((_, value)) => value,
            None => Error::Key(format!("'{name}'")).raise(),
        }
    }
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let items: Vec<String> = self.iter().map(|(k, v)| format!("'{k}': {}", crate::format::py(v))).collect();
        write!(f, "{{{}}}", items.join(", "))
    }
}

impl fmt::Debug for Scores {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
