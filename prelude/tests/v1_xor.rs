//! The XOR nets of a first lesson on training: initial values and cost as TensorFlow computed them under
//! `set_random_seed(777)`. Initial values must agree to one unit in the last place, later costs to the tolerance stated.

use flowbook::v1::{self as tf, Graph, Operation, Tensor, Variable};
use flowbook::{Array, Result, feed, shape};

struct Net {
    x: Tensor,
    y: Tensor,
    variables: Vec<Variable>,
    hypothesis: Tensor,
    cost: Tensor,
    train: Operation,
}

/// Layers of the given widths, each a sigmoid of an affine map.
fn net(widths: &[usize]) -> Net {
    tf::set_random_seed(777);
    let x = tf::placeholder(tf::float32, shape![None, 2]);
    let y = tf::placeholder(tf::float32, shape![None, 1]);
    let mut variables = Vec::new();
    let mut layer = x;
    for (i, pair) in widths.windows(2).enumerate() {
        let w = tf::Variable::new(tf::random_normal([pair[0], pair[1]])).named(&format!("weight{}", i + 1));
        let b = tf::Variable::new(tf::random_normal([pair[1]])).named(&format!("bias{}", i + 1));
        layer = tf::sigmoid(tf::matmul(layer, w) + b);
        variables.extend([w, b]);
    }
    let hypothesis = layer;
    let cost = -tf::reduce_mean(y * tf::log(hypothesis) + (1 - y) * tf::log(1 - hypothesis));
    let train = tf::train::GradientDescentOptimizer::new(0.1).minimize(cost);
    Net { x, y, variables, hypothesis, cost, train }
}

fn data() -> (Array, Array) {
    let x = Array::new(vec![0f32, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], &[4, 2]);
    let y = Array::new(vec![0f32, 1.0, 1.0, 0.0], &[4, 1]);
    (x, y)
}

fn close(got: &Array, want: &[f32], ulps: f32) {
    let got = got.as_slice::<f32>().unwrap();
    for (g, w) in got.iter().zip(want) {
        assert!((g - w).abs() <= ulps * f32::EPSILON * w.abs(), "{got:?}, not {want:?}");
    }
}

#[test]
fn initial_values_are_tensorflows() -> Result<()> {
    Graph::new().as_default(|| {
        let net = net(&[2, 2, 1]);
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        let want: [&[f32]; 4] = [
            &[0.585_977_55, 0.556_762_64, 0.259_315_67, -0.919_887_7],
            &[-1.131_915_7, -0.362_768_77],
            &[-0.715_061_5, -1.080_251_3],
            &[2.208_669_4],
        ];
        for (variable, want) in net.variables.iter().zip(want) {
            close(&sess.run(variable)?, want, 1.0);
        }
        let (x, y) = data();
        let cost = sess.run_with(net.cost, feed! { net.x => &x, net.y => &y })?;
        close(&cost, &[0.976_681_7], 2.0);
        Ok(())
    })
}

#[test]
fn wide_net_starts_as_tensorflows() -> Result<()> {
    Graph::new().as_default(|| {
        let net = net(&[2, 10, 10, 10, 1]);
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        let w1 = [
            0.585_977_55,
            0.556_762_64,
            0.259_315_67,
            -0.919_887_7,
            -0.408_086_9,
            -0.340_904_86,
            1.171_033_9,
            0.666_843,
            -0.450_893_34,
            -1.620_109_1,
            0.115_760_61,
            1.055_917_7,
            -0.564_080_7,
            -2.040_364_5,
            1.427_183_4,
            1.994_412_7,
            0.380_399,
            -0.371_186_47,
            -1.242_034_7,
            -0.734_706_3,
        ];
        close(&sess.run(net.variables[0])?, &w1, 1.0);
        Ok(())
    })
}

/// Costs that TensorFlow printed after the update of each step.
#[test]
fn cost_falls_as_in_tensorflow() -> Result<()> {
    let expected = [
        (0, 0.962_223_3),
        (100, 0.696_948_35),
        (200, 0.694_754_6),
        (300, 0.693_361_16),
        (400, 0.692_332_9),
        (10_000, 0.058_791_503),
    ];
    Graph::new().as_default(|| {
        let net = net(&[2, 2, 1]);
        let (x, y) = data();
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        for step in 0..=10_000 {
            sess.run_with(net.train, feed! { net.x => &x, net.y => &y })?;
            if let Some((_, want)) = expected.iter().find(|(s, _)| *s == step) {
                let cost = sess.run_with(net.cost, feed! { net.x => &x, net.y => &y })?;
                let got = cost.as_slice::<f32>().unwrap()[0];
                assert!((got - want).abs() < 2e-4 * want, "step {step}: {got}, not {want}");
            }
        }
        let h = sess.run_with(net.hypothesis, feed! { net.x => &x })?;
        let want = [0.054_786_45, 0.943_490_74, 0.925_289_5, 0.042_092_76];
        for (g, w) in h.as_slice::<f32>().unwrap().iter().zip(want) {
            assert!((g - w).abs() < 1e-3, "{h}");
        }
        Ok(())
    })
}
