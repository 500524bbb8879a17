//! The library on a GPU. With one, the lessons run on it as they are, and whole programs are compared with the CPU;
//! without one, a visible line says so.
//! The op table's own tests, `cargo test --release -p flowbook --lib engine::device`, use the GPU where there is one.

use std::io::Write;

use flowbook::graph::{Operation, Tensor};
use flowbook::v1::{self as tf, Graph, Session};
use flowbook::{Array, feed, shape};
use flowbook_tests::{Scratch, succeed};

/// Says on the terminal, also when the test's output is captured, that something was not tested.
fn skipped(reason: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {reason}");
}

/// Whether there is a GPU; without one a visible line.
fn has_gpu(what: &str) -> bool {
    match flowbook_cuda::probe() {
        flowbook_cuda::Probe::Device(_) => true,
        flowbook_cuda::Probe::Unavailable(reason) => {
            skipped(&format!("{what} on a GPU: {reason}"));
            false
        }
    }
}

/// A net of two layers with its loss and one step of Adam.
fn net() -> (Tensor, Tensor, Tensor, Operation) {
    tf::set_random_seed(777);
    let (x, y) = (tf::placeholder(tf::float32, shape![None, 20]), tf::placeholder(tf::float32, shape![None, 3]));
    let w1 = tf::Variable::new(tf::random_normal([20, 32]) * 0.3);
    let w2 = tf::Variable::new(tf::random_normal([32, 3]) * 0.3);
    let logits = tf::matmul(tf::nn::relu(tf::matmul(x, w1)), w2);
    let loss = tf::reduce_mean(tf::nn::softmax_cross_entropy_with_logits(y, logits)).tensor();
    (x, y, loss, tf::train::AdamOptimizer::new(0.01).minimize(loss))
}

fn batch() -> (Array, Array) {
    let x = (0..64 * 20).map(|i| ((i as f32 * 0.618_034).fract() * 37.0).sin()).collect();
    let y = (0..64 * 3).map(|i| f32::from(i % 3 == i / 3 % 3)).collect();
    (Array::new(x, &[64, 20]), Array::new(y, &[64, 3]))
}

/// The losses of 200 steps.
fn losses(device: &str) -> Vec<f32> {
    Graph::new().as_default(|| {
        let ((x, y, loss, train), init) = tf::device(device, || (net(), tf::global_variables_initializer()));
        let session = Session::new();
        session.run(init).unwrap();
        let (images, labels) = batch();
        let step = || session.run_with((loss, train), feed! { x => &images, y => &labels }).unwrap().0;
        let losses = (0..200).map(|_| step().as_slice::<f32>().unwrap()[0]).collect();
        session.close();
        losses
    })
}

/// Sums come in another order on a GPU, and training carries that along.
#[test]
fn a_training_follows_the_cpus() {
    if !has_gpu("no training") {
        return;
    }
    let (gpu, cpu) = (losses("/gpu:0"), losses("/cpu:0"));
    for (step, (a, b)) in gpu.iter().zip(&cpu).enumerate() {
        assert!((a - b).abs() < 1e-2 * b.abs() + 1e-4, "step {step}: {a}, not {b}");
    }
    assert!(gpu[199] < 0.5 * gpu[0], "it learns nothing: {gpu:?}");
}

/// Four values of 40 GB at a time. The machine itself may refuse before the device does.
#[test]
fn a_session_survives_that_memory_runs_out() {
    if !has_gpu("running out of memory") {
        return;
    }
    Graph::new().as_default(|| {
        let x = tf::placeholder(tf::float32, shape![None]);
        let table = |k: f32| tf::matmul(tf::reshape(x * k, [-1, 1]), tf::reshape(x, [1, -1]));
        let all = table(1.0) * table(2.0) * table(3.0) * table(4.0);
        let greatest = tf::reduce_max(all).tensor();
        let session = Session::new();
        let ones = |n: usize| feed! { x => vec![1.0f32; n] };
        assert_eq!(session.run_with(greatest, ones(3)).unwrap().to_string(), "24.0");
        let error = session.run_with(greatest, ones(100_000)).unwrap_err();
        assert_eq!(error.class(), "ResourceExhaustedError", "{error}");
        assert_eq!(session.run_with(greatest, ones(4)).unwrap().to_string(), "24.0");
        session.close();
    });
}

#[test]
fn a_thousand_sessions_give_their_memory_back() {
    if !has_gpu("no sessions") {
        return;
    }
    let held = || tf::config::experimental::get_memory_info("GPU:0").unwrap().current;
    Graph::new().as_default(|| {
        let (x, y, loss, train) = net();
        let init = tf::global_variables_initializer();
        let (images, labels) = batch();
        let before = held();
        for _ in 0..1000 {
            let session = Session::new();
            session.run(init).unwrap();
            session.run_with((loss, train), feed! { x => &images, y => &labels }).unwrap();
            session.close();
        }
        assert!(held() <= before, "{} bytes, {before} before", held());
    });
}

/// Lessons choose no device, so they run on the GPU of themselves.
#[test]
fn lessons_print_on_the_gpu_what_is_saved_in_them() {
    if !has_gpu("no lessons") {
        return;
    }
    let scratch = Scratch::new();
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/../notebooks");
    // The saved outputs are those of the digits that the library draws where it finds none.
    let mut test = scratch.flowbook(&["test"]);
    succeed(test.arg(lessons).env("FLOWBOOK_OFFLINE", "1").env_remove("FLOWBOOK_DATA"));
}
