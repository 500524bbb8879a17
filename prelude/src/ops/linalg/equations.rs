//! Equations of matrices: inverses, determinants, solutions. Elimination goes in the order of the library that TensorFlow
//! takes, Eigen, so that small matrices give its digits.

use super::{Entry, matrices, new_op, product, square, turned, with_entries};
use crate::Shape;
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Tensor};
use crate::ops::array::convert_to_tensor;
use crate::ops::elementwise::negative;
use crate::ops::linalg::triangle;
use crate::ops::shape::expand_dims;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, Signature};

/// Lower and upper triangle in one, which row stands in each place, and the sign of their order.
struct Lu<T> {
    lu: Vec<T>,
    n: usize,
    order: Vec<usize>,
    odd: bool,
}

impl<T: Entry> Lu<T> {
    /// Elimination with the largest pivot of each column.
    fn of(matrix: &[T], n: usize) -> Lu<T> {
        let mut lu = matrix.to_vec();
        let (mut order, mut odd): (Vec<usize>, bool) = ((0..n).collect(), false);
        for k in 0..n {
            let mut pivot = k;
            for i in k + 1..n {
                if lu[i * n + k].magnitude() > lu[pivot * n + k].magnitude() {
                    pivot = i;
                }
            }
            if lu[pivot * n + k] == T::ZERO {
                continue;
            }
            if pivot != k {
                (0..n).for_each(|j| lu.swap(pivot * n + j, k * n + j));
                order.swap(pivot, k);
                odd = !odd;
            }
            for i in k + 1..n {
                let factor = lu[i * n + k] / lu[k * n + k];
                lu[i * n + k] = factor;
                for j in k + 1..n {
                    lu[i * n + j] = lu[i * n + j] - factor * lu[k * n + j];
                }
            }
        }
        Lu { lu, n, order, odd }
    }

    fn diagonal(&self) -> impl Iterator<Item = T> {
        (0..self.n).map(|i| self.lu[i * self.n + i])
    }

    fn is_singular(&self) -> bool {
        !self.diagonal().all(|pivot| pivot.magnitude() > T::ZERO)
    }

    /// The solution for right sides of `columns` columns, which start as the identity where there are none.
    fn solve(&self, right: Option<&[T]>, columns: usize, out: &mut [T]) {
        for (i, from) in self.order.iter().enumerate() {
            for j in 0..columns {
                let unit = if *from == j { T::ONE } else { T::ZERO };
                out[i * columns + j] = right.map_or(unit, |right| right[from * columns + j]);
            }
        }
        substitute(&self.lu, self.n, columns, out, Triangle::UnitLower);
        substitute(&self.lu, self.n, columns, out, Triangle::Upper);
    }

    /// The sign of the determinant and the logarithm of its size.
    fn determinant(&self) -> (T, T) {
        let sign = if self.odd { T::ZERO - T::ONE } else { T::ONE };
        self.diagonal().fold((sign, T::ZERO), |(sign, log), pivot| {
            let turn = if pivot < T::ZERO { T::ZERO - sign } else { sign };
            (turn, log + pivot.magnitude().ln())
        })
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Triangle {
    UnitLower,
    Lower,
    Upper,
}

/// Solves for a triangle of a matrix, in place: each row that is known is taken from all others at once.
fn substitute<T: Entry>(matrix: &[T], n: usize, columns: usize, x: &mut [T], part: Triangle) {
    for step in 0..n {
        let k = if part == Triangle::Upper { n - 1 - step } else { step };
        let others = if part == Triangle::Upper { 0..k } else { k + 1..n };
        let scale = if part == Triangle::UnitLower { T::ONE } else { T::ONE / matrix[k * n + k] };
        for j in 0..columns {
            let known = x[k * columns + j] * scale;
            x[k * columns + j] = known;
            for i in others.clone() {
                x[i * columns + j] = x[i * columns + j] - known * matrix[i * n + k];
            }
        }
    }
}

/// The number of rows, and the matrices of an input one by one.
fn each<T: Entry>(call: &Call, i: usize) -> (usize, impl Iterator<Item = &[T]>) {
    let rank = call.input(i).shape.len();
    let [m, n] = [call.input(i).shape[rank - 2], call.input(i).shape[rank - 1]];
    (m, call.input(i).slice::<T>().chunks((m * n).max(1)))
}

pub(crate) static INVERSE: OpDef = OpDef::new(
    "MatrixInverse",
    |infer| {
        square(infer, "input")?;
        Ok(vec![infer.inputs[0].clone()])
    },
    Kernel::Call(|call| with_entries!(invert(call))),
)
.gradient(|g| {
    let inverse = g.output();
    let inner = product(g.dy(), inverse, false, true);
    vec![Some(negative(product(inverse, inner, true, false)))]
})
.samples(&[
    Sample { inputs: &[(&[2, 2], 0.5, 2.0)], build: |x| matrix_inverse(x[0]) },
    Sample { inputs: &[(&[2, 3, 3], -1.0, 1.0)], build: |x| matrix_inverse(x[0]) },
]);

fn invert<T: Entry>(call: &Call) -> Result<()> {
    let (n, all) = each::<T>(call, 0);
    for (matrix, out) in all.zip(call.output().slice_mut::<T>().chunks_mut((n * n).max(1))) {
        let lu = Lu::of(matrix, n);
        if lu.is_singular() {
            return Err(Error::InvalidArgument("Input is not invertible.".into()));
        }
        lu.solve(None, n, out);
        if call.node.bool("adjoint") {
            out.copy_from_slice(&turned(out, n));
        }
    }
    Ok(())
}

/// One number for each matrix.
fn infer_numbers(infer: &Infer) -> Result<Vec<Signature>> {
    let shape = square(infer, "input")?.map_or(Shape::unknown(), |(batch, _)| Shape::from(batch.to_vec()));
    Ok(vec![(infer.dtype(0), shape)])
}

pub(crate) static DETERMINANT: OpDef =
    OpDef::new("MatrixDeterminant", infer_numbers, Kernel::Call(|call| with_entries!(determine(call))))
        .gradient(|g| vec![Some(expand_dims(expand_dims(g.dy() * g.output(), -1), -1) * adjoint_inverse(g.input(0)))])
        .samples(&[
            Sample { inputs: &[(&[3, 3], -1.0, 1.0)], build: |x| matrix_determinant(x[0]) },
            Sample { inputs: &[(&[2, 2, 2], 0.5, 2.0)], build: |x| matrix_determinant(x[0]) },
        ]);

fn determine<T: Entry>(call: &Call) -> Result<()> {
    let (n, all) = each::<T>(call, 0);
    for (matrix, out) in all.zip(call.output().slice_mut::<T>()) {
        let (sign, log) = Lu::of(matrix, n).determinant();
        *out = sign * log.exp();
    }
    Ok(())
}

pub(crate) static LOG_DETERMINANT: OpDef = OpDef::new(
    "LogMatrixDeterminant",
    |infer| {
        let one = infer_numbers(infer)?;
        Ok([one.clone(), one].concat())
    },
    Kernel::Call(|call| with_entries!(determine_logarithm(call))),
)
.gradient(|g| {
    let by_logarithm = g.dys_or_zeros()[1];
    vec![Some(expand_dims(expand_dims(by_logarithm, -1), -1) * adjoint_inverse(g.input(0)))]
})
.samples(&[Sample { inputs: &[(&[3, 3], -1.0, 1.0)], build: |x| slogdet(x[0]).1 }]);

fn determine_logarithm<T: Entry>(call: &Call) -> Result<()> {
    let (n, all) = each::<T>(call, 0);
    let (signs, logarithms) = (call.outputs[0].slice_mut::<T>(), call.outputs[1].slice_mut::<T>());
    for (matrix, (sign, log)) in all.zip(signs.iter_mut().zip(logarithms)) {
        let lu = Lu::of(matrix, n);
        (*sign, *log) = lu.determinant();
        if lu.is_singular() {
            *sign = T::ZERO;
        }
    }
    Ok(())
}

/// Checks a matrix and right sides, and gives the shape of the solution.
fn infer_solution(infer: &Infer) -> Result<Vec<Signature>> {
    let dtype = infer.same_type(&["matrix", "rhs"])?;
    if infer.running && infer.shape(0).rank() != infer.shape(1).rank() {
        return Err(Error::InvalidArgument("All input tensors must have the same rank.".into()));
    }
    let (Some((batch, rows)), Some((right_batch, [m, columns]))) = (square(infer, "matrix")?, matrices(infer, 1)?)
    else {
        return Ok(vec![(dtype, Shape::unknown())]);
    };
    if batch.len() != right_batch.len() {
        let text = "All input tensors must have the same rank.";
        return infer
            .fail(format!("Shapes must be equal rank, but are {} and {}", batch.len(), right_batch.len()), text);
    }
    if let (Some(n), Some(m)) = (rows, m)
        && n != m
    {
        return infer
            .fail(format!("Dimensions must be equal, but are {n} and {m}"), "Input matrix and rhs are incompatible.");
    }
    if batch.iter().zip(right_batch).any(|(a, b)| a.is_some() && b.is_some() && a != b) {
        let (a, b) = (infer.shape(0).to_proto(), infer.shape(1).to_proto());
        let text = format!("All input tensors must have the same outer dimensions: {a} vs. {b}");
        return infer.fail(text.clone(), text);
    }
    Ok(vec![(dtype, Shape::from([right_batch, &[rows.or(m), columns]].concat()))])
}

pub(crate) static SOLVE: OpDef =
    OpDef::new("MatrixSolve", infer_solution, Kernel::Call(|call| with_entries!(solve(call))))
        .gradient(|g| {
            let (a, x, adjoint) = (g.input(0), g.output(), g.node().bool("adjoint"));
            let by_right = solution(a, g.dy(), !adjoint);
            let by_matrix = match adjoint {
                true => product(x, by_right, false, true),
                false => product(by_right, x, false, true),
            };
            vec![Some(negative(by_matrix)), Some(by_right)]
        })
        .samples(&[
            Sample { inputs: &[(&[2, 2], 0.5, 2.0), (&[2, 3], -1.0, 1.0)], build: |x| matrix_solve(x[0], x[1]) },
            Sample { inputs: &[(&[3, 3], -1.0, 1.0), (&[3, 1], -1.0, 1.0)], build: |x| solution(x[0], x[1], true) },
        ]);

fn solve<T: Entry>(call: &Call) -> Result<()> {
    let (n, all) = each::<T>(call, 0);
    let columns = call.input(1).shape.last().copied().unwrap_or(1);
    let block = (n * columns).max(1);
    let sides = call.input(1).slice::<T>().chunks(block).zip(call.output().slice_mut::<T>().chunks_mut(block));
    for (matrix, (right, out)) in all.zip(sides) {
        let matrix = if call.node.bool("adjoint") { turned(matrix, n) } else { matrix.to_vec() };
        let lu = Lu::of(&matrix, n);
        if lu.is_singular() {
            return Err(Error::InvalidArgument("Input matrix is not invertible.".into()));
        }
        lu.solve(Some(right), columns, out);
    }
    Ok(())
}

pub(crate) static TRIANGULAR_SOLVE: OpDef =
    OpDef::new("MatrixTriangularSolve", infer_solution, Kernel::Call(|call| with_entries!(solve_triangle(call))))
        .gradient(|g| {
            let (a, x) = (g.input(0), g.output());
            let [lower, adjoint] = ["lower", "adjoint"].map(|name| g.node().bool(name));
            let by_right = triangular_solution(a, g.dy(), lower, !adjoint);
            let by_matrix = match adjoint {
                true => product(x, by_right, false, true),
                false => product(by_right, x, false, true),
            };
            vec![Some(triangle(negative(by_matrix), lower)), Some(by_right)]
        })
        .samples(&[
            Sample {
                inputs: &[(&[2, 2], 0.5, 2.0), (&[2, 3], -1.0, 1.0)],
                build: |x| matrix_triangular_solve(x[0], x[1]),
            },
            Sample {
                inputs: &[(&[3, 3], 0.5, 2.0), (&[3, 1], -1.0, 1.0)],
                build: |x| triangular_solution(x[0], x[1], false, true),
            },
        ]);

fn solve_triangle<T: Entry>(call: &Call) -> Result<()> {
    let (n, all) = each::<T>(call, 0);
    let columns = call.input(1).shape.last().copied().unwrap_or(1);
    let [lower, adjoint] = ["lower", "adjoint"].map(|name| call.node.bool(name));
    call.output().copy_from(call.input(1));
    for (matrix, out) in all.zip(call.output().slice_mut::<T>().chunks_mut((n * columns).max(1))) {
        if (0..n).any(|i| matrix[i * n + i] == T::ZERO) {
            return Err(Error::InvalidArgument("Input matrix is not invertible.".into()));
        }
        let matrix = if adjoint { turned(matrix, n) } else { matrix.to_vec() };
        let part = if lower == adjoint { Triangle::Upper } else { Triangle::Lower };
        substitute(&matrix, n, columns, out, part);
    }
    Ok(())
}

fn adjoint_inverse(matrix: Tensor) -> Tensor {
    new_op(&INVERSE, &[matrix], [("adjoint", Attr::Bool(true))])[0]
}

fn solution(matrix: Tensor, right: Tensor, adjoint: bool) -> Tensor {
    new_op(&SOLVE, &[matrix, right], [("adjoint", Attr::Bool(adjoint))])[0]
}

pub(super) fn triangular_solution(matrix: Tensor, right: Tensor, lower: bool, adjoint: bool) -> Tensor {
    let attrs = [("lower", Attr::Bool(lower)), ("adjoint", Attr::Bool(adjoint))];
    new_op(&TRIANGULAR_SOLVE, &[matrix, right], attrs)[0]
}

/// Both operands as tensors, a literal on the right in the type of the left.
#[track_caller]
fn both(matrix: impl IntoTensor, right: impl IntoTensor) -> (Tensor, Tensor) {
    let matrix = convert_to_tensor(matrix);
    let right = right.into_operand();
    match right.array(Some(matrix.dtype())) {
        Some(literal) => (matrix, convert_to_tensor(literal)),
        None => (matrix, convert_to_tensor(right)),
    }
}

/// The inverse of each matrix: `tf.matrix_inverse`, `tf.linalg.inv`.
///
/// ```
/// use flowbook::v1 as tf;
/// let inverse = tf::matrix_inverse([[2.0, 0.0], [0.0, 4.0]]);
/// assert_eq!(tf::Session::new().run(inverse)?.to_string(), "[[0.5  0.  ]\n [0.   0.25]]");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `ValueError` for what is not square; what has no inverse is an `InvalidArgumentError` of the run.
#[track_caller]
pub fn matrix_inverse(input: impl IntoTensor) -> Tensor {
    new_op(&INVERSE, &[convert_to_tensor(input)], [("adjoint", Attr::Bool(false))])[0]
}

/// The determinant of each matrix: `tf.matrix_determinant`, `tf.linalg.det`.
///
/// # Panics
/// `ValueError` for what is not square.
#[track_caller]
pub fn matrix_determinant(input: impl IntoTensor) -> Tensor {
    new_op(&DETERMINANT, &[convert_to_tensor(input)], [])[0]
}

/// The sign of the determinant of each matrix, and the logarithm of its size: `tf.linalg.slogdet`.
///
/// # Panics
/// `ValueError` for what is not square.
#[track_caller]
pub fn slogdet(input: impl IntoTensor) -> (Tensor, Tensor) {
    let both = new_op(&LOG_DETERMINANT, &[convert_to_tensor(input)], []);
    (both[0], both[1])
}

/// The `x` with `matrix @ x = rhs`, whose columns are the right sides: `tf.matrix_solve`, `tf.linalg.solve`.
///
/// ```
/// use flowbook::v1 as tf;
/// let x = tf::matrix_solve([[3.0, 1.0], [1.0, 2.0]], [[9.0], [8.0]]);
/// assert_eq!(tf::Session::new().run(x)?.to_string(), "[[2.]\n [3.]]");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `ValueError` for what is not square or of another number of rows; what has no inverse is an `InvalidArgumentError` of
/// the run.
#[track_caller]
pub fn matrix_solve(matrix: impl IntoTensor, rhs: impl IntoTensor) -> Tensor {
    let (matrix, rhs) = both(matrix, rhs);
    solution(matrix, rhs, false)
}

/// As [`matrix_solve`] for a lower triangle, of which nothing above the diagonal is looked at:
/// `tf.matrix_triangular_solve`, `tf.linalg.triangular_solve`.
///
/// # Panics
/// As [`matrix_solve`].
#[track_caller]
pub fn matrix_triangular_solve(matrix: impl IntoTensor, rhs: impl IntoTensor) -> Tensor {
    let (matrix, rhs) = both(matrix, rhs);
    triangular_solution(matrix, rhs, true, false)
}

#[cfg(test)]
mod tests {
    use super::Lu;

    #[test]
    fn elimination_puts_the_product_of_both_triangles_in_the_order_of_the_rows() {
        let matrix = [1.0, 2.0, 0.5, 3.0, -1.0, 2.0, 4.0, 0.0, 1.0];
        let Lu { lu, n, order, .. } = Lu::of(&matrix, 3);
        for (i, row) in order.iter().enumerate() {
            for j in 0..n {
                let lower = |k: usize| if k == i { 1.0 } else { lu[i * n + k] };
                let product: f64 = (0..=i.min(j)).map(|k| lower(k) * lu[k * n + j]).sum();
                assert!((product - matrix[row * n + j]).abs() < 1e-12);
            }
        }
    }
}
