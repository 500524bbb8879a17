//! How many events a second the summary writers take: numbers without a graph, through TensorFlow 2's functions, and
//! summaries that a session computed. `cargo run --release -p flowbook --example bench_events -- [COUNT] [LOGDIR]`;
//! with a LOGDIR the files stay.

use std::path::PathBuf;
use std::time::Instant;

use flowbook::summary::v2;
use flowbook::v1 as tf;

fn main() -> flowbook::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let kept = arguments.next().map(PathBuf::from);
    let logdir = kept.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("flowbook-{}", std::process::id())));

    let writer = tf::summary::FileWriter::new(logdir.join("v1"), None)?;
    let start = Instant::now();
    for step in 0..count {
        writer.add_summary(tf::Summary::new().simple_value("loss", 1.0 / (step + 1) as f64), step)?;
    }
    writer.close()?;
    report("v1, tf.Summary with a number", count, start);

    let computed = tf::Session::new().run(tf::summary::scalar("cost", tf::constant(0.5)))?;
    let writer = tf::summary::FileWriter::new(logdir.join("session"), None)?;
    let start = Instant::now();
    for step in 0..count {
        writer.add_summary(&computed, step)?;
    }
    writer.close()?;
    report("v1, a session's summary", count, start);

    let writer = v2::create_file_writer(logdir.join("v2"))?;
    let start = Instant::now();
    writer.as_default(|| (0..count).try_for_each(|i| v2::scalar("loss", 1.0 / (i + 1) as f64, i).map(drop)))?;
    writer.close()?;
    report("v2, tf.summary.scalar", count, start);

    if kept.is_none() {
        std::fs::remove_dir_all(&logdir).map_err(|e| flowbook::Error::Os(e.to_string()))?;
    }
    Ok(())
}

fn report(what: &str, count: usize, start: Instant) {
    let seconds = start.elapsed().as_secs_f64();
    println!("{what:<32} {count} events in {:.1} ms: {:.2} M/s", seconds * 1e3, count as f64 / seconds / 1e6);
}
