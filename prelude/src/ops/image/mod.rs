//! Images `[height, width, channels]`, and batches of them: made larger or smaller (`resize`), cut out and framed (`frame`),
//! changed in their values (`adjust`), turned at any angle (`transform`).

mod adjust;
mod frame;
mod resize;
mod transform;

use super::OpDef;
use crate::error::Error;
use crate::graph::Tensor;

pub use adjust::{
    ConvertImage, adjust_brightness, adjust_contrast, adjust_gamma, convert_image_dtype, grayscale_to_rgb,
    per_image_standardization, rgb_to_grayscale,
};
pub use frame::{
    central_crop, crop_to_bounding_box, flip_left_right, flip_up_down, pad_to_bounding_box, resize_with_crop_or_pad,
    rot90, transpose,
};
pub use resize::{Resize, ResizeMethod, resize, resize_images};
pub(crate) use transform::transform;

pub(crate) static OPS: &[&OpDef] = &[
    &resize::RESIZE_BILINEAR,
    &resize::RESIZE_BILINEAR_GRAD,
    &resize::RESIZE_NEAREST_NEIGHBOR,
    &resize::RESIZE_NEAREST_NEIGHBOR_GRAD,
    &transform::IMAGE_PROJECTIVE_TRANSFORM,
];

/// The number of axes in front of height, width and channels: 0 for an image, 1 for a batch of images.
///
/// # Panics
/// `ValueError` for anything else.
#[track_caller]
fn leading(image: Tensor) -> usize {
    let shape = image.shape();
    match shape.rank() {
        Some(rank @ (3 | 4)) => rank - 3,
        Some(_) => Error::Value(format!("'image' (shape {shape}) must have either 3 or 4 dimensions.")).raise(),
        None => Error::Value("'image' must be fully-defined.".into()).raise(),
    }
}
