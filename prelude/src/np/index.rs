//! Rows and single elements of an array, items, iteration, ndarrays. Slices and masks are in `part`.

use ndarray::{ArrayD, IxDyn};

use super::cast::elements;
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

impl Array {
    /// An index along an axis, counted from the front.
    #[track_caller]
    pub(super) fn index(&self, index: isize, axis: usize) -> usize {
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

    /// `x[indices]`: the entries along the first axis in the order given, repeats allowed; of a boolean array, `x[mask]`,
    /// the elements where it holds.
    ///
    /// ```
    /// use flowbook::np;
    /// let x = np::array([10, 20, 30]);
    /// assert_eq!(x.take([2, 0]).to_string(), "[30 10]");
    /// assert_eq!(x.take(np::greater(&x, 15)).to_string(), "[20 30]");
    /// ```
    ///
    /// # Panics
    /// `IndexError` for an index out of bounds, or a mask of another shape.
    #[track_caller]
    pub fn take(&self, indices: impl ArrayLike) -> Array {
        let indices = indices.to_array();
        if indices.dtype() == DType::Bool {
            return self.slice(indices);
        }
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
