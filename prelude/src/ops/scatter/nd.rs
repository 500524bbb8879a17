//! `tf.scatter_nd` and its kin: an index is the last axis of `indices`, and the result is a tensor of its own.

use flowbook_cuda::Work;
use flowbook_cuda::kernels::Scatter;

use super::{Sizes, brackets, check_indices, check_types, place, rows, works, write};
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Operand, Scope, Tensor, build, graph_of};
use crate::ops::array::zeros_of;
use crate::ops::device::DeviceCall;
use crate::ops::elementwise::negative;
use crate::ops::shape::gather_nd;
use crate::ops::view::with_any;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, View, fits_type, size_of_dtype, typed};
use crate::{DType, Shape};

/// Of an index that is the last axis of `indices`, into an array of these sizes.
fn nd(indices: &[usize], to: &[usize]) -> Sizes {
    let depth = indices.last().copied().unwrap_or(0).min(to.len());
    let count = indices.split_last().map_or(1, |(_, outer)| outer.iter().product());
    Sizes { axes: to[..depth].to_vec(), width: to[depth..].iter().product(), count }
}

/// The rows that an n-dimensional index names, or the beginning of TensorFlow's words for the first one outside.
pub(in crate::ops) fn nd_rows(indices: &View, axes: &[usize]) -> std::result::Result<Vec<usize>, String> {
    let (numbers, depth) = (indices.ints(), axes.len());
    let outer = &indices.shape[..indices.shape.len().saturating_sub(1)];
    if axes.is_empty() {
        return Ok(vec![0; outer.iter().product()]);
    }
    rows(&numbers, axes).map_err(|i| {
        let index: Vec<String> = numbers[i * depth..(i + 1) * depth].iter().map(ToString::to_string).collect();
        format!("indices{} = [{}] does not index into", place(outer, i), index.join(", "))
    })
}

/// As [`nd_rows`], with the whole of a scatter's words.
fn target_rows(indices: &View, sizes: &Sizes, to: &[usize]) -> Result<Vec<usize>> {
    nd_rows(indices, &sizes.axes).map_err(|text| Error::InvalidArgument(format!("{text} shape {}", brackets(to))))
}

/// Checks that there is a row for each index, as far as sizes are known.
fn check_nd(infer: &Infer, indices: &Shape, updates: &Shape, to: &Shape) -> Result<()> {
    if indices.rank() == Some(0) {
        return infer.fail(
            "Shape must be at least rank 1 but is rank 0",
            "Indices shape must have rank at least one. Found:[]",
        );
    }
    let (Some(indices), Some(updates), Some(to)) = (indices.sizes(), updates.sizes(), to.sizes()) else {
        return Ok(());
    };
    let Some((depth, outer)) = indices.split_last() else { return Ok(()) };
    if *depth <= to.len() && updates == [outer, &to[*depth..]].concat() {
        return Ok(());
    }
    let text = format!(
        "Must have updates.shape = indices.shape[:batch_dim] + params_shape[slice_dim:], got updates.shape: {}, \
         indices.shape: {}, params_shape: {}",
        brackets(&updates),
        brackets(&indices),
        brackets(&to)
    );
    infer.fail(text.clone(), text)
}

pub(crate) static SCATTER_ND: OpDef = OpDef::new(
    "ScatterNd",
    |infer| {
        check_indices(infer, 0, "indices")?;
        let shape = infer.shape_from(2, "shape")?;
        check_nd(infer, infer.shape(0), infer.shape(1), &shape)?;
        Ok(vec![(infer.dtype(1), shape)])
    },
    Kernel::Call(|call| {
        let (indices, updates, to) = (call.input(0), call.input(1), call.output());
        let sizes = nd(&indices.shape, &to.shape);
        let rows = target_rows(indices, &sizes, &to.shape)?;
        with_any!(to.dtype, T => {
            to.slice_mut::<T>().fill(T::default());
            Ok(())
        })?;
        let how = if matches!(to.dtype, DType::Bool | DType::String) { Scatter::Put } else { Scatter::Add };
        write(how, &rows, sizes.width, updates, to)
    }),
)
.cuda(|call| {
    let (indices, to) = (call.input(0), call.output());
    let how = if to.dtype == DType::Bool { Scatter::Put } else { Scatter::Add };
    works(call, how, (0, 1, to.address), &nd(&indices.shape, &to.shape), true)
})
.gradient(|g| vec![None, Some(gather_nd(g.dy(), g.input(0))), None])
.samples(&[Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| scatter_nd([[1], [3], [1]], x[0], [4, 2]) }]);

fn infer_tensor(infer: &Infer) -> Result<Vec<Signature>> {
    check_types(infer, "tensor")?;
    if infer.node.def.name != "TensorScatterUpdate" {
        infer.allow(0, "tensor", Types::Numbers)?;
    }
    check_nd(infer, infer.shape(1), infer.shape(2), infer.shape(0))?;
    Ok(vec![infer.inputs[0].clone()])
}

fn tensor(call: &Call, how: Scatter) -> Result<()> {
    let (from, indices, updates, to) = (call.input(0), call.input(1), call.input(2), call.output());
    let sizes = nd(&indices.shape, &to.shape);
    let rows = target_rows(indices, &sizes, &to.shape)?;
    to.copy_from(from);
    write(how, &rows, sizes.width, updates, to)
}

fn tensor_works(call: &DeviceCall, how: Scatter) -> Option<Vec<Work>> {
    let (from, indices, to) = (call.input(0), call.input(1), call.output());
    let mut works = works(call, how, (1, 2, to.address), &nd(&indices.shape, &to.shape), false)?;
    works.insert(0, Work::Copy { from: from.address, to: to.address, bytes: from.len() * size_of_dtype(from.dtype) });
    Some(works)
}

pub(crate) static TENSOR_SCATTER_UPDATE: OpDef =
    OpDef::new("TensorScatterUpdate", infer_tensor, Kernel::Call(|call| tensor(call, Scatter::Put)))
        .cuda(|call| tensor_works(call, Scatter::Put))
        .gradient(|g| {
            let updates = gather_nd(g.dy(), g.input(1));
            let none = zeros_of(updates);
            let kept = tensor_scatter_nd_update(g.dy(), g.input(1), none);
            vec![Some(kept), None, Some(updates)]
        })
        .samples(&[Sample {
            inputs: &[(&[4, 2], -1.0, 1.0), (&[2, 2], -1.0, 1.0)],
            build: |x| tensor_scatter_nd_update(x[0], [[2], [0]], x[1]),
        }]);
pub(crate) static TENSOR_SCATTER_ADD: OpDef =
    OpDef::new("TensorScatterAdd", infer_tensor, Kernel::Call(|call| tensor(call, Scatter::Add)))
        .cuda(|call| tensor_works(call, Scatter::Add))
        .gradient(|g| vec![Some(g.dy()), None, Some(gather_nd(g.dy(), g.input(1)))])
        .samples(&[Sample {
            inputs: &[(&[4, 2], -1.0, 1.0), (&[3, 2], -1.0, 1.0)],
            build: |x| tensor_scatter_nd_add(x[0], [[2], [0], [2]], x[1]),
        }]);
pub(crate) static TENSOR_SCATTER_SUB: OpDef =
    OpDef::new("TensorScatterSub", infer_tensor, Kernel::Call(|call| tensor(call, Scatter::Subtract)))
        .cuda(|call| tensor_works(call, Scatter::Subtract))
        .gradient(|g| {
            let updates = negative(gather_nd(g.dy(), g.input(1)));
            vec![Some(g.dy()), None, Some(updates)]
        })
        .samples(&[Sample {
            inputs: &[(&[4, 2], -1.0, 1.0), (&[3], -1.0, 1.0)],
            build: |x| tensor_scatter_nd_sub(x[0], [[2, 1], [0, 0], [2, 1]], x[1]),
        }]);

#[track_caller]
fn new_tensor(def: &'static OpDef, tensor: Operand, indices: Operand, updates: Operand) -> Tensor {
    let graph = graph_of(&[&tensor, &indices, &updates]);
    build(graph, || {
        let scope = Scope::open(graph, def.name);
        let tensor = tensor.tensor(&scope, "tensor", None)?;
        let indices = indices.tensor(&scope, "indices", None)?;
        fits_type(def, "updates", &updates, tensor.dtype())?;
        let updates = updates.tensor(&scope, "updates", Some(tensor.dtype()))?;
        let mut attrs = typed("T", tensor.dtype());
        attrs.insert("Tindices", Attr::Type(indices.dtype()));
        if def.name == "TensorScatterUpdate" {
            attrs.insert("bad_indices_policy", Attr::Str(String::new()));
        }
        Ok(scope.op(def, &[tensor, indices, updates], attrs)?.output(0))
    })
}

/// The tensor with the updates in the places of elements or rows: `tf.tensor_scatter_nd_update(tensor, indices, updates)`.
/// An index is the last axis of `indices`. Of two updates of one place the later one stays.
///
/// # Panics
/// `TypeError` for indices that are no integers; `ValueError` when the updates do not fit the indices.
#[track_caller]
pub fn tensor_scatter_nd_update(tensor: impl IntoTensor, indices: impl IntoTensor, updates: impl IntoTensor) -> Tensor {
    new_tensor(&TENSOR_SCATTER_UPDATE, tensor.into_operand(), indices.into_operand(), updates.into_operand())
}

/// The tensor with the updates added: `tf.tensor_scatter_nd_add(tensor, indices, updates)`.
///
/// # Panics
/// As [`tensor_scatter_nd_update`].
#[track_caller]
pub fn tensor_scatter_nd_add(tensor: impl IntoTensor, indices: impl IntoTensor, updates: impl IntoTensor) -> Tensor {
    new_tensor(&TENSOR_SCATTER_ADD, tensor.into_operand(), indices.into_operand(), updates.into_operand())
}

/// The tensor with the updates subtracted: `tf.tensor_scatter_nd_sub(tensor, indices, updates)`.
///
/// # Panics
/// As [`tensor_scatter_nd_update`].
#[track_caller]
pub fn tensor_scatter_nd_sub(tensor: impl IntoTensor, indices: impl IntoTensor, updates: impl IntoTensor) -> Tensor {
    new_tensor(&TENSOR_SCATTER_SUB, tensor.into_operand(), indices.into_operand(), updates.into_operand())
}

/// Zeros of a shape with the updates added where indices say: `tf.scatter_nd(indices, updates, shape)`. An index is the last
/// axis of `indices`.
///
/// # Panics
/// As [`tensor_scatter_nd_update`].
#[track_caller]
pub fn scatter_nd(indices: impl IntoTensor, updates: impl IntoTensor, shape: impl IntoTensor) -> Tensor {
    let (indices, updates, shape) = (indices.into_operand(), updates.into_operand(), shape.into_operand());
    let graph = graph_of(&[&indices, &updates, &shape]);
    build(graph, || {
        let scope = Scope::open(graph, "ScatterNd");
        let indices = indices.tensor(&scope, "indices", None)?;
        let updates = updates.tensor(&scope, "updates", None)?;
        let shape = shape.tensor(&scope, "shape", Some(indices.dtype()))?;
        let mut attrs = typed("T", updates.dtype());
        attrs.insert("Tindices", Attr::Type(indices.dtype()));
        attrs.insert("bad_indices_policy", Attr::Str(String::new()));
        Ok(scope.op(&SCATTER_ND, &[indices, updates, shape], attrs)?.output(0))
    })
}
