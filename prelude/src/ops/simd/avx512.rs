//! A register of sixteen `float32` elements, of AVX-512.

use std::arch::x86_64::*;

pub(crate) use std::arch::x86_64::{
    __m512 as Register, __mmask16 as Mask, _mm512_add_ps as add, _mm512_fmadd_ps as fma, _mm512_loadu_ps as load,
    _mm512_mask_storeu_ps as store_masked, _mm512_set1_ps as splat, _mm512_setzero_ps as zero,
    _mm512_storeu_ps as store,
};

/// Elements of a register.
pub(crate) const LANES: usize = 16;

/// The first so many lanes, all of them if it is more.
#[target_feature(enable = "avx512f")]
#[inline]
pub(crate) fn first(count: usize) -> __mmask16 {
    (0xffff_u32 >> (LANES - count.min(LANES))) as __mmask16
}

/// The lanes that the mask names, and zeros for the others.
///
/// # Safety
/// The lanes that the mask names can be read.
#[target_feature(enable = "avx512f")]
#[inline]
pub(crate) unsafe fn load_masked(at: *const f32, mask: __mmask16) -> __m512 {
    // SAFETY: the caller's promise.
    unsafe { _mm512_maskz_loadu_ps(mask, at) }
}

/// Rows become columns.
#[target_feature(enable = "avx512f")]
#[inline]
pub(crate) fn transpose(rows: [__m512; 16]) -> [__m512; 16] {
    let mut pairs = rows;
    for i in (0..16).step_by(2) {
        pairs[i] = _mm512_unpacklo_ps(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_ps(rows[i], rows[i + 1]);
    }
    let low = |a, b| _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
    let high = |a, b| _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
    // Quarter q of fours[4 g + j] has column 4 q + j of the rows 4 g to 4 g + 3.
    let mut fours = rows;
    for g in (0..16).step_by(4) {
        fours[g] = low(pairs[g], pairs[g + 2]);
        fours[g + 1] = high(pairs[g], pairs[g + 2]);
        fours[g + 2] = low(pairs[g + 1], pairs[g + 3]);
        fours[g + 3] = high(pairs[g + 1], pairs[g + 3]);
    }
    let mut columns = rows;
    for j in 0..4 {
        let even = |a, b| _mm512_shuffle_f32x4::<0x88>(a, b);
        let odd = |a, b| _mm512_shuffle_f32x4::<0xdd>(a, b);
        let (a, b) = (even(fours[j], fours[4 + j]), even(fours[8 + j], fours[12 + j]));
        let (c, d) = (odd(fours[j], fours[4 + j]), odd(fours[8 + j], fours[12 + j]));
        columns[j] = even(a, b);
        columns[8 + j] = odd(a, b);
        columns[4 + j] = even(c, d);
        columns[12 + j] = odd(c, d);
    }
    columns
}
