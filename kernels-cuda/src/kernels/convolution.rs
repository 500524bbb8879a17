//! Convolutions as products: what is under the windows is laid out as rows, so many images at a time that the rows have
//! room in the scratch memory.

use super::{Reduction, Windows, counting, flat, reduce, size};
use crate::launch::{Address, Arg, Convolution, Convolved, DType, Product, Work};

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

/// The most room that a library's algorithm is given beyond what our own kernels need.
const LIBRARYS_ROOM: usize = 32 << 20;
/// Up to this many multiplications a convolution is made of our own kernels in any case, which can become one launch with
/// those around them.
const SMALL: usize = 1 << 18;

/// The bytes of room that a convolution of any kind with `filters` filters needs.
pub fn convolution_scratch(dtype: DType, windows: &Windows, filters: usize) -> usize {
    let (own, filter) = (own_scratch(dtype, windows, filters), filter_bytes(dtype, windows, filters));
    if is_own(dtype, windows, filters) {
        return own;
    }
    let elements = windows.batch * (windows.image_len() + windows.windows() * filters);
    own.max(filter + (2 * elements * dtype.size()).min(LIBRARYS_ROOM))
}

/// The bytes of room that our own kernels need.
fn own_scratch(dtype: DType, windows: &Windows, filters: usize) -> usize {
    let here = together(dtype, windows);
    let rows = if plain(windows) { 0 } else { here * windows.windows() * windows.under() * dtype.size() };
    rows.next_multiple_of(256) + windows.batch.div_ceil(here) * windows.under() * filters * dtype.size()
}

/// The bytes of a filter, up to where something else may begin.
pub(crate) fn filter_bytes(dtype: DType, windows: &Windows, filters: usize) -> usize {
    (windows.under() * filters * dtype.size()).next_multiple_of(256)
}

/// Whether no library is asked.
fn is_own(dtype: DType, w: &Windows, filters: usize) -> bool {
    dtype != DType::Float32 || w.batch * w.windows() * w.under() * filters <= SMALL
}

/// A stretch of the images: how many, and where in images, rows and results its first one begins.
fn stretches(dtype: DType, w: &Windows) -> impl Iterator<Item = (usize, usize)> {
    let (here, batch) = (together(dtype, w), w.batch);
    (0..batch).step_by(here).map(move |first| (first, here.min(batch - first)))
}

/// A convolution as work: `tf.nn.conv2d` and its gradients. A small one is made of our own kernels at once; for a larger one
/// the device may have a library.
pub fn convolution(c: Convolution) -> Vec<Work> {
    if is_own(c.dtype, &c.windows, c.filters) { unrolled(&c) } else { vec![Work::Convolution(c)] }
}

/// A convolution by our own kernels.
pub fn unrolled(c: &Convolution) -> Vec<Work> {
    match c.what {
        Convolved::Result => result(c),
        Convolved::Images => gradient_of_images(c),
        Convolved::Filter => gradient_of_filter(c),
    }
}

fn result(c: &Convolution) -> Vec<Work> {
    let Convolution { dtype, windows, filters, bias, tf32, .. } = c;
    let (mut works, bytes) = (Vec::new(), dtype.size());
    for (first, here) in stretches(*dtype, windows) {
        let image = c.images + (first * windows.image_len() * bytes) as Address;
        let count = here * windows.windows() * windows.under();
        if !plain(windows) {
            works.extend(sliding("unroll", *dtype, windows, count, image, c.scratch));
        }
        let rows = if plain(windows) { image } else { c.scratch };
        let to = c.result + (first * windows.windows() * filters * bytes) as Address;
        let sizes = [here * windows.windows(), *filters, windows.under()];
        let product = Product { bias: *bias, tf32: *tf32, ..Product::new(*dtype, sizes, rows, c.filter, to) };
        works.push(Work::Product(product));
    }
    works
}

fn gradient_of_images(c: &Convolution) -> Vec<Work> {
    let Convolution { dtype, windows, filters, tf32, .. } = c;
    let (mut works, bytes) = (Vec::new(), dtype.size());
    for (first, here) in stretches(*dtype, windows) {
        let dy = c.result + (first * windows.windows() * filters * bytes) as Address;
        let image = c.images + (first * windows.image_len() * bytes) as Address;
        let rows = if plain(windows) { image } else { c.scratch };
        let sizes = [here * windows.windows(), windows.under(), *filters];
        let product = Product::new(*dtype, sizes, dy, c.filter, rows).transposed(false, true);
        works.push(Work::Product(Product { tf32: *tf32, ..product }));
        if !plain(windows) {
            works.extend(sliding("roll", *dtype, windows, here * windows.image_len(), c.scratch, image));
        }
    }
    works
}

fn gradient_of_filter(c: &Convolution) -> Vec<Work> {
    let Convolution { dtype, windows, filters, tf32, .. } = c;
    let (mut works, bytes, size) = (Vec::new(), dtype.size(), windows.under() * filters);
    let here = together(*dtype, windows);
    let room = if plain(windows) { 0 } else { here * windows.windows() * windows.under() * bytes };
    let parts = c.scratch + room.next_multiple_of(256) as Address;
    let stretches: Vec<(usize, usize)> = stretches(*dtype, windows).collect();
    for (i, &(first, here)) in stretches.iter().enumerate() {
        let image = c.images + (first * windows.image_len() * bytes) as Address;
        if !plain(windows) {
            let count = here * windows.windows() * windows.under();
            works.extend(sliding("unroll", *dtype, windows, count, image, c.scratch));
        }
        let rows = if plain(windows) { image } else { c.scratch };
        let dy = c.result + (first * windows.windows() * filters * bytes) as Address;
        let part = if stretches.len() == 1 { c.filter } else { parts + (i * size * bytes) as Address };
        let sizes = [windows.under(), *filters, here * windows.windows()];
        let product = Product::new(*dtype, sizes, rows, dy, part).transposed(true, false);
        works.push(Work::Product(Product { tf32: *tf32, ..product }));
    }
    match stretches.len() {
        0 => super::fill(*dtype, 0.0, c.filter, size),
        1 => works,
        n => {
            // Fewer stretches than a reduction takes two passes for: it needs no room of its own.
            works.extend(reduce(Reduction::Sum, *dtype, &[n, size], &[true, false], [parts, c.filter, 0]));
            works
        }
    }
}
