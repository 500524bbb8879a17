//! `keras.utils`: labels as rows, and one seed for everything.

use crate::array::Array;
use crate::literal::ArrayLike;
use crate::{np, v2};

/// Seeds NumPy's generator and TensorFlow's, so that what follows is the same in every run: `keras.utils.set_random_seed`.
///
/// ```
/// use flowbook::keras::utils;
/// use flowbook::{np, v2 as tf};
/// let numbers = || (np::random::rand(2), tf::random::uniform([2]).numpy());
/// utils::set_random_seed(812);
/// let once = numbers();
/// utils::set_random_seed(812);
/// assert_eq!(numbers(), once);
/// ```
pub fn set_random_seed(seed: u32) {
    np::random::seed(seed);
    v2::random::set_seed(i64::from(seed));
}

/// Turns class numbers into one-hot rows of `num_classes` columns, `float64` as in Keras 3.
///
/// # Panics
/// `ValueError` when a label is negative or not below `num_classes`.
///
/// ```
/// use flowbook::keras::utils;
/// assert_eq!(utils::to_categorical([0, 2], 3).to_string(), "[[1. 0. 0.]\n [0. 0. 1.]]");
/// ```
#[track_caller]
pub fn to_categorical(labels: impl ArrayLike, num_classes: usize) -> Array {
    let labels = labels.to_array();
    let classes: Vec<i64> = labels.to_vec();
    let mut rows = vec![0.0f64; classes.len() * num_classes];
    for (row, class) in classes.iter().enumerate() {
        let column = usize::try_from(*class).ok().filter(|column| *column < num_classes);
        let Some(column) = column else {
            panic!("ValueError: label {class} is none of the {num_classes} classes, which count from 0")
        };
        rows[row * num_classes + column] = 1.0;
    }
    let mut shape = labels.shape().to_vec();
    shape.push(num_classes);
    Array::new(rows, &shape)
}
