//! Further convolutions of images `[batch, height, width, channels]`: transposed, and channel by channel. They are made of
//! the plain convolution.

use std::sync::Arc;

use serde_json::{Value, json};

use super::arguments::arguments;
use super::conv::{IntoPair, four, padding_named, slid};
use super::core::{Config, saved};
use super::{Base, Layer, Weight, common, identity, incompatible};
use crate::Shape;
use crate::error::Result;
use crate::keras::activations::{Function, IntoActivation};
use crate::keras::initializers::{GlorotUniform, Initializer, Zeros};
use crate::v2::{self, Tensor, shape_v2};

/// What these layers share.
#[derive(Clone)]
struct Filters {
    kernel_size: (usize, usize),
    strides: (usize, usize),
    padding: &'static str,
    activation: Function,
    use_bias: bool,
    initializer: Arc<dyn Initializer>,
}

impl Filters {
    fn new(kernel_size: impl IntoPair) -> Filters {
        Filters {
            kernel_size: kernel_size.into_pair(),
            strides: (1, 1),
            padding: "VALID",
            activation: Function::Linear,
            use_bias: true,
            initializer: Arc::new(GlorotUniform::new()),
        }
    }

    fn with_bias(&self, mut weights: Vec<Weight>, size: usize) -> Vec<Weight> {
        if self.use_bias {
            weights.push(Weight::new("bias", &Zeros::new().sample(&[size]), true));
        }
        weights
    }

    fn finish(&self, y: Tensor, bias: Option<&Weight>) -> Tensor {
        let y = bias.map_or_else(|| y.clone(), |bias| v2::add(&y, &bias.variable));
        self.activation.apply(&y)
    }

    /// Each channel under filters of its own, as one convolution whose other weights are 0.
    fn depthwise(&self, x: &Tensor, kernel: &Tensor) -> Tensor {
        let sizes = kernel.shape().sizes().unwrap_or_default();
        let [rows, columns, depth, times] = [0, 1, 2, 3].map(|i| sizes[i] as i32);
        let own = v2::reshape(v2::eye(depth as usize), [1, 1, depth, depth, 1]);
        let apart = v2::reshape(kernel, [rows, columns, depth, 1, times]) * own;
        let whole = v2::reshape(apart, [rows, columns, depth, depth * times]);
        v2::nn::conv2d(x, whole, four(self.strides), self.padding)
    }

    fn config(&self) -> Value {
        json!({
            "kernel_size": [self.kernel_size.0, self.kernel_size.1],
            "strides": [self.strides.0, self.strides.1],
            "padding": self.padding,
            "activation": self.activation.name(),
            "use_bias": self.use_bias,
            "initializer": saved(&*self.initializer),
        })
    }

    fn from_config(c: &Config) -> Result<Filters> {
        Ok(Filters {
            kernel_size: c.pair("kernel_size"),
            strides: c.pair("strides"),
            padding: padding_named(c.text("padding")),
            activation: c.text("activation").into_activation()?,
            use_bias: c.yes("use_bias"),
            initializer: c.initializer("initializer")?.into(),
        })
    }
}

/// Height, width and channels of an image.
fn image(layer: &dyn Layer, input: &Shape) -> Result<[Option<usize>; 4]> {
    <[Option<usize>; 4]>::try_from(input.dims().unwrap_or_default()).map_err(|_| {
        let rank = input.rank().unwrap_or(0);
        incompatible(layer, format!("expected min_ndim=4, found ndim={rank}. Full shape received: {}", shape_v2(input)))
    })
}

fn depth(layer: &dyn Layer, input: &Shape) -> Result<usize> {
    image(layer, input)?[3].ok_or_else(|| incompatible(layer, "expected a known number of channels".into()))
}

macro_rules! setters {
    ($name:ident, $kernel:ident) => {
        impl $name {
            /// How far the windows are apart: `strides=`.
            #[must_use]
            pub fn strides(mut self, strides: impl IntoPair) -> $name {
                self.filters.strides = strides.into_pair();
                self
            }

            /// `"valid"` or `"same"`: `padding=`.
            ///
            /// # Panics
            /// `ValueError` for another word.
            #[must_use]
            #[track_caller]
            pub fn padding(mut self, padding: &str) -> $name {
                self.filters.padding = padding_named(padding);
                self
            }
        }

        arguments! { $name:
            activation activation = filters.activation "The activation, by name";
            flag use_bias = filters.use_bias "Whether there is a bias";
            initializer $kernel = filters.initializer "How the filters start";
        }
    };
}

/// The gradient of a convolution as a layer, which makes images larger: `keras.layers.Conv2DTranspose(filters, kernel_size)`.
#[derive(Clone)]
pub struct Conv2DTranspose {
    base: Base,
    count: usize,
    filters: Filters,
}
common!(Conv2DTranspose);
setters!(Conv2DTranspose, kernel_initializer);

impl Conv2DTranspose {
    /// That many filters of that size.
    pub fn new(filters: usize, kernel_size: impl IntoPair) -> Conv2DTranspose {
        Conv2DTranspose { base: Base::new("Conv2DTranspose"), count: filters, filters: Filters::new(kernel_size) }
    }

    /// Along one axis: the size of the result, and the zeros before and after the pixels that are `stride` apart.
    fn axis(&self, size: usize, window: usize, stride: usize) -> (usize, i32, i32) {
        let overlap = window.saturating_sub(stride);
        match self.filters.padding {
            "SAME" => {
                let cut = overlap / 2;
                (size * stride, (window - 1 - cut) as i32, cut as i32)
            }
            _ => (size * stride + overlap, window as i32 - 1, overlap as i32),
        }
    }
}

impl Layer for Conv2DTranspose {
    identity!(Conv2DTranspose);

    fn build(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        let (rows, columns) = self.filters.kernel_size;
        let sizes = [rows, columns, self.count, depth(self, &inputs[0])?];
        let kernel = Weight::new("kernel", &self.filters.initializer.sample(&sizes), true);
        Ok(self.filters.with_bias(vec![kernel], self.count))
    }

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let [batch, height, width, _] = image(self, &inputs[0])?;
        let (window, stride) = (self.filters.kernel_size, self.filters.strides);
        let rows = height.map(|n| self.axis(n, window.0, stride.0).0);
        let columns = width.map(|n| self.axis(n, window.1, stride.1).0);
        Ok(Shape::from([batch, rows, columns, Some(self.count)]))
    }

    fn forward(&self, weights: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        let x = v2::cast(&inputs[0], v2::float32);
        let sizes = x.shape().sizes().unwrap_or_default();
        let [batch, height, width, depth] = [0, 1, 2, 3].map(|i| sizes[i] as i32);
        let (window, stride) = (self.filters.kernel_size, self.filters.strides);
        let (rows, columns) = (stride.0 as i32, stride.1 as i32);
        // Zeros between the pixels, then a plain convolution with the filters turned around.
        let apart = v2::reshape(x, [batch, height, 1, width, 1, depth]);
        let apart = v2::pad(apart, [[0, 0], [0, 0], [0, rows - 1], [0, 0], [0, columns - 1], [0, 0]]);
        let apart = v2::reshape(apart, [batch, height * rows, width * columns, depth]);
        let (_, above, below) = self.axis(sizes[1], window.0, stride.0);
        let (_, left, right) = self.axis(sizes[2], window.1, stride.1);
        let padded = v2::pad(apart, [[0, 0], [above, below], [left, right], [0, 0]]);
        let kernel = v2::transpose_perm(v2::reverse(&weights[0].variable, [0, 1]), [0, 1, 3, 2]);
        self.filters.finish(v2::nn::conv2d(padded, kernel, [1, 1, 1, 1], "VALID"), weights.get(1))
    }

    fn config(&self) -> Value {
        json!({ "count": self.count, "filters": self.filters.config() })
    }
}

/// Filters for each channel alone: `keras.layers.DepthwiseConv2D(kernel_size)`.
#[derive(Clone)]
pub struct DepthwiseConv2D {
    base: Base,
    depth_multiplier: usize,
    filters: Filters,
}
common!(DepthwiseConv2D);
setters!(DepthwiseConv2D, depthwise_initializer);

impl DepthwiseConv2D {
    /// One filter of that size for each channel.
    pub fn new(kernel_size: impl IntoPair) -> DepthwiseConv2D {
        DepthwiseConv2D { base: Base::new("DepthwiseConv2D"), depth_multiplier: 1, filters: Filters::new(kernel_size) }
    }

    /// How many filters each channel has: `depth_multiplier=`.
    #[must_use]
    pub fn depth_multiplier(self, filters: usize) -> DepthwiseConv2D {
        DepthwiseConv2D { depth_multiplier: filters, ..self }
    }
}

impl Layer for DepthwiseConv2D {
    identity!(DepthwiseConv2D);

    fn build(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        let (rows, columns) = self.filters.kernel_size;
        let depth = depth(self, &inputs[0])?;
        let kernel = self.filters.initializer.sample(&[rows, columns, depth, self.depth_multiplier]);
        Ok(self.filters.with_bias(vec![Weight::new("kernel", &kernel, true)], depth * self.depth_multiplier))
    }

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let channels = depth(self, &inputs[0])? * self.depth_multiplier;
        let Filters { kernel_size, strides, padding, .. } = self.filters;
        slid(self, &inputs[0], kernel_size, strides, padding, Some(channels))
    }

    fn forward(&self, weights: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        let x = v2::cast(&inputs[0], v2::float32);
        let y = self.filters.depthwise(&x, &weights[0].variable.value());
        self.filters.finish(y, weights.get(1))
    }

    fn config(&self) -> Value {
        json!({ "depth_multiplier": self.depth_multiplier, "filters": self.filters.config() })
    }
}

/// Filters for each channel alone, then a mixture of the channels: `keras.layers.SeparableConv2D(filters, kernel_size)`.
#[derive(Clone)]
pub struct SeparableConv2D {
    base: Base,
    count: usize,
    depth_multiplier: usize,
    filters: Filters,
}
common!(SeparableConv2D);
setters!(SeparableConv2D, depthwise_initializer);

impl SeparableConv2D {
    /// That many mixtures, after filters of that size.
    pub fn new(filters: usize, kernel_size: impl IntoPair) -> SeparableConv2D {
        let base = Base::new("SeparableConv2D");
        SeparableConv2D { base, count: filters, depth_multiplier: 1, filters: Filters::new(kernel_size) }
    }

    /// How many filters each channel has: `depth_multiplier=`.
    #[must_use]
    pub fn depth_multiplier(self, filters: usize) -> SeparableConv2D {
        SeparableConv2D { depth_multiplier: filters, ..self }
    }
}

impl Layer for SeparableConv2D {
    identity!(SeparableConv2D);

    fn build(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        let (rows, columns) = self.filters.kernel_size;
        let depth = depth(self, &inputs[0])?;
        let each = self.filters.initializer.sample(&[rows, columns, depth, self.depth_multiplier]);
        let mixture = GlorotUniform::new().sample(&[1, 1, depth * self.depth_multiplier, self.count]);
        let weights =
            vec![Weight::new("depthwise_kernel", &each, true), Weight::new("pointwise_kernel", &mixture, true)];
        Ok(self.filters.with_bias(weights, self.count))
    }

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let Filters { kernel_size, strides, padding, .. } = self.filters;
        slid(self, &inputs[0], kernel_size, strides, padding, Some(self.count))
    }

    fn forward(&self, weights: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        let x = v2::cast(&inputs[0], v2::float32);
        let each = self.filters.depthwise(&x, &weights[0].variable.value());
        let y = v2::nn::conv2d(each, &weights[1].variable, [1, 1, 1, 1], "VALID");
        self.filters.finish(y, weights.get(2))
    }

    fn config(&self) -> Value {
        json!({ "count": self.count, "depth_multiplier": self.depth_multiplier, "filters": self.filters.config() })
    }
}

pub(super) fn from_config(class: &str, c: &Config) -> Result<Option<Arc<dyn Layer>>> {
    if !matches!(class, "Conv2DTranspose" | "DepthwiseConv2D" | "SeparableConv2D") {
        return Ok(None);
    }
    let filters = Filters::from_config(&Config(&c.0["filters"]))?;
    let (count, depth_multiplier) = (c.size("count"), c.size("depth_multiplier"));
    let base = |class| Base::new(class);
    Ok(Some(match class {
        "Conv2DTranspose" => Conv2DTranspose { base: base("Conv2DTranspose"), count, filters }.handle(),
        "DepthwiseConv2D" => DepthwiseConv2D { base: base("DepthwiseConv2D"), depth_multiplier, filters }.handle(),
        _ => SeparableConv2D { base: base("SeparableConv2D"), count, depth_multiplier, filters }.handle(),
    }))
}
