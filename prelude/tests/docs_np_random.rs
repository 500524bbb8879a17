//! NumPy's random numbers, legacy and new, number for number. Recorded from NumPy 2.4.6 (`fixtures/make_docs_np.py`)
//! as one sequence of draws: every call must use up exactly as many as NumPy's does.

#[macro_use]
#[path = "support/values.rs"]
mod values;

use flowbook::Array;
use flowbook::np::random::{RandomState, default_rng};
use flowbook::{np, s};

const RECORDED: &str = include_str!("fixtures/docs_np.txt");

#[test]
fn the_legacy_generator() {
    let mut r = RandomState::new(2024);
    results! {
        rs_random: r.random_sample(3);
        rs_random2: r.random((2, 2));
        rs_normal: r.standard_normal(3);
        rs_uniform: r.uniform(-1, 1, 3);
        rs_loc: r.normal(10, 2, 3);
        rs_lognormal: r.lognormal(0.5, 0.25, 3);
        rs_std_exp: r.standard_exponential(2);
        rs_exponential: r.exponential(3, 3);
        rs_gamma: r.gamma(2.5, 2, 3);
        rs_gamma_small: r.standard_gamma(0.4, 4);
        rs_gamma_1: r.gamma(1, 3, 2);
        rs_beta: r.beta(2, 3, 3);
        rs_beta_small: r.beta(0.5, 0.7, 3);
        rs_chisquare: r.chisquare(4, 3);
        rs_t: r.standard_t(5, 3);
        rs_cauchy: r.standard_cauchy(2);
        rs_laplace: r.laplace(1, 2, 4);
        rs_logistic: r.logistic(0, 1.5, 3);
        rs_gumbel: r.gumbel(0, 2, 3);
        rs_rayleigh: r.rayleigh(3, 3);
        rs_weibull: r.weibull(1.5, 3);
        rs_pareto: r.pareto(3, 3);
        rs_power: r.power(5, 3);
        rs_triangular: r.triangular(-1, 0, 4, 4);
        rs_poisson: r.poisson(4, 8);
        rs_poisson_large: r.poisson(60.5, 12);
        rs_poisson_0: r.poisson(0, 2);
        rs_binomial: r.binomial(10, 0.3, 8);
        rs_binomial_high: r.binomial(20, 0.8, 8);
        rs_binomial_large: r.binomial(500, 0.4, 20);
        rs_binomial_large_high: r.binomial(1000, 0.9, 12);
        rs_geometric: r.geometric(0.35, 6);
        rs_geometric_rare: r.geometric(0.05, 6);
        rs_randint: r.randint(-5, 5, (2, 4));
        rs_permutation: r.permutation([5, 10, 15, 20]);
        rs_choice: r.choice([2.5, 3.5], 5);
        rs_choice_p: r.choice_weighted(4, 6, [0.1, 0.2, 0.3, 0.4]);
        rs_choice_once: r.choice_without_replacement(8, 3);
        rs_multinomial: r.multinomial(20, [1.0 / 6.0; 6], 2);
        rs_dirichlet: r.dirichlet([10, 5, 3], 2);
        rs_last: r.rand(2);
    }
}

#[test]
fn the_new_generator() {
    let mut g = default_rng(7);
    let x = np::array(0..12).reshape((6, 2));
    let mut y = np::array([4, 8, 15, 16, 23, 42]);
    results! {
        g_random: g.random(4);
        g_random2: g.random((2, 3));
        g_normal: g.standard_normal(5);
        g_loc: g.normal(-3, 0.5, (2, 2));
        g_uniform: g.uniform(2, 5, 3);
        g_integers: g.integers(0, 6, 10);
        g_integers_odd: g.integers(-100, 1000, 3);
        g_integers_large: g.integers(-1_000_000_000_000_000, 100_000_000_000_000_000, 3);
        g_random_after: g.random(1);
        g_permutation: g.permutation(9);
        g_permutation_rows: g.permutation(&x);
        g_choice: g.choice(5, 7);
        g_choice_of: g.choice([1.5, 2.5, 9.0], (2, 2));
        g_choice_p: g.choice_weighted(3, 6, [0.2, 0.5, 0.3]);
        g_choice_once: g.choice_without_replacement(10, 4);
        g_choice_many: g.choice_without_replacement(20000, 1000).slice(s![..6]);
        g_normal_mean: g.standard_normal(20000).mean();
        g_normal_far: np::abs(g.standard_normal(20000)).max();
        g_shuffle: { g.shuffle(&mut y); y };
        g_last: g.random(2);
        g_seed_0: default_rng(0).random(2);
        g_seed_large: default_rng((1 << 40) + 12345).integers(0, 100, 5);
    }
}

/// The functions of the module are those of a generator seeded alike.
#[test]
fn the_shared_generator_is_one_of_them() {
    np::random::seed(2024);
    let shared = np::concatenate([np::random::random_sample(3), np::random::exponential(3, 2)], 0);
    let mut own = RandomState::new(2024);
    assert_eq!(shared, np::concatenate([own.random_sample(3), own.exponential(3, 2)], 0));
}
