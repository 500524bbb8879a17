//! Nodes: what a graph says of an operation. How they are added is in `graph`, how they print in `handle`.

use std::sync::Arc;

use super::{Attr, Attrs, DeviceSpec};
use crate::Array;
use crate::ops::{OpDef, Signature};

/// One output of a node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Output {
    pub node: u32,
    pub index: u32,
}

/// Where a node stands in a listing of the graph.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    /// In the order of the nodes.
    InOrder,
    /// After the node that follows, for an input of which it was made.
    AfterUser,
    /// Nowhere: TensorFlow has no such node.
    Nowhere,
}

/// A node: an op with its inputs, attributes and inferred outputs.
#[derive(Clone)]
pub(crate) struct Node {
    pub name: String,
    pub def: &'static OpDef,
    pub inputs: Vec<Output>,
    pub control: Vec<u32>,
    pub attrs: Attrs,
    pub outputs: Vec<Signature>,
    /// The name given with `.named`, which a setter that builds the node anew must keep.
    pub user_name: Option<String>,
    /// Where it is to run, when a scope said so.
    pub device: Option<Arc<DeviceSpec>>,
    /// Where it stands in a listing of the graph.
    pub listed: Listed,
    /// Whether it may be fetched: what lies in a branch or a loop has no value of its own.
    pub fetchable: bool,
    /// Whether a run waits for its control inputs. Where not, they only say what TensorFlow's do.
    pub waits: bool,
}

impl Node {
    pub fn bool(&self, name: &str) -> bool {
        matches!(self.attrs.get(name), Some(Attr::Bool(true)))
    }

    pub fn int(&self, name: &str) -> i64 {
        if let Some(Attr::Int(i)) = self.attrs.get(name) { *i } else { 0 }
    }

    pub fn float(&self, name: &str) -> f32 {
        if let Some(Attr::Float(v)) = self.attrs.get(name) { *v } else { 0.0 }
    }

    pub fn ints(&self, name: &str) -> &[i64] {
        if let Some(Attr::Ints(v)) = self.attrs.get(name) { v } else { &[] }
    }

    pub fn text(&self, name: &str) -> &str {
        if let Some(Attr::Str(v)) = self.attrs.get(name) { v } else { "" }
    }

    /// The inputs of TensorFlow's node, where they are others than ours: the attribute `_shown` lists them.
    pub fn shown_inputs(&self) -> Vec<Output> {
        match self.attrs.get("_shown") {
            Some(_) => self.outputs_in("_shown").collect(),
            None => self.inputs.clone(),
        }
    }

    /// The outputs that an attribute lists as pairs of a node and an index.
    pub fn outputs_in(&self, name: &str) -> impl Iterator<Item = Output> {
        self.ints(name).chunks(2).map(|pair| Output { node: pair[0] as u32, index: pair[1] as u32 })
    }

    /// The nodes that a run has to wait for before it runs this one.
    pub fn waits_for(&self) -> &[u32] {
        if self.waits { &self.control } else { &[] }
    }

    /// The attributes that TensorFlow's node has too.
    pub fn shown_attrs(&self) -> impl DoubleEndedIterator<Item = (&&'static str, &Attr)> {
        self.attrs.iter().filter(|(name, _)| !name.starts_with('_') || **name == "_class")
    }

    pub fn value(&self) -> Option<&Array> {
        if let Some(Attr::Tensor(t)) = self.attrs.get("value") { Some(&t.0) } else { None }
    }
}
