//! What is put around tensors: one value, or their own elements seen in a mirror.

use flowbook_cuda::{Work, kernels};

use super::super::device::{DeviceCall, Place};
use super::super::view::{with_any, with_number};
use super::super::{Call, Infer, Kernel, OpDef, Sample, Signature, cast_array, size_of_dtype, typed};
use super::cut::column_sizes;
use super::layout::strides;
use super::{integer_argument, rank, reshape, shape, slice};
use crate::error::{Error, Result};
use crate::graph::{
    Attr, Built, Gradient, IntoTensor, Operand, Optional, Options, Scope, Tensor, build, graph_of, setters,
};
use crate::ops::math::Arithmetic;
use crate::{Array, DType, Shape};

fn infer_pad(infer: &Infer) -> Result<Vec<Signature>> {
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
}

/// The sizes before each axis.
fn before(call: &Call) -> Vec<usize> {
    call.input(1).ints().chunks(2).map(|pair| pair[0] as usize).collect()
}

/// Copies the input into the output, which is filled already.
fn run_pad(call: &Call) -> Result<()> {
    let (from, to) = (call.input(0), call.output());
    let (own, wide, before) = (strides(&from.shape), strides(&to.shape), before(call));
    with_any!(to.dtype, T => {
        let out = to.slice_mut::<T>();
        out.fill(call.inputs.get(2).map_or_else(T::default, |value| value.slice::<T>()[0].clone()));
        for (i, value) in from.slice::<T>().iter().enumerate() {
            let at: usize = (0..own.len()).map(|k| (i / own[k] % from.shape[k] + before[k]) * wide[k]).sum();
            out[at] = value.clone();
        }
        Ok(())
    })
}

/// The place of an element of the output, from where its neighbours lie as they do there.
fn place_in(to: &Place, at: &[usize]) -> kernels::Strided {
    let mut place = kernels::Strided::whole(to.address, &to.shape);
    let start: usize = at.iter().zip(&place.strides).map(|(at, stride)| at * *stride as usize).sum();
    place.address += (start * size_of_dtype(to.dtype)) as u64;
    place
}

/// Copies the input to the middle of the output.
fn middle_on_device(call: &DeviceCall) -> Option<Vec<Work>> {
    let (from, to) = (call.input(0), call.output());
    let before: Vec<usize> = call.ints(1)?.chunks(2).map(|pair| pair[0] as usize).collect();
    let whole = kernels::Strided::whole(from.address, &from.shape);
    Some(kernels::strided_copy(size_of_dtype(to.dtype), &from.shape, &whole, &place_in(to, &before)))
}

fn pad_on_device(call: &DeviceCall) -> Option<Vec<Work>> {
    let to = call.output();
    let mut works = match call.inputs.get(2) {
        Some(value) => {
            let one = kernels::Strided { address: value.address, strides: vec![0] };
            let all = kernels::Strided::whole(to.address, &[to.len()]);
            kernels::strided_copy(size_of_dtype(to.dtype), &[to.len()], &one, &all)
        }
        None => kernels::fill(to.device_type()?, 0.0, to.address, to.len()),
    };
    works.extend(middle_on_device(call)?);
    Some(works)
}

/// Mirrors axis after axis: what has been written already is seen in the mirrors at both ends of the next axis.
fn mirror_on_device(call: &DeviceCall) -> Option<Vec<Work>> {
    let (own, to) = (&call.input(0).shape, call.output());
    let pads: Vec<usize> = call.ints(1)?.iter().map(|p| *p as usize).collect();
    let edge = usize::from(call.node.text("mode") == "SYMMETRIC");
    let (mut corner, mut sizes): (Vec<usize>, _) = (pads.iter().step_by(2).copied().collect(), own.to_vec());
    let mut works = middle_on_device(call)?;
    for axis in 0..own.len() {
        let (before, after) = (pads[2 * axis], pads[2 * axis + 1]);
        let end = before + own[axis];
        for (strip, first, count) in
            [(0, (2 * before).saturating_sub(edge), before), (end, (end + edge).saturating_sub(2), after)]
        {
            let (mut from, mut at) = (corner.clone(), corner.clone());
            (from[axis], at[axis], sizes[axis]) = (first, strip, count);
            if sizes.contains(&0) {
                continue;
            }
            let mut seen = place_in(to, &from);
            seen.strides[axis] *= -1;
            works.extend(kernels::strided_copy(size_of_dtype(to.dtype), &sizes, &seen, &place_in(to, &at)));
        }
        (corner[axis], sizes[axis]) = (0, to.shape[axis]);
    }
    Some(works)
}

/// The middle of the gradient, where the input went.
fn inner(g: &Gradient) -> Option<Tensor> {
    let before = reshape(slice(g.input(1), [0, 0], column_sizes(rank(g.input(0)))), [-1]);
    Some(slice(g.dy(), before, shape(g.input(0))))
}

pub(crate) static PAD: OpDef = OpDef::new("Pad", infer_pad, Kernel::Call(run_pad))
    .cuda(pad_on_device)
    .gradient(|g| vec![inner(g), None])
    .samples(&[Sample { inputs: &[(&[2, 2], -1.0, 1.0)], build: |x| pad(x[0], [[1, 0], [0, 2]]).tensor() }]);

pub(crate) static PAD_V2: OpDef = OpDef::new("PadV2", infer_pad, Kernel::Call(run_pad))
    .cuda(pad_on_device)
    .gradient(|g| vec![inner(g), None, None])
    .samples(&[Sample {
        inputs: &[(&[2, 2], -1.0, 1.0)],
        build: |x| pad(x[0], [[1, 0], [0, 2]]).constant_values(7).tensor(),
    }]);

/// Where each element of the padded tensor comes from.
fn mirrored<'a>(call: &'a Call, own: &'a [usize], wide: &'a [usize]) -> impl Fn(usize) -> usize + 'a {
    let (before, steps, places) = (before(call), strides(own), strides(wide));
    let edge = isize::from(call.node.text("mode") == "SYMMETRIC");
    move |i| {
        let along = |k: usize| {
            let (at, n) = ((i / places[k] % wide[k]) as isize - before[k] as isize, own[k] as isize);
            let at = if at < 0 { -at - edge } else { at };
            let at = if at >= n { 2 * (n - 1) - at + edge } else { at };
            at as usize * steps[k]
        };
        (0..own.len()).map(along).sum()
    }
}

/// No mirror shows more than there is.
fn check_mirror(infer: &Infer) -> Result<Vec<Signature>> {
    let padded = infer_pad(infer)?;
    let (Some(dims), Some(pads), true) = (infer.shape(0).dims(), infer.ints(1), infer.running) else {
        return Ok(padded);
    };
    let symmetric = infer.node.text("mode") == "SYMMETRIC";
    for (size, pair) in dims.iter().zip(pads.chunks(2)) {
        let size = size.unwrap_or(0) as i64;
        let most = if symmetric { size } else { size - 1 };
        if pair.iter().any(|p| *p > most) {
            let (rule, word) =
                if symmetric { ("no greater than", "greater than") } else { ("less than", "not less than") };
            return Err(Error::InvalidArgument(format!(
                "paddings must be {rule} the dimension size: {}, {} {word} {size}",
                pair[0], pair[1]
            )));
        }
    }
    Ok(padded)
}

pub(crate) static MIRROR_PAD: OpDef = OpDef::new(
    "MirrorPad",
    check_mirror,
    Kernel::Call(|call| {
        let place = mirrored(call, &call.input(0).shape, &call.output().shape);
        with_any!(call.output().dtype, T => {
            let from = call.input(0).slice::<T>();
            call.output().slice_mut::<T>().iter_mut().enumerate().for_each(|(i, out)| *out = from[place(i)].clone());
            Ok(())
        })
    }),
)
.cuda(mirror_on_device)
.gradient(|g| {
    let (dy, pads) = (g.dy(), g.input(1));
    let shape = g.input(0).shape();
    let dx = build(dy.graph(), || {
        let scope = Scope::open(dy.graph(), "MirrorPadGrad");
        Ok(scope.op(&MIRROR_PAD_GRAD, &[dy, pads], g.node().attrs.clone())?.output(0))
    });
    dx.graph().set_shape(dx, shape);
    vec![Some(dx), None]
})
.samples(&[
    Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| pad(x[0], [[1, 0], [2, 1]]).mode("REFLECT").tensor() },
    Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| pad(x[0], [[1, 2], [0, 3]]).mode("SYMMETRIC").tensor() },
]);

pub(crate) static MIRROR_PAD_GRAD: OpDef = OpDef::new(
    "MirrorPadGrad",
    |infer| {
        let (Some(dims), Some(pads)) = (infer.shape(0).dims(), infer.ints(1)) else {
            let rank = infer.shape(0).rank();
            return Ok(vec![(infer.dtype(0), rank.map_or_else(Shape::unknown, |n| Shape::from(vec![None; n])))]);
        };
        let less = |d: usize, pair: &[i64]| d.saturating_sub((pair[0] + pair[1]) as usize);
        let sizes = dims.iter().zip(pads.chunks(2)).map(|(d, pair)| d.map(|d| less(d, pair)));
        Ok(vec![(infer.dtype(0), Shape::from(sizes.collect::<Vec<_>>()))])
    },
    Kernel::Call(|call| {
        let place = mirrored(call, &call.output().shape, &call.input(0).shape);
        with_number!(call.output().dtype, T => {
            let out = call.output().slice_mut::<T>();
            out.fill(T::from(0u8));
            for (i, dy) in call.input(0).slice::<T>().iter().enumerate() {
                let at = place(i);
                out[at] = out[at].plus(*dy);
            }
            Ok(())
        })
    }),
);

/// What stands around a padded tensor.
#[derive(Clone, Copy)]
enum Mode {
    Constant,
    Mirror(&'static str),
}

/// The optional arguments of [`pad`].
#[derive(Clone, Copy)]
pub struct Pad {
    mode: Mode,
    value: f64,
}

impl Pad {
    pub(crate) const ZEROS: Pad = Pad { mode: Mode::Constant, value: 0.0 };

    fn set_mode(&mut self, mode: &str) {
        self.mode = match mode.to_uppercase().as_str() {
            "CONSTANT" => Mode::Constant,
            "REFLECT" => Mode::Mirror("REFLECT"),
            "SYMMETRIC" => Mode::Mirror("SYMMETRIC"),
            other => Error::Value(format!(
                "Value of argument `mode` expected to be one of \"CONSTANT\", \"REFLECT\", or \"SYMMETRIC\". Received \
                 `mode` = {other}"
            ))
            .raise(),
        };
    }
}

impl Options for Pad {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let graph = graph_of(&[&operands[0], &operands[1]]);
        let (def, name) = match self.mode {
            Mode::Mirror(_) => (&MIRROR_PAD, "MirrorPad"),
            Mode::Constant if self.value != 0.0 => (&PAD_V2, "PadV2"),
            Mode::Constant => (&PAD, "Pad"),
        };
        build(graph, || {
            let scope = Scope::open(graph, name);
            let x = operands[0].tensor(&scope, "input", None)?;
            let paddings = integer_argument(&operands[1]).tensor(&scope, "paddings", None)?;
            let mut attrs = typed("T", x.dtype());
            attrs.insert("Tpaddings", Attr::Type(paddings.dtype()));
            let mut inputs = vec![x, paddings];
            match self.mode {
                Mode::Mirror(mode) => {
                    attrs.insert("mode", Attr::Str(mode.to_owned()));
                }
                Mode::Constant if self.value != 0.0 => {
                    let value = cast_array(&Array::scalar(self.value), x.dtype());
                    inputs.push(scope.constant("constant_values", value)?);
                }
                Mode::Constant => {}
            }
            Ok(scope.op(def, &inputs, attrs)?.output(0))
        })
    }
}

setters! { Pad {
    /// What stands around, `mode=`: `"CONSTANT"` values, a `"REFLECT"`ion without the edge or a `"SYMMETRIC"` one with it.
    mode(mode: &str) |options| options.set_mode(mode);
    /// The value around, `constant_values=`: 0 unless given.
    constant_values(value: impl Into<f64>) |options| options.value = value.into();
} }

/// The tensor with zeros around it, `[before, after]` for each axis, or what `.mode(...)` and `.constant_values(...)` say:
/// `tf.pad`.
#[track_caller]
pub fn pad(x: impl IntoTensor, paddings: impl IntoTensor) -> Built<Optional<Pad>> {
    Built::call(&[x.into_operand(), paddings.into_operand()], Pad::ZEROS)
}
