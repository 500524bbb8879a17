//! Scalar mathematics written so that loops over it vectorise: polynomials in fused multiply-adds and bit arithmetic,
//! no branches. Loops over it belong inside `simd::widest`: without the instruction a fused multiply-add is a call.
//! Accurate to about 2 units in the last place in `f32`; `f64` uses the standard library.

/// The functions an elementwise op may call on either float type.
pub(crate) trait Real: Copy {
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn tanh(self) -> Self;
    fn sigmoid(self) -> Self;
    fn erf(self) -> Self;
}

impl Real for f64 {
    fn exp(self) -> f64 {
        f64::exp(self)
    }
    fn ln(self) -> f64 {
        f64::ln(self)
    }
    fn tanh(self) -> f64 {
        f64::tanh(self)
    }
    fn sigmoid(self) -> f64 {
        1.0 / (1.0 + f64::exp(-self))
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
        let fraction = (1..=60).rev().fold(x, |tail, k| x + f64::from(k) / 2.0 / tail);
        (1.0 - f64::exp(-x * x) / (fraction * std::f64::consts::PI.sqrt())).copysign(self)
    }
}

/// `1.5 * 2^23`: adding it to a small number leaves the nearest integer in the low bits.
const ROUNDING: f32 = 12_582_912.0;

impl Real for f32 {
    /// `2^n * p(r)` with Cephes' polynomial, as Eigen's `pexp`. A NaN goes through every step as one.
    #[inline(always)]
    fn exp(self) -> f32 {
        let x = self.clamp(-104.0, 88.8);
        let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUNDING);
        let n = shifted - ROUNDING;
        let r = n.mul_add(-0.693_359_4, x);
        let r = n.mul_add(2.121_944_4e-4, r);
        let p = 1.987_569_1e-4_f32;
        let p = p.mul_add(r, 1.398_199_9e-3);
        let p = p.mul_add(r, 8.333_452e-3);
        let p = p.mul_add(r, 4.166_579_6e-2);
        let p = p.mul_add(r, 0.166_666_65);
        let p = p.mul_add(r, 0.5);
        let y = p.mul_add(r * r, r) + 1.0;
        // Two factors, because 2^n alone leaves f32's range at both ends.
        let n = shifted.to_bits().wrapping_sub(ROUNDING.to_bits()) as i32;
        let half = n >> 1;
        let power = |k: i32| f32::from_bits((k.wrapping_add(127) << 23) as u32);
        y * power(half) * power(n.wrapping_sub(half))
    }

    /// Cephes' `logf`, as Eigen's `plog`.
    #[inline(always)]
    fn ln(self) -> f32 {
        let tiny = self < f32::MIN_POSITIVE;
        let x = if tiny { self * 8_388_608.0 } else { self };
        let bits = x.to_bits();
        let mut e = ((bits >> 23) as i32 - 126) as f32 - if tiny { 23.0 } else { 0.0 };
        let mut m = f32::from_bits((bits & 0x007f_ffff) | 0x3f00_0000);
        let low = m < std::f32::consts::FRAC_1_SQRT_2;
        e -= if low { 1.0 } else { 0.0 };
        m = if low { m + m - 1.0 } else { m - 1.0 };
        let z = m * m;
        let p = 7.037_683_6e-2_f32;
        let p = p.mul_add(m, -0.115_146_1);
        let p = p.mul_add(m, 0.116_769_99);
        let p = p.mul_add(m, -0.124_201_41);
        let p = p.mul_add(m, 0.142_493_23);
        let p = p.mul_add(m, -0.166_680_58);
        let p = p.mul_add(m, 0.200_007_14);
        let p = p.mul_add(m, -0.249_999_94);
        let p = p.mul_add(m, 0.333_333_3);
        let y = e.mul_add(-2.121_944_4e-4, p * m * z);
        let y = z.mul_add(-0.5, y);
        let y = e.mul_add(0.693_359_4, m + y);
        let y = if self == f32::INFINITY { self } else { y };
        let y = if self == 0.0 { f32::NEG_INFINITY } else { y };
        if self < 0.0 || self.is_nan() { f32::NAN } else { y }
    }

    /// Cephes' `tanhf`: a polynomial near 0, exponentials elsewhere.
    #[inline(always)]
    fn tanh(self) -> f32 {
        let x = self.abs();
        let z = x * x;
        let p = -5.704_988_7e-3_f32;
        let p = p.mul_add(z, 2.063_908_9e-2);
        let p = p.mul_add(z, -5.373_971_6e-2);
        let p = p.mul_add(z, 0.133_314_42);
        let p = p.mul_add(z, -0.333_332_82);
        let small = p.mul_add(z * x, x);
        let large = 1.0 - 2.0 / (Real::exp(2.0 * x) + 1.0);
        let y = if x < 0.625 { small } else { large };
        y.copysign(self)
    }

    #[inline(always)]
    fn sigmoid(self) -> f32 {
        1.0 / (1.0 + Real::exp(-self))
    }

    fn erf(self) -> f32 {
        Real::erf(f64::from(self)) as f32
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

#[cfg(test)]
mod tests {
    use super::Real;

    /// The standard library in `f64` is the reference; the error is counted in units in the last place of `f32`.
    fn check(name: &str, range: (f32, f32), ours: fn(f32) -> f32, exact: fn(f64) -> f64, ulps: f64) {
        for i in 0..=100_000 {
            let x = range.0 + (range.1 - range.0) * i as f32 / 100_000.0;
            let (got, want) = (f64::from(ours(x)), exact(f64::from(x)));
            let ulp = f64::from(f32::EPSILON) * want.abs().max(f64::from(f32::MIN_POSITIVE));
            assert!((got - want).abs() <= ulps * ulp, "{name}({x}) = {got}, not {want}");
        }
    }

    #[test]
    fn exp_is_close() {
        check("exp", (-87.0, 88.7), Real::exp, f64::exp, 2.0);
        assert_eq!(Real::exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(Real::exp(f32::INFINITY), f32::INFINITY);
        assert!(Real::exp(f32::NAN).is_nan());
        assert_eq!(Real::exp(0.0f32), 1.0);
    }

    #[test]
    fn ln_is_close() {
        check("ln", (1e-30, 0.9), Real::ln, f64::ln, 2.0);
        check("ln", (1.1, 1e30), Real::ln, f64::ln, 2.0);
        assert_eq!(Real::ln(0.0f32), f32::NEG_INFINITY);
        assert_eq!(Real::ln(1.0f32), 0.0);
        assert_eq!(Real::ln(f32::INFINITY), f32::INFINITY);
        assert!(Real::ln(-1.0f32).is_nan() && Real::ln(f32::NAN).is_nan());
    }

    #[test]
    fn tanh_and_sigmoid_are_close() {
        check("tanh", (-10.0, 10.0), Real::tanh, f64::tanh, 2.0);
        check("sigmoid", (-80.0, 80.0), Real::sigmoid, |x| 1.0 / (1.0 + (-x).exp()), 4.0);
    }

    /// Values of Abramowitz and Stegun, table 7.1.
    #[test]
    fn erf_is_the_tabulated_one() {
        for (x, want) in
            [(0.5_f64, 0.520_499_877_8), (1.0, 0.842_700_792_9), (2.0, 0.995_322_265_0), (3.5, 0.999_999_257)]
        {
            assert!((Real::erf(x) - want).abs() < 1e-9_f64 && (Real::erf(-x) + want).abs() < 1e-9);
        }
    }
}
