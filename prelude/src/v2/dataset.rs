//! `tf.data.Dataset`: stages over slices of tensors. Rows stay indices into their source until a stage needs values, so
//! that a batch is gathered in one go.

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::mpsc;

use super::operand::IntoTensor;
use super::random::{below, host_generator};
use super::tensor::shape_v2;
use super::{Tensor, stack};
use crate::array::with_data;
use crate::error::{Error, Result, collect};
use crate::{Array, DType, Shape};

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

type Function = dyn Fn(Vec<Tensor>) -> Vec<Tensor> + Send + Sync;
type Predicate = dyn Fn(Vec<Tensor>) -> bool + Send + Sync;

enum Stage {
    Slices(Arc<Vec<Array>>),
    Shuffle { from: Arc<Stage>, buffer: usize, seed: Option<i64> },
    Batch { from: Arc<Stage>, size: usize, drop_remainder: bool },
    Repeat { from: Arc<Stage>, count: Option<usize> },
    Map { from: Arc<Stage>, function: Arc<Function> },
    Filter { from: Arc<Stage>, predicate: Arc<Predicate> },
    Prefetch { from: Arc<Stage>, size: usize },
    Take { from: Arc<Stage>, count: usize },
    Skip { from: Arc<Stage>, count: usize },
    Zip(Arc<Stage>, Arc<Stage>),
}

/// A row of a source, or values that a function made.
#[derive(Clone)]
enum Item {
    Row(Arc<Vec<Array>>, usize),
    Values(Vec<Array>),
}

type Stream = Box<dyn Iterator<Item = Item> + Send>;

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

    /// The numbers from 0 to `n - 1` as `int64`: `tf.data.Dataset.range(n)`.
    pub fn range(n: i64) -> Dataset {
        let numbers: Vec<i64> = (0..n).collect();
        let count = numbers.len();
        let stage = Stage::Slices(Arc::new(vec![Array::new(numbers, &[count])]));
        Dataset { stage: Arc::new(stage), elements: PhantomData }
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
    pub(crate) fn cardinality(&self) -> Option<usize> {
        self.stage.cardinality().filter(|n| *n != usize::MAX)
    }

    /// Element type and shape of each part, as `dataset.element_spec` prints them.
    pub fn element_spec(&self) -> String {
        let spec = |(dtype, shape): &(DType, Shape)| {
            format!("TensorSpec(shape={}, dtype={dtype:?}, name=None)", shape_v2(shape))
        };
        let parts: Vec<String> = self.stage.signature::<E>().iter().map(spec).collect();
        if E::TUPLE { format!("({})", parts.join(", ")) } else { parts.concat() }
    }
}

impl Stage {
    fn name(&self) -> &'static str {
        match self {
            Stage::Slices(_) => "_TensorSliceDataset",
            Stage::Shuffle { .. } => "_ShuffleDataset",
            Stage::Batch { .. } => "_BatchDataset",
            Stage::Repeat { .. } => "_RepeatDataset",
            Stage::Map { .. } => "_MapDataset",
            Stage::Filter { .. } => "_FilterDataset",
            Stage::Prefetch { .. } => "_PrefetchDataset",
            Stage::Take { .. } => "_TakeDataset",
            Stage::Skip { .. } => "_SkipDataset",
            Stage::Zip(..) => "_ZipDataset",
        }
    }

    /// The number of elements; the greatest number stands for infinity.
    fn cardinality(&self) -> Option<usize> {
        match self {
            Stage::Slices(columns) => columns.first().map(|c| c.shape()[0]),
            Stage::Shuffle { from, .. } | Stage::Map { from, .. } | Stage::Prefetch { from, .. } => from.cardinality(),
            Stage::Batch { from, size, drop_remainder } => from.cardinality().map(|n| match n {
                usize::MAX => n,
                n if *drop_remainder => n / size,
                n => n.div_ceil(*size),
            }),
            Stage::Repeat { count: None, .. } => Some(usize::MAX),
            Stage::Repeat { from, count: Some(count) } => from.cardinality().map(|n| n.saturating_mul(*count)),
            Stage::Filter { .. } => None,
            Stage::Take { from, count } => from.cardinality().map(|n| n.min(*count)),
            Stage::Skip { from, count } => from.cardinality().map(|n| n.saturating_sub(*count)),
            Stage::Zip(a, b) => Some(a.cardinality()?.min(b.cardinality()?)),
        }
    }

    fn signature<E>(&self) -> Vec<(DType, Shape)> {
        match self {
            Stage::Slices(columns) => columns.iter().map(|c| (c.dtype(), Shape::from(&c.shape()[1..]))).collect(),
            Stage::Batch { from, size, drop_remainder } => {
                let first = drop_remainder.then_some(*size);
                let batched = |(dtype, shape): (DType, Shape)| {
                    let inner = shape.dims().unwrap_or_default();
                    (dtype, Shape::from([&[first], inner].concat()))
                };
                from.signature::<E>().into_iter().map(batched).collect()
            }
            Stage::Shuffle { from, .. }
            | Stage::Repeat { from, .. }
            | Stage::Filter { from, .. }
            | Stage::Prefetch { from, .. }
            | Stage::Take { from, .. }
            | Stage::Skip { from, .. } => from.signature::<E>(),
            Stage::Zip(a, b) => [a.signature::<E>(), b.signature::<E>()].concat(),
            Stage::Map { .. } => {
                let first = self.stream().next().map(Item::values).unwrap_or_default();
                first.iter().map(|a| (a.dtype(), Shape::from(a.shape()))).collect()
            }
        }
    }

    fn stream(&self) -> Stream {
        match self {
            Stage::Slices(columns) => {
                let columns = columns.clone();
                let rows = columns.first().map_or(0, |c| c.shape()[0]);
                Box::new((0..rows).map(move |i| Item::Row(columns.clone(), i)))
            }
            Stage::Shuffle { from, buffer, seed } => Box::new(shuffled(from.stream(), *buffer, *seed)),
            Stage::Batch { from, size, drop_remainder } => {
                let (mut stream, size, whole) = (from.stream(), *size, *drop_remainder);
                Box::new(std::iter::from_fn(move || {
                    let items: Vec<Item> = stream.by_ref().take(size).collect();
                    let enough = !items.is_empty() && (!whole || items.len() == size);
                    enough.then(|| Item::Values(joined(&items)))
                }))
            }
            Stage::Repeat { from, count } => {
                let (from, count) = (from.clone(), count.unwrap_or(usize::MAX));
                Box::new((0..count).flat_map(move |_| from.stream()))
            }
            Stage::Map { from, function } => {
                let function = function.clone();
                Box::new(from.stream().map(move |item| {
                    let parts = function(item.values().into_iter().map(Tensor::eager).collect());
                    Item::Values(parts.iter().map(Tensor::numpy).collect())
                }))
            }
            Stage::Filter { from, predicate } => {
                let predicate = predicate.clone();
                Box::new(
                    from.stream()
                        .filter(move |item| predicate(item.clone().values().into_iter().map(Tensor::eager).collect())),
                )
            }
            Stage::Prefetch { from, size } => prefetched(from.clone(), *size),
            Stage::Take { from, count } => Box::new(from.stream().take(*count)),
            Stage::Skip { from, count } => Box::new(from.stream().skip(*count)),
            Stage::Zip(a, b) => {
                let pairs = a.stream().zip(b.stream());
                Box::new(pairs.map(|(a, b)| Item::Values([a.values(), b.values()].concat())))
            }
        }
    }
}

/// TensorFlow's way to shuffle: a random one of the elements in the buffer goes, the next comes in its place.
fn shuffled(mut stream: Stream, buffer: usize, seed: Option<i64>) -> impl Iterator<Item = Item> + Send {
    let mut generator = host_generator(seed);
    let mut held: VecDeque<Item> = VecDeque::new();
    let mut filled = false;
    std::iter::from_fn(move || {
        if !filled {
            held.extend(stream.by_ref().take(buffer));
            filled = true;
        }
        if held.is_empty() {
            return None;
        }
        let at = below(&mut generator, held.len());
        match stream.next() {
            Some(next) => Some(std::mem::replace(&mut held[at], next)),
            None => held.swap_remove_back(at),
        }
    })
}

/// The stream of a thread that works ahead by `size` elements; it ends with the iteration.
fn prefetched(from: Arc<Stage>, size: usize) -> Stream {
    let (sender, receiver) = mpsc::sync_channel::<Result<Item>>(size);
    std::thread::spawn(move || {
        let mut stream = from.stream();
        loop {
            let next = collect(|| stream.next());
            let Some(next) = next.transpose() else { return };
            let failed = next.is_err();
            if sender.send(next).is_err() || failed {
                return;
            }
        }
    });
    Box::new(receiver.into_iter().map(|item| item.unwrap_or_else(|error| error.raise())))
}

impl Item {
    fn values(self) -> Vec<Array> {
        match self {
            Item::Row(columns, i) => columns.iter().map(|c| rows(c, &[i], &c.shape()[1..])).collect(),
            Item::Values(values) => values,
        }
    }
}

/// The elements as one, with a further first axis.
fn joined(items: &[Item]) -> Vec<Array> {
    let Item::Row(source, _) = &items[0] else { return stacked(items) };
    let index = |item: &Item| match item {
        Item::Row(other, i) if Arc::ptr_eq(other, source) => Some(*i),
        _ => None,
    };
    let Some(places) = items.iter().map(index).collect::<Option<Vec<usize>>>() else { return stacked(items) };
    let gather = |column: &Array| {
        let mut shape = column.shape().to_vec();
        shape[0] = places.len();
        rows(column, &places, &shape)
    };
    source.iter().map(gather).collect()
}

fn stacked(items: &[Item]) -> Vec<Array> {
    let values: Vec<Vec<Array>> = items.iter().map(|item| item.clone().values()).collect();
    let part = |k: usize| stack(&values.iter().map(|v| v[k].clone()).collect::<Vec<Array>>()).numpy();
    (0..values[0].len()).map(part).collect()
}

/// Rows of an array, under the shape given.
pub(crate) fn rows(array: &Array, places: &[usize], shape: &[usize]) -> Array {
    let width: usize = array.shape()[1..].iter().product();
    with_data!(array, v => {
        let mut out = Vec::with_capacity(width * places.len());
        places.iter().for_each(|i| out.extend_from_slice(&v[i * width..(i + 1) * width]));
        Array::new(out, shape)
    })
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
