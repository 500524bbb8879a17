//! Running sums and products along an axis.

use flowbook_cuda::{Work, kernels};

use super::infer_same;
use crate::Array;
use crate::error::{Error, Result};
use crate::graph::{Attr, Built, Gradient, IntoTensor, Operand, Optional, Options, Scope, Tensor, build, setters};
use crate::ops::array::{convert_to_tensor, zeros_of};
use crate::ops::device::DeviceCall;
use crate::ops::elementwise::{divide_by, equal, select_v2};
use crate::ops::math::Arithmetic;
use crate::ops::shape::{around, axis_of};
use crate::ops::view::with_number;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, typed};

fn infer(infer: &Infer) -> Result<Vec<Signature>> {
    infer.allow(0, "x", Types::Numbers)?;
    if let (Some(axis), Some(rank)) = (infer.scalar(1, "axis")?, infer.shape(0).rank())
        && axis_of(axis, rank).is_none()
        && infer.running
    {
        let low = -(rank as i64);
        let text = format!("ScanOp: Expected scan axis in the range [{low}, {rank}), but got {axis}");
        return Err(Error::InvalidArgument(text));
    }
    infer_same(infer)
}

/// Runs along the axis with `step`, which takes what has come together and the next element.
fn scan<T: Copy>(call: &Call, from: &[T], out: &mut [T], start: T, step: impl Fn(T, T) -> T) {
    let sizes = &call.input(0).shape;
    let axis = axis_of(call.input(1).ints()[0], sizes.len()).unwrap_or(0);
    let (_, n, after) = around(sizes, axis);
    let (backwards, exclusive) = (call.node.bool("reverse"), call.node.bool("exclusive"));
    let block = (n * after).max(1);
    for (from, out) in from.chunks(block).zip(out.chunks_mut(block)) {
        for lane in 0..after {
            let mut sum = start;
            for i in 0..n {
                let at = (if backwards { n - 1 - i } else { i }) * after + lane;
                let next = step(sum, from[at]);
                out[at] = if exclusive { sum } else { next };
                sum = next;
            }
        }
    }
}

fn scan_on_device(call: &DeviceCall, product: bool) -> Option<Vec<Work>> {
    let (input, output) = (call.input(0), call.output());
    let axis = axis_of(*call.ints(1)?.first()?, input.shape.len())?;
    let (before, n, after) = around(&input.shape, axis);
    let (backwards, exclusive) = (call.node.bool("reverse"), call.node.bool("exclusive"));
    let scan = kernels::Scan { product, backwards, exclusive };
    Some(kernels::scan(scan, input.device_type()?, [before, n, after], input.address, output.address))
}

pub(crate) static CUMSUM: OpDef = OpDef::new(
    "Cumsum",
    infer,
    Kernel::Call(|call| {
        with_number!(call.output().dtype, T => {
            let (from, out) = (call.input(0).slice::<T>(), call.output().slice_mut::<T>());
            scan(call, from, out, T::from(0u8), |sum, x| sum.plus(x));
            Ok(())
        })
    }),
)
.cuda(|call| scan_on_device(call, false))
.gradient(|g| {
    let (exclusive, reverse) = (g.node().bool("exclusive"), g.node().bool("reverse"));
    vec![Some(scanned(&CUMSUM, g.dy(), g.input(1), exclusive, !reverse)), None]
})
.samples(&[
    Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| cumsum(x[0], 1).tensor() },
    Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| scanned(&CUMSUM, x[0], convert_to_tensor(0), true, true) },
]);

pub(crate) static CUMPROD: OpDef = OpDef::new(
    "Cumprod",
    infer,
    Kernel::Call(|call| {
        with_number!(call.output().dtype, T => {
            let (from, out) = (call.input(0).slice::<T>(), call.output().slice_mut::<T>());
            scan(call, from, out, T::from(1u8), |product, x| product.times(x));
            Ok(())
        })
    }),
)
.cuda(|call| scan_on_device(call, true))
.gradient(cumprod_gradient)
.samples(&[
    Sample { inputs: &[(&[2, 3], 0.5, 1.5)], build: |x| scanned(&CUMPROD, x[0], convert_to_tensor(1), false, false) },
    Sample { inputs: &[(&[2, 3], 0.5, 1.5)], build: |x| scanned(&CUMPROD, x[0], convert_to_tensor(1), true, true) },
]);

/// As TensorFlow's it is 0 where an element is.
fn cumprod_gradient(g: &Gradient) -> Vec<Option<Tensor>> {
    let (x, axis) = (g.input(0), g.input(1));
    let (exclusive, reverse) = (g.node().bool("exclusive"), g.node().bool("reverse"));
    let product = scanned(&CUMPROD, x, axis, exclusive, reverse);
    let sum = scanned(&CUMSUM, product * g.dy(), axis, exclusive, !reverse);
    let zero = zeros_of(x);
    vec![Some(select_v2(equal(x, zero), zero, divide_by(sum, x))), None]
}

/// A running sum or product, without the element itself if `exclusive`, from the end if `reverse`.
#[track_caller]
pub(crate) fn scanned(def: &'static OpDef, x: Tensor, axis: Tensor, exclusive: bool, reverse: bool) -> Tensor {
    build(x.graph(), || scan_in(&Scope::open(x.graph(), def.name), def, x, axis, [exclusive, reverse]))
}

/// The running product along the first axis, of the elements before each, or of those after it if `reverse`.
#[track_caller]
pub(crate) fn product_of_others(x: Tensor, reverse: bool) -> Tensor {
    build(x.graph(), || {
        let scope = Scope::open(x.graph(), "Cumprod");
        let axis = scope.constant("axis", Array::scalar(0i32))?;
        scan_in(&scope, &CUMPROD, x, axis, [true, reverse])
    })
}

fn scan_in(
    scope: &Scope,
    def: &'static OpDef,
    x: Tensor,
    axis: Tensor,
    [exclusive, reverse]: [bool; 2],
) -> Result<Tensor> {
    let mut attrs = typed("T", x.dtype());
    attrs.insert("Tidx", Attr::Type(axis.dtype()));
    attrs.insert("exclusive", Attr::Bool(exclusive));
    attrs.insert("reverse", Attr::Bool(reverse));
    Ok(scope.op(def, &[x, axis], attrs)?.output(0))
}

/// The optional arguments of [`cumsum`].
#[derive(Clone, Copy)]
pub struct Scan {
    def: &'static OpDef,
    axis: i32,
    exclusive: bool,
    reverse: bool,
}

impl Options for Scan {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let x = convert_to_tensor(operands[0].clone());
        build(x.graph(), || {
            let scope = Scope::open(x.graph(), self.def.name);
            let axis = scope.constant("axis", Array::scalar(self.axis))?;
            scan_in(&scope, self.def, x, axis, [self.exclusive, self.reverse])
        })
    }
}

setters! { Scan {
    /// Whether each place has what comes before it only, `exclusive=`.
    exclusive(yes: bool) |options| options.exclusive = yes;
    /// Whether it runs from the end, `reverse=`.
    reverse(yes: bool) |options| options.reverse = yes;
} }

impl Scan {
    pub(crate) fn sums(axis: i32) -> Scan {
        Scan { def: &CUMSUM, axis, exclusive: false, reverse: false }
    }

    pub(crate) fn products(axis: i32) -> Scan {
        Scan { def: &CUMPROD, axis, exclusive: false, reverse: false }
    }
}

/// The running sums along `axis`, with `.exclusive(true)` and `.reverse(true)`: `tf.cumsum`.
#[track_caller]
pub fn cumsum(x: impl IntoTensor, axis: i32) -> Built<Optional<Scan>> {
    Built::call(&[x.into_operand()], Scan::sums(axis))
}

/// The running products along `axis`, with `.exclusive(true)` and `.reverse(true)`: `tf.math.cumprod`.
#[track_caller]
pub fn cumprod(x: impl IntoTensor, axis: i32) -> Built<Optional<Scan>> {
    Built::call(&[x.into_operand()], Scan::products(axis))
}
