//! Decompositions of matrices, and what follows from them: Cholesky, QR, singular values, eigenvalues, least squares.

use super::matrix::{Matrix, each, matrix, result, square, typed};
use crate::array::Array;
use crate::dtype::DType;
use crate::literal::ArrayLike;
use crate::np::{divide, math, matmul, sum};

/// `np.linalg.cholesky(x)`: the lower triangle whose product with its transpose is `x`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::linalg::cholesky([[4.0, 2.0], [2.0, 5.0]]).to_string(), "[[2. 0.]\n [1. 2.]]");
/// ```
///
/// # Panics
/// `LinAlgError` unless `x` is square and positive definite.
#[track_caller]
pub fn cholesky(x: impl ArrayLike) -> Array {
    each(&x.to_array(), lower_triangle)
}

#[track_caller]
fn lower_triangle(x: &Array) -> Array {
    let a = square(x);
    let mut lower = Matrix::zeros(a.rows, a.rows);
    for j in 0..a.rows {
        for i in j..a.rows {
            let rest = (0..j).fold(a.get(i, j), |v, k| v - lower.get(i, k) * lower.get(j, k));
            if i == j && rest <= 0.0 {
                panic!("LinAlgError: Matrix is not positive definite")
            }
            *lower.at(i, j) = if i == j { rest.sqrt() } else { rest / lower.get(j, j) };
        }
    }
    result(lower, x)
}

/// `np.linalg.qr(x)`: an orthogonal matrix and an upper triangle whose product is `x`, by reflections as LAPACK does it.
///
/// ```
/// use flowbook::np;
/// let (q, r) = np::linalg::qr([[3.0, 1.0], [4.0, 2.0]]);
/// assert!(np::allclose(np::dot(&q, &r), [[3.0, 1.0], [4.0, 2.0]]));
/// assert_eq!(r.at(&[0, 0]).to_string(), "-5.0");
/// ```
///
/// # Panics
/// `LinAlgError` unless `x` is a matrix.
#[track_caller]
pub fn qr(x: impl ArrayLike) -> (Array, Array) {
    let x = x.to_array();
    let mut r = matrix(&x);
    let (m, n) = (r.rows, r.columns);
    let k = m.min(n);
    let mut q = Matrix::identity(m);
    for j in 0..k {
        let norm = (j..m).map(|i| r.get(i, j) * r.get(i, j)).sum::<f64>().sqrt();
        if (j + 1..m).all(|i| r.get(i, j) == 0.0) {
            continue;
        }
        let head = if r.get(j, j).is_sign_positive() { -norm } else { norm };
        let mut mirror: Vec<f64> = (j..m).map(|i| r.get(i, j)).collect();
        mirror[0] -= head;
        let size: f64 = mirror.iter().map(|v| v * v).sum();
        for column in j..n {
            let along: f64 = mirror.iter().enumerate().map(|(i, v)| v * r.get(i + j, column)).sum();
            mirror.iter().enumerate().for_each(|(i, v)| *r.at(i + j, column) -= 2.0 * along / size * v);
        }
        for row in 0..m {
            let along: f64 = mirror.iter().enumerate().map(|(i, v)| v * q.get(row, i + j)).sum();
            mirror.iter().enumerate().for_each(|(i, v)| *q.at(row, i + j) -= 2.0 * along / size * v);
        }
        (j + 1..m).for_each(|i| *r.at(i, j) = 0.0);
    }
    let cut = |a: &Matrix, rows: usize, columns: usize| Matrix {
        rows,
        columns,
        v: (0..rows).flat_map(|i| (0..columns).map(move |j| a.get(i, j))).collect(),
    };
    (result(cut(&q, m, k), &x), result(cut(&r, k, n), &x))
}

/// Columns turned against one another until all are orthogonal (one-sided Jacobi): those columns, and the turns.
fn orthogonal_columns(mut a: Matrix) -> (Matrix, Matrix) {
    let n = a.columns;
    let mut turns = Matrix::identity(n);
    let product = |a: &Matrix, p: usize, q: usize| (0..a.rows).map(|i| a.get(i, p) * a.get(i, q)).sum::<f64>();
    for _ in 0..60 {
        let mut largest: f64 = 0.0;
        for p in 0..n {
            for q in p + 1..n {
                let (alpha, beta, gamma) = (product(&a, p, p), product(&a, q, q), product(&a, p, q));
                if gamma == 0.0 {
                    continue;
                }
                largest = largest.max(gamma.abs() / (alpha * beta).sqrt());
                let zeta = (beta - alpha) / (2.0 * gamma);
                let tangent = zeta.signum() / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
                let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
                let sine = cosine * tangent;
                for matrix in [&mut a, &mut turns] {
                    for i in 0..matrix.rows {
                        let (x, y) = (matrix.get(i, p), matrix.get(i, q));
                        *matrix.at(i, p) = cosine * x - sine * y;
                        *matrix.at(i, q) = sine * x + cosine * y;
                    }
                }
            }
        }
        if largest < 1e-15 {
            break;
        }
    }
    (a, turns)
}

/// The singular values in falling order, with the left and right vectors as columns; of a matrix with at least as many
/// rows as columns.
fn singular(a: Matrix) -> (Matrix, Vec<f64>, Matrix) {
    let (columns, turns) = orthogonal_columns(a);
    let size = |j: usize| (0..columns.rows).map(|i| columns.get(i, j).powi(2)).sum::<f64>().sqrt();
    let mut order: Vec<(f64, usize)> = (0..columns.columns).map(|j| (size(j), j)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut u, mut v) = (Matrix::zeros(columns.rows, order.len()), Matrix::zeros(order.len(), order.len()));
    for (to, (size, from)) in order.iter().enumerate() {
        (0..u.rows).for_each(|i| *u.at(i, to) = if *size > 0.0 { columns.get(i, *from) / size } else { 0.0 });
        (0..v.rows).for_each(|i| *v.at(i, to) = turns.get(i, *from));
    }
    (u, order.into_iter().map(|(size, _)| size).collect(), v)
}

/// `np.linalg.svd(x, full_matrices=False)`: left vectors as columns, singular values in falling order, right vectors as
/// rows. The sign of each pair of vectors is free and may differ from NumPy's.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[3.0, 0.0], [4.0, 5.0]]);
/// let (u, s, vh) = np::linalg::svd(&x);
/// assert!(np::allclose(np::dot(&u * &s, vh), x));
/// ```
///
/// # Panics
/// `LinAlgError` unless `x` is a matrix.
#[track_caller]
pub fn svd(x: impl ArrayLike) -> (Array, Array, Array) {
    let x = x.to_array();
    let a = matrix(&x);
    let (u, s, v) = if a.rows >= a.columns {
        singular(a)
    } else {
        let (v, s, u) = singular(a.transposed());
        (u, s, v)
    };
    let n = s.len();
    (result(u, &x), typed(Array::new(s, &[n]), &x), result(v.transposed(), &x))
}

/// `np.linalg.svdvals(x)`: the singular values in falling order.
///
/// # Panics
/// `LinAlgError` unless `x` is a matrix.
#[track_caller]
pub fn svdvals(x: impl ArrayLike) -> Array {
    each(&x.to_array(), |x| svd(x).1)
}

/// `np.linalg.matrix_rank(x)`: how many singular values are not as good as zero.
///
/// # Panics
/// `LinAlgError` unless `x` is a matrix.
#[track_caller]
pub fn matrix_rank(x: impl ArrayLike) -> usize {
    let x = x.to_array();
    let s = svd(&x).1.to_vec::<f64>();
    let most = s.first().copied().unwrap_or(0.0);
    let small = most * x.shape()[0].max(x.shape()[1]) as f64 * f64::EPSILON;
    s.iter().filter(|s| **s > small).count()
}

/// `np.linalg.cond(x)`: the largest singular value by the smallest.
///
/// # Panics
/// `LinAlgError` unless `x` is a matrix.
#[track_caller]
pub fn cond(x: impl ArrayLike) -> Array {
    let s = svdvals(x);
    divide(s.row(0), s.row(-1))
}

/// `np.linalg.pinv(x)`: the pseudo-inverse.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
/// assert!(np::allclose(np::dot(np::linalg::pinv(&x), &x), np::eye(2)));
/// ```
///
/// # Panics
/// `LinAlgError` unless `x` is a matrix.
#[track_caller]
pub fn pinv(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    let (u, s, vh) = svd(x.astype(DType::Float64));
    let cutoff = 1e-15 * s.to_vec::<f64>().first().copied().unwrap_or(0.0);
    let inverse: Vec<f64> = s.to_vec::<f64>().iter().map(|s| if *s > cutoff { 1.0 / s } else { 0.0 }).collect();
    typed(matmul(vh.t() * inverse, u.t()), &x)
}

/// `np.linalg.lstsq(a, b)`: the `x` whose `a @ x` is nearest to `b`, the sums of squared distances (empty when the
/// solution is exact or not unique), the rank of `a` and its singular values.
///
/// ```
/// use flowbook::np;
/// let a = np::vander([0.0, 1.0, 2.0, 3.0]).slice(flowbook::s![.., 2..]);
/// let (x, ..) = np::linalg::lstsq(&a, [-1.0, 0.2, 0.9, 2.1]);
/// assert!(np::allclose(x, [1.0, -0.95]));
/// ```
///
/// # Panics
/// `LinAlgError` unless `a` is a matrix with as many rows as `b`.
#[track_caller]
pub fn lstsq(a: impl ArrayLike, b: impl ArrayLike) -> (Array, Array, usize, Array) {
    let (a, b) = (a.to_array().astype(DType::Float64), b.to_array().astype(DType::Float64));
    let [m, n] = *matrix_shape(&a);
    if b.shape().first() != Some(&m) {
        panic!("LinAlgError: Incompatible dimensions")
    }
    let x = matmul(pinv(&a), &b);
    let (rank, s) = (matrix_rank(&a), svdvals(&a));
    let residuals = if rank < n || m <= n {
        Array::zeros(DType::Float64, &[0])
    } else {
        let sums: Array = sum(math::square(&b - matmul(&a, &x))).axis(0).into();
        if b.ndim() == 1 { sums.flatten() } else { sums }
    };
    (x, residuals, rank, s)
}

#[track_caller]
fn matrix_shape(a: &Array) -> &[usize; 2] {
    a.shape()
        .try_into()
        .unwrap_or_else(|_| panic!("LinAlgError: {}-dimensional array given. Array must be two-dimensional", a.ndim()))
}

/// `np.linalg.eigh(x)`: the eigenvalues of a symmetric matrix in rising order, and the eigenvectors as columns. The sign
/// of each vector is free and may differ from NumPy's.
///
/// ```
/// use flowbook::np;
/// let (values, vectors) = np::linalg::eigh([[2.0, 1.0], [1.0, 2.0]]);
/// assert!(np::allclose(values, [1.0, 3.0]) && np::allclose(np::dot(vectors.t(), &vectors), np::eye(2)));
/// ```
///
/// # Panics
/// `LinAlgError` unless `x` is a square matrix.
#[track_caller]
pub fn eigh(x: impl ArrayLike) -> (Array, Array) {
    let x = x.to_array();
    let mut a = square(&x);
    let n = a.rows;
    // NumPy looks at the lower triangle only.
    (0..n).for_each(|i| (i + 1..n).for_each(|j| *a.at(i, j) = a.get(j, i)));
    let mut vectors = Matrix::identity(n);
    for _ in 0..60 {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a.get(i, j).powi(2)).sum();
        if off == 0.0 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                turn(&mut a, &mut vectors, p, q);
            }
        }
    }
    let mut order: Vec<(f64, usize)> = (0..n).map(|i| (a.get(i, i), i)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut sorted = Matrix::zeros(n, n);
    for (to, (_, from)) in order.iter().enumerate() {
        (0..n).for_each(|i| *sorted.at(i, to) = vectors.get(i, *from));
    }
    let values = Array::new(order.into_iter().map(|(value, _)| value).collect::<Vec<f64>>(), &[n]);
    (typed(values, &x), result(sorted, &x))
}

/// One rotation of Jacobi's method, after which the element at (p, q) is zero.
fn turn(a: &mut Matrix, vectors: &mut Matrix, p: usize, q: usize) {
    let gamma = a.get(p, q);
    if gamma.abs() <= f64::MIN_POSITIVE {
        *a.at(p, q) = 0.0;
        *a.at(q, p) = 0.0;
        return;
    }
    let theta = (a.get(q, q) - a.get(p, p)) / (2.0 * gamma);
    let sign = if theta < 0.0 { -1.0 } else { 1.0 };
    let tangent = sign / (theta.abs() + (1.0 + theta * theta).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = cosine * tangent;
    let n = a.rows;
    for i in 0..n {
        let (x, y) = (a.get(i, p), a.get(i, q));
        *a.at(i, p) = cosine * x - sine * y;
        *a.at(i, q) = sine * x + cosine * y;
        let (x, y) = (vectors.get(i, p), vectors.get(i, q));
        *vectors.at(i, p) = cosine * x - sine * y;
        *vectors.at(i, q) = sine * x + cosine * y;
    }
    for j in 0..n {
        let (x, y) = (a.get(p, j), a.get(q, j));
        *a.at(p, j) = cosine * x - sine * y;
        *a.at(q, j) = sine * x + cosine * y;
    }
    *a.at(p, q) = 0.0;
    *a.at(q, p) = 0.0;
}

/// `np.linalg.eigvalsh(x)`: the eigenvalues of a symmetric matrix in rising order.
///
/// # Panics
/// `LinAlgError` unless `x` is a square matrix.
#[track_caller]
pub fn eigvalsh(x: impl ArrayLike) -> Array {
    each(&x.to_array(), |x| eigh(x).0)
}
