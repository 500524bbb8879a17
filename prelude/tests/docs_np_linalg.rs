//! NumPy's docstrings, point by point with other numbers: products, `np.linalg`, curves and samples, borders. Recorded
//! from NumPy 2.4.6 (`fixtures/make_docs_np.py`): element type, shape and every printed digit.

#[macro_use]
#[path = "support/values.rs"]
mod values;

use flowbook::{Array, np, s};

const RECORDED: &str = include_str!("fixtures/docs_np.txt");

fn a3() -> Array {
    np::array([[4.0, -2.0, 1.0], [3.0, 6.0, -4.0], [2.0, 1.0, 8.0]])
}

fn tall() -> Array {
    np::array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [3.0, 1.0]])
}

#[test]
fn equations_and_decompositions() {
    let (a3, tall) = (&a3(), &tall());
    let sym = np::array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.0]]);
    let (q, r) = np::linalg::qr(a3);
    let (x, rest, ..) = np::linalg::lstsq(tall, [-1.0, 0.2, 0.9, 2.1]);
    results! {
        l_det: np::linalg::det(a3);
        l_det_f32: np::linalg::det([[2.0f32, 1.0], [1.0, 3.0]]);
        l_det_0: np::linalg::det([[1, 2], [2, 4]]);
        l_inv: np::linalg::inv(a3);
        l_inv_i: np::linalg::inv([[1, 2], [3, 5]]);
        l_solve: np::linalg::solve(a3, [7, -5, 11]);
        l_solve_matrix: np::linalg::solve(a3, np::eye(3).slice(s![.., ..2]));
        l_power: np::linalg::matrix_power([[0, 1], [-1, 2]], 5);
        l_power_neg: np::linalg::matrix_power([[2, 0], [0, 4]], -2);
        l_power_0: np::linalg::matrix_power([[7, 1], [2, 2]], 0);
        l_cholesky: np::linalg::cholesky(&sym);
        l_qr_q: q;
        l_qr_r: r;
        l_qr_tall: np::linalg::qr(tall).1;
        l_eigvalsh: np::linalg::eigvalsh(&sym);
        l_svd: np::linalg::svd(a3).1;
        l_svd_tall: np::linalg::svdvals(tall.t());
        l_rank: np::array(np::linalg::matrix_rank(np::diag([1.0, 0.0, 2.0])));
        l_cond: np::linalg::cond(&sym);
        l_pinv: np::linalg::pinv(tall);
        l_lstsq: x;
        l_lstsq_rest: rest;
    }
}

/// The vectors' signs are free: they are tested by what defines them.
#[test]
fn eigenvectors_and_singular_vectors_rebuild_the_matrix() {
    let sym = np::array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.0]]);
    let (values, vectors) = np::linalg::eigh(&sym);
    assert!(np::allclose(np::dot(&sym, &vectors), &vectors * &values));
    assert!(np::allclose(np::dot(vectors.t(), &vectors), np::eye(3)));
    for x in [a3(), tall(), tall().t()] {
        let (u, s, vh) = np::linalg::svd(&x);
        assert!(np::allclose(np::dot(&u * &s, &vh), &x));
        assert!(np::allclose(np::dot(&vh, vh.t()), np::eye(s.len())));
    }
}

#[test]
fn norms() {
    let (a3, ramp) = (&a3(), np::array(0..9) - 4);
    results! {
        l_norm: np::linalg::norm(&ramp);
        l_norm_m: np::linalg::norm(a3);
        l_norm_1: np::linalg::norm(&ramp).ord(1);
        l_norm_inf: np::linalg::norm(&ramp).ord(np::inf);
        l_norm_neginf: np::linalg::norm(&ramp).ord(-np::inf);
        l_norm_3: np::linalg::norm(&ramp).ord(3);
        l_norm_axis: np::linalg::norm(a3).axis(0);
        l_norm_axis_1: np::linalg::norm(a3).ord(1).axis(1);
        l_norm_matrix_1: np::linalg::norm(a3).ord(1);
        l_norm_matrix_inf: np::linalg::norm(a3).ord(np::inf);
        l_norm_matrix_2: np::linalg::norm(a3).ord(2).round(12);
        l_norm_keep: np::linalg::norm(a3).axis(1).keepdims();
        l_norm_s: np::linalg::norm([1.5f32, 2.25, 4.0]);
    }
}

#[test]
fn products() {
    let m = np::array([[3, 8, -2], [7, 0, 5]]);
    let cube = np::array(0..24).reshape((2, 3, 4));
    results! {
        inner: np::inner(&cube, [1, 2, 3, 4]);
        inner_m: np::inner(&m, &m);
        vdot: np::vdot(&m, np::flip(&m).axis(0));
        kron: np::kron([1, 10], [[5, 6], [7, 8]]);
        kron_flat: np::kron([1, 10, 100], [5, 6, 7]);
        cross: np::cross([1, 2, 3], [[4, 5, 6], [0, 1, 0]]);
        tensordot: np::tensordot(&cube, cube.transpose(&[1, 2, 0]), 2);
        tensordot_1: np::tensordot(&m, a3(), 1);
    }
}

#[test]
fn letters_for_axes_and_methods() {
    let (m, a3, v) = (np::array([[3, 8, -2], [7, 0, 5]]), a3(), np::array([9, 4, 7, 4, 1]));
    let f = np::array([[0.5, -1.25, 3.0], [2.75, 10.0, -0.1]]);
    let cube = np::array(0..24).reshape((2, 3, 4));
    let turned = np::array(0..24).reshape((3, 2, 4));
    let (ends, middle) = (v.slice(s![..2]), v.slice(s![2..]));
    results! {
        e_matmul: np::einsum("ij,jk->ik", [&m, &a3]);
        e_implicit: np::einsum("ij,jk", [&m, &a3]);
        e_trace: np::einsum("ii", [&a3]);
        e_diag: np::einsum("ii->i", [&a3]);
        e_transpose: np::einsum("ji", [&m]);
        e_transpose_to: np::einsum("ij->ji", [&m]);
        e_rows: np::einsum("ij->i", [&m]);
        e_all: np::einsum("ij->", [&m]);
        e_dot: np::einsum("i,i", [&v, &v]);
        e_matvec: np::einsum("ij,j", [&m, &np::array([1, 2, 3])]);
        e_outer: np::einsum("i,j->ij", [&ends, &middle]);
        e_product: np::einsum("ij,ij->ij", [&m, &m]);
        e_batch: np::einsum("bij,bjk->bik", [&cube, &cube.transpose(&[0, 2, 1])]);
        e_three: np::einsum("i,ij,j", [&np::array([1, 2]), &m, &np::array([1, 0, 2])]);
        e_far: np::einsum("ijk,jil->kl", [&cube, &turned]);
        e_scale: np::einsum(",ij", [&np::array(3), &m]);
        e_sum_one: np::einsum("ij,k->i", [&m, &v]);
        ix: cube.row(0).slice(np::ix_([0, 2], [1, 3]));
        ix_mask: cube.row(0).slice(np::ix_([true, false, true], [2]));
        m_cumsum: m.cumsum().axis(1);
        m_repeat: v.repeat(2);
        m_argsort: f.argsort().axis(0);
        m_nonzero: m.nonzero()[0].clone();
    }
}

#[test]
fn samples_and_curves() {
    let m = np::array([[3, 8, -2], [7, 0, 5]]);
    let (px, py) = (np::arange(0.0, 6.0, 1.0), np::array([0.1, 0.8, 0.9, 0.1, -0.8, -1.0]));
    let (counts, edges) = np::histogram([1.0, 2.0, 1.0, 4.0, 0.5, 4.0], 4);
    let (binned, bins) = np::histogram(&m, [-2, 0, 3, 8]);
    let (same, same_edges) = np::histogram([2, 2], 2);
    let rising = [1.0, 2.0, 4.0, 7.0, 11.0, 16.0];
    results! {
        hist: counts;
        hist_edges: edges;
        hist_bins: binned;
        hist_bins_edges: bins;
        hist_same: same;
        hist_same_edges: same_edges;
        hist_many: np::histogram(np::sin(np::array(0..500)), 10).0;
        hist_none: np::histogram(np::zeros(0), 2).1;
        cov: np::cov(np::transpose([[0.0, 2.0], [1.0, 1.0], [2.0, 0.5]]));
        cov_1: np::cov([1, 2, 4, 9]);
        cov_pair: np::cov([&px, &py]);
        corrcoef: np::corrcoef([&px, &py]);
        corrcoef_3: np::corrcoef(a3());
        interp: np::interp([-1.0, 0.0, 2.5, 2.72, 5.0, 9.0], [1, 2, 3], [3, 2, 0]);
        interp_one: np::interp(2.5, [1, 2, 3], [3, 2, 0]);
        convolve: np::convolve([1, 2, 3], [0.0, 1.0, 0.5], "full");
        convolve_same: np::convolve([1, 2, 3], [0.0, 1.0, 0.5], "same");
        convolve_valid: np::convolve([1, 2, 3, 5], [2, 1], "valid");
        convolve_i: np::convolve([1, 2], [1, 3, 5], "same");
        polyfit: np::polyfit(&px, &py, 3);
        polyfit_line: np::polyfit([1, 2, 4], [2.5, 4.0, 7.5], 1);
        polyval: np::polyval([3, 0, 1], [5, -1]);
        polyval_f: np::polyval([0.5, -1.0], &px);
        gradient: np::gradient(rising, 1);
        gradient_2: np::gradient(rising, 2);
        trapezoid: np::trapezoid([1, 2, 3], 1);
        trapezoid_x: np::trapezoid([1, 2, 3], [8, 6, 4]);
        trapezoid_rows: np::trapezoid(&m, 0.5);
        ediff1d: np::ediff1d(&m);
    }
}

#[test]
fn borders() {
    let (m, v) = (np::array([[3, 8, -2], [7, 0, 5]]), np::array([9, 4, 7, 4, 1]));
    results! {
        pad_0: np::pad(&v, [1, 2], "constant");
        pad_edge: np::pad(&v, [2, 3], "edge");
        pad_reflect: np::pad(&v, [2, 3], "reflect");
        pad_reflect_long: np::pad([1, 2, 3], 7, "reflect");
        pad_symmetric: np::pad(&v, [2, 3], "symmetric");
        pad_symmetric_long: np::pad([1, 2, 3], 7, "symmetric");
        pad_wrap: np::pad(&v, [2, 3], "wrap");
        pad_wrap_long: np::pad([1, 2, 3], 7, "wrap");
        pad_2d: np::pad(&m, [[1, 0], [2, 1]], "constant");
        pad_2d_edge: np::pad(&m, 1, "edge");
        pad_one: np::pad([4.5], 2, "reflect");
    }
}
