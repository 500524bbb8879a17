//! The lessons' softmax regression on MNIST, built as it stands there.

use flowbook::shape;
use flowbook::v1::{self as tf, Operation, Tensor, Variable};

/// Its parts, in the order they are built.
pub struct Softmax {
    /// Pictures as rows of 784 numbers.
    pub x: Tensor,
    pub w: Variable,
    pub b: Variable,
    pub y: Tensor,
    /// Rows with a one at the class.
    pub labels: Tensor,
    /// Summed, and with an unsafe logarithm.
    pub cross_entropy: Tensor,
    /// Gradient descent at a rate of 0.01.
    pub train_step: Operation,
    pub init: Operation,
    pub correct: Tensor,
    pub accuracy: Tensor,
}

impl Softmax {
    pub fn new() -> Softmax {
        let x = tf::placeholder(tf::float32, shape![None, 784]);
        let w = Variable::new(tf::zeros([784, 10]));
        let b = Variable::new(tf::zeros([10]));
        let y = tf::nn::softmax(tf::matmul(x, w) + b).tensor();
        let labels = tf::placeholder(tf::float32, shape![None, 10]);
        let cross_entropy = -tf::reduce_sum(labels * tf::log(y));
        let train_step = tf::train::GradientDescentOptimizer::new(0.01).minimize(cross_entropy);
        let init = tf::global_variables_initializer();
        let correct = tf::equal(tf::argmax(y, 1), tf::argmax(labels, 1));
        let accuracy = tf::reduce_mean(tf::cast(correct, tf::float32)).tensor();
        Softmax { x, w, b, y, labels, cross_entropy, train_step, init, correct, accuracy }
    }
}
