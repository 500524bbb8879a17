//! Bitwise functions of integers and booleans, and the operators `&`, `|`, `^` and `!` for them.

use std::ops;

use super::broadcast::{common_shape, zip_with};
use super::cast::elements;
use super::computed::{Along, Compute, Computed};
use super::operand::{Operand, Value};
use super::reduce::Reduced;
use crate::array::{Array, Data};
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

#[track_caller]
fn refuse(name: &str) -> ! {
    Error::Type(format!(
        "ufunc '{name}' not supported for the input types, and the inputs could not be safely coerced to any \
         supported types according to the casting rule ''safe''"
    ))
    .raise()
}

/// Both sides in their common type, with the common shape.
macro_rules! zip {
    ($t:ty, $x:expr, $y:expr, $op:expr) => {{
        let shape = common_shape($x.array.shape(), $y.array.shape());
        let (left, right) = (elements::<$t>(&$x.array), elements::<$t>(&$y.array));
        Array::new(zip_with((&left, $x.array.shape()), (&right, $y.array.shape()), &shape, $op), &shape)
    }};
}

macro_rules! bitwise {
    ($($(#[$doc:meta])* $name:ident => $op:tt;)*) => { $(
        $(#[$doc])*
        ///
        /// # Panics
        /// `TypeError` for floats.
        #[track_caller]
        pub fn $name(x: impl Operand, y: impl Operand) -> Array {
            let (x, y) = (x.value(), y.value());
            match x.common(&y) {
                DType::Int32 => zip!(i32, x, y, |x, y| x $op y),
                DType::Int64 => zip!(i64, x, y, |x, y| x $op y),
                DType::UInt8 => zip!(u8, x, y, |x, y| x $op y),
                DType::Bool => zip!(bool, x, y, |x, y| x $op y),
                _ => refuse(stringify!($name)),
            }
        }
    )* };
}
bitwise! {
    /// `np.bitwise_and`, also `x & y`.
    ///
    /// ```
    /// use flowbook::np;
    /// let x = np::array([1, 5, 9]);
    /// assert_eq!((np::greater(&x, 2) & np::less(&x, 8)).to_string(), "[False  True False]");
    /// ```
    bitwise_and => &;
    /// `np.bitwise_or`, also `x | y`.
    bitwise_or => |;
    /// `np.bitwise_xor`, also `x ^ y`.
    bitwise_xor => ^;
}

/// Shifts are of whole numbers only; by more than the type's width there is nothing left.
macro_rules! shifts {
    ($($(#[$doc:meta])* $name:ident => |$x:ident, $n:ident, $bits:ident| $body:expr;)*) => { $(
        $(#[$doc])*
        ///
        /// # Panics
        /// `TypeError` for floats.
        #[track_caller]
        pub fn $name(x: impl Operand, y: impl Operand) -> Array {
            let (x, y): (Value, Value) = (x.value(), y.value());
            let dtype = x.common(&y);
            let dtype = if dtype == DType::Bool { DType::Int64 } else { dtype };
            macro_rules! shift {
                ($t:ty) => {
                    zip!($t, x, y, |$x: $t, n: $t| {
                        let ($n, $bits) = (n as i64 as u32, <$t>::BITS);
                        $body
                    })
                };
            }
            match dtype {
                DType::Int32 => shift!(i32),
                DType::Int64 => shift!(i64),
                DType::UInt8 => shift!(u8),
                _ => refuse(stringify!($name)),
            }
        }
    )* };
}
shifts! {
    /// `np.left_shift`, Python's `x << y`.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::left_shift(5, [1, 2, 3]).to_string(), "[10 20 40]");
    /// ```
    left_shift => |x, n, bits| if n < bits { x << n } else { 0 };
    /// `np.right_shift`, Python's `x >> y`.
    right_shift => |x, n, bits| x >> n.min(bits - 1);
}

/// `np.invert` (`np.bitwise_not`), also `!x`: not of booleans, the complement of integers.
///
/// ```
/// use flowbook::np;
/// assert_eq!((!np::array([true, false])).to_string(), "[False  True]");
/// ```
///
/// # Panics
/// `TypeError` for floats.
#[track_caller]
pub fn invert(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    match x.data() {
        Data::Bool(v) => Array::new(v.iter().map(|x| !x).collect(), x.shape()),
        Data::Int32(v) => Array::new(v.iter().map(|x| !x).collect(), x.shape()),
        Data::Int64(v) => Array::new(v.iter().map(|x| !x).collect(), x.shape()),
        Data::UInt8(v) => Array::new(v.iter().map(|x| !x).collect(), x.shape()),
        _ => refuse("invert"),
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident => $function:ident: $([$($generics:tt)*] $left:ty),*;)*) => { $($(
        impl<R: Operand, $($generics)*> ops::$trait<R> for $left {
            type Output = Array;
            #[track_caller]
            fn $method(self, right: R) -> Array {
                $function(self, right)
            }
        }
    )*)* };
}
operators! {
    BitAnd bitand => bitwise_and: [] Array, [] &Array, [] Reduced, [] Along, [C: Compute] Computed<C>;
    BitOr bitor => bitwise_or: [] Array, [] &Array, [] Reduced, [] Along, [C: Compute] Computed<C>;
    BitXor bitxor => bitwise_xor: [] Array, [] &Array, [] Reduced, [] Along, [C: Compute] Computed<C>;
    Shl shl => left_shift: [] Array, [] &Array;
    Shr shr => right_shift: [] Array, [] &Array;
}

macro_rules! complements {
    ($([$($generics:tt)*] $t:ty),*) => { $(
        impl<$($generics)*> ops::Not for $t {
            type Output = Array;
            #[track_caller]
            fn not(self) -> Array {
                invert(self)
            }
        }
    )* };
}
complements!([] Array, [] &Array, [] Reduced, [] Along, [C: Compute] Computed<C>);
