//! The callbacks that only look on: one writes the figures of epochs down, one ends a training that has gone astray.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Callback, Logs, Training};
use crate::error::{Error, Result};
use crate::keras::models::Model;

/// Ends a training as soon as the loss is no finite number: `keras.callbacks.TerminateOnNaN`.
#[derive(Clone, Copy, Default, Debug)]
pub struct TerminateOnNaN;

impl TerminateOnNaN {
    /// The callback.
    pub fn new() -> TerminateOnNaN {
        TerminateOnNaN
    }
}

impl Callback for TerminateOnNaN {
    fn follows_batches(&self) -> bool {
        true
    }

    fn on_train_batch_end(&mut self, _: &mut Model, batch: usize, logs: &Logs, training: &mut Training) -> Result<()> {
        let astray = logs.iter().any(|(name, value)| name == "loss" && !value.is_finite());
        if astray {
            println!("Batch {batch}: Invalid loss, terminating training");
            training.stop = true;
        }
        Ok(())
    }
}

/// Writes the figures of each epoch to a file, a line for each: `keras.callbacks.CSVLogger(filename)`.
#[derive(Debug)]
pub struct CSVLogger {
    path: PathBuf,
    separator: String,
    append: bool,
    file: Option<File>,
    names: Vec<String>,
}

impl CSVLogger {
    /// Into that file.
    pub fn new(filename: impl AsRef<Path>) -> CSVLogger {
        let path = filename.as_ref().into();
        CSVLogger { path, separator: ",".into(), append: false, file: None, names: Vec::new() }
    }

    /// What stands between the figures, a comma unless given: `separator=`.
    #[must_use]
    pub fn separator(mut self, separator: &str) -> CSVLogger {
        self.separator = separator.into();
        self
    }

    /// Whether what the file holds stays: `append=`.
    #[must_use]
    pub fn append(self, yes: bool) -> CSVLogger {
        CSVLogger { append: yes, ..self }
    }

    fn write(&mut self, fields: &[String]) -> Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let line = format!("{}\r\n", fields.join(&self.separator));
        file.write_all(line.as_bytes()).map_err(|error| Error::Os(format!("{}: {error}", self.path.display())))
    }
}

impl Callback for CSVLogger {
    fn on_train_begin(&mut self, _: &mut Model, _: &mut Training) -> Result<()> {
        let mut options = File::options();
        options.create(true).write(true).append(self.append).truncate(!self.append);
        let opened = options.open(&self.path);
        self.file = Some(opened.map_err(|error| Error::Os(format!("{}: {error}", self.path.display())))?);
        self.names.clear();
        Ok(())
    }

    fn on_epoch_end(&mut self, _: &mut Model, epoch: usize, logs: &mut Logs, _: &mut Training) -> Result<()> {
        if self.names.is_empty() {
            self.names = logs.iter().map(|(name, _)| name.clone()).collect();
            self.names.sort();
            // There is room for a validation that is still to come.
            if !self.names.iter().any(|name| name.starts_with("val_")) {
                let later: Vec<String> = self.names.iter().map(|name| format!("val_{name}")).collect();
                self.names.extend(later);
            }
            let begun =
                self.append && self.file.as_ref().is_some_and(|file| file.metadata().is_ok_and(|m| m.len() > 0));
            if !begun {
                self.write(&[&["epoch".to_owned()], &self.names[..]].concat())?;
            }
        }
        let figure = |name: &String| {
            let found = logs.iter().find(|(known, _)| known == name);
            found.map_or_else(|| "NA".into(), |(_, value)| crate::format::py(value).to_string())
        };
        let fields: Vec<String> = std::iter::once(epoch.to_string()).chain(self.names.iter().map(figure)).collect();
        self.write(&fields)
    }

    fn on_train_end(&mut self, _: &mut Model, _: &mut Training) -> Result<()> {
        self.file = None;
        Ok(())
    }
}
