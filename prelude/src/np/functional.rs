//! Functions of Rust applied to parts of an array: row by row, element by element, piece by piece.

use super::index::Item;
use super::manipulate::checked_axis;
use super::{moveaxis, stack};
use crate::array::Array;
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::literal::ArrayLike;

/// `np.apply_along_axis(f, axis, x)`: what `f` gives of each vector along the axis, in its place.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[1, 2, 3], [4, 5, 6]]);
/// assert_eq!(np::apply_along_axis(|v| v.max() - v.min(), 1, &x).to_string(), "[2 2]");
/// assert_eq!(np::apply_along_axis(|v| np::sort(-v), 0, &x).to_string(), "[[-4 -5 -6]\n [-1 -2 -3]]");
/// ```
///
/// # Panics
/// `AxisError` when there is no such axis, `ValueError` without elements or when the results differ in shape.
#[track_caller]
pub fn apply_along_axis<R: ArrayLike>(f: impl Fn(&Array) -> R, axis: isize, x: impl ArrayLike) -> Array {
    let x = x.to_array();
    let axis = checked_axis(axis, x.ndim());
    if x.is_empty() {
        Error::Value("Cannot apply_along_axis when any iteration dimensions are 0".into()).raise()
    }
    let rows = moveaxis(&x, axis as isize, -1);
    let (outer, n) = rows.shape().split_at(rows.ndim() - 1);
    let results: Vec<Array> = rows.reshape([rows.len() / n[0], n[0]]).iter().map(|row| f(&row).to_array()).collect();
    let inner = results[0].shape().to_vec();
    let mut result = stack(&results, 0).reshape([outer, &inner].concat());
    // The axes of a result stand where the axis was.
    for k in 0..inner.len() {
        result = moveaxis(result, (outer.len() + k) as isize, (axis + k) as isize);
    }
    result
}

/// `np.vectorize(f)`: the function of an array that applies `f` to each element.
///
/// ```
/// use flowbook::np;
/// let clipped = np::vectorize(|x: f64| if x > 1.0 { 1.0 } else { x });
/// assert_eq!(clipped(&np::array([0.5, 2.0])).to_string(), "[0.5 1. ]");
/// ```
pub fn vectorize<T: Item, R: Element>(f: impl Fn(T) -> R) -> impl Fn(&Array) -> Array {
    move |x| Array::new(x.to_vec::<T>().into_iter().map(&f).collect(), x.shape())
}

/// `np.piecewise(x, conditions, functions)`: each element by the function whose condition holds for it, the last one of
/// several; one function more than conditions is for the elements left over, which are 0 otherwise.
///
/// ```
/// use flowbook::np;
/// let x = np::array([-2.0, -1.0, 0.0, 3.0]);
/// let y = np::piecewise(&x, [np::less(&x, 0)], &[&|x| -x, &|x| x * 10.0]);
/// assert_eq!(y.to_string(), "[ 2.  1.  0. 30.]");
/// ```
///
/// # Panics
/// `ValueError` when there are not as many functions as conditions, or one more.
#[track_caller]
pub fn piecewise<C: ArrayLike>(
    x: impl ArrayLike,
    conditions: impl IntoIterator<Item = C>,
    functions: &[&dyn Fn(&Array) -> Array],
) -> Array {
    let x = x.to_array();
    let mut conditions: Vec<Array> = conditions.into_iter().map(|c| c.to_array().astype(DType::Bool)).collect();
    let n = conditions.len();
    if functions.len() == n + 1 {
        let some = conditions.iter().fold(Array::zeros(DType::Bool, x.shape()), super::logical_or);
        conditions.push(super::logical_not(some));
    }
    if functions.len() != conditions.len() {
        Error::Value(format!("with {n} condition(s), either {n} or {} functions are expected", n + 1)).raise()
    }
    let mut y = super::zeros_like(&x);
    for (condition, function) in conditions.iter().zip(functions) {
        let values = x.slice(condition);
        if !values.is_empty() {
            y.assign(condition, function(&values));
        }
    }
    y
}
