//! The ops that make summaries: each gives a string scalar, the serialized `Summary` message with its tagged values.
//! Writing summaries to files is `crate::summary`'s.

use flowbook_summary::proto::summary::{Image, Value, value};
use flowbook_summary::proto::{Summary, SummaryMetadata, summary_metadata::PluginData};
use flowbook_summary::{Message, histogram, image};

use super::{Call, Infer, Kernel, OpDef, Signature, cast_array, typed};
use crate::error::{Error, Result};
use crate::graph::attr::Literal;
use crate::graph::{
    Attr, Built, Graph, IntoTensor, Operand, Rebuild, Scope, Tensor, build, get_default_graph, graph_of,
};
use crate::{Array, DType, Shape, bytes};

pub(crate) static OPS: &[&OpDef] =
    &[&SCALAR_SUMMARY, &HISTOGRAM_SUMMARY, &IMAGE_SUMMARY, &TENSOR_SUMMARY, &MERGE_SUMMARY];

/// The collection that `merge_all` merges: `tf.GraphKeys.SUMMARIES`.
const SUMMARIES: &str = "summaries";

fn string_scalar() -> Result<Vec<Signature>> {
    Ok(vec![(DType::String, Shape::scalar())])
}

/// `TypeError` unless input `i` has one of these types; `list` is what TensorFlow calls them.
fn allow(infer: &Infer, i: usize, argument: &str, allowed: &[DType], list: &str) -> Result<Vec<Signature>> {
    if allowed.contains(&infer.dtype(i)) {
        return string_scalar();
    }
    Err(Error::Type(format!(
        "Value passed to parameter '{argument}' has DataType {} not in list of allowed values: {list}",
        infer.dtype(i).name(),
    )))
}

fn infer_real(infer: &Infer) -> Result<Vec<Signature>> {
    let allowed = [DType::Float32, DType::Float64, DType::Int32, DType::UInt8, DType::Int64];
    let list = "float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64";
    allow(infer, 1, "values", &allowed, list)
}

/// Puts the summary into the op's output.
fn put(call: &Call, values: Vec<Value>) -> Result<()> {
    call.output().slice_mut::<String>()[0] = bytes::to_text(&Summary { value: values }.encode_to_vec());
    Ok(())
}

fn tagged(tag: impl Into<String>, value: value::Value) -> Value {
    Value { tag: tag.into(), value: Some(value), ..Default::default() }
}

fn doubles(call: &Call, i: usize) -> Vec<f64> {
    let wide = cast_array(&call.input(i).to_array(), DType::Float64);
    wide.as_slice::<f64>().map(<[f64]>::to_vec).unwrap_or_default()
}

/// A tag for each value.
pub(crate) static SCALAR_SUMMARY: OpDef = OpDef::new(
    "ScalarSummary",
    infer_real,
    Kernel::Call(|call| {
        let (tags, values) = (call.input(0), call.input(1));
        if tags.shape != values.shape {
            let shape = |sizes: &[usize]| Shape::from(sizes).to_proto();
            let first = match tags.slice::<String>() {
                [tag] => format!(" (tag '{tag}')"),
                _ => String::new(),
            };
            return Err(Error::InvalidArgument(format!(
                "tags and values are not the same shape: {} != {}{first}",
                shape(&tags.shape),
                shape(&values.shape),
            )));
        }
        let tags = tags.slice::<String>().iter();
        let simple = |(tag, v): (&String, f64)| tagged(tag, value::Value::SimpleValue(v as f32));
        put(call, tags.zip(doubles(call, 1)).map(simple).collect())
    }),
);

pub(crate) static HISTOGRAM_SUMMARY: OpDef = OpDef::new(
    "HistogramSummary",
    infer_real,
    Kernel::Call(|call| {
        let values = doubles(call, 1);
        if let Some(bad) = values.iter().find(|v| !v.is_finite()) {
            let what = if bad.is_nan() { "Nan in summary histogram" } else { "Infinity in Histogram" };
            return Err(Error::InvalidArgument(format!("{what} for: {}", call.node.name)));
        }
        let tag = &call.input(0).slice::<String>()[0];
        put(call, vec![tagged(tag, value::Value::Histo(histogram::v1(values)))])
    }),
);

/// Pictures of a batch `[batch, height, width, channels]` as PNG files.
pub(crate) static IMAGE_SUMMARY: OpDef = OpDef::new(
    "ImageSummary",
    |infer| {
        let allowed = [DType::UInt8, DType::Float32, DType::Float64];
        allow(infer, 1, "tensor", &allowed, "uint8, float32, float16, float64")
    },
    Kernel::Call(|call| {
        let pixels = call.input(1);
        let &[batch, height, width, channels @ (1 | 3 | 4)] = &*pixels.shape else {
            let shape = Shape::from(&*pixels.shape).to_proto();
            return Err(Error::InvalidArgument(format!("Tensor must be 4-D with last dim 1, 3, or 4, not {shape}")));
        };
        let tag = &call.input(0).slice::<String>()[0];
        let most = call.node.int("max_images").max(0) as usize;
        let mut values = Vec::new();
        for (i, bytes) in pictures(call, batch.min(most), height * width * channels, channels).into_iter().enumerate() {
            let picture = Image {
                height: height as i32,
                width: width as i32,
                colorspace: channels as i32,
                encoded_image_string: image::Pixels { height, width, channels, bytes }.to_png(),
            };
            let tag = if most == 1 { format!("{tag}/image") } else { format!("{tag}/image/{i}") };
            values.push(tagged(tag, value::Value::Image(picture)));
        }
        put(call, values)
    }),
);

/// The first `count` pictures as bytes: bytes as they are, real numbers stretched picture by picture.
fn pictures(call: &Call, count: usize, size: usize, channels: usize) -> Vec<Vec<u8>> {
    let array = call.input(1).to_array();
    if let Some(bytes) = array.as_slice::<u8>() {
        return bytes.chunks_exact(size.max(1)).take(count).map(<[u8]>::to_vec).collect();
    }
    let mut bad = image::BAD_COLOR;
    if let Some(Attr::Tensor(Literal(color))) = call.node.attrs.get("bad_color") {
        bad.iter_mut().zip(color.as_slice::<u8>().unwrap_or_default()).for_each(|(to, from)| *to = *from);
    }
    let reals = cast_array(&array, DType::Float32);
    let reals = reals.as_slice::<f32>().unwrap_or_default();
    reals.chunks_exact(size.max(1)).take(count).map(|values| image::normalize(values, channels, bad)).collect()
}

/// A tensor as it is, for the dashboard that its metadata name.
pub(crate) static TENSOR_SUMMARY: OpDef = OpDef::new(
    "TensorSummaryV2",
    |_| string_scalar(),
    Kernel::Call(|call| {
        let text = |i: usize| &call.input(i).slice::<String>()[0];
        let metadata = SummaryMetadata::decode(&*bytes::of_text(text(2)))
            .map_err(|_| Error::InvalidArgument("Could not parse serialized_summary_metadata".into()))?;
        let tensor = crate::summary::tensor_proto(&call.input(1).to_array());
        let value = tagged(text(0), value::Value::Tensor(tensor));
        put(call, vec![Value { metadata: Some(metadata), ..value }])
    }),
);

fn infer_merge(infer: &Infer) -> Result<Vec<Signature>> {
    if infer.inputs.is_empty() {
        let text = "List argument 'inputs' to 'MergeSummary' Op with length 0 shorter than minimum length 1.";
        return Err(Error::Value(text.into()));
    }
    let types: Vec<&str> = (0..infer.inputs.len()).map(|i| infer.dtype(i).name()).collect();
    if types.iter().all(|name| *name == DType::String.name()) {
        return string_scalar();
    }
    Err(Error::Type(format!(
        "Tensors in list passed to 'inputs' of 'MergeSummary' Op have types [{}] that do not match expected type string.",
        types.join(", ")
    )))
}

/// The values of several summaries as one.
pub(crate) static MERGE_SUMMARY: OpDef = OpDef::new(
    "MergeSummary",
    infer_merge,
    Kernel::Call(|call| {
        let mut merged: Vec<Value> = Vec::new();
        let mut tags = std::collections::HashSet::new();
        for text in call.inputs.iter().flat_map(|input| input.slice::<String>()) {
            let summary = Summary::decode(&*bytes::of_text(text))
                .map_err(|_| Error::InvalidArgument("Could not parse one of the summary inputs".into()))?;
            if let Some(twice) = summary.value.iter().find(|v| !v.tag.is_empty() && !tags.insert(v.tag.clone())) {
                let text = format!("Duplicate tag {} found in summary inputs ", twice.tag);
                return Err(Error::InvalidArgument(text));
            }
            merged.extend(summary.value);
        }
        put(call, merged)
    }),
);

/// The arguments of a call that makes a summary. Names and operands live as long as graphs do, which is for good.
#[derive(Clone, Copy)]
pub struct SummaryCall {
    def: &'static OpDef,
    name: &'static str,
    family: Option<&'static str>,
    operand: &'static Operand,
    max_outputs: i64,
}

/// Replaces what may not stand in a tag, as TensorFlow does.
fn clean(tag: &str) -> String {
    let legal = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
    let clean: String = tag.chars().map(|c| if legal(c) { c } else { '_' }).collect();
    clean.trim_start_matches('/').to_owned()
}

impl Rebuild for SummaryCall {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        let graph = graph_of(&[self.operand]);
        let summary = build(graph, || self.in_graph(graph));
        graph.add_to_collection(SUMMARIES, summary);
        summary
    }
}

impl SummaryCall {
    #[track_caller]
    fn build(def: &'static OpDef, name: &str, operand: impl IntoTensor) -> Built<SummaryCall> {
        let operand = Box::leak(Box::new(operand.into_operand()));
        Built::new(SummaryCall { def, name: String::leak(name.into()), family: None, operand, max_outputs: 3 })
    }

    fn in_graph(self, graph: Graph) -> Result<Tensor> {
        let name = clean(self.name);
        let family = self.family.map(clean);
        let scope = match &family {
            None => Scope::open(graph, &name),
            Some(family) => Scope::open(graph, &format!("{family}/{name}")),
        };
        let tag = match family {
            None => scope.name.clone(),
            Some(family) => format!("{family}/{}", scope.name),
        };
        let argument = if self.def.name == SCALAR_SUMMARY.name { "tags" } else { "tag" };
        let tag = scope.constant(argument, Array::scalar(tag))?;
        let of_tensor = matches!(self.def.name, "ImageSummary" | "TensorSummaryV2");
        let values = self.operand.tensor(&scope, if of_tensor { "tensor" } else { "values" }, None)?;
        let mut inputs = vec![tag, values];
        let mut attrs = typed("T", values.dtype());
        if self.def.name == IMAGE_SUMMARY.name {
            attrs.insert("max_images", Attr::Int(self.max_outputs));
            let bad = Array::new(image::BAD_COLOR.to_vec(), &[4]);
            attrs.insert("bad_color", Attr::Tensor(Literal(bad)));
        }
        if self.def.name == TENSOR_SUMMARY.name {
            inputs.push(scope.constant("serialized_summary_metadata", text_metadata(values)?)?);
        }
        Ok(scope.op(self.def, &inputs, attrs)?.output(0))
    }
}

/// What marks a tensor as one for the dashboard of texts.
fn text_metadata(tensor: Tensor) -> Result<Array> {
    if tensor.dtype() != DType::String {
        let (name, dtype) = (tensor.name(), tensor.dtype());
        return Err(Error::Value(format!("Expected tensor {name} to have dtype string, got {dtype}")));
    }
    let plugin = PluginData { plugin_name: "text".into(), content: Vec::new() };
    let metadata = SummaryMetadata { plugin_data: Some(plugin), ..Default::default() };
    Ok(Array::scalar(bytes::to_text(&metadata.encode_to_vec())))
}

impl Built<SummaryCall> {
    /// The group of tags it is shown in, `family=`.
    #[track_caller]
    pub fn family(self, family: &str) -> Built<SummaryCall> {
        self.with(|call| call.family = Some(String::leak(family.into())))
    }

    /// How many pictures of a batch to keep, `max_outputs=`; 3 unless said otherwise. Only for [`image`](fn@image).
    #[track_caller]
    pub fn max_outputs(self, count: i64) -> Built<SummaryCall> {
        self.with(|call| call.max_outputs = count)
    }

    /// The collections it belongs to, `collections=`, in the place of the one that [`merge_all`] merges.
    pub fn collections(self, names: &[&str]) -> Built<SummaryCall> {
        let graph = self.tensor.graph();
        graph.data().remove_from_collections(self.tensor);
        names.iter().for_each(|name| graph.add_to_collection(name, self.tensor));
        self
    }
}

/// A number under a tag: `tf.summary.scalar(name, tensor)`. The tag is the name, with the name scopes it is in.
///
/// ```
/// use flowbook::v1 as tf;
/// # fn main() -> flowbook::Result<()> {
/// let cost = tf::summary::scalar("cost", tf::constant(0.5));
/// assert_eq!(cost.to_string(), r#"Tensor("cost:0", shape=(), dtype=string)"#);
/// let summary = tf::Summary::from_string(&tf::Session::new().run(cost)?)?;
/// assert_eq!(summary.value[0].to_string(), "tag: \"cost\"\nsimple_value: 0.5\n");
/// # Ok(())
/// # }
/// ```
///
/// # Panics
/// `TypeError` when it is no number.
#[track_caller]
pub fn scalar(name: &str, tensor: impl IntoTensor) -> Built<SummaryCall> {
    SummaryCall::build(&SCALAR_SUMMARY, name, tensor)
}

/// How a tensor's values are distributed: `tf.summary.histogram(name, values)`.
///
/// # Panics
/// `TypeError` when they are no numbers.
#[track_caller]
pub fn histogram(name: &str, values: impl IntoTensor) -> Built<SummaryCall> {
    SummaryCall::build(&HISTOGRAM_SUMMARY, name, values)
}

/// Pictures `[batch, height, width, channels]` with 1, 3 or 4 channels: `tf.summary.image(name, tensor)`. Bytes show as
/// they are; real numbers are stretched to 0 to 255, picture by picture.
///
/// # Panics
/// `TypeError` when they are neither bytes nor real numbers.
#[track_caller]
pub fn image(name: &str, tensor: impl IntoTensor) -> Built<SummaryCall> {
    SummaryCall::build(&IMAGE_SUMMARY, name, tensor)
}

/// Text, shown as Markdown: `tf.summary.text(name, tensor)`.
///
/// # Panics
/// `ValueError` when the tensor holds no strings.
#[track_caller]
pub fn text(name: &str, tensor: impl IntoTensor) -> Built<SummaryCall> {
    SummaryCall::build(&TENSOR_SUMMARY, name, tensor)
}

/// All values of several summaries in one: `tf.summary.merge(inputs)`.
///
/// # Panics
/// `ValueError` when there are none.
#[track_caller]
pub fn merge<T: Into<Tensor> + Copy>(inputs: &[T]) -> Tensor {
    let inputs: Vec<Tensor> = inputs.iter().map(|t| (*t).into()).collect();
    let graph = inputs.first().map_or_else(get_default_graph, |t| t.graph());
    build(graph, || {
        let scope = Scope::open(graph, "Merge");
        let attrs = [("N", Attr::Int(inputs.len() as i64))].into();
        Ok(scope.child(&MERGE_SUMMARY, MERGE_SUMMARY.name, &inputs, attrs)?.output(0))
    })
}

/// All summaries of the default graph in one: `tf.summary.merge_all()`. `None` when there are none; fetching that is
/// an error, as in Python.
#[track_caller]
pub fn merge_all() -> Option<Tensor> {
    merge_all_in(SUMMARIES)
}

/// All summaries of a collection in one: `tf.summary.merge_all(key)`.
#[track_caller]
pub fn merge_all_in(key: &str) -> Option<Tensor> {
    let summaries = get_default_graph().get_collection(key);
    (!summaries.is_empty()).then(|| merge(&summaries))
}
