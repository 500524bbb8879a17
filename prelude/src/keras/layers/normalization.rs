//! Batch normalisation.

use std::sync::Arc;

use serde_json::{Value, json};

use super::arguments::arguments;
use super::core::{Config, saved};
use super::{Base, Layer, Weight, common, identity, incompatible};
use crate::Shape;
use crate::error::Result;
use crate::keras::initializers::{Initializer, Ones, Zeros};
use crate::v2::{self, Tensor};

/// Brings each channel to mean 0 and variance 1, over the batch in training and over what training has seen otherwise,
/// then scales and shifts it: `keras.layers.BatchNormalization()`.
#[derive(Clone)]
pub struct BatchNormalization {
    base: Base,
    momentum: f64,
    epsilon: f64,
    center: bool,
    scale: bool,
    gamma_initializer: Arc<dyn Initializer>,
    beta_initializer: Arc<dyn Initializer>,
}
common!(BatchNormalization);

impl Default for BatchNormalization {
    fn default() -> BatchNormalization {
        BatchNormalization::new()
    }
}

impl BatchNormalization {
    /// With Keras' defaults.
    pub fn new() -> BatchNormalization {
        BatchNormalization {
            base: Base::new("BatchNormalization"),
            momentum: 0.99,
            epsilon: 1e-3,
            center: true,
            scale: true,
            gamma_initializer: Arc::new(Ones::new()),
            beta_initializer: Arc::new(Zeros::new()),
        }
    }

    /// The share of the past in the moving mean and variance: `momentum=`.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> BatchNormalization {
        BatchNormalization { momentum, ..self }
    }

    /// What is added to the variance: `epsilon=`.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> BatchNormalization {
        BatchNormalization { epsilon, ..self }
    }
}

arguments! { BatchNormalization:
    flag center = center "Whether to add `beta`";
    flag scale = scale "Whether to multiply by `gamma`";
    initializer gamma_initializer = gamma_initializer "How `gamma` starts";
    initializer beta_initializer = beta_initializer "How `beta` starts";
}

impl Layer for BatchNormalization {
    identity!(BatchNormalization);

    fn build(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        let Some([_, .., Some(width)]) = inputs[0].dims() else {
            return Err(incompatible(self, "expected a known last axis".into()));
        };
        let mut weights = Vec::new();
        if self.scale {
            weights.push(Weight::new("gamma", &self.gamma_initializer.sample(&[*width]), true));
        }
        if self.center {
            weights.push(Weight::new("beta", &self.beta_initializer.sample(&[*width]), true));
        }
        weights.push(Weight::new("moving_mean", &Zeros::new().sample(&[*width]), false));
        weights.push(Weight::new("moving_variance", &Ones::new().sample(&[*width]), false));
        Ok(weights)
    }

    fn forward(&self, weights: &[Weight], inputs: &[Tensor], training: bool) -> Tensor {
        let x = v2::cast(&inputs[0], v2::float32);
        let of = |name: &str| weights.iter().find(|w| w.name == name).map(|w| &w.variable);
        let (Some(moving_mean), Some(moving_variance)) = (of("moving_mean"), of("moving_variance")) else { return x };
        let (mean, variance) = if training && self.base.trainable() {
            let (mean, variance) = match x.ndim() {
                2 => v2::nn::moments(&x, [0]),
                3 => v2::nn::moments(&x, [0, 1]),
                _ => v2::nn::moments(&x, [0, 1, 2]),
            };
            let keep = |moving: &v2::Variable, now: &Tensor| {
                moving.assign(moving * self.momentum + now * (1.0 - self.momentum));
            };
            keep(moving_mean, &mean);
            keep(moving_variance, &variance);
            (mean, variance)
        } else {
            (moving_mean.value(), moving_variance.value())
        };
        let inverse = v2::math::rsqrt(variance + self.epsilon);
        let inverse = match of("gamma") {
            Some(gamma) => inverse * gamma,
            None => inverse,
        };
        let shift = -mean * &inverse;
        let shift = match of("beta") {
            Some(beta) => shift + beta,
            None => shift,
        };
        x * inverse + shift
    }

    fn config(&self) -> Value {
        json!({
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "gamma_initializer": saved(&*self.gamma_initializer),
            "beta_initializer": saved(&*self.beta_initializer),
        })
    }
}

pub(super) fn from_config(class: &str, c: &Config) -> Result<Option<Arc<dyn Layer>>> {
    if class != "BatchNormalization" {
        return Ok(None);
    }
    let layer = BatchNormalization::new()
        .momentum(c.number("momentum"))
        .epsilon(c.number("epsilon"))
        .center(c.yes("center"))
        .scale(c.yes("scale"))
        .gamma_initializer(c.initializer("gamma_initializer")?)
        .beta_initializer(c.initializer("beta_initializer")?);
    Ok(Some(layer.handle()))
}
