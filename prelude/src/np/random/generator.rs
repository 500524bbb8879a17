//! `np.random.default_rng`: NumPy's new generator, PCG64 seeded by a `SeedSequence`, and what is drawn from it.
//! The legacy functions are in `legacy`.

use super::ziggurat::{DENSITY, SURE, TAIL, WIDTH};
use super::{cumulated, picked, population};
use crate::array::Array;
use crate::dtype::Element;
use crate::error::Error;
use crate::literal::ArrayLike;
use crate::np::shape_like::ShapeLike;

/// `np.random.Generator`: made by [`default_rng`]; its numbers are those of NumPy's with the same seed.
pub struct Generator {
    state: u128,
    increment: u128,
    /// The upper half of a draw of which only 32 bits were needed.
    spare: Option<u32>,
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
    let [a, b, c, d] = seed_words(seed);
    let wide = |high: u64, low: u64| u128::from(high) << 64 | u128::from(low);
    let mut generator = Generator { state: 0, increment: wide(c, d) << 1 | 1, spare: None };
    generator.step();
    generator.state = generator.state.wrapping_add(wide(a, b));
    generator.step();
    generator
}

/// What a `SeedSequence` of one integer gives to a generator.
fn seed_words(seed: u64) -> [u64; 4] {
    const POOL: usize = 4;
    let mut hash = 0x43b0_d7e5u32;
    let mut hashed = |value: u32| {
        let value = value ^ hash;
        hash = hash.wrapping_mul(0x931e_8875);
        let value = value.wrapping_mul(hash);
        value ^ value >> 16
    };
    let mut pool = [0; POOL];
    let entropy = [seed as u32, (seed >> 32) as u32, 0, 0];
    for (slot, word) in pool.iter_mut().zip(entropy) {
        *slot = hashed(word);
    }
    for source in 0..POOL {
        for target in (0..POOL).filter(|target| *target != source) {
            let other = hashed(pool[source]);
            let mixed = pool[target].wrapping_mul(0xca01_f9dd).wrapping_sub(other.wrapping_mul(0x4973_f715));
            pool[target] = mixed ^ mixed >> 16;
        }
    }
    let mut hash = 0x8b51_f9ddu32;
    let words: Vec<u64> = (0..2 * POOL)
        .map(|k| {
            let value = pool[k % POOL] ^ hash;
            hash = hash.wrapping_mul(0x58f3_8ded);
            let value = value.wrapping_mul(hash);
            u64::from(value ^ value >> 16)
        })
        .collect();
    std::array::from_fn(|k| words[2 * k] | words[2 * k + 1] << 32)
}

impl Generator {
    fn step(&mut self) {
        const FACTOR: u128 = 2_549_297_995_355_413_924 << 64 | 4_865_540_595_714_422_341;
        self.state = self.state.wrapping_mul(FACTOR).wrapping_add(self.increment);
    }

    fn next_u64(&mut self) -> u64 {
        self.step();
        ((self.state >> 64) as u64 ^ self.state as u64).rotate_right((self.state >> 122) as u32)
    }

    fn next_u32(&mut self) -> u32 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let draw = self.next_u64();
        self.spare = Some((draw >> 32) as u32);
        draw as u32
    }

    /// Uniform in [0, 1) with 53 bits.
    fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Standard normal, by the ziggurat of 256 layers.
    fn gauss(&mut self) -> f64 {
        loop {
            let draw = self.next_u64();
            let (layer, negative) = ((draw & 0xff) as usize, draw >> 8 & 1 == 1);
            let size = draw >> 9 & 0x000f_ffff_ffff_ffff;
            let x = size as f64 * f64::from_bits(WIDTH[layer]);
            let x = if negative { -x } else { x };
            if size < SURE[layer] {
                return x;
            }
            if layer == 0 {
                return self.tail(size >> 8 & 1 == 1);
            }
            let (above, below) = (f64::from_bits(DENSITY[layer - 1]), f64::from_bits(DENSITY[layer]));
            if (above - below) * self.unit() + below < (-0.5 * x * x).exp() {
                return x;
            }
        }
    }

    /// Marsaglia's method beyond the last layer.
    fn tail(&mut self, negative: bool) -> f64 {
        loop {
            let x = -(1.0 / TAIL) * (1.0 - self.unit()).ln();
            let y = -(1.0 - self.unit()).ln();
            if y + y > x * x {
                return if negative { -(TAIL + x) } else { TAIL + x };
            }
        }
    }

    /// Uniform in 0..=max, by Lemire's method.
    fn below_or_equal(&mut self, max: u64) -> u64 {
        if max == 0 {
            return 0;
        }
        if max == u64::MAX {
            return self.next_u64();
        }
        if let Ok(max) = u32::try_from(max) {
            return u64::from(self.below_or_equal_32(max));
        }
        let count = max + 1;
        let mut product = u128::from(self.next_u64()) * u128::from(count);
        if (product as u64) < count {
            let threshold = (u64::MAX - max) % count;
            while (product as u64) < threshold {
                product = u128::from(self.next_u64()) * u128::from(count);
            }
        }
        (product >> 64) as u64
    }

    fn below_or_equal_32(&mut self, max: u32) -> u32 {
        if max == u32::MAX {
            return self.next_u32();
        }
        let count = max + 1;
        let mut product = u64::from(self.next_u32()) * u64::from(count);
        if (product as u32) < count {
            let threshold = (u32::MAX - max) % count;
            while (product as u32) < threshold {
                product = u64::from(self.next_u32()) * u64::from(count);
            }
        }
        (product >> 32) as u32
    }

    /// Puts the entries from `first` on into random order, as choices do.
    fn shuffle_from(&mut self, order: &mut [i64], first: usize) {
        for i in (first..order.len()).rev() {
            order.swap(i, self.below_or_equal(i as u64) as usize);
        }
    }

    /// A random order, as permutations make it: with draws of just enough bits until one fits.
    fn order(&mut self, n: usize) -> Vec<i64> {
        let mut order: Vec<i64> = (0..n as i64).collect();
        for i in (1..n).rev() {
            let mask = u32::MAX >> (i as u32).leading_zeros();
            let fitting = loop {
                let draw = (self.next_u32() & mask) as usize;
                if draw <= i {
                    break draw;
                }
            };
            order.swap(i, fitting);
        }
        order
    }

    fn draw<T: Element>(&mut self, size: impl ShapeLike, mut draw: impl FnMut(&mut Generator) -> T) -> Array {
        let shape = size.shape();
        let n = shape.iter().product();
        Array::new((0..n).map(|_| draw(self)).collect::<Vec<T>>(), &shape)
    }

    /// `rng.random(size)`: uniform in [0, 1); `()` for one number.
    #[track_caller]
    pub fn random(&mut self, size: impl ShapeLike) -> Array {
        self.draw(size, Generator::unit)
    }

    /// `rng.uniform(low, high, size)`
    #[track_caller]
    pub fn uniform(&mut self, low: impl Into<f64>, high: impl Into<f64>, size: impl ShapeLike) -> Array {
        let (low, high): (f64, f64) = (low.into(), high.into());
        self.draw(size, |rng| low + (high - low) * rng.unit())
    }

    /// `rng.standard_normal(size)`: mean 0, standard deviation 1.
    #[track_caller]
    pub fn standard_normal(&mut self, size: impl ShapeLike) -> Array {
        self.draw(size, Generator::gauss)
    }

    /// `rng.normal(loc, scale, size)`: mean `loc`, standard deviation `scale`.
    ///
    /// # Panics
    /// `ValueError` when `scale` is negative.
    #[track_caller]
    pub fn normal(&mut self, loc: impl Into<f64>, scale: impl Into<f64>, size: impl ShapeLike) -> Array {
        let (loc, scale): (f64, f64) = (loc.into(), scale.into());
        if scale < 0.0 {
            Error::Value("scale < 0".into()).raise()
        }
        self.draw(size, |rng| loc + scale * rng.gauss())
    }

    /// `rng.integers(low, high, size)`: integers from `low` up to, not including, `high`.
    ///
    /// # Panics
    /// `ValueError` when there is nothing between the bounds.
    #[track_caller]
    pub fn integers(&mut self, low: i64, high: i64, size: impl ShapeLike) -> Array {
        if low >= high {
            Error::Value("low >= high".into()).raise()
        }
        let range = (high - 1).wrapping_sub(low) as u64;
        self.draw(size, |rng| low.wrapping_add(rng.below_or_equal(range) as i64))
    }

    /// `rng.permutation(x)`: the entries in random order; a number stands for `0..n`.
    #[track_caller]
    pub fn permutation(&mut self, x: impl ArrayLike) -> Array {
        let x = population(x);
        x.take(self.order(x.shape()[0]))
    }

    /// `rng.shuffle(x)`: puts the entries along the first axis into random order, in place.
    #[track_caller]
    pub fn shuffle(&mut self, x: &mut Array) {
        let n = x.shape().first().copied().unwrap_or(0);
        *x = x.take(self.order(n));
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
        let indices = self.draw(size, |rng| picked(&running, rng.unit()));
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
            self.shuffle_from(&mut order, (n - size).max(1));
            return a.take(&order[n - size..]);
        }
        // Floyd's method: a number that was drawn before gives way to the largest of its range.
        let mut seen = std::collections::HashSet::new();
        let mut picks = Vec::with_capacity(size);
        for last in n - size..n {
            let draw = self.below_or_equal(last as u64) as i64;
            let pick = if seen.contains(&draw) { last as i64 } else { draw };
            seen.insert(pick);
            picks.push(pick);
        }
        self.shuffle_from(&mut picks, 1);
        a.take(picks)
    }
}
