//! `tf.TensorArray`: tensors by number, which a loop writes one by one and stacks in the end.

use std::fmt;

use super::functions::unstack;
use super::operand::{IntoTensor, Operand};
use super::{Tensor, concat, gather, stack};
use crate::error::Error;
use crate::graph::IntoDType;
use crate::{Array, DType};

/// Tensors of one type by number: `tf.TensorArray(dtype, size)`. As in Python, what writes gives the array back.
///
/// ```
/// use flowbook::v2 as tf;
/// let mut squares = tf::TensorArray::new(tf::float32, 3);
/// for i in 0..3 {
///     squares = squares.write(i, f64::from(i) * f64::from(i));
/// }
/// assert_eq!(squares.stack().numpy().to_string(), "[0. 1. 4.]");
/// ```
#[derive(Clone)]
pub struct TensorArray {
    dtype: DType,
    dynamic: bool,
    elements: Vec<Option<Tensor>>,
}

impl TensorArray {
    /// For that many tensors of that type.
    ///
    /// # Panics
    /// `TypeError` for an element type that does not exist.
    #[track_caller]
    pub fn new(dtype: impl IntoDType, size: usize) -> TensorArray {
        let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
        TensorArray { dtype, dynamic: false, elements: vec![None; size] }
    }

    /// Whether writing behind the end makes it longer, `dynamic_size=`.
    #[must_use]
    pub fn dynamic_size(self, yes: bool) -> TensorArray {
        TensorArray { dynamic: yes, ..self }
    }

    /// The array with a tensor at that place: `ta.write(index, value)`.
    ///
    /// # Panics
    /// `OutOfRangeError` behind the end, unless its size is dynamic.
    #[must_use]
    #[track_caller]
    pub fn write(mut self, index: i32, value: impl IntoTensor) -> TensorArray {
        let size = self.elements.len();
        let place = usize::try_from(index).ok().filter(|place| self.dynamic || *place < size);
        let Some(place) = place else {
            let text = match index < 0 {
                true => format!("Writing to negative indices (index {index}) is not allowed."),
                false => format!("Tried to write to index {index} but array is not resizeable and size is: {size} "),
            };
            Error::OutOfRange(text).raise()
        };
        if place >= size {
            self.elements.resize(place + 1, None);
        }
        self.elements[place] = Some(self.converted(value.into_operand()));
        self
    }

    /// A literal as a tensor of the array's type.
    fn converted(&self, value: Operand) -> Tensor {
        match (&value, value.value_for(self.dtype)) {
            (Operand::Literal(..), Some(value)) => Tensor::eager(value),
            _ => value.tensor(),
        }
    }

    /// The tensor at that place: `ta.read(index)`. Unlike TensorFlow's, it stays there.
    ///
    /// # Panics
    /// `OutOfRangeError` behind the end, `InvalidArgumentError` where nothing was written.
    #[track_caller]
    pub fn read(&self, index: i32) -> Tensor {
        let size = self.elements.len();
        let found = usize::try_from(index).ok().and_then(|place| self.elements.get(place));
        let Some(found) = found else {
            Error::OutOfRange(format!("Tried to read from index {index} but array size is: {size} ")).raise()
        };
        let unwritten =
            || Error::InvalidArgument(format!("Could not read index {index} before it was written to")).raise();
        found.clone().unwrap_or_else(unwritten)
    }

    /// The tensors side by side along a new first axis; what was not written is zeros: `ta.stack()`.
    #[track_caller]
    pub fn stack(&self) -> Tensor {
        let Some(like) = self.elements.iter().flatten().next() else {
            return Tensor::eager(Array::zeros(self.dtype, &[self.elements.len()]));
        };
        let all: Vec<Tensor> =
            self.elements.iter().map(|e| e.clone().unwrap_or_else(|| super::zeros_like(like).into())).collect();
        stack(&all).into()
    }

    /// The tensors at those places, side by side: `ta.gather(indices)`.
    ///
    /// # Panics
    /// `InvalidArgumentError` for a place that there is not.
    #[track_caller]
    pub fn gather(&self, indices: impl IntoTensor) -> Tensor {
        gather(self.stack(), indices).into()
    }

    /// The tensors one after the other along their first axis: `ta.concat()`.
    ///
    /// # Panics
    /// `ValueError` for single numbers.
    #[track_caller]
    pub fn concat(&self) -> Tensor {
        let all: Vec<Tensor> = self.elements.iter().flatten().cloned().collect();
        concat(&all, 0)
    }

    /// The array with the rows of a tensor: `ta.unstack(value)`.
    ///
    /// # Panics
    /// `ValueError` for a single number.
    #[must_use]
    #[track_caller]
    pub fn unstack(self, value: impl IntoTensor) -> TensorArray {
        let rows = unstack(self.converted(value.into_operand()), 0);
        TensorArray { elements: rows.into_iter().map(Some).collect(), ..self }
    }

    /// The array with the rows of a tensor at those places: `ta.scatter(indices, value)`.
    ///
    /// # Panics
    /// As [`write`](Self::write).
    #[must_use]
    #[track_caller]
    pub fn scatter<const N: usize>(self, indices: [i32; N], value: impl IntoTensor) -> TensorArray {
        let rows = unstack(self.converted(value.into_operand()), 0);
        indices.into_iter().zip(rows).fold(self, |array, (index, row)| array.write(index, row))
    }

    /// How many places there are: `ta.size()`.
    pub fn size(&self) -> Tensor {
        Tensor::eager(Array::scalar(self.elements.len() as i32))
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.dtype
    }
}

impl fmt::Debug for TensorArray {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<tensorflow.python.ops.tensor_array_ops.TensorArray object at {:p}>", self.elements.as_ptr())
    }
}
