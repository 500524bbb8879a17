//! From an axes' state to items of the scene: its artists, spines, title, colour bar.

use crate::artist::{Artist, BarsData, Kind, LineData, LineStyle, PolygonData, ScatterData, TextData};
use crate::axes::{AxesData, Place, View};
use crate::axis::{AxisDrawing, Side};
use crate::backend::Pen;
use crate::colors::Color;
use crate::figure::FigureData;
use crate::geometry::Bbox;
use crate::image::Raster;
use crate::legend;
use crate::scene::{Item, Markers, Scene};
use crate::text::{self, HAlign, Setting, VAlign};

/// Points: width of spines and of a bar's visible edge.
const SPINE_WIDTH: f64 = 0.8;

/// Draws one axes of a figure with everything in it.
pub(crate) fn axes(scene: &mut Scene, figure: &FigureData, index: usize) {
    let axes = &figure.axes[index];
    let view = figure.view(index);
    let painter = Painter { axes, view, dpi: figure.dpi };
    scene.cover(view.bbox);
    for artist in &axes.artists {
        painter.artist(scene, artist);
    }
    if let Place::Colorbar { axes: parent, artist } = axes.place {
        painter.colorbar(scene, &figure.axes[parent].artists[artist]);
        return;
    }
    if axes.visible {
        let offset = painter.furniture(scene);
        painter.title(scene, offset);
    } else {
        painter.title(scene, None);
    }
    if let Some(data) = &axes.legend {
        legend::draw(scene, data, axes, &view, figure.dpi);
    }
}

struct Painter<'a> {
    axes: &'a AxesData,
    view: View,
    dpi: f64,
}

impl Painter<'_> {
    fn px(&self, points: f64) -> f64 {
        points * self.dpi / 72.0
    }

    fn artist(&self, scene: &mut Scene, artist: &Artist) {
        match &artist.kind {
            Kind::Line(line) => self.line(scene, artist, line),
            Kind::Scatter(scatter) => self.scatter(scene, artist, scatter),
            Kind::Bars(bars) => self.bars(scene, artist, bars),
            Kind::Polygon(polygon) => self.polygon(scene, artist, polygon),
            Kind::Text(text) => self.text(scene, artist, text),
            Kind::Image(image) => {
                let mut raster = Raster::new(image, artist.alpha.unwrap_or(1.0));
                let [left, right, bottom, top] = image.extent;
                let (a, b) = (self.view.at([left, bottom]), self.view.at([right, top]));
                if a[1] > b[1] {
                    raster.flip();
                }
                let item = Item::Image { raster, place: Bbox::around([a, b]), clip: self.view.bbox };
                scene.add(artist.zorder(), item);
            }
        }
    }

    fn line(&self, scene: &mut Scene, artist: &Artist, line: &LineData) {
        let points: Vec<[f64; 2]> =
            line.x.iter().zip(&line.y).map(|(&x, &y)| self.view.framed(line.frame, [x, y])).collect();
        let color = artist.faded(line.color);
        let clip = Some(self.view.bbox);
        if let Some(marker) = line.marker {
            let faded = |c: Option<Color>| vec![c.map_or(color, |c| artist.faded(c))];
            let markers = Markers {
                at: points.clone(),
                marker,
                sizes: vec![self.px(line.marker_size)],
                faces: faded(line.marker_face),
                edges: faded(line.marker_edge),
                edge_width: self.px(1.0),
                centred: true,
                clip,
            };
            // A line's markers lie on it.
            scene.add(artist.zorder() + 1e-6, Item::Markers(markers));
        }
        if line.style != LineStyle::None {
            let width = self.px(line.width);
            scene.add(artist.zorder(), Item::Stroke { points, color, width, pen: line.style.pen(width), clip });
        }
    }

    fn scatter(&self, scene: &mut Scene, artist: &Artist, s: &ScatterData) {
        let mapped: Vec<Color> = match &s.values {
            Some(values) => s.mapping.colors(values).collect(),
            None => s.colors.clone(),
        };
        let faces: Vec<Color> = mapped.into_iter().map(|c| artist.faded(c)).collect();
        let markers = Markers {
            at: s.x.iter().zip(&s.y).map(|(&x, &y)| self.view.at([x, y])).collect(),
            marker: s.marker,
            sizes: s.sizes.iter().map(|s| self.px(s.sqrt())).collect(),
            edges: s.edge.map_or_else(|| faces.clone(), |c| vec![artist.faded(c)]),
            centred: faces.len() == 1 && s.sizes.len() == 1,
            faces,
            edge_width: self.px(s.width),
            clip: Some(self.view.bbox),
        };
        scene.add(artist.zorder(), Item::Markers(markers));
    }

    fn bars(&self, scene: &mut Scene, artist: &Artist, bars: &BarsData) {
        for bar in &bars.bars {
            let (a, b) = (self.floor([bar.x, bar.y]), self.view.at([bar.x + bar.width, bar.y + bar.height]));
            let points = vec![a, [b[0], a[1]], b, [a[0], b[1]]];
            let clip = Some(self.view.bbox);
            if let Some(edge) = bar.edge {
                let width = self.px(bars.edge_width);
                let outline = points.iter().copied().chain([a]).collect();
                let pen = Pen { miter: true, ..Pen::default() };
                let color = artist.faded(edge);
                scene.add(artist.zorder(), Item::Fill { points, color: artist.faded(bar.face), clip });
                scene.add(artist.zorder(), Item::Stroke { points: outline, color, width, pen, clip });
            } else {
                scene.add(artist.zorder(), Item::Fill { points, color: artist.faded(bar.face), clip });
            }
        }
    }

    /// A bar's foot; on a logarithmic axis it has no place, so the bar starts at the axes' edge.
    fn floor(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let x = if self.view.log.0 && x <= 0.0 { self.view.x.0 } else { x };
        let y = if self.view.log.1 && y <= 0.0 { self.view.y.0 } else { y };
        self.view.at([x, y])
    }

    fn polygon(&self, scene: &mut Scene, artist: &Artist, polygon: &PolygonData) {
        let points = polygon.points.iter().map(|&p| self.view.framed(polygon.frame, p)).collect();
        let item = Item::Fill { points, color: artist.faded(polygon.color), clip: Some(self.view.bbox) };
        scene.add(artist.zorder(), item);
    }

    fn text(&self, scene: &mut Scene, artist: &Artist, t: &TextData) {
        let setting = Setting { angle: t.angle, ..Setting::new(t.points, t.ha, t.va) };
        let layout = text::layout(&t.text, setting, self.dpi);
        let at = self.view.at(t.at);
        let color = artist.faded(t.color);
        if let Some(tip) = t.arrow {
            self.arrow(scene, artist.zorder(), layout.bbox.shifted(at[0], at[1]), self.view.at(tip));
        }
        scene.add_text(artist.zorder(), layout, at, color);
    }

    /// An arrow from a text's box to `tip`: a line with an open head, as `arrowstyle="->"`.
    fn arrow(&self, scene: &mut Scene, zorder: f64, from: Bbox, tip: [f64; 2]) {
        let start = from.at(0.5, 0.5);
        let d = [tip[0] - start[0], tip[1] - start[1]];
        let length = d[0].hypot(d[1]);
        if length == 0.0 {
            return;
        }
        let unit = [d[0] / length, d[1] / length];
        // Out of the box, and two points short of both ends.
        let (w, h) = (from.width() / 2.0, from.height() / 2.0);
        let leave = f64::min(w / unit[0].abs().max(1e-9), h / unit[1].abs().max(1e-9)) + self.px(4.0);
        let shrink = self.px(2.0);
        if leave + shrink >= length {
            return;
        }
        let along = |t: f64| [start[0] + unit[0] * t, start[1] + unit[1] * t];
        let end = along(length - shrink);
        let (long, wide) = (self.px(4.0), self.px(2.0));
        let wing = |side: f64| {
            [end[0] - unit[0] * long - unit[1] * wide * side, end[1] - unit[1] * long + unit[0] * wide * side]
        };
        let (color, width) = (Color::BLACK, self.px(1.0));
        for points in [vec![along(leave), end], vec![wing(1.0), end, wing(-1.0)]] {
            scene.add(zorder, Item::Stroke { points, color, width, pen: Pen::default(), clip: None });
        }
    }

    /// Spines and both axis; the result is the box of the y axis' offset text.
    fn furniture(&self, scene: &mut Scene) -> Option<Bbox> {
        let drawing = |axis, side| AxisDrawing { axis, view: &self.view, side, dpi: self.dpi };
        let twin = matches!(self.axes.place, Place::Twin { .. });
        if !twin {
            drawing(&self.axes.x, Side::Bottom).draw(scene);
        }
        let side = if twin { Side::Right } else { Side::Left };
        let furniture = drawing(&self.axes.y, side).draw(scene);
        self.spines(scene);
        furniture.offset
    }

    fn spines(&self, scene: &mut Scene) {
        let b = self.view.bbox;
        let width = self.px(SPINE_WIDTH);
        let pen = Pen { projecting: true, miter: true, dashes: Vec::new() };
        let corners = [[b.x0, b.y0], [b.x1, b.y0], [b.x1, b.y1], [b.x0, b.y1], [b.x0, b.y0]];
        for side in corners.windows(2) {
            let points = side.to_vec();
            scene.add(2.5, Item::Stroke { points, color: Color::BLACK, width, pen: pen.clone(), clip: None });
        }
    }

    fn title(&self, scene: &mut Scene, offset: Option<Bbox>) {
        let title = &self.axes.title;
        if title.text.is_empty() {
            return;
        }
        let layout = text::layout(&title.text, Setting::new(title.points, HAlign::Center, VAlign::Baseline), self.dpi);
        let mut at = self.view.bbox.at(0.5, 1.0);
        at[1] += self.px(title.pad);
        let bbox = layout.bbox.shifted(at[0], at[1]);
        // A title lies above the axes and above the exponent it would run into.
        let mut top = self.view.bbox.y1;
        if let Some(offset) = offset.filter(|o| o.overlaps(bbox)) {
            top = offset.y1;
        }
        if bbox.y0 < top {
            at[1] += top - bbox.y0;
        }
        scene.add_caption(3.0, layout, at, title.color, false);
    }

    fn colorbar(&self, scene: &mut Scene, of: &Artist) {
        let mapping = match &of.kind {
            Kind::Image(image) => &image.mapping,
            Kind::Scatter(scatter) => &scatter.mapping,
            _ => return,
        };
        let colors: Vec<Color> = mapping.cmap.colors().iter().rev().map(|&c| of.faded(c)).collect();
        let raster = Raster { width: 1, height: colors.len(), colors, nearest: true };
        scene.add(0.0, Item::Image { raster, place: self.view.bbox, clip: self.view.bbox });
        AxisDrawing { axis: &self.axes.y, view: &self.view, side: Side::Right, dpi: self.dpi }.draw(scene);
        self.spines(scene);
        self.title(scene, None);
    }
}
