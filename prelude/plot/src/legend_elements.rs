//! Legends of the sizes and colours of points: `matplotlib.collections.PathCollection.legend_elements`.

use crate::artist::{Artist, Kind, LineStyle, ScatterData};
use crate::colors::{self, Color, IntoColor};
use crate::furniture::one_of;
use crate::handles::{PathCollection, valid};
use crate::legend::Handle;
use crate::series::Element;
use crate::ticker::Formatter;
use crate::ticks;

/// Entries for a legend that show some of the sizes or colours of points, for [`Legend::elements`](crate::Legend::elements).
#[derive(Clone, Debug)]
pub struct LegendElements {
    points: PathCollection,
    sizes: bool,
    num: Option<usize>,
    format: Option<Formatter>,
    func: fn(f64) -> f64,
    color: Option<Color>,
    alpha: Option<f32>,
}

impl PathCollection {
    /// Entries for a legend that show some of the points' `"colors"` or `"sizes"`:
    /// `plt::legend().elements(points.legend_elements("sizes"))`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn legend_elements(self, prop: &str) -> LegendElements {
        valid(one_of("prop", prop, &["colors", "sizes"]));
        LegendElements {
            points: self,
            sizes: prop == "sizes",
            num: None,
            format: None,
            func: |v| v,
            color: None,
            alpha: None,
        }
    }
}

impl LegendElements {
    /// About how many entries there are; all values when there are few, nine when not set.
    pub fn num(self, n: usize) -> Self {
        LegendElements { num: Some(n.max(1)), ..self }
    }

    /// How the numbers are written: `"{x:.2f}"`.
    pub fn fmt(self, format: impl Into<Formatter>) -> Self {
        LegendElements { format: Some(format.into()), ..self }
    }

    /// What the numbers shown are of sizes or colours: the inverse of what made these.
    pub fn func(self, func: fn(f64) -> f64) -> Self {
        LegendElements { func, ..self }
    }

    /// The colour of points that show sizes (black when not set).
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        LegendElements { color: Some(colors::expect(color)), ..self }
    }

    /// The opacity of the points, from 0 to 1.
    pub fn alpha(self, alpha: impl Element) -> Self {
        LegendElements { alpha: Some(alpha.number() as f32), ..self }
    }

    pub(crate) fn entries(&self) -> Vec<(String, Handle)> {
        let mut entries = Vec::new();
        self.points.0.edit(|artist| entries = self.of(artist));
        entries
    }

    fn of(&self, artist: &Artist) -> Vec<(String, Handle)> {
        let Kind::Scatter(scatter) = &artist.kind else { return Vec::new() };
        let all = if self.sizes { scatter.sizes.clone() } else { scatter.values.clone().unwrap_or_default() };
        let mut unique: Vec<f64> = all.into_iter().filter(|v| v.is_finite()).collect();
        unique.sort_by(f64::total_cmp);
        unique.dedup();
        let (Some(&low), Some(&high)) = (unique.first(), unique.last()) else { return Vec::new() };
        let (a, b) = ((self.func)(low), (self.func)(high));
        let (a, b) = (a.min(b), a.max(b));
        let (values, shown) = match self.num.or((unique.len() > 9).then_some(9)) {
            None => (unique.clone(), unique.iter().map(|v| (self.func)(*v)).collect()),
            Some(n) => {
                let steps = [1.0, 2.0, 2.5, 3.0, 5.0, 6.0, 8.0, 10.0];
                let mut shown = ticks::max_n_ticks(a, b, n, n.saturating_sub(1), &steps);
                shown.retain(|v| a <= *v && *v <= b);
                (shown.iter().map(|v| self.undone(*v, low, high)).collect(), shown)
            }
        };
        let labels = ticks::scalar_labels(&shown, a, b).labels;
        let alpha = self.alpha.or(artist.alpha);
        let entry = |(k, &value): (usize, &f64)| {
            let own = self.format.as_ref().and_then(|f| f.text(shown[k], k, b - a));
            let label = own.unwrap_or_else(|| format!("$\\mathdefault{{{}}}$", labels[k]));
            (label, self.handle(scatter, value, alpha))
        };
        values.iter().enumerate().filter(|(_, v)| !self.sizes || **v > 0.0).map(entry).collect()
    }

    /// The size or number that a shown number stands for, between those of 256 steps.
    fn undone(&self, shown: f64, low: f64, high: f64) -> f64 {
        let at = |k: f64| low + (high - low) * k / 255.0;
        let (mut from, mut to) = (0.0, 255.0);
        let rising = (self.func)(high) >= (self.func)(low);
        for _ in 0..60 {
            let middle = (from + to) / 2.0;
            if ((self.func)(at(middle)) < shown) == rising { from = middle } else { to = middle }
        }
        at((from + to) / 2.0)
    }

    fn handle(&self, scatter: &ScatterData, value: f64, alpha: Option<f32>) -> Handle {
        let (color, size) = if self.sizes {
            (self.color.unwrap_or(Color::BLACK), value.sqrt())
        } else {
            let range = scatter.mapping.range(scatter.values.as_deref().unwrap_or_default());
            (scatter.mapping.cmap.color(scatter.mapping.part(value, range)), 6.0)
        };
        let color = alpha.map_or(color, |a| color.with_alpha(a));
        let marker = Some((scatter.marker, size, color, color));
        Handle::Line { color, width: scatter.width, style: LineStyle::None, marker }
    }
}
