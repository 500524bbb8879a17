//! Random functions of a tensor: its rows in another order, classes drawn by their logits.

use super::Source;
use crate::error::{Result, collect};
use crate::graph::{self, IntoDType, Options};
use crate::ops::random::Sampling;
use crate::v2::Tensor;
use crate::v2::built::{Built, Evaluate};
use crate::v2::function::{Trace, refuse_trace};
use crate::v2::operand::{IntoTensor, Operand};

/// The arguments of [`shuffle`] and [`categorical`].
#[derive(Clone)]
pub struct Sample {
    operand: Operand,
    sampling: Sampling,
    source: Source,
}

impl Evaluate for Sample {
    fn evaluate(&self) -> Result<Tensor> {
        let is_symbol = matches!(&self.operand, Operand::Tensor(tensor) if tensor.value().is_none());
        match Trace::active() {
            Some(_) if is_symbol && self.source.is_apart() => {
                refuse_trace("a graph's random ops have the graph's seeds, not one of their own choice")
            }
            Some(trace) if !self.source.is_apart() => {
                // Of a function that is being traced the graph chooses the seeds.
                let symbol = trace.symbol(&self.operand, self.operand.tensor().dtype());
                let operand = graph::Operand::Tensor(symbol);
                collect(|| trace.graph.as_default(|| self.sampling.build(&[operand]))).map(Tensor::symbolic)
            }
            _ => self.source.run(std::slice::from_ref(&self.operand), |x| self.sampling.build(x)),
        }
    }
}

impl Built<Sample> {
    /// The op's own seed, `seed=`.
    #[track_caller]
    pub fn seed(self, seed: i64) -> Built<Sample> {
        let source = Source::of(Some(seed));
        self.with(|call| (call.source, call.sampling.seed) = (source, Some(seed)))
    }

    /// The element type of classes, `dtype=`: `int64` unless given, or `int32`.
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> Built<Sample> {
        self.with(|call| call.sampling.set_dtype(dtype))
    }
}

#[track_caller]
pub(super) fn sample(operand: Operand, sampling: Sampling, source: Source) -> Built<Sample> {
    Built::new(Sample { operand, sampling, source })
}

/// The tensor with its rows in another order, with `.seed(...)`: `tf.random.shuffle`.
///
/// ```
/// use flowbook::v2 as tf;
/// tf::random::set_seed(1);
/// assert_eq!(tf::random::shuffle([0, 1, 2, 3]).shape(), [4].into());
/// ```
#[track_caller]
pub fn shuffle(value: impl IntoTensor) -> Built<Sample> {
    sample(value.into_operand(), Sampling::SHUFFLE, Source::of(None))
}

/// `num_samples` classes for each row of logits, drawn by their softmax, with `.seed(...)` and `.with_dtype(...)`:
/// `tf.random.categorical`.
///
/// # Panics
/// `InvalidArgumentError` unless the logits are a matrix.
#[track_caller]
pub fn categorical(logits: impl IntoTensor, num_samples: i32) -> Built<Sample> {
    sample(logits.into_operand(), Sampling::classes(num_samples), Source::of(None))
}
