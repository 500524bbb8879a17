//! Softmax along the last axis, its logarithm, and the cross entropies with their derivatives by the logits.

use super::{blocks_of, size, text};
use crate::launch::{Address, Arg, DType, Work};

/// From this many elements on, a row has a block of its own instead of a warp.
const WIDE: usize = 2048;
const LIMIT: usize = 65535;

/// A row belongs to `GROUP` threads: a warp, or a block of 256.
const TEXT: &str = r#"
__device__ T sum2(T a, T b) { return a + b; }
__device__ T max2(T a, T b) { return b > a ? b : a; }

#if GROUP == 32
#define TOGETHER(f, v) \
    for (int half = 16; half > 0; half /= 2) v = f(v, __shfl_xor_sync(0xffffffffu, v, half));
#define ROOM
#else
#define TOGETHER(f, v) \
    __syncthreads(); \
    shared[threadIdx.x] = v; \
    __syncthreads(); \
    for (int half = GROUP / 2; half > 0; half /= 2) { \
        if (threadIdx.x < half) shared[threadIdx.x] = f(shared[threadIdx.x], shared[threadIdx.x + half]); \
        __syncthreads(); \
    } \
    v = shared[0];
#define ROOM __shared__ T shared[GROUP];
#endif

#define ROWS \
    ROOM \
    const int lane = threadIdx.x % GROUP, here = 256 / GROUP; \
    for (long long row = blockIdx.x * (long long)here + threadIdx.x / GROUP; row < rows; row += gridDim.x * (long long)here)

#define ALONG(i) for (long long i = lane; i < width; i += GROUP)

// The greatest of the row's logits `x`, and the sum of the exponentials of their distances to it.
#define LOGITS(x) \
    T top = x[0], sum = 0; \
    ALONG(i) top = max2(top, x[i]); \
    TOGETHER(max2, top) \
    ALONG(i) sum += EXP(x[i] - top); \
    TOGETHER(sum2, sum)

// As on the CPU, where in `float32` a difference that is no number counts as infinite: only its own share is no number then.
__device__ T part(T difference) { return difference == difference ? EXP(difference) : OF_NO_NUMBER; }

extern "C" __global__ void softmax(const T* __restrict__ from, T* __restrict__ to, long long rows, long long width) {
    ROWS {
        const T* x = from + row * width;
        T top = LEAST(x), sum = 0;
        ALONG(i) top = max2(top, x[i]);
        TOGETHER(max2, top)
        ALONG(i) sum += part(x[i] - top);
        TOGETHER(sum2, sum)
        ALONG(i) to[row * width + i] = part(x[i] - top) / sum;
    }
}

extern "C" __global__ void log_softmax(const T* __restrict__ from, T* __restrict__ to, long long rows, long long width) {
    ROWS {
        const T* x = from + row * width;
        LOGITS(x)
        T shift = top + LOG(sum);
        ALONG(i) to[row * width + i] = x[i] - shift;
    }
}

extern "C" __global__ void cross_entropy(const T* __restrict__ logits, const T* __restrict__ labels,
                                         T* __restrict__ losses, T* __restrict__ gradient, long long rows,
                                         long long width) {
    ROWS {
        const T* x = logits + row * width;
        const T* l = labels + row * width;
        LOGITS(x)
        T shift = top + LOG(sum), loss = 0;
        ALONG(i) loss += l[i] * (shift - x[i]);
        TOGETHER(sum2, loss)
        if (lane == 0) losses[row] = loss;
        ALONG(i) gradient[row * width + i] = EXP(x[i] - top) / sum - l[i];
    }
}

extern "C" __global__ void sparse_cross_entropy(const T* __restrict__ logits, const L* __restrict__ labels,
                                                T* __restrict__ losses, T* __restrict__ gradient,
                                                unsigned long long* fault, long long rows, long long width) {
    ROWS {
        const T* x = logits + row * width;
        long long label = labels[row];
        LOGITS(x)
        bool known = label >= 0 && label < width;
        if (lane == 0) {
            if (!known && fault) atomicMin(fault, (unsigned long long)row);
            losses[row] = known ? LOG(sum) - (x[label] - top) : NOT_A_NUMBER;
        }
        ALONG(i) gradient[row * width + i] = known ? EXP(x[i] - top) / sum - (T)(i == label) : NOT_A_NUMBER;
    }
}
"#;

fn launch(dtype: DType, label: DType, name: &str, [rows, width]: [usize; 2], places: &[Address]) -> Vec<Work> {
    if rows * width == 0 {
        return vec![];
    }
    let group: usize = if width < WIDE { 32 } else { 256 };
    const NONE: [&str; 2] = ["__longlong_as_double(0x7ff8000000000000ll)", "__int_as_float(0x7fc00000)"];
    let [exp, log, none, of_none, least] = match dtype {
        DType::Float64 => ["exp", "log", NONE[0], NONE[0], "x[0]"],
        _ => ["expf", "logf", NONE[1], "__int_as_float(0x7f800000)", "__int_as_float(0xff7fffff)"],
    };
    let names = [
        ("T", dtype.c_name()),
        ("L", label.c_name()),
        ("EXP", exp),
        ("LOG", log),
        ("NOT_A_NUMBER", none),
        ("OF_NO_NUMBER", of_none),
        ("LEAST(x)", least),
        ("GROUP", &group.to_string()),
    ];
    let blocks = rows.div_ceil(256 / group).min(LIMIT) as u32;
    let args = places.iter().map(|p| Arg::Address(*p)).chain([rows, width].map(size)).collect();
    blocks_of(text(&names, TEXT), name, [blocks, 1, 1], [super::BLOCK, 1, 1], args)
}

/// Exponentials that sum to 1 in each row of `[rows, width]` floats: `tf.nn.softmax`.
pub fn softmax(dtype: DType, sizes: [usize; 2], from: Address, to: Address) -> Vec<Work> {
    launch(dtype, DType::Int32, "softmax", sizes, &[from, to])
}

/// The logarithm of the softmax: `tf.nn.log_softmax`.
pub fn log_softmax(dtype: DType, sizes: [usize; 2], from: Address, to: Address) -> Vec<Work> {
    launch(dtype, DType::Int32, "log_softmax", sizes, &[from, to])
}

/// The cross entropy of each row's softmax with its labels, and its derivative by the logits: places of the logits
/// `[rows, width]`, the labels `[rows, width]`, the losses `[rows]`, the derivative `[rows, width]`.
pub fn cross_entropy(dtype: DType, sizes: [usize; 2], places: [Address; 4]) -> Vec<Work> {
    launch(dtype, DType::Int32, "cross_entropy", sizes, &places)
}

/// The same for labels that are class numbers, `Int32` or `Int64`, `[rows]`. A number that is no class makes its row not
/// a number; the first such row goes to `fault`, a `u64` that should be `u64::MAX` before, unless that is 0.
pub fn sparse_cross_entropy(
    dtype: DType,
    label: DType,
    sizes: [usize; 2],
    places: [Address; 4],
    fault: Address,
) -> Vec<Work> {
    let [logits, labels, losses, gradient] = places;
    launch(dtype, label, "sparse_cross_entropy", sizes, &[logits, labels, losses, gradient, fault])
}
