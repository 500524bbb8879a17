//! The distributions that both generators have: name, arguments, what must hold of them, and one draw.
//! How a number is drawn is in `distributions`.

use crate::error::Error;

/// Gives the table to a macro, which makes functions or methods of it.
macro_rules! distributions {
    ($with:ident) => {
        $with! {
            /// `random(size)`: uniform in [0, 1).
            random() => |bits| bits.uniform();
            /// `standard_normal(size)`: mean 0, standard deviation 1.
            standard_normal() => |bits| bits.normal();
            /// `uniform(low, high, size)`
            uniform(low, high) => |bits| low + (high - low) * bits.uniform();
            /// `normal(loc, scale, size)`: mean `loc`, standard deviation `scale`.
            normal(loc, scale) [scale >= 0.0 => "scale < 0"] => |bits| loc + scale * bits.normal();
            /// `lognormal(mean, sigma, size)`: e to the power of normal numbers.
            lognormal(mean, sigma) [sigma >= 0.0 => "sigma < 0"] => |bits| (mean + sigma * bits.normal()).exp();
            /// `standard_exponential(size)`: mean 1.
            standard_exponential() => |bits| bits.standard_exponential();
            /// `exponential(scale, size)`: mean `scale`.
            exponential(scale) [scale >= 0.0 => "scale < 0"] => |bits| scale * bits.standard_exponential();
            /// `standard_gamma(shape, size)`
            standard_gamma(shape) [shape >= 0.0 => "shape < 0"] => |bits| bits.standard_gamma(shape);
            /// `gamma(shape, scale, size)`
            gamma(shape, scale) [shape >= 0.0 => "shape < 0"] [scale >= 0.0 => "scale < 0"] => |bits| scale * bits.standard_gamma(shape);
            /// `beta(a, b, size)`
            beta(a, b) [a > 0.0 => "a <= 0"] [b > 0.0 => "b <= 0"] => |bits| bits.beta(a, b);
            /// `chisquare(df, size)`
            chisquare(df) [df > 0.0 => "df <= 0"] => |bits| bits.chisquare(df);
            /// `standard_t(df, size)`: Student's distribution.
            standard_t(df) [df > 0.0 => "df <= 0"] => |bits| bits.standard_t(df);
            /// `standard_cauchy(size)`
            standard_cauchy() => |bits| bits.standard_cauchy();
            /// `laplace(loc, scale, size)`
            laplace(loc, scale) [scale >= 0.0 => "scale < 0"] => |bits| bits.laplace(loc, scale);
            /// `logistic(loc, scale, size)`
            logistic(loc, scale) [scale >= 0.0 => "scale < 0"] => |bits| bits.logistic(loc, scale);
            /// `gumbel(loc, scale, size)`
            gumbel(loc, scale) [scale >= 0.0 => "scale < 0"] => |bits| bits.gumbel(loc, scale);
            /// `rayleigh(scale, size)`
            rayleigh(scale) [scale >= 0.0 => "scale < 0"] => |bits| bits.rayleigh(scale);
            /// `weibull(a, size)`
            weibull(a) [a >= 0.0 => "a < 0"] => |bits| bits.weibull(a);
            /// `pareto(a, size)`
            pareto(a) [a > 0.0 => "a <= 0"] => |bits| bits.pareto(a);
            /// `power(a, size)`
            power(a) [a > 0.0 => "a <= 0"] => |bits| bits.power(a);
            /// `triangular(left, mode, right, size)`
            triangular(left, mode, right) [left <= mode => "left > mode"] [mode <= right => "mode > right"] [left != right => "left == right"]
                => |bits| bits.triangular(left, mode, right);
            /// `poisson(lam, size)`: how often something happens whose mean number is `lam`.
            poisson(lam) [lam >= 0.0 => "lam < 0 or lam is NaN"] => |bits| bits.poisson(lam);
            /// `binomial(n, p, size)`: how many of `n` trials succeed, each with probability `p`.
            binomial(n, p) [n >= 0.0 => "n < 0"] [(0.0..=1.0).contains(&p) => "p < 0, p > 1 or p is NaN"] => |bits| bits.binomial(n as i64, p);
            /// `geometric(p, size)`: how many trials it takes to the first success, each with probability `p`.
            geometric(p) [p > 0.0 && p <= 1.0 => "p <= 0, p > 1 or p contains NaNs"] => |bits| bits.geometric(p);
            /// `f(dfnum, dfden, size)`: Fisher's distribution, of a quotient of two variances.
            f(dfnum, dfden) [dfnum > 0.0 => "dfnum <= 0"] [dfden > 0.0 => "dfden <= 0"] => |bits| bits.f(dfnum, dfden);
            /// `negative_binomial(n, p, size)`: how many trials fail before `n` succeed, each with probability `p`.
            negative_binomial(n, p) [n > 0.0 => "n <= 0"] [p > 0.0 && p <= 1.0 => "p <= 0, p > 1 or p contains NaNs"]
                => |bits| bits.negative_binomial(n, p);
        }
    };
}
pub(super) use distributions;

#[track_caller]
pub(super) fn check(holds: bool, message: &str) {
    if !holds {
        Error::Value(message.into()).raise()
    }
}
