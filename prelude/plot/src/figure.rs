//! A figure's state and the boxes of its axes: the grid, aspect ratios, colour bars, `tight_layout`; and its way to
//! a picture. `matplotlib.figure`.

use crate::artist::{Kind, TextData};
use crate::axes::{AxesData, Caption, Place, View, shared_x};
use crate::backend::Canvas;
use crate::colors::Color;
use crate::draw;
use crate::geometry::Bbox;
use crate::scene::Scene;
use crate::text::{self, HAlign, Setting, VAlign};

/// The outer margins and the gaps of a figure's grid, as `subplots_adjust` sets them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Margins {
    pub left: f64,
    pub right: f64,
    pub bottom: f64,
    pub top: f64,
    pub wspace: f64,
    pub hspace: f64,
}

#[derive(Clone, Debug)]
pub(crate) struct FigureData {
    /// Width and height in inches.
    pub size: (f64, f64),
    pub dpi: f64,
    pub margins: Margins,
    pub axes: Vec<AxesData>,
    pub current: Option<usize>,
    pub suptitle: Caption,
    pub texts: Vec<TextData>,
}

/// Inches around a tight picture.
const PAD: f64 = 0.1;

impl FigureData {
    pub fn new(size: (f64, f64), dpi: f64) -> FigureData {
        FigureData {
            size,
            dpi,
            margins: Margins { left: 0.125, right: 0.9, bottom: 0.11, top: 0.88, wspace: 0.2, hspace: 0.2 },
            axes: Vec::new(),
            current: None,
            suptitle: Caption::new(12.0, 0.0),
            texts: Vec::new(),
        }
    }

    /// The figure's plain text, as IPython shows it.
    pub fn plain(&self) -> String {
        let [w, h] = [self.size.0, self.size.1].map(|v| (v * self.dpi) as u32);
        let n = self.axes.len();
        format!("<Figure size {w}x{h} with {n} Axes>")
    }

    /// The whole figure in pixels.
    pub fn bbox(&self) -> Bbox {
        Bbox::new(0.0, 0.0, self.size.0 * self.dpi, self.size.1 * self.dpi)
    }

    /// The place set aside for an axes, before its aspect ratio shrinks it.
    fn region(&self, index: usize) -> Bbox {
        let [w, h] = [self.bbox().x1, self.bbox().y1];
        match &self.axes[index].place {
            Place::Grid { rows, columns, first, last } => {
                let m = self.margins;
                let across = cells(*columns, m.left * w, m.right * w, m.wspace);
                let down = cells(*rows, -m.top * h, -m.bottom * h, m.hspace);
                let (a, b) = (first % columns, last % columns);
                let (top, bottom) = (first / columns, last / columns);
                Bbox::new(across[a.min(b)].0, -down[bottom].1, across[a.max(b)].1, -down[top].0)
            }
            Place::Rect([left, bottom, width, height]) => {
                Bbox::new(left * w, bottom * h, (left + width) * w, (bottom + height) * h)
            }
            Place::Twin { axes } => self.axes_box(*axes),
            Place::Colorbar { axes, .. } => {
                let parent = self.region(*axes);
                Bbox { x0: parent.x0 + 0.85 * parent.width(), ..parent }
            }
        }
    }

    /// The box of an axes in pixels.
    pub fn axes_box(&self, index: usize) -> Bbox {
        let axes = &self.axes[index];
        let mut region = self.region(index);
        if let Place::Colorbar { .. } = axes.place {
            return Bbox { x1: region.x0 + (region.height() / 20.0).min(region.width()), ..region };
        }
        let mut anchor = 0.5;
        if axes.has_colorbar {
            region.x1 = region.x0 + 0.8 * region.width();
            anchor = 1.0;
        }
        if !axes.equal {
            return region;
        }
        let (x, y) = axes.view();
        let aspect = ((y.1 - y.0) / (x.1 - x.0)).abs();
        let (w, h) = (region.width(), region.height());
        let (w, h) = if w * aspect <= h { (w, w * aspect) } else { (h / aspect, h) };
        let (x0, y0) = (region.x0 + anchor * (region.width() - w), region.y0 + 0.5 * (region.height() - h));
        Bbox::new(x0, y0, x0 + w, y0 + h)
    }

    /// Data to display coordinates of an axes.
    pub fn view(&self, index: usize) -> View {
        let axes = &self.axes[index];
        let (mut x, y) = match self.mappable(index) {
            Some(range) => ((0.0, 1.0), range),
            None => axes.view(),
        };
        let base = if let Place::Twin { axes } = axes.place { axes } else { index };
        let twins: Vec<&AxesData> = self.axes.iter().filter(|a| a.place == Place::Twin { axes: base }).collect();
        if !twins.is_empty() {
            x = shared_x(&[&[&self.axes[base]], &twins[..]].concat());
        }
        View { bbox: self.axes_box(index), x, y, log: (axes.x.log, axes.y.log) }
    }

    /// For a colour bar, the ends of the scale it shows.
    fn mappable(&self, index: usize) -> Option<(f64, f64)> {
        let Place::Colorbar { axes, artist } = self.axes[index].place else { return None };
        let (low, high) = match &self.axes[axes].artists.get(artist)?.kind {
            Kind::Image(image) => image.mapping.range(&image.pixels.values),
            Kind::Scatter(scatter) => scatter.mapping.range(scatter.values.as_ref()?),
            _ => return None,
        };
        Some(crate::ticks::nonsingular(low, high, 0.1, 1e-15))
    }

    /// Everything in the figure, ready to be painted.
    pub fn scene(&self) -> Scene {
        let mut scene = Scene::default();
        for index in 0..self.axes.len() {
            scene.next_layer();
            draw::axes(&mut scene, self, index);
        }
        scene.next_layer();
        let [w, h] = [self.bbox().x1, self.bbox().y1];
        if !self.suptitle.text.is_empty() {
            let setting = Setting::new(self.suptitle.points, HAlign::Center, VAlign::Top);
            let layout = text::layout(&self.suptitle.text, setting, self.dpi);
            scene.add_text(3.0, layout, [0.5 * w, 0.98 * h], self.suptitle.color);
        }
        for t in &self.texts {
            let setting = Setting { angle: t.angle, ..Setting::new(t.points, t.ha, t.va) };
            scene.add_text(3.0, text::layout(&t.text, setting, self.dpi), [t.at[0] * w, t.at[1] * h], t.color);
        }
        scene
    }

    /// The picture a notebook shows: only as large as what is drawn, with a small margin.
    pub fn draw_tight(&self) -> Canvas {
        let scene = self.scene();
        let extent = scene.extent();
        let window = if extent.is_empty() { self.bbox() } else { extent.padded(PAD * self.dpi) };
        scene.paint(window, Color::WHITE)
    }

    /// The whole figure, as `savefig` writes it.
    pub fn draw_full(&self) -> Canvas {
        self.scene().paint(self.bbox(), Color::WHITE)
    }

    /// Fits the margins to the labels, as `tight_layout`.
    pub fn tight_layout(&mut self) {
        let Some((rows, columns)) = self.axes.iter().find_map(|a| match a.place {
            Place::Grid { rows, columns, .. } => Some((rows, columns)),
            _ => None,
        }) else {
            return;
        };
        let (w, h) = (self.bbox().x1, self.bbox().y1);
        let pad = 1.08 * 10.0 * self.dpi / 72.0;
        // How far the labels stick out of the cells, gathered at the lines between them.
        let mut upright = vec![vec![0.0f64; columns + 1]; rows];
        let mut level = vec![vec![0.0f64; columns]; rows + 1];
        for index in 0..self.axes.len() {
            let Place::Grid { rows: r, columns: c, first, last } = self.axes[index].place else { continue };
            if (r, c) != (rows, columns) {
                continue;
            }
            let mut scene = Scene::for_layout();
            draw::axes(&mut scene, self, index);
            let (inner, outer) = (self.region(index), scene.extent());
            let (left, right) = (first % columns, last % columns);
            let (top, bottom) = (first / columns, last / columns);
            for line in &mut upright[top..=bottom] {
                line[left] += inner.x0 - outer.x0;
                line[right + 1] += outer.x1 - inner.x1;
            }
            level[top][left..=right].iter_mut().for_each(|space| *space += outer.y1 - inner.y1);
            level[bottom + 1][left..=right].iter_mut().for_each(|space| *space += inner.y0 - outer.y0);
        }
        let widest = |k: usize| upright.iter().map(|line| line[k]).fold(0.0, f64::max);
        let highest = |k: usize| level[k].iter().copied().fold(0.0, f64::max);
        let mut above = highest(0) + pad;
        if !self.suptitle.text.is_empty() {
            let setting = Setting::new(self.suptitle.points, HAlign::Center, VAlign::Top);
            above += text::layout(&self.suptitle.text, setting, self.dpi).bbox.height() + pad;
        }
        let m = &mut self.margins;
        m.left = (widest(0) + pad) / w;
        m.right = 1.0 - (widest(columns) + pad) / w;
        m.bottom = (highest(rows) + pad) / h;
        m.top = 1.0 - above / h;
        if columns > 1 {
            let gap = ((1..columns).map(widest).fold(f64::NEG_INFINITY, f64::max) + pad) / w;
            m.wspace = gap * columns as f64 / (m.right - m.left - gap * (columns - 1) as f64);
        }
        if rows > 1 {
            let gap = ((1..rows).map(highest).fold(f64::NEG_INFINITY, f64::max) + pad) / h;
            m.hspace = gap * rows as f64 / (m.top - m.bottom - gap * (rows - 1) as f64);
        }
    }
}

/// The starts and ends of `n` cells between `start` and `end`, with gaps of `space` mean cells.
fn cells(n: usize, start: f64, end: f64, space: f64) -> Vec<(f64, f64)> {
    let size = (end - start) / (n as f64 + space * (n as f64 - 1.0));
    (0..n).map(|k| start + k as f64 * size * (1.0 + space)).map(|a| (a, a + size)).collect()
}
