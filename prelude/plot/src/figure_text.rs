//! The handle to a text of a figure and its setters.

use crate::artist::TextData;
use crate::colors::{self, IntoColor};
use crate::handles::{edit_figure, valid};
use crate::series::Element;

/// A text of a figure, outside its axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FigureText {
    pub(crate) figure: u64,
    pub(crate) index: usize,
}

impl FigureText {
    fn set(self, f: impl FnOnce(&mut TextData)) -> Self {
        edit_figure(self.figure, |figure| figure.texts.get_mut(self.index).map(f));
        self
    }

    /// The text's colour.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|t| t.color = color)
    }

    /// Size in points, or by name.
    #[track_caller]
    pub fn fontsize(self, size: impl crate::furniture::FontPoints) -> Self {
        let points = size.points();
        self.set(|t| t.points = points)
    }

    /// Horizontal alignment: `"left"`, `"center"`, `"right"`.
    #[track_caller]
    pub fn ha(self, align: &str) -> Self {
        let ha = valid(crate::text::HAlign::parse(align));
        self.set(|t| t.ha = ha)
    }

    /// Vertical alignment: `"top"`, `"center"`, `"bottom"`, `"baseline"`, `"center_baseline"`.
    #[track_caller]
    pub fn va(self, align: &str) -> Self {
        let va = valid(crate::text::VAlign::parse(align));
        self.set(|t| t.va = va)
    }

    /// Degrees counter-clockwise.
    pub fn rotation(self, degrees: impl Element) -> Self {
        self.set(|t| t.angle = degrees.number())
    }

    /// `"normal"` or `"bold"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn fontweight(self, weight: &str) -> Self {
        let variant = valid(crate::text::Variant::weight(weight));
        self.set(|t| t.variant = variant)
    }

    /// A box around the text, as [`Text::bbox`](crate::Text::bbox).
    #[track_caller]
    pub fn bbox(self, props: impl crate::text_box::IntoBbox) -> Self {
        let props = props.props();
        self.set(|t| t.boxed = Some(props))
    }
}
