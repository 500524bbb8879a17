//! Functions that count: how often numbers occur, which class was taken for which, how many elements are not zero. They are
//! made of other ops.

use super::array::{convert_to_tensor, ones_of};
use super::cast_array;
use super::elementwise::{cast, less, maximum, minimum, not_equal, select_v2};
use super::nn::composed;
use super::reduce::{Axes, SUM, reduce_max, reduced};
use super::scatter::{scatter_nd, unsorted_segment_sum};
use super::shape::{reshape, stack};
use crate::graph::{Built, IntoDType, IntoTensor, Operand, Optional, Options, Tensor, operand_setter, setters};
use crate::{Array, DType};

/// One more than the greatest number, 0 where there is none.
fn count_of(numbers: Tensor) -> Tensor {
    // The least of the type, which stands for none, must not become a size.
    maximum(reduce_max(numbers).tensor(), -1) + 1
}

/// The optional arguments of [`bincount`].
#[derive(Clone, Copy)]
pub struct Bincount {
    minlength: Option<i32>,
    maxlength: Option<i32>,
    dtype: DType,
}

impl Bincount {
    pub(crate) const ALL: Bincount = Bincount { minlength: None, maxlength: None, dtype: DType::Int32 };
}

impl Options for Bincount {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let x = convert_to_tensor(operands[0].clone());
        composed(x, "bincount", || {
            let numbers = reshape(cast(x, DType::Int32), [-1]);
            let mut count = count_of(numbers);
            if let Some(least) = self.minlength {
                count = maximum(count, least);
            }
            if let Some(most) = self.maxlength {
                count = minimum(count, most);
            }
            let weights = match operands.get(1) {
                Some(weights) => reshape(convert_to_tensor(weights.clone()), [-1]),
                None => cast(ones_of(numbers), self.dtype),
            };
            // What belongs to no segment has a negative number.
            let inside = select_v2(less(numbers, count), numbers, -1);
            unsorted_segment_sum(weights, inside, count)
        })
    }
}

setters! { Bincount {
    /// How many counts there are at least, `minlength=`.
    minlength(count: i32) |options| options.minlength = Some(count);
    /// How many counts there are at most, `maxlength=`: greater numbers are left out.
    maxlength(count: i32) |options| options.maxlength = Some(count);
    /// The type of the counts, `dtype=`: `int32` unless given.
    with_dtype(dtype: impl IntoDType) |options| options.dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
} }

operand_setter! { Bincount {
    /// What each number counts, `weights=`, in whose type the counts are then.
    weights
} }

/// How often each number from 0 on occurs: `tf.math.bincount(arr)`.
///
/// ```
/// use flowbook::v1 as tf;
/// let counts = tf::bincount([1, 1, 2, 5]);
/// assert_eq!(tf::Session::new().run(counts)?.to_string(), "[0 2 1 0 0 1]");
/// # Ok::<(), flowbook::Error>(())
/// ```
#[track_caller]
pub fn bincount(arr: impl IntoTensor) -> Built<Optional<Bincount>> {
    Built::composed([convert_to_tensor(arr)], Bincount::ALL)
}

/// The optional arguments of [`confusion_matrix`].
#[derive(Clone, Copy)]
pub struct ConfusionMatrix {
    num_classes: Option<i32>,
    dtype: DType,
}

impl ConfusionMatrix {
    pub(crate) const COUNTS: ConfusionMatrix = ConfusionMatrix { num_classes: None, dtype: DType::Int32 };
}

impl Options for ConfusionMatrix {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let [labels, predictions] = [0, 1].map(|i| convert_to_tensor(operands[i].clone()));
        composed(labels, "confusion_matrix", || {
            let [labels, predictions] = [labels, predictions].map(|x| cast(x, DType::Int64));
            let count = match self.num_classes {
                Some(count) => convert_to_tensor(i64::from(count)),
                None => maximum(count_of(predictions), count_of(labels)),
            };
            let count = cast(count, DType::Int64);
            let weights = match operands.get(2) {
                Some(weights) => cast(weights.clone(), self.dtype),
                None => cast(ones_of(predictions), self.dtype),
            };
            let sizes = stack([count, count]).tensor();
            scatter_nd(stack([labels, predictions]).axis(1).tensor(), weights, sizes)
        })
    }
}

setters! { ConfusionMatrix {
    /// How many classes there are, `num_classes=`: one more than the greatest number unless given.
    num_classes(count: i32) |options| options.num_classes = Some(count);
    /// The type of the counts, `dtype=`: `int32` unless given.
    with_dtype(dtype: impl IntoDType) |options| options.dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
} }

operand_setter! { ConfusionMatrix {
    /// What each example counts, `weights=`.
    weights
} }

/// How often each class, a row, was taken for each class, a column: `tf.math.confusion_matrix(labels, predictions)`.
///
/// ```
/// use flowbook::v1 as tf;
/// let counts = tf::confusion_matrix([0, 1, 1], [0, 0, 1]);
/// assert_eq!(tf::Session::new().run(counts)?.to_string(), "[[1 0]\n [1 1]]");
/// # Ok::<(), flowbook::Error>(())
/// ```
#[track_caller]
pub fn confusion_matrix(labels: impl IntoTensor, predictions: impl IntoTensor) -> Built<Optional<ConfusionMatrix>> {
    Built::composed([convert_to_tensor(labels), convert_to_tensor(predictions)], ConfusionMatrix::COUNTS)
}

/// The optional arguments of [`count_nonzero`].
#[derive(Clone, Copy)]
pub struct CountNonzero {
    axes: Option<Axes>,
    keep: bool,
    dtype: DType,
}

impl CountNonzero {
    pub(crate) const ALL: CountNonzero = CountNonzero { axes: None, keep: false, dtype: DType::Int64 };
}

impl Options for CountNonzero {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let x = convert_to_tensor(operands[0].clone());
        composed(x, "count_nonzero", || {
            let nothing = match x.dtype() {
                DType::String => Array::scalar(String::new()),
                dtype => cast_array(&Array::scalar(0), dtype),
            };
            reduced(&SUM, "Sum", cast(not_equal(x, nothing), self.dtype), self.axes, self.keep)
        })
    }
}

setters! { CountNonzero {
    /// The axis or axes along which elements are counted, `axis=`: all of them unless given.
    axis(axes: impl Into<Axes>) |options| options.axes = Some(axes.into());
    /// Whether these axes stay, with size 1: `keepdims=`.
    keepdims(keep: bool) |options| options.keep = keep;
    /// The type of the counts, `dtype=`: `int64` unless given.
    with_dtype(dtype: impl IntoDType) |options| options.dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
} }

/// How many elements are not zero, of all or along `.axis(...)`: `tf.math.count_nonzero(input)`.
#[track_caller]
pub fn count_nonzero(input: impl IntoTensor) -> Built<Optional<CountNonzero>> {
    Built::composed([convert_to_tensor(input)], CountNonzero::ALL)
}
