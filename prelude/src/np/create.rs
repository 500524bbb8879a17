//! Making arrays: from literals, constants and functions. Ranges of numbers are in `spaced`.

use super::shape_like::ShapeLike;
use crate::array::Array;
use crate::dtype::DType;
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
