//! What an axes can hold: lines, points, bars, filled areas, pictures, texts. Plain data, drawn by `draw`.

use crate::arrow::ArrowData;
use crate::backend::Pen;
use crate::boxplot::BoxplotData;
use crate::colormaps::Colormap;
use crate::colors::Color;
use crate::contour::ContourData;
use crate::errorbar::ErrorbarData;
use crate::marker::Marker;
use crate::quiver::QuiverData;
use crate::rc::Rc;
use crate::series::Pixels;
use crate::text::{HAlign, Setting, VAlign, Variant};
use crate::text_box::BboxProps;

/// How a line is dashed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum LineStyle {
    Solid,
    Dashed,
    DashDot,
    Dotted,
    /// Lengths of dashes and gaps in line widths, and how many of them count.
    Custom([f64; 8], usize),
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
            LineStyle::Custom(ref lengths, n) => &lengths[..n],
        };
        let dashes = pattern.iter().map(|d| d * width).collect();
        Pen { dashes, projecting: self == LineStyle::Solid, ..Pen::default() }
    }
}

/// The ends of a solid line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cap {
    Butt,
    Projecting,
    Round,
}

impl Cap {
    /// The pen with these ends, for a line that is not dashed.
    pub fn on(self, pen: Pen) -> Pen {
        if !pen.dashes.is_empty() {
            return pen;
        }
        Pen { projecting: self == Cap::Projecting, round: self == Cap::Round, ..pen }
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
    /// A straight line without ends: x is a point's and the slope, y the point's.
    Endless,
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
    pub marker_edge_width: f64,
    /// A marker at every n-th point only.
    pub mark_every: usize,
}

impl LineData {
    /// A line with the widths and sizes of the settings.
    pub fn new(x: Vec<f64>, y: Vec<f64>, color: Color, rc: &Rc) -> LineData {
        LineData {
            x,
            y,
            frame: Frame::Data,
            color,
            width: rc.linewidth,
            style: rc.linestyle,
            marker: rc.marker,
            marker_size: rc.markersize,
            marker_face: None,
            marker_edge: None,
            marker_edge_width: rc.markeredgewidth,
            mark_every: 1,
        }
    }
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
    /// All bars are drawn as one.
    pub outline: Option<Outline>,
    /// Patterns on the bars; they repeat when there are fewer of them.
    pub hatches: Vec<String>,
}

/// How bars are drawn as one: as an area or as the line over them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Outline {
    Filled,
    Line,
    /// A line that shows as one in the legend, too.
    Stairs,
}

/// Filled areas; colours repeat when there are fewer of them.
#[derive(Clone, Debug)]
pub(crate) struct PolygonData {
    pub polygons: Vec<Vec<[f64; 2]>>,
    pub frame: Frame,
    pub colors: Vec<Color>,
    pub edge: Option<Color>,
    pub edge_width: f64,
    /// Numbers shown as colours instead.
    pub values: Option<Vec<f64>>,
    pub mapping: Mapping,
    /// Cells that meet are filled without smooth edges, so that no seam shows.
    pub antialiased: bool,
    /// Sides no margin goes beyond.
    pub sticky: bool,
    pub hatch: Option<String>,
    pub edge_style: LineStyle,
    /// The outlines have the colours of the areas.
    pub edge_face: bool,
}

impl PolygonData {
    pub fn new(polygons: Vec<Vec<[f64; 2]>>, frame: Frame, color: Color, rc: &Rc) -> PolygonData {
        PolygonData {
            polygons,
            frame,
            colors: vec![color],
            edge: rc.patch_force_edge.then_some(rc.patch_edge),
            edge_width: rc.patch_width,
            values: None,
            mapping: Mapping::new(rc),
            antialiased: true,
            sticky: false,
            hatch: None,
            edge_style: LineStyle::Solid,
            edge_face: false,
        }
    }
}

/// Separate lines; colours and widths repeat when there are fewer of them.
#[derive(Clone, Debug)]
pub(crate) struct SegmentsData {
    pub lines: Vec<Vec<[f64; 2]>>,
    pub colors: Vec<Color>,
    /// Numbers shown as colours instead.
    pub values: Option<Vec<f64>>,
    pub mapping: Mapping,
    pub widths: Vec<f64>,
    pub style: LineStyle,
    /// Points the view takes in besides the lines.
    pub corners: Vec<[f64; 2]>,
    /// Arrows on the lines: which line, from where to where; and the size of their heads in points.
    pub arrows: Vec<(usize, [f64; 2], [f64; 2])>,
    pub arrow_size: f64,
}

impl SegmentsData {
    pub fn new(lines: Vec<Vec<[f64; 2]>>, color: Color, rc: &Rc) -> SegmentsData {
        SegmentsData {
            lines,
            colors: vec![color],
            values: None,
            mapping: Mapping::new(rc),
            widths: vec![rc.linewidth],
            style: LineStyle::Solid,
            corners: Vec::new(),
            arrows: Vec::new(),
            arrow_size: 10.0,
        }
    }

    /// The colour of each line.
    pub fn line_colors(&self) -> Vec<Color> {
        self.values.as_ref().map_or_else(|| self.colors.clone(), |values| self.mapping.colors(values).collect())
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ImageData {
    pub pixels: Pixels,
    pub mapping: Mapping,
    /// Left, right, bottom, top in data coordinates.
    pub extent: [f64; 4],
    pub upper: bool,
    pub interpolation: String,
}

/// What a text's place counts in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TextFrame {
    Data,
    Axes,
}

#[derive(Clone, Debug)]
pub(crate) struct TextData {
    pub text: String,
    pub at: [f64; 2],
    pub frame: TextFrame,
    /// Points it is moved by.
    pub offset: [f64; 2],
    /// The arrow of an annotation.
    pub arrow: Option<ArrowData>,
    /// A box around the text.
    pub boxed: Option<BboxProps>,
    pub color: Color,
    pub variant: Variant,
    pub points: f64,
    pub angle: f64,
    /// Align before rotating, as `rotation_mode="anchor"`.
    pub anchor_mode: bool,
    pub ha: HAlign,
    pub va: VAlign,
}

impl TextData {
    pub fn new(text: String, at: [f64; 2], rc: &Rc) -> TextData {
        TextData {
            text,
            at,
            frame: TextFrame::Data,
            offset: [0.0; 2],
            arrow: None,
            boxed: None,
            color: rc.text_color,
            variant: Variant::default(),
            points: rc.font_size,
            angle: 0.0,
            anchor_mode: false,
            ha: HAlign::Left,
            va: VAlign::Baseline,
        }
    }
}

impl TextData {
    /// How the text is set.
    pub fn setting(&self) -> Setting {
        let (angle, anchor_mode, variant) = (self.angle, self.anchor_mode, self.variant);
        Setting { angle, anchor_mode, variant, ..Setting::new(self.points, self.ha, self.va) }
    }
}

/// How numbers become colours: the map and the ends of its scale, from the data where not given.
#[derive(Clone, Debug)]
pub(crate) struct Mapping {
    pub cmap: Colormap,
    pub vmin: Option<f64>,
    pub vmax: Option<f64>,
    /// Numbers count by their logarithm: `LogNorm`.
    pub log: bool,
}

impl Mapping {
    pub fn new(rc: &Rc) -> Mapping {
        Mapping { cmap: rc.cmap.clone(), vmin: None, vmax: None, log: false }
    }

    /// The ends of the scale for these values.
    pub fn range(&self, values: &[f64]) -> (f64, f64) {
        let usable = || values.iter().copied().filter(|v| v.is_finite() && (!self.log || *v > 0.0));
        let low = self.vmin.unwrap_or_else(|| usable().fold(f64::INFINITY, f64::min));
        let high = self.vmax.unwrap_or_else(|| usable().fold(f64::NEG_INFINITY, f64::max));
        if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 1.0) }
    }

    /// Where a number lies between the ends of the scale, from 0 to 1.
    pub fn part(&self, v: f64, (low, high): (f64, f64)) -> f64 {
        let (v, low, high) = if self.log { (v.log10(), low.log10(), high.log10()) } else { (v, low, high) };
        if low == high { v * 0.0 } else { (v - low) / (high - low) }
    }

    /// The colour of each value.
    pub fn colors<'a>(&'a self, values: &'a [f64]) -> impl Iterator<Item = Color> + 'a {
        let range = self.range(values);
        values.iter().map(move |v| self.cmap.color(self.part(*v, range)))
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Line(LineData),
    Scatter(ScatterData),
    Bars(BarsData),
    Polygon(PolygonData),
    Segments(SegmentsData),
    Errorbar(ErrorbarData),
    Boxplot(BoxplotData),
    Contour(ContourData),
    Quiver(QuiverData),
    Image(ImageData),
    Text(TextData),
}

impl Kind {
    /// The numbers it shows as colours, and how.
    pub fn mapped(&self) -> Option<(&Mapping, &[f64])> {
        match self {
            Kind::Image(image) if image.pixels.channels == 1 => Some((&image.mapping, &image.pixels.values)),
            Kind::Scatter(scatter) => Some((&scatter.mapping, scatter.values.as_deref()?)),
            Kind::Polygon(polygon) => Some((&polygon.mapping, polygon.values.as_deref()?)),
            Kind::Segments(segments) => Some((&segments.mapping, segments.values.as_deref()?)),
            Kind::Contour(contour) => Some((&contour.mapping, &contour.levels)),
            _ => None,
        }
    }
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
    /// Values along x and y no margin goes beyond.
    pub sticky: [Vec<f64>; 2],
    /// Left, right, bottom, top of what the view takes in of it, instead of its points.
    pub extent: Option<[f64; 4]>,
}

impl Artist {
    pub fn new(kind: Kind) -> Artist {
        let sticky = [Vec::new(), Vec::new()];
        Artist { kind, label: None, alpha: None, zorder: None, cycled: false, sticky, extent: None }
    }

    /// Its place from back to front.
    pub fn zorder(&self) -> f64 {
        self.zorder.unwrap_or(match self.kind {
            Kind::Image(_) => 0.0,
            Kind::Contour(ref contour) if contour.filled => 1.0,
            Kind::Scatter(_) | Kind::Bars(_) | Kind::Polygon(_) | Kind::Quiver(_) => 1.0,
            Kind::Line(_) | Kind::Segments(_) | Kind::Errorbar(_) | Kind::Boxplot(_) | Kind::Contour(_) => 2.0,
            Kind::Text(_) => 3.0,
        })
    }

    /// The colour with the artist's own opacity, when one was set.
    pub fn faded(&self, color: Color) -> Color {
        self.alpha.map_or(color, |a| color.with_alpha(a * color.a))
    }
}
