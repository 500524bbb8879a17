//! Ops on variables: the variable itself, assignments, and the optimizers' updates.

use rayon::prelude::*;

use super::{Infer, Kernel, OpDef, Signature, parallel, typed};
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

/// The loops of the updates for one float type.
macro_rules! update_loops {
    ($module:ident, $t:ty) => {
        mod $module {
            use crate::ops::simd::multiversioned;

            multiversioned! {
                pub fn descend(var: &mut [$t], rate: $t, delta: &[$t]) {
                    var.iter_mut().zip(delta).for_each(|(v, d)| *v -= rate * *d);
                }
            }

            multiversioned! {
                pub fn momentum(var: &mut [$t], accum: &mut [$t], grad: &[$t], rate: $t, momentum: $t, nesterov: bool) {
                    for ((v, a), g) in var.iter_mut().zip(accum).zip(grad) {
                        *a = *a * momentum + *g;
                        *v -= if nesterov { rate * *g + rate * momentum * *a } else { rate * *a };
                    }
                }
            }

            multiversioned! {
                pub fn adam(all: [&mut [$t]; 3], grad: &[$t], alpha: $t, keep: [$t; 2], epsilon: $t) {
                    let [var, m, v] = all;
                    for (((x, m), v), g) in var.iter_mut().zip(m).zip(v).zip(grad) {
                        *m += (*g - *m) * keep[0];
                        *v += (*g * *g - *v) * keep[1];
                        *x -= *m * alpha / (v.sqrt() + epsilon);
                    }
                }
            }
        }
    };
}
update_loops!(f32_loops, f32);
update_loops!(f64_loops, f64);

/// Runs an update written for one float type, with its loops, on whichever the variable has.
macro_rules! with_float {
    ($call:ident, $t:ident, $loops:ident => $body:block) => {
        match $call.input(0).dtype {
            DType::Float32 => {
                type $t = f32;
                use f32_loops as $loops;
                $body
                Ok(())
            }
            DType::Float64 => {
                type $t = f64;
                use f64_loops as $loops;
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
        with_float!(call, T, loops => {
            let (rate, delta) = (call.input(1).slice::<T>()[0], call.input(2).slice::<T>());
            parallel::over(call.input(0).slice_mut::<T>(), 1, delta.len(), |start, var| {
                loops::descend(var, rate, &delta[start..]);
            });
        })
    }),
)
.stateful();

/// `accum = accum * momentum + grad; var -= rate * accum`.
pub(crate) static APPLY_MOMENTUM: OpDef = OpDef::new(
    "ApplyMomentum",
    infer_update,
    Kernel::Update(|call| {
        with_float!(call, T, loops => {
            let (rate, momentum) = (call.input(2).slice::<T>()[0], call.input(4).slice::<T>()[0]);
            let (var, accum) = (call.input(0).slice_mut::<T>(), call.input(1).slice_mut::<T>());
            loops::momentum(var, accum, call.input(3).slice(), rate, momentum, call.node.bool("use_nesterov"));
        })
    }),
)
.stateful();

/// Adam of Kingma and Ba: inputs var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad.
pub(crate) static APPLY_ADAM: OpDef = OpDef::new(
    "ApplyAdam",
    infer_update,
    Kernel::Update(|call| {
        with_float!(call, T, loops => {
            let scalar = |i: usize| call.input(i).slice::<T>()[0];
            let (power1, power2, rate) = (scalar(3), scalar(4), scalar(5));
            let one: T = 1.0;
            let (keep, epsilon) = ([one - scalar(6), one - scalar(7)], scalar(8));
            let alpha = rate * (one - power2).sqrt() / (one - power1);
            let (x, g) = (call.input(0).slice_mut::<T>(), call.input(9).slice::<T>());
            let (m, v) = (call.input(1).slice_mut::<T>(), call.input(2).slice_mut::<T>());
            let n = parallel::pieces(g.len(), g.len()).1;
            if n == g.len() {
                loops::adam([x, m, v], g, alpha, keep, epsilon);
                return Ok(());
            }
            let pieces = (x.par_chunks_mut(n), m.par_chunks_mut(n), v.par_chunks_mut(n), g.par_chunks(n));
            pieces.into_par_iter().for_each(|(x, m, v, g)| loops::adam([x, m, v], g, alpha, keep, epsilon));
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
