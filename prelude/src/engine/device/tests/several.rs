//! Two GPUs, emulated ones: what runs on which, and variables that go from one to the other.

use std::sync::Arc;

use flowbook_cuda::{Device, Emulated};

use super::with_gpus;
use crate::feed;
use crate::v1::{self as tf, Graph, Session};
use crate::v2;

/// Runs `body` with two emulated devices, unless there is no compiler for them.
pub(super) fn on_two(body: impl FnOnce(&[Arc<dyn Device>])) {
    if !Emulated::is_available() {
        super::support::skipped("two devices: there is no C++ compiler for the emulated ones");
        return;
    }
    let gpus: Vec<Arc<dyn Device>> =
        (0..2).map(|i| Arc::new(Emulated::numbered(i, 64 << 20)) as Arc<dyn Device>).collect();
    with_gpus(gpus.clone(), || body(&gpus));
}

#[test]
fn devices_are_listed_and_report_their_memory_one_by_one() {
    on_two(|gpus| {
        let gpu = |i| format!("PhysicalDevice(name='/physical_device:GPU:{i}', device_type='GPU')");
        let listed = format!("{:?}", v2::config::list_physical_devices("GPU"));
        assert_eq!(listed, format!("[{}, {}]", gpu(0), gpu(1)));
        assert_eq!(v2::config::list_logical_devices("GPU")[1].name, "/device:GPU:1");
        let held = gpus[1].alloc(1000).unwrap();
        let current = |name| v2::config::experimental::get_memory_info(name).unwrap().current;
        assert_eq!((current("GPU:0"), current("GPU:1")), (0, 1024));
        drop(held);
        let missing = v2::config::experimental::get_memory_info("GPU:2").unwrap_err();
        assert_eq!(missing.to_string(), "ValueError: No matching devices found for 'GPU:2'");
    });
}

#[test]
fn a_run_goes_to_the_device_of_its_scope() {
    on_two(|gpus| {
        Graph::new().as_default(|| {
            let x = tf::placeholder(tf::float32, [3]);
            let y = tf::device("/device:GPU:1", || tf::reduce_sum(x * x).tensor());
            let session = Session::new();
            // 1 + 4 + 9
            assert_eq!(session.run_with(y, feed! { x => [1.0, 2.0, 3.0] }).unwrap().to_string(), "14.0");
            assert_eq!(gpus[0].memory().unwrap().peak, 0);
            assert!(gpus[1].memory().unwrap().held > 0);
        });
    });
}

#[test]
fn a_device_too_many_is_an_error_that_names_those_there_are() {
    on_two(|_| {
        Graph::new().as_default(|| {
            let c = tf::device("/gpu:2", || tf::constant([1.0]).named("c"));
            let error = Session::new().run(c).unwrap_err().to_string();
            let task = "/job:localhost/replica:0/task:0/device:";
            let there = format!("available devices are [ {task}CPU:0, {task}GPU:0, {task}GPU:1 ]. Make sure");
            assert!(
                error.contains("was explicitly assigned to /device:GPU:2 but ") && error.contains(&there),
                "{error}"
            );
            assert!(!error.contains("CUDA is not enabled"), "{error}");
        });
    });
}

/// A net whose layers lie on two devices, with what is fed, random and fetched on both, and its training.
#[test]
fn a_run_goes_over_several_devices() {
    let net = || {
        Graph::new().as_default(|| {
            tf::set_random_seed(7);
            let x = tf::placeholder(tf::float32, [4, 3]);
            let (first, v) = tf::device("/gpu:0", || {
                let v = tf::Variable::new(super::training::noise(15, 2)).named("v");
                (tf::tanh(tf::matmul(x, tf::reshape(v, [3, 5]))), v)
            });
            let (second, w) = tf::device("/gpu:1", || {
                let w = tf::Variable::new(super::training::noise(15, 4)).named("w");
                let dropped = first * tf::random_uniform([4, 5]);
                (tf::matmul(dropped, tf::reshape(w, [5, 3])) + x, w)
            });
            let text = tf::device("/cpu:0", || tf::exp(second) + 1.0);
            let loss = (tf::reduce_mean(text * second) + tf::reduce_sum(first * first)).tensor();
            let train = tf::train::AdamOptimizer::new(0.05).minimize(loss);
            // Where there are no such devices, it runs on the CPU.
            let session = Session::with_config(tf::ConfigProto::new().allow_soft_placement(true));
            session.run(tf::global_variables_initializer()).unwrap();
            let mut results = Vec::new();
            for step in 0..40 {
                let fed = feed! { x => crate::Array::new(super::training::noise(12, step), &[4, 3]) };
                let (a, b, c, _) = session.run_with((first, second, loss, train), fed).unwrap();
                results.extend([a, b, c]);
            }
            results.extend(session.run([v.value(), w.value()]).unwrap());
            session.close();
            results
        })
    };
    on_two(|gpus| {
        let (got, want) = (net(), super::on_cpu(net));
        assert!(gpus.iter().all(|gpu| gpu.memory().unwrap().peak > 0), "both have work");
        assert!(gpus.iter().all(|gpu| gpu.memory().unwrap().held == 0), "all of it is given back");
        for (i, (got, want)) in got.iter().zip(&want).enumerate() {
            super::assert_close(&format!("result {i}"), got, want, 2e-3);
        }
    });
}

/// What goes wrong on the second device is found, and said of its operation.
#[test]
fn a_division_by_zero_on_the_second_device_is_an_error() {
    on_two(|_| {
        Graph::new().as_default(|| {
            let x = tf::placeholder(tf::int32, [2]);
            let sum = tf::device("/gpu:0", || x + 1);
            let quotient = tf::device("/gpu:1", || tf::floordiv(sum, x).named("quotient"));
            let session = Session::new();
            let run = |values: [i32; 2]| session.run_with((quotient, sum), feed! { x => values });
            assert_eq!(run([1, 3]).unwrap().0.to_string(), "[2 1]");
            let error = run([0, 3]).unwrap_err();
            assert_eq!(error.class(), "InvalidArgumentError");
            assert!(error.message().contains("quotient"), "{error}");
            assert_eq!(run([4, -3]).unwrap().0.to_string(), "[1 0]");
        });
    });
}

/// Without a device of that number, and with placement that is soft, everything runs where there is one.
#[test]
fn soft_placement_falls_back() {
    on_two(|gpus| {
        Graph::new().as_default(|| {
            let a = tf::device("/gpu:1", || tf::constant([1.0, 2.0]) * tf::placeholder_with_default([2.0, 3.0], [2]));
            let b = tf::device("/gpu:5", || a + 1.0);
            let error = Session::new().run(b).unwrap_err();
            assert_eq!(error.class(), "InvalidArgumentError");
            assert!(error.message().contains("was explicitly assigned to /device:GPU:5 but available"), "{error}");
            let soft = Session::with_config(tf::ConfigProto::new().allow_soft_placement(true));
            assert_eq!(soft.run(b).unwrap().to_string(), "[3. 7.]");
            assert!(gpus[1].memory().unwrap().peak > 0);
        });
    });
}

/// Each plan keeps the address of its device's copy, whoever wrote last.
#[test]
fn a_variable_goes_from_device_to_device() {
    on_two(|_| {
        Graph::new().as_default(|| {
            let v = tf::Variable::new([1.0, 2.0]);
            let on = |device, by: f32| tf::device(device, || tf::assign(v, v * by));
            let session = Session::new();
            session.run(tf::global_variables_initializer()).unwrap();
            let plans = [tf::device("/gpu:0", || v * 2.0), tf::device("/gpu:1", || v * 10.0)];
            for (double, tenfold) in
                [("[2. 4.]", "[10. 20.]"), ("[ 6. 12.]", "[30. 60.]"), ("[18. 36.]", "[ 90. 180.]")]
            {
                assert_eq!(session.run(plans[0]).unwrap().to_string(), double);
                assert_eq!(session.run(plans[1]).unwrap().to_string(), tenfold);
                session.run(on("/gpu:1", 3.0)).unwrap();
            }
            assert_eq!(session.run(on("/gpu:0", 2.0)).unwrap().to_string(), "[ 54. 108.]");
            assert_eq!(super::on_cpu(|| session.run(v + 1.0)).unwrap().to_string(), "[ 55. 109.]");
        });
    });
}

/// Floats are made for the first GPU, whole numbers of 32 bits for the host; a scope says otherwise.
#[test]
fn eager_values_say_which_device_they_were_made_for() {
    on_two(|_| {
        let task = "/job:localhost/replica:0/task:0/device:";
        assert_eq!(v2::constant([1.0, 2.0]).device(), format!("{task}GPU:0"));
        assert_eq!((v2::constant(1.0) + v2::constant(2.0)).device(), format!("{task}GPU:0"));
        assert_eq!(v2::constant([1, 2]).device(), format!("{task}CPU:0"));
        let on = |device| v2::device(device, || v2::reduce_sum(v2::constant([1.0, 2.0])).device());
        assert_eq!(on("/gpu:1"), format!("{task}GPU:1"));
        assert_eq!(on("/cpu:0"), format!("{task}CPU:0"));
        assert_eq!(on("/gpu:7"), format!("{task}GPU:0"), "placement is soft");
    });
    super::on_cpu(|| {
        let device = v2::device("/gpu:0", || v2::constant(1.0).device());
        assert_eq!(device, "/job:localhost/replica:0/task:0/device:CPU:0");
    });
}

/// Row `i` of the first factor is `i` everywhere, the second is 2: sums of 80 products.
#[test]
fn large_eager_products_go_to_the_gpu() {
    on_two(|gpus| {
        let a = v2::constant(crate::Array::new((0..80 * 90).map(|i| (i % 90) as f32).collect(), &[80, 90]));
        let b = v2::constant(crate::Array::new(vec![2.0f32; 80 * 70], &[80, 70]));
        let product = || v2::matmul(&a, &b).transpose_a(true).numpy();
        let want = super::on_cpu(product);
        assert_eq!(want.to_vec::<f32>()[70..140], [160.0; 70]);
        assert_eq!(v2::device("/cpu:0", product), want);
        assert!(gpus.iter().all(|gpu| gpu.memory().unwrap().peak == 0));
        assert_eq!((product(), product()), (want.clone(), want.clone()));
        assert!(gpus[0].memory().unwrap().peak > 0 && gpus[1].memory().unwrap().peak == 0);
        assert_eq!(v2::device("/gpu:1", product), want);
        assert!(gpus[1].memory().unwrap().peak > 0);
        let x = v2::Variable::new(a.numpy());
        let tape = v2::GradientTape::new();
        let gradient = tape.gradient(v2::reduce_sum(v2::matmul(&x, &b).transpose_a(true)), &x);
        assert_eq!(gradient.numpy(), crate::Array::new(vec![140.0f32; 80 * 90], &[80, 90]));
    });
}
