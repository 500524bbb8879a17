//! `tf.linalg`: ops of matrices, which are the last two axes; those before count them. Equations are in `equations`,
//! decompositions in `decompose`, parts of matrices in `parts`; products of matrices in `ops::matmul`.

mod decompose;
mod equations;
mod parts;

use std::ops::{Add, Div, Mul, Sub};

use super::{Infer, OpDef, Types};
use crate::dtype::Element;
use crate::error::Result;
use crate::graph::{Attr, Attrs, IntoTensor, Scope, Tensor, build};
use crate::ops::matmul::new_product;

pub use decompose::{cholesky, qr, self_adjoint_eig, svd};
pub use equations::{matrix_determinant, matrix_inverse, matrix_solve, matrix_triangular_solve, slogdet};
pub(crate) use parts::triangle;
pub use parts::{matrix_band_part, matrix_diag, matrix_diag_part, matrix_transpose, matvec, trace};

pub(crate) static OPS: &[&OpDef] = &[
    &equations::INVERSE,
    &equations::DETERMINANT,
    &equations::LOG_DETERMINANT,
    &equations::SOLVE,
    &equations::TRIANGULAR_SOLVE,
    &decompose::CHOLESKY,
    &decompose::QR,
    &decompose::SVD,
    &decompose::SELF_ADJOINT_EIG,
    &parts::BAND_PART,
    &parts::DIAG_PART,
];

/// What the elements of matrices are: `f32` or `f64`.
trait Entry:
    Element + Copy + PartialOrd + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    const ZERO: Self;
    const ONE: Self;
    fn magnitude(self) -> Self;
    fn ln(self) -> Self;
    fn exp(self) -> Self;
    fn sqrt(self) -> Self;
}

macro_rules! entries {
    ($($t:ty),*) => { $(impl Entry for $t {
        const ZERO: $t = 0.0;
        const ONE: $t = 1.0;
        fn magnitude(self) -> $t {
            self.abs()
        }
        fn ln(self) -> $t {
            self.ln()
        }
        fn exp(self) -> $t {
            self.exp()
        }
        fn sqrt(self) -> $t {
            self.sqrt()
        }
    })* };
}
entries!(f32, f64);

/// Runs a function of a call for the float type of its first input.
macro_rules! with_entries {
    ($run:ident($call:expr)) => {
        match $call.input(0).dtype {
            crate::DType::Float64 => $run::<f64>($call),
            _ => $run::<f32>($call),
        }
    };
}
use with_entries;

/// The axes before the last two and these, of an input that has to have them; `None` when the rank is not known.
fn matrices<'a>(infer: &'a Infer, i: usize) -> Result<Option<(&'a [Option<usize>], [Option<usize>; 2])>> {
    let Some(dims) = infer.shape(i).dims() else { return Ok(None) };
    match dims {
        [batch @ .., m, n] => Ok(Some((batch, [*m, *n]))),
        few => infer.fail(
            format!("Shape must be at least rank 2 but is rank {}", few.len()),
            format!("Input tensor {i} must have rank >= 2"),
        ),
    }
}

/// As [`matrices`], where they have to be square floats: the axes before and the number of rows.
fn square<'a>(infer: &'a Infer, argument: &str) -> Result<Option<(&'a [Option<usize>], Option<usize>)>> {
    infer.allow(0, argument, Types::Floats)?;
    let Some((batch, [m, n])) = matrices(infer, 0)? else { return Ok(None) };
    if let (Some(m), Some(n)) = (m, n)
        && m != n
    {
        return infer.fail(format!("Dimensions must be equal, but are {m} and {n}"), "Input matrix must be square.");
    }
    Ok(Some((batch, m.or(n))))
}

/// Builds an op whose operands come in order, under TensorFlow's default name.
#[track_caller]
fn new_op(
    def: &'static OpDef,
    inputs: &[Tensor],
    attrs: impl IntoIterator<Item = (&'static str, Attr)>,
) -> Vec<Tensor> {
    let graph = inputs[0].graph();
    build(graph, || {
        let mut all = Attrs::from([("T", Attr::Type(inputs[0].dtype()))]);
        all.extend(attrs);
        Ok(Scope::open(graph, def.name).op(def, inputs, all)?.outputs())
    })
}

/// A product, of the one or the other transposed.
#[track_caller]
fn product(a: Tensor, b: Tensor, ta: bool, tb: bool) -> Tensor {
    new_product(a.into_operand(), b.into_operand(), ta, tb)
}

/// The elements of a matrix of `m` rows with rows and columns changed.
fn turned<T: Copy>(matrix: &[T], m: usize) -> Vec<T> {
    let n = matrix.len() / m.max(1);
    (0..n).flat_map(|j| (0..m).map(move |i| matrix[i * n + j])).collect()
}
