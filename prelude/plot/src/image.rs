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
                .map(|v| fade(Color { r: part(v[0]), g: part(v[1]), b: part(v[2]), a: v.get(3).map_or(1.0, |&a| part(a)) }))
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
        // The picture takes whole pixels: as many as its box needs, from its rounded corner.
        let (columns, rows) = ((right - left).ceil(), (bottom - top).ceil());
        let (x0, y0) = (left.round() as i32, (bottom.round() - rows) as i32);
        let (columns, rows) = (columns as usize, rows as usize);
        if self.smooth(columns, rows) {
            self.draw_smooth(canvas, (x0, y0), columns, rows);
            return;
        }
        let source = |i: usize, n: usize, cells: usize| ((i as f64 + 0.5) * cells as f64 / n as f64) as usize;
        let from: Vec<usize> = (0..columns).map(|i| source(i, columns, self.width)).collect();
        for j in 0..rows {
            let row = source(j, rows, self.height) * self.width;
            for (i, column) in from.iter().enumerate() {
                canvas.blend(x0 + i as i32, y0 + j as i32, self.colors[row + column], 1.0);
            }
        }
    }

    /// matplotlib's 'auto' interpolation smooths unless the picture grows more than three times or exactly 1 or 2 times.
    fn smooth(&self, columns: usize, rows: usize) -> bool {
        let plain = |n: usize, cells: usize| n > 3 * cells || n == 2 * cells || n == cells;
        !self.nearest && !(plain(columns, self.width) && plain(rows, self.height))
    }

    fn draw_smooth(&self, canvas: &mut Canvas, (x0, y0): (i32, i32), columns: usize, rows: usize) {
        let across = weights(self.width, columns);
        let down = weights(self.height, rows);
        // First along each row, then down each column; opacity weighs the colours.
        let narrow: Vec<[f32; 4]> = (0..self.height)
            .flat_map(|j| {
                let row = &self.colors[j * self.width..(j + 1) * self.width];
                across.iter().map(move |(first, w)| sum(w.iter().zip(&row[*first..]).map(|(w, c)| (*w, premultiplied(*c)))))
            })
            .collect();
        for (j, (first, w)) in down.iter().enumerate() {
            for i in 0..columns {
                let [r, g, b, a] =
                    sum(w.iter().enumerate().map(|(k, w)| (*w, narrow[(first + k) * columns + i])));
                if a > 0.0 {
                    let color = Color { r: r / a, g: g / a, b: b / a, a };
                    canvas.blend(x0 + i as i32, y0 + j as i32, color, 1.0);
                }
            }
        }
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

/// For each of `n` pixels the first of the `cells` it draws from and their weights: a Hanning window one cell wide
/// to each side, or one pixel when the picture shrinks.
fn weights(cells: usize, n: usize) -> Vec<(usize, Vec<f32>)> {
    let scale = cells as f64 / n as f64;
    let radius = scale.max(1.0);
    (0..n)
        .map(|i| {
            let centre = (i as f64 + 0.5) * scale - 0.5;
            let first = (centre - radius).ceil().max(0.0) as usize;
            let last = ((centre + radius).floor().max(0.0) as usize).min(cells - 1);
            let mut w: Vec<f32> = (first..=last.max(first))
                .map(|k| {
                    let d = ((k as f64 - centre) / radius).abs().min(1.0);
                    (0.5 + 0.5 * (std::f64::consts::PI * d).cos()) as f32
                })
                .collect();
            let total: f32 = w.iter().sum();
            w.iter_mut().for_each(|v| *v /= if total > 0.0 { total } else { 1.0 });
            (first, w)
        })
        .collect()
}
