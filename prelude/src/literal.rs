//! From Rust literals to arrays: numbers, strings, nested arrays, vectors, slices, ndarrays.
//! The two dtype rules live here and nowhere else: NumPy's (`np.array`) and TensorFlow's (`tf.constant`).

use ndarray::{ArrayBase, Data as NdData, Dimension};

use crate::array::Array;
use crate::dtype::Element;

/// Anything that can become an array: a number, a string, nested arrays of them, a `Vec`, a slice, an
/// `ndarray`, an [`Array`].
///
/// ```
/// use flowbook::{ArrayLike, DType};
/// assert_eq!([[1.0, 2.0], [3.0, 4.0]].to_tensor().dtype(), DType::Float32); // tf.constant([[1., 2.], [3., 4.]])
/// assert_eq!([[1.0, 2.0], [3.0, 4.0]].to_array().dtype(), DType::Float64);  // np.array([[1., 2.], [3., 4.]])
/// assert_eq!(2.to_tensor().dtype(), DType::Int32);
/// assert_eq!(2.to_array().dtype(), DType::Int64);
/// ```
pub trait ArrayLike {
    /// With NumPy's rule: floats are `float64`, integers `int64`, typed arrays keep their type.
    fn to_array(&self) -> Array;
    /// With TensorFlow's rule: floats are `float32`, integers `int32`, typed arrays keep their type.
    fn to_tensor(&self) -> Array;
}

macro_rules! scalars {
    ($($rust:ty => $numpy:ty, $tensor:ty);* $(;)?) => { $(
        impl ArrayLike for $rust {
            fn to_array(&self) -> Array {
                Array::scalar(<$numpy>::from(self.clone()))
            }
            fn to_tensor(&self) -> Array {
                Array::scalar(self.clone() as $tensor)
            }
        }
    )* };
}
scalars! {
    f64 => f64, f32;
    f32 => f32, f32;
    i32 => i64, i32;
    i64 => i64, i32;
    u8 => u8, u8;
    bool => bool, bool;
}

impl ArrayLike for str {
    fn to_array(&self) -> Array {
        Array::scalar(self.to_owned())
    }
    fn to_tensor(&self) -> Array {
        self.to_array()
    }
}

impl ArrayLike for String {
    fn to_array(&self) -> Array {
        self.as_str().to_array()
    }
    fn to_tensor(&self) -> Array {
        self.to_array()
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

impl<T: ArrayLike + ?Sized> ArrayLike for &T {
    fn to_array(&self) -> Array {
        (**self).to_array()
    }
    fn to_tensor(&self) -> Array {
        (**self).to_tensor()
    }
}

impl<T: ArrayLike> ArrayLike for [T] {
    #[track_caller]
    fn to_array(&self) -> Array {
        stack(self.iter().map(T::to_array).collect())
    }
    #[track_caller]
    fn to_tensor(&self) -> Array {
        stack(self.iter().map(T::to_tensor).collect())
    }
}

impl<T: ArrayLike, const N: usize> ArrayLike for [T; N] {
    fn to_array(&self) -> Array {
        self.as_slice().to_array()
    }
    fn to_tensor(&self) -> Array {
        self.as_slice().to_tensor()
    }
}

impl<T: ArrayLike> ArrayLike for Vec<T> {
    fn to_array(&self) -> Array {
        self.as_slice().to_array()
    }
    fn to_tensor(&self) -> Array {
        self.as_slice().to_tensor()
    }
}

impl<T: Element, S: NdData<Elem = T>, D: Dimension> ArrayLike for ArrayBase<S, D> {
    fn to_array(&self) -> Array {
        Array::new(self.iter().cloned().collect(), self.shape())
    }
    fn to_tensor(&self) -> Array {
        self.to_array()
    }
}

/// Puts arrays of one shape and type side by side along a new first axis.
#[track_caller]
fn stack(rows: Vec<Array>) -> Array {
    let Some(first) = rows.first() else { return Array::new(Vec::<f32>::new(), &[0]) };
    if let Some(odd) = rows.iter().find(|r| r.shape() != first.shape()) {
        panic!(
            "ValueError: setting an array element with a sequence: rows of shape {:?} and {:?} do not fit together",
            first.shape(),
            odd.shape(),
        );
    }
    let mut shape = vec![rows.len()];
    shape.extend_from_slice(first.shape());
    crate::array::with_data!(first, v => concatenate(v, &rows, &shape))
}

/// `_witness` only carries the element type out of `with_data!`.
fn concatenate<T: Element>(_witness: &[T], rows: &[Array], shape: &[usize]) -> Array {
    let mut all = Vec::with_capacity(shape.iter().product());
    for row in rows {
        all.extend_from_slice(row.as_slice::<T>().expect("rows of one literal have one type"));
    }
    Array::new(all, shape)
}
