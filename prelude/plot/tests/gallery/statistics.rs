//! Bars, histograms and other plots of samples.

use flowbook_plot as plt;

use super::{bell, gallery, linspace, map, noise};

#[test]
fn bars_of_groups() {
    gallery("bars_of_groups", 3.0, || {
        let (figure, ax) = plt::subplots(2, 2);
        figure.figsize(9, 6);
        let at = |d: f64| map(&[0.0, 1.0, 2.0, 3.0], |x| x + d);
        ax[0].bar(at(-0.2), [3, 5, 2, 4]).width(0.4).label("one").hatch("//");
        let last = ax[0].bar(at(0.2), [2.5, 3.5, 4.0, 1.0]).width(0.4).label("two").color("C2").edgecolor("k");
        let last = last.hatch(["x", "o", ".", "-"]);
        ax[0].bar_label(&last).padding(3).fmt("%.1f");
        ax[0].set_xticks(0..4).labels(["a", "b", "c", "d"]);
        ax[0].legend().loc("upper left").ncols(2);
        ax[0].set_ylim([0, 7]);
        let mut bottom = vec![0.0; 3];
        for (name, heights) in [("low", [1.0, 2.0, 3.0]), ("mid", [2.0, 1.0, 2.0]), ("top", [1.5, 2.5, 1.0])] {
            let bars = ax[1].bar(["x", "y", "z"], heights).width(0.5).bottom(&bottom).label(name);
            ax[1].bar_label(&bars).label_type("center").color("w");
            bottom.iter_mut().zip(heights).for_each(|(b, h)| *b += h);
        }
        ax[1].legend();
        let people = ax[2].barh(["Tom", "Dick", "Harry"], [3, -2, 5]).xerr([0.5, 0.3, 0.8]).capsize(3);
        ax[2].bar_label(&people).fmt("{:.2f}").padding(2);
        ax[2].invert_yaxis();
        ax[2].set_xlabel("speed");
        ax[3].bar([1, 2, 3], [10, 1000, 50]).width([0.3, 0.6, 0.9]).log(true).tick_label(["p", "q", "r"]);
        ax[3].axhline(100).color("gray").lw(0.8);
    });
}

#[test]
fn histograms() {
    gallery("histograms", 3.0, || {
        let (figure, ax) = plt::subplots(2, 3);
        figure.figsize(12, 6);
        let (a, b, c) = (bell(300, 1), map(&bell(200, 2), |v| v + 0.5), map(&bell(100, 3), |v| v * 1.5));
        ax[0].hist([&a, &b, &c], 8).label(["a", "b", "c"]);
        ax[0].legend();
        ax[1].hist([&a, &b, &c], 8).density(true).stacked(true).color(["r", "tan", "lime"]);
        ax[2].hist([&a, &b], 12).histtype("step").stacked(true);
        ax[3].hist(&a, 20).histtype("stepfilled").color("g").alpha(0.75).label("filled");
        ax[3].hist(&b, 20).histtype("step").color("k").label("step");
        ax[3].legend();
        ax[4].hist(&a, "auto").rwidth(0.8).log(true).edgecolor("w");
        let edges = [-2.0, -1.0, 0.0, 0.5, 2.0];
        ax[5].hist(&b, edges).density(true).cumulative(true).orientation("horizontal").hatch("/");
    });
}

#[test]
fn distributions() {
    gallery("distributions", 3.0, || {
        let (figure, ax) = plt::subplots(2, 3);
        figure.figsize(12, 6);
        let (x, y) = (bell(2000, 5), bell(2000, 6));
        let sum: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x + y).collect();
        ax[0].hist2d(&x, &sum, (20, 15));
        ax[0].colorbar();
        ax[1].hexbin(&x, &y, 12).cmap("Blues");
        let data = [bell(80, 7), map(&bell(60, 8), |v| v * 0.5 + 1.0), map(&bell(90, 9), |v| v - 0.5)];
        ax[2].violinplot(&data).showmedians(true);
        ax[3].violinplot(&data).positions([2, 4, 6]).widths(1.5).showmeans(true).orientation("horizontal");
        ax[4].eventplot(&data).colors(["C0", "C1", "C2"]).lineoffsets([2, 4, 6]).linelengths(1.5);
        ax[5].ecdf(&data[0]).label("part");
        ax[5].stairs([0.2, 0.7, 0.4], [-1.0, 0.0, 0.5, 1.5]).label("steps");
        ax[5].stairs([0.2, 0.1, 0.3], [-2.0, -1.5, -1.2, -1.0]).fill(true);
        ax[5].legend();
    });
}

#[test]
fn points() {
    gallery("points", 3.0, || {
        let (figure, ax) = plt::subplots(2, 2);
        figure.figsize(10, 7);
        let c = map(&noise(45, 13), |v| (v * 4.0).floor() + 1.0);
        let points = ax[0].scatter(noise(45, 11), noise(45, 12)).c(&c).s(map(&noise(45, 14), |v| 10.0 + 190.0 * v));
        let first = ax[0].legend().elements(points.legend_elements("colors")).loc("lower left").title("Classes");
        ax[0].add_artist(first);
        ax[0].legend().elements(points.legend_elements("sizes").alpha(0.6)).loc("upper right").title("Sizes");
        let t = linspace(0.1, 2.0 * std::f64::consts::PI, 21);
        ax[1].stem(&t, map(&t, |t| t.sin().exp())).linefmt("grey").markerfmt("D").bottom(1.1).label("stems");
        let third: Vec<f64> = bell(70, 23).into_iter().chain([4.0, -5.0]).collect();
        let data = [bell(50, 21), map(&bell(60, 22), |v| v * 2.0), third];
        ax[2].boxplot(&data).notch(true).sym("rs").positions([1, 3, 4]);
        let boxes = ax[3].boxplot(&data).facecolor(["peachpuff", "orange", "tomato"]).mediancolor("k");
        boxes.tick_labels(["a", "b", "c"]);
    });
}
