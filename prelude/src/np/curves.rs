//! Points along a line: differences, slopes, areas, values in between, running sums of products.

use super::cast::elements;
use super::computed::{Along, Compute, Computed, options};
use super::manipulate::checked_axis;
use super::operators::{divide, multiply, subtract};
use super::order::part;
use super::{add, broadcast_to, concatenate, not_equal, sum};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

options! {
    /// The call of [`diff`].
    Diff { x: Array, axis: usize, n: usize, prepend: Option<Array>, append: Option<Array>, }
    /// `n=2`: differences of the differences, so many times over.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::diff([1, 4, 9, 16]).n(2).to_string(), "[2 2]");
    /// ```
    n(n: usize) => n = n;
    /// `prepend=0`: values put before the first entry.
    prepend(values: impl ArrayLike) => prepend = Some(values.to_array());
    /// `append=0`: values put behind the last entry.
    append(values: impl ArrayLike) => append = Some(values.to_array());
}

impl Computed<Diff> {
    /// `axis=...`: works along this axis; a negative one counts from the last.
    ///
    /// # Panics
    /// `AxisError` when the array has no such axis.
    #[track_caller]
    pub fn axis(self, axis: isize) -> Computed<Diff> {
        let axis = checked_axis(axis, self.call().x.ndim());
        self.with(|call| call.axis = axis)
    }
}

impl Diff {
    /// Values beside the array: a number goes along the whole border.
    #[track_caller]
    fn border(&self, values: &Array) -> Array {
        if values.ndim() > 0 {
            return values.clone();
        }
        let mut shape = self.x.shape().to_vec();
        shape[self.axis] = 1;
        broadcast_to(values, shape)
    }
}

impl Compute for Diff {
    #[track_caller]
    fn compute(&self) -> Array {
        if self.n == 0 {
            return self.x.clone();
        }
        let [before, behind] = [&self.prepend, &self.append].map(|values| values.as_ref().map(|v| self.border(v)));
        let parts: Vec<Array> = before.into_iter().chain([self.x.clone()]).chain(behind).collect();
        let whole = if parts.len() == 1 { self.x.clone() } else { concatenate(parts, self.axis as isize) };
        (0..self.n).fold(whole, |x, _| {
            let n = x.shape()[self.axis];
            let (later, earlier) = (part(&x, self.axis, 1.min(n), n), part(&x, self.axis, 0, n.max(1) - 1));
            if x.dtype() == DType::Bool { not_equal(later, earlier) } else { subtract(later, earlier) }
        })
    }
}

/// `np.diff(x)`: each element less the one before it, along the last axis, or the one that `.axis(0)` names; of
/// booleans whether they differ.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::diff([1, 4, 9, 16]).to_string(), "[3 5 7]");
/// ```
///
/// # Panics
/// `ValueError` for a scalar.
#[track_caller]
pub fn diff(x: impl ArrayLike) -> Computed<Diff> {
    let x = x.to_array();
    if x.ndim() == 0 {
        Error::Value("diff requires input that is at least one dimensional".into()).raise()
    }
    let axis = x.ndim() - 1;
    Computed::new(Diff { x, axis, n: 1, prepend: None, append: None })
}

/// `np.ediff1d(x)`: the differences of neighbours, of all elements in one vector.
#[track_caller]
pub fn ediff1d(x: impl ArrayLike) -> Array {
    diff(x.to_array().flatten()).into()
}

options! {
    /// The call of [`interp`].
    Interp { x: Array, xp: Vec<f64>, fp: Vec<f64>, left: Option<f64>, right: Option<f64>, period: Option<f64>, }
    /// `left=...`: the value before the first point.
    left(value: impl Into<f64>) => left = Some(value.into());
    /// `right=...`: the value behind the last point.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::interp([0.5, 9.0], [0.0, 1.0], [0.0, 10.0]).right(-1).to_string(), "[ 5. -1.]");
    /// ```
    right(value: impl Into<f64>) => right = Some(value.into());
    /// `period=360`: the line repeats itself, as angles do; the points need no order then.
    period(period: impl Into<f64>) => period = Some(period.into());
}

impl Interp {
    /// The points of one period in order, with one more on either side.
    #[track_caller]
    fn periodic(&self, period: f64) -> (Vec<f64>, Vec<f64>) {
        if period == 0.0 {
            Error::Value("period must be a non-zero value".into()).raise()
        }
        let period = period.abs();
        let mut points: Vec<(f64, f64)> =
            self.xp.iter().zip(&self.fp).map(|(x, y)| (x.rem_euclid(period), *y)).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (first, last) = (points[0], points[points.len() - 1]);
        points.insert(0, (last.0 - period, last.1));
        points.push((first.0 + period, first.1));
        points.into_iter().unzip()
    }
}

impl Compute for Interp {
    #[track_caller]
    fn compute(&self) -> Array {
        let (xp, fp) = match self.period {
            Some(period) => self.periodic(period),
            None => (self.xp.clone(), self.fp.clone()),
        };
        let value = |x: &f64| {
            let x = self.period.map_or(*x, |period| x.rem_euclid(period.abs()));
            let above = xp.partition_point(|p| *p <= x);
            if x.is_nan() {
                return x;
            }
            if above == 0 {
                return self.left.unwrap_or(fp[0]);
            }
            let below = above - 1;
            if xp[below] == x {
                return fp[below];
            }
            if above == xp.len() {
                return self.right.unwrap_or(fp[below]);
            }
            (fp[above] - fp[below]) / (xp[above] - xp[below]) * (x - xp[below]) + fp[below]
        };
        Array::new(elements::<f64>(&self.x).iter().map(value).collect(), self.x.shape())
    }
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
pub fn interp(x: impl ArrayLike, xp: impl ArrayLike, fp: impl ArrayLike) -> Computed<Interp> {
    let (x, xp, fp) = (x.to_array(), xp.to_array().to_vec::<f64>(), fp.to_array().to_vec::<f64>());
    if xp.is_empty() {
        Error::Value("array of sample points is empty".into()).raise()
    }
    if xp.len() != fp.len() {
        Error::Value("fp and xp are not of the same length.".into()).raise()
    }
    Computed::new(Interp { x, xp, fp, left: None, right: None, period: None })
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

/// `np.correlate(a, v, mode)`: sums of products with `v` moved along; the mode is `"valid"`, `"same"` or `"full"`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::correlate([1, 2, 3], [0.0, 1.0, 0.5], "full").to_string(), "[0.5 2.  3.5 3.  0. ]");
/// ```
///
/// # Panics
/// `ValueError` for an empty vector or another mode.
#[track_caller]
pub fn correlate(a: impl ArrayLike, v: impl ArrayLike, mode: &str) -> Array {
    convolve(a, super::flip(v), mode)
}

options! {
    /// The call of [`gradient`].
    Gradient { y: Array, spacing: Array, axis: usize, edge_order: usize, }
    /// `edge_order=2`: at the ends, slopes of the parabola through three points.
    edge_order(order: usize) => edge_order = order;
}

impl Computed<Gradient> {
    /// `axis=...`: works along this axis; a negative one counts from the last.
    ///
    /// # Panics
    /// `AxisError` when the array has no such axis.
    #[track_caller]
    pub fn axis(self, axis: isize) -> Computed<Gradient> {
        let axis = checked_axis(axis, self.call().y.ndim());
        self.with(|call| call.axis = axis)
    }
}

/// The slope at a point as weights of three neighbours: at the first of them, the second or the third, where `a` and
/// `b` are the distances between them.
fn slopes(at: usize, a: f64, b: f64) -> [f64; 3] {
    match at {
        0 => [-(2.0 * a + b) / (a * (a + b)), (a + b) / (a * b), -a / (b * (a + b))],
        1 => [-b / (a * (a + b)), (b - a) / (a * b), a / (b * (a + b))],
        _ => [b / (a * (a + b)), -(b + a) / (a * b), (2.0 * b + a) / (b * (a + b))],
    }
}

/// The same for equal distances, as NumPy rounds it.
fn even_slopes(at: usize, h: f64) -> [f64; 3] {
    match at {
        0 => [-1.5 / h, 2.0 / h, -0.5 / h],
        _ => [0.5 / h, -2.0 / h, 1.5 / h],
    }
}

impl Gradient {
    /// The distances between neighbours along an axis of `n` points, and the only one where all are equal.
    #[track_caller]
    fn distances(&self, n: usize) -> (Vec<f64>, Option<f64>) {
        if self.spacing.ndim() == 0 {
            let h = self.spacing.item();
            return (vec![h; n - 1], Some(h));
        }
        let x = self.spacing.to_vec::<f64>();
        if self.spacing.ndim() > 1 {
            Error::Value("distances must be either scalars or 1d".into()).raise()
        }
        if x.len() != n {
            Error::Value("when 1d, distances must match the length of the corresponding dimension".into()).raise()
        }
        let distances: Vec<f64> = x.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let even = distances.iter().all(|d| *d == distances[0]).then(|| distances[0]);
        (distances, even)
    }
}

impl Compute for Gradient {
    #[track_caller]
    fn compute(&self) -> Array {
        let (y, axis, order) = (&self.y, self.axis, self.edge_order);
        if order > 2 {
            Error::Value("'edge_order' greater than 2 not supported".into()).raise()
        }
        let n = y.shape().get(axis).copied().unwrap_or(0);
        if n < order + 1 {
            Error::Value(
                "Shape of array too small to calculate a numerical gradient, at least (edge_order + 1) elements are \
                 required."
                    .into(),
            )
            .raise()
        }
        let (distances, even) = self.distances(n);
        let weighted = |first: usize, [a, b, c]: [f64; 3]| {
            let at = |k: usize| part(y, axis, k, k + 1);
            add(add(multiply(a, at(first)), multiply(b, at(first + 1))), multiply(c, at(first + 2)))
        };
        let edge = |at: usize| {
            let first = if at == 0 { 0 } else { n - order - 1 };
            if order == 1 {
                let step = subtract(part(y, axis, first + 1, first + 2), part(y, axis, first, first + 1));
                return divide(step, distances[first]);
            }
            weighted(
                first,
                even.map_or_else(|| slopes(at, distances[first], distances[first + 1]), |h| even_slopes(at, h)),
            )
        };
        let (before, behind) = (part(y, axis, 0, n.max(2) - 2), part(y, axis, 2.min(n), n));
        let middle = match even {
            Some(h) => divide(subtract(behind, before), 2.0 * h),
            None => {
                let each: Vec<[f64; 3]> = distances.windows(2).map(|pair| slopes(1, pair[0], pair[1])).collect();
                let mut shape = vec![1; y.ndim()];
                shape[axis] = n - 2;
                let weight = |k: usize| Array::new(each.iter().map(|w| w[k]).collect(), &shape);
                let own = multiply(weight(1), part(y, axis, 1, n - 1));
                add(add(multiply(weight(0), before), own), multiply(weight(2), behind))
            }
        };
        concatenate([edge(0), middle, edge(2)], axis as isize)
    }
}

/// `np.gradient(y, spacing)`: the slopes along the last axis, or the one that `.axis(0)` names, between both neighbours,
/// at the ends to the only one; `spacing` is the distance of two points, or where each point is.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::gradient([1, 2, 4, 7], 1).to_string(), "[1.  1.5 2.5 3. ]");
/// assert_eq!(np::gradient([0, 1, 4, 9], 1).edge_order(2).to_string(), "[0. 2. 4. 6.]");
/// ```
///
/// # Panics
/// `ValueError` for too few points, or a spacing of another length.
#[track_caller]
pub fn gradient(y: impl ArrayLike, spacing: impl ArrayLike) -> Computed<Gradient> {
    let y = super::folds::floating(&y.to_array());
    let axis = y.ndim().saturating_sub(1);
    Computed::new(Gradient { y, spacing: spacing.to_array(), axis, edge_order: 1 })
}

/// `np.trapezoid(y, x)`: the area under the points (x, y), joined by lines, along the last axis or the one that `.axis(0)`
/// names; `x` may be the distance of two points.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::trapezoid([1, 2, 3], 1).to_string(), "4.0");
/// assert_eq!(np::trapezoid([1, 2, 3], [4, 6, 8]).to_string(), "8.0");
/// ```
pub fn trapezoid(y: impl ArrayLike, x: impl ArrayLike) -> Along {
    let x = x.to_array();
    Along::new(y.to_array(), move |y, axis| {
        let axis = axis.unwrap_or(y.ndim().saturating_sub(1));
        let n = y.shape().get(axis).copied().unwrap_or(0).max(1);
        let widths = match x.ndim() {
            0 => x.clone(),
            1 => {
                let mut shape = vec![1; y.ndim()];
                shape[axis] = n - 1;
                diff(&x).reshape(shape)
            }
            _ => diff(&x).axis(axis as isize).into(),
        };
        let heights = add(part(y, axis, 1, n), part(y, axis, 0, n - 1));
        sum(divide(multiply(widths, heights), 2.0)).axis(axis).into()
    })
}
