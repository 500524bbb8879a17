//! Ops that look at shapes or change them and leave the elements where they are. Those that move elements are in
//! `layout`, those that cut tensors out in `cut`, those that bring them together in `join`;
//! `axes` has the arithmetic that gradients of them need.

mod axes;
mod cut;
mod gather;
mod gather_nd;
mod join;
mod layout;
mod pad;

use super::{Infer, Kernel, OpDef, Sample, Signature, array, gradient, typed, unary};
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Operand, Scope, Tensor, build, graph_of};
use crate::{Array, DType, Shape};

pub(crate) use axes::{invert_permutation, list_diff};
pub use cut::slice;
pub(crate) use cut::{SLICE, slice_in};
pub use gather::{Gather, gather};
pub use gather_nd::gather_nd;
pub(crate) use join::dynamic_stitch;
pub(crate) use join::{CONCAT, PACK, concat_in, stack_as, stack_in};
pub use join::{Stack, concat, stack};
pub(crate) use layout::{BROADCAST_TO, broadcast_copy, broadcast_strides, strides, transpose_by, with_last};
pub use layout::{Transpose, broadcast_to, tile, transpose};
pub use pad::{Pad, pad};

pub(crate) static OPS: &[&OpDef] = &[
    &SHAPE,
    &SHAPE_N,
    &RANK,
    &SIZE,
    &RESHAPE,
    &EXPAND_DIMS,
    &SQUEEZE,
    &BROADCAST_ARGS,
    &BROADCAST_GRADIENT_ARGS,
    &layout::TRANSPOSE,
    &axes::INVERT_PERMUTATION,
    &axes::LIST_DIFF,
    &axes::CONCAT_OFFSET,
    &layout::TILE,
    &layout::BROADCAST_TO,
    &cut::SLICE,
    &pad::PAD,
    &pad::PAD_V2,
    &pad::MIRROR_PAD,
    &pad::MIRROR_PAD_GRAD,
    &join::CONCAT,
    &join::PACK,
    &gather::GATHER,
    &gather_nd::GATHER_ND,
    &join::DYNAMIC_STITCH,
];

fn to_i32(values: &[usize]) -> Vec<i32> {
    values.iter().map(|v| *v as i32).collect()
}

pub(crate) static SHAPE: OpDef = OpDef::new(
    "Shape",
    |infer| Ok(vec![(DType::Int32, Shape::from([infer.shape(0).rank()]))]),
    Kernel::Call(|call| {
        call.output().slice_mut::<i32>().copy_from_slice(&to_i32(&call.input(0).shape));
        Ok(())
    }),
)
.of_shape(|sizes, _| Some(size_vector(sizes)));

/// The run-time shape as an `int32` vector: `tf.shape`.
#[track_caller]
pub fn shape(x: impl IntoTensor) -> Tensor {
    of_shape(&SHAPE, "Shape", x.into_operand(), |s| Some(size_vector(&s.sizes()?)))
}

/// Sizes as an `int32` vector.
pub(crate) fn size_vector(sizes: &[usize]) -> Array {
    Array::new(to_i32(sizes), &[sizes.len()])
}

/// A function of a tensor's shape: a constant where the graph knows what it depends on.
#[track_caller]
fn of_shape(def: &'static OpDef, name: &str, x: Operand, known: fn(&Shape) -> Option<Array>) -> Tensor {
    let graph = graph_of(&[&x]);
    let value = match &x {
        Operand::Tensor(x) if !graph.data().eager => known(&x.shape()),
        _ => None,
    };
    match value {
        Some(value) => build(graph, || array::new_constant(graph, name, value)),
        None => unary(def, name, "input", x),
    }
}

/// The shapes of several tensors, each as an `int32` vector.
pub(crate) static SHAPE_N: OpDef = OpDef::new(
    "ShapeN",
    |infer| Ok(infer.inputs.iter().map(|(_, shape)| (DType::Int32, Shape::from([shape.rank()]))).collect()),
    Kernel::Call(|call| {
        for (input, output) in call.inputs.iter().zip(&call.outputs) {
            output.slice_mut::<i32>().copy_from_slice(&to_i32(&input.shape));
        }
        Ok(())
    }),
)
.of_shape(|sizes, _| Some(size_vector(sizes)));

/// The run-time shapes of tensors of one type: `tf.shape_n`.
pub(crate) fn shape_n(tensors: &[Tensor]) -> Vec<Tensor> {
    let graph = tensors[0].graph();
    build(graph, || {
        let mut attrs = typed("T", tensors[0].dtype());
        attrs.insert("N", Attr::Int(tensors.len() as i64));
        attrs.insert("out_type", Attr::Type(DType::Int32));
        Ok(Scope::open(graph, "ShapeN").op(&SHAPE_N, tensors, attrs)?.outputs())
    })
}

fn int_scalar(_: &Infer) -> Result<Vec<Signature>> {
    Ok(vec![(DType::Int32, Shape::scalar())])
}

pub(crate) static RANK: OpDef = OpDef::new(
    "Rank",
    int_scalar,
    Kernel::Call(|call| {
        call.output().slice_mut::<i32>()[0] = call.input(0).shape.len() as i32;
        Ok(())
    }),
)
.of_shape(|sizes, _| Some(Array::scalar(sizes.len() as i32)));

/// The number of axes: `tf.rank`.
#[track_caller]
pub fn rank(x: impl IntoTensor) -> Tensor {
    of_shape(&RANK, "Rank", x.into_operand(), |s| Some(Array::scalar(s.rank()? as i32)))
}

pub(crate) static SIZE: OpDef = OpDef::new(
    "Size",
    int_scalar,
    Kernel::Call(|call| {
        call.output().slice_mut::<i32>()[0] = call.input(0).len() as i32;
        Ok(())
    }),
)
.of_shape(|sizes, _| Some(Array::scalar(sizes.iter().product::<usize>() as i32)));

/// The number of elements: `tf.size`.
#[track_caller]
pub fn size(x: impl IntoTensor) -> Tensor {
    of_shape(&SIZE, "Size", x.into_operand(), |s| Some(Array::scalar(s.sizes()?.iter().product::<usize>() as i32)))
}

pub(crate) static RESHAPE: OpDef = OpDef::new("Reshape", infer_reshape, Kernel::Alias)
    .gradient(|g| vec![Some(gradient::reshape_back(g.dy(), g.input(0))), None])
    .samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| reshape(x[0], [3, 2]) }]);

fn infer_reshape(infer: &Infer) -> Result<Vec<Signature>> {
    let dtype = infer.dtype(0);
    if infer.running && infer.shape(1).rank().is_some_and(|rank| rank != 1) {
        let sizes = infer.shape(1).to_proto();
        return Err(Error::InvalidArgument(format!("sizes input must be 1-D, not {sizes}")));
    }
    let partial = match infer.partial(1, "shape")? {
        Some(partial) => partial,
        // No sizes at all are known without their values.
        None if infer.shape(1).sizes().is_some_and(|s| s == [0]) => vec![],
        None => return Ok(vec![(dtype, infer.shape_from(1, "shape")?)]),
    };
    // Sizes that are not known yet are open as those of -1 are.
    let wanted: Vec<i64> = partial.iter().map(|d| d.unwrap_or(-1)).collect();
    let holes: Vec<usize> = (0..wanted.len()).filter(|i| wanted[*i] == -1).collect();
    if let Some(i) = wanted.iter().position(|d| *d < -1) {
        let size = wanted[i];
        return infer.fail(
            format!("Invalid value in tensor used for shape: {size}"),
            format!("Size {i} must be non-negative, not {size}"),
        );
    }
    let open = || Shape::from(wanted.iter().map(|d| usize::try_from(*d).ok()).collect::<Vec<_>>());
    if let [first, second, ..] = holes[..] {
        if infer.running {
            return Err(Error::InvalidArgument(format!(
                "Only one input size may be -1, not both {first} and {second}"
            )));
        }
        return Ok(vec![(dtype, open())]);
    }
    let Some(have) = infer.shape(0).num_elements() else { return Ok(vec![(dtype, open())]) };
    let have = have as i64;
    let Some(known) = wanted.iter().filter(|d| **d != -1).try_fold(1i64, |n, d| n.checked_mul(*d)) else {
        let text = format!("Shape {} results in overflow when computing number of elements", open().to_proto());
        return infer.fail(text.clone(), text);
    };
    if holes.is_empty() && known != have {
        return infer.fail(
            format!("Cannot reshape a tensor with {have} elements to shape {} ({known} elements)", open().to_proto()),
            format!("Input to reshape is a tensor with {have} values, but the requested shape has {known}"),
        );
    }
    if !holes.is_empty() && known == 0 {
        if !infer.running {
            return Ok(vec![(dtype, open())]);
        }
        // The open size is what is left of the sizes other than 0.
        let counted = |sizes: &mut dyn Iterator<Item = i64>| sizes.filter(|d| *d > 0).product::<i64>();
        let given = infer.shape(0).sizes().unwrap_or_default();
        let left = counted(&mut given.iter().map(|d| *d as i64)) / counted(&mut wanted.iter().copied()).max(1);
        if have != 0 {
            return Err(Error::InvalidArgument(format!(
                "Input to reshape is a tensor with {have} values, but the requested shape has 0"
            )));
        }
        let sizes = wanted.iter().map(|d| if *d == -1 { left as usize } else { *d as usize });
        return Ok(vec![(dtype, Shape::from(sizes.collect::<Vec<_>>()))]);
    }
    if !holes.is_empty() && have % known != 0 {
        return infer.fail(
            format!("Dimension size must be evenly divisible by {known} but is {have}"),
            format!("Input to reshape is a tensor with {have} values, but the requested shape requires a multiple of {known}"),
        );
    }
    let sizes = wanted.iter().map(|d| if *d == -1 { (have / known) as usize } else { *d as usize });
    Ok(vec![(dtype, Shape::from(sizes.collect::<Vec<_>>()))])
}

/// The same elements in another shape, where one size may be -1: `tf.reshape`.
#[track_caller]
pub fn reshape(x: impl IntoTensor, shape: impl IntoTensor) -> Tensor {
    with_argument(&RESHAPE, "Reshape", ("tensor", x.into_operand()), ("shape", shape.into_operand()), "Tshape")
}

/// A reshape under a scope that is open already.
pub(crate) fn reshape_in(scope: &Scope, x: Tensor, sizes: Tensor) -> Result<Tensor> {
    let mut attrs = typed("T", x.dtype());
    attrs.insert("Tshape", Attr::Type(sizes.dtype()));
    Ok(scope.op(&RESHAPE, &[x, sizes], attrs)?.output(0))
}

/// An op of a tensor and a vector or scalar of integers; tuples and lists of literals become `int32`.
#[track_caller]
fn with_argument(
    def: &'static OpDef,
    name: &str,
    x: (&str, Operand),
    argument: (&str, Operand),
    index_type: &'static str,
) -> Tensor {
    let graph = graph_of(&[&x.1, &argument.1]);
    build(graph, || {
        let scope = Scope::open(graph, name);
        let tensor = x.1.tensor(&scope, x.0, None)?;
        let integers = integer_argument(&argument.1);
        let integers = integers.tensor(&scope, argument.0, None)?;
        let mut attrs = typed("T", tensor.dtype());
        attrs.insert(index_type, Attr::Type(integers.dtype()));
        Ok(scope.op(def, &[tensor, integers], attrs)?.output(0))
    })
}

/// An empty list, which would be floats, stands for no integers.
fn integer_argument(argument: &Operand) -> Operand {
    match argument {
        Operand::Literal(array, _) if array.is_empty() => {
            Operand::Literal(Array::new(Vec::<i32>::new(), &[0]), DType::Int32)
        }
        other => other.clone(),
    }
}

/// An axis counted from the end when negative, or the error text.
pub(crate) fn axis_of(axis: i64, rank: usize) -> Option<usize> {
    let axis = if axis < 0 { axis + rank as i64 } else { axis };
    usize::try_from(axis).ok().filter(|a| *a < rank)
}

pub(crate) static EXPAND_DIMS: OpDef = OpDef::new(
    "ExpandDims",
    |infer| {
        let shape = match (infer.shape(0).dims(), infer.scalar(1, "dim")?) {
            (Some(dims), Some(wanted)) => {
                let Some(axis) = axis_of(wanted, dims.len() + 1) else {
                    let (low, high) = (-(dims.len() as i64) - 1, dims.len());
                    return infer.fail(
                        format!("dim {wanted} not in the interval [{low}, {high}]."),
                        format!("Tried to expand dim index {wanted} for tensor with {high} dimensions."),
                    );
                };
                let mut dims = dims.to_vec();
                dims.insert(axis, Some(1));
                Shape::from(dims)
            }
            _ => Shape::unknown(),
        };
        Ok(vec![(infer.dtype(0), shape)])
    },
    Kernel::Alias,
)
.gradient(|g| vec![Some(reshape(g.dy(), shape(g.input(0)))), None])
.samples(&[Sample { inputs: &[(&[2], -1.0, 1.0)], build: |x| expand_dims(x[0], 0) }]);

/// The tensor with an axis of size 1 put in at `axis`: `tf.expand_dims`.
#[track_caller]
pub fn expand_dims(x: impl IntoTensor, axis: i32) -> Tensor {
    with_argument(&EXPAND_DIMS, "ExpandDims", ("input", x.into_operand()), ("dim", axis.into_operand()), "Tdim")
}

pub(crate) static SQUEEZE: OpDef = OpDef::new(
    "Squeeze",
    |infer| {
        let axes = match infer.node.attrs.get("squeeze_dims") {
            Some(Attr::Ints(axes)) => axes.clone(),
            _ => vec![],
        };
        let Some(dims) = infer.shape(0).dims() else { return Ok(vec![(infer.dtype(0), Shape::unknown())]) };
        if axes.is_empty() && dims.contains(&None) {
            return Ok(vec![(infer.dtype(0), Shape::unknown())]);
        }
        let chosen = axes.iter().map(|a| axis_of(*a, dims.len()).ok_or(*a)).collect::<Result<Vec<usize>, i64>>();
        let chosen = match chosen {
            Ok(chosen) => chosen,
            Err(axis) => {
                let (low, rank) = (-(dims.len() as i64), dims.len());
                let place = axes.iter().position(|a| *a == axis).unwrap_or(0);
                return infer.fail(
                    format!("squeeze_dims[{place}] not in [{low},{rank})."),
                    format!("Tried to squeeze dim index {axis} for tensor with {rank} dimensions."),
                );
            }
        };
        if let Some(axis) = chosen.iter().find(|a| dims[**a].is_some_and(|d| d != 1)) {
            let text =
                format!("Can not squeeze dim[{axis}], expected a dimension of 1, got {}", dims[*axis].unwrap_or(0));
            return infer.fail(text.clone(), text);
        }
        let keep = |i: &usize| if axes.is_empty() { dims[*i] != Some(1) } else { !chosen.contains(i) };
        Ok(vec![(infer.dtype(0), Shape::from((0..dims.len()).filter(keep).map(|i| dims[i]).collect::<Vec<_>>()))])
    },
    Kernel::Alias,
)
.gradient(|g| vec![Some(reshape(g.dy(), shape(g.input(0))))])
.samples(&[Sample { inputs: &[(&[2, 1], -1.0, 1.0)], build: |x| squeeze(x[0], &[]) }]);

/// The tensor without its axes of size 1, or without those of `axes`: `tf.squeeze`.
#[track_caller]
pub fn squeeze(x: impl IntoTensor, axes: &[i64]) -> Tensor {
    let x = x.into_operand();
    let graph = graph_of(&[&x]);
    build(graph, || {
        let scope = Scope::open(graph, "Squeeze");
        let x = x.tensor(&scope, "input", None)?;
        let mut attrs = typed("T", x.dtype());
        attrs.insert("squeeze_dims", Attr::Ints(axes.to_vec()));
        Ok(scope.op(&SQUEEZE, &[x], attrs)?.output(0))
    })
}

/// The shape that two shapes broadcast to.
pub(crate) static BROADCAST_ARGS: OpDef = OpDef::new(
    "BroadcastArgs",
    |infer| {
        let (Some(x), Some(y)) = (infer.vector(0, "s0")?, infer.vector(1, "s1")?) else {
            return Ok(vec![(DType::Int32, Shape::from([None]))]);
        };
        let mut sizes = x.iter().rev().zip(y.iter().rev());
        if let Some((m, n)) = sizes.find(|(m, n)| m != n && **m != 1 && **n != 1)
            && infer.running
        {
            let text = format!("Incompatible shapes for broadcasting: {m} and {n}");
            return Err(Error::InvalidArgument(text));
        }
        Ok(vec![(DType::Int32, Shape::from([x.len().max(y.len())]))])
    },
    Kernel::Call(|call| {
        let (x, y) = (call.input(0).ints(), call.input(1).ints());
        let out = call.output().slice_mut::<i32>();
        let rank = out.len();
        let at = |sizes: &[i64], i: usize| (i + sizes.len()).checked_sub(rank).map_or(1, |k| sizes[k]);
        for (i, size) in out.iter_mut().enumerate() {
            let (m, n) = (at(&x, i), at(&y, i));
            *size = if m == 1 { n as i32 } else { m as i32 };
        }
        Ok(())
    }),
);

/// The axes along which each of two broadcast shapes was repeated.
fn repeated_axes(x: &[i64], y: &[i64]) -> (Vec<i32>, Vec<i32>) {
    let rank = x.len().max(y.len());
    let at = |v: &[i64], i: usize| (i + v.len()).checked_sub(rank).map_or(1, |k| v[k]);
    let axes = |own: &[i64], other: &[i64]| {
        (0..rank)
            .filter(|i| at(own, *i) == 1 && (at(other, *i) != 1 || own.len() + i < rank))
            .map(|i| i as i32)
            .collect()
    };
    (axes(x, y), axes(y, x))
}

pub(crate) static BROADCAST_GRADIENT_ARGS: OpDef = OpDef::new(
    "BroadcastGradientArgs",
    |infer| {
        let (Some(x), Some(y)) = (infer.vector(0, "s0")?, infer.vector(1, "s1")?) else {
            return Ok(vec![(DType::Int32, Shape::from([None])), (DType::Int32, Shape::from([None]))]);
        };
        let (rx, ry) = repeated_axes(&x, &y);
        Ok(vec![(DType::Int32, Shape::from([rx.len()])), (DType::Int32, Shape::from([ry.len()]))])
    },
    Kernel::Call(|call| {
        let (rx, ry) = repeated_axes(&call.input(0).ints(), &call.input(1).ints());
        call.outputs[0].slice_mut::<i32>().copy_from_slice(&rx);
        call.outputs[1].slice_mut::<i32>().copy_from_slice(&ry);
        Ok(())
    }),
);

pub(crate) fn broadcast_gradient_args(x: Tensor, y: Tensor) -> (Tensor, Tensor) {
    let graph = x.graph();
    build(graph, || {
        let scope = Scope::open(graph, "BroadcastGradientArgs");
        let op = scope.op(&BROADCAST_GRADIENT_ARGS, &[x, y], typed("T", DType::Int32))?;
        Ok((op.output(0), op.output(1)))
    })
}

/// Sizes along one axis as (before, size, after) products.
pub(crate) fn around(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    (shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product())
}
