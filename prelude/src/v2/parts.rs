//! Parts of variables and of tensors: what `v[1:3]` is when something is assigned to it, and rows with their places.

use std::fmt;
use std::ops::Deref;

use ndarray::SliceInfoElem;

use super::eager::call;
use super::functions as f;
use super::operand::{IntoTensor, Operand};
use super::{Tensor, Variable};
use crate::Array;
use crate::error::Error;
use crate::ops::scatter::tensor_scatter_nd_update;

/// A part of a variable: a tensor that can be assigned to. [`Variable::slice`] gives it.
#[derive(Clone)]
pub struct VariablePart {
    pub(super) variable: Variable,
    pub(super) part: Vec<SliceInfoElem>,
    pub(super) value: Tensor,
}

impl VariablePart {
    /// Gives this part of the variable a new value, and returns the whole: `v[1:3].assign(value)`.
    ///
    /// # Panics
    /// `InvalidArgumentError` for a value that does not broadcast to the part.
    #[track_caller]
    pub fn assign(&self, value: impl IntoTensor) -> Variable {
        let (variable, value) = (&self.variable, value.into_operand());
        let sizes = variable.sizes();
        let count: usize = sizes.iter().product();
        let numbered = Array::new((0..count as i32).collect::<Vec<_>>(), sizes);
        let places = Tensor::eager(numbered).slice(&self.part).numpy();
        let given = value.tensor().shape();
        let (rank, target) = (places.ndim(), places.shape().to_vec());
        let fits = given.sizes().is_none_or(|own| {
            own.len() <= rank && own.iter().rev().zip(target.iter().rev()).all(|(m, n)| *m == 1 || m == n)
        });
        if !fits {
            let target = crate::Shape::from(&target[..]);
            Error::InvalidArgument(format!(
                "Cannot broadcast input shape {} into final shape {}",
                given.to_proto(),
                target.to_proto()
            ))
            .raise();
        }
        let value = match value.value_for(variable.dtype()) {
            Some(value) => Operand::Tensor(Tensor::eager(value)),
            None => value,
        };
        let vector = |sizes: &[usize]| sizes.iter().map(|n| *n as i32).collect::<Vec<_>>();
        let rows = f::reshape(f::broadcast_to(value, vector(&target)), [-1]);
        let flat = f::reshape(variable, [-1]);
        let operands = [flat.into_operand(), f::reshape(places, [-1, 1]).into_operand(), rows.into_operand()];
        let changed = call(&operands, |x| tensor_scatter_nd_update(x[0].clone(), x[1].clone(), x[2].clone()));
        variable.assign(f::reshape(changed, vector(sizes)))
    }
}

impl Deref for VariablePart {
    type Target = Tensor;
    fn deref(&self) -> &Tensor {
        &self.value
    }
}

impl IntoTensor for VariablePart {
    fn into_operand(self) -> Operand {
        Operand::Tensor(self.value)
    }
}

impl IntoTensor for &VariablePart {
    fn into_operand(self) -> Operand {
        Operand::Tensor(self.value.clone())
    }
}

impl fmt::Display for VariablePart {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)
    }
}

impl fmt::Debug for VariablePart {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(&self.value, f)
    }
}

impl crate::format::PyRepr for VariablePart {
    fn py_repr(&self) -> String {
        format!("{self:?}")
    }
}

/// Rows, and the places of a larger tensor that they belong to: `tf.IndexedSlices(values, indices)`.
#[derive(Clone)]
pub struct IndexedSlices {
    values: Tensor,
    indices: Tensor,
}

impl IndexedSlices {
    /// The rows `values` at `indices`.
    #[track_caller]
    pub fn new(values: impl IntoTensor, indices: impl IntoTensor) -> IndexedSlices {
        IndexedSlices { values: values.into_operand().tensor(), indices: indices.into_operand().tensor() }
    }

    /// The rows: `slices.values`.
    pub fn values(&self) -> Tensor {
        self.values.clone()
    }

    /// The places: `slices.indices`.
    pub fn indices(&self) -> Tensor {
        self.indices.clone()
    }

    /// The places as indices of one axis.
    pub(super) fn places(&self) -> Tensor {
        f::expand_dims(&self.indices, -1)
    }
}
