//! Functions of one array, element by element: NumPy's names, one line each.
//! Integers become `float64` where the result is a float.

use super::cast::elements;
use super::computed::{Along, Compute, Computed, options};
use super::diagonal::Diagonal;
use super::operand::Operand;
use super::operators::{divide, maximum, minimum, multiply};
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
    /// `np.exp2`: 2 to the power of each element.
    exp2 => |x| x.exp2();
    /// `np.cbrt`: the cube root.
    cbrt => |x| x.cbrt();
    /// `np.arcsinh`
    arcsinh => |x| x.asinh();
    /// `np.arccosh`
    arccosh => |x| x.acosh();
    /// `np.arctanh`
    arctanh => |x| x.atanh();
    /// `np.fabs`: the absolute value, always a float.
    fabs => |x| x.abs();
    /// `np.rint`: the nearest whole number, always a float.
    rint => |x| x.round_ties_even();
    /// `np.deg2rad`: degrees as radians.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::deg2rad(180).to_string(), "3.141592653589793");
    /// ```
    deg2rad => |x| x.times(radians_of::DEGREE);
    /// `np.rad2deg`: radians as degrees.
    rad2deg => |x| x.times(radians_of::RADIAN);
    /// `np.radians`, another name of [`deg2rad`].
    radians => |x| x.times(radians_of::DEGREE);
    /// `np.degrees`, another name of [`rad2deg`].
    degrees => |x| x.times(radians_of::RADIAN);
    /// `np.sinc`: `sin(pi x) / (pi x)`, 1 at 0.
    sinc => |x| x.sinc();
}

/// How many radians a degree is, and how many degrees a radian.
mod radians_of {
    pub(super) const DEGREE: f64 = std::f64::consts::PI / 180.0;
    pub(super) const RADIAN: f64 = 180.0 / std::f64::consts::PI;
}

/// What the two float types have no method of their own for.
trait Real {
    /// Multiplied by a constant, rounded to this type first.
    fn times(self, factor: f64) -> Self;
    fn sinc(self) -> Self;
}

macro_rules! reals {
    ($($t:ident),*) => { $(
        impl Real for $t {
            fn times(self, factor: f64) -> $t {
                self * factor as $t
            }
            fn sinc(self) -> $t {
                let x = std::$t::consts::PI * if self == 0.0 { 1.0e-20 } else { self };
                x.sin() / x
            }
        }
    )* };
}
reals!(f32, f64);

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

/// Those of the following functions that leave booleans as they are; the others refuse them.
const OF_BOOLEANS: [&str; 5] = ["abs", "absolute", "floor", "ceil", "trunc"];

/// Functions that keep the element type: the body for floats, and for signed and unsigned integers.
macro_rules! same_type_functions {
    ($($(#[$doc:meta])* $name:ident => |$x:ident| $float:expr, $signed:expr, $unsigned:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(x: impl ArrayLike) -> Array {
            let array = x.to_array();
            match array.data() {
                Data::Bool(_) if OF_BOOLEANS.contains(&stringify!($name)) => array,
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
    ///
    /// [`around`] and `x.round(2)` round to so many decimals.
    round => |x| x.round_ties_even(), x, x;
    /// `np.trunc`: without the fraction.
    trunc => |x| x.trunc(), x, x;
    /// `np.fix`: without the fraction.
    fix => |x| x.trunc(), x, x;
    /// `np.absolute`, another name of [`abs`].
    absolute => |x| x.abs(), x.wrapping_abs(), x;
    /// `np.positive`: the elements as they are.
    positive => |x| x, x, x;
    /// `np.reciprocal`: 1 divided by each element; of integers without the fraction, as NumPy does.
    reciprocal => |x| 1.0 / x, if x == 1 || x == -1 { x } else { 0 }, if x == 1 { x } else { 0 };
}

/// `np.around(x, decimals)`, Python's `np.round(x, 2)`: halves go to the even neighbour; a negative number of decimals
/// rounds to tens, hundreds, ...
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::around([1.234, 5.678], 2).to_string(), "[1.23 5.68]");
/// assert_eq!(np::around([14, 15], -1).to_string(), "[10 20]");
/// ```
#[track_caller]
pub fn around(x: impl ArrayLike, decimals: i32) -> Array {
    let x = x.to_array();
    if decimals == 0 || (decimals > 0 && !x.dtype().is_floating()) {
        return round(x);
    }
    let dtype = if x.dtype() == DType::Bool { DType::Int64 } else { x.dtype() };
    let factor = 10f64.powi(decimals.abs());
    let rounded = if decimals > 0 {
        divide(round(multiply(&x, factor)), factor)
    } else {
        multiply(round(divide(&x, factor)), factor)
    };
    rounded.astype(dtype)
}

impl Array {
    /// `x.round(decimals)`: see [`around`].
    #[track_caller]
    pub fn round(&self, decimals: i32) -> Array {
        around(self, decimals)
    }

    /// `x.clip(low, high)`: see [`clip`].
    #[track_caller]
    pub fn clip(&self, low: impl Operand, high: impl Operand) -> Array {
        clip(self, low, high)
    }
}

/// `np.modf(x)`: the fractions and the whole parts, both with the sign of the number.
///
/// ```
/// use flowbook::np;
/// let (fractions, wholes) = np::modf([2.5, -0.25]);
/// assert_eq!((fractions.to_string(), wholes.to_string()), ("[ 0.5  -0.25]".into(), "[ 2. -0.]".into()));
/// ```
#[track_caller]
pub fn modf(x: impl ArrayLike) -> (Array, Array) {
    let x = super::folds::floating(&x.to_array());
    let fractions =
        match x.data() {
            Data::Float32(v) => {
                map(v, x.shape(), |x| if x.is_infinite() { 0f32.copysign(x) } else { x.fract().copysign(x) })
            }
            _ => map(&elements::<f64>(&x), x.shape(), |x| {
                if x.is_infinite() { 0f64.copysign(x) } else { x.fract().copysign(x) }
            }),
        };
    (fractions, trunc(x))
}

options! {
    /// The call of [`nan_to_num`].
    NanToNum { x: Array, nan: f64, posinf: Option<f64>, neginf: Option<f64>, }
    /// `nan=...`: what NaN becomes.
    nan(value: impl Into<f64>) => nan = value.into();
    /// `posinf=...`: what infinity becomes.
    posinf(value: impl Into<f64>) => posinf = Some(value.into());
    /// `neginf=...`: what the negative infinity becomes.
    neginf(value: impl Into<f64>) => neginf = Some(value.into());
}

impl Compute for NanToNum {
    fn compute(&self) -> Array {
        macro_rules! replaced {
            ($t:ident, $v:expr) => {
                map($v, self.x.shape(), |x| match x {
                    x if x.is_nan() => self.nan as $t,
                    $t::INFINITY => self.posinf.map_or($t::MAX, |value| value as $t),
                    $t::NEG_INFINITY => self.neginf.map_or($t::MIN, |value| value as $t),
                    x => x,
                })
            };
        }
        match self.x.data() {
            Data::Float32(v) => replaced!(f32, v),
            Data::Float64(v) => replaced!(f64, v),
            _ => self.x.clone(),
        }
    }
}

/// `np.nan_to_num`: NaN becomes 0, infinities the largest numbers of the type.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::nan_to_num([1.5, np::nan]).to_string(), "[1.5 0. ]");
/// assert_eq!(np::nan_to_num([1.5, np::nan, np::inf]).nan(-1).posinf(9).to_string(), "[ 1.5 -1.   9. ]");
/// ```
pub fn nan_to_num(x: impl ArrayLike) -> Computed<NanToNum> {
    Computed::new(NanToNum { x: x.to_array(), nan: 0.0, posinf: None, neginf: None })
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
    ($([$($generics:tt)*] $t:ty),*) => { $(
        impl<$($generics)*> std::ops::Neg for $t {
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
negation!([] Array, [] &Array, [] Reduced, [] &Reduced, [] Along, [] &Along, [] Diagonal, [] &Diagonal, [C: Compute] Computed<C>, [C: Compute] &Computed<C>);
