//! `matplotlib.pyplot`'s plotting functions: the methods of [`Axes`] for the current axes.

use crate::axes_api::Axes;
use crate::bar_label::BarLabels;
use crate::bars::BarContainer;
use crate::colorbar_setters::Colorbar;
use crate::events::{Eventplot, Stairs};
use crate::furniture::{Grid, Label, Ticks};
use crate::handles::{AxesImage, Boxplot, ContourSet, ErrorbarContainer, Line2D, LineCollection, PathCollection};
use crate::handles::{PolyCollection, Quiver, Sizes, Text};
use crate::histogram::{Bins, Hist};
use crate::histogram2d::{Bins2d, Hist2d};
use crate::legend_setters::Legend;
use crate::look::{AxisOption, AxisScale, Limits};
use crate::pie::Pie;
use crate::pyplot::{gca, sca};
use crate::series::{Element, Image, Series};
use crate::stack::Stackplot;
use crate::statistics::Groups;
use crate::stem::StemContainer;
use crate::streamplot::Streamplot;
use crate::tick_params::TickParams;
use crate::violin::Violins;

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

/// Lays an axes with its own y axis over the current one and makes it the current one.
pub fn twinx() -> Axes {
    let axes = gca().twinx();
    sca(axes);
    axes
}

/// Lays an axes with its own x axis over the current one and makes it the current one.
pub fn twiny() -> Axes {
    let axes = gca().twiny();
    sca(axes);
    axes
}

/// Draws a straight line without ends through a point: `plt::axline((0, 0), 1)`.
pub fn axline<T: Element>(xy: (T, T), slope: impl Element) -> Line2D {
    gca().axline(xy, slope)
}

/// Writes a text at `xytext` about `xy`; see [`Axes::annotate`].
pub fn annotate<A: Element, B: Element, C: Element, D: Element>(
    text: impl Into<String>,
    xy: (A, B),
    xytext: (C, D),
) -> Text {
    gca().annotate(text, xy, xytext)
}

/// Turns the x axis round.
pub fn invert_xaxis() {
    gca().invert_xaxis();
}

/// Turns the y axis upside down.
pub fn invert_yaxis() {
    gca().invert_yaxis();
}

/// Functions that call the method of the same name (or the one given) of the current axes.
macro_rules! current {
    ($($(#[$doc:meta])* $name:ident $(<$g:ident $(: $bound:ident)?>)? => $method:ident($($arg:ident: $t:ty),*) $(-> $result:ty)?;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name $(<$g $(: $bound)?>)? ($($arg: $t),*) $(-> $result)? {
            gca().$method($($arg),*)
        }
    )* };
}
current! {
    /// Draws y against 0, 1, 2, ... as a line.
    plot_y => plot_y(y: impl Series) -> Line2D;
    /// Draws a line in steps; see [`Axes::step`].
    ///
    /// # Panics
    /// As [`plot`].
    step => step(x: impl Series, y: impl Series, fmt: &str) -> Line2D;
    /// Draws a line in steps at `"pre"`, `"post"` or `"mid"`; see [`Axes::step_at`].
    ///
    /// # Panics
    /// As [`plot`], and `ValueError` for any other place.
    step_at => step_at(x: impl Series, y: impl Series, fmt: &str, place: &str) -> Line2D;
    /// Draws lines with dots at their ends; see [`Axes::stem`].
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length.
    stem => stem(x: impl Series, y: impl Series) -> StemContainer;
    /// Draws points; see [`Axes::scatter`].
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length.
    scatter => scatter(x: impl Series, y: impl Series) -> PathCollection;
    /// Draws points with error bars; see [`Axes::errorbar`].
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length.
    errorbar => errorbar(x: impl Series, y: impl Series) -> ErrorbarContainer;
    /// Draws bars; see [`Axes::bar`].
    ///
    /// # Panics
    /// `ValueError` when x and the heights differ in length.
    bar => bar(x: impl Series, height: impl Series) -> BarContainer;
    /// Draws horizontal bars; see [`Axes::barh`].
    ///
    /// # Panics
    /// `ValueError` when y and the widths differ in length.
    barh => barh(y: impl Series, width: impl Series) -> BarContainer;
    /// Writes each bar's height at its end.
    bar_label => bar_label(bars: &BarContainer) -> BarLabels;
    /// Draws a histogram; see [`Axes::hist`].
    ///
    /// # Panics
    /// `ValueError` for no bins or edges that do not increase.
    hist<M> => hist(values: impl Groups<M>, bins: impl Bins) -> Hist;
    /// Draws a box for each sample; see [`Axes::boxplot`].
    boxplot<M> => boxplot(groups: impl Groups<M>) -> Boxplot;
    /// Draws the shape of each sample's distribution; see [`Axes::violinplot`].
    violinplot<M> => violinplot(groups: impl Groups<M>) -> Violins;
    /// Counts pairs of values in the cells of a grid and shows the counts as colours; see [`Axes::hist2d`].
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length or for no bins.
    hist2d => hist2d(x: impl Series, y: impl Series, bins: impl Bins2d) -> Hist2d;
    /// Counts pairs of values in hexagons and shows the counts as colours; see [`Axes::hexbin`].
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length.
    hexbin => hexbin(x: impl Series, y: impl Series, gridsize: usize) -> PolyCollection;
    /// Draws rows of short lines at the places of events; see [`Axes::eventplot`].
    eventplot<M> => eventplot(positions: impl Groups<M>) -> Eventplot;
    /// Draws the outline of steps between edges; see [`Axes::stairs`].
    ///
    /// # Panics
    /// `ValueError` when there is not one edge more than values.
    stairs => stairs(values: impl Series, edges: impl Series) -> Stairs;
    /// Draws the part of the values that are not greater than x; see [`Axes::ecdf`].
    ecdf => ecdf(values: impl Series) -> Line2D;
    /// Draws a pie: `plt::pie([3, 1]).labels(["yes", "no"]).autopct(0)`.
    ///
    /// # Panics
    /// `ValueError` for a negative part, or when all are zero.
    pie => pie(values: impl Series) -> Pie;
    /// Draws a picture; see [`Axes::imshow`].
    ///
    /// # Panics
    /// `TypeError` for a shape that is no picture's.
    imshow => imshow(image: impl Image) -> AxesImage;
    /// Draws a matrix; see [`Axes::matshow`].
    ///
    /// # Panics
    /// As [`imshow`].
    matshow => matshow(matrix: impl Image) -> AxesImage;
    /// Draws cells of numbers as colours; see [`Axes::pcolormesh`].
    ///
    /// # Panics
    /// `TypeError` when places and numbers do not fit.
    pcolormesh => pcolormesh(x: impl Series, y: impl Series, c: impl Image) -> PolyCollection;
    /// Draws cells of numbers over their row and column numbers; see [`Axes::pcolormesh_c`].
    ///
    /// # Panics
    /// `TypeError` when the numbers are no matrix.
    pcolormesh_c => pcolormesh_c(c: impl Image) -> PolyCollection;
    /// Draws contour lines; see [`Axes::contour`].
    ///
    /// # Panics
    /// `TypeError` when places and numbers do not fit.
    contour => contour(x: impl Series, y: impl Series, z: impl Image) -> ContourSet;
    /// Draws contour lines over the row and column numbers.
    ///
    /// # Panics
    /// As [`contour`].
    contour_z => contour_z(z: impl Image) -> ContourSet;
    /// Fills the areas between contour lines; see [`Axes::contourf`].
    ///
    /// # Panics
    /// As [`contour`].
    contourf => contourf(x: impl Series, y: impl Series, z: impl Image) -> ContourSet;
    /// Fills the areas between contour lines over the row and column numbers.
    ///
    /// # Panics
    /// As [`contour`].
    contourf_z => contourf_z(z: impl Image) -> ContourSet;
    /// Draws a field of arrows; see [`Axes::quiver`].
    ///
    /// # Panics
    /// `ValueError` when the four differ in length.
    quiver => quiver(x: impl Series, y: impl Series, u: impl Series, v: impl Series) -> Quiver;
    /// Draws lines along a field of vectors; see [`Axes::streamplot`].
    ///
    /// # Panics
    /// `ValueError` for places that do not increase evenly or vectors that do not fit the grid.
    streamplot => streamplot(x: impl Series, y: impl Series, u: impl Image, v: impl Image) -> Streamplot;
    /// Puts a colour bar beside the current axes; see [`Axes::colorbar`].
    ///
    /// # Panics
    /// `RuntimeError` when there is nothing to show colours of.
    colorbar => colorbar() -> Colorbar;
    /// Fills between two curves; see [`Axes::fill_between`].
    ///
    /// # Panics
    /// `ValueError` when they differ in length.
    fill_between => fill_between(x: impl Series, y1: impl Sizes, y2: impl Sizes) -> PolyCollection;
    /// Fills between two curves where a condition holds; see [`Axes::fill_between_where`].
    ///
    /// # Panics
    /// `ValueError` when they differ in length.
    fill_between_where =>
        fill_between_where(x: impl Series, y1: impl Sizes, y2: impl Sizes, condition: impl Series) -> PolyCollection;
    /// Fills the areas between sums of series over x; see [`Axes::stackplot`].
    ///
    /// # Panics
    /// `ValueError` when a series differs in length from x.
    stackplot<S: Series> => stackplot(x: impl Series, ys: impl AsRef<[S]>) -> Stackplot;
    /// Fills the area between two curves along y; see [`Axes::fill_betweenx`].
    ///
    /// # Panics
    /// `ValueError` when they differ in length.
    fill_betweenx => fill_betweenx(y: impl Series, x1: impl Sizes, x2: impl Sizes) -> PolyCollection;
    /// Fills a polygon; see [`Axes::fill`].
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length.
    fill => fill(x: impl Series, y: impl Series) -> PolyCollection;
    /// Draws an arrow; see [`Axes::arrow`].
    arrow => arrow(x: impl Element, y: impl Element, dx: impl Element, dy: impl Element) -> PolyCollection;
    /// Draws horizontal lines; see [`Axes::hlines`].
    ///
    /// # Panics
    /// `ValueError` when they differ in length.
    hlines => hlines(y: impl Sizes, xmin: impl Sizes, xmax: impl Sizes) -> LineCollection;
    /// Draws vertical lines; see [`Axes::vlines`].
    ///
    /// # Panics
    /// `ValueError` when they differ in length.
    vlines => vlines(x: impl Sizes, ymin: impl Sizes, ymax: impl Sizes) -> LineCollection;
    /// Draws a horizontal line across the axes.
    axhline => axhline(y: impl Element) -> Line2D;
    /// Draws a vertical line across the axes.
    axvline => axvline(x: impl Element) -> Line2D;
    /// Fills a horizontal band across the axes.
    axhspan => axhspan(low: impl Element, high: impl Element) -> PolyCollection;
    /// Fills a vertical band across the axes.
    axvspan => axvspan(low: impl Element, high: impl Element) -> PolyCollection;
    /// Writes a text that starts at a point of the data.
    text => text(x: impl Element, y: impl Element, text: impl Into<String>) -> Text;
    /// Writes a title above the current axes.
    title => set_title(text: impl Into<String>) -> Label;
    /// Names the x axis.
    xlabel => set_xlabel(text: impl Into<String>) -> Label;
    /// Names the y axis.
    ylabel => set_ylabel(text: impl Into<String>) -> Label;
    /// Sets the ends of the x axis: `plt::xlim([0, 5])`, `plt::xlim(0.0..)`.
    xlim => set_xlim(limits: impl Limits);
    /// Sets the ends of the y axis.
    ylim => set_ylim(limits: impl Limits);
    /// Sets where the x axis has ticks: `plt::xticks(0..10).labels(&names).rotation(90)`, `plt::xticks(())` for none.
    xticks => set_xticks(ticks: impl Series) -> Ticks;
    /// Sets where the y axis has ticks.
    yticks => set_yticks(ticks: impl Series) -> Ticks;
    /// The look of ticks and tick labels; see [`Axes::tick_params`].
    tick_params => tick_params() -> TickParams;
    /// Shows small ticks between the others.
    minorticks_on => minorticks_on();
    /// The free space around the data, in parts of its range (0.05 when not set).
    margins => margins(part: impl Element);
    /// `"linear"` or `"log"` for the x axis.
    ///
    /// # Panics
    /// `ValueError` for any other scale.
    xscale => set_xscale(scale: &str) -> AxisScale;
    /// `"linear"` or `"log"` for the y axis.
    ///
    /// # Panics
    /// `ValueError` for any other scale.
    yscale => set_yscale(scale: &str) -> AxisScale;
    /// `"off"`, `"on"`, `"equal"`, or four limits; see [`Axes::axis`].
    ///
    /// # Panics
    /// `ValueError` for any other text.
    axis => axis(option: impl AxisOption);
    /// Shows or hides grid lines.
    grid => grid(on: bool) -> Grid;
    /// Shows the legend of everything with a label.
    legend => legend() -> Legend;
}
