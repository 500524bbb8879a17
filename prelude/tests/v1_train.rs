//! Optimizers, schedules and initializers against what real TensorFlow computed: values, and names of nodes.
//! `fixtures/make_v1_training.py` recorded them.

use std::path::Path;

use flowbook::v1::{self as tf, Graph, Operation, Tensor, TensorShape, Variable, VariableInitializer};
use flowbook::{Array, Result, feed};
use serde_json::Value;

fn recorded() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1_training.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

fn floats(array: &Array) -> Vec<f64> {
    array.as_slice::<f32>().unwrap().iter().map(|v| f64::from(*v)).collect()
}

fn agree(what: &str, got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (g, w) in got.iter().zip(want) {
        assert!((g - w).abs() <= tolerance * (1.0 + w.abs()), "{what}: {got:?}, not {want:?}");
    }
}

/// The training operation of each recorded case, for the loss `l` of the variable `w`.
fn minimize(case: &str, l: Tensor, w: Variable) -> Operation {
    use tf::train as t;
    match case {
        "GradientDescent" => t::GradientDescentOptimizer::new(0.1).minimize(l),
        "Momentum" => t::MomentumOptimizer::new(0.1, 0.9).minimize(l),
        "Nesterov" => t::MomentumOptimizer::new(0.1, 0.9).use_nesterov(true).minimize(l),
        "Adagrad" => t::AdagradOptimizer::new(0.1).minimize(l),
        "Adagrad 0.5" => t::AdagradOptimizer::new(0.1).initial_accumulator_value(0.5).minimize(l),
        "Adadelta" => t::AdadeltaOptimizer::new(1).minimize(l),
        "RMSProp" => t::RMSPropOptimizer::new(0.1).minimize(l),
        "RMSProp momentum" => t::RMSPropOptimizer::new(0.1).decay(0.8).momentum(0.5).epsilon(1e-6).minimize(l),
        "RMSProp centered" => t::RMSPropOptimizer::new(0.1).centered(true).minimize(l),
        "Adam" => t::AdamOptimizer::new(0.1).minimize_for(l, &[w]),
        "Adam betas" => t::AdamOptimizer::new(0.1).beta1(0.8).beta2(0.99).epsilon(1e-3).minimize(l),
        "Nadam" => t::NadamOptimizer::new(0.1).minimize(l),
        "global step" => {
            let optimizer = t::GradientDescentOptimizer::new(0.1).global_step(t::get_or_create_global_step());
            optimizer.minimize(l)
        }
        "decayed" => {
            let step = Variable::new(0).named("global_step").trainable(false);
            let rate = t::exponential_decay(0.1, step, 2, 0.5);
            t::GradientDescentOptimizer::new(rate).global_step(step).minimize(l)
        }
        "Adam global step" => {
            let step = Variable::new(0).named("step").trainable(false);
            t::AdamOptimizer::new(0.1).global_step(step).minimize(l).named("T")
        }
        other => panic!("{other} is not recorded"),
    }
}

#[test]
fn optimizers_take_tensorflow_s_steps() -> Result<()> {
    for case in recorded()["optimizers"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        Graph::new().as_default(|| {
            let w = Variable::new([1.0, -2.0, 0.5]).named("w");
            let train = minimize(name, tf::reduce_sum(tf::square(w) * [1.0, 0.5, 3.0]).tensor(), w);
            let sess = tf::Session::new();
            sess.run(tf::global_variables_initializer())?;
            for want in case["path"].as_array().unwrap() {
                sess.run(train)?;
                // The rates of Adam hold 1 - 0.999 in float32, of which four digits are left.
                agree(name, &floats(&sess.run(w)?), &numbers(want), if name.contains("dam") { 2e-5 } else { 2e-6 });
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// A node as the recording has it: name, type, inputs, control inputs.
fn described(op: Operation) -> (String, String, Vec<String>, Vec<String>) {
    let inputs = op.inputs().iter().map(|t| t.name()).collect();
    (op.name(), op.op_type().to_owned(), inputs, op.control_inputs().iter().map(|o| o.name()).collect())
}

/// Nadam was recorded as a bare update op, and schedules compute their rate by nodes of our own.
#[test]
fn optimizers_build_tensorflow_s_nodes() {
    for case in recorded()["optimizers"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        if ["Nadam", "decayed", "Adam global step"].contains(&name) {
            continue;
        }
        Graph::new().as_default(|| {
            let w = Variable::new([1.0, -2.0, 0.5]).named("w");
            let loss = tf::reduce_sum(tf::square(w) * [1.0, 0.5, 3.0]).tensor();
            let before = tf::get_default_graph().get_operations().len();
            let train = minimize(name, loss, w);
            assert_eq!(train.name(), case["train"].as_str().unwrap());
            let variables: Vec<String> = tf::global_variables().iter().map(|v| v.name()).collect();
            assert_eq!(variables, texts(&case["variables"]), "{name}");
            let made = tf::get_default_graph().get_operations().split_off(before);
            let made: Vec<_> = made.into_iter().filter(|o| !o.name().starts_with("gradients")).map(described).collect();
            let wanted = case["nodes"].as_array().unwrap().iter().map(|n| {
                let text = |i: usize| n[i].as_str().unwrap().to_owned();
                (text(0), text(1), texts(&n[2]), texts(&n[3]))
            });
            assert_eq!(made, wanted.collect::<Vec<_>>(), "{name}");
        });
    }
}

#[test]
fn schedules_give_tensorflow_s_rates() -> Result<()> {
    let all = recorded();
    let steps: Vec<i64> = numbers(&all["steps"]).iter().map(|s| *s as i64).collect();
    for case in all["schedules"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        Graph::new().as_default(|| {
            use tf::train as t;
            let s = tf::placeholder(tf::int32, TensorShape::scalar());
            let rate: Tensor = match name {
                "exponential_decay" => t::exponential_decay(0.1, s, 100, 0.96).into(),
                "exponential_decay staircase" => t::exponential_decay(0.1, s, 100, 0.96).staircase(true).into(),
                "piecewise_constant" => t::piecewise_constant(s, &[100, 200], &[0.1, 0.05, 0.01]),
                "polynomial_decay" => t::polynomial_decay(0.1, s, 100).end_learning_rate(0.01).into(),
                "polynomial_decay power" => t::polynomial_decay(0.1, s, 100).end_learning_rate(0.01).power(2.0).into(),
                "polynomial_decay cycle" => t::polynomial_decay(0.1, s, 100).end_learning_rate(0.01).cycle(true).into(),
                "natural_exp_decay" => t::natural_exp_decay(0.1, s, 100, 0.5).into(),
                "inverse_time_decay" => t::inverse_time_decay(0.1, s, 100, 0.5).into(),
                "inverse_time_decay staircase" => t::inverse_time_decay(0.1, s, 100, 0.5).staircase(true).into(),
                "cosine_decay" => t::cosine_decay(0.1, s, 100).into(),
                "cosine_decay alpha" => t::cosine_decay(0.1, s, 100).alpha(0.1).into(),
                "cosine_decay_restarts" => t::cosine_decay_restarts(0.1, s, 50).into(),
                "linear_cosine_decay" => t::linear_cosine_decay(0.1, s, 100).into(),
                other => panic!("{other} is not recorded"),
            };
            let sess = tf::Session::new();
            let at = |step: &i64| Ok(floats(&sess.run_with(rate, feed! { s => *step })?)[0]);
            let rates = steps.iter().map(at).collect::<Result<Vec<f64>>>()?;
            agree(name, &rates, &numbers(&case["rates"]), 1e-7);
            Ok(())
        })?;
    }
    Ok(())
}

/// Smith's triangle: up from 0.1 to 0.5 in 4 steps and down in 4, and what becomes of its height of 0.4.
#[test]
fn cyclic_rates_go_up_and_down() -> Result<()> {
    Graph::new().as_default(|| {
        let s = tf::placeholder(tf::int32, TensorShape::scalar());
        let plain = tf::train::cyclic_learning_rate(0.1, s, 0.5, 4);
        let halving = tf::train::cyclic_learning_rate(0.1, s, 0.5, 4).halving();
        let falling = tf::train::cyclic_learning_rate(0.1, s, 0.5, 4).falling(0.9);
        let sess = tf::Session::new();
        for (step, part) in [(0, 0.0), (1, 0.25), (4, 1.0), (6, 0.5), (8, 0.0), (12, 1.0)] {
            let (a, b, c) = sess.run_with((plain, halving, falling), feed! { s => step })?;
            let halved = if step > 8 { 0.5 } else { 1.0 };
            let want = [0.4 * part, 0.4 * part * halved, 0.4 * part * 0.9f64.powi(step)].map(|height| 0.1 + height);
            agree("cyclic", &[floats(&a), floats(&b), floats(&c)].concat(), &want, 1e-6);
        }
        Ok(())
    })
}

#[test]
fn initializers_draw_tensorflow_s_numbers() -> Result<()> {
    for case in recorded()["initializers"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let initializer: VariableInitializer = match name {
            "zeros" => tf::zeros_initializer(),
            "ones" => tf::ones_initializer(),
            "constant" => tf::constant_initializer(0.25),
            "random_normal" => tf::random_normal_initializer().stddev(0.5),
            "random_normal seed" => tf::random_normal_initializer().seed(5),
            "truncated_normal" => tf::truncated_normal_initializer().stddev(0.01),
            "random_uniform" => tf::random_uniform_initializer(-0.5, 0.5),
            "glorot_uniform" => tf::glorot_uniform_initializer(),
            "glorot_normal" => tf::glorot_normal_initializer(),
            "variance_scaling" => tf::variance_scaling_initializer(),
            "he_normal" => tf::initializers::he_normal(),
            "he_uniform" => tf::initializers::he_uniform(),
            "lecun_normal" => tf::initializers::lecun_normal(),
            "lecun_uniform" => tf::initializers::lecun_uniform(),
            "orthogonal" => continue,
            other => panic!("{other} is not recorded"),
        };
        Graph::new().as_default(|| {
            tf::set_random_seed(777);
            let w = tf::get_variable("w").initializer(initializer).shape([4, 3]);
            let sess = tf::Session::new();
            sess.run(tf::global_variables_initializer())?;
            agree(name, &floats(&sess.run(w)?), &numbers(&case["value"]), 2e-6);
            let made = tf::get_default_graph().get_operations();
            let made = made.iter().filter(|o| o.name().starts_with("w/Init")).map(|o| (o.name(), o.op_type()));
            let wanted =
                case["nodes"].as_array().unwrap().iter().map(|n| (n[0].as_str().unwrap(), n[1].as_str().unwrap()));
            assert!(made.map(|(n, t)| format!("{n} {t}")).eq(wanted.map(|(n, t)| format!("{n} {t}"))), "{name}");
            Ok(())
        })?;
    }
    Ok(())
}
