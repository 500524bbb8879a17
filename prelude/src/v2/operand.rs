//! What may stand where TensorFlow 2 converts an argument to a tensor: tensors, variables, numbers, arrays.

use ndarray::{ArrayBase, Data as NdData, Dimension};

use super::built::{Built, Evaluate};
use super::{Gradient, Tensor, Variable};
use crate::dtype::Element;
use crate::graph::{converts, into_tensors};
use crate::ops::cast_array;
use crate::{Array, ArrayLike, DType};

/// An argument before its conversion.
#[derive(Clone)]
pub enum Operand {
    /// A tensor.
    Tensor(Tensor),
    /// A literal: its exact elements, and the element type TensorFlow gives it when nothing else decides.
    Literal(Array, DType),
}

/// Anything TensorFlow's `convert_to_tensor` accepts.
pub trait IntoTensor {
    /// The argument, not yet converted.
    fn into_operand(self) -> Operand;
}

impl Operand {
    /// The tensor it stands for, a literal with its own element type.
    pub(crate) fn tensor(&self) -> Tensor {
        match self {
            Operand::Tensor(tensor) => tensor.clone(),
            Operand::Literal(array, dtype) => Tensor::eager(cast_array(array, *dtype)),
        }
    }

    /// The value for an operation whose other operand is of type `dtype`: literals are converted when they may be.
    pub(crate) fn value_for(&self, dtype: DType) -> Option<Array> {
        match self {
            Operand::Tensor(tensor) => tensor.value().cloned(),
            Operand::Literal(array, default) => converts(*default, dtype).then(|| cast_array(array, dtype)),
        }
    }
}

impl IntoTensor for Operand {
    fn into_operand(self) -> Operand {
        self
    }
}

impl IntoTensor for &Operand {
    fn into_operand(self) -> Operand {
        self.clone()
    }
}

impl IntoTensor for Tensor {
    #[inline]
    fn into_operand(self) -> Operand {
        Operand::Tensor(self)
    }
}

impl IntoTensor for &Tensor {
    #[inline]
    fn into_operand(self) -> Operand {
        Operand::Tensor(self.clone())
    }
}

impl IntoTensor for Variable {
    fn into_operand(self) -> Operand {
        Operand::Tensor(self.value())
    }
}

impl IntoTensor for &Variable {
    fn into_operand(self) -> Operand {
        Operand::Tensor(self.value())
    }
}

impl<K: Evaluate> IntoTensor for Built<K> {
    fn into_operand(self) -> Operand {
        Operand::Tensor((*self).clone())
    }
}

impl<K: Evaluate> IntoTensor for &Built<K> {
    fn into_operand(self) -> Operand {
        Operand::Tensor((**self).clone())
    }
}

impl IntoTensor for Gradient {
    #[track_caller]
    fn into_operand(self) -> Operand {
        Operand::Tensor((*self).clone())
    }
}

impl IntoTensor for &Gradient {
    #[track_caller]
    fn into_operand(self) -> Operand {
        Operand::Tensor((**self).clone())
    }
}

macro_rules! numbers {
    ($($t:ty => $exact:expr, $dtype:expr;)*) => { $(
        impl IntoTensor for $t {
            #[inline]
            fn into_operand(self) -> Operand {
                let exact: fn($t) -> Array = $exact;
                let array = exact(self);
                let dtype: fn(&Array) -> DType = $dtype;
                let dtype = dtype(&array);
                Operand::Literal(array, dtype)
            }
        }
    )* };
}
numbers! {
    f64 => Array::scalar, |_| DType::Float32;
    f32 => Array::scalar, |_| DType::Float32;
    i32 => Array::scalar, |_| DType::Int32;
    i64 => Array::scalar, |a| a.to_tensor().dtype();
    usize => |x| x.to_array(), |a| a.to_tensor().dtype();
    u8 => Array::scalar, |_| DType::UInt8;
    bool => Array::scalar, |_| DType::Bool;
    String => Array::scalar, |_| DType::String;
    Array => |a| a, |a| a.dtype();
}

fn literal(value: &(impl ArrayLike + ?Sized)) -> Operand {
    Operand::Literal(value.to_array(), value.to_tensor().dtype())
}

impl IntoTensor for &str {
    fn into_operand(self) -> Operand {
        literal(self)
    }
}

impl IntoTensor for &Array {
    fn into_operand(self) -> Operand {
        self.clone().into_operand()
    }
}

impl<T: ArrayLike, const N: usize> IntoTensor for [T; N] {
    #[track_caller]
    fn into_operand(self) -> Operand {
        literal(&self)
    }
}

impl<T: ArrayLike, const N: usize> IntoTensor for &[T; N] {
    #[track_caller]
    fn into_operand(self) -> Operand {
        literal(self)
    }
}

impl<T: ArrayLike> IntoTensor for Vec<T> {
    #[track_caller]
    fn into_operand(self) -> Operand {
        literal(&self)
    }
}

impl<T: ArrayLike> IntoTensor for &Vec<T> {
    #[track_caller]
    fn into_operand(self) -> Operand {
        literal(self)
    }
}

impl<T: ArrayLike> IntoTensor for &[T] {
    #[track_caller]
    fn into_operand(self) -> Operand {
        literal(self)
    }
}

impl<T: Element, S: NdData<Elem = T>, D: Dimension> IntoTensor for ArrayBase<S, D> {
    fn into_operand(self) -> Operand {
        literal(&self)
    }
}

into_tensors!();
