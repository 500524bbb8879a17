//! `PlaceholderWithDefault`: a value that a run may be fed, and that is there when it is not.

use super::{Infer, Kernel, OpDef, Signature};
use crate::Shape;
use crate::error::Result;
use crate::graph::{Attr, Attrs, IntoTensor, Scope, Tensor, build, graph_of};

pub(crate) static OPS: &[&OpDef] = &[&PLACEHOLDER_WITH_DEFAULT];

/// While the graph is built it has the shape it was given, in a run that of its value.
fn declared(infer: &Infer) -> Result<Vec<Signature>> {
    let declared = infer.declared();
    let (given, promised) = (infer.shape(0), &declared[0].1);
    if infer.running {
        return Ok(vec![infer.inputs[0].clone()]);
    }
    if let (Some(given), Some(promised)) = (given.dims(), promised.dims()) {
        if given.len() != promised.len() {
            let text = format!("Shapes must be equal rank, but are {} and {}", given.len(), promised.len());
            return infer.fail(text.clone(), text);
        }
        let apart = |i: &usize| matches!((given[*i], promised[*i]), (Some(m), Some(n)) if m != n);
        if let Some(i) = (0..given.len()).find(apart) {
            let (m, n) = (given[i].unwrap_or(0), promised[i].unwrap_or(0));
            let shapes = (infer.shape(0).to_proto(), declared[0].1.to_proto());
            let text = format!(
                "Dimension {i} in both shapes must be equal, but are {m} and {n}. Shapes are {} and {}.",
                shapes.0, shapes.1
            );
            return infer.fail(text.clone(), text);
        }
    }
    Ok(declared)
}

/// What it is given is not known while the graph is built: a run may be fed something else.
static PLACEHOLDER_WITH_DEFAULT: OpDef =
    OpDef::new("PlaceholderWithDefault", declared, Kernel::Alias).gradient(|g| vec![Some(g.dy())]).stateful();

/// A value that a run may be fed, and `input` when it is not: `tf.placeholder_with_default(1.0, [])`.
///
/// ```
/// use flowbook::{feed, shape, v1 as tf};
/// let keep_prob = tf::placeholder_with_default(1.0, shape![]);
/// let sess = tf::Session::new();
/// assert_eq!(sess.run(keep_prob)?.to_string(), "1.0");
/// assert_eq!(sess.run_with(keep_prob, feed! { keep_prob => 0.5 })?.to_string(), "0.5");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `ValueError` when the value does not have that shape.
#[track_caller]
pub fn placeholder_with_default(input: impl IntoTensor, shape: impl Into<Shape>) -> Tensor {
    let (input, shape) = (input.into_operand(), shape.into());
    let graph = graph_of(&[&input]);
    build(graph, || {
        let scope = Scope::open(graph, "PlaceholderWithDefault");
        let input = input.tensor(&scope, "input", None)?;
        let attrs = Attrs::from([("dtype", Attr::Type(input.dtype())), ("shape", Attr::Shape(shape.clone()))]);
        Ok(scope.op(&PLACEHOLDER_WITH_DEFAULT, &[input], attrs)?.output(0))
    })
}
