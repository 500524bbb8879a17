//! Polynomials as NumPy's older functions have them: vectors of coefficients, the highest power first.

use super::linalg::{eigvals, lstsq};
use super::operators::{divide, multiply};
use super::{add, concatenate, convolve, sqrt, square, subtract, sum, zeros_like};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

/// `np.polyfit(x, y, deg)`: the coefficients, the highest power first, of the polynomial nearest to the points.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::around(np::polyfit([0, 1, 2], [1, 3, 5], 1), 6).to_string(), "[2. 1.]");
/// ```
///
/// # Panics
/// `TypeError` when there is no point or `x` and `y` differ in length.
#[track_caller]
pub fn polyfit(x: impl ArrayLike, y: impl ArrayLike, deg: usize) -> Array {
    let (x, y) = (x.to_array().astype(DType::Float64), y.to_array().astype(DType::Float64));
    if x.is_empty() || x.shape().first() != y.shape().first() {
        Error::Type(
            if x.is_empty() { "expected non-empty vector for x" } else { "expected x and y to have same length" }
                .into(),
        )
        .raise()
    }
    let columns: Vec<Array> = (0..=deg as i32).rev().map(|power| super::power(&x, f64::from(power))).collect();
    let powers = super::stack(columns, 1);
    let scale: Array = sqrt(sum(square(&powers)).axis(0));
    let (solution, ..) = lstsq(divide(powers, &scale), y);
    divide(solution, scale)
}

/// `np.polyval(p, x)`: the value at `x` of the polynomial with these coefficients, the highest power first.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::polyval([3, 0, 1], 5).to_string(), "76");
/// ```
#[track_caller]
pub fn polyval(p: impl ArrayLike, x: impl ArrayLike) -> Array {
    let (p, x) = (p.to_array(), x.to_array());
    p.iter().fold(zeros_like(&x), |value, coefficient| add(multiply(value, &x), coefficient))
}

/// `np.roots(p)`: where the polynomial is zero, the eigenvalues of its companion matrix.
///
/// ```
/// use flowbook::np;
/// assert!(np::allclose(np::roots([1, -3, 2]), [2.0, 1.0])); // x² - 3x + 2
/// ```
///
/// # Panics
/// `ValueError` unless `p` is a vector; `LinAlgError` when a root is complex: arrays hold real numbers only.
#[track_caller]
pub fn roots(p: impl ArrayLike) -> Array {
    let p = p.to_array();
    if p.ndim() > 1 {
        Error::Value("Input must be a rank-1 array.".into()).raise()
    }
    let p = p.flatten().to_vec::<f64>();
    let Some(first) = p.iter().position(|c| *c != 0.0) else { return Array::zeros(DType::Float64, &[0]) };
    let last = p.iter().rposition(|c| *c != 0.0).unwrap_or(first);
    let n = last - first;
    let zeros = Array::zeros(DType::Float64, &[p.len() - 1 - last]);
    if n == 0 {
        return zeros;
    }
    let mut companion = vec![0.0; n * n];
    for k in 0..n {
        companion[k] = -p[first + k + 1] / p[first];
        if k + 1 < n {
            companion[(k + 1) * n + k] = 1.0;
        }
    }
    concatenate([eigvals(Array::new(companion, &[n, n])), zeros], 0)
}

/// `np.poly(roots)`: the coefficients of the polynomial with these roots, the highest power, whose coefficient is 1, first.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::poly([2, 1]).to_string(), "[ 1. -3.  2.]");
/// ```
///
/// # Panics
/// `ValueError` unless `roots` is a vector.
#[track_caller]
pub fn poly(roots: impl ArrayLike) -> Array {
    let roots = roots.to_array();
    if roots.ndim() > 1 {
        Error::Value("input must be 1d or non-empty square 2d array.".into()).raise()
    }
    let one = Array::new(vec![1.0], &[1]);
    roots.flatten().to_vec::<f64>().iter().fold(one, |p, root| convolve(p, [1.0, -root], "full"))
}

/// Both with as many coefficients, zeros in front of the shorter.
fn aligned(p: &Array, q: &Array) -> (Array, Array) {
    let n = p.len().max(q.len());
    let long = |p: &Array| concatenate([Array::zeros(p.dtype(), &[n - p.len()]), p.flatten()], 0);
    (long(p), long(q))
}

/// `np.polyadd(p, q)`: the sum of two polynomials.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::polyadd([1, 2], [9, 5, 4]).to_string(), "[9 6 6]");
/// ```
#[track_caller]
pub fn polyadd(p: impl ArrayLike, q: impl ArrayLike) -> Array {
    let (p, q) = aligned(&p.to_array(), &q.to_array());
    add(p, q)
}

/// `np.polysub(p, q)`: the difference of two polynomials.
#[track_caller]
pub fn polysub(p: impl ArrayLike, q: impl ArrayLike) -> Array {
    let (p, q) = aligned(&p.to_array(), &q.to_array());
    subtract(p, q)
}

/// `np.polymul(p, q)`: the product of two polynomials.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::polymul([1, 2], [1, -2]).to_string(), "[ 1  0 -4]");
/// ```
///
/// # Panics
/// `ValueError` for an empty vector.
#[track_caller]
pub fn polymul(p: impl ArrayLike, q: impl ArrayLike) -> Array {
    convolve(p, q, "full")
}

/// `np.polydiv(u, v)`: the quotient of two polynomials and what remains.
///
/// ```
/// use flowbook::np;
/// let (quotient, remainder) = np::polydiv([3.0, 5.0, 2.0], [2.0, 1.0]);
/// assert_eq!(quotient.to_string(), "[1.5  1.75]");
/// assert_eq!(remainder.to_string(), "[0.25]");
/// ```
#[track_caller]
pub fn polydiv(u: impl ArrayLike, v: impl ArrayLike) -> (Array, Array) {
    let (u, v) = (u.to_array().flatten().to_vec::<f64>(), v.to_array().flatten().to_vec::<f64>());
    let quotients = (u.len() + 1).saturating_sub(v.len());
    let (mut rest, mut quotient) = (u, vec![0.0; quotients.max(1)]);
    let scale = 1.0 / v[0];
    for k in 0..quotients {
        quotient[k] = scale * rest[k];
        v.iter().enumerate().for_each(|(i, v)| rest[k + i] -= quotient[k] * v);
    }
    // What rounding leaves at the front of the remainder is no coefficient.
    let first = rest.iter().position(|r| r.abs() > 1e-8).unwrap_or(rest.len() - 1);
    (super::array(quotient), super::array(&rest[first..]))
}

/// `np.polyder(p)`: the derivative.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::polyder([1, 1, 1, 1]).to_string(), "[3 2 1]"); // x³ + x² + x + 1
/// ```
#[track_caller]
pub fn polyder(p: impl ArrayLike) -> Array {
    let p = p.to_array().flatten();
    let n = p.len();
    let powers = Array::new((1..n as i64).rev().collect::<Vec<i64>>(), &[n.saturating_sub(1)]);
    multiply(p.take(super::array(0..n as i32 - 1)), powers)
}

/// `np.polyint(p)`: the antiderivative whose constant is 0.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::polyint([6, 2, 1]).to_string(), "[2. 1. 1. 0.]");
/// ```
#[track_caller]
pub fn polyint(p: impl ArrayLike) -> Array {
    let p = p.to_array().flatten();
    let powers = Array::new((1..=p.len() as i64).rev().collect::<Vec<i64>>(), &[p.len()]);
    concatenate([divide(p, powers), Array::new(vec![0.0], &[1])], 0)
}
