//! Ops that bring tensors together, one after the other or side by side.

use flowbook_cuda::{Work, kernels};

use super::super::device::Place;
use super::super::size_of_dtype;
use super::super::slicing::unstacked;
use super::super::view::with_any;
use super::super::{Infer, Kernel, OpDef, Sample, array, ints, typed};
use super::axes::concat_offset;
use super::{around, axis_of, gather, rank, shape, shape_n, slice};
use crate::error::{Error, Result};
use crate::graph::{
    Attr, Attrs, Built, Graph, IntoTensors, Operand, Optional, Options, Scope, Tensor, build, graph_of, setters,
};
use crate::{Array, DType, Shape};

/// `TypeError` unless the first `count` inputs are of one type.
fn same_types(infer: &Infer, count: usize) -> Result<()> {
    let all: Vec<DType> = (0..count).map(|i| infer.dtype(i)).collect();
    if all.windows(2).all(|pair| pair[0] == pair[1]) {
        return Ok(());
    }
    let names: Vec<&str> = all.iter().map(|d| d.name()).collect();
    Err(Error::Type(format!(
        "Tensors in list passed to 'values' of '{}' Op have types [{}] that don't all match.",
        infer.node.def.name,
        names.join(", ")
    )))
}

pub(crate) static CONCAT: OpDef = OpDef::new(
    "ConcatV2",
    |infer| {
        let last = infer.inputs.len() - 1;
        let dtype = infer.dtype(0);
        same_types(infer, last)?;
        let axis = infer.scalar(last, "axis")?;
        let (Some(first), Some(axis)) = (infer.shape(0).dims(), axis) else {
            return Ok(vec![(dtype, Shape::unknown())]);
        };
        if first.is_empty() {
            infer.forget_values();
            let text = "Can't concatenate scalars (use tf.stack instead)";
            return infer.fail(text, format!("ConcatOp : {text}"));
        }
        let wanted = axis;
        let Some(axis) = axis_of(wanted, first.len()) else {
            let (rank, least) = (first.len(), if wanted < 0 { -wanted } else { wanted + 1 });
            return infer.fail(
                format!("Shape must be at least rank {least} but is rank {rank}"),
                format!(
                    "ConcatOp : Expected concatenating dimensions in the range [-{rank}, {rank}), but got {wanted}"
                ),
            );
        };
        let mut dims = first.to_vec();
        for i in 1..last {
            let Some(other) = infer.shape(i).dims() else { return Ok(vec![(dtype, Shape::unknown())]) };
            if other.len() != dims.len() {
                infer.forget_values();
                return infer.fail(
                    format!("Shape must be rank {} but is rank {}", dims.len(), other.len()),
                    format!(
                        "ConcatOp : Ranks of all input tensors should match: shape[0] = {} vs. shape[{i}] = {}",
                        infer.shape(0).to_proto(),
                        infer.shape(i).to_proto()
                    ),
                );
            }
            for k in (0..dims.len()).filter(|k| *k != axis) {
                if let (Some(m), Some(n)) = (dims[k], other[k])
                    && m != n
                {
                    // The axes before the one joined along, and those after it, are compared apart from each other.
                    let (from, to) = if k < axis { (0, axis) } else { (axis + 1, dims.len()) };
                    let part = |dims: &[Option<usize>]| Shape::from(dims[from..to].to_vec()).to_proto();
                    return infer.fail(
                        format!(
                            "Dimension {} in both shapes must be equal, but are {m} and {n}. Shapes are {} and {}.",
                            k - from,
                            part(&dims),
                            part(other)
                        ),
                        format!(
                            "ConcatOp : Dimension {k} in both shapes must be equal: shape[0] = {} vs. shape[{i}] = {}",
                            infer.shape(0).to_proto(),
                            infer.shape(i).to_proto()
                        ),
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
.cuda(|call| {
    let (axis, parts) = call.inputs.split_last()?;
    let axis = axis_of(*ints(axis.value.clone()?).first()?, parts[0].shape.len())?;
    let output = call.output();
    let (before, total, after) = around(&output.shape, axis);
    let element = size_of_dtype(output.dtype);
    let (mut works, mut offset) = (Vec::new(), 0);
    for part in parts {
        let width = part.shape[axis] * after;
        let whole = kernels::Strided::whole(part.address, &[before, width]);
        let address = output.address + (offset * element) as u64;
        let place = kernels::Strided { address, strides: vec![(total * after) as isize, 1] };
        works.extend(kernels::strided_copy(element, &[before, width], &whole, &place));
        offset += width;
    }
    Some(works)
})
.gradient(|g| {
    let inputs = g.inputs();
    let (axis, parts) = inputs.split_last().expect("concat has an axis");
    let axis = *axis % rank(parts[0]);
    let sizes = match sizes_of(parts) {
        Some(sizes) => sizes,
        None => shape_n(parts),
    };
    let slices = concat_offset(axis, &sizes).into_iter().zip(&sizes).map(|(begin, size)| slice(g.dy(), begin, *size));
    slices.map(Some).chain([None]).collect()
})
.samples(&[Sample { inputs: &[(&[2, 1], -1.0, 1.0), (&[2, 3], -1.0, 1.0)], build: |x| concat([x[0], x[1]], 1) }]);

/// The sizes of several tensors where all are known: looked at one by one, up to the first that is not.
fn sizes_of(parts: &[Tensor]) -> Option<Vec<Tensor>> {
    let is_known = |size: &Tensor| size.graph().node(size.output().node).value().is_some();
    parts.iter().map(|part| Some(shape(*part)).filter(is_known)).collect()
}

/// The tensors one after the other along `axis`: `tf.concat`. They are a list, or a tuple where their types differ.
#[track_caller]
pub fn concat(values: impl IntoTensors, axis: i32) -> Tensor {
    let values = values.into_operands();
    let graph = graph_of(&values.iter().collect::<Vec<_>>());
    build(graph, || {
        let scope = Scope::open(graph, "concat");
        if values.is_empty() {
            return Err(Error::Value(
                "List argument 'values' to 'ConcatV2' Op with length 0 shorter than minimum length 2.".into(),
            ));
        }
        if let [only] = &values[..] {
            let only = only.tensor(&scope, "values_0", None)?;
            scope.constant("concat_dim", Array::scalar(axis))?;
            return Ok(scope.child(&array::IDENTITY, "concat", &[only], typed("T", only.dtype()))?.output(0));
        }
        concat_in(&scope, &listed(&scope, "values_", &values)?, axis)
    })
}

/// The operands as tensors: a literal takes the type of the first tensor among them, and a name by its place.
fn listed(scope: &Scope, prefix: &str, values: &[Operand]) -> Result<Vec<Tensor>> {
    let known = values.iter().find_map(|x| if let Operand::Tensor(t) = x { Some(t.dtype()) } else { None });
    let each = values.iter().enumerate();
    each.map(|(i, x)| x.tensor(scope, &format!("{prefix}{i}"), known)).collect()
}

/// The tensors one after the other, under a scope that is open already.
pub(crate) fn concat_in(scope: &Scope, values: &[Tensor], axis: i32) -> Result<Tensor> {
    let axis = scope.constant("axis", Array::scalar(axis))?;
    let mut attrs = typed("T", values[0].dtype());
    attrs.insert("N", Attr::Int(values.len() as i64));
    attrs.insert("Tidx", Attr::Type(DType::Int32));
    Ok(scope.op(&CONCAT, &[values, &[axis]].concat(), attrs)?.output(0))
}

/// Scalars as a vector, named under a scope: what a list of tensors becomes as an argument.
pub(crate) fn stack_as(scope: &Scope, name: &str, values: &[Tensor]) -> Result<Tensor> {
    Ok(scope.child(&PACK, name, values, pack_attrs(values, 0))?.output(0))
}

fn pack_attrs(values: &[Tensor], axis: i32) -> Attrs {
    let mut attrs = typed("T", values[0].dtype());
    attrs.insert("N", Attr::Int(values.len() as i64));
    attrs.insert("axis", Attr::Int(i64::from(axis)));
    attrs
}

pub(crate) static PACK: OpDef = OpDef::new(
    "Pack",
    |infer| {
        same_types(infer, infer.inputs.len())?;
        let mut shape = infer.shape(0).clone();
        for i in 1..infer.inputs.len() {
            if let (Some(a), Some(b)) = (shape.sizes(), infer.shape(i).sizes())
                && a != b
            {
                let running = format!(
                    "Shapes of all inputs must match: values[0].shape = {} != values[{i}].shape = {}",
                    shape.to_proto(),
                    infer.shape(i).to_proto()
                );
                return infer.fail(array::unequal(&shape, infer.shape(i), i), running);
            }
            shape = if shape.sizes().is_some() { shape } else { infer.shape(i).clone() };
        }
        let Some(dims) = shape.dims() else { return Ok(vec![(infer.dtype(0), Shape::unknown())]) };
        let axis = infer.node.int("axis");
        let Some(at) = axis_of(axis, dims.len() + 1) else {
            let rank = dims.len() as i64 + 1;
            let text = format!("axis = {axis} not in [{}, {rank})", -rank);
            return infer.fail(text.clone(), text);
        };
        let dims = [&dims[..at], &[Some(infer.inputs.len())], &dims[at..]].concat();
        Ok(vec![(infer.dtype(0), Shape::from(dims))])
    },
    Kernel::Call(|call| {
        let sizes = &call.output().shape;
        let (_, count, n) = around(sizes, axis_of(call.node.int("axis"), sizes.len()).unwrap_or(0));
        with_any!(call.output().dtype, T => {
            let mut rows = call.output().slice_mut::<T>().chunks_mut(n.max(1));
            for block in 0..call.output().len() / (count * n).max(1) {
                for (part, row) in call.inputs.iter().zip(&mut rows) {
                    row.clone_from_slice(&part.slice::<T>()[block * n..][..n]);
                }
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let output = call.output();
    let (before, count, n) = around(&output.shape, axis_of(call.node.int("axis"), output.shape.len())?);
    let element = size_of_dtype(output.dtype);
    let copy = |(i, part): (usize, &Place)| {
        let from = kernels::Strided::whole(part.address, &[before, n]);
        let address = output.address + (i * n * element) as u64;
        let to = kernels::Strided { address, strides: vec![(count * n) as isize, 1] };
        kernels::strided_copy(element, &[before, n], &from, &to)
    };
    Some(call.inputs.iter().enumerate().flat_map(copy).collect())
})
.gradient(|g| {
    let parts = unstacked(g.dy(), g.inputs().len(), g.node().int("axis"));
    parts.into_iter().map(Some).collect()
})
.samples(&[
    Sample { inputs: &[(&[2], -1.0, 1.0), (&[2], -1.0, 1.0)], build: |x| stack([x[0], x[1]]).tensor() },
    Sample { inputs: &[(&[2], -1.0, 1.0), (&[2], -1.0, 1.0)], build: |x| stack([x[0], x[1]]).axis(-1).tensor() },
]);

/// The optional arguments of [`stack`].
#[derive(Clone, Copy, Default)]
pub struct Stack {
    axis: i32,
}

impl Options for Stack {
    #[track_caller]
    fn build(self, values: &[Operand]) -> Tensor {
        let graph = graph_of(&values.iter().collect::<Vec<_>>());
        build(graph, || {
            if values.is_empty() {
                return Err(Error::Value("Cannot stack an empty list: tf.stack needs at least one tensor".into()));
            }
            if self.axis != 0 {
                // TensorFlow makes a tensor of the first one to see its rank.
                let first = operand_rank(graph, &values[0])?;
                if let Some(rank) = first.filter(|rank| axis_of(i64::from(self.axis), rank + 1).is_none()) {
                    let (axis, rank) = (self.axis, rank as i64 + 1);
                    return Err(Error::Value(format!("Argument `axis` = {axis} not in range [{}, {rank})", -rank)));
                }
            }
            let scope = Scope::open(graph, "stack");
            // A list with tensors in it becomes a tensor by itself, along the first axis.
            let values = listed(&scope, if self.axis == 0 { "" } else { "values_" }, values)?;
            Ok(scope.op(&PACK, &values, pack_attrs(&values, self.axis))?.output(0))
        })
    }
}

/// How many axes an operand has; a literal stands in the graph from then on.
fn operand_rank(graph: Graph, operand: &Operand) -> Result<Option<usize>> {
    match operand {
        Operand::Tensor(tensor) => Ok(tensor.shape().rank()),
        Operand::Literal(..) => {
            Ok(array::new_constant(graph, "stack", operand.array(None).expect("a literal has an array"))?
                .shape()
                .rank())
        }
    }
}

setters! { Stack {
    /// Where the new axis is, `axis=`; negative numbers count from the last.
    axis(axis: i32) |options| options.axis = axis;
} }

/// The tensors side by side along a new axis, the first unless `.axis(...)` says otherwise: `tf.stack`. They are a list,
/// or a tuple where their types differ.
#[track_caller]
pub fn stack(values: impl IntoTensors) -> Built<Optional<Stack>> {
    Built::call(&values.into_operands(), Stack::default())
}

/// The tensors side by side, under a scope that is open already.
pub(crate) fn stack_in(scope: &Scope, values: &[Tensor]) -> Result<Tensor> {
    Ok(scope.op(&PACK, values, pack_attrs(values, 0))?.output(0))
}

/// Rows put together: each of the first half of the inputs says where the rows of its fellow in the second half go.
pub(crate) static DYNAMIC_STITCH: OpDef = OpDef::new(
    "DynamicStitch",
    |infer| {
        let count = infer.inputs.len() / 2;
        let rank = infer.shape(0).rank();
        let row = |data: &Shape| Some(data.dims()?.get(rank?..)?.to_vec());
        let places: Option<Vec<i64>> =
            (0..count).map(|i| infer.ints(i)).collect::<Option<Vec<_>>>().map(|all| all.concat());
        let rows = places.map(|all| all.iter().max().map_or(0, |last| *last as usize + 1));
        let shape = row(infer.shape(count)).map_or_else(Shape::unknown, |row| [vec![rows], row].concat().into());
        Ok(vec![(infer.dtype(count), shape)])
    },
    Kernel::Call(|call| {
        let count = call.inputs.len() / 2;
        let width: usize = call.output().shape[1..].iter().product();
        with_any!(call.output().dtype, T => {
            let out = call.output().slice_mut::<T>();
            for i in 0..count {
                let rows = call.input(count + i).slice::<T>().chunks(width.max(1));
                for (place, row) in call.input(i).ints().iter().zip(rows) {
                    out[*place as usize * width..][..width].clone_from_slice(row);
                }
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (count, output) = (call.inputs.len() / 2, call.output());
    let bytes = output.shape[1..].iter().product::<usize>() * size_of_dtype(output.dtype);
    let mut works = Vec::new();
    for i in 0..count {
        let from = call.input(count + i).address;
        works.extend(call.ints(i)?.iter().enumerate().map(|(k, place)| Work::Copy {
            from: from + (k * bytes) as u64,
            to: output.address + (*place as usize * bytes) as u64,
            bytes,
        }));
    }
    Some(works)
})
.gradient(|g| {
    let count = g.inputs().len() / 2;
    let rows = (0..count).map(|i| Some(gather(g.dy(), g.input(i)).tensor()));
    (0..count).map(|_| None).chain(rows).collect()
})
.samples(&[Sample {
    inputs: &[(&[2, 2], -1.0, 1.0), (&[1, 2], -1.0, 1.0)],
    build: |x| dynamic_stitch(&[array::convert_to_tensor([2, 0]), array::convert_to_tensor([1])], x),
}]);

/// Rows of `data` at the places that `indices` say: `tf.dynamic_stitch`.
pub(crate) fn dynamic_stitch(indices: &[Tensor], data: &[Tensor]) -> Tensor {
    let graph = data[0].graph();
    build(graph, || {
        let mut attrs = typed("T", data[0].dtype());
        attrs.insert("N", Attr::Int(data.len() as i64));
        Ok(Scope::open(graph, "DynamicStitch").op(&DYNAMIC_STITCH, &[indices, data].concat(), attrs)?.output(0))
    })
}
