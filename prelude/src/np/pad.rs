//! `np.pad`: an array with borders around it.

use super::moves::picked;
use super::{broadcast_to, concatenate};
use crate::array::Array;
use crate::error::Error;
use crate::literal::ArrayLike;

/// `np.pad(x, width, mode)`: with so many entries before and behind along each axis. `width` is one number, a pair
/// `[before, behind]` for every axis, or a pair for each. The modes: `"constant"` (zeros), `"edge"` (the last entry),
/// `"reflect"` (mirrored at the last entry), `"symmetric"` (mirrored behind it), `"wrap"` (from the other end).
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::pad([1, 2, 3], [2, 1], "constant").to_string(), "[0 0 1 2 3 0]");
/// assert_eq!(np::pad([1, 2, 3], 2, "reflect").to_string(), "[3 2 1 2 3 2 1]");
/// ```
///
/// # Panics
/// `ValueError` for another mode, a negative width, or widths that do not fit the axes.
#[track_caller]
pub fn pad(x: impl ArrayLike, width: impl ArrayLike, mode: &str) -> Array {
    let mut x = x.to_array();
    let widths = broadcast_to(width, (x.ndim(), 2)).to_vec::<i64>();
    if widths.iter().any(|w| *w < 0) {
        Error::Value("index can't contain negative values".into()).raise()
    }
    for axis in 0..x.ndim() {
        let (before, behind) = (widths[2 * axis], widths[2 * axis + 1]);
        let n = x.shape()[axis] as i64;
        if mode == "constant" {
            x = with_zeros(&x, axis, before as usize, behind as usize);
            continue;
        }
        if n == 0 && before + behind > 0 {
            Error::Value(format!("can't extend empty axis {axis} using modes other than 'constant' or 'empty'")).raise()
        }
        let place: fn(i64, i64) -> i64 = match mode {
            "edge" => |k, n| k.clamp(0, n - 1),
            "reflect" => |k, n| mirrored(k, (n - 1).max(1) * 2, n, 0),
            "symmetric" => |k, n| mirrored(k, n * 2, n, 1),
            "wrap" => |k, n| k.rem_euclid(n),
            _ => Error::Value(format!("mode '{mode}' is not supported")).raise(),
        };
        let places: Vec<usize> = (-before..n + behind).map(|k| place(k, n) as usize).collect();
        x = picked(&x, axis, &places);
    }
    x
}

/// The place `k` of an axis that goes forth and back again every `period` places; `twice` is 1 when the ends come twice.
fn mirrored(k: i64, period: i64, n: i64, twice: i64) -> i64 {
    let k = k.rem_euclid(period);
    if k < n { k } else { (period - twice - k).min(n - 1) }
}

fn with_zeros(x: &Array, axis: usize, before: usize, behind: usize) -> Array {
    let zeros = |n: usize| {
        let mut shape = x.shape().to_vec();
        shape[axis] = n;
        Array::zeros(x.dtype(), &shape)
    };
    concatenate([zeros(before), x.clone(), zeros(behind)], axis as isize)
}
