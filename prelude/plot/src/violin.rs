//! Violin plots: the estimated density of each sample, mirrored, with lines at its ends. `matplotlib.axes.Axes.violinplot`.

use std::f64::consts::PI;

use crate::artist::{Artist, Frame, Kind, PolygonData, SegmentsData};
use crate::axes::AxesData;
use crate::axes_api::Axes;
use crate::boxplot::percentile;
use crate::colors::{self, Color, IntoColor, IntoColors};
use crate::furniture::one_of;
use crate::handles::{Sizes, edit_axes, valid};
use crate::series::{Element, Series};
use crate::statistics::Groups;

/// Places along each violin at which the density is estimated.
const POINTS: usize = 100;

/// The shapes drawn by [`violinplot`](crate::violinplot), to be changed by setters.
#[derive(Clone, Debug)]
pub struct Violins {
    axes: Axes,
    /// The artists it is made of: the first one and how many.
    owned: (usize, usize),
    /// The samples, sorted.
    groups: Vec<Vec<f64>>,
    positions: Vec<f64>,
    widths: Vec<f64>,
    color: Color,
    faces: Option<Vec<Color>>,
    line: Option<Color>,
    vertical: bool,
    showmeans: bool,
    showmedians: bool,
    showextrema: bool,
    quantiles: Vec<f64>,
    points: usize,
    alpha: f32,
    /// The sides drawn: below and above the position.
    sides: [f64; 2],
}

impl Axes {
    /// Draws the estimated density of each sample as a shape symmetrical about its position, with lines at its least
    /// and greatest value.
    pub fn violinplot<M>(self, groups: impl Groups<M>) -> Violins {
        let sorted = |mut group: Vec<f64>| {
            group.retain(|v| v.is_finite());
            group.sort_by(f64::total_cmp);
            group
        };
        let groups: Vec<Vec<f64>> = groups.groups().into_iter().map(sorted).collect();
        let taken = self.edit(|axes| (axes.artists.len(), axes.next_line_color()));
        let (first, color) = taken.unwrap_or((0, Color::BLACK));
        let violins = Violins {
            axes: self,
            owned: (first, 0),
            positions: (1..=groups.len()).map(|k| k as f64).collect(),
            widths: vec![0.5],
            groups,
            color,
            faces: None,
            line: None,
            vertical: true,
            showmeans: false,
            showmedians: false,
            showextrema: true,
            quantiles: Vec::new(),
            points: POINTS,
            alpha: 0.3,
            sides: [-1.0, 1.0],
        };
        violins.drawn()
    }
}

/// The density of a sorted sample at some places: Gaussian kernels of the width of Scott's rule.
fn density(sample: &[f64], at: &[f64]) -> Vec<f64> {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let variance = sample.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    if variance.is_nan() || variance <= 0.0 {
        return at.iter().map(|v| f64::from(u8::from(Some(v) == sample.first()))).collect();
    }
    let variance = variance * n.powf(-0.4);
    let norm = (2.0 * PI * variance).sqrt() * n;
    at.iter().map(|x| sample.iter().map(|v| (-(x - v).powi(2) / (2.0 * variance)).exp()).sum::<f64>() / norm).collect()
}

impl Violins {
    fn drawn(mut self) -> Violins {
        let (first, n) = self.owned;
        let made = edit_axes(self.axes.figure, self.axes.index, |axes| {
            let artists = self.artists(axes);
            let new = artists.len();
            let end = (first + n).min(axes.artists.len());
            axes.artists.splice(first.min(end)..end, artists);
            new
        });
        self.owned.1 = made.unwrap_or(0);
        self
    }

    fn artists(&self, axes: &AxesData) -> Vec<Artist> {
        let mut artists = Vec::new();
        let place = |across: f64, along: f64| if self.vertical { [across, along] } else { [along, across] };
        // The lines across at the ends, means and medians, and the line from end to end of each violin.
        let (mut across, mut along, mut short) = (Vec::new(), Vec::new(), Vec::new());
        for (k, (group, &at)) in self.groups.iter().zip(&self.positions).enumerate() {
            let (Some(&low), Some(&high)) = (group.first(), group.last()) else { continue };
            let width = self.widths[k % self.widths.len()];
            let step = (high - low) / (self.points.max(2) - 1) as f64;
            let places: Vec<f64> = (0..self.points).map(|i| low + step * i as f64).collect();
            let density = density(group, &places);
            let most = density.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
            let [below, above] = self.sides;
            let side = |part: f64| {
                let outline = places.iter().zip(&density);
                outline.map(move |(&v, d)| place(at + part * 0.5 * width * d / most, v)).collect::<Vec<_>>()
            };
            let points = side(below).into_iter().chain(side(above).into_iter().rev()).collect();
            let face = self.faces.as_ref().map_or(self.color, |f| f[k % f.len()]);
            let body = Kind::Polygon(PolygonData::new(vec![points], Frame::Data, face, &axes.rc));
            let alpha = self.faces.is_none().then_some(self.alpha);
            artists.push(Artist { alpha, ..Artist::new(body) });
            let rung = |v: f64, part: f64| {
                let half = 0.25 * width * part;
                vec![place(at + below * half, v), place(at + above * half, v)]
            };
            if self.showextrema {
                along.push(vec![place(at, low), place(at, high)]);
                across.extend([rung(low, 1.0), rung(high, 1.0)]);
            }
            if self.showmeans {
                across.push(rung(group.iter().sum::<f64>() / group.len() as f64, 1.0));
            }
            if self.showmedians {
                across.push(rung(percentile(group, 0.5), 1.0));
            }
            short.extend(self.quantiles.iter().map(|q| rung(percentile(group, *q), 2.0 / 3.0)));
        }
        let line = self.line.unwrap_or(self.color);
        for lines in [across, along, short].into_iter().filter(|l| !l.is_empty()) {
            artists.push(Artist::new(Kind::Segments(SegmentsData::new(lines, line, &axes.rc))));
        }
        artists
    }

    /// Where the violins stand (1, 2, 3, ... when not set).
    ///
    /// # Panics
    /// `ValueError` when there are more or fewer places than samples.
    #[track_caller]
    pub fn positions(self, positions: impl Series) -> Self {
        let positions = positions.values();
        if positions.len() != self.groups.len() {
            panic!("ValueError: List of violinplot statistics and `positions` values must have the same length");
        }
        Violins { positions, ..self }.drawn()
    }

    /// The violins' breadth (0.5 when not set), or one for each.
    pub fn widths(self, widths: impl Sizes) -> Self {
        let widths = Some(widths.sizes()).filter(|w| !w.is_empty()).unwrap_or_else(|| vec![0.5]);
        Violins { widths, ..self }.drawn()
    }

    /// `"vertical"` or `"horizontal"` violins.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn orientation(self, orientation: &str) -> Self {
        valid(one_of("orientation", orientation, &["vertical", "horizontal"]));
        Violins { vertical: orientation == "vertical", ..self }.drawn()
    }

    /// Whether a line shows the mean.
    pub fn showmeans(self, on: bool) -> Self {
        Violins { showmeans: on, ..self }.drawn()
    }

    /// Whether a line shows the median.
    pub fn showmedians(self, on: bool) -> Self {
        Violins { showmedians: on, ..self }.drawn()
    }

    /// Whether lines show the least and the greatest value (they do when not set).
    pub fn showextrema(self, on: bool) -> Self {
        Violins { showextrema: on, ..self }.drawn()
    }

    /// Parts of each sample, from 0 to 1, below which a short line is drawn.
    pub fn quantiles(self, parts: impl Series) -> Self {
        Violins { quantiles: parts.values(), ..self }.drawn()
    }

    /// At how many places the density is estimated (100 when not set).
    pub fn points(self, n: usize) -> Self {
        Violins { points: n.max(2), ..self }.drawn()
    }

    /// `"both"` sides, or only the `"low"` or the `"high"` one.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn side(self, side: &str) -> Self {
        valid(one_of("side", side, &["both", "low", "high"]));
        let sides = [if side == "high" { 0.0 } else { -1.0 }, if side == "low" { 0.0 } else { 1.0 }];
        Violins { sides, ..self }.drawn()
    }

    /// What the shapes are filled with, or a colour for each.
    #[track_caller]
    pub fn facecolor(self, color: impl IntoColors) -> Self {
        let faces = Some(colors::expect_all(color)).filter(|c| !c.is_empty());
        Violins { faces, ..self }.drawn()
    }

    /// The colour of the lines.
    #[track_caller]
    pub fn linecolor(self, color: impl IntoColor) -> Self {
        Violins { line: Some(colors::expect(color)), ..self }.drawn()
    }

    /// The opacity of the shapes, from 0 to 1 (0.3 when not set).
    pub fn alpha(self, alpha: impl Element) -> Self {
        Violins { alpha: alpha.number() as f32, ..self }.drawn()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers are those of `matplotlib.mlab.GaussianKDE([1, 2, 2.5, 4]).evaluate([1, 2, 4])`.
    #[test]
    fn densities() {
        let found = density(&[1.0, 2.0, 2.5, 4.0], &[1.0, 2.0, 4.0]);
        for (a, b) in found.iter().zip([0.19634547613560108, 0.26851976816364626, 0.1473727423993264]) {
            assert!((a - b).abs() < 1e-12, "{found:?}");
        }
    }
}
