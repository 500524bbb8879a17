//! Whole runs on the device: training, host steps in between, variables that are used on both sides, random numbers, and
//! what happens when memory runs out.

use std::sync::Arc;

use flowbook_cuda::{Device, Emulated};

use super::{assert_close, has_device, on_cpu, on_gpu};
use crate::engine::device::with_gpus;
use crate::graph::Graph;
use crate::graph::{Operation, Tensor};
use crate::keras::layers::{Conv2D, Dense, Dropout, Flatten};
use crate::keras::{Sequential, optimizers};
use crate::session::Session;
use crate::{Array, DType, feed, shape, v1 as tf, v2};

/// Fixed numbers between -1 and 1.
pub(super) fn noise(count: usize, start: usize) -> Vec<f32> {
    (0..count).map(|i| (((i + start) as f32 * 0.618_034).fract() * 37.0).sin()).collect()
}

/// What each of `steps` steps fetches, fed with batches of these sizes in turn, once on each side.
fn follow(
    build: impl Fn() -> (Tensor, Tensor, Tensor, Operation),
    batch: impl Fn(usize) -> (Array, Array),
    steps: usize,
    tolerance: f64,
) {
    let train = || {
        Graph::new().as_default(|| {
            tf::set_random_seed(7);
            let (x, y, loss, train) = build();
            let session = Session::new();
            session.run(tf::global_variables_initializer()).unwrap();
            let mut losses = Vec::new();
            for step in 0..steps {
                let (images, labels) = batch(step);
                let (loss, _) = session.run_with((loss, train), feed! { x => images, y => labels }).unwrap();
                losses.push(loss);
            }
            let values = session.run(tf::global_variables()).unwrap();
            session.close();
            (losses, values)
        })
    };
    let ((losses, values), (want, wanted)) = (on_gpu(train), on_cpu(train));
    for (step, (got, want)) in losses.iter().zip(&want).enumerate() {
        assert_close(&format!("loss of step {step}"), got, want, tolerance);
    }
    for (i, (got, want)) in values.iter().zip(&wanted).enumerate() {
        assert_close(&format!("variable {i}"), got, want, 20.0 * tolerance);
    }
    assert!(losses.len() < 50 || losses.last() != losses.first(), "it learns nothing");
}

/// Two hundred steps of the XOR net.
#[test]
fn the_xor_net_learns_as_on_the_cpu() {
    if !has_device() {
        return;
    }
    let build = || {
        let (x, y) = (tf::placeholder(tf::float32, shape![None, 2]), tf::placeholder(tf::float32, shape![None, 1]));
        let mut layer = x;
        for pair in [2, 10, 1].windows(2) {
            let w = tf::Variable::new(tf::random_normal([pair[0], pair[1]]));
            let b = tf::Variable::new(tf::random_normal([pair[1]]));
            layer = tf::sigmoid(tf::matmul(layer, w) + b);
        }
        let cost = -tf::reduce_mean(y * tf::log(layer) + (1 - y) * tf::log(1 - layer));
        (x, y, cost.tensor(), tf::train::GradientDescentOptimizer::new(0.5).minimize(cost))
    };
    let data = |_| {
        let x = Array::new(vec![0f32, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], &[4, 2]);
        (x, Array::new(vec![0f32, 1.0, 1.0, 0.0], &[4, 1]))
    };
    follow(build, data, 200, 1e-4);
}

/// A softmax regression with momentum; the last batch of each three is smaller, which is a plan of its own.
#[test]
fn a_softmax_regression_learns_as_on_the_cpu() {
    if !has_device() {
        return;
    }
    let build = || {
        let (x, y) = (tf::placeholder(tf::float32, shape![None, 49]), tf::placeholder(tf::float32, shape![None, 10]));
        let w = tf::Variable::new(tf::zeros([49, 10]));
        let b = tf::Variable::new(tf::zeros([10]));
        let logits = tf::matmul(x, w) + b;
        let loss = tf::reduce_mean(tf::nn::softmax_cross_entropy_with_logits(y, logits)).tensor();
        (x, y, loss, tf::train::MomentumOptimizer::new(0.1, 0.9).minimize(loss))
    };
    let data = |step: usize| {
        let n = if step % 3 == 2 { 17 } else { 32 };
        let labels = (0..n * 10).map(|i| f32::from(i % 10 == (i / 10 * 7 + step) % 10)).collect();
        (Array::new(noise(n * 49, step), &[n, 49]), Array::new(labels, &[n, 10]))
    };
    follow(build, data, 30, 1e-4);
}

/// Convolutions, pooling and Adam.
#[test]
fn a_small_cnn_learns_as_on_the_cpu() {
    if !has_device() {
        return;
    }
    let build = || {
        let (x, y) = (tf::placeholder(tf::float32, shape![None, 8, 8, 1]), tf::placeholder(tf::int32, shape![None]));
        let filters = tf::Variable::new(tf::truncated_normal([3, 3, 1, 4]) * 0.3);
        let bias = tf::Variable::new(tf::zeros([4]));
        let hidden = tf::nn::relu(tf::nn::bias_add(tf::nn::conv2d(x, filters, [1, 1, 1, 1], "SAME"), bias));
        let pooled = tf::nn::max_pool(hidden, [1, 2, 2, 1], [1, 2, 2, 1], "VALID");
        let w = tf::Variable::new(tf::random_normal([64, 3]) * 0.1);
        let logits = tf::matmul(tf::reshape(pooled, [-1, 64]), w);
        let loss = tf::reduce_mean(tf::nn::sparse_softmax_cross_entropy_with_logits(y, logits)).tensor();
        (x, y, loss, tf::train::AdamOptimizer::new(0.01).minimize(loss))
    };
    let data = |step: usize| {
        let labels: Vec<i32> = (0..6).map(|i| ((i + step) % 3) as i32).collect();
        (Array::new(noise(6 * 64, 31 * step), &[6, 8, 8, 1]), Array::new(labels, &[6]))
    };
    follow(build, data, 10, 1e-3);
}

/// Every draw of every distribution, and what a run on one side leaves for the next on the other.
#[test]
fn random_numbers_are_the_same_and_go_on_from_side_to_side() {
    if !has_device() {
        return;
    }
    let draw = |turns: [bool; 4]| {
        Graph::new().as_default(|| {
            tf::set_random_seed(3);
            let kept = tf::nn::dropout(tf::ones([5, 7]), 0.5);
            let all = [
                kept,
                tf::random_normal([3, 5]).tensor(),
                tf::random_uniform([9]).tensor(),
                tf::truncated_normal([11]).tensor(),
            ];
            let session = Session::new();
            let batch = tf::placeholder(DType::Int32, shape![None]);
            let more = tf::random_uniform([4]).tensor() + tf::cast(tf::reduce_sum(batch).tensor(), tf::float32);
            let mut values = Vec::new();
            for (i, gpu) in turns.into_iter().enumerate() {
                // Another shape is another plan, which is compiled for the side that is asked for.
                let fed = feed! { batch => vec![0i32; i / 2 + 1] };
                let run = || session.run_with((&all[..], more), fed.clone()).unwrap();
                let (four, one) = if gpu { on_gpu(run) } else { on_cpu(run) };
                values.extend(four.into_iter().chain([one]));
            }
            values
        })
    };
    let want = draw([false; 4]);
    for turns in [[true; 4], [true, true, false, false], [false, false, true, true]] {
        for (i, (got, want)) in draw(turns).iter().zip(&want).enumerate() {
            assert_close(&format!("draw {i} of {turns:?}"), got, want, 1e-5);
        }
    }
}

/// Ops without kernels and ops sent to the CPU run on the host; variables follow.
#[test]
fn host_steps_stand_between_device_steps() {
    if !has_device() {
        return;
    }
    let run = || {
        Graph::new().as_default(|| {
            let x = tf::placeholder(tf::float32, shape![None]);
            let v = tf::Variable::new([1.0, 2.0, 3.0]);
            let count = tf::device("/cpu:0", || tf::Variable::new(0));
            let there = tf::sqrt(x) * v;
            let here = tf::device("/cpu:0", || tf::exp(there) + v);
            let back = here * 2.0 + there;
            let counted = tf::assign_add(count, 1);
            let summary = tf::summary::scalar("mean", tf::reduce_mean(back));
            let grown = tf::assign_add(v, back);
            let session = Session::new();
            session.run(tf::global_variables_initializer()).unwrap();
            let mut results = Vec::new();
            for turn in 0..4 {
                let fed = feed! { x => vec![1.0f32, 4.0, 9.0 + turn as f32] };
                let (a, b, c, d) = session.run_with((here, back, counted, grown), fed.clone()).unwrap();
                results.extend([a, b, c, d, session.run_with(summary, fed).unwrap()]);
            }
            results.push(session.run(v).unwrap());
            results
        })
    };
    let (got, want) = (on_gpu(run), on_cpu(run));
    for (i, (got, want)) in got.iter().zip(&want).enumerate() {
        match got.dtype() {
            DType::String => assert_eq!(got.shape(), want.shape()),
            _ => assert_close(&format!("result {i}"), got, want, 1e-5),
        }
    }
}

/// A variable that the device wrote is read by a run on the CPU, written there, and read by the device again.
#[test]
fn variables_are_the_same_from_both_sides() {
    if !has_device() {
        return;
    }
    Graph::new().as_default(|| {
        let v = tf::Variable::new([1.0, 2.0]);
        let (double, add) = (tf::assign(v, v * 2.0), tf::assign_add(v, [1.0, 1.0]));
        let session = Session::new();
        let missing = on_gpu(|| session.run(v * 3.0)).unwrap_err();
        assert_eq!(missing, on_cpu(|| Session::new().run(v * 3.0)).unwrap_err());
        on_gpu(|| session.run(tf::global_variables_initializer())).unwrap();
        on_gpu(|| session.run(double)).unwrap();
        assert_eq!(on_cpu(|| session.run(add)).unwrap().to_string(), "[3. 5.]");
        assert_eq!(on_gpu(|| session.run(double)).unwrap().to_string(), "[ 6. 10.]");
        v.load(vec![0.5f32, 0.25], session).unwrap();
        assert_eq!(on_gpu(|| session.run(double)).unwrap().to_string(), "[1.  0.5]");
        assert_eq!(on_cpu(|| session.run(v + 0.0)).unwrap().to_string(), "[1.  0.5]");
        let step = session.make_callable(add, [] as [Tensor; 0]);
        assert_eq!(on_gpu(|| step.repeat((), 5)).unwrap().to_string(), "[6.  5.5]");
    });
}

/// The same model, trained by Keras, and a compiled function with a variable.
#[test]
fn keras_and_functions_run_on_the_device() {
    if !has_device() {
        return;
    }
    let run = || {
        v2::random::set_seed(5);
        let mut model = Sequential::new();
        model.add(Conv2D::new(3, (3, 3)).activation("relu").input_shape([6, 6, 1]));
        model.add(Flatten::new());
        model.add(Dense::new(8).activation("relu"));
        model.add(Dropout::new(0.25));
        model.add(Dense::new(1));
        model.compile(optimizers::Adam::default(), "mse", ["mae"]).unwrap();
        let x = Array::new(noise(20 * 36, 0), &[20, 6, 6, 1]);
        let y = Array::new(noise(20, 5), &[20, 1]);
        let history = model.fit(&x, &y).epochs(3).batch_size(8).verbose(0).run().unwrap();
        let predicted = model.predict(&x).verbose(0).run().unwrap();
        let v = v2::Variable::new([1.0, 2.0]);
        let inside = v.clone();
        let f = v2::function(move |x: &v2::Tensor| {
            inside.assign_add(x);
            x * &inside
        });
        let results: Vec<Array> = (0..3).map(|_| f(&v2::constant([0.5, 0.25])).numpy()).collect();
        v.assign([10.0, 20.0]);
        let last = f(&v2::constant([1.0, 1.0])).numpy();
        (history["loss"].clone(), predicted, results, last, v.numpy())
    };
    let (got, want) = (on_gpu(run), on_cpu(run));
    for (a, b) in got.0.iter().zip(&want.0) {
        assert!((a - b).abs() < 1e-4 * b.abs(), "{:?}, not {:?}", got.0, want.0);
    }
    assert_close("predictions", &got.1, &want.1, 1e-2);
    assert_eq!((got.2, got.3, got.4), (want.2, want.3, want.4));
}

/// A megabyte of memory: what does not fit is an error with the sizes, and the session goes on.
#[test]
fn running_out_of_memory_is_an_error_and_the_session_goes_on() {
    if !Emulated::is_available() {
        return;
    }
    let device: Arc<dyn Device> = Arc::new(Emulated::with_memory(1 << 20));
    with_gpus(vec![device.clone()], || {
        Graph::new().as_default(|| {
            let x = tf::placeholder(tf::float32, shape![None, 64]);
            let v = tf::Variable::new(tf::ones([64]));
            let y = tf::reduce_sum(tf::matmul(x, tf::transpose(x)) * 2.0).tensor() + tf::reduce_sum(v).tensor();
            let session = Session::new();
            session.run(tf::global_variables_initializer()).unwrap();
            let fed = |n: usize| feed! { x => Array::new(vec![0.5f32; n * 64], &[n, 64]) };
            assert_eq!(session.run_with(y, fed(2)).unwrap().to_string(), "192.0");
            let held = device.memory().unwrap().held;
            assert!(held > 0, "it ran on the device");
            let error = session.run_with(y, fed(2000)).unwrap_err();
            assert_eq!(error.class(), "ResourceExhaustedError");
            for part in ["out of memory on /device:GPU:0", "MiB were asked for", "1.00 MiB are free"] {
                assert!(error.message().contains(part), "{error}");
            }
            assert_eq!(device.memory().unwrap().held, held, "what it had taken is given back");
            assert_eq!(session.run_with(y, fed(2)).unwrap().to_string(), "192.0");
            session.close();
        });
    });
    assert_eq!(device.memory().unwrap().held, 0);
}

#[test]
fn a_thousand_sessions_leave_nothing_behind() {
    if !Emulated::is_available() {
        return;
    }
    let device: Arc<dyn Device> = Arc::new(Emulated::with_memory(1 << 20));
    with_gpus(vec![device.clone()], || {
        Graph::new().as_default(|| {
            let v = tf::Variable::new(tf::ones([100]));
            let init = tf::global_variables_initializer();
            let y = tf::assign(v, v * 2.0);
            for _ in 0..1000 {
                let session = Session::new();
                session.run(init).unwrap();
                session.run(y).unwrap();
                session.close();
            }
        });
    });
    let report = device.memory().unwrap();
    assert_eq!(report.held, 0);
    assert!(report.peak > 0 && report.peak < 1 << 14, "{report:?}");
}

/// The texts are TensorFlow 2.21's.
#[test]
fn devices_that_do_not_exist_are_errors_unless_placement_is_soft() {
    on_cpu(|| {
        Graph::new().as_default(|| {
            let c = tf::device("/gpu:0", || {
                let (a, b) = (tf::constant([1.0, 2.0]).named("a"), tf::constant([3.0, 4.0]).named("b"));
                tf::add(a, b).named("c")
            });
            assert_eq!(c.op().device(), "/device:GPU:0");
            let error = Session::new().run(c).unwrap_err();
            assert_eq!(
                error.to_string(),
                "InvalidArgumentError: Cannot assign a device for operation c: {{node c}} was explicitly assigned to \
                 /device:GPU:0 but available devices are [ /job:localhost/replica:0/task:0/device:CPU:0 ]. Make sure the \
                 device specification refers to a valid device. The requested device appears to be a GPU, but CUDA is not \
                 enabled.\n\t [[c]]"
            );
            let soft = Session::with_config(tf::ConfigProto::new().allow_soft_placement(true));
            assert_eq!(soft.run(c).unwrap().to_string(), "[4. 6.]");
            let text = c.op().to_string();
            assert!(text.contains("device: \"/device:GPU:0\""), "{text}");
        });
    });
}
