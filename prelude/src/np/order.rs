//! Order and running results: sorting, distinct values, running sums.

use super::cast::elements;
use super::computed::Along;
use super::concatenate;
use super::folds::split;
use super::manipulate::checked_axis;
use super::operators::Arithmetic;
use crate::array::{Array, Data, with_data};
use crate::dtype::{DType, Element};
use crate::literal::ArrayLike;

/// Elements that can be put in order; NaN comes last.
pub(super) trait Ordered: Element + Clone {
    /// Before, equal or after.
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

/// `np.argsort(x)`: the indices that sort along the last axis, or the one that `.axis(0)` names; equal elements keep
/// their order.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::argsort([3, 1, 2]).to_string(), "[1 2 0]");
/// ```
///
/// # Panics
/// `AxisError` for a scalar.
#[track_caller]
pub fn argsort(x: impl ArrayLike) -> Along {
    let x = x.to_array();
    let last = checked_axis(-1, x.ndim());
    Along::new(
        x,
        move |x, axis| with_data!(x, v => Array::new(row_orders(v, x.shape(), axis.unwrap_or(last)), x.shape())),
    )
}

/// `np.sort(x)`: sorted along the last axis, or the one that `.axis(0)` names; NaN last.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::sort([[3, 1], [2, 4]]).to_string(), "[[1 3]\n [2 4]]");
/// ```
///
/// # Panics
/// `AxisError` for a scalar.
#[track_caller]
pub fn sort(x: impl ArrayLike) -> Along {
    let x = x.to_array();
    let last = checked_axis(-1, x.ndim());
    Along::new(x, move |x, axis| {
        let axis = axis.unwrap_or(last);
        let n = x.shape()[axis].max(1);
        on_last(x, axis, |x| {
            with_data!(x, v => {
                let mut sorted = v.to_vec();
                sorted.chunks_mut(n).for_each(|row| row.sort_by(Ordered::order));
                Array::new(sorted, x.shape())
            })
        })
    })
}

/// Runs what works along the last axis along another one.
pub(super) fn on_last(x: &Array, axis: usize, work: impl FnOnce(&Array) -> Array) -> Array {
    if axis + 1 == x.ndim() {
        return work(x);
    }
    let mut axes: Vec<usize> = (0..x.ndim()).collect();
    axes.swap(axis, x.ndim() - 1);
    work(&x.transpose(&axes)).transpose(&axes)
}

/// Running results along an axis, or over all elements in one vector.
fn running<T: Arithmetic>(x: &Array, axis: Option<usize>, step: fn(T, T) -> T) -> Array {
    let x = if axis.is_some() { x.clone() } else { x.flatten() };
    let (outer, n, inner) = split(x.shape(), axis.unwrap_or(0));
    let mut out = elements::<T>(&x).into_owned();
    for o in 0..outer {
        for k in o * n * inner + inner..(o + 1) * n * inner {
            out[k] = step(out[k - inner], out[k]);
        }
    }
    Array::new(out, x.shape())
}

/// `np.cumsum(x)`: the sums of the first one, two, three, ... elements, row by row in one vector; along an axis when
/// `.axis(0)` follows.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::cumsum([1, 2, 3]).to_string(), "[1 3 6]");
/// assert_eq!(np::cumsum([[1, 2], [3, 4]]).axis(0).to_string(), "[[1 2]\n [4 6]]");
/// ```
pub fn cumsum(x: impl ArrayLike) -> Along {
    Along::new(x.to_array(), |x, axis| match x.dtype() {
        DType::Float32 => running::<f32>(x, axis, Arithmetic::plus),
        DType::Float64 => running::<f64>(x, axis, Arithmetic::plus),
        _ => running::<i64>(x, axis, Arithmetic::plus),
    })
}

/// `np.cumprod(x)`: the products of the first one, two, three, ... elements, as [`cumsum`].
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::cumprod([1, 2, 3, 4]).to_string(), "[ 1  2  6 24]");
/// ```
pub fn cumprod(x: impl ArrayLike) -> Along {
    Along::new(x.to_array(), |x, axis| match x.dtype() {
        DType::Float32 => running::<f32>(x, axis, Arithmetic::times),
        DType::Float64 => running::<f64>(x, axis, Arithmetic::times),
        _ => running::<i64>(x, axis, Arithmetic::times),
    })
}

/// The entries `from..to` along an axis.
pub(super) fn part(x: &Array, axis: usize, from: usize, to: usize) -> Array {
    let (outer, n, inner) = split(x.shape(), axis);
    let mut shape = x.shape().to_vec();
    shape[axis] = to - from;
    with_data!(x, v => {
        let block = |o: usize| v[(o * n + from) * inner..(o * n + to) * inner].iter().cloned();
        Array::new((0..outer).flat_map(block).collect(), &shape)
    })
}

/// `np.flip(x)`: the elements of every axis in reverse order, or of the one that `.axis(0)` names.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::flip([1, 2, 3]).to_string(), "[3 2 1]");
/// assert_eq!(np::flip([[1, 2], [3, 4]]).axis(0).to_string(), "[[3 4]\n [1 2]]");
/// ```
pub fn flip(x: impl ArrayLike) -> Along {
    Along::new(x.to_array(), |x, axis| {
        let (outer, n, inner) = match axis {
            Some(axis) => split(x.shape(), axis),
            None => (1, x.len(), 1),
        };
        let from = |k: usize| (k / (n * inner) * n + n - 1 - k / inner % n) * inner + k % inner;
        debug_assert!(outer * n * inner == x.len());
        with_data!(x, v => Array::new((0..v.len()).map(|k| v[from(k)].clone()).collect(), x.shape()))
    })
}

/// `np.append(x, values)`: both in one vector, one after the other; along an axis when `.axis(0)` follows.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::append([1, 2], 3).to_string(), "[1 2 3]");
/// assert_eq!(np::append([[1, 2]], [[3, 4]]).axis(0).to_string(), "[[1 2]\n [3 4]]");
/// ```
pub fn append(x: impl ArrayLike, values: impl ArrayLike) -> Along {
    let values = values.to_array();
    Along::new(x.to_array(), move |x, axis| match axis {
        Some(axis) => concatenate([x, &values], axis as isize),
        None => concatenate([x.flatten(), values.flatten()], 0),
    })
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
