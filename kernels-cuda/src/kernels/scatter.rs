//! Rows put or added up where numbers say: scatters and segment sums. Each element of the result belongs to one thread,
//! which takes the updates in their order, so sums of floats are the same from run to run, and of two updates of one row
//! the later one stays.

use super::{blocks_of, size, text, wrapping};
use crate::launch::{Address, Arg, DType, Work};

/// What becomes of a row and an update of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Scatter {
    /// The row is the update: `ScatterUpdate`.
    Put,
    /// The update is added: `ScatterAdd`.
    Add,
    /// The update is subtracted: `ScatterSub`.
    Subtract,
}

const LIMIT: usize = 65535;
/// A warp takes so many columns at a time, each lane four of them.
const COLUMNS: usize = 128;

/// `row_of` gives the row that an update is for, or -1 for one outside. A warp looks through the updates, 32 at a time.
const TEXT: &str = r#"
__device__ A step(A x, A y) { return STEP; }

__device__ long long row_of(const N* numbers, long long i SIZES) {
    const N* index = numbers + i * DEPTH;
    long long row = 0;
    ROW
    return row;
}

#define LOAD \
    A sums[4]; \
    for (int k = 0; k < 4; k++) sums[k] = FRESH || column + 32 * k >= width ? (A)0 : (A)target[column + 32 * k];

#define ALL(begin) \
    for (long long start = begin; start < count; start += 32) { \
        bool same = start + lane < count && row_of(numbers, start + lane GIVEN) == row; \
        for (unsigned found = __ballot_sync(0xffffffffu, same); found; found &= found - 1) { \
            const T* update = updates + (start + __ffs((int)found) - 1) * width; \
            for (int k = 0; k < 4; k++) \
                if (column + 32 * k < width) sums[k] = step(sums[k], (A)update[column + 32 * k]); \
        } \
    } \
    for (int k = 0; k < 4; k++) \
        if (column + 32 * k < width) target[column + 32 * k] = (T)sums[k];

// A warp for each row of the result.
extern "C" __global__ void by_row(const N* __restrict__ numbers, const T* __restrict__ updates, T* __restrict__ to,
                                  long long rows, long long width, long long count SIZES) {
    long long wide = (width + 127) / 128, lane = threadIdx.x % 32;
    for (long long e = blockIdx.x * 8ll + threadIdx.x / 32; e < rows * wide; e += gridDim.x * 8ll) {
        long long row = e / wide, column = e % wide * 128 + lane;
        T* target = to + row * width;
        LOAD
        ALL(0)
    }
}

// A warp for each update: the first one of a row does the work of all.
extern "C" __global__ void by_update(const N* __restrict__ numbers, const T* __restrict__ updates, T* __restrict__ to,
                                     long long width, long long count SIZES) {
    long long wide = (width + 127) / 128, lane = threadIdx.x % 32;
    for (long long e = blockIdx.x * 8ll + threadIdx.x / 32; e < count * wide; e += gridDim.x * 8ll) {
        long long own = e / wide, column = e % wide * 128 + lane, row = row_of(numbers, own GIVEN);
        bool first = row >= 0;
        for (long long start = 0; start < own && first; start += 32) {
            bool same = start + lane < own && row_of(numbers, start + lane GIVEN) == row;
            first = __ballot_sync(0xffffffffu, same) == 0;
        }
        if (!first) continue;
        T* target = to + row * width;
        LOAD
        ALL(own)
    }
}
"#;

/// Puts or adds `count` updates, rows of `width` elements, to the rows that their numbers name: along each of `axes` one
/// number of type `Int32` or `Int64`. What lies outside is left out, as on TensorFlow's GPUs. `places` are those of the
/// numbers, the updates, and the result, which with `fresh` begins as zeros: `tf.scatter_nd`, `tf.math.unsorted_segment_sum`.
///
/// # Panics
/// Without axes.
pub fn scatter(
    how: Scatter,
    dtype: DType,
    number: DType,
    (axes, width, count): (&[usize], usize, usize),
    fresh: bool,
    places: [Address; 3],
) -> Vec<Work> {
    assert!(!axes.is_empty(), "an update goes somewhere along an axis");
    let rows: usize = axes.iter().product();
    let (result, by_row) = (rows * width, rows <= count);
    let mut works = Vec::new();
    if result == 0 {
        return works;
    }
    if fresh && !by_row {
        works.push(Work::Zero { to: places[2], bytes: result * dtype.size() });
    }
    if count == 0 {
        return works;
    }
    let (mut sizes, mut given, mut row) = (String::new(), String::new(), String::new());
    for k in 0..axes.len() {
        sizes += &format!(", long long n{k}");
        given += &format!(", n{k}");
        row += &format!("if (index[{k}] < 0 || index[{k}] >= n{k}) return -1; row = row * n{k} + index[{k}]; ");
    }
    let depth = axes.len().to_string();
    let names = [
        ("T", dtype.c_name()),
        ("A", if dtype == DType::Bool { "bool" } else { wrapping(dtype) }),
        ("N", number.c_name()),
        (
            "STEP",
            match how {
                Scatter::Put => "y",
                Scatter::Add => "x + y",
                Scatter::Subtract => "x - y",
            },
        ),
        ("FRESH", if fresh && by_row { "true" } else { "false" }),
        ("DEPTH", &depth),
        ("SIZES", &sizes),
        ("GIVEN", &given),
        ("ROW", &row),
    ];
    let numbers = if by_row { vec![rows, width, count] } else { vec![width, count] };
    let args = places.into_iter().map(Arg::Address).chain(numbers.into_iter().chain(axes.iter().copied()).map(size));
    let (name, items) = if by_row { ("by_row", rows) } else { ("by_update", count) };
    let blocks = (items * width.div_ceil(COLUMNS)).div_ceil(8).min(LIMIT) as u32;
    works.extend(blocks_of(text(&names, TEXT), name, [blocks, 1, 1], [super::BLOCK, 1, 1], args.collect()));
    works
}
