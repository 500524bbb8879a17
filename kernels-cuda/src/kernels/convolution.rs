//! Convolutions as products: what is under the windows is laid out as rows, so many images at a time that the rows have
//! room in the scratch memory.

use super::{Reduction, Windows, counting, flat, reduce, size};
use crate::launch::{Address, Arg, DType, Product, Work};

/// About how many bytes of rows are laid out at a time.
const ROOM: usize = 256 << 20;

const TEXT: &str = r#"
typedef long long S;

extern "C" __global__ void unroll(const T* __restrict__ from, T* __restrict__ to, long long count) {
    EACH(e, count) {
        I rest = e;
        I c = rest % CHANNELS; rest /= CHANNELS;
        I l = rest % WINDOW_WIDTH; rest /= WINDOW_WIDTH;
        I k = rest % WINDOW_HEIGHT; rest /= WINDOW_HEIGHT;
        I j = rest % RIGHT; rest /= RIGHT;
        I i = rest % DOWN; rest /= DOWN;
        S y = (S)(i * STRIDE_Y + k) - (S)ABOVE, x = (S)(j * STRIDE_X + l) - (S)LEFT;
        bool inside = y >= 0 && y < (S)HEIGHT && x >= 0 && x < (S)WIDTH;
        to[e] = inside ? from[(((S)rest * HEIGHT + y) * WIDTH + x) * CHANNELS + c] : (T)0;
    }
}

extern "C" __global__ void roll(const T* __restrict__ from, T* __restrict__ to, long long count) {
    EACH(e, count) {
        I rest = e;
        I c = rest % CHANNELS; rest /= CHANNELS;
        I x = rest % WIDTH + LEFT; rest /= WIDTH;
        I y = rest % HEIGHT + ABOVE; rest /= HEIGHT;
        I i0 = y < WINDOW_HEIGHT ? 0 : (y - WINDOW_HEIGHT) / STRIDE_Y + 1;
        I j0 = x < WINDOW_WIDTH ? 0 : (x - WINDOW_WIDTH) / STRIDE_X + 1;
        T sum = 0;
        for (I i = i0; i < DOWN && i * STRIDE_Y <= y; i++) {
            for (I j = j0; j < RIGHT && j * STRIDE_X <= x; j++) {
                S window = ((S)rest * DOWN + i) * RIGHT + j;
                I k = y - i * STRIDE_Y, l = x - j * STRIDE_X;
                sum += from[((window * WINDOW_HEIGHT + k) * WINDOW_WIDTH + l) * CHANNELS + c];
            }
        }
        to[e] = sum;
    }
}
"#;

fn sliding(name: &str, dtype: DType, windows: &Windows, count: usize, from: Address, to: Address) -> Vec<Work> {
    let numbers = windows.names();
    let mut names = vec![("T", dtype.c_name())];
    names.extend(numbers.iter().map(|(name, value)| (*name, value.as_str())));
    flat(counting(count, &names, TEXT), name, count, vec![Arg::Address(from), Arg::Address(to), size(count)])
}

/// Whether the rows are the images as they are.
fn plain(w: &Windows) -> bool {
    w.window == [1, 1] && w.stride == [1, 1] && w.count == w.image
}

/// How many images' rows are laid out at a time.
fn together(dtype: DType, w: &Windows) -> usize {
    let each = w.windows() * w.under() * dtype.size();
    (ROOM / each.max(1)).clamp(1, w.batch.max(1))
}

/// The bytes of room that a convolution of any kind with `filters` filters needs.
pub fn convolution_scratch(dtype: DType, windows: &Windows, filters: usize) -> usize {
    let here = together(dtype, windows);
    let rows = if plain(windows) { 0 } else { here * windows.windows() * windows.under() * dtype.size() };
    rows.next_multiple_of(256) + windows.batch.div_ceil(here) * windows.under() * filters * dtype.size()
}

/// A stretch of the images: how many, and where in images, rows and results its first one begins.
fn stretches(dtype: DType, w: &Windows) -> impl Iterator<Item = (usize, usize)> {
    let (here, batch) = (together(dtype, w), w.batch);
    (0..batch).step_by(here).map(move |first| (first, here.min(batch - first)))
}

/// Floats' images `[batch, height, width, channels]` with filters `[height, width, channels, filters]`: `tf.nn.conv2d`.
/// `places` are those of the images, the filters, the result, and of room for [`convolution_scratch`] bytes; `bias` that of
/// a number for each filter, or `None`.
pub fn convolution(
    dtype: DType,
    windows: &Windows,
    filters: usize,
    places: [Address; 4],
    bias: Option<Address>,
    tf32: bool,
) -> Vec<Work> {
    let [images, filter, to, scratch] = places;
    let (mut works, bytes) = (Vec::new(), dtype.size());
    for (first, here) in stretches(dtype, windows) {
        let image = images + (first * windows.image_len() * bytes) as Address;
        let count = here * windows.windows() * windows.under();
        if !plain(windows) {
            works.extend(sliding("unroll", dtype, windows, count, image, scratch));
        }
        let rows = if plain(windows) { image } else { scratch };
        let result = to + (first * windows.windows() * filters * bytes) as Address;
        let sizes = [here * windows.windows(), filters, windows.under()];
        let product = Product { bias, tf32, ..Product::new(dtype, sizes, rows, filter, result) };
        works.push(Work::Product(product));
    }
    works
}

/// The gradient by the images: `places` are those of the filters, the result's gradient, the images' gradient, and the
/// scratch.
pub fn convolution_input_gradient(
    dtype: DType,
    windows: &Windows,
    filters: usize,
    places: [Address; 4],
    tf32: bool,
) -> Vec<Work> {
    let [filter, dy, to, scratch] = places;
    let (mut works, bytes) = (Vec::new(), dtype.size());
    for (first, here) in stretches(dtype, windows) {
        let gradient = dy + (first * windows.windows() * filters * bytes) as Address;
        let image = to + (first * windows.image_len() * bytes) as Address;
        let rows = if plain(windows) { image } else { scratch };
        let sizes = [here * windows.windows(), windows.under(), filters];
        let product = Product { tf32, ..Product::new(dtype, sizes, gradient, filter, rows).transposed(false, true) };
        works.push(Work::Product(product));
        if !plain(windows) {
            works.extend(sliding("roll", dtype, windows, here * windows.image_len(), scratch, image));
        }
    }
    works
}

/// The gradient by the filters: `places` are those of the images, the result's gradient, the filters' gradient, and the
/// scratch.
pub fn convolution_filter_gradient(
    dtype: DType,
    windows: &Windows,
    filters: usize,
    places: [Address; 4],
    tf32: bool,
) -> Vec<Work> {
    let [images, dy, to, scratch] = places;
    let (mut works, bytes, size) = (Vec::new(), dtype.size(), windows.under() * filters);
    let here = together(dtype, windows);
    let room = if plain(windows) { 0 } else { here * windows.windows() * windows.under() * bytes };
    let parts = scratch + room.next_multiple_of(256) as Address;
    let stretches: Vec<(usize, usize)> = stretches(dtype, windows).collect();
    for (i, &(first, here)) in stretches.iter().enumerate() {
        let image = images + (first * windows.image_len() * bytes) as Address;
        if !plain(windows) {
            let count = here * windows.windows() * windows.under();
            works.extend(sliding("unroll", dtype, windows, count, image, scratch));
        }
        let rows = if plain(windows) { image } else { scratch };
        let gradient = dy + (first * windows.windows() * filters * bytes) as Address;
        let part = if stretches.len() == 1 { to } else { parts + (i * size * bytes) as Address };
        let sizes = [windows.under(), filters, here * windows.windows()];
        let product = Product { tf32, ..Product::new(dtype, sizes, rows, gradient, part).transposed(true, false) };
        works.push(Work::Product(product));
    }
    match stretches.len() {
        0 => super::fill(dtype, 0.0, to, size),
        1 => works,
        n => {
            // Fewer stretches than a reduction takes two passes for: it needs no room of its own.
            works.extend(reduce(Reduction::Sum, dtype, &[n, size], &[true, false], [parts, to, 0]));
            works
        }
    }
}
