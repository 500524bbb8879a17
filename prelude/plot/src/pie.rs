//! Pie charts: wedges, their labels and percentages. `matplotlib.axes.Axes.pie`.

use std::f64::consts::PI;

use crate::artist::{Artist, Frame, Kind, PolygonData, TextData};
use crate::axes::{Aspect, AxesData};
use crate::axes_api::Axes;
use crate::colors::{self, Color, IntoColor};
use crate::handles::edit_axes;
use crate::series::{Element, Series};
use crate::text::{HAlign, VAlign};

/// Distance of labels and percentages from the middle, in radii.
const LABEL_DISTANCE: f64 = 1.1;
const PERCENT_DISTANCE: f64 = 0.6;
/// Half the width of the view, in radii.
const REACH: f64 = 1.25;
/// The arc is drawn in steps of at most two degrees.
const STEP: f64 = PI / 90.0;

/// A pie chart drawn by [`pie`](crate::pie); wedges run counter-clockwise from three o'clock when nothing else is set.
#[derive(Clone, Debug, PartialEq)]
pub struct Pie {
    axes: Axes,
    /// The artists it is made of: the first one and how many.
    owned: (usize, usize),
    /// Parts of the whole.
    parts: Vec<f64>,
    labels: Vec<String>,
    decimals: Option<usize>,
    colors: Vec<Color>,
    explode: Vec<f64>,
    start: f64,
    clockwise: bool,
    edge: Option<Color>,
    hole: f64,
}

impl Axes {
    /// Draws parts of a whole as a pie.
    ///
    /// # Panics
    /// `ValueError` for a negative part, or when all are zero.
    #[track_caller]
    pub fn pie(self, values: impl Series) -> Pie {
        let values = values.values();
        let total: f64 = values.iter().sum();
        if values.iter().any(|v| *v < 0.0) {
            panic!("ValueError: Wedge sizes 'x' must be non negative values");
        }
        if total == 0.0 && !values.is_empty() {
            panic!("ValueError: All wedge sizes are zero");
        }
        let first = self.edit(|axes| {
            axes.aspect = Aspect::Box(1.0);
            axes.visible = false;
            axes.x.limits = (Some(-REACH), Some(REACH));
            axes.y.limits = (Some(-REACH), Some(REACH));
            axes.artists.len()
        });
        let pie = Pie {
            axes: self,
            owned: (first.unwrap_or(0), 0),
            parts: values.iter().map(|v| v / total).collect(),
            labels: Vec::new(),
            decimals: None,
            colors: Vec::new(),
            explode: Vec::new(),
            start: 0.0,
            clockwise: false,
            edge: None,
            hole: 0.0,
        };
        pie.drawn()
    }
}

impl Pie {
    /// Where each wedge starts and ends, in radians.
    fn spans(&self) -> Vec<(f64, f64)> {
        let mut end = self.start.to_radians();
        let turn = if self.clockwise { -2.0 * PI } else { 2.0 * PI };
        self.parts
            .iter()
            .map(|part| {
                let start = end;
                end += turn * part;
                (start, end)
            })
            .collect()
    }

    /// Puts the wedges and texts as they are set now in place of those before.
    fn drawn(mut self) -> Pie {
        let (first, n) = self.owned;
        let artists = edit_axes(self.axes.figure, self.axes.index, |axes| {
            let artists = self.artists(axes);
            let new = artists.len();
            let end = (first + n).min(axes.artists.len());
            axes.artists.splice(first.min(end)..end, artists);
            new
        });
        self.owned.1 = artists.unwrap_or(0);
        self
    }

    fn artists(&self, axes: &AxesData) -> Vec<Artist> {
        let mut artists = Vec::new();
        let mut texts = Vec::new();
        for (k, (from, to)) in self.spans().into_iter().enumerate() {
            let (sin, cos) = ((from + to) / 2.0).sin_cos();
            let out = self.explode.get(k).copied().unwrap_or(0.0);
            let color = if self.colors.is_empty() { colors::cycle(k) } else { self.colors[k % self.colors.len()] };
            let points = wedge(from, to, self.hole).into_iter().map(|p| [p[0] + out * cos, p[1] + out * sin]).collect();
            let mut polygon = PolygonData::new(vec![points], Frame::Data, color, &axes.rc);
            polygon.edge = self.edge.or(polygon.edge);
            let label = self.labels.get(k).cloned();
            artists.push(Artist { label: label.clone(), ..Artist::new(Kind::Polygon(polygon)) });
            let mut write = |text: String, distance: f64, ha: HAlign| {
                let at = [cos, sin].map(|v| v * (distance + out));
                let text = TextData { ha, va: VAlign::Center, ..TextData::new(text, at, &axes.rc) };
                texts.push(Artist::new(Kind::Text(text)));
            };
            if let Some(label) = label.filter(|l| !l.is_empty()) {
                write(label, LABEL_DISTANCE, if cos > 0.0 { HAlign::Left } else { HAlign::Right });
            }
            if let Some(decimals) = self.decimals {
                write(format!("{:.decimals$}%", 100.0 * self.parts[k]), PERCENT_DISTANCE, HAlign::Center);
            }
        }
        artists.extend(texts);
        artists
    }

    /// A text beside each wedge, which is also its name in the legend.
    ///
    /// # Panics
    /// `ValueError` when there are more or fewer texts than wedges.
    #[track_caller]
    pub fn labels<T: ToString>(self, labels: &[T]) -> Self {
        if labels.len() != self.parts.len() {
            panic!("ValueError: 'labels' must be of length 'x', not {}", labels.len());
        }
        Pie { labels: labels.iter().map(ToString::to_string).collect(), ..self }.drawn()
    }

    /// The percentage in each wedge, with this many digits after the point: `autopct="%.1f%%"` is `autopct(1)`.
    pub fn autopct(self, decimals: usize) -> Self {
        Pie { decimals: Some(decimals), ..self }.drawn()
    }

    /// A colour for each wedge, from the first again when there are fewer.
    #[track_caller]
    pub fn colors<C: IntoColor + Copy>(self, colors: &[C]) -> Self {
        let colors = colors.iter().map(|c| colors::expect(*c)).collect();
        Pie { colors, ..self }.drawn()
    }

    /// How far each wedge is moved out, in radii.
    ///
    /// # Panics
    /// `ValueError` when there are more or fewer numbers than wedges.
    #[track_caller]
    pub fn explode(self, explode: impl Series) -> Self {
        let explode = explode.values();
        if explode.len() != self.parts.len() {
            panic!("ValueError: 'explode' must be of length 'x', not {}", explode.len());
        }
        Pie { explode, ..self }.drawn()
    }

    /// Degrees counter-clockwise from three o'clock at which the first wedge starts.
    pub fn startangle(self, degrees: impl Element) -> Self {
        Pie { start: degrees.number(), ..self }.drawn()
    }

    /// Whether the wedges run counter-clockwise.
    pub fn counterclock(self, on: bool) -> Self {
        Pie { clockwise: !on, ..self }.drawn()
    }

    /// The colour of the lines between the wedges: `wedgeprops=dict(edgecolor="w")`.
    #[track_caller]
    pub fn edgecolor(self, color: impl IntoColor) -> Self {
        Pie { edge: Some(colors::expect(color)), ..self }.drawn()
    }

    /// A ring of this width, in radii, instead of whole wedges: `wedgeprops=dict(width=0.4)`.
    pub fn ring(self, width: impl Element) -> Self {
        Pie { hole: 1.0 - width.number().clamp(0.0, 1.0), ..self }.drawn()
    }
}

fn wedge(from: f64, to: f64, hole: f64) -> Vec<[f64; 2]> {
    let steps = ((to - from).abs() / STEP).ceil().max(1.0) as usize;
    let arc = |r: f64| {
        (0..=steps).map(move |k| from + (to - from) * k as f64 / steps as f64).map(move |a| [r * a.cos(), r * a.sin()])
    };
    if hole > 0.0 {
        arc(1.0).chain(arc(hole).rev()).collect()
    } else {
        std::iter::once([0.0, 0.0]).chain(arc(1.0)).collect()
    }
}
