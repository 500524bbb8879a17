//! Making arrays: from literals, constants and ranges.

use super::shape_like::ShapeLike;
use crate::array::Array;
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::literal::ArrayLike;

/// `np.array`: from a number, nested literals, a `Vec`, a range of integers, an `ndarray`.
///
/// Floats are `float64` and integers `int64`; `.astype(np::float32)` is Python's `dtype=np.float32`.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[0, 1], [1, 1]]).astype(np::float32);
/// assert_eq!(x.repr(), "array([[0., 1.],\n       [1., 1.]], dtype=float32)");
/// assert_eq!(np::array(0..5).to_string(), "[0 1 2 3 4]"); // np.arange(5)
/// ```
#[track_caller]
pub fn array(literal: impl ArrayLike) -> Array {
    literal.to_array()
}

/// `np.zeros(shape)`, `float64`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::zeros((2, 2)).to_string(), "[[0. 0.]\n [0. 0.]]");
/// assert_eq!(np::zeros(3).to_string(), "[0. 0. 0.]");
/// ```
#[track_caller]
pub fn zeros(shape: impl ShapeLike) -> Array {
    Array::zeros(DType::Float64, &shape.shape())
}

/// `np.ones(shape)`, `float64`.
#[track_caller]
pub fn ones(shape: impl ShapeLike) -> Array {
    full(shape, 1.0)
}

/// `np.zeros_like(x)`: zeros of the same shape and type.
#[track_caller]
pub fn zeros_like(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    Array::zeros(x.dtype(), x.shape())
}

/// `np.ones_like(x)`: ones of the same shape and type.
#[track_caller]
pub fn ones_like(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    full(x.shape(), 1.0).astype(x.dtype())
}

/// `np.full(shape, value)`
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::full((1, 3), 7).to_string(), "[[7 7 7]]");
/// ```
#[track_caller]
pub fn full(shape: impl ShapeLike, value: impl ArrayLike) -> Array {
    super::manipulate::fitted(value.to_array(), &shape.shape())
}

/// `np.full_like(x, value)`: `value` in the shape and type of `x`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::full_like([1, 2, 3], 7.9).to_string(), "[7 7 7]");
/// ```
#[track_caller]
pub fn full_like(x: impl ArrayLike, value: impl ArrayLike) -> Array {
    let x = x.to_array();
    full(x.shape(), value).astype(x.dtype())
}

/// `np.empty(shape)`, `float64`; the elements are zero here.
#[track_caller]
pub fn empty(shape: impl ShapeLike) -> Array {
    zeros(shape)
}

/// `np.empty_like(x)`: the same shape and type; the elements are zero here.
#[track_caller]
pub fn empty_like(x: impl ArrayLike) -> Array {
    zeros_like(x)
}

/// `np.asarray`, another name of [`array`](fn@array).
#[track_caller]
pub fn asarray(literal: impl ArrayLike) -> Array {
    literal.to_array()
}

/// `np.fromfunction(function, shape)`: `function` of the indices along each axis, given as arrays of that shape.
///
/// ```
/// use flowbook::np;
/// let table = np::fromfunction(|index| &index[0] + &index[1], (2, 3));
/// assert_eq!(table.to_string(), "[[0. 1. 2.]\n [1. 2. 3.]]");
/// ```
#[track_caller]
pub fn fromfunction(function: impl FnOnce(&[Array]) -> Array, shape: impl ShapeLike) -> Array {
    let grids: Vec<Array> = super::indices(shape).astype(DType::Float64).iter().collect();
    function(&grids)
}

/// `np.eye(n)`: ones on the diagonal, `float64`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::eye(2).to_string(), "[[1. 0.]\n [0. 1.]]");
/// ```
pub fn eye(n: usize) -> Array {
    let mut elements = vec![0.0; n * n];
    elements.iter_mut().step_by(n + 1).for_each(|x| *x = 1.0);
    Array::new(elements, &[n, n])
}

/// A number [`arange`] counts with.
pub trait Step: Element + Copy {
    #[doc(hidden)]
    fn range(start: Self, stop: Self, step: Self) -> Array;
}

impl Step for f64 {
    #[track_caller]
    fn range(start: f64, stop: f64, step: f64) -> Array {
        let n = count((stop - start) / step);
        // NumPy multiplies by the difference of the first two elements, not by `step`.
        let delta = (start + step) - start;
        Array::new((0..n).map(|i| start + i as f64 * delta).collect(), &[n])
    }
}

macro_rules! integer_steps {
    ($($t:ty),*) => { $(
        impl Step for $t {
            #[track_caller]
            fn range(start: $t, stop: $t, step: $t) -> Array {
                let n = count((stop as f64 - start as f64) / step as f64);
                Array::new((0..n).map(|i| start as i64 + i as i64 * step as i64).collect::<Vec<i64>>(), &[n])
            }
        }
    )* };
}
integer_steps!(i32, i64);

#[track_caller]
fn count(steps: f64) -> usize {
    if steps.is_nan() || steps == f64::INFINITY {
        panic!("ZeroDivisionError: division by zero: the step of arange must not be 0");
    }
    steps.ceil().max(0.0) as usize
}

/// `np.arange(start, stop, step)`: from `start` up to, not including, `stop`.
///
/// `np::array(0..5)` is `np.arange(5)`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::arange(-0.2, 0.2, 0.1).to_string(), "[-0.2 -0.1  0.   0.1]");
/// assert_eq!(np::arange(0, 10, 3).to_string(), "[0 3 6 9]");
/// ```
///
/// # Panics
/// `ZeroDivisionError` when the step is 0.
#[track_caller]
pub fn arange<T: Step>(start: T, stop: T, step: T) -> Array {
    T::range(start, stop, step)
}

/// `np.linspace(start, stop, num)`: `num` values from `start` to `stop`, both included, `float64`.
///
/// # Panics
/// `ValueError` when `num` is negative.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::linspace(0, 1, 5).to_string(), "[0.   0.25 0.5  0.75 1.  ]");
/// ```
#[track_caller]
pub fn linspace(start: impl Into<f64>, stop: impl Into<f64>, num: i64) -> Array {
    let (start, stop): (f64, f64) = (start.into(), stop.into());
    if num < 0 {
        Error::Value(format!("Number of samples, {num}, must be non-negative.")).raise()
    }
    let n = num as usize;
    let step = (stop - start) / (n.max(2) - 1) as f64;
    let mut elements: Vec<f64> = (0..n).map(|i| i as f64 * step + start).collect();
    if let [_, .., last] = elements.as_mut_slice() {
        *last = stop;
    }
    Array::new(elements, &[n])
}
