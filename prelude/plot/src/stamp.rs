//! A small shape drawn once and put on the canvas many times, in any colours: markers.

use plotters_backend::DrawingBackend;

use crate::backend::{Canvas, Pen, Spot, Style, virtual_point};
use crate::colors::Color;

/// The pixels that a shape's filling and its outline cover, counted from the marked pixel's corner.
pub(crate) struct Stamp {
    face: Vec<Spot>,
    edge: Vec<Spot>,
}

impl Stamp {
    /// Puts the shape on the canvas with its origin at a pixel's corner.
    pub fn draw(&self, canvas: &mut Canvas, corner: [i32; 2], face: Color, edge: Color) {
        for (spots, color) in [(&self.face, face), (&self.edge, edge)] {
            if color.a > 0.0 {
                canvas.blend_spots(corner, spots, color);
            }
        }
    }
}

/// A stamp that is being cut.
pub(crate) struct Cutter {
    reach: i32,
    face: Canvas,
    edge: Canvas,
}

impl Cutter {
    /// An empty stamp for shapes of at most `size` pixels, outlined with `pen`.
    pub fn new(size: f64, pen: Pen) -> Cutter {
        // A pointed corner may stick out.
        let reach = (size * 0.75).ceil().clamp(1.0, 2000.0) as i32 + 2;
        let side = 2 * reach as u32 + 1;
        let canvas = || Canvas::new(side, side, Color::BLACK);
        let mut edge = canvas();
        edge.pen = pen;
        Cutter { reach, face: canvas(), edge }
    }

    fn points(&self, points: &[[f64; 2]]) -> Vec<(i32, i32)> {
        points.iter().map(|p| virtual_point(p.map(|v| v + f64::from(self.reach)))).collect()
    }

    /// Adds a filled outline; the origin is the corner that goes to the marked pixel's.
    pub fn fill(&mut self, points: &[[f64; 2]]) {
        let points = self.points(points);
        // The canvas' error type has no values.
        let _ = self.face.fill_polygon(points, &Style::fill(Color::WHITE));
    }

    /// Adds a stroke.
    pub fn stroke(&mut self, points: &[[f64; 2]], width: f64) {
        let points = self.points(points);
        let _ = self.edge.draw_path(points, &Style::stroke(Color::WHITE, width));
    }

    /// The stamp.
    pub fn finish(self) -> Stamp {
        let spots = |canvas: &Canvas| {
            let side = canvas.pixmap.width() as i32;
            let spot = |(i, coverage): (i32, u8)| Spot {
                x: i % side - self.reach,
                y: i / side - self.reach,
                coverage: f32::from(coverage) / 255.0,
            };
            let coverages = canvas.pixmap.pixels().iter().map(|pixel| pixel.red());
            (0..).zip(coverages).filter(|(_, coverage)| *coverage > 0).map(spot).collect()
        };
        Stamp { face: spots(&self.face), edge: spots(&self.edge) }
    }
}
