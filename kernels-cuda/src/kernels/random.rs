//! Random numbers: Philox4x32-10 as TensorFlow seeds and spends it, the same numbers as the library's on the CPU. A
//! generator's state lies in the device's memory, so that a recording makes other numbers each time it runs.

use super::{blocks_of, counting, flat, size};
use crate::launch::{Address, Arg, DType, Work};

/// What a generator's state takes: the counter's low and high half and the key, each an `unsigned long long`.
pub const PHILOX_BYTES: usize = 24;

/// The bytes of a generator's state.
pub fn philox_state(counter: u128, key: [u32; 2]) -> [u8; PHILOX_BYTES] {
    let words = [counter as u64, (counter >> 64) as u64, u64::from(key[0]) | u64::from(key[1]) << 32];
    let mut bytes = [0; PHILOX_BYTES];
    for (to, word) in bytes.chunks_exact_mut(8).zip(words) {
        to.copy_from_slice(&word.to_ne_bytes());
    }
    bytes
}

/// Which floats are made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Distribution {
    /// Evenly distributed over `[0, 1)`: `RandomUniform`.
    Uniform,
    /// Normally distributed with mean 0 and standard deviation 1: `RandomStandardNormal`.
    Normal,
    /// The same, within two standard deviations: `TruncatedNormal`.
    Truncated,
}

/// Floats are made in groups of 4, doubles and `long long`s in pairs: a step of the generator for each group.
const TEXT: &str = r#"
typedef unsigned long long W;

__device__ void philox(const W* state, W skip, unsigned* x) {
    W low = state[0] + skip, high = state[1] + (low < skip ? 1 : 0);
    unsigned k0 = (unsigned)state[2], k1 = (unsigned)(state[2] >> 32);
    x[0] = (unsigned)low;
    x[1] = (unsigned)(low >> 32);
    x[2] = (unsigned)high;
    x[3] = (unsigned)(high >> 32);
    for (int round = 0; round < 10; round++) {
        W a = (W)x[0] * 0xD2511F53u, b = (W)x[2] * 0xCD9E8D57u;
        unsigned y1 = x[1], y3 = x[3];
        x[0] = (unsigned)(b >> 32) ^ y1 ^ k0;
        x[1] = (unsigned)b;
        x[2] = (unsigned)(a >> 32) ^ y3 ^ k1;
        x[3] = (unsigned)a;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

__device__ float unit(unsigned x) { return __uint_as_float((127u << 23) | (x & 0x007fffffu)) - 1.0f; }

__device__ double unit2(unsigned x0, unsigned x1) {
    return __longlong_as_double((long long)((1023ull << 52) | ((W)(x0 & 0x000fffffu) << 32) | x1)) - 1.0;
}

__device__ void normal(unsigned x0, unsigned x1, float* to) {
    float u = fmaxf(unit(x0), 1.0e-7f);
    float angle = (float)(2.0 * 3.14159265358979323846 * (double)unit(x1));
    float radius = sqrtf(-2.0f * logf(u));
    to[0] = sinf(angle) * radius;
    to[1] = cosf(angle) * radius;
}

__device__ void normal2(const unsigned* x, double* to) {
    double u = fmax(unit2(x[0], x[1]), 1.0e-7);
    double angle = 2.0 * 3.14159265358979323846 * unit2(x[2], x[3]);
    double radius = sqrt(-2.0 * log(u));
    to[0] = sin(angle) * radius;
    to[1] = cos(angle) * radius;
}

extern "C" __global__ void random(const W* state, T* __restrict__ to, long long low, W range, long long count) {
    long long groups = (count + GROUP - 1) / GROUP;
    EACH(i, groups) {
        unsigned x[4];
        T v[GROUP];
        philox(state, i, x);
        FILL
        for (int k = 0; k < GROUP && i * GROUP + k < count; k++) to[i * GROUP + k] = v[k];
    }
}
// Each group of results has 256 steps per four results to itself; what is thrown away does not move the next group.
extern "C" __global__ void truncated(const W* state, T* __restrict__ to, long long low, W range, long long count) {
    long long groups = (count + GROUP - 1) / GROUP;
    EACH(i, groups) {
        W step = (W)i * GROUP * 64;
        unsigned x[4];
        int used = 4, filled = 0;
        while (filled < GROUP && i * GROUP + filled < count) {
            if (used == 4) {
                philox(state, step++, x);
                used = 0;
            }
            T pair[2];
            DRAW
            for (int k = 0; k < 2; k++) {
                bool wanted = pair[k] < (T)2 && pair[k] > (T)-2 && filled < GROUP && i * GROUP + filled < count;
                if (wanted) to[i * GROUP + filled++] = pair[k];
            }
        }
    }
}
extern "C" __global__ void spend(W* state, W steps) {
    if (threadIdx.x > 0) return;
    W low = state[0] + steps;
    state[1] += low < steps ? 1 : 0;
    state[0] = low;
}
"#;

/// `count` floats, and the generator past what TensorFlow reserves for them: 256 steps for each. `state` is where the
/// generator's [`philox_state`] lies.
pub fn random(distribution: Distribution, dtype: DType, count: usize, state: Address, to: Address) -> Vec<Work> {
    let double = dtype == DType::Float64;
    let body = match (distribution, double) {
        (Distribution::Uniform, false) => ("FILL", "for (int k = 0; k < 4; k++) v[k] = unit(x[k]);"),
        (Distribution::Uniform, true) => ("FILL", "v[0] = unit2(x[0], x[1]); v[1] = unit2(x[2], x[3]);"),
        (Distribution::Normal, false) => ("FILL", "normal(x[0], x[1], v); normal(x[2], x[3], v + 2);"),
        (Distribution::Normal, true) => ("FILL", "normal2(x, v);"),
        (Distribution::Truncated, false) => ("DRAW", "normal(x[used], x[used + 1], pair); used += 2;"),
        (Distribution::Truncated, true) => ("DRAW", "normal2(x, pair); used = 4;"),
    };
    launches(dtype, body, count, state, to, (0, 0))
}

/// `count` whole numbers from `low` up to, not including, `high`, of type `Int32` or `Int64`: `RandomUniformInt`. Needs
/// `low < high`.
pub fn random_integers(dtype: DType, count: usize, [low, high]: [i64; 2], state: Address, to: Address) -> Vec<Work> {
    let range = high.wrapping_sub(low) as u64;
    let body = match dtype {
        DType::Int64 => {
            "v[0] = (T)((W)low + (x[0] | (W)x[1] << 32) % range); v[1] = (T)((W)low + (x[2] | (W)x[3] << 32) % range);"
        }
        _ => "for (int k = 0; k < 4; k++) v[k] = (T)((unsigned)low + x[k] % (unsigned)range);",
    };
    launches(dtype, ("FILL", body), count, state, to, (low, range))
}

fn launches(
    dtype: DType,
    body: (&str, &str),
    count: usize,
    state: Address,
    to: Address,
    (low, range): (i64, u64),
) -> Vec<Work> {
    let group: usize = if dtype.size() == 8 { 2 } else { 4 };
    let names = [("T", dtype.c_name()), ("GROUP", &group.to_string()), body];
    let source = counting(count, &names, TEXT);
    let args = vec![Arg::Address(state), Arg::Address(to), Arg::I64(low), Arg::U64(range), size(count)];
    let name = if body.0 == "FILL" { "random" } else { "truncated" };
    let mut works = flat(source.clone(), name, count.div_ceil(group), args);
    let steps = Arg::U64(count as u64 * 256);
    works.extend(blocks_of(source, "spend", [1, 1, 1], [super::BLOCK, 1, 1], vec![Arg::Address(state), steps]));
    works
}
