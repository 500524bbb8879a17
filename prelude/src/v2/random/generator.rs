//! Numbers that do not hang on the program's seed: those of a [`Generator`], and those of the stateless functions, which are
//! the same for the same seed.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::sampling::{Sample, sample};
use super::{Draw, Source, draw};
use crate::Shape;
use crate::ops::random::{Distribution, Philox, Sampling};
use crate::v2::IntoTensor;
use crate::v2::built::Built;
use crate::v2::function::{Trace, refuse_trace};

/// A generator of random numbers with a state of its own: `tf.random.Generator`. Clones share the state.
///
/// ```
/// use flowbook::v2 as tf;
/// let g = tf::random::Generator::from_seed(1);
/// let first = g.normal([3]);
/// assert_eq!(first.numpy().to_string(), "[ 0.43842274 -0.53439844 -0.07710262]"); // TensorFlow's own numbers
/// assert_ne!(g.normal([3]).numpy(), first.numpy());
/// ```
#[derive(Clone)]
pub struct Generator(Arc<Mutex<Philox>>);

impl Generator {
    /// The generator of that seed: `tf.random.Generator.from_seed`.
    pub fn from_seed(seed: i64) -> Generator {
        // The state is one number of 192 bits.
        let sign = seed >> 63;
        Generator::from_key_counter(sign, [seed, sign])
    }

    /// The generator with that key and counter: `tf.random.Generator.from_key_counter`.
    pub fn from_key_counter(key: i64, counter: [i64; 2]) -> Generator {
        Generator(Arc::new(Mutex::new(Philox::at(counter.map(|half| half as u64), key as u64))))
    }

    /// A generator that the system's randomness has seeded: `tf.random.Generator.from_non_deterministic_state`.
    pub fn from_non_deterministic_state() -> Generator {
        Generator(Arc::new(Mutex::new(Philox::new(0, 0))))
    }

    /// The counter, low half first, and the key: `g.state`.
    pub fn state(&self) -> [i64; 3] {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).state().map(|word| word as i64)
    }

    /// Goes past what so many numbers may take: `g.skip(delta)`.
    pub fn skip(&self, delta: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).reserve(delta);
    }

    #[track_caller]
    fn draw(&self, distribution: Distribution, shape: Shape) -> Built<Draw> {
        if Trace::active().is_some() {
            refuse_trace("a generator's state changes with every call, which no plan holds");
        }
        let count = shape.num_elements().unwrap_or(0);
        let start = self.0.lock().unwrap_or_else(PoisonError::into_inner).reserve(count);
        draw(distribution, shape, Source::apart(start))
    }

    /// Normally distributed numbers, with `.mean(...)` and `.stddev(...)`: `g.normal`.
    #[track_caller]
    pub fn normal(&self, shape: impl Into<Shape>) -> Built<Draw> {
        self.draw(Distribution::Normal, shape.into())
    }

    /// Normally distributed numbers within two standard deviations of the mean: `g.truncated_normal`.
    #[track_caller]
    pub fn truncated_normal(&self, shape: impl Into<Shape>) -> Built<Draw> {
        self.draw(Distribution::Truncated, shape.into())
    }

    /// Numbers evenly distributed over [0, 1), or between `.minval(...)` and `.maxval(...)`: `g.uniform`.
    #[track_caller]
    pub fn uniform(&self, shape: impl Into<Shape>) -> Built<Draw> {
        self.draw(Distribution::Uniform, shape.into())
    }
}

impl fmt::Debug for Generator {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<tensorflow.python.ops.stateful_random_ops.Generator object at {:p}>", Arc::as_ptr(&self.0))
    }
}

/// Two seeds for a stateless function: a list or a tuple of two.
pub trait IntoSeeds {
    #[doc(hidden)]
    fn into_seeds(self) -> [i64; 2];
}

impl IntoSeeds for [i64; 2] {
    fn into_seeds(self) -> [i64; 2] {
        self
    }
}

impl IntoSeeds for (i64, i64) {
    fn into_seeds(self) -> [i64; 2] {
        self.into()
    }
}

fn source(seed: impl IntoSeeds) -> Source {
    let [first, second] = seed.into_seeds();
    Source::apart(Philox::stateless(first, second))
}

/// Normally distributed numbers, the same for the same two seeds: `tf.random.stateless_normal(shape, seed)`.
///
/// ```
/// use flowbook::v2 as tf;
/// let x = tf::random::stateless_normal([2], [7, 17]).numpy();
/// assert_eq!(tf::random::stateless_normal([2], [7, 17]).numpy(), x);
/// ```
#[track_caller]
pub fn stateless_normal(shape: impl Into<Shape>, seed: impl IntoSeeds) -> Built<Draw> {
    draw(Distribution::Normal, shape.into(), source(seed))
}

/// Normally distributed numbers within two standard deviations of the mean, the same for the same two seeds:
/// `tf.random.stateless_truncated_normal(shape, seed)`.
#[track_caller]
pub fn stateless_truncated_normal(shape: impl Into<Shape>, seed: impl IntoSeeds) -> Built<Draw> {
    draw(Distribution::Truncated, shape.into(), source(seed))
}

/// Numbers evenly distributed over [0, 1), or between `.minval(...)` and `.maxval(...)`, the same for the same two seeds:
/// `tf.random.stateless_uniform(shape, seed)`.
#[track_caller]
pub fn stateless_uniform(shape: impl Into<Shape>, seed: impl IntoSeeds) -> Built<Draw> {
    draw(Distribution::Uniform, shape.into(), source(seed))
}

/// `num_samples` classes for each row of logits, drawn by their softmax, the same for the same two seeds:
/// `tf.random.stateless_categorical(logits, num_samples, seed)`.
///
/// # Panics
/// As [`categorical`](super::categorical).
#[track_caller]
pub fn stateless_categorical(logits: impl IntoTensor, num_samples: i32, seed: impl IntoSeeds) -> Built<Sample> {
    sample(logits.into_operand(), Sampling::classes(num_samples), source(seed))
}
