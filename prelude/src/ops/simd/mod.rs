//! Which vector instructions loops are compiled for: each for the baseline and for the wider registers that the
//! processor running turns out to have, and what the registers are called. Only the choice is made here, never arithmetic.

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512;

/// Vector instructions, from what every processor of the architecture has to the widest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Level {
    /// Those of every processor of the architecture.
    Baseline,
    /// AVX2 with fused multiply-add.
    Avx2,
    /// AVX-512 with byte, word, doubleword and 128/256-bit forms.
    Avx512,
}

/// The level to use: the widest that the processor has and `FLOWBOOK_MAX_CPU_ISA` allows, which is read once.
#[inline]
pub(crate) fn level() -> Level {
    static LEVEL: std::sync::OnceLock<Level> = std::sync::OnceLock::new();
    *LEVEL.get_or_init(|| detect().min(allowed()))
}

fn allowed() -> Level {
    match std::env::var("FLOWBOOK_MAX_CPU_ISA").as_deref() {
        Ok("BASELINE") => Level::Baseline,
        Ok("AVX2") => Level::Avx2,
        _ => Level::Avx512,
    }
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Level {
    use std::arch::is_x86_feature_detected as has;
    if !(has!("avx2") && has!("fma")) {
        return Level::Baseline;
    }
    if has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") {
        return Level::Avx512;
    }
    Level::Avx2
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Level {
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

/// Asks for memory that is needed soon: the processor's own guesses end at each page.
#[inline]
pub(crate) fn prefetch(from: *const u8, bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    for offset in (0..bytes).step_by(64) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint, which reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(offset).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (from, bytes);
}

/// Copies bytes to memory that is not read again soon, past the caches. [`fence`] has to follow before another thread
/// looks at them.
///
/// # Safety
/// Both places hold `bytes` bytes and do not overlap.
pub(crate) unsafe fn stream(from: *const u8, to: *mut u8, bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the caller's promise; the middle part of the target lies at multiples of 16.
    unsafe {
        use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_stream_si128};
        let head = to.align_offset(16).min(bytes);
        let whole = (bytes - head) / 16 * 16;
        std::ptr::copy_nonoverlapping(from, to, head);
        for at in (head..head + whole).step_by(16) {
            _mm_stream_si128(to.add(at).cast::<__m128i>(), _mm_loadu_si128(from.add(at).cast()));
        }
        let done = head + whole;
        std::ptr::copy_nonoverlapping(from.add(done), to.add(done), bytes - done);
    }
    #[cfg(not(target_arch = "x86_64"))]
    // SAFETY: the caller's promise.
    unsafe {
        std::ptr::copy_nonoverlapping(from, to, bytes)
    };
}

/// Makes what was written with [`stream`] visible to other threads.
pub(crate) fn fence() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every processor of the architecture has the instruction.
    unsafe {
        std::arch::x86_64::_mm_sfence()
    };
}
