//! The setters of areas, separate lines, pictures and texts; those of lines and points are in `handles`.

use crate::arrow::{ArrowData, ArrowProps};
use crate::artist::{LineStyle, TextFrame};
use crate::axes::Aspect;
use crate::colormaps::Colormap;
use crate::colors::{self, IntoColor, IntoColors};
use crate::furniture::{FontPoints, one_of};
use crate::handles::{AxesImage, LineCollection, PolyCollection, Text, edit_axes, valid};
use crate::series::Element;
use crate::text::{HAlign, VAlign, Variant};
use crate::text_box::IntoBbox;

impl PolyCollection {
    /// The areas' colour, outline included.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.0.return_color();
        self.set(|p| (p.colors, p.edge, p.values) = (vec![color], Some(color), None))
    }

    /// What the areas are filled with.
    #[track_caller]
    pub fn facecolor(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.0.return_color();
        self.set(|p| (p.colors, p.values) = (vec![color], None))
    }

    /// The colour of the outlines; none when not set.
    #[track_caller]
    pub fn edgecolor(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|p| (p.edge, p.antialiased) = (Some(color), true))
    }

    /// The width of the outlines in points (1 when not set).
    pub fn linewidth(self, points: impl Element) -> Self {
        self.set(|p| p.edge_width = points.number())
    }

    /// `"-"`, `"--"`, `"-."`, `":"` for the outlines.
    #[track_caller]
    pub fn linestyle(self, style: &str) -> Self {
        let style = valid(LineStyle::parse(style));
        self.set(|p| p.edge_style = style)
    }

    /// A pattern on the areas, of the letters `/ \\ | - + x o O . *`; repeated letters make it denser.
    ///
    /// # Panics
    /// `ValueError` for any other letter.
    #[track_caller]
    pub fn hatch(self, pattern: &str) -> Self {
        let pattern = valid(crate::hatch::check(pattern));
        self.set(|p| p.hatch = Some(pattern).filter(|p| !p.is_empty()))
    }

    /// The colour map of numbers shown as colours, by name.
    #[track_caller]
    pub fn cmap(self, name: &str) -> Self {
        let cmap = valid(Colormap::named(name));
        self.set(|p| p.mapping.cmap = cmap)
    }

    /// `"linear"`, or `"log"` to colour numbers by their logarithm.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn norm(self, norm: &str) -> Self {
        valid(one_of("norm", norm, &["linear", "log"]));
        self.set(|p| p.mapping.log = norm == "log")
    }

    /// The number that takes the map's first colour.
    pub fn vmin(self, value: impl Element) -> Self {
        self.set(|p| p.mapping.vmin = Some(value.number()))
    }

    /// The number that takes the map's last colour.
    pub fn vmax(self, value: impl Element) -> Self {
        self.set(|p| p.mapping.vmax = Some(value.number()))
    }
}

impl LineCollection {
    /// One colour for all lines, or one for each, from the first again when there are fewer.
    #[track_caller]
    pub fn color(self, color: impl IntoColors) -> Self {
        let colors = colors::expect_all(color);
        self.set(|s| s.colors = Some(colors).filter(|c| !c.is_empty()).unwrap_or_else(|| s.colors.clone()))
    }

    /// The lines' width in points (1.5 when not set).
    pub fn linewidth(self, points: impl Element) -> Self {
        self.set(|s| s.widths = vec![points.number()])
    }

    /// `"-"`, `"--"`, `"-."`, `":"`.
    #[track_caller]
    pub fn linestyle(self, style: &str) -> Self {
        let style = valid(LineStyle::parse(style));
        self.set(|s| s.style = style)
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

    /// How cells become pixels: `"nearest"`, `"none"`, `"bilinear"`, `"bicubic"`, `"lanczos"`, ...; `"auto"` when not set.
    ///
    /// # Panics
    /// `ValueError` for an unknown method.
    #[track_caller]
    pub fn interpolation(self, method: &str) -> Self {
        let method = valid(crate::resample::check_method(method));
        self.set(|image| image.interpolation = method)
    }

    /// `"linear"`, or `"log"` to colour numbers by their logarithm.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn norm(self, norm: &str) -> Self {
        valid(one_of("norm", norm, &["linear", "log"]));
        self.set(|image| image.mapping.log = norm == "log")
    }

    /// Replaces the picture, for figures that change while something runs.
    #[track_caller]
    pub fn set_data(self, image: impl crate::series::Image) -> Self {
        let pixels = image.pixels();
        self.set(|data| data.pixels = pixels)
    }

    /// Left, right, bottom, top of the picture in data coordinates.
    pub fn extent<T: Element>(self, extent: [T; 4]) -> Self {
        let extent = extent.map(|v| v.number());
        edit_axes(self.0.figure, self.0.axes, |axes| axes.y.inverted = extent[2] > extent[3]);
        self.set(|image| image.extent = extent)
    }

    /// `"upper"` (the first row on top) or `"lower"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn origin(self, origin: &str) -> Self {
        valid(one_of("origin", origin, &["upper", "lower"]));
        let upper = origin == "upper";
        edit_axes(self.0.figure, self.0.axes, |axes| axes.y.inverted = upper);
        self.set(|image| {
            let [left, right, a, b] = image.extent;
            let (low, high) = (a.min(b), a.max(b));
            image.upper = upper;
            image.extent = if upper { [left, right, high, low] } else { [left, right, low, high] };
        })
    }

    /// `"equal"` (square cells), `"auto"` (fill the axes), or how long a unit of y is against one of x.
    #[track_caller]
    pub fn aspect(self, aspect: impl AspectRatio) -> Self {
        let aspect = aspect.aspect();
        edit_axes(self.0.figure, self.0.axes, |axes| axes.aspect = aspect.map_or(Aspect::Auto, Aspect::Box));
        self
    }
}

/// An aspect ratio: `"auto"`, `"equal"`, or a number.
pub trait AspectRatio {
    /// The ratio; none for `"auto"`.
    ///
    /// # Panics
    /// `ValueError` for any other text, or a ratio that is not positive.
    #[track_caller]
    fn aspect(&self) -> Option<f64>;
}

impl AspectRatio for &str {
    #[track_caller]
    fn aspect(&self) -> Option<f64> {
        valid(one_of("aspect", self, &["auto", "equal"]));
        (*self == "equal").then_some(1.0)
    }
}

macro_rules! ratios {
    ($($t:ty),*) => { $(
        impl AspectRatio for $t {
            #[track_caller]
            fn aspect(&self) -> Option<f64> {
                let ratio = self.number();
                assert!(ratio > 0.0 && ratio.is_finite(), "ValueError: aspect must be finite and positive");
                Some(ratio)
            }
        }
    )* };
}
ratios!(f64, f32, i32, u32, usize);

impl Text {
    /// The text's colour.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|t| t.color = color)
    }

    /// Size in points, or by name.
    #[track_caller]
    pub fn fontsize(self, size: impl FontPoints) -> Self {
        let points = size.points();
        self.set(|t| t.points = points)
    }

    /// Replaces the text.
    pub fn set_text(self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.set(|t| t.text = text)
    }

    /// Counts the text's place in parts of the axes instead of data: `transform=ax.transAxes`.
    pub fn in_axes(self) -> Self {
        self.set(|t| t.frame = TextFrame::Axes)
    }

    /// A box around the text: the colour of its face, or all of its look, `plt::bbox().boxstyle("round")`.
    #[track_caller]
    pub fn bbox(self, props: impl IntoBbox) -> Self {
        let props = props.props();
        self.set(|t| t.boxed = Some(props))
    }

    /// `"normal"` or `"bold"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn fontweight(self, weight: &str) -> Self {
        let variant = valid(Variant::weight(weight));
        self.set(|t| t.variant = variant)
    }

    /// `"normal"` or `"italic"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn fontstyle(self, style: &str) -> Self {
        let variant = valid(Variant::style(style));
        self.set(|t| t.variant = variant)
    }

    /// `"default"`, or `"anchor"` to align the text before it is turned.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn rotation_mode(self, mode: &str) -> Self {
        valid(one_of("rotation_mode", mode, &["default", "anchor"]));
        self.set(|t| t.anchor_mode = mode == "anchor")
    }

    /// For an annotation: what the place of its point counts in, `"data"` (when not set) or `"axes fraction"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn xycoords(self, coords: &str) -> Self {
        valid(one_of("xycoords", coords, &["data", "axes fraction"]));
        let frame = if coords == "data" { TextFrame::Data } else { TextFrame::Axes };
        self.set(|t| {
            t.frame = frame;
            if let Some(arrow) = &mut t.arrow {
                arrow.frame = frame;
            }
        })
    }

    /// For an annotation: what the place of its text counts in, `"data"`, `"axes fraction"`, or `"offset points"` from
    /// the point it is about; follows [`xycoords`](Self::xycoords).
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn textcoords(self, coords: &str) -> Self {
        valid(one_of("textcoords", coords, &["data", "axes fraction", "offset points"]));
        self.set(|t| match (coords, &t.arrow) {
            ("offset points", Some(arrow)) => (t.offset, t.at, t.frame) = (t.at, arrow.tip, arrow.frame),
            ("axes fraction", _) => t.frame = TextFrame::Axes,
            _ => t.frame = TextFrame::Data,
        })
    }

    /// Degrees counter-clockwise.
    pub fn rotation(self, degrees: impl Element) -> Self {
        self.set(|t| t.angle = degrees.number())
    }

    /// Horizontal alignment: `"left"`, `"center"`, `"right"`.
    #[track_caller]
    pub fn ha(self, align: &str) -> Self {
        let ha = valid(HAlign::parse(align));
        self.set(|t| t.ha = ha)
    }

    /// Vertical alignment: `"top"`, `"center"`, `"bottom"`, `"baseline"`, `"center_baseline"`.
    #[track_caller]
    pub fn va(self, align: &str) -> Self {
        let va = valid(VAlign::parse(align));
        self.set(|t| t.va = va)
    }

    /// For an annotation: the look of its arrow; `plt::arrowprops().arrowstyle("->").color("red")`.
    pub fn arrowprops(self, props: ArrowProps) -> Self {
        self.set(|t| {
            if let Some(arrow) = &mut t.arrow {
                arrow.props = Some(props);
            }
        })
    }

    pub(crate) fn arrow_to(self, tip: [f64; 2]) -> Self {
        self.set(|t| t.arrow = Some(ArrowData { tip, frame: TextFrame::Data, props: None }))
    }
}
