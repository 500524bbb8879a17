//! `tf.random`: TensorFlow 2's seeds and the functions that draw numbers at once. The generator and its distributions
//! are the op table's. What draws from a tensor is in `sampling`, what has a generator of its own, or none, in `generator`.

mod generator;
mod sampling;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Tensor;
use super::built::{Built, Evaluate};
use super::eager::try_call;
use super::function::Trace;
use super::operand::Operand;
use crate::error::{Result, collect};
use crate::graph::{self, IntoDType, Node};
use crate::np::random::Mt19937;
use crate::ops::random::{Distribution, Philox, Random};
use crate::{DType, Shape};

pub use generator::{
    Generator, stateless_categorical, stateless_normal, stateless_truncated_normal, stateless_uniform,
};
pub use sampling::{Sample, categorical, shuffle};

/// The seed that TensorFlow uses where an op has one and the program has none.
const DEFAULT_SEED: i64 = 87_654_321;

/// Stands where the program's seed would, for numbers that do not depend on it.
const STATELESS: i64 = i64::MIN;

#[derive(Default)]
struct Seeds {
    global: Option<i64>,
    /// Python's generator, from which each op without a seed of its own gets one.
    ops: Option<Mt19937>,
    /// The generators of ops whose seeds recur.
    kernels: HashMap<(i64, i64), Arc<Mutex<Philox>>>,
}

static SEEDS: Mutex<Option<Seeds>> = Mutex::new(None);

fn with_seeds<R>(body: impl FnOnce(&mut Seeds) -> R) -> R {
    let mut seeds = SEEDS.lock().unwrap_or_else(PoisonError::into_inner);
    body(seeds.get_or_insert_default())
}

/// Makes the numbers that follow the same in every run: `tf.random.set_seed(777)`.
///
/// ```
/// use flowbook::v2 as tf;
/// tf::random::set_seed(777);
/// let once = tf::random::uniform([2]).numpy();
/// tf::random::set_seed(777);
/// assert_eq!(tf::random::uniform([2]).numpy(), once);
/// ```
pub fn set_seed(seed: i64) {
    with_seeds(|seeds| {
        *seeds = Seeds {
            global: Some(seed),
            ops: Some(Mt19937::from_key(seed.unsigned_abs() as u32)),
            kernels: HashMap::new(),
        };
    });
}

/// The seed of the program, for graphs that are traced.
pub(crate) fn global_seed() -> Option<i64> {
    with_seeds(|seeds| seeds.global)
}

/// The seeds of an op that draws numbers now.
fn seeds_of(op_seed: Option<i64>) -> (i64, i64) {
    with_seeds(|seeds| match (seeds.global, op_seed) {
        (Some(global), Some(op)) => (global, op),
        (None, Some(op)) => (DEFAULT_SEED, op),
        (None, None) => (0, 0),
        (Some(global), None) => {
            let generator = seeds.ops.get_or_insert_with(|| Mt19937::from_key(0));
            // Python's `randint(0, 2**31 - 1)`: 32 bits at a time until they are below 2^31.
            let drawn = std::iter::repeat_with(|| generator.next_u32()).find(|word| *word < 1 << 31);
            (global, i64::from(drawn.unwrap_or(0)))
        }
    })
}

/// The generator of a random node that runs now.
pub(super) fn generator(node: &Node) -> Arc<Mutex<Philox>> {
    let own = match (node.int("seed"), node.int("seed2")) {
        (0, 0) => seeds_of(None),
        (DEFAULT_SEED, op) => seeds_of(Some(op)),
        given => given,
    };
    let fresh = || Arc::new(Mutex::new(Philox::new(own.0, own.1)));
    if own == (0, 0) {
        return fresh();
    }
    with_seeds(|seeds| seeds.kernels.entry(own).or_insert_with(fresh).clone())
}

/// A number below `bound`, for what shuffles and draws on the host.
pub(crate) fn below(generator: &mut Philox, bound: usize) -> usize {
    let words = generator.next();
    let wide = u64::from(words[0]) | (u64::from(words[1]) << 32);
    ((u128::from(wide) * bound as u128) >> 64) as usize
}

/// A generator for the host's own draws, which the program's seed decides.
pub(crate) fn host_generator(op_seed: Option<i64>) -> Philox {
    let (seed, seed2) = seeds_of(op_seed);
    Philox::new(seed, seed2)
}

/// The generator that a call draws from, as it was before the call: a setter goes back to it.
#[derive(Clone)]
struct Source {
    seeds: (i64, i64),
    start: Philox,
}

impl Source {
    /// That of an op with this seed, or with none, in the program.
    fn of(op_seed: Option<i64>) -> Source {
        let seeds = seeds_of(op_seed);
        Source { seeds, start: start_of(seeds) }
    }

    /// One that does not depend on the program.
    fn apart(start: Philox) -> Source {
        Source { seeds: (STATELESS, 0), start }
    }

    fn is_apart(&self) -> bool {
        self.seeds.0 == STATELESS
    }

    /// Runs an op that draws from it.
    fn run(&self, operands: &[Operand], op: impl FnOnce(&[graph::Operand]) -> graph::Tensor) -> Result<Tensor> {
        with_seeds(|seeds| seeds.kernels.insert(self.seeds, Arc::new(Mutex::new(self.start.clone()))));
        try_call(operands, |x| {
            let graph = graph::get_default_graph();
            graph.data().set_op_seeds(Some(self.seeds));
            let tensor = op(x);
            graph.data().set_op_seeds(None);
            tensor
        })
    }
}

/// The arguments of the functions that draw numbers.
#[derive(Clone)]
pub struct Draw {
    distribution: Distribution,
    shape: Shape,
    dtype: DType,
    a: f64,
    b: f64,
    explicit: bool,
    source: Source,
}

impl Evaluate for Draw {
    fn evaluate(&self) -> Result<Tensor> {
        let mut random = collect(|| Random::new(self.distribution, &self.shape, self.dtype))?;
        (random.a, random.b, random.explicit) = (self.a, self.b, self.explicit);
        if let Some(trace) = Trace::active().filter(|_| !self.source.is_apart()) {
            return Ok(Tensor::symbolic(random.in_graph(trace.graph)?));
        }
        self.source.run(&[], |_| {
            let graph = graph::get_default_graph();
            graph::build(graph, || random.in_graph(graph))
        })
    }
}

impl Built<Draw> {
    /// The mean, `mean=`.
    #[track_caller]
    pub fn mean(self, mean: f64) -> Built<Draw> {
        self.with(|a| a.a = mean)
    }

    /// The standard deviation, `stddev=`.
    #[track_caller]
    pub fn stddev(self, stddev: f64) -> Built<Draw> {
        self.with(|a| a.b = stddev)
    }

    /// The least number, `minval=`.
    #[track_caller]
    pub fn minval(self, minval: f64) -> Built<Draw> {
        self.with(|a| (a.a, a.explicit) = (minval, true))
    }

    /// The bound that the numbers stay below, `maxval=`.
    #[track_caller]
    pub fn maxval(self, maxval: f64) -> Built<Draw> {
        self.with(|a| (a.b, a.explicit) = (maxval, true))
    }

    /// The op's own seed, `seed=`.
    #[track_caller]
    pub fn seed(self, seed: i64) -> Built<Draw> {
        let source = Source::of(Some(seed));
        self.with(|a| a.source = source)
    }

    /// The numbers that the stateless functions draw for `[seed, 0]`, whatever was drawn before.
    pub(crate) fn stateless(self, seed: i64) -> Built<Draw> {
        self.with(|a| a.source = Source::apart(Philox::stateless(seed, 0)))
    }

    /// The element type, `dtype=`.
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> Built<Draw> {
        let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
        self.with(|a| a.dtype = dtype)
    }
}

/// The generator of these seeds as it is now.
fn start_of(own: (i64, i64)) -> Philox {
    let known = with_seeds(|seeds| seeds.kernels.get(&own).filter(|_| own != (0, 0)).cloned());
    match known {
        Some(kernel) => kernel.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        None => Philox::new(own.0, own.1),
    }
}

#[track_caller]
fn draw(distribution: Distribution, shape: Shape, source: Source) -> Built<Draw> {
    Built::new(Draw { distribution, shape, dtype: DType::Float32, a: 0.0, b: 1.0, explicit: false, source })
}

/// Normally distributed numbers: `tf.random.normal`, with `.mean(...)`, `.stddev(...)`, `.seed(...)`.
#[track_caller]
pub fn normal(shape: impl Into<Shape>) -> Built<Draw> {
    draw(Distribution::Normal, shape.into(), Source::of(None))
}

/// Normally distributed numbers within two standard deviations of the mean: `tf.random.truncated_normal`.
#[track_caller]
pub fn truncated_normal(shape: impl Into<Shape>) -> Built<Draw> {
    draw(Distribution::Truncated, shape.into(), Source::of(None))
}

/// Numbers evenly distributed over [0, 1), or between `.minval(...)` and `.maxval(...)`: `tf.random.uniform`.
#[track_caller]
pub fn uniform(shape: impl Into<Shape>) -> Built<Draw> {
    draw(Distribution::Uniform, shape.into(), Source::of(None))
}

/// Puts the items in another order, each order as likely as any other.
pub(crate) fn permute<T>(items: &mut [T], generator: &mut Philox) {
    for i in (1..items.len()).rev() {
        items.swap(i, below(generator, i + 1));
    }
}
