//! The order of a plan: updates of variables after everything that reads them, elementwise ops of one shape fused
//! into groups with the sums of what they give, and products with the bias that is added to them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::analyse::Analysis;
use crate::DType;
use crate::graph::{GraphData, Output};
use crate::ops::Kernel;
use crate::ops::reduce::LEAF;

/// One step of the order: a node, or elementwise nodes that run as one.
#[derive(Debug, PartialEq)]
pub(crate) enum Item {
    Node(u32),
    /// Elementwise nodes of one size, and sums or means of all that one of them gives.
    Group(Vec<u32>),
    /// A product, and the node that adds a bias to it.
    Product([u32; 2]),
}

impl Item {
    pub fn nodes(&self) -> &[u32] {
        match self {
            Item::Node(node) => std::slice::from_ref(node),
            Item::Group(nodes) => nodes,
            Item::Product(nodes) => nodes,
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
    inputs.chain(analysis.waits(graph, node)).map(|o| o.node).collect()
}

/// Joins elementwise nodes of equal size. A node may join a group when all that it needs from outside runs before
/// the group's first node, where the group stands.
pub(crate) fn fuse(graph: &GraphData, analysis: &Analysis, order: &[u32], fetched: &[Output]) -> Vec<Item> {
    let biased = biased(graph, analysis, order, fetched);
    let mut items: Vec<Item> = Vec::new();
    let mut shapes: Vec<Option<Vec<usize>>> = Vec::new();
    // The item in which a node's result is there; nodes without a step of their own pass on their sources'.
    let mut place: HashMap<u32, isize> = HashMap::new();
    for &id in order {
        let node = &graph.nodes[id as usize];
        let at = |p: &HashMap<u32, isize>, s: u32| p.get(&s).copied().unwrap_or(-1);
        if place.contains_key(&id) {
            continue;
        }
        let sources = sources(graph, analysis, id);
        let latest = sources.iter().map(|s| at(&place, *s)).max().unwrap_or(-1);
        if matches!(node.def.kernel, Kernel::Alias | Kernel::None) {
            place.insert(id, latest);
            continue;
        }
        if let Some(bias) = biased.get(&id) {
            place.insert(id, items.len() as isize);
            place.insert(*bias, items.len() as isize);
            items.push(Item::Product([id, *bias]));
            shapes.push(None);
            continue;
        }
        if let Some(k) = totalled(graph, analysis, id, &place, &shapes) {
            if let Item::Group(nodes) = &mut items[k] {
                nodes.push(id);
            }
            place.insert(id, k as isize);
            continue;
        }
        if !is_fusible(graph, analysis, id) {
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
                    let gives = || items[k].nodes().contains(s) && is_fusible(graph, analysis, *s);
                    p < k as isize || (p == k as isize && gives())
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

/// Whether a node works element by element on numbers and cannot fail. Guards check integers only.
fn is_fusible(graph: &GraphData, analysis: &Analysis, id: u32) -> bool {
    let node = &graph.nodes[id as usize];
    let Kernel::Map { guard, .. } = node.def.kernel else { return false };
    let dtype = analysis.dtype(analysis.origin(node.inputs[0]));
    dtype != DType::String && (guard.is_none() || dtype.is_floating())
}

/// The group whose result a node sums up to one number, when that result is so long that the sum is one
/// of parts.
fn totalled(
    graph: &GraphData,
    analysis: &Analysis,
    id: u32,
    place: &HashMap<u32, isize>,
    shapes: &[Option<Vec<usize>>],
) -> Option<usize> {
    let node = &graph.nodes[id as usize];
    let is_total = matches!(node.def.name, "Sum" | "Mean")
        && node.control.is_empty()
        && analysis.sizes(Output { node: id, index: 0 }).iter().product::<usize>() == 1;
    let input = analysis.origin(*node.inputs.first()?);
    let long = analysis.sizes(input).iter().product::<usize>() > LEAF;
    if !is_total
        || !long
        || analysis.dtype(input) != DType::Float32
        || !analysis.values.contains_key(&analysis.origin(node.inputs[1]))
    {
        return None;
    }
    let k = usize::try_from(*place.get(&input.node)?).ok()?;
    (shapes[k].is_some() && is_fusible(graph, analysis, input.node)).then_some(k)
}

/// The products whose only use is to have a bias added to each row, with the node that adds it.
fn biased(graph: &GraphData, analysis: &Analysis, order: &[u32], fetched: &[Output]) -> HashMap<u32, u32> {
    let mut uses: HashMap<Output, Vec<u32>> = HashMap::new();
    for &id in order {
        graph.nodes[id as usize].inputs.iter().for_each(|i| uses.entry(analysis.origin(*i)).or_default().push(id));
    }
    let fetched: Vec<Output> = fetched.iter().map(|o| analysis.origin(*o)).collect();
    let mut biased = HashMap::new();
    for &id in order {
        let (node, output) = (&graph.nodes[id as usize], Output { node: id, index: 0 });
        let [user] = uses.get(&output).map_or(&[][..], Vec::as_slice) else { continue };
        let adds = &graph.nodes[*user as usize];
        let takes = node.def.takes_bias && analysis.dtype(output) == DType::Float32 && !fetched.contains(&output);
        if !takes || !matches!(adds.def.name, "AddV2" | "BiasAdd") || !adds.control.is_empty() {
            continue;
        }
        let Some(bias) = adds.inputs.iter().map(|i| analysis.origin(*i)).find(|i| *i != output) else { continue };
        let (sizes, whole) = (analysis.sizes(bias), analysis.sizes(output));
        let is_row = sizes.last() == whole.last() && sizes.iter().product::<usize>() == *sizes.last().unwrap_or(&0);
        let is_there = analysis.values.contains_key(&bias)
            || analysis.fed.contains_key(&bias)
            || matches!(graph.nodes[bias.node as usize].def.kernel, Kernel::None);
        if is_row && is_there && analysis.sizes(Output { node: *user, index: 0 }) == whole {
            biased.insert(id, *user);
        }
    }
    biased
}
