//! The furniture of one axis: ticks, their labels, grid lines, the axis' label and offset text.

use crate::axes::{AxisData, View};
use crate::colors::Color;
use crate::geometry::Bbox;
use crate::scene::{Item, Scene};
use crate::text::{self, HAlign, Setting, VAlign};
use crate::ticks::{self, Labels};

/// Which side of the axes an axis is drawn on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Side {
    Bottom,
    Left,
    Right,
}

/// Points: length and width of ticks, and from a tick to its label.
const TICK_LENGTH: f64 = 3.5;
const TICK_WIDTH: f64 = 0.8;
const TICK_PAD: f64 = 3.5;
const MINOR_LENGTH: f64 = 2.0;
const MINOR_WIDTH: f64 = 0.6;
const OFFSET_PAD: f64 = 3.0;

/// One axis to be drawn.
pub(crate) struct AxisDrawing<'a> {
    pub axis: &'a AxisData,
    pub view: &'a View,
    pub side: Side,
    pub dpi: f64,
}

/// Ticks inside the view, with their labels.
struct Placed {
    ticks: Vec<(f64, String)>,
    minor: Vec<f64>,
    offset_text: String,
}

impl AxisDrawing<'_> {
    fn px(&self, points: f64) -> f64 {
        points * self.dpi / 72.0
    }

    fn horizontal(&self) -> bool {
        self.side == Side::Bottom
    }

    fn limits(&self) -> (f64, f64) {
        if self.horizontal() { self.view.x } else { self.view.y }
    }

    /// The point on this side of the axes beside a data value.
    fn on_spine(&self, value: f64) -> [f64; 2] {
        let b = self.view.bbox;
        match self.side {
            Side::Bottom => [self.view.at([value, 1.0])[0], b.y0],
            Side::Left => [b.x0, self.view.at([1.0, value])[1]],
            Side::Right => [b.x1, self.view.at([1.0, value])[1]],
        }
    }

    fn outward(&self) -> [f64; 2] {
        match self.side {
            Side::Bottom => [0.0, -1.0],
            Side::Left => [-1.0, 0.0],
            Side::Right => [1.0, 0.0],
        }
    }

    fn placed(&self) -> Placed {
        let (low, high) = self.limits();
        let log = if self.horizontal() { self.view.log.0 } else { self.view.log.1 };
        let (locations, labels, minor) = self.chosen(low, high, log);
        let ticks = locations
            .into_iter()
            .zip(labels.labels.into_iter().chain(std::iter::repeat(String::new())))
            .filter(|(t, _)| ticks::inside(*t, low, high))
            .collect();
        let minor = minor.into_iter().filter(|t| ticks::inside(*t, low, high)).collect();
        Placed { ticks, minor, offset_text: labels.offset_text }
    }

    fn chosen(&self, low: f64, high: f64, log: bool) -> (Vec<f64>, Labels, Vec<f64>) {
        let named = |labels: Vec<String>| Labels { labels, offset_text: String::new() };
        let given = match (&self.axis.ticks, self.axis.categories.len()) {
            (Some(ticks), _) => Some(ticks.clone()),
            (None, 0) => None,
            (None, n) => Some((0..n).map(|k| k as f64).collect()),
        };
        let own_labels = self.axis.tick_labels.clone().or_else(|| {
            (self.axis.ticks.is_none() && !self.axis.categories.is_empty()).then(|| self.axis.categories.clone())
        });
        if let Some(ticks) = given {
            let labels = own_labels.map_or_else(|| ticks::scalar_labels(&ticks, low, high), named);
            return (ticks, labels, Vec::new());
        }
        if log {
            let (major, minor) = ticks::log_ticks(low, high);
            let labels = ticks::log_labels(&major);
            return (major, named(labels), minor);
        }
        let b = self.view.bbox;
        let (length, room) = if self.horizontal() { (b.width(), 3.0) } else { (b.height(), 2.0) };
        let bins = (length * 72.0 / self.dpi / (room * self.axis.tick_points)).floor().clamp(1.0, 9.0) as usize;
        let (a, z) = if low <= high { (low, high) } else { (high, low) };
        let ticks = ticks::auto_ticks(a, z, bins);
        let labels = own_labels.map_or_else(|| ticks::scalar_labels(&ticks, low, high), named);
        (ticks, labels, Vec::new())
    }

    /// Draws the axis; the result is the box of its ticks and tick labels together with the spine.
    pub fn draw(&self, scene: &mut Scene) -> Furniture {
        let placed = self.placed();
        let mut bounds = self.view.bbox;
        if !placed.ticks.is_empty() {
            let [dx, dy] = self.outward().map(|v| v * self.px(TICK_LENGTH));
            bounds = bounds.union(bounds.shifted(dx, dy));
        }
        scene.cover(bounds);
        self.grid(scene, &placed);
        for value in &placed.minor {
            self.tick(scene, *value, MINOR_LENGTH, MINOR_WIDTH);
        }
        for (value, label) in &placed.ticks {
            self.tick(scene, *value, TICK_LENGTH, TICK_WIDTH);
            if !label.is_empty() {
                bounds = bounds.union(self.tick_label(scene, *value, label));
            }
        }
        let offset = (!placed.offset_text.is_empty()).then(|| self.offset_text(scene, &placed.offset_text, bounds));
        self.label(scene, bounds);
        Furniture { offset }
    }

    fn grid(&self, scene: &mut Scene, placed: &Placed) {
        let Some(grid) = &self.axis.grid else { return };
        let b = self.view.bbox;
        let width = self.px(grid.width);
        for (value, _) in &placed.ticks {
            let [x, y] = self.on_spine(*value);
            let points = if self.horizontal() { vec![[x, b.y0], [x, b.y1]] } else { vec![[b.x0, y], [b.x1, y]] };
            let item = Item::Stroke { points, color: grid.color, width, pen: grid.style.pen(width), clip: Some(b) };
            scene.add(1.5, item);
        }
    }

    fn tick(&self, scene: &mut Scene, value: f64, length: f64, width: f64) {
        let item = Item::Tick {
            at: self.on_spine(value),
            direction: self.outward(),
            length: self.px(length),
            width: self.px(width),
            color: Color::BLACK,
        };
        scene.add(1.5, item);
    }

    fn tick_label(&self, scene: &mut Scene, value: f64, label: &str) -> Bbox {
        let (ha, va) = match self.side {
            Side::Bottom => (HAlign::Center, VAlign::Top),
            Side::Left => (HAlign::Right, VAlign::CenterBaseline),
            Side::Right => (HAlign::Left, VAlign::CenterBaseline),
        };
        let setting = Setting { angle: self.axis.tick_angle, ..Setting::new(self.axis.tick_points, ha, va) };
        let [x, y] = self.on_spine(value);
        let [dx, dy] = self.outward().map(|v| v * self.px(TICK_LENGTH + TICK_PAD));
        let layout = text::layout(label, setting, self.dpi);
        scene.add_text(1.5, layout, [x + dx, y + dy], self.axis.tick_color)
    }

    fn offset_text(&self, scene: &mut Scene, offset: &str, bounds: Bbox) -> Bbox {
        let b = self.view.bbox;
        let pad = self.px(OFFSET_PAD);
        let (at, ha, va) = match self.side {
            Side::Bottom => ([b.x1, bounds.y0 - pad], HAlign::Right, VAlign::Top),
            Side::Left => ([b.x0, b.y1 + pad], HAlign::Left, VAlign::Baseline),
            Side::Right => ([b.x1, b.y1 + pad], HAlign::Right, VAlign::Baseline),
        };
        let layout = text::layout(offset, Setting::new(self.axis.tick_points, ha, va), self.dpi);
        scene.add_text(1.5, layout, at, self.axis.tick_color)
    }

    fn label(&self, scene: &mut Scene, bounds: Bbox) {
        let label = &self.axis.label;
        if label.text.is_empty() {
            return;
        }
        let pad = self.px(label.pad);
        let b = self.view.bbox;
        let upright = Setting::new(label.points, HAlign::Center, VAlign::Top);
        let turned = Setting { angle: 90.0, anchor_mode: true, va: VAlign::Bottom, ..upright };
        let (at, setting) = match self.side {
            Side::Bottom => ([b.at(0.5, 0.0)[0], bounds.y0 - pad], upright),
            Side::Left => ([bounds.x0 - pad, b.at(0.0, 0.5)[1]], turned),
            Side::Right => ([bounds.x1 + pad, b.at(0.0, 0.5)[1]], Setting { va: VAlign::Top, ..turned }),
        };
        let layout = text::layout(&label.text, setting, self.dpi);
        scene.add_caption(1.5, layout, at, label.color, !self.horizontal());
    }
}

/// What the title must know of an axis.
pub(crate) struct Furniture {
    /// The box of the offset text, when there is one.
    pub offset: Option<Bbox>,
}
