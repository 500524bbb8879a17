//! What may stand on either side of an operator, and the element type the two sides agree on.

use super::cast::promote;
use crate::array::{Array, Data};
use crate::dtype::DType;
use crate::literal::ArrayLike;

/// One side of an operation. `weak` marks a plain number, which takes the type of the other side if it can.
#[doc(hidden)]
pub struct Value {
    pub(super) array: Array,
    weak: bool,
}

/// An array, a reference to one, a plain number, a nested literal: what operators and functions of two arguments take.
///
/// Plain `f64`, `i32`, `i64` and `usize` numbers count as Python's numbers: they adapt to the array's type.
pub trait Operand {
    #[doc(hidden)]
    fn value(self) -> Value;
}

macro_rules! operands {
    ($weak:literal: $($t:ty),*) => { $(
        impl Operand for $t {
            fn value(self) -> Value {
                Value { array: self.to_array(), weak: $weak }
            }
        }
    )* };
}
operands!(true: f64, i32, i64, usize, &f64, &i32, &i64);
operands!(false: f32, u8, bool, &Array);

impl Operand for Array {
    fn value(self) -> Value {
        Value { array: self, weak: false }
    }
}

impl<T: ArrayLike, const N: usize> Operand for [T; N] {
    fn value(self) -> Value {
        self.to_array().value()
    }
}

impl<T: ArrayLike> Operand for Vec<T> {
    fn value(self) -> Value {
        self.to_array().value()
    }
}

/// 0 for `bool`, 1 for integers, 2 for floats: a weak number only raises the type when its kind is higher.
fn kind(dtype: DType) -> u8 {
    match dtype {
        DType::Bool => 0,
        d if d.is_integer() => 1,
        _ => 2,
    }
}

impl Value {
    /// The type both sides are converted to.
    #[track_caller]
    pub(super) fn common(&self, other: &Value) -> DType {
        let (weak, strong) = match (self.weak, other.weak) {
            (true, false) => (&self.array, &other.array),
            (false, true) => (&other.array, &self.array),
            _ => return promote(self.array.dtype(), other.array.dtype()),
        };
        if strong.dtype() == DType::String || kind(weak.dtype()) > kind(strong.dtype()) {
            return promote(weak.dtype(), strong.dtype());
        }
        check_range(weak, strong.dtype());
        strong.dtype()
    }
}

/// A plain integer must fit the array's type.
#[track_caller]
fn check_range(number: &Array, dtype: DType) {
    let (low, high) = match dtype {
        DType::UInt8 => (0, i64::from(u8::MAX)),
        DType::Int32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => return,
    };
    let Data::Int64(v) = number.data() else { return };
    if v[0] < low || v[0] > high {
        panic!("OverflowError: Python integer {} out of bounds for {}", v[0], dtype.name())
    }
}
