//! Conversions between element types (`astype`) and the type two operands have in common.

use std::borrow::Cow;

use crate::array::{Array, Data};
use crate::dtype::{DType, Element};
use crate::error::Error;

/// An element type that numbers convert to.
pub(crate) trait Scalar: Element + Copy {
    fn from_f32(x: f32) -> Self;
    fn from_f64(x: f64) -> Self;
    fn from_i32(x: i32) -> Self;
    fn from_i64(x: i64) -> Self;
    fn from_u8(x: u8) -> Self;
}

/// A float as a whole number, as the processor that NumPy runs on converts it: what does not fit is the smallest number.
trait Whole {
    fn whole32(self) -> i32;
    fn whole64(self) -> i64;
}

macro_rules! whole {
    ($($t:ty),*) => { $(
        impl Whole for $t {
            fn whole32(self) -> i32 {
                let whole = self as i64;
                if whole == i64::from(whole as i32) && !self.is_nan() { whole as i32 } else { i32::MIN }
            }
            fn whole64(self) -> i64 {
                if self < -(i64::MIN as $t) { self as i64 } else { i64::MIN }
            }
        }
    )* };
}
whole!(f32, f64);

macro_rules! scalar {
    ($t:ty, $float:ident => $from_float:expr, $x:ident => $body:expr) => {
        impl Scalar for $t {
            fn from_f32($float: f32) -> Self {
                $from_float
            }
            fn from_f64($float: f64) -> Self {
                $from_float
            }
            fn from_i32($x: i32) -> Self {
                $body
            }
            fn from_i64($x: i64) -> Self {
                $body
            }
            fn from_u8($x: u8) -> Self {
                $body
            }
        }
    };
}
scalar!(f32, x => x as f32, x => x as f32);
scalar!(f64, x => x as f64, x => x as f64);
scalar!(i32, x => x.whole32(), x => x as i32);
scalar!(i64, x => x.whole64(), x => x as i64);
scalar!(u8, x => x.whole32() as u8, x => x as u8);
scalar!(bool, x => x as f64 != 0.0, x => x as f64 != 0.0);

/// The elements as `T`: borrowed when they are, converted as NumPy's `astype` otherwise.
#[track_caller]
pub(crate) fn elements<T: Scalar>(array: &Array) -> Cow<'_, [T]> {
    if let Some(same) = array.as_slice::<T>() {
        return Cow::Borrowed(same);
    }
    Cow::Owned(match array.data() {
        Data::Float32(v) => v.iter().map(|x| T::from_f32(*x)).collect(),
        Data::Float64(v) => v.iter().map(|x| T::from_f64(*x)).collect(),
        Data::Int32(v) => v.iter().map(|x| T::from_i32(*x)).collect(),
        Data::Int64(v) => v.iter().map(|x| T::from_i64(*x)).collect(),
        Data::UInt8(v) => v.iter().map(|x| T::from_u8(*x)).collect(),
        Data::Bool(v) => v.iter().map(|x| T::from_u8(u8::from(*x))).collect(),
        Data::String(v) => v.iter().map(|x| T::from_f64(parse(x))).collect(),
    })
}

#[track_caller]
fn parse(text: &str) -> f64 {
    match text.trim().parse() {
        Ok(x) => x,
        Err(_) => Error::Value(format!("could not convert string to float: '{text}'")).raise(),
    }
}

impl Array {
    /// The elements converted to another type, as NumPy's `astype`: floats lose their fraction, numbers other than
    /// zero are `true`, what a smaller integer type cannot hold goes round, as 300 becomes 44 in `uint8`.
    ///
    /// ```
    /// use flowbook::np;
    /// let x = np::array([1.7, -1.7, 0.0]);
    /// assert_eq!(x.astype(np::int32).repr(), "array([ 1, -1,  0], dtype=int32)");
    /// assert_eq!(x.astype(np::bool_).to_string(), "[ True  True False]");
    /// ```
    ///
    /// # Panics
    /// `ValueError` when a string is no number.
    #[track_caller]
    pub fn astype(&self, dtype: DType) -> Array {
        if dtype == self.dtype() {
            return self.clone();
        }
        match dtype {
            DType::Float32 => Array::new(elements::<f32>(self).into_owned(), self.shape()),
            DType::Float64 => Array::new(elements::<f64>(self).into_owned(), self.shape()),
            DType::Int32 => Array::new(elements::<i32>(self).into_owned(), self.shape()),
            DType::Int64 => Array::new(elements::<i64>(self).into_owned(), self.shape()),
            DType::UInt8 => Array::new(elements::<u8>(self).into_owned(), self.shape()),
            DType::Bool => Array::new(elements::<bool>(self).into_owned(), self.shape()),
            DType::String => Array::new(self.texts(), self.shape()),
        }
    }

    fn texts(&self) -> Vec<String> {
        (0..self.len()).map(|i| self.flat(i).to_string()).collect()
    }
}

/// NumPy's `promote_types`.
#[track_caller]
pub(super) fn promote(a: DType, b: DType) -> DType {
    use DType::{Bool, Float32, Float64, Int32, Int64, String, UInt8};
    match (a, b) {
        (a, b) if a == b => a,
        (String, _) | (_, String) => {
            Error::Type(format!("no common type of {} and {}: strings are no numbers", a.name(), b.name())).raise()
        }
        (Bool, other) | (other, Bool) => other,
        (UInt8, other) | (other, UInt8) => other,
        (Float64, _) | (_, Float64) => Float64,
        (Int32, Int64) | (Int64, Int32) => Int64,
        (Float32, _) | (_, Float32) => Float64,
        (Int32 | Int64, _) => unreachable!("equal types were first"),
    }
}
