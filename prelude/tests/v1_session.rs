//! First lessons under TensorFlow 1: printed tensors, sessions, variables, feeds. The expected texts are those that
//! TensorFlow 2.21 (`tf.compat.v1`) printed for the same programs.

use flowbook::v1::{self as tf, Graph};
use flowbook::{Result, feed, shape};

/// Runs a program in a graph of its own, since tests share a process.
fn lesson(body: impl FnOnce() -> Result<()>) {
    Graph::new().as_default(body).unwrap();
}

#[test]
fn constants_are_named_and_evaluated() {
    lesson(|| {
        let a = tf::constant(1);
        assert_eq!(a.to_string(), r#"Tensor("Const:0", shape=(), dtype=int32)"#);
        tf::with_session(|_| {
            assert_eq!(a.eval()?.to_string(), "1");
            Ok(())
        })
    });
}

#[test]
fn fetching_several_tensors() {
    lesson(|| {
        let (x, y) = (2, 3);
        let add_op = tf::add(x, y).named("Add");
        let mul_op = tf::multiply(x, y).named("Multiply");
        let pow_op = tf::pow(add_op, mul_op).named("Power");
        let useless_op = tf::multiply(x, add_op).named("Useless");
        assert_eq!(useless_op.to_string(), r#"Tensor("Useless:0", shape=(), dtype=int32)"#);
        let (p, u) = tf::Session::new().run((pow_op, useless_op))?;
        assert_eq!(format!("{p} {u}"), "15625 10");
        Ok(())
    });
}

#[test]
fn placeholders_are_fed() {
    lesson(|| {
        let a = tf::placeholder("float", None);
        let b = tf::placeholder("float", None);
        let y = tf::multiply(a, b);
        let z = tf::add(y, y);
        let elems = tf::Variable::new([1.0, 2.0, 2.0, 2.0]);
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        assert_eq!(sess.run_with(y, feed! { a => 3, b => 3 })?.to_string(), "9.0");
        assert_eq!(sess.run_with(z, feed! { a => 4, b => 4 })?.to_string(), "32.0");
        assert_eq!(sess.run(elems)?.to_string(), "[1. 2. 2. 2.]");
        assert_eq!(
            format!("{:?}", sess.run_with([y], feed! { a => [7], b => [2.0] })?),
            "[array([14.], dtype=float32)]"
        );
        Ok(())
    });
}

#[test]
fn lazy_evaluation_of_variables() {
    lesson(|| {
        let a = tf::Variable::new(0);
        let temp = tf::add(a, tf::constant(1));
        let update = tf::assign(a, temp);
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        for step in ["1", "2", "3"] {
            sess.run(update)?;
            assert_eq!(sess.run(a)?.to_string(), step);
        }
        sess.close();
        let error = sess.run(a).unwrap_err();
        assert_eq!(error.to_string(), "RuntimeError: Attempted to use a closed Session.");
        Ok(())
    });
}

#[test]
fn a_variable_reassigned_in_a_loop_becomes_a_chain() {
    lesson(|| {
        let x = tf::Variable::new(0).named("x");
        let model = tf::global_variables_initializer();
        let session = tf::Session::new();
        let mut x = x.value();
        for step in ["1", "2", "3", "4", "5"] {
            session.run(model)?;
            x = x + 1;
            assert_eq!(session.run(x)?.to_string(), step);
        }
        Ok(())
    });
}

#[test]
fn named_constants_and_variables_print() {
    lesson(|| {
        let a = tf::get_variable("A").initializer(tf::constant(2));
        let b = tf::get_variable("B").initializer(tf::constant(3));
        let c = tf::add(a, b).named("Add");
        let init_op = tf::global_variables_initializer();
        let sess = tf::Session::new();
        sess.run(init_op)?;
        assert_eq!(format!("{} {} {}", sess.run(a)?, sess.run(b)?, sess.run(c)?), "2 3 5");
        assert_eq!(a.to_string(), "<tf.Variable 'A:0' shape=() dtype=int32_ref>");
        assert_eq!(c.to_string(), r#"Tensor("Add:0", shape=(), dtype=int32)"#);
        assert_eq!(init_op.to_string(), "name: \"init\"\nop: \"NoOp\"\ninput: \"^A/Assign\"\ninput: \"^B/Assign\"\n");
        let w = tf::get_variable("weight_matrix").shape([784, 10]).initializer(tf::zeros_initializer());
        assert_eq!(w.to_string(), "<tf.Variable 'weight_matrix:0' shape=(784, 10) dtype=float32_ref>");
        Ok(())
    });
}

#[test]
fn a_placeholder_takes_the_shape_it_promises() {
    lesson(|| {
        let a = tf::constant([5, 5, 5]).with_dtype(tf::float32).named("A");
        let b = tf::placeholder(tf::float32, shape![3]).named("B");
        let c = tf::add(a, b).named("Add");
        let d = feed! { b => [1, 2, 3] };
        assert_eq!(d.to_string(), "{<tf.Tensor 'B:0' shape=(3,) dtype=float32>: [1, 2, 3]}");
        let sess = tf::Session::new();
        assert_eq!(sess.run_with(c, d)?.to_string(), "[6. 7. 8.]");
        assert_eq!(
            sess.run(c).unwrap_err().to_string(),
            "InvalidArgumentError: You must feed a value for placeholder tensor 'B' with dtype float and shape [3]\n\t \
             [[{{node B}}]]"
        );
        assert_eq!(
            sess.run_with(c, feed! { b => [1, 2] }).unwrap_err().to_string(),
            "ValueError: Cannot feed value of shape (2,) for Tensor B:0, which has shape (3,)"
        );
        let x = tf::placeholder(tf::float32, shape![None, 784]).named("input");
        assert_eq!(x.to_string(), r#"Tensor("input:0", shape=(?, 784), dtype=float32)"#);
        Ok(())
    });
}

#[test]
fn strings_and_linspace() {
    lesson(|| {
        let sess = tf::Session::new();
        let hello = tf::constant("Hello, TensorFlow");
        assert_eq!(sess.run(hello)?.to_string(), "b'Hello, TensorFlow'");
        let x2 = tf::linspace(-1.0, 1.0, 10);
        assert_eq!(x2.to_string(), r#"Tensor("linspace/Slice:0", shape=(10,), dtype=float32)"#);
        assert_eq!(
            sess.run(x2)?.to_string(),
            "[-1.         -0.7777778  -0.5555556  -0.3333333  -0.1111111   0.11111116\n  0.33333337  0.5555556   \
             0.7777778   1.        ]"
        );
        Ok(())
    });
}

#[test]
fn interactive_sessions_evaluate() {
    lesson(|| {
        let sess = tf::InteractiveSession::new();
        let (a, b) = (tf::zeros([2, 2]), tf::ones([2, 2]));
        assert_eq!(tf::reduce_sum(b).reduction_indices(1).eval()?.to_string(), "[2. 2.]");
        assert_eq!(a.get_shape().to_string(), "(2, 2)");
        assert_eq!(tf::reshape(a, [1, 4]).eval()?.to_string(), "[[0. 0. 0. 0.]]");
        let m = tf::constant([[1.0, 4.0, 9.0], [16.0, 25.0, 36.0]]);
        assert_eq!(tf::reduce_mean(m).eval()?.to_string(), "15.166667");
        assert_eq!(tf::subtract(m, 1).eval()?.to_string(), "[[ 0.  3.  8.]\n [15. 24. 35.]]");
        assert_eq!(tf::sqrt(m).eval()?.to_string(), "[[1. 2. 3.]\n [4. 5. 6.]]");
        assert_eq!(tf::argmax(m, 1).eval()?.to_string(), "[2 2]");
        assert_eq!(tf::argmin(m, 0).eval()?.to_string(), "[0 0 0]");
        assert_eq!(tf::matmul(m, tf::transpose(m)).eval()?.to_string(), "[[  98.  440.]\n [ 440. 2177.]]");
        sess.close();
        Ok(())
    });
}

#[test]
fn a_formula_of_placeholders_and_a_variable() {
    lesson(|| {
        let x = tf::placeholder(tf::float32, None);
        let y = tf::placeholder(tf::float32, None);
        let bias = tf::Variable::new(1.0);
        let y_pred = x.pow(2) + bias;
        let loss = (y - y_pred).pow(2);
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        assert_eq!(format!("{:.3}", sess.run_with(loss, feed! { x => 3.0, y => 9.0 })?), "1.000");
        assert_eq!(format!("{:.3}", sess.run_with(y_pred, feed! { x => 3.0 })?), "10.000");
        assert_eq!(format!("{:.3}", sess.run(bias)?), "1.000");
        Ok(())
    });
}

#[test]
fn assertions_pass_and_fail() {
    lesson(|| {
        let y = tf::assert_negative(tf::constant([-2.25, -3.25]));
        let sess = tf::Session::new();
        assert_eq!(sess.run(y)?.to_string(), "None");
        let x = tf::placeholder(tf::float32, None).named("x");
        let y = tf::name_scope("later", || tf::assert_negative(x));
        assert_eq!(
            sess.run_with(y, feed! { x => [-1.0, 2.0] }).unwrap_err().to_string(),
            "InvalidArgumentError: assertion failed: [] [Condition x < 0 did not hold element-wise:] [x (x:0) = ] [-1 2]\n\t \
             [[{{node later/assert_negative/assert_less/Assert/AssertGuard/Assert}}]]"
        );
        Ok(())
    });
}

/// A session that has run once with numbers refuses a string, and goes on. The text is that of Python's `float`.
#[test]
fn a_string_after_numbers() {
    lesson(|| {
        let x = tf::placeholder(tf::float32, None);
        let sess = tf::Session::new();
        let y = x * 2;
        assert_eq!(sess.run_with(y, feed! { x => 1.5 })?.to_string(), "3.0");
        let error = sess.run_with(y, feed! { x => &"abc" }).unwrap_err();
        assert_eq!(error.to_string(), "ValueError: could not convert string to float: 'abc'");
        assert_eq!(sess.run_with(y, feed! { x => 2 })?.to_string(), "4.0");
        Ok(())
    });
}

/// Of two placeholders the second is another graph's, though the node there has the same number.
#[test]
fn placeholders_of_two_graphs() {
    lesson(|| {
        let x = tf::placeholder(tf::float32, None).named("x");
        let stranger = Graph::new().as_default(|| tf::placeholder(tf::float32, None).named("p"));
        let sess = tf::Session::new();
        let y = x * 2;
        assert_eq!(sess.run_with(y, feed! { x => 1.0 })?.to_string(), "2.0");
        let text = "TypeError: Cannot interpret feed_dict key as Tensor: Tensor Tensor(\"p:0\", dtype=float32) is not an \
                    element of this graph.";
        assert_eq!(sess.run_with(y, feed! { stranger => 1.0 }).unwrap_err().to_string(), text);
        assert_eq!(sess.run_with(y, feed! { x => 1.0, stranger => 1.0 }).unwrap_err().to_string(), text);
        assert_eq!(sess.run_with("mul:0", feed! { "x:0" => 4.0 })?.to_string(), "8.0");
        Ok(())
    });
}
