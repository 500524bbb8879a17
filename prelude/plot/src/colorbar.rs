//! The inside of a colour bar: the scale's colours, its ticks and frame. `matplotlib.colorbar`.

use crate::artist::{Artist, Kind};
use crate::axis::{AxisDrawing, Side};
use crate::backend::Pen;
use crate::colors::Color;
use crate::draw::Painter;
use crate::geometry::Bbox;
use crate::limits::View;
use crate::raster::Raster;
use crate::scale::Scale;
use crate::scene::{Item, Scene};

/// Draws the colour bar of an artist in the painter's axes.
pub(crate) fn draw(painter: &Painter, scene: &mut Scene, of: &Artist, horizontal: bool) {
    let Some((mapping, _)) = of.kind.mapped() else { return };
    let extend = match &of.kind {
        Kind::Contour(contour) if contour.extend != [false; 2] => contour.extend,
        _ => painter.axes.extend,
    };
    let b = inside(painter.view.bbox, extend, horizontal);
    let painter = &Painter { axes: painter.axes, view: View { bbox: b, ..painter.view }, dpi: painter.dpi };
    let mut axis = if horizontal { painter.axes.x.clone() } else { painter.axes.y.clone() };
    match &of.kind {
        Kind::Contour(contour) => {
            let colors: Vec<Color> = contour.level_colors().into_iter().map(|c| of.faded(c)).collect();
            if axis.ticks.is_none() {
                axis.ticks = Some(thinned(&contour.levels));
            }
            let at = |level: f64| painter.view.at([level, level]);
            if contour.filled {
                ends(painter, scene, extend, horizontal, [colors[0], colors[colors.len() - 1]]);
                let own = colors.into_iter().skip(usize::from(contour.extend[0]));
                for (k, (w, color)) in contour.levels.windows(2).zip(own).enumerate() {
                    let (a, z) = (at(w[0]), at(w[1]));
                    let part =
                        if horizontal { Bbox { x0: a[0], x1: z[0], ..b } } else { Bbox { y0: a[1], y1: z[1], ..b } };
                    let points = vec![[part.x0, part.y0], [part.x1, part.y0], [part.x1, part.y1], [part.x0, part.y1]];
                    scene.add(0.0, Item::Cell { points: points.clone(), color, clip: Some(b) });
                    let pattern = contour.hatches.iter().cycle().nth(k + usize::from(contour.extend[0]));
                    if let Some(pattern) = pattern.filter(|p| !p.is_empty()) {
                        let of = Artist { zorder: Some(0.0), ..of.clone() };
                        painter.hatch(scene, &of, vec![points], pattern, None);
                    }
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
            ends(painter, scene, extend, horizontal, [colors[0], colors[colors.len() - 1]]);
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
    if extend == [false; 2] {
        painter.spines(scene);
        return;
    }
    let [low, high] = corners(b, extend, horizontal);
    let points = low.into_iter().chain(high).collect::<Vec<_>>();
    let points = points.iter().copied().chain([points[0]]).collect();
    let pen = Pen { miter: true, ..Pen::default() };
    let (color, width) = (painter.axes.spines[0].color, painter.px(painter.axes.spines[0].width));
    scene.add(2.5, Item::Stroke { points, color, width, pen, clip: None });
}

/// How long a pointed end is, in parts of the bar between them.
const END: f64 = 0.05;

/// The bar without its pointed ends.
fn inside(b: Bbox, extend: [bool; 2], horizontal: bool) -> Bbox {
    let [low, high] = extend.map(|on| if on { END } else { 0.0 });
    let unit = 1.0 / (1.0 + low + high);
    let ([x0, y0], [x1, y1]) = (b.at(low * unit, low * unit), b.at(1.0 - high * unit, 1.0 - high * unit));
    if horizontal { Bbox { x0, x1, ..b } } else { Bbox { y0, y1, ..b } }
}

/// The outlines of the two ends of a bar, each from one side to the other.
fn corners(b: Bbox, extend: [bool; 2], horizontal: bool) -> [Vec<[f64; 2]>; 2] {
    let at = |along: f64, across: f64| if horizontal { b.at(along, across) } else { b.at(across, along) };
    let end = |edge: f64, point: f64, on: bool, sides: [f64; 2]| {
        let tip = on.then(|| at(point, 0.5));
        std::iter::once(at(edge, sides[0])).chain(tip).chain([at(edge, sides[1])]).collect()
    };
    [end(0.0, -END, extend[0], [1.0, 0.0]), end(1.0, 1.0 + END, extend[1], [0.0, 1.0])]
}

/// Fills the pointed ends.
fn ends(painter: &Painter, scene: &mut Scene, extend: [bool; 2], horizontal: bool, colors: [Color; 2]) {
    let outlines = corners(painter.view.bbox, extend, horizontal);
    for ((points, color), _) in outlines.into_iter().zip(colors).zip(extend).filter(|(_, on)| *on) {
        scene.cover(Bbox::around(points.iter().copied()));
        scene.add(0.0, Item::Fill { points, color, clip: None });
    }
}

/// At most about ten of the levels, zero among them if it is one.
fn thinned(levels: &[f64]) -> Vec<f64> {
    let step = levels.len().div_ceil(11).max(1);
    let start = levels.iter().position(|&v| v == 0.0).unwrap_or(0) % step;
    levels.iter().copied().skip(start).step_by(step).collect()
}
