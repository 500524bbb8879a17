//! Pictures in axes: numbers to colours, and resampling to the pixels they cover. `matplotlib.image`.

use crate::artist::ImageData;
use crate::backend::Canvas;
use crate::colors::Color;

/// A picture ready to be drawn: rows of colours, the top row first.
pub(crate) struct Raster {
    pub width: usize,
    pub height: usize,
    pub colors: Vec<Color>,
    /// Each pixel takes its nearest cell, at whatever size.
    pub nearest: bool,
}

impl Raster {
    /// Colours a picture's numbers; `alpha` is the artist's opacity.
    pub fn new(image: &ImageData, alpha: f32) -> Raster {
        let p = &image.pixels;
        let fade = |c: Color| c.with_alpha(c.a * alpha);
        let colors: Vec<Color> = if p.channels == 1 {
            image.mapping.colors(&p.values).map(fade).collect()
        } else {
            let unit = if p.integers { 255.0 } else { 1.0 };
            let part = |v: f64| (v / unit).clamp(0.0, 1.0) as f32;
            p.values
                .chunks_exact(p.channels)
                .map(|v| {
                    fade(Color { r: part(v[0]), g: part(v[1]), b: part(v[2]), a: v.get(3).map_or(1.0, |&a| part(a)) })
                })
                .collect()
        };
        let mut raster = Raster { width: p.width, height: p.height, colors, nearest: image.nearest };
        if !image.upper {
            raster.flip();
        }
        raster
    }

    /// Turns the picture upside down.
    pub fn flip(&mut self) {
        self.colors = self.colors.chunks(self.width.max(1)).rev().flatten().copied().collect();
    }

    /// Draws the picture over the box left, top, right, bottom of canvas coordinates.
    pub fn draw(&self, canvas: &mut Canvas, [left, top, right, bottom]: [f64; 4]) {
        if self.width == 0 || self.height == 0 || right <= left || bottom <= top {
            return;
        }
        // The picture takes whole pixels, but each one shows what lies under its middle.
        let across = Span::new(left, right, self.width, canvas.pixmap.width());
        let down = Span::new(top, bottom, self.height, canvas.pixmap.height());
        if !self.nearest && (across.smooth() || down.smooth()) {
            self.draw_smooth(canvas, &across, &down);
            return;
        }
        let columns: Vec<usize> = across.pixels().map(|x| across.cell(x)).collect();
        for y in down.pixels() {
            let row = down.cell(y) * self.width;
            for (x, column) in across.pixels().zip(&columns) {
                canvas.blend(x, y, self.colors[row + column], 1.0);
            }
        }
    }

    /// First along each row, then down each column; opacity weighs the colours.
    fn draw_smooth(&self, canvas: &mut Canvas, across: &Span, down: &Span) {
        let horizontal: Vec<(usize, Vec<f32>)> = across.pixels().map(|x| across.weights(x)).collect();
        let columns = horizontal.len();
        let narrow: Vec<[f32; 4]> = self
            .colors
            .chunks_exact(self.width)
            .flat_map(|row| {
                horizontal
                    .iter()
                    .map(move |(first, w)| sum(w.iter().zip(&row[*first..]).map(|(w, c)| (*w, premultiplied(*c)))))
            })
            .collect();
        for y in down.pixels() {
            let (first, w) = down.weights(y);
            for (i, x) in across.pixels().enumerate() {
                let [r, g, b, a] = sum(w.iter().enumerate().map(|(k, w)| (*w, narrow[(first + k) * columns + i])));
                if a > 0.0 {
                    canvas.blend(x, y, Color { r: r / a, g: g / a, b: b / a, a }, 1.0);
                }
            }
        }
    }
}

/// One direction of a picture: its cells and the pixels they lie over.
struct Span {
    start: f64,
    cells: usize,
    /// Cells per pixel.
    scale: f64,
    pixels: std::ops::Range<i32>,
}

impl Span {
    fn new(start: f64, end: f64, cells: usize, canvas: u32) -> Span {
        let nearest = |v: f64| (v + 0.5).floor().clamp(0.0, f64::from(canvas)) as i32;
        Span { start, cells, scale: cells as f64 / (end - start), pixels: nearest(start)..nearest(end) }
    }

    fn pixels(&self) -> std::ops::Range<i32> {
        self.pixels.clone()
    }

    /// Where a pixel's middle lies, in cells.
    fn position(&self, pixel: i32) -> f64 {
        (f64::from(pixel) + 0.5 - self.start) * self.scale
    }

    fn cell(&self, pixel: i32) -> usize {
        (self.position(pixel).floor().max(0.0) as usize).min(self.cells - 1)
    }

    /// matplotlib's 'auto' interpolation smooths unless the picture grows more than three times or exactly 1 or 2 times.
    fn smooth(&self) -> bool {
        let grown = 1.0 / self.scale;
        !(grown > 3.0 || (grown - 2.0).abs() < 1e-9 || (grown - 1.0).abs() < 1e-9)
    }

    /// The first cell that adds to a pixel, and the weights from there on: a Hanning window one cell wide to each
    /// side, or one pixel when the picture shrinks.
    fn weights(&self, pixel: i32) -> (usize, Vec<f32>) {
        let radius = self.scale.max(1.0);
        let centre = self.position(pixel) - 0.5;
        let first = ((centre - radius).ceil().max(0.0) as usize).min(self.cells - 1);
        let last = ((centre + radius).floor().max(0.0) as usize).clamp(first, self.cells - 1);
        let mut w: Vec<f32> = (first..=last)
            .map(|k| {
                let d = ((k as f64 - centre) / radius).abs().min(1.0);
                (0.5 + 0.5 * (std::f64::consts::PI * d).cos()) as f32
            })
            .collect();
        let total: f32 = w.iter().sum();
        if total > 0.0 {
            w.iter_mut().for_each(|v| *v /= total);
        }
        (first, w)
    }
}

fn premultiplied(c: Color) -> [f32; 4] {
    [c.r * c.a, c.g * c.a, c.b * c.a, c.a]
}

fn sum(parts: impl Iterator<Item = (f32, [f32; 4])>) -> [f32; 4] {
    parts.fold([0.0; 4], |mut total, (w, c)| {
        total.iter_mut().zip(c).for_each(|(t, v)| *t += w * v);
        total
    })
}
