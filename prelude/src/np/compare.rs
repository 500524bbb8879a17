//! Comparisons and logic: functions whose result is boolean, and the choice `np.where` makes from one.

use super::broadcast::{common_shape, zip_with};
use super::cast::{Scalar, elements};
use super::computed::{Compute, Computed, options};
use super::manipulate::broadcast_to;
use super::operand::{Operand, Value};
use crate::array::{Array, Data, with_data};
use crate::dtype::{DType, Element};
use crate::literal::ArrayLike;

#[track_caller]
fn zip<T: Scalar>(x: &Array, y: &Array, test: impl Fn(T, T) -> bool) -> Array {
    let shape = common_shape(x.shape(), y.shape());
    let (left, right) = (elements::<T>(x), elements::<T>(y));
    Array::new(zip_with((&left, x.shape()), (&right, y.shape()), &shape, test), &shape)
}

#[track_caller]
fn zip_strings(x: &Array, y: &Array, test: impl Fn(&str, &str) -> bool) -> Array {
    let shape = common_shape(x.shape(), y.shape());
    let words = |a: &Array| -> Vec<String> {
        broadcast_to(a, &shape).as_slice::<String>().map(<[String]>::to_vec).unwrap_or_default()
    };
    let (left, right) = (words(x), words(y));
    Array::new(left.iter().zip(&right).map(|(x, y)| test(x, y)).collect(), &shape)
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident => $op:tt;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(x: impl Operand, y: impl Operand) -> Array {
            let (x, y) = (x.value(), y.value());
            let (a, b): (&Value, &Value) = (&x, &y);
            match a.common(b) {
                DType::Float32 => zip::<f32>(&a.array, &b.array, |x, y| x $op y),
                DType::Float64 => zip::<f64>(&a.array, &b.array, |x, y| x $op y),
                DType::Int32 => zip::<i32>(&a.array, &b.array, |x, y| x $op y),
                DType::Int64 => zip::<i64>(&a.array, &b.array, |x, y| x $op y),
                DType::UInt8 => zip::<u8>(&a.array, &b.array, |x, y| x $op y),
                DType::Bool => zip::<bool>(&a.array, &b.array, |x, y| x $op y),
                DType::String => zip_strings(&a.array, &b.array, |x, y| x $op y),
            }
        }
    )* };
}
comparisons! {
    /// `np.equal`, Python's `x == y`, element by element.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::equal([1, 2, 3], [1, 0, 3]).to_string(), "[ True False  True]");
    /// ```
    equal => ==;
    /// `np.not_equal`, Python's `x != y`.
    not_equal => !=;
    /// `np.less`, Python's `x < y`.
    less => <;
    /// `np.less_equal`, Python's `x <= y`.
    less_equal => <=;
    /// `np.greater`, Python's `x > y`.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::greater([0.2, 0.7], 0.5).to_string(), "[False  True]");
    /// ```
    greater => >;
    /// `np.greater_equal`, Python's `x >= y`.
    greater_equal => >=;
}

/// `np.logical_and`
#[track_caller]
pub fn logical_and(x: impl Operand, y: impl Operand) -> Array {
    zip::<bool>(&x.value().array, &y.value().array, |x, y| x && y)
}

/// `np.logical_or`
#[track_caller]
pub fn logical_or(x: impl Operand, y: impl Operand) -> Array {
    zip::<bool>(&x.value().array, &y.value().array, |x, y| x || y)
}

/// `np.logical_xor`
#[track_caller]
pub fn logical_xor(x: impl Operand, y: impl Operand) -> Array {
    zip::<bool>(&x.value().array, &y.value().array, |x, y| x != y)
}

/// `np.signbit`: whether the sign is a minus, that of a zero included.
#[track_caller]
pub fn signbit(x: impl ArrayLike) -> Array {
    let array = x.to_array();
    Array::new(elements::<f64>(&array).iter().map(|x| x.is_sign_negative()).collect(), array.shape())
}

/// `np.logical_not`
#[track_caller]
pub fn logical_not(x: impl ArrayLike) -> Array {
    let array = x.to_array();
    Array::new(elements::<bool>(&array).iter().map(|x| !x).collect(), array.shape())
}

/// `np.isnan`
#[track_caller]
pub fn isnan(x: impl ArrayLike) -> Array {
    let array = x.to_array();
    Array::new(elements::<f64>(&array).iter().map(|x| x.is_nan()).collect(), array.shape())
}

/// `np.isinf`
#[track_caller]
pub fn isinf(x: impl ArrayLike) -> Array {
    let array = x.to_array();
    Array::new(elements::<f64>(&array).iter().map(|x| x.is_infinite()).collect(), array.shape())
}

/// `np.isposinf`
#[track_caller]
pub fn isposinf(x: impl ArrayLike) -> Array {
    equal(x.to_array(), f64::INFINITY)
}

/// `np.isneginf`
#[track_caller]
pub fn isneginf(x: impl ArrayLike) -> Array {
    equal(x.to_array(), f64::NEG_INFINITY)
}

/// `np.isfinite`
#[track_caller]
pub fn isfinite(x: impl ArrayLike) -> Array {
    let array = x.to_array();
    Array::new(elements::<f64>(&array).iter().map(|x| x.is_finite()).collect(), array.shape())
}

options! {
    /// The call of [`isclose`].
    Isclose { x: Array, y: Array, rtol: f64, atol: f64, equal_nan: bool, }
    /// `rtol=1e-3`: the share of the second's size that the elements may differ by; 1e-5 unless set.
    rtol(rtol: impl Into<f64>) => rtol = rtol.into();
    /// `atol=0.1`: what the elements may differ by in any case; 1e-8 unless set.
    atol(atol: impl Into<f64>) => atol = atol.into();
    /// `equal_nan=True`: NaN is close to NaN.
    equal_nan(equal_nan: bool) => equal_nan = equal_nan;
}

impl Compute for Isclose {
    #[track_caller]
    fn compute(&self) -> Array {
        let close = |x: f64, y: f64| {
            x == y
                || y.is_finite() && (x - y).abs() <= self.atol + self.rtol * y.abs()
                || self.equal_nan && x.is_nan() && y.is_nan()
        };
        zip::<f64>(&self.x, &self.y, close)
    }
}

/// `np.isclose`: whether the elements differ by at most 1e-8 and a hundred-thousandth of the second's size, or by what
/// `.atol(0.1)` and `.rtol(0.0)` say.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::isclose([0.3, 1.0], [0.1 + 0.2, 1.1]).to_string(), "[ True False]");
/// assert_eq!(np::isclose([0.3, 1.0], [0.4, 1.5]).atol(0.2).to_string(), "[ True False]");
/// ```
#[track_caller]
pub fn isclose(x: impl Operand, y: impl Operand) -> Computed<Isclose> {
    let (x, y) = (x.value().array, y.value().array);
    Computed::new(Isclose { x, y, rtol: 1e-5, atol: 1e-8, equal_nan: false })
}

/// `np.allclose`: whether all elements are [close](isclose). Other bounds are set on that:
/// `np::isclose(x, y).atol(0.1).all()`.
///
/// ```
/// use flowbook::np;
/// assert!(np::allclose([0.3], [0.1 + 0.2]));
/// assert!(np::isclose([0.3], [0.4]).atol(0.2).all().item::<bool>());
/// ```
#[track_caller]
pub fn allclose(x: impl Operand, y: impl Operand) -> bool {
    isclose(x, y).as_slice::<bool>().is_some_and(|close| close.iter().all(|c| *c))
}

/// `np.array_equal`: whether both have the same shape and equal elements.
///
/// ```
/// use flowbook::np;
/// assert!(np::array_equal([1, 2], [1.0, 2.0]) && !np::array_equal([1, 2], [[1, 2]]));
/// ```
pub fn array_equal(x: impl ArrayLike, y: impl ArrayLike) -> bool {
    let (x, y) = (x.to_array(), y.to_array());
    x.shape() == y.shape() && equal(x, y).as_slice::<bool>().is_some_and(|same| same.iter().all(|c| *c))
}

/// `np.array_equiv`: whether both are equal where they are broadcast to one shape, and can be.
///
/// ```
/// use flowbook::np;
/// assert!(np::array_equiv([1, 2], [[1, 2], [1, 2]]) && !np::array_equiv([1, 2], [1, 2, 3]));
/// ```
pub fn array_equiv(x: impl ArrayLike, y: impl ArrayLike) -> bool {
    let (x, y) = (x.to_array(), y.to_array());
    let fits = x.shape().iter().rev().zip(y.shape().iter().rev()).all(|(n, m)| n == m || *n == 1 || *m == 1);
    fits && equal(x, y).as_slice::<bool>().is_some_and(|same| same.iter().all(|c| *c))
}

/// `np.where`: elements of `x` where the condition holds, of `y` elsewhere; all three are broadcast.
///
/// ```
/// use flowbook::np;
/// let x = np::array([-1.0, 2.0]);
/// assert_eq!(np::where_(np::greater(&x, 0.0), &x, 0.0).to_string(), "[0. 2.]");
/// ```
#[track_caller]
pub fn where_(condition: impl ArrayLike, x: impl Operand, y: impl Operand) -> Array {
    let (condition, x, y) = (condition.to_array(), x.value(), y.value());
    let dtype = x.common(&y);
    let shape = common_shape(condition.shape(), &common_shape(x.array.shape(), y.array.shape()));
    let (condition, x, y) = (
        broadcast_to(condition.astype(DType::Bool), &shape),
        broadcast_to(x.array.astype(dtype), &shape),
        broadcast_to(y.array.astype(dtype), &shape),
    );
    let Data::Bool(condition) = condition.data() else { unreachable!("converted above") };
    with_data!(x, v => choose(condition, v, &y, &shape))
}

fn choose<T: Element>(condition: &[bool], x: &[T], y: &Array, shape: &[usize]) -> Array {
    let y = y.as_slice::<T>().expect("both sides were converted to one type");
    let chosen = condition.iter().zip(x.iter().zip(y)).map(|(c, (x, y))| if *c { x } else { y });
    Array::new(chosen.cloned().collect(), shape)
}
