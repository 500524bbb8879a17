//! Gradients through `while_loop`, against derivatives worked out beside the assertion and against differences.

use std::panic::{AssertUnwindSafe, catch_unwind};

use flowbook::v1::{self as tf, Graph, Session, Tensor, TensorShape, Variable};
use flowbook::{Array, Result, feed};

/// Runs a program in a graph of its own.
fn lesson(body: impl FnOnce(Session) -> Result<()>) {
    Graph::new().as_default(|| body(Session::new())).unwrap();
}

fn scalar() -> Tensor {
    tf::placeholder(tf::float32, TensorShape::scalar())
}

/// `a * x^n`, multiplied up in a loop.
fn power(a: Tensor, x: Tensor, n: Tensor) -> Tensor {
    tf::while_loop(|(i, _)| i.lt(n), |(i, p)| (i + 1, p * x), (0, a)).1
}

/// d(a x^n)/da = x^n and d(a x^n)/dx = n a x^(n - 1): by what the loop starts with, and by what it takes from outside.
#[test]
fn powers() {
    lesson(|sess| {
        let (a, x, n) = (scalar(), scalar(), tf::placeholder(tf::int32, TensorShape::scalar()));
        let slopes = tf::gradients(power(a, x, n), (a, x));
        let at = |turns: i32| sess.run_with(slopes.clone(), feed! { a => 3.0, x => 2.0, n => turns });
        assert_eq!(format!("{:?}", at(5)?), "[32.0, 240.0]");
        assert_eq!(format!("{:?}", at(1)?), "[2.0, 3.0]");
        assert_eq!(format!("{:?}", at(0)?), "[1.0, 0.0]", "no turn hands its start on");
        Ok(())
    });
}

/// A variable that only counts, one that sums up the other: s = 1 + x + x^2 + x^3, ds/dx = 1 + 2x + 3x^2 = 17 at 2.
#[test]
fn variables_of_a_loop_that_feed_each_other() {
    lesson(|sess| {
        let x = scalar();
        let body = |(i, p, s): (Tensor, Tensor, Tensor)| (i + 1, p * x, s + p);
        let (_, _, sum) = tf::while_loop(|(i, _, _)| i.lt(4), body, (0, 1.0, 0.0));
        let slope = tf::gradients(sum, x)[0];
        assert_eq!(sess.run_with((sum, slope), feed! { x => 2.0 }).map(|(s, d)| format!("{s} {d}"))?, "15.0 17.0");
        Ok(())
    });
}

/// What lies before the loop has its share: y = (x^2)^3 * x^2, dy/dx = 8 x^7.
#[test]
fn paths_outside_meet_those_inside() {
    lesson(|sess| {
        let x = scalar();
        let square = x * x;
        let (_, y) = tf::while_loop(|(i, _)| i.lt(3), |(i, p)| (i + 1, p * square), (0, square));
        let slope = tf::gradients(y, x)[0];
        assert_eq!(sess.run_with(slope, feed! { x => 1.5 })?.to_string(), (8.0f32 * 1.5f32.powi(7)).to_string());
        Ok(())
    });
}

/// A small recurrent net: every derivative against the difference of the loss on both sides, at step 1e-3 in float64.
#[test]
fn a_recurrent_net() {
    lesson(|sess| {
        let matrix = |values: [f64; 4]| tf::constant(Array::new(values.to_vec(), &[2, 2])).tensor();
        let w = tf::placeholder(tf::float64, TensorShape::from([2, 2]));
        let x = tf::placeholder(tf::float64, TensorShape::from([2, 2]));
        let start = matrix([0.1, -0.2, 0.3, 0.4]);
        let step = |(t, h): (Tensor, Tensor)| (t + 1, tf::tanh(tf::matmul(h, w) + x));
        let (_, state) = tf::while_loop(|(t, _)| t.lt(4), step, (0, start));
        let loss = tf::reduce_sum(tf::square(state)).tensor();
        let slopes = tf::gradients(loss, (w, x));
        let at = [vec![0.5, -0.3, 0.2, 0.7], vec![0.05, 0.1, -0.15, 0.2]];
        let fed = |at: &[Vec<f64>; 2]| {
            feed! { w => Array::new(at[0].clone(), &[2, 2]), x => Array::new(at[1].clone(), &[2, 2]) }
        };
        let ours = sess.run_with(slopes, fed(&at))?;
        for (k, slope) in ours.iter().enumerate() {
            for i in 0..4 {
                let side = |step: f64| {
                    let mut moved = at.clone();
                    moved[k][i] += step;
                    sess.run_with(loss, fed(&moved)).map(|l| l.as_slice::<f64>().unwrap()[0])
                };
                let difference = (side(1e-3)? - side(-1e-3)?) / 2e-3;
                let got = slope.as_slice::<f64>().unwrap()[i];
                assert!((got - difference).abs() < 1e-5, "input {k}, element {i}: {got}, not {difference}");
            }
        }
        Ok(())
    });
}

/// An optimizer finds the x whose fifth power, taken in a loop, is 32.
#[test]
fn a_loop_within_a_training_step() {
    lesson(|sess| {
        let x = Variable::new(1.5);
        let (_, power) = tf::while_loop(|(i, _)| i.lt(5), |(i, p)| (i + 1, p * x), (0, 1.0));
        let train = tf::train::GradientDescentOptimizer::new(1e-4).minimize(tf::square(power - 32.0));
        sess.run(tf::global_variables_initializer())?;
        for _ in 0..200 {
            sess.run(train)?;
        }
        let found = sess.run(x)?.as_slice::<f32>().unwrap()[0];
        assert!((found - 2.0).abs() < 1e-4, "{found}");
        Ok(())
    });
}

/// A loop in a loop: x^(2 * 3), with the derivative 6 x^5 = 192 at 2.
#[test]
fn a_loop_in_a_loop() {
    lesson(|sess| {
        let x = scalar();
        let inner = |p: Tensor| tf::while_loop(|(j, _)| j.lt(3), |(j, q)| (j + 1, q * x), (0, p)).1;
        let (_, y) = tf::while_loop(|(i, _)| i.lt(2), |(i, p)| (i + 1, inner(p)), (0, 1.0));
        let slope = tf::gradients(y, x)[0];
        let (y, slope) = sess.run_with((y, slope), feed! { x => 2.0 })?;
        assert_eq!(format!("{y} {slope}"), "64.0 192.0");
        Ok(())
    });
}

#[test]
fn random_numbers_in_a_loop_have_no_gradient() {
    let panic = catch_unwind(AssertUnwindSafe(|| {
        Graph::new().as_default(|| {
            let x = scalar();
            let noisy = |(i, p): (Tensor, Tensor)| (i + 1, p * x + tf::random_normal([1]).slice(flowbook::s![0]));
            let (_, y) = tf::while_loop(|(i, _)| i.lt(2), noisy, (0, 1.0));
            tf::gradients(y, x)
        })
    }));
    let text = panic.unwrap_err().downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(text.starts_with("UnimplementedError: There is no gradient of the loop 'while'"), "{text}");
}
