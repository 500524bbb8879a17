//! What may stand where TensorFlow converts an argument to a tensor: tensors, variables, numbers, arrays.
//! A literal takes the other operand's element type when TensorFlow would let it.

use ndarray::{ArrayBase, Data as NdData, Dimension};

use super::{Built, Graph, Scope, Tensor, Variable, get_default_graph};
use crate::dtype::Element;
use crate::error::{Error, Result};
use crate::ops::cast_array;
use crate::{Array, ArrayLike, DType};

/// An argument before its conversion.
#[derive(Clone)]
pub enum Operand {
    /// A tensor of some graph.
    Tensor(Tensor),
    /// A value: its exact elements, and the element type TensorFlow gives it when nothing else decides.
    Literal(Array, DType),
}

/// Anything TensorFlow's `convert_to_tensor` accepts.
pub trait IntoTensor {
    /// The argument, not yet part of a graph.
    fn into_operand(self) -> Operand;
}

impl IntoTensor for Operand {
    fn into_operand(self) -> Operand {
        self
    }
}

impl IntoTensor for Tensor {
    fn into_operand(self) -> Operand {
        Operand::Tensor(self)
    }
}

impl IntoTensor for Variable {
    fn into_operand(self) -> Operand {
        Operand::Tensor(self.value())
    }
}

impl<K> IntoTensor for Built<K> {
    fn into_operand(self) -> Operand {
        Operand::Tensor(self.tensor)
    }
}

impl<T: IntoTensor + Clone> IntoTensor for &T {
    fn into_operand(self) -> Operand {
        self.clone().into_operand()
    }
}

fn literal(value: &(impl ArrayLike + ?Sized)) -> Operand {
    Operand::Literal(value.to_array(), value.to_tensor().dtype())
}

macro_rules! literals {
    ($($t:ty),*) => { $(impl IntoTensor for $t {
        fn into_operand(self) -> Operand {
            literal(&self)
        }
    })* };
}
literals!(f64, f32, i32, i64, u8, bool, &str, String, Array);

impl<T: ArrayLike, const N: usize> IntoTensor for [T; N] {
    #[track_caller]
    fn into_operand(self) -> Operand {
        literal(&self)
    }
}

impl<T: ArrayLike> IntoTensor for Vec<T> {
    #[track_caller]
    fn into_operand(self) -> Operand {
        literal(&self)
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

impl Operand {
    /// The array a constant of it holds, of type `wanted` when TensorFlow's implicit conversion allows it.
    pub(crate) fn array(&self, wanted: Option<DType>) -> Option<Array> {
        let Operand::Literal(array, default) = self else { return None };
        let dtype = wanted.filter(|w| converts(*default, *w)).unwrap_or(*default);
        Some(cast_array(array, dtype))
    }

    /// The tensor itself, or a new constant named `name` under `scope`.
    pub(crate) fn tensor(&self, scope: &Scope, name: &str, wanted: Option<DType>) -> Result<Tensor> {
        match self {
            Operand::Tensor(t) => Ok(*t),
            Operand::Literal(..) => scope.constant(name, self.array(wanted).expect("a literal has an array")),
        }
    }
}

/// Whether a literal of type `from` may become a constant of type `to` without being asked: integers become
/// anything numeric, floats any float.
pub(crate) fn converts(from: DType, to: DType) -> bool {
    from == to
        || (from.is_integer() && (to.is_integer() || to.is_floating()))
        || (from.is_floating() && to.is_floating())
}

/// Declares what stands for several arguments, beside the `IntoTensor` and `Operand` that are in scope.
macro_rules! into_tensors {
    (@ $($($T:ident $x:ident),+;)*) => {
        /// Several arguments at once, where TensorFlow takes a list of tensors: an array, a vector or a slice of one type, or a tuple
        /// of whatever becomes a tensor.
        pub trait IntoTensors {
            /// The arguments, not yet converted.
            fn into_operands(self) -> Vec<Operand>;
        }

        impl<T: IntoTensor + Clone> IntoTensors for &[T] {
            #[track_caller]
            fn into_operands(self) -> Vec<Operand> {
                self.iter().map(|x| x.clone().into_operand()).collect()
            }
        }

        impl<T: IntoTensor + Clone> IntoTensors for &Vec<T> {
            #[track_caller]
            fn into_operands(self) -> Vec<Operand> {
                self.as_slice().into_operands()
            }
        }

        impl<T: IntoTensor> IntoTensors for Vec<T> {
            #[track_caller]
            fn into_operands(self) -> Vec<Operand> {
                self.into_iter().map(T::into_operand).collect()
            }
        }

        impl<T: IntoTensor + Clone, const N: usize> IntoTensors for &[T; N] {
            #[track_caller]
            fn into_operands(self) -> Vec<Operand> {
                self.as_slice().into_operands()
            }
        }

        impl<T: IntoTensor, const N: usize> IntoTensors for [T; N] {
            #[track_caller]
            fn into_operands(self) -> Vec<Operand> {
                self.into_iter().map(T::into_operand).collect()
            }
        }

        $(
            impl<$($T: IntoTensor),+> IntoTensors for ($($T,)+) {
                #[track_caller]
                fn into_operands(self) -> Vec<Operand> {
                    let ($($x,)+) = self;
                    vec![$($x.into_operand()),+]
                }
            }
        )*
    };
    () => {
        $crate::graph::into_tensors! { @
            A a, B b;
            A a, B b, C c;
            A a, B b, C c, D d;
            A a, B b, C c, D d, E e;
            A a, B b, C c, D d, E e, F f;
        }
    };
}
pub(crate) use into_tensors;

into_tensors!();

/// The graph of the first tensor among the operands, else the default one.
pub(crate) fn graph_of(operands: &[&Operand]) -> Graph {
    let first = operands.iter().find_map(|o| if let Operand::Tensor(t) = o { Some(t.graph) } else { None });
    first.unwrap_or_else(get_default_graph)
}

/// An element type as an argument: `tf::float32` or its name.
pub trait IntoDType {
    /// The element type.
    ///
    /// # Errors
    /// `TypeError` for a name that TensorFlow does not know.
    fn into_dtype(self) -> Result<DType>;
}

impl IntoDType for DType {
    fn into_dtype(self) -> Result<DType> {
        Ok(self)
    }
}

impl IntoDType for &str {
    fn into_dtype(self) -> Result<DType> {
        let found = DType::ALL.into_iter().find(|d| d.name() == self || d.c_name() == self);
        found.ok_or_else(|| {
            Error::Type(format!("Cannot convert the argument `type_value`: '{self}' to a TensorFlow DType."))
        })
    }
}
