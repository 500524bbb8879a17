//! Figures of the lessons and others drawn here against the pictures matplotlib 3.11 drew of the same data.
#![allow(clippy::needless_borrows_for_generic_args, reason = "notebook cells pass references to keep their variables")]

mod compare;

use compare::Picture;
use flowbook_plot as plt;

fn compare(name: &str, draw: impl FnOnce(&Picture)) {
    compare::compare_within(&format!("figures/{name}"), 3.0, draw);
}

fn arange(start: f64, end: f64, step: f64) -> Vec<f64> {
    (0..((end - start) / step).ceil() as usize).map(|k| start + k as f64 * step).collect()
}

fn linspace(start: f64, end: f64, n: usize) -> Vec<f64> {
    (0..n).map(|k| start + (end - start) * k as f64 / (n - 1) as f64).collect()
}

fn sigmoid(x: &[f64], scale: f64, shift: f64) -> Vec<f64> {
    x.iter().map(|x| 1.0 / (1.0 + (-(scale * x + shift)).exp())).collect()
}

#[test]
fn sigmoid_plot() {
    compare("sigmoid_plot", |_| {
        let x = arange(-5.0, 5.0, 0.1);
        plt::plot(&x, &sigmoid(&x, 1.0, 0.0), "g");
        plt::plot(&[0, 0], &[1.0, 0.0], ":");
        plt::title("Sigmoid Function");
    });
}

#[test]
fn sigmoid_plot_w() {
    compare("sigmoid_plot_W", |_| {
        let x = arange(-5.0, 5.0, 0.1);
        plt::plot(&x, &sigmoid(&x, 0.5, 0.0), "r").linestyle("--");
        plt::plot(&x, &sigmoid(&x, 1.0, 0.0), "g");
        plt::plot(&x, &sigmoid(&x, 2.0, 0.0), "b").linestyle("--");
        plt::plot(&[0, 0], &[1.0, 0.0], ":");
        plt::title("Sigmoid Function");
    });
}

#[test]
fn sigmoid_plot_b() {
    compare("sigmoid_plot_b", |_| {
        let x = arange(-5.0, 5.0, 0.1);
        plt::plot(&x, &sigmoid(&x, 1.0, 0.5), "r").linestyle("--");
        plt::plot(&x, &sigmoid(&x, 1.0, 1.0), "g");
        plt::plot(&x, &sigmoid(&x, 1.0, 1.5), "b").linestyle("--");
        plt::plot(&[0, 0], &[1.0, 0.0], ":");
        plt::title("Sigmoid Function");
    });
}

#[test]
fn plot_1() {
    compare("plot_1", |_| {
        plt::plot_y(&[1, 2, 3, 4]);
    });
}

#[test]
fn plot_xy() {
    compare("plot_xy", |_| {
        plt::plot(&[1, 2, 3, 4], &[1, 4, 9, 16], "");
    });
}

#[test]
fn plot_labels_lim() {
    compare("plot_labels_lim", |_| {
        plt::plot(&[1, 2, 3, 4], &[2, 3, 5, 10], "");
        plt::xlabel("X-Axis");
        plt::ylabel("Y-Axis");
        plt::xlim([0, 5]);
        plt::ylim([0, 20]);
    });
}

#[test]
fn activations() {
    let x = linspace(-4.0, 4.0, 100);
    compare("activations_by_hand", |_| {
        plt::plot(&x, &sigmoid(&x, 1.0, 0.0), "");
    });
    compare("activations_tanh_relu", |_| {
        plt::plot(&x, x.iter().map(|x| x.tanh()).collect::<Vec<f64>>(), "");
    });
    compare("activations_tanh_relu_2", |_| {
        plt::plot(&x, x.iter().map(|x| x.max(0.0)).collect::<Vec<f64>>(), "");
    });
}

#[test]
fn gradient_descent_figure() {
    compare("gradient_descent_figure", |_| {
        let x = linspace(-2.0, 2.0, 50);
        let square: Vec<f64> = x.iter().map(|x| x * x).collect();
        let figure = plt::figure().figsize(12, 7);
        for (i, rate) in [0.001, 0.1, 0.5, 0.9].into_iter().enumerate() {
            let mut w = vec![2.0];
            for k in 0..9 {
                w.push(w[k] - rate * 2.0 * w[k]);
            }
            let y: Vec<f64> = w.iter().map(|w| w * w).collect();
            let ax = figure.add_subplot(2, 2, i + 1);
            ax.scatter(&w, &y).color("red");
            ax.plot(&x, &square, "");
            ax.set_title(format!("lr ={rate}"));
        }
    });
}

/// The numbers behind a square picture, read off the reference: its grey levels at the middle of each cell.
/// `left` and `top` are the picture's corner in the reference, `size` its side, all in pixels.
fn cells(reference: &Picture, left: f64, top: f64, size: f64, value: impl Fn([u8; 3]) -> f64) -> Vec<Vec<f64>> {
    let at = |start: f64, k: usize| (start + (k as f64 + 0.5) * size / 28.0) as usize;
    (0..28).map(|j| (0..28).map(|i| value(reference.at(at(left, i), at(top, j)))).collect()).collect()
}

fn darkness(p: [u8; 3]) -> f64 {
    f64::from(255 - p[0])
}

#[test]
fn mnist_imshow() {
    compare("mnist_imshow", |reference| {
        let map = plt::Colormap::named("viridis").expect("viridis is there");
        let value = |p: [u8; 3]| {
            let off = |k: &usize| {
                let c = map.color(*k as f64 / 255.0).to_bytes();
                (0..3).map(|i| u32::from(c[i].abs_diff(p[i]))).sum::<u32>()
            };
            (0..256).min_by_key(off).expect("256 colours") as f64 / 255.0
        };
        plt::imshow(cells(reference, 38.0, 10.0, 369.0, value));
    });
}

#[test]
fn imshow_binary() {
    compare("imshow_binary", |reference| {
        plt::figure();
        plt::imshow(cells(reference, 38.0, 10.0, 369.0, darkness)).cmap("binary");
        plt::colorbar();
    });
}

#[test]
fn imshow_grid() {
    const LABELS: [u8; 25] = [5, 0, 4, 1, 9, 2, 1, 3, 1, 4, 3, 5, 3, 6, 1, 7, 2, 8, 6, 9, 4, 0, 9, 1, 1];
    compare("imshow_grid", |reference| {
        // 15 by 15 inches, 5 by 5 axes, the tight box 10 pixels outside the first one.
        let (width, height) = (0.775 * 1500.0 / 5.8, 0.77 * 1500.0 / 5.8);
        plt::figure().figsize(15, 15);
        for (i, label) in LABELS.into_iter().enumerate() {
            let (row, column) = ((i / 5) as f64, (i % 5) as f64);
            let (left, top) = (10.0 + 1.2 * width * column, 10.0 + 1.2 * height * row);
            plt::subplot(5, 5, i + 1);
            plt::xticks(());
            plt::yticks(());
            plt::grid(false);
            plt::imshow(cells(reference, left, top, height, darkness)).cmap(plt::cm::binary);
            plt::xlabel(label.to_string());
        }
    });
}

#[test]
fn prediction_figure() {
    const LABELS: [(u8, u8); 15] = [
        (7, 38),
        (2, 83),
        (2, 92),
        (0, 69),
        (0, 87),
        (9, 39),
        (3, 98),
        (9, 75),
        (9, 47),
        (1, 86),
        (9, 77),
        (8, 80),
        (6, 88),
        (6, 66),
        (4, 83),
    ];
    compare("prediction_figure", |reference| {
        // 18 by 20 inches, 5 by 6 axes; the first picture is a square in the middle of its axes.
        let (width, height) = (0.775 * 1800.0 / 7.0, 0.77 * 2000.0 / 9.0);
        let indent = (width - height) / 2.0;
        plt::figure().figsize(18, 20);
        plt::subplots_adjust().hspace(1.0);
        for (i, (label, percent)) in LABELS.into_iter().enumerate() {
            let (row, column) = ((i / 3) as f64, 2.0 * (i % 3) as f64);
            let (left, top) = (10.0 + 1.2 * width * column, 10.0 + 2.0 * height * row);

            plt::subplot(5, 6, 2 * i + 1);
            plt::grid(false);
            plt::xticks(());
            plt::yticks(());
            plt::imshow(cells(reference, left, top, height, darkness)).cmap("binary");
            plt::xlabel(format!("{label} {percent:2}% ({label})")).color("blue");

            plt::subplot(5, 6, 2 * i + 2);
            plt::xticks(0..10).labels(&["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]).rotation(90);
            plt::yticks(());
            let (left, bottom) = (left - indent + 1.2 * width, top + height);
            let heights: Vec<f64> = (0..10)
                .map(|k| bar_height(reference, left + width * (0.9 + f64::from(k)) / 10.8, bottom, height))
                .collect();
            let bars = plt::bar(0..10, &heights).color("#777777");
            plt::ylim([0, 1]);
            bars[label as usize].set_color("blue");
        }
    });
}

/// The height of the bar at `x` in the reference, in parts of the axes' height.
fn bar_height(reference: &Picture, x: f64, bottom: f64, height: f64) -> f64 {
    let filled = |y: &usize| reference.at(x as usize, *y)[0] < 200;
    let rows = (0..bottom as usize - 1).rev().take_while(filled).count();
    (rows as f64 + 1.0) / height
}

fn tenths() -> Vec<f64> {
    (-40..=40).map(|k| f64::from(k) / 10.0).collect()
}

fn map(x: &[f64], f: impl Fn(f64) -> f64) -> Vec<f64> {
    x.iter().map(|&v| f(v)).collect()
}

#[test]
fn legend_grid() {
    compare("legend_grid", |_| {
        let x = tenths();
        plt::plot(&x, sigmoid(&x, 1.0, 0.0), "").label("sigmoid");
        plt::plot(&x, map(&x, f64::tanh), "r--").label("tanh");
        let some: Vec<f64> = x.iter().copied().step_by(8).collect();
        plt::plot(&some, map(&some, |v| 0.1 * v), "ko").label("points");
        plt::axhline(0).color("gray").linewidth(0.8);
        plt::axvline(1.5).linestyle(":");
        plt::grid(true);
        plt::legend();
        plt::title("Activations");
    });
}

#[test]
fn bar_categories() {
    compare("bar_categories", |_| {
        let names = ["alpha", "beta", "gamma"];
        plt::bar(&names, &[3.0, 7.5, 5.0]).label("bars");
        plt::bar(&names, &[1, 1, 2]).color("orange").edgecolor("black").label("more");
        plt::legend().loc("upper left");
        plt::ylabel("count");
    });
}

#[test]
fn histogram() {
    compare("histogram", |_| {
        let values: Vec<f64> = (0..500).map(|k| f64::from(k * k).sin() * 3.0).collect();
        plt::hist(&values, 20).color("steelblue").alpha(0.7);
        plt::xlabel("value");
        plt::ylabel("count");
    });
}

#[test]
fn tight_layout() {
    compare("tight_layout", |_| {
        let x = tenths();
        plt::figure().figsize(8, 6);
        for k in 0..4 {
            plt::subplot(2, 2, k + 1);
            plt::plot(&x, map(&x, |v| v.powi(k as i32 + 1)), "");
            plt::title(format!("power {}", k + 1));
            plt::xlabel("x");
            plt::ylabel("y");
        }
        plt::suptitle("Powers");
        plt::tight_layout();
    });
}

#[test]
fn markers_exponent() {
    compare("markers_exponent", |_| {
        let x = [1, 2, 3, 4];
        plt::plot(&x, &[1e6, 2.5e6, 3e6, 7e6], "s-").markersize(8);
        plt::plot(&x, &[2e6, 3e6, 3.5e6, 1e6], "^:");
        plt::plot(&x, &[4e6, 1e6, 2e6, 3e6], "x--");
        plt::plot(&x, &[5e6, 6e6, 6e6, 5e6], "D");
        plt::plot(&x, &[6e6, 5e6, 5e6, 6e6], "*").markersize(12);
        plt::plot(&x, &[6.5e6, 5.5e6, 5.5e6, 6.5e6], "+-.");
        plt::title("exponent");
    });
}

#[test]
fn scatter_colorbar() {
    compare("scatter_colorbar", |_| {
        let k: Vec<i32> = (0..50).collect();
        let (x, y): (Vec<i32>, Vec<i32>) = k.iter().map(|k| (k % 10, k / 10)).unzip();
        plt::scatter(&x, &y).c(k.iter().map(|k| k * k).collect::<Vec<i32>>()).s(60).cmap("plasma");
        plt::colorbar();
    });
}

#[test]
fn rgb_off() {
    compare("rgb_off", |_| {
        let values = (0..6).flat_map(|j| (0..8).flat_map(move |i| [i * 30, j * 30, 128])).map(f64::from).collect();
        plt::imshow(plt::Pixels::new(values, &[6, 8, 3], true));
        plt::axis("off");
        plt::title("RGB");
    });
}

#[test]
fn semilogy() {
    compare("semilogy", |_| {
        plt::semilogy(1..60, (1..60).map(|k| (-f64::from(k) / 6.0).exp()).collect::<Vec<f64>>(), "").label("loss");
        plt::legend().loc("lower left");
    });
}

#[test]
fn fill_text() {
    compare("fill_text", |_| {
        let x = tenths();
        plt::fill_between(&x, map(&x, f64::sin), map(&x, |v| 0.5 * v.sin())).alpha(0.3).label("band");
        plt::plot(&x, map(&x, f64::sin), "");
        plt::text(0, 0.5, "some text").rotation(30);
        plt::xlim([-2, 3]);
        plt::legend().loc("lower right");
    });
}

#[test]
fn resampled() {
    compare("resampled", |_| {
        let (figure, axes) = plt::subplots(1, 2);
        figure.figsize(9, 3.5);
        let wave: Vec<Vec<f64>> =
            (0..150).map(|j| (0..200).map(|i| (f64::from(i * j) / 900.0).sin()).collect()).collect();
        let fine: Vec<Vec<i32>> = (0..600).map(|j| (0..800).map(|i| (i * j) % 97).collect()).collect();
        axes[0].imshow(&wave);
        axes[1].imshow(&fine).cmap("gray");
    });
}

#[test]
fn barh_ticks() {
    compare("barh_ticks", |_| {
        plt::barh(&["one", "two", "three"], &[4, 2, 3]);
        plt::xticks(0..5).labels(&["zero", "first\nsecond", "b", "c", "d"]).rotation(45);
    });
}

#[test]
fn pie() {
    compare("pie", |_| {
        plt::pie(&[3.0, 1.5, 2.0, 0.7]).labels(&["three", "one", "two", "rest"]).autopct(1);
        plt::title("Pie");
    });
}

#[test]
fn twinx() {
    compare("twinx", |_| {
        let (_, axes) = plt::subplots(1, 1);
        let loss = axes[0];
        let accuracy = loss.twinx();
        let curve = |f: &dyn Fn(f64) -> f64| -> Vec<f64> { (0..20).map(|k| f(f64::from(k))).collect() };
        loss.plot(0..20, curve(&|k| 3.0 * (-k / 5.0).exp()), "y").label("train loss");
        accuracy.plot(0..20, curve(&|k| 1.0 - (-k / 4.0).exp()), "b").label("train acc");
        loss.set_xlabel("epoch");
        loss.set_ylabel("loss");
        accuracy.set_ylabel("accuracy");
        loss.legend().loc("upper left");
        accuracy.legend().loc("lower left");
    });
}

#[test]
fn step_mathtext() {
    compare("step_mathtext", |_| {
        plt::step(&[0, 1, 2, 3], &[1, 3, 2, 4], "r");
        plt::title(r"$y = x^2 + \sigma_i$, loss $L_{max}$");
        plt::xlabel(r"$\alpha$ of $10^{-3}$");
    });
}

/// A colour given by hand takes none from the cycle; lines and filled things count separately.
#[test]
fn color_cycle() {
    compare("color_cycle", |_| {
        plt::plot(&[0, 1], &[0, 1], "").color("purple");
        plt::plot(&[0, 1], &[0, 2], "");
        plt::plot(&[0, 1, 2], &[0, 3, 1], "k.");
        plt::plot(&[0, 1], &[0, 4], "");
        plt::bar(&[0, 1], &[1, 2]).color("silver");
        plt::bar(&[2, 3], &[1, 2]);
        plt::scatter(&[2, 3], &[3, 4]).color("red");
        plt::scatter(&[2, 3], &[3.5, 4.5]).marker("s");
        plt::axvspan(1.2, 1.4).alpha(0.5);
        plt::fill_between(&[2, 3], &[0.0, 0.5], &[0.5, 1.0]);
    });
}

#[test]
fn surface() {
    compare("surface", |_| {
        let surface: Vec<Vec<f64>> = (0..41)
            .map(|j| (0..41).map(|i| (3.0 * f64::from(i) / 40.0).sin() * f64::from(j) / 40.0).collect())
            .collect();
        plt::imshow(&surface).cmap("RdBu").vmin(0.0).vmax(1.0).origin("lower").extent([0.0, 1.0, 0.0, 1.0]);
        plt::colorbar().label("answer");
        plt::scatter(&[0, 0, 1, 1], &[0, 1, 0, 1]).color("black");
        plt::title("Answer over the whole square");
    });
}
