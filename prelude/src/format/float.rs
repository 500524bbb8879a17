//! The common format of a float array's elements: NumPy's `FloatingFormat`.
//! Looks at all shown elements once, then writes each of them to the same width.

use super::digits::{Float, exponent_text};
use super::options::{FloatMode, Options, Sign};

/// Fixed columns for the elements of one array.
pub(super) struct FloatFormat<'a> {
    options: &'a Options,
    notation: Notation,
    /// Digits after the point: exact unless the notation is [`Notation::AtMost`].
    precision: usize,
    left: usize,
    right: usize,
}

/// How an element is written.
enum Notation {
    /// With a point, and at most so many digits behind it.
    AtMost,
    /// With a point, and exactly so many digits behind it.
    Exactly,
    /// In scientific notation, with so many digits in the exponent.
    Scientific(usize),
}

impl FloatFormat<'_> {
    pub(super) fn new<'a>(shown: &[Float], options: &'a Options) -> FloatFormat<'a> {
        let finite: Vec<Float> = shown.iter().copied().filter(|x| x.value.is_finite()).collect();
        let precision = options.digits();
        let mut format = FloatFormat { options, notation: Notation::AtMost, precision, left: 0, right: 0 };
        if !finite.is_empty() {
            if wants_exponent(&finite, options.suppress) {
                format.scientific(&finite);
            } else {
                format.positional(&finite);
            }
            let negative = finite.iter().any(|x| x.value.is_sign_negative());
            format.left += usize::from(options.sign == Sign::Blank && !negative);
        }
        if finite.len() < shown.len() {
            let signed = options.sign != Sign::Nothing || shown.iter().any(|x| x.value == f64::NEG_INFINITY);
            let widest = options.nan().len().max(options.inf().len() + usize::from(signed));
            format.left = format.left.max(usize::saturating_sub(widest, format.right + 1));
        }
        format
    }

    fn scientific(&mut self, finite: &[Float]) {
        let fixed = self.options.floatmode == FloatMode::Fixed;
        let (mut fraction, mut exponent) = (0, 2);
        for x in finite {
            let (mantissa, power) = x.scientific(self.precision);
            let (whole, rest) = self.split(&mantissa);
            self.left = self.left.max(whole);
            fraction = fraction.max(if fixed { self.precision } else { rest });
            exponent = exponent.max(power.unsigned_abs().to_string().len());
        }
        // The exponent's letter and sign take two columns.
        (self.precision, self.right) = (fraction, fraction + exponent + 2);
        self.notation = Notation::Scientific(exponent);
    }

    fn positional(&mut self, finite: &[Float]) {
        for x in finite {
            let (whole, rest) = self.split(&x.positional(self.precision));
            (self.left, self.right) = (self.left.max(whole), self.right.max(rest));
        }
        match self.options.floatmode {
            FloatMode::Fixed => (self.notation, self.right) = (Notation::Exactly, self.precision),
            FloatMode::MaxPrecEqual => (self.notation, self.precision) = (Notation::Exactly, self.right),
            FloatMode::Unique | FloatMode::MaxPrec => {}
        }
    }

    /// Columns before and behind the point.
    fn split(&self, text: &str) -> (usize, usize) {
        let (whole, rest) = text.split_once('.').expect("a float has a point");
        (self.signed(whole).len(), rest.len())
    }

    /// With the plus that the options may want.
    fn signed(&self, text: &str) -> String {
        let front = if text.starts_with('-') { "" } else { self.options.plus() };
        format!("{front}{text}")
    }

    /// One element, padded.
    pub(super) fn write(&self, x: Float) -> String {
        let (left, right) = (self.left, self.right);
        if !x.value.is_finite() {
            let text = match x.value {
                v if v.is_nan() => self.signed(self.options.nan()),
                v if v < 0.0 => format!("-{}", self.options.inf()),
                _ => self.signed(self.options.inf()),
            };
            return format!("{text:>width$}", width = left + 1 + right);
        }
        if let Notation::Scientific(exponent_width) = self.notation {
            let (mantissa, exponent) = x.scientific_exact(self.precision);
            let left = left + 1 + self.precision;
            return format!("{:>left$}{}", self.signed(&mantissa), exponent_text(exponent, exponent_width));
        }
        let text = match self.notation {
            Notation::Exactly => x.positional_exact(self.precision),
            _ => x.positional(self.precision),
        };
        let (whole, fraction) = text.split_once('.').expect("a positional float has a point");
        format!("{:>left$}.{fraction:<right$}", self.signed(whole))
    }
}

/// NumPy's rule, over the values that are neither zero nor infinite, in the array's own precision.
fn wants_exponent(finite: &[Float], suppress: bool) -> bool {
    let sizes = finite.iter().filter(|x| x.value != 0.0).map(|x| x.value.abs());
    let (min, max) = sizes.fold((f64::INFINITY, 0.0), |(min, max), x| (x.min(min), x.max(max)));
    if max == 0.0 {
        return false;
    }
    let [min_limit, ratio] = finite[0].rounded([0.0001, max / min]);
    max >= finite[0].array_cutoff() || !suppress && (min < min_limit || ratio > 1000.0)
}
