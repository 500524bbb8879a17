//! What is said of devices, in a process that has two emulated ones: a process looks for its devices once.

use std::process::{Command, Stdio};

use flowbook_cuda::Emulated;

use crate::keras::{Sequential, layers::Dense};
use crate::v1;
use crate::v2 as tf;

const TASK: &str = "/job:localhost/replica:0/task:0/device:";

/// Standard error of the child test of that name, run with two emulated GPUs.
fn said(child: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", &format!("engine::device::tests::process::{child}"), "--ignored", "--nocapture"])
        .env("FLOWBOOK_CUDA", "emulated:2:64M");
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stdout));
    text
}

fn has_compiler() -> bool {
    if !Emulated::is_available() {
        super::support::skipped("what is printed of devices: there is no C++ compiler for the emulated ones");
    }
    Emulated::is_available()
}

/// The lines are those of TensorFlow 2.20, without the times ahead of them.
#[test]
fn placement_is_printed_as_tensorflow_2_does() {
    if !has_compiler() {
        return;
    }
    let text = said("print_placement");
    for line in [
        format!("Executing op AddV2 in device {TASK}GPU:0"),
        format!("Executing op MatMul in device {TASK}GPU:1"),
        format!("Executing op Mul in device {TASK}CPU:0"),
        format!("Mul: (Mul): {TASK}GPU:0"),
        format!("Sum: (Sum): {TASK}GPU:0"),
        format!("first: (Mul): {TASK}GPU:0"),
        format!("second: (MatMul): {TASK}GPU:1"),
        format!("third: (Sum): {TASK}GPU:0"),
    ] {
        assert!(text.lines().any(|found| found == line), "no {line} in:\n{text}");
    }
    // Of a session's devices there is a list, of functions' none.
    assert_eq!(text.matches("Device mapping").count(), 1, "{text}");
}

/// What another test runs as a child process.
#[test]
#[ignore = "a child process of another test"]
fn print_placement() {
    tf::debugging::set_log_device_placement(true);
    let x = tf::constant([[1.0, 2.0]]);
    _ = tf::add(&x, &x);
    _ = tf::device("/gpu:1", || tf::matmul(&x, [[3.0], [4.0]]).tensor());
    _ = tf::device("/cpu:0", || tf::multiply(&x, &x));
    let f = tf::function(|x: &tf::Tensor| tf::reduce_sum(x * x).tensor());
    assert_eq!(f(&x).numpy().to_string(), "5.0");
    v1::Graph::new().as_default(|| {
        let x = v1::placeholder(v1::float32, [1, 2]);
        let first = v1::device("/gpu:0", || v1::multiply(x, x).named("first"));
        let second = v1::device("/gpu:1", || v1::matmul(first, [[3.0], [4.0]]).named("second"));
        let third = v1::reduce_sum(second).named("third");
        let session = v1::Session::with_config(v1::ConfigProto::new().log_device_placement(true));
        assert_eq!(session.run_with(third, crate::feed! { x => [[1.0, 2.0]] }).unwrap().to_string(), "19.0");
    });
}

/// `fit`, `evaluate`, `predict` and compiled functions work on the first GPU, by themselves, and both with a strategy.
#[test]
fn keras_and_functions_work_on_the_devices() {
    if !has_compiler() {
        return;
    }
    let text = said("work_on_devices");
    let devices = format!("('{TASK}GPU:0', '{TASK}GPU:1')");
    assert!(text.contains(&format!("INFO:tensorflow:Using MirroredStrategy with devices {devices}")), "{text}");
    assert!(!text.contains("WARNING"), "{text}");
}

/// What another test runs as a child process.
#[test]
#[ignore = "a child process of another test"]
fn work_on_devices() {
    let peak = |device| tf::config::experimental::get_memory_info(device).unwrap().peak;
    assert_eq!((peak("GPU:0"), peak("GPU:1")), (0, 0));
    let f = tf::function(|x: &tf::Tensor| x * x);
    assert_eq!(f(&tf::constant([3.0])).numpy().to_string(), "[9.]");
    let first = peak("GPU:0");
    assert!(first > 0, "the function works on the first GPU");
    train(compiled());
    assert!(peak("GPU:0") > first && peak("GPU:1") == 0, "fit works on the first GPU");
    let strategy = tf::distribute::MirroredStrategy::new();
    train(strategy.scope(compiled));
    assert!(peak("GPU:1") > 0, "the second replica works on the second GPU");
}

fn compiled() -> Sequential {
    let mut model = Sequential::new();
    model.add(Dense::new(1).use_bias(false).kernel_initializer("zeros").input_shape([1]));
    model.compile(crate::keras::optimizers::SGD::new(0.1), "mse", ()).unwrap();
    model
}

/// The mean of `(w - 2)^2 x^2` over 1, 2, 3 is `14 / 3 (w - 2)^2`: a step leads from 0 to `28 / 15`.
fn train(mut model: Sequential) {
    let (x, y) = ([[1.0], [2.0], [3.0]], [[2.0], [4.0], [6.0]]);
    model.fit(x, y).batch_size(3).verbose(0).run().unwrap();
    let w = 28.0 / 15.0;
    assert!((model.get_weights()[0].item::<f32>() - w).abs() < 1e-5);
    let loss = model.evaluate(x, y).batch_size(2).verbose(0).run().unwrap()[0];
    assert!((loss - f64::from(14.0 / 3.0 * (w - 2.0) * (w - 2.0))).abs() < 1e-5);
    let predicted = model.predict(x).batch_size(2).verbose(0).run().unwrap();
    assert!(
        predicted.to_vec::<f32>().iter().zip([1.0, 2.0, 3.0]).all(|(y, x)| (y - w * x).abs() < 1e-5),
        "{predicted}"
    );
}
