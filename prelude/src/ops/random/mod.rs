//! Random ops: TensorFlow's Philox4x32-10 generator and its distributions, number for number. What draws from a tensor is in
//! `sampling`.

mod sampling;

use std::sync::{Arc, Mutex};

use flowbook_cuda::{Work, kernels};

use super::device::DeviceCall;
use super::{Call, Infer, Kernel, OpDef, Signature, here, typed};
use crate::error::{Error, Result};
use crate::graph::{Attr, Built, Graph, IntoDType, Rebuild, Scope, Tensor, build};
use crate::ops::elementwise;
use crate::{Array, DType, Shape};

pub use sampling::{Sampling, multinomial, random_shuffle};

pub(crate) static OPS: &[&OpDef] = &[
    &RANDOM_NORMAL,
    &RANDOM_UNIFORM,
    &RANDOM_UNIFORM_INT,
    &TRUNCATED_NORMAL,
    &sampling::RANDOM_SHUFFLE,
    &sampling::MULTINOMIAL,
];

/// Salmon et al.'s Philox4x32-10 as TensorFlow seeds it: the key from `seed`, half the counter from `seed2`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Philox {
    counter: u128,
    key: [u32; 2],
}

impl Philox {
    pub fn new(seed: i64, seed2: i64) -> Philox {
        let (mut lo, mut hi) = (seed as u64, seed2 as u64);
        if lo == 0 && hi == 0 {
            (lo, hi) = (fresh_seed(), fresh_seed());
        }
        Philox { counter: u128::from(hi) << 64, key: [lo as u32, (lo >> 32) as u32] }
    }

    /// The generator of the stateless functions, whose two seeds are stirred first so that small ones serve as well.
    pub fn stateless(seed: i64, seed2: i64) -> Philox {
        let counter = u128::from(seed as u64) | (u128::from(seed2 as u64) << 64);
        let mix = Philox { counter, key: [0x3EC8_F720, 0x0246_1E29] }.next();
        let half = u64::from(mix[2]) | (u64::from(mix[3]) << 32);
        Philox { counter: u128::from(half) << 64, key: [mix[0], mix[1]] }
    }

    /// The generator of that counter, low half first, and key.
    pub fn at(counter: [u64; 2], key: u64) -> Philox {
        let counter = u128::from(counter[0]) | (u128::from(counter[1]) << 64);
        Philox { counter, key: [key as u32, (key >> 32) as u32] }
    }

    /// The counter, low half first, and the key.
    pub fn state(&self) -> [u64; 3] {
        let key = u64::from(self.key[0]) | (u64::from(self.key[1]) << 32);
        [self.counter as u64, (self.counter >> 64) as u64, key]
    }

    pub fn skip(&mut self, samples: u64) {
        self.counter = self.counter.wrapping_add(u128::from(samples));
    }

    /// The next four numbers.
    pub fn next(&mut self) -> [u32; 4] {
        let c = self.counter;
        let mut x = [c as u32, (c >> 32) as u32, (c >> 64) as u32, (c >> 96) as u32];
        let mut key = self.key;
        for _ in 0..10 {
            let a = u64::from(x[0]) * 0xD251_1F53;
            let b = u64::from(x[2]) * 0xCD9E_8D57;
            x = [(b >> 32) as u32 ^ x[1] ^ key[0], b as u32, (a >> 32) as u32 ^ x[3] ^ key[1], a as u32];
            key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
        }
        self.skip(1);
        x
    }

    /// The state as the device's kernels have it.
    pub fn to_bytes(&self) -> [u8; kernels::PHILOX_BYTES] {
        kernels::philox_state(self.counter, self.key)
    }

    /// A copy for one call that makes `outputs` numbers, leaving this one past what the call may use.
    pub fn reserve(&mut self, outputs: usize) -> Philox {
        let reserved = self.clone();
        self.skip(outputs as u64 * 256);
        reserved
    }
}

/// A seed from the operating system's randomness, as the hasher's keys are.
fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

/// A float in [0, 1) from 23 random bits.
fn unit_f32(x: u32) -> f32 {
    f32::from_bits((127 << 23) | (x & 0x007f_ffff)) - 1.0
}

/// A double in [0, 1) from 52 random bits.
fn unit_f64(x0: u32, x1: u32) -> f64 {
    f64::from_bits((1023 << 52) | (u64::from(x0 & 0x000f_ffff) << 32) | u64::from(x1)) - 1.0
}

/// Box and Muller's pair of normal numbers, rounded where TensorFlow rounds.
fn box_muller_f32(x0: u32, x1: u32) -> [f32; 2] {
    let u = unit_f32(x0).max(1.0e-7);
    let angle = (2.0 * std::f64::consts::PI * f64::from(unit_f32(x1))) as f32;
    let radius = (-2.0 * u.ln()).sqrt();
    [angle.sin() * radius, angle.cos() * radius]
}

fn box_muller_f64(x: [u32; 4]) -> [f64; 2] {
    let u = unit_f64(x[0], x[1]).max(1.0e-7);
    let angle = 2.0 * std::f64::consts::PI * unit_f64(x[2], x[3]);
    let radius = (-2.0 * u.ln()).sqrt();
    [angle.sin() * radius, angle.cos() * radius]
}

fn generator(call: &Call) -> Result<&Arc<Mutex<Philox>>> {
    call.random.as_ref().ok_or_else(|| Error::Runtime("a random op needs a session's generator".into()))
}

fn reserve(call: &Call) -> Result<Philox> {
    let mut state = generator(call)?.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok(state.reserve(call.output().len()))
}

/// Fills the output with groups of `N` numbers per step of the generator.
fn fill_groups<T: crate::dtype::Element + Copy, const N: usize>(
    call: &Call,
    group: impl Fn([u32; 4]) -> [T; N],
) -> Result<()> {
    let mut generator = reserve(call)?;
    for out in call.output().slice_mut::<T>().chunks_mut(N) {
        let values = group(generator.next());
        out.copy_from_slice(&values[..out.len()]);
    }
    Ok(())
}

/// Random floats on the device.
fn on_device(call: &DeviceCall, distribution: kernels::Distribution) -> Option<Vec<Work>> {
    let output = call.output();
    Some(kernels::random(distribution, output.device_type()?, output.len(), call.random?, output.address))
}

fn infer_random(infer: &Infer) -> Result<Vec<Signature>> {
    Ok(vec![(infer.attr_type("dtype").unwrap_or(DType::Float32), infer.shape_from(0, "shape")?)])
}

pub(crate) static RANDOM_NORMAL: OpDef = OpDef::new(
    "RandomStandardNormal",
    infer_random,
    Kernel::Call(|call| match call.output().dtype {
        DType::Float64 => fill_groups::<f64, 2>(call, box_muller_f64),
        _ => fill_groups::<f32, 4>(call, |x| {
            let ([a, b], [c, d]) = (box_muller_f32(x[0], x[1]), box_muller_f32(x[2], x[3]));
            [a, b, c, d]
        }),
    }),
)
.cuda(|call| on_device(call, kernels::Distribution::Normal))
.stateful();

pub(crate) static RANDOM_UNIFORM: OpDef = OpDef::new(
    "RandomUniform",
    infer_random,
    Kernel::Call(|call| match call.output().dtype {
        DType::Float64 => fill_groups::<f64, 2>(call, |x| [unit_f64(x[0], x[1]), unit_f64(x[2], x[3])]),
        _ => fill_groups::<f32, 4>(call, |x| x.map(unit_f32)),
    }),
)
.cuda(|call| on_device(call, kernels::Distribution::Uniform))
.stateful();

pub(crate) static RANDOM_UNIFORM_INT: OpDef = OpDef::new(
    "RandomUniformInt",
    |infer| Ok(vec![(infer.dtype(1), infer.shape_from(0, "shape")?)]),
    Kernel::Call(|call| {
        let (low, high) = (call.input(1).ints()[0], call.input(2).ints()[0]);
        if low >= high {
            return Err(Error::InvalidArgument(format!("Need minval < maxval, got {low} >= {high}")));
        }
        let range = high.wrapping_sub(low) as u64;
        match call.output().dtype {
            DType::Int64 => fill_groups::<i64, 2>(call, |x| {
                let wide = |a: u32, b: u32| u64::from(a) | (u64::from(b) << 32);
                [wide(x[0], x[1]), wide(x[2], x[3])].map(|v| low.wrapping_add((v % range) as i64))
            }),
            _ => fill_groups::<i32, 4>(call, |x| x.map(|v| (low as i32).wrapping_add((v % range as u32) as i32))),
        }
    }),
)
.cuda(|call| {
    let output = call.output();
    let (low, high) = (call.ints(1)?[0], call.ints(2)?[0]);
    let state = call.random.filter(|_| low < high)?;
    Some(kernels::random_integers(output.device_type()?, output.len(), [low, high], state, output.address))
})
.stateful();

/// Draws the numbers of one generator one by one.
struct Singles {
    generator: Philox,
    group: [u32; 4],
    used: usize,
}

impl Singles {
    fn new(generator: Philox) -> Singles {
        Singles { generator, group: [0; 4], used: 4 }
    }

    fn next(&mut self) -> u32 {
        if self.used == 4 {
            self.group = self.generator.next();
            self.used = 0;
        }
        self.used += 1;
        self.group[self.used - 1]
    }
}

/// Normal numbers within two standard deviations. Each group of outputs has a stretch of 256 steps per four outputs
/// of its own, so that what one group throws away does not move the next.
fn truncated<T: crate::dtype::Element + Copy, const N: usize>(
    call: &Call,
    pair: impl Fn(&mut Singles) -> [T; 2],
    inside: impl Fn(T) -> bool,
) -> Result<()> {
    let base = reserve(call)?;
    for (i, out) in call.output().slice_mut::<T>().chunks_mut(N).enumerate() {
        let mut generator = base.clone();
        generator.skip(i as u64 * N as u64 * 64);
        let mut singles = Singles::new(generator);
        let mut filled = 0;
        while filled < out.len() {
            for value in pair(&mut singles) {
                if inside(value) && filled < out.len() {
                    out[filled] = value;
                    filled += 1;
                }
            }
        }
    }
    Ok(())
}

pub(crate) static TRUNCATED_NORMAL: OpDef = OpDef::new(
    "TruncatedNormal",
    infer_random,
    Kernel::Call(|call| match call.output().dtype {
        DType::Float64 => {
            truncated::<f64, 2>(call, |s| box_muller_f64([s.next(), s.next(), s.next(), s.next()]), |v| v.abs() < 2.0)
        }
        _ => truncated::<f32, 4>(call, |s| box_muller_f32(s.next(), s.next()), |v| v.abs() < 2.0),
    }),
)
.cuda(|call| on_device(call, kernels::Distribution::Truncated))
.stateful();

/// Which numbers a random call makes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Distribution {
    Normal,
    Truncated,
    Uniform,
}

/// The arguments of the random functions.
#[derive(Clone, Copy)]
pub struct Random {
    pub(crate) distribution: Distribution,
    sizes: [usize; 8],
    rank: usize,
    dtype: DType,
    /// Mean and standard deviation, or the bounds.
    pub(crate) a: f64,
    pub(crate) b: f64,
    pub(crate) seed: Option<i64>,
    /// The bounds were given, so that the ops that apply them exist although they change nothing.
    pub(crate) explicit: bool,
}

impl Random {
    #[track_caller]
    pub(crate) fn new(distribution: Distribution, shape: &Shape, dtype: DType) -> Random {
        let Some(known) = shape.sizes().filter(|s| s.len() <= 8) else {
            Error::Value(format!("random numbers need a fully known shape, not {shape}")).raise()
        };
        let mut sizes = [0; 8];
        sizes[..known.len()].copy_from_slice(&known);
        Random { distribution, sizes, rank: known.len(), dtype, a: 0.0, b: 1.0, seed: None, explicit: false }
    }

    /// Builds the ops TensorFlow builds: the standard numbers, then scale and offset.
    pub(crate) fn in_graph(&self, graph: Graph) -> Result<Tensor> {
        let (name, def, first, second) = match self.distribution {
            Distribution::Normal => ("random_normal", &RANDOM_NORMAL, "mean", "stddev"),
            Distribution::Truncated => ("truncated_normal", &TRUNCATED_NORMAL, "mean", "stddev"),
            Distribution::Uniform => ("random_uniform", &RANDOM_UNIFORM, "min", "max"),
        };
        super::fits_memory(self.dtype, &Shape::from(&self.sizes[..self.rank]))?;
        let scope = Scope::open(graph, name);
        let shape: Vec<i32> = self.sizes[..self.rank].iter().map(|s| *s as i32).collect();
        let shape = scope.constant("shape", Array::new(shape, &[self.rank]))?;
        let number = |v: f64| super::cast_array(&Array::scalar(v), self.dtype);
        let standard = self.distribution == Distribution::Uniform && !self.explicit && !self.dtype.is_integer();
        let bounds = if standard {
            None
        } else {
            Some((scope.constant(first, number(self.a))?, scope.constant(second, number(self.b))?))
        };
        let (seed, seed2) = graph.next_seeds(self.seed);
        let mut attrs = typed("T", DType::Int32);
        attrs.insert("dtype", Attr::Type(self.dtype));
        attrs.insert("seed", Attr::Int(seed));
        attrs.insert("seed2", Attr::Int(seed2));
        if self.distribution == Distribution::Uniform && self.dtype.is_integer() {
            attrs.insert("Tout", Attr::Type(self.dtype));
            attrs.remove("dtype");
            let inputs: Vec<Tensor> = bounds.into_iter().fold(vec![shape], |all, (a, b)| [&all[..], &[a, b]].concat());
            return Ok(scope.op(&RANDOM_UNIFORM_INT, &inputs, attrs)?.output(0));
        }
        let standard = scope.child(def, def.name, &[shape], attrs)?.output(0);
        let Some((a, b)) = bounds else { return Ok(standard) };
        let binary = |name: &str, def: &'static OpDef, x: Tensor, y: Tensor| -> Result<Tensor> {
            Ok(scope.child(def, name, &[x, y], typed("T", self.dtype))?.output(0))
        };
        let scale =
            if self.distribution == Distribution::Uniform { binary("sub", &elementwise::SUB, b, a)? } else { b };
        let scaled = binary("mul", &elementwise::MUL, standard, scale)?;
        Ok(scope.op(&elementwise::ADD, &[scaled, a], typed("T", self.dtype))?.output(0))
    }
}

/// Numbers evenly distributed over [0, 1) in the run-time shape of `x`.
#[track_caller]
pub(crate) fn uniform_like(x: Tensor) -> Tensor {
    let graph = x.graph();
    build(graph, || {
        let scope = Scope::open(graph, "random_uniform");
        let sizes = match x.shape().sizes() {
            Some(sizes) => {
                let sizes: Vec<i32> = sizes.iter().map(|s| *s as i32).collect();
                let rank = sizes.len();
                super::array::new_constant(graph, "Shape", Array::new(sizes, &[rank]))?
            }
            None => super::shape::shape(x),
        };
        let (seed, seed2) = graph.next_seeds(None);
        let mut attrs = typed("T", DType::Int32);
        attrs.insert("dtype", Attr::Type(x.dtype()));
        attrs.insert("seed", Attr::Int(seed));
        attrs.insert("seed2", Attr::Int(seed2));
        Ok(scope.child(&RANDOM_UNIFORM, "RandomUniform", &[sizes], attrs)?.output(0))
    })
}

impl Rebuild for Random {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        let graph = here();
        build(graph, || self.in_graph(graph))
    }
}

impl Built<Random> {
    /// The mean, `mean=`.
    #[track_caller]
    pub fn mean(self, mean: f64) -> Built<Random> {
        self.with(|a| a.a = mean)
    }

    /// The standard deviation, `stddev=`.
    #[track_caller]
    pub fn stddev(self, stddev: f64) -> Built<Random> {
        self.with(|a| a.b = stddev)
    }

    /// The least number, `minval=`.
    #[track_caller]
    pub fn minval(self, minval: f64) -> Built<Random> {
        self.with(|a| (a.a, a.explicit) = (minval, true))
    }

    /// The bound that the numbers stay below, `maxval=`.
    #[track_caller]
    pub fn maxval(self, maxval: f64) -> Built<Random> {
        self.with(|a| (a.b, a.explicit) = (maxval, true))
    }

    /// The op's own seed, `seed=`.
    #[track_caller]
    pub fn seed(self, seed: i64) -> Built<Random> {
        self.with(|a| a.seed = Some(seed))
    }

    /// The element type, `dtype=`.
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> Built<Random> {
        let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
        self.with(|a| a.dtype = dtype)
    }
}

/// Normally distributed numbers: `tf.random_normal`, with `.mean(...)`, `.stddev(...)`, `.seed(...)`.
#[track_caller]
pub fn random_normal(shape: impl Into<Shape>) -> Built<Random> {
    Built::new(Random::new(Distribution::Normal, &shape.into(), DType::Float32))
}

/// Normally distributed numbers within two standard deviations of the mean: `tf.truncated_normal`.
#[track_caller]
pub fn truncated_normal(shape: impl Into<Shape>) -> Built<Random> {
    Built::new(Random::new(Distribution::Truncated, &shape.into(), DType::Float32))
}

/// Numbers evenly distributed over [0, 1), or between `.minval(...)` and `.maxval(...)`: `tf.random_uniform`.
#[track_caller]
pub fn random_uniform(shape: impl Into<Shape>) -> Built<Random> {
    Built::new(Random::new(Distribution::Uniform, &shape.into(), DType::Float32))
}

#[cfg(test)]
mod tests {
    use super::Philox;

    /// The known-answer test of the Random123 distribution: `philox4x32 10`, counter and key zero.
    #[test]
    fn philox_gives_the_published_numbers() {
        let mut generator = Philox { counter: 0, key: [0, 0] };
        assert_eq!(generator.next(), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
    }
}
