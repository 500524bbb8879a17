//! Functions of two numbers beyond the operators: angles, lengths, remainders, common divisors.
//! What has an operator is in `operators`; bits are in `bits`.

use super::broadcast::{common_shape, zip_with};
use super::cast::{Scalar, elements};
use super::operand::{Operand, Value};
use super::operators::{floor_divide, remainder};
use super::{divide, power};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;

#[track_caller]
fn zip<T: Scalar>(x: &Value, y: &Value, op: impl Fn(T, T) -> T) -> Array {
    let shape = common_shape(x.array.shape(), y.array.shape());
    let (left, right) = (elements::<T>(&x.array), elements::<T>(&y.array));
    Array::new(zip_with((&left, x.array.shape()), (&right, y.array.shape()), &shape, op), &shape)
}

/// Functions whose result is a float: `float32` of two `float32`, `float64` otherwise.
macro_rules! float_functions {
    ($($(#[$doc:meta])* $name:ident => |$x:ident, $y:ident| $body:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(x: impl Operand, y: impl Operand) -> Array {
            let (x, y) = (x.value(), y.value());
            match x.common(&y) {
                DType::Float32 => zip::<f32>(&x, &y, |$x, $y| $body),
                _ => zip::<f64>(&x, &y, |$x, $y| $body),
            }
        }
    )* };
}
float_functions! {
    /// `np.arctan2(y, x)`: the angle of the point (x, y), from -pi to pi.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::arctan2([0.0, 1.0], [-1.0, 0.0]).to_string(), "[3.14159265 1.57079633]");
    /// ```
    arctan2 => |y, x| y.atan2(x);
    /// `np.hypot(x, y)`: the square root of the sum of squares.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::hypot(3, [4.0, 0.0]).to_string(), "[5. 3.]");
    /// ```
    hypot => |x, y| x.hypot(y);
    /// `np.copysign(x, y)`: the size of `x` with the sign of `y`.
    copysign => |x, y| x.copysign(y);
    /// `np.heaviside(x, y)`: 0 below 0, `y` at 0, 1 above.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::heaviside([-1.5, 0.0, 2.0], 0.5).to_string(), "[0.  0.5 1. ]");
    /// ```
    heaviside => |x, y| if x.is_nan() { x } else if x == 0.0 { y } else if x < 0.0 { 0.0 } else { 1.0 };
    /// `np.logaddexp(x, y)`: `log(exp(x) + exp(y))`, without overflow.
    logaddexp => |x, y| {
        let (high, low) = if x > y { (x, y) } else { (y, x) };
        if high == low && high.is_infinite() { high } else { high + (low - high).exp().ln_1p() }
    };
}

/// Functions that keep the common type: the body for floats and for integers.
macro_rules! same_type_functions {
    ($($(#[$doc:meta])* $name:ident => |$x:ident, $y:ident| $float:expr, $integer:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(x: impl Operand, y: impl Operand) -> Array {
            let (x, y) = (x.value(), y.value());
            match x.common(&y) {
                DType::Float32 => zip::<f32>(&x, &y, |$x, $y| $float),
                DType::Float64 => zip::<f64>(&x, &y, |$x, $y| $float),
                DType::Int32 => zip::<i32>(&x, &y, |$x, $y| $integer),
                DType::Int64 => zip::<i64>(&x, &y, |$x, $y| $integer),
                DType::UInt8 => zip::<u8>(&x, &y, |$x, $y| $integer),
                DType::Bool | DType::String => {
                    Error::Type(format!("np.{} is not defined for these types", stringify!($name))).raise()
                }
            }
        }
    )* };
}
same_type_functions! {
    /// `np.fmod`: the remainder with the sign of the first, as Rust's `%`; [`remainder`] has that of the second.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::fmod([-7, 7], 3).to_string(), "[-1  1]");
    /// ```
    fmod => |x, y| x % y, if y == 0 { 0 } else { x.wrapping_rem(y) };
    /// `np.fmax`: the larger of each pair; NaN loses.
    fmax => |x, y| x.max(y), x.max(y);
    /// `np.fmin`: the smaller of each pair; NaN loses.
    fmin => |x, y| x.min(y), x.min(y);
}

/// `np.divmod`, Python's `divmod(x, y)`: quotient rounded down, and remainder.
///
/// ```
/// use flowbook::np;
/// let (quotient, remainder) = np::divmod([7, -7], 3);
/// assert_eq!((quotient.to_string(), remainder.to_string()), ("[ 2 -3]".into(), "[1 2]".into()));
/// ```
#[track_caller]
pub fn divmod(x: impl Operand + Clone, y: impl Operand + Clone) -> (Array, Array) {
    (floor_divide(x.clone(), y.clone()), remainder(x, y))
}

/// `np.float_power`: `x ** y` in `float64`, also of integers to negative powers.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::float_power([1, 2], -1).to_string(), "[1.  0.5]");
/// ```
#[track_caller]
pub fn float_power(x: impl Operand, y: impl Operand) -> Array {
    power(x.value().array.astype(DType::Float64), y.value().array.astype(DType::Float64))
}

/// `np.true_divide`, another name of [`divide`].
#[track_caller]
pub fn true_divide(x: impl Operand, y: impl Operand) -> Array {
    divide(x, y)
}

/// `np.mod`, another name of [`remainder`].
#[track_caller]
pub fn mod_(x: impl Operand, y: impl Operand) -> Array {
    remainder(x, y)
}

#[track_caller]
fn integers(x: impl Operand, y: impl Operand, name: &str) -> (Value, Value) {
    let (x, y) = (x.value(), y.value());
    if x.array.dtype().is_floating() || y.array.dtype().is_floating() {
        Error::Type(format!("ufunc '{name}' did not contain a loop with signature matching types")).raise()
    }
    (x, y)
}

fn common_divisor(x: i64, y: i64) -> i64 {
    let (mut x, mut y) = (x.wrapping_abs(), y.wrapping_abs());
    while y != 0 {
        (x, y) = (y, x.wrapping_rem(y));
    }
    x
}

/// `np.gcd`: the greatest common divisor.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::gcd([12, 20], 8).to_string(), "[4 4]");
/// ```
///
/// # Panics
/// `TypeError` for floats.
#[track_caller]
pub fn gcd(x: impl Operand, y: impl Operand) -> Array {
    let (x, y) = integers(x, y, "gcd");
    zip::<i64>(&x, &y, common_divisor).astype(x.common(&y))
}

/// `np.lcm`: the least common multiple.
///
/// # Panics
/// `TypeError` for floats.
#[track_caller]
pub fn lcm(x: impl Operand, y: impl Operand) -> Array {
    let (x, y) = integers(x, y, "lcm");
    let multiple = |x: i64, y: i64| match common_divisor(x, y) {
        0 => 0,
        divisor => (x / divisor).wrapping_mul(y).wrapping_abs(),
    };
    zip::<i64>(&x, &y, multiple).astype(x.common(&y))
}
