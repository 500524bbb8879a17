//! Fields of vectors and numbers.

use flowbook_plot as plt;
use ndarray::Array2;

use super::{gallery, linspace, map, noise};

#[test]
fn streams() {
    gallery("streams", 3.0, || {
        let (figure, ax) = plt::subplots(1, 3);
        figure.figsize(12, 4);
        let (x, y) = (linspace(-3.0, 3.0, 50), linspace(-3.0, 3.0, 40));
        let u = Array2::from_shape_fn((40, 50), |(j, i)| -1.0 - x[i] * x[i] + y[j]);
        let v = Array2::from_shape_fn((40, 50), |(j, i)| 1.0 + x[i] - y[j] * y[j]);
        ax[0].streamplot(&x, &y, &u, &v).density([0.5, 1.0]);
        ax[1].streamplot(&x, &y, &u, &v).color(&u).linewidth(2).cmap("autumn").density(0.7);
        ax[1].colorbar();
        let speed: Vec<f64> = u.iter().zip(&v).map(|(u, v)| u.hypot(*v)).collect();
        let fastest = speed.iter().copied().fold(0.0, f64::max);
        let widths: Vec<f64> = speed.iter().map(|s| 5.0 * s / fastest).collect();
        ax[2].streamplot(&x, &y, &u, &v).density(0.6).color("k").linewidth(widths);
    });
}

#[test]
fn extended() {
    gallery("extended", 6.0, || {
        let (figure, ax) = plt::subplots(2, 2);
        figure.figsize(10, 7);
        let (x, y) = (linspace(-3.0, 3.0, 61), linspace(-2.0, 2.0, 41));
        let hill = |x: f64, y: f64| (-x * x - y * y).exp();
        let z = Array2::from_shape_fn((41, 61), |(j, i)| hill(x[i], y[j]) - hill(x[i] - 1.0, y[j] - 1.0));
        let double = z.mapv(|z| 2.0 * z);
        ax[0].contourf(&x, &y, &double).levels([-1.0, -0.5, 0.0, 0.5, 1.0]).extend("both").cmap("PuOr");
        ax[0].colorbar();
        let hatched = ax[1].contourf(&x, &y, &z).levels(4).hatches(["-", "/", "\\\\", "//", ""]);
        hatched.cmap("gray").extend("max").alpha(0.5);
        ax[1].colorbar().orientation("horizontal");
        ax[2].imshow(&z).vmin(-0.5).vmax(0.5).cmap("RdBu").origin("lower").extent([-3, 3, -2, 2]);
        ax[2].colorbar().extend("min").shrink(0.6);
        ax[3].contour(&x, &y, &z).levels(6).color("k").clabel_fontsize(9);
    });
}

#[test]
fn quick_start() {
    gallery("quick_start", 3.0, || {
        let (figure, ax) = plt::subplots(2, 2);
        figure.figsize(10, 8);
        let z = Array2::from_shape_fn((8, 10), |(j, i)| ((j as f64).sin() + i as f64).exp());
        ax[0].pcolormesh_c(&z).norm("log").cmap("magma");
        ax[0].colorbar();
        let (x, y) = (noise(40, 31), noise(40, 32));
        let difference: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x - y).collect();
        ax[1].scatter(&x, &y).c(difference).s(60).cmap("RdBu_r").edgecolors("k").linewidths(0.5);
        ax[1].colorbar().extend("both");
        ax[1].set_title("scatter()");
        let table = map(&noise(12, 33), |v| (v * 9.0).round_ties_even());
        let table = Array2::from_shape_vec((3, 4), table).expect("twelve numbers");
        ax[2].imshow(&table).cmap("YlGn");
        let seasons = ax[2].set_xticks(0..4).labels(["spring", "summer", "autumn", "winter"]);
        seasons.rotation(45).ha("right").rotation_mode("anchor");
        ax[2].set_yticks(0..3).labels(["one", "two", "three"]);
        for ((i, j), v) in table.indexed_iter() {
            ax[2].text(j, i, format!("{v:.0}")).ha("center").va("center").color("k");
        }
        ax[2].spines(["left", "right", "top", "bottom"]).set_visible(false);
        ax[2].set_xticks([-0.5, 0.5, 1.5, 2.5, 3.5]).minor(true);
        ax[2].set_yticks([-0.5, 0.5, 1.5, 2.5]).minor(true);
        ax[2].grid(true).which("minor").color("w").linewidth(3);
        ax[2].tick_params().which("minor").bottom(false).left(false);
        let t = linspace(0.01, 10.0, 100);
        ax[3].plot(&t, map(&t, f64::exp), "C3").label("exp");
        ax[3].set_ylabel("exp").color("C3");
        ax[3].tick_params().axis("y").labelcolor("C3");
        let twin = ax[3].twinx();
        twin.plot(&t, map(&t, f64::sin), "C0--").label("sin");
        twin.set_ylabel("sin").color("C0");
        ax[3].set_yscale("log");
        figure.tight_layout();
    });
}
