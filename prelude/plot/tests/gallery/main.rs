//! Kinds of plots drawn here against the pictures matplotlib 3.11 drew (fixtures/make_gallery.py).
#![allow(clippy::needless_borrows_for_generic_args, reason = "notebook cells pass references to keep their variables")]

mod areas;
#[path = "../compare/mod.rs"]
mod compare;
mod fields;
mod furniture;
mod layout;
mod statistics;

use flowbook_plot as plt;

/// Draws a figure; the mean difference over ink may be at most `most` of 255.
fn gallery(name: &str, most: f64, draw: impl FnOnce()) {
    compare::compare_within(&format!("gallery/{name}"), most, |_| plt::rc_context(draw));
}

fn linspace(start: f64, end: f64, n: usize) -> Vec<f64> {
    (0..n).map(|k| start + (end - start) * k as f64 / (n - 1) as f64).collect()
}

fn map(x: &[f64], f: impl Fn(f64) -> f64) -> Vec<f64> {
    x.iter().map(|&v| f(v)).collect()
}

/// The same numbers between 0 and 1 as the script's: a linear congruence.
fn noise(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state = (state * 1_103_515_245 + 12345) % (1 << 31);
        state as f64 / f64::from(1u32 << 31)
    };
    (0..n).map(|_| next()).collect()
}

/// Sums of six of them: nearly normal.
fn bell(n: usize, seed: u64) -> Vec<f64> {
    noise(6 * n, seed).chunks(6).map(|c| c.iter().sum::<f64>() - 3.0).collect()
}

#[test]
fn scales() {
    gallery("scales", 3.0, || {
        let (figure, ax) = plt::subplots(2, 3);
        figure.figsize(12, 6);
        let x = linspace(-50.0, 50.0, 201);
        ax[0].plot(&x, map(&x, |x| x.powi(3) / 10.0), "");
        ax[0].set_yscale("symlog").linthresh(0.1);
        ax[0].grid(true);
        ax[1].plot(&x, &x, "");
        ax[1].set_xscale("symlog");
        let p = linspace(0.003, 0.997, 200);
        ax[2].plot(&p, &p, "");
        ax[2].set_yscale("logit");
        ax[2].grid(true);
        ax[3].scatter(&[5], &[5]);
        ax[3].set_yscale("log");
        ax[3].set_xscale("log");
        ax[4].bar(&[1, 2, 3], &[0.002, 0.3, 40.0]);
        ax[4].set_yscale("log");
        ax[4].tick_params().which("both").direction("in");
        ax[5].plot(&[0.2, 0.5, 0.7], &[1, 10, 100], "o-");
        ax[5].set_xscale("logit");
        ax[5].set_yscale("log");
        ax[5].set_ylim([0.5, 2e4]);
        figure.tight_layout();
    });
}

#[test]
fn tickers() {
    gallery("tickers", 3.0, || {
        let (figure, ax) = plt::subplots(2, 3);
        figure.figsize(12, 5);
        let x = linspace(0.0, 10.0, 50);
        for a in &ax {
            a.plot(&x, map(&x, |x| x.sin() * 1e4), "");
        }
        let locate = plt::MultipleLocator(2.5);
        ax[0].xaxis().set_major_locator(locate).set_minor_locator(plt::AutoMinorLocator(5));
        ax[0].yaxis().set_major_formatter(plt::EngFormatter("Hz"));
        ax[1].xaxis().set_major_locator(plt::MaxNLocator(4).integer(true));
        ax[1].yaxis().set_major_formatter("{x:,.0f} km");
        ax[2].xaxis().set_major_locator(plt::FixedLocator([1, 4, 9]));
        ax[2].xaxis().set_major_formatter(|x: f64, _| format!("[{x:.0}]"));
        ax[2].yaxis().set_major_locator(plt::NullLocator());
        ax[3].xaxis().set_major_formatter(plt::PercentFormatter(10));
        ax[3].minorticks_on();
        ax[3].grid(true).which("minor").alpha(0.3);
        ax[3].grid(true);
        ax[4].yaxis().set_major_formatter(plt::FormatStrFormatter("%.1e"));
        ax[4].xaxis().set_major_locator(plt::LinearLocator(4));
        ax[5].xaxis().set_major_formatter(plt::NullFormatter());
        ax[5].set_xticks([0, 5, 10]);
        ax[5].set_xticks([1, 2, 3]).minor(true);
        figure.tight_layout();
    });
}
