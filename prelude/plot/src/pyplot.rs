//! Figures and the figure handle: `matplotlib.pyplot`'s functions about figures. Those that plot are in `current`.

use std::path::Path;

use crate::artist::TextData;
use crate::axes::{AxesData, Place};
use crate::axes_api::Axes;
use crate::colors::{self, IntoColor};
use crate::figure::{FigureData, Layout};
use crate::figure_text::FigureText;
use crate::furniture::{Label, Which};
use crate::handles::{edit_figure, valid};
use crate::legend::LegendData;
use crate::legend_setters::Legend;
use crate::live::FigureDisplay;
use crate::save::Savefig;
use crate::series::{Element, Series};
use crate::state;

/// A figure: `matplotlib.figure.Figure`. A `Copy` handle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    pub(crate) id: u64,
}

impl Figure {
    /// Width and height in inches (6.4 by 4.8 when not set).
    ///
    /// # Panics
    /// `ValueError` for a size that is not positive, or too large for a picture.
    #[track_caller]
    pub fn figsize(self, width: impl Element, height: impl Element) -> Figure {
        self.resize(|figure| figure.size = (width.number(), height.number()))
    }

    /// Dots per inch (100 when not set).
    ///
    /// # Panics
    /// `ValueError` for a number that is not positive, or too large for a picture.
    #[track_caller]
    pub fn dpi(self, dpi: impl Element) -> Figure {
        self.resize(|figure| figure.dpi = dpi.number())
    }

    #[track_caller]
    fn resize(self, f: impl FnOnce(&mut FigureData)) -> Figure {
        let checked = edit_figure(self.id, |figure| {
            let before = (figure.size, figure.dpi);
            f(figure);
            let checked = FigureData::check_size(figure.size, figure.dpi);
            if checked.is_err() {
                (figure.size, figure.dpi) = before;
            }
            checked
        });
        valid(checked.unwrap_or(Ok(())));
        self
    }

    /// What the figure is filled with.
    #[track_caller]
    pub fn facecolor(self, color: impl IntoColor) -> Figure {
        let color = colors::expect(color);
        edit_figure(self.id, |figure| figure.face = color);
        self
    }

    /// Adds the axes at place `index` (counted from 1) of a grid, or returns the one that is there.
    ///
    /// # Panics
    /// `ValueError` when the grid has no such place.
    #[track_caller]
    pub fn add_subplot(self, rows: usize, columns: usize, index: usize) -> Axes {
        self.add_subplot_span(rows, columns, (index, index))
    }

    /// Adds an axes over the places `first` to `last` (counted from 1) of a grid: `plt.subplot(2, 2, (3, 4))`.
    ///
    /// # Panics
    /// `ValueError` when the grid has no such places.
    #[track_caller]
    pub fn add_subplot_span(self, rows: usize, columns: usize, (first, last): (usize, usize)) -> Axes {
        for (name, n) in [("rows", rows), ("columns", columns)] {
            if n == 0 {
                panic!("ValueError: Number of {name} must be a positive integer, not {n}");
            }
        }
        let places = rows * columns;
        if let Some(wrong) = [first, last].into_iter().find(|index| !(1..=places).contains(index)) {
            panic!("ValueError: num must be an integer with 1 <= num <= {places}, not {wrong}");
        }
        self.place(Place::Grid { rows, columns, first: first - 1, last: last.max(first) - 1 })
    }

    /// Relative widths of the columns: `gridspec_kw=dict(width_ratios=[2, 1])`.
    pub fn width_ratios(self, ratios: impl Series) -> Figure {
        let ratios = ratios.values();
        edit_figure(self.id, |figure| figure.ratios.0 = ratios);
        self
    }

    /// Relative heights of the rows.
    pub fn height_ratios(self, ratios: impl Series) -> Figure {
        let ratios = ratios.values();
        edit_figure(self.id, |figure| figure.ratios.1 = ratios);
        self
    }

    /// Gives the axes of the grid the same x limits, and tick labels only to the lowest: `true`, `false`, `"all"`,
    /// `"col"`, `"row"`, `"none"`.
    ///
    /// # Panics
    /// `ValueError` for any other text.
    #[track_caller]
    pub fn sharex(self, share: impl Share) -> Figure {
        self.share(true, valid(share.mode("sharex")))
    }

    /// Gives the axes of the grid the same y limits, and tick labels only to the outermost; see
    /// [`sharex`](Self::sharex).
    ///
    /// # Panics
    /// `ValueError` for any other text.
    #[track_caller]
    pub fn sharey(self, share: impl Share) -> Figure {
        self.share(false, valid(share.mode("sharey")))
    }

    fn share(self, horizontal: bool, mode: &'static str) -> Figure {
        edit_figure(self.id, |figure| {
            let mut leaders = std::collections::HashMap::new();
            for (index, axes) in figure.axes.iter_mut().enumerate() {
                let Place::Grid { rows, columns, first, last } = axes.place else { continue };
                let group = match mode {
                    "all" => 0,
                    "col" => first % columns,
                    "row" => first / columns,
                    _ => continue,
                };
                let group = *leaders.entry(group).or_insert(index);
                axes.axis_mut(horizontal).group = Some(group);
                // Labels stay where no axes that shares them is below or to the left.
                let outermost = if horizontal {
                    mode == "row" || last / columns == rows - 1
                } else {
                    mode == "col" || first % columns == 0
                };
                axes.axis_mut(horizontal).labels_shown = outermost;
            }
        });
        self
    }

    /// The axes of this figure.
    pub fn axes(self) -> Vec<Axes> {
        let n = edit_figure(self.id, |figure| figure.axes.len()).unwrap_or(0);
        (0..n).map(|index| Axes { figure: self.id, index }).collect()
    }

    /// Writes a text at a point of the figure, in parts of its width and height: `plt.figtext`.
    pub fn text(self, x: impl Element, y: impl Element, text: impl Into<String>) -> FigureText {
        let index = edit_figure(self.id, |figure| {
            let text = TextData::new(text.into(), [x.number(), y.number()], &figure.rc);
            figure.texts.push(text);
            figure.texts.len() - 1
        });
        FigureText { figure: self.id, index: index.unwrap_or(0) }
    }

    /// Adds an axes at left, bottom, width, height, in parts of the figure.
    pub fn add_axes(self, rect: [f64; 4]) -> Axes {
        self.place(Place::Rect(rect))
    }

    pub(crate) fn place(self, place: Place) -> Axes {
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

    /// Shows one legend for everything with a label in all axes, in a corner of the figure.
    pub fn legend(self) -> Legend {
        edit_figure(self.id, |figure| {
            let axes = AxesData::new(Place::Rect([0.0, 0.0, 1.0, 1.0]));
            figure.legend = Some(LegendData { loc: "upper right".into(), ..LegendData::new(&axes) });
        });
        Legend { figure: self.id, axes: None }
    }

    /// Names all x axis of the figure, below them.
    pub fn supxlabel(self, text: impl Into<String>) -> Label {
        Label { figure: self.id, axes: 0, which: Which::Suplabel(0) }.set_text(text)
    }

    /// Names all y axis of the figure, at their left.
    pub fn supylabel(self, text: impl Into<String>) -> Label {
        Label { figure: self.id, axes: 0, which: Which::Suplabel(1) }.set_text(text)
    }

    /// Sets margins and gaps of the grid; see [`Adjust`].
    pub fn subplots_adjust(self) -> Adjust {
        Adjust { id: self.id }
    }

    /// Fits margins and gaps to the labels.
    pub fn tight_layout(self) {
        edit_figure(self.id, |figure| figure.tight_layout());
    }

    /// How axes are placed: `"constrained"` fits them to their labels whenever the figure is drawn, `"tight"` does as
    /// [`tight_layout`](Self::tight_layout) then, `"none"` leaves them where they are.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn layout(self, layout: &str) -> Figure {
        valid(crate::furniture::one_of("layout", layout, &["constrained", "tight", "none"]));
        let layout = match layout {
            "constrained" => Layout::Constrained,
            "tight" => Layout::Tight,
            _ => Layout::None,
        };
        edit_figure(self.id, |figure| figure.layout = layout);
        self
    }

    /// The picture as a PNG file's bytes, cropped as a notebook shows it.
    pub fn to_png(self) -> Vec<u8> {
        let figure = edit_figure(self.id, |figure| figure.clone());
        figure.map(|figure| crate::save::tight_png(&figure)).unwrap_or_default()
    }

    /// The picture as an SVG document, cropped as a notebook shows it.
    pub fn to_svg(self) -> String {
        let figure = edit_figure(self.id, |figure| figure.clone());
        figure.map(|figure| crate::save::svg(&figure, true, false)).unwrap_or_default()
    }

    /// Writes the whole figure to a file, PNG or SVG by its name: `figure.savefig("loss.svg")?`.
    ///
    /// # Errors
    /// When the file cannot be written, or its name asks for another format.
    pub fn savefig(self, path: impl AsRef<Path>) -> std::io::Result<()> {
        Savefig::new(self, path.as_ref()).run()
    }

    /// [`savefig`](Self::savefig) with options: `figure.savefig_with("loss.png").dpi(200).bbox_inches("tight").run()?`.
    pub fn savefig_with(self, path: impl AsRef<Path>) -> Savefig {
        Savefig::new(self, path.as_ref())
    }

    /// Shows the figure now instead of at the cell's end. What it returns can draw it again in the same place, for
    /// figures that grow while something runs.
    pub fn show(self) -> FigureDisplay {
        FigureDisplay::of(self)
    }

    /// Closes the figure without showing it.
    pub fn close(self) {
        state::lock().close(Some(self.id));
    }
}

/// Which axes of a grid share an axis.
pub trait Share {
    /// `"all"`, `"col"`, `"row"` or `"none"`.
    ///
    /// # Errors
    /// matplotlib's text for anything else.
    fn mode(&self, argument: &str) -> Result<&'static str, String>;
}

impl Share for bool {
    fn mode(&self, _: &str) -> Result<&'static str, String> {
        Ok(if *self { "all" } else { "none" })
    }
}

impl Share for &str {
    fn mode(&self, argument: &str) -> Result<&'static str, String> {
        const MODES: [&str; 4] = ["all", "row", "col", "none"];
        crate::furniture::one_of(argument, self, &MODES)?;
        Ok(MODES.into_iter().find(|m| m == self).unwrap_or("none"))
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
    Figure { id: state::lock().new_figure() }
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

/// Makes an axes over several places of a grid the current one: `plt.subplot(2, 2, (3, 4))`.
///
/// # Panics
/// `ValueError` when the grid has no such places.
#[track_caller]
pub fn subplot_span(rows: usize, columns: usize, places: (usize, usize)) -> Axes {
    gcf().add_subplot_span(rows, columns, places)
}

/// Writes a text at a point of the current figure, in parts of its width and height.
pub fn figtext(x: impl Element, y: impl Element, text: impl Into<String>) -> FigureText {
    gcf().text(x, y, text)
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

/// Removes everything from the current axes.
pub fn cla() {
    gca().cla();
}

/// Removes all axes from the current figure.
pub fn clf() {
    edit_figure(gcf().id, |figure| {
        figure.axes.clear();
        figure.current = None;
    });
}

/// Writes the current figure to a file, PNG or SVG by its name.
///
/// # Errors
/// When the file cannot be written, or its name asks for another format.
pub fn savefig(path: impl AsRef<Path>) -> std::io::Result<()> {
    gcf().savefig(path)
}

/// [`savefig`] with options: `plt::savefig_with("loss.png").dpi(200).bbox_inches("tight").run()?`.
pub fn savefig_with(path: impl AsRef<Path>) -> Savefig {
    gcf().savefig_with(path)
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

/// Names all x axis of the current figure.
pub fn supxlabel(text: impl Into<String>) -> Label {
    gcf().supxlabel(text)
}

/// Names all y axis of the current figure.
pub fn supylabel(text: impl Into<String>) -> Label {
    gcf().supylabel(text)
}
