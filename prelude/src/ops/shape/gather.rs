//! Picking along an axis: `tf.gather`, in batches too.

use flowbook_cuda::{Work, kernels};

use super::super::device::DeviceCall;
use super::super::size_of_dtype;
use super::super::view::with_any;
use super::super::{Call, Infer, Kernel, OpDef, Sample, Signature, array, scatter, typed};
use super::{axis_of, concat, reshape, shape, slice, strides, transpose_by};
use crate::error::{Error, Result};
use crate::graph::{
    Attr, Built, Gradient, IntoTensor, Operand, Optional, Options, Scope, Tensor, build, graph_of, setters,
};
use crate::{Array, DType, Shape};

pub(crate) static GATHER: OpDef = OpDef::new("GatherV2", infer_gather, Kernel::Call(run_gather))
    .cuda(gather_on_device)
    .gradient(gather_gradient)
    .samples(&[
        Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| gather(x[0], [2, 0, 2]).tensor() },
        Sample { inputs: &[(&[2, 3, 2], -1.0, 1.0)], build: |x| gather(x[0], [[2, 0, 2]]).axis(1).tensor() },
        Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| gather(x[0], [[2, 0], [1, 1]]).batch_dims(1).tensor() },
        Sample {
            inputs: &[(&[2, 2, 3], -1.0, 1.0)],
            build: |x| gather(x[0], [[2, 0], [1, 1]]).axis(-1).batch_dims(1).tensor(),
        },
    ]);

fn infer_gather(infer: &Infer) -> Result<Vec<Signature>> {
    if !matches!(infer.dtype(1), DType::Int32 | DType::Int64) {
        return Err(Error::Type(format!(
            "Value passed to parameter 'indices' has DataType {} not in list of allowed values: int16, int32, int64",
            infer.dtype(1).name()
        )));
    }
    let Some(dims) = infer.shape(0).dims() else { return Ok(vec![(infer.dtype(0), Shape::unknown())]) };
    if dims.is_empty() {
        return infer.fail("Shape must be at least rank 1 but is rank 0", "params must be at least 1 dimensional");
    }
    let Some(axis) = infer.ints(2).map(|axis| axis[0]) else { return Ok(vec![(infer.dtype(0), Shape::unknown())]) };
    let (rank, least) = (dims.len(), if axis < 0 { -axis } else { axis + 1 });
    let Some(axis) = axis_of(axis, rank) else {
        let text = format!("Shape must be at least rank {least} but is rank {rank}");
        return infer.fail(text.clone(), text);
    };
    let Some(places) = infer.shape(1).dims() else { return Ok(vec![(infer.dtype(0), Shape::unknown())]) };
    let batch = batches(infer.node.int("batch_dims"), places.len());
    if batch > axis || batch > places.len() {
        let text = format!("batch_dims ({batch}) must be less than or equal to axis ({axis})");
        return infer.fail(text.clone(), text);
    }
    for (k, (m, n)) in dims.iter().zip(places).take(batch).enumerate() {
        if let (Some(m), Some(n)) = (m, n)
            && m != n
        {
            return infer.fail(
                format!("Dimensions must be equal, but are {m} and {n}"),
                format!("params.shape[{k}]: {m} should be equal to indices.shape[{k}]: {n}"),
            );
        }
    }
    let picked = [&dims[..axis], &places[batch..], &dims[axis + 1..]].concat();
    Ok(vec![(infer.dtype(0), Shape::from(picked))])
}

/// How many of the first axes of the indices count batches; negative numbers count from the last.
fn batches(batch_dims: i64, rank: usize) -> usize {
    usize::try_from(batch_dims).unwrap_or_else(|_| rank.saturating_sub(batch_dims.unsigned_abs() as usize))
}

fn run_gather(call: &Call) -> Result<()> {
    let (sizes, places) = (&call.input(0).shape, &call.input(1).shape);
    let axis = axis_of(call.input(2).ints()[0], sizes.len()).unwrap_or(0);
    let batch = batches(call.node.int("batch_dims"), places.len());
    let indices = call.input(1).ints();
    let count = sizes[axis];
    if let Some(i) = indices.iter().position(|index| !usize::try_from(*index).is_ok_and(|k| k < count)) {
        let steps = strides(places);
        let place: Vec<String> = (0..places.len()).map(|k| (i / steps[k] % places[k]).to_string()).collect();
        let place = if place.is_empty() { String::new() } else { format!("[{}]", place.join(",")) };
        return Err(Error::InvalidArgument(format!("indices{place} = {} is not in [0, {count})", indices[i])));
    }
    let [outer, width]: [usize; 2] = [sizes[batch..axis].iter().product(), sizes[axis + 1..].iter().product()];
    let each: usize = places[batch..].iter().product();
    with_any!(call.output().dtype, T => {
        let (from, out) = (call.input(0).slice::<T>(), call.output().slice_mut::<T>());
        let mut rows = out.chunks_mut(width.max(1));
        for (block, indices) in from.chunks((outer * count * width).max(1)).zip(indices.chunks(each.max(1)).cycle()) {
            for slab in block.chunks((count * width).max(1)) {
                for (index, row) in indices.iter().zip(&mut rows) {
                    row.clone_from_slice(&slab[*index as usize * width..][..width]);
                }
            }
        }
        Ok(())
    })
}

fn gather_on_device(call: &DeviceCall) -> Option<Vec<Work>> {
    let (params, numbers, output) = (call.input(0), call.input(1), call.output());
    let axis = axis_of(*call.ints(2)?.first()?, params.shape.len())?;
    let batch = batches(call.node.int("batch_dims"), numbers.shape.len());
    let sizes = kernels::Gather {
        batch: params.shape[..batch].iter().product(),
        tables: params.shape[batch..axis].iter().product(),
        rows: params.shape[axis],
        width: params.shape[axis + 1..].iter().product(),
        numbers: numbers.shape[batch..].iter().product(),
    };
    let places = [params.address, numbers.address, output.address];
    Some(kernels::gather(size_of_dtype(output.dtype), numbers.device_type()?, sizes, places, 0))
}

fn listed(axes: Vec<i32>) -> Tensor {
    array::convert_to_tensor(axes)
}

/// The first sizes of a shape as a tensor, from one axis up to another.
fn sizes_between(sizes: Tensor, from: usize, to: usize) -> Tensor {
    slice(sizes, [from as i32], [(to - from) as i32])
}

fn gather_gradient(g: &Gradient) -> Vec<Option<Tensor>> {
    let (params, indices) = (g.input(0), g.input(1));
    let known = |t: Tensor| t.graph().data().constant_value(t.output()).map(super::super::ints);
    let (Some(rank), Some(places)) = (params.shape().rank(), indices.shape().rank()) else {
        let text = "the gradient of a gather needs to know how many axes its operands have";
        Error::Unimplemented(text.into()).raise()
    };
    let axis = known(g.input(2)).and_then(|axis| axis_of(axis[0], rank)).unwrap_or(0);
    let batch = batches(g.node().int("batch_dims"), places);
    let count = match params.shape().dims().and_then(|d| d[axis]) {
        Some(count) => array::convert_to_tensor(count as i32),
        None => gather(shape(params), axis as i32).tensor(),
    };
    if axis == 0 {
        return vec![Some(scatter::unsorted_segment_sum(g.dy(), indices, count)), None, None];
    }
    // The axes of the indices go before those that lie between the batches and the axis.
    let taken = places - batch;
    let order: Vec<i32> = (0..batch).chain(axis..axis + taken).chain(batch..axis).map(|k| k as i32).collect();
    let rest = (axis + taken..rank - 1 + taken).map(|k| k as i32);
    let dy = transpose_by(g.dy(), listed(order.into_iter().chain(rest).collect()));
    let (ids, rows) = match batch {
        0 => (indices, count),
        _ => in_one_table(indices, batch, count),
    };
    let sums = scatter::unsorted_segment_sum(dy, ids, rows);
    let sizes = shape(params);
    let whole = concat(
        [
            sizes_between(sizes, 0, batch),
            reshape(count, [1]),
            sizes_between(sizes, batch, axis),
            sizes_between(sizes, axis + 1, rank),
        ],
        0,
    );
    let back: Vec<usize> = (0..batch).chain(batch + 1..=axis).chain([batch]).chain(axis + 1..rank).collect();
    let back = back.into_iter().map(|k| k as i32).collect();
    vec![Some(transpose_by(reshape(sums, whole), listed(back))), None, None]
}

/// The indices of batches as rows of one table, which has `count` rows for each batch, and the number of its rows.
fn in_one_table(indices: Tensor, batch: usize, count: Tensor) -> (Tensor, Tensor) {
    let sizes = shape(indices);
    let rank = indices.shape().rank().unwrap_or(batch);
    let number = super::super::reduce::reduce_prod(sizes_between(sizes, 0, batch)).tensor();
    let starts = array::range(0, number, 1) * count;
    let ones = array::convert_to_tensor(vec![1i32; rank - batch]);
    let column = match rank - batch {
        0 => reshape(starts, sizes),
        _ => reshape(starts, concat([sizes_between(sizes, 0, batch), ones], 0)),
    };
    (indices + super::super::elementwise::cast(column, indices.dtype()), number * count)
}

/// The optional arguments of [`gather`].
#[derive(Clone, Copy)]
pub struct Gather {
    axis: Option<i32>,
    batch_dims: i32,
}

impl Options for Gather {
    /// Indices that are too great for the first axis may be meant for another one.
    fn may_wait(self) -> bool {
        self.axis.is_none()
    }

    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let graph = graph_of(&[&operands[0], &operands[1]]);
        build(graph, || {
            let scope = Scope::open(graph, "GatherV2");
            let params = operands[0].tensor(&scope, "params", None)?;
            let indices = operands[1].tensor(&scope, "indices", None)?;
            let axis = scope.constant("axis", Array::scalar(self.axis.unwrap_or(self.batch_dims)))?;
            let mut attrs = typed("Tparams", params.dtype());
            attrs.insert("Tindices", Attr::Type(indices.dtype()));
            attrs.insert("Taxis", Attr::Type(DType::Int32));
            attrs.insert("batch_dims", Attr::Int(i64::from(self.batch_dims)));
            Ok(scope.op(&GATHER, &[params, indices, axis], attrs)?.output(0))
        })
    }
}

setters! { Gather {
    /// The axis to pick along, `axis=`: the first unless there are batches.
    axis(axis: i32) |options| options.axis = Some(axis);
    /// How many of the first axes count batches, each with indices of its own: `batch_dims=`.
    batch_dims(count: i32) |options| options.batch_dims = count;
} }

impl Gather {
    pub(crate) const ROWS: Gather = Gather { axis: None, batch_dims: 0 };
}

/// The rows of the first axis at `indices`, or what `.axis(...)` says: `tf.gather`.
///
/// ```
/// use flowbook::v1 as tf;
/// let columns = tf::gather([[1, 2, 3], [4, 5, 6]], [2, 0]).axis(1);
/// assert_eq!(tf::Session::new().run(columns)?.to_string(), "[[3 1]\n [6 4]]");
/// # Ok::<(), flowbook::Error>(())
/// ```
#[track_caller]
pub fn gather(params: impl IntoTensor, indices: impl IntoTensor) -> Built<Optional<Gather>> {
    Built::call(&[params.into_operand(), indices.into_operand()], Gather::ROWS)
}
