//! More features: steps, areas, pictures, furniture, bars, pies, texts.

use flowbook_plot as plt;

use super::{feature, linspace, map, up_to};

#[test]
fn lines_and_stems() {
    feature("lines_and_stems", 3.0, || {
        let (figure, ax) = plt::subplots(1, 3);
        figure.figsize(12, 3.5);
        let k = up_to(8);
        ax[0].stem(&k, map(&k, f64::sin));
        ax[1].vlines(&k, 0, map(&k, |k| k * k)).color("C1").linestyle("dashed");
        ax[1].hlines([10, 30], 0, 7).color("k");
        let mod3 = map(&k, |k| k % 3.0);
        ax[2].step_at(&k, &mod3, "", "post");
        ax[2].step_at(&k, map(&mod3, |v| v + 3.0), "g", "mid");
        let x: Vec<f64> = (0..15).map(|i| f64::from((i + 1) / 2)).collect();
        let y: Vec<f64> = (0..15).map(|i| mod3[i / 2]).collect();
        ax[2].fill_between(&x, &y, 0).alpha(0.3);
    });
}

#[test]
fn fill_where() {
    feature("fill_where", 3.0, || {
        let x = linspace(0.0, 6.0, 61);
        let sin = map(&x, f64::sin);
        plt::plot(&x, &sin, "k");
        let above: Vec<bool> = sin.iter().map(|v| *v > 0.0).collect();
        let below: Vec<bool> = sin.iter().map(|v| *v < 0.0).collect();
        plt::fill_between_where(&x, &sin, 0, &above).color("g").alpha(0.4);
        plt::fill_between_where(&x, &sin, 0, &below).color("r").alpha(0.4);
        plt::fill(&[1.0, 2.0, 1.5], &[-0.8, -0.8, -0.2]).facecolor("m");
        plt::stackplot([3, 4, 5, 6], &[[0.1, 0.2, 0.1, 0.3], [0.2, 0.1, 0.3, 0.2]]);
    });
}

#[test]
fn images() {
    feature("images", 3.0, || {
        let (figure, ax) = plt::subplots(2, 3);
        figure.figsize(9, 6);
        let mut z: Vec<Vec<f64>> = (0..4).map(|j| (0..4).map(|i| f64::from(4 * j + i).powi(2)).collect()).collect();
        ax[0].imshow(&z).interpolation("bilinear");
        ax[1].imshow(&z).interpolation("bicubic").cmap("gray");
        z[1][2] = f64::NAN;
        ax[2].imshow(&z).origin("lower").cmap("magma");
        ax[3].imshow(&z).aspect("auto").extent([0, 10, 0, 5]);
        ax[4].imshow(&z).aspect(0.5).vmin(20).vmax(150).alpha(0.6);
        ax[5].matshow(&z);
    });
}

#[test]
fn pcolormesh() {
    feature("pcolormesh", 3.0, || {
        let c: Vec<Vec<f64>> = (0..4).map(|j| (0..6).map(|i| f64::from(6 * j + i)).collect()).collect();
        plt::pcolormesh(linspace(0.0, 3.0, 7), linspace(0.0, 2.0, 5), &c);
        plt::colorbar().label("cells");
    });
}

#[test]
fn furniture() {
    feature("furniture", 3.0, || {
        let (_, axes) = plt::subplots(1, 1);
        let ax = axes[0];
        ax.plot(&[0, 1, 2], &[0, 1, 4], "").label("a");
        ax.plot(&[0, 1, 2], &[1, 2, 3], "").label("b");
        ax.plot(&[0, 1, 2], &[3, 2, 1], "").label("c");
        ax.spines(["top", "right"]).set_visible(false);
        ax.minorticks_on();
        ax.tick_params().axis("both").direction("in").colors("blue");
        ax.legend().ncols(3).loc("upper center").bbox_to_anchor(0.5, 1.15).title("three");
        ax.set_title("left").loc("left");
        ax.set_facecolor("#eeeeff");
        ax.invert_xaxis();
    });
}

#[test]
fn bars_and_labels() {
    feature("bars_and_labels", 3.0, || {
        let names = ["a", "b", "c"];
        let bars = plt::bar(&names, &[3, 5, 2]).yerr([0.5, 0.4, 0.3]).capsize(5).color(&["r", "g", "b"]);
        plt::bar_label(&bars);
        plt::bar(&names, &[1, 1, 2]).bottom(&[3, 5, 2]).width(0.5).align("edge").label("top");
        plt::ylim([0, 9]);
    });
}

#[test]
fn pie_options() {
    feature("pie_options", 3.0, || {
        let pie = plt::pie(&[30, 20, 50]).labels(&["x", "y", "z"]).explode([0.0, 0.1, 0.0]).startangle(90);
        pie.counterclock(false).colors(&["gold", "skyblue", "tomato"]).autopct(0);
        plt::legend().loc("lower left");
    });
}

#[test]
fn scatter_options() {
    feature("scatter_options", 3.0, || {
        let k = up_to(30);
        plt::scatter(&k, map(&k, f64::sin)).s(map(&k, |k| 10.0 * k)).alpha(0.5).label("sizes");
        plt::scatter(&k, map(&k, f64::cos)).c(&k).cmap("jet").marker("^").edgecolors("k").label("map");
        plt::scatter(&k, map(&k, |k| 0.1 * k - 1.0)).marker("x").color("k").linewidths(2);
        plt::scatter(&k, map(&k, |k| 0.1 * k)).facecolors("none").edgecolors("r");
        plt::legend().loc("upper left").fontsize(8).framealpha(1);
    });
}

#[test]
fn spans_of_cells() {
    feature("spans_of_cells", 3.0, || {
        plt::figure().figsize(7, 5);
        plt::subplot(2, 2, 1);
        plt::plot_y(&[1, 2]);
        plt::subplot(2, 2, 2);
        plt::plot_y(&[2, 1]);
        plt::subplot_span(2, 2, (3, 4));
        plt::plot_y(&[1, 3, 2]);
        plt::subplots_adjust().hspace(0.4).wspace(0.3);
    });
}

#[test]
fn twiny_and_inset() {
    feature("twiny_and_inset", 3.0, || {
        let (figure, axes) = plt::subplots(1, 1);
        axes[0].plot(&[0, 1, 2], &[0, 1, 4], "");
        let top = axes[0].twiny();
        top.plot(&[0, 100], &[2, 3], "r");
        top.set_xlabel("top");
        figure.add_axes([0.2, 0.55, 0.2, 0.2]).plot_y(&[1, 2, 1]);
    });
}

#[test]
fn text_styles() {
    feature("text_styles", 3.0, || {
        plt::plot_y(&[0, 1]);
        plt::text(0.5, 0.5, "two\nlines").ha("center").va("center").rotation(45);
        plt::figtext(0.5, 0.01, "below").ha("center").fontsize(9);
        plt::axhspan(0.2, 0.4).color("y").alpha(0.3);
        plt::axline((0, 0), 0.5).color("k").dashes(&[5.0, 1.0]);
        plt::xticks(&[0.0, 0.5, 1.0]).labels(&["lo", "mid", "hi"]);
        plt::gca().yaxis().fontsize(7).rotation(90);
        plt::title("A title\nof two lines").fontsize("x-large").color("navy");
    });
}

#[test]
fn limits_and_gaps() {
    feature("limits_and_gaps", 3.0, || {
        plt::plot_y(&[1.0, 2.0, f64::NAN, 4.0, 5.0, f64::INFINITY, 3.0, 2.0]).fmt("o-");
        plt::margins(0.2);
        plt::ylim(0..);
    });
}

#[test]
fn hist_options() {
    feature("hist_options", 3.0, || {
        let k = up_to(400);
        let a = map(&k, |k| (k * k).sin() * 2.0);
        let b = map(&k, |k| (k * k * 3.0).cos() + 1.0);
        let (figure, ax) = plt::subplots(1, 3);
        figure.figsize(12, 3.5);
        ax[0].hist(&a, 15).density(true).edgecolor("white");
        ax[0].hist(&b, [-1.0, 0.0, 0.5, 1.0, 2.0]).density(true).histtype("step");
        let cumulative = ax[1].hist(&a, 12).range(-1, 1).cumulative(true);
        cumulative.orientation("horizontal").color("r").alpha(0.5);
        ax[2].hist(&b, 8).label("b");
        ax[2].legend();
    });
}

#[test]
fn mathtext() {
    feature("mathtext", 20.0, || {
        plt::figure().figsize(6, 4);
        plt::axis([0, 1, 0, 1]);
        plt::title("Formulas");
        plt::text(0.6, 0.6, r"$f(x) = \frac{1}{1 + e^{-x}}$ and $\sqrt{x^2 + y^2}$");
        plt::text(0.1, 0.8, r"$\sum_{i=1}^{n} x_i^2 = \int_0^\infty e^{-t} dt$").fontsize(16);
        plt::text(0.1, 0.55, r"$\mathbf{w} \leftarrow \mathbf{w} - \eta \nabla L(w)$").fontsize(14);
        plt::text(0.1, 0.3, r"$\hat{y} = \bar{x} + \vec{v},\ \mathrm{loss} \leq \alpha_{k+1}^{2}$").fontsize(14);
        plt::text(0.1, 0.1, r"$\sin(\theta) \times \log_{10} x \approx \left(\frac{a}{b}\right)$").fontsize(14);
        plt::text(0.7, 0.3, r"$\frac{\partial L}{\partial w}$");
        plt::ylabel(r"$x_1^2$ of $\Omega$");
    });
}
