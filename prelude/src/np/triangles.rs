//! The indices of diagonals and triangles of matrices. The parts themselves are in `diagonal`.

use super::choose::{Nonzero, nonzero};
use super::{Diagonal, ones, tril, triu};
use crate::array::Array;
use crate::dtype::DType;

/// `np.tril_indices(n, k)`: the indices of the lower triangle of an n by n matrix, up to the diagonal `k`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::tril_indices(2, 0).to_string(), "(array([0, 1, 1]), array([0, 0, 1]))");
/// ```
pub fn tril_indices(n: usize, k: isize) -> Nonzero {
    marked(tril(ones((n, n))).k(k))
}

/// `np.triu_indices(n, k)`: the indices of the upper triangle of an n by n matrix, from the diagonal `k` on.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[1, 2], [3, 4]]);
/// assert_eq!(x.slice(np::triu_indices(2, 1)).to_string(), "[2]");
/// ```
pub fn triu_indices(n: usize, k: isize) -> Nonzero {
    marked(triu(ones((n, n))).k(k))
}

/// `np.diag_indices(n)`: the indices of the diagonal of an n by n matrix.
///
/// ```
/// use flowbook::np;
/// let mut x = np::zeros((2, 2));
/// x.assign(np::diag_indices(2), [5, 6]);
/// assert_eq!(x.to_string(), "[[5. 0.]\n [0. 6.]]");
/// ```
pub fn diag_indices(n: usize) -> Nonzero {
    nonzero(super::eye(n))
}

fn marked(mask: Diagonal) -> Nonzero {
    let mask: Array = mask.into();
    nonzero(mask.astype(DType::Bool))
}
