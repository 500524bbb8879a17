//! Windows: weights that fall to both ends, for what is cut out of a signal.

use std::f64::consts::PI;

use crate::array::Array;

/// The weights at the places -(m - 1), -(m - 3), ..., m - 1; a single one is 1.
fn window(m: usize, weight: impl Fn(f64, f64) -> f64) -> Array {
    let last = m as f64 - 1.0;
    let place = |k: usize| 2.0 * k as f64 - last;
    Array::new((0..m).map(|k| if m == 1 { 1.0 } else { weight(place(k), last) }).collect(), &[m])
}

/// `np.hanning(m)`: a raised cosine.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::hanning(5).to_string(), "[0.  0.5 1.  0.5 0. ]");
/// ```
pub fn hanning(m: usize) -> Array {
    window(m, |n, last| 0.5 + 0.5 * (PI * n / last).cos())
}

/// `np.hamming(m)`: a raised cosine that does not reach zero.
pub fn hamming(m: usize) -> Array {
    window(m, |n, last| 0.54 + 0.46 * (PI * n / last).cos())
}

/// `np.blackman(m)`: two cosines.
pub fn blackman(m: usize) -> Array {
    window(m, |n, last| 0.42 + 0.5 * (PI * n / last).cos() + 0.08 * (2.0 * PI * n / last).cos())
}

/// `np.bartlett(m)`: a triangle.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::bartlett(5).to_string(), "[0.  0.5 1.  0.5 0. ]");
/// ```
pub fn bartlett(m: usize) -> Array {
    window(m, |n, last| if n <= 0.0 { 1.0 + n / last } else { 1.0 - n / last })
}
