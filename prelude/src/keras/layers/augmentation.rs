//! Layers that vary images in training and leave them alone otherwise: flips, shifts, turns, zooms, contrast, brightness.
//! The geometric ones sample the image through one projective transform each.

use std::sync::Arc;

use serde_json::{Value, json};

use super::core::Config;
use super::{Base, Layer, Weight, common, identity};
use crate::error::Error;
use crate::ops::image::transform;
use crate::v2::{self, IntoTensor, Tensor};

/// One number for each image, evenly distributed between the bounds, of shape `[batch, 1, 1, 1]`.
fn drawn(x: &Tensor, low: f64, high: f64) -> Tensor {
    let batch = x.shape().sizes().unwrap_or_default()[0];
    v2::random::uniform([batch, 1, 1, 1]).minval(low).maxval(high).into()
}

fn size(x: &Tensor) -> (f64, f64) {
    let sizes = x.shape().sizes().unwrap_or_default();
    (sizes[1] as f64, sizes[2] as f64)
}

/// The images seen through `[[a, b, c], [d, e, f]]`, which takes the place of each result's pixel to its source.
fn through(x: &Tensor, rows: [Tensor; 6]) -> Tensor {
    let batch = x.shape().sizes().unwrap_or_default()[0] as i32;
    let columns: Vec<Tensor> = rows.iter().map(|t| v2::reshape(t, [batch, 1])).collect();
    let zeros: Tensor = v2::zeros([batch as usize, 2]).into();
    let all: Vec<Tensor> = columns.into_iter().chain([zeros]).collect();
    let transforms = v2::concat(&all, 1);
    v2::eager_call(&[x.into_operand(), transforms.into_operand()], |o| transform(o[0].clone(), o[1].clone()))
}

/// A factor as Keras takes it: one number for both directions.
#[track_caller]
fn checked(factor: f64, layer: &str) -> f64 {
    if !(0.0..=1.0).contains(&factor) {
        Error::Value(format!(
            "The `factor` argument of {layer} should be a number in the range [0, 1.0]. Got {factor}"
        ))
        .raise();
    }
    factor
}

macro_rules! varying {
    ($($(#[$doc:meta])* $name:ident($($(#[$field_doc:meta])* $field:ident),+) |$self:ident, $x:ident| $e:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            base: Base,
            $($field: f64,)+
        }
        common!($name);

        impl $name {
            /// With those factors.
            ///
            /// # Panics
            /// `ValueError` for a factor outside [0, 1].
            #[track_caller]
            pub fn new($($field: f64),+) -> $name {
                $name { base: Base::new(stringify!($name)), $($field: checked($field, stringify!($name))),+ }
            }
        }

        impl Layer for $name {
            identity!($name);

            fn forward(&$self, _: &[Weight], inputs: &[Tensor], training: bool) -> Tensor {
                if !training {
                    return inputs[0].clone();
                }
                let $x = &v2::cast(&inputs[0], v2::float32);
                $e
            }

            fn config(&self) -> Value {
                json!({ $(stringify!($field): self.$field),+ })
            }
        }
    )* };
}
varying! {
    /// Shifts each image by up to a share of its height and width: `keras.layers.RandomTranslation(height_factor,
    /// width_factor)`. What comes in is what is mirrored at the edge.
    RandomTranslation(height_factor, width_factor) |self, x| {
        let (height, width) = size(x);
        let (dy, dx) = (drawn(x, -self.height_factor, self.height_factor), drawn(x, -self.width_factor, self.width_factor));
        let (one, zero) = (v2::ones_like(&dy).tensor(), v2::zeros_like(&dy).tensor());
        through(x, [one.clone(), zero.clone(), dx * -width, zero, one, dy * -height])
    };
    /// Turns each image by up to a share of a full turn either way: `keras.layers.RandomRotation(factor)`.
    RandomRotation(factor) |self, x| {
        let (height, width) = size(x);
        let turn = std::f64::consts::TAU * self.factor;
        let angle = drawn(x, -turn, turn);
        let (sin, cos) = (v2::sin(&angle), v2::cos(&angle));
        // About the centre of the image: p -> R (p - c) + c.
        let (cy, cx) = ((height - 1.0) / 2.0, (width - 1.0) / 2.0);
        let shift_x = cx - (&cos * cx - &sin * cy);
        let shift_y = cy - (&sin * cx + &cos * cy);
        through(x, [cos.clone(), -&sin, shift_x, sin, cos, shift_y])
    };
    /// Enlarges or shrinks each image by up to a share of its size: `keras.layers.RandomZoom(height_factor)`.
    RandomZoom(factor) |self, x| {
        let (height, width) = size(x);
        let scale: Tensor = 1.0 + drawn(x, -self.factor, self.factor);
        let zero = v2::zeros_like(&scale).tensor();
        let (cy, cx) = ((height - 1.0) / 2.0, (width - 1.0) / 2.0);
        through(x, [scale.clone(), zero.clone(), (1.0 - &scale) * cx, zero, scale.clone(), (1.0 - &scale) * cy])
    };
    /// Stretches the contrast about each image's mean: `keras.layers.RandomContrast(factor)`.
    RandomContrast(factor) |self, x| {
        let factor = drawn(x, 1.0 - self.factor, 1.0 + self.factor);
        let mean = v2::reduce_mean(x).axis([1, 2]).keepdims(true);
        (x - &mean) * factor + mean
    };
    /// Adds up to a share of the range, 255 by Keras' convention, to each image: `keras.layers.RandomBrightness(factor)`.
    RandomBrightness(factor) |self, x| {
        let shift = drawn(x, -self.factor, self.factor) * 255.0;
        v2::clip_by_value(x + shift, 0.0, 255.0)
    };
}

/// Mirrors each image, or not, by chance: `keras.layers.RandomFlip(mode)`.
#[derive(Clone)]
pub struct RandomFlip {
    base: Base,
    mode: String,
}
common!(RandomFlip);

impl RandomFlip {
    /// `"horizontal"`, `"vertical"` or `"horizontal_and_vertical"`.
    ///
    /// # Panics
    /// `ValueError` for another word.
    #[track_caller]
    pub fn new(mode: &str) -> RandomFlip {
        if !["horizontal", "vertical", "horizontal_and_vertical"].contains(&mode) {
            Error::Value(format!("Unknown `mode` argument of RandomFlip: {mode}")).raise();
        }
        RandomFlip { base: Base::new("RandomFlip"), mode: mode.into() }
    }
}

impl Layer for RandomFlip {
    identity!(RandomFlip);

    fn forward(&self, _: &[Weight], inputs: &[Tensor], training: bool) -> Tensor {
        let mut x = inputs[0].clone();
        for (word, axis) in [("horizontal", 2), ("vertical", 1)] {
            if training && self.mode.contains(word) {
                let flip = drawn(&x, 0.0, 1.0).lt(0.5);
                x = v2::where_(flip, v2::reverse(&x, [axis]), &x);
            }
        }
        x
    }

    fn config(&self) -> Value {
        json!({ "mode": self.mode })
    }
}

pub(super) fn from_config(class: &str, c: &Config) -> Option<Arc<dyn Layer>> {
    Some(match class {
        "RandomFlip" => RandomFlip::new(c.text("mode")).handle(),
        "RandomTranslation" => RandomTranslation::new(c.number("height_factor"), c.number("width_factor")).handle(),
        "RandomRotation" => RandomRotation::new(c.number("factor")).handle(),
        "RandomZoom" => RandomZoom::new(c.number("factor")).handle(),
        "RandomContrast" => RandomContrast::new(c.number("factor")).handle(),
        "RandomBrightness" => RandomBrightness::new(c.number("factor")).handle(),
        _ => return None,
    })
}
