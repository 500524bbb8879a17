//! Ops that take tensors apart along axes: strided slices (`strided`), splits (`split`), reversals and the
//! greatest elements (`order`), sorting (`sort`), what occurs (`unique`), running sums and products (`scan`), the places where a condition holds (`places`). Here is
//! what they share: spans of an axis.

mod order;
mod places;
mod scan;
mod sort;
mod split;
mod strided;
mod unique;

use flowbook_cuda::kernels;

use crate::error::Result;
use crate::graph::Node;
use crate::ops::device::Place;
use crate::ops::shape::strides;
use crate::ops::{Infer, OpDef, Signature, size_of_dtype};

use order::{REVERSE, TOP_K};
pub use order::{reverse, top_k};
use places::WHERE;
pub use places::{boolean_mask, r#where};
pub(crate) use scan::product_of_others;
use scan::{CUMPROD, CUMSUM};
pub use scan::{Scan, cumprod, cumsum};
pub use sort::{Sort, argsort, sort};
pub(crate) use split::unstacked;
pub use split::{Parts, split, unstack};
use split::{SPLIT, SPLIT_V, UNPACK};
use strided::STRIDED_SLICE_GRAD;
pub use strided::strided_slice;
pub(crate) use strided::{STRIDED_SLICE, part_of};
use unique::{UNIQUE, UNIQUE_WITH_COUNTS};
pub use unique::{unique, unique_with_counts};

pub(crate) static OPS: &[&OpDef] = &[
    &STRIDED_SLICE,
    &STRIDED_SLICE_GRAD,
    &SPLIT,
    &SPLIT_V,
    &UNPACK,
    &REVERSE,
    &CUMSUM,
    &CUMPROD,
    &TOP_K,
    &WHERE,
    &UNIQUE,
    &UNIQUE_WITH_COUNTS,
];

/// The elements taken along one axis: first, how many, how far apart, and whether the axis itself goes.
pub(super) struct Span {
    start: usize,
    count: usize,
    step: isize,
    shrink: bool,
}

/// Python's slice `begin:end:step` of an axis of `size`; the bits of the masks say which bounds are left out.
pub(super) fn span(node: &Node, i: usize, size: usize, [begin, end, step]: [i64; 3]) -> Result<Span, String> {
    let masked = |mask: &str| node.int(mask) >> i & 1 == 1;
    let n = size as i64;
    let from_end = |v: i64| if v < 0 { v + n } else { v };
    if masked("shrink_axis_mask") {
        let place = from_end(begin);
        if place < 0 || place >= n {
            return Err(format!("slice index {place} of dimension {i} out of bounds."));
        }
        return Ok(Span { start: place as usize, count: 1, step: 1, shrink: true });
    }
    if step == 0 {
        return Err(format!("strides[{i}] must be non-zero"));
    }
    let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
    let bound = |v: i64, open: bool, other: i64| if open { other } else { from_end(v).clamp(low, high) };
    let first = bound(begin, masked("begin_mask"), if step > 0 { low } else { high });
    let last = bound(end, masked("end_mask"), if step > 0 { high } else { low });
    let distance = if step > 0 { last - first } else { first - last };
    let count = if distance <= 0 { 0 } else { (distance as u64).div_ceil(step.unsigned_abs()) as usize };
    Ok(Span { start: first.max(0) as usize, count, step: step as isize, shrink: false })
}

/// The spans along all axes; those without a slice of their own are taken whole.
pub(super) fn spans(node: &Node, sizes: &[usize], bounds: [&[i64]; 3]) -> Result<Vec<Span>, String> {
    if bounds.iter().any(|b| b.len() != bounds[0].len()) {
        return Err("Expected begin, end, and strides to be 1D equal size tensors".into());
    }
    if bounds[0].len() > sizes.len() {
        if sizes.is_empty() {
            return Err("Attempting to slice scalar input.".into());
        }
        let (i, n) = (sizes.len(), sizes.len());
        return Err(format!("Index out of range using input dim {i}; input has only {n} dims"));
    }
    let along = |(i, size): (usize, &usize)| match bounds[0].get(i) {
        Some(_) => span(node, i, *size, bounds.map(|b| b[i])),
        None => Ok(Span { start: 0, count: *size, step: 1, shrink: false }),
    };
    sizes.iter().enumerate().map(along).collect()
}

/// Calls `f` with the places of the slice's elements in the sliced array, in order.
pub(super) fn each_place(spans: &[Span], sizes: &[usize], mut f: impl FnMut(usize)) {
    let steps = strides(sizes);
    let count: usize = spans.iter().map(|s| s.count).product();
    let counts: Vec<usize> = spans.iter().map(|s| s.count).collect();
    let places = strides(&counts);
    for i in 0..count {
        let along = |k: usize| {
            let index = i / places[k] % counts[k];
            (spans[k].start as isize + index as isize * spans[k].step) as usize * steps[k]
        };
        f((0..spans.len()).map(along).sum());
    }
}

/// The part of an array that spans cut out, on the device: how many elements along each axis, and where they lie.
pub(super) fn on_device(spans: &[Span], array: &Place) -> (Vec<usize>, kernels::Strided) {
    let own = strides(&array.shape);
    let start: usize = spans.iter().zip(&own).map(|(span, stride)| span.start * stride).sum();
    let steps = spans.iter().zip(&own).map(|(span, stride)| span.step * *stride as isize);
    let address = array.address + (start * size_of_dtype(array.dtype)) as u64;
    (spans.iter().map(|span| span.count).collect(), kernels::Strided { address, strides: steps.collect() })
}

pub(super) fn infer_same(infer: &Infer) -> Result<Vec<Signature>> {
    Ok(vec![infer.inputs[0].clone()])
}
