//! Ticks of symmetrical logarithmic and logit axis: matplotlib's `SymmetricalLogLocator`, `LogitLocator` and their
//! formatters. Numbers and texts only.

use crate::log_ticks;
use crate::ticks::max_n_ticks;

/// No more ticks than this many on a symmetrical logarithmic axis.
const MOST: f64 = 15.0;

/// Ticks at zero and at the decades on both sides that lie beyond `linthresh`.
pub(crate) fn symlog_ticks(vmin: f64, vmax: f64, linthresh: f64) -> Vec<f64> {
    let (low, high) = (vmin.min(vmax), vmin.max(vmax));
    if !(low.is_finite() && high.is_finite()) {
        return Vec::new();
    }
    if -linthresh <= low && high <= linthresh {
        let mut ticks = vec![low, 0.0, high];
        ticks.sort_by(f64::total_cmp);
        ticks.dedup();
        return ticks;
    }
    let (below, above) = (low < -linthresh, high > linthresh);
    let decades = |near: f64, far: f64| (near.log10().floor() as i32, (far + 1.0).log10().ceil() as i32);
    let negative = if below { decades(linthresh.max(-high), -low) } else { (0, 0) };
    let positive = if above { decades(linthresh.max(low), high) } else { (0, 0) };
    let zero = (below && high > -linthresh) || (above && low < linthresh);
    let total = f64::from(negative.1 - negative.0 + positive.1 - positive.0 + i32::from(zero));
    let stride = (total / (MOST - 1.0)).floor().max(1.0) as usize;
    let powers = |(from, to): (i32, i32)| (from..to).step_by(stride).map(|e| 10f64.powi(e));
    let mut ticks: Vec<f64> = powers(negative).map(|v| -v).collect();
    ticks.reverse();
    ticks.extend(zero.then_some(0.0));
    ticks.extend(powers(positive));
    ticks
}

/// Labels of a symmetrical logarithmic axis: `0`, `10²`, `-10²`.
pub(crate) fn symlog_labels(ticks: &[f64]) -> Vec<String> {
    ticks
        .iter()
        .map(|&t| match t {
            0.0 => "$0$".into(),
            t if t < 0.0 => log_ticks::label(-t).replacen('$', "$-", 1),
            t => log_ticks::label(t),
        })
        .collect()
}

/// 1/2 for 0, powers of ten below it, their distances from 1 above it.
fn ideal(b: i32) -> f64 {
    match b {
        0 => 0.5,
        b if b < 0 => 10f64.powi(b),
        b => 1.0 - 10f64.powi(-b),
    }
}

/// Major and minor ticks of a logit axis with room for `space` labels.
pub(crate) fn logit_ticks(vmin: f64, vmax: f64, space: usize) -> (Vec<f64>, Vec<f64>) {
    let (low, high) = (vmin.min(vmax), vmin.max(vmax));
    let from = match low {
        v if v < 0.5 => v.log10().floor(),
        v if v < 0.9 => 0.0,
        v => -(1.0 - v).log10().ceil(),
    } as i32;
    let to = match high {
        v if v <= 0.5 => v.log10().ceil(),
        v if v <= 0.9 => 1.0,
        v => -(1.0 - v).log10().floor(),
    } as i32;
    // No number nearer to 0 or 1 can be told from them.
    let (from, to) = (from.clamp(-400, 400), to.clamp(-400, 400));
    let wanted = to - from - 1;
    let space = space.max(2);
    if wanted < 2 {
        return (max_n_ticks(low, high, space.min(9), 2, &[1.0, 2.0, 5.0, 10.0]), Vec::new());
    }
    if wanted > space as i32 {
        let stride = (wanted as usize).div_ceil(space) as i32;
        let (major, minor): (Vec<i32>, Vec<i32>) = (from..=to).partition(|b| b % stride == 0);
        return (major.into_iter().map(ideal).collect(), minor.into_iter().map(ideal).collect());
    }
    let between = |b: i32| -> Vec<f64> {
        match b {
            b if b < -1 => (2..10).map(|k| f64::from(k) * 10f64.powi(b)).collect(),
            -1 => (2..5).map(|k| f64::from(k) / 10.0).collect(),
            0 => (6..9).map(|k| f64::from(k) / 10.0).collect(),
            b => (2..10).rev().map(|k| 1.0 - f64::from(k) * 10f64.powi(-b - 1)).collect(),
        }
    };
    ((from..=to).map(ideal).collect(), (from..to).flat_map(between).collect())
}

/// Labels of a logit axis: powers of ten, 1/2, and one minus powers of ten.
pub(crate) fn logit_labels(ticks: &[f64]) -> Vec<String> {
    let others: Vec<f64> = ticks.iter().map(|t| 1.0 - t).collect();
    let power = |v: f64| Some(v.log10().round()).filter(|e| (v / 10f64.powf(*e) - 1.0).abs() < 1e-7);
    ticks
        .iter()
        .map(|&t| {
            let text = match t {
                t if t <= 0.0 || t >= 1.0 => return String::new(),
                t if (2.0 * t - 1.0).abs() < 1e-10 => r"\frac{1}{2}".into(),
                t if t < 0.5 && power(t).is_some() => format!("10^{{{}}}", power(t).unwrap_or(0.0)),
                t if t > 0.5 && power(1.0 - t).is_some() => {
                    format!("1-10^{{{}}}", power(1.0 - t).unwrap_or(0.0))
                }
                t if t < 0.1 => logit_value(t, ticks, true),
                t if t > 0.9 => format!("1-{}", logit_value(1.0 - t, &others, true)),
                t => logit_value(t, ticks, false),
            };
            format!("$\\mathdefault{{{text}}}$")
        })
        .collect()
}

/// A number with as many digits as tell it from the next tick.
fn logit_value(t: f64, ticks: &[f64], scientific: bool) -> String {
    let exponent = if scientific { t.log10().floor() } else { 0.0 };
    let least = if scientific { 0.0 } else { 1.0 };
    let mut distances: Vec<f64> = ticks.iter().map(|v| (v - t).abs()).collect();
    distances.sort_by(f64::total_cmp);
    let digits = distances.get(1).map_or(least, |d| {
        let digits = -d.log10() + exponent;
        if (digits - digits.round()).abs() < 1e-10 { digits.round() } else { digits.ceil() }.max(least)
    });
    let mantissa = format!("{:.*}", digits as usize, t * 10f64.powf(-exponent));
    if scientific { format!("{mantissa}\\cdot10^{{{exponent}}}") } else { mantissa }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from matplotlib 3.11's `SymmetricalLogLocator(base=10, linthresh=...)`.
    #[test]
    fn symmetrical_ticks() {
        assert_eq!(symlog_ticks(-120.0, 1500.0, 1.0), [-100.0, -10.0, -1.0, 0.0, 1.0, 10.0, 100.0, 1000.0]);
        assert_eq!(symlog_ticks(-1.0, 0.5, 2.0), [-1.0, 0.0, 0.5]);
        assert_eq!(symlog_labels(&[-100.0, 0.0, 10.0]), ["$-10^{2}$", "$0$", "$10^{1}$"]);
    }

    /// Recorded from matplotlib 3.11's `LogitLocator` and `LogitFormatter`.
    #[test]
    fn logit_ticks_and_labels() {
        let (major, _) = logit_ticks(0.004, 0.97, 9);
        assert_eq!(major, [0.001, 0.01, 0.1, 0.5, 0.9, 0.99]);
        assert_eq!(
            logit_labels(&major)[1..5],
            [
                r"$\mathdefault{10^{-2}}$",
                r"$\mathdefault{10^{-1}}$",
                r"$\mathdefault{\frac{1}{2}}$",
                r"$\mathdefault{1-10^{-1}}$"
            ]
        );
    }
}
