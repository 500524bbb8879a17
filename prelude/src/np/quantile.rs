//! Medians, percentiles and quantiles: what lies at a place of the elements in order.

use super::cast::elements;
use super::folds::split;
use super::pairwise;
use super::reduce::{Kind, Reduced};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

/// The places asked for, from 0 to 1, and how they are met.
#[derive(Clone, PartialEq)]
pub(super) struct Quantile {
    /// None is the median, whose two middle elements are averaged.
    places: Option<Array>,
    method: Method,
    ignoring_nan: bool,
}

/// How a place between two elements is met, by NumPy's names.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Method {
    InvertedCdf,
    AveragedInvertedCdf,
    ClosestObservation,
    InterpolatedInvertedCdf,
    Hazen,
    Weibull,
    Linear,
    MedianUnbiased,
    NormalUnbiased,
    Lower,
    Higher,
    Midpoint,
    Nearest,
}

const METHODS: [(&str, Method); 13] = [
    ("inverted_cdf", Method::InvertedCdf),
    ("averaged_inverted_cdf", Method::AveragedInvertedCdf),
    ("closest_observation", Method::ClosestObservation),
    ("interpolated_inverted_cdf", Method::InterpolatedInvertedCdf),
    ("hazen", Method::Hazen),
    ("weibull", Method::Weibull),
    ("linear", Method::Linear),
    ("median_unbiased", Method::MedianUnbiased),
    ("normal_unbiased", Method::NormalUnbiased),
    ("lower", Method::Lower),
    ("higher", Method::Higher),
    ("midpoint", Method::Midpoint),
    ("nearest", Method::Nearest),
];

impl Method {
    /// Whether it gives one of the elements, in their own type.
    fn is_discrete(self) -> bool {
        use Method::{ClosestObservation, Higher, InvertedCdf, Lower, Nearest};
        matches!(self, InvertedCdf | ClosestObservation | Lower | Higher | Nearest)
    }

    /// The element below the place `q` of `n` elements in order, and how far the place lies on the way to the next.
    fn place(self, n: usize, q: f64) -> (f64, f64) {
        let count = n as f64;
        let at = |alpha: f64, beta: f64| count * q + (alpha + q * (1.0 - alpha - beta)) - 1.0;
        let place = match self {
            Method::InvertedCdf | Method::AveragedInvertedCdf => count * q - 1.0,
            Method::ClosestObservation => count * q - 1.0 - 0.5,
            Method::InterpolatedInvertedCdf => at(0.0, 1.0),
            Method::Hazen => at(0.5, 0.5),
            Method::Weibull => at(0.0, 0.0),
            Method::MedianUnbiased => at(1.0 / 3.0, 1.0 / 3.0),
            Method::NormalUnbiased => at(3.0 / 8.0, 3.0 / 8.0),
            _ => (count - 1.0) * q,
        };
        let (below, part) = (place.floor(), place - place.floor());
        match self {
            Method::InvertedCdf => (if part == 0.0 { below } else { below + 1.0 }, 0.0),
            Method::AveragedInvertedCdf => (below, if part == 0.0 { 0.5 } else { 1.0 }),
            Method::ClosestObservation => {
                (if part == 0.0 && below.rem_euclid(2.0) == 1.0 { below } else { below + 1.0 }, 0.0)
            }
            Method::Lower => (below, 0.0),
            Method::Higher => (place.ceil(), 0.0),
            Method::Midpoint => (below, if part == 0.0 { 0.0 } else { 0.5 }),
            Method::Nearest => (place.round_ties_even(), 0.0),
            _ => (below, part),
        }
    }
}

impl Quantile {
    pub(super) fn median() -> Quantile {
        Quantile { places: None, method: Method::Linear, ignoring_nan: false }
    }

    /// `whole` is 100 for percentiles.
    pub(super) fn of(q: impl ArrayLike, whole: f64) -> Result<Quantile, String> {
        let q = q.to_array().astype(DType::Float64);
        if q.as_slice::<f64>().is_some_and(|q| q.iter().any(|q| !(0.0..=whole).contains(q))) {
            let name = if whole == 1.0 { "Quantiles" } else { "Percentiles" };
            return Err(format!("{name} must be in the range [0, {whole:.0}]"));
        }
        Ok(Quantile { places: Some(q / whole), method: Method::Linear, ignoring_nan: false })
    }

    pub(super) fn ignoring_nan(self) -> Quantile {
        Quantile { ignoring_nan: true, ..self }
    }

    /// With another of NumPy's methods; the error is a text.
    pub(super) fn method(self, name: &str) -> Result<Quantile, String> {
        let Some((_, method)) = METHODS.iter().find(|(known, _)| *known == name) else {
            let names: Vec<String> = METHODS.iter().map(|(name, _)| format!("'{name}'")).collect();
            return Err(format!("'{name}' is not a valid method. Use one of: dict_keys([{}])", names.join(", ")));
        };
        Ok(Quantile { method: *method, ..self })
    }

    /// The shape of what was asked for: the first axes of the result.
    pub(super) fn shape(&self) -> &[usize] {
        self.places.as_ref().map_or(&[], Array::shape)
    }

    /// The quantiles along the axes, which stay with size 1 behind one axis of the places asked for.
    pub(super) fn along(&self, array: &Array, axes: &[usize]) -> Array {
        let mut kept: Vec<usize> = (0..array.ndim()).filter(|axis| !axes.contains(axis)).collect();
        let outer: usize = kept.iter().map(|axis| array.shape()[*axis]).product();
        kept.extend(axes);
        let rows = array.transpose(&kept).reshape([outer, array.len() / outer.max(1)]);
        let (_, n, _) = split(rows.shape(), 1);
        let v = elements::<f64>(&rows);
        let mut sorted: Vec<Vec<f64>> = (0..outer).map(|row| v[row * n..(row + 1) * n].to_vec()).collect();
        for row in &mut sorted {
            if self.ignoring_nan {
                row.retain(|x| !x.is_nan());
            }
            row.sort_by(f64::total_cmp);
            if row.iter().any(|x| x.is_nan()) {
                row.clear();
            }
        }
        let values: Vec<f64> = match &self.places {
            None => sorted.iter().map(|row| middle(row)).collect(),
            Some(places) => {
                let places = places.to_vec::<f64>();
                places.iter().flat_map(|place| sorted.iter().map(|row| between(row, self.method, *place))).collect()
            }
        };
        let n = values.len();
        let dtype = match array.dtype() {
            dtype if self.places.is_some() && self.method.is_discrete() => dtype,
            DType::Float32 if self.shape().is_empty() => DType::Float32,
            _ => DType::Float64,
        };
        Array::new(values, &[n]).astype(dtype)
    }
}

/// The mean of the one or two in the middle; NaN of nothing.
fn middle(sorted: &[f64]) -> f64 {
    let n = sorted.len();
    if n == 0 {
        return f64::NAN;
    }
    let middle = &sorted[(n - 1) / 2..n / 2 + 1];
    pairwise::sum(middle) / middle.len() as f64
}

/// Between the two elements around a place; NaN of nothing.
fn between(sorted: &[f64], method: Method, q: f64) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    let last = sorted.len() - 1;
    let (below, part) = method.place(sorted.len(), q);
    let at = |place: f64| sorted[(place.max(0.0) as usize).min(last)];
    let (low, high) = (at(below), at(below + 1.0));
    // NumPy goes from the nearer end, so that both ends are met exactly.
    if part < 0.5 { low + (high - low) * part } else { high - (high - low) * (1.0 - part) }
}

/// `np.median(x)`: the middle element, or the mean of the two in the middle; NaN when there is one.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::median([3.0, 1.0, 10.0]).to_string(), "3.0");
/// assert_eq!(np::median([[4, 1], [2, 8]]).axis(1).to_string(), "[2.5 5. ]");
/// ```
pub fn median(x: impl ArrayLike) -> Reduced {
    Reduced::new(x.to_array(), Kind::Quantile(Quantile::median()))
}

/// `np.percentile(x, q)`: the value that `q` of a hundred elements lie below, between two elements in proportion;
/// several `q` give a first axis of as many.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::percentile([1, 2, 3, 4], 25.0).to_string(), "1.75");
/// assert_eq!(np::percentile([1, 2, 3, 4], [0, 50, 100]).to_string(), "[1.  2.5 4. ]");
/// assert_eq!(np::percentile([1, 2, 3, 4], 50).method("lower").to_string(), "2");
/// ```
///
/// # Panics
/// `ValueError` when `q` is not from 0 to 100.
#[track_caller]
pub fn percentile(x: impl ArrayLike, q: impl ArrayLike) -> Reduced {
    let quantile = Quantile::of(q, 100.0).unwrap_or_else(|message| Error::Value(message).raise());
    Reduced::new(x.to_array(), Kind::Quantile(quantile))
}

/// `np.quantile(x, q)`: as [`percentile`], with `q` from 0 to 1.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::quantile([1, 2, 3, 4], 0.5).to_string(), "2.5");
/// ```
///
/// # Panics
/// `ValueError` when `q` is not from 0 to 1.
#[track_caller]
pub fn quantile(x: impl ArrayLike, q: impl ArrayLike) -> Reduced {
    let quantile = Quantile::of(q, 1.0).unwrap_or_else(|message| Error::Value(message).raise());
    Reduced::new(x.to_array(), Kind::Quantile(quantile))
}
