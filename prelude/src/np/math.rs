//! Functions of one array, element by element: NumPy's names, one line each.
//! Integers become `float64` where the result is a float.

use super::cast::elements;
use super::operand::Operand;
use super::operators::{maximum, minimum};
use super::reduce::Reduced;
use super::vector;
use crate::array::{Array, Data};
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::literal::ArrayLike;

fn map<T: Element + Copy>(v: &[T], shape: &[usize], f: impl Fn(T) -> T) -> Array {
    Array::new(v.iter().map(|x| f(*x)).collect(), shape)
}

/// Functions whose result is a float.
macro_rules! float_functions {
    ($($(#[$doc:meta])* $name:ident => |$x:ident| $body:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(x: impl ArrayLike) -> Array {
            let array = x.to_array();
            match array.as_slice::<f32>() {
                Some(v) => map(v, array.shape(), |$x| $body),
                None => map(&elements::<f64>(&array), array.shape(), |$x| $body),
            }
        }
    )* };
}
float_functions! {
    /// `np.log2`
    log2 => |x| x.log2();
    /// `np.log10`
    log10 => |x| x.log10();
    /// `np.sqrt`
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::sqrt([1, 4, 9]).to_string(), "[1. 2. 3.]");
    /// ```
    sqrt => |x| x.sqrt();
    /// `np.sin`
    sin => |x| x.sin();
    /// `np.cos`
    cos => |x| x.cos();
    /// `np.tan`
    tan => |x| x.tan();
    /// `np.tanh`
    tanh => |x| x.tanh();
    /// `np.sinh`
    sinh => |x| x.sinh();
    /// `np.cosh`
    cosh => |x| x.cosh();
    /// `np.arcsin`
    arcsin => |x| x.asin();
    /// `np.arccos`
    arccos => |x| x.acos();
    /// `np.arctan`
    arctan => |x| x.atan();
    /// `np.log1p`: `log(1 + x)`, exact for small `x`.
    log1p => |x| x.ln_1p();
    /// `np.expm1`: `exp(x) - 1`, exact for small `x`.
    expm1 => |x| x.exp_m1();
}

/// Functions with a loop of their own for `float32`.
macro_rules! vector_functions {
    ($($(#[$doc:meta])* $name:ident => $double:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(x: impl ArrayLike) -> Array {
            let array = x.to_array();
            match array.as_slice::<f32>() {
                Some(v) => Array::new(vector::$name(v), array.shape()),
                None => map(&elements::<f64>(&array), array.shape(), $double),
            }
        }
    )* };
}
vector_functions! {
    /// `np.exp`
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::exp([0.0, 1.0]).to_string(), "[1.         2.71828183]");
    /// ```
    exp => f64::exp;
    /// `np.log`: the natural logarithm.
    log => f64::ln;
}

/// Functions that keep the element type: the body for floats, and for signed and unsigned integers.
macro_rules! same_type_functions {
    ($($(#[$doc:meta])* $name:ident => |$x:ident| $float:expr, $signed:expr, $unsigned:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(x: impl ArrayLike) -> Array {
            let array = x.to_array();
            match array.data() {
                Data::Float32(v) => map(v, array.shape(), |$x| $float),
                Data::Float64(v) => map(v, array.shape(), |$x| $float),
                Data::Int32(v) => map(v, array.shape(), |$x| $signed),
                Data::Int64(v) => map(v, array.shape(), |$x| $signed),
                Data::UInt8(v) => map(v, array.shape(), |$x| $unsigned),
                Data::Bool(_) | Data::String(_) => Error::Type(format!(
                    "np.{} is not defined for {}; convert with astype first", stringify!($name), array.dtype().name(),
                )).raise(),
            }
        }
    )* };
}
same_type_functions! {
    /// `np.abs`
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::abs([-1, 2]).to_string(), "[1 2]");
    /// ```
    abs => |x| x.abs(), x.wrapping_abs(), x;
    /// `np.square`
    square => |x| x * x, x.wrapping_mul(x), x.wrapping_mul(x);
    /// `np.negative`, also `-x`.
    negative => |x| -x, x.wrapping_neg(), x.wrapping_neg();
    /// `np.sign`: -1, 0 or 1.
    sign => |x| if x == 0.0 || x.is_nan() { x } else { x.signum() }, x.signum(), x.min(1);
    /// `np.floor`
    floor => |x| x.floor(), x, x;
    /// `np.ceil`
    ceil => |x| x.ceil(), x, x;
    /// `np.round`: halves go to the even neighbour.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::round([0.5, 1.5, 2.5]).to_string(), "[0. 2. 2.]");
    /// ```
    round => |x| x.round_ties_even(), x, x;
}

/// `np.clip`: values below `low` become `low`, above `high` become `high`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::clip([-1.0, 0.5, 3.0], 0.0, 1.0).to_string(), "[0.  0.5 1. ]");
/// ```
#[track_caller]
pub fn clip(x: impl Operand, low: impl Operand, high: impl Operand) -> Array {
    minimum(maximum(x, low), high)
}

macro_rules! negation {
    ($($t:ty),*) => { $(
        impl std::ops::Neg for $t {
            type Output = Array;
            #[track_caller]
            fn neg(self) -> Array {
                if self.dtype() == DType::Bool {
                    Error::Type(
                        "The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or the \
                         logical_not function instead.".into(),
                    ).raise()
                }
                negative(self)
            }
        }
    )* };
}
negation!(Array, &Array, Reduced, &Reduced);
