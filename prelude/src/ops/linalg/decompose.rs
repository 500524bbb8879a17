//! Decompositions: Cholesky, QR, singular values, eigenvalues of symmetric matrices. All but the first are `np.linalg`'s,
//! computed in `float64`.

use super::equations::triangular_solution;
use super::{
    Entry, matrices, matrix_diag, matrix_diag_part, matrix_transpose, new_op, product, square, triangle, with_entries,
};
use crate::error::{Error, Result};
use crate::graph::{Attr, Gradient, IntoTensor, Tensor};
use crate::ops::array::{convert_to_tensor, ones_of, zeros_of};
use crate::ops::elementwise::{equal, reciprocal, select_v2, square as squared};
use crate::ops::shape::expand_dims;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, Types, View};
use crate::{Array, DType, Shape, np};

pub(crate) static CHOLESKY: OpDef = OpDef::new(
    "Cholesky",
    |infer| {
        square(infer, "input")?;
        Ok(vec![infer.inputs[0].clone()])
    },
    Kernel::Call(|call| with_entries!(factor(call))),
)
.gradient(|g| {
    let l = g.output();
    let inner = product(l, g.dy(), true, false);
    let inner = triangle(inner, true) - matrix_diag(matrix_diag_part(inner)) * 0.5;
    // L^-T inner L^-1, of which the symmetric half counts.
    let left = triangular_solution(l, inner, true, true);
    let whole = matrix_transpose(triangular_solution(l, matrix_transpose(left), true, true));
    vec![Some((whole + matrix_transpose(whole)) * 0.5)]
})
.samples(&[Sample {
    inputs: &[(&[3, 3], -1.0, 1.0)],
    build: |x| cholesky(product(x[0], x[0], false, true) + matrix_diag(ones_of(matrix_diag_part(x[0])))),
}]);

fn factor<T: Entry>(call: &Call) -> Result<()> {
    let n = call.input(0).shape.last().copied().unwrap_or(0);
    let all = call.input(0).slice::<T>().chunks((n * n).max(1));
    for (a, l) in all.zip(call.output().slice_mut::<T>().chunks_mut((n * n).max(1))) {
        l.fill(T::ZERO);
        for k in 0..n {
            for i in k..n {
                let known = (0..k).fold(T::ZERO, |sum, j| sum + l[i * n + j] * l[k * n + j]);
                let rest = a[i * n + k] - known;
                if i > k {
                    l[i * n + k] = rest / l[k * n + k];
                    continue;
                }
                if rest.partial_cmp(&T::ZERO) != Some(std::cmp::Ordering::Greater) {
                    let text = "Cholesky decomposition was not successful. The input might not be valid.";
                    return Err(Error::InvalidArgument(text.into()));
                }
                l[k * n + k] = rest.sqrt();
            }
        }
    }
    Ok(())
}

/// The matrices of an input as arrays.
fn each(call: &Call) -> impl Iterator<Item = Array> {
    let all = call.input(0).to_array();
    let rank = all.ndim();
    let [m, n] = [all.shape()[rank - 2], all.shape()[rank - 1]];
    let count = all.len() / (m * n).max(1);
    let all = all.reshape([count, m, n]);
    (0..count).map(move |i| all.row(i as isize))
}

/// Writes what belongs to matrix `i` to its place in an output.
fn put(output: &View, i: usize, part: &Array) {
    let size = part.len();
    match output.dtype {
        DType::Float64 => output.slice_mut::<f64>()[i * size..][..size].copy_from_slice(&part.to_vec::<f64>()),
        _ => output.slice_mut::<f32>()[i * size..][..size].copy_from_slice(&part.to_vec::<f32>()),
    }
}

/// Takes apart each matrix of a call, of which none is empty.
fn decompose<const N: usize>(call: &Call, parts: impl Fn(Array) -> [Array; N]) -> Result<()> {
    for (i, matrix) in each(call).enumerate() {
        parts(matrix).iter().zip(&call.outputs).for_each(|(part, output)| put(output, i, part));
    }
    Ok(())
}

/// Rows, columns and the lesser of both, of matrices that are floats.
fn sizes<'a>(infer: &'a Infer) -> Result<Option<(&'a [Option<usize>], [Option<usize>; 3])>> {
    infer.allow(0, "input", Types::Floats)?;
    Ok(matrices(infer, 0)?.map(|(batch, [m, n])| (batch, [m, n, m.zip(n).map(|(m, n)| m.min(n))])))
}

pub(crate) static QR: OpDef = OpDef::new(
    "Qr",
    |infer| {
        let shapes = sizes(infer)?.map_or([Shape::unknown(), Shape::unknown()], |(batch, [m, n, k])| {
            [[m, k], [k, n]].map(|last| Shape::from([batch, &last].concat()))
        });
        Ok(shapes.map(|shape| (infer.dtype(0), shape)).to_vec())
    },
    Kernel::Call(|call| {
        decompose(call, |matrix| {
            let (q, r) = np::linalg::qr(matrix);
            [q, r]
        })
    }),
)
.gradient(|g| {
    let (q, r) = (g.output(), g.output_at(1));
    if let (Some(m), Some(n)) = (last_size(q, 2), last_size(r, 1))
        && m < n
    {
        Error::Unimplemented("the gradient of qr needs at least as many rows as columns".into()).raise()
    }
    let dys = g.dys_or_zeros();
    let (dq, dr) = (dys[0], dys[1]);
    let (qdq, rdr) = (product(q, dq, true, false), product(r, dr, false, true));
    let skew = (qdq - matrix_transpose(qdq)) + (rdr - matrix_transpose(rdr));
    // x R^-T
    let over = |x: Tensor| matrix_transpose(triangular_solution(r, matrix_transpose(x), false, false));
    let inside = product(q, dr + over(triangle(skew, true)), false, false);
    vec![Some(inside + over(dq - product(q, qdq, false, false)))]
})
.samples(&[
    Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| product(qr(x[0]).0, qr(x[0]).1 * 0.5 + 1.0, false, false) },
    Sample { inputs: &[(&[3, 3], -1.0, 1.0)], build: |x| qr(x[0]).1 },
]);

fn last_size(x: Tensor, from_end: usize) -> Option<usize> {
    let dims = x.shape();
    let dims = dims.dims()?;
    dims[dims.len() - from_end]
}

pub(crate) static SVD: OpDef = OpDef::new(
    "Svd",
    |infer| {
        let shapes =
            sizes(infer)?.map_or([Shape::unknown(), Shape::unknown(), Shape::unknown()], |(batch, [m, n, k])| {
                let whole = |last: &[Option<usize>]| Shape::from([batch, last].concat());
                [whole(&[k]), whole(&[m, k]), whole(&[n, k])]
            });
        Ok(shapes.map(|shape| (infer.dtype(0), shape)).to_vec())
    },
    Kernel::Call(|call| {
        decompose(call, |matrix| {
            let k = matrix.shape()[0].min(matrix.shape()[1]);
            let (u, s, vt) = np::linalg::svd(matrix);
            // Of the whole basis only what belongs to a singular value.
            [s, columns(&u, k), columns(&vt.transpose(&[1, 0]), k)]
        })
    }),
)
.gradient(svd_gradient)
.samples(&[
    Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| svd(x[0]).0 },
    Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| svd(x[0]).1 },
    Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| product(svd(x[0]).1, svd(x[0]).2, false, true) },
]);

/// The first `k` columns of a matrix.
fn columns(matrix: &Array, k: usize) -> Array {
    np::take(matrix, np::arange(0, k as i64, 1)).axis(1).into()
}

/// `U ((F∘(U'dU - dU'U)) S + S (F∘(V'dV - dV'V)) + dS) V'`, and what of `dU` and `dV` lies outside of `U` and `V`.
fn svd_gradient(g: &Gradient) -> Vec<Option<Tensor>> {
    let (s, u, v) = (g.output(), g.output_at(1), g.output_at(2));
    let dys = g.dys_or_zeros();
    let (ds, du, dv) = (dys[0], dys[1], dys[2]);
    let f = differences(squared(s));
    let skew = |x: Tensor, dx: Tensor| {
        let inner = product(x, dx, true, false);
        f * (inner - matrix_transpose(inner))
    };
    let diagonal = matrix_diag(s);
    let middle = product(skew(u, du), diagonal, false, false) + product(diagonal, skew(v, dv), false, false);
    let inside = product(product(u, middle + matrix_diag(ds), false, false), v, false, true);
    // dX less its part in the space of X, each column over its singular value.
    let outside = |x: Tensor, dx: Tensor| {
        let rest = dx - product(x, product(x, dx, true, false), false, false);
        rest * reciprocal(expand_dims(s, -2))
    };
    let by_u = product(outside(u, du), v, false, true);
    vec![Some(inside + by_u + product(u, outside(v, dv), false, true))]
}

/// `1 / (x_j - x_i)` for each pair, with zeros where both are equal, as on the diagonal.
fn differences(x: Tensor) -> Tensor {
    let all = expand_dims(x, -2) - expand_dims(x, -1);
    let none = zeros_of(all);
    let same = equal(all, none);
    let one = ones_of(all);
    select_v2(same, none, reciprocal(select_v2(same, one, all)))
}

pub(crate) static SELF_ADJOINT_EIG: OpDef = OpDef::new(
    "SelfAdjointEigV2",
    |infer| {
        let shapes = square(infer, "input")?.map_or([Shape::unknown(), Shape::unknown()], |(batch, n)| {
            [Shape::from([batch, &[n]].concat()), Shape::from([batch, &[n, n]].concat())]
        });
        Ok(shapes.map(|shape| (infer.dtype(0), shape)).to_vec())
    },
    Kernel::Call(|call| {
        decompose(call, |matrix| {
            let (values, vectors) = np::linalg::eigh(matrix);
            [values, vectors]
        })
    }),
)
.gradient(|g| {
    let (values, vectors) = (g.output(), g.output_at(1));
    let dys = g.dys_or_zeros();
    let turned = differences(values) * product(vectors, dys[1], true, false);
    let inner = product(matrix_diag(dys[0]) + turned, vectors, false, true);
    let whole = product(vectors, inner, false, false);
    // Only the lower triangle is looked at, and stands for both.
    let both = triangle(whole + matrix_transpose(whole), true);
    vec![Some(both - matrix_diag(matrix_diag_part(both)) * 0.5)]
})
.samples(&[
    Sample { inputs: &[(&[3, 3], -1.0, 1.0)], build: |x| self_adjoint_eig(x[0]).0 },
    Sample { inputs: &[(&[2, 2], -1.0, 1.0)], build: |x| squared(self_adjoint_eig(x[0]).1) },
]);

/// The lower triangle whose product with its transpose is the matrix: `tf.cholesky`, `tf.linalg.cholesky`.
///
/// # Panics
/// `ValueError` for what is not square; what is not positive definite is an `InvalidArgumentError` of the run.
#[track_caller]
pub fn cholesky(input: impl IntoTensor) -> Tensor {
    new_op(&CHOLESKY, &[convert_to_tensor(input)], [])[0]
}

/// An orthogonal matrix and an upper triangle whose product is the matrix: `tf.qr`, `tf.linalg.qr`.
///
/// # Panics
/// `ValueError` for what is no matrix.
#[track_caller]
pub fn qr(input: impl IntoTensor) -> (Tensor, Tensor) {
    let parts = new_op(&QR, &[convert_to_tensor(input)], [("full_matrices", Attr::Bool(false))]);
    (parts[0], parts[1])
}

/// Singular values in falling order, left and right singular vectors as columns: `s, u, v = tf.svd(tensor)`,
/// `tf.linalg.svd`. The sign of each pair of vectors is free and may differ from TensorFlow's.
///
/// # Panics
/// `ValueError` for what is no matrix.
#[track_caller]
pub fn svd(tensor: impl IntoTensor) -> (Tensor, Tensor, Tensor) {
    let attrs = [("compute_uv", Attr::Bool(true)), ("full_matrices", Attr::Bool(false))];
    let parts = new_op(&SVD, &[convert_to_tensor(tensor)], attrs);
    (parts[0], parts[1], parts[2])
}

/// The eigenvalues of symmetric matrices in rising order, and the eigenvectors as columns: `tf.self_adjoint_eig`,
/// `tf.linalg.eigh`. The sign of each vector is free and may differ from TensorFlow's.
///
/// # Panics
/// `ValueError` for what is not square.
#[track_caller]
pub fn self_adjoint_eig(tensor: impl IntoTensor) -> (Tensor, Tensor) {
    let parts = new_op(&SELF_ADJOINT_EIG, &[convert_to_tensor(tensor)], [("compute_v", Attr::Bool(true))]);
    (parts[0], parts[1])
}
