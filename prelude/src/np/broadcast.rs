//! Loops over arrays of different shapes: NumPy's broadcasting, and strided copies.
//! Nothing here knows what is computed.

use crate::error::Error;
use crate::format::shape_message;

/// The common shape of two shapes.
#[track_caller]
pub(super) fn common_shape(a: &[usize], b: &[usize]) -> Vec<usize> {
    let rank = a.len().max(b.len());
    let size = |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |i| shape[i]);
    let mut shape = Vec::with_capacity(rank);
    for axis in 0..rank {
        match (size(a, axis), size(b, axis)) {
            (x, y) if x == y => shape.push(x),
            (1, n) | (n, 1) => shape.push(n),
            _ => mismatch(a, b),
        }
    }
    shape
}

#[track_caller]
fn mismatch(a: &[usize], b: &[usize]) -> ! {
    Error::Value(format!(
        "operands could not be broadcast together with shapes {} {}",
        shape_message(a),
        shape_message(b),
    ))
    .raise()
}

/// Steps, in elements, of a row-by-row array.
pub(super) fn strides(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis] as isize;
    }
    strides
}

/// Steps of an array of shape `from` read as if it had the shape `to`: 0 along repeated axes.
pub(super) fn repeated_strides(from: &[usize], to: &[usize]) -> Vec<isize> {
    let added = to.len() - from.len();
    let own = strides(from).into_iter().zip(from).map(|(step, size)| if *size == 1 { 0 } else { step });
    std::iter::repeat_n(0, added).chain(own).collect()
}

/// Calls `row` with the offset of each innermost row of `N` arrays walked together.
fn each_row<const N: usize>(outer: &[usize], strides: &[Vec<isize>; N], mut row: impl FnMut([isize; N])) {
    let mut index = vec![0; outer.len()];
    let mut at = [0isize; N];
    loop {
        row(at);
        let Some(axis) = (0..outer.len()).rev().find(|&axis| index[axis] + 1 < outer[axis]) else { return };
        for reset in axis + 1..outer.len() {
            for (at, strides) in at.iter_mut().zip(strides) {
                *at -= index[reset] as isize * strides[reset];
            }
            index[reset] = 0;
        }
        index[axis] += 1;
        for (at, strides) in at.iter_mut().zip(strides) {
            *at += strides[axis];
        }
    }
}

/// Applies `f` to each pair of elements, repeating what is shorter; the result has shape [`common_shape`].
pub(super) fn zip_with<T: Copy, U>(
    a: (&[T], &[usize]),
    b: (&[T], &[usize]),
    shape: &[usize],
    f: impl Fn(T, T) -> U,
) -> Vec<U> {
    let ((a, a_shape), (b, b_shape)) = (a, b);
    if a_shape == b_shape {
        return a.iter().zip(b).map(|(x, y)| f(*x, *y)).collect();
    }
    if let ([y], true) = (b, shape == a_shape) {
        return a.iter().map(|x| f(*x, *y)).collect();
    }
    if let ([x], true) = (a, shape == b_shape) {
        return b.iter().map(|y| f(*x, *y)).collect();
    }
    let total = shape.iter().product();
    let mut out = Vec::with_capacity(total);
    let (Some((&n, outer)), true) = (shape.split_last(), total > 0) else { return out };
    let steps = [repeated_strides(a_shape, shape), repeated_strides(b_shape, shape)];
    let repeats = steps.each_ref().map(|s| s[outer.len()] == 0);
    each_row(outer, &steps, |[i, j]| {
        let (i, j) = (i as usize, j as usize);
        match repeats {
            [false, false] => out.extend(a[i..i + n].iter().zip(&b[j..j + n]).map(|(x, y)| f(*x, *y))),
            [false, true] => out.extend(a[i..i + n].iter().map(|x| f(*x, b[j]))),
            [true, false] => out.extend(b[j..j + n].iter().map(|y| f(a[i], *y))),
            [true, true] => out.extend((0..n).map(|_| f(a[i], b[j]))),
        }
    });
    out
}

/// Copies the elements of a strided view in order.
pub(super) fn gather<T: Clone>(elements: &[T], start: isize, sizes: &[usize], strides: &[isize]) -> Vec<T> {
    let total = sizes.iter().product();
    let mut out = Vec::with_capacity(total);
    if total == 0 {
        return out;
    }
    let Some((&n, outer)) = sizes.split_last() else { return vec![elements[start as usize].clone()] };
    let step = strides[outer.len()];
    each_row(outer, &[strides.to_vec()], |[at]| {
        let first = start + at;
        if step == 1 {
            out.extend_from_slice(&elements[first as usize..first as usize + n]);
        } else {
            out.extend((0..n as isize).map(|i| elements[(first + i * step) as usize].clone()));
        }
    });
    out
}
