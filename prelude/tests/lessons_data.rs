//! The lessons' listings that need the Pima Indians' data or MNIST, compared with what they printed in TensorFlow. The
//! data are where `FLOWBOOK_DATA` says; without it each test says in one line that it is skipped.

#[macro_use]
mod support;

use std::io::Write;
use std::path::PathBuf;

use flowbook::keras::layers::{Dense, Flatten};
use flowbook::keras::optimizers::{Adam, SGD};
use flowbook::keras::{self, Sequential, initializers, losses};
use flowbook::{Array, Result, Shape, np, s, v2 as tf};

/// The directory of the data. The line is written past the capture of the tests' output, so that it is seen.
fn data_directory(test: &str) -> Option<PathBuf> {
    let found = std::env::var_os("FLOWBOOK_DATA").map(PathBuf::from);
    if found.is_none() {
        let _ = writeln!(std::io::stderr(), "SKIPPED {test}: FLOWBOOK_DATA does not say where the data are");
    }
    found
}

fn load(directory: &std::path::Path) -> Result<(Array, Array, Array)> {
    let xy = np::loadtxt(directory.join("pima-indians-diabetes.csv")).delimiter(",").dtype(np::float32).run()?;
    let (x, y) = (xy.slice(s![.., ..-1]), xy.slice(s![.., -1..]));
    Ok((xy, x, y))
}

fn scaled(data: &Array) -> Array {
    let low = Array::from(np::min(data).axis(0));
    (data - &low) / (Array::from(np::max(data).axis(0)) - &low + 1e-7)
}

#[test]
fn diabetes_data() -> Result<()> {
    let Some(directory) = data_directory("diabetes_data") else { return Ok(()) };
    let (xy, x, y) = load(&directory)?;
    let mut out = String::new();
    say!(out, "{} {}\n{xy}", Shape::from(x.shape()), Shape::from(y.shape()));
    assert_eq!(out, recorded!("002_03_pima_load"));
    let mut out = String::new();
    say!(out, "{:?}", scaled(&x));
    assert_eq!(out, recorded!("002_05_pima_minmax"));
    Ok(())
}

/// The lesson's model: its variables and what it computes with them.
struct Logistic {
    w: tf::Variable,
    b: tf::Variable,
}

impl Logistic {
    fn hypothesis(&self, x: &tf::Tensor) -> tf::Tensor {
        keras::activations::sigmoid(tf::matmul(x, &self.w) + &self.b)
    }

    fn loss(&self, x: &tf::Tensor, y: &tf::Tensor) -> tf::Tensor {
        tf::reduce_mean(losses::binary_crossentropy(y, self.hypothesis(x))).tensor()
    }

    fn accuracy(&self, x: &Array, y: &Array) -> tf::Tensor {
        let prediction = tf::cast(self.hypothesis(&tf::convert_to_tensor(x)).gt(0.5), tf::float32);
        tf::reduce_mean(tf::cast(tf::equal(prediction, y), tf::float32)).tensor()
    }

    fn gradients(&self, x: &tf::Tensor, y: &tf::Tensor) -> Vec<tf::Tensor> {
        let tape = tf::GradientTape::new();
        let loss = self.loss(x, y);
        tape.gradient(&loss, [&self.w, &self.b]).iter().map(|g| g.as_option().expect("a gradient").clone()).collect()
    }

    /// The lesson's training and what it prints.
    fn train(&self, x: &Array, y: &Array) -> String {
        let dataset = tf::data::Dataset::from_tensor_slices((x, y)).shuffle(1000).batch(768);
        let optimizer = SGD::new(0.1);
        let mut out = String::new();
        for epoch in 0..1000 {
            let mut total = tf::constant(0.0).tensor();
            for (x, y) in &dataset {
                let tape = tf::GradientTape::new();
                let loss = self.loss(&x, &y);
                let gradients = tape.gradient(&loss, [&self.w, &self.b]);
                optimizer.apply_gradients(gradients.iter().zip([&self.w, &self.b]));
                total = total + self.loss(&x, &y);
            }
            if (epoch + 1) % 10 == 0 {
                say!(out, "Epoch {}: {total:.8}", epoch + 1);
            }
        }
        say!(out, "Accuracy: {}", flowbook::format::py(&self.accuracy(x, y).item::<f64>()));
        out
    }
}

/// The same words, and numbers that differ by no more than `tolerance` says of each line.
fn compare(got: &str, want: &str, tolerance: impl Fn(usize) -> f64) {
    assert_eq!(got.lines().count(), want.lines().count(), "{got}");
    for (i, (got, want)) in got.lines().zip(want.lines()).enumerate() {
        let (g, w): (Vec<&str>, Vec<&str>) = (got.split(' ').collect(), want.split(' ').collect());
        assert_eq!(g.len(), w.len(), "{got}, not {want}");
        for (g, w) in g.iter().zip(w) {
            match (g.contains('.').then(|| g.parse::<f64>()), w.parse::<f64>()) {
                (Some(Ok(a)), Ok(b)) => assert!((a - b).abs() <= tolerance(i), "{got}, not {want}"),
                _ => assert_eq!(*g, w, "{got}, not {want}"),
            }
        }
    }
}

/// From the weights that the record shows, all is determined but the place of the optimizer in memory and the last digit
/// of the loss.
#[test]
fn diabetes_objects() -> Result<()> {
    let Some(directory) = data_directory("diabetes_objects") else { return Ok(()) };
    let (_, x_train, y_train) = load(&directory)?;
    let x_train = scaled(&x_train);
    let w: [[f64; 1]; 8] = [
        [-0.0050484],
        [-0.02953174],
        [-0.03344614],
        [-0.01473959],
        [0.02784994],
        [-0.05950271],
        [-0.09890037],
        [-0.08089345],
    ];
    let model = Logistic { w: tf::Variable::new(w), b: tf::Variable::new([0.07129275]) };
    let dataset = tf::data::Dataset::from_tensor_slices((&x_train, &y_train)).shuffle(1000).batch(768);
    let place = |text: String| text.split(" at 0x").next().unwrap_or_default().to_string();
    let mut out = String::new();
    say!(out, "{dataset:?}\n{:?}\n{:?}\n{} at 0x>", model.w, model.b, place(format!("{:?}", SGD::new(0.1))));
    let (x, y) = dataset.take(1).iter().next().expect("a batch");
    say!(out, "{} {} {} EagerTensor", x.shape(), y.shape(), x.dtype());
    let shapes: Vec<Shape> = model.gradients(&x, &y).iter().map(tf::Tensor::shape).collect();
    say!(out, "<class 'list'> {shapes:?}");
    let recorded = recorded!("002_07_pima_objects");
    // The last digit of a mean over shuffled rows depends on their order.
    let loss = model.loss(&x, &y).item::<f64>();
    assert!((loss - 0.69412094).abs() <= 1e-6, "{loss}");
    say!(out, "tf.Tensor(0.69412094, shape=(), dtype=float32)\n{}", model.accuracy(&x_train, &y_train));
    let line = recorded.lines().find(|line| line.contains(" at 0x")).expect("the optimizer");
    assert_eq!(out, recorded.replace(line, &(place(line.into()) + " at 0x>")));
    Ok(())
}

/// From zeros, each loss to 1e-5; from random weights, which the record does not have, to what is left of their
/// influence: it fades as the training goes on.
#[test]
fn diabetes_training() -> Result<()> {
    let Some(directory) = data_directory("diabetes_training") else { return Ok(()) };
    let (_, x, y) = load(&directory)?;
    let x = scaled(&x);
    let zeros = Logistic { w: tf::Variable::new(tf::zeros([8, 1])), b: tf::Variable::new(tf::zeros([1])) };
    compare(&zeros.train(&x, &y), recorded!("002_08_pima_train_fixed_init"), |_| 1e-5);
    let normal = initializers::RandomNormal::new();
    let random = Logistic { w: tf::Variable::new(normal.call([8, 1])), b: tf::Variable::new(normal.call([1])) };
    compare(&random.train(&x, &y), recorded!("002_06_pima_train"), |i| if i < 10 { 0.02 } else { 0.015 });
    Ok(())
}

#[test]
fn digits() -> Result<()> {
    if data_directory("digits").is_none() {
        return Ok(());
    }
    let ((train_images, train_labels), (test_images, test_labels)) = keras::datasets::mnist::load_data()?;
    let pair = |a: &Array, b: &Array| format!("({}, {})\n", Shape::from(a.shape()), Shape::from(b.shape()));
    assert_eq!(pair(&train_images, &train_labels), recorded!("002_13_shape_train"));
    assert_eq!(pair(&test_images, &test_labels), recorded!("002_14_shape_test"));
    Ok(())
}

/// The lesson's twenty epochs. First weights and the order of the digits are drawn anew each time: losses are compared
/// to 0.01 and accuracies to 0.01, in the first epoch, which still shows the first weights, to 0.03.
#[test]
fn digits_by_tape() -> Result<()> {
    if data_directory("digits_by_tape").is_none() {
        return Ok(());
    }
    let ((train_images, train_labels), (test_images, test_labels)) = keras::datasets::mnist::load_data()?;
    let dataset = |images: &Array, labels: &Array| {
        let images = images.astype(np::float32) / 255.0;
        tf::data::Dataset::from_tensor_slices((images, keras::utils::to_categorical(labels, 10)))
    };
    let train_dataset = dataset(&train_images, &train_labels).shuffle(100_000).batch(100);
    let test_dataset = dataset(&test_images, &test_labels).batch(100);
    let mut model = Sequential::new();
    model.add(Flatten::new().input_shape([28, 28]));
    model.add(Dense::new(10).kernel_initializer(initializers::RandomNormal::new()).activation("softmax"));
    let loss_fn = |images: &tf::Tensor, labels: &tf::Tensor| {
        tf::reduce_mean(losses::categorical_crossentropy(labels, model.call_training(images))).tensor()
    };
    let evaluate = |images: &tf::Tensor, labels: &tf::Tensor| {
        let right = tf::equal(tf::argmax(model.call(images), 1), tf::argmax(labels, 1));
        tf::reduce_mean(tf::cast(right, tf::float32)).item::<f64>()
    };
    let optimizer = Adam::new(0.001);
    let variables = model.trainable_variables();
    let mut out = String::new();
    say!(out, "Learning started. It takes sometime.");
    for epoch in 1..=20 {
        let (mut loss, mut train_accuracy, mut test_accuracy) = (0.0, 0.0, 0.0);
        for (images, labels) in &train_dataset {
            let tape = tf::GradientTape::new();
            let of_batch = loss_fn(&images, &labels);
            let gradients = tape.gradient(&of_batch, &variables);
            optimizer.apply_gradients(gradients.iter().zip(&variables));
            loss += loss_fn(&images, &labels).item::<f64>() / 600.0;
            train_accuracy += evaluate(&images, &labels) / 600.0;
        }
        for (images, labels) in &test_dataset {
            test_accuracy += evaluate(&images, &labels) / 100.0;
        }
        say!(
            out,
            "Epoch: {epoch} loss = {loss:.8} train accuracy =  {train_accuracy:.4} test accuracy =  {test_accuracy:.4}"
        );
    }
    say!(out, "Learning Finished!");
    compare(&out, recorded!("002_19_mnist_tape_training"), |line| if line == 1 { 0.03 } else { 0.01 });
    Ok(())
}
