//! The furniture of one axis: ticks, their labels, grid lines, the axis' label and offset text.

use crate::axes::{AxisData, SpineData, SpinePlace};
use crate::geometry::Bbox;
use crate::limits::View;
use crate::log_ticks;
use crate::scale::Scale;
use crate::scale_ticks;
use crate::scene::{Item, Scene};
use crate::text::{self, HAlign, Setting, VAlign};
use crate::ticks::{self, Labels};

/// Which side of the axes an axis is drawn on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Side {
    Bottom,
    Top,
    Left,
    Right,
}

/// Points between an axis and the exponent at its end.
const OFFSET_PAD: f64 = 3.0;

/// One axis to be drawn.
pub(crate) struct AxisDrawing<'a> {
    pub axis: &'a AxisData,
    pub view: &'a View,
    pub side: Side,
    pub dpi: f64,
    /// The spine the ticks stand on.
    pub spine: SpineData,
    /// The place of ticks and grid from back to front.
    pub zorder: f64,
}

/// Ticks inside the view, with their labels.
struct Placed {
    ticks: Vec<(f64, String)>,
    minor: Vec<(f64, String)>,
    offset_text: String,
}

impl AxisDrawing<'_> {
    fn px(&self, points: f64) -> f64 {
        points * self.dpi / 72.0
    }

    fn horizontal(&self) -> bool {
        matches!(self.side, Side::Bottom | Side::Top)
    }

    fn limits(&self) -> (f64, f64) {
        if self.horizontal() { self.view.x } else { self.view.y }
    }

    /// The point on this side of the axes, or on its spine elsewhere, beside a data value.
    fn on_spine(&self, value: f64) -> [f64; 2] {
        let mut at = self.view.at([value, value]);
        let across = usize::from(self.horizontal());
        at[across] = self.edge();
        at
    }

    /// The spine's coordinate across the axis.
    fn edge(&self) -> f64 {
        let b = self.view.bbox;
        let edge = match self.side {
            Side::Bottom => b.y0,
            Side::Top => b.y1,
            Side::Left => b.x0,
            Side::Right => b.x1,
        };
        let across = usize::from(self.horizontal());
        self.spine.at.map_or(edge, |place| {
            let outward = if let SpinePlace::Outward(points) = place { self.px(points) } else { 0.0 };
            self.view.spine(place, across, edge, outward * self.outward()[across])
        })
    }

    /// The axes' box moved to where the spine stands.
    fn frame(&self) -> Bbox {
        let (b, edge) = (self.view.bbox, self.edge());
        match self.side {
            Side::Bottom => b.shifted(0.0, edge - b.y0),
            Side::Top => b.shifted(0.0, edge - b.y1),
            Side::Left => b.shifted(edge - b.x0, 0.0),
            Side::Right => b.shifted(edge - b.x1, 0.0),
        }
    }

    fn outward(&self) -> [f64; 2] {
        match self.side {
            Side::Bottom => [0.0, -1.0],
            Side::Top => [0.0, 1.0],
            Side::Left => [-1.0, 0.0],
            Side::Right => [1.0, 0.0],
        }
    }

    /// Points a major tick sticks out.
    fn reach(&self) -> f64 {
        if self.axis.tick.inward || !self.axis.ticks_shown { 0.0 } else { self.axis.tick.length }
    }

    fn placed(&self) -> Placed {
        let (low, high) = self.limits();
        let scale = self.scale();
        let (locations, labels, minor) = self.chosen(low, high);
        let inside = |(t, _): &(f64, String)| ticks::inside(scale.forward(*t), scale.forward(low), scale.forward(high));
        let texts = labels.labels.into_iter().chain(std::iter::repeat(String::new()));
        let mut ticks: Vec<(f64, String)> = locations.into_iter().zip(texts).filter(inside).collect();
        let mut minor: Vec<(f64, String)> = minor.into_iter().filter(inside).collect();
        let mut offset_text = labels.offset_text;
        let span = (high - low).abs();
        for (formatter, ticks) in self.axis.formatters.iter().zip([&mut ticks, &mut minor]) {
            let Some(formatter) = formatter else { continue };
            for (k, (value, text)) in ticks.iter_mut().enumerate() {
                if let Some(own) = formatter.text(*value, k, span) {
                    *text = own;
                    offset_text.clear();
                }
            }
        }
        Placed { ticks, minor, offset_text }
    }

    fn scale(&self) -> Scale {
        if self.horizontal() { self.view.scale.0 } else { self.view.scale.1 }
    }

    /// The number of labels there is room for.
    fn space(&self) -> f64 {
        let b = self.view.bbox;
        let (length, room) = if self.horizontal() { (b.width(), 3.0) } else { (b.height(), 2.0) };
        (length * 72.0 / self.dpi / (room * self.axis.tick_points)).floor()
    }

    /// Ticks the user chose: places, categories, a rule.
    fn given(&self, low: f64, high: f64) -> Option<Vec<f64>> {
        match (&self.axis.ticks, self.axis.categories.len()) {
            (Some(ticks), _) => Some(ticks.clone()),
            (None, 0) => self.axis.locators[0].as_ref()?.ticks(low.min(high), low.max(high), &[]),
            (None, n) => Some((0..n).map(|k| k as f64).collect()),
        }
    }

    fn chosen(&self, low: f64, high: f64) -> (Vec<f64>, Labels, Vec<(f64, String)>) {
        let named = |labels: Vec<String>| Labels { labels, offset_text: String::new() };
        let categories =
            || (self.axis.ticks.is_none() && !self.axis.categories.is_empty()).then(|| self.axis.categories.clone());
        let own_labels = self.axis.tick_labels.clone().or_else(categories);
        let scale = self.scale();
        let given = self.given(low, high);
        let space = self.space();
        let (a, z) = if low <= high { (low, high) } else { (high, low) };
        let (ticks, minor) = match (scale, given) {
            (Scale::Log, Some(ticks)) if self.axis.ticks.is_some() => (ticks, log_ticks::log_ticks(low, high, 9).1),
            (Scale::Log, Some(ticks)) => (ticks, Vec::new()),
            (Scale::Log, None) => log_ticks::log_ticks(low, high, space.clamp(2.0, 9.0) as usize),
            (Scale::Logit, given) => {
                let (major, minor) = scale_ticks::logit_ticks(low, high, space as usize);
                (given.unwrap_or(major), minor)
            }
            (Scale::SymLog { linthresh, .. }, given) => {
                (given.unwrap_or_else(|| scale_ticks::symlog_ticks(low, high, linthresh)), Vec::new())
            }
            (Scale::Linear, Some(ticks)) => (ticks, Vec::new()),
            (Scale::Linear, None) => (ticks::auto_ticks(a, z, space.clamp(1.0, 9.0) as usize), Vec::new()),
        };
        let minor = match &self.axis.locators[1] {
            Some(locator) => locator.ticks(a, z, &ticks).unwrap_or(minor),
            None if self.axis.tick.minor && scale == Scale::Linear && categories().is_none() => {
                ticks::auto_minor_ticks(&ticks, a, z, None)
            }
            None => minor,
        };
        let labels = own_labels.map_or_else(|| self.numbers(&ticks, low, high), named);
        let minor_labels = match scale {
            Scale::Log if self.axis.locators[1].is_none() => log_ticks::log_minor_labels(&minor, low, high),
            _ => vec![String::new(); minor.len()],
        };
        (ticks, labels, minor.into_iter().zip(minor_labels).collect())
    }

    /// The labels the scale gives its ticks.
    fn numbers(&self, ticks: &[f64], low: f64, high: f64) -> Labels {
        let labels = match self.scale() {
            Scale::Linear => return ticks::scalar_labels(ticks, low, high),
            Scale::Log => log_ticks::log_labels(ticks),
            Scale::SymLog { .. } => scale_ticks::symlog_labels(ticks),
            Scale::Logit => scale_ticks::logit_labels(ticks),
        };
        Labels { labels, offset_text: String::new() }
    }

    /// Draws the axis; the result is the box of its ticks and tick labels together with the spine.
    pub fn draw(&self, scene: &mut Scene) -> Furniture {
        let placed = self.placed();
        let mut bounds = self.view.bbox;
        let stick_out = |points: f64| {
            let ([dx, dy], frame, b) = (self.outward().map(|v| v * self.px(points)), self.frame(), self.view.bbox);
            let ticks = frame.shifted(dx, dy);
            // Only the side the ticks are on counts.
            match self.side {
                Side::Bottom => Bbox { y0: b.y0.min(ticks.y0), ..b },
                Side::Top => Bbox { y1: b.y1.max(ticks.y1), ..b },
                Side::Left => Bbox { x0: b.x0.min(ticks.x0), ..b },
                Side::Right => Bbox { x1: b.x1.max(ticks.x1), ..b },
            }
        };
        if !placed.ticks.is_empty() {
            bounds = bounds.union(stick_out(self.reach()));
        }
        if !placed.minor.is_empty() && self.axis.minor_ticks_shown && !self.axis.tick.minor_inward {
            bounds = bounds.union(stick_out(self.axis.tick.minor_length));
        }
        if self.axis.visible {
            scene.cover(bounds);
        }
        self.grid(scene, &placed);
        for (major, (value, label)) in
            placed.minor.iter().map(|t| (false, t)).chain(placed.ticks.iter().map(|t| (true, t)))
        {
            let shown = if major { self.axis.ticks_shown } else { self.axis.minor_ticks_shown };
            if shown {
                self.tick(scene, *value, major);
            }
            if !label.is_empty() && self.axis.labels_shown {
                bounds = bounds.union(self.tick_label(scene, *value, label, major));
            }
        }
        let offset = (!placed.offset_text.is_empty() && self.axis.labels_shown)
            .then(|| self.offset_text(scene, &placed.offset_text, bounds));
        self.label(scene, bounds);
        Furniture { offset, bounds }
    }

    /// Grid lines alone, for an axis that is not drawn itself.
    fn grid(&self, scene: &mut Scene, placed: &Placed) {
        let b = self.view.bbox;
        let [major, minor] = self.axis.grids;
        let lines = [(minor, &placed.minor), (major, &placed.ticks)];
        for (grid, ticks) in lines.into_iter().filter_map(|(grid, ticks)| Some((grid?, ticks))) {
            let width = self.px(grid.width);
            for (value, _) in ticks {
                let [x, y] = self.view.at([*value, *value]);
                let points = if self.horizontal() { vec![[x, b.y0], [x, b.y1]] } else { vec![[b.x0, y], [b.x1, y]] };
                let item = Item::Stroke { points, color: grid.color, width, pen: grid.style.pen(width), clip: Some(b) };
                scene.add(self.zorder, item);
            }
        }
    }

    fn tick(&self, scene: &mut Scene, value: f64, major: bool) {
        let tick = &self.axis.tick;
        let (length, width, inward, color) = if major {
            (tick.length, tick.width, tick.inward, tick.color)
        } else {
            (tick.minor_length, tick.minor_width, tick.minor_inward, tick.minor_color)
        };
        if length == 0.0 || width == 0.0 {
            return;
        }
        let sign = if inward { -1.0 } else { 1.0 };
        let direction = self.outward().map(|v| v * sign);
        let (length, width) = (self.px(length), self.px(width));
        scene.add(self.zorder, Item::Tick { at: self.on_spine(value), direction, length, width, color });
    }

    fn tick_label(&self, scene: &mut Scene, value: f64, label: &str, major: bool) -> Bbox {
        let (ha, va) = match self.side {
            Side::Bottom => (HAlign::Center, VAlign::Top),
            Side::Top => (HAlign::Center, VAlign::Bottom),
            Side::Left => (HAlign::Right, VAlign::CenterBaseline),
            Side::Right => (HAlign::Left, VAlign::CenterBaseline),
        };
        let ha = self.axis.tick_align.unwrap_or(ha);
        let (angle, anchor_mode) = (self.axis.tick_angle, self.axis.tick_anchor);
        let setting = Setting { angle, anchor_mode, ..Setting::new(self.axis.tick_points, ha, va) };
        let [x, y] = self.on_spine(value);
        let (reach, pad) = if major { (self.reach(), self.axis.tick.pad) } else { (self.reach().min(2.0), 3.4) };
        let [dx, dy] = self.outward().map(|v| v * self.px(reach + pad));
        let layout = text::layout(label, setting, self.dpi);
        scene.add_text(self.zorder, layout, [x + dx, y + dy], self.axis.tick_label_color())
    }

    fn offset_text(&self, scene: &mut Scene, offset: &str, bounds: Bbox) -> Bbox {
        let b = self.view.bbox;
        let pad = self.px(OFFSET_PAD);
        let (at, ha, va) = match self.side {
            Side::Bottom => ([b.x1, bounds.y0 - pad], HAlign::Right, VAlign::Top),
            Side::Top => ([b.x1, bounds.y1 + pad], HAlign::Right, VAlign::Bottom),
            Side::Left => ([b.x0, b.y1 + pad], HAlign::Left, VAlign::Baseline),
            Side::Right => ([b.x1, b.y1 + pad], HAlign::Right, VAlign::Baseline),
        };
        let layout = text::layout(offset, Setting::new(self.axis.tick_points, ha, va), self.dpi);
        scene.add_text(self.zorder, layout, at, self.axis.tick_label_color())
    }

    fn label(&self, scene: &mut Scene, bounds: Bbox) {
        let label = &self.axis.label;
        if label.text.is_empty() {
            return;
        }
        let pad = self.px(label.pad);
        let b = self.view.bbox;
        let (along, variant) = (label.along, label.variant);
        let ha = [HAlign::Left, HAlign::Center, HAlign::Right][(2.0 * along).round() as usize % 3];
        let upright = Setting { variant, ..Setting::new(label.points, ha, VAlign::Top) };
        let turned = Setting { angle: 90.0, anchor_mode: true, va: VAlign::Bottom, ..upright };
        let (at, setting) = match self.side {
            Side::Bottom => ([b.at(along, 0.0)[0], bounds.y0 - pad], upright),
            Side::Top => ([b.at(along, 0.0)[0], bounds.y1 + pad], Setting { va: VAlign::Baseline, ..upright }),
            Side::Left => ([bounds.x0 - pad, b.at(0.0, along)[1]], turned),
            Side::Right => ([bounds.x1 + pad, b.at(0.0, along)[1]], Setting { va: VAlign::Top, ..turned }),
        };
        let setting = Setting { angle: label.angle.unwrap_or(setting.angle), ..setting };
        let layout = text::layout(&label.text, setting, self.dpi);
        scene.add_caption(self.zorder, layout, at, label.color, !self.horizontal());
    }
}

/// What the title must know of an axis.
pub(crate) struct Furniture {
    /// The box of the offset text, when there is one.
    pub offset: Option<Bbox>,
    /// The box of the axes, its ticks and tick labels.
    pub bounds: Bbox,
}
