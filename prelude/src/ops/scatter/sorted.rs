//! Folds of rows whose segment numbers rise: `tf.math.segment_sum` and its kin. How many segments there are the last number
//! tells, so that only a run knows.

use super::check_indices;
use crate::Shape;
use crate::error::{Error, Result};
use crate::graph::{Attr, Gradient, IntoTensor, Scope, Tensor, build, graph_of};
use crate::ops::array::ones_of;
use crate::ops::elementwise::{cast, divide, equal, select_v2};
use crate::ops::math::Arithmetic;
use crate::ops::shape::gather;
use crate::ops::view::with_number;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, typed};

fn infer(infer: &Infer) -> Result<Vec<Signature>> {
    infer.allow(0, "data", Types::Numbers)?;
    check_indices(infer, 1, "segment_ids")?;
    if let Some(rank) = infer.shape(1).rank().filter(|rank| *rank != 1) {
        return infer.fail(format!("Shape must be rank 1 but is rank {rank}"), "segment_ids should be a vector.");
    }
    let Some((rows, rest)) = infer.shape(0).dims().map(|dims| (dims.first().copied(), dims.get(1..).unwrap_or(&[])))
    else {
        return Ok(vec![(infer.dtype(0), Shape::unknown())]);
    };
    let Some(rows) = rows else {
        let text = "Shape must be at least rank 1 but is rank 0";
        return infer.fail(text, text);
    };
    let ids = infer.shape(1).dims().and_then(|dims| dims[0]);
    if rows.zip(ids).is_some_and(|(m, n)| m != n) {
        let building = format!("Dimensions must be equal, but are {} and {}", rows.unwrap_or(0), ids.unwrap_or(0));
        return infer.fail(building, "segment_ids should be the same size as dimension 0 of input.");
    }
    let ids = if infer.running { infer.ints(1) } else { None };
    infer.forget_values();
    let Some(ids) = ids else { return Ok(vec![(infer.dtype(0), Shape::from([&[None], rest].concat()))]) };
    let steps = ids.windows(2).any(|pair| pair[1] < pair[0]);
    if steps || ids.first().is_some_and(|first| *first < 0) {
        return Err(Error::InvalidArgument("segment ids are not increasing".into()));
    }
    let count = ids.last().map_or(0, |last| *last as usize + 1);
    Ok(vec![(infer.dtype(0), Shape::from([&[Some(count)], rest].concat()))])
}

/// Folds the rows of each segment with `step`; a segment without any has zeros, or what TensorFlow gives it, `nothing`.
macro_rules! fold {
    ($call:ident, $nothing:expr, |$sum:ident, $x:ident| $step:expr) => {{
        let (data, ids, to) = ($call.input(0), $call.input(1), $call.output());
        let (ids, width) = (ids.ints(), to.shape[1..].iter().product::<usize>());
        with_number!(to.dtype, T => {
            let (data, to) = (data.slice::<T>(), to.slice_mut::<T>());
            to.fill(T::from($nothing));
            let mut before = None;
            for (id, row) in ids.iter().zip(data.chunks(width.max(1))) {
                let place = &mut to[*id as usize * width..][..width];
                if before != Some(id) {
                    place.copy_from_slice(row);
                } else {
                    place.iter_mut().zip(row).for_each(|(to, x)| {
                        let ($sum, $x) = (*to, *x);
                        *to = $step;
                    });
                }
                before = Some(id);
            }
            Ok(())
        })
    }};
}

pub(crate) static SUM: OpDef =
    OpDef::new("SegmentSum", infer, Kernel::Call(|call| fold!(call, 0u8, |sum, x| sum.plus(x))))
        .gradient(|g| vec![Some(gather(g.dy(), g.input(1)).tensor()), None])
        .samples(&[Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| segment_sum(x[0], [0, 0, 2]) }]);

pub(crate) static PROD: OpDef =
    OpDef::new("SegmentProd", infer, Kernel::Call(|call| fold!(call, 1u8, |product, x| product.times(x))));

pub(crate) static MAX: OpDef =
    OpDef::new("SegmentMax", infer, Kernel::Call(|call| fold!(call, 0u8, |most, x| if x > most { x } else { most })))
        .gradient(of_chosen)
        .samples(&[Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| segment_max(x[0], [0, 0, 1]) }]);

pub(crate) static MIN: OpDef = OpDef::new(
    "SegmentMin",
    infer,
    Kernel::Call(|call| fold!(call, 0u8, |least, x| if x < least { x } else { least })),
)
.gradient(of_chosen)
.samples(&[Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| segment_min(x[0], [0, 0, 1]) }]);

/// The gradient goes to those that were chosen, in equal parts.
fn of_chosen(g: &Gradient) -> Vec<Option<Tensor>> {
    let (data, ids) = (g.input(0), g.input(1));
    let chosen = equal(data, gather(g.output(), ids));
    let count = segment_sum(cast(chosen, data.dtype()), ids);
    let share = gather(divide(g.dy(), count), ids).tensor();
    vec![Some(select_v2(chosen, share, crate::ops::array::zeros_of(share))), None]
}

pub(crate) static MEAN: OpDef = OpDef::new("SegmentMean", infer, Kernel::Call(mean))
    .gradient(|g| {
        let ids = g.input(1);
        let counts = segment_sum(ones_of(g.input(0)), ids);
        vec![Some(gather(divide(g.dy(), counts), ids).tensor()), None]
    })
    .samples(&[Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| segment_mean(x[0], [0, 0, 2]) }]);

fn mean(call: &Call) -> Result<()> {
    fold!(call, 0u8, |sum, x| sum.plus(x))?;
    let ids = call.input(1).ints();
    let width = call.output().shape[1..].iter().product::<usize>().max(1);
    macro_rules! share {
        ($t:ty) => {
            for (id, row) in call.output().slice_mut::<$t>().chunks_mut(width).enumerate() {
                let count = ids.iter().filter(|other| **other == id as i64).count().max(1);
                row.iter_mut().for_each(|x| *x /= count as $t);
            }
        };
    }
    match call.output().dtype {
        crate::DType::Float32 => share!(f32),
        crate::DType::Float64 => share!(f64),
        crate::DType::Int32 => share!(i32),
        crate::DType::Int64 => share!(i64),
        _ => share!(u8),
    }
    Ok(())
}

macro_rules! segments {
    ($($(#[$doc:meta])* $name:ident = $def:ident;)*) => { $(
        $(#[$doc])*
        ///
        /// # Panics
        /// `TypeError` for numbers that are no integers, `ValueError` when there is not one for each row. Numbers that do
        /// not rise are an `InvalidArgumentError` of the run.
        #[track_caller]
        pub fn $name(data: impl IntoTensor, segment_ids: impl IntoTensor) -> Tensor {
            let (data, ids) = (data.into_operand(), segment_ids.into_operand());
            let graph = graph_of(&[&data, &ids]);
            build(graph, || {
                let scope = Scope::open(graph, $def.name);
                let data = data.tensor(&scope, "data", None)?;
                let ids = ids.tensor(&scope, "segment_ids", None)?;
                let mut attrs = typed("T", data.dtype());
                attrs.insert("Tindices", Attr::Type(ids.dtype()));
                Ok(scope.op(&$def, &[data, ids], attrs)?.output(0))
            })
        }
    )* };
}
segments! {
    /// The sums of the rows that have the same number, of numbers that rise: `tf.segment_sum(data, segment_ids)`.
    segment_sum = SUM;
    /// The means of the rows that have the same number, of numbers that rise: `tf.segment_mean(data, segment_ids)`.
    segment_mean = MEAN;
    /// The products of the rows that have the same number, of numbers that rise: `tf.segment_prod(data, segment_ids)`.
    segment_prod = PROD;
    /// The greatest of the rows that have the same number, of numbers that rise: `tf.segment_max(data, segment_ids)`.
    segment_max = MAX;
    /// The least of the rows that have the same number, of numbers that rise: `tf.segment_min(data, segment_ids)`.
    segment_min = MIN;
}
