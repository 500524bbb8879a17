//! Penalties on weights, as `tf.contrib.layers` has them, and the collection of losses that they join.

use crate::graph::collections::keys::REGULARIZATION_LOSSES;
use crate::graph::{IntoTensor, Tensor, get_default_graph};
use crate::ops::array::{add_n, convert_to_tensor};
use crate::ops::elementwise::{abs, multiply};
use crate::ops::loss::l2_loss;
use crate::ops::nn::composed;
use crate::ops::reduce::reduce_sum;

/// A penalty on weights: call it with them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Regularizer {
    l1: f64,
    l2: f64,
}

/// `scale` times the sum of the absolute values: `tf.contrib.layers.l1_regularizer(scale)`.
pub fn l1_regularizer(scale: f64) -> Regularizer {
    Regularizer { l1: scale, l2: 0.0 }
}

/// `scale` times half the sum of the squares: `tf.contrib.layers.l2_regularizer(scale)`.
pub fn l2_regularizer(scale: f64) -> Regularizer {
    Regularizer { l1: 0.0, l2: scale }
}

/// Both, the elastic net: `tf.contrib.layers.l1_l2_regularizer(scale_l1, scale_l2)`.
pub fn l1_l2_regularizer(scale_l1: f64, scale_l2: f64) -> Regularizer {
    Regularizer { l1: scale_l1, l2: scale_l2 }
}

impl Regularizer {
    /// The penalty for these weights, Python's `regularizer(weights)`. A scale of 0 leaves its part out.
    ///
    /// ```
    /// use flowbook::v1 as tf;
    /// let w = tf::constant([[1.0, -2.0], [3.0, -4.0]]);
    /// let penalty = tf::contrib::layers::l1_l2_regularizer(0.1, 0.01).call(w);
    /// assert_eq!(tf::Session::new().run(penalty)?.to_string(), "1.15"); // 0.1 * 10 + 0.01 * 30 / 2
    /// # Ok::<(), flowbook::Error>(())
    /// ```
    #[track_caller]
    pub fn call(self, weights: impl IntoTensor) -> Tensor {
        let weights = convert_to_tensor(weights);
        composed(weights, "l1_l2_regularizer", || {
            let l1 = (self.l1 != 0.0).then(|| multiply(reduce_sum(abs(weights)), self.l1));
            let l2 = (self.l2 != 0.0).then(|| multiply(l2_loss(weights), self.l2));
            match (l1, l2) {
                (Some(l1), Some(l2)) => l1 + l2,
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => multiply(l2_loss(weights), 0.0),
            }
        })
    }
}

/// The penalty for all of these weights, which joins the regularization losses:
/// `tf.contrib.layers.apply_regularization(regularizer, weights_list)`.
#[track_caller]
pub fn apply_regularization<W: IntoTensor + Clone>(regularizer: Regularizer, weights: &[W]) -> Tensor {
    let penalties: Vec<Tensor> = weights.iter().map(|w| regularizer.call(w.clone())).collect();
    let total = add_n(&penalties);
    get_default_graph().add_to_collection(REGULARIZATION_LOSSES, total);
    total
}

/// The regularization losses of the default graph: `tf.losses.get_regularization_losses()`.
pub fn get_regularization_losses() -> Vec<Tensor> {
    get_default_graph().get_collection(REGULARIZATION_LOSSES)
}

/// Their sum, 0 when there are none: `tf.losses.get_regularization_loss()`.
#[track_caller]
pub fn get_regularization_loss() -> Tensor {
    let losses = get_regularization_losses();
    if losses.is_empty() { convert_to_tensor(0.0) } else { add_n(&losses) }
}
