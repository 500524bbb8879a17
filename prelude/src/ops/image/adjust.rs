//! Images changed in their values: brightness, contrast, colours, element types. These functions are made of other ops.

use super::leading;
use crate::error::Error;
use crate::graph::{Built, IntoDType, IntoTensor, Operand, Optional, Options, Tensor, setters};
use crate::ops::array::convert_to_tensor;
use crate::ops::cast_array;
use crate::ops::einsum::tensordot;
use crate::ops::elementwise::{add, cast, divide, maximum, multiply, pow, rsqrt, subtract};
use crate::ops::nn::{clip_by_value, composed};
use crate::ops::reduce::{reduce_mean, reduce_variance};
use crate::ops::shape::{concat, expand_dims};
use crate::{Array, DType};

/// The greatest value of pixels of that type; floats go up to 1.
fn white(dtype: DType) -> f64 {
    match dtype {
        DType::UInt8 => f64::from(u8::MAX),
        DType::Int32 => f64::from(i32::MAX),
        DType::Int64 => i64::MAX as f64,
        _ => 1.0,
    }
}

/// A number of the tensor's own type.
fn number(like: Tensor, value: f64) -> Tensor {
    convert_to_tensor(cast_array(&Array::scalar(value), like.dtype()))
}

/// The optional arguments of [`convert_image_dtype`].
#[derive(Clone, Copy)]
pub struct ConvertImage {
    dtype: DType,
    saturate: bool,
}

impl ConvertImage {
    #[track_caller]
    pub(crate) fn to(dtype: impl IntoDType) -> ConvertImage {
        ConvertImage { dtype: dtype.into_dtype().unwrap_or_else(|error| error.raise()), saturate: false }
    }
}

impl Options for ConvertImage {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let image = convert_to_tensor(operands[0].clone());
        composed(image, "convert_image", || converted(image, self.dtype, self.saturate))
    }
}

/// The image with pixels of another type, their range being that of the type.
fn converted(image: Tensor, dtype: DType, saturate: bool) -> Tensor {
    let from = image.dtype();
    if from == dtype {
        return image;
    }
    match (from.is_integer(), dtype.is_integer()) {
        (true, true) if size_of(from) > size_of(dtype) => {
            // The range of the larger type has so many values for each one of the smaller.
            let scale = ((white(from) as i128 + 1) / (white(dtype) as i128 + 1)) as f64;
            cast(crate::ops::elementwise::floordiv(image, number(image, scale)), dtype)
        }
        (true, true) => {
            let wide = cast(image, dtype);
            let scale = ((white(dtype) as i128 + 1) / (white(from) as i128 + 1)) as f64;
            multiply(wide, number(wide, scale))
        }
        (false, false) => cast(image, dtype),
        (true, false) => {
            let pixels = cast(image, dtype);
            multiply(pixels, number(pixels, 1.0 / white(from)))
        }
        (false, true) => {
            // Half a step more, so that the values round.
            let scale = white(dtype) + 0.5;
            let scaled = multiply(image, number(image, scale));
            let kept = if saturate {
                clip_by_value(scaled, number(scaled, 0.0), number(scaled, white(dtype)))
            } else {
                scaled
            };
            cast(kept, dtype)
        }
    }
}

fn size_of(dtype: DType) -> usize {
    crate::ops::size_of_dtype(dtype)
}

setters! { ConvertImage {
    /// Whether what is too large or too small becomes the greatest or the least value, `saturate=`.
    saturate(yes: bool) |options| options.saturate = yes;
} }

/// The image with pixels of another type, and values scaled to its range, which is 0 to 1 for floats:
/// `tf.image.convert_image_dtype`.
///
/// ```
/// use flowbook::v1 as tf;
/// let grey = tf::image::convert_image_dtype(tf::constant([[[255u8]]]), tf::float32);
/// assert_eq!(tf::Session::new().run(grey)?.to_string(), "[[[1.]]]");
/// # Ok::<(), flowbook::Error>(())
/// ```
#[track_caller]
pub fn convert_image_dtype(image: impl IntoTensor, dtype: impl IntoDType) -> Built<Optional<ConvertImage>> {
    Built::composed([convert_to_tensor(image)], ConvertImage::to(dtype))
}

/// What `f` makes of the image in floats, in the image's own type again.
#[track_caller]
fn in_floats(image: impl IntoTensor, name: &str, f: impl FnOnce(Tensor) -> Tensor) -> Tensor {
    let image = convert_to_tensor(image);
    let dtype = image.dtype();
    composed(image, name, || {
        let floats = if dtype.is_floating() { image } else { converted(image, DType::Float32, false) };
        converted(f(floats), dtype, true)
    })
}

/// The image with `delta` added to its values, of which 1 is the greatest: `tf.image.adjust_brightness`.
#[track_caller]
pub fn adjust_brightness(image: impl IntoTensor, delta: f64) -> Tensor {
    in_floats(image, "adjust_brightness", |x| add(x, number(x, delta)))
}

/// The image with the distance of its values to each channel's mean multiplied by a factor: `tf.image.adjust_contrast`.
///
/// # Panics
/// `ValueError` unless it is `[height, width, channels]` or a batch of such.
#[track_caller]
pub fn adjust_contrast(images: impl IntoTensor, contrast_factor: f64) -> Tensor {
    in_floats(images, "adjust_contrast", |x| {
        let lead = leading(x) as i32;
        let mean = reduce_mean(x).axis([lead, lead + 1]).keepdims(true).tensor();
        add(multiply(subtract(x, mean), number(x, contrast_factor)), mean)
    })
}

/// The image with its values raised to a power: `tf.image.adjust_gamma`.
///
/// # Panics
/// `ValueError` for a power below 0.
#[track_caller]
pub fn adjust_gamma(image: impl IntoTensor, gamma: f64) -> Tensor {
    if gamma < 0.0 {
        Error::Value("Gamma should be a non-negative real number.".into()).raise();
    }
    in_floats(image, "adjust_gamma", |x| pow(x, number(x, gamma)))
}

/// Colours as shades of grey, by how bright the eye sees them: `tf.image.rgb_to_grayscale`.
#[track_caller]
pub fn rgb_to_grayscale(images: impl IntoTensor) -> Tensor {
    in_floats(images, "rgb_to_grayscale", |x| {
        let weights = cast_array(&Array::new(vec![0.2989, 0.587, 0.114], &[3]), x.dtype());
        let last = x.shape().rank().map_or(-1, |rank| rank as i64 - 1);
        expand_dims(tensordot(x, weights, [last, 0]), -1)
    })
}

/// Shades of grey as colours: `tf.image.grayscale_to_rgb`.
#[track_caller]
pub fn grayscale_to_rgb(images: impl IntoTensor) -> Tensor {
    let images = convert_to_tensor(images);
    composed(images, "grayscale_to_rgb", || concat([images, images, images], -1))
}

/// The image with its values moved and scaled to mean 0 and variance 1: `tf.image.per_image_standardization`.
///
/// # Panics
/// `ValueError` unless it is `[height, width, channels]` or a batch of such.
#[track_caller]
pub fn per_image_standardization(image: impl IntoTensor) -> Tensor {
    let image = convert_to_tensor(image);
    let lead = leading(image) as i32;
    composed(image, "per_image_standardization", || {
        let x = if image.dtype().is_floating() { image } else { cast(image, DType::Float32) };
        let axes = [lead, lead + 1, lead + 2];
        let count: f64 =
            x.shape().dims().unwrap_or_default()[lead as usize..].iter().map(|n| n.unwrap_or(1) as f64).product();
        let mean = reduce_mean(x).axis(axes).keepdims(true).tensor();
        let deviation = crate::ops::elementwise::sqrt(reduce_variance(x).axis(axes).keepdims(true).tensor());
        let least = rsqrt(number(x, count));
        divide(subtract(x, mean), maximum(deviation, least))
    })
}
