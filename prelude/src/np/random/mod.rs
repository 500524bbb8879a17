//! `np.random`: NumPy's legacy functions on a shared generator, and its new ones on generators of one's own, number for
//! number. `np::random::seed(0)` makes the same numbers follow as in Python.

mod distributions;
mod generator;
mod legacy;
mod mt19937;
mod ziggurat;

pub use generator::{Generator, default_rng};
pub use legacy::{
    RandomState, beta, binomial, chisquare, choice, choice_weighted, choice_without_replacement, dirichlet,
    exponential, gamma, geometric, gumbel, laplace, logistic, lognormal, multinomial, normal, pareto, permutation,
    poisson, power, rand, randint, randn, random, random_sample, rayleigh, seed, shuffle, standard_cauchy,
    standard_exponential, standard_gamma, standard_normal, standard_t, triangular, uniform, weibull,
};
pub(crate) use mt19937::Mt19937;

use crate::array::Array;
use crate::error::Error;
use crate::literal::ArrayLike;

/// What permutations and choices draw from: a number stands for `0..n`.
#[track_caller]
fn population(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    if x.ndim() > 0 {
        return x;
    }
    let n: i64 = x.item();
    Array::new((0..n).collect::<Vec<i64>>(), &[n.max(0) as usize])
}

/// The running sums of probabilities, the last of them 1.
#[track_caller]
fn cumulated(p: impl ArrayLike, n: usize) -> Vec<f64> {
    let p = p.to_array();
    if p.shape() != [n] {
        Error::Value("'a' and 'p' must have same size".into()).raise()
    }
    let mut running: Vec<f64> = p.to_vec();
    if running.iter().any(|p| *p < 0.0) {
        Error::Value("probabilities are not non-negative".into()).raise()
    }
    if (running.iter().sum::<f64>() - 1.0).abs() > 1e-8 {
        Error::Value("probabilities do not sum to 1".into()).raise()
    }
    for i in 1..running.len() {
        running[i] += running[i - 1];
    }
    let total = running.last().copied().unwrap_or(1.0);
    running.iter_mut().for_each(|sum| *sum /= total);
    running
}

/// How many of the running sums a draw has reached.
fn picked(running: &[f64], draw: f64) -> i64 {
    running.partition_point(|sum| *sum <= draw) as i64
}
