//! The stages of a dataset and the streams of their elements. Rows stay indices into their source until a stage needs
//! values, so that a batch is gathered in one go.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock, mpsc};

use crate::array::with_data;
use crate::error::{Result, collect};
use crate::v2::random::{below, host_generator};
use crate::v2::{Tensor, stack};
use crate::{Array, DType, Shape};

pub(super) type Function = dyn Fn(Vec<Tensor>) -> Vec<Tensor> + Send + Sync;
pub(super) type Predicate = dyn Fn(Vec<Tensor>) -> bool + Send + Sync;

/// A step on the way of the elements.
pub(super) enum Stage {
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
    Concatenate(Arc<Stage>, Arc<Stage>),
    Enumerate { from: Arc<Stage>, start: i64 },
    Cache { from: Arc<Stage>, kept: Arc<OnceLock<Vec<Item>>> },
    TakeWhile { from: Arc<Stage>, predicate: Arc<Predicate> },
    Unbatch { from: Arc<Stage> },
    Shard { from: Arc<Stage>, count: usize, index: usize },
}

/// A row of a source, or values that a function made.
#[derive(Clone)]
pub(super) enum Item {
    Row(Arc<Vec<Array>>, usize),
    Values(Vec<Array>),
}

pub(super) type Stream = Box<dyn Iterator<Item = Item> + Send>;

impl Stage {
    pub(super) fn name(&self) -> &'static str {
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
            Stage::Concatenate(..) => "_ConcatenateDataset",
            Stage::Enumerate { .. } => "_ZipDataset",
            Stage::Cache { .. } => "CacheDataset",
            Stage::TakeWhile { .. } => "_TakeWhileDataset",
            Stage::Unbatch { .. } => "_UnbatchDataset",
            Stage::Shard { .. } => "_ShardDataset",
        }
    }

    /// The number of elements; the greatest number stands for infinity.
    pub(super) fn cardinality(&self) -> Option<usize> {
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
            Stage::Filter { .. } | Stage::TakeWhile { .. } | Stage::Unbatch { .. } => None,
            Stage::Enumerate { from, .. } | Stage::Cache { from, .. } => from.cardinality(),
            Stage::Concatenate(a, b) => Some(a.cardinality()?.saturating_add(b.cardinality()?)),
            Stage::Shard { from, count, index } => from.cardinality().map(|n| match n {
                usize::MAX => n,
                n => n.saturating_sub(*index).div_ceil(*count),
            }),
            Stage::Take { from, count } => from.cardinality().map(|n| n.min(*count)),
            Stage::Skip { from, count } => from.cardinality().map(|n| n.saturating_sub(*count)),
            Stage::Zip(a, b) => Some(a.cardinality()?.min(b.cardinality()?)),
        }
    }

    pub(super) fn signature(&self) -> Vec<(DType, Shape)> {
        match self {
            Stage::Slices(columns) => columns.iter().map(|c| (c.dtype(), Shape::from(&c.shape()[1..]))).collect(),
            Stage::Batch { from, size, drop_remainder } => {
                let first = drop_remainder.then_some(*size);
                let batched = |(dtype, shape): (DType, Shape)| {
                    let inner = shape.dims().unwrap_or_default();
                    (dtype, Shape::from([&[first], inner].concat()))
                };
                from.signature().into_iter().map(batched).collect()
            }
            Stage::Shuffle { from, .. }
            | Stage::Repeat { from, .. }
            | Stage::Filter { from, .. }
            | Stage::Prefetch { from, .. }
            | Stage::Take { from, .. }
            | Stage::Skip { from, .. }
            | Stage::Cache { from, .. }
            | Stage::TakeWhile { from, .. }
            | Stage::Shard { from, .. } => from.signature(),
            Stage::Concatenate(a, _) => a.signature(),
            Stage::Enumerate { from, .. } => [vec![(DType::Int64, Shape::scalar())], from.signature()].concat(),
            Stage::Unbatch { from } => {
                let row = |(dtype, shape): (DType, Shape)| {
                    (dtype, Shape::from(shape.dims().map_or(vec![], |d| d[1..].to_vec())))
                };
                from.signature().into_iter().map(row).collect()
            }
            Stage::Zip(a, b) => [a.signature(), b.signature()].concat(),
            Stage::Map { .. } => {
                let first = self.stream().next().map(Item::values).unwrap_or_default();
                first.iter().map(|a| (a.dtype(), Shape::from(a.shape()))).collect()
            }
        }
    }

    pub(super) fn stream(&self) -> Stream {
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
            Stage::Concatenate(a, b) => Box::new(a.stream().chain(b.stream())),
            Stage::Enumerate { from, start } => {
                let numbered = (*start..).zip(from.stream());
                Box::new(numbered.map(|(i, item)| Item::Values([vec![Array::scalar(i)], item.values()].concat())))
            }
            Stage::Cache { from, kept } => cached(from, kept.clone()),
            Stage::TakeWhile { from, predicate } => {
                let predicate = predicate.clone();
                Box::new(
                    from.stream().take_while(move |item| {
                        predicate(item.clone().values().into_iter().map(Tensor::eager).collect())
                    }),
                )
            }
            Stage::Unbatch { from } => Box::new(from.stream().flat_map(|item| {
                let columns = Arc::new(item.values());
                let rows = columns.first().and_then(|c| c.shape().first().copied()).unwrap_or(0);
                (0..rows).map(move |i| Item::Row(columns.clone(), i))
            })),
            Stage::Shard { from, count, index } => Box::new(from.stream().skip(*index).step_by(*count)),
        }
    }
}

/// What was kept by the first pass that came to its end, else a pass that keeps what it gives.
fn cached(from: &Stage, kept: Arc<OnceLock<Vec<Item>>>) -> Stream {
    if let Some(items) = kept.get() {
        let count = items.len();
        return Box::new((0..count).map(move |i| kept.get().expect("it is kept for good")[i].clone()));
    }
    let (mut stream, mut given) = (from.stream(), Vec::new());
    Box::new(std::iter::from_fn(move || match stream.next() {
        Some(item) => {
            given.push(item.clone());
            Some(item)
        }
        None => {
            let _ = kept.set(std::mem::take(&mut given));
            None
        }
    }))
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
    pub(super) fn values(self) -> Vec<Array> {
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
    let part = |k: usize| stack(values.iter().map(|v| v[k].clone()).collect::<Vec<Array>>()).numpy();
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
