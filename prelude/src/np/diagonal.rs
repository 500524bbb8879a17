//! Diagonals and triangles of matrices: functions that `.k(1)` may follow, the diagonal above or below the main one.

use std::sync::OnceLock;

use super::computed::computed;
use super::operators::multiply;
use super::{ShapeLike, sum, where_};
use crate::array::{Array, with_data};
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

/// A matrix or a diagonal such as `np::tril(&x)`, which `.k(-1)` may follow.
///
/// It is an array wherever one is needed: it prints, computes and derefs as one.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[1, 2], [3, 4]]);
/// assert_eq!(np::diag(&x).to_string(), "[1 4]");
/// assert_eq!(np::diag(&x).k(1).to_string(), "[2]");
/// ```
pub struct Diagonal {
    input: Array,
    kind: Kind,
    k: isize,
    value: OnceLock<Array>,
}

#[derive(Clone, Copy)]
enum Kind {
    Take,
    Make,
    Lower,
    Upper,
    Trace,
}

impl Diagonal {
    fn new(input: Array, kind: Kind) -> Diagonal {
        Diagonal { input, kind, k: 0, value: OnceLock::new() }
    }

    /// `k=...` (`offset=...` of `np.trace`): 1 is the diagonal above the main one, -1 the one below.
    pub fn k(mut self, k: isize) -> Diagonal {
        (self.k, self.value) = (k, OnceLock::new());
        self
    }

    fn compute(&self) -> Array {
        match self.kind {
            Kind::Take => taken(&self.input, self.k),
            Kind::Make => made(&self.input, self.k),
            Kind::Lower => triangle(&self.input, |row, column| column <= row + self.k),
            Kind::Upper => triangle(&self.input, |row, column| column >= row + self.k),
            Kind::Trace => sum(taken(&self.input, self.k)).axis(-1).into(),
        }
    }
}
computed!(Diagonal);

/// The diagonals of the matrices along the first two axes, as NumPy's default, the diagonal last.
fn taken(x: &Array, k: isize) -> Array {
    let (rows, columns, inner) = (x.shape()[0], x.shape()[1], x.shape()[2..].iter().product::<usize>());
    let (down, right) = ((-k).max(0) as usize, k.max(0) as usize);
    let n = rows.saturating_sub(down).min(columns.saturating_sub(right));
    let mut shape = x.shape()[2..].to_vec();
    shape.push(n);
    let at = |i: usize, d: usize| ((d + down) * columns + d + right) * inner + i;
    let places: Vec<usize> = (0..inner).flat_map(|i| (0..n).map(move |d| at(i, d))).collect();
    with_data!(x, v => Array::new(places.iter().map(|p| v[*p].clone()).collect(), &shape))
}

fn made(x: &Array, k: isize) -> Array {
    let n = x.len() + k.unsigned_abs();
    let (down, right) = ((-k).max(0) as usize, k.max(0) as usize);
    with_data!(x, v => {
        let mut elements = vec![Default::default(); n * n];
        for (d, element) in v.iter().enumerate() {
            elements[(d + down) * n + d + right] = element.clone();
        }
        Array::new(elements, &[n, n])
    })
}

fn triangle(x: &Array, keep: impl Fn(isize, isize) -> bool) -> Array {
    let (rows, columns) = match *x.shape() {
        [n] => (n, n),
        [.., rows, columns] => (rows, columns),
        [] => unreachable!("refused by the functions below"),
    };
    let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row as isize, column as isize)));
    let mask = Array::new(places.map(|(row, column)| keep(row, column)).collect::<Vec<bool>>(), &[rows, columns]);
    where_(mask, x, Array::zeros(x.dtype(), &[]))
}

#[track_caller]
fn with_axes(x: impl ArrayLike, ndim: usize, message: &str) -> Array {
    let x = x.to_array();
    if x.ndim() < ndim {
        Error::Value(message.into()).raise()
    }
    x
}

/// `np.diag`: the diagonal of a matrix, or the matrix with a vector as its diagonal.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::diag([1, 2]).to_string(), "[[1 0]\n [0 2]]");
/// ```
///
/// # Panics
/// `ValueError` unless `x` is a vector or a matrix.
#[track_caller]
pub fn diag(x: impl ArrayLike) -> Diagonal {
    let x = x.to_array();
    match x.ndim() {
        1 => Diagonal::new(x, Kind::Make),
        2 => Diagonal::new(x, Kind::Take),
        _ => Error::Value("Input must be 1- or 2-d.".into()).raise(),
    }
}

/// `np.diagonal`: the diagonal along the first two axes; `.k(1)` is NumPy's `offset=1`.
///
/// # Panics
/// `ValueError` for fewer than two axes.
#[track_caller]
pub fn diagonal(x: impl ArrayLike) -> Diagonal {
    Diagonal::new(with_axes(x, 2, "diag requires an array of at least two dimensions"), Kind::Take)
}

/// `np.trace`: the sum of the diagonal.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::trace([[1, 2], [3, 4]]).to_string(), "5");
/// ```
///
/// # Panics
/// `ValueError` for fewer than two axes.
#[track_caller]
pub fn trace(x: impl ArrayLike) -> Diagonal {
    Diagonal::new(with_axes(x, 2, "diag requires an array of at least two dimensions"), Kind::Trace)
}

/// `np.tril`: the lower triangle, zeros above it.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[1, 2], [3, 4]]);
/// assert_eq!(np::tril(&x).to_string(), "[[1 0]\n [3 4]]");
/// assert_eq!(np::tril(&x).k(-1).to_string(), "[[0 0]\n [3 0]]");
/// ```
///
/// # Panics
/// `ValueError` for a scalar.
#[track_caller]
pub fn tril(x: impl ArrayLike) -> Diagonal {
    Diagonal::new(with_axes(x, 1, "a scalar has no triangle"), Kind::Lower)
}

/// `np.triu`: the upper triangle, zeros below it.
///
/// # Panics
/// `ValueError` for a scalar.
#[track_caller]
pub fn triu(x: impl ArrayLike) -> Diagonal {
    Diagonal::new(with_axes(x, 1, "a scalar has no triangle"), Kind::Upper)
}

/// `np.tri(n)`: ones on and below the diagonal, `float64`.
pub fn tri(n: usize) -> Diagonal {
    Diagonal::new(super::ones((n, n)), Kind::Lower)
}

/// `np.eye(n)`: ones on the diagonal, `float64`; `np::eye((n, m))` has `n` rows and `m` columns, and the ones of
/// `np::eye((n, m, k))` are on the diagonal `k`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::eye(2).to_string(), "[[1. 0.]\n [0. 1.]]");
/// assert_eq!(np::eye((2, 3, 1)).to_string(), "[[0. 1. 0.]\n [0. 0. 1.]]");
/// ```
///
/// # Panics
/// `ValueError` for a negative size or more than three numbers.
#[track_caller]
pub fn eye(shape: impl ShapeLike) -> Array {
    let (rows, columns, k) = match *shape.sizes() {
        [n] => (n, n, 0),
        [n, m] => (n, m, 0),
        [n, m, k] => (n, m, k),
        _ => Error::Value("a matrix has two sizes".into()).raise(),
    };
    let ones = (0..rows).flat_map(|row| (0..columns).map(move |column| f64::from(u8::from(column - row == k))));
    Array::new(ones.collect(), &(rows, columns).shape())
}

/// `np.identity(n)`: ones on the diagonal, `float64`.
pub fn identity(n: usize) -> Array {
    eye(n)
}

/// `np.vander(x)`: the powers of each element, the highest first.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::vander([1, 2, 3]).to_string(), "[[1 1 1]\n [4 2 1]\n [9 3 1]]");
/// ```
///
/// # Panics
/// `ValueError` unless `x` is a vector.
#[track_caller]
pub fn vander(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    if x.ndim() != 1 {
        Error::Value("x must be a one-dimensional array or sequence.".into()).raise()
    }
    let dtype = if x.dtype() == DType::Bool { DType::Int64 } else { x.dtype() };
    let mut power = super::ones_like(&x).astype(dtype);
    let mut columns = Vec::new();
    for _ in 0..x.len() {
        columns.insert(0, power.clone());
        power = multiply(power, &x);
    }
    if columns.is_empty() {
        return Array::zeros(dtype, &[0, 0]);
    }
    super::stack(columns, 1)
}
