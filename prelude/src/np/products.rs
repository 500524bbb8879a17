//! Products of matrices and vectors. Floats go through `gemm`, everything else through plain loops.
//! What solves and decomposes is in `linalg`.

use super::cast::{elements, promote};
use super::operators::Arithmetic;
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;
use crate::format::shape_message;
use crate::literal::ArrayLike;

/// `np.matmul`, Python's `x @ y`: of matrices and vectors; of stacks of matrices of the same leading shape, or a
/// stack and one matrix.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::matmul([[1.0, 2.0]], [[3.0], [4.0]]).to_string(), "[[11.]]");
/// ```
///
/// # Panics
/// `ValueError` when the inner sizes differ or an operand is a scalar.
#[track_caller]
pub fn matmul(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    let (x, y) = (x.to_array(), y.to_array());
    for (which, operand) in [&x, &y].into_iter().enumerate() {
        if operand.ndim() == 0 {
            Error::Value(format!(
                "matmul: Input operand {which} does not have enough dimensions (has 0, gufunc core with signature \
                 (n?,k),(k,m?)->(n?,m?) requires 1)"
            ))
            .raise()
        }
    }
    let inner = (x.shape()[x.ndim() - 1], y.shape()[y.ndim().max(2) - 2]);
    if inner.0 != inner.1 {
        Error::Value(format!(
            "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature \
             (n?,k),(k,m?)->(n?,m?) (size {} is different from {})",
            inner.1, inner.0,
        ))
        .raise()
    }
    product(&x, &y)
}

/// `np.dot`: the scalar product of vectors, the product of matrices, `x * y` when one is a scalar.
///
/// ```
/// use flowbook::np;
/// let m = np::array([[1.0, 4.0, 9.0], [16.0, 25.0, 36.0]]);
/// assert_eq!(np::dot(&m, m.t()).to_string(), "[[  98.  440.]\n [ 440. 2177.]]");
/// assert_eq!(np::dot([1, 2, 3], [4, 5, 6]).to_string(), "32");
/// ```
///
/// # Panics
/// `ValueError` when the inner sizes differ.
#[track_caller]
pub fn dot(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    let (x, y) = (x.to_array(), y.to_array());
    if x.ndim() == 0 || y.ndim() == 0 {
        return x * y;
    }
    let (x_axis, y_axis) = (x.ndim() - 1, y.ndim().max(2) - 2);
    if x.shape()[x_axis] != y.shape()[y_axis] {
        Error::Value(format!(
            "shapes {} and {} not aligned: {} (dim {x_axis}) != {} (dim {y_axis})",
            shape_message(x.shape()),
            shape_message(y.shape()),
            x.shape()[x_axis],
            y.shape()[y_axis],
        ))
        .raise()
    }
    if x.ndim() > 2 && y.ndim() > 2 {
        Error::Value("np.dot of two stacks of matrices is not offered; use np::matmul".into()).raise()
    }
    product(&x, &y)
}

impl Array {
    /// `x.dot(y)`, Python's `x @ y` for matrices and vectors: see [`dot`].
    ///
    /// # Panics
    /// `ValueError` when the inner sizes differ.
    #[track_caller]
    pub fn dot(&self, y: impl ArrayLike) -> Array {
        dot(self, y)
    }
}

/// Sizes of a product of (stacks of) matrices: `batch` times (m, k) by (k, n).
struct Sizes {
    batch: usize,
    m: usize,
    k: usize,
    n: usize,
    /// Elements from one right-hand matrix to the next: 0 when all left-hand ones meet the same.
    right_step: usize,
}

#[track_caller]
fn product(x: &Array, y: &Array) -> Array {
    let (lead_x, core_x) = x.shape().split_at(x.ndim().saturating_sub(2));
    let (lead_y, core_y) = y.shape().split_at(y.ndim().saturating_sub(2));
    let (m, k) = if let [m, k] = core_x { (*m, *k) } else { (1, core_x[0]) };
    let n = if let [_, n] = core_y { *n } else { 1 };
    if lead_x.is_empty() && !lead_y.is_empty() {
        let lead: Vec<usize> = lead_y.iter().copied().chain(core_x.iter().copied()).collect();
        return product(&super::broadcast_to(x, lead), y);
    }
    if !lead_y.is_empty() && lead_x != lead_y {
        Error::Value(format!(
            "operands could not be broadcast together with remapped shapes: {} and {}",
            shape_message(x.shape()),
            shape_message(y.shape()),
        ))
        .raise()
    }
    let right_step = if lead_y.is_empty() { 0 } else { k * n };
    let sizes = Sizes { batch: lead_x.iter().product(), m, k, n, right_step };
    let mut shape = lead_x.to_vec();
    shape.extend((core_x.len() == 2).then_some(m));
    shape.extend((core_y.len() == 2).then_some(n));
    match promote(x.dtype(), y.dtype()) {
        DType::Float32 => Array::new(float_product(&elements::<f32>(x), &elements::<f32>(y), &sizes), &shape),
        DType::Float64 => Array::new(float_product(&elements::<f64>(x), &elements::<f64>(y), &sizes), &shape),
        DType::Int32 => Array::new(plain_product(&elements::<i32>(x), &elements::<i32>(y), &sizes), &shape),
        DType::Int64 => Array::new(plain_product(&elements::<i64>(x), &elements::<i64>(y), &sizes), &shape),
        DType::UInt8 => Array::new(plain_product(&elements::<u8>(x), &elements::<u8>(y), &sizes), &shape),
        DType::Bool => Array::new(plain_product(&elements::<bool>(x), &elements::<bool>(y), &sizes), &shape),
        DType::String => Error::Type("strings have no products".into()).raise(),
    }
}

fn float_product<T: Arithmetic>(x: &[T], y: &[T], sizes: &Sizes) -> Vec<T> {
    let Sizes { batch, m, k, n, right_step } = *sizes;
    let mut out = vec![T::from_u8(0); batch * m * n];
    if out.is_empty() || k == 0 {
        return out;
    }
    for b in 0..batch {
        let (left, right) = (&x[b * m * k..][..m * k], &y[b * right_step..][..k * n]);
        let result = &mut out[b * m * n..][..m * n];
        // SAFETY: the slices hold exactly m*k, k*n and m*n elements, and the strides are those of row-by-row matrices.
        unsafe {
            gemm::gemm(
                m,
                n,
                k,
                result.as_mut_ptr(),
                1,
                n as isize,
                false,
                left.as_ptr(),
                1,
                k as isize,
                right.as_ptr(),
                1,
                n as isize,
                T::from_u8(0),
                T::from_u8(1),
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
    }
    out
}

fn plain_product<T: Arithmetic>(x: &[T], y: &[T], sizes: &Sizes) -> Vec<T> {
    let Sizes { batch, m, k, n, right_step } = *sizes;
    let mut out = vec![T::from_u8(0); batch * m * n];
    for (row, result) in out.chunks_exact_mut(n.max(1)).enumerate() {
        let right = &y[row / m * right_step..];
        for (i, left) in x[row * k..][..k].iter().enumerate() {
            let products = right[i * n..][..n].iter().map(|right| left.times(*right));
            result.iter_mut().zip(products).for_each(|(sum, product)| *sum = sum.plus(product));
        }
    }
    out
}

/// `np.inner(x, y)`: the scalar products along the last axes.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::inner([1, 2, 3], [0, 1, 0]).to_string(), "2");
/// ```
///
/// # Panics
/// `ValueError` when the last sizes differ.
#[track_caller]
pub fn inner(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    let (x, y) = (x.to_array(), y.to_array());
    if x.ndim() == 0 || y.ndim() == 0 {
        return x * y;
    }
    if x.shape().last() != y.shape().last() {
        Error::Value(format!(
            "shapes {} and {} not aligned: {} (dim {}) != {} (dim {})",
            shape_message(x.shape()),
            shape_message(y.shape()),
            x.shape()[x.ndim() - 1],
            x.ndim() - 1,
            y.shape()[y.ndim() - 1],
            y.ndim() - 1,
        ))
        .raise()
    }
    contracted(&x, &y.transpose(&last_first(y.ndim())), 1)
}

fn last_first(ndim: usize) -> Vec<usize> {
    std::iter::once(ndim - 1).chain(0..ndim - 1).collect()
}

/// The sum over the last `n` axes of `x` and the first `n` of `y`, whose sizes agree.
#[track_caller]
fn contracted(x: &Array, y: &Array, n: usize) -> Array {
    let (outer, inner) = x.shape().split_at(x.ndim() - n);
    let rest = &y.shape()[n..];
    let rows = |sizes: &[usize]| sizes.iter().product::<usize>();
    let product = matmul(x.reshape([rows(outer), rows(inner)]), y.reshape([rows(inner), rows(rest)]));
    product.reshape([outer, rest].concat())
}

/// `np.tensordot(x, y, axes)`: the sum over the last `axes` axes of `x` and the first `axes` of `y`.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::tensordot([[1, 2], [3, 4]], [[1, 0], [0, 2]], 2).to_string(), "9");
/// ```
///
/// # Panics
/// `ValueError` when the sizes differ.
#[track_caller]
pub fn tensordot(x: impl ArrayLike, y: impl ArrayLike, axes: usize) -> Array {
    let (x, y) = (x.to_array(), y.to_array());
    if axes > x.ndim() || axes > y.ndim() || x.shape()[x.ndim() - axes..] != y.shape()[..axes] {
        Error::Value("shape-mismatch for sum".into()).raise()
    }
    contracted(&x, &y, axes)
}

/// `np.vdot(x, y)`: the scalar product of all elements.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::vdot([[1, 4], [5, 6]], [[4, 1], [2, 2]]).to_string(), "30");
/// ```
///
/// # Panics
/// `ValueError` when there are not as many elements.
#[track_caller]
pub fn vdot(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    dot(x.to_array().flatten(), y.to_array().flatten())
}

/// `np.kron(x, y)`: each element of `x` times the whole of `y`, in place of it.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::kron(np::eye(2), [1, 2]).to_string(), "[[1. 2. 0. 0.]\n [0. 0. 1. 2.]]");
/// ```
#[track_caller]
pub fn kron(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    let (x, y) = (x.to_array(), y.to_array());
    let ndim = x.ndim().max(y.ndim());
    let wide = |a: &Array| [vec![1; ndim - a.ndim()], a.shape().to_vec()].concat();
    let (xs, ys) = (wide(&x), wide(&y));
    let pairs =
        |of: fn(usize, usize) -> [usize; 2]| xs.iter().zip(&ys).flat_map(move |(n, m)| of(*n, *m)).collect::<Vec<_>>();
    let product = x.reshape(pairs(|n, _| [n, 1])) * y.reshape(pairs(|_, m| [1, m]));
    product.reshape(xs.iter().zip(&ys).map(|(n, m)| n * m).collect::<Vec<_>>())
}

/// `np.cross(x, y)`: the vector product along the last axis, of size 3.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::cross([1, 2, 3], [4, 5, 6]).to_string(), "[-3  6 -3]");
/// ```
///
/// # Panics
/// `ValueError` when a last axis has another size.
#[track_caller]
pub fn cross(x: impl ArrayLike, y: impl ArrayLike) -> Array {
    let (x, y) = (x.to_array(), y.to_array());
    if x.shape().last() != Some(&3) || y.shape().last() != Some(&3) {
        Error::Value("incompatible dimensions for cross product (dimension must be 3)".into()).raise()
    }
    let turned = |a: &Array, by: [usize; 3]| super::moves::picked(a, a.ndim() - 1, &by);
    let (forward, backward) = ([1, 2, 0], [2, 0, 1]);
    turned(&x, forward) * turned(&y, backward) - turned(&x, backward) * turned(&y, forward)
}
