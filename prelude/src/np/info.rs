//! `np.finfo` and `np.iinfo`: what the number types can hold.

use crate::dtype::DType;
use crate::error::Error;

/// The bounds of a float type: made by [`finfo`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finfo {
    /// The distance from 1 to the next number.
    pub eps: f64,
    /// The largest number.
    pub max: f64,
    /// The smallest number, `-max`.
    pub min: f64,
    /// The smallest positive number with all its digits.
    pub tiny: f64,
    /// Bits of a number.
    pub bits: u32,
}

/// `np.finfo(dtype)`
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::finfo(np::float64).eps, 2.220446049250313e-16);
/// assert_eq!(np::finfo(np::float32).max, 3.4028234663852886e38);
/// ```
///
/// # Panics
/// `ValueError` for what is no float type.
#[track_caller]
pub fn finfo(dtype: DType) -> Finfo {
    match dtype {
        DType::Float32 => Finfo {
            eps: f32::EPSILON.into(),
            max: f32::MAX.into(),
            min: f32::MIN.into(),
            tiny: f32::MIN_POSITIVE.into(),
            bits: 32,
        },
        DType::Float64 => Finfo { eps: f64::EPSILON, max: f64::MAX, min: f64::MIN, tiny: f64::MIN_POSITIVE, bits: 64 },
        _ => Error::Value(format!("data type {} not inexact", dtype.name())).raise(),
    }
}

/// The bounds of an integer type: made by [`iinfo`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Iinfo {
    /// The largest number.
    pub max: i64,
    /// The smallest number.
    pub min: i64,
    /// Bits of a number.
    pub bits: u32,
}

/// `np.iinfo(dtype)`
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::iinfo(np::uint8).max, 255);
/// ```
///
/// # Panics
/// `ValueError` for what is no integer type.
#[track_caller]
pub fn iinfo(dtype: DType) -> Iinfo {
    match dtype {
        DType::UInt8 => Iinfo { max: u8::MAX.into(), min: 0, bits: 8 },
        DType::Int32 => Iinfo { max: i32::MAX.into(), min: i32::MIN.into(), bits: 32 },
        DType::Int64 => Iinfo { max: i64::MAX, min: i64::MIN, bits: 64 },
        _ => Error::Value(format!("Invalid integer data type '{}'.", dtype.name())).raise(),
    }
}
