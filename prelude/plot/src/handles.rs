//! Handles to lines, points, areas, pictures and texts: small `Copy` values whose setters stand for matplotlib's
//! optional arguments. A setter on something that no longer exists does nothing.

use std::fmt;

use ndarray::{ArrayBase, Data, Dimension};

use crate::artist::{
    Artist, Frame, ImageData, Kind, LineData, LineStyle, PolygonData, ScatterData, SegmentsData, TextData,
};
use crate::axes::AxesData;
use crate::boxplot::BoxplotData;
use crate::colormaps::Colormap;
use crate::colors::{self, IntoColor, IntoColors, PointColors, Points};
use crate::contour::ContourData;
use crate::errorbar::ErrorbarData;
use crate::figure::FigureData;
use crate::format::Format;
use crate::marker::Marker;
use crate::quiver::QuiverData;
use crate::series::{Element, Series};
use crate::state;

/// Runs `f` on the axes, when it still exists.
pub(crate) fn edit_axes<R>(figure: u64, axes: usize, f: impl FnOnce(&mut AxesData) -> R) -> Option<R> {
    state::lock().figure(figure).and_then(|figure| figure.axes.get_mut(axes)).map(f)
}

/// Runs `f` on the figure, when it still exists.
pub(crate) fn edit_figure<R>(figure: u64, f: impl FnOnce(&mut FigureData) -> R) -> Option<R> {
    state::lock().figure(figure).map(f)
}

/// The value, or a panic with its text.
#[track_caller]
pub(crate) fn valid<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(text) => panic!("{text}"),
    }
}

/// An artist's address.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Id {
    pub figure: u64,
    pub axes: usize,
    pub artist: usize,
}

impl Id {
    pub fn edit(self, f: impl FnOnce(&mut Artist)) {
        edit_axes(self.figure, self.axes, |axes| axes.artists.get_mut(self.artist).map(f));
    }

    /// It gets a colour of its own, so that matplotlib would not have taken one from the cycle.
    pub fn return_color(self) {
        edit_axes(self.figure, self.axes, |axes| axes.return_color(self.artist));
    }
}

macro_rules! handle {
    ($(#[$doc:meta])* $name:ident, $kind:ident, $data:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq)]
        pub struct $name(pub(crate) Id);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("<matplotlib.", stringify!($name), " {}>"), self.0.artist)
            }
        }

        impl $name {
            pub(crate) fn set(self, f: impl FnOnce(&mut $data)) -> Self {
                self.0.edit(|artist| if let Kind::$kind(data) = &mut artist.kind { f(data) });
                self
            }

            /// The name in the legend.
            pub fn label(self, label: impl Into<String>) -> Self {
                let label = label.into();
                self.0.edit(|artist| artist.label = Some(label));
                self
            }

            /// Opacity, from 0 to 1.
            pub fn alpha(self, alpha: impl Element) -> Self {
                self.0.edit(|artist| artist.alpha = Some(alpha.number() as f32));
                self
            }

            /// Its place from back to front; lines have 2.
            pub fn zorder(self, zorder: impl Element) -> Self {
                self.0.edit(|artist| artist.zorder = Some(zorder.number()));
                self
            }
        }
    };
}

handle!(
    /// A line drawn by [`plot`](crate::plot), [`axhline`](crate::axhline) or [`axvline`](crate::axvline).
    Line2D, Line, LineData
);
handle!(
    /// Points drawn by [`scatter`](crate::scatter).
    PathCollection, Scatter, ScatterData
);
handle!(
    /// Filled areas.
    PolyCollection, Polygon, PolygonData
);
handle!(
    /// Separate lines drawn by [`hlines`](crate::hlines), [`vlines`](crate::vlines) or [`stem`](crate::stem).
    LineCollection, Segments, SegmentsData
);
handle!(
    /// Points with error bars drawn by [`errorbar`](crate::errorbar).
    ErrorbarContainer, Errorbar, ErrorbarData
);
handle!(
    /// Boxes drawn by [`boxplot`](crate::boxplot).
    Boxplot, Boxplot, BoxplotData
);
handle!(
    /// Contours drawn by [`contour`](crate::contour) or [`contourf`](crate::contourf).
    ContourSet, Contour, ContourData
);
handle!(
    /// Arrows drawn by [`quiver`](crate::quiver).
    Quiver, Quiver, QuiverData
);
handle!(
    /// A picture drawn by [`imshow`](crate::imshow).
    AxesImage, Image, ImageData
);
handle!(
    /// A text in an axes.
    Text, Text, TextData
);

impl Line2D {
    /// The line's colour.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.0.return_color();
        self.set(|line| line.color = color)
    }

    /// A format string, as in [`plot`](crate::plot): `plt::plot_y(&y).fmt("bo-")`.
    #[track_caller]
    pub fn fmt(self, fmt: &str) -> Self {
        let format = valid(Format::parse(fmt));
        if format.color.is_some() {
            self.0.return_color();
        }
        self.set(|line| {
            line.color = format.color.unwrap_or(line.color);
            line.style = format.style.unwrap_or(line.style);
            line.marker = format.marker.or(line.marker);
        })
    }

    /// `"-"`, `"--"`, `"-."`, `":"`, or `""` for no line.
    #[track_caller]
    pub fn linestyle(self, style: &str) -> Self {
        let style = valid(LineStyle::parse(style));
        self.set(|line| line.style = style)
    }

    /// The lengths of dashes and gaps in line widths, eight at most: `linestyle=(0, (5, 1))` is `dashes(&[5.0, 1.0])`.
    pub fn dashes(self, lengths: &[f64]) -> Self {
        let mut pattern = [0.0; 8];
        let n = lengths.len().min(8) / 2 * 2;
        pattern[..n].copy_from_slice(&lengths[..n]);
        self.set(|line| line.style = LineStyle::Custom(pattern, n))
    }

    /// The line's width in points (1.5 when not set).
    pub fn linewidth(self, points: impl Element) -> Self {
        self.set(|line| line.width = points.number())
    }

    /// Short for [`linewidth`](Self::linewidth).
    pub fn lw(self, points: impl Element) -> Self {
        self.linewidth(points)
    }

    /// Short for [`linestyle`](Self::linestyle).
    #[track_caller]
    pub fn ls(self, style: &str) -> Self {
        self.linestyle(style)
    }

    /// Draws a marker at every n-th point only.
    pub fn markevery(self, n: usize) -> Self {
        self.set(|line| line.mark_every = n.max(1))
    }

    /// The width of the markers' outlines in points (1 when not set).
    pub fn markeredgewidth(self, points: impl Element) -> Self {
        self.set(|line| line.marker_edge_width = points.number())
    }

    /// The marker at each point, by matplotlib's letter.
    #[track_caller]
    pub fn marker(self, marker: &str) -> Self {
        let marker = valid(Marker::parse(marker));
        self.set(|line| line.marker = marker)
    }

    /// The markers' size in points (6 when not set).
    pub fn markersize(self, points: impl Element) -> Self {
        self.set(|line| line.marker_size = points.number())
    }

    /// What the markers are filled with.
    #[track_caller]
    pub fn markerfacecolor(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|line| line.marker_face = Some(color))
    }

    /// The colour of the markers' outlines.
    #[track_caller]
    pub fn markeredgecolor(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|line| line.marker_edge = Some(color))
    }

    fn end(self, frame: Frame, index: usize, part: f64) -> Self {
        self.set(|line| {
            let along = if frame == Frame::AcrossX { &mut line.x } else { &mut line.y };
            if line.frame == frame {
                along[index] = part;
            }
        })
    }

    /// For [`axhline`](crate::axhline): where it starts, in parts of the axes' width.
    pub fn xmin(self, part: impl Element) -> Self {
        self.end(Frame::AcrossX, 0, part.number())
    }

    /// For [`axhline`](crate::axhline): where it ends, in parts of the axes' width.
    pub fn xmax(self, part: impl Element) -> Self {
        self.end(Frame::AcrossX, 1, part.number())
    }

    /// For [`axvline`](crate::axvline): where it starts, in parts of the axes' height.
    pub fn ymin(self, part: impl Element) -> Self {
        self.end(Frame::AcrossY, 0, part.number())
    }

    /// For [`axvline`](crate::axvline): where it ends, in parts of the axes' height.
    pub fn ymax(self, part: impl Element) -> Self {
        self.end(Frame::AcrossY, 1, part.number())
    }

    /// Draws steps between the points: `"default"` for none, `"steps"`, `"steps-pre"`, `"steps-mid"` or `"steps-post"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn drawstyle(self, style: &str) -> Self {
        let known = ["default", "steps", "steps-pre", "steps-mid", "steps-post"];
        valid(crate::furniture::one_of("drawstyle", style, &known));
        let place = match style {
            "default" => return self,
            "steps" => "pre",
            steps => &steps["steps-".len()..],
        };
        self.set(|line| (line.x, line.y) = crate::axes_api::steps(&line.x, &line.y, place))
    }

    /// Replaces the points, for figures that grow while something runs.
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length.
    #[track_caller]
    pub fn set_data(self, x: impl Series, y: impl Series) -> Self {
        crate::axes_api::same_length(&x, &y);
        let (x, y) = (x.values(), y.values());
        self.set(|line| (line.x, line.y) = (x, y))
    }
}

impl PathCollection {
    /// One colour for all points, or a list: one for each, from the first again when there are fewer.
    ///
    /// # Panics
    /// `ValueError` for a text that names no colour.
    #[track_caller]
    pub fn color(self, color: impl IntoColors) -> Self {
        let colors = colors::expect_all(color);
        self.0.return_color();
        self.set(|s| {
            if !colors.is_empty() {
                (s.colors, s.values) = (colors, None);
            }
        })
    }

    /// The colour of the points: one for all, texts naming one for each, or a number for each, shown as a colour of the
    /// colour map.
    ///
    /// # Panics
    /// `ValueError` when there are more or fewer colours or numbers than points, or a text names no colour.
    #[track_caller]
    pub fn c(self, colors: impl PointColors) -> Self {
        let points = valid(colors.point_colors());
        let n = self.points();
        let given = match &points {
            Points::One(_) => n,
            Points::Each(colors) => colors.len(),
            Points::Values(values) => values.len(),
        };
        if given != n {
            panic!(
                "ValueError: 'c' argument has {given} elements, which is inconsistent with 'x' and 'y' with size {n}."
            );
        }
        self.0.return_color();
        self.set(|s| match points {
            Points::One(color) => (s.colors, s.values) = (vec![color], None),
            Points::Each(colors) => (s.colors, s.values) = (colors, None),
            Points::Values(values) => s.values = Some(values),
        })
    }

    fn points(self) -> usize {
        let mut n = 0;
        self.set(|s| n = s.x.len());
        n
    }

    /// The colour map for numbers given to [`c`](Self::c).
    #[track_caller]
    pub fn cmap(self, name: &str) -> Self {
        let cmap = valid(Colormap::named(name));
        self.set(|s| s.mapping.cmap = cmap)
    }

    /// The number that takes the map's first colour.
    pub fn vmin(self, value: impl Element) -> Self {
        self.set(|s| s.mapping.vmin = Some(value.number()))
    }

    /// The number that takes the map's last colour.
    pub fn vmax(self, value: impl Element) -> Self {
        self.set(|s| s.mapping.vmax = Some(value.number()))
    }

    /// The area of each point in square points (36 when not set); one number or one for each point.
    ///
    /// # Panics
    /// `ValueError` when there are several areas, but not one for each point.
    #[track_caller]
    pub fn s(self, area: impl Sizes) -> Self {
        let sizes = area.sizes();
        let n = self.points();
        if sizes.len() != 1 && sizes.len() != n {
            panic!("ValueError: s (size {}) cannot be broadcast to match x and y (size {n})", sizes.len());
        }
        self.set(|s| s.sizes = if sizes.is_empty() { vec![36.0] } else { sizes })
    }

    /// The marker's shape, by matplotlib's letter.
    #[track_caller]
    pub fn marker(self, marker: &str) -> Self {
        let marker = valid(Marker::parse(marker)).unwrap_or(Marker('o'));
        self.set(|s| s.marker = marker)
    }

    /// The colour of the points' outlines; their own colour when not set.
    #[track_caller]
    pub fn edgecolors(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|s| s.edge = Some(color))
    }

    /// What the points are filled with; `"none"` for rings.
    #[track_caller]
    pub fn facecolors(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|s| {
            s.edge = s.edge.or(s.colors.first().copied());
            (s.colors, s.values) = (vec![color], None);
        })
    }

    /// The width of the outlines in points.
    pub fn linewidths(self, points: impl Element) -> Self {
        self.set(|s| s.width = points.number())
    }

    /// Replaces the places of the points, for figures that change while something runs.
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length.
    #[track_caller]
    pub fn set_offsets(self, x: impl Series, y: impl Series) -> Self {
        crate::axes_api::same_length(&x, &y);
        let (x, y) = (x.values(), y.values());
        self.set(|s| (s.x, s.y) = (x, y))
    }
}

/// Sizes of points: one number for all or a series.
pub trait Sizes {
    /// The sizes.
    fn sizes(&self) -> Vec<f64>;
}

macro_rules! one_size {
    ($($t:ty),*) => { $( impl Sizes for $t { fn sizes(&self) -> Vec<f64> { vec![self.number()] } } )* };
}
one_size!(f64, f32, i32, u32, usize);

impl<T: Element> Sizes for Vec<T> {
    fn sizes(&self) -> Vec<f64> {
        self.values()
    }
}

impl<T: Element, const N: usize> Sizes for [T; N] {
    fn sizes(&self) -> Vec<f64> {
        self.values()
    }
}

impl<T: Element, S: Data<Elem = T>, D: Dimension> Sizes for ArrayBase<S, D> {
    fn sizes(&self) -> Vec<f64> {
        self.values()
    }
}

impl<S: Series + ?Sized> Sizes for &S {
    fn sizes(&self) -> Vec<f64> {
        self.values()
    }
}
