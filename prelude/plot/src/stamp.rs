//! A small shape drawn once and put on the canvas many times, in any colours: markers.

use plotters_backend::DrawingBackend;

use crate::backend::{Canvas, Pen, Style, virtual_point};
use crate::colors::Color;

/// The coverage of a shape's filling and of its outline around a pixel's corner.
pub(crate) struct Stamp {
    reach: i32,
    face: Canvas,
    edge: Canvas,
}

impl Stamp {
    /// An empty stamp for shapes of at most `size` pixels, outlined with `pen`.
    pub fn new(size: f64, pen: Pen) -> Stamp {
        // A pointed corner may stick out.
        let reach = (size * 0.75).ceil().clamp(1.0, 2000.0) as i32 + 2;
        let side = 2 * reach as u32 + 1;
        let canvas = || Canvas::new(side, side, Color::BLACK);
        let mut edge = canvas();
        edge.pen = pen;
        Stamp { reach, face: canvas(), edge }
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

    /// Puts the shape on the canvas with its origin at a pixel's corner.
    pub fn draw(&self, canvas: &mut Canvas, [x, y]: [i32; 2], face: Color, edge: Color) {
        let side = self.face.pixmap.width() as i32;
        for (layer, color) in [(&self.face, face), (&self.edge, edge)] {
            if color.a == 0.0 {
                continue;
            }
            for (i, pixel) in (0..).zip(layer.pixmap.pixels()) {
                if pixel.red() > 0 {
                    let coverage = f32::from(pixel.red()) / 255.0;
                    canvas.blend(x - self.reach + i % side, y - self.reach + i / side, color, coverage);
                }
            }
        }
    }
}
