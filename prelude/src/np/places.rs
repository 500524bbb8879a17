//! Places in order: where a value goes among sorted ones, how often each number occurs, which entries come first.

use super::cast::elements;
use super::computed::{Along, Compute, Computed, options};
use super::order::Ordered;
use super::{argsort, sort};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

options! {
    /// The call of [`searchsorted`].
    Searchsorted { x: Array, values: Array, right: bool, sorter: Option<Array>, }
    /// `side="right"`: the places behind equal elements; `"left"`, before them, is the default.
    ///
    /// # Panics
    /// `ValueError` for another text.
    side(side: &str) => right = is_right(side);
    /// `sorter=...`: the order that sorts `x`, as [`argsort`] gives it, when `x` itself is not sorted.
    sorter(order: impl ArrayLike) => sorter = Some(order.to_array());
}

#[track_caller]
fn is_right(side: &str) -> bool {
    match side {
        "left" => false,
        "right" => true,
        _ => Error::Value(format!("search side must be 'left' or 'right' (got '{side}')")).raise(),
    }
}

impl Compute for Searchsorted {
    #[track_caller]
    fn compute(&self) -> Array {
        let x = self.sorter.as_ref().map_or_else(|| self.x.clone(), |order| self.x.take(order));
        let places = match (x.as_slice::<String>(), self.values.as_slice::<String>()) {
            (Some(x), Some(values)) => self.places(x, values),
            _ => self.places(&elements::<f64>(&x), &elements::<f64>(&self.values)),
        };
        Array::new(places, self.values.shape())
    }
}

impl Searchsorted {
    fn places<T: Ordered>(&self, x: &[T], values: &[T]) -> Vec<i64> {
        let before = |x: &T, value: &T| if self.right { x.order(value).is_le() } else { x.order(value).is_lt() };
        values.iter().map(|value| x.partition_point(|x| before(x, value)) as i64).collect()
    }
}

/// `np.searchsorted(x, values)`: the places before which the values go into the sorted `x`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::searchsorted([1, 2, 2, 3], [2, 5]).to_string(), "[1 4]");
/// assert_eq!(np::searchsorted([1, 2, 2, 3], [2, 5]).side("right").to_string(), "[3 4]");
/// ```
pub fn searchsorted(x: impl ArrayLike, values: impl ArrayLike) -> Computed<Searchsorted> {
    Computed::new(Searchsorted { x: x.to_array(), values: values.to_array(), right: false, sorter: None })
}

/// `np.searchsorted(x, values, side='right')`: the places behind equal elements.
pub fn searchsorted_right(x: impl ArrayLike, values: impl ArrayLike) -> Array {
    searchsorted(x, values).side("right").into()
}

options! {
    /// The call of [`digitize`].
    Digitize { x: Array, bins: Vec<f64>, right: bool, }
    /// `right=True`: an edge belongs to the bin below it.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::digitize([1, 2], [1, 2, 3]).right(true).to_string(), "[0 1]");
    /// ```
    right(right: bool) => right = right;
}

impl Compute for Digitize {
    fn compute(&self) -> Array {
        let side = if self.right { "left" } else { "right" };
        if self.bins.is_sorted() {
            return searchsorted(&self.bins, &self.x).side(side).into();
        }
        let rising: Vec<f64> = self.bins.iter().rev().copied().collect();
        self.bins.len() as i32 - searchsorted(rising, &self.x).side(side)
    }
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
pub fn digitize(x: impl ArrayLike, bins: impl ArrayLike) -> Computed<Digitize> {
    let bins = bins.to_array().to_vec::<f64>();
    if !bins.is_sorted() && !bins.iter().rev().is_sorted() {
        Error::Value("bins must be monotonically increasing or decreasing".into()).raise()
    }
    Computed::new(Digitize { x: x.to_array(), bins, right: false })
}

options! {
    /// The call of [`bincount`].
    Bincount { x: Array, weights: Option<Array>, minlength: usize, }
    /// `weights=...`: how much each element counts; sums are `float64` then.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::bincount([0, 1, 1]).weights([0.5, 1.0, 0.25]).to_string(), "[0.5  1.25]");
    /// ```
    ///
    /// # Panics
    /// `ValueError` when there are not as many weights as elements.
    weights(weights: impl ArrayLike) => weights = Some(weights.to_array());
    /// `minlength=5`: at least so many numbers are counted.
    minlength(n: usize) => minlength = n;
}

impl Compute for Bincount {
    #[track_caller]
    fn compute(&self) -> Array {
        let values = elements::<i64>(&self.x);
        let n = values.iter().max().map_or(0, |v| *v as usize + 1).max(self.minlength);
        let Some(weights) = &self.weights else {
            let mut counts = vec![0_i64; n];
            values.iter().for_each(|v| counts[*v as usize] += 1);
            return Array::new(counts, &[n]);
        };
        if weights.len() != values.len() {
            Error::Value("The weights and list don't have the same length.".into()).raise()
        }
        let mut sums = vec![0.0; n];
        values.iter().zip(elements::<f64>(weights).iter()).for_each(|(v, weight)| sums[*v as usize] += weight);
        Array::new(sums, &[n])
    }
}

/// `np.bincount(x)`: how often each of 0, 1, 2, ... up to the largest occurs.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::bincount([0, 1, 1, 3]).to_string(), "[1 2 0 1]");
/// ```
///
/// # Panics
/// `ValueError` for a negative number or more than one axis, `TypeError` for what are no integers.
#[track_caller]
pub fn bincount(x: impl ArrayLike) -> Computed<Bincount> {
    let x = x.to_array();
    if x.ndim() != 1 {
        Error::Value(match x.ndim() {
            0 => "object of too small depth for desired array".into(),
            _ => "object too deep for desired array".into(),
        })
        .raise()
    }
    if !x.dtype().is_integer() && x.dtype() != DType::Bool && !x.is_empty() {
        Error::Type(format!(
            "Cannot cast array data from dtype('{}') to dtype('int64') according to the rule 'safe'",
            x.dtype().name()
        ))
        .raise()
    }
    if elements::<i64>(&x).iter().any(|v| *v < 0) {
        Error::Value("'list' argument must have no negative elements".into()).raise()
    }
    Computed::new(Bincount { x, weights: None, minlength: 0 })
}

/// `np.partition(x, kth)`: so arranged along the last axis, or the one that `.axis(0)` names, that the element at place
/// `kth` is the one of the sorted row, smaller ones before it and larger ones behind. The order on both sides, which NumPy
/// leaves open, is the sorted one here.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::partition([7, 1, 5, 3], 1).at(&[1]).to_string(), "3");
/// ```
///
/// # Panics
/// `ValueError` when there is no such place, `AxisError` for a scalar.
#[track_caller]
pub fn partition(x: impl ArrayLike, kth: isize) -> Along {
    sort(parted(x.to_array(), kth))
}

/// `np.argpartition(x, kth)`: the indices that [`partition`] an array.
///
/// # Panics
/// `ValueError` when there is no such place, `AxisError` for a scalar.
#[track_caller]
pub fn argpartition(x: impl ArrayLike, kth: isize) -> Along {
    argsort(parted(x.to_array(), kth))
}

/// An array with at least one axis along which there is such a place.
#[track_caller]
fn parted(x: Array, kth: isize) -> Array {
    if x.ndim() > 0 && x.shape().iter().all(|n| kth >= *n as isize || kth < -(*n as isize)) {
        Error::Value(format!("kth(={kth}) out of bounds ({})", x.shape()[x.ndim() - 1])).raise()
    }
    x
}

/// `np.lexsort(keys)`: the indices that sort by the last key, and where it is equal by the one before it, and so on.
///
/// ```
/// use flowbook::np;
/// let (first, last) = (np::array([1, 5, 1, 4]), np::array([9, 4, 0, 4]));
/// assert_eq!(np::lexsort([&last, &first]).to_string(), "[2 0 3 1]"); // by first, then by last
/// ```
///
/// # Panics
/// `ValueError` when the keys differ in length, `TypeError` without a key.
#[track_caller]
pub fn lexsort<T: ArrayLike>(keys: impl IntoIterator<Item = T>) -> Array {
    let keys: Vec<Array> = keys.into_iter().map(|key| key.to_array()).collect();
    let Some(first) = keys.first() else { Error::Type("need sequence of keys with len > 0 in lexsort".into()).raise() };
    if keys.iter().any(|key| key.shape() != first.shape()) {
        Error::Value("all keys need to be the same shape".into()).raise()
    }
    let n = first.len() as i64;
    let start = Array::new((0..n).collect::<Vec<i64>>(), &[first.len()]);
    keys.iter().fold(start, |order, key| order.take(argsort(key.flatten().take(&order))))
}
