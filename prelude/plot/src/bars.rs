//! Handles to bars: the whole of a bar chart or histogram, and a single bar of it.

use std::fmt;

use crate::artist::{BarsData, Kind};
use crate::colors::{self, IntoColor};
use crate::handles::Id;
use crate::series::{Element, Series};

/// The bars of one [`bar`](crate::bar) or [`hist`](crate::hist); indexing gives a single one.
#[derive(Clone, PartialEq)]
pub struct BarContainer {
    id: Id,
    patches: Vec<Rectangle>,
}

impl fmt::Debug for BarContainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<BarContainer object of {} artists>", self.patches.len())
    }
}

impl std::ops::Index<usize> for BarContainer {
    type Output = Rectangle;

    fn index(&self, index: usize) -> &Rectangle {
        &self.patches[index]
    }
}

impl BarContainer {
    pub(crate) fn new(id: Id, n: usize) -> BarContainer {
        BarContainer { id, patches: (0..n).map(|bar| Rectangle { id, bar }).collect() }
    }

    fn set(self, f: impl FnOnce(&mut BarsData)) -> Self {
        self.id.edit(|artist| {
            if let Kind::Bars(bars) = &mut artist.kind {
                f(bars)
            }
        });
        self
    }

    /// The number of bars.
    pub fn len(&self) -> usize {
        self.patches.len()
    }

    /// Whether there is no bar.
    pub fn is_empty(&self) -> bool {
        self.patches.is_empty()
    }

    /// One colour for all bars.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.id.return_color();
        self.set(|bars| bars.bars.iter_mut().for_each(|bar| bar.face = color))
    }

    /// A colour for each bar, from the first again when there are fewer.
    #[track_caller]
    pub fn colors<C: IntoColor + Copy>(self, colors: &[C]) -> Self {
        let colors: Vec<_> = colors.iter().map(|c| colors::expect(*c)).collect();
        self.id.return_color();
        self.set(|bars| bars.bars.iter_mut().zip(colors.iter().cycle()).for_each(|(bar, color)| bar.face = *color))
    }

    /// The colour of the bars' outlines; none when not set.
    #[track_caller]
    pub fn edgecolor(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|bars| bars.bars.iter_mut().for_each(|bar| bar.edge = Some(color)))
    }

    /// The width of the outlines in points.
    pub fn linewidth(self, points: impl Element) -> Self {
        self.set(|bars| bars.edge_width = points.number())
    }

    /// How wide the bars are, as a part of their distance (0.8 when not set); for horizontal ones how high.
    pub fn width(self, width: impl Element) -> Self {
        let width = width.number();
        self.set(|bars| {
            let horizontal = bars.horizontal;
            for bar in &mut bars.bars {
                if horizontal {
                    bar.y += (bar.height - width) / 2.0;
                    bar.height = width;
                } else {
                    bar.x += (bar.width - width) / 2.0;
                    bar.width = width;
                }
            }
        })
    }

    /// Where the bars start instead of 0: their feet, as for stacked bars.
    pub fn bottom(self, bottom: impl Series) -> Self {
        let bottom = bottom.values();
        self.set(|bars| {
            let horizontal = bars.horizontal;
            for (bar, b) in bars.bars.iter_mut().zip(&bottom) {
                if horizontal { bar.x = *b } else { bar.y = *b }
            }
        })
    }

    /// The name in the legend.
    pub fn label(self, label: impl Into<String>) -> Self {
        let label = label.into();
        self.id.edit(|artist| artist.label = Some(label));
        self
    }

    /// Opacity, from 0 to 1.
    pub fn alpha(self, alpha: impl Element) -> Self {
        self.id.edit(|artist| artist.alpha = Some(alpha.number() as f32));
        self
    }
}

/// One bar of a [`BarContainer`].
#[derive(Clone, Copy, PartialEq)]
pub struct Rectangle {
    id: Id,
    bar: usize,
}

impl fmt::Debug for Rectangle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<matplotlib.Rectangle {}>", self.bar)
    }
}

impl Rectangle {
    /// The bar's colour, outline included.
    #[track_caller]
    pub fn set_color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.id.edit(|artist| {
            if let Kind::Bars(bars) = &mut artist.kind
                && let Some(bar) = bars.bars.get_mut(self.bar)
            {
                bar.face = color;
                bar.edge = Some(color);
            }
        });
        self
    }
}
