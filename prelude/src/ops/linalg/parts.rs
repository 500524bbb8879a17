//! Parts of matrices: diagonals, triangles, bands; what is made of them.

use super::{matrices, new_op, product};
use crate::error::Result;
use crate::graph::{Attr, IntoTensor, Scope, Tensor, build};
use crate::ops::array::{DIAG, convert_to_tensor};
use crate::ops::nn::{composed, composed_as};
use crate::ops::reduce::SUM;
use crate::ops::shape::{expand_dims, gather, shape, squeeze, transpose_by};
use crate::ops::view::with_any;
use crate::ops::{Infer, Kernel, OpDef, Sample, Signature, cast_array, typed};
use crate::{Array, DType, Shape};

fn infer_band(infer: &Infer) -> Result<Vec<Signature>> {
    let bounds = (infer.scalar(1, "num_lower")?, infer.scalar(2, "num_upper")?);
    infer.forget_values();
    if let (Some((_, [m, n])), (lower, upper)) = (matrices(infer, 0)?, bounds) {
        for (bound, size, name) in [(lower, m, "num_lower"), (upper, n, "num_upper")] {
            if let (Some(bound), Some(size)) = (bound, size)
                && bound > size as i64
                && infer.running
            {
                let which = if name == "num_lower" { "rows" } else { "columns" };
                let text =
                    format!("{name} must be negative or less or equal to number of {which} ({size}) got: {bound}");
                return Err(crate::Error::InvalidArgument(text));
            }
        }
    }
    Ok(vec![infer.inputs[0].clone()])
}

pub(crate) static BAND_PART: OpDef = OpDef::new(
    "MatrixBandPart",
    infer_band,
    Kernel::Call(|call| {
        let [lower, upper] = [1, 2].map(|i| call.input(i).ints()[0]);
        let sizes = &call.input(0).shape;
        let (m, n) = (sizes[sizes.len() - 2], sizes[sizes.len() - 1]);
        let inside = |at: usize| {
            let (i, j) = ((at / n % m) as i64, (at % n) as i64);
            (lower < 0 || i - j <= lower) && (upper < 0 || j - i <= upper)
        };
        with_any!(call.output().dtype, T => {
            let (from, to) = (call.input(0).slice::<T>(), call.output().slice_mut::<T>());
            for (at, (to, from)) in to.iter_mut().zip(from).enumerate() {
                *to = if inside(at) { from.clone() } else { T::default() };
            }
            Ok(())
        })
    }),
)
.gradient(|g| {
    let bounds = [g.input(1), g.input(2)];
    vec![Some(band(g.dy(), bounds)), None, None]
})
.samples(&[Sample { inputs: &[(&[2, 3, 3], -1.0, 1.0)], build: |x| matrix_band_part(x[0], 1, 0) }]);

fn band(input: Tensor, [lower, upper]: [Tensor; 2]) -> Tensor {
    new_op(&BAND_PART, &[input, lower, upper], [("Tindex", Attr::Type(lower.dtype()))])[0]
}

pub(crate) static DIAG_PART: OpDef = OpDef::new(
    "MatrixDiagPartV3",
    |infer| {
        let least = |(batch, [m, n]): (&[Option<usize>], [Option<usize>; 2])| {
            Shape::from([batch, &[m.zip(n).map(|(m, n)| m.min(n))]].concat())
        };
        Ok(vec![(infer.dtype(0), matrices(infer, 0)?.map_or(Shape::unknown(), least))])
    },
    Kernel::Call(|call| {
        let sizes = &call.input(0).shape;
        let (m, n) = (sizes[sizes.len() - 2], sizes[sizes.len() - 1]);
        with_any!(call.output().dtype, T => {
            let all = call.input(0).slice::<T>().chunks((m * n).max(1));
            for (matrix, diagonal) in all.zip(call.output().slice_mut::<T>().chunks_mut(m.min(n).max(1))) {
                diagonal.iter_mut().enumerate().for_each(|(i, x)| *x = matrix[i * n + i].clone());
            }
            Ok(())
        })
    }),
)
.gradient(|g| {
    let sizes = shape(g.input(0));
    let size = |from_end: i32| gather(sizes, sizes_len(g.input(0)) - from_end).tensor();
    vec![Some(diag_of(g.dy(), Some([size(2), size(1)]))), None, None]
})
.samples(&[
    Sample { inputs: &[(&[3, 3], -1.0, 1.0)], build: |x| matrix_diag_part(x[0]) },
    Sample { inputs: &[(&[2, 2, 3], -1.0, 1.0)], build: |x| matrix_diag_part(x[0]) },
]);

/// The number of axes; the gradient of a diagonal needs to know it.
fn sizes_len(x: Tensor) -> i32 {
    let rank = x.shape().rank();
    let unknown = || crate::Error::Unimplemented("the gradient of a diagonal needs a known number of axes".into());
    rank.ok_or_else(unknown).unwrap_or_else(|error| error.raise()) as i32
}

/// Matrices with these diagonals, of so many rows and columns, square ones without them.
#[track_caller]
fn diag_of(diagonal: Tensor, sizes: Option<[Tensor; 2]>) -> Tensor {
    let graph = diagonal.graph();
    build(graph, || {
        let scope = Scope::open(graph, "diag");
        let k = scope.constant("k", Array::scalar(0))?;
        let [rows, columns] = match sizes {
            Some(sizes) => sizes,
            None => [scope.constant("num_rows", Array::scalar(-1))?, scope.constant("num_cols", Array::scalar(-1))?],
        };
        let padding = scope.constant("padding_value", cast_array(&Array::scalar(0), diagonal.dtype()))?;
        Ok(scope.op(&DIAG, &[diagonal, k, rows, columns, padding], typed("T", diagonal.dtype()))?.output(0))
    })
}

/// The lower triangle of each matrix, or else the upper one, with zeros in the other.
#[track_caller]
pub(crate) fn triangle(x: Tensor, lower: bool) -> Tensor {
    match lower {
        true => matrix_band_part(x, -1, 0),
        false => matrix_band_part(x, 0, -1),
    }
}

/// Each matrix with zeros in the place of what is more than `num_lower` below the diagonal or more than `num_upper` above it:
/// `tf.matrix_band_part`, `tf.linalg.band_part`. Negative numbers keep the whole triangle.
///
/// ```
/// use flowbook::v1 as tf;
/// let lower = tf::matrix_band_part([[1, 2], [3, 4]], -1, 0);
/// assert_eq!(tf::Session::new().run(lower)?.to_string(), "[[1 0]\n [3 4]]");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `ValueError` for what is no matrix.
#[track_caller]
pub fn matrix_band_part(input: impl IntoTensor, num_lower: i64, num_upper: i64) -> Tensor {
    let input = convert_to_tensor(input);
    let graph = input.graph();
    build(graph, || {
        let scope = Scope::open(graph, "MatrixBandPart");
        let lower = scope.constant("num_lower", Array::scalar(num_lower))?;
        let upper = scope.constant("num_upper", Array::scalar(num_upper))?;
        let mut attrs = typed("T", input.dtype());
        attrs.insert("Tindex", Attr::Type(DType::Int64));
        Ok(scope.op(&BAND_PART, &[input, lower, upper], attrs)?.output(0))
    })
}

/// The square matrices with these diagonals: `tf.matrix_diag`, `tf.linalg.diag`.
///
/// # Panics
/// `ValueError` for a single number.
#[track_caller]
pub fn matrix_diag(diagonal: impl IntoTensor) -> Tensor {
    diag_of(convert_to_tensor(diagonal), None)
}

/// The diagonal of each matrix: `tf.matrix_diag_part`, `tf.linalg.diag_part`.
///
/// # Panics
/// `ValueError` for what is no matrix.
#[track_caller]
pub fn matrix_diag_part(input: impl IntoTensor) -> Tensor {
    let input = convert_to_tensor(input);
    let graph = input.graph();
    build(graph, || {
        let scope = Scope::open(graph, "diag_part");
        let k = scope.constant("k", Array::scalar(0))?;
        let padding = scope.constant("padding_value", cast_array(&Array::scalar(0), input.dtype()))?;
        Ok(scope.op(&DIAG_PART, &[input, k, padding], typed("T", input.dtype()))?.output(0))
    })
}

/// The sum of the diagonal of each matrix: `tf.trace`, `tf.linalg.trace`.
///
/// # Panics
/// `ValueError` for what is no matrix.
#[track_caller]
pub fn trace(x: impl IntoTensor) -> Tensor {
    let x = convert_to_tensor(x);
    composed_as(x, "Trace", |scope| {
        let diagonal = matrix_diag_part(x);
        let axes = scope.constant("Sum/reduction_indices", Array::new(vec![-1], &[1]))?;
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Tidx", Attr::Type(DType::Int32));
        attrs.insert("keep_dims", Attr::Bool(false));
        Ok(scope.op(&SUM, &[diagonal, axes], attrs)?.output(0))
    })
}

/// Each matrix times a vector: `tf.linalg.matvec(a, b)`.
///
/// # Panics
/// `ValueError` when the vector is not as long as the matrix has columns.
#[track_caller]
pub fn matvec(a: impl IntoTensor, b: impl IntoTensor) -> Tensor {
    let (a, b) = (convert_to_tensor(a), b.into_operand());
    composed(a, "MatVec", || {
        let b = b.array(Some(a.dtype())).map_or_else(|| convert_to_tensor(b), convert_to_tensor);
        squeeze(product(a, expand_dims(b, -1), false, false), &[-1])
    })
}

/// Each matrix with rows and columns changed: `tf.matrix_transpose`, `tf.linalg.matrix_transpose`.
///
/// # Panics
/// `ValueError` for what is no matrix or has an unknown number of axes.
#[track_caller]
pub fn matrix_transpose(a: impl IntoTensor) -> Tensor {
    let a = convert_to_tensor(a);
    let Some(rank) = a.shape().rank().filter(|rank| *rank >= 2) else {
        let text = format!(
            "Argument `a` should be a (batch) matrix with rank >= 2.  Received `a` = {a} with shape: {}",
            a.shape()
        );
        crate::Error::Value(text).raise()
    };
    let perm: Vec<i32> = (0..rank as i32 - 2).chain([rank as i32 - 1, rank as i32 - 2]).collect();
    composed(a, "matrix_transpose", || transpose_by(a, convert_to_tensor(perm)))
}
