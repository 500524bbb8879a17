//! Windows that slide over the two axes of an image `[height, width, channels]`: where they lie. What is done with what
//! is under them is `conv`'s.

/// Where the windows lie along one axis.
#[derive(Clone, Copy)]
pub(crate) struct Slide {
    pub size: usize,
    pub window: usize,
    pub stride: usize,
    pub before: usize,
    pub count: usize,
}

impl Slide {
    /// The windows along an axis of `size`, or nothing when not even one fits.
    pub fn new(size: usize, window: usize, stride: usize, padding: &str) -> Option<Slide> {
        if padding == "SAME" {
            let count = size.div_ceil(stride);
            let padded = (count.max(1) - 1) * stride + window;
            return Some(Slide { size, window, stride, before: padded.saturating_sub(size) / 2, count });
        }
        let count = size.checked_sub(window)? / stride + 1;
        Some(Slide { size, window, stride, before: 0, count })
    }

    /// The offsets within window `i` that lie inside the axis: the first one, its place on the axis, how many.
    #[inline(always)]
    pub fn span(self, i: usize) -> (usize, usize, usize) {
        let start = i * self.stride;
        let first = self.before.saturating_sub(start).min(self.window);
        let end = (self.size + self.before).saturating_sub(start).min(self.window);
        (first, (start + first).saturating_sub(self.before), end.saturating_sub(first))
    }

    /// The offsets within window `i` that lie inside the axis, as (offset in the window, place on the axis).
    #[inline(always)]
    pub fn inside(self, i: usize) -> impl Iterator<Item = (usize, usize)> {
        let start = i * self.stride;
        (0..self.window).filter_map(move |k| {
            let place = (start + k).checked_sub(self.before)?;
            (place < self.size).then_some((k, place))
        })
    }
}

/// A window sliding over an image.
#[derive(Clone, Copy)]
pub(crate) struct Windows {
    pub channels: usize,
    pub rows: Slide,
    pub columns: Slide,
}

impl Windows {
    pub fn image_len(&self) -> usize {
        self.rows.size * self.columns.size * self.channels
    }

    /// The number of windows on one image.
    pub fn count(&self) -> usize {
        self.rows.count * self.columns.count
    }

    /// The number of elements under a window.
    pub fn len(&self) -> usize {
        self.rows.window * self.columns.window * self.channels
    }

    /// Visits every pixel under every window of one image: the window, and the pixel's place in the image, which is
    /// that of its first channel.
    #[inline(always)]
    pub fn visit(&self, mut f: impl FnMut(usize, usize)) {
        self.visit_rows(|window, _, at, pixels| {
            (0..pixels).for_each(|pixel| f(window, at + pixel * self.channels));
        });
    }

    /// Visits the rows of pixels under every window of one image: the window, the first pixel's place under it and in
    /// the image, and how many pixels there are.
    #[inline(always)]
    pub fn visit_rows(&self, mut f: impl FnMut(usize, usize, usize, usize)) {
        for i in 0..self.rows.count {
            for j in 0..self.columns.count {
                let (l, column, pixels) = self.columns.span(j);
                for (k, row) in self.rows.inside(i) {
                    let under = (k * self.columns.window + l) * self.channels;
                    let at = (row * self.columns.size + column) * self.channels;
                    f(i * self.columns.count + j, under, at, pixels);
                }
            }
        }
    }
}
