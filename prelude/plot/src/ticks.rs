//! Where ticks go and what stands beside them: matplotlib's `AutoLocator` and `ScalarFormatter`, and their
//! counterparts on a logarithmic axis. Works on numbers only; drawing is in `axis`.

/// The minus sign of tick labels, U+2212.
const MINUS: &str = "\u{2212}";

/// The labels of an axis and the text at its end (`1e6`, `+1e5`), empty when there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// One label for each tick.
    pub labels: Vec<String>,
    /// The offset and exponent shown at the axis' end.
    pub offset_text: String,
}

/// Ticks of a linear axis for the view `vmin..vmax` with at most `nbins` intervals, as `AutoLocator` and
/// `MaxNLocator` (steps 1, 2, 2.5, 5, 10). The outer ones may lie outside the view.
pub fn auto_ticks(vmin: f64, vmax: f64, nbins: usize) -> Vec<f64> {
    max_n_ticks(vmin, vmax, nbins, 2)
}

/// [`auto_ticks`] with the least number of ticks given.
pub(crate) fn max_n_ticks(vmin: f64, vmax: f64, nbins: usize, min_ticks: usize) -> Vec<f64> {
    let (vmin, vmax) = nonsingular(vmin, vmax, 1e-13, 1e-14);
    let (scale, offset) = scale_range(vmin, vmax, nbins as f64);
    let (low, high) = (vmin - offset, vmax - offset);
    let steps = [0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 20.0].map(|s| s * scale);
    let raw = (high - low) / nbins as f64;
    let largest = steps.iter().position(|&s| s >= raw).unwrap_or(steps.len() - 1);
    let mut ticks = Vec::new();
    for &step in steps[..=largest].iter().rev() {
        let first = divmod(low, step).0 * step;
        let from = edge_le(low - first, step, offset);
        let to = edge_ge(high - first, step, offset);
        ticks.clear();
        let mut k = from;
        while k <= to {
            ticks.push(k * step + first);
            k += 1.0;
        }
        if ticks.iter().filter(|&&t| low <= t && t <= high).count() >= min_ticks {
            break;
        }
    }
    ticks.iter().map(|t| t + offset).collect()
}

fn scale_range(vmin: f64, vmax: f64, n: f64) -> (f64, f64) {
    let dv = (vmax - vmin).abs();
    let mean = (vmax + vmin) / 2.0;
    let offset = if mean.abs() / dv < 100.0 { 0.0 } else { 10f64.powf(mean.abs().log10().floor()).copysign(mean) };
    (10f64.powf((dv / n).log10().floor()), offset)
}

fn near(ms: f64, edge: f64, step: f64, offset: f64) -> bool {
    let tolerance =
        if offset == 0.0 { 1e-10 } else { 10f64.powf((offset.abs() / step).log10() - 12.0).clamp(1e-10, 0.4999) };
    (ms - edge).abs() < tolerance
}

fn edge_le(x: f64, step: f64, offset: f64) -> f64 {
    let (d, m) = divmod(x, step);
    if near(m / step, 1.0, step, offset) { d + 1.0 } else { d }
}

fn edge_ge(x: f64, step: f64, offset: f64) -> f64 {
    let (d, m) = divmod(x, step);
    if near(m / step, 0.0, step, offset) { d } else { d + 1.0 }
}

/// Widens a view that is (nearly) a single point, as `matplotlib.transforms.nonsingular`.
pub(crate) fn nonsingular(vmin: f64, vmax: f64, expander: f64, tiny: f64) -> (f64, f64) {
    if !vmin.is_finite() || !vmax.is_finite() {
        return (-expander, expander);
    }
    let (low, high) = if vmin <= vmax { (vmin, vmax) } else { (vmax, vmin) };
    let largest = low.abs().max(high.abs());
    if largest < 1e6 / tiny * f64::MIN_POSITIVE {
        return (-expander, expander);
    }
    if high - low <= largest * tiny {
        if high == 0.0 && low == 0.0 {
            return (-expander, expander);
        }
        return (low - expander * low.abs(), high + expander * high.abs());
    }
    (low, high)
}

/// The labels of `ticks` on a linear axis that shows `vmin..vmax`, as `ScalarFormatter`.
pub fn scalar_labels(ticks: &[f64], vmin: f64, vmax: f64) -> Labels {
    if ticks.is_empty() {
        return Labels::default();
    }
    let (vmin, vmax) = if vmin <= vmax { (vmin, vmax) } else { (vmax, vmin) };
    let visible: Vec<f64> = ticks.iter().copied().filter(|&t| vmin <= t && t <= vmax).collect();
    let offset = common_offset(&visible);
    let exponent = shared_exponent(&visible, offset, vmax - vmin);
    let unit = 10f64.powi(exponent);
    let decimals = decimals(ticks, offset, unit, (vmin, vmax));
    let labels = ticks
        .iter()
        .map(|t| {
            let x = (t - offset) / unit;
            format!("{:.decimals$}", if x.abs() < 1e-8 { 0.0 } else { x }).replace('-', MINUS)
        })
        .collect();
    let mut offset_text = String::new();
    if exponent != 0 {
        offset_text = format!("1e{exponent}");
    }
    if offset != 0.0 {
        if offset > 0.0 {
            offset_text.push('+');
        }
        offset_text += &format_data(offset);
    }
    Labels { labels, offset_text: offset_text.replace('-', MINUS) }
}

/// What all visible ticks share and labels can leave out; 0 when it saves fewer than four digits.
fn common_offset(visible: &[f64]) -> f64 {
    let (low, high) = min_max(visible);
    if visible.is_empty() || low == high || (low <= 0.0 && 0.0 <= high) {
        return 0.0;
    }
    let (abs_min, abs_max) = if low.abs() < high.abs() { (low.abs(), high.abs()) } else { (high.abs(), low.abs()) };
    let digits = |v: f64, oom: i32| divmod(v, pow10(oom)).0;
    let start = abs_max.log10().ceil() as i32;
    let mut oom = 1 + first_below(start, |o| digits(abs_min, o) != digits(abs_max, o));
    if (abs_max - abs_min) / pow10(oom) <= 1e-2 {
        oom = 1 + first_below(start, |o| digits(abs_max, o) - digits(abs_min, o) > 1.0);
    }
    let kept = digits(abs_max, oom);
    if kept >= 1000.0 { (kept * pow10(oom)).copysign(low) } else { 0.0 }
}

fn first_below(start: i32, condition: impl Fn(i32) -> bool) -> i32 {
    (-400..=start).rev().find(|&oom| condition(oom)).unwrap_or(start)
}

/// Python's `10.0 ** oom`.
fn pow10(oom: i32) -> f64 {
    10f64.powf(f64::from(oom))
}

/// Python's `divmod(a, b)` for a positive `b`: exact where `(a / b).floor()` is off by rounding.
fn divmod(a: f64, b: f64) -> (f64, f64) {
    let mut m = a % b;
    let mut quotient = (a - m) / b;
    if m < 0.0 {
        m += b;
        quotient -= 1.0;
    }
    let floor = quotient.floor();
    (if quotient - floor > 0.5 { floor + 1.0 } else { floor }, m)
}

fn shared_exponent(visible: &[f64], offset: f64, span: f64) -> i32 {
    let largest = visible.iter().fold(0.0, |m: f64, t| m.max(t.abs()));
    if visible.is_empty() {
        return 0;
    }
    let oom = match (offset != 0.0, largest == 0.0) {
        (true, _) => span.log10().floor(),
        (false, true) => 0.0,
        (false, false) => largest.log10().floor(),
    } as i32;
    if oom <= -5 || oom >= 6 { oom } else { 0 }
}

fn decimals(ticks: &[f64], offset: f64, unit: f64, view: (f64, f64)) -> usize {
    let scaled: Vec<f64> = ticks.iter().map(|t| (t - offset) / unit).collect();
    let mut all = scaled.clone();
    if ticks.len() < 2 {
        all.extend([(view.0 - offset) / unit, (view.1 - offset) / unit]);
    }
    let (low, high) = min_max(&all);
    let mut range = high - low;
    if range == 0.0 {
        range = low.abs().max(high.abs());
    }
    if range == 0.0 {
        range = 1.0;
    }
    let oom = range.log10().floor() as i32;
    let threshold = 1e-3 * pow10(oom);
    let mut digits = (3 - oom).max(0);
    while digits >= 0 {
        let p = 10f64.powi(digits);
        let worst = scaled.iter().fold(0.0, |m: f64, x| m.max((x - (x * p).round_ties_even() / p).abs()));
        if worst >= threshold {
            break;
        }
        digits -= 1;
    }
    (digits + 1) as usize
}

/// A number in short form: `1e5`, `1.2345e6`, `123` as `1.23e2`; `ScalarFormatter.format_data`.
fn format_data(value: f64) -> String {
    let e = value.abs().log10().floor() as i32;
    let s = (value / pow10(e) * 1e10).round_ties_even() / 1e10;
    let mut significand = format!("{s:.9}");
    if significand.contains('.') {
        significand.truncate(significand.trim_end_matches('0').trim_end_matches('.').len());
    }
    if e == 0 { significand } else { format!("{significand}e{e}") }
}

fn min_max(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)))
}

/// The ticks that fall inside the view, with the tolerance matplotlib has at its ends.
pub(crate) fn inside(tick: f64, vmin: f64, vmax: f64) -> bool {
    let (low, high) = if vmin <= vmax { (vmin, vmax) } else { (vmax, vmin) };
    let tolerance = (high - low) * 1e-10;
    low - tolerance <= tick && tick <= high + tolerance
}

/// Major ticks at the decades of `vmin..vmax` and minor ones at 2 to 9 times them.
pub(crate) fn log_ticks(vmin: f64, vmax: f64) -> (Vec<f64>, Vec<f64>) {
    let (low, high) = if vmin <= vmax { (vmin, vmax) } else { (vmax, vmin) };
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    // At most nine decades are labelled.
    let stride = ((last - first) / 9 + 1).max(1);
    let major: Vec<f64> = (first..=last).filter(|e| (e - first) % stride == 0).map(pow10).collect();
    let minor = if stride > 1 {
        (first..=last).map(pow10).collect()
    } else {
        (first..=last).flat_map(|e| (2..10).map(move |k| f64::from(k) * pow10(e))).collect()
    };
    (major, minor)
}

/// Powers of ten as mathematics: `$10^{-3}$`.
pub(crate) fn log_labels(ticks: &[f64]) -> Vec<String> {
    ticks.iter().map(|t| format!("$10^{{{}}}$", t.log10().round() as i32)).collect()
}
