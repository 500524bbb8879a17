//! Tensors dealt out along an axis, in equal parts or one by one.

use flowbook_cuda::{Work, kernels};

use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Scope, Tensor, build, graph_of};
use crate::ops::device::DeviceCall;
use crate::ops::elementwise::multiply;
use crate::ops::shape::{around, axis_of, concat, expand_dims};
use crate::ops::view::with_any;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, ints, size_of_dtype, typed};
use crate::{Array, Shape};

/// The axis that a `Split` or `Unpack` works along, once the rank is known.
fn checked_axis(infer: &Infer, axis: i64, rank: usize) -> Result<usize> {
    let (building, running) = match infer.node.def.name {
        "Split" => (
            format!("Dimension size, given by scalar input {axis} must be in range [-{rank}, {rank})"),
            format!("-input rank(-{rank}) <= split_dim < input rank ({rank}), but got {axis}"),
        ),
        _ => {
            let text = format!("axis = {axis} not in [-{rank}, {rank})");
            (text.clone(), text)
        }
    };
    axis_of(axis, rank).map_or_else(|| infer.fail(building, running), Ok)
}

pub(crate) static SPLIT: OpDef = OpDef::new(
    "Split",
    |infer| {
        let n = infer.node.int("num_split") as usize;
        let (Some(dims), Some(axis)) = (infer.shape(1).dims(), infer.scalar(0, "split_dim")?) else {
            return Ok(vec![(infer.dtype(1), Shape::unknown()); n]);
        };
        let axis = checked_axis(infer, axis, dims.len())?;
        let mut dims = dims.to_vec();
        if let Some(size) = dims[axis] {
            if size % n != 0 {
                return infer.fail(
                    format!(
                        "Dimension size must be evenly divisible by {n} but is {size}\n\tNumber of ways to split should \
                         evenly divide the split dimension"
                    ),
                    format!("Number of ways to split should evenly divide the split dimension, but got split_dim {axis} (size = {size}) and num_split {n}"),
                );
            }
            dims[axis] = Some(size / n);
        }
        Ok(vec![(infer.dtype(1), Shape::from(dims)); n])
    },
    Kernel::Call(|call| {
        let axis = axis_of(call.input(0).ints()[0], call.input(1).shape.len()).unwrap_or(0);
        deal(call, 1, axis)
    }),
)
.cuda(|call| deal_on_device(call, 1, axis_of(*call.ints(0)?.first()?, call.input(1).shape.len())?))
.gradient(|g| {
    let parts = g.dys_or_zeros();
    let axis = g.input(0);
    let known = axis.graph().data().constant_value(axis.output()).map(ints);
    vec![None, Some(concat(&parts, known.map_or(0, |axis| axis[0] as i32)))]
})
.samples(&[Sample {
    inputs: &[(&[2, 4], -1.0, 1.0)],
    build: |x| {
        let parts = split(x[0], 2, 1);
        multiply(parts[0], multiply(parts[1], parts[1]))
    },
}]);

/// Deals an array out to the outputs on the device.
fn deal_on_device(call: &DeviceCall, input: usize, axis: usize) -> Option<Vec<Work>> {
    let from = call.input(input);
    let (before, size, after) = around(&from.shape, axis);
    let width = size * after / call.outputs.len().max(1);
    let element = size_of_dtype(from.dtype);
    let mut works = Vec::new();
    for (i, output) in call.outputs.iter().enumerate() {
        let address = from.address + (i * width * element) as u64;
        let part = kernels::Strided { address, strides: vec![(size * after) as isize, 1] };
        let whole = kernels::Strided::whole(output.address, &[before, width]);
        works.extend(kernels::strided_copy(element, &[before, width], &part, &whole));
    }
    Some(works)
}

/// Deals an array out to the outputs, in equal runs along the axis.
fn deal(call: &Call, input: usize, axis: usize) -> Result<()> {
    let from = call.input(input);
    let (_, size, after) = around(&from.shape, axis);
    let width = size * after / call.outputs.len().max(1);
    with_any!(from.dtype, T => {
        for (row, block) in from.slice::<T>().chunks((size * after).max(1)).enumerate() {
            for (part, out) in block.chunks(width.max(1)).zip(&call.outputs) {
                out.slice_mut::<T>()[row * width..(row + 1) * width].clone_from_slice(part);
            }
        }
        Ok(())
    })
}

/// The tensor in `num` equal parts along `axis`: `tf.split(value, num, axis)`.
///
/// # Panics
/// `ValueError` when the size along the axis is no multiple of `num`.
#[track_caller]
pub fn split(value: impl IntoTensor, num: usize, axis: i32) -> Vec<Tensor> {
    let value = value.into_operand();
    let graph = graph_of(&[&value]);
    build(graph, || {
        let scope = Scope::open(graph, "split");
        if num == 0 {
            return Err(Error::Value("Attr 'num_split' of 'Split' Op passed 0 less than minimum 1.".into()));
        }
        let axis = scope.constant("split_dim", Array::scalar(axis))?;
        let value = value.tensor(&scope, "value", None)?;
        let mut attrs = typed("T", value.dtype());
        attrs.insert("num_split", Attr::Int(num as i64));
        Ok(scope.op(&SPLIT, &[axis, value], attrs)?.outputs())
    })
}

pub(crate) static UNPACK: OpDef = OpDef::new(
    "Unpack",
    |infer| {
        let n = infer.node.int("num") as usize;
        let Some(dims) = infer.shape(0).dims() else { return Ok(vec![(infer.dtype(0), Shape::unknown()); n]) };
        let axis = checked_axis(infer, infer.node.int("axis"), dims.len())?;
        let mut dims = dims.to_vec();
        if let Some(size) = dims.remove(axis)
            && size != n
        {
            return infer.fail(
                format!("Dimension must be {n} but is {size}"),
                format!("Input shape axis {axis} must equal {n}, got shape {}", infer.shape(0).to_proto()),
            );
        }
        Ok(vec![(infer.dtype(0), Shape::from(dims)); n])
    },
    Kernel::Call(|call| deal(call, 0, axis_of(call.node.int("axis"), call.input(0).shape.len()).unwrap_or(0))),
)
.cuda(|call| deal_on_device(call, 0, axis_of(call.node.int("axis"), call.input(0).shape.len())?))
.gradient(|g| {
    let axis = g.node().int("axis") as i32;
    let parts: Vec<Tensor> = g.dys_or_zeros().into_iter().map(|dy| expand_dims(dy, axis)).collect();
    vec![Some(concat(&parts, axis))]
})
.samples(&[Sample {
    inputs: &[(&[2, 3], -1.0, 1.0)],
    build: |x| {
        let parts = unstack(x[0], 1);
        multiply(parts[0], parts[2])
    },
}]);

/// The tensor's slices along `axis`, which goes: `tf.unstack(value, axis=axis)`.
///
/// # Panics
/// `ValueError` when the size along the axis is not known.
#[track_caller]
pub fn unstack(value: impl IntoTensor, axis: i32) -> Vec<Tensor> {
    let value = value.into_operand();
    let graph = graph_of(&[&value]);
    build(graph, || {
        let scope = Scope::open(graph, "unstack");
        let value = value.tensor(&scope, "value", None)?;
        let shape = value.shape();
        if let Some(rank) = shape.rank().filter(|rank| axis_of(i64::from(axis), *rank).is_none()) {
            let low = -(rank as i64);
            return Err(Error::Value(format!("Argument `axis` = {axis} not in range [{low}, {rank})")));
        }
        let size = shape.dims().and_then(|dims| dims[axis_of(i64::from(axis), dims.len())?]);
        let Some(size) = size else {
            return Err(Error::Value(format!("Cannot infer argument `num` from shape {shape}")));
        };
        let mut attrs = typed("T", value.dtype());
        attrs.insert("num", Attr::Int(size as i64));
        attrs.insert("axis", Attr::Int(i64::from(axis)));
        Ok(scope.op(&UNPACK, &[value], attrs)?.outputs())
    })
}

/// The `num` slices along the first axis.
pub(crate) fn unstacked(value: Tensor, num: usize) -> Vec<Tensor> {
    let graph = value.graph();
    build(graph, || {
        let mut attrs = typed("T", value.dtype());
        attrs.insert("num", Attr::Int(num as i64));
        attrs.insert("axis", Attr::Int(0));
        Ok(Scope::open(graph, "unstack").op(&UNPACK, &[value], attrs)?.outputs())
    })
}
