//! The less common methods of datasets: ends and beginnings, numbers, what is kept, what comes of all elements together.

use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use super::stage::{Predicate, Stage};
use super::{Dataset, Elements};
use crate::v2::Tensor;
use crate::{Array, Error};

/// What [`Dataset::range`] counts: from where, to below where, in which steps.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    pub(super) start: i64,
    pub(super) stop: i64,
    pub(super) step: i64,
}

macro_rules! up_to {
    ($($t:ty),*) => { $(impl From<$t> for Numbers {
        fn from(stop: $t) -> Numbers {
            Numbers { start: 0, stop: i64::from(stop), step: 1 }
        }
    })* };
}
up_to!(i32, i64);

impl From<(i64, i64)> for Numbers {
    fn from((start, stop): (i64, i64)) -> Numbers {
        Numbers { start, stop, step: 1 }
    }
}

impl From<(i64, i64, i64)> for Numbers {
    fn from((start, stop, step): (i64, i64, i64)) -> Numbers {
        Numbers { start, stop, step }
    }
}

impl<E: Elements> Dataset<E> {
    /// The elements, and after them those of another dataset: `.concatenate(dataset)`.
    #[must_use]
    pub fn concatenate(&self, dataset: &Dataset<E>) -> Dataset<E> {
        self.then(|from| Stage::Concatenate(from, dataset.stage.clone()))
    }

    /// Keeps the elements of the first full pass for those that follow: `.cache()`.
    #[must_use]
    pub fn cache(&self) -> Dataset<E> {
        self.then(|from| Stage::Cache { from, kept: Arc::new(OnceLock::new()) })
    }

    /// The elements up to the first for which `predicate` does not hold: `.take_while(predicate)`.
    #[must_use]
    pub fn take_while(&self, predicate: impl Fn(E) -> bool + Send + Sync + 'static) -> Dataset<E> {
        let predicate: Arc<Predicate> = Arc::new(move |parts| predicate(E::from_parts(parts)));
        self.then(|from| Stage::TakeWhile { from, predicate })
    }

    /// The rows of the elements, one by one: `.unbatch()`.
    #[must_use]
    pub fn unbatch(&self) -> Dataset<E> {
        self.then(|from| Stage::Unbatch { from })
    }

    /// Every element whose number leaves `index` when divided by `num_shards`: `.shard(num_shards, index)`.
    ///
    /// # Panics
    /// `InvalidArgumentError` for no shards, or an index that is not below their number.
    #[must_use]
    #[track_caller]
    pub fn shard(&self, num_shards: usize, index: usize) -> Dataset<E> {
        if num_shards == 0 {
            Error::InvalidArgument("Number of shards must be greater than zero (currently num_shards = 0).".into())
                .raise();
        }
        if index >= num_shards {
            let text = format!(
                "Index must be between 0 and {} (currently index = {index}, num_shards = {num_shards}).",
                num_shards - 1
            );
            Error::InvalidArgument(text).raise();
        }
        self.then(|from| Stage::Shard { from, count: num_shards, index })
    }

    /// What `reduce_func` makes of a state and each element in turn, from `initial_state` on: `.reduce(initial_state,
    /// reduce_func)`.
    pub fn reduce<S>(&self, initial_state: S, reduce_func: impl FnMut(S, E) -> S) -> S {
        self.iter().fold(initial_state, reduce_func)
    }

    /// The number of elements as a tensor, -1 where they never end and -2 where nobody knows: `.cardinality()`.
    pub fn cardinality(&self) -> Tensor {
        let count = match self.stage.cardinality() {
            Some(usize::MAX) => -1,
            Some(count) => count as i64,
            None => -2,
        };
        Tensor::eager(Array::scalar(count))
    }
}

impl Dataset {
    /// The elements with their numbers, from `start` on: `.enumerate(start)`.
    #[must_use]
    pub fn enumerate(&self, start: i64) -> Dataset<(Tensor, Tensor)> {
        let stage = Stage::Enumerate { from: self.stage.clone(), start };
        Dataset { stage: Arc::new(stage), elements: PhantomData }
    }

    /// The elements as arrays: `.as_numpy_iterator()`.
    pub fn as_numpy_iterator(&self) -> impl Iterator<Item = Array> {
        self.iter().map(|element| element.numpy())
    }
}

impl Dataset<(Tensor, Tensor)> {
    /// The elements as pairs of arrays: `.as_numpy_iterator()`.
    pub fn as_numpy_iterator(&self) -> impl Iterator<Item = (Array, Array)> {
        self.iter().map(|(a, b)| (a.numpy(), b.numpy()))
    }
}
