//! `np.random`: NumPy's legacy functions on a shared generator, and its new ones on generators of one's own, number for
//! number. `np::random::seed(0)` makes the same numbers follow as in Python.

mod distributions;
mod generator;
mod legacy;
mod mt19937;
mod pcg64;
mod table;
mod ziggurat;
mod ziggurat_exponential;

pub use generator::{Generator, default_rng};
pub use legacy::{
    RandomState, beta, binomial, chisquare, choice, choice_weighted, choice_without_replacement, dirichlet,
    exponential, f, gamma, geometric, gumbel, laplace, logistic, lognormal, multinomial, multivariate_normal,
    negative_binomial, normal, pareto, permutation, poisson, power, rand, randint, randn, random, random_sample,
    rayleigh, seed, shuffle, standard_cauchy, standard_exponential, standard_gamma, standard_normal, standard_t,
    triangular, uniform, weibull,
};
pub(crate) use mt19937::Mt19937;

use super::{linalg, matmul, sqrt};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;
use crate::np::shape_like::ShapeLike;

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

#[track_caller]
fn outcomes(p: impl ArrayLike, size: impl ShapeLike) -> (Vec<f64>, Vec<usize>) {
    let p = p.to_array().to_vec::<f64>();
    let others: f64 = p[..p.len().saturating_sub(1)].iter().sum();
    table::check(others <= 1.0 + 1e-12, "sum(pvals[:-1]) > 1.0");
    (p, size.shape())
}

#[track_caller]
fn concentrations(alpha: impl ArrayLike, size: impl ShapeLike) -> (Vec<f64>, Vec<usize>) {
    let alpha = alpha.to_array().to_vec::<f64>();
    table::check(alpha.iter().all(|a| *a > 0.0), "alpha <= 0");
    (alpha, size.shape())
}

/// What several normal numbers that vary together are made of.
struct Normals {
    mean: Array,
    /// Turns independent numbers, one a column, into such that vary together.
    factor: Array,
    shape: Vec<usize>,
}

impl Normals {
    #[track_caller]
    fn new(mean: impl ArrayLike, cov: impl ArrayLike, size: impl ShapeLike) -> Normals {
        let (mean, cov) = (mean.to_array(), cov.to_array());
        let n = mean.len();
        table::check(mean.ndim() == 1, "mean must be 1 dimensional");
        table::check(cov.ndim() == 2 && cov.shape()[0] == cov.shape()[1], "cov must be 2 dimensional and square");
        table::check(cov.shape()[0] == n, "mean and cov must have same length");
        let (_, s, vectors) = linalg::svd(cov.astype(DType::Float64));
        let signs = signs(&cov.to_vec::<f64>(), &vectors);
        let factor = sqrt(s).reshape((-1, 1)) * (vectors * signs);
        Normals { mean, factor, shape: [&size.shape()[..], &[n]].concat() }
    }

    /// From standard normal numbers, which `draw` gives in a shape.
    fn of(self, draw: impl FnOnce(&[usize]) -> Array) -> Array {
        let numbers = draw(&self.shape).reshape((-1, self.mean.len() as i64));
        (matmul(numbers, self.factor) + self.mean).reshape(self.shape)
    }
}

/// What turns the sign of each singular vector of a covariance, a row each, to that of NumPy's decomposition: of two
/// variables as LAPACK's steps give it, of independent ones plus.
fn signs(cov: &[f64], vectors: &Array) -> Array {
    let n = vectors.shape()[0];
    let v = vectors.to_vec::<f64>();
    let signs = match *cov {
        [a, b, _, d] if b != 0.0 => {
            let swapped = b > 0.0 && a * d - b * b > a * a + b * b;
            let (first, second) = if swapped { (1.0, 1.0) } else { (-1.0, -b.signum()) };
            vec![first * v[0].signum(), second * v[2].signum()]
        }
        _ => (0..n)
            .map(|row| {
                let larger = |most: f64, x: &f64| if x.abs() > most.abs() { *x } else { most };
                1f64.copysign(v[row * n..(row + 1) * n].iter().fold(0.0, larger))
            })
            .collect(),
    };
    Array::new(signs, &[n, 1])
}
