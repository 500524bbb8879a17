//! A scene as an SVG document. Text is drawn as outlines, as matplotlib does (`svg.fonttype: path`): it looks the same
//! everywhere, in Korean too, and needs no font where it is opened. One user unit is one pixel of the figure.

use std::collections::HashMap;
use std::fmt::Write;

use data_encoding::BASE64;

use crate::backend::Pen;
use crate::colors::Color;
use crate::font::{self, Segment};
use crate::geometry::{Bbox, clip_polyline, simplify};
use crate::hatch;
use crate::png;
use crate::raster::Raster;
use crate::scene::{Item, Markers, Scene};
use crate::text::Layout;

/// Bytes in base64, as documents embed them.
pub fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// The part of a scene inside `window` as a document.
pub(crate) fn write(scene: Scene, window: Bbox, face: Color, dpi: f64) -> String {
    let (width, height) = (window.width().floor(), window.height().floor());
    let mut out = Writer {
        window,
        height,
        body: String::new(),
        defs: String::new(),
        glyphs: HashMap::new(),
        clips: Vec::new(),
        hatches: 0,
    };
    if face.a > 0.0 {
        let _ = write!(out.body, r#"<rect width="{width}" height="{height}"{}/>"#, fill(face));
    }
    for item in scene.into_items() {
        out.item(&item);
    }
    let points = |v: f64| number(v * 72.0 / dpi);
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" \
         xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{}pt\" height=\"{}pt\" \
         viewBox=\"0 0 {width} {height}\" version=\"1.1\">\n<defs>{}</defs>\n{}</svg>\n",
        points(width),
        points(height),
        out.defs,
        out.body
    )
}

/// A number with at most three digits after the point.
fn number(v: f64) -> String {
    let text = format!("{:.3}", if v.is_finite() { v } else { 0.0 });
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

fn rgb(c: Color) -> String {
    let [r, g, b, _] = c.to_bytes();
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn fill(c: Color) -> String {
    let opacity = if c.a < 1.0 { format!(r#" fill-opacity="{}""#, number(f64::from(c.a))) } else { String::new() };
    format!(r#" fill="{}"{opacity}"#, rgb(c))
}

fn stroke(c: Color, width: f64, pen: &Pen) -> String {
    let mut text = format!(r#" fill="none" stroke="{}" stroke-width="{}""#, rgb(c), number(width));
    if c.a < 1.0 {
        let _ = write!(text, r#" stroke-opacity="{}""#, number(f64::from(c.a)));
    }
    if !pen.dashes.is_empty() {
        let dashes: Vec<String> = pen.dashes.iter().map(|d| number(*d)).collect();
        let _ = write!(text, r#" stroke-dasharray="{}""#, dashes.join(","));
    }
    let cap = if pen.round {
        "round"
    } else if pen.projecting {
        "square"
    } else {
        "butt"
    };
    let join = if pen.miter { "miter" } else { "round" };
    let _ = write!(text, r#" stroke-linecap="{cap}" stroke-linejoin="{join}""#);
    text
}

struct Writer {
    window: Bbox,
    height: f64,
    body: String,
    defs: String,
    /// The names of the glyphs defined so far.
    glyphs: HashMap<(font::FaceIndex, u16), usize>,
    clips: Vec<[i64; 4]>,
    hatches: usize,
}

impl Writer {
    fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [x - self.window.x0, self.height - (y - self.window.y0)]
    }

    fn path(&self, points: &[[f64; 2]], close: bool) -> String {
        let mut d = String::new();
        for (i, p) in points.iter().enumerate() {
            let [x, y] = self.place(p.map(|v| v.clamp(-1e5, 1e5)));
            let _ = write!(d, "{}{} {}", if i == 0 { "M" } else { "L" }, number(x), number(y));
        }
        if close {
            d.push('Z');
        }
        d
    }

    /// The attribute that keeps drawing inside a box.
    fn clip(&mut self, clip: Option<Bbox>) -> String {
        let Some(b) = clip else { return String::new() };
        let ([l, bottom], [r, top]) = (self.place([b.x0, b.y0]), self.place([b.x1, b.y1]));
        let key = [l, top, r, bottom].map(|v| (v * 1000.0).round() as i64);
        let index = self.clips.iter().position(|c| *c == key).unwrap_or_else(|| {
            let _ = write!(
                self.defs,
                r#"<clipPath id="c{}"><rect x="{}" y="{}" width="{}" height="{}"/></clipPath>"#,
                self.clips.len(),
                number(l),
                number(top),
                number(r - l),
                number(bottom - top)
            );
            self.clips.push(key);
            self.clips.len() - 1
        });
        format!(r##" clip-path="url(#c{index})""##)
    }

    fn shape(&mut self, d: &str, attributes: &str) {
        if !d.is_empty() {
            let _ = writeln!(self.body, r#"<path d="{d}"{attributes}/>"#);
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Stroke { points, color, width, pen, clip } => {
                if color.a > 0.0 && *width > 0.0 {
                    let clip = self.clip(*clip);
                    self.polyline(points, &format!("{}{clip}", stroke(*color, *width, pen)), *width);
                }
            }
            Item::Fill { points, color, clip } => {
                if color.a > 0.0 && points.iter().flatten().all(|v| v.is_finite()) {
                    let clip = self.clip(*clip);
                    self.shape(&self.path(points, true), &format!("{}{clip}", fill(*color)));
                }
            }
            Item::Hatch { outlines, pattern, color, width, tile, clip } => {
                let clip = self.clip(*clip);
                let name = self.hatch(pattern, *color, *width, *tile);
                for outline in outlines.iter().filter(|o| o.iter().flatten().all(|v| v.is_finite())) {
                    self.shape(&self.path(outline, true), &format!(r##" fill="url(#h{name})"{clip}"##));
                }
            }
            Item::Background { points, color } => self.shape(&self.path(points, true), &fill(*color)),
            Item::Cell { points, color, clip } => {
                if color.a > 0.0 && points.iter().flatten().all(|v| v.is_finite()) {
                    let clip = self.clip(*clip);
                    let sharp = r#" shape-rendering="crispEdges""#;
                    self.shape(&self.path(points, true), &format!("{}{sharp}{clip}", fill(*color)));
                }
            }
            Item::Tick { at, direction, length, width, color } => {
                let end = [at[0] + direction[0] * length, at[1] + direction[1] * length];
                self.shape(&self.path(&[*at, end], false), &stroke(*color, *width, &Pen::default()));
            }
            Item::Markers(markers) => self.markers(markers),
            Item::RoundedBox { frame, radius, face, edge, width } => {
                let outline = frame.rounded(*radius);
                self.shape(&self.path(&outline, true), &fill(*face));
                let pen = Pen { miter: true, ..Pen::default() };
                self.shape(&self.path(&outline, true), &stroke(*edge, *width, &pen));
            }
            Item::Text { layout, at, color } => self.text(layout, *at, *color),
            Item::Image { raster, place, clip } => self.image(raster, *place, *clip),
        }
    }

    /// The number of a pattern that covers areas with a hatch.
    fn hatch(&mut self, pattern: &str, color: Color, width: f64, tile: f64) -> usize {
        let name = self.hatches;
        self.hatches += 1;
        let mut body = String::new();
        for path in hatch::tile(pattern) {
            let d: String = path
                .points
                .iter()
                .enumerate()
                .map(|(i, p)| {
                    format!("{}{} {}", if i == 0 { "M" } else { "L" }, number(p[0] * tile), number(p[1] * tile))
                })
                .collect();
            let pen = Pen { projecting: true, miter: true, ..Pen::default() };
            let ink = if path.filled { fill(color) } else { r#" fill="none""#.into() };
            let line = stroke(color, width, &pen).replacen(r#" fill="none""#, "", 1);
            let _ = write!(body, r#"<path d="{d}"{ink}{line}/>"#);
        }
        let size = number(tile);
        let units = r#"patternUnits="userSpaceOnUse""#;
        let _ = write!(self.defs, r#"<pattern id="h{name}" {units} width="{size}" height="{size}">{body}</pattern>"#);
        name
    }

    fn polyline(&mut self, points: &[[f64; 2]], attributes: &str, width: f64) {
        let window = self.window.padded(width + 1.0);
        let pieces = clip_polyline(points, window);
        let closed = pieces.len() == 1 && points.len() > 3 && points.first() == points.last();
        let d: String = pieces.into_iter().map(|piece| self.path(&simplify(piece), closed)).collect();
        self.shape(&d, attributes);
    }

    fn markers(&mut self, m: &Markers) {
        let shape = m.marker.shape();
        let clip = self.clip(m.clip);
        let (mut open, mut last) = (false, String::new());
        for (i, at) in m.at.iter().enumerate().filter(|(_, at)| at.iter().all(|v| v.is_finite())) {
            if !self.window.padded(100.0).contains(*at) {
                continue;
            }
            let size = m.sizes[i % m.sizes.len()];
            let (face, edge) = (m.faces[i % m.faces.len()], m.edges[i % m.edges.len()]);
            let ink = if shape.filled && face.a > 0.0 { fill(face) } else { r#" fill="none""#.into() };
            let line = if edge.a > 0.0 && m.edge_width > 0.0 {
                let pen = Pen { miter: shape.miter, ..Pen::default() };
                stroke(edge, m.edge_width, &pen).replacen(r#" fill="none""#, "", 1)
            } else {
                String::new()
            };
            let style = format!("{ink}{line}{clip}");
            if style != last {
                if open {
                    self.body.push_str("</g>\n");
                }
                let _ = write!(self.body, "<g{style}>");
                (open, last) = (true, style);
            }
            for outline in &shape.outlines {
                let points: Vec<[f64; 2]> =
                    outline.iter().map(|p| [at[0] + p[0] * size, at[1] + p[1] * size]).collect();
                let d = self.path(&points, shape.filled);
                let _ = write!(self.body, r#"<path d="{d}"/>"#);
            }
        }
        if open {
            self.body.push_str("</g>\n");
        }
    }

    fn text(&mut self, layout: &Layout, at: [f64; 2], color: Color) {
        for line in &layout.lines {
            let [x, y] = self.place([at[0] + line.origin[0], at[1] + line.origin[1]]);
            let turn = if layout.angle == 0.0 { String::new() } else { format!(" rotate({})", number(-layout.angle)) };
            let _ = write!(self.body, r#"<g transform="translate({} {}){turn}"{}>"#, number(x), number(y), fill(color));
            for placed in &line.glyphs {
                let id = self.glyph(placed.face, placed.id);
                let scale = placed.size / font::UNITS;
                let _ = write!(
                    self.body,
                    r##"<use xlink:href="#g{id}" transform="translate({} {}) scale({scale:.5})"/>"##,
                    number(placed.x),
                    number(-placed.y),
                );
            }
            for rule in &line.rules {
                let _ = write!(
                    self.body,
                    r#"<rect x="{}" y="{}" width="{}" height="{}"/>"#,
                    number(rule.x0),
                    number(-rule.y1),
                    number(rule.width()),
                    number(rule.height())
                );
            }
            self.body.push_str("</g>\n");
        }
    }

    /// The number of a glyph's definition, which is made when it is needed first.
    fn glyph(&mut self, face: font::FaceIndex, id: u16) -> usize {
        let next = self.glyphs.len();
        if let Some(&known) = self.glyphs.get(&(face, id)) {
            return known;
        }
        let mut d = String::new();
        for segment in font::unhinted(face, id, font::UNITS) {
            let p = |p: [f32; 2]| format!("{} {}", number(f64::from(p[0])), number(-f64::from(p[1])));
            let _ = match segment {
                Segment::Move(a) => write!(d, "M{}", p(a)),
                Segment::Line(a) => write!(d, "L{}", p(a)),
                Segment::Quad(a, b) => write!(d, "Q{} {}", p(a), p(b)),
                Segment::Cubic(a, b, c) => write!(d, "C{} {} {}", p(a), p(b), p(c)),
                Segment::Close => write!(d, "Z"),
            };
        }
        let _ = write!(self.defs, r#"<path id="g{next}" d="{d}"/>"#);
        self.glyphs.insert((face, id), next);
        next
    }

    /// A picture: its own cells enlarged when each stays as it is, else as many pixels as it covers.
    fn image(&mut self, raster: &Raster, place: Bbox, clip: Bbox) {
        let clip = self.clip(Some(clip));
        let ([l, bottom], [r, top]) = (self.place([place.x0, place.y0]), self.place([place.x1, place.y1]));
        if !(r - l > 0.0 && bottom - top > 0.0) {
            return;
        }
        let (w, h) = ((r - l).round().clamp(1.0, 4000.0), (bottom - top).round().clamp(1.0, 4000.0));
        let mut canvas = crate::backend::Canvas::new(w as u32, h as u32, Color::WHITE.with_alpha(0.0));
        raster.draw(&mut canvas, [0.0, 0.0, w, h]);
        let picture = BASE64.encode(&png::encode(&canvas.pixmap, 100.0));
        let _ = writeln!(
            self.body,
            r#"<g{clip}><image x="{}" y="{}" width="{}" height="{}" preserveAspectRatio="none" xlink:href="data:image/png;base64,{picture}"/></g>"#,
            number(l),
            number(top),
            number(r - l),
            number(bottom - top)
        );
    }
}
