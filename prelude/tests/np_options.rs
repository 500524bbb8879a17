//! Optional arguments of NumPy's functions, and functions beyond the first lessons: distances, differences, histograms,
//! counts, distinct elements, borders, quantiles, grids, pieces. Recorded from NumPy 2.4.6 (`fixtures/make_np_options.py`):
//! element type, shape and every printed digit, and the class and text of errors.

mod support;
#[macro_use]
#[path = "support/values.rs"]
mod values;

use flowbook::np::{self, bins, inf, nan, num};
use flowbook::{Array, s};
use support::message;
use values::{Inputs, inputs};

const RECORDED: &str = include_str!("fixtures/np_options.txt");

#[test]
fn numbers_at_even_distances() {
    let (int, single) = (np::int64, np::float32);
    results! {
        arange_1: np::arange!(5);
        arange_1f: np::arange!(3.5);
        arange_0: np::arange!(0);
        arange_2: np::arange!(2, 7);
        arange_2f: np::arange!(1, 3.5);
        arange_mixed: np::arange(0, 1, 0.3);
        arange_down: np::arange!(5, 0, -2);
        arange_none: np::arange!(5, 2);
        lin_open: np::linspace(0, 10, num(5).endpoint(false));
        lin_open_1: np::linspace(3, 10, num(1).endpoint(false));
        lin_int: np::linspace(0, 9, num(5).dtype(int));
        lin_neg_int: np::linspace(-5, 5, num(4).dtype(int));
        lin_f32: np::linspace(0, 1, num(4).dtype(single));
        lin_0: np::linspace(1, 2, 0);
        lin_same: np::linspace(2, 2, 3);
        lin_down: np::linspace(1, -1, num(5).endpoint(false));
        lin_step: np::array(np::linspace_step(0, 1, 11).1);
        lin_step_open: np::array(np::linspace_step(0, 1, num(8).endpoint(false)).1);
        lin_step_1: np::array(np::linspace_step(0, 1, 1).1);
        log_base: np::logspace(0, 5, num(6).base(2));
        log_open: np::logspace(0, 2, num(4).endpoint(false));
        log_int: np::logspace(0, 3, num(4).dtype(int));
        geom_open: np::geomspace(1, 1000, num(3).endpoint(false));
        geom_neg: np::geomspace(-1, -8, 4);
        geom_int: np::geomspace(1, 256, num(9).dtype(int));
    }
    errors! {
        lin_negative: np::linspace(0, 1, -2);
        geom_zero: np::geomspace(0, 10, 3);
    }
    assert!(message(|| np::arange(1, 5, 0)).starts_with("ZeroDivisionError: division by zero"));
}

#[test]
fn closeness() {
    let a = || np::array([1.0, 1.1, nan, inf, -inf, 0.0]);
    let b = || np::array([1.0001, 1.0, nan, inf, inf, 1e-9]);
    results! {
        close: np::isclose(a(), b());
        close_rtol: np::isclose(a(), b()).rtol(1e-3);
        close_atol: np::isclose(a(), b()).atol(0.2);
        close_nan: np::isclose(a(), b()).equal_nan(true);
        close_exact: np::isclose(a(), b()).rtol(0).atol(0);
        close_int: np::isclose([10, 20], [11, 20]).atol(1);
        close_all: np::isclose([1.0, 2.0], [1.1, 2.1]).atol(0.2).all();
        close_not: np::isclose([1.0, 2.0], [1.1, 2.3]).atol(0.2).all();
        close_grid: np::isclose([[1.0], [2.0]], [1.0, 2.0]);
    }
    let wrong = message(|| np::isclose([1, 2], [1, 2, 3]).to_string());
    assert_eq!(wrong, "ValueError: operands could not be broadcast together with shapes (2,) (3,)");
}

#[test]
fn differences_slopes_and_areas() {
    let Inputs { m, f, cube, v, t, u, s, .. } = &inputs();
    let (x3, y3) = (&np::array([0.0, 1.0, 1.5, 3.5, 4.0, 6.0]), &np::array([1.0, 2.0, 4.0, 7.0, 11.0, 16.0]));
    results! {
        diff_n0: np::diff(v).n(0);
        diff_n3: np::diff(v).n(3);
        diff_n9: np::diff(v).n(9);
        diff_n_axis: np::diff(m).n(1).axis(0);
        diff_axis_neg: np::diff(cube).n(2).axis(-2);
        diff_prepend: np::diff(v).prepend(0);
        diff_append: np::diff(v).append([5, 6]);
        diff_both: np::diff(m).prepend(0).append(100);
        diff_rows: np::diff(m).axis(0).prepend([[1, 1, 1]]);
        diff_bool2: np::diff(t).n(2);
        diff_uint: np::diff(u);
        diff_empty: np::diff(np::zeros(0));
        diff_one: np::diff([5]);
        diff_f32: np::diff(s).n(2);
        grad_points: np::gradient(y3, x3);
        grad_points_2: np::gradient(y3, x3).edge_order(2);
        grad_2: np::gradient(y3, 1).edge_order(2);
        grad_h_2: np::gradient(y3, 0.5).edge_order(2);
        grad_axis: np::gradient(f, 1).axis(0);
        grad_axis_1: np::gradient(f, 2.0).axis(1);
        grad_neg: np::gradient(cube * cube, 1).axis(-2);
        grad_even_points: np::gradient(y3, np::array(0..6) * 2);
        grad_two: np::gradient([1.0, 4.0], 1);
        grad_f32: np::gradient(s, 1);
        grad_rows: np::gradient(m, [1.0, 3.0]).axis(0);
        grad_points_axis: np::gradient(f, [0.0, 1.0, 4.0]).axis(1);
        trap_axis: np::trapezoid(f, 1).axis(0);
        trap_points: np::trapezoid(f, [0, 1, 3]).axis(1);
        trap_grid: np::trapezoid(f, f * 2);
        trap_cube: np::trapezoid(cube, 0.5).axis(1);
        trap_one: np::trapezoid([5.0], 1);
        trap_points_axis: np::trapezoid(m, [1, 4]).axis(0);
    }
    errors! {
        diff_scalar: np::diff(3);
        diff_no_axis: np::diff(v).axis(1);
        diff_bad_prepend: np::diff(m).prepend([[1, 2]]).to_string();
        grad_short: np::gradient([1.0, 2.0], 1).edge_order(2).to_string();
        grad_order: np::gradient([1.0, 2.0, 3.0, 4.0], 1).edge_order(3).to_string();
        grad_length: np::gradient([1.0, 2.0, 3.0], [0.0, 1.0]).to_string();
        grad_2d_points: np::gradient([1.0, 2.0], [[0.0, 1.0]]).to_string();
    }
}

#[test]
fn values_in_between() {
    let (xp, fp) = ([0, 1, 2], [5, 6, 8]);
    results! {
        interp_left: np::interp([-1.0, 0.5, 9.0], xp, fp).left(-7);
        interp_right: np::interp([-1, 2, 9], xp, fp).right(0.5);
        interp_both: np::interp([[-3.0, 1.25], [nan, 4.0]], xp, fp).left(nan).right(99);
        interp_period: np::interp([-180, -170, 5, 185, 350, 365], [190, -190, 350, -350], [5, 10, 3, 4]).period(360);
        interp_angle: np::interp(725, [0, 90, 270], [1.0, 2.0, 4.0]).period(360);
        interp_f32: np::interp(inputs().s, [1.0, 5.0], [10.0, 50.0]);
    }
    let none: [f64; 0] = [];
    errors! {
        interp_empty: np::interp(1, none, none);
        interp_lengths: np::interp(1, [1, 2], [1]);
        interp_period_0: np::interp(1, [1, 2], [1, 2]).period(0).to_string();
    }
}

#[test]
fn histograms() {
    let Inputs { v, t, u, .. } = &inputs();
    let data = &np::array([1.0, 2.5, 2.5, 3.0, 4.75, 9.0, 9.5, 10.0, -1.0]);
    let steps = np::array(0..500);
    let many = &(np::sin(&steps) * 3 + &steps % 7);
    let nine = &np::array(0..9);
    let halves = &(nine / 2);
    let counts = |rule: &str| np::histogram(many, rule).0;
    results! {
        hist_range: np::histogram(data, bins(5).range(0, 10)).0;
        hist_range_edges: np::histogram(data, bins(5).range(0, 10)).1;
        hist_density: np::histogram(data, bins(4).density(true)).0;
        hist_weights: np::histogram(data, bins(3).weights(nine)).0;
        hist_weights_f: np::histogram(data, bins(3).weights(halves)).0;
        hist_density_weights: np::histogram(data, bins([-1, 2, 3, 10]).weights(halves).density(true)).0;
        hist_uneven: np::histogram(data, bins([0.0, 1.0, 5.0, 9.5]).density(true)).0;
        hist_auto: counts("auto");
        hist_auto_edges: np::histogram_bin_edges(many, "auto");
        hist_fd: counts("fd");
        hist_sturges: counts("sturges");
        hist_scott: counts("scott");
        hist_rice: counts("rice");
        hist_sqrt: counts("sqrt");
        hist_doane: counts("doane");
        hist_auto_int: np::histogram_bin_edges(v, "auto");
        hist_auto_range: np::histogram_bin_edges(data, bins("sqrt").range(0, 5));
        hist_nan: np::histogram([1.0, 2.0], bins(2).range(0, 4)).0;
        hist_bool: np::histogram(t, bins(2).range(0, 1)).0;
        hist_empty: np::histogram(np::zeros(0), 3).0;
        hist_u8: np::histogram(u, 4).0;
    }
    errors! {
        hist_bad_range: np::histogram(data, bins(3).range(5, 1));
        hist_no_bins: np::histogram(data, 0);
        hist_rule: np::histogram(data, "best");
        hist_infinite: np::histogram([1.0, inf], 3);
        hist_nan_range: np::histogram(data, bins(3).range(0, nan));
        hist_falling: np::histogram(data, [3, 1]);
        hist_weights_shape: np::histogram(data, bins(3).weights([1, 2]));
        hist_auto_weights: np::histogram(data, bins("auto").weights(nine));
    }
}

#[test]
fn histograms_of_points() {
    let (x, y) = (&np::array([0.1, 0.9, 1.4, 2.2, 2.9, 2.9]), &np::array([1.0, 3.0, 2.0, 2.5, 1.0, 4.0]));
    let (counts, xedges, yedges) = np::histogram2d(x, y, 3);
    results! {
        hist2: counts;
        hist2_x: xedges;
        hist2_y: yedges;
        hist2_pair: np::histogram2d(x, y, [2, 4]).0;
        hist2_edges: np::histogram2d(x, y, [0.0, 1.5, 3.0, 4.0]).0;
        hist2_density: np::histogram2d(x, y, bins(2).density(true)).0;
        hist2_weights: np::histogram2d(x, y, bins(2).weights(0..6)).0;
    }
    errors! {
        hist2_lengths: np::histogram2d([1, 2], [1], 2);
    }
}

#[test]
fn counts_and_places_in_order() {
    let Inputs { m, v, t, .. } = &inputs();
    let none = &np::zeros(0).astype(np::int64);
    let words = &np::array(["pear", "fig", "apple", "fig"]);
    let sorted = &np::sort(words);
    let falling = [5, 3, 1];
    results! {
        count_weights: np::bincount([0, 1, 1, 3]).weights([0.5, 1.0, 2.0, 4.0]);
        count_min: np::bincount([2, 1]).minlength(6);
        count_min_less: np::bincount([4]).minlength(2);
        count_empty: np::bincount(none);
        count_empty_min: np::bincount(none).minlength(3);
        count_bool: np::bincount(t);
        count_u8: np::bincount([1u8, 1, 3]);
        digit_right: np::digitize([0.0, 1.0, 2.5, 4.0], [0.0, 1.0, 2.5]).right(true);
        digit_left: np::digitize([0.0, 1.0, 2.5, 4.0], [0.0, 1.0, 2.5]);
        digit_falling: np::digitize(falling, falling);
        digit_falling_right: np::digitize(falling, falling).right(true);
        digit_grid: np::digitize(m, [0, 5]);
        digit_none: np::digitize([1, 2], np::zeros(0));
        search_side: np::searchsorted([1, 2, 2, 3], [2, 0, 9]).side("right");
        search_sorter: np::searchsorted([3, 1, 2], [2, 3]).sorter([1, 2, 0]);
        search_words: np::searchsorted(sorted, ["fig", "kiwi"]);
        search_words_right: np::searchsorted(sorted, ["fig", "kiwi"]).side("right");
        search_nan: np::searchsorted([1.0, 2.0, nan], [nan, 5.0]);
        search_empty: np::searchsorted(np::zeros(0), [1, 2]);
        part_at: np::partition(v, 2).at(&[2]);
        part_low: np::partition(v, 2).slice(s![..2]);
        part_neg: np::partition(v, -1).at(&[-1]);
        part_axis: np::partition(m, 0).axis(0).row(0);
        argpart_at: v.take(np::argpartition(v, 1)).row(1);
        argpart_rows: np::take_along_axis(m, np::argpartition(m, 1).axis(1), 1).slice(s![.., 1]);
        lex: np::lexsort([[4, 1, 3, 1], [1, 1, 0, 1]]);
        lex_three: np::lexsort([[1, 0, 1], [2, 2, 2], [0, 0, 0]]);
        lex_one: np::lexsort([[3, 1, 2]]);
        lex_words: np::lexsort([words]);
        lex_empty: np::lexsort([np::zeros(0)]);
    }
    errors! {
        count_negative: np::bincount([1, -1]);
        count_lengths: np::bincount([1, 2]).weights([1.0]).to_string();
        count_2d: np::bincount([[1], [2]]);
        digit_order: np::digitize([1], [1, 3, 2]);
        part_far: np::partition(v, 9);
        search_side_bad: np::searchsorted([1], 1).side("middle");
    }
}

#[test]
fn distinct_elements() {
    let Inputs { v, t, .. } = &inputs();
    let dup = &np::array([[1, 0, 1], [2, 2, 0], [1, 0, 1], [0, 5, 5]]);
    let (_, index, inverse, _) = np::unique_all(v);
    results! {
        uniq_rows: np::unique(dup).axis(0);
        uniq_columns: np::unique(dup).axis(1);
        uniq_neg: np::unique(dup).axis(-1);
        uniq_nan: np::unique([nan, 1.0, nan]).slice(s![..2]);
        uniq_bool: np::unique(t);
        uniq_empty: np::unique(np::zeros(0));
        uniq_grid: np::unique(dup);
        uniq_index: index;
        uniq_inverse: inverse;
        uniq_inverse_grid: np::unique_all(dup).2;
        uniq_counts: np::unique_all(dup).3;
        uniq_all_index: np::unique_all(dup).1;
        xor: np::setxor1d([5, 1, 2, 1], [2, 7]);
        xor_f: np::setxor1d([0.5, 2.0], [2, 3]);
    }
    errors! {
        uniq_axis: np::unique(v).axis(1);
    }
    let words = np::unique(["pear", "fig", "apple", "fig"]).to_vec::<String>();
    assert_eq!(words, ["apple", "fig", "pear"]);
}

#[test]
fn borders() {
    let Inputs { m, f, v, t, u, s, .. } = &inputs();
    results! {
        pad_value: np::pad(m, 1, "constant").constant_values(7);
        pad_pair: np::pad(v, [1, 2], "constant").constant_values([8, 9]);
        pad_each: np::pad(m, [[1, 0], [0, 2]], "constant").constant_values([[1, 2], [3, 4]]);
        pad_ramp: np::pad(v, [2, 3], "linear_ramp");
        pad_ramp_end: np::pad(v, [2, 3], "linear_ramp").end_values([5, -4]);
        pad_ramp_f: np::pad(f, 1, "linear_ramp").end_values(10);
        pad_mean: np::pad(v, 2, "mean");
        pad_mean_f: np::pad(f, [[1, 1], [0, 2]], "mean");
        pad_median: np::pad(v, [1, 2], "median");
        pad_max: np::pad(m, 1, "maximum");
        pad_min: np::pad(f, 1, "minimum");
        pad_stat: np::pad(v, 2, "mean").stat_length(2);
        pad_stat_pair: np::pad(v, 2, "maximum").stat_length([1, 3]);
        pad_stat_min: np::pad(m, [[0, 1], [2, 0]], "minimum").stat_length(1);
        pad_odd: np::pad(v, [2, 3], "reflect").reflect_type("odd");
        pad_odd_far: np::pad([1, 2, 4], 5, "reflect").reflect_type("odd");
        pad_odd_symmetric: np::pad(v, [2, 3], "symmetric").reflect_type("odd");
        pad_odd_grid: np::pad(m, 1, "reflect").reflect_type("odd");
        pad_bool: np::pad(t, 1, "constant");
        pad_f32: np::pad(s, [0, 2], "mean");
        pad_u8: np::pad(u, 1, "constant").constant_values(255);
        pad_empty_constant: np::pad(np::zeros(0), 2, "constant");
        pad_none: np::pad(v, 0, "mean");
    }
    errors! {
        pad_mode: np::pad(v, 1, "mirror");
        pad_negative: np::pad(v, -1, "constant");
        pad_shape: np::pad(v, [1, 2, 3], "constant");
        pad_empty: np::pad(np::zeros(0), 1, "edge").to_string();
        pad_stat_0: np::pad(v, 1, "maximum").stat_length(0).to_string();
    }
}

#[test]
fn quantiles_by_every_method() {
    let Inputs { m, f, h, v, .. } = &inputs();
    let data = [7.0, 1.0, 4.0, 9.0, 2.5, 3.0];
    let places = [0.0, 0.1, 0.25, 0.5, 0.7, 0.95, 1.0];
    let methods = "inverted_cdf averaged_inverted_cdf closest_observation interpolated_inverted_cdf hazen weibull \
                   linear median_unbiased normal_unbiased lower higher midpoint nearest";
    for method in methods.split(' ') {
        let several = np::quantile(data, places).method(method).into();
        let one = np::percentile(v, 30).method(method).into();
        values::check(RECORDED, &[(&format!("q_{method}"), several), (&format!("qi_{method}"), one)]);
    }
    let infinite = [1.0, nan, inf, -inf];
    results! {
        q_rows: np::percentile(m, 50).axis(1).method("lower");
        q_keep: np::quantile(f, [0.2, 0.8]).axis(0).keepdims().method("hazen");
        q_nan: np::quantile(h, 0.5);
        nanq: np::nanquantile(h, 0.5);
        nanq_axis: np::nanquantile(h, [0.25, 0.5]).axis(0);
        nanp_method: np::nanpercentile(h, 60).method("higher");
        nancumsum: np::nancumsum(h);
        nancumsum_0: np::nancumsum(h).axis(0);
        nancumprod: np::nancumprod(h).axis(1);
        nancumsum_i: np::nancumsum(m);
        num_nan: np::nan_to_num(infinite).nan(-1);
        num_inf: np::nan_to_num(infinite).posinf(33).neginf(-33);
        num_f32: np::nan_to_num([f32::NAN, f32::INFINITY]).nan(2.5).posinf(7);
        num_int: np::nan_to_num(v).nan(3);
    }
    errors! {
        q_method: np::quantile(v, 0.5).method("best");
        q_range: np::quantile(v, 1.5);
        p_range: np::percentile(v, -1);
    }
}

#[test]
fn variables_that_vary_together() {
    let g3 = &np::array([[2.1, 2.5, 3.6, 4.0], [8.0, 10.0, 12.0, 14.0], [0.3, -0.2, 0.9, 0.1]]);
    let (g0, g1, g2) = (&g3.row(0), &g3.row(1), &g3.row(2));
    results! {
        cov_cols: np::cov(g3.t()).rowvar(false);
        cov_bias: np::cov(g3).bias(true);
        cov_ddof: np::cov(g3).ddof(0);
        cov_ddof_2: np::cov([g0, g1]).ddof(2);
        cov_xy: np::cov([g0, g1]);
        cov_row: np::cov(g0).rowvar(false);
        cov_one: np::cov(g1).ddof(0);
        cov_int: np::cov(inputs().m);
        corr: np::corrcoef(g3);
        corr_cols: np::corrcoef(g3.t()).rowvar(false);
        corr_xy: np::corrcoef([g0, g2]);
        corr_same: np::corrcoef([[1.0, 1.0], [2.0, 3.0]]);
    }
    errors! {
        cov_3d: np::cov(inputs().cube);
    }
}

#[test]
fn grids_and_blocks() {
    let Inputs { m, cube, v, .. } = &inputs();
    let (x, y) = ([1, 2, 3], [0.5, 1.5]);
    let ((gx, gy), (ix, iy)) = (np::meshgrid(x, y), np::meshgrid_ij(x, y));
    let (sx, sy) = np::meshgrid_sparse(x, y);
    let (eye, column, row) = (np::eye(2), np::zeros((2, 1)), np::ones((1, 2)));
    let part = |from: i32, to: i32| v.slice(s![from..to]);
    results! {
        mesh_x: gx;
        mesh_y: gy;
        mesh_ij_x: ix;
        mesh_ij_y: iy;
        mesh_sparse_sum: &sx + &sy;
        mesh_sparse_x: sx;
        mesh_sparse_y: sy;
        mgrid: np::mgrid((0..2, 3..6));
        mgrid_1: np::mgrid((0..3,));
        block: np::block([[&eye, &column], [&row, &np::array([[5.0]])]]);
        block_row: np::block([[1, 2, 3]]);
        block_vectors: np::block([[part(0, 2), part(2, 4)], [part(1, 3), part(3, 5)]]);
        r_ranges: np::r_((0..3, 5, 7..9));
        r_float: np::r_((1.5, 0..2));
        r_arrays: np::r_((v, 0, 0, part(0, 2)));
        r_rows: np::r_((m, m.slice(s![..1])));
        c_columns: np::c_([part(0, 3), part(2, 5)]);
        c_mixed: np::c_((m, [9, 9]));
        c_three: np::c_(([1, 2], y, [true, false]));
        dsplit: np::dsplit(cube, 2)[1].clone();
        eye_23: np::eye((2, 3));
        eye_k: np::eye((3, 3, 1));
        eye_k_neg: np::eye((3, 4, -2));
        eye_far: np::eye((2, 2, 5));
    }
    errors! {
        block_shapes: np::block([[np::ones((2, 2)), np::ones((3, 1))]]);
        dsplit_flat: np::dsplit(m, 2);
        r_shapes: np::r_((m, v));
    }
}

#[test]
fn functions_of_parts() {
    let Inputs { m, f, cube, v, .. } = &inputs();
    let (near, steps) = (np::arange!(6.0) - 2.5, np::array(0..6));
    results! {
        along_scalar: np::apply_along_axis(|r| r.row(0) + r.row(-1), 1, m);
        along_0: np::apply_along_axis(|r| r.max() - r.min(), 0, m);
        along_vector: np::apply_along_axis(|r| np::sort(r), 1, m);
        along_vector_0: np::apply_along_axis(|r| np::flip(r), 0, cube);
        along_grow: np::apply_along_axis(|r| np::outer(r, r), 1, m);
        along_middle: np::apply_along_axis(|r| r.slice(s![..2]) * 10, 1, cube);
        vector: np::vectorize(|x: i64| if x > 3 { x * x } else { -x })(m);
        vector_bool: np::vectorize(|x: f64| x > 1.0)(f);
        pieces: np::piecewise(&near, [np::less(&steps, 2), np::greater_equal(&steps, 4)], &[&|x| -x, &|x| x * 10]);
        pieces_else: np::piecewise(m, [np::less(m, 0), np::greater(m, 5)], &[&|x| x * x, &|x| x - 5, &|x| x * 100]);
        pieces_int: np::piecewise(v, [np::greater(v, 5)], &[&|x| x / 2]);
    }
    errors! {
        pieces_count: np::piecewise(v, [np::greater(v, 5)], &[&|x| x * 1, &|x| x * 2, &|x| x * 3]);
        along_axis: np::apply_along_axis(|r| r.sum(), 2, m);
    }
}

#[test]
fn writing_to_places() {
    let Inputs { m, f, v, .. } = &inputs();
    let changed = |x: &Array, change: &dyn Fn(&mut Array)| {
        let mut x = x.clone();
        change(&mut x);
        x
    };
    let largest = np::argmax(m).axis(0).keepdims();
    results! {
        put_axis: changed(m, &|x| np::put_along_axis(x, [[0], [2]], 99, 1));
        put_axis_0: changed(m, &|x| np::put_along_axis(x, &largest, [[1, 2, 3]], 0));
        put: changed(m, &|x| np::put(x, [0, -1, 2], [10, 20]));
        place: changed(f, &|x| np::place(x, np::greater(f, 1), [7, 8]));
        put_cast: changed(v, &|x| np::put(x, 1, 3.9));
        choose: np::choose([2, 0, 1, 0], [[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]);
        choose_grid: np::choose([[0, 1], [1, 0]], [-1, 5]);
        take_neg: np::take_along_axis(m, [[-1], [0]], 1);
    }
    errors! {
        put_far: np::put(&mut m.clone(), 6, 0);
        choose_far: np::choose([3], [[1], [2]]);
        put_axis_far: np::put_along_axis(&mut m.clone(), [[5]], 0, 1);
        take_axis_ndim: np::take_along_axis(m, [1], 1);
    }
}
