//! `tf.data.Dataset`: what elements are, and the methods that put one stage after another. What stages do is `stage`'s.

mod stage;
mod steps;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::Tensor;
use super::operand::IntoTensor;
use super::tensor::shape_v2;
use crate::error::Error;
use crate::format::PyRepr;
use crate::{Array, DType, Shape};
use stage::{Function, Predicate, Stage, Stream};

pub(crate) use stage::rows;
pub use steps::Numbers;

/// The parts of an element: one tensor, or a tuple of them.
pub trait Elements: Sized + 'static {
    #[doc(hidden)]
    fn into_parts(self) -> Vec<Tensor>;
    #[doc(hidden)]
    fn from_parts(parts: Vec<Tensor>) -> Self;
    #[doc(hidden)]
    const TUPLE: bool;
}

fn take_part(parts: &mut impl Iterator<Item = Tensor>) -> Tensor {
    parts.next().expect("an element has as many parts as its type says")
}

impl Elements for Tensor {
    fn into_parts(self) -> Vec<Tensor> {
        vec![self]
    }
    fn from_parts(parts: Vec<Tensor>) -> Tensor {
        take_part(&mut parts.into_iter())
    }
    const TUPLE: bool = false;
}

macro_rules! elements {
    ($($($T:ident $i:tt),+;)*) => { $(
        impl Elements for ($($T,)+) {
            fn into_parts(self) -> Vec<Tensor> {
                vec![$(self.$i),+]
            }
            fn from_parts(parts: Vec<Tensor>) -> Self {
                let mut parts = parts.into_iter();
                ($({ let part: $T = take_part(&mut parts); part },)+)
            }
            const TUPLE: bool = true;
        }
    )* };
}
elements! { Tensor 0, Tensor 1; Tensor 0, Tensor 1, Tensor 2; }

/// What [`Dataset::from_tensor_slices`] takes: arrays or tensors, or tuples of them.
pub trait Items {
    /// The elements that come of it.
    type Elements: Elements;
    #[doc(hidden)]
    fn columns(self) -> Vec<Tensor>;
}

impl<T: IntoTensor> Items for T {
    type Elements = Tensor;
    fn columns(self) -> Vec<Tensor> {
        vec![self.into_operand().tensor()]
    }
}

impl<A: IntoTensor, B: IntoTensor> Items for (A, B) {
    type Elements = (Tensor, Tensor);
    fn columns(self) -> Vec<Tensor> {
        vec![self.0.into_operand().tensor(), self.1.into_operand().tensor()]
    }
}

impl<A: IntoTensor, B: IntoTensor, C: IntoTensor> Items for (A, B, C) {
    type Elements = (Tensor, Tensor, Tensor);
    fn columns(self) -> Vec<Tensor> {
        vec![self.0.into_operand().tensor(), self.1.into_operand().tensor(), self.2.into_operand().tensor()]
    }
}

/// A sequence of tensors, or of tuples of tensors: `tf.data.Dataset`.
///
/// ```
/// use flowbook::v2 as tf;
/// let dataset = tf::data::Dataset::from_tensor_slices(([1.0, 2.0, 3.0], [0, 1, 0])).batch(2);
/// let mut sizes = Vec::new();
/// for (x, y) in &dataset {
///     assert_eq!(x.shape(), y.shape());
///     sizes.push(x.len());
/// }
/// assert_eq!(sizes, [2, 1]);
/// ```
pub struct Dataset<E = Tensor> {
    stage: Arc<Stage>,
    elements: PhantomData<fn() -> E>,
}

impl<E> Clone for Dataset<E> {
    fn clone(&self) -> Dataset<E> {
        Dataset { stage: self.stage.clone(), elements: PhantomData }
    }
}

impl Dataset {
    /// A dataset of the rows of the tensors: `tf.data.Dataset.from_tensor_slices((x, y))`.
    ///
    /// # Panics
    /// `ValueError` for a scalar, or when the first sizes differ.
    #[track_caller]
    pub fn from_tensor_slices<I: Items>(tensors: I) -> Dataset<I::Elements> {
        let columns: Vec<Array> = tensors.columns().iter().map(Tensor::numpy).collect();
        let lengths: Vec<usize> = columns.iter().filter_map(|c| c.shape().first().copied()).collect();
        if lengths.len() < columns.len() {
            Error::Value("Unbatching a tensor is only supported for rank >= 1".into()).raise();
        }
        if let Some(other) = lengths.iter().find(|n| **n != lengths[0]) {
            Error::Value(format!("Dimensions {} and {other} are not compatible", lengths[0])).raise();
        }
        Dataset { stage: Arc::new(Stage::Slices(Arc::new(columns))), elements: PhantomData }
    }

    /// Numbers as `int64`: `tf.data.Dataset.range`. `5` stands for those from 0 to 4, `(1, 5)` for those from 1 on, `(1, 5, 2)`
    /// for every second of these.
    ///
    /// # Panics
    /// `InvalidArgumentError` for steps of 0.
    #[track_caller]
    pub fn range(numbers: impl Into<Numbers>) -> Dataset {
        let Numbers { start, stop, step } = numbers.into();
        if step == 0 {
            Error::InvalidArgument("step must be a non-zero integer.".into()).raise();
        }
        let within = move |i: &i64| if step > 0 { *i < stop } else { *i > stop };
        let all: Vec<i64> = std::iter::successors(Some(start), |i| i.checked_add(step)).take_while(within).collect();
        let count = all.len();
        let stage = Stage::Slices(Arc::new(vec![Array::new(all, &[count])]));
        Dataset { stage: Arc::new(stage), elements: PhantomData }
    }

    /// A dataset of one element: `tf.data.Dataset.from_tensors((x, y))`.
    #[track_caller]
    pub fn from_tensors<I: Items>(tensors: I) -> Dataset<I::Elements> {
        let whole = |tensor: &Tensor| {
            let value = tensor.numpy();
            let shape = [&[1], value.shape()].concat();
            value.reshaped(&shape).unwrap_or_else(|error| error.raise())
        };
        let columns = tensors.columns().iter().map(whole).collect();
        Dataset { stage: Arc::new(Stage::Slices(Arc::new(columns))), elements: PhantomData }
    }

    /// The elements of two datasets in pairs, as long as both last: `tf.data.Dataset.zip((a, b))`.
    pub fn zip(datasets: (Dataset, Dataset)) -> Dataset<(Tensor, Tensor)> {
        let (a, b) = datasets;
        Dataset { stage: Arc::new(Stage::Zip(a.stage, b.stage)), elements: PhantomData }
    }
}

impl<E: Elements> Dataset<E> {
    fn then(&self, stage: impl FnOnce(Arc<Stage>) -> Stage) -> Dataset<E> {
        Dataset { stage: Arc::new(stage(self.stage.clone())), elements: PhantomData }
    }

    /// Draws from a buffer of that many elements, another order in each pass: `.shuffle(buffer_size)`.
    ///
    /// # Panics
    /// `ValueError` for a buffer of size 0.
    #[must_use]
    #[track_caller]
    pub fn shuffle(&self, buffer_size: usize) -> Dataset<E> {
        if buffer_size == 0 {
            Error::Value("`buffer_size` must be greater than zero.".into()).raise();
        }
        self.then(|from| Stage::Shuffle { from, buffer: buffer_size, seed: None })
    }

    /// As [`shuffle`](Self::shuffle), with a seed of its own: `.shuffle(buffer_size, seed=...)`.
    #[must_use]
    #[track_caller]
    pub fn shuffle_seeded(&self, buffer_size: usize, seed: i64) -> Dataset<E> {
        self.shuffle(buffer_size).then(|stage| match &*stage {
            Stage::Shuffle { from, buffer, .. } => {
                Stage::Shuffle { from: from.clone(), buffer: *buffer, seed: Some(seed) }
            }
            _ => Stage::Take { from: stage.clone(), count: usize::MAX },
        })
    }

    /// Joins that many elements into one with a further first axis: `.batch(batch_size)`. The last may be smaller.
    ///
    /// # Panics
    /// `ValueError` for batches of 0.
    #[must_use]
    #[track_caller]
    pub fn batch(&self, batch_size: usize) -> Dataset<E> {
        if batch_size == 0 {
            Error::Value("`batch_size` must be greater than zero, not 0.".into()).raise();
        }
        self.then(|from| Stage::Batch { from, size: batch_size, drop_remainder: false })
    }

    /// As [`batch`](Self::batch), without a smaller last one: `.batch(batch_size, drop_remainder=True)`.
    #[must_use]
    #[track_caller]
    pub fn batch_drop_remainder(&self, batch_size: usize) -> Dataset<E> {
        if batch_size == 0 {
            Error::Value("`batch_size` must be greater than zero, not 0.".into()).raise();
        }
        self.then(|from| Stage::Batch { from, size: batch_size, drop_remainder: true })
    }

    /// The dataset `count` times over: `.repeat(count)`.
    #[must_use]
    pub fn repeat(&self, count: usize) -> Dataset<E> {
        self.then(|from| Stage::Repeat { from, count: Some(count) })
    }

    /// The dataset over and over: `.repeat()`.
    #[must_use]
    pub fn repeat_forever(&self) -> Dataset<E> {
        self.then(|from| Stage::Repeat { from, count: None })
    }

    /// What `function` makes of each element: `.map(function)`.
    #[must_use]
    pub fn map<R: Elements>(&self, function: impl Fn(E) -> R + Send + Sync + 'static) -> Dataset<R> {
        let function: Arc<Function> = Arc::new(move |parts| function(E::from_parts(parts)).into_parts());
        Dataset { stage: Arc::new(Stage::Map { from: self.stage.clone(), function }), elements: PhantomData }
    }

    /// The elements for which `predicate` holds: `.filter(predicate)`.
    #[must_use]
    pub fn filter(&self, predicate: impl Fn(E) -> bool + Send + Sync + 'static) -> Dataset<E> {
        let predicate: Arc<Predicate> = Arc::new(move |parts| predicate(E::from_parts(parts)));
        self.then(|from| Stage::Filter { from, predicate })
    }

    /// Prepares that many elements ahead, on a thread of its own: `.prefetch(buffer_size)`;
    /// [`AUTOTUNE`](super::data::AUTOTUNE) leaves the number to the library.
    #[must_use]
    pub fn prefetch(&self, buffer_size: i64) -> Dataset<E> {
        let size = usize::try_from(buffer_size).ok().filter(|n| *n > 0).unwrap_or(2);
        self.then(|from| Stage::Prefetch { from, size })
    }

    /// The first `count` elements: `.take(count)`.
    #[must_use]
    pub fn take(&self, count: usize) -> Dataset<E> {
        self.then(|from| Stage::Take { from, count })
    }

    /// What follows the first `count` elements: `.skip(count)`.
    #[must_use]
    pub fn skip(&self, count: usize) -> Dataset<E> {
        self.then(|from| Stage::Skip { from, count })
    }

    /// The elements of one pass.
    pub fn iter(&self) -> Iter<E> {
        Iter { stream: self.stage.stream(), elements: PhantomData }
    }

    /// The number of elements: `len(dataset)`.
    ///
    /// # Panics
    /// `TypeError` when it is infinite or not known beforehand.
    #[track_caller]
    #[expect(clippy::len_without_is_empty, reason = "Python's `len` of a dataset")]
    pub fn len(&self) -> usize {
        match self.stage.cardinality() {
            Some(usize::MAX) => Error::Type("The dataset is infinite.".into()).raise(),
            Some(count) => count,
            None => Error::Type("The dataset length is unknown.".into()).raise(),
        }
    }

    /// The number of elements, where it is finite and known.
    pub(crate) fn known_len(&self) -> Option<usize> {
        self.stage.cardinality().filter(|n| *n != usize::MAX)
    }

    /// Element type and shape of each part, as `dataset.element_spec` prints them.
    pub fn element_spec(&self) -> String {
        let spec = |(dtype, shape): &(DType, Shape)| {
            format!("TensorSpec(shape={}, dtype={dtype:?}, name=None)", shape_v2(shape))
        };
        let parts: Vec<String> = self.stage.signature().iter().map(spec).collect();
        if E::TUPLE { format!("({})", parts.join(", ")) } else { parts.concat() }
    }
}

/// One pass over a dataset.
pub struct Iter<E> {
    stream: Stream,
    elements: PhantomData<fn() -> E>,
}

impl<E: Elements> Iterator for Iter<E> {
    type Item = E;

    fn next(&mut self) -> Option<E> {
        let item = self.stream.next()?;
        Some(E::from_parts(item.values().into_iter().map(Tensor::eager).collect()))
    }
}

impl<E: Elements> IntoIterator for &Dataset<E> {
    type Item = E;
    type IntoIter = Iter<E>;

    fn into_iter(self) -> Iter<E> {
        self.iter()
    }
}

impl<E: Elements> IntoIterator for Dataset<E> {
    type Item = E;
    type IntoIter = Iter<E>;

    fn into_iter(self) -> Iter<E> {
        self.iter()
    }
}

impl<E: Elements> fmt::Display for Dataset<E> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<{} element_spec={}>", self.stage.name(), self.element_spec())
    }
}

impl<E: Elements> fmt::Debug for Dataset<E> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<E: Elements> PyRepr for Dataset<E> {
    fn py_repr(&self) -> String {
        format!("{self:?}")
    }
}
