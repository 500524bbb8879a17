//! Small TensorFlow 1 programs and what TensorFlow 2.21 (`tf.compat.v1`, Python 3.11, NumPy 2.4) printed for them.
//! Each expected text is a recorded output, whole. Scalars within lists are those of TensorFlow 2.12 with NumPy 1,
//! `2` rather than `np.int32(2)`, which is how `Array` shows them.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use flowbook::v1::{self as tf, Graph};
use flowbook::{Array, Result, feed, shape};

/// What a program prints when it runs in a graph of its own.
fn printed(program: impl FnOnce(&mut String) -> Result<()>) -> String {
    let mut out = String::new();
    Graph::new().as_default(|| program(&mut out)).unwrap();
    out
}

/// The error a program ends with, raised while building or returned by a run.
fn error(program: impl FnOnce() -> Result<()>) -> String {
    match catch_unwind(AssertUnwindSafe(|| Graph::new().as_default(program))) {
        Ok(returned) => returned.expect_err("the program ended without an error").to_string(),
        Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_default(),
    }
}

macro_rules! print {
    ($out:ident, $($argument:tt)*) => { writeln!($out, $($argument)*).expect("a string takes everything") };
}

#[test]
fn a_constant_and_its_value() {
    let out = printed(|out| {
        let a = tf::constant(1);
        print!(out, "{a}");
        tf::with_session(|_| {
            print!(out, "{}", a.eval()?);
            Ok(())
        })
    });
    assert_eq!(out, "Tensor(\"Const:0\", shape=(), dtype=int32)\n1\n");
}

#[test]
fn a_variable_that_was_not_initialised() {
    let text = error(|| {
        let a = tf::add(tf::Variable::new(0), tf::constant(1));
        let sess = tf::Session::new();
        for _ in 0..3 {
            sess.run(a)?;
        }
        Ok(())
    });
    assert!(text.starts_with("FailedPreconditionError: "), "{text}");
    assert!(text.contains("Attempting to use uninitialized value Variable\n\t [[{{node Variable/read}}]]"), "{text}");
    let fetched = error(|| {
        let a = tf::get_variable("var_1").initializer(tf::constant(2));
        tf::with_session(|sess| sess.run(a).map(drop))
    });
    assert_eq!(
        fetched,
        "FailedPreconditionError: Graph execution error:\n\nAttempting to use uninitialized value var_1\n\t [[{{node \
         _retval_var_1_0_0}}]]"
    );
}

#[test]
fn a_sum_is_no_assignment() {
    let out = printed(|out| {
        let a = tf::add(tf::Variable::new(0), tf::constant(1));
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        for _ in 0..3 {
            print!(out, "{}", sess.run(a)?);
        }
        sess.close();
        Ok(())
    });
    assert_eq!(out, "1\n1\n1\n");
}

#[test]
fn an_assignment_run_three_times() {
    let out = printed(|out| {
        let a = tf::Variable::new(0);
        let update = tf::assign(a, tf::add(a, tf::constant(1)));
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        for _ in 0..3 {
            sess.run(update)?;
            print!(out, "{}", sess.run(a)?);
        }
        Ok(())
    });
    assert_eq!(out, "1\n2\n3\n");
}

#[test]
fn ranks_and_shapes_of_literals() {
    let out = printed(|out| {
        let values: [tf::Tensor; 4] = [
            tf::constant(3.0).tensor(),
            tf::constant([1.0, 2.0, 3.0]).tensor(),
            tf::constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).tensor(),
            tf::constant([[[1.0, 2.0, 3.0]], [[7.0, 8.0, 9.0]]]).tensor(),
        ];
        for t in values {
            print!(out, "{} {} {t}", t.shape().rank().unwrap(), t.shape());
        }
        Ok(())
    });
    assert_eq!(
        out,
        "0 () Tensor(\"Const:0\", shape=(), dtype=float32)\n\
         1 (3,) Tensor(\"Const_1:0\", shape=(3,), dtype=float32)\n\
         2 (2, 3) Tensor(\"Const_2:0\", shape=(2, 3), dtype=float32)\n\
         3 (2, 1, 3) Tensor(\"Const_3:0\", shape=(2, 1, 3), dtype=float32)\n"
    );
}

#[test]
fn a_named_sum() {
    let out = printed(|out| {
        let c = tf::add(2, 3).named("Add");
        print!(out, "{c}");
        print!(out, "{}", tf::Session::new().run(c)?);
        Ok(())
    });
    assert_eq!(out, "Tensor(\"Add:0\", shape=(), dtype=int32)\n5\n");
}

#[test]
fn a_variable_s_name_rebound_in_a_loop() {
    let out = printed(|out| {
        let mut x = tf::Variable::new(0).named("x").value();
        let model = tf::global_variables_initializer();
        tf::with_session(|session| {
            for _ in 0..5 {
                session.run(model)?;
                x = x + 1;
                print!(out, "{}", session.run(x)?);
            }
            Ok(())
        })
    });
    assert_eq!(out, "1\n2\n3\n4\n5\n");
}

#[test]
fn powers_of_named_ops() {
    let out = printed(|out| {
        let (x, y) = (2, 3);
        let add_op = tf::add(x, y).named("Add");
        let mul_op = tf::multiply(x, y).named("Multiply");
        let pow_op = tf::pow(add_op, mul_op).named("Power");
        let useless_op = tf::multiply(x, add_op).named("Useless");
        let (pow_out, useless_out) = tf::with_session(|sess| sess.run((pow_op, useless_op)))?;
        print!(out, "{pow_out} {useless_out}");
        assert_eq!([pow_out.dtype(), useless_out.dtype()], [tf::int32; 2]);
        for op in [add_op, mul_op, pow_op, useless_op] {
            print!(out, "{op}");
        }
        Ok(())
    });
    assert_eq!(
        out,
        "15625 10\n\
         Tensor(\"Add:0\", shape=(), dtype=int32)\n\
         Tensor(\"Multiply:0\", shape=(), dtype=int32)\n\
         Tensor(\"Power:0\", shape=(), dtype=int32)\n\
         Tensor(\"Useless:0\", shape=(), dtype=int32)\n"
    );
}

#[test]
fn fetches_keep_their_structure() {
    let out = printed(|out| {
        let a = tf::add(1, 1);
        let b = tf::multiply(a, 3);
        tf::with_session(|sess| {
            print!(out, "{}", a.eval()?);
            print!(out, "{:?}", sess.run([a, b])?);
            print!(out, "{:?}", sess.run((a, b))?);
            Ok(())
        })
    });
    assert_eq!(out, "2\n[2, 6]\n(2, 6)\n");
}

#[test]
fn placeholders_and_their_values() {
    let out = printed(|out| {
        let (a, b) = (tf::placeholder("float", None), tf::placeholder("float", None));
        let y = tf::multiply(a, b);
        let z = tf::add(y, y);
        let elems = tf::Variable::new([1.0, 2.0, 2.0, 2.0]);
        tf::with_session(|sess| {
            sess.run(tf::global_variables_initializer())?;
            print!(out, "{}", sess.run_with(y, feed! { a => 3, b => 3 })?);
            print!(out, "{}", sess.run_with(z, feed! { a => 4, b => 4 })?);
            print!(out, "{}", sess.run(elems)?);
            Ok(())
        })
    });
    assert_eq!(out, "9.0\n32.0\n[1. 2. 2. 2.]\n");
    let out = printed(|out| {
        let (input1, input2) = (tf::placeholder(tf::float32, None), tf::placeholder(tf::float32, None));
        let output = tf::multiply(input1, input2);
        print!(out, "{:?}", tf::Session::new().run_with([output], feed! { input1 => [7], input2 => [2.0] })?);
        Ok(())
    });
    assert_eq!(out, "[array([14.], dtype=float32)]\n");
    let out = printed(|out| {
        let (a, b) = (tf::constant(2), tf::constant(5));
        let c = tf::placeholder(tf::int32, None);
        let f = tf::add(tf::multiply(a, b), c);
        print!(out, "{}", tf::Session::new().run_with(f, feed! { c => 3 })?);
        Ok(())
    });
    assert_eq!(out, "13\n");
}

#[test]
fn sums_of_constants() {
    let out = printed(|out| {
        let (a, b) = (tf::constant(2), tf::constant(3));
        let c = a + b;
        print!(out, "{}", tf::Session::new().run(c)?);
        print!(out, "{a}\n{b}\n{c}");
        Ok(())
    });
    assert_eq!(
        out,
        "5\nTensor(\"Const:0\", shape=(), dtype=int32)\nTensor(\"Const_1:0\", shape=(), dtype=int32)\nTensor(\"add:0\", \
         shape=(), dtype=int32)\n"
    );
    let out = printed(|out| {
        let (a, b) = (tf::constant(2).named("A"), tf::constant(3).named("B"));
        let c = tf::add(a, b).named("Sum");
        print!(out, "{}", tf::Session::new().run(c)?);
        print!(out, "{a}\n{b}\n{c}");
        Ok(())
    });
    assert_eq!(
        out,
        "5\nTensor(\"A:0\", shape=(), dtype=int32)\nTensor(\"B:0\", shape=(), dtype=int32)\nTensor(\"Sum:0\", shape=(), \
         dtype=int32)\n"
    );
    let out = printed(|out| {
        let v = tf::Variable::new(0);
        let va = tf::add(v, tf::add(tf::constant(1), tf::constant(10)));
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        print!(out, "{}", sess.run(va)?);
        Ok(())
    });
    assert_eq!(out, "11\n");
}

#[test]
fn scalars_and_matrices() {
    let out = printed(|out| {
        let s = tf::constant(2.3).with_dtype(tf::float32).named("scalar");
        let m = tf::constant([[1, 2], [3, 4]]).named("matrix");
        let sess = tf::Session::new();
        print!(out, "{}", sess.run(s)?);
        print!(out, "{}", sess.run(m)?);
        Ok(())
    });
    assert_eq!(out, "2.3\n[[1 2]\n [3 4]]\n");
}

#[test]
fn variables_print_as_references() {
    let out = printed(|out| {
        print!(out, "{}", tf::Variable::new(0.5).named("w"));
        print!(out, "{}", tf::Variable::new(2).named("scalar"));
        print!(out, "{}", tf::Variable::new([[1, 2], [3, 4]]).named("matrix"));
        print!(out, "{}", tf::Variable::new(tf::zeros([784, 10])));
        Ok(())
    });
    assert_eq!(
        out,
        "<tf.Variable 'w:0' shape=() dtype=float32_ref>\n<tf.Variable 'scalar:0' shape=() dtype=int32_ref>\n<tf.Variable \
         'matrix:0' shape=(2, 2) dtype=int32_ref>\n<tf.Variable 'Variable:0' shape=(784, 10) dtype=float32_ref>\n"
    );
    let out = printed(|out| {
        print!(out, "{}", tf::get_variable("scalar").initializer(tf::constant(2)));
        print!(out, "{}", tf::get_variable("matrix").initializer(tf::constant([[0, 1], [2, 3]])));
        print!(out, "{}", tf::get_variable("weight_matrix").initializer(tf::zeros_initializer()).shape([784, 10]));
        Ok(())
    });
    assert_eq!(
        out,
        "<tf.Variable 'scalar:0' shape=() dtype=int32_ref>\n<tf.Variable 'matrix:0' shape=(2, 2) \
         dtype=int32_ref>\n<tf.Variable 'weight_matrix:0' shape=(784, 10) dtype=float32_ref>\n"
    );
}

#[test]
fn get_variable_and_the_initializer_op() {
    let out = printed(|out| {
        let a = tf::get_variable("A").initializer(tf::constant(2));
        let b = tf::get_variable("B").initializer(tf::constant(3));
        let c = tf::add(a, b).named("Add");
        let init_op = tf::global_variables_initializer();
        tf::with_session(|sess| {
            sess.run(init_op)?;
            print!(out, "{}", sess.run(a)?);
            print!(out, "{}", sess.run(b)?);
            print!(out, "{}", sess.run(c)?);
            Ok(())
        })?;
        print!(out, "{a}\n{b}\n{c}\n{init_op}");
        Ok(())
    });
    assert_eq!(
        out,
        "2\n3\n5\n<tf.Variable 'A:0' shape=() dtype=int32_ref>\n<tf.Variable 'B:0' shape=() \
         dtype=int32_ref>\nTensor(\"Add:0\", shape=(), dtype=int32)\nname: \"init\"\nop: \"NoOp\"\ninput: \
         \"^A/Assign\"\ninput: \"^B/Assign\"\n\n"
    );
}

#[test]
fn placeholders_print_and_must_be_fed() {
    let out = printed(|out| {
        print!(out, "{}", tf::placeholder(tf::float32, shape![5]));
        print!(out, "{}", tf::placeholder(tf::float32, None));
        print!(out, "{}", tf::placeholder(tf::float32, shape![None, 784]).named("input"));
        print!(out, "{}", tf::placeholder(tf::float32, shape![None, 10]).named("label"));
        Ok(())
    });
    assert_eq!(
        out,
        "Tensor(\"Placeholder:0\", shape=(5,), dtype=float32)\nTensor(\"Placeholder_1:0\", \
         dtype=float32)\nTensor(\"input:0\", shape=(?, 784), dtype=float32)\nTensor(\"label:0\", shape=(?, 10), \
         dtype=float32)\n"
    );
    let text = error(|| {
        let a = tf::constant([5, 5, 5]).with_dtype(tf::float32).named("A");
        let b = tf::placeholder(tf::float32, shape![3]).named("B");
        let c = tf::add(a, b).named("Add");
        tf::with_session(|sess| sess.run(c).map(drop))
    });
    assert!(text.starts_with("InvalidArgumentError: "), "{text}");
    assert!(
        text.ends_with(
            "You must feed a value for placeholder tensor 'B' with dtype float and shape [3]\n\t [[{{node B}}]]"
        ),
        "{text}"
    );
    let out = printed(|out| {
        let a = tf::constant([5, 5, 5]).with_dtype(tf::float32).named("A");
        let b = tf::placeholder(tf::float32, shape![3]).named("B");
        let c = tf::add(a, b).named("Add");
        let d = feed! { b => [1, 2, 3] };
        print!(out, "{a}\n{b}\n{c}\n{d}");
        print!(out, "{}", tf::Session::new().run_with(c, d)?);
        Ok(())
    });
    assert_eq!(
        out,
        "Tensor(\"A:0\", shape=(3,), dtype=float32)\nTensor(\"B:0\", shape=(3,), dtype=float32)\nTensor(\"Add:0\", \
         shape=(3,), dtype=float32)\n{<tf.Tensor 'B:0' shape=(3,) dtype=float32>: [1, 2, 3]}\n[6. 7. 8.]\n"
    );
}

#[test]
fn a_variable_that_starts_as_a_formula() {
    let out = printed(|out| {
        let x = tf::constant(35).named("x");
        let y = tf::Variable::new(x + 5).named("y");
        let model = tf::global_variables_initializer();
        let session = tf::Session::new();
        session.run(model)?;
        print!(out, "{}", session.run(y)?);
        Ok(())
    });
    assert_eq!(out, "40\n");
}

#[test]
fn assertions_that_hold_and_that_do_not() {
    let out = printed(|out| {
        let y = tf::assert_negative(tf::constant([-2.25, -3.25]));
        let yp = tf::assert_positive(tf::constant([2.25, 3.25]));
        tf::with_session(|_| {
            print!(out, "{}", y.run()?);
            print!(out, "{}", yp.run()?);
            Ok(())
        })
    });
    assert_eq!(out, "None\nNone\n");
    let text = error(|| {
        tf::assert_negative(tf::constant([-2.25, -3.25]));
        tf::assert_positive(tf::constant([-2.25, 3.25]));
        Ok(())
    });
    assert_eq!(
        text,
        "InvalidArgumentError: \nCondition x > 0 did not hold element-wise:\nx (Const_1:0) = \n[-2.25  3.25]"
    );
}

#[test]
fn numpy_s_functions_and_their_counterparts() {
    let out = printed(|out| {
        let sess = tf::InteractiveSession::new();
        let (a, b) = (tf::zeros([2, 2]), tf::ones([2, 2]));
        let m = Array::new(vec![1f32, 4.0, 9.0, 16.0, 25.0, 36.0], &[2, 3]);
        print!(out, "{}", a.get_shape());
        print!(out, "{}", tf::reshape(a, [1, 4]).eval()?);
        print!(out, "{}", tf::reduce_sum(b).reduction_indices([1]).eval()?);
        print!(out, "{}", tf::reduce_mean(m.clone()).eval()?);
        print!(out, "{}", tf::subtract(m.clone(), 1).eval()?);
        print!(out, "{}", tf::sqrt(m.clone()).eval()?);
        print!(out, "{} {}", tf::math::argmax(m.clone(), 0).eval()?, tf::math::argmax(m.clone(), 1).eval()?);
        print!(out, "{} {}", tf::math::argmin(m.clone(), 0).eval()?, tf::math::argmin(m.clone(), 1).eval()?);
        print!(out, "{}", tf::matmul(m.clone(), tf::transpose(m)).eval()?);
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
        print!(out, "Loss(x,y) = {:.3}", session.run_with(loss, feed! { x => 3.0, y => 9.0 })?);
        print!(out, "pred_y(x) = {:.3}", session.run_with(y_pred, feed! { x => 3.0 })?);
        print!(out, "bias = {:.3}", session.run(bias)?);
        Ok(())
    });
    assert_eq!(out, "Loss(x,y) = 1.000\npred_y(x) = 10.000\nbias = 1.000\n");
}

#[test]
fn two_graphs_and_their_sessions() {
    let (g_1, g_2) = (Graph::new(), Graph::new());
    let (c, sess_1) = g_1.as_default(|| (tf::constant(5), tf::Session::new()));
    let d = g_2.as_default(|| tf::constant("Node in g_2"));
    let sess_2 = tf::Session::with_graph(g_2);
    assert!(c.graph() == g_1 && sess_1.graph() == g_1);
    assert!(d.graph() == g_2 && sess_2.graph() == g_2);
    assert_eq!(sess_2.run(d).unwrap().to_string(), "b'Node in g_2'");
}

#[test]
fn classification() {
    let out = printed(|out| {
        let sess = tf::InteractiveSession::new();
        print!(out, "{}", tf::one_hot([0, 1, 2, 3, 4], 5).eval()?);
        let f = tf::cast(tf::constant([true, false, true, true]), tf::float32);
        print!(out, "{} {}", f.eval()?, tf::reduce_mean(f).eval()?);
        let y = tf::constant([[0.1, 0.9], [0.8, 0.2]]);
        let (first, second, third) = (tf::argmax(y, 1), tf::argmax(y, 1), tf::argmax(y, 1));
        print!(out, "{first} {} {}", second.eval()?, tf::equal(third, [1, 1]).eval()?);
        print!(out, "{}", tf::argmax([[1, 5, 2], [9, 3, 4]], 1).eval()?);
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
        let x = tf::placeholder(tf::float32, shape![None, 784]);
        let w = tf::Variable::new(tf::zeros([784, 10]));
        let b = tf::Variable::new(tf::zeros([10]));
        let y = tf::nn::softmax(tf::matmul(x, w) + b);
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        print!(out, "{}", sess.run_with(y, feed! { x => Array::zeros(tf::float64, &[2, 784]) })?);
        Ok(())
    });
    assert_eq!(out, "[[0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1]\n [0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1]]\n");
}

#[test]
fn the_pieces_of_a_softmax_model() {
    let out = printed(|out| {
        let x = tf::placeholder(tf::float32, shape![None, 784]);
        let w = tf::Variable::new(tf::zeros([784, 10]));
        let b = tf::Variable::new(tf::zeros([10]));
        let y = tf::nn::softmax(tf::matmul(x, w) + b);
        let labels = tf::placeholder(tf::float32, shape![None, 10]);
        let cross_entropy = -tf::reduce_sum(labels * tf::log(y));
        let train_step = tf::train::GradientDescentOptimizer::new(0.01).minimize(cross_entropy);
        let init = tf::global_variables_initializer();
        let correct_prediction = tf::equal(tf::argmax(y, 1), tf::argmax(labels, 1));
        let accuracy = tf::reduce_mean(tf::cast(correct_prediction, tf::float32));
        print!(out, "{x:?}\n{w:?}\n{b:?}\n{y:?}\n{labels:?}\n{cross_entropy:?}\n{train_step:?}\n{init:?}");
        print!(out, "{correct_prediction:?}\n{accuracy:?}");
        Ok(())
    });
    assert_eq!(
        out,
        "<tf.Tensor 'Placeholder:0' shape=(?, 784) dtype=float32>\n<tf.Variable 'Variable:0' shape=(784, 10) \
         dtype=float32_ref>\n<tf.Variable 'Variable_1:0' shape=(10,) dtype=float32_ref>\n<tf.Tensor 'Softmax:0' shape=(?, \
         10) dtype=float32>\n<tf.Tensor 'Placeholder_1:0' shape=(?, 10) dtype=float32>\n<tf.Tensor 'Neg:0' shape=() \
         dtype=float32>\n<tf.Operation 'GradientDescent' type=NoOp>\n<tf.Operation 'init' type=NoOp>\n<tf.Tensor 'Equal:0' \
         shape=(?,) dtype=bool>\n<tf.Tensor 'Mean:0' shape=() dtype=float32>\n"
    );
}

#[test]
fn derivatives_of_a_small_formula() {
    let out = printed(|out| {
        let (w, x, b) = (tf::Variable::new(-2.0), tf::Variable::new(5.0), tf::Variable::new(3.0));
        let g = w * x;
        let f = g + b;
        let gr: Vec<tf::Tensor> = tf::gradients(f, (g, b, w, x)).into_iter().flatten().collect();
        print!(out, "{gr:?}");
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        print!(out, "{:?} {:?}", sess.run([g, f])?, sess.run(gr)?);
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
        print!(out, "{}", plane(tf::nn::conv2d(img, k, [1, 1, 1, 1], "VALID"))?);
        print!(out, "{}", plane(tf::nn::conv2d(img, k, [1, 1, 1, 1], "SAME"))?);
        print!(out, "{}", plane(tf::nn::max_pool(img, [1, 2, 2, 1], [1, 2, 2, 1], "SAME"))?);
        print!(out, "{}", plane(tf::nn::avg_pool(img, [1, 2, 2, 1], [1, 2, 2, 1], "SAME"))?);
        print!(out, "{}", tf::nn::relu([-1.0, 0.0, 2.0]).eval()?);
        tf::set_random_seed(1);
        print!(out, "{}", tf::nn::dropout(tf::ones([8]), 0.5).eval()?);
        sess.close();
        Ok(())
    });
    assert_eq!(
        out,
        "[[-5. -5. -5.]\n [-5. -5. -5.]\n [-5. -5. -5.]]\n[[-5. -5. -5.  3.]\n [-5. -5. -5.  7.]\n [-5. -5. -5. 11.]\n [12. \
         13. 14. 15.]]\n[[ 5.  7.]\n [13. 15.]]\n[[ 2.5  4.5]\n [10.5 12.5]]\n[0. 0. 2.]\n[2. 0. 2. 0. 0. 2. 2. 2.]\n"
    );
}

#[test]
fn a_closed_session_runs_nothing() {
    let text = error(|| {
        let c = tf::constant(1);
        let sess = tf::with_session(|sess| sess);
        sess.run(c).map(drop)
    });
    assert_eq!(text, "RuntimeError: Attempted to use a closed Session.");
}
