//! The lessons' nets with a step of their training, and data for them: what the benchmarks on every device run.

use flowbook::v1::{self as tf, Operation, Tensor};
use flowbook::{Array, shape};

/// A net in the default graph.
#[derive(Clone, Copy)]
pub struct Net {
    pub x: Tensor,
    pub y: Tensor,
    #[allow(dead_code, reason = "the benchmark on the CPU does not fetch it")]
    pub cost: Tensor,
    pub train: Operation,
}

/// The XOR lesson's: layers of the given widths, each a sigmoid of an affine map.
pub fn xor(widths: &[usize]) -> Net {
    let (x, y) = (tf::placeholder(tf::float32, shape![None, 2]), tf::placeholder(tf::float32, shape![None, 1]));
    let mut hypothesis = x;
    for pair in widths.windows(2) {
        let w = tf::Variable::new(tf::random_normal([pair[0], pair[1]]));
        let b = tf::Variable::new(tf::random_normal([pair[1]]));
        hypothesis = tf::sigmoid(tf::matmul(hypothesis, w) + b);
    }
    let cost = -tf::reduce_mean(y * tf::log(hypothesis) + (1 - y) * tf::log(1 - hypothesis));
    Net { x, y, cost, train: tf::train::GradientDescentOptimizer::new(0.1).minimize(cost) }
}

/// The four cases of XOR.
pub fn xor_data() -> (Array, Array) {
    let x = Array::new(vec![0f32, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], &[4, 2]);
    (x, Array::new(vec![0f32, 1.0, 1.0, 0.0], &[4, 1]))
}

/// Softmax regression on digits.
pub fn softmax() -> Net {
    let (x, y) = (tf::placeholder(tf::float32, shape![None, 784]), tf::placeholder(tf::float32, shape![None, 10]));
    let (w, b) = (tf::Variable::new(tf::zeros([784, 10])), tf::Variable::new(tf::zeros([10])));
    let cost = -tf::reduce_sum(y * tf::log(tf::nn::softmax(tf::matmul(x, w) + b)));
    Net { x, y, cost, train: tf::train::GradientDescentOptimizer::new(0.01).minimize(cost) }
}

/// The convolutional net on digits, with Adam.
pub fn cnn() -> Net {
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
    Net { x, y, cost: cost.tensor(), train: tf::train::AdamOptimizer::new(1e-4).minimize(cost) }
}

/// So many pictures with some pattern or other, and their labels.
pub fn pictures(count: usize) -> (Array, Array) {
    let pixels = (0..count * 784).map(|i| (i * 37 % 256) as f32 / 255.0).collect();
    let labels = (0..count * 10).map(|i| f32::from(u8::from(i / 10 % 10 == i % 10))).collect();
    (Array::new(pixels, &[count, 784]), Array::new(labels, &[count, 10]))
}
