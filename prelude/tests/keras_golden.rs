//! The listings of the lessons on Keras. Expected numbers were recorded from TensorFlow 2.21 and Keras 3.15; where a seed
//! decides, what must hold for every seed is checked in their place.

use flowbook::keras::layers::{BatchNormalization, Dense, Dropout, Flatten, LeakyReLU, PReLU};
use flowbook::keras::models::load_model;
use flowbook::keras::optimizers::{Adam, RMSprop, SGD, schedules};
use flowbook::keras::{self, Model, Sequential, callbacks, initializers, losses, regularizers};
use flowbook::{Array, Result, np, v2 as tf};
use serde_json::Value;

const DATA: [[f64; 2]; 4] = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];

fn close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{got:?}, not {want:?}");
    for (g, w) in got.iter().zip(want) {
        assert!((g - w).abs() <= tolerance * w.abs().max(1.0), "{got:?}, not {want:?}");
    }
}

fn lessons() -> Value {
    serde_json::from_str(include_str!("fixtures/keras_lessons.json")).expect("the fixture is JSON")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|n| n.as_f64().expect("a number")).collect()
}

fn floats(value: &Value, shape: &[usize]) -> Array {
    Array::new(numbers(value).iter().map(|v| *v as f32).collect(), shape)
}

#[test]
fn versions_and_element_specs() {
    assert_eq!(keras::version(), "3.15.1");
    let images = np::zeros((4, 28, 28)).astype(np::float32);
    let labels = keras::utils::to_categorical([5, 0, 4, 1], 10);
    let dataset = tf::data::Dataset::from_tensor_slices((&images, &labels)).shuffle(100_000).batch(2);
    assert_eq!(
        dataset.to_string(),
        "<_BatchDataset element_spec=(TensorSpec(shape=(None, 28, 28), dtype=tf.float32, name=None), \
         TensorSpec(shape=(None, 10), dtype=tf.float64, name=None))>"
    );
}

#[test]
fn softmax_and_squared_loss_differ() {
    let t = [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
    let first = [[0.3, 0.3, 0.4], [0.3, 0.4, 0.3], [0.1, 0.2, 0.7]];
    let second = [[0.1, 0.2, 0.7], [0.1, 0.7, 0.2], [0.3, 0.4, 0.3]];
    for (m, entropy, square) in [(first, 1.3783889, 0.8066667), (second, 0.6391076, 0.34)] {
        let mean = tf::reduce_mean(losses::categorical_crossentropy(t, m)).item::<f64>();
        let squares = tf::reduce_sum((tf::constant(t) - m).pow(2)).axis(1);
        close(&[mean, tf::reduce_mean(squares).item()], &[entropy, square], 1e-6);
    }
}

#[test]
fn activation_layers() {
    let x = tf::constant([-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0]);
    let prelu = PReLU::new().alpha_initializer(initializers::Constant::new().value(0.25));
    assert_eq!(
        prelu.call(&tf::reshape(&x, [1, 7])).to_string(),
        "tf.Tensor([[-0.75  -0.25  -0.125  0.     0.5    1.     3.   ]], shape=(1, 7), dtype=float32)"
    );
    assert_eq!(
        LeakyReLU::new().call(&x).to_string(),
        "tf.Tensor(\n[-0.90000004 -0.3        -0.15        0.          0.5         1.\n  3.        ], shape=(7,), \
         dtype=float32)"
    );
}

/// Moments of 40,000 numbers: their standard errors are 0.5% of the standard deviation, bounds leave five of them.
#[test]
fn initializers_have_their_moments() {
    use initializers::Initializer;
    let cases: Vec<(Box<dyn Initializer>, f64, f64)> = vec![
        (Box::new(initializers::GlorotUniform::new()), 0.0632, 0.1096),
        (Box::new(initializers::GlorotNormal::new()), 0.0632, 0.1440),
        (Box::new(initializers::HeUniform::new()), 0.0707, 0.1225),
        (Box::new(initializers::HeNormal::new()), 0.0707, 0.1608),
        (Box::new(initializers::LecunUniform::new()), 0.05, 0.0867),
        (Box::new(initializers::LecunNormal::new()), 0.05, 0.1137),
        (Box::new(initializers::RandomNormal::new()), 0.05, 0.3),
        (Box::new(initializers::RandomUniform::new()), 0.0289, 0.0501),
        (Box::new(initializers::TruncatedNormal::new()), 0.0440, 0.1001),
        (Box::new(initializers::Orthogonal::new()), 0.05, 0.3),
        (Box::new(initializers::Zeros::new()), 0.0, 0.0),
    ];
    for (initializer, std, bound) in cases {
        let v = initializer.sample(&[400, 100]).numpy();
        let name = initializer.class_name();
        let (mean, deviation): (f64, f64) = (v.mean().item(), v.std().item());
        assert!(mean.abs() <= 0.025 * std + 1e-9, "{name}: mean {mean}");
        assert!((deviation - std).abs() <= 0.025 * std, "{name}: standard deviation {deviation}, not {std}");
        assert!(np::abs(&v).max().item::<f64>() <= bound, "{name}: beyond {bound}");
    }
    // The columns of an orthogonal matrix are orthogonal to each other and of length 1.
    let q = initializers::Orthogonal::new().sample(&[6, 3]).numpy();
    let product = np::matmul(np::transpose(&q), &q);
    close(&(product - np::eye(3)).to_vec::<f64>(), &[0.0; 9], 1e-6);
}

#[test]
fn batch_normalization_and_dropout() {
    let bn = BatchNormalization::new();
    let x = tf::constant([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0]]);
    let trained = bn.call_training(&x).numpy().to_vec::<f64>();
    let want = [-1.3411043, -1.3416353, -0.44703472, -0.44721174, 0.44703484, 0.44721174, 1.3411045, 1.3416355];
    close(&trained, &want, 1e-6);
    let tested = bn.call(&x).numpy().to_vec::<f64>();
    let want = [0.97329813, 6.5130396, 1.9715526, 13.19308, 2.969807, 19.87312, 3.9680614, 26.55316];
    close(&tested, &want, 1e-6);
    let moving = |name: &str| bn.weight(name).expect("a weight").numpy().to_string();
    assert_eq!(moving("moving_mean"), "[0.025 0.25 ]");
    assert_eq!(moving("moving_variance"), "[1.0025 2.24  ]");
    assert_eq!(Dropout::new(0.5).call(&tf::ones([10])).numpy().to_string(), "[1. 1. 1. 1. 1. 1. 1. 1. 1. 1.]");
    let mut kept = Dropout::new(0.2).call_training(&tf::ones([100])).numpy().to_vec::<f32>();
    kept.sort_by(f32::total_cmp);
    kept.dedup();
    assert_eq!(kept, [0.0, 1.25]);
}

#[test]
fn schedules_decay() {
    let at = |rate: &dyn Fn(i32) -> tf::Tensor| [0, 50, 100, 150, 250].map(|i| rate(i).item::<f64>());
    let s = schedules::ExponentialDecay::new(0.1, 100, 0.96);
    close(&at(&|i| s.call(i)), &[0.1, 0.09797959, 0.096, 0.09406041, 0.09029799], 1e-7);
    let s = schedules::ExponentialDecay::new(0.1, 100, 0.96).staircase(true);
    close(&at(&|i| s.call(i)), &[0.1, 0.1, 0.096, 0.096, 0.09216], 1e-7);
    let s = schedules::PiecewiseConstantDecay::new([100, 200], [0.1, 0.05, 0.01]);
    close(&at(&|i| s.call(i)), &[0.1, 0.1, 0.1, 0.05, 0.01], 1e-7);
    let s = schedules::PolynomialDecay::new(0.1, 100, 0.01);
    close(&at(&|i| s.call(i)), &[0.1, 0.055, 0.01, 0.01, 0.01], 1e-7);
    let s = schedules::InverseTimeDecay::new(0.1, 100, 0.5);
    close(&at(&|i| s.call(i)), &[0.1, 0.08, 0.06666667, 0.05714286, 0.04444445], 1e-7);
    let s = schedules::CosineDecay::new(0.1, 100);
    close(&at(&|i| s.call(i)), &[0.1, 0.05, 0.0, 0.0, 0.0], 1e-7);
}

#[test]
fn regularizers_print_as_in_the_lesson() {
    let w = tf::constant([[1.0, -2.0], [3.0, -4.0]]);
    let print = |r: regularizers::Regularizer| r.call(&w).to_string();
    assert_eq!(print(regularizers::L1::new(0.01)), "tf.Tensor(0.099999994, shape=(), dtype=float32)");
    assert_eq!(print(regularizers::L2::new(0.01)), "tf.Tensor(0.29999998, shape=(), dtype=float32)");
    assert_eq!(print(regularizers::L1L2::new(0.01, 0.01)), "tf.Tensor(0.39999998, shape=(), dtype=float32)");
}

#[test]
fn minimize_does_what_the_tape_does() {
    let train_x = [1, 2, 3, 4, 5, 6, 7];
    let train_y = [3, 5, 7, 9, 11, 13, 15];
    let (a, b) = (tf::Variable::new(0.1), tf::Variable::new(0.1));
    let opt = Adam::new(0.001);
    let loss = || losses::mse(train_y, train_x.map(f64::from) * &a + &b);
    let mut seen = Vec::new();
    for i in 0..300 {
        opt.minimize(loss, [&a, &b]);
        if i % 50 == 0 || i == 299 {
            seen.extend([a.item::<f64>(), b.item()]);
        }
    }
    let want = [
        0.100999996,
        0.100999996,
        0.15081543,
        0.15081178,
        0.1999829,
        0.19996248,
        0.24842933,
        0.24837707,
        0.29615417,
        0.29605442,
        0.34315795,
        0.34299454,
        0.38852233,
        0.38828027,
    ];
    close(&seen, &want, 1e-5);
}

fn gate(labels: [f64; 4], layers: usize) -> Result<Vec<f64>> {
    let mut model = Sequential::new();
    if layers == 2 {
        let weights = initializers::RandomUniform::new().minval(-1.0).maxval(1.0).seed(1);
        model.add(Dense::new(8).input_shape([2]).activation("tanh").kernel_initializer(weights));
        model.add(Dense::new(1).activation("sigmoid"));
    } else {
        model.add(Dense::new(1).input_shape([2]).activation("sigmoid"));
    }
    model.compile(Adam::new(0.1), "binary_crossentropy", ["acc"])?;
    let y = labels.map(|l| [l]);
    model.fit(DATA, y).epochs(300).verbose(0).run()?;
    Ok(model.predict(DATA).verbose(0).run()?.to_vec::<f64>())
}

#[test]
fn gates_learn_and_xor_needs_a_second_layer() -> Result<()> {
    let learned = |labels: [f64; 4], layers: usize| -> Result<bool> {
        let p = gate(labels, layers)?;
        // A clear answer, on which no rounding decides.
        Ok(p.iter().zip(labels).all(|(p, l)| (p - l).abs() < 0.4))
    };
    assert!(learned([0.0, 1.0, 1.0, 1.0], 1)?, "OR");
    assert!(learned([0.0, 0.0, 0.0, 1.0], 1)?, "AND");
    assert!(learned([1.0, 1.0, 1.0, 0.0], 1)?, "NAND");
    // No line parts the plane as XOR does.
    assert!(!learned([0.0, 1.0, 1.0, 0.0], 1)?, "XOR with one layer");
    assert!(learned([0.0, 1.0, 1.0, 0.0], 2)?, "XOR with two layers");
    Ok(())
}

#[test]
fn xor_follows_keras_epoch_by_epoch() -> Result<()> {
    let (lessons, xor) = (lessons(), [[0], [1], [1], [0]]);
    let recorded = &lessons["xor"];
    let mut model = Sequential::new();
    model.add(Dense::new(32).input_shape([2]).activation("relu"));
    model.add(Dense::new(1).activation("sigmoid"));
    model.compile(RMSprop::default(), "mse", ["acc"])?;
    let shapes: [&[usize]; 4] = [&[2, 32], &[32], &[32, 1], &[1]];
    let weights: Vec<Array> = shapes.iter().enumerate().map(|(i, s)| floats(&recorded["weights"][i], s)).collect();
    model.set_weights(&weights)?;
    let h = model.fit(np::array(DATA).astype(np::int64), xor).epochs(100).verbose(0).run()?;
    close(&h["loss"], &numbers(&recorded["loss"]), 1e-5);
    close(&h["acc"], &numbers(&recorded["acc"]), 1e-6);
    assert_eq!(h.keys(), ["acc", "loss"]);
    assert_eq!(h.epoch[99], 99);
    assert_eq!(model.predict(DATA).verbose(0).run()?.shape(), [4, 1]);
    Ok(())
}

#[test]
fn compile_takes_names_and_objects() -> Result<()> {
    let mut model = Sequential::new();
    model.add(Dense::new(1).input_shape([4]).activation("sigmoid"));
    model.compile(RMSprop::default(), "mse", ())?;
    let x = np::ones((8, 4));
    assert_eq!(model.evaluate(&x, np::ones((8, 1))).verbose(0).run()?.len(), 1);
    model.compile(RMSprop::default(), "binary_crossentropy", ["acc"])?;
    assert_eq!(model.evaluate(&x, np::ones((8, 1))).verbose(0).run()?.len(), 2);
    assert_eq!(model.metrics_names(), ["loss", "acc"]);
    for (name, class, rate) in
        [("sgd", "SGD", 0.01), ("rmsprop", "RMSprop", 0.001), ("adam", "Adam", 0.001), ("nadam", "Nadam", 0.001)]
    {
        model.compile(name, "mse", ())?;
        let optimizer = model.optimizer()?;
        assert_eq!(optimizer.class_name(), class);
        assert_eq!(optimizer.learning_rate(), f64::from(rate as f32));
    }
    Ok(())
}

/// A line with slope 2, learned under a validation split, weights and callbacks.
#[test]
fn fit_validates_weighs_and_calls_back() -> Result<()> {
    let x = np::linspace(-1.0, 1.0, 40).reshaped(&[40, 1])?;
    let y = &x * 2.0;
    let new = || {
        let mut model = Sequential::new();
        model.add(Dense::new(1).input_shape([1]).kernel_initializer("zeros"));
        model.compile(SGD::new(0.5), "mse", ["mae"]).map(|()| model)
    };
    let mut model = new()?;
    let h = model.fit(&x, &y).epochs(3).batch_size(8).validation_split(0.25).verbose(0).run()?;
    assert_eq!(h.keys(), ["loss", "mae", "val_loss", "val_mae"]);
    let h = model.fit(&x, &y).epochs(2).validation_data(&x, &y).verbose(0).run()?;
    assert_eq!(h["val_loss"].len(), 2);

    // Figures stop getting better by 10 at once: two epochs.
    let stop = callbacks::EarlyStopping::new().monitor("loss").min_delta(10.0);
    let h = new()?.fit(&x, &y).epochs(50).callbacks(stop).verbose(0).run()?;
    assert_eq!(h.epoch.len(), 2);

    let halve = callbacks::LearningRateScheduler::new(|_, rate| rate * 0.5);
    let mut model = new()?;
    let h = model.fit(&x, &y).epochs(3).callbacks(halve).verbose(0).run()?;
    close(&h["learning_rate"], &[0.25, 0.125, 0.0625], 1e-7);

    let plateau = callbacks::ReduceLROnPlateau::new().monitor("loss").patience(1).min_delta(100.0).factor(0.5);
    let mut model = new()?;
    model.fit(&x, &y).epochs(3).callbacks(plateau).verbose(0).run()?;
    close(&[model.optimizer()?.learning_rate()], &[0.125], 1e-7);

    // Examples that weigh nothing teach nothing.
    let mut model = new()?;
    model.fit(&x, &y).sample_weight(np::zeros(40)).verbose(0).run()?;
    assert_eq!(model.get_weights()[0].to_string(), "[[0.]]");
    let mut model = new()?;
    model.compile(SGD::new(0.5), "mse", ())?;
    model.fit(np::ones((2, 1)), [[0], [1]]).class_weight([(0, 0.0), (1, 1.0)]).epochs(200).verbose(0).run()?;
    close(&model.predict([[1.0]]).verbose(0).run()?.to_vec::<f64>(), &[1.0], 1e-4);

    // The curve is drawn without disturbing the figure under way.
    let h = new()?.fit(&x, &y).epochs(2).plot(true).verbose(0).run()?;
    assert_eq!(h.epoch, [0, 1]);

    // A dataset brings its own batches.
    let dataset = tf::data::Dataset::from_tensor_slices((&x, &y)).batch(8);
    let mut model = new()?;
    let h = model.fit(&dataset, ()).epochs(20).verbose(0).run()?;
    assert!(h["loss"][19] < 1e-3, "{h}");
    Ok(())
}

fn directory(name: &str) -> std::path::PathBuf {
    let directory = std::env::temp_dir().join(format!("flowbook-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory for the test");
    directory
}

#[test]
fn models_come_back_from_files() -> Result<()> {
    let directory = directory("keras-save");
    let path = directory.join("model");
    let mut model = Sequential::new();
    model.add(keras::layers::Conv2D::new(2, 3).input_shape([6, 6, 1]).activation("relu").padding("same"));
    model.add(keras::layers::MaxPooling2D::new());
    model.add(BatchNormalization::new());
    model.add(Flatten::new());
    model.add(Dropout::new(0.5));
    model.add(Dense::new(3).activation("softmax").kernel_regularizer("l2"));
    model.compile("adam", "sparse_categorical_crossentropy", ["acc"])?;
    let x = np::linspace(-1.0, 1.0, 72).reshaped(&[2, 6, 6, 1])?;
    model.fit(&x, [0, 2]).verbose(0).run()?;
    model.save(&path)?;
    let mut loaded: Model = load_model(&path)?;
    let (a, b) = (model.predict(&x).verbose(0).run()?, loaded.predict(&x).verbose(0).run()?);
    assert_eq!(a, b);
    assert_eq!(loaded.evaluate(&x, [0, 2]).verbose(0).run()?, model.evaluate(&x, [0, 2]).verbose(0).run()?);
    assert_eq!(loaded.summary_text().lines().count(), model.summary_text().lines().count() - 1, "no optimizer yet");

    let weights = path.with_extension("safetensors");
    let bytes = std::fs::read(&weights).expect("the file");
    std::fs::write(&weights, &bytes[..bytes.len() - 5]).expect("the file");
    let error = load_model(&path).expect_err("a short file").to_string();
    assert!(error.starts_with("ValueError: ") && error.contains("model.safetensors: the file ends after"), "{error}");
    std::fs::remove_dir_all(directory).expect("the directory");
    Ok(())
}

#[test]
fn checkpoints_and_event_files_are_written() -> Result<()> {
    let directory = directory("keras-checkpoint");
    let mut model = Sequential::new();
    model.add(Dense::new(1).input_shape([2]));
    model.compile("sgd", "mse", ())?;
    let checkpoint = callbacks::ModelCheckpoint::new(directory.join("best")).monitor("loss").save_best_only(true);
    let board = callbacks::TensorBoard::new(directory.join("logs"));
    let y = [[0.0], [1.0], [1.0], [1.0]];
    model.fit(DATA, y).epochs(2).validation_data(DATA, y).callbacks((checkpoint, board)).verbose(0).run()?;
    load_model(directory.join("best"))?;
    for run in ["train", "validation"] {
        let files = std::fs::read_dir(directory.join("logs").join(run)).expect("a directory of events");
        assert_eq!(files.count(), 1, "{run}");
    }
    std::fs::remove_dir_all(directory).expect("the directory");
    Ok(())
}

/// The directory of the lessons' data; without it the tests that need it say so and pass.
fn data_directory(test: &str) -> Option<std::path::PathBuf> {
    let found = std::env::var_os("FLOWBOOK_DATA").map(std::path::PathBuf::from);
    if found.is_none() {
        eprintln!("{test}: skipped, FLOWBOOK_DATA does not say where the data are");
    }
    found
}

#[test]
fn pima_follows_tensorflow_epoch_by_epoch() -> Result<()> {
    let Some(data) = data_directory("pima_follows_tensorflow_epoch_by_epoch") else { return Ok(()) };
    let xy = np::loadtxt(data.join("pima-indians-diabetes.csv")).delimiter(",").dtype(np::float32).run()?;
    let x = xy.slice(flowbook::s![.., ..-1]);
    let y = xy.slice(flowbook::s![.., -1..]);
    let low = Array::from(np::min(&x).axis(0));
    let x = (&x - &low) / (Array::from(np::max(&x).axis(0)) - &low + 1e-7);
    let lessons = lessons();
    let recorded = &lessons["pima"];
    let dataset = tf::data::Dataset::from_tensor_slices((&x, &y)).shuffle(1000).batch(768);
    let w = tf::Variable::new(floats(&recorded["w"], &[8, 1]));
    let b = tf::Variable::new(floats(&recorded["b"], &[1]));
    let logistic_regression = |x: &tf::Tensor| keras::activations::sigmoid(tf::matmul(x, &w) + &b);
    let loss_fn = |x: &tf::Tensor, y: &tf::Tensor| {
        tf::reduce_mean(losses::binary_crossentropy(y, logistic_regression(x))).tensor()
    };
    let optimizer = SGD::new(0.1);
    let mut seen = Vec::new();
    for _ in 0..1000 {
        for (x, y) in &dataset {
            let tape = tf::GradientTape::new();
            let loss = loss_fn(&x, &y);
            let grads = tape.gradient(&loss, [&w, &b]);
            optimizer.apply_gradients(grads.iter().zip([&w, &b]));
            seen.push(loss_fn(&x, &y).item::<f64>());
        }
    }
    close(&seen, &numbers(&recorded["losses"]), 1e-5);
    let (x, y) = (tf::convert_to_tensor(&x), tf::convert_to_tensor(&y));
    let prediction = tf::cast(logistic_regression(&x).gt(0.5), tf::float32);
    let accuracy = tf::reduce_mean(tf::cast(tf::equal(prediction, &y), tf::float32)).item::<f64>();
    close(&[accuracy], &[recorded["accuracy"].as_f64().expect("a number")], 1e-6);
    Ok(())
}

#[test]
fn softmax_regression_reaches_the_lessons_accuracy() -> Result<()> {
    if data_directory("softmax_regression_reaches_the_lessons_accuracy").is_none() {
        return Ok(());
    }
    let ((train_images, train_labels), (test_images, test_labels)) = keras::datasets::mnist::load_data()?;
    assert_eq!((train_images.shape(), train_labels.shape()), (&[60_000, 28, 28][..], &[60_000][..]));
    assert_eq!((test_images.shape(), test_labels.shape()), (&[10_000, 28, 28][..], &[10_000][..]));
    let train_images = train_images.astype(np::float32) / 255.0;
    let test_images = test_images.astype(np::float32) / 255.0;
    let train_labels = keras::utils::to_categorical(&train_labels, 10);
    let test_labels = keras::utils::to_categorical(&test_labels, 10);
    let mut model = Sequential::new();
    model.add(Flatten::new().input_shape([28, 28]));
    let normal = initializers::RandomNormal::new();
    model.add(Dense::new(10).kernel_initializer(normal).activation("softmax"));
    model.compile(Adam::new(0.001), "categorical_crossentropy", ["acc"])?;
    let h = model.fit(&train_images, &train_labels).epochs(20).batch_size(100).verbose(0).run()?;
    // TensorFlow's run of the lesson: loss 0.6162 in the first epoch, 0.2423 in the last, 0.9268 to 0.9287 in the end.
    close(&[h["loss"][0], h["loss"][19]], &[0.616, 0.2423], 0.02);
    let tested = model.evaluate(&test_images, &test_labels).batch_size(100).verbose(0).run()?;
    assert!(tested[1] >= 0.925, "test accuracy {}", tested[1]);
    Ok(())
}
