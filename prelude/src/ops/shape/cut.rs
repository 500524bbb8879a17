//! Blocks cut out of tensors.

use super::super::array::mismatch;
use super::super::view::with_any;
use super::super::{Infer, Kernel, OpDef, Sample, Signature, typed};
use super::layout::{copied, gather_strided, strides};
use super::{concat, integer_argument, pad, rank, reshape, shape, stack_in};
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Scope, Tensor, build, graph_of};
use crate::{Array, Shape};

pub(crate) static SLICE: OpDef = OpDef::new(
    "Slice",
    infer_slice,
    Kernel::Call(|call| {
        let (from, to) = (call.input(0), call.output());
        let steps = strides(&from.shape);
        let begin = call.input(1).ints();
        let start: usize = begin.iter().zip(&steps).map(|(b, s)| *b as usize * s).sum();
        with_any!(to.dtype, T => {
            if to.len() > 0 {
                gather_strided(&from.slice::<T>()[start..], to.slice_mut::<T>(), &to.shape, &steps);
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let steps = strides(&call.input(0).shape);
    let start = call.ints(1)?.iter().zip(&steps).map(|(b, s)| *b as usize * s).sum();
    copied(call, steps, start)
})
.gradient(|g| {
    let (x, begin) = (g.input(0), g.input(1));
    let (axes, part) = (rank(x), shape(g.output()));
    let column = column_sizes(axes);
    let before = reshape(begin, column);
    let after = reshape(shape(x) - part - begin, column);
    vec![Some(pad(g.dy(), concat([before, after], 1)).tensor()), None, None]
})
.samples(&[Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| slice(x[0], [1, 0], [2, 1]) }]);

/// The sizes of a matrix of one column with a row for each axis.
pub(super) fn column_sizes(axes: Tensor) -> Tensor {
    let graph = axes.graph();
    build(graph, || {
        let scope = Scope::open(graph, "stack");
        let one = scope.constant("1", Array::scalar(1i32))?;
        stack_in(&scope, &[axes, one])
    })
}

fn infer_slice(infer: &Infer) -> Result<Vec<Signature>> {
    let (starts, counts) = (infer.shape(1), infer.shape(2));
    if let (Some([m]), Some([n]), false) = (starts.sizes().as_deref(), counts.sizes().as_deref(), infer.running)
        && m != n
    {
        return infer.fail(mismatch(starts, counts), "");
    }
    for i in [1, 2] {
        let vector = infer.shape(i).sizes().filter(|s| s.len() == 1 && !infer.running);
        let wanted = vector.map(|s| s[0]).zip(infer.shape(0).rank());
        if let Some((m, n)) = wanted.filter(|(m, n)| m != n) {
            return infer.fail(format!("Shape must be rank {m} but is rank {n}"), "");
        }
    }
    let (begin, size) = (infer.vector(1, "begin")?, infer.vector(2, "size")?);
    let Some(dims) = infer.shape(0).dims() else {
        let rank = begin.or(size).map(|v| v.len());
        return Ok(vec![(infer.dtype(0), rank.map_or_else(Shape::unknown, |r| vec![None; r].into()))]);
    };
    if [starts, counts].iter().any(|s| s.num_elements().is_some_and(|n| n != dims.len())) {
        return Err(Error::InvalidArgument(format!(
            "Expected begin and size arguments to be 1-D tensors of size {}, but got shapes {} and {} instead.",
            dims.len(),
            starts.to_proto(),
            counts.to_proto()
        )));
    }
    let (Some(begin), Some(size)) = (begin, size) else {
        return Ok(vec![(infer.dtype(0), Shape::from(vec![None; dims.len()]))]);
    };
    let mut kept = Vec::with_capacity(dims.len());
    for i in 0..dims.len() {
        if size[i] < -1 && !infer.running {
            return infer.fail(format!("Invalid value in tensor used for shape: {}", size[i]), "");
        }
        let Some(whole) = dims[i] else {
            kept.push(usize::try_from(size[i]).ok());
            continue;
        };
        let whole = whole as i64;
        if !infer.running {
            // Whether the block lies inside is looked at in the run.
            let length = if size[i] == -1 { whole - begin[i] } else { size[i] };
            let Ok(length) = usize::try_from(length) else {
                let text = format!("Negative dimension size caused by subtracting {} from {whole}", begin[i]);
                infer.partial(1, "begin")?;
                infer.partial(2, "size")?;
                return infer.fail(text, "");
            };
            // Sizes that only the run refuses are no reason to make room for them.
            kept.push(Some(length).filter(|length| *length as i64 <= whole));
            continue;
        }
        if begin[i] < 0 || begin[i] > whole {
            let text = format!("Expected begin[{i}] in [0, {whole}], but got {}", begin[i]);
            return infer.fail(text.clone(), text);
        }
        let length = if size[i] == -1 { whole - begin[i] } else { size[i] };
        if length < 0 || length > whole - begin[i] {
            let text = format!("Expected size[{i}] in [0, {}], but got {}", whole - begin[i], size[i]);
            return infer.fail(text.clone(), text);
        }
        kept.push(Some(length as usize));
    }
    Ok(vec![(infer.dtype(0), Shape::from(kept))])
}

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
        slice_in(&scope, x, begin, size)
    })
}

/// A slice under a scope that is open already.
pub(crate) fn slice_in(scope: &Scope, x: Tensor, begin: Tensor, size: Tensor) -> Result<Tensor> {
    let mut attrs = typed("T", x.dtype());
    attrs.insert("Index", Attr::Type(begin.dtype()));
    Ok(scope.op(&SLICE, &[x, begin, size], attrs)?.output(0))
}
