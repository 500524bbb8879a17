//! Parts of an array, read and written: slices, masks, arrays of indices. Rows and single elements are in `index`.

use ndarray::{Dimension, SliceInfo, SliceInfoElem};

use super::broadcast::{common_shape, gather, strides};
use super::cast::elements;
use super::choose::Nonzero;
use super::manipulate::broadcast_to;
use crate::array::{Array, with_data};
use crate::dtype::{DType, Element};
use crate::literal::ArrayLike;

/// What is kept of one axis: where it begins, how many elements, and how far apart.
struct Kept {
    start: isize,
    count: usize,
    step: isize,
}

/// Which elements make a part, and its shape.
#[doc(hidden)]
pub enum Places {
    View { start: isize, shape: Vec<usize>, steps: Vec<isize> },
    List { at: Vec<usize>, shape: Vec<usize> },
}

/// What stands in brackets behind an array in Python: a slice from `s!`, a mask, indices of rows, one array of indices
/// for each axis.
pub trait Part {
    #[doc(hidden)]
    fn places(&self, array: &Array) -> Places;
}

macro_rules! slices {
    ($([$($generics:tt)*] $t:ty),* $(,)?) => { $(
        impl<$($generics)*> Part for $t {
            #[track_caller]
            fn places(&self, array: &Array) -> Places {
                view(array, self.as_ref())
            }
        }
    )* };
}
slices! {
    [T: AsRef<[SliceInfoElem]>, A: Dimension, B: Dimension] SliceInfo<T, A, B>,
    [T: AsRef<[SliceInfoElem]>, A: Dimension, B: Dimension] &SliceInfo<T, A, B>,
    [] &[SliceInfoElem],
    [] Vec<SliceInfoElem>,
}

macro_rules! arrays {
    ($([$($generics:tt)*] $t:ty),* $(,)?) => { $(
        impl<$($generics)*> Part for $t {
            #[track_caller]
            fn places(&self, array: &Array) -> Places {
                listed(array, &[self.to_array()])
            }
        }
    )* };
}
arrays! {
    [] Array, [] &Array,
    [T: ArrayLike, const N: usize] [T; N], [T: ArrayLike] Vec<T>, [T: ArrayLike] &[T], [T: ArrayLike] &Vec<T>,
}

impl Part for Nonzero {
    #[track_caller]
    fn places(&self, array: &Array) -> Places {
        listed(array, self)
    }
}

impl Part for &Nonzero {
    #[track_caller]
    fn places(&self, array: &Array) -> Places {
        listed(array, self)
    }
}

impl<A: ArrayLike, B: ArrayLike> Part for (A, B) {
    #[track_caller]
    fn places(&self, array: &Array) -> Places {
        listed(array, &[self.0.to_array(), self.1.to_array()])
    }
}

impl<A: ArrayLike, B: ArrayLike, C: ArrayLike> Part for (A, B, C) {
    #[track_caller]
    fn places(&self, array: &Array) -> Places {
        listed(array, &[self.0.to_array(), self.1.to_array(), self.2.to_array()])
    }
}

impl Array {
    /// A part of the array: `x.slice(s![.., 0..-1])` is Python's `x[:, 0:-1]`, `x.slice(&mask)` is `x[mask]`.
    ///
    /// `s!` is ndarray's macro: numbers drop their axis, `a..b` keeps a range and negative bounds count from the end,
    /// `..;2` steps, `NewAxis` adds an axis. Bounds past the end are cut, axes not named are kept. An array of booleans
    /// keeps what it marks; integers name rows, repeats allowed, and a tuple of them names an index along each axis.
    ///
    /// ```
    /// use flowbook::{np, s};
    /// let x = np::array([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.slice(s![.., 0..-1]).to_string(), "[[1 2]\n [4 5]]");
    /// assert_eq!(x.slice(s![.., -1]).to_string(), "[3 6]");
    /// assert_eq!(x.slice(s![1, ..;2]).to_string(), "[4 6]");
    /// assert_eq!(x.slice(np::greater(&x, 2)).to_string(), "[3 4 5 6]"); // x[x > 2]
    /// assert_eq!(x.slice(([0, 1], [2, 0])).to_string(), "[3 4]"); // x[[0, 1], [2, 0]]
    /// ```
    ///
    /// # Panics
    /// `IndexError` for an index out of bounds, too many of them, or a mask of another shape.
    #[track_caller]
    pub fn slice(&self, part: impl Part) -> Array {
        match part.places(self) {
            Places::View { start, shape, steps } => {
                with_data!(self, v => Array::new(gather(v, start, &shape, &steps), &shape))
            }
            Places::List { at, shape } => {
                with_data!(self, v => Array::new(at.iter().map(|at| v[*at].clone()).collect(), &shape))
            }
        }
    }

    /// Writes `value` into a part of the array: `x.assign(s![.., 0], 1.0)` is Python's `x[:, 0] = 1.0`,
    /// `x.assign(np::less(&x, 0), 0)` is `x[x < 0] = 0`. The parts are those of [`Array::slice`].
    ///
    /// ```
    /// use flowbook::{np, s};
    /// let mut x = np::zeros((2, 2));
    /// x.assign(s![.., 0], [1.0, 2.0]);
    /// assert_eq!(x.to_string(), "[[1. 0.]\n [2. 0.]]");
    /// x.assign(np::equal(&x, 0), -1);
    /// assert_eq!(x.to_string(), "[[ 1. -1.]\n [ 2. -1.]]");
    /// ```
    ///
    /// # Panics
    /// `IndexError` as [`Array::slice`]; `ValueError` when `value` does not fit the part.
    #[track_caller]
    pub fn assign(&mut self, part: impl Part, value: impl ArrayLike) {
        let (at, shape) = match part.places(self) {
            Places::List { at, shape } => (at, shape),
            Places::View { start, shape, steps } => {
                let offsets: Vec<usize> = (0..self.len()).collect();
                (gather(&offsets, start, &shape, &steps), shape)
            }
        };
        let value = value.to_array().astype(self.dtype());
        let value = super::manipulate::fitted(value, &shape);
        match self.dtype() {
            DType::Float32 => scatter::<f32>(self, &at, &value),
            DType::Float64 => scatter::<f64>(self, &at, &value),
            DType::Int32 => scatter::<i32>(self, &at, &value),
            DType::Int64 => scatter::<i64>(self, &at, &value),
            DType::UInt8 => scatter::<u8>(self, &at, &value),
            DType::Bool => scatter::<bool>(self, &at, &value),
            DType::String => scatter::<String>(self, &at, &value),
        }
    }

    /// `x.fill(value)`: every element becomes `value`.
    ///
    /// # Panics
    /// `ValueError` when `value` is more than one number.
    #[track_caller]
    pub fn fill(&mut self, value: impl ArrayLike) {
        self.assign(&[SliceInfoElem::Slice { start: 0, end: None, step: 1 }][..self.ndim().min(1)], value);
    }
}

/// The elements that one array of indices for each of the first axes names; a mask stands for the indices it marks.
#[track_caller]
fn listed(array: &Array, indices: &[Array]) -> Places {
    let mut axes: Vec<Array> = Vec::new();
    for index in indices {
        match index.as_slice::<bool>() {
            Some(mask) => axes.extend(marked(array, mask, index.shape(), axes.len())),
            None if index.dtype().is_integer() || index.is_empty() => axes.push(index.clone()),
            None => {
                panic!("IndexError: arrays used as indices must be of integer (or boolean) type")
            }
        }
    }
    if axes.len() > array.ndim() {
        let (ndim, n) = (array.ndim(), axes.len());
        panic!("IndexError: too many indices for array: array is {ndim}-dimensional, but {n} were indexed");
    }
    let mut shape = axes.iter().fold(Vec::new(), |shape, index| common_shape(&shape, index.shape()));
    let mut at = vec![0; shape.iter().product()];
    for (axis, index) in axes.iter().enumerate() {
        let index = broadcast_to(index, &shape);
        for (at, i) in at.iter_mut().zip(elements::<i64>(&index).iter()) {
            *at = *at * array.shape()[axis] + array.index(*i as isize, axis);
        }
    }
    let rest = &array.shape()[axes.len()..];
    let n: usize = rest.iter().product();
    shape.extend_from_slice(rest);
    Places::List { at: at.iter().flat_map(|at| at * n..(at + 1) * n).collect(), shape }
}

/// The indices along each axis of what a mask marks, whose first axis is axis `first` of the array.
#[track_caller]
fn marked(array: &Array, mask: &[bool], shape: &[usize], first: usize) -> Vec<Array> {
    for (axis, n) in shape.iter().enumerate() {
        match array.shape().get(first + axis) {
            Some(size) if size == n => {}
            Some(size) => panic!(
                "IndexError: boolean index did not match indexed array along axis {}; size of axis is {size} but size \
                 of corresponding boolean axis is {n}",
                first + axis,
            ),
            None => panic!(
                "IndexError: too many indices for array: array is {}-dimensional, but {} were indexed",
                array.ndim(),
                first + shape.len(),
            ),
        }
    }
    places_of(mask, shape)
}

/// For each axis, the indices of what a mask of this shape marks.
pub(super) fn places_of(mask: &[bool], shape: &[usize]) -> Vec<Array> {
    let at: Vec<usize> = mask.iter().enumerate().filter(|(_, marked)| **marked).map(|(at, _)| at).collect();
    let along = |step: isize, n: usize| at.iter().map(|at| (at / step as usize % n) as i64).collect::<Vec<i64>>();
    strides(shape).iter().zip(shape).map(|(step, n)| Array::new(along(*step, *n), &[at.len()])).collect()
}

/// Offset of the first element, sizes and steps of a part.
#[track_caller]
fn view(array: &Array, part: &[SliceInfoElem]) -> Places {
    let own = strides(array.shape());
    let (mut start, mut shape, mut steps, mut axis) = (0, Vec::new(), Vec::new(), 0);
    let indices = part.iter().filter(|e| !matches!(e, SliceInfoElem::NewAxis)).count();
    if indices > array.ndim() {
        let ndim = array.ndim();
        panic!("IndexError: too many indices for array: array is {ndim}-dimensional, but {indices} were indexed");
    }
    for element in part {
        match *element {
            SliceInfoElem::NewAxis => {
                shape.push(1);
                steps.push(0);
                continue;
            }
            SliceInfoElem::Index(i) => start += array.index(i, axis) as isize * own[axis],
            SliceInfoElem::Slice { start: from, end, step } => {
                let kept = kept(array.shape()[axis], from, end, step);
                start += kept.start * own[axis];
                shape.push(kept.count);
                steps.push(kept.step * own[axis]);
            }
        }
        axis += 1;
    }
    shape.extend_from_slice(&array.shape()[axis..]);
    steps.extend_from_slice(&own[axis..]);
    Places::View { start, shape, steps }
}

/// NumPy's cutting of bounds; with a negative step ndarray takes the range and then walks it backwards.
fn kept(size: usize, from: isize, end: Option<isize>, step: isize) -> Kept {
    let size = size as isize;
    let bound = |at: isize| (if at < 0 { at + size } else { at }).clamp(0, size);
    let (from, end) = (bound(from), end.map_or(size, bound));
    let length = (end - from).max(0);
    let count = (length as usize).div_ceil(step.unsigned_abs());
    Kept { start: if step < 0 && length > 0 { end - 1 } else { from }, count, step }
}

fn scatter<T: Element>(array: &mut Array, targets: &[usize], value: &Array) {
    let (Some(out), Some(value)) = (array.as_slice_mut::<T>(), value.as_slice::<T>()) else {
        unreachable!("the value was converted to the array's type")
    };
    for (at, x) in targets.iter().zip(value) {
        out[*at] = x.clone();
    }
}
