//! The updates of optimizers, one pass over all that a rule touches, as TensorFlow's `ApplyXxx` compute them, in the order
//! in which these round. Rates and the like are single numbers in the device's memory, so that they may change from run
//! to run.

use super::{counting, flat, size};
use crate::launch::{Address, Arg, DType, Work};

/// A rule with where its numbers lie, in the order of TensorFlow's inputs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Update {
    /// `ApplyGradientDescent`: var, alpha, delta.
    GradientDescent([Address; 3]),
    /// `ApplyMomentum`: var, accum, lr, grad, momentum; Nesterov's form or not.
    Momentum([Address; 5], bool),
    /// `ApplyAdagrad`: var, accum, lr, grad.
    Adagrad([Address; 4]),
    /// `ApplyAdadelta`: var, accum, accum_update, lr, rho, epsilon, grad.
    Adadelta([Address; 7]),
    /// `ApplyRMSProp`: var, ms, mom, lr, rho, momentum, epsilon, grad.
    RmsProp([Address; 8]),
    /// `ApplyCenteredRMSProp`: var, mg, ms, mom, lr, rho, momentum, epsilon, grad.
    CenteredRmsProp([Address; 9]),
    /// `ApplyAdam`: var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad; Nesterov's form or not.
    Adam([Address; 10], bool),
    /// `AssignAdd`: var, value.
    AssignAdd([Address; 2]),
    /// `AssignSub`: var, value.
    AssignSub([Address; 2]),
}

/// A rule as CUDA C: its parameters, arrays (`+`: written, `-`: read) and numbers, and its statements for element `i`.
struct Rule {
    parameters: &'static str,
    start: &'static str,
    each: &'static str,
}

const DESCEND: Rule = Rule { parameters: "+var alpha -delta", start: "", each: "var[i] -= alpha * delta[i];" };
const MOMENTUM: Rule = Rule {
    parameters: "+var +accum lr -grad momentum",
    start: "",
    each: "T a = accum[i] * momentum + grad[i]; accum[i] = a; var[i] -= lr * a;",
};
const NESTEROV: Rule = Rule {
    each: "T g = grad[i], a = accum[i] * momentum + g; accum[i] = a; var[i] -= g * lr + a * momentum * lr;",
    ..MOMENTUM
};
const ADAGRAD: Rule = Rule {
    parameters: "+var +accum lr -grad",
    start: "",
    each: "T g = grad[i], a = accum[i] + g * g; accum[i] = a; var[i] -= g * lr * ((T)1 / SQRT(a));",
};
const ADADELTA: Rule = Rule {
    parameters: "+var +accum +accum_update lr rho epsilon -grad",
    start: "",
    each: "T g = grad[i], u = accum_update[i], a = accum[i] * rho + g * g * (1 - rho);
        T step = SQRT(u + epsilon) / SQRT(a + epsilon) * g;
        accum[i] = a; accum_update[i] = u * rho + step * step * (1 - rho); var[i] -= lr * step;",
};
const RMS_PROP: Rule = Rule {
    parameters: "+var +ms +mom lr rho momentum epsilon -grad",
    start: "",
    each: "T g = grad[i], s = ms[i] + (g * g - ms[i]) * (1 - rho), m = mom[i] * momentum + lr * g / SQRT(s + epsilon);
        ms[i] = s; mom[i] = m; var[i] -= m;",
};
const CENTERED_RMS_PROP: Rule = Rule {
    parameters: "+var +mg +ms +mom lr rho momentum epsilon -grad",
    start: "",
    each: "T g = grad[i], s = ms[i] + (g * g - ms[i]) * (1 - rho), c = mg[i] + (g - mg[i]) * (1 - rho);
        T m = mom[i] * momentum + lr * g / SQRT(s - c * c + epsilon);
        ms[i] = s; mg[i] = c; mom[i] = m; var[i] -= m;",
};
const ADAM: Rule = Rule {
    parameters: "+var +m +v beta1_power beta2_power lr beta1 beta2 epsilon -grad",
    start: "T rate = lr * SQRT(1 - beta2_power) / (1 - beta1_power), keep1 = 1 - beta1, keep2 = 1 - beta2;",
    each: "T g = grad[i], a = m[i] + (g - m[i]) * keep1, b = v[i] + (g * g - v[i]) * keep2;
        m[i] = a; v[i] = b; var[i] -= a * rate / (SQRT(b) + epsilon);",
};
const NADAM: Rule = Rule {
    each: "T g = grad[i], a = m[i] + (g - m[i]) * keep1, b = v[i] + (g * g - v[i]) * keep2;
        m[i] = a; v[i] = b; var[i] -= (a * (1 - keep1) + g * keep1) * rate / (SQRT(b) + epsilon);",
    ..ADAM
};
const ADD: Rule = Rule { parameters: "+var -value", start: "", each: "var[i] = (T)((A)var[i] + (A)value[i]);" };
const SUBTRACT: Rule = Rule { each: "var[i] = (T)((A)var[i] - (A)value[i]);", ..ADD };

impl Update {
    fn rule(&self) -> (&'static Rule, &[Address]) {
        match self {
            Update::GradientDescent(at) => (&DESCEND, at),
            Update::Momentum(at, false) => (&MOMENTUM, at),
            Update::Momentum(at, true) => (&NESTEROV, at),
            Update::Adagrad(at) => (&ADAGRAD, at),
            Update::Adadelta(at) => (&ADADELTA, at),
            Update::RmsProp(at) => (&RMS_PROP, at),
            Update::CenteredRmsProp(at) => (&CENTERED_RMS_PROP, at),
            Update::Adam(at, false) => (&ADAM, at),
            Update::Adam(at, true) => (&NADAM, at),
            Update::AssignAdd(at) => (&ADD, at),
            Update::AssignSub(at) => (&SUBTRACT, at),
        }
    }
}

/// Updates `count` elements of a variable of floats; `AssignAdd` and `AssignSub` take any number. A place that is read
/// may be the variable's own.
pub fn update(rule: &Update, dtype: DType, count: usize) -> Vec<Work> {
    let (rule, addresses) = rule.rule();
    let (mut parameters, mut start) = (String::new(), String::new());
    for word in rule.parameters.split(' ') {
        match word.split_at(1) {
            ("+", name) => parameters.push_str(&format!("T* {name}, ")),
            ("-", name) => parameters.push_str(&format!("const T* {name}, ")),
            _ => {
                parameters.push_str(&format!("const T* at_{word}, "));
                start.push_str(&format!("    T {word} = *at_{word};\n"));
            }
        }
    }
    let body = format!(
        "extern \"C\" __global__ void update({parameters}long long count) {{\n{start}    {}\n    EACH(i, count) {{\n        \
         {}\n    }}\n}}\n",
        rule.start, rule.each
    );
    let root = if dtype == DType::Float64 { "sqrt" } else { "sqrtf" };
    let names = [("T", dtype.c_name()), ("A", super::wrapping(dtype)), ("SQRT", root)];
    let args = addresses.iter().map(|a| Arg::Address(*a)).chain([size(count)]).collect();
    flat(counting(count, &names, &body), "update", count, args)
}
