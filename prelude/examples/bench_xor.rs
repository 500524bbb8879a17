//! Times the XOR lesson's training loop: 10,001 calls of `sess.run_with(train, feed! { ... })`.

use std::time::Instant;

use flowbook::v1 as tf;
use flowbook::{Array, Result, feed, shape};

const STEPS: usize = 10_001;

fn main() -> Result<()> {
    tf::set_random_seed(777);
    let x_data = Array::new(vec![0f32, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], &[4, 2]);
    let y_data = Array::new(vec![0f32, 1.0, 1.0, 0.0], &[4, 1]);
    let x = tf::placeholder(tf::float32, shape![None, 2]);
    let y = tf::placeholder(tf::float32, shape![None, 1]);
    let w1 = tf::Variable::new(tf::random_normal([2, 2])).named("weight1");
    let b1 = tf::Variable::new(tf::random_normal([2])).named("bias1");
    let layer1 = tf::sigmoid(tf::matmul(x, w1) + b1);
    let w2 = tf::Variable::new(tf::random_normal([2, 1])).named("weight2");
    let b2 = tf::Variable::new(tf::random_normal([1])).named("bias2");
    let hypothesis = tf::sigmoid(tf::matmul(layer1, w2) + b2);
    let cost = -tf::reduce_mean(y * tf::log(hypothesis) + (1 - y) * tf::log(1 - hypothesis));
    let train = tf::train::GradientDescentOptimizer::new(0.1).minimize(cost);
    let sess = tf::Session::new();
    let mut times = Vec::new();
    for _ in 0..11 {
        sess.run(tf::global_variables_initializer())?;
        let start = Instant::now();
        for _ in 0..STEPS {
            sess.run_with(train, feed! { x => &x_data, y => &y_data })?;
        }
        times.push(start.elapsed());
    }
    times.sort();
    let median = times[times.len() / 2];
    println!("{STEPS} steps: {median:?}, {:.0} ns each", median.as_nanos() as f64 / STEPS as f64);
    println!("cost {}", sess.run_with(cost, feed! { x => &x_data, y => &y_data })?);
    Ok(())
}
