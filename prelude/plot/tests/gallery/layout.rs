//! Layouts that fit the labels, and colour bars of several axes.

use flowbook_plot as plt;
use ndarray::Array2;

use super::gallery;

fn ramp(rows: usize, columns: usize, from: f64) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(j, i)| (j * columns + i) as f64 + from)
}

#[test]
fn constrained() {
    gallery("constrained", 3.0, || {
        let (figure, ax) = plt::subplots(2, 3);
        figure.figsize(9, 5.2).layout("constrained");
        ax[0].imshow(ramp(5, 5, 0.0));
        ax[0].colorbar();
        ax[1].plot_y([1, 2]);
        ax[1].set_ylabel("a label\nof two lines");
        ax[2].set_title("title").fontsize(16);
        ax[3].pcolormesh(0..6, 0..6, ramp(5, 5, 0.0));
        ax[3].colorbar().orientation("horizontal").label("below");
        ax[4].set_xlabel("x").fontsize(14);
        ax[5].plot_y([1000, 20000]);
        ax[5].set_ylabel("y");
        figure.suptitle("Constrained");
        figure.supxlabel("all x");
        // Recorded from matplotlib: left, bottom, width, height in pixels.
        let [x, y, w, h] = ax[1].get_position();
        let expected = [371.825, 321.058, 209.753, 144.103];
        for (got, wanted) in [x * 900.0, y * 520.0, w * 900.0, h * 520.0].into_iter().zip(expected) {
            assert!((got - wanted).abs() < 0.02, "{got} against {wanted}");
        }
    });
}

#[test]
fn shared_bars() {
    gallery("shared_bars", 3.0, || {
        let (figure, ax) = plt::subplots(2, 2);
        figure.figsize(7, 5);
        for (k, a) in ax.iter().enumerate() {
            a.pcolormesh(0..6, 0..5, ramp(4, 5, k as f64)).vmin(0).vmax(25);
        }
        ax[3].colorbar().ax(&ax).label("all").shrink(0.8);
    });
}

#[test]
fn shared_constrained() {
    gallery("shared_constrained", 3.0, || {
        let (figure, ax) = plt::subplots(2, 2);
        figure.figsize(7, 5).layout("constrained");
        for (k, a) in ax.iter().enumerate() {
            a.imshow(ramp(4, 5, k as f64)).vmin(0).vmax(25).cmap("RdYlBu");
            a.set_title(format!("image {k}"));
        }
        ax[3].colorbar().ax([ax[1], ax[3]]).ticks([0, 10, 20]).ticklabels(["low", "mid", "high"]);
    });
}
