//! NumPy's docstrings, point by point with other numbers: arithmetic, functions and reductions. Recorded from NumPy 2.4.6
//! (`fixtures/make_docs_np.py`): element type, shape and every printed digit.

#[macro_use]
#[path = "support/values.rs"]
mod values;

use flowbook::Array;
use flowbook::np;
use values::{Inputs, inputs};

const RECORDED: &str = include_str!("fixtures/docs_np.txt");

#[test]
fn rounding_and_remainders() {
    let Inputs { m, f, v, t, s, .. } = inputs();
    let x = np::array([-2.5, -1.5, -0.2, 0.2, 1.5, 2.5]);
    results! {
        around_2: np::around([1.2345, 2.675, -0.005], 2);
        around_m1: np::around([15, 24, 25, 1350], -1);
        around_half: np::round([0.5, 1.5, 2.5, 3.5, 4.5]);
        round_int: np::around([1, 2, 37], 1);
        round_f32: s.round(1);
        round_neg_f: np::around(&f * 100, -2);
        trunc: np::trunc(&x);
        fix: np::fix(&x);
        rint: np::rint(&x);
        ceil: np::ceil(&x);
        floor: np::floor(&x);
        sign_f: np::sign([-5.0, 4.5, 0.0, np::nan]);
        abs_t: np::abs(&t);
        clip_m: np::clip(&m, 0, 6);
        clip_each: v.clip([3, 4, 1, 1, 4], 8);
        fmod: np::fmod([-5, -3, 4, 6], 3);
        r#mod: np::mod_([-5, -3, 4, 6], 3);
        fmod_f: np::fmod([5.0, 3.0], [2.0, 2.5]);
        divmod_q: np::divmod(&v, 3).0;
        divmod_r: np::divmod(&-&v, 3).1;
        float_power: np::float_power([1, 2, 4], -2);
        reciprocal_i: np::reciprocal([1, 2, -1, 5]);
        reciprocal_f: np::reciprocal([1.0, 4.0]);
        true_divide: np::true_divide(&m, 4);
        floor_neg: np::floor_divide([7.0, -7.0], 2);
        power_f: np::power([2.0, 3.0], [-1, 2]);
        square_i: np::square(&m);
    }
}

#[test]
fn functions_of_one_and_two() {
    let Inputs { m, .. } = inputs();
    results! {
        cbrt: np::cbrt([1, 27, -8]);
        exp2: np::exp2([2.0, 3.5]);
        log2: np::log2([0.25, 8.0, 1.0]);
        log10: np::log10([1e-5, 1000.0]);
        log_0: np::log([1.0, np::e, np::e.powi(3), 0.0]);
        expm1: np::expm1(1e-9);
        log1p: np::log1p(1e-12);
        hypot: np::hypot(5.0 * np::ones((2, 2)), 12.0 * np::ones((2, 2)));
        arctan2: np::arctan2([-1, 1, 1, -1], [-1, -1, 1, 1]);
        arctan2_deg: np::arctan2([-1, 1], [1, -1]) * 180 / np::pi;
        deg2rad: np::deg2rad([30, 180]);
        degrees: np::degrees([np::pi / 3.0, 2.0]);
        sinc: np::sinc([0.0, 0.5, 1.5]);
        arcsinh: np::arcsinh([np::e, 10.0]);
        arccosh: np::arccosh([np::e, 10.0]);
        arctanh: np::arctanh([0.0, -0.5]);
        copysign: np::copysign([1.3, -2.0, 4.0], [-1.0, 1.0, -0.0]);
        heaviside: np::heaviside([-1.5, 0.0, 2.0], 1);
        fmax: np::fmax([2.0, np::nan, 1.0], [1.0, 5.0, np::nan]);
        fmin: np::fmin(&m, 4);
        maximum_nan: np::maximum([2.0, np::nan, 1.0], [1.0, 5.0, np::nan]);
        maximum_outer: np::maximum(np::eye(2), [0.5, 2.0]);
        logaddexp: np::logaddexp([-1000.0, 2.0], [-1000.5, 3.0]);
        neg_zero: np::negative([0.0, 1.0]);
        sqrt_neg: np::sqrt([4.0, -1.0, np::inf]);
    }
}

#[test]
fn integers_booleans_and_casts() {
    let Inputs { t, u, .. } = inputs();
    results! {
        gcd: np::gcd(np::array(0..6), 20);
        lcm: np::lcm(np::array(0..6), 20);
        and_i: np::bitwise_and([13, 11, 14], 7);
        or_i: np::bitwise_or([13, 2], [16, 9]);
        xor_t: &t ^ np::array([true, true, false, true]);
        invert_i: np::invert([13, -1, 0]);
        invert_u: !&u;
        left_shift: np::left_shift(5, [1, 2, 3]);
        right_shift: np::array([10, -20]) >> 2;
        logical_xor: np::logical_xor([1, 0, 2], [0, 0, 5]);
        signbit: np::signbit([-1.2, 0.0, -0.0]);
        isfinite: np::isfinite([1.0, np::inf, np::nan]);
        isclose_1: np::isclose([1e10, 1e-7], [1.00001e10, 1e-8]);
        isclose_inf: np::isclose([np::inf, 1.0, np::nan], [np::inf, np::inf, np::nan]);
        nan_to_num: np::nan_to_num([np::inf, -np::inf, np::nan, -12.5]);
        nan_to_num_s: np::nan_to_num([f32::NAN, 2.0]);
        u_wrap: &u + &u;
        u_sub: np::array([1u8]) - np::array([2u8]);
        cast_u: np::array([300.0, -1.0, 1e20, np::nan, 255.9]).astype(np::uint8);
        cast_i32: np::array([3e9, -3e9, np::nan, -7.9]).astype(np::int32);
        cast_i64: np::array([1e30, np::inf, -0.9]).astype(np::int64);
        cast_t: np::array([0.0, -0.0, np::nan, 2.0]).astype(np::bool_);
        bool_sum: &t + &t;
        bool_mul: &t * 2.5;
        int_div_0: np::floor_divide([1, -1], 0);
        f_div_0: np::array([1.0, -1.0, 0.0]) / 0;
    }
}

#[test]
fn reductions() {
    let Inputs { m, f, cube, v, t, s, u, .. } = inputs();
    let long = np::linspace(0.9, 1.1, 77);
    results! {
        sum_01: np::sum(&cube).axis((0, 1));
        sum_t: np::sum(&t);
        mean_0: np::mean(&m).axis(0);
        mean_t: np::mean(&t);
        std_1: np::std(&m).axis(1);
        var_ddof: np::var(&f).ddof(1);
        std_ddof_0: np::std(&m).axis(0).ddof(1);
        ptp: np::ptp(&m);
        ptp_0: np::ptp(&f).axis(0);
        average: np::average(&v);
        average_w: np::average(1..6).weights([5, 4, 3, 2, 1]);
        average_axis: np::average(&m).axis(1).weights([0.25, 0.5, 0.25]);
        average_all: np::average(&f).weights(np::abs(&f));
        average_keep: np::average(&m).axis(0).keepdims();
        median_odd: np::median(&v);
        median_even: np::median(&m);
        median_0: np::median(&m).axis(0);
        median_1: np::median(&f).axis(1);
        median_keep: np::median(&m).axis(1).keepdims();
        median_tenths: np::median([0.1, 0.2]);
        percentile_50: np::percentile(&m, 50);
        percentile_0: np::percentile(&f, 30).axis(0);
        percentile_many: np::percentile(&v, [0, 25, 100]);
        percentile_many_1: np::percentile(&m, [10, 90]).axis(1);
        percentile_s: np::percentile(&s, 40);
        percentile_s_many: np::percentile(&s, [40]);
        quantile: np::quantile(&v, 0.3);
        quantile_keep: np::quantile(&m, 0.5).axis(0).keepdims();
        prod_long: np::prod(&long);
        prod_s: np::prod(long.astype(np::float32));
        argmax_0: np::argmax(&m).axis(0);
        argmin_keep: np::argmin(&m).axis(1).keepdims();
        all_1: np::all(&m).axis(1);
        max_t: np::max(&t);
        min_u: np::min(&u);
        mean_empty: np::mean(np::zeros(0));
        bincount: np::bincount([4, 1, 1, 0]);
    }
}

#[test]
fn reductions_without_nan() {
    let Inputs { m, h, .. } = inputs();
    results! {
        any_0: np::any(np::greater(&h, 4)).axis(0);
        nansum: np::nansum(&h);
        nansum_0: np::nansum(&h).axis(0);
        nanmean: np::nanmean(&h);
        nanmean_0: np::nanmean(&h).axis(0);
        nanstd_1: np::nanstd(&h).axis(1);
        nanvar: np::nanvar(&h);
        nanvar_ddof: np::nanvar(&h).ddof(1);
        nanmax_0: np::nanmax(&h).axis(0);
        nanmin: np::nanmin(&h);
        nanmax_i: np::nanmax(&m);
        nanargmax_1: np::nanargmax(&h).axis(1);
        nanargmin: np::nanargmin(&h);
        nanprod: np::nanprod(&h);
        nanmedian: np::nanmedian(&h);
        nanmedian_1: np::nanmedian(&h).axis(1);
        nanpercentile: np::nanpercentile(&h, 30);
        all_nan: np::nanmax([np::nan, np::nan]);
    }
}
