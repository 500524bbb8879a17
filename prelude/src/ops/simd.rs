//! Which vector instructions loops are compiled for: each for the baseline and for the wider registers that the
//! processor running turns out to have. Only the choice is made here, never arithmetic.

/// The vector instructions of this processor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
pub(crate) enum Level {
    /// What every processor of the architecture has.
    Baseline,
    /// AVX2 with fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 with byte, word, doubleword and 128/256-bit forms.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The widest level the processor has.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn level() -> Level {
    use std::arch::is_x86_feature_detected as has;
    if !(has!("avx2") && has!("fma")) {
        return Level::Baseline;
    }
    if has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") {
        return Level::Avx512;
    }
    Level::Avx2
}

/// The widest level the processor has.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub(crate) fn level() -> Level {
    Level::Baseline
}

/// Declares a function that is compiled once for each level and runs the one for this processor. Closures in it, and
/// what is inlined into it, use the same instructions.
macro_rules! multiversioned {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $t:ty),* $(,)?) $(-> $r:ty)? $body:block) => {
        $(#[$meta])*
        #[inline]
        $vis fn $name($($arg: $t),*) $(-> $r)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
                fn avx512($($arg: $t),*) $(-> $r)? $body
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($arg: $t),*) $(-> $r)? $body
                match $crate::ops::simd::level() {
                    // SAFETY: the processor has these instructions.
                    $crate::ops::simd::Level::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    $crate::ops::simd::Level::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::ops::simd::Level::Baseline => {}
                }
            }
            $body
        }
    };
}
pub(crate) use multiversioned;
