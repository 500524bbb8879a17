//! `keras.models`: layers put together, as a chain or as a graph. What a model is made of is in
//! `graph`, training in `fit`, the compiled steps in `step`, text in `summary`, files in `save`.

mod batch;
mod compile;
mod data;
mod evaluate;
mod fit;
mod graph;
mod history;
mod nested;
mod replicas;
mod save;
mod sequential;
mod step;
mod summary;

use std::sync::Arc;

use super::layers::{Layer, Weight, unique_name};
use super::optimizers::Optimizer;
use crate::error::{Error, Result};
use crate::v2::distribute::{self, Strategy};
use crate::v2::{Tensor, Variable};
use crate::{Array, Shape};
use compile::Compilation;
use graph::{Graph, leaves_of};
use replicas::{Pairs, Update};
use step::Step;

pub use compile::{IntoLosses, Losses};
pub use data::{Examples, Samples};
pub use evaluate::{Evaluate, Predict};
pub use fit::Fit;
pub use history::{Figures, History, Scores};
pub use nested::{Columns, ModelInput, Places};
pub use save::load_model;
pub use sequential::{Addable, Sequential};

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
///
/// Several inputs and outputs are arrays of places; their data are tuples:
///
/// ```
/// use flowbook::keras::{self, layers::{Concatenate, Dense}};
/// use flowbook::np;
/// let (a, b) = (keras::Input([3]), keras::Input([2]));
/// let both = Concatenate::new().call([&a, &b]);
/// let mut model = keras::Model::new([&a, &b], [&Dense::new(1).call(&both), &Dense::new(4).call(&both)]);
/// let outputs = model.predict((np::ones((8, 3)), np::ones((8, 2)))).verbose(0).run_all()?;
/// assert_eq!([outputs[0].shape(), outputs[1].shape()], [[8, 1], [8, 4]]);
/// # Ok::<(), flowbook::Error>(())
/// ```
pub struct Model {
    name: Option<String>,
    class: &'static str,
    graph: Graph,
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
    /// The model that leads from some places to others: `keras.Model(inputs, outputs)`. One place or an array of them.
    ///
    /// # Panics
    /// `ValueError` when an output does not come from the inputs alone.
    #[track_caller]
    pub fn new(inputs: impl Places, outputs: impl Places) -> Model {
        let graph = Graph::between(&inputs.places(), &outputs.places()).unwrap_or_else(|error| error.raise());
        Model { graph, ..Model::empty("Functional") }
    }

    fn empty(class: &'static str) -> Model {
        Model {
            name: None,
            class,
            graph: Graph::chain(),
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

    /// The name, or what stands for it while there is none.
    fn shown_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.class.to_lowercase())
    }

    /// The layers, in order: `model.layers`.
    pub fn layers(&self) -> Vec<Arc<dyn Layer>> {
        let place = |value: usize| self.graph.place(value).map(|place| place.layer.clone());
        self.graph.in_order().into_iter().filter_map(place).collect()
    }

    /// The layer of that name: `model.get_layer(name)`.
    ///
    /// # Errors
    /// `ValueError` when there is none.
    pub fn get_layer(&self, name: &str) -> Result<Arc<dyn Layer>> {
        let layers = self.layers();
        layers.iter().find(|layer| layer.base().name() == name).cloned().ok_or_else(|| {
            let names: Vec<String> = layers.iter().map(|layer| format!("'{}'", layer.base().name())).collect();
            Error::Value(format!("No such layer: {name}. Existing layers are: [{}].", names.join(", ")))
        })
    }

    /// Lets training change the weights of all layers or leave them as they are: `model.trainable = False`. A model that
    /// is compiled learns of it by `compile`.
    pub fn set_trainable(&self, yes: bool) {
        self.graph.places.iter().for_each(|place| place.layer.base().set_trainable(yes));
        self.graph.leaves().iter().for_each(|(layer, _)| layer.base().set_trainable(yes));
    }

    /// Makes the weights for inputs of that shape, whose first axis is the batch: `model.build(input_shape)`.
    ///
    /// # Errors
    /// `ValueError` when a layer cannot take what comes to it.
    pub fn build(&mut self, input_shape: impl Into<Shape>) -> Result<()> {
        self.build_all(&[input_shape.into()])
    }

    /// Makes the weights for inputs of these shapes.
    fn build_all(&mut self, inputs: &[Shape]) -> Result<()> {
        self.check_inputs(inputs.len())?;
        self.graph.shapes(inputs)?;
        for (entry, shape) in self.graph.inputs.iter_mut().zip(inputs) {
            entry.shape.get_or_insert_with(|| shape.clone());
        }
        Ok(())
    }

    fn check_inputs(&self, found: usize) -> Result<()> {
        let wanted = &self.graph.inputs;
        if found == wanted.len() {
            return Ok(());
        }
        let names: Vec<String> =
            wanted.iter().map(|entry| format!("'{}'", entry.name.clone().unwrap_or_default())).collect();
        Err(Error::Value(format!(
            "Layer \"{}\" expects {} named input(s) with keys [{}], but it received {found} input tensors. Pass as many in a \
             tuple, as `model.call((a, b))`.",
            self.shown_name(),
            wanted.len(),
            names.join(", ")
        )))
    }

    /// The predictions for a batch, as when not training: `model(x)`. Several inputs are a tuple; on a place of another
    /// model, the model becomes a layer of that one.
    ///
    /// # Panics
    /// `ValueError` when a layer cannot take what comes to it, or when there are several outputs.
    #[track_caller]
    pub fn call<X: ModelInput>(&self, x: X) -> X::Output {
        x.apply(self, false).unwrap_or_else(|error| error.raise())
    }

    /// The predictions for a batch, as in training: `model(x, training=True)`.
    ///
    /// # Panics
    /// As [`call`](Self::call).
    #[track_caller]
    pub fn call_training<X: ModelInput>(&self, x: X) -> X::Output {
        x.apply(self, true).unwrap_or_else(|error| error.raise())
    }

    /// All outputs for a batch, as when not training: `model(x)` of a model of several outputs.
    ///
    /// # Panics
    /// `ValueError` when a layer cannot take what comes to it.
    #[track_caller]
    pub fn call_all(&self, x: impl Columns) -> Vec<Tensor> {
        self.forward(&x.columns(), false).unwrap_or_else(|error| error.raise())
    }

    /// All outputs for a batch, as in training: `model(x, training=True)` of a model of several outputs.
    ///
    /// # Panics
    /// As [`call_all`](Self::call_all).
    #[track_caller]
    pub fn call_all_training(&self, x: impl Columns) -> Vec<Tensor> {
        self.forward(&x.columns(), true).unwrap_or_else(|error| error.raise())
    }

    fn forward(&self, x: &[Tensor], training: bool) -> Result<Vec<Tensor>> {
        self.check_inputs(x.len())?;
        self.graph.forward(x, training)
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

    /// What the last training saw.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Each weight once, with its layer, and whether training changes it.
    fn each_weight(&self) -> Vec<(Arc<dyn Layer>, Weight, bool)> {
        let mut seen = Vec::new();
        let mut all = Vec::new();
        for (layer, trainable) in self.layers().iter().flat_map(leaves_of) {
            for weight in layer.base().weights() {
                if !seen.contains(&weight.variable.id()) {
                    seen.push(weight.variable.id());
                    let trained = trainable && weight.trainable;
                    all.push((layer.clone(), weight, trained));
                }
            }
        }
        all
    }

    /// Every weight's variable, layer by layer: `model.weights`.
    pub fn weights(&self) -> Vec<Variable> {
        self.each_weight().into_iter().map(|(_, w, _)| w.variable).collect()
    }

    /// The weights that training changes by their gradients: `model.trainable_variables`.
    pub fn trainable_variables(&self) -> Vec<Variable> {
        let trained = |(_, weight, trained): (Arc<dyn Layer>, Weight, bool)| trained.then_some(weight.variable);
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
        let built = if self.graph.input_shapes().is_some() { "True" } else { "False" };
        write!(f, "<{} name={}, built={built}>", self.class, self.shown_name())
    }
}
