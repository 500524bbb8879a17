//! Distinct entries, reductions of some elements, stacks of matrices, triangles and windows. Recorded from NumPy 2.4.6
//! (`fixtures/make_np_options.py`).

mod support;
#[macro_use]
#[path = "support/values.rs"]
mod values;

use flowbook::np::{self, inf, nan};
use flowbook::{Array, s};
use values::{Inputs, inputs};

const RECORDED: &str = include_str!("fixtures/np_options.txt");

#[test]
fn distinct_entries_and_where_they_stand() {
    let dup = np::array([[1, 0, 1], [2, 2, 0], [1, 0, 1], [0, 5, 5]]);
    let (rows, columns) = (np::unique(&dup).axis(0), np::unique(&dup).axis(1));
    results! {
        rows_index: rows.indices();
        rows_inverse: rows.inverse_indices();
        rows_counts: rows.counts();
        columns_index: columns.indices();
        columns_inverse: columns.inverse_indices();
        columns_counts: columns.counts();
        uniq_inverse_grid: np::unique(&dup).inverse_indices();
        uniq_all_index: np::unique(&dup).indices();
        uniq_counts: np::unique(&dup).counts();
    }
}

#[test]
fn reductions_of_some_elements() {
    let Inputs { m, f, v, .. } = &inputs();
    let above = |x: &Array, least: i32| np::greater(x, least);
    results! {
        sum_where: np::sum(m).where_(above(m, 0));
        sum_where_axis: np::sum(f).axis(0).where_(above(f, 0));
        sum_initial: np::sum(v).initial(100);
        sum_both: np::sum(m).axis(1).where_(above(m, 4)).initial(-1);
        prod_where: np::prod(m).where_(np::not_equal(m, 0));
        prod_initial: np::prod(v.slice(s![..2])).initial(2.0);
        mean_where: np::mean(f).where_(above(f, 0));
        mean_where_axis: np::mean(m).axis(1).where_([[true, false, true], [true, true, false]]);
        mean_where_keep: np::mean(m).axis(0).where_([[true], [false]]).keepdims();
        max_where: np::max(m).where_(np::less(m, 8)).initial(-100);
        max_initial: np::max(v).initial(50);
        max_axis: np::max(f).axis(1).initial(2.9);
        min_empty: np::min(np::zeros((0, 3))).axis(0).initial(7);
        max_empty: np::max(np::zeros(0)).initial(-3);
        all_where: np::all(above(m, 0)).where_(np::not_equal(m, -2));
        any_where: np::any(above(m, 6)).axis(0).where_([[true, false, true]]);
        sum_none: np::sum(f).where_(false);
    }
    errors! {
        max_where_none: np::max(m).where_(above(m, 0)).to_string();
    }
}

#[test]
fn stacks_of_matrices() {
    let two = [[[1.0, 2.0], [3.0, 4.0]], [[2.0, 0.0], [1.0, 5.0]]];
    results! {
        det_stack: np::linalg::det(two);
        inv_stack: np::linalg::inv([[[2, 0], [0, 4]], [[1, 1], [0, 1]]]);
        chol_stack: np::linalg::cholesky([[[4, 2], [2, 5]], [[1, 0], [0, 9]]]);
        eigvalsh_stack: np::around(np::linalg::eigvalsh([[[2, 1], [1, 2]], [[5, 0], [0, 1]]]), 12);
        svd_stack: np::linalg::svdvals([[[3, 0], [0, 4]], [[0, 2], [1, 0]]]);
        det_deep: np::linalg::det(np::arange!(16.0).reshape((2, 2, 2, 2)));
    }
    errors! {
        inv_stack_bad: np::linalg::inv(np::ones((2, 2, 3)));
        det_flat: np::linalg::det([1.0, 2.0]);
    }
}

#[test]
fn triangles_windows_and_signs() {
    let Inputs { m, cube, v, s, .. } = &inputs();
    let changed = |x: &Array, shape: &[i32]| {
        let mut x = x.clone();
        x.resize(shape);
        x
    };
    let square = cube.row(0).slice(s![.., ..3]);
    let (infinite, numbers) = ([inf, -inf, nan, 1.0], [2.5, -0.25, inf, -3.0, nan]);
    results! {
        tril_rows: np::tril_indices(3, 0)[0].clone();
        tril_columns: np::tril_indices(3, -1)[1].clone();
        triu_rows: np::triu_indices(4, 2)[0].clone();
        triu_pick: square.slice(np::triu_indices(3, 1));
        diag_rows: np::diag_indices(3)[1].clone();
        hanning: np::hanning(6);
        hamming: np::hamming(7);
        blackman: np::blackman(6);
        bartlett: np::bartlett(6);
        hanning_1: np::hanning(1);
        hanning_0: np::hanning(0);
        correlate: np::correlate([1, 2, 3], [0.0, 1.0, 0.5], "valid");
        correlate_same: np::correlate([1, 2, 3], [0.0, 1.0, 0.5], "same");
        correlate_full: np::correlate([1, 2, 3, 4], [2, 1], "full");
        posinf: np::isposinf(infinite);
        neginf: np::isneginf(infinite);
        equiv: np::array(np::array_equiv([[1, 2]], [[1, 2], [1, 2]]));
        equiv_not: np::array(np::array_equiv([1, 2], [1, 2, 3]));
        modf_fraction: np::modf(numbers).0;
        modf_whole: np::modf(numbers).1;
        modf_int: np::modf(v).0;
        modf_f32: np::modf(s).0;
        resize_more: changed(v, &[2, 4]);
        resize_less: changed(m, &[4]);
    }
}
