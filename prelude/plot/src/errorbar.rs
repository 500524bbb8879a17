//! Points with error bars: what is kept of them, and how they are drawn. `matplotlib.axes.Axes.errorbar`.

use crate::artist::{Artist, LineData};
use crate::backend::Pen;
use crate::colors::Color;
use crate::draw::Painter;
use crate::marker::Marker;
use crate::scene::{Item, Markers, Scene};

/// How far the bars reach below and above each value.
pub(crate) type Deviations = (Vec<f64>, Vec<f64>);

#[derive(Clone, Debug)]
pub(crate) struct ErrorbarData {
    pub line: LineData,
    pub x_errors: Option<Deviations>,
    pub y_errors: Option<Deviations>,
    /// The bars' colour and width in points, the line's when not set.
    pub color: Option<Color>,
    pub width: Option<f64>,
    /// Half the caps' length and their thickness in points.
    pub capsize: f64,
    pub capthick: f64,
    /// They belong to the bars drawn before them.
    pub of_bars: bool,
}

/// The range of a value under its errors.
fn range(v: f64, errors: Option<&Deviations>, i: usize) -> [f64; 2] {
    let Some((below, above)) = errors else { return [v, v] };
    let at = |e: &[f64]| e.get(i).copied().unwrap_or(f64::NAN);
    [v - at(below), v + at(above)]
}

impl ErrorbarData {
    /// The ranges along x and y that each point covers.
    pub fn ranges(&self) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
        let points = self.line.x.iter().zip(&self.line.y).enumerate();
        points.map(|(i, (&x, &y))| (range(x, self.x_errors.as_ref(), i), range(y, self.y_errors.as_ref(), i)))
    }
}

/// Draws bars, caps, and the line over them.
pub(crate) fn draw(painter: &Painter, scene: &mut Scene, artist: &Artist, data: &ErrorbarData) {
    let color = artist.faded(data.color.unwrap_or(data.line.color));
    let width = painter.px(data.width.unwrap_or(data.line.width));
    let zorder = artist.zorder();
    let clip = Some(painter.view.bbox);
    let mut caps: [Vec<[f64; 2]>; 2] = [Vec::new(), Vec::new()];
    for (i, (xs, ys)) in data.ranges().enumerate() {
        let (x, y) = (data.line.x[i], data.line.y[i]);
        let bars = [
            (data.x_errors.is_some(), [[xs[0], y], [xs[1], y]], 0),
            (data.y_errors.is_some(), [[x, ys[0]], [x, ys[1]]], 1),
        ];
        for (_, bar, direction) in bars.into_iter().filter(|(shown, ..)| *shown) {
            let points: Vec<[f64; 2]> = bar.iter().map(|&p| painter.view.at(p)).collect();
            caps[direction].extend(&points);
            scene.add(zorder, Item::Stroke { points, color, width, pen: Pen::default(), clip });
        }
    }
    for (at, marker) in caps.into_iter().zip(['|', '_']) {
        if data.capsize > 0.0 && !at.is_empty() {
            scene.add(zorder, Item::Markers(cap_markers(painter, data, at, marker, color)));
        }
    }
    painter.line(scene, artist, &data.line, zorder + 0.1);
}

fn cap_markers(painter: &Painter, data: &ErrorbarData, at: Vec<[f64; 2]>, marker: char, color: Color) -> Markers {
    Markers {
        at,
        marker: Marker(marker),
        sizes: vec![painter.px(2.0 * data.capsize)],
        faces: vec![color],
        edges: vec![color],
        edge_width: painter.px(data.capthick),
        centred: true,
        clip: Some(painter.view.bbox),
    }
}
