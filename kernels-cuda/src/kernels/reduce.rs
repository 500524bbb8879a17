//! Reductions along axes: sums, means, extremes, products, logic, and the places of extremes. The order of adding up
//! depends on the sizes alone.

use super::{blocks_of, size, text, wrapping};
use crate::launch::{Address, Arg, DType, Work};

/// What a reduction makes of the elements.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reduction {
    /// Their sum; of integers modulo 2 to the bits.
    Sum,
    /// Their sum divided by their number; of integers the quotient without its fraction.
    Mean,
    /// Their product.
    Prod,
    /// The greatest; not a number if any float is none.
    Max,
    /// The least; not a number if any float is none.
    Min,
    /// Whether all are true.
    All,
    /// Whether any is true.
    Any,
    /// Half the sum of their squares, `tf.nn.l2_loss`.
    HalfSumOfSquares,
}

/// About how many blocks the first of two passes has.
const WIDE: usize = 1024;
/// The fewest elements that are worth a pass of their own, of a row and of a column: a row has 256 threads, a column 8.
const LONG: [usize; 2] = [1024, 128];
/// The most pieces of one axis, so that the second pass is short.
const PIECES: usize = 256;
/// The most blocks along y and z.
const LIMIT: usize = 65535;

/// `A` is the type of sums, `T` that of the elements, `R` that of the results. `from` is `[outer, axis, inner]`; each
/// block sums up a piece of `per` elements for 32 neighbouring places of `inner`, or a whole row when `inner` is 1.
const TEXT: &str = r#"
__device__ A step(A a, A b) { return STEP; }

extern "C" __global__ void rows(const T* __restrict__ from, R* __restrict__ to, long long rows, long long axis,
                                long long per, long long pieces, long long count) {
    __shared__ A sums[256];
    for (long long row = blockIdx.x; row < rows * pieces; row += gridDim.x) {
        const T* elements = from + row / pieces * axis;
        long long begin = row % pieces * per;
        long long end = begin + per < axis ? begin + per : axis;
        A sum = START;
        for (long long i = begin + threadIdx.x; i < end; i += 256) {
            T x = elements[i];
            sum = step(sum, LOAD);
        }
        sums[threadIdx.x] = sum;
        __syncthreads();
        for (int half = 128; half > 0; half /= 2) {
            if (threadIdx.x < half) sums[threadIdx.x] = step(sums[threadIdx.x], sums[threadIdx.x + half]);
            __syncthreads();
        }
        A a = sums[0];
        if (threadIdx.x == 0) to[row] = FINISH;
        __syncthreads();
    }
}

// A warp for each row, for rows of few elements.
extern "C" __global__ void short_rows(const T* __restrict__ from, R* __restrict__ to, long long rows, long long axis,
                                      long long count) {
    int lane = threadIdx.x % 32;
    for (long long row = blockIdx.x * 8ll + threadIdx.x / 32; row < rows; row += gridDim.x * 8ll) {
        const T* elements = from + row * axis;
        A sum = START;
        for (long long i = lane; i < axis; i += 32) {
            T x = elements[i];
            sum = step(sum, LOAD);
        }
        for (int half = 16; half > 0; half /= 2) sum = step(sum, __shfl_xor_sync(0xffffffffu, sum, half));
        A a = sum;
        if (lane == 0) to[row] = FINISH;
    }
}

extern "C" __global__ void columns(const T* __restrict__ from, R* __restrict__ to, long long outer, long long axis,
                                   long long inner, long long per, long long pieces, long long count) {
    __shared__ A sums[8][33];
    long long wide = (inner + 31) / 32;
    int x = threadIdx.x % 32, y = threadIdx.x / 32;
    for (long long block = blockIdx.x; block < outer * pieces * wide; block += gridDim.x) {
        long long piece = block / wide % pieces, row = block / wide / pieces, column = block % wide * 32 + x;
        long long begin = piece * per;
        long long end = begin + per < axis ? begin + per : axis;
        A sum = START;
        if (column < inner) {
            for (long long i = begin + y; i < end; i += 8) {
                T x = from[(row * axis + i) * inner + column];
                sum = step(sum, LOAD);
            }
        }
        sums[y][x] = sum;
        __syncthreads();
        if (y == 0 && column < inner) {
            A a = sums[0][x];
            for (int i = 1; i < 8; i++) a = step(a, sums[i][x]);
            to[(row * pieces + piece) * inner + column] = FINISH;
        }
        __syncthreads();
    }
}
"#;

/// The type in which a reduction of a type is carried on.
fn carrier(op: Reduction, dtype: DType) -> &'static str {
    match op {
        Reduction::Mean if !dtype.is_float() => "long long",
        Reduction::Max | Reduction::Min | Reduction::All | Reduction::Any => dtype.c_name(),
        _ => wrapping(dtype),
    }
}

fn start(op: Reduction, dtype: DType) -> &'static str {
    match (op, dtype) {
        (Reduction::Prod | Reduction::All, _) => "1",
        (Reduction::Max, DType::Float32) => "__int_as_float(0xff800000)",
        (Reduction::Max, DType::Float64) => "__longlong_as_double(0xfff0000000000000ll)",
        (Reduction::Max, DType::Int32) => "(-2147483647 - 1)",
        (Reduction::Max, DType::Int64) => "(-9223372036854775807ll - 1)",
        (Reduction::Min, DType::Float32) => "__int_as_float(0x7f800000)",
        (Reduction::Min, DType::Float64) => "__longlong_as_double(0x7ff0000000000000ll)",
        (Reduction::Min, DType::Int32) => "2147483647",
        (Reduction::Min, DType::Int64) => "9223372036854775807ll",
        (Reduction::Min, _) => "255",
        _ => "0",
    }
}

fn step(op: Reduction) -> &'static str {
    match op {
        Reduction::Prod => "a * b",
        Reduction::Max => "a > b || a != a ? a : b",
        Reduction::Min => "a < b || a != a ? a : b",
        Reduction::All => "a && b",
        Reduction::Any => "a || b",
        _ => "a + b",
    }
}

/// The text of one pass: the first takes elements to carriers, the last carriers to results, one alone does both.
fn text_of(op: Reduction, dtype: DType, first: bool, last: bool) -> String {
    let carrier = carrier(op, dtype);
    let load = match op {
        Reduction::HalfSumOfSquares if first => "((A)x * (A)x)",
        _ => "((A)x)",
    };
    let finish = match op {
        _ if !last => "a",
        Reduction::Mean if dtype.is_float() => "a / (A)count",
        Reduction::Mean => "(R)(a / (count > 0 ? count : 1))",
        Reduction::HalfSumOfSquares => "a / 2",
        _ => "(R)a",
    };
    let element = if first { dtype.c_name() } else { carrier };
    let result = if last { dtype.c_name() } else { carrier };
    let names = [
        ("T", element),
        ("A", carrier),
        ("R", result),
        ("START", start(op, dtype)),
        ("STEP", step(op)),
        ("LOAD", load),
        ("FINISH", finish),
    ];
    text(&names, TEXT)
}

/// One pass over `[outer, axis, inner]`, which leaves `pieces` results along the axis.
#[derive(Clone, Copy)]
struct Pass {
    outer: usize,
    axis: usize,
    inner: usize,
    pieces: usize,
}

impl Pass {
    fn results(self) -> usize {
        self.outer * self.pieces * self.inner
    }

    /// Whole, or in two when there is more to add up than blocks to do it.
    fn split(self) -> impl Iterator<Item = Pass> {
        let Pass { outer, axis, inner, .. } = self;
        let (blocks, long) = if inner == 1 { (outer, LONG[0]) } else { (outer * inner.div_ceil(32), LONG[1]) };
        let few = axis >= 4 * long && blocks > 0 && blocks < WIDE / 2;
        let pieces = if few { (WIDE / blocks).min(axis / long).min(PIECES) } else { 1 };
        let second = (pieces > 1).then_some(Pass { axis: pieces, pieces: 1, ..self });
        std::iter::once(Pass { pieces, ..self }).chain(second)
    }

    fn launch(self, source: String, count: usize, from: Address, to: Address) -> Vec<Work> {
        let Pass { outer, axis, inner, pieces } = self;
        let per = axis.div_ceil(pieces);
        let (name, blocks, sizes) = match inner {
            1 if pieces == 1 && axis <= 512 => ("short_rows", outer.div_ceil(8), vec![outer, axis, count]),
            1 => ("rows", outer * pieces, vec![outer, axis, per, pieces, count]),
            _ => ("columns", outer * pieces * inner.div_ceil(32), vec![outer, axis, inner, per, pieces, count]),
        };
        let args = [from, to].map(Arg::Address).into_iter().chain(sizes.into_iter().map(size)).collect();
        blocks_of(source, name, [blocks.min(LIMIT) as u32, 1, 1], [super::BLOCK, 1, 1], args)
    }
}

/// The passes of a reduction: axes side by side go together, the last ones first.
fn passes(shape: &[usize], reduced: &[bool]) -> Vec<Pass> {
    let mut passes = Vec::new();
    let (mut inner, mut end) = (1, shape.len());
    while let Some(last) = reduced[..end].iter().rposition(|r| *r) {
        let first = reduced[..last].iter().rposition(|r| !*r).map_or(0, |kept| kept + 1);
        inner *= shape[last + 1..end].iter().product::<usize>();
        let size = |axes: std::ops::Range<usize>| shape[axes].iter().product();
        passes.extend(Pass { outer: size(0..first), axis: size(first..last + 1), inner, pieces: 1 }.split());
        end = first;
    }
    if passes.is_empty() {
        passes.push(Pass { outer: shape.iter().product(), axis: 1, inner: 1, pieces: 1 });
    }
    passes
}

/// The bytes of room that [`reduce`] needs; often none.
pub fn reduce_scratch(shape: &[usize], reduced: &[bool]) -> usize {
    let passes = passes(shape, reduced);
    // The widest carrier has 8 bytes; each piece of room begins aligned.
    passes[..passes.len() - 1].iter().map(|pass| (pass.results() * 8).next_multiple_of(256)).sum()
}

/// Reduces an array of this shape along the axes that `reduced` says, `tf.reduce_sum` and its kin. An empty axis gives
/// what the reduction starts from, and the mean of floats is then not a number.
///
/// `places` are where the elements lie, where the results go, and room for [`reduce_scratch`] bytes, not looked at when
/// that is 0. `Bool` is for `All` and `Any`, which take nothing else; `HalfSumOfSquares` is for floats.
pub fn reduce(op: Reduction, dtype: DType, shape: &[usize], reduced: &[bool], places: [Address; 3]) -> Vec<Work> {
    let [mut from, to, mut scratch] = places;
    let (passes, mut works) = (passes(shape, reduced), Vec::new());
    let last = passes.len() - 1;
    if passes[last].results() == 0 {
        return works;
    }
    let count = shape.iter().zip(reduced).filter(|(_, r)| **r).map(|(n, _)| n).product();
    for (i, pass) in passes.iter().enumerate() {
        let next = if i == last { to } else { scratch };
        if pass.results() > 0 {
            works.extend(pass.launch(text_of(op, dtype, i == 0, i == last), count, from, next));
        }
        from = next;
        scratch += (pass.results() * 8).next_multiple_of(256) as Address;
    }
    works
}

/// The first of equals wins; what is no number is passed over, and where nothing else is the first place is the result.
const PLACE_TEXT: &str = r#"
extern "C" __global__ void place(const T* __restrict__ from, R* __restrict__ to, long long outer,
                                 long long axis, long long inner) {
    long long count = outer * inner;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += gridDim.x * (long long)blockDim.x) {
        const T* elements = from + i / inner * axis * inner + i % inner;
        long long best = -1;
        T value = elements[0];
        for (long long k = 0; k < axis; k++) {
            T x = elements[k * inner];
            if (x != x || (best >= 0 && !(x BETTER value))) continue;
            best = k;
            value = x;
        }
        to[i] = best < 0 ? 0 : (R)best;
    }
}

extern "C" __global__ void place_in_row(const T* __restrict__ from, R* __restrict__ to, long long rows,
                                        long long axis) {
    int lane = threadIdx.x % 32;
    for (long long row = blockIdx.x * 8ll + threadIdx.x / 32; row < rows; row += gridDim.x * 8ll) {
        const T* elements = from + row * axis;
        long long best = -1;
        T value = elements[0];
        for (long long k = lane; k < axis; k += 32) {
            T x = elements[k];
            if (x != x || (best >= 0 && !(x BETTER value))) continue;
            best = k;
            value = x;
        }
        for (int half = 16; half > 0; half /= 2) {
            long long other = __shfl_xor_sync(0xffffffffu, best, half);
            T x = __shfl_xor_sync(0xffffffffu, value, half);
            if (other < 0) continue;
            if (best < 0 || x BETTER value || (x == value && other < best)) {
                best = other;
                value = x;
            }
        }
        if (lane == 0) to[row] = best < 0 ? 0 : (R)best;
    }
}
"#;

/// The place of the greatest or least element along the middle axis of `[outer, axis, inner]`, of any type but `Bool`, as
/// `Int64` or `Int32`: `tf.argmax`. The first of equals. `dtypes` are those of the elements and of the places.
pub fn arg_extreme(
    greatest: bool,
    dtypes: [DType; 2],
    [outer, axis, inner]: [usize; 3],
    from: Address,
    to: Address,
) -> Vec<Work> {
    let count = outer * inner;
    if count == 0 {
        return vec![];
    }
    let [dtype, place] = dtypes.map(DType::c_name);
    let source = text(&[("T", dtype), ("R", place), ("BETTER", if greatest { ">" } else { "<" })], PLACE_TEXT);
    let places = [Arg::Address(from), Arg::Address(to)];
    if inner == 1 && axis >= 32 {
        let args = places.into_iter().chain([outer, axis].map(size)).collect();
        return blocks_of(
            source,
            "place_in_row",
            [outer.div_ceil(8).min(LIMIT) as u32, 1, 1],
            [super::BLOCK, 1, 1],
            args,
        );
    }
    super::flat(source, "place", count, places.into_iter().chain([outer, axis, inner].map(size)).collect())
}
