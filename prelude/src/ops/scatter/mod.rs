//! Ops that put or add rows where indices say: the checks, loops and kernels that all of them share. What a GPU does with
//! an index outside is TensorFlow's answer there: it leaves the row out, where the CPU says which it was.

mod nd;
mod segment;
mod sorted;
mod variables;

use flowbook_cuda::kernels::{self, Scatter};
use flowbook_cuda::{DType as DeviceType, Work};

use super::device::DeviceCall;
use super::math::Arithmetic;
use super::view::{with_any, with_number};
use super::{Infer, OpDef, View};
use crate::DType;
use crate::error::{Error, Result};

pub(super) use nd::nd_rows;
pub use nd::{scatter_nd, tensor_scatter_nd_add, tensor_scatter_nd_sub, tensor_scatter_nd_update};
pub use segment::unsorted_segment_sum;
pub use sorted::{segment_max, segment_mean, segment_min, segment_prod, segment_sum};
pub use variables::{scatter_add, scatter_sub, scatter_update};

pub(crate) static OPS: &[&OpDef] = &[
    &variables::SCATTER_UPDATE,
    &variables::SCATTER_ADD,
    &variables::SCATTER_SUB,
    &nd::SCATTER_ND,
    &nd::TENSOR_SCATTER_UPDATE,
    &nd::TENSOR_SCATTER_ADD,
    &nd::TENSOR_SCATTER_SUB,
    &segment::UNSORTED_SEGMENT_SUM,
    &sorted::SUM,
    &sorted::MEAN,
    &sorted::PROD,
    &sorted::MAX,
    &sorted::MIN,
];

pub(super) fn check_indices(infer: &Infer, i: usize, argument: &str) -> Result<()> {
    match infer.dtype(i) {
        DType::Int32 | DType::Int64 => Ok(()),
        other => Err(Error::Type(format!(
            "Value passed to parameter '{argument}' has DataType {} not in list of allowed values: int32, int64",
            other.name()
        ))),
    }
}

/// Checks the types of an update: of the indices, and that the updates have that of what they change, TensorFlow's `argument`.
fn check_types(infer: &Infer, argument: &str) -> Result<()> {
    check_indices(infer, 1, "indices")?;
    if infer.dtype(2) == infer.dtype(0) {
        return Ok(());
    }
    Err(Error::Type(format!(
        "Input 'updates' of '{}' Op has type {} that does not match type {} of argument '{argument}'.",
        infer.node.def.name,
        infer.dtype(2).name(),
        infer.dtype(0).name()
    )))
}

/// Sizes as TensorFlow prints a shape.
pub(super) fn brackets(sizes: &[usize]) -> String {
    format!("[{}]", sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

/// The place of element `i` of an array of these sizes, as `[1,2]`; nothing for a single number.
fn place(sizes: &[usize], mut i: usize) -> String {
    let mut at = vec![0; sizes.len()];
    for axis in (0..sizes.len()).rev() {
        (at[axis], i) = (i % sizes[axis], i / sizes[axis]);
    }
    if at.is_empty() { String::new() } else { brackets(&at) }
}

/// Where updates go: along which sizes an index leads, the size of a row, the number of updates.
struct Sizes {
    axes: Vec<usize>,
    width: usize,
    count: usize,
}

/// The rows that indices name, in order; the number of the first update that is outside.
fn rows(indices: &[i64], axes: &[usize]) -> std::result::Result<Vec<usize>, usize> {
    let row = |(i, index): (usize, &[i64])| {
        let inside = |(at, n): (&i64, &usize)| usize::try_from(*at).ok().filter(|at| at < n).map(|at| (at, *n));
        let mut steps = index.iter().zip(axes).map(inside);
        steps.try_fold(0, |row, step| step.map(|(at, n)| row * n + at)).ok_or(i)
    };
    indices.chunks(axes.len().max(1)).enumerate().map(row).collect()
}

/// Puts or adds the updates, one after the other.
fn write(how: Scatter, rows: &[usize], width: usize, updates: &View, to: &View) -> Result<()> {
    let of = |i: usize| i * width..(i + 1) * width;
    if how == Scatter::Put {
        return with_any!(to.dtype, T => {
            let (to, updates) = (to.slice_mut::<T>(), updates.slice::<T>());
            rows.iter().enumerate().for_each(|(i, row)| to[of(*row)].clone_from_slice(&updates[of(i)]));
            Ok(())
        });
    }
    with_number!(to.dtype, T => {
        let (to, updates) = (to.slice_mut::<T>(), updates.slice::<T>());
        for (i, row) in rows.iter().enumerate() {
            for (x, y) in to[of(*row)].iter_mut().zip(&updates[of(i)]) {
                *x = if how == Scatter::Add { x.plus(*y) } else { x.minus(*y) };
            }
        }
        Ok(())
    })
}

/// The same on a device.
fn works(
    call: &DeviceCall,
    how: Scatter,
    (indices, updates, to): (usize, usize, u64),
    Sizes { axes, width, count }: &Sizes,
    fresh: bool,
) -> Option<Vec<Work>> {
    let (indices, updates) = (call.input(indices), call.input(updates));
    let number = indices.device_type().filter(|t| matches!(t, DeviceType::Int32 | DeviceType::Int64))?;
    let places = [indices.address, updates.address, to];
    // Without an axis an update is of the whole: rows of it all, with an index of nothing.
    if axes.is_empty() {
        return None;
    }
    Some(kernels::scatter(how, updates.device_type()?, number, (axes, *width, *count), fresh, places))
}
