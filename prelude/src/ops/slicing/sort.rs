//! `tf.sort` and `tf.argsort`, which TensorFlow makes of the greatest elements.

use super::order::top_k_of;
use crate::DType;
use crate::error::Error;
use crate::graph::{Built, IntoTensor, Operand, Optional, Options, Tensor, setters};
use crate::ops::array::convert_to_tensor;
use crate::ops::elementwise::{negative, subtract};
use crate::ops::nn::composed;
use crate::ops::shape::{axis_of, gather, shape, with_last};

/// The optional arguments of [`sort`] and [`argsort`].
#[derive(Clone, Copy)]
pub struct Sort {
    axis: i32,
    descending: bool,
    places: bool,
}

impl Sort {
    pub(crate) const VALUES: Sort = Sort { axis: -1, descending: false, places: false };
    pub(crate) const PLACES: Sort = Sort { axis: -1, descending: false, places: true };

    /// The rows of the last axis in order.
    fn rows(self, x: Tensor) -> Tensor {
        let count = match x.shape().dims().and_then(|dims| dims.last().copied().flatten()) {
            Some(n) => convert_to_tensor(n as i32),
            None => gather(shape(x), -1).tensor(),
        };
        if self.descending {
            let (values, places) = top_k_of(x, count);
            return if self.places { places } else { values };
        }
        let (values, places) = top_k_of(turned_over(x), count);
        if self.places { places } else { turned_over(values) }
    }
}

/// The elements so that the greatest are the least, whatever their type holds.
fn turned_over(x: Tensor) -> Tensor {
    match x.dtype() {
        DType::UInt8 => subtract(u8::MAX, x),
        dtype if dtype.is_integer() => negative(x) - 1,
        _ => negative(x),
    }
}

impl Options for Sort {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let x = convert_to_tensor(operands[0].clone());
        composed(x, if self.places { "argsort" } else { "sort" }, || {
            let Some(rank) = x.shape().rank() else {
                Error::Unimplemented("sort needs to know how many axes its operand has".into()).raise()
            };
            if rank == 0 {
                Error::Value("Shape must be at least rank 1 but is rank 0".into()).raise()
            }
            let Some(axis) = axis_of(i64::from(self.axis), rank) else {
                Error::Value(format!(
                    "Argument `axis` must be in range [{}, {rank}). Received: axis={}",
                    -(rank as i64),
                    self.axis
                ))
                .raise()
            };
            with_last(self.rows(with_last(x, axis, rank)), axis, rank)
        })
    }
}

setters! { Sort {
    /// The axis whose elements are sorted, `axis=`: the last unless given.
    axis(axis: i32) |options| options.axis = axis;
    /// `"ASCENDING"`, as it is without it, or `"DESCENDING"`: `direction=`.
    direction(direction: &str) |options| options.descending = match direction {
        "ASCENDING" => false,
        "DESCENDING" => true,
        other => Error::Value(format!(
            "Argument `direction` should be one of ASCENDING, DESCENDING. Received: direction={other}"
        ))
        .raise(),
    };
} }

/// The elements along the last axis, or that of `.axis(...)`, in rising order, or that of `.direction("DESCENDING")`:
/// `tf.sort(values)`.
///
/// ```
/// use flowbook::v1 as tf;
/// let sorted = tf::sort([3.0, 1.0, 2.0]).direction("DESCENDING");
/// assert_eq!(tf::Session::new().run(sorted)?.to_string(), "[3. 2. 1.]");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `ValueError` for a single number or an axis that is not there.
#[track_caller]
pub fn sort(values: impl IntoTensor) -> Built<Optional<Sort>> {
    Built::composed([convert_to_tensor(values)], Sort::VALUES)
}

/// The places that the elements of [`sort`] come from: `tf.argsort(values)`. Of equal elements the first comes first.
///
/// # Panics
/// As [`sort`].
#[track_caller]
pub fn argsort(values: impl IntoTensor) -> Built<Optional<Sort>> {
    Built::composed([convert_to_tensor(values)], Sort::PLACES)
}
