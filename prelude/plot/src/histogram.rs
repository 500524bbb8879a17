//! Histograms: counting values in intervals, the bars, their setters. `matplotlib.axes.Axes.hist`.

use crate::axes_api::Axes;
use crate::bars::BarContainer;
use crate::colors::{IntoColor, IntoColors};
use crate::furniture::one_of;
use crate::handles::valid;
use crate::series::{Element, Series};

/// Intervals of a histogram: how many, or their edges.
pub trait Bins {
    /// The edges for values between `low` and `high`.
    ///
    /// # Errors
    /// matplotlib's text for no bins.
    fn edges(&self, low: f64, high: f64) -> Result<Vec<f64>, String>;
}

macro_rules! bin_counts {
    ($($t:ty),*) => { $(
        impl Bins for $t {
            fn edges(&self, low: f64, high: f64) -> Result<Vec<f64>, String> {
                if *self < 1 {
                    return Err("ValueError: `bins` must be positive, when an integer".into());
                }
                let n = *self as usize;
                Ok((0..=n).map(|k| if k == n { high } else { low + (high - low) * k as f64 / n as f64 }).collect())
            }
        }
    )* };
}
bin_counts!(i32, usize, u32, i64);

impl<S: Series + ?Sized> Bins for &S {
    fn edges(&self, _: f64, _: f64) -> Result<Vec<f64>, String> {
        increasing(self.values())
    }
}

impl<T: Element, const N: usize> Bins for [T; N] {
    fn edges(&self, _: f64, _: f64) -> Result<Vec<f64>, String> {
        increasing(self.values())
    }
}

impl<T: Element> Bins for Vec<T> {
    fn edges(&self, _: f64, _: f64) -> Result<Vec<f64>, String> {
        increasing(self.values())
    }
}

fn increasing(edges: Vec<f64>) -> Result<Vec<f64>, String> {
    if edges.windows(2).any(|w| w[0] > w[1]) {
        return Err("ValueError: `bins` must increase monotonically, when an array".into());
    }
    Ok(edges)
}

/// How many values lie in each interval; the last one includes its end.
pub(crate) fn counts(values: &[f64], edges: &[f64]) -> Vec<f64> {
    let mut counts = vec![0.0; edges.len().saturating_sub(1)];
    let (Some(&low), Some(&high)) = (edges.first(), edges.last()) else { return counts };
    for &v in values.iter().filter(|v| low <= **v && **v <= high) {
        let k = edges.partition_point(|&e| e <= v).saturating_sub(1);
        if let Some(count) = counts.get_mut(k.min(edges.len().saturating_sub(2))) {
            *count += 1.0;
        }
    }
    counts
}

/// A histogram drawn by [`hist`](crate::hist).
#[derive(Clone, Debug, PartialEq)]
pub struct Hist {
    pub(crate) bars: BarContainer,
    values: Vec<f64>,
    edges: Vec<f64>,
    density: bool,
    cumulative: bool,
    horizontal: bool,
}

impl Axes {
    /// Counts the values in intervals and draws the counts as bars; `bins` is how many there are, or their edges.
    ///
    /// # Panics
    /// `ValueError` for no bins or edges that do not increase.
    #[track_caller]
    pub fn hist(self, values: impl Series, bins: impl Bins) -> Hist {
        let values: Vec<f64> = values.values().into_iter().filter(|v| v.is_finite()).collect();
        let (low, high) = ends(&values);
        let edges = valid(bins.edges(low, high));
        let n = edges.len().saturating_sub(1);
        let bars = self.bars(vec![[0.0; 4]; n], false);
        let hist = Hist { bars, values, edges, density: false, cumulative: false, horizontal: false };
        hist.recount()
    }
}

/// The range of a histogram: half a unit around a single value, 0 to 1 for none.
fn ends(values: &[f64]) -> (f64, f64) {
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v)));
    match (low > high, low == high) {
        (true, _) => (0.0, 1.0),
        (_, true) => (low - 0.5, high + 0.5),
        _ => (low, high),
    }
}

impl Hist {
    fn recount(self) -> Hist {
        let heights = self.n();
        let bars = heights
            .iter()
            .zip(self.edges.windows(2))
            .map(|(&n, e)| if self.horizontal { [0.0, e[0], n, e[1] - e[0]] } else { [e[0], 0.0, e[1] - e[0], n] });
        self.bars.replace(bars.collect(), self.horizontal);
        self
    }

    /// The heights of the bars.
    pub fn n(&self) -> Vec<f64> {
        let mut heights = counts(&self.values, &self.edges);
        let total: f64 = heights.iter().sum();
        let widths: Vec<f64> = self.edges.windows(2).map(|e| e[1] - e[0]).collect();
        if self.density && total > 0.0 {
            heights.iter_mut().zip(&widths).for_each(|(h, w)| *h /= total * w);
        }
        if self.cumulative {
            let mut sum = 0.0;
            for (h, w) in heights.iter_mut().zip(&widths) {
                sum += if self.density { *h * w } else { *h };
                *h = sum;
            }
        }
        heights
    }

    /// The edges of the intervals.
    pub fn edges(&self) -> Vec<f64> {
        self.edges.clone()
    }

    /// Heights such that the area is 1.
    pub fn density(self, on: bool) -> Hist {
        Hist { density: on, ..self }.recount()
    }

    /// Each bar counts the values of all before it as well.
    pub fn cumulative(self, on: bool) -> Hist {
        Hist { cumulative: on, ..self }.recount()
    }

    /// Counts only values between two ends, in as many intervals as before.
    pub fn range(self, low: impl Element, high: impl Element) -> Hist {
        let n = self.edges.len().saturating_sub(1).max(1);
        let edges = n.edges(low.number(), high.number()).unwrap_or_default();
        Hist { edges, ..self }.recount()
    }

    /// `"vertical"` or `"horizontal"` bars.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn orientation(self, orientation: &str) -> Hist {
        valid(one_of("orientation", orientation, &["vertical", "horizontal"]));
        Hist { horizontal: orientation == "horizontal", ..self }.recount()
    }

    /// `"bar"`, or `"step"` for an outline alone.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn histtype(self, kind: &str) -> Hist {
        valid(one_of("histtype", kind, &["bar", "step"]));
        if kind == "step" {
            self.bars.outline();
        }
        self
    }
}

macro_rules! bar_setters {
    ($($(#[$m:meta])* $name:ident($arg:ident: $t:ty)),*) => {
        impl Hist { $(
            $(#[$m])*
            #[track_caller]
            pub fn $name(self, $arg: $t) -> Hist {
                Hist { bars: self.bars.$name($arg), ..self }
            }
        )* }
    };
}
bar_setters! {
    /// The bars' colour.
    color(color: impl IntoColors),
    /// The colour of the bars' outlines; none when not set.
    edgecolor(color: impl IntoColor),
    /// The width of the outlines in points.
    linewidth(points: impl Element),
    /// The name in the legend.
    label(label: impl Into<String>),
    /// Opacity, from 0 to 1.
    alpha(alpha: impl Element)
}
