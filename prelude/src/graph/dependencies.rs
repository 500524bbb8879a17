//! Control dependencies: what new operations wait for though they take nothing from it.

use std::collections::HashSet;

use super::scope::Restore;
use super::{Built, Graph, GraphData, Operation, Output, Tensor, get_default_graph};

/// Operations that others wait for.
pub(super) struct Controller {
    operations: Vec<u32>,
    /// What was built since: whatever takes something from it need not wait once more.
    seen: HashSet<u32>,
}

impl Controller {
    /// What they are.
    pub(super) fn operations(&self) -> &[u32] {
        &self.operations
    }

    /// Takes note of a node that was built.
    pub(super) fn see(&mut self, node: u32) {
        self.seen.insert(node);
    }

    /// Forgets the nodes from `start` on, which were taken back.
    pub(super) fn forget(&mut self, start: usize) {
        self.seen.retain(|node| (*node as usize) < start);
    }
}

impl GraphData {
    /// What a new node with these inputs has to wait for: nothing that one of its inputs waits for already.
    pub(super) fn waits_for(&self, inputs: &[Output]) -> impl Iterator<Item = u32> {
        let free = |c: &&Controller| !inputs.iter().any(|input| c.seen.contains(&input.node));
        let waited = self.control.iter().filter(free).flat_map(|c| c.operations.iter().copied());
        waited.filter(|op| !inputs.iter().any(|input| input.node == *op))
    }
}

/// Anything that stands for an operation: one itself, or the tensor that it makes.
pub trait HasOperation {
    /// The operation.
    fn operation(&self) -> Operation;
}

impl HasOperation for Operation {
    fn operation(&self) -> Operation {
        *self
    }
}

impl HasOperation for Tensor {
    fn operation(&self) -> Operation {
        self.op()
    }
}

impl<K> HasOperation for Built<K> {
    fn operation(&self) -> Operation {
        self.tensor.op()
    }
}

/// What [`control_dependencies`] takes: operations or tensors in an array, a slice or a vector, or `None`.
pub trait ControlInputs {
    /// The operations to wait for; `None` for none, not even those that were to be waited for before.
    fn operations(&self) -> Option<Vec<Operation>>;
}

impl<T: HasOperation> ControlInputs for [T] {
    fn operations(&self) -> Option<Vec<Operation>> {
        Some(self.iter().map(T::operation).collect())
    }
}

impl<T: HasOperation, const N: usize> ControlInputs for [T; N] {
    fn operations(&self) -> Option<Vec<Operation>> {
        self.as_slice().operations()
    }
}

impl<T: HasOperation> ControlInputs for Vec<T> {
    fn operations(&self) -> Option<Vec<Operation>> {
        self.as_slice().operations()
    }
}

impl ControlInputs for Option<&[Operation]> {
    fn operations(&self) -> Option<Vec<Operation>> {
        (*self)?.operations()
    }
}

impl<T: ControlInputs + ?Sized> ControlInputs for &T {
    fn operations(&self) -> Option<Vec<Operation>> {
        (**self).operations()
    }
}

/// Runs `body` with every new operation waiting for `inputs`: `with tf.control_dependencies([...]):`. With `None` new
/// operations wait for nothing.
pub fn control_dependencies<R>(inputs: impl ControlInputs, body: impl FnOnce() -> R) -> R {
    let graph = get_default_graph();
    let Some(operations) = inputs.operations() else { return graph.outside_control(body) };
    let operations = operations.iter().map(|op| op.node).collect();
    graph.data().control.push(Controller { operations, seen: HashSet::new() });
    let _restore = Restore(graph, |g| {
        g.data().control.pop();
    });
    body()
}

impl Graph {
    /// Builds without the control dependencies around it.
    pub(crate) fn outside_control<R>(self, body: impl FnOnce() -> R) -> R {
        let mut outer = std::mem::take(&mut self.data().control);
        let _restore = Restore(self, move |g| g.data().control = std::mem::take(&mut outer));
        body()
    }
}
