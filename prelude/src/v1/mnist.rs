//! `tensorflow.examples.tutorials.mnist.input_data`: MNIST as flat rows of numbers, cut into batches as TensorFlow 1's
//! own reader does. Finding and reading the files is `data`'s.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::data::{self, FILES, Labelled, Origin};
use crate::error::{Error, Result};
use crate::graph::get_default_graph;
use crate::ops::simd::prefetch;
use crate::{Array, np};

/// MNIST in three parts: `mnist.train`, `mnist.validation` and `mnist.test`.
#[derive(Clone, Debug)]
pub struct Datasets {
    /// 55,000 pictures to learn from.
    pub train: DataSet,
    /// 5,000 pictures, the first of the training files, to choose settings by.
    pub validation: DataSet,
    /// 10,000 pictures to test on.
    pub test: DataSet,
}

/// Reads MNIST: `input_data.read_data_sets(train_dir, one_hot=one_hot)`.
///
/// The files are looked for in `train_dir`, then as [`data::load`] says. Pictures are `float32` rows of 784 numbers from 0
/// to 1; labels are `float64` rows of ten (`one_hot`) or `uint8` classes.
///
/// # Errors
/// As [`data::load`].
pub fn read_data_sets(train_dir: impl AsRef<Path>, one_hot: bool) -> Result<Datasets> {
    ReadDataSets { one_hot, ..ReadDataSets::default() }.read(train_dir)
}

/// The arguments of [`read_data_sets`] that are rarely given: `ReadDataSets { one_hot: true, ..Default::default() }`.
#[derive(Clone, Copy, Debug)]
pub struct ReadDataSets {
    /// Whether labels are rows with a one at the class.
    pub one_hot: bool,
    /// Whether to draw digits and read no file: `fake_data=True`.
    pub fake_data: bool,
    /// Whether pictures are rows of 784 numbers; else they have shape `(28, 28, 1)`.
    pub reshape: bool,
    /// How many of the training pictures are for validation.
    pub validation_size: usize,
    /// The seed of the batches' order; else the graph's.
    pub seed: Option<u32>,
}

impl Default for ReadDataSets {
    fn default() -> ReadDataSets {
        ReadDataSets { one_hot: false, fake_data: false, reshape: true, validation_size: 5000, seed: None }
    }
}

impl ReadDataSets {
    /// Reads MNIST with these arguments.
    ///
    /// # Errors
    /// As [`data::load`], and `ValueError` for a validation part larger than the training files.
    pub fn read(self, train_dir: impl AsRef<Path>) -> Result<Datasets> {
        let train_dir = train_dir.as_ref();
        let found = match self.fake_data {
            true => data::generated(),
            false => data::load(data::DataSet::Mnist, Some(train_dir))?,
        };
        if let Origin::Files(_) = found.origin {
            FILES.iter().for_each(|name| println!("Extracting {}", train_dir.join(name).display()));
        }
        let count = found.train.images.shape()[0];
        if self.validation_size > count {
            return Err(Error::Value(format!(
                "Validation size should be between 0 and {count}. Received: {}.",
                self.validation_size
            )));
        }
        let seed = self.seed.map(i64::from).or(get_default_graph().seed());
        let part = |from: &Labelled, range| DataSet::new(self.slice(from, range), seed);
        Ok(Datasets {
            train: part(&found.train, self.validation_size..count),
            validation: part(&found.train, 0..self.validation_size),
            test: part(&found.test, 0..found.test.images.shape()[0]),
        })
    }

    fn slice(self, from: &Labelled, range: std::ops::Range<usize>) -> Examples {
        let count = range.len();
        let (pixels, labels) = (from.images.as_slice::<u8>(), from.labels.as_slice::<u8>());
        let pixels = &pixels.unwrap_or_default()[range.start * 784..range.end * 784];
        let labels = &labels.unwrap_or_default()[range];
        let pixels: Vec<f32> = pixels.iter().map(|p| f32::from(*p) * (1.0 / 255.0)).collect();
        let shape: &[usize] = if self.reshape { &[count, 784] } else { &[count, 28, 28, 1] };
        let images = Array::new(pixels, shape);
        if !self.one_hot {
            return Examples { images, labels: Array::new(labels.to_vec(), &[count]) };
        }
        let mut rows = vec![0f64; count * 10];
        labels.iter().enumerate().for_each(|(i, label)| rows[i * 10 + usize::from(*label)] = 1.0);
        Examples { images, labels: Array::new(rows, &[count, 10]) }
    }
}

struct Examples {
    images: Array,
    labels: Array,
}

/// Pictures and labels that come in batches. Clones share the place in the epoch.
#[derive(Clone)]
pub struct DataSet(Arc<Mutex<Order>>);

struct Order {
    examples: Examples,
    /// Which example stands at each place; `None` before the first shuffle.
    order: Option<Vec<u32>>,
    index_in_epoch: usize,
    epochs_completed: usize,
    /// The last batch of pictures, whose memory serves again when nobody else has it any more.
    last: Option<Array>,
}

impl std::fmt::Debug for DataSet {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "DataSet({} examples)", self.num_examples())
    }
}

impl DataSet {
    fn new(examples: Examples, seed: Option<i64>) -> DataSet {
        if let Some(seed) = seed {
            np::random::seed(seed as u32);
        }
        DataSet(Arc::new(Mutex::new(Order {
            examples,
            order: None,
            index_in_epoch: 0,
            epochs_completed: 0,
            last: None,
        })))
    }

    fn data(&self) -> MutexGuard<'_, Order> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pictures, in their present order: `float32`, shape `(n, 784)`.
    pub fn images(&self) -> Array {
        let data = self.data();
        data.rows(&data.examples.images, 0..data.count())
    }

    /// The labels, in the pictures' order: `float64` of shape `(n, 10)` or `uint8` of shape `(n,)`.
    pub fn labels(&self) -> Array {
        let data = self.data();
        data.rows(&data.examples.labels, 0..data.count())
    }

    /// How many there are.
    pub fn num_examples(&self) -> usize {
        self.data().count()
    }

    /// How often `next_batch` has been through all of them.
    pub fn epochs_completed(&self) -> usize {
        self.data().epochs_completed
    }

    /// The next `batch_size` pictures and labels; each epoch has an order of its own: `.next_batch(batch_size)`.
    pub fn next_batch(&self, batch_size: usize) -> (Array, Array) {
        self.data().next_batch(batch_size, true)
    }

    /// The same without shuffling: `.next_batch(batch_size, shuffle=False)`.
    pub fn next_batch_in_order(&self, batch_size: usize) -> (Array, Array) {
        self.data().next_batch(batch_size, false)
    }
}

impl Order {
    fn count(&self) -> usize {
        self.examples.images.shape()[0]
    }

    /// The examples at these places.
    fn rows(&self, array: &Array, places: std::ops::Range<usize>) -> Array {
        let shape = [&[places.len()], &array.shape()[1..]].concat();
        let width: usize = array.shape()[1..].iter().product();
        crate::array::with_data!(array, v => match &self.order {
            None if places.len() == v.len() / width.max(1) => array.clone(),
            None => Array::new(v[places.start * width..places.end * width].to_vec(), &shape),
            Some(order) => {
                let mut rows = Vec::with_capacity(places.len() * width);
                for example in &order[places] {
                    let start = *example as usize * width;
                    rows.extend_from_slice(&v[start..start + width]);
                }
                Array::new(rows, &shape)
            }
        })
    }

    fn batch(&mut self, places: std::ops::Range<usize>) -> (Array, Array) {
        let images = self.again(places.clone()).unwrap_or_else(|| self.rows(&self.examples.images, places.clone()));
        self.last = Some(images.clone());
        (images, self.rows(&self.examples.labels, places))
    }

    /// The pictures at these places in the memory of the last batch, if it is free and as large.
    fn again(&mut self, places: std::ops::Range<usize>) -> Option<Array> {
        let mut last = self.last.take()?;
        let (order, images) = (self.order.as_ref()?, self.examples.images.as_slice::<f32>()?);
        if !last.is_unshared() || last.shape().first() != Some(&places.len()) {
            return None;
        }
        let width = images.len() / self.count().max(1);
        let rows = last.as_slice_mut::<f32>()?.chunks_exact_mut(width.max(1));
        let places = &order[places];
        for (i, (row, example)) in rows.zip(places).enumerate() {
            if let Some(next) = places.get(i + 1) {
                prefetch(images[*next as usize * width..].as_ptr().cast(), width * size_of::<f32>());
            }
            row.copy_from_slice(&images[*example as usize * width..][..width]);
        }
        Some(last)
    }

    /// Puts the examples into a new order, on top of the one they have.
    fn shuffle(&mut self) {
        let drawn: Vec<i64> = np::random::permutation(self.count() as i64).to_vec();
        self.order = Some(match &self.order {
            Some(order) => drawn.iter().map(|i| order[*i as usize]).collect(),
            None => drawn.iter().map(|i| *i as u32).collect(),
        });
    }

    fn next_batch(&mut self, batch_size: usize, shuffle: bool) -> (Array, Array) {
        let (start, count) = (self.index_in_epoch, self.count());
        if self.epochs_completed == 0 && start == 0 && shuffle {
            self.shuffle();
        }
        if start + batch_size <= count {
            self.index_in_epoch += batch_size;
            return self.batch(start..start + batch_size);
        }
        let (images, labels) = self.batch(start..count);
        self.epochs_completed += 1;
        if shuffle {
            self.shuffle();
        }
        self.index_in_epoch = (batch_size - (count - start)).min(count);
        let (more_images, more_labels) = self.batch(0..self.index_in_epoch);
        (np::concatenate(&[images, more_images], 0), np::concatenate(&[labels, more_labels], 0))
    }
}
