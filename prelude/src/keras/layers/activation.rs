//! Activations as layers of their own.

use std::sync::Arc;

use serde_json::{Value, json};

use super::arguments::arguments;
use super::core::{Config, saved};
use super::{Base, Layer, Weight, common, identity, incompatible};
use crate::Shape;
use crate::error::Result;
use crate::keras::activations::{Function, IntoActivation};
use crate::keras::initializers::{Initializer, Zeros};
use crate::v2::{self, Tensor};

/// An activation by name: `keras.layers.Activation("relu")`.
#[derive(Clone)]
pub struct Activation {
    base: Base,
    function: Function,
}
common!(Activation);

impl Activation {
    /// The activation of that name.
    ///
    /// # Panics
    /// `ValueError` for a name that Keras does not know.
    #[track_caller]
    pub fn new(activation: impl IntoActivation) -> Activation {
        let function = activation.into_activation().unwrap_or_else(|error| error.raise());
        Activation { base: Base::new("Activation"), function }
    }
}

impl Layer for Activation {
    identity!(Activation);

    fn forward(&self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        self.function.apply(&inputs[0])
    }

    fn config(&self) -> Value {
        json!({ "activation": self.function.name() })
    }
}

macro_rules! plain {
    ($($(#[$doc:meta])* $name:ident { $field:ident: $default:expr, $(#[$field_doc:meta])* } |$self:ident, $x:ident| $e:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            base: Base,
            $field: f64,
        }
        common!($name);

        impl Default for $name {
            fn default() -> $name {
                $name::new()
            }
        }

        impl $name {
            /// With Keras' defaults.
            pub fn new() -> $name {
                $name { base: Base::new(stringify!($name)), $field: $default }
            }

            $(#[$field_doc])*
            #[must_use]
            pub fn $field(self, $field: f64) -> $name {
                $name { $field, ..self }
            }
        }

        impl Layer for $name {
            identity!($name);

            fn forward(&$self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
                let $x = &inputs[0];
                $e
            }

            fn config(&self) -> Value {
                json!({ stringify!($field): self.$field })
            }
        }
    )* };
}
plain! {
    /// `x` where positive, else `negative_slope * x`: `keras.layers.LeakyReLU()`.
    LeakyReLU { negative_slope: 0.3,
        /// The slope below 0: `negative_slope=`; 0.3 unless said otherwise.
    } |self, x| v2::nn::leaky_relu(x, self.negative_slope);
    /// `x` where positive, else `alpha * (exp(x) - 1)`: `keras.layers.ELU()`.
    ELU { alpha: 1.0,
        /// The limit far below 0, but for the sign: `alpha=`; 1 unless said otherwise.
    } |self, x| scaled_elu(x, self.alpha);
    /// `max(x, 0)`, with `.negative_slope(...)` below 0: `keras.layers.ReLU()`.
    ReLU { negative_slope: 0.0,
        /// The slope below 0: `negative_slope=`; 0 unless said otherwise.
    } |self, x| if self.negative_slope == 0.0 { v2::nn::relu(x) } else { v2::nn::leaky_relu(x, self.negative_slope) };
    /// Exponentials that sum to 1 along the last axis: `keras.layers.Softmax()`.
    Softmax { axis: -1.0,
        /// The axis of the sums: `axis=`. Only the last one, -1, is supported.
    } |self, x| v2::nn::softmax(x).tensor();
}

fn scaled_elu(x: &Tensor, alpha: f64) -> Tensor {
    if alpha == 1.0 {
        return v2::nn::elu(x);
    }
    v2::where_(x.gt(0.0), x, alpha * v2::nn::elu(x))
}

/// `x` where positive, else `alpha * x` with an `alpha` of its own for each element, which is learned:
/// `keras.layers.PReLU()`.
#[derive(Clone)]
pub struct PReLU {
    base: Base,
    initializer: Arc<dyn Initializer>,
}
common!(PReLU);

impl Default for PReLU {
    fn default() -> PReLU {
        PReLU::new()
    }
}

impl PReLU {
    /// With slopes that start at 0.
    pub fn new() -> PReLU {
        PReLU { base: Base::new("PReLU"), initializer: Arc::new(Zeros::new()) }
    }
}

arguments! { PReLU:
    initializer alpha_initializer = initializer "How the slopes start";
}

impl Layer for PReLU {
    identity!(PReLU);

    fn build(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        let dims = inputs[0].dims().unwrap_or_default();
        let sizes: Option<Vec<usize>> = dims.iter().skip(1).copied().collect();
        let sizes = sizes.ok_or_else(|| incompatible(self, "expected known sizes of all axes but the first".into()))?;
        Ok(vec![Weight::new("alpha", &self.initializer.sample(&sizes), true)])
    }

    fn forward(&self, weights: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        let x = &inputs[0];
        v2::nn::relu(x) - &weights[0].variable * v2::nn::relu(-x)
    }

    fn config(&self) -> Value {
        json!({ "alpha_initializer": saved(&*self.initializer) })
    }
}

pub(super) fn from_config(class: &str, c: &Config) -> Result<Option<Arc<dyn Layer>>> {
    Ok(Some(match class {
        "Activation" => Activation::new(c.text("activation")).handle(),
        "LeakyReLU" => LeakyReLU::new().negative_slope(c.number("negative_slope")).handle(),
        "ReLU" => ReLU::new().negative_slope(c.number("negative_slope")).handle(),
        "ELU" => ELU::new().alpha(c.number("alpha")).handle(),
        "Softmax" => Softmax::new().handle(),
        "PReLU" => PReLU::new().alpha_initializer(c.initializer("alpha_initializer")?).handle(),
        _ => return Ok(None),
    }))
}
