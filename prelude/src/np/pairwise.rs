//! Sums in NumPy's order of additions, so that their last digits agree with NumPy's.

use super::operators::Arithmetic;

/// Rows of up to this many elements are summed directly.
const BLOCK: usize = 128;

/// The sum of a row: eight partial sums over blocks, halves added pairwise.
pub(super) fn sum<T: Arithmetic>(row: &[T]) -> T {
    let n = row.len();
    if n < 8 {
        return row.iter().fold(T::from_u8(0), |sum, x| sum.plus(*x));
    }
    if n > BLOCK {
        let half = n / 2 - n / 2 % 8;
        return sum(&row[..half]).plus(sum(&row[half..]));
    }
    let (chunks, rest) = row.as_chunks::<8>();
    let mut partial = chunks[0];
    for chunk in &chunks[1..] {
        for (sum, x) in partial.iter_mut().zip(chunk) {
            *sum = sum.plus(*x);
        }
    }
    let [a, b, c, d, e, f, g, h] = partial;
    let total = (a.plus(b).plus(c.plus(d))).plus(e.plus(f).plus(g.plus(h)));
    rest.iter().fold(total, |sum, x| sum.plus(*x))
}
