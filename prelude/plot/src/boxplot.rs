//! Box plots: quartiles, whiskers, outliers, and how they are drawn. `matplotlib.axes.Axes.boxplot`.

use crate::artist::Artist;
use crate::backend::Pen;
use crate::colors::{self, Color};
use crate::draw::Painter;
use crate::marker::Marker;
use crate::scene::{Item, Markers, Scene};

#[derive(Clone, Debug)]
pub(crate) struct BoxplotData {
    pub groups: Vec<Vec<f64>>,
    pub positions: Vec<f64>,
    pub width: Option<f64>,
    pub vertical: bool,
    /// How many times the box's height the whiskers may reach.
    pub whis: f64,
    pub showfliers: bool,
    pub showmeans: bool,
    /// The boxes' colours when they are filled; they repeat when there are fewer of them.
    pub faces: Vec<Color>,
    pub ink: Color,
    pub median: Option<Color>,
    /// Boxes are narrow about the median, as far as it is uncertain.
    pub notch: bool,
    /// The marker of outliers, and the colour that fills it.
    pub flier: (Marker, Option<Color>),
}

/// What a box shows of its numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stats {
    pub q1: f64,
    pub median: f64,
    pub q3: f64,
    pub low: f64,
    pub high: f64,
    pub mean: f64,
    pub fliers: Vec<f64>,
    pub count: usize,
}

/// The value below which a part `p` of the sorted numbers lies, interpolated as NumPy's `percentile`.
pub(crate) fn percentile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let (k, part) = (at.floor() as usize, at.fract());
    let next = sorted[(k + 1).min(sorted.len() - 1)];
    sorted[k] + part * (next - sorted[k])
}

impl Stats {
    /// The statistics of the numbers; none of no numbers.
    pub fn of(values: &[f64], whis: f64) -> Option<Stats> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        if sorted.is_empty() {
            return None;
        }
        let [q1, median, q3] = [0.25, 0.5, 0.75].map(|p| percentile(&sorted, p));
        let reach = whis * (q3 - q1);
        let high = sorted.iter().copied().rfind(|&v| v <= q3 + reach).filter(|&v| v >= q3).unwrap_or(q3);
        let low = sorted.iter().copied().find(|&v| v >= q1 - reach).filter(|&v| v <= q1).unwrap_or(q1);
        let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
        let count = sorted.len();
        let fliers = sorted.into_iter().filter(|&v| v < low || v > high).collect();
        Some(Stats { q1, median, q3, low, high, mean, fliers, count })
    }
}

impl BoxplotData {
    fn stats(&self) -> impl Iterator<Item = (f64, Stats)> + '_ {
        let all = self.positions.iter().zip(&self.groups);
        all.filter_map(|(&at, group)| Some((at, Stats::of(group, self.whis)?)))
    }

    /// The boxes' width in data: between 0.15 and 0.5 when not set.
    fn box_width(&self) -> f64 {
        let (low, high) = self.span();
        self.width.unwrap_or((0.15 * (high - low)).clamp(0.15, 0.5))
    }

    fn span(&self) -> (f64, f64) {
        self.positions.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &p| (a.min(p), b.max(p)))
    }

    /// The data's range across and along the boxes.
    pub fn range(&self) -> [(f64, f64); 2] {
        let (low, high) = self.span();
        let values = self.stats().flat_map(|(_, s)| {
            let fliers = if self.showfliers { s.fliers } else { Vec::new() };
            fliers.into_iter().chain([s.low, s.high])
        });
        let along = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        [(low - 0.5, high + 0.5), along]
    }
}

/// Draws all boxes.
pub(crate) fn draw(painter: &Painter, scene: &mut Scene, artist: &Artist, data: &BoxplotData) {
    let place =
        |across: f64, along: f64| painter.view.at(if data.vertical { [across, along] } else { [along, across] });
    let (zorder, clip, width) = (artist.zorder(), Some(painter.view.bbox), painter.px(1.0));
    let mut stroke = |points: Vec<[f64; 2]>, color: Color, zorder: f64| {
        let pen = Pen { projecting: true, ..Pen::default() };
        scene.add(zorder, Item::Stroke { points, color: artist.faded(color), width, pen, clip });
    };
    let half = data.box_width() / 2.0;
    let mut fills = Vec::new();
    let mut dots: Vec<(Vec<[f64; 2]>, Marker, Option<Color>, Color)> = Vec::new();
    for (k, (at, s)) in data.stats().enumerate() {
        let (a, b) = (at - half, at + half);
        let (c, d) = (at - half / 2.0, at + half / 2.0);
        // The notch is where the median would be in 19 of 20 samples.
        let spread = 1.57 * (s.q3 - s.q1) / (s.count as f64).sqrt();
        let (low, high) = (s.median - spread, s.median + spread);
        let outline = if data.notch {
            let right = [(a, s.q1), (b, s.q1), (b, low), (d, s.median), (b, high), (b, s.q3)];
            right.into_iter().chain([(a, s.q3), (a, high), (c, s.median), (a, low), (a, s.q1)]).collect()
        } else {
            vec![(a, s.q1), (b, s.q1), (b, s.q3), (a, s.q3), (a, s.q1)]
        };
        let corners: Vec<[f64; 2]> = outline.into_iter().map(|(x, y)| place(x, y)).collect();
        if !data.faces.is_empty() {
            fills.push((corners.clone(), artist.faded(data.faces[k % data.faces.len()])));
        }
        stroke(corners, data.ink, zorder);
        for (from, to) in [(s.q1, s.low), (s.q3, s.high)] {
            stroke(vec![place(at, from), place(at, to)], data.ink, zorder);
            stroke(vec![place(at - half / 2.0, to), place(at + half / 2.0, to)], data.ink, zorder);
        }
        let ends = if data.notch { (c, d) } else { (a, b) };
        let median = data.median.unwrap_or(colors::cycle(1));
        stroke(vec![place(ends.0, s.median), place(ends.1, s.median)], median, zorder + 0.1);
        if data.showmeans {
            let green = colors::cycle(2);
            dots.push((vec![place(at, s.mean)], Marker('^'), Some(green), green));
        }
        if data.showfliers {
            let (marker, color) = data.flier;
            let at = s.fliers.iter().map(|&v| place(at, v)).collect();
            dots.push((at, marker, color, color.unwrap_or(data.ink)));
        }
    }
    for (points, color) in fills {
        scene.add(zorder - 1e-3, Item::Fill { points, color, clip });
    }
    for (at, marker, face, edge) in dots {
        let none = Color::WHITE.with_alpha(0.0);
        scene.add(
            zorder + 0.2,
            Item::Markers(Markers {
                at,
                marker,
                sizes: vec![painter.px(6.0)],
                faces: vec![face.map_or(none, |c| artist.faded(c))],
                edges: vec![artist.faded(edge)],
                edge_width: width,
                centred: true,
                clip,
            }),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers are those of `matplotlib.cbook.boxplot_stats([1, 2, 3, 4, 5, 20])`.
    #[test]
    fn statistics() {
        let s = Stats::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 20.0], 1.5).unwrap();
        assert_eq!((s.q1, s.median, s.q3), (2.25, 3.5, 4.75));
        assert_eq!((s.low, s.high, s.fliers), (1.0, 5.0, vec![20.0]));
        assert_eq!(Stats::of(&[f64::NAN], 1.5), None);
    }
}
