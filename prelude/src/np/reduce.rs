//! Reductions: `np.sum`, `np.mean`, `np.max`, `np.argmax`, ... over all elements or along axes.
//! How they are computed is in `folds`.

use std::sync::OnceLock;

use super::computed::computed;
use super::folds::{floating, fold_axes, mean_along, spread_weights, var_along, weighted_mean, with_size_one};
use super::manipulate::checked_axis;
use super::operators::{divide, multiply, subtract};
use super::quantile::Quantile;
use super::{linalg, math, nan};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

/// A reduction such as `np::sum(&x)`: over all elements, unless `.axis(1)` follows.
///
/// It is an array wherever one is needed: it prints, computes and derefs as one.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[1.0, 2.0], [3.0, 5.0]]);
/// assert_eq!(np::sum(&x).to_string(), "11.0");
/// assert_eq!(x.mean().axis(0).to_string(), "[2.  3.5]");
/// assert_eq!((&x / x.sum().axis(1).keepdims()).shape(), &[2, 2]);
/// ```
pub struct Reduced {
    input: Array,
    kind: Kind,
    axes: Option<Vec<isize>>,
    keepdims: bool,
    ddof: usize,
    weights: Option<Array>,
    where_: Option<Array>,
    initial: Option<Array>,
    value: OnceLock<Array>,
}

/// What is computed of the elements along the axes.
#[derive(Clone, PartialEq)]
pub(super) enum Kind {
    Sum,
    Prod,
    Mean,
    Var,
    Std,
    Max,
    Min,
    ArgMax,
    ArgMin,
    All,
    Any,
    Ptp,
    NanMean,
    NanVar,
    NanStd,
    NanMax,
    NanMin,
    Quantile(Quantile),
    /// With the order of the norm, when there is one.
    Norm(Option<f64>),
}

/// One axis, or several: `1`, `-1`, `[0, 1]`, `(0, 1)`.
pub trait Axes {
    #[doc(hidden)]
    fn axes(self) -> Vec<isize>;
}

macro_rules! axis_types {
    ($($t:ty),*) => { $(
        impl Axes for $t {
            fn axes(self) -> Vec<isize> {
                vec![self as isize]
            }
        }
    )* };
}
axis_types!(i32, i64, isize, usize);

impl Axes for (i32, i32) {
    fn axes(self) -> Vec<isize> {
        vec![self.0 as isize, self.1 as isize]
    }
}

impl<const N: usize> Axes for [i32; N] {
    fn axes(self) -> Vec<isize> {
        self.map(|axis| axis as isize).to_vec()
    }
}

impl Reduced {
    pub(super) fn new(input: Array, kind: Kind) -> Reduced {
        Reduced {
            input,
            kind,
            axes: None,
            keepdims: false,
            ddof: 0,
            weights: None,
            where_: None,
            initial: None,
            value: OnceLock::new(),
        }
    }

    /// `axis=...`: reduces along these axes only; negative axes count from the last.
    ///
    /// # Panics
    /// `AxisError` when the array has no such axis.
    #[track_caller]
    pub fn axis(mut self, axes: impl Axes) -> Reduced {
        let axes = axes.axes();
        for axis in &axes {
            checked_axis(*axis, self.input.ndim());
        }
        self.axes = Some(axes);
        self.value = OnceLock::new();
        self
    }

    /// `keepdims=True`: the reduced axes stay, with size 1.
    pub fn keepdims(mut self) -> Reduced {
        self.keepdims = true;
        self.value = OnceLock::new();
        self
    }

    /// `ddof=1` of a variance or standard deviation: what the number of elements is lessened by, 1 for a sample.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::var([1.0, 2.0, 4.0]).ddof(1).to_string(), "2.333333333333333");
    /// ```
    ///
    /// # Panics
    /// `TypeError` of anything else.
    #[track_caller]
    pub fn ddof(mut self, ddof: usize) -> Reduced {
        if !matches!(self.kind, Kind::Var | Kind::Std | Kind::NanVar | Kind::NanStd) {
            Error::Type("got an unexpected keyword argument 'ddof': it belongs to var and std".into()).raise()
        }
        (self.ddof, self.value) = (ddof, OnceLock::new());
        self
    }

    /// `ord=...` of a norm: 1 for the sum of sizes, `np::inf` for the largest, ...; of a matrix without an axis those of
    /// NumPy's matrix norms.
    ///
    /// # Panics
    /// `TypeError` of anything else.
    #[track_caller]
    pub fn ord(mut self, ord: impl Into<f64>) -> Reduced {
        if !matches!(self.kind, Kind::Norm(_)) {
            Error::Type("got an unexpected keyword argument 'ord': it belongs to norm".into()).raise()
        }
        (self.kind, self.value) = (Kind::Norm(Some(ord.into())), OnceLock::new());
        self
    }

    /// `method="lower"` of a percentile or quantile: how a place between two elements is met, by one of NumPy's names:
    /// `"linear"` (the default), `"lower"`, `"higher"`, `"midpoint"`, `"nearest"`, `"hazen"`, `"weibull"`, ...
    ///
    /// # Panics
    /// `ValueError` for another name, `TypeError` of anything else.
    #[track_caller]
    pub fn method(mut self, method: &str) -> Reduced {
        let Kind::Quantile(quantile) = self.kind else {
            Error::Type("got an unexpected keyword argument 'method': it belongs to percentile and quantile".into())
                .raise()
        };
        let quantile = quantile.method(method).unwrap_or_else(|message| Error::Value(message).raise());
        (self.kind, self.value) = (Kind::Quantile(quantile), OnceLock::new());
        self
    }

    /// `weights=...` of an average: how much each element counts; a vector goes along the one axis.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::average([1, 2, 3, 4]).weights([4, 3, 2, 1]).to_string(), "2.0");
    /// ```
    ///
    /// # Panics
    /// `TypeError` of anything else.
    #[track_caller]
    pub fn weights(mut self, weights: impl ArrayLike) -> Reduced {
        if self.kind != Kind::Mean {
            Error::Type("got an unexpected keyword argument 'weights': it belongs to average".into()).raise()
        }
        (self.weights, self.value) = (Some(weights.to_array()), OnceLock::new());
        self
    }

    /// `where=mask`: only the elements where the mask holds count.
    ///
    /// ```
    /// use flowbook::np;
    /// let x = np::array([[1, 20], [3, 40]]);
    /// assert_eq!(np::sum(&x).where_(np::less(&x, 10)).to_string(), "4");
    /// assert_eq!(np::mean(&x).axis(0).where_([[true, true], [true, false]]).to_string(), "[ 2. 20.]");
    /// ```
    ///
    /// # Panics
    /// `ValueError` when the mask does not fit, or for a largest or smallest element without `.initial(...)`;
    /// `TypeError` of anything that has no such argument.
    #[track_caller]
    pub fn where_(mut self, mask: impl ArrayLike) -> Reduced {
        if !matches!(self.kind, Kind::Sum | Kind::Prod | Kind::Mean | Kind::Max | Kind::Min | Kind::All | Kind::Any) {
            Error::Type("where= is offered for sum, prod, mean, max, min, all and any".into()).raise()
        }
        let mask = super::broadcast_to(mask.to_array().astype(DType::Bool), self.input.shape());
        (self.where_, self.value) = (Some(mask), OnceLock::new());
        self
    }

    /// `initial=0` of a sum, product, largest or smallest element: what it starts from.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::max([-5, -2]).initial(0).to_string(), "0");
    /// assert_eq!(np::min(np::zeros(0)).initial(9).to_string(), "9.0");
    /// ```
    ///
    /// # Panics
    /// `TypeError` of anything else.
    #[track_caller]
    pub fn initial(mut self, value: impl ArrayLike) -> Reduced {
        if !matches!(self.kind, Kind::Sum | Kind::Prod | Kind::Max | Kind::Min) {
            Error::Type("got an unexpected keyword argument 'initial': it belongs to sum, prod, max and min".into())
                .raise()
        }
        (self.initial, self.value) = (Some(value.to_array()), OnceLock::new());
        self
    }

    /// The elements with those that do not count replaced by what changes nothing.
    #[track_caller]
    fn counted(&self) -> Array {
        let input = self.input.clone();
        let Some(mask) = &self.where_ else { return input };
        let neutral: Array = match (&self.kind, &self.initial) {
            (Kind::Sum | Kind::Mean | Kind::Any, _) => 0.to_array(),
            (Kind::Prod | Kind::All, _) => 1.to_array(),
            (_, Some(initial)) => initial.clone(),
            (kind, None) => {
                let name = if *kind == Kind::Max { "maximum" } else { "minimum" };
                Error::Value(format!(
                    "reduction operation '{name}' does not have an identity, so to use a where mask one has to specify \
                     'initial'"
                ))
                .raise()
            }
        };
        super::where_(mask, &input, neutral.astype(input.dtype()))
    }

    /// The result together with the value it starts from.
    #[track_caller]
    fn started(&self, result: impl FnOnce() -> Array, empty: &[usize]) -> Array {
        let Some(initial) = &self.initial else { return result() };
        if self.input.is_empty() && matches!(self.kind, Kind::Max | Kind::Min) {
            return super::full(empty, initial.astype(self.input.dtype()));
        }
        let result = result();
        let initial = initial.astype(result.dtype());
        match self.kind {
            Kind::Sum => super::add(result, initial),
            Kind::Prod => multiply(result, initial),
            Kind::Max => super::maximum(result, initial),
            _ => super::minimum(result, initial),
        }
    }

    #[track_caller]
    fn compute(&self) -> Array {
        let mut array = self.counted();
        let mut prefix = Vec::new();
        let mut axes: Vec<usize> = match &self.axes {
            Some(axes) => axes.iter().map(|axis| checked_axis(*axis, array.ndim())).collect(),
            None => (0..array.ndim()).collect(),
        };
        axes.sort_unstable();
        axes.dedup();
        let kept: Vec<usize> =
            array.shape().iter().enumerate().map(|(d, n)| if axes.contains(&d) { 1 } else { *n }).collect();
        let weights = self.weights.as_ref().map(|weights| spread_weights(weights, &array, &axes));
        if axes.len() == array.ndim() {
            // All axes of a row-by-row array are one long axis.
            array = array.flatten();
            axes = vec![0];
        }
        let result = match &self.kind {
            Kind::Mean if let Some(weights) = &weights => weighted_mean(&array, weights, &axes),
            Kind::Mean if let Some(mask) = &self.where_ => {
                let mask = if axes.len() == mask.ndim() || array.ndim() == 1 {
                    mask.reshape(array.shape())
                } else {
                    mask.clone()
                };
                let array = floating(&array);
                let counts = fold_axes(&Kind::Sum, &mask, &axes).astype(array.dtype());
                divide(fold_axes(&Kind::Sum, &array, &axes), counts)
            }
            Kind::Mean => mean_along(&array, &axes),
            Kind::Var => var_along(&array, &axes, self.ddof),
            Kind::Std => math::sqrt(var_along(&array, &axes, self.ddof)),
            Kind::Ptp => subtract(fold_axes(&Kind::Max, &array, &axes), fold_axes(&Kind::Min, &array, &axes)),
            Kind::NanMean => nan::mean(&array, &axes),
            Kind::NanVar => nan::var(&array, &axes, self.ddof),
            Kind::NanStd => math::sqrt(nan::var(&array, &axes, self.ddof)),
            Kind::Norm(ord) => linalg::norm_along(&array, self.input.shape(), &axes, *ord),
            Kind::Quantile(quantile) => {
                prefix = quantile.shape().to_vec();
                quantile.along(&array, &axes)
            }
            kind => self.started(|| fold_axes(kind, &array, &axes), &axes_gone(array.shape(), &axes)),
        };
        let sizes: Vec<usize> = if self.keepdims {
            kept
        } else if axes.len() == self.input.ndim() || self.axes.is_none() {
            Vec::new()
        } else {
            self.input.shape().iter().enumerate().filter(|(d, _)| !axes.contains(d)).map(|(_, n)| *n).collect()
        };
        prefix.extend(sizes);
        result.reshape(prefix)
    }
}

/// A shape with size 1 along the axes.
fn axes_gone(shape: &[usize], axes: &[usize]) -> Vec<usize> {
    axes.iter().fold(shape.to_vec(), |shape, axis| with_size_one(&shape, *axis))
}

computed!(Reduced);

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(x: impl ArrayLike) -> Reduced {
                x.to_array().$name()
            }
        )*
        impl Array {
            $(
                $(#[$doc])*
                pub fn $name(&self) -> Reduced {
                    Reduced::new(self.clone(), Kind::$kind)
                }
            )*
        }
    };
}
reductions! {
    /// `np.sum`; integers and booleans sum to `int64`.
    sum => Sum;
    /// `np.prod`
    prod => Prod;
    /// `np.mean`; integers give `float64`.
    mean => Mean;
    /// `np.var`: the mean squared distance from the mean.
    var => Var;
    /// `np.std`: the square root of the variance.
    std => Std;
    /// `np.max`; NaN wins. `ValueError` without elements.
    max => Max;
    /// `np.min`; NaN wins. `ValueError` without elements.
    min => Min;
    /// `np.argmax`: the index of the first largest element. `ValueError` without elements.
    argmax => ArgMax;
    /// `np.argmin`: the index of the first smallest element. `ValueError` without elements.
    argmin => ArgMin;
    /// `np.all`: whether every element is true.
    all => All;
    /// `np.any`: whether some element is true.
    any => Any;
}

/// `np.ptp`: the largest less the smallest ("peak to peak").
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::ptp([[4, 9], [1, 3]]).axis(0).to_string(), "[3 6]");
/// ```
pub fn ptp(x: impl ArrayLike) -> Reduced {
    Reduced::new(x.to_array(), Kind::Ptp)
}

/// `np.average`: the mean, weighted when `.weights(w)` follows.
pub fn average(x: impl ArrayLike) -> Reduced {
    mean(x)
}

/// `np.amax`, another name of [`max`].
pub fn amax(x: impl ArrayLike) -> Reduced {
    max(x)
}

/// `np.amin`, another name of [`min`].
pub fn amin(x: impl ArrayLike) -> Reduced {
    min(x)
}
