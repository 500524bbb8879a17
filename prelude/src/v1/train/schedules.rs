//! Learning rates that change with the step: TensorFlow 1's decay functions. Each is a formula over other ops, rebuilt
//! when a setter changes one of its arguments.

use crate::DType;
use crate::error::Error;
use crate::graph::{Built, IntoTensor, Rebuild, Tensor, build};
use crate::ops::array::{convert_to_tensor, new_constant};
use crate::ops::elementwise::{
    ADD, MUL, REAL_DIV, add, cast, ceil, cos, divide, exp, floor, greater, less_equal, log, maximum, minimum, multiply,
    pow,
};
use crate::ops::flow::exclusive_case;
use crate::ops::nn::{composed, composed_as};
use crate::ops::{cast_array, typed};

/// What all schedules take: the first rate, the step, and after how many steps the decay is at its mark.
#[derive(Clone, Copy)]
struct Base {
    rate: f64,
    step: Tensor,
    decay_steps: f64,
}

impl Base {
    #[track_caller]
    fn new(rate: f64, step: impl IntoTensor, decay_steps: impl Into<f64>) -> Base {
        Base { rate, step: convert_to_tensor(step), decay_steps: decay_steps.into() }
    }

    fn initial(&self) -> Tensor {
        let (graph, rate) = (self.step.graph(), cast_array(&crate::Array::scalar(self.rate), DType::Float32));
        build(graph, || new_constant(graph, "initial_learning_rate", rate))
    }

    fn float_step(&self) -> Tensor {
        cast(self.step, DType::Float32)
    }

    /// How often the step has been through `decay_steps`; whole times only when `staircase`.
    fn periods(&self, staircase: bool) -> Tensor {
        let periods = divide(self.float_step(), self.decay_steps);
        if staircase { floor(periods) } else { periods }
    }

    /// The step, at most `decay_steps`, as a fraction of it.
    fn fraction(&self) -> Tensor {
        divide(minimum(self.float_step(), self.decay_steps), self.decay_steps)
    }
}

/// The arguments of [`exponential_decay`], [`natural_exp_decay`] and [`inverse_time_decay`].
#[derive(Clone, Copy)]
pub struct Decay {
    base: Base,
    decay_rate: f64,
    staircase: bool,
    form: Form,
}

#[derive(Clone, Copy)]
enum Form {
    Exponential,
    InverseTime,
}

impl Rebuild for Decay {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        let name = match self.form {
            Form::Exponential => "ExponentialDecay",
            Form::InverseTime => "InverseTimeDecay",
        };
        composed_as(self.base.step, name, |scope| {
            let rate = self.base.initial();
            let periods = self.base.periods(self.staircase);
            let (def, factor) = match self.form {
                Form::Exponential => (&MUL, pow(self.decay_rate, periods)),
                Form::InverseTime => (&REAL_DIV, add(1.0, multiply(self.decay_rate, periods))),
            };
            Ok(scope.op(def, &[rate, factor], typed("T", DType::Float32))?.output(0))
        })
    }
}

impl Built<Decay> {
    /// Whether the rate falls in steps, once every `decay_steps`: `staircase=`.
    #[track_caller]
    pub fn staircase(self, yes: bool) -> Built<Decay> {
        self.with(|a| a.staircase = yes)
    }
}

#[track_caller]
fn decay(base: Base, decay_rate: f64, form: Form) -> Built<Decay> {
    Built::new(Decay { base, decay_rate, staircase: false, form })
}

/// `learning_rate * decay_rate ^ (global_step / decay_steps)`: `tf.train.exponential_decay`.
///
/// ```
/// use flowbook::v1 as tf;
/// let step = tf::placeholder(tf::int32, tf::TensorShape::scalar());
/// let rate = tf::train::exponential_decay(0.1, step, 100, 0.5).staircase(true);
/// let at = |n: i32| tf::Session::new().run_with(rate, flowbook::feed! { step => n });
/// assert_eq!(format!("{} {}", at(99)?, at(100)?), "0.1 0.05");
/// # Ok::<(), flowbook::Error>(())
/// ```
#[track_caller]
pub fn exponential_decay(
    learning_rate: f64,
    global_step: impl IntoTensor,
    decay_steps: impl Into<f64>,
    decay_rate: f64,
) -> Built<Decay> {
    decay(Base::new(learning_rate, global_step, decay_steps), decay_rate, Form::Exponential)
}

/// `learning_rate * exp(-decay_rate * global_step / decay_steps)`: `tf.train.natural_exp_decay`.
#[track_caller]
pub fn natural_exp_decay(
    learning_rate: f64,
    global_step: impl IntoTensor,
    decay_steps: impl Into<f64>,
    decay_rate: f64,
) -> Built<Decay> {
    decay(Base::new(learning_rate, global_step, decay_steps), (-decay_rate).exp(), Form::Exponential)
}

/// `learning_rate / (1 + decay_rate * global_step / decay_steps)`: `tf.train.inverse_time_decay`.
#[track_caller]
pub fn inverse_time_decay(
    learning_rate: f64,
    global_step: impl IntoTensor,
    decay_steps: impl Into<f64>,
    decay_rate: f64,
) -> Built<Decay> {
    decay(Base::new(learning_rate, global_step, decay_steps), decay_rate, Form::InverseTime)
}

/// `values[i]` for steps up to and including `boundaries[i]`, the last value after all of them:
/// `tf.train.piecewise_constant`.
///
/// # Panics
/// `ValueError` unless there is one value more than there are boundaries, and these are of the type of `x`.
#[track_caller]
pub fn piecewise_constant<B: IntoTensor + Copy>(x: impl IntoTensor, boundaries: &[B], values: &[f64]) -> Tensor {
    let mut boundaries: Vec<Tensor> = boundaries.iter().map(|b| convert_to_tensor(*b)).collect();
    let values: Vec<Tensor> = values.iter().map(|v| convert_to_tensor(*v)).collect();
    let x = convert_to_tensor(x);
    for boundary in &mut boundaries {
        match (boundary.dtype(), x.dtype()) {
            (own, wanted) if own == wanted => {}
            (DType::Int32, DType::Int64) => *boundary = cast(*boundary, DType::Int64),
            (own, wanted) => {
                let [own, wanted] = [own, wanted].map(|dtype| format!("<dtype: '{}'>", dtype.name()));
                Error::Value(format!("Boundaries ({own}) must have the same dtype as x ({wanted}).")).raise()
            }
        }
    }
    let (Some(first), Some(last)) = (boundaries.first(), boundaries.last()) else {
        Error::Value("The length of boundaries should be 1 less than the length of values".into()).raise()
    };
    if boundaries.len() + 1 != values.len() {
        Error::Value("The length of boundaries should be 1 less than the length of values".into()).raise();
    }
    composed(x, "PiecewiseConstant", || {
        let mut cases = vec![(less_equal(x, *first), values[0])];
        cases.push((greater(x, *last), values[values.len() - 1]));
        for (bounds, value) in boundaries.windows(2).zip(&values[1..]) {
            let (above, below) = (greater(x, bounds[0]), less_equal(x, bounds[1]));
            cases.push((above & below, *value));
        }
        exclusive_case(cases, values[0])
    })
}

/// The arguments of [`polynomial_decay`].
#[derive(Clone, Copy)]
pub struct Polynomial {
    base: Base,
    end: f64,
    power: f64,
    cycle: bool,
}

impl Rebuild for Polynomial {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        composed_as(self.base.step, "PolynomialDecay", |scope| {
            let step = self.base.float_step();
            let fraction = if self.cycle {
                let cycles = maximum(ceil(divide(step, self.base.decay_steps)), 1.0);
                divide(step, multiply(cycles, self.base.decay_steps))
            } else {
                self.base.fraction()
            };
            let end = convert_to_tensor(self.end);
            let range = self.base.initial() - end;
            let falling = multiply(range, pow(1.0 - fraction, self.power));
            Ok(scope.op(&ADD, &[falling, end], typed("T", DType::Float32))?.output(0))
        })
    }
}

impl Built<Polynomial> {
    /// The rate it ends at, `end_learning_rate=`; 0.0001 by itself.
    #[track_caller]
    pub fn end_learning_rate(self, rate: f64) -> Built<Polynomial> {
        self.with(|a| a.end = rate)
    }

    /// The exponent, `power=`; 1 by itself, which is a straight line.
    #[track_caller]
    pub fn power(self, power: f64) -> Built<Polynomial> {
        self.with(|a| a.power = power)
    }

    /// Whether it starts anew, over a longer stretch, each time it has ended: `cycle=`.
    #[track_caller]
    pub fn cycle(self, yes: bool) -> Built<Polynomial> {
        self.with(|a| a.cycle = yes)
    }
}

/// From `learning_rate` to `.end_learning_rate(...)` over `decay_steps`: `tf.train.polynomial_decay`.
#[track_caller]
pub fn polynomial_decay(
    learning_rate: f64,
    global_step: impl IntoTensor,
    decay_steps: impl Into<f64>,
) -> Built<Polynomial> {
    let base = Base::new(learning_rate, global_step, decay_steps);
    Built::new(Polynomial { base, end: 0.0001, power: 1.0, cycle: false })
}

/// The arguments of [`cosine_decay`].
#[derive(Clone, Copy)]
pub struct Cosine {
    base: Base,
    alpha: f64,
}

/// Half a period of the cosine, from 1 down to 0 as the fraction goes from 0 to 1.
fn half_cosine(fraction: Tensor) -> Tensor {
    multiply(0.5, 1.0 + cos(multiply(std::f64::consts::PI, fraction)))
}

impl Rebuild for Cosine {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        composed(self.base.step, "CosineDecay", || {
            let decayed = multiply(1.0 - self.alpha, half_cosine(self.base.fraction())) + self.alpha;
            multiply(self.base.initial(), decayed)
        })
    }
}

impl Built<Cosine> {
    /// The part of the first rate that remains at the end, `alpha=`; none by itself.
    #[track_caller]
    pub fn alpha(self, alpha: f64) -> Built<Cosine> {
        self.with(|a| a.alpha = alpha)
    }
}

/// Half a period of the cosine over `decay_steps`: `tf.train.cosine_decay`.
#[track_caller]
pub fn cosine_decay(learning_rate: f64, global_step: impl IntoTensor, decay_steps: impl Into<f64>) -> Built<Cosine> {
    Built::new(Cosine { base: Base::new(learning_rate, global_step, decay_steps), alpha: 0.0 })
}

/// The arguments of [`cosine_decay_restarts`].
#[derive(Clone, Copy)]
pub struct Restarts {
    base: Base,
    t_mul: f64,
    m_mul: f64,
    alpha: f64,
}

impl Rebuild for Restarts {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        composed_as(self.base.step, "SGDRDecay", |scope| {
            let completed = self.base.periods(false);
            // Stretch number i begins where (1 - t^i) / (1 - t) first stretches end.
            let (restart, fraction) = if self.t_mul == 1.0 {
                let restart = floor(completed);
                (restart, completed - restart)
            } else {
                let restart = floor(divide(log(1.0 - completed * (1.0 - self.t_mul)), self.t_mul.ln()));
                let before = (1.0 - pow(self.t_mul, restart)) / (1.0 - self.t_mul);
                (restart, (completed - before) / pow(self.t_mul, restart))
            };
            let decayed = multiply(pow(self.m_mul, restart), half_cosine(fraction));
            let factors = [self.base.initial(), multiply(1.0 - self.alpha, decayed) + self.alpha];
            Ok(scope.op(&MUL, &factors, typed("T", DType::Float32))?.output(0))
        })
    }
}

impl Built<Restarts> {
    /// How many times longer each stretch is than the one before, `t_mul=`; 2 by itself.
    #[track_caller]
    pub fn t_mul(self, factor: f64) -> Built<Restarts> {
        self.with(|a| a.t_mul = factor)
    }

    /// How many times larger each stretch's first rate is than the one before, `m_mul=`; 1 by itself.
    #[track_caller]
    pub fn m_mul(self, factor: f64) -> Built<Restarts> {
        self.with(|a| a.m_mul = factor)
    }

    /// The part of the first rate that remains at the end, `alpha=`; none by itself.
    #[track_caller]
    pub fn alpha(self, alpha: f64) -> Built<Restarts> {
        self.with(|a| a.alpha = alpha)
    }
}

/// Cosine decay that starts anew in ever longer stretches, by Loshchilov and Hutter: `tf.train.cosine_decay_restarts`.
#[track_caller]
pub fn cosine_decay_restarts(
    learning_rate: f64,
    global_step: impl IntoTensor,
    first_decay_steps: impl Into<f64>,
) -> Built<Restarts> {
    let base = Base::new(learning_rate, global_step, first_decay_steps);
    Built::new(Restarts { base, t_mul: 2.0, m_mul: 1.0, alpha: 0.0 })
}

/// The arguments of [`linear_cosine_decay`].
#[derive(Clone, Copy)]
pub struct LinearCosine {
    base: Base,
    num_periods: f64,
    alpha: f64,
    beta: f64,
}

impl Rebuild for LinearCosine {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        composed_as(self.base.step, "LinearCosineDecay", |scope| {
            let steps = self.base.decay_steps;
            let step = minimum(self.base.float_step(), steps);
            let linear = divide(steps - step, steps);
            let fraction = multiply(2.0 * self.num_periods, divide(step, steps));
            let decayed = multiply(self.alpha + linear, half_cosine(fraction)) + self.beta;
            Ok(scope.op(&MUL, &[self.base.initial(), decayed], typed("T", DType::Float32))?.output(0))
        })
    }
}

impl Built<LinearCosine> {
    /// How many periods of the cosine there are, `num_periods=`; half a one by itself.
    #[track_caller]
    pub fn num_periods(self, count: f64) -> Built<LinearCosine> {
        self.with(|a| a.num_periods = count)
    }

    /// What is added to the falling line, `alpha=`; 0 by itself.
    #[track_caller]
    pub fn alpha(self, alpha: f64) -> Built<LinearCosine> {
        self.with(|a| a.alpha = alpha)
    }

    /// What is added to the product, `beta=`; 0.001 by itself.
    #[track_caller]
    pub fn beta(self, beta: f64) -> Built<LinearCosine> {
        self.with(|a| a.beta = beta)
    }
}

/// A falling line times a cosine, by Bello and others: `tf.train.linear_cosine_decay`.
#[track_caller]
pub fn linear_cosine_decay(
    learning_rate: f64,
    global_step: impl IntoTensor,
    decay_steps: impl Into<f64>,
) -> Built<LinearCosine> {
    let base = Base::new(learning_rate, global_step, decay_steps);
    Built::new(LinearCosine { base, num_periods: 0.5, alpha: 0.0, beta: 0.001 })
}

/// The arguments of [`cyclic_learning_rate`].
#[derive(Clone, Copy)]
pub struct Cyclic {
    base: Base,
    max: f64,
    shape: CycleShape,
}

#[derive(Clone, Copy)]
enum CycleShape {
    Triangular,
    Halving,
    Falling(f64),
}

impl Rebuild for Cyclic {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        composed(self.base.step, "CyclicLearningRate", || {
            let step = self.base.float_step();
            let cycle = floor(1.0 + divide(step, 2.0 * self.base.decay_steps));
            let from_peak = (self.base.periods(false) - 2.0 * cycle + 1.0).abs();
            let height = multiply(self.max - self.base.rate, maximum(1.0 - from_peak, 0.0));
            let height = match self.shape {
                CycleShape::Triangular => height,
                CycleShape::Halving => height / pow(2.0, cycle - 1.0),
                CycleShape::Falling(gamma) => height * exp(multiply(gamma.ln(), step)),
            };
            self.base.initial() + height
        })
    }
}

impl Built<Cyclic> {
    /// Each peak half as high above the base as the one before: Smith's `triangular2`.
    #[track_caller]
    pub fn halving(self) -> Built<Cyclic> {
        self.with(|a| a.shape = CycleShape::Halving)
    }

    /// The height above the base multiplied by `gamma ^ global_step`: Smith's `exp_range`.
    #[track_caller]
    pub fn falling(self, gamma: f64) -> Built<Cyclic> {
        self.with(|a| a.shape = CycleShape::Falling(gamma))
    }
}

/// Up from `learning_rate` to `max_lr` in `step_size` steps and down again in as many, for ever: the cyclical learning
/// rates of Smith (2017), which TensorFlow itself does not have.
#[track_caller]
pub fn cyclic_learning_rate(
    learning_rate: f64,
    global_step: impl IntoTensor,
    max_lr: f64,
    step_size: impl Into<f64>,
) -> Built<Cyclic> {
    let base = Base::new(learning_rate, global_step, step_size);
    Built::new(Cyclic { base, max: max_lr, shape: CycleShape::Triangular })
}
