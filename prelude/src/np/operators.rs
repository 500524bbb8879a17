//! Arithmetic of two arrays: NumPy's functions of that name, and the Rust operators for them.
//! Broadcasting and element types are settled elsewhere; here each operation is one line.

use std::ops;

use super::broadcast::{common_shape, zip_with};
use super::cast::{Scalar, elements};
use super::computed::{Along, Compute, Computed};
use super::diagonal::Diagonal;
use super::operand::{Operand, Value};
use super::reduce::Reduced;
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;

/// What the operations do with two elements of one type.
pub(super) trait Arithmetic: Scalar {
    fn plus(self, y: Self) -> Self;
    fn minus(self, y: Self) -> Self;
    fn times(self, y: Self) -> Self;
    fn floor_quotient(self, y: Self) -> Self;
    fn floor_remainder(self, y: Self) -> Self;
    fn raised(self, y: Self) -> Self;
    fn larger(self, y: Self) -> Self;
    fn smaller(self, y: Self) -> Self;
}

macro_rules! float_arithmetic {
    ($($t:ty),*) => { $(
        impl Arithmetic for $t {
            fn plus(self, y: Self) -> Self { self + y }
            fn minus(self, y: Self) -> Self { self - y }
            fn times(self, y: Self) -> Self { self * y }
            fn floor_quotient(self, y: Self) -> Self {
                if y == 0.0 { return self / y; }
                let quotient = (self - self.floor_remainder(y)) / y;
                let floor = quotient.floor();
                if quotient - floor > 0.5 { floor + 1.0 } else { floor }
            }
            fn floor_remainder(self, y: Self) -> Self {
                let rest = self % y;
                if rest == 0.0 { return (0.0 as $t).copysign(y); }
                if (rest < 0.0) != (y < 0.0) { rest + y } else { rest }
            }
            fn raised(self, y: Self) -> Self {
                if y == 2.0 { self * self } else { self.powf(y) }
            }
            fn larger(self, y: Self) -> Self { if self >= y || self.is_nan() { self } else { y } }
            fn smaller(self, y: Self) -> Self { if self <= y || self.is_nan() { self } else { y } }
        }
    )* };
}
float_arithmetic!(f32, f64);

macro_rules! integer_arithmetic {
    ($($t:ty: $negative:expr),*) => { $(
        impl Arithmetic for $t {
            fn plus(self, y: Self) -> Self { self.wrapping_add(y) }
            fn minus(self, y: Self) -> Self { self.wrapping_sub(y) }
            fn times(self, y: Self) -> Self { self.wrapping_mul(y) }
            fn floor_quotient(self, y: Self) -> Self {
                if y == 0 { return 0; }
                let quotient = self.wrapping_div(y);
                let inexact = self.wrapping_rem(y) != 0;
                if inexact && ($negative(self) != $negative(y)) { quotient - 1 } else { quotient }
            }
            fn floor_remainder(self, y: Self) -> Self {
                if y == 0 { return 0; }
                let rest = self.wrapping_rem(y);
                if rest != 0 && $negative(rest) != $negative(y) { rest.wrapping_add(y) } else { rest }
            }
            fn raised(self, y: Self) -> Self { self.wrapping_pow(y as u32) }
            fn larger(self, y: Self) -> Self { self.max(y) }
            fn smaller(self, y: Self) -> Self { self.min(y) }
        }
    )* };
}
integer_arithmetic!(i32: |x: i32| x < 0, i64: |x: i64| x < 0, u8: |_| false);

/// Booleans: `+` is or, `*` is and, as in NumPy.
impl Arithmetic for bool {
    fn plus(self, y: Self) -> Self {
        self | y
    }
    fn minus(self, y: Self) -> Self {
        self ^ y
    }
    fn times(self, y: Self) -> Self {
        self & y
    }
    fn floor_quotient(self, y: Self) -> Self {
        self & y
    }
    fn floor_remainder(self, _: Self) -> Self {
        false
    }
    fn raised(self, y: Self) -> Self {
        self | !y
    }
    fn larger(self, y: Self) -> Self {
        self | y
    }
    fn smaller(self, y: Self) -> Self {
        self & y
    }
}

/// Runs the [`Arithmetic`] method `$op` in the element type `$dtype`.
macro_rules! elementwise {
    ($x:expr, $y:expr, $dtype:expr, $op:ident) => {
        match $dtype {
            DType::Float32 => zip::<f32>(&$x.array, &$y.array, f32::$op),
            DType::Float64 => zip::<f64>(&$x.array, &$y.array, f64::$op),
            DType::Int32 => zip::<i32>(&$x.array, &$y.array, i32::$op),
            DType::Int64 => zip::<i64>(&$x.array, &$y.array, i64::$op),
            DType::UInt8 => zip::<u8>(&$x.array, &$y.array, u8::$op),
            DType::Bool => zip::<bool>(&$x.array, &$y.array, bool::$op),
            DType::String => Error::Type("strings have no arithmetic; convert them with astype first".into()).raise(),
        }
    };
}

#[track_caller]
fn zip<T: Scalar>(x: &Array, y: &Array, op: impl Fn(T, T) -> T) -> Array {
    let shape = common_shape(x.shape(), y.shape());
    let (left, right) = (elements::<T>(x), elements::<T>(y));
    Array::new(zip_with((&left, x.shape()), (&right, y.shape()), &shape, op), &shape)
}

/// Functions of two arguments: the element-by-element method and the rule for the type, when it is not the common one.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident => $op:ident $(, $adjust:expr)?;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(x: impl Operand, y: impl Operand) -> Array {
            let (x, y) = (x.value(), y.value());
            let dtype = x.common(&y);
            $(let dtype = $adjust(dtype, &y);)?
            elementwise!(x, y, dtype, $op)
        }
    )* };
}
functions! {
    /// `np.add`, also `x + y`.
    add => plus;
    /// `np.subtract`, also `x - y`.
    ///
    /// # Panics
    /// `TypeError` for booleans.
    subtract => minus, no_bool;
    /// `np.multiply`, also `x * y`.
    multiply => times;
    /// `np.floor_divide`, Python's `x // y`: the quotient rounded down.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::floor_divide([-7, 7], 2).to_string(), "[-4  3]");
    /// ```
    floor_divide => floor_quotient;
    /// `np.remainder`, also `x % y`: has the sign of the divisor.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::remainder([-7, 7], 3).to_string(), "[2 1]");
    /// ```
    remainder => floor_remainder;
    /// `np.power`, Python's `x ** y`.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::power([1, 2, 3], 2).to_string(), "[1 4 9]");
    /// assert_eq!(np::power(2.0, [0.5, 3.0]).to_string(), "[1.41421356 8.        ]");
    /// ```
    ///
    /// # Panics
    /// `ValueError` for integers to a negative integer power.
    power => raised, no_negative_power;
    /// `np.maximum`: the larger of each pair; NaN wins.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::maximum([-1.0, 0.5], 0).to_string(), "[0.  0.5]"); // ReLU
    /// ```
    maximum => larger;
    /// `np.minimum`: the smaller of each pair; NaN wins.
    minimum => smaller;
}

/// `np.divide`, also `x / y`: integers divide into `float64`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::divide([1, 2], 2).to_string(), "[0.5 1. ]");
/// ```
#[track_caller]
pub fn divide(x: impl Operand, y: impl Operand) -> Array {
    let (x, y) = (x.value(), y.value());
    match x.common(&y) {
        DType::Float32 => zip::<f32>(&x.array, &y.array, |x, y| x / y),
        DType::String => Error::Type("strings have no arithmetic; convert them with astype first".into()).raise(),
        _ => zip::<f64>(&x.array, &y.array, |x, y| x / y),
    }
}

#[track_caller]
fn no_bool(dtype: DType, _: &Value) -> DType {
    if dtype == DType::Bool {
        Error::Type(
            "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, \
             or the logical_xor function instead."
                .into(),
        )
        .raise()
    }
    dtype
}

#[track_caller]
fn no_negative_power(dtype: DType, exponent: &Value) -> DType {
    if matches!(dtype, DType::Int32 | DType::Int64) && elements::<i64>(&exponent.array).iter().any(|n| *n < 0) {
        Error::Value("Integers to negative integer powers are not allowed.".into()).raise()
    }
    dtype
}

/// An operator with arrays on the left and anything on the right.
macro_rules! left_array {
    ($trait:ident, $method:ident, $function:ident: $([$($generics:tt)*] $left:ty),*) => { $(
        impl<R: Operand, $($generics)*> ops::$trait<R> for $left {
            type Output = Array;
            #[track_caller]
            fn $method(self, right: R) -> Array {
                $function(self, right)
            }
        }
    )* };
}

/// The same operator with a plain number on the left: one float and one integer type, so that the type of a literal
/// is never in doubt in `1.0 / (1.0 + x)`.
macro_rules! left_number {
    ($trait:ident, $method:ident, $function:ident, [$($generics:tt)*] $right:ty) => {
        left_number!(@ f64, $trait, $method, $function, [$($generics)*] $right);
        left_number!(@ i32, $trait, $method, $function, [$($generics)*] $right);
    };
    (@ $left:ty, $trait:ident, $method:ident, $function:ident, [$($generics:tt)*] $right:ty) => {
        impl<$($generics)*> ops::$trait<$right> for $left {
            type Output = Array;
            #[track_caller]
            fn $method(self, right: $right) -> Array {
                $function(self, right)
            }
        }
    };
}

macro_rules! operators {
    ($($trait:ident $method:ident $assign:ident $assign_method:ident => $function:ident;)*) => { $(
        left_array!(
            $trait, $method, $function:
            [] Array, [] &Array, [] Reduced, [] &Reduced, [] Along, [] &Along, [] Diagonal, [] &Diagonal,
            [C: Compute] Computed<C>, [C: Compute] &Computed<C>
        );
        left_number!($trait, $method, $function, [] Array);
        left_number!($trait, $method, $function, [] &Array);
        left_number!($trait, $method, $function, [] Reduced);
        left_number!($trait, $method, $function, [] Along);
        left_number!($trait, $method, $function, [] Diagonal);
        left_number!($trait, $method, $function, [C: Compute] Computed<C>);
        left_number!($trait, $method, $function, [C: Compute] &Computed<C>);

        impl<R: Operand> ops::$assign<R> for Array {
            #[track_caller]
            fn $assign_method(&mut self, right: R) {
                *self = in_place(self, $function(&*self, right));
            }
        }
    )* };
}
operators! {
    Add add AddAssign add_assign => add;
    Sub sub SubAssign sub_assign => subtract;
    Mul mul MulAssign mul_assign => multiply;
    Div div DivAssign div_assign => divide;
    Rem rem RemAssign rem_assign => remainder;
}

/// An in-place operation keeps the array's shape and type.
#[track_caller]
fn in_place(target: &Array, result: Array) -> Array {
    let (from, to) = (result.dtype(), target.dtype());
    if result.shape() != target.shape() {
        Error::Value(format!(
            "non-broadcastable output operand with shape {} doesn't match the broadcast shape {}",
            crate::format::shape_message(target.shape()),
            crate::format::shape_message(result.shape()),
        ))
        .raise()
    }
    if from.is_floating() && !to.is_floating() || from.is_integer() && to == DType::Bool {
        panic!(
            "UFuncTypeError: Cannot cast ufunc output from {} to {} with casting rule 'same_kind'",
            from.name(),
            to.name(),
        )
    }
    result.astype(to)
}
