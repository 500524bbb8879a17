//! What a shape rule works with: the inputs' types and shapes, their values as far as known, and the checks that all
//! rules share, from broadcasting to the memory a result may take.

use std::cell::Cell;

use super::{Signature, ints, size_of_dtype};
use crate::error::{Error, Result};
use crate::graph::{Attr, Node};
use crate::{Array, DType, Shape};

/// What a shape rule may look at.
pub(crate) struct Infer<'a> {
    pub node: &'a Node,
    pub inputs: &'a [Signature],
    value: &'a dyn Fn(usize) -> Option<Array>,
    /// The sizes that an input spells out, as far as the graph tells them.
    sizes: Option<&'a dyn Fn(usize) -> Option<Sizes>>,
    /// Whether the shapes are those of a run: the messages differ.
    pub running: bool,
    asked: Asked,
}

/// Elements of a vector of sizes, of which some may be open.
pub(crate) type Sizes = Vec<Option<i64>>;

/// The inputs, as bits, that a rule asked the values of: error texts end with them.
#[derive(Default)]
struct Asked {
    values: Cell<u64>,
    /// Those whose elements are sizes.
    shapes: Cell<u64>,
}

fn mark(bits: &Cell<u64>, i: usize) {
    bits.set(bits.get() | 1 << i.min(63));
}

impl<'a> Infer<'a> {
    /// For a node's inputs, of which `value` gives the values, as far as they are known.
    pub fn new(
        node: &'a Node,
        inputs: &'a [Signature],
        value: &'a dyn Fn(usize) -> Option<Array>,
        running: bool,
    ) -> Infer<'a> {
        Infer { node, inputs, value, sizes: None, running, asked: Asked::default() }
    }

    /// Knows of sizes that depend on partly known shapes too.
    pub fn with_sizes(self, sizes: &'a dyn Fn(usize) -> Option<Sizes>) -> Infer<'a> {
        Infer { sizes: Some(sizes), ..self }
    }

    /// The value of an input, when it is known.
    pub fn value(&self, i: usize) -> Option<Array> {
        mark(&self.asked.values, i);
        (self.value)(i)
    }

    pub fn dtype(&self, i: usize) -> DType {
        self.inputs[i].0
    }

    pub fn shape(&self, i: usize) -> &Shape {
        &self.inputs[i].1
    }

    /// The attribute `T`-like element type of that name.
    pub fn attr_type(&self, name: &str) -> Option<DType> {
        if let Some(Attr::Type(t)) = self.node.attrs.get(name) { Some(*t) } else { None }
    }

    /// The output of a node that carries its own element type and shape as attributes.
    pub fn declared(&self) -> Vec<Signature> {
        let shape = match self.node.attrs.get("shape") {
            Some(Attr::Shape(shape)) => shape.clone(),
            _ => Shape::unknown(),
        };
        vec![(self.attr_type("dtype").unwrap_or(DType::Float32), shape)]
    }

    /// The integers of an input whose value is known.
    pub fn ints(&self, i: usize) -> Option<Vec<i64>> {
        Some(ints(self.value(i)?))
    }

    /// The integers of a vector input, when its value is known: sizes, axes, places.
    ///
    /// An error when the input is no vector, or not of integers.
    pub fn vector(&self, i: usize, argument: &str) -> Result<Option<Vec<i64>>> {
        self.integers(i, argument, 1)
    }

    /// The integer of a scalar input, when its value is known. A vector of one is taken as well.
    ///
    /// An error when the input is not one number, or no integer.
    pub fn scalar(&self, i: usize, argument: &str) -> Result<Option<i64>> {
        if self.shape(i).sizes().is_some_and(|s| s == [1]) {
            return Ok(self.integers(i, argument, 1)?.and_then(|v| v.first().copied()));
        }
        Ok(self.integers(i, argument, 0)?.and_then(|v| v.first().copied()))
    }

    fn integers(&self, i: usize, argument: &str, rank: usize) -> Result<Option<Vec<i64>>> {
        if !matches!(self.dtype(i), DType::Int32 | DType::Int64) {
            return Err(Error::Type(format!(
                "Value passed to parameter '{argument}' has DataType {} not in list of allowed values: int32, int64",
                self.dtype(i).name()
            )));
        }
        if let Some(found) = self.shape(i).rank().filter(|r| *r != rank) {
            self.forget(i);
            let text = format!("Shape must be rank {rank} but is rank {found}");
            return self.fail(text.clone(), text);
        }
        Ok(self.ints(i))
    }

    /// The shape that a vector input spells out, as far as it is known.
    ///
    /// An error for a negative size.
    pub fn shape_from(&self, i: usize, argument: &str) -> Result<Shape> {
        let Some(sizes) = self.partial(i, argument)? else {
            return Ok(match self.shape(i).dims() {
                Some([Some(rank)]) => Shape::from(vec![None; *rank]),
                _ => Shape::unknown(),
            });
        };
        match sizes.iter().copied().collect::<Option<Vec<i64>>>() {
            Some(known) => self.sizes(&known),
            None => Ok(Shape::from(sizes.iter().map(|s| s.and_then(|s| usize::try_from(s).ok())).collect::<Vec<_>>())),
        }
    }

    /// Sizes as a shape. An error for a negative one.
    pub fn sizes(&self, sizes: &[i64]) -> Result<Shape> {
        if let Some(size) = sizes.iter().find(|s| **s < 0) {
            let text = format!("Dimension {size} must be >= 0");
            return self.fail(text.clone(), text);
        }
        Ok(Shape::from(sizes.iter().map(|s| *s as usize).collect::<Vec<_>>()))
    }

    /// `TypeError` unless all inputs from `from` on have the first one's type; `names` are the arguments' names.
    pub fn same_type(&self, names: &[&str]) -> Result<DType> {
        let first = self.dtype(0);
        for (i, name) in names.iter().enumerate().skip(1) {
            if self.dtype(i) != first {
                return Err(Error::Type(format!(
                    "Input '{name}' of '{}' Op has type {} that does not match type {} of argument '{}'.",
                    self.node.def.name,
                    self.dtype(i).name(),
                    first.name(),
                    names[0],
                )));
            }
        }
        Ok(first)
    }

    /// `TypeError` unless the input's type is among those allowed.
    pub fn allow(&self, i: usize, argument: &str, types: Types) -> Result<DType> {
        let dtype = self.dtype(i);
        let op = self.node.def.name;
        if types.contains(dtype) && !(SIGNED.contains(&op) && dtype == DType::UInt8) {
            return Ok(dtype);
        }
        if types == Types::Bool {
            return Err(Error::Type(format!(
                "Input '{argument}' of '{op}' Op has type {} that does not match expected type of bool.",
                dtype.name()
            )));
        }
        Err(Error::Type(format!(
            "Value passed to parameter '{argument}' has DataType {} not in list of allowed values: {}",
            dtype.name(),
            LISTS.iter().find(|(ops, _)| ops.contains(&op)).map_or(types.list(), |(_, list)| list),
        )))
    }

    /// The sizes that a vector input spells out, as far as they are known.
    pub fn partial(&self, i: usize, argument: &str) -> Result<Option<Sizes>> {
        mark(&self.asked.shapes, i);
        let known = self.vector(i, argument)?.map(|sizes| sizes.into_iter().map(Some).collect());
        Ok(known.or_else(|| self.sizes?(i)))
    }

    /// Takes back that the value of one input was asked for.
    pub fn forget(&self, i: usize) {
        for bits in [&self.asked.values, &self.asked.shapes] {
            bits.set(bits.get() & !(1 << i.min(63)));
        }
    }

    /// Takes back that values were asked for: the error is about shapes alone.
    pub fn forget_values(&self) {
        self.asked.values.set(0);
    }

    /// The known values among those that were asked for, as shape functions end their messages with.
    pub fn known_values(&self) -> String {
        let chosen = |bits: u64, separator: &str, text: &dyn Fn(usize) -> Option<String>| {
            let known = (0..self.inputs.len()).filter(|i| bits >> i & 1 == 1);
            let known = known.filter_map(|i| Some(format!("input[{i}] = {}", text(i)?)));
            known.collect::<Vec<_>>().join(separator)
        };
        let (values, shapes) = (self.asked.values.get(), self.asked.shapes.get());
        let values = chosen(values & !shapes, ", ", &|i| Some(format!("<{}>", summary(&(self.value)(i)?))));
        let shapes = chosen(shapes, ",", &|i| {
            let known = (self.value)(i).map(|sizes| ints(sizes).into_iter().map(Some).collect::<Sizes>());
            let sizes = known.or_else(|| self.sizes?(i))?.into_iter();
            let words = sizes.map(|d| d.filter(|d| *d >= 0).map_or("?".into(), |d| d.to_string()));
            Some(format!("[{}]", words.collect::<Vec<_>>().join(",")))
        });
        let mut text = String::new();
        if !values.is_empty() {
            text += &format!(" and with computed input tensors: {values}");
        }
        if !shapes.is_empty() {
            text += &format!(" and with input tensors computed as partial shapes: {shapes}");
        }
        text
    }

    /// A `ValueError` while the graph is built, the other text as `InvalidArgumentError` in a run.
    pub fn fail<T>(&self, building: impl Into<String>, running: impl Into<String>) -> Result<T> {
        Err(if self.running { Error::InvalidArgument(running.into()) } else { Error::Value(building.into()) })
    }
}

/// Elements as TensorFlow's C++ side summarises them: `1 2`, `[1 2][3 4]`.
fn summary(value: &Array) -> String {
    let words: Vec<String> = match value.dtype() {
        DType::Float32 => value.as_slice::<f32>().into_iter().flatten().map(ToString::to_string).collect(),
        DType::Float64 => value.as_slice::<f64>().into_iter().flatten().map(ToString::to_string).collect(),
        DType::String => value.as_slice::<String>().into_iter().flatten().cloned().collect(),
        _ => ints(value.clone()).iter().map(ToString::to_string).collect(),
    };
    match value.shape() {
        [_, width] if *width > 0 => words.chunks(*width).map(|row| format!("[{}]", row.join(" "))).collect(),
        _ => words.join(" "),
    }
}

/// The sets of element types that ops allow.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Types {
    /// `float32`, `float64`
    Floats,
    /// the floats and the integers
    Numbers,
    /// everything
    All,
    /// `bool`
    Bool,
}

/// The ops of numbers that do not take the unsigned ones.
const SIGNED: &[&str] = &["Neg", "Abs", "Sign", "SquaredDifference"];

/// The element types that TensorFlow names for ops, where it names others, or in another order, than for most.
const LISTS: &[(&[&str], &str)] = &[
    (
        &["AddV2"],
        "bfloat16, float16, float32, float64, uint8, uint16, uint32, uint64, int8, int16, int32, int64, complex64, complex128",
    ),
    (
        &["Mul"],
        "bfloat16, float16, float32, float64, uint8, int8, uint16, int16, int32, uint32, uint64, int64, complex64, complex128",
    ),
    (&["Neg"], "bfloat16, float16, float32, float64, int8, int16, int32, int64, complex64, complex128"),
    (
        &["Square"],
        "bfloat16, float16, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64, complex64, complex128",
    ),
    (
        &["Sum", "Mean", "Prod", "BiasAdd"],
        "float32, float64, int32, uint8, int16, int8, complex64, int64, qint8, quint8, qint32, bfloat16, qint16, quint16, \
         uint16, complex128, float16, uint32, uint64",
    ),
    (
        &["Less", "LessEqual", "Greater", "GreaterEqual"],
        "float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64",
    ),
    (
        &["BatchMatMulV2"],
        "bfloat16, float16, float32, float64, int16, int32, int64, uint8, uint16, uint32, uint64, complex64, complex128",
    ),
    (&["Conv2D"], "float16, bfloat16, float32, float64, int32"),
    (&["MaxPool"], "float16, bfloat16, float32, float64, int32, int64, uint8, int16, int8, uint16, qint8"),
    (
        &["MatMul"],
        "bfloat16, float16, float32, float64, int32, int64, uint8, uint16, uint32, uint64, complex64, complex128",
    ),
    (
        &["Max", "Min"],
        "float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64, qint8, quint8, \
         qint32, qint16, quint16",
    ),
    (
        &["ArgMax", "ArgMin"],
        "float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64, qint8, quint8, \
         qint32, qint16, quint16, bool",
    ),
    (
        &["AddN"],
        "float32, float64, int32, uint8, int16, int8, complex64, int64, qint8, quint8, qint32, bfloat16, qint16, quint16, \
         uint16, complex128, float16, uint32, uint64, variant",
    ),
    (
        &["Sub"],
        "bfloat16, float16, float32, float64, uint8, int8, uint16, int16, int32, int64, complex64, complex128, uint32, uint64",
    ),
    (&["Abs"], "bfloat16, float16, float32, float64, int8, int16, int32, int64"),
    (&["Sign"], "bfloat16, float16, float32, float64, int8, int16, int32, int64, complex64, complex128"),
    (&["SquaredDifference"], "bfloat16, float16, float32, float64, int32, int64, complex64, complex128"),
    (
        &["Maximum", "Minimum"],
        "bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64",
    ),
    (&["Relu"], "float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64, qint8"),
    (&["Relu6"], "float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64"),
    (&["Erf", "Floor", "Ceil", "IsNan", "IsInf", "IsFinite"], "bfloat16, float16, float32, float64"),
    (
        &[
            "Softmax",
            "LogSoftmax",
            "L2Loss",
            "Elu",
            "Selu",
            "Softplus",
            "Softsign",
            "LeakyRelu",
            "AvgPool",
            "SoftmaxCrossEntropyWithLogits",
            "SparseSoftmaxCrossEntropyWithLogits",
        ],
        "float16, bfloat16, float32, float64",
    ),
];

impl Types {
    fn contains(self, dtype: DType) -> bool {
        match self {
            Types::Floats => dtype.is_floating(),
            Types::Numbers => dtype.is_floating() || dtype.is_integer(),
            Types::All => true,
            Types::Bool => dtype == DType::Bool,
        }
    }

    fn list(self) -> &'static str {
        match self {
            Types::Floats => "bfloat16, float16, float32, float64, complex64, complex128",
            Types::Numbers => {
                "bfloat16, float16, float32, float64, uint8, int8, uint16, int16, int32, int64, complex64, complex128"
            }
            Types::All => "any",
            Types::Bool => "bool",
        }
    }
}

/// The shape two operands broadcast to, or the sizes that do not fit.
pub(crate) fn broadcast(a: &Shape, b: &Shape) -> Result<Shape, (usize, usize)> {
    let (Some(a), Some(b)) = (a.dims(), b.dims()) else { return Ok(Shape::unknown()) };
    let rank = a.len().max(b.len());
    let at = |dims: &[Option<usize>], i: usize| (i + dims.len()).checked_sub(rank).map_or(Some(1), |k| dims[k]);
    let mut out = Vec::with_capacity(rank);
    for i in 0..rank {
        out.push(match (at(a, i), at(b, i)) {
            (Some(1), other) | (other, Some(1)) => other,
            (Some(m), Some(n)) if m == n => Some(m),
            (Some(m), Some(n)) => return Err((m, n)),
            (Some(n), None) | (None, Some(n)) => Some(n),
            (None, None) => None,
        });
    }
    Ok(Shape::from(out))
}

/// The shape rule of broadcasting ops over their inputs `from..to`.
pub(crate) fn broadcast_inputs(infer: &Infer, from: usize, to: usize) -> Result<Shape> {
    let mut shape = infer.shape(from).clone();
    for i in from + 1..to {
        shape = match broadcast(&shape, infer.shape(i)) {
            Ok(shape) => shape,
            Err((m, n)) => {
                return infer.fail(
                    format!("Dimensions must be equal, but are {m} and {n}"),
                    format!("Incompatible shapes: {} vs. {}", shape.to_proto(), infer.shape(i).to_proto()),
                );
            }
        };
    }
    Ok(shape)
}

/// A tensor of fewer bytes than this is not worth asking the machine about.
const SMALL: u64 = 1 << 28;

/// The bytes of memory that the machine has to give at this moment; where it cannot be asked, more than any has.
fn available() -> u64 {
    let number = |path: &str, from: &str, to: &str| -> Option<u64> {
        let text = std::fs::read_to_string(path).ok()?;
        text.lines().find_map(|line| line.strip_prefix(from)?.trim().strip_suffix(to)?.trim().parse().ok())
    };
    let machine = number("/proc/meminfo", "MemAvailable:", "kB").map_or(1 << 46, |kilobytes| kilobytes << 10);
    let container = number("/sys/fs/cgroup/memory.max", "", "").unwrap_or(u64::MAX);
    let used = number("/sys/fs/cgroup/memory.current", "", "").unwrap_or(0);
    machine.min(container.saturating_sub(used))
}

/// An error unless a tensor of that type and those sizes can be had at all, so that no allocation ends the process.
pub(crate) fn fits_memory(dtype: DType, shape: &Shape) -> Result<()> {
    let Some(sizes) = shape.sizes() else { return Ok(()) };
    let count = sizes.iter().try_fold(1u64, |n, size| n.checked_mul(*size as u64)).filter(|n| *n <= i64::MAX as u64);
    let Some(count) = count else {
        let text = sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        return Err(Error::InvalidArgument(format!(
            "Shape [{text}] results in overflow when computing number of elements"
        )));
    };
    let bytes = count.saturating_mul(size_of_dtype(dtype) as u64);
    if bytes > SMALL && bytes > available() {
        return Err(Error::ResourceExhausted(format!(
            "OOM when allocating tensor with shape{} and type {} on /job:localhost/replica:0/task:0/device:CPU:0 by \
             allocator cpu",
            shape.to_proto(),
            dtype.c_name()
        )));
    }
    Ok(())
}
