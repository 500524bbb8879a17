//! Numbers at even distances: `arange`, `linspace`, `logspace`, `geomspace`. Grids of them are in `grid`.

use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;

/// A number [`arange`](fn@arange) counts with; one float among the three makes all of them floats.
pub trait Step: Copy {
    #[doc(hidden)]
    fn number(self) -> Number;
}

#[doc(hidden)]
#[derive(Clone, Copy)]
pub enum Number {
    Whole(i64),
    Float(f64),
}

impl Number {
    fn float(self) -> f64 {
        match self {
            Number::Whole(x) => x as f64,
            Number::Float(x) => x,
        }
    }
}

macro_rules! steps {
    ($($t:ty => $kind:ident as $as:ty),*) => { $(
        impl Step for $t {
            fn number(self) -> Number {
                Number::$kind(self as $as)
            }
        }
    )* };
}
steps!(f64 => Float as f64, i32 => Whole as i64, i64 => Whole as i64, usize => Whole as i64);

/// `np.arange(start, stop, step)`: from `start` up to, not including, `stop`; `float64` when one of the three is a float.
///
/// `np::arange!(5)` and `np::arange!(2, 5)` are `np.arange(5)` and `np.arange(2, 5)`, and so are the ranges of Rust,
/// `np::array(0..5)` and `np::array(2..5)`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::arange(-0.2, 0.2, 0.1).to_string(), "[-0.2 -0.1  0.   0.1]");
/// assert_eq!(np::arange(0, 10, 3).to_string(), "[0 3 6 9]");
/// assert_eq!(np::arange(0, 1, 0.25).to_string(), "[0.   0.25 0.5  0.75]");
/// ```
///
/// # Panics
/// `ZeroDivisionError` when the step is 0.
#[track_caller]
pub fn arange(start: impl Step, stop: impl Step, step: impl Step) -> Array {
    let (start, stop, step) = (start.number(), stop.number(), step.number());
    let n = count((stop.float() - start.float()) / step.float());
    if let (Number::Whole(start), Number::Whole(_), Number::Whole(step)) = (start, stop, step) {
        return Array::new((0..n as i64).map(|i| start + i * step).collect::<Vec<i64>>(), &[n]);
    }
    // NumPy multiplies by the difference of the first two elements, not by `step`.
    let delta = (start.float() + step.float()) - start.float();
    Array::new((0..n).map(|i| start.float() + i as f64 * delta).collect(), &[n])
}

#[track_caller]
fn count(steps: f64) -> usize {
    if steps.is_nan() || steps == f64::INFINITY {
        panic!("ZeroDivisionError: division by zero: the step of arange must not be 0");
    }
    steps.ceil().max(0.0) as usize
}

/// `np.arange(stop)`, `np.arange(start, stop)` or `np.arange(start, stop, step)`: the function
/// [`arange`](fn@crate::np::arange) with one, two or three numbers.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::arange!(5).to_string(), "[0 1 2 3 4]");
/// assert_eq!(np::arange!(2.5, 5).to_string(), "[2.5 3.5 4.5]");
/// assert_eq!(np::arange!(10, 30, 5).to_string(), "[10 15 20 25]");
/// ```
#[macro_export]
macro_rules! arange {
    ($stop:expr $(,)?) => {
        $crate::np::arange(0, $stop, 1)
    };
    ($start:expr, $stop:expr $(, $step:expr)? $(,)?) => {
        $crate::np::arange($start, $stop, $crate::arange!(@step $($step)?))
    };
    (@step) => {
        1
    };
    (@step $step:expr) => {
        $step
    };
}

/// How many values, and what else [`linspace`], [`logspace`] and [`geomspace`] take; made by [`num`].
#[derive(Clone, Copy, Debug)]
pub struct Num {
    num: i64,
    endpoint: bool,
    base: f64,
    dtype: DType,
}

/// The `num=` of [`linspace`], [`logspace`] and [`geomspace`], with their other options behind it.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::linspace(2, 3, np::num(5).endpoint(false)).to_string(), "[2.  2.2 2.4 2.6 2.8]");
/// assert_eq!(np::logspace(0, 4, np::num(5).base(2).dtype(np::int64)).to_string(), "[ 1  2  4  8 16]");
/// ```
pub fn num(num: i64) -> Num {
    Num { num, endpoint: true, base: 10.0, dtype: DType::Float64 }
}

impl Num {
    /// `endpoint=False`: the last value is left out.
    pub fn endpoint(self, endpoint: bool) -> Num {
        Num { endpoint, ..self }
    }

    /// `base=2.0` of `logspace`: powers of another number than ten.
    pub fn base(self, base: impl Into<f64>) -> Num {
        Num { base: base.into(), ..self }
    }

    /// `dtype=np.int64`: the element type; floats are rounded down for an integer type.
    pub fn dtype(self, dtype: DType) -> Num {
        Num { dtype, ..self }
    }

    /// How many steps lie between both bounds.
    fn steps(&self) -> i64 {
        if self.endpoint { self.num - 1 } else { self.num }
    }

    fn step(&self, start: f64, stop: f64) -> f64 {
        if self.steps() < 1 { f64::NAN } else { (stop - start) / self.steps() as f64 }
    }

    #[track_caller]
    fn values(&self, start: f64, stop: f64) -> Vec<f64> {
        if self.num < 0 {
            Error::Value(format!("Number of samples, {}, must be non-negative.", self.num)).raise()
        }
        let (distance, step) = (stop - start, self.step(start, stop));
        let offset = |i: i64| match step {
            step if step.is_nan() => i as f64 * distance,
            // A step too small for a float is multiplied in last.
            0.0 => i as f64 / self.steps() as f64 * distance,
            step => i as f64 * step,
        };
        let mut values: Vec<f64> = (0..self.num).map(|i| offset(i) + start).collect();
        if let ([_, .., last], true) = (values.as_mut_slice(), self.endpoint) {
            *last = stop;
        }
        values
    }

    fn array(&self, values: Vec<f64>) -> Array {
        let n = values.len();
        Array::new(values, &[n]).astype(self.dtype)
    }
}

/// How many values there are: a number, or [`num`] with options.
pub trait Samples {
    #[doc(hidden)]
    fn samples(self) -> Num;
}

impl Samples for Num {
    fn samples(self) -> Num {
        self
    }
}

macro_rules! samples {
    ($($t:ty),*) => { $(
        impl Samples for $t {
            fn samples(self) -> Num {
                num(self as i64)
            }
        }
    )* };
}
samples!(i32, i64, usize);

/// `np.linspace(start, stop, num)`: `num` values from `start` to `stop`, both included, `float64`; [`np::num`](num) has
/// further options.
///
/// # Panics
/// `ValueError` when `num` is negative.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::linspace(0, 1, 5).to_string(), "[0.   0.25 0.5  0.75 1.  ]");
/// ```
#[track_caller]
pub fn linspace(start: impl Into<f64>, stop: impl Into<f64>, num: impl Samples) -> Array {
    linspace_step(start, stop, num).0
}

/// `np.linspace(start, stop, num, retstep=True)`: the values, and the distance of two of them; NaN where there are none.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::linspace_step(2, 3, 5).1, 0.25);
/// ```
///
/// # Panics
/// `ValueError` when `num` is negative.
#[track_caller]
pub fn linspace_step(start: impl Into<f64>, stop: impl Into<f64>, num: impl Samples) -> (Array, f64) {
    let (start, stop, num) = (start.into(), stop.into(), num.samples());
    let mut values = num.values(start, stop);
    if num.dtype.is_integer() {
        values.iter_mut().for_each(|x| *x = x.floor());
    }
    (num.array(values), num.step(start, stop))
}

/// `np.logspace(start, stop, num)`: `num` powers of ten, whose exponents go evenly from `start` to `stop`; [`np::num`](num)
/// has further options.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::logspace(0, 2, 3).to_string(), "[  1.  10. 100.]");
/// ```
///
/// # Panics
/// `ValueError` when `num` is negative.
#[track_caller]
pub fn logspace(start: impl Into<f64>, stop: impl Into<f64>, num: impl Samples) -> Array {
    let num = num.samples();
    num.array(num.values(start.into(), stop.into()).into_iter().map(|x| num.base.powf(x)).collect())
}

/// `np.geomspace(start, stop, num)`: `num` values from `start` to `stop`, each the same multiple of the one before;
/// [`np::num`](num) has further options.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::geomspace(1, 1000, 4).to_string(), "[   1.   10.  100. 1000.]");
/// ```
///
/// # Panics
/// `ValueError` when `num` is negative or a bound is zero.
#[track_caller]
pub fn geomspace(start: impl Into<f64>, stop: impl Into<f64>, num: impl Samples) -> Array {
    let (start, stop, num): (f64, f64, Num) = (start.into(), stop.into(), num.samples());
    if start == 0.0 || stop == 0.0 {
        Error::Value("Geometric sequence cannot include zero".into()).raise()
    }
    let sign = start.signum();
    let exponents = num.values((start * sign).log10(), (stop * sign).log10());
    let mut values: Vec<f64> = exponents.into_iter().map(|x| sign * 10f64.powf(x)).collect();
    if let [first, rest @ ..] = values.as_mut_slice() {
        *first = start;
        if let ([.., last], true) = (rest, num.endpoint) {
            *last = stop;
        }
    }
    num.array(values)
}
