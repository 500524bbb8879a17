//! Conditions that need not decide what runs: where all that lies in the branches is small, cannot fail and changes nothing,
//! both branches are computed and the `Merge` chooses, so that the run can be compiled.

use std::collections::{HashMap, HashSet};

use crate::graph::{GraphData, Node};
use crate::ops::{Kernel, Signature};

/// Values of more elements than this are worth leaving out.
const SMALL: usize = 1 << 12;

/// The nodes of a run that lie in branches; none when one of them must not run without need.
pub(super) fn harmless(graph: &GraphData, nodes: &[u32]) -> Option<HashSet<u32>> {
    let mut depths: HashMap<u32, usize> = HashMap::new();
    let mut inside = HashSet::new();
    for &id in nodes {
        let node = &graph.nodes[id as usize];
        let before = node.inputs.iter().map(|input| &input.node).chain(node.waits_for());
        let depth = before.filter_map(|id| depths.get(id).copied()).max().unwrap_or(0);
        if depth > 0 {
            if !is_harmless(graph, node) {
                return None;
            }
            inside.insert(id);
        }
        depths.insert(
            id,
            match node.def.name {
                "Switch" => depth + 1,
                "Merge" => depth.saturating_sub(1),
                _ => depth,
            },
        );
    }
    Some(inside)
}

/// Whether a value in a branch is small enough to be computed in vain.
pub(super) fn is_small((_, shape): &Signature) -> bool {
    shape.num_elements().is_some_and(|n| n <= SMALL)
}

fn is_harmless(graph: &GraphData, node: &Node) -> bool {
    match node.def.name {
        "Const" | "NoOp" | "Switch" | "Merge" => true,
        "Sum" | "Mean" | "Fill" | "Tile" | "BroadcastTo" => true,
        "Assert" => is_guard(graph, node),
        _ if node.def.stateful => false,
        _ => match node.def.kernel {
            Kernel::Map { guard: None, .. } => true,
            // Only integers are refused.
            Kernel::Map { .. } => node.outputs.iter().all(|(dtype, _)| dtype.is_floating()),
            Kernel::Alias => true,
            _ => node.def.of_shape.is_some(),
        },
    }
}

/// Whether an assertion checks the very condition whose failure leads to it.
fn is_guard(graph: &GraphData, node: &Node) -> bool {
    let switch = &graph.nodes[node.inputs[0].node as usize];
    if switch.def.name != "Switch" {
        return false;
    }
    let decided = &graph.nodes[switch.inputs[1].node as usize];
    decided.inputs.first() == Some(&switch.inputs[0])
}
