//! `model.summary()`: the table of layers as Keras 3 draws it on a terminal of 80 columns.

use std::fmt::Write;
use std::sync::Arc;

use super::Model;
use super::graph::leaves_of;
use crate::keras::layers::Layer;
use crate::v2::{Variable, shape_v2};

/// The widths of the columns inside their borders, for a chain and for a graph.
const CHAIN: &[usize] = &[33, 24, 15];
const GRAPH: &[usize] = &[21, 19, 12, 19];

type Row = Vec<String>;

impl Model {
    /// Prints the model as a table: `model.summary()`.
    pub fn summary(&mut self) {
        print!("{}", self.summary_text());
    }

    /// What [`summary`](Self::summary) prints.
    pub fn summary_text(&mut self) -> String {
        let graph = &self.graph;
        let chain = graph.inputs.len() == 1 && graph.places.iter().enumerate().all(|(i, p)| p.inputs == [i]);
        let widths = if chain { CHAIN } else { GRAPH };
        let mut header: Row = vec!["Layer (type)".into(), "Output Shape".into(), "Param #".into()];
        if !chain {
            header.push("Connected to".into());
        }
        let mut text = format!("Model: \"{}\"\n", self.name());
        text += &rule(widths, '┏', '━', '┳', '┓');
        text += &row(widths, &header, '┃');
        text += &rule(widths, '┡', '━', '╇', '┩');
        for (i, cells) in self.rows(chain).iter().enumerate() {
            if i > 0 {
                text += &rule(widths, '├', '─', '┼', '┤');
            }
            text += &row(widths, cells, '│');
        }
        text += &rule(widths, '└', '─', '┴', '┘');
        text + &self.totals()
    }

    fn rows(&self, chain: bool) -> Vec<Row> {
        let graph = &self.graph;
        let order = graph.in_order().into_iter();
        let mut rows = Vec::new();
        for value in order {
            let mut cells = match graph.place(value) {
                Some(place) => {
                    let (name, layer) = (place.layer.base().name(), &place.layer);
                    vec![format!("{name} ({})", layer.class_name()), output(&**layer), params(layer)]
                }
                None => {
                    let (Some(name), Some(shape)) = (&graph.inputs[value].name, &graph.inputs[value].shape) else {
                        continue;
                    };
                    vec![format!("{name} (InputLayer)"), shape_v2(shape), "0".into()]
                }
            };
            if !chain {
                cells.push(self.connections(value));
            }
            rows.push(cells);
        }
        rows
    }

    /// What the layer of a value takes, each time it is used.
    fn connections(&self, value: usize) -> String {
        let graph = &self.graph;
        let count = graph.inputs.len() + graph.places.len();
        let name = |value: usize| match graph.place(value) {
            Some(place) => place.layer.base().name(),
            None => graph.inputs[value].name.clone().unwrap_or_default(),
        };
        let uses = (value..count).filter(|v| graph.same_layer(*v, value)).filter_map(|v| graph.place(v));
        let from = |input: &usize| {
            let earlier = (0..*input).filter(|v| graph.same_layer(*v, *input)).count();
            format!("{}[{earlier}][0]", name(*input))
        };
        let from: Vec<String> = uses.flat_map(|place| &place.inputs).map(from).collect();
        if from.is_empty() { "-".into() } else { from.join(", ") }
    }

    fn totals(&self) -> String {
        let trainable = self.trainable_variables();
        let others: Vec<Variable> =
            self.weights().into_iter().filter(|w| trainable.iter().all(|t| t.id() != w.id())).collect();
        let optimizer = self.compilation.as_ref().map(|c| &c.optimizer).filter(|o| o.is_built());
        let kept = optimizer.map(|o| o.variables());
        let (a, b, c) = (size(&trainable), size(&others), size(kept.as_deref().unwrap_or_default()));
        let mut text = String::new();
        let mut line = |what: &str, (count, bytes): (usize, usize)| {
            let _ = writeln!(text, " {what} params: {} ({})", grouped(count), memory(bytes));
        };
        line("Total", (a.0 + b.0 + c.0, a.1 + b.1 + c.1));
        line("Trainable", a);
        line("Non-trainable", b);
        if kept.is_some() {
            line("Optimizer", c);
        }
        text
    }
}

fn output(layer: &dyn Layer) -> String {
    layer.base().output().map_or_else(|| "?".into(), |shape| shape_v2(&shape))
}

fn params(layer: &Arc<dyn Layer>) -> String {
    if !layer.base().built() && !matches!(layer.class_name(), "Dropout" | "Activation") {
        return "0 (unbuilt)".into();
    }
    let of = |(layer, _): (Arc<dyn Layer>, bool)| layer.base().weights().into_iter().map(|w| w.variable);
    let variables: Vec<Variable> = leaves_of(layer).into_iter().flat_map(of).collect();
    grouped(size(&variables).0)
}

/// Elements and bytes.
fn size(variables: &[Variable]) -> (usize, usize) {
    let count = |v: &Variable| v.sizes().iter().product::<usize>();
    let bytes = |v: &Variable| count(v) * crate::ops::size_of_dtype(v.dtype());
    (variables.iter().map(count).sum(), variables.iter().map(bytes).sum())
}

fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).unwrap_or_default()).collect();
    groups.join(",")
}

fn memory(bytes: usize) -> String {
    let mut size = bytes as f64;
    for unit in ["B", "KB", "MB", "GB", "TB"] {
        if size < 1024.0 {
            return format!("{size:.2} {unit}");
        }
        size /= 1024.0;
    }
    format!("{size:.2} PB")
}

fn rule(widths: &[usize], left: char, line: char, cross: char, right: char) -> String {
    let parts: Vec<String> = widths.iter().map(|w| line.to_string().repeat(*w)).collect();
    format!("{left}{}{right}\n", parts.join(&cross.to_string()))
}

/// A row of cells, as high as its highest cell. Numbers, the third column, stand on the right.
fn row(widths: &[usize], cells: &[String], border: char) -> String {
    let lines: Vec<Vec<String>> = cells.iter().zip(widths).map(|(cell, width)| wrapped(cell, width - 2)).collect();
    let height = lines.iter().map(Vec::len).max().unwrap_or(1);
    let mut text = String::new();
    for i in 0..height {
        text.push(border);
        for (column, (cell, width)) in lines.iter().zip(widths).enumerate() {
            let part = cell.get(i).map_or("", String::as_str);
            let blanks = " ".repeat((width - 2).saturating_sub(part.chars().count()));
            match column {
                2 => text += &format!(" {blanks}{part} "),
                _ => text += &format!(" {part}{blanks} "),
            }
            text.push(border);
        }
        text.push('\n');
    }
    text
}

/// The words of a cell on lines of at most `width`; what is longer than a line is cut.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        let last = lines.last().map_or(0, |l| l.chars().count());
        if last > 0 && last + 1 + word.len() > width {
            lines.push(String::new());
        }
        loop {
            let line = lines.last_mut().expect("there is a line");
            if !line.is_empty() {
                line.push(' ');
            }
            let room = width - line.chars().count();
            if word.len() <= room {
                line.extend(&word);
                break;
            }
            line.extend(word.drain(..room));
            lines.push(String::new());
        }
    }
    lines
}
