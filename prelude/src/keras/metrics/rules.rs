//! What metrics add up, batch by batch, and what the sums come to.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::keras::losses::{Arguments, last, same_rank, widened};
use crate::v2::{self, Tensor};

/// Labels, predictions and weights of a batch. Of a metric of plain values, the predictions are the values.
pub(super) struct Batch<'a> {
    pub y_true: &'a Tensor,
    pub y_pred: &'a Tensor,
    pub weight: Option<&'a Tensor>,
}

/// A metric's two functions.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    /// The sums of one batch, as `float32`.
    pub sums: fn(&Batch, &Options) -> Tensor,
    /// The figures that the sums over all batches give; of no batch at all there are no sums.
    pub figures: fn(&[f64], &Options) -> Vec<f64>,
}

/// The optional arguments of all metrics, with Keras' defaults.
#[derive(Clone, Debug)]
pub(super) struct Options {
    /// From where on a probability counts as yes; where there is none, a half, or all of the first `top_k`.
    pub thresholds: Vec<f64>,
    pub top_k: Option<usize>,
    pub class_id: Option<usize>,
    pub k: usize,
    pub num_thresholds: usize,
    pub curve: Curve,
    pub loss: Arguments,
    pub custom: Option<Custom>,
}

/// A function of the user's.
#[derive(Clone)]
pub(super) struct Custom(pub Arc<dyn Fn(&Tensor, &Tensor) -> Tensor + Send + Sync>);

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("<function>")
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Curve {
    Roc,
    PrecisionRecall,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            thresholds: Vec::new(),
            top_k: None,
            class_id: None,
            k: 5,
            num_thresholds: 200,
            curve: Curve::Roc,
            loss: Arguments::default(),
            custom: None,
        }
    }
}

/// Keras' way of saying that everything is above the threshold.
const BELOW_ALL: f64 = -1e10;

impl Options {
    pub fn config(&self) -> Value {
        json!({
            "thresholds": self.thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
            "k": self.k,
            "num_thresholds": self.num_thresholds,
            "curve": if self.curve == Curve::Roc { "ROC" } else { "PR" },
            "loss": self.loss.config(),
        })
    }

    pub fn from_config(config: &Value) -> Options {
        let size = |key: &str| config[key].as_u64().map(|n| n as usize);
        let default = Options::default();
        Options {
            thresholds: config["thresholds"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect(),
            top_k: size("top_k"),
            class_id: size("class_id"),
            k: size("k").unwrap_or(default.k),
            num_thresholds: size("num_thresholds").unwrap_or(default.num_thresholds),
            curve: if config["curve"] == "PR" { Curve::PrecisionRecall } else { Curve::Roc },
            loss: Arguments::from_config(&config["loss"]),
            custom: None,
        }
    }

    pub fn threshold(&self) -> f64 {
        self.thresholds.first().copied().unwrap_or(0.5)
    }

    fn cuts(&self) -> Vec<f32> {
        match (&self.thresholds[..], self.top_k) {
            ([], None) => vec![0.5],
            ([], Some(_)) => vec![BELOW_ALL as f32],
            (given, _) => given.iter().map(|t| *t as f32).collect(),
        }
    }
}

impl Batch<'_> {
    /// `[sum of the values, their number]`, both by weight.
    pub fn mean_of(&self, values: &Tensor) -> Tensor {
        let (values, weight) = self.weighted(values);
        let count = match weight {
            Some(weight) => v2::reduce_sum(weight).tensor(),
            None => v2::constant(values.shape().num_elements().unwrap_or(0) as f32).tensor(),
        };
        v2::stack(&[v2::reduce_sum(values).tensor(), count]).tensor()
    }

    /// `[sum of the values]`, by weight. Nothing is averaged within an example.
    pub fn sum_of(&self, values: &Tensor) -> Tensor {
        let values = v2::cast(values, v2::float32);
        let values = match self.weight {
            Some(weight) => {
                let (values, weight) = same_rank(values, v2::cast(weight, v2::float32));
                &values * widened(&weight, values.ndim())
            }
            None => values,
        };
        v2::reshape(v2::reduce_sum(values), [1])
    }

    /// One value for each example, times its weight, and the weights, of the same shape.
    fn weighted(&self, values: &Tensor) -> (Tensor, Option<Tensor>) {
        let values = v2::cast(values, v2::float32);
        let Some(weight) = self.weight else { return (mean_from(&values, 1), None) };
        let (values, weight) = same_rank(values, v2::cast(weight, v2::float32));
        let values = mean_from(&values, weight.ndim());
        let weight = v2::ones_like(&values) * weight;
        (mean_from(&(values * &weight), 1), Some(mean_from(&weight, 1)))
    }

    /// `[true positives, false positives, true negatives, false negatives]` from where on each of `cuts` says yes.
    pub fn confusion(&self, cuts: Vec<f32>, options: &Options) -> Tensor {
        let p = v2::cast(self.y_pred, v2::float32);
        let (p, t) = same_rank(p, v2::cast(self.y_true, v2::float32));
        let p = options.top_k.map_or_else(|| p.clone(), |k| only_first(&p, k));
        let of_class = |x: Tensor| match options.class_id {
            Some(class) => v2::gather(x, [class as i32]).axis(-1).tensor(),
            None => x,
        };
        let (t, p) = (of_class(t), of_class(p));
        let weight = self.weight.map(|weight| {
            let (_, weight) = same_rank(t.clone(), widened(&v2::cast(weight, v2::float32), t.ndim()));
            v2::ones_like(&t) * weight
        });
        let row = |x: &Tensor| v2::reshape(x, [1, -1]);
        let cut = v2::constant(cuts.clone()).with_shape([cuts.len(), 1]);
        let yes = v2::cast(row(&p).gt(cut), v2::float32);
        let t = row(&t);
        let (is, is_not) = match weight.as_ref().map(row) {
            Some(weight) => (&t * &weight, (1.0 - &t) * &weight),
            None => (t.clone(), 1.0 - &t),
        };
        let no = 1.0 - &yes;
        let sum = |part: Tensor| v2::reduce_sum(part).axis(1).tensor();
        v2::concat(&[sum(&yes * &is), sum(&yes * &is_not), sum(&no * &is_not), sum(&no * &is)], 0)
    }

    /// For each output: the labels' sum, the sum of their squares, of the squared errors, and of the weights.
    pub fn variation(&self) -> Tensor {
        let p = v2::cast(self.y_pred, v2::float32);
        let (t, p) = same_rank(v2::cast(self.y_true, v2::float32), p);
        let weight = match self.weight {
            Some(weight) => v2::ones_like(&t) * widened(&v2::cast(weight, v2::float32), t.ndim()),
            None => v2::ones_like(&t).tensor(),
        };
        let sum = |part: Tensor| v2::reshape(v2::reduce_sum(part).axis(0), [-1]);
        let weighted = &t * &weight;
        let squares = &weighted * &t;
        let errors = v2::square(t - p) * &weight;
        v2::concat(&[sum(weighted), sum(squares), sum(errors), sum(weight)], 0)
    }
}

/// The mean over the axes from one on.
fn mean_from(values: &Tensor, axis: usize) -> Tensor {
    (axis..values.ndim()).fold(values.clone(), |values, _| v2::reduce_mean(values).axis(-1).into())
}

/// Predictions of which all but the first `k` of each row are below every threshold.
fn only_first(p: &Tensor, k: usize) -> Tensor {
    let (_, first) = v2::math::top_k(p, k as i32);
    let kept = v2::reduce_sum(v2::one_hot(first, last(p).unwrap_or(0) as i32)).axis(-2);
    p * &kept + BELOW_ALL * (1.0 - &kept)
}

pub(super) fn ratio(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}

/// The mean of the values added up.
pub(super) fn mean(sums: &[f64], _: &Options) -> Vec<f64> {
    vec![if let [sum, count] = sums { ratio(*sum, *count) } else { 0.0 }]
}

/// The sum of the values added up.
pub(super) fn sum(sums: &[f64], _: &Options) -> Vec<f64> {
    vec![sums.first().copied().unwrap_or(0.0)]
}

/// True positives, false positives, true negatives, false negatives at one threshold.
pub(super) struct Counts {
    pub tp: f64,
    pub fp: f64,
    pub tn: f64,
    pub fne: f64,
}

fn counts(sums: &[f64], thresholds: usize) -> Vec<Counts> {
    let at = |kind: usize, i: usize| sums.get(kind * thresholds + i).copied().unwrap_or(0.0);
    (0..thresholds).map(|i| Counts { tp: at(0, i), fp: at(1, i), tn: at(2, i), fne: at(3, i) }).collect()
}

/// One figure for each threshold.
pub(super) fn at_thresholds(sums: &[f64], options: &Options, figure: fn(&Counts) -> f64) -> Vec<f64> {
    counts(sums, options.cuts().len()).iter().map(figure).collect()
}

/// The counts at the thresholds asked for.
pub(super) fn confusion(batch: &Batch, options: &Options) -> Tensor {
    batch.confusion(options.cuts(), options)
}

/// The counts along a curve, at Keras' thresholds: evenly spaced, and a little beyond both ends.
pub(super) fn curve(batch: &Batch, options: &Options) -> Tensor {
    let p = v2::cast(batch.y_pred, v2::float32);
    let p = if options.loss.from_logits { v2::sigmoid(p) } else { p };
    let y_pred = &v2::clip_by_value(p, 0.0, 1.0);
    Batch { y_pred, ..*batch }.confusion(many(options), &Options::default())
}

fn many(options: &Options) -> Vec<f32> {
    let inner: Vec<f64> = if options.thresholds.is_empty() {
        let steps = options.num_thresholds - 1;
        (1..steps).map(|i| i as f64 / steps as f64).collect()
    } else {
        options.thresholds.clone()
    };
    let ends = (std::iter::once(-1e-7), std::iter::once(1.0 + 1e-7));
    ends.0.chain(inner).chain(ends.1).map(|t| t as f32).collect()
}

/// The area under a curve, by trapezoids; under that of precision over recall as Davis and Goadrich interpolate it.
pub(super) fn area(sums: &[f64], options: &Options) -> Vec<f64> {
    let counts = counts(sums, many(options).len());
    let term = match options.curve {
        Curve::Roc => |a: &Counts, b: &Counts| {
            let (recall, false_rate) = (|c: &Counts| ratio(c.tp, c.tp + c.fne), |c: &Counts| ratio(c.fp, c.fp + c.tn));
            (false_rate(a) - false_rate(b)) * (recall(a) + recall(b)) / 2.0
        },
        Curve::PrecisionRecall => |a: &Counts, b: &Counts| {
            let (said_a, said_b) = (a.tp + a.fp, b.tp + b.fp);
            let slope = ratio(a.tp - b.tp, (said_a - said_b).max(0.0));
            let intercept = b.tp - slope * said_b;
            let ln = if said_a > 0.0 && said_b > 0.0 { (said_a / said_b).ln() } else { 0.0 };
            ratio(slope * (a.tp - b.tp + intercept * ln), b.tp + b.fne)
        },
    };
    vec![counts.windows(2).map(|pair| term(&pair[0], &pair[1])).sum()]
}

/// The share of the labels' variance that the predictions explain, the mean over the outputs.
pub(super) fn explained(sums: &[f64], _: &Options) -> Vec<f64> {
    let outputs = sums.len() / 4;
    let score = |i: usize| {
        let [sum, squares, errors, count] = [0, 1, 2, 3].map(|kind| sums[kind * outputs + i]);
        let score = 1.0 - errors / (squares - sum * sum / count);
        if score.is_infinite() { 0.0 } else { score }
    };
    vec![ratio((0..outputs).map(score).sum(), outputs as f64)]
}
