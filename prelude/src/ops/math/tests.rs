//! The functions beside the standard library's in `f64`, at their limits, and beside the C library's `expf`.

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

/// The same for `f64`, with an error relative to the result.
fn check_64(name: &str, range: (f64, f64), ours: fn(f64) -> f64, exact: fn(f64) -> f64) {
    for i in 0..=100_000 {
        let x = range.0 + (range.1 - range.0) * f64::from(i) / 100_000.0;
        let (got, want) = (ours(x), exact(x));
        assert!((got - want).abs() <= 1.2e-15 * want.abs().max(1e-300), "{name}({x}) = {got}, not {want}");
    }
}

#[test]
fn exp_is_close() {
    check("exp", (-87.0, 88.7), Real::exp, f64::exp, 2.0);
    check_64("exp", (-700.0, 700.0), Real::exp, f64::exp);
    assert_eq!(Real::exp(f32::NEG_INFINITY), 0.0);
    assert_eq!(Real::exp(f32::INFINITY), f32::INFINITY);
    assert!(Real::exp(f32::NAN).is_nan() && Real::exp(f64::NAN).is_nan());
    assert_eq!((Real::exp(0.0f32), Real::exp(0.0f64)), (1.0, 1.0));
    assert_eq!((Real::exp(f64::NEG_INFINITY), Real::exp(f64::INFINITY)), (0.0, f64::INFINITY));
}

/// Glibc's `expf` has the same table and polynomial, so every bit must be the same.
#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn exp_of_single_numbers_is_the_c_librarys() {
    let steps = (0..0x42d0_0000_u32).step_by(997);
    for x in steps.flat_map(|bits| [f32::from_bits(bits), -f32::from_bits(bits)]) {
        assert_eq!(Real::exp_alone(x).to_bits(), f32::exp(x).to_bits(), "exp({x})");
    }
    assert_eq!(Real::exp_alone(f32::NEG_INFINITY), 0.0);
    assert_eq!(Real::exp_alone(f32::INFINITY), f32::INFINITY);
    assert!(Real::exp_alone(f32::NAN).is_nan());
}

#[test]
fn ln_is_close() {
    check("ln", (1e-30, 0.9), Real::ln, f64::ln, 2.0);
    check("ln", (1.1, 1e30), Real::ln, f64::ln, 2.0);
    check("ln", (1e-45, 1e-38), Real::ln, f64::ln, 2.0);
    check_64("ln", (1e-30, 0.9), Real::ln, f64::ln);
    check_64("ln", (1.1, 1e30), Real::ln, f64::ln);
    check_64("ln", (5e-324, 1e-308), Real::ln, f64::ln);
    assert_eq!((Real::ln(0.0f32), Real::ln(0.0f64)), (f32::NEG_INFINITY, f64::NEG_INFINITY));
    assert_eq!((Real::ln(1.0f32), Real::ln(1.0f64)), (0.0, 0.0));
    assert_eq!((Real::ln(f32::INFINITY), Real::ln(f64::INFINITY)), (f32::INFINITY, f64::INFINITY));
    assert!(Real::ln(-1.0f32).is_nan() && Real::ln(f32::NAN).is_nan() && Real::ln(-1.0f64).is_nan());
}

#[test]
fn small_exponentials_and_logarithms_are_close() {
    check("ln_1p", (-0.9, 10.0), Real::ln_1p, f64::ln_1p, 4.0);
    check("exp_m1", (-20.0, 80.0), Real::exp_m1, f64::exp_m1, 6.0);
    assert_eq!((Real::ln_1p(1e-20f32), Real::exp_m1(1e-20f32)), (1e-20, 1e-20));
    assert_eq!((Real::ln_1p(f32::INFINITY), Real::exp_m1(f32::INFINITY)), (f32::INFINITY, f32::INFINITY));
    assert_eq!((Real::ln_1p(-1.0f32), Real::exp_m1(f32::NEG_INFINITY)), (f32::NEG_INFINITY, -1.0));
}

#[test]
fn tanh_and_sigmoid_are_close() {
    check("tanh", (-10.0, 10.0), Real::tanh, f64::tanh, 4.0);
    check_64("tanh", (-20.0, 20.0), Real::tanh, f64::tanh);
    check("sigmoid", (-80.0, 80.0), Real::sigmoid, |x| 1.0 / (1.0 + (-x).exp()), 4.5);
    check("sigmoid", (-80.0, 80.0), Real::sigmoid_alone, |x| 1.0 / (1.0 + (-x).exp()), 2.0);
    for sigmoid in [Real::sigmoid, Real::sigmoid_alone] as [fn(f32) -> f32; 2] {
        assert_eq!((sigmoid(f32::NEG_INFINITY), sigmoid(0.0), sigmoid(f32::INFINITY)), (0.0, 0.5, 1.0));
        assert!(sigmoid(f32::NAN).is_nan());
    }
    assert_eq!((Real::sigmoid(f64::NEG_INFINITY), Real::sigmoid(800.0)), (0.0, 1.0));
}

/// The table in registers gives what the table in memory does.
#[test]
#[cfg(target_arch = "x86_64")]
fn sigmoid_in_registers_has_the_same_bits() {
    if crate::ops::simd::level() != crate::ops::simd::Level::Avx512 {
        return;
    }
    let numbers = (-40_000..40_000).map(|i| i as f32 / 370.0);
    let all: Vec<f32> =
        numbers.chain([f32::NEG_INFINITY, f32::INFINITY, 1e-30, -0.0, 1e30, -200.0, 16.7, -1e30]).collect();
    for eight in all.as_chunks::<8>().0 {
        let mut lanes = [0.0; 16];
        lanes[..8].copy_from_slice(eight);
        // SAFETY: the processor has the instructions, and arrays of sixteen numbers are registers.
        let got: [f32; 16] = unsafe {
            std::mem::transmute(super::sigmoid_alone_lanes(
                std::mem::transmute::<[f32; 16], crate::ops::register::Lanes>(lanes),
            ))
        };
        for (x, got) in eight.iter().zip(got) {
            assert_eq!(got.to_bits(), x.sigmoid_alone().to_bits(), "sigmoid({x})");
        }
    }
    // SAFETY: as above.
    let got: [f32; 16] = unsafe {
        std::mem::transmute(super::sigmoid_alone_lanes(std::mem::transmute::<[f32; 16], crate::ops::register::Lanes>(
            [f32::NAN; 16],
        )))
    };
    assert!(got[..8].iter().all(|x| x.is_nan()));
}

#[test]
fn softplus_is_close() {
    let exact = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    // Far from 0 one of the two terms is left out.
    check("softplus", (-80.0, 80.0), Real::softplus, exact, 6.0);
    check("softplus", (-80.0, 80.0), Real::softplus_alone, exact, 4.0);
}

#[test]
fn angles_are_close() {
    for i in -100_000..=100_000 {
        let x = i as f32 / 3_000.0;
        let wide = f64::from(x);
        // Near its roots an error of a sine is one of the unit circle.
        assert!((f64::from(Real::sin(x)) - wide.sin()).abs() < 1.2e-7, "sin({x})");
        assert!((f64::from(Real::cos(x)) - wide.cos()).abs() < 1.2e-7, "cos({x})");
    }
    check("atan", (-30.0, 30.0), Real::atan, f64::atan, 4.0);
    assert!(Real::sin(f32::INFINITY).is_nan() && Real::cos(f32::NAN).is_nan());
    assert_eq!((Real::sin(1e10f32), Real::cos(1e10f32)), (f32::sin(1e10), f32::cos(1e10)));
    assert_eq!(Real::atan(f32::NEG_INFINITY), -std::f32::consts::FRAC_PI_2);
}

#[test]
fn erfc_is_close() {
    check("erfc", (-4.0, 9.0), Real::erfc, Real::erfc, 8.0);
}

/// Values of Abramowitz and Stegun, table 7.1.
#[test]
fn erf_is_the_tabulated_one() {
    for (x, want) in [(0.5_f64, 0.520_499_877_8), (1.0, 0.842_700_792_9), (2.0, 0.995_322_265_0), (3.5, 0.999_999_257)]
    {
        assert!((Real::erf(x) - want).abs() < 1e-9_f64 && (Real::erf(-x) + want).abs() < 1e-9);
        assert!((f64::from(Real::erf(x as f32)) - want).abs() < 3e-7);
        assert!((Real::erfc(x) - (1.0 - want)).abs() < 1e-9_f64 && (Real::erfc(-x) - (1.0 + want)).abs() < 1e-9);
    }
}
