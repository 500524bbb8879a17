//! Sessions and their runs, besides what is in `v1_golden` and `v1_sessions`. The expected texts are those that TensorFlow
//! 2.21 (`tf.compat.v1`) printed for the same programs.

use flowbook::v1::{self as tf, Graph};
use flowbook::{Result, feed};

/// Runs a program in a graph of its own, since tests share a process.
fn lesson(body: impl FnOnce() -> Result<()>) {
    Graph::new().as_default(body).unwrap();
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
