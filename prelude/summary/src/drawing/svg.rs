//! The picture's text: boxes for scopes, rounded ones for operations, curves for tensors. Each open scope is laid out by
//! itself; where an edge crosses a scope's border there is a port, so that its way is found scope by scope.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use super::layout::{Cell, Layout, Pin, arrange};
use super::{Edge, Tree, shape};
use crate::proto::{GraphDef, NodeDef};

/// A letter's width, a line's height, the room around a scope's contents and for its title, in pixels.
const LETTER: f64 = 6.4;
const LINE: f64 = 26.0;
const PADDING: f64 = 14.0;
const TITLE: f64 = 22.0;

/// What an edge connects within one scope.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum End {
    Item(usize),
    /// Where edges to the item come in from outside the scope.
    In(usize),
    /// Where edges from the item leave the scope.
    Out(usize),
}

/// A scope laid out, from its upper left corner.
struct Placed {
    layout: Layout,
    ends: HashMap<End, usize>,
    edges: HashMap<(End, End), usize>,
}

impl Placed {
    fn centre(&self, end: End) -> (f64, f64) {
        let (x, y) = self.layout.centres[self.ends[&end]];
        match end {
            End::Item(_) => (x + PADDING, y + TITLE),
            End::In(_) => (x + PADDING, y + TITLE + PADDING),
            End::Out(_) => (x + PADDING, 0.0),
        }
    }

    fn size(&self) -> (f64, f64) {
        (self.layout.width + 2.0 * PADDING, self.layout.height + TITLE + PADDING)
    }
}

/// Everything that is needed to draw.
struct Drawing<'a> {
    graph: &'a GraphDef,
    tree: &'a Tree,
    edges: &'a BTreeMap<(usize, usize), Edge>,
    placed: HashMap<usize, Placed>,
    /// Each shown item's upper left corner and size.
    boxes: HashMap<usize, [f64; 4]>,
    out: String,
}

pub fn write(graph: &GraphDef, tree: &Tree, edges: &BTreeMap<(usize, usize), Edge>) -> String {
    let mut drawing = Drawing { graph, tree, edges, placed: HashMap::new(), boxes: HashMap::new(), out: String::new() };
    let (width, height) = drawing.place(0);
    drawing.find_boxes(0, 0.0, 0.0);
    let _ = write!(
        drawing.out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} \
         {height:.0}\" style=\"max-width: 100%; height: auto; background: white\" font-family=\"Helvetica, Arial, \
         sans-serif\" font-size=\"11\">\n<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" \
         markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#9e9e9e\"/></marker>\
         </defs>\n"
    );
    drawing.scopes(0);
    drawing.curves();
    drawing.operations();
    drawing.out.push_str("</svg>\n");
    drawing.out
}

impl Drawing<'_> {
    /// Lays a scope out, from the inside outwards, and returns its size.
    fn place(&mut self, scope: usize) -> (f64, f64) {
        let tree = self.tree;
        let mut ends: HashMap<End, usize> = HashMap::new();
        let mut cells = Vec::new();
        for &child in &tree.items[scope].children {
            let (width, height) =
                if tree.items[child].open { self.place(child) } else { (self.label_width(child), LINE) };
            ends.insert(End::Item(child), cells.len());
            cells.push(Cell { width, height, pin: Pin::None });
        }
        let mut edges: HashMap<(End, End), usize> = HashMap::new();
        let mut pairs = Vec::new();
        for (from, to) in self.edges.keys() {
            let Some(way) = self.within(scope, *from, *to) else { continue };
            for end in [way.0, way.1] {
                let pin = match end {
                    End::Item(_) => continue,
                    End::In(_) => Pin::Bottom,
                    End::Out(_) => Pin::Top,
                };
                ends.entry(end).or_insert_with(|| {
                    cells.push(Cell { width: 8.0, height: 0.0, pin });
                    cells.len() - 1
                });
            }
            edges.entry(way).or_insert_with(|| {
                pairs.push((ends[&way.0], ends[&way.1]));
                pairs.len() - 1
            });
        }
        let mut layout = arrange(&cells, &pairs);
        // The title needs its room; the contents stay in the middle.
        let missing = (self.label_width(scope) - layout.width).max(0.0);
        layout.width += missing;
        let shift = |point: &mut (f64, f64)| point.0 += missing / 2.0;
        layout.centres.iter_mut().chain(layout.bends.iter_mut().flatten()).for_each(shift);
        let placed = Placed { layout, ends, edges };
        let size = placed.size();
        self.placed.insert(scope, placed);
        size
    }

    /// The part of an edge's way that lies in this scope.
    fn within(&self, scope: usize, from: usize, to: usize) -> Option<(End, End)> {
        let child = |item: usize| self.tree.outwards(item).find(|i| *i != 0 && self.tree.items[*i].parent == scope);
        match (child(from), child(to)) {
            (Some(a), Some(b)) if a != b => Some((End::Item(a), End::Item(b))),
            (Some(a), None) => Some((End::Item(a), End::Out(a))),
            (None, Some(b)) => Some((End::In(b), End::Item(b))),
            _ => None,
        }
    }

    fn label_width(&self, item: usize) -> f64 {
        self.tree.items[item].name.chars().count() as f64 * LETTER + 20.0
    }

    fn find_boxes(&mut self, scope: usize, left: f64, top: f64) {
        let (width, height) = self.placed[&scope].size();
        self.boxes.insert(scope, [left, top, width, height]);
        for &child in &self.tree.items[scope].children {
            let (x, y) = self.placed[&scope].centre(End::Item(child));
            if self.tree.items[child].open {
                let (width, height) = self.placed[&child].size();
                self.find_boxes(child, left + x - width / 2.0, top + y - height / 2.0);
            } else {
                let width = self.label_width(child);
                self.boxes.insert(child, [left + x - width / 2.0, top + y - LINE / 2.0, width, LINE]);
            }
        }
    }

    /// The open scopes, outer ones first.
    fn scopes(&mut self, scope: usize) {
        if scope != 0 {
            let [x, y, w, h] = self.boxes[&scope];
            let item = &self.tree.items[scope];
            let fill = ["#f6f8fa", "#eceff3", "#e2e7ed", "#d8dee6"][(item.depth - 1).min(3)];
            let _ = writeln!(
                self.out,
                "<rect class=\"scope\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"8\" \
                 fill=\"{fill}\" stroke=\"#b0b8c2\"/>\n<text x=\"{:.1}\" y=\"{:.1}\" font-weight=\"bold\" \
                 fill=\"#37474f\">{}</text>",
                x + 9.0,
                y + 15.0,
                escape(&item.name),
            );
        }
        for &child in &self.tree.items[scope].children {
            if self.tree.items[child].open {
                self.scopes(child);
            }
        }
    }

    fn curves(&mut self) {
        for ((from, to), edge) in self.edges {
            let points = self.points(*from, *to);
            let control = edge.tensors.is_empty();
            // Gradients take part of everything; what flows there stays in the background.
            let quiet = [*from, *to].iter().any(|item| !self.tree.items[*item].open && self.tree.is_gradients(*item));
            let stroke = if quiet { "#d5d5d5" } else { "#9e9e9e" };
            let dashes = if control { " stroke-dasharray=\"3 3\"" } else { "" };
            let _ = writeln!(
                self.out,
                "<path class=\"edge\" d=\"{}\" fill=\"none\" stroke=\"{stroke}\"{dashes} marker-end=\"url(#tip)\">\
                 <title>{}</title></path>",
                curve(&points),
                escape(&self.describe(edge)),
            );
            let label = match edge.tensors.len() {
                _ if quiet => String::new(),
                1 => edge.tensors.first().map_or(String::new(), |(op, k)| shape(&self.graph.node[*op], *k)),
                0 => String::new(),
                n => format!("{n} tensors"),
            };
            if label.is_empty() {
                continue;
            }
            let middle = points.len() / 2;
            let (a, b) = (points[middle - 1], points[middle]);
            let _ = writeln!(
                self.out,
                "<text class=\"shape\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"9\" fill=\"#616161\" \
                 stroke=\"white\" stroke-width=\"2.5\" paint-order=\"stroke\">{}</text>",
                f64::midpoint(a.0, b.0),
                f64::midpoint(a.1, b.1) + 3.0,
                escape(&label),
            );
        }
    }

    fn describe(&self, edge: &Edge) -> String {
        let tensor = |(op, output): &(usize, usize)| {
            let node = &self.graph.node[*op];
            format!("{}:{output} {}", node.name, shape(node, *output))
        };
        edge.tensors.iter().map(tensor).collect::<Vec<_>>().join("\n")
    }

    /// The way of an edge through the scopes, from the top of one box to the bottom of the other.
    fn points(&self, from: usize, to: usize) -> Vec<(f64, f64)> {
        let [x, y, w, _] = self.boxes[&from];
        let mut points = vec![(x + w / 2.0, y)];
        let out: Vec<usize> = self.tree.outwards(from).skip(1).collect();
        let common = self.tree.outwards(to).skip(1).find(|scope| out.contains(scope)).unwrap_or(0);
        let up = out.iter().take_while(|scope| **scope != common).chain([&common]).copied();
        let down: Vec<usize> = self.tree.outwards(to).skip(1).take_while(|scope| *scope != common).collect();
        for scope in up.chain(down.into_iter().rev()) {
            let Some(way) = self.within(scope, from, to) else { continue };
            let placed = &self.placed[&scope];
            let [left, top, _, _] = self.boxes[&scope];
            let mut add = |(x, y): (f64, f64)| points.push((x + left, y + top));
            if matches!(way.0, End::In(_)) {
                add(placed.centre(way.0));
            }
            placed.layout.bends[placed.edges[&way]].iter().for_each(|(x, y)| add((x + PADDING, y + TITLE)));
            if matches!(way.1, End::Out(_)) {
                add(placed.centre(way.1));
            }
        }
        let [x, y, w, h] = self.boxes[&to];
        points.push((x + w / 2.0, y + h));
        points
    }

    fn operations(&mut self) {
        let mut shown: Vec<usize> = self.boxes.keys().copied().filter(|i| !self.tree.items[*i].open).collect();
        shown.sort_unstable();
        for id in shown {
            let [x, y, w, h] = self.boxes[&id];
            let item = &self.tree.items[id];
            let node = item.op.map(|op| &self.graph.node[op]);
            let (fill, stroke) = colours(node);
            let radius = if node.is_some() { h / 2.0 } else { 6.0 };
            let title = match node {
                Some(node) => format!("{}\n{} {}", node.name, node.op, shape(node, 0)),
                None => format!("{} operations", item.size),
            };
            let _ = writeln!(
                self.out,
                "<g><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"{radius}\" \
                 fill=\"{fill}\" stroke=\"{stroke}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" \
                 fill=\"#263238\">{}</text></g>",
                escape(&title),
                x + w / 2.0,
                y + h / 2.0 + 4.0,
                escape(&item.name),
            );
        }
    }
}

/// Fill and outline by what an operation is: given from outside, kept, constant, shown on a dashboard, computed.
fn colours(node: Option<&NodeDef>) -> (&'static str, &'static str) {
    match node.map(|n| n.op.as_str()) {
        None => ("#dfe4ea", "#90a4ae"),
        Some("Placeholder") => ("#dcedc8", "#7cb342"),
        Some("VariableV2") => ("#bbdefb", "#1e88e5"),
        Some("Const") => ("#f5f5f5", "#9e9e9e"),
        Some(op) if op.contains("Summary") => ("#ede7f6", "#7e57c2"),
        Some(_) => ("#ffe0b2", "#fb8c00"),
    }
}

/// A smooth line that leaves and reaches each point upright.
fn curve(points: &[(f64, f64)]) -> String {
    let mut path = format!("M{:.1} {:.1}", points[0].0, points[0].1);
    for pair in points.windows(2) {
        let [(x, y), (u, v)] = [pair[0], pair[1]];
        let middle = f64::midpoint(y, v);
        let _ = write!(path, "C{x:.1} {middle:.1} {u:.1} {middle:.1} {u:.1} {v:.1}");
    }
    path
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
