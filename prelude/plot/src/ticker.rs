//! Rules for ticks that a user chooses: where they go and what stands beside them. `matplotlib.ticker`; the rules
//! an axis has of its own are in `ticks`.

use std::fmt;
use std::sync::Arc;

use crate::series::{Element, Series};
use crate::ticks::{self, general};

/// Where ticks go; made by [`MultipleLocator`], [`MaxNLocator`], [`FixedLocator`] and the like.
#[derive(Clone, Debug, PartialEq)]
pub struct Locator(pub(crate) Rule);

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    Auto,
    Multiple {
        base: f64,
        offset: f64,
    },
    MaxN {
        bins: usize,
        integer: bool,
    },
    Fixed(Vec<f64>),
    Linear(usize),
    /// Parts of the step between major ticks.
    AutoMinor(Option<usize>),
    Null,
}

/// Ticks at the multiples of `base`: `ax.xaxis().set_major_locator(plt::MultipleLocator(0.5))`.
///
/// # Panics
/// `ValueError` for a base that is not positive.
#[track_caller]
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn MultipleLocator(base: impl Element) -> Locator {
    let base = base.number();
    assert!(base > 0.0 && base.is_finite(), "ValueError: 'step' must be positive");
    Locator(Rule::Multiple { base, offset: 0.0 })
}

/// Ticks at round numbers with at most `nbins` intervals between them.
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn MaxNLocator(nbins: usize) -> Locator {
    Locator(Rule::MaxN { bins: nbins.max(1), integer: false })
}

/// Ticks at these places.
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn FixedLocator(locs: impl Series) -> Locator {
    Locator(Rule::Fixed(locs.values()))
}

/// `numticks` ticks with even steps from one end of the axis to the other.
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn LinearLocator(numticks: usize) -> Locator {
    Locator(Rule::Linear(numticks))
}

/// Small ticks that divide the steps between the others into `n` parts.
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn AutoMinorLocator(n: usize) -> Locator {
    Locator(Rule::AutoMinor(Some(n).filter(|n| *n > 0)))
}

/// The ticks an axis has when nothing is set.
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn AutoLocator() -> Locator {
    Locator(Rule::Auto)
}

/// No ticks.
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn NullLocator() -> Locator {
    Locator(Rule::Null)
}

impl Locator {
    /// For [`MaxNLocator`]: ticks at whole numbers only.
    pub fn integer(self, on: bool) -> Locator {
        match self.0 {
            Rule::MaxN { bins, .. } => Locator(Rule::MaxN { bins, integer: on }),
            rule => Locator(rule),
        }
    }

    /// For [`MultipleLocator`]: what is added to each multiple.
    pub fn offset(self, offset: impl Element) -> Locator {
        match self.0 {
            Rule::Multiple { base, .. } => Locator(Rule::Multiple { base, offset: offset.number() }),
            rule => Locator(rule),
        }
    }

    /// The ticks for a view; none when the axis' own rule holds.
    pub(crate) fn ticks(&self, low: f64, high: f64, major: &[f64]) -> Option<Vec<f64>> {
        let ticks = match &self.0 {
            Rule::Auto => return None,
            Rule::Multiple { base, offset } => {
                let first = ((low - offset) / base - 1e-9).ceil();
                let n = ((high - offset) / base - first + 1e-3).floor();
                // More ticks than an axis can show are a slip of the user's.
                let n = n.clamp(0.0, 1000.0) as i64;
                (-1..=n + 1).map(|k| (first + k as f64) * base + offset).collect()
            }
            Rule::MaxN { bins, integer: false } => ticks::max_n_ticks(low, high, *bins, 2, &ticks::STEPS),
            Rule::MaxN { bins, integer: true } => ticks::integer_ticks(low, high, *bins),
            Rule::Fixed(ticks) => ticks.clone(),
            Rule::Linear(n) => {
                (0..*n).map(|k| low + (high - low) * k as f64 / (*n).max(2).saturating_sub(1) as f64).collect()
            }
            Rule::AutoMinor(parts) => ticks::auto_minor_ticks(major, low, high, *parts),
            Rule::Null => Vec::new(),
        };
        Some(ticks)
    }
}

/// What stands beside ticks; made by [`PercentFormatter`], [`FuncFormatter`] and the like, or a text such as
/// `"{x:.1f} s"`.
#[derive(Clone)]
pub struct Formatter(pub(crate) Text);

#[derive(Clone)]
pub(crate) enum Text {
    /// The axis' own.
    Scalar,
    /// Python's `str.format` or `%`.
    Format(String),
    Percent {
        xmax: f64,
        decimals: Option<usize>,
        symbol: String,
    },
    Eng {
        unit: String,
        places: Option<usize>,
        sep: String,
    },
    Func(Arc<dyn Fn(f64, usize) -> String + Send + Sync>),
    Null,
}

impl fmt::Debug for Formatter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Text::Scalar => "ScalarFormatter",
            Text::Format(_) => "StrMethodFormatter",
            Text::Percent { .. } => "PercentFormatter",
            Text::Eng { .. } => "EngFormatter",
            Text::Func(_) => "FuncFormatter",
            Text::Null => "NullFormatter",
        })
    }
}

impl From<&str> for Formatter {
    fn from(format: &str) -> Formatter {
        Formatter(Text::Format(format.to_owned()))
    }
}

impl From<String> for Formatter {
    fn from(format: String) -> Formatter {
        Formatter(Text::Format(format))
    }
}

impl<F: Fn(f64, usize) -> String + Send + Sync + 'static> From<F> for Formatter {
    fn from(f: F) -> Formatter {
        Formatter(Text::Func(Arc::new(f)))
    }
}

/// The numbers an axis has when nothing is set.
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn ScalarFormatter() -> Formatter {
    Formatter(Text::Scalar)
}

/// Texts that a function makes of each tick's value and number: `plt::FuncFormatter(|x, _| format!("{x:.0} km"))`.
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn FuncFormatter(f: impl Fn(f64, usize) -> String + Send + Sync + 'static) -> Formatter {
    f.into()
}

/// Numbers in a text as Python's `str.format` writes them: `"{x:.1f} m"`.
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn StrMethodFormatter(fmt: &str) -> Formatter {
    fmt.into()
}

/// Numbers in a text as Python's `%` writes them: `"%.1f m"`.
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn FormatStrFormatter(fmt: &str) -> Formatter {
    fmt.into()
}

/// Percentages, where `xmax` is the whole: `plt::PercentFormatter(1.0)`.
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn PercentFormatter(xmax: impl Element) -> Formatter {
    Formatter(Text::Percent { xmax: xmax.number(), decimals: None, symbol: "%".into() })
}

/// Numbers with prefixes for powers of a thousand: `15 kHz` for `plt::EngFormatter("Hz")`.
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn EngFormatter(unit: &str) -> Formatter {
    Formatter(Text::Eng { unit: unit.to_owned(), places: None, sep: " ".into() })
}

/// No labels.
#[allow(non_snake_case, reason = "matplotlib's name")]
pub fn NullFormatter() -> Formatter {
    Formatter(Text::Null)
}

impl Formatter {
    /// For [`PercentFormatter`]: digits after the point.
    pub fn decimals(self, digits: usize) -> Formatter {
        match self.0 {
            Text::Percent { xmax, symbol, .. } => Formatter(Text::Percent { xmax, symbol, decimals: Some(digits) }),
            text => Formatter(text),
        }
    }

    /// For [`EngFormatter`]: digits after the point.
    pub fn places(self, digits: usize) -> Formatter {
        match self.0 {
            Text::Eng { unit, sep, .. } => Formatter(Text::Eng { unit, sep, places: Some(digits) }),
            text => Formatter(text),
        }
    }

    /// The text of one value of an axis that shows `span` units; none where the axis' own rule holds.
    pub(crate) fn text(&self, value: f64, index: usize, span: f64) -> Option<String> {
        Some(match &self.0 {
            Text::Scalar => return None,
            Text::Format(format) => formatted(format, value),
            Text::Percent { xmax, decimals, symbol } => {
                let span = 100.0 * span / xmax;
                let automatic =
                    if span > 0.0 { (2.0 - (2.0 * span).log10()).ceil().clamp(0.0, 5.0) as usize } else { 0 };
                ticks::with_minus(&format!("{:.*}{symbol}", decimals.unwrap_or(automatic), 100.0 * value / xmax))
            }
            Text::Eng { unit, places, sep } => ticks::with_minus(&engineering(value, unit, *places, sep)),
            Text::Func(f) => f(value, index),
            Text::Null => String::new(),
        })
    }
}

const PREFIXES: [&str; 17] = ["y", "z", "a", "f", "p", "n", "\u{b5}", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];

fn engineering(value: f64, unit: &str, places: Option<usize>, sep: &str) -> String {
    let written = |v: f64| places.map_or_else(|| general(v), |digits| format!("{v:.digits$}"));
    let power = if value == 0.0 { 0.0 } else { (value.abs().log10() / 3.0).floor().clamp(-8.0, 8.0) };
    let (mut power, mut mantissa) = (power as i32, value / 1000f64.powf(power));
    if written(mantissa).parse::<f64>().is_ok_and(|v| v.abs() >= 1000.0) && power < 8 {
        (power, mantissa) = (power + 1, mantissa / 1000.0);
    }
    let prefix = PREFIXES[(power + 8) as usize];
    let sep = if unit.is_empty() && prefix.is_empty() { "" } else { sep };
    format!("{}{sep}{prefix}{unit}", written(mantissa))
}

/// A number in a text with a field of Python's `str.format` (`"{x:,.0f}"`) or of `%` (`"%.1f%%"`).
pub(crate) fn formatted(format: &str, value: f64) -> String {
    if format.contains('{') || !format.contains('%') {
        return ticks::formatted(format, value);
    }
    let plain = format.replace("%%", "\0");
    let Some((before, rest)) = plain.split_once('%') else { return plain.replace('\0', "%") };
    let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (spec, after) = rest.split_at((end + 1).min(rest.len()));
    // `%d` cuts off what is behind the point.
    let value = if spec.ends_with(['d', 'i']) { value.trunc() } else { value };
    let spec = spec.replace('i', "d");
    let plus = if spec.starts_with('+') && value >= 0.0 { "+" } else { "" };
    let number = ticks::formatted(&format!("{{:{}}}", spec.trim_start_matches('+')), value);
    format!("{before}{plus}{}{after}", ticks::without_minus(&number)).replace('\0', "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from matplotlib 3.11's locators: `MultipleLocator(0.5)`, `MaxNLocator(4, integer=True)`.
    #[test]
    fn locators() {
        let inside = |l: Locator, a: f64, b: f64| -> Vec<f64> {
            l.ticks(a, b, &[]).unwrap().into_iter().filter(|t| (a..=b).contains(t)).collect()
        };
        assert_eq!(inside(MultipleLocator(0.5), -0.7, 1.1), [-0.5, 0.0, 0.5, 1.0]);
        assert_eq!(inside(MultipleLocator(3).offset(1), 0.0, 10.0), [1.0, 4.0, 7.0, 10.0]);
        assert_eq!(inside(MaxNLocator(4).integer(true), 0.2, 3.9), [1.0, 2.0, 3.0]);
        assert_eq!(inside(LinearLocator(3), 0.0, 1.0), [0.0, 0.5, 1.0]);
    }

    /// The texts are Python's and matplotlib's for the same numbers.
    #[test]
    fn formatters() {
        let text = |f: Formatter, v: f64| f.text(v, 0, 1.0).unwrap();
        assert_eq!(text(PercentFormatter(1.0), 0.25), "25%");
        assert_eq!(text(PercentFormatter(1).decimals(1), 0.2549), "25.5%");
        assert_eq!(text(EngFormatter("Hz"), 15_300.0), "15.3 kHz");
        assert_eq!(text(EngFormatter(""), -0.002), "\u{2212}2 m");
        assert_eq!(text(EngFormatter("s").places(1), 999.96), "1.0 ks");
        assert_eq!(text("%.1f%%".into(), 12.34), "12.3%");
        assert_eq!(text("%d items".into(), -2.7), "-2 items");
        assert_eq!(text("{x:,.0f} won".into(), 1_234_567.0), "1,234,567 won");
        assert_eq!(text(FuncFormatter(|v, k| format!("{k}:{v}")), 2.5), "0:2.5");
    }
}
