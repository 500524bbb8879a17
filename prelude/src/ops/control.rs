//! Ops that order a run: groups and no-ops. What checks a run is in `assertion`.

use super::array::IDENTITY;
use super::{Kernel, OpDef, here, typed};
use crate::error::Error;
use crate::graph::{Attrs, Operation, Scope, Tensor, build, control_dependencies};

pub(crate) static OPS: &[&OpDef] = &[&NO_OP];

pub(crate) static NO_OP: OpDef = OpDef::new("NoOp", |_| Ok(vec![]), Kernel::None).stateful();

/// An operation that does nothing: `tf.no_op()`.
#[track_caller]
pub fn no_op() -> Operation {
    let graph = here();
    build(graph, || Scope::open(graph, "NoOp").op(&NO_OP, &[], Attrs::new()))
}

/// One operation that runs all of `operations`: `tf.group(...)`.
#[track_caller]
pub fn group(operations: &[Operation]) -> Operation {
    named_group(operations, "group_deps")
}

/// The tensors, each of which has a value only when all have theirs: `tf.tuple(tensors)`.
///
/// # Panics
/// `ValueError` when there is no tensor.
#[track_caller]
pub fn tuple(tensors: &[Tensor]) -> Vec<Tensor> {
    let Some(first) = tensors.first() else {
        Error::Value(format!("Must have at least one Tensor: {tensors:?}.")).raise();
    };
    let graph = first.graph();
    let gated = |tensor: &Tensor, gate: Operation| {
        let name = Scope::open(graph, "control_dependency");
        control_dependencies([gate], || name.op(&IDENTITY, &[*tensor], typed("T", tensor.dtype())))
    };
    graph.as_default(|| {
        build(graph, || {
            Scope::open(graph, "tuple").enter(|| {
                let operations: Vec<Operation> = tensors.iter().map(|tensor| tensor.op()).collect();
                let gate = named_group(&operations, "group_deps");
                tensors.iter().map(|tensor| Ok(gated(tensor, gate)?.output(0))).collect()
            })
        })
    })
}

#[track_caller]
pub(crate) fn named_group(operations: &[Operation], name: &str) -> Operation {
    let graph = operations.first().map_or_else(here, |op| op.graph());
    graph.as_default(|| {
        build(graph, || control_dependencies(operations, || Scope::open(graph, name).op(&NO_OP, &[], Attrs::new())))
    })
}
