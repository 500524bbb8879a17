//! The softmax of rows and its logarithm.

use std::ops::Sub;

use flowbook_cuda::{Work, kernels};

use crate::DType;
use crate::error::{Error, Result};
use crate::graph::{Built, IntoTensor, Operand, Optional, Options, Tensor, build, setters};
use crate::ops::array::convert_to_tensor;
use crate::ops::device::DeviceCall;
use crate::ops::elementwise::exp;
use crate::ops::math::Real;
use crate::ops::reduce::{Sums, sum_rows};
use crate::ops::shape::{axis_of, with_last};
use crate::ops::simd::multiversioned;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, unary};

fn infer_rows(infer: &Infer) -> Result<Vec<Signature>> {
    infer.allow(0, "logits", Types::Floats)?;
    if infer.shape(0).rank() == Some(0) {
        let text = "Shape must be at least rank 1 but is rank 0";
        return infer.fail(text, text);
    }
    Ok(vec![infer.inputs[0].clone()])
}

macro_rules! exponentials {
    ($name:ident, $t:ty) => {
        multiversioned! {
            /// The exponentials of rows of `width` logits, each row less its greatest, by the formula for packets.
            pub(crate) fn $name(logits: &[$t], out: &mut [$t], width: usize) {
                for (row, out) in logits.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
                    let max = greatest(row);
                    row.iter().zip(out).for_each(|(x, o)| *o = x - max);
                }
                out.iter_mut().for_each(|o| *o = Real::exp(*o));
            }
        }
    };
}

exponentials!(exponentials_f32, f32);

exponentials!(exponentials_f64, f64);

/// The sum of a row's exponentials. Where they fill no packet of the row, it takes those by the other formula.
#[inline(always)]
pub(crate) fn sum_of_exponentials<T: Real + Sums + Sub<Output = T>>(exponentials: &[T], row: &[T], max: T) -> T {
    let whole = T::whole(row.len());
    let tail = row[whole..].iter().fold(T::ZERO, |sum, x| sum + (*x - max).exp_alone());
    tail + T::sum(&exponentials[..whole])
}

/// The logarithm of number `i` of `count`.
#[inline(always)]
pub(crate) fn logarithm<T: Real + Sums>(x: T, i: usize, count: usize) -> T {
    if i < T::whole(count) { x.ln() } else { x.ln_alone() }
}

/// The greatest of a row.
#[inline(always)]
pub(crate) fn greatest<T: Copy + PartialOrd>(row: &[T]) -> T {
    row.iter().copied().reduce(|a, b| if b > a { b } else { a }).expect("a row of logits has some")
}

pub(crate) static SOFTMAX: OpDef = OpDef::new("Softmax", infer_rows, Kernel::Call(run_softmax))
    .cuda(|call| rows_on_device(call, kernels::softmax))
    .gradient(|g| {
        let (y, dy) = (g.output(), g.dy());
        vec![Some((dy - sum_rows(dy * y)) * y)]
    })
    .samples(&[Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| softmax(x[0]).tensor() }]);

/// A function of rows on the device.
fn rows_on_device(
    call: &DeviceCall,
    kernel: fn(flowbook_cuda::DType, [usize; 2], u64, u64) -> Vec<Work>,
) -> Option<Vec<Work>> {
    let (input, output) = (call.input(0), call.output());
    let width = input.shape.last().copied().unwrap_or(1);
    let rows = input.len() / width.max(1);
    Some(kernel(input.device_type()?, [rows, width], input.address, output.address))
}

fn run_softmax(call: &Call) -> Result<()> {
    let width = call.input(0).shape.last().copied().unwrap_or(1).max(1);
    if call.output().dtype == DType::Float32 {
        softmax_f32(call.input(0).slice(), call.output().slice_mut(), width);
        return Ok(());
    }
    let (logits, out) = (call.input(0).slice::<f64>(), call.output().slice_mut::<f64>());
    exponentials_f64(logits, out, width);
    for at in f64::whole(out.len())..out.len() {
        let row = &logits[at / width * width..][..width];
        out[at] = (logits[at] - greatest(row)).exp_alone();
    }
    for row in out.chunks_exact_mut(width) {
        let share = 1.0 / f64::sum(row);
        row.iter_mut().for_each(|x| *x *= share);
    }
    Ok(())
}

multiversioned! {
    /// The softmax of rows as TensorFlow's `float32` one computes it, to the last bit for rows of up to 32.
    fn softmax_f32(logits: &[f32], out: &mut [f32], width: usize) {
        for (row, out) in logits.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
            let max = row.iter().fold(f32::MIN, |max, x| if *x > max { *x } else { max });
            row.iter().zip(out).for_each(|(x, o)| *o = x - max);
        }
        out.iter_mut().for_each(|o| *o = exp_of_difference(*o));
        for row in out.chunks_exact_mut(width) {
            let share = 1.0 / lane_sum(row);
            row.iter_mut().for_each(|o| *o *= share);
        }
    }
}

/// The exponential of a difference from the greatest, with oneDNN's polynomial. What is no number gives infinity.
#[inline(always)]
fn exp_of_difference(x: f32) -> f32 {
    const GREATEST: f32 = 88.722_84;
    const LEAST: f32 = -87.336_55;
    let bounded = if x < GREATEST { x } else { GREATEST };
    let n = bounded.mul_add(std::f32::consts::LOG2_E, 0.5).floor();
    let r = n.mul_add(-std::f32::consts::LN_2, bounded);
    let p = 8.289_291e-3_f32;
    let p = p.mul_add(r, 4.189_782_2e-2);
    let p = p.mul_add(r, 0.166_676_52);
    let p = p.mul_add(r, 0.499_991_5);
    let p = p.mul_add(r, 0.999_999_7);
    let p = p.mul_add(r, 1.0);
    // Half the power, so that 2^128 is within reach.
    let half = f32::from_bits((((n as i32) + 126) << 23) as u32);
    if bounded < LEAST { 0.0 } else { p * half * 2.0 }
}

/// The sum of a row in sixteen lanes, of which each half is added to the other until one is left.
#[inline(always)]
fn lane_sum(row: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 16];
    for part in row.chunks(16) {
        lanes.iter_mut().zip(part).for_each(|(lane, x)| *lane += x);
    }
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
    }
    lanes[0]
}

fn run_log_softmax(call: &Call) -> Result<()> {
    let width = call.input(0).shape.last().copied().unwrap_or(1).max(1);
    macro_rules! with {
        ($t:ty, $exponentials:ident) => {{
            let (logits, out) = (call.input(0).slice::<$t>(), call.output().slice_mut::<$t>());
            $exponentials(logits, out, width);
            let count = logits.len() / width;
            for (i, (row, out)) in logits.chunks_exact(width).zip(out.chunks_exact_mut(width)).enumerate() {
                let max = greatest(row);
                let log = logarithm(sum_of_exponentials(out, row, max), i, count);
                row.iter().zip(out).for_each(|(x, o)| *o = *x - max - log);
            }
        }};
    }
    match call.output().dtype {
        DType::Float64 => with!(f64, exponentials_f64),
        _ => with!(f32, exponentials_f32),
    }
    Ok(())
}

pub(crate) static LOG_SOFTMAX: OpDef = OpDef::new("LogSoftmax", infer_rows, Kernel::Call(run_log_softmax))
    .cuda(|call| rows_on_device(call, kernels::log_softmax))
    .gradient(|g| {
        let softmax = exp(g.output());
        vec![Some(g.dy() - sum_rows(g.dy()) * softmax)]
    })
    .samples(&[Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| log_softmax(x[0]).tensor() }]);

/// The optional arguments of [`softmax`] and [`log_softmax`].
#[derive(Clone, Copy)]
pub struct Rows {
    def: &'static OpDef,
    axis: i32,
}

impl Rows {
    pub(crate) const SOFTMAX: Rows = Rows { def: &SOFTMAX, axis: -1 };
    pub(crate) const LOG_SOFTMAX: Rows = Rows { def: &LOG_SOFTMAX, axis: -1 };
}

impl Options for Rows {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        if self.axis == -1 {
            return unary(self.def, self.def.name, "logits", operands[0].clone());
        }
        let x = convert_to_tensor(operands[0].clone());
        let Some(rank) = x.shape().rank() else {
            Error::Unimplemented("a softmax along an axis needs to know how many there are".into()).raise()
        };
        let Some(axis) = axis_of(i64::from(self.axis), rank) else {
            let text = format!(
                "`dim` must be in the range [{}, {rank}) where {rank} is the number of dimensions in the input. \
                 Received: dim={}",
                -(rank as i64),
                self.axis
            );
            Error::InvalidArgument(text).raise()
        };
        let graph = x.graph();
        build(graph, || {
            let rows = with_last(x, axis, rank).into_operand();
            Ok(with_last(unary(self.def, self.def.name, "logits", rows), axis, rank))
        })
    }
}

setters! { Rows {
    /// The axis along which the exponentials sum to 1, `axis=`: the last unless given.
    axis(axis: i32) |options| options.axis = axis;
} }

/// Exponentials that sum to 1 along the last axis, or that of `.axis(...)`: `tf.nn.softmax`.
#[track_caller]
pub fn softmax(logits: impl IntoTensor) -> Built<Optional<Rows>> {
    Built::call(&[logits.into_operand()], Rows::SOFTMAX)
}

/// The logarithm of the softmax along the last axis, or that of `.axis(...)`: `tf.nn.log_softmax`.
#[track_caller]
pub fn log_softmax(logits: impl IntoTensor) -> Built<Optional<Rows>> {
    Built::call(&[logits.into_operand()], Rows::LOG_SOFTMAX)
}
