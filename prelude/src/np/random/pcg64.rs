//! PCG64 seeded by a `SeedSequence`, and what NumPy's new generator draws from it directly: uniform, normal and exponential
//! numbers, bounded integers, random orders. Distributions are in `distributions`.

use super::distributions::Draws;
use super::ziggurat::{DENSITY, SURE, TAIL, WIDTH};
use super::ziggurat_exponential as exponential;

/// The generator PCG64.
pub(super) struct Pcg64 {
    state: u128,
    increment: u128,
    /// The upper half of a draw of which only 32 bits were needed.
    spare: Option<u32>,
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

impl Pcg64 {
    pub(super) fn new(seed: u64) -> Pcg64 {
        let [a, b, c, d] = seed_words(seed);
        let wide = |high: u64, low: u64| u128::from(high) << 64 | u128::from(low);
        let mut generator = Pcg64 { state: 0, increment: wide(c, d) << 1 | 1, spare: None };
        generator.step();
        generator.state = generator.state.wrapping_add(wide(a, b));
        generator.step();
        generator
    }

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

    /// Marsaglia's method beyond the last layer.
    fn tail(&mut self, negative: bool) -> f64 {
        loop {
            let x = -(1.0 / TAIL) * (1.0 - self.uniform()).ln();
            let y = -(1.0 - self.uniform()).ln();
            if y + y > x * x {
                return if negative { -(TAIL + x) } else { TAIL + x };
            }
        }
    }

    /// Uniform in 0..=max, by Lemire's method.
    pub(super) fn below_or_equal(&mut self, max: u64) -> u64 {
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
    pub(super) fn shuffle_from(&mut self, order: &mut [i64], first: usize) {
        for i in (first..order.len()).rev() {
            order.swap(i, self.below_or_equal(i as u64) as usize);
        }
    }

    /// A random order, as permutations make it: with draws of just enough bits until one fits.
    pub(super) fn order(&mut self, n: usize) -> Vec<i64> {
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
}

impl Draws for Pcg64 {
    /// Uniform in [0, 1) with 53 bits.
    fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Standard normal, by the ziggurat of 256 layers.
    fn normal(&mut self) -> f64 {
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
            if (above - below) * self.uniform() + below < (-0.5 * x * x).exp() {
                return x;
            }
        }
    }

    /// By the ziggurat of 256 layers.
    fn standard_exponential(&mut self) -> f64 {
        loop {
            let draw = self.next_u64() >> 3;
            let (layer, size) = ((draw & 0xff) as usize, draw >> 8);
            let x = size as f64 * f64::from_bits(exponential::WIDTH[layer]);
            if size < exponential::SURE[layer] {
                return x;
            }
            if layer == 0 {
                return exponential::TAIL - (-self.uniform()).ln_1p();
            }
            let density = |layer: usize| f64::from_bits(exponential::DENSITY[layer]);
            let (above, below) = (density(layer - 1), density(layer));
            if (above - below) * self.uniform() + below < (-x).exp() {
                return x;
            }
        }
    }

    fn rayleigh(&mut self, scale: f64) -> f64 {
        scale * (2.0 * self.standard_exponential()).sqrt()
    }

    fn pareto(&mut self, a: f64) -> f64 {
        (self.standard_exponential() / a).exp_m1()
    }

    fn power(&mut self, a: f64) -> f64 {
        (-(-self.standard_exponential()).exp_m1()).powf(1.0 / a)
    }

    fn rare_geometric(&mut self, p: f64) -> i64 {
        (-self.standard_exponential() / (-p).ln_1p()).ceil() as i64
    }
}
