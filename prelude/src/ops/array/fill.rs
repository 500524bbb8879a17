//! Tensors of one value, also in the shape of another tensor.

use flowbook_cuda::{Work, kernels};

use super::constant::{CONST, const_attrs};
use super::{convert_to_tensor, same};
use crate::error::{Error, Result};
use crate::graph::{
    Attr, Attrs, Built, Graph, IntoDType, IntoTensor, Operand, Optional, Options, Rebuild, Scope, Tensor, build,
    graph_of, setters,
};
use crate::ops::device::DeviceCall;
use crate::ops::reduce::reduce_sum;
use crate::ops::shape::{SHAPE, size_vector};
use crate::ops::view::{with_any, with_number};
use crate::ops::{Call, Kernel, OpDef, cast_array, fits_memory, here, typed};
use crate::{Array, DType, Shape};

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
.gradient(|g| vec![None, Some(reduce_sum(g.dy()).tensor())]);

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
    fill_with(&Scope::open(graph, name), shape, cast_array(&Array::scalar(1.0f32), dtype))
}

/// A tensor of one value under a scope that is open already, its shape given by a tensor.
pub(crate) fn fill_with(scope: &Scope, shape: Tensor, value: Array) -> Result<Tensor> {
    let dtype = value.dtype();
    let value = scope.constant("Const", value)?;
    Ok(scope.op(&FILL, &[shape, value], fill_attrs(dtype))?.output(0))
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
        _ => cast_array(&Array::scalar(value), dtype),
    };
    fits_memory(dtype, &Shape::from(sizes))?;
    if sizes.iter().product::<usize>() < 1000 {
        return Ok(scope.op(&CONST, &[], const_attrs(filled(&one, sizes)))?.output(0));
    }
    let shape = scope.constant("shape_as_tensor", size_vector(sizes))?;
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

fn fill_on_device(call: &DeviceCall, value: f64) -> Option<Vec<Work>> {
    let output = call.output();
    Some(kernels::fill(output.device_type()?, value, output.address, output.len()))
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
        .then(|| filled(&cast_array(&Array::scalar(value), dtype), sizes))
}

pub(crate) static ZEROS_LIKE: OpDef = OpDef::new("ZerosLike", same, Kernel::Call(|call| all_of(call, 0)))
    .cuda(|call| fill_on_device(call, 0.0))
    .gradient(|_| vec![None])
    .of_shape(|sizes, node| constant_of(sizes, node.outputs[0].0, 0));

pub(crate) static ONES_LIKE: OpDef = OpDef::new("OnesLike", same, Kernel::Call(|call| all_of(call, 1)))
    .cuda(|call| fill_on_device(call, 1.0))
    .gradient(|_| vec![None])
    .of_shape(|sizes, node| constant_of(sizes, node.outputs[0].0, 1));

/// What is there in the place of each element of a tensor, and its type.
fn like(x: &Operand, value: u8, dtype: Option<DType>) -> Tensor {
    let graph = graph_of(&[x]);
    let (name, def) = if value == 0 { ("zeros_like", &ZEROS_LIKE) } else { ("ones_like", &ONES_LIKE) };
    build(graph, || {
        let scope = Scope::open(graph, name);
        let x = x.tensor(&scope, "tensor", None)?;
        let (dtype, eager) = (dtype.unwrap_or(x.dtype()), graph.data().eager);
        if value != 0 && dtype == DType::String {
            return Err(Error::Type("Expected string, but got 1 of type 'int'.".into()));
        }
        if dtype == x.dtype() && (eager || (value == 0 && (x.shape().sizes().is_none() || dtype == DType::String))) {
            return Ok(scope.op(def, &[x], typed("T", dtype))?.output(0));
        }
        let sizes = x.shape().sizes();
        if let Some(sizes) = sizes.as_ref().filter(|_| value == 0) {
            return fill_scope(&scope, 0, sizes, dtype);
        }
        let shape = match &sizes {
            Some(sizes) => scope.constant("Shape/shape_as_tensor", size_vector(sizes))?,
            None => scope.child(&SHAPE, "Shape", &[x], typed("T", x.dtype()))?.output(0),
        };
        fill_with(&scope, shape, cast_array(&Array::scalar(value), dtype))
    })
}

/// Zeros in the shape and type of `x`.
#[track_caller]
pub(crate) fn zeros_of(x: impl IntoTensor) -> Tensor {
    like(&x.into_operand(), 0, None)
}

/// Ones in the shape and type of `x`.
#[track_caller]
pub(crate) fn ones_of(x: impl IntoTensor) -> Tensor {
    like(&x.into_operand(), 1, None)
}

/// The optional arguments of [`zeros_like`] and [`ones_like`].
#[derive(Clone, Copy)]
pub struct Like {
    value: u8,
    dtype: Option<DType>,
}

impl Like {
    pub(crate) const ZEROS: Like = Like { value: 0, dtype: None };
    pub(crate) const ONES: Like = Like { value: 1, dtype: None };
}

impl Options for Like {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        like(&operands[0], self.value, self.dtype)
    }
}

setters! { Like {
    /// The element type, `dtype=`: that of the tensor unless given.
    with_dtype(dtype: impl IntoDType) |options| options.dtype = Some(dtype.into_dtype().unwrap_or_else(|error| error.raise()));
} }

/// Zeros in the shape and type of `x`, or of `.with_dtype(...)`: `tf.zeros_like`.
#[track_caller]
pub fn zeros_like(x: impl IntoTensor) -> Built<Optional<Like>> {
    Built::composed([convert_to_tensor(x)], Like::ZEROS)
}

/// Ones in the shape and type of `x`, or of `.with_dtype(...)`: `tf.ones_like`.
#[track_caller]
pub fn ones_like(x: impl IntoTensor) -> Built<Optional<Like>> {
    Built::composed([convert_to_tensor(x)], Like::ONES)
}
