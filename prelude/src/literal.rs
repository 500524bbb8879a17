//! From Rust literals to arrays: numbers, strings, ranges, nested arrays, vectors, slices, ndarrays.
//! The two dtype rules live here and nowhere else: NumPy's (`np.array`) and TensorFlow's (`tf.constant`).

use std::ops::Range;

use ndarray::{ArrayBase, Data as NdData, Dimension};

use crate::array::{Array, Data, with_data};
use crate::dtype::{DType, Element};
use crate::format::shape_message;

/// Anything that can become an array: a number, a string, a range of integers, nested arrays of them, a `Vec`,
/// a slice, an `ndarray`, an [`Array`].
///
/// ```
/// use flowbook::{ArrayLike, DType};
/// assert_eq!([[1.0, 2.0], [3.0, 4.0]].to_tensor().dtype(), DType::Float32); // tf.constant([[1., 2.], [3., 4.]])
/// assert_eq!([[1.0, 2.0], [3.0, 4.0]].to_array().dtype(), DType::Float64);  // np.array([[1., 2.], [3., 4.]])
/// assert_eq!(2.to_tensor().dtype(), DType::Int32);
/// assert_eq!(2.to_array().dtype(), DType::Int64);
/// assert_eq!([1.0f32, 2.0].to_array().dtype(), DType::Float32);
/// assert_eq!((0..3).to_array().to_string(), "[0 1 2]");
/// ```
pub trait ArrayLike {
    /// With NumPy's rule: floats are `float64`, integers `int64`, typed arrays keep their type.
    fn to_array(&self) -> Array;

    /// With TensorFlow's rule: floats are `float32`, integers `int32` where they fit and `int64` otherwise, typed
    /// arrays keep their type.
    fn to_tensor(&self) -> Array;

    /// Appends the elements to a literal being built.
    #[doc(hidden)]
    #[track_caller]
    fn append(&self, literal: &mut Literal) {
        let part = if literal.tensor { self.to_tensor() } else { self.to_array() };
        literal.block(&part);
    }

    /// Appends all of `items`; element types that can be copied in one go do so.
    #[doc(hidden)]
    #[track_caller]
    fn append_all(items: &[Self], literal: &mut Literal)
    where
        Self: Sized,
    {
        for item in items {
            item.append(literal);
        }
    }
}

/// A nested literal on its way to an array: elements in order, and the shape as far as it is known.
#[doc(hidden)]
pub struct Literal {
    /// TensorFlow's dtype rule instead of NumPy's.
    tensor: bool,
    data: Option<Data>,
    shape: Vec<usize>,
    /// The level of nesting being appended to.
    depth: usize,
    /// Whether an element was seen, so that no deeper level can follow.
    complete: bool,
    /// Whether the integers came without a width of their own and may become `int32`.
    narrow: bool,
}

impl Literal {
    #[track_caller]
    fn build<T: ArrayLike + ?Sized>(value: &T, tensor: bool) -> Array {
        let mut literal = Literal { tensor, data: None, shape: Vec::new(), depth: 0, complete: false, narrow: false };
        value.append(&mut literal);
        literal.finish()
    }

    fn finish(self) -> Array {
        let shape = &self.shape[..];
        match self.data {
            None if self.tensor => Array::zeros(DType::Float32, shape),
            None => Array::zeros(DType::Float64, shape),
            Some(Data::Int64(v)) if self.narrow && self.tensor => match narrowed(&v) {
                Some(small) => Array::new(small, shape),
                None => Array::from_data(Data::Int64(v), shape),
            },
            Some(data) => Array::from_data(data, shape),
        }
    }

    /// Begins a nested sequence of `len` items; [`Literal::close`] ends it.
    #[track_caller]
    fn open(&mut self, len: usize) {
        self.level(len);
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth -= 1;
    }

    #[track_caller]
    fn level(&mut self, len: usize) {
        match self.shape.get(self.depth) {
            Some(known) if *known == len => {}
            None if !self.complete => self.shape.push(len),
            _ => self.ragged(),
        }
    }

    #[track_caller]
    fn ragged(&self) -> ! {
        panic!(
            "ValueError: setting an array element with a sequence. The requested array has an inhomogeneous shape \
             after {} dimensions. The detected shape was {} + inhomogeneous part.",
            self.depth,
            shape_message(&self.shape[..self.depth]),
        )
    }

    /// Elements at the innermost level.
    #[track_caller]
    fn elements<T: Element>(&mut self, elements: impl Iterator<Item = T>) {
        if self.depth != self.shape.len() {
            self.ragged();
        }
        self.complete = true;
        self.storage::<T>().extend(elements);
    }

    #[track_caller]
    fn storage<T: Element>(&mut self) -> &mut Vec<T> {
        let data = self.data.get_or_insert_with(|| T::into_data(Vec::new()));
        let elements = T::data_mut(data).expect("TypeError: the parts of one array have one element type; use astype");
        std::sync::Arc::make_mut(elements)
    }

    /// A whole array in place of one item.
    #[track_caller]
    fn block(&mut self, part: &Array) {
        let outer = self.depth;
        for size in part.shape() {
            self.open(*size);
        }
        with_data!(part, v => self.elements(v.iter().cloned()));
        self.depth = outer;
    }
}

fn narrowed(wide: &[i64]) -> Option<Vec<i32>> {
    wide.iter().map(|x| i32::try_from(*x).ok()).collect()
}

/// The two dtype rules: Rust type, NumPy's conversion, TensorFlow's conversion, and whether TensorFlow narrows the
/// integers afterwards.
macro_rules! scalars {
    ($($rust:ty: $numpy:expr, $tensor:expr, $narrow:expr;)*) => { $(
        impl ArrayLike for $rust {
            fn to_array(&self) -> Array {
                Literal::build(self, false)
            }
            fn to_tensor(&self) -> Array {
                Literal::build(self, true)
            }
            #[track_caller]
            fn append(&self, literal: &mut Literal) {
                Self::append_all(std::slice::from_ref(self), literal);
            }
            #[track_caller]
            fn append_all(items: &[Self], literal: &mut Literal) {
                literal.narrow = $narrow;
                if literal.tensor {
                    literal.elements(items.iter().map($tensor));
                } else {
                    literal.elements(items.iter().map($numpy));
                }
            }
        }
    )* };
}
scalars! {
    f64: |x| *x, |x| *x as f32, false;
    f32: |x| *x, |x| *x, false;
    i32: |x| i64::from(*x), |x| *x, false;
    i64: |x| *x, |x| *x, true;
    u32: |x| i64::from(*x), |x| i64::from(*x), true;
    usize: |x| integer(*x as u64), |x| integer(*x as u64), true;
    u64: |x| integer(*x), |x| integer(*x), true;
    u8: |x| *x, |x| *x, false;
    bool: |x| *x, |x| *x, false;
    String: Clone::clone, Clone::clone, false;
}

#[track_caller]
fn integer(x: u64) -> i64 {
    i64::try_from(x).unwrap_or_else(|_| panic!("OverflowError: {x} is out of bounds for int64"))
}

impl ArrayLike for str {
    fn to_array(&self) -> Array {
        Array::scalar(self.to_owned())
    }
    fn to_tensor(&self) -> Array {
        self.to_array()
    }
}

/// `np.arange(start, stop)` of integers.
impl ArrayLike for Range<i32> {
    fn to_array(&self) -> Array {
        self.clone().collect::<Vec<i32>>().to_array()
    }
    fn to_tensor(&self) -> Array {
        self.clone().collect::<Vec<i32>>().to_tensor()
    }
}

impl ArrayLike for Array {
    fn to_array(&self) -> Array {
        self.clone()
    }
    fn to_tensor(&self) -> Array {
        self.clone()
    }
}

/// A reference stands for what it refers to.
impl<T: ArrayLike + ?Sized> ArrayLike for &T {
    #[track_caller]
    fn to_array(&self) -> Array {
        (**self).to_array()
    }
    #[track_caller]
    fn to_tensor(&self) -> Array {
        (**self).to_tensor()
    }
    #[track_caller]
    fn append(&self, literal: &mut Literal) {
        (**self).append(literal);
    }
}

impl<T: ArrayLike> ArrayLike for [T] {
    #[track_caller]
    fn to_array(&self) -> Array {
        Literal::build(self, false)
    }
    #[track_caller]
    fn to_tensor(&self) -> Array {
        Literal::build(self, true)
    }
    #[track_caller]
    fn append(&self, literal: &mut Literal) {
        literal.open(self.len());
        T::append_all(self, literal);
        literal.close();
    }
}

impl<T: ArrayLike, const N: usize> ArrayLike for [T; N] {
    #[track_caller]
    fn to_array(&self) -> Array {
        self.as_slice().to_array()
    }
    #[track_caller]
    fn to_tensor(&self) -> Array {
        self.as_slice().to_tensor()
    }
    #[track_caller]
    fn append(&self, literal: &mut Literal) {
        self.as_slice().append(literal);
    }
    #[track_caller]
    fn append_all(items: &[Self], literal: &mut Literal) {
        literal.open(N);
        T::append_all(items.as_flattened(), literal);
        literal.close();
    }
}

impl<T: ArrayLike> ArrayLike for Vec<T> {
    #[track_caller]
    fn to_array(&self) -> Array {
        self.as_slice().to_array()
    }
    #[track_caller]
    fn to_tensor(&self) -> Array {
        self.as_slice().to_tensor()
    }
    #[track_caller]
    fn append(&self, literal: &mut Literal) {
        self.as_slice().append(literal);
    }
}

impl<T: Element, S: NdData<Elem = T>, D: Dimension> ArrayLike for ArrayBase<S, D> {
    fn to_array(&self) -> Array {
        let elements = match self.as_slice() {
            Some(slice) => slice.to_vec(),
            None => self.iter().cloned().collect(),
        };
        Array::new(elements, self.shape())
    }
    fn to_tensor(&self) -> Array {
        self.to_array()
    }
}
