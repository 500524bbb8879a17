//! The handle to a legend and its setters; how it is drawn is in `legend`.

use crate::colors::{self, IntoColor};
use crate::furniture::{FontPoints, one_of};
use crate::handles::{edit_axes, edit_figure, valid};
use crate::legend::LegendData;
use crate::legend_elements::LegendElements;
use crate::series::Element;

/// The legend of an axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Legend {
    pub(crate) figure: u64,
    /// The axes it is of; none for a figure's.
    pub(crate) axes: Option<usize>,
}

impl Legend {
    pub(crate) fn set(self, f: impl FnOnce(&mut LegendData)) -> Self {
        match self.axes {
            Some(axes) => _ = edit_axes(self.figure, axes, |axes| axes.legend.as_mut().map(f)),
            None => _ = edit_figure(self.figure, |figure| figure.legend.as_mut().map(f)),
        }
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
