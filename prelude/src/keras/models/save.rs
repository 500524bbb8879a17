//! Models in files: the architecture as JSON, the weights as safetensors, side by side under one name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::Model;
use super::compile::Compilation;
use super::graph::{Entry, Graph, Place};
use super::nested::Nested;
use super::sequential::Sequential;
use crate::data::safetensors;
use crate::error::{Error, Result};
use crate::keras::layers::{Layer, from_config};
use crate::keras::losses::Loss;
use crate::keras::metrics::Request;
use crate::keras::optimizers::Optimizer;
use crate::{Array, Shape};

/// What a model is made of, as JSON.
pub(super) fn graph_config(graph: &Graph) -> Value {
    let place = |p: &Place| {
        json!({
            "class_name": p.layer.class_name(),
            "name": p.layer.base().name(),
            "trainable": p.layer.base().trainable(),
            "inputs": p.inputs,
            "config": p.layer.config(),
        })
    };
    let entry = |e: &Entry| {
        let dims = e.shape.as_ref().and_then(|s| s.dims().map(<[_]>::to_vec));
        json!({ "name": e.name, "shape": dims })
    };
    json!({
        "inputs": graph.inputs.iter().map(entry).collect::<Vec<_>>(),
        "layers": graph.places.iter().map(place).collect::<Vec<_>>(),
        "outputs": graph.outputs,
    })
}

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
        let compile = self.compilation.as_ref().map(|c| {
            let metrics: Vec<Value> = c.metrics.iter().map(|(output, m)| json!([output, m.config()])).collect();
            let losses: Vec<Value> =
                c.losses.iter().map(|loss| loss.as_ref().map_or(Value::Null, Loss::config)).collect();
            json!({ "optimizer": c.optimizer.config(), "losses": losses, "metrics": metrics })
        });
        let model = json!({
            "class_name": self.class,
            "name": self.name(),
            "config": graph_config(&self.graph),
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
        named.map(|(l, w, _)| (format!("{}/{}", l.base().name(), w.name), w.variable.numpy())).collect()
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

fn missing(key: &str) -> Error {
    Error::Value(format!("the model has no '{key}'"))
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value.get(key).and_then(Value::as_array).ok_or_else(|| missing(key))
}

fn numbers(values: &[Value]) -> Vec<usize> {
    values.iter().filter_map(Value::as_u64).map(|n| n as usize).collect()
}

fn from_json(value: &Value) -> Result<Model> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let mut model = Sequential::new().into_model();
    model.class = class_named(text("class_name").unwrap_or_default());
    model.name = text("name").map(str::to_owned);
    model.graph = graph_from(value.get("config").ok_or_else(|| missing("config"))?)?;
    if let Some(shapes) = model.graph.input_shapes() {
        model.build_all(&shapes)?;
    }
    if let Some(compile) = value.get("compile").filter(|c| !c.is_null()) {
        compile_from(&mut model, compile)?;
    }
    Ok(model)
}

fn class_named(name: &str) -> &'static str {
    if name == "Functional" { "Functional" } else { "Sequential" }
}

fn graph_from(config: &Value) -> Result<Graph> {
    let entry = |value: &Value| {
        let dims = value["shape"].as_array().map(|dims| dims.iter().map(|d| d.as_u64().map(|n| n as usize)));
        let shape = dims.map(|dims| Shape::from(dims.collect::<Vec<Option<usize>>>()));
        Entry { name: value["name"].as_str().map(str::to_owned), shape }
    };
    let inputs: Vec<Entry> = list(config, "inputs")?.iter().map(entry).collect();
    let mut graph = Graph { inputs, places: Vec::new(), outputs: numbers(list(config, "outputs")?) };
    for layer in list(config, "layers")? {
        let made = layer_from(layer, &graph)?;
        let inputs = numbers(list(layer, "inputs")?);
        if inputs.iter().any(|i| *i >= graph.inputs.len() + graph.places.len()) {
            return Err(Error::Value(format!("the layer '{}' takes what comes after it", made.base().name())));
        }
        graph.places.push(Place { layer: made, inputs });
    }
    if graph.outputs.is_empty() || graph.outputs.iter().any(|o| *o >= graph.inputs.len() + graph.places.len()) {
        return Err(missing("outputs"));
    }
    Ok(graph)
}

/// A layer; one that is used a second time is the same.
fn layer_from(layer: &Value, graph: &Graph) -> Result<Arc<dyn Layer>> {
    let of = |key: &str| layer.get(key).ok_or_else(|| missing(key));
    let (class, name) = (of("class_name")?.as_str().unwrap_or_default(), of("name")?.as_str().unwrap_or_default());
    if let Some(known) = graph.places.iter().find(|place| place.layer.base().name() == name) {
        return Ok(known.layer.clone());
    }
    let made = match class {
        "Functional" | "Sequential" => Nested::of(class_named(class), name, graph_from(of("config")?)?),
        _ => from_config(class, of("config")?)?,
    };
    made.base().set_name(name);
    made.base().set_trainable(of("trainable")?.as_bool().unwrap_or(true));
    Ok(made)
}

/// Compiles as the file says, where names say it all; a model with a loss or a schedule of the user's own is left as it is.
fn compile_from(model: &mut Model, compile: &Value) -> Result<()> {
    let Some(optimizer) = Optimizer::from_config(&compile["optimizer"]) else { return Ok(()) };
    let loss = |config: &Value| if config.is_null() { Ok(None) } else { Loss::from_config(config).map(Some) };
    let losses: Result<Vec<Option<Loss>>> = list(compile, "losses")?.iter().map(loss).collect();
    let Ok(losses) = losses else { return Ok(()) };
    let metric = |entry: &Value| Some((entry[0].as_u64()? as usize, Request::from_config(&entry[1])?));
    let metrics: Option<Vec<(usize, Request)>> = list(compile, "metrics")?.iter().map(metric).collect();
    let Some(metrics) = metrics else { return Ok(()) };
    metrics.iter().try_for_each(|(_, request)| request.check())?;
    model.compilation = Some(Compilation { optimizer, losses, metrics });
    Ok(())
}
