//! `tf.linalg`: matrices, which are the last two axes.

use super::Tensor;
use super::arrays::outputs;
use super::eager::{call, call_many};
use super::operand::IntoTensor;
use crate::ops::linalg as ops;

pub use super::arrays::{einsum, eye, global_norm, norm, tensordot};
pub use super::functions::matmul;

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident($($x:ident),+) = $function:ident;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name($($x: impl IntoTensor),+) -> Tensor {
            call(&[$($x.into_operand()),+], |operands| {
                let mut operands = operands.iter().cloned();
                $(let $x = operands.next().expect("as many operands as arguments");)+
                ops::$function($($x),+)
            })
        }
    )* };
}

functions! {
    /// The inverse of each matrix: `tf.linalg.inv`.
    inv(input) = matrix_inverse;
    /// The determinant of each matrix: `tf.linalg.det`.
    det(input) = matrix_determinant;
    /// The `x` with `matrix @ x = rhs`, whose columns are the right sides: `tf.linalg.solve`.
    solve(matrix, rhs) = matrix_solve;
    /// As [`solve`] for a lower triangle: `tf.linalg.triangular_solve`.
    triangular_solve(matrix, rhs) = matrix_triangular_solve;
    /// The lower triangle whose product with its transpose is the matrix: `tf.linalg.cholesky`.
    cholesky(input) = cholesky;
    /// Each matrix times a vector: `tf.linalg.matvec`.
    matvec(a, b) = matvec;
    /// The sum of the diagonal of each matrix: `tf.linalg.trace`.
    trace(x) = trace;
    /// The square matrices with these diagonals: `tf.linalg.diag`.
    diag(diagonal) = matrix_diag;
    /// The diagonal of each matrix: `tf.linalg.diag_part`.
    diag_part(input) = matrix_diag_part;
    /// Each matrix with rows and columns changed: `tf.linalg.matrix_transpose`.
    matrix_transpose(a) = matrix_transpose;
}

/// Each matrix with zeros in the place of what is more than `num_lower` below the diagonal or more than `num_upper` above it:
/// `tf.linalg.band_part`. Negative numbers keep the whole triangle.
#[track_caller]
pub fn band_part(input: impl IntoTensor, num_lower: i64, num_upper: i64) -> Tensor {
    call(&[input.into_operand()], |x| ops::matrix_band_part(x[0].clone(), num_lower, num_upper))
}

/// The sign of the determinant of each matrix, and the logarithm of its size: `tf.linalg.slogdet`.
#[track_caller]
pub fn slogdet(input: impl IntoTensor) -> (Tensor, Tensor) {
    let [sign, log] = outputs(call_many(&[input.into_operand()], |x| {
        let (sign, log) = ops::slogdet(x[0].clone());
        vec![sign, log]
    }));
    (sign, log)
}

/// An orthogonal matrix and an upper triangle whose product is the matrix: `tf.linalg.qr`.
#[track_caller]
pub fn qr(input: impl IntoTensor) -> (Tensor, Tensor) {
    let [q, r] = outputs(call_many(&[input.into_operand()], |x| {
        let (q, r) = ops::qr(x[0].clone());
        vec![q, r]
    }));
    (q, r)
}

/// Singular values in falling order, left and right singular vectors as columns: `tf.linalg.svd`. The sign of each pair of
/// vectors is free and may differ from TensorFlow's.
#[track_caller]
pub fn svd(tensor: impl IntoTensor) -> (Tensor, Tensor, Tensor) {
    let [s, u, v] = outputs(call_many(&[tensor.into_operand()], |x| {
        let (s, u, v) = ops::svd(x[0].clone());
        vec![s, u, v]
    }));
    (s, u, v)
}

/// The eigenvalues of symmetric matrices in rising order, and the eigenvectors as columns: `tf.linalg.eigh`. The sign of each
/// vector is free and may differ from TensorFlow's.
#[track_caller]
pub fn eigh(tensor: impl IntoTensor) -> (Tensor, Tensor) {
    let [values, vectors] = outputs(call_many(&[tensor.into_operand()], |x| {
        let (values, vectors) = ops::self_adjoint_eig(x[0].clone());
        vec![values, vectors]
    }));
    (values, vectors)
}
