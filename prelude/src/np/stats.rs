//! Histograms, covariances, curves: what is computed of samples and of points along a line.

use super::cast::elements;
use super::linalg::lstsq;
use super::operators::{divide, multiply, subtract};
use super::order::part;
use super::{add, clip, diag, linspace, matmul, mean, min, sqrt, square, sum};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

/// `np.histogram(x, bins)`: how many elements lie in each bin, and the edges; `bins` is a number of equal bins from the
/// smallest to the largest element, or the edges themselves. The last bin includes its upper edge.
///
/// ```
/// use flowbook::np;
/// let (counts, edges) = np::histogram([1.0, 2.0, 2.5, 4.0], 3);
/// assert_eq!((counts.to_string(), edges.to_string()), ("[1 2 1]".into(), "[1. 2. 3. 4.]".into()));
/// ```
///
/// # Panics
/// `ValueError` when there is no bin or the edges do not rise.
#[track_caller]
pub fn histogram(x: impl ArrayLike, bins: impl ArrayLike) -> (Array, Array) {
    let x = x.to_array();
    let edges = histogram_bin_edges(&x, bins);
    let bounds = edges.to_vec::<f64>();
    let mut counts = vec![0_i64; bounds.len().saturating_sub(1)];
    for value in elements::<f64>(&x).iter() {
        let at = bounds.partition_point(|edge| edge <= value);
        let last = at == bounds.len() && bounds.last() == Some(value);
        if let Some(count) = (at - usize::from(last)).checked_sub(1).and_then(|bin| counts.get_mut(bin)) {
            *count += 1;
        }
    }
    let n = counts.len();
    (Array::new(counts, &[n]), edges)
}

/// `np.histogram_bin_edges(x, bins)`: the edges that [`histogram`] counts between.
///
/// # Panics
/// `ValueError` when there is no bin or the edges do not rise.
#[track_caller]
pub fn histogram_bin_edges(x: impl ArrayLike, bins: impl ArrayLike) -> Array {
    let (x, bins) = (x.to_array(), bins.to_array());
    if bins.ndim() > 0 {
        if !bins.to_vec::<f64>().is_sorted() {
            Error::Value("`bins` must increase monotonically, when an array".into()).raise()
        }
        return bins;
    }
    let n: i64 = bins.item();
    if n < 1 {
        Error::Value("`bins` must be positive, when an integer".into()).raise()
    }
    let (low, high) = if x.is_empty() { (0.0, 1.0) } else { (min(&x).item::<f64>(), super::max(&x).item::<f64>()) };
    if !low.is_finite() || !high.is_finite() {
        Error::Value(format!("autodetected range of [{}, {}] is not finite", Array::scalar(low), Array::scalar(high)))
            .raise()
    }
    if low == high { linspace(low - 0.5, high + 0.5, n + 1) } else { linspace(low, high, n + 1) }
}

/// `np.cov(x)`: how the variables, one a row, vary together; `np::cov([&x, &y])` of two samples.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::cov([[0, 1, 2], [2, 1, 0]]).to_string(), "[[ 1. -1.]\n [-1.  1.]]");
/// ```
///
/// # Panics
/// `ValueError` for more than two axes.
#[track_caller]
pub fn cov(x: impl ArrayLike) -> Array {
    let x = x.to_array().astype(DType::Float64);
    if x.ndim() > 2 {
        Error::Value("m has more than 2 dimensions".into()).raise()
    }
    let rows = if x.ndim() == 2 { x.clone() } else { x.reshape((1, -1)) };
    let centred = &rows - mean(&rows).axis(1).keepdims();
    let products = divide(matmul(&centred, centred.t()), rows.shape()[1] as i64 - 1);
    if rows.shape()[0] == 1 { products.reshape(()) } else { products }
}

/// `np.corrcoef(x)`: the covariances divided by both standard deviations; `np::corrcoef([&x, &y])` of two samples.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::corrcoef([[0, 1, 2], [2, 1, 0]]).to_string(), "[[ 1. -1.]\n [-1.  1.]]");
/// ```
///
/// # Panics
/// `ValueError` for more than two axes.
#[track_caller]
pub fn corrcoef(x: impl ArrayLike) -> Array {
    let covariances = cov(x);
    if covariances.ndim() == 0 {
        return divide(&covariances, &covariances);
    }
    let deviations = sqrt(diag(&covariances));
    let rows = deviations.reshape((-1, 1));
    clip(divide(divide(covariances, rows), deviations), -1, 1)
}

/// `np.interp(x, xp, fp)`: the values at `x` of the line through the points (xp, fp), whose `xp` rise; beyond the ends
/// the end values.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::interp([0.5, 2.0, 9.0], [0.0, 1.0, 3.0], [0.0, 10.0, 30.0]).to_string(), "[ 5. 20. 30.]");
/// ```
///
/// # Panics
/// `ValueError` when there is no point or `xp` and `fp` differ in length.
#[track_caller]
pub fn interp(x: impl ArrayLike, xp: impl ArrayLike, fp: impl ArrayLike) -> Array {
    let (x, xp, fp) = (x.to_array(), xp.to_array().to_vec::<f64>(), fp.to_array().to_vec::<f64>());
    if xp.is_empty() {
        Error::Value("array of sample points is empty".into()).raise()
    }
    if xp.len() != fp.len() {
        Error::Value("fp and xp are not of the same length.".into()).raise()
    }
    let value = |x: &f64| {
        let above = xp.partition_point(|p| p <= x);
        if above == 0 || x.is_nan() {
            return if x.is_nan() { *x } else { fp[0] };
        }
        let below = above - 1;
        if above == xp.len() || xp[below] == *x {
            return fp[below];
        }
        (fp[above] - fp[below]) / (xp[above] - xp[below]) * (x - xp[below]) + fp[below]
    };
    Array::new(elements::<f64>(&x).iter().map(value).collect(), x.shape())
}

/// `np.convolve(a, v, mode)`: sums of products with `v` reversed and moved along; the mode is `"full"`, `"same"` or
/// `"valid"`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::convolve([1, 2, 3], [0.0, 1.0, 0.5], "full").to_string(), "[0.  1.  2.5 4.  1.5]");
/// ```
///
/// # Panics
/// `ValueError` for an empty vector or another mode.
#[track_caller]
pub fn convolve(a: impl ArrayLike, v: impl ArrayLike, mode: &str) -> Array {
    let (a, v) = (a.to_array().flatten(), v.to_array().flatten());
    if a.is_empty() || v.is_empty() {
        Error::Value(format!("{} cannot be empty", if a.is_empty() { "a" } else { "v" })).raise()
    }
    let (n, m) = (a.len().max(v.len()), a.len().min(v.len()));
    let dtype = add(part(&a, 0, 0, 1), part(&v, 0, 0, 1)).dtype();
    let (x, y) = (elements::<f64>(&a), elements::<f64>(&v));
    let term = |k: usize| -> f64 {
        let from = (k + 1).saturating_sub(y.len());
        (from..x.len().min(k + 1)).map(|i| x[i] * y[k - i]).sum()
    };
    let (from, to) = match mode {
        "full" => (0, n + m - 1),
        "same" => ((m - 1) / 2, (m - 1) / 2 + n),
        "valid" => (m - 1, n),
        _ => Error::Value(format!("mode must be one of 'valid', 'same', or 'full' (got '{mode}')")).raise(),
    };
    Array::new((from..to).map(term).collect::<Vec<f64>>(), &[to - from]).astype(dtype)
}

/// `np.polyfit(x, y, deg)`: the coefficients, the highest power first, of the polynomial nearest to the points.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::around(np::polyfit([0, 1, 2], [1, 3, 5], 1), 6).to_string(), "[2. 1.]");
/// ```
///
/// # Panics
/// `TypeError` when there is no point or `x` and `y` differ in length.
#[track_caller]
pub fn polyfit(x: impl ArrayLike, y: impl ArrayLike, deg: usize) -> Array {
    let (x, y) = (x.to_array().astype(DType::Float64), y.to_array().astype(DType::Float64));
    if x.is_empty() || x.shape().first() != y.shape().first() {
        Error::Type(
            if x.is_empty() { "expected non-empty vector for x" } else { "expected x and y to have same length" }
                .into(),
        )
        .raise()
    }
    let columns: Vec<Array> = (0..=deg as i32).rev().map(|power| super::power(&x, f64::from(power))).collect();
    let powers = super::stack(columns, 1);
    let scale: Array = sqrt(sum(square(&powers)).axis(0));
    let (solution, ..) = lstsq(divide(powers, &scale), y);
    divide(solution, scale)
}

/// `np.polyval(p, x)`: the value at `x` of the polynomial with these coefficients, the highest power first.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::polyval([3, 0, 1], 5).to_string(), "76");
/// ```
#[track_caller]
pub fn polyval(p: impl ArrayLike, x: impl ArrayLike) -> Array {
    let (p, x) = (p.to_array(), x.to_array());
    p.iter().fold(super::zeros_like(&x), |value, coefficient| add(multiply(value, &x), coefficient))
}

/// `np.gradient(y, spacing)`: the slopes along the last axis, between both neighbours, at the ends to the only one;
/// `spacing` is the distance of two points.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::gradient([1, 2, 4, 7], 1).to_string(), "[1.  1.5 2.5 3. ]");
/// ```
///
/// # Panics
/// `ValueError` for fewer than two points.
#[track_caller]
pub fn gradient(y: impl ArrayLike, spacing: impl Into<f64>) -> Array {
    let y = super::reduce::floating(&y.to_array());
    let (axis, h): (_, f64) = (y.ndim().saturating_sub(1), spacing.into());
    let n = y.shape().last().copied().unwrap_or(0);
    if n < 2 {
        Error::Value(
            "Shape of array too small to calculate a numerical gradient, at least (edge_order + 1) elements are required."
                .into(),
        )
        .raise()
    }
    let difference =
        |from: usize, to: usize, by: usize| subtract(part(&y, axis, from + by, to + by), part(&y, axis, from, to));
    let (first, last) = (divide(difference(0, 1, 1), h), divide(difference(n - 2, n - 1, 1), h));
    let middle = divide(difference(0, n - 2, 2), 2.0 * h);
    super::concatenate([first, middle, last], -1)
}

/// `np.trapezoid(y, x)`: the area under the points (x, y), joined by lines; `x` may be the distance of two points.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::trapezoid([1, 2, 3], 1).to_string(), "4.0");
/// assert_eq!(np::trapezoid([1, 2, 3], [4, 6, 8]).to_string(), "8.0");
/// ```
#[track_caller]
pub fn trapezoid(y: impl ArrayLike, x: impl ArrayLike) -> Array {
    let (y, x) = (y.to_array(), x.to_array());
    let axis = y.ndim().saturating_sub(1);
    let n = y.shape().last().copied().unwrap_or(0).max(1);
    let widths = if x.ndim() == 0 { x } else { super::diff(x).into() };
    let heights = add(part(&y, axis, 1, n), part(&y, axis, 0, n - 1));
    sum(divide(multiply(widths, heights), 2.0)).axis(-1).into()
}

/// `np.ediff1d(x)`: the differences of neighbours, of all elements in one vector.
#[track_caller]
pub fn ediff1d(x: impl ArrayLike) -> Array {
    super::diff(x.to_array().flatten()).into()
}
