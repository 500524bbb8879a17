//! Metrics, losses and schedules as objects and functions, through the calls that a loop of one's own makes, beside what
//! Keras 3.15 found (`fixtures/make_keras_values.py`).

use std::panic::{AssertUnwindSafe, catch_unwind};

use flowbook::keras::metrics::*;
use flowbook::keras::optimizers::schedules::*;
use flowbook::keras::{losses, metrics};
use flowbook::v2 as tf;
use flowbook::{Array, ArrayLike};
use serde_json::Value;

const WEIGHTS: [f64; 5] = [1.0, 2.0, 0.5, 0.0, 3.0];

/// Keras' figures are float32 sums in an order of their own.
const TOLERANCE: f64 = 2e-6;

fn recorded() -> Value {
    serde_json::from_str(include_str!("fixtures/keras_values.json")).expect("the fixture is JSON")
}

/// What differs, if anything.
fn difference(got: &Array, want: &Value) -> Option<String> {
    let numbers =
        |key: &str| want[key].as_array().into_iter().flatten().filter_map(Value::as_f64).collect::<Vec<f64>>();
    let (shape, data) = (numbers("shape"), numbers("data"));
    let same_shape = want.is_object() && got.shape().iter().map(|n| *n as f64).eq(shape);
    let found = got.to_vec::<f64>();
    let close = |(g, w): (&f64, &f64)| (g - w).abs() <= TOLERANCE * w.abs().max(1.0);
    let same = same_shape && found.len() == data.len() && found.iter().zip(&data).all(close);
    (!same).then(|| format!("{got:?}, not {want}"))
}

fn report(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Two batches of labels and predictions.
#[rustfmt::skip]
fn batches(name: &str) -> [(Array, Array); 2] {
    match name {
        "binary" => {
            let first = ([[1], [0], [1], [1], [0]].to_tensor(), [[0.9], [0.4], [0.35], [0.6], [0.55]].to_tensor());
            [first, ([[0], [1]].to_tensor(), [[0.2], [0.45]].to_tensor())]
        }
        "logits" => {
            let first = ([[1], [0], [1], [1], [0]].to_tensor(), [[2.0], [-0.5], [-0.7], [0.3], [0.2]].to_tensor());
            [first, ([[0], [1]].to_tensor(), [[-1.5], [-0.1]].to_tensor())]
        }
        "several" => {
            let first = ([[1, 0, 1], [0, 0, 1], [1, 1, 0], [0, 1, 0], [1, 0, 0]].to_tensor(), [[0.7, 0.2, 0.4], [0.6, 0.1, 0.8], [0.3, 0.9, 0.5], [0.2, 0.45, 0.55], [0.8, 0.3, 0.1]].to_tensor());
            [first, ([[1, 1, 1]].to_tensor(), [[0.1, 0.6, 0.9]].to_tensor())]
        }
        "classes" => {
            let first = ([2, 0, 1, 1, 0].to_tensor(), [[0.1, 0.2, 0.7], [0.3, 0.6, 0.1], [0.2, 0.5, 0.3], [0.5, 0.1, 0.4], [0.8, 0.1, 0.1]].to_tensor());
            [first, ([1].to_tensor(), [[0.3, 0.4, 0.3]].to_tensor())]
        }
        "column" => {
            let first = ([[2], [0], [1], [1], [0]].to_tensor(), [[0.1, 0.2, 0.7], [0.3, 0.6, 0.1], [0.2, 0.5, 0.3], [0.5, 0.1, 0.4], [0.8, 0.1, 0.1]].to_tensor());
            [first, ([[1]].to_tensor(), [[0.3, 0.4, 0.3]].to_tensor())]
        }
        "one_hot" => {
            let first = ([[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]].to_tensor(), [[0.1, 0.2, 0.7], [0.3, 0.6, 0.1], [0.2, 0.5, 0.3], [0.5, 0.1, 0.4], [0.8, 0.1, 0.1]].to_tensor());
            [first, ([[0, 1, 0]].to_tensor(), [[0.3, 0.4, 0.3]].to_tensor())]
        }
        "numbers" => {
            let first = ([[1.0, 2.0], [0.5, -1.0], [3.0, 0.0], [2.0, 1.5], [-1.0, 4.0]].to_tensor(), [[0.8, 2.5], [0.0, -1.5], [2.0, 0.5], [2.5, 1.0], [-0.5, 3.0]].to_tensor());
            [first, ([[2.0, 2.0]].to_tensor(), [[1.0, 3.0]].to_tensor())]
        }
        "labels" => {
            let first = ([1, 2, 3, 4, 0].to_tensor(), [1, 2, 0, 4, 1].to_tensor());
            [first, ([5].to_tensor(), [5].to_tensor())]
        }
        other => panic!("there are no data of the name {other}"),
    }
}

/// The result after a batch, after two, and of the first with weights after a reset.
fn results(metric: &Metric, data: &str) -> [Array; 3] {
    let [(t, p), (t2, p2)] = batches(data);
    metric.update_state(&t, &p);
    let first = metric.result().numpy();
    metric.update_state(&t2, &p2);
    let second = metric.result().numpy();
    metric.reset_state();
    metric.update_state(&t, &p).sample_weight(WEIGHTS);
    [first, second, metric.result().numpy()]
}

macro_rules! table {
    ($($title:literal, $data:ident => $metric:expr;)*) => {
        &[$(($title, stringify!($data), || results(&$metric, stringify!($data)))),*]
    };
}

type Case = (&'static str, &'static str, fn() -> [Array; 3]);

#[rustfmt::skip]
const METRICS: &[Case] = table! {
    "BinaryAccuracy()", binary => BinaryAccuracy::new();
    "BinaryAccuracy(threshold=0.58)", binary => BinaryAccuracy::new().threshold(0.58);
    "BinaryCrossentropy()", binary => BinaryCrossentropy::new();
    "BinaryCrossentropy(label_smoothing=0.2)", binary => BinaryCrossentropy::new().label_smoothing(0.2);
    "Precision()", binary => Precision::new();
    "Precision(thresholds=0.38)", binary => Precision::new().thresholds(0.38);
    "Precision(thresholds=[0.3,0.58])", binary => Precision::new().thresholds([0.3,0.58]);
    "Recall()", binary => Recall::new();
    "Recall(thresholds=[0.3,0.58])", binary => Recall::new().thresholds([0.3,0.58]);
    "TruePositives()", binary => TruePositives::new();
    "FalsePositives()", binary => FalsePositives::new();
    "TrueNegatives()", binary => TrueNegatives::new();
    "FalseNegatives()", binary => FalseNegatives::new();
    "FalseNegatives(thresholds=[0.3,0.58])", binary => FalseNegatives::new().thresholds([0.3,0.58]);
    "AUC()", binary => AUC::new();
    "AUC(num_thresholds=5)", binary => AUC::new().num_thresholds(5);
    "AUC(curve='PR')", binary => AUC::new().curve("PR");
    "Hinge()", binary => Hinge::new();
    "SquaredHinge()", binary => SquaredHinge::new();
    "Poisson()", binary => Poisson::new();
    "LogCoshError()", binary => LogCoshError::new();
    "Accuracy()", binary => Accuracy::new();
    "AUC(from_logits=True)", logits => AUC::new().from_logits(true);
    "BinaryCrossentropy(from_logits=True)", logits => BinaryCrossentropy::new().from_logits(true);
    "BinaryAccuracy(threshold=0.0)", logits => BinaryAccuracy::new().threshold(0.0);
    "Precision(thresholds=0)", logits => Precision::new().thresholds(0.0);
    "Precision(top_k=2)", several => Precision::new().top_k(2);
    "Recall(top_k=1)", several => Recall::new().top_k(1);
    "Precision(class_id=1)", several => Precision::new().class_id(1);
    "Recall(class_id=0)", several => Recall::new().class_id(0);
    "BinaryAccuracy()", several => BinaryAccuracy::new();
    "AUC()", several => AUC::new();
    "Precision()", several => Precision::new();
    "SparseCategoricalAccuracy()", classes => SparseCategoricalAccuracy::new();
    "SparseTopKCategoricalAccuracy(k=2)", classes => SparseTopKCategoricalAccuracy::new().k(2);
    "SparseCategoricalCrossentropy()", classes => SparseCategoricalCrossentropy::new();
    "SparseCategoricalCrossentropy(from_logits=True)", classes => SparseCategoricalCrossentropy::new().from_logits(true);
    "SparseCategoricalAccuracy()", column => SparseCategoricalAccuracy::new();
    "SparseTopKCategoricalAccuracy(k=1)", column => SparseTopKCategoricalAccuracy::new().k(1);
    "CategoricalAccuracy()", one_hot => CategoricalAccuracy::new();
    "TopKCategoricalAccuracy(k=2)", one_hot => TopKCategoricalAccuracy::new().k(2);
    "TopKCategoricalAccuracy(k=1)", one_hot => TopKCategoricalAccuracy::new().k(1);
    "CategoricalCrossentropy()", one_hot => CategoricalCrossentropy::new();
    "CategoricalCrossentropy(from_logits=True,label_smoothing=0.1)", one_hot => CategoricalCrossentropy::new().from_logits(true).label_smoothing(0.1);
    "KLDivergence()", one_hot => KLDivergence::new();
    "CategoricalHinge()", one_hot => CategoricalHinge::new();
    "MeanSquaredError()", numbers => MeanSquaredError::new();
    "MeanAbsoluteError()", numbers => MeanAbsoluteError::new();
    "RootMeanSquaredError()", numbers => RootMeanSquaredError::new();
    "MeanAbsolutePercentageError()", numbers => MeanAbsolutePercentageError::new();
    "MeanSquaredLogarithmicError()", numbers => MeanSquaredLogarithmicError::new();
    "CosineSimilarity()", numbers => CosineSimilarity::new();
    "LogCoshError()", numbers => LogCoshError::new();
    "R2Score()", numbers => R2Score::new();
    "Accuracy()", labels => Accuracy::new();
};

#[test]
fn metrics_are_keras() {
    let recorded = recorded();
    let mut wrong = Vec::new();
    for (title, data, run) in METRICS {
        let want = &recorded[format!("{title} on {data}")];
        for (i, got) in run().iter().enumerate() {
            wrong.extend(difference(got, &want[i]).map(|what| format!("{title} on {data}, result {i}: {what}")));
        }
    }
    report(&wrong);
}

#[test]
fn means_and_sums_of_plain_values_are_keras() {
    let recorded = recorded();
    let mut wrong = Vec::new();
    let (mean, sum) = (Mean::new(), Sum::new());
    let mut expect = |i: usize| {
        for (name, got) in [("Mean", mean.result()), ("Sum", sum.result())] {
            wrong
                .extend(difference(&got.numpy(), &recorded[name][i]).map(|what| format!("{name}, result {i}: {what}")));
        }
    };
    mean.update_state(2.5);
    sum.update_state(2.5);
    expect(0);
    mean.update_state([1.0, 3.0, 5.0, 7.0]);
    sum.update_state([1.0, 3.0, 5.0, 7.0]);
    expect(1);
    mean.update_state([[1.0, 2.0], [3.0, 6.0]]).sample_weight([2.0, 0.5]);
    sum.update_state([[1.0, 2.0], [3.0, 6.0]]).sample_weight([2.0, 0.5]);
    expect(2);
    mean.call(4.0).sample_weight(3.0);
    sum.call(4.0).sample_weight(3.0);
    expect(3);
    report(&wrong);
}

#[test]
#[rustfmt::skip]
fn losses_and_accuracies_are_keras() {
    let recorded = recorded();
    let mut wrong = Vec::new();
    let first = |name: &str| batches(name)[0].clone();
    let ((b, bp), (l, lp), (c, cp)) = (first("binary"), first("logits"), first("classes"));
    let ((h, hp), (y, yp)) = (first("one_hot"), first("numbers"));
    macro_rules! each {
        ($($title:literal => $value:expr;)*) => { $(
            let value: tf::Tensor = $value.into();
            wrong.extend(difference(&value.numpy(), &recorded[$title]).map(|what| format!("{}: {what}", $title)));
        )* };
    }
    each! {
        "F.mean_squared_error(Y,YP)" => losses::mean_squared_error(&y, &yp);
        "F.mean_absolute_error(Y,YP)" => losses::mean_absolute_error(&y, &yp);
        "F.mean_absolute_percentage_error(Y,YP)" => losses::mean_absolute_percentage_error(&y, &yp);
        "F.mean_squared_logarithmic_error(Y,YP)" => losses::mean_squared_logarithmic_error(&y, &yp);
        "F.cosine_similarity(Y,YP)" => losses::cosine_similarity(&y, &yp);
        "F.huber(Y,YP)" => losses::huber(&y, &yp, 1.0);
        "F.log_cosh(Y,YP)" => losses::log_cosh(&y, &yp);
        "F.hinge(B,BP)" => losses::hinge(&b, &bp);
        "F.squared_hinge(B,BP)" => losses::squared_hinge(&b, &bp);
        "F.categorical_hinge(H,HP)" => losses::categorical_hinge(&h, &hp);
        "F.kl_divergence(H,HP)" => losses::kl_divergence(&h, &hp);
        "F.poisson(B,BP)" => losses::poisson(&b, &bp);
        "F.binary_crossentropy(B,BP)" => losses::binary_crossentropy(&b, &bp);
        "F.binary_focal_crossentropy(B,BP)" => losses::binary_focal_crossentropy(&b, &bp);
        "F.categorical_crossentropy(H,HP)" => losses::categorical_crossentropy(&h, &hp);
        "F.categorical_focal_crossentropy(H,HP)" => losses::categorical_focal_crossentropy(&h, &hp);
        "F.sparse_categorical_crossentropy(C,CP)" => losses::sparse_categorical_crossentropy(&c, &cp);
        "F.dice(H,HP)" => losses::dice(&h, &hp);
        "F.binary_crossentropy(L,LP,from_logits=True)" => losses::binary_crossentropy(&l, &lp).from_logits(true);
        "F.binary_crossentropy(L,LP,from_logits=True,label_smoothing=0.2)" => losses::binary_crossentropy(&l, &lp).from_logits(true).label_smoothing(0.2);
        "F.binary_crossentropy(B,BP,label_smoothing=0.1)" => losses::binary_crossentropy(&b, &bp).label_smoothing(0.1);
        "F.categorical_crossentropy(H,HP,from_logits=True)" => losses::categorical_crossentropy(&h, &hp).from_logits(true);
        "F.categorical_crossentropy(H,HP,label_smoothing=0.1)" => losses::categorical_crossentropy(&h, &hp).label_smoothing(0.1);
        "F.sparse_categorical_crossentropy(C,CP,from_logits=True)" => losses::sparse_categorical_crossentropy(&c, &cp).from_logits(true);
        "F.binary_focal_crossentropy(B,BP,apply_class_balancing=True,alpha=0.4,gamma=3.0)" => losses::binary_focal_crossentropy(&b, &bp).apply_class_balancing(true).alpha(0.4).gamma(3.0);
        "F.binary_focal_crossentropy(L,LP,from_logits=True,label_smoothing=0.1)" => losses::binary_focal_crossentropy(&l, &lp).from_logits(true).label_smoothing(0.1);
        "F.categorical_focal_crossentropy(H,HP,alpha=0.5,gamma=1.0,from_logits=True)" => losses::categorical_focal_crossentropy(&h, &hp).alpha(0.5).gamma(1.0).from_logits(true);
        "F.MeanSquaredError()(Y,YP)" => losses::MeanSquaredError::new().call(&y, &yp);
        "F.MeanAbsoluteError()(Y,YP)" => losses::MeanAbsoluteError::new().call(&y, &yp);
        "F.MeanAbsolutePercentageError()(Y,YP)" => losses::MeanAbsolutePercentageError::new().call(&y, &yp);
        "F.MeanSquaredLogarithmicError()(Y,YP)" => losses::MeanSquaredLogarithmicError::new().call(&y, &yp);
        "F.CosineSimilarity()(Y,YP)" => losses::CosineSimilarity::new().call(&y, &yp);
        "F.Huber()(Y,YP)" => losses::Huber::new().call(&y, &yp);
        "F.LogCosh()(Y,YP)" => losses::LogCosh::new().call(&y, &yp);
        "F.Hinge()(B,BP)" => losses::Hinge::new().call(&b, &bp);
        "F.SquaredHinge()(B,BP)" => losses::SquaredHinge::new().call(&b, &bp);
        "F.CategoricalHinge()(H,HP)" => losses::CategoricalHinge::new().call(&h, &hp);
        "F.KLDivergence()(H,HP)" => losses::KLDivergence::new().call(&h, &hp);
        "F.Poisson()(B,BP)" => losses::Poisson::new().call(&b, &bp);
        "F.BinaryCrossentropy()(B,BP)" => losses::BinaryCrossentropy::new().call(&b, &bp);
        "F.BinaryFocalCrossentropy()(B,BP)" => losses::BinaryFocalCrossentropy::new().call(&b, &bp);
        "F.CategoricalCrossentropy()(H,HP)" => losses::CategoricalCrossentropy::new().call(&h, &hp);
        "F.CategoricalFocalCrossentropy()(H,HP)" => losses::CategoricalFocalCrossentropy::new().call(&h, &hp);
        "F.SparseCategoricalCrossentropy()(C,CP)" => losses::SparseCategoricalCrossentropy::new().call(&c, &cp);
        "F.Dice()(H,HP)" => losses::Dice::new().call(&h, &hp);
        "F.Huber(delta=0.6)(Y,YP)" => losses::Huber::new().delta(0.6).call(&y, &yp);
        "F.MeanSquaredError(reduction='sum')(Y,YP)" => losses::MeanSquaredError::new().reduction("sum").call(&y, &yp);
        "F.MeanSquaredError(reduction='none')(Y,YP)" => losses::MeanSquaredError::new().reduction("none").call(&y, &yp);
        "F.MeanSquaredError()(Y,YP,sample_weight=WEIGHTS)" => losses::MeanSquaredError::new().call(&y, &yp).sample_weight(WEIGHTS);
        "F.MeanSquaredError(reduction='sum')(Y,YP,sample_weight=WEIGHTS)" => losses::MeanSquaredError::new().reduction("sum").call(&y, &yp).sample_weight(WEIGHTS);
        "F.MeanSquaredError(reduction='none')(Y,YP,sample_weight=WEIGHTS)" => losses::MeanSquaredError::new().reduction("none").call(&y, &yp).sample_weight(WEIGHTS);
        "F.MeanSquaredError(reduction='mean_with_sample_weight')(Y,YP,sample_weight=WEIGHTS)" => losses::MeanSquaredError::new().reduction("mean_with_sample_weight").call(&y, &yp).sample_weight(WEIGHTS);
        "F.MeanSquaredError(reduction='mean_with_sample_weight')(Y,YP)" => losses::MeanSquaredError::new().reduction("mean_with_sample_weight").call(&y, &yp);
        "F.BinaryCrossentropy()(B,BP,sample_weight=[[1.0],[2.0],[0.5],[0.0],[3.0]])" => losses::BinaryCrossentropy::new().call(&b, &bp).sample_weight([[1.0],[2.0],[0.5],[0.0],[3.0]]);
        "F.BinaryCrossentropy(from_logits=True,label_smoothing=0.1)(L,LP)" => losses::BinaryCrossentropy::new().from_logits(true).label_smoothing(0.1).call(&l, &lp);
        "F.CategoricalCrossentropy(from_logits=True,label_smoothing=0.1)(H,HP)" => losses::CategoricalCrossentropy::new().from_logits(true).label_smoothing(0.1).call(&h, &hp);
        "F.SparseCategoricalCrossentropy(from_logits=True)(C,CP)" => losses::SparseCategoricalCrossentropy::new().from_logits(true).call(&c, &cp);
        "F.SparseCategoricalCrossentropy(from_logits=True,reduction='none')(C,CP)" => losses::SparseCategoricalCrossentropy::new().from_logits(true).reduction("none").call(&c, &cp);
        "M.binary_accuracy(B,BP)" => metrics::binary_accuracy(&b, &bp);
        "M.categorical_accuracy(H,HP)" => metrics::categorical_accuracy(&h, &hp);
        "M.sparse_categorical_accuracy(C,CP)" => metrics::sparse_categorical_accuracy(&c, &cp);
        "M.top_k_categorical_accuracy(H,HP,k=2)" => metrics::top_k_categorical_accuracy(&h, &hp, 2);
        "M.sparse_top_k_categorical_accuracy(C,CP,k=2)" => metrics::sparse_top_k_categorical_accuracy(&c, &cp, 2);
    }
    report(&wrong);
}

#[test]
#[rustfmt::skip]
fn schedules_are_keras() {
    let recorded = recorded();
    let mut wrong = Vec::new();
    macro_rules! each {
        ($($title:literal => $schedule:expr;)*) => { $(
            for step in [0, 1, 3, 7, 12] {
                let title = format!("S.{}({step})", $title);
                let got = $schedule.call(step).numpy();
                wrong.extend(difference(&got, &recorded[&title]).map(|what| format!("{title}: {what}")));
            }
        )* };
    }
    each! {
        "ExponentialDecay(0.1,5,0.9)" => ExponentialDecay::new(0.1, 5, 0.9);
        "ExponentialDecay(0.1,5,0.9,staircase=True)" => ExponentialDecay::new(0.1, 5, 0.9).staircase(true);
        "PiecewiseConstantDecay([3,7],[1.0,0.5,0.1])" => PiecewiseConstantDecay::new([3,7], [1.0,0.5,0.1]);
        "PolynomialDecay(0.1,10,0.01)" => PolynomialDecay::new(0.1, 10, 0.01);
        "PolynomialDecay(0.1,5,0.01,power=2.0,cycle=True)" => PolynomialDecay::new(0.1, 5, 0.01).power(2.0).cycle(true);
        "InverseTimeDecay(0.1,5,0.5)" => InverseTimeDecay::new(0.1, 5, 0.5);
        "CosineDecay(0.1,10)" => CosineDecay::new(0.1, 10);
        "CosineDecay(0.0,10,alpha=0.1,warmup_target=0.2,warmup_steps=3)" => CosineDecay::new(0.0, 10).alpha(0.1).warmup_target(0.2).warmup_steps(3);
        "CosineDecayRestarts(0.1,4)" => CosineDecayRestarts::new(0.1, 4);
        "CosineDecayRestarts(0.1,4,t_mul=1.5,m_mul=0.8,alpha=0.05)" => CosineDecayRestarts::new(0.1, 4).t_mul(1.5).m_mul(0.8).alpha(0.05);
    }
    report(&wrong);
}

fn raised(body: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(body)).expect_err("an error");
    panic.downcast_ref::<String>().cloned().expect("an error has a text")
}

/// The beginnings are Keras' own; what follows lists what there is here.
#[test]
fn wrong_arguments_are_named() {
    let average = raised(|| drop(losses::MeanSquaredError::new().reduction("average")));
    assert!(average.starts_with("ValueError: Invalid value for argument `reduction`. Expected one of {"), "{average}");
    assert!(average.ends_with("Received: reduction=average"), "{average}");
    let curve = raised(|| drop(AUC::new().curve("XY")));
    assert!(
        curve.starts_with("ValueError: Invalid AUC curve value: \"XY\". Expected values are [\"PR\", \"ROC\""),
        "{curve}"
    );
    let thresholds = raised(|| drop(AUC::new().num_thresholds(1)));
    assert_eq!(format!("\"{thresholds}\""), recorded()["M.AUC(num_thresholds=1)"].to_string());
    let logits = raised(|| drop(losses::MeanSquaredError::new().from_logits(true)));
    let want = "TypeError: MeanSquaredError.__init__() got an unexpected keyword argument 'from_logits'";
    assert!(logits.starts_with(want), "{logits}");
}

/// Keras tells those apart that have no fixed name.
#[test]
fn names_are_keras() {
    flowbook::keras::backend::clear_session();
    assert_eq!((Mean::new().name(), LogCoshError::new().name()), ("mean", "logcosh"));
    let (first, second) = (Precision::new(), Precision::new());
    assert_eq!((first.name(), second.name()), ("precision", "precision_1"));
    assert_eq!(format!("{:?}", Mean::new().named("train_loss").clone()), "<Mean name=train_loss>");
}

/// Clones are the same metric; a traced function takes batches in as part of its step.
#[test]
fn metrics_work_inside_functions() {
    let (loss, accuracy) = (Mean::new().named("loss"), SparseCategoricalAccuracy::new());
    let (inner_loss, inner_accuracy) = (loss.clone(), accuracy.clone());
    let step = tf::function(move |x: &tf::Tensor| {
        inner_loss.update_state(tf::reduce_sum(x));
        inner_accuracy.update_state(tf::constant([1, 0]), x).sample_weight([1.0, 3.0]);
        tf::reduce_max(x).tensor()
    });
    step(&tf::constant([[0.1, 0.9], [0.2, 0.8]]));
    step(&tf::constant([[0.5, 0.5], [0.6, 1.4]]));
    // (2 + 3) / 2
    assert_eq!(loss.result().numpy().to_string(), "2.5");
    // The first row of the first batch is right, of eight by weight; a tie goes to class 0.
    assert_eq!(accuracy.result().numpy().to_string(), "0.125");
    loss.reset_state();
    assert_eq!(loss.result().numpy().to_string(), "0.0");
}
