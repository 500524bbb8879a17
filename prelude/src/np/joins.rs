//! Arrays put together from pieces as `np.block`, `np.r_` and `np.c_` do it. `concatenate`, `stack` and their kin are in
//! `manipulate`.

use super::manipulate::{atleast_1d, concatenate};
use super::{column_stack, hstack, vstack};
use crate::array::Array;
use crate::error::Error;
use crate::literal::ArrayLike;

/// `np.block([[a, b], [c, d]])`: a matrix of matrices; each row of blocks is put side by side, then the rows below one
/// another.
///
/// ```
/// use flowbook::np;
/// let (a, b) = (np::ones((2, 2)), np::zeros((2, 1)));
/// assert_eq!(np::block([[&a, &b]]).to_string(), "[[1. 1. 0.]\n [1. 1. 0.]]");
/// ```
///
/// # Panics
/// `ValueError` when the blocks do not fit.
#[track_caller]
pub fn block<T: ArrayLike, R: IntoIterator<Item = T>>(rows: impl IntoIterator<Item = R>) -> Array {
    let rows: Vec<Array> = rows
        .into_iter()
        .map(|row| {
            let blocks: Vec<Array> = row.into_iter().map(|block| super::atleast_2d(block.to_array())).collect();
            if blocks.is_empty() {
                Error::Value("List at arrays[0] cannot be empty".into()).raise()
            }
            hstack(blocks)
        })
        .collect();
    vstack(rows)
}

/// Pieces of different kinds in a tuple, or of one kind in an array or vector.
pub trait Pieces {
    #[doc(hidden)]
    fn pieces(&self) -> Vec<Array>;
}

impl<T: ArrayLike, const N: usize> Pieces for [T; N] {
    fn pieces(&self) -> Vec<Array> {
        self.iter().map(ArrayLike::to_array).collect()
    }
}

impl<T: ArrayLike> Pieces for Vec<T> {
    fn pieces(&self) -> Vec<Array> {
        self.iter().map(ArrayLike::to_array).collect()
    }
}

macro_rules! tuples {
    ($(($($name:ident . $index:tt),*))*) => { $(
        impl<$($name: ArrayLike),*> Pieces for ($($name,)*) {
            fn pieces(&self) -> Vec<Array> {
                vec![$(self.$index.to_array()),*]
            }
        }
    )* };
}
tuples! { (A.0) (A.0, B.1) (A.0, B.1, C.2) (A.0, B.1, C.2, D.3) (A.0, B.1, C.2, D.3, E.4) (A.0, B.1, C.2, D.3, E.4, F.5) }

/// `np.r_[1:4, 0, 4]`: ranges, numbers and arrays one after the other along the first axis.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::r_((1..4, 0, 4)).to_string(), "[1 2 3 0 4]");
/// assert_eq!(np::r_((np::array([1.5, 2.5]), 0, [7.0, 8.0])).to_string(), "[1.5 2.5 0.  7.  8. ]");
/// ```
///
/// # Panics
/// `ValueError` when the pieces do not fit.
#[track_caller]
pub fn r_(pieces: impl Pieces) -> Array {
    concatenate(pieces.pieces().into_iter().map(atleast_1d), 0)
}

/// `np.c_[x, y]`: vectors as columns, matrices side by side.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::c_((1..4, [4.0, 5.0, 6.0])).to_string(), "[[1. 4.]\n [2. 5.]\n [3. 6.]]");
/// ```
///
/// # Panics
/// `ValueError` when the pieces do not fit.
#[track_caller]
pub fn c_(pieces: impl Pieces) -> Array {
    column_stack(pieces.pieces().into_iter().map(atleast_1d))
}
