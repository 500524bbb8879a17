//! The Mersenne Twister MT19937, and what NumPy's legacy functions draw from it directly: uniform and normal numbers,
//! bounded integers. Distributions are in `distributions`.

use super::distributions::Draws;

const STATE: usize = 624;
const SHIFT: usize = 397;

/// The generator MT19937, with the second normal number that each pair leaves over.
pub(crate) struct Mt19937 {
    state: [u32; STATE],
    at: usize,
    spare: Option<f64>,
}

impl Mt19937 {
    pub(super) fn new(seed: u32) -> Mt19937 {
        let mut state = [seed; STATE];
        for i in 1..STATE {
            let last = state[i - 1];
            state[i] = 1_812_433_253u32.wrapping_mul(last ^ (last >> 30)).wrapping_add(i as u32);
        }
        Mt19937 { state, at: STATE, spare: None }
    }

    /// Seeded by one word as Python's own `random` does it: MT19937's `init_by_array`.
    pub(crate) fn from_key(key: u32) -> Mt19937 {
        let mut generator = Mt19937::new(19_650_218);
        let state = &mut generator.state;
        let mut i = 1;
        let mut mix = |state: &mut [u32; STATE], factor: u32, added: u32, index: bool| {
            let last = state[i - 1];
            let mixed = state[i] ^ (last ^ (last >> 30)).wrapping_mul(factor);
            state[i] = if index { mixed.wrapping_sub(i as u32) } else { mixed.wrapping_add(added) };
            i += 1;
            if i == STATE {
                state[0] = state[STATE - 1];
                i = 1;
            }
        };
        (0..STATE).for_each(|_| mix(state, 1_664_525, key, false));
        (0..STATE - 1).for_each(|_| mix(state, 1_566_083_941, 0, true));
        state[0] = 0x8000_0000;
        generator
    }

    fn refill(&mut self) {
        for i in 0..STATE {
            let y = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % STATE] & 0x7fff_ffff);
            let odd = if y & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[i] = self.state[(i + SHIFT) % STATE] ^ (y >> 1) ^ odd;
        }
        self.at = 0;
    }

    pub(crate) fn next_u32(&mut self) -> u32 {
        if self.at == STATE {
            self.refill();
        }
        let mut y = self.state[self.at];
        self.at += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    /// Uniform in [0, 1) with 53 bits.
    pub(super) fn uniform(&mut self) -> f64 {
        let (high, low) = (self.next_u32() >> 5, self.next_u32() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// Standard normal, by Marsaglia's polar method.
    pub(super) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 && square != 0.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(factor * x);
                return factor * y;
            }
        }
    }

    /// Uniform in 0..=max: draws of just enough bits until one fits.
    pub(super) fn below_or_equal(&mut self, max: u64) -> u64 {
        if max == 0 {
            return 0;
        }
        let mask = u64::MAX >> max.leading_zeros();
        loop {
            let draw = if max <= u64::from(u32::MAX) {
                u64::from(self.next_u32())
            } else {
                u64::from(self.next_u32()) << 32 | u64::from(self.next_u32())
            };
            if draw & mask <= max {
                return draw & mask;
            }
        }
    }

    pub(super) fn permutation(&mut self, n: usize) -> Vec<i64> {
        let mut order: Vec<i64> = (0..n as i64).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below_or_equal(i as u64) as usize);
        }
        order
    }
}

impl Draws for Mt19937 {
    fn uniform(&mut self) -> f64 {
        Mt19937::uniform(self)
    }

    fn normal(&mut self) -> f64 {
        Mt19937::normal(self)
    }

    fn standard_exponential(&mut self) -> f64 {
        -(1.0 - Mt19937::uniform(self)).ln()
    }

    fn rayleigh(&mut self, scale: f64) -> f64 {
        scale * (-2.0 * (1.0 - Mt19937::uniform(self)).ln()).sqrt()
    }

    fn pareto(&mut self, a: f64) -> f64 {
        (self.standard_exponential() / a).exp() - 1.0
    }

    fn power(&mut self, a: f64) -> f64 {
        (1.0 - (-self.standard_exponential()).exp()).powf(1.0 / a)
    }

    fn rare_geometric(&mut self, p: f64) -> i64 {
        ((1.0 - Mt19937::uniform(self)).ln() / (1.0 - p).ln()).ceil() as i64
    }
}
