//! The library on a GPU. With one, the lessons run on it as they are, and whole programs are compared with the CPU;
//! without one, a visible line says so. What a notebook does with a device is tested on the emulated one.
//! The op table's own tests, `cargo test --release -p flowbook --lib engine::device`, use the GPU where there is one.

use std::io::Write;
use std::process::Command;

use flowbook::graph::{Operation, Tensor};
use flowbook::v1::{self as tf, Graph, Session};
use flowbook::{Array, feed, shape};
use flowbook_tests::{Scratch, notebook, profile_directory, succeed};
use serde_json::Value;

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

/// A command on the emulated device, whose kernels stay compiled from one run of the tests to the next; `None`, and a
/// line that says so, without a C++ compiler.
fn emulated(what: &str, mut command: Command) -> Option<Command> {
    if !flowbook_cuda::Emulated::is_available() {
        skipped(&format!("{what} on the emulated device: no C++ compiler"));
        return None;
    }
    command.env("FLOWBOOK_CUDA", "emulated").env("XDG_CACHE_HOME", profile_directory().join("emulated-kernels"));
    command.env("FLOWBOOK_OFFLINE", "1").env_remove("FLOWBOOK_DATA");
    Some(command)
}

/// Those that do not train for so long that it takes minutes where blocks run one after another. Sums of more than a few
/// numbers come in another order than the CPU's, so digits may differ as far as they may between processors.
#[test]
fn lessons_print_on_the_emulated_device_what_is_saved_in_them() {
    let scratch = Scratch::new();
    let Some(mut test) = emulated("no lessons", scratch.flowbook(&["test"])) else { return };
    let lessons = ["01-graph-and-session", "10-eager-tensors"]
        .map(|name| format!("{}/../notebooks/{name}.ipynb", env!("CARGO_MANIFEST_DIR")));
    succeed(test.args(lessons));
}

/// What the cells of a notebook print, one string for each, on the emulated device.
fn printed(cells: &[(&str, &[&str])]) -> Option<Vec<String>> {
    let scratch = Scratch::new();
    scratch.file("in.ipynb", &notebook(cells));
    let mut run = emulated("no notebook", scratch.flowbook(&["run", "in.ipynb", "-o", "out.ipynb"]))?;
    succeed(&mut run);
    let saved: Value = serde_json::from_str(&std::fs::read_to_string(scratch.join("out.ipynb")).unwrap()).unwrap();
    let lines = |text: &Value| -> String { text.as_array().into_iter().flatten().filter_map(Value::as_str).collect() };
    let cell = |cell: &Value| {
        let outputs = cell["outputs"].as_array().cloned().unwrap_or_default();
        outputs.iter().map(|o| lines(&o["text"]) + o["ename"].as_str().unwrap_or_default()).collect()
    };
    Some(saved["cells"].as_array().unwrap().iter().map(cell).collect())
}

/// The copy of the process that takes over after a crash has no devices. The variables, the optimizer's among them, have
/// come home by then; what the fatal cell did is gone.
#[test]
fn a_sessions_variables_on_the_device_survive_crashes() {
    let train = "for _ in 0..3 { sess.run_with(train, feed! { x => &values })?; }\n";
    let show = "println!(\"{} {}\", sess.run(w)?, sess.run(a)?);\n";
    let first = [
        "let w = tf::Variable::new([1.0, 2.0]);\nlet x = tf::placeholder(tf::float32, shape![2]);\n\
         let loss = tf::reduce_sum(tf::square(w - x));\n\
         let train = tf::train::MomentumOptimizer::new(0.1, 0.5).minimize(loss);\n\
         let a = tf::Variable::new([1.0, 2.0]);\nlet double = tf::assign(a, a * 2.0);\n\
         let values = Array::new(vec![3.0f32, 4.0], &[2]);\nlet sess = tf::Session::new();\n\
         sess.run(tf::global_variables_initializer())?;\nsess.run(double)?;\n",
        train,
        "println!(\"{} {}\", tf::test::gpu_device_name(), tf::config::experimental::get_memory_info(\"GPU:0\")?.current > 0);",
    ];
    let (first, abort) = (first.concat(), [train, "sess.run(double.op())?;\nstd::process::abort();"].concat());
    let again = [train, "sess.run(double.op())?;\n", show].concat();
    let fault = "unsafe { std::ptr::null_mut::<i32>().write_volatile(1) };";
    let cells: &[(&str, &[&str])] = &[
        (&first, &[]),
        (&abort, &["raises-exception"]),
        ("println!(\"{values}\");", &[]),
        (show, &[]),
        (&again, &[]),
        (fault, &["raises-exception"]),
        (show, &[]),
        ("println!(\"[{}]\", tf::test::gpu_device_name());", &[]),
    ];
    let Some(texts) = printed(cells) else { return };
    assert!(texts[0].contains("/device:GPU:0 true"), "{texts:?}");
    assert_eq!(texts[1], "Abort", "{texts:?}");
    assert_eq!(texts[2], "[3. 4.]\n");
    // g = 2(w - x), v = 0.5v + g, w = w - 0.1v, from 1 towards 3: 1.4, 1.92, 2.396, then 2.7548, 2.98324, 3.100812.
    assert!(texts[3].contains("[2.396 "), "{texts:?}");
    assert!(texts[3].contains("[2. 4.]"), "{texts:?}");
    assert_eq!(texts[3].matches("The GPU went with the process that died").count(), 1, "{texts:?}");
    assert!(texts[4].starts_with("[3.10081"), "{texts:?}");
    assert!(texts[4].contains("[4. 8.]"), "{texts:?}");
    assert_eq!(texts[5], "SegmentationFault", "{texts:?}");
    assert_eq!(texts[6], texts[4]);
    assert_eq!(texts[7], "[]\n");
}

/// A model goes on with the weights and the optimizer's moments that it had: as far as one that never crashed.
#[test]
fn a_models_variables_on_the_device_survive_a_crash() {
    let make = "tf::random::set_seed(777);\nlet mut model = Sequential::new();\n\
        model.add(Dense::new(1).input_shape([2]).activation(\"sigmoid\"));\n\
        model.compile(Adam::new(0.1), \"mse\", [\"acc\"])?;\n";
    let (fit, show) = (
        "model.fit(&x, &y).epochs(5).verbose(0).run()?;\n",
        "println!(\"{:.4}\", model.predict(&x).verbose(0).run()?);",
    );
    let data = "use flowbook::v2 as tf;\nuse keras::{Sequential, layers::Dense, optimizers::Adam};\n\
        let x = np::array([[0, 0], [1, 0], [0, 1], [1, 1]]);\nlet y = np::array([[0], [1], [1], [1]]);\n";
    let (first, abort) = ([data, make, fit, show].concat(), [fit, "std::process::abort();"].concat());
    let (again, afresh) = ([fit, show].concat(), [make, fit, fit, show].concat());
    let cells: &[(&str, &[&str])] =
        &[(&first, &[]), (&abort, &["raises-exception"]), (show, &[]), (&again, &[]), (&afresh, &[])];
    let Some(texts) = printed(cells) else { return };
    assert_eq!(texts[1], "Abort", "{texts:?}");
    assert!(texts[2].contains(texts[0].as_str()) && !texts[0].is_empty(), "{texts:?}");
    assert!(texts[3] != texts[0] && texts[3] == texts[4], "{texts:?}");
}
