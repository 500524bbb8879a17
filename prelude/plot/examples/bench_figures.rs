//! Milliseconds per figure, from data to PNG bytes: `cargo run --release -p flowbook-plot --example bench_figures`.
#![allow(clippy::needless_borrows_for_generic_args, reason = "notebook cells pass references to keep their variables")]

use std::time::Instant;

use flowbook_plot as plt;

fn sigmoid() {
    let x: Vec<f64> = (-50..50).map(|k| f64::from(k) / 10.0).collect();
    let y: Vec<f64> = x.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect();
    plt::plot(&x, &y, "g");
    plt::plot(&[0, 0], &[1.0, 0.0], ":");
    plt::title("Sigmoid Function");
}

fn grid() {
    let image: Vec<Vec<f64>> = (0..28).map(|j| (0..28).map(|i| f64::from((i * j) % 29)).collect()).collect();
    plt::figure().figsize(18, 20);
    plt::subplots_adjust().hspace(1.0);
    for i in 0..15 {
        plt::subplot(5, 6, 2 * i + 1);
        plt::xticks(());
        plt::yticks(());
        plt::imshow(&image).cmap("binary");
        plt::xlabel("7 38% (7)").color("blue");
        plt::subplot(5, 6, 2 * i + 2);
        plt::xticks(0..10).rotation(90);
        plt::yticks(());
        plt::bar(0..10, &[0.1, 0.2, 0.0, 0.3, 0.05, 0.05, 0.1, 0.7, 0.1, 0.1]).color("#777777");
        plt::ylim([0, 1]);
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
    let figures: [(&str, fn()); 4] = [
        ("sigmoid, 547 x 434", sigmoid),
        ("5 x 6 axes, 1400 x 1579", grid),
        ("scatter of 10,000", scatter),
        ("line of 1,000,000", noise),
    ];
    for (name, draw) in figures {
        let mut times = Vec::new();
        let mut size = 0;
        for _ in 0..20 {
            let start = Instant::now();
            draw();
            size = plt::gcf().to_png().len();
            times.push(start.elapsed().as_secs_f64() * 1e3);
            plt::close();
        }
        let first = times[0];
        times.sort_by(f64::total_cmp);
        println!("{name}: first {first:.1} ms, median {:.1} ms, {size} bytes", times[times.len() / 2]);
    }
}
