//! Numbers at even distances: `arange`, `linspace`, `logspace`, `geomspace`. Grids of them are in `grid`.

use super::computed::{Compute, Computed, options};
use super::operators::power;
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

/// How far the places of `num` values go: the last one is the end itself, or one step before it.
#[derive(Clone, Copy)]
pub(super) struct Places {
    start: f64,
    stop: f64,
    num: usize,
    endpoint: bool,
}

impl Places {
    #[track_caller]
    fn new(start: f64, stop: f64, num: i64) -> Places {
        let Ok(num) = usize::try_from(num) else {
            Error::Value(format!("Number of samples, {num}, must be non-negative.")).raise()
        };
        Places { start, stop, num, endpoint: true }
    }

    /// How many steps lie between both bounds.
    fn steps(&self) -> usize {
        if self.endpoint { self.num.saturating_sub(1) } else { self.num }
    }

    fn step(&self) -> f64 {
        if self.steps() == 0 { f64::NAN } else { (self.stop - self.start) / self.steps() as f64 }
    }

    fn values(&self) -> Vec<f64> {
        let (distance, step) = (self.stop - self.start, self.step());
        let offset = |i: usize| match step {
            step if step.is_nan() => i as f64 * distance,
            // A step too small for a float is multiplied in last.
            0.0 => i as f64 / self.steps() as f64 * distance,
            step => i as f64 * step,
        };
        let mut values: Vec<f64> = (0..self.num).map(|i| offset(i) + self.start).collect();
        if let [_, .., last] = values.as_mut_slice()
            && self.endpoint
        {
            *last = self.stop;
        }
        values
    }

    fn array(&self) -> Array {
        Array::new(self.values(), &[self.num])
    }
}

options! {
    /// The call of [`linspace`].
    Linspace { places: Places, dtype: DType, }
    /// `dtype=np.int64`: the element type; floats are rounded down for an integer type.
    dtype(dtype: DType) => dtype = dtype;
}

impl Computed<Linspace> {
    /// `endpoint=False`: `stop` itself is left out.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::linspace(2, 3, 5).endpoint(false).to_string(), "[2.  2.2 2.4 2.6 2.8]");
    /// ```
    pub fn endpoint(self, endpoint: bool) -> Computed<Linspace> {
        self.with(|call| call.places.endpoint = endpoint)
    }

    /// What `retstep=True` gives besides: the distance of two values, NaN where there are none.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::linspace(2, 3, 5).step(), 0.25);
    /// ```
    pub fn step(&self) -> f64 {
        self.call().places.step()
    }
}

impl Compute for Linspace {
    fn compute(&self) -> Array {
        let values = self.places.array();
        if self.dtype.is_integer() { super::floor(values).astype(self.dtype) } else { values.astype(self.dtype) }
    }
}

/// `np.linspace(start, stop, num)`: `num` values from `start` to `stop`, both included, `float64`.
///
/// # Panics
/// `ValueError` when `num` is negative.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::linspace(0, 1, 5).to_string(), "[0.   0.25 0.5  0.75 1.  ]");
/// ```
#[track_caller]
pub fn linspace(start: impl Into<f64>, stop: impl Into<f64>, num: i64) -> Computed<Linspace> {
    let places = Places::new(start.into(), stop.into(), num);
    Computed::new(Linspace { places, dtype: DType::Float64 })
}

options! {
    /// The call of [`logspace`] or [`geomspace`].
    Logspace { places: Places, base: f64, ends: Option<(f64, f64)>, dtype: DType, }
    /// `base=2.0`: powers of another number than ten.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::logspace(0, 4, 5).base(2).to_string(), "[ 1.  2.  4.  8. 16.]");
    /// ```
    base(base: impl Into<f64>) => base = base.into();
    /// `dtype=np.int64`: the element type.
    dtype(dtype: DType) => dtype = dtype;
}

impl Computed<Logspace> {
    /// `endpoint=False`: the last value is left out.
    pub fn endpoint(self, endpoint: bool) -> Computed<Logspace> {
        self.with(|call| call.places.endpoint = endpoint)
    }
}

impl Compute for Logspace {
    fn compute(&self) -> Array {
        let powers = power(self.base, self.places.array());
        let Some((start, stop)) = self.ends else { return powers.astype(self.dtype) };
        let sign = start.signum();
        let mut values = powers.to_vec::<f64>();
        if let [first, rest @ ..] = values.as_mut_slice() {
            *first = start * sign;
            if let ([.., last], true) = (rest, self.places.endpoint) {
                *last = stop * sign;
            }
        }
        (super::array(values) * sign).astype(self.dtype)
    }
}

/// `np.logspace(start, stop, num)`: `num` powers of ten, whose exponents go evenly from `start` to `stop`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::logspace(0, 2, 3).to_string(), "[  1.  10. 100.]");
/// ```
///
/// # Panics
/// `ValueError` when `num` is negative.
#[track_caller]
pub fn logspace(start: impl Into<f64>, stop: impl Into<f64>, num: i64) -> Computed<Logspace> {
    let places = Places::new(start.into(), stop.into(), num);
    Computed::new(Logspace { places, base: 10.0, ends: None, dtype: DType::Float64 })
}

/// `np.geomspace(start, stop, num)`: `num` values from `start` to `stop`, each the same multiple of the one before.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::geomspace(1, 1000, 4).to_string(), "[   1.   10.  100. 1000.]");
/// ```
///
/// # Panics
/// `ValueError` when `num` is negative or a bound is zero.
#[track_caller]
pub fn geomspace(start: impl Into<f64>, stop: impl Into<f64>, num: i64) -> Computed<Logspace> {
    let (start, stop): (f64, f64) = (start.into(), stop.into());
    if start == 0.0 || stop == 0.0 {
        Error::Value("Geometric sequence cannot include zero".into()).raise()
    }
    let sign = start.signum();
    let places = Places::new((start * sign).log10(), (stop * sign).log10(), num);
    Computed::new(Logspace { places, base: 10.0, ends: Some((start, stop)), dtype: DType::Float64 })
}
