//! Products of `float32` matrices that are too small or too narrow for `gemm`: no packing, no start-up, a register of
//! columns at a time. The general products are in `matmul`.

use super::matmul::Sizes;

/// Up to this many multiplications a product counts as small.
const SMALL: usize = 1 << 15;
/// Up to this many columns it counts as narrow.
const NARROW: usize = 16;
/// How many rows a second operand that lies transposed may have, so that its columns fit on the stack.
const PACKED: usize = 256;

/// Computes a product, by addresses.
type Run = unsafe fn(&Sizes, *const f32, *const f32, Option<*const f32>, *mut f32);

/// The loops for this processor, if it has the instructions: for a second operand as it is, and for one that lies
/// transposed.
fn loops() -> Option<[Run; 2]> {
    #[cfg(target_arch = "x86_64")]
    match super::simd::level() {
        super::simd::Level::Avx512 => return Some([avx512::product, avx512::product_packed]),
        super::simd::Level::Avx2 => return Some([avx2::product, avx2::product_packed]),
        super::simd::Level::Baseline => {}
    }
    None
}

/// Whether the product is one for this file, on this processor.
pub(super) fn suits(s: &Sizes) -> bool {
    let work = s.m * s.n * s.k;
    let size = work > 0 && (work <= SMALL || s.n <= NARROW && s.m >= 8);
    size && (s.b.1 == 1 || s.k <= PACKED) && loops().is_some()
}

/// `out = a * b + bias`, for sizes that [`suits`] accepted.
#[inline]
pub(super) fn product(s: &Sizes, a: &[f32], b: &[f32], bias: Option<&[f32]>, out: &mut [f32]) {
    let fits = a.len() == s.m * s.k && b.len() == s.k * s.n && out.len() == s.m * s.n;
    assert!(fits && bias.is_none_or(|bias| bias.len() == s.n), "a product of other sizes than its operands");
    debug_assert!(suits(s));
    let Some(loops) = loops() else { return };
    let run = loops[usize::from(s.b.1 != 1)];
    // SAFETY: the loops are for this processor's instructions, and the operands hold all that the sizes reach.
    unsafe { run(s, a.as_ptr(), b.as_ptr(), bias.map(<[f32]>::as_ptr), out.as_mut_ptr()) }
}

/// The loops over a register type whose functions are in scope.
#[cfg(target_arch = "x86_64")]
macro_rules! panels {
    ($features:literal) => {
        /// A column of results for up to a register of columns of the second operand.
        #[derive(Clone, Copy)]
        struct Panel {
            b: *const f32,
            /// From one row of the panel to the next.
            step: usize,
            mask: Mask,
            bias: Option<Register>,
            k: usize,
            /// From one row of the first operand to the next, and from one of its columns to the next.
            a: (usize, usize),
            /// From one row of the result to the next.
            n: usize,
        }

        impl Panel {
            /// The panel of the columns from `j` on.
            ///
            /// # Safety
            /// `bias` holds as many elements as there are columns, and the processor has the instructions.
            #[target_feature(enable = $features)]
            #[inline]
            unsafe fn new(s: &Sizes, j: usize, b: *const f32, step: usize, bias: Option<*const f32>) -> Panel {
                let mask = first(s.n - j);
                // SAFETY: masked lanes are not read.
                let bias = bias.map(|bias| unsafe { load_masked(bias.wrapping_add(j), mask) });
                Panel { b, step, mask, bias, k: s.k, a: s.a, n: s.n }
            }
        }

        /// # Safety
        /// The operands hold what the sizes say, and the processor has the instructions.
        #[target_feature(enable = $features)]
        pub unsafe fn product(s: &Sizes, a: *const f32, b: *const f32, bias: Option<*const f32>, out: *mut f32) {
            for j in (0..s.n).step_by(LANES) {
                // SAFETY: `j` is a column of `b` and of the result.
                unsafe { Panel::new(s, j, b.add(j), s.b.0, bias).rows(s.m, a, out.add(j)) };
            }
        }

        /// The same for a second operand that lies transposed: its columns are packed into rows first.
        ///
        /// # Safety
        /// As for [`product`], and it has at most `PACKED` rows.
        #[target_feature(enable = $features)]
        pub unsafe fn product_packed(s: &Sizes, a: *const f32, b: *const f32, bias: Option<*const f32>, out: *mut f32) {
            let mut packed = [MaybeUninit::<f32>::uninit(); LANES * PACKED];
            for j in (0..s.n).step_by(LANES) {
                for column in 0..(s.n - j).min(LANES) {
                    // SAFETY: column `j + column` of `b` has `k` elements; the panel has room for `k` rows.
                    let from = unsafe { std::slice::from_raw_parts(b.add((j + column) * s.b.1), s.k) };
                    for (row, value) in from.iter().enumerate() {
                        packed[row * LANES + column].write(*value);
                    }
                }
                // SAFETY: `j` is a column of the result; the panel holds the columns from there on.
                unsafe { Panel::new(s, j, packed.as_ptr().cast(), LANES, bias).rows(s.m, a, out.add(j)) };
            }
        }

        impl Panel {
            /// # Safety
            /// `a` and `out` hold `m` rows.
            #[target_feature(enable = $features)]
            #[inline]
            unsafe fn rows(self, m: usize, a: *const f32, out: *mut f32) {
                let mut i = 0;
                // SAFETY: rows below `m` only.
                unsafe {
                    // Sixteen sums leave room for operands where there are thirty-two registers.
                    if self.a.0 == 1 && LANES == 16 {
                        while i + 16 <= m {
                            self.block::<16, true>(a.add(i), out.add(i * self.n));
                            i += 16;
                        }
                    }
                    while i + 12 <= m {
                        self.block::<12, false>(a.add(i * self.a.0), out.add(i * self.n));
                        i += 12;
                    }
                    while i + 8 <= m {
                        self.block::<8, false>(a.add(i * self.a.0), out.add(i * self.n));
                        i += 8;
                    }
                    while i + 4 <= m {
                        self.block::<4, false>(a.add(i * self.a.0), out.add(i * self.n));
                        i += 4;
                    }
                    while i < m {
                        self.block::<1, false>(a.add(i * self.a.0), out.add(i * self.n));
                        i += 1;
                    }
                }
            }

            /// # Safety
            /// `a` and `out` hold `R` rows; those of `a` lie one element apart if `DENSE`.
            #[target_feature(enable = $features)]
            #[inline]
            unsafe fn block<const R: usize, const DENSE: bool>(self, a: *const f32, out: *mut f32) {
                let row = if DENSE { 1 } else { self.a.0 };
                let mut sums = [zero(); R];
                for l in 0..self.k {
                    // SAFETY: row `l` of the panel, and column `l` of the rows of `a`.
                    unsafe {
                        let b = load_masked(self.b.add(l * self.step), self.mask);
                        let a = a.add(l * self.a.1);
                        for (r, sum) in sums.iter_mut().enumerate() {
                            *sum = fma(splat(*a.add(r * row)), b, *sum);
                        }
                    }
                }
                for (r, sum) in sums.iter().enumerate() {
                    let sum = self.bias.map_or(*sum, |bias| add(*sum, bias));
                    // SAFETY: row `r` of the result; masked lanes are not written.
                    unsafe { store_masked(out.add(r * self.n), self.mask, sum) };
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::mem::MaybeUninit;

    use super::{PACKED, Sizes};
    use crate::ops::simd::avx512::*;

    panels!("avx512f");
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::mem::MaybeUninit;

    use super::{PACKED, Sizes};
    use crate::ops::simd::avx2::*;

    panels!("avx2,fma");
}

#[cfg(test)]
mod tests {
    use super::super::matmul::Sizes;

    /// Integers in `float32` are exact, so every way of computing the product must give the same numbers.
    #[test]
    fn products_of_integers_are_exact() {
        for [m, k, n] in [[4, 2, 2], [1, 1, 1], [17, 5, 3], [4, 10, 10], [3, 7, 33], [40, 100, 10], [9, 250, 1]] {
            for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
                let s = Sizes::new([m, k, n], ta, tb);
                if !super::suits(&s) {
                    continue;
                }
                let a: Vec<f32> = (0..m * k).map(|i| (i % 7) as f32 - 3.0).collect();
                let b: Vec<f32> = (0..k * n).map(|i| (i % 5) as f32 - 2.0).collect();
                let bias: Vec<f32> = (0..n).map(|i| i as f32).collect();
                let mut out = vec![f32::NAN; m * n];
                super::product(&s, &a, &b, Some(&bias), &mut out);
                for i in 0..m {
                    for j in 0..n {
                        let at = |l: usize| a[i * s.a.0 + l * s.a.1] * b[l * s.b.0 + j * s.b.1];
                        assert_eq!(out[i * n + j], (0..k).map(at).sum::<f32>() + bias[j], "{m}x{k}x{n} {ta} {tb}");
                    }
                }
            }
        }
    }
}
