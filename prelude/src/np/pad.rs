//! `np.pad`: an array with borders around it.

use super::computed::{Compute, Computed, options};
use super::moves::picked;
use super::order::part;
use super::{broadcast_to, concatenate, max, mean, median, min, rint};
use crate::array::Array;
use crate::error::Error;
use crate::literal::ArrayLike;

options! {
    /// The call of [`pad`].
    Pad { x: Array, widths: Vec<i64>, mode: String, constants: Array, ends: Array, stat: Option<Array>, odd: bool, }
    /// `constant_values=...` of the mode `"constant"`: one value, a pair `[before, behind]`, or a pair for each axis.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::pad([1, 2], [2, 1], "constant").constant_values([4, 6]).to_string(), "[4 4 1 2 6]");
    /// ```
    constant_values(values: impl ArrayLike) => constants = values.to_array();
    /// `end_values=...` of the mode `"linear_ramp"`: what the borders go to, as `constant_values`.
    end_values(values: impl ArrayLike) => ends = values.to_array();
    /// `stat_length=...` of the modes `"mean"`, `"median"`, `"maximum"` and `"minimum"`: of how many entries at each end.
    stat_length(lengths: impl ArrayLike) => stat = Some(lengths.to_array());
    /// `reflect_type="odd"` of the modes `"reflect"` and `"symmetric"`: mirrored at the last value, too; `"even"` is the
    /// default.
    reflect_type(kind: &str) => odd = kind == "odd";
}

/// `np.pad(x, width, mode)`: with so many entries before and behind along each axis. `width` is one number, a pair
/// `[before, behind]` for every axis, or a pair for each. The modes: `"constant"` (zeros), `"edge"` (the last entry),
/// `"reflect"` (mirrored at the last entry), `"symmetric"` (mirrored behind it), `"wrap"` (from the other end),
/// `"linear_ramp"` (evenly down to zero), `"mean"`, `"median"`, `"maximum"`, `"minimum"` (of the row), `"empty"`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::pad([1, 2, 3], [2, 1], "constant").to_string(), "[0 0 1 2 3 0]");
/// assert_eq!(np::pad([1, 2, 3], 2, "reflect").to_string(), "[3 2 1 2 3 2 1]");
/// assert_eq!(np::pad([1, 2, 6], 1, "mean").to_string(), "[3 1 2 6 3]");
/// ```
///
/// # Panics
/// `ValueError` for another mode, a negative width, or widths that do not fit the axes.
#[track_caller]
pub fn pad(x: impl ArrayLike, width: impl ArrayLike, mode: &str) -> Computed<Pad> {
    let x = x.to_array();
    let widths = broadcast_to(width, (x.ndim(), 2)).to_vec::<i64>();
    if widths.iter().any(|w| *w < 0) {
        Error::Value("index can't contain negative values".into()).raise()
    }
    if !MODES.contains(&mode) {
        Error::Value(format!("mode '{mode}' is not supported")).raise()
    }
    let zero = Array::scalar(0_i64);
    Computed::new(Pad { x, widths, mode: mode.into(), constants: zero.clone(), ends: zero, stat: None, odd: false })
}

const MODES: [&str; 11] = [
    "constant",
    "edge",
    "reflect",
    "symmetric",
    "wrap",
    "linear_ramp",
    "mean",
    "median",
    "maximum",
    "minimum",
    "empty",
];

impl Compute for Pad {
    #[track_caller]
    fn compute(&self) -> Array {
        (0..self.x.ndim()).fold(self.x.clone(), |x, axis| self.along(&x, axis))
    }
}

impl Pad {
    #[track_caller]
    fn along(&self, x: &Array, axis: usize) -> Array {
        let (before, behind) = (self.widths[2 * axis], self.widths[2 * axis + 1]);
        let n = x.shape()[axis] as i64;
        if n == 0 && before + behind > 0 && !["constant", "empty"].contains(&self.mode.as_str()) {
            Error::Value(format!("can't extend empty axis {axis} using modes other than 'constant' or 'empty'")).raise()
        }
        let place: fn(i64, i64) -> i64 = match self.mode.as_str() {
            "edge" => |k, n| k.clamp(0, n - 1),
            "reflect" if self.odd => return self.odd_mirrored(x, axis, 1),
            "symmetric" if self.odd => return self.odd_mirrored(x, axis, 0),
            "reflect" => |k, n| mirrored(k, (n - 1).max(1) * 2, n, 0),
            "symmetric" => |k, n| mirrored(k, n * 2, n, 1),
            "wrap" => |k, n| k.rem_euclid(n),
            _ => {
                let (first, last) = (self.border(x, axis, 0), self.border(x, axis, 1));
                return concatenate([first, x.clone(), last], axis as isize);
            }
        };
        let places: Vec<usize> = (-before..n + behind).map(|k| place(k, n) as usize).collect();
        picked(x, axis, &places)
    }

    /// What stands before (side 0) or behind (side 1) along an axis, in the modes that compute it.
    #[track_caller]
    fn border(&self, x: &Array, axis: usize, side: usize) -> Array {
        let width = self.widths[2 * axis + side] as usize;
        let mut shape = x.shape().to_vec();
        shape[axis] = width;
        let at_side = |values: &Array| broadcast_to(values, (self.x.ndim(), 2)).at(&[axis as isize, side as isize]);
        match self.mode.as_str() {
            "constant" => broadcast_to(at_side(&self.constants).astype(x.dtype()), &shape),
            "empty" => Array::zeros(x.dtype(), &shape),
            "linear_ramp" => self.ramp(x, axis, side, &at_side(&self.ends)),
            _ => broadcast_to(self.statistic(x, axis, side), &shape),
        }
    }

    /// From the edge to the end value in even steps, the end value outermost.
    fn ramp(&self, x: &Array, axis: usize, side: usize, end: &Array) -> Array {
        let (n, width) = (x.shape()[axis], self.widths[2 * axis + side] as usize);
        let edge = if side == 0 { part(x, axis, 0, 1) } else { part(x, axis, n - 1, n) };
        let far = |k: usize| if side == 0 { k } else { width - 1 - k };
        let step = (&edge - end) / width as f64;
        let entries = (0..width).map(|k| {
            let value = end + &step * far(k) as f64;
            if x.dtype().is_integer() { super::floor(value).astype(x.dtype()) } else { value.astype(x.dtype()) }
        });
        let nothing = part(x, axis, 0, 0);
        concatenate(std::iter::once(nothing).chain(entries), axis as isize)
    }

    #[track_caller]
    fn statistic(&self, x: &Array, axis: usize, side: usize) -> Array {
        let n = x.shape()[axis];
        let length = self.stat.as_ref().map_or(n as i64, |lengths| {
            broadcast_to(lengths, (self.x.ndim(), 2)).at(&[axis as isize, side as isize]).item::<i64>()
        });
        let length = usize::try_from(length).unwrap_or(0).min(n);
        if length == 0 && matches!(self.mode.as_str(), "maximum" | "minimum") {
            Error::Value("stat_length of 0 yields no value for padding".into()).raise()
        }
        let of = if side == 0 { part(x, axis, 0, length) } else { part(x, axis, n - length, n) };
        let axis = axis as isize;
        let value: Array = match self.mode.as_str() {
            "maximum" => max(of).axis(axis).keepdims().into(),
            "minimum" => min(of).axis(axis).keepdims().into(),
            "mean" => mean(of).axis(axis).keepdims().into(),
            _ => median(of).axis(axis).keepdims().into(),
        };
        if x.dtype().is_integer() { rint(value).astype(x.dtype()) } else { value.astype(x.dtype()) }
    }

    /// Mirrored at the last value as well as at its place: the border goes on as the array does, turned about its end.
    /// `skip` is 1 when the last entry does not come twice.
    #[track_caller]
    fn odd_mirrored(&self, x: &Array, axis: usize, skip: usize) -> Array {
        let (mut before, mut behind) = (self.widths[2 * axis] as usize, self.widths[2 * axis + 1] as usize);
        let mut x = x.clone();
        if x.shape()[axis] == 1 && skip == 1 {
            let places = vec![0; 1 + before + behind];
            return picked(&x, axis, &places);
        }
        while before + behind > 0 {
            let n = x.shape()[axis];
            let turned = |x: &Array, edge: usize, mut places: Vec<usize>| {
                places.reverse();
                2 * part(x, axis, edge, edge + 1) - picked(x, axis, &places)
            };
            let (front, back) = (before.min(n - skip), behind.min(n - skip));
            let first = turned(&x, 0, (skip..skip + front).collect());
            let last = turned(&x, n - 1, (n - skip - back..n - skip).collect());
            x = concatenate([first, x, last], axis as isize);
            (before, behind) = (before - front, behind - back);
        }
        x
    }
}

/// The place `k` of an axis that goes forth and back again every `period` places; `twice` is 1 when the ends come twice.
fn mirrored(k: i64, period: i64, n: i64, twice: i64) -> i64 {
    let k = k.rem_euclid(period);
    if k < n { k } else { (period - twice - k).min(n - 1) }
}
