//! Handles to what stands around the data: titles and labels, ticks, legend, grid, colour bar.

use crate::artist::LineStyle;
use crate::axes::{AxisData, Caption, GridData};
use crate::colors::{self, IntoColor};
use crate::handles::{edit_axes, edit_figure, valid};
use crate::legend::LegendData;
use crate::series::{Element, Series};

/// Which caption of an axes a [`Label`] is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Which {
    Title,
    X,
    Y,
    Suptitle,
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
            if self.which == Which::Suptitle {
                f(&mut figure.suptitle);
                return;
            }
            let Some(axes) = figure.axes.get_mut(self.axes) else { return };
            match self.which {
                Which::Title | Which::Suptitle => f(&mut axes.title),
                Which::X => f(&mut axes.x.label),
                Which::Y => f(&mut axes.y.label),
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

    /// Size in points.
    pub fn fontsize(self, points: impl Element) -> Self {
        self.set(|caption| caption.points = points.number())
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
        edit_axes(self.figure, self.axes, |axes| f(if self.horizontal { &mut axes.x } else { &mut axes.y }));
        self
    }

    /// A text for each tick.
    #[track_caller]
    pub fn labels<T: ToString>(self, labels: &[T]) -> Self {
        let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
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

    /// Turns the labels by degrees counter-clockwise.
    pub fn rotation(self, degrees: impl Element) -> Self {
        self.set(|axis| axis.tick_angle = degrees.number())
    }

    /// The labels' size in points.
    pub fn fontsize(self, points: impl Element) -> Self {
        self.set(|axis| axis.tick_points = points.number())
    }

    /// The labels' colour.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|axis| axis.tick_color = color)
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

    /// Where it goes: `"best"`, `"upper left"`, `"center right"`, ...
    #[track_caller]
    pub fn loc(self, loc: &str) -> Self {
        valid(LegendData::check_loc(loc));
        self.set(|legend| legend.loc = loc.to_owned())
    }

    /// The texts, in the order in which things were drawn.
    pub fn labels<T: ToString>(self, labels: &[T]) -> Self {
        let labels = labels.iter().map(ToString::to_string).collect();
        self.set(|legend| legend.labels = Some(labels))
    }

    /// Size in points.
    pub fn fontsize(self, points: impl Element) -> Self {
        self.set(|legend| legend.points = points.number())
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

/// The grid of an axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    pub(crate) figure: u64,
    pub(crate) axes: usize,
}

impl Grid {
    fn set(self, f: impl Fn(&mut GridData)) -> Self {
        edit_axes(self.figure, self.axes, |axes| {
            axes.x.grid.iter_mut().chain(axes.y.grid.iter_mut()).for_each(f);
        });
        self
    }

    /// Keeps only the lines of `"x"` or `"y"`.
    pub fn axis(self, which: &str) -> Self {
        edit_axes(self.figure, self.axes, |axes| match which {
            "x" => axes.y.grid = None,
            "y" => axes.x.grid = None,
            _ => {}
        });
        self
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
    /// The text beside the bar.
    pub fn label(self, label: impl Into<String>) -> Self {
        let text = label.into();
        edit_axes(self.figure, self.axes, |axes| axes.y.label.text = text);
        self
    }

    /// Where the bar has ticks.
    pub fn ticks(self, ticks: impl Series) -> Self {
        let ticks = ticks.values();
        edit_axes(self.figure, self.axes, |axes| axes.y.ticks = Some(ticks));
        self
    }
}
