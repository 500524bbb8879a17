//! Programs about optimizers, gradients and what limits them.

use flowbook::v1::{self as tf, Operation, Session, Tensor, Variable, train};
use flowbook::{Result, feed, shape};

use super::{Family, closely, input, names, programs, run, started, truth};

pub const FAMILY: Family = Family { programs: PROGRAMS, different: &[], impossible: IMPOSSIBLE, same: closely };

const IMPOSSIBLE: &[(&str, &str)] =
    &[("clipped by norm along an axis", "the norm is that of all elements; l2_normalize takes axes")];

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

/// Five steps of a regression of two outputs on two inputs: weights, biases and loss after each.
fn five_steps(out: &mut String, minimize: impl FnOnce(Tensor) -> Operation) -> Result<()> {
    let w = Variable::new([[0.5, -1.5], [2.0, 0.25]]).named("w");
    let b = Variable::new([0.1, -0.2]).named("b");
    let (x, y) =
        (tf::constant([[1.0, 2.0], [-1.0, 0.5], [0.25, 3.0]]), tf::constant([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]));
    let loss = tf::reduce_mean(tf::square(tf::matmul(x, w) + b - y)).tensor();
    let train = minimize(loss);
    let sess = started()?;
    for _ in 0..5 {
        sess.run(train)?;
        say!(out, "{:?}", sess.run((w, b, loss))?);
    }
    Ok(())
}

/// Five steps of three doubles on a bowl.
fn five_double_steps(out: &mut String, minimize: impl FnOnce(Tensor) -> Operation) -> Result<()> {
    let w = Variable::new([1.0, -2.0, 0.5]).with_dtype(tf::float64).named("w");
    let train = minimize(tf::reduce_sum(tf::square(w) * [1.0, 0.5, 3.0]).tensor());
    let sess = started()?;
    for _ in 0..5 {
        sess.run(train)?;
        say!(out, "{:?}", sess.run(w)?.to_vec::<f64>());
    }
    Ok(())
}

fn one() -> Variable {
    Variable::new(1.0).named("v")
}

/// Variables `v` and `w` that start as 1 and 3.
fn two() -> (Variable, Variable) {
    (one(), Variable::new(3.0).named("w"))
}

fn descent(rate: f64) -> train::GradientDescentOptimizer {
    train::GradientDescentOptimizer::new(rate)
}

/// Pairs of gradients and variables as Python prints them.
fn shown(pairs: &[(Option<Tensor>, Variable)]) -> String {
    let pair =
        |(g, v): &(Option<Tensor>, Variable)| format!("({}, {v:?})", g.map_or("None".into(), |g| format!("{g:?}")));
    format!("[{}]", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
}

const PROGRAMS: &[(&str, super::Program)] = programs! {
    "GradientDescent" => |out| {
        five_steps(out, |loss| descent(0.1).minimize(loss))?;
    }
    "Momentum" => |out| {
        five_steps(out, |loss| train::MomentumOptimizer::new(0.1, 0.9).minimize(loss))?;
    }
    "Nesterov" => |out| {
        five_steps(out, |loss| train::MomentumOptimizer::new(0.1, 0.9).use_nesterov(true).minimize(loss))?;
    }
    "Adagrad" => |out| {
        five_steps(out, |loss| train::AdagradOptimizer::new(0.1).minimize(loss))?;
    }
    "Adadelta" => |out| {
        five_steps(out, |loss| train::AdadeltaOptimizer::new(1.0).minimize(loss))?;
    }
    "RMSProp" => |out| {
        five_steps(out, |loss| train::RMSPropOptimizer::new(0.1).minimize(loss))?;
    }
    "RMSProp with momentum" => |out| {
        let optimizer = train::RMSPropOptimizer::new(0.1).decay(0.8).momentum(0.5).epsilon(1e-6);
        five_steps(out, |loss| optimizer.minimize(loss))?;
    }
    "RMSProp, centered" => |out| {
        five_steps(out, |loss| train::RMSPropOptimizer::new(0.1).centered(true).minimize(loss))?;
    }
    "Adam" => |out| {
        five_steps(out, |loss| train::AdamOptimizer::new(0.1).minimize(loss))?;
    }
    "Adam with other betas" => |out| {
        let optimizer = train::AdamOptimizer::new(0.01).beta1(0.8).beta2(0.99).epsilon(0.1);
        five_steps(out, |loss| optimizer.minimize(loss))?;
    }
    "Adam of doubles" => |out| {
        five_double_steps(out, |loss| train::AdamOptimizer::new(0.1).minimize(loss))?;
    }
    "Momentum of doubles" => |out| {
        five_double_steps(out, |loss| train::MomentumOptimizer::new(0.1, 0.5).minimize(loss))?;
    }
    "a rate that is fed" => |out| {
        let w = Variable::new(1.0).named("w");
        let rate = input("rate", tf::float32, shape![]);
        let train = train::GradientDescentOptimizer::new(rate).minimize(w * w);
        let sess = started()?;
        for r in [0.25, 0.1, 0.0] {
            sess.run_with(train, feed! { rate => r })?;
            say!(out, "{}", sess.run(w)?);
        }
        sess.run(train)?;
    }
    "steps that are counted" => |out| {
        let w = Variable::new(1.0).named("w");
        let step = train::get_or_create_global_step();
        say!(out, "{step} {}", truth(train::get_global_step() == Some(step)));
        let train = descent(0.1).global_step(step).minimize(w * w);
        say!(out, "{train:?}");
        let sess = started()?;
        let steps = [sess.run(train)?, sess.run(train)?, sess.run(train)?];
        say!(out, "{steps:?} {} {}", train::global_step(sess, step)?, sess.run(step)?);
    }
    "a rate that falls with the steps" => |out| {
        let w = Variable::new(1.0).named("w");
        let step = Variable::new(0).named("step").trainable(false);
        let rate = train::exponential_decay(0.4, step, 2, 0.5).staircase(true);
        let train = train::GradientDescentOptimizer::new(rate).global_step(step).minimize(w * w);
        let sess = started()?;
        for _ in 0..5 {
            say!(out, "{}", sess.run(rate)?);
            sess.run(train)?;
            say!(out, "{} {}", sess.run(w)?, sess.run(step)?);
        }
    }
    "gradients computed and applied" => |out| {
        let (v, w) = (Variable::new([1.0, 2.0]).named("v"), Variable::new(3.0).named("w"));
        let optimizer = descent(0.5);
        let mut pairs = optimizer.compute_gradients(tf::reduce_sum(v * v) * w);
        say!(out, "{}", shown(&pairs));
        pairs.iter_mut().for_each(|(g, _)| *g = g.map(|g| g * 2));
        let train = optimizer.apply_gradients(&pairs);
        say!(out, "{train:?}");
        let sess = started()?;
        sess.run(train)?;
        say!(out, "{:?}", sess.run([v, w])?);
    }
    "gradients of which one is missing" => |out| {
        let (v, w) = two();
        let pairs = descent(0.5).compute_gradients(v * v);
        say!(out, "{}", shown(&pairs));
        let train = descent(0.5).apply_gradients(&pairs);
        let sess = started()?;
        sess.run(train)?;
        say!(out, "{:?}", sess.run([v, w])?);
    }
    "no gradients applied" => |_out| {
        descent(0.5).apply_gradients(&[(None, one())]);
    }
    "nothing applied" => |_out| {
        one();
        descent(0.5).apply_gradients(&[]);
    }
    "no gradient for those asked for" => |_out| {
        let (v, w) = two();
        descent(0.5).minimize_for(v * v, &[w]);
    }
    "no variables" => |_out| {
        descent(0.5).minimize(tf::constant(1.0));
    }
    "no variables that are trained" => |_out| {
        let v = one().trainable(false);
        descent(0.5).minimize(v * v);
    }
    "only some are trained" => |out| {
        let (v, w) = two();
        let train = descent(0.5).minimize_for(v * w, &[w]);
        let sess = started()?;
        sess.run(train)?;
        say!(out, "{:?}", sess.run([v, w])?);
    }
    "a loss of integers" => |_out| {
        let v = Variable::new(1).named("v");
        descent(0.5).minimize(v * v);
    }
    "a loss of several numbers" => |out| {
        let v = Variable::new([1.0, 2.0]).named("v");
        let train = descent(0.25).minimize(v * v);
        let sess = started()?;
        sess.run(train)?;
        say!(out, "{}", sess.run(v)?);
    }
    "a variable that was never started" => |_out| {
        let v = one();
        let train = train::MomentumOptimizer::new(0.1, 0.9).minimize(v * v);
        let sess = Session::new();
        sess.run(v.initializer_op())?;
        sess.run(train)?;
    }
    "what optimizers keep" => |out| {
        let (v, w) = (one(), Variable::new([3.0]).named("w"));
        train::AdamOptimizer::new(0.1).minimize(v * v * w);
        train::MomentumOptimizer::new(0.1, 0.9).minimize(v * v * w);
        train::RMSPropOptimizer::new(0.1).centered(true).minimize(v * v * w);
        say!(out, "{}", names(&tf::global_variables()));
        say!(out, "{}", names(&tf::trainable_variables()));
    }
    "two of one kind" => |out| {
        let v = one();
        let first = train::AdamOptimizer::new(0.1).minimize(v * v);
        let second = train::AdamOptimizer::new(0.2).minimize(v * 3);
        say!(out, "{} {}", first.name(), second.name());
        say!(out, "{}", names(&tf::global_variables()));
    }
    "one for two losses" => |out| {
        let (v, w) = (one(), Variable::new(2.0).named("w"));
        let optimizer = train::AdamOptimizer::new(0.1);
        let (first, second) = (optimizer.minimize(v * v), optimizer.minimize(v * w));
        say!(out, "{} {}", first.name(), second.name());
        say!(out, "{}", names(&tf::global_variables()));
        let sess = started()?;
        sess.run(first)?;
        sess.run(second)?;
        say!(out, "{:?}", sess.run([v, w])?);
    }
    "one in a name scope" => |out| {
        let v = one();
        let train = tf::name_scope("train", || train::AdamOptimizer::new(0.1).minimize(v * v));
        say!(out, "{} {}", train.name(), names(&tf::global_variables()));
    }
    "one in a variable scope" => |out| {
        let v = tf::variable_scope("model").run(one);
        let train = tf::variable_scope("train").run(|| train::AdamOptimizer::new(0.1).minimize(v * v));
        say!(out, "{} {}", train.name(), names(&tf::global_variables()));
    }
    "one of another name" => |out| {
        let v = one();
        let train = train::MomentumOptimizer::new(0.1, 0.9).named("push").minimize(v * v).named("step");
        say!(out, "{} {}", train.name(), names(&tf::global_variables()));
    }
    "slots by name" => |out| {
        let v = Variable::new([1.0, 2.0]).named("v");
        let adam = train::AdamOptimizer::new(0.1);
        let train = adam.minimize(v * v);
        say!(out, "{}", crate::support::list(adam.get_slot_names()));
        let slot = |name: &str| adam.get_slot(v, name);
        let none = slot("x").map_or("None".into(), |slot| slot.to_string());
        let (m, square) = (slot("m").expect("a slot of Adam"), slot("v").expect("a slot of Adam"));
        say!(out, "{m} {square} {none}");
        let sess = started()?;
        sess.run(train)?;
        say!(out, "{:?}", sess.run([m, square])?);
    }
    "slots of the others" => |out| {
        let v = one();
        macro_rules! slots {
            ($($optimizer:expr),*) => { $({
                let optimizer = $optimizer;
                optimizer.minimize(v * v);
                say!(out, "{}", crate::support::list(optimizer.get_slot_names()));
            })* };
        }
        slots!(
            descent(0.1),
            train::MomentumOptimizer::new(0.1, 0.9),
            train::AdagradOptimizer::new(0.1),
            train::AdadeltaOptimizer::new(0.1),
            train::RMSPropOptimizer::new(0.1),
            train::RMSPropOptimizer::new(0.1).centered(true)
        );
    }
    "gradients clipped by value" => |out| {
        let (v, w) = (Variable::new([3.0, -0.1]).named("v"), Variable::new(4.0).named("w"));
        let optimizer = descent(1.0);
        let mut pairs = optimizer.compute_gradients(tf::reduce_sum(v * v) + w * w);
        pairs.iter_mut().for_each(|(g, _)| *g = g.map(|g| tf::clip_by_value(g, -1.0, 1.0)));
        let train = optimizer.apply_gradients(&pairs);
        let sess = started()?;
        sess.run(train)?;
        say!(out, "{:?}", sess.run([v, w])?);
    }
    "clipped by value" => |out| {
        let x = tf::constant([-2.0, -0.5, 0.0, 0.5, 2.0]).tensor();
        let sess = Session::new();
        say!(out, "{}", sess.run(tf::clip_by_value(x, -1, 1))?);
        say!(out, "{}", sess.run(tf::clip_by_value(x, 1, -1))?);
        say!(out, "{}", sess.run(tf::clip_by_value(x, [-1.0, -1.0, 1.0, 1.0, 3.0], 9.0))?);
        say!(out, "{}", sess.run(tf::clip_by_value([NAN, INF, -INF], -1.0, 1.0))?);
    }
    "clipped by norm" => |out| {
        let x = tf::constant([[3.0, 4.0], [0.3, 0.4]]).tensor();
        let sess = Session::new();
        say!(out, "{}", sess.run(tf::clip_by_norm(x, 1.0))?);
        say!(out, "{}", sess.run(tf::clip_by_norm(x, 100.0))?);
        say!(out, "{}", sess.run(tf::clip_by_norm([0.0, 0.0], 1.0))?);
        say!(out, "{}", sess.run(tf::clip_by_norm([NAN, 1.0], 1.0))?);
        say!(out, "{}", sess.run(tf::clip_by_norm([INF, 1.0], 1.0))?);
    }
    "clipped by the average norm" => |out| {
        let x = tf::constant([3.0, 4.0]).tensor();
        let sess = Session::new();
        say!(out, "{}", sess.run(tf::clip_by_average_norm(x, 1.0))?);
        say!(out, "{}", sess.run(tf::clip_by_average_norm(x, 5.0))?);
    }
    "clipped by the global norm" => |out| {
        let x = [tf::constant([3.0, 0.0]).tensor(), tf::constant([[4.0]]).tensor()];
        let (clipped, norm) = tf::clip_by_global_norm(&x, 2.5);
        say!(out, "{clipped:?} {norm}");
        let (clipped, norm) = run((clipped, norm))?;
        say!(out, "[{clipped:?}, {norm:?}]");
        let (same, norm) = run(tf::clip_by_global_norm(&x, 10.0))?;
        say!(out, "[{same:?}, {norm:?}]");
        say!(out, "{}", run(tf::global_norm(&x))?);
    }
    "clipped by a global norm that is no number" => |out| {
        for bad in [NAN, INF] {
            let x = [tf::constant([bad, 1.0]).tensor(), tf::constant([1.0]).tensor()];
            let (clipped, norm) = run(tf::clip_by_global_norm(&x, 1.0))?;
            say!(out, "[{clipped:?}, {norm:?}]");
        }
    }
    "training with clipped gradients" => |out| {
        let (w, b) = (Variable::new([[3.0, -4.0]]).named("w"), Variable::new([12.0]).named("b"));
        let optimizer = train::MomentumOptimizer::new(0.5, 0.5);
        let pairs = optimizer.compute_gradients(tf::reduce_sum(w * w) / 2 + tf::reduce_sum(b * b) / 2);
        let (grads, variables): (Vec<_>, Vec<_>) = pairs.into_iter().filter_map(|(g, v)| Some((g?, v))).unzip();
        let (clipped, norm) = tf::clip_by_global_norm(&grads, 1.0);
        let pairs: Vec<_> = clipped.into_iter().map(Some).zip(variables).collect();
        let train = optimizer.apply_gradients(&pairs);
        let sess = started()?;
        for _ in 0..3 {
            say!(out, "{:?}", sess.run((norm, train))?);
        }
        say!(out, "{:?}", sess.run([w, b])?);
    }
    "a logistic regression" => |out| {
        let (x, y) = (input("x", tf::float32, shape![None, 2]), input("y", tf::float32, shape![None, 1]));
        let (w, b) = (Variable::new([[0.1], [-0.2]]).named("w"), Variable::new([0.0]).named("b"));
        let h = tf::sigmoid(tf::matmul(x, w) + b);
        let cost = -tf::reduce_mean(y * tf::log(h) + (1 - y) * tf::log(1 - h));
        let train = descent(0.1).minimize(cost);
        let right = tf::equal(tf::cast(h.gt(0.5), tf::float32), y);
        let accuracy = tf::reduce_mean(tf::cast(right, tf::float32));
        let sess = started()?;
        let feed = feed! {
            x => [[1, 2], [2, 3], [3, 1], [4, 3], [5, 3], [6, 2]],
            y => [[0], [0], [0], [1], [1], [1]],
        };
        for _ in 0..5 {
            say!(out, "{:?}", sess.run_with((cost, accuracy, train), feed.clone())?);
        }
        say!(out, "{:?}", sess.run((w, b))?);
    }
    "penalties" => |out| {
        let w = tf::constant([[1.0, -2.0], [3.0, -4.0]]).tensor();
        let sess = Session::new();
        let (half, sizes) = (sess.run(tf::nn::l2_loss(w))?, sess.run(tf::reduce_sum(tf::abs(w)))?);
        say!(out, "{half} {sizes} {}", sess.run(0.01 * tf::nn::l2_loss(w))?);
    }
};
