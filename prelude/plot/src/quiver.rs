//! Fields of arrows: `matplotlib.axes.Axes.quiver`. The arrows' shape is matplotlib's, counted in shaft widths.

use crate::artist::{Artist, Mapping};
use crate::colors::Color;
use crate::draw::Painter;
use crate::scene::{Item, Scene};

/// Lengths in shaft widths: the head along its edge and along the axis, its breadth, the shortest shaft and arrow.
const HEAD_LENGTH: f64 = 5.0;
const HEAD_AXIS_LENGTH: f64 = 4.5;
const HEAD_WIDTH: f64 = 3.0;
const LEAST_SHAFT: f64 = 1.0;
const LEAST_LENGTH: f64 = 1.0;

/// Where on the arrow its point of the data lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pivot {
    Tail,
    Middle,
    Tip,
}

#[derive(Clone, Debug)]
pub(crate) struct QuiverData {
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    pub u: Vec<f64>,
    pub v: Vec<f64>,
    pub color: Color,
    pub values: Option<Vec<f64>>,
    pub mapping: Mapping,
    /// Directions are those of the data, not of the screen.
    pub angles_xy: bool,
    /// Lengths count in data units.
    pub units_xy: bool,
    /// Data units for an arrow as long as the axes is wide (or one unit long).
    pub scale: Option<f64>,
    /// The shafts' width in parts of the axes' width.
    pub width: Option<f64>,
    pub pivot: Pivot,
}

/// An arrow of a length in shaft widths that points along x.
fn outline(length: f64) -> Vec<[f64; 2]> {
    if length < LEAST_LENGTH {
        let corner = |k: i32| (f64::from(k) * std::f64::consts::FRAC_PI_3).sin_cos();
        return (0..6).map(corner).map(|(s, c)| [0.5 * LEAST_LENGTH * c, 0.5 * LEAST_LENGTH * s]).collect();
    }
    // A short arrow has a smaller head.
    let least = LEAST_SHAFT * HEAD_LENGTH;
    let (tip, shrink) = if length < least { (least, length / least) } else { (length, 1.0) };
    let half = [[0.0, 0.5], [tip - HEAD_AXIS_LENGTH, 0.5], [tip - HEAD_LENGTH, 0.5 * HEAD_WIDTH], [tip, 0.0]];
    let other = half[..3].iter().rev().map(|p| [p[0], -p[1]]);
    half.into_iter().chain(other).map(|p| p.map(|v| v * shrink)).collect()
}

/// Draws all arrows.
pub(crate) fn draw(painter: &Painter, scene: &mut Scene, artist: &Artist, data: &QuiverData) {
    let n = data.x.len();
    let pixels = painter.view.bbox.width();
    let count = (n as f64).sqrt();
    let width = data.width.unwrap_or(0.06 / count.clamp(8.0, 25.0)) * pixels;
    // The step for directions in data; with units of data whole arrows are measured, whatever the scales.
    let step = if data.units_xy {
        1.0
    } else {
        1e-3 * data.x.iter().chain(&data.y).filter(|v| v.is_finite()).fold(1e-9, |m: f64, v| m.max(v.abs()))
    };
    let arrows: Vec<([f64; 2], [f64; 2], f64)> = (0..n)
        .map(|i| {
            let (from, uv) = (painter.view.at([data.x[i], data.y[i]]), [data.u[i], data.v[i]]);
            let to = painter.view.at([data.x[i] + step * uv[0], data.y[i] + step * uv[1]]);
            let on_screen = [(to[0] - from[0]) / step, (to[1] - from[1]) / step];
            let length = if data.units_xy { on_screen[0].hypot(on_screen[1]) } else { uv[0].hypot(uv[1]) };
            (from, if data.angles_xy { on_screen } else { uv }, length)
        })
        .collect();
    let finite = || arrows.iter().map(|a| a.2).filter(|l| l.is_finite());
    let mean = finite().sum::<f64>() / finite().count().max(1) as f64;
    let automatic = 1.8 * mean * count.max(10.0) / if data.units_xy { pixels } else { 1.0 };
    let scale = data.scale.unwrap_or(automatic);
    let unit = if data.units_xy { 1.0 } else { pixels };
    let colors: Option<Vec<Color>> = data.values.as_ref().map(|values| data.mapping.colors(values).collect());
    for (i, (from, direction, length)) in arrows.into_iter().enumerate() {
        let size = direction[0].hypot(direction[1]);
        let long = length * unit / scale / width;
        if !(long.is_finite() && from.iter().all(|v| v.is_finite())) {
            continue;
        }
        let [cos, sin] = if size > 0.0 { direction.map(|v| v / size) } else { [1.0, 0.0] };
        let shape = outline(long.min(65536.0));
        let back = match data.pivot {
            Pivot::Tail => 0.0,
            Pivot::Middle => long / 2.0,
            Pivot::Tip => long,
        };
        let points = shape
            .iter()
            .map(|p| [(p[0] - back) * width, p[1] * width])
            .map(|p| [from[0] + p[0] * cos - p[1] * sin, from[1] + p[0] * sin + p[1] * cos])
            .collect();
        let color = colors.as_ref().map_or(data.color, |c| c[i % c.len()]);
        scene.add(artist.zorder(), Item::Fill { points, color: artist.faded(color), clip: Some(painter.view.bbox) });
    }
}
