//! Steps and events: `matplotlib.axes.Axes.eventplot`, `stairs`, `ecdf`.

use crate::artist::{Artist, Kind, Outline, SegmentsData};
use crate::axes::AxesData;
use crate::axes_api::Axes;
use crate::bars::BarContainer;
use crate::colors::{self, Color, IntoColor, IntoColors};
use crate::furniture::one_of;
use crate::handles::{Line2D, Sizes, edit_axes, valid};
use crate::series::{Element, Series};
use crate::statistics::Groups;

/// The rows of lines drawn by [`eventplot`](crate::eventplot), to be changed by setters.
#[derive(Clone, Debug)]
pub struct Eventplot {
    axes: Axes,
    /// The first of the rows among the axes' artists.
    first: usize,
    rows: Vec<Vec<f64>>,
    offsets: Vec<f64>,
    lengths: Vec<f64>,
    colors: Vec<Color>,
    widths: Vec<f64>,
    horizontal: bool,
}

impl Axes {
    /// Draws a row of short upright lines for each series, at the places it gives.
    pub fn eventplot<M>(self, positions: impl Groups<M>) -> Eventplot {
        let rows = positions.groups();
        let made = self.edit(|axes| {
            let first = axes.artists.len();
            for _ in &rows {
                let lines = SegmentsData::new(Vec::new(), colors::cycle(0), &axes.rc);
                axes.artists.push(Artist::new(Kind::Segments(lines)));
            }
            let width = axes.rc.linewidth;
            (first, width)
        });
        let (first, width) = made.unwrap_or((0, 1.5));
        let events = Eventplot {
            axes: self,
            first,
            offsets: if rows.len() == 1 { vec![1.0] } else { (0..rows.len()).map(|k| k as f64).collect() },
            rows,
            lengths: vec![1.0],
            colors: vec![colors::cycle(0)],
            widths: vec![width],
            horizontal: true,
        };
        events.drawn()
    }

    /// Draws the outline of steps: a value between each two edges. `np.histogram` gives both.
    ///
    /// # Panics
    /// `ValueError` when there is not one edge more than values.
    #[track_caller]
    pub fn stairs(self, values: impl Series, edges: impl Series) -> Stairs {
        let (values, edges) = (values.values(), edges.values());
        if edges.len() != values.len() + 1 {
            panic!(
                "ValueError: Size mismatch between \"values\" and \"edges\". Expected `len(values) + 1 == len(edges)`, but \
                 `len(values) = {}` and `len(edges) = {}`.",
                values.len(),
                edges.len()
            );
        }
        let places = values.iter().zip(edges.windows(2)).map(|(&v, e)| [e[0], 0.0, e[1] - e[0], v]).collect();
        let bars = self.bars(places, false);
        bars.id().return_color();
        let color = self.edit(AxesData::next_line_color).unwrap_or(Color::BLACK);
        bars.outline(Some(Outline::Stairs));
        Stairs { bars: bars.color(color).zorder(1) }
    }

    /// Draws the part of the values that are not greater than x, as steps from 0 to 1.
    pub fn ecdf(self, values: impl Series) -> Line2D {
        let mut x = values.values();
        x.retain(|v| !v.is_nan());
        x.sort_by(f64::total_cmp);
        let n = x.len();
        let y: Vec<f64> = (0..=n).map(|k| k as f64 / n.max(1) as f64).collect();
        x.splice(0..0, x.first().copied());
        let line = self.step_at(&x, &y[..x.len()], "", "post");
        line.0.edit(|artist| artist.sticky[1] = vec![0.0, 1.0]);
        line
    }
}

impl Eventplot {
    fn drawn(self) -> Self {
        let each = |values: &[f64], k: usize| values[k % values.len()];
        // The view leaves a whole length free beyond the outer rows.
        let lines = (0..self.rows.len()).map(|k| (each(&self.offsets, k), each(&self.lengths, k)));
        let reach = lines.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (o, l)| (a.min(o - l), b.max(o + l)));
        let point = |along: f64, across: f64| if self.horizontal { [along, across] } else { [across, along] };
        edit_axes(self.axes.figure, self.axes.index, |axes| {
            for (k, row) in self.rows.iter().enumerate() {
                let Some(Kind::Segments(data)) = axes.artists.get_mut(self.first + k).map(|a| &mut a.kind) else {
                    return;
                };
                let (offset, half) = (each(&self.offsets, k), each(&self.lengths, k) / 2.0);
                data.lines = row.iter().map(|&v| vec![point(v, offset - half), point(v, offset + half)]).collect();
                data.colors = vec![self.colors[k % self.colors.len()]];
                data.widths = vec![each(&self.widths, k)];
                data.corners = row.first().map(|&v| vec![point(v, reach.0), point(v, reach.1)]).unwrap_or_default();
            }
        });
        self
    }

    #[track_caller]
    fn sizes(&self, name: &str, sizes: Vec<f64>) -> Vec<f64> {
        if sizes.is_empty() {
            panic!("ValueError: {name} cannot be empty");
        }
        if sizes.len() != 1 && sizes.len() != self.rows.len() {
            panic!("ValueError: {name} and positions are unequal sized sequences");
        }
        sizes
    }

    /// Where the rows' middles lie (0, 1, 2, ... when not set); of one number the multiples.
    ///
    /// # Panics
    /// `ValueError` when there are more or fewer of them than rows.
    #[track_caller]
    pub fn lineoffsets(self, offsets: impl Sizes) -> Self {
        let offsets = self.sizes("lineoffsets", offsets.sizes());
        let rows = self.rows.len();
        let offsets =
            if offsets.len() == 1 && rows > 1 { (0..rows).map(|k| k as f64 * offsets[0]).collect() } else { offsets };
        Eventplot { offsets, ..self }.drawn()
    }

    /// The lines' length (1 when not set), or one for each row.
    ///
    /// # Panics
    /// `ValueError` when there are more or fewer of them than rows.
    #[track_caller]
    pub fn linelengths(self, lengths: impl Sizes) -> Self {
        let lengths = self.sizes("linelengths", lengths.sizes());
        Eventplot { lengths, ..self }.drawn()
    }

    /// The lines' width in points, or one for each row.
    ///
    /// # Panics
    /// `ValueError` when there are more or fewer of them than rows.
    #[track_caller]
    pub fn linewidths(self, widths: impl Sizes) -> Self {
        let widths = self.sizes("linewidths", widths.sizes());
        Eventplot { widths, ..self }.drawn()
    }

    /// One colour, or one for each row.
    #[track_caller]
    pub fn colors(self, colors: impl IntoColors) -> Self {
        let colors = colors::expect_all(colors);
        Eventplot { colors: if colors.is_empty() { vec![colors::cycle(0)] } else { colors }, ..self }.drawn()
    }

    /// `"horizontal"` rows, or `"vertical"` ones.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn orientation(self, orientation: &str) -> Self {
        valid(one_of("orientation", orientation, &["horizontal", "vertical"]));
        Eventplot { horizontal: orientation == "horizontal", ..self }.drawn()
    }
}

/// Steps drawn by [`stairs`](crate::stairs), to be changed by setters.
#[derive(Clone, Debug, PartialEq)]
pub struct Stairs {
    bars: BarContainer,
}

impl Stairs {
    /// Fills the area below the steps.
    pub fn fill(self, on: bool) -> Self {
        self.bars.outline(Some(if on { Outline::Filled } else { Outline::Stairs }));
        self
    }

    /// Where the steps start instead of 0: one number, or one for each.
    #[track_caller]
    pub fn baseline(self, baseline: impl Sizes) -> Self {
        let (mut places, horizontal) = self.bars.places();
        let feet = baseline.sizes();
        for (place, foot) in places.iter_mut().zip(feet.iter().cycle()) {
            place[3] -= foot - place[1];
            place[1] = *foot;
        }
        self.bars.replace(places, horizontal);
        self
    }

    /// The colour of the line, or of the area when it is filled.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        Stairs { bars: self.bars.color(colors::expect(color)) }
    }

    /// The line's width in points (1 when not set).
    pub fn linewidth(self, points: impl Element) -> Self {
        Stairs { bars: self.bars.linewidth(points) }
    }

    /// A pattern on the area; as [`BarContainer::hatch`].
    ///
    /// # Panics
    /// `ValueError` for a letter that stands for nothing.
    #[track_caller]
    pub fn hatch(self, pattern: &str) -> Self {
        Stairs { bars: self.bars.hatch(pattern) }
    }

    /// The name in the legend.
    pub fn label(self, label: impl Into<String>) -> Self {
        Stairs { bars: self.bars.label(label) }
    }

    /// Opacity, from 0 to 1.
    pub fn alpha(self, alpha: impl Element) -> Self {
        Stairs { bars: self.bars.alpha(alpha) }
    }
}
