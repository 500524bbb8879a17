//! The handle to a colour bar and its setters; how it is drawn is in `colorbar`.

use crate::axes::{AxisData, ColorbarRoom, Place};
use crate::axes_api::Axes;
use crate::furniture::one_of;
use crate::handles::{edit_axes, edit_figure, valid};
use crate::series::{Element, Names, Series};

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
