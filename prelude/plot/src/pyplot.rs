//! `matplotlib.pyplot`: functions that act on the current figure and axes, and the figure handle.

use std::path::Path;

use flowbook_runtime::display;

use crate::axes::{AxesData, Place};
use crate::axes_api::{Axes, Limits};
use crate::bars::BarContainer;
use crate::furniture::{Colorbar, Grid, Label, Legend, Ticks, Which};
use crate::handles::{AxesImage, Line2D, PathCollection, PolyCollection, Text, edit_figure};
use crate::pie::Pie;
use crate::png;
use crate::series::{Element, Image, Series};
use crate::state;

/// A figure: `matplotlib.figure.Figure`. A `Copy` handle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    id: u64,
}

impl Figure {
    /// Width and height in inches (6.4 by 4.8 when not set).
    pub fn figsize(self, width: impl Element, height: impl Element) -> Figure {
        edit_figure(self.id, |figure| figure.size = (width.number(), height.number()));
        self
    }

    /// Dots per inch (100 when not set).
    pub fn dpi(self, dpi: impl Element) -> Figure {
        edit_figure(self.id, |figure| figure.dpi = dpi.number());
        self
    }

    /// Adds the axes at place `index` (counted from 1) of a grid, or returns the one that is there.
    ///
    /// # Panics
    /// `ValueError` when the grid has no such place.
    #[track_caller]
    pub fn add_subplot(self, rows: usize, columns: usize, index: usize) -> Axes {
        if index < 1 || index > rows * columns {
            panic!("ValueError: num must be an integer with 1 <= num <= {}, not {index}", rows * columns);
        }
        self.place(Place::Grid { rows, columns, first: index - 1, last: index - 1 })
    }

    /// Adds an axes at left, bottom, width, height, in parts of the figure.
    pub fn add_axes(self, rect: [f64; 4]) -> Axes {
        self.place(Place::Rect(rect))
    }

    fn place(self, place: Place) -> Axes {
        let index = edit_figure(self.id, |figure| {
            let index = figure.axes.iter().position(|axes| axes.place == place).unwrap_or_else(|| {
                figure.axes.push(AxesData::new(place));
                figure.axes.len() - 1
            });
            figure.current = Some(index);
            index
        });
        Axes { figure: self.id, index: index.unwrap_or(0) }
    }

    /// The current axes of this figure.
    pub fn gca(self) -> Axes {
        Axes { figure: self.id, index: state::lock().axes_of(self.id) }
    }

    /// Writes a title over the whole figure.
    pub fn suptitle(self, text: impl Into<String>) -> Label {
        Label { figure: self.id, axes: 0, which: Which::Suptitle }.set_text(text)
    }

    /// Sets margins and gaps of the grid; see [`Adjust`].
    pub fn subplots_adjust(self) -> Adjust {
        Adjust { id: self.id }
    }

    /// Fits margins and gaps to the labels.
    pub fn tight_layout(self) {
        edit_figure(self.id, |figure| figure.tight_layout());
    }

    /// The picture as a PNG file's bytes, cropped as a notebook shows it.
    pub fn to_png(self) -> Vec<u8> {
        let figure = edit_figure(self.id, |figure| figure.clone());
        figure.map(|figure| state::picture(&figure)).unwrap_or_default()
    }

    /// Writes the whole figure to a PNG file.
    ///
    /// # Errors
    /// When the file cannot be written, or its name asks for another format.
    pub fn savefig(self, path: impl AsRef<Path>) -> std::io::Result<()> {
        let format = path.as_ref().extension().and_then(|e| e.to_str()).unwrap_or("png");
        if !format.eq_ignore_ascii_case("png") {
            let text = format!("ValueError: Format '{format}' is not supported (supported formats: png)");
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, text));
        }
        let figure = edit_figure(self.id, |figure| figure.clone());
        figure.map_or(Ok(()), |figure| std::fs::write(path, png::encode(&figure.draw_full().pixmap, figure.dpi)))
    }

    /// Shows the figure now instead of at the cell's end. What it returns can draw it again in the same place, for
    /// figures that grow while something runs.
    pub fn show(self) -> FigureDisplay {
        let shown = display::mime(self.bundle());
        state::lock().close(Some(self.id));
        FigureDisplay { figure: self, shown }
    }

    fn bundle(self) -> Vec<(String, Vec<u8>)> {
        let plain = edit_figure(self.id, |figure| figure.plain()).unwrap_or_default();
        vec![("image/png".into(), self.to_png()), ("text/plain".into(), plain.into())]
    }
}

/// A figure's output under a cell.
#[derive(Clone, Debug)]
pub struct FigureDisplay {
    figure: Figure,
    shown: display::DisplayHandle,
}

impl FigureDisplay {
    /// Replaces the output by the figure as it is now.
    pub fn update(&self) {
        self.shown.update(self.figure.bundle());
    }
}

/// The setters of `subplots_adjust`: margins in parts of the figure, gaps in parts of an axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adjust {
    id: u64,
}

macro_rules! adjust {
    ($($(#[$doc:meta])* $name:ident),*) => {
        impl Adjust { $(
            $(#[$doc])*
            pub fn $name(self, value: impl Element) -> Adjust {
                edit_figure(self.id, |figure| figure.margins.$name = value.number());
                self
            }
        )* }
    };
}
adjust! {
    /// Where the first column starts (0.125).
    left,
    /// Where the last column ends (0.9).
    right,
    /// Where the last row ends (0.11).
    bottom,
    /// Where the first row starts (0.88).
    top,
    /// The gap between columns (0.2).
    wspace,
    /// The gap between rows (0.2).
    hspace
}

/// Opens a new figure: `plt::figure().figsize(12, 7)`.
pub fn figure() -> Figure {
    Figure { id: state::lock().new_figure((6.4, 4.8), 100.0) }
}

/// The current figure, opened when there is none.
pub fn gcf() -> Figure {
    Figure { id: state::lock().current_figure() }
}

/// The current axes, made when there is none.
pub fn gca() -> Axes {
    let (figure, index) = state::lock().current_axes();
    Axes { figure, index }
}

/// Makes `axes` the current one.
pub fn sca(axes: Axes) {
    state::lock().set_current(axes.figure, Some(axes.index));
}

/// Makes the axes at place `index` (counted from 1) of a grid the current one.
///
/// # Panics
/// `ValueError` when the grid has no such place.
#[track_caller]
pub fn subplot(rows: usize, columns: usize, index: usize) -> Axes {
    gcf().add_subplot(rows, columns, index)
}

/// Opens a figure with a grid of axes and returns both; the axes row by row.
pub fn subplots(rows: usize, columns: usize) -> (Figure, Vec<Axes>) {
    let figure = figure();
    let axes: Vec<Axes> = (1..=rows * columns).map(|index| figure.add_subplot(rows, columns, index)).collect();
    (figure, axes)
}

/// Shows all open figures and closes them.
pub fn show() {
    state::show_open();
}

/// Closes the current figure without showing it.
pub fn close() {
    state::lock().close_current();
}

/// Closes all figures without showing them: `plt.close("all")`.
pub fn close_all() {
    state::lock().close(None);
}

/// Removes all axes from the current figure.
pub fn clf() {
    edit_figure(gcf().id, |figure| {
        figure.axes.clear();
        figure.current = None;
    });
}

/// Writes the current figure to a PNG file.
///
/// # Errors
/// When the file cannot be written, or its name asks for another format.
pub fn savefig(path: impl AsRef<Path>) -> std::io::Result<()> {
    gcf().savefig(path)
}

/// Sets margins and gaps of the current figure's grid: `plt::subplots_adjust().hspace(1.0)`.
pub fn subplots_adjust() -> Adjust {
    gcf().subplots_adjust()
}

/// Fits margins and gaps of the current figure to its labels.
pub fn tight_layout() {
    gcf().tight_layout();
}

/// Writes a title over the whole current figure.
pub fn suptitle(text: impl Into<String>) -> Label {
    gcf().suptitle(text)
}

/// Draws y against x as a line in the current axes; see [`Axes::plot`].
///
/// ```
/// use flowbook_plot as plt;
/// plt::plot(&[1, 2, 3, 4], &[1, 4, 9, 16], "g").label("squares");
/// plt::title("Squares");
/// plt::legend();
/// plt::show();
/// ```
///
/// # Panics
/// `ValueError` when x and y differ in length or the format string is not understood.
#[track_caller]
pub fn plot(x: impl Series, y: impl Series, fmt: &str) -> Line2D {
    gca().plot(x, y, fmt)
}

/// Draws y against 0, 1, 2, ... as a line.
pub fn plot_y(y: impl Series) -> Line2D {
    gca().plot_y(y)
}

/// Draws a line with a logarithmic y axis.
///
/// # Panics
/// As [`plot`].
#[track_caller]
pub fn semilogy(x: impl Series, y: impl Series, fmt: &str) -> Line2D {
    yscale("log");
    plot(x, y, fmt)
}

/// Draws a line with a logarithmic x axis.
///
/// # Panics
/// As [`plot`].
#[track_caller]
pub fn semilogx(x: impl Series, y: impl Series, fmt: &str) -> Line2D {
    xscale("log");
    plot(x, y, fmt)
}

/// Draws a line with both axis logarithmic.
///
/// # Panics
/// As [`plot`].
#[track_caller]
pub fn loglog(x: impl Series, y: impl Series, fmt: &str) -> Line2D {
    xscale("log");
    semilogy(x, y, fmt)
}

/// Draws a line in steps; see [`Axes::step`].
///
/// # Panics
/// As [`plot`].
#[track_caller]
pub fn step(x: impl Series, y: impl Series, fmt: &str) -> Line2D {
    gca().step(x, y, fmt)
}

/// Draws a pie: `plt::pie(&[3, 1]).labels(&["yes", "no"]).autopct(0)`.
pub fn pie(values: impl Series) -> Pie {
    gca().pie(values)
}

/// Lays an axes with its own y axis over the current one and makes it the current one.
pub fn twinx() -> Axes {
    let axes = gca().twinx();
    sca(axes);
    axes
}

/// Draws points; see [`Axes::scatter`].
///
/// # Panics
/// `ValueError` when x and y differ in length.
#[track_caller]
pub fn scatter(x: impl Series, y: impl Series) -> PathCollection {
    gca().scatter(x, y)
}

/// Draws bars; see [`Axes::bar`].
///
/// # Panics
/// `ValueError` when x and the heights differ in length.
#[track_caller]
pub fn bar(x: impl Series, height: impl Series) -> BarContainer {
    gca().bar(x, height)
}

/// Draws horizontal bars; see [`Axes::barh`].
///
/// # Panics
/// `ValueError` when y and the widths differ in length.
#[track_caller]
pub fn barh(y: impl Series, width: impl Series) -> BarContainer {
    gca().barh(y, width)
}

/// Draws a histogram with this many bins (matplotlib's default is 10).
pub fn hist(values: impl Series, bins: usize) -> BarContainer {
    gca().hist(values, bins)
}

/// Counts of values in equal intervals from the smallest to the largest, and the intervals' edges: `np.histogram`.
pub(crate) fn histogram(values: &[f64], bins: usize) -> (Vec<f64>, Vec<f64>) {
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let (mut low, mut high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    if low > high {
        (low, high) = (0.0, 1.0);
    }
    if low == high {
        (low, high) = (low - 0.5, high + 0.5);
    }
    let edges: Vec<f64> = (0..=bins).map(|k| low + (high - low) * k as f64 / bins as f64).collect();
    let mut counts = vec![0.0; bins];
    for value in finite() {
        // The last interval includes its end.
        let bin = edges.partition_point(|&e| e <= value).saturating_sub(1).min(bins - 1);
        counts[bin] += 1.0;
    }
    (counts, edges)
}

/// Draws a picture; see [`Axes::imshow`].
#[track_caller]
pub fn imshow(image: impl Image) -> AxesImage {
    gca().imshow(image)
}

/// Puts a colour bar beside the current axes; see [`Axes::colorbar`].
///
/// # Panics
/// `RuntimeError` when there is nothing to show colours of.
#[track_caller]
pub fn colorbar() -> Colorbar {
    gca().colorbar()
}

/// Fills between two curves; see [`Axes::fill_between`].
///
/// # Panics
/// `ValueError` when the three differ in length.
#[track_caller]
pub fn fill_between(x: impl Series, y1: impl Series, y2: impl Series) -> PolyCollection {
    gca().fill_between(x, y1, y2)
}

/// Draws a horizontal line across the axes.
pub fn axhline(y: impl Element) -> Line2D {
    gca().axhline(y)
}

/// Draws a vertical line across the axes.
pub fn axvline(x: impl Element) -> Line2D {
    gca().axvline(x)
}

/// Fills a horizontal band across the axes.
pub fn axhspan(low: impl Element, high: impl Element) -> PolyCollection {
    gca().axhspan(low, high)
}

/// Fills a vertical band across the axes.
pub fn axvspan(low: impl Element, high: impl Element) -> PolyCollection {
    gca().axvspan(low, high)
}

/// Writes a text that starts at a point of the data.
pub fn text(x: impl Element, y: impl Element, text: impl Into<String>) -> Text {
    gca().text(x, y, text)
}

/// Writes a text at `xytext` with an arrow to `xy`.
pub fn annotate<A: Element, B: Element>(text: impl Into<String>, xy: (A, A), xytext: (B, B)) -> Text {
    gca().annotate(text, xy, xytext)
}

/// Writes a title above the current axes.
pub fn title(text: impl Into<String>) -> Label {
    gca().set_title(text)
}

/// Names the x axis.
pub fn xlabel(text: impl Into<String>) -> Label {
    gca().set_xlabel(text)
}

/// Names the y axis.
pub fn ylabel(text: impl Into<String>) -> Label {
    gca().set_ylabel(text)
}

/// Sets the ends of the x axis: `plt::xlim([0, 5])`, `plt::xlim(0.0..)`.
pub fn xlim(limits: impl Limits) {
    gca().set_xlim(limits);
}

/// Sets the ends of the y axis.
pub fn ylim(limits: impl Limits) {
    gca().set_ylim(limits);
}

/// Sets where the x axis has ticks: `plt::xticks(0..10).labels(&names).rotation(90)`, `plt::xticks(())` for none.
pub fn xticks(ticks: impl Series) -> Ticks {
    gca().set_xticks(ticks)
}

/// Sets where the y axis has ticks.
pub fn yticks(ticks: impl Series) -> Ticks {
    gca().set_yticks(ticks)
}

/// `"linear"` or `"log"` for the x axis.
#[track_caller]
pub fn xscale(scale: &str) {
    gca().set_xscale(scale);
}

/// `"linear"` or `"log"` for the y axis.
#[track_caller]
pub fn yscale(scale: &str) {
    gca().set_yscale(scale);
}

/// `"off"`, `"on"` or `"equal"`; see [`Axes::axis`].
pub fn axis(option: &str) {
    gca().axis(option);
}

/// Shows or hides grid lines.
pub fn grid(on: bool) -> Grid {
    gca().grid(on)
}

/// Shows the legend of everything with a label.
pub fn legend() -> Legend {
    gca().legend()
}
