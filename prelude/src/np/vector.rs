//! `float32` functions as NumPy computes them, with fused multiply-add and the same polynomials: the same last
//! digits, in loops the compiler turns into vector instructions.
#![allow(clippy::excessive_precision, reason = "NumPy's coefficients, digit for digit")]

#[cfg(target_arch = "x86_64")]
use crate::ops::simd::{Level, level};

/// A function over a slice, compiled for the vector unit where there is one, with a fallback for old processors.
macro_rules! vector_function {
    ($(#[$doc:meta])* $name:ident => $one:ident, $plain:expr) => {
        $(#[$doc])*
        pub(super) fn $name(v: &[f32]) -> Vec<f32> {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn vectorised(v: &[f32]) -> Vec<f32> {
                    v.iter().map(|x| $one(*x)).collect()
                }
                if level() < Level::Avx2 {
                    return v.iter().map($plain).collect();
                }
                // SAFETY: the processor has the features the function is compiled for.
                unsafe { vectorised(v) }
            }
            #[cfg(not(target_arch = "x86_64"))]
            v.iter().map(|x| $one(*x)).collect()
        }
    };
}
vector_function! {
    /// e to the power of each element.
    exp => exp_one, |x| x.exp()
}
vector_function! {
    /// The natural logarithm of each element.
    log => log_one, |x| x.ln()
}

/// Adding and taking away 1.5 * 2^23 rounds to a whole number, which then stands in the low bits.
const ROUND: f32 = 12_582_912.0;

#[inline(always)]
fn exp_one(x: f32) -> f32 {
    const LARGEST: f32 = 88.72283935546875;
    const SMALLEST: f32 = -103.97208404541015625;
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let power = shifted - ROUND;
    // ln 2 in two parts, so that the remainder is exact to the last bit.
    let rest = power.mul_add(-1.42860677e-6, power.mul_add(-6.93145752e-1, x));
    let above = rest
        .mul_add(5.082762527590693718096e-04, 6.757896990527504603057e-03)
        .mul_add(rest, 5.114512081637298353406e-02)
        .mul_add(rest, 2.473615434895520810817e-01)
        .mul_add(rest, 7.257664613233124478488e-01)
        .mul_add(rest, 9.999999999980870924916e-01);
    let below = rest.mul_add(2.159509375685829852307e-02, -2.742335390411667452936e-01).mul_add(rest, 1.0);
    let n = shifted.to_bits() as i32 - ROUND.to_bits() as i32;
    let result = above / below * power_of_two(n / 2) * power_of_two(n - n / 2);
    if x > LARGEST {
        f32::INFINITY
    } else if x < SMALLEST {
        0.0
    } else {
        result
    }
}

/// 2^n for an n in the range of normal numbers.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) << 23) as u32)
}

#[inline(always)]
fn log_one(x: f32) -> f32 {
    // Denormal numbers are scaled into the normal range first.
    let tiny = x < f32::MIN_POSITIVE;
    let scaled = if tiny { x * 8_388_608.0 } else { x };
    let bits = scaled.to_bits();
    let exponent = (bits >> 23) as i32 - if tiny { 150 } else { 127 };
    let mantissa = f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000);
    let high = mantissa > std::f32::consts::SQRT_2;
    let rest = if high { mantissa * 0.5 } else { mantissa } - 1.0;
    let exponent = exponent as f32 + if high { 1.0 } else { 0.0 };
    let above = rest
        .mul_add(2.589979117907922693523e-02, 3.808837741388407920751e-01)
        .mul_add(rest, 1.480000633576506585156e+00)
        .mul_add(rest, 2.112677543073053063722e+00)
        .mul_add(rest, 9.999999999999998702752e-01)
        .mul_add(rest, 0.0);
    let below = rest
        .mul_add(5.875095403124574342950e-03, 1.546476374983906719538e-01)
        .mul_add(rest, 9.864942958519418960339e-01)
        .mul_add(rest, 2.453006071784736363091e+00)
        .mul_add(rest, 2.612677543073109236779e+00)
        .mul_add(rest, 1.0);
    let result = exponent.mul_add(std::f32::consts::LN_2, above / below);
    if x > 0.0 && x < f32::INFINITY {
        result
    } else if x == 0.0 {
        f32::NEG_INFINITY
    } else if x == f32::INFINITY {
        x
    } else {
        f32::NAN
    }
}
