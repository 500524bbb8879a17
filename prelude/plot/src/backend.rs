//! The raster backend: plotters' `DrawingBackend` on tiny-skia, in virtual coordinates of 1/256 pixel, so that
//! plotters' integer primitives draw with sub-pixel precision. What to draw is decided elsewhere.

use std::convert::Infallible;

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, DrawingBackend, DrawingErrorKind};
use tiny_skia::{
    FillRule, FilterQuality, LineCap, LineJoin, Mask, Paint, Path, PathBuilder, Pattern, Pixmap, PremultipliedColorU8,
    Rect, SpreadMode, Stroke, StrokeDash, Transform,
};

use crate::colors::Color;
use crate::font::Segment;
use crate::geometry::Bbox;
use crate::hatch;
use crate::text::Line;

/// Virtual units per pixel.
pub(crate) const SUBPIXEL: f64 = 256.0;

/// Polygons with more corners go to tiny-skia.
const EXACT_CORNERS: usize = 64;

/// What plotters' style does not say about a stroke.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pen {
    /// Lengths of dashes and gaps in pixels; empty for a solid line.
    pub dashes: Vec<f64>,
    /// Ends of solid lines stick out by half the width, as matplotlib's `projecting`.
    pub projecting: bool,
    /// Ends are round.
    pub round: bool,
    /// Corners are pointed, not round.
    pub miter: bool,
    /// Stays between pixels where it lies there.
    pub free: bool,
}

/// Colour and width of a primitive: what plotters asks for.
pub(crate) struct Style {
    color: Color,
    width: u32,
}

impl Style {
    /// A stroke `width` pixels wide.
    pub fn stroke(color: Color, width: f64) -> Style {
        Style { color, width: (width * SUBPIXEL).round() as u32 }
    }

    /// A filling.
    pub fn fill(color: Color) -> Style {
        Style { color, width: 0 }
    }
}

impl BackendStyle for Style {
    fn color(&self) -> BackendColor {
        let [r, g, b, _] = self.color.to_bytes();
        BackendColor { alpha: f64::from(self.color.a), rgb: (r, g, b) }
    }

    fn stroke_width(&self) -> u32 {
        self.width
    }
}

/// A point of canvas coordinates (pixels, y downwards) in the backend's virtual ones.
pub(crate) fn virtual_point([x, y]: [f64; 2]) -> BackendCoord {
    ((x * SUBPIXEL).round() as i32, (y * SUBPIXEL).round() as i32)
}

/// A picture being drawn.
pub(crate) struct Canvas {
    pub pixmap: Pixmap,
    pub pen: Pen,
    clip: Option<[i32; 4]>,
    mask: Option<([i32; 4], Mask)>,
}

impl Canvas {
    /// A picture of `width` by `height` pixels filled with `background`.
    pub fn new(width: u32, height: u32, background: Color) -> Canvas {
        let mut pixmap = Pixmap::new(width.max(1), height.max(1)).expect("a figure's size fits in memory");
        let [r, g, b, a] = background.to_bytes();
        pixmap.fill(tiny_skia::Color::from_rgba8(r, g, b, a));
        Canvas { pixmap, pen: Pen::default(), clip: None, mask: None }
    }

    /// Keeps later drawing inside these pixels: left, top, right, bottom.
    pub fn set_clip(&mut self, clip: Option<[i32; 4]>) {
        self.clip = clip.map(|[l, t, r, b]| {
            [l.max(0), t.max(0), r.min(self.pixmap.width() as i32), b.min(self.pixmap.height() as i32)]
        });
    }

    /// The mask for a shape with these bounds; none when the shape lies inside the clip anyway.
    fn prepare_mask(&mut self, bounds: Rect, grow: f32) -> bool {
        let Some(clip) = self.clip else { return false };
        let inside = bounds.left() - grow >= clip[0] as f32
            && bounds.top() - grow >= clip[1] as f32
            && bounds.right() + grow <= clip[2] as f32
            && bounds.bottom() + grow <= clip[3] as f32;
        if inside {
            return false;
        }
        if self.mask.as_ref().is_none_or(|(of, _)| *of != clip) {
            let mut mask = Mask::new(self.pixmap.width(), self.pixmap.height()).expect("as large as the picture");
            let (width, [l, t, r, b]) = (self.pixmap.width() as usize, clip);
            for y in t..b.max(t) {
                let row = y as usize * width;
                if l < r {
                    mask.data_mut()[row + l as usize..row + r as usize].fill(255);
                }
            }
            self.mask = Some((clip, mask));
        }
        true
    }

    fn fill_path(&mut self, path: &Path, color: BackendColor) {
        let masked = self.prepare_mask(path.bounds(), 0.0);
        let mask = self.mask.as_ref().filter(|_| masked).map(|(_, m)| m);
        self.pixmap.fill_path(path, &paint(color), FillRule::Winding, Transform::identity(), mask);
    }

    fn stroke_path(&mut self, path: &Path, color: BackendColor, width: u32) {
        let width = (f64::from(width) / SUBPIXEL) as f32;
        let stroke = Stroke {
            width,
            line_cap: match (self.pen.round, self.pen.projecting) {
                (true, _) => LineCap::Round,
                (_, true) => LineCap::Square,
                _ => LineCap::Butt,
            },
            line_join: if self.pen.miter { LineJoin::Miter } else { LineJoin::Round },
            miter_limit: 10.0,
            dash: StrokeDash::new(self.pen.dashes.iter().map(|&d| d as f32).collect(), 0.0),
        };
        let masked = self.prepare_mask(path.bounds(), width * 2.0);
        let mask = self.mask.as_ref().filter(|_| masked).map(|(_, m)| m);
        self.pixmap.stroke_path(path, &paint(color), &stroke, Transform::identity(), mask);
    }

    /// Draws a line of text whose baseline starts at `origin` (canvas coordinates), turned by `angle` degrees.
    /// Glyphs are filled with exact coverage: at text size the outlines are as thin as the pixels.
    pub fn draw_line_of_text(&mut self, line: &Line, origin: [f64; 2], angle: f64, color: Color) {
        let (sin, cos) = angle.to_radians().sin_cos();
        for placed in &line.glyphs {
            // FreeType places a glyph on a grid of 1/64 pixel.
            let x = ((origin[0] + placed.x * cos - placed.y * sin) * 64.0).round() / 64.0;
            let y = ((origin[1] - placed.x * sin - placed.y * cos) * 64.0).round() / 64.0;
            let turn = |p: [f32; 2]| {
                let (px, py) = (f64::from(p[0]), f64::from(p[1]));
                [x + px * cos - py * sin, y - (px * sin + py * cos)]
            };
            self.draw_outline(&placed.glyph.outline, turn, color);
        }
        for rule in &line.rules {
            let corner = |x: f64, y: f64| [origin[0] + x * cos - y * sin, origin[1] - (x * sin + y * cos)];
            let mut points = [[rule.x0, rule.y0], [rule.x1, rule.y0], [rule.x1, rule.y1], [rule.x0, rule.y1]]
                .map(|[x, y]| corner(x, y));
            if angle == 0.0 {
                // A bar is at least a whole pixel thick and lies on whole pixels.
                let thick = (rule.height().round()).max(1.0);
                let top = points[2][1].round();
                let (left, right) = (points[0][0].round(), points[1][0].round());
                points = [[left, top + thick], [right, top + thick], [right, top], [left, top]];
            }
            let [r, g, b, _] = color.to_bytes();
            let fill = BackendColor { alpha: f64::from(color.a), rgb: (r, g, b) };
            self.fill_exactly(&points.map(virtual_point), fill);
        }
    }

    /// The corners of a straight stroke.
    fn bar(&self, a: BackendCoord, b: BackendCoord, width: u32) -> [BackendCoord; 4] {
        let half = f64::from(width) / 2.0;
        let d = [f64::from(b.0 - a.0), f64::from(b.1 - a.1)];
        let length = d[0].hypot(d[1]).max(1.0);
        let along = [d[0] / length * half, d[1] / length * half];
        let cap = if self.pen.projecting { along } else { [0.0, 0.0] };
        let corner = |p: BackendCoord, end: f64, side: f64| {
            let x = f64::from(p.0) + end * cap[0] - side * along[1];
            let y = f64::from(p.1) + end * cap[1] + side * along[0];
            (x.round() as i32, y.round() as i32)
        };
        [corner(a, -1.0, -1.0), corner(b, 1.0, -1.0), corner(b, 1.0, 1.0), corner(a, -1.0, 1.0)]
    }

    fn draw_outline(&mut self, outline: &[Segment], place: impl Fn([f32; 2]) -> [f64; 2], color: Color) {
        let mut bounds = Bbox::EMPTY;
        let mut add = |p: [f32; 2]| bounds = bounds.union(Bbox::around([place(p)]));
        for segment in outline {
            match *segment {
                Segment::Move(p) | Segment::Line(p) => add(p),
                Segment::Quad(c, p) => [c, p].into_iter().for_each(&mut add),
                Segment::Cubic(c, d, p) => [c, d, p].into_iter().for_each(&mut add),
                Segment::Close => {}
            }
        }
        if bounds.is_empty() {
            return;
        }
        let (mut raster, left, top) = rasterizer(bounds);
        let local = |p: [f32; 2]| {
            let [x, y] = place(p);
            point((x - left) as f32, (y - top) as f32)
        };
        let (mut start, mut at): (Point, Point) = (point(0.0, 0.0), point(0.0, 0.0));
        for segment in outline {
            match *segment {
                Segment::Move(p) => {
                    start = local(p);
                    at = start;
                }
                Segment::Line(p) => {
                    raster.draw_line(at, local(p));
                    at = local(p);
                }
                Segment::Quad(c, p) => {
                    raster.draw_quad(at, local(c), local(p));
                    at = local(p);
                }
                Segment::Cubic(c, d, p) => {
                    raster.draw_cubic(at, local(c), local(d), local(p));
                    at = local(p);
                }
                Segment::Close => raster.draw_line(at, start),
            }
        }
        self.blend_coverage(&raster, left, top, color);
    }

    /// Fills a small polygon with exact coverage, which tiny-skia's 4 by 4 samples per pixel only come near:
    /// a spine 1.11 pixels wide is meant to be a little more than one pixel.
    fn fill_exactly(&mut self, points: &[BackendCoord], color: BackendColor) -> bool {
        let points = points.iter().map(|&(x, y)| [f64::from(x) / SUBPIXEL, f64::from(y) / SUBPIXEL]);
        let bounds = Bbox::around(points.clone());
        let canvas = Bbox::new(0.0, 0.0, f64::from(self.pixmap.width()), f64::from(self.pixmap.height())).padded(4.0);
        if points.len() > EXACT_CORNERS
            || !(canvas.contains([bounds.x0, bounds.y0]) && canvas.contains([bounds.x1, bounds.y1]))
        {
            return false;
        }
        let (mut raster, left, top) = rasterizer(bounds);
        let corners: Vec<Point> = points.map(|[x, y]| point((x - left) as f32, (y - top) as f32)).collect();
        for (i, &corner) in corners.iter().enumerate() {
            raster.draw_line(corner, corners[(i + 1) % corners.len()]);
        }
        let (r, g, b) = color.rgb;
        self.blend_coverage(&raster, left, top, Color::from_bytes(r, g, b).with_alpha(color.alpha as f32));
        true
    }

    /// Fills a polygon's pixels whole or not at all: those whose middle lies inside. Cells that meet leave no seam.
    pub fn fill_cells(&mut self, points: &[[f64; 2]], color: Color) {
        let bounds = Bbox::around(points.iter().copied());
        let [_, t, _, b] = self.clip.unwrap_or([0, 0, self.pixmap.width() as i32, self.pixmap.height() as i32]);
        let (top, bottom) = ((bounds.y0 - 0.5).ceil().max(f64::from(t)), (bounds.y1 - 0.5).ceil().min(f64::from(b)));
        let mut crossings = Vec::new();
        for row in top as i32..bottom as i32 {
            let y = f64::from(row) + 0.5;
            crossings.clear();
            for (i, &[x0, y0]) in points.iter().enumerate() {
                let [x1, y1] = points[(i + 1) % points.len()];
                if (y0 <= y) != (y1 <= y) {
                    crossings.push(x0 + (y - y0) / (y1 - y0) * (x1 - x0));
                }
            }
            crossings.sort_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                let edge = |x: f64| (x - 0.5).ceil().clamp(-1e6, 1e6) as i32;
                for x in edge(pair[0]).max(0)..edge(pair[1]).min(self.pixmap.width() as i32) {
                    self.blend(x, row, color, 1.0);
                }
            }
        }
    }

    /// Covers areas with a hatch whose tiles are `tile` pixels wide.
    pub fn fill_hatch(&mut self, outlines: &[Vec<[f64; 2]>], pattern: &str, color: Color, width: f64, tile: f64) {
        let side = tile.floor().max(1.0) as u32;
        let Some(mut image) = Pixmap::new(side, side) else { return };
        let [r, g, b, _] = color.to_bytes();
        let ink = paint(BackendColor { alpha: f64::from(color.a), rgb: (r, g, b) });
        let stroke = Stroke { width: width as f32, line_cap: LineCap::Square, ..Stroke::default() };
        for path in hatch::tile(pattern) {
            let points = path.points.iter().map(|p| virtual_point(p.map(|v| v * f64::from(side))));
            let Some(shape) = path_of(points, false) else { continue };
            if path.filled {
                image.fill_path(&shape, &ink, FillRule::Winding, Transform::identity(), None);
            }
            image.stroke_path(&shape, &ink, &stroke, Transform::identity(), None);
        }
        let quality = FilterQuality::Nearest;
        let tiles = Paint {
            shader: Pattern::new(image.as_ref(), SpreadMode::Repeat, quality, 1.0, Transform::identity()),
            ..Paint::default()
        };
        for outline in outlines.iter().filter(|o| o.iter().flatten().all(|v| v.is_finite())) {
            let points = outline.iter().map(|p| virtual_point(p.map(|v| v.clamp(-1e5, 1e5))));
            let Some(shape) = path_of(points, true) else { continue };
            let masked = self.prepare_mask(shape.bounds(), 0.0);
            let mask = self.mask.as_ref().filter(|_| masked).map(|(_, m)| m);
            self.pixmap.fill_path(&shape, &tiles, FillRule::Winding, Transform::identity(), mask);
        }
    }

    /// Fills a box of whole pixels with an opaque colour; the fast way for bars and backgrounds.
    fn fill_box(&mut self, points: &[BackendCoord], color: BackendColor) -> bool {
        let &[a, b, c, d] = points else { return false };
        let upright = (a.0 == d.0 && b.0 == c.0 && a.1 == b.1 && c.1 == d.1)
            || (a.0 == b.0 && c.0 == d.0 && a.1 == d.1 && b.1 == c.1);
        let whole = [a.0, a.1, c.0, c.1].iter().all(|v| v % SUBPIXEL as i32 == 0);
        if !upright || !whole || color.alpha < 1.0 {
            return false;
        }
        let [l, t, r, bottom] = self.clip.unwrap_or([0, 0, self.pixmap.width() as i32, self.pixmap.height() as i32]);
        let pixel = |v: i32| v / SUBPIXEL as i32;
        let (x0, x1) = (pixel(a.0.min(c.0)).max(l), pixel(a.0.max(c.0)).min(r));
        let (y0, y1) = (pixel(a.1.min(c.1)).max(t), pixel(a.1.max(c.1)).min(bottom));
        let (red, green, blue) = color.rgb;
        let Some(fill) = PremultipliedColorU8::from_rgba(red, green, blue, 255) else { return false };
        let width = self.pixmap.width() as usize;
        for y in y0.max(0)..y1 {
            if x0 < x1 {
                self.pixmap.pixels_mut()[y as usize * width + x0 as usize..y as usize * width + x1 as usize].fill(fill);
            }
        }
        true
    }

    fn blend_coverage(&mut self, raster: &Rasterizer, left: f64, top: f64, color: Color) {
        let (left, top) = (left as i32, top as i32);
        raster.for_each_pixel_2d(|x, y, coverage| {
            // Less than half a grey level is rounding.
            if coverage > 0.002 {
                self.blend(left + x as i32, top + y as i32, color, coverage.min(1.0));
            }
        });
    }

    /// Lays `color` over one pixel with the given coverage.
    pub fn blend(&mut self, x: i32, y: i32, color: Color, coverage: f32) {
        self.blend_spots([0, 0], &[Spot { x, y, coverage }], color);
    }

    /// Lays `color` over the pixels of `spots`, counted from `corner`.
    pub fn blend_spots(&mut self, corner: [i32; 2], spots: &[Spot], color: Color) {
        let width = self.pixmap.width() as i32;
        let [l, t, r, b] = self.clip.unwrap_or([0, 0, width, self.pixmap.height() as i32]);
        let pixels = self.pixmap.pixels_mut();
        for spot in spots {
            let (x, y) = (corner[0] + spot.x, corner[1] + spot.y);
            if x >= l && x < r && y >= t && y < b {
                let pixel = &mut pixels[(y * width + x) as usize];
                *pixel = mixed(*pixel, color, color.a * spot.coverage);
            }
        }
    }
}

/// A pixel and how much of it is covered.
#[derive(Clone, Copy)]
pub(crate) struct Spot {
    pub x: i32,
    pub y: i32,
    pub coverage: f32,
}

/// A pixel under `color` of the opacity `alpha`.
fn mixed(pixel: PremultipliedColorU8, color: Color, alpha: f32) -> PremultipliedColorU8 {
    // Adding a half and cutting off is rounding, which has no instruction of its own on every processor.
    let mix = |over: f32, under: u8| (over * alpha * 255.0 + f32::from(under) * (1.0 - alpha) + 0.5) as u8;
    let a = mix(1.0, pixel.alpha());
    let (r, g, b) = (mix(color.r, pixel.red()), mix(color.g, pixel.green()), mix(color.b, pixel.blue()));
    PremultipliedColorU8::from_rgba(r.min(a), g.min(a), b.min(a), a).unwrap_or(pixel)
}

/// A rasterizer for what lies in `bounds`, and the pixel its corner is at.
fn rasterizer(bounds: Bbox) -> (Rasterizer, f64, f64) {
    let (left, top) = (bounds.x0.floor(), bounds.y0.floor());
    let (width, height) = ((bounds.x1.ceil() - left) as usize + 1, (bounds.y1.ceil() - top) as usize + 1);
    (Rasterizer::new(width, height), left, top)
}

fn paint(color: BackendColor) -> Paint<'static> {
    let mut paint = Paint::default();
    let (r, g, b) = color.rgb;
    paint.set_color_rgba8(r, g, b, (color.alpha * 255.0).round() as u8);
    paint.anti_alias = true;
    paint
}

fn path_of(points: impl IntoIterator<Item = BackendCoord>, close: bool) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for (i, (x, y)) in points.into_iter().enumerate() {
        let (x, y) = ((f64::from(x) / SUBPIXEL) as f32, (f64::from(y) / SUBPIXEL) as f32);
        if i == 0 { builder.move_to(x, y) } else { builder.line_to(x, y) }
    }
    if close {
        builder.close();
    }
    builder.finish()
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Canvas {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.pixmap.width() * SUBPIXEL as u32, self.pixmap.height() * SUBPIXEL as u32)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        let (x, y) = (point.0.div_euclid(SUBPIXEL as i32), point.1.div_euclid(SUBPIXEL as i32));
        let (r, g, b) = color.rgb;
        self.blend(x, y, Color::from_bytes(r, g, b), color.alpha as f32);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, a: BackendCoord, b: BackendCoord, style: &S, fill: bool) -> Drawn {
        let corners = [a, (b.0, a.1), b, (a.0, b.1)];
        if fill {
            return self.fill_polygon(corners, style);
        }
        if let Some(path) = path_of(corners, true) {
            self.stroke_path(&path, style.color(), style.stroke_width());
        }
        Ok(())
    }

    /// Strokes a polyline; it is closed when it ends where it began.
    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let mut points: Vec<BackendCoord> = path.into_iter().collect();
        if let [a, b] = points[..]
            && self.pen.dashes.is_empty()
            && !self.pen.round
            && self.fill_exactly(&self.bar(a, b, style.stroke_width()), style.color())
        {
            return Ok(());
        }
        let close = points.len() > 3 && points.first() == points.last();
        if close {
            points.pop();
        }
        if let Some(path) = path_of(points, close) {
            self.stroke_path(&path, style.color(), style.stroke_width());
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, vert: I, style: &S) -> Drawn {
        let points: Vec<BackendCoord> = vert.into_iter().collect();
        if self.fill_box(&points, style.color()) || self.fill_exactly(&points, style.color()) {
            return Ok(());
        }
        if let Some(path) = path_of(points, true) {
            self.fill_path(&path, style.color());
        }
        Ok(())
    }
}
