//! Layers that only rearrange or scale: flatten, reshape, rescaling.

use std::sync::Arc;

use serde_json::{Value, json};

use super::core::Config;
use super::{Base, Layer, Weight, common, identity, incompatible};
use crate::Shape;
use crate::error::Result;
use crate::v2::{self, Tensor, shape_v2};

/// Everything but the batch as one axis: `keras.layers.Flatten()`.
#[derive(Clone)]
pub struct Flatten {
    base: Base,
}
common!(Flatten);

impl Default for Flatten {
    fn default() -> Flatten {
        Flatten::new()
    }
}

impl Flatten {
    /// The layer.
    pub fn new() -> Flatten {
        Flatten { base: Base::new("Flatten") }
    }
}

impl Layer for Flatten {
    identity!(Flatten);

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let dims = inputs[0].dims().unwrap_or_default();
        let Some((batch, rest)) = dims.split_first() else {
            return Err(incompatible(self, "expected min_ndim=1, found ndim=0. Full shape received: ()".into()));
        };
        let size: Option<usize> = rest.iter().copied().product();
        Ok(Shape::from([*batch, size]))
    }

    fn forward(&self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        let sizes = inputs[0].shape().sizes().unwrap_or_default();
        let size: usize = sizes[1..].iter().product();
        v2::reshape(&inputs[0], [sizes[0] as i32, size as i32])
    }

    fn config(&self) -> Value {
        json!({})
    }
}

/// Each input under another shape: `keras.layers.Reshape(target_shape)`. One size may be -1.
#[derive(Clone)]
pub struct Reshape {
    base: Base,
    target: Vec<i64>,
}
common!(Reshape);

impl Reshape {
    /// To that shape, without the batch.
    pub fn new<const N: usize>(target_shape: [i64; N]) -> Reshape {
        Reshape { base: Base::new("Reshape"), target: target_shape.into() }
    }
}

impl Layer for Reshape {
    identity!(Reshape);

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let dims = inputs[0].dims().unwrap_or_default();
        let total: Option<usize> = dims[1..].iter().copied().product();
        let known: usize = self.target.iter().filter(|n| **n > 0).map(|n| *n as usize).product();
        let open = self.target.iter().filter(|n| **n < 0).count();
        if let Some(total) = total
            && (open > 1 || (open == 1 && (known == 0 || total % known != 0)) || (open == 0 && total != known))
        {
            let target: Vec<usize> = self.target.iter().map(|n| n.unsigned_abs() as usize).collect();
            let what = format!(
                "The total size of the tensor must be unchanged. Received: input_shape={}, target_shape={}",
                shape_v2(&Shape::from(dims[1..].to_vec())),
                crate::format::shape_text(&target)
            );
            return Err(incompatible(self, what));
        }
        let rest = |n: &i64| usize::try_from(*n).ok().or_else(|| Some(total? / known));
        Ok(Shape::from([&[dims[0]], &self.target.iter().map(rest).collect::<Vec<_>>()[..]].concat()))
    }

    fn forward(&self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        let batch = inputs[0].shape().sizes().unwrap_or_default()[0] as i32;
        let target: Vec<i32> = std::iter::once(batch).chain(self.target.iter().map(|n| *n as i32)).collect();
        v2::reshape(&inputs[0], target)
    }

    fn config(&self) -> Value {
        json!({ "target_shape": self.target })
    }
}

/// `x * scale + offset`: `keras.layers.Rescaling(scale, offset)`.
#[derive(Clone)]
pub struct Rescaling {
    base: Base,
    scale: f64,
    offset: f64,
}
common!(Rescaling);

impl Rescaling {
    /// By that factor, without an offset.
    pub fn new(scale: f64) -> Rescaling {
        Rescaling { base: Base::new("Rescaling"), scale, offset: 0.0 }
    }

    /// What is added afterwards: `offset=`.
    #[must_use]
    pub fn offset(self, offset: f64) -> Rescaling {
        Rescaling { offset, ..self }
    }
}

impl Layer for Rescaling {
    identity!(Rescaling);

    fn forward(&self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        v2::cast(&inputs[0], v2::float32) * self.scale + self.offset
    }

    fn config(&self) -> Value {
        json!({ "scale": self.scale, "offset": self.offset })
    }
}

pub(super) fn from_config(class: &str, c: &Config) -> Option<Arc<dyn Layer>> {
    Some(match class {
        "Flatten" => Flatten::new().handle(),
        "Reshape" => Reshape { base: Base::new("Reshape"), target: c.sizes("target_shape") }.handle(),
        "Rescaling" => Rescaling::new(c.number("scale")).offset(c.number("offset")).handle(),
        _ => return None,
    })
}
