//! `tf.train`: optimizers, learning-rate schedules, the global step, checkpoints. Here is the global step only.

mod optimizers;
mod saver;
mod schedules;
mod update;

pub use optimizers::{
    AdadeltaOptimizer, AdagradOptimizer, AdamOptimizer, GradientDescentOptimizer, MomentumOptimizer, NadamOptimizer,
    RMSPropOptimizer, Rate,
};
pub use saver::{
    CheckpointState, Saver, checkpoint_exists, get_checkpoint_state, latest_checkpoint, list_variables, load_variable,
};
pub use schedules::{
    cosine_decay, cosine_decay_restarts, cyclic_learning_rate, exponential_decay, inverse_time_decay,
    linear_cosine_decay, natural_exp_decay, piecewise_constant, polynomial_decay,
};

use crate::DType;
use crate::error::Result;
use crate::graph::{Variable, get_default_graph, get_variable, initializer};
use crate::session::Session;

/// The variable that counts training steps, `global_step`, an `int64` that starts at 0:
/// `tf.train.get_or_create_global_step()`.
#[track_caller]
pub fn get_or_create_global_step() -> Variable {
    get_global_step().unwrap_or_else(|| {
        let step = get_variable("global_step").with_dtype(DType::Int64).initializer(initializer::zeros());
        step.shape(crate::Shape::scalar()).trainable(false)
    })
}

/// The variable that counts training steps, when there is one: `tf.train.get_global_step()`.
pub fn get_global_step() -> Option<Variable> {
    get_default_graph().global_variables().into_iter().find(|v| v.name() == "global_step:0")
}

/// How many steps have been trained: `tf.train.global_step(sess, step)`.
///
/// # Errors
/// As [`Session::run`].
pub fn global_step(session: Session, step: Variable) -> Result<i64> {
    Ok(crate::ops::ints(session.run(step)?).first().copied().unwrap_or(0))
}
