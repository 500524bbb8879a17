//! `Array`: NumPy's ndarray with the element type known at run time. What sessions return and what feeds become.
//! Only storage, shape and conversions live here; printing is in `format`, arithmetic in `np`.

use std::sync::Arc;

use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::format::shape_message;

/// An n-dimensional array, C-contiguous, with its element type known at run time: NumPy's `ndarray`.
///
/// Cloning shares the elements; they are copied when a shared array is written to.
///
/// ```
/// use flowbook::Array;
/// let a = Array::new(vec![1.0f32, 2.0, 3.0, 4.0], &[2, 2]);
/// assert_eq!(a.shape(), &[2, 2]);
/// assert_eq!(a.as_slice::<f32>(), Some(&[1.0, 2.0, 3.0, 4.0][..]));
/// ```
#[derive(Clone)]
pub struct Array {
    shape: Dims,
    data: Data,
}

/// The sizes along the axes; few of them lie in the array itself.
#[derive(Clone)]
enum Dims {
    Few([usize; 4], u8),
    Many(Box<[usize]>),
}

impl From<&[usize]> for Dims {
    fn from(sizes: &[usize]) -> Dims {
        let mut few = [0; 4];
        match few.get_mut(..sizes.len()) {
            Some(first) => {
                first.copy_from_slice(sizes);
                Dims::Few(few, sizes.len() as u8)
            }
            None => Dims::Many(sizes.into()),
        }
    }
}

impl std::ops::Deref for Dims {
    type Target = [usize];
    #[inline]
    fn deref(&self) -> &[usize] {
        match self {
            Dims::Few(sizes, rank) => &sizes[..usize::from(*rank)],
            Dims::Many(sizes) => sizes,
        }
    }
}

/// The elements, one variant for each [`DType`].
#[derive(Clone)]
pub(crate) enum Data {
    Float32(Arc<Vec<f32>>),
    Float64(Arc<Vec<f64>>),
    Int32(Arc<Vec<i32>>),
    Int64(Arc<Vec<i64>>),
    UInt8(Arc<Vec<u8>>),
    Bool(Arc<Vec<bool>>),
    String(Arc<Vec<String>>),
}

/// Runs `$body` with `$v` bound to the `Arc<Vec<T>>` of whichever element type the array has.
macro_rules! with_data {
    ($array:expr, $v:ident => $body:expr) => {
        match $array.data() {
            $crate::array::Data::Float32($v) => $body,
            $crate::array::Data::Float64($v) => $body,
            $crate::array::Data::Int32($v) => $body,
            $crate::array::Data::Int64($v) => $body,
            $crate::array::Data::UInt8($v) => $body,
            $crate::array::Data::Bool($v) => $body,
            $crate::array::Data::String($v) => $body,
        }
    };
}
pub(crate) use with_data;

impl Array {
    /// Makes an array of `data` laid out row by row.
    ///
    /// # Panics
    /// When the number of elements is not the product of `shape`.
    #[track_caller]
    pub fn new<T: Element>(data: Vec<T>, shape: &[usize]) -> Array {
        assert_eq!(
            data.len(),
            shape.iter().product::<usize>(),
            "ValueError: cannot lay out {} elements as shape {shape:?}",
            data.len(),
        );
        Array { shape: shape.into(), data: T::into_data(data) }
    }

    /// Makes an array of rank 0.
    pub fn scalar<T: Element>(value: T) -> Array {
        Array::new(vec![value], &[])
    }

    /// Makes an array of zeros (`false`, empty strings) of the given type, as `np.zeros`.
    pub fn zeros(dtype: DType, shape: &[usize]) -> Array {
        let n = shape.iter().product();
        match dtype {
            DType::Float32 => Array::new(vec![0f32; n], shape),
            DType::Float64 => Array::new(vec![0f64; n], shape),
            DType::Int32 => Array::new(vec![0i32; n], shape),
            DType::Int64 => Array::new(vec![0i64; n], shape),
            DType::UInt8 => Array::new(vec![0u8; n], shape),
            DType::Bool => Array::new(vec![false; n], shape),
            DType::String => Array::new(vec![String::new(); n], shape),
        }
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        match self.data {
            Data::Float32(_) => DType::Float32,
            Data::Float64(_) => DType::Float64,
            Data::Int32(_) => DType::Int32,
            Data::Int64(_) => DType::Int64,
            Data::UInt8(_) => DType::UInt8,
            Data::Bool(_) => DType::Bool,
            Data::String(_) => DType::String,
        }
    }

    /// The sizes along each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of axes.
    pub fn ndim(&self) -> usize {
        self.shape.len()
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        with_data!(self, v => v.len())
    }

    /// Whether it has no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements row by row, when they are of type `T`.
    pub fn as_slice<T: Element>(&self) -> Option<&[T]> {
        T::data(&self.data).map(Vec::as_slice)
    }

    /// The elements for writing, when they are of type `T`; copied first when they are shared.
    pub fn as_slice_mut<T: Element>(&mut self) -> Option<&mut [T]> {
        T::data_mut(&mut self.data).map(|v| Arc::make_mut(v).as_mut_slice())
    }

    /// The same elements under another shape of as many elements, sharing the storage, as `np.reshape`.
    ///
    /// # Errors
    /// `ValueError` when the numbers of elements differ.
    pub fn reshaped(&self, shape: &[usize]) -> Result<Array> {
        if shape.iter().product::<usize>() != self.len() {
            return Err(Error::Value(format!(
                "cannot reshape array of size {} into shape {}",
                self.len(),
                shape_message(shape),
            )));
        }
        Ok(Array { shape: shape.into(), data: self.data.clone() })
    }

    pub(crate) fn data(&self) -> &Data {
        &self.data
    }

    /// Whether nobody else holds these elements.
    pub(crate) fn is_unshared(&mut self) -> bool {
        macro_rules! unshared {
            ($($variant:ident),*) => { match &mut self.data { $(Data::$variant(v) => Arc::get_mut(v).is_some(),)* } };
        }
        unshared!(Float32, Float64, Int32, Int64, UInt8, Bool, String)
    }

    /// Puts storage under a shape of as many elements.
    pub(crate) fn from_data(data: Data, shape: &[usize]) -> Array {
        let array = Array { shape: shape.into(), data };
        debug_assert_eq!(array.len(), shape.iter().product::<usize>());
        array
    }
}

macro_rules! storage {
    ($($rust:ty => $variant:ident),*) => { $(
        #[expect(private_interfaces, reason = "only this crate may store elements")]
        impl crate::dtype::Storage for $rust {
            fn into_data(elements: Vec<Self>) -> Data {
                Data::$variant(Arc::new(elements))
            }
            fn data(data: &Data) -> Option<&Vec<Self>> {
                if let Data::$variant(v) = data { Some(v) } else { None }
            }
            fn data_mut(data: &mut Data) -> Option<&mut Arc<Vec<Self>>> {
                if let Data::$variant(v) = data { Some(v) } else { None }
            }
        }
    )* };
}
storage!(f32 => Float32, f64 => Float64, i32 => Int32, i64 => Int64, u8 => UInt8, bool => Bool, String => String);
