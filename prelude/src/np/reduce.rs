//! Reductions: `np.sum`, `np.mean`, `np.max`, `np.argmax`, ... over all elements or along axes.
//! The order of additions is in `pairwise`.

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use super::cast::{Scalar, elements};
use super::manipulate::checked_axis;
use super::operators::{Arithmetic, divide};
use super::{math, pairwise};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::{ArrayLike, Literal};

/// A reduction such as `np::sum(&x)`: over all elements, unless `.axis(1)` follows.
///
/// It is an array wherever one is needed: it prints, computes and derefs as one.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[1.0, 2.0], [3.0, 5.0]]);
/// assert_eq!(np::sum(&x).to_string(), "11.0");
/// assert_eq!(x.mean().axis(0).to_string(), "[2.  3.5]");
/// assert_eq!((&x / x.sum().axis(1).keepdims()).shape(), &[2, 2]);
/// ```
pub struct Reduced {
    input: Array,
    kind: Kind,
    axes: Option<Vec<isize>>,
    keepdims: bool,
    value: OnceLock<Array>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Sum,
    Prod,
    Mean,
    Var,
    Std,
    Max,
    Min,
    ArgMax,
    ArgMin,
    All,
    Any,
}

/// One axis, or several: `1`, `-1`, `[0, 1]`.
pub trait Axes {
    #[doc(hidden)]
    fn axes(self) -> Vec<isize>;
}

impl Axes for i32 {
    fn axes(self) -> Vec<isize> {
        vec![self as isize]
    }
}

impl<const N: usize> Axes for [i32; N] {
    fn axes(self) -> Vec<isize> {
        self.map(|axis| axis as isize).to_vec()
    }
}

impl Reduced {
    /// `axis=...`: reduces along these axes only; negative axes count from the last.
    ///
    /// # Panics
    /// `AxisError` when the array has no such axis.
    #[track_caller]
    pub fn axis(mut self, axes: impl Axes) -> Reduced {
        let axes = axes.axes();
        for axis in &axes {
            checked_axis(*axis, self.input.ndim());
        }
        self.axes = Some(axes);
        self
    }

    /// `keepdims=True`: the reduced axes stay, with size 1.
    pub fn keepdims(mut self) -> Reduced {
        self.keepdims = true;
        self
    }

    #[track_caller]
    fn compute(&self) -> Array {
        let mut array = self.input.clone();
        let mut axes: Vec<usize> = match &self.axes {
            Some(axes) => axes.iter().map(|axis| checked_axis(*axis, array.ndim())).collect(),
            None => (0..array.ndim()).collect(),
        };
        axes.sort_unstable();
        axes.dedup();
        let kept: Vec<usize> =
            array.shape().iter().enumerate().map(|(d, n)| if axes.contains(&d) { 1 } else { *n }).collect();
        if axes.len() == array.ndim() {
            // All axes of a row-by-row array are one long axis.
            array = array.flatten();
            axes = vec![0];
        }
        let result = match self.kind {
            Kind::Mean => mean_along(&array, &axes),
            Kind::Var => var_along(&array, &axes),
            Kind::Std => math::sqrt(var_along(&array, &axes)),
            kind => axes.iter().rev().fold(array, |array, axis| along(kind, &array, *axis)),
        };
        if self.keepdims {
            return result.reshape(kept);
        }
        let dropped: Vec<usize> = if axes.len() == self.input.ndim() || self.axes.is_none() {
            Vec::new()
        } else {
            result.shape().iter().enumerate().filter(|(d, _)| !axes.contains(d)).map(|(_, n)| *n).collect()
        };
        result.reshape(dropped)
    }
}

/// An array as (before the axis, the axis, after the axis).
pub(super) fn split(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    (shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product())
}

fn with_size_one(shape: &[usize], axis: usize) -> Vec<usize> {
    let mut shape = shape.to_vec();
    shape[axis] = 1;
    shape
}

/// One reduction along one axis, which stays with size 1.
#[track_caller]
fn along(kind: Kind, array: &Array, axis: usize) -> Array {
    let dtype = array.dtype();
    match (kind, dtype) {
        (_, DType::String) => Error::Type("strings cannot be reduced; convert them with astype first".into()).raise(),
        (Kind::All, _) => fold::<bool>(array, axis, Some(true), |x, y| x & y),
        (Kind::Any, _) => fold::<bool>(array, axis, Some(false), |x, y| x | y),
        (Kind::Sum, DType::Float32) => sum_along::<f32>(array, axis),
        (Kind::Sum, DType::Float64) => sum_along::<f64>(array, axis),
        (Kind::Sum, _) => sum_along::<i64>(array, axis),
        (Kind::Prod, DType::Float32) => fold::<f32>(array, axis, Some(1.0), |x, y| x * y),
        (Kind::Prod, DType::Float64) => fold::<f64>(array, axis, Some(1.0), |x, y| x * y),
        (Kind::Prod, _) => fold::<i64>(array, axis, Some(1), i64::wrapping_mul),
        (Kind::Max | Kind::Min | Kind::ArgMax | Kind::ArgMin, _) => extreme(kind, array, axis),
        (Kind::Mean | Kind::Var | Kind::Std, _) => unreachable!("made of sums"),
    }
}

#[track_caller]
fn extreme(kind: Kind, array: &Array, axis: usize) -> Array {
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
fn extreme_of<T: Arithmetic + PartialOrd>(kind: Kind, array: &Array, axis: usize) -> Array {
    if array.shape()[axis] == 0 {
        Error::Value(match kind {
            Kind::Max => "zero-size array to reduction operation maximum which has no identity".into(),
            Kind::Min => "zero-size array to reduction operation minimum which has no identity".into(),
            Kind::ArgMax => "attempt to get argmax of an empty sequence".into(),
            _ => "attempt to get argmin of an empty sequence".into(),
        })
        .raise()
    }
    match kind {
        Kind::Max => fold::<T>(array, axis, None, T::larger),
        Kind::Min => fold::<T>(array, axis, None, T::smaller),
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

fn floating(array: &Array) -> Array {
    if array.dtype().is_floating() { array.clone() } else { array.astype(DType::Float64) }
}

#[track_caller]
fn mean_along(array: &Array, axes: &[usize]) -> Array {
    let array = floating(array);
    let count: usize = axes.iter().map(|axis| array.shape()[*axis]).product();
    let sum = axes.iter().rev().fold(array, |array, axis| along(Kind::Sum, &array, *axis));
    divide(sum, count)
}

#[track_caller]
fn var_along(array: &Array, axes: &[usize]) -> Array {
    let array = floating(array);
    let distance = &array - mean_along(&array, axes);
    mean_along(&math::square(distance), axes)
}

impl Deref for Reduced {
    type Target = Array;

    #[track_caller]
    fn deref(&self) -> &Array {
        if let Some(value) = self.value.get() {
            return value;
        }
        let value = self.compute();
        self.value.get_or_init(|| value)
    }
}

impl From<Reduced> for Array {
    #[track_caller]
    fn from(reduced: Reduced) -> Array {
        (*reduced).clone()
    }
}

impl ArrayLike for Reduced {
    #[track_caller]
    fn to_array(&self) -> Array {
        (**self).clone()
    }
    #[track_caller]
    fn to_tensor(&self) -> Array {
        (**self).clone()
    }
    #[track_caller]
    fn append(&self, literal: &mut Literal) {
        (**self).append(literal);
    }
}

impl fmt::Display for Reduced {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl fmt::Debug for Reduced {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl crate::format::PyRepr for Reduced {
    fn py_repr(&self) -> String {
        self.repr()
    }
}

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(x: impl ArrayLike) -> Reduced {
                x.to_array().$name()
            }
        )*
        impl Array {
            $(
                $(#[$doc])*
                pub fn $name(&self) -> Reduced {
                    let kind = Kind::$kind;
                    Reduced { input: self.clone(), kind, axes: None, keepdims: false, value: OnceLock::new() }
                }
            )*
        }
    };
}
reductions! {
    /// `np.sum`; integers and booleans sum to `int64`.
    sum => Sum;
    /// `np.prod`
    prod => Prod;
    /// `np.mean`; integers give `float64`.
    mean => Mean;
    /// `np.var`: the mean squared distance from the mean.
    var => Var;
    /// `np.std`: the square root of the variance.
    std => Std;
    /// `np.max`; NaN wins. `ValueError` without elements.
    max => Max;
    /// `np.min`; NaN wins. `ValueError` without elements.
    min => Min;
    /// `np.argmax`: the index of the first largest element. `ValueError` without elements.
    argmax => ArgMax;
    /// `np.argmin`: the index of the first smallest element. `ValueError` without elements.
    argmin => ArgMin;
    /// `np.all`: whether every element is true.
    all => All;
    /// `np.any`: whether some element is true.
    any => Any;
}
