//! Handles to bars: the whole of a bar chart or histogram, and a single bar of it.

use std::fmt;

use crate::artist::{Bar, BarsData, Kind, LineData, LineStyle, Outline};
use crate::axes_api::Axes;
use crate::colors::{self, IntoColor, IntoColors};
use crate::errorbar::ErrorbarData;
use crate::furniture::one_of;
use crate::handles::{Id, Sizes, edit_axes, valid};
use crate::hatch;
use crate::scale::Scale;
use crate::series::{Element, Names, Series, python_tuple};
use crate::statistics::{Errors, deviations};

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

    pub(crate) fn id(&self) -> Id {
        self.id
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

    /// Draws the bars as one area with the feet given (that of each bar), or only its outline.
    pub(crate) fn outline(&self, outline: Option<Outline>) {
        self.id.edit(|artist| {
            if let Kind::Bars(bars) = &mut artist.kind {
                bars.outline = outline;
            }
        });
    }

    /// The places of the bars: x, y, width, height.
    pub(crate) fn places(&self) -> (Vec<[f64; 4]>, bool) {
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
            let (color, width, of_bars) = (None, None, true);
            let bars = ErrorbarData { line, x_errors, y_errors, color, width, capsize, capthick, of_bars };
            axes.add(|_| Kind::Errorbar(bars));
        });
        self
    }

    fn set_errors(self, f: impl FnOnce(&mut ErrorbarData)) -> Self {
        edit_axes(self.id.figure, self.id.axes, |axes| {
            if let Some(Kind::Errorbar(bars)) = axes.artists.last_mut().map(|a| &mut a.kind) {
                f(bars);
            }
        });
        self
    }

    /// Half the length of the caps of the bars' errors in points; follows [`yerr`](Self::yerr).
    pub fn capsize(self, points: impl Element) -> Self {
        self.set_errors(|bars| bars.capsize = points.number())
    }

    /// The colour of the bars' errors; follows [`yerr`](Self::yerr).
    #[track_caller]
    pub fn ecolor(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set_errors(|bars| bars.color = Some(color))
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

    /// The colour of the bars' outlines, or one for each; none when not set.
    #[track_caller]
    pub fn edgecolor(self, color: impl IntoColors) -> Self {
        let colors = colors::expect_all(color);
        self.set(|bars| {
            bars.bars.iter_mut().zip(colors.iter().cycle()).for_each(|(bar, color)| bar.edge = Some(*color));
        })
    }

    /// A pattern on the bars, or one for each, of the letters `/ \\ | - + x o O . *`; repeated letters make it denser.
    ///
    /// # Panics
    /// `ValueError` for any other letter.
    #[track_caller]
    pub fn hatch(self, pattern: impl Names) -> Self {
        let patterns = valid(hatch::check_all(&pattern.names()));
        self.set(|bars| bars.hatches = patterns)
    }

    /// Its place from back to front; bars have 1, lines 2.
    pub fn zorder(self, zorder: impl Element) -> Self {
        self.id.edit(|artist| artist.zorder = Some(zorder.number()));
        self
    }

    /// A text under each bar instead of its place.
    ///
    /// # Panics
    /// `ValueError` when there are more or fewer texts than bars.
    #[track_caller]
    pub fn tick_label(self, labels: impl Names) -> Self {
        let labels = labels.names();
        let (places, horizontal) = self.places();
        if labels.len() != places.len() {
            panic!("ValueError: number of labels ({}) does not match number of bars ({}).", labels.len(), places.len());
        }
        let middle = |p: &[f64; 4]| if horizontal { p[1] + p[3] / 2.0 } else { p[0] + p[2] / 2.0 };
        edit_axes(self.id.figure, self.id.axes, |axes| {
            let axis = axes.axis_mut(!horizontal);
            (axis.ticks, axis.tick_labels) = (Some(places.iter().map(middle).collect()), Some(labels));
        });
        self
    }

    /// Counts the bars' heights on a logarithmic axis.
    pub fn log(self, on: bool) -> Self {
        let (_, horizontal) = self.places();
        edit_axes(self.id.figure, self.id.axes, |axes| {
            axes.axis_mut(horizontal).scale = if on { Scale::Log } else { Scale::Linear };
        });
        self
    }

    /// The width of the outlines in points.
    pub fn linewidth(self, points: impl Element) -> Self {
        self.set(|bars| bars.edge_width = points.number())
    }

    /// How wide the bars are, in data (0.8 when not set), or one width for each.
    pub fn width(self, width: impl Sizes) -> Self {
        let widths = width.sizes();
        self.set(|bars| {
            let horizontal = bars.horizontal;
            for (bar, &width) in bars.bars.iter_mut().zip(widths.iter().cycle()) {
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

    /// [`width`](Self::width) of horizontal bars: how high they are.
    pub fn height(self, height: impl Sizes) -> Self {
        self.width(height)
    }

    /// Where the bars start instead of 0: their feet, as for stacked bars; one number or one for each.
    ///
    /// # Panics
    /// `ValueError` when there are more or fewer feet than bars.
    #[track_caller]
    pub fn bottom(self, bottom: impl Sizes) -> Self {
        let (bottom, n) = (bottom.sizes(), self.len());
        if bottom.len() != 1 && bottom.len() != n {
            panic!(
                "ValueError: shape mismatch: objects cannot be broadcast to a single shape.  Mismatch is between \
                 'bottom' with shape ({},) and the bars with shape ({n},).",
                bottom.len()
            );
        }
        self.set(|bars| {
            let horizontal = bars.horizontal;
            for (bar, b) in bars.bars.iter_mut().zip(bottom.iter().cycle()) {
                if horizontal { bar.x = *b } else { bar.y = *b }
            }
        })
    }

    /// [`bottom`](Self::bottom) of horizontal bars.
    ///
    /// # Panics
    /// As [`bottom`](Self::bottom).
    #[track_caller]
    pub fn left(self, left: impl Sizes) -> Self {
        self.bottom(left)
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
            Kind::Bars(BarsData {
                bars: bars.collect(),
                edge_width: axes.rc.patch_width,
                horizontal,
                outline: None,
                hatches: Vec::new(),
            })
        });
        BarContainer::new(id, n)
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
