//! Entries moved, repeated, cut out or put in: roll, rot90, repeat, pad, delete, insert, and axes exchanged.
//! Reshaping and joining are in `manipulate`, parts by slices in `index`.

use super::broadcast::strides;
use super::cast::elements;
use super::computed::Along;
use super::concatenate;
use super::folds::split;
use super::manipulate::{checked_axis, fitted};
use super::order::{flip, part};
use crate::array::{Array, with_data};
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

/// The entries at these places along an axis.
pub(super) fn picked(x: &Array, axis: usize, places: &[usize]) -> Array {
    let (outer, n, inner) = split(x.shape(), axis);
    let mut shape = x.shape().to_vec();
    shape[axis] = places.len();
    with_data!(x, v => {
        let mut out = Vec::with_capacity(outer * places.len() * inner);
        for o in 0..outer {
            for place in places {
                out.extend_from_slice(&v[(o * n + place) * inner..][..inner]);
            }
        }
        Array::new(out, &shape)
    })
}

/// The array itself with an axis, or all elements in one row.
pub(super) fn rows(x: &Array, axis: Option<usize>) -> (Array, usize) {
    match axis {
        Some(axis) => (x.clone(), axis),
        None => (x.flatten(), 0),
    }
}

/// `np.repeat(x, n)`: each element `n` times, in one vector, or along the axis that `.axis(0)` names; `n` may have a
/// number for each entry.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::repeat([1, 2], 2).to_string(), "[1 1 2 2]");
/// assert_eq!(np::repeat([[1, 2], [3, 4]], [1, 2]).axis(0).to_string(), "[[1 2]\n [3 4]\n [3 4]]");
/// ```
///
/// # Panics
/// `ValueError` when the numbers are negative or not as many as the entries.
#[track_caller]
pub fn repeat(x: impl ArrayLike, n: impl ArrayLike) -> Along {
    let times = n.to_array().to_vec::<i64>();
    if times.iter().any(|n| *n < 0) {
        Error::Value("negative dimensions are not allowed".into()).raise()
    }
    Along::new(x.to_array(), move |x, axis| {
        let (x, axis) = rows(x, axis);
        let n = x.shape()[axis];
        if times.len() != 1 && times.len() != n {
            Error::Value(format!("operands could not be broadcast together with shape ({n},) ({},)", times.len()))
                .raise()
        }
        let repeated = |place: usize| std::iter::repeat_n(place, times[place.min(times.len() - 1)] as usize);
        picked(&x, axis, &(0..n).flat_map(repeated).collect::<Vec<_>>())
    })
}

/// `np.roll(x, shift)`: moved on by so many places, the last ones coming first; over all elements, or along the axis
/// that `.axis(0)` names.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::roll([1, 2, 3, 4], 1).to_string(), "[4 1 2 3]");
/// assert_eq!(np::roll([[1, 2], [3, 4]], 1).axis(1).to_string(), "[[2 1]\n [4 3]]");
/// ```
pub fn roll(x: impl ArrayLike, shift: isize) -> Along {
    Along::new(x.to_array(), move |x, axis| {
        let (flat, along) = rows(x, axis);
        let n = flat.shape()[along] as isize;
        let places: Vec<usize> = (0..n).map(|k| (k - shift).rem_euclid(n) as usize).collect();
        picked(&flat, along, &places).reshape(x.shape())
    })
}

/// `np.fliplr(x)`: the columns in reverse order.
///
/// # Panics
/// `ValueError` for fewer than two axes.
#[track_caller]
pub fn fliplr(x: impl ArrayLike) -> Along {
    let x = x.to_array();
    if x.ndim() < 2 {
        Error::Value("Input must be >= 2-d.".into()).raise()
    }
    flip(x).axis(1)
}

/// `np.flipud(x)`: the rows in reverse order.
///
/// # Panics
/// `ValueError` for a scalar.
#[track_caller]
pub fn flipud(x: impl ArrayLike) -> Along {
    let x = x.to_array();
    if x.ndim() < 1 {
        Error::Value("Input must be >= 1-d.".into()).raise()
    }
    flip(x).axis(0)
}

/// `np.rot90(x, k)`: the first two axes turned `k` times by 90 degrees, from the first towards the second.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::rot90([[1, 2], [3, 4]], 1).to_string(), "[[2 4]\n [1 3]]");
/// ```
///
/// # Panics
/// `ValueError` for fewer than two axes.
#[track_caller]
pub fn rot90(x: impl ArrayLike, k: isize) -> Array {
    let x = x.to_array();
    if x.ndim() < 2 {
        Error::Value("Axes must be different.".into()).raise()
    }
    match k.rem_euclid(4) {
        0 => x,
        1 => flip(swapaxes(x, 0, 1)).axis(0).into(),
        2 => flip(flip(x).axis(0)).axis(1).into(),
        _ => swapaxes(flip(x).axis(0), 0, 1),
    }
}

/// `np.swapaxes(x, a, b)`: two axes exchanged.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::swapaxes(np::ones((2, 3, 4)), 0, 2).shape(), &[4, 3, 2]);
/// ```
///
/// # Panics
/// `AxisError` when there is no such axis.
#[track_caller]
pub fn swapaxes(x: impl ArrayLike, a: isize, b: isize) -> Array {
    let x = x.to_array();
    let (a, b) = (checked_axis(a, x.ndim()), checked_axis(b, x.ndim()));
    let mut axes: Vec<usize> = (0..x.ndim()).collect();
    axes.swap(a, b);
    x.transpose(&axes)
}

/// `np.moveaxis(x, source, destination)`: one axis at another place, the others in their order.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::moveaxis(np::ones((2, 3, 4)), 0, -1).shape(), &[3, 4, 2]);
/// ```
///
/// # Panics
/// `AxisError` when there is no such axis.
#[track_caller]
pub fn moveaxis(x: impl ArrayLike, source: isize, destination: isize) -> Array {
    let x = x.to_array();
    let (from, to) = (checked_axis(source, x.ndim()), checked_axis(destination, x.ndim()));
    let mut axes: Vec<usize> = (0..x.ndim()).filter(|axis| *axis != from).collect();
    axes.insert(to, from);
    x.transpose(&axes)
}

/// Places along an axis of `n` entries, counted from the front.
#[track_caller]
fn places(indices: &Array, n: usize) -> Vec<usize> {
    let size = n as isize;
    let place = |i: &i64| {
        let i = *i as isize;
        if i < -size || i >= size {
            panic!("IndexError: index {i} is out of bounds for axis 0 with size {n}");
        }
        i.rem_euclid(size.max(1)) as usize
    };
    elements::<i64>(indices).iter().map(place).collect()
}

/// `np.delete(x, indices)`: without these elements of the one vector of all, or these entries along the axis that
/// `.axis(0)` names.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::delete([1, 2, 3, 4], [0, -1]).to_string(), "[2 3]");
/// assert_eq!(np::delete([[1, 2], [3, 4]], 0).axis(1).to_string(), "[[2]\n [4]]");
/// ```
///
/// # Panics
/// `IndexError` when there is no such entry.
pub fn delete(x: impl ArrayLike, indices: impl ArrayLike) -> Along {
    let indices = indices.to_array();
    Along::new(x.to_array(), move |x, axis| {
        let (x, axis) = rows(x, axis);
        let n = x.shape()[axis];
        let gone = match indices.as_slice::<bool>() {
            Some(mask) => (0..n).filter(|k| mask.get(*k) == Some(&true)).collect(),
            None => places(&indices, n),
        };
        picked(&x, axis, &(0..n).filter(|k| !gone.contains(k)).collect::<Vec<_>>())
    })
}

/// `np.insert(x, index, values)`: with values before an element of the one vector of all, or before an entry along the
/// axis that `.axis(0)` names; several indices are those of `x` before anything is put in.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::insert([1, 2, 3], 1, [8, 9]).to_string(), "[1 8 9 2 3]");
/// assert_eq!(np::insert([1, 2, 3], [0, 2], [8, 9]).to_string(), "[8 1 2 9 3]");
/// assert_eq!(np::insert([[1, 2], [3, 4]], 1, 0).axis(1).to_string(), "[[1 0 2]\n [3 0 4]]");
/// ```
///
/// # Panics
/// `IndexError` when there is no such place, `ValueError` when the values do not fit.
pub fn insert(x: impl ArrayLike, index: impl ArrayLike, values: impl ArrayLike) -> Along {
    let (index, values) = (index.to_array(), values.to_array());
    Along::new(x.to_array(), move |x, axis| {
        let (x, axis) = rows(x, axis);
        let n = x.shape()[axis];
        let mut values = with_ndim(&values.astype(x.dtype()), x.ndim());
        if index.ndim() == 0 {
            values = moveaxis(values, 0, axis as isize);
        }
        let places: Vec<usize> = index.to_vec::<i64>().iter().map(|i| place_before(*i as isize, n, axis)).collect();
        let many = if places.len() == 1 { values.shape()[axis] } else { places.len() };
        let mut shape = x.shape().to_vec();
        shape[axis] = many;
        let values = fitted(values, &shape);
        // Entry k of the result, by the place it goes before; what is put in comes first.
        let new = (0..many).map(|k| (places[k.min(places.len() - 1)], 0, n + k));
        let mut order: Vec<(usize, u8, usize)> = new.chain((0..n).map(|k| (k, 1, k))).collect();
        order.sort_by_key(|(place, old, _)| (*place, *old));
        let from: Vec<usize> = order.into_iter().map(|(_, _, from)| from).collect();
        picked(&concatenate([x, values], axis as isize), axis, &from)
    })
}

/// The place before which something is put in, which may be the end.
#[track_caller]
fn place_before(index: isize, n: usize, axis: usize) -> usize {
    let place = if index < 0 { index + n as isize } else { index };
    if place < 0 || place > n as isize {
        panic!("IndexError: index {index} is out of bounds for axis {axis} with size {n}");
    }
    place as usize
}

/// With axes of size 1 in front, for at least so many.
fn with_ndim(x: &Array, ndim: usize) -> Array {
    let mut shape = vec![1; ndim.saturating_sub(x.ndim())];
    shape.extend_from_slice(x.shape());
    Array::from_data(x.data().clone(), &shape)
}

/// `np.resize(x, shape)`: the elements in another shape, from the start again when they run out.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::resize([1, 2, 3], (2, 2)).to_string(), "[[1 2]\n [3 1]]");
/// ```
#[track_caller]
pub fn resize(x: impl ArrayLike, shape: impl super::ShapeLike) -> Array {
    let (x, shape) = (x.to_array(), shape.shape());
    let n: usize = shape.iter().product();
    if x.is_empty() {
        return Array::zeros(x.dtype(), &shape);
    }
    with_data!(x, v => Array::new(v.iter().cloned().cycle().take(n).collect(), &shape))
}

/// `np.unravel_index(index, shape)`: where the element at a place in reading order stands along each axis.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::unravel_index(5, (2, 3)), [1, 2]);
/// ```
///
/// # Panics
/// `ValueError` when there is no such element.
#[track_caller]
pub fn unravel_index(index: usize, shape: impl super::ShapeLike) -> Vec<usize> {
    let shape = shape.shape();
    let size: usize = shape.iter().product();
    if index >= size {
        Error::Value(format!("index {index} is out of bounds for array with size {size}")).raise()
    }
    strides(&shape).iter().zip(&shape).map(|(step, n)| index / *step as usize % n).collect()
}

/// `np.ravel_multi_index(indices, shape)`: the place in reading order of an element, the reverse of [`unravel_index`].
///
/// # Panics
/// `ValueError` when there is no such element.
#[track_caller]
pub fn ravel_multi_index(indices: &[usize], shape: impl super::ShapeLike) -> usize {
    let shape = shape.shape();
    if indices.len() != shape.len() || indices.iter().zip(&shape).any(|(i, n)| i >= n) {
        Error::Value("invalid entry in coordinates array".into()).raise()
    }
    indices.iter().zip(&shape).fold(0, |at, (i, n)| at * n + i)
}

/// `np.trim_zeros(x)`: a vector without the zeros at its ends.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::trim_zeros([0, 0, 1, 0, 2, 0]).to_string(), "[1 0 2]");
/// ```
pub fn trim_zeros(x: impl ArrayLike) -> Array {
    let x = x.to_array().flatten();
    let full = x.astype(DType::Bool);
    let full = full.as_slice::<bool>().unwrap_or_default();
    let (first, last) = (full.iter().position(|f| *f), full.iter().rposition(|f| *f));
    part(&x, 0, first.unwrap_or(0), last.map_or(0, |last| last + 1))
}
