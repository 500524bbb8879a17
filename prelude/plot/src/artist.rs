//! What an axes can hold: lines, points, bars, filled areas, pictures, texts. Plain data, drawn by `draw`.

use crate::backend::Pen;
use crate::colormaps::Colormap;
use crate::colors::Color;
use crate::marker::Marker;
use crate::series::Pixels;
use crate::text::{HAlign, VAlign};

/// How a line is dashed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum LineStyle {
    Solid,
    Dashed,
    DashDot,
    Dotted,
    None,
}

impl LineStyle {
    /// Reads `"-"`, `"--"`, `"-."`, `":"`, their long names, or `""`, `" "` and `"None"` for no line.
    pub fn parse(text: &str) -> Result<LineStyle, String> {
        match text {
            "-" | "solid" => Ok(LineStyle::Solid),
            "--" | "dashed" => Ok(LineStyle::Dashed),
            "-." | "dashdot" => Ok(LineStyle::DashDot),
            ":" | "dotted" => Ok(LineStyle::Dotted),
            "" | " " | "None" | "none" => Ok(LineStyle::None),
            _ => Err(format!(
                "ValueError: '{text}' is not a valid value for ls. Supported values are '-', '--', '-.', ':', \
                 'None', ' ', '', 'solid', 'dashed', 'dashdot', 'dotted'"
            )),
        }
    }

    /// The pen for a line `width` pixels wide: dashes grow with the width.
    pub fn pen(self, width: f64) -> Pen {
        let pattern: &[f64] = match self {
            LineStyle::Solid | LineStyle::None => &[],
            LineStyle::Dashed => &[3.7, 1.6],
            LineStyle::DashDot => &[6.4, 1.6, 1.0, 1.6],
            LineStyle::Dotted => &[1.0, 1.65],
        };
        Pen { dashes: pattern.iter().map(|d| d * width).collect(), projecting: self == LineStyle::Solid, miter: false }
    }
}

/// What a coordinate of a line counts in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Frame {
    /// Both in data.
    Data,
    /// x in data, y in parts of the axes' height: a vertical line across the axes.
    AcrossY,
    /// y in data, x in parts of the axes' width: a horizontal line across the axes.
    AcrossX,
}

#[derive(Clone, Debug)]
pub(crate) struct LineData {
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    pub frame: Frame,
    pub color: Color,
    pub width: f64,
    pub style: LineStyle,
    pub marker: Option<Marker>,
    pub marker_size: f64,
    pub marker_face: Option<Color>,
    pub marker_edge: Option<Color>,
}

#[derive(Clone, Debug)]
pub(crate) struct ScatterData {
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    pub colors: Vec<Color>,
    pub values: Option<Vec<f64>>,
    pub mapping: Mapping,
    pub sizes: Vec<f64>,
    pub marker: Marker,
    pub edge: Option<Color>,
    pub width: f64,
}

/// A rectangle in data coordinates, from one corner.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub face: Color,
    pub edge: Option<Color>,
}

#[derive(Clone, Debug)]
pub(crate) struct BarsData {
    pub bars: Vec<Bar>,
    pub edge_width: f64,
    pub horizontal: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct PolygonData {
    pub points: Vec<[f64; 2]>,
    pub frame: Frame,
    pub color: Color,
}

#[derive(Clone, Debug)]
pub(crate) struct ImageData {
    pub pixels: Pixels,
    pub mapping: Mapping,
    /// Left, right, bottom, top in data coordinates.
    pub extent: [f64; 4],
    pub upper: bool,
    pub nearest: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct TextData {
    pub text: String,
    pub at: [f64; 2],
    /// Where the arrow of an annotation points.
    pub arrow: Option<[f64; 2]>,
    pub color: Color,
    pub points: f64,
    pub angle: f64,
    pub ha: HAlign,
    pub va: VAlign,
}

/// How numbers become colours: the map and the ends of its scale, from the data where not given.
#[derive(Clone, Debug)]
pub(crate) struct Mapping {
    pub cmap: Colormap,
    pub vmin: Option<f64>,
    pub vmax: Option<f64>,
}

impl Mapping {
    pub fn new() -> Mapping {
        Mapping { cmap: Colormap::named("viridis").expect("the default map is embedded"), vmin: None, vmax: None }
    }

    /// The ends of the scale for these values.
    pub fn range(&self, values: &[f64]) -> (f64, f64) {
        let finite = || values.iter().copied().filter(|v| v.is_finite());
        let low = self.vmin.unwrap_or_else(|| finite().fold(f64::INFINITY, f64::min));
        let high = self.vmax.unwrap_or_else(|| finite().fold(f64::NEG_INFINITY, f64::max));
        if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 1.0) }
    }

    /// The colour of each value.
    pub fn colors<'a>(&'a self, values: &'a [f64]) -> impl Iterator<Item = Color> + 'a {
        let (low, high) = self.range(values);
        let span = high - low;
        values.iter().map(move |v| self.cmap.color(if span == 0.0 { v * 0.0 } else { (v - low) / span }))
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Line(LineData),
    Scatter(ScatterData),
    Bars(BarsData),
    Polygon(PolygonData),
    Image(ImageData),
    Text(TextData),
}

/// One thing drawn in an axes.
#[derive(Clone, Debug)]
pub(crate) struct Artist {
    pub kind: Kind,
    pub label: Option<String>,
    pub alpha: Option<f32>,
    pub zorder: Option<f64>,
    /// Its colour was taken from the cycle.
    pub cycled: bool,
}

impl Artist {
    pub fn new(kind: Kind) -> Artist {
        Artist { kind, label: None, alpha: None, zorder: None, cycled: false }
    }

    /// Its place from back to front.
    pub fn zorder(&self) -> f64 {
        self.zorder.unwrap_or(match self.kind {
            Kind::Image(_) => 0.0,
            Kind::Scatter(_) | Kind::Bars(_) | Kind::Polygon(_) => 1.0,
            Kind::Line(_) => 2.0,
            Kind::Text(_) => 3.0,
        })
    }

    /// The colour with the artist's own opacity, when one was set.
    pub fn faded(&self, color: Color) -> Color {
        self.alpha.map_or(color, |a| color.with_alpha(a * color.a))
    }
}
