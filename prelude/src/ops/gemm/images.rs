//! Convolutions of `float32` images as products that read the images where they lie: the pixels under a window's row
//! are one stretch of memory, so the rows of the product's first operand are just places in the image that overlap.
//! Only borders of zeros and the filter are laid out anew.

use super::PARALLEL;
use super::kernel::{Kernels, Source, Tile};
use super::pack::{Even, Room, scratch};
use crate::ops::parallel;
use crate::ops::windows::{Slide, Windows};

/// About how many steps of a sum run in registers at a time, so that the filter's part stays in the second-level cache.
const DEPTH: usize = 1024;
/// How many elements of images with borders are laid out at a time.
const BORDERED: usize = 1 << 20;

/// The convolution of images with a filter for `depth` results, and a bias; nothing where it is not for this file.
pub(crate) fn convolve(
    windows: &Windows,
    depth: usize,
    images: &[f32],
    filter: &[f32],
    bias: Option<&[f32]>,
    out: &mut [f32],
) -> bool {
    let Some(kernels) = Kernels::get() else { return false };
    let steps = windows.len();
    if out.is_empty() || steps == 0 {
        return false;
    }
    let panels = Panels::new(kernels, depth);
    assert!(filter.len() == steps * depth && bias.is_none_or(|bias| bias.len() == depth), "a filter of other sizes");
    scratch(panels.room(steps), |room| {
        for j in 0..panels.count {
            let from = Source { at: filter.as_ptr().wrapping_add(j * panels.each), row: 1, step: depth };
            // SAFETY: the filter has these columns, and the room a place for each panel.
            unsafe { kernels.pack(from, panels.width(j), steps, room.at(panels.room_before(j, steps)), panels.each) };
        }
        Convolution { kernels, windows, panels, filter: room, bias }.run(images, out);
    });
    true
}

/// The gradient of a convolution by its images, which is a convolution of the gradient with the filter turned round.
/// Nothing for windows that skip places, or for a few channels, which would leave most of a register empty.
pub(crate) fn gradient_of_images(
    windows: &Windows,
    depth: usize,
    filter: &[f32],
    gradients: &[f32],
    out: &mut [f32],
) -> bool {
    let Some(kernels) = Kernels::get() else { return false };
    let size = windows.rows.window * windows.columns.window;
    let suits = windows.rows.stride == 1 && windows.columns.stride == 1 && 2 * windows.channels >= kernels.lanes;
    if !suits || out.is_empty() || size * depth == 0 {
        return false;
    }
    let back = |slide: Slide| Slide {
        size: slide.count,
        window: slide.window,
        stride: 1,
        before: slide.window - 1 - slide.before,
        count: slide.size,
    };
    let turned = Windows { channels: depth, rows: back(windows.rows), columns: back(windows.columns) };
    let channels = windows.channels;
    let panels = Panels::new(kernels, channels);
    assert!(filter.len() == size * depth * channels, "a filter of other sizes");
    scratch(panels.room(turned.len()), |room| {
        for j in 0..panels.count {
            for place in 0..size {
                let at = (size - 1 - place) * channels * depth + j * panels.each * depth;
                let from = Source { at: filter.as_ptr().wrapping_add(at), row: depth, step: 1 };
                let to = room.at(panels.room_before(j, turned.len()) + place * depth * panels.each);
                // SAFETY: as for the convolution.
                unsafe { kernels.pack(from, panels.width(j), depth, to, panels.each) };
            }
        }
        Convolution { kernels, windows: &turned, panels, filter: room, bias: None }.run(gradients, out);
    });
    true
}

/// The gradient of a convolution by its filter: for every place under the window, the sum over all windows of what lies
/// there times the window's gradient, image by image.
pub(crate) fn gradient_of_filter(
    windows: &Windows,
    depth: usize,
    images: &[f32],
    gradients: &[f32],
    out: &mut [f32],
) -> bool {
    let Some(kernels) = Kernels::get() else { return false };
    let (image, result) = (windows.image_len(), windows.count() * depth);
    if images.is_empty() || result == 0 || out.is_empty() {
        return false;
    }
    let count = images.len() / image;
    assert!(out.len() == windows.len() * depth && gradients.len() == count * result, "a filter of other sizes");
    let border = Border::new(windows, 0..windows.rows.count);
    let together = match border.needed {
        true => (BORDERED / border.len().max(1)).clamp(1, count),
        false => count,
    };
    let shared = gradients.len() * windows.len() >= PARALLEL;
    let under = windows.columns.window * windows.channels;
    let tiles = Even::new(under, kernels.rows(REGISTERS));
    let total = tiles.count * windows.rows.window;
    let tasks = Even { len: total, count: total.min(parallel::tasks(shared)) };
    let job = FilterGradient { kernels, windows, panels: Panels::new(kernels, depth), tiles, depth };
    let out = Room::of(out);
    for first in (0..count).step_by(together) {
        let here = together.min(count - first);
        let room = if border.needed { here * border.len() } else { 0 };
        scratch(room, |room| {
            parallel::each(if border.needed { here } else { 0 }, shared, |i| {
                // SAFETY: each image has its place in the room.
                unsafe { border.lay(&images[(first + i) * image..][..image], room.at(i * border.len())) };
            });
            parallel::each(tasks.count, shared, |task| {
                for i in 0..here {
                    let from = match border.needed {
                        true => room.at(i * border.len()).cast_const(),
                        false => images[(first + i) * image..].as_ptr(),
                    };
                    let gradient = &gradients[(first + i) * result..][..result];
                    let mine = tasks.start(task)..tasks.start(task + 1);
                    job.add(mine, from, border.row, gradient, &out, first + i > 0);
                }
            });
        });
    }
    true
}

/// Registers of columns in a tile: with so many, tiles have enough rows for a row of a small image.
const REGISTERS: usize = 2;

/// The columns of a result in panels.
#[derive(Clone, Copy)]
struct Panels {
    len: usize,
    each: usize,
    count: usize,
}

impl Panels {
    fn new(kernels: &Kernels, len: usize) -> Panels {
        let each = REGISTERS * kernels.lanes;
        Panels { len, each, count: len.div_ceil(each) }
    }

    fn width(self, j: usize) -> usize {
        (self.len - j * self.each).min(self.each)
    }

    fn room(self, steps: usize) -> usize {
        self.room_before(self.count, steps)
    }

    fn room_before(self, j: usize, steps: usize) -> usize {
        j * self.each * steps
    }
}

/// The part of an image under some rows of windows, with zeros where windows go beyond the image.
struct Border<'a> {
    windows: &'a Windows,
    /// Whether windows do go beyond the image.
    needed: bool,
    /// The first row, counted from the first row with a border.
    first: usize,
    rows: usize,
    /// The elements of a row.
    row: usize,
}

impl Border<'_> {
    fn new(windows: &Windows, of: std::ops::Range<usize>) -> Border<'_> {
        let reach = |slide: Slide, count: usize| (count - 1) * slide.stride + slide.window;
        let beyond = |slide: Slide| slide.before > 0 || reach(slide, slide.count) > slide.size;
        let needed = beyond(windows.rows) || beyond(windows.columns);
        let columns = if needed { reach(windows.columns, windows.columns.count) } else { windows.columns.size };
        Border {
            windows,
            needed,
            first: of.start * windows.rows.stride,
            rows: reach(windows.rows, of.len()),
            row: columns * windows.channels,
        }
    }

    fn len(&self) -> usize {
        self.rows * self.row
    }

    /// # Safety
    /// There is room for it.
    unsafe fn lay(&self, image: &[f32], to: *mut f32) {
        let (channels, columns) = (self.windows.channels, self.windows.columns);
        // SAFETY: the caller's promise.
        let to = unsafe { std::slice::from_raw_parts_mut(to, self.len()) };
        let left = (columns.before * channels).min(self.row);
        let inside = (columns.size * channels).min(self.row - left);
        for (i, to) in to.chunks_exact_mut(self.row).enumerate() {
            match (self.first + i).checked_sub(self.windows.rows.before).filter(|at| *at < self.windows.rows.size) {
                Some(at) => {
                    to[..left].fill(0.0);
                    to[left..left + inside].copy_from_slice(&image[at * columns.size * channels..][..inside]);
                    to[left + inside..].fill(0.0);
                }
                None => to.fill(0.0),
            }
        }
    }
}

/// A convolution with a filter that is packed already.
struct Convolution<'a> {
    kernels: &'static Kernels,
    windows: &'a Windows,
    panels: Panels,
    filter: &'a Room,
    bias: Option<&'a [f32]>,
}

impl Convolution<'_> {
    fn run(&self, images: &[f32], out: &mut [f32]) {
        let (rows, line) = (self.windows.rows.count, self.windows.columns.count * self.panels.len);
        let (from, to) = (self.windows.image_len(), rows * line);
        let count = out.len() / to;
        assert!(images.len() == count * from && out.len() == count * to, "images of other sizes than their results");
        let shared = out.len() * self.windows.len() >= PARALLEL;
        let wanted = parallel::tasks(shared);
        // Images that are too few for all cores are cut into bands of rows.
        let bands = Even { len: rows, count: wanted.div_ceil(count).min(rows) };
        let out = Room::of(out);
        parallel::each(count * bands.count, shared, |task| {
            let (image, band) = (task / bands.count, task % bands.count);
            let band = bands.start(band)..bands.start(band + 1);
            let out = out.at(image * to + band.start * line);
            self.band(&images[image * from..][..from], band, out);
        });
    }

    /// The results of some rows of windows of an image.
    fn band(&self, image: &[f32], rows: std::ops::Range<usize>, out: *mut f32) {
        let count = rows.len();
        let border = Border::new(self.windows, rows);
        scratch(if border.needed { border.len() } else { 0 }, |room| {
            let image = match border.needed {
                true => {
                    // SAFETY: the room is for this.
                    unsafe { border.lay(image, room.at(0)) };
                    room.at(0).cast_const()
                }
                false => image[border.first * border.row..].as_ptr(),
            };
            self.tiles(image, border.row, count, out);
        });
    }

    fn tiles(&self, image: *const f32, row: usize, count: usize, out: *mut f32) {
        let (windows, panels) = (self.windows, self.panels);
        let under = windows.columns.window * windows.channels;
        let steps = Even::new(windows.rows.window, (DEPTH / under).max(1));
        let along = Even::new(windows.columns.count, self.kernels.rows(REGISTERS));
        let next = windows.columns.stride * windows.channels;
        for part in 0..steps.count {
            let (start, last) = (steps.start(part), part + 1 == steps.count);
            for j in 0..panels.count {
                let b = self.filter.at(panels.room_before(j, windows.len()) + start * under * panels.each);
                let bias = self.bias.filter(|_| last).map_or(std::ptr::null(), |b| b[j * panels.each..].as_ptr());
                for (i, x) in (0..count).flat_map(|i| (0..along.count).map(move |x| (i, x))) {
                    let at = along.start(x);
                    let tile = Tile {
                        a: image.wrapping_add((i * windows.rows.stride + start) * row + at * next),
                        a_row: next,
                        a_step: 1,
                        b,
                        b_step: panels.each,
                        steps: under,
                        segments: steps.size(part),
                        a_segment: row,
                        c: out.wrapping_add((i * windows.columns.count + at) * panels.len + j * panels.each),
                        c_row: panels.len,
                        rows: along.size(x),
                        columns: panels.width(j),
                        bias,
                        add: part > 0,
                    };
                    // SAFETY: the tile lies within the band, and with its border so do all windows.
                    unsafe { self.kernels.run(&tile) };
                }
            }
        }
    }
}

/// What the gradient by a filter is computed from, besides the images. A tile is part of a row under the window.
struct FilterGradient<'a> {
    kernels: &'static Kernels,
    windows: &'a Windows,
    panels: Panels,
    /// The tiles of one row under the window.
    tiles: Even,
    depth: usize,
}

impl FilterGradient<'_> {
    /// Adds what one image gives to some tiles, or puts it there.
    fn add(
        &self,
        tiles: std::ops::Range<usize>,
        image: *const f32,
        row: usize,
        gradient: &[f32],
        out: &Room,
        add: bool,
    ) {
        let (windows, panels) = (self.windows, self.panels);
        let under = windows.columns.window * windows.channels;
        for j in 0..panels.count {
            for tile in tiles.clone() {
                let (k, part) = (tile / self.tiles.count, tile % self.tiles.count);
                let at = self.tiles.start(part);
                let tile = Tile {
                    a: image.wrapping_add(k * row + at),
                    a_row: 1,
                    a_step: windows.columns.stride * windows.channels,
                    b: gradient[j * panels.each..].as_ptr(),
                    b_step: self.depth,
                    steps: windows.columns.count,
                    segments: windows.rows.count,
                    a_segment: windows.rows.stride * row,
                    c: out.at((k * under + at) * self.depth + j * panels.each),
                    c_row: self.depth,
                    rows: self.tiles.size(part),
                    columns: panels.width(j),
                    bias: std::ptr::null(),
                    add,
                };
                // SAFETY: the tile lies within the filter and is this task's own; the image has its border.
                unsafe { self.kernels.run(&tile) };
            }
        }
    }
}
