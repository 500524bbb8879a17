//! The distributions of NumPy's new generator, number for number, and those the legacy one has besides. Recorded from NumPy
//! 2.4.6 (`fixtures/make_np_options.py`) as one sequence of draws: every call must use up exactly as many as NumPy's does.

mod support;
#[macro_use]
#[path = "support/values.rs"]
mod values;

use flowbook::np::random::{RandomState, default_rng};
use flowbook::{Array, np};
use support::message;

const RECORDED: &str = include_str!("fixtures/np_options.txt");

#[test]
fn the_new_generator() {
    let mut g = default_rng(2025);
    results! {
        g_stdexp: g.standard_exponential(3);
        g_exp: g.exponential(2.5, (2, 2));
        g_stdgamma: g.standard_gamma(2.5, 3);
        g_gamma: g.gamma(0.4, 2, 4);
        g_gamma_1: g.gamma(1, 3, 2);
        g_beta: g.beta(2, 3, 3);
        g_beta_small: g.beta(0.5, 0.7, 3);
        g_chi: g.chisquare(4, 3);
        g_t: g.standard_t(5, 3);
        g_cauchy: g.standard_cauchy(2);
        g_lognormal: g.lognormal(0.5, 0.25, 3);
        g_laplace: g.laplace(1, 2, 4);
        g_logistic: g.logistic(0, 1.5, 3);
        g_gumbel: g.gumbel(0, 2, 3);
        g_rayleigh: g.rayleigh(3, 3);
        g_weibull: g.weibull(1.5, 3);
        g_pareto: g.pareto(3, 3);
        g_power: g.power(5, 3);
        g_triangular: g.triangular(-1, 0, 4, 4);
        g_poisson: g.poisson(4, 8);
        g_poisson_large: g.poisson(60.5, 12);
        g_binomial: g.binomial(10, 0.3, 8);
        g_binomial_high: g.binomial(20, 0.8, 8);
        g_binomial_large: g.binomial(500, 0.4, 20);
        g_geometric: g.geometric(0.35, 6);
        g_geometric_rare: g.geometric(0.05, 6);
        g_f: g.f(3, 7, 3);
        g_negative: g.negative_binomial(5, 0.4, 6);
        g_multinomial: g.multinomial(20, [1.0 / 6.0; 6], 2);
        g_dirichlet: g.dirichlet([10, 5, 3], 2);
        g_normals: g.multivariate_normal([1, 2], [[2.0, 0.3], [0.3, 0.5]], 3);
        g_normals_neg: g.multivariate_normal([0, 0], [[1.0, -0.8], [-0.8, 2.0]], 3);
        g_normals_wide: g.multivariate_normal([0, 0], [[1.0, 0.5], [0.5, 100.0]], (2, 2));
        g_normals_free: g.multivariate_normal([0, 5, 1], np::diag([1.0, 4.0, 2.0]), 2);
        g_permuted: g.permuted(np::array(0..12).reshape((3, 4)), 1);
        g_permuted_0: g.permuted(np::array(0..8).reshape((4, 2)), 0);
        g_then: g.random(2);
        g_exp_mean: g.standard_exponential(20000).mean();
        g_exp_far: g.standard_exponential(20000).max();
        g_uniform: g.uniform(2, 5, 3);
        g_end: g.integers(1, 6 + 1, 10);
        g_none: g.binomial(0, 0.5, 2);
        g_never: g.binomial(5, 0, 2);
        g_last: g.random(2);
    }
}

#[test]
fn the_legacy_generator() {
    let mut r = RandomState::new(77);
    results! {
        r_f: r.f(3, 7, 3);
        r_negative: r.negative_binomial(5, 0.4, 6);
        r_normals: r.multivariate_normal([1, 2], [[2.0, 0.3], [0.3, 0.5]], 3);
        r_normals_free: r.multivariate_normal([0, 5], [[1, 0], [0, 100]], 3);
        r_then: r.rand(2);
    }
}

/// Of many variables the numbers vary together as asked: mean and covariance of 20,000 draws.
#[test]
fn normal_numbers_of_many_variables() {
    let cov = np::array([[2.0, 0.5, -0.3], [0.5, 1.0, 0.2], [-0.3, 0.2, 0.5]]);
    let draws = default_rng(1).multivariate_normal([1, -1, 0], &cov, 20_000);
    assert!(np::isclose(draws.mean().axis(0), [1, -1, 0]).atol(0.05).all().item::<bool>());
    assert!(np::isclose(np::cov(draws).rowvar(false), cov).atol(0.05).all().item::<bool>());
}

#[test]
fn arguments_out_of_bounds() {
    let g = || default_rng(0);
    values::check_texts(
        RECORDED,
        &[
            ("g_scale", message(|| g().exponential(-1, 2))),
            ("g_lam", message(|| g().poisson(-1, 2))),
            ("g_p", message(|| g().binomial(5, 1.5, 2))),
            ("g_low", message(|| g().integers(5, 5, 2))),
            ("g_mean_shape", message(|| g().multivariate_normal([0, 0, 0], np::eye(2), 1))),
            ("g_square", message(|| g().multivariate_normal([0, 0], [[1.0, 0.0]], 1))),
            ("g_shape", message(|| g().gamma(-1, 1, 2))),
        ],
    );
}
