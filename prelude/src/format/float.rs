//! The common format of a float array's elements: NumPy's `FloatingFormat`.
//! Looks at all shown elements once, then writes each of them to the same width.

use super::digits::{Float, exponent_text, special};

/// Fixed columns for the elements of one array.
pub(super) struct FloatFormat {
    /// Digits of the exponent, when the array prints in scientific notation.
    exponent: Option<usize>,
    /// Digits after the point: exact in scientific notation, at most so many otherwise.
    precision: usize,
    left: usize,
    right: usize,
}

impl FloatFormat {
    pub(super) fn new(shown: &[Float], precision: usize) -> FloatFormat {
        let finite: Vec<Float> = shown.iter().copied().filter(|x| x.value.is_finite()).collect();
        let mut format = if finite.is_empty() {
            FloatFormat { exponent: None, precision, left: 0, right: 0 }
        } else if wants_exponent(&finite) {
            FloatFormat::scientific(&finite, precision)
        } else {
            FloatFormat::positional(&finite, precision)
        };
        if finite.len() < shown.len() {
            let negative = shown.iter().any(|x| x.value == f64::NEG_INFINITY);
            let widest = if negative { 4 } else { 3 };
            format.left = format.left.max(usize::saturating_sub(widest, format.right + 1));
        }
        format
    }

    fn scientific(finite: &[Float], precision: usize) -> FloatFormat {
        let (mut left, mut fraction, mut exponent) = (0, 0, 2);
        for x in finite {
            let (mantissa, power) = x.scientific(precision);
            let (whole, rest) = mantissa.split_once('.').expect("a mantissa has a point");
            left = left.max(whole.len());
            fraction = fraction.max(rest.len());
            exponent = exponent.max(power.unsigned_abs().to_string().len());
        }
        // The exponent's letter and sign take two columns.
        FloatFormat { exponent: Some(exponent), precision: fraction, left, right: fraction + exponent + 2 }
    }

    fn positional(finite: &[Float], precision: usize) -> FloatFormat {
        let (mut left, mut right) = (0, 0);
        for x in finite {
            let text = x.positional(precision);
            let (whole, rest) = text.split_once('.').expect("a positional float has a point");
            left = left.max(whole.len());
            right = right.max(rest.len());
        }
        FloatFormat { exponent: None, precision, left, right }
    }

    /// One element, padded.
    pub(super) fn write(&self, x: Float) -> String {
        let width = self.left + 1 + self.right;
        if !x.value.is_finite() {
            return format!("{:>width$}", special(x.value));
        }
        let Some(exponent_width) = self.exponent else {
            let text = x.positional(self.precision);
            let (whole, fraction) = text.split_once('.').expect("a positional float has a point");
            return format!("{whole:>left$}.{fraction:<right$}", left = self.left, right = self.right);
        };
        let (mantissa, exponent) = x.scientific_exact(self.precision);
        let left = self.left + 1 + self.precision;
        format!("{mantissa:>left$}{}", exponent_text(exponent, exponent_width))
    }
}

/// NumPy's rule, over the values that are neither zero nor infinite, in the array's own precision.
fn wants_exponent(finite: &[Float]) -> bool {
    let sizes = finite.iter().filter(|x| x.value != 0.0).map(|x| x.value.abs());
    let (min, max) = sizes.fold((f64::INFINITY, 0.0), |(min, max), x| (x.min(min), x.max(max)));
    if max == 0.0 {
        return false;
    }
    let [min_limit, ratio] = finite[0].rounded([0.0001, max / min]);
    max >= finite[0].array_cutoff() || min < min_limit || ratio > 1000.0
}
