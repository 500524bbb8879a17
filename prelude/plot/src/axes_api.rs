//! `Axes` and its plotting methods for lines, points and areas: matplotlib's object-oriented interface. `current` calls
//! these for the current axes; other kinds of plots are beside their data (`bars`, `fields`, `statistics`, `pie`).

use crate::artist::Mapping;
use crate::artist::{Frame, Kind, LineData, PolygonData, ScatterData, SegmentsData, TextData};
use crate::axes::AxesData;
use crate::format::Format;
use crate::furniture::one_of;
use crate::handles::Sizes;
use crate::handles::{Id, Line2D, LineCollection, PathCollection, PolyCollection, Text, edit_axes, valid};
use crate::series::{Element, Series, python_tuple};

/// One plot of a figure: `matplotlib.axes.Axes`. A `Copy` handle.
///
/// ```
/// use flowbook_plot as plt;
/// let ax = plt::figure().add_subplot(2, 2, 1);
/// ax.plot(&[0.0, 1.0], &[0.0, 1.0], "r");
/// ax.set_title("slope");
/// # plt::close();
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axes {
    pub(crate) figure: u64,
    pub(crate) index: usize,
}

/// Checks that x and y have the same first dimension.
#[track_caller]
pub(crate) fn same_length(x: &impl Series, y: &impl Series) {
    let (a, b) = (x.shape(), y.shape());
    if a.first() != b.first() {
        panic!(
            "ValueError: x and y must have same first dimension, but have shapes {} and {}",
            python_tuple(&a),
            python_tuple(&b)
        );
    }
}

/// The corners of steps through points: before (`"pre"`), after (`"post"`) or between them (`"mid"`).
pub(crate) fn steps(x: &[f64], y: &[f64], place: &str) -> (Vec<f64>, Vec<f64>) {
    let corners = |v: &[f64], first: usize| -> Vec<f64> {
        let twice: Vec<f64> = v.iter().flat_map(|&v| [v, v]).collect();
        twice.get(first..(twice.len() + first).saturating_sub(1)).unwrap_or_default().to_vec()
    };
    match place {
        "pre" => (corners(x, 0), corners(y, 1)),
        "post" => (corners(x, 1), corners(y, 0)),
        _ => {
            let middles: Vec<f64> = x.windows(2).flat_map(|w| [(w[0] + w[1]) / 2.0; 2]).collect();
            let ends = |k: Option<&f64>| k.copied().into_iter();
            let along = ends(x.first()).chain(middles).chain(ends(x.last())).collect();
            (along, y.iter().flat_map(|&v| [v, v]).collect())
        }
    }
}

/// Checks that a series has as many values as x.
#[track_caller]
fn same_size(name: &str, n: usize, values: &[f64]) {
    if values.len() != n {
        panic!("ValueError: 'x' has size {n}, but '{name}' has an unequal size of {}", values.len());
    }
}

impl Axes {
    pub(crate) fn edit<R>(self, f: impl FnOnce(&mut AxesData) -> R) -> Option<R> {
        edit_axes(self.figure, self.index, f)
    }

    /// Adds what `make` makes; it may take a colour of the cycle.
    pub(crate) fn add(self, make: impl FnOnce(&mut AxesData) -> Kind) -> Id {
        let artist = self.edit(|axes| axes.add(make));
        Id { figure: self.figure, axes: self.index, artist: artist.unwrap_or(0) }
    }

    /// The positions along x of a series, which may be categories.
    pub(crate) fn x_values(self, x: &impl Series) -> Vec<f64> {
        match x.categories() {
            Some(names) => self.edit(|axes| axes.x.places(&names)).unwrap_or_default(),
            None => x.values(),
        }
    }

    /// The positions along y of a series, which may be categories.
    pub(crate) fn y_values(self, y: &impl Series) -> Vec<f64> {
        match y.categories() {
            Some(names) => self.edit(|axes| axes.y.places(&names)).unwrap_or_default(),
            None => y.values(),
        }
    }

    /// Draws y (or each of its columns) against x as a line; the format string may give colour, marker and line style: `"r--"`, `"go"`, `""`.
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length or the format string is not understood.
    #[track_caller]
    pub fn plot(self, x: impl Series, y: impl Series, fmt: &str) -> Line2D {
        same_length(&x, &y);
        let format = valid(Format::parse(fmt));
        let shape = y.shape();
        let (x, y) = (self.x_values(&x), self.y_values(&y));
        self.columns(x, y, &shape, format)
    }

    /// A line for each column of y; the handle is the last one's.
    fn columns(self, x: Vec<f64>, y: Vec<f64>, shape: &[usize], format: Format) -> Line2D {
        let [rows, columns] = *shape else { return self.line(x, y, format) };
        if columns < 2 || rows * columns != y.len() {
            return self.line(x, y, format);
        }
        let column = |c: usize| y.iter().copied().skip(c).step_by(columns).collect::<Vec<f64>>();
        (0..columns - 1).for_each(|c| _ = self.line(x.clone(), column(c), format));
        self.line(x, column(columns - 1), format)
    }

    /// Draws y against 0, 1, 2, ... as a line: matplotlib's `plot(y)`.
    pub fn plot_y(self, y: impl Series) -> Line2D {
        let shape = y.shape();
        let y = self.y_values(&y);
        let n = if let [rows, _] = shape[..] { rows } else { y.len() };
        self.columns((0..n).map(|k| k as f64).collect(), y, &shape, Format::default())
    }

    /// A line's state from a format string; a colour that is not given is taken from the cycle.
    pub(crate) fn line_data(axes: &mut AxesData, x: Vec<f64>, y: Vec<f64>, format: Format) -> LineData {
        let color = format.color.unwrap_or_else(|| axes.next_line_color());
        let mut line = LineData::new(x, y, color, &axes.rc);
        line.style = format.style.unwrap_or(line.style);
        line.marker = format.marker.or(line.marker);
        line
    }

    pub(crate) fn line(self, x: Vec<f64>, y: Vec<f64>, format: Format) -> Line2D {
        Line2D(self.add(|axes| Kind::Line(Axes::line_data(axes, x, y, format))))
    }

    fn across(self, x: Vec<f64>, y: Vec<f64>, frame: Frame) -> Line2D {
        let line = self.line(x, y, Format { color: Some(crate::colors::cycle(0)), ..Format::default() });
        line.set(|line| line.frame = frame)
    }

    /// Draws a horizontal line across the axes at `y`.
    pub fn axhline(self, y: impl Element) -> Line2D {
        self.across(vec![0.0, 1.0], vec![y.number(); 2], Frame::AcrossX)
    }

    /// Draws a vertical line across the axes at `x`.
    pub fn axvline(self, x: impl Element) -> Line2D {
        self.across(vec![x.number(); 2], vec![0.0, 1.0], Frame::AcrossY)
    }

    /// Draws a straight line without ends through a point: `plt.axline((0, 0), slope=1)`.
    pub fn axline<T: Element>(self, xy: (T, T), slope: impl Element) -> Line2D {
        let (x, y, slope) = (xy.0.number(), xy.1.number(), slope.number());
        let line = self.across(vec![x, y, slope], vec![x, y, slope], Frame::Data);
        line.set(|line| (line.frame, line.x, line.y) = (Frame::Endless, vec![x, slope], vec![y, 0.0]))
    }

    /// Draws horizontal lines at each y from `xmin` to `xmax` (numbers, or one for each line).
    ///
    /// # Panics
    /// `ValueError` when the three differ in length.
    #[track_caller]
    pub fn hlines(self, y: impl Sizes, xmin: impl Sizes, xmax: impl Sizes) -> LineCollection {
        self.rungs(y.sizes(), xmin.sizes(), xmax.sizes(), false)
    }

    /// Draws vertical lines at each x from `ymin` to `ymax` (numbers, or one for each line).
    ///
    /// # Panics
    /// `ValueError` when the three differ in length.
    #[track_caller]
    pub fn vlines(self, x: impl Sizes, ymin: impl Sizes, ymax: impl Sizes) -> LineCollection {
        self.rungs(x.sizes(), ymin.sizes(), ymax.sizes(), true)
    }

    #[track_caller]
    fn rungs(self, at: Vec<f64>, from: Vec<f64>, to: Vec<f64>, upright: bool) -> LineCollection {
        let n = at.len();
        for ends in [&from, &to] {
            if ends.len() != 1 && ends.len() != n {
                panic!("ValueError: could not broadcast input array from shape ({},) into shape ({n},)", ends.len());
            }
        }
        let point = |along: f64, across: f64| if upright { [across, along] } else { [along, across] };
        let ends = |k: usize| (from[k % from.len()], to[k % to.len()]);
        let line = |(k, &v): (usize, &f64)| vec![point(ends(k).0, v), point(ends(k).1, v)];
        let lines = at.iter().enumerate().map(line).collect();
        self.segments(lines)
    }

    pub(crate) fn segments(self, lines: Vec<Vec<[f64; 2]>>) -> LineCollection {
        LineCollection(self.add(|axes| Kind::Segments(SegmentsData::new(lines, crate::colors::cycle(0), &axes.rc))))
    }

    fn span(self, points: Vec<[f64; 2]>, frame: Frame) -> PolyCollection {
        let color = crate::colors::cycle(0);
        PolyCollection(self.add(|axes| Kind::Polygon(PolygonData::new(vec![points], frame, color, &axes.rc))))
    }

    /// Fills a horizontal band across the axes.
    pub fn axhspan(self, low: impl Element, high: impl Element) -> PolyCollection {
        let (a, b) = (low.number(), high.number());
        self.span(vec![[0.0, a], [1.0, a], [1.0, b], [0.0, b]], Frame::AcrossX)
    }

    /// Fills a vertical band across the axes.
    pub fn axvspan(self, low: impl Element, high: impl Element) -> PolyCollection {
        let (a, b) = (low.number(), high.number());
        self.span(vec![[a, 0.0], [b, 0.0], [b, 1.0], [a, 1.0]], Frame::AcrossY)
    }

    /// Fills a polygon with these corners.
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length.
    #[track_caller]
    pub fn fill(self, x: impl Series, y: impl Series) -> PolyCollection {
        same_length(&x, &y);
        let points = x.values().into_iter().zip(y.values()).map(|(x, y)| [x, y]).collect();
        PolyCollection(self.add(|axes| {
            let color = axes.next_patch_color();
            Kind::Polygon(PolygonData::new(vec![points], Frame::Data, color, &axes.rc))
        }))
    }

    /// Fills the area between two curves over x; a number stands for a level line.
    ///
    /// # Panics
    /// `ValueError` when they differ in length.
    #[track_caller]
    pub fn fill_between(self, x: impl Series, y1: impl Sizes, y2: impl Sizes) -> PolyCollection {
        let everywhere = vec![true; x.values().len()];
        self.fill_where(x, y1, y2, everywhere)
    }

    /// [`fill_between`](Self::fill_between) where a condition holds for both ends of a piece: `where=`.
    ///
    /// # Panics
    /// `ValueError` when they differ in length.
    #[track_caller]
    pub fn fill_between_where(
        self,
        x: impl Series,
        y1: impl Sizes,
        y2: impl Sizes,
        condition: impl Series,
    ) -> PolyCollection {
        let condition = condition.values().into_iter().map(|v| v != 0.0).collect();
        self.fill_where(x, y1, y2, condition)
    }

    #[track_caller]
    fn fill_where(self, x: impl Series, y1: impl Sizes, y2: impl Sizes, shown: Vec<bool>) -> PolyCollection {
        let x = self.x_values(&x);
        let n = x.len();
        let level = |name: &str, y: Vec<f64>| {
            let y = if y.len() == 1 { vec![y[0]; n] } else { y };
            same_size(name, n, &y);
            y
        };
        let (low, high) = (level("y1", y1.sizes()), level("y2", y2.sizes()));
        if shown.len() != n {
            panic!("ValueError: where size ({}) does not match 'x' size ({n})", shown.len());
        }
        let usable = |k: &usize| shown[*k] && [x[*k], low[*k], high[*k]].iter().all(|v| v.is_finite());
        let all: Vec<usize> = (0..n).collect();
        let polygons = all
            .chunk_by(|a, b| usable(a) == usable(b))
            .filter(|run| usable(&run[0]))
            .map(|run| {
                let there = run.iter().map(|&k| [x[k], low[k]]);
                there.chain(run.iter().rev().map(|&k| [x[k], high[k]])).collect()
            })
            .collect();
        PolyCollection(self.add(|axes| {
            let color = axes.next_patch_color();
            Kind::Polygon(PolygonData::new(polygons, Frame::Data, color, &axes.rc))
        }))
    }

    /// Fills the area between two curves along y; a number stands for an upright line.
    ///
    /// # Panics
    /// `ValueError` when they differ in length.
    #[track_caller]
    pub fn fill_betweenx(self, y: impl Series, x1: impl Sizes, x2: impl Sizes) -> PolyCollection {
        let everywhere = vec![true; y.values().len()];
        let area = self.fill_where(y, x1, x2, everywhere);
        area.set(|p| p.polygons.iter_mut().flatten().for_each(|point| point.reverse()))
    }

    /// Draws bars from x over a width, several beside each other at the same height: `ranges` are pairs of x and
    /// width, `yrange` is the lower edge and the height.
    pub fn broken_barh<A: Element, B: Element>(
        self,
        ranges: impl AsRef<[(A, B)]>,
        yrange: (impl Element, impl Element),
    ) -> PolyCollection {
        let (y0, y1) = (yrange.0.number(), yrange.0.number() + yrange.1.number());
        let bar = |(x, width): &(A, B)| {
            let (x0, x1) = (x.number(), x.number() + width.number());
            vec![[x0, y0], [x0, y1], [x1, y1], [x1, y0]]
        };
        let bars = ranges.as_ref().iter().map(bar).collect();
        PolyCollection(self.add(|axes| {
            let color = axes.next_patch_color();
            Kind::Polygon(PolygonData::new(bars, Frame::Data, color, &axes.rc))
        }))
    }

    /// Draws a point for each pair of x and y.
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length.
    #[track_caller]
    pub fn scatter(self, x: impl Series, y: impl Series) -> PathCollection {
        if x.shape() != y.shape() {
            panic!("ValueError: x and y must be the same size");
        }
        let (x, y) = (self.x_values(&x), self.y_values(&y));
        PathCollection(self.add(|axes| {
            Kind::Scatter(ScatterData {
                x,
                y,
                colors: vec![axes.next_patch_color()],
                values: None,
                mapping: Mapping::new(&axes.rc),
                sizes: vec![axes.rc.markersize.powi(2)],
                marker: axes.rc.scatter_marker,
                edge: None,
                width: 1.0,
            })
        }))
    }

    /// Draws y against x as steps: each value holds from the point before.
    ///
    /// # Panics
    /// As [`plot`](Self::plot).
    #[track_caller]
    pub fn step(self, x: impl Series, y: impl Series, fmt: &str) -> Line2D {
        self.step_at(x, y, fmt, "pre")
    }

    /// [`step`](Self::step) with the place of the steps: `"pre"`, `"post"` or `"mid"`, matplotlib's `where`.
    ///
    /// # Panics
    /// As [`plot`](Self::plot), and `ValueError` for any other place.
    #[track_caller]
    pub fn step_at(self, x: impl Series, y: impl Series, fmt: &str, place: &str) -> Line2D {
        same_length(&x, &y);
        valid(one_of("where", place, &["pre", "post", "mid"]));
        let format = valid(Format::parse(fmt));
        let (x, y) = (self.x_values(&x), y.values());
        let (x, y) = steps(&x, &y, place);
        self.line(x, y, format)
    }

    /// Writes a text that starts at a point of the data.
    pub fn text(self, x: impl Element, y: impl Element, text: impl Into<String>) -> Text {
        let (at, text) = ([x.number(), y.number()], text.into());
        Text(self.add(|axes| Kind::Text(TextData::new(text, at, &axes.rc))))
    }

    /// Writes a text at `xytext` about `xy`, both in data; [`arrowprops`](Text::arrowprops) draws an arrow between.
    pub fn annotate<A: Element, B: Element, C: Element, D: Element>(
        self,
        text: impl Into<String>,
        xy: (A, B),
        xytext: (C, D),
    ) -> Text {
        self.text(xytext.0, xytext.1, text).arrow_to([xy.0.number(), xy.1.number()])
    }

    /// Draws an arrow from a point by (dx, dy), counted in data; its head is three times as broad as `width` when that
    /// is not set by [`arrow_with_head`](Self::arrow_with_head).
    pub fn arrow(self, x: impl Element, y: impl Element, dx: impl Element, dy: impl Element) -> PolyCollection {
        self.arrow_with_head(x, y, dx, dy, 0.003)
    }

    /// [`arrow`](Self::arrow) with the breadth of its head, in data: `head_width=0.1`.
    pub fn arrow_with_head(
        self,
        x: impl Element,
        y: impl Element,
        dx: impl Element,
        dy: impl Element,
        head_width: impl Element,
    ) -> PolyCollection {
        let (x, y, dx, dy, head) = (x.number(), y.number(), dx.number(), dy.number(), head_width.number());
        let (shaft, long, length) = (0.001, 1.5 * head, dx.hypot(dy));
        let (cos, sin) = if length > 0.0 { (dx / length, dy / length) } else { (1.0, 0.0) };
        let half = [[0.0, shaft / 2.0], [length, shaft / 2.0], [length, head / 2.0], [length + long, 0.0]];
        let outline = half.into_iter().chain(half[..3].iter().rev().map(|p| [p[0], -p[1]]));
        let points = outline.map(|p| [x + p[0] * cos - p[1] * sin, y + p[0] * sin + p[1] * cos]).collect();
        PolyCollection(self.add(|axes| {
            let mut arrow = PolygonData::new(vec![points], Frame::Data, crate::colors::cycle(0), &axes.rc);
            arrow.edge = Some(axes.rc.patch_edge);
            Kind::Polygon(arrow)
        }))
    }
}
