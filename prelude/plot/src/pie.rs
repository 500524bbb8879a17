//! Pie charts: wedges, their labels and percentages. `matplotlib.axes.Axes.pie`.

use std::f64::consts::PI;

use crate::artist::{Artist, Frame, Kind, PolygonData, TextData};
use crate::axes::{Aspect, AxesData};
use crate::axes_api::Axes;
use crate::colors::{self, Color, IntoColor, IntoColors};
use crate::furniture::FontPoints;
use crate::handles::{edit_axes, valid};
use crate::series::{Element, Names, Series};
use crate::text::{HAlign, VAlign};

/// Distance of labels and percentages from the middle, in radii.
const LABEL_DISTANCE: f64 = 1.1;
const PERCENT_DISTANCE: f64 = 0.6;
/// Half the width of the view, in radii.
const REACH: f64 = 1.25;
/// The arc is drawn in steps of at most two degrees.
const STEP: f64 = PI / 90.0;

/// How a percentage is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Percent {
    before: String,
    decimals: usize,
    /// Whether what is behind the point is cut off, as `%d` does.
    cut: bool,
    after: String,
}

impl Percent {
    fn text(&self, value: f64) -> String {
        let value = if self.cut { value.trunc() } else { value };
        format!("{}{value:.*}{}", self.before, self.decimals, self.after)
    }
}

/// What [`Pie::autopct`] takes: digits after the point, or a format like `"%.1f%%"`.
pub trait Autopct {
    /// The format meant.
    ///
    /// # Errors
    /// A text for the user when it formats no number.
    fn percent(self) -> Result<Percent, String>;
}

impl Autopct for usize {
    fn percent(self) -> Result<Percent, String> {
        Ok(Percent { before: String::new(), decimals: self, cut: false, after: "%".into() })
    }
}

impl Autopct for &str {
    fn percent(self) -> Result<Percent, String> {
        let unknown = || {
            format!("ValueError: unsupported format '{self}' for autopct: write '%.1f%%' or '%d%%', or how many digits")
        };
        let plain = self.replace("%%", "\0");
        let (before, rest) = plain.split_once('%').ok_or_else(unknown)?;
        let end = rest.find(['f', 'd']).ok_or_else(unknown)?;
        let (width, digits) = rest[..end].split_once('.').unwrap_or((&rest[..end], ""));
        let cut = rest[end..].starts_with('d');
        let default = if cut { 0 } else { 6 };
        let decimals = if digits.is_empty() { default } else { digits.parse().map_err(|_| unknown())? };
        if !width.chars().all(|c| c.is_ascii_digit()) {
            return Err(unknown());
        }
        let (before, after) = (before.replace('\0', "%"), rest[end + 1..].replace('\0', "%"));
        Ok(Percent { before, decimals, cut, after })
    }
}

/// A pie chart drawn by [`pie`](crate::pie); wedges run counter-clockwise from three o'clock when nothing else is set.
#[derive(Clone, Debug, PartialEq)]
pub struct Pie {
    axes: Axes,
    /// The artists it is made of: the first one and how many.
    owned: (usize, usize),
    /// Parts of the whole.
    parts: Vec<f64>,
    labels: Vec<String>,
    percent: Option<Percent>,
    colors: Vec<Color>,
    explode: Vec<f64>,
    start: f64,
    clockwise: bool,
    edge: Option<Color>,
    edge_width: Option<f64>,
    ring: Option<f64>,
    radius: f64,
    /// Distances of labels and percentages from the middle, in radii.
    distances: [f64; 2],
    hatches: Vec<String>,
    shadow: bool,
    /// Colour and size in points of the texts.
    text: (Option<Color>, Option<f64>),
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
            percent: None,
            colors: Vec::new(),
            explode: Vec::new(),
            start: 0.0,
            clockwise: false,
            edge: None,
            edge_width: None,
            ring: None,
            radius: 1.0,
            distances: [LABEL_DISTANCE, PERCENT_DISTANCE],
            hatches: Vec::new(),
            shadow: false,
            text: (None, None),
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
            let hole = self.ring.map_or(0.0, |width| (self.radius - width).max(0.0));
            let out = out * self.radius;
            let points: Vec<[f64; 2]> =
                wedge(from, to, self.radius, hole).into_iter().map(|p| [p[0] + out * cos, p[1] + out * sin]).collect();
            if self.shadow {
                // matplotlib moves it by a fiftieth of a unit for each point.
                let step = 0.02 * 100.0 / 72.0;
                let moved = points.iter().map(|p| [p[0] - step, p[1] - step]).collect();
                let dark = Color { r: 0.3 * color.r, g: 0.3 * color.g, b: 0.3 * color.b, a: 0.5 };
                let mut shadow = PolygonData::new(vec![moved], Frame::Data, dark, &axes.rc);
                shadow.edge = Some(dark);
                artists.push(Artist { zorder: Some(0.9), ..Artist::new(Kind::Polygon(shadow)) });
            }
            let mut polygon = PolygonData::new(vec![points], Frame::Data, color, &axes.rc);
            polygon.edge = self.edge.or(polygon.edge);
            polygon.edge_width = self.edge_width.unwrap_or(polygon.edge_width);
            polygon.hatch = (!self.hatches.is_empty()).then(|| self.hatches[k % self.hatches.len()].clone());
            let label = self.labels.get(k).cloned();
            artists.push(Artist { label: label.clone(), ..Artist::new(Kind::Polygon(polygon)) });
            let mut write = |text: String, distance: f64, ha: HAlign| {
                let at = [cos, sin].map(|v| v * (distance * self.radius + out));
                let mut text = TextData { ha, va: VAlign::Center, ..TextData::new(text, at, &axes.rc) };
                text.color = self.text.0.unwrap_or(text.color);
                text.points = self.text.1.unwrap_or(text.points);
                texts.push(Artist::new(Kind::Text(text)));
            };
            if let Some(label) = label.filter(|l| !l.is_empty()) {
                write(label, self.distances[0], if cos > 0.0 { HAlign::Left } else { HAlign::Right });
            }
            if let Some(percent) = &self.percent {
                write(percent.text(100.0 * self.parts[k]), self.distances[1], HAlign::Center);
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
    pub fn labels<T: ToString>(self, labels: impl AsRef<[T]>) -> Self {
        let labels = labels.as_ref();
        if labels.len() != self.parts.len() {
            panic!("ValueError: 'labels' must be of length 'x', not {}", labels.len());
        }
        Pie { labels: labels.iter().map(ToString::to_string).collect(), ..self }.drawn()
    }

    /// The percentage in each wedge, as Python writes it, `autopct("%.1f%%")`, or with so many digits after the point,
    /// `autopct(1)`.
    ///
    /// # Panics
    /// `ValueError` for a text that formats no number.
    #[track_caller]
    pub fn autopct(self, percent: impl Autopct) -> Self {
        Pie { percent: Some(valid(percent.percent())), ..self }.drawn()
    }

    /// A colour for each wedge, from the first again when there are fewer.
    #[track_caller]
    pub fn colors(self, colors: impl IntoColors) -> Self {
        let colors = colors::expect_all(colors);
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
        Pie { ring: Some(width.number()), ..self }.drawn()
    }

    /// The width of the lines between the wedges in points: `wedgeprops=dict(linewidth=3)`.
    pub fn linewidth(self, points: impl Element) -> Self {
        Pie { edge_width: Some(points.number()), ..self }.drawn()
    }

    /// The pie's radius (1 when not set).
    pub fn radius(self, radius: impl Element) -> Self {
        Pie { radius: radius.number(), ..self }.drawn()
    }

    /// How far from the middle the labels stand, in radii (1.1 when not set).
    pub fn labeldistance(self, radii: impl Element) -> Self {
        Pie { distances: [radii.number(), self.distances[1]], ..self }.drawn()
    }

    /// How far from the middle the percentages stand, in radii (0.6 when not set).
    pub fn pctdistance(self, radii: impl Element) -> Self {
        Pie { distances: [self.distances[0], radii.number()], ..self }.drawn()
    }

    /// A pattern on the wedges, or one for each; as [`BarContainer::hatch`](crate::BarContainer::hatch).
    ///
    /// # Panics
    /// `ValueError` for a letter that stands for nothing.
    #[track_caller]
    pub fn hatch(self, pattern: impl Names) -> Self {
        let hatches = valid(crate::hatch::check_all(&pattern.names()));
        Pie { hatches, ..self }.drawn()
    }

    /// Whether the pie throws a shadow.
    pub fn shadow(self, on: bool) -> Self {
        Pie { shadow: on, ..self }.drawn()
    }

    /// The colour of labels and percentages: `textprops=dict(color="w")`.
    #[track_caller]
    pub fn textcolor(self, color: impl IntoColor) -> Self {
        Pie { text: (Some(colors::expect(color)), self.text.1), ..self }.drawn()
    }

    /// The size of labels and percentages in points, or by name: `textprops=dict(size="smaller")`.
    #[track_caller]
    pub fn fontsize(self, size: impl FontPoints) -> Self {
        Pie { text: (self.text.0, Some(size.points())), ..self }.drawn()
    }
}

fn wedge(from: f64, to: f64, radius: f64, hole: f64) -> Vec<[f64; 2]> {
    let steps = ((to - from).abs() / STEP).ceil().max(1.0) as usize;
    let arc = |r: f64| {
        (0..=steps).map(move |k| from + (to - from) * k as f64 / steps as f64).map(move |a| [r * a.cos(), r * a.sin()])
    };
    if hole > 0.0 {
        arc(radius).chain(arc(hole).rev()).collect()
    } else {
        std::iter::once([0.0, 0.0]).chain(arc(radius)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python's `"%.1f%%" % 35.46` and so on.
    #[test]
    fn percentages_are_written_as_python_writes_them() {
        let written = |percent: Result<Percent, String>| percent.map(|p| p.text(35.46)).unwrap_or_else(|text| text);
        assert_eq!(written(1.percent()), "35.5%");
        assert_eq!(written("%1.1f%%".percent()), "35.5%");
        assert_eq!(written("%d%%".percent()), "35%");
        assert_eq!(written("about %.0f %% of all".percent()), "about 35 % of all");
        assert_eq!(written("%f".percent()), "35.460000");
        assert!(written("per cent".percent()).starts_with("ValueError: unsupported format 'per cent'"));
    }
}
