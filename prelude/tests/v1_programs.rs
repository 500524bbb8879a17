//! Programs of the lessons on graphs and sessions and what TensorFlow 2.21 (`tf.compat.v1`, Python 3.11, NumPy 2.4)
//! printed for them; what is long is in `fixtures/golden`, one file for each program.

use std::fmt::Write;

use flowbook::v1::{self as tf, Graph};
use flowbook::{Result, feed, np, shape};

/// What a program prints when it runs in a graph of its own.
fn printed(program: impl FnOnce(&mut String) -> Result<()>) -> String {
    let mut out = String::new();
    Graph::new().as_default(|| program(&mut out)).unwrap();
    out
}

macro_rules! print {
    ($out:ident, $($argument:tt)*) => { writeln!($out, $($argument)*).expect("a string takes everything") };
}

/// The names of everything in a graph, as Python prints a list of texts.
fn names() -> String {
    let names: Vec<String> =
        tf::get_default_graph().get_operations().iter().map(|op| format!("'{}'", op.name())).collect();
    format!("[{}]", names.join(", "))
}

#[test]
fn numbers_of_a_squared_error() {
    let (x, y) = (np::array([2, 3, 4, 5]), np::array([25, 50, 42, 61]));
    let p = 13 * &x + 1;
    let squared = np::square(&y - &p);
    let out = format!("{p} {} {} {}", &y - &p, np::sum(&squared), np::mean(&squared));
    assert_eq!(out, "[27 40 53 66] [ -2  10 -11  -5] 250 62.5");
}

#[test]
fn summaries_are_tensors_of_strings() {
    let out = printed(|out| {
        let s = tf::placeholder(tf::float32, shape![]).named("loss");
        let w = tf::Variable::new(tf::zeros([2, 2])).named("w");
        let img = tf::placeholder(tf::float32, shape![None, 28, 28, 1]).named("img");
        let (a, b) = (tf::summary::scalar("loss", s), tf::summary::histogram("weights", w));
        let c = tf::summary::image("images", img);
        print!(out, "{a}\n{b}\n{c}\n{}", tf::summary::merge_all().expect("three were made"));
        Ok(())
    });
    assert_eq!(
        out,
        "Tensor(\"loss_1:0\", shape=(), dtype=string)\nTensor(\"weights:0\", shape=(), dtype=string)\n\
         Tensor(\"images:0\", shape=(), dtype=string)\nTensor(\"Merge/MergeSummary:0\", shape=(), dtype=string)\n"
    );
}

/// Everything a softmax regression consists of, with its gradients, by name.
#[test]
fn the_pieces_of_a_softmax_regression() {
    let out = printed(|out| {
        let x = tf::placeholder(tf::float32, shape![None, 784]);
        let w = tf::Variable::new(tf::zeros([784, 10]));
        let b = tf::Variable::new(tf::zeros([10]));
        let y = tf::nn::softmax(tf::matmul(x, w) + b);
        let y_ = tf::placeholder(tf::float32, shape![None, 10]);
        let cross_entropy = -tf::reduce_sum(y_ * tf::log(y));
        let train_step = tf::train::GradientDescentOptimizer::new(0.01).minimize(cross_entropy);
        let init = tf::global_variables_initializer();
        let correct = tf::equal(tf::argmax(y, 1), tf::argmax(y_, 1));
        let accuracy = tf::reduce_mean(tf::cast(correct, tf::float32));
        print!(out, "{x:?}\n{w:?}\n{b:?}\n{y:?}\n{y_:?}\n{cross_entropy:?}\n{train_step:?}\n{init:?}");
        print!(out, "{correct:?}\n{accuracy:?}\n{}", names());
        Ok(())
    });
    assert_eq!(out, include_str!("fixtures/golden/model_pieces.txt"));
}

/// The same in name scopes with summaries: every operation with its type and its inputs, and the tags of the summary.
#[test]
fn a_softmax_regression_in_name_scopes() {
    let out = printed(|out| {
        let x = tf::name_scope("input", || tf::placeholder(tf::float32, shape![None, 784]).tensor());
        print!(out, "input/");
        let w = tf::name_scope("weight", || tf::Variable::new(tf::zeros([784, 10])));
        let b = tf::name_scope("bias", || tf::Variable::new(tf::zeros([10])));
        let y = tf::name_scope("layer1", || tf::nn::softmax(tf::matmul(x, w) + b).tensor());
        tf::summary::histogram("weight", w);
        tf::summary::histogram("bias", b);
        tf::summary::histogram("y", y);
        let y_ = tf::name_scope("y_", || tf::placeholder(tf::float32, shape![None, 10]).tensor());
        let cross_entropy = tf::name_scope("cost", || {
            let per_example = -tf::reduce_sum(y_ * tf::log(y)).reduction_indices([1]);
            let cost = tf::reduce_mean(per_example).tensor();
            tf::summary::scalar("cost", cost);
            cost
        });
        tf::name_scope("train", || tf::train::GradientDescentOptimizer::new(0.5).minimize(cross_entropy));
        let merged = tf::summary::merge_all().expect("four were made");
        for op in tf::get_default_graph().get_operations() {
            let inputs: Vec<String> = op.inputs().iter().map(|i| format!("'{}'", i.name())).collect();
            print!(out, "{} {} [{}]", op.name(), op.op_type(), inputs.join(", "));
        }
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        let rows = np::eye(10);
        let summary = sess.run_with(merged, feed! { x => np::zeros((10, 784)), y_ => rows })?;
        let tags: Vec<String> =
            tf::Summary::from_string(summary)?.value.iter().map(|v| format!("'{}'", v.tag)).collect();
        print!(out, "[{}]", tags.join(", "));
        Ok(())
    });
    assert_eq!(out, include_str!("fixtures/golden/mnist_name_scope_ops.txt"));
}
