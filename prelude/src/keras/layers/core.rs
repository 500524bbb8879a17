//! Dense layers, dropout and noise; and how a layer comes back from its saved arguments.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Base, Layer, Weight, activation, adapted, arguments::arguments, augmentation, common, conv, filters, identity,
    incompatible, merge, normalization, recurrent, reshaping, resizing, sequence,
};
use crate::Shape;
use crate::error::{Error, Result};
use crate::keras::activations::Function;
use crate::keras::initializers::{self, GlorotUniform, Initializer, Zeros};
use crate::keras::regularizers::Regularizer;
use crate::v2::{self, Tensor};

/// `activation(x @ kernel + bias)`: `keras.layers.Dense(units)`.
///
/// ```
/// use flowbook::{keras, v2 as tf};
/// let layer = keras::layers::Dense::new(3).activation("relu").kernel_initializer("ones");
/// let y = layer.call(&tf::constant([[1.0, 2.0]]));
/// assert_eq!(y.numpy().to_string(), "[[3. 3. 3.]]");
/// ```
#[derive(Clone)]
pub struct Dense {
    pub(super) base: Base,
    units: usize,
    activation: Function,
    use_bias: bool,
    kernel_initializer: Arc<dyn Initializer>,
    bias_initializer: Arc<dyn Initializer>,
    kernel_regularizer: Option<Regularizer>,
    bias_regularizer: Option<Regularizer>,
}
common!(Dense);

impl Dense {
    /// With that many results.
    ///
    /// # Panics
    /// `ValueError` for none at all.
    #[track_caller]
    pub fn new(units: usize) -> Dense {
        if units == 0 {
            Error::Value(
                "Received an invalid value for `units`, expected a positive integer. Received: units=0".into(),
            )
            .raise();
        }
        Dense {
            base: Base::new("Dense"),
            units,
            activation: Function::Linear,
            use_bias: true,
            kernel_initializer: Arc::new(GlorotUniform::new()),
            bias_initializer: Arc::new(Zeros::new()),
            kernel_regularizer: None,
            bias_regularizer: None,
        }
    }
}

arguments! { Dense:
    activation activation = activation "The activation, by name";
    flag use_bias = use_bias "Whether there is a bias";
    initializer kernel_initializer = kernel_initializer "How the kernel starts, by object or by name";
    initializer bias_initializer = bias_initializer "How the bias starts";
    regularizer kernel_regularizer = kernel_regularizer "The penalty on the kernel";
    regularizer bias_regularizer = bias_regularizer "The penalty on the bias";
}

impl Layer for Dense {
    identity!(Dense);

    fn build(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        let Some([_, .., Some(width)]) = inputs[0].dims() else {
            return Err(incompatible(self, "expected a known last axis".into()));
        };
        let kernel = self.kernel_initializer.sample(&[*width, self.units]);
        let mut weights = vec![Weight::new("kernel", &kernel, true)];
        if self.use_bias {
            weights.push(Weight::new("bias", &self.bias_initializer.sample(&[self.units]), true));
        }
        Ok(weights)
    }

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let dims = inputs[0].dims().unwrap_or_default();
        if dims.len() < 2 {
            let what = format!(
                "expected min_ndim=2, found ndim={}. Full shape received: {}",
                dims.len(),
                v2::shape_v2(&inputs[0])
            );
            return Err(incompatible(self, what));
        }
        let mut out = dims.to_vec();
        if let Some(last) = out.last_mut() {
            *last = Some(self.units);
        }
        Ok(Shape::from(out))
    }

    fn forward(&self, weights: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        let x = &inputs[0];
        let kernel = weights[0].variable.value();
        let x = v2::cast(x, kernel.dtype());
        let product: Tensor = match x.ndim() {
            2 => v2::matmul(&x, &kernel).into(),
            _ => {
                let sizes = x.shape().sizes().unwrap_or_default();
                let (width, outer) = (sizes[sizes.len() - 1] as i32, &sizes[..sizes.len() - 1]);
                let rows = v2::matmul(v2::reshape(&x, [-1, width]), &kernel);
                let back: Vec<i32> = outer.iter().map(|n| *n as i32).chain([self.units as i32]).collect();
                v2::reshape(rows, back)
            }
        };
        let sum = match weights.get(1) {
            Some(bias) => v2::add(product, &bias.variable),
            None => product,
        };
        self.activation.apply(&sum)
    }

    fn regularizers(&self) -> Vec<(usize, Regularizer)> {
        let kernel = self.kernel_regularizer.map(|r| (0, r));
        kernel.into_iter().chain(self.bias_regularizer.filter(|_| self.use_bias).map(|r| (1, r))).collect()
    }

    fn config(&self) -> Value {
        json!({
            "units": self.units,
            "activation": self.activation.name(),
            "use_bias": self.use_bias,
            "kernel_initializer": saved(&*self.kernel_initializer),
            "bias_initializer": saved(&*self.bias_initializer),
            "kernel_regularizer": self.kernel_regularizer.map(Regularizer::config),
            "bias_regularizer": self.bias_regularizer.map(Regularizer::config),
        })
    }
}

pub(super) fn saved(initializer: &dyn Initializer) -> Value {
    json!({ "class_name": initializer.class_name(), "config": initializer.config() })
}

/// Drops each element with probability `rate` in training and scales the others up: `keras.layers.Dropout(rate)`.
#[derive(Clone)]
pub struct Dropout {
    pub(super) base: Base,
    rate: f64,
}
common!(Dropout);

impl Dropout {
    /// With that share of elements dropped.
    ///
    /// # Panics
    /// `ValueError` outside [0, 1].
    #[track_caller]
    pub fn new(rate: f64) -> Dropout {
        if !(0.0..=1.0).contains(&rate) {
            Error::Value(format!(
                "Invalid value received for argument `rate`. Expected a float value between 0 and 1. Received: rate={rate:?}"
            ))
            .raise();
        }
        Dropout { base: Base::new("Dropout"), rate }
    }
}

impl Layer for Dropout {
    identity!(Dropout);

    fn forward(&self, _: &[Weight], inputs: &[Tensor], training: bool) -> Tensor {
        match training {
            true if self.rate >= 1.0 => v2::zeros_like(&inputs[0]).tensor(),
            true if self.rate > 0.0 => v2::nn::dropout(&inputs[0], self.rate),
            _ => inputs[0].clone(),
        }
    }

    fn config(&self) -> Value {
        json!({ "rate": self.rate })
    }
}

/// Adds normally distributed noise in training: `keras.layers.GaussianNoise(stddev)`.
#[derive(Clone)]
pub struct GaussianNoise {
    pub(super) base: Base,
    stddev: f64,
}
common!(GaussianNoise);

impl GaussianNoise {
    /// With noise of that standard deviation.
    pub fn new(stddev: f64) -> GaussianNoise {
        GaussianNoise { base: Base::new("GaussianNoise"), stddev }
    }
}

impl Layer for GaussianNoise {
    identity!(GaussianNoise);

    fn forward(&self, _: &[Weight], inputs: &[Tensor], training: bool) -> Tensor {
        let x = &inputs[0];
        if !training {
            return x.clone();
        }
        x + v2::random::normal(x.shape()).stddev(self.stddev)
    }

    fn config(&self) -> Value {
        json!({ "stddev": self.stddev })
    }
}

/// Reads saved arguments.
pub(super) struct Config<'a>(pub &'a Value);

impl Config<'_> {
    pub fn number(&self, key: &str) -> f64 {
        self.0.get(key).and_then(Value::as_f64).unwrap_or(0.0)
    }

    pub fn size(&self, key: &str) -> usize {
        self.0.get(key).and_then(Value::as_u64).unwrap_or(0) as usize
    }

    pub fn yes(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    pub fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn sizes(&self, key: &str) -> Vec<i64> {
        self.0.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).collect()
    }

    pub fn pair(&self, key: &str) -> (usize, usize) {
        let sizes = self.sizes(key);
        (sizes.first().map_or(1, |n| *n as usize), sizes.get(1).map_or(1, |n| *n as usize))
    }

    pub fn initializer(&self, key: &str) -> Result<Box<dyn Initializer>> {
        let value = self.0.get(key).unwrap_or(&Value::Null);
        initializers::from_config(Config(value).text("class_name"), value.get("config").unwrap_or(&Value::Null))
    }

    pub fn regularizer(&self, key: &str) -> Option<Regularizer> {
        self.0.get(key).and_then(Regularizer::from_config)
    }
}

/// The layer that [`Layer::class_name`] and [`Layer::config`] describe.
///
/// # Errors
/// `ValueError` for a class that there is not.
pub(crate) fn from_config(class: &str, config: &Value) -> Result<Arc<dyn Layer>> {
    let c = Config(config);
    let known = match class {
        "Dense" => Some(dense(&c)?),
        "Dropout" => Some(Dropout::new(c.number("rate")).handle()),
        "GaussianNoise" => Some(GaussianNoise::new(c.number("stddev")).handle()),
        _ => None,
    };
    let found = known
        .or_else(|| reshaping::from_config(class, &c))
        .or_else(|| merge::from_config(class, &c))
        .or_else(|| resizing::from_config(class, &c))
        .or_else(|| augmentation::from_config(class, &c));
    if let Some(layer) = found {
        return Ok(layer);
    }
    let readers = [
        activation::from_config,
        adapted::from_config,
        conv::from_config,
        filters::from_config,
        normalization::from_config,
        recurrent::from_config,
        sequence::from_config,
    ];
    for read in readers {
        if let Some(layer) = read(class, &c)? {
            return Ok(layer);
        }
    }
    Err(Error::Value(format!("Could not locate class '{class}'.")))
}

fn dense(c: &Config) -> Result<Arc<dyn Layer>> {
    let mut layer = Dense::new(c.size("units"))
        .activation(c.text("activation"))
        .use_bias(c.yes("use_bias"))
        .kernel_initializer(c.initializer("kernel_initializer")?)
        .bias_initializer(c.initializer("bias_initializer")?);
    layer.kernel_regularizer = c.regularizer("kernel_regularizer");
    layer.bias_regularizer = c.regularizer("bias_regularizer");
    Ok(layer.handle())
}
