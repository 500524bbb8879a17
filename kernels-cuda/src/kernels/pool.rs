//! The greatest and the mean element under each window, and their gradients. Gradients are gathered pixel by pixel from
//! the windows over it, in the CPU's order, so nothing is added by two threads.

use super::windows::PARAMETERS;
use super::{Windows, counting, flat, size};
use crate::launch::{Address, Arg, DType, Work};

const TEXT: &str = r#"
// The window's first row or column inside the image, and the one behind its last.
__device__ long long first(long long at, long long before) { return at > before ? at - before : 0; }
__device__ long long behind(long long at, long long window, long long before, long long size) {
    long long end = at + window - before;
    return end < size ? end : size;
}

// The first window over a pixel, and the one behind its last.
__device__ long long from_window(long long pixel, long long window, long long stride, long long before) {
    long long start = pixel + before - window + 1;
    return start > 0 ? (start + stride - 1) / stride : 0;
}
__device__ long long to_window(long long pixel, long long stride, long long before, long long count) {
    long long end = (pixel + before) / stride + 1;
    return end < count ? end : count;
}

#define INSIDE(i, j) \
    long long y0 = first(i * stride_y, above), y1 = behind(i * stride_y, window_height, above, height); \
    long long x0 = first(j * stride_x, left), x1 = behind(j * stride_x, window_width, left, width);

#define WINDOW \
    long long c = e % (I)channels, j = e / (I)channels % (I)right, i = e / (I)(channels * right) % (I)down; \
    const T* image = from + (long long)(e / (I)(channels * right * down)) * height * width * channels; \
    INSIDE(i, j)

#define PIXEL \
    long long c = e % (I)channels, x = e / (I)channels % (I)width, y = e / (I)(channels * width) % (I)height; \
    long long image = e / (I)(channels * width * height); \
    long long i0 = from_window(y, window_height, stride_y, above), i1 = to_window(y, stride_y, above, down); \
    long long j0 = from_window(x, window_width, stride_x, left), j1 = to_window(x, stride_x, left, right);

extern "C" __global__ void max_pool(const T* __restrict__ from, T* __restrict__ to, long long count, PARAMETERS) {
    EACH(e, count) {
        WINDOW
        T best = LEAST;
        for (long long y = y0; y < y1; y++) {
            for (long long x = x0; x < x1; x++) {
                T v = image[(y * width + x) * channels + c];
                best = v > best ? v : best;
            }
        }
        to[e] = best;
    }
}

extern "C" __global__ void avg_pool(const T* __restrict__ from, T* __restrict__ to, long long count, PARAMETERS) {
    EACH(e, count) {
        WINDOW
        T sum = 0;
        for (long long y = y0; y < y1; y++)
            for (long long x = x0; x < x1; x++) sum += image[(y * width + x) * channels + c];
        to[e] = sum / (T)((y1 - y0) * (x1 - x0));
    }
}

extern "C" __global__ void max_pool_gradient(const T* __restrict__ from, const T* __restrict__ best,
                                             const T* __restrict__ dy, T* __restrict__ to, long long count,
                                             PARAMETERS) {
    EACH(e, count) {
        PIXEL
        const T* pixels = from + image * height * width * channels;
        T v = pixels[(y * width + x) * channels + c], sum = 0;
        for (long long i = i0; i < i1; i++) {
            for (long long j = j0; j < j1; j++) {
                long long at = ((image * down + i) * right + j) * channels + c;
                if (v != best[at]) continue;
                // Only the first pixel that reaches the window's maximum gets its gradient.
                INSIDE(i, j)
                bool found = false;
                for (long long k = y0; k <= y && !found; k++)
                    for (long long l = x0; l < (k < y ? x1 : x) && !found; l++)
                        found = pixels[(k * width + l) * channels + c] == v;
                if (!found) sum += dy[at];
            }
        }
        to[e] = sum;
    }
}

extern "C" __global__ void avg_pool_gradient(const T* __restrict__ dy, T* __restrict__ to, long long count,
                                             PARAMETERS) {
    EACH(e, count) {
        PIXEL
        T sum = 0;
        for (long long i = i0; i < i1; i++) {
            for (long long j = j0; j < j1; j++) {
                INSIDE(i, j)
                sum += dy[((image * down + i) * right + j) * channels + c] / (T)((y1 - y0) * (x1 - x0));
            }
        }
        to[e] = sum;
    }
}
"#;

fn launch(name: &str, dtype: DType, windows: &Windows, count: usize, places: &[Address]) -> Vec<Work> {
    let least = match dtype {
        DType::Float64 => "__longlong_as_double(0xfff0000000000000ll)",
        _ => "__int_as_float(0xff800000)",
    };
    let source = counting(count, &[("T", dtype.c_name()), ("LEAST", least), ("PARAMETERS", PARAMETERS)], TEXT);
    let args = places.iter().map(|p| Arg::Address(*p)).chain([size(count)]).chain(windows.args()).collect();
    flat(source, name, count, args)
}

fn pooled(windows: &Windows) -> usize {
    windows.batch * windows.windows() * windows.channels
}

/// The greatest float under each window: `tf.nn.max_pool`.
pub fn max_pool(dtype: DType, windows: &Windows, from: Address, to: Address) -> Vec<Work> {
    launch("max_pool", dtype, windows, pooled(windows), &[from, to])
}

/// The mean of the floats under each window, without what lies outside the image: `tf.nn.avg_pool`.
pub fn avg_pool(dtype: DType, windows: &Windows, from: Address, to: Address) -> Vec<Work> {
    launch("avg_pool", dtype, windows, pooled(windows), &[from, to])
}

/// Passes the gradient to the first pixel of each window that reaches its maximum. `places` are those of the images, the
/// result of [`max_pool`], the gradient of that, and the images' gradient.
pub fn max_pool_gradient(dtype: DType, windows: &Windows, places: [Address; 4]) -> Vec<Work> {
    launch("max_pool_gradient", dtype, windows, windows.batch * windows.image_len(), &places)
}

/// Shares each window's gradient among its pixels inside the image.
pub fn avg_pool_gradient(dtype: DType, windows: &Windows, dy: Address, to: Address) -> Vec<Work> {
    launch("avg_pool_gradient", dtype, windows, windows.batch * windows.image_len(), &[dy, to])
}
