//! Layers of several inputs, for models that are not a chain.

use std::sync::Arc;

use serde_json::{Value, json};

use super::core::Config;
use super::{Base, Layer, Weight, common, identity, incompatible};
use crate::Shape;
use crate::error::Result;
use crate::v2::{self, Tensor, shape_v2};

/// The sum of its inputs: `keras.layers.Add()`.
#[derive(Clone)]
pub struct Add {
    base: Base,
}
common!(Add);

impl Default for Add {
    fn default() -> Add {
        Add::new()
    }
}

impl Add {
    /// The layer.
    pub fn new() -> Add {
        Add { base: Base::new("Add") }
    }
}

impl Layer for Add {
    identity!(Add);

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        match inputs.iter().find(|other| **other != inputs[0]) {
            Some(other) => {
                let what = format!("inputs have shapes {} and {}", shape_v2(&inputs[0]), shape_v2(other));
                Err(incompatible(self, what))
            }
            None => Ok(inputs[0].clone()),
        }
    }

    fn forward(&self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        v2::add_n(inputs)
    }

    fn config(&self) -> Value {
        json!({})
    }
}

/// Its inputs one after the other along the last axis: `keras.layers.Concatenate()`.
#[derive(Clone)]
pub struct Concatenate {
    base: Base,
}
common!(Concatenate);

impl Default for Concatenate {
    fn default() -> Concatenate {
        Concatenate::new()
    }
}

impl Concatenate {
    /// The layer.
    pub fn new() -> Concatenate {
        Concatenate { base: Base::new("Concatenate") }
    }
}

impl Layer for Concatenate {
    identity!(Concatenate);

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let dims: Vec<&[Option<usize>]> = inputs.iter().map(|s| s.dims().unwrap_or_default()).collect();
        let rank = dims[0].len();
        if rank == 0 || dims.iter().any(|d| d.len() != rank || d[..rank - 1] != dims[0][..rank - 1]) {
            let shapes: Vec<String> = inputs.iter().map(shape_v2).collect();
            return Err(incompatible(self, format!("inputs have shapes {}", shapes.join(" and "))));
        }
        let last: Option<usize> = dims.iter().map(|d| d[rank - 1]).sum();
        Ok(Shape::from([&dims[0][..rank - 1], &[last]].concat()))
    }

    fn forward(&self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        v2::concat(inputs, inputs[0].ndim() as i32 - 1)
    }

    fn config(&self) -> Value {
        json!({})
    }
}

pub(super) fn from_config(class: &str, _: &Config) -> Option<Arc<dyn Layer>> {
    Some(match class {
        "Add" => Add::new().handle(),
        "Concatenate" => Concatenate::new().handle(),
        _ => return None,
    })
}
