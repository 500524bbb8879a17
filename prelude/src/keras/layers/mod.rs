//! `keras.layers`: what a layer is, and what all of them share: a name, weights that are made for the first input's
//! shape, a place in a model. The layers themselves are in the other files, by kind.

mod activation;
mod adapted;
mod arguments;
mod augmentation;
mod conv;
mod core;
mod filters;
mod lambda;
mod merge;
mod normalization;
mod recurrent;
mod reshaping;
mod resizing;
mod sequence;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::regularizers::Regularizer;
use super::tensor::KerasTensor;
use crate::error::{Error, Result};
use crate::v2::{Built, Gradient, Tensor, Variable, attempt, outside, shape_v2};
use crate::{Array, Shape};

pub use activation::{Activation, ELU, LeakyReLU, PReLU, ReLU, Softmax};
pub use adapted::{LayerNormalization, Normalization};
pub use augmentation::{RandomBrightness, RandomContrast, RandomFlip, RandomRotation, RandomTranslation, RandomZoom};
pub use conv::{AveragePooling2D, Conv2D, IntoPair, MaxPooling2D};
pub use core::{Dense, Dropout, GaussianNoise};
pub use filters::{Conv2DTranspose, DepthwiseConv2D, SeparableConv2D};
pub use lambda::Lambda;
pub use merge::{
    Add, Average, Concatenate, Maximum, Minimum, Multiply, Subtract, add, average, concatenate, maximum, minimum,
    multiply, subtract,
};
pub use normalization::BatchNormalization;
pub use recurrent::{GRU, LSTM, SimpleRNN};
pub use reshaping::{Flatten, Rescaling, Reshape};
pub use resizing::{
    GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D, UpSampling2D, ZeroPadding2D,
};
pub use sequence::{AveragePooling1D, Conv1D, Embedding, MaxPooling1D};

pub(crate) use core::from_config;

/// A weight of a layer.
#[derive(Clone)]
pub struct Weight {
    /// The name inside the layer, `"kernel"`.
    pub name: &'static str,
    /// Where its value lives.
    pub variable: Variable,
    /// Whether training changes it by its gradient.
    pub trainable: bool,
}

impl Weight {
    pub(super) fn new(name: &'static str, value: &Tensor, trainable: bool) -> Weight {
        let variable = Variable::of(&value.numpy(), name);
        variable.set_trainable(trainable);
        Weight { name, variable, trainable }
    }
}

/// One step of a model: a function of tensors with weights of its own.
pub trait Layer: Send + Sync + 'static {
    /// The class name, `"Dense"`.
    fn class_name(&self) -> &'static str;

    /// What every layer has.
    fn base(&self) -> &Base;

    /// A handle to this same layer.
    fn handle(&self) -> Arc<dyn Layer>;

    /// Makes the weights for inputs of these shapes, whose first axis is the batch.
    ///
    /// # Errors
    /// `ValueError` when the layer cannot take such inputs.
    fn build(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        let _ = inputs;
        Ok(Vec::new())
    }

    /// The shape of the result.
    ///
    /// # Errors
    /// `ValueError` when the layer cannot take such inputs.
    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        Ok(inputs[0].clone())
    }

    /// The result for inputs of the shapes the layer was built for.
    fn forward(&self, weights: &[Weight], inputs: &[Tensor], training: bool) -> Tensor;

    /// The layers inside it, when it is a model in the place of a layer.
    fn layers(&self) -> Vec<Arc<dyn Layer>> {
        Vec::new()
    }

    /// The penalties on weights, by their number.
    fn regularizers(&self) -> Vec<(usize, Regularizer)> {
        Vec::new()
    }

    /// The arguments as JSON, for models that are saved.
    fn config(&self) -> Value;
}

/// What every layer has: a name, whether it is trained, the shape it was told to expect, its weights.
#[derive(Clone)]
pub struct Base(Arc<Mutex<State>>);

struct State {
    class: &'static str,
    name: Option<String>,
    trainable: bool,
    input_shape: Option<Vec<Option<usize>>>,
    built: Option<BuiltLayer>,
}

#[derive(Clone)]
struct BuiltLayer {
    weights: Vec<Weight>,
    inputs: Vec<Shape>,
    output: Shape,
}

static COUNTS: Mutex<Option<HashMap<String, usize>>> = Mutex::new(None);

/// A name that no layer or model has yet: `dense`, `dense_1`, ...
pub(crate) fn unique_name(class: &str) -> String {
    let base = snake_case(class);
    let mut counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    let count = counts.get_or_insert_default().entry(base.clone()).or_insert(0);
    *count += 1;
    if *count == 1 { base } else { format!("{base}_{}", *count - 1) }
}

/// Lets names start anew: `keras.backend.clear_session()`.
pub(crate) fn forget_names() {
    *COUNTS.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// Keras' way: a bar before a capital that small letters follow, and between a small letter and a capital.
fn snake_case(class: &str) -> String {
    let letters: Vec<char> = class.chars().collect();
    let mut out = String::new();
    for (i, c) in letters.iter().enumerate() {
        let next_is_small = letters.get(i + 1).is_some_and(char::is_ascii_lowercase);
        let after_small = i > 0 && letters[i - 1].is_ascii_lowercase();
        if i > 0 && c.is_ascii_uppercase() && (next_is_small || after_small) {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

impl Base {
    pub(super) fn new(class: &'static str) -> Base {
        let state = State { class, name: None, trainable: true, input_shape: None, built: None };
        Base(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name, given or made up.
    pub fn name(&self) -> String {
        let mut state = self.state();
        let class = state.class;
        state.name.get_or_insert_with(|| unique_name(class)).clone()
    }

    pub(crate) fn set_name(&self, name: &str) {
        self.state().name = Some(name.into());
    }

    /// Lets training change the weights or leave them as they are: `layer.trainable = False`. A model that is compiled
    /// learns of it by `compile`.
    pub fn set_trainable(&self, yes: bool) {
        self.state().trainable = yes;
    }

    /// Whether both belong to the same layer.
    pub(crate) fn is(&self, other: &Base) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether training changes the weights.
    pub fn trainable(&self) -> bool {
        self.state().trainable
    }

    pub(crate) fn set_input_shape(&self, dims: Vec<Option<usize>>) {
        self.state().input_shape = Some(dims);
    }

    /// The shape the layer was told to expect, with the batch in front.
    pub(crate) fn input_shape(&self) -> Option<Shape> {
        let dims = self.state().input_shape.clone()?;
        Some(Shape::from([&[None], &dims[..]].concat()))
    }

    /// The weights, when they have been made.
    pub fn weights(&self) -> Vec<Weight> {
        self.state().built.as_ref().map(|b| b.weights.clone()).unwrap_or_default()
    }

    /// The shape of the result, when the weights have been made.
    pub(crate) fn output(&self) -> Option<Shape> {
        self.state().built.as_ref().map(|b| b.output.clone())
    }

    /// Whether the weights have been made.
    pub fn built(&self) -> bool {
        self.state().built.is_some()
    }
}

/// The layer's error about its input, in Keras' words.
pub(super) fn incompatible(layer: &dyn Layer, what: String) -> Error {
    Error::Value(format!(
        "Input 0 with name 'None' of layer '{}' is incompatible with the layer: {what}",
        layer.base().name()
    ))
}

/// Makes the layer's weights for such inputs, unless it has them; the shape of its result.
pub(crate) fn build_layer(layer: &dyn Layer, inputs: &[Shape]) -> Result<Shape> {
    let state = layer.base().state();
    let known = state.built.clone();
    drop(state);
    if let Some(known) = known {
        check_known(layer, &known, inputs)?;
        return layer.output_shape(inputs);
    }
    let output = layer.output_shape(inputs)?;
    let weights = outside(|| layer.build(inputs))?;
    let name = layer.base().name();
    for weight in &weights {
        let _ = weight.variable.clone().named(&format!("{name}/{}", weight.name));
    }
    let built = BuiltLayer { weights, inputs: inputs.to_vec(), output: output.clone() };
    layer.base().state().built = Some(built);
    Ok(output)
}

/// A layer with weights takes inputs whose last axis is what the weights were made for.
fn check_known(layer: &dyn Layer, known: &BuiltLayer, inputs: &[Shape]) -> Result<()> {
    if known.weights.is_empty() {
        return Ok(());
    }
    for (input, first) in inputs.iter().zip(&known.inputs) {
        let (Some(now), Some(then)) = (input.dims(), first.dims()) else { continue };
        if now.len() != then.len() {
            let what = format!(
                "expected ndim={}, found ndim={}. Full shape received: {}",
                then.len(),
                now.len(),
                shape_v2(input)
            );
            return Err(incompatible(layer, what));
        }
        if let (Some(Some(now)), Some(Some(then))) = (now.last(), then.last())
            && now != then
        {
            let what = format!(
                "expected axis -1 of input shape to have value {then}, but received input with shape {}",
                shape_v2(input)
            );
            return Err(incompatible(layer, what));
        }
    }
    Ok(())
}

/// Calls a layer on tensors, making its weights when it is the first time.
pub(crate) fn apply(layer: &dyn Layer, inputs: &[Tensor], training: bool) -> Result<Tensor> {
    let shapes: Vec<Shape> = inputs.iter().map(Tensor::shape).collect();
    build_layer(layer, &shapes)?;
    let weights = layer.base().weights();
    attempt(|| layer.forward(&weights, inputs, training)).map_err(|error| in_layer(error, layer))
}

/// The error with the layer it happened in.
fn in_layer(error: Error, layer: &dyn Layer) -> Error {
    let lead = |m: String| match m.contains("layer '") {
        true => m,
        false => {
            format!("Exception encountered when calling layer '{}' ({}): {m}", layer.base().name(), layer.class_name())
        }
    };
    match error {
        Error::Value(m) => Error::Value(lead(m)),
        Error::InvalidArgument(m) => Error::InvalidArgument(lead(m)),
        Error::Type(m) => Error::Type(lead(m)),
        other => other,
    }
}

/// What a layer may be called on: a tensor gives a tensor; a placeholder of a model gives a placeholder.
pub trait LayerInput {
    /// What comes of it.
    type Output;
    #[doc(hidden)]
    fn apply(self, layer: &dyn Layer, training: bool) -> Result<Self::Output>;
}

impl LayerInput for &Tensor {
    type Output = Tensor;
    fn apply(self, layer: &dyn Layer, training: bool) -> Result<Tensor> {
        apply(layer, std::slice::from_ref(self), training)
    }
}

impl LayerInput for Tensor {
    type Output = Tensor;
    fn apply(self, layer: &dyn Layer, training: bool) -> Result<Tensor> {
        apply(layer, &[self], training)
    }
}

impl<K> LayerInput for &Built<K> {
    type Output = Tensor;
    fn apply(self, layer: &dyn Layer, training: bool) -> Result<Tensor> {
        apply(layer, &[(**self).clone()], training)
    }
}

impl<K> LayerInput for Built<K> {
    type Output = Tensor;
    fn apply(self, layer: &dyn Layer, training: bool) -> Result<Tensor> {
        apply(layer, &[self.into()], training)
    }
}

impl LayerInput for &Gradient {
    type Output = Tensor;
    fn apply(self, layer: &dyn Layer, training: bool) -> Result<Tensor> {
        apply(layer, &[(**self).clone()], training)
    }
}

impl LayerInput for &Array {
    type Output = Tensor;
    fn apply(self, layer: &dyn Layer, training: bool) -> Result<Tensor> {
        apply(layer, &[Tensor::eager(self.clone())], training)
    }
}

impl LayerInput for &KerasTensor {
    type Output = KerasTensor;
    fn apply(self, layer: &dyn Layer, _: bool) -> Result<KerasTensor> {
        KerasTensor::of(layer.handle(), vec![self.clone()])
    }
}

impl LayerInput for KerasTensor {
    type Output = KerasTensor;
    fn apply(self, layer: &dyn Layer, _: bool) -> Result<KerasTensor> {
        KerasTensor::of(layer.handle(), vec![self])
    }
}

impl<const N: usize> LayerInput for [&KerasTensor; N] {
    type Output = KerasTensor;
    fn apply(self, layer: &dyn Layer, _: bool) -> Result<KerasTensor> {
        KerasTensor::of(layer.handle(), self.into_iter().cloned().collect())
    }
}

impl<const N: usize> LayerInput for [&Tensor; N] {
    type Output = Tensor;
    fn apply(self, layer: &dyn Layer, training: bool) -> Result<Tensor> {
        let inputs: Vec<Tensor> = self.into_iter().cloned().collect();
        apply(layer, &inputs, training)
    }
}

/// The methods that all layers share.
macro_rules! common {
    ($t:ident) => {
        impl $t {
            /// Gives it a name: `name=`.
            #[must_use]
            pub fn named(self, name: &str) -> $t {
                self.base.set_name(name);
                self
            }

            /// The shape of one input, without the batch: `input_shape=`.
            #[must_use]
            pub fn input_shape<const N: usize>(self, shape: [usize; N]) -> $t {
                self.base.set_input_shape(shape.iter().map(|n| Some(*n)).collect());
                self
            }

            /// Whether training changes its weights: `trainable=`.
            #[must_use]
            pub fn trainable(self, yes: bool) -> $t {
                self.base.set_trainable(yes);
                self
            }

            /// The result for a tensor, or the layer's place in a model: `layer(x)`.
            ///
            /// # Panics
            /// `ValueError` when the layer cannot take such an input.
            #[track_caller]
            pub fn call<X: $crate::keras::layers::LayerInput>(&self, x: X) -> X::Output {
                x.apply(self, false).unwrap_or_else(|error| error.raise())
            }

            /// As [`call`](Self::call), as in training: `layer(x, training=True)`.
            ///
            /// # Panics
            /// `ValueError` when the layer cannot take such an input.
            #[track_caller]
            pub fn call_training<X: $crate::keras::layers::LayerInput>(&self, x: X) -> X::Output {
                x.apply(self, true).unwrap_or_else(|error| error.raise())
            }

            /// The weights' values: `layer.get_weights()`.
            pub fn get_weights(&self) -> Vec<$crate::Array> {
                self.base.weights().iter().map(|w| w.variable.numpy()).collect()
            }

            /// The weights' variables, by name: `layer.kernel` is `layer.weight("kernel")`.
            pub fn weight(&self, name: &str) -> Option<$crate::v2::Variable> {
                self.base.weights().into_iter().find(|w| w.name == name).map(|w| w.variable)
            }
        }

        impl std::fmt::Debug for $t {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                let built = if self.base.built() { "True" } else { "False" };
                write!(f, "<{} name={}, built={built}>", stringify!($t), self.base.name())
            }
        }
    };
}
pub(crate) use common;

/// The parts of `Layer` that are the same for every layer.
macro_rules! identity {
    ($t:ident) => {
        fn class_name(&self) -> &'static str {
            stringify!($t)
        }
        fn base(&self) -> &$crate::keras::layers::Base {
            &self.base
        }
        fn handle(&self) -> std::sync::Arc<dyn $crate::keras::layers::Layer> {
            std::sync::Arc::new(self.clone())
        }
    };
}
pub(crate) use identity;

#[cfg(test)]
mod tests {
    use super::snake_case;

    /// Names recorded from Keras 3.
    #[test]
    fn names_are_keras() {
        for (class, name) in [
            ("Dense", "dense"),
            ("Conv2D", "conv2d"),
            ("MaxPooling2D", "max_pooling2d"),
            ("BatchNormalization", "batch_normalization"),
            ("PReLU", "p_re_lu"),
            ("LeakyReLU", "leaky_re_lu"),
            ("ELU", "elu"),
            ("ReLU", "re_lu"),
            ("GlobalAveragePooling2D", "global_average_pooling2d"),
        ] {
            assert_eq!(snake_case(class), name);
        }
    }
}
