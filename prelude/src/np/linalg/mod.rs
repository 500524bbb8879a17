//! `np.linalg`: norms, determinants, inverses, equations and decompositions of matrices, in `float64`.
//! Products of matrices are in `products`.

mod decompose;
mod eigen;
mod matrix;

use matrix::{Matrix, each, matrix, result, square, typed};

use super::folds::fold_axes;
use super::math::{abs, sqrt};
use super::operators::{multiply, power};
use super::reduce::{Kind, Reduced};
use super::{matmul, max, min, not_equal, sum};
use crate::array::Array;
use crate::error::Error;
use crate::literal::ArrayLike;

pub use decompose::{cholesky, cond, eigh, eigvalsh, lstsq, matrix_rank, pinv, qr, svd, svdvals};
pub use eigen::{eig, eigvals};

/// Lower and upper triangle in one, the rows that stand in each place, and the sign of their order.
struct Lu {
    lu: Matrix,
    order: Vec<usize>,
    sign: f64,
    singular: bool,
}

/// Elimination with the largest pivot of each column.
fn eliminated(mut lu: Matrix) -> Lu {
    let n = lu.rows;
    let (mut order, mut sign, mut singular) = ((0..n).collect::<Vec<_>>(), 1.0, false);
    for k in 0..n {
        let mut pivot = k;
        for i in k + 1..n {
            if lu.get(i, k).abs() > lu.get(pivot, k).abs() {
                pivot = i;
            }
        }
        if lu.get(pivot, k) == 0.0 {
            singular = true;
            continue;
        }
        if pivot != k {
            lu.swap_rows(pivot, k);
            order.swap(pivot, k);
            sign = -sign;
        }
        for i in k + 1..n {
            *lu.at(i, k) /= lu.get(k, k);
            let factor = lu.get(i, k);
            for j in k + 1..n {
                *lu.at(i, j) -= factor * lu.get(k, j);
            }
        }
    }
    Lu { lu, order, sign, singular }
}

impl Lu {
    #[track_caller]
    fn solve(&self, b: &Matrix) -> Matrix {
        if self.singular {
            panic!("LinAlgError: Singular matrix")
        }
        let n = self.lu.rows;
        let mut x = Matrix::zeros(n, b.columns);
        for column in 0..b.columns {
            for i in 0..n {
                let known = (0..i).fold(b.get(self.order[i], column), |v, j| v - self.lu.get(i, j) * x.get(j, column));
                *x.at(i, column) = known;
            }
            for i in (0..n).rev() {
                let known = (i + 1..n).fold(x.get(i, column), |v, j| v - self.lu.get(i, j) * x.get(j, column));
                *x.at(i, column) = known / self.lu.get(i, i);
            }
        }
        x
    }
}

/// `np.linalg.det(x)`: the determinant, or that of each matrix of a stack.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::linalg::det([[1.0, 2.0], [3.0, 4.0]]).to_string(), "-2.0000000000000004");
/// ```
///
/// # Panics
/// `LinAlgError` unless `x` is a square matrix.
#[track_caller]
pub fn det(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    // NumPy adds logarithms, which shows in the last digits.
    each(&x, |x| {
        let (sign, logarithm) = sign_and_logarithm(x);
        typed(Array::scalar(sign * logarithm.exp()), x)
    })
}

/// `np.linalg.slogdet(x)`: the sign of the determinant and the logarithm of its size, which fits where the determinant
/// itself does not.
///
/// ```
/// use flowbook::np;
/// let (sign, logarithm) = np::linalg::slogdet([[1.0, 2.0], [3.0, 4.0]]);
/// assert_eq!((sign.to_string(), logarithm.to_string()), ("-1.0".into(), "0.6931471805599455".into()));
/// ```
///
/// # Panics
/// `LinAlgError` unless `x` is a square matrix.
#[track_caller]
pub fn slogdet(x: impl ArrayLike) -> (Array, Array) {
    let x = x.to_array();
    let (sign, logarithm) = sign_and_logarithm(&x);
    (typed(Array::scalar(sign), &x), typed(Array::scalar(logarithm), &x))
}

#[track_caller]
fn sign_and_logarithm(x: &Array) -> (f64, f64) {
    let Lu { lu, sign, singular, .. } = eliminated(square(x));
    if singular {
        return (0.0, f64::NEG_INFINITY);
    }
    let diagonal = || (0..lu.rows).map(|i| lu.get(i, i));
    (diagonal().fold(sign, |sign, x| sign * x.signum()), diagonal().fold(0.0, |sum, x| sum + x.abs().ln()))
}

/// `np.linalg.multi_dot(matrices)`: the product of several matrices.
///
/// ```
/// use flowbook::np;
/// let (a, b) = (np::ones((2, 3)), np::ones((3, 4)));
/// assert_eq!(np::linalg::multi_dot([&a, &b, &b.t()]).to_string(), "[[12. 12. 12.]\n [12. 12. 12.]]");
/// ```
///
/// # Panics
/// `ValueError` for fewer than two matrices or sizes that do not fit.
#[track_caller]
pub fn multi_dot<T: ArrayLike>(matrices: impl IntoIterator<Item = T>) -> Array {
    let matrices: Vec<Array> = matrices.into_iter().map(|m| m.to_array()).collect();
    let [first, rest @ ..] = &matrices[..] else { Error::Value("Expecting at least two arrays.".into()).raise() };
    if rest.is_empty() {
        Error::Value("Expecting at least two arrays.".into()).raise()
    }
    rest.iter().fold(first.clone(), super::dot)
}

/// `np.linalg.inv(x)`: the inverse, or that of each matrix of a stack.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::linalg::inv([[2.0, 0.0], [0.0, 4.0]]).to_string(), "[[0.5  0.  ]\n [0.   0.25]]");
/// ```
///
/// # Panics
/// `LinAlgError` for what is not square or has no inverse.
#[track_caller]
pub fn inv(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    each(&x, |x| {
        let lu = eliminated(square(x));
        result(lu.solve(&Matrix::identity(lu.lu.rows)), x)
    })
}

/// `np.linalg.solve(a, b)`: the `x` with `a @ x = b`; `b` is a vector or a matrix of columns.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::linalg::solve([[1, 2], [3, 5]], [1, 2]).to_string(), "[-1.  1.]");
/// ```
///
/// # Panics
/// `LinAlgError` for what is not square or has no inverse, `ValueError` when the sizes differ.
#[track_caller]
pub fn solve(a: impl ArrayLike, b: impl ArrayLike) -> Array {
    let (a, b) = (a.to_array(), b.to_array());
    let lu = eliminated(square(&a));
    if b.shape().first() != Some(&lu.lu.rows) {
        Error::Value(format!(
            "solve: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (m,m),(m)->(m) (size \
             {} is different from {})",
            b.shape().first().unwrap_or(&0),
            lu.lu.rows,
        ))
        .raise()
    }
    let columns = b.reshape([b.shape()[0] as i64, -1]);
    result(lu.solve(&matrix(&columns)), &a).reshape(b.shape())
}

/// `np.linalg.matrix_power(x, n)`: `x @ x @ ...`; a negative `n` of the inverse.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::linalg::matrix_power([[1, 1], [0, 1]], 5).to_string(), "[[1 5]\n [0 1]]");
/// ```
///
/// # Panics
/// `LinAlgError` for what is not square, or has no inverse when one is needed.
#[track_caller]
pub fn matrix_power(x: impl ArrayLike, n: i32) -> Array {
    let x = x.to_array();
    let one = super::eye(square(&x).rows);
    let base = if n < 0 { inv(&x) } else { x };
    (0..n.unsigned_abs()).fold(one.astype(base.dtype()), |product, _| matmul(product, &base))
}

/// `np.linalg.norm(x)`: the square root of the sum of squares, of all elements or along the axis that `.axis(1)` names.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::linalg::norm([3.0, 4.0]).to_string(), "5.0");
/// assert_eq!(np::linalg::norm([[3.0, 4.0], [0.0, 2.0]]).axis(1).to_string(), "[5. 2.]");
/// assert_eq!(np::linalg::norm([3.0, -4.0]).ord(1).to_string(), "7.0");
/// ```
pub fn norm(x: impl ArrayLike) -> Reduced {
    Reduced::new(super::folds::floating(&x.to_array()), Kind::Norm(None))
}

/// The norm along the axes, which stay with size 1; `ord` of two axes is that of a matrix.
#[track_caller]
pub(super) fn norm_along(x: &Array, shape: &[usize], axes: &[usize], ord: Option<f64>) -> Array {
    let Some(ord) = ord else { return sqrt(fold_axes(&Kind::Sum, &multiply(x, x), axes)) };
    if axes.len() == 1 && shape.len() == 1 || shape.len() > 1 && axes.len() == 1 && x.ndim() == shape.len() {
        return vector_norm(x, axes[0], ord);
    }
    let [rows, columns] = *shape else { Error::Value("Improper number of dimensions to norm.".into()).raise() };
    let x = x.reshape([rows, columns]);
    let value: Array = match ord {
        1.0 => max(sum(abs(&x)).axis(0)).into(),
        -1.0 => min(sum(abs(&x)).axis(0)).into(),
        f64::INFINITY => max(sum(abs(&x)).axis(1)).into(),
        f64::NEG_INFINITY => min(sum(abs(&x)).axis(1)).into(),
        2.0 => svdvals(&x).row(0),
        -2.0 => svdvals(&x).row(-1),
        _ => Error::Value("Invalid norm order for matrices.".into()).raise(),
    };
    value.flatten()
}

fn vector_norm(x: &Array, axis: usize, ord: f64) -> Array {
    let size = abs(x);
    match ord {
        f64::INFINITY => fold_axes(&Kind::Max, &size, &[axis]),
        f64::NEG_INFINITY => fold_axes(&Kind::Min, &size, &[axis]),
        0.0 => fold_axes(&Kind::Sum, &not_equal(x, 0).astype(x.dtype()), &[axis]),
        1.0 => fold_axes(&Kind::Sum, &size, &[axis]),
        2.0 => sqrt(fold_axes(&Kind::Sum, &multiply(x, x), &[axis])),
        _ => power(fold_axes(&Kind::Sum, &power(size, ord), &[axis]), 1.0 / ord),
    }
}
