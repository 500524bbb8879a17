//! Graphs and arrays as TensorFlow's messages: `GraphDef` with the shapes that TensorBoard writes on the edges, and
//! `TensorProto`.

use flowbook_summary::Message;
use flowbook_summary::proto::attr_value::{ListValue, Value};
use flowbook_summary::proto::tensor_shape_proto::Dim;
use flowbook_summary::proto::{self, AttrValue, DataType, NodeDef, TensorProto, TensorShapeProto, VersionDef};

use crate::dtype::Element;
use crate::graph::{Attr, Graph, GraphData, GraphDef, Node, attr};
use crate::{Array, DType, Shape, bytes};

/// The GraphDef version of the TensorFlow that this follows.
const PRODUCER: i32 = 2474;

/// The graph as a message; each node says its outputs' shapes.
pub(crate) fn graph_def(graph: Graph) -> proto::GraphDef {
    let listed = graph.get_operations();
    let data = graph.data();
    let node = listed.iter().map(|op| node_def(&data, &data.nodes[op.node as usize])).collect();
    proto::GraphDef { node, versions: Some(VersionDef { producer: PRODUCER, min_consumer: 0 }) }
}

impl GraphDef {
    /// The message's bytes, with the shapes of all outputs: `g.as_graph_def(add_shapes=True).SerializeToString()`.
    pub fn serialize_to_string(self) -> Vec<u8> {
        graph_def(self.0).encode_to_vec()
    }
}

fn node_def(data: &GraphData, node: &Node) -> NodeDef {
    let control = node.control.iter().map(|id| format!("^{}", data.nodes[*id as usize].name));
    let input = node.shown_inputs().into_iter().map(|output| data.input_name(output)).chain(control).collect();
    let mut attr: std::collections::BTreeMap<String, AttrValue> =
        node.shown_attrs().map(|(name, value)| ((*name).to_owned(), attr_value(value))).collect();
    if !node.outputs.is_empty() {
        let shape = node.outputs.iter().map(|(_, shape)| shape_proto(shape)).collect();
        let shapes = Value::List(ListValue { shape, ..Default::default() });
        attr.insert("_output_shapes".into(), AttrValue { value: Some(shapes) });
    }
    NodeDef { name: node.name.clone(), op: node.def.name.into(), input, device: String::new(), attr }
}

fn attr_value(attr: &Attr) -> AttrValue {
    let strings = |v: &[String]| v.iter().map(|s| bytes::of_text(s).into_owned()).collect();
    let value = match attr {
        Attr::Type(dtype) => Value::Type(data_type(*dtype) as i32),
        Attr::Bool(b) => Value::B(*b),
        Attr::Int(i) => Value::I(*i),
        Attr::Float(v) => Value::F(*v),
        Attr::Str(s) => Value::S(bytes::of_text(s).into_owned()),
        Attr::Shape(shape) => Value::Shape(shape_proto(shape)),
        Attr::Tensor(literal) => Value::Tensor(tensor_proto(&literal.0)),
        Attr::Ints(v) => Value::List(ListValue { i: v.clone(), ..Default::default() }),
        Attr::Strs(v) => Value::List(ListValue { s: strings(v), ..Default::default() }),
        Attr::Gradient(own) => Value::S(own.name().into_bytes()),
    };
    AttrValue { value: Some(value) }
}

fn data_type(dtype: DType) -> DataType {
    match dtype {
        DType::Float32 => DataType::DtFloat,
        DType::Float64 => DataType::DtDouble,
        DType::Int32 => DataType::DtInt32,
        DType::Int64 => DataType::DtInt64,
        DType::UInt8 => DataType::DtUint8,
        DType::Bool => DataType::DtBool,
        DType::String => DataType::DtString,
    }
}

fn shape_proto(shape: &Shape) -> TensorShapeProto {
    let size = |d: &Option<usize>| Dim { size: d.map_or(-1, |d| d as i64), name: String::new() };
    match shape.dims() {
        None => TensorShapeProto { dim: Vec::new(), unknown_rank: true },
        Some(dims) => TensorShapeProto { dim: dims.iter().map(size).collect(), unknown_rank: false },
    }
}

/// The array as a message: strings and single elements in the field of their type, otherwise all bytes in one.
pub(crate) fn tensor_proto(array: &Array) -> TensorProto {
    let mut proto = TensorProto {
        dtype: data_type(array.dtype()) as i32,
        tensor_shape: Some(shape_proto(&Shape::from(array.shape()))),
        ..Default::default()
    };
    if let Some(strings) = array.as_slice::<String>() {
        proto.string_val = strings.iter().map(|s| bytes::of_text(s).into_owned()).collect();
        return proto;
    }
    if array.len() != 1 {
        proto.tensor_content = attr::bytes(array);
        return proto;
    }
    fn one<T: Element>(array: &Array) -> Vec<T> {
        array.as_slice::<T>().map(<[T]>::to_vec).unwrap_or_default()
    }
    match array.dtype() {
        DType::Float32 => proto.float_val = one(array),
        DType::Float64 => proto.double_val = one(array),
        DType::Int32 => proto.int_val = one(array),
        DType::Int64 => proto.int64_val = one(array),
        DType::UInt8 => proto.int_val = one::<u8>(array).into_iter().map(i32::from).collect(),
        DType::Bool => proto.bool_val = one(array),
        DType::String => {}
    }
    proto
}
