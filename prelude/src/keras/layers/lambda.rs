//! A function as a layer.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Base, Layer, Weight, common, identity};
use crate::error::Result;
use crate::v2::{Tensor, attempt, outside};
use crate::{Array, DType, Shape};

type Function = dyn Fn(&Tensor) -> Tensor + Send + Sync;

/// A function as a layer, without weights: `keras.layers.Lambda(function)`. Such a model trains and predicts, and its weights
/// can be saved; the function itself is in no file.
///
/// ```
/// use flowbook::{keras, v2 as tf};
/// let scaled = keras::layers::Lambda::new(|x| x * 100.0);
/// assert_eq!(scaled.call(&tf::constant([[0.5]])).numpy().to_string(), "[[50.]]");
/// ```
#[derive(Clone)]
pub struct Lambda {
    base: Base,
    function: Arc<Function>,
}
common!(Lambda);

impl Lambda {
    /// Of a function of a batch.
    pub fn new<T: Into<Tensor>>(function: impl Fn(&Tensor) -> T + Send + Sync + 'static) -> Lambda {
        Lambda { base: Base::new("Lambda"), function: Arc::new(move |x| function(x).into()) }
    }
}

impl Layer for Lambda {
    identity!(Lambda);

    /// What comes of a batch of one; sizes that are not known are taken for 1.
    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let sizes: Vec<usize> = inputs[0].dims().unwrap_or_default().iter().map(|n| n.unwrap_or(1)).collect();
        let one = Tensor::eager(Array::zeros(DType::Float32, &sizes));
        let result = outside(|| attempt(|| (self.function)(&one)))?;
        let mut dims = result.shape().dims().unwrap_or_default().to_vec();
        if let (Some(first), Some(batch)) = (dims.first_mut(), inputs[0].dims().and_then(|d| d.first())) {
            *first = *batch;
        }
        Ok(Shape::from(dims))
    }

    fn forward(&self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        (self.function)(&inputs[0])
    }

    fn config(&self) -> Value {
        json!({})
    }
}
