//! An axes' state: its place in the figure, its two axis, what it holds; and the view limits that follow from it.
//! Plain data and arithmetic; drawing is in `draw`.

use crate::artist::{Artist, Frame, Kind, LineStyle};
use crate::colors::Color;
use crate::geometry::Bbox;
use crate::legend::LegendData;
use crate::ticks;

/// A title or a label: text, colour, size in points.
#[derive(Clone, Debug)]
pub(crate) struct Caption {
    pub text: String,
    pub color: Color,
    pub points: f64,
    pub pad: f64,
}

impl Caption {
    pub fn new(points: f64, pad: f64) -> Caption {
        Caption { text: String::new(), color: Color::BLACK, points, pad }
    }
}

/// Lines across the axes at the ticks.
#[derive(Clone, Debug)]
pub(crate) struct GridData {
    pub color: Color,
    pub width: f64,
    pub style: LineStyle,
}

impl GridData {
    pub const DEFAULT: GridData =
        GridData { color: Color::from_bytes(0xb0, 0xb0, 0xb0), width: 0.8, style: LineStyle::Solid };
}

/// One of the two axis of an axes.
#[derive(Clone, Debug)]
pub(crate) struct AxisData {
    /// The ends that were set; the others follow the data.
    pub limits: (Option<f64>, Option<f64>),
    pub inverted: bool,
    pub log: bool,
    pub ticks: Option<Vec<f64>>,
    pub tick_labels: Option<Vec<String>>,
    pub tick_points: f64,
    pub tick_angle: f64,
    pub tick_color: Color,
    pub label: Caption,
    pub grid: Option<GridData>,
    pub categories: Vec<String>,
}

impl AxisData {
    fn new() -> AxisData {
        AxisData {
            limits: (None, None),
            inverted: false,
            log: false,
            ticks: None,
            tick_labels: None,
            tick_points: 10.0,
            tick_angle: 0.0,
            tick_color: Color::BLACK,
            label: Caption::new(10.0, 4.0),
            grid: None,
            categories: Vec::new(),
        }
    }

    /// The positions of categories on this axis; new ones are put at the end.
    pub fn places(&mut self, names: &[String]) -> Vec<f64> {
        names
            .iter()
            .map(|name| {
                let place = self.categories.iter().position(|c| c == name).unwrap_or_else(|| {
                    self.categories.push(name.clone());
                    self.categories.len() - 1
                });
                place as f64
            })
            .collect()
    }
}

/// Where an axes lies in its figure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    /// In a grid: rows, columns, and the first and last cell taken, counted from 0 along the rows.
    Grid { rows: usize, columns: usize, first: usize, last: usize },
    /// Left, bottom, width, height in parts of the figure.
    Rect([f64; 4]),
    /// Over another axes, with the same x axis and a y axis of its own on the right.
    Twin { axes: usize },
    /// The colour bar beside another axes, for one of its artists.
    Colorbar { axes: usize, artist: usize },
}

#[derive(Clone, Debug)]
pub(crate) struct AxesData {
    pub place: Place,
    pub x: AxisData,
    pub y: AxisData,
    pub artists: Vec<Artist>,
    pub title: Caption,
    pub legend: Option<LegendData>,
    /// One unit of x is as long as one of y.
    pub equal: bool,
    /// Spines, ticks and labels are drawn.
    pub visible: bool,
    pub has_colorbar: bool,
    pub margins: (f64, f64),
    pub lines_cycled: usize,
    pub patches_cycled: usize,
}

impl AxesData {
    pub fn new(place: Place) -> AxesData {
        AxesData {
            place,
            x: AxisData::new(),
            y: AxisData::new(),
            artists: Vec::new(),
            title: Caption::new(12.0, 6.0),
            legend: None,
            equal: false,
            visible: true,
            has_colorbar: false,
            margins: (0.05, 0.05),
            lines_cycled: 0,
            patches_cycled: 0,
        }
    }

    /// The next colour of the cycle for lines.
    pub fn next_line_color(&mut self) -> Color {
        self.lines_cycled += 1;
        crate::colors::cycle(self.lines_cycled - 1)
    }

    /// The next colour of the cycle for bars, points and areas.
    pub fn next_patch_color(&mut self) -> Color {
        self.patches_cycled += 1;
        crate::colors::cycle(self.patches_cycled - 1)
    }

    /// Adds an artist; `make` may take a colour of the cycle.
    pub fn add(&mut self, make: impl FnOnce(&mut AxesData) -> Kind) -> usize {
        let before = (self.lines_cycled, self.patches_cycled);
        let kind = make(self);
        let cycled = before != (self.lines_cycled, self.patches_cycled);
        self.artists.push(Artist { cycled, ..Artist::new(kind) });
        self.artists.len() - 1
    }

    /// The newest artist is given a colour of its own: the one it took from the cycle is for the next.
    pub fn return_color(&mut self, artist: usize) {
        if artist + 1 != self.artists.len() {
            return;
        }
        let Some(last) = self.artists.last_mut().filter(|last| last.cycled) else { return };
        last.cycled = false;
        match last.kind {
            Kind::Line(_) => self.lines_cycled -= 1,
            _ => self.patches_cycled -= 1,
        }
    }

    /// The ends of both axis, in the order left, right and bottom, top.
    pub fn view(&self) -> ((f64, f64), (f64, f64)) {
        let mut x = Extent::default();
        let mut y = Extent::default();
        for artist in &self.artists {
            cover(artist, &mut x, &mut y);
        }
        (x.limits(&self.x, self.margins.0), y.limits(&self.y, self.margins.1))
    }
}

/// The ends of the x axis that several axes share; the first one's settings count.
pub(crate) fn shared_x(members: &[&AxesData]) -> (f64, f64) {
    let mut x = Extent::default();
    for artist in members.iter().flat_map(|axes| &axes.artists) {
        cover(artist, &mut x, &mut Extent::default());
    }
    x.limits(&members[0].x, members[0].margins.0)
}

/// The data's range along one axis and the values no margin goes beyond.
#[derive(Default)]
struct Extent {
    range: Option<(f64, f64)>,
    positive: f64,
    sticky: Vec<f64>,
}

impl Extent {
    fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.range = Some(self.range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))));
        if value > 0.0 && (self.positive == 0.0 || value < self.positive) {
            self.positive = value;
        }
    }

    fn stick(&mut self, value: f64) {
        self.add(value);
        self.sticky.push(value);
    }

    fn limits(&self, axis: &AxisData, margin: f64) -> (f64, f64) {
        let (mut low, mut high) = self.automatic(axis.log, margin);
        if axis.inverted {
            (low, high) = (high, low);
        }
        let ends = (axis.limits.0.unwrap_or(low), axis.limits.1.unwrap_or(high));
        if ends.0 != ends.1 {
            return ends;
        }
        ticks::nonsingular(ends.0, ends.1, 0.05, 1e-15)
    }

    fn automatic(&self, log: bool, margin: f64) -> (f64, f64) {
        let Some((low, high)) = self.range else {
            return if log { (1.0, 10.0) } else { (0.0, 1.0) };
        };
        if log {
            let low = if low > 0.0 { low } else { self.positive };
            if low <= 0.0 {
                return (1.0, 10.0);
            }
            let (a, b) =
                if low == high { (low.log10() - 1.0, high.log10() + 1.0) } else { (low.log10(), high.log10()) };
            let grow = margin * (b - a);
            return (10f64.powf(a - grow), 10f64.powf(b + grow));
        }
        let (low, high) = ticks::nonsingular(low, high, 0.05, 1e-15);
        let tolerance = 1e-5 * low.abs().max(high.abs()).max(high - low);
        let below = self.sticky.iter().copied().filter(|&s| s < low + tolerance).fold(f64::NEG_INFINITY, f64::max);
        let above = self.sticky.iter().copied().filter(|&s| s >= high - tolerance).fold(f64::INFINITY, f64::min);
        let grow = margin * (high - low);
        ((low - grow).max(below), (high + grow).min(above))
    }
}

fn cover(artist: &Artist, x: &mut Extent, y: &mut Extent) {
    match &artist.kind {
        Kind::Line(line) => {
            if line.frame != Frame::AcrossX {
                line.x.iter().for_each(|&v| x.add(v));
            }
            if line.frame != Frame::AcrossY {
                line.y.iter().for_each(|&v| y.add(v));
            }
        }
        Kind::Scatter(scatter) => {
            for (&a, &b) in scatter.x.iter().zip(&scatter.y) {
                if a.is_finite() && b.is_finite() {
                    x.add(a);
                    y.add(b);
                }
            }
        }
        Kind::Bars(bars) => {
            for bar in &bars.bars {
                x.add(bar.x);
                x.add(bar.x + bar.width);
                y.add(bar.y);
                y.add(bar.y + bar.height);
                if bars.horizontal { x.stick(bar.x) } else { y.stick(bar.y) }
            }
        }
        Kind::Polygon(polygon) => {
            for p in &polygon.points {
                if polygon.frame != Frame::AcrossX {
                    x.add(p[0]);
                }
                if polygon.frame != Frame::AcrossY {
                    y.add(p[1]);
                }
            }
        }
        Kind::Image(image) => {
            image.extent[..2].iter().for_each(|&v| x.stick(v));
            image.extent[2..].iter().for_each(|&v| y.stick(v));
        }
        Kind::Text(_) => {}
    }
}

/// Data to display coordinates.
#[derive(Clone, Copy)]
pub(crate) struct View {
    pub bbox: Bbox,
    pub x: (f64, f64),
    pub y: (f64, f64),
    pub log: (bool, bool),
}

impl View {
    /// The display point of a point in data.
    pub fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        self.bbox.at(part(x, self.x, self.log.0), part(y, self.y, self.log.1))
    }

    /// The display point of a point given in the mixed coordinates of `frame`.
    pub fn framed(&self, frame: Frame, [x, y]: [f64; 2]) -> [f64; 2] {
        match frame {
            Frame::Data => self.at([x, y]),
            Frame::AcrossY => self.bbox.at(part(x, self.x, self.log.0), y),
            Frame::AcrossX => self.bbox.at(x, part(y, self.y, self.log.1)),
        }
    }
}

fn part(v: f64, (low, high): (f64, f64), log: bool) -> f64 {
    if log {
        return (v.log10() - low.log10()) / (high.log10() - low.log10());
    }
    (v - low) / (high - low)
}
