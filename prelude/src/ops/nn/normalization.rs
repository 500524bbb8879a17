//! Dropout, moments and batch normalization, which are made of other ops.

use super::composed;
use crate::graph::{IntoTensor, Operand, Tensor};
use crate::ops::array::{convert_to_tensor, stop_gradient};
use crate::ops::elementwise::{REAL_DIV, SUB, cast, greater_equal, multiply, rsqrt, select_v2, squared_difference};
use crate::ops::random::uniform_like;
use crate::ops::reduce::{Axes, MEAN, reduced};
use crate::ops::shape::squeeze;
use crate::ops::{OpDef, Style, binary, cast_array};
use crate::{Array, DType};

/// Each element with probability `keep_prob`, scaled up by its reciprocal, else 0: `tf.nn.dropout(x, keep_prob)`.
///
/// `keep_prob` may be a placeholder, so that one graph serves training and evaluation.
///
/// # Panics
/// `ValueError` when `keep_prob` is a number outside `(0, 1]`.
#[track_caller]
pub fn dropout(x: impl IntoTensor, keep_prob: impl IntoTensor) -> Tensor {
    let x = convert_to_tensor(x);
    let scaled_type = |x: Tensor| {
        if !x.dtype().is_floating() {
            let dtype = x.dtype();
            let text = "`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x_dtype=";
            crate::Error::Value(format!("{text}{dtype}")).raise();
        }
    };
    let keep = match keep_prob.into_operand() {
        Operand::Tensor(keep) => keep,
        literal => {
            let keep = literal.array(Some(DType::Float64)).expect("a literal has an array");
            let number = cast_array(&keep, DType::Float64).as_slice::<f64>().map_or(1.0, |v| v[0]);
            if !(number > 0.0 && number <= 1.0) {
                let rate = 1.0 - number;
                let text = "`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate=";
                crate::Error::Value(format!("{text}{rate:?}")).raise();
            }
            scaled_type(x);
            if number == 1.0 {
                return x;
            }
            let number_of = |v: f64| cast_array(&Array::scalar(v), x.dtype());
            return composed(x, "dropout", || {
                let scaled = multiply(x, convert_to_tensor(number_of(1.0 / number)));
                dropped(x, scaled, number_of(1.0 - number))
            });
        }
    };
    scaled_type(x);
    let rate: Tensor = 1.0 - keep;
    composed(x, "dropout", || {
        let rate = if rate.dtype() == x.dtype() { rate } else { cast(rate, x.dtype()) };
        let one = convert_to_tensor(cast_array(&Array::scalar(1.0f32), x.dtype()));
        let kept = unnamed(&SUB, "Sub", one, rate);
        dropped(x, unnamed(&REAL_DIV, "RealDiv", x, kept), rate)
    })
}

/// An op under the name of its type, where the function of the same purpose gives it another.
fn unnamed(def: &'static OpDef, name: &str, x: Tensor, y: Tensor) -> Tensor {
    binary(def, name, Operand::Tensor(x), Operand::Tensor(y), Style::Function)
}

/// The elements of `scaled`, each 0 with probability `rate`.
fn dropped(x: Tensor, scaled: Tensor, rate: impl IntoTensor) -> Tensor {
    let random = uniform_like(x);
    let kept = greater_equal(random, rate);
    let zero = convert_to_tensor(cast_array(&Array::scalar(0.0f32), x.dtype()));
    select_v2(kept, scaled, zero)
}

/// Mean and variance along `axes`: `tf.nn.moments`.
#[track_caller]
pub fn moments(x: impl IntoTensor, axes: impl Into<Axes>) -> (Tensor, Tensor) {
    let (x, axes) = (convert_to_tensor(x), axes.into());
    composed(x, "moments", || {
        let kept = reduced(&MEAN, "mean", x, Some(axes), true);
        let squares = squared_difference(x, stop_gradient(kept));
        let variance = reduced(&MEAN, "variance", squares, Some(axes), true);
        let gone: Vec<i64> = axes.list().iter().map(|a| i64::from(*a)).collect();
        (squeeze(kept, &gone), squeeze(variance, &gone))
    })
}

/// `(x - mean) / sqrt(variance + variance_epsilon) * scale + offset`: `tf.nn.batch_normalization`. What Python gives
/// `None` for is 0 as the offset and 1 as the scale.
#[track_caller]
pub fn batch_normalization(
    x: impl IntoTensor,
    mean: impl IntoTensor,
    variance: impl IntoTensor,
    offset: impl IntoTensor,
    scale: impl IntoTensor,
    variance_epsilon: f64,
) -> Tensor {
    let x = convert_to_tensor(x);
    let (mean, variance) = (mean.into_operand(), variance.into_operand());
    let (offset, scale) = (offset.into_operand(), scale.into_operand());
    composed(x, "batchnorm", || {
        use crate::ops::elementwise::{ADD, MUL, SUB};
        // Operators, so that literals take the type of the tensors.
        let operator = |def, name, x: Operand, y: Operand| binary(def, name, x, y, Style::Operator);
        let widened = operator(&ADD, "add", variance, variance_epsilon.into_operand());
        let inverse = operator(&MUL, "mul", rsqrt(widened).into_operand(), scale);
        let scaled = x * inverse;
        let mean = operator(&MUL, "mul", mean, inverse.into_operand());
        scaled + operator(&SUB, "sub", offset, mean.into_operand())
    })
}
