//! One training step of every layer, loss, metric and optimizer against Keras 3.15: predictions, losses, weights after the
//! step, and what `evaluate` says. `fixtures/make_keras_steps.py` recorded them.

use flowbook::keras::layers::*;
use flowbook::keras::losses::{self, IntoLoss, Loss};
use flowbook::keras::metrics::{AUC, IntoMetrics, Precision, Recall, Request, RootMeanSquaredError};
use flowbook::keras::optimizers::schedules::*;
use flowbook::keras::optimizers::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Ftrl, IntoOptimizer, Lion, Nadam, Optimizer, RMSprop, SGD,
};
use flowbook::keras::{Input, Model, Sequential, regularizers};
use flowbook::{Array, Result};
use serde_json::Value;

/// Keras' figures are float32 sums in an order of their own.
const TOLERANCE: f64 = 1e-5;

fn array(value: &Value) -> Array {
    let list = |key: &str| value[key].as_array().expect("a list").iter();
    let shape: Vec<usize> = list("shape").map(|n| n.as_u64().expect("a size") as usize).collect();
    let data: Vec<f32> = list("data").map(|n| n.as_f64().expect("a number") as f32).collect();
    Array::new(data, &shape)
}

fn close(what: &str, got: &Array, want: &Array) {
    assert_eq!(got.shape(), want.shape(), "{what}");
    let (got, want) = (got.to_vec::<f64>(), want.to_vec::<f64>());
    for (i, (g, w)) in got.iter().zip(&want).enumerate() {
        assert!((g - w).abs() <= TOLERANCE * w.abs().max(1.0), "{what}, element {i}: {g}, not {w}");
    }
}

fn numbers(value: &Value) -> Array {
    let data: Vec<f64> = value.as_array().expect("a list").iter().map(|n| n.as_f64().expect("a number")).collect();
    let count = data.len();
    Array::new(data, &[count])
}

macro_rules! chain {
    ($($layer:expr),+) => {{
        let mut model = Sequential::new();
        $(model.add($layer);)+
        model
    }};
}

fn model(name: &str) -> Sequential {
    if let Some(activation) = name.strip_prefix("dense ")
        && !activation.contains(' ')
    {
        return chain!(Dense::new(4).activation(activation), Dense::new(2));
    }
    if let Some(loss) = name.strip_prefix("loss ") {
        return chain!(last_layer(loss));
    }
    if let Some(metric) = name.strip_prefix("metric ") {
        let units = if metric.contains(" of ") { 3 } else { 1 };
        let activation = if units == 3 { "softmax" } else { "sigmoid" };
        return chain!(Dense::new(units).activation(activation));
    }
    if name.starts_with("optimizer ") {
        return chain!(Dense::new(4).activation("tanh"), Dense::new(2));
    }
    let (flatten, one) = (Flatten::new(), Dense::new(1));
    if let Some(name) = name.strip_prefix("sequence ") {
        return sequences(name);
    }
    if let Some(name) = name.strip_prefix("image ") {
        return images(name);
    }
    match name {
        "dense without bias" => chain!(Dense::new(4).use_bias(false), Dense::new(2)),
        "dense on rank 3" => chain!(Dense::new(4).activation("tanh"), flatten, Dense::new(2)),
        "flatten" => chain!(flatten, one),
        "reshape" => chain!(Reshape::new([4, 18]), flatten, one),
        "rescaling" => chain!(Rescaling::new(0.5).offset(0.25), flatten, one),
        "dropout 0" => chain!(Dropout::new(0.0), flatten, one),
        "conv2d valid" => chain!(Conv2D::new(3, 3), flatten, one),
        "conv2d same relu" => chain!(Conv2D::new(3, (3, 2)).padding("same").activation("relu"), flatten, one),
        "conv2d strides" => chain!(Conv2D::new(3, 3).strides(2).padding("same").use_bias(false), flatten, one),
        "max_pooling2d" => chain!(Conv2D::new(2, 3), MaxPooling2D::new(), flatten, one),
        "max_pooling2d same" => {
            chain!(Conv2D::new(2, 2), MaxPooling2D::new().pool_size(3).strides(2).padding("same"), flatten, one)
        }
        "average_pooling2d" => chain!(Conv2D::new(2, 3), AveragePooling2D::new(), flatten, one),
        "average_pooling2d same" => {
            chain!(Conv2D::new(2, 2), AveragePooling2D::new().pool_size(3).strides(2).padding("same"), flatten, one)
        }
        "global_average_pooling2d" => chain!(Conv2D::new(2, 3), GlobalAveragePooling2D::new(), one),
        "batch_normalization" => chain!(Dense::new(4), BatchNormalization::new(), Dense::new(2)),
        "batch_normalization of images" => {
            chain!(Conv2D::new(2, 3), BatchNormalization::new().momentum(0.8).epsilon(0.01), flatten, one)
        }
        "batch_normalization plain" => chain!(BatchNormalization::new().center(false).scale(false), Dense::new(2)),
        "activation layer" => chain!(Dense::new(4), Activation::new("tanh"), Dense::new(2)),
        "leaky_relu layer" => chain!(Dense::new(4), LeakyReLU::new(), Dense::new(2)),
        "leaky_relu layer 0.1" => chain!(Dense::new(4), LeakyReLU::new().negative_slope(0.1), Dense::new(2)),
        "relu layer" => chain!(Dense::new(4), ReLU::new(), Dense::new(2)),
        "prelu layer" => chain!(Dense::new(4), PReLU::new(), Dense::new(2)),
        "elu layer" => chain!(Dense::new(4), ELU::new().alpha(0.7), Dense::new(2)),
        "softmax layer" => chain!(Dense::new(4), Softmax::new(), Dense::new(2)),
        "l1" => chain!(Dense::new(2).kernel_regularizer(regularizers::L1::new(0.02))),
        "l2" => chain!(Dense::new(2).kernel_regularizer(regularizers::L2::new(0.03)).bias_regularizer("l2")),
        "l1_l2" => chain!(Dense::new(2).kernel_regularizer(regularizers::L1L2::new(0.02, 0.03))),
        "sample weights" => chain!(Dense::new(2)),
        other => panic!("there is no model for the case {other}"),
    }
}

fn sequences(name: &str) -> Sequential {
    let (flatten, one) = (Flatten::new(), Dense::new(1));
    match name {
        "conv1d valid" => chain!(Conv1D::new(4, 3).activation("relu"), flatten, one),
        "conv1d same" => chain!(Conv1D::new(4, 2).strides(2).padding("same").use_bias(false), flatten, one),
        "conv1d causal" => chain!(Conv1D::new(4, 3).padding("causal"), flatten, one),
        "max_pooling1d" => chain!(Conv1D::new(4, 1), MaxPooling1D::new(), flatten, one),
        "max_pooling1d same" => {
            chain!(Conv1D::new(4, 2), MaxPooling1D::new().pool_size(3).strides(2).padding("same"), flatten, one)
        }
        "average_pooling1d" => chain!(AveragePooling1D::new().pool_size(3), flatten, one),
        "global_average_pooling1d" => chain!(Conv1D::new(4, 2), GlobalAveragePooling1D::new(), flatten, one),
        "global_max_pooling1d" => chain!(Conv1D::new(4, 2), GlobalMaxPooling1D::new(), flatten, one),
        "simple_rnn" => chain!(SimpleRNN::new(4), flatten, one),
        "simple_rnn relu" => {
            chain!(SimpleRNN::new(4).activation("relu").use_bias(false).return_sequences(true), flatten, one)
        }
        "lstm" => chain!(LSTM::new(4), flatten, one),
        "lstm stacked" => chain!(LSTM::new(4).return_sequences(true), LSTM::new(3), flatten, one),
        "gru" => chain!(GRU::new(4), flatten, one),
        "gru sequences" => chain!(GRU::new(4).return_sequences(true), flatten, one),
        "layer_normalization" => chain!(LayerNormalization::new(), flatten, one),
        "layer_normalization plain" => {
            chain!(LayerNormalization::new().center(false).scale(false).epsilon(0.1), flatten, one)
        }
        "embedding" => chain!(Embedding::new(10, 3), flatten, one),
        other => panic!("there is no model for the case sequence {other}"),
    }
}

fn images(name: &str) -> Sequential {
    let (flatten, one) = (Flatten::new(), Dense::new(1));
    match name {
        "up_sampling2d" => chain!(UpSampling2D::new(), flatten, one),
        "up_sampling2d size" => chain!(Conv2D::new(2, 3), UpSampling2D::new().size((1, 3)), flatten, one),
        "zero_padding2d" => chain!(ZeroPadding2D::new().padding(2), Conv2D::new(2, 3), flatten, one),
        "global_max_pooling2d" => chain!(Conv2D::new(2, 3), GlobalMaxPooling2D::new(), flatten, one),
        "conv2d_transpose" => chain!(Conv2DTranspose::new(3, 3).activation("relu"), flatten, one),
        "conv2d_transpose same" => chain!(Conv2DTranspose::new(3, 3).strides(2).padding("same"), flatten, one),
        "conv2d_transpose far" => chain!(Conv2DTranspose::new(2, 2).strides(3).use_bias(false), flatten, one),
        "conv2d_transpose even" => chain!(Conv2DTranspose::new(2, (4, 2)).strides(2).padding("same"), flatten, one),
        "depthwise_conv2d" => chain!(DepthwiseConv2D::new(3).depth_multiplier(2).activation("tanh"), flatten, one),
        "depthwise_conv2d same" => chain!(DepthwiseConv2D::new(3).strides(2).padding("same"), flatten, one),
        "separable_conv2d" => chain!(SeparableConv2D::new(3, 3).depth_multiplier(2), flatten, one),
        "separable_conv2d same" => chain!(SeparableConv2D::new(3, 2).padding("same").use_bias(false), flatten, one),
        other => panic!("there is no model for the case image {other}"),
    }
}

fn merged(name: &str) -> Model {
    if name == "Concatenate" {
        let i = Input([6, 3]);
        let both = Concatenate::new().axis(1).call([&Dense::new(2).call(&i), &Conv1D::new(2, 3).call(&i)]);
        return Model::new(&i, &Dense::new(1).call(&Flatten::new().call(&both)));
    }
    let i = Input([3]);
    let (a, b) = (Dense::new(4).activation("tanh").call(&i), Dense::new(4).call(&i));
    let both = match name {
        "Add" => add([&a, &b]),
        "Subtract" => Subtract::new().call([&a, &b]),
        "Multiply" => multiply([&a, &b]),
        "Average" => Average::new().call([&a, &b]),
        "Maximum" => Maximum::new().call([&a, &b]),
        "Minimum" => minimum([&a, &b]),
        other => panic!("there is no model for the case merge {other}"),
    };
    Model::new(&i, &Dense::new(2).call(&both))
}

fn last_layer(loss: &str) -> Dense {
    let sparse_or_categorical = loss.contains("categorical");
    let units = if sparse_or_categorical || loss == "kl_divergence" { 3 } else { 2 };
    let activation = match loss {
        "msle" | "poisson" => "softplus",
        "binary_crossentropy" => "sigmoid",
        "binary_crossentropy of probabilities" => "hard_sigmoid",
        _ if loss.ends_with("of probabilities") => "sigmoid",
        _ if loss.ends_with("from logits") => "linear",
        _ if units == 3 => "softmax",
        _ => "linear",
    };
    Dense::new(units).activation(activation)
}

fn functional() -> Model {
    let i = Input([3]);
    let (a, b) = (Dense::new(4).activation("tanh").call(&i), Dense::new(4).call(&i));
    let sum = Add::new().call([&a, &b]);
    Model::new(&i, &Dense::new(2).call(&Concatenate::new().call([&sum, &i])))
}

fn loss(name: &str) -> Result<Loss> {
    if let Some(metric) = name.strip_prefix("metric ") {
        return match metric {
            "acc of one-hot" => "categorical_crossentropy".into_loss(),
            "acc of classes" => "sparse_categorical_crossentropy".into_loss(),
            _ => "binary_crossentropy".into_loss(),
        };
    }
    match name.strip_prefix("loss ") {
        None => "mse".into_loss(),
        Some("binary_crossentropy from logits") => Ok(losses::BinaryCrossentropy::new().from_logits(true)),
        Some("categorical_crossentropy from logits") => Ok(losses::CategoricalCrossentropy::new().from_logits(true)),
        Some("sparse_categorical_crossentropy from logits") => {
            Ok(losses::SparseCategoricalCrossentropy::new().from_logits(true))
        }
        Some(loss) => loss.split(' ').next().unwrap_or_default().into_loss(),
    }
}

/// Metrics by name or object, as the case asks.
struct Asked<'a>(&'a str);

impl IntoMetrics for Asked<'_> {
    fn into_metrics(self) -> Vec<Request> {
        match self.0 {
            "sample weights" => ["mae"].into_metrics(),
            "metric acc of one-hot" => ["acc", "categorical_accuracy"].into_metrics(),
            "metric acc of classes" => ["acc", "sparse_categorical_accuracy"].into_metrics(),
            "metric precision" => Precision::new().into_metrics(),
            "metric recall" => Recall::new().into_metrics(),
            "metric auc" => AUC::new().into_metrics(),
            "metric rmse" => RootMeanSquaredError::new().into_metrics(),
            other => match other.strip_prefix("metric ") {
                Some(metric) => metric.into_metrics(),
                None => ().into_metrics(),
            },
        }
    }
}

fn optimizer(name: &str) -> Result<Optimizer> {
    let Some(name) = name.strip_prefix("optimizer ") else { return SGD::new(0.1).into_optimizer() };
    match name {
        "sgd" => SGD::default().into_optimizer(),
        "sgd momentum" => SGD::new(0.1).momentum(0.9).into_optimizer(),
        "sgd nesterov" => SGD::new(0.1).momentum(0.9).nesterov(true).into_optimizer(),
        "rmsprop" => "rmsprop".into_optimizer(),
        "rmsprop momentum" => RMSprop::new(0.01).momentum(0.5).into_optimizer(),
        "rmsprop centered" => RMSprop::new(0.01).centered(true).into_optimizer(),
        "adam" => "adam".into_optimizer(),
        "adam 0.1" => Adam::new(0.1).beta_1(0.8).beta_2(0.9).into_optimizer(),
        "adam amsgrad" => Adam::new(0.05).amsgrad(true).into_optimizer(),
        "nadam" => Nadam::new(0.05).into_optimizer(),
        "adagrad" => Adagrad::new(0.1).into_optimizer(),
        "adamw" => AdamW::new(0.05).into_optimizer(),
        "adamw decay" => AdamW::new(0.05).weight_decay(0.1).into_optimizer(),
        "adamax" => Adamax::new(0.05).into_optimizer(),
        "adadelta" => Adadelta::new(1.0).into_optimizer(),
        "lion" => Lion::new(0.05).into_optimizer(),
        "lion betas" => Lion::new(0.05).beta_1(0.8).beta_2(0.7).into_optimizer(),
        "ftrl" => Ftrl::new(0.1).into_optimizer(),
        "ftrl regularized" => Ftrl::new(0.1)
            .learning_rate_power(-0.6)
            .initial_accumulator_value(0.2)
            .l1_regularization_strength(0.01)
            .l2_regularization_strength(0.02)
            .l2_shrinkage_regularization_strength(0.03)
            .beta(0.1)
            .into_optimizer(),
        "adam clipnorm" => Adam::new(0.05).clipnorm(0.1).into_optimizer(),
        "sgd clipvalue" => SGD::new(0.1).clipvalue(0.05).into_optimizer(),
        "sgd global_clipnorm" => SGD::new(0.1).global_clipnorm(0.2).into_optimizer(),
        "sgd weight_decay" => SGD::new(0.1).weight_decay(0.02).into_optimizer(),
        "sgd exponential" => SGD::new(ExponentialDecay::new(0.1, 2, 0.5)).into_optimizer(),
        "sgd staircase" => SGD::new(ExponentialDecay::new(0.1, 2, 0.5).staircase(true)).into_optimizer(),
        "sgd piecewise" => SGD::new(PiecewiseConstantDecay::new([1], [0.1, 0.01])).into_optimizer(),
        "sgd polynomial" => SGD::new(PolynomialDecay::new(0.1, 2, 0.01).power(2.0)).into_optimizer(),
        "sgd inverse" => SGD::new(InverseTimeDecay::new(0.1, 2, 0.5)).into_optimizer(),
        "sgd cosine" => SGD::new(CosineDecay::new(0.1, 4).alpha(0.1)).into_optimizer(),
        other => panic!("there is no optimizer for the case {other}"),
    }
}

/// What differs from Keras in one case.
fn run(case: &Value) -> Result<()> {
    let name = case["name"].as_str().expect("a name");
    let (x, mut y) = (array(&case["x"]), array(&case["y"]));
    if case["integers"] == true {
        y = y.astype(flowbook::np::int64);
    }
    let weights = |key: &str| case[key].as_array().expect("weights").iter().map(array).collect::<Vec<Array>>();
    let (mut chain, mut graph);
    let model: &mut Model = if name == "functional" {
        graph = functional();
        &mut graph
    } else if let Some(name) = name.strip_prefix("merge ") {
        graph = merged(name);
        &mut graph
    } else {
        chain = model(name);
        &mut chain
    };
    model.compile(optimizer(name)?, loss(name)?, Asked(name))?;
    let batch: Vec<Option<usize>> = std::iter::once(None).chain(x.shape()[1..].iter().map(|n| Some(*n))).collect();
    model.build(batch)?;
    model.set_weights(&weights("before"))?;
    let predicted = model.predict(&x).verbose(0).run()?;
    close(&format!("{name}: prediction"), &predicted, &array(&case["prediction"]));
    let losses = numbers(&case["losses"]);
    for (step, want) in losses.to_vec::<f64>().iter().enumerate() {
        let fit = model.fit(&x, &y).verbose(0).shuffle(false);
        let fit = if case["weight"].is_null() { fit } else { fit.sample_weight(array(&case["weight"])) };
        let got = fit.run()?["loss"][0];
        assert!((got - want).abs() <= TOLERANCE * want.abs().max(1.0), "{name}: loss {got} in step {step}, not {want}");
    }
    for (i, (got, want)) in model.get_weights().iter().zip(&weights("after")).enumerate() {
        close(&format!("{name}: weight {i} after the step"), got, want);
    }
    let evaluate = model.evaluate(&x, &y).verbose(0);
    let evaluate = if case["weight"].is_null() { evaluate } else { evaluate.sample_weight(array(&case["weight"])) };
    let got = evaluate.run()?;
    let count = got.len();
    close(&format!("{name}: evaluation"), &Array::new(got, &[count]), &numbers(&case["evaluated"]));
    Ok(())
}

#[test]
fn steps_are_keras() {
    let cases: Value = serde_json::from_str(include_str!("fixtures/keras_steps.json")).expect("the fixture is JSON");
    let mut failed = Vec::new();
    for case in cases.as_array().expect("cases") {
        let outcome = std::panic::catch_unwind(|| run(case));
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(error)) => failed.push(format!("{}: {error}", case["name"])),
            Err(panic) => {
                failed.push(panic.downcast_ref::<String>().cloned().unwrap_or_else(|| case["name"].to_string()))
            }
        }
    }
    assert!(failed.is_empty(), "{} cases differ:\n{}", failed.len(), failed.join("\n"));
}
