//! Handles to what stands around the data: titles and labels, ticks, legend, grid, colour bar.

use crate::artist::LineStyle;
use crate::axes::{AxisData, Caption, ColorbarRoom, GridData, Place, SPINES, SpineData, SpinePlace};
use crate::axes_api::Axes;
use crate::colors::{self, IntoColor};
use crate::handles::{edit_axes, edit_figure, valid};
use crate::legend::LegendData;
use crate::legend_elements::LegendElements;
use crate::rc::FontSize;
use crate::series::{Element, Names, Series};
use crate::text::Variant;
use crate::ticker::{Formatter, Locator};

/// Which caption of an axes a [`Label`] is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Which {
    /// The title at the left (0), in the middle (1) or at the right (2).
    Title(usize),
    X,
    Y,
    Suptitle,
    /// The name of all x axis (0) or all y axis (1) of a figure.
    Suplabel(usize),
}

/// A title or the label of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    pub(crate) figure: u64,
    pub(crate) axes: usize,
    pub(crate) which: Which,
}

impl Label {
    pub(crate) fn set(self, f: impl FnOnce(&mut Caption)) -> Self {
        edit_figure(self.figure, |figure| {
            let axes = figure.axes.get_mut(self.axes);
            match self.which {
                Which::Suptitle => f(&mut figure.suptitle),
                Which::Suplabel(along) => f(&mut figure.suplabels[along]),
                Which::Title(place) => _ = axes.map(|axes| f(&mut axes.titles[place])),
                Which::X => _ = axes.map(|axes| f(&mut axes.x.label)),
                Which::Y => _ = axes.map(|axes| f(&mut axes.y.label)),
            }
        });
        self
    }

    /// The text's colour.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|caption| caption.color = color)
    }

    /// Size in points, or by name: `"small"`, `"x-large"`.
    #[track_caller]
    pub fn fontsize(self, size: impl FontPoints) -> Self {
        let points = size.points();
        self.set(|caption| caption.points = points)
    }

    /// Moves a title to the `"left"`, `"center"` or `"right"` of the axes, the label of the y axis to the `"bottom"`,
    /// `"center"` or `"top"`.
    ///
    /// # Panics
    /// `ValueError` for any other place.
    #[track_caller]
    pub fn loc(self, loc: &str) -> Self {
        let places = if self.which == Which::Y { ["bottom", "center", "top"] } else { ["left", "center", "right"] };
        valid(one_of("loc", loc, &places));
        let place = places.iter().position(|l| *l == loc).unwrap_or(1);
        let Which::Title(_) = self.which else { return self.set(|caption| caption.along = place as f64 / 2.0) };
        let mut moved = None;
        self.set(|own| moved = Some(Caption { text: std::mem::take(&mut own.text), ..own.clone() }));
        let label = Label { which: Which::Title(place), ..self };
        label.set(|caption| *caption = moved.unwrap_or_else(|| caption.clone()))
    }

    /// `"normal"` or `"bold"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn fontweight(self, weight: &str) -> Self {
        let variant = valid(Variant::weight(weight));
        self.set(|caption| caption.variant = variant)
    }

    /// `"normal"` or `"italic"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn fontstyle(self, style: &str) -> Self {
        let variant = valid(Variant::style(style));
        self.set(|caption| caption.variant = variant)
    }

    /// Degrees counter-clockwise, for the label of an axis.
    pub fn rotation(self, degrees: impl Element) -> Self {
        self.set(|caption| caption.angle = Some(degrees.number()))
    }

    /// A title's height in parts of the axes (just above them when not set).
    pub fn y(self, part: impl Element) -> Self {
        self.set(|caption| caption.y = Some(part.number()))
    }

    /// Distance from the axes or the tick labels in points.
    pub fn pad(self, points: impl Element) -> Self {
        self.set(|caption| caption.pad = points.number())
    }

    /// Replaces the text.
    pub fn set_text(self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.set(|caption| caption.text = text)
    }
}

/// The ticks of one axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ticks {
    pub(crate) figure: u64,
    pub(crate) axes: usize,
    pub(crate) horizontal: bool,
}

impl Ticks {
    pub(crate) fn set(self, f: impl FnOnce(&mut AxisData)) -> Self {
        edit_axes(self.figure, self.axes, |axes| f(axes.axis_mut(self.horizontal)));
        self
    }

    /// How the number of each tick is written, as in Python: `"{:.1f}"`, `"{:.0%}"`, `"{:,.0f} won"`; for
    /// `ax.xaxis.set_major_formatter(...)`.
    pub fn format(self, format: &str) -> Self {
        self.set_major_formatter(format)
    }

    /// Makes the ticks just set small ones, beside those that were there before: `set_xticks([1, 3]).minor(true)`.
    pub fn minor(self, on: bool) -> Self {
        self.set(|axis| {
            if on {
                let ticks = axis.ticks.take().unwrap_or_default();
                axis.locators[1] = Some(crate::ticker::FixedLocator(ticks));
                (axis.ticks, axis.tick_labels) = std::mem::take(&mut axis.replaced);
            }
        })
    }

    /// Where the ticks go: `plt::MultipleLocator(0.5)`, `plt::MaxNLocator(5)`, `plt::FixedLocator(&[...])`, ...
    pub fn set_major_locator(self, locator: Locator) -> Self {
        self.set(|axis| (axis.locators[0], axis.ticks, axis.tick_labels) = (Some(locator), None, None))
    }

    /// Where small ticks go: `plt::AutoMinorLocator(2)`, `plt::MultipleLocator(0.1)`, ...
    pub fn set_minor_locator(self, locator: Locator) -> Self {
        self.set(|axis| axis.locators[1] = Some(locator))
    }

    /// What stands beside the ticks: `plt::PercentFormatter(1.0)`, a function of value and number, or a text such as
    /// `"{x:.1f} s"`.
    pub fn set_major_formatter(self, formatter: impl Into<Formatter>) -> Self {
        let formatter = formatter.into();
        self.set(|axis| axis.formatters[0] = Some(formatter))
    }

    /// What stands beside small ticks; nothing when not set.
    pub fn set_minor_formatter(self, formatter: impl Into<Formatter>) -> Self {
        let formatter = formatter.into();
        self.set(|axis| axis.formatters[1] = Some(formatter))
    }

    /// Horizontal alignment of the labels with their ticks: `"left"`, `"center"`, `"right"`.
    #[track_caller]
    pub fn ha(self, align: &str) -> Self {
        let ha = valid(crate::text::HAlign::parse(align));
        self.set(|axis| axis.tick_align = Some(ha))
    }

    /// A text for each tick.
    #[track_caller]
    pub fn labels<T: ToString>(self, labels: impl AsRef<[T]>) -> Self {
        let labels: Vec<String> = labels.as_ref().iter().map(ToString::to_string).collect();
        let mut ticks = None;
        self.set(|axis| ticks = axis.ticks.as_ref().map(Vec::len));
        if let Some(n) = ticks.filter(|n| *n != labels.len()) {
            panic!(
                "ValueError: The number of FixedLocator locations ({n}), usually from a call to set_ticks, \
                 does not match the number of labels ({}).",
                labels.len()
            );
        }
        self.set(|axis| axis.tick_labels = Some(labels))
    }

    /// `"default"`, or `"anchor"` to align the labels before they are turned.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn rotation_mode(self, mode: &str) -> Self {
        valid(one_of("rotation_mode", mode, &["default", "anchor"]));
        self.set(|axis| axis.tick_anchor = mode == "anchor")
    }

    /// Turns the labels by degrees counter-clockwise.
    pub fn rotation(self, degrees: impl Element) -> Self {
        self.set(|axis| axis.tick_angle = degrees.number())
    }

    /// The labels' size in points, or by name.
    #[track_caller]
    pub fn fontsize(self, size: impl FontPoints) -> Self {
        let points = size.points();
        self.set(|axis| axis.tick_points = points)
    }

    /// The labels' colour.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|axis| axis.tick.label_color = Some(color))
    }
}

/// A font size: points, or a name such as `"large"`.
pub trait FontPoints {
    /// The size in points.
    ///
    /// # Panics
    /// `ValueError` for an unknown name.
    #[track_caller]
    fn points(&self) -> f64;
}

macro_rules! points {
    ($($t:ty),*) => { $( impl FontPoints for $t { fn points(&self) -> f64 { f64::from(*self) } } )* };
}
points!(i32, u32, f32, f64);

impl FontPoints for &str {
    #[track_caller]
    fn points(&self) -> f64 {
        let Some(size) = FontSize::parse(self) else {
            panic!(
                "ValueError: {self} is not a valid font size. Valid font sizes are xx-small, x-small, small, medium, \
                 large, x-large, xx-large, larger, smaller."
            );
        };
        crate::rc::current().points(size)
    }
}

/// The legend of an axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Legend {
    pub(crate) figure: u64,
    pub(crate) axes: usize,
}

impl Legend {
    pub(crate) fn set(self, f: impl FnOnce(&mut LegendData)) -> Self {
        edit_axes(self.figure, self.axes, |axes| axes.legend.as_mut().map(f));
        self
    }

    /// Entries for the sizes or colours of points instead of the labels: see
    /// [`PathCollection::legend_elements`](crate::PathCollection::legend_elements).
    pub fn elements(self, elements: LegendElements) -> Self {
        let entries = elements.entries();
        self.set(|legend| legend.entries = Some(entries))
    }

    /// Where it goes: `"best"`, `"upper left"`, `"center right"`, ..., or where its lower left corner lies, in parts of
    /// the axes: `(0.1, 0.8)`.
    ///
    /// # Panics
    /// `ValueError` for an unknown place.
    #[track_caller]
    pub fn loc(self, loc: impl LegendLoc) -> Self {
        let place = valid(loc.place());
        self.set(|legend| match place {
            Ok(name) => (legend.loc, legend.at) = (name, None),
            Err(at) => legend.at = Some(at),
        })
    }

    /// The texts, in the order in which things were drawn.
    pub fn labels<T: ToString>(self, labels: impl AsRef<[T]>) -> Self {
        let labels = labels.as_ref().iter().map(ToString::to_string).collect();
        self.set(|legend| legend.labels = Some(labels))
    }

    /// Size in points, or by name.
    #[track_caller]
    pub fn fontsize(self, size: impl FontPoints) -> Self {
        let points = size.points();
        self.set(|legend| legend.points = points)
    }

    /// Puts the corner named by `loc` at a point, in parts of the axes: `(1.02, 1.0)` is outside on the right.
    pub fn bbox_to_anchor(self, x: impl Element, y: impl Element) -> Self {
        self.set(|legend| legend.anchor = Some([x.number(), y.number(), 0.0, 0.0]))
    }

    /// [`bbox_to_anchor`](Self::bbox_to_anchor) with a box: left, bottom, width, height in parts of the axes.
    pub fn bbox_to_anchor_box(self, bounds: [f64; 4]) -> Self {
        self.set(|legend| legend.anchor = Some(bounds))
    }

    /// `"expand"` spreads the columns over the whole width of the axes or of the box it is anchored to.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn mode(self, mode: &str) -> Self {
        valid(one_of("mode", mode, &["expand"]));
        self.set(|legend| legend.expand = true)
    }

    /// The heading's size in points, or by name.
    #[track_caller]
    pub fn title_fontsize(self, size: impl FontPoints) -> Self {
        let points = size.points();
        self.set(|legend| legend.title_points = points)
    }

    /// The texts' colour.
    #[track_caller]
    pub fn labelcolor(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|legend| legend.color = color)
    }

    /// How much larger markers are than in the axes.
    pub fn markerscale(self, factor: impl Element) -> Self {
        self.set(|legend| legend.marker_scale = factor.number())
    }

    /// Whether the box throws a shadow.
    pub fn shadow(self, on: bool) -> Self {
        self.set(|legend| legend.shadow = on)
    }

    /// Whether the box has round corners.
    pub fn fancybox(self, on: bool) -> Self {
        self.set(|legend| legend.round = on)
    }

    /// Lists the entries from the last to the first.
    pub fn reverse(self, on: bool) -> Self {
        self.set(|legend| legend.reverse = on)
    }

    /// The length of the handles in parts of the font size (2 when not set).
    pub fn handlelength(self, part: impl Element) -> Self {
        self.set(|legend| legend.spacing.handle_length = part.number())
    }

    /// The gap between handles and texts in parts of the font size (0.8 when not set).
    pub fn handletextpad(self, part: impl Element) -> Self {
        self.set(|legend| legend.spacing.handle_text_pad = part.number())
    }

    /// The gap between entries in parts of the font size (0.5 when not set).
    pub fn labelspacing(self, part: impl Element) -> Self {
        self.set(|legend| legend.spacing.label_spacing = part.number())
    }

    /// The space inside the box in parts of the font size (0.4 when not set).
    pub fn borderpad(self, part: impl Element) -> Self {
        self.set(|legend| legend.spacing.border_pad = part.number())
    }

    /// The space between the box and the axes in parts of the font size (0.5 when not set).
    pub fn borderaxespad(self, part: impl Element) -> Self {
        self.set(|legend| legend.spacing.border_axes_pad = part.number())
    }

    /// The gap between columns in parts of the font size (2 when not set).
    pub fn columnspacing(self, part: impl Element) -> Self {
        self.set(|legend| legend.spacing.column_spacing = part.number())
    }

    /// The box's opacity, from 0 to 1 (0.8 when not set).
    pub fn framealpha(self, alpha: impl Element) -> Self {
        self.set(|legend| legend.alpha = alpha.number() as f32)
    }

    /// What the box is filled with.
    #[track_caller]
    pub fn facecolor(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|legend| legend.face = color)
    }

    /// The colour of the box's outline.
    #[track_caller]
    pub fn edgecolor(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|legend| legend.edge = color)
    }

    /// The number of columns.
    pub fn ncols(self, columns: usize) -> Self {
        self.set(|legend| legend.columns = columns.max(1))
    }

    /// A heading.
    pub fn title(self, title: impl Into<String>) -> Self {
        let title = title.into();
        self.set(|legend| legend.title = title)
    }

    /// Whether a box is drawn around it.
    pub fn frameon(self, on: bool) -> Self {
        self.set(|legend| legend.frame = on)
    }
}

/// Where a legend can go: a name, matplotlib's number for it, or a point.
pub trait LegendLoc {
    /// The name, or the place of the lower left corner in parts of the axes.
    ///
    /// # Errors
    /// matplotlib's text for an unknown place.
    fn place(&self) -> Result<Result<String, [f64; 2]>, String>;
}

impl LegendLoc for &str {
    fn place(&self) -> Result<Result<String, [f64; 2]>, String> {
        LegendData::check_loc(self).map(|()| Ok((*self).to_owned()))
    }
}

impl LegendLoc for i32 {
    fn place(&self) -> Result<Result<String, [f64; 2]>, String> {
        let name = LegendData::numbered(*self);
        name.map(|name| Ok(name.to_owned()))
            .ok_or_else(|| format!("ValueError: loc must be string, coordinate tuple, or an integer 0-10, not {self}"))
    }
}

impl<A: Element, B: Element> LegendLoc for (A, B) {
    fn place(&self) -> Result<Result<String, [f64; 2]>, String> {
        Ok(Err([self.0.number(), self.1.number()]))
    }
}

/// The grid of an axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    pub(crate) figure: u64,
    pub(crate) axes: usize,
    /// The lines along x and y, at major and minor ticks, before this grid.
    pub(crate) before: [[Option<GridData>; 2]; 2],
    pub(crate) grid: Option<GridData>,
    /// x and y.
    pub(crate) chosen: [bool; 2],
    /// Major and minor ticks.
    pub(crate) ticks: [bool; 2],
}

impl Grid {
    /// Puts the lines where they were chosen to be; all others stay as they were.
    pub(crate) fn apply(self) -> Self {
        edit_axes(self.figure, self.axes, |axes| {
            for (k, axis) in [&mut axes.x, &mut axes.y].into_iter().enumerate() {
                axis.grids = self.before[k];
                for (lines, _) in axis.grids.iter_mut().zip(self.ticks).filter(|(_, on)| *on && self.chosen[k]) {
                    *lines = self.grid;
                }
            }
        });
        self
    }

    fn set(mut self, f: impl Fn(&mut GridData)) -> Self {
        self.grid.as_mut().map(f);
        self.apply()
    }

    /// Only the lines of `"x"` or `"y"`; those of `"both"` when not set.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn axis(self, which: &str) -> Self {
        valid(one_of("axis", which, &["x", "y", "both"]));
        Grid { chosen: [which != "y", which != "x"], ..self }.apply()
    }

    /// Lines at the `"major"` ticks (when not set), the `"minor"` ones, or `"both"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn which(self, which: &str) -> Self {
        valid(one_of("which", which, &["major", "minor", "both"]));
        Grid { ticks: [which != "minor", which != "major"], ..self }.apply()
    }

    /// The lines' colour.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|grid| grid.color = color)
    }

    /// `"-"`, `"--"`, `"-."` or `":"`.
    #[track_caller]
    pub fn linestyle(self, style: &str) -> Self {
        let style = valid(LineStyle::parse(style));
        self.set(|grid| grid.style = style)
    }

    /// The lines' width in points (0.8 when not set).
    pub fn linewidth(self, points: impl Element) -> Self {
        let points = points.number();
        self.set(|grid| grid.width = points)
    }

    /// Opacity, from 0 to 1.
    pub fn alpha(self, alpha: impl Element) -> Self {
        let alpha = alpha.number() as f32;
        self.set(|grid| grid.color = grid.color.with_alpha(alpha))
    }
}

/// A colour bar: an axes of its own beside the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colorbar {
    pub(crate) figure: u64,
    pub(crate) axes: usize,
}

impl Colorbar {
    fn room(self, f: impl FnOnce(&mut ColorbarRoom)) -> Self {
        edit_figure(self.figure, |figure| {
            if let Some(Place::Colorbar { axes, .. }) = figure.axes.get(self.axes).map(|a| a.place.clone()) {
                let holder = if figure.axes[self.axes].colorbar.is_some() { self.axes } else { axes };
                figure.axes[holder].colorbar.as_mut().map(f);
            }
        });
        self
    }

    fn axis(self, f: impl FnOnce(&mut AxisData)) -> Self {
        let mut horizontal = false;
        self.room(|room| horizontal = room.horizontal);
        edit_axes(self.figure, self.axes, |axes| f(axes.axis_mut(horizontal)));
        self
    }

    /// `"vertical"` beside the axes or `"horizontal"` below it.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn orientation(self, orientation: &str) -> Self {
        valid(one_of("orientation", orientation, &["vertical", "horizontal"]));
        let horizontal = orientation == "horizontal";
        self.room(|room| {
            room.horizontal = horizontal;
            room.pad = if horizontal { 0.15 } else { 0.05 };
        })
    }

    /// Takes the bar's room from several axes of the figure: `fig.colorbar(image, ax=axes)`.
    pub fn ax(self, axes: impl AsRef<[Axes]>) -> Self {
        edit_figure(self.figure, |figure| {
            let Some(Place::Colorbar { axes: parent, .. }) = figure.axes.get(self.axes).map(|a| a.place.clone()) else {
                return;
            };
            figure.axes[self.axes].colorbar = figure.axes[parent].colorbar.take();
            for k in axes.as_ref().iter().map(|a| a.index).filter(|k| *k < self.axes) {
                figure.axes[k].shared_bar = Some(self.axes);
            }
        });
        self
    }

    /// Gives the bar pointed ends for what lies below its scale (`"min"`), above it (`"max"`), or `"both"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn extend(self, extend: &str) -> Self {
        valid(one_of("extend", extend, &["neither", "both", "min", "max"]));
        let ends = [matches!(extend, "both" | "min"), matches!(extend, "both" | "max")];
        edit_axes(self.figure, self.axes, |axes| axes.extend = ends);
        self
    }

    /// A text for each tick of the bar.
    pub fn ticklabels(self, labels: impl Names) -> Self {
        let labels = labels.names();
        self.axis(|axis| axis.tick_labels = Some(labels))
    }

    /// The text beside the bar.
    pub fn label(self, label: impl Into<String>) -> Self {
        let text = label.into();
        self.axis(|axis| axis.label.text = text)
    }

    /// Where the bar has ticks.
    pub fn ticks(self, ticks: impl Series) -> Self {
        let ticks = ticks.values();
        self.axis(|axis| axis.ticks = Some(ticks))
    }

    /// How the numbers are written: `"{:.1f}"`.
    pub fn format(self, format: &str) -> Self {
        self.axis(|axis| axis.formatters[0] = Some(format.into()))
    }

    /// The bar's length in parts of the axes (1 when not set).
    pub fn shrink(self, part: impl Element) -> Self {
        self.room(|room| room.shrink = part.number().clamp(0.01, 1.0))
    }

    /// The part of the axes set aside for the bar (0.15 when not set).
    pub fn fraction(self, part: impl Element) -> Self {
        self.room(|room| room.fraction = part.number().clamp(0.001, 0.9))
    }

    /// The part of the axes left free between it and the bar (0.05 when not set).
    pub fn pad(self, part: impl Element) -> Self {
        self.room(|room| room.pad = part.number().clamp(0.0, 0.9))
    }

    /// How many times as long as wide the bar is (20 when not set).
    pub fn aspect(self, ratio: impl Element) -> Self {
        self.room(|room| room.aspect = ratio.number().clamp(0.1, 1000.0))
    }
}

/// Some of the four spines of an axes, for all setters at once: `ax.spines(["top", "right"]).set_visible(false)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spines {
    pub(crate) figure: u64,
    pub(crate) axes: usize,
    pub(crate) chosen: [bool; 4],
}

impl Spines {
    #[track_caller]
    pub(crate) fn chosen(names: &impl Names) -> [bool; 4] {
        let names = names.names();
        for name in &names {
            valid(one_of("spines", name, &SPINES));
        }
        SPINES.map(|spine| names.iter().any(|n| n == spine))
    }

    fn set(self, f: impl Fn(&mut SpineData)) -> Self {
        edit_axes(self.figure, self.axes, |axes| {
            axes.spines.iter_mut().zip(self.chosen).filter(|(_, on)| *on).for_each(|(spine, _)| f(spine));
        });
        self
    }

    /// Whether they are drawn.
    pub fn set_visible(self, visible: bool) -> Self {
        self.set(|spine| spine.visible = visible)
    }

    /// Their colour.
    #[track_caller]
    pub fn set_color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|spine| spine.color = color)
    }

    /// Their width in points (0.8 when not set).
    pub fn set_linewidth(self, points: impl Element) -> Self {
        let points = points.number();
        self.set(|spine| spine.width = points)
    }

    /// Puts them at a value of the data instead of the edge, `set_position(0)` for axes through the origin; or at
    /// `("data", value)`, `("axes", part)`, `("outward", points)`, `"zero"`, `"center"`.
    ///
    /// # Panics
    /// `ValueError` for any other place.
    #[track_caller]
    pub fn set_position(self, place: impl IntoSpinePlace) -> Self {
        let place = valid(place.place());
        self.set(|spine| spine.at = Some(place))
    }

    /// Draws them only between two values of the data.
    pub fn set_bounds(self, low: impl Element, high: impl Element) -> Self {
        let bounds = (low.number(), high.number());
        self.set(|spine| spine.bounds = Some(bounds))
    }
}

/// Where a spine can stand: see [`Spines::set_position`].
pub trait IntoSpinePlace {
    /// The place.
    ///
    /// # Errors
    /// matplotlib's text for an unknown word.
    fn place(self) -> Result<SpinePlace, String>;
}

macro_rules! values {
    ($($t:ty),*) => { $(
        impl IntoSpinePlace for $t {
                    fn place(self) -> Result<SpinePlace, String> {
                Ok(SpinePlace::Data(self.number()))
            }
        }
    )* };
}
values!(f64, f32, i32, u32, usize);

impl IntoSpinePlace for &str {
    fn place(self) -> Result<SpinePlace, String> {
        one_of("position", self, &["center", "zero"])?;
        Ok(if self == "zero" { SpinePlace::Data(0.0) } else { SpinePlace::Axes(0.5) })
    }
}

impl<T: Element> IntoSpinePlace for (&str, T) {
    fn place(self) -> Result<SpinePlace, String> {
        one_of("position", self.0, &["outward", "axes", "data"])?;
        let value = self.1.number();
        Ok(match self.0 {
            "outward" => SpinePlace::Outward(value),
            "axes" => SpinePlace::Axes(value),
            _ => SpinePlace::Data(value),
        })
    }
}

/// Checks that a text is one of those an argument takes.
///
/// # Errors
/// matplotlib's text, which names the argument.
pub(crate) fn one_of(argument: &str, value: &str, known: &[&str]) -> Result<(), String> {
    if known.contains(&value) {
        return Ok(());
    }
    let known: Vec<String> = known.iter().map(|k| format!("'{k}'")).collect();
    Err(format!("ValueError: '{value}' is not a valid value for {argument}. Supported values are {}", known.join(", ")))
}
