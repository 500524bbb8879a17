//! Branches and loops under construction: what an op in a branch takes from outside comes in through a `Switch`, so that the
//! op has no value in runs that take the other branch; what one in a loop takes, through an `Enter`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Graph, Listed, Output, Tensor};
use crate::error::Result;
use crate::ops::flow::{ENTER, SWITCH};
use crate::ops::typed;

/// A branch of a `cond` or a turn of a loop.
pub(crate) struct Context {
    way: Way,
    /// The node that has a value only when what is inside runs.
    pivot: u32,
    /// The first node inside.
    first: u32,
    /// What was led in already.
    inside: HashMap<Output, Output>,
    /// What was added further out since the first node inside.
    outside: HashSet<u32>,
}

/// How what is outside comes in.
#[derive(Clone, Copy)]
enum Way {
    /// Through that output of a `Switch`.
    Switch { predicate: Tensor, side: u32 },
    /// Through an `Enter`.
    Enter,
}

impl Context {
    /// A branch: it is taken when its pivot has a value.
    pub fn new(predicate: Tensor, pivot: Tensor, side: u32) -> Context {
        Context::with(Way::Switch { predicate, side }, pivot.node, u32::MAX)
    }

    /// A loop whose first variable this is.
    pub fn of_loop(variable: Tensor) -> Context {
        Context::with(Way::Enter, variable.node, variable.node)
    }

    fn with(way: Way, pivot: u32, first: u32) -> Context {
        Context { way, pivot, first, inside: HashMap::new(), outside: HashSet::new() }
    }

    /// The same with another pivot.
    pub fn from(self, pivot: Tensor) -> Context {
        Context { pivot: pivot.node, ..self }
    }

    /// Whether a tensor needs no way in.
    fn holds(&self, tensor: Tensor) -> bool {
        let decides = matches!(self.way, Way::Switch { predicate, .. } if predicate == tensor);
        let since = tensor.node >= self.first && !self.outside.contains(&tensor.node);
        since || tensor.node == self.pivot || decides
    }

    /// Forgets the nodes from `start` on, which were taken back.
    pub(super) fn forget(&mut self, start: usize) {
        self.outside.retain(|node| (*node as usize) < start);
        self.inside.retain(|_, led| (led.node as usize) < start);
    }

    /// Whether a tensor was led in: the same in every turn of a loop.
    fn led_in(&self, tensor: Tensor) -> bool {
        self.inside.values().any(|inside| *inside == tensor.output())
    }
}

/// What a new node has to do with the branch or loop it is in.
pub(super) struct Place {
    pub inputs: Vec<Tensor>,
    /// What it waits for because nothing else ties it.
    pub pivot: Option<u32>,
    /// Whether a run waits for that: a turn of a loop is run for itself.
    pub waits: bool,
    pub fetchable: bool,
}

impl Graph {
    /// Builds a branch, and leads what it gives out of it when that is from outside.
    pub(crate) fn within(self, branch: Context, body: impl FnOnce() -> Vec<Tensor>) -> Result<Vec<Tensor>> {
        let branch = Context { first: self.data().nodes.len() as u32, ..branch };
        let scope = self.data().scope.clone();
        self.inside(branch, || body().into_iter().map(|tensor| self.lead_in(&scope, tensor)).collect()).0
    }

    /// Builds what is inside, and gives the context back with all that was led in.
    pub(crate) fn inside<R>(self, context: Context, body: impl FnOnce() -> R) -> (R, Context) {
        struct Leave(Graph, usize);
        impl Drop for Leave {
            fn drop(&mut self) {
                self.0.data().branches.truncate(self.1);
            }
        }
        let depth = self.data().branches.len();
        self.data().branches.push(context);
        let _leave = Leave(self, depth);
        let built = body();
        let context = self.data().branches.pop().expect("what was entered is left once");
        (built, context)
    }

    /// The inputs of a new node as they are inside the branches and loops being built.
    pub(super) fn place_in(self, name: &str, inputs: &[Tensor]) -> Result<Place> {
        if self.data().branches.is_empty() {
            return Ok(Place { inputs: inputs.to_vec(), pivot: None, waits: true, fetchable: true });
        }
        let first = self.data().nodes.len();
        let inside = inputs.iter().map(|t| self.lead_in(name, *t)).collect::<Result<Vec<_>>>()?;
        let mut data = self.data();
        data.nodes[first..].iter_mut().for_each(|node| Arc::make_mut(node).listed = Listed::AfterUser);
        drop(data);
        let free = inside.iter().all(|t| self.is_reference(*t));
        let data = self.data();
        let context = data.branches.last().expect("there is one, as was looked at above");
        let waits_already = data.control.iter().flat_map(|c| c.operations()).any(|node| *node >= context.first);
        let (free, waits) = match context.way {
            Way::Switch { .. } => (free, true),
            Way::Enter => (free || inside.iter().all(|t| context.led_in(*t)), false),
        };
        let pivot = (free && !waits_already).then_some(context.pivot);
        Ok(Place { inputs: inside, pivot, waits: waits || pivot.is_none(), fetchable: false })
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
            let (way, is_inside, known) = {
                let data = self.data();
                let branch = &data.branches[level];
                let known = branch.inside.get(&tensor.output()).copied();
                (branch.way, branch.holds(tensor), known)
            };
            if is_inside {
                continue;
            }
            if let Some(known) = known {
                tensor = Tensor { graph: self, node: known.node, index: known.index };
                continue;
            }
            let inner = self.data().branches.split_off(level);
            let made = self.lead(name, tensor, way);
            self.data().branches.extend(inner);
            let led = made?;
            let mut data = self.data();
            data.branches[level].inside.insert(tensor.output(), led.output());
            data.branches[level + 1..].iter_mut().for_each(|inner| _ = inner.outside.insert(led.node));
            drop(data);
            tensor = led;
        }
        Ok(tensor)
    }

    /// What has a value only in the branch being built.
    pub(crate) fn pivot(self) -> Option<Tensor> {
        let node = self.data().branches.last()?.pivot;
        Some(Tensor { graph: self, node, index: 0 })
    }

    /// Adds the node through which a tensor comes in, named under the node it is for.
    fn lead(self, name: &str, tensor: Tensor, way: Way) -> Result<Tensor> {
        let own = |op: &str| self.data().names.claim(name, &format!("{name}/{op}"));
        let attrs = typed("T", tensor.dtype());
        self.outside_control(|| match way {
            Way::Switch { predicate, side } => {
                Ok(self.add(&SWITCH, &own("Switch"), &[tensor, predicate], attrs)?.output(side))
            }
            Way::Enter => Ok(self.add(&ENTER, &own("Enter"), &[tensor], attrs)?.output(0)),
        })
    }
}
