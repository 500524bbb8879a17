//! Images cut out of larger ones, put into a frame, turned over. These functions are made of other ops.

use super::leading;
use crate::error::Error;
use crate::graph::{IntoTensor, Tensor};
use crate::ops::array::convert_to_tensor;
use crate::ops::nn::composed;
use crate::ops::shape::{pad, slice, transpose as transposed};
use crate::ops::slicing::reverse;

/// Height and width of an image, or of the images of a batch.
///
/// # Panics
/// `ValueError` when they are not known.
#[track_caller]
fn size_of(image: Tensor) -> [i64; 2] {
    let lead = leading(image);
    let shape = image.shape();
    let dims = shape.dims().unwrap_or_default();
    match (dims[lead], dims[lead + 1]) {
        (Some(height), Some(width)) => [height as i64, width as i64],
        _ => Error::Value("'image' must be fully-defined.".into()).raise(),
    }
}

#[track_caller]
fn check(holds: bool, otherwise: &str) {
    if !holds {
        Error::Value(otherwise.into()).raise();
    }
}

/// The part of `image` from row and column `at`, of `size`.
fn cut(image: Tensor, at: [i64; 2], size: [i64; 2]) -> Tensor {
    let lead = vec![0; leading(image)];
    let rest = vec![-1; lead.len()];
    let vector =
        |outer: Vec<i32>, two: [i64; 2], last: i32| [outer, two.map(|n| n as i32).to_vec(), vec![last]].concat();
    slice(image, vector(lead, at, 0), vector(rest, size, -1))
}

/// `image` at row and column `at` of zeros of `size`.
fn framed(image: Tensor, at: [i64; 2], size: [i64; 2]) -> Tensor {
    let own = size_of(image);
    let beside = |i: usize| [at[i] as i32, (size[i] - at[i] - own[i]) as i32];
    let mut paddings = vec![[0, 0]; leading(image)];
    paddings.extend([beside(0), beside(1), [0, 0]]);
    pad(image, paddings).tensor()
}

/// The image turned over from left to right: `tf.image.flip_left_right`.
///
/// # Panics
/// `ValueError` unless it is `[height, width, channels]` or a batch of such.
#[track_caller]
pub fn flip_left_right(image: impl IntoTensor) -> Tensor {
    flipped(convert_to_tensor(image), "flip_left_right", 1)
}

/// The image turned upside down: `tf.image.flip_up_down`.
///
/// # Panics
/// As [`flip_left_right`].
#[track_caller]
pub fn flip_up_down(image: impl IntoTensor) -> Tensor {
    flipped(convert_to_tensor(image), "flip_up_down", 0)
}

#[track_caller]
fn flipped(image: Tensor, name: &str, axis: usize) -> Tensor {
    let shape = image.shape();
    if shape.rank().is_some_and(|rank| rank < 3) {
        Error::Value(format!("'image' (shape {shape}) must be at least three-dimensional.")).raise();
    }
    let lead = leading(image);
    composed(image, name, || reverse(image, [(lead + axis) as i32]))
}

/// Rows as columns: `tf.image.transpose`.
///
/// # Panics
/// As [`flip_left_right`].
#[track_caller]
pub fn transpose(image: impl IntoTensor) -> Tensor {
    let image = convert_to_tensor(image);
    let lead = leading(image);
    composed(image, "transpose", || match lead {
        0 => transposed(image).perm([1, 0, 2]).tensor(),
        _ => transposed(image).perm([0, 2, 1, 3]).tensor(),
    })
}

/// The image turned `k` times by a right angle, against the clock: `tf.image.rot90(image, k)`.
///
/// # Panics
/// As [`flip_left_right`].
#[track_caller]
pub fn rot90(image: impl IntoTensor, k: i32) -> Tensor {
    let image = convert_to_tensor(image);
    leading(image);
    composed(image, "rot90", || match k.rem_euclid(4) {
        0 => image,
        1 => flip_up_down(transpose(image)),
        2 => flip_up_down(flip_left_right(image)),
        _ => flip_left_right(transpose(image)),
    })
}

/// The part of the image from a row and a column on, so high and so wide: `tf.image.crop_to_bounding_box`.
///
/// # Panics
/// `ValueError` when the part is not in the image.
#[track_caller]
pub fn crop_to_bounding_box(
    image: impl IntoTensor,
    offset_height: i64,
    offset_width: i64,
    target_height: i64,
    target_width: i64,
) -> Tensor {
    let image = convert_to_tensor(image);
    let [height, width] = size_of(image);
    check(offset_width >= 0, "offset_width must be >= 0.");
    check(offset_height >= 0, "offset_height must be >= 0.");
    check(target_width > 0, "target_width must be > 0.");
    check(target_height > 0, "target_height must be > 0.");
    check(width >= target_width + offset_width, "width must be >= target + offset.");
    check(height >= target_height + offset_height, "height must be >= target + offset.");
    composed(image, "crop_to_bounding_box", || cut(image, [offset_height, offset_width], [target_height, target_width]))
}

/// The image from a row and a column on in zeros, so high and so wide: `tf.image.pad_to_bounding_box`.
///
/// # Panics
/// `ValueError` when the image is larger than that.
#[track_caller]
pub fn pad_to_bounding_box(
    image: impl IntoTensor,
    offset_height: i64,
    offset_width: i64,
    target_height: i64,
    target_width: i64,
) -> Tensor {
    let image = convert_to_tensor(image);
    let [height, width] = size_of(image);
    check(offset_height >= 0, "offset_height must be >= 0");
    check(offset_width >= 0, "offset_width must be >= 0");
    check(target_width - offset_width - width >= 0, "width must be <= target - offset");
    check(target_height - offset_height - height >= 0, "height must be <= target - offset");
    composed(image, "pad_to_bounding_box", || {
        framed(image, [offset_height, offset_width], [target_height, target_width])
    })
}

/// The middle of the image, `central_fraction` of its height and its width: `tf.image.central_crop`.
///
/// # Panics
/// `ValueError` for a fraction outside `(0, 1]`.
#[track_caller]
pub fn central_crop(image: impl IntoTensor, central_fraction: f64) -> Tensor {
    let image = convert_to_tensor(image);
    check(central_fraction > 0.0 && central_fraction <= 1.0, "central_fraction must be within (0, 1]");
    if central_fraction == 1.0 {
        return image;
    }
    let size = size_of(image);
    let start = size.map(|n| ((n as f64 - n as f64 * central_fraction) / 2.0) as i64);
    composed(image, "central_crop", || cut(image, start, [size[0] - 2 * start[0], size[1] - 2 * start[1]]))
}

/// The image so high and so wide, cut out of its middle or with zeros around it:
/// `tf.image.resize_with_crop_or_pad`, in TensorFlow 1 `resize_image_with_crop_or_pad`.
///
/// # Panics
/// `ValueError` for a size that is not positive.
#[track_caller]
pub fn resize_with_crop_or_pad(image: impl IntoTensor, target_height: i64, target_width: i64) -> Tensor {
    let image = convert_to_tensor(image);
    check(target_width > 0, "target_width must be > 0.");
    check(target_height > 0, "target_height must be > 0.");
    let (size, target) = (size_of(image), [target_height, target_width]);
    composed(image, "resize_with_crop_or_pad", || {
        let cropped = std::array::from_fn(|i| size[i].min(target[i]));
        let part = cut(image, std::array::from_fn(|i| ((size[i] - target[i]) / 2).max(0)), cropped);
        framed(part, std::array::from_fn(|i| ((target[i] - size[i]) / 2).max(0)), target)
    })
}
