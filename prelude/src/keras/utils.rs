//! `keras.utils` for arrays.

use crate::array::Array;
use crate::literal::ArrayLike;

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
            panic!("ValueError: label {class} is outside of the {num_classes} classes from 0 to {}", num_classes - 1)
        };
        rows[row * num_classes + column] = 1.0;
    }
    let mut shape = labels.shape().to_vec();
    shape.push(num_classes);
    Array::new(rows, &shape)
}
