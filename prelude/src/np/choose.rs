//! Where something holds, and the elements there: nonzero, argwhere, extract, select. Sets are in `sets`, places in order in `places`.
//! `np.where` of three arguments is in `compare`.

use super::cast::elements;
use super::computed::Along;
use super::folds::split;
use super::manipulate::checked_axis;
use super::moves::{picked, rows};
use super::part::places_of;
use super::{stack, where_};
use crate::array::{Array, with_data};
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

/// The indices of some elements, an array for each axis: what [`nonzero`] gives. `x.slice(&places)` are the elements.
#[derive(Clone)]
pub struct Nonzero(Vec<Array>);

impl std::ops::Deref for Nonzero {
    type Target = [Array];
    fn deref(&self) -> &[Array] {
        &self.0
    }
}

impl ArrayLike for Nonzero {
    fn to_array(&self) -> Array {
        stack(&self.0, 0)
    }
    fn to_tensor(&self) -> Array {
        self.to_array()
    }
}

/// As Python shows the tuple: `(array([0, 1]),)`.
impl std::fmt::Display for Nonzero {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let arrays: Vec<String> = self.0.iter().map(Array::repr).collect();
        write!(f, "({}{})", arrays.join(", "), if arrays.len() == 1 { "," } else { "" })
    }
}

impl std::fmt::Debug for Nonzero {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// `np.nonzero(x)`, also `np.where(x)`: the indices along each axis of what is not zero.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[3, 0], [0, 4]]);
/// let places = np::nonzero(&x);
/// assert_eq!(places.to_string(), "(array([0, 1]), array([0, 1]))");
/// assert_eq!(x.slice(&places).to_string(), "[3 4]");
/// ```
///
/// # Panics
/// `ValueError` for a scalar.
#[track_caller]
pub fn nonzero(x: impl ArrayLike) -> Nonzero {
    let x = x.to_array();
    if x.ndim() == 0 {
        Error::Value("Calling nonzero on 0d arrays is not allowed. Use np.atleast_1d(scalar).nonzero() instead.".into())
            .raise()
    }
    Nonzero(places_of(&elements::<bool>(&x), x.shape()))
}

/// `np.argwhere(x)`: the indices of what is not zero, a row for each.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::argwhere([[3, 0], [0, 4]]).to_string(), "[[0 0]\n [1 1]]");
/// ```
///
/// # Panics
/// `ValueError` for a scalar.
#[track_caller]
pub fn argwhere(x: impl ArrayLike) -> Array {
    stack(&nonzero(x).0, 1)
}

/// `np.flatnonzero(x)`: the places, in reading order, of what is not zero.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::flatnonzero([[0, 5], [6, 0]]).to_string(), "[1 2]");
/// ```
pub fn flatnonzero(x: impl ArrayLike) -> Array {
    let x = x.to_array().flatten();
    places_of(&elements::<bool>(&x), x.shape()).remove(0)
}

/// `np.extract(condition, x)`: the elements where the condition holds, in one vector.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::extract([true, false, true], [1, 2, 3]).to_string(), "[1 3]");
/// ```
///
/// # Panics
/// `IndexError` when the condition has another size.
#[track_caller]
pub fn extract(condition: impl ArrayLike, x: impl ArrayLike) -> Array {
    x.to_array().flatten().slice(condition.to_array().flatten().astype(DType::Bool))
}

/// `np.compress(condition, x)`: the entries along the axis that `.axis(0)` names, or elements, where the condition holds.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[1, 2], [3, 4], [5, 6]]);
/// assert_eq!(np::compress([false, true], &x).axis(0).to_string(), "[[3 4]]");
/// ```
pub fn compress(condition: impl ArrayLike, x: impl ArrayLike) -> Along {
    let condition = condition.to_array().to_vec::<bool>();
    Along::new(x.to_array(), move |x, axis| {
        let (x, axis) = rows(x, axis);
        let places: Vec<usize> = (0..condition.len()).filter(|k| condition[*k]).collect();
        in_bounds(&places, x.shape()[axis], axis);
        picked(&x, axis, &places)
    })
}

#[track_caller]
fn in_bounds(places: &[usize], n: usize, axis: usize) {
    if let Some(place) = places.iter().find(|place| **place >= n) {
        panic!("IndexError: index {place} is out of bounds for axis {axis} with size {n}");
    }
}

/// `np.take(x, indices)`: these elements in reading order, or the entries along the axis that `.axis(1)` names.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[1, 2, 3], [4, 5, 6]]);
/// assert_eq!(np::take(&x, [0, 5]).to_string(), "[1 6]");
/// assert_eq!(np::take(&x, [0, -1]).axis(1).to_string(), "[[1 3]\n [4 6]]");
/// ```
///
/// # Panics
/// `IndexError` for an index out of bounds.
pub fn take(x: impl ArrayLike, indices: impl ArrayLike) -> Along {
    let indices = indices.to_array();
    Along::new(x.to_array(), move |x, axis| {
        let (x, axis) = rows(x, axis);
        let places: Vec<usize> = indices.to_vec::<i64>().iter().map(|i| x.index(*i as isize, axis)).collect();
        let (before, after) = (&x.shape()[..axis], &x.shape()[axis + 1..]);
        picked(&x, axis, &places).reshape([before, indices.shape(), after].concat())
    })
}

/// `np.take_along_axis(x, indices, axis)`: in each row along the axis the elements at these places, such as those that
/// [`argsort`](super::argsort) gives.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[3, 1], [2, 4]]);
/// assert_eq!(np::take_along_axis(&x, np::argsort(&x), 1).to_string(), "[[1 3]\n [2 4]]");
/// ```
///
/// # Panics
/// `ValueError` when the shapes do not fit, `IndexError` for an index out of bounds.
#[track_caller]
pub fn take_along_axis(x: impl ArrayLike, indices: impl ArrayLike, axis: isize) -> Array {
    let x = x.to_array();
    let (at, shape) = places_along_axis(&x, indices.to_array(), axis);
    with_data!(x, v => Array::new(at.iter().map(|at| v[*at].clone()).collect(), &shape))
}

/// Where the elements named along an axis stand in reading order, and the shape they have.
#[track_caller]
fn places_along_axis(x: &Array, indices: Array, axis: isize) -> (Vec<usize>, Vec<usize>) {
    if x.ndim() != indices.ndim() {
        Error::Value("`indices` and `arr` must have the same number of dimensions".into()).raise()
    }
    let axis = checked_axis(axis, x.ndim());
    let mut shape = x.shape().to_vec();
    shape[axis] = indices.shape()[axis];
    let indices = super::broadcast_to(indices, &shape);
    let (_, n, inner) = split(x.shape(), axis);
    let m = shape[axis];
    let at = elements::<i64>(&indices)
        .iter()
        .enumerate()
        .map(|(k, i)| (k / (m * inner) * n + x.index(*i as isize, axis)) * inner + k % inner)
        .collect();
    (at, shape)
}

/// `np.put_along_axis(x, indices, values, axis)`: writes the values to these places of each row along the axis, the
/// counterpart of [`take_along_axis`].
///
/// ```
/// use flowbook::np;
/// let mut x = np::array([[10, 30, 20], [60, 40, 50]]);
/// np::put_along_axis(&mut x, np::array([[1], [0]]), 99, 1);
/// assert_eq!(x.to_string(), "[[10 99 20]\n [99 40 50]]");
/// ```
///
/// # Panics
/// `ValueError` when the shapes do not fit, `IndexError` for an index out of bounds.
#[track_caller]
pub fn put_along_axis(x: &mut Array, indices: impl ArrayLike, values: impl ArrayLike, axis: isize) {
    let (at, shape) = places_along_axis(x, indices.to_array(), axis);
    put_at(x, &at, super::manipulate::fitted(values.to_array(), &shape));
}

/// Writes to places in reading order.
#[track_caller]
fn put_at(x: &mut Array, at: &[usize], values: Array) {
    let shape = x.shape().to_vec();
    let at = Array::new(at.iter().map(|at| *at as i64).collect::<Vec<i64>>(), &[at.len()]);
    let mut flat = x.flatten();
    flat.assign(at, values.flatten());
    *x = flat.reshape(shape);
}

/// `np.put(x, indices, values)`: writes the values to these places in reading order, from the start again when they run
/// out.
///
/// ```
/// use flowbook::np;
/// let mut x = np::array([[1, 2], [3, 4]]);
/// np::put(&mut x, [0, -1], [10, 40]);
/// assert_eq!(x.to_string(), "[[10  2]\n [ 3 40]]");
/// ```
///
/// # Panics
/// `IndexError` for an index out of bounds.
#[track_caller]
pub fn put(x: &mut Array, indices: impl ArrayLike, values: impl ArrayLike) {
    let indices = indices.to_array().flatten();
    let n = x.len() as i64;
    let place = |i: &i64| {
        if *i < -n || *i >= n {
            panic!("IndexError: index {i} is out of bounds for axis 0 with size {n}");
        }
        i.rem_euclid(n) as usize
    };
    let at: Vec<usize> = elements::<i64>(&indices).iter().map(place).collect();
    put_at(x, &at, super::resize(values, at.len()));
}

/// `np.place(x, mask, values)`: writes the values, one after the other and from the start again when they run out, to
/// where the mask holds.
///
/// ```
/// use flowbook::np;
/// let mut x = np::array([1, 2, 3, 4]);
/// np::place(&mut x, [false, true, true, true], [8, 9]);
/// assert_eq!(x.to_string(), "[1 8 9 8]");
/// ```
#[track_caller]
pub fn place(x: &mut Array, mask: impl ArrayLike, values: impl ArrayLike) {
    put(x, flatnonzero(mask), values);
}

/// `np.choose(indices, choices)`: for each element the choice that its index names, at the same place.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::choose([1, 0, 1], [[1, 2, 3], [10, 20, 30]]).to_string(), "[10  2 30]");
/// ```
///
/// # Panics
/// `ValueError` for an index without a choice.
#[track_caller]
pub fn choose<T: ArrayLike>(indices: impl ArrayLike, choices: impl IntoIterator<Item = T>) -> Array {
    let (indices, choices) = (indices.to_array(), choices.into_iter().map(|c| c.to_array()).collect::<Vec<_>>());
    if elements::<i64>(&indices).iter().any(|i| *i < 0 || *i as usize >= choices.len()) {
        Error::Value("invalid entry in choice array".into()).raise()
    }
    let Some((first, rest)) = choices.split_first() else { return indices };
    let chosen = |chosen: Array, (k, choice): (usize, &Array)| where_(super::equal(&indices, k + 1), choice, chosen);
    rest.iter().enumerate().fold(where_(super::equal(&indices, 0), first, first), chosen)
}

/// `np.ix_(rows, columns)`: indices for every pair of a row and a column, for `x.slice(np::ix_(rows, columns))`.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]);
/// assert_eq!(x.slice(np::ix_([0, 2], [0, 1])).to_string(), "[[1 2]\n [7 8]]");
/// ```
pub fn ix_(rows: impl ArrayLike, columns: impl ArrayLike) -> (Array, Array) {
    let places = |x: Array| if x.dtype() == DType::Bool { flatnonzero(x) } else { x.flatten() };
    let rows = places(rows.to_array());
    (rows.reshape((-1, 1)), places(columns.to_array()))
}

/// `np.fill_diagonal(x, value)`: writes `value` into the diagonal of a matrix.
///
/// ```
/// use flowbook::np;
/// let mut x = np::array([[1, 2], [3, 4]]);
/// np::fill_diagonal(&mut x, 0);
/// assert_eq!(x.to_string(), "[[0 2]\n [3 0]]");
/// ```
///
/// # Panics
/// `ValueError` for fewer than two axes.
#[track_caller]
pub fn fill_diagonal(x: &mut Array, value: impl ArrayLike) {
    if x.ndim() < 2 {
        Error::Value("array must be at least 2-d".into()).raise()
    }
    let n = x.shape()[0].min(x.shape()[1]) as i32;
    x.assign((super::array(0..n), super::array(0..n)), value);
}

/// `np.select(conditions, choices, default)`: elements of the choice whose condition holds first, of the default where
/// none does.
///
/// ```
/// use flowbook::np;
/// let x = np::array([1, 2, 3, 4]);
/// let y = np::select([np::less(&x, 2), np::greater(&x, 3)], [&x * -1, &x * 10], 0);
/// assert_eq!(y.to_string(), "[-1  0  0 40]");
/// ```
///
/// # Panics
/// `ValueError` when there are not as many choices as conditions.
#[track_caller]
pub fn select<C: ArrayLike, T: ArrayLike>(
    conditions: impl IntoIterator<Item = C>,
    choices: impl IntoIterator<Item = T>,
    default: impl ArrayLike,
) -> Array {
    let conditions: Vec<Array> = conditions.into_iter().map(|c| c.to_array()).collect();
    let choices: Vec<Array> = choices.into_iter().map(|c| c.to_array()).collect();
    if conditions.len() != choices.len() {
        Error::Value("list of cases must be same length as list of conditions".into()).raise()
    }
    let pairs = conditions.into_iter().zip(choices).rev();
    pairs.fold(default.to_array(), |rest, (condition, choice)| where_(condition, choice, rest))
}
