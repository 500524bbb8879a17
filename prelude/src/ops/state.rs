//! Ops on variables: the variable itself and assignments. The optimizers' updates are in `training`.

use flowbook_cuda::{Work, kernels};

use super::device::DeviceCall;
use super::math::Arithmetic;
use super::{Infer, Kernel, OpDef, Signature, typed};
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Scope, Tensor, Variable, build};
use crate::{DType, Shape};

pub(crate) static OPS: &[&OpDef] = &[&VARIABLE, &IS_VARIABLE_INITIALIZED, &ASSIGN, &ASSIGN_ADD, &ASSIGN_SUB];

pub(crate) static VARIABLE: OpDef = OpDef::new("VariableV2", |infer| Ok(infer.declared()), Kernel::None).stateful();

/// Whether the variable has a value. Its size is left open in a run, so that the engine looks when the run is there.
pub(crate) static IS_VARIABLE_INITIALIZED: OpDef = OpDef::new(
    "IsVariableInitialized",
    |infer| Ok(vec![(DType::Bool, if infer.running { Shape::unknown() } else { Shape::scalar() })]),
    Kernel::None,
)
.stateful();

/// Whether the variable has a value yet, when run: `tf.is_variable_initialized(variable)`.
#[track_caller]
pub fn is_variable_initialized(variable: Variable) -> Tensor {
    let graph = variable.graph();
    build(graph, || {
        let reference = variable.reference();
        let scope = Scope::open(graph, "IsVariableInitialized");
        Ok(scope.op(&IS_VARIABLE_INITIALIZED, &[reference], typed("dtype", reference.dtype()))?.output(0))
    })
}

/// TensorFlow's list of the types that can be added to.
const NUMBERS: &str = "float32, float64, int32, uint8, int16, int8, complex64, int64, qint8, quint8, qint32, bfloat16, \
    qint16, quint16, uint16, complex128, float16, uint32, uint64";

fn infer_assign(infer: &Infer) -> Result<Vec<Signature>> {
    if infer.node.def.name != "Assign" && matches!(infer.inputs[0].0, DType::Bool | DType::String) {
        return Err(Error::Type(format!(
            "Value passed to parameter 'ref' has DataType {} not in list of allowed values: {NUMBERS}",
            infer.inputs[0].0.name()
        )));
    }
    infer.same_type(&["ref", "value"])?;
    let (Some(to), Some(from)) = (infer.shape(0).dims(), infer.shape(1).dims()) else {
        return Ok(vec![infer.inputs[0].clone()]);
    };
    let (a, b) = (infer.shape(0).to_proto(), infer.shape(1).to_proto());
    let running = match infer.node.def.name {
        "Assign" => format!("Assign requires shapes of both tensors to match. lhs shape= {a} rhs shape= {b}"),
        _ => "Parameters and update must be the same size".to_owned(),
    };
    if to.len() != from.len() {
        return infer.fail(format!("Shapes must be equal rank, but are {} and {}", to.len(), from.len()), running);
    }
    if let Some(i) = (0..to.len()).find(|i| matches!((to[*i], from[*i]), (Some(m), Some(n)) if m != n)) {
        let (m, n) = (to[i].unwrap_or(0), from[i].unwrap_or(0));
        return infer.fail(
            format!("Dimension {i} in both shapes must be equal, but are {m} and {n}. Shapes are {a} and {b}."),
            running,
        );
    }
    Ok(vec![infer.inputs[0].clone()])
}

pub(crate) static ASSIGN: OpDef = OpDef::new(
    "Assign",
    infer_assign,
    Kernel::Update(|call| {
        call.input(0).copy_from(call.input(1));
        Ok(())
    }),
)
.cuda(|call| {
    let (to, from) = (call.input(0), call.input(1));
    let copies = to.bytes() > 0 && to.address != from.address || to.address == 0;
    let copy = Work::Copy { from: from.address, to: to.address, bytes: to.bytes() };
    Some(if copies { vec![copy] } else { Vec::new() })
})
.stateful();

/// `variable[i] = f(variable[i], value[i])` for any numeric type.
macro_rules! update {
    ($call:ident, |$v:ident, $x:ident| $e:expr) => {{
        super::view::with_number!($call.input(0).dtype, T => {
            let to = $call.input(0).slice_mut::<T>();
            for ($v, $x) in to.iter_mut().zip($call.input(1).slice::<T>()) {
                *$v = $e;
            }
            Ok(())
        })
    }};
}

pub(crate) static ASSIGN_ADD: OpDef =
    OpDef::new("AssignAdd", infer_assign, Kernel::Update(|call| update!(call, |v, x| v.plus(*x))))
        .cuda(|call| assigned(call, kernels::Update::AssignAdd))
        .stateful();
pub(crate) static ASSIGN_SUB: OpDef =
    OpDef::new("AssignSub", infer_assign, Kernel::Update(|call| update!(call, |v, x| v.minus(*x))))
        .cuda(|call| assigned(call, kernels::Update::AssignSub))
        .stateful();

/// An update of a variable by a value of its shape, on the device.
fn assigned(call: &DeviceCall, rule: fn([u64; 2]) -> kernels::Update) -> Option<Vec<Work>> {
    let (to, value) = (call.input(0), call.input(1));
    Some(kernels::update(&rule([to.address, value.address]), to.device_type()?, to.len()))
}

#[track_caller]
fn new_assign(def: &'static OpDef, variable: Variable, value: impl IntoTensor, locking: bool) -> Tensor {
    let value = value.into_operand();
    let graph = variable.graph();
    build(graph, || {
        let scope = Scope::open(graph, def.name);
        let reference = variable.reference();
        super::fits_type(def, "value", &value, reference.dtype())?;
        let value = value.tensor(&scope, "value", Some(reference.dtype()))?;
        let mut attrs = typed("T", reference.dtype());
        attrs.insert("use_locking", Attr::Bool(locking));
        if def.name == "Assign" {
            attrs.insert("validate_shape", Attr::Bool(true));
        }
        Ok(scope.op(def, &[reference, value], attrs)?.output(0))
    })
}

/// Gives the variable a new value when run: `tf.assign(variable, value)`.
///
/// # Panics
/// `ValueError` for another shape, `TypeError` for another element type.
#[track_caller]
pub fn assign(variable: Variable, value: impl IntoTensor) -> Tensor {
    new_assign(&ASSIGN, variable, value, true)
}

/// The same as `variable.assign(value)` writes it down, whose node says that it takes no lock.
#[track_caller]
pub(crate) fn assign_unlocked(variable: Variable, value: impl IntoTensor) -> Tensor {
    new_assign(&ASSIGN, variable, value, false)
}

/// Adds to the variable when run: `tf.assign_add(variable, value)`.
#[track_caller]
pub fn assign_add(variable: Variable, value: impl IntoTensor) -> Tensor {
    new_assign(&ASSIGN_ADD, variable, value, false)
}

/// Subtracts from the variable when run: `tf.assign_sub(variable, value)`.
#[track_caller]
pub fn assign_sub(variable: Variable, value: impl IntoTensor) -> Tensor {
    new_assign(&ASSIGN_SUB, variable, value, false)
}
