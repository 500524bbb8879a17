//! Reductions that are made of others: variances, standard deviations, logarithms of sums of exponentials.

use super::build::reduced;
use super::{Axes, MAX, MEAN, SUM};
use crate::graph::{Built, IntoTensor, Operand, Optional, Options, Tensor, setters};
use crate::ops::array::{convert_to_tensor, stop_gradient, zeros_of};
use crate::ops::elementwise::{ADD, exp, is_finite, log, select_v2, sqrt, square, subtract};
use crate::ops::nn::{composed, composed_as};
use crate::ops::shape::{reshape, shape};
use crate::ops::typed;

/// Which of the functions it is.
#[derive(Clone, Copy)]
enum Statistic {
    Variance,
    Deviation,
    LogSumExp,
}

/// The optional arguments of [`reduce_variance`], [`reduce_std`] and [`reduce_logsumexp`].
#[derive(Clone, Copy)]
pub struct Statistics {
    statistic: Statistic,
    axes: Option<Axes>,
    keep: bool,
}

impl Statistics {
    pub(crate) const VARIANCE: Statistics = Statistics { statistic: Statistic::Variance, axes: None, keep: false };
    pub(crate) const DEVIATION: Statistics = Statistics { statistic: Statistic::Deviation, axes: None, keep: false };
    pub(crate) const LOG_SUM_EXP: Statistics = Statistics { statistic: Statistic::LogSumExp, axes: None, keep: false };

    fn variance(self, x: Tensor) -> Tensor {
        composed(x, "reduce_variance", || {
            let mean = reduced(&MEAN, "Mean", x, self.axes, true);
            reduced(&MEAN, "Mean", square(x - mean), self.axes, self.keep)
        })
    }

    /// What is infinite stays so: only finite maxima are taken out.
    fn log_sum_exp(self, x: Tensor) -> Tensor {
        composed_as(x, "ReduceLogSumExp", |scope| {
            let greatest = reduced(&MAX, "Max", x, self.axes, true);
            let most = stop_gradient(select_v2(is_finite(greatest), greatest, zeros_of(greatest)));
            let sum = log(reduced(&SUM, "Sum", exp(subtract(x, most)), self.axes, self.keep));
            let most = if self.keep { most } else { reshape(most, shape(sum)) };
            Ok(scope.op(&ADD, &[sum, most], typed("T", x.dtype()))?.output(0))
        })
    }
}

impl Options for Statistics {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let x = convert_to_tensor(operands[0].clone());
        match self.statistic {
            Statistic::Variance => self.variance(x),
            Statistic::Deviation => composed(x, "reduce_std", || sqrt(self.variance(x))),
            Statistic::LogSumExp => self.log_sum_exp(x),
        }
    }
}

setters! { Statistics {
    /// The axis or axes to reduce, `axis=`; all of them without it.
    axis(axes: impl Into<Axes>) |options| options.axes = Some(axes.into());
    /// Whether the reduced axes stay, with size 1: `keepdims=`.
    keepdims(keep: bool) |options| options.keep = keep;
} }

/// The mean squared distance from the mean, of all elements or along `.axis(...)`: `tf.math.reduce_variance`.
#[track_caller]
pub fn reduce_variance(x: impl IntoTensor) -> Built<Optional<Statistics>> {
    Built::composed([convert_to_tensor(x)], Statistics::VARIANCE)
}

/// The root of the variance, of all elements or along `.axis(...)`: `tf.math.reduce_std`.
#[track_caller]
pub fn reduce_std(x: impl IntoTensor) -> Built<Optional<Statistics>> {
    Built::composed([convert_to_tensor(x)], Statistics::DEVIATION)
}

/// `log(sum(exp(x)))` without overflow, of all elements or along `.axis(...)`: `tf.reduce_logsumexp`.
#[track_caller]
pub fn reduce_logsumexp(x: impl IntoTensor) -> Built<Optional<Statistics>> {
    Built::composed([convert_to_tensor(x)], Statistics::LOG_SUM_EXP)
}
