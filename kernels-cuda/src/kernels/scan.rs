//! What goes along an axis or counts up: running sums and products, the greatest elements in order, ranges.

use super::{counting, flat, size, wrapping};
use crate::launch::{Address, Arg, DType, Work};

const SCAN: &str = r#"
extern "C" __global__ void scan(const T* __restrict__ from, T* __restrict__ to, long long axis, long long inner,
                                int backwards, int exclusive, long long count) {
    EACH(i, count) {
        long long start = (long long)(i / (I)inner) * axis * inner + i % (I)inner;
        A a = START;
        for (long long k = 0; k < axis; k++) {
            long long at = start + (backwards ? axis - 1 - k : k) * inner;
            A next = a STEP (A)from[at];
            to[at] = (T)(exclusive ? a : next);
            a = next;
        }
    }
}
"#;

/// How elements come together along an axis.
#[derive(Clone, Copy, Debug)]
pub struct Scan {
    /// Whether they are multiplied instead of added up.
    pub product: bool,
    /// Whether it goes from the end, `reverse=True`.
    pub backwards: bool,
    /// Whether an element is not part of its own result, `exclusive=True`.
    pub exclusive: bool,
}

/// The running sums or products along the middle axis of `[outer, axis, inner]`: `tf.cumsum`, `tf.math.cumprod`.
pub fn scan(scan: Scan, dtype: DType, [outer, axis, inner]: [usize; 3], from: Address, to: Address) -> Vec<Work> {
    let count = if axis == 0 { 0 } else { outer * inner };
    let flags = [scan.backwards, scan.exclusive].map(|flag| Arg::I32(flag.into()));
    let (step, start) = if scan.product { ("*", "1") } else { ("+", "0") };
    let args = [Arg::Address(from), Arg::Address(to), size(axis), size(inner), flags[0], flags[1], size(count)];
    let names = [("T", dtype.c_name()), ("A", wrapping(dtype)), ("STEP", step), ("START", start)];
    flat(counting(count, &names, SCAN), "scan", count, args.to_vec())
}

/// The place of an element among its row's is the number of those before it: the greater, and of equals the earlier. What is
/// no number comes last.
const TOP: &str = r#"
__device__ bool above(T x, T y) { return x > y || (x == x && y != y); }

extern "C" __global__ void top(const T* __restrict__ from, T* __restrict__ values, int* __restrict__ places,
                               long long width, long long k, long long count) {
    EACH(i, count) {
        const T* row = from + (long long)(i / (I)width) * width;
        long long at = i % (I)width, rank = 0;
        T x = row[at];
        for (long long j = 0; j < width; j++) rank += above(row[j], x) || (j < at && !above(x, row[j]));
        if (rank < k) {
            values[i / (I)width * k + rank] = x;
            places[i / (I)width * k + rank] = (int)at;
        }
    }
}
"#;

/// The `k` greatest of each row of `[rows, width]`, in falling order, and their places as `Int32`: `tf.nn.top_k`. `at` are
/// the places of the rows, the values and the places. What is no number comes last.
pub fn top_k(dtype: DType, [rows, width]: [usize; 2], k: usize, at: [Address; 3]) -> Vec<Work> {
    let count = if k == 0 { 0 } else { rows * width };
    let args = at.into_iter().map(Arg::Address).chain([width, k, count].map(size)).collect();
    flat(counting(count, &[("T", dtype.c_name())], TOP), "top", count, args)
}

/// The CPU adds up the steps one by one; so does one thread of this, since sums of floats depend on it.
const RANGE: &str = r#"
extern "C" __global__ void range(const T* start, const T* delta, T* __restrict__ to, long long count) {
    if (blockIdx.x != 0 || threadIdx.x != 0) return;
    A next = (A)*start, by = (A)*delta;
    for (long long i = 0; i < count; i++) {
        to[i] = (T)next;
        next += by;
    }
}

extern "C" __global__ void integers(const T* start, const T* delta, T* __restrict__ to, long long count) {
    EACH(i, count) to[i] = (T)((A)*start + (A)i * (A)*delta);
}

extern "C" __global__ void linspace(const T* start, const T* stop, T* __restrict__ to, long long count) {
    T delta = count > 1 ? (T)((*stop - *start) / (T)(count - 1)) : (T)0;
    EACH(i, count) to[i] = count > 1 && (long long)i == count - 1 ? *stop : (T)(*start + delta * (T)i);
}
"#;

fn counted(dtype: DType, name: &str, threads: usize, count: usize, places: [Address; 3]) -> Vec<Work> {
    let source = counting(count, &[("T", dtype.c_name()), ("A", wrapping(dtype))], RANGE);
    flat(source, name, threads, places.into_iter().map(Arg::Address).chain([size(count)]).collect())
}

/// `count` numbers, the first `start`, each `delta` more than the one before: `tf.range`. `places` are those of `start`,
/// `delta`, and the result.
pub fn range(dtype: DType, count: usize, places: [Address; 3]) -> Vec<Work> {
    match dtype.is_float() {
        true => counted(dtype, "range", count.min(1), count, places),
        false => counted(dtype, "integers", count, count, places),
    }
}

/// `count` floats evenly spaced between two, both included: `tf.linspace`. `places` are those of the first, the last, and
/// the result.
pub fn linspace(dtype: DType, count: usize, places: [Address; 3]) -> Vec<Work> {
    counted(dtype, "linspace", count, count, places)
}
