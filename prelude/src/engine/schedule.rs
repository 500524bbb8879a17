//! The order of a plan: updates of variables after everything that reads them, and elementwise ops of one shape
//! fused into groups.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::analyse::Analysis;
use crate::graph::{GraphData, Output};
use crate::ops::Kernel;

/// One step of the order: a node, or elementwise nodes that run as one.
#[derive(Debug, PartialEq)]
pub(crate) enum Item {
    Node(u32),
    Group(Vec<u32>),
}

impl Item {
    pub fn nodes(&self) -> &[u32] {
        match self {
            Item::Node(node) => std::slice::from_ref(node),
            Item::Group(nodes) => nodes,
        }
    }
}

/// The nodes in an order in which a variable is written only when nothing else is left to do before it.
pub(crate) fn order(graph: &GraphData, analysis: &Analysis) -> Vec<u32> {
    let mut waiting: HashMap<u32, usize> = HashMap::new();
    let mut users: HashMap<u32, Vec<u32>> = HashMap::new();
    for &id in &analysis.nodes {
        let mut sources = sources(graph, analysis, id);
        sources.sort_unstable();
        sources.dedup();
        sources.retain(|s| analysis.nodes.binary_search(s).is_ok());
        waiting.insert(id, sources.len());
        sources.iter().for_each(|s| users.entry(*s).or_default().push(id));
    }
    let mut ready = BinaryHeap::new();
    let rank = |id: u32| Reverse((graph.nodes[id as usize].def.is_update(), id));
    analysis.nodes.iter().filter(|id| waiting[id] == 0).for_each(|id| ready.push(rank(*id)));
    let mut order = Vec::with_capacity(analysis.nodes.len());
    while let Some(Reverse((_, id))) = ready.pop() {
        order.push(id);
        for user in users.get(&id).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(user) {
                *count -= 1;
                if *count == 0 {
                    ready.push(rank(*user));
                }
            }
        }
    }
    order
}

/// The nodes that must run before this one.
fn sources(graph: &GraphData, analysis: &Analysis, id: u32) -> Vec<u32> {
    let node = &graph.nodes[id as usize];
    let inputs = node.inputs.iter().map(|i| analysis.origin(*i));
    let inputs = inputs.filter(|i| !analysis.fed.contains_key(i) && !analysis.values.contains_key(i));
    inputs.map(|i| i.node).chain(node.control.iter().copied()).collect()
}

/// Joins elementwise nodes of equal size. A node may join a group when all that it needs from outside runs before
/// the group's first node, where the group stands.
pub(crate) fn fuse(graph: &GraphData, analysis: &Analysis, order: &[u32]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut shapes: Vec<Option<Vec<usize>>> = Vec::new();
    // The item in which a node's result is there; nodes without a step of their own pass on their sources'.
    let mut place: HashMap<u32, isize> = HashMap::new();
    for &id in order {
        let node = &graph.nodes[id as usize];
        let at = |p: &HashMap<u32, isize>, s: u32| p.get(&s).copied().unwrap_or(-1);
        let sources = sources(graph, analysis, id);
        let latest = sources.iter().map(|s| at(&place, *s)).max().unwrap_or(-1);
        if matches!(node.def.kernel, Kernel::Alias | Kernel::None) {
            place.insert(id, latest);
            continue;
        }
        let fusible = matches!(node.def.kernel, Kernel::Map { guard, .. } if guard.is_none())
            || is_float_map(analysis, graph, id);
        if !fusible {
            place.insert(id, items.len() as isize);
            items.push(Item::Node(id));
            shapes.push(None);
            continue;
        }
        let shape = analysis.sizes(Output { node: id, index: 0 });
        let joins = |k: usize| {
            shapes[k].as_ref() == Some(&shape)
                && sources.iter().all(|s| {
                    let p = at(&place, *s);
                    p < k as isize || (p == k as isize && items[k].nodes().contains(s))
                })
        };
        match (0..items.len()).rev().find(|k| joins(*k)) {
            Some(k) => {
                if let Item::Group(nodes) = &mut items[k] {
                    nodes.push(id);
                }
                place.insert(id, k as isize);
            }
            None => {
                place.insert(id, items.len() as isize);
                items.push(Item::Group(vec![id]));
                shapes.push(Some(shape));
            }
        }
    }
    items
}

/// Guards check integers only.
fn is_float_map(analysis: &Analysis, graph: &GraphData, id: u32) -> bool {
    let node = &graph.nodes[id as usize];
    matches!(node.def.kernel, Kernel::Map { .. }) && analysis.dtype(analysis.origin(node.inputs[0])).is_floating()
}
