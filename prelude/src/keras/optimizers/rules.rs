//! The rules of the optimizers: what each remembers of a variable, and its step, written with tensors.

use crate::v2::{self, Tensor, Variable};

/// What an optimizer does with a gradient, with Keras' names for its numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rule {
    Sgd { momentum: f64, nesterov: bool },
    RmsProp { rho: f64, momentum: f64, epsilon: f64, centered: bool },
    Adam { beta_1: f64, beta_2: f64, epsilon: f64, amsgrad: bool },
    Nadam { beta_1: f64, beta_2: f64, epsilon: f64 },
    Adagrad { initial_accumulator_value: f64, epsilon: f64 },
    Adadelta { rho: f64, epsilon: f64 },
    Adamax { beta_1: f64, beta_2: f64, epsilon: f64 },
    Lion { beta_1: f64, beta_2: f64 },
    Ftrl(Ftrl),
}

/// Follow the regularized leader, with Keras' names for its numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ftrl {
    pub learning_rate_power: f64,
    pub initial_accumulator_value: f64,
    pub l1_regularization_strength: f64,
    pub l2_regularization_strength: f64,
    pub l2_shrinkage_regularization_strength: f64,
    pub beta: f64,
}

/// What one step of all variables shares.
pub(super) struct Shared {
    pub rate: Tensor,
    /// The number of the step, from 1.
    pub step: Tensor,
    /// Nadam's running product.
    pub product: Tensor,
}

/// One variable under its update.
pub(super) struct Of<'a> {
    pub variable: &'a Variable,
    pub value: Tensor,
    pub slots: &'a [Variable],
}

impl Of<'_> {
    fn slot(&self, i: usize) -> Tensor {
        self.slots[i].value()
    }

    /// Remembers a value and hands it on.
    fn keep(&self, i: usize, value: Tensor) -> Tensor {
        self.slots[i].assign(&value);
        value
    }
}

impl Rule {
    /// What each memory of a variable starts from.
    pub fn slots(&self) -> Vec<f64> {
        match *self {
            Rule::Sgd { momentum: 0.0, .. } => vec![],
            Rule::Sgd { .. } | Rule::Lion { .. } => vec![0.0],
            Rule::RmsProp { momentum, centered, .. } => {
                vec![0.0; 1 + usize::from(momentum > 0.0) + usize::from(centered)]
            }
            Rule::Adam { amsgrad, .. } => vec![0.0; 2 + usize::from(amsgrad)],
            Rule::Nadam { .. } | Rule::Adadelta { .. } | Rule::Adamax { .. } => vec![0.0; 2],
            Rule::Adagrad { initial_accumulator_value, .. } => vec![initial_accumulator_value],
            Rule::Ftrl(Ftrl { initial_accumulator_value, .. }) => vec![initial_accumulator_value, 0.0],
        }
    }

    /// Nadam's running product after one more step; of no use to the others.
    pub fn product(&self, product: &Variable, step: &Tensor) -> Tensor {
        let Rule::Nadam { beta_1, .. } = *self else { return step.clone() };
        let now = product.value() * beta_1 * (1.0 - 0.5 * v2::pow(v2::constant(0.96), step));
        product.assign(&now);
        now
    }

    /// Changes a variable by its gradient.
    pub fn step(&self, g: &Tensor, of: &Of, shared: &Shared) {
        let (rate, step) = (&shared.rate, &shared.step);
        let subtract = |delta: Tensor| {
            of.variable.assign(&of.value - delta);
        };
        match *self {
            Rule::Sgd { momentum: 0.0, .. } => subtract(g * rate),
            Rule::Sgd { momentum, nesterov } => {
                let m = of.keep(0, of.slot(0) * momentum - g * rate);
                subtract(-if nesterov { m * momentum - g * rate } else { m });
            }
            Rule::RmsProp { rho, momentum, epsilon, centered } => {
                let velocity = of.keep(0, rho * of.slot(0) + (1.0 - rho) * v2::square(g));
                let denominator = match centered {
                    true => {
                        let last = of.slots.len() - 1;
                        let mean = of.keep(last, rho * of.slot(last) + (1.0 - rho) * g);
                        velocity - v2::square(mean) + epsilon
                    }
                    false => velocity + epsilon,
                };
                let increment = rate * g / v2::sqrt(denominator);
                subtract(if momentum > 0.0 { of.keep(1, momentum * of.slot(1) + increment) } else { increment });
            }
            Rule::Adam { beta_1, beta_2, epsilon, amsgrad } => {
                let power = |beta: f64| v2::pow(v2::constant(beta), step);
                let alpha = rate * v2::sqrt(1.0 - power(beta_2)) / (1.0 - power(beta_1));
                let m = of.keep(0, of.slot(0) + (g - of.slot(0)) * (1.0 - beta_1));
                let v = of.keep(1, of.slot(1) + (v2::square(g) - of.slot(1)) * (1.0 - beta_2));
                let v = if amsgrad { of.keep(2, v2::maximum(of.slot(2), v)) } else { v };
                subtract(m * alpha / (v2::sqrt(v) + epsilon));
            }
            Rule::Nadam { beta_1, beta_2, epsilon } => {
                let decay = |at: &Tensor| beta_1 * (1.0 - 0.5 * v2::pow(v2::constant(0.96), at));
                let (u, next) = (decay(step), decay(&(step + 1.0)));
                let after = &shared.product * &next;
                let m = of.keep(0, of.slot(0) + (g - of.slot(0)) * (1.0 - beta_1));
                let v = of.keep(1, of.slot(1) + (v2::square(g) - of.slot(1)) * (1.0 - beta_2));
                let m_hat = next * m / (1.0 - after) + (1.0 - u) * g / (1.0 - &shared.product);
                let v_hat = v / (1.0 - v2::pow(v2::constant(beta_2), step));
                subtract(m_hat * rate / (v2::sqrt(v_hat) + epsilon));
            }
            Rule::Adagrad { epsilon, .. } => {
                let sum = of.keep(0, of.slot(0) + v2::square(g));
                subtract(rate * g / v2::sqrt(sum + epsilon));
            }
            Rule::Adadelta { rho, epsilon } => {
                let root = |mean: Tensor| v2::sqrt(mean + epsilon);
                let squares = of.keep(0, rho * of.slot(0) + (1.0 - rho) * v2::square(g));
                let delta = root(of.slot(1)) * g / root(squares);
                of.keep(1, rho * of.slot(1) + (1.0 - rho) * v2::square(&delta));
                subtract(rate * delta);
            }
            Rule::Adamax { beta_1, beta_2, epsilon } => {
                let m = of.keep(0, of.slot(0) + (g - of.slot(0)) * (1.0 - beta_1));
                let u = of.keep(1, v2::maximum(beta_2 * of.slot(1), v2::abs(g)));
                subtract(rate * m / ((1.0 - v2::pow(v2::constant(beta_1), step)) * (u + epsilon)));
            }
            Rule::Lion { beta_1, beta_2 } => {
                subtract(rate * v2::sign(of.slot(0) * beta_1 + g * (1.0 - beta_1)));
                of.keep(0, of.slot(0) * beta_2 + g * (1.0 - beta_2));
            }
            Rule::Ftrl(ref ftrl) => ftrl.step(g, of, rate),
        }
    }
}

impl Ftrl {
    fn step(&self, g: &Tensor, of: &Of, rate: &Tensor) {
        let power = |x: &Tensor| v2::pow(x, -self.learning_rate_power);
        let l2 = self.l2_regularization_strength + self.beta / (2.0 * rate);
        let shrunk = g + 2.0 * self.l2_shrinkage_regularization_strength * &of.value;
        let sum = of.slot(0) + v2::square(g);
        let linear = of.slot(1) + shrunk - (power(&sum) - power(&of.slot(0))) / rate * &of.value;
        let linear = of.keep(1, linear);
        let quadratic = power(&sum) / rate + 2.0 * l2;
        let l1 = self.l1_regularization_strength;
        of.variable.assign((v2::clip_by_value(&linear, -l1, l1) - linear) / quadratic);
        of.keep(0, sum);
    }
}
