//! From an axes' state to items of the scene: its artists, spines, title, colour bar.

use crate::arrow;
use crate::artist::{Artist, BarsData, Frame, Kind, LineData, LineStyle, Outline, PolygonData};
use crate::artist::{ScatterData, SegmentsData, TextData, TextFrame};
use crate::axes::{AxesData, Place, SpineData, SpinePlace};
use crate::axis::{AxisDrawing, Side};
use crate::backend::Pen;
use crate::colors::Color;
use crate::figure::FigureData;
use crate::geometry::{Bbox, simplify};
use crate::legend;
use crate::limits::View;
use crate::raster::Raster;
use crate::scale::Scale;
use crate::scene::{Item, Markers, Scene};
use crate::text::{self, HAlign, Setting, VAlign};
use crate::text_box;
use crate::{boxplot, colorbar, contour, errorbar, quiver};

/// Draws one axes of a figure with everything in it.
pub(crate) fn axes(scene: &mut Scene, figure: &FigureData, index: usize) {
    let axes = &figure.axes[index];
    let painter = Painter { axes, view: figure.view(index), dpi: figure.dpi };
    scene.cover(painter.view.bbox);
    painter.background(scene);
    for artist in &axes.artists {
        painter.artist(scene, artist);
    }
    if let Place::Colorbar { axes: parent, artist } = axes.place {
        if let Some(of) = figure.axes[parent].artists.get(artist) {
            let horizontal = figure.bar_parents(index).is_some_and(|(room, _)| room.horizontal);
            colorbar::draw(&painter, scene, of, horizontal);
        }
        return;
    }
    let furniture = if axes.visible { painter.furniture(scene) } else { (None, painter.view.bbox.y1) };
    painter.titles(scene, furniture);
    for data in axes.kept_legends.iter().chain(&axes.legend) {
        legend::draw(scene, data, axes, &painter.view, figure.dpi);
    }
}

/// What drawing one axes needs to know.
pub(crate) struct Painter<'a> {
    pub axes: &'a AxesData,
    pub view: View,
    pub dpi: f64,
}

impl Painter<'_> {
    /// Points in pixels.
    pub fn px(&self, points: f64) -> f64 {
        points * self.dpi / 72.0
    }

    /// The area behind everything; a twin shows the one below it.
    fn background(&self, scene: &mut Scene) {
        if !self.axes.visible || matches!(self.axes.place, Place::Twin { .. }) {
            return;
        }
        let b = self.view.bbox;
        let points = vec![[b.x0, b.y0], [b.x1, b.y0], [b.x1, b.y1], [b.x0, b.y1]];
        scene.add(f64::NEG_INFINITY, Item::Background { points, color: self.axes.face });
    }

    fn artist(&self, scene: &mut Scene, artist: &Artist) {
        match &artist.kind {
            Kind::Line(line) => self.line(scene, artist, line, artist.zorder()),
            Kind::Scatter(scatter) => self.scatter(scene, artist, scatter),
            Kind::Bars(bars) => self.bars(scene, artist, bars),
            Kind::Polygon(polygon) => self.polygons(scene, artist, polygon),
            Kind::Segments(segments) => self.segments(scene, artist, segments),
            Kind::Errorbar(data) => errorbar::draw(self, scene, artist, data),
            Kind::Boxplot(data) => boxplot::draw(self, scene, artist, data),
            Kind::Contour(data) => contour::draw(self, scene, artist, data),
            Kind::Quiver(data) => quiver::draw(self, scene, artist, data),
            Kind::Text(text) => self.text(scene, artist, text),
            Kind::Image(image) => {
                let mut raster = Raster::new(image, artist.alpha.unwrap_or(1.0));
                let [left, right, bottom, top] = image.extent;
                let (a, b) = (self.view.at([left, bottom]), self.view.at([right, top]));
                if a[1] > b[1] {
                    raster.flip();
                }
                if a[0] > b[0] {
                    raster.mirror();
                }
                let item = Item::Image { raster, place: Bbox::around([a, b]), clip: self.view.bbox };
                scene.add(artist.zorder(), item);
            }
        }
    }

    /// A line with its markers.
    pub fn line(&self, scene: &mut Scene, artist: &Artist, line: &LineData, zorder: f64) {
        let points: Vec<[f64; 2]> = match (line.frame, &line.x[..]) {
            (Frame::Endless, &[x, slope]) => {
                let at = |v: f64| self.view.at([v, line.y[0] + slope * (v - x)]);
                vec![at(self.view.x.0), at(self.view.x.1)]
            }
            _ => line.x.iter().zip(&line.y).map(|(&x, &y)| self.view.framed(line.frame, [x, y])).collect(),
        };
        let color = artist.faded(line.color);
        let clip = Some(self.view.bbox);
        if let Some(marker) = line.marker {
            let faded = |c: Option<Color>| vec![c.map_or(color, |c| artist.faded(c))];
            let markers = Markers {
                at: points.iter().copied().step_by(line.mark_every.max(1)).collect(),
                marker,
                sizes: vec![self.px(line.marker_size)],
                faces: faded(line.marker_face),
                edges: faded(line.marker_edge),
                edge_width: self.px(line.marker_edge_width),
                centred: true,
                clip,
            };
            // A line's markers lie on it.
            scene.add(zorder + 1e-6, Item::Markers(markers));
        }
        if line.style != LineStyle::None {
            let width = self.px(line.width);
            let points = simplify(points);
            let pen = self.axes.rc.capstyle.on(line.style.pen(width));
            scene.add(zorder, Item::Stroke { points, color, width, pen, clip });
        }
    }

    fn segments(&self, scene: &mut Scene, artist: &Artist, data: &SegmentsData) {
        let colors: Vec<Color> = data.line_colors().into_iter().map(|c| artist.faded(c)).collect();
        let (zorder, clip) = (artist.zorder(), Some(self.view.bbox));
        for ((points, &color), &width) in data.lines.iter().zip(colors.iter().cycle()).zip(data.widths.iter().cycle()) {
            let points = points.iter().map(|&p| self.view.at(p)).collect();
            let width = self.px(width);
            let pen = Pen { projecting: false, ..data.style.pen(width) };
            scene.add(zorder, Item::Stroke { points, color, width, pen, clip });
        }
        for &(line, from, to) in &data.arrows {
            let (from, to) = (self.view.at(from), self.view.at(to));
            let start = Bbox::new(from[0], from[1], from[0], from[1]);
            let props = arrow::arrowprops().arrowstyle("-|>").color(colors[line % colors.len()]);
            let props = props.lw(data.widths[line % data.widths.len()]).clipped();
            arrow::draw(self, scene, zorder, (start, false), &props, to, data.arrow_size);
        }
    }

    fn polygons(&self, scene: &mut Scene, artist: &Artist, data: &PolygonData) {
        let colors: Vec<Color> = match &data.values {
            Some(values) => data.mapping.colors(values).collect(),
            None => data.colors.clone(),
        };
        let (zorder, clip, width) = (artist.zorder(), Some(self.view.bbox), self.px(data.edge_width));
        for (polygon, color) in data.polygons.iter().zip(colors.iter().cycle()) {
            let mut points: Vec<[f64; 2]> = polygon.iter().map(|&p| self.view.framed(data.frame, p)).collect();
            let color = artist.faded(*color);
            if !data.antialiased {
                scene.add(zorder, Item::Cell { points, color, clip });
                continue;
            }
            scene.add(zorder, Item::Fill { points: points.clone(), color, clip });
            if let Some(pattern) = &data.hatch {
                self.hatch(scene, artist, vec![points.clone()], pattern, data.edge);
            }
            let edge = if data.edge_face { Some(color) } else { data.edge.map(|c| artist.faded(c)) };
            if let (Some(color), Some(&first)) = (edge, points.first()) {
                points.push(first);
                let pen = Pen { miter: true, projecting: false, ..data.edge_style.pen(width) };
                scene.add(zorder, Item::Stroke { points, color, width, pen, clip });
            }
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
            centred: faces.len() == 1 && s.sizes.len() == 1 && faces[0].a > 0.0,
            faces,
            edge_width: self.px(s.width),
            clip: Some(self.view.bbox),
        };
        scene.add(artist.zorder(), Item::Markers(markers));
    }

    fn bars(&self, scene: &mut Scene, artist: &Artist, bars: &BarsData) {
        if let Some(outline) = bars.outline {
            self.bars_outline(scene, artist, bars, outline);
            return;
        }
        for (k, bar) in bars.bars.iter().enumerate() {
            let (a, b) = (self.floor([bar.x, bar.y]), self.view.at([bar.x + bar.width, bar.y + bar.height]));
            let points = vec![a, [b[0], a[1]], b, [a[0], b[1]]];
            let hatch = (!bars.hatches.is_empty()).then(|| bars.hatches[k % bars.hatches.len()].as_str());
            self.patch(scene, artist, points, (bar.face, bar.edge, bars.edge_width), hatch);
        }
    }

    /// A filled area with its outline and pattern: face, edge and the edge's width in points.
    fn patch(
        &self,
        scene: &mut Scene,
        artist: &Artist,
        points: Vec<[f64; 2]>,
        (face, edge, width): (Color, Option<Color>, f64),
        hatch: Option<&str>,
    ) {
        let (zorder, clip) = (artist.zorder(), Some(self.view.bbox));
        scene.add(zorder, Item::Fill { points: points.clone(), color: artist.faded(face), clip });
        if let Some(pattern) = hatch {
            self.hatch(scene, artist, vec![points.clone()], pattern, edge);
        }
        if let Some(edge) = edge {
            let outline = points.iter().copied().chain(points.first().copied()).collect();
            let pen = Pen { miter: true, ..Pen::default() };
            let (color, width) = (artist.faded(edge), self.px(width));
            scene.add(zorder, Item::Stroke { points: outline, color, width, pen, clip });
        }
    }

    /// A pattern over areas, in the colour of their outlines or black.
    pub fn hatch(
        &self,
        scene: &mut Scene,
        artist: &Artist,
        outlines: Vec<Vec<[f64; 2]>>,
        pattern: &str,
        edge: Option<Color>,
    ) {
        let edge = edge.filter(|c| c.a > 0.0).unwrap_or(self.axes.rc.patch_edge);
        let (color, width) = (artist.faded(edge), self.px(1.0));
        let (pattern, tile, clip) = (pattern.to_owned(), self.dpi, Some(self.view.bbox));
        scene.add(artist.zorder(), Item::Hatch { outlines, pattern, color, width, tile, clip });
    }

    /// All bars as one area or as the line over them, from the foot of the first to that of the last.
    fn bars_outline(&self, scene: &mut Scene, artist: &Artist, bars: &BarsData, outline: Outline) {
        let Some((first, last)) = bars.bars.first().zip(bars.bars.last()) else { return };
        let corners = |b: &crate::artist::Bar| {
            let (x, y) = (b.x + b.width, b.y + b.height);
            if bars.horizontal { [[x, b.y], [x, y]] } else { [[b.x, y], [x, y]] }
        };
        let ends = if bars.horizontal { [last.x, last.y + last.height] } else { [last.x + last.width, last.y] };
        let tops = bars.bars.iter().flat_map(corners);
        let path: Vec<[f64; 2]> = std::iter::once([first.x, first.y]).chain(tops).chain([ends]).collect();
        let on_screen = |p: &[f64; 2]| self.floor(*p);
        if outline == Outline::Filled {
            let feet = bars.bars.iter().rev().flat_map(|b| {
                let (x, y) = (b.x + b.width, b.y + b.height);
                if bars.horizontal { [[b.x, y], [b.x, b.y]] } else { [[x, b.y], [b.x, b.y]] }
            });
            let points = path.iter().copied().chain(feet).map(|p| on_screen(&p)).collect();
            let hatch = bars.hatches.first().map(String::as_str);
            self.patch(scene, artist, points, (first.face, first.edge, bars.edge_width), hatch);
            return;
        }
        let points = path.iter().map(on_screen).collect();
        let width = self.px(bars.edge_width);
        let pen = Pen { miter: true, ..Pen::default() };
        let clip = Some(self.view.bbox);
        let color = artist.faded(first.edge.unwrap_or(first.face));
        scene.add(artist.zorder.unwrap_or(2.0), Item::Stroke { points, color, width, pen, clip });
    }

    /// A bar's foot; where the axis' scale has no place for it, the bar starts outside the axes.
    fn floor(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let (scales, b) = (self.view.scale, self.view.bbox);
        let usable = |v: f64, scale: Scale, (low, _): (f64, f64)| if scale.holds(v) { v } else { low };
        let at = self.view.at([usable(x, scales.0, self.view.x), usable(y, scales.1, self.view.y)]);
        let outside = [!scales.0.holds(x), !scales.1.holds(y)];
        [if outside[0] { at[0] - b.width() } else { at[0] }, if outside[1] { at[1] - b.height() } else { at[1] }]
    }

    fn text(&self, scene: &mut Scene, artist: &Artist, t: &TextData) {
        let layout = text::layout(&t.text, t.setting(), self.dpi);
        let at = match t.frame {
            TextFrame::Data => self.view.at(t.at),
            TextFrame::Axes => self.view.bbox.at(t.at[0], t.at[1]),
        };
        let at = [at[0] + self.px(t.offset[0]), at[1] + self.px(t.offset[1])];
        if !at.iter().all(|v| v.is_finite()) {
            return;
        }
        let color = artist.faded(t.color);
        let bbox = layout.bbox.shifted(at[0], at[1]);
        if let Some(arrow) = &t.arrow
            && let Some(props) = &arrow.props
        {
            let from = if t.text.is_empty() { Bbox::new(at[0], at[1], at[0], at[1]) } else { bbox };
            let from = t.boxed.map_or(from, |props| props.around(from, t.points, self.px(1.0)));
            let tip = match arrow.frame {
                TextFrame::Data => self.view.at(arrow.tip),
                TextFrame::Axes => self.view.bbox.at(arrow.tip[0], arrow.tip[1]),
            };
            arrow::draw(self, scene, artist.zorder(), (from, t.boxed.is_some()), props, tip, t.points);
        }
        if let Some(props) = &t.boxed {
            text_box::draw(scene, artist.zorder(), props, bbox, t.points, self.px(1.0));
        }
        scene.add_text(artist.zorder(), layout, at, color);
    }

    /// Spines and both axis; the result is the box of the y axis' offset text and the top of what is drawn above.
    fn furniture(&self, scene: &mut Scene) -> (Option<Bbox>, f64) {
        let twin = match self.axes.place {
            Place::Twin { upright, .. } => Some(upright),
            _ => None,
        };
        let below = self.axes.rc.below;
        let opposite = [self.axes.x.on_the_other_side(), self.axes.y.on_the_other_side()];
        let drawing = |axis, side, spine: usize| AxisDrawing {
            axis,
            view: &self.view,
            side,
            dpi: self.dpi,
            spine: self.axes.spines[spine],
            zorder: below,
        };
        let mut top = self.view.bbox.y1;
        if twin != Some(true) && self.axes.x.visible {
            let far = self.axes.x.far || twin == Some(false);
            let (side, spine) = if far { (Side::Top, 3) } else { (Side::Bottom, 2) };
            top = top.max(drawing(&self.axes.x, side, spine).draw(scene).bounds.y1);
            if let Some(axis) = &opposite[0] {
                let (side, spine) = if far { (Side::Bottom, 2) } else { (Side::Top, 3) };
                top = top.max(drawing(axis, side, spine).draw(scene).bounds.y1);
            }
        }
        let mut offset = None;
        if twin != Some(false) && self.axes.y.visible {
            let far = self.axes.y.far || twin == Some(true);
            let (side, spine) = if far { (Side::Right, 1) } else { (Side::Left, 0) };
            offset = drawing(&self.axes.y, side, spine).draw(scene).offset;
            if let Some(axis) = &opposite[1] {
                let (side, spine) = if far { (Side::Left, 0) } else { (Side::Right, 1) };
                drawing(axis, side, spine).draw(scene);
            }
        }
        self.spines(scene);
        (offset, top)
    }

    /// The four sides of the frame.
    pub fn spines(&self, scene: &mut Scene) {
        let b = self.view.bbox;
        let ends = [
            [[b.x0, b.y0], [b.x0, b.y1]],
            [[b.x1, b.y0], [b.x1, b.y1]],
            [[b.x0, b.y0], [b.x1, b.y0]],
            [[b.x0, b.y1], [b.x1, b.y1]],
        ];
        for (k, (mut line, spine)) in ends.into_iter().zip(&self.axes.spines).enumerate() {
            let (across, along) = if k >= 2 { (1, 0) } else { (0, 1) };
            if let Some(place) = spine.at {
                let outward = if let SpinePlace::Outward(points) = place { self.px(points) } else { 0.0 };
                let outward = if k % 2 == 0 { -outward } else { outward };
                let moved = self.view.spine(place, across, line[0][across], outward);
                line.iter_mut().for_each(|p| p[across] = moved);
            }
            if let Some((low, high)) = spine.bounds {
                line[0][along] = self.view.at([low, low])[along];
                line[1][along] = self.view.at([high, high])[along];
            }
            if spine.visible {
                scene.cover(Bbox::around(line));
            }
            self.spine(scene, spine, line.to_vec());
        }
    }

    fn spine(&self, scene: &mut Scene, spine: &SpineData, points: Vec<[f64; 2]>) {
        if !spine.visible || spine.width == 0.0 {
            return;
        }
        let pen = Pen { projecting: true, miter: true, ..Pen::default() };
        let item = Item::Stroke { points, color: spine.color, width: self.px(spine.width), pen, clip: None };
        scene.add(2.5, item);
    }

    fn titles(&self, scene: &mut Scene, (offset, top): (Option<Bbox>, f64)) {
        let places = [(HAlign::Left, 0.0), (HAlign::Center, 0.5), (HAlign::Right, 1.0)];
        for (title, (ha, part)) in self.axes.titles.iter().zip(places) {
            if title.text.is_empty() {
                continue;
            }
            let setting = Setting { variant: title.variant, ..Setting::new(title.points, ha, VAlign::Baseline) };
            let layout = text::layout(&title.text, setting, self.dpi);
            let mut at = self.view.bbox.at(part, title.y.unwrap_or(1.0));
            at[1] += self.px(title.pad);
            let bbox = layout.bbox.shifted(at[0], at[1]);
            // A title lies above the axes, above ticks at the top, and above the exponent it would run into.
            let mut top = top;
            if let Some(offset) = offset.filter(|o| o.overlaps(bbox)) {
                top = top.max(offset.y1);
            }
            let above = if top > self.view.bbox.y1 { top + self.px(title.pad) } else { top };
            let above = if offset.is_some_and(|o| o.y1 == top) { top } else { above };
            if bbox.y0 < above && title.y.is_none() {
                at[1] += above - bbox.y0;
            }
            scene.add_caption(3.0, layout, at, title.color, false);
        }
    }
}
