//! Ops on variables: the variable itself, assignments, and the optimizers' updates.

use super::{Infer, Kernel, OpDef, Signature, typed};
use crate::DType;
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Scope, Tensor, Variable, build};

pub(crate) static OPS: &[&OpDef] =
    &[&VARIABLE, &ASSIGN, &ASSIGN_ADD, &ASSIGN_SUB, &APPLY_GRADIENT_DESCENT, &APPLY_MOMENTUM, &APPLY_ADAM];

pub(crate) static VARIABLE: OpDef = OpDef::new("VariableV2", |infer| Ok(infer.declared()), Kernel::None).stateful();

fn infer_assign(infer: &Infer) -> Result<Vec<Signature>> {
    infer.same_type(&["ref", "value"])?;
    let (Some(to), Some(from)) = (infer.shape(0).dims(), infer.shape(1).dims()) else {
        return Ok(vec![infer.inputs[0].clone()]);
    };
    let (a, b) = (infer.shape(0).to_proto(), infer.shape(1).to_proto());
    let running = format!("Assign requires shapes of both tensors to match. lhs shape= {a} rhs shape= {b}");
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
    OpDef::new("AssignAdd", infer_assign, Kernel::Update(|call| update!(call, |v, x| *v + *x))).stateful();
pub(crate) static ASSIGN_SUB: OpDef =
    OpDef::new("AssignSub", infer_assign, Kernel::Update(|call| update!(call, |v, x| *v - *x))).stateful();

fn infer_update(infer: &Infer) -> Result<Vec<Signature>> {
    Ok(vec![infer.inputs[0].clone()])
}

/// Runs an update written for one float type on whichever the variable has.
macro_rules! with_float {
    ($call:ident, $t:ident => $body:block) => {
        match $call.input(0).dtype {
            DType::Float32 => {
                type $t = f32;
                $body
                Ok(())
            }
            DType::Float64 => {
                type $t = f64;
                $body
                Ok(())
            }
            other => Err(Error::Unimplemented(format!("no update for {}", other.name()))),
        }
    };
}

/// `var -= alpha * delta`.
pub(crate) static APPLY_GRADIENT_DESCENT: OpDef = OpDef::new(
    "ApplyGradientDescent",
    infer_update,
    Kernel::Update(|call| {
        with_float!(call, T => {
            let rate = call.input(1).slice::<T>()[0];
            let delta = call.input(2).slice::<T>();
            for (v, d) in call.input(0).slice_mut::<T>().iter_mut().zip(delta) {
                *v -= rate * *d;
            }
        })
    }),
)
.stateful();

/// `accum = accum * momentum + grad; var -= rate * accum`.
pub(crate) static APPLY_MOMENTUM: OpDef = OpDef::new(
    "ApplyMomentum",
    infer_update,
    Kernel::Update(|call| {
        with_float!(call, T => {
            let (rate, momentum) = (call.input(2).slice::<T>()[0], call.input(4).slice::<T>()[0]);
            let nesterov = call.node.bool("use_nesterov");
            let variables = call.input(0).slice_mut::<T>().iter_mut().zip(call.input(1).slice_mut::<T>());
            for ((v, a), g) in variables.zip(call.input(3).slice::<T>()) {
                *a = *a * momentum + *g;
                *v -= if nesterov { rate * *g + rate * momentum * *a } else { rate * *a };
            }
        })
    }),
)
.stateful();

/// Adam of Kingma and Ba: inputs var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad.
pub(crate) static APPLY_ADAM: OpDef = OpDef::new(
    "ApplyAdam",
    infer_update,
    Kernel::Update(|call| {
        with_float!(call, T => {
            let scalar = |i: usize| call.input(i).slice::<T>()[0];
            let (power1, power2, rate) = (scalar(3), scalar(4), scalar(5));
            let (beta1, beta2, epsilon) = (scalar(6), scalar(7), scalar(8));
            let one: T = 1.0;
            let alpha = rate * (one - power2).sqrt() / (one - power1);
            let moments = call.input(1).slice_mut::<T>().iter_mut().zip(call.input(2).slice_mut::<T>());
            let all = call.input(0).slice_mut::<T>().iter_mut().zip(moments).zip(call.input(9).slice::<T>());
            for ((x, (m, v)), g) in all {
                *m += (*g - *m) * (one - beta1);
                *v += (*g * *g - *v) * (one - beta2);
                *x -= *m * alpha / (v.sqrt() + epsilon);
            }
        })
    }),
)
.stateful();

#[track_caller]
fn new_assign(def: &'static OpDef, variable: Variable, value: impl IntoTensor) -> Tensor {
    let value = value.into_operand();
    let graph = variable.graph();
    build(graph, || {
        let scope = Scope::open(graph, def.name);
        let reference = variable.reference();
        let value = value.tensor(&scope, "value", Some(reference.dtype()))?;
        let mut attrs = typed("T", reference.dtype());
        attrs.insert("use_locking", Attr::Bool(def.name == "Assign"));
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
    new_assign(&ASSIGN, variable, value)
}

/// Adds to the variable when run: `tf.assign_add(variable, value)`.
#[track_caller]
pub fn assign_add(variable: Variable, value: impl IntoTensor) -> Tensor {
    new_assign(&ASSIGN_ADD, variable, value)
}

/// Subtracts from the variable when run: `tf.assign_sub(variable, value)`.
#[track_caller]
pub fn assign_sub(variable: Variable, value: impl IntoTensor) -> Tensor {
    new_assign(&ASSIGN_SUB, variable, value)
}
