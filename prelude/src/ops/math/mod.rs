//! Scalar mathematics of the elementwise ops. TensorFlow computes whole packets of elements (8 of `f32`, 4 of `f64`) by
//! Eigen's formulas and the few that are left by the C library; both are here, with the same roundings, so that the
//! results have the same bits. Which element is computed how is decided in `elementwise::loops`.

mod packets;
#[cfg(test)]
mod tests;

/// Functions of which packets have formulas of their own. They are written so that loops over them vectorise: no
/// branches, and no fused multiply-adds, which TensorFlow's builds for all processors do not have.
pub(crate) trait Real: Copy {
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn ln_1p(self) -> Self;
    fn exp_m1(self) -> Self;
    fn sin(self) -> Self;
    fn cos(self) -> Self;
    fn atan(self) -> Self;
    fn tanh(self) -> Self;
    fn erf(self) -> Self;
    fn erfc(self) -> Self;
    fn sigmoid(self) -> Self;
    fn softplus(self) -> Self;
    /// The same for elements that do not fill a packet. Where there is none, it is the standard library's.
    fn exp_alone(self) -> Self;
    fn ln_alone(self) -> Self;
    fn tanh_alone(self) -> Self;
    fn sigmoid_alone(self) -> Self;
    fn softplus_alone(self) -> Self;
}

/// `log(1 + exp(x))`, of which one term is too small to count beyond these bounds.
macro_rules! softplus {
    ($x:expr, $exp:expr, $ln_1p:path, $bound:expr) => {{
        let exp = $exp;
        if $x > $bound {
            $x
        } else if $x < -$bound {
            exp
        } else {
            $ln_1p(exp)
        }
    }};
}

/// `-log(epsilon) - 2` of the types.
const FAR: f32 = 13.942_385;
const FAR_64: f64 = 34.043_653_389_117_154;

impl Real for f32 {
    #[inline(always)]
    fn exp(self) -> f32 {
        packets::exp(self)
    }
    #[inline(always)]
    fn ln(self) -> f32 {
        packets::ln(self)
    }
    #[inline(always)]
    fn ln_1p(self) -> f32 {
        packets::ln_1p(self)
    }
    #[inline(always)]
    fn exp_m1(self) -> f32 {
        packets::exp_m1(self)
    }
    #[inline(always)]
    fn sin(self) -> f32 {
        packets::sin(self)
    }
    #[inline(always)]
    fn cos(self) -> f32 {
        packets::cos(self)
    }
    #[inline(always)]
    fn atan(self) -> f32 {
        packets::atan(self)
    }
    #[inline(always)]
    fn tanh(self) -> f32 {
        packets::tanh(self)
    }
    #[inline(always)]
    fn erf(self) -> f32 {
        packets::erf(self)
    }
    #[inline(always)]
    fn erfc(self) -> f32 {
        packets::erfc(self)
    }
    #[inline(always)]
    fn sigmoid(self) -> f32 {
        packets::sigmoid(self)
    }
    #[inline(always)]
    fn softplus(self) -> f32 {
        softplus!(self, packets::exp(self), packets::ln_1p, FAR)
    }
    #[inline(always)]
    fn exp_alone(self) -> f32 {
        exp_by_table(self)
    }
    fn ln_alone(self) -> f32 {
        f32::ln(self)
    }
    /// Eigen has its formula for packets for single numbers too.
    #[inline(always)]
    fn tanh_alone(self) -> f32 {
        packets::tanh(self)
    }
    #[inline(always)]
    fn sigmoid_alone(self) -> f32 {
        // From here on the result is 1.
        let exp = exp_by_table(if self > 16.635_532 { 16.635_532 } else { self });
        exp / (1.0 + exp)
    }
    #[inline(always)]
    fn softplus_alone(self) -> f32 {
        softplus!(self, exp_by_table(self), f32::ln_1p, FAR)
    }
}

impl Real for f64 {
    #[inline(always)]
    fn exp(self) -> f64 {
        packets::exp_64(self)
    }
    #[inline(always)]
    fn ln(self) -> f64 {
        packets::ln_64(self)
    }
    fn ln_1p(self) -> f64 {
        f64::ln_1p(self)
    }
    fn exp_m1(self) -> f64 {
        f64::exp_m1(self)
    }
    fn sin(self) -> f64 {
        f64::sin(self)
    }
    fn cos(self) -> f64 {
        f64::cos(self)
    }
    fn atan(self) -> f64 {
        f64::atan(self)
    }
    #[inline(always)]
    fn tanh(self) -> f64 {
        packets::tanh_64(self)
    }
    /// Abramowitz and Stegun 7.1.6 (series) for small, 7.1.14 (continued fraction) for large arguments.
    fn erf(self) -> f64 {
        let x = self.abs();
        if x < 3.0 {
            let (mut term, mut sum, mut n) = (x, x, 0.0);
            while term.abs() > 1e-17 * sum.abs() {
                n += 1.0;
                term *= 2.0 * x * x / (2.0 * n + 1.0);
                sum += term;
            }
            return (std::f64::consts::FRAC_2_SQRT_PI * f64::exp(-x * x) * sum).copysign(self);
        }
        (1.0 - beyond(x)).copysign(self)
    }
    fn erfc(self) -> f64 {
        if self < 3.0 { 1.0 - Real::erf(self) } else { beyond(self) }
    }
    #[inline(always)]
    fn sigmoid(self) -> f64 {
        ratio(packets::exp_64(self))
    }
    /// There is no formula of `log(1 + x)` for packets of `f64`, and so all is computed alone.
    fn softplus(self) -> f64 {
        self.softplus_alone()
    }
    fn exp_alone(self) -> f64 {
        f64::exp(self)
    }
    fn ln_alone(self) -> f64 {
        f64::ln(self)
    }
    fn tanh_alone(self) -> f64 {
        f64::tanh(self)
    }
    fn sigmoid_alone(self) -> f64 {
        ratio(f64::exp(self))
    }
    fn softplus_alone(self) -> f64 {
        softplus!(self, f64::exp(self), f64::ln_1p, FAR_64)
    }
}

/// What lies beyond `x`, which is not small, under the curve of [`Real::erf`].
fn beyond(x: f64) -> f64 {
    let fraction = (1..=60).rev().fold(x, |tail, k| x + f64::from(k) / 2.0 / tail);
    f64::exp(-x * x) / (fraction * std::f64::consts::PI.sqrt())
}

#[inline(always)]
fn ratio(exp: f64) -> f64 {
    if exp == f64::INFINITY { 1.0 } else { exp / (1.0 + exp) }
}

/// For every 32nd part `i` of an octave the bits of `2^(i / 32)`, less `i` where the exponent's 32nd parts would be.
static OCTAVE: [u64; 32] = [
    0x3ff0_0000_0000_0000,
    0x3fef_d9b0_d315_8574,
    0x3fef_b558_6cf9_890f,
    0x3fef_9301_d012_5b51,
    0x3fef_72b8_3c7d_517b,
    0x3fef_5487_3168_b9aa,
    0x3fef_387a_6e75_6238,
    0x3fef_1e9d_f51f_dee1,
    0x3fef_06fe_0a31_b715,
    0x3fee_f1a7_373a_a9cb,
    0x3fee_dea6_4c12_3422,
    0x3fee_ce08_6061_892d,
    0x3fee_bfda_d536_2a27,
    0x3fee_b42b_569d_4f82,
    0x3fee_ab07_dd48_5429,
    0x3fee_a47e_b03a_5585,
    0x3fee_a09e_667f_3bcd,
    0x3fee_9f75_e8ec_5f74,
    0x3fee_a114_73eb_0187,
    0x3fee_a589_994c_ce13,
    0x3fee_ace5_422a_a0db,
    0x3fee_b737_b0cd_c5e5,
    0x3fee_c491_82a3_f090,
    0x3fee_d503_b23e_255d,
    0x3fee_e89f_995a_d3ad,
    0x3fee_ff76_f2fb_5e47,
    0x3fef_199b_dd85_529c,
    0x3fef_3720_dcef_9069,
    0x3fef_5818_dcfb_a487,
    0x3fef_7c97_337b_9b5f,
    0x3fef_a4af_a2a4_90da,
    0x3fef_d076_5b6e_4540,
];

/// `2^(r / 32)` as a polynomial: the coefficients of its cube, its square and itself.
const PART: [f64; 3] = [1.693_835_925_092_021_2e-6, 2.345_980_978_950_900_4e-4, 2.166_084_939_661_313_4e-2];

/// `1.5 * 2^52`: adding it to a small number leaves the nearest integer in the low bits.
const ROUNDING: f64 = 6_755_399_441_055_744.0;

/// The C library's `expf`: `2^(k / 32) * 2^(r / 32)` in `f64`, of which the second factor is a polynomial.
#[inline(always)]
fn exp_by_table(x: f32) -> f32 {
    let z = f64::from(x.clamp(-104.0, 89.0)) * (std::f64::consts::LOG2_E * 32.0);
    let shifted = z + ROUNDING;
    let k = shifted.to_bits();
    let power = f64::from_bits(OCTAVE[(k % 32) as usize].wrapping_add(k << 47));
    let r = z - (shifted - ROUNDING);
    let [a, b, c] = PART;
    (((a * r + b) * (r * r) + (c * r + 1.0)) * power) as f32
}

/// [`Real::sigmoid_alone`] of the first eight lanes, with the table in registers; the others hold no values of meaning.
///
/// # Safety
/// The processor has AVX-512.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
#[inline]
pub(crate) unsafe fn sigmoid_alone_lanes(x: std::arch::x86_64::__m512) -> std::arch::x86_64::__m512 {
    use std::arch::x86_64::*;
    // SAFETY: the table has four registers of eight.
    unsafe {
        // Not a number stays what it is: the second operand is the one that such a comparison gives.
        let x = _mm256_min_ps(_mm256_set1_ps(16.635_532), _mm512_castps512_ps256(x));
        let x = _mm256_max_ps(_mm256_set1_ps(-104.0), x);
        let z = _mm512_mul_pd(_mm512_cvtps_pd(x), _mm512_set1_pd(std::f64::consts::LOG2_E * 32.0));
        let rounding = _mm512_set1_pd(ROUNDING);
        let shifted = _mm512_add_pd(z, rounding);
        let k = _mm512_castpd_si512(shifted);
        let part = |i: usize| _mm512_loadu_si512(OCTAVE.as_ptr().add(8 * i).cast());
        let low = _mm512_permutex2var_epi64(part(0), k, part(1));
        let high = _mm512_permutex2var_epi64(part(2), k, part(3));
        let octave = _mm512_mask_blend_epi64(_mm512_test_epi64_mask(k, _mm512_set1_epi64(16)), low, high);
        let power = _mm512_castsi512_pd(_mm512_add_epi64(octave, _mm512_slli_epi64::<47>(k)));
        let r = _mm512_sub_pd(z, _mm512_sub_pd(shifted, rounding));
        let (set, [a, b, c]) = (|x: f64| _mm512_set1_pd(x), PART);
        let high = _mm512_fmadd_pd(set(a), r, set(b));
        let low = _mm512_fmadd_pd(set(c), r, set(1.0));
        let y = _mm512_fmadd_pd(high, _mm512_mul_pd(r, r), low);
        let exp = _mm512_cvtpd_ps(_mm512_mul_pd(y, power));
        let sigmoid = _mm256_div_ps(exp, _mm256_add_ps(_mm256_set1_ps(1.0), exp));
        _mm512_castps256_ps512(sigmoid)
    }
}

/// What integers and floats divide and take remainders by alike: towards minus infinity, as Python.
pub(crate) trait Number: Copy {
    fn floor_div(self, by: Self) -> Self;
    fn floor_mod(self, by: Self) -> Self;
    fn power(self, exponent: Self) -> Self;
}

macro_rules! float_number {
    ($t:ty) => {
        impl Number for $t {
            fn floor_div(self, by: $t) -> $t {
                (self / by).floor()
            }
            fn floor_mod(self, by: $t) -> $t {
                let r = self % by;
                if r != 0.0 && (r < 0.0) != (by < 0.0) { r + by } else { r }
            }
            fn power(self, exponent: $t) -> $t {
                if exponent == 2.0 { self * self } else { self.powf(exponent) }
            }
        }
    };
}
float_number!(f32);
float_number!(f64);

macro_rules! int_number {
    ($t:ty) => {
        impl Number for $t {
            #[allow(unused_comparisons, reason = "one rule for signed and unsigned")]
            fn floor_div(self, by: $t) -> $t {
                let q = self.wrapping_div(by);
                if self.wrapping_rem(by) != 0 && (self < 0) != (by < 0) { q - 1 } else { q }
            }
            #[allow(unused_comparisons, reason = "one rule for signed and unsigned")]
            fn floor_mod(self, by: $t) -> $t {
                let r = self.wrapping_rem(by);
                if r != 0 && (r < 0) != (by < 0) { r + by } else { r }
            }
            fn power(self, exponent: $t) -> $t {
                self.wrapping_pow(u32::try_from(exponent).unwrap_or(0))
            }
        }
    };
}
int_number!(i32);
int_number!(i64);
int_number!(u8);

/// Arithmetic that means the same for floats and wraps for integers.
pub(crate) trait Arithmetic: Copy {
    fn plus(self, y: Self) -> Self;
    fn minus(self, y: Self) -> Self;
    fn times(self, y: Self) -> Self;
    fn wrapping_negated(self) -> Self;
    fn magnitude(self) -> Self;
    fn sign_of(self) -> Self;
    fn nought(self) -> Self;
    fn six(self) -> Self;
    /// Within 0 and 6, or not a number.
    fn within_six(self) -> Self;
    /// Whether it is not a number, which wins in `maximum` and `minimum`.
    fn is_odd_one(self) -> bool;
}

macro_rules! arithmetic {
    (float $($t:ty),*) => { $(impl Arithmetic for $t {
        #[inline(always)] fn plus(self, y: $t) -> $t { self + y }
        #[inline(always)] fn minus(self, y: $t) -> $t { self - y }
        #[inline(always)] fn times(self, y: $t) -> $t { self * y }
        #[inline(always)] fn wrapping_negated(self) -> $t { -self }
        #[inline(always)] fn magnitude(self) -> $t { self.abs() }
        #[inline(always)] fn sign_of(self) -> $t { if self > 0.0 { 1.0 } else if self < 0.0 { -1.0 } else { self + 0.0 } }
        #[inline(always)] fn nought(self) -> $t { 0.0 }
        #[inline(always)] fn six(self) -> $t { 6.0 }
        #[inline(always)] fn within_six(self) -> $t { self.clamp(0.0, 6.0) }
        #[inline(always)] fn is_odd_one(self) -> bool { self.is_nan() }
    })* };
    (int $($t:ty),*) => { $(impl Arithmetic for $t {
        #[inline(always)] fn plus(self, y: $t) -> $t { self.wrapping_add(y) }
        #[inline(always)] fn minus(self, y: $t) -> $t { self.wrapping_sub(y) }
        #[inline(always)] fn times(self, y: $t) -> $t { self.wrapping_mul(y) }
        #[inline(always)] fn wrapping_negated(self) -> $t { self.wrapping_neg() }
        #[inline(always)] #[allow(unused_comparisons)] fn magnitude(self) -> $t { if self < 0 { self.wrapping_neg() } else { self } }
        #[inline(always)] #[allow(unused_comparisons)] fn sign_of(self) -> $t { if self > 0 { 1 } else if self < 0 { (0 as $t).wrapping_sub(1) } else { 0 } }
        #[inline(always)] fn nought(self) -> $t { 0 }
        #[inline(always)] fn six(self) -> $t { 6 }
        #[inline(always)] fn within_six(self) -> $t { self.clamp(0, 6) }
        #[inline(always)] fn is_odd_one(self) -> bool { false }
    })* };
}
arithmetic!(float f32, f64);
arithmetic!(int i32, i64, u8);
