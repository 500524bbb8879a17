//! The loops that elementwise ops run as: a scalar expression made into a function over slices, once for each type. Where
//! there are two, the first is for the elements in whole packets, the second, the tail, for those that are left.

/// Elements that a small loop works on at a time, one register of the widest kind for `f32`.
pub(crate) const LANES: usize = 16;
/// Up to this many elements a loop goes in whole chunks of [`LANES`], which has no start-up.
#[cfg(target_arch = "x86_64")]
pub(crate) const SHORT: usize = 128;

/// The bytes of a packet: of the registers that TensorFlow's builds for all processors use.
pub(crate) const PACKET: usize = 32;

/// The first of some expressions.
macro_rules! first {
    ($first:expr $(, $rest:expr)?) => {
        $first
    };
}

/// How many of `n` elements are computed as packets.
macro_rules! in_packets {
    ($n:expr, $t:ty) => {
        $n
    };
    ($n:expr, $t:ty, $tail:expr) => {{
        const EACH: usize = $crate::ops::elementwise::PACKET / size_of::<$t>();
        $n / EACH * EACH
    }};
}

/// Whether there is something.
macro_rules! is_some {
    () => {
        false
    };
    ($tail:expr) => {
        true
    };
}

/// Instantiates one loop for each level of vector instructions and picks when the loop is selected.
macro_rules! compiled_loop {
    ($(#[$attr:meta])* ($($x:ident: $t:ty = $i:literal),+) => $r:ty, $e:expr $(, tail $tail:expr)?) => {{
        #[inline(always)]
        $(#[$attr])*
        fn f($($x: $t),+) -> $r {
            $e
        }
        #[inline(always)]
        $(#[$attr])*
        fn rest($($x: $t),+) -> $r {
            first!($($tail,)? $e)
        }
        #[inline(always)]
        unsafe fn body(a: &[*const u8; 3], out: *mut u8, n: usize) {
            // SAFETY: the engine passes pointers to `n` elements each, and the output overlaps no input.
            let ($($x,)+ out) = unsafe {
                ($(std::slice::from_raw_parts(a[$i].cast::<$t>(), n),)+ std::slice::from_raw_parts_mut(out.cast::<$r>(), n))
            };
            let whole = in_packets!(n, $r $(, $tail)?);
            for i in 0..whole {
                out[i] = f($($x[i]),+);
            }
            for i in whole..n {
                out[i] = rest($($x[i]),+);
            }
        }
        unsafe fn baseline(a: &[*const u8; 3], out: *mut u8, n: usize) {
            // SAFETY: as for `body`.
            unsafe { body(a, out, n) }
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        unsafe fn avx2(a: &[*const u8; 3], out: *mut u8, n: usize) {
            // SAFETY: as for `body`.
            unsafe { body(a, out, n) }
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
        unsafe fn avx512(a: &[*const u8; 3], out: *mut u8, n: usize) {
            // Kept out of line: inlined into a loop, what the compiler makes of it is no longer one register's work.
            #[inline(never)]
            #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
            unsafe fn chunk(a: &[*const u8; 3], out: *mut u8, at: usize) {
                // SAFETY: as for `body`, for the elements `at..at + LANES`.
                unsafe {
                    $(let $x = a[$i].cast::<$t>().add(at).cast::<[$t; $crate::ops::elementwise::LANES]>().read();)+
                    let results: [$r; $crate::ops::elementwise::LANES] = std::array::from_fn(|i| f($($x[i]),+));
                    out.cast::<$r>().add(at).cast::<[$r; $crate::ops::elementwise::LANES]>().write(results);
                }
            }
            // SAFETY: as for `body`.
            unsafe {
                if n > $crate::ops::elementwise::SHORT {
                    return body(a, out, n);
                }
                let packets = in_packets!(n, $r $(, $tail)?);
                let whole = packets / $crate::ops::elementwise::LANES * $crate::ops::elementwise::LANES;
                for at in (0..whole).step_by($crate::ops::elementwise::LANES) {
                    chunk(a, out, at);
                }
                for i in whole..packets {
                    out.cast::<$r>().add(i).write(f($(a[$i].cast::<$t>().add(i).read()),+));
                }
                for i in packets..n {
                    out.cast::<$r>().add(i).write(rest($(a[$i].cast::<$t>().add(i).read()),+));
                }
            }
        }
        #[cfg(target_arch = "x86_64")]
        let run = match $crate::ops::simd::level() {
            $crate::ops::simd::Level::Avx512 => avx512 as $crate::ops::Elements,
            $crate::ops::simd::Level::Avx2 => avx2 as $crate::ops::Elements,
            $crate::ops::simd::Level::Baseline => baseline as $crate::ops::Elements,
        };
        #[cfg(not(target_arch = "x86_64"))]
        let run = baseline as $crate::ops::Elements;
        $crate::ops::Loop { run, register: None, tail: is_some!($($tail)?) }
    }};
}

/// The forms of a function for one register: of one kind, if all elements have the same formula.
#[cfg(target_arch = "x86_64")]
macro_rules! kinds {
    (@ $f:ident $kind:literal) => {
        [$f::<0, $kind>, $f::<1, $kind>, $f::<2, $kind>, $f::<3, $kind>]
    };
    ($f:ident) => {
        [kinds!(@ $f 0); 3]
    };
    ($f:ident, $tail:expr) => {
        [kinds!(@ $f 0), kinds!(@ $f 1), kinds!(@ $f 2)]
    };
}

/// The same with a form for one register: of `f32` only.
macro_rules! register_loop {
    ($(#[$attr:meta])* ($($x:ident = $i:literal),+), $e:expr $(, tail $tail:expr $(, lanes $lanes:path)?)?) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
        #[allow(improper_ctypes_definitions, reason = "both sides of the call are ours; this way registers are passed as such")]
        unsafe extern "C" fn register<const TAKEN: usize, const KIND: usize>(
            before: $crate::ops::register::Lanes,
            step: &$crate::ops::register::RegisterStep,
        ) -> $crate::ops::register::Lanes {
            #[inline(always)]
            $(#[$attr])*
            fn f($($x: f32),+) -> f32 {
                $e
            }
            #[inline(always)]
            $(#[$attr])*
            fn rest($($x: f32),+) -> f32 {
                first!($($tail,)? $e)
            }
            // SAFETY: the engine runs steps whose addresses lead to whole registers, and a register is sixteen elements.
            unsafe {
                $(let $x: [f32; $crate::ops::elementwise::LANES] = std::mem::transmute(step.operand::<TAKEN>(before, $i));)+
                $($(if KIND == 1 {
                    return step.finish($lanes(step.operand::<TAKEN>(before, 0)));
                })?)?
                // No more than a packet is left of whole packets: of one of no elements, or of the first half.
                let results: [f32; $crate::ops::elementwise::LANES] = std::array::from_fn(|i| match KIND {
                    1 if i < 8 => rest($($x[i]),+),
                    1 => 0.0,
                    2 if i >= 8 => rest($($x[i]),+),
                    _ => f($($x[i]),+),
                });
                step.finish(std::mem::transmute::<[f32; 16], $crate::ops::register::Lanes>(results))
            }
        }
        let general = compiled_loop!($(#[$attr])* ($($x: f32 = $i),+) => f32, $e $(, tail $tail)?);
        #[cfg(target_arch = "x86_64")]
        static KINDS: $crate::ops::register::Kinds = kinds!(register $(, $tail)?);
        #[cfg(target_arch = "x86_64")]
        let general = $crate::ops::Loop { register: Some(&KINDS), ..general };
        general
    }};
}

macro_rules! loop1 {
    (f32 => f32, (|$x:ident| $e:expr $(, tail $tail:expr $(, lanes $lanes:path)?)?)) => {
        register_loop!(
            #[allow(clippy::redundant_closure_call, unused_imports, reason = "the expressions are written for all types")]
            ($x = 0), $e $(, tail $tail $(, lanes $lanes)?)?
        )
    };
    ($t:ty => $r:ty, (|$x:ident| $e:expr $(, tail $tail:expr $(, lanes $lanes:path)?)?)) => {
        compiled_loop!(
            #[allow(clippy::redundant_closure_call, unused_imports, reason = "the expressions are written for all types")]
            ($x: $t = 0) => $r, $e $(, tail $tail)?
        )
    };
}

macro_rules! loop2 {
    (f32 => f32, (|$x:ident, $y:ident| $e:expr $(, tail $tail:expr)?)) => {
        register_loop!(($x = 0, $y = 1), $e $(, tail $tail)?)
    };
    ($t:ty => $r:ty, (|$x:ident, $y:ident| $e:expr $(, tail $tail:expr)?)) => {
        compiled_loop!(($x: $t = 0, $y: $t = 1) => $r, $e $(, tail $tail)?)
    };
}

/// The loop for the first input's type, out of those the op allows; `same` or `bool` is the type of the result.
macro_rules! select {
    ($m:ident floats $r:ident $f:tt) => { select!(@ $m $r [Float32 f32, Float64 f64] $f) };
    ($m:ident numbers $r:ident $f:tt) => {
        select!(@ $m $r [Float32 f32, Float64 f64, Int32 i32, Int64 i64, UInt8 u8] $f)
    };
    ($m:ident all $r:ident $f:tt) => {
        select!(@ $m $r [Float32 f32, Float64 f64, Int32 i32, Int64 i64, UInt8 u8, Bool bool] $f)
    };
    ($m:ident logic $r:ident $f:tt) => { select!(@ $m $r [Bool bool] $f) };
    (@ $m:ident same [$($d:ident $t:tt),*] $f:tt) => {
        |t: &[DType], _| match t[0] {
            $(DType::$d => Some($m!($t => $t, $f)),)*
            _ => None,
        }
    };
    (@ $m:ident bool [$($d:ident $t:tt),*] $f:tt) => {
        |t: &[DType], _| match t[0] {
            $(DType::$d => Some($m!($t => bool, $f)),)*
            _ => None,
        }
    };
}

#[cfg(target_arch = "x86_64")]
pub(super) use kinds;
pub(super) use {compiled_loop, first, in_packets, is_some, loop1, loop2, register_loop, select};
