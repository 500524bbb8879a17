//! Texts, spines, legends and where axes go.

use flowbook_plot as plt;

use super::{gallery, linspace, map};

#[test]
fn texts_and_spines() {
    gallery("texts_and_spines", 3.0, || {
        let (figure, ax) = plt::subplots(2, 2);
        figure.figsize(10, 7);
        let [a, b, c, d] = ax[..] else { unreachable!("four axes") };
        a.axis([0, 10, 0, 10]);
        let red = plt::bbox().facecolor("red").alpha(0.5).pad(1);
        a.text(3, 8, "boxed italics text in data coords").fontstyle("italic").bbox(red);
        let text = a.text(0.95, 0.01, "colored text in axes coords").in_axes();
        text.va("bottom").ha("right").color("green").fontsize(15);
        let wheat = plt::bbox().boxstyle("round").facecolor("wheat").edgecolor("0.5").alpha(0.8);
        a.text(2, 6, "bold 42.5").fontweight("bold").fontsize(14).bbox(wheat);
        a.text(6, 6, "round4").bbox(plt::bbox().boxstyle("round4,pad=0.5").facecolor("w").linestyle("--"));
        let arrow = plt::bbox().boxstyle("rarrow,pad=0.3").facecolor("cyan").edgecolor("b").linewidth(2);
        a.text(2, 4, "rarrow").bbox(arrow);
        a.text(6, 4, "circle").ha("center").bbox(plt::bbox().boxstyle("circle").facecolor("lightgreen"));
        a.text(2, 1.5, "tilted").rotation(30).rotation_mode("anchor");
        a.set_title("Bold title").fontweight("bold").loc("left");
        a.set_xlabel("right").loc("right");
        a.set_ylabel("top").loc("top");
        let t = linspace(0.0, 5.0, 200);
        b.plot(&t, map(&t, |t| (2.0 * std::f64::consts::PI * t).cos()), "").lw(2);
        b.annotate("local max", (2, 1), (3, 1.5)).arrowprops(plt::arrowprops().facecolor("black").shrink(0.05));
        b.annotate("offset", (1, 1), (10, 15)).textcoords("offset points").ha("center");
        let corner = b.annotate("corner", (0.9, 0.1), (-40, 20)).xycoords("axes fraction").textcoords("offset points");
        let grey = plt::bbox().boxstyle("round").facecolor("0.9");
        corner.bbox(grey).arrowprops(plt::arrowprops().arrowstyle("->"));
        let bent = plt::arrowprops().arrowstyle("-|>").connectionstyle("arc3,rad=-0.2");
        b.annotate("big", (3.5, -1), (0.1, 0.1)).textcoords("axes fraction").fontsize(16).arrowprops(bent);
        b.set_ylim([-2, 2]);
        let x = linspace(-std::f64::consts::PI, std::f64::consts::PI, 100);
        c.plot(&x, map(&x, |x| 2.0 * x.sin()), "");
        c.spines(["left", "bottom"]).set_position("zero");
        c.spines(["top", "right"]).set_visible(false);
        d.plot(&x, map(&x, f64::sin), "");
        d.spines(["left", "bottom"]).set_position(("outward", 10));
        d.spines("left").set_bounds(-1, 1);
        d.spines(["right", "top"]).set_visible(false);
        d.tick_params().top(true).labeltop(true).right(true).direction("in");
        d.set_xlabel("x");
        d.set_ylabel("y");
        figure.suptitle("Everything").fontweight("bold");
        figure.supxlabel("all x");
        figure.supylabel("all y");
        figure.tight_layout();
    });
}

#[test]
fn legends() {
    gallery("legends", 3.0, || {
        let (figure, ax) = plt::subplots(2, 2);
        figure.figsize(9, 7);
        let x = linspace(0.0, 1.0, 30);
        for a in &ax {
            for n in 1..6 {
                a.plot(&x, map(&x, |x| x.powi(n)), if n == 2 { "o-" } else { "-" }).label(format!("n={n}"));
            }
        }
        ax[0].legend().loc("upper left").ncols(4).title("Powers").title_fontsize(12).fontsize(8);
        let above = ax[1].legend().bbox_to_anchor_box([0.0, 1.02, 1.0, 0.102]).loc("lower left");
        above.ncols(3).mode("expand").borderaxespad(0);
        let large = ax[2].legend().loc((0.05, 0.4)).labelcolor("r").markerscale(2);
        large.handlelength(3).labelspacing(1).reverse(true);
        let square = ax[3].legend().loc("center left").fancybox(false).edgecolor("k");
        square.borderpad(1).framealpha(1).columnspacing(0.5).ncols(2);
    });
}

#[test]
fn layouts() {
    gallery("layouts", 3.0, || {
        let figure = plt::figure().figsize(10, 6);
        let grid = figure.add_gridspec(3, 3).width_ratios([2, 1, 1]).hspace(0.6);
        let row = grid.subplot(0, ..);
        row.set_title("row");
        grid.subplot(1, ..-1).plot_y([1, 3, 2]);
        grid.subplot(1.., -1).bar([1, 2], [2, 1]);
        grid.subplot(-1, 0).set_xlabel("x");
        grid.subplot(-1, -2).imshow([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]);
        let inset = row.inset_axes([0.6, 0.2, 0.3, 0.6]);
        inset.plot_y([1, 2]).color("r");
        inset.set_xticks(());
    });
}

#[test]
fn mosaics() {
    gallery("mosaics", 3.0, || {
        let (figure, axes) = plt::subplot_mosaic("AAB;C.B");
        figure.figsize(7.7, 5);
        axes["A"].plot_y([1, 2, 4]);
        axes["B"].set_ylabel("b");
        axes["C"].barh(["x", "y"], [1, 2]);
        figure.tight_layout();
    });
}

#[test]
fn figure_legend() {
    gallery("figure_legend", 3.0, || {
        let (figure, ax) = plt::subplots(1, 2);
        figure.figsize(8, 3);
        ax[0].plot_y([1, 2]).label("first");
        ax[1].plot_y([2, 1]).fmt("C1--").label("second");
        ax[1].bar([0, 1], [1.0, 0.5]).color("C2").label("bars").width(0.2);
        figure.legend().loc("upper center").ncols(3);
    });
}
