//! The matrices that `linalg` works on: `float64`, row by row. No algorithm is here.

use crate::array::Array;
use crate::dtype::DType;

/// A matrix row by row.
#[derive(Clone)]
pub(super) struct Matrix {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) v: Vec<f64>,
}

impl Matrix {
    pub(super) fn zeros(rows: usize, columns: usize) -> Matrix {
        Matrix { rows, columns, v: vec![0.0; rows * columns] }
    }

    pub(super) fn identity(n: usize) -> Matrix {
        let mut matrix = Matrix::zeros(n, n);
        (0..n).for_each(|i| *matrix.at(i, i) = 1.0);
        matrix
    }

    pub(super) fn at(&mut self, row: usize, column: usize) -> &mut f64 {
        &mut self.v[row * self.columns + column]
    }

    pub(super) fn get(&self, row: usize, column: usize) -> f64 {
        self.v[row * self.columns + column]
    }

    pub(super) fn transposed(&self) -> Matrix {
        let v = (0..self.columns).flat_map(|j| (0..self.rows).map(move |i| self.get(i, j))).collect();
        Matrix { rows: self.columns, columns: self.rows, v }
    }

    pub(super) fn swap_rows(&mut self, a: usize, b: usize) {
        (0..self.columns).for_each(|j| self.v.swap(a * self.columns + j, b * self.columns + j));
    }
}

/// The result in the type of what it was computed of: `float32` stays, everything else is `float64`.
pub(super) fn result(matrix: Matrix, like: &Array) -> Array {
    typed(Array::new(matrix.v, &[matrix.rows, matrix.columns]), like)
}

pub(super) fn typed(array: Array, like: &Array) -> Array {
    if like.dtype() == DType::Float32 { array.astype(DType::Float32) } else { array }
}

#[track_caller]
pub(super) fn matrix(x: &Array) -> Matrix {
    let [rows, columns] = *x.shape() else {
        panic!("LinAlgError: {}-dimensional array given. Array must be two-dimensional", x.ndim())
    };
    Matrix { rows, columns, v: x.to_vec() }
}

#[track_caller]
pub(super) fn square(x: &Array) -> Matrix {
    if x.ndim() < 2 {
        panic!("LinAlgError: {}-dimensional array given. Array must be at least two-dimensional", x.ndim())
    }
    let matrix = matrix(x);
    if matrix.rows != matrix.columns {
        panic!("LinAlgError: Last 2 dimensions of the array must be square")
    }
    matrix
}

/// What `of` gives of each matrix of a stack, stacked again; of one matrix what it gives.
#[track_caller]
pub(super) fn each(x: &Array, of: impl Fn(&Array) -> Array) -> Array {
    if x.ndim() < 3 {
        return of(x);
    }
    let (lead, matrix) = x.shape().split_at(x.ndim() - 2);
    let count: usize = lead.iter().product();
    let results: Vec<Array> = x.reshape([count, matrix[0], matrix[1]]).iter().map(|matrix| of(&matrix)).collect();
    if results.is_empty() {
        return x.clone();
    }
    let inner = results[0].shape().to_vec();
    crate::np::stack(results, 0).reshape([lead, &inner].concat())
}
