//! Programs whose runs depend on each other, on sizes, or on what is written where.

use flowbook::v1::{self as tf, Session, Tensor, Variable, train};
use flowbook::{Array, feed, s, shape};

use super::{Family, any, exactly, filled, input, programs, run, run_with, started};

pub const FAMILY: Family = Family { programs: PROGRAMS, different: &[], impossible: &[], same: exactly };

fn descent(rate: f64) -> train::GradientDescentOptimizer {
    train::GradientDescentOptimizer::new(rate)
}

const PROGRAMS: &[(&str, super::Program)] = programs! {
    "a variable from its own transpose" => |out| {
        let v = Variable::new([[1, 2, 3], [4, 5, 6], [7, 8, 9]]).named("v");
        let step = v.assign(tf::transpose(v));
        let sess = started()?;
        say!(out, "{}", sess.run(step)?);
        say!(out, "{}", sess.run(step)?);
    }
    "a variable from its own reverse" => |out| {
        let v = Variable::new([1, 2, 3, 4, 5]).named("v");
        let step = v.assign(tf::reverse(v, [0]));
        let sess = started()?;
        say!(out, "{} {}", sess.run(step)?, sess.run(step)?);
    }
    "a variable turned by one" => |out| {
        let v = Variable::new([1, 2, 3, 4, 5]).named("v");
        let step = v.assign(tf::concat([v.value().slice(s![1..]), v.value().slice(s![..1])], 0));
        let sess = started()?;
        let turned = [sess.run(step)?, sess.run(step)?, sess.run(step)?];
        say!(out, "{:?}", turned.map(|v| v.to_vec::<i32>()));
    }
    "a variable from its own product" => |out| {
        let v = Variable::new([[1.0, 1.0], [1.0, 0.0]]).named("v");
        let step = v.assign(tf::matmul(v, [[1.0, 1.0], [1.0, 0.0]]));
        let square = v.assign(tf::matmul(v, v));
        let sess = started()?;
        for op in [step, step, square, step] {
            say!(out, "{}", sess.run(op)?);
        }
    }
    "a variable added to itself" => |out| {
        let v = Variable::new([1.0, 2.0]).named("v");
        let double = v.assign_add(v);
        let sess = started()?;
        say!(out, "{} {}", sess.run(double)?, sess.run(double)?);
        say!(out, "{}", sess.run(v.assign_sub(v))?);
    }
    "a variable from its own parts" => |out| {
        let v = Variable::new([3.0, 4.0]).named("v");
        let step = v.assign(v / tf::reduce_sum(v));
        let norm = v.assign(v - tf::reduce_mean(v));
        let sess = started()?;
        say!(out, "{} {}", sess.run(step)?, sess.run(norm)?);
    }
    "a variable from a gather of itself" => |out| {
        let v = Variable::new([10, 20, 30]).named("v");
        let i = input("i", tf::int32, shape![3]);
        let step = v.assign(tf::gather(v, i));
        let sess = started()?;
        let turned = sess.run_with(step, feed! { i => [2, 0, 1] })?;
        say!(out, "{turned} {}", sess.run_with(step, feed! { i => [1, 1, 0] })?);
    }
    "two variables, one after the other" => |out| {
        let (a, b) = (Variable::new(1).named("a"), Variable::new(1).named("b"));
        let step = tf::control_dependencies([a.assign(a + b)], || b.assign_add(10));
        let sess = started()?;
        for _ in 0..3 {
            sess.run(step)?;
            say!(out, "{:?}", sess.run([a, b])?);
        }
    }
    "feeds of one type after the other" => |out| {
        let x = input("x", tf::float32, shape![2]);
        let (y, sess) = (x * 2, Session::new());
        say!(out, "{}", sess.run_with(y, feed! { x => [1, 2] })?);
        say!(out, "{}", sess.run_with(y, feed! { x => [1.5, 2.5] })?);
        say!(out, "{}", sess.run_with(y, feed! { x => [true, false] })?);
        say!(out, "{}", sess.run_with(y, feed! { x => ["3", "4.5"] })?);
        say!(out, "{}", sess.run_with(y, feed! { x => Array::new(vec![5u8, 6], &[2]) })?);
        say!(out, "{}", sess.run_with(y, feed! { x => Array::new(vec![7f64, 8.0], &[2]) })?);
        say!(out, "{}", sess.run_with(y, feed! { x => [9, 10] })?);
    }
    "integers fed in several types" => |out| {
        let x = input("x", tf::int32, shape![2]);
        let (y, sess) = (x + 1, Session::new());
        say!(out, "{}", sess.run_with(y, feed! { x => [1, 2] })?);
        say!(out, "{}", sess.run_with(y, feed! { x => [1.9, -1.9] })?);
        say!(out, "{}", sess.run_with(y, feed! { x => [true, false] })?);
        say!(out, "{}", sess.run_with(y, feed! { x => Array::new(vec![255u8, 0], &[2]) })?);
        say!(out, "{}", sess.run_with(y, feed! { x => Array::new(vec![-1, 1i64 << 31], &[2]) })?);
    }
    "the same array for two" => |out| {
        let (x, y) = (input("x", tf::float32, shape![2]), input("y", tf::float32, shape![2]));
        let v = Variable::new([0.0, 0.0]).named("v");
        let step = v.assign_add(x * y);
        let data = Array::new(vec![2f32, 3.0], &[2]);
        let sess = started()?;
        say!(out, "{:?}", sess.run_with([step, x, y], feed! { x => &data, y => &data })?);
        say!(out, "{} {data}", sess.run_with(step, feed! { x => &data, y => &data })?);
    }
    "what was fetched stays" => |out| {
        let v = Variable::new([1.0, 2.0]).named("v");
        let add = v.assign_add([1.0, 1.0]);
        let sess = started()?;
        let first = sess.run(v.value())?;
        let second = sess.run(add)?;
        let third = sess.run(add)?;
        say!(out, "{first} {second} {third}");
    }
    "what was fed stays" => |out| {
        let x = input("x", tf::float32, shape![3]);
        let v = Variable::new([0.0, 0.0, 0.0]).named("v");
        let data = Array::new(vec![1f32, 2.0, 3.0], &[3]);
        let sess = Session::new();
        sess.run_with(v.assign(x), feed! { x => &data })?;
        sess.run(v.assign_add([10.0, 10.0, 10.0]))?;
        say!(out, "{data} {}", sess.run(v)?);
    }
    "batches of several sizes" => |out| {
        let (x, y) = (input("x", tf::float32, shape![None, 2]), input("y", tf::float32, shape![None, 1]));
        let (w, b) = (Variable::new([[0.5], [-0.5]]).named("w"), Variable::new([0.25]).named("b"));
        let loss = tf::reduce_mean(tf::square(tf::matmul(x, w) + b - y));
        let train = descent(0.125).minimize(loss);
        let sess = started()?;
        let data = [[1f32, 2.0], [3.0, 4.0], [0.0, 1.0], [2.0, 2.0]];
        for count in [1, 4, 2, 4] {
            let first: Vec<[f32; 1]> = data[..count].iter().map(|row| [row[0]]).collect();
            let (lost, _) = sess.run_with((loss, train), feed! { x => data[..count].to_vec(), y => first })?;
            say!(out, "{lost}");
        }
        say!(out, "{:?}", sess.run((w, b))?);
    }
    "a batch of nothing" => |out| {
        let x = input("x", tf::float32, shape![None, 2]);
        let w = Variable::new([[0.5], [-0.5]]).named("w");
        let loss = tf::reduce_mean(tf::matmul(x, w)).tensor();
        let total = tf::reduce_sum(tf::matmul(x, w)).tensor();
        let train = descent(0.5).minimize(total);
        let sess = started()?;
        say!(out, "{:?}", sess.run_with([loss, total], feed! { x => filled(0.0, &[0, 2]) })?);
        sess.run_with(train, feed! { x => filled(0.0, &[0, 2]) })?;
        say!(out, "{}", sess.run(w)?);
    }
    "training to no number" => |out| {
        let w = Variable::new([1.0, 2.0]).named("w");
        let train = descent(1e30).minimize(tf::reduce_sum(w * w * w));
        let sess = started()?;
        for _ in 0..3 {
            sess.run(train)?;
            say!(out, "{}", sess.run(w)?);
        }
    }
    "a bias that is spread" => |out| {
        let x = input("x", tf::float32, shape![None, None]);
        let b = Variable::new([1.0, 2.0]).named("b");
        let slope = tf::gradients(tf::reduce_sum(x * b).tensor(), b)[0];
        let sess = started()?;
        say!(out, "{}", sess.run_with(slope, feed! { x => [[1, 2]] })?);
        say!(out, "{}", sess.run_with(slope, feed! { x => [[1, 2], [3, 4]] })?);
        say!(out, "{}", sess.run_with(slope, feed! { x => [[5], [6], [7]] })?);
    }
    "a scalar that is spread" => |out| {
        let (x, s) = (any(), Variable::new(2.0).named("s"));
        let slope = tf::gradients(x * s, s)[0];
        let sess = started()?;
        say!(out, "{}", sess.run_with(slope, feed! { x => 3 })?);
        say!(out, "{}", sess.run_with(slope, feed! { x => [1, 2, 3] })?);
        say!(out, "{}", sess.run_with(slope, feed! { x => [[1], [2]] })?);
        say!(out, "{}", sess.run_with(slope, feed! { x => filled(0.0, &[1, 0]) })?);
    }
    "one of two outputs" => |out| {
        let (values, places) = tf::nn::top_k([5.0, 1.0, 9.0], 2);
        let sess = Session::new();
        say!(out, "{} {}", sess.run(places)?, sess.run_with(values + 1, feed! { values => [1.0, 2.0] })?);
        let sum = tf::cast(places, tf::float32) + values;
        say!(out, "{:?}", sess.run_with([values, sum], feed! { places => [7, 8] })?);
    }
    "the first of three outputs" => |out| {
        let parts = tf::unstack(tf::constant([[1, 2], [3, 4], [5, 6]]), 0);
        let (a, b, c) = (parts[0], parts[1], parts[2]);
        say!(out, "{:?}", run_with([a + b + c, b * 1, c * 1], feed! { a => [100, 200] })?);
    }
    "a loop that reads a variable" => |out| {
        let v = Variable::new(3).named("v");
        let n = input("n", tf::int32, shape![]);
        let zeros = (tf::constant(0).tensor(), tf::constant(0).tensor());
        let total = tf::while_loop(|(i, _)| i.lt(n), |(i, t): (Tensor, Tensor)| (i + 1, t + v), zeros);
        let sess = started()?;
        let shown = |n_: i32| -> flowbook::Result<String> {
            let (i, t) = sess.run_with(total, feed! { n => n_ })?;
            Ok(format!("({i}, {t})"))
        };
        say!(out, "{} {}", shown(4)?, shown(0)?);
        sess.run(v.assign(5))?;
        say!(out, "{}", shown(4)?);
    }
    "a branch not taken needs no value" => |out| {
        let v = Variable::new(1.0).named("v");
        let p = input("p", tf::bool, shape![]);
        let y: Tensor = tf::cond(p, || tf::identity(v) * 2, || tf::constant(7.0).tensor());
        let sess = Session::new();
        say!(out, "{}", sess.run_with(y, feed! { p => false })?);
        sess.run(v.initializer_op())?;
        say!(out, "{}", sess.run_with(y, feed! { p => true })?);
    }
    "a branch that writes" => |out| {
        let v = Variable::new([1, 2]).named("v");
        let p = input("p", tf::bool, shape![]);
        let y: Tensor = tf::cond(p, || v.assign([7, 8]), || v.assign_add([1, 1]));
        let sess = started()?;
        for q in [false, true, false] {
            say!(out, "{} {}", sess.run_with(y, feed! { p => q })?, sess.run(v)?);
        }
    }
    "an assertion among what is computed" => |out| {
        let x = input("x", tf::float32, shape![None]);
        let check = tf::Assert(tf::reduce_all(x.gt(0)), &[x]);
        let y = tf::control_dependencies([check], || tf::log(x) + 0);
        let sess = Session::new();
        say!(out, "{}", sess.run_with(y, feed! { x => [1, 1] })?);
        if let Err(error) = sess.run_with(y, feed! { x => [1, -1] }) {
            say!(out, "{}", error.class());
        }
        say!(out, "{}", sess.run_with(y, feed! { x => [1] })?);
    }
    "a moving average" => |out| {
        let v = Variable::new(0.0).named("v");
        let x = input("x", tf::float32, shape![]);
        let update = v.assign(v * 0.5 + x * 0.5);
        let sess = started()?;
        let means = [8, 4, 0, 16].map(|n| sess.run_with(update, feed! { x => n }));
        say!(out, "{:?}", means.into_iter().collect::<flowbook::Result<Vec<_>>>()?);
    }
    "a counter in a loop of runs" => |out| {
        let step = Variable::new(0).named("step").trainable(false);
        let add = tf::assign_add(step, 1);
        let even = tf::equal(step % 2, 0);
        let sess = started()?;
        let mut seen = Vec::new();
        while sess.run(step)?.as_slice::<i32>().is_some_and(|v| v[0] < 5) {
            seen.push(sess.run(even)?.to_string());
            sess.run(add)?;
        }
        say!(out, "[{}]", seen.join(", "));
    }
    "strings that are joined" => |out| {
        let s = Variable::new("a").named("s");
        let step = s.assign(s + "b");
        let sess = started()?;
        say!(out, "{:?}", [sess.run(step)?, sess.run(step)?, sess.run(step)?]);
    }
    "the numbers of two runs" => |out| {
        tf::set_random_seed(6);
        let x = tf::random_uniform([2]);
        let y = x * 2 - x - x;
        let sess = Session::new();
        let zeros = sess.run(y)?;
        let ([one, _], two) = (sess.run([*x, x * 1])?, sess.run(x)?);
        say!(out, "{zeros} {}", flowbook::np::equal(&one, &two));
    }
    "numbers drawn and fed" => |out| {
        tf::set_random_seed(6);
        let x = tf::random_uniform([2]);
        let sess = Session::new();
        say!(out, "{}", sess.run_with(x + 1, feed! { x => [1.0, 2.0] })?);
        say!(out, "{}", sess.run(x)?);
    }
    "dropout that is switched" => |out| {
        let keep = tf::placeholder_with_default(1.0, shape![]).named("keep");
        tf::set_random_seed(1);
        let y = tf::nn::dropout(tf::ones([6]), keep);
        let sess = Session::new();
        say!(out, "{}", sess.run(y)?);
        say!(out, "{}", sess.run_with(y, feed! { keep => 0.5 })?);
    }
    "a rate kept in a variable" => |out| {
        let rate = Variable::new(0.5).named("rate").trainable(false);
        let w = Variable::new(1.0).named("w");
        let train = train::GradientDescentOptimizer::new(rate).minimize(w * w / 2);
        let slower = rate.assign(rate * 0.5);
        let sess = started()?;
        for _ in 0..3 {
            sess.run(train)?;
            say!(out, "{}", sess.run(w)?);
            sess.run(slower)?;
        }
    }
    "two losses of one net" => |out| {
        let x = input("x", tf::float32, shape![None, 1]);
        let w = Variable::new([[2.0]]).named("w");
        let y = tf::matmul(x, w);
        let up = descent(0.5).minimize(-tf::reduce_sum(y));
        let down = descent(0.25).minimize(tf::reduce_sum(y));
        let sess = started()?;
        for op in [up, down, down, up] {
            sess.run_with(op, feed! { x => [[1]] })?;
            say!(out, "{}", sess.run(w)?);
        }
    }
    "both steps in one run" => |out| {
        let w = Variable::new(4.0).named("w");
        let b = tf::control_dependencies([w.assign_sub(1.0)], || w.assign_sub(2.0));
        let sess = started()?;
        sess.run(b)?;
        say!(out, "{}", sess.run(w)?);
    }
    "second derivatives" => |out| {
        let x = input("x", tf::float32, shape![]);
        let y = x.pow(3);
        let first = tf::gradients(y, x)[0].expect("y depends on x");
        let second = tf::gradients(first, x)[0].expect("its slope does too");
        say!(out, "{:?}", run_with([y, first, second], feed! { x => 2 })?);
    }
    "a gradient stopped" => |out| {
        let x = tf::constant(3.0).tensor();
        let y = x * tf::stop_gradient(x * 2);
        say!(out, "{:?}", run([Some(y), tf::gradients(y, x)[0]])?);
    }
    "gradients with weights" => |out| {
        let x = tf::constant([1.0, 2.0]).tensor();
        say!(out, "{}", run(tf::gradients([x * 2, x * x], x)[0])?);
    }
};
