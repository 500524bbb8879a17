//! `keras.activations` on arrays: the curves of the lessons, element by element.

use crate::array::Array;
use crate::literal::ArrayLike;
use crate::np;

/// `1 / (1 + exp(-x))`
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::sigmoid(0.0f32).to_string(), "0.5");
/// ```
pub fn sigmoid(x: impl ArrayLike) -> Array {
    1.0 / (1.0 + np::exp(-x.to_array()))
}

/// `max(x, 0)`
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::relu([-1.0, 2.0]).to_string(), "[0. 2.]");
/// ```
pub fn relu(x: impl ArrayLike) -> Array {
    np::maximum(x.to_array(), 0.0)
}

/// `x` where it is positive, `negative_slope * x` elsewhere. Keras' default slope is 0.2.
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::leaky_relu([-1.0, 2.0], 0.5).to_string(), "[-0.5  2. ]");
/// ```
pub fn leaky_relu(x: impl ArrayLike, negative_slope: f64) -> Array {
    let x = x.to_array();
    np::where_(np::greater(&x, 0.0), &x, negative_slope * &x)
}

/// `x` where it is positive, `alpha * (exp(x) - 1)` elsewhere.
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::elu([0.0, 2.0], 1.0).to_string(), "[0. 2.]");
/// ```
pub fn elu(x: impl ArrayLike, alpha: f64) -> Array {
    let x = x.to_array();
    np::where_(np::greater(&x, 0.0), &x, alpha * (np::exp(&x) - 1.0))
}

/// `x * sigmoid(x)`, also called SiLU.
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::swish([0.0]).to_string(), "[0.]");
/// ```
pub fn swish(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    &x * sigmoid(&x)
}

/// The hyperbolic tangent.
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::tanh([0.0]).to_string(), "[0.]");
/// ```
pub fn tanh(x: impl ArrayLike) -> Array {
    np::tanh(x)
}

/// `exp(x) / sum(exp(x))` along the last axis, shifted by the maximum so that it never overflows.
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::softmax([[1000.0, 1000.0]]).to_string(), "[[0.5 0.5]]");
/// ```
pub fn softmax(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    let exps = np::exp(&x - Array::from(np::max(&x).axis(-1).keepdims()));
    let sums = Array::from(np::sum(&exps).axis(-1).keepdims());
    exps / sums
}

/// `x` as it is.
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::linear([2.0]).to_string(), "[2.]");
/// ```
pub fn linear(x: impl ArrayLike) -> Array {
    x.to_array()
}
