//! Models on two replicas: each computes the gradient of its part of a batch, and their sum is the gradient of the mean over
//! the whole batch, so that training goes as on one device, up to the order of sums.

use super::several::on_two;
use super::training::noise;
use super::{assert_close, on_cpu};
use crate::Array;
use crate::keras::Sequential;
use crate::keras::layers::{BatchNormalization, Dense};
use crate::keras::optimizers::{Adam, IntoOptimizer, SGD};
use crate::v2::{self as tf, distribute::MirroredStrategy};

fn net() -> Sequential {
    let mut model = Sequential::new();
    model.add(Dense::new(8).activation("tanh").input_shape([5]));
    model.add(Dense::new(1).kernel_regularizer("l2"));
    model
}

fn data(count: usize) -> (Array, Array) {
    (Array::new(noise(count * 5, 1), &[count, 5]), Array::new(noise(count, 9), &[count, 1]))
}

/// Losses, test results, predictions and weights of a training whose batches are 8, 8 and 3 examples.
fn train(model: &mut Sequential, weights: &[Array]) -> (Vec<f64>, Vec<f64>, Array, Vec<Array>) {
    model.set_weights(weights).unwrap();
    let (x, y) = data(19);
    let history = model.fit(&x, &y).epochs(4).batch_size(8).shuffle(false).verbose(0).run().unwrap();
    let tested = model.evaluate(&x, &y).batch_size(7).verbose(0).run().unwrap();
    let predicted = model.predict(&x).batch_size(7).verbose(0).run().unwrap();
    (history["loss"].clone(), tested, predicted, model.get_weights())
}

fn compare(optimizer: impl Fn() -> crate::keras::optimizers::Optimizer) {
    let strategy = MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]);
    let compile = |mut model: Sequential| {
        model.compile(optimizer(), "mse", ["mae"]).unwrap();
        model
    };
    let mut spread = strategy.scope(|| compile(net()));
    let start = spread.get_weights();
    let got = train(&mut spread, &start);
    let want = on_cpu(|| train(&mut compile(net()), &start));
    let array = |values: &[f64]| Array::new(values.to_vec(), &[values.len()]);
    assert_close("losses", &array(&got.0), &array(&want.0), 1e-4);
    assert_close("tests", &array(&got.1), &array(&want.1), 1e-4);
    assert_close("predictions", &got.2, &want.2, 1e-3);
    got.3.iter().zip(&want.3).for_each(|(a, b)| assert_close("weights", a, b, 1e-3));
    assert_equal(&spread.weights());
    assert_equal(&spread.optimizer().unwrap().variables());
}

/// The replicas' copies are the same, bit for bit.
fn assert_equal(variables: &[tf::Variable]) {
    for variable in variables {
        let copies: Vec<Array> = variable
            .states()
            .map(|state| {
                state.storage.bring_home().unwrap();
                state.view.to_array()
            })
            .collect();
        assert_eq!(copies.len(), 2);
        assert_eq!(copies[0], copies[1], "{}", variable.name());
    }
}

#[test]
fn two_replicas_learn_what_one_device_learns() {
    on_two(|gpus| {
        compare(|| SGD::new(0.1).momentum(0.9).into_optimizer().unwrap());
        compare(|| Adam::new(0.01).into_optimizer().unwrap());
        for gpu in gpus {
            assert!(gpu.memory().unwrap().peak > 0, "{} had nothing to do", gpu.info().tensorflow_name());
        }
    });
}

#[test]
fn replicas_whose_devices_do_not_exist_work_on_the_cpu() {
    on_cpu(|| compare(|| Adam::new(0.01).into_optimizer().unwrap()));
}

/// A batch of one example: the second replica has none, and makes the same step all the same.
#[test]
fn a_replica_without_examples_keeps_step() {
    on_cpu(|| {
        let strategy = MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]);
        let mut model = strategy.scope(|| {
            let mut model = Sequential::new();
            model.add(Dense::new(1).use_bias(false).kernel_initializer("zeros").input_shape([1]));
            model.compile(SGD::new(0.5), "mse", ()).unwrap();
            model
        });
        // (w - 3)^2 at w = 0 has the gradient -6.
        model.fit([[1.0]], [[3.0]]).verbose(0).run().unwrap();
        assert_eq!(model.get_weights()[0].to_string(), "[[3.]]");
        assert_equal(&model.weights());
    });
}

/// Each replica normalises by its own examples; the moving averages are the mean of the replicas'.
#[test]
fn moving_averages_are_the_mean_of_the_replicas() {
    on_cpu(|| {
        let strategy = MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]);
        let mut model = strategy.scope(|| {
            let mut model = Sequential::new();
            model.add(BatchNormalization::new().momentum(0.5).input_shape([1]));
            model.compile("sgd", "mse", ()).unwrap();
            model
        });
        model
            .fit([[1.0], [3.0], [5.0], [7.0]], [[0.0], [0.0], [0.0], [0.0]])
            .batch_size(4)
            .shuffle(false)
            .verbose(0)
            .run()
            .unwrap();
        assert_equal(&model.weights());
        let moving = model.weights().into_iter().filter(|v| !v.is_trainable()).map(|v| v.item::<f32>());
        // Half of the means 2 and 6, and halves of 1 and of the variance 1.
        assert_eq!(moving.collect::<Vec<_>>(), [2.0, 1.0]);
    });
}

/// What TensorFlow 2.20 prints with two devices.
#[test]
fn variables_and_values_print_by_replica() {
    on_cpu(|| {
        let strategy = MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]);
        let v = strategy.scope(|| tf::Variable::new([1.0, 2.0]));
        let copy =
            |name| format!("<tf.Variable '{name}:0' shape=(2,) dtype=float32, numpy=array([1., 2.], dtype=float32)>");
        let want = format!("MirroredVariable:{{\n  0: {},\n  1: {}\n}}", copy("Variable"), copy("Variable/replica_1"));
        assert_eq!(v.to_string(), want);
        let each =
            strategy.run(|| &v * (tf::distribute::get_replica_context().unwrap().replica_id_in_sync_group() as f32));
        assert_eq!(
            format!("{each:?}"),
            "PerReplica:{\n  0: <tf.Tensor: shape=(2,), dtype=float32, numpy=array([0., 0.], dtype=float32)>,\n  \
             1: <tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)>\n}"
        );
        assert_eq!(strategy.reduce("SUM", &each).numpy().to_string(), "[1. 2.]");
        assert_eq!(strategy.reduce("MEAN", &each).numpy().to_string(), "[0.5 1. ]");
    });
}

/// A loop of one's own: the gradients of the replicas' losses are added up before the step.
#[test]
fn a_custom_loop_adds_gradients_up() {
    on_cpu(|| {
        let strategy = MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]);
        let (x, optimizer) = strategy.scope(|| (tf::Variable::new(3.0), SGD::new(0.1).into_optimizer().unwrap()));
        let batches = tf::data::Dataset::from_tensor_slices([0.0f32, 1.0, 2.0, 3.0, 4.0]).batch(3);
        let mut parts = Vec::new();
        for batch in strategy.experimental_distribute_dataset(&batches) {
            parts.push(batch.values().iter().map(|part| part.numpy().to_string()).collect::<Vec<_>>());
            strategy.run_with(&batch, |a| {
                let tape = tf::GradientTape::new();
                let loss = tf::reduce_sum(&x * a);
                let gradient = tape.gradient(&loss, [&x]);
                optimizer.apply_gradients(gradient.into_iter().zip([&x]));
            });
            assert_equal(std::slice::from_ref(&x));
        }
        assert_eq!(parts, [["[0. 1.]", "[2.]"], ["[3.]", "[4.]"]]);
        // 3 - 0.1 (0 + 1 + 2) - 0.1 (3 + 4)
        assert!((x.item::<f32>() - 2.0).abs() < 1e-6, "{x}");
        assert_eq!(optimizer.iterations(), 2);
        assert_equal(&optimizer.variables());
    });
}

/// TensorFlow's own loop: the function around `strategy.run`, and the other way round. Both count up to the same.
#[test]
fn a_compiled_function_spreads_its_steps_over_replicas() {
    let train = |strategy: &tf::distribute::Strategy, around: bool| {
        let (w, optimizer) = strategy.scope(|| (tf::Variable::new(3.0), SGD::new(0.1).into_optimizer().unwrap()));
        let variable = w.clone();
        let step = move |a: &tf::Tensor| {
            let tape = tf::GradientTape::new();
            let loss = tf::reduce_sum(&variable * a);
            let gradient = tape.gradient(&loss, [&variable]);
            optimizer.apply_gradients(gradient.into_iter().zip([&variable]));
            loss.tensor()
        };
        let own = strategy.clone();
        let spread = move |step: &dyn Fn(&tf::Tensor) -> tf::Tensor, a: &tf::Tensor| {
            let index = || tf::distribute::get_replica_context().unwrap().replica_id_in_sync_group() as f32;
            let each = own.run(|| step(&(a + index())));
            own.reduce("SUM", &each)
        };
        let call: Box<dyn Fn(&tf::Tensor) -> tf::Tensor> = if around {
            tf::function(move |a: &tf::Tensor| spread(&step, a))
        } else {
            let step = tf::function(step);
            Box::new(move |a: &tf::Tensor| spread(&*step, a))
        };
        let losses: Vec<f32> = (0..3).map(|_| call(&tf::constant(1.0)).numpy().item::<f32>()).collect();
        if strategy.num_replicas_in_sync() > 1 {
            assert_equal(std::slice::from_ref(&w));
        }
        (losses, w.item::<f32>())
    };
    on_cpu(|| {
        for around in [false, true] {
            // One replica: 3, 2.9, 2.8. Two with 1 and 2: 3 w, and each step takes 0.3 off.
            let (losses, w) = train(&tf::distribute::OneDeviceStrategy::new("/cpu:0"), around);
            assert!(losses.iter().zip([3.0, 2.9, 2.8]).all(|(a, b)| (a - b).abs() < 1e-5), "{losses:?}");
            assert!((w - 2.7).abs() < 1e-5, "{w}");
            let (losses, w) = train(&MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]), around);
            assert!(losses.iter().zip([9.0, 8.1, 7.2]).all(|(a, b)| (a - b).abs() < 1e-5), "{losses:?}");
            assert!((w - 2.1).abs() < 1e-5, "{w}");
        }
    });
}

/// Outside of replicas whatever is written goes to all copies.
#[test]
fn what_is_written_outside_of_replicas_all_of_them_have() {
    on_two(|_| {
        let strategy = MirroredStrategy::new();
        let v = strategy.scope(|| tf::Variable::new([1.0, 2.0]));
        v.assign_add([1.0, 1.0]);
        assert_equal(std::slice::from_ref(&v));
        let inside = v.clone();
        let double = tf::function(move || inside.assign(&inside * 2.0).value());
        for want in ["[4. 6.]", "[ 8. 12.]"] {
            assert_eq!(double().numpy().to_string(), want);
            assert_equal(std::slice::from_ref(&v));
        }
        SGD::new(1.0).into_optimizer().unwrap().apply_gradients([(tf::constant([1.0, 2.0]).tensor(), &v)]);
        assert_eq!(v.numpy().to_string(), "[ 7. 10.]");
        assert_equal(std::slice::from_ref(&v));
    });
}

#[test]
fn mistakes_are_told_in_tensorflows_words() {
    let caught = |body: &dyn Fn()| {
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_err();
        panic.downcast_ref::<String>().cloned().unwrap_or_default()
    };
    let cpu = "'/job:localhost/replica:0/task:0/device:CPU:0'";
    let text = caught(&|| _ = MirroredStrategy::new().devices(["/cpu:0", "CPU:0"]));
    assert_eq!(text, format!("AssertionError: No duplicates allowed in `devices` argument: ({cpu}, {cpu})"));
    let text = caught(&|| _ = MirroredStrategy::new().devices([] as [&str; 0]));
    assert_eq!(text, "AssertionError: Must specify at least one device.");
    let (one, other) = (MirroredStrategy::new(), MirroredStrategy::new());
    let text = caught(&|| one.scope(|| other.scope(|| ())));
    assert_eq!(text, format!("RuntimeError: Mixing different tf.distribute.Strategy objects: {other} is not {one}"));
    let text = caught(&|| _ = one.reduce("MAX", &one.run(|| tf::constant(1.0))));
    assert_eq!(text, "ValueError: 'MAX' is not a valid ReduceOp");
    on_cpu(|| {
        let strategy = MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]);
        let dense = Dense::new(1).input_shape([1]);
        let mut before = Sequential::new();
        before.add(dense.clone());
        let mut model = strategy.scope(|| {
            let mut model = Sequential::new();
            model.add(dense);
            model.compile("sgd", "mse", ()).unwrap();
            model
        });
        let error = model.fit([[1.0]], [[1.0]]).verbose(0).run().unwrap_err().to_string();
        let start = format!("ValueError: Variable ({}) was not created in the", model.weights()[0]);
        assert!(error.starts_with(&start), "{error}");
        assert!(error.contains("was not created in the distribution strategy scope of (<tensorflow."), "{error}");
    });
}

/// What a replica's function gives is there when somebody looks, also while replicas are at work; what went wrong is said
/// when all have been given their work, and not once more at the next one.
#[test]
fn what_replicas_functions_give_is_waited_for_in_time() {
    on_two(|_| {
        let strategy = MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]);
        let replica = || tf::distribute::get_replica_context().unwrap().replica_id_in_sync_group();
        let triple = tf::function(|x: &tf::Tensor| x * 3.0);
        for _ in 0..4 {
            let each = strategy.run(|| {
                let (a, b) = (triple(&tf::constant([replica() as f32 + 1.0])), triple(&tf::constant([10.0])));
                let c = triple(&(&a + &b));
                assert_eq!((c.shape().to_string(), c.dtype()), ("(1,)".to_string(), tf::float32));
                assert_eq!(b.numpy().to_string(), "[30.]");
                (a, c)
            });
            let texts: Vec<String> =
                each.values().iter().map(|(a, c)| format!("{} {}", a.numpy(), c.numpy())).collect();
            assert_eq!(texts, ["[3.] [99.]", "[6.] [108.]"]);
        }
        let share = tf::function(|x: &tf::Tensor| tf::math::floordiv(tf::constant([6, 9]), x).tensor());
        let run = |by: [[i32; 2]; 2]| crate::error::collect(|| strategy.run(|| share(&tf::constant(by[replica()]))));
        let texts = |each: tf::distribute::PerReplica<tf::Tensor>| {
            each.values().iter().map(|part| part.numpy().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(texts(run([[2, 3], [3, 2]]).unwrap()), ["[3 3]", "[2 4]"]);
        let error = run([[0, 1], [0, 3]]).err().unwrap();
        assert_eq!(error.class(), "InvalidArgumentError", "{error}");
        assert_eq!(texts(run([[1, 9], [6, 3]]).unwrap()), ["[6 1]", "[1 3]"]);
    });
}
