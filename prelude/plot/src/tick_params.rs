//! The setters of `tick_params`: how ticks and their labels look, and on which sides they are.

use crate::axes::AxisData;
use crate::axes_api::Axes;
use crate::colors::{self, IntoColor};
use crate::furniture::{FontPoints, one_of};
use crate::handles::valid;
use crate::series::Element;

/// The setters of `tick_params`; both axis unless [`axis`](Self::axis) chooses one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TickParams {
    pub(crate) axes: Axes,
    /// x and y.
    pub(crate) chosen: [bool; 2],
    pub(crate) major: bool,
    pub(crate) minor: bool,
}

impl TickParams {
    fn set(self, f: impl Fn(&mut AxisData)) -> Self {
        self.axes.edit(|axes| {
            for (axis, _) in [&mut axes.x, &mut axes.y].into_iter().zip(self.chosen).filter(|(_, on)| *on) {
                f(axis);
            }
        });
        self
    }

    /// Sets what belongs to the ticks that were chosen.
    fn pick<T: Copy>(self, major: &mut T, minor: &mut T, value: T) {
        if self.major {
            *major = value;
        }
        if self.minor {
            *minor = value;
        }
    }

    /// `"x"`, `"y"` or `"both"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn axis(self, which: &str) -> Self {
        valid(one_of("axis", which, &["x", "y", "both"]));
        TickParams { chosen: [which != "y", which != "x"], ..self }
    }

    /// Which ticks the look of ticks applies to: `"major"` (when not set), `"minor"` or `"both"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn which(self, which: &str) -> Self {
        valid(one_of("which", which, &["major", "minor", "both"]));
        TickParams { major: which != "minor", minor: which != "major", ..self }
    }

    /// Ticks point `"in"` or `"out"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn direction(self, direction: &str) -> Self {
        valid(one_of("direction", direction, &["in", "out"]));
        let inward = direction == "in";
        self.set(|axis| self.pick(&mut axis.tick.inward, &mut axis.tick.minor_inward, inward))
    }

    /// Their length in points (3.5 when not set).
    pub fn length(self, points: impl Element) -> Self {
        let points = points.number();
        self.set(|axis| self.pick(&mut axis.tick.length, &mut axis.tick.minor_length, points))
    }

    /// Their width in points (0.8 when not set).
    pub fn width(self, points: impl Element) -> Self {
        let points = points.number();
        self.set(|axis| self.pick(&mut axis.tick.width, &mut axis.tick.minor_width, points))
    }

    /// The distance of labels in points (3.5 when not set).
    pub fn pad(self, points: impl Element) -> Self {
        let points = points.number();
        self.set(|axis| axis.tick.pad = points)
    }

    /// The labels' size in points, or by name.
    #[track_caller]
    pub fn labelsize(self, size: impl FontPoints) -> Self {
        let points = size.points();
        self.set(|axis| axis.tick_points = points)
    }

    /// Turns the labels by degrees counter-clockwise.
    pub fn labelrotation(self, degrees: impl Element) -> Self {
        let degrees = degrees.number();
        self.set(|axis| axis.tick_angle = degrees)
    }

    /// The colour of ticks and labels.
    #[track_caller]
    pub fn colors(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|axis| {
            self.pick(&mut axis.tick.color, &mut axis.tick.minor_color, color);
            axis.tick.label_color = Some(color);
        })
    }

    /// The colour of the labels alone.
    #[track_caller]
    pub fn labelcolor(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|axis| axis.tick.label_color = Some(color))
    }

    /// Whether ticks are drawn: `bottom=False`, `left=False`.
    pub fn ticks(self, shown: bool) -> Self {
        self.set(|axis| self.pick(&mut axis.ticks_shown, &mut axis.minor_ticks_shown, shown))
    }

    /// Whether labels are drawn: `labelbottom=False`, `labelleft=False`.
    pub fn labels(self, shown: bool) -> Self {
        self.set(|axis| axis.labels_shown = shown)
    }

    fn side(self, horizontal: bool, f: impl Fn(&mut AxisData)) -> Self {
        self.axes.edit(|axes| f(axes.axis_mut(horizontal)));
        self
    }

    /// Whether the x axis has ticks at the bottom.
    pub fn bottom(self, shown: bool) -> Self {
        self.side(true, |axis| self.pick(&mut axis.ticks_shown, &mut axis.minor_ticks_shown, shown))
    }

    /// Whether the x axis has ticks at the top as well.
    pub fn top(self, shown: bool) -> Self {
        self.side(true, |axis| axis.opposite[0] = shown)
    }

    /// Whether the y axis has ticks at the left.
    pub fn left(self, shown: bool) -> Self {
        self.side(false, |axis| self.pick(&mut axis.ticks_shown, &mut axis.minor_ticks_shown, shown))
    }

    /// Whether the y axis has ticks at the right as well.
    pub fn right(self, shown: bool) -> Self {
        self.side(false, |axis| axis.opposite[0] = shown)
    }

    /// Whether the x axis has labels at the bottom.
    pub fn labelbottom(self, shown: bool) -> Self {
        self.side(true, |axis| axis.labels_shown = shown)
    }

    /// Whether the x axis has labels at the top as well.
    pub fn labeltop(self, shown: bool) -> Self {
        self.side(true, |axis| axis.opposite[1] = shown)
    }

    /// Whether the y axis has labels at the left.
    pub fn labelleft(self, shown: bool) -> Self {
        self.side(false, |axis| axis.labels_shown = shown)
    }

    /// Whether the y axis has labels at the right as well.
    pub fn labelright(self, shown: bool) -> Self {
        self.side(false, |axis| axis.opposite[1] = shown)
    }

    /// Moves ticks and labels to the top or the right side: `ax.xaxis.tick_top()`, `ax.yaxis.tick_right()`.
    pub fn far_side(self) -> Self {
        self.set(|axis| axis.far = true)
    }
}
