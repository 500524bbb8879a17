//! Models in files: the architecture as JSON, the weights as safetensors, side by side under one name.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::sequential::Sequential;
use super::{Model, Place};
use crate::data::safetensors;
use crate::error::{Error, Result};
use crate::keras::layers::from_config;
use crate::keras::losses::Loss;
use crate::keras::optimizers::IntoOptimizer;
use crate::{Array, Shape};

fn beside(path: &Path, extension: &str) -> PathBuf {
    match path.extension().and_then(|e| e.to_str()) {
        Some("json" | "safetensors" | "keras") => path.with_extension(extension),
        _ => PathBuf::from(format!("{}.{extension}", path.display())),
    }
}

fn in_file(path: &Path, error: impl std::fmt::Display) -> Error {
    Error::Os(format!("{}: {error}", path.display()))
}

impl Model {
    /// The architecture as JSON: `model.to_json()`.
    pub fn to_json(&mut self) -> String {
        let place = |p: &Place| {
            json!({
                "class_name": p.layer.class_name(),
                "name": p.layer.base().name(),
                "trainable": p.layer.base().trainable(),
                "inputs": p.inputs,
                "config": p.layer.config(),
            })
        };
        let dims = self.input.as_ref().and_then(|s| s.dims().map(<[_]>::to_vec));
        let compile = self.compilation.as_ref().map(|c| {
            let metrics: Vec<&str> = c.metrics.iter().map(|m| m.name()).collect();
            json!({ "optimizer": c.optimizer.config(), "loss": c.loss.config(), "metrics": metrics })
        });
        let model = json!({
            "class_name": self.class,
            "name": self.name(),
            "input_name": self.input_name,
            "input_shape": dims,
            "layers": self.places.iter().map(place).collect::<Vec<_>>(),
            "output": self.output,
            "compile": compile,
        });
        format!("{model:#}")
    }

    /// Writes the model to `PATH.json` and its weights to `PATH.safetensors`: `model.save(path)`.
    ///
    /// # Errors
    /// `OSError` when a file cannot be written.
    pub fn save(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let json = beside(path.as_ref(), "json");
        std::fs::write(&json, self.to_json()).map_err(|e| in_file(&json, e))?;
        self.save_weights(path)
    }

    /// Writes the weights to `PATH.safetensors`: `model.save_weights(path)`.
    ///
    /// # Errors
    /// `OSError` when the file cannot be written.
    pub fn save_weights(&self, path: impl AsRef<Path>) -> Result<()> {
        safetensors::write(&beside(path.as_ref(), "safetensors"), &self.named_weights())
    }

    /// Reads weights that [`save_weights`](Self::save_weights) or [`save`](Self::save) wrote: `model.load_weights(path)`.
    ///
    /// # Errors
    /// `OSError` when the file cannot be read, `ValueError` when it is damaged or holds other weights.
    pub fn load_weights(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = beside(path.as_ref(), "safetensors");
        let found = safetensors::read(&path)?;
        let names = self.named_weights();
        let value = |(name, _): &(String, Array)| {
            let array = found.iter().find(|(n, _)| n == name).map(|(_, a)| a.clone());
            array.ok_or_else(|| Error::Value(format!("{}: there is no weight '{name}' in the file", path.display())))
        };
        let values: Vec<Array> = names.iter().map(value).collect::<Result<_>>()?;
        self.set_weights(&values).map_err(|e| Error::Value(format!("{}: {}", path.display(), e.message())))
    }

    fn named_weights(&self) -> Vec<(String, Array)> {
        let named = self.each_weight().into_iter();
        named.map(|(l, w)| (format!("{}/{}", l.base().name(), w.name), w.variable.numpy())).collect()
    }
}

/// Reads a model that [`Model::save`] wrote, compiled as it was: `keras.models.load_model(path)`. The memory of the
/// optimizer starts anew.
///
/// # Errors
/// `OSError` when a file cannot be read, `ValueError` when it is damaged or names what there is not.
pub fn load_model(path: impl AsRef<Path>) -> Result<Model> {
    let json = beside(path.as_ref(), "json");
    let text = std::fs::read_to_string(&json).map_err(|e| in_file(&json, e))?;
    let broken = |what: String| Error::Value(format!("{}: {what}", json.display()));
    let value: Value = serde_json::from_str(&text).map_err(|e| broken(e.to_string()))?;
    let model = from_json(&value).map_err(|e| broken(e.message().to_owned()))?;
    model.load_weights(path)?;
    Ok(model)
}

fn from_json(value: &Value) -> Result<Model> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let missing = |key: &str| Error::Value(format!("the model has no '{key}'"));
    let mut model = Sequential::new().into_model();
    model.class = if text("class_name") == Some("Functional") { "Functional" } else { "Sequential" };
    model.name = text("name").map(str::to_owned);
    model.input_name = text("input_name").map(str::to_owned);
    for layer in value.get("layers").and_then(Value::as_array).ok_or_else(|| missing("layers"))? {
        let of = |key: &str| layer.get(key).ok_or_else(|| missing(key));
        let made = from_config(of("class_name")?.as_str().unwrap_or_default(), of("config")?)?;
        made.base().set_name(of("name")?.as_str().unwrap_or_default());
        made.base().set_trainable(of("trainable")?.as_bool().unwrap_or(true));
        let inputs = of("inputs")?.as_array().into_iter().flatten().filter_map(Value::as_u64);
        let inputs: Vec<usize> = inputs.map(|i| i as usize).collect();
        if inputs.iter().any(|i| *i > model.places.len()) {
            return Err(Error::Value(format!("the layer '{}' takes what comes after it", made.base().name())));
        }
        model.places.push(Place { layer: made, inputs });
    }
    model.output = value.get("output").and_then(Value::as_u64).unwrap_or(0) as usize;
    if let Some(dims) = value.get("input_shape").and_then(Value::as_array) {
        let dims: Vec<Option<usize>> = dims.iter().map(|d| d.as_u64().map(|n| n as usize)).collect();
        model.build(Shape::from(dims))?;
    }
    if let Some(compile) = value.get("compile").filter(|c| !c.is_null()) {
        compile_from(&mut model, compile)?;
    }
    Ok(model)
}

/// Compiles as the file says, where names say it all; a model with a loss or a schedule of the user's own is left as it is.
fn compile_from(model: &mut Model, compile: &Value) -> Result<()> {
    let optimizer = &compile["optimizer"];
    let (Some(class), Some(rate)) = (optimizer["class_name"].as_str(), optimizer["learning_rate"].as_f64()) else {
        return Ok(());
    };
    let Ok(loss) = Loss::from_config(&compile["loss"]) else { return Ok(()) };
    let made = class.into_optimizer()?;
    made.set_learning_rate(rate);
    let metrics = compile["metrics"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let metrics: Vec<&str> = metrics.collect();
    model.compile(made, loss, ())?;
    if let Some(compilation) = &mut model.compilation {
        use crate::keras::metrics::IntoMetrics;
        compilation.metrics = metrics.into_iter().flat_map(IntoMetrics::into_metrics).collect();
    }
    Ok(())
}
