//! `keras.models`: layers put together, as a chain or as a graph. Training is in `fit`, the compiled steps in `step`, text
//! in `summary`, files in `save`.

mod data;
mod fit;
mod history;
mod replicas;
mod save;
mod sequential;
mod step;
mod summary;

use std::sync::Arc;

use super::layers::{Layer, Weight, apply, build_layer, unique_name};
use super::losses::{IntoLoss, Loss};
use super::metrics::{IntoMetrics, Request};
use super::optimizers::{IntoOptimizer, Optimizer};
use super::tensor::KerasTensor;
use crate::error::{Error, Result};
use crate::v2::distribute::{self, Strategy};
use crate::v2::{IntoTensor, Tensor, Variable};
use crate::{Array, Shape};
use replicas::{Pairs, Update};
use step::Step;

pub use data::{Examples, Samples};
pub use fit::{Evaluate, Fit, Predict};
pub use history::{Figures, History};
pub use save::load_model;
pub use sequential::{Addable, Sequential};

/// One layer's place in a model: which of the values so far it takes. Value 0 is the model's input.
#[derive(Clone)]
struct Place {
    layer: Arc<dyn Layer>,
    inputs: Vec<usize>,
}

/// What `compile` was told.
#[derive(Clone)]
struct Compilation {
    optimizer: Optimizer,
    loss: Loss,
    metrics: Vec<Request>,
}

/// A model of layers: `keras.Model`.
///
/// ```
/// use flowbook::keras::{self, layers::{Add, Dense}};
/// let x = keras::Input([4]);
/// let left = Dense::new(3).call(&x);
/// let right = Dense::new(3).activation("tanh").call(&x);
/// let y = Dense::new(1).call(&Add::new().call([&left, &right]));
/// let model = keras::Model::new(&x, &y);
/// assert_eq!(model.count_params(), 34);
/// ```
pub struct Model {
    name: Option<String>,
    class: &'static str,
    input_name: Option<String>,
    input: Option<Shape>,
    places: Vec<Place>,
    output: usize,
    compilation: Option<Compilation>,
    steps: Vec<(step::Signature, Step)>,
    /// The strategy it was made under.
    strategy: Option<Strategy>,
    /// With several replicas: where gradients come together, and what follows then.
    gradients: Pairs,
    update: Option<Update>,
    history: History,
}

impl Model {
    /// The model that leads from one place to another: `keras.Model(inputs, outputs)`.
    ///
    /// # Panics
    /// `ValueError` when the output does not come from the input alone.
    #[track_caller]
    pub fn new(inputs: &KerasTensor, outputs: &KerasTensor) -> Model {
        let mut known: Vec<KerasTensor> = vec![inputs.clone()];
        let mut places = Vec::new();
        let output = collect(outputs, &mut known, &mut places).unwrap_or_else(|error| error.raise());
        Model {
            input_name: Some(inputs.name().into()),
            output,
            places,
            ..Model::empty("Functional", Some(inputs.shape()))
        }
    }

    fn empty(class: &'static str, input: Option<Shape>) -> Model {
        Model {
            name: None,
            class,
            input_name: None,
            input,
            places: Vec::new(),
            output: 0,
            compilation: None,
            steps: Vec::new(),
            strategy: distribute::in_scope(),
            gradients: Pairs::new(),
            update: None,
            history: History::default(),
        }
    }

    /// Gives it a name: `name=`.
    #[must_use]
    pub fn named(mut self, name: &str) -> Model {
        self.name = Some(name.into());
        self
    }

    /// The name.
    pub fn name(&mut self) -> String {
        let class = self.class;
        self.name.get_or_insert_with(|| unique_name(class)).clone()
    }

    /// The layers, in order: `model.layers`.
    pub fn layers(&self) -> Vec<Arc<dyn Layer>> {
        self.places.iter().map(|p| p.layer.clone()).collect()
    }

    /// The layer of that name: `model.get_layer(name)`.
    ///
    /// # Errors
    /// `ValueError` when there is none.
    pub fn get_layer(&self, name: &str) -> Result<Arc<dyn Layer>> {
        let found = self.places.iter().find(|p| p.layer.base().name() == name);
        found.map(|p| p.layer.clone()).ok_or_else(|| {
            let names: Vec<String> = self.places.iter().map(|p| format!("'{}'", p.layer.base().name())).collect();
            Error::Value(format!("No such layer: {name}. Existing layers are: [{}].", names.join(", ")))
        })
    }

    /// Makes the weights for inputs of that shape, whose first axis is the batch: `model.build(input_shape)`.
    ///
    /// # Errors
    /// `ValueError` when a layer cannot take what comes to it.
    pub fn build(&mut self, input_shape: impl Into<Shape>) -> Result<()> {
        let input = input_shape.into();
        self.shapes(&input)?;
        self.input.get_or_insert(input);
        Ok(())
    }

    /// The shape of every value, the weights made on the way.
    fn shapes(&self, input: &Shape) -> Result<Vec<Shape>> {
        let mut values = vec![input.clone()];
        for place in &self.places {
            let inputs: Vec<Shape> = place.inputs.iter().map(|i| values[*i].clone()).collect();
            values.push(build_layer(&*place.layer, &inputs)?);
        }
        Ok(values)
    }

    /// The predictions for a batch, as when not training: `model(x)`.
    ///
    /// # Panics
    /// `ValueError` when a layer cannot take what comes to it.
    #[track_caller]
    pub fn call(&self, x: impl IntoTensor) -> Tensor {
        self.forward(&x.into_operand().tensor(), false).unwrap_or_else(|error| error.raise())
    }

    /// The predictions for a batch, as in training: `model(x, training=True)`.
    ///
    /// # Panics
    /// As [`call`](Self::call).
    #[track_caller]
    pub fn call_training(&self, x: impl IntoTensor) -> Tensor {
        self.forward(&x.into_operand().tensor(), true).unwrap_or_else(|error| error.raise())
    }

    fn forward(&self, x: &Tensor, training: bool) -> Result<Tensor> {
        let mut values = vec![x.clone()];
        for place in &self.places {
            let inputs: Vec<Tensor> = place.inputs.iter().map(|i| values[*i].clone()).collect();
            values.push(apply(&*place.layer, &inputs, training)?);
        }
        Ok(values.swap_remove(self.output))
    }

    /// Says how it is to be trained: `model.compile(optimizer, loss, metrics)`. Optimizer, loss and metrics are objects or
    /// names; `()` stands for no metrics.
    ///
    /// # Errors
    /// `ValueError` for a name that Keras does not know.
    pub fn compile(
        &mut self,
        optimizer: impl IntoOptimizer,
        loss: impl IntoLoss,
        metrics: impl IntoMetrics,
    ) -> Result<()> {
        let metrics = metrics.into_metrics();
        metrics.iter().try_for_each(Request::check)?;
        let (optimizer, loss) = (optimizer.into_optimizer()?, loss.into_loss()?);
        self.compilation = Some(Compilation { optimizer, loss, metrics });
        self.forget_steps();
        Ok(())
    }

    /// Lets steps be compiled anew: something that they were made of is another now.
    fn forget_steps(&mut self) {
        self.steps.clear();
        self.gradients.clear();
        self.update = None;
    }

    fn compilation(&self) -> Result<&Compilation> {
        let missing = || Error::Value("You must call `compile()` before using the model.".into());
        self.compilation.as_ref().ok_or_else(missing)
    }

    /// The optimizer it was compiled with: `model.optimizer`.
    ///
    /// # Errors
    /// `ValueError` before `compile`.
    pub fn optimizer(&self) -> Result<Optimizer> {
        Ok(self.compilation()?.optimizer.clone())
    }

    /// The names of what `evaluate` returns: `model.metrics_names`.
    pub fn metrics_names(&self) -> Vec<String> {
        let metrics = self.compilation.iter().flat_map(|c| c.metrics.iter().map(|m| m.name().to_owned()));
        std::iter::once("loss".to_owned()).chain(metrics).collect()
    }

    /// What the last training saw.
    pub fn history(&self) -> &History {
        &self.history
    }

    fn each_weight(&self) -> Vec<(Arc<dyn Layer>, Weight)> {
        let mut seen = Vec::new();
        let mut all = Vec::new();
        for place in &self.places {
            for weight in place.layer.base().weights() {
                // A layer used twice has its weights once.
                if !seen.contains(&weight.variable.id()) {
                    seen.push(weight.variable.id());
                    all.push((place.layer.clone(), weight));
                }
            }
        }
        all
    }

    /// Every weight's variable, layer by layer: `model.weights`.
    pub fn weights(&self) -> Vec<Variable> {
        self.each_weight().into_iter().map(|(_, w)| w.variable).collect()
    }

    /// The weights that training changes by their gradients: `model.trainable_variables`.
    pub fn trainable_variables(&self) -> Vec<Variable> {
        let trained = |(layer, weight): (Arc<dyn Layer>, Weight)| {
            (weight.trainable && layer.base().trainable()).then_some(weight.variable)
        };
        self.each_weight().into_iter().filter_map(trained).collect()
    }

    /// The values of all weights: `model.get_weights()`.
    pub fn get_weights(&self) -> Vec<Array> {
        self.weights().iter().map(Variable::numpy).collect()
    }

    /// Gives all weights new values: `model.set_weights(weights)`.
    ///
    /// # Errors
    /// `ValueError` for another number of weights, or another shape.
    pub fn set_weights(&self, values: &[Array]) -> Result<()> {
        let weights = self.weights();
        if weights.len() != values.len() {
            return Err(Error::Value(format!(
                "You called `set_weights(weights)` on a model with a weight list of length {}, but the model was expecting \
                 {} weights.",
                values.len(),
                weights.len()
            )));
        }
        for (weight, value) in weights.iter().zip(values) {
            if weight.sizes() != value.shape() {
                return Err(Error::Value(format!(
                    "Layer weight shape {} is not compatible with provided weight shape {}.",
                    weight.shape(),
                    Shape::from(value.shape())
                )));
            }
            weight.set(&crate::ops::cast_array(value, weight.dtype()));
        }
        Ok(())
    }

    /// The number of weights' elements: `model.count_params()`.
    pub fn count_params(&self) -> usize {
        self.weights().iter().map(|w| w.sizes().iter().product::<usize>()).sum()
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let name = self.name.clone().unwrap_or_else(|| self.class.to_lowercase());
        write!(f, "<{} name={name}, built={}>", self.class, if self.input.is_some() { "True" } else { "False" })
    }
}

/// Adds what leads to `wanted` and returns its number.
fn collect(wanted: &KerasTensor, known: &mut Vec<KerasTensor>, places: &mut Vec<Place>) -> Result<usize> {
    if let Some(at) = known.iter().position(|k| k.is(wanted)) {
        return Ok(at);
    }
    let Some((layer, inputs)) = wanted.from() else {
        return Err(Error::Value(format!("`inputs` not connected to `outputs`: {wanted} is an input of its own")));
    };
    let inputs = inputs.iter().map(|i| collect(i, known, places)).collect::<Result<_>>()?;
    places.push(Place { layer: layer.clone(), inputs });
    known.push(wanted.clone());
    Ok(known.len() - 1)
}
