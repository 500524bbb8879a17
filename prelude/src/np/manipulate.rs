//! The same elements in another arrangement: reshape, transpose, concatenate, stack, repeat.

use super::broadcast::{gather, repeated_strides, strides};
use super::cast::promote;
use super::shape_like::ShapeLike;
use crate::array::{Array, with_data};
use crate::dtype::Element;
use crate::error::Error;
use crate::format::shape_message;
use crate::literal::ArrayLike;

/// `np.reshape(x, shape)`; one size may be -1 and is worked out.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::reshape(np::zeros((2, 2)), (1, 4)).to_string(), "[[0. 0. 0. 0.]]");
/// assert_eq!(np::reshape(0..6, (-1, 2)).shape(), &[3, 2]);
/// ```
///
/// # Panics
/// `ValueError` when the numbers of elements differ.
#[track_caller]
pub fn reshape(x: impl ArrayLike, shape: impl ShapeLike) -> Array {
    x.to_array().reshape(shape)
}

/// `np.transpose(x)`: the axes in reverse order; also `x.t()`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::transpose([[1, 2, 3], [4, 5, 6]]).to_string(), "[[1 4]\n [2 5]\n [3 6]]");
/// ```
pub fn transpose(x: impl ArrayLike) -> Array {
    x.to_array().t()
}

/// `np.broadcast_to(x, shape)`: repeats `x` along missing axes and axes of size 1.
///
/// # Panics
/// `ValueError` when the shapes do not fit.
#[track_caller]
pub fn broadcast_to(x: impl ArrayLike, shape: impl ShapeLike) -> Array {
    let (x, shape) = (x.to_array(), shape.shape());
    match repeated(&x, &shape) {
        Some(array) => array,
        None => Error::Value(format!(
            "operands could not be broadcast together with remapped shapes [original->remapped]: {}  and requested \
             shape {}",
            shape_message(x.shape()),
            shape_message(&shape),
        ))
        .raise(),
    }
}

/// A value in the shape of what it is written into; axes of size 1 in front do not count.
#[track_caller]
pub(super) fn fitted(x: Array, shape: &[usize]) -> Array {
    let extra = x.ndim().saturating_sub(shape.len());
    let ones = x.shape()[..extra].iter().all(|n| *n == 1);
    let inner = if ones { Array::from_data(x.data().clone(), &x.shape()[extra..]) } else { x.clone() };
    match repeated(&inner, shape) {
        Some(array) => array,
        None => Error::Value(format!(
            "could not broadcast input array from shape {} into shape {}",
            shape_message(x.shape()),
            shape_message(shape),
        ))
        .raise(),
    }
}

/// The array repeated to fill a shape, if it fits.
fn repeated(x: &Array, shape: &[usize]) -> Option<Array> {
    if x.shape() == shape {
        return Some(x.clone());
    }
    let fits = x.ndim() <= shape.len()
        && x.shape().iter().rev().zip(shape.iter().rev()).all(|(from, to)| from == to || *from == 1);
    let steps = fits.then(|| repeated_strides(x.shape(), shape))?;
    Some(with_data!(x, v => Array::new(gather(v, 0, shape, &steps), shape)))
}

impl Array {
    /// `x.reshape(shape)`: see [`reshape`].
    ///
    /// # Panics
    /// `ValueError` when the numbers of elements differ.
    #[track_caller]
    pub fn reshape(&self, shape: impl ShapeLike) -> Array {
        let sizes = shape.sizes();
        let known: usize = sizes.iter().filter(|size| **size >= 0).map(|size| *size as usize).product();
        let unknown = sizes.iter().filter(|size| **size < 0).count();
        if unknown > 1 {
            Error::Value("can only specify one unknown dimension".into()).raise()
        }
        if unknown == 1 && (known == 0 || !self.len().is_multiple_of(known)) {
            let sizes: Vec<String> =
                sizes.iter().map(|size| if *size < 0 { "newaxis".into() } else { size.to_string() }).collect();
            let comma = if sizes.len() == 1 { "," } else { "" };
            Error::Value(format!("cannot reshape array of size {} into shape ({}{comma})", self.len(), sizes.join(",")))
                .raise()
        }
        let left = self.len() / known.max(1);
        let sizes: Vec<usize> = sizes.iter().map(|size| if *size < 0 { left } else { *size as usize }).collect();
        match self.reshaped(&sizes) {
            Ok(array) => array,
            Err(error) => error.raise(),
        }
    }

    /// `x.flatten()`: the elements in one row.
    pub fn flatten(&self) -> Array {
        Array::from_data(self.data().clone(), &[self.len()])
    }

    /// `x.ravel()`: the elements in one row.
    pub fn ravel(&self) -> Array {
        self.flatten()
    }

    /// `x.copy()`: an array of its own. A clone shares the elements until one of the two is written to.
    pub fn copy(&self) -> Array {
        self.clone()
    }

    /// `x.size`: the number of elements.
    pub fn size(&self) -> usize {
        self.len()
    }

    /// `x.T`: the axes in reverse order.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::array([[1, 2], [3, 4]]).t().to_string(), "[[1 3]\n [2 4]]");
    /// ```
    pub fn t(&self) -> Array {
        if self.ndim() < 2 {
            return self.clone();
        }
        let axes: Vec<usize> = (0..self.ndim()).rev().collect();
        self.permuted(&axes)
    }

    /// `x.transpose(axes)`: the axes in the order given.
    ///
    /// # Panics
    /// `ValueError` when `axes` is no permutation of the axes.
    #[track_caller]
    pub fn transpose(&self, axes: &[usize]) -> Array {
        let mut sorted = axes.to_vec();
        sorted.sort_unstable();
        if axes.len() != self.ndim() {
            Error::Value("axes don't match array".into()).raise()
        }
        if !sorted.iter().copied().eq(0..self.ndim()) {
            Error::Value("repeated axis in transpose".into()).raise()
        }
        self.permuted(axes)
    }

    fn permuted(&self, axes: &[usize]) -> Array {
        let own = strides(self.shape());
        let steps: Vec<isize> = axes.iter().map(|axis| own[*axis]).collect();
        let shape: Vec<usize> = axes.iter().map(|axis| self.shape()[*axis]).collect();
        with_data!(self, v => Array::new(gather(v, 0, &shape, &steps), &shape))
    }
}

/// `np.concatenate(arrays, axis)`: one after the other along an axis they have.
///
/// ```
/// use flowbook::np;
/// let (a, b) = (np::array([[1, 2]]), np::array([[3, 4]]));
/// assert_eq!(np::concatenate([&a, &b], 0).to_string(), "[[1 2]\n [3 4]]");
/// assert_eq!(np::concatenate([&a, &b], 1).to_string(), "[[1 2 3 4]]");
/// ```
///
/// # Panics
/// `ValueError` when the other axes differ.
#[track_caller]
pub fn concatenate<T: ArrayLike>(arrays: impl IntoIterator<Item = T>, axis: isize) -> Array {
    let mut arrays: Vec<Array> = arrays.into_iter().map(|a| a.to_array()).collect();
    let Some(first) = arrays.first() else { Error::Value("need at least one array to concatenate".into()).raise() };
    let axis = checked_axis(axis, first.ndim());
    check_parts(&arrays, axis);
    let mut dtype = first.dtype();
    for array in &arrays {
        dtype = promote(dtype, array.dtype());
    }
    let mut shape = first.shape().to_vec();
    shape[axis] = arrays.iter().map(|a| a.shape()[axis]).sum();
    arrays.iter_mut().for_each(|a| *a = a.astype(dtype));
    with_data!(arrays[0], v => joined(v, &arrays, &shape, axis))
}

/// `_witness` only carries the element type out of `with_data!`.
fn joined<T: Element>(_witness: &[T], arrays: &[Array], shape: &[usize], axis: usize) -> Array {
    let parts: Vec<(&[T], usize)> = arrays
        .iter()
        .map(|a| (a.as_slice::<T>().expect("converted to one type"), a.shape()[axis..].iter().product()))
        .collect();
    let outer: usize = shape[..axis].iter().product();
    let mut all = Vec::with_capacity(shape.iter().product());
    for i in 0..outer {
        for (part, run) in &parts {
            all.extend_from_slice(&part[i * run..(i + 1) * run]);
        }
    }
    Array::new(all, shape)
}

#[track_caller]
fn check_parts(arrays: &[Array], axis: usize) {
    let first = arrays[0].shape();
    for (i, array) in arrays.iter().enumerate() {
        let shape = array.shape();
        if shape.len() != first.len() {
            Error::Value(format!(
                "all the input arrays must have same number of dimensions, but the array at index 0 has {} \
                 dimension(s) and the array at index {i} has {} dimension(s)",
                first.len(),
                shape.len(),
            ))
            .raise()
        }
        if let Some(odd) = (0..shape.len()).find(|d| *d != axis && shape[*d] != first[*d]) {
            Error::Value(format!(
                "all the input array dimensions except for the concatenation axis must match exactly, but along \
                 dimension {odd}, the array at index 0 has size {} and the array at index {i} has size {}",
                first[odd], shape[odd],
            ))
            .raise()
        }
    }
}

/// `np.stack(arrays, axis)`: side by side along a new axis.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::stack([[1, 2], [3, 4]], 1).to_string(), "[[1 3]\n [2 4]]");
/// ```
///
/// # Panics
/// `ValueError` when the shapes differ.
#[track_caller]
pub fn stack<T: ArrayLike>(arrays: impl IntoIterator<Item = T>, axis: isize) -> Array {
    let arrays: Vec<Array> = arrays.into_iter().map(|a| a.to_array()).collect();
    let Some(first) = arrays.first() else { Error::Value("need at least one array to stack".into()).raise() };
    if arrays.iter().any(|a| a.shape() != first.shape()) {
        Error::Value("all input arrays must have the same shape".into()).raise()
    }
    let axis = checked_axis(axis, first.ndim() + 1);
    let mut shape = first.shape().to_vec();
    shape.insert(axis, 1);
    concatenate(arrays.iter().map(|a| Array::from_data(a.data().clone(), &shape)), axis as isize)
}

/// `np.vstack(arrays)`: below one another; a vector counts as a row.
#[track_caller]
pub fn vstack<T: ArrayLike>(arrays: impl IntoIterator<Item = T>) -> Array {
    let rows = arrays.into_iter().map(|a| a.to_array());
    concatenate(rows.map(|a| if a.ndim() < 2 { Array::from_data(a.data().clone(), &[1, a.len()]) } else { a }), 0)
}

/// `np.hstack(arrays)`: side by side; vectors one after the other.
#[track_caller]
pub fn hstack<T: ArrayLike>(arrays: impl IntoIterator<Item = T>) -> Array {
    let parts: Vec<Array> = arrays.into_iter().map(|a| a.to_array()).collect();
    let axis = isize::from(parts.first().is_some_and(|a| a.ndim() > 1));
    concatenate(parts.iter().map(|a| if a.ndim() == 0 { a.flatten() } else { a.clone() }), axis)
}

/// `np.dstack(arrays)`: behind one another, along a third axis.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::dstack([[1, 2], [3, 4]]).to_string(), "[[[1 3]\n  [2 4]]]");
/// ```
#[track_caller]
pub fn dstack<T: ArrayLike>(arrays: impl IntoIterator<Item = T>) -> Array {
    concatenate(arrays.into_iter().map(|a| atleast_3d(a.to_array())), 2)
}

/// `np.column_stack(arrays)`: vectors as the columns of a matrix.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::column_stack([[1, 2], [3, 4]]).to_string(), "[[1 3]\n [2 4]]");
/// ```
#[track_caller]
pub fn column_stack<T: ArrayLike>(arrays: impl IntoIterator<Item = T>) -> Array {
    let columns = arrays.into_iter().map(|a| a.to_array());
    concatenate(columns.map(|a| if a.ndim() < 2 { Array::from_data(a.data().clone(), &[a.len(), 1]) } else { a }), 1)
}

/// `np.ravel(x)`: the elements in one row.
pub fn ravel(x: impl ArrayLike) -> Array {
    x.to_array().flatten()
}

/// `np.atleast_1d(x)`: a scalar as a vector of one.
pub fn atleast_1d(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    if x.ndim() > 0 { x } else { x.flatten() }
}

/// `np.atleast_2d(x)`: a vector as a row.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::atleast_2d([1, 2]).shape(), &[1, 2]);
/// ```
pub fn atleast_2d(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    if x.ndim() > 1 { x } else { Array::from_data(x.data().clone(), &[1, x.len()]) }
}

/// `np.atleast_3d(x)`: a vector of n as 1 by n by 1, a matrix with a last axis of size 1.
pub fn atleast_3d(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    match *x.shape() {
        [] => Array::from_data(x.data().clone(), &[1, 1, 1]),
        [n] => Array::from_data(x.data().clone(), &[1, n, 1]),
        [n, m] => Array::from_data(x.data().clone(), &[n, m, 1]),
        _ => x,
    }
}

/// The axis counted from the front.
#[track_caller]
pub(super) fn checked_axis(axis: isize, ndim: usize) -> usize {
    let from_front = if axis < 0 { axis + ndim as isize } else { axis };
    if from_front < 0 || from_front >= ndim as isize {
        panic!("AxisError: axis {axis} is out of bounds for array of dimension {ndim}");
    }
    from_front as usize
}
