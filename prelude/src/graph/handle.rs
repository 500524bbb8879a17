//! `Tensor` and `Operation`: `Copy` handles onto a graph's nodes, and the text they print as.
//! The operators on tensors are in `v1`.

use std::fmt;

use super::{Graph, Output};
use crate::{DType, Shape};

/// A symbolic tensor, one output of an operation: TensorFlow 1's `tf.Tensor`. Two are equal when they are the same one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tensor {
    pub(crate) graph: Graph,
    pub(crate) node: u32,
    pub(crate) index: u32,
}

/// A node of a graph: TensorFlow's `tf.Operation`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operation {
    pub(crate) graph: Graph,
    pub(crate) node: u32,
}

impl Tensor {
    pub(crate) fn output(self) -> Output {
        Output { node: self.node, index: self.index }
    }

    /// The name, `"Add:0"`: the operation's and the number of the output.
    pub fn name(self) -> String {
        format!("{}:{}", self.op().name(), self.index)
    }

    /// The element type.
    pub fn dtype(self) -> DType {
        self.graph.data().signature(self.output()).0
    }

    /// The element type as it prints: `float32_ref` for a variable itself, and for what writes to one.
    fn type_name(self) -> String {
        let def = self.graph.node(self.node).def;
        let suffix = if def.name == "VariableV2" || def.is_update() { "_ref" } else { "" };
        format!("{}{suffix}", self.dtype().name())
    }

    /// The static shape.
    pub fn shape(self) -> Shape {
        self.graph.data().signature(self.output()).1
    }

    /// The static shape, under TensorFlow 1's usual name for it.
    pub fn get_shape(self) -> Shape {
        self.shape()
    }

    /// Says more about the static shape than is known, `t.set_shape(shape)`: nothing is computed anew.
    ///
    /// ```
    /// use flowbook::v1 as tf;
    /// use flowbook::shape;
    /// let x = tf::placeholder(tf::float32, None);
    /// x.set_shape(shape![None, 3]);
    /// assert_eq!(x.get_shape().to_string(), "(?, 3)");
    /// ```
    ///
    /// # Panics
    /// `ValueError` when it contradicts what is known.
    #[track_caller]
    pub fn set_shape(self, shape: impl Into<Shape>) {
        let (known, given) = (self.shape(), shape.into());
        let merged = match (known.dims(), given.dims()) {
            (None, _) => Some(given.clone()),
            (_, None) => Some(known.clone()),
            (Some(a), Some(b))
                if a.len() == b.len() && a.iter().zip(b).all(|(m, n)| m.is_none() || n.is_none() || m == n) =>
            {
                Some(Shape::from(a.iter().zip(b).map(|(m, n)| m.or(*n)).collect::<Vec<_>>()))
            }
            _ => None,
        };
        match merged {
            Some(merged) => self.graph.set_shape(self, merged),
            None => crate::Error::Value(format!("Shapes {known} and {given} are not compatible")).raise(),
        }
    }

    /// The graph it belongs to.
    pub fn graph(self) -> Graph {
        self.graph
    }

    /// The operation that produces it.
    pub fn op(self) -> Operation {
        Operation { graph: self.graph, node: self.node }
    }

    /// Gives the operation just built the name TensorFlow gives it for `name=`, made unique as TensorFlow does.
    ///
    /// # Panics
    /// `ValueError` when it is not a valid node name.
    #[track_caller]
    pub fn named(self, name: &str) -> Tensor {
        self.graph.rename(self.node, name);
        self
    }
}

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (shape, dtype) = (self.shape(), self.type_name());
        match shape.rank() {
            None => write!(f, "Tensor(\"{}\", dtype={dtype})", self.name()),
            Some(_) => write!(f, "Tensor(\"{}\", shape={shape}, dtype={dtype})", self.name()),
        }
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<tf.Tensor '{}' shape={} dtype={}>", self.name(), self.shape(), self.type_name())
    }
}

impl Operation {
    /// The name, unique in its graph.
    pub fn name(self) -> String {
        self.graph.node(self.node).name.clone()
    }

    /// The type of the operation, such as `MatMul`: `op.type` in Python.
    pub fn op_type(self) -> &'static str {
        self.graph.node(self.node).def.name
    }

    /// The graph it belongs to.
    pub fn graph(self) -> Graph {
        self.graph
    }

    /// The tensors it takes.
    pub fn inputs(self) -> Vec<Tensor> {
        let node = self.graph.node(self.node);
        node.shown_inputs().into_iter().map(|o| Tensor { graph: self.graph, node: o.node, index: o.index }).collect()
    }

    /// The operations that run before it though it takes nothing from them.
    pub fn control_inputs(self) -> Vec<Operation> {
        let node = self.graph.node(self.node);
        node.control.iter().map(|n| Operation { graph: self.graph, node: *n }).collect()
    }

    /// The tensors it produces.
    pub fn outputs(self) -> Vec<Tensor> {
        let n = self.graph.node(self.node).outputs.len() as u32;
        (0..n).map(|index| Tensor { graph: self.graph, node: self.node, index }).collect()
    }

    /// One of its outputs.
    pub(crate) fn output(self, index: u32) -> Tensor {
        Tensor { graph: self.graph, node: self.node, index }
    }

    /// Gives the operation just built the name TensorFlow gives it for `name=`.
    ///
    /// # Panics
    /// `ValueError` when it is not a valid node name.
    #[track_caller]
    pub fn named(self, name: &str) -> Operation {
        self.graph.rename(self.node, name);
        self
    }
}

impl fmt::Display for Operation {
    /// The NodeDef in the protocol buffers' text form, which ends with a newline of its own.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        node_text(f, *self, "")
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<tf.Operation '{}' type={}>", self.name(), self.op_type())
    }
}

fn node_text(f: &mut fmt::Formatter, op: Operation, pad: &str) -> fmt::Result {
    let data = op.graph.data();
    let node = &data.nodes[op.node as usize];
    writeln!(f, "{pad}name: \"{}\"", node.name)?;
    writeln!(f, "{pad}op: \"{}\"", node.def.name)?;
    for input in node.shown_inputs() {
        writeln!(f, "{pad}input: \"{}\"", data.input_name(input))?;
    }
    for control in &node.control {
        writeln!(f, "{pad}input: \"^{}\"", data.nodes[*control as usize].name)?;
    }
    if let Some(device) = &node.device {
        writeln!(f, "{pad}device: \"{device}\"")?;
    }
    for (key, value) in node.shown_attrs().rev() {
        write!(f, "{pad}attr {{\n{pad}  key: \"{key}\"\n{pad}  value {{\n")?;
        f.write_str(&value.text(&format!("{pad}    ")))?;
        write!(f, "{pad}  }}\n{pad}}}\n")?;
    }
    Ok(())
}

/// A graph in serialised form: `tf.GraphDef`.
#[derive(Clone, Copy)]
pub struct GraphDef(pub(crate) Graph);

impl Graph {
    /// The graph as a GraphDef, which prints as TensorFlow's does: `g.as_graph_def()`.
    pub fn as_graph_def(self) -> GraphDef {
        GraphDef(self)
    }
}

impl fmt::Display for GraphDef {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for op in self.0.get_operations() {
            f.write_str("node {\n")?;
            node_text(f, op, "  ")?;
            f.write_str("}\n")?;
        }
        f.write_str("versions {\n  producer: 2474\n}\n")
    }
}
