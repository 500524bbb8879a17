//! Small TensorFlow 1 programs and what TensorFlow 2.21 (`tf.compat.v1`, Python 3.11, NumPy 2.4) printed for them.
//! Each expected text is a recorded output, whole. Scalars within lists are those of TensorFlow 2.12 with NumPy 1,
//! `2` rather than `np.int32(2)`, which is how `Array` shows them.

#[macro_use]
mod support;

use flowbook::v1::{self as tf, Graph};
use flowbook::{feed, shape};

use support::{failed, printed};

#[test]
fn a_constant_and_its_value() {
    let out = printed(|out| {
        let a = tf::constant(1);
        say!(out, "{a}");
        tf::with_session(|_| {
            say!(out, "{}", a.eval()?);
            Ok(())
        })
    });
    assert_eq!(out, "Tensor(\"Const:0\", shape=(), dtype=int32)\n1\n");
}

#[test]
fn a_variable_that_was_not_initialised() {
    let text = failed(|| {
        let a = tf::add(tf::Variable::new(0), tf::constant(1));
        let sess = tf::Session::new();
        for _ in 0..3 {
            sess.run(a)?;
        }
        Ok(())
    });
    assert!(text.starts_with("FailedPreconditionError: "), "{text}");
    assert!(text.contains("Attempting to use uninitialized value Variable\n\t [[{{node Variable/read}}]]"), "{text}");
    let fetched = failed(|| {
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
            say!(out, "{}", sess.run(a)?);
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
            say!(out, "{}", sess.run(a)?);
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
            say!(out, "{} {} {t}", t.shape().rank().unwrap(), t.shape());
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
        say!(out, "{c}");
        say!(out, "{}", tf::Session::new().run(c)?);
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
                say!(out, "{}", session.run(x)?);
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
        say!(out, "{pow_out} {useless_out}");
        assert_eq!([pow_out.dtype(), useless_out.dtype()], [tf::int32; 2]);
        for op in [add_op, mul_op, pow_op, useless_op] {
            say!(out, "{op}");
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
            say!(out, "{}", a.eval()?);
            say!(out, "{:?}", sess.run([a, b])?);
            say!(out, "{:?}", sess.run((a, b))?);
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
            say!(out, "{}", sess.run_with(y, feed! { a => 3, b => 3 })?);
            say!(out, "{}", sess.run_with(z, feed! { a => 4, b => 4 })?);
            say!(out, "{}", sess.run(elems)?);
            Ok(())
        })
    });
    assert_eq!(out, "9.0\n32.0\n[1. 2. 2. 2.]\n");
    let out = printed(|out| {
        let (input1, input2) = (tf::placeholder(tf::float32, None), tf::placeholder(tf::float32, None));
        let output = tf::multiply(input1, input2);
        say!(out, "{:?}", tf::Session::new().run_with([output], feed! { input1 => [7], input2 => [2.0] })?);
        Ok(())
    });
    assert_eq!(out, "[array([14.], dtype=float32)]\n");
    let out = printed(|out| {
        let (a, b) = (tf::constant(2), tf::constant(5));
        let c = tf::placeholder(tf::int32, None);
        let f = tf::add(tf::multiply(a, b), c);
        say!(out, "{}", tf::Session::new().run_with(f, feed! { c => 3 })?);
        Ok(())
    });
    assert_eq!(out, "13\n");
}

#[test]
fn sums_of_constants() {
    let out = printed(|out| {
        let (a, b) = (tf::constant(2), tf::constant(3));
        let c = a + b;
        say!(out, "{}", tf::Session::new().run(c)?);
        say!(out, "{a}\n{b}\n{c}");
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
        say!(out, "{}", tf::Session::new().run(c)?);
        say!(out, "{a}\n{b}\n{c}");
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
        say!(out, "{}", sess.run(va)?);
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
        say!(out, "{}", sess.run(s)?);
        say!(out, "{}", sess.run(m)?);
        Ok(())
    });
    assert_eq!(out, "2.3\n[[1 2]\n [3 4]]\n");
}

#[test]
fn variables_print_as_references() {
    let out = printed(|out| {
        say!(out, "{}", tf::Variable::new(0.5).named("w"));
        say!(out, "{}", tf::Variable::new(2).named("scalar"));
        say!(out, "{}", tf::Variable::new([[1, 2], [3, 4]]).named("matrix"));
        say!(out, "{}", tf::Variable::new(tf::zeros([784, 10])));
        Ok(())
    });
    assert_eq!(
        out,
        "<tf.Variable 'w:0' shape=() dtype=float32_ref>\n<tf.Variable 'scalar:0' shape=() dtype=int32_ref>\n<tf.Variable \
         'matrix:0' shape=(2, 2) dtype=int32_ref>\n<tf.Variable 'Variable:0' shape=(784, 10) dtype=float32_ref>\n"
    );
    let out = printed(|out| {
        say!(out, "{}", tf::get_variable("scalar").initializer(tf::constant(2)));
        say!(out, "{}", tf::get_variable("matrix").initializer(tf::constant([[0, 1], [2, 3]])));
        say!(out, "{}", tf::get_variable("weight_matrix").initializer(tf::zeros_initializer()).shape([784, 10]));
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
            say!(out, "{}", sess.run(a)?);
            say!(out, "{}", sess.run(b)?);
            say!(out, "{}", sess.run(c)?);
            Ok(())
        })?;
        say!(out, "{a}\n{b}\n{c}\n{init_op}");
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
        say!(out, "{}", tf::placeholder(tf::float32, shape![5]));
        say!(out, "{}", tf::placeholder(tf::float32, None));
        say!(out, "{}", tf::placeholder(tf::float32, shape![None, 784]).named("input"));
        say!(out, "{}", tf::placeholder(tf::float32, shape![None, 10]).named("label"));
        Ok(())
    });
    assert_eq!(
        out,
        "Tensor(\"Placeholder:0\", shape=(5,), dtype=float32)\nTensor(\"Placeholder_1:0\", \
         dtype=float32)\nTensor(\"input:0\", shape=(?, 784), dtype=float32)\nTensor(\"label:0\", shape=(?, 10), \
         dtype=float32)\n"
    );
    let text = failed(|| {
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
        say!(out, "{a}\n{b}\n{c}\n{d}");
        say!(out, "{}", tf::Session::new().run_with(c, d)?);
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
        say!(out, "{}", session.run(y)?);
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
            say!(out, "{}", y.run()?);
            say!(out, "{}", yp.run()?);
            Ok(())
        })
    });
    assert_eq!(out, "None\nNone\n");
    let text = failed(|| {
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
fn a_closed_session_runs_nothing() {
    let text = failed(|| {
        let c = tf::constant(1);
        let sess = tf::with_session(|sess| sess);
        sess.run(c).map(drop)
    });
    assert_eq!(text, "RuntimeError: Attempted to use a closed Session.");
}
