//! Convolution and pooling over images `[batch, height, width, channels]`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::arguments::arguments;
use super::core::{Config, saved};
use super::{Base, Layer, Weight, common, identity, incompatible};
use crate::Shape;
use crate::error::{Error, Result};
use crate::keras::activations::Function;
use crate::keras::initializers::{GlorotUniform, Initializer, Zeros};
use crate::keras::regularizers::Regularizer;
use crate::v2::{self, Tensor, shape_v2};

/// A height and a width: `5` or `(5, 3)`.
pub trait IntoPair {
    /// Height and width.
    fn into_pair(self) -> (usize, usize);
}

impl IntoPair for usize {
    fn into_pair(self) -> (usize, usize) {
        (self, self)
    }
}

impl IntoPair for (usize, usize) {
    fn into_pair(self) -> (usize, usize) {
        self
    }
}

/// `"same"` or `"valid"`, as the op table spells it.
#[track_caller]
pub(super) fn padding_named(name: &str) -> &'static str {
    match name.to_ascii_lowercase().as_str() {
        "same" => "SAME",
        "valid" => "VALID",
        _ => Error::Value(format!("Invalid padding: {name}. Expected one of: valid, same")).raise(),
    }
}

/// The number of windows along an axis; nothing when not even one fits.
pub(super) fn windows(size: Option<usize>, window: usize, stride: usize, padding: &str) -> Result<Option<usize>, ()> {
    match size {
        None => Ok(None),
        Some(n) if padding == "SAME" => Ok(Some(n.div_ceil(stride))),
        Some(n) if n >= window => Ok(Some((n - window) / stride + 1)),
        Some(_) => Err(()),
    }
}

/// The shape of the windows' results.
pub(super) fn slid(
    layer: &dyn Layer,
    input: &Shape,
    window: (usize, usize),
    strides: (usize, usize),
    padding: &str,
    channels: Option<usize>,
) -> Result<Shape> {
    let Some([batch, height, width, depth]) = input.dims() else {
        let rank = input.rank().unwrap_or(0);
        let which = if channels.is_some() { "min_ndim" } else { "ndim" };
        let what = format!("expected {which}=4, found ndim={rank}. Full shape received: {}", shape_v2(input));
        return Err(incompatible(layer, what));
    };
    let too_small = |()| {
        let what = format!("the window {window:?} is larger than the image. Full shape received: {}", shape_v2(input));
        incompatible(layer, what)
    };
    let rows = windows(*height, window.0, strides.0, padding).map_err(too_small)?;
    let columns = windows(*width, window.1, strides.1, padding).map_err(too_small)?;
    Ok(Shape::from([*batch, rows, columns, channels.or(*depth)]))
}

pub(super) fn four((a, b): (usize, usize)) -> [i64; 4] {
    [1, a as i64, b as i64, 1]
}

/// Filters slid over images: `keras.layers.Conv2D(filters, kernel_size)`.
#[derive(Clone)]
pub struct Conv2D {
    base: Base,
    filters: usize,
    kernel_size: (usize, usize),
    strides: (usize, usize),
    padding: &'static str,
    activation: Function,
    use_bias: bool,
    kernel_initializer: Arc<dyn Initializer>,
    bias_initializer: Arc<dyn Initializer>,
    kernel_regularizer: Option<Regularizer>,
}
common!(Conv2D);

impl Conv2D {
    /// That many filters of that size.
    pub fn new(filters: usize, kernel_size: impl IntoPair) -> Conv2D {
        Conv2D {
            base: Base::new("Conv2D"),
            filters,
            kernel_size: kernel_size.into_pair(),
            strides: (1, 1),
            padding: "VALID",
            activation: Function::Linear,
            use_bias: true,
            kernel_initializer: Arc::new(GlorotUniform::new()),
            bias_initializer: Arc::new(Zeros::new()),
            kernel_regularizer: None,
        }
    }

    /// How far the windows are apart: `strides=`.
    #[must_use]
    pub fn strides(self, strides: impl IntoPair) -> Conv2D {
        Conv2D { strides: strides.into_pair(), ..self }
    }

    /// `"valid"`, only whole windows, or `"same"`, as many as there are pixels: `padding=`.
    ///
    /// # Panics
    /// `ValueError` for another word.
    #[must_use]
    #[track_caller]
    pub fn padding(self, padding: &str) -> Conv2D {
        Conv2D { padding: padding_named(padding), ..self }
    }
}

arguments! { Conv2D:
    activation activation = activation "The activation, by name";
    flag use_bias = use_bias "Whether there is a bias";
    initializer kernel_initializer = kernel_initializer "How the filters start";
    initializer bias_initializer = bias_initializer "How the bias starts";
    regularizer kernel_regularizer = kernel_regularizer "The penalty on the filters";
}

impl Layer for Conv2D {
    identity!(Conv2D);

    fn build(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        let Some([_, _, _, Some(depth)]) = inputs[0].dims() else {
            return Err(incompatible(self, "expected a known number of channels".into()));
        };
        let (rows, columns) = self.kernel_size;
        let kernel = self.kernel_initializer.sample(&[rows, columns, *depth, self.filters]);
        let mut weights = vec![Weight::new("kernel", &kernel, true)];
        if self.use_bias {
            weights.push(Weight::new("bias", &self.bias_initializer.sample(&[self.filters]), true));
        }
        Ok(weights)
    }

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        slid(self, &inputs[0], self.kernel_size, self.strides, self.padding, Some(self.filters))
    }

    fn forward(&self, weights: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        let kernel = weights[0].variable.value();
        let x = v2::cast(&inputs[0], kernel.dtype());
        let y = v2::nn::conv2d(&x, &kernel, four(self.strides), self.padding);
        let y = match weights.get(1) {
            Some(bias) => v2::add(y, &bias.variable),
            None => y,
        };
        self.activation.apply(&y)
    }

    fn regularizers(&self) -> Vec<(usize, Regularizer)> {
        self.kernel_regularizer.map(|r| (0, r)).into_iter().collect()
    }

    fn config(&self) -> Value {
        json!({
            "filters": self.filters,
            "kernel_size": [self.kernel_size.0, self.kernel_size.1],
            "strides": [self.strides.0, self.strides.1],
            "padding": self.padding,
            "activation": self.activation.name(),
            "use_bias": self.use_bias,
            "kernel_initializer": saved(&*self.kernel_initializer),
            "bias_initializer": saved(&*self.bias_initializer),
            "kernel_regularizer": self.kernel_regularizer.map(Regularizer::config),
        })
    }
}

macro_rules! pooling {
    ($($(#[$doc:meta])* $name:ident = $pool:path;)*) => { $(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            base: Base,
            pool_size: (usize, usize),
            strides: Option<(usize, usize)>,
            padding: &'static str,
        }
        common!($name);

        impl Default for $name {
            fn default() -> $name {
                $name::new()
            }
        }

        impl $name {
            /// Of windows of 2 by 2 that do not overlap.
            pub fn new() -> $name {
                $name { base: Base::new(stringify!($name)), pool_size: (2, 2), strides: None, padding: "VALID" }
            }

            /// The size of the windows: `pool_size=`.
            #[must_use]
            pub fn pool_size(self, pool_size: impl IntoPair) -> $name {
                $name { pool_size: pool_size.into_pair(), ..self }
            }

            /// How far the windows are apart, their own size unless said otherwise: `strides=`.
            #[must_use]
            pub fn strides(self, strides: impl IntoPair) -> $name {
                $name { strides: Some(strides.into_pair()), ..self }
            }

            /// `"valid"` or `"same"`: `padding=`.
            ///
            /// # Panics
            /// `ValueError` for another word.
            #[must_use]
            #[track_caller]
            pub fn padding(self, padding: &str) -> $name {
                $name { padding: padding_named(padding), ..self }
            }
        }

        impl Layer for $name {
            identity!($name);

            fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
                slid(self, &inputs[0], self.pool_size, self.strides.unwrap_or(self.pool_size), self.padding, None)
            }

            fn forward(&self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
                let strides = self.strides.unwrap_or(self.pool_size);
                $pool(&inputs[0], four(self.pool_size), four(strides), self.padding)
            }

            fn config(&self) -> Value {
                let strides = self.strides.unwrap_or(self.pool_size);
                json!({
                    "pool_size": [self.pool_size.0, self.pool_size.1],
                    "strides": [strides.0, strides.1],
                    "padding": self.padding,
                })
            }
        }
    )* };
}
pooling! {
    /// The largest value of each window: `keras.layers.MaxPooling2D()`.
    MaxPooling2D = v2::nn::max_pool2d;
    /// The mean of each window: `keras.layers.AveragePooling2D()`.
    AveragePooling2D = v2::nn::avg_pool2d;
}

pub(super) fn from_config(class: &str, c: &Config) -> Result<Option<Arc<dyn Layer>>> {
    Ok(Some(match class {
        "Conv2D" => {
            let mut layer = Conv2D::new(c.size("filters"), c.pair("kernel_size"))
                .strides(c.pair("strides"))
                .padding(c.text("padding"))
                .activation(c.text("activation"))
                .use_bias(c.yes("use_bias"))
                .kernel_initializer(c.initializer("kernel_initializer")?)
                .bias_initializer(c.initializer("bias_initializer")?);
            layer.kernel_regularizer = c.regularizer("kernel_regularizer");
            layer.handle()
        }
        "MaxPooling2D" => MaxPooling2D::new()
            .pool_size(c.pair("pool_size"))
            .strides(c.pair("strides"))
            .padding(c.text("padding"))
            .handle(),
        "AveragePooling2D" => AveragePooling2D::new()
            .pool_size(c.pair("pool_size"))
            .strides(c.pair("strides"))
            .padding(c.text("padding"))
            .handle(),
        _ => return Ok(None),
    }))
}
