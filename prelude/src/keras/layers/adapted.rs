//! Layers that bring data to mean 0 and variance 1 without a batch: over each example's features, or by what the layer was
//! shown before.

use std::sync::Arc;

use serde_json::{Value, json};

use super::arguments::arguments;
use super::core::{Config, saved};
use super::{Base, Layer, Weight, build_layer, common, identity, incompatible};
use crate::error::Result;
use crate::keras::initializers::{Initializer, Ones, Zeros};
use crate::ops::cast_array;
use crate::v2::{self, IntoTensor, Tensor, Variable};
use crate::{Array, DType, Shape};

/// Brings the features of each example to mean 0 and variance 1, then scales and shifts them:
/// `keras.layers.LayerNormalization()`.
#[derive(Clone)]
pub struct LayerNormalization {
    base: Base,
    epsilon: f64,
    center: bool,
    scale: bool,
    gamma_initializer: Arc<dyn Initializer>,
    beta_initializer: Arc<dyn Initializer>,
}
common!(LayerNormalization);

impl Default for LayerNormalization {
    fn default() -> LayerNormalization {
        LayerNormalization::new()
    }
}

impl LayerNormalization {
    /// Along the last axis, with Keras' defaults.
    pub fn new() -> LayerNormalization {
        LayerNormalization {
            base: Base::new("LayerNormalization"),
            epsilon: 1e-3,
            center: true,
            scale: true,
            gamma_initializer: Arc::new(Ones::new()),
            beta_initializer: Arc::new(Zeros::new()),
        }
    }

    /// What is added to the variance: `epsilon=`.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> LayerNormalization {
        LayerNormalization { epsilon, ..self }
    }
}

fn width(layer: &dyn Layer, input: &Shape) -> Result<usize> {
    match input.dims() {
        Some([_, .., Some(width)]) => Ok(*width),
        _ => Err(incompatible(layer, "expected a known last axis".into())),
    }
}

arguments! { LayerNormalization:
    flag center = center "Whether to add `beta`";
    flag scale = scale "Whether to multiply by `gamma`";
    initializer gamma_initializer = gamma_initializer "How `gamma` starts";
    initializer beta_initializer = beta_initializer "How `beta` starts";
}

impl Layer for LayerNormalization {
    identity!(LayerNormalization);

    fn build(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        let width = width(self, &inputs[0])?;
        let mut weights = Vec::new();
        if self.scale {
            weights.push(Weight::new("gamma", &self.gamma_initializer.sample(&[width]), true));
        }
        if self.center {
            weights.push(Weight::new("beta", &self.beta_initializer.sample(&[width]), true));
        }
        Ok(weights)
    }

    fn forward(&self, weights: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        let x = v2::cast(&inputs[0], v2::float32);
        let of = |name: &str| weights.iter().find(|w| w.name == name).map(|w| w.variable.value());
        let mean = v2::reduce_mean(&x).axis(-1).keepdims(true);
        let apart = &x - &mean;
        let variance = v2::reduce_mean(v2::square(&apart)).axis(-1).keepdims(true);
        let even = apart * v2::math::rsqrt(variance + self.epsilon);
        let scaled = of("gamma").map_or_else(|| even.clone(), |gamma| &even * gamma);
        of("beta").map_or_else(|| scaled.clone(), |beta| &scaled + beta)
    }

    fn config(&self) -> Value {
        json!({
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "gamma_initializer": saved(&*self.gamma_initializer),
            "beta_initializer": saved(&*self.beta_initializer),
        })
    }
}

/// Brings each feature to mean 0 and variance 1 by the data it was shown: `keras.layers.Normalization()`.
///
/// ```
/// use flowbook::keras::layers::Normalization;
/// let normalizer = Normalization::new();
/// normalizer.adapt([[0.0, 10.0], [2.0, 30.0]]);
/// assert_eq!(normalizer.mean().to_string(), "[[ 1. 20.]]");
/// assert_eq!(normalizer.call(&flowbook::v2::constant([[2.0, 20.0]])).numpy().to_string(), "[[1. 0.]]");
/// ```
#[derive(Clone)]
pub struct Normalization {
    base: Base,
    /// Whether each feature has a mean of its own.
    by_feature: bool,
}
common!(Normalization);

impl Default for Normalization {
    fn default() -> Normalization {
        Normalization::new()
    }
}

impl Normalization {
    /// With a mean and a variance for each feature, the last axis.
    pub fn new() -> Normalization {
        Normalization { base: Base::new("Normalization"), by_feature: true }
    }

    /// `Some(-1)`, a mean for each feature and the default, or `None`, one for all: `axis=`.
    ///
    /// # Panics
    /// `UnimplementedError` for another axis.
    #[must_use]
    #[track_caller]
    pub fn axis(self, axis: Option<i32>) -> Normalization {
        if axis.is_some_and(|axis| axis != -1) {
            crate::Error::Unimplemented(format!("Normalization along axis {axis:?}: the axis may be Some(-1) or None"))
                .raise();
        }
        Normalization { by_feature: axis.is_some(), ..self }
    }

    /// Learns mean and variance from data: `layer.adapt(data)`. What it was shown before is forgotten.
    ///
    /// # Panics
    /// `ValueError` when the data have no axis for the examples, or other features than before.
    #[track_caller]
    pub fn adapt(&self, data: impl IntoTensor) {
        let data = cast_array(&data.into_operand().tensor().numpy(), DType::Float32);
        let data = if data.ndim() == 1 && self.by_feature {
            Array::new(data.to_vec::<f32>(), &[data.size(), 1])
        } else {
            data
        };
        let batch = std::iter::once(None).chain(data.shape().iter().skip(1).map(|n| Some(*n)));
        let shape = Shape::from(batch.collect::<Vec<Option<usize>>>());
        build_layer(self, &[shape]).unwrap_or_else(|error| error.raise());
        let values: Vec<f64> = data.to_vec();
        let width = self.sizes(&data);
        let column = |i: usize| values.iter().skip(i).step_by(width);
        let count = (values.len() / width.max(1)) as f64;
        let means: Vec<f64> = (0..width).map(|i| column(i).sum::<f64>() / count).collect();
        let apart = |i: usize| column(i).map(|x| (x - means[i]).powi(2)).sum::<f64>() / count;
        let variances: Vec<f64> = (0..width).map(apart).collect();
        self.set("mean", &means);
        self.set("variance", &variances);
    }

    fn sizes(&self, data: &Array) -> usize {
        if self.by_feature { data.shape().last().copied().unwrap_or(1) } else { 1 }
    }

    fn set(&self, name: &str, values: &[f64]) {
        if let Some(variable) = self.weight(name) {
            let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
            variable.set(&Array::new(values, variable.sizes()));
        }
    }

    fn row(&self, name: &str) -> Array {
        let values = self.weight(name).map(|v| v.numpy().to_vec::<f32>()).unwrap_or_default();
        let count = values.len();
        if self.by_feature { Array::new(values, &[1, count]) } else { Array::new(values, &[count]) }
    }

    /// The mean of each feature, in a row; of no feature before [`adapt`](Self::adapt): `layer.mean`.
    pub fn mean(&self) -> Array {
        self.row("mean")
    }

    /// The variance of each feature, in a row; of no feature before [`adapt`](Self::adapt): `layer.variance`.
    pub fn variance(&self) -> Array {
        self.row("variance")
    }
}

impl Layer for Normalization {
    identity!(Normalization);

    fn build(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        let sizes = if self.by_feature { vec![width(self, &inputs[0])?] } else { Vec::new() };
        let count = Weight {
            name: "count",
            variable: Variable::of(&Array::scalar(0i64), "count").trainable(false),
            trainable: false,
        };
        Ok(vec![
            Weight::new("mean", &Zeros::new().sample(&sizes), false),
            Weight::new("variance", &Ones::new().sample(&sizes), false),
            count,
        ])
    }

    fn forward(&self, weights: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        let x = v2::cast(&inputs[0], v2::float32);
        let deviation = v2::maximum(v2::sqrt(weights[1].variable.value()), 1e-7);
        (x - &weights[0].variable) / deviation
    }

    fn config(&self) -> Value {
        json!({ "by_feature": self.by_feature })
    }
}

pub(super) fn from_config(class: &str, c: &Config) -> Result<Option<Arc<dyn Layer>>> {
    Ok(Some(match class {
        "LayerNormalization" => LayerNormalization::new()
            .epsilon(c.number("epsilon"))
            .center(c.yes("center"))
            .scale(c.yes("scale"))
            .gamma_initializer(c.initializer("gamma_initializer")?)
            .beta_initializer(c.initializer("beta_initializer")?)
            .handle(),
        "Normalization" => Normalization { by_feature: c.yes("by_feature"), ..Normalization::new() }.handle(),
        _ => return Ok(None),
    }))
}
