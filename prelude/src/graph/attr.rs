//! Attributes of a node: the compile-time arguments TensorFlow keeps in a NodeDef.
//! Only their values and their two text forms live here.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use flowbook_summary::escape;

use super::Tensor;
use crate::{Array, DType, Shape};

/// The attributes of a node by name.
pub type Attrs = BTreeMap<&'static str, Attr>;

/// The value of one attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Attr {
    /// An element type.
    Type(DType),
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number, such as the slope of a leaky ReLU.
    Float(f32),
    /// A string.
    Str(String),
    /// A static shape.
    Shape(Shape),
    /// The value of a `Const`.
    Tensor(Literal),
    /// A list of integers, such as strides.
    Ints(Vec<i64>),
    /// A list of strings, such as `_class`.
    Strs(Vec<String>),
    /// A gradient that the program gives itself.
    Gradient(OwnGradient),
}

/// The gradients by some tensors, given that of what was computed from them; two are equal when they are the same.
#[derive(Clone)]
pub struct OwnGradient(pub(crate) Arc<Rule>);

/// What an [`OwnGradient`] does.
pub(crate) type Rule = dyn Fn(Tensor) -> Vec<Option<Tensor>> + Send + Sync;

impl PartialEq for OwnGradient {
    fn eq(&self, other: &OwnGradient) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl std::fmt::Debug for OwnGradient {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

impl OwnGradient {
    /// What it is called in a `NodeDef`.
    pub(crate) fn name(&self) -> String {
        format!("CustomGradient-{}", Arc::as_ptr(&self.0).addr())
    }
}

/// The value of a `Const`; two are equal when type, shape and bits are.
#[derive(Clone)]
pub struct Literal(pub Array);

impl PartialEq for Literal {
    fn eq(&self, other: &Literal) -> bool {
        let (a, b) = (&self.0, &other.0);
        a.dtype() == b.dtype() && a.shape() == b.shape() && bytes(a) == bytes(b)
    }
}

impl std::fmt::Debug for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "<tensor {} {:?}>", self.0.dtype().name(), self.0.shape())
    }
}

/// The elements as little-endian bytes, as a TensorProto's `tensor_content` holds them.
pub(crate) fn bytes(array: &Array) -> Vec<u8> {
    match array.dtype() {
        DType::Float32 => array.as_slice::<f32>().into_iter().flatten().flat_map(|v| v.to_le_bytes()).collect(),
        DType::Float64 => array.as_slice::<f64>().into_iter().flatten().flat_map(|v| v.to_le_bytes()).collect(),
        DType::Int32 => array.as_slice::<i32>().into_iter().flatten().flat_map(|v| v.to_le_bytes()).collect(),
        DType::Int64 => array.as_slice::<i64>().into_iter().flatten().flat_map(|v| v.to_le_bytes()).collect(),
        DType::UInt8 => array.as_slice::<u8>().into_iter().flatten().copied().collect(),
        DType::Bool => array.as_slice::<bool>().into_iter().flatten().map(|v| u8::from(*v)).collect(),
        DType::String => array
            .as_slice::<String>()
            .into_iter()
            .flatten()
            .flat_map(|v| [&*crate::bytes::of_text(v), &[0]].concat())
            .collect(),
    }
}

impl Attr {
    /// The short form of error texts: `DT_FLOAT`, `false`, `"SAME"`.
    pub(crate) fn short(&self) -> String {
        match self {
            Attr::Type(t) => t.proto_name().into(),
            Attr::Bool(b) => b.to_string(),
            Attr::Int(i) => i.to_string(),
            Attr::Float(v) => v.to_string(),
            Attr::Str(s) => format!("{s:?}"),
            Attr::Shape(s) => s.to_proto(),
            Attr::Tensor(t) => {
                format!("Tensor<type: {} shape: {}>", t.0.dtype().c_name(), Shape::from(t.0.shape()).to_proto())
            }
            Attr::Ints(v) => format!("[{}]", v.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
            Attr::Strs(v) => format!("[{}]", v.iter().map(|s| format!("{s:?}")).collect::<Vec<_>>().join(", ")),
            Attr::Gradient(g) => format!("{:?}", g.name()),
        }
    }

    /// The protocol buffer's text form, the lines inside `value { ... }`, indented by `pad`.
    pub(crate) fn text(&self, pad: &str) -> String {
        let mut out = String::new();
        match self {
            Attr::Type(t) => line(&mut out, pad, &format!("type: {}", t.proto_name())),
            Attr::Bool(b) => line(&mut out, pad, &format!("b: {b}")),
            Attr::Int(i) => line(&mut out, pad, &format!("i: {i}")),
            Attr::Float(v) => line(&mut out, pad, &format!("f: {v}")),
            Attr::Str(s) => line(&mut out, pad, &format!("s: \"{}\"", escape(s.as_bytes()))),
            Attr::Shape(s) => shape_text(&mut out, pad, "shape", s),
            Attr::Tensor(t) => tensor_text(&mut out, pad, &t.0),
            Attr::Ints(v) => list_text(&mut out, pad, v.iter().map(|i| format!("i: {i}"))),
            Attr::Strs(v) => list_text(&mut out, pad, v.iter().map(|s| format!("s: \"{}\"", escape(s.as_bytes())))),
            Attr::Gradient(g) => line(&mut out, pad, &format!("s: \"{}\"", g.name())),
        }
        out
    }
}

fn line(out: &mut String, pad: &str, text: &str) {
    let _ = writeln!(out, "{pad}{text}");
}

fn list_text(out: &mut String, pad: &str, items: impl Iterator<Item = String>) {
    line(out, pad, "list {");
    for item in items {
        line(out, pad, &format!("  {item}"));
    }
    line(out, pad, "}");
}

fn shape_text(out: &mut String, pad: &str, key: &str, shape: &Shape) {
    line(out, pad, &format!("{key} {{"));
    match shape.dims() {
        None => line(out, pad, "  unknown_rank: true"),
        Some(dims) => {
            for dim in dims {
                line(out, pad, "  dim {");
                line(out, pad, &format!("    size: {}", dim.map_or("-1".into(), |d| d.to_string())));
                line(out, pad, "  }");
            }
        }
    }
    line(out, pad, "}");
}

fn tensor_text(out: &mut String, pad: &str, array: &Array) {
    line(out, pad, "tensor {");
    line(out, pad, &format!("  dtype: {}", array.dtype().proto_name()));
    shape_text(out, &format!("{pad}  "), "tensor_shape", &Shape::from(array.shape()));
    match (array.dtype(), array.len()) {
        (DType::String, _) => {
            for s in array.as_slice::<String>().into_iter().flatten() {
                line(out, pad, &format!("  string_val: \"{}\"", escape(&crate::bytes::of_text(s))));
            }
        }
        (_, 0) => {}
        (_, 1) => line(out, pad, &format!("  {}", single_text(array))),
        _ => line(out, pad, &format!("  tensor_content: \"{}\"", escape(&bytes(array)))),
    }
    line(out, pad, "}");
}

fn single_text(array: &Array) -> String {
    match array.dtype() {
        DType::Float32 => format!("float_val: {}", array.as_slice::<f32>().map_or(0.0, |v| v[0])),
        DType::Float64 => format!("double_val: {}", array.as_slice::<f64>().map_or(0.0, |v| v[0])),
        DType::Int32 => format!("int_val: {}", array.as_slice::<i32>().map_or(0, |v| v[0])),
        DType::Int64 => format!("int64_val: {}", array.as_slice::<i64>().map_or(0, |v| v[0])),
        DType::UInt8 => format!("int_val: {}", array.as_slice::<u8>().map_or(0, |v| v[0])),
        DType::Bool => format!("bool_val: {}", array.as_slice::<bool>().is_some_and(|v| v[0])),
        DType::String => String::new(),
    }
}
