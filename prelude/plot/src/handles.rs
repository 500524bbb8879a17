//! Handles to lines, points, areas, pictures and texts: small `Copy` values whose setters stand for matplotlib's
//! optional arguments. A setter on something that no longer exists does nothing.

use std::fmt;

use crate::artist::{Artist, ImageData, Kind, LineData, LineStyle, PolygonData, ScatterData, TextData};
use crate::axes::AxesData;
use crate::colormaps::Colormap;
use crate::colors::{self, IntoColor};
use crate::figure::FigureData;
use crate::format::Format;
use crate::marker::Marker;
use crate::series::{Element, Series};
use crate::state;
use crate::text::{HAlign, VAlign};

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
pub(crate) fn valid<T>(result: Result<T, String>) -> T {
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
            fn set(self, f: impl FnOnce(&mut $data)) -> Self {
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
    /// A filled area.
    PolyCollection, Polygon, PolygonData
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

    /// The line's width in points (1.5 when not set).
    pub fn linewidth(self, points: impl Element) -> Self {
        self.set(|line| line.width = points.number())
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
    /// One colour for all points.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.0.return_color();
        self.set(|s| (s.colors, s.values) = (vec![color], None))
    }

    /// A number for each point, shown as a colour of the colour map.
    #[track_caller]
    pub fn c(self, values: impl Series) -> Self {
        let values = values.values();
        self.0.return_color();
        self.set(|s| s.values = Some(values))
    }

    /// The colour map for numbers given to [`c`](Self::c).
    #[track_caller]
    pub fn cmap(self, name: &str) -> Self {
        let cmap = valid(Colormap::named(name));
        self.set(|s| s.mapping.cmap = cmap)
    }

    /// The area of each point in square points (36 when not set); one number or one for each point.
    pub fn s(self, area: impl Sizes) -> Self {
        let sizes = area.sizes();
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

    /// The width of the outlines in points.
    pub fn linewidths(self, points: impl Element) -> Self {
        self.set(|s| s.width = points.number())
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

impl<S: Series + ?Sized> Sizes for &S {
    fn sizes(&self) -> Vec<f64> {
        self.values()
    }
}

impl PolyCollection {
    /// The area's colour.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.0.return_color();
        self.set(|p| p.color = color)
    }
}

impl AxesImage {
    /// The colour map, by name: `"viridis"`, `"binary"`, `"gray_r"`, [`cm::hot`](crate::cm::hot).
    #[track_caller]
    pub fn cmap(self, name: &str) -> Self {
        let cmap = valid(Colormap::named(name));
        self.set(|image| image.mapping.cmap = cmap)
    }

    /// The number that takes the map's first colour.
    pub fn vmin(self, value: impl Element) -> Self {
        self.set(|image| image.mapping.vmin = Some(value.number()))
    }

    /// The number that takes the map's last colour.
    pub fn vmax(self, value: impl Element) -> Self {
        self.set(|image| image.mapping.vmax = Some(value.number()))
    }

    /// `"nearest"` or `"none"` for plain cells at any size, anything else for matplotlib's automatic choice.
    pub fn interpolation(self, method: &str) -> Self {
        let nearest = matches!(method, "nearest" | "none");
        self.set(|image| image.nearest = nearest)
    }

    /// Left, right, bottom, top of the picture in data coordinates.
    pub fn extent<T: Element>(self, extent: [T; 4]) -> Self {
        let extent = extent.map(|v| v.number());
        edit_axes(self.0.figure, self.0.axes, |axes| axes.y.inverted = extent[2] > extent[3]);
        self.set(|image| image.extent = extent)
    }

    /// `"upper"` (the first row on top) or `"lower"`.
    pub fn origin(self, origin: &str) -> Self {
        let upper = origin != "lower";
        edit_axes(self.0.figure, self.0.axes, |axes| axes.y.inverted = upper);
        self.set(|image| {
            let [left, right, a, b] = image.extent;
            let (low, high) = (a.min(b), a.max(b));
            image.upper = upper;
            image.extent = if upper { [left, right, high, low] } else { [left, right, low, high] };
        })
    }

    /// `"equal"` (square cells) or `"auto"` (fill the axes).
    pub fn aspect(self, aspect: &str) -> Self {
        edit_axes(self.0.figure, self.0.axes, |axes| axes.equal = aspect != "auto");
        self
    }
}

impl Text {
    /// The text's colour.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|t| t.color = color)
    }

    /// Size in points.
    pub fn fontsize(self, points: impl Element) -> Self {
        self.set(|t| t.points = points.number())
    }

    /// Degrees counter-clockwise.
    pub fn rotation(self, degrees: impl Element) -> Self {
        self.set(|t| t.angle = degrees.number())
    }

    /// Horizontal alignment: `"left"`, `"center"`, `"right"`.
    #[track_caller]
    pub fn ha(self, align: &str) -> Self {
        let ha = match align {
            "left" => HAlign::Left,
            "center" => HAlign::Center,
            "right" => HAlign::Right,
            _ => panic!(
                "ValueError: '{align}' is not a valid value for align. Supported values are 'center', 'right', 'left'"
            ),
        };
        self.set(|t| t.ha = ha)
    }

    /// Vertical alignment: `"top"`, `"center"`, `"bottom"`, `"baseline"`, `"center_baseline"`.
    #[track_caller]
    pub fn va(self, align: &str) -> Self {
        let va = match align {
            "top" => VAlign::Top,
            "center" => VAlign::Center,
            "bottom" => VAlign::Bottom,
            "baseline" => VAlign::Baseline,
            "center_baseline" => VAlign::CenterBaseline,
            _ => panic!(
                "ValueError: '{align}' is not a valid value for align. Supported values are \
                 'bottom', 'baseline', 'center', 'center_baseline', 'top'"
            ),
        };
        self.set(|t| t.va = va)
    }

    /// For an annotation: an arrow from the text to this point of the data.
    pub fn arrow_to(self, x: impl Element, y: impl Element) -> Self {
        self.set(|t| t.arrow = Some([x.number(), y.number()]))
    }
}
