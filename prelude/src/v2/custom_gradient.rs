//! `tf.custom_gradient` where operations run at once. What stands in the graph is `ops::custom_gradient`'s.

use super::callable::Outputs;
use super::eager::call;
use super::operand::Operand;
use super::{Tensor, tape};
use crate::graph;
use crate::ops::array::convert_to_tensor;
use crate::ops::custom_gradient::{OwnRule, overridden, own_rules};

own_rules! { &Tensor => Outputs, with_gradient }

fn with_gradient<R: Outputs>(
    result: Tensor,
    arguments: &[&Tensor],
    rule: impl Fn(&Tensor) -> R + Send + Sync + 'static,
) -> Tensor {
    let is_symbol = result.value().is_none() || arguments.iter().any(|x| x.value().is_none());
    if !is_symbol && !tape::recording_now() {
        return result;
    }
    let operands: Vec<Operand> =
        std::iter::once(&result).chain(arguments.iter().copied()).map(|x| Operand::Tensor(x.clone())).collect();
    call(&operands, |nodes| {
        let nodes: Vec<graph::Tensor> = nodes.iter().map(|x| convert_to_tensor(x.clone())).collect();
        overridden(nodes[0], &nodes[1..], move |dy| {
            let mut gradients = Vec::new();
            rule(&Tensor::symbolic(dy)).flatten(&mut gradients);
            gradients.into_iter().map(|by| Some(tape::node_of(dy.graph(), &by))).collect()
        })
    })
}

/// A function whose gradient the program gives itself: `@tf.custom_gradient`. It returns its result and a function that makes
/// of the result's gradient those by each argument, in a tuple when there are several.
///
/// ```
/// use flowbook::v2 as tf;
/// // log(1 + e^x), whose derivative as written is infinite over infinite for large x.
/// let log1pexp = tf::custom_gradient(|x: &tf::Tensor| {
///     let e = tf::exp(x);
///     let y = tf::math::log(1.0 + &e);
///     (y, move |upstream: &tf::Tensor| upstream * (1.0 - 1.0 / (1.0 + &e)))
/// });
/// let x = tf::constant(100.0);
/// let tape = tf::GradientTape::new();
/// tape.watch(&x);
/// let y = log1pexp(&x);
/// assert_eq!(tape.gradient(&y, &x).numpy().to_string(), "1.0");
/// ```
pub fn custom_gradient<Arguments, F: OwnRule<Arguments>>(f: F) -> F::Callable {
    f.with_rule()
}
