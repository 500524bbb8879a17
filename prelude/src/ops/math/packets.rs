//! Eigen's formulas for packets of elements (as of TensorFlow 2.20), which is why constants and the order of operations
//! are what they are: both decide about the last bit. Reciprocals, which Eigen takes from an approximation that differs
//! from processor to processor, are divisions here.

/// `1.5 * 2^23`: adding it to a small number leaves the nearest integer in the low bits.
const ROUNDING: f32 = 12_582_912.0;
/// The natural logarithm of 2 in two parts, of which the first times a small integer is exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
/// The same in `f64`.
const LN_2_64: [f64; 2] = [0.693_145_751_953_125, 1.428_606_820_309_417_3e-6];

/// The integer that a small float is.
#[inline(always)]
fn integer(n: f32) -> i32 {
    ((n + ROUNDING).to_bits() as i32).wrapping_sub(ROUNDING.to_bits() as i32)
}

/// `2^k` where that is a normal number.
#[inline(always)]
fn power(k: i32) -> f32 {
    f32::from_bits((k.wrapping_add(127) << 23) as u32)
}

/// `y * 2^n` for the integers of a float's exponent.
#[inline(always)]
fn scaled(y: f32, n: f32) -> f32 {
    let n = integer(n);
    // Two factors, because 2^n alone leaves f32's range at both ends.
    let half = n >> 1;
    y * power(half) * power(n.wrapping_sub(half))
}

#[inline(always)]
fn scaled_64(y: f64, n: f64) -> f64 {
    use super::ROUNDING;
    let n = ((n + ROUNDING).to_bits() as i64).wrapping_sub(ROUNDING.to_bits() as i64);
    let power = |k: i64| f64::from_bits((k.wrapping_add(1023) << 52) as u64);
    let half = n >> 1;
    y * power(half) * power(n.wrapping_sub(half))
}

/// `n` and `r` of `x = n log(2) + r`.
#[inline(always)]
fn octaves(x: f32) -> (f32, f32) {
    let n = (x * std::f32::consts::LOG2_E + 0.5).floor();
    (n, n * -LN_2[1] + (n * -LN_2[0] + x))
}

/// The polynomial with these coefficients, the highest first.
#[inline(always)]
fn polynomial<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    coefficients.into_iter().reduce(|sum, c| sum * x + c).unwrap_or(0.0)
}

#[inline(always)]
fn polynomial_64<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    coefficients.into_iter().reduce(|sum, c| sum * x + c).unwrap_or(0.0)
}

#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let (n, r) = octaves(x.clamp(-104.0, 88.723));
    let r2 = r * r;
    let even = r2 * (r2 * 1.374_496_4e-3 + 4.166_965_2e-2) + 0.499_999_88;
    let odd = r2 * 8.368_945e-3 + 0.166_665_18;
    scaled(r2 * (r * odd + even) + (r + 1.0), n)
}

#[inline(always)]
pub(super) fn exp_64(x: f64) -> f64 {
    let x = x.clamp(-745.519, 709.784);
    let n = (std::f64::consts::LOG2_E * x + 0.5).floor();
    let r = x - n * LN_2_64[0] - n * LN_2_64[1];
    let r2 = r * r;
    let p = r * polynomial_64(r2, [0.000_126_177_193_074_810_58, 0.030_299_440_770_744_195, 1.0]);
    let q = polynomial_64(r2, [3.001_985_051_386_644_6e-6, 0.002_524_483_403_496_841, 0.227_265_548_208_155_03, 2.0]);
    scaled_64(2.0 * (p / (q - p)) + 1.0, n)
}

/// Exponent and fraction, of which the fraction is from `sqrt(1/2)` to `sqrt(2)` and comes less 1.
#[inline(always)]
fn parts(x: f32) -> (f32, f32) {
    let tiny = x < f32::MIN_POSITIVE;
    let bits = (if tiny { x * 16_777_216.0 } else { x }).to_bits();
    let e = ((bits >> 23) as i32 - 126) as f32 - if tiny { 24.0 } else { 0.0 };
    let m = f32::from_bits((bits & 0x007f_ffff) | 0x3f00_0000);
    let low = m < std::f32::consts::FRAC_1_SQRT_2;
    (e - if low { 1.0 } else { 0.0 }, (m - 1.0) + if low { m } else { 0.0 })
}

#[inline(always)]
pub(super) fn ln(x: f32) -> f32 {
    let (e, m) = parts(x);
    let p = m * polynomial(m, [0.182_562_96, 1.0, 1.0]);
    let q = polynomial(m, [0.049_616_247, 0.599_232_5, 1.5, 1.0]);
    let y = e * std::f32::consts::LN_2 + p / q;
    let y = if x == f32::INFINITY { x } else { y };
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    if x < 0.0 || x.is_nan() { f32::NAN } else { y }
}

#[inline(always)]
pub(super) fn ln_64(x: f64) -> f64 {
    let tiny = x < f64::MIN_POSITIVE;
    let bits = (if tiny { x * 18_014_398_509_481_984.0 } else { x }).to_bits();
    // Through 32 bits, because not every processor makes floats of 64 at once.
    let e = f64::from((bits >> 52) as i32 - 1022) - if tiny { 54.0 } else { 0.0 };
    let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3fe0_0000_0000_0000);
    let low = m < std::f64::consts::FRAC_1_SQRT_2;
    let (e, m) = (e - if low { 1.0 } else { 0.0 }, (m - 1.0) + if low { m } else { 0.0 });
    let (m2, m3) = (m * m, m * m * m);
    let p = polynomial_64(m, [0.000_101_875_663_804_580_93, 0.497_494_994_976_747, 4.705_791_198_788_817]) * m3
        + polynomial_64(m, [14.498_922_534_161_093, 17.936_867_850_781_983, 7.708_387_337_558_854]);
    let q = polynomial_64(m, [1.0, 11.287_358_718_916_746, 45.227_914_583_753_225]) * m3
        + polynomial_64(m, [82.987_526_691_277_67, 71.154_475_061_856_39, 23.125_162_012_676_533]);
    let y = e * std::f64::consts::LN_2 + (m + (-0.5 * m2 + p * m3 / q));
    let y = if x == f64::INFINITY { x } else { y };
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    if x < 0.0 || x.is_nan() { f64::NAN } else { y }
}

/// Kahan's formula.
#[inline(always)]
pub(super) fn ln_1p(x: f32) -> f32 {
    let y = x + 1.0;
    let log = ln(y);
    if y == 1.0 || y == log { x } else { x * (log / (y - 1.0)) }
}

/// Kahan's formula.
#[inline(always)]
pub(super) fn exp_m1(x: f32) -> f32 {
    let y = exp(x);
    let (less, log) = (y - 1.0, ln(y));
    let result = if log == y { y } else { less * (x / log) };
    let result = if less == -1.0 { -1.0 } else { result };
    if y == 1.0 { x } else { result }
}

#[inline(always)]
pub(super) fn tanh(x: f32) -> f32 {
    // From here on the result is 1.
    let x = x.clamp(-7.907_389_6, 7.907_389_6);
    let x2 = x * x;
    let p = polynomial(x2, [1.394_553_6e-8, 2.102_733_6e-5, 3.520_756_7e-3, 0.134_021_61]);
    let q = polynomial(x2, [8.015_777e-7, 3.326_951_4e-4, 2.597_254_5e-2, 0.467_354_83, 1.0]);
    (x2 * x * p + x) / q
}

#[inline(always)]
pub(super) fn tanh_64(x: f64) -> f64 {
    let x = x.clamp(-17.714_196_154_005_176, 17.714_196_154_005_176);
    let x2 = x * x;
    let p = polynomial_64(
        x2,
        [
            2.615_800_786_048_223e-23,
            7.653_486_226_874_932e-19,
            3.130_948_823_138_668e-15,
            4.230_391_814_820_918e-12,
            2.461_837_913_129_367_6e-9,
            6.864_436_768_249_707e-7,
            9.383_908_767_426_888e-5,
            0.005_980_971_172_444_116,
            0.151_847_196_402_843_22,
        ],
    );
    let q = polynomial_64(
        x2,
        [
            6.463_747_022_670_968e-21,
            5.782_506_856_739_004e-17,
            1.293_019_623_712_688e-13,
            1.123_643_448_069_622e-10,
            4.492_975_677_839_634e-8,
            8.785_185_266_237_659e-6,
            0.000_829_516_119_271_623_2,
            0.034_374_481_084_504_03,
            0.485_180_529_736_176_04,
            1.0,
        ],
    );
    (x2 * x * p + x) / q
}

/// `exp(x) / (1 + exp(x))` by `exp(x / 2)^2`, whose factors leave f32's range at neither end; at the lower bound it is 0.
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    let (n, r) = octaves(x.clamp(-104.0, 16.635_532) * 0.5);
    let r2 = r * r;
    let even = r2 * 4.189_866_8e-2 + 0.499_991_42;
    let odd = r2 * 8.334_713e-3 + 0.166_668_77;
    let p = r2 * (r * odd + even) + (r + 1.0);
    let e = p * power(integer(n));
    let e = e * e;
    e / (1.0 + e)
}

#[inline(always)]
#[expect(clippy::approx_constant, reason = "a coefficient of a fit")]
pub(super) fn erf(x: f32) -> f32 {
    let x2 = x * x;
    let x2 = if x2 > 16.0 { 16.0 } else { x2 };
    let p =
        x * polynomial(x2, [2.123_732_2e-6, 2.861_979_6e-4, 3.658_048_3e-3, 5.243_302e-2, 0.187_416_08, 1.128_379_1]);
    let q = polynomial(x2, [3.891_857_3e-5, 1.143_296e-3, 1.475_208_8e-2, 0.112_945_676, 0.499_425_8, 1.0]);
    (p / q).clamp(-1.0, 1.0)
}

/// `1 - erf(x)`, which keeps its digits where `erf` is near 1.
#[inline(always)]
#[expect(clippy::approx_constant, reason = "as above")]
pub(super) fn erfc(x: f32) -> f32 {
    let x = x.clamp(-11.0, 11.0);
    let x2 = x * x;
    let small =
        polynomial(x2, [5.618_023e-4, -4.913_816_7e-3, 2.670_751_5e-2, -0.112_800_11, 0.376_122_95, -1.128_379_1]) * x
            + 1.0;
    // What rounding took from the square.
    let lost = (f64::from(x) * f64::from(x) - f64::from(x2)) as f32;
    let power = exp(-x2);
    let power = power - power * lost;
    let q2 = 1.0 / x2;
    let p = polynomial(q2, [0.102_081_165, 0.429_206_67, 0.323_790_8, 5.397_197_6e-2]);
    let q = x * polynomial(q2, [1.725_167_8e-2, 0.391_371_64, 1.0, 0.621_732_4, 9.566_286e-2]);
    let large = power * (p / q) + if x < 0.0 { 2.0 } else { 0.0 };
    if x2 > 1.0 { large } else { small }
}

#[inline(always)]
pub(super) fn atan(x: f32) -> f32 {
    let size = x.abs();
    let large = size > 1.0;
    let y = if large { 1.0 / size } else { size };
    let y2 = y * y;
    let p = polynomial(y2, [0.112_026_98, 0.729_669_6, 0.810_995_1]);
    let q = polynomial(y2, [1.009_171_1e-2, 0.283_185_6, 1.0, 0.810_995_1]);
    let y = y * (p / q);
    (if large { std::f32::consts::FRAC_PI_2 - y } else { y }).copysign(x)
}

/// A quarter turn in parts, of which the first times a small integer are exact.
const QUARTER: [f32; 4] = [-1.570_312_5, -4.839_897_2e-4, 1.628_650_4e-7, 5.564_431_6e-11];

/// How many quarter turns, and what is left: `|x|` is at most half of one.
#[inline(always)]
fn quarters(x: f32) -> (u32, f32) {
    let x = x.abs();
    let shifted = x * std::f32::consts::FRAC_2_PI + ROUNDING;
    let n = shifted - ROUNDING;
    (shifted.to_bits(), QUARTER.into_iter().fold(x, |x, part| n * part + x))
}

/// The sine and the cosine of at most an eighth turn.
#[inline(always)]
fn of_small(x: f32) -> (f32, f32) {
    let x2 = x * x;
    let cos = polynomial(x2, [2.437_226_6e-5, -1.388_652e-3, 4.166_662e-2, -0.5, 1.0]);
    let sin = polynomial(x2, [-1.959_234e-4, 8.332_687e-3, -0.166_666_63]) * x2;
    (sin * x + x, cos)
}

#[inline(always)]
pub(super) fn sin(x: f32) -> f32 {
    // From here on the parts of a quarter turn do not do.
    if x.abs() >= 25_966.0 {
        return f32::sin(x);
    }
    let (n, rest) = quarters(x);
    let (sin, cos) = of_small(rest);
    let y = if n & 1 == 0 { sin } else { cos };
    f32::from_bits(y.to_bits() ^ ((x.to_bits() ^ (n << 30)) & 0x8000_0000))
}

#[inline(always)]
pub(super) fn cos(x: f32) -> f32 {
    if x.abs() >= 18_838.0 {
        return f32::cos(x);
    }
    let (n, rest) = quarters(x);
    let (sin, cos) = of_small(rest);
    let y = if n & 1 == 0 { cos } else { sin };
    f32::from_bits(y.to_bits() ^ ((n.wrapping_add(1) << 30) & 0x8000_0000))
}
