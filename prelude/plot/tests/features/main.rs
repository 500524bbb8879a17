//! Single features of pyplot drawn here against the pictures matplotlib 3.11 drew (fixtures/make_features.py).
#![allow(clippy::needless_borrows_for_generic_args, reason = "notebook cells pass references to keep their variables")]

#[path = "../compare/mod.rs"]
mod compare;
mod more;

use flowbook_plot as plt;

/// Draws a feature; the mean difference over ink may be at most `most` of 255.
fn feature(name: &str, most: f64, draw: impl FnOnce()) {
    compare::compare_within(&format!("features/{name}"), most, |_| plt::rc_context(draw));
}

fn linspace(start: f64, end: f64, n: usize) -> Vec<f64> {
    (0..n).map(|k| start + (end - start) * k as f64 / (n - 1) as f64).collect()
}

fn map(x: &[f64], f: impl Fn(f64) -> f64) -> Vec<f64> {
    x.iter().map(|&v| f(v)).collect()
}

fn grid(x: &[f64], y: &[f64], f: impl Fn(f64, f64) -> f64) -> Vec<Vec<f64>> {
    y.iter().map(|&y| x.iter().map(|&x| f(x, y)).collect()).collect()
}

fn up_to(n: i32) -> Vec<f64> {
    (0..n).map(f64::from).collect()
}

#[test]
fn errorbar() {
    feature("errorbar", 3.0, || {
        let x: Vec<f64> = (1..7).map(f64::from).collect();
        plt::errorbar(&x, map(&x, |x| x * x)).yerr(3).fmt("o").capsize(4).label("both");
        let own = plt::errorbar(&x, map(&x, |x| 40.0 - x * x)).yerr((map(&x, |x| 0.5 * x), &x)).xerr(0.2);
        own.ecolor("gray").label("own");
        let third = plt::errorbar(&x, map(&x, |x| 3.0 * x)).yerr(map(&x, |x| 0.5 * x)).fmt("rs--");
        third.markersize(4).elinewidth(1).capsize(2);
        plt::legend();
    });
}

#[test]
fn contour() {
    feature("contour", 8.0, || {
        let x = linspace(-3.0, 3.0, 41);
        plt::contour(&x, &x, grid(&x, &x, |x, y| x * x + y * y)).clabel();
        plt::plot(&[-2.5, -1.5, -0.8, -0.3, 0.0], &[2.0, 1.0, 0.6, 0.2, 0.0], "r.-");
        plt::title("descent");
    });
}

#[test]
fn contourf() {
    feature("contourf", 3.0, || {
        let (x, y) = (linspace(-2.0, 2.0, 31), linspace(-1.5, 1.5, 21));
        let z = grid(&x, &y, |x, y| (2.0 * x).sin() * (3.0 * y).cos());
        plt::contourf(&x, &y, &z).levels(10).cmap("coolwarm");
        plt::colorbar();
        plt::contour(&x, &y, &z).levels([-0.5, 0.0, 0.5]).color("k");
        plt::xlabel("x");
    });
}

#[test]
fn contour_lines_colorbar() {
    feature("contour_lines_colorbar", 4.0, || {
        let x = linspace(0.0, 4.0, 25);
        let z = grid(&x, &x, |x, y| x.sqrt() * y);
        plt::contour_z(&z).levels(6).cmap("plasma").linewidths(3).linestyles("--");
        plt::colorbar();
    });
}

#[test]
fn boxplot() {
    feature("boxplot", 3.0, || {
        let k = up_to(60);
        let third = map(&k, f64::sin).into_iter().chain([6.0, 7.0, -5.0]).collect();
        let groups = [map(&k, |k| (k * k).sin() * 2.0), map(&k, |k| k.cos().powi(3) * 4.0 + 1.0), third];
        plt::boxplot(&groups).tick_labels(&["one", "two", "three"]);
        plt::ylabel("value");
    });
}

#[test]
fn boxplot_filled() {
    feature("boxplot_filled", 3.0, || {
        let k = up_to(40);
        let second: Vec<f64> = map(&k, |k| (k * k).cos()).into_iter().chain([3.0]).collect();
        let boxes = plt::boxplot([map(&k, f64::sin), second]).orientation("horizontal").patch_artist(true);
        boxes.showmeans(true).widths(0.6).whis(1.0);
    });
}

#[test]
fn quiver() {
    feature("quiver", 3.0, || {
        let x = linspace(-2.0, 2.0, 9);
        let gx: Vec<f64> = (0..81).map(|k| x[k % 9]).collect();
        let gy: Vec<f64> = (0..81).map(|k| x[k / 9]).collect();
        plt::quiver(&gx, &gy, map(&gx, |v| -v), map(&gy, |v| -v)).color("teal");
        plt::quiver(&[0], &[0], &[1.0], &[0.5]).angles("xy").scale_units("xy").scale(1).color("r");
    });
}

#[test]
fn descent_path() {
    feature("descent_path", 3.0, || {
        let x = linspace(-2.0, 2.0, 61);
        plt::contour(&x, &x, grid(&x, &x, |x, y| x * x + y * y)).levels(12).cmap("gray");
        let (w, v) = ([1.8, 1.1, 0.7, 0.3, 0.1], [1.5, 1.2, 0.5, 0.4, 0.1]);
        let diff = |w: &[f64]| -> Vec<f64> { w.windows(2).map(|w| w[1] - w[0]).collect() };
        let steps = plt::quiver(&w[..4], &v[..4], diff(&w), diff(&v)).angles("xy").scale_units("xy").scale(1);
        steps.color("red");
        plt::axis("equal");
    });
}

#[test]
fn annotate() {
    feature("annotate", 5.0, || {
        let x = linspace(-2.0, 2.0, 50);
        plt::plot(&x, map(&x, |x| x * x), "");
        let arrow = plt::arrowprops;
        plt::annotate("minimum", (0, 0), (0.5, 1.5)).arrowprops(arrow().arrowstyle("->"));
        plt::annotate("start", (-2, 4), (-1, 3.5)).arrowprops(arrow().arrowstyle("-|>").color("red").lw(2));
        plt::annotate("", (1.5, 1), (-1.5, 1)).arrowprops(arrow().arrowstyle("<->").color("g"));
        let bent = arrow().arrowstyle("->").connectionstyle("arc3,rad=0.3");
        plt::annotate("bend", (1.5, 2.25), (0, 3)).arrowprops(bent);
        plt::annotate("fat", (-1, 1), (-1.8, 0.2)).arrowprops(arrow().facecolor("black").shrink(0.05));
        plt::text(1, 1, "here");
        plt::gca().arrow_with_head(0.5, 0.2, 0.8, 0.3, 0.1).color("m");
        plt::text(0.05, 0.05, "axes").in_axes().bbox((245.0 / 255.0, 222.0 / 255.0, 179.0 / 255.0, 0.5));
    });
}

#[test]
fn loglog() {
    feature("loglog", 3.0, || {
        let x: Vec<f64> = linspace(0.0, 3.0, 20).into_iter().map(|e| 10f64.powf(e)).collect();
        plt::loglog(&x, map(&x, |x| x * x), "o-").label("square");
        plt::loglog(&x, map(&x, |x| 5.0 * x.sqrt()), "--").label("root");
        plt::grid(true).which("both");
        plt::legend();
        plt::xlabel("n");
    });
}

#[test]
fn semilogx_short() {
    feature("semilogx_short", 3.0, || {
        let x = linspace(2.0, 9.0, 20);
        plt::semilogx(&x, map(&x, f64::sin), "");
        plt::title("less than a decade");
    });
}

#[test]
fn semilogy_wide() {
    feature("semilogy_wide", 3.0, || {
        let x: Vec<f64> = (1..30).map(f64::from).collect();
        plt::semilogy(&x, map(&x, |x| 10f64.powf(-x)), "");
        plt::semilogy(&x, map(&x, |x| 10f64.powf(x / 2.0) - 20.0), "");
    });
}

#[test]
fn shared_axes() {
    feature("shared_axes", 3.0, || {
        let x = linspace(0.0, 6.0, 50);
        let (figure, axes) = plt::subplots(2, 2);
        figure.sharex(true).sharey(true);
        for (k, ax) in axes.into_iter().enumerate() {
            let x = &x[..20 + 10 * k];
            ax.plot(x, map(x, |x| (k as f64 + 1.0) * x.sin()), &format!("C{k}"));
            ax.set_title(format!("ax {k}"));
        }
    });
}

#[test]
fn share_columns() {
    feature("share_columns", 3.0, || {
        let x = linspace(0.0, 6.0, 50);
        let (figure, axes) = plt::subplots(2, 1);
        figure.figsize(5, 5).sharex("col");
        axes[0].plot(&x, map(&x, f64::cos), "");
        axes[1].bar(&[1, 2, 3], &[3, 4, 5]);
        figure.suptitle("shared x");
        figure.tight_layout();
    });
}

fn styled(name: &str, title: &str, points: bool) {
    plt::style::use_(name);
    let x = linspace(0.0, 6.0, 50);
    plt::plot(&x, map(&x, f64::sin), "").label("sin");
    if points {
        let some: Vec<f64> = x.iter().copied().step_by(5).collect();
        plt::scatter(&some, map(&some, f64::cos)).label("cos");
        plt::ylabel("y");
    } else {
        plt::plot(&x, map(&x, f64::cos), "").label("cos");
        plt::xlabel("x");
    }
    plt::title(title);
    plt::legend();
}

#[test]
fn styles() {
    feature("style_ggplot", 3.0, || styled("ggplot", "ggplot", false));
    feature("style_seaborn", 3.0, || styled("seaborn-v0_8", "seaborn", false));
    feature("style_dark", 3.0, || styled("dark_background", "dark", true));
}

#[test]
fn rc_params() {
    feature("rc_params", 3.0, || {
        plt::rc("figure.figsize", (5, 3));
        plt::rc("lines.linewidth", 3);
        plt::rc("font.size", 12);
        plt::rc("axes.grid", true);
        plt::rc("grid.linestyle", ":");
        plt::rc("axes.spines.top", false);
        plt::rc("axes.spines.right", false);
        plt::rc("xtick.labelsize", "small");
        plt::rc("axes.titlesize", 18);
        plt::plot_y(&[1, 3, 2]);
        plt::title("rc");
        plt::xlabel("x axis");
    });
}
