//! `keras.activations`: the curves of the lessons, for arrays and for tensors, as functions and by name.

use crate::array::Array;
use crate::error::{Error, Result};
use crate::literal::ArrayLike;
use crate::np;
use crate::v2::{self, Built, Tensor, Variable};

/// What an activation takes: arrays, numbers and nested literals give an array; tensors give a tensor.
pub trait ActivationInput {
    /// What comes of it.
    type Output;
    #[doc(hidden)]
    fn activate(self, array: impl FnOnce(Array) -> Array, tensor: impl FnOnce(&Tensor) -> Tensor) -> Self::Output;
}

impl<T: ArrayLike> ActivationInput for T {
    type Output = Array;
    #[track_caller]
    fn activate(self, array: impl FnOnce(Array) -> Array, _: impl FnOnce(&Tensor) -> Tensor) -> Array {
        array(self.to_array())
    }
}

macro_rules! tensors {
    ($([$($k:ident)?] $t:ty: |$x:ident| $e:expr;)*) => { $(
        impl<$($k)?> ActivationInput for $t {
            type Output = Tensor;
            #[track_caller]
            fn activate(self, _: impl FnOnce(Array) -> Array, tensor: impl FnOnce(&Tensor) -> Tensor) -> Tensor {
                let $x = self;
                tensor(&$e)
            }
        }
    )* };
}
tensors! {
    [] Tensor: |x| x;
    [] &Tensor: |x| x.clone();
    [] Variable: |x| x.value();
    [] &Variable: |x| x.value();
    [K] Built<K>: |x| x.tensor();
    [K] &Built<K>: |x| x.tensor();
}

/// `1 / (1 + exp(-x))`
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::sigmoid(0.0f32).to_string(), "0.5");
/// ```
#[track_caller]
pub fn sigmoid<X: ActivationInput>(x: X) -> X::Output {
    x.activate(|x| 1.0 / (1.0 + np::exp(-x)), |x| v2::sigmoid(x))
}

/// `max(x, 0)`
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::relu([-1.0, 2.0]).to_string(), "[0. 2.]");
/// ```
#[track_caller]
pub fn relu<X: ActivationInput>(x: X) -> X::Output {
    x.activate(|x| np::maximum(x, 0.0), |x| v2::nn::relu(x))
}

/// `x` where it is positive, `negative_slope * x` elsewhere. Keras' default slope is 0.2.
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::leaky_relu([-1.0, 2.0], 0.5).to_string(), "[-0.5  2. ]");
/// ```
#[track_caller]
pub fn leaky_relu<X: ActivationInput>(x: X, negative_slope: f64) -> X::Output {
    x.activate(|x| np::where_(np::greater(&x, 0.0), &x, negative_slope * &x), |x| v2::nn::leaky_relu(x, negative_slope))
}

/// `x` where it is positive, `alpha * (exp(x) - 1)` elsewhere.
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::elu([0.0, 2.0], 1.0).to_string(), "[0. 2.]");
/// ```
#[track_caller]
pub fn elu<X: ActivationInput>(x: X, alpha: f64) -> X::Output {
    x.activate(
        |x| np::where_(np::greater(&x, 0.0), &x, alpha * (np::exp(&x) - 1.0)),
        |x| v2::where_(x.gt(0.0), x, alpha * v2::nn::elu(x)),
    )
}

/// `x * sigmoid(x)`, also called SiLU.
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::swish([0.0]).to_string(), "[0.]");
/// ```
#[track_caller]
pub fn swish<X: ActivationInput>(x: X) -> X::Output {
    x.activate(|x| &x * sigmoid(&x), |x| v2::nn::swish(x))
}

/// The hyperbolic tangent.
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::tanh([0.0]).to_string(), "[0.]");
/// ```
#[track_caller]
pub fn tanh<X: ActivationInput>(x: X) -> X::Output {
    x.activate(|x| np::tanh(x), |x| v2::tanh(x))
}

/// `exp(x) / sum(exp(x))` along the last axis, shifted by the maximum so that it never overflows.
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::softmax([[1000.0, 1000.0]]).to_string(), "[[0.5 0.5]]");
/// ```
#[track_caller]
pub fn softmax<X: ActivationInput>(x: X) -> X::Output {
    let array = |x: Array| {
        let exps = np::exp(&x - Array::from(np::max(&x).axis(-1).keepdims()));
        let sums = Array::from(np::sum(&exps).axis(-1).keepdims());
        exps / sums
    };
    x.activate(array, |x| v2::nn::softmax(x).tensor())
}

/// `x` as it is.
///
/// ```
/// use flowbook::keras::activations;
/// assert_eq!(activations::linear([2.0]).to_string(), "[2.]");
/// ```
#[track_caller]
pub fn linear<X: ActivationInput>(x: X) -> X::Output {
    x.activate(|x| x, Tensor::clone)
}

/// An activation as a layer's argument.
#[derive(Clone, Copy, Debug)]
pub enum Function {
    /// `x`
    Linear,
    /// One of the named functions.
    Named(&'static str, fn(&Tensor) -> Tensor),
}

/// Every name with its function, Keras' own name first.
static NAMED: &[(&str, fn(&Tensor) -> Tensor)] = &[
    ("sigmoid", |x| v2::sigmoid(x)),
    ("relu", |x| v2::nn::relu(x)),
    ("tanh", |x| v2::tanh(x)),
    ("softmax", |x| v2::nn::softmax(x).tensor()),
    ("log_softmax", |x| v2::nn::log_softmax(x).tensor()),
    ("elu", |x| v2::nn::elu(x)),
    ("selu", |x| v2::nn::selu(x)),
    ("softplus", |x| v2::nn::softplus(x)),
    ("softsign", |x| v2::nn::softsign(x)),
    ("silu", |x| v2::nn::swish(x)),
    ("swish", |x| v2::nn::swish(x)),
    ("gelu", |x| v2::nn::gelu(x)),
    ("leaky_relu", |x| v2::nn::leaky_relu(x, 0.2)),
    ("relu6", |x| v2::nn::relu6(x)),
    ("exponential", |x| v2::exp(x)),
    ("hard_sigmoid", |x| v2::nn::relu6(x + 3.0) / 6.0),
];

impl Function {
    /// The activation's name.
    pub fn name(&self) -> &'static str {
        match self {
            Function::Linear => "linear",
            Function::Named(name, _) => name,
        }
    }

    /// The activation of a tensor.
    pub fn apply(&self, x: &Tensor) -> Tensor {
        match self {
            Function::Linear => x.clone(),
            Function::Named(_, function) => function(x),
        }
    }
}

/// What stands for an activation: its name.
pub trait IntoActivation {
    /// The activation.
    ///
    /// # Errors
    /// `ValueError` for a name that Keras does not know.
    fn into_activation(self) -> Result<Function>;
}

impl IntoActivation for Function {
    fn into_activation(self) -> Result<Function> {
        Ok(self)
    }
}

impl IntoActivation for &str {
    fn into_activation(self) -> Result<Function> {
        if self == "linear" {
            return Ok(Function::Linear);
        }
        let known = NAMED.iter().find(|(name, _)| *name == self);
        known
            .map(|(name, function)| Function::Named(name, *function))
            .ok_or_else(|| Error::Value(format!("Could not interpret activation function identifier: {self}")))
    }
}
