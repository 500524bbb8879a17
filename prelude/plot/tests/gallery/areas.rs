//! Areas and pies.

use flowbook_plot as plt;
use ndarray::Array2;

use super::{gallery, linspace, map};

#[test]
fn areas() {
    gallery("areas", 3.0, || {
        let (figure, ax) = plt::subplots(2, 3);
        figure.figsize(12, 6);
        let x = linspace(0.0, 10.0, 50);
        let ys: Vec<Vec<f64>> = (0..3).map(|k| map(&x, |x| 1.0 + 0.5 * (x + f64::from(k)).sin())).collect();
        ax[0].stackplot(&x, &ys).labels(["a", "b", "c"]).alpha(0.8);
        ax[0].legend().loc("upper left");
        ax[1].stackplot(&x, &ys).baseline("wiggle").colors(["tab:red", "tab:olive"]);
        let sin = map(&x, f64::sin);
        ax[2].fill_betweenx(&x, &sin, 1.5).hatch("\\\\").facecolor("w").edgecolor("C3");
        ax[3].fill_between(&x, &sin, map(&sin, |v| v - 1.0)).alpha(0.2).hatch("+");
        ax[3].axhline(0.5).xmin(0.25).xmax(0.75).color("k");
        ax[3].plot(&x, &sin, "").drawstyle("steps-mid").label("steps");
        ax[4].broken_barh([(1, 2), (5, 3)], (0, 1)).facecolor("tab:blue");
        ax[4].broken_barh([(2, 4)], (1.5, 0.5)).facecolor("tab:orange");
        let columns = Array2::from_shape_fn((50, 3), |(i, k)| ys[k][i]);
        ax[5].plot(&x, &columns, "");
        ax[5].axvspan(2, 4).color("y").alpha(0.3).hatch("x");
    });
}

#[test]
fn pies() {
    gallery("pies", 3.0, || {
        let (figure, ax) = plt::subplots(1, 3);
        figure.figsize(12, 4);
        let first = ax[0].pie([15, 30, 45, 10]).explode([0.0, 0.1, 0.0, 0.0]).labels(["Frogs", "Hogs", "Dogs", "Logs"]);
        first.autopct("%1.1f%%").shadow(true).startangle(90);
        ax[1].pie([60, 30, 10]).radius(1).ring(0.3).edgecolor("w").colors(["C0", "C4", "C8"]);
        ax[1].pie([20, 40, 5, 25]).radius(0.7).ring(0.3).edgecolor("w").linewidth(3);
        let last = ax[2].pie([3, 2, 1]).labels(["x", "y", "z"]).autopct("%d%%").hatch(["**O", "oO", "."]);
        last.labeldistance(0.6).pctdistance(1.25).fontsize("smaller").textcolor("b");
    });
}
