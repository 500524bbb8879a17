//! Sums of floats in the order in which Eigen adds, so that they have TensorFlow's bits: packets of elements into four
//! running sums, what fills no packet one by one. Only long sums, which Eigen splits by the number of threads, have an
//! order of their own: that of their blocks.

use std::ops::{Add, Div};

use crate::ops::elementwise;
use crate::ops::simd::multiversioned;

/// How many elements an engine's group works on at a time, so that they stay in the first-level cache.
pub(crate) const BLOCK: usize = 1024;

/// The most elements that are summed up without being cut into parts.
pub(crate) const LEAF: usize = 8 * BLOCK;

/// The floats that are summed up in packets.
pub(crate) trait Sums: Copy + Add<Output = Self> + Div<Output = Self> {
    /// Zero.
    const ZERO: Self;
    /// The elements of a packet.
    const PACKET: usize = elementwise::PACKET / size_of::<Self>();

    /// How many of so many elements are in whole packets.
    #[inline(always)]
    fn whole(count: usize) -> usize {
        count / Self::PACKET * Self::PACKET
    }
    fn of(count: usize) -> Self;
    /// The sum of a row that is not cut into parts.
    fn leaf(row: &[Self]) -> Self;
    /// The sum of a row of any length.
    fn sum(row: &[Self]) -> Self;
    /// The sums of some columns side by side, the first at `from`, of rows of `inner`, with four running sums.
    fn four_columns(block: &[Self], inner: usize, from: usize, cells: &mut [Self]);
    /// The same with one running sum.
    fn columns(block: &[Self], inner: usize, from: usize, cells: &mut [Self]);
}

/// Adds a row of at most sixteen elements.
#[inline(always)]
fn add_row<T: Copy + std::ops::AddAssign>(sums: &mut [T; 16], row: &[T]) {
    if let Ok(row) = <&[T; 16]>::try_from(row) {
        (0..16).for_each(|i| sums[i] += row[i]);
        return;
    }
    sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += *x);
}

/// The sum of the `n` numbers that `x` gives, in packets of `P`. For loops that are compiled for the processor's registers.
#[inline(always)]
pub(crate) fn leaf_of<T: Sums, const P: usize>(n: usize, x: impl Fn(usize) -> T) -> T {
    let packet = |at: usize| -> [T; P] { std::array::from_fn(|i| x(at + i)) };
    let plus = |a: [T; P], b: [T; P]| -> [T; P] { std::array::from_fn(|i| a[i] + b[i]) };
    let mut sums = [[T::ZERO; P]; 4];
    let fours = n / (4 * P) * 4 * P;
    for at in (0..fours).step_by(4 * P) {
        for (k, sum) in sums.iter_mut().enumerate() {
            *sum = plus(*sum, packet(at + k * P));
        }
    }
    let [mut all, b, c, d] = sums;
    all = plus(plus(plus(all, b), c), d);
    let whole = n / P * P;
    for at in (fours..whole).step_by(P) {
        all = plus(all, packet(at));
    }
    let tail = (whole..n).fold(T::ZERO, |sum, i| sum + x(i));
    let mut half = P / 2;
    while half > 0 {
        for i in 0..half {
            all[i] = all[i] + all[i + half];
        }
        half /= 2;
    }
    tail + all[0]
}

macro_rules! sums {
    ($t:ty, $leaf:ident, $four:ident, $one:ident, $sum:expr) => {
        multiversioned! {
            fn $leaf(row: &[$t]) -> $t {
                leaf_of::<$t, { <$t>::PACKET }>(row.len(), |i| row[i])
            }
        }

        multiversioned! {
            fn $four(block: &[$t], inner: usize, from: usize, cells: &mut [$t]) {
                for (at, cells) in (from..).step_by(16).zip(cells.chunks_mut(16)) {
                    let width = cells.len();
                    let mut sums = [[0 as $t; 16]; 4];
                    let rows = || block.chunks_exact(inner).map(|row| &row[at..at + width]);
                    let whole = block.len() / inner / 4 * 4;
                    for (k, row) in rows().take(whole).enumerate() {
                        add_row(&mut sums[k % 4], row);
                    }
                    let [mut all, b, c, d] = sums;
                    for i in 0..width {
                        all[i] = all[i] + b[i] + c[i] + d[i];
                    }
                    for row in rows().skip(whole) {
                        add_row(&mut all, row);
                    }
                    cells.copy_from_slice(&all[..width]);
                }
            }
        }

        multiversioned! {
            fn $one(block: &[$t], inner: usize, from: usize, cells: &mut [$t]) {
                for (at, cells) in (from..).step_by(16).zip(cells.chunks_mut(16)) {
                    let width = cells.len();
                    let mut sums = [0 as $t; 16];
                    for row in block.chunks_exact(inner) {
                        add_row(&mut sums, &row[at..at + width]);
                    }
                    cells.copy_from_slice(&sums[..width]);
                }
            }
        }

        impl Sums for $t {
            const ZERO: $t = 0.0;

            fn of(count: usize) -> $t {
                count as $t
            }
            fn leaf(row: &[$t]) -> $t {
                $leaf(row)
            }
            fn sum(row: &[$t]) -> $t {
                let sum: fn(&[$t]) -> $t = $sum;
                sum(row)
            }
            fn four_columns(block: &[$t], inner: usize, from: usize, cells: &mut [$t]) {
                $four(block, inner, from, cells);
            }
            fn columns(block: &[$t], inner: usize, from: usize, cells: &mut [$t]) {
                $one(block, inner, from, cells);
            }
        }
    };
}

sums!(f32, leaf_f32, four_f32, one_f32, |row| match row.len() {
    0..=LEAF => leaf_f32(row),
    _ => row.chunks(BLOCK).map(|block| f64::from(leaf_f32(block))).sum::<f64>() as f32,
});

sums!(f64, leaf_f64, four_f64, one_f64, halves);

/// In halves of whole packets until they are short enough.
fn halves(row: &[f64]) -> f64 {
    if row.len() <= LEAF / 2 {
        return leaf_f64(row);
    }
    let (left, right) = row.split_at(row.len().div_ceil(2).next_multiple_of(4).min(row.len()));
    halves(left) + halves(right)
}

/// The sum or mean of `count` elements from the sums of their blocks, as [`Sums::sum`] adds them up.
pub(crate) fn total(partials: &[f32], count: usize, mean: bool) -> f32 {
    let sum = partials.iter().map(|s| f64::from(*s)).sum::<f64>() as f32;
    if mean { sum / count as f32 } else { sum }
}

/// The sums of the columns of a block, of which the first cell is number `first` among all results: packets are of
/// results, and those that reach over the end of a row are computed one by one.
pub(super) fn columns<T: Sums>(block: &[T], first: usize, cells: &mut [T]) {
    let inner = cells.len();
    if block.len() / inner < 16 {
        return T::columns(block, inner, 0, cells);
    }
    let start = (first.next_multiple_of(T::PACKET) - first).min(inner);
    let end = start + T::whole(inner - start);
    T::columns(block, inner, 0, &mut cells[..start]);
    T::four_columns(block, inner, start, &mut cells[start..end]);
    T::columns(block, inner, end, &mut cells[end..]);
}

#[cfg(test)]
mod tests {
    use super::{Sums, columns};

    /// Integers are exact in any order.
    #[test]
    fn sums_of_integers_are_exact() {
        for n in [0, 1, 7, 8, 9, 31, 32, 33, 47, 100, 1023, 1025, 5000, 8192, 8193, 20_000] {
            let row: Vec<f32> = (0..n).map(|i| (i % 7) as f32 - 2.0).collect();
            let wide: Vec<f64> = row.iter().map(|x| f64::from(*x)).collect();
            let want: f64 = wide.iter().sum();
            assert_eq!((f64::from(f32::sum(&row)), f64::sum(&wide)), (want, want), "{n} elements");
        }
        for (rows, inner, first) in [(3, 5, 0), (16, 8, 0), (17, 9, 0), (40, 37, 0), (21, 21, 21), (18, 3, 3)] {
            let block: Vec<f32> = (0..rows * inner).map(|i| (i * 5 % 11) as f32).collect();
            let mut cells = vec![f32::NAN; inner];
            columns(&block, first, &mut cells);
            for (c, cell) in cells.iter().enumerate() {
                assert_eq!(*cell, (0..rows).map(|r| block[r * inner + c]).sum::<f32>(), "{rows} rows of {inner}, {c}");
            }
        }
    }

    /// Four packets go into four sums, these into one; its two halves, and the halves of that, are added in pairs; the
    /// ninth element past the packets comes last. With powers of two so far apart every other order gives other bits.
    #[test]
    fn packets_are_added_in_eigens_order() {
        let x = |i: usize| 1.0 + (i as f32 * 0.37).sin() * 1e-3 * (1 << (i % 11)) as f32;
        let row: Vec<f32> = (0..43).map(x).collect();
        let lane = |i: usize| ((row[i] + row[8 + i]) + row[16 + i]) + row[24 + i] + row[32 + i];
        let pair = |i: usize| lane(i) + lane(i + 4);
        let want = (row[40] + row[41] + row[42]) + ((pair(0) + pair(2)) + (pair(1) + pair(3)));
        assert_eq!(f32::leaf(&row).to_bits(), want.to_bits());
    }
}
