//! Reductions: `np.sum`, `np.mean`, `np.max`, `np.argmax`, ... over all elements or along axes.
//! The order of additions is in `pairwise`.

use std::sync::OnceLock;

use super::cast::{Scalar, elements};
use super::computed::computed;
use super::manipulate::checked_axis;
use super::operators::{Arithmetic, divide, multiply, subtract};
use super::quantile::Quantile;
use super::{linalg, math, nan, pairwise};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

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
    ddof: usize,
    weights: Option<Array>,
    where_: Option<Array>,
    initial: Option<Array>,
    value: OnceLock<Array>,
}

/// What is computed of the elements along the axes.
#[derive(Clone, PartialEq)]
pub(super) enum Kind {
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
    Ptp,
    NanMean,
    NanVar,
    NanStd,
    NanMax,
    NanMin,
    Quantile(Quantile),
    /// With the order of the norm, when there is one.
    Norm(Option<f64>),
}

/// One axis, or several: `1`, `-1`, `[0, 1]`, `(0, 1)`.
pub trait Axes {
    #[doc(hidden)]
    fn axes(self) -> Vec<isize>;
}

macro_rules! axis_types {
    ($($t:ty),*) => { $(
        impl Axes for $t {
            fn axes(self) -> Vec<isize> {
                vec![self as isize]
            }
        }
    )* };
}
axis_types!(i32, i64, isize, usize);

impl Axes for (i32, i32) {
    fn axes(self) -> Vec<isize> {
        vec![self.0 as isize, self.1 as isize]
    }
}

impl<const N: usize> Axes for [i32; N] {
    fn axes(self) -> Vec<isize> {
        self.map(|axis| axis as isize).to_vec()
    }
}

impl Reduced {
    pub(super) fn new(input: Array, kind: Kind) -> Reduced {
        Reduced {
            input,
            kind,
            axes: None,
            keepdims: false,
            ddof: 0,
            weights: None,
            where_: None,
            initial: None,
            value: OnceLock::new(),
        }
    }

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
        self.value = OnceLock::new();
        self
    }

    /// `keepdims=True`: the reduced axes stay, with size 1.
    pub fn keepdims(mut self) -> Reduced {
        self.keepdims = true;
        self.value = OnceLock::new();
        self
    }

    /// `ddof=1` of a variance or standard deviation: what the number of elements is lessened by, 1 for a sample.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::var([1.0, 2.0, 4.0]).ddof(1).to_string(), "2.333333333333333");
    /// ```
    ///
    /// # Panics
    /// `TypeError` of anything else.
    #[track_caller]
    pub fn ddof(mut self, ddof: usize) -> Reduced {
        if !matches!(self.kind, Kind::Var | Kind::Std | Kind::NanVar | Kind::NanStd) {
            Error::Type("got an unexpected keyword argument 'ddof': it belongs to var and std".into()).raise()
        }
        (self.ddof, self.value) = (ddof, OnceLock::new());
        self
    }

    /// `ord=...` of a norm: 1 for the sum of sizes, `np::inf` for the largest, ...; of a matrix without an axis those of
    /// NumPy's matrix norms.
    ///
    /// # Panics
    /// `TypeError` of anything else.
    #[track_caller]
    pub fn ord(mut self, ord: impl Into<f64>) -> Reduced {
        if !matches!(self.kind, Kind::Norm(_)) {
            Error::Type("got an unexpected keyword argument 'ord': it belongs to norm".into()).raise()
        }
        (self.kind, self.value) = (Kind::Norm(Some(ord.into())), OnceLock::new());
        self
    }

    /// `method="lower"` of a percentile or quantile: how a place between two elements is met, by one of NumPy's names:
    /// `"linear"` (the default), `"lower"`, `"higher"`, `"midpoint"`, `"nearest"`, `"hazen"`, `"weibull"`, ...
    ///
    /// # Panics
    /// `ValueError` for another name, `TypeError` of anything else.
    #[track_caller]
    pub fn method(mut self, method: &str) -> Reduced {
        let Kind::Quantile(quantile) = self.kind else {
            Error::Type("got an unexpected keyword argument 'method': it belongs to percentile and quantile".into())
                .raise()
        };
        let quantile = quantile.method(method).unwrap_or_else(|message| Error::Value(message).raise());
        (self.kind, self.value) = (Kind::Quantile(quantile), OnceLock::new());
        self
    }

    /// `weights=...` of an average: how much each element counts; a vector goes along the one axis.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::average([1, 2, 3, 4]).weights([4, 3, 2, 1]).to_string(), "2.0");
    /// ```
    ///
    /// # Panics
    /// `TypeError` of anything else.
    #[track_caller]
    pub fn weights(mut self, weights: impl ArrayLike) -> Reduced {
        if self.kind != Kind::Mean {
            Error::Type("got an unexpected keyword argument 'weights': it belongs to average".into()).raise()
        }
        (self.weights, self.value) = (Some(weights.to_array()), OnceLock::new());
        self
    }

    /// `where=mask`: only the elements where the mask holds count.
    ///
    /// ```
    /// use flowbook::np;
    /// let x = np::array([[1, 20], [3, 40]]);
    /// assert_eq!(np::sum(&x).where_(np::less(&x, 10)).to_string(), "4");
    /// assert_eq!(np::mean(&x).axis(0).where_([[true, true], [true, false]]).to_string(), "[ 2. 20.]");
    /// ```
    ///
    /// # Panics
    /// `ValueError` when the mask does not fit, or for a largest or smallest element without `.initial(...)`;
    /// `TypeError` of anything that has no such argument.
    #[track_caller]
    pub fn where_(mut self, mask: impl ArrayLike) -> Reduced {
        if !matches!(self.kind, Kind::Sum | Kind::Prod | Kind::Mean | Kind::Max | Kind::Min | Kind::All | Kind::Any) {
            Error::Type("where= is offered for sum, prod, mean, max, min, all and any".into()).raise()
        }
        let mask = super::broadcast_to(mask.to_array().astype(DType::Bool), self.input.shape());
        (self.where_, self.value) = (Some(mask), OnceLock::new());
        self
    }

    /// `initial=0` of a sum, product, largest or smallest element: what it starts from.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::max([-5, -2]).initial(0).to_string(), "0");
    /// assert_eq!(np::min(np::zeros(0)).initial(9).to_string(), "9.0");
    /// ```
    ///
    /// # Panics
    /// `TypeError` of anything else.
    #[track_caller]
    pub fn initial(mut self, value: impl ArrayLike) -> Reduced {
        if !matches!(self.kind, Kind::Sum | Kind::Prod | Kind::Max | Kind::Min) {
            Error::Type("got an unexpected keyword argument 'initial': it belongs to sum, prod, max and min".into())
                .raise()
        }
        (self.initial, self.value) = (Some(value.to_array()), OnceLock::new());
        self
    }

    /// The elements with those that do not count replaced by what changes nothing.
    #[track_caller]
    fn counted(&self) -> Array {
        let input = self.input.clone();
        let Some(mask) = &self.where_ else { return input };
        let neutral: Array = match (&self.kind, &self.initial) {
            (Kind::Sum | Kind::Mean | Kind::Any, _) => 0.to_array(),
            (Kind::Prod | Kind::All, _) => 1.to_array(),
            (_, Some(initial)) => initial.clone(),
            (kind, None) => {
                let name = if *kind == Kind::Max { "maximum" } else { "minimum" };
                Error::Value(format!(
                    "reduction operation '{name}' does not have an identity, so to use a where mask one has to specify \
                     'initial'"
                ))
                .raise()
            }
        };
        super::where_(mask, &input, neutral.astype(input.dtype()))
    }

    /// The result together with the value it starts from.
    #[track_caller]
    fn started(&self, result: impl FnOnce() -> Array, empty: &[usize]) -> Array {
        let Some(initial) = &self.initial else { return result() };
        if self.input.is_empty() && matches!(self.kind, Kind::Max | Kind::Min) {
            return super::full(empty, initial.astype(self.input.dtype()));
        }
        let result = result();
        let initial = initial.astype(result.dtype());
        match self.kind {
            Kind::Sum => super::add(result, initial),
            Kind::Prod => multiply(result, initial),
            Kind::Max => super::maximum(result, initial),
            _ => super::minimum(result, initial),
        }
    }

    #[track_caller]
    fn compute(&self) -> Array {
        let mut array = self.counted();
        let mut prefix = Vec::new();
        let mut axes: Vec<usize> = match &self.axes {
            Some(axes) => axes.iter().map(|axis| checked_axis(*axis, array.ndim())).collect(),
            None => (0..array.ndim()).collect(),
        };
        axes.sort_unstable();
        axes.dedup();
        let kept: Vec<usize> =
            array.shape().iter().enumerate().map(|(d, n)| if axes.contains(&d) { 1 } else { *n }).collect();
        let weights = self.weights.as_ref().map(|weights| spread_weights(weights, &array, &axes));
        if axes.len() == array.ndim() {
            // All axes of a row-by-row array are one long axis.
            array = array.flatten();
            axes = vec![0];
        }
        let result = match &self.kind {
            Kind::Mean if let Some(weights) = &weights => weighted_mean(&array, weights, &axes),
            Kind::Mean if let Some(mask) = &self.where_ => {
                let mask = if axes.len() == mask.ndim() || array.ndim() == 1 {
                    mask.reshape(array.shape())
                } else {
                    mask.clone()
                };
                let array = floating(&array);
                let counts = fold_axes(&Kind::Sum, &mask, &axes).astype(array.dtype());
                divide(fold_axes(&Kind::Sum, &array, &axes), counts)
            }
            Kind::Mean => mean_along(&array, &axes),
            Kind::Var => var_along(&array, &axes, self.ddof),
            Kind::Std => math::sqrt(var_along(&array, &axes, self.ddof)),
            Kind::Ptp => subtract(fold_axes(&Kind::Max, &array, &axes), fold_axes(&Kind::Min, &array, &axes)),
            Kind::NanMean => nan::mean(&array, &axes),
            Kind::NanVar => nan::var(&array, &axes, self.ddof),
            Kind::NanStd => math::sqrt(nan::var(&array, &axes, self.ddof)),
            Kind::Norm(ord) => linalg::norm_along(&array, self.input.shape(), &axes, *ord),
            Kind::Quantile(quantile) => {
                prefix = quantile.shape().to_vec();
                quantile.along(&array, &axes)
            }
            kind => self.started(|| fold_axes(kind, &array, &axes), &axes_gone(array.shape(), &axes)),
        };
        let sizes: Vec<usize> = if self.keepdims {
            kept
        } else if axes.len() == self.input.ndim() || self.axes.is_none() {
            Vec::new()
        } else {
            self.input.shape().iter().enumerate().filter(|(d, _)| !axes.contains(d)).map(|(_, n)| *n).collect()
        };
        prefix.extend(sizes);
        result.reshape(prefix)
    }
}

/// A shape with size 1 along the axes.
fn axes_gone(shape: &[usize], axes: &[usize]) -> Vec<usize> {
    axes.iter().fold(shape.to_vec(), |shape, axis| with_size_one(&shape, *axis))
}

/// One reduction along several axes, which stay with size 1.
#[track_caller]
pub(super) fn fold_axes(kind: &Kind, array: &Array, axes: &[usize]) -> Array {
    axes.iter().rev().fold(array.clone(), |array, axis| along(kind, &array, *axis))
}

/// Weights in the shape of the array.
#[track_caller]
fn spread_weights(weights: &Array, array: &Array, axes: &[usize]) -> Array {
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
fn weighted_mean(array: &Array, weights: &Array, axes: &[usize]) -> Array {
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

fn with_size_one(shape: &[usize], axis: usize) -> Vec<usize> {
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
fn mean_along(array: &Array, axes: &[usize]) -> Array {
    let array = floating(array);
    let count: usize = axes.iter().map(|axis| array.shape()[*axis]).product();
    divide(fold_axes(&Kind::Sum, &array, axes), count)
}

#[track_caller]
fn var_along(array: &Array, axes: &[usize], ddof: usize) -> Array {
    let array = floating(array);
    let squares = math::square(&array - mean_along(&array, axes));
    let count: usize = axes.iter().map(|axis| array.shape()[*axis]).product();
    divide(fold_axes(&Kind::Sum, &squares, axes), count.saturating_sub(ddof))
}

computed!(Reduced);

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
                    Reduced::new(self.clone(), Kind::$kind)
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

/// `np.ptp`: the largest less the smallest ("peak to peak").
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::ptp([[4, 9], [1, 3]]).axis(0).to_string(), "[3 6]");
/// ```
pub fn ptp(x: impl ArrayLike) -> Reduced {
    Reduced::new(x.to_array(), Kind::Ptp)
}

/// `np.average`: the mean, weighted when `.weights(w)` follows.
pub fn average(x: impl ArrayLike) -> Reduced {
    mean(x)
}

/// `np.amax`, another name of [`max`].
pub fn amax(x: impl ArrayLike) -> Reduced {
    max(x)
}

/// `np.amin`, another name of [`min`].
pub fn amin(x: impl ArrayLike) -> Reduced {
    min(x)
}
