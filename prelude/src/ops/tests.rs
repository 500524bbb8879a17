//! Tests that run over the whole op table: every declared gradient against finite differences, every name once.

use std::collections::BTreeSet;

use super::{Kernel, Sample, table};
use crate::graph::{Graph, IntoTensor, Tensor, gradients};
use crate::session::{Feeds, Session};
use crate::{Array, DType, Shape, v1 as tf};

/// Fixed numbers between 0 and 1: the fractional parts of multiples of the golden ratio.
fn spread(i: usize) -> f64 {
    ((i + 1) as f64 * 0.618_033_988_749_895).fract()
}

fn values(sample: &Sample) -> Vec<Array> {
    let one = |k: usize, (sizes, low, high): &(&[usize], f64, f64)| {
        let count: usize = sizes.iter().product();
        Array::new((0..count).map(|i| low + (high - low) * spread(i + 7 * k)).collect(), sizes)
    };
    sample.inputs.iter().enumerate().map(|(k, input)| one(k, input)).collect()
}

/// A number that depends on every element of `y` with its own weight.
fn weighted(y: Tensor, session: Session, feeds: &Feeds) -> Tensor {
    let sizes = session.run_with(y, feeds.clone()).unwrap().shape().to_vec();
    let count: usize = sizes.iter().product();
    let weights = Array::new((0..count).map(|i| 0.5 + spread(i + 3)).collect::<Vec<f64>>(), &sizes);
    tf::reduce_sum(tf::multiply(tf::cast(y, DType::Float64), weights.into_operand())).tensor()
}

/// The derivative by central differences, `(f(x + h) - f(x - h)) / 2h`, whose error is of the order of h^2.
fn check(op: &str, sample: &Sample, known: bool) {
    const H: f64 = 1e-5;
    Graph::new().as_default(|| {
        let start = values(sample);
        let shape = |sizes: &[usize]| {
            if known { Shape::from(sizes) } else { Shape::from(vec![None; sizes.len()]) }
        };
        let inputs: Vec<Tensor> = start.iter().map(|a| tf::placeholder(DType::Float64, shape(a.shape()))).collect();
        let feed = |values: &[Array]| inputs.iter().zip(values).fold(Feeds::default(), |f, (t, v)| f.with(t, v));
        let session = Session::new();
        let loss = weighted((sample.build)(&inputs), session, &feed(&start));
        let derivatives = gradients([loss], &inputs);
        for (k, derivative) in derivatives.iter().enumerate() {
            let Some(derivative) = derivative else { panic!("{op}: no gradient by input {k}") };
            let got = session.run_with(*derivative, feed(&start)).unwrap();
            assert_eq!(got.shape(), start[k].shape(), "{op}: shape of the gradient by input {k}");
            for i in 0..start[k].len() {
                let at = |step: f64| {
                    let mut moved = start.clone();
                    moved[k].as_slice_mut::<f64>().unwrap()[i] += step;
                    session.run_with(loss, feed(&moved)).unwrap().as_slice::<f64>().unwrap()[0]
                };
                let want = (at(H) - at(-H)) / (2.0 * H);
                let got = got.as_slice::<f64>().unwrap()[i];
                assert!((got - want).abs() < 1e-6 * (1.0 + want.abs()), "{op}, input {k}[{i}]: {got}, not {want}");
            }
        }
    });
}

#[test]
fn gradients_agree_with_finite_differences() {
    let mut checked = 0;
    for op in table() {
        for sample in op.samples {
            check(op.name, sample, true);
            checked += 1;
        }
    }
    assert!(checked > 60, "only {checked} samples");
}

/// Functions that are made of several ops.
static COMPOSED: &[(&str, Sample)] = &[
    ("swish", Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| tf::nn::swish(x[0]) }),
    (
        "sigmoid cross entropy",
        Sample {
            inputs: &[(&[2, 3], 0.0, 1.0), (&[2, 3], -2.0, 2.0)],
            build: |x| tf::nn::sigmoid_cross_entropy_with_logits(x[0], x[1]),
        },
    ),
    (
        "softmax cross entropy of rank 3",
        Sample {
            inputs: &[(&[2, 2, 3], 0.0, 1.0), (&[2, 2, 3], -2.0, 2.0)],
            build: |x| tf::nn::softmax_cross_entropy_with_logits_v2(tf::nn::softmax(x[0]), x[1]),
        },
    ),
    (
        "sparse softmax cross entropy of rank 3",
        Sample {
            inputs: &[(&[1, 2, 3], -2.0, 2.0)],
            build: |x| tf::nn::sparse_softmax_cross_entropy_with_logits([[1, 2]], x[0]),
        },
    ),
    ("mean", Sample { inputs: &[(&[3, 2], -2.0, 2.0)], build: |x| tf::nn::moments(x[0], [0]).0 }),
    ("variance", Sample { inputs: &[(&[3, 2], -2.0, 2.0)], build: |x| tf::nn::moments(x[0], [0]).1 }),
    ("prelu", Sample { inputs: &[(&[2, 3], -2.0, -0.5), (&[3], 0.1, 0.5)], build: |x| tf::nn::prelu(x[0], x[1]) }),
    ("maxout", Sample { inputs: &[(&[2, 6], -2.0, 2.0)], build: |x| tf::nn::maxout(x[0], 3) }),
    (
        "elastic net",
        Sample {
            inputs: &[(&[2, 3], 0.5, 2.0)],
            build: |x| tf::contrib::layers::l1_l2_regularizer(0.1, 0.2).call(x[0]),
        },
    ),
    (
        "log loss",
        Sample {
            inputs: &[(&[2, 3], 0.1, 0.9), (&[2, 3], 0.2, 0.8)],
            build: |x| tf::losses::log_loss(x[0], x[1]).tensor(),
        },
    ),
    (
        "mean squared error",
        Sample {
            inputs: &[(&[2, 3], -1.0, 1.0), (&[2, 3], -1.0, 1.0)],
            build: |x| tf::losses::mean_squared_error(x[0], x[1]).tensor(),
        },
    ),
    (
        "huber loss",
        Sample {
            inputs: &[(&[2, 3], -3.0, 3.0), (&[2, 3], -3.0, 3.0)],
            build: |x| tf::losses::huber_loss(x[0], x[1]).delta(1.5).tensor(),
        },
    ),
    (
        "weighted loss",
        Sample {
            inputs: &[(&[2, 3], -1.0, 1.0), (&[2, 3], -1.0, 1.0)],
            build: |x| tf::losses::mean_squared_error(x[0], x[1]).weights([1.0, 0.0, 2.0]).tensor(),
        },
    ),
    ("sort", Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| tf::sort(x[0]).axis(0).tensor() }),
    (
        "softmax along an axis",
        Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| tf::nn::softmax(x[0]).axis(0).tensor() },
    ),
    (
        "tensordot",
        Sample {
            inputs: &[(&[2, 3], -2.0, 2.0), (&[3, 2, 2], -2.0, 2.0)],
            build: |x| tf::tensordot(x[0], x[1], [[0, 1], [2, 0]]),
        },
    ),
    ("trace", Sample { inputs: &[(&[2, 3, 3], -2.0, 2.0)], build: |x| tf::trace(x[0]) }),
    ("norm", Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| tf::norm(x[0]).tensor() }),
    ("l2_normalize", Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| tf::nn::l2_normalize(x[0], 1) }),
    ("clip_by_norm", Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| tf::clip_by_norm(x[0], 1.5) }),
    (
        "clip_by_global_norm",
        Sample {
            inputs: &[(&[2, 3], -2.0, 2.0), (&[2, 3], -2.0, 2.0)],
            build: |x| {
                let (clipped, _) = tf::clip_by_global_norm(x, 1.5);
                clipped[0] * clipped[1]
            },
        },
    ),
    (
        "batch normalisation",
        Sample {
            inputs: &[(&[3, 2], -2.0, 2.0), (&[2], -1.0, 1.0), (&[2], 0.5, 2.0), (&[2], -1.0, 1.0), (&[2], 0.5, 2.0)],
            build: |x| tf::nn::batch_normalization(x[0], x[1], x[2], x[3], x[4], 1e-3),
        },
    ),
];

#[test]
fn gradients_of_composed_functions_agree_with_finite_differences() {
    COMPOSED.iter().for_each(|(name, sample)| check(name, sample, true));
}

/// The same with sizes that are known only when fed, for the ops that broadcast.
#[test]
fn broadcast_gradients_work_for_unknown_sizes() {
    for op in table().filter(|op| matches!(op.kernel, Kernel::Map { .. })) {
        op.samples.iter().for_each(|sample| check(op.name, sample, false));
    }
}

#[test]
fn every_op_is_declared_once_and_differentiable_ones_have_samples() {
    let mut names = BTreeSet::new();
    for op in table() {
        assert!(names.insert(op.name), "{} is declared twice", op.name);
        if let Kernel::Map { cuda, .. } = op.kernel {
            assert!(!cuda.is_empty(), "{} has no CUDA expression", op.name);
        }
    }
    assert!(names.len() > 90);
}
