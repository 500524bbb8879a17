//! Ops that look at shapes or rearrange elements without computing with them.

use super::array::{new_constant, shape_from};
use super::view::with_any;
use super::{Call, Infer, Kernel, OpDef, Sample, Signature, here, typed, unary};
use crate::error::{Error, Result};
use crate::graph::{Attr, Built, IntoTensor, Operand, Rebuild, Scope, Tensor, build, graph_of};
use crate::{Array, DType, Shape};

pub(crate) static OPS: &[&OpDef] = &[
    &SHAPE,
    &RANK,
    &SIZE,
    &RESHAPE,
    &TRANSPOSE,
    &EXPAND_DIMS,
    &SQUEEZE,
    &CONCAT,
    &PACK,
    &TILE,
    &BROADCAST_TO,
    &BROADCAST_GRADIENT_ARGS,
    &GATHER,
    &SLICE,
    &PAD,
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
.of_shape(|sizes, _| Some(Array::new(to_i32(sizes), &[sizes.len()])));

/// The run-time shape as an `int32` vector: `tf.shape`.
#[track_caller]
pub fn shape(x: impl IntoTensor) -> Tensor {
    unary(&SHAPE, "Shape", "input", x.into_operand())
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
    unary(&RANK, "Rank", "input", x.into_operand())
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
    unary(&SIZE, "Size", "input", x.into_operand())
}

pub(crate) static RESHAPE: OpDef = OpDef::new("Reshape", infer_reshape, Kernel::Alias)
    .gradient(|g| vec![Some(reshape(g.dy(), shape(g.input(0)))), None])
    .samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| reshape(x[0], [3, 2]) }]);

fn infer_reshape(infer: &Infer) -> Result<Vec<Signature>> {
    let dtype = infer.dtype(0);
    let Some(wanted) = infer.ints(1) else { return Ok(vec![(dtype, shape_from(infer, 1))]) };
    let holes: Vec<usize> = (0..wanted.len()).filter(|i| wanted[*i] == -1).collect();
    let known: i64 = wanted.iter().filter(|d| **d != -1).product();
    if let [first, second, ..] = holes[..] {
        if infer.running {
            return Err(Error::InvalidArgument(format!(
                "Only one input size may be -1, not both {first} and {second}"
            )));
        }
        return Ok(vec![(dtype, shape_from(infer, 1))]);
    }
    let Some(have) = infer.shape(0).num_elements() else { return Ok(vec![(dtype, shape_from(infer, 1))]) };
    let have = have as i64;
    let text = |filled: bool| {
        let dims = wanted.iter().map(|d| if *d == -1 && !filled { "?".into() } else { d.to_string() });
        format!("[{}]", dims.collect::<Vec<_>>().join(","))
    };
    let partial = format!("\u{0} and with input tensors computed as partial shapes: input[1] = {}", text(false));
    if holes.is_empty() && known != have {
        return infer.fail(
            format!("Cannot reshape a tensor with {have} elements to shape {} ({known} elements){partial}", text(true)),
            format!("Input to reshape is a tensor with {have} values, but the requested shape has {known}"),
        );
    }
    if !holes.is_empty() && (known == 0 || have % known != 0) {
        return infer.fail(
            format!("Dimension size must be evenly divisible by {known} but is {have}{partial}"),
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

pub(crate) static TRANSPOSE: OpDef = OpDef::new(
    "Transpose",
    |infer| {
        let shape = match (infer.shape(0).dims(), infer.ints(1)) {
            (Some(dims), Some(perm)) if perm.len() == dims.len() => {
                Shape::from(perm.iter().map(|p| dims[*p as usize]).collect::<Vec<_>>())
            }
            (Some(dims), Some(perm)) => {
                let text = format!("Dimension must be {} but is {}", perm.len(), dims.len());
                return infer.fail(text.clone(), text);
            }
            (Some(dims), None) => Shape::from(vec![None; dims.len()]),
            (None, _) => Shape::unknown(),
        };
        Ok(vec![(infer.dtype(0), shape)])
    },
    Kernel::Call(|call| {
        let perm: Vec<usize> = call.input(1).ints().iter().map(|p| *p as usize).collect();
        let from = strides(&call.input(0).shape);
        let steps: Vec<usize> = perm.iter().map(|p| from[*p]).collect();
        with_any!(call.output().dtype, T => {
            gather_strided(call.input(0).slice::<T>(), call.output().slice_mut::<T>(), &call.output().shape, &steps);
            Ok(())
        })
    }),
)
.gradient(|g| {
    let inverse = crate::ops::shape::invert_permutation(g.input(1));
    vec![Some(transpose_by(g.dy(), inverse)), None]
})
.samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| transpose(x[0]).tensor() }]);

/// The permutation that undoes a constant one.
fn invert_permutation(perm: Tensor) -> Tensor {
    let graph = perm.graph();
    let known = graph.data().constant_value(perm.output());
    let Some(known) = known else {
        Error::Unimplemented("the gradient of transpose needs a constant permutation".into()).raise()
    };
    let known = super::ints(known);
    let mut inverse = vec![0i32; known.len()];
    for (i, p) in known.iter().enumerate() {
        inverse[*p as usize] = i as i32;
    }
    build(graph, || new_constant(graph, "InvertPermutation", Array::new(inverse.clone(), &[inverse.len()])))
}

/// Row-major strides, in elements.
pub(crate) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for i in (1..shape.len()).rev() {
        strides[i - 1] = strides[i] * shape[i];
    }
    strides
}

/// Walks the output in order and reads the input at `steps` elements per output axis.
pub(crate) fn gather_strided<T: Clone>(from: &[T], out: &mut [T], shape: &[usize], steps: &[usize]) {
    let Some((&n, outer)) = shape.split_last() else {
        out[0] = from[0].clone();
        return;
    };
    let step = steps[shape.len() - 1];
    let mut index = vec![0; outer.len()];
    let mut start = 0;
    for row in out.chunks_mut(n.max(1)) {
        for (i, out) in row.iter_mut().enumerate() {
            *out = from[start + i * step].clone();
        }
        for axis in (0..outer.len()).rev() {
            index[axis] += 1;
            start += steps[axis];
            if index[axis] < outer[axis] {
                break;
            }
            start -= steps[axis] * outer[axis];
            index[axis] = 0;
        }
    }
}

#[track_caller]
fn transpose_by(x: Tensor, perm: Tensor) -> Tensor {
    with_argument(&TRANSPOSE, "transpose", ("x", x.into_operand()), ("perm", perm.into_operand()), "Tperm")
}

/// The arguments of [`transpose`].
#[derive(Clone, Copy)]
pub struct Transpose {
    x: Tensor,
    perm: [i32; 8],
    rank: usize,
}

impl Rebuild for Transpose {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        let perm = Operand::Literal(Array::new(self.perm[..self.rank].to_vec(), &[self.rank]), DType::Int32);
        with_argument(&TRANSPOSE, "transpose", ("x", self.x.into_operand()), ("perm", perm), "Tperm")
    }
}

/// The axes in reverse order, or as `.perm([...])` says: `tf.transpose`.
///
/// # Panics
/// `ValueError` when the rank is unknown.
#[track_caller]
pub fn transpose(x: impl IntoTensor) -> Built<Transpose> {
    let x = super::array::convert_to_tensor(x);
    let Some(rank) = x.shape().rank().filter(|r| *r <= 8) else {
        Error::Value(format!("transpose needs a tensor of known rank, not {x}")).raise()
    };
    let mut perm = [0; 8];
    for (i, p) in perm[..rank].iter_mut().enumerate() {
        *p = (rank - 1 - i) as i32;
    }
    Built::new(Transpose { x, perm, rank })
}

impl Built<Transpose> {
    /// Which input axis each output axis comes from, `perm=`.
    #[track_caller]
    pub fn perm<const N: usize>(self, perm: [i32; N]) -> Built<Transpose> {
        self.with(|a| {
            a.perm[..N].copy_from_slice(&perm);
            a.rank = N;
        })
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
        let shape = match (infer.shape(0).dims(), infer.ints(1)) {
            (Some(dims), Some(axis)) => {
                let Some(axis) = axis_of(axis[0], dims.len() + 1) else {
                    let text = format!("Invalid dimension {} for input with {} dimensions.", axis[0], dims.len());
                    return infer.fail(text.clone(), text);
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
        let chosen: Vec<usize> = axes.iter().filter_map(|a| axis_of(*a, dims.len())).collect();
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

/// Sizes along one axis as (before, size, after) products.
pub(crate) fn around(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    (shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product())
}

pub(crate) static CONCAT: OpDef = OpDef::new(
    "ConcatV2",
    |infer| {
        let last = infer.inputs.len() - 1;
        let dtype = infer.dtype(0);
        let (Some(first), Some(axis)) = (infer.shape(0).dims(), infer.ints(last)) else {
            return Ok(vec![(dtype, Shape::unknown())]);
        };
        let Some(axis) = axis_of(axis[0], first.len()) else {
            let text = format!("ConcatOp : Expected concatenating dimensions in the range [{}, {}), but got {}", -(first.len() as i64), first.len(), axis[0]);
            return infer.fail(text.clone(), text);
        };
        let mut dims = first.to_vec();
        for i in 1..last {
            let Some(other) = infer.shape(i).dims() else { return Ok(vec![(dtype, Shape::unknown())]) };
            if other.len() != dims.len() {
                let text = format!("Shape must be rank {} but is rank {}", dims.len(), other.len());
                return infer.fail(text.clone(), text);
            }
            for k in (0..dims.len()).filter(|k| *k != axis) {
                if let (Some(m), Some(n)) = (dims[k], other[k])
                    && m != n
                {
                    return infer.fail(
                        format!("Dimension {k} in both shapes must be equal, but are {m} and {n}. Shapes are [{m}] and [{n}].\u{0} and with computed input tensors: {{values}}"),
                        format!("ConcatOp : Dimension {k} in both shapes must be equal: shape[0] = {} vs. shape[{i}] = {}", infer.shape(0).to_proto(), infer.shape(i).to_proto()),
                    );
                }
                dims[k] = dims[k].or(other[k]);
            }
            dims[axis] = dims[axis].zip(other[axis]).map(|(m, n)| m + n);
        }
        Ok(vec![(dtype, Shape::from(dims))])
    },
    Kernel::Call(|call| {
        let (parts, axis) = call.inputs.split_at(call.inputs.len() - 1);
        let axis = axis_of(axis[0].ints()[0], parts[0].shape.len()).unwrap_or(0);
        with_any!(call.output().dtype, T => {
            let out = call.output().slice_mut::<T>();
            let (_, total, after) = around(&call.output().shape, axis);
            let mut offset = 0;
            for part in parts {
                let width = part.shape[axis] * after;
                for (row, from) in out.chunks_mut((total * after).max(1)).zip(part.slice::<T>().chunks(width.max(1))) {
                    row[offset..offset + width].clone_from_slice(from);
                }
                offset += width;
            }
            Ok(())
        })
    }),
)
.gradient(|g| {
    let inputs = g.inputs();
    let (axis, parts) = inputs.split_last().expect("concat has an axis");
    let known = axis.graph().data().constant_value(axis.output()).map(super::ints);
    let (Some(known), Some(rank)) = (known, parts[0].shape().rank()) else {
        Error::Unimplemented("the gradient of concat needs a constant axis and known ranks".into()).raise()
    };
    let axis = axis_of(known[0], rank).unwrap_or(0);
    let mut begin = vec![0i32; rank];
    let mut grads = Vec::new();
    for part in parts {
        grads.push(Some(slice(g.dy(), begin.clone(), shape(*part))));
        begin[axis] += part.shape().dims().and_then(|d| d[axis]).unwrap_or(0) as i32;
    }
    grads.push(None);
    grads
})
.samples(&[Sample { inputs: &[(&[2, 1], -1.0, 1.0), (&[2, 3], -1.0, 1.0)], build: |x| concat(&[x[0], x[1]], 1) }]);

/// The tensors one after the other along `axis`: `tf.concat`.
#[track_caller]
pub fn concat(values: &[Tensor], axis: i32) -> Tensor {
    let graph = values.first().map_or_else(here, |t| t.graph());
    build(graph, || {
        let scope = Scope::open(graph, "concat");
        let axis = scope.constant("axis", Array::scalar(axis))?;
        let mut attrs = typed("T", values[0].dtype());
        attrs.insert("N", Attr::Int(values.len() as i64));
        attrs.insert("Tidx", Attr::Type(DType::Int32));
        Ok(scope.op(&CONCAT, &[values, &[axis]].concat(), attrs)?.output(0))
    })
}

pub(crate) static PACK: OpDef = OpDef::new(
    "Pack",
    |infer| {
        let mut shape = infer.shape(0).clone();
        for i in 1..infer.inputs.len() {
            if let (Some(a), Some(b)) = (shape.sizes(), infer.shape(i).sizes())
                && a != b
            {
                let text = format!(
                    "Shapes of all inputs must match: values[0].shape = {} != values[{i}].shape = {}",
                    shape.to_proto(),
                    infer.shape(i).to_proto()
                );
                return infer.fail(text.clone(), text);
            }
            shape = if shape.sizes().is_some() { shape } else { infer.shape(i).clone() };
        }
        let shape = match shape.dims() {
            Some(dims) => Shape::from([&[Some(infer.inputs.len())], dims].concat()),
            None => Shape::unknown(),
        };
        Ok(vec![(infer.dtype(0), shape)])
    },
    Kernel::Call(|call| {
        with_any!(call.output().dtype, T => {
            let n = call.input(0).len();
            for (row, part) in call.output().slice_mut::<T>().chunks_mut(n.max(1)).zip(&call.inputs) {
                row.clone_from_slice(part.slice::<T>());
            }
            Ok(())
        })
    }),
)
.gradient(|g| {
    let n = g.inputs().len();
    (0..n).map(|i| Some(gather(g.dy(), i as i32))).collect()
})
.samples(&[Sample { inputs: &[(&[2], -1.0, 1.0), (&[2], -1.0, 1.0)], build: |x| stack(&[x[0], x[1]]) }]);

/// The tensors side by side along a new first axis: `tf.stack`.
#[track_caller]
pub fn stack(values: &[Tensor]) -> Tensor {
    let graph = values.first().map_or_else(here, |t| t.graph());
    build(graph, || {
        let mut attrs = typed("T", values[0].dtype());
        attrs.insert("N", Attr::Int(values.len() as i64));
        attrs.insert("axis", Attr::Int(0));
        Ok(Scope::open(graph, "stack").op(&PACK, values, attrs)?.output(0))
    })
}

pub(crate) static TILE: OpDef = OpDef::new(
    "Tile",
    |infer| {
        let shape = match (infer.shape(0).dims(), infer.ints(1)) {
            (Some(dims), Some(times)) => {
                Shape::from(dims.iter().zip(times).map(|(d, n)| d.map(|d| d * n.max(0) as usize)).collect::<Vec<_>>())
            }
            (Some(dims), None) => Shape::from(vec![None; dims.len()]),
            _ => shape_from(infer, 1),
        };
        Ok(vec![(infer.dtype(0), shape)])
    },
    Kernel::Call(|call| {
        let (from, to) = (&call.input(0).shape, &call.output().shape);
        let (steps, n) = (strides(from), call.output().len());
        with_any!(call.output().dtype, T => {
            let (input, out) = (call.input(0).slice::<T>(), call.output().slice_mut::<T>());
            if let [one] = input {
                out.fill(one.clone());
                return Ok(());
            }
            let place = strides(to);
            for (i, cell) in out.iter_mut().enumerate().take(n) {
                let at: usize = (0..to.len()).map(|k| (i / place[k] % to[k] % from[k]) * steps[k]).sum();
                *cell = input[at].clone();
            }
            Ok(())
        })
    }),
)
.gradient(|g| {
    let pairs = stack(&[g.input(1), shape(g.input(0))]);
    let interleaved = reshape(transpose(pairs), [-1]);
    let split = reshape(g.dy(), interleaved);
    let rank = g.input(0).shape().rank().unwrap_or(0) as i32;
    let axes: Vec<i32> = (0..rank).map(|i| 2 * i).collect();
    let summed = crate::ops::reduce::sum_over(split, super::array::convert_to_tensor(axes), false);
    vec![Some(reshape(summed, shape(g.input(0)))), None]
})
.samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| tile(x[0], [2, 2]) }]);

/// The tensor repeated along each axis: `tf.tile`.
#[track_caller]
pub fn tile(x: impl IntoTensor, multiples: impl IntoTensor) -> Tensor {
    with_argument(&TILE, "Tile", ("input", x.into_operand()), ("multiples", multiples.into_operand()), "Tmultiples")
}

/// Copies an array to a shape it broadcasts to.
pub(crate) fn broadcast_copy(call: &Call) -> Result<()> {
    let (from, to) = (&call.input(0).shape, &call.output().shape);
    let steps = broadcast_strides(from, to);
    with_any!(call.output().dtype, T => {
        if call.output().len() > 0 {
            gather_strided(call.input(0).slice::<T>(), call.output().slice_mut::<T>(), to, &steps);
        }
        Ok(())
    })
}

/// The strides that read an array of shape `from` as if it had shape `to`: 0 along what is repeated.
pub(crate) fn broadcast_strides(from: &[usize], to: &[usize]) -> Vec<usize> {
    let own = strides(from);
    let missing = to.len() - from.len();
    (0..to.len()).map(|i| if i < missing || from[i - missing] == 1 { 0 } else { own[i - missing] }).collect()
}

pub(crate) static BROADCAST_TO: OpDef =
    OpDef::new("BroadcastTo", |infer| Ok(vec![(infer.dtype(0), shape_from(infer, 1))]), Kernel::Call(broadcast_copy))
        .gradient(|g| vec![Some(g.sum_to(g.dy(), g.input(0))), None])
        .samples(&[Sample { inputs: &[(&[3], -1.0, 1.0)], build: |x| broadcast_to(x[0], [2, 3]) }]);

/// The tensor repeated to a shape it broadcasts to: `tf.broadcast_to`.
#[track_caller]
pub fn broadcast_to(x: impl IntoTensor, shape: impl IntoTensor) -> Tensor {
    with_argument(&BROADCAST_TO, "BroadcastTo", ("input", x.into_operand()), ("shape", shape.into_operand()), "Tidx")
}

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
        let (Some(x), Some(y)) = (infer.ints(0), infer.ints(1)) else {
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

/// Sums the axes that were broadcast and gives the result the operand's own shape.
pub(crate) fn sum_and_reshape(value: Tensor, axes: Tensor, target: Tensor) -> Tensor {
    reshape(crate::ops::reduce::sum_over(value, axes, false), target)
}

pub(crate) static GATHER: OpDef = OpDef::new(
    "GatherV2",
    |infer| {
        let shape = match (infer.shape(0).dims(), infer.shape(1).dims()) {
            (Some([_, rest @ ..]), Some(indices)) => Shape::from([indices, rest].concat()),
            _ => Shape::unknown(),
        };
        Ok(vec![(infer.dtype(0), shape)])
    },
    Kernel::Call(|call| {
        let rows = call.input(0).shape[0];
        let width: usize = call.input(0).shape[1..].iter().product();
        let indices = call.input(1).ints();
        for (i, index) in indices.iter().enumerate() {
            if usize::try_from(*index).is_ok_and(|k| k < rows) {
                continue;
            }
            let place = if call.input(1).shape.is_empty() { String::new() } else { format!("[{i}]") };
            return Err(Error::InvalidArgument(format!("indices{place} = {index} is not in [0, {rows})")));
        }
        with_any!(call.output().dtype, T => {
            let from = call.input(0).slice::<T>();
            for (row, index) in call.output().slice_mut::<T>().chunks_mut(width.max(1)).zip(&indices) {
                let start = *index as usize * width;
                row.clone_from_slice(&from[start..start + width]);
            }
            Ok(())
        })
    }),
)
.gradient(|g| {
    let params = g.input(0);
    let Some(Some(rows)) = params.shape().dims().and_then(|d| d.first().copied()) else {
        Error::Unimplemented("the gradient of gather needs a known first size".into()).raise()
    };
    let hot = reshape(super::array::one_hot(g.input(1), rows as i32), [-1, rows as i32]);
    let hot = super::elementwise::cast(hot, g.dy().dtype());
    let count = super::shape::size(g.input(1));
    let flat = reshape(g.dy(), stack(&[count, super::array::convert_to_tensor(-1)]));
    let sum = crate::ops::matmul::matmul(hot, flat).transpose_a(true);
    vec![Some(reshape(sum, shape(params))), None, None]
})
.samples(&[Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| gather(x[0], [2, 0, 2]) }]);

/// The rows of the first axis at `indices`: `tf.gather`.
#[track_caller]
pub fn gather(params: impl IntoTensor, indices: impl IntoTensor) -> Tensor {
    let (params, indices) = (params.into_operand(), indices.into_operand());
    let graph = graph_of(&[&params, &indices]);
    build(graph, || {
        let scope = Scope::open(graph, "GatherV2");
        let params = params.tensor(&scope, "params", None)?;
        let indices = indices.tensor(&scope, "indices", None)?;
        let axis = scope.constant("axis", Array::scalar(0i32))?;
        let mut attrs = typed("Tparams", params.dtype());
        attrs.insert("Tindices", Attr::Type(indices.dtype()));
        attrs.insert("Taxis", Attr::Type(DType::Int32));
        attrs.insert("batch_dims", Attr::Int(0));
        Ok(scope.op(&GATHER, &[params, indices, axis], attrs)?.output(0))
    })
}

pub(crate) static SLICE: OpDef = OpDef::new(
    "Slice",
    |infer| {
        let shape = match (infer.shape(0).dims(), infer.ints(1), infer.ints(2)) {
            (Some(dims), Some(begin), Some(size)) => {
                let rest = |i: usize| dims[i].map(|d| d - begin[i] as usize);
                Shape::from(
                    (0..dims.len())
                        .map(|i| if size[i] < 0 { rest(i) } else { Some(size[i] as usize) })
                        .collect::<Vec<_>>(),
                )
            }
            _ => shape_from(infer, 2),
        };
        Ok(vec![(infer.dtype(0), shape)])
    },
    Kernel::Call(|call| {
        let (from, to) = (call.input(0), call.output());
        let steps = strides(&from.shape);
        let begin = call.input(1).ints();
        let fits = (0..to.shape.len()).all(|i| begin[i] >= 0 && begin[i] as usize + to.shape[i] <= from.shape[i]);
        if !fits {
            return Err(Error::InvalidArgument(format!(
                "Expected size within {:?} from {begin:?}, but got {:?}",
                from.shape, to.shape
            )));
        }
        let start: usize = begin.iter().zip(&steps).map(|(b, s)| *b as usize * s).sum();
        with_any!(to.dtype, T => {
            if to.len() > 0 {
                gather_strided(&from.slice::<T>()[start..], to.slice_mut::<T>(), &to.shape, &steps);
            }
            Ok(())
        })
    }),
)
.gradient(|g| {
    let rest =
        super::elementwise::subtract(super::elementwise::subtract(shape(g.input(0)), g.input(1)), shape(g.output()));
    vec![Some(pad(g.dy(), transpose(stack(&[g.input(1), rest])))), None, None]
})
.samples(&[Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| slice(x[0], [1, 0], [2, 1]) }]);

/// The block of the given sizes that starts at `begin`: `tf.slice`. A size of -1 means all the rest.
#[track_caller]
pub fn slice(x: impl IntoTensor, begin: impl IntoTensor, size: impl IntoTensor) -> Tensor {
    let (x, begin, size) = (x.into_operand(), begin.into_operand(), size.into_operand());
    let graph = graph_of(&[&x, &begin, &size]);
    build(graph, || {
        let scope = Scope::open(graph, "Slice");
        let x = x.tensor(&scope, "input", None)?;
        let begin = integer_argument(&begin).tensor(&scope, "begin", None)?;
        let size = integer_argument(&size).tensor(&scope, "size", None)?;
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Index", Attr::Type(DType::Int32));
        Ok(scope.op(&SLICE, &[x, begin, size], attrs)?.output(0))
    })
}

pub(crate) static PAD: OpDef = OpDef::new(
    "Pad",
    |infer| {
        let shape = match (infer.shape(0).dims(), infer.ints(1)) {
            (Some(dims), Some(pads)) => Shape::from(
                dims.iter().zip(pads.chunks(2)).map(|(d, p)| d.map(|d| d + (p[0] + p[1]) as usize)).collect::<Vec<_>>(),
            ),
            (Some(dims), None) => Shape::from(vec![None; dims.len()]),
            _ => Shape::unknown(),
        };
        Ok(vec![(infer.dtype(0), shape)])
    },
    Kernel::Call(|call| {
        let (from, to) = (call.input(0), call.output());
        let before: Vec<usize> = call.input(1).ints().chunks(2).map(|p| p[0] as usize).collect();
        let (own, wide) = (strides(&from.shape), strides(&to.shape));
        with_any!(to.dtype, T => {
            let out = to.slice_mut::<T>();
            out.fill(T::default());
            for (i, value) in from.slice::<T>().iter().enumerate() {
                let at: usize = (0..own.len()).map(|k| (i / own[k] % from.shape[k] + before[k]) * wide[k]).sum();
                out[at] = value.clone();
            }
            Ok(())
        })
    }),
)
.gradient(|g| {
    let before = reshape(slice(g.input(1), [0, 0], [-1, 1]), [-1]);
    vec![Some(slice(g.dy(), before, shape(g.input(0)))), None]
})
.samples(&[Sample { inputs: &[(&[2, 2], -1.0, 1.0)], build: |x| pad(x[0], [[1, 0], [0, 2]]) }]);

/// The tensor with zeros around it, `[before, after]` for each axis: `tf.pad`.
#[track_caller]
pub fn pad(x: impl IntoTensor, paddings: impl IntoTensor) -> Tensor {
    with_argument(&PAD, "Pad", ("tensor", x.into_operand()), ("paddings", paddings.into_operand()), "Tpaddings")
}
