//! Pie charts: wedges, their labels and percentages. `matplotlib.axes.Axes.pie`.

use std::f64::consts::PI;

use crate::artist::{Artist, Frame, Kind, PolygonData, TextData};
use crate::axes_api::Axes;
use crate::colors::{self, Color, IntoColor};
use crate::handles::edit_axes;
use crate::text::{HAlign, VAlign};

/// Distance of labels and percentages from the middle, in radii.
const LABEL_DISTANCE: f64 = 1.1;
const PERCENT_DISTANCE: f64 = 0.6;
/// Half the width of the view, in radii.
const REACH: f64 = 1.25;
/// The arc is drawn in steps of at most two degrees.
const STEP: f64 = PI / 90.0;

/// A pie chart drawn by [`pie`](crate::pie); wedges run counter-clockwise from three o'clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Pie {
    axes: Axes,
    first: usize,
    /// Parts of the whole.
    parts: Vec<f64>,
}

impl Pie {
    pub(crate) fn draw(axes: Axes, values: &[f64]) -> Pie {
        let total: f64 = values.iter().sum();
        let parts: Vec<f64> = values.iter().map(|v| v / total).collect();
        let mut pie = Pie { axes, first: 0, parts };
        let wedges: Vec<Vec<[f64; 2]>> = pie.spans().into_iter().map(|(from, to)| wedge(from, to)).collect();
        let first = edit_axes(axes.figure, axes.index, |axes| {
            axes.equal = true;
            axes.visible = false;
            axes.x.limits = (Some(-REACH), Some(REACH));
            axes.y.limits = (Some(-REACH), Some(REACH));
            let first = axes.artists.len();
            for (i, points) in wedges.into_iter().enumerate() {
                let polygon = PolygonData { points, frame: Frame::Data, color: colors::cycle(i) };
                axes.artists.push(Artist::new(Kind::Polygon(polygon)));
            }
            first
        });
        pie.first = first.unwrap_or(0);
        pie
    }

    /// Where each wedge starts and ends, in radians.
    fn spans(&self) -> Vec<(f64, f64)> {
        let mut end = 0.0;
        self.parts
            .iter()
            .map(|part| {
                let start = end;
                end += 2.0 * PI * part;
                (start, end)
            })
            .collect()
    }

    fn write(&self, distance: f64, texts: impl Iterator<Item = String>, outside: bool) {
        let texts: Vec<TextData> = self
            .spans()
            .into_iter()
            .zip(texts)
            .map(|((from, to), text)| {
                let (sin, cos) = ((from + to) / 2.0).sin_cos();
                let ha = match (outside, cos > 0.0) {
                    (false, _) => HAlign::Center,
                    (true, true) => HAlign::Left,
                    (true, false) => HAlign::Right,
                };
                TextData {
                    text,
                    at: [distance * cos, distance * sin],
                    arrow: None,
                    color: Color::BLACK,
                    points: 10.0,
                    angle: 0.0,
                    ha,
                    va: VAlign::Center,
                }
            })
            .collect();
        edit_axes(self.axes.figure, self.axes.index, |axes| {
            axes.artists.extend(texts.into_iter().map(|text| Artist::new(Kind::Text(text))));
        });
    }

    /// A text beside each wedge, which is also its name in the legend.
    pub fn labels<T: ToString>(self, labels: &[T]) -> Self {
        let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
        edit_axes(self.axes.figure, self.axes.index, |axes| {
            let wedges = axes.artists.iter_mut().skip(self.first).take(self.parts.len());
            wedges.zip(&labels).for_each(|(artist, label)| artist.label = Some(label.clone()));
        });
        self.write(LABEL_DISTANCE, labels.into_iter(), true);
        self
    }

    /// The percentage in each wedge, with this many digits after the point: `autopct="%.1f%%"` is `autopct(1)`.
    pub fn autopct(self, decimals: usize) -> Self {
        self.write(PERCENT_DISTANCE, self.parts.iter().map(|part| format!("{:.decimals$}%", 100.0 * part)), false);
        self
    }

    /// A colour for each wedge, from the first again when there are fewer.
    #[track_caller]
    pub fn colors<C: IntoColor + Copy>(self, colors: &[C]) -> Self {
        let colors: Vec<Color> = colors.iter().map(|c| colors::expect(*c)).collect();
        edit_axes(self.axes.figure, self.axes.index, |axes| {
            let wedges = axes.artists.iter_mut().skip(self.first).take(self.parts.len());
            for (artist, color) in wedges.zip(colors.iter().cycle()) {
                if let Kind::Polygon(polygon) = &mut artist.kind {
                    polygon.color = *color;
                }
            }
        });
        self
    }
}

fn wedge(from: f64, to: f64) -> Vec<[f64; 2]> {
    let steps = ((to - from) / STEP).ceil().max(1.0);
    let arc = (0..=steps as usize).map(|k| from + (to - from) * k as f64 / steps).map(|a| [a.cos(), a.sin()]);
    std::iter::once([0.0, 0.0]).chain(arc).collect()
}
