//! One number of each distribution, drawn from any generator with NumPy's algorithms: the same draws in the same order, so
//! that the same numbers follow. What the two generators do differently stands with each of them.

use std::f64::consts::PI;

/// A generator of random numbers, and what follows from its first three distributions.
pub(super) trait Draws {
    /// Uniform in [0, 1).
    fn uniform(&mut self) -> f64;

    /// Mean 0, standard deviation 1.
    fn normal(&mut self) -> f64;

    /// Mean 1.
    fn standard_exponential(&mut self) -> f64;

    fn rayleigh(&mut self, scale: f64) -> f64;

    fn pareto(&mut self, a: f64) -> f64;

    fn power(&mut self, a: f64) -> f64;

    /// The number of trials to the first success when successes are rare.
    fn rare_geometric(&mut self, p: f64) -> i64;

    fn weibull(&mut self, a: f64) -> f64 {
        if a == 0.0 { 0.0 } else { self.standard_exponential().powf(1.0 / a) }
    }

    fn f(&mut self, dfnum: f64, dfden: f64) -> f64 {
        let above = self.chisquare(dfnum) * dfden;
        above / (self.chisquare(dfden) * dfnum)
    }

    fn negative_binomial(&mut self, n: f64, p: f64) -> i64 {
        let lam = (1.0 - p) / p * self.standard_gamma(n);
        self.poisson(lam)
    }

    /// Marsaglia and Tsang's method; below shape 1 that of Ahrens and Dieter.
    fn standard_gamma(&mut self, shape: f64) -> f64 {
        if shape == 1.0 {
            return self.standard_exponential();
        }
        if shape == 0.0 {
            return 0.0;
        }
        if shape < 1.0 {
            return self.small_gamma(shape);
        }
        let b = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * b).sqrt();
        loop {
            let (x, v) = loop {
                let x = self.normal();
                let v = 1.0 + c * x;
                if v > 0.0 {
                    break (x, v);
                }
            };
            let v = v * v * v;
            let u = self.uniform();
            if u < 1.0 - 0.0331 * (x * x) * (x * x) || u.ln() < 0.5 * x * x + b * (1.0 - v + v.ln()) {
                return b * v;
            }
        }
    }

    fn small_gamma(&mut self, shape: f64) -> f64 {
        loop {
            let (u, v) = (self.uniform(), self.standard_exponential());
            if u <= 1.0 - shape {
                let x = u.powf(1.0 / shape);
                if x <= v {
                    return x;
                }
                continue;
            }
            let y = -((1.0 - u) / shape).ln();
            let x = (1.0 - shape + shape * y).powf(1.0 / shape);
            if x <= v + y {
                return x;
            }
        }
    }

    fn beta(&mut self, a: f64, b: f64) -> f64 {
        if a > 1.0 || b > 1.0 {
            let (x, y) = (self.standard_gamma(a), self.standard_gamma(b));
            return x / (x + y);
        }
        // Johnk's method.
        loop {
            let (u, v) = (self.uniform(), self.uniform());
            let (x, y) = (u.powf(1.0 / a), v.powf(1.0 / b));
            if x + y > 1.0 {
                continue;
            }
            if x + y > 0.0 {
                return x / (x + y);
            }
            let (x, y) = (u.ln() / a, v.ln() / b);
            let most = x.max(y);
            let (x, y) = (x - most, y - most);
            return (x - (x.exp() + y.exp()).ln()).exp();
        }
    }

    fn chisquare(&mut self, df: f64) -> f64 {
        2.0 * self.standard_gamma(df / 2.0)
    }

    fn standard_t(&mut self, df: f64) -> f64 {
        let x = self.normal();
        let y = self.standard_gamma(df / 2.0);
        (df / 2.0).sqrt() * x / y.sqrt()
    }

    fn standard_cauchy(&mut self) -> f64 {
        let x = self.normal();
        x / self.normal()
    }

    /// A uniform number other than 0.
    fn positive(&mut self) -> f64 {
        loop {
            let u = self.uniform();
            if u > 0.0 {
                return u;
            }
        }
    }

    fn laplace(&mut self, loc: f64, scale: f64) -> f64 {
        let u = self.positive();
        if u >= 0.5 { loc - scale * (2.0 - u - u).ln() } else { loc + scale * (u + u).ln() }
    }

    fn logistic(&mut self, loc: f64, scale: f64) -> f64 {
        let u = self.positive();
        loc + scale * (u / (1.0 - u)).ln()
    }

    fn gumbel(&mut self, loc: f64, scale: f64) -> f64 {
        let u = 1.0 - self.positive();
        loc - scale * (-u.ln()).ln()
    }

    fn triangular(&mut self, left: f64, mode: f64, right: f64) -> f64 {
        let (base, rise) = (right - left, mode - left);
        let u = self.uniform();
        if u <= rise / base {
            left + (u * (rise * base)).sqrt()
        } else {
            right - ((1.0 - u) * ((right - mode) * base)).sqrt()
        }
    }

    fn geometric(&mut self, p: f64) -> i64 {
        if p < 1.0 / 3.0 {
            return self.rare_geometric(p);
        }
        let (mut n, mut sum, mut probability) = (1, p, p);
        let u = self.uniform();
        while u > sum {
            probability *= 1.0 - p;
            sum += probability;
            n += 1;
        }
        n
    }

    fn poisson(&mut self, lam: f64) -> i64 {
        if lam >= 10.0 {
            return self.large_poisson(lam);
        }
        if lam == 0.0 {
            return 0;
        }
        let least = (-lam).exp();
        let (mut n, mut product) = (0, 1.0);
        loop {
            product *= self.uniform();
            if product <= least {
                return n;
            }
            n += 1;
        }
    }

    /// Hörmann's transformed rejection.
    fn large_poisson(&mut self, lam: f64) -> i64 {
        let (root, log) = (lam.sqrt(), lam.ln());
        let b = 0.931 + 2.53 * root;
        let a = -0.059 + 0.02483 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let v_r = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let u = self.uniform() - 0.5;
            let v = self.uniform();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + lam + 0.43).floor();
            if us >= 0.07 && v <= v_r {
                return k as i64;
            }
            if k < 0.0 || us < 0.013 && v > us {
                continue;
            }
            let below = v.ln() + inverse_alpha.ln() - (a / (us * us) + b).ln();
            if below <= -lam + k * log - log_gamma(k + 1.0) {
                return k as i64;
            }
        }
    }

    fn binomial(&mut self, n: i64, p: f64) -> i64 {
        // What is certain from the start takes no draw.
        if n == 0 || p == 0.0 {
            return 0;
        }
        let rare = p.min(1.0 - p);
        let count =
            if rare * n as f64 <= 30.0 { self.binomial_inversion(n, rare) } else { self.binomial_btpe(n, rare) };
        if p <= 0.5 { count } else { n - count }
    }

    fn binomial_inversion(&mut self, n: i64, p: f64) -> i64 {
        let (q, mean) = (1.0 - p, n as f64 * p);
        let none = (n as f64 * q.ln()).exp();
        let bound = (n as f64).min(mean + 10.0 * (mean * q + 1.0).sqrt()) as i64;
        let (mut count, mut probability, mut u) = (0, none, self.uniform());
        while u > probability {
            count += 1;
            if count > bound {
                (count, probability, u) = (0, none, self.uniform());
            } else {
                u -= probability;
                probability = (n - count + 1) as f64 * p * probability / (count as f64 * q);
            }
        }
        count
    }

    /// Kachitvichyanukul and Schmeiser's method: triangle, parallelograms, exponential tails.
    fn binomial_btpe(&mut self, n: i64, r: f64) -> i64 {
        let (count, q) = (n as f64, 1.0 - r);
        let fm = count * r + r;
        let m = fm.floor();
        let p1 = (2.195 * (count * r * q).sqrt() - 4.6 * q).floor() + 0.5;
        let xm = m + 0.5;
        let (xl, xr) = (xm - p1, xm + p1);
        let c = 0.134 + 20.5 / (15.3 + m);
        let slope = |a: f64| a * (1.0 + a / 2.0);
        let left = slope((fm - xl) / (fm - xl * r));
        let right = slope((xr - fm) / (xr * q));
        let p2 = p1 * (1.0 + 2.0 * c);
        let p3 = p2 + c / left;
        let p4 = p3 + c / right;
        let nrq = count * r * q;
        loop {
            let u = self.uniform() * p4;
            let mut v = self.uniform();
            let y = if u <= p1 {
                return (xm - p1 * v + u).floor() as i64;
            } else if u <= p2 {
                let x = xl + (u - p1) / c;
                v = v * c + 1.0 - (m - x + 0.5).abs() / p1;
                if v > 1.0 {
                    continue;
                }
                x.floor()
            } else if u <= p3 {
                let y = (xl + v.ln() / left).floor();
                if y < 0.0 || v == 0.0 {
                    continue;
                }
                v = v * (u - p2) * left;
                y
            } else {
                let y = (xr - v.ln() / right).floor();
                if y > count || v == 0.0 {
                    continue;
                }
                v = v * (u - p3) * right;
                y
            };
            let k = (y - m).abs();
            let fits = if k > 20.0 && k < nrq / 2.0 - 1.0 {
                let rho = (k / nrq) * ((k * (k / 3.0 + 0.625) + 0.16666666666666666) / nrq + 0.5);
                let t = -k * k / (2.0 * nrq);
                let a = v.ln();
                a < t - rho || a <= t + rho && a <= Peak { n: count, m, xm, r, q }.bound(y)
            } else {
                let s = r / q;
                let a = s * (count + 1.0);
                let factor = |i: i64| a / i as f64 - s;
                let up = (m as i64 + 1..=y as i64).fold(1.0, |f, i| f * factor(i));
                v <= (y as i64 + 1..=m as i64).fold(up, |f, i| f / factor(i))
            };
            if fits {
                return y as i64;
            }
        }
    }

    fn dirichlet(&mut self, alpha: &[f64]) -> Vec<f64> {
        let draws: Vec<f64> = alpha.iter().map(|a| self.standard_gamma(*a)).collect();
        let inverse = 1.0 / draws.iter().fold(0.0, |sum, x| sum + x);
        draws.iter().map(|x| x * inverse).collect()
    }

    fn multinomial(&mut self, n: i64, p: &[f64]) -> Vec<i64> {
        let (mut counts, mut left, mut rest) = (vec![0; p.len()], n, 1.0);
        for (count, p) in counts.iter_mut().zip(&p[..p.len().saturating_sub(1)]) {
            *count = if *p == 0.0 { 0 } else { self.binomial(left, p / rest) };
            left -= *count;
            if left <= 0 {
                return counts;
            }
            rest -= p;
        }
        if let Some(last) = counts.last_mut() {
            *last = left;
        }
        counts
    }
}

/// What the last test of the binomial method needs.
struct Peak {
    n: f64,
    m: f64,
    xm: f64,
    r: f64,
    q: f64,
}

impl Peak {
    /// Stirling's bound for the logarithm of the density at `y`.
    fn bound(&self, y: f64) -> f64 {
        let Peak { n, m, xm, r, q } = *self;
        let (x1, f1, z, w) = (y + 1.0, m + 1.0, n + 1.0 - m, n - y + 1.0);
        let series = |x: f64| {
            let square = x * x;
            (13680. - (462. - (132. - (99. - 140. / square) / square) / square) / square) / x / 166320.
        };
        xm * (f1 / x1).ln()
            + (n - m + 0.5) * (z / w).ln()
            + (y - m) * (w * r / (x1 * q)).ln()
            + series(f1)
            + series(z)
            + series(x1)
            + series(w)
    }
}

/// The logarithm of the gamma function, by Stirling's series from 7 on.
fn log_gamma(x: f64) -> f64 {
    const SERIES: [f64; 10] = [
        8.333333333333333e-02,
        -2.777777777777778e-03,
        7.936507936507937e-04,
        -5.952380952380952e-04,
        8.417508417508418e-04,
        -1.917526917526918e-03,
        6.410256410256410e-03,
        -2.955065359477124e-02,
        1.796443723688307e-01,
        -1.39243221690590e+00,
    ];
    if x == 1.0 || x == 2.0 {
        return 0.0;
    }
    let steps = if x <= 7.0 { (7.0 - x) as i64 } else { 0 };
    let mut high = x + steps as f64;
    let square = 1.0 / (high * high);
    let sum = SERIES[..9].iter().rev().fold(SERIES[9], |sum, a| sum * square + a);
    let mut result = sum / high + 0.5 * (2.0 * PI).ln() + (high - 0.5) * high.ln() - high;
    for _ in 0..steps {
        result -= (high - 1.0).ln();
        high -= 1.0;
    }
    result
}
