//! Branches under construction: what an op in a branch takes from outside comes in through a `Switch`, so that the op
//! has no value in runs that take the other branch.

use super::{Graph, Operation, Output, Tensor};
use crate::error::Result;
use crate::ops::flow::SWITCH;
use crate::ops::typed;

/// A branch of a `cond`.
pub(crate) struct Context {
    predicate: Tensor,
    /// The node that has a value only when the branch is taken.
    pivot: u32,
    /// Which output of a `Switch` leads into the branch.
    side: u32,
    /// The first node inside.
    first: u32,
}

impl Context {
    pub fn new(predicate: Tensor, pivot: Tensor, side: u32) -> Context {
        Context { predicate, pivot: pivot.node, side, first: u32::MAX }
    }
}

impl Graph {
    /// Builds a branch, and leads what it gives out of it when that is from outside.
    pub(crate) fn within(self, branch: Context, body: impl FnOnce() -> Vec<Tensor>) -> Result<Vec<Tensor>> {
        struct Leave(Graph);
        impl Drop for Leave {
            fn drop(&mut self) {
                self.0.data().branches.pop();
            }
        }
        let branch = Context { first: self.data().nodes.len() as u32, ..branch };
        self.data().branches.push(branch);
        let _leave = Leave(self);
        let scope = self.data().scope.clone();
        body().into_iter().map(|tensor| self.lead_in(&scope, tensor)).collect()
    }

    /// The inputs of a new node as they are inside the branches being built, and the pivot that a node without any such
    /// input must wait for.
    pub(super) fn into_branch(self, name: &str, inputs: &[Tensor]) -> Result<(Vec<Tensor>, Option<u32>)> {
        let pivot = self.data().branches.last().map(|b| b.pivot);
        let Some(pivot) = pivot else { return Ok((inputs.to_vec(), None)) };
        let inside = inputs.iter().map(|t| self.lead_in(name, *t)).collect::<Result<Vec<_>>>()?;
        let waits = inputs.iter().all(|t| self.is_reference(*t));
        Ok((inside, waits.then_some(pivot)))
    }

    /// A variable itself, as the ops that write to it take it.
    fn is_reference(self, tensor: Tensor) -> bool {
        let data = self.data();
        let mut node = &data.nodes[tensor.node as usize];
        while node.def.is_update() {
            node = &data.nodes[node.inputs[0].node as usize];
        }
        node.def.name == "VariableV2"
    }

    /// A tensor as it is inside all branches being built.
    fn lead_in(self, name: &str, tensor: Tensor) -> Result<Tensor> {
        if tensor.graph != self || self.is_reference(tensor) {
            return Ok(tensor);
        }
        let mut tensor = tensor;
        let depth = self.data().branches.len();
        for level in 0..depth {
            let (predicate, side, first) = {
                let branch = &self.data().branches[level];
                (branch.predicate, branch.side, branch.first)
            };
            if tensor.node >= first {
                continue;
            }
            let inner = self.data().branches.split_off(level);
            let made = self.switch(name, tensor, predicate);
            self.data().branches.extend(inner);
            tensor = made?.output(side);
        }
        Ok(tensor)
    }

    fn switch(self, name: &str, tensor: Tensor, predicate: Tensor) -> Result<Operation> {
        let wanted = format!("{name}/Switch");
        let name = self.data().names.claim(name, &wanted);
        self.add(&SWITCH, &name, &[tensor, predicate], typed("T", tensor.dtype()))
    }
}

impl Operation {
    /// What a `Merge` depends on.
    pub(crate) fn predicate(self) -> Option<Tensor> {
        let found: Option<Output> = self.graph.data().predicates.get(&self.node).copied();
        found.map(|o| Tensor { graph: self.graph, node: o.node, index: o.index })
    }
}
