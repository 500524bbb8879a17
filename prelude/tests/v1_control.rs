//! `cond`, `case` and `while_loop`. The expected values are those of real TensorFlow 2.21 (`tf.compat.v1`) or worked out
//! beside the assertion.

mod support;

use flowbook::v1::{self as tf, Graph, Session, Tensor, TensorShape, Variable, WhileOptions};
use flowbook::{Result, feed, shape};
use support::raised;

/// Runs a program in a graph of its own.
fn lesson(body: impl FnOnce(Session) -> Result<()>) {
    Graph::new().as_default(|| body(Session::new())).unwrap();
}

#[test]
fn a_branch_and_its_names() {
    lesson(|sess| {
        let v = Variable::new(1.0);
        let x = tf::placeholder(tf::float32, TensorShape::scalar());
        let c = tf::cond(x.gt(0.0), || v * 2.0, || x - 1.0);
        assert_eq!(c.to_string(), "Tensor(\"cond/Merge:0\", shape=(), dtype=float32)");
        let names: Vec<String> = tf::get_default_graph().get_operations().iter().map(|o| o.name()).collect();
        for name in ["cond/Switch", "cond/switch_t", "cond/switch_f", "cond/pred_id", "cond/mul", "cond/mul/Switch"] {
            assert!(names.iter().any(|n| n == name), "no {name} in {names:?}");
        }
        sess.run(tf::global_variables_initializer())?;
        assert_eq!(sess.run_with(c, feed! { x => 3.0 })?.to_string(), "2.0");
        assert_eq!(sess.run_with(c, feed! { x => -3.0 })?.to_string(), "-4.0");
        Ok(())
    });
}

/// d(2v)/dv = 2 and d(x - 1)/dx = 1 where that branch is taken, 0 where it is not.
#[test]
fn gradients_follow_the_branch_taken() {
    lesson(|sess| {
        let v = Variable::new(1.0);
        let x = tf::placeholder(tf::float32, TensorShape::scalar());
        let c = tf::cond(x.gt(0.0), || v * 2.0, || x - 1.0);
        let slopes = tf::gradients(c, (v, x));
        sess.run(tf::global_variables_initializer())?;
        assert_eq!(format!("{:?}", sess.run_with(slopes.clone(), feed! { x => 3.0 })?), "[2.0, 0.0]");
        assert_eq!(format!("{:?}", sess.run_with(slopes, feed! { x => -3.0 })?), "[0.0, 1.0]");
        Ok(())
    });
}

/// Only the branch taken has effects, and what it divides by must not be 0 only there.
#[test]
fn the_other_branch_does_not_run() {
    lesson(|sess| {
        let v = Variable::new(0);
        let taken = tf::placeholder(tf::bool, TensorShape::scalar());
        let r = tf::cond(taken, || tf::assign(v, 5), || tf::assign_add(v, 1));
        sess.run(tf::global_variables_initializer())?;
        assert_eq!(sess.run_with(r, feed! { taken => false })?.to_string(), "1");
        assert_eq!(sess.run_with(r, feed! { taken => false })?.to_string(), "2");
        assert_eq!(sess.run_with(r, feed! { taken => true })?.to_string(), "5");
        let d = tf::placeholder(tf::int32, TensorShape::scalar());
        let safe = tf::cond(d.gt(0), || tf::constant(10).floordiv(d), || tf::constant(-1).tensor());
        assert_eq!(sess.run_with(safe, feed! { d => 0 })?.to_string(), "-1");
        assert_eq!(sess.run_with(safe, feed! { d => 3 })?.to_string(), "3");
        Ok(())
    });
}

#[test]
fn branches_of_constants_tuples_operations_and_branches() {
    lesson(|sess| {
        let p = tf::placeholder(tf::bool, TensorShape::scalar());
        let q = tf::placeholder(tf::bool, TensorShape::scalar());
        let (a, b) = tf::cond(p, || (1, [1.0, 2.0].map(|v| v).len() as f64), || (2, 7.5));
        let nested = tf::cond(p, || tf::cond(q, || 1, || 2), || tf::cond(q, || 3, || 4));
        let v = Variable::new(0.0);
        let step = tf::cond(p, || tf::group(&[tf::assign_add(v, 1.0).op()]), tf::no_op);
        sess.run(tf::global_variables_initializer())?;
        let both = sess.run_with((a, b), feed! { p => true })?;
        assert_eq!(format!("{} {}", both.0, both.1), "1 2.0");
        for (p_value, q_value, want) in [(true, true, "1"), (true, false, "2"), (false, true, "3"), (false, false, "4")]
        {
            assert_eq!(sess.run_with(nested, feed! { p => p_value, q => q_value })?.to_string(), want);
        }
        sess.run_with(step, feed! { p => false })?;
        assert_eq!(sess.run(v)?.to_string(), "0.0");
        sess.run_with(step, feed! { p => true })?;
        assert_eq!(sess.run(v)?.to_string(), "1.0");
        Ok(())
    });
}

#[test]
fn the_first_case_that_holds() {
    lesson(|sess| {
        let x = tf::placeholder(tf::int32, TensorShape::scalar());
        let grade = tf::case(
            vec![
                (x.gt(90), Box::new(|| tf::constant("A").tensor())),
                (x.gt(80), Box::new(|| tf::constant("B").tensor())),
            ],
            || tf::constant("C").tensor(),
        );
        for (points, want) in [(95, "b'A'"), (85, "b'B'"), (10, "b'C'")] {
            assert_eq!(sess.run_with(grade, feed! { x => points })?.to_string(), want);
        }
        Ok(())
    });
}

/// A dropout within a branch: the gradient sees the same mask as the value, so that y = x * mask has dy/dx = mask.
#[test]
fn random_numbers_of_a_branch_are_those_of_its_gradient() {
    lesson(|sess| {
        tf::set_random_seed(1);
        let training = tf::placeholder(tf::bool, TensorShape::scalar());
        let x = tf::constant([1.0; 20]).tensor();
        let y = tf::cond(training, || tf::nn::dropout(x, 0.5), || x);
        let slope = tf::gradients(y, x)[0].unwrap();
        let (value, slope_value) = sess.run_with((y, slope), feed! { training => true })?;
        assert_eq!(value.to_string(), slope_value.to_string());
        assert!(value.to_string().contains("0.") && value.to_string().contains("2."));
        let plain = sess.run_with(slope, feed! { training => false })?;
        assert_eq!(plain.as_slice::<f32>(), Some(&[1.0; 20][..]));
        Ok(())
    });
}

/// What lies in a branch or in a loop has no value of its own: TensorFlow 2.20's words.
#[test]
fn what_lies_inside_is_not_fetched() {
    lesson(|sess| {
        tf::cond(tf::constant(true), || tf::constant(1.0) * 2.0, || tf::constant(3.0) * 1.0);
        tf::while_loop(|i| i.lt(3), |i| i + 1, 0);
        for name in ["cond/mul", "cond/pred_id", "while/Less", "while/Identity", "while/add"] {
            let error = sess.run(format!("{name}:0").as_str()).unwrap_err().to_string();
            assert_eq!(
                error,
                format!(
                    "ValueError: Operation {name} has been marked as not fetchable. Typically this happens when it is \
                     defined in another function or code block. Use return values, explicit Python locals or TensorFlow \
                     collections to access it."
                )
            );
        }
        Ok(())
    });
}

#[test]
fn what_cannot_be_a_branch() {
    assert_eq!(
        raised(|| tf::cond(tf::constant(true), || 1, || 1.0)),
        "ValueError: Outputs of 'true_fn' and 'false_fn' must have the same type(s). Received int32 from 'true_fn' and \
         float32 from 'false_fn'."
    );
    assert!(
        raised(|| tf::cond(tf::constant(1), || 1, || 2))
            .contains("Input 'pred' of 'Switch' Op has type int32 that does not match expected type of bool.")
    );
}

#[test]
fn loops() {
    lesson(|sess| {
        let (i, a) = tf::while_loop(|(i, _)| i.lt(10), |(i, a)| (i + 1, a * 2.0), (0, 1.0));
        assert_eq!(
            format!("{i:?} {a:?}"),
            "<tf.Tensor 'while/Exit:0' shape=() dtype=int32> <tf.Tensor 'while/Exit_1:0' \
            shape=() dtype=float32>"
        );
        let (i, a) = sess.run((i, a))?;
        assert_eq!(format!("{i} {a}"), "10 1024.0");
        // Collatz from 27 takes 111 steps: a branch within a loop.
        let (_, steps) = tf::while_loop(
            |(n, _)| n.gt(1),
            |(n, steps): (Tensor, Tensor)| {
                let next = tf::cond(tf::equal(n % 2, 0), || n.floordiv(2), || n * 3 + 1);
                (next, steps + 1)
            },
            (27, 0),
        );
        assert_eq!(sess.run(steps)?.to_string(), "111");
        Ok(())
    });
}

/// x^3 with x from outside, a variable; and a variable counted up in each turn.
#[test]
fn loops_see_what_is_outside() {
    lesson(|sess| {
        let x = Variable::new(2.0);
        let (_, power) = tf::while_loop(|(i, _)| i.lt(3), |(i, a)| (i + 1, a * x), (0, 1.0));
        let count = Variable::new(0);
        #[expect(clippy::erasing_op, reason = "the addition is counted, not its value")]
        let counted = tf::while_loop(|i| i.lt(4), |i| i + tf::assign_add(count, 1) * 0 + 1, 0);
        sess.run(tf::global_variables_initializer())?;
        assert_eq!(sess.run(power)?.to_string(), "8.0");
        sess.run(counted)?;
        assert_eq!(sess.run(count)?.to_string(), "4");
        Ok(())
    });
}

#[test]
fn loops_with_limits_and_growing_tensors() {
    lesson(|sess| {
        let limit = WhileOptions { maximum_iterations: Some(5), ..WhileOptions::default() };
        let (i, j) = tf::while_loop_with(|(i, _)| i.lt(100), |(i, j)| (i + 1, j * 2), (0, 1), &limit);
        let (i, j) = sess.run((i, j))?;
        assert_eq!(format!("{i} {j}"), "5 32");
        // [1] doubled until its sum is 100 or more: 128 ones.
        let growing = WhileOptions { shape_invariants: vec![shape![None]], ..WhileOptions::default() };
        let grown = tf::while_loop_with(
            |v| tf::reduce_sum(v).lt(100),
            |v| tf::concat([v, v], 0),
            tf::constant([1]).tensor(),
            &growing,
        );
        assert_eq!(sess.run(grown)?.as_slice::<i32>(), Some(&[1; 128][..]));
        Ok(())
    });
    assert_eq!(
        raised(|| tf::while_loop(|v| tf::reduce_sum(v).lt(9), |v| tf::concat([v, v], 0), tf::constant([1]).tensor())),
        "ValueError: Input tensor 'Const:0' enters the loop with shape (1,), but has shape (2,) after one iteration. To \
         allow the shape to vary across iterations, use the `shape_invariants` argument of tf.while_loop to specify a \
         less-specific shape."
    );
    assert!(raised(|| tf::while_loop(|v| v.lt(3), |v| v + 1, tf::constant([0]).tensor())).starts_with(
        "ValueError: Shape must be rank 0 but is rank 1 for '{{node while/LoopCond}} = LoopCond[](while/Less)' with \
             input shapes: [1]."
    ));
}

#[test]
fn initialized_values() {
    lesson(|sess| {
        let w = Variable::new(tf::random_normal([2])).named("w");
        let twice = Variable::new(w.initialized_value() * 2.0).named("twice");
        assert_eq!(sess.run(tf::is_variable_initialized(w))?.to_string(), "False");
        sess.run(w.initializer_op())?;
        sess.run(twice.initializer_op())?;
        let (a, b) = sess.run((w, twice))?;
        let (a, b) = (a.as_slice::<f32>().unwrap(), b.as_slice::<f32>().unwrap());
        assert_eq!([a[0] * 2.0, a[1] * 2.0], b);
        assert_eq!(sess.run(tf::is_variable_initialized(w))?.to_string(), "True");
        Ok(())
    });
}

/// A run whose sizes depend on values goes another way; it must find missing values all the same.
#[test]
fn variables_without_a_value_are_found_where_sizes_are_open() {
    lesson(|sess| {
        let w = Variable::new([1.0, -1.0]).named("w");
        let places = tf::r#where(w.gt(0.0));
        assert_eq!(
            sess.run(places).unwrap_err().to_string(),
            "FailedPreconditionError: Attempting to use uninitialized value w\n\t [[{{node w/read}}]]"
        );
        Ok(())
    });
}
