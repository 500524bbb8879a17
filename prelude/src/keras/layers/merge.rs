//! Layers of several inputs, for models that are not a chain; and the functions that call them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::core::Config;
use super::{Base, Layer, LayerInput, Weight, common, identity, incompatible};
use crate::Shape;
use crate::error::{Error, Result};
use crate::v2::{self, Tensor, shape_v2};

/// The shape of inputs that are brought together element by element, axes of size 1 being repeated.
fn broadcast(layer: &dyn Layer, inputs: &[Shape]) -> Result<Shape> {
    let [first, rest @ ..] = inputs else {
        return Err(incompatible(layer, "A merge layer should be called on a list of at least 1 input.".into()));
    };
    let mut dims = first.dims().unwrap_or_default().to_vec();
    for other in rest {
        let more = other.dims().unwrap_or_default();
        let together = |(a, b): (&Option<usize>, &Option<usize>)| match (a, b) {
            (a, b) if a == b => Some(*a),
            (Some(1), b) => Some(*b),
            (a, Some(1)) => Some(*a),
            (None, _) | (_, None) => Some(None),
            _ => None,
        };
        let all: Option<Vec<Option<usize>>> = dims.iter().zip(more).map(together).collect();
        dims = all.filter(|_| dims.len() == more.len()).ok_or_else(|| {
            let one = |dims: &[Option<usize>]| shape_v2(&Shape::from(dims.get(1..).unwrap_or_default().to_vec()));
            let (first, other) = (one(&dims), one(more));
            Error::Value(format!("Inputs have incompatible shapes. Received shapes {first} and {other}"))
        })?;
    }
    Ok(Shape::from(dims))
}

macro_rules! merges {
    ($($(#[$doc:meta])* $class:ident, $function:ident = |$inputs:ident| $merge:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone)]
            pub struct $class {
                base: Base,
            }
            common!($class);

            impl Default for $class {
                fn default() -> $class {
                    $class::new()
                }
            }

            impl $class {
                /// The layer.
                pub fn new() -> $class {
                    $class { base: Base::new(stringify!($class)) }
                }
            }

            impl Layer for $class {
                identity!($class);

                fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
                    broadcast(self, inputs)
                }

                fn forward(&self, _: &[Weight], $inputs: &[Tensor], _: bool) -> Tensor {
                    $merge
                }

                fn config(&self) -> Value {
                    json!({})
                }
            }

            #[doc = concat!("Calls [`", stringify!($class), "`]: `keras.layers.", stringify!($function), "(inputs)`.")]
            ///
            /// # Panics
            /// `ValueError` when the shapes do not fit each other.
            #[track_caller]
            pub fn $function<X: LayerInput>(inputs: X) -> X::Output {
                $class::new().call(inputs)
            }
        )*

        fn element_wise(class: &str) -> Option<Arc<dyn Layer>> {
            match class {
                $(stringify!($class) => Some($class::new().handle()),)*
                _ => None,
            }
        }
    };
}

/// One after the other with a function of two.
fn folded(inputs: &[Tensor], f: fn(&Tensor, &Tensor) -> Tensor) -> Tensor {
    inputs[1..].iter().fold(inputs[0].clone(), |all, next| f(&all, next))
}

merges! {
    /// The sum of its inputs: `keras.layers.Add()`.
    Add, add = |inputs| folded(inputs, |a, b| a + b);
    /// The first of two inputs less the second: `keras.layers.Subtract()`.
    Subtract, subtract = |inputs| {
        if inputs.len() != 2 {
            Error::Value(format!(
                "A `Subtract` layer should be called on exactly 2 inputs. Received: inputs={}", inputs.len()
            ))
            .raise();
        }
        &inputs[0] - &inputs[1]
    };
    /// The product of its inputs, element by element: `keras.layers.Multiply()`.
    Multiply, multiply = |inputs| folded(inputs, |a, b| a * b);
    /// The mean of its inputs: `keras.layers.Average()`.
    Average, average = |inputs| folded(inputs, |a, b| a + b) / inputs.len() as f64;
    /// The largest of its inputs, element by element: `keras.layers.Maximum()`.
    Maximum, maximum = |inputs| folded(inputs, |a, b| v2::maximum(a, b));
    /// The smallest of its inputs, element by element: `keras.layers.Minimum()`.
    Minimum, minimum = |inputs| folded(inputs, |a, b| v2::minimum(a, b));
}

/// Its inputs one after the other along an axis: `keras.layers.Concatenate(axis=-1)`.
#[derive(Clone)]
pub struct Concatenate {
    base: Base,
    axis: i32,
}
common!(Concatenate);

impl Default for Concatenate {
    fn default() -> Concatenate {
        Concatenate::new()
    }
}

impl Concatenate {
    /// Along the last axis.
    pub fn new() -> Concatenate {
        Concatenate { base: Base::new("Concatenate"), axis: -1 }
    }

    /// The axis, the last one unless said otherwise; the batch is axis 0: `axis=`.
    #[must_use]
    pub fn axis(self, axis: i32) -> Concatenate {
        Concatenate { axis, ..self }
    }
}

/// Calls [`Concatenate`]: `keras.layers.concatenate(inputs)`.
///
/// # Panics
/// `ValueError` when the shapes do not fit each other.
#[track_caller]
pub fn concatenate<X: LayerInput>(inputs: X) -> X::Output {
    Concatenate::new().call(inputs)
}

impl Layer for Concatenate {
    identity!(Concatenate);

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let dims: Vec<&[Option<usize>]> = inputs.iter().map(|s| s.dims().unwrap_or_default()).collect();
        let rank = dims[0].len();
        let axis = if self.axis < 0 { rank as i32 + self.axis } else { self.axis };
        let axis = usize::try_from(axis).unwrap_or(rank);
        let same = |d: &&[Option<usize>]| d.len() == rank && (0..rank).all(|i| i == axis || d[i] == dims[0][i]);
        if axis >= rank || !dims.iter().all(same) {
            let shapes: Vec<String> = inputs.iter().map(shape_v2).collect();
            return Err(Error::Value(format!(
                "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. Received: \
                 input_shape=[{}]",
                shapes.join(", ")
            )));
        }
        let mut out = dims[0].to_vec();
        out[axis] = dims.iter().map(|d| d[axis]).sum();
        Ok(Shape::from(out))
    }

    fn forward(&self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        v2::concat(inputs, self.axis)
    }

    fn config(&self) -> Value {
        json!({ "axis": self.axis })
    }
}

pub(super) fn from_config(class: &str, c: &Config) -> Option<Arc<dyn Layer>> {
    match class {
        "Concatenate" => Some(Concatenate::new().axis(c.0["axis"].as_i64().unwrap_or(-1) as i32).handle()),
        _ => element_wise(class),
    }
}
