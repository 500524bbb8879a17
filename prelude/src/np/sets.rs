//! Arrays as sets: distinct elements, what is in one and what in both.

use std::cmp::Ordering;

use super::cast::elements;
use super::computed::{Compute, Computed};
use super::manipulate::checked_axis;
use super::moves::picked;
use super::order::Ordered;
use super::{append, argsort, moveaxis};
use crate::array::{Array, with_data};
use crate::dtype::DType;
use crate::literal::ArrayLike;

/// The call of [`unique`].
pub struct Unique {
    x: Array,
    axis: Option<usize>,
}

impl Unique {
    /// The places of equal elements, or of equal entries along the axis, in the order of what is there.
    fn groups(&self) -> Vec<Vec<i64>> {
        let Some(axis) = self.axis else { return groups(&self.x) };
        let rows = moveaxis(&self.x, axis as isize, 0);
        let n = rows.shape()[0];
        let size = rows.len() / n.max(1);
        with_data!(&rows, v => {
            let row = |k: &i64| &v[*k as usize * size..(*k as usize + 1) * size];
            let order = |a: &i64, b: &i64| -> Ordering {
                let mut pairs = row(a).iter().zip(row(b));
                pairs.find_map(|(x, y)| Some(x.order(y)).filter(|order| order.is_ne())).unwrap_or(Ordering::Equal)
            };
            let mut places: Vec<i64> = (0..n as i64).collect();
            places.sort_by(order);
            places.chunk_by(|a, b| order(a, b).is_eq()).map(<[i64]>::to_vec).collect()
        })
    }
}

impl Compute for Unique {
    fn compute(&self) -> Array {
        let Some(axis) = self.axis else { return distinct(&self.x) };
        picked(&self.x, axis, &self.groups().iter().map(|group| group[0] as usize).collect::<Vec<_>>())
    }
}

impl Computed<Unique> {
    /// `axis=0`: the distinct entries along this axis, compared element by element.
    ///
    /// # Panics
    /// `AxisError` when the array has no such axis.
    #[track_caller]
    pub fn axis(self, axis: isize) -> Computed<Unique> {
        let axis = checked_axis(axis, self.call().x.ndim());
        self.with(|call| call.axis = Some(axis))
    }

    /// What `return_index=True` gives besides: the place where each comes first.
    ///
    /// ```
    /// use flowbook::np;
    /// let distinct = np::unique([30, 10, 30]);
    /// assert_eq!(distinct.indices().to_string(), "[1 0]");
    /// assert_eq!(distinct.inverse_indices().to_string(), "[1 0 1]");
    /// assert_eq!(distinct.counts().to_string(), "[1 2]");
    /// ```
    pub fn indices(&self) -> Array {
        each(&self.call().groups(), |group| group[0])
    }

    /// What `return_inverse=True` gives besides: which of the distinct ones each is.
    pub fn inverse_indices(&self) -> Array {
        let Unique { x, axis } = self.call();
        match axis {
            Some(axis) => inverse(&self.call().groups(), &[x.shape()[*axis]]),
            None => inverse(&self.call().groups(), x.shape()),
        }
    }

    /// What `return_counts=True` gives besides: how often each occurs.
    pub fn counts(&self) -> Array {
        each(&self.call().groups(), |group| group.len() as i64)
    }
}

/// A number of each group.
fn each(groups: &[Vec<i64>], of: fn(&Vec<i64>) -> i64) -> Array {
    Array::new(groups.iter().map(of).collect::<Vec<i64>>(), &[groups.len()])
}

/// The group that each place belongs to.
fn inverse(groups: &[Vec<i64>], shape: &[usize]) -> Array {
    let mut inverse = vec![0_i64; shape.iter().product()];
    for (k, group) in groups.iter().enumerate() {
        group.iter().for_each(|at| inverse[*at as usize] = k as i64);
    }
    Array::new(inverse, shape)
}

/// `np.unique(x)`: the distinct elements in order, or the distinct entries along the axis that `.axis(0)` names. What
/// `return_index`, `return_inverse` and `return_counts` ask for, `.indices()`, `.inverse_indices()` and `.counts()` give.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::unique([3, 1, 3, 2, 1]).to_string(), "[1 2 3]");
/// assert_eq!(np::unique([[2, 3], [1, 0], [2, 3]]).axis(0).to_string(), "[[1 0]\n [2 3]]");
/// ```
pub fn unique(x: impl ArrayLike) -> Computed<Unique> {
    Computed::new(Unique { x: x.to_array(), axis: None })
}

/// The distinct elements in order.
fn distinct(x: &Array) -> Array {
    with_data!(x, v => {
        let mut distinct = v.to_vec();
        distinct.sort_by(Ordered::order);
        distinct.dedup_by(|a, b| a.order(b).is_eq());
        let n = distinct.len();
        Array::new(distinct, &[n])
    })
}

/// `np.unique_all(x)`: the distinct elements in order, the place in reading order where each comes first, in the shape of
/// `x` which of them each element is, and how often each occurs: `np.unique` with `return_index`, `return_inverse` and
/// `return_counts`.
///
/// ```
/// use flowbook::np;
/// let (values, indices, inverse, counts) = np::unique_all([30, 10, 30]);
/// assert_eq!((values.to_string(), indices.to_string()), ("[10 30]".into(), "[1 0]".into()));
/// assert_eq!((inverse.to_string(), counts.to_string()), ("[1 0 1]".into(), "[1 2]".into()));
/// ```
pub fn unique_all(x: impl ArrayLike) -> (Array, Array, Array, Array) {
    let x = x.to_array();
    let groups = groups(&x);
    let counts = each(&groups, |group| group.len() as i64);
    (firsts(&x, &groups), each(&groups, |group| group[0]), inverse(&groups, x.shape()), counts)
}

/// `np.setxor1d(x, y)`: what is in one of both only, in order.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::setxor1d([1, 2, 3], [2, 3, 5]).to_string(), "[1 5]");
/// ```
pub fn setxor1d(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    let (x, y) = (x.to_array(), y.to_array());
    union1d(setdiff1d(&x, &y), setdiff1d(&y, &x))
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
    distinct(&append(x, y))
}

/// `np.intersect1d(x, y)`: what is in both, in order.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::intersect1d([1, 3, 4, 3], [3, 1, 2, 1]).to_string(), "[1 3]");
/// ```
pub fn intersect1d(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    let x = distinct(&x.to_array());
    x.slice(isin(&x, y))
}

/// `np.setdiff1d(x, y)`: what is in `x` and not in `y`, in order.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::setdiff1d([1, 2, 3, 2], [3]).to_string(), "[1 2]");
/// ```
pub fn setdiff1d(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    let x = distinct(&x.to_array());
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
    (firsts(&x, &groups), each(&groups, |group| group.len() as i64))
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
    (firsts(&x, &groups), inverse(&groups, x.shape()))
}
