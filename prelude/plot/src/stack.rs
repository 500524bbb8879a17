//! Areas on top of each other: `matplotlib.axes.Axes.stackplot`.

use crate::artist::Kind;
use crate::axes::AxesData;
use crate::axes_api::Axes;
use crate::colors::{self, Color, IntoColors};
use crate::furniture::one_of;
use crate::handles::{PolyCollection, valid};
use crate::series::{Element, Names, Series};

/// The areas drawn by [`stackplot`](crate::stackplot), to be changed by setters; a slice of the single areas.
#[derive(Clone, Debug, PartialEq)]
pub struct Stackplot {
    areas: Vec<PolyCollection>,
    x: Vec<f64>,
    ys: Vec<Vec<f64>>,
}

impl std::ops::Deref for Stackplot {
    type Target = [PolyCollection];

    fn deref(&self) -> &[PolyCollection] {
        &self.areas
    }
}

impl IntoIterator for Stackplot {
    type Item = PolyCollection;
    type IntoIter = std::vec::IntoIter<PolyCollection>;

    fn into_iter(self) -> Self::IntoIter {
        self.areas.into_iter()
    }
}

impl Axes {
    /// Fills the areas between sums of series over x: the first from 0, each other on top of those before.
    ///
    /// # Panics
    /// `ValueError` when a series differs in length from x.
    #[track_caller]
    pub fn stackplot<S: Series>(self, x: impl Series, ys: impl AsRef<[S]>) -> Stackplot {
        let x = x.values();
        let ys: Vec<Vec<f64>> = ys.as_ref().iter().map(Series::values).collect();
        let mut below = vec![0.0; x.len()];
        let mut areas = Vec::new();
        for y in &ys {
            if y.len() != x.len() {
                panic!("ValueError: 'x' has size {}, but 'y2' has an unequal size of {}", x.len(), y.len());
            }
            let above: Vec<f64> = below.iter().zip(y).map(|(a, b)| a + b).collect();
            let area = self.fill_between(&x, &below, &above);
            area.0.return_color();
            // The colours are those of lines.
            areas.push(area.facecolor(self.edit(AxesData::next_line_color).unwrap_or(Color::BLACK)));
            below = above;
        }
        let stack = Stackplot { areas, x, ys };
        // The view ends at the lowest line, as `sticky_edges` has it.
        stack.areas.iter().take(1).for_each(|area| area.0.edit(|artist| artist.sticky[1] = vec![0.0]));
        stack
    }
}

impl Stackplot {
    /// A name for each area in the legend.
    pub fn labels(self, labels: impl Names) -> Self {
        self.areas.iter().zip(labels.names()).for_each(|(area, name)| _ = area.label(name));
        self
    }

    /// A colour for each area, from the first again when there are fewer.
    #[track_caller]
    pub fn colors(self, colors: impl IntoColors) -> Self {
        let colors = colors::expect_all(colors);
        self.areas.iter().zip(colors.iter().cycle()).for_each(|(area, color)| _ = area.facecolor(*color));
        self
    }

    /// Opacity, from 0 to 1.
    pub fn alpha(self, alpha: impl Element) -> Self {
        let alpha = alpha.number();
        self.areas.iter().for_each(|area| _ = area.alpha(alpha));
        self
    }

    /// Where the lowest line lies: at `"zero"`, so that all is symmetrical about zero (`"sym"`), or with as little slope
    /// as can be (`"wiggle"`).
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn baseline(self, baseline: &str) -> Self {
        valid(one_of("baseline", baseline, &["zero", "sym", "wiggle"]));
        let m = self.ys.len() as f64;
        let first = |k: usize| -> f64 {
            let column = self.ys.iter().map(|y| y[k]);
            match baseline {
                "sym" => -column.sum::<f64>() * 0.5,
                "wiggle" => -column.enumerate().map(|(i, y)| y * (m - 0.5 - i as f64)).sum::<f64>() / m,
                _ => 0.0,
            }
        };
        let mut below: Vec<f64> = (0..self.x.len()).map(first).collect();
        for (area, y) in self.areas.iter().zip(&self.ys) {
            let above: Vec<f64> = below.iter().zip(y).map(|(a, b)| a + b).collect();
            let there = self.x.iter().zip(&below).map(|(&x, &y)| [x, y]);
            let back = self.x.iter().zip(&above).rev().map(|(&x, &y)| [x, y]);
            let polygon = there.chain(back).collect();
            area.0.edit(|artist| {
                if let Kind::Polygon(p) = &mut artist.kind {
                    p.polygons = vec![polygon];
                }
            });
            below = above;
        }
        self
    }
}
