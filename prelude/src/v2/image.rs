//! `tf.image`: the op table's functions on images, run at once.

use super::Tensor;
use super::built::{Built, Optional};
use super::eager::call;
use super::operand::IntoTensor;
use crate::graph::IntoDType;
use crate::ops::image::{self, ConvertImage, Resize};

pub use crate::ops::image::ResizeMethod;

/// The images in another size `[height, width]`, with `.method("nearest")` and `.preserve_aspect_ratio(true)`:
/// `tf.image.resize`. The result is `float32`, unless the method is `"nearest"`.
///
/// # Panics
/// `ValueError` unless the images are `[height, width, channels]` or a batch of such, and the size two numbers.
#[track_caller]
pub fn resize(images: impl IntoTensor, size: impl IntoTensor) -> Built<Optional<Resize>> {
    Built::call(vec![images.into_operand(), size.into_operand()], Resize::CENTERED)
}

/// The image with pixels of another type, and values scaled to its range, which is 0 to 1 for floats; with
/// `.saturate(true)`: `tf.image.convert_image_dtype`.
#[track_caller]
pub fn convert_image_dtype(image: impl IntoTensor, dtype: impl IntoDType) -> Built<Optional<ConvertImage>> {
    Built::call(vec![image.into_operand()], ConvertImage::to(dtype))
}

macro_rules! images {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $t:ty),*);)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(image: impl IntoTensor, $($argument: $t),*) -> Tensor {
            call(&[image.into_operand()], |x| image::$name(x[0].clone(), $($argument),*))
        }
    )* };
}
images! {
    /// The image turned over from left to right: `tf.image.flip_left_right`.
    flip_left_right();
    /// The image turned upside down: `tf.image.flip_up_down`.
    flip_up_down();
    /// Rows as columns: `tf.image.transpose`.
    transpose();
    /// The image turned `k` times by a right angle, against the clock: `tf.image.rot90(image, k)`.
    rot90(k: i32);
    /// The part of the image from a row and a column on, so high and so wide: `tf.image.crop_to_bounding_box`.
    crop_to_bounding_box(offset_height: i64, offset_width: i64, target_height: i64, target_width: i64);
    /// The image from a row and a column on in zeros, so high and so wide: `tf.image.pad_to_bounding_box`.
    pad_to_bounding_box(offset_height: i64, offset_width: i64, target_height: i64, target_width: i64);
    /// The middle of the image, `central_fraction` of its height and its width: `tf.image.central_crop`.
    central_crop(central_fraction: f64);
    /// The image so high and so wide, cut out of its middle or with zeros around it: `tf.image.resize_with_crop_or_pad`.
    resize_with_crop_or_pad(target_height: i64, target_width: i64);
    /// The image with `delta` added to its values, of which 1 is the greatest: `tf.image.adjust_brightness`.
    adjust_brightness(delta: f64);
    /// The image with the distance of its values to each channel's mean multiplied by a factor:
    /// `tf.image.adjust_contrast`.
    adjust_contrast(contrast_factor: f64);
    /// The image with its values raised to a power: `tf.image.adjust_gamma`.
    adjust_gamma(gamma: f64);
    /// Colours as shades of grey, by how bright the eye sees them: `tf.image.rgb_to_grayscale`.
    rgb_to_grayscale();
    /// Shades of grey as colours: `tf.image.grayscale_to_rgb`.
    grayscale_to_rgb();
    /// The image with its values moved and scaled to mean 0 and variance 1: `tf.image.per_image_standardization`.
    per_image_standardization();
}
