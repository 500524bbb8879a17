//! Times training steps on the GPU for `bench/gpu.py` and prints one line of JSON for each kind: the name and the seconds
//! that each run took per step. Every run ends with a number fetched, so that the device has done all of it. Without a GPU
//! nothing is timed, and a line says why.

use std::time::Instant;

use flowbook::v1::{self as tf, Graph, Operation, Session, Tensor};
use flowbook::{Array, Result, feed, shape};

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
    let x_data = Array::new(vec![0f32, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], &[4, 2]);
    let y_data = Array::new(vec![0f32, 1.0, 1.0, 0.0], &[4, 1]);
    let (x, y) = (tf::placeholder(tf::float32, shape![None, 2]), tf::placeholder(tf::float32, shape![None, 1]));
    let layer = |h: Tensor, units: usize| {
        let weights = tf::Variable::new(tf::random_normal([2, units]));
        tf::sigmoid(tf::matmul(h, weights) + tf::Variable::new(tf::random_normal([units])))
    };
    let hypothesis = layer(layer(x, 2), 1);
    let cost = -tf::reduce_mean(y * tf::log(hypothesis) + (1 - y) * tf::log(1 - hypothesis));
    let train = tf::train::GradientDescentOptimizer::new(0.1).minimize(cost);
    let sess = Session::new();
    sess.run(tf::global_variables_initializer())?;
    let fed = || feed! { x => &x_data, y => &y_data };
    per_step(2000, || sess.run_with(train, fed()).map(drop), || sess.run_with(cost, fed()).map(drop))
}

/// The softmax regression on MNIST, batches of 100.
fn softmax() -> Result<Vec<f64>> {
    let mnist = tf::examples::tutorials::mnist::input_data::read_data_sets("MNIST_data", true)?;
    let (x, y) = (tf::placeholder(tf::float32, shape![None, 784]), tf::placeholder(tf::float32, shape![None, 10]));
    let (w, b) = (tf::Variable::new(tf::zeros([784, 10])), tf::Variable::new(tf::zeros([10])));
    let cost = -tf::reduce_sum(y * tf::log(tf::nn::softmax(tf::matmul(x, w) + b)));
    let (train, total) = (tf::train::GradientDescentOptimizer::new(0.01).minimize(cost), tf::reduce_sum(b));
    let sess = Session::new();
    sess.run(tf::global_variables_initializer())?;
    let step = || {
        let (xs, ys) = mnist.train.next_batch(100);
        sess.run_with(train, feed! { x => xs, y => ys }).map(drop)
    };
    per_step(1000, step, || sess.run(total).map(drop))
}

/// The lessons' convolutional net on 50 images, with Adam.
fn cnn() -> Result<Vec<f64>> {
    let weight = |sizes: &[usize]| tf::Variable::new(tf::truncated_normal(sizes.to_vec()) * 0.1);
    let bias = |n: usize| tf::Variable::new(tf::constant(Array::new(vec![0.1f32; n], &[n])));
    let pool = |x: Tensor| tf::nn::max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME");
    let conv = |x: Tensor, sizes: &[usize; 4]| {
        let h = tf::nn::conv2d(x, weight(sizes), [1, 1, 1, 1], "SAME");
        pool(tf::nn::relu(h + bias(sizes[3])))
    };
    let (x, y) = (tf::placeholder(tf::float32, shape![None, 784]), tf::placeholder(tf::float32, shape![None, 10]));
    let h = conv(conv(tf::reshape(x, [-1, 28, 28, 1]), &[5, 5, 1, 32]), &[5, 5, 32, 64]);
    let h = tf::nn::relu(tf::matmul(tf::reshape(h, [-1, 7 * 7 * 64]), weight(&[7 * 7 * 64, 1024])) + bias(1024));
    let logits = tf::matmul(h, weight(&[1024, 10])) + bias(10);
    let cost = tf::reduce_mean(tf::nn::softmax_cross_entropy_with_logits(y, logits));
    let train: Operation = tf::train::AdamOptimizer::new(1e-4).minimize(cost);
    let sess = Session::new();
    sess.run(tf::global_variables_initializer())?;
    let pixels = (0..50 * 784).map(|i| (i * 37 % 256) as f32 / 255.0).collect();
    let labels = (0..500).map(|i| f32::from(i % 10 == i / 10 % 10)).collect();
    let (images, labels) = (Array::new::<f32>(pixels, &[50, 784]), Array::new::<f32>(labels, &[50, 10]));
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
