//! The lessons' listings on eager tensors and Keras' parts that need no data: what they print is compared whole with what
//! TensorFlow, Keras and NumPy printed. Python's own words (the names of its types) are written out.

#[macro_use]
mod support;

use std::sync::{Mutex, MutexGuard, PoisonError};

use flowbook::format::py;
use flowbook::keras::layers::{BatchNormalization, Dense, Dropout, LeakyReLU, PReLU};
use flowbook::keras::optimizers::{Adam, RMSprop, schedules};
use flowbook::keras::{self, Sequential, initializers, losses, regularizers};
use flowbook::{Array, Result, Shape, np, s, v2 as tf};

/// A shape as Python prints it.
fn tuple(a: &Array) -> Shape {
    Shape::from(a.shape())
}

/// The generator belongs to the process: a test that draws from it runs while no other one does.
fn alone() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn versions_and_modes() {
    let mut out = String::new();
    say!(out, "{}", tf::version());
    assert_eq!(out, recorded!("002_01_version"));
    say!(out, "{}", keras::version());
    assert_eq!(out, recorded!("002_09_keras_versions"));
    let mut out = String::new();
    say!(out, "{}", py(&tf::executing_eagerly()));
    assert_eq!(out, recorded!("002_10_eager_if_old"));
}

#[test]
fn columns_between_0_and_1() {
    let scaled = |data: &Array| {
        let low = Array::from(np::min(data).axis(0));
        (data - &low) / (Array::from(np::max(data).axis(0)) - &low + 1e-7)
    };
    let mut out = String::new();
    let data = np::array([[1.0, 10.0, 3.0], [2.0, 20.0, 3.0], [4.0, 40.0, 3.0]]).astype(np::float32);
    say!(out, "{}", scaled(&data));
    assert_eq!(out, recorded!("002_04_minmax_small"));
}

/// The labels are MNIST's first two; the images, of which only type and shape are printed, are black.
#[test]
fn datasets_of_images() {
    let _alone = alone();
    let images = np::zeros((2, 28, 28)).astype(np::float32) / 255.0;
    let labels = keras::utils::to_categorical([5, 0], 10);
    let train = tf::data::Dataset::from_tensor_slices((&images, &labels)).shuffle(100_000).batch(100);
    let test = tf::data::Dataset::from_tensor_slices((&images, &labels)).batch(100);
    let mut out = String::new();
    say!(out, "{train}\n{test}\n{labels} {}", labels.dtype().name());
    assert_eq!(out, recorded!("002_17_datasets"));
}

/// Logarithms are compared to one unit in the last place, words whole.
#[test]
fn cross_entropy_beside_squared_loss() {
    let t = np::array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]).astype(np::float32);
    let first = np::array([[0.3, 0.3, 0.4], [0.3, 0.4, 0.3], [0.1, 0.2, 0.7]]).astype(np::float32);
    let second = np::array([[0.1, 0.2, 0.7], [0.1, 0.7, 0.2], [0.3, 0.4, 0.3]]).astype(np::float32);
    let mut out = String::new();
    for m in [first, second] {
        let entropy = losses::categorical_crossentropy(&t, &m);
        let squares = tf::reduce_sum((tf::constant(&t) - &m).pow(2)).axis(1);
        say!(out, "{entropy} {} {}", tf::reduce_mean(&entropy), tf::reduce_mean(squares));
    }
    let words = |text: &str| -> Vec<String> {
        text.split([' ', '\n', '(', ')', '[', ']', ',']).filter(|w| !w.is_empty()).map(str::to_string).collect()
    };
    let (got, want) = (words(&out), words(recorded!("002_21_softmax_vs_mse_prose")));
    assert_eq!(got.len(), want.len(), "{out}");
    for (g, w) in got.iter().zip(&want) {
        match (g.parse::<f32>(), w.parse::<f32>()) {
            (Ok(a), Ok(b)) => assert!((a - b).abs() <= f32::EPSILON * b.abs(), "{g}, not {w}"),
            _ => assert_eq!(g, w),
        }
    }
}

/// The hyperbolic tangent, for which TensorFlow has a rational function, is compared to two units in the last place, as
/// is what cancels in `gelu`; everything else whole.
#[test]
fn activations() {
    let _alone = alone();
    let x = tf::constant([-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0]);
    let mut out = String::new();
    say!(out, "sigmoid {}\ntanh {}\nrelu {}", tf::nn::sigmoid(&x), tf::nn::tanh(&x), tf::nn::relu(&x));
    say!(out, "leaky_relu {}\nelu {}\nselu {}", tf::nn::leaky_relu(&x, 0.2), tf::nn::elu(&x), tf::nn::selu(&x));
    say!(out, "swish {}\nsoftplus {}", tf::nn::swish(&x), tf::nn::softplus(&x));
    say!(out, "softsign {}\nrelu6 {}\ngelu {}", tf::nn::softsign(&x), tf::nn::relu6(&x), tf::nn::gelu(&x));
    let prelu = PReLU::new().alpha_initializer(initializers::Constant::new().value(0.25));
    say!(out, "prelu {}", prelu.call(&tf::reshape(&x, [1, 7])));
    say!(out, "keras LeakyReLU {}", LeakyReLU::new().call(&x));
    let entries = |text: &str| -> Vec<(String, String)> {
        let mut entries: Vec<(String, String)> = Vec::new();
        for line in text.lines() {
            match line.split_once(" tf.Tensor(") {
                Some((name, rest)) => entries.push((name.into(), rest.into())),
                None => entries.last_mut().expect("a name").1 += line,
            }
        }
        entries
    };
    let (got, want) = (entries(&out), entries(recorded!("002_22_activations_prose")));
    assert_eq!(got.len(), want.len(), "{out}");
    for (got, want) in got.iter().zip(&want) {
        if want.0 != "tanh" && want.0 != "gelu" {
            assert_eq!(got, want);
            continue;
        }
        assert_eq!(got.0, want.0);
        let words = |text: &str| -> Vec<String> { text.split([' ', '[', ']', ',']).map(str::to_string).collect() };
        let numbers = |text: &str| -> Vec<f32> { words(text).iter().filter_map(|w| w.parse().ok()).collect() };
        let (g, w) = (numbers(&got.1), numbers(&want.1));
        assert_eq!(g.len(), w.len(), "{got:?}, not {want:?}");
        // gelu multiplies by a sum near 0, whose error is one unit of 1.
        let near =
            |(g, w): (&f32, &f32)| (g - w).abs() <= 2.0 * f32::EPSILON * if want.0 == "gelu" { 1.0 } else { w.abs() };
        assert!(g.iter().zip(&w).all(near), "{got:?}, not {want:?}");
    }
}

/// Numbers drawn without a seed are others each time: of them the layout is compared whole, the mean and the standard
/// deviation within five standard errors, the bounds of bounded distributions to 1%. What has a seed is compared whole.
#[test]
fn initial_values() {
    let _alone = alone();
    use initializers::Initializer;
    let all: Vec<Box<dyn Initializer>> = vec![
        Box::new(initializers::GlorotUniform::new()),
        Box::new(initializers::GlorotNormal::new()),
        Box::new(initializers::HeUniform::new()),
        Box::new(initializers::HeNormal::new()),
        Box::new(initializers::LecunUniform::new()),
        Box::new(initializers::LecunNormal::new()),
        Box::new(initializers::RandomNormal::new()),
        Box::new(initializers::RandomUniform::new()),
        Box::new(initializers::TruncatedNormal::new()),
        Box::new(initializers::Orthogonal::new()),
        Box::new(initializers::Zeros::new()),
        Box::new(initializers::Ones::new()),
    ];
    let signed = |v: f64| format!("{v:+.4}").replace('+', " ");
    let mut out = String::new();
    for initializer in &all {
        let v = initializer.sample(&[400, 100]).numpy();
        let (mean, std): (f64, f64) = (v.mean().item(), v.std().item());
        let (min, max) = (signed(v.min().item()), signed(v.max().item()));
        say!(out, "{:<16} mean {} std {std:.4} min {min} max {max}", initializer.class_name(), signed(mean));
    }
    say!(out, "{}", initializers::GlorotUniform::new().seed(1).call([2, 3]).numpy());
    // A dense layer starts as this one does unless it is told otherwise.
    say!(out, "{}", initializers::GlorotUniform::new().class_name());

    let want: Vec<&str> = recorded!("002_23_initializers_prose").lines().collect();
    let got: Vec<&str> = out.lines().collect();
    assert_eq!(got.len(), want.len(), "{out}");
    let numbers = |line: &str| -> Vec<f64> { line.split_whitespace().filter_map(|w| w.parse().ok()).collect() };
    for (i, (got, want)) in got.iter().zip(&want).enumerate() {
        if i >= 10 {
            assert_eq!(got, want);
            continue;
        }
        let masked =
            |line: &str| -> String { line.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect() };
        assert_eq!(masked(got).replace('-', " "), masked(want).replace('-', " "));
        let (g, w) = (numbers(got), numbers(want));
        assert!((g[0] - w[0]).abs() <= 0.05 * w[1] && (g[1] - w[1]).abs() <= 0.05 * w[1], "{got}, not {want}");
        // Normal numbers have no bounds.
        let slack = if want.starts_with("RandomNormal") || want.starts_with("Orthogonal") { 0.5 } else { 0.01 };
        let near = |g: f64, w: f64| (g - w).abs() <= slack * w.abs();
        assert!(near(g[2], w[2]) && near(g[3], w[3]), "{got}, not {want}");
    }
}

#[test]
fn normalization_and_dropout() {
    let _alone = alone();
    let bn = BatchNormalization::new();
    let x = tf::constant([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0]]);
    let mut out = String::new();
    say!(out, "{}", bn.call_training(&x));
    say!(out, "{}", bn.call(&x));
    let weight = |name: &str| bn.weight(name).expect("a weight").numpy();
    say!(out, "{} {} {} {}", weight("moving_mean"), weight("moving_variance"), weight("gamma"), weight("beta"));
    tf::random::set_seed(0);
    say!(out, "{}", tf::nn::dropout(tf::ones([10]), 0.5));
    say!(out, "{}", Dropout::new(0.5).call(&tf::ones([10])));
    let mut kept = Dropout::new(0.2).call_training(&tf::ones([100])).numpy().to_vec::<f64>();
    kept.sort_by(f64::total_cmp);
    kept.dedup();
    say!(out, "{}", py(&kept));
    assert_eq!(out, recorded!("002_24_batchnorm_dropout_prose"));
}

#[test]
fn learning_rates() {
    let mut out = String::new();
    let mut print = |name: &str, rate: &dyn Fn(i32) -> tf::Tensor| {
        say!(out, "{name} {}", py(&[0, 50, 100, 150, 250].map(|i| rate(i).item::<f64>())));
    };
    let s = schedules::ExponentialDecay::new(0.1, 100, 0.96);
    print("ExponentialDecay", &|i| s.call(i));
    let s = schedules::ExponentialDecay::new(0.1, 100, 0.96).staircase(true);
    print("ExponentialDecay", &|i| s.call(i));
    let s = schedules::PiecewiseConstantDecay::new([100, 200], [0.1, 0.05, 0.01]);
    print("PiecewiseConstantDecay", &|i| s.call(i));
    let s = schedules::PolynomialDecay::new(0.1, 100, 0.01);
    print("PolynomialDecay", &|i| s.call(i));
    let s = schedules::InverseTimeDecay::new(0.1, 100, 0.5);
    print("InverseTimeDecay", &|i| s.call(i));
    let s = schedules::CosineDecay::new(0.1, 100);
    print("CosineDecay", &|i| s.call(i));
    assert_eq!(out, recorded!("002_25_lr_schedules_prose"));
}

#[test]
fn penalties() {
    let w = tf::constant([[1.0, -2.0], [3.0, -4.0]]);
    let penalty = |r: regularizers::Regularizer| r.call(&w).to_string();
    let mut out = String::new();
    let both = regularizers::L1L2::new(0.01, 0.01);
    say!(out, "{} {} {}", penalty(regularizers::L1::new(0.01)), penalty(regularizers::L2::new(0.01)), penalty(both));
    say!(out, "{}", tf::nn::l2_loss(&w));
    assert_eq!(out, recorded!("002_26_regularizers_prose"));
}

#[test]
fn ranks_and_arithmetic() {
    let mut out = String::new();
    say!(out, "{}\n{}\n{}", tf::rank(tf::constant(2)), tf::rank([1, 2]), tf::rank([[1, 2], [3, 4]]));
    assert_eq!(out, recorded!("004_01_rank"));

    let (a, b) = (tf::constant(3), tf::constant(2));
    let mut out = String::new();
    say!(out, "{}\n{}", tf::add(&a, &b), tf::subtract(&a, &b));
    say!(out, "{}\n{}", tf::multiply(&a, &b).numpy(), tf::divide(&a, &b).numpy());
    assert_eq!(out, recorded!("004_02_basic_ops"));

    let mut out = String::new();
    say!(out, "{}", tf::matmul(tf::constant([[3, 4], [2, 1]]), tf::constant([[1, 5], [3, 7]])));
    assert_eq!(out, recorded!("004_03_matmul"));

    let mut out = String::new();
    let c = tf::add(&a, &b).numpy();
    let c_square = np::square(&c).astype(np::float32);
    let c_tensor = tf::convert_to_tensor(&c_square);
    say!(out, "numpy array : {c:.1}, applying square with numpy : {c_square:.1}, convert_to_tensor : {c_tensor:.1}");
    assert_eq!(out, recorded!("004_14_numpy_tensor"));
}

#[test]
fn casts_variables_and_shapes() {
    let _alone = alone();
    let c = tf::constant([1.9, 2.1]).with_dtype(tf::float32);
    let mut out = String::new();
    say!(out, "{c} {}", tf::cast(&c, tf::int32));
    assert_eq!(out, recorded!("004_04_cast"));

    let a = tf::Variable::new([2.0, 3.0]);
    a.assign([1, 2]);
    let mut out = String::new();
    say!(out, "{a}");
    assert_eq!(out, recorded!("004_05_variable_assign"));

    let b = tf::zeros([3, 4]).with_dtype(tf::int32);
    let mut out = String::new();
    say!(out, "{b}\n{}\n{}", b.shape(), b.dtype());
    assert_eq!(out, recorded!("004_06_zeros"));

    let mut out = String::new();
    say!(out, "{:?}", tf::ones([3, 4]).with_dtype(tf::int32));
    assert_eq!(out, recorded!("004_07_ones"));
    let mut out = String::new();
    say!(out, "{:?}", tf::eye(4));
    assert_eq!(out, recorded!("004_08_eye"));

    let t1 = [[1, 2, 3], [4, 5, 6]];
    let t2 = tf::reshape(t1, [6]);
    let mut out = String::new();
    say!(out, "{}\n{t2}\n{}", py(&t1), tf::reshape(&t2, [3, 2]));
    assert_eq!(out, recorded!("004_09_reshape"));

    let (x, w) = (tf::random::uniform([10, 5]), tf::random::uniform([5, 3]));
    let mut out = String::new();
    say!(out, "x와 w의 벡터 내적의 결과 크기 {}", tf::matmul(&x, &w).shape());
    assert_eq!(out, recorded!("004_20_vectorized_dot"));
}

/// TensorFlow's run had no GPU; where there is one the listing prints its name instead.
#[test]
fn the_gpu_by_name() {
    let mut out = String::new();
    match tf::test::gpu_device_name().as_str() {
        "/device:GPU:0" => return,
        _ => say!(out, "{}: GPU device not found", "SystemError"),
    }
    assert_eq!(out, recorded!("004_13_gpu_check"));
}

#[test]
fn tables_of_gates() {
    let data = np::array([[0, 0], [1, 0], [0, 1], [1, 1]]);
    let label = np::array([[0], [1], [1], [1]]);
    let mut out = String::new();
    say!(out, "{data} {} {}", tuple(&data), data.dtype().name());
    say!(out, "{label} {}", tuple(&label));
    say!(out, "{:?}", np::array([[0], [1], [1], [0]]));
    assert_eq!(out, recorded!("004_19_gate_data"));
}

#[test]
fn regressions_by_minimize() {
    let (height, shoe_size) = (170.0, 260.0);
    let (a, b) = (tf::Variable::new(0.1), tf::Variable::new(0.2));
    let opt = Adam::new(0.1);
    let mut out = String::new();
    for i in 0..300 {
        opt.minimize(|| tf::square(shoe_size - (height * &a + &b)), [&a, &b]);
        if i % 20 == 0 {
            say!(out, "Step {i}: a = {}, b = {}", py(&a.item::<f64>()), py(&b.item::<f64>()));
        }
    }
    assert_eq!(out, recorded!("004_15_linreg_height"));

    let train_x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
    let train_y = [3, 5, 7, 9, 11, 13, 15];
    let (a, b) = (tf::Variable::new(0.1), tf::Variable::new(0.1));
    let opt = Adam::new(0.001);
    let mut out = String::new();
    for _ in 0..300 {
        opt.minimize(|| losses::mse(train_y, train_x * &a + &b), [&a, &b]);
        say!(out, "{} {}", a.numpy(), b.numpy());
    }
    assert_eq!(out, recorded!("004_16_linreg_list"));
}

#[test]
fn regressions_with_a_tape() {
    let train_x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
    let train_y = [3, 5, 7, 9, 11, 13, 15];
    let (a, b) = (tf::Variable::new(0.1), tf::Variable::new(0.1));
    let opt = Adam::new(0.001);
    let mut out = String::new();
    for i in 0..300 {
        let tape = tf::GradientTape::new();
        let l = losses::mse(train_y, train_x * &a + &b);
        let grads = tape.gradient(&l, [&a, &b]);
        opt.apply_gradients(grads.iter().zip([&a, &b]));
        if i % 50 == 0 || i == 299 {
            say!(out, "{i} {} {} {}", l.numpy(), a.numpy(), b.numpy());
        }
    }
    assert_eq!(out, recorded!("004_30_linreg_tape_equivalent"));

    let (height, shoe_size) = (170.0, 260.0);
    let (a, b) = (tf::Variable::new(0.1), tf::Variable::new(0.2));
    let opt = Adam::new(0.1);
    let mut out = String::new();
    for i in 0..300 {
        let tape = tf::GradientTape::new();
        let l = tf::square(shoe_size - (height * &a + &b));
        let grads = tape.gradient(&l, [&a, &b]);
        opt.apply_gradients(grads.iter().zip([&a, &b]));
        if i % 20 == 0 {
            say!(out, "Step {i}: a = {}, b = {}", py(&a.item::<f64>()), py(&b.item::<f64>()));
        }
    }
    assert_eq!(out, recorded!("004_31_linreg_height_tape"));
}

#[test]
fn activations_by_hand() {
    let x = np::linspace(-4, 4, 100);
    let mut out = String::new();
    say!(out, "{x}");
    assert_eq!(out, recorded!("004_23_activations_by_hand"));

    let th: Vec<f64> = x.to_vec::<f64>().into_iter().map(f64::tanh).collect();
    let re: Vec<Array> = (0..100).map(|i| x.slice(s![i])).filter(|v| v.item::<f64>() > 0.0).collect();
    let mut out = String::new();
    say!(out, "{} {}", py(&th[..3]), py(&re[re.len() - 3..]));
    assert_eq!(out, recorded!("004_24_activations_tanh_relu"));
}

/// Python keeps the first weight an integer.
#[test]
fn descents_by_learning_rate() {
    let mut out = String::new();
    for lr in [0.001, 0.1, 0.5, 0.9] {
        let mut w = 2.0;
        let descent: Vec<String> = (1..10)
            .map(|_| {
                w -= lr * (w * 2.0);
                py(&w).to_string()
            })
            .collect();
        say!(out, "{} [2, {}]", py(&lr), descent.join(", "));
    }
    assert_eq!(out, recorded!("004_25_gradient_descent_figure"));
}

/// Keras 3 names the container of the metrics (`compile_metrics`), Keras 2, whose output this is, the metrics.
#[test]
fn models_are_compiled() -> Result<()> {
    let _alone = alone();
    let x = np::random::rand((8, 4));
    let model_of = |units: usize, activation: &str| {
        let mut model = Sequential::new();
        model.add(Dense::new(units).input_shape([4]).activation(activation));
        model
    };
    let mut out = String::new();
    let mut model = model_of(1, "linear");
    model.compile(RMSprop::default(), "mse", ())?;
    // One figure, the loss: a float in Python, a list of one here.
    let figures = model.evaluate(&x, np::random::rand((8, 1))).verbose(0).run()?;
    say!(out, "{}", if figures.len() == 1 { "float" } else { "list" });

    let mut model = model_of(1, "sigmoid");
    model.compile(RMSprop::default(), "binary_crossentropy", ["acc"])?;
    let figures = model.evaluate(&x, [[0], [1], [0], [1], [0], [1], [0], [1]]).verbose(0).run()?;
    say!(out, "{} {}", figures.len(), py(&model.metrics_names()));

    let mut model = model_of(3, "softmax");
    model.compile(RMSprop::default(), "categorical_crossentropy", ["acc"])?;
    let labels = keras::utils::to_categorical([0, 1, 2, 0, 1, 2, 0, 1], 3);
    let figures = model.evaluate(&x, &labels).verbose(0).run()?;
    say!(out, "{} {}", figures.len(), py(&model.metrics_names()));
    for name in ["sgd", "rmsprop", "adam", "nadam"] {
        model.compile(name, "mse", ())?;
        let optimizer = model.optimizer()?;
        say!(out, "{name} {} {}", optimizer.class_name(), py(&optimizer.learning_rate()));
    }
    assert_eq!(out, recorded!("004_26_compile_variants"));
    Ok(())
}
