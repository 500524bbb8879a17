//! Models of several inputs and outputs, models inside models, loops of one's own and what `fit` takes, beside what Keras 3.15
//! found (`fixtures/make_keras_models.py`).

use flowbook::keras::layers::{Add, Concatenate, Dense, Dropout, Flatten, Softmax};
use flowbook::keras::losses::{
    CategoricalCrossentropy, MeanAbsoluteError, MeanSquaredError, SparseCategoricalCrossentropy,
};
use flowbook::keras::metrics::{Mean, SparseCategoricalAccuracy};
use flowbook::keras::models::{Columns, Fit};
use flowbook::keras::optimizers::{Adam, SGD};
use flowbook::keras::{Input, Model, Sequential, regularizers};
use flowbook::{Array, ArrayLike, Result, np, v2 as tf};
use serde_json::Value;

/// Keras' figures are float32 sums in an order of their own.
const TOLERANCE: f64 = 1e-5;

fn recorded() -> Value {
    serde_json::from_str(include_str!("fixtures/keras_models.json")).expect("the fixture is JSON")
}

fn array(value: &Value) -> Array {
    let list = |key: &str| value[key].as_array().expect("a list").iter();
    let shape: Vec<usize> = list("shape").map(|n| n.as_u64().expect("a size") as usize).collect();
    let data: Vec<f32> = list("data").map(|n| n.as_f64().expect("a number") as f32).collect();
    Array::new(data, &shape)
}

fn arrays(value: &Value) -> Vec<Array> {
    value.as_array().expect("arrays").iter().map(array).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|n| n.as_f64().expect("a number")).collect()
}

fn close(what: &str, got: &[f64], want: &[f64]) {
    assert_eq!(got.len(), want.len(), "{what}: {got:?}, not {want:?}");
    for (g, w) in got.iter().zip(want) {
        assert!((g - w).abs() <= TOLERANCE * w.abs().max(1.0), "{what}: {got:?}, not {want:?}");
    }
}

fn same(what: &str, got: &[Array], want: &[Array]) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (got, want) in got.iter().zip(want) {
        assert_eq!(got.shape(), want.shape(), "{what}");
        close(what, &got.to_vec::<f64>(), &want.to_vec::<f64>());
    }
}

fn data(name: &str) -> Array {
    array(&recorded()["data"][name])
}

fn classes() -> Array {
    data("classes").astype(np::int64)
}

/// Two inputs, `a` and `b`, and two outputs, `price` and `kind`.
fn several() -> Model {
    let (a, b) = (Input([3]).named("a"), Input([2]).named("b"));
    let hidden = Dense::new(4).activation("tanh").named("hidden").call(&a);
    let both = Concatenate::new().named("both").call([&hidden, &b]);
    let price = Dense::new(1).named("price").call(&both);
    let kind = Dense::new(3).activation("softmax").named("kind").call(&both);
    Model::new([&a, &b], [&price, &kind]).named("functional")
}

/// Summary, predictions, two steps, a test, an evaluation and the weights afterwards.
fn check<X: Columns + Clone, Y: Columns + Clone>(name: &str, model: &mut Model, x: X, y: Y) -> Result<()> {
    let case = &recorded()[name];
    assert_eq!(Some(&*model.summary_text()), case["summary"].as_str(), "{name}");
    model.set_weights(&arrays(&case["before"]))?;
    let predicted = model.predict(x.clone()).verbose(0).run_all()?;
    same(&format!("{name}: prediction"), &predicted, &arrays(&case["prediction"]));
    for want in case["trained"].as_array().expect("steps") {
        let got = model.train_on_batch(x.clone(), y.clone())?;
        close(&format!("{name}: step"), &got, &numbers(want));
    }
    close(&format!("{name}: test"), &model.test_on_batch(x.clone(), y.clone())?, &numbers(&case["tested"]));
    let evaluated = model.evaluate(x, y).batch_size(4).verbose(0).run_dict()?;
    let want = case["evaluated"].as_object().expect("figures");
    assert_eq!(evaluated.len(), want.len(), "{name}: {evaluated}");
    for (figure, value) in want {
        close(&format!("{name}: {figure}"), &[evaluated[figure]], &[value.as_f64().expect("a number")]);
    }
    same(&format!("{name}: weights"), &model.get_weights(), &arrays(&case["after"]));
    Ok(())
}

#[test]
fn several_inputs_and_outputs() -> Result<()> {
    let x = (data("xa"), data("xb"));
    let y = (data("price"), data("kind"));
    let mut model = several();
    let losses = (MeanSquaredError::new(), CategoricalCrossentropy::new().loss_weight(0.2));
    model.compile(SGD::new(0.1), losses, [("price", vec!["mae"]), ("kind", vec!["accuracy", "mse"])])?;
    check("several", &mut model, x.clone(), y.clone())?;
    let mut model = several();
    let losses = [("kind", CategoricalCrossentropy::new().label_smoothing(0.1)), ("price", MeanAbsoluteError::new())];
    model.compile(SGD::new(0.1), losses, [("price", ["mse"])])?;
    check("by name", &mut model, x.clone(), y.clone())?;
    let mut model = several();
    model.compile(SGD::new(0.1), "mse", ())?;
    check("one loss", &mut model, x, y)
}

#[test]
fn layers_used_twice() -> Result<()> {
    let shared = Dense::new(2).activation("tanh").named("shared");
    let (left, right) = (Input([3]).named("left"), Input([3]).named("right"));
    let sum = Add::new().named("sum").call([&shared.call(&left), &shared.call(&right)]);
    let mut model = Model::new([&left, &right], &Dense::new(1).named("out").call(&sum)).named("twins");
    model.compile(SGD::new(0.1), "mse", ["mae"])?;
    let xa = data("xa");
    let backwards = np::flip(&xa).axis(0).to_array();
    check("shared", &mut model, (xa, backwards), data("price"))
}

#[test]
fn models_inside_models() -> Result<()> {
    let encoder =
        Sequential::from((Input([3]), Dense::new(2).activation("relu").kernel_regularizer(regularizers::l2(0.1))))
            .named("encoder");
    let decoder = Sequential::from((Input([2]), Dense::new(4).activation("tanh"), Dense::new(3))).named("decoder");
    let image = Input([3]).named("image");
    let mut model = Model::new(&image, &decoder.call(&encoder.call(&image))).named("autoencoder");
    model.compile(SGD::new(0.1), "mse", ())?;
    check("nested", &mut model, data("xa"), data("xa"))?;
    // The parts are the whole's own, and still work alone.
    let code = encoder.call(data("xa"));
    let whole = model.predict(data("xa")).verbose(0).run()?;
    same("parts", &[decoder.call(code).numpy()], std::slice::from_ref(&whole));
    // Files keep what is inside.
    let path = std::env::temp_dir().join(format!("flowbook-nested-{}", std::process::id()));
    model.save(&path)?;
    let mut loaded = flowbook::keras::models::load_model(&path)?;
    same("loaded", &[loaded.predict(data("xa")).verbose(0).run()?], &[whole]);
    for extension in ["json", "safetensors"] {
        std::fs::remove_file(path.with_extension(extension)).expect("the file was written");
    }
    let frozen = Sequential::from((Input([3]), Dense::new(2).activation("relu"))).named("encoder");
    frozen.set_trainable(false);
    let mut model = Sequential::new().named("tuned");
    model.add(&frozen);
    model.add(Dense::new(1).named("head"));
    model.compile(SGD::new(0.1), "mse", ())?;
    check("frozen", &mut model, data("xa"), data("price"))
}

#[test]
fn losses_and_metrics_are_saved() -> Result<()> {
    let mut model = Sequential::new();
    model.add(Dense::new(3).input_shape([3]));
    let loss = SparseCategoricalCrossentropy::new().from_logits(true);
    model.compile(Adam::default(), loss, SparseCategoricalAccuracy::new().named("right"))?;
    let want = model.evaluate(data("xa"), classes()).verbose(0).run_dict()?;
    let path = std::env::temp_dir().join(format!("flowbook-compiled-{}", std::process::id()));
    model.save(&path)?;
    let loaded = flowbook::keras::models::load_model(&path)?.evaluate(data("xa"), classes()).verbose(0).run_dict()?;
    assert_eq!(loaded, want);
    for extension in ["json", "safetensors"] {
        std::fs::remove_file(path.with_extension(extension)).expect("the file was written");
    }
    Ok(())
}

/// A model that was read goes on as the one that was written does: the numbers of its optimizer come back.
#[test]
fn optimizers_are_saved() -> Result<()> {
    let mut model = Sequential::new();
    model.add(Dense::new(1).input_shape([3]));
    model.compile(SGD::new(0.1).momentum(0.9).nesterov(true).clipnorm(0.5).weight_decay(0.01), "mse", ())?;
    let path = std::env::temp_dir().join(format!("flowbook-optimizer-{}", std::process::id()));
    model.save(&path)?;
    let mut loaded = flowbook::keras::models::load_model(&path)?;
    for extension in ["json", "safetensors"] {
        std::fs::remove_file(path.with_extension(extension)).expect("the file was written");
    }
    let before = model.get_weights();
    for _ in 0..3 {
        assert_eq!(model.train_on_batch(data("xa"), data("price"))?, loaded.train_on_batch(data("xa"), data("price"))?);
    }
    assert_eq!(model.get_weights()[0].to_vec::<f32>(), loaded.get_weights()[0].to_vec::<f32>());
    assert_ne!(model.get_weights()[0].to_vec::<f32>(), before[0].to_vec::<f32>());
    Ok(())
}

/// TensorFlow's quickstart for beginners, in small: logits, a loss made for them, and a model of probabilities around the
/// trained one.
#[test]
fn a_quickstart() -> Result<()> {
    tf::random::set_seed(3);
    let mut model = Sequential::from((
        Flatten::new().input_shape([1, 3]),
        Dense::new(8).activation("relu"),
        Dropout::new(0.2),
        Dense::new(3),
    ));
    let (x, classes) = (data("xa").reshape([6, 1, 3]), classes());
    let predictions = model.call(x.slice(flowbook::s![..1, .., ..]));
    assert_eq!(predictions.numpy().shape(), [1, 3]);
    let loss_fn = SparseCategoricalCrossentropy::new().from_logits(true);
    // -log softmax of the label's class
    let want = -tf::nn::log_softmax(&predictions).numpy().to_vec::<f64>()[classes.to_vec::<usize>()[0]];
    close("first loss", &[loss_fn.call(classes.slice(flowbook::s![..1]), &predictions).item()], &[want]);
    model.compile(Adam::new(0.05), &loss_fn, ["accuracy"])?;
    let before = model.evaluate(&x, &classes).verbose(0).run()?;
    model.fit(&x, &classes).epochs(40).verbose(0).run()?;
    let scores = model.evaluate(&x, &classes).verbose(0).run()?;
    // With steps that long it learns from any start: other tests of this process may draw from the same generator.
    assert!(scores[0] < before[0], "{scores:?} after {before:?}");
    let probability_model = Sequential::from((&model, Softmax::new()));
    let probabilities = probability_model.call(&x).numpy();
    let likeliest = np::argmax(&probabilities).axis(1).to_vec::<i64>();
    let right = likeliest.iter().zip(classes.to_vec::<i64>()).filter(|(a, b)| **a == *b).count();
    close("accuracy", &scores[1..], &[right as f64 / 6.0]);
    close("sums", &np::sum(&probabilities).axis(1).to_vec::<f64>(), &[1.0; 6]);
    Ok(())
}

/// TensorFlow's quickstart for experts, in small.
#[test]
fn a_loop_of_ones_own() -> Result<()> {
    let case = &recorded()["loop"];
    let mut model = Sequential::new();
    let penalty = regularizers::l1_l2(0.01, 0.02);
    model.add(Dense::new(4).activation("relu").kernel_regularizer(penalty).input_shape([3]));
    model.add(Dense::new(3));
    model.set_weights(&arrays(&case["before"]))?;
    let model = std::rc::Rc::new(model);
    let loss_fn = SparseCategoricalCrossentropy::new().from_logits(true);
    let optimizer = Adam::new(0.05);
    let train_loss = Mean::new().named("train_loss");
    let train_accuracy = SparseCategoricalAccuracy::new().named("train_accuracy");
    let train_step = tf::function({
        let (model, train_loss, train_accuracy) = (model.clone(), train_loss.clone(), train_accuracy.clone());
        move |x: &tf::Tensor, y: &tf::Tensor| {
            let tape = tf::GradientTape::new();
            let logits = model.call_training(x);
            let loss = loss_fn.call(y, &logits) + tf::add_n(model.losses());
            let variables = model.trainable_variables();
            let gradients = tape.gradient(&loss, &variables);
            optimizer.apply_gradients(gradients.iter().zip(&variables));
            train_loss.update_state(&loss);
            train_accuracy.update_state(y, &logits);
            loss
        }
    });
    let (xa, classes) = (tf::constant(data("xa")), tf::constant(classes()));
    for want in case["epochs"].as_array().expect("epochs") {
        train_loss.reset_state();
        train_accuracy.reset_state();
        for at in [0, 2, 4] {
            train_step(&xa.slice(flowbook::s![at..at + 2, ..]), &classes.slice(flowbook::s![at..at + 2]));
        }
        let got = [train_loss.result().item::<f64>(), train_accuracy.result().item::<f64>()];
        close("epoch", &got, &numbers(want));
    }
    same("weights", &model.get_weights(), &arrays(&case["after"]));
    Ok(())
}

fn fitted(name: &str, arguments: impl FnOnce(Fit) -> Fit) -> Result<()> {
    let case = &recorded()[format!("fit {name}")];
    let mut model = Sequential::new();
    model.add(Dense::new(3).activation("softmax").input_shape([3]));
    let accuracy = SparseCategoricalAccuracy::new().named("acc");
    model.compile(SGD::new(0.1), "sparse_categorical_crossentropy", &accuracy)?;
    model.set_weights(&arrays(&case["before"]))?;
    let (xa, classes) = (data("xa"), classes());
    let history = arguments(model.fit(&xa, &classes).epochs(4).batch_size(2).shuffle(false).verbose(0)).run()?;
    let epochs: Vec<f64> = history.epoch.iter().map(|epoch| *epoch as f64).collect();
    assert_eq!(epochs, numbers(&case["epoch"]), "{name}");
    let want = case["history"].as_object().expect("figures");
    assert_eq!(history.keys().len(), want.len(), "{name}: {history}");
    for (figure, values) in want {
        close(&format!("{name}: {figure}"), &history[figure], &numbers(values));
    }
    same(name, &model.get_weights(), &arrays(&case["after"]));
    // A metric that was given as an object knows what it has seen last.
    let last = if want.contains_key("val_acc") { "val_acc" } else { "acc" };
    close(name, &[accuracy.result().item()], &history[last][history[last].len() - 1..]);
    Ok(())
}

#[test]
fn what_fit_takes() -> Result<()> {
    fitted("class weights", |fit| fit.class_weight([(0, 0.5), (1, 2.0), (2, 1.0)]))?;
    fitted("sample weights", |fit| fit.sample_weight([1.0, 2.0, 0.5, 0.0, 3.0, 1.0]))?;
    fitted("validation split", |fit| fit.validation_split(0.34))?;
    let first = |a: Array| a.slice(flowbook::s![..3, ..]).to_array();
    let (x, y) = (first(data("xa")), classes().to_vec::<i64>()[..3].to_vec());
    fitted("validation data", |fit| fit.validation_data(&x, y).validation_freq(2))?;
    fitted("steps", |fit| fit.batch_size(1).steps_per_epoch(2))?;
    fitted("later", |fit| fit.initial_epoch(2))
}

fn message<T>(result: Result<T>) -> String {
    result.err().expect("an error").to_string()
}

/// The beginnings are Keras' own words.
#[test]
fn what_does_not_fit_is_named() -> Result<()> {
    let mut model = several();
    let (xa, xb, price, kind) = (data("xa"), data("xb"), data("price"), data("kind"));
    model.compile("sgd", "mse", ())?;
    let one_input = message(model.fit(&xa, (&price, &kind)).verbose(0).run());
    let want = "ValueError: Layer \"functional\" expects 2 named input(s) with keys ['a', 'b'], but it received 1 input tensors.";
    assert!(one_input.starts_with(want), "{one_input}");
    let one_output = message(model.fit((&xa, &xb), &price).verbose(0).run());
    assert!(one_output.starts_with("ValueError: y_true and y_pred have different structures"), "{one_output}");
    let name = message(model.compile("sgd", [("price", "mse"), ("kindd", "mse")], ()));
    assert_eq!(
        name,
        "ValueError: Expected keys ['price', 'kind'] in loss dict, but found loss.keys()=['price', 'kindd']"
    );
    let metrics = message(model.compile("sgd", "mse", ["mae"]));
    assert!(metrics.starts_with("ValueError: For a model with multiple outputs"), "{metrics}");
    let losses = message(model.compile("sgd", ["mse", "mse", "mse"], ()));
    assert!(losses.starts_with("ValueError: For a model with multiple outputs"), "{losses}");
    assert!(message(model.predict((&xa, &xb)).verbose(0).run()).contains("`run_all`"));
    let counts = message(model.fit((&xa, &xb), (&price, [[1.0]])).verbose(0).run());
    assert!(counts.ends_with("'x' sizes: 6, 6\n'y' sizes: 6, 1\n"), "{counts}");
    let panic = std::panic::catch_unwind(|| Add::new().call([&Input([3]), &Input([4])])).expect_err("an error");
    let want = "ValueError: Inputs have incompatible shapes. Received shapes (3,) and (4,)";
    assert_eq!(panic.downcast_ref::<String>().map(String::as_str), Some(want));
    Ok(())
}
