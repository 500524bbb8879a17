//! Polynomials, eigenvalues and determinants, recorded from NumPy 2.4.6 (`fixtures/make_np_options.py`). Eigenvalues come in
//! LAPACK's order and vectors with its signs, compared to nine digits.

mod support;
#[macro_use]
#[path = "support/values.rs"]
mod values;

use flowbook::{Array, np};
use support::message;
use values::{Inputs, inputs};

const RECORDED: &str = include_str!("fixtures/np_options.txt");

/// Nine digits, with no minus before a zero.
fn nine(x: impl flowbook::ArrayLike) -> Array {
    np::around(x, 9) + 0.0
}

#[test]
fn polynomials() {
    let long = ([3.0, 5.0, 2.0, 7.0], [2.0, 1.0]);
    results! {
        poly_roots: np::poly([1, 2, 3]);
        poly_f: np::poly([0.5]);
        polyadd: np::polyadd([1, 2, 3], [4, 5]);
        polysub: np::polysub([1, 2], [4, 5, 6]);
        polymul: np::polymul([1, 2, 3], [9, 5, 1]);
        polydiv: np::polydiv(long.0, long.1).0;
        polydiv_rest: np::polydiv(long.0, long.1).1;
        polydiv_short: np::polydiv([1.0], [2.0, 1.0]).0;
        polyder: np::polyder([3, 0, -4, 5]);
        polyder_f: np::polyder([0.5, 2.0]);
        polyder_0: np::polyder([7]);
        polyint: np::polyint([6, 2, 1]);
        polyint_f: np::polyint([0.5]);
        roots_2: np::around(np::roots([1, -6, 11, -6]), 9);
        roots_zero: np::around(np::roots([2, -2, 0, 0]), 9);
        roots_lead: np::roots([0, 0, 1, -4]);
        roots_none: np::roots([5]);
        roots_one: np::roots([2, 3]);
        roots_double: np::roots([1, -2, 1]);
    }
}

#[test]
fn eigenvalues_and_eigenvectors() {
    let low = np::array([[1.0, 0.0, 0.0], [4.0, 2.0, 0.0], [5.0, 6.0, 3.0]]);
    let matrices = [
        ("e2", np::array([[4.0, 1.0], [2.0, 3.0]])),
        ("e3", np::array([[5.0, 1.0, 0.0], [2.0, 4.0, 1.0], [0.0, 2.0, 3.0]])),
        ("up", low.t()),
        ("low", low),
        ("markov", np::array([[0.9, 0.2, 0.1], [0.05, 0.7, 0.3], [0.05, 0.1, 0.6]])),
        ("diag", np::diag([3, 1, 2]).into()),
        ("sym", np::array([[4, 1, -2, 2], [1, 2, 0, 1], [-2, 0, 3, -2], [2, 1, -2, -1]])),
        ("int", np::array([[2, 1], [1, 2]])),
        ("same", np::eye(3)),
        ("jordan", np::array([[2.0, 1.0], [0.0, 2.0]])),
        ("scaled", np::array([[1.0, 1e5], [1e-5, 3.0]])),
        ("shear", np::array([[1.0, 2.0], [3.0, 4.0]])),
        ("one", np::array([[7.0]])),
        ("zero", np::zeros((2, 2))),
        ("f32", np::array([[2.0f32, 0.0], [1.0, 3.0]])),
        ("blocks", np::array([[1, 2, 0, 0], [2, 1, 0, 0], [3, 1, 5, 1], [0, 2, 1, 5]])),
    ];
    for (name, matrix) in matrices {
        let (values, vectors) = np::linalg::eig(&matrix);
        let results = [
            (&*format!("eig_{name}"), nine(values)),
            (&*format!("eigv_{name}"), nine(vectors)),
            (&*format!("eigvals_{name}"), nine(np::linalg::eigvals(&matrix))),
        ];
        values::check(RECORDED, &results);
    }
}

/// `A v = λ v` for matrices of many sizes whose eigenvalues are real: `T⁻¹ D T` with a known diagonal.
#[test]
fn eigenvectors_are_only_stretched() {
    let mut random = np::random::default_rng(3);
    for n in 2..20 {
        let turn = random.standard_normal((n, n));
        let values = random.uniform(-5, 5, n);
        let matrix = np::dot(np::linalg::solve(&turn, np::diag(&values)), &turn);
        let (found, vectors) = np::linalg::eig(&matrix);
        assert!(np::allclose(np::sort(&found), np::sort(&values)), "{n}: {found} instead of {values}");
        assert!(np::isclose(np::dot(&matrix, &vectors), &vectors * &found).atol(1e-6).all().item::<bool>(), "{n}");
    }
}

#[test]
fn determinants_and_products() {
    let Inputs { m, f, v, .. } = &inputs();
    let (square, none) = (np::array([[1.0, 2.0], [3.0, 4.0]]), np::array([[1.0, 2.0], [2.0, 4.0]]));
    results! {
        slog_sign: np::linalg::slogdet(&square).0;
        slog_log: np::linalg::slogdet(&square).1;
        slog_zero: np::linalg::slogdet(&none).1;
        slog_zero_sign: np::linalg::slogdet(&none).0;
        slog_big: np::linalg::slogdet(np::eye(60) * 1e9).1;
        slog_f32: np::linalg::slogdet([[2.0f32, 1.0], [1.0, 3.0]]).1;
        multi: np::linalg::multi_dot([f, &f.t(), f]);
        multi_vector: np::linalg::multi_dot([&v.take([0, 1]), m, &v.take([0, 1, 2])]);
    }
}

#[test]
fn what_has_no_answer() {
    let Inputs { f, v, .. } = &inputs();
    values::check_texts(
        RECORDED,
        &[
            ("eig_flat", message(|| np::linalg::eig(v))),
            ("eig_tall", message(|| np::linalg::eig(f))),
            ("eig_nan", message(|| np::linalg::eig([[1.0, np::nan], [0.0, 1.0]]))),
            ("multi_one", message(|| np::linalg::multi_dot([f]))),
            ("slog_tall", message(|| np::linalg::slogdet(f))),
        ],
    );
    // A quarter turn stretches no real vector: λ² + 1 = 0.
    let turn = message(|| np::linalg::eig([[0.0, -1.0], [1.0, 0.0]]));
    assert!(turn.starts_with("LinAlgError: the eigenvalues 0 ± 1j are complex"), "{turn}");
    let roots = message(|| np::roots([1, 0, 4]));
    assert!(roots.starts_with("LinAlgError: the eigenvalues 0 ± 2j are complex"), "{roots}");
}
