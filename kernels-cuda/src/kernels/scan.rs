//! What goes along an axis or counts up: running sums, the greatest elements in order, ranges.

use super::{counting, flat, size, wrapping};
use crate::launch::{Address, Arg, DType, Work};

const CUMSUM: &str = r#"
extern "C" __global__ void cumsum(const T* __restrict__ from, T* __restrict__ to, long long axis, long long inner,
                                  int backwards, long long count) {
    EACH(i, count) {
        long long start = (long long)(i / (I)inner) * axis * inner + i % (I)inner;
        A sum = 0;
        for (long long k = 0; k < axis; k++) {
            long long at = start + (backwards ? axis - 1 - k : k) * inner;
            sum += (A)from[at];
            to[at] = (T)sum;
        }
    }
}
"#;

/// The running sums along the middle axis of `[outer, axis, inner]`: `tf.cumsum`, `reverse=True` when `backwards`.
pub fn cumsum(
    dtype: DType,
    [outer, axis, inner]: [usize; 3],
    backwards: bool,
    from: Address,
    to: Address,
) -> Vec<Work> {
    let count = if axis == 0 { 0 } else { outer * inner };
    let args =
        vec![Arg::Address(from), Arg::Address(to), size(axis), size(inner), Arg::I32(backwards.into()), size(count)];
    flat(counting(count, &[("T", dtype.c_name()), ("A", wrapping(dtype))], CUMSUM), "cumsum", count, args)
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
