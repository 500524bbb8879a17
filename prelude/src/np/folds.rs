//! What reductions compute: one pass along one axis or several. Which axes, and everything that may be set, is in `reduce`,
//! the order of additions in `pairwise`.

use super::cast::{Scalar, elements};
use super::operators::{Arithmetic, divide, multiply};
use super::reduce::Kind;
use super::{math, pairwise};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;

/// One reduction along several axes, which stay with size 1.
#[track_caller]
pub(super) fn fold_axes(kind: &Kind, array: &Array, axes: &[usize]) -> Array {
    axes.iter().rev().fold(array.clone(), |array, axis| along(kind, &array, *axis))
}

/// Weights in the shape of the array.
#[track_caller]
pub(super) fn spread_weights(weights: &Array, array: &Array, axes: &[usize]) -> Array {
    if weights.shape() == array.shape() {
        return if axes.len() == array.ndim() { weights.flatten() } else { weights.clone() };
    }
    let [axis] = *axes else {
        Error::Type("Axis must be specified when shapes of a and weights differ.".into()).raise()
    };
    if weights.shape() != &array.shape()[axis..=axis] {
        Error::Value("Shape of weights must be consistent with shape of a along specified axis.".into()).raise()
    }
    let mut shape = vec![1; array.ndim()];
    shape[axis] = weights.len();
    super::broadcast_to(weights.reshape(shape), array.shape())
}

#[track_caller]
pub(super) fn weighted_mean(array: &Array, weights: &Array, axes: &[usize]) -> Array {
    let array = floating(array);
    let total = fold_axes(&Kind::Sum, weights, axes);
    if super::any(super::equal(&total, 0)).item() {
        panic!("ZeroDivisionError: Weights sum to zero, can't be normalized");
    }
    divide(fold_axes(&Kind::Sum, &multiply(array, weights), axes), total)
}

/// An array as (before the axis, the axis, after the axis).
pub(super) fn split(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    (shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product())
}

pub(super) fn with_size_one(shape: &[usize], axis: usize) -> Vec<usize> {
    let mut shape = shape.to_vec();
    shape[axis] = 1;
    shape
}

/// One reduction along one axis, which stays with size 1.
#[track_caller]
fn along(kind: &Kind, array: &Array, axis: usize) -> Array {
    let dtype = array.dtype();
    match (kind, dtype) {
        (_, DType::String) => Error::Type("strings cannot be reduced; convert them with astype first".into()).raise(),
        (Kind::All, _) => fold::<bool>(array, axis, Some(true), |x, y| x & y),
        (Kind::Any, _) => fold::<bool>(array, axis, Some(false), |x, y| x | y),
        (Kind::Sum, DType::Float32) => sum_along::<f32>(array, axis),
        (Kind::Sum, DType::Float64) => sum_along::<f64>(array, axis),
        (Kind::Sum, _) => sum_along::<i64>(array, axis),
        (Kind::Prod, DType::Float32) => product_along::<f32>(array, axis),
        (Kind::Prod, DType::Float64) => product_along::<f64>(array, axis),
        (Kind::Prod, _) => fold::<i64>(array, axis, Some(1), i64::wrapping_mul),
        (Kind::NanMax, DType::Float32) => fold::<f32>(array, axis, Some(f32::NAN), f32::max),
        (Kind::NanMax, DType::Float64) => fold::<f64>(array, axis, Some(f64::NAN), f64::max),
        (Kind::NanMin, DType::Float32) => fold::<f32>(array, axis, Some(f32::NAN), f32::min),
        (Kind::NanMin, DType::Float64) => fold::<f64>(array, axis, Some(f64::NAN), f64::min),
        (Kind::Max | Kind::Min | Kind::ArgMax | Kind::ArgMin | Kind::NanMax | Kind::NanMin, _) => {
            extreme(kind, array, axis)
        }
        _ => unreachable!("made of other reductions"),
    }
}

#[track_caller]
fn extreme(kind: &Kind, array: &Array, axis: usize) -> Array {
    match array.dtype() {
        DType::Float32 => extreme_of::<f32>(kind, array, axis),
        DType::Float64 => extreme_of::<f64>(kind, array, axis),
        DType::Int32 => extreme_of::<i32>(kind, array, axis),
        DType::Int64 => extreme_of::<i64>(kind, array, axis),
        DType::UInt8 => extreme_of::<u8>(kind, array, axis),
        _ => extreme_of::<bool>(kind, array, axis),
    }
}

#[track_caller]
fn extreme_of<T: Arithmetic + PartialOrd>(kind: &Kind, array: &Array, axis: usize) -> Array {
    if array.shape()[axis] == 0 {
        Error::Value(match kind {
            Kind::Max | Kind::NanMax => "zero-size array to reduction operation maximum which has no identity".into(),
            Kind::Min | Kind::NanMin => "zero-size array to reduction operation minimum which has no identity".into(),
            Kind::ArgMax => "attempt to get argmax of an empty sequence".into(),
            _ => "attempt to get argmin of an empty sequence".into(),
        })
        .raise()
    }
    match kind {
        Kind::Max | Kind::NanMax => fold::<T>(array, axis, None, T::larger),
        Kind::Min | Kind::NanMin => fold::<T>(array, axis, None, T::smaller),
        Kind::ArgMax => first_of::<T>(array, axis, T::larger),
        _ => first_of::<T>(array, axis, T::smaller),
    }
}

/// Adds along an axis: rows pairwise, columns row after row, as NumPy does.
fn sum_along<T: Arithmetic>(array: &Array, axis: usize) -> Array {
    let (outer, n, inner) = split(array.shape(), axis);
    if inner != 1 {
        return fold::<T>(array, axis, Some(T::from_u8(0)), T::plus);
    }
    let v = elements::<T>(array);
    let sums = (0..outer).map(|o| pairwise::sum(&v[o * n..(o + 1) * n])).collect();
    Array::new(sums, &with_size_one(array.shape(), axis))
}

/// Multiplies along an axis, one element after the other as NumPy does: the order decides the last digits.
fn product_along<T: Arithmetic>(array: &Array, axis: usize) -> Array {
    let (outer, n, inner) = split(array.shape(), axis);
    if inner != 1 {
        return fold::<T>(array, axis, Some(T::from_u8(1)), T::times);
    }
    let v = elements::<T>(array);
    let row = |o: usize| v[o * n..(o + 1) * n].iter().fold(T::from_u8(1), |product, x| product.times(*x));
    Array::new((0..outer).map(row).collect::<Vec<T>>(), &with_size_one(array.shape(), axis))
}

/// Folds along an axis, starting from `start` or from the first element.
fn fold<T: Scalar>(array: &Array, axis: usize, start: Option<T>, f: impl Fn(T, T) -> T) -> Array {
    let (outer, n, inner) = split(array.shape(), axis);
    let v = elements::<T>(array);
    let mut out = Vec::with_capacity(outer * inner);
    for o in 0..outer {
        let block = &v[o * n * inner..(o + 1) * n * inner];
        let (first, rest) = match start {
            Some(start) => (vec![start; inner], block),
            None => (block[..inner].to_vec(), &block[inner..]),
        };
        out.extend_from_slice(&first);
        let row = &mut out[o * inner..];
        if let [value] = row {
            *value = fold_row(*value, rest, &f);
            continue;
        }
        for next in rest.chunks_exact(inner.max(1)) {
            row.iter_mut().zip(next).for_each(|(x, y)| *x = f(*x, *y));
        }
    }
    Array::new(out, &with_size_one(array.shape(), axis))
}

/// Folds one row; `f` may be applied in any order, so that the processor can work on many elements at once.
fn fold_row<T: Copy>(start: T, row: &[T], f: impl Fn(T, T) -> T) -> T {
    let (chunks, rest) = row.as_chunks::<32>();
    let Some((first, chunks)) = chunks.split_first() else { return row.iter().fold(start, |x, y| f(x, *y)) };
    let mut lanes = *first;
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane = f(*lane, *x);
        }
    }
    lanes.iter().chain(rest).fold(start, |x, y| f(x, *y))
}

/// Index of the first element equal to the one that `f` picks; NaN is picked before everything.
fn first_of<T: Arithmetic + PartialOrd>(array: &Array, axis: usize, f: impl Fn(T, T) -> T) -> Array {
    let (outer, n, inner) = split(array.shape(), axis);
    let (v, picked) = (elements::<T>(array), fold::<T>(array, axis, None, f));
    let picked = elements::<T>(&picked);
    let is = |x: T, wanted: T| x == wanted || (is_nan(x) && is_nan(wanted));
    let index = |o: usize, i: usize| {
        let mut along = v[o * n * inner + i..].iter().step_by(inner).take(n);
        along.position(|x| is(*x, picked[o * inner + i])).expect("the picked element is one of them") as i64
    };
    let places = (0..outer).flat_map(|o| (0..inner).map(move |i| (o, i)));
    Array::new(places.map(|(o, i)| index(o, i)).collect::<Vec<i64>>(), &with_size_one(array.shape(), axis))
}

fn is_nan<T: PartialOrd>(x: T) -> bool {
    x.partial_cmp(&x).is_none()
}

pub(super) fn floating(array: &Array) -> Array {
    if array.dtype().is_floating() { array.clone() } else { array.astype(DType::Float64) }
}

#[track_caller]
pub(super) fn mean_along(array: &Array, axes: &[usize]) -> Array {
    let array = floating(array);
    let count: usize = axes.iter().map(|axis| array.shape()[*axis]).product();
    divide(fold_axes(&Kind::Sum, &array, axes), count)
}

#[track_caller]
pub(super) fn var_along(array: &Array, axes: &[usize], ddof: usize) -> Array {
    let array = floating(array);
    let squares = math::square(&array - mean_along(&array, axes));
    let count: usize = axes.iter().map(|axis| array.shape()[*axis]).product();
    divide(fold_axes(&Kind::Sum, &squares, axes), count.saturating_sub(ddof))
}
