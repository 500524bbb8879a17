//! Histograms over a plane: counts in the cells of a grid or in hexagons, shown as colours.
//! `matplotlib.axes.Axes.hist2d`, `hexbin`.

use crate::artist::{Frame, Kind, PolygonData};
use crate::axes_api::Axes;
use crate::colors::Color;
use crate::handles::{PolyCollection, valid};
use crate::histogram::{Bins, ends};
use crate::series::{Element, Series};
use crate::ticks;

/// Intervals along x and y: a number for both, or a pair of whatever [`Bins`] are.
pub trait Bins2d {
    /// The edges along x and y for values in these ranges.
    ///
    /// # Errors
    /// matplotlib's text for no bins.
    fn edges(&self, x: (f64, f64), y: (f64, f64)) -> Result<[Vec<f64>; 2], String>;
}

macro_rules! counts {
    ($($t:ty),*) => { $(
        impl Bins2d for $t {
            fn edges(&self, x: (f64, f64), y: (f64, f64)) -> Result<[Vec<f64>; 2], String> {
                (*self, *self).edges(x, y)
            }
        }
    )* };
}
counts!(i32, usize, u32, i64);

impl<A: Bins, B: Bins> Bins2d for (A, B) {
    fn edges(&self, x: (f64, f64), y: (f64, f64)) -> Result<[Vec<f64>; 2], String> {
        Ok([self.0.edges(x.0, x.1)?, self.1.edges(y.0, y.1)?])
    }
}

/// Counts drawn by [`hist2d`](crate::hist2d), to be changed by setters.
#[derive(Clone, Debug)]
pub struct Hist2d {
    mesh: PolyCollection,
    points: [Vec<f64>; 2],
    edges: [Vec<f64>; 2],
    density: bool,
    cmin: Option<f64>,
}

#[track_caller]
fn same_size(x: &[f64], y: &[f64]) {
    if x.len() != y.len() {
        panic!("ValueError: x and y must have the same length.");
    }
}

impl Axes {
    /// Counts pairs of values in the cells of a grid and shows the counts as colours; `bins` is how many cells there
    /// are along both axis, or a pair for x and y.
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length or for no bins.
    #[track_caller]
    pub fn hist2d(self, x: impl Series, y: impl Series, bins: impl Bins2d) -> Hist2d {
        let points = [x.values(), y.values()];
        same_size(&points[0], &points[1]);
        let edges = valid(bins.edges(ends(&points[0]), ends(&points[1])));
        let cells = edges.iter().map(|e| e.len().saturating_sub(1)).product();
        let mesh = self.mesh(&edges[0], &edges[1], vec![0.0; cells]);
        Hist2d { mesh, points, edges, density: false, cmin: None }.recount()
    }

    /// Counts pairs of values in hexagons, `gridsize` of them along x (100 in matplotlib when not given), and shows the
    /// counts as colours.
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length.
    #[track_caller]
    pub fn hexbin(self, x: impl Series, y: impl Series, gridsize: usize) -> PolyCollection {
        let (x, y) = (x.values(), y.values());
        same_size(&x, &y);
        let nx = gridsize.max(1);
        let ny = ((nx as f64 / 3f64.sqrt()) as usize).max(1);
        let range = |v: &[f64]| {
            let (low, high) = v.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v)));
            if low > high { (0.0, 1.0) } else { ticks::nonsingular(low, high, 0.1, 1e-15) }
        };
        let ((x0, x1), (y0, y1)) = (range(&x), range(&y));
        let padding = 1e-9 * (x1 - x0);
        let (x0, x1) = (x0 - padding, x1 + padding);
        let (sx, sy) = ((x1 - x0) / nx as f64, (y1 - y0) / ny as f64);
        // Hexagons stand in two grids, the second moved by half a cell.
        let (mut first, mut second) = (vec![0.0; (nx + 1) * (ny + 1)], vec![0.0; nx * ny]);
        for (x, y) in x.iter().zip(&y) {
            let (ix, iy) = ((x - x0) / sx, (y - y0) / sy);
            let near = [ix.round_ties_even(), iy.round_ties_even()];
            let cell = [ix.floor(), iy.floor()];
            let distance = |cx: f64, cy: f64| (ix - cx).powi(2) + 3.0 * (iy - cy).powi(2);
            let (counts, at, rows) = if distance(near[0], near[1]) < distance(cell[0] + 0.5, cell[1] + 0.5) {
                (&mut first, near, ny + 1)
            } else {
                (&mut second, cell, ny)
            };
            let inside = at.iter().all(|v| *v >= 0.0) && at[1] < rows as f64;
            if let Some(count) = counts.get_mut(at[0] as usize * rows + at[1] as usize).filter(|_| inside) {
                *count += 1.0;
            }
        }
        let place = |k: usize, rows: usize, shift: f64| {
            [x0 + ((k / rows) as f64 + shift) * sx, y0 + ((k % rows) as f64 + shift) * sy]
        };
        let middles =
            (0..first.len()).map(|k| place(k, ny + 1, 0.0)).chain((0..second.len()).map(|k| place(k, ny, 0.5)));
        let corners = [[0.5, -0.5], [0.5, 0.5], [0.0, 1.0], [-0.5, 0.5], [-0.5, -0.5], [0.0, -1.0]];
        let hexagons = middles.map(|m| corners.map(|c| [m[0] + c[0] * sx, m[1] + c[1] * sy / 3.0]).to_vec()).collect();
        let values = [first, second].concat();
        let hexbin = PolyCollection(self.add(|axes| {
            let mut mesh = PolygonData::new(hexagons, Frame::Data, Color::BLACK, &axes.rc);
            (mesh.values, mesh.edge_face) = (Some(values), true);
            Kind::Polygon(mesh)
        }));
        // The view ends where the middles of the outer hexagons lie.
        hexbin.0.edit(|artist| artist.extent = Some([x0, x1, y0, y1]));
        hexbin
    }
}

impl Hist2d {
    fn recount(self) -> Self {
        let [x, y] = &self.edges;
        let columns = x.len().saturating_sub(1);
        let mut counts = vec![0.0; columns * y.len().saturating_sub(1)];
        let bin = |v: f64, edges: &[f64]| {
            let inside = edges.first().is_some_and(|e| *e <= v) && edges.last().is_some_and(|e| v <= *e);
            inside.then(|| edges.partition_point(|&e| e <= v).saturating_sub(1).min(edges.len() - 2))
        };
        for (px, py) in self.points[0].iter().zip(&self.points[1]) {
            if let (Some(i), Some(j)) = (bin(*px, x), bin(*py, y)) {
                counts[j * columns + i] += 1.0;
            }
        }
        if self.density {
            let total: f64 = counts.iter().sum();
            for (k, count) in counts.iter_mut().enumerate() {
                let (i, j) = (k % columns, k / columns);
                *count /= total * (x[i + 1] - x[i]) * (y[j + 1] - y[j]);
            }
        }
        if let Some(least) = self.cmin {
            counts.iter_mut().filter(|c| **c < least).for_each(|c| *c = f64::NAN);
        }
        self.mesh.set(|mesh| mesh.values = Some(counts));
        self
    }

    /// Parts of all pairs for each unit of area instead of counts.
    pub fn density(self, on: bool) -> Self {
        Hist2d { density: on, ..self }.recount()
    }

    /// Cells with less than this stay empty.
    pub fn cmin(self, least: impl Element) -> Self {
        Hist2d { cmin: Some(least.number()), ..self }.recount()
    }

    /// The colour map, by name.
    #[track_caller]
    pub fn cmap(self, name: &str) -> Self {
        Hist2d { mesh: self.mesh.cmap(name), ..self }
    }

    /// `"linear"`, or `"log"` to colour counts by their logarithm.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn norm(self, norm: &str) -> Self {
        Hist2d { mesh: self.mesh.norm(norm), ..self }
    }

    /// The count that takes the map's first colour.
    pub fn vmin(self, value: impl Element) -> Self {
        Hist2d { mesh: self.mesh.vmin(value), ..self }
    }

    /// The count that takes the map's last colour.
    pub fn vmax(self, value: impl Element) -> Self {
        Hist2d { mesh: self.mesh.vmax(value), ..self }
    }
}
