//! Order and running results: sorting, distinct values, medians, running sums and differences.

use super::cast::elements;
use super::concatenate;
use super::manipulate::checked_axis;
use super::operators::{Arithmetic, subtract};
use super::reduce::split;
use crate::array::{Array, Data, with_data};
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::literal::ArrayLike;

/// Elements that can be put in order; NaN comes last.
trait Ordered: Element + Clone {
    fn order(&self, other: &Self) -> std::cmp::Ordering;
}

macro_rules! ordered {
    ($($t:ty),*) => { $(
        impl Ordered for $t {
            fn order(&self, other: &$t) -> std::cmp::Ordering {
                self.cmp(other)
            }
        }
    )* };
}
ordered!(i32, i64, u8, bool, String);

macro_rules! ordered_floats {
    ($($t:ty),*) => { $(
        impl Ordered for $t {
            fn order(&self, other: &$t) -> std::cmp::Ordering {
                self.partial_cmp(other).unwrap_or_else(|| self.is_nan().cmp(&other.is_nan()))
            }
        }
    )* };
}
ordered_floats!(f32, f64);

/// Each row along `axis`, in order, as the indices of its elements.
fn row_orders<T: Ordered>(v: &[T], shape: &[usize], axis: usize) -> Vec<i64> {
    let (outer, n, inner) = split(shape, axis);
    let mut indices = vec![0; v.len()];
    for (o, i) in (0..outer).flat_map(|o| (0..inner).map(move |i| (o, i))) {
        let at = |k: usize| (o * n + k) * inner + i;
        let mut row: Vec<usize> = (0..n).collect();
        row.sort_by(|a, b| v[at(*a)].order(&v[at(*b)]));
        row.into_iter().enumerate().for_each(|(k, from)| indices[at(k)] = from as i64);
    }
    indices
}

/// `np.argsort(x)`: the indices that sort along the last axis; equal elements keep their order.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::argsort([3, 1, 2]).to_string(), "[1 2 0]");
/// ```
///
/// # Panics
/// `AxisError` for a scalar.
#[track_caller]
pub fn argsort(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    let axis = checked_axis(-1, x.ndim());
    let shape = x.shape();
    with_data!(x, v => Array::new(row_orders(v, shape, axis), shape))
}

/// `np.sort(x)`: sorted along the last axis, NaN last.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::sort([[3, 1], [2, 4]]).to_string(), "[[1 3]\n [2 4]]");
/// ```
///
/// # Panics
/// `AxisError` for a scalar.
#[track_caller]
pub fn sort(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    let axis = checked_axis(-1, x.ndim());
    let n = x.shape()[axis].max(1);
    with_data!(x, v => {
        let mut sorted = v.to_vec();
        sorted.chunks_mut(n).for_each(|row| row.sort_by(Ordered::order));
        Array::new(sorted, x.shape())
    })
}

/// `np.unique(x)`: the distinct elements in order.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::unique([3, 1, 3, 2, 1]).to_string(), "[1 2 3]");
/// ```
pub fn unique(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    with_data!(x, v => {
        let mut distinct = v.to_vec();
        distinct.sort_by(Ordered::order);
        distinct.dedup_by(|a, b| a.order(b).is_eq());
        let n = distinct.len();
        Array::new(distinct, &[n])
    })
}

/// `np.median(x)`: the middle element, or the mean of the two in the middle; NaN when there is one.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::median([3.0, 1.0, 10.0]).to_string(), "3.0");
/// assert_eq!(np::median([4, 1]).to_string(), "2.5");
/// ```
pub fn median(x: impl ArrayLike) -> Array {
    percentile(x, 50.0)
}

/// `np.percentile(x, q)`: the value that `q` of a hundred elements lie below, between two elements in proportion.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::percentile([1, 2, 3, 4], 25.0).to_string(), "1.75");
/// ```
///
/// # Panics
/// `ValueError` when `q` is not from 0 to 100.
#[track_caller]
pub fn percentile(x: impl ArrayLike, q: impl Into<f64>) -> Array {
    let (x, q) = (x.to_array(), q.into());
    if !(0.0..=100.0).contains(&q) {
        Error::Value("Percentiles must be in the range [0, 100]".into()).raise()
    }
    let mut sorted = elements::<f64>(&x).to_vec();
    sorted.sort_by(Ordered::order);
    let value = match sorted.last() {
        None => f64::NAN,
        Some(last) if last.is_nan() => f64::NAN,
        Some(_) => {
            let place = q / 100.0 * (sorted.len() - 1) as f64;
            let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
            let part = place.fract();
            // NumPy goes from the nearer end, so that both ends are met exactly.
            if part < 0.5 { below + (above - below) * part } else { above - (above - below) * (1.0 - part) }
        }
    };
    match x.dtype() {
        DType::Float32 => Array::scalar(value as f32),
        _ => Array::scalar(value),
    }
}

/// `np.cumsum(x)`: the sums of the first one, two, three, ... elements, row by row in one vector.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::cumsum([1, 2, 3]).to_string(), "[1 3 6]");
/// ```
pub fn cumsum(x: impl ArrayLike) -> Array {
    fn sums<T: Arithmetic>(x: &Array) -> Array {
        let add = |sum: &mut T, v: &T| {
            *sum = sum.plus(*v);
            Some(*sum)
        };
        Array::new(elements::<T>(x).iter().scan(T::from_u8(0), add).collect(), &[x.len()])
    }
    let x = x.to_array();
    match x.dtype() {
        DType::Float32 => sums::<f32>(&x),
        DType::Float64 => sums::<f64>(&x),
        _ => sums::<i64>(&x),
    }
}

/// `np.diff(x)`: each element less the one before it, along the last axis.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::diff([1, 4, 9, 16]).to_string(), "[3 5 7]");
/// ```
///
/// # Panics
/// `ValueError` for a scalar.
#[track_caller]
pub fn diff(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    let Some((n, outer)) = x.shape().split_last() else {
        Error::Value("diff requires input that is at least one dimensional".into()).raise()
    };
    let rows: usize = outer.iter().product();
    let columns = |from: usize, to: usize| -> Array {
        let shape: Vec<usize> = outer.iter().copied().chain([to - from]).collect();
        with_data!(x, v => {
            let row = |r: usize| v[r * n + from..r * n + to].iter().cloned();
            Array::new((0..rows).flat_map(row).collect(), &shape)
        })
    };
    let end = (*n).max(1);
    subtract(columns(1.min(*n), *n), columns(0, end - 1))
}

/// `np.flip(x)`: the elements of every axis in reverse order.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::flip([1, 2, 3]).to_string(), "[3 2 1]");
/// ```
pub fn flip(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    with_data!(x, v => Array::new(v.iter().rev().cloned().collect(), x.shape()))
}

/// `np.append(x, values)`: both in one vector, one after the other.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::append([1, 2], 3).to_string(), "[1 2 3]");
/// ```
pub fn append(x: impl ArrayLike, values: impl ArrayLike) -> Array {
    concatenate([x.to_array().flatten(), values.to_array().flatten()], 0)
}

/// `np.count_nonzero(x)`: how many elements are neither zero nor false nor empty.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::count_nonzero([0, 3, 0, 5]), 2);
/// ```
pub fn count_nonzero(x: impl ArrayLike) -> usize {
    let x = x.to_array();
    if let Data::String(v) = x.data() {
        return v.iter().filter(|text| !text.is_empty()).count();
    }
    elements::<bool>(&x).iter().filter(|is_true| **is_true).count()
}

/// `np.bincount(x)`: how often each of 0, 1, 2, ... up to the largest occurs.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::bincount([0, 1, 1, 3]).to_string(), "[1 2 0 1]");
/// ```
///
/// # Panics
/// `ValueError` for a negative number, `TypeError` for what are no integers.
#[track_caller]
pub fn bincount(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    if !matches!(x.dtype(), DType::Int32 | DType::Int64 | DType::UInt8) {
        Error::Type(format!(
            "Cannot cast array data from dtype('{}') to dtype('int64') according to the rule 'safe'",
            x.dtype().name()
        ))
        .raise()
    }
    let values = elements::<i64>(&x);
    if values.iter().any(|v| *v < 0) {
        Error::Value("'list' argument must have no negative elements".into()).raise()
    }
    let mut counts = vec![0_i64; values.iter().max().map_or(0, |v| *v as usize + 1)];
    values.iter().for_each(|v| counts[*v as usize] += 1);
    let n = counts.len();
    Array::new(counts, &[n])
}
