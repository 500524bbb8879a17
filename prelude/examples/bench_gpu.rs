//! Times training steps on the GPU for `bench/gpu.py` and prints one line of JSON for each kind: the name and the seconds
//! that each run took per step. Every run ends with a number fetched, so that the device has done all of it. Without a GPU
//! nothing is timed, and a line says why.

mod nets;

use std::time::Instant;

use flowbook::v1::{self as tf, Graph, Session};
use flowbook::{Result, feed};
use nets::Net;

fn main() -> Result<()> {
    if tf::test::gpu_device_name().is_empty() {
        eprintln!("nothing was timed: there is no GPU (`flowbook doctor` says why)");
        return Ok(());
    }
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    type Row = fn() -> Result<Vec<f64>>;
    let rows: [(&str, Row); 4] = [("xor", xor), ("softmax", softmax), ("cnn", cnn), ("matmul_4096", product)];
    for (name, row) in rows {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            let times = Graph::new().as_default(row)?;
            println!("{{\"name\": \"{name}\", \"seconds\": {times:?}}}");
        }
    }
    Ok(())
}

/// Seconds per step of each of seven runs of so many steps; a first one is left out. `end` waits for the device.
fn per_step(steps: usize, mut step: impl FnMut() -> Result<()>, end: impl Fn() -> Result<()>) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    for _ in 0..8 {
        let start = Instant::now();
        for _ in 0..steps {
            step()?;
        }
        end()?;
        times.push(start.elapsed().as_secs_f64() / steps as f64);
    }
    Ok(times.split_off(1))
}

/// The XOR lesson's training: two layers, one call for each step.
fn xor() -> Result<Vec<f64>> {
    tf::set_random_seed(777);
    let (x_data, y_data) = nets::xor_data();
    let Net { x, y, cost, train } = nets::xor(&[2, 2, 1]);
    let sess = Session::new();
    sess.run(tf::global_variables_initializer())?;
    let fed = || feed! { x => &x_data, y => &y_data };
    per_step(2000, || sess.run_with(train, fed()).map(drop), || sess.run_with(cost, fed()).map(drop))
}

/// The softmax regression on MNIST, batches of 100.
fn softmax() -> Result<Vec<f64>> {
    let mnist = tf::examples::tutorials::mnist::input_data::read_data_sets("MNIST_data", true)?;
    let Net { x, y, cost, train } = nets::softmax();
    let sess = Session::new();
    sess.run(tf::global_variables_initializer())?;
    let fed = || {
        let (xs, ys) = mnist.train.next_batch(100);
        feed! { x => xs, y => ys }
    };
    per_step(1000, || sess.run_with(train, fed()).map(drop), || sess.run_with(cost, fed()).map(drop))
}

/// The lessons' convolutional net on 50 images, with Adam.
fn cnn() -> Result<Vec<f64>> {
    let Net { x, y, cost, train } = nets::cnn();
    let (images, labels) = nets::pictures(50);
    let sess = Session::new();
    sess.run(tf::global_variables_initializer())?;
    let fed = || feed! { x => &images, y => &labels };
    per_step(200, || sess.run_with(train, fed()).map(drop), || sess.run_with(cost, fed()).map(drop))
}

/// Products of two matrices of 4,096 rows and columns, kept on the device.
fn product() -> Result<Vec<f64>> {
    let n = 4096;
    let matrix = || tf::Variable::new(tf::random_normal([n, n]));
    let (a, b, c) = (matrix(), matrix(), tf::Variable::new(tf::zeros([n, n])));
    let multiply = tf::assign(c, tf::matmul(a, b)).op();
    let sess = Session::new();
    sess.run(tf::global_variables_initializer())?;
    let corner = c.value().slice(flowbook::s![0, 0]);
    per_step(40, || sess.run(multiply).map(drop), || sess.run(corner).map(drop))
}
