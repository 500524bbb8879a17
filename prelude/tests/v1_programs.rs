//! Programs of the lessons on models and their parts and what TensorFlow 2.21 (`tf.compat.v1`, Python 3.11, NumPy 2.4)
//! printed for them; what is long is in `fixtures/golden`, one file for each program.

#[macro_use]
mod support;

use flowbook::v1 as tf;
use flowbook::{Array, feed, np, shape};

use support::softmax::Softmax;
use support::{list, operation_names, printed};

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
        say!(out, "{a}\n{b}\n{c}\n{}", tf::summary::merge_all().expect("three were made"));
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
        let Softmax { x, w, b, y, labels, cross_entropy, train_step, init, correct, accuracy } = Softmax::new();
        say!(out, "{x:?}\n{w:?}\n{b:?}\n{y:?}\n{labels:?}\n{cross_entropy:?}\n{train_step:?}\n{init:?}");
        say!(out, "{correct:?}\n{accuracy:?}\n{}", operation_names());
        Ok(())
    });
    assert_eq!(out, recorded!("model_pieces"));
}

/// The same in name scopes with summaries: every operation with its type and its inputs, and the tags of the summary.
#[test]
fn a_softmax_regression_in_name_scopes() {
    let out = printed(|out| {
        let x = tf::name_scope("input", || tf::placeholder(tf::float32, shape![None, 784]).tensor());
        say!(out, "input/");
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
            let inputs = list(op.inputs().iter().map(|i| i.name()));
            say!(out, "{} {} {inputs}", op.name(), op.op_type());
        }
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        let rows = np::eye(10);
        let summary = sess.run_with(merged, feed! { x => np::zeros((10, 784)), y_ => rows })?;
        say!(out, "{}", list(tf::Summary::from_string(summary)?.value.iter().map(|v| &v.tag)));
        Ok(())
    });
    assert_eq!(out, recorded!("mnist_name_scope_ops"));
}

#[test]
fn numpy_s_functions_and_their_counterparts() {
    let out = printed(|out| {
        let sess = tf::InteractiveSession::new();
        let (a, b) = (tf::zeros([2, 2]), tf::ones([2, 2]));
        let m = Array::new(vec![1f32, 4.0, 9.0, 16.0, 25.0, 36.0], &[2, 3]);
        say!(out, "{}", a.get_shape());
        say!(out, "{}", tf::reshape(a, [1, 4]).eval()?);
        say!(out, "{}", tf::reduce_sum(b).reduction_indices([1]).eval()?);
        say!(out, "{}", tf::reduce_mean(m.clone()).eval()?);
        say!(out, "{}", tf::subtract(m.clone(), 1).eval()?);
        say!(out, "{}", tf::sqrt(m.clone()).eval()?);
        say!(out, "{} {}", tf::math::argmax(m.clone(), 0).eval()?, tf::math::argmax(m.clone(), 1).eval()?);
        say!(out, "{} {}", tf::math::argmin(m.clone(), 0).eval()?, tf::math::argmin(m.clone(), 1).eval()?);
        say!(out, "{}", tf::matmul(m.clone(), tf::transpose(m)).eval()?);
        sess.close();
        Ok(())
    });
    assert_eq!(
        out,
        "(2, 2)\n[[0. 0. 0. 0.]]\n[2. 2.]\n15.166667\n[[ 0.  3.  8.]\n [15. 24. 35.]]\n[[1. 2. 3.]\n [4. 5. 6.]]\n[1 1 1] \
         [2 2]\n[0 0 0] [0 0]\n[[  98.  440.]\n [ 440. 2177.]]\n"
    );
}

#[test]
fn formatted_output() {
    let out = printed(|out| {
        let (x, y) = (tf::placeholder(tf::float32, None), tf::placeholder(tf::float32, None));
        let bias = tf::Variable::new(1.0);
        let y_pred = x.pow(2) + bias;
        let loss = (y - y_pred).pow(2);
        let session = tf::Session::new();
        session.run(tf::global_variables_initializer())?;
        say!(out, "Loss(x,y) = {:.3}", session.run_with(loss, feed! { x => 3.0, y => 9.0 })?);
        say!(out, "pred_y(x) = {:.3}", session.run_with(y_pred, feed! { x => 3.0 })?);
        say!(out, "bias = {:.3}", session.run(bias)?);
        Ok(())
    });
    assert_eq!(out, "Loss(x,y) = 1.000\npred_y(x) = 10.000\nbias = 1.000\n");
}

#[test]
fn classification() {
    let out = printed(|out| {
        let sess = tf::InteractiveSession::new();
        say!(out, "{}", tf::one_hot([0, 1, 2, 3, 4], 5).eval()?);
        let f = tf::cast(tf::constant([true, false, true, true]), tf::float32);
        say!(out, "{} {}", f.eval()?, tf::reduce_mean(f).eval()?);
        let y = tf::constant([[0.1, 0.9], [0.8, 0.2]]);
        let (first, second, third) = (tf::argmax(y, 1), tf::argmax(y, 1), tf::argmax(y, 1));
        say!(out, "{first} {} {}", second.eval()?, tf::equal(third, [1, 1]).eval()?);
        say!(out, "{}", tf::argmax([[1, 5, 2], [9, 3, 4]], 1).eval()?);
        sess.close();
        Ok(())
    });
    assert_eq!(
        out,
        "[[1. 0. 0. 0. 0.]\n [0. 1. 0. 0. 0.]\n [0. 0. 1. 0. 0.]\n [0. 0. 0. 1. 0.]\n [0. 0. 0. 0. 1.]]\n[1. 0. 1. 1.] \
         0.75\nTensor(\"ArgMax:0\", shape=(2,), dtype=int64) [1 0] [ True False]\n[1 0]\n"
    );
}

#[test]
fn the_softmax_of_a_model_of_zeros() {
    let out = printed(|out| {
        let Softmax { x, y, init, .. } = Softmax::new();
        let sess = tf::Session::new();
        sess.run(init)?;
        say!(out, "{}", sess.run_with(y, feed! { x => Array::zeros(tf::float64, &[2, 784]) })?);
        Ok(())
    });
    assert_eq!(out, "[[0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1]\n [0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1]]\n");
}

#[test]
fn derivatives_of_a_small_formula() {
    let out = printed(|out| {
        let (w, x, b) = (tf::Variable::new(-2.0), tf::Variable::new(5.0), tf::Variable::new(3.0));
        let g = w * x;
        let f = g + b;
        let gr: Vec<tf::Tensor> = tf::gradients(f, (g, b, w, x)).into_iter().flatten().collect();
        say!(out, "{gr:?}");
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        say!(out, "{:?} {:?}", sess.run([g, f])?, sess.run(gr)?);
        Ok(())
    });
    assert_eq!(
        out,
        "[<tf.Tensor 'gradients/grad_ys_0:0' shape=() dtype=float32>, <tf.Tensor 'gradients/grad_ys_0:0' shape=() \
         dtype=float32>, <tf.Tensor 'gradients/mul_grad/Mul:0' shape=() dtype=float32>, <tf.Tensor \
         'gradients/mul_grad/Mul_1:0' shape=() dtype=float32>]\n[-10.0, -7.0] [1.0, 1.0, 5.0, -2.0]\n"
    );
}

#[test]
fn the_parts_of_a_convolutional_net() {
    let out = printed(|out| {
        let sess = tf::InteractiveSession::new();
        let img = tf::constant(Array::new((0..16).map(|v| v as f32).collect(), &[1, 4, 4, 1]));
        let k = tf::constant(Array::new(vec![1f32, 0.0, 0.0, -1.0], &[2, 2, 1, 1]));
        let plane = |t: tf::Tensor| tf::squeeze(t, &[0, 3]).eval();
        say!(out, "{}", plane(tf::nn::conv2d(img, k, [1, 1, 1, 1], "VALID"))?);
        say!(out, "{}", plane(tf::nn::conv2d(img, k, [1, 1, 1, 1], "SAME"))?);
        say!(out, "{}", plane(tf::nn::max_pool(img, [1, 2, 2, 1], [1, 2, 2, 1], "SAME"))?);
        say!(out, "{}", plane(tf::nn::avg_pool(img, [1, 2, 2, 1], [1, 2, 2, 1], "SAME"))?);
        say!(out, "{}", tf::nn::relu([-1.0, 0.0, 2.0]).eval()?);
        tf::set_random_seed(1);
        say!(out, "{}", tf::nn::dropout(tf::ones([8]), 0.5).eval()?);
        sess.close();
        Ok(())
    });
    assert_eq!(
        out,
        "[[-5. -5. -5.]\n [-5. -5. -5.]\n [-5. -5. -5.]]\n[[-5. -5. -5.  3.]\n [-5. -5. -5.  7.]\n [-5. -5. -5. 11.]\n [12. \
         13. 14. 15.]]\n[[ 5.  7.]\n [13. 15.]]\n[[ 2.5  4.5]\n [10.5 12.5]]\n[0. 0. 2.]\n[2. 0. 2. 0. 0. 2. 2. 2.]\n"
    );
}
