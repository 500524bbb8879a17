//! A figure's state and the boxes of its axes: the grid, aspect ratios, colour bars; and its way to a picture.
//! `matplotlib.figure`.

use std::sync::Arc;

use crate::artist::TextData;
use crate::axes::{Aspect, AxesData, Caption, ColorbarRoom, Place};
use crate::backend::Canvas;
use crate::colors::Color;
use crate::constrained::Fitted;
use crate::draw;
use crate::geometry::Bbox;
use crate::legend::{self, LegendData};
use crate::limits::{self, View};
use crate::rc::Rc;
use crate::scene::Scene;
use crate::text::{self, HAlign, Setting, VAlign};
use crate::text_box;

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

/// How axes are fitted to their labels whenever the figure is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Layout {
    None,
    Tight,
    Constrained,
}

#[derive(Clone, Debug)]
pub(crate) struct FigureData {
    pub rc: Arc<Rc>,
    /// Width and height in inches.
    pub size: (f64, f64),
    pub dpi: f64,
    pub face: Color,
    pub margins: Margins,
    pub axes: Vec<AxesData>,
    pub current: Option<usize>,
    /// The title over everything, and the names of all x and all y axis.
    pub suptitle: Caption,
    pub suplabels: [Caption; 2],
    pub texts: Vec<TextData>,
    pub legend: Option<LegendData>,
    /// What the picture shows of the figure, when it is not the whole.
    pub frame: Option<Bbox>,
    /// Closed rows of relative widths and heights of the grid's columns and rows; empty when all are the same.
    pub ratios: (Vec<f64>, Vec<f64>),
    pub layout: Layout,
    pub fitted: Option<Fitted>,
}

/// Inches around a tight picture.
pub(crate) const PAD: f64 = 0.1;

/// No side of a picture may have as many pixels, as in matplotlib's Agg.
const MOST_PIXELS: f64 = 32768.0;
/// Nor may a picture have more pixels altogether.
const MOST_AREA: f64 = 4e8;

impl FigureData {
    pub fn new(size: Option<(f64, f64)>, dpi: Option<f64>) -> FigureData {
        let rc = crate::rc::current();
        let [left, right, bottom, top, wspace, hspace] = rc.subplot;
        FigureData {
            size: size.unwrap_or(rc.figsize),
            dpi: dpi.unwrap_or(rc.dpi),
            face: rc.figure_face,
            margins: Margins { left, right, bottom, top, wspace, hspace },
            axes: Vec::new(),
            current: None,
            suptitle: Caption {
                variant: rc.figure_titleweight,
                ..Caption::new(rc.points(rc.figure_titlesize), 0.0, rc.text_color)
            },
            suplabels: [(); 2].map(|_| Caption::new(1.2 * rc.font_size, 0.0, rc.text_color)),
            texts: Vec::new(),
            legend: None,
            frame: None,
            ratios: (Vec::new(), Vec::new()),
            layout: rc.layout,
            fitted: None,
            rc,
        }
    }

    /// Whether there is nothing to be seen.
    pub fn is_empty(&self) -> bool {
        self.axes.is_empty() && self.texts.is_empty() && self.captions().is_empty()
    }

    /// Checks that a picture of this size can be made.
    ///
    /// # Errors
    /// matplotlib's text when it is too large or has no area.
    pub fn check_size(size: (f64, f64), dpi: f64) -> Result<(), String> {
        if !(size.0 > 0.0 && size.1 > 0.0 && size.0.is_finite() && size.1.is_finite()) {
            return Err(format!("ValueError: figure size must be positive finite not [{}, {}]", size.0, size.1));
        }
        if !(dpi > 0.0 && dpi.is_finite()) {
            return Err(format!("ValueError: dpi must be positive and finite, not {dpi}"));
        }
        let (w, h) = ((size.0 * dpi).floor(), (size.1 * dpi).floor());
        if w >= MOST_PIXELS * 2.0 || h >= MOST_PIXELS * 2.0 || w * h > MOST_AREA {
            return Err(format!(
                "ValueError: Image size of {w}x{h} pixels is too large. It must be less than 2^16 in each direction, and \
                 less than 4e8 pixels altogether: figsize counts inches, of dpi pixels each."
            ));
        }
        Ok(())
    }

    /// The figure's plain text, as IPython shows it.
    pub fn plain(&self) -> String {
        let [w, h] = [self.size.0, self.size.1].map(|v| (v * self.dpi) as u64);
        match self.axes.len() {
            0 => format!("<Figure size {w}x{h} with 0 Axes>"),
            n => format!("<Figure size {w}x{h} with {n} Axes>"),
        }
    }

    /// The whole figure in pixels.
    pub fn bbox(&self) -> Bbox {
        Bbox::new(0.0, 0.0, self.size.0 * self.dpi, self.size.1 * self.dpi)
    }

    /// The place set aside for an axes, before its aspect ratio shrinks it.
    pub fn region(&self, index: usize) -> Bbox {
        let [w, h] = [self.bbox().x1, self.bbox().y1];
        match &self.axes[index].place {
            Place::Grid { rows, columns, first, last } => {
                if let Some(fitted) = self.fitted.as_ref().and_then(|f| f.region((*rows, *columns), *first, *last)) {
                    return fitted;
                }
                let m = self.margins;
                let across = cells(*columns, m.left * w, m.right * w, m.wspace, &self.ratios.0);
                let down = cells(*rows, -m.top * h, -m.bottom * h, m.hspace, &self.ratios.1);
                let (a, b) = (first % columns, last % columns);
                let (top, bottom) = (first / columns, last / columns);
                let cell = Bbox::new(across[a.min(b)].0, -down[bottom].1, across[a.max(b)].1, -down[top].0);
                self.beside_bar(index, cell)
            }
            Place::Rect([left, bottom, width, height]) => {
                Bbox::new(left * w, bottom * h, (left + width) * w, (bottom + height) * h)
            }
            Place::Inset { axes, bounds: [left, bottom, width, height] } => {
                let parent = self.axes_box(*axes);
                let ([x0, y0], [x1, y1]) = (parent.at(*left, *bottom), parent.at(left + width, bottom + height));
                Bbox::new(x0, y0, x1, y1)
            }
            Place::Twin { axes, .. } => self.axes_box(*axes),
            Place::Colorbar { axes, .. } => {
                if let Some((room, parents)) = self.bar_parents(index).filter(|(_, parents)| parents.len() > 1) {
                    return room.of(self.together(&parents));
                }
                let parent = self.region(*axes);
                let Some(room) = self.axes[*axes].colorbar else { return parent };
                if room.horizontal {
                    return Bbox { y1: parent.y0 + room.fraction * parent.height(), ..parent };
                }
                Bbox { x0: parent.x1 - room.fraction * parent.width(), ..parent }
            }
        }
    }

    /// What is left of a cell when a colour bar takes its room from several axes.
    fn beside_bar(&self, index: usize, cell: Bbox) -> Bbox {
        let Some((room, parents)) = self.axes[index].shared_bar.and_then(|bar| self.bar_parents(bar)) else {
            return cell;
        };
        let all = self.together(&parents);
        if room.horizontal {
            let part = 1.0 - room.fraction - room.pad;
            let at = |y: f64| all.y1 - (all.y1 - y) * part;
            return Bbox { y0: at(cell.y0), y1: at(cell.y1), ..cell };
        }
        let at = |x: f64| all.x0 + (x - all.x0) * (1.0 - room.fraction - room.pad);
        Bbox { x0: at(cell.x0), x1: at(cell.x1), ..cell }
    }

    /// The cells of several axes together, before a colour bar takes its room from them.
    fn together(&self, axes: &[usize]) -> Bbox {
        let alone = FigureData {
            fitted: None,
            axes: self.axes.iter().cloned().map(AxesData::without_bar).collect(),
            ..self.clone()
        };
        axes.iter().map(|&k| alone.region(k)).fold(Bbox::EMPTY, Bbox::union)
    }

    /// The room of a colour bar and the axes it takes it from; none for any other axes.
    pub fn bar_parents(&self, index: usize) -> Option<(ColorbarRoom, Vec<usize>)> {
        let Place::Colorbar { axes, .. } = self.axes[index].place else { return None };
        if let Some(room) = self.axes[index].colorbar {
            let parents = (0..self.axes.len()).filter(|&k| self.axes[k].shared_bar == Some(index)).collect();
            return Some((room, parents));
        }
        Some((self.axes[axes].colorbar?, vec![axes]))
    }

    /// The box of an axes in pixels.
    pub fn axes_box(&self, index: usize) -> Bbox {
        let axes = &self.axes[index];
        if let Some(place) = self.fitted.as_ref().and_then(|f| f.bar(index)) {
            return place;
        }
        let mut region = self.region(index);
        if let Place::Colorbar { axes: parent, .. } = axes.place {
            let Some(room) = axes.colorbar.or(self.axes[parent].colorbar) else { return region };
            if room.horizontal {
                let length = region.width() * room.shrink;
                let height = (length / room.aspect).min(region.height());
                let x0 = region.x0 + (region.width() - length) / 2.0;
                return Bbox { x0, x1: x0 + length, y0: region.y1 - height, ..region };
            }
            let length = region.height() * room.shrink;
            let y0 = region.y0 + (region.height() - length) / 2.0;
            return Bbox { x1: region.x0 + (length / room.aspect).min(region.width()), y0, y1: y0 + length, ..region };
        }
        let mut anchor = [0.5, 0.5];
        if axes.shared_bar.is_some() {
            anchor = [1.0, 0.5];
        }
        if let Some(room) = axes.colorbar {
            anchor = if room.horizontal { [0.5, 0.0] } else { [1.0, 0.5] };
            let part = 1.0 - room.fraction - room.pad;
            match (self.fitted.is_some(), room.horizontal) {
                (true, _) => {}
                (false, true) => region.y0 = region.y1 - part * region.height(),
                (false, false) => region.x1 = region.x0 + part * region.width(),
            }
        }
        let Aspect::Box(aspect) = axes.aspect else { return region };
        let (x, y) = (self.limits(index, true), self.limits(index, false));
        let ratio = aspect * ((y.1 - y.0) / (x.1 - x.0)).abs();
        if !(ratio.is_finite() && ratio > 0.0) {
            return region;
        }
        let (w, h) = (region.width(), region.height());
        let (w, h) = if w * ratio <= h { (w, w * ratio) } else { (h / ratio, h) };
        let (x0, y0) = (region.x0 + anchor[0] * (region.width() - w), region.y0 + anchor[1] * (region.height() - h));
        Bbox::new(x0, y0, x0 + w, y0 + h)
    }

    /// The axes that share one of their axis with this one, itself among them.
    fn sharing(&self, index: usize, horizontal: bool) -> Vec<&AxesData> {
        let group = self.axes[index].axis(horizontal).group;
        if group.is_none() {
            return vec![&self.axes[index]];
        }
        self.axes.iter().filter(|axes| axes.axis(horizontal).group == group).collect()
    }

    /// The ends of one axis, before an aspect ratio changes them.
    fn limits(&self, index: usize, horizontal: bool) -> (f64, f64) {
        if let Some((range, along)) = self.mappable(index) {
            return if along == horizontal { range } else { (0.0, 1.0) };
        }
        limits::shared(&self.sharing(index, horizontal), horizontal)
    }

    /// Data to display coordinates of an axes.
    pub fn view(&self, index: usize) -> View {
        let axes = &self.axes[index];
        let bbox = self.axes_box(index);
        let (mut x, mut y) = (self.limits(index, true), self.limits(index, false));
        if let Aspect::Limits(aspect) = axes.aspect {
            (x, y) = grown(x, y, bbox, aspect, limits::data_range(axes));
        }
        View { bbox, x, y, scale: (axes.x.scale, axes.y.scale) }
    }

    /// For a colour bar, the ends of the scale it shows and whether it lies along x.
    fn mappable(&self, index: usize) -> Option<((f64, f64), bool)> {
        let Place::Colorbar { axes, artist } = self.axes[index].place else { return None };
        let (mapping, values) = self.axes[axes].artists.get(artist)?.kind.mapped()?;
        let (low, high) = mapping.range(values);
        let range = if mapping.log { (low, high) } else { crate::ticks::nonsingular(low, high, 0.1, 1e-15) };
        Some((range, self.bar_parents(index).is_some_and(|(room, _)| room.horizontal)))
    }

    /// Everything in the figure, ready to be painted.
    pub fn scene(&self) -> Scene {
        if self.layout != Layout::None {
            return self.laid_out().scene();
        }
        let mut scene = Scene::default();
        for index in 0..self.axes.len() {
            scene.next_layer();
            draw::axes(&mut scene, self, index);
        }
        scene.next_layer();
        let [w, h] = [self.bbox().x1, self.bbox().y1];
        if let (Some(data), Some(axes)) = (&self.legend, self.axes.first()) {
            let entries = self.axes.iter().flat_map(|axes| legend::entries(axes, None));
            let entries = data.entries.clone().unwrap_or_else(|| entries.collect());
            let data = LegendData { entries: Some(entries), ..data.clone() };
            let bare = AxesData { artists: Vec::new(), ..axes.clone() };
            let bbox = self.frame.unwrap_or(self.bbox());
            let view = View { bbox, x: (0.0, 1.0), y: (0.0, 1.0), scale: Default::default() };
            legend::draw(&mut scene, &data, &bare, &view, self.dpi);
        }
        for (caption, layout, at) in self.captions() {
            scene.add_text(3.0, layout, at, caption.color);
        }
        for t in &self.texts {
            let (layout, at) = (text::layout(&t.text, t.setting(), self.dpi), [t.at[0] * w, t.at[1] * h]);
            if let Some(props) = &t.boxed {
                let text = layout.bbox.shifted(at[0], at[1]);
                text_box::draw(&mut scene, 3.0, props, text, t.points, self.dpi / 72.0);
            }
            scene.add_text(3.0, layout, at, t.color);
        }
        scene
    }

    /// The title over everything and the names of all axis, with their places in pixels.
    pub fn captions(&self) -> Vec<(&Caption, text::Layout, [f64; 2])> {
        let [w, h] = [self.bbox().x1, self.bbox().y1];
        let [x, y] = &self.suplabels;
        let places = [
            (&self.suptitle, [0.5, 0.98], HAlign::Center, VAlign::Top, 0.0),
            (x, [0.5, 0.01], HAlign::Center, VAlign::Bottom, 0.0),
            (y, [0.02, 0.5], HAlign::Left, VAlign::Center, 90.0),
        ];
        let shown = places.into_iter().filter(|(caption, ..)| !caption.text.is_empty());
        shown
            .map(|(caption, [x, y], ha, va, angle)| {
                let setting = Setting { angle, variant: caption.variant, ..Setting::new(caption.points, ha, va) };
                let place = [x * w, caption.y.unwrap_or(y) * h];
                (caption, text::layout(&caption.text, setting, self.dpi), place)
            })
            .collect()
    }

    /// The figure with its axes where its layout puts them.
    pub fn laid_out(&self) -> FigureData {
        let mut figure = FigureData { layout: Layout::None, ..self.clone() };
        match self.layout {
            Layout::Tight => figure.tight_layout(),
            Layout::Constrained => figure.constrain(),
            Layout::None => {}
        }
        figure
    }

    /// The part of the display a tight picture shows.
    pub fn tight_window(&self, scene: &Scene) -> Bbox {
        let extent = scene.extent();
        let widest = MOST_PIXELS;
        let sane = extent.width() < widest && extent.height() < widest;
        if extent.is_empty() || !sane { self.bbox() } else { extent.padded(PAD * self.dpi) }
    }

    /// The picture a notebook shows: only as large as what is drawn, with a small margin.
    pub fn draw_tight(&self) -> Canvas {
        let (scene, window) = self.framed(Some(PAD));
        scene.paint(window, self.face)
    }

    /// What a picture shows, and which part of the display: all of it, or what is drawn with some inches around it.
    pub fn framed(&self, inches: Option<f64>) -> (Scene, Bbox) {
        let scene = self.scene();
        let Some(inches) = inches else { return (scene, self.bbox()) };
        let window = self.tight_window(&scene).padded((inches - PAD) * self.dpi);
        if self.legend.is_none() {
            return (scene, window);
        }
        // As in matplotlib, a figure's legend lies at the edges of the picture.
        (FigureData { frame: Some(window), ..self.clone() }.scene(), window)
    }

    /// The figure `factor` times as fine, for screens with more pixels.
    pub fn finer(&self, factor: f64) -> FigureData {
        FigureData { dpi: self.dpi * factor, ..self.clone() }
    }
}

/// Limits that keep the aspect ratio in a box that does not change: `adjustable="datalim"`.
fn grown(
    x: (f64, f64),
    y: (f64, f64),
    bbox: Bbox,
    aspect: f64,
    [data_x, data_y]: [Option<(f64, f64)>; 2],
) -> ((f64, f64), (f64, f64)) {
    let (w, h) = ((x.1 - x.0).abs().max(1e-30), (y.1 - y.0).abs().max(1e-30));
    let ratio = bbox.height() / bbox.width() / aspect;
    let expand_y = ratio * w / h - 1.0;
    if expand_y.abs() < 0.005 || !expand_y.is_finite() {
        return (x, y);
    }
    let needed = |range: Option<(f64, f64)>| 1.05 * range.map_or(0.0, |(low, high)| high - low);
    let (need_x, need_y) = (needed(data_x), needed(data_y));
    let (new_h, new_w) = (ratio * w, h / ratio);
    let roomy = w > need_x && h > need_y;
    let change_y =
        if roomy { (new_h > need_y && expand_y < 0.0) || (new_w < need_x && expand_y > 0.0) } else { expand_y > 0.0 };
    let around = |(low, high): (f64, f64), size: f64| {
        let (middle, half) = ((low + high) / 2.0, (size / 2.0).copysign(high - low));
        (middle - half, middle + half)
    };
    if change_y { (x, around(y, new_h)) } else { (around(x, new_w), y) }
}

/// The starts and ends of `n` cells between `start` and `end`, with gaps of `space` mean cells.
fn cells(n: usize, start: f64, end: f64, space: f64, ratios: &[f64]) -> Vec<(f64, f64)> {
    let mean = (end - start) / (n as f64 + space * (n as f64 - 1.0));
    let total: f64 = ratios.iter().sum();
    let mut from = start;
    (0..n)
        .map(|k| {
            let size = if ratios.len() == n { mean * n as f64 * ratios[k] / total } else { mean };
            let cell = (from, from + size);
            from += size + mean * space;
            cell
        })
        .collect()
}
