//! Values with one part for each replica, how they become one, and what replicas that run one after the other leave to be
//! done when all have come so far.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::super::callable::Later;
use super::super::{IntoTensor, Tensor, Variable, operators};
use super::Strategy;
use crate::Array;
use crate::error::{Error, Result};
use crate::keras::optimizers::Optimizer;

/// What each replica has of a value: `tf.distribute.DistributedValues`.
///
/// ```
/// use flowbook::v2 as tf;
/// let strategy = tf::distribute::MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]);
/// let each = strategy.run(|| tf::constant(1.5));
/// assert_eq!(
///     each.to_string(),
///     "PerReplica:{\n  0: tf.Tensor(1.5, shape=(), dtype=float32),\n  1: tf.Tensor(1.5, shape=(), dtype=float32)\n}"
/// );
/// ```
#[derive(Clone)]
pub struct PerReplica<T>(Vec<T>);

impl<T> PerReplica<T> {
    pub(super) fn new(values: Vec<T>) -> PerReplica<T> {
        PerReplica(values)
    }

    /// The parts, by replica: `value.values`.
    pub fn values(&self) -> &[T] {
        &self.0
    }
}

fn block(f: &mut fmt::Formatter, parts: impl Iterator<Item = String>) -> fmt::Result {
    let lines: Vec<String> = parts.enumerate().map(|(i, part)| format!("  {i}: {part}")).collect();
    write!(f, "PerReplica:{{\n{}\n}}", lines.join(",\n"))
}

impl<T: fmt::Display> fmt::Display for PerReplica<T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.0[..] {
            [one] => fmt::Display::fmt(one, f),
            parts => block(f, parts.iter().map(ToString::to_string)),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for PerReplica<T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.0[..] {
            [one] => fmt::Debug::fmt(one, f),
            parts => block(f, parts.iter().map(|part| format!("{part:?}"))),
        }
    }
}

/// How replicas' values become one: `tf.distribute.ReduceOp`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReduceOp {
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
}

/// A reduction or its name.
pub trait IntoReduceOp {
    #[doc(hidden)]
    fn into_reduce_op(self) -> Result<ReduceOp>;
}

impl IntoReduceOp for ReduceOp {
    fn into_reduce_op(self) -> Result<ReduceOp> {
        Ok(self)
    }
}

impl IntoReduceOp for &str {
    fn into_reduce_op(self) -> Result<ReduceOp> {
        match self.to_ascii_uppercase().as_str() {
            "SUM" => Ok(ReduceOp::Sum),
            "MEAN" => Ok(ReduceOp::Mean),
            _ => Err(Error::Value(format!("'{self}' is not a valid ReduceOp"))),
        }
    }
}

/// What replicas' values can be added up as.
pub trait Reducible {
    #[doc(hidden)]
    fn part(&self) -> Tensor;
}

impl<T: IntoTensor + Clone> Reducible for T {
    fn part(&self) -> Tensor {
        self.clone().into_operand().tensor()
    }
}

pub(super) fn reduce<T: Reducible>(op: ReduceOp, value: &PerReplica<T>) -> Tensor {
    let sum = sum(value.0.iter().map(Reducible::part));
    match op {
        ReduceOp::Sum => sum,
        ReduceOp::Mean => sum / value.0.len() as f64,
    }
}

/// The sum in the order of the replicas.
fn sum(mut parts: impl Iterator<Item = Tensor>) -> Tensor {
    let first = parts.next().unwrap_or_else(|| Tensor::eager(Array::scalar(0f32)));
    parts.fold(first, |sum, part| operators::add(sum.into_operand(), part.into_operand()))
}

/// The elements of a dataset that can be cut along their first axis.
pub trait Parts: super::super::data::Elements {
    #[doc(hidden)]
    fn batch(&self) -> usize;
    #[doc(hidden)]
    fn part(&self, rows: Range<usize>) -> Self;
}

impl Parts for Tensor {
    fn batch(&self) -> usize {
        self.len()
    }

    fn part(&self, rows: Range<usize>) -> Tensor {
        let value = self.numpy();
        let mut shape = value.shape().to_vec();
        shape[0] = rows.len();
        Tensor::eager(super::super::rows(&value, &rows.collect::<Vec<_>>(), &shape))
    }
}

impl Parts for (Tensor, Tensor) {
    fn batch(&self) -> usize {
        self.0.len()
    }

    fn part(&self, rows: Range<usize>) -> (Tensor, Tensor) {
        (Parts::part(&self.0, rows.clone()), Parts::part(&self.1, rows))
    }
}

/// One replica's gradients, waiting for the others'.
struct Deferred {
    optimizer: Optimizer,
    pairs: Vec<(Tensor, Variable)>,
}

thread_local! {
    /// What the replicas of the `run` at work have deferred, replica by replica.
    static DEFERRED: RefCell<Vec<Vec<Deferred>>> = const { RefCell::new(Vec::new()) };
    /// What they have started on their devices and nobody may have waited for.
    static UNDER_WAY: RefCell<Vec<Arc<Later>>> = const { RefCell::new(Vec::new()) };
}

/// Remembers to wait for a replica's results when all replicas have been given their work.
pub(in crate::v2) fn under_way(later: &Arc<Later>) {
    UNDER_WAY.with_borrow_mut(|list| list.push(later.clone()));
}

/// Keeps a replica's gradients until all replicas have theirs; `false` where no replica is at work.
pub(crate) fn defer(optimizer: &Optimizer, pairs: &[(Tensor, Variable)]) -> bool {
    let replica = super::replica_index();
    DEFERRED.with_borrow_mut(|deferred| {
        let Some(own) = deferred.get_mut(replica) else { return false };
        own.push(Deferred { optimizer: optimizer.clone(), pairs: pairs.to_vec() });
        true
    })
}

/// Waits for what replicas have started on their devices.
///
/// # Errors
/// What went wrong first.
fn wait() -> Result<()> {
    let all = UNDER_WAY.take();
    let outcomes: Vec<Result<()>> =
        all.iter().map(|later| later.results().as_ref().map(drop).map_err(Error::clone)).collect();
    outcomes.into_iter().collect()
}

/// Runs `body` for each replica, waits for what they have started on their devices, then takes the steps that they have deferred.
#[track_caller]
pub(super) fn run<R>(strategy: &Strategy, mut body: impl FnMut(usize) -> R) -> PerReplica<R> {
    struct Restore(Vec<Vec<Deferred>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            DEFERRED.set(std::mem::take(&mut self.0));
            if std::thread::panicking() {
                _ = wait();
            }
        }
    }
    let count = strategy.num_replicas_in_sync();
    if count == 1 {
        return PerReplica(vec![strategy.in_replica(0, || body(0))]);
    }
    let restore = Restore(DEFERRED.replace((0..count).map(|_| Vec::new()).collect()));
    let results = (0..count).map(|i| strategy.in_replica(i, || body(i))).collect();
    let deferred = DEFERRED.take();
    drop(restore);
    wait().unwrap_or_else(|error| error.raise());
    apply(strategy, &deferred).unwrap_or_else(|error| error.raise());
    PerReplica(results)
}

/// Every replica takes the same steps, by the sums of the gradients.
fn apply(strategy: &Strategy, deferred: &[Vec<Deferred>]) -> Result<()> {
    let Some(first) = deferred.first() else { return Ok(()) };
    for (i, step) in first.iter().enumerate() {
        let parts: Vec<&Deferred> = deferred.iter().filter_map(|of| of.get(i)).collect();
        if parts.len() != deferred.len() || parts.iter().any(|part| part.pairs.len() != step.pairs.len()) {
            return Err(Error::Value("apply_gradients must be called by all replicas, for the same variables".into()));
        }
        let total = |k: usize| sum(parts.iter().map(|part| part.pairs[k].0.clone()));
        let pairs: Vec<(Tensor, Variable)> =
            step.pairs.iter().enumerate().map(|(k, (_, variable))| (total(k), variable.clone())).collect();
        for replica in 0..strategy.num_replicas_in_sync() {
            strategy.in_replica(replica, || step.optimizer.apply(&pairs))?;
        }
    }
    Ok(())
}
