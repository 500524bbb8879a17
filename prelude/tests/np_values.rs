//! Results of `np` against those recorded from NumPy 2.4 (`fixtures/make_numpy_values.py`), as printed: every shown
//! digit, shape and type.

use std::collections::HashMap;

use flowbook::np::{self, random};
use flowbook::{Array, s};

/// What NumPy gave: the element type and the text.
fn recorded() -> HashMap<&'static str, (&'static str, String)> {
    let lines = include_str!("fixtures/numpy_values.txt").lines();
    lines
        .map(|line| {
            let mut parts = line.splitn(3, '\t');
            let mut next = || parts.next().expect("three columns");
            (next(), (next(), next().replace("\\n", "\n")))
        })
        .collect()
}

/// Compares each named result with the recorded one.
#[track_caller]
fn check(results: &[(&str, Array)]) {
    let recorded = recorded();
    let mut wrong = String::new();
    for (name, ours) in results {
        let (dtype, text) = &recorded[name.trim_start_matches("r#")];
        if ours.repr() != *text || ours.dtype().name() != *dtype {
            wrong += &format!("{name}: {} {}\nNumPy: {dtype} {text}\n", ours.dtype().name(), ours.repr());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

struct Inputs {
    m: Array,
    i: Array,
    i32: Array,
    cube: Array,
    wave: Array,
    wave32: Array,
    holes: Array,
    b: Array,
    u: Array,
}

fn inputs() -> Inputs {
    let i = np::array([[7, -3, 2], [0, 5, -8]]);
    let wave = np::sin(np::array(0..1000) * 0.37) * 3;
    Inputs {
        m: np::array([[1.0f32, 4.0, 9.0], [16.0, 25.0, 36.0]]),
        i32: i.astype(np::int32),
        i,
        cube: np::arange(0.0, 24.0, 1.0).reshape((2, 3, 4)) / 7,
        wave32: wave.astype(np::float32),
        wave,
        holes: np::array([[1.0, np::nan], [3.0, 2.0]]),
        b: np::array([true, false, true]),
        u: np::array([1u8, 200, 255]),
    }
}

macro_rules! results {
    ($($name:ident: $value:expr;)*) => { check(&[$((stringify!($name), Array::from($value))),*]) };
}

#[test]
fn reductions() {
    let Inputs { m, i, i32, cube, wave, wave32, holes, b, .. } = inputs();
    results! {
        mean_m: np::mean(&m);
        sum_axis1: np::sum(&m).axis(1);
        sum_axis0: np::sum(&m).axis(0);
        sum_keep: m.sum().axis(1).keepdims();
        sum_i: i.sum();
        sum_i32: i32.sum();
        sum_b: b.sum();
        mean_i: i.mean();
        mean_i_0: i.mean().axis(0);
        sum_wave: wave.sum();
        sum_wave32: wave32.sum();
        mean_wave32: wave32.mean();
        std_wave: wave.std();
        std_wave32: wave32.std();
        var_m: m.var();
        var_m_0: m.var().axis(0);
        prod_m: m.prod();
        prod_i: i.row(0).prod();
        sum_cube_02: cube.sum().axis([0, 2]);
        sum_cube_1: cube.sum().axis(1);
        sum_cube_m1: cube.sum().axis(-1);
        max_cube_1: cube.max().axis(1);
        argmax_m: np::argmax(&m);
        argmax_m1: np::argmax(&m).axis(1);
        argmin_m0: np::argmin(&m).axis(0);
        argmax_cube: cube.argmax().axis(1);
        max_holes: holes.max();
        min_holes_0: holes.min().axis(0);
        argmax_holes: holes.argmax();
        max_i32: i32.max().axis(1);
        wave_rows: wave.reshape((10, 100)).sum().axis(1);
        wave_columns: wave.reshape((100, 10)).sum().axis(0);
        wave32_columns: wave32.reshape((100, 10)).sum().axis(0);
        wave32_rows: wave32.reshape((4, 250)).sum().axis(1);
        all_b: b.all();
        any_i0: i.any().axis(0);
        empty_sum: np::zeros(0).sum();
        empty_rows: np::zeros((2, 0)).sum().axis(1);
        big_mean: np::full(100_000, 0.1f32).mean();
    }
}

#[test]
fn products() {
    let Inputs { m, i, i32, cube, b, .. } = inputs();
    results! {
        dot: np::dot(&m, m.t());
        matvec: np::matmul(&i, [1, 2, 3]);
        vecmat: np::matmul([1.0, 2.0], &m);
        batch: np::matmul(&cube, cube.transpose(&[0, 2, 1]));
        batch_one: np::matmul(&cube, np::ones((4, 2)));
        one_batch: np::matmul(np::ones((2, 3)), &cube);
        dot_i32: i32.dot(i32.t());
        dot_b: np::dot(&b, &b);
    }
}

#[test]
fn operators_and_types() {
    let Inputs { m, i, i32, cube, b, u, .. } = inputs();
    results! {
        add_types: &m + &i;
        add_weak: &m + 1;
        add_weak_float: &m + 0.5;
        i32_weak: &i32 * 2;
        i32_half: &i32 * 0.5;
        i32_i: &i32 + &i;
        i32_m: &i32 + &m;
        u_i32: &u + np::array([1, 2, 3]).astype(np::int32);
        u_weak: &u + 1;
        b_weak: &b + 1;
        b_b: &b + &b;
        b_half: &b * 0.5;
        u_m: &u * &m;
        div_i: &i / 2;
        div_i32: &i32 / i32.row(0);
        floor_i: np::floor_divide(&i, 2);
        mod_i: &i % 3;
        mod_neg: &i % -3;
        floor_f: np::floor_divide([-7.5, 7.5, 1e9], 0.1);
        mod_f: np::array([-7.5, 7.5, -0.3]) % 2.0;
        mod_fneg: np::array([-7.5, 7.5]) % -2.0;
        pow_i: np::power(&i, 2);
        pow_f: np::power(&m, 0.5);
        neg_i: -&i;
        abs_i: np::abs(&i32);
        rsub: 1 - &m;
        rdiv: 1 / (1 + np::exp(-cube.row(0)));
        column: &m - m.mean().axis(1).keepdims();
        outer: np::array([[1], [2], [3]]) * [10, 20];
    }
}

#[test]
fn functions() {
    let Inputs { m, i, i32, cube, b, .. } = inputs();
    results! {
        max2: np::maximum(&i, 1);
        min2: np::minimum(&m, 10);
        clip: np::clip(&i, -2, 5);
        r#where: np::where_(np::greater(&i, 0), &i, 0);
        where_mixed: np::where_(&b, 1.5, 2);
        exp_m: np::exp(&m / 40);
        exp_wide: np::exp(np::linspace(-104.0, 89.0, 60).astype(np::float32));
        log_wide: np::log(np::power(10.0, np::linspace(-44.0, 38.0, 60)).astype(np::float32));
        log_edges: np::log([0.0f32, f32::INFINITY, 1.0, 2.0]);
        log_i: np::log(np::abs(&i) + 1);
        sqrt_i: np::sqrt([2, 3]);
        tanh: np::tanh(cube.at(&[1, 2]));
        round: np::round(cube.at(&[0, 0]) * 10);
        sign: np::sign(&i);
        less: np::less(&i, 2);
        equal: np::equal(&i, &i32);
        f32_gt: np::greater(&m, 8.5);
        astype: (cube.row(0) * 3).astype(np::int32);
        tobool: i.astype(np::bool_);
        ones_like: np::ones_like(&i32);
        linspace: np::linspace(-1.0, 1.0, 7);
        arange: np::arange(-5.0, 5.0, 0.1);
        arange_down: np::arange(5, 0, -2);
        eye: np::eye(3);
        full: np::full((2, 2), 0.1);
    }
}

#[test]
fn rearranging() {
    let Inputs { m, i, i32, cube, wave, .. } = inputs();
    results! {
        cat0: np::concatenate([&i, &i32], 0);
        cat1: np::concatenate([&m, &i], 1);
        stack1: np::stack([&i, &i], 1);
        stackm: np::stack([&i, &i], -1);
        vstack: np::vstack([&i.row(0), &i]);
        hstack: np::hstack([&i, &i]);
        slice1: i.slice(s![.., ..-1]);
        slice2: i.slice(s![.., -1]);
        slice3: i.slice(s![0, 1..]);
        slice4: cube.slice(s![.., 1..10, ..;2]);
        slice5: wave.slice(s![..;-250]);
        slice6: i.slice(s![5..]);
        slice7: cube.slice(s![1, .., 2]);
        newaxis: i.row(0).slice(s![.., ndarray::NewAxis]);
        take: i.take([1, 0, 1]);
        transpose3: cube.t().row(1);
        transposed: cube.transpose(&[1, 0, 2]).row(2);
    }
}

/// One sequence of draws: every call must use up exactly as many random numbers as NumPy's does.
#[test]
fn random_numbers_follow_numpys() {
    random::seed(0);
    let mut x = np::array(0..10).reshape((5, 2));
    results! {
        rand: random::rand(3);
        randn: random::randn((2, 3));
        randint: random::randint(0, 10, 8);
        randint_big: random::randint(-1_000_000_000_000, 1_000_000_000_000_000, 4);
        permutation: random::permutation(10);
        shuffle: { random::shuffle(&mut x); x };
        choice: random::choice(5, 6);
        choice_of: random::choice([10.0, 20.0, 30.0], (2, 2));
        choice_once: random::choice_without_replacement(6, 4);
        choice_p: random::choice_weighted(3, 8, [0.1, 0.3, 0.6]);
        uniform: random::uniform(-2.0, 3.0, 4);
        normal: random::normal(5.0, 0.5, 3);
        seed777: { random::seed(777); random::rand(1000).slice(s![-4..]) };
        seed_max: { random::seed(u32::MAX); random::randn(3) };
    }
}

#[test]
fn order_and_running_results() {
    let Inputs { m, i, i32, cube, wave, holes, b, u, .. } = inputs();
    results! {
        sort_m: np::sort(-&m);
        sort_i: np::sort(&i);
        sort_holes: np::sort(&holes);
        argsort_i: np::argsort(&i);
        argsort_cube: np::argsort(-&cube);
        unique_i: np::unique(np::concatenate([&i, &i], 0));
        unique_b: np::unique(&b);
        median_i: np::median(&i);
        median_m: np::median(&m);
        median_holes: np::median(&holes);
        percentile_wave: np::percentile(&wave, 30);
        percentile_m: np::percentile(&m, 90);
        cumsum_m: np::cumsum(&m);
        cumsum_i32: np::cumsum(&i32);
        cumsum_b: np::cumsum(&b);
        diff_i: np::diff(&i);
        diff_cube: np::diff(&cube).row(1);
        diff_u: np::diff(&u);
        diff_one: np::diff([3.0]);
        flip_i: np::flip(&i);
        append_i: np::append(&i, [9.5]);
        bincount_u: np::bincount(i32.row(1) + 8);
    }
}

#[test]
fn grids_and_repetitions() {
    let Inputs { m, i, cube, .. } = inputs();
    let (mesh_x, mesh_y) = np::meshgrid(m.row(0), i.row(0));
    results! {
        mesh_x: mesh_x;
        mesh_y: mesh_y;
        logspace: np::logspace(-1, 2, 4);
        outer_im: np::outer(&i, m.row(0));
        expand: np::expand_dims(&i, 1);
        expand_m1: np::expand_dims(&i, -1);
        squeeze: np::squeeze(np::ones((1, 3, 1)));
        repeat_i: np::repeat(&i, 2);
        tile_i: np::tile(&i, 2);
        tile_2: np::tile(&i, (2, 1));
        tile_3: np::tile(i.row(0), (2, 1, 2));
        tile_0: np::tile(&i, 0);
        split_cube: np::split(&cube, 2)[1].clone();
    }
}

#[test]
fn further_functions_of_one_array() {
    let Inputs { m, i, cube, holes, .. } = inputs();
    let row = cube.row(0).row(0);
    results! {
        arcsin: np::arcsin(&row);
        arctan: np::arctan(&m);
        sinh: np::sinh(&row);
        cosh: np::cosh(&row);
        log1p: np::log1p(np::square(i.row(1)));
        expm1: np::expm1(&row);
        isinf: np::isinf(1.0 / np::array([1.0, np::inf]));
        isfinite: np::isfinite(&holes);
        isclose: np::isclose(&m, &m + 1e-5);
    }
}
