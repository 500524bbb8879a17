//! View limits from what axes hold: margins, sticky edges, shared axis, logarithms; and the way from data to display
//! coordinates. Plain arithmetic. `matplotlib.axes.Axes.autoscale_view`.

use crate::artist::{Artist, Frame, Kind};
use crate::axes::{AxesData, AxisData, SpinePlace};
use crate::geometry::Bbox;
use crate::scale::Scale;

/// The ends of one axis of several axes that share it; settings of the first one count.
pub(crate) fn shared(members: &[&AxesData], horizontal: bool) -> (f64, f64) {
    let (x, y) = extents(members);
    let margin = if horizontal { members[0].margins.0 } else { members[0].margins.1 };
    let extent = if horizontal { x } else { y };
    extent.limits(members[0].axis(horizontal), margin)
}

/// The range of the data alone along x and y, without margins.
pub(crate) fn data_range(axes: &AxesData) -> [Option<(f64, f64)>; 2] {
    let (x, y) = extents(&[axes]);
    [x.range, y.range]
}

fn extents(members: &[&AxesData]) -> (Extent, Extent) {
    let (mut x, mut y) = (Extent::default(), Extent::default());
    for artist in members.iter().flat_map(|axes| &axes.artists) {
        cover(artist, &mut x, &mut y);
    }
    (x, y)
}

/// The data's range along one axis and the values no margin goes beyond.
#[derive(Default)]
struct Extent {
    range: Option<(f64, f64)>,
    positive: f64,
    sticky: Vec<f64>,
}

impl Extent {
    fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.range = Some(self.range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))));
        if value > 0.0 && (self.positive == 0.0 || value < self.positive) {
            self.positive = value;
        }
    }

    fn add_all(&mut self, values: &[f64]) {
        let (mut low, mut high, mut positive) = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY);
        for &v in values.iter().filter(|v| v.is_finite()) {
            low = if v < low { v } else { low };
            high = if v > high { v } else { high };
            positive = if v > 0.0 && v < positive { v } else { positive };
        }
        [low, high, positive].into_iter().for_each(|v| self.add(v));
    }

    fn stick(&mut self, value: f64) {
        self.add(value);
        if value.is_finite() {
            self.sticky.push(value);
        }
    }

    fn limits(&self, axis: &AxisData, margin: f64) -> (f64, f64) {
        let (mut low, mut high) = self.automatic(axis.scale, margin);
        if axis.inverted {
            (low, high) = (high, low);
        }
        // An end that the scale has no place for is left to the data.
        let usable = |v: &f64| axis.scale.holds(*v);
        let ends = (axis.limits.0.filter(usable).unwrap_or(low), axis.limits.1.filter(usable).unwrap_or(high));
        if ends.0 != ends.1 {
            return ends;
        }
        axis.scale.nonsingular(Some(ends), ends.0)
    }

    fn automatic(&self, scale: Scale, margin: f64) -> (f64, f64) {
        let (low, high) = scale.nonsingular(self.range, self.positive);
        if self.range.is_none() {
            return (low, high);
        }
        let tolerance = 1e-5 * (high - low).abs();
        let below = self.sticky.iter().copied().filter(|&s| s < low + tolerance).fold(f64::NEG_INFINITY, f64::max);
        let above = self.sticky.iter().copied().filter(|&s| s >= high - tolerance).fold(f64::INFINITY, f64::min);
        let (from, to) = (scale.forward(low), scale.forward(high));
        let grow = margin * (to - from);
        let grow = if grow.is_finite() { grow } else { 0.0 };
        (scale.inverse(from - grow).max(below), scale.inverse(to + grow).min(above))
    }
}

fn cover(artist: &Artist, x: &mut Extent, y: &mut Extent) {
    x.sticky.extend(&artist.sticky[0]);
    y.sticky.extend(&artist.sticky[1]);
    if let Some([left, right, bottom, top]) = artist.extent {
        [left, right].into_iter().for_each(|v| x.add(v));
        [bottom, top].into_iter().for_each(|v| y.add(v));
        return;
    }
    match &artist.kind {
        Kind::Line(line) if line.frame == Frame::Endless => {
            x.add(line.x[0]);
            y.add(line.y[0]);
        }
        Kind::Line(line) => {
            if line.frame != Frame::AcrossX {
                x.add_all(&line.x);
            }
            if line.frame != Frame::AcrossY {
                y.add_all(&line.y);
            }
        }
        Kind::Scatter(scatter) => {
            for (&a, &b) in scatter.x.iter().zip(&scatter.y) {
                if a.is_finite() && b.is_finite() {
                    x.add(a);
                    y.add(b);
                }
            }
        }
        Kind::Bars(bars) => {
            for bar in &bars.bars {
                x.add(bar.x);
                x.add(bar.x + bar.width);
                y.add(bar.y);
                y.add(bar.y + bar.height);
                if bars.horizontal { x.stick(bar.x) } else { y.stick(bar.y) }
            }
        }
        Kind::Polygon(polygon) => {
            let (across_x, across_y) = (polygon.frame == Frame::AcrossX, polygon.frame == Frame::AcrossY);
            for p in polygon.polygons.iter().flatten() {
                match (polygon.sticky, across_x, across_y) {
                    (true, ..) => (x.stick(p[0]), y.stick(p[1])),
                    (_, true, _) => ((), y.add(p[1])),
                    (_, _, true) => (x.add(p[0]), ()),
                    _ => (x.add(p[0]), y.add(p[1])),
                };
            }
        }
        Kind::Segments(segments) => {
            for p in segments.lines.iter().flatten().chain(&segments.corners) {
                x.add(p[0]);
                y.add(p[1]);
            }
        }
        Kind::Errorbar(bars) => {
            for ([x0, x1], [y0, y1]) in bars.ranges() {
                [x0, x1].into_iter().for_each(|v| x.add(v));
                [y0, y1].into_iter().for_each(|v| y.add(v));
            }
        }
        Kind::Boxplot(plot) => {
            let [across, along] = plot.range();
            let (x, y) = if plot.vertical { (x, y) } else { (y, x) };
            [across.0, across.1].into_iter().for_each(|v| x.stick(v));
            [along.0, along.1].into_iter().for_each(|v| y.add(v));
        }
        Kind::Contour(contour) => {
            contour.x.iter().for_each(|&v| x.add(v));
            contour.y.iter().for_each(|&v| y.add(v));
            for extent in [x, y] {
                if let Some((low, high)) = extent.range {
                    extent.sticky.extend([low, high]);
                }
            }
        }
        Kind::Quiver(quiver) => {
            quiver.x.iter().for_each(|&v| x.add(v));
            quiver.y.iter().for_each(|&v| y.add(v));
        }
        Kind::Image(image) => {
            image.extent[..2].iter().for_each(|&v| x.stick(v));
            image.extent[2..].iter().for_each(|&v| y.stick(v));
        }
        Kind::Text(_) => {}
    }
}

/// Data to display coordinates.
#[derive(Clone, Copy)]
pub(crate) struct View {
    pub bbox: Bbox,
    pub x: (f64, f64),
    pub y: (f64, f64),
    pub scale: (Scale, Scale),
}

impl View {
    /// The display point of a point in data.
    pub fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        self.bbox.at(part(x, self.x, self.scale.0), part(y, self.y, self.scale.1))
    }

    /// Where a spine stands that is not at its edge: the coordinate across it, of the one at `edge`.
    pub fn spine(&self, place: SpinePlace, across: usize, edge: f64, outward: f64) -> f64 {
        match place {
            SpinePlace::Data(v) => self.at([v, v])[across],
            SpinePlace::Axes(part) => self.bbox.at(part, part)[across],
            SpinePlace::Outward(_) => edge + outward,
        }
    }

    /// The display point of a point given in the mixed coordinates of `frame`.
    pub fn framed(&self, frame: Frame, [x, y]: [f64; 2]) -> [f64; 2] {
        match frame {
            Frame::Data => self.at([x, y]),
            Frame::AcrossY => self.bbox.at(part(x, self.x, self.scale.0), y),
            Frame::AcrossX => self.bbox.at(x, part(y, self.y, self.scale.1)),
            Frame::Endless => self.at([x, y]),
        }
    }
}

fn part(v: f64, (low, high): (f64, f64), scale: Scale) -> f64 {
    if scale == Scale::Linear {
        return (v - low) / (high - low);
    }
    let (v, low, high) = (scale.forward(v), scale.forward(low), scale.forward(high));
    (v - low) / (high - low)
}
