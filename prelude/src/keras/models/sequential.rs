//! `keras.Sequential`: a model that is a chain of layers.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::Model;
use super::graph::Place;
use crate::error::Result;
use crate::keras::layers::{Layer, build_layer};
use crate::keras::tensor::KerasTensor;

/// A chain of layers: `keras.Sequential()`.
///
/// ```
/// use flowbook::keras::{Sequential, layers::Dense};
/// let mut model = Sequential::new();
/// model.add(Dense::new(32).input_shape([2]).activation("relu"));
/// model.add(Dense::new(1).activation("sigmoid"));
/// assert_eq!(model.count_params(), 129);
///
/// let same = Sequential::from((Dense::new(32).input_shape([2]).activation("relu"), Dense::new(1).activation("sigmoid")));
/// assert_eq!(same.count_params(), 129);
/// ```
pub struct Sequential(Model);

/// What a chain may be given: a layer, or a placeholder that says what comes in.
pub trait Addable {
    #[doc(hidden)]
    fn add_to(self, model: &mut Model) -> Result<()>;
}

impl<L: Layer> Addable for L {
    fn add_to(self, model: &mut Model) -> Result<()> {
        push(model, Arc::new(self))
    }
}

impl Addable for Arc<dyn Layer> {
    fn add_to(self, model: &mut Model) -> Result<()> {
        push(model, self)
    }
}

impl Addable for KerasTensor {
    fn add_to(self, model: &mut Model) -> Result<()> {
        model.graph.inputs[0].shape = Some(self.shape());
        Ok(())
    }
}

impl Addable for &Model {
    fn add_to(self, model: &mut Model) -> Result<()> {
        push(model, self.nested()?)
    }
}

impl Addable for Model {
    fn add_to(self, model: &mut Model) -> Result<()> {
        (&self).add_to(model)
    }
}

impl Addable for &Sequential {
    fn add_to(self, model: &mut Model) -> Result<()> {
        self.0.nested().and_then(|layer| push(model, layer))
    }
}

impl Addable for Sequential {
    fn add_to(self, model: &mut Model) -> Result<()> {
        (&self).add_to(model)
    }
}

fn push(model: &mut Model, layer: Arc<dyn Layer>) -> Result<()> {
    let graph = &mut model.graph;
    if graph.places.is_empty() && graph.inputs[0].shape.is_none() {
        graph.inputs[0].shape = layer.base().input_shape();
    }
    layer.base().name();
    if let Some(inputs) = graph.input_shapes() {
        let shape = graph.shapes(&inputs)?.swap_remove(graph.outputs[0]);
        build_layer(&*layer, &[shape])?;
    }
    graph.places.push(Place { layer, inputs: vec![graph.outputs[0]] });
    graph.outputs = vec![graph.places.len()];
    model.forget_steps();
    Ok(())
}

impl Default for Sequential {
    fn default() -> Sequential {
        Sequential::new()
    }
}

impl Sequential {
    /// Without layers yet.
    pub fn new() -> Sequential {
        Sequential(Model::empty("Sequential"))
    }

    pub(super) fn into_model(self) -> Model {
        self.0
    }

    /// Gives it a name: `name=`.
    #[must_use]
    pub fn named(self, name: &str) -> Sequential {
        Sequential(self.0.named(name))
    }

    /// Adds a layer at the end: `model.add(layer)`.
    ///
    /// # Panics
    /// `ValueError` when the layer cannot take what comes to it.
    #[track_caller]
    pub fn add(&mut self, layer: impl Addable) {
        layer.add_to(&mut self.0).unwrap_or_else(|error| error.raise());
    }

    /// Takes the last layer away: `model.pop()`.
    pub fn pop(&mut self) {
        self.0.graph.places.pop();
        self.0.graph.outputs = vec![self.0.graph.places.len()];
        self.0.forget_steps();
    }
}

/// Layers in a tuple: `keras.Sequential([...])` is `Sequential::from((...))`.
macro_rules! chains {
    ($($($T:ident $i:tt),+;)*) => { $(
        impl<$($T: Addable),+> From<($($T,)+)> for Sequential {
            #[track_caller]
            fn from(layers: ($($T,)+)) -> Sequential {
                let mut model = Sequential::new();
                $(model.add(layers.$i);)+
                model
            }
        }
    )* };
}
chains! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15;
}

impl Deref for Sequential {
    type Target = Model;
    fn deref(&self) -> &Model {
        &self.0
    }
}

impl DerefMut for Sequential {
    fn deref_mut(&mut self) -> &mut Model {
        &mut self.0
    }
}

impl std::fmt::Debug for Sequential {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
