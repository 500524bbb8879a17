//! A register of eight `float32` elements, of AVX2.

use std::arch::x86_64::*;

pub(crate) use std::arch::x86_64::{
    __m256 as Register, __m256i as Mask, _mm256_add_ps as add, _mm256_fmadd_ps as fma, _mm256_loadu_ps as load,
    _mm256_maskload_ps as load_masked, _mm256_maskstore_ps as store_masked, _mm256_set1_ps as splat,
    _mm256_setzero_ps as zero, _mm256_storeu_ps as store,
};

/// Elements of a register.
pub(crate) const LANES: usize = 8;

/// The first so many lanes, all of them if it is more.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub(crate) fn first(count: usize) -> __m256i {
    _mm256_cmpgt_epi32(_mm256_set1_epi32(count.min(LANES) as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
}

/// Rows become columns.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub(crate) fn transpose(rows: [__m256; 8]) -> [__m256; 8] {
    let mut pairs = rows;
    for i in (0..8).step_by(2) {
        pairs[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
    }
    let low = |a, b| _mm256_castpd_ps(_mm256_unpacklo_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)));
    let high = |a, b| _mm256_castpd_ps(_mm256_unpackhi_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)));
    // Half q of fours[4 g + j] has column 4 q + j of the rows 4 g to 4 g + 3.
    let mut fours = rows;
    for g in (0..8).step_by(4) {
        fours[g] = low(pairs[g], pairs[g + 2]);
        fours[g + 1] = high(pairs[g], pairs[g + 2]);
        fours[g + 2] = low(pairs[g + 1], pairs[g + 3]);
        fours[g + 3] = high(pairs[g + 1], pairs[g + 3]);
    }
    let mut columns = rows;
    for j in 0..4 {
        columns[j] = _mm256_permute2f128_ps::<0x20>(fours[j], fours[4 + j]);
        columns[4 + j] = _mm256_permute2f128_ps::<0x31>(fours[j], fours[4 + j]);
    }
    columns
}
