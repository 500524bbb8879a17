//! A figure reduced to strokes, fillings, markers, glyphs and pictures in display coordinates (pixels, y upwards),
//! and how those reach the pixels: snapping, clipping, the order from back to front. No axes, no data here.

use std::collections::HashMap;

use plotters_backend::DrawingBackend;

use crate::backend::{Canvas, Pen, Style, virtual_point};
use crate::colors::Color;
use crate::geometry::{Bbox, clip_polyline, simplify};
use crate::marker::{Marker, Shape};
use crate::raster::Raster;
use crate::stamp::{Cutter, Stamp};
use crate::text::Layout;

/// One thing to draw.
pub(crate) enum Item {
    Stroke {
        points: Vec<[f64; 2]>,
        color: Color,
        width: f64,
        pen: Pen,
        clip: Option<Bbox>,
    },
    Fill {
        points: Vec<[f64; 2]>,
        color: Color,
        clip: Option<Bbox>,
    },
    /// A pattern of lines over areas; `tile` is its period in pixels.
    Hatch {
        outlines: Vec<Vec<[f64; 2]>>,
        pattern: String,
        color: Color,
        width: f64,
        tile: f64,
        clip: Option<Bbox>,
    },
    /// The area behind an axes; pictures without a background leave it out.
    Background {
        points: Vec<[f64; 2]>,
        color: Color,
    },
    /// An area that meets others of its kind: its edges are not smooth, so that no seam shows.
    Cell {
        points: Vec<[f64; 2]>,
        color: Color,
        clip: Option<Bbox>,
    },
    /// A short line from a point on a spine; always on whole pixels.
    Tick {
        at: [f64; 2],
        direction: [f64; 2],
        length: f64,
        width: f64,
        color: Color,
    },
    Markers(Markers),
    /// A box with round corners, its sides on whole pixels.
    RoundedBox {
        frame: Bbox,
        radius: f64,
        face: Color,
        edge: Color,
        width: f64,
    },
    Text {
        layout: Layout,
        at: [f64; 2],
        color: Color,
    },
    Image {
        raster: Raster,
        place: Bbox,
        clip: Bbox,
    },
}

/// Markers of one shape; colours and sizes repeat when there are fewer of them than points.
pub(crate) struct Markers {
    pub at: Vec<[f64; 2]>,
    pub marker: Marker,
    pub sizes: Vec<f64>,
    pub faces: Vec<Color>,
    pub edges: Vec<Color>,
    pub edge_width: f64,
    /// Whether each marker goes to the middle of a pixel; matplotlib does so when all look the same.
    pub centred: bool,
    pub clip: Option<Bbox>,
}

/// Everything in a figure, and the box it all lies in.
#[derive(Default)]
pub(crate) struct Scene {
    items: Vec<(usize, f64, Item)>,
    layer: usize,
    boxes: Vec<Bbox>,
    for_layout: bool,
}

impl Scene {
    /// A scene only to be measured by `tight_layout`, which ignores how long titles and labels are.
    pub fn for_layout() -> Scene {
        Scene { for_layout: true, ..Scene::default() }
    }

    /// Starts a new layer, drawn over all earlier ones: each axes is one.
    pub fn next_layer(&mut self) {
        self.layer += 1;
    }

    /// Adds an item; within a layer a larger `zorder` is nearer to the front.
    pub fn add(&mut self, zorder: f64, item: Item) {
        self.items.push((self.layer, zorder, item));
    }

    /// Adds a text and its box.
    pub fn add_text(&mut self, zorder: f64, layout: Layout, at: [f64; 2], color: Color) -> Bbox {
        let bbox = layout.bbox.shifted(at[0], at[1]);
        self.cover(bbox);
        self.add(zorder, Item::Text { layout, at, color });
        bbox
    }

    /// Adds a title or an axis' label; `layout` runs along x or, when `upright`, along y.
    pub fn add_caption(&mut self, zorder: f64, layout: Layout, at: [f64; 2], color: Color, upright: bool) {
        let mut bbox = layout.bbox.shifted(at[0], at[1]);
        let middle = bbox.at(0.5, 0.5);
        if self.for_layout && upright {
            (bbox.y0, bbox.y1) = (middle[1], middle[1]);
        } else if self.for_layout {
            (bbox.x0, bbox.x1) = (middle[0], middle[0]);
        }
        self.cover(bbox);
        self.add(zorder, Item::Text { layout, at, color });
    }

    /// Counts a box into the figure's tight bounding box.
    pub fn cover(&mut self, bbox: Bbox) {
        if bbox.width() > 0.0 || bbox.height() > 0.0 {
            self.boxes.push(bbox);
        }
    }

    /// The tight bounding box.
    pub fn extent(&self) -> Bbox {
        self.boxes.iter().copied().fold(Bbox::EMPTY, Bbox::union)
    }

    /// Leaves out the areas behind axes.
    pub fn drop_backgrounds(&mut self) {
        self.items.retain(|(_, _, item)| !matches!(item, Item::Background { .. }));
    }

    /// The items from back to front.
    pub fn into_items(mut self) -> impl Iterator<Item = Item> {
        self.items.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        self.items.into_iter().map(|(_, _, item)| item)
    }

    /// Draws the part of the display inside `window` on a new canvas.
    pub fn paint(self, window: Bbox, background: Color) -> Canvas {
        let (width, height) = (window.width() as u32, window.height() as u32);
        let mut painter = Painter { canvas: Canvas::new(width, height, background), window };
        for item in self.into_items() {
            painter.item(&item);
        }
        painter.canvas
    }
}

struct Painter {
    canvas: Canvas,
    window: Bbox,
}

impl Painter {
    /// Display to canvas coordinates.
    fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [x - self.window.x0, f64::from(self.canvas.pixmap.height()) - (y - self.window.y0)]
    }

    fn clip(&mut self, clip: Option<Bbox>) {
        let pixels = clip.map(|b| {
            let ([l, bottom], [r, top]) = (self.place([b.x0, b.y0]), self.place([b.x1, b.y1]));
            [l, top, r, bottom].map(|v| (v + 0.5).floor() as i32)
        });
        self.canvas.set_clip(pixels);
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Stroke { points, color, width, pen, clip } => {
                self.clip(*clip);
                self.stroke(points, *color, *width, pen);
            }
            Item::Fill { points, color, clip } => {
                self.clip(*clip);
                let mut points: Vec<[f64; 2]> = points.iter().map(|&p| self.place(p)).collect();
                snap(&mut points, 0.0);
                self.fill(&points, *color);
            }
            Item::Hatch { outlines, pattern, color, width, tile, clip } => {
                self.clip(*clip);
                let place = |outline: &Vec<[f64; 2]>| {
                    let mut points: Vec<[f64; 2]> = outline.iter().map(|&p| self.place(p)).collect();
                    snap(&mut points, 0.0);
                    points
                };
                let outlines: Vec<Vec<[f64; 2]>> = outlines.iter().map(place).collect();
                self.canvas.fill_hatch(&outlines, pattern, *color, *width, *tile);
            }
            Item::Background { points, color } => {
                self.clip(None);
                let mut points: Vec<[f64; 2]> = points.iter().map(|&p| self.place(p)).collect();
                snap(&mut points, 0.0);
                self.fill(&points, *color);
            }
            Item::Cell { points, color, clip } => {
                self.clip(*clip);
                let points: Vec<[f64; 2]> = points.iter().map(|&p| self.place(p)).collect();
                if color.a > 0.0 && points.iter().flatten().all(|v| v.is_finite()) {
                    self.canvas.fill_cells(&points, *color);
                }
            }
            Item::Tick { at, direction, length, width, color } => {
                self.clip(None);
                let [x, y] = self.place(*at).map(|v| (v + 0.5).floor() + 0.5);
                let length = (length + 0.5).floor();
                let end = [x + direction[0] * length, y - direction[1] * length];
                self.canvas.pen = Pen::default();
                self.path(&[[x, y], end], *color, *width);
            }
            Item::Markers(markers) => {
                self.clip(markers.clip);
                self.markers(markers);
            }
            Item::RoundedBox { frame, radius, face, edge, width } => {
                self.clip(None);
                let mut corners = [self.place([frame.x0, frame.y1]), self.place([frame.x1, frame.y0])];
                snap_to_pixels(&mut corners, *width);
                let [[x0, y0], [x1, y1]] = corners;
                let outline = Bbox::new(x0, y0, x1, y1).rounded(*radius);
                self.fill(&outline, *face);
                self.canvas.pen = Pen { miter: true, ..Pen::default() };
                self.path(&outline, *edge, *width);
            }
            Item::Text { layout, at, color } => {
                self.clip(None);
                for line in &layout.lines {
                    let origin = self.place([at[0] + line.origin[0], at[1] + line.origin[1]]);
                    self.canvas.draw_line_of_text(line, origin, layout.angle, *color);
                }
            }
            Item::Image { raster, place, clip } => {
                self.clip(Some(*clip));
                let ([l, bottom], [r, top]) = (self.place([place.x0, place.y0]), self.place([place.x1, place.y1]));
                raster.draw(&mut self.canvas, [l, top, r, bottom]);
            }
        }
    }

    fn stroke(&mut self, points: &[[f64; 2]], color: Color, width: f64, pen: &Pen) {
        let points: Vec<[f64; 2]> = points.iter().map(|&p| self.place(p)).collect();
        let (w, h) = (f64::from(self.canvas.pixmap.width()), f64::from(self.canvas.pixmap.height()));
        self.canvas.pen.clone_from(pen);
        for mut piece in clip_polyline(&points, Bbox::new(-1.0, -1.0, w + 1.0, h + 1.0).padded(width)) {
            if !pen.free {
                snap(&mut piece, width);
            }
            self.path(&simplify(piece), color, width);
        }
    }

    /// Markers of one size at the same place within a pixel look the same: each is drawn once and then stamped.
    fn markers(&mut self, m: &Markers) {
        let shape = m.marker.shape();
        let mut stamps: HashMap<(u64, [i32; 2]), Stamp> = HashMap::new();
        for (i, &at) in m.at.iter().enumerate() {
            if !at.iter().all(|v| v.is_finite()) {
                continue;
            }
            let size = m.sizes[i % m.sizes.len()];
            let (corner, within) = if m.centred || shape.rectilinear() {
                let half = if shape.snap { 0 } else { STEPS / 2 };
                (self.place(at).map(|v| (v + 0.5).floor() as i32), [half; 2])
            } else {
                let steps = self.place(at).map(|v| (v * f64::from(STEPS)).round() as i32);
                (steps.map(|v| v.div_euclid(STEPS)), steps.map(|v| v.rem_euclid(STEPS)))
            };
            let stamp = stamps
                .entry((size.to_bits(), within))
                .or_insert_with(|| marker_stamp(&shape, size, m.edge_width, within, m.centred));
            stamp.draw(&mut self.canvas, corner, m.faces[i % m.faces.len()], m.edges[i % m.edges.len()]);
        }
    }

    fn path(&mut self, points: &[[f64; 2]], color: Color, width: f64) {
        if width > 0.0 && color.a > 0.0 {
            // The canvas' error type has no values.
            let _ = self.canvas.draw_path(points.iter().map(|&p| virtual_point(p)), &Style::stroke(color, width));
        }
    }

    fn fill(&mut self, points: &[[f64; 2]], color: Color) {
        if color.a > 0.0 {
            let limit = |v: f64| v.clamp(-1e5, 1e5);
            let points = points.iter().map(|p| virtual_point(p.map(limit)));
            let _ = self.canvas.fill_polygon(points, &Style::fill(color));
        }
    }
}

/// Places within a pixel at which a marker is drawn, along x and y.
const STEPS: i32 = 8;

fn marker_stamp(shape: &Shape, size: f64, edge_width: f64, within: [i32; 2], centred: bool) -> Stamp {
    let pen = Pen { miter: shape.miter, ..Pen::default() };
    let mut stamp = Cutter::new(size + 2.0 * edge_width, pen);
    let [dx, dy] = within.map(|v| f64::from(v) / f64::from(STEPS));
    for outline in &shape.outlines {
        let mut points: Vec<[f64; 2]> = outline.iter().map(|p| [p[0] * size + dx, -p[1] * size + dy]).collect();
        if shape.snap && (centred || shape.rectilinear()) {
            snap_to_pixels(&mut points, edge_width);
        }
        if shape.filled {
            stamp.fill(&points);
            points.push(points[0]);
        }
        stamp.stroke(&points, edge_width);
    }
    stamp.finish()
}

/// Moves a path made only of horizontal and vertical segments to whole pixels, as matplotlib's `path.snap`.
fn snap(points: &mut [[f64; 2]], width: f64) {
    let upright = |w: &[[f64; 2]]| (w[0][0] - w[1][0]).abs() < 1e-4 || (w[0][1] - w[1][1]).abs() < 1e-4;
    if points.len() <= 1024 && points.windows(2).all(upright) {
        snap_to_pixels(points, width);
    }
}

/// A stroke an odd number of pixels wide goes to pixels' centres, an even one to their edges.
fn snap_to_pixels(points: &mut [[f64; 2]], width: f64) {
    let odd = width.round() as i64 % 2 == 1;
    let shift = if odd { 0.5 } else { 0.0 };
    points.iter_mut().for_each(|p| *p = p.map(|v| (v + 0.5).floor() + shift));
}
