//! `np.random.default_rng`: NumPy's new generator and what is drawn from it. The bits are `pcg64`'s, the legacy functions
//! are in `legacy`.

use super::distributions::Draws;
use super::pcg64::Pcg64;
use super::table::{check, distributions};
use super::{Normals, concentrations, cumulated, outcomes, picked, population};
use crate::array::Array;
use crate::dtype::Element;
use crate::error::Error;
use crate::literal::ArrayLike;
use crate::np::shape_like::ShapeLike;

/// `np.random.Generator`: made by [`default_rng`]; its numbers are those of NumPy's with the same seed.
pub struct Generator {
    bits: Pcg64,
}

/// `np.random.default_rng(seed)`
///
/// ```
/// use flowbook::np;
/// let mut rng = np::random::default_rng(42);
/// assert_eq!(rng.random(3).to_string(), "[0.77395605 0.43887844 0.85859792]");
/// assert_eq!(rng.integers(0, 10, 4).to_string(), "[0 6 2 0]");
/// ```
pub fn default_rng(seed: u64) -> Generator {
    Generator { bits: Pcg64::new(seed) }
}

impl Generator {
    fn draw<T: Element>(&mut self, size: impl ShapeLike, mut draw: impl FnMut(&mut Pcg64) -> T) -> Array {
        let shape = size.shape();
        let n = shape.iter().product();
        Array::new((0..n).map(|_| draw(&mut self.bits)).collect::<Vec<T>>(), &shape)
    }

    /// `rng.integers(low, high, size)`: integers from `low` up to, not including, `high`; with NumPy's `endpoint=True` the
    /// bound is `high + 1`.
    ///
    /// # Panics
    /// `ValueError` when there is nothing between the bounds.
    #[track_caller]
    pub fn integers(&mut self, low: i64, high: i64, size: impl ShapeLike) -> Array {
        if low >= high {
            Error::Value("low >= high".into()).raise()
        }
        let range = (high - 1).wrapping_sub(low) as u64;
        self.draw(size, |bits| low.wrapping_add(bits.below_or_equal(range) as i64))
    }

    /// `rng.permutation(x)`: the entries in random order; a number stands for `0..n`.
    #[track_caller]
    pub fn permutation(&mut self, x: impl ArrayLike) -> Array {
        let x = population(x);
        x.take(self.bits.order(x.shape()[0]))
    }

    /// `rng.shuffle(x)`: puts the entries along the first axis into random order, in place.
    #[track_caller]
    pub fn shuffle(&mut self, x: &mut Array) {
        let n = x.shape().first().copied().unwrap_or(0);
        *x = x.take(self.bits.order(n));
    }

    /// `rng.choice(a, size)`: entries of `a`, each draw from all of them; a number stands for `0..n`.
    ///
    /// # Panics
    /// `ValueError` when there is nothing to choose from.
    #[track_caller]
    pub fn choice(&mut self, a: impl ArrayLike, size: impl ShapeLike) -> Array {
        let a = population(a);
        if a.is_empty() {
            Error::Value("a cannot be empty unless no samples are taken".into()).raise()
        }
        let indices = self.integers(0, a.shape()[0] as i64, size);
        a.take(indices)
    }

    /// `rng.choice(a, size, p=p)`: entries of `a` with the probabilities `p`.
    ///
    /// # Panics
    /// `ValueError` when `p` does not fit `a` or does not sum to 1.
    #[track_caller]
    pub fn choice_weighted(&mut self, a: impl ArrayLike, size: impl ShapeLike, p: impl ArrayLike) -> Array {
        let a = population(a);
        let running = cumulated(p, a.shape()[0]);
        let indices = self.draw(size, |bits| picked(&running, bits.uniform()));
        a.take(indices)
    }

    /// `rng.choice(a, size, replace=False)`: `size` different entries of `a`.
    ///
    /// # Panics
    /// `ValueError` when there are not that many.
    #[track_caller]
    pub fn choice_without_replacement(&mut self, a: impl ArrayLike, size: usize) -> Array {
        let a = population(a);
        let n = a.shape()[0];
        if size > n {
            Error::Value("Cannot take a larger sample than population when replace is False".into()).raise()
        }
        if n > 10_000 && size > n / 50 {
            let mut order: Vec<i64> = (0..n as i64).collect();
            self.bits.shuffle_from(&mut order, (n - size).max(1));
            return a.take(&order[n - size..]);
        }
        // Floyd's method: a number that was drawn before gives way to the largest of its range.
        let mut seen = std::collections::HashSet::new();
        let mut picks = Vec::with_capacity(size);
        for last in n - size..n {
            let draw = self.bits.below_or_equal(last as u64) as i64;
            let pick = if seen.contains(&draw) { last as i64 } else { draw };
            seen.insert(pick);
            picks.push(pick);
        }
        self.bits.shuffle_from(&mut picks, 1);
        a.take(picks)
    }

    /// `rng.permuted(x, axis=axis)`: the elements in random order, each row along the axis in one of its own.
    ///
    /// # Panics
    /// `AxisError` when there is no such axis.
    #[track_caller]
    pub fn permuted(&mut self, x: impl ArrayLike, axis: isize) -> Array {
        let x = x.to_array();
        let rows = crate::np::moveaxis(&x, axis, -1);
        let n = rows.shape().last().copied().unwrap_or(0);
        let shuffled: Vec<Array> =
            rows.reshape([rows.len() / n.max(1), n]).iter().map(|row| row.take(self.bits.order(n))).collect();
        match shuffled.is_empty() {
            true => x,
            false => crate::np::moveaxis(crate::np::stack(shuffled, 0).reshape(rows.shape()), -1, axis),
        }
    }

    /// `rng.multinomial(n, p, size)`: how many of `n` trials have each outcome, whose probabilities are `p`; a last axis
    /// goes over the outcomes.
    ///
    /// # Panics
    /// `ValueError` when the probabilities sum to more than 1.
    #[track_caller]
    pub fn multinomial(&mut self, n: i64, p: impl ArrayLike, size: impl ShapeLike) -> Array {
        let (p, shape) = outcomes(p, size);
        let times = shape.iter().product::<usize>();
        let counts: Vec<i64> = (0..times).flat_map(|_| self.bits.multinomial(n, &p)).collect();
        Array::new(counts, &[&shape[..], &[p.len()]].concat())
    }

    /// `rng.dirichlet(alpha, size)`: shares that sum to 1; a last axis goes over them.
    ///
    /// # Panics
    /// `ValueError` when an `alpha` is not positive.
    #[track_caller]
    pub fn dirichlet(&mut self, alpha: impl ArrayLike, size: impl ShapeLike) -> Array {
        let (alpha, shape) = concentrations(alpha, size);
        let times = shape.iter().product::<usize>();
        let shares: Vec<f64> = (0..times).flat_map(|_| self.bits.dirichlet(&alpha)).collect();
        Array::new(shares, &[&shape[..], &[alpha.len()]].concat())
    }

    /// `rng.multivariate_normal(mean, cov, size)`: normal numbers that vary together as `cov` says; a last axis goes over
    /// them. Of more than two variables the draws are NumPy's up to the signs that its decomposition happens to give.
    ///
    /// # Panics
    /// `ValueError` when the shapes do not fit.
    #[track_caller]
    pub fn multivariate_normal(&mut self, mean: impl ArrayLike, cov: impl ArrayLike, size: impl ShapeLike) -> Array {
        Normals::new(mean, cov, size).of(|shape| self.standard_normal(shape))
    }
}

/// The methods of the table of distributions.
macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),*) $([$condition:expr => $message:literal])* => |$bits:ident| $draw:expr;)*) => {
        impl Generator {
            $(
                $(#[$doc])*
                ///
                /// # Panics
                /// `ValueError` when an argument is out of its bounds or a size is negative.
                #[track_caller]
                pub fn $name(&mut self, $($arg: impl Into<f64>,)* size: impl ShapeLike) -> Array {
                    $(let $arg: f64 = $arg.into();)*
                    $(check($condition, $message);)*
                    self.draw(size, |$bits| $draw)
                }
            )*
        }
    };
}
distributions!(methods);
