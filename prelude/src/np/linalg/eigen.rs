//! Eigenvalues and eigenvectors of matrices that need not be symmetric: balanced, brought to Hessenberg form by
//! reflections and then to triangular form by shifted QR steps, in LAPACK's order.

use super::matrix::{Matrix, result, square, typed};
use crate::array::Array;
use crate::literal::ArrayLike;

/// `np.linalg.eig(x)`: the eigenvalues of a matrix, and the eigenvectors of length 1 as columns.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[2.0, 1.0], [1.0, 3.0]]);
/// let (values, vectors) = np::linalg::eig(&x);
/// assert!(np::allclose(np::dot(&x, &vectors), &vectors * &values));
/// ```
///
/// # Panics
/// `LinAlgError` unless `x` is a square matrix of finite numbers, or when an eigenvalue is complex: arrays hold real
/// numbers only.
#[track_caller]
pub fn eig(x: impl ArrayLike) -> (Array, Array) {
    let x = x.to_array();
    let mut a = finite(&x);
    let n = a.rows;
    let mut vectors = Matrix::identity(n);
    let balance = balance(&mut a);
    let steps = Range { low: balance.low, high: balance.high };
    reflect(&mut a, &mut vectors, &steps);
    triangulate(&mut a, Some(&mut vectors), &steps);
    let values: Vec<f64> = (0..n).map(|i| a.get(i, i)).collect();
    let mut vectors = solved(&a, &vectors);
    balance.undo(&mut vectors);
    for j in 0..n {
        let length = (0..n).map(|i| vectors.get(i, j).powi(2)).sum::<f64>().sqrt();
        (0..n).for_each(|i| *vectors.at(i, j) /= length);
    }
    (typed(Array::new(values, &[n]), &x), result(vectors, &x))
}

/// `np.linalg.eigvals(x)`: the eigenvalues of a matrix.
///
/// ```
/// use flowbook::np;
/// assert!(np::allclose(np::sort(np::linalg::eigvals([[2, 0], [1, 3]])), [2.0, 3.0]));
/// ```
///
/// # Panics
/// As [`eig`].
#[track_caller]
pub fn eigvals(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    let mut a = finite(&x);
    let n = a.rows;
    let balance = balance(&mut a);
    let steps = Range { low: balance.low, high: balance.high };
    reflect(&mut a, &mut Matrix::identity(n), &steps);
    triangulate(&mut a, None, &steps);
    typed(Array::new((0..n).map(|i| a.get(i, i)).collect::<Vec<f64>>(), &[n]), &x)
}

#[track_caller]
fn finite(x: &Array) -> Matrix {
    let a = square(x);
    if a.v.iter().any(|x| !x.is_finite()) {
        panic!("LinAlgError: Array must not contain infs or NaNs")
    }
    a
}

#[track_caller]
fn complex(re: f64, im: f64) -> ! {
    // A negative zero is written without its sign.
    let re = re + 0.0;
    panic!(
        "LinAlgError: the eigenvalues {re} ± {im}j are complex, and arrays hold real numbers only; np::linalg::eigh \
         and eigvalsh are for symmetric matrices, whose eigenvalues are real"
    )
}

/// The rows and columns `low..=high` that steps work on.
struct Range {
    low: usize,
    high: usize,
}

/// What balancing did: rows and columns exchanged and scaled.
struct Balance {
    low: usize,
    high: usize,
    /// Outside `low..=high` what a row was exchanged with, inside what it was scaled by.
    exchanged: Vec<usize>,
    scale: Vec<f64>,
}

fn swap_columns(a: &mut Matrix, i: usize, j: usize) {
    (0..a.rows).for_each(|row| a.v.swap(row * a.columns + i, row * a.columns + j));
}

/// Moves eigenvalues that stand alone to the ends and scales the rest so that rows and columns are about as large.
fn balance(a: &mut Matrix) -> Balance {
    let n = a.rows;
    let mut result = Balance { low: 0, high: n.max(1) - 1, exchanged: (0..n).collect(), scale: vec![1.0; n] };
    if n == 0 {
        return result;
    }
    let exchange = |a: &mut Matrix, i: usize, m: usize, result: &mut Balance| {
        result.exchanged[m] = i;
        if i != m {
            swap_columns(a, i, m);
            a.swap_rows(i, m);
        }
    };
    // Rows that are zero but for the diagonal go to the bottom, columns of that kind to the left.
    let mut found = true;
    while std::mem::take(&mut found) {
        for i in (0..=result.high).rev() {
            if (0..=result.high).any(|j| i != j && a.get(i, j) != 0.0) {
                continue;
            }
            let high = result.high;
            exchange(a, i, high, &mut result);
            if high == 0 {
                return result;
            }
            (found, result.high) = (true, high - 1);
        }
    }
    found = true;
    while std::mem::take(&mut found) {
        for j in result.low..=result.high {
            if (result.low..=result.high).any(|i| i != j && a.get(i, j) != 0.0) {
                continue;
            }
            let low = result.low;
            exchange(a, j, low, &mut result);
            (found, result.low) = (true, low + 1);
        }
    }
    scale(a, &mut result);
    result
}

/// Powers of two that bring the norms of each row and column together.
fn scale(a: &mut Matrix, result: &mut Balance) {
    const FACTOR: f64 = 0.95;
    let (low, high, n) = (result.low, result.high, a.rows);
    let largest = 1.0 / f64::MIN_POSITIVE * f64::EPSILON / 2.0;
    loop {
        let mut done = true;
        for i in low..=high {
            let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
            let mut c = norm(&mut (low..=high).map(|k| a.get(k, i)));
            let mut r = norm(&mut (low..=high).map(|k| a.get(i, k)));
            if c == 0.0 || r == 0.0 {
                continue;
            }
            let (mut g, mut f, before): (f64, f64, f64) = (r / 2.0, 1.0, c + r);
            while c < g && f.max(c) < largest / 2.0 && r.min(g) > 2.0 / largest {
                (f, c, r, g) = (f * 2.0, c * 2.0, r / 2.0, g / 2.0);
            }
            g = c / 2.0;
            while g >= r && r < largest / 2.0 && f.min(c).min(g) > 2.0 / largest {
                (f, c, g, r) = (f / 2.0, c / 2.0, g / 2.0, r * 2.0);
            }
            if c + r >= FACTOR * before {
                continue;
            }
            result.scale[i] *= f;
            done = false;
            (0..n).for_each(|k| *a.at(i, k) /= f);
            (0..n).for_each(|k| *a.at(k, i) *= f);
        }
        if done {
            return;
        }
    }
}

impl Balance {
    /// Eigenvectors of the balanced matrix become those of the matrix itself.
    fn undo(&self, vectors: &mut Matrix) {
        let n = vectors.rows;
        for i in self.low..(self.high + 1).min(n) {
            (0..n).for_each(|j| *vectors.at(i, j) *= self.scale[i]);
        }
        for i in (0..self.low).rev().chain(self.high + 1..n) {
            if self.exchanged[i] != i {
                vectors.swap_rows(i, self.exchanged[i]);
            }
        }
    }
}

/// A reflection that turns `x` into `(beta, 0, ..)`: the rest of its vector, whose first element is 1, its factor, and
/// beta.
fn reflection(x: &[f64]) -> (Vec<f64>, f64, f64) {
    let (alpha, rest) = (x[0], &x[1..]);
    let size = rest.iter().map(|x| x * x).sum::<f64>().sqrt();
    if size == 0.0 {
        return (x.iter().enumerate().map(|(i, _)| f64::from(u8::from(i == 0))).collect(), 0.0, alpha);
    }
    let beta = -alpha.hypot(size).copysign(alpha);
    let vector = std::iter::once(1.0).chain(rest.iter().map(|x| x / (alpha - beta))).collect();
    (vector, (beta - alpha) / beta, beta)
}

/// Reflects the rows `from..` of the columns `columns`.
fn reflect_rows(a: &mut Matrix, from: usize, columns: std::ops::Range<usize>, vector: &[f64], tau: f64) {
    for j in columns {
        let sum: f64 = vector.iter().enumerate().map(|(i, v)| v * a.get(from + i, j)).sum();
        vector.iter().enumerate().for_each(|(i, v)| *a.at(from + i, j) -= sum * tau * v);
    }
}

/// Reflects the columns `from..` of the rows `rows`.
fn reflect_columns(a: &mut Matrix, from: usize, rows: std::ops::Range<usize>, vector: &[f64], tau: f64) {
    for i in rows {
        let sum: f64 = vector.iter().enumerate().map(|(j, v)| v * a.get(i, from + j)).sum();
        vector.iter().enumerate().for_each(|(j, v)| *a.at(i, from + j) -= sum * tau * v);
    }
}

/// To Hessenberg form: nothing below the diagonal under the main one. The reflections are collected.
fn reflect(a: &mut Matrix, vectors: &mut Matrix, range: &Range) {
    let n = a.rows;
    for k in range.low..range.high.max(1) - 1 {
        if k + 1 > range.high {
            break;
        }
        let column: Vec<f64> = (k + 1..=range.high).map(|i| a.get(i, k)).collect();
        let (vector, tau, beta) = reflection(&column);
        if tau == 0.0 {
            continue;
        }
        reflect_columns(a, k + 1, 0..range.high + 1, &vector, tau);
        reflect_rows(a, k + 1, k + 1..n, &vector, tau);
        *a.at(k + 1, k) = beta;
        (k + 2..=range.high).for_each(|i| *a.at(i, k) = 0.0);
        reflect_columns(vectors, k + 1, 0..n, &vector, tau);
    }
}

/// A plane rotation by its cosine and sine.
#[derive(Clone, Copy)]
struct Rotation {
    cosine: f64,
    sine: f64,
}

impl Rotation {
    fn turn(self, x: f64, y: f64) -> (f64, f64) {
        (self.cosine * x + self.sine * y, self.cosine * y - self.sine * x)
    }
}

/// A matrix of two rows made triangular: by which rotation, the diagonal and what is above it.
struct Pair {
    rotation: Rotation,
    first: f64,
    above: f64,
    second: f64,
}

/// `[[a, b], [c, d]]` made triangular; the real and the imaginary part when the eigenvalues are complex.
fn standardised(a: f64, b: f64, c: f64, d: f64) -> Result<Pair, (f64, f64)> {
    let pair = |cosine: f64, sine: f64, first: f64, above: f64, second: f64| {
        Ok(Pair { rotation: Rotation { cosine, sine }, first, above, second })
    };
    if c == 0.0 {
        return pair(1.0, 0.0, a, b, d);
    }
    if b == 0.0 {
        return pair(0.0, 1.0, d, -c, a);
    }
    if a == d && b.signum() != c.signum() {
        return Err((a, (-b * c).sqrt()));
    }
    let p = 0.5 * (a - d);
    let (most, least) = (b.abs().max(c.abs()), b.abs().min(c.abs()) * b.signum() * c.signum());
    let size = p.abs().max(most);
    let z = p / size * p + most / size * least;
    if z >= 4.0 * f64::EPSILON {
        let z = p + (size.sqrt() * z.sqrt()).copysign(p);
        let tau = c.hypot(z);
        return pair(z / tau, c / tau, d + z, b - c, d - most / z * least);
    }
    // Complex, or as good as equal: both elements of the diagonal are made equal first.
    let sum = b + c;
    let tau = sum.hypot(a - d);
    let cosine = (0.5 * (1.0 + sum.abs() / tau)).sqrt();
    let sine = -(p / (tau * cosine)) * 1f64.copysign(sum);
    let (aa, bb) = (a * cosine + b * sine, b * cosine - a * sine);
    let (cc, dd) = (c * cosine + d * sine, d * cosine - c * sine);
    let (a, b, c, d) =
        (aa * cosine + cc * sine, bb * cosine + dd * sine, cc * cosine - aa * sine, dd * cosine - bb * sine);
    let mean = 0.5 * (a + d);
    if c == 0.0 {
        return pair(cosine, sine, mean, b, mean);
    }
    if b == 0.0 {
        return pair(-sine, cosine, mean, -c, mean);
    }
    if b.signum() != c.signum() {
        return Err((mean, b.abs().sqrt() * c.abs().sqrt()));
    }
    let (over, under) = (b.abs().sqrt(), c.abs().sqrt());
    let (p, scale) = ((over * under).copysign(c), 1.0 / (b + c).abs().sqrt());
    let (cosine1, sine1) = (over * scale, under * scale);
    let turned = (cosine * cosine1 - sine * sine1, cosine * sine1 + sine * cosine1);
    pair(turned.0, turned.1, mean + p, b - c, mean - p)
}

/// To triangular form by double-shifted QR steps, one eigenvalue or pair at a time from the bottom.
#[track_caller]
fn triangulate(h: &mut Matrix, mut vectors: Option<&mut Matrix>, range: &Range) {
    const STEPS: usize = 30;
    let n = h.rows;
    if n == 0 {
        return;
    }
    let tiny = f64::MIN_POSITIVE * (n as f64 / (f64::EPSILON / 2.0));
    let ulp = f64::EPSILON;
    let mut end = range.high as isize;
    while end >= range.low as isize {
        let i = end as usize;
        let mut low = range.low;
        let mut found = false;
        for step in 0..=STEPS * (range.high - range.low + 1).max(10) {
            let mut k = i;
            while k > low {
                let below = h.get(k, k - 1).abs();
                if below <= tiny {
                    break;
                }
                let mut test = h.get(k - 1, k - 1).abs() + h.get(k, k).abs();
                if test == 0.0 {
                    if k >= range.low + 2 {
                        test += h.get(k - 1, k - 2).abs();
                    }
                    if k < range.high {
                        test += h.get(k + 1, k).abs();
                    }
                }
                if below <= ulp * test {
                    let above = h.get(k - 1, k).abs();
                    let (most, least) = (below.max(above), below.min(above));
                    let apart = (h.get(k - 1, k - 1) - h.get(k, k)).abs();
                    let (aa, bb) = (h.get(k, k).abs().max(apart), h.get(k, k).abs().min(apart));
                    let sum = aa + most;
                    if least * (most / sum) <= tiny.max(ulp * (bb * (aa / sum))) {
                        break;
                    }
                }
                k -= 1;
            }
            low = k;
            if low > range.low {
                *h.at(low, low - 1) = 0.0;
            }
            if low + 1 >= i {
                found = true;
                break;
            }
            qr_step(h, vectors.as_deref_mut(), low, i, step);
        }
        if !found {
            panic!("LinAlgError: Eigenvalues did not converge")
        }
        if low + 1 == i {
            split_pair(h, vectors.as_deref_mut(), i);
        }
        end = low as isize - 1;
    }
}

/// The last two rows of an active block, which stand alone: triangular, if their eigenvalues are real.
#[track_caller]
fn split_pair(h: &mut Matrix, vectors: Option<&mut Matrix>, i: usize) {
    let n = h.rows;
    let pair = standardised(h.get(i - 1, i - 1), h.get(i - 1, i), h.get(i, i - 1), h.get(i, i));
    let Pair { rotation, first, above, second } = pair.unwrap_or_else(|(re, im)| complex(re, im));
    (*h.at(i - 1, i - 1), *h.at(i - 1, i), *h.at(i, i - 1), *h.at(i, i)) = (first, above, 0.0, second);
    for j in i + 1..n {
        (*h.at(i - 1, j), *h.at(i, j)) = rotation.turn(h.get(i - 1, j), h.get(i, j));
    }
    for row in 0..i - 1 {
        (*h.at(row, i - 1), *h.at(row, i)) = rotation.turn(h.get(row, i - 1), h.get(row, i));
    }
    let Some(vectors) = vectors else { return };
    for row in 0..n {
        (*vectors.at(row, i - 1), *vectors.at(row, i)) = rotation.turn(vectors.get(row, i - 1), vectors.get(row, i));
    }
}

/// The shifts of a step: the eigenvalues of the last two rows, as real and imaginary parts.
fn shifts(h: &Matrix, low: usize, i: usize, step: usize) -> [(f64, f64); 2] {
    const EXCEPTIONAL: f64 = 0.75;
    let (h11, h21, h12, h22) = match step % 20 {
        10 => {
            let size = h.get(low + 1, low).abs() + h.get(low + 2, low + 1).abs();
            let h11 = EXCEPTIONAL * size + h.get(low, low);
            (h11, size, -0.4375 * size, h11)
        }
        0 if step > 0 => {
            let size = h.get(i, i - 1).abs() + h.get(i - 1, i - 2).abs();
            let h11 = EXCEPTIONAL * size + h.get(i, i);
            (h11, size, -0.4375 * size, h11)
        }
        _ => (h.get(i - 1, i - 1), h.get(i, i - 1), h.get(i - 1, i), h.get(i, i)),
    };
    let size = h11.abs() + h12.abs() + h21.abs() + h22.abs();
    if size == 0.0 {
        return [(0.0, 0.0); 2];
    }
    let [h11, h21, h12, h22] = [h11, h21, h12, h22].map(|x| x / size);
    let mean = (h11 + h22) / 2.0;
    let det = (h11 - mean) * (h22 - mean) - h12 * h21;
    let root = det.abs().sqrt();
    if det >= 0.0 {
        return [(mean * size, root * size), (mean * size, -root * size)];
    }
    // Of two real shifts the one nearer to the last element is taken twice.
    let (one, other) = (mean + root, mean - root);
    let nearer = if (one - h22).abs() <= (other - h22).abs() { one } else { other };
    [(nearer * size, 0.0), (nearer * size, 0.0)]
}

/// One double-shifted QR step on the rows `low..=i`.
fn qr_step(h: &mut Matrix, mut vectors: Option<&mut Matrix>, low: usize, i: usize, step: usize) {
    let n = h.rows;
    let [(r1, i1), (r2, i2)] = shifts(h, low, i, step);
    // Where two small elements below the diagonal follow one another, the step may begin later.
    let mut start = i - 2;
    let mut first;
    loop {
        let m = start;
        let mut below = h.get(m + 1, m).abs();
        let size = (h.get(m, m) - r2).abs() + i2.abs() + below;
        below = h.get(m + 1, m) / size;
        first = [
            below * h.get(m, m + 1) + (h.get(m, m) - r1) * ((h.get(m, m) - r2) / size) - i1 * (i2 / size),
            below * (h.get(m, m) + h.get(m + 1, m + 1) - r1 - r2),
            below * h.get(m + 2, m + 1),
        ];
        let sum: f64 = first.iter().map(|x| x.abs()).sum();
        first = first.map(|x| x / sum);
        if m == low {
            break;
        }
        let (h00, h10, h11) = (h.get(m - 1, m - 1).abs(), h.get(m, m - 1).abs(), h.get(m, m).abs());
        let h22 = h.get(m + 1, m + 1).abs();
        if h10 * (first[1].abs() + first[2].abs()) <= f64::EPSILON * first[0].abs() * (h00 + h11 + h22) {
            break;
        }
        start -= 1;
    }
    for k in start..i {
        let size = 3.min(i - k + 1);
        let column: Vec<f64> =
            if k > start { (0..size).map(|d| h.get(k + d, k - 1)).collect() } else { first[..size].to_vec() };
        let (vector, tau, beta) = reflection(&column);
        if k > start {
            *h.at(k, k - 1) = beta;
            (1..size).for_each(|d| *h.at(k + d, k - 1) = 0.0);
        } else if start > low {
            // Not a change of sign, for the reflection may have been none.
            *h.at(k, k - 1) *= 1.0 - tau;
        }
        reflect_rows(h, k, k..n, &vector, tau);
        reflect_columns(h, k, 0..(k + 3).min(i) + 1, &vector, tau);
        if let Some(vectors) = vectors.as_deref_mut() {
            reflect_columns(vectors, k, 0..n, &vector, tau);
        }
    }
}

/// The eigenvectors of a triangular matrix by substitution from below, times the matrix that made it triangular.
fn solved(t: &Matrix, q: &Matrix) -> Matrix {
    let n = t.rows;
    let mut vectors = Matrix::zeros(n, n);
    for k in 0..n {
        let value = t.get(k, k);
        let least = (f64::EPSILON * value.abs()).max(f64::MIN_POSITIVE * n as f64 / f64::EPSILON);
        let mut x = vec![0.0; k + 1];
        x[k] = 1.0;
        for j in (0..k).rev() {
            let sum: f64 = (j + 1..=k).map(|i| t.get(j, i) * x[i]).sum();
            let distance = t.get(j, j) - value;
            x[j] = -sum / if distance.abs() < least { least } else { distance };
        }
        for row in 0..n {
            *vectors.at(row, k) = (0..=k).map(|i| q.get(row, i) * x[i]).sum();
        }
    }
    vectors
}
