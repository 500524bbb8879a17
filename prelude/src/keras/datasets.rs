//! `keras.datasets`: the data sets as arrays, training examples first.

use crate::Array;
use crate::data::{DataSet, load};
use crate::error::Result;

/// Images and labels.
pub type Labelled = (Array, Array);

fn load_data(set: DataSet) -> Result<(Labelled, Labelled)> {
    let images = load(set, None)?;
    Ok(((images.train.images, images.train.labels), (images.test.images, images.test.labels)))
}

/// Handwritten digits: `keras.datasets.mnist`.
pub mod mnist {
    use super::{DataSet, Labelled, Result};

    /// `((train_images, train_labels), (test_images, test_labels))`, of `uint8` and shapes `(60000, 28, 28)`, `(60000,)`,
    /// `(10000, 28, 28)`, `(10000,)`: `keras.datasets.mnist.load_data()`.
    ///
    /// # Errors
    /// `OSError` or `ValueError` when a file is there but cannot be read or is damaged.
    pub fn load_data() -> Result<(Labelled, Labelled)> {
        super::load_data(DataSet::Mnist)
    }
}

/// Articles of clothing: `keras.datasets.fashion_mnist`.
pub mod fashion_mnist {
    use super::{DataSet, Labelled, Result};

    /// As [`mnist::load_data`](super::mnist::load_data), with articles of clothing:
    /// `keras.datasets.fashion_mnist.load_data()`.
    ///
    /// # Errors
    /// `OSError` or `ValueError` when a file is there but cannot be read or is damaged.
    pub fn load_data() -> Result<(Labelled, Labelled)> {
        super::load_data(DataSet::FashionMnist)
    }
}
