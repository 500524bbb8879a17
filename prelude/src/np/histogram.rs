//! Histograms: elements counted between edges, of one sample or of two. `np.bincount` and `np.digitize` are in `places`.

use super::cast::elements;
use super::linspace;
use super::operators::{divide, multiply};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

/// The bins of a histogram and what else it takes, made by [`bins`].
#[derive(Clone)]
pub struct Binning {
    bins: Array,
    range: Option<(f64, f64)>,
    weights: Option<Array>,
    density: bool,
}

/// The `bins=` of [`histogram`], with its other options behind it: a number of equal bins, the edges themselves, or the
/// name of a rule, `"auto"`, `"fd"`, `"doane"`, `"scott"`, `"rice"`, `"sturges"` or `"sqrt"`.
///
/// ```
/// use flowbook::np;
/// let (counts, edges) = np::histogram([1, 2, 1, 8], np::bins(2).range(0, 4));
/// assert_eq!((counts.to_string(), edges.to_string()), ("[2 1]".into(), "[0. 2. 4.]".into()));
/// let (density, _) = np::histogram([1.0, 2.0, 1.5, 3.0], np::bins(2).density(true));
/// assert_eq!(density.to_string(), "[0.5 0.5]");
/// ```
pub fn bins(bins: impl ArrayLike) -> Binning {
    Binning { bins: bins.to_array(), range: None, weights: None, density: false }
}

impl Binning {
    /// `range=(low, high)`: equal bins go from one to the other; what lies outside is not counted.
    pub fn range(self, low: impl Into<f64>, high: impl Into<f64>) -> Binning {
        Binning { range: Some((low.into(), high.into())), ..self }
    }

    /// `weights=...`: how much each element counts.
    pub fn weights(self, weights: impl ArrayLike) -> Binning {
        Binning { weights: Some(weights.to_array()), ..self }
    }

    /// `density=True`: not counts, but heights under which the whole area is 1.
    pub fn density(self, density: bool) -> Binning {
        Binning { density, ..self }
    }
}

/// What a histogram takes as its `bins`: anything that [`bins`] takes, or what it gives.
pub trait Bins {
    #[doc(hidden)]
    fn binning(self) -> Binning;
}

impl Bins for Binning {
    fn binning(self) -> Binning {
        self
    }
}

impl<T: ArrayLike> Bins for T {
    fn binning(self) -> Binning {
        bins(self)
    }
}

/// The bin of a value, if it lies in one; the last bin includes its upper edge.
fn bin_of(edges: &[f64], value: f64) -> Option<usize> {
    let above = edges.partition_point(|edge| *edge <= value);
    let at_end = above == edges.len() && edges.last() == Some(&value);
    (above - usize::from(at_end)).checked_sub(1).filter(|bin| bin + 1 < edges.len())
}

/// `np.histogram(x, bins)`: how many elements lie in each bin, and the edges; `bins` is a number of equal bins from the
/// smallest to the largest element, the edges themselves, the name of a rule, or [`np::bins`](bins) with further options.
/// The last bin includes its upper edge.
///
/// ```
/// use flowbook::np;
/// let (counts, edges) = np::histogram([1.0, 2.0, 2.5, 4.0], 3);
/// assert_eq!((counts.to_string(), edges.to_string()), ("[1 2 1]".into(), "[1. 2. 3. 4.]".into()));
/// ```
///
/// # Panics
/// `ValueError` when there is no bin, the edges do not rise, the range is empty or the weights have another shape.
#[track_caller]
pub fn histogram(x: impl ArrayLike, bins: impl Bins) -> (Array, Array) {
    let (x, binning) = (x.to_array(), bins.binning());
    let edges = edges(&x, &binning);
    let bounds = edges.to_vec::<f64>();
    let weights = binning.weights.as_ref().map(|weights| {
        if weights.shape() != x.shape() {
            Error::Value("weights should have the same shape as a.".into()).raise()
        }
        elements::<f64>(weights)
    });
    let mut sums = vec![0.0; bounds.len().saturating_sub(1)];
    for (k, value) in elements::<f64>(&x).iter().enumerate() {
        if let Some(bin) = bin_of(&bounds, *value) {
            sums[bin] += weights.as_ref().map_or(1.0, |weights| weights[k]);
        }
    }
    let n = sums.len();
    let sums = Array::new(sums, &[n]);
    if binning.density {
        let widths: Array = super::diff(&edges).into();
        return (divide(divide(&sums, widths), super::sum(&sums)), edges);
    }
    let dtype = binning.weights.as_ref().map_or(DType::Int64, Array::dtype);
    (sums.astype(dtype), edges)
}

/// `np.histogram_bin_edges(x, bins)`: the edges that [`histogram`] counts between.
///
/// # Panics
/// `ValueError` when there is no bin, the edges do not rise or the range is empty.
#[track_caller]
pub fn histogram_bin_edges(x: impl ArrayLike, bins: impl Bins) -> Array {
    edges(&x.to_array(), &bins.binning())
}

#[track_caller]
fn edges(x: &Array, binning: &Binning) -> Array {
    let bins = &binning.bins;
    if bins.ndim() > 0 {
        if !bins.to_vec::<f64>().is_sorted() {
            Error::Value("`bins` must increase monotonically, when an array".into()).raise()
        }
        return bins.clone();
    }
    let (low, high) = outer_edges(x, binning.range);
    let n = match bins.as_slice::<String>() {
        Some(rule) => ruled(x, &rule[0], binning, (low, high)),
        None => bins.item::<i64>(),
    };
    if n < 1 {
        Error::Value("`bins` must be positive, when an integer".into()).raise()
    }
    linspace(low, high, n + 1)
}

#[track_caller]
fn outer_edges(x: &Array, range: Option<(f64, f64)>) -> (f64, f64) {
    let (low, high) = match range {
        Some((low, high)) if low > high => {
            Error::Value("max must be larger than min in range parameter.".into()).raise()
        }
        Some(range) => range,
        None if x.is_empty() => (0.0, 1.0),
        None => (super::min(x).item::<f64>(), super::max(x).item::<f64>()),
    };
    if !low.is_finite() || !high.is_finite() {
        let whose = if range.is_some() { "supplied" } else { "autodetected" };
        let (low, high) = (Array::scalar(low), Array::scalar(high));
        Error::Value(format!("{whose} range of [{low}, {high}] is not finite")).raise()
    }
    if low == high { (low - 0.5, high + 0.5) } else { (low, high) }
}

/// How many bins a rule makes of the elements within the range.
#[track_caller]
fn ruled(x: &Array, rule: &str, binning: &Binning, (low, high): (f64, f64)) -> i64 {
    if binning.weights.is_some() {
        Error::Type("Automated estimation of the number of bins is not supported for weighted data".into()).raise()
    }
    let inside: Vec<f64> = elements::<f64>(x).iter().copied().filter(|v| (low..=high).contains(v)).collect();
    let n = inside.len() as f64;
    let values = super::array(&inside);
    let spread = || -> f64 { super::ptp(&values).item() };
    let deviation = || -> f64 { super::std(&values).item() };
    let sqrt = || spread() / n.sqrt();
    let sturges = || spread() / (n.log2() + 1.0);
    let quartiles = || {
        let between = super::percentile(&values, [75, 25]).to_vec::<f64>();
        2.0 * (between[0] - between[1]) * n.powf(-1.0 / 3.0)
    };
    let known = ["auto", "doane", "fd", "rice", "scott", "sqrt", "sturges"].contains(&rule);
    if !known {
        Error::Value(format!("'{rule}' is not a valid estimator for `bins`")).raise()
    }
    if inside.is_empty() {
        return 1;
    }
    let width = match rule {
        "sqrt" => sqrt(),
        "sturges" => sturges(),
        "rice" => spread() / (2.0 * n.powf(1.0 / 3.0)),
        "scott" => (24.0 * std::f64::consts::PI.sqrt() / n).cbrt() * deviation(),
        "fd" => quartiles(),
        "doane" => doane(&inside, spread(), deviation()),
        _ => quartiles().max(sqrt() / 2.0).min(sturges()),
    };
    // Bins of whole numbers are no narrower than one.
    let width = if x.dtype().is_integer() && width > 0.0 && width < 1.0 { 1.0 } else { width };
    if width > 0.0 { ((high - low) / width).ceil() as i64 } else { 1 }
}

/// Doane's rule: Sturges', widened for what is skewed.
fn doane(values: &[f64], spread: f64, deviation: f64) -> f64 {
    let n = values.len() as f64;
    if n <= 2.0 || deviation <= 0.0 {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / n;
    let skewness = values.iter().map(|x| ((x - mean) / deviation).powi(3)).sum::<f64>() / n;
    let error = (6.0 * (n - 2.0) / ((n + 1.0) * (n + 3.0))).sqrt();
    spread / (1.0 + n.log2() + (1.0 + skewness.abs() / error).log2())
}

/// `np.histogram2d(x, y, bins)`: how many of the points (x, y) lie in each cell, a row for each bin of `x`; then the edges
/// along both. `bins` is a number for both or a number for each, `[4, 3]`.
///
/// ```
/// use flowbook::np;
/// let (counts, xedges, _) = np::histogram2d([0.0, 1.0, 3.0, 4.0], [0.0, 1.0, 1.0, 2.0], 2);
/// assert_eq!(counts.to_string(), "[[1. 1.]\n [0. 2.]]");
/// assert_eq!(xedges.to_string(), "[0. 2. 4.]");
/// ```
///
/// # Panics
/// `ValueError` when `x` and `y` differ in length, or as [`histogram`].
#[track_caller]
pub fn histogram2d(x: impl ArrayLike, y: impl ArrayLike, bins: impl Bins) -> (Array, Array, Array) {
    let (x, y, binning) = (x.to_array(), y.to_array(), bins.binning());
    if x.len() != y.len() {
        Error::Value("x and y must have the same length.".into()).raise()
    }
    let pair = binning.bins.len() == 2 && binning.bins.dtype().is_integer();
    let bins_of =
        |k: isize| Binning { bins: if pair { binning.bins.row(k) } else { binning.bins.clone() }, ..binning.clone() };
    let (xedges, yedges) = (edges(&x, &bins_of(0)), edges(&y, &bins_of(1)));
    let (rows, columns) = (xedges.to_vec::<f64>(), yedges.to_vec::<f64>());
    let (n, m) = (rows.len().saturating_sub(1), columns.len().saturating_sub(1));
    let weights = binning.weights.as_ref().map(|weights| elements::<f64>(weights));
    let mut sums = vec![0.0; n * m];
    for (k, (x, y)) in elements::<f64>(&x).iter().zip(elements::<f64>(&y).iter()).enumerate() {
        if let (Some(row), Some(column)) = (bin_of(&rows, *x), bin_of(&columns, *y)) {
            sums[row * m + column] += weights.as_ref().map_or(1.0, |weights| weights[k]);
        }
    }
    let sums = Array::new(sums, &[n, m]);
    if !binning.density {
        return (sums, xedges, yedges);
    }
    let heights: Array = super::diff(&xedges).into();
    let areas = multiply(heights.reshape((-1, 1)), super::diff(&yedges));
    (divide(divide(&sums, super::sum(&sums)), areas), xedges, yedges)
}
