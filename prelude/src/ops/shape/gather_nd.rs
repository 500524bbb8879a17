//! Picking elements or rows by indices of several axes: `tf.gather_nd`.

use flowbook_cuda::kernels;

use super::shape;
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Scope, Tensor, build, graph_of};
use crate::ops::device::DeviceCall;
use crate::ops::scatter::{brackets, check_indices, nd_rows, scatter_nd};
use crate::ops::view::with_any;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, Signature, size_of_dtype, typed};
use crate::{DType, Shape};

pub(crate) static GATHER_ND: OpDef = OpDef::new("GatherNd", infer, Kernel::Call(run))
    .cuda(on_device)
    .gradient(|g| {
        let (params, indices) = (g.input(0), g.input(1));
        let sizes = shape(params);
        let sizes = match indices.dtype() {
            DType::Int64 => crate::ops::elementwise::cast(sizes, DType::Int64),
            _ => sizes,
        };
        vec![Some(scatter_nd(indices, g.dy(), sizes)), None]
    })
    .samples(&[
        Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| gather_nd(x[0], [[2, 0], [0, 1], [2, 0]]) },
        Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| gather_nd(x[0], [[[2], [0]]]) },
    ]);

fn infer(infer: &Infer) -> Result<Vec<Signature>> {
    check_indices(infer, 1, "indices")?;
    let (Some(sizes), Some(places)) = (infer.shape(0).dims(), infer.shape(1).dims()) else {
        return Ok(vec![(infer.dtype(0), Shape::unknown())]);
    };
    let least = "Shape must be at least rank 1 but is rank 0";
    if sizes.is_empty() {
        return infer.fail(least, "params must be at least a vector");
    }
    let Some((depth, outer)) = places.split_last() else {
        return infer.fail(least, "indices must be at least a vector");
    };
    let Some(depth) = *depth else { return Ok(vec![(infer.dtype(0), Shape::unknown())]) };
    let rank = sizes.len();
    if depth > rank {
        return infer.fail(
            format!(
                "indices.shape[-1] must be <= params.rank, but saw indices shape: {} and params shape: {}",
                infer.shape(1).to_proto(),
                infer.shape(0).to_proto()
            ),
            format!("index innermost dimension length must be <= params rank; saw: {depth} vs. {rank}"),
        );
    }
    Ok(vec![(infer.dtype(0), Shape::from([outer, &sizes[depth..]].concat()))])
}

fn run(call: &Call) -> Result<()> {
    let (params, indices) = (call.input(0), call.input(1));
    let depth = indices.shape.last().copied().unwrap_or(0);
    let width: usize = params.shape[depth..].iter().product();
    let rows = nd_rows(indices, &params.shape[..depth]).map_err(|text| {
        let (sizes, node) = (brackets(&params.shape), &call.node.name);
        Error::InvalidArgument(format!("{text} param shape {sizes}, node name: {node}"))
    })?;
    with_any!(call.output().dtype, T => {
        let (from, to) = (params.slice::<T>(), call.output().slice_mut::<T>());
        for (row, to) in rows.into_iter().zip(to.chunks_mut(width.max(1))) {
            to.clone_from_slice(&from[row * width..][..width]);
        }
        Ok(())
    })
}

/// Indices of one axis are those of a `GatherV2`.
fn on_device(call: &DeviceCall) -> Option<Vec<flowbook_cuda::Work>> {
    let (params, indices, output) = (call.input(0), call.input(1), call.output());
    let (depth, outer) = indices.shape.split_last()?;
    if *depth != 1 {
        return None;
    }
    let sizes = kernels::Gather::rows(params.shape[0], params.shape[1..].iter().product(), outer.iter().product());
    let places = [params.address, indices.address, output.address];
    Some(kernels::gather(size_of_dtype(output.dtype), indices.device_type()?, sizes, places, 0))
}

/// The elements or rows of `params` at indices of several axes: `tf.gather_nd(params, indices)`. An index is the last axis of
/// `indices`; the result has the shape of the others, then that of what an index names.
///
/// ```
/// use flowbook::v1 as tf;
/// let corners = tf::gather_nd([[1, 2], [3, 4]], [[0, 0], [1, 1]]);
/// assert_eq!(tf::Session::new().run(corners)?.to_string(), "[1 4]");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `TypeError` for indices that are no integers, `ValueError` when an index has more parts than `params` has axes.
#[track_caller]
pub fn gather_nd(params: impl IntoTensor, indices: impl IntoTensor) -> Tensor {
    let (params, indices) = (params.into_operand(), indices.into_operand());
    let graph = graph_of(&[&params, &indices]);
    build(graph, || {
        let scope = Scope::open(graph, "GatherNd");
        let params = params.tensor(&scope, "params", None)?;
        let indices = indices.tensor(&scope, "indices", None)?;
        let mut attrs = typed("Tparams", params.dtype());
        attrs.insert("Tindices", Attr::Type(indices.dtype()));
        attrs.insert("bad_indices_policy", Attr::Str(String::new()));
        Ok(scope.op(&GATHER_ND, &[params, indices], attrs)?.output(0))
    })
}
