//! `np.random`: NumPy's Mersenne Twister and its legacy functions, number for number.
//! `np::random::seed(0)` makes the same numbers follow as in Python.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::shape_like::ShapeLike;
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

const STATE: usize = 624;
const SHIFT: usize = 397;

/// The generator MT19937, with the second normal number that each pair leaves over.
pub(crate) struct Generator {
    state: [u32; STATE],
    at: usize,
    spare: Option<f64>,
}

static GENERATOR: Mutex<Option<Generator>> = Mutex::new(None);

impl Generator {
    fn new(seed: u32) -> Generator {
        let mut state = [seed; STATE];
        for i in 1..STATE {
            let last = state[i - 1];
            state[i] = 1_812_433_253u32.wrapping_mul(last ^ (last >> 30)).wrapping_add(i as u32);
        }
        Generator { state, at: STATE, spare: None }
    }

    /// Seeded by one word as Python's own `random` does it: MT19937's `init_by_array`.
    pub(crate) fn from_key(key: u32) -> Generator {
        let mut generator = Generator::new(19_650_218);
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
    fn uniform(&mut self) -> f64 {
        let (high, low) = (self.next_u32() >> 5, self.next_u32() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// Standard normal, by Marsaglia's polar method.
    fn normal(&mut self) -> f64 {
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
    fn below_or_equal(&mut self, max: u64) -> u64 {
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

    fn permutation(&mut self, n: usize) -> Vec<i64> {
        let mut order: Vec<i64> = (0..n as i64).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below_or_equal(i as u64) as usize);
        }
        order
    }
}

/// Runs `draw` with the one generator all cells share, seeded from the clock when nobody has seeded it.
fn with_generator<T>(draw: impl FnOnce(&mut Generator) -> T) -> T {
    let mut guard: MutexGuard<_> = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let clock = || std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(5489, |t| t.subsec_nanos() ^ t.as_secs() as u32);
    draw(guard.get_or_insert_with(|| Generator::new(clock())))
}

fn drawn(shape: impl ShapeLike, draw: impl Fn(&mut Generator) -> f64) -> Array {
    let shape = shape.shape();
    let n = shape.iter().product();
    with_generator(|generator| Array::new((0..n).map(|_| draw(generator)).collect::<Vec<f64>>(), &shape))
}

/// `np.random.seed`: the numbers that follow are those NumPy gives after the same seed.
///
/// ```
/// use flowbook::np;
/// np::random::seed(0);
/// assert_eq!(np::random::rand(3).to_string(), "[0.5488135  0.71518937 0.60276338]");
/// ```
pub fn seed(seed: u32) {
    *GENERATOR.lock().unwrap_or_else(PoisonError::into_inner) = Some(Generator::new(seed));
}

/// `np.random.rand`: uniform in [0, 1); `rand((2, 3))` is Python's `rand(2, 3)`, `rand(())` one number.
#[track_caller]
pub fn rand(shape: impl ShapeLike) -> Array {
    drawn(shape, Generator::uniform)
}

/// `np.random.randn`: standard normal; `randn((2, 3))` is Python's `randn(2, 3)`.
#[track_caller]
pub fn randn(shape: impl ShapeLike) -> Array {
    drawn(shape, Generator::normal)
}

/// `np.random.uniform(low, high, size)`
#[track_caller]
pub fn uniform(low: f64, high: f64, size: impl ShapeLike) -> Array {
    drawn(size, |generator| low + (high - low) * generator.uniform())
}

/// `np.random.normal(loc, scale, size)`
#[track_caller]
pub fn normal(loc: f64, scale: f64, size: impl ShapeLike) -> Array {
    drawn(size, |generator| loc + scale * generator.normal())
}

/// `np.random.randint(low, high, size)`: integers from `low` up to, not including, `high`.
///
/// ```
/// use flowbook::np;
/// np::random::seed(0);
/// assert_eq!(np::random::randint(0, 10, 5).to_string(), "[5 0 3 3 7]");
/// ```
///
/// # Panics
/// `ValueError` when there is nothing between the bounds.
#[track_caller]
pub fn randint(low: i64, high: i64, size: impl ShapeLike) -> Array {
    if low >= high {
        Error::Value("low >= high".into()).raise()
    }
    let (shape, range) = (size.shape(), (high - 1).wrapping_sub(low) as u64);
    let n = shape.iter().product();
    with_generator(|generator| {
        let draws = (0..n).map(|_| low.wrapping_add(generator.below_or_equal(range) as i64));
        Array::new(draws.collect::<Vec<i64>>(), &shape)
    })
}

/// What [`permutation`] and [`choice`] draw from: a number stands for `0..n`.
#[track_caller]
fn population(x: impl ArrayLike) -> Array {
    let x = x.to_array();
    if x.ndim() > 0 {
        return x;
    }
    let n: i64 = x.item();
    Array::new((0..n).collect::<Vec<i64>>(), &[n.max(0) as usize])
}

/// `np.random.permutation`: the entries in random order; a number stands for `0..n`.
///
/// ```
/// use flowbook::np;
/// np::random::seed(0);
/// assert_eq!(np::random::permutation(5).to_string(), "[2 0 1 3 4]");
/// ```
#[track_caller]
pub fn permutation(x: impl ArrayLike) -> Array {
    let x = population(x);
    let order = with_generator(|generator| generator.permutation(x.shape()[0]));
    x.take(order)
}

/// `np.random.shuffle`: puts the entries along the first axis into random order, in place.
#[track_caller]
pub fn shuffle(x: &mut Array) {
    *x = permutation(&*x);
}

/// `np.random.choice(a, size)`: entries of `a`, each draw from all of them; a number stands for `0..n`.
///
/// # Panics
/// `ValueError` when there is nothing to choose from.
#[track_caller]
pub fn choice(a: impl ArrayLike, size: impl ShapeLike) -> Array {
    let a = population(a);
    if a.is_empty() {
        Error::Value("'a' cannot be empty unless no samples are taken".into()).raise()
    }
    a.take(randint(0, a.shape()[0] as i64, size))
}

/// `np.random.choice(a, size, replace=False)`: `size` different entries of `a`.
///
/// # Panics
/// `ValueError` when there are not that many.
#[track_caller]
pub fn choice_without_replacement(a: impl ArrayLike, size: usize) -> Array {
    let a = population(a);
    if size > a.shape()[0] {
        Error::Value("Cannot take a larger sample than population when 'replace=False'".into()).raise()
    }
    let order = with_generator(|generator| generator.permutation(a.shape()[0]));
    a.take(&order[..size])
}

/// `np.random.choice(a, size, p=p)`: entries of `a` with the probabilities `p`.
///
/// # Panics
/// `ValueError` when `p` does not fit `a` or does not sum to 1.
#[track_caller]
pub fn choice_weighted(a: impl ArrayLike, size: impl ShapeLike, p: impl ArrayLike) -> Array {
    let (a, p) = (population(a), p.to_array().astype(DType::Float64));
    if p.shape() != &a.shape()[..1] {
        Error::Value("'a' and 'p' must have same size".into()).raise()
    }
    let p: Vec<f64> = p.to_vec();
    if (p.iter().sum::<f64>() - 1.0).abs() > 1e-8 {
        Error::Value("probabilities do not sum to 1".into()).raise()
    }
    let mut running = p;
    for i in 1..running.len() {
        running[i] += running[i - 1];
    }
    let total = running[running.len() - 1];
    let draws = rand(size);
    let pick = |draw: &f64| running.partition_point(|sum| sum / total <= *draw) as i64;
    let picks: Vec<i64> = draws.to_vec().iter().map(pick).collect();
    a.take(Array::new(picks, draws.shape()))
}
