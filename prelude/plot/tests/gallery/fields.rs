//! Fields of vectors and numbers.

use flowbook_plot as plt;
use ndarray::Array2;

use super::{gallery, linspace};

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
