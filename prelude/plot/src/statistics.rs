//! Plots of samples: error bars and box plots; methods of `Axes` and their setters.

use crate::artist::{Kind, LineStyle};
use crate::axes_api::{Axes, same_length};
use crate::boxplot::BoxplotData;
use crate::colors::{self, IntoColor, IntoColors};
use crate::errorbar::{Deviations, ErrorbarData};
use crate::format::Format;
use crate::furniture::one_of;
use crate::handles::{Boxplot, ErrorbarContainer, Sizes, edit_axes, valid};
use crate::marker::Marker;
use crate::series::{Element, Series, python_tuple};

/// Errors of values: one number, one for each, or a pair of those for below and above.
pub trait Errors {
    /// What the values deviate by, downwards and upwards; one number stands for all.
    fn errors(&self) -> (Vec<f64>, Vec<f64>);
}

macro_rules! errors_of_sizes {
    ($($(#[$m:meta])* [$($g:tt)*] $t:ty),*) => { $(
        impl<$($g)*> Errors for $t {
            fn errors(&self) -> (Vec<f64>, Vec<f64>) {
                let sizes = Sizes::sizes(self);
                (sizes.clone(), sizes)
            }
        }
    )* };
}
errors_of_sizes!([] f64, [] f32, [] i32, [] u32, [] usize, [S: Series + ?Sized] &S, [T: Element] Vec<T>,
    [T: Element, const N: usize] [T; N]);

impl<A: Sizes, B: Sizes> Errors for (A, B) {
    fn errors(&self) -> (Vec<f64>, Vec<f64>) {
        (self.0.sizes(), self.1.sizes())
    }
}

/// The deviations for `n` values.
///
/// # Errors
/// matplotlib's texts when they do not fit or are negative.
pub(crate) fn deviations(name: &str, errors: &impl Errors, n: usize) -> Result<Deviations, String> {
    let spread = |e: Vec<f64>| -> Result<Vec<f64>, String> {
        if e.iter().any(|v| *v < 0.0) {
            return Err(format!("ValueError: '{name}' must not contain negative values"));
        }
        match e.len() {
            1 => Ok(vec![e[0]; n]),
            len if len == n => Ok(e),
            len => Err(format!(
                "ValueError: '{name}' (shape: ({len},)) must be a scalar or a 1D or (2, n) array-like whose shape \
                 matches '{}' (shape: {})",
                &name[..1],
                python_tuple(&[n])
            )),
        }
    };
    let (below, above) = errors.errors();
    Ok((spread(below)?, spread(above)?))
}

impl ErrorbarContainer {
    fn points(self) -> usize {
        let mut n = 0;
        self.set(|e| n = e.line.x.len());
        n
    }

    /// The errors along y: a number, one for each point, or a pair of those for below and above.
    ///
    /// # Panics
    /// `ValueError` when they do not fit the points or are negative.
    #[track_caller]
    pub fn yerr(self, errors: impl Errors) -> Self {
        let errors = valid(deviations("yerr", &errors, self.points()));
        self.set(|e| e.y_errors = Some(errors))
    }

    /// The errors along x.
    ///
    /// # Panics
    /// As [`yerr`](Self::yerr).
    #[track_caller]
    pub fn xerr(self, errors: impl Errors) -> Self {
        let errors = valid(deviations("xerr", &errors, self.points()));
        self.set(|e| e.x_errors = Some(errors))
    }

    /// A format string for the points, as in [`plot`](crate::plot); `"none"` shows only the bars.
    ///
    /// # Panics
    /// `ValueError` when it is not understood.
    #[track_caller]
    pub fn fmt(self, fmt: &str) -> Self {
        if fmt.eq_ignore_ascii_case("none") {
            return self.set(|e| e.line.style = LineStyle::None);
        }
        let format = valid(Format::parse(fmt));
        if format.color.is_some() {
            self.0.return_color();
        }
        self.set(|e| {
            e.line.color = format.color.unwrap_or(e.line.color);
            e.line.style = format.style.unwrap_or(e.line.style);
            e.line.marker = format.marker.or(e.line.marker);
        })
    }

    /// The colour of points, line and bars.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.0.return_color();
        self.set(|e| e.line.color = color)
    }

    /// The colour of the bars alone.
    #[track_caller]
    pub fn ecolor(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|e| e.color = Some(color))
    }

    /// The width of the bars in points.
    pub fn elinewidth(self, points: impl Element) -> Self {
        self.set(|e| e.width = Some(points.number()))
    }

    /// Half the length of the bars' caps in points (0, none, when not set).
    pub fn capsize(self, points: impl Element) -> Self {
        self.set(|e| e.capsize = points.number())
    }

    /// The thickness of the caps in points.
    pub fn capthick(self, points: impl Element) -> Self {
        self.set(|e| e.capthick = points.number())
    }

    /// The line's width in points.
    pub fn linewidth(self, points: impl Element) -> Self {
        self.set(|e| e.line.width = points.number())
    }

    /// The marker at each point, by matplotlib's letter.
    #[track_caller]
    pub fn marker(self, marker: &str) -> Self {
        let marker = valid(Marker::parse(marker));
        self.set(|e| e.line.marker = marker)
    }

    /// The markers' size in points.
    pub fn markersize(self, points: impl Element) -> Self {
        self.set(|e| e.line.marker_size = points.number())
    }

    /// `"-"`, `"--"`, `"-."`, `":"`, or `""` for no line.
    #[track_caller]
    pub fn linestyle(self, style: &str) -> Self {
        let style = valid(LineStyle::parse(style));
        self.set(|e| e.line.style = style)
    }
}

/// Data sets: a single series, a `Vec` or an array of series, or the columns of a two-dimensional array. `M` only tells
/// one series from several.
pub trait Groups<M> {
    /// The data sets.
    fn groups(&self) -> Vec<Vec<f64>>;
}

/// Marks a single series.
#[derive(Clone, Copy, Debug)]
pub struct One;

/// Marks several series.
#[derive(Clone, Copy, Debug)]
pub struct Many;

impl<S: Series> Groups<One> for S {
    fn groups(&self) -> Vec<Vec<f64>> {
        let values = self.values();
        match self.shape()[..] {
            [rows, columns] if rows * columns == values.len() && columns > 0 => {
                (0..columns).map(|c| values.iter().copied().skip(c).step_by(columns).collect()).collect()
            }
            _ => vec![values],
        }
    }
}

impl<S: Series> Groups<Many> for Vec<S> {
    fn groups(&self) -> Vec<Vec<f64>> {
        self.iter().map(Series::values).collect()
    }
}

impl<S: Series, const N: usize> Groups<Many> for [S; N] {
    fn groups(&self) -> Vec<Vec<f64>> {
        self.iter().map(Series::values).collect()
    }
}

impl<S: Series> Groups<Many> for [S] {
    fn groups(&self) -> Vec<Vec<f64>> {
        self.iter().map(Series::values).collect()
    }
}

impl<G: Groups<Many> + ?Sized> Groups<Many> for &G {
    fn groups(&self) -> Vec<Vec<f64>> {
        (**self).groups()
    }
}

impl Axes {
    /// Draws y against x with error bars: `plt::errorbar(&x, &y).yerr(0.2).fmt("o").capsize(4)`.
    ///
    /// # Panics
    /// `ValueError` when x and y differ in length.
    #[track_caller]
    pub fn errorbar(self, x: impl Series, y: impl Series) -> ErrorbarContainer {
        same_length(&x, &y);
        let (x, y) = (self.x_values(&x), y.values());
        ErrorbarContainer(self.add(|axes| {
            let line = Axes::line_data(axes, x, y, Format::default());
            let (capsize, capthick) = (axes.rc.capsize, axes.rc.markeredgewidth);
            let (x_errors, y_errors, color, width) = (None, None, None, None);
            let of_bars = false;
            Kind::Errorbar(ErrorbarData { line, x_errors, y_errors, color, width, capsize, capthick, of_bars })
        }))
    }

    /// Draws a box for each sample: quartiles, whiskers, outliers.
    pub fn boxplot<M>(self, groups: impl Groups<M>) -> Boxplot {
        let groups = groups.groups();
        let positions: Vec<f64> = (1..=groups.len()).map(|k| k as f64).collect();
        Boxplot(self.add(|axes| {
            axes.x.ticks = Some(positions.clone());
            axes.x.tick_labels = Some(positions.iter().map(ToString::to_string).collect());
            let ink = axes.rc.text_color;
            Kind::Boxplot(BoxplotData {
                groups,
                positions,
                width: None,
                vertical: true,
                whis: 1.5,
                showfliers: true,
                showmeans: false,
                faces: Vec::new(),
                ink,
                median: None,
                notch: false,
                flier: (Marker('o'), None),
            })
        }))
    }
}

impl Boxplot {
    /// A name under each box.
    ///
    /// # Panics
    /// `ValueError` when there are more or fewer names than boxes.
    #[track_caller]
    pub fn tick_labels<T: ToString>(self, labels: impl AsRef<[T]>) -> Self {
        let labels: Vec<String> = labels.as_ref().iter().map(ToString::to_string).collect();
        let (mut n, mut vertical) = (0, true);
        self.set(|b| (n, vertical) = (b.groups.len(), b.vertical));
        if labels.len() != n {
            panic!("ValueError: The number of labels ({}) must match the number of columns ({n}).", labels.len());
        }
        edit_axes(self.0.figure, self.0.axes, |axes| axes.axis_mut(vertical).tick_labels = Some(labels));
        self
    }

    /// `"vertical"` or `"horizontal"` boxes.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn orientation(self, orientation: &str) -> Self {
        valid(one_of("orientation", orientation, &["vertical", "horizontal"]));
        let mut before = true;
        let vertical = orientation == "vertical";
        self.set(|b| before = std::mem::replace(&mut b.vertical, vertical));
        edit_axes(self.0.figure, self.0.axes, |axes| {
            if before != vertical {
                std::mem::swap(&mut axes.x.ticks, &mut axes.y.ticks);
                std::mem::swap(&mut axes.x.tick_labels, &mut axes.y.tick_labels);
            }
        });
        self
    }

    /// The boxes' width in data.
    pub fn widths(self, width: impl Element) -> Self {
        self.set(|b| b.width = Some(width.number()))
    }

    /// How many times the box's height the whiskers may reach (1.5 when not set).
    pub fn whis(self, whis: impl Element) -> Self {
        self.set(|b| b.whis = whis.number())
    }

    /// Whether outliers are drawn.
    pub fn showfliers(self, on: bool) -> Self {
        self.set(|b| b.showfliers = on)
    }

    /// Whether the means are marked.
    pub fn showmeans(self, on: bool) -> Self {
        self.set(|b| b.showmeans = on)
    }

    /// Fills the boxes: `patch_artist=True`.
    pub fn patch_artist(self, on: bool) -> Self {
        let faces = if on { vec![colors::cycle(0)] } else { Vec::new() };
        self.set(|b| b.faces = faces)
    }

    /// Fills the boxes with a colour, `boxprops=dict(facecolor=...)`, or with one for each.
    #[track_caller]
    pub fn facecolor(self, color: impl IntoColors) -> Self {
        let faces = colors::expect_all(color);
        self.set(|b| b.faces = faces)
    }

    /// The colour of all lines but the medians: `boxprops=dict(color=...)` and the like.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|b| b.ink = color)
    }

    /// The colour of the medians: `medianprops=dict(color=...)`.
    #[track_caller]
    pub fn mediancolor(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|b| b.median = Some(color))
    }

    /// Makes boxes narrow about the median, as far as it is uncertain.
    pub fn notch(self, on: bool) -> Self {
        self.set(|b| b.notch = on)
    }

    /// The marker of outliers as a format string, `"r+"`; `""` for none.
    ///
    /// # Panics
    /// `ValueError` when it is not understood.
    #[track_caller]
    pub fn sym(self, fmt: &str) -> Self {
        let format = valid(Format::parse(fmt));
        self.set(|b| match format.marker {
            Some(marker) => b.flier = (marker, format.color),
            None => b.showfliers = false,
        })
    }

    /// Where the boxes stand (1, 2, 3, ... when not set).
    ///
    /// # Panics
    /// `ValueError` when there are more or fewer places than boxes.
    #[track_caller]
    pub fn positions(self, positions: impl Series) -> Self {
        let positions = positions.values();
        let (mut n, mut vertical) = (0, true);
        self.set(|b| (n, vertical) = (b.groups.len(), b.vertical));
        if positions.len() != n {
            panic!("ValueError: List of boxplot statistics and `positions` values must have same the length");
        }
        let names = positions.iter().map(|p| crate::ticks::general(*p)).collect();
        edit_axes(self.0.figure, self.0.axes, |axes| {
            let axis = axes.axis_mut(vertical);
            (axis.ticks, axis.tick_labels) = (Some(positions.clone()), Some(names));
        });
        self.set(|b| b.positions = positions)
    }
}
