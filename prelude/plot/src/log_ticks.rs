//! Ticks of a logarithmic axis: matplotlib's `LogLocator` and `LogFormatterSciNotation`. Numbers only.

use std::ops::RangeInclusive;

use crate::ticks::auto_ticks;

fn pow10(exponent: i32) -> f64 {
    10f64.powi(exponent)
}

/// Major ticks at decades of `vmin..vmax`, at most `most` of them, and minor ones at 2 to 9 times the decades.
pub(crate) fn log_ticks(vmin: f64, vmax: f64, most: usize) -> (Vec<f64>, Vec<f64>) {
    let (low, high) = if vmin <= vmax { (vmin, vmax) } else { (vmax, vmin) };
    let (from, to) = (low.log10(), high.log10());
    if !(from.is_finite() && to.is_finite()) {
        return (Vec::new(), Vec::new());
    }
    let (first, last) = (from.ceil() as i32, to.floor() as i32);
    let available = (last - first + 1).max(0);
    let (decades, stride) = decades(from, to, first..=last, most as i32);
    let major: Vec<f64> = decades.into_iter().map(pow10).collect();
    if available >= 10 || !(stride == 1 || available <= 1) {
        return (major, Vec::new());
    }
    let minor: Vec<f64> = (first - 1..=last).flat_map(|e| (2..10).map(move |k| f64::from(k) * pow10(e))).collect();
    let seen = |ticks: &[f64]| ticks.iter().filter(|t| low <= **t && **t <= high).count();
    if stride == 1 && seen(&major) + seen(&minor) <= 1 {
        return (major, auto_ticks(low, high, 9));
    }
    (major, minor)
}

/// The exponents of the ticks and the step between them; one tick on each side lies outside the view.
fn decades(from: f64, to: f64, inside: RangeInclusive<i32>, most: i32) -> (Vec<i32>, i32) {
    let (first, last) = (*inside.start(), *inside.end());
    let available = (last - first + 1).max(0);
    let stride = available / (most + 1) + 1;
    let fits = (available + stride - 1) / stride;
    let wanted = if fits <= most { fits } else { most };
    match wanted {
        0 => (vec![first - 1, last + 1], last - first + 2),
        1 => {
            let middle = ((from + to) / 2.0).round_ties_even() as i32;
            let stride = (middle - (first - 1)).max(last + 1 - middle);
            (vec![middle - stride, middle, middle + stride], stride)
        }
        _ => {
            let mut stride = (available - 1) / (wanted - 1);
            if f64::from(stride) < f64::from(available) / f64::from(wanted) {
                stride = available / wanted;
            }
            let least = (available - stride * wanted).max(0);
            let below = (available - stride * (wanted - 1)).min(stride);
            let mut offset = (-first).rem_euclid(stride);
            if !(least <= offset && offset < below) {
                offset = least;
            }
            let ticks = (0..).map(|k| first + offset + (k - 1) * stride).take_while(|e| *e <= last + stride);
            (ticks.collect(), stride)
        }
    }
}

/// Powers of ten as mathematics: `$10^{-3}$`.
pub(crate) fn log_labels(ticks: &[f64]) -> Vec<String> {
    ticks.iter().map(|t| label(*t)).collect()
}

/// Labels of minor ticks: none where more than one decade is seen, else of those that leave room.
pub(crate) fn log_minor_labels(ticks: &[f64], vmin: f64, vmax: f64) -> Vec<String> {
    let (low, high) = (vmin.min(vmax).log10(), vmin.max(vmax).log10());
    let seen = high.floor() - low.next_down().floor();
    let shown: &[i32] = match (seen > 1.0, high - low > 0.4) {
        (true, _) => &[],
        (_, true) => &[2, 3, 4, 6],
        _ => &[2, 3, 4, 5, 6, 7, 8, 9],
    };
    let factor = |t: f64| (t / 10f64.powf(t.log10().floor())).round() as i32;
    ticks.iter().map(|t| if shown.contains(&factor(*t)) { label(*t) } else { String::new() }).collect()
}

/// A power of ten, or a multiple of one, as mathematics.
pub(crate) fn label(tick: f64) -> String {
    if tick.is_nan() || tick <= 0.0 {
        return String::new();
    }
    let exponent = tick.log10();
    let rounded = exponent.round();
    if (exponent - rounded).abs() < 1e-9 {
        return format!("$10^{{{rounded}}}$");
    }
    let whole = exponent.floor();
    let factor = tick / 10f64.powf(whole);
    let text = if (factor - factor.round()).abs() < 1e-9 { format!("{factor:.0}") } else { format!("{factor:.2}") };
    format!("${text} \\times 10^{{{whole}}}$")
}
