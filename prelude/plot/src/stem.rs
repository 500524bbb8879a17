//! Lines from a base to points: `matplotlib.axes.Axes.stem`.

use crate::artist::LineStyle;
use crate::axes_api::{Axes, same_length};
use crate::colors;
use crate::format::Format;
use crate::handles::{Line2D, LineCollection, valid};
use crate::marker::Marker;
use crate::series::{Element, Series};

/// The lines drawn by [`stem`](crate::stem), to be changed by setters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StemContainer {
    stems: LineCollection,
    markers: Line2D,
    base: Line2D,
}

impl Axes {
    /// Draws a line from 0 to each y with a dot at its end, and a red line at 0.
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length.
    #[track_caller]
    pub fn stem(self, x: impl Series, y: impl Series) -> StemContainer {
        same_length(&x, &y);
        let (x, y) = (self.x_values(&x), y.values());
        let stems = self.segments(x.iter().zip(&y).map(|(&x, &y)| vec![[x, 0.0], [x, y]]).collect());
        let ends = x.iter().copied().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        let cycled = |k: usize| Format { color: Some(colors::cycle(k)), ..Format::default() };
        let dots = Format { marker: Marker::of('o'), style: Some(LineStyle::None), ..cycled(0) };
        let markers = self.line(x, y, dots);
        let base = self.line(vec![ends.0, ends.1], vec![0.0, 0.0], cycled(3));
        StemContainer { stems, markers, base }
    }
}

impl StemContainer {
    /// The look of the upright lines as a format string, `"g--"`; the markers take its colour.
    ///
    /// # Panics
    /// `ValueError` when it is not understood.
    #[track_caller]
    pub fn linefmt(self, fmt: &str) -> Self {
        let format = valid(Format::parse(fmt));
        self.stems.set(|s| {
            s.style = format.style.unwrap_or(s.style);
            s.colors = format.color.map_or(s.colors.clone(), |c| vec![c]);
        });
        if let Some(color) = format.color {
            self.markers.set(|line| line.color = color);
        }
        self
    }

    /// The look of the markers as a format string, `"D"`.
    ///
    /// # Panics
    /// `ValueError` when it is not understood.
    #[track_caller]
    pub fn markerfmt(self, fmt: &str) -> Self {
        let format = valid(Format::parse(fmt));
        self.markers.set(|line| {
            line.color = format.color.unwrap_or(line.color);
            line.marker = format.marker;
        });
        self
    }

    /// The look of the base line as a format string; `" "` for none.
    ///
    /// # Panics
    /// `ValueError` when it is not understood.
    #[track_caller]
    pub fn basefmt(self, fmt: &str) -> Self {
        if fmt.trim().is_empty() {
            self.base.set(|line| line.style = LineStyle::None);
            return self;
        }
        let format = valid(Format::parse(fmt));
        self.base.set(|line| {
            line.color = format.color.unwrap_or(line.color);
            line.style = format.style.unwrap_or(line.style);
        });
        self
    }

    /// Where the base line lies (at 0 when not set).
    pub fn bottom(self, y: impl Element) -> Self {
        let bottom = y.number();
        self.stems.set(|s| s.lines.iter_mut().for_each(|line| line[0][1] = bottom));
        self.base.set(|line| line.y = vec![bottom; 2]);
        self
    }

    /// The name in the legend.
    pub fn label(self, label: impl Into<String>) -> Self {
        self.markers.label(label);
        self
    }
}
