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
    max_n_ticks(vmin, vmax, nbins, 2, &[1.0, 2.0, 2.5, 5.0, 10.0])
}

/// The steps of `MaxNLocator` when none are given, times a power of ten.
pub(crate) const STEPS: [f64; 10] = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];

/// `MaxNLocator(integer=True)`: ticks at whole numbers.
pub(crate) fn integer_ticks(vmin: f64, vmax: f64, nbins: usize) -> Vec<f64> {
    ticks_of(vmin, vmax, nbins, 2, &STEPS, true)
}

/// `MaxNLocator` with the least number of ticks and the steps given.
pub(crate) fn max_n_ticks(vmin: f64, vmax: f64, nbins: usize, min_ticks: usize, steps: &[f64]) -> Vec<f64> {
    ticks_of(vmin, vmax, nbins, min_ticks, steps, false)
}

fn ticks_of(vmin: f64, vmax: f64, nbins: usize, min_ticks: usize, steps: &[f64], whole: bool) -> Vec<f64> {
    let (vmin, vmax) = nonsingular(vmin, vmax, 1e-13, 1e-14);
    let (scale, offset) = scale_range(vmin, vmax, nbins as f64);
    let (low, high) = (vmin - offset, vmax - offset);
    let finer = steps[..steps.len() - 1].iter().map(|s| 0.1 * s);
    let all = finer.chain(steps.iter().copied()).chain([10.0 * steps[1]]).map(|s| s * scale);
    let steps: Vec<f64> = all.filter(|s| !whole || *s < 1.0 || (s - s.round()).abs() < 1e-3).collect();
    let raw = (high - low) / nbins as f64;
    let largest = steps.iter().position(|&s| s >= raw).unwrap_or(steps.len() - 1);
    let mut ticks = Vec::new();
    for &step in steps[..=largest].iter().rev() {
        let enough = (high.floor() - low.ceil()) as i64 >= min_ticks as i64 - 1;
        let step = if whole && enough { step.max(1.0) } else { step };
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

/// Minor ticks between major ones on a linear axis, as `AutoMinorLocator`: when `parts` is not given, five intervals
/// where the step begins with 1, 2.5, 5 or 10, else four.
pub(crate) fn auto_minor_ticks(major: &[f64], vmin: f64, vmax: f64, parts: Option<usize>) -> Vec<f64> {
    let [first, second, ..] = major else { return Vec::new() };
    let step = second - first;
    let lead = 10f64.powf(step.log10() - step.log10().floor());
    let automatic = if [1.0, 2.5, 5.0, 10.0].iter().any(|v: &f64| (v - lead).abs() < 1e-5) { 5 } else { 4 };
    let parts = parts.unwrap_or(automatic) as f64;
    let minor = step / parts;
    let (from, to) = (((vmin - first) / minor).floor() as i64, ((vmax - first) / minor).ceil() as i64);
    (from..=to).filter(|k| k.rem_euclid(parts as i64) != 0).map(|k| first + k as f64 * minor).collect()
}

/// A number in a text such as `"{:.1f}%"`, `"${x:,.0f}"` or `"{:d} ms"`; without braces the text stands for itself.
pub(crate) fn formatted(format: &str, value: f64) -> String {
    let Some((before, rest)) = format.split_once('{') else { return format.to_owned() };
    let Some((spec, after)) = rest.split_once('}') else { return format.to_owned() };
    let spec = spec.rsplit(':').next().filter(|_| spec.contains(':')).unwrap_or("");
    let decimals = spec.split_once('.').and_then(|(_, d)| d.trim_end_matches(['f', 'e', 'g', '%']).parse().ok());
    let mut number = match (spec.chars().last(), decimals) {
        (Some('e'), d) => {
            let text = format!("{value:.*e}", d.unwrap_or(6));
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let exponent: i32 = exponent.parse().unwrap_or(0);
            format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
        }
        (Some('%'), d) => format!("{:.*}%", d.unwrap_or(6), value * 100.0),
        (Some('d'), _) => format!("{value:.0}"),
        (Some('g'), _) => general(value),
        (_, Some(d)) => format!("{value:.d$}"),
        _ => format!("{value}"),
    };
    if spec.contains(',') {
        let whole = number.find('.').unwrap_or(number.len());
        let start = usize::from(number.starts_with('-'));
        for at in (start + 1..whole).rev().filter(|at| (whole - at) % 3 == 0).collect::<Vec<_>>() {
            number.insert(at, ',');
        }
    }
    format!("{before}{}{after}", with_minus(&number))
}

/// A number with the typographic minus sign.
pub(crate) fn with_minus(number: &str) -> String {
    number.replace('-', MINUS)
}

/// A number with a hyphen for the minus sign, as `%` writes it.
pub(crate) fn without_minus(number: &str) -> String {
    number.replace(MINUS, "-")
}

/// A number as Python's `%g` writes it: six digits, no zeros at the end.
pub(crate) fn general(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value.is_finite() { "0".into() } else { value.to_string().to_lowercase() };
    }
    let exponent = format!("{value:.5e}").split_once('e').and_then(|(_, e)| e.parse::<i32>().ok()).unwrap_or(0);
    if (-4..6).contains(&exponent) {
        let text = format!("{value:.*}", (5 - exponent).max(0) as usize);
        return if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text };
    }
    let text = format!("{value:.5e}");
    let (mantissa, _) = text.split_once('e').unwrap_or((&text, ""));
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}
