//! Models called on tensors, and models in the place of a layer.

use std::sync::Arc;

use serde_json::Value;

use super::Model;
use super::graph::Graph;
use crate::Shape;
use crate::error::{Error, Result};
use crate::keras::layers::{Base, Layer, Weight};
use crate::keras::tensor::KerasTensor;
use crate::v2::{IntoTensor, Tensor};

/// What a model may be called on: a tensor, a tuple of them for several inputs, or places of a further model.
pub trait ModelInput {
    /// What comes of it.
    type Output;
    #[doc(hidden)]
    fn apply(self, model: &Model, training: bool) -> Result<Self::Output>;
}

fn run(model: &Model, inputs: &[Tensor], training: bool) -> Result<Tensor> {
    let mut outputs = model.forward(inputs, training)?;
    if outputs.len() != 1 {
        return Err(Error::Value(format!(
            "the model '{}' has {} outputs: `call_all` gives all of them",
            model.shown_name(),
            outputs.len()
        )));
    }
    Ok(outputs.swap_remove(0))
}

impl<T: IntoTensor> ModelInput for T {
    type Output = Tensor;
    fn apply(self, model: &Model, training: bool) -> Result<Tensor> {
        run(model, &[self.into_operand().tensor()], training)
    }
}

impl<const N: usize> ModelInput for [&Tensor; N] {
    type Output = Tensor;
    fn apply(self, model: &Model, training: bool) -> Result<Tensor> {
        run(model, &self.map(Tensor::clone), training)
    }
}

impl ModelInput for &KerasTensor {
    type Output = KerasTensor;
    fn apply(self, model: &Model, training: bool) -> Result<KerasTensor> {
        [self].apply(model, training)
    }
}

impl<const N: usize> ModelInput for [&KerasTensor; N] {
    type Output = KerasTensor;
    fn apply(self, model: &Model, _: bool) -> Result<KerasTensor> {
        KerasTensor::of(model.nested()?, self.into_iter().cloned().collect())
    }
}

/// Arrays or tensors for the inputs, or the outputs, of a model: one, or a tuple of several.
pub trait Columns {
    #[doc(hidden)]
    fn columns(self) -> Vec<Tensor>;
}

impl<T: IntoTensor> Columns for T {
    fn columns(self) -> Vec<Tensor> {
        vec![self.into_operand().tensor()]
    }
}

impl Columns for Vec<Tensor> {
    fn columns(self) -> Vec<Tensor> {
        self
    }
}

macro_rules! tuples {
    ($($($T:ident $i:tt),+;)*) => { $(
        impl<$($T: IntoTensor),+> Columns for ($($T,)+) {
            fn columns(self) -> Vec<Tensor> {
                vec![$(self.$i.into_operand().tensor()),+]
            }
        }

        impl<$($T: IntoTensor),+> ModelInput for ($($T,)+) {
            type Output = Tensor;
            fn apply(self, model: &Model, training: bool) -> Result<Tensor> {
                run(model, &self.columns(), training)
            }
        }
    )* };
}
tuples! { A 0, B 1; A 0, B 1, C 2; A 0, B 1, C 2, D 3; A 0, B 1, C 2, D 3, E 4; }

/// Places of a model: one, or several.
pub trait Places {
    #[doc(hidden)]
    fn places(self) -> Vec<KerasTensor>;
}

impl Places for &KerasTensor {
    fn places(self) -> Vec<KerasTensor> {
        vec![self.clone()]
    }
}

impl<const N: usize> Places for [&KerasTensor; N] {
    fn places(self) -> Vec<KerasTensor> {
        self.into_iter().cloned().collect()
    }
}

impl Places for &[KerasTensor] {
    fn places(self) -> Vec<KerasTensor> {
        self.to_vec()
    }
}

impl Places for Vec<KerasTensor> {
    fn places(self) -> Vec<KerasTensor> {
        self
    }
}

/// A model in the place of a layer. Its layers are the model's own.
#[derive(Clone)]
pub(super) struct Nested {
    base: Base,
    class: &'static str,
    graph: Graph,
}

impl Model {
    /// The model in the place of a layer.
    ///
    /// # Errors
    /// `UnimplementedError` for a model of several outputs.
    pub(super) fn nested(&self) -> Result<Arc<dyn Layer>> {
        if self.graph.outputs.len() != 1 {
            return Err(Error::Unimplemented(format!(
                "the model '{}' has {} outputs, and a model inside another may have one: call its parts",
                self.shown_name(),
                self.graph.outputs.len()
            )));
        }
        Ok(Nested::of(self.class, &self.shown_name(), self.graph.clone()))
    }
}

impl Nested {
    pub fn of(class: &'static str, name: &str, graph: Graph) -> Arc<dyn Layer> {
        let base = Base::new(class);
        base.set_name(name);
        if let Some([Some(first)]) =
            graph.input_shapes().map(|s| s.into_iter().map(Some).collect::<Vec<_>>()).as_deref()
            && let Some([_, rest @ ..]) = first.dims()
        {
            base.set_input_shape(rest.to_vec());
        }
        Arc::new(Nested { base, class, graph })
    }
}

impl Layer for Nested {
    fn class_name(&self) -> &'static str {
        self.class
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn handle(&self) -> Arc<dyn Layer> {
        Arc::new(self.clone())
    }

    fn layers(&self) -> Vec<Arc<dyn Layer>> {
        self.graph.places.iter().map(|place| place.layer.clone()).collect()
    }

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        Ok(self.graph.shapes(inputs)?.swap_remove(self.graph.outputs[0]))
    }

    fn forward(&self, _: &[Weight], inputs: &[Tensor], training: bool) -> Tensor {
        self.graph.forward(inputs, training).unwrap_or_else(|error| error.raise()).swap_remove(0)
    }

    fn config(&self) -> Value {
        super::save::graph_config(&self.graph)
    }
}
