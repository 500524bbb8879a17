//! The inside of a colour bar: the scale's colours, its ticks and frame. `matplotlib.colorbar`.

use crate::artist::{Artist, Kind};
use crate::axis::{AxisDrawing, Side};
use crate::backend::Pen;
use crate::colors::Color;
use crate::draw::Painter;
use crate::geometry::Bbox;
use crate::raster::Raster;
use crate::scale::Scale;
use crate::scene::{Item, Scene};

/// Draws the colour bar of an artist in the painter's axes.
pub(crate) fn draw(painter: &Painter, scene: &mut Scene, of: &Artist, horizontal: bool) {
    let Some((mapping, _)) = of.kind.mapped() else { return };
    let b = painter.view.bbox;
    let mut axis = if horizontal { painter.axes.x.clone() } else { painter.axes.y.clone() };
    match &of.kind {
        Kind::Contour(contour) => {
            let colors: Vec<Color> = contour.level_colors().into_iter().map(|c| of.faded(c)).collect();
            if axis.ticks.is_none() {
                axis.ticks = Some(thinned(&contour.levels));
            }
            let at = |level: f64| painter.view.at([level, level]);
            if contour.filled {
                for (w, color) in contour.levels.windows(2).zip(colors) {
                    let (a, z) = (at(w[0]), at(w[1]));
                    let part =
                        if horizontal { Bbox { x0: a[0], x1: z[0], ..b } } else { Bbox { y0: a[1], y1: z[1], ..b } };
                    let points = vec![[part.x0, part.y0], [part.x1, part.y0], [part.x1, part.y1], [part.x0, part.y1]];
                    scene.add(0.0, Item::Cell { points, color, clip: Some(b) });
                }
            } else {
                let width = painter.px(contour.width);
                for (&level, color) in contour.levels.iter().zip(colors) {
                    let p = at(level);
                    let points =
                        if horizontal { vec![[p[0], b.y0], [p[0], b.y1]] } else { vec![[b.x0, p[1]], [b.x1, p[1]]] };
                    scene.add(2.0, Item::Stroke { points, color, width, pen: Pen::default(), clip: Some(b) });
                }
            }
        }
        _ => {
            let mut colors: Vec<Color> = mapping.cmap.colors().iter().map(|&c| of.faded(c)).collect();
            let n = colors.len();
            if !horizontal {
                colors.reverse();
            }
            let (width, height) = if horizontal { (n, 1) } else { (1, n) };
            let raster = Raster::of_colors(width, height, colors);
            scene.add(0.0, Item::Image { raster, place: b, clip: b });
        }
    }
    let mut view = painter.view;
    if mapping.log {
        if horizontal { view.scale.0 = Scale::Log } else { view.scale.1 = Scale::Log }
    }
    let (side, spine) = if horizontal { (Side::Bottom, 2) } else { (Side::Right, 1) };
    let (spine, dpi, zorder) = (painter.axes.spines[spine], painter.dpi, painter.axes.rc.below);
    AxisDrawing { axis: &axis, view: &view, side, dpi, spine, zorder }.draw(scene);
    painter.spines(scene);
}

/// At most about ten of the levels, zero among them if it is one.
fn thinned(levels: &[f64]) -> Vec<f64> {
    let step = levels.len().div_ceil(11).max(1);
    let start = levels.iter().position(|&v| v == 0.0).unwrap_or(0) % step;
    levels.iter().copied().skip(start).step_by(step).collect()
}
