//! Milliseconds per figure, from data to PNG bytes: `cargo run --release -p flowbook-plot --example bench_figures`; a part of
//! a name after `--` chooses figures.
//! `python prelude/plot/examples/bench_figures.py` sets matplotlib's times beside them.
#![allow(clippy::needless_borrows_for_generic_args, reason = "notebook cells pass references to keep their variables")]

use std::time::Instant;

use flowbook_plot as plt;

fn linspace(start: f64, end: f64, n: usize) -> Vec<f64> {
    (0..n).map(|k| start + (end - start) * k as f64 / (n - 1) as f64).collect()
}

fn sigmoid() {
    let x: Vec<f64> = (-50..50).map(|k| f64::from(k) / 10.0).collect();
    let y: Vec<f64> = x.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect();
    plt::plot(&x, &y, "g");
    plt::plot(&[0, 0], &[1.0, 0.0], ":");
    plt::title("Sigmoid Function");
}

fn digit() -> Vec<Vec<f64>> {
    (0..28).map(|j| (0..28).map(|i| f64::from((i * j) % 29)).collect()).collect()
}

fn predictions() {
    plt::figure().figsize(18, 20);
    plt::subplots_adjust().hspace(1.0);
    for i in 0..15 {
        plt::subplot(5, 6, 2 * i + 1);
        plt::xticks(());
        plt::yticks(());
        plt::imshow(digit()).cmap("binary");
        plt::xlabel("7 38% (7)").color("blue");
        plt::subplot(5, 6, 2 * i + 2);
        plt::xticks(0..10).rotation(90);
        plt::yticks(());
        plt::bar(0..10, &[0.1, 0.2, 0.0, 0.3, 0.05, 0.05, 0.1, 0.7, 0.1, 0.1]).color("#777777");
        plt::ylim([0, 1]);
    }
}

fn digits() {
    plt::figure().figsize(15, 15);
    for i in 0..25 {
        plt::subplot(5, 5, i + 1);
        plt::xticks(());
        plt::yticks(());
        plt::imshow(digit()).cmap("binary");
        plt::xlabel(i.to_string());
    }
}

fn colour_bar() {
    plt::imshow(digit()).cmap("binary");
    plt::colorbar();
}

fn limits() {
    plt::plot(&[1, 2, 3, 4], &[2, 3, 5, 10], "");
    plt::xlabel("X-Axis");
    plt::ylabel("Y-Axis");
    plt::xlim([0, 5]);
    plt::ylim([0, 20]);
}

fn descent() {
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
}

fn scatter() {
    let angles: Vec<f64> = (0..10_000).map(f64::from).collect();
    let x: Vec<f64> = angles.iter().map(|a| a * a.cos()).collect();
    let y: Vec<f64> = angles.iter().map(|a| a * a.sin()).collect();
    plt::scatter(&x, &y).c(&angles);
}

fn noise() {
    let y: Vec<f64> = (0..1_000_000u64).map(|k| ((k * 6_364_136_223) % 1009) as f64).collect();
    plt::plot_y(&y);
}

fn main() {
    let figures: [(&str, fn()); 8] = [
        ("sigmoid", sigmoid),
        ("line with limits", limits),
        ("picture with colour bar", colour_bar),
        ("2 x 2 gradient descent", descent),
        ("5 x 5 digits", digits),
        ("5 x 6 predictions", predictions),
        ("scatter of 10,000", scatter),
        ("line of 1,000,000", noise),
    ];
    let wanted = std::env::args().nth(1).unwrap_or_default();
    for (name, draw) in figures.into_iter().filter(|(name, _)| name.contains(&wanted)) {
        // The processor's time counts, so that other work on the machine does not; Linux keeps it in ticks, so many
        // figures are drawn for one number.
        let (mut runs, mut best) = (0, f64::INFINITY);
        let start = processor_milliseconds();
        while runs < 5 || (runs < 400 && processor_milliseconds() - start < 400.0) {
            let start = Instant::now();
            draw();
            std::hint::black_box(plt::gcf().to_png());
            best = best.min(start.elapsed().as_secs_f64() * 1e3);
            plt::close();
            runs += 1;
        }
        println!("{name}\t{:.2}\t{best:.2}", (processor_milliseconds() - start) / f64::from(runs));
    }
}

/// What this thread has used of a processor so far; wall time where that is not told.
fn processor_milliseconds() -> f64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3, |ns| ns / 1e6)
}
