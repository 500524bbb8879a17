//! Lengths of tensors and functions that limit them. They are made of other ops.

use super::array::{constant, convert_to_tensor, identity, ones_of};
use super::elementwise::{MUL, abs, cast, divide, greater, maximum, minimum, pow, rsqrt, select, sqrt, square};
use super::loss::l2_loss;
use super::nn::{composed, composed_as};
use super::reduce::{Axes, MAX, SUM, reduce_sum, reduced};
use super::shape::{size, squeeze, stack};
use super::{cast_array, typed};
use crate::error::Error;
use crate::graph::{Built, IntoTensor, Operand, Optional, Options, Tensor, setters};
use crate::{Array, DType};

/// The sum of squares with every axis kept.
fn sum_of_squares(x: Tensor) -> Tensor {
    reduced(&SUM, "Sum", x * x, None, true)
}

/// The optional arguments of [`norm`].
#[derive(Clone, Copy)]
pub struct Norm {
    ord: f64,
    axes: Option<Axes>,
    keep: bool,
}

impl Norm {
    pub(crate) const EUCLIDEAN: Norm = Norm { ord: 2.0, axes: None, keep: false };

    /// The length with every axis kept.
    fn length(self, x: Tensor) -> Tensor {
        let sum = |x: Tensor| reduced(&SUM, "Sum", x, self.axes, true);
        if self.ord == 2.0 {
            return sqrt(sum(x * x));
        }
        let sizes = abs(x);
        if self.ord == 1.0 {
            return sum(sizes);
        }
        if self.ord.is_infinite() {
            return reduced(&MAX, "Max", sizes, self.axes, true);
        }
        pow(sum(pow(sizes, self.ord)), 1.0 / self.ord)
    }
}

impl Options for Norm {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let x = convert_to_tensor(operands[0].clone());
        if self.ord <= 0.0 || (self.ord != 2.0 && self.axes.is_some_and(|axes| axes.list().len() > 1)) {
            let text = format!(
                "'ord' must be a supported vector norm: a positive number or infinity along one axis, not {}",
                self.ord
            );
            Error::Value(text).raise();
        }
        composed(x, "norm", || {
            let length = self.length(x);
            if self.keep {
                return length;
            }
            let all = 0..x.shape().rank().unwrap_or(0) as i64;
            match self.axes {
                Some(axes) => squeeze(length, &axes.list().iter().map(|axis| i64::from(*axis)).collect::<Vec<_>>()),
                None => squeeze(length, &all.collect::<Vec<_>>()),
            }
        })
    }
}

setters! { Norm {
    /// The order, `ord=`: 2 unless given; 1 sums the sizes, infinity takes the greatest.
    ord(ord: impl Into<f64>) |options| options.ord = ord.into();
    /// The axis or axes whose elements count together, `axis=`: all of them unless given.
    axis(axes: impl Into<Axes>) |options| options.axes = Some(axes.into());
    /// Whether these axes stay, with size 1: `keepdims=`.
    keepdims(keep: bool) |options| options.keep = keep;
} }

/// The Euclidean length of all elements together, or what `.ord(...)` and `.axis(...)` say: `tf.norm(tensor)`.
///
/// ```
/// use flowbook::v1 as tf;
/// let rows = tf::norm([[3.0, -4.0], [6.0, 8.0]]).axis(1);
/// assert_eq!(tf::Session::new().run(rows)?.to_string(), "[ 5. 10.]");
/// # Ok::<(), flowbook::Error>(())
/// ```
#[track_caller]
pub fn norm(x: impl IntoTensor) -> Built<Optional<Norm>> {
    Built::composed([convert_to_tensor(x)], Norm::EUCLIDEAN)
}

/// The tensor with length 1 along `axes`: `tf.nn.l2_normalize(x, axis)`. Lengths below 1e-6 count as 1e-6.
#[track_caller]
pub fn l2_normalize(x: impl IntoTensor, axes: impl Into<Axes>) -> Tensor {
    let (x, axes) = (convert_to_tensor(x), axes.into());
    composed_as(x, "l2_normalize", |scope| {
        let sum = reduced(&SUM, "Sum", square(x), Some(axes), true);
        let inverse = rsqrt(maximum(sum, 1e-12));
        Ok(scope.op(&MUL, &[x, inverse], typed("T", x.dtype()))?.output(0))
    })
}

/// The tensor, shortened to the length `clip_norm` when it is longer: `tf.clip_by_norm`.
#[track_caller]
pub fn clip_by_norm(t: impl IntoTensor, clip_norm: impl IntoTensor) -> Tensor {
    let (t, clip_norm) = (convert_to_tensor(t), clip_norm.into_operand());
    composed_as(t, "clip_by_norm", |scope| {
        let squares = sum_of_squares(t);
        // The root of 0 has no derivative: it is taken of 1 there, and the 0 put in afterwards.
        let positive = greater(squares, 0.0);
        let root = sqrt(select(positive, squares, ones_of(squares)));
        let length = select(positive, root, squares);
        let clipped = divide(t * clip_norm.clone(), maximum(length, clip_norm));
        Ok(scope.op(&super::array::IDENTITY, &[clipped], typed("T", clipped.dtype()))?.output(0))
    })
}

/// The tensor, scaled so that its length for each element is `clip_norm` when it is more: `tf.clip_by_average_norm`.
#[track_caller]
pub fn clip_by_average_norm(t: impl IntoTensor, clip_norm: f64) -> Tensor {
    let t = convert_to_tensor(t);
    composed_as(t, "clip_by_average_norm", |scope| {
        let count = cast(size(t), DType::Float32);
        let inverse = count * rsqrt(sum_of_squares(t));
        let least = minimum(inverse * clip_norm, 1.0);
        Ok(scope.op(&super::array::IDENTITY, &[t * least], typed("T", t.dtype()))?.output(0))
    })
}

/// The Euclidean length of several tensors together: `tf.global_norm`.
///
/// # Panics
/// `ValueError` when there is no tensor.
#[track_caller]
pub fn global_norm(tensors: &[Tensor]) -> Tensor {
    let Some(first) = tensors.first() else { Error::Value("global_norm needs at least one tensor".into()).raise() };
    composed(*first, "global_norm", || {
        let halves: Vec<Tensor> = tensors.iter().map(|t| l2_loss(*t)).collect();
        let half = reduce_sum(stack(&halves)).tensor();
        sqrt(half * convert_to_tensor(cast_array(&Array::scalar(2.0f32), half.dtype()))).named("global_norm")
    })
}

/// The tensors, all scaled by `clip_norm / max(global_norm, clip_norm)`, and their global norm before:
/// `tf.clip_by_global_norm`. When that is infinite or no number, so are the tensors.
///
/// # Panics
/// `ValueError` when there is no tensor.
#[track_caller]
pub fn clip_by_global_norm(tensors: &[Tensor], clip_norm: f64) -> (Vec<Tensor>, Tensor) {
    let total = global_norm(tensors);
    let clipped = composed(total, "clip_by_global_norm", || {
        let least = minimum(1.0 / total, constant(1.0).with_dtype(total.dtype()) / clip_norm);
        #[expect(clippy::eq_op, reason = "nothing, or no number when the norm is none")]
        let scale = clip_norm * least + (total - total);
        let each = tensors.iter().enumerate();
        each.map(|(i, t)| identity(*t * scale).named(&format!("clip_by_global_norm/_{i}"))).collect()
    });
    (clipped, total)
}
