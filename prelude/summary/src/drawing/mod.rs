//! A graph as a picture, as TensorBoard's graph page shows it: name scopes as boxes, data flowing upwards. This file
//! decides what is shown; `layout` places it, `svg` writes it.

mod layout;
mod svg;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::proto::attr_value::Value;
use crate::proto::{GraphDef, NodeDef};

/// How many operations and scopes are shown at most; scopes stay closed when opening them would show more.
const MOST: usize = 60;

/// The picture as an SVG document. Scopes are open as far as the whole stays readable; the others are boxes.
pub fn svg(graph: &GraphDef) -> String {
    let mut tree = Tree::new(graph);
    tree.open_scopes();
    let edges = tree.edges(graph);
    svg::write(graph, &tree, &edges)
}

/// An operation, a name scope, or both: `weight/Variable` is an operation that has others below it.
struct Item {
    name: String,
    /// The place in the graph's list.
    op: Option<usize>,
    parent: usize,
    depth: usize,
    children: Vec<usize>,
    /// How many operations there are below.
    size: usize,
    /// Whether what it contains is shown.
    open: bool,
}

/// The operations by the parts of their names; item 0 contains all others.
struct Tree {
    items: Vec<Item>,
    /// For each operation of the graph its item, `None` for those that are not shown.
    of_op: Vec<Option<usize>>,
}

/// What flows between two items that are shown.
#[derive(Default)]
struct Edge {
    tensors: BTreeSet<(usize, usize)>,
}

impl Tree {
    fn new(graph: &GraphDef) -> Tree {
        let mut tree = Tree { items: Vec::new(), of_op: vec![None; graph.node.len()] };
        tree.add(String::new(), 0);
        let by_name: HashMap<&str, &NodeDef> = graph.node.iter().map(|n| (n.name.as_str(), n)).collect();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for (op, node) in graph.node.iter().enumerate().filter(|(_, node)| !initializes(node, &by_name)) {
            let mut item = 0;
            let ends = node.name.match_indices('/').map(|(at, _)| at).chain([node.name.len()]);
            let mut start = 0;
            for end in ends {
                item = *known.entry(&node.name[..end]).or_insert_with(|| tree.add(node.name[start..end].into(), item));
                tree.items[item].size += 1;
                start = end + 1;
            }
            tree.items[item].op = Some(op);
            tree.of_op[op] = Some(item);
        }
        tree
    }

    fn add(&mut self, name: String, parent: usize) -> usize {
        let id = self.items.len();
        let depth = if id == 0 { 0 } else { self.items[parent].depth + 1 };
        self.items.push(Item { name, op: None, parent, depth, children: Vec::new(), size: 0, open: id == 0 });
        if id > 0 {
            self.items[parent].children.push(id);
        }
        id
    }

    /// Opens scopes, outer and small ones first, as long as there is room.
    fn open_scopes(&mut self) {
        self.shorten();
        let mut shown = self.items[0].children.len();
        let mut closed: Vec<usize> = self.items[0].children.clone();
        while let Some(at) = (0..closed.len())
            .filter(|at| self.may_open(closed[*at]) && shown + self.items[closed[*at]].children.len() <= MOST)
            .min_by_key(|at| (self.items[closed[*at]].depth, self.items[closed[*at]].children.len()))
        {
            let item = closed.swap_remove(at);
            self.items[item].open = true;
            shown += self.items[item].children.len();
            closed.extend(self.items[item].children.clone());
        }
    }

    /// Operations keep what belongs to them to themselves, and gradients would drown the rest.
    fn may_open(&self, id: usize) -> bool {
        let item = &self.items[id];
        item.op.is_none() && !item.children.is_empty() && !self.is_gradients(id)
    }

    fn is_gradients(&self, item: usize) -> bool {
        self.items[item].name.starts_with("gradients")
    }

    /// When there is too much outside all scopes, as a loop that builds operations leaves behind, the last become one.
    fn shorten(&mut self) {
        if self.items[0].children.len() <= MOST {
            return;
        }
        let rest = self.items[0].children.split_off(MOST / 2);
        let size = rest.iter().map(|item| self.items[*item].size).sum();
        let more = self.add(format!("{size} more operations"), 0);
        self.items[more].size = size;
        for item in &rest {
            self.items[*item].parent = more;
        }
        self.items[more].op = None;
        self.items[more].children = Vec::new();
    }

    /// From an item outwards to the one that contains all.
    fn outwards(&self, item: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(item), |item| (*item != 0).then(|| self.items[*item].parent))
    }

    /// The item that stands for an operation in the picture: itself or the outermost closed one it is in.
    fn shown(&self, item: usize) -> usize {
        let closed = self.outwards(item).filter(|i| !self.items[*i].open);
        closed.last().unwrap_or(item)
    }

    fn edges(&self, graph: &GraphDef) -> BTreeMap<(usize, usize), Edge> {
        let by_name: HashMap<&str, usize> = graph.node.iter().enumerate().map(|(i, n)| (n.name.as_str(), i)).collect();
        let mut edges: BTreeMap<(usize, usize), Edge> = BTreeMap::new();
        for (op, node) in graph.node.iter().enumerate() {
            for input in &node.input {
                let control = input.starts_with('^');
                let (name, output) =
                    input.trim_start_matches('^').split_once(':').unwrap_or((input.trim_start_matches('^'), "0"));
                let Some(&source) = by_name.get(name) else { continue };
                let (Some(from), Some(to)) = (self.of_op[source], self.of_op[op]) else { continue };
                let (from, to) = (self.shown(from), self.shown(to));
                if from == to {
                    continue;
                }
                let edge = edges.entry((from, to)).or_default();
                if !control {
                    edge.tensors.insert((source, output.parse().unwrap_or(0)));
                }
            }
        }
        edges
    }
}

/// Whether it is `init`, which waits for every assignment and would be tied to every variable.
fn initializes(node: &NodeDef, by_name: &HashMap<&str, &NodeDef>) -> bool {
    let assigns = |input: &String| {
        input.strip_prefix('^').and_then(|name| by_name.get(name)).is_some_and(|source| source.op == "Assign")
    };
    node.op == "NoOp" && !node.input.is_empty() && node.input.iter().all(assigns)
}

/// The shape of an output, `?×784`; empty for a scalar and when nothing is known.
fn shape(node: &NodeDef, output: usize) -> String {
    let Some(Value::List(shapes)) = node.attr.get("_output_shapes").and_then(|a| a.value.as_ref()) else {
        return String::new();
    };
    let Some(shape) = shapes.shape.get(output).filter(|s| !s.unknown_rank) else { return String::new() };
    let sizes = shape.dim.iter().map(|d| if d.size < 0 { "?".into() } else { d.size.to_string() });
    sizes.collect::<Vec<_>>().join("×")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(nodes: &[(&str, &str, &[&str])]) -> GraphDef {
        let node = |(name, op, input): &(&str, &str, &[&str])| NodeDef {
            name: (*name).into(),
            op: (*op).into(),
            input: input.iter().map(|i| (*i).into()).collect(),
            ..Default::default()
        };
        GraphDef { node: nodes.iter().map(node).collect(), versions: None }
    }

    fn texts(svg: &str) -> Vec<&str> {
        let after = svg.split("<text ").skip(1);
        after.filter_map(|t| t.split_once('>')?.1.split_once("</text>").map(|(text, _)| text)).collect()
    }

    #[test]
    fn scopes_are_boxes_around_their_operations() {
        let picture = svg(&graph(&[
            ("input/x", "Placeholder", &[]),
            ("layer/w", "VariableV2", &[]),
            ("layer/w/read", "Identity", &["layer/w"]),
            ("layer/MatMul", "MatMul", &["input/x", "layer/w/read"]),
            ("init", "NoOp", &["^layer/w/Assign"]),
            ("layer/w/Assign", "Assign", &["layer/w"]),
        ]));
        let mut found = texts(&picture);
        found.sort_unstable();
        assert_eq!(found, ["MatMul", "input", "layer", "w", "x"]);
        assert_eq!(picture.matches("class=\"edge\"").count(), 2, "x and w flow into the product");
    }

    #[test]
    fn large_scopes_stay_closed_and_long_lists_are_cut() {
        let names: Vec<String> = (0..5000).map(|i| format!("Mean_{i}")).collect();
        let nodes: Vec<(&str, &str, &[&str])> = names.iter().map(|n| (n.as_str(), "Mean", &[][..])).collect();
        let picture = svg(&graph(&nodes));
        assert!(texts(&picture).len() <= MOST);
        assert!(picture.contains("4970 more operations"));
        let inside: Vec<String> = (0..100).map(|i| format!("scope/op_{i}")).collect();
        let nodes: Vec<(&str, &str, &[&str])> = inside.iter().map(|n| (n.as_str(), "Mean", &[][..])).collect();
        assert_eq!(texts(&svg(&graph(&nodes))), ["scope"]);
    }

    #[test]
    fn a_cycle_between_scopes_is_no_obstacle() {
        let picture = svg(&graph(&[
            ("a/x", "Abs", &[]),
            ("b/y", "Abs", &["a/x"]),
            ("a/z", "Abs", &["b/y"]),
            ("while", "Merge", &["while"]),
        ]));
        assert_eq!(picture.matches("class=\"edge\"").count(), 2);
        assert!(svg(&GraphDef::default()).contains("<svg"));
    }
}
