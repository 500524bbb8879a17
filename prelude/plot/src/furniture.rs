//! Handles to what stands around the data: titles and labels, ticks, grid. Those of legends, spines and colour bars are in
//! modules of their own.

use crate::artist::LineStyle;
use crate::axes::{AxisData, Caption, GridData};
use crate::colors::{self, IntoColor};
use crate::handles::{edit_axes, edit_figure, valid};
use crate::rc::FontSize;
use crate::series::Element;
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
