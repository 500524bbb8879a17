//! NumPy's docstrings, point by point with other numbers: making, indexing and ordering arrays. Recorded from NumPy 2.4.6
//! (`fixtures/make_docs_np.py`): element type, shape and every printed digit.

#[macro_use]
#[path = "support/values.rs"]
mod values;

use flowbook::np;
use flowbook::{Array, s};
use values::{Inputs, inputs};

const RECORDED: &str = include_str!("fixtures/docs_np.txt");

#[test]
fn creation() {
    let Inputs { m, f, cube, v, .. } = inputs();
    results! {
        full_like_cut: np::full_like(&m, 2.9);
        full_like_f: np::full_like(&f, 7);
        full_row: np::full((2, 3), [1, 2, 3]);
        identity: np::identity(3);
        tri: np::tri(3);
        tri_k: np::tri(3).k(1);
        diag_make: np::diag(v.slice(s![..3]));
        diag_make_k: np::diag(v.slice(s![..2])).k(-1);
        diag_take: np::diag(&m);
        diag_take_k: np::diag(&m).k(1);
        diag_cube: np::diagonal(&cube);
        diag_below: np::diagonal(&cube).k(-1);
        trace: np::trace(&m);
        trace_k: np::trace(&f).k(1);
        trace_cube: np::trace(&cube);
        tril: np::tril(cube.row(0));
        triu: np::triu(&m).k(-1);
        triu_vector: np::triu(v.slice(s![..3]));
        tril_f: np::tril(&f).k(1);
        vander: np::vander(v.slice(s![..3]));
        indices: np::indices((2, 3));
        geomspace: np::geomspace(2, 162, 5);
        geomspace_down: np::geomspace(256, 1, 5);
        fromfunction: np::fromfunction(|at| &at[0] * 10 + &at[1], (2, 3));
        arange_f: np::arange(0.5, 4.0, 0.75);
        arange_neg: np::arange(-3, 9, 4);
        linspace_one: np::linspace(4.0, 9.0, 1);
        linspace_int: np::linspace(2, 3, 6);
        logspace: np::logspace(1, 3, 5);
    }
}

#[test]
fn indexing() {
    let Inputs { m, f, cube, v, .. } = inputs();
    let v4 = np::greater(&v, 4);
    results! {
        mask: m.slice(np::greater(&m, 4));
        mask_rows: m.slice([false, true]);
        mask_rows_f: f.slice(np::greater(f.sum().axis(1), 5));
        mask_not: v.slice(!&v4);
        mask_and: v.slice(np::greater(&v, 3) & np::less(&v, 8));
        mask_or: v.slice(np::greater(&v, 8) | np::equal(&v, 1));
        mask_none: v.take(np::greater(&v, 100));
        fancy: m.slice([1, 1, 0]);
        fancy_pair: m.slice(([0, 1, 1], [2, 0, 1]));
        fancy_grid: m.slice(([[0], [1]], [0, 2]));
        fancy_2d: v.slice([[0, 4], [1, 1]]);
        fancy_neg: v.slice([-1, -5]);
        fancy_three: cube.slice(([0, 1], [2, 0], [3, 1]));
        newaxis: v.slice(s![.., np::newaxis]);
        newaxis_2: m.slice(s![.., np::newaxis, ..]);
        ellipsis: cube.slice(s![.., .., 1]);
        step: cube.slice(s![.., ..;2, 1..3]);
        reverse: v.slice(s![..;-1]);
        neg_range: v.slice(s![-3..-1]);
        past: v.slice(s![3..99]);
        empty_slice: v.slice(s![4..4]);
        nonzero_pick: m.slice(np::nonzero(&m));
        nonzero_1: np::nonzero(np::greater(&m, 4))[1].clone();
        argwhere: np::argwhere(np::greater(&m, 4));
        argwhere_none: np::argwhere(np::greater(&m, 99));
        flatnonzero: np::flatnonzero(&m - 8);
        extract: np::extract(np::equal(&m % 3, 0), &m);
        compress_0: np::compress([true, false], &f).axis(0);
        compress_1: np::compress([false, true, true], &m).axis(1);
        compress_flat: np::compress([true, false, true, false, true], &m);
        take_flat: np::take(&m, [0, 3, 5]);
        take_1: np::take(&m, [2, 0]).axis(1);
        take_grid: np::take(&v, [[4, 0], [1, 1]]);
        take_m1: np::take(&cube, [0, -1]).axis(-1);
        take_along: np::take_along_axis(&m, np::argsort(&m).axis(1), 1);
        take_along_max: np::take_along_axis(&f, np::argmax(&f).axis(0).keepdims(), 0);
        select: np::select([np::less(&v, 4), np::greater(&v, 6)], [&v * 10, -&v], 42);
        select_f: np::select([np::greater(&f, 2), np::less(&f, 0)], [f.clone(), np::array(0.5)], 0);
        where_grid: np::where_(np::less([[0], [1]], np::array(0..3)), 1, 20);
        unravel: np::array(np::unravel_index(17, (2, 3, 4)));
        ravel_multi: np::array(np::ravel_multi_index(&[1, 0, 3], (2, 3, 4)));
    }
}

#[test]
fn writing_into_parts() {
    let Inputs { m, f, cube, v, .. } = inputs();
    let (mut w, mut w2, mut w3) = (m.clone(), f.clone(), m.clone());
    let (mut w4, mut w5, mut w6) = (cube.clone(), f.clone(), v.clone());
    w.assign(np::less(&m, 0), 0);
    w2.assign(s![.., 1], [8, 9]);
    w3.assign(([1, 0], [0, 2]), [70, 20]);
    w4.assign(s![1, ..;2], -1);
    let large = np::greater(&f, 2);
    w5.assign(&large, f.slice(&large) * 10);
    w6.assign([0, 4], 5.9);
    results! {
        set_mask: w;
        set_column: w2;
        set_pairs: w3;
        set_strided: w4;
        set_where: w5;
        set_list: w6;
    }
}

#[test]
fn order_sets_and_places() {
    let Inputs { m, f, cube, v, t, u, s, .. } = inputs();
    results! {
        sort_0: np::sort(&m).axis(0);
        sort_cube: np::sort(-&cube).axis(1);
        argsort_0: np::argsort(&f).axis(0);
        argsort_v: np::argsort(&v);
        searchsorted: np::searchsorted([2, 4, 6, 8], 6);
        searchsorted_right: np::searchsorted_right([2, 4, 6, 8], 6);
        searchsorted_many: np::searchsorted([2, 4, 6, 8], [-1, 5, 8, 20]);
        digitize: np::digitize([0.1, 5.5, 2.0, 3.9], [0, 1, 2, 4, 5]);
        digitize_right_edge: np::digitize([12, 10, 4], [10, 5, 0]);
        isin: np::isin(&m, [0, 8]);
        isin_not: !np::isin(&v, [4]);
        union: np::union1d([3, -1, 3], [5, 3]);
        intersect: np::intersect1d([8, 3, 3, 1], [3, 8, 9]);
        setdiff: np::setdiff1d([6, 2, 9, 2], [9, 4]);
        unique_v: np::unique(&v);
        unique_values: np::unique_counts(&v).0;
        unique_counts: np::unique_counts(&v).1;
        unique_inverse: np::unique_inverse(&v).1;
        unique_inverse_m: np::unique_inverse(&m % 2).1;
        unique_f: np::unique([2.5, -1.0, 2.5, np::nan, np::nan]);
        cumsum_0: np::cumsum(&m).axis(0);
        cumsum_1: np::cumsum(&f).axis(1);
        cumsum_cube: np::cumsum(&cube).axis(1);
        cumprod_v: np::cumprod(&v);
        cumprod_0: np::cumprod(&m).axis(0);
        cumprod_s: np::cumprod(&s);
        cumsum_t: np::cumsum(&t);
        diff_0: np::diff(&m).axis(0);
        diff_u: np::diff(&u);
        diff_t: np::diff(&t);
        diff_twice: np::diff(np::diff(&v));
        diff_cube: np::diff(&cube).axis(0);
    }
}

#[test]
fn rearranging() {
    let Inputs { m, cube, v, t, u, s, .. } = inputs();
    let (v2, v3) = (v.slice(s![..2]), v.slice(s![..3]));
    let eight = np::arange(0.0, 8.0, 1.0);
    let cut = np::split(&eight, [3, 5, 6, 10]);
    let (x, y) = np::broadcast_arrays(&v3, [[4], [5]]);
    results! {
        flip_0: np::flip(&cube).axis(0);
        flip_1: np::flip(&cube).axis(1);
        flip_all: np::flip(&cube);
        fliplr: np::fliplr(&m);
        flipud: np::flipud(&m);
        roll: np::roll(&v, 2);
        roll_back: np::roll(&v, -1);
        roll_flat: np::roll(&m, 1);
        roll_0: np::roll(&m, 1).axis(0);
        roll_1: np::roll(&m, -1).axis(1);
        rot90: np::rot90(&m, 1);
        rot90_2: np::rot90(&m, 2);
        rot90_m1: np::rot90(&m, -1);
        repeat_scalar: np::repeat(7, 3);
        repeat_flat: np::repeat(&m, 2);
        repeat_1: np::repeat(&m, 2).axis(1);
        repeat_each: np::repeat(&m, [2, 1]).axis(0);
        tile_33: np::tile(&v2, (2, 1, 2));
        delete_row: np::delete(&m, 1).axis(0);
        delete_columns: np::delete(cube.row(0), [0, 2]).axis(1);
        delete_flat: np::delete(&m, [1, 3, 5]);
        delete_neg: np::delete(&v, -1);
        insert_flat: np::insert(&m, 2, 60);
        insert_1: np::insert(&m, 1, 60).axis(1);
        insert_columns: np::insert(&m, [1], [[7], [8]]).axis(1);
        insert_two: np::insert(&m, 1, [[7], [8]]).axis(1);
        insert_row: np::insert(&m, 1, [4, 5, 6]).axis(0);
        insert_many: np::insert(&v, [2, 2], [60, 70]);
        insert_apart: np::insert(&m, [1, 2], 99).axis(1);
        insert_cast: np::insert(&v, 0, 7.9);
        append_flat: np::append(&m, [[1, 2]]);
        append_0: np::append(&m, [[4, 5, 6]]).axis(0);
        append_float: np::append(&v2, np::zeros(0));
        swapaxes: np::swapaxes(&cube, 0, 2);
        moveaxis: np::moveaxis(&cube, 0, -1).row(1);
        resize: np::resize(&v, (2, 4));
        trim_zeros: np::trim_zeros([0, 0, 4, 0, 2, 0]);
        squeeze_0: np::squeeze(np::array(0..3).reshape((1, 3, 1))).axis(0);
        squeeze_all: np::squeeze(np::array(0..3).reshape((1, 3, 1)));
        expand_0: np::expand_dims(&v2, 0);
        split_even: np::split(np::arange(0.0, 9.0, 1.0), 3).remove(2);
        split_at: cut[3].clone();
        split_past: cut[4].clone();
        array_split: np::array_split(&eight, 3).remove(1);
        array_split_9: np::array_split(0..9, 4).remove(0);
        hsplit: np::hsplit(cube.row(0), 2).remove(1);
        vsplit: np::vsplit(&m, 2).remove(1);
        hsplit_at: np::hsplit(cube.row(0), [1, 3]).remove(1);
        dstack: np::dstack([&v2, &v.slice(s![2..4])]);
        dstack_2: np::dstack([&m, &m]);
        column_stack: np::column_stack([&v3, &v.slice(s![2..])]);
        column_stack_2: np::column_stack([&m, &v2]);
        atleast_2: np::atleast_2d(&v);
        atleast_3: np::atleast_3d(&m);
        atleast_1: np::atleast_1d(3.5);
        vstack_columns: np::vstack([v3.reshape((3, 1)), v.slice(s![2..]).reshape((3, 1))]);
        hstack_columns: np::hstack([v2.reshape((2, 1)), v.slice(s![2..4]).reshape((2, 1))]);
        concat_flat: np::concatenate([m.ravel(), v.clone()], 0);
        concat_types: np::concatenate([&t, &v], 0);
        concat_f: np::concatenate([&u, &s], 0);
        stack_m1: np::stack([&v, &(&v * 2)], -1);
        ravel_t: m.t().ravel();
        reshape_m1: np::reshape(&cube, (4, -1));
        transpose_021: cube.transpose(&[0, 2, 1]).row(1);
        broadcast_to: np::broadcast_to(&v3, (2, 3));
        broadcast_x: x;
        broadcast_y: y;
        meshgrid_x: np::meshgrid(np::linspace(0, 1, 3), [5]).0;
    }
}
