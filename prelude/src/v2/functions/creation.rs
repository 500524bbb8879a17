//! Tensors from values: constants, fillings, the identity matrix.

use crate::error::{Error, Result};
use crate::graph::{self, IntoDType};
use crate::ops::{self, cast_array};
use crate::v2::Tensor;
use crate::v2::built::{Built, Evaluate};
use crate::v2::operand::IntoTensor;
use crate::{Array, ArrayLike, DType, Shape};

/// The argument as a tensor: `tf.convert_to_tensor`.
pub fn convert_to_tensor(value: impl IntoTensor) -> Tensor {
    value.into_operand().tensor()
}

/// The arguments of [`constant`].
#[derive(Clone)]
pub struct Constant {
    exact: Array,
    dtype: DType,
    chosen: bool,
    shape: Option<Vec<usize>>,
}

impl Evaluate for Constant {
    fn evaluate(&self) -> Result<Tensor> {
        let from = self.exact.dtype();
        if self.chosen && from != self.dtype && !graph::converts(from, self.dtype) {
            let text = match self.exact.as_slice::<String>() {
                Some([text]) => format!("'{text}'"),
                _ => ops::python_text(&self.exact),
            };
            return Err(Error::Type(format!("Cannot convert {text} to EagerTensor of dtype {}", self.dtype.c_name())));
        }
        let value = cast_array(&self.exact, self.dtype);
        let Some(shape) = &self.shape else { return Ok(Tensor::eager(value)) };
        let count: usize = shape.iter().product();
        if value.len() == 1 {
            return Ok(Tensor::eager(ops::array::filled(&value.reshaped(&[])?, shape)));
        }
        if value.len() != count {
            return Err(Error::Type(format!(
                "Eager execution of tf.constant with unsupported shape. Tensor {value} (converted from {}) has {} \
                 elements, but got `shape` {} with {count} elements).",
                value.to_string().replace(' ', ", "),
                value.len(),
                crate::format::shape_text(shape)
            )));
        }
        Ok(Tensor::eager(value.reshaped(shape)?))
    }
}

/// A tensor of that value: `tf.constant`, with `.with_dtype(...)` and `.with_shape(...)`.
///
/// ```
/// use flowbook::v2 as tf;
/// assert_eq!(tf::constant([1.9, 2.1]).to_string(), "tf.Tensor([1.9 2.1], shape=(2,), dtype=float32)");
/// ```
#[track_caller]
pub fn constant(value: impl ArrayLike) -> Built<Constant> {
    let dtype = value.to_tensor().dtype();
    Built::new(Constant { exact: value.to_array(), dtype, chosen: false, shape: None })
}

impl Built<Constant> {
    /// The element type, `dtype=`.
    ///
    /// # Panics
    /// `TypeError` when the value does not convert to it.
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> Built<Constant> {
        let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
        self.with(|c| (c.dtype, c.chosen) = (dtype, true))
    }

    /// The shape, `shape=`. One value fills it.
    ///
    /// # Panics
    /// `TypeError` when the number of elements differs.
    #[track_caller]
    pub fn with_shape(self, shape: impl Into<Shape>) -> Built<Constant> {
        let sizes = shape.into().sizes();
        self.with(|c| c.shape = sizes)
    }
}

/// The arguments of [`zeros`] and [`ones`].
#[derive(Clone)]
pub struct Filled {
    value: i32,
    shape: Shape,
    dtype: DType,
}

impl Evaluate for Filled {
    fn evaluate(&self) -> Result<Tensor> {
        let sizes = self.shape.sizes().ok_or_else(|| Error::Value("the shape must be fully known".into()))?;
        let one = cast_array(&Array::scalar(self.value), self.dtype);
        Ok(Tensor::eager(ops::array::filled(&one, &sizes)))
    }
}

/// Zeros, of `float32` unless `.with_dtype(...)` says otherwise: `tf.zeros`.
#[track_caller]
pub fn zeros(shape: impl Into<Shape>) -> Built<Filled> {
    Built::new(Filled { value: 0, shape: shape.into(), dtype: DType::Float32 })
}

/// Ones, of `float32` unless `.with_dtype(...)` says otherwise: `tf.ones`.
#[track_caller]
pub fn ones(shape: impl Into<Shape>) -> Built<Filled> {
    Built::new(Filled { value: 1, shape: shape.into(), dtype: DType::Float32 })
}

impl Built<Filled> {
    /// The element type, `dtype=`.
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> Built<Filled> {
        let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
        self.with(|a| a.dtype = dtype)
    }
}
