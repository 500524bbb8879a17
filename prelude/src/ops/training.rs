//! The ops by which optimizers update a variable: one for each rule, as TensorFlow's `ApplyXxx` kernels compute it.
//! Building them is `v1::train`'s.

use flowbook_cuda::{Work, kernels};

use super::device::DeviceCall;
use super::register::{self, RegisterStep};
use super::{Infer, Kernel, OpDef, Signature, parallel};
use crate::DType;
use crate::error::{Error, Result};
use crate::team;

pub(crate) static OPS: &[&OpDef] = &[
    &APPLY_GRADIENT_DESCENT,
    &APPLY_MOMENTUM,
    &APPLY_ADAGRAD,
    &APPLY_ADADELTA,
    &APPLY_RMS_PROP,
    &APPLY_CENTERED_RMS_PROP,
    &APPLY_ADAM,
];

fn infer_update(infer: &Infer) -> Result<Vec<Signature>> {
    Ok(vec![infer.inputs[0].clone()])
}

/// A rule on the device, with the places of its inputs in their order.
fn updated<const N: usize>(call: &DeviceCall, rule: impl Fn([u64; N]) -> kernels::Update) -> Option<Vec<Work>> {
    let places: Vec<u64> = call.inputs.iter().map(|input| input.address).collect();
    let variable = call.input(0);
    Some(kernels::update(&rule(places.try_into().ok()?), variable.device_type()?, variable.len()))
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
                        *v -= if nesterov { *g * rate + *a * momentum * rate } else { rate * *a };
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

            multiversioned! {
                pub fn nadam(all: [&mut [$t]; 3], grad: &[$t], alpha: $t, keep: [$t; 2], epsilon: $t) {
                    let [var, m, v] = all;
                    for (((x, m), v), g) in var.iter_mut().zip(m).zip(v).zip(grad) {
                        *m += (*g - *m) * keep[0];
                        *v += (*g * *g - *v) * keep[1];
                        *x -= (*m * (1.0 - keep[0]) + *g * keep[0]) * alpha / (v.sqrt() + epsilon);
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
                #[allow(unused_imports, reason = "the rarer rules have no loops of their own")]
                use f32_loops as $loops;
                $body
                Ok(())
            }
            DType::Float64 => {
                type $t = f64;
                #[allow(unused_imports, reason = "as above")]
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
.cuda(|call| updated(call, kernels::Update::GradientDescent))
.register(|call| {
    let fits = call.inputs.iter().all(register::fits);
    fits.then(|| RegisterStep::descend(call.input(0), call.input(1), call.input(2)))
})
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
.cuda(|call| {
    let nesterov = call.node.bool("use_nesterov");
    updated(call, |places| kernels::Update::Momentum(places, nesterov))
})
.stateful();

/// Duchi, Hazan and Singer's: `accum += grad^2; var -= rate * grad / sqrt(accum)`. Inputs var, accum, lr, grad.
pub(crate) static APPLY_ADAGRAD: OpDef = OpDef::new(
    "ApplyAdagrad",
    infer_update,
    Kernel::Update(|call| {
        with_float!(call, T, _loops => {
            let rate = call.input(2).slice::<T>()[0];
            let variables = call.input(0).slice_mut::<T>().iter_mut().zip(call.input(1).slice_mut::<T>());
            for ((v, a), g) in variables.zip(call.input(3).slice::<T>()) {
                *a += *g * *g;
                *v -= *g * rate * a.sqrt().recip();
            }
        })
    }),
)
.cuda(|call| updated(call, kernels::Update::Adagrad))
.stateful();

/// Zeiler's, whose steps have the running size of earlier steps. Inputs var, accum, accum_update, lr, rho, epsilon, grad.
pub(crate) static APPLY_ADADELTA: OpDef = OpDef::new(
    "ApplyAdadelta",
    infer_update,
    Kernel::Update(|call| {
        with_float!(call, T, _loops => {
            let scalar = |i: usize| call.input(i).slice::<T>()[0];
            let (rate, rho, epsilon) = (scalar(3), scalar(4), scalar(5));
            let one: T = 1.0;
            let means = call.input(1).slice_mut::<T>().iter_mut().zip(call.input(2).slice_mut::<T>());
            let all = call.input(0).slice_mut::<T>().iter_mut().zip(means).zip(call.input(6).slice::<T>());
            for ((v, (a, u)), g) in all {
                *a = *a * rho + *g * *g * (one - rho);
                let step = (*u + epsilon).sqrt() / (*a + epsilon).sqrt() * *g;
                *u = *u * rho + step * step * (one - rho);
                *v -= rate * step;
            }
        })
    }),
)
.cuda(|call| updated(call, kernels::Update::Adadelta))
.stateful();

/// Hinton's, whose steps are divided by the running size of the gradient. Inputs var, ms, mom, lr, rho, momentum,
/// epsilon, grad.
pub(crate) static APPLY_RMS_PROP: OpDef = OpDef::new(
    "ApplyRMSProp",
    infer_update,
    Kernel::Update(|call| {
        with_float!(call, T, _loops => {
            let scalar = |i: usize| call.input(i).slice::<T>()[0];
            let (rate, rho, momentum, epsilon) = (scalar(3), scalar(4), scalar(5), scalar(6));
            let one: T = 1.0;
            let means = call.input(1).slice_mut::<T>().iter_mut().zip(call.input(2).slice_mut::<T>());
            let all = call.input(0).slice_mut::<T>().iter_mut().zip(means).zip(call.input(7).slice::<T>());
            for ((v, (ms, mom)), g) in all {
                *ms += (*g * *g - *ms) * (one - rho);
                *mom = *mom * momentum + rate * *g / (*ms + epsilon).sqrt();
                *v -= *mom;
            }
        })
    }),
)
.cuda(|call| updated(call, kernels::Update::RmsProp))
.stateful();

/// The same with the gradient's running mean taken off. Inputs var, mg, ms, mom, lr, rho, momentum, epsilon, grad.
pub(crate) static APPLY_CENTERED_RMS_PROP: OpDef = OpDef::new(
    "ApplyCenteredRMSProp",
    infer_update,
    Kernel::Update(|call| {
        with_float!(call, T, _loops => {
            let scalar = |i: usize| call.input(i).slice::<T>()[0];
            let (rate, rho, momentum, epsilon) = (scalar(4), scalar(5), scalar(6), scalar(7));
            let one: T = 1.0;
            let means = call.input(1).slice_mut::<T>().iter_mut().zip(call.input(2).slice_mut::<T>());
            let means = means.zip(call.input(3).slice_mut::<T>());
            let all = call.input(0).slice_mut::<T>().iter_mut().zip(means).zip(call.input(8).slice::<T>());
            for ((v, ((mg, ms), mom)), g) in all {
                *ms += (*g * *g - *ms) * (one - rho);
                *mg += (*g - *mg) * (one - rho);
                let spread = *ms - *mg * *mg + epsilon;
                *mom = *mom * momentum + rate * *g / spread.sqrt();
                *v -= *mom;
            }
        })
    }),
)
.cuda(|call| updated(call, kernels::Update::CenteredRmsProp))
.stateful();

/// Adam of Kingma and Ba, or with `use_nesterov` Nadam of Dozat: inputs var, m, v, beta1_power, beta2_power, lr, beta1,
/// beta2, epsilon, grad.
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
            if call.node.bool("use_nesterov") {
                loops::nadam([x, m, v], g, alpha, keep, epsilon);
                return Ok(());
            }
            let (count, n) = parallel::pieces(g.len(), g.len());
            if count <= 1 {
                loops::adam([x, m, v], g, alpha, keep, epsilon);
                return Ok(());
            }
            let pieces = x.chunks_mut(n).zip(m.chunks_mut(n)).zip(v.chunks_mut(n)).zip(g.chunks(n));
            let mut pieces: Vec<_> = pieces.collect();
            team::chunks(&mut pieces, 1, |_, piece| {
                let (((x, m), v), g) = &mut piece[0];
                loops::adam([x, m, v], g, alpha, keep, epsilon);
            });
        })
    }),
)
.cuda(|call| {
    let nesterov = call.node.bool("use_nesterov");
    updated(call, |places| kernels::Update::Adam(places, nesterov))
})
.stateful();
