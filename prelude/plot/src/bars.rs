//! Handles to bars: the whole of a bar chart or histogram, and a single bar of it.

use std::fmt;

use crate::artist::{Bar, BarsData, Kind, LineData, LineStyle, TextData};
use crate::axes_api::Axes;
use crate::colors::{self, IntoColor, IntoColors};
use crate::errorbar::ErrorbarData;
use crate::furniture::one_of;
use crate::handles::{Id, edit_axes, valid};
use crate::series::{Element, Series, python_tuple};
use crate::statistics::{Errors, deviations};
use crate::text::{HAlign, VAlign};

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

    /// Replaces the bars: x, y, width, height of each.
    pub(crate) fn replace(&self, places: Vec<[f64; 4]>, horizontal: bool) {
        self.id.edit(|artist| {
            if let Kind::Bars(bars) = &mut artist.kind {
                bars.horizontal = horizontal;
                for (bar, [x, y, width, height]) in bars.bars.iter_mut().zip(places) {
                    (bar.x, bar.y, bar.width, bar.height) = (x, y, width, height);
                }
            }
        });
    }

    /// Shows only the outline of all bars together.
    pub(crate) fn outline(&self) {
        self.id.edit(|artist| {
            if let Kind::Bars(bars) = &mut artist.kind {
                bars.outline = true;
            }
        });
    }

    /// The places of the bars: x, y, width, height.
    fn places(&self) -> (Vec<[f64; 4]>, bool) {
        let mut found = (Vec::new(), false);
        self.id.edit(|artist| {
            if let Kind::Bars(bars) = &artist.kind {
                let place = |b: &Bar| [b.x, b.y, b.width, b.height];
                found = (bars.bars.iter().map(place).collect(), bars.horizontal);
            }
        });
        found
    }

    /// Error bars at the bars' ends: a number, one for each, or a pair of those for below and above.
    ///
    /// # Panics
    /// `ValueError` when they do not fit the bars or are negative.
    #[track_caller]
    pub fn yerr(self, errors: impl Errors) -> Self {
        let (places, _) = self.places();
        let y_errors = Some(valid(deviations("yerr", &errors, places.len())));
        self.errors(places, None, y_errors)
    }

    /// Error bars along x, for horizontal bars.
    ///
    /// # Panics
    /// As [`yerr`](Self::yerr).
    #[track_caller]
    pub fn xerr(self, errors: impl Errors) -> Self {
        let (places, _) = self.places();
        let x_errors = Some(valid(deviations("xerr", &errors, places.len())));
        self.errors(places, x_errors, None)
    }

    fn errors(
        self,
        places: Vec<[f64; 4]>,
        x_errors: Option<(Vec<f64>, Vec<f64>)>,
        y_errors: Option<(Vec<f64>, Vec<f64>)>,
    ) -> Self {
        let upright = y_errors.is_some();
        let end =
            |p: &[f64; 4]| if upright { [p[0] + p[2] / 2.0, p[1] + p[3]] } else { [p[0] + p[2], p[1] + p[3] / 2.0] };
        let (x, y) = places.iter().map(end).map(|[x, y]| (x, y)).unzip();
        edit_axes(self.id.figure, self.id.axes, |axes| {
            let line = LineData { style: LineStyle::None, ..LineData::new(x, y, colors::Color::BLACK, &axes.rc) };
            let (capsize, capthick) = (axes.rc.capsize, axes.rc.markeredgewidth);
            let bars = ErrorbarData { line, x_errors, y_errors, color: None, width: None, capsize, capthick };
            axes.add(|_| Kind::Errorbar(bars));
        });
        self
    }

    /// Half the length of the caps of the bars' errors in points; follows [`yerr`](Self::yerr).
    pub fn capsize(self, points: impl Element) -> Self {
        edit_axes(self.id.figure, self.id.axes, |axes| {
            if let Some(Kind::Errorbar(bars)) = axes.artists.last_mut().map(|a| &mut a.kind) {
                bars.capsize = points.number();
            }
        });
        self
    }

    /// `"center"`, or `"edge"` for bars that start at their x.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn align(self, align: &str) -> Self {
        valid(one_of("align", align, &["center", "edge"]));
        self.set(|bars| {
            let edge = align == "edge";
            for bar in bars.bars.iter_mut().filter(|_| edge) {
                if bars.horizontal { bar.y += bar.height / 2.0 } else { bar.x += bar.width / 2.0 }
            }
        })
    }

    /// The number of bars.
    pub fn len(&self) -> usize {
        self.patches.len()
    }

    /// Whether there is no bar.
    pub fn is_empty(&self) -> bool {
        self.patches.is_empty()
    }

    /// One colour for all bars, or a list: one for each, from the first again when there are fewer.
    ///
    /// # Panics
    /// `ValueError` for a text that names no colour.
    #[track_caller]
    pub fn color(self, color: impl IntoColors) -> Self {
        let colors = colors::expect_all(color);
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

impl Axes {
    /// Draws a bar of each height over its x, which may be texts.
    ///
    /// # Panics
    /// `ValueError` when x and the heights differ in length.
    #[track_caller]
    pub fn bar(self, x: impl Series, height: impl Series) -> BarContainer {
        same_bars(["x", "height"], &x, &height);
        let x = self.x_values(&x);
        let bars = x.iter().zip(height.values()).map(|(&x, height)| [x - 0.4, 0.0, 0.8, height]).collect();
        self.bars(bars, false)
    }

    /// Draws a bar of each width beside its y, which may be texts.
    ///
    /// # Panics
    /// `ValueError` when y and the widths differ in length.
    #[track_caller]
    pub fn barh(self, y: impl Series, width: impl Series) -> BarContainer {
        same_bars(["y", "width"], &y, &width);
        let y = self.y_values(&y);
        let bars = y.iter().zip(width.values()).map(|(&y, width)| [0.0, y - 0.4, width, 0.8]).collect();
        self.bars(bars, true)
    }

    pub(crate) fn bars(self, bars: Vec<[f64; 4]>, horizontal: bool) -> BarContainer {
        let n = bars.len();
        let id = self.add(|axes| {
            let face = axes.next_patch_color();
            let edge = axes.rc.patch_force_edge.then_some(axes.rc.patch_edge);
            let bars = bars.into_iter().map(|[x, y, width, height]| Bar { x, y, width, height, face, edge });
            Kind::Bars(BarsData { bars: bars.collect(), edge_width: axes.rc.patch_width, horizontal, outline: false })
        });
        BarContainer::new(id, n)
    }

    /// Writes each bar's height at its end.
    pub fn bar_label(self, bars: &BarContainer) {
        let (places, horizontal) = bars.places();
        self.edit(|axes| {
            let ends: Vec<[f64; 2]> = places
                .iter()
                .map(
                    |&[x, y, width, height]| {
                        if horizontal { [x + width, y + height / 2.0] } else { [x + width / 2.0, y + height] }
                    },
                )
                .collect();
            // The label stands beyond the bar's error bar.
            let tops = axes.artists.iter().find_map(|artist| match &artist.kind {
                Kind::Errorbar(e) if e.line.x.iter().zip(&e.line.y).map(|(&x, &y)| [x, y]).eq(ends.iter().copied()) => {
                    Some(e.ranges().map(|(x, y)| if horizontal { x[1] } else { y[1] }).collect::<Vec<f64>>())
                }
                _ => None,
            });
            for (k, [_, _, width, height]) in places.into_iter().enumerate() {
                let value = if horizontal { width } else { height };
                let mut at = ends[k];
                if let Some(tops) = &tops {
                    at[usize::from(!horizontal)] = tops[k];
                }
                let mut text = TextData::new(crate::ticks::general(value), at, &axes.rc);
                (text.ha, text.va) = match (horizontal, value < 0.0) {
                    (false, false) => (HAlign::Center, VAlign::Bottom),
                    (false, true) => (HAlign::Center, VAlign::Top),
                    (true, false) => (HAlign::Left, VAlign::Center),
                    (true, true) => (HAlign::Right, VAlign::Center),
                };
                axes.add(|_| Kind::Text(text));
            }
        });
    }
}

#[track_caller]
fn same_bars([name, size]: [&str; 2], x: &impl Series, height: &impl Series) {
    let (a, b) = (x.shape(), height.shape());
    if a != b {
        panic!(
            "ValueError: shape mismatch: objects cannot be broadcast to a single shape.  Mismatch is between \
             '{name}' with shape {} and '{size}' with shape {}.",
            python_tuple(&a),
            python_tuple(&b)
        );
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
