//! Ops that bring the elements along an axis into another order: reversals, the greatest elements.

use std::cmp::Ordering;

use flowbook_cuda::kernels;

use super::{Span, each_place, infer_same, on_device};
use crate::error::{Error, Result};
use crate::graph::{Attr, Gradient, IntoTensor, Scope, Tensor, build, graph_of};
use crate::ops::array::one_hot;
use crate::ops::elementwise::{cast, multiply};
use crate::ops::reduce::{SUM, reduced};
use crate::ops::shape::{axis_of, expand_dims};
use crate::ops::view::{with_any, with_number};
use crate::ops::{Kernel, OpDef, Sample, Types, size_of_dtype, typed};
use crate::{Array, DType, Shape};

pub(crate) static REVERSE: OpDef = OpDef::new(
    "ReverseV2",
    |infer| {
        if let (Some(axes), Some(rank)) = (infer.vector(1, "axis")?, infer.shape(0).rank()) {
            for (i, axis) in axes.iter().enumerate() {
                if axes[..i].iter().any(|other| axis_of(*other, rank) == axis_of(*axis, rank)) {
                    let text = format!("axis {axis} specified more than once.");
                    return infer.fail(text.clone(), text);
                }
                if axis_of(*axis, rank).is_none() {
                    let text = format!("'axis'[{i}] = {axis} is out of valid range [0, {}", rank as i64 - 1);
                    return infer.fail(text.clone(), text);
                }
            }
        }
        infer_same(infer)
    },
    Kernel::Call(|call| {
        let sizes = &call.input(0).shape;
        let mut all: Vec<Span> = sizes.iter().map(|n| Span { start: 0, count: *n, step: 1, shrink: false }).collect();
        for axis in call.input(1).ints() {
            let Some(axis) = axis_of(axis, sizes.len()) else { continue };
            all[axis] = Span { start: sizes[axis].saturating_sub(1), count: sizes[axis], step: -1, shrink: false };
        }
        with_any!(call.output().dtype, T => {
            let (from, mut out) = (call.input(0).slice::<T>(), call.output().slice_mut::<T>().iter_mut());
            each_place(&all, sizes, |at| {
                if let Some(cell) = out.next() {
                    *cell = from[at].clone();
                }
            });
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (input, output) = (call.input(0), call.output());
    let sizes = &input.shape;
    let mut all: Vec<Span> = sizes.iter().map(|n| Span { start: 0, count: *n, step: 1, shrink: false }).collect();
    for axis in call.ints(1)? {
        let axis = axis_of(axis, sizes.len())?;
        all[axis] = Span { start: sizes[axis].saturating_sub(1), count: sizes[axis], step: -1, shrink: false };
    }
    let (counts, part) = on_device(&all, input);
    let whole = kernels::Strided::whole(output.address, &counts);
    Some(kernels::strided_copy(size_of_dtype(input.dtype), &counts, &part, &whole))
})
.gradient(|g| vec![Some(reversed(g.dy(), g.input(1))), None])
.samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| reverse(x[0], [1]) }]);

#[track_caller]
fn reversed(x: Tensor, axis: Tensor) -> Tensor {
    let graph = x.graph();
    build(graph, || {
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Tidx", Attr::Type(axis.dtype()));
        Ok(Scope::open(graph, "ReverseV2").op(&REVERSE, &[x, axis], attrs)?.output(0))
    })
}

/// The tensor with the order of its elements reversed along each of `axis`: `tf.reverse(tensor, [axis, ...])`.
#[track_caller]
pub fn reverse<const N: usize>(x: impl IntoTensor, axis: [i32; N]) -> Tensor {
    let x = x.into_operand();
    let graph = graph_of(&[&x]);
    build(graph, || {
        let scope = Scope::open(graph, "ReverseV2");
        let x = x.tensor(&scope, "tensor", None)?;
        let axis = scope.constant("axis", Array::new(axis.to_vec(), &[N]))?;
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Tidx", Attr::Type(DType::Int32));
        Ok(scope.op(&REVERSE, &[x, axis], attrs)?.output(0))
    })
}

/// Greater numbers first, and behind them what is no number, of which TensorFlow does not say where it goes.
fn falling<T: PartialOrd>(a: &T, b: &T) -> Ordering {
    let is_none = |x: &T| x.partial_cmp(x).is_none();
    b.partial_cmp(a).unwrap_or_else(|| is_none(a).cmp(&is_none(b)))
}

pub(crate) static TOP_K: OpDef = OpDef::new(
    "TopKV2",
    |infer| {
        infer.allow(0, "input", Types::Numbers)?;
        let shape = match (infer.shape(0).dims(), infer.scalar(1, "k")?) {
            (Some([]), _) => {
                infer.forget_values();
                return infer.fail("Shape must be at least rank 1 but is rank 0", "input must be >= 1-D, got shape []");
            }
            (Some([outer @ .., last]), Some(k)) => {
                if k < 0 {
                    return infer.fail(
                        format!("Dimension size, given by scalar input 1, must be non-negative but is {k}"),
                        format!("Need k >= 0, got {k}"),
                    );
                }
                let k = k as usize;
                if let Some(n) = last.filter(|n| *n < k) {
                    return infer.fail(
                        format!("input must have last dimension >= k = {k} but is {n}"),
                        format!("input must have at least k columns. Had {n}, needed {k}"),
                    );
                }
                Shape::from([outer, &[Some(k)]].concat())
            }
            _ => Shape::unknown(),
        };
        Ok(vec![(infer.dtype(0), shape.clone()), (DType::Int32, shape)])
    },
    Kernel::Call(|call| {
        let n = call.input(0).shape.last().copied().unwrap_or(1).max(1);
        let k = call.output().shape.last().copied().unwrap_or(0);
        with_number!(call.input(0).dtype, T => {
            let (values, places) = (call.outputs[0].slice_mut::<T>(), call.outputs[1].slice_mut::<i32>());
            let rows = call.input(0).slice::<T>().chunks(n);
            for ((row, values), places) in rows.zip(values.chunks_mut(k.max(1))).zip(places.chunks_mut(k.max(1))) {
                let mut order: Vec<usize> = (0..n).collect();
                order.sort_by(|a, b| falling(&row[*a], &row[*b]));
                for (i, at) in order.into_iter().take(k).enumerate() {
                    (values[i], places[i]) = (row[at], at as i32);
                }
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (input, k) = (call.input(0), call.output().shape.last().copied()?);
    let width = input.shape.last().copied()?;
    let rows = input.len() / width.max(1);
    let places = [input.address, call.outputs[0].address, call.outputs[1].address];
    Some(kernels::top_k(input.device_type()?, [rows, width], k, places))
})
.gradient(|g: &Gradient| {
    let Some(Some(n)) = g.input(0).shape().dims().and_then(|d| d.last().copied()) else {
        Error::Unimplemented("the gradient of top_k needs a known last size".into()).raise()
    };
    let hot = cast(one_hot(g.output_at(1), n as i32), g.dy().dtype());
    vec![Some(reduced(&SUM, "Sum", multiply(expand_dims(g.dy(), -1), hot), Some((-2).into()), false)), None]
})
.samples(&[Sample { inputs: &[(&[2, 4], -1.0, 1.0)], build: |x| top_k(x[0], 2).0 }]);

/// The `k` greatest elements along the last axis, in falling order, and their places: `tf.nn.top_k`. What is no number
/// comes last.
///
/// # Panics
/// `ValueError` when there are fewer than `k`.
#[track_caller]
pub fn top_k(input: impl IntoTensor, k: i32) -> (Tensor, Tensor) {
    let input = input.into_operand();
    let graph = graph_of(&[&input]);
    build(graph, || {
        let scope = Scope::open(graph, "TopKV2");
        let input = input.tensor(&scope, "input", None)?;
        let k = scope.constant("k", Array::scalar(k))?;
        top_k_in(&scope, input, k)
    })
}

/// As [`top_k`], of as many as a tensor says.
#[track_caller]
pub(super) fn top_k_of(input: Tensor, k: Tensor) -> (Tensor, Tensor) {
    build(input.graph(), || top_k_in(&Scope::open(input.graph(), "TopKV2"), input, k))
}

fn top_k_in(scope: &Scope, input: Tensor, k: Tensor) -> Result<(Tensor, Tensor)> {
    let mut attrs = typed("T", input.dtype());
    attrs.insert("sorted", Attr::Bool(true));
    attrs.insert("Tk", Attr::Type(DType::Int32));
    attrs.insert("index_type", Attr::Type(DType::Int32));
    let op = scope.op(&TOP_K, &[input, k], attrs)?;
    Ok((op.output(0), op.output(1)))
}
