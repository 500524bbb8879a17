//! Arrays made by repeating others, and axes of size one: grids of coordinates, tiles, outer products.

use super::manipulate::checked_axis;
use super::operators::multiply;
use super::{broadcast_to, concatenate, linspace, power};
use crate::array::{Array, with_data};
use crate::error::Error;
use crate::format::shape_message;
use crate::literal::ArrayLike;

/// `np.meshgrid(x, y)`: the x and the y of every point of a grid, as matrices with a row for each y.
///
/// ```
/// use flowbook::np;
/// let (x, y) = np::meshgrid([1, 2, 3], [10, 20]);
/// assert_eq!(x.to_string(), "[[1 2 3]\n [1 2 3]]");
/// assert_eq!(y.to_string(), "[[10 10 10]\n [20 20 20]]");
/// ```
pub fn meshgrid(x: impl ArrayLike, y: impl ArrayLike) -> (Array, Array) {
    let (x, y) = (x.to_array().flatten(), y.to_array().flatten());
    let shape = [y.len(), x.len()];
    let columns = y.reshape([y.len() as i64, 1]);
    (broadcast_to(&x, shape), broadcast_to(&columns, shape))
}

/// `np.logspace(start, stop, num)`: `num` powers of ten, whose exponents go evenly from `start` to `stop`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::logspace(0, 2, 3).to_string(), "[  1.  10. 100.]");
/// ```
///
/// # Panics
/// `ValueError` when `num` is negative.
#[track_caller]
pub fn logspace(start: impl Into<f64>, stop: impl Into<f64>, num: i64) -> Array {
    power(10.0, linspace(start, stop, num))
}

/// `np.outer(x, y)`: the product of every element of `x` with every element of `y`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::outer([1, 2], [3, 4]).to_string(), "[[3 4]\n [6 8]]");
/// ```
pub fn outer(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    let (x, y) = (x.to_array(), y.to_array().flatten());
    multiply(x.reshape([x.len() as i64, 1]), &y)
}

/// `np.expand_dims(x, axis)`: a new axis of size 1 at this place.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::expand_dims([1, 2, 3], 1).shape(), &[3, 1]);
/// ```
///
/// # Panics
/// `AxisError` when there is no such place.
#[track_caller]
pub fn expand_dims(x: impl ArrayLike, axis: isize) -> Array {
    let x = x.to_array();
    let mut shape = x.shape().to_vec();
    shape.insert(checked_axis(axis, x.ndim() + 1), 1);
    Array::from_data(x.data().clone(), &shape)
}

/// `np.squeeze(x)`: without the axes of size 1.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::squeeze([[[1], [2]]]).shape(), &[2]);
/// ```
pub fn squeeze(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    let shape: Vec<usize> = x.shape().iter().copied().filter(|n| *n != 1).collect();
    Array::from_data(x.data().clone(), &shape)
}

/// `np.repeat(x, n)`: each element `n` times, in one vector.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::repeat([1, 2], 2).to_string(), "[1 1 2 2]");
/// ```
pub fn repeat(x: impl ArrayLike, n: usize) -> Array {
    let x = x.to_array();
    with_data!(x, v => Array::new(v.iter().flat_map(|e| std::iter::repeat_n(e.clone(), n)).collect(), &[x.len() * n]))
}

/// `np.tile(x, reps)`: the whole array one after the other, so many times along each axis; one number goes along the
/// last.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::tile([1, 2], 2).to_string(), "[1 2 1 2]");
/// assert_eq!(np::tile([1, 2], [2, 1]).to_string(), "[[1 2]\n [1 2]]");
/// ```
pub fn tile(x: impl ArrayLike, reps: impl super::ShapeLike) -> Array {
    let (mut x, reps) = (x.to_array(), reps.shape());
    let ndim = x.ndim().max(reps.len());
    let missing = |n: usize| std::iter::repeat_n(1, ndim - n);
    let shape: Vec<usize> = missing(x.ndim()).chain(x.shape().iter().copied()).collect();
    x = Array::from_data(x.data().clone(), &shape);
    let reps: Vec<usize> = missing(reps.len()).chain(reps.iter().copied()).collect();
    for (axis, times) in reps.into_iter().enumerate().rev() {
        x = match times {
            0 => {
                let mut shape = x.shape().to_vec();
                shape[axis] = 0;
                super::zeros(shape).astype(x.dtype())
            }
            _ => concatenate(std::iter::repeat_n(&x, times), axis as isize),
        };
    }
    x
}

/// `np.split(x, sections)`: so many equal parts along the first axis.
///
/// ```
/// use flowbook::np;
/// let parts = np::split(0..6, 3);
/// assert_eq!(parts[1].to_string(), "[2 3]");
/// ```
///
/// # Panics
/// `ValueError` when the parts would not be equal, or `x` is a scalar.
#[track_caller]
pub fn split(x: impl ArrayLike, sections: usize) -> Vec<Array> {
    let x = x.to_array();
    let Some(&n) = x.shape().first() else {
        Error::Value(format!("an array of shape {} has no axis to split", shape_message(x.shape()))).raise()
    };
    if sections == 0 || !n.is_multiple_of(sections) {
        Error::Value("array split does not result in an equal division".into()).raise()
    }
    let mut shape = x.shape().to_vec();
    shape[0] = n / sections;
    let size: usize = shape.iter().product();
    with_data!(x, v => (0..sections).map(|k| Array::new(v[k * size..(k + 1) * size].to_vec(), &shape)).collect())
}
