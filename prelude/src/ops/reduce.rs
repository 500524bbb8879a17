//! Reductions along axes: sums, means, extremes, products, and the places of extremes.

use flowbook_cuda::{Work, kernels};

use super::device::DeviceCall;
use super::math::Arithmetic;
use super::register::{self, Index, RegisterStep};
use super::shape::{around, axis_of};
use super::view::{View, with_number};
use super::{Call, Infer, Kernel, OpDef, Prepared, Sample, Signature, Types, simd::multiversioned, typed};
use crate::error::{Error, Result};
use crate::graph::{Attr, Built, IntoTensor, Operand, Rebuild, Scope, Tensor, build, graph_of};
use crate::ops::elementwise::{cast, divide_by, equal, multiply};
use crate::ops::{array, gradient, shape};
use crate::{Array, DType, Shape};

pub(crate) static OPS: &[&OpDef] = &[&SUM, &MEAN, &MAX, &MIN, &PROD, &ALL, &ANY, &ARG_MAX, &ARG_MIN, &BIAS_ADD_GRAD];

fn infer_numbers(infer: &Infer) -> Result<Vec<Signature>> {
    infer.allow(0, "input", Types::Numbers)?;
    infer_reduction(infer)
}

fn infer_reduction(infer: &Infer) -> Result<Vec<Signature>> {
    let dtype = infer.dtype(0);
    let keep = infer.node.bool("keep_dims");
    if !matches!(infer.dtype(1), DType::Int32 | DType::Int64) {
        return Err(Error::Type(format!(
            "Value passed to parameter 'reduction_indices' has DataType {} not in list of allowed values: int32, int64",
            infer.dtype(1).name()
        )));
    }
    let (Some(dims), Some(axes)) = (infer.shape(0).dims(), infer.ints(1)) else {
        let all_keep = infer.shape(0).dims().filter(|_| keep).map(|d| Shape::from(vec![None; d.len()]));
        return Ok(vec![(dtype, all_keep.unwrap_or(Shape::unknown()))]);
    };
    let mut reduced = vec![false; dims.len()];
    for axis in axes {
        let Some(axis) = axis_of(axis, dims.len()) else {
            return infer.fail(
                format!("Invalid reduction dimension {axis} for input with {} dimensions.", dims.len()),
                format!("Invalid reduction dimension ({axis} for input with {} dimension(s)", dims.len()),
            );
        };
        if reduced[axis] && infer.running {
            let text = format!("Invalid reduction arguments: Axes contains duplicate dimension: {axis}");
            return Err(Error::InvalidArgument(text));
        }
        reduced[axis] = true;
    }
    let kept = dims.iter().zip(&reduced).filter_map(|(d, r)| match (r, keep) {
        (false, _) => Some(*d),
        (true, true) => Some(Some(1)),
        (true, false) => None,
    });
    Ok(vec![(dtype, Shape::from(kept.collect::<Vec<_>>()))])
}

/// Folds along the axes: `step` takes the running value and an element.
fn fold<T: Copy + crate::dtype::Element, A: Copy>(
    call: &Call,
    start: A,
    step: impl Fn(A, T) -> A,
    finish: impl Fn(A, usize) -> T,
) {
    let (input, out) = (call.input(0), call.output());
    let rank = input.shape.len();
    let mut reduced = vec![false; rank];
    call.input(1).ints().iter().filter_map(|a| axis_of(*a, rank)).for_each(|a| reduced[a] = true);
    let from = input.slice::<T>();
    let to = out.slice_mut::<T>();
    let count = from.len() / to.len().max(1);
    let first = reduced.iter().position(|r| *r).unwrap_or(rank);
    let last = reduced.iter().rposition(|r| *r).map_or(rank, |l| l + 1);
    let solid = reduced[first.min(last)..last].iter().all(|r| *r);
    if solid && first < last {
        let inner: usize = input.shape[last..].iter().product();
        let middle: usize = input.shape[first..last].iter().product();
        if middle == 0 {
            to.fill(finish(start, 0));
            return;
        }
        if inner == 1 {
            for (cell, row) in to.iter_mut().zip(from.chunks_exact(middle.max(1))) {
                *cell = finish(row.iter().fold(start, |a, x| step(a, *x)), count);
            }
            return;
        }
        let mut sums = vec![start; inner];
        for (cells, block) in to.chunks_exact_mut(inner.max(1)).zip(from.chunks_exact((middle * inner).max(1))) {
            sums.fill(start);
            for row in block.chunks_exact(inner) {
                sums.iter_mut().zip(row).for_each(|(s, x)| *s = step(*s, *x));
            }
            cells.iter_mut().zip(&sums).for_each(|(c, s)| *c = finish(*s, count));
        }
        return;
    }
    let mut sums = vec![start; to.len()];
    let own = shape::strides(&input.shape);
    let mut kept_stride = vec![0; rank];
    let mut running = 1;
    for axis in (0..rank).rev().filter(|a| !reduced[*a]) {
        kept_stride[axis] = running;
        running *= input.shape[axis];
    }
    for (i, x) in from.iter().enumerate() {
        let at: usize = (0..rank).map(|k| i / own[k] % input.shape[k] * kept_stride[k]).sum();
        sums[at] = step(sums[at], *x);
    }
    to.iter_mut().zip(&sums).for_each(|(c, s)| *c = finish(*s, count));
}

/// How many elements are summed up at a time, so that they stay in the first-level cache and few digits get lost.
pub(crate) const BLOCK: usize = 1024;

/// The sum of up to a block of elements in sixteen lanes, which both vectorises and loses fewer digits than one
/// running sum.
#[inline]
pub(crate) fn block_sum(row: &[f32]) -> f32 {
    if row.len() < 16 {
        return 0.0 + row.iter().sum::<f32>();
    }
    lanes(row)
}

multiversioned! {
    fn lanes(row: &[f32]) -> f32 {
        let mut sums = [0f32; 16];
        let (chunks, rest) = row.as_chunks::<16>();
        for chunk in chunks {
            for i in 0..16 {
                sums[i] += chunk[i];
            }
        }
        sums.iter().sum::<f32>() + rest.iter().sum::<f32>()
    }
}

/// The sum or mean of `count` elements from the sums of their blocks.
pub(crate) fn total(partials: &[f32], count: usize, mean: bool) -> f32 {
    let sum = match partials {
        [sum] => *sum,
        sums => sums.iter().map(|s| f64::from(*s)).sum::<f64>() as f32,
    };
    if mean { sum / count as f32 } else { sum }
}

/// The sum or mean of a row of any length.
fn row_total(row: &[f32], mean: bool) -> f32 {
    if row.len() <= BLOCK {
        return total(&[block_sum(row)], row.len(), mean);
    }
    let sum = row.chunks(BLOCK).map(|block| f64::from(block_sum(block))).sum::<f64>() as f32;
    if mean { sum / row.len() as f32 } else { sum }
}

/// Sums or means of the rows of `[outer, middle, inner]` along the middle axis.
#[derive(Clone, Copy)]
struct Layout {
    middle: usize,
    inner: usize,
    mean: bool,
}

impl Layout {
    /// The layout of a `float32` reduction along axes that lie side by side.
    fn of(call: &Call, mean: bool) -> Option<Layout> {
        let (input, rank) = (call.input(0), call.input(0).shape.len());
        if input.dtype != DType::Float32 || input.len() == 0 {
            return None;
        }
        let mut axes: Vec<usize> = call.input(1).ints().iter().filter_map(|a| axis_of(*a, rank)).collect();
        axes.sort_unstable();
        axes.dedup();
        let (Some(&first), Some(&last)) = (axes.first(), axes.last()) else { return None };
        if last - first + 1 != axes.len() {
            return None;
        }
        let size = |axes: std::ops::Range<usize>| input.shape[axes].iter().product();
        Some(Layout { middle: size(first..last + 1), inner: size(last + 1..rank), mean })
    }

    /// The layout of a sum of rows.
    fn rows(call: &Call) -> Layout {
        let inner = call.output().len();
        Layout { middle: call.input(0).len() / inner.max(1), inner, mean: false }
    }

    fn run(self, from: &[f32], to: &mut [f32]) {
        let Layout { middle, inner, mean } = self;
        if inner == 1 {
            to.iter_mut().zip(from.chunks_exact(middle)).for_each(|(cell, row)| *cell = row_total(row, mean));
            return;
        }
        for (cells, block) in to.chunks_exact_mut(inner).zip(from.chunks_exact(middle * inner)) {
            columns(block, cells);
            if mean {
                cells.iter_mut().for_each(|c| *c /= middle as f32);
            }
        }
    }
}

/// The sums of the columns.
fn columns(block: &[f32], cells: &mut [f32]) {
    let inner = cells.len();
    let done = if inner < 16 { 0 } else { wide_columns(block, cells) };
    let rest = &mut cells[done..];
    rest.fill(0.0);
    for row in block.chunks_exact(inner) {
        rest.iter_mut().zip(&row[done..]).for_each(|(c, x)| *c += x);
    }
}

multiversioned! {
    /// The sums of as many columns as go in sixteens, and how many these are.
    fn wide_columns(block: &[f32], cells: &mut [f32]) -> usize {
        let inner = cells.len();
        let whole = inner / 16 * 16;
        for start in (0..whole).step_by(16) {
            let mut sums = [0f32; 16];
            for row in block.chunks_exact(inner) {
                for i in 0..16 {
                    sums[i] += row[start + i];
                }
            }
            cells[start..start + 16].copy_from_slice(&sums);
        }
        whole
    }
}

/// A reduction on the device, along axes that are known before the run.
fn on_device(call: &DeviceCall, op: kernels::Reduction) -> Option<Vec<Work>> {
    let (input, output) = (call.input(0), call.output());
    let rank = input.shape.len();
    let mut reduced = vec![false; rank];
    call.ints(1)?.iter().filter_map(|a| axis_of(*a, rank)).for_each(|a| reduced[a] = true);
    let scratch = match kernels::reduce_scratch(&input.shape, &reduced) {
        0 => 0,
        bytes => call.scratch(bytes),
    };
    let places = [input.address, output.address, scratch];
    Some(kernels::reduce(op, input.device_type()?, &input.shape, &reduced, places))
}

/// A sum or mean as the engine runs it again and again.
fn prepare(call: &Call, mean: bool) -> Prepared {
    let general = if mean { run_mean } else { run_sum };
    let Some(layout) = Layout::of(call, mean) else { return Box::new(general) };
    Box::new(move |call| {
        layout.run(call.input(0).slice(), call.output().slice_mut());
        Ok(())
    })
}

fn register_sum(call: &Call) -> Option<RegisterStep> {
    register_layout(call, Layout::of(call, false)?)
}

fn register_rows(call: &Call) -> Option<RegisterStep> {
    (call.input(0).dtype == DType::Float32 && call.input(0).len() > 0)
        .then(|| register_layout(call, Layout::rows(call)))?
}

#[cfg(target_arch = "x86_64")]
fn register_layout(call: &Call, Layout { middle, inner, .. }: Layout) -> Option<RegisterStep> {
    let (input, out) = (call.input(0), call.output());
    let term = |l: usize| Index::new(out.len(), |i| (i / inner * middle + l) * inner + i % inner);
    let fits = register::fits(input) && register::fits(out);
    fits.then(|| RegisterStep::sum(input, (0..middle).map(term).collect(), out))
}

#[cfg(not(target_arch = "x86_64"))]
fn register_layout(_: &Call, _: Layout) -> Option<RegisterStep> {
    None
}

fn run_sum(call: &Call) -> Result<()> {
    if let Some(layout) = Layout::of(call, false) {
        layout.run(call.input(0).slice(), call.output().slice_mut());
        return Ok(());
    }
    with_number!(call.output().dtype, T => {
        fold::<T, T>(call, T::from(0u8), |a, x| a.plus(x), |a, _| a);
        Ok(())
    })
}

fn run_mean(call: &Call) -> Result<()> {
    if let Some(layout) = Layout::of(call, true) {
        layout.run(call.input(0).slice(), call.output().slice_mut());
        return Ok(());
    }
    match call.output().dtype {
        DType::Float32 => fold::<f32, f32>(call, 0.0, |a, x| a + x, |a, n| a / n as f32),
        DType::Float64 => fold::<f64, f64>(call, 0.0, |a, x| a + x, |a, n| a / n as f64),
        DType::Int32 => fold::<i32, i64>(call, 0, |a, x| a + i64::from(x), |a, n| (a / n.max(1) as i64) as i32),
        DType::Int64 => fold::<i64, i64>(call, 0, |a, x| a.plus(x), |a, n| a / n.max(1) as i64),
        _ => fold::<u8, i64>(call, 0, |a, x| a + i64::from(x), |a, n| (a / n.max(1) as i64) as u8),
    }
    Ok(())
}

pub(crate) static SUM: OpDef = OpDef::new("Sum", infer_numbers, Kernel::Call(run_sum))
    .prepare(|call| prepare(call, false))
    .cuda(|call| on_device(call, kernels::Reduction::Sum))
    .register(register_sum)
    .gradient(|g| vec![Some(gradient::of_sum(g)), None])
    .samples(&[
        Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| reduce_sum(x[0]).tensor() },
        Sample { inputs: &[(&[2, 3, 2], -1.0, 1.0)], build: |x| reduce_sum(x[0]).axis([0, 2]).tensor() },
        Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| reduce_sum(x[0]).axis(1).keepdims(true).tensor() },
    ]);

/// The gradient of a sum: `dy` repeated along the axes that were summed.
fn spread(dy: Tensor, x: Tensor, axes: Tensor, keep: bool) -> Tensor {
    let target = shape::shape(x);
    shape::broadcast_to(if keep { dy } else { with_ones(dy, x, axes) }, target)
}

/// A reduced tensor with its reduced axes back as size 1.
fn with_ones(reduced: Tensor, x: Tensor, axes: Tensor) -> Tensor {
    let graph = x.graph();
    let known = graph.data().constant_value(axes.output()).map(super::ints);
    let rank = x.shape().rank();
    if let (Some(axes), Some(rank)) = (&known, rank) {
        let mut axes: Vec<usize> = axes.iter().filter_map(|a| axis_of(*a, rank)).collect();
        axes.sort_unstable();
        if axes.len() == rank {
            return shape::reshape(reduced, vec![1i32; rank]);
        }
        return axes.iter().fold(reduced, |t, axis| shape::expand_dims(t, *axis as i32));
    }
    if rank.is_none() && reduced.shape().rank() == Some(0) {
        return reduced;
    }
    Error::Unimplemented("the gradient of a reduction needs constant axes and a known rank".into()).raise()
}

/// The sum over all axes but the last: the gradient of `BiasAdd` by its bias.
pub(crate) static BIAS_ADD_GRAD: OpDef = OpDef::new(
    "BiasAddGrad",
    |infer| {
        infer.allow(0, "out_backprop", Types::Numbers)?;
        Ok(vec![(
            infer.dtype(0),
            infer.shape(0).dims().map_or_else(|| Shape::from([None]), |d| Shape::from([d[d.len() - 1]])),
        )])
    },
    Kernel::Call(sum_rows_up),
)
.prepare(|call| {
    if call.input(0).dtype != DType::Float32 || call.input(0).len() == 0 {
        return Box::new(sum_rows_up);
    }
    let rows = Layout::rows(call);
    Box::new(move |call| {
        rows.run(call.input(0).slice(), call.output().slice_mut());
        Ok(())
    })
})
.cuda(|call| {
    let (input, output) = (call.input(0), call.output());
    let last = input.shape.len() - 1;
    let reduced: Vec<bool> = (0..=last).map(|axis| axis < last).collect();
    let scratch = match kernels::reduce_scratch(&input.shape, &reduced) {
        0 => 0,
        bytes => call.scratch(bytes),
    };
    let places = [input.address, output.address, scratch];
    Some(kernels::reduce(kernels::Reduction::Sum, input.device_type()?, &input.shape, &reduced, places))
})
.register(register_rows)
.gradient(|g| vec![Some(shape::broadcast_to(g.dy(), shape::shape(g.input(0))))])
.samples(&[Sample { inputs: &[(&[2, 2, 3], -1.0, 1.0)], build: |x| bias_add_grad(x[0]) }]);

fn sum_rows_up(call: &Call) -> Result<()> {
    with_number!(call.output().dtype, T => {
        let (from, out) = (call.input(0).slice::<T>(), call.output().slice_mut::<T>());
        out.fill(T::from(0u8));
        for row in from.chunks_exact(out.len().max(1)) {
            out.iter_mut().zip(row).for_each(|(cell, x)| *cell = cell.plus(*x));
        }
        Ok(())
    })
}

/// The gradient of `BiasAdd` by its bias.
pub(crate) fn bias_add_grad(dy: Tensor) -> Tensor {
    let graph = dy.graph();
    build(graph, || {
        let mut attrs = typed("T", dy.dtype());
        attrs.insert("data_format", Attr::Str("NHWC".into()));
        Ok(Scope::open(graph, "BiasAddGrad").op(&BIAS_ADD_GRAD, &[dy], attrs)?.output(0))
    })
}

pub(crate) static MEAN: OpDef = OpDef::new("Mean", infer_numbers, Kernel::Call(run_mean))
    .prepare(|call| prepare(call, true))
    .cuda(|call| on_device(call, kernels::Reduction::Mean))
    .gradient(|g| vec![Some(gradient::of_mean(g)), None])
    .samples(&[
        Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| reduce_mean(x[0]).tensor() },
        Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| reduce_mean(x[0]).axis(0).tensor() },
    ]);

/// The gradient of an extreme: `dy`, shared among the elements that reach it.
fn extreme_gradient(g: &crate::graph::Gradient) -> Vec<Option<Tensor>> {
    let (x, axes) = (g.input(0), g.input(1));
    let sizes = shape::shape(x);
    let (y, dy, kept) = match g.node().bool("keep_dims") {
        true => (g.output(), g.dy(), gradient::Sizes::of(g.output())),
        false => {
            let kept = gradient::Sizes::reduced(sizes, axes);
            let back = |t: Tensor| kept.lay_out(t);
            (back(g.output()), back(g.dy()), kept)
        }
    };
    let chosen = cast(equal(y, x), dy.dtype());
    let ties = kept.lay_out(sum_over(chosen, axes, false));
    vec![Some(chosen / ties * dy), None]
}

pub(crate) static MAX: OpDef = OpDef::new(
    "Max",
    infer_numbers,
    Kernel::Call(|call| {
        match call.output().dtype {
            DType::Float32 => {
                fold::<f32, f32>(call, f32::NEG_INFINITY, |a, x| if x > a || x.is_nan() { x } else { a }, |a, _| a)
            }
            DType::Float64 => {
                fold::<f64, f64>(call, f64::NEG_INFINITY, |a, x| if x > a || x.is_nan() { x } else { a }, |a, _| a)
            }
            DType::Int32 => fold::<i32, i32>(call, i32::MIN, Ord::max, |a, _| a),
            DType::Int64 => fold::<i64, i64>(call, i64::MIN, Ord::max, |a, _| a),
            _ => fold::<u8, u8>(call, 0, Ord::max, |a, _| a),
        }
        Ok(())
    }),
)
.cuda(|call| on_device(call, kernels::Reduction::Max))
.gradient(extreme_gradient)
.samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| reduce_max(x[0]).axis(1).tensor() }]);

pub(crate) static MIN: OpDef = OpDef::new(
    "Min",
    infer_numbers,
    Kernel::Call(|call| {
        match call.output().dtype {
            DType::Float32 => {
                fold::<f32, f32>(call, f32::INFINITY, |a, x| if x < a || x.is_nan() { x } else { a }, |a, _| a)
            }
            DType::Float64 => {
                fold::<f64, f64>(call, f64::INFINITY, |a, x| if x < a || x.is_nan() { x } else { a }, |a, _| a)
            }
            DType::Int32 => fold::<i32, i32>(call, i32::MAX, Ord::min, |a, _| a),
            DType::Int64 => fold::<i64, i64>(call, i64::MAX, Ord::min, |a, _| a),
            _ => fold::<u8, u8>(call, u8::MAX, Ord::min, |a, _| a),
        }
        Ok(())
    }),
)
.cuda(|call| on_device(call, kernels::Reduction::Min))
.gradient(extreme_gradient)
.samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| reduce_min(x[0]).tensor() }]);

pub(crate) static PROD: OpDef = OpDef::new(
    "Prod",
    infer_numbers,
    Kernel::Call(|call| {
        with_number!(call.output().dtype, T => {
            fold::<T, T>(call, T::from(1u8), |a, x| a.times(x), |a, _| a);
            Ok(())
        })
    }),
)
.cuda(|call| on_device(call, kernels::Reduction::Prod))
.gradient(|g| {
    let (x, keep) = (g.input(0), g.node().bool("keep_dims"));
    let total = multiply(spread(g.dy(), x, g.input(1), keep), spread(g.output(), x, g.input(1), keep));
    vec![Some(divide_by(total, x)), None]
})
.samples(&[Sample { inputs: &[(&[2, 3], 0.5, 1.5)], build: |x| reduce_prod(x[0]).axis(0).tensor() }]);

fn infer_logic(infer: &Infer) -> Result<Vec<Signature>> {
    infer.allow(0, "input", Types::Bool)?;
    infer_reduction(infer)
}

pub(crate) static ALL: OpDef = OpDef::new(
    "All",
    infer_logic,
    Kernel::Call(|call| {
        fold::<bool, bool>(call, true, |a, x| a & x, |a, _| a);
        Ok(())
    }),
)
.cuda(|call| on_device(call, kernels::Reduction::All));

pub(crate) static ANY: OpDef = OpDef::new(
    "Any",
    infer_logic,
    Kernel::Call(|call| {
        fold::<bool, bool>(call, false, |a, x| a | x, |a, _| a);
        Ok(())
    }),
)
.cuda(|call| on_device(call, kernels::Reduction::Any));

/// Axes given to a reduction: `1` or `[0, 1]`.
#[derive(Clone, Copy)]
pub struct Axes {
    axes: [i32; 8],
    count: usize,
    single: bool,
}

impl Axes {
    /// The axes, one by one.
    pub(crate) fn list(&self) -> &[i32] {
        &self.axes[..self.count]
    }
}

impl From<i32> for Axes {
    fn from(axis: i32) -> Axes {
        Axes { axes: [axis; 8], count: 1, single: true }
    }
}

impl<const N: usize> From<[i32; N]> for Axes {
    fn from(list: [i32; N]) -> Axes {
        let mut axes = [0; 8];
        axes[..N].copy_from_slice(&list);
        Axes { axes, count: N, single: false }
    }
}

/// The arguments of the reductions.
#[derive(Clone, Copy)]
pub struct Reduction {
    def: &'static OpDef,
    x: Tensor,
    axes: Option<Axes>,
    keep: bool,
}

impl Rebuild for Reduction {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        new_reduction(self.def, self.def.name, &Operand::Tensor(self.x), self.axes, self.keep)
    }

    fn operands(&self) -> Vec<Tensor> {
        vec![self.x]
    }

    #[track_caller]
    fn rebuild_from(self, operands: &[Operand]) -> Tensor {
        new_reduction(self.def, self.def.name, &operands[0], self.axes, self.keep)
    }
}

/// A sum, mean or the like with all its arguments at once, for functions that are made of other ops.
#[track_caller]
pub(crate) fn reduced(def: &'static OpDef, name: &str, x: Tensor, axes: Option<Axes>, keep: bool) -> Tensor {
    new_reduction(def, name, &Operand::Tensor(x), axes, keep)
}

#[track_caller]
fn new_reduction(def: &'static OpDef, name: &str, x: &Operand, axes: Option<Axes>, keep: bool) -> Tensor {
    let graph = graph_of(&[x]);
    build(graph, || {
        let range = |n: usize| Array::new((0..n as i32).collect(), &[n]);
        let known = match (x, axes) {
            (_, Some(_)) => None,
            (Operand::Tensor(t), None) => t.shape().rank(),
            (Operand::Literal(a, _), None) => Some(a.ndim()),
        };
        let everything = match known {
            Some(rank) if matches!(x, Operand::Tensor(_)) => Some(array::new_constant(graph, "Const", range(rank))?),
            _ => None,
        };
        let (scope, of_all) = (Scope::open(graph, name), axes.is_none());
        if matches!(def.name, "All" | "Any") {
            super::fits_type(def, "input", x, DType::Bool)?;
        }
        let x = x.tensor(&scope, if axes.is_some() { "input" } else { "input_tensor" }, None)?;
        let axes = match (everything, axes, known) {
            (Some(tensor), ..) => tensor,
            (None, Some(a), _) if a.single => scope.constant("reduction_indices", Array::scalar(a.axes[0]))?,
            (None, Some(a), _) => {
                scope.constant("reduction_indices", Array::new(a.axes[..a.count].to_vec(), &[a.count]))?
            }
            (None, None, Some(rank)) => scope.constant("Const", range(rank))?,
            (None, None, None) => {
                let rank = scope.child(&shape::RANK, "Rank", &[x], typed("T", x.dtype()))?.output(0);
                let (zero, one) = (
                    scope.constant("range/start", Array::scalar(0i32))?,
                    scope.constant("range/delta", Array::scalar(1i32))?,
                );
                scope.child(&array::RANGE, "range", &[zero, rank, one], typed("Tidx", DType::Int32))?.output(0)
            }
        };
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Tidx", Attr::Type(DType::Int32));
        attrs.insert("keep_dims", Attr::Bool(keep));
        let reduced = scope.op(def, &[x, axes], attrs)?.output(0);
        if known.is_none() && everything.is_none() && of_all && !keep {
            graph.set_shape(reduced, Shape::scalar());
        }
        Ok(reduced)
    })
}

/// A sum along the axes a tensor holds.
pub(crate) fn sum_over(x: Tensor, axes: Tensor, keep: bool) -> Tensor {
    let graph = x.graph();
    build(graph, || {
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Tidx", Attr::Type(DType::Int32));
        attrs.insert("keep_dims", Attr::Bool(keep));
        Ok(Scope::open(graph, "Sum").op(&SUM, &[x, axes], attrs)?.output(0))
    })
}

/// The sum along known axes, which stay with size 1.
pub(crate) fn sum_along(x: Tensor, axes: &[i32]) -> Tensor {
    sum_listed(x, Array::new(axes.to_vec(), &[axes.len()]))
}

fn sum_listed(x: Tensor, axes: Array) -> Tensor {
    let graph = x.graph();
    build(graph, || {
        let scope = Scope::open(graph, "Sum");
        let axes = scope.constant("reduction_indices", axes)?;
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Tidx", Attr::Type(DType::Int32));
        attrs.insert("keep_dims", Attr::Bool(true));
        Ok(scope.op(&SUM, &[x, axes], attrs)?.output(0))
    })
}

/// The sum along the last axis, which stays with size 1.
pub(crate) fn sum_rows(x: Tensor) -> Tensor {
    sum_listed(x, Array::scalar(-1i32))
}

impl Built<Reduction> {
    /// The axis or axes to reduce, `axis=`; all of them without it.
    #[track_caller]
    pub fn axis(self, axes: impl Into<Axes>) -> Built<Reduction> {
        self.with(|a| a.axes = Some(axes.into()))
    }

    /// TensorFlow 1's older name of [`axis`](Self::axis).
    #[track_caller]
    pub fn reduction_indices(self, axes: impl Into<Axes>) -> Built<Reduction> {
        self.axis(axes)
    }

    /// Whether the reduced axes stay, with size 1: `keepdims=`.
    #[track_caller]
    pub fn keepdims(self, keep: bool) -> Built<Reduction> {
        self.with(|a| a.keep = keep)
    }
}

macro_rules! reductions {
    ($($(#[$doc:meta])* $f:ident => $def:ident;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $f(x: impl IntoTensor) -> Built<Reduction> {
            let tensor = new_reduction(&$def, $def.name, &x.into_operand(), None, false);
            Built { arguments: Reduction { def: &$def, x: tensor.op().inputs()[0], axes: None, keep: false }, tensor }
        }
    )* };
}

reductions! {
    /// The sum, of all elements or along `.axis(...)`: `tf.reduce_sum`.
    reduce_sum => SUM;
    /// The mean, of all elements or along `.axis(...)`: `tf.reduce_mean`. Of integers it is an integer.
    reduce_mean => MEAN;
    /// The greatest element: `tf.reduce_max`.
    reduce_max => MAX;
    /// The least element: `tf.reduce_min`.
    reduce_min => MIN;
    /// The product: `tf.reduce_prod`.
    reduce_prod => PROD;
    /// Whether all are true: `tf.reduce_all`.
    reduce_all => ALL;
    /// Whether any is true: `tf.reduce_any`.
    reduce_any => ANY;
}

fn infer_arg(infer: &Infer) -> Result<Vec<Signature>> {
    if infer.dtype(0) != DType::Bool {
        infer.allow(0, "input", Types::Numbers)?;
    }
    let Some(dims) = infer.shape(0).dims() else { return Ok(vec![(DType::Int64, Shape::unknown())]) };
    let Some(wanted) = infer.ints(1) else { return Ok(vec![(DType::Int64, Shape::unknown())]) };
    let Some(axis) = axis_of(wanted[0], dims.len()) else {
        let (low, n) = (-(dims.len() as i64), dims.len());
        if n == 0 && !infer.running {
            return Ok(vec![(DType::Int64, Shape::scalar())]);
        }
        return infer.fail(
            format!(
                "Dimension ({}) must be in the range [{low}, {n}), where {n} is the number of dimensions in the input.",
                wanted[0]
            ),
            format!("Expected dimension in the range [{low}, {n}), but got {}", wanted[0]),
        );
    };
    if infer.running && dims[axis] == Some(0) {
        let shape = infer.shape(0).to_proto();
        return Err(Error::InvalidArgument(format!("Reduction axis {axis} is empty in shape {shape}")));
    }
    let mut dims = dims.to_vec();
    dims.remove(axis);
    Ok(vec![(DType::Int64, Shape::from(dims))])
}

fn arg_extreme(call: &Call, greater: bool) -> Result<()> {
    let input: &View = call.input(0);
    let axis = axis_of(call.input(1).ints()[0], input.shape.len()).unwrap_or(0);
    let (before, n, after) = around(&input.shape, axis);
    let out = call.output().slice_mut::<i64>();
    let truths = (input.dtype == DType::Bool).then(|| super::cast_array(&input.to_array(), DType::UInt8));
    let truths = truths.as_ref().map(View::of);
    let input = truths.as_ref().unwrap_or(input);
    with_number!(input.dtype, T => {
        let from = input.slice::<T>();
        for b in 0..before {
            for a in 0..after {
                let at = |i: usize| from[(b * n + i) * after + a];
                let better = |x: T, y: T| if greater { x > y } else { x < y };
                // What is no number is passed over.
                let best = (0..n).fold(None, |best, i| match best {
                    None => at(i).partial_cmp(&at(i)).map(|_| i),
                    Some(known) => Some(if better(at(i), at(known)) { i } else { known }),
                });
                out[b * after + a] = best.unwrap_or(0) as i64;
            }
        }
        Ok(())
    })
}

/// The places of extremes on the device.
fn places_on_device(call: &DeviceCall, greatest: bool) -> Option<Vec<Work>> {
    let (input, output) = (call.input(0), call.output());
    let axis = axis_of(*call.ints(1)?.first()?, input.shape.len())?;
    let (before, n, after) = around(&input.shape, axis);
    Some(kernels::arg_extreme(greatest, input.device_type()?, [before, n, after], input.address, output.address))
}

pub(crate) static ARG_MAX: OpDef = OpDef::new("ArgMax", infer_arg, Kernel::Call(|call| arg_extreme(call, true)))
    .cuda(|call| places_on_device(call, true));
pub(crate) static ARG_MIN: OpDef = OpDef::new("ArgMin", infer_arg, Kernel::Call(|call| arg_extreme(call, false)))
    .cuda(|call| places_on_device(call, false));

#[track_caller]
fn new_arg(def: &'static OpDef, x: &Operand, axis: i32) -> Tensor {
    let graph = graph_of(&[x]);
    build(graph, || {
        let scope = Scope::open(graph, def.name);
        let x = x.tensor(&scope, "input", None)?;
        let axis = scope.constant("dimension", Array::scalar(axis))?;
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Tidx", Attr::Type(DType::Int32));
        attrs.insert("output_type", Attr::Type(DType::Int64));
        Ok(scope.op(def, &[x, axis], attrs)?.output(0))
    })
}

/// The place of the greatest element along `axis`, as `int64`: `tf.argmax`.
#[track_caller]
pub fn argmax(x: impl IntoTensor, axis: i32) -> Tensor {
    new_arg(&ARG_MAX, &x.into_operand(), axis)
}

/// The place of the least element along `axis`, as `int64`: `tf.argmin`.
#[track_caller]
pub fn argmin(x: impl IntoTensor, axis: i32) -> Tensor {
    new_arg(&ARG_MIN, &x.into_operand(), axis)
}
