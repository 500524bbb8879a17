//! Blocks cut out of tensors, and zeros put around them.

use flowbook_cuda::kernels;

use super::super::array::mismatch;
use super::super::view::with_any;
use super::super::{Infer, Kernel, OpDef, Sample, Signature, size_of_dtype, typed};
use super::layout::{copied, gather_strided, strides};
use super::{concat, integer_argument, rank, reshape, shape, stack_in, with_argument};
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Scope, Tensor, build, graph_of};
use crate::{Array, DType, Shape};

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
    vec![Some(pad(g.dy(), concat(&[before, after], 1))), None, None]
})
.samples(&[Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| slice(x[0], [1, 0], [2, 1]) }]);

/// The sizes of a matrix of one column with a row for each axis.
fn column_sizes(axes: Tensor) -> Tensor {
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

pub(crate) static PAD: OpDef = OpDef::new(
    "Pad",
    |infer| {
        if !matches!(infer.dtype(1), DType::Int32 | DType::Int64) {
            return Err(Error::Type(format!(
                "Value passed to parameter 'paddings' has DataType {} not in list of allowed values: int32, int64",
                infer.dtype(1).name()
            )));
        }
        let pairs = infer.shape(1).sizes();
        if let (Some(pairs), Some(rank)) = (&pairs, infer.shape(0).rank())
            && *pairs != [rank, 2]
        {
            let given = infer.shape(1).to_proto();
            let (building, running) = match pairs[..] {
                [rows, 2] => (
                    format!("Shape must be rank {rows} but is rank {rank}"),
                    format!(
                        "The first dimension of paddings must be the rank of inputs{given} {}",
                        infer.shape(0).to_proto()
                    ),
                ),
                [_, columns] => (
                    format!("Dimension must be 2 but is {columns}"),
                    format!("paddings must be a matrix with 2 columns: {given}"),
                ),
                _ => (
                    format!("Shape must be rank 2 but is rank {}", pairs.len()),
                    format!("paddings must be a matrix with 2 columns: {given}"),
                ),
            };
            return infer.fail(building, running);
        }
        if pairs.as_ref().is_some_and(|p| p.len() != 2 || p[1] != 2) {
            let text = format!("paddings must be a matrix with 2 columns: {}", infer.shape(1).to_proto());
            return infer.fail(text.clone(), text);
        }
        let pads = infer.ints(1);
        if let Some(pair) = pads.iter().flat_map(|p| p.chunks(2)).find(|pair| pair.iter().any(|p| *p < 0)) {
            let running = format!("Paddings must be non-negative: {} {}", pair[0], pair[1]);
            return infer.fail("Paddings must be non-negative", running);
        }
        let shape = match (infer.shape(0).dims(), pads) {
            (Some(dims), Some(pads)) => {
                let grown = dims
                    .iter()
                    .zip(pads.chunks(2))
                    .map(|(d, p)| d.map(|d| d.saturating_add(p[0] as usize).saturating_add(p[1] as usize)));
                Shape::from(grown.collect::<Vec<_>>())
            }
            (Some(dims), None) => Shape::from(vec![None; dims.len()]),
            (None, Some(pads)) => Shape::from(vec![None; pads.len() / 2]),
            (None, None) => Shape::unknown(),
        };
        Ok(vec![(infer.dtype(0), shape)])
    },
    Kernel::Call(|call| {
        let (from, to) = (call.input(0), call.output());
        let before: Vec<usize> = call.input(1).ints().chunks(2).map(|p| p[0] as usize).collect();
        let (own, wide) = (strides(&from.shape), strides(&to.shape));
        with_any!(to.dtype, T => {
            let out = to.slice_mut::<T>();
            out.fill(T::default());
            for (i, value) in from.slice::<T>().iter().enumerate() {
                let at: usize = (0..own.len()).map(|k| (i / own[k] % from.shape[k] + before[k]) * wide[k]).sum();
                out[at] = value.clone();
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (from, to) = (call.input(0), call.output());
    let wide = strides(&to.shape);
    let start: usize = call.ints(1)?.chunks(2).zip(&wide).map(|(pair, stride)| pair[0] as usize * stride).sum();
    let element = size_of_dtype(to.dtype);
    let address = to.address + (start * element) as u64;
    let place = kernels::Strided { address, strides: wide.iter().map(|s| *s as isize).collect() };
    let whole = kernels::Strided::whole(from.address, &from.shape);
    let mut works = kernels::fill(to.device_type()?, 0.0, to.address, to.len());
    works.extend(kernels::strided_copy(element, &from.shape, &whole, &place));
    Some(works)
})
.gradient(|g| {
    let before = reshape(slice(g.input(1), [0, 0], column_sizes(rank(g.input(0)))), [-1]);
    vec![Some(slice(g.dy(), before, shape(g.input(0)))), None]
})
.samples(&[Sample { inputs: &[(&[2, 2], -1.0, 1.0)], build: |x| pad(x[0], [[1, 0], [0, 2]]) }]);

/// The tensor with zeros around it, `[before, after]` for each axis: `tf.pad`.
#[track_caller]
pub fn pad(x: impl IntoTensor, paddings: impl IntoTensor) -> Tensor {
    with_argument(&PAD, "Pad", ("input", x.into_operand()), ("paddings", paddings.into_operand()), "Tpaddings")
}
