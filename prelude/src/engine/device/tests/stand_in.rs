//! What plans ask a device for, and in which order: counted by a driver that has no device, which leaves values as they are
//! and keeps a list. A process looks for its devices once, so each test is a child process.

use std::io::Write;

use super::libraries::{Libraries, whole};
use super::training::noise;
use crate::keras::{Sequential, layers::Dense, optimizers::SGD};
use crate::v1;
use crate::v2 as tf;
use crate::{Array, feed, shape};

/// Writes a line of our own to the driver's list.
fn mark(name: &str) {
    let path = std::env::var_os("FAKE_LOG").unwrap();
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
    writeln!(file, "-- {name}").unwrap();
}

/// What the child test of that name asks the driver for between two marks, by the first one's name.
fn asked(libraries: &Libraries, child: &str, variables: &[(&str, &str)]) -> Vec<(String, Vec<String>)> {
    let lines = libraries.log(&format!("engine::device::tests::stand_in::{child}"), variables);
    let mut parts: Vec<(String, Vec<String>)> = Vec::new();
    for line in lines {
        match (line.strip_prefix("-- "), parts.last_mut()) {
            (Some(name), _) => parts.push((name.to_string(), Vec::new())),
            (None, Some((_, part))) => part.push(line),
            (None, None) => {}
        }
    }
    parts
}

fn part<'a>(parts: &'a [(String, Vec<String>)], name: &str) -> &'a [String] {
    let found = parts.iter().find(|(known, _)| known == name);
    &found.unwrap_or_else(|| panic!("no {name} in {parts:?}")).1
}

/// Ten steps that nothing is fetched of are ten launches of a recording, which fetches what is fed by itself; nobody waits.
#[test]
fn a_step_is_one_launch_and_waits_for_nothing() {
    let Some(libraries) = whole() else { return };
    let parts = asked(&libraries, "train", &[]);
    // A copy and a kernel of the whole step; a copy, three products and kernels between them.
    for (name, most) in [("xor", 2), ("mnist", 12)] {
        let lines = part(&parts, name);
        assert_eq!(lines.len(), 10, "{name}: {lines:?}");
        for line in lines {
            let works = line.strip_prefix("graph 0 ").and_then(|n| n.parse::<usize>().ok());
            assert!(works.is_some_and(|n| n <= most), "{name}: {line}");
        }
        let loss = part(&parts, &format!("{name} with loss"));
        assert_eq!(loss.len(), 3, "{loss:?}");
        assert!(loss[0].starts_with("graph 0 ") && loss[1] == "download 0 256" && loss[2] == "wait 0 0", "{loss:?}");
    }
}

/// What another test runs as a child process.
#[test]
#[ignore = "a child process of another test"]
fn train() {
    step("xor", 4, &[2, 10, 1]);
    step("mnist", 100, &[784, 10]);
}

fn step(name: &str, batch: usize, sizes: &[usize]) {
    v1::Graph::new().as_default(|| {
        let (inputs, classes) = (sizes[0], sizes[sizes.len() - 1]);
        let x = v1::placeholder(v1::float32, shape![None, inputs]);
        let y = v1::placeholder(v1::float32, shape![None, classes]);
        let mut layer = x;
        for pair in sizes.windows(2) {
            let w = v1::Variable::new(v1::zeros([pair[0], pair[1]]));
            let b = v1::Variable::new(v1::zeros([pair[1]]));
            layer = v1::matmul(layer, w) + b;
            layer = if classes == 1 { v1::sigmoid(layer).tensor() } else { v1::nn::softmax(layer).tensor() };
        }
        let loss = -v1::reduce_mean(y * v1::log(layer)).tensor();
        let train = v1::train::GradientDescentOptimizer::new(0.1).minimize(loss);
        let session = v1::Session::new();
        session.run(v1::global_variables_initializer()).unwrap();
        let images = Array::new(noise(batch * inputs, 1), &[batch, inputs]);
        let labels = Array::new(noise(batch * classes, 2), &[batch, classes]);
        let run = || session.run_with(train, feed! { x => &images, y => &labels }).unwrap();
        let both = || session.run_with((train, loss), feed! { x => &images, y => &labels }).unwrap();
        (0..40).for_each(|_| _ = (run(), both()));
        mark(name);
        (0..10).for_each(|_| _ = run());
        mark(&format!("{name} with loss"));
        _ = both();
        mark("end");
    });
}

/// Both replicas have their work before anybody waits for one of them, and so they do after the gradients were added up.
#[test]
fn replicas_work_at_the_same_time() {
    let Some(libraries) = whole() else { return };
    let both = ["start 0", "start 1"];
    // Starts, waits and sums; a recording and a kernel that is a whole step are both a start.
    let order = |parts: &[(String, Vec<String>)], name: &str| -> Vec<String> {
        let lines = part(parts, name).iter().filter_map(|line| Some(line.rsplit_once(' ')?.0));
        let lines = lines.filter(|line| !line.starts_with("upload") && !line.starts_with("download"));
        let lines = lines.map(|line| line.replace("graph", "start").replace("launch", "start"));
        lines.map(|line| if line.starts_with("sum") { "sum".to_string() } else { line }).collect()
    };
    let fitted = |parts: &[(String, Vec<String>)], between: &[&str]| {
        let step = [&both[..], between, &both, &["wait 0", "wait 1"]].concat();
        assert_eq!(order(parts, "fit"), [&step[..], &step, &step].concat());
    };
    let parts = asked(&libraries, "train_replicas", &[("FAKE_DEVICES", "2")]);
    // The host adds up two gradients of each replica.
    fitted(&parts, &["wait 0", "wait 1", "wait 0", "wait 1"]);
    assert_eq!(order(&parts, "run"), [&both[..], &["wait 0", "wait 1"]].concat());
    assert!(libraries.add(
        include_str!("../../../../../kernels-cuda/tests/libraries/nccl.c"),
        "libnccl.so.2",
        &["-l:libcuda.so.1"]
    ));
    _ = std::fs::remove_file(libraries.0.join("log"));
    fitted(&asked(&libraries, "train_replicas", &[("FAKE_DEVICES", "2")]), &["sum"]);
}

/// What another test runs as a child process.
#[test]
#[ignore = "a child process of another test"]
fn train_replicas() {
    let strategy = tf::distribute::MirroredStrategy::new();
    assert_eq!(strategy.num_replicas_in_sync(), 2);
    let mut model = strategy.scope(|| {
        let mut model = Sequential::new();
        model.add(Dense::new(3).input_shape([5]));
        model.compile(SGD::new(0.1), "mse", ()).unwrap();
        model
    });
    let (x, y) = (Array::new(noise(24 * 5, 1), &[24, 5]), Array::new(noise(24 * 3, 9), &[24, 3]));
    let mut fit = |epochs| _ = model.fit(&x, &y).epochs(epochs).batch_size(8).shuffle(false).verbose(0).run().unwrap();
    fit(20);
    mark("fit");
    fit(1);
    mark("end");
    let square = tf::function(|x: &tf::Tensor| tf::matmul(x, x).tensor());
    let parts = [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]].map(tf::constant);
    let run = || {
        let each = strategy.run(|| {
            let replica = tf::distribute::get_replica_context().unwrap().replica_id_in_sync_group();
            square(&parts[replica])
        });
        each.values().iter().for_each(|part| assert_eq!(part.numpy().shape(), [2, 2]));
    };
    (0..40).for_each(|_| run());
    mark("run");
    run();
    mark("end");
}
