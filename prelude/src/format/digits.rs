//! The digits of one float: shortest round-trip decimal, positional or scientific, as NumPy's Dragon4 writes them.
//! Widths and columns are no concern of this file.

/// A float with its own notion of "shortest digits that read back the same".
#[derive(Clone, Copy)]
pub(super) struct Float {
    pub(super) value: f64,
    single: bool,
}

impl From<f32> for Float {
    fn from(value: f32) -> Float {
        Float { value: f64::from(value), single: true }
    }
}

impl From<f64> for Float {
    fn from(value: f64) -> Float {
        Float { value, single: false }
    }
}

impl Float {
    /// From this value on arrays turn scientific.
    pub(super) fn array_cutoff(self) -> f64 {
        if self.single { 1e6 } else { 1e8 }
    }

    /// The values rounded to this float's own precision.
    pub(super) fn rounded<const N: usize>(self, values: [f64; N]) -> [f64; N] {
        if self.single { values.map(|v| f64::from(v as f32)) } else { values }
    }

    /// Sign, shortest digits without the point, and the power of ten of the first digit.
    fn shortest(self) -> (bool, String, i32) {
        let text = if self.single { format!("{:e}", self.value as f32) } else { format!("{:e}", self.value) };
        let (mantissa, exponent) = text.split_once('e').expect("{:e} writes an exponent");
        let digits = self.tie_to_even(mantissa.trim_start_matches('-').replace('.', ""));
        (self.value.is_sign_negative(), digits, exponent.parse().expect("an integer"))
    }

    /// Of two shortest candidates equally far away NumPy takes the even one, Rust the larger.
    fn tie_to_even(self, digits: String) -> String {
        let (n, odd) = (digits.len(), digits.ends_with(['1', '3', '5', '7', '9']));
        if !odd || n < 6 {
            return digits;
        }
        // Twenty digits more than the candidate settle whether the value lies exactly in the middle.
        let exact = format!("{:.*e}", n + 20, self.value.abs()).replace('.', "");
        let tail = &exact[n..exact.find('e').expect("{:e} writes an exponent")];
        if tail.starts_with('5') && tail[1..].bytes().all(|b| b == b'0') { exact[..n].to_owned() } else { digits }
    }

    /// `12.5`, `3.`, `0.001`: at most `precision` digits after the point, trailing zeros dropped, the point kept.
    pub(super) fn positional(self, precision: usize) -> String {
        let (negative, digits, exponent) = self.shortest();
        let fraction = (digits.len() as i32 - 1 - exponent).max(0) as usize;
        if fraction > precision {
            // A cut number is rounded from its exact value, not from its shortest digits.
            let cut = format!("{:.precision$}", self.value);
            let cut = if precision == 0 { cut + "." } else { cut };
            return cut.trim_end_matches('0').to_owned();
        }
        let sign = if negative { "-" } else { "" };
        if exponent < 0 {
            if digits == "0" {
                return format!("{sign}0.");
            }
            return format!("{sign}0.{}{digits}", "0".repeat((-exponent - 1) as usize));
        }
        let whole = exponent as usize + 1;
        if digits.len() <= whole {
            return format!("{sign}{digits}{}.", "0".repeat(whole - digits.len()));
        }
        format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
    }

    /// With exactly `precision` digits after the point, taken from the exact value.
    pub(super) fn positional_exact(self, precision: usize) -> String {
        let point = if precision == 0 { "." } else { "" };
        format!("{:.precision$}{point}", self.value)
    }

    /// The mantissa (`-1.25`, `3.`) and the exponent, cut at `precision` digits after the point.
    pub(super) fn scientific(self, precision: usize) -> (String, i32) {
        let (negative, digits, exponent) = self.shortest();
        if digits.len() > precision + 1 {
            let (mantissa, exponent) = self.scientific_exact(precision);
            return (mantissa.trim_end_matches('0').to_owned(), exponent);
        }
        let sign = if negative { "-" } else { "" };
        (format!("{sign}{}.{}", &digits[..1], &digits[1..]), exponent)
    }

    /// The mantissa with exactly `precision` digits after the point, taken from the exact value.
    pub(super) fn scientific_exact(self, precision: usize) -> (String, i32) {
        let text = format!("{:.precision$e}", self.value);
        let (mantissa, exponent) = text.split_once('e').expect("{:e} writes an exponent");
        let point = if precision == 0 { "." } else { "" };
        (format!("{mantissa}{point}"), exponent.parse().expect("an integer"))
    }
}

/// `nan`, `inf`, `-inf`.
pub(super) fn special(value: f64) -> String {
    match value {
        v if v.is_nan() => "nan".into(),
        v if v < 0.0 => "-inf".into(),
        _ => "inf".into(),
    }
}

/// `e-07`, `e+100`: at least `width` digits.
pub(super) fn exponent_text(exponent: i32, width: usize) -> String {
    format!("e{}{:0>width$}", if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs())
}

/// A float that stands alone, as `str(x)`: `1.0`, `0.1`, `1e-07`; scientific from `cutoff` on and below 1e-4.
pub(super) fn lone(x: Float, cutoff: f64) -> String {
    let size = x.value.abs();
    if !size.is_finite() {
        return special(x.value);
    }
    if size == 0.0 || (1e-4..cutoff).contains(&size) {
        let text = x.positional(usize::MAX);
        return if text.ends_with('.') { text + "0" } else { text };
    }
    let (mantissa, exponent) = x.scientific(usize::MAX - 1);
    mantissa.trim_end_matches('.').to_owned() + &exponent_text(exponent, 2)
}
