//! Arrays made by repeating others, and axes of size one: grids of coordinates, tiles, outer products.

use super::computed::Along;
use super::joins::Pieces;
use super::manipulate::checked_axis;
use super::operators::multiply;
use super::order::part;
use super::{broadcast_to, concatenate};
use crate::array::Array;
use crate::error::Error;
use crate::format::shape_message;
use crate::literal::ArrayLike;

/// `np.meshgrid(x, y)`: the x and the y of every point of a grid, as matrices with a row for each y.
///
/// ```
/// use flowbook::np;
/// let (x, y) = np::meshgrid([1, 2, 3], [10, 20]);
/// assert_eq!(x.to_string(), "[[1 2 3]\n [1 2 3]]");
/// assert_eq!(y.to_string(), "[[10 10 10]\n [20 20 20]]");
/// ```
pub fn meshgrid(x: impl ArrayLike, y: impl ArrayLike) -> (Array, Array) {
    let (x, y) = (x.to_array().flatten(), y.to_array().flatten());
    let shape = [y.len(), x.len()];
    let columns = y.reshape([y.len() as i64, 1]);
    (broadcast_to(&x, shape), broadcast_to(&columns, shape))
}

/// `np.meshgrid(x, y, indexing='ij')`: the x and the y of every point of a grid, as matrices with a row for each x.
///
/// ```
/// use flowbook::np;
/// let (x, y) = np::meshgrid_ij([1, 2, 3], [10, 20]);
/// assert_eq!(x.to_string(), "[[1 1]\n [2 2]\n [3 3]]");
/// assert_eq!(y.shape(), &[3, 2]);
/// ```
pub fn meshgrid_ij(x: impl ArrayLike, y: impl ArrayLike) -> (Array, Array) {
    let (x, y) = meshgrid(x, y);
    (x.t(), y.t())
}

/// `np.meshgrid(x, y, sparse=True)`: the x as a row and the y as a column, which broadcast to the grid.
///
/// ```
/// use flowbook::np;
/// let (x, y) = np::meshgrid_sparse([1, 2, 3], [10, 20]);
/// assert_eq!((&x + &y).to_string(), "[[11 12 13]\n [21 22 23]]");
/// ```
pub fn meshgrid_sparse(x: impl ArrayLike, y: impl ArrayLike) -> (Array, Array) {
    (x.to_array().reshape((1, -1)), y.to_array().reshape((-1, 1)))
}

/// `np.mgrid[0:2, 0:3]`: the coordinates of every point of a grid, stacked: first those along the first axis.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::mgrid((0..2, 0..3)).to_string(), "[[[0 0 0]\n  [1 1 1]]\n\n [[0 1 2]\n  [0 1 2]]]");
/// ```
#[track_caller]
pub fn mgrid(axes: impl Pieces) -> Array {
    match &axes.pieces()[..] {
        [only] => only.clone(),
        axes => coordinates(axes),
    }
}

/// For each axis the coordinates of every point along it, stacked.
fn coordinates(axes: &[Array]) -> Array {
    let shape: Vec<usize> = axes.iter().map(Array::len).collect();
    let along = |(axis, values): (usize, &Array)| {
        let mut sizes = vec![1; shape.len()];
        sizes[axis] = shape[axis];
        broadcast_to(values.reshape(sizes), &shape)
    };
    super::stack(axes.iter().enumerate().map(along), 0)
}

/// `np.outer(x, y)`: the product of every element of `x` with every element of `y`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::outer([1, 2], [3, 4]).to_string(), "[[3 4]\n [6 8]]");
/// ```
pub fn outer(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    let (x, y) = (x.to_array(), y.to_array().flatten());
    multiply(x.reshape([x.len() as i64, 1]), &y)
}

/// `np.expand_dims(x, axis)`: a new axis of size 1 at this place.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::expand_dims([1, 2, 3], 1).shape(), &[3, 1]);
/// ```
///
/// # Panics
/// `AxisError` when there is no such place.
#[track_caller]
pub fn expand_dims(x: impl ArrayLike, axis: isize) -> Array {
    let x = x.to_array();
    let mut shape = x.shape().to_vec();
    shape.insert(checked_axis(axis, x.ndim() + 1), 1);
    Array::from_data(x.data().clone(), &shape)
}

/// `np.squeeze(x)`: without the axes of size 1, or without the one that `.axis(0)` names.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::squeeze([[[1], [2]]]).shape(), &[2]);
/// assert_eq!(np::squeeze([[[1], [2]]]).axis(0).shape(), &[2, 1]);
/// ```
///
/// # Panics
/// `ValueError` when the axis named has another size.
pub fn squeeze(x: impl ArrayLike) -> Along {
    Along::new(x.to_array(), |x, axis| {
        if axis.is_some_and(|axis| x.shape()[axis] != 1) {
            Error::Value("cannot select an axis to squeeze out which has size not equal to one".into()).raise()
        }
        let drop = |d: usize, n: usize| axis.map_or(n == 1, |axis| axis == d);
        let sizes = x.shape().iter().enumerate().filter(|(d, n)| !drop(*d, **n)).map(|(_, n)| *n);
        Array::from_data(x.data().clone(), &sizes.collect::<Vec<_>>())
    })
}

/// `np.tile(x, reps)`: the whole array one after the other, so many times along each axis; one number goes along the
/// last.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::tile([1, 2], 2).to_string(), "[1 2 1 2]");
/// assert_eq!(np::tile([1, 2], [2, 1]).to_string(), "[[1 2]\n [1 2]]");
/// ```
pub fn tile(x: impl ArrayLike, reps: impl super::ShapeLike) -> Array {
    let (mut x, reps) = (x.to_array(), reps.shape());
    let ndim = x.ndim().max(reps.len());
    let missing = |n: usize| std::iter::repeat_n(1, ndim - n);
    let shape: Vec<usize> = missing(x.ndim()).chain(x.shape().iter().copied()).collect();
    x = Array::from_data(x.data().clone(), &shape);
    let reps: Vec<usize> = missing(reps.len()).chain(reps.iter().copied()).collect();
    for (axis, times) in reps.into_iter().enumerate().rev() {
        x = match times {
            0 => {
                let mut shape = x.shape().to_vec();
                shape[axis] = 0;
                super::zeros(shape).astype(x.dtype())
            }
            _ => concatenate(std::iter::repeat_n(&x, times), axis as isize),
        };
    }
    x
}

/// Where an axis is cut: into so many parts, or before each of these indices.
pub trait Sections {
    #[doc(hidden)]
    fn cuts(&self, n: usize) -> Cuts;
}

/// The bounds of the parts, and whether they are equal parts that come out even.
#[doc(hidden)]
pub struct Cuts {
    bounds: Vec<(usize, usize)>,
    even: bool,
}

macro_rules! counts {
    ($($t:ty),*) => { $(
        impl Sections for $t {
            #[track_caller]
            fn cuts(&self, n: usize) -> Cuts {
                let parts = usize::try_from(*self).unwrap_or(0);
                if parts == 0 {
                    Error::Value("number sections must be larger than 0.".into()).raise()
                }
                let (size, longer) = (n / parts, n % parts);
                let start = |k: usize| k * size + k.min(longer);
                Cuts { bounds: (0..parts).map(|k| (start(k), start(k + 1))).collect(), even: longer == 0 }
            }
        }
    )* };
}
counts!(usize, i32);

macro_rules! places {
    ($([$($n:tt)*] $t:ty),*) => { $(
        impl<$($n)*> Sections for $t {
            fn cuts(&self, n: usize) -> Cuts {
                let size = n as i32;
                let place = |at: &i32| if *at < 0 { at + size } else { *at }.clamp(0, size) as usize;
                let starts: Vec<usize> = [0].into_iter().chain(self.iter().map(place)).collect();
                let ends = starts[1..].iter().copied().chain([n]);
                Cuts { bounds: starts.iter().zip(ends).map(|(start, end)| (*start, end.max(*start))).collect(), even: true }
            }
        }
    )* };
}
places!([const N: usize] [i32; N], [] Vec<i32>, [] &[i32]);

#[track_caller]
fn cut(x: Array, sections: impl Sections, axis: isize, even: bool) -> Vec<Array> {
    if x.ndim() == 0 {
        Error::Value(format!("an array of shape {} has no axis to split", shape_message(x.shape()))).raise()
    }
    let axis = checked_axis(axis, x.ndim());
    let cuts = sections.cuts(x.shape()[axis]);
    if even && !cuts.even {
        Error::Value("array split does not result in an equal division".into()).raise()
    }
    cuts.bounds.into_iter().map(|(start, end)| part(&x, axis, start, end)).collect()
}

/// `np.split(x, sections)`: so many equal parts along the first axis, or the parts between these indices.
///
/// ```
/// use flowbook::np;
/// let parts = np::split(0..6, 3);
/// assert_eq!(parts[1].to_string(), "[2 3]");
/// assert_eq!(np::split(0..6, [1, 4])[1].to_string(), "[1 2 3]");
/// ```
///
/// # Panics
/// `ValueError` when the parts would not be equal, or `x` is a scalar.
#[track_caller]
pub fn split(x: impl ArrayLike, sections: impl Sections) -> Vec<Array> {
    cut(x.to_array(), sections, 0, true)
}

/// `np.array_split(x, sections)`: as [`split`], the first parts one longer when they do not come out even.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::array_split(0..5, 2)[0].to_string(), "[0 1 2]");
/// ```
///
/// # Panics
/// `ValueError` when `x` is a scalar.
#[track_caller]
pub fn array_split(x: impl ArrayLike, sections: impl Sections) -> Vec<Array> {
    cut(x.to_array(), sections, 0, false)
}

/// `np.vsplit(x, sections)`: rows apart, as [`split`].
///
/// # Panics
/// `ValueError` when the parts would not be equal.
#[track_caller]
pub fn vsplit(x: impl ArrayLike, sections: impl Sections) -> Vec<Array> {
    cut(x.to_array(), sections, 0, true)
}

/// `np.hsplit(x, sections)`: columns apart; of a vector as [`split`].
///
/// # Panics
/// `ValueError` when the parts would not be equal.
#[track_caller]
pub fn hsplit(x: impl ArrayLike, sections: impl Sections) -> Vec<Array> {
    let x = x.to_array();
    let axis = isize::from(x.ndim() > 1);
    cut(x, sections, axis, true)
}

/// `np.dsplit(x, sections)`: apart along the third axis, as [`split`].
///
/// # Panics
/// `ValueError` when the parts would not be equal or there are fewer than three axes.
#[track_caller]
pub fn dsplit(x: impl ArrayLike, sections: impl Sections) -> Vec<Array> {
    let x = x.to_array();
    if x.ndim() < 3 {
        Error::Value("dsplit only works on arrays of 3 or more dimensions".into()).raise()
    }
    cut(x, sections, 2, true)
}

/// `np.broadcast_arrays(x, y)`: both in their common shape.
///
/// # Panics
/// `ValueError` when the shapes do not fit.
#[track_caller]
pub fn broadcast_arrays(x: impl ArrayLike, y: impl ArrayLike) -> (Array, Array) {
    let (x, y) = (x.to_array(), y.to_array());
    let shape = super::broadcast::common_shape(x.shape(), y.shape());
    (broadcast_to(&x, &shape), broadcast_to(&y, &shape))
}

/// `np.indices(shape)`: for each axis an array of that shape with the indices along it, stacked.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::indices((2, 2)).to_string(), "[[[0 0]\n  [1 1]]\n\n [[0 1]\n  [0 1]]]");
/// ```
#[track_caller]
pub fn indices(shape: impl super::ShapeLike) -> Array {
    let axes: Vec<Array> = shape.shape().iter().map(|n| super::array(0..*n as i32)).collect();
    coordinates(&axes)
}
