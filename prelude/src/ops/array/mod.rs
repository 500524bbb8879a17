//! Tensors as they are: under another name, as a copy, as the sum of several. Where they come from is in `constant`, `fill`,
//! `sequence` and `diagonal`.

mod constant;
mod diagonal;
mod fill;
mod sequence;

use flowbook_cuda::{Work, kernels};

use crate::Shape;
use crate::error::{Error, Result};
use crate::graph::{
    Attr, IntoTensor, IntoTensors, Operand, Operation, Scope, Tensor, build, control_dependencies, graph_of,
};

use crate::ops::device::{DeviceCall, Place};
use crate::ops::linspace::LINSPACE;
use crate::ops::math::Arithmetic;
use crate::ops::register::RegisterStep;
use crate::ops::view::with_number;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, here, register, typed, unary};

pub(crate) use constant::{CONST, PLACEHOLDER, const_attrs, new_constant};
pub use constant::{Constant, constant, placeholder};
pub(in crate::ops) use diagonal::DIAG;
use diagonal::ONE_HOT;
pub use diagonal::{Eye, OneHot, eye, one_hot};
use fill::{FILL, ONES_LIKE};
pub use fill::{Filled, Like, fill, ones, ones_like, zeros, zeros_like};
pub(crate) use fill::{ZEROS_LIKE, fill_with, filled, filled_tensor, ones_for, ones_of, zeros_of};
pub use sequence::range;
pub(crate) use sequence::{RANGE, range_in};

pub(crate) static OPS: &[&OpDef] = &[
    &CONST,
    &PLACEHOLDER,
    &IDENTITY,
    &SNAPSHOT,
    &STOP_GRADIENT,
    &FILL,
    &ZEROS_LIKE,
    &ONES_LIKE,
    &ADD_N,
    &RANGE,
    &LINSPACE,
    &ONE_HOT,
    &DIAG,
];

pub(super) fn same(infer: &Infer) -> Result<Vec<Signature>> {
    Ok(vec![infer.inputs[0].clone()])
}

pub(crate) static IDENTITY: OpDef = OpDef::new("Identity", same, Kernel::Alias)
    .gradient(|g| vec![Some(g.dy())])
    .samples(&[Sample { inputs: &[(&[2], -1.0, 1.0)], build: |x| identity(x[0]) }]);

/// The same value under a new name: `tf.identity`.
#[track_caller]
pub fn identity(x: impl IntoTensor) -> Tensor {
    unary(&IDENTITY, "Identity", "input", x.into_operand())
}

/// The same value behind `gate`, as `tf.tuple` gives it. No run waits for the gate: variables are written after everything
/// that reads them in any case, and values that nobody uses need not be computed.
pub(crate) fn gated(x: Tensor, gate: Operation) -> Tensor {
    let graph = x.graph();
    let attrs = typed("T", x.dtype());
    control_dependencies([gate], || {
        build(graph, || {
            let op = Scope::open(graph, "control_dependency").op(&IDENTITY, &[x], attrs)?;
            graph.change(op, |node| node.waits = false);
            Ok(op.output(0))
        })
    })
}

/// A copy that later writes to a variable behind `x` leave as it is.
pub(crate) static SNAPSHOT: OpDef = OpDef::new(
    "Snapshot",
    same,
    Kernel::Call(|call| {
        call.output().copy_from(call.input(0));
        Ok(())
    }),
)
.cuda(copy_on_device)
.gradient(|g| vec![Some(g.dy())])
.samples(&[Sample { inputs: &[(&[2], -1.0, 1.0)], build: |x| snapshot(x[0]) }]);

/// A copy of the value, for what leaves a function that writes to variables.
#[track_caller]
pub(crate) fn snapshot(x: impl IntoTensor) -> Tensor {
    unary(&SNAPSHOT, "Snapshot", "input", x.into_operand())
}

pub(crate) static STOP_GRADIENT: OpDef = OpDef::new("StopGradient", same, Kernel::Alias).gradient(|_| vec![None]);

/// The same value, which counts as a constant in gradients: `tf.stop_gradient`.
#[track_caller]
pub fn stop_gradient(x: impl IntoTensor) -> Tensor {
    unary(&STOP_GRADIENT, "StopGradient", "input", x.into_operand())
}

/// The argument as a tensor: `tf.convert_to_tensor`. A tensor stays itself.
#[track_caller]
pub fn convert_to_tensor(x: impl IntoTensor) -> Tensor {
    match x.into_operand() {
        Operand::Tensor(t) => t,
        literal => {
            let graph = here();
            build(graph, || new_constant(graph, "Const", literal.array(None).expect("a literal has an array")))
        }
    }
}

/// The value as it is, at another place of the device.
fn copy_on_device(call: &DeviceCall) -> Option<Vec<Work>> {
    let (input, output) = (call.input(0), call.output());
    Some(vec![Work::Copy { from: input.address, to: output.address, bytes: output.bytes() }])
}

/// The sum of the operands, from left to right.
fn add_on_device(call: &DeviceCall) -> Option<Vec<Work>> {
    let output = call.output();
    let dtype = output.device_type()?;
    let operand = |input: &Place| kernels::Operand { dtype, address: input.address, scalar: false };
    let operands: Vec<kernels::Operand> = call.inputs.iter().map(operand).collect();
    let sum = (1..operands.len()).fold("x0".to_string(), |sum, i| format!("(R)({sum} + x{i})"));
    Some(kernels::map(&sum, &operands, dtype, output.address, output.len()))
}

/// TensorFlow's words for the shapes of a list that should be one, of which the other is that of input `i`.
pub(crate) fn unequal(a: &Shape, b: &Shape, i: usize) -> String {
    format!("{}\n\tFrom merging shape {} with other shapes.", mismatch(a, b), i - 1)
}

/// TensorFlow's words for two shapes that should be one.
pub(crate) fn mismatch(a: &Shape, b: &Shape) -> String {
    let (Some(m), Some(n)) = (a.dims(), b.dims()) else { return String::new() };
    if m.len() != n.len() {
        return format!("Shapes must be equal rank, but are {} and {}", m.len(), n.len());
    }
    let differ = m.iter().zip(n).enumerate().find_map(|(k, (m, n))| {
        let (m, n) = ((*m)?, (*n)?);
        (m != n).then(|| format!("Dimension {k} in both shapes must be equal, but are {m} and {n}."))
    });
    format!("{} Shapes are {} and {}.", differ.unwrap_or_default(), a.to_proto(), b.to_proto())
}

pub(crate) static ADD_N: OpDef = OpDef::new(
    "AddN",
    |infer| {
        for i in 1..infer.inputs.len() {
            let (a, b) = (infer.shape(0), infer.shape(i));
            let differ = a.rank().zip(b.rank()).is_some_and(|(m, n)| m != n)
                || a.dims()
                    .into_iter()
                    .flatten()
                    .zip(b.dims().into_iter().flatten())
                    .any(|(m, n)| m.zip(*n).is_some_and(|(m, n)| m != n));
            if differ {
                let running = format!(
                    "Inputs to operation {} of type AddN must have the same size and shape.  Input 0: {} != input {i}: {}",
                    infer.node.name,
                    infer.shape(0).to_proto(),
                    infer.shape(i).to_proto()
                );
                return infer.fail(unequal(a, b, i), running);
            }
        }
        if let Some((dtype, _)) = infer.inputs.iter().find(|(d, _)| *d != infer.dtype(0)) {
            return Err(Error::Type(format!(
                "Tensors in list passed to 'inputs' of 'AddN' Op have types [{}, {}] that don't all match.",
                infer.dtype(0).name(),
                dtype.name()
            )));
        }
        infer.allow(0, "inputs", Types::Numbers)?;
        let known = infer.inputs.iter().find(|(_, s)| s.sizes().is_some());
        Ok(vec![(infer.dtype(0), known.map_or(infer.shape(0).clone(), |(_, s)| s.clone()))])
    },
    Kernel::Call(|call| {
        with_number!(call.output().dtype, T => {
            let out = call.output().slice_mut::<T>();
            out.copy_from_slice(call.input(0).slice::<T>());
            for input in &call.inputs[1..] {
                out.iter_mut().zip(input.slice::<T>()).for_each(|(o, x)| *o = o.plus(*x));
            }
            Ok(())
        })
    }),
)
.cuda(add_on_device)
.register(register_sum)
.gradient(|g| vec![Some(g.dy()); g.inputs().len()])
.samples(&[Sample { inputs: &[(&[2], -1.0, 1.0), (&[2], -1.0, 1.0)], build: |x| add_n(x) }]);

fn register_sum(call: &Call) -> Option<RegisterStep> {
    let [x, y] = &call.inputs[..] else { return None };
    let fits = [x, y, call.output()].into_iter().all(register::fits);
    fits.then(|| RegisterStep::add(x, y, call.output()))
}

/// The sum of tensors of one shape: `tf.add_n`. They are a list, or a tuple where their types differ.
#[track_caller]
pub fn add_n(inputs: impl IntoTensors) -> Tensor {
    let inputs = inputs.into_operands();
    let graph = graph_of(&inputs.iter().collect::<Vec<_>>());
    build(graph, || {
        let scope = Scope::open(graph, "AddN");
        let named = inputs.iter().enumerate().map(|(i, x)| x.tensor(&scope, &format!("inputs_{i}"), None));
        let inputs = named.collect::<Result<Vec<_>>>()?;
        let Some(first) = inputs.first() else {
            return Err(Error::Value(
                "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape.".into(),
            ));
        };
        let mut attrs = typed("T", first.dtype());
        attrs.insert("N", Attr::Int(inputs.len() as i64));
        Ok(scope.op(&ADD_N, &inputs, attrs)?.output(0))
    })
}
