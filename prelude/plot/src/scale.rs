//! The scales of an axis: how data become distances along it, and which limits it can show. `matplotlib.scale`.
//! Ticks are in `ticks`, `log_ticks` and `scale_ticks`.

use crate::furniture::one_of;
use crate::ticks;

/// How the values of an axis become distances.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Scale {
    #[default]
    Linear,
    /// By the decimal logarithm.
    Log,
    /// By the logarithm on both sides of zero, linear between minus and plus the threshold.
    SymLog { linthresh: f64, linscale: f64 },
    /// By the logarithm of v / (1 - v), for probabilities.
    Logit,
}

const NAMES: [&str; 4] = ["linear", "log", "symlog", "logit"];

impl Scale {
    /// Reads `"linear"`, `"log"`, `"symlog"` or `"logit"`.
    ///
    /// # Errors
    /// matplotlib's text for any other name.
    pub fn parse(name: &str) -> Result<Scale, String> {
        one_of("scale", name, &NAMES)?;
        Ok(match name {
            "log" => Scale::Log,
            "symlog" => Scale::SymLog { linthresh: 2.0, linscale: 1.0 },
            "logit" => Scale::Logit,
            _ => Scale::Linear,
        })
    }

    /// Where a value lies along the axis, in the scale's own unit; what has no place lies far outside.
    pub fn forward(self, v: f64) -> f64 {
        match self {
            Scale::Linear => v,
            // As matplotlib's `nonpositive="clip"`.
            Scale::Log if v <= 0.0 => -1000.0,
            Scale::Log => v.log10(),
            Scale::SymLog { linthresh, .. } if v.abs() <= linthresh => v * self.linear_part(),
            Scale::SymLog { linthresh, .. } => {
                (linthresh * (self.linear_part() + (v.abs() / linthresh).log10())).copysign(v)
            }
            Scale::Logit if v <= 0.0 || v >= 1.0 => f64::NAN,
            Scale::Logit => (v / (1.0 - v)).log10(),
        }
    }

    /// The value at a place along the axis.
    pub fn inverse(self, t: f64) -> f64 {
        match self {
            Scale::Linear => t,
            Scale::Log => 10f64.powf(t).clamp(f64::MIN_POSITIVE, f64::MAX),
            Scale::SymLog { linthresh, .. } if t.abs() <= linthresh * self.linear_part() => t / self.linear_part(),
            Scale::SymLog { linthresh, .. } => {
                (linthresh * 10f64.powf(t.abs() / linthresh - self.linear_part())).min(f64::MAX).copysign(t)
            }
            Scale::Logit => 1.0 / (1.0 + 10f64.powf(-t)),
        }
    }

    /// The slope of the linear part of a symmetrical scale.
    fn linear_part(self) -> f64 {
        match self {
            Scale::SymLog { linscale, .. } => linscale / (1.0 - 1.0 / 10.0),
            _ => 1.0,
        }
    }

    /// Whether an end of the axis may lie there.
    pub fn holds(self, v: f64) -> bool {
        match self {
            Scale::Log => v > 0.0,
            Scale::Logit => 0.0 < v && v < 1.0,
            _ => true,
        }
    }

    /// Ends that can be shown for data between two values of which `positive` is the least above zero (0 for none).
    pub fn nonsingular(self, range: Option<(f64, f64)>, positive: f64) -> (f64, f64) {
        match (self, range) {
            (Scale::Linear | Scale::SymLog { .. }, Some((low, high))) => ticks::nonsingular(low, high, 0.05, 1e-15),
            (Scale::Linear | Scale::SymLog { .. }, None) => (0.0, 1.0),
            (Scale::Log, Some((low, high))) => {
                let low = if low > 0.0 { low } else { positive };
                if low <= 0.0 {
                    return (1.0, 10.0);
                }
                if low < high {
                    return (low, high);
                }
                (10f64.powf(low.log10().ceil() - 1.0), 10f64.powf(high.log10().floor() + 1.0))
            }
            (Scale::Logit, Some((low, high))) if high > 0.0 && low < 1.0 => {
                let least = if positive > 0.0 { positive } else { 1e-7 };
                let ends = (if low <= 0.0 { least } else { low }, if high >= 1.0 { 1.0 - least } else { high });
                if ends.0 < ends.1 { ends } else { (0.1 * ends.0, 1.0 - 0.1 * ends.0) }
            }
            (Scale::Log, None) => (1.0, 10.0),
            (Scale::Logit, _) => (1e-7, 1.0 - 1e-7),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers are those of `SymmetricalLogTransform(10, 2, 1).transform` and `LogitTransform().transform`.
    #[test]
    fn places() {
        let symlog = Scale::parse("symlog").unwrap();
        for (v, t) in [(0.0, 0.0), (1.0, 1.111_111_111), (-2.0, -2.222_222_222), (100.0, 5.620_162_231)] {
            assert!((symlog.forward(v) - t).abs() < 1e-8, "{v}: {}", symlog.forward(v));
            assert!((symlog.inverse(t) - v).abs() < 1e-6);
        }
        assert!((Scale::Logit.forward(0.9) - 0.954_242_509).abs() < 1e-8);
        assert!((Scale::Logit.inverse(-2.0) - 0.009_900_990).abs() < 1e-8);
        assert!(Scale::parse("cubic").unwrap_err().starts_with("ValueError: 'cubic' is not a valid value for scale"));
    }

    /// A single value on a logarithmic axis lies between the decades around it: `LogLocator.nonsingular(5, 5)`.
    #[test]
    fn single_values() {
        assert_eq!(Scale::Log.nonsingular(Some((5.0, 5.0)), 5.0), (1.0, 10.0));
        assert_eq!(Scale::Log.nonsingular(Some((100.0, 100.0)), 100.0), (10.0, 1000.0));
    }
}
