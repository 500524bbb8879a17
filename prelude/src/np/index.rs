//! Taking parts of an array out, and single elements: slices, rows, items, iteration, ndarrays.

use ndarray::{ArrayD, IxDyn, SliceInfoElem};

use super::broadcast::{gather, strides};
use super::cast::elements;
use super::manipulate::broadcast_to;
use crate::array::{Array, with_data};
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::literal::ArrayLike;

/// A Rust type one element can be read as: `x.item::<f64>()`.
pub trait Item: Sized {
    #[doc(hidden)]
    fn items(array: &Array) -> Vec<Self>;
}

macro_rules! items {
    ($($t:ty),*) => { $(
        impl Item for $t {
            #[track_caller]
            fn items(array: &Array) -> Vec<Self> {
                elements::<$t>(array).into_owned()
            }
        }

        /// The only element, as Python's `float(x)` or `int(x)`.
        impl From<&Array> for $t {
            #[track_caller]
            fn from(array: &Array) -> $t {
                array.item()
            }
        }

        impl From<Array> for $t {
            #[track_caller]
            fn from(array: Array) -> $t {
                array.item()
            }
        }
    )* };
}
items!(f32, f64, i32, i64, u8, bool);

impl Item for usize {
    #[track_caller]
    fn items(array: &Array) -> Vec<Self> {
        elements::<i64>(array).iter().map(|x| *x as usize).collect()
    }
}

impl Item for String {
    #[track_caller]
    fn items(array: &Array) -> Vec<Self> {
        match array.as_slice::<String>() {
            Some(words) => words.to_vec(),
            None => Error::Type(format!("an array of {} holds no strings", array.dtype().name())).raise(),
        }
    }
}

/// What is kept of one axis: where it begins, how many elements, and how far apart.
struct Kept {
    start: isize,
    count: usize,
    step: isize,
}

impl Array {
    /// A part of the array: `x.slice(s![.., 0..-1])` is Python's `x[:, 0:-1]`.
    ///
    /// `s!` is ndarray's macro: numbers drop their axis, `a..b` keeps a range and negative bounds count from the end,
    /// `..;2` steps, `NewAxis` adds an axis. Bounds past the end are cut, axes not named are kept.
    ///
    /// ```
    /// use flowbook::{np, s};
    /// let x = np::array([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.slice(s![.., 0..-1]).to_string(), "[[1 2]\n [4 5]]");
    /// assert_eq!(x.slice(s![.., -1]).to_string(), "[3 6]");
    /// assert_eq!(x.slice(s![1, ..;2]).to_string(), "[4 6]");
    /// ```
    ///
    /// # Panics
    /// `IndexError` for an index out of bounds or too many of them.
    #[track_caller]
    pub fn slice(&self, part: impl AsRef<[SliceInfoElem]>) -> Array {
        let (start, shape, steps) = self.view(part.as_ref());
        with_data!(self, v => Array::new(gather(v, start, &shape, &steps), &shape))
    }

    /// Writes `value` into a part of the array: `x.assign(s![.., 0], 1.0)` is Python's `x[:, 0] = 1.0`.
    ///
    /// ```
    /// use flowbook::{np, s};
    /// let mut x = np::zeros((2, 2));
    /// x.assign(s![.., 0], [1.0, 2.0]);
    /// assert_eq!(x.to_string(), "[[1. 0.]\n [2. 0.]]");
    /// ```
    ///
    /// # Panics
    /// `IndexError` as [`Array::slice`]; `ValueError` when `value` does not fit the part.
    #[track_caller]
    pub fn assign(&mut self, part: impl AsRef<[SliceInfoElem]>, value: impl ArrayLike) {
        let (start, shape, steps) = self.view(part.as_ref());
        let offsets: Vec<i64> = (0..self.len() as i64).collect();
        let targets = gather(&offsets, start, &shape, &steps);
        let value = broadcast_to(value.to_array().astype(self.dtype()), &shape[..]);
        match self.dtype() {
            DType::Float32 => scatter::<f32>(self, &targets, &value),
            DType::Float64 => scatter::<f64>(self, &targets, &value),
            DType::Int32 => scatter::<i32>(self, &targets, &value),
            DType::Int64 => scatter::<i64>(self, &targets, &value),
            DType::UInt8 => scatter::<u8>(self, &targets, &value),
            DType::Bool => scatter::<bool>(self, &targets, &value),
            DType::String => scatter::<String>(self, &targets, &value),
        }
    }

    /// Offset of the first element, sizes and steps of a part.
    #[track_caller]
    fn view(&self, part: &[SliceInfoElem]) -> (isize, Vec<usize>, Vec<isize>) {
        let own = strides(self.shape());
        let (mut start, mut shape, mut steps, mut axis) = (0, Vec::new(), Vec::new(), 0);
        let indices = part.iter().filter(|e| !matches!(e, SliceInfoElem::NewAxis)).count();
        if indices > self.ndim() {
            let ndim = self.ndim();
            panic!("IndexError: too many indices for array: array is {ndim}-dimensional, but {indices} were indexed");
        }
        for element in part {
            match *element {
                SliceInfoElem::NewAxis => {
                    shape.push(1);
                    steps.push(0);
                    continue;
                }
                SliceInfoElem::Index(i) => start += self.index(i, axis) as isize * own[axis],
                SliceInfoElem::Slice { start: from, end, step } => {
                    let kept = kept(self.shape()[axis], from, end, step);
                    start += kept.start * own[axis];
                    shape.push(kept.count);
                    steps.push(kept.step * own[axis]);
                }
            }
            axis += 1;
        }
        shape.extend_from_slice(&self.shape()[axis..]);
        steps.extend_from_slice(&own[axis..]);
        (start, shape, steps)
    }

    /// An index along an axis, counted from the front.
    #[track_caller]
    fn index(&self, index: isize, axis: usize) -> usize {
        let size = self.shape()[axis] as isize;
        let from_front = if index < 0 { index + size } else { index };
        if from_front < 0 || from_front >= size {
            panic!("IndexError: index {index} is out of bounds for axis {axis} with size {size}");
        }
        from_front as usize
    }

    /// `x[i]`: one entry along the first axis; negative counts from the end.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::array([[1, 2], [3, 4]]).row(-1).to_string(), "[3 4]");
    /// ```
    ///
    /// # Panics
    /// `IndexError` when there is no such row.
    #[track_caller]
    pub fn row(&self, i: isize) -> Array {
        self.at(&[i])
    }

    /// `x[i, j, ...]`: the element, or the part that remains when fewer indices than axes are given.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::array([[1, 2], [3, 4]]).at(&[0, 1]).to_string(), "2");
    /// ```
    ///
    /// # Panics
    /// `IndexError` for an index out of bounds or too many of them.
    #[track_caller]
    pub fn at(&self, index: &[isize]) -> Array {
        if index.len() > self.ndim() {
            panic!(
                "IndexError: too many indices for array: array is {}-dimensional, but {} were indexed",
                self.ndim(),
                index.len(),
            );
        }
        let mut at = 0;
        for (axis, i) in index.iter().enumerate() {
            at = at * self.shape()[axis] + self.index(*i, axis);
        }
        let shape = &self.shape()[index.len()..];
        let n: usize = shape.iter().product();
        with_data!(self, v => Array::new(v[at * n..(at + 1) * n].to_vec(), shape))
    }

    /// The element at a place in reading order, as a scalar.
    pub(crate) fn flat(&self, i: usize) -> Array {
        with_data!(self, v => Array::new(v[i..=i].to_vec(), &[]))
    }

    /// `x[indices]`: the entries along the first axis in the order given, repeats allowed.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::array([10, 20, 30]).take([2, 0]).to_string(), "[30 10]");
    /// ```
    ///
    /// # Panics
    /// `IndexError` for an index out of bounds.
    #[track_caller]
    pub fn take(&self, indices: impl ArrayLike) -> Array {
        let indices = indices.to_array();
        if self.ndim() == 0 {
            panic!("IndexError: too many indices for array: array is 0-dimensional, but 1 were indexed");
        }
        let mut rows = Vec::with_capacity(indices.len());
        for i in elements::<i64>(&indices).iter() {
            rows.push(self.index(*i as isize, 0));
        }
        let n: usize = self.shape()[1..].iter().product();
        let shape = [indices.shape(), &self.shape()[1..]].concat();
        with_data!(self, v => {
            Array::new(rows.iter().flat_map(|r| v[r * n..(r + 1) * n].iter().cloned()).collect(), &shape)
        })
    }

    /// The entries along the first axis, one after the other: Python's `for row in x`.
    ///
    /// ```
    /// use flowbook::np;
    /// let rows: Vec<String> = np::array([[1, 2], [3, 4]]).iter().map(|row| row.to_string()).collect();
    /// assert_eq!(rows, ["[1 2]", "[3 4]"]);
    /// ```
    pub fn iter(&self) -> Rows<'_> {
        Rows { array: self, next: 0 }
    }

    /// The only element, converted as Python's `float(x)` or `int(x)`.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::array([2.5]).item::<f64>(), 2.5);
    /// assert_eq!(f64::from(np::sum([1, 2]).at(&[])), 3.0);
    /// ```
    ///
    /// # Panics
    /// `ValueError` when there is more than one element.
    #[track_caller]
    pub fn item<T: Item>(&self) -> T {
        match T::items(self).pop() {
            Some(only) if self.len() == 1 => only,
            _ => Error::Value("can only convert an array of size 1 to a Python scalar".into()).raise(),
        }
    }

    /// All elements row by row, converted to `T`.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::array([1, 2]).to_vec::<f32>(), [1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn to_vec<T: Item>(&self) -> Vec<T> {
        T::items(self)
    }

    /// The same as an `ndarray`, for Rust code that wants one.
    ///
    /// ```
    /// use flowbook::np;
    /// let x: ndarray::ArrayD<f64> = np::array([[1.0, 2.0]]).to_ndarray();
    /// assert_eq!(x.shape(), &[1, 2]);
    /// assert_eq!(np::array(x).to_string(), "[[1. 2.]]");
    /// ```
    #[track_caller]
    pub fn to_ndarray<T: Item>(&self) -> ArrayD<T> {
        ArrayD::from_shape_vec(IxDyn(self.shape()), self.to_vec()).expect("as many elements as the shape says")
    }
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

fn scatter<T: Element>(array: &mut Array, targets: &[i64], value: &Array) {
    let (Some(out), Some(value)) = (array.as_slice_mut::<T>(), value.as_slice::<T>()) else {
        unreachable!("the value was converted to the array's type")
    };
    for (at, x) in targets.iter().zip(value) {
        out[*at as usize] = x.clone();
    }
}

/// The entries of an array along its first axis; made by [`Array::iter`].
pub struct Rows<'a> {
    array: &'a Array,
    next: usize,
}

impl Iterator for Rows<'_> {
    type Item = Array;

    fn next(&mut self) -> Option<Array> {
        let rows = self.array.shape().first().copied().unwrap_or(0);
        (self.next < rows).then(|| {
            self.next += 1;
            self.array.row(self.next as isize - 1)
        })
    }
}

impl<'a> IntoIterator for &'a Array {
    type Item = Array;
    type IntoIter = Rows<'a>;

    fn into_iter(self) -> Rows<'a> {
        self.iter()
    }
}

/// Same type, shape and elements, as `np.array_equal` of arrays of one type; NaN equals nothing.
impl PartialEq for Array {
    fn eq(&self, other: &Array) -> bool {
        self.shape() == other.shape() && with_data!(self, v => other.as_slice() == Some(v.as_slice()))
    }
}

impl<T: Element, D: ndarray::Dimension> From<ndarray::Array<T, D>> for Array {
    fn from(array: ndarray::Array<T, D>) -> Array {
        array.to_array()
    }
}
