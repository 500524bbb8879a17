//! Ops that take tensors apart along axes: strided slices, splits, reversals, running sums, the greatest elements,
//! and the places where a condition holds.

use flowbook_cuda::{Work, kernels};
use ndarray::SliceInfoElem;

use super::device::{DeviceCall, Place};
use super::elementwise::{cast, multiply};
use super::math::Arithmetic;
use super::reduce::{SUM, reduced};
use super::shape::{around, axis_of, concat, expand_dims, shape, strides};
use super::view::{with_any, with_number};
use super::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, size_of_dtype, typed, unary};
use crate::error::{Error, Result};
use crate::graph::{Attr, Gradient, IntoTensor, Node, Operand, Scope, Tensor, Variable, build, graph_of};
use crate::{Array, DType, Shape};

pub(crate) static OPS: &[&OpDef] =
    &[&STRIDED_SLICE, &STRIDED_SLICE_GRAD, &SPLIT, &UNPACK, &REVERSE, &CUMSUM, &TOP_K, &WHERE];

/// The elements taken along one axis: first, how many, how far apart, and whether the axis itself goes.
struct Span {
    start: usize,
    count: usize,
    step: isize,
    shrink: bool,
}

/// Python's slice `begin:end:step` of an axis of `size`; the bits of the masks say which bounds are left out.
fn span(node: &Node, i: usize, size: usize, [begin, end, step]: [i64; 3]) -> Result<Span, String> {
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
fn spans(node: &Node, sizes: &[usize], bounds: [&[i64]; 3]) -> Result<Vec<Span>, String> {
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

fn infer_strided(infer: &Infer) -> Result<Vec<Signature>> {
    let [begin, end, step] = [(1, "begin"), (2, "end"), (3, "strides")].map(|(i, name)| infer.vector(i, name));
    let known = (infer.shape(0).dims(), begin?, end?, step?);
    let (Some(dims), Some(begin), Some(end), Some(step)) = known else {
        return Ok(vec![(infer.dtype(0), Shape::unknown())]);
    };
    // A size that is not known yet stands for a large one, so that no index is out of its bounds.
    let sizes: Vec<usize> = dims.iter().map(|d| d.unwrap_or(i32::MAX as usize)).collect();
    let spans = match spans(infer.node, &sizes, [&begin, &end, &step]) {
        Ok(spans) => spans,
        Err(text) => {
            if !text.starts_with("slice index") {
                [1, 2].into_iter().for_each(|i| infer.forget(i));
            }
            return infer.fail(text.clone(), text);
        }
    };
    let kept = spans.iter().zip(dims).filter(|(s, _)| !s.shrink).map(|(s, d)| d.map(|_| s.count));
    Ok(vec![(infer.dtype(0), Shape::from(kept.collect::<Vec<_>>()))])
}

/// The slice of a vector that is known in part only.
pub(crate) fn part_of(node: &Node, sizes: super::Sizes, bounds: [Vec<i64>; 3]) -> Option<super::Sizes> {
    let spans = spans(node, &[sizes.len()], [&bounds[0], &bounds[1], &bounds[2]]).ok()?;
    let span = spans.first()?;
    let place = |i: usize| sizes.get((span.start as isize + i as isize * span.step) as usize).copied();
    (0..span.count).map(place).collect()
}

/// Calls `f` with the places of the slice's elements in the sliced array, in order.
fn each_place(spans: &[Span], sizes: &[usize], mut f: impl FnMut(usize)) {
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

pub(crate) static STRIDED_SLICE: OpDef = OpDef::new(
    "StridedSlice",
    infer_strided,
    Kernel::Call(|call| {
        let input = call.input(0);
        let bounds = [call.input(1).ints(), call.input(2).ints(), call.input(3).ints()];
        let spans =
            spans(&call.node, &input.shape, [&bounds[0], &bounds[1], &bounds[2]]).map_err(Error::InvalidArgument)?;
        with_any!(input.dtype, T => {
            let (from, mut out) = (input.slice::<T>(), call.output().slice_mut::<T>().iter_mut());
            each_place(&spans, &input.shape, |at| {
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
    let bounds = [call.ints(1)?, call.ints(2)?, call.ints(3)?];
    let spans = spans(call.node, &input.shape, [&bounds[0], &bounds[1], &bounds[2]]).ok()?;
    let (counts, part) = on_device(&spans, input);
    let whole = kernels::Strided::whole(output.address, &counts);
    Some(kernels::strided_copy(size_of_dtype(input.dtype), &counts, &part, &whole))
})
.gradient(|g| {
    let inputs = [shape(g.input(0)), g.input(1), g.input(2), g.input(3), g.dy()];
    let graph = g.dy().graph();
    let grad = build(graph, || {
        let scope = Scope::open(graph, "StridedSliceGrad");
        Ok(scope.op(&STRIDED_SLICE_GRAD, &inputs, g.node().attrs.clone())?.output(0))
    });
    vec![Some(grad), None, None, None]
})
.samples(&[
    Sample { inputs: &[(&[4, 3], -1.0, 1.0)], build: |x| x[0].slice(ndarray::s![1..3, ..;2]) },
    Sample { inputs: &[(&[4, 3], -1.0, 1.0)], build: |x| x[0].slice(ndarray::s![-1, ..;-1]) },
]);

/// Zeros with the gradient put back where the slice came from: inputs are the sliced array's sizes, the slice's three
/// bounds, the gradient.
pub(crate) static STRIDED_SLICE_GRAD: OpDef = OpDef::new(
    "StridedSliceGrad",
    |infer| Ok(vec![(infer.dtype(4), infer.shape_from(0, "shape")?)]),
    Kernel::Call(|call| {
        let sizes = &call.output().shape;
        let bounds = [call.input(1).ints(), call.input(2).ints(), call.input(3).ints()];
        let spans = spans(&call.node, sizes, [&bounds[0], &bounds[1], &bounds[2]]).map_err(Error::InvalidArgument)?;
        with_number!(call.output().dtype, T => {
            let out = call.output().slice_mut::<T>();
            out.fill(T::from(0u8));
            let mut dy = call.input(4).slice::<T>().iter();
            each_place(&spans, sizes, |at| {
                if let Some(d) = dy.next() {
                    out[at] = *d;
                }
            });
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (dy, output) = (call.input(4), call.output());
    let bounds = [call.ints(1)?, call.ints(2)?, call.ints(3)?];
    let spans = spans(call.node, &output.shape, [&bounds[0], &bounds[1], &bounds[2]]).ok()?;
    let (counts, part) = on_device(&spans, output);
    let whole = kernels::Strided::whole(dy.address, &counts);
    let mut works = kernels::fill(output.device_type()?, 0.0, output.address, output.len());
    works.extend(kernels::strided_copy(size_of_dtype(output.dtype), &counts, &whole, &part));
    Some(works)
});

/// Bounds of a strided slice before they become constants.
#[derive(Default)]
struct Bounds {
    begin: Vec<i32>,
    end: Vec<i32>,
    step: Vec<i32>,
    begin_mask: i64,
    end_mask: i64,
    shrink_axis_mask: i64,
}

#[track_caller]
fn new_strided(x: Tensor, bounds: &Bounds) -> Tensor {
    let graph = x.graph();
    build(graph, || strided_in(&Scope::open(graph, "strided_slice"), &x.into_operand(), ["stack"; 3], bounds))
}

/// A strided slice under a scope that is open already; the bounds' constants have names of their own.
fn strided_in(scope: &Scope, x: &Operand, names: [&str; 3], bounds: &Bounds) -> Result<Tensor> {
    {
        let x = x.tensor(scope, "input", None)?;
        let list = |v: &[i32]| Array::new(v.to_vec(), &[v.len()]);
        let begin = scope.constant(names[0], list(&bounds.begin))?;
        let end = scope.constant(names[1], list(&bounds.end))?;
        let step = scope.constant(names[2], list(&bounds.step))?;
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Index", Attr::Type(DType::Int32));
        attrs.insert("begin_mask", Attr::Int(bounds.begin_mask));
        attrs.insert("end_mask", Attr::Int(bounds.end_mask));
        attrs.insert("shrink_axis_mask", Attr::Int(bounds.shrink_axis_mask));
        attrs.insert("ellipsis_mask", Attr::Int(0));
        attrs.insert("new_axis_mask", Attr::Int(0));
        Ok(scope.op(&STRIDED_SLICE, &[x, begin, end, step], attrs)?.output(0))
    }
}

/// From `begin` up to `end` in steps of `strides`, for each of the first axes: `tf.strided_slice`.
///
/// # Panics
/// `ValueError` when a bound is given for an axis that does not exist.
#[track_caller]
pub fn strided_slice<const N: usize>(x: impl IntoTensor, begin: [i32; N], end: [i32; N], strides: [i32; N]) -> Tensor {
    let bounds = Bounds { begin: begin.into(), end: end.into(), step: strides.into(), ..Bounds::default() };
    let x = x.into_operand();
    let graph = graph_of(&[&x]);
    build(graph, || strided_in(&Scope::open(graph, "StridedSlice"), &x, ["begin", "end", "strides"], &bounds))
}

impl Tensor {
    /// A part of the tensor, `t[1:3, 0]` in Python: `t.slice(s![1..3, 0])`. A negative step takes the same elements
    /// as the positive one would, in reverse, as in `ndarray` and on arrays.
    ///
    /// ```
    /// use flowbook::{s, v1 as tf};
    /// let t = tf::constant([[1, 2, 3], [4, 5, 6]]);
    /// let sess = tf::Session::new();
    /// assert_eq!(sess.run(t.slice(s![1, ..2]))?.to_string(), "[4 5]");
    /// assert_eq!(sess.run(t.slice(s![.., -1]))?.to_string(), "[3 6]");
    /// # Ok::<(), flowbook::Error>(())
    /// ```
    ///
    /// # Panics
    /// `ValueError` when an index is out of bounds or there are more of them than axes.
    #[track_caller]
    pub fn slice(self, part: impl AsRef<[SliceInfoElem]>) -> Tensor {
        let mut bounds = Bounds::default();
        for (i, element) in part.as_ref().iter().enumerate() {
            let (begin, end, step) = match *element {
                SliceInfoElem::Index(at) => {
                    bounds.shrink_axis_mask |= 1 << i;
                    (at, at + 1, 1)
                }
                SliceInfoElem::NewAxis => {
                    Error::Value("a slice of a tensor adds no axis: use tf::expand_dims".into()).raise()
                }
                SliceInfoElem::Slice { start, end, step } if step > 0 => {
                    bounds.begin_mask |= i64::from(start == 0) << i;
                    bounds.end_mask |= i64::from(end.is_none()) << i;
                    (start, end.unwrap_or(0), step)
                }
                SliceInfoElem::Slice { start, end, step } => {
                    bounds.begin_mask |= i64::from(end.is_none()) << i;
                    bounds.end_mask |= i64::from(start == 0) << i;
                    (end.unwrap_or(0) - 1, start - 1, step)
                }
            };
            bounds.begin.push(begin as i32);
            bounds.end.push(end as i32);
            bounds.step.push(step as i32);
        }
        new_strided(self, &bounds)
    }
}

impl Variable {
    /// A part of its value: see [`Tensor::slice`].
    #[track_caller]
    pub fn slice(self, part: impl AsRef<[SliceInfoElem]>) -> Tensor {
        self.value().slice(part)
    }
}

/// The axis that a `Split` or `Unpack` works along, once the rank is known.
fn checked_axis(infer: &Infer, axis: i64, rank: usize) -> Result<usize> {
    let (building, running) = match infer.node.def.name {
        "Split" => (
            format!("Dimension size, given by scalar input {axis} must be in range [-{rank}, {rank})"),
            format!("-input rank(-{rank}) <= split_dim < input rank ({rank}), but got {axis}"),
        ),
        _ => {
            let text = format!("axis = {axis} not in [-{rank}, {rank})");
            (text.clone(), text)
        }
    };
    axis_of(axis, rank).map_or_else(|| infer.fail(building, running), Ok)
}

pub(crate) static SPLIT: OpDef = OpDef::new(
    "Split",
    |infer| {
        let n = infer.node.int("num_split") as usize;
        let (Some(dims), Some(axis)) = (infer.shape(1).dims(), infer.scalar(0, "split_dim")?) else {
            return Ok(vec![(infer.dtype(1), Shape::unknown()); n]);
        };
        let axis = checked_axis(infer, axis, dims.len())?;
        let mut dims = dims.to_vec();
        if let Some(size) = dims[axis] {
            if size % n != 0 {
                return infer.fail(
                    format!(
                        "Dimension size must be evenly divisible by {n} but is {size}\n\tNumber of ways to split should \
                         evenly divide the split dimension"
                    ),
                    format!("Number of ways to split should evenly divide the split dimension, but got split_dim {axis} (size = {size}) and num_split {n}"),
                );
            }
            dims[axis] = Some(size / n);
        }
        Ok(vec![(infer.dtype(1), Shape::from(dims)); n])
    },
    Kernel::Call(|call| {
        let axis = axis_of(call.input(0).ints()[0], call.input(1).shape.len()).unwrap_or(0);
        deal(call, 1, axis)
    }),
)
.cuda(|call| deal_on_device(call, 1, axis_of(*call.ints(0)?.first()?, call.input(1).shape.len())?))
.gradient(|g| {
    let parts = g.dys_or_zeros();
    let axis = g.input(0);
    let known = axis.graph().data().constant_value(axis.output()).map(super::ints);
    vec![None, Some(concat(&parts, known.map_or(0, |axis| axis[0] as i32)))]
})
.samples(&[Sample {
    inputs: &[(&[2, 4], -1.0, 1.0)],
    build: |x| {
        let parts = split(x[0], 2, 1);
        multiply(parts[0], multiply(parts[1], parts[1]))
    },
}]);

/// The part of an array that spans cut out, on the device: how many elements along each axis, and where they lie.
fn on_device(spans: &[Span], array: &Place) -> (Vec<usize>, kernels::Strided) {
    let own = strides(&array.shape);
    let start: usize = spans.iter().zip(&own).map(|(span, stride)| span.start * stride).sum();
    let steps = spans.iter().zip(&own).map(|(span, stride)| span.step * *stride as isize);
    let address = array.address + (start * size_of_dtype(array.dtype)) as u64;
    (spans.iter().map(|span| span.count).collect(), kernels::Strided { address, strides: steps.collect() })
}

/// Deals an array out to the outputs on the device.
fn deal_on_device(call: &DeviceCall, input: usize, axis: usize) -> Option<Vec<Work>> {
    let from = call.input(input);
    let (before, size, after) = around(&from.shape, axis);
    let width = size * after / call.outputs.len().max(1);
    let element = size_of_dtype(from.dtype);
    let mut works = Vec::new();
    for (i, output) in call.outputs.iter().enumerate() {
        let address = from.address + (i * width * element) as u64;
        let part = kernels::Strided { address, strides: vec![(size * after) as isize, 1] };
        let whole = kernels::Strided::whole(output.address, &[before, width]);
        works.extend(kernels::strided_copy(element, &[before, width], &part, &whole));
    }
    Some(works)
}

/// Deals an array out to the outputs, in equal runs along the axis.
fn deal(call: &Call, input: usize, axis: usize) -> Result<()> {
    let from = call.input(input);
    let (_, size, after) = around(&from.shape, axis);
    let width = size * after / call.outputs.len().max(1);
    with_any!(from.dtype, T => {
        for (row, block) in from.slice::<T>().chunks((size * after).max(1)).enumerate() {
            for (part, out) in block.chunks(width.max(1)).zip(&call.outputs) {
                out.slice_mut::<T>()[row * width..(row + 1) * width].clone_from_slice(part);
            }
        }
        Ok(())
    })
}

/// The tensor in `num` equal parts along `axis`: `tf.split(value, num, axis)`.
///
/// # Panics
/// `ValueError` when the size along the axis is no multiple of `num`.
#[track_caller]
pub fn split(value: impl IntoTensor, num: usize, axis: i32) -> Vec<Tensor> {
    let value = value.into_operand();
    let graph = graph_of(&[&value]);
    build(graph, || {
        let scope = Scope::open(graph, "split");
        if num == 0 {
            return Err(Error::Value("Attr 'num_split' of 'Split' Op passed 0 less than minimum 1.".into()));
        }
        let axis = scope.constant("split_dim", Array::scalar(axis))?;
        let value = value.tensor(&scope, "value", None)?;
        let mut attrs = typed("T", value.dtype());
        attrs.insert("num_split", Attr::Int(num as i64));
        Ok(scope.op(&SPLIT, &[axis, value], attrs)?.outputs())
    })
}

pub(crate) static UNPACK: OpDef = OpDef::new(
    "Unpack",
    |infer| {
        let n = infer.node.int("num") as usize;
        let Some(dims) = infer.shape(0).dims() else { return Ok(vec![(infer.dtype(0), Shape::unknown()); n]) };
        let axis = checked_axis(infer, infer.node.int("axis"), dims.len())?;
        let mut dims = dims.to_vec();
        if let Some(size) = dims.remove(axis)
            && size != n
        {
            return infer.fail(
                format!("Dimension must be {n} but is {size}"),
                format!("Input shape axis {axis} must equal {n}, got shape {}", infer.shape(0).to_proto()),
            );
        }
        Ok(vec![(infer.dtype(0), Shape::from(dims)); n])
    },
    Kernel::Call(|call| deal(call, 0, axis_of(call.node.int("axis"), call.input(0).shape.len()).unwrap_or(0))),
)
.cuda(|call| deal_on_device(call, 0, axis_of(call.node.int("axis"), call.input(0).shape.len())?))
.gradient(|g| {
    let axis = g.node().int("axis") as i32;
    let parts: Vec<Tensor> = g.dys_or_zeros().into_iter().map(|dy| expand_dims(dy, axis)).collect();
    vec![Some(concat(&parts, axis))]
})
.samples(&[Sample {
    inputs: &[(&[2, 3], -1.0, 1.0)],
    build: |x| {
        let parts = unstack(x[0], 1);
        multiply(parts[0], parts[2])
    },
}]);

/// The tensor's slices along `axis`, which goes: `tf.unstack(value, axis=axis)`.
///
/// # Panics
/// `ValueError` when the size along the axis is not known.
#[track_caller]
pub fn unstack(value: impl IntoTensor, axis: i32) -> Vec<Tensor> {
    let value = value.into_operand();
    let graph = graph_of(&[&value]);
    build(graph, || {
        let scope = Scope::open(graph, "unstack");
        let value = value.tensor(&scope, "value", None)?;
        let shape = value.shape();
        if let Some(rank) = shape.rank().filter(|rank| axis_of(i64::from(axis), *rank).is_none()) {
            let low = -(rank as i64);
            return Err(Error::Value(format!("Argument `axis` = {axis} not in range [{low}, {rank})")));
        }
        let size = shape.dims().and_then(|dims| dims[axis_of(i64::from(axis), dims.len())?]);
        let Some(size) = size else {
            return Err(Error::Value(format!("Cannot infer argument `num` from shape {shape}")));
        };
        let mut attrs = typed("T", value.dtype());
        attrs.insert("num", Attr::Int(size as i64));
        attrs.insert("axis", Attr::Int(i64::from(axis)));
        Ok(scope.op(&UNPACK, &[value], attrs)?.outputs())
    })
}

/// The `num` slices along the first axis.
pub(crate) fn unstacked(value: Tensor, num: usize) -> Vec<Tensor> {
    let graph = value.graph();
    build(graph, || {
        let mut attrs = typed("T", value.dtype());
        attrs.insert("num", Attr::Int(num as i64));
        attrs.insert("axis", Attr::Int(0));
        Ok(Scope::open(graph, "unstack").op(&UNPACK, &[value], attrs)?.outputs())
    })
}

fn infer_same(infer: &Infer) -> Result<Vec<Signature>> {
    Ok(vec![infer.inputs[0].clone()])
}

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

pub(crate) static CUMSUM: OpDef = OpDef::new(
    "Cumsum",
    |infer| {
        infer.allow(0, "x", Types::Numbers)?;
        if let (Some(axis), Some(rank)) = (infer.scalar(1, "axis")?, infer.shape(0).rank())
            && axis_of(axis, rank).is_none()
        {
            let low = -(rank as i64);
            if infer.running {
                let text = format!("ScanOp: Expected scan axis in the range [{low}, {rank}), but got {axis}");
                return Err(Error::InvalidArgument(text));
            }
        }
        infer_same(infer)
    },
    Kernel::Call(|call| {
        let from = call.input(0);
        let axis = axis_of(call.input(1).ints()[0], from.shape.len()).unwrap_or(0);
        let (_, n, after) = around(&from.shape, axis);
        let backwards = call.node.bool("reverse");
        with_number!(from.dtype, T => {
            let blocks = from.slice::<T>().chunks((n * after).max(1)).zip(call.output().slice_mut::<T>().chunks_mut((n * after).max(1)));
            for (block, out) in blocks {
                for lane in 0..after {
                    let mut sum = T::from(0u8);
                    for i in 0..n {
                        let at = (if backwards { n - 1 - i } else { i }) * after + lane;
                        sum = sum.plus(block[at]);
                        out[at] = sum;
                    }
                }
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (input, output) = (call.input(0), call.output());
    let axis = axis_of(*call.ints(1)?.first()?, input.shape.len())?;
    let (before, n, after) = around(&input.shape, axis);
    let backwards = call.node.bool("reverse");
    Some(kernels::cumsum(input.device_type()?, [before, n, after], backwards, input.address, output.address))
})
.gradient(|g| vec![Some(new_cumsum(g.dy(), g.input(1), !g.node().bool("reverse"))), None])
.samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| cumsum(x[0], 1) }]);

#[track_caller]
fn new_cumsum(x: Tensor, axis: Tensor, backwards: bool) -> Tensor {
    build(x.graph(), || cumsum_in(&Scope::open(x.graph(), "Cumsum"), x, axis, backwards))
}

fn cumsum_in(scope: &Scope, x: Tensor, axis: Tensor, backwards: bool) -> Result<Tensor> {
    let mut attrs = typed("T", x.dtype());
    attrs.insert("Tidx", Attr::Type(axis.dtype()));
    attrs.insert("exclusive", Attr::Bool(false));
    attrs.insert("reverse", Attr::Bool(backwards));
    Ok(scope.op(&CUMSUM, &[x, axis], attrs)?.output(0))
}

/// The running sums along `axis`: `tf.cumsum`.
#[track_caller]
pub fn cumsum(x: impl IntoTensor, axis: i32) -> Tensor {
    let x = super::array::convert_to_tensor(x);
    build(x.graph(), || {
        let scope = Scope::open(x.graph(), "Cumsum");
        let axis = scope.constant("axis", Array::scalar(axis))?;
        cumsum_in(&scope, x, axis, false)
    })
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
                order.sort_by(|a, b| row[*b].partial_cmp(&row[*a]).unwrap_or(std::cmp::Ordering::Equal));
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
    let hot = cast(super::array::one_hot(g.output_at(1), n as i32), g.dy().dtype());
    vec![Some(reduced(&SUM, "Sum", multiply(expand_dims(g.dy(), -1), hot), Some((-2).into()), false)), None]
})
.samples(&[Sample { inputs: &[(&[2, 4], -1.0, 1.0)], build: |x| top_k(x[0], 2).0 }]);

/// The `k` greatest elements along the last axis, in falling order, and their places: `tf.nn.top_k`.
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
        let mut attrs = typed("T", input.dtype());
        attrs.insert("sorted", Attr::Bool(true));
        attrs.insert("Tk", Attr::Type(DType::Int32));
        attrs.insert("index_type", Attr::Type(DType::Int32));
        let op = scope.op(&TOP_K, &[input, k], attrs)?;
        Ok((op.output(0), op.output(1)))
    })
}

pub(crate) static WHERE: OpDef = OpDef::new(
    "Where",
    |infer| {
        if infer.dtype(0) != DType::Bool {
            infer.allow(0, "condition", Types::Numbers)?;
        }
        if infer.running && infer.shape(0).rank() == Some(0) {
            return Err(Error::InvalidArgument("WhereOp : Unhandled input dimensions: 0".into()));
        }
        let count = if infer.running { infer.value(0).map(|c| places(&super::View::of(&c)).len()) } else { None };
        Ok(vec![(DType::Int64, Shape::from([count, infer.shape(0).rank()]))])
    },
    Kernel::Call(|call| {
        let input = call.input(0);
        let steps = strides(&input.shape);
        for (at, row) in places(input).into_iter().zip(call.output().slice_mut::<i64>().chunks_mut(steps.len().max(1)))
        {
            row.iter_mut().enumerate().for_each(|(k, cell)| *cell = (at / steps[k] % input.shape[k]) as i64);
        }
        Ok(())
    }),
);

/// The places of the elements that are true, or other than 0.
fn places(input: &super::View) -> Vec<usize> {
    let chosen =
        |holds: &mut dyn Iterator<Item = bool>| holds.enumerate().filter(|(_, h)| *h).map(|(i, _)| i).collect();
    match input.dtype {
        DType::Bool => chosen(&mut input.slice::<bool>().iter().copied()),
        dtype => {
            let found: Result<Vec<usize>> =
                with_number!(dtype, T => Ok(chosen(&mut input.slice::<T>().iter().map(|v| *v != T::from(0u8)))));
            found.unwrap_or_default()
        }
    }
}

/// The indices of the elements that are true, a row for each: `tf.where(condition)`. With three arguments it is
/// [`select`](super::elementwise::select).
#[track_caller]
pub fn r#where(condition: impl IntoTensor) -> Tensor {
    unary(&WHERE, "Where", "condition", condition.into_operand())
}
