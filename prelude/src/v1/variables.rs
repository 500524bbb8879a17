//! The variables of the default graph: lists of them, what starts them, and which have no value yet.

use crate::graph::{Operation, Scope, Tensor, Variable, build, get_default_graph};
use crate::ops::array::{constant, new_constant};
use crate::ops::control::named_group;
use crate::ops::elementwise::logical_not;
use crate::ops::shape::{gather, squeeze, stack};
use crate::ops::slicing::r#where;
use crate::ops::state::is_variable_initialized;
use crate::{Array, DType};

/// An operation that gives every variable its initial value: `tf.global_variables_initializer()`.
#[track_caller]
pub fn global_variables_initializer() -> Operation {
    variables_initializer(&get_default_graph().global_variables())
}

/// The older name of [`global_variables_initializer`]: `tf.initialize_all_variables()`.
#[track_caller]
pub fn initialize_all_variables() -> Operation {
    global_variables_initializer()
}

/// The same for the local variables: `tf.local_variables_initializer()`.
#[track_caller]
pub fn local_variables_initializer() -> Operation {
    variables_initializer(&get_default_graph().local_variables())
}

/// An operation that gives these variables their initial values: `tf.variables_initializer(variables)`.
#[track_caller]
pub fn variables_initializer(variables: &[Variable]) -> Operation {
    let operations: Vec<Operation> = variables.iter().map(|v| v.initializer_op()).collect();
    named_group(&operations, "init")
}

/// Every variable of the default graph: `tf.global_variables()`.
pub fn global_variables() -> Vec<Variable> {
    get_default_graph().global_variables()
}

/// The variables that are neither saved nor started with the global ones: `tf.local_variables()`.
pub fn local_variables() -> Vec<Variable> {
    get_default_graph().local_variables()
}

/// The variables that optimizers change: `tf.trainable_variables()`.
pub fn trainable_variables() -> Vec<Variable> {
    get_default_graph().trainable_variables()
}

/// The names of the global and local variables that have no value yet, as strings, when run:
/// `tf.report_uninitialized_variables()`.
///
/// ```
/// use flowbook::v1 as tf;
/// # tf::Graph::new().as_default(|| {
/// let w = tf::Variable::new(1.0).named("w");
/// let missing = tf::report_uninitialized_variables();
/// let sess = tf::Session::new();
/// assert_eq!(sess.run(missing)?.to_string(), "[b'w']");
/// sess.run(w.initializer_op())?;
/// assert_eq!(sess.run(missing)?.to_string(), "[]");
/// # Ok::<(), flowbook::Error>(())
/// # }).unwrap();
/// ```
#[track_caller]
pub fn report_uninitialized_variables() -> Tensor {
    let variables = [global_variables(), local_variables()].concat();
    let graph = get_default_graph();
    build(graph, || {
        Scope::open(graph, "report_uninitialized_variables").enter(|| {
            if variables.is_empty() {
                return new_constant(graph, "Const", Array::zeros(DType::String, &[0]));
            }
            let ready: Vec<Tensor> = variables.iter().map(|v| is_variable_initialized(*v)).collect();
            let missing = logical_not(stack(&ready));
            let names: Vec<String> = variables.iter().map(|v| v.op().name()).collect();
            let names = constant(names);
            Ok(Scope::open(graph, "boolean_mask").enter(|| gather(names, squeeze(r#where(missing), &[1])).tensor()))
        })
    })
}
