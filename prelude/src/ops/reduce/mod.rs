//! Reductions along axes: sums, means, extremes. Their loops are in `loops`, the order of sums in `sums`, the functions that
//! build them in `build`, the places of extremes in `places`, products and their gradient in `product`, what
//! is made of several reductions in `statistics`.

mod build;
mod loops;
mod places;
mod product;
mod statistics;
mod sums;

use flowbook_cuda::{Work, kernels};

use crate::error::{Error, Result};
use crate::graph::{Attr, Scope, Tensor, build};
use crate::ops::device::DeviceCall;
use crate::ops::elementwise::{cast, equal};
use crate::ops::math::Arithmetic;
use crate::ops::shape::axis_of;
use crate::ops::view::with_number;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, gradient, shape, typed};
use crate::{DType, Shape};

pub use build::{
    Axes, Reduction, reduce_all, reduce_any, reduce_max, reduce_mean, reduce_min, reduce_prod, reduce_sum,
};
pub(crate) use build::{reduced, sum_along, sum_over, sum_rows};
use loops::{fold, prepare, register_rows, register_sum, run_mean, run_sum};
use places::{ARG_MAX, ARG_MIN};
pub use places::{Arg, argmax, argmin};
pub(crate) use product::PROD;
pub use statistics::{Statistics, reduce_logsumexp, reduce_std, reduce_variance};
pub(crate) use sums::{BLOCK, LEAF, Sums, leaf_of, total};

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
    Box::new(|call| {
        let sums = call.output().slice_mut();
        f32::columns(call.input(0).slice(), sums.len(), 0, sums);
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
