//! Pictures in axes: numbers to colours, drawn over the pixels they cover. `matplotlib.image`.

use crate::artist::{ImageData, Mapping};
use crate::backend::Canvas;
use crate::colors::Color;
use crate::resample::{Kernel, Span, kernel};

/// What a picture's cells hold.
#[derive(Clone)]
enum Cells {
    Colors(Vec<Color>),
    /// Numbers, coloured by a map whose scale has these ends, with an opacity.
    Numbers(Vec<f64>, Mapping, (f64, f64), f32),
}

/// A picture ready to be drawn: rows of cells, the top row first.
#[derive(Clone)]
pub(crate) struct Raster {
    pub width: usize,
    pub height: usize,
    cells: Cells,
    interpolation: String,
}

impl Raster {
    /// Rows of colours, each of which stays as it is at whatever size.
    pub fn of_colors(width: usize, height: usize, colors: Vec<Color>) -> Raster {
        Raster { width, height, cells: Cells::Colors(colors), interpolation: "nearest".into() }
    }

    /// A picture's numbers with their colours; `alpha` is the artist's opacity.
    pub fn new(image: &ImageData, alpha: f32) -> Raster {
        let p = &image.pixels;
        let cells = if p.channels == 1 {
            let range = image.mapping.range(&p.values);
            Cells::Numbers(p.values.clone(), image.mapping.clone(), range, alpha)
        } else {
            let unit = if p.integers { 255.0 } else { 1.0 };
            let part = |v: f64| (v / unit).clamp(0.0, 1.0) as f32;
            let color = |v: &[f64]| {
                let a = v.get(3).map_or(1.0, |&a| part(a)) * alpha;
                Color { r: part(v[0]), g: part(v[1]), b: part(v[2]), a }
            };
            Cells::Colors(p.values.chunks_exact(p.channels).map(color).collect())
        };
        let interpolation = image.interpolation.clone();
        let mut raster = Raster { width: p.width, height: p.height, cells, interpolation };
        if !image.upper {
            raster.flip();
        }
        raster
    }

    /// Turns the picture upside down.
    pub fn flip(&mut self) {
        fn turned<T: Copy>(cells: &[T], width: usize) -> Vec<T> {
            cells.chunks(width.max(1)).rev().flatten().copied().collect()
        }
        match &mut self.cells {
            Cells::Colors(colors) => *colors = turned(colors, self.width),
            Cells::Numbers(values, ..) => *values = turned(values, self.width),
        }
    }

    /// Turns the picture left to right.
    pub fn mirror(&mut self) {
        let width = self.width.max(1);
        match &mut self.cells {
            Cells::Colors(colors) => colors.chunks_mut(width).for_each(<[Color]>::reverse),
            Cells::Numbers(values, ..) => values.chunks_mut(width).for_each(<[f64]>::reverse),
        }
    }

    /// The colour of each cell.
    pub fn colors(&self) -> Vec<Color> {
        match &self.cells {
            Cells::Colors(colors) => colors.clone(),
            Cells::Numbers(values, mapping, range, alpha) => {
                let color = |v: &f64| mapping.cmap.color(mapping.part(*v, *range));
                values.iter().map(color).map(|c| c.with_alpha(c.a * alpha)).collect()
            }
        }
    }

    /// Draws the picture over the box left, top, right, bottom of canvas coordinates.
    pub fn draw(&self, canvas: &mut Canvas, [left, top, right, bottom]: [f64; 4]) {
        if self.width == 0 || self.height == 0 || right <= left || bottom <= top {
            return;
        }
        // The picture takes whole pixels, but each one shows what lies under its middle.
        let across = Span::new(left, right, self.width, canvas.pixmap.width());
        let down = Span::new(top, bottom, self.height, canvas.pixmap.height());
        if let Some(kernel) = kernel(&self.interpolation, &across, &down) {
            // Numbers are interpolated themselves when a picture grows a lot, their colours otherwise.
            let colors = across.grown().min(down.grown()) < 3.0;
            match &self.cells {
                Cells::Numbers(values, mapping, range, alpha) if !colors => {
                    let planes: Vec<[f32; 2]> = values.iter().map(|&v| known(mapping.part(v, *range))).collect();
                    self.draw_smooth(canvas, &across, &down, kernel, &planes, |[sum, weight]| {
                        let c = mapping.cmap.color(f64::from(sum / weight));
                        if weight < 0.5 { c.with_alpha(0.0) } else { c.with_alpha(c.a * alpha) }
                    });
                }
                _ => {
                    let planes: Vec<[f32; 4]> = self.colors().into_iter().map(premultiplied).collect();
                    self.draw_smooth(canvas, &across, &down, kernel, &planes, |[r, g, b, a]| {
                        let part = |v: f32| if a > 0.0 { (v / a).clamp(0.0, 1.0) } else { 0.0 };
                        Color { r: part(r), g: part(g), b: part(b), a: a.clamp(0.0, 1.0) }
                    });
                }
            }
            return;
        }
        let colors = self.colors();
        let columns: Vec<usize> = across.pixels().map(|x| across.cell(x)).collect();
        for y in down.pixels() {
            let row = down.cell(y) * self.width;
            for (x, column) in across.pixels().zip(&columns) {
                canvas.blend(x, y, colors[row + column], 1.0);
            }
        }
    }

    /// First along each row, then down each column.
    fn draw_smooth<const N: usize>(
        &self,
        canvas: &mut Canvas,
        across: &Span,
        down: &Span,
        kernel: Kernel,
        planes: &[[f32; N]],
        color: impl Fn([f32; N]) -> Color,
    ) {
        let horizontal: Vec<Vec<(usize, f32)>> = across.pixels().map(|x| across.weights(x, kernel)).collect();
        let columns = horizontal.len();
        let narrow: Vec<[f32; N]> = planes
            .chunks_exact(self.width)
            .flat_map(|row| horizontal.iter().map(move |w| sum(w.iter().map(|(k, w)| (*w, row[*k])))))
            .collect();
        for y in down.pixels() {
            let w = down.weights(y, kernel);
            for (i, x) in across.pixels().enumerate() {
                canvas.blend(x, y, color(sum(w.iter().map(|(k, w)| (*w, narrow[k * columns + i])))), 1.0);
            }
        }
    }
}

/// A number and that it is known; nothing of an unknown one.
fn known(v: f64) -> [f32; 2] {
    if v.is_finite() { [v as f32, 1.0] } else { [0.0, 0.0] }
}

fn premultiplied(c: Color) -> [f32; 4] {
    [c.r * c.a, c.g * c.a, c.b * c.a, c.a]
}

fn sum<const N: usize>(parts: impl Iterator<Item = (f32, [f32; N])>) -> [f32; N] {
    parts.fold([0.0; N], |mut total, (w, c)| {
        total.iter_mut().zip(c).for_each(|(t, v)| *t += w * v);
        total
    })
}
