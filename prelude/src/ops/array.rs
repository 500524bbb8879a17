//! Where tensors come from: constants, placeholders, fills, ranges, and copies of the shape of another tensor.

use flowbook_cuda::{Work, kernels};

use super::device::{DeviceCall, Place};
use super::math::Arithmetic;
use super::register::{self, RegisterStep};
use super::view::{with_any, with_number};
use super::{Call, Infer, Kernel, OpDef, Sample, here, python_class, python_text, typed, unary};
use crate::error::{Error, Result};
use crate::graph::{
    Attr, Attrs, Built, Graph, IntoDType, IntoTensor, Node, Operand, Operation, Rebuild, Scope, Tensor, attr::Literal,
    build, control_dependencies, graph_of,
};
use crate::{Array, ArrayLike, DType, Shape};

pub(crate) static OPS: &[&OpDef] = &[
    &CONST,
    &PLACEHOLDER,
    &IDENTITY,
    &SNAPSHOT,
    &STOP_GRADIENT,
    &FILL,
    &ZEROS_LIKE,
    &ONES_LIKE,
    &ADD_N,
    &RANGE,
    &LINSPACE,
    &ONE_HOT,
    &EYE,
];

pub(crate) static CONST: OpDef = OpDef::new(
    "Const",
    |infer| {
        let value = infer.node.value().expect("a constant has a value");
        Ok(vec![(value.dtype(), Shape::from(value.shape()))])
    },
    Kernel::None,
);

pub(crate) fn const_attrs(value: Array) -> Attrs {
    Attrs::from([("dtype", Attr::Type(value.dtype())), ("value", Attr::Tensor(Literal(value)))])
}

/// The setters of [`constant`].
#[derive(Clone, Copy)]
pub struct Constant;

impl Rebuild for Constant {
    fn rebuild(self) -> Tensor {
        unreachable!("a constant is changed in place")
    }
}

/// A constant: `tf.constant(value)`. Floats are `float32` and integers `int32` unless `.with_dtype(...)` says otherwise.
///
/// ```
/// use flowbook::v1 as tf;
/// let a = tf::constant([5, 5, 5]).with_dtype(tf::float32).named("A");
/// assert_eq!(a.to_string(), r#"Tensor("A:0", shape=(3,), dtype=float32)"#);
/// ```
///
/// # Panics
/// When the rows of a nested list differ in length.
#[track_caller]
pub fn constant(value: impl ArrayLike) -> Built<Constant> {
    let graph = here();
    let tensor = build(graph, || new_constant(graph, "Const", value.to_tensor()));
    graph.data().literal = Some((tensor.node, value.to_array()));
    Built { arguments: Constant, tensor }
}

pub(crate) fn new_constant(graph: Graph, name: &str, value: Array) -> Result<Tensor> {
    let scope = Scope::open(graph, name);
    Ok(scope.op(&CONST, &[], const_attrs(value))?.output(0))
}

impl Built<Constant> {
    /// The element type, `dtype=`: converts the value as written.
    ///
    /// # Panics
    /// `TypeError` when the value does not convert, such as 1.5 to an integer.
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> Built<Constant> {
        let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
        let graph = self.tensor.graph;
        let source = graph.data().literal.clone().filter(|(node, _)| *node == self.tensor.node);
        let current = graph.node(self.tensor.node).value().cloned().expect("a constant has a value");
        let source = match source {
            Some((_, exact)) if exact.shape() == current.shape() => exact,
            _ => current,
        };
        let from = source.dtype();
        let truth = from == DType::Bool && (dtype.is_floating() || dtype.is_integer());
        if !crate::graph::converts(from, dtype) && !truth {
            let text = if source.is_empty() { "nothing".into() } else { python_text(&source) };
            Error::Type(format!("Expected {}, but got {text} of type '{}'.", dtype.name(), python_class(from))).raise();
        }
        self.replace(super::cast_array(&source, dtype))
    }

    /// The shape, `shape=`: lays the elements out anew; when there are too few the last one is repeated.
    ///
    /// # Panics
    /// `ValueError` when there are too many.
    #[track_caller]
    pub fn with_shape(self, shape: impl Into<Shape>) -> Built<Constant> {
        let shape = shape.into();
        let Some(sizes) = shape.sizes() else {
            Error::Value(format!("a constant needs a fully known shape, not {shape}")).raise()
        };
        let value = self.tensor.graph.node(self.tensor.node).value().cloned().expect("a constant has a value");
        if let Err(error) = super::fits_memory(value.dtype(), &Shape::from(&sizes[..])) {
            error.raise();
        }
        let wanted: usize = sizes.iter().product();
        if value.len() > wanted && value.ndim() > 0 {
            Error::Value(format!("Too many elements provided. Takes at most {wanted}, but got {}.", value.len()))
                .raise();
        }
        let filled = crate::array::with_data!(value, v => fill_up(v, wanted, &sizes));
        self.replace(filled)
    }

    /// The shape that the value must have as it is: `shape=` with `verify_shape=True`.
    ///
    /// # Panics
    /// `TypeError` when it has another.
    #[track_caller]
    pub fn with_verified_shape(self, shape: impl Into<Shape>) -> Built<Constant> {
        let (wanted, shape) = (shape.into(), self.tensor.shape());
        if shape.sizes().is_none_or(|sizes| !wanted.accepts(&sizes)) {
            Error::Type(format!("Expected Tensor's shape: {wanted}, but got {shape}.")).raise();
        }
        self
    }

    fn replace(self, value: Array) -> Built<Constant> {
        let mut data = self.tensor.graph.data();
        let node = std::sync::Arc::make_mut(&mut data.nodes[self.tensor.node as usize]);
        node.outputs = vec![(value.dtype(), Shape::from(value.shape()))];
        node.attrs = const_attrs(value);
        drop(data);
        self
    }
}

fn fill_up<T: crate::dtype::Element>(elements: &[T], wanted: usize, sizes: &[usize]) -> Array {
    let last = elements.last().cloned().unwrap_or_default();
    let mut all = elements.to_vec();
    all.resize(wanted, last);
    Array::new(all, sizes)
}

pub(crate) static PLACEHOLDER: OpDef = OpDef::new("Placeholder", |infer| Ok(infer.declared()), Kernel::None).stateful();

/// A value to be fed at each run: `tf.placeholder(tf.float32, [None, 784])`. `None` as the shape accepts any.
///
/// ```
/// use flowbook::{shape, v1 as tf};
/// let x = tf::placeholder(tf::float32, shape![None, 784]).named("x");
/// assert_eq!(x.to_string(), r#"Tensor("x:0", shape=(?, 784), dtype=float32)"#);
/// assert_eq!(tf::placeholder("float", None).shape().to_string(), "<unknown>");
/// ```
///
/// # Panics
/// `TypeError` for an element type that does not exist.
#[track_caller]
pub fn placeholder(dtype: impl IntoDType, shape: impl Into<Shape>) -> Tensor {
    let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
    let graph = here();
    let attrs = Attrs::from([("dtype", Attr::Type(dtype)), ("shape", Attr::Shape(shape.into()))]);
    build(graph, || Ok(Scope::open(graph, "Placeholder").op(&PLACEHOLDER, &[], attrs.clone())?.output(0)))
}

fn same(infer: &Infer) -> Result<Vec<super::Signature>> {
    Ok(vec![infer.inputs[0].clone()])
}

pub(crate) static IDENTITY: OpDef = OpDef::new("Identity", same, Kernel::Alias)
    .gradient(|g| vec![Some(g.dy())])
    .samples(&[Sample { inputs: &[(&[2], -1.0, 1.0)], build: |x| identity(x[0]) }]);

/// The same value under a new name: `tf.identity`.
#[track_caller]
pub fn identity(x: impl IntoTensor) -> Tensor {
    unary(&IDENTITY, "Identity", "input", x.into_operand())
}

/// An `Identity` whose control inputs only keep values together: no run waits for them.
///
/// Variables are written after everything that reads them in any case, and values that nobody uses need not be computed.
static GATE: OpDef = OpDef::new("Identity", same, Kernel::Alias).gradient(|g| vec![Some(g.dy())]);

/// The same value behind `gate`, as `tf.tuple` gives it.
pub(crate) fn gated(x: Tensor, gate: Operation) -> Tensor {
    let graph = x.graph();
    let attrs = typed("T", x.dtype());
    control_dependencies(&[gate], || {
        build(graph, || Ok(Scope::open(graph, "control_dependency").op(&GATE, &[x], attrs)?.output(0)))
    })
}

/// The nodes that a run has to wait for before it runs this one.
pub(crate) fn waits_for(node: &Node) -> &[u32] {
    if std::ptr::eq(node.def, &GATE) { &[] } else { &node.control }
}

/// A copy that later writes to a variable behind `x` leave as it is.
pub(crate) static SNAPSHOT: OpDef = OpDef::new(
    "Snapshot",
    same,
    Kernel::Call(|call| {
        call.output().copy_from(call.input(0));
        Ok(())
    }),
)
.cuda(copy_on_device)
.gradient(|g| vec![Some(g.dy())])
.samples(&[Sample { inputs: &[(&[2], -1.0, 1.0)], build: |x| snapshot(x[0]) }]);

/// A copy of the value, for what leaves a function that writes to variables.
#[track_caller]
pub(crate) fn snapshot(x: impl IntoTensor) -> Tensor {
    unary(&SNAPSHOT, "Snapshot", "input", x.into_operand())
}

pub(crate) static STOP_GRADIENT: OpDef = OpDef::new("StopGradient", same, Kernel::Alias).gradient(|_| vec![None]);

/// The same value, which counts as a constant in gradients: `tf.stop_gradient`.
#[track_caller]
pub fn stop_gradient(x: impl IntoTensor) -> Tensor {
    unary(&STOP_GRADIENT, "StopGradient", "input", x.into_operand())
}

/// The argument as a tensor: `tf.convert_to_tensor`. A tensor stays itself.
#[track_caller]
pub fn convert_to_tensor(x: impl IntoTensor) -> Tensor {
    match x.into_operand() {
        Operand::Tensor(t) => t,
        literal => {
            let graph = here();
            build(graph, || new_constant(graph, "Const", literal.array(None).expect("a literal has an array")))
        }
    }
}

pub(crate) static FILL: OpDef = OpDef::new(
    "Fill",
    |infer| {
        if infer.shape(1).rank().is_some_and(|r| r != 0) {
            let rank = infer.shape(1).rank().unwrap_or(0);
            let running = format!("value must be a scalar, got shape {}", infer.shape(1).to_proto());
            return infer.fail(format!("Shape must be rank 0 but is rank {rank}"), running);
        }
        if let Some(size) = infer.ints(0).into_iter().flatten().find(|size| *size < 0) {
            infer.partial(0, "dims")?;
            return infer.fail("Fill dimensions must be >= 0", format!("Dimension {size} must be >= 0"));
        }
        if infer.running && infer.shape(0).rank() == Some(0) {
            let shape = infer.ints(0).map_or(Ok(Shape::unknown()), |sizes| infer.sizes(&sizes))?;
            return Ok(vec![(infer.dtype(1), shape)]);
        }
        Ok(vec![(infer.dtype(1), infer.shape_from(0, "dims")?)])
    },
    Kernel::Call(|call| {
        with_any!(call.output().dtype, T => {
            let value = call.input(1).slice::<T>()[0].clone();
            call.output().slice_mut::<T>().fill(value);
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (value, output) = (call.input(1), call.output());
    let operand = kernels::Operand { dtype: value.device_type()?, address: value.address, scalar: true };
    Some(kernels::map("x0", &[operand], output.device_type()?, output.address, output.len()))
})
.gradient(|g| vec![None, Some(crate::ops::reduce::reduce_sum(g.dy()).tensor())]);

/// A tensor of one value: `tf.fill(dims, value)`.
#[track_caller]
pub fn fill(dims: impl IntoTensor, value: impl IntoTensor) -> Tensor {
    let (dims, value) = (dims.into_operand(), value.into_operand());
    let graph = graph_of(&[&dims, &value]);
    build(graph, || {
        let scope = Scope::open(graph, "Fill");
        let dims = dims.tensor(&scope, "dims", None)?;
        let value = value.tensor(&scope, "value", None)?;
        Ok(scope.op(&FILL, &[dims, value], fill_attrs(value.dtype()))?.output(0))
    })
}

fn fill_attrs(dtype: DType) -> Attrs {
    Attrs::from([("T", Attr::Type(dtype)), ("index_type", Attr::Type(DType::Int32))])
}

/// The start of back-propagation: ones under `name`, as a Fill of the shape.
pub(crate) fn ones_for(graph: Graph, name: &str, shape: Tensor, dtype: DType) -> Result<Tensor> {
    let scope = Scope::open(graph, name);
    let one = scope.constant("Const", super::cast_array(&Array::scalar(1.0f32), dtype))?;
    Ok(scope.op(&FILL, &[shape, one], fill_attrs(dtype))?.output(0))
}

/// The arguments of [`zeros`] and [`ones`].
#[derive(Clone, Copy)]
pub struct Filled {
    sizes: [usize; 8],
    rank: usize,
    dtype: DType,
    value: u8,
}

impl Rebuild for Filled {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        let graph = here();
        build(graph, || filled_tensor(graph, self.value, &self.sizes[..self.rank], self.dtype))
    }
}

/// Zeros or ones as TensorFlow builds them: a constant, and from 1,000 elements on a `Fill`.
pub(crate) fn filled_tensor(graph: Graph, value: u8, sizes: &[usize], dtype: DType) -> Result<Tensor> {
    fill_scope(&Scope::open(graph, if value == 0 { "zeros" } else { "ones" }), value, sizes, dtype)
}

fn fill_scope(scope: &Scope, value: u8, sizes: &[usize], dtype: DType) -> Result<Tensor> {
    let one = match (dtype, value) {
        (DType::String, 0) => Array::scalar(String::new()),
        (DType::String, _) => {
            return Err(Error::Type(format!("Expected string, but got {value} of type 'int'.")));
        }
        _ => super::cast_array(&Array::scalar(value), dtype),
    };
    super::fits_memory(dtype, &Shape::from(sizes))?;
    if sizes.iter().product::<usize>() < 1000 {
        return Ok(scope.op(&CONST, &[], const_attrs(filled(&one, sizes)))?.output(0));
    }
    let shape = scope.constant("shape_as_tensor", super::shape::size_vector(sizes))?;
    let value = scope.constant("Const", one)?;
    Ok(scope.op(&FILL, &[shape, value], fill_attrs(dtype))?.output(0))
}

pub(crate) fn filled(one: &Array, sizes: &[usize]) -> Array {
    crate::array::with_data!(one, v => Array::new(vec![v[0].clone(); sizes.iter().product()], sizes))
}

impl Built<Filled> {
    /// The element type, `dtype=`.
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> Built<Filled> {
        let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
        self.with(|a| a.dtype = dtype)
    }
}

#[track_caller]
fn new_filled(shape: Shape, value: u8) -> Built<Filled> {
    let known = shape.sizes().filter(|s| s.len() <= 8);
    let Some(known) = known else { Error::Value(format!("Cannot fill a tensor of shape {shape}")).raise() };
    let mut sizes = [0; 8];
    sizes[..known.len()].copy_from_slice(&known);
    Built::new(Filled { sizes, rank: known.len(), dtype: DType::Float32, value })
}

/// Zeros: `tf.zeros([2, 3])`, `float32` unless `.with_dtype(...)` says otherwise.
#[track_caller]
pub fn zeros(shape: impl Into<Shape>) -> Built<Filled> {
    new_filled(shape.into(), 0)
}

/// Ones: `tf.ones([2, 3])`, `float32` unless `.with_dtype(...)` says otherwise.
#[track_caller]
pub fn ones(shape: impl Into<Shape>) -> Built<Filled> {
    new_filled(shape.into(), 1)
}

/// The value as it is, at another place of the device.
fn copy_on_device(call: &DeviceCall) -> Option<Vec<Work>> {
    let (input, output) = (call.input(0), call.output());
    Some(vec![Work::Copy { from: input.address, to: output.address, bytes: output.bytes() }])
}

fn fill_on_device(call: &DeviceCall, value: f64) -> Option<Vec<Work>> {
    let output = call.output();
    Some(kernels::fill(output.device_type()?, value, output.address, output.len()))
}

/// The sum of the operands, from left to right.
fn add_on_device(call: &DeviceCall) -> Option<Vec<Work>> {
    let output = call.output();
    let dtype = output.device_type()?;
    let operand = |input: &Place| kernels::Operand { dtype, address: input.address, scalar: false };
    let operands: Vec<kernels::Operand> = call.inputs.iter().map(operand).collect();
    let sum = (1..operands.len()).fold("x0".to_string(), |sum, i| format!("(R)({sum} + x{i})"));
    Some(kernels::map(&sum, &operands, dtype, output.address, output.len()))
}

fn all_of(call: &Call, value: u8) -> Result<()> {
    if call.output().dtype == DType::String {
        call.output().slice_mut::<String>().fill(String::new());
        return Ok(());
    }
    with_number!(call.output().dtype, T => {
        call.output().slice_mut::<T>().fill(T::from(value));
        Ok(())
    })
}

fn constant_of(sizes: &[usize], dtype: DType, value: u8) -> Option<Array> {
    (dtype != DType::String && sizes.iter().product::<usize>() <= 1024)
        .then(|| filled(&super::cast_array(&Array::scalar(value), dtype), sizes))
}

pub(crate) static ZEROS_LIKE: OpDef = OpDef::new("ZerosLike", same, Kernel::Call(|call| all_of(call, 0)))
    .cuda(|call| fill_on_device(call, 0.0))
    .gradient(|_| vec![None])
    .of_shape(|sizes, node| constant_of(sizes, node.outputs[0].0, 0));

pub(crate) static ONES_LIKE: OpDef = OpDef::new("OnesLike", same, Kernel::Call(|call| all_of(call, 1)))
    .cuda(|call| fill_on_device(call, 1.0))
    .gradient(|_| vec![None])
    .of_shape(|sizes, node| constant_of(sizes, node.outputs[0].0, 1));

/// Zeros in the shape and type of `x`: `tf.zeros_like`.
#[track_caller]
pub fn zeros_like(x: impl IntoTensor) -> Tensor {
    let x = x.into_operand();
    let graph = graph_of(&[&x]);
    build(graph, || {
        let scope = Scope::open(graph, "zeros_like");
        let x = x.tensor(&scope, "tensor", None)?;
        match x.shape().sizes().filter(|_| !graph.data().eager && x.dtype() != DType::String) {
            Some(sizes) => fill_scope(&scope, 0, &sizes, x.dtype()),
            None => Ok(scope.op(&ZEROS_LIKE, &[x], typed("T", x.dtype()))?.output(0)),
        }
    })
}

/// Ones in the shape and type of `x`: `tf.ones_like`.
#[track_caller]
pub fn ones_like(x: impl IntoTensor) -> Tensor {
    let x = x.into_operand();
    let graph = graph_of(&[&x]);
    build(graph, || {
        let scope = Scope::open(graph, "ones_like");
        let x = x.tensor(&scope, "tensor", None)?;
        if x.dtype() == DType::String {
            return Err(Error::Type("Expected string, but got 1 of type 'int'.".into()));
        }
        if graph.data().eager {
            return Ok(scope.op(&ONES_LIKE, &[x], typed("T", x.dtype()))?.output(0));
        }
        let shape = match x.shape().sizes() {
            Some(sizes) => scope.constant("Shape/shape_as_tensor", super::shape::size_vector(&sizes))?,
            None => scope.child(&super::shape::SHAPE, "Shape", &[x], typed("T", x.dtype()))?.output(0),
        };
        let one = scope.constant("Const", super::cast_array(&Array::scalar(1u8), x.dtype()))?;
        Ok(scope.op(&FILL, &[shape, one], fill_attrs(x.dtype()))?.output(0))
    })
}

/// TensorFlow's words for the shapes of a list that should be one, of which the other is that of input `i`.
pub(crate) fn unequal(a: &Shape, b: &Shape, i: usize) -> String {
    format!("{}\n\tFrom merging shape {} with other shapes.", mismatch(a, b), i - 1)
}

/// TensorFlow's words for two shapes that should be one.
pub(crate) fn mismatch(a: &Shape, b: &Shape) -> String {
    let (Some(m), Some(n)) = (a.dims(), b.dims()) else { return String::new() };
    if m.len() != n.len() {
        return format!("Shapes must be equal rank, but are {} and {}", m.len(), n.len());
    }
    let differ = m.iter().zip(n).enumerate().find_map(|(k, (m, n))| {
        let (m, n) = ((*m)?, (*n)?);
        (m != n).then(|| format!("Dimension {k} in both shapes must be equal, but are {m} and {n}."))
    });
    format!("{} Shapes are {} and {}.", differ.unwrap_or_default(), a.to_proto(), b.to_proto())
}

pub(crate) static ADD_N: OpDef = OpDef::new(
    "AddN",
    |infer| {
        for i in 1..infer.inputs.len() {
            let (a, b) = (infer.shape(0), infer.shape(i));
            let differ = a.rank().zip(b.rank()).is_some_and(|(m, n)| m != n)
                || a.dims()
                    .into_iter()
                    .flatten()
                    .zip(b.dims().into_iter().flatten())
                    .any(|(m, n)| m.zip(*n).is_some_and(|(m, n)| m != n));
            if differ {
                let running = format!(
                    "Inputs to operation {} of type AddN must have the same size and shape.  Input 0: {} != input {i}: {}",
                    infer.node.name,
                    infer.shape(0).to_proto(),
                    infer.shape(i).to_proto()
                );
                return infer.fail(unequal(a, b, i), running);
            }
        }
        if let Some((dtype, _)) = infer.inputs.iter().find(|(d, _)| *d != infer.dtype(0)) {
            return Err(Error::Type(format!(
                "Tensors in list passed to 'inputs' of 'AddN' Op have types [{}, {}] that don't all match.",
                infer.dtype(0).name(),
                dtype.name()
            )));
        }
        infer.allow(0, "inputs", super::Types::Numbers)?;
        let known = infer.inputs.iter().find(|(_, s)| s.sizes().is_some());
        Ok(vec![(infer.dtype(0), known.map_or(infer.shape(0).clone(), |(_, s)| s.clone()))])
    },
    Kernel::Call(|call| {
        with_number!(call.output().dtype, T => {
            let out = call.output().slice_mut::<T>();
            out.copy_from_slice(call.input(0).slice::<T>());
            for input in &call.inputs[1..] {
                out.iter_mut().zip(input.slice::<T>()).for_each(|(o, x)| *o = o.plus(*x));
            }
            Ok(())
        })
    }),
)
.cuda(add_on_device)
.register(register_sum)
.gradient(|g| vec![Some(g.dy()); g.inputs().len()])
.samples(&[Sample { inputs: &[(&[2], -1.0, 1.0), (&[2], -1.0, 1.0)], build: |x| add_n(x) }]);

#[cfg(target_arch = "x86_64")]
fn register_sum(call: &Call) -> Option<RegisterStep> {
    let [x, y] = &call.inputs[..] else { return None };
    let fits = [x, y, call.output()].into_iter().all(register::fits);
    fits.then(|| RegisterStep::add(x, y, call.output()))
}

#[cfg(not(target_arch = "x86_64"))]
fn register_sum(_: &Call) -> Option<RegisterStep> {
    None
}

/// The sum of tensors of one shape: `tf.add_n`.
#[track_caller]
pub fn add_n(inputs: &[Tensor]) -> Tensor {
    let graph = inputs.first().map_or_else(here, |t| t.graph());
    build(graph, || {
        let Some(first) = inputs.first() else {
            return Err(Error::Value(
                "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape.".into(),
            ));
        };
        let mut attrs = typed("T", first.dtype());
        attrs.insert("N", Attr::Int(inputs.len() as i64));
        Ok(Scope::open(graph, "AddN").op(&ADD_N, inputs, attrs)?.output(0))
    })
}

pub(crate) static RANGE: OpDef = OpDef::new(
    "Range",
    |infer| {
        infer.same_type(&["start", "limit", "delta"])?;
        infer.allow(0, "start", super::Types::Numbers)?;
        for (i, name) in ["start", "limit", "delta"].into_iter().enumerate() {
            if let Some(rank) = infer.shape(i).rank().filter(|r| *r != 0 && !infer.running) {
                let text = format!("Shape must be rank 0 but is rank {rank}\n\t for '{name}'");
                return Err(Error::Value(text));
            }
            if infer.shape(i).num_elements().is_some_and(|n| n != 1) {
                let text = format!("{name} must be a scalar, not shape {}", infer.shape(i).to_proto());
                return Err(Error::InvalidArgument(text));
            }
        }
        let value = |i: usize| Some(super::cast_array(&infer.value(i)?, DType::Float64).as_slice::<f64>()?[0]);
        let (Some(start), Some(limit), Some(delta)) = (value(0), value(1), value(2)) else {
            return Ok(vec![(infer.dtype(0), Shape::from([None]))]);
        };
        if delta == 0.0 {
            return infer.fail("Requires delta != 0", "Requires delta != 0: 0");
        }
        let way = if delta > 0.0 { limit - start } else { start - limit };
        if way < 0.0 {
            let relation = if delta > 0.0 { "start <= limit when delta > 0" } else { "start >= limit when delta < 0" };
            let text = format!("Requires {relation}: {start}/{limit}");
            return infer.fail(text.clone(), text);
        }
        let count = (way / delta.abs()).ceil();
        if !count.is_finite() || count >= i64::MAX as f64 {
            let text = format!("Requires ((limit - start) / delta) <= {}", i64::MAX);
            return infer.fail(text.clone(), text);
        }
        Ok(vec![(infer.dtype(0), Shape::from([count as usize]))])
    },
    Kernel::Call(|call| {
        // Floats are each rounded once: sums would drift.
        macro_rules! floats {
            ($t:ty) => {{
                let (start, delta) = (call.input(0).slice::<$t>()[0], call.input(2).slice::<$t>()[0]);
                let all = call.output().slice_mut::<$t>().iter_mut().enumerate();
                all.for_each(|(i, out)| *out = start + i as $t * delta);
                return Ok(());
            }};
        }
        match call.output().dtype {
            DType::Float32 => floats!(f32),
            DType::Float64 => floats!(f64),
            _ => {}
        }
        with_number!(call.output().dtype, T => {
            let (start, delta) = (call.input(0).slice::<T>()[0], call.input(2).slice::<T>()[0]);
            let mut next = start;
            for out in call.output().slice_mut::<T>() {
                *out = next;
                next = next.plus(delta);
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let output = call.output();
    let places = [call.input(0).address, call.input(2).address, output.address];
    Some(kernels::range(output.device_type()?, output.len(), places))
});

/// The numbers from `start` up to, not including, `limit`, `delta` apart: `tf.range(start, limit, delta)`.
#[track_caller]
pub fn range(start: impl IntoTensor, limit: impl IntoTensor, delta: impl IntoTensor) -> Tensor {
    let operands = [start.into_operand(), limit.into_operand(), delta.into_operand()];
    let graph = graph_of(&[&operands[0], &operands[1], &operands[2]]);
    build(graph, || {
        let scope = Scope::open(graph, "range");
        let start = operands[0].tensor(&scope, "start", None)?;
        let limit = operands[1].tensor(&scope, "limit", None)?;
        let delta = operands[2].tensor(&scope, "delta", None)?;
        // Of several types the one that holds the most counts.
        const HIERARCHY: [DType; 4] = [DType::Int32, DType::Int64, DType::Float32, DType::Float64];
        let place = |x: &Tensor| HIERARCHY.iter().position(|dtype| *dtype == x.dtype());
        let mut bounds = [start, limit, delta];
        let Some(widest) = bounds.iter().filter_map(place).max() else { return range_in(&scope, bounds) };
        for bound in bounds.iter_mut().filter(|x| x.dtype() != HIERARCHY[widest] && place(x).is_some()) {
            let attrs = super::elementwise::cast_attrs(bound.dtype(), HIERARCHY[widest]);
            *bound = scope.child(&super::elementwise::CAST, "Cast", &[*bound], attrs)?.output(0);
        }
        range_in(&scope, bounds)
    })
}

/// A range under a scope that is open already: from where, to where, in which steps.
pub(crate) fn range_in(scope: &Scope, inputs: [Tensor; 3]) -> Result<Tensor> {
    Ok(scope.op(&RANGE, &inputs, typed("Tidx", inputs[0].dtype()))?.output(0))
}

pub(crate) static LINSPACE: OpDef = OpDef::new(
    "LinSpace",
    |infer| {
        infer.same_type(&["start", "stop"])?;
        infer.allow(0, "start", super::Types::Floats)?;
        for (i, name) in ["start", "stop"].into_iter().enumerate() {
            if infer.shape(i).num_elements().is_some_and(|n| n != 1) {
                let text = format!("{name} must be a scalar, not shape {}", infer.shape(i).to_proto());
                return infer.fail(text.clone(), text);
            }
        }
        let count = infer.scalar(2, "num")?;
        if let Some(count) = count.filter(|n| *n <= 0) {
            return infer.fail(format!("Requires num > 0: {count}"), format!("Requires num > 0: {count}"));
        }
        Ok(vec![(infer.dtype(0), Shape::from([count.map(|n| n as usize)]))])
    },
    Kernel::Call(|call| {
        fn spread<
            T: From<f32>
                + Copy
                + std::ops::Sub<Output = T>
                + std::ops::Add<Output = T>
                + std::ops::Mul<Output = T>
                + std::ops::Div<Output = T>,
        >(
            start: T,
            stop: T,
            out: &mut [T],
            index: impl Fn(usize) -> T,
        ) {
            let n = out.len();
            if n == 1 {
                out[0] = start;
                return;
            }
            let delta = (stop - start) / index(n - 1);
            for (i, out) in out.iter_mut().enumerate() {
                *out = if i == n - 1 { stop } else { start + delta * index(i) };
            }
        }
        let out = call.output();
        match out.dtype {
            DType::Float32 => {
                spread(call.input(0).slice::<f32>()[0], call.input(1).slice()[0], out.slice_mut::<f32>(), |i| i as f32)
            }
            _ => {
                spread(call.input(0).slice::<f64>()[0], call.input(1).slice()[0], out.slice_mut::<f64>(), |i| i as f64)
            }
        }
        Ok(())
    }),
)
.cuda(|call| {
    let output = call.output();
    let places = [call.input(0).address, call.input(1).address, output.address];
    Some(kernels::linspace(output.device_type()?, output.len(), places))
});

pub(crate) static ONE_HOT: OpDef = OpDef::new(
    "OneHot",
    |infer| {
        if !infer.dtype(0).is_integer() {
            return Err(Error::Type(format!(
                "Value passed to parameter 'indices' has DataType {} not in list of allowed values: uint8, int8, int32, int64",
                infer.dtype(0).name()
            )));
        }
        let depth = infer.scalar(1, "depth")?;
        if let Some(depth) = depth.filter(|d| *d < 0) {
            return infer.fail(
                format!("Dimension size, given by scalar input 1, must be non-negative but is {depth}"),
                format!("depth must be non-negative, got: {depth}"),
            );
        }
        let depth = depth.map(|d| d as usize);
        let shape = match infer.shape(0).dims() {
            Some(dims) => Shape::from([dims, &[depth]].concat()),
            None => Shape::unknown(),
        };
        Ok(vec![(infer.dtype(2), shape)])
    },
    Kernel::Call(|call| {
        let depth = call.input(1).ints()[0] as usize;
        let indices = super::ints(call.input(0).to_array());
        with_number!(call.output().dtype, T => {
            let (on, off) = (call.input(2).slice::<T>()[0], call.input(3).slice::<T>()[0]);
            for (row, index) in call.output().slice_mut::<T>().chunks_mut(depth.max(1)).zip(indices) {
                row.fill(off);
                if let Some(cell) = usize::try_from(index).ok().and_then(|i| row.get_mut(i)) {
                    *cell = on;
                }
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (indices, output) = (call.input(0), call.output());
    let number = indices.device_type().filter(|_| indices.dtype != DType::UInt8)?;
    let depth = output.shape.last().copied()?;
    let places = [indices.address, call.input(2).address, call.input(3).address, output.address];
    Some(kernels::one_hot(output.device_type()?, number, indices.len(), depth, places))
});

/// Rows with a one at each index, along a new last axis of size `depth`: `tf.one_hot`.
#[track_caller]
pub fn one_hot(indices: impl IntoTensor, depth: i32) -> Tensor {
    let indices = indices.into_operand();
    let graph = graph_of(&[&indices]);
    build(graph, || {
        let scope = Scope::open(graph, "one_hot");
        let indices = indices.tensor(&scope, "indices", None)?;
        let on = scope.constant("on_value", Array::scalar(1.0f32))?;
        let off = scope.constant("off_value", Array::scalar(0.0f32))?;
        let depth = scope.constant("depth", Array::scalar(depth))?;
        let mut attrs = typed("T", DType::Float32);
        attrs.insert("TI", Attr::Type(indices.dtype()));
        attrs.insert("axis", Attr::Int(-1));
        Ok(scope.op(&ONE_HOT, &[indices, depth, on, off], attrs)?.output(0))
    })
}

pub(crate) static EYE: OpDef = OpDef::new(
    "MatrixDiagV3",
    |infer| {
        let shape = match infer.shape(0).dims() {
            Some([]) => {
                let text = "Shape must be at least rank 1 but is rank 0";
                return infer.fail(text, text);
            }
            Some(dims) => Shape::from([dims, &dims[dims.len() - 1..]].concat()),
            None => Shape::unknown(),
        };
        Ok(vec![(infer.dtype(0), shape)])
    },
    Kernel::Call(|call| {
        let n = call.input(0).shape.last().copied().unwrap_or(1);
        with_number!(call.output().dtype, T => {
            let out = call.output().slice_mut::<T>();
            out.fill(T::from(0u8));
            for (matrix, diagonal) in out.chunks_mut((n * n).max(1)).zip(call.input(0).slice::<T>().chunks(n.max(1))) {
                diagonal.iter().enumerate().for_each(|(i, v)| matrix[i * n + i] = *v);
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (input, output) = (call.input(0), call.output());
    let n = input.shape.last().copied()?;
    let batch = input.len() / n.max(1);
    Some(kernels::matrix_diag(output.device_type()?, [batch, n], input.address, output.address))
});

/// The identity matrix of `n` rows: `tf.eye`.
#[track_caller]
pub fn eye(n: usize) -> Tensor {
    let graph = here();
    build(graph, || {
        super::fits_memory(DType::Float32, &Shape::from([n, n]))?;
        let scope = Scope::open(graph, "eye");
        let ones = scope.constant("ones", Array::new(vec![1.0f32; n], &[n]))?;
        let numbers = [("k", 0), ("num_rows", -1), ("num_cols", -1)];
        let mut inputs = vec![ones];
        for (name, value) in numbers {
            inputs.push(scope.constant(&format!("diag/{name}"), Array::scalar(value))?);
        }
        inputs.push(scope.constant("diag/padding_value", Array::scalar(0.0f32))?);
        Ok(scope.child(&EYE, "diag", &inputs, typed("T", DType::Float32))?.output(0))
    })
}
