//! Texts on bars: each bar's height at its end or in its middle. `matplotlib.axes.Axes.bar_label`.

use crate::artist::{Kind, TextData};
use crate::axes_api::Axes;
use crate::bars::BarContainer;
use crate::colors::{self, IntoColor};
use crate::furniture::{FontPoints, one_of};
use crate::handles::{Sizes, edit_axes, valid};
use crate::series::{Element, Names};
use crate::text::{HAlign, VAlign};
use crate::ticker::Formatter;

/// The texts written by [`bar_label`](crate::bar_label), to be changed by setters.
#[derive(Clone, Debug)]
pub struct BarLabels {
    axes: Axes,
    /// The first of the texts among the axes' artists.
    first: usize,
    /// Each bar's height, the middle of the bar, and where its label stands.
    bars: Vec<(f64, [f64; 2], [f64; 2])>,
    horizontal: bool,
}

impl Axes {
    /// Writes each bar's height at its end; setters of what it returns choose the format, the place and the look.
    pub fn bar_label(self, bars: &BarContainer) -> BarLabels {
        let (places, horizontal) = bars.places();
        let errors = bars.id().artist + 1;
        let made = self.edit(|axes| {
            // Where each bar's error bar ends.
            let reach: Option<Vec<[f64; 2]>> = match axes.artists.get(errors).map(|a| &a.kind) {
                Some(Kind::Errorbar(e)) if e.line.x.len() == places.len() && e.of_bars => {
                    Some(e.ranges().map(|(x, y)| if horizontal { x } else { y }).collect())
                }
                _ => None,
            };
            let along = usize::from(!horizontal);
            let bars: Vec<(f64, [f64; 2], [f64; 2])> = places
                .iter()
                .enumerate()
                .map(|(k, &[x, y, width, height])| {
                    let middle = [x + width / 2.0, y + height / 2.0];
                    let value = if horizontal { width } else { height };
                    let mut end = middle;
                    end[along] = if horizontal { x + width } else { y + height };
                    if let Some(range) = reach.as_ref().map(|r| r[k]) {
                        end[along] = if value < 0.0 { range[0] } else { range[1] };
                    }
                    (value, middle, end)
                })
                .collect();
            let first = axes.artists.len();
            for &(value, _, end) in &bars {
                let text = if value.is_nan() { String::new() } else { crate::ticks::general(value) };
                let mut text = TextData::new(text, end, &axes.rc);
                (text.ha, text.va) = match (horizontal, value < 0.0) {
                    (false, false) => (HAlign::Center, VAlign::Bottom),
                    (false, true) => (HAlign::Center, VAlign::Top),
                    (true, false) => (HAlign::Left, VAlign::Center),
                    (true, true) => (HAlign::Right, VAlign::Center),
                };
                axes.add(|_| Kind::Text(text));
            }
            (first, bars)
        });
        let (first, bars) = made.unwrap_or_default();
        BarLabels { axes: self, first, bars, horizontal }
    }
}

impl BarLabels {
    fn each(self, f: impl Fn(usize, f64, &mut TextData)) -> Self {
        edit_axes(self.axes.figure, self.axes.index, |axes| {
            let texts = axes.artists.iter_mut().skip(self.first).take(self.bars.len());
            for (k, (artist, bar)) in texts.zip(&self.bars).enumerate() {
                if let Kind::Text(text) = &mut artist.kind {
                    f(k, bar.0, text);
                }
            }
        });
        self
    }

    /// How the heights are written: `"%.1f"`, `"{:,.0f}"`, or a function of the height and the bar's number.
    pub fn fmt(self, format: impl Into<Formatter>) -> Self {
        let format = format.into();
        self.each(|k, value, text| {
            if let Some(own) = format.text(value, k, 1.0).filter(|_| !value.is_nan()) {
                text.text = crate::ticks::without_minus(&own);
            }
        })
    }

    /// Texts instead of the heights.
    pub fn labels(self, labels: impl Names) -> Self {
        let labels = labels.names();
        self.each(|k, _, text| {
            if let Some(label) = labels.get(k) {
                text.text.clone_from(label);
            }
        })
    }

    /// Points between the bars' ends and the texts (0 when not set), or one for each.
    pub fn padding(self, points: impl Sizes) -> Self {
        let points = points.sizes();
        let along = usize::from(!self.horizontal);
        self.each(|k, value, text| {
            let pad = points[k % points.len().max(1)];
            text.offset[along] = if value < 0.0 { -pad } else { pad };
        })
    }

    /// `"edge"`, or `"center"` for texts in the middle of the bars.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn label_type(self, label_type: &str) -> Self {
        valid(one_of("label_type", label_type, &["edge", "center"]));
        if label_type == "edge" {
            return self;
        }
        let middles: Vec<[f64; 2]> = self.bars.iter().map(|b| b.1).collect();
        self.each(|k, _, text| (text.at, text.ha, text.va) = (middles[k], HAlign::Center, VAlign::Center))
    }

    /// The texts' colour.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.each(|_, _, text| text.color = color)
    }

    /// Size in points, or by name.
    #[track_caller]
    pub fn fontsize(self, size: impl FontPoints) -> Self {
        let points = size.points();
        self.each(|_, _, text| text.points = points)
    }

    /// Degrees counter-clockwise.
    pub fn rotation(self, degrees: impl Element) -> Self {
        let degrees = degrees.number();
        self.each(|_, _, text| text.angle = degrees)
    }
}
