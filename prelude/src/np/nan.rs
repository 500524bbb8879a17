//! Reductions that pass over NaN: `np.nansum`, `np.nanmean`, ... The plain ones are in `reduce`.

use super::compare::{isnan, logical_not, where_};
use super::computed::Along;
use super::folds::fold_axes;
use super::math::square;
use super::operators::{divide, subtract};
use super::quantile::Quantile;
use super::reduce::{Kind, Reduced};
use super::{argmax, argmin, cumprod, cumsum, prod, sum};
use crate::array::Array;
use crate::error::Error;
use crate::literal::ArrayLike;

/// The array with another value in place of NaN.
#[track_caller]
fn replaced(x: impl ArrayLike, value: f64) -> Array {
    let x = x.to_array();
    if !x.dtype().is_floating() {
        return x;
    }
    where_(isnan(&x), value, &x)
}

/// How many elements along the axes are numbers.
fn counts(array: &Array, axes: &[usize]) -> Array {
    fold_axes(&Kind::Sum, &logical_not(isnan(array)), axes).astype(array.dtype())
}

pub(super) fn mean(array: &Array, axes: &[usize]) -> Array {
    let array = super::folds::floating(array);
    divide(fold_axes(&Kind::Sum, &replaced(&array, 0.0), axes), counts(&array, axes))
}

pub(super) fn var(array: &Array, axes: &[usize], ddof: usize) -> Array {
    let array = super::folds::floating(array);
    let squares = replaced(square(subtract(&array, mean(&array, axes))), 0.0);
    let left = super::maximum(subtract(counts(&array, axes), ddof), 0);
    divide(fold_axes(&Kind::Sum, &squares, axes), left)
}

/// `np.nansum`: the sum of what is not NaN.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::nansum([1.0, np::nan, 2.5]).to_string(), "3.5");
/// ```
pub fn nansum(x: impl ArrayLike) -> Reduced {
    sum(replaced(x, 0.0))
}

/// `np.nanprod`: the product of what is not NaN.
pub fn nanprod(x: impl ArrayLike) -> Reduced {
    prod(replaced(x, 1.0))
}

/// `np.nanmean`: the mean of what is not NaN.
pub fn nanmean(x: impl ArrayLike) -> Reduced {
    Reduced::new(x.to_array(), Kind::NanMean)
}

/// `np.nanvar`: the variance of what is not NaN.
pub fn nanvar(x: impl ArrayLike) -> Reduced {
    Reduced::new(x.to_array(), Kind::NanVar)
}

/// `np.nanstd`: the standard deviation of what is not NaN.
pub fn nanstd(x: impl ArrayLike) -> Reduced {
    Reduced::new(x.to_array(), Kind::NanStd)
}

/// `np.nanmax`: the largest of what is not NaN.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::nanmax([[1.0, np::nan], [3.0, 2.0]]).axis(0).to_string(), "[3. 2.]");
/// ```
pub fn nanmax(x: impl ArrayLike) -> Reduced {
    Reduced::new(x.to_array(), Kind::NanMax)
}

/// `np.nanmin`: the smallest of what is not NaN.
pub fn nanmin(x: impl ArrayLike) -> Reduced {
    Reduced::new(x.to_array(), Kind::NanMin)
}

/// `np.nanargmax`: the index of the first largest number.
pub fn nanargmax(x: impl ArrayLike) -> Reduced {
    argmax(replaced(x, f64::NEG_INFINITY))
}

/// `np.nanargmin`: the index of the first smallest number.
pub fn nanargmin(x: impl ArrayLike) -> Reduced {
    argmin(replaced(x, f64::INFINITY))
}

/// `np.nanmedian`: the median of what is not NaN.
pub fn nanmedian(x: impl ArrayLike) -> Reduced {
    Reduced::new(x.to_array(), Kind::Quantile(Quantile::median().ignoring_nan()))
}

/// `np.nanpercentile`: the percentile of what is not NaN.
///
/// # Panics
/// `ValueError` when `q` is not from 0 to 100.
#[track_caller]
pub fn nanpercentile(x: impl ArrayLike, q: impl ArrayLike) -> Reduced {
    let quantile = Quantile::of(q, 100.0).unwrap_or_else(|message| Error::Value(message).raise());
    Reduced::new(x.to_array(), Kind::Quantile(quantile.ignoring_nan()))
}

/// `np.nanquantile`: the quantile of what is not NaN.
///
/// # Panics
/// `ValueError` when `q` is not from 0 to 1.
#[track_caller]
pub fn nanquantile(x: impl ArrayLike, q: impl ArrayLike) -> Reduced {
    let quantile = Quantile::of(q, 1.0).unwrap_or_else(|message| Error::Value(message).raise());
    Reduced::new(x.to_array(), Kind::Quantile(quantile.ignoring_nan()))
}

/// `np.nancumsum`: running sums, NaN counting as 0.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::nancumsum([1.0, np::nan, 2.0]).to_string(), "[1. 1. 3.]");
/// ```
pub fn nancumsum(x: impl ArrayLike) -> Along {
    cumsum(replaced(x, 0.0))
}

/// `np.nancumprod`: running products, NaN counting as 1.
pub fn nancumprod(x: impl ArrayLike) -> Along {
    cumprod(replaced(x, 1.0))
}
