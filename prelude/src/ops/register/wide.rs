//! Steps on AVX-512's registers.
#![allow(
    improper_ctypes_definitions,
    reason = "both sides of the calls are ours; this way registers are passed as such"
)]

use std::arch::x86_64::*;

use super::{Forms, Index, RegisterStep};

/// A register of sixteen elements.
pub(crate) type Lanes = __m512;

/// Runs the steps one after the other, so many times.
///
/// # Safety
/// The processor has AVX-512, and the steps' addresses lead to whole registers.
#[target_feature(enable = "avx512f")]
pub(crate) unsafe fn repeat(steps: &[RegisterStep], times: usize) {
    let mut last = _mm512_setzero_ps();
    for _ in 0..times {
        for step in steps {
            // SAFETY: the caller's promise.
            last = unsafe { (step.run)(last, step) };
        }
    }
}

/// All forms of a function.
macro_rules! forms {
    ($f:ident $(, $more:literal)?) => {
        [$f::<0 $(, $more)?>, $f::<1 $(, $more)?>, $f::<2 $(, $more)?>, $f::<3 $(, $more)?>]
    };
}
pub static PRODUCT: Forms = forms!(product, false);
pub static BIASED: Forms = forms!(product, true);
pub static SUM: Forms = forms!(sum);
pub static SPREAD: Forms = forms!(spread);
pub static ADD: Forms = forms!(add);
pub static DESCEND: Forms = forms!(descend);

impl Index {
    /// # Safety
    /// The processor has AVX-512.
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn of(&self, value: Lanes) -> Lanes {
        // SAFETY: sixteen integers are a register.
        let index = unsafe { _mm512_load_si512(self.0.as_ptr().cast()) };
        _mm512_permutexvar_ps(index, value)
    }
}

impl RegisterStep {
    /// An operand, in the form that `TAKEN` names.
    ///
    /// # Safety
    /// As for [`repeat`].
    #[target_feature(enable = "avx512f")]
    #[inline]
    pub unsafe fn operand<const TAKEN: usize>(&self, before: Lanes, i: usize) -> Lanes {
        if TAKEN >> i & 1 == 1 {
            return before;
        }
        // SAFETY: the caller's promise.
        unsafe { _mm512_loadu_ps(self.inputs[i]) }
    }

    /// Stores the result.
    ///
    /// # Safety
    /// As for [`repeat`].
    #[target_feature(enable = "avx512f")]
    #[inline]
    pub unsafe fn finish(&self, result: Lanes) -> Lanes {
        // SAFETY: the caller's promise.
        unsafe { _mm512_storeu_ps(self.output, result) };
        result
    }
}

/// The sum of the terms, products of an element of the first operand and one of the second, and the third operand
/// if `BIAS`.
///
/// # Safety
/// As for [`repeat`].
#[target_feature(enable = "avx512f")]
unsafe extern "C" fn product<const TAKEN: usize, const BIAS: bool>(before: Lanes, step: &RegisterStep) -> Lanes {
    // SAFETY: the caller's promise.
    unsafe {
        let (a, b) = (step.operand::<TAKEN>(before, 0), step.operand::<TAKEN>(before, 1));
        let (terms, bias) = step.terms.split_at(step.terms.len() - usize::from(BIAS));
        let mut sum = _mm512_setzero_ps();
        for [i, j] in terms {
            sum = _mm512_fmadd_ps(i.of(a), j.of(b), sum);
        }
        if BIAS {
            sum = _mm512_add_ps(sum, bias[0][0].of(step.operand::<TAKEN>(before, 2)));
        }
        step.finish(sum)
    }
}

/// The sum of elements of the operand, from zero on.
///
/// # Safety
/// As for [`repeat`].
#[target_feature(enable = "avx512f")]
unsafe extern "C" fn sum<const TAKEN: usize>(before: Lanes, step: &RegisterStep) -> Lanes {
    // SAFETY: the caller's promise.
    unsafe {
        let x = step.operand::<TAKEN>(before, 0);
        let mut sum = _mm512_setzero_ps();
        for [i, _] in &step.terms {
            sum = _mm512_add_ps(sum, i.of(x));
        }
        step.finish(sum)
    }
}

/// The sum of the operands.
///
/// # Safety
/// As for [`repeat`].
#[target_feature(enable = "avx512f")]
unsafe extern "C" fn add<const TAKEN: usize>(before: Lanes, step: &RegisterStep) -> Lanes {
    // SAFETY: the caller's promise.
    unsafe { step.finish(_mm512_add_ps(step.operand::<TAKEN>(before, 0), step.operand::<TAKEN>(before, 1))) }
}

/// Elements of the operand at other places.
///
/// # Safety
/// As for [`repeat`].
#[target_feature(enable = "avx512f")]
unsafe extern "C" fn spread<const TAKEN: usize>(before: Lanes, step: &RegisterStep) -> Lanes {
    // SAFETY: the caller's promise.
    unsafe { step.finish(step.terms[0][0].of(step.operand::<TAKEN>(before, 0))) }
}

/// The first operand less the second times the single number that is the third.
///
/// # Safety
/// As for [`repeat`].
#[target_feature(enable = "avx512f")]
unsafe extern "C" fn descend<const TAKEN: usize>(before: Lanes, step: &RegisterStep) -> Lanes {
    // SAFETY: the caller's promise.
    unsafe {
        let (var, delta) = (step.operand::<TAKEN>(before, 0), step.operand::<TAKEN>(before, 1));
        let rate = _mm512_set1_ps(*step.inputs[2]);
        step.finish(_mm512_sub_ps(var, _mm512_mul_ps(rate, delta)))
    }
}
