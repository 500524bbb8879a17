//! Contour lines and filled contours of a grid of numbers: levels, marching squares, labels on the lines.
//! `matplotlib.axes.Axes.contour`, `contourf`, `clabel`.

use std::collections::{HashMap, HashSet};

use crate::artist::{Artist, LineStyle, Mapping};
use crate::colors::Color;
use crate::draw::Painter;
use crate::scene::{Item, Scene};
use crate::text::{self, HAlign, Setting, VAlign};
use crate::ticks;

#[derive(Clone, Debug)]
pub(crate) struct ContourData {
    /// Columns and rows of the grid; the places and numbers row by row.
    pub columns: usize,
    pub rows: usize,
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    pub z: Vec<f64>,
    pub levels: Vec<f64>,
    /// The levels were chosen by the numbers.
    pub automatic: bool,
    pub filled: bool,
    pub mapping: Mapping,
    pub colors: Option<Vec<Color>>,
    pub width: f64,
    pub style: Option<LineStyle>,
    /// Whether the areas below the first and above the last level are filled as well.
    pub extend: [bool; 2],
    /// Patterns on the areas, one for each.
    pub hatches: Vec<String>,
    /// Size in points and format of the labels on the lines.
    pub labels: Option<(f64, Option<String>)>,
}

/// The levels without those below (or above) the numbers, whose areas are filled without end.
pub(crate) fn without_ends(mut levels: Vec<f64>, [below, above]: [bool; 2]) -> Vec<f64> {
    if below && levels.len() > 2 {
        levels.remove(0);
    }
    if above && levels.len() > 2 {
        levels.pop();
    }
    levels
}

/// About `n + 1` levels at round numbers between the least and the greatest of the numbers.
pub(crate) fn automatic_levels(z: &[f64], n: usize) -> Vec<f64> {
    let finite = || z.iter().copied().filter(|v| v.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    if low > high {
        return vec![0.0, 1.0];
    }
    let levels = ticks::max_n_ticks(low, high, n + 1, 1, &ticks::STEPS);
    let first = levels.iter().rposition(|&v| v < low).unwrap_or(0);
    let last = levels.iter().position(|&v| v > high).map_or(levels.len(), |k| k + 1);
    if last - first < 3 { levels } else { levels[first..last].to_vec() }
}

/// The two grid points an edge joins.
type Edge = (usize, usize);

/// A line of one level: its points, and whether it ends where it began.
type Curve = (Vec<[f64; 2]>, bool);

impl ContourData {
    /// The levels with those without end.
    pub fn bounds(&self) -> Vec<f64> {
        let [below, above] = self.extend;
        let first = below.then_some(f64::NEG_INFINITY);
        first.into_iter().chain(self.levels.iter().copied()).chain(above.then_some(f64::INFINITY)).collect()
    }

    /// The colour of each level (of each band between bounds, when filled).
    pub fn level_colors(&self) -> Vec<Color> {
        let values: Vec<f64> = if self.filled {
            self.bounds().windows(2).map(|w| (w[0] + w[1]) / 2.0).collect()
        } else {
            self.levels.clone()
        };
        match &self.colors {
            Some(colors) => values.iter().zip(colors.iter().cycle()).map(|(_, c)| *c).collect(),
            None => {
                let range = self.mapping.range(&self.levels);
                values.iter().map(|v| self.mapping.cmap.color(self.mapping.part(*v, range))).collect()
            }
        }
    }

    fn point(&self, k: usize) -> [f64; 2] {
        [self.x[k], self.y[k]]
    }

    /// The point between two grid points where the number is `level`.
    fn between(&self, a: usize, b: usize, level: f64) -> [f64; 2] {
        let t = (level - self.z[a]) / (self.z[b] - self.z[a]);
        let (p, q) = (self.point(a), self.point(b));
        [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]
    }

    /// The corners of the cell whose first one is `k`, counter-clockwise.
    fn corners(&self, k: usize) -> [usize; 4] {
        [k, k + 1, k + self.columns + 1, k + self.columns]
    }

    fn cells(&self) -> impl Iterator<Item = usize> + '_ {
        let rows = 0..self.rows.saturating_sub(1);
        rows.flat_map(move |j| (0..self.columns - 1).map(move |i| j * self.columns + i))
            .filter(move |&k| self.corners(k).iter().all(|&c| self.z[c].is_finite()))
    }

    /// The lines on which the number is `level`; greater numbers lie to their left.
    pub fn lines(&self, level: f64) -> Vec<Curve> {
        // From where a line enters a cell to where it leaves it; a crossing is named by the ends of its edge.
        let mut steps: Vec<(Edge, Edge)> = Vec::new();
        for k in self.cells() {
            let corners = self.corners(k);
            let above = corners.map(|c| self.z[c] > level);
            let edge = |e: usize| {
                let (a, b) = (corners[e % 4], corners[(e + 1) % 4]);
                (a.min(b), a.max(b))
            };
            let enters = (0..4).filter(|&e| above[e] && !above[(e + 1) % 4]);
            // At a saddle the mean of its corners says which two corners hang together.
            let middle = corners.iter().map(|&c| self.z[c]).sum::<f64>() / 4.0 > level;
            let saddle = above[0] == above[2] && above[1] == above[3];
            for e in enters {
                let leaves = match (saddle, middle) {
                    (true, true) => e + 1,
                    (true, false) => e + 3,
                    _ => (e + 1..e + 4).find(|f| !above[f % 4] && above[(f + 1) % 4]).unwrap_or(e),
                };
                steps.push((edge(e), edge(leaves)));
            }
        }
        let mut next: HashMap<Edge, Edge> = steps.iter().copied().collect();
        let inner: HashSet<Edge> = steps.iter().map(|(_, to)| *to).collect();
        let starts = steps.iter().map(|(from, _)| *from);
        let open = starts.clone().filter(|from| !inner.contains(from));
        let mut curves = Vec::new();
        for start in open.chain(starts.clone()) {
            let mut edges = vec![start];
            while let Some(to) = next.remove(&edges[edges.len() - 1]) {
                edges.push(to);
            }
            if edges.len() > 1 {
                let closed = edges.first() == edges.last();
                curves.push((edges.iter().map(|&(a, b)| self.between(a, b, level)).collect(), closed));
            }
        }
        curves
    }

    /// The areas in which the number lies between two levels: runs of whole cells, and parts of cells.
    pub fn band(&self, low: f64, high: f64, first: bool) -> Vec<Vec<[f64; 2]>> {
        let inside = |v: f64| (low < v || (first && low == v)) && v <= high;
        let mut areas = Vec::new();
        let mut run: Option<(usize, usize)> = None;
        for k in self.cells() {
            let corners = self.corners(k);
            if corners.iter().all(|&c| inside(self.z[c])) {
                match &mut run {
                    Some((_, last)) if *last + 1 == k => *last = k,
                    _ => {
                        areas.extend(run.replace((k, k)).map(|r| self.run(r)));
                    }
                }
                continue;
            }
            let z = corners.map(|c| self.z[c]);
            if z.iter().all(|v| *v <= low) && !z.iter().any(|v| inside(*v)) || z.iter().all(|v| *v > high) {
                continue;
            }
            let points = corners.map(|c| self.point(c));
            let saddle = [low, high].iter().any(|&level| {
                let above = z.map(|v| v > level);
                above[0] == above[2] && above[1] == above[3] && above[0] != above[1]
            });
            if !saddle {
                areas.push(part_of(&[0, 1, 2, 3].map(|e| (points[e], z[e])), low, high));
                continue;
            }
            let middle = ([0, 1].map(|i| points.iter().map(|p| p[i]).sum::<f64>() / 4.0), z.iter().sum::<f64>() / 4.0);
            areas.extend((0..4).map(|e| {
                let f = (e + 1) % 4;
                part_of(&[(points[e], z[e]), (points[f], z[f]), middle], low, high)
            }));
        }
        areas.extend(run.map(|r| self.run(r)));
        areas.retain(|area| area.len() > 2);
        areas
    }

    /// The outline of neighbouring cells of one row.
    fn run(&self, (first, last): (usize, usize)) -> Vec<[f64; 2]> {
        let there = first..=last + 1;
        let back = (first + self.columns..=last + 1 + self.columns).rev();
        there.chain(back).map(|k| self.point(k)).collect()
    }
}

/// The part of a polygon where the number, linear along the sides, lies between two levels.
fn part_of(corners: &[([f64; 2], f64)], low: f64, high: f64) -> Vec<[f64; 2]> {
    let mut area = Vec::with_capacity(8);
    for (i, &(p, a)) in corners.iter().enumerate() {
        let (q, b) = corners[(i + 1) % corners.len()];
        if low <= a && a <= high {
            area.push(p);
        }
        let crossing = |level: f64| {
            ((a < level && level < b) || (b < level && level < a)).then(|| {
                let t = (level - a) / (b - a);
                [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]
            })
        };
        let order = if a < b { [low, high] } else { [high, low] };
        area.extend(order.into_iter().filter_map(crossing));
    }
    area
}

/// Draws lines with their labels, or areas.
pub(crate) fn draw(painter: &Painter, scene: &mut Scene, artist: &Artist, data: &ContourData) {
    let colors: Vec<Color> = data.level_colors().into_iter().map(|c| artist.faded(c)).collect();
    let (zorder, clip) = (artist.zorder(), Some(painter.view.bbox));
    let on_screen = |points: &[[f64; 2]]| -> Vec<[f64; 2]> { points.iter().map(|&p| painter.view.at(p)).collect() };
    if data.filled {
        for (k, (w, &color)) in data.bounds().windows(2).zip(&colors).enumerate() {
            let areas: Vec<Vec<[f64; 2]>> = data.band(w[0], w[1], k == 0).iter().map(|a| on_screen(a)).collect();
            for points in &areas {
                scene.add(zorder, Item::Cell { points: points.clone(), color, clip });
            }
            let hatch = (!data.hatches.is_empty()).then(|| &data.hatches[k % data.hatches.len()]);
            if let Some(pattern) = hatch.filter(|p| !p.is_empty()) {
                painter.hatch(scene, artist, areas, pattern, None);
            }
        }
        return;
    }
    let monochrome = data.colors.as_ref().is_some_and(|c| c.len() == 1);
    let texts = data.labels.as_ref().map(|(_, format)| label_texts(&data.levels, format.as_deref()));
    let mut taken = Vec::new();
    for (k, (&level, &color)) in data.levels.iter().zip(&colors).enumerate() {
        let dashed = monochrome && level < 0.0;
        let style = data.style.unwrap_or(if dashed { LineStyle::Dashed } else { LineStyle::Solid });
        let width = painter.px(data.width);
        let pen = crate::backend::Pen { projecting: false, ..style.pen(width) };
        for (points, closed) in data.lines(level) {
            let mut pieces = vec![on_screen(&points)];
            if let (Some(texts), Some((size, _))) = (&texts, &data.labels) {
                let setting = Setting::new(*size, HAlign::Center, VAlign::Center);
                let wide = text::layout(&texts[k], setting, painter.dpi).bbox.width();
                if let Some(label) = Label::find(&pieces[0], closed, wide, &mut taken) {
                    let layout = text::layout(&texts[k], Setting { angle: label.angle, ..setting }, painter.dpi);
                    scene.add_text(zorder + 1.0, layout, label.at, color);
                    pieces = label.around;
                }
            }
            for points in pieces {
                scene.add(zorder, Item::Stroke { points, color, width, pen: pen.clone(), clip });
            }
        }
    }
}

fn label_texts(levels: &[f64], format: Option<&str>) -> Vec<String> {
    match format {
        Some(format) => levels.iter().map(|v| crate::ticker::formatted(format, *v)).collect(),
        None => {
            let ends = (levels.first().copied().unwrap_or(0.0), levels.last().copied().unwrap_or(1.0));
            ticks::scalar_labels(levels, ends.0, ends.1).labels
        }
    }
}

/// Pixels left free on each side of a label.
const LABEL_SPACING: f64 = 5.0;

/// A label's place on a line, and what is left of the line beside it.
struct Label {
    at: [f64; 2],
    angle: f64,
    around: Vec<Vec<[f64; 2]>>,
}

impl Label {
    /// The place where the line is straightest and no other label is near.
    fn find(line: &[[f64; 2]], closed: bool, wide: f64, taken: &mut Vec<[f64; 2]>) -> Option<Label> {
        let n = line.len();
        let extent = |i: usize| {
            let (low, high) =
                line.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), p| (a.min(p[i]), b.max(p[i])));
            high - low
        };
        if !(n as f64 > 10.0 * wide || extent(0) > 1.2 * wide || extent(1) > 1.2 * wide) || wide <= 1.0 {
            return None;
        }
        let blocks = (n as f64 / wide).ceil() as usize;
        let size = if blocks == 1 { n } else { wide as usize };
        let bend = |block: usize| {
            let p = |k: usize| line[(block * size + k) % n];
            let (a, b) = (p(0), p(size - 1));
            let d = [b[0] - a[0], b[1] - a[1]];
            let off = |q: [f64; 2]| ((a[1] - q[1]) * d[0] - (a[0] - q[0]) * d[1]).abs();
            let total: f64 = (0..size).map(|k| off(p(k))).sum::<f64>() / d[0].hypot(d[1]);
            if total.is_nan() { f64::INFINITY } else { total }
        };
        let mut order: Vec<(f64, usize)> = (0..blocks).map(|b| (bend(b), b)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let middle = |block: usize| (block * size + size / 2) % n;
        let free = |block: &usize| {
            let p = line[middle(*block)];
            taken.iter().all(|q| (p[0] - q[0]).hypot(p[1] - q[1]) >= 1.2 * wide)
        };
        let block = order.iter().map(|o| o.1).find(free).unwrap_or(order[0].1);
        let index = middle(block);
        let at = line[index];
        taken.push(at);
        Some(Label::at(line, closed, index, wide))
    }

    fn at(line: &[[f64; 2]], closed: bool, index: usize, wide: f64) -> Label {
        let at = line[index];
        let (path, index) = if closed {
            // The label's point becomes both ends of the path.
            let open = &line[..line.len() - 1];
            let k = index % open.len();
            ([&open[k..], &open[..=k]].concat(), 0)
        } else {
            (line.to_vec(), index)
        };
        let mut along = vec![0.0];
        for w in path.windows(2) {
            along.push(along[along.len() - 1] + (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1]));
        }
        let (total, here) = (along[along.len() - 1], along[index]);
        let point = |s: f64| {
            let s = s.clamp(0.0, total);
            let k = along.partition_point(|&a| a < s).clamp(1, path.len() - 1);
            let t = ((s - along[k - 1]) / (along[k] - along[k - 1]).max(1e-12)).clamp(0.0, 1.0);
            [0, 1].map(|i| path[k - 1][i] + t * (path[k][i] - path[k - 1][i]))
        };
        let behind = if closed { total } else { here };
        let (a, b) = (point(behind - wide / 2.0), point(here + wide / 2.0));
        let angle = (b[1] - a[1]).atan2(b[0] - a[0]).to_degrees();
        let angle = (angle + 90.0).rem_euclid(180.0) - 90.0;
        let (from, to) = (behind - wide / 2.0 - LABEL_SPACING, here + wide / 2.0 + LABEL_SPACING);
        let between = |low: f64, high: f64| {
            let inner = path.iter().zip(&along).filter(|(_, s)| low < **s && **s < high).map(|(p, _)| *p);
            std::iter::once(point(low)).chain(inner).chain([point(high)]).collect::<Vec<_>>()
        };
        let around = match closed {
            true if to < from => vec![between(to, from)],
            true => Vec::new(),
            false => {
                [(0.0, from), (to, total)].into_iter().filter(|(a, b)| a < b).map(|(a, b)| between(a, b)).collect()
            }
        };
        Label { at, angle, around }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rc::Rc;

    /// z = x on a grid of unit steps: the line at 0.5 is straight, the band from 0.25 to 0.75 has half a column's area.
    #[test]
    fn a_slope() {
        let (columns, rows) = (4, 3);
        let x: Vec<f64> = (0..12).map(|k| f64::from(k % 4)).collect();
        let y = (0..12).map(|k| f64::from(k / 4)).collect();
        let data = ContourData {
            columns,
            rows,
            z: x.clone(),
            x,
            y,
            levels: vec![0.5],
            automatic: false,
            filled: false,
            mapping: Mapping::new(&Rc::new()),
            colors: None,
            width: 1.5,
            style: None,
            extend: [false; 2],
            hatches: Vec::new(),
            labels: None,
        };
        assert_eq!(data.lines(0.5), [(vec![[0.5, 2.0], [0.5, 1.0], [0.5, 0.0]], false)]);
        let area = |p: &Vec<[f64; 2]>| {
            let n = p.len();
            (0..n).map(|i| p[i][0] * p[(i + 1) % n][1] - p[(i + 1) % n][0] * p[i][1]).sum::<f64>().abs() / 2.0
        };
        assert_eq!(data.band(0.25, 0.75, true).iter().map(area).sum::<f64>(), 1.0);
        assert_eq!(data.band(0.0, 3.0, true).iter().map(area).sum::<f64>(), 6.0);
    }
}
