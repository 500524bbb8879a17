//! Where something holds, and the elements there: nonzero, argwhere, extract, select; places in order; sets.
//! `np.where` of three arguments is in `compare`.

use super::cast::elements;
use super::computed::Along;
use super::manipulate::checked_axis;
use super::moves::{picked, rows};
use super::order::Ordered;
use super::part::places_of;
use super::reduce::split;
use super::{append, argsort, stack, unique, where_};
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
/// [`argsort`] gives.
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
    let (x, indices) = (x.to_array(), indices.to_array());
    if x.ndim() != indices.ndim() {
        Error::Value("`indices` and `arr` must have the same number of dimensions".into()).raise()
    }
    let axis = checked_axis(axis, x.ndim());
    let mut shape = x.shape().to_vec();
    shape[axis] = indices.shape()[axis];
    let indices = super::broadcast_to(indices, &shape);
    let (_, n, inner) = split(x.shape(), axis);
    let m = shape[axis];
    let at: Vec<usize> = elements::<i64>(&indices)
        .iter()
        .enumerate()
        .map(|(k, i)| (k / (m * inner) * n + x.index(*i as isize, axis)) * inner + k % inner)
        .collect();
    with_data!(x, v => Array::new(at.iter().map(|at| v[*at].clone()).collect(), &shape))
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

/// `np.searchsorted(x, values)`: the places before which the values go into the sorted `x`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::searchsorted([1, 2, 2, 3], [2, 5]).to_string(), "[1 4]");
/// ```
pub fn searchsorted(x: impl ArrayLike, values: impl ArrayLike) -> Array {
    places_in(x, values, |x, value| x < value)
}

/// `np.searchsorted(x, values, side='right')`: the places behind equal elements.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::searchsorted_right([1, 2, 2, 3], [2, 5]).to_string(), "[3 4]");
/// ```
pub fn searchsorted_right(x: impl ArrayLike, values: impl ArrayLike) -> Array {
    places_in(x, values, |x, value| x <= value)
}

fn places_in(x: impl ArrayLike, values: impl ArrayLike, before: impl Fn(f64, f64) -> bool) -> Array {
    let (x, values) = (x.to_array(), values.to_array());
    let x = elements::<f64>(&x);
    let place = |value: &f64| x.partition_point(|x| before(*x, *value)) as i64;
    Array::new(elements::<f64>(&values).iter().map(place).collect(), values.shape())
}

/// `np.digitize(x, bins)`: for each element the number of bin edges at or below it; the edges rise or fall.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::digitize([0.2, 6.4, 1.0], [0.0, 1.0, 2.5]).to_string(), "[1 3 2]");
/// ```
///
/// # Panics
/// `ValueError` when the edges are not in order.
#[track_caller]
pub fn digitize(x: impl ArrayLike, bins: impl ArrayLike) -> Array {
    let bins = bins.to_array().to_vec::<f64>();
    if bins.is_sorted() {
        return searchsorted_right(bins, x);
    }
    if !bins.iter().rev().is_sorted() {
        Error::Value("bins must be monotonically increasing or decreasing".into()).raise()
    }
    let n = bins.len() as i32;
    let rising: Vec<f64> = bins.into_iter().rev().collect();
    n - searchsorted_right(rising, x)
}

/// `np.isin(x, values)`: whether each element is one of the values.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::isin([1, 2, 3], [3, 1]).to_string(), "[ True False  True]");
/// ```
pub fn isin(x: impl ArrayLike, values: impl ArrayLike) -> Array {
    let (x, values) = (x.to_array(), values.to_array());
    if let (Some(v), Some(values)) = (x.as_slice::<String>(), values.as_slice::<String>()) {
        return Array::new(v.iter().map(|x| values.contains(x)).collect(), x.shape());
    }
    let mut known = elements::<f64>(&values).into_owned();
    known.sort_by(f64::total_cmp);
    let is_known = |x: &f64| known.binary_search_by(|k| k.total_cmp(x)).is_ok() && !x.is_nan();
    // Zero of either sign is the same number.
    Array::new(elements::<f64>(&(x.astype(DType::Float64) + 0.0)).iter().map(is_known).collect(), x.shape())
}

/// `np.union1d(x, y)`: what is in either, in order.
pub fn union1d(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    unique(append(x, y))
}

/// `np.intersect1d(x, y)`: what is in both, in order.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::intersect1d([1, 3, 4, 3], [3, 1, 2, 1]).to_string(), "[1 3]");
/// ```
pub fn intersect1d(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    let x = unique(x);
    x.slice(isin(&x, y))
}

/// `np.setdiff1d(x, y)`: what is in `x` and not in `y`, in order.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::setdiff1d([1, 2, 3, 2], [3]).to_string(), "[1 2]");
/// ```
pub fn setdiff1d(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    let x = unique(x);
    x.slice(!isin(&x, y))
}

/// The distinct elements in order, with the places of each in `x`.
fn groups(x: &Array) -> Vec<Vec<i64>> {
    let order = argsort(x.flatten()).to_vec::<i64>();
    with_data!(x, v => {
        let same = |a: &i64, b: &i64| v[*a as usize].order(&v[*b as usize]).is_eq();
        order.chunk_by(same).map(<[i64]>::to_vec).collect()
    })
}

fn firsts(x: &Array, groups: &[Vec<i64>]) -> Array {
    x.flatten().take(Array::new(groups.iter().map(|group| group[0]).collect::<Vec<i64>>(), &[groups.len()]))
}

/// `np.unique_counts(x)`, or `np.unique(x, return_counts=True)`: the distinct elements in order and how often each
/// occurs.
///
/// ```
/// use flowbook::np;
/// let (values, counts) = np::unique_counts([3, 1, 3]);
/// assert_eq!((values.to_string(), counts.to_string()), ("[1 3]".into(), "[1 2]".into()));
/// ```
pub fn unique_counts(x: impl ArrayLike) -> (Array, Array) {
    let x = x.to_array();
    let groups = groups(&x);
    let counts: Vec<i64> = groups.iter().map(|group| group.len() as i64).collect();
    (firsts(&x, &groups), Array::new(counts, &[groups.len()]))
}

/// `np.unique_inverse(x)`, or `np.unique(x, return_inverse=True)`: the distinct elements in order and, in the shape of
/// `x`, which of them each element is.
///
/// ```
/// use flowbook::np;
/// let (values, inverse) = np::unique_inverse([30, 10, 30]);
/// assert_eq!((values.to_string(), inverse.to_string()), ("[10 30]".into(), "[1 0 1]".into()));
/// ```
pub fn unique_inverse(x: impl ArrayLike) -> (Array, Array) {
    let x = x.to_array();
    let groups = groups(&x);
    let mut inverse = vec![0_i64; x.len()];
    for (k, group) in groups.iter().enumerate() {
        group.iter().for_each(|at| inverse[*at as usize] = k as i64);
    }
    (firsts(&x, &groups), Array::new(inverse, x.shape()))
}
