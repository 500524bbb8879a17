//! Times the engine on the work that `bench/peers.py` gives every framework, and prints one line of JSON for each:
//! the name and the seconds of every run. Arguments choose among the names; without any, all run.

mod nets;

use std::time::Instant;

use flowbook::keras::{self, layers::Dense, optimizers::Adam};
use flowbook::v1::{self as tf, Graph, Session};
use flowbook::{Array, Result, feed, shape};
use nets::Net;

const STEPS: usize = 10_001;

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    type Work = fn(&str) -> Result<Vec<f64>>;
    let mut works: Vec<(String, Work)> = vec![
        ("xor".into(), |_| net(&[2, 2, 1], false)),
        ("xor_loop".into(), |_| net(&[2, 2, 1], true)),
        ("xor_wide".into(), |_| net(&[2, 10, 10, 10, 1], false)),
        ("xor_wide_loop".into(), |_| net(&[2, 10, 10, 10, 1], true)),
        ("softmax".into(), |_| softmax()),
        ("epoch".into(), |_| epoch()),
        ("cnn".into(), |_| cnn()),
        ("chain".into(), |_| chain()),
        ("copy".into(), |_| copy()),
        ("scalar_run".into(), |_| scalar(false)),
        ("scalar_feed".into(), |_| scalar(true)),
    ];
    works.push(("eager_add".into(), |_| eager_add()));
    for n in [64, 128, 256, 512, 1024, 2048] {
        works.push((format!("matmul_{n}"), |name| product(name)));
    }
    for shape in ["1x784x256", "64x784x128", "100x784x10", "50x3136x1024", "50x1024x10"] {
        works.push((format!("layer_{shape}"), |name| layer(name)));
    }
    for (name, work) in works {
        if wanted.is_empty() || wanted.contains(&name) {
            let times = Graph::new().as_default(|| work(&name))?;
            println!("{{\"name\": \"{name}\", \"seconds\": {times:?}}}");
        }
    }
    Ok(())
}

/// Seconds that each of `runs` calls took, the first one left out.
fn times(runs: usize, mut work: impl FnMut() -> Result<()>) -> Result<Vec<f64>> {
    work()?;
    let mut times = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        work()?;
        times.push(start.elapsed().as_secs_f64());
    }
    Ok(times)
}

/// The XOR lesson's training: layers of the given widths, one call for each step or all steps in one.
fn net(widths: &[usize], looped: bool) -> Result<Vec<f64>> {
    tf::set_random_seed(777);
    let (x_data, y_data) = nets::xor_data();
    let Net { x, y, train, .. } = nets::xor(widths);
    let sess = Session::new();
    let step = sess.make_callable(train, [x, y]);
    times(11, || {
        sess.run(tf::global_variables_initializer())?;
        if looped {
            step.repeat((&x_data, &y_data), STEPS)?;
            return Ok(());
        }
        for _ in 0..STEPS {
            sess.run_with(train, feed! { x => &x_data, y => &y_data })?;
        }
        Ok(())
    })
}

/// Keras' softmax regression: an epoch of 600 steps by `fit`, shuffling and Adam included.
fn epoch() -> Result<Vec<f64>> {
    let (x, y) = nets::pictures(60_000);
    let mut model = keras::Sequential::new();
    model.add(Dense::new(10).activation("softmax").input_shape([784]));
    model.compile(Adam::new(0.001), "categorical_crossentropy", ["acc"])?;
    times(5, || model.fit(&x, &y).batch_size(100).verbose(0).run().map(drop))
}

/// MNIST softmax regression: 1,000 steps of 100, `next_batch` included, on the real images where they are.
fn softmax() -> Result<Vec<f64>> {
    let mnist = tf::examples::tutorials::mnist::input_data::read_data_sets("MNIST_data", true)?;
    let Net { x, y, train, .. } = nets::softmax();
    let sess = Session::new();
    times(5, || {
        sess.run(tf::global_variables_initializer())?;
        for _ in 0..1000 {
            let (xs, ys) = mnist.train.next_batch(100);
            sess.run_with(train, feed! { x => xs, y => ys })?;
        }
        Ok(())
    })
}

/// One training step of the lessons' convolutional net on 50 images.
fn cnn() -> Result<Vec<f64>> {
    let Net { x, y, train, .. } = nets::cnn();
    let (images, labels) = nets::pictures(50);
    let sess = Session::new();
    sess.run(tf::global_variables_initializer())?;
    times(20, || {
        sess.run_with(train, feed! { x => &images, y => &labels })?;
        Ok(())
    })
}

/// `tanh(x * 2 + 1) * sigmoid(x) - x / 3` over ten million numbers.
fn chain() -> Result<Vec<f64>> {
    let n = 10_000_000;
    let x = tf::placeholder(tf::float32, shape![None]);
    let y = tf::tanh(x * 2.0 + 1.0) * tf::sigmoid(x) - x / 3.0;
    let data = Array::new((0..n).map(|i| i as f32 / n as f32).collect(), &[n]);
    let sess = Session::new();
    times(15, || {
        sess.run_with(y, feed! { x => &data })?;
        Ok(())
    })
}

/// One operation over ten million numbers: what the memory allows.
fn copy() -> Result<Vec<f64>> {
    let n = 10_000_000;
    let x = tf::placeholder(tf::float32, shape![None]);
    let y = -x;
    let data = Array::new((0..n).map(|i| i as f32 / n as f32).collect(), &[n]);
    let sess = Session::new();
    times(15, || {
        sess.run_with(y, feed! { x => &data })?;
        Ok(())
    })
}

/// The seconds of one `sess.run` of a scalar addition, of constants or of two fed numbers.
fn scalar(fed: bool) -> Result<Vec<f64>> {
    let (a, b) = (tf::placeholder(tf::float32, None), tf::placeholder(tf::float32, None));
    let (v, w) = (tf::Variable::new(2.0), tf::Variable::new(3.0));
    let (sum, held) = (tf::add(a, b), tf::add(v, w));
    let sess = Session::new();
    sess.run(tf::global_variables_initializer())?;
    let all = times(11, || {
        for _ in 0..10_000 {
            match fed {
                true => sess.run_with(sum, feed! { a => 2.0, b => 3.0 })?,
                false => sess.run(held)?,
            };
        }
        Ok(())
    })?;
    Ok(all.into_iter().map(|t| t / 10_000.0).collect())
}

/// The seconds of one eager addition of two scalars.
fn eager_add() -> Result<Vec<f64>> {
    use flowbook::v2 as tf;
    let (a, b) = (tf::constant(2.0).tensor(), tf::constant(3.0).tensor());
    let all = times(11, || {
        for _ in 0..10_000 {
            std::hint::black_box(&a + &b);
        }
        Ok(())
    })?;
    Ok(all.into_iter().map(|t| t / 10_000.0).collect())
}

/// A product of two square matrices held in variables.
fn product(name: &str) -> Result<Vec<f64>> {
    let n: usize = name.rsplit('_').next().and_then(|n| n.parse().ok()).unwrap_or(64);
    let (a, b) = (tf::Variable::new(tf::random_normal([n, n])), tf::Variable::new(tf::random_normal([n, n])));
    let c = tf::matmul(a, b);
    let sess = Session::new();
    sess.run(tf::global_variables_initializer())?;
    let calls = (200_000_000 / (n * n * n)).clamp(1, 500);
    let all = times(9, || {
        for _ in 0..calls {
            sess.run(c)?;
        }
        Ok(())
    })?;
    Ok(all.into_iter().map(|t| t / calls as f64).collect())
}

/// The three products of a layer, `x * w` and the gradients `dy * w'` and `x' * dy`: the seconds of all together.
fn layer(name: &str) -> Result<Vec<f64>> {
    let sizes: Vec<usize> = name.split(['_', 'x']).filter_map(|n| n.parse().ok()).collect();
    let &[m, k, n] = &sizes[..] else { return Ok(Vec::new()) };
    let random = |m: usize, n: usize| tf::Variable::new(tf::random_normal([m, n]));
    let (x, w, dy) = (random(m, k), random(k, n), random(m, n));
    let products = [
        tf::matmul(x, w).tensor(),
        tf::matmul(dy, w).transpose_b(true).tensor(),
        tf::matmul(x, dy).transpose_a(true).tensor(),
    ];
    let train = tf::group(&products.map(|product| product.op()));
    let sess = Session::new();
    sess.run(tf::global_variables_initializer())?;
    let calls = (200_000_000 / (m * n * k)).clamp(1, 2000);
    let all = times(9, || {
        for _ in 0..calls {
            sess.run(train)?;
        }
        Ok(())
    })?;
    Ok(all.into_iter().map(|t| t / calls as f64).collect())
}
