//! The greatest and the mean element under each window, and their gradients. Gradients are gathered pixel by pixel from
//! the windows over it, in the CPU's order, so nothing is added by two threads.

use super::{Windows, counting, flat, size};
use crate::launch::{Address, Arg, DType, Work};

const TEXT: &str = r#"
typedef long long S;

// A window's first row or column inside the image, and the one behind its last.
__device__ S first(S at, S before) { return at > before ? at - before : 0; }
__device__ S behind(S at, S window, S before, S size) {
    S end = at + window - before;
    return end < size ? end : size;
}

// The first window over a pixel, and the one behind its last.
__device__ S from_window(S pixel, S window, S stride, S before) {
    S start = pixel + before - window + 1;
    return start > 0 ? (start + stride - 1) / stride : 0;
}
__device__ S to_window(S pixel, S stride, S before, S count) {
    S end = (pixel + before) / stride + 1;
    return end < count ? end : count;
}

#define INSIDE(i, j) \
    S y0 = first(i * STRIDE_Y, ABOVE), y1 = behind(i * STRIDE_Y, WINDOW_HEIGHT, ABOVE, HEIGHT); \
    S x0 = first(j * STRIDE_X, LEFT), x1 = behind(j * STRIDE_X, WINDOW_WIDTH, LEFT, WIDTH);

#define WINDOW \
    S c = e % CHANNELS, j = e / CHANNELS % RIGHT, i = e / (CHANNELS * RIGHT) % DOWN; \
    const T* image = from + (S)(e / (CHANNELS * RIGHT * DOWN)) * HEIGHT * WIDTH * CHANNELS; \
    INSIDE(i, j)

#define PIXEL \
    S c = e % CHANNELS, x = e / CHANNELS % WIDTH, y = e / (CHANNELS * WIDTH) % HEIGHT; \
    S image = e / (CHANNELS * WIDTH * HEIGHT); \
    S i0 = from_window(y, WINDOW_HEIGHT, STRIDE_Y, ABOVE), i1 = to_window(y, STRIDE_Y, ABOVE, DOWN); \
    S j0 = from_window(x, WINDOW_WIDTH, STRIDE_X, LEFT), j1 = to_window(x, STRIDE_X, LEFT, RIGHT);

extern "C" __global__ void max_pool(const T* __restrict__ from, T* __restrict__ to, long long count) {
    EACH(e, count) {
        WINDOW
        T best = LEAST;
        for (S y = y0; y < y1; y++) {
            for (S x = x0; x < x1; x++) {
                T v = image[(y * WIDTH + x) * CHANNELS + c];
                best = v > best ? v : best;
            }
        }
        to[e] = best;
    }
}

extern "C" __global__ void avg_pool(const T* __restrict__ from, T* __restrict__ to, long long count) {
    EACH(e, count) {
        WINDOW
        T sum = 0;
        for (S y = y0; y < y1; y++)
            for (S x = x0; x < x1; x++) sum += image[(y * WIDTH + x) * CHANNELS + c];
        to[e] = sum / (T)((y1 - y0) * (x1 - x0));
    }
}

extern "C" __global__ void max_pool_gradient(const T* __restrict__ from, const T* __restrict__ best,
                                             const T* __restrict__ dy, T* __restrict__ to, long long count) {
    EACH(e, count) {
        PIXEL
        const T* pixels = from + image * HEIGHT * WIDTH * CHANNELS;
        T v = pixels[(y * WIDTH + x) * CHANNELS + c], sum = 0;
        for (S i = i0; i < i1; i++) {
            for (S j = j0; j < j1; j++) {
                S at = ((image * DOWN + i) * RIGHT + j) * CHANNELS + c;
                if (v != best[at]) continue;
                // Only the first pixel that reaches the window's maximum gets its gradient.
                INSIDE(i, j)
                bool found = false;
                for (S k = y0; k <= y && !found; k++)
                    for (S l = x0; l < (k < y ? x1 : x) && !found; l++)
                        found = pixels[(k * WIDTH + l) * CHANNELS + c] == v;
                if (!found) sum += dy[at];
            }
        }
        to[e] = sum;
    }
}

extern "C" __global__ void avg_pool_gradient(const T* __restrict__ dy, T* __restrict__ to, long long count) {
    EACH(e, count) {
        PIXEL
        T sum = 0;
        for (S i = i0; i < i1; i++) {
            for (S j = j0; j < j1; j++) {
                INSIDE(i, j)
                sum += dy[((image * DOWN + i) * RIGHT + j) * CHANNELS + c] / (T)((y1 - y0) * (x1 - x0));
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
    let numbers = windows.names();
    let mut names = vec![("T", dtype.c_name()), ("LEAST", least)];
    names.extend(numbers.iter().map(|(name, value)| (*name, value.as_str())));
    let args = places.iter().map(|p| Arg::Address(*p)).chain([size(count)]).collect();
    flat(counting(count, &names, TEXT), name, count, args)
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
