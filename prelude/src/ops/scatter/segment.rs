//! Segment sums: rows of one number are added up.

use flowbook_cuda::kernels::Scatter;

use super::{Sizes, check_indices, place, works};
use crate::Shape;
use crate::error::Error;
use crate::graph::{Attr, IntoTensor, Scope, Tensor, build, graph_of};
use crate::ops::array::zeros_of;
use crate::ops::elementwise::{cast, greater_equal, maximum, multiply};
use crate::ops::math::Arithmetic;
use crate::ops::shape::{expand_dims, gather};
use crate::ops::view::with_number;
use crate::ops::{Kernel, OpDef, Sample, Types, typed};

pub(crate) static UNSORTED_SEGMENT_SUM: OpDef = OpDef::new(
    "UnsortedSegmentSum",
    |infer| {
        infer.allow(0, "data", Types::Numbers)?;
        check_indices(infer, 1, "segment_ids")?;
        let count = infer.scalar(2, "num_segments")?;
        let (Some(data), Some(ids)) = (infer.shape(0).dims(), infer.shape(1).dims()) else {
            return Ok(vec![(infer.dtype(0), Shape::unknown())]);
        };
        let differ = |(m, n): (&Option<usize>, &Option<usize>)| m.is_some() && n.is_some() && m != n;
        if ids.len() > data.len() || data.iter().zip(ids).any(differ) {
            infer.forget_values();
            let (a, b) = (infer.shape(0).to_proto(), infer.shape(1).to_proto());
            let text = format!("data.shape = {a} does not start with segment_ids.shape = {b}");
            return infer.fail(text.clone(), text);
        }
        let count = match count {
            Some(count) if count < 0 => {
                let text = format!("Input num_segments == {count} must not be negative.");
                return infer.fail(text.clone(), text);
            }
            count => count.map(|count| count as usize),
        };
        Ok(vec![(infer.dtype(0), Shape::from([&[count], &data[ids.len()..]].concat()))])
    },
    Kernel::Call(|call| {
        let (data, ids, to) = (call.input(0), call.input(1), call.output());
        let (numbers, limit, width) = (ids.ints(), to.shape[0], to.shape[1..].iter().product::<usize>());
        if let Some(i) = numbers.iter().position(|id| *id >= limit as i64) {
            let (at, id) = (place(&ids.shape, i), numbers[i]);
            return Err(Error::InvalidArgument(format!("segment_ids{at} = {id} is out of range [0, {limit})")));
        }
        with_number!(to.dtype, T => {
            let (to, data) = (to.slice_mut::<T>(), data.slice::<T>());
            to.fill(T::default());
            for (id, row) in numbers.iter().zip(data.chunks(width.max(1))) {
                // What belongs to no segment has a negative number.
                let Ok(id) = usize::try_from(*id) else { continue };
                to[id * width..(id + 1) * width].iter_mut().zip(row).for_each(|(x, y)| *x = x.plus(*y));
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (ids, to) = (call.input(1), call.output());
    let (first, rest) = to.shape.split_first()?;
    let sizes = Sizes { axes: vec![*first], width: rest.iter().product(), count: ids.len() };
    works(call, Scatter::Add, (1, 0, to.address), &sizes, true)
})
.gradient(|g| {
    let ids = g.input(1);
    let (Some(data), Some(places)) = (g.input(0).shape().rank(), ids.shape().rank()) else {
        Error::Unimplemented("the gradient of unsorted_segment_sum needs known numbers of axes".into()).raise()
    };
    // What belongs to no segment has a gradient of 0.
    let none = zeros_of(ids);
    let mut inside = cast(greater_equal(ids, none), g.dy().dtype());
    for _ in places..data {
        inside = expand_dims(inside, -1);
    }
    let taken = gather(g.dy(), maximum(ids, none));
    vec![Some(multiply(taken, inside)), None, None]
})
.samples(&[
    Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| unsorted_segment_sum(x[0], [2, 0, 2], 4) },
    Sample { inputs: &[(&[2, 2, 2], -1.0, 1.0)], build: |x| unsorted_segment_sum(x[0], [[1, -1], [0, 1]], 2) },
]);

/// The sums of the rows of `data` that have the same number: `tf.math.unsorted_segment_sum(data, segment_ids, num_segments)`.
/// A negative number leaves its row out.
///
/// # Panics
/// `TypeError` for numbers that are no integers; `ValueError` when the sizes of `segment_ids` are not the first of `data`.
#[track_caller]
pub fn unsorted_segment_sum(
    data: impl IntoTensor,
    segment_ids: impl IntoTensor,
    num_segments: impl IntoTensor,
) -> Tensor {
    let (data, ids, count) = (data.into_operand(), segment_ids.into_operand(), num_segments.into_operand());
    let graph = graph_of(&[&data, &ids, &count]);
    build(graph, || {
        let scope = Scope::open(graph, "UnsortedSegmentSum");
        let data = data.tensor(&scope, "data", None)?;
        let ids = ids.tensor(&scope, "segment_ids", None)?;
        let count = count.tensor(&scope, "num_segments", None)?;
        let mut attrs = typed("T", data.dtype());
        attrs.insert("Tindices", Attr::Type(ids.dtype()));
        attrs.insert("Tnumsegments", Attr::Type(count.dtype()));
        Ok(scope.op(&UNSORTED_SEGMENT_SUM, &[data, ids, count], attrs)?.output(0))
    })
}
