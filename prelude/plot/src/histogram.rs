//! Histograms: counting values in intervals, the bars, their setters. `matplotlib.axes.Axes.hist`.

use crate::artist::Outline;
use crate::axes_api::Axes;
use crate::bars::BarContainer;
use crate::colors::{self, IntoColor, IntoColors};
use crate::furniture::one_of;
use crate::handles::valid;
use crate::series::{Element, Names, Series};
use crate::statistics::Groups;

/// Intervals of a histogram: how many, or their edges.
pub trait Bins {
    /// The edges for values between `low` and `high`.
    ///
    /// # Errors
    /// matplotlib's text for no bins.
    fn edges(&self, low: f64, high: f64) -> Result<Vec<f64>, String>;

    /// The edges for these values, whose least and greatest are `low` and `high`.
    ///
    /// # Errors
    /// As [`edges`](Self::edges).
    fn edges_of(&self, _values: &[f64], low: f64, high: f64) -> Result<Vec<f64>, String> {
        self.edges(low, high)
    }
}

/// NumPy's rules for how many intervals there are: `"auto"`, `"fd"`, `"scott"`, `"rice"`, `"sturges"`, `"sqrt"`.
impl Bins for &str {
    fn edges(&self, low: f64, high: f64) -> Result<Vec<f64>, String> {
        self.edges_of(&[], low, high)
    }

    fn edges_of(&self, values: &[f64], low: f64, high: f64) -> Result<Vec<f64>, String> {
        let (n, span) = (values.len() as f64, high - low);
        let sturges = span / (n.log2() + 1.0);
        let fd = || 2.0 * (percentile(values, 0.75) - percentile(values, 0.25)) / n.cbrt();
        let width = match *self {
            "sqrt" => span / n.sqrt(),
            "sturges" => sturges,
            "rice" => span / (2.0 * n.cbrt()),
            "scott" => {
                let mean = values.iter().sum::<f64>() / n;
                let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
                (24.0 * std::f64::consts::PI.sqrt() / n).cbrt() * deviation
            }
            "fd" => fd(),
            // The rule of Freedman and Diaconis when it is usable, but not much finer than the square root's.
            "auto" => match fd() {
                fd if fd > 0.0 => fd.max(span / n.sqrt() / 2.0).min(sturges),
                _ => sturges,
            },
            _ => return Err(format!("ValueError: '{self}' is not a valid estimator for `bins`")),
        };
        let bins = if width > 0.0 && n > 0.0 { (span / width).ceil() } else { 1.0 };
        (bins.clamp(1.0, 1e6) as usize).edges(low, high)
    }
}

/// The value below which a part of the values lies.
fn percentile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() { 0.0 } else { crate::boxplot::percentile(&sorted, part) }
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

/// The sum of the weights of the values in each interval; the last one includes its end.
pub(crate) fn counts(values: &[f64], weights: &[f64], edges: &[f64]) -> Vec<f64> {
    let mut counts = vec![0.0; edges.len().saturating_sub(1)];
    let (Some(&low), Some(&high)) = (edges.first(), edges.last()) else { return counts };
    for (k, &v) in values.iter().enumerate().filter(|(_, v)| low <= **v && **v <= high) {
        let bin = edges.partition_point(|&e| e <= v).saturating_sub(1);
        if let Some(count) = counts.get_mut(bin.min(edges.len().saturating_sub(2))) {
            *count += weights.get(k).copied().unwrap_or(1.0);
        }
    }
    counts
}

/// A histogram drawn by [`hist`](crate::hist).
#[derive(Clone, Debug, PartialEq)]
pub struct Hist {
    /// The bars of each data set.
    bars: Vec<BarContainer>,
    values: Vec<Vec<f64>>,
    weights: Vec<Vec<f64>>,
    edges: Vec<f64>,
    density: bool,
    cumulative: bool,
    horizontal: bool,
    stacked: bool,
    outline: Option<Outline>,
    /// The bars' breadth as a part of their interval, when set.
    rwidth: Option<f64>,
    /// Where the bars stand in their interval: 0 for its start, 0.5 for its middle, 1 for its end.
    align: f64,
}

impl Axes {
    /// Counts the values in intervals and draws the counts as bars; `bins` is how many there are, their edges, or a
    /// rule such as `"auto"`. Of several data sets, as `[&a, &b]`, the bars stand side by side.
    ///
    /// # Panics
    /// `ValueError` for no bins or edges that do not increase.
    #[track_caller]
    pub fn hist<M>(self, values: impl Groups<M>, bins: impl Bins) -> Hist {
        let values: Vec<Vec<f64>> =
            values.groups().into_iter().map(|set| set.into_iter().filter(|v| v.is_finite()).collect()).collect();
        let all: Vec<f64> = values.concat();
        let (low, high) = ends(&all);
        let edges = valid(bins.edges_of(&all, low, high));
        let n = edges.len().saturating_sub(1);
        let bars = values.iter().map(|_| self.bars(vec![[0.0; 4]; n], false)).collect();
        let hist = Hist {
            bars,
            weights: vec![Vec::new(); values.len()],
            values,
            edges,
            density: false,
            cumulative: false,
            horizontal: false,
            stacked: false,
            outline: None,
            rwidth: None,
            align: 0.5,
        };
        hist.recount()
    }
}

/// The range of a histogram: half a unit around a single value, 0 to 1 for none.
pub(crate) fn ends(values: &[f64]) -> (f64, f64) {
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v)));
    match (low > high, low == high) {
        (true, _) => (0.0, 1.0),
        (_, true) => (low - 0.5, high + 0.5),
        _ => (low, high),
    }
}

impl Hist {
    fn recount(self) -> Hist {
        let mut feet = vec![0.0; self.edges.len().saturating_sub(1)];
        let sets = self.bars.len().max(1) as f64;
        let alone = self.stacked || self.outline.is_some() || self.bars.len() == 1;
        let breadth = self.rwidth.unwrap_or(if alone { 1.0 } else { 0.8 });
        let breadth = if self.outline.is_some() { 1.0 } else { breadth };
        let (part, first) = if alone { (breadth, 0.0) } else { (breadth / sets, -0.5 * breadth * (1.0 - 1.0 / sets)) };
        for (k, (bars, heights)) in self.bars.iter().zip(self.heights()).enumerate() {
            let shift = first + self.align + if alone { 0.0 } else { k as f64 * part };
            let places: Vec<[f64; 4]> = heights
                .iter()
                .zip(&feet)
                .zip(self.edges.windows(2))
                .map(|((&n, &foot), e)| {
                    let step = e[1] - e[0];
                    let (start, width) = (e[0] + (shift - 0.5 * part) * step, part * step);
                    if self.horizontal { [foot, start, n, width] } else { [start, foot, width, n] }
                })
                .collect();
            bars.replace(places, self.horizontal);
            bars.outline(self.outline);
            if self.stacked {
                feet.iter_mut().zip(&heights).for_each(|(foot, n)| *foot += n);
            }
        }
        self
    }

    /// The heights of the bars of each data set.
    fn heights(&self) -> Vec<Vec<f64>> {
        let widths: Vec<f64> = self.edges.windows(2).map(|e| e[1] - e[0]).collect();
        let mut all: Vec<Vec<f64>> =
            self.values.iter().zip(&self.weights).map(|(v, w)| counts(v, w, &self.edges)).collect();
        let whole: f64 = all.iter().flatten().sum();
        for heights in &mut all {
            let total = if self.stacked { whole } else { heights.iter().sum() };
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
        }
        all
    }

    /// The heights of the bars; those of several data sets one after the other.
    pub fn n(&self) -> Vec<f64> {
        self.heights().concat()
    }

    /// The edges of the intervals.
    pub fn edges(&self) -> Vec<f64> {
        self.edges.clone()
    }

    /// The bars of each data set.
    pub fn patches(&self) -> &[BarContainer] {
        &self.bars
    }

    /// Heights such that the area is 1.
    pub fn density(self, on: bool) -> Hist {
        Hist { density: on, ..self }.recount()
    }

    /// Each bar counts the values of all before it as well.
    pub fn cumulative(self, on: bool) -> Hist {
        Hist { cumulative: on, ..self }.recount()
    }

    /// Puts the bars of several data sets on top of each other.
    pub fn stacked(self, on: bool) -> Hist {
        Hist { stacked: on, ..self }.recount()
    }

    /// What each value counts for; one number for each value, set by set.
    ///
    /// # Panics
    /// `ValueError` when there are more or fewer weights than values.
    #[track_caller]
    pub fn weights<M>(self, weights: impl Groups<M>) -> Hist {
        let weights = weights.groups();
        let lengths = |sets: &[Vec<f64>]| sets.iter().map(Vec::len).collect::<Vec<usize>>();
        if lengths(&weights) != lengths(&self.values) {
            panic!("ValueError: weights should have the same shape as x");
        }
        Hist { weights, ..self }.recount()
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

    /// `"bar"`, `"barstacked"`, `"step"` for an outline alone, or `"stepfilled"` for an area.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn histtype(self, kind: &str) -> Hist {
        valid(one_of("histtype", kind, &["bar", "barstacked", "step", "stepfilled"]));
        let outline = match kind {
            "step" => Some(Outline::Line),
            "stepfilled" => Some(Outline::Filled),
            _ => None,
        };
        Hist { outline, stacked: self.stacked || kind == "barstacked", ..self }.recount()
    }

    /// The bars' breadth as a part of their interval.
    pub fn rwidth(self, part: impl Element) -> Hist {
        Hist { rwidth: Some(part.number().clamp(0.0, 1.0)), ..self }.recount()
    }

    /// Where the bars stand: at their intervals' `"left"` edge, in the middle (`"mid"`), at the `"right"` edge.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn align(self, align: &str) -> Hist {
        valid(one_of("align", align, &["left", "mid", "right"]));
        let align = ["left", "mid", "right"].iter().position(|a| *a == align).unwrap_or(1) as f64 / 2.0;
        Hist { align, ..self }.recount()
    }

    /// One colour for all bars, or one for each data set; of a single set one for each bar.
    ///
    /// # Panics
    /// `ValueError` for a text that names no colour.
    #[track_caller]
    pub fn color(self, color: impl IntoColors) -> Hist {
        let colors = colors::expect_all(color);
        if self.bars.len() == 1 {
            return self.each(|bars, _| bars.color(&colors));
        }
        self.each(|bars, k| bars.color(colors[k % colors.len().max(1)]))
    }

    /// The name in the legend, or one for each data set.
    pub fn label(self, label: impl Names) -> Hist {
        let names = label.names();
        self.each(|bars, k| match names.get(k) {
            Some(name) => bars.label(name),
            None => bars,
        })
    }

    /// A pattern on the bars, or one for each data set; as [`BarContainer::hatch`].
    ///
    /// # Panics
    /// `ValueError` for a letter that stands for nothing.
    #[track_caller]
    pub fn hatch(self, pattern: impl Names) -> Hist {
        let patterns = valid(crate::hatch::check_all(&pattern.names()));
        self.each(|bars, k| bars.hatch(patterns[k % patterns.len().max(1)].as_str()))
    }

    #[track_caller]
    fn each(self, f: impl Fn(BarContainer, usize) -> BarContainer) -> Hist {
        let mut sets = Vec::with_capacity(self.bars.len());
        for (k, bars) in self.bars.into_iter().enumerate() {
            sets.push(f(bars, k));
        }
        Hist { bars: sets, ..self }
    }
}

macro_rules! bar_setters {
    ($($(#[$m:meta])* $name:ident($arg:ident: $t:ty) => $value:expr;)*) => {
        impl Hist { $(
            $(#[$m])*
            #[track_caller]
            pub fn $name(self, $arg: $t) -> Hist {
                let value = $value;
                self.each(|bars, _| bars.$name(value))
            }
        )* }
    };
}
bar_setters! {
    /// The colour of the bars' outlines; none when not set.
    edgecolor(color: impl IntoColor) => colors::expect(color);
    /// The width of the outlines in points.
    linewidth(points: impl Element) => points.number();
    /// Opacity, from 0 to 1.
    alpha(alpha: impl Element) => alpha.number();
    /// Its place from back to front; bars have 1, lines 2.
    zorder(zorder: impl Element) => zorder.number();
    /// Counts on a logarithmic axis.
    log(on: bool) => on;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers are those of `np.histogram_bin_edges(k * k % 97 for k in range(200), rule)`.
    #[test]
    fn rules() {
        let values: Vec<f64> = (0..200).map(|k| f64::from(k * k % 97) + 0.5).collect();
        let bins = |rule: &str| rule.edges_of(&values, 0.5, 96.5).map(|e| e.len() - 1);
        for (rule, n) in [("auto", 9), ("fd", 6), ("scott", 6), ("rice", 12), ("sturges", 9), ("sqrt", 15)] {
            assert_eq!(bins(rule), Ok(n), "{rule}");
        }
        assert!(bins("most").unwrap_err().starts_with("ValueError: 'most' is not a valid estimator"));
    }
}
