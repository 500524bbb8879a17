//! Layers for sequences `[batch, steps, features]`: embedding, convolution and pooling along the steps.

use std::sync::Arc;

use serde_json::{Value, json};

use super::arguments::arguments;
use super::conv::{padding_named, windows};
use super::core::{Config, saved};
use super::{Base, Layer, Weight, common, identity, incompatible};
use crate::Shape;
use crate::error::Result;
use crate::keras::activations::Function;
use crate::keras::initializers::{GlorotUniform, Initializer, RandomUniform, Zeros};
use crate::v2::{self, Tensor, shape_v2};

/// A vector for each number below `input_dim`: `keras.layers.Embedding(input_dim, output_dim)`.
///
/// ```
/// use flowbook::{keras, v2 as tf};
/// let layer = keras::layers::Embedding::new(3, 2).embeddings_initializer("ones");
/// assert_eq!(layer.call(&tf::constant([[0, 2]])).numpy().to_string(), "[[[1. 1.]\n  [1. 1.]]]");
/// ```
#[derive(Clone)]
pub struct Embedding {
    base: Base,
    input_dim: usize,
    output_dim: usize,
    initializer: Arc<dyn Initializer>,
}
common!(Embedding);

impl Embedding {
    /// For that many numbers, vectors of that length.
    pub fn new(input_dim: usize, output_dim: usize) -> Embedding {
        let initializer = Arc::new(RandomUniform::new());
        Embedding { base: Base::new("Embedding"), input_dim, output_dim, initializer }
    }
}

arguments! { Embedding:
    initializer embeddings_initializer = initializer "How the vectors start";
}

impl Layer for Embedding {
    identity!(Embedding);

    fn build(&self, _: &[Shape]) -> Result<Vec<Weight>> {
        let table = self.initializer.sample(&[self.input_dim, self.output_dim]);
        Ok(vec![Weight::new("embeddings", &table, true)])
    }

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        Ok(Shape::from([inputs[0].dims().unwrap_or_default(), &[Some(self.output_dim)]].concat()))
    }

    fn forward(&self, weights: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        v2::gather(&weights[0].variable, v2::cast(&inputs[0], v2::int32)).into()
    }

    fn config(&self) -> Value {
        json!({
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": saved(&*self.initializer),
        })
    }
}

/// The sizes of `[batch, steps, features]`.
fn three(layer: &dyn Layer, input: &Shape) -> Result<[Option<usize>; 3]> {
    <[Option<usize>; 3]>::try_from(input.dims().unwrap_or_default()).map_err(|_| {
        let rank = input.rank().unwrap_or(0);
        incompatible(layer, format!("expected ndim=3, found ndim={rank}. Full shape received: {}", shape_v2(input)))
    })
}

fn slid(layer: &dyn Layer, steps: Option<usize>, window: usize, stride: usize, padding: &str) -> Result<Option<usize>> {
    windows(steps, window, stride, padding)
        .map_err(|()| incompatible(layer, format!("the window {window} is longer than the sequence: {steps:?} steps")))
}

/// A sequence as an image of one row.
fn row(x: &Tensor) -> Tensor {
    v2::expand_dims(x, 1)
}

fn out_of_row(y: Tensor) -> Tensor {
    v2::squeeze(y, &[1])
}

/// Filters slid along sequences: `keras.layers.Conv1D(filters, kernel_size)`.
#[derive(Clone)]
pub struct Conv1D {
    base: Base,
    filters: usize,
    kernel_size: usize,
    strides: usize,
    padding: &'static str,
    activation: Function,
    use_bias: bool,
    kernel_initializer: Arc<dyn Initializer>,
}
common!(Conv1D);

impl Conv1D {
    /// That many filters of that length.
    pub fn new(filters: usize, kernel_size: usize) -> Conv1D {
        Conv1D {
            base: Base::new("Conv1D"),
            filters,
            kernel_size,
            strides: 1,
            padding: "VALID",
            activation: Function::Linear,
            use_bias: true,
            kernel_initializer: Arc::new(GlorotUniform::new()),
        }
    }

    /// How far the windows are apart: `strides=`.
    #[must_use]
    pub fn strides(self, strides: usize) -> Conv1D {
        Conv1D { strides, ..self }
    }

    /// `"valid"`, only whole windows, `"same"`, as many as there are steps, or `"causal"`, which end where the step is:
    /// `padding=`.
    ///
    /// # Panics
    /// `ValueError` for another word.
    #[must_use]
    #[track_caller]
    pub fn padding(self, padding: &str) -> Conv1D {
        let padding = if padding.eq_ignore_ascii_case("causal") { "CAUSAL" } else { padding_named(padding) };
        Conv1D { padding, ..self }
    }
}

arguments! { Conv1D:
    activation activation = activation "The activation, by name";
    flag use_bias = use_bias "Whether there is a bias";
    initializer kernel_initializer = kernel_initializer "How the filters start";
}

impl Layer for Conv1D {
    identity!(Conv1D);

    fn build(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        let [_, _, Some(depth)] = three(self, &inputs[0])? else {
            return Err(incompatible(self, "expected a known number of channels".into()));
        };
        let kernel = self.kernel_initializer.sample(&[self.kernel_size, depth, self.filters]);
        let mut weights = vec![Weight::new("kernel", &kernel, true)];
        if self.use_bias {
            weights.push(Weight::new("bias", &Zeros::new().sample(&[self.filters]), true));
        }
        Ok(weights)
    }

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let [batch, steps, _] = three(self, &inputs[0])?;
        let padding = if self.padding == "CAUSAL" { "SAME" } else { self.padding };
        let steps = slid(self, steps, self.kernel_size, self.strides, padding)?;
        Ok(Shape::from([batch, steps, Some(self.filters)]))
    }

    fn forward(&self, weights: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        let kernel = weights[0].variable.value();
        let x = v2::cast(&inputs[0], kernel.dtype());
        let (x, padding) = match self.padding {
            "CAUSAL" => (v2::pad(x, [[0, 0], [self.kernel_size as i32 - 1, 0], [0, 0]]).tensor(), "VALID"),
            padding => (x, padding),
        };
        let strides = [1, self.strides as i64, self.strides as i64, 1];
        let y = out_of_row(v2::nn::conv2d(row(&x), v2::expand_dims(kernel, 0), strides, padding));
        let y = match weights.get(1) {
            Some(bias) => v2::add(y, &bias.variable),
            None => y,
        };
        self.activation.apply(&y)
    }

    fn config(&self) -> Value {
        json!({
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "activation": self.activation.name(),
            "use_bias": self.use_bias,
            "kernel_initializer": saved(&*self.kernel_initializer),
        })
    }
}

macro_rules! pooling {
    ($($(#[$doc:meta])* $name:ident = $pool:path;)*) => { $(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            base: Base,
            pool_size: usize,
            strides: Option<usize>,
            padding: &'static str,
        }
        common!($name);

        impl Default for $name {
            fn default() -> $name {
                $name::new()
            }
        }

        impl $name {
            /// Of windows of 2 steps that do not overlap.
            pub fn new() -> $name {
                $name { base: Base::new(stringify!($name)), pool_size: 2, strides: None, padding: "VALID" }
            }

            /// The length of the windows: `pool_size=`.
            #[must_use]
            pub fn pool_size(self, pool_size: usize) -> $name {
                $name { pool_size, ..self }
            }

            /// How far the windows are apart, their own length unless said otherwise: `strides=`.
            #[must_use]
            pub fn strides(self, strides: usize) -> $name {
                $name { strides: Some(strides), ..self }
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
                let [batch, steps, depth] = three(self, &inputs[0])?;
                let stride = self.strides.unwrap_or(self.pool_size);
                Ok(Shape::from([batch, slid(self, steps, self.pool_size, stride, self.padding)?, depth]))
            }

            fn forward(&self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
                let stride = self.strides.unwrap_or(self.pool_size) as i64;
                let window = [1, 1, self.pool_size as i64, 1];
                out_of_row($pool(row(&inputs[0]), window, [1, 1, stride, 1], self.padding))
            }

            fn config(&self) -> Value {
                json!({ "pool_size": self.pool_size, "strides": self.strides, "padding": self.padding })
            }
        }
    )* };
}
pooling! {
    /// The largest value of each window of steps: `keras.layers.MaxPooling1D()`.
    MaxPooling1D = v2::nn::max_pool2d;
    /// The mean of each window of steps: `keras.layers.AveragePooling1D()`.
    AveragePooling1D = v2::nn::avg_pool2d;
}

pub(super) fn from_config(class: &str, c: &Config) -> Result<Option<Arc<dyn Layer>>> {
    macro_rules! pool {
        ($class:ident) => {{
            let layer = $class::new().pool_size(c.size("pool_size")).padding(c.text("padding"));
            $class { strides: c.0["strides"].as_u64().map(|n| n as usize), ..layer }.handle()
        }};
    }
    Ok(Some(match class {
        "Embedding" => Embedding::new(c.size("input_dim"), c.size("output_dim"))
            .embeddings_initializer(c.initializer("embeddings_initializer")?)
            .handle(),
        "Conv1D" => Conv1D::new(c.size("filters"), c.size("kernel_size"))
            .strides(c.size("strides"))
            .padding(c.text("padding"))
            .activation(c.text("activation"))
            .use_bias(c.yes("use_bias"))
            .kernel_initializer(c.initializer("kernel_initializer")?)
            .handle(),
        "MaxPooling1D" => pool!(MaxPooling1D),
        "AveragePooling1D" => pool!(AveragePooling1D),
        _ => return Ok(None),
    }))
}
