//! `Axes`: the plotting methods, matplotlib's object-oriented interface. `pyplot` calls these for the current axes.

use crate::artist::{
    Bar, BarsData, Frame, ImageData, Kind, LineData, LineStyle, Mapping, PolygonData, ScatterData, TextData,
};
use crate::axes::{AxesData, GridData, Place};
use crate::bars::BarContainer;
use crate::colors::Color;
use crate::format::Format;
use crate::furniture::{Colorbar, Grid, Label, Legend, Ticks, Which};
use crate::handles::{AxesImage, Id, Line2D, PathCollection, PolyCollection, Text, edit_axes, edit_figure, valid};
use crate::legend::LegendData;
use crate::marker::Marker;
use crate::pie::Pie;
use crate::series::{Element, Image, Series, python_tuple};
use crate::text::{HAlign, VAlign};

/// One plot of a figure: `matplotlib.axes.Axes`. A `Copy` handle.
///
/// ```
/// use flowbook_plot as plt;
/// let ax = plt::figure().add_subplot(2, 2, 1);
/// ax.plot(&[0.0, 1.0], &[0.0, 1.0], "r");
/// ax.set_title("slope");
/// # plt::close();
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axes {
    pub(crate) figure: u64,
    pub(crate) index: usize,
}

/// Checks that x and y have the same first dimension.
#[track_caller]
pub(crate) fn same_length(x: &impl Series, y: &impl Series) {
    let (a, b) = (x.shape(), y.shape());
    if a.first() != b.first() {
        panic!(
            "ValueError: x and y must have same first dimension, but have shapes {} and {}",
            python_tuple(&a),
            python_tuple(&b)
        );
    }
}

/// Two ends of an axis; an open end follows the data: `[0, 5]`, `(0.0, 5.0)`, `0.0..1.0`, `0.0..`, `..1.0`.
pub trait Limits {
    /// The first and the second end.
    fn ends(&self) -> (Option<f64>, Option<f64>);
}

impl<T: Element> Limits for [T; 2] {
    fn ends(&self) -> (Option<f64>, Option<f64>) {
        (Some(self[0].number()), Some(self[1].number()))
    }
}

impl<T: Element> Limits for &[T; 2] {
    fn ends(&self) -> (Option<f64>, Option<f64>) {
        (Some(self[0].number()), Some(self[1].number()))
    }
}

impl<A: Element, B: Element> Limits for (A, B) {
    fn ends(&self) -> (Option<f64>, Option<f64>) {
        (Some(self.0.number()), Some(self.1.number()))
    }
}

impl<T: Element> Limits for std::ops::Range<T> {
    fn ends(&self) -> (Option<f64>, Option<f64>) {
        (Some(self.start.number()), Some(self.end.number()))
    }
}

impl<T: Element> Limits for std::ops::RangeFrom<T> {
    fn ends(&self) -> (Option<f64>, Option<f64>) {
        (Some(self.start.number()), None)
    }
}

impl<T: Element> Limits for std::ops::RangeTo<T> {
    fn ends(&self) -> (Option<f64>, Option<f64>) {
        (None, Some(self.end.number()))
    }
}

impl Axes {
    fn edit<R>(self, f: impl FnOnce(&mut AxesData) -> R) -> Option<R> {
        edit_axes(self.figure, self.index, f)
    }

    /// Adds what `make` makes; it may take a colour of the cycle.
    fn add(self, make: impl FnOnce(&mut AxesData) -> Kind) -> Id {
        let artist = self.edit(|axes| axes.add(make));
        Id { figure: self.figure, axes: self.index, artist: artist.unwrap_or(0) }
    }

    /// The positions along x of a series, which may be categories.
    fn x_values(self, x: &impl Series) -> Vec<f64> {
        match x.categories() {
            Some(names) => self.edit(|axes| axes.x.places(&names)).unwrap_or_default(),
            None => x.values(),
        }
    }

    /// Draws y against x as a line; the format string may give colour, marker and line style: `"r--"`, `"go"`, `""`.
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length or the format string is not understood.
    #[track_caller]
    pub fn plot(self, x: impl Series, y: impl Series, fmt: &str) -> Line2D {
        same_length(&x, &y);
        let format = valid(Format::parse(fmt));
        let (x, y) = (self.x_values(&x), y.values());
        self.line(x, y, format)
    }

    /// Draws y against 0, 1, 2, ... as a line: matplotlib's `plot(y)`.
    pub fn plot_y(self, y: impl Series) -> Line2D {
        let y = y.values();
        let x = (0..y.len()).map(|k| k as f64).collect();
        self.line(x, y, Format::default())
    }

    fn line(self, x: Vec<f64>, y: Vec<f64>, format: Format) -> Line2D {
        Line2D(self.add(|axes| {
            let color = format.color.unwrap_or_else(|| axes.next_line_color());
            Kind::Line(LineData {
                x,
                y,
                frame: Frame::Data,
                color,
                width: 1.5,
                style: format.style.unwrap_or(LineStyle::Solid),
                marker: format.marker,
                marker_size: 6.0,
                marker_face: None,
                marker_edge: None,
            })
        }))
    }

    fn across(self, x: Vec<f64>, y: Vec<f64>, frame: Frame) -> Line2D {
        let line = self.line(x, y, Format { color: Some(crate::colors::cycle(0)), ..Format::default() });
        self.edit(|axes| {
            if let Some(Kind::Line(line)) = axes.artists.last_mut().map(|a| &mut a.kind) {
                line.frame = frame;
            }
        });
        line
    }

    /// Draws a horizontal line across the axes at `y`.
    pub fn axhline(self, y: impl Element) -> Line2D {
        self.across(vec![0.0, 1.0], vec![y.number(); 2], Frame::AcrossX)
    }

    /// Draws a vertical line across the axes at `x`.
    pub fn axvline(self, x: impl Element) -> Line2D {
        self.across(vec![x.number(); 2], vec![0.0, 1.0], Frame::AcrossY)
    }

    fn span(self, points: Vec<[f64; 2]>, frame: Frame) -> PolyCollection {
        PolyCollection(self.add(|_| Kind::Polygon(PolygonData { points, frame, color: crate::colors::cycle(0) })))
    }

    /// Fills a horizontal band across the axes.
    pub fn axhspan(self, low: impl Element, high: impl Element) -> PolyCollection {
        let (a, b) = (low.number(), high.number());
        self.span(vec![[0.0, a], [1.0, a], [1.0, b], [0.0, b]], Frame::AcrossX)
    }

    /// Fills a vertical band across the axes.
    pub fn axvspan(self, low: impl Element, high: impl Element) -> PolyCollection {
        let (a, b) = (low.number(), high.number());
        self.span(vec![[a, 0.0], [b, 0.0], [b, 1.0], [a, 1.0]], Frame::AcrossY)
    }

    /// Fills the area between two curves over x.
    ///
    /// # Panics
    /// `ValueError` when the three differ in length.
    #[track_caller]
    pub fn fill_between(self, x: impl Series, y1: impl Series, y2: impl Series) -> PolyCollection {
        same_length(&x, &y1);
        same_length(&x, &y2);
        let (x, low, high) = (x.values(), y1.values(), y2.values());
        let there = x.iter().zip(&low).map(|(&x, &y)| [x, y]);
        let back = x.iter().zip(&high).map(|(&x, &y)| [x, y]).rev();
        let points = there.chain(back).collect();
        PolyCollection(
            self.add(|axes| Kind::Polygon(PolygonData { points, frame: Frame::Data, color: axes.next_patch_color() })),
        )
    }

    /// Draws a point for each pair of x and y.
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length.
    #[track_caller]
    pub fn scatter(self, x: impl Series, y: impl Series) -> PathCollection {
        if x.shape() != y.shape() {
            panic!("ValueError: x and y must be the same size");
        }
        let (x, y) = (self.x_values(&x), y.values());
        PathCollection(self.add(|axes| {
            Kind::Scatter(ScatterData {
                x,
                y,
                colors: vec![axes.next_patch_color()],
                values: None,
                mapping: Mapping::new(),
                sizes: vec![36.0],
                marker: Marker('o'),
                edge: None,
                width: 1.0,
            })
        }))
    }

    /// Draws a bar of each height over its x, which may be texts.
    ///
    /// # Panics
    /// `ValueError` when x and the heights differ in length.
    #[track_caller]
    pub fn bar(self, x: impl Series, height: impl Series) -> BarContainer {
        same_bars(["x", "height"], &x, &height);
        let x = self.x_values(&x);
        let bars = x.iter().zip(height.values()).map(|(&x, height)| [x - 0.4, 0.0, 0.8, height]).collect();
        self.bars(bars, false)
    }

    /// Draws a bar of each width beside its y, which may be texts.
    ///
    /// # Panics
    /// `ValueError` when y and the widths differ in length.
    #[track_caller]
    pub fn barh(self, y: impl Series, width: impl Series) -> BarContainer {
        same_bars(["y", "width"], &y, &width);
        let y = match y.categories() {
            Some(names) => self.edit(|axes| axes.y.places(&names)).unwrap_or_default(),
            None => y.values(),
        };
        let bars = y.iter().zip(width.values()).map(|(&y, width)| [0.0, y - 0.4, width, 0.8]).collect();
        self.bars(bars, true)
    }

    fn bars(self, bars: Vec<[f64; 4]>, horizontal: bool) -> BarContainer {
        let n = bars.len();
        let id = self.add(|axes| {
            let face = axes.next_patch_color();
            let bars = bars.into_iter().map(|[x, y, width, height]| Bar { x, y, width, height, face, edge: None });
            Kind::Bars(BarsData { bars: bars.collect(), edge_width: 1.0, horizontal })
        });
        BarContainer::new(id, n)
    }

    /// Counts the values in `bins` equal intervals and draws the counts as bars.
    pub fn hist(self, values: impl Series, bins: usize) -> BarContainer {
        let (counts, edges) = crate::pyplot::histogram(&values.values(), bins.max(1));
        let bars = counts.iter().zip(edges.windows(2)).map(|(&n, e)| [e[0], 0.0, e[1] - e[0], n]).collect();
        self.bars(bars, false)
    }

    /// Draws a two-dimensional array as a picture: numbers as colours of a map, three or four values as RGB(A).
    #[track_caller]
    pub fn imshow(self, image: impl Image) -> AxesImage {
        let pixels = image.pixels();
        let (width, height) = (pixels.width as f64, pixels.height as f64);
        let id = self.add(|axes| {
            axes.equal = true;
            axes.y.inverted = true;
            let extent = [-0.5, width - 0.5, height - 0.5, -0.5];
            Kind::Image(ImageData { pixels, mapping: Mapping::new(), extent, upper: true, nearest: false })
        });
        AxesImage(id)
    }

    /// Puts a colour bar beside the axes, for its last picture or points with numbers.
    ///
    /// # Panics
    /// `RuntimeError` when the axes holds neither.
    #[track_caller]
    pub fn colorbar(self) -> Colorbar {
        let mapped = self.edit(|axes| {
            axes.artists.iter().rposition(|artist| match &artist.kind {
                Kind::Image(image) => image.pixels.channels == 1,
                Kind::Scatter(scatter) => scatter.values.is_some(),
                _ => false,
            })
        });
        let Some(artist) = mapped.flatten() else {
            panic!(
                "RuntimeError: No mappable was found to use for colorbar creation. First define a mappable such as \
                 an image (with imshow) or a contour set (with contourf)."
            );
        };
        let axes = edit_figure(self.figure, |figure| {
            figure.axes[self.index].has_colorbar = true;
            figure.axes.push(AxesData::new(Place::Colorbar { axes: self.index, artist }));
            figure.axes.len() - 1
        });
        Colorbar { figure: self.figure, axes: axes.unwrap_or(0) }
    }

    /// Draws y against x as steps: each value holds from the point before.
    ///
    /// # Panics
    /// As [`plot`](Self::plot).
    #[track_caller]
    pub fn step(self, x: impl Series, y: impl Series, fmt: &str) -> Line2D {
        same_length(&x, &y);
        let format = valid(Format::parse(fmt));
        let (x, y) = (self.x_values(&x), y.values());
        let corners = |v: &[f64], first: usize| -> Vec<f64> {
            let twice: Vec<f64> = v.iter().flat_map(|&v| [v, v]).collect();
            twice.get(first..(twice.len() + first).saturating_sub(1)).unwrap_or_default().to_vec()
        };
        self.line(corners(&x, 0), corners(&y, 1), format)
    }

    /// Draws parts of a whole as a pie.
    pub fn pie(self, values: impl Series) -> Pie {
        Pie::draw(self, &values.values())
    }

    /// An axes over this one with the same x axis and a y axis of its own on the right.
    pub fn twinx(self) -> Axes {
        let index = edit_figure(self.figure, |figure| {
            figure.axes.push(AxesData::new(Place::Twin { axes: self.index }));
            figure.axes.len() - 1
        });
        Axes { figure: self.figure, index: index.unwrap_or(0) }
    }

    /// Writes a text that starts at a point of the data.
    pub fn text(self, x: impl Element, y: impl Element, text: impl Into<String>) -> Text {
        let data = TextData {
            text: text.into(),
            at: [x.number(), y.number()],
            arrow: None,
            color: Color::BLACK,
            points: 10.0,
            angle: 0.0,
            ha: HAlign::Left,
            va: VAlign::Baseline,
        };
        Text(self.add(|_| Kind::Text(data)))
    }

    /// Writes a text at `xytext` with an arrow to `xy`, both in data.
    pub fn annotate<A: Element, B: Element>(self, text: impl Into<String>, xy: (A, A), xytext: (B, B)) -> Text {
        self.text(xytext.0, xytext.1, text).arrow_to(xy.0, xy.1)
    }

    fn label(self, which: Which, text: impl Into<String>) -> Label {
        Label { figure: self.figure, axes: self.index, which }.set_text(text)
    }

    /// Writes a title above the axes.
    pub fn set_title(self, text: impl Into<String>) -> Label {
        self.label(Which::Title, text)
    }

    /// Names the x axis.
    pub fn set_xlabel(self, text: impl Into<String>) -> Label {
        self.label(Which::X, text)
    }

    /// Names the y axis.
    pub fn set_ylabel(self, text: impl Into<String>) -> Label {
        self.label(Which::Y, text)
    }

    /// Sets the ends of the x axis.
    pub fn set_xlim(self, limits: impl Limits) {
        self.edit(|axes| axes.x.limits = limits.ends());
    }

    /// Sets the ends of the y axis.
    pub fn set_ylim(self, limits: impl Limits) {
        self.edit(|axes| axes.y.limits = limits.ends());
    }

    /// The ends of the x axis.
    pub fn get_xlim(self) -> (f64, f64) {
        self.edit(|axes| axes.view().0).unwrap_or((0.0, 1.0))
    }

    /// The ends of the y axis.
    pub fn get_ylim(self) -> (f64, f64) {
        self.edit(|axes| axes.view().1).unwrap_or((0.0, 1.0))
    }

    /// Sets where the x axis has ticks; `()` for none.
    pub fn set_xticks(self, ticks: impl Series) -> Ticks {
        self.ticks(true).set(|axis| (axis.ticks, axis.tick_labels) = (Some(ticks.values()), None))
    }

    /// Sets where the y axis has ticks; `()` for none.
    pub fn set_yticks(self, ticks: impl Series) -> Ticks {
        self.ticks(false).set(|axis| (axis.ticks, axis.tick_labels) = (Some(ticks.values()), None))
    }

    pub(crate) fn ticks(self, horizontal: bool) -> Ticks {
        Ticks { figure: self.figure, axes: self.index, horizontal }
    }

    /// `"linear"` or `"log"`.
    #[track_caller]
    pub fn set_xscale(self, scale: &str) {
        let log = is_log(scale);
        self.edit(|axes| axes.x.log = log);
    }

    /// `"linear"` or `"log"`.
    #[track_caller]
    pub fn set_yscale(self, scale: &str) {
        let log = is_log(scale);
        self.edit(|axes| axes.y.log = log);
    }

    /// Turns the y axis upside down.
    pub fn invert_yaxis(self) {
        self.edit(|axes| axes.y.inverted = !axes.y.inverted);
    }

    /// `"equal"` for units of the same length along x and y, `"auto"` to fill the space.
    pub fn set_aspect(self, aspect: &str) {
        let equal = aspect == "equal";
        self.edit(|axes| axes.equal = equal);
    }

    /// `"off"` hides spines, ticks and labels, `"on"` shows them, `"equal"` makes units equally long.
    pub fn axis(self, option: &str) {
        self.edit(|axes| match option {
            "off" => axes.visible = false,
            "on" => axes.visible = true,
            "equal" | "image" | "scaled" => axes.equal = true,
            _ => {}
        });
    }

    /// Shows or hides grid lines at the ticks.
    pub fn grid(self, on: bool) -> Grid {
        self.edit(|axes| {
            let grid = on.then_some(GridData::DEFAULT);
            axes.x.grid.clone_from(&grid);
            axes.y.grid = grid;
        });
        Grid { figure: self.figure, axes: self.index }
    }

    /// Shows the legend of everything with a label.
    pub fn legend(self) -> Legend {
        self.edit(|axes| axes.legend = Some(LegendData::new()));
        Legend { figure: self.figure, axes: self.index }
    }

    /// Removes everything from the axes.
    pub fn cla(self) {
        self.edit(|axes| *axes = AxesData::new(axes.place.clone()));
    }
}

#[track_caller]
fn is_log(scale: &str) -> bool {
    match scale {
        "log" => true,
        "linear" => false,
        _ => panic!("ValueError: '{scale}' is not a valid value for scale. Supported values are 'linear', 'log'"),
    }
}

#[track_caller]
fn same_bars([name, size]: [&str; 2], x: &impl Series, height: &impl Series) {
    let (a, b) = (x.shape(), height.shape());
    if a != b {
        panic!(
            "ValueError: shape mismatch: objects cannot be broadcast to a single shape.  Mismatch is between \
             '{name}' with shape {} and '{size}' with shape {}.",
            python_tuple(&a),
            python_tuple(&b)
        );
    }
}
