//! The places of the greatest and the least elements.

use flowbook_cuda::{Work, kernels};

use crate::error::{Error, Result};
use crate::graph::{
    Attr, Built, IntoDType, IntoTensor, Node, Operand, Optional, Options, Scope, Tensor, build, graph_of, setters,
};
use crate::ops::device::DeviceCall;
use crate::ops::shape::{around, axis_of};
use crate::ops::view::{View, with_number};
use crate::ops::{Call, Infer, Kernel, OpDef, Signature, Types, cast_array, typed};
use crate::{Array, DType, Shape};

/// The type of the places, `int32` or `int64`.
fn places_type(node: &Node) -> DType {
    match node.attrs.get("output_type") {
        Some(Attr::Type(dtype)) => *dtype,
        _ => DType::Int64,
    }
}

fn infer_arg(infer: &Infer) -> Result<Vec<Signature>> {
    if infer.dtype(0) != DType::Bool {
        infer.allow(0, "input", Types::Numbers)?;
    }
    let dtype = places_type(infer.node);
    let Some(dims) = infer.shape(0).dims() else { return Ok(vec![(dtype, Shape::unknown())]) };
    let Some(wanted) = infer.ints(1) else { return Ok(vec![(dtype, Shape::unknown())]) };
    let Some(axis) = axis_of(wanted[0], dims.len()) else {
        let (low, n) = (-(dims.len() as i64), dims.len());
        if n == 0 && !infer.running {
            return Ok(vec![(dtype, Shape::scalar())]);
        }
        return infer.fail(
            format!(
                "Dimension ({}) must be in the range [{low}, {n}), where {n} is the number of dimensions in the input.",
                wanted[0]
            ),
            format!("Expected dimension in the range [{low}, {n}), but got {}", wanted[0]),
        );
    };
    if infer.running && dims[axis] == Some(0) {
        let shape = infer.shape(0).to_proto();
        return Err(Error::InvalidArgument(format!("Reduction axis {axis} is empty in shape {shape}")));
    }
    let mut dims = dims.to_vec();
    dims.remove(axis);
    Ok(vec![(dtype, Shape::from(dims))])
}

fn arg_extreme(call: &Call, greater: bool) -> Result<()> {
    let input: &View = call.input(0);
    let axis = axis_of(call.input(1).ints()[0], input.shape.len()).unwrap_or(0);
    let (before, n, after) = around(&input.shape, axis);
    let mut places = vec![0i64; call.output().len()];
    let truths = (input.dtype == DType::Bool).then(|| cast_array(&input.to_array(), DType::UInt8));
    let truths = truths.as_ref().map(View::of);
    let input = truths.as_ref().unwrap_or(input);
    with_number!(input.dtype, T => {
        let from = input.slice::<T>();
        for b in 0..before {
            for a in 0..after {
                let at = |i: usize| from[(b * n + i) * after + a];
                let better = |x: T, y: T| if greater { x > y } else { x < y };
                // What is no number is passed over.
                let best = (0..n).fold(None, |best, i| match best {
                    None => at(i).partial_cmp(&at(i)).map(|_| i),
                    Some(known) => Some(if better(at(i), at(known)) { i } else { known }),
                });
                places[b * after + a] = best.unwrap_or(0) as i64;
            }
        }
        Ok(())
    })?;
    match call.output().dtype {
        DType::Int32 => call.output().slice_mut::<i32>().iter_mut().zip(places).for_each(|(out, k)| *out = k as i32),
        _ => call.output().slice_mut::<i64>().copy_from_slice(&places),
    }
    Ok(())
}

/// The places of extremes on the device.
fn places_on_device(call: &DeviceCall, greatest: bool) -> Option<Vec<Work>> {
    let (input, output) = (call.input(0), call.output());
    let axis = axis_of(*call.ints(1)?.first()?, input.shape.len())?;
    let (before, n, after) = around(&input.shape, axis);
    let types = [input.device_type()?, output.device_type()?];
    Some(kernels::arg_extreme(greatest, types, [before, n, after], input.address, output.address))
}

pub(crate) static ARG_MAX: OpDef = OpDef::new("ArgMax", infer_arg, Kernel::Call(|call| arg_extreme(call, true)))
    .cuda(|call| places_on_device(call, true));

pub(crate) static ARG_MIN: OpDef = OpDef::new("ArgMin", infer_arg, Kernel::Call(|call| arg_extreme(call, false)))
    .cuda(|call| places_on_device(call, false));

/// The optional arguments of [`argmax`] and [`argmin`].
#[derive(Clone, Copy)]
pub struct Arg {
    def: &'static OpDef,
    axis: i32,
    dtype: DType,
}

impl Arg {
    pub(crate) fn greatest(axis: i32) -> Arg {
        Arg { def: &ARG_MAX, axis, dtype: DType::Int64 }
    }

    pub(crate) fn least(axis: i32) -> Arg {
        Arg { def: &ARG_MIN, axis, dtype: DType::Int64 }
    }
}

impl Options for Arg {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let graph = graph_of(&[&operands[0]]);
        build(graph, || {
            let scope = Scope::open(graph, self.def.name);
            let x = operands[0].tensor(&scope, "input", None)?;
            let axis = scope.constant("dimension", Array::scalar(self.axis))?;
            let mut attrs = typed("T", x.dtype());
            attrs.insert("Tidx", Attr::Type(DType::Int32));
            attrs.insert("output_type", Attr::Type(self.dtype));
            Ok(scope.op(self.def, &[x, axis], attrs)?.output(0))
        })
    }
}

setters! { Arg {
    /// The type of the places, `output_type=`: `int64` unless given, or `int32`.
    output_type(dtype: impl IntoDType) |options| options.dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
} }

/// The place of the greatest element along `axis`, as `int64` unless `.output_type(...)` says otherwise: `tf.argmax`.
#[track_caller]
pub fn argmax(x: impl IntoTensor, axis: i32) -> Built<Optional<Arg>> {
    Built::call(&[x.into_operand()], Arg::greatest(axis))
}

/// The place of the least element along `axis`, as `int64` unless `.output_type(...)` says otherwise: `tf.argmin`.
#[track_caller]
pub fn argmin(x: impl IntoTensor, axis: i32) -> Built<Optional<Arg>> {
    Built::call(&[x.into_operand()], Arg::least(axis))
}
