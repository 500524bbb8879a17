//! How an axes looks: limits, ticks, scales, grid, legend, titles, spines, axes that share an axis.
//! matplotlib's `Axes.set_*` and `tick_params`.

use crate::axes::{Aspect, AxesData, AxisData, GridData, Place};
use crate::axes_api::Axes;
use crate::colors::{self, IntoColor};
use crate::furniture::{Grid, Label, Ticks, Which};
use crate::handles::{edit_figure, valid};
use crate::legend::LegendData;
use crate::legend_setters::Legend;
use crate::scale::Scale;
use crate::series::{Element, Names, Series};
use crate::setters::AspectRatio;
use crate::spines::Spines;
use crate::tick_params::TickParams;

/// Two ends of an axis; an open end follows the data: `[0, 5]`, `(0.0, 5.0)`, `0.0..1.0`, `0.0..`, `..1.0`.
pub trait Limits {
    /// The first and the second end.
    fn ends(&self) -> (Option<f64>, Option<f64>);
}

impl<T: Element> Limits for [T; 2] {
    fn ends(&self) -> (Option<f64>, Option<f64>) {
        (Some(self[0].number()), Some(self[1].number()))
    }
}

impl<T: Element> Limits for &[T; 2] {
    fn ends(&self) -> (Option<f64>, Option<f64>) {
        (Some(self[0].number()), Some(self[1].number()))
    }
}

impl<A: Element, B: Element> Limits for (A, B) {
    fn ends(&self) -> (Option<f64>, Option<f64>) {
        (Some(self.0.number()), Some(self.1.number()))
    }
}

impl<T: Element> Limits for std::ops::Range<T> {
    fn ends(&self) -> (Option<f64>, Option<f64>) {
        (Some(self.start.number()), Some(self.end.number()))
    }
}

impl<T: Element> Limits for std::ops::RangeFrom<T> {
    fn ends(&self) -> (Option<f64>, Option<f64>) {
        (Some(self.start.number()), None)
    }
}

impl<T: Element> Limits for std::ops::RangeTo<T> {
    fn ends(&self) -> (Option<f64>, Option<f64>) {
        (None, Some(self.end.number()))
    }
}

impl Axes {
    /// Runs `f` on one axis of this axes and on those that share it.
    fn edit_shared(self, horizontal: bool, f: impl Fn(&mut AxisData)) {
        edit_figure(self.figure, |figure| {
            let Some(own) = figure.axes.get(self.index) else { return };
            let group = own.axis(horizontal).group;
            for (k, axes) in figure.axes.iter_mut().enumerate() {
                if k == self.index || (group.is_some() && axes.axis(horizontal).group == group) {
                    f(axes.axis_mut(horizontal));
                }
            }
        });
    }

    fn join(self, other: Axes, horizontal: bool) {
        edit_figure(self.figure, |figure| {
            if self.figure != other.figure || figure.axes.len() <= self.index.max(other.index) {
                return;
            }
            let group = *figure.axes[other.index].axis_mut(horizontal).group.get_or_insert(other.index);
            figure.axes[self.index].axis_mut(horizontal).group = Some(group);
        });
    }

    /// Gives this axes the same x limits as another one of its figure.
    pub fn sharex(self, other: Axes) {
        self.join(other, true);
    }

    /// Gives this axes the same y limits as another one of its figure.
    pub fn sharey(self, other: Axes) {
        self.join(other, false);
    }

    fn twin(self, upright: bool) -> Axes {
        let index = edit_figure(self.figure, |figure| {
            figure.axes.push(AxesData::new(Place::Twin { axes: self.index, upright }));
            figure.axes.len() - 1
        });
        let twin = Axes { figure: self.figure, index: index.unwrap_or(0) };
        twin.join(self, upright);
        twin
    }

    /// An axes over this one with the same x axis and a y axis of its own on the right.
    pub fn twinx(self) -> Axes {
        self.twin(true)
    }

    /// An axes over this one with the same y axis and an x axis of its own at the top.
    pub fn twiny(self) -> Axes {
        self.twin(false)
    }

    fn label(self, which: Which, text: impl Into<String>) -> Label {
        Label { figure: self.figure, axes: self.index, which }.set_text(text)
    }

    /// Writes a title above the axes.
    pub fn set_title(self, text: impl Into<String>) -> Label {
        self.label(Which::Title(1), text)
    }

    /// Names the x axis.
    pub fn set_xlabel(self, text: impl Into<String>) -> Label {
        self.label(Which::X, text)
    }

    /// Names the y axis.
    pub fn set_ylabel(self, text: impl Into<String>) -> Label {
        self.label(Which::Y, text)
    }

    /// Sets the ends of the x axis.
    pub fn set_xlim(self, limits: impl Limits) {
        let ends = limits.ends();
        self.edit_shared(true, |axis| axis.set_limits(ends));
    }

    /// Sets the ends of the y axis.
    pub fn set_ylim(self, limits: impl Limits) {
        let ends = limits.ends();
        self.edit_shared(false, |axis| axis.set_limits(ends));
    }

    /// The ends of the x axis.
    pub fn get_xlim(self) -> (f64, f64) {
        edit_figure(self.figure, |figure| figure.view(self.index).x).unwrap_or((0.0, 1.0))
    }

    /// The ends of the y axis.
    pub fn get_ylim(self) -> (f64, f64) {
        edit_figure(self.figure, |figure| figure.view(self.index).y).unwrap_or((0.0, 1.0))
    }

    /// Where the axes lies: left, bottom, width, height in parts of the figure.
    pub fn get_position(self) -> [f64; 4] {
        edit_figure(self.figure, |figure| {
            let (whole, b) = (figure.bbox(), figure.laid_out().axes_box(self.index));
            [b.x0 / whole.x1, b.y0 / whole.y1, b.width() / whole.x1, b.height() / whole.y1]
        })
        .unwrap_or_default()
    }

    /// The free space around the data, in parts of its range (0.05 when not set).
    pub fn margins(self, part: impl Element) {
        self.edit(|axes| axes.margins = (part.number(), part.number()));
    }

    /// Sets where the x axis has ticks; `()` for none.
    pub fn set_xticks(self, ticks: impl Series) -> Ticks {
        self.ticks(true).set(|axis| axis.set_ticks(ticks.values()))
    }

    /// Sets where the y axis has ticks; `()` for none.
    pub fn set_yticks(self, ticks: impl Series) -> Ticks {
        self.ticks(false).set(|axis| axis.set_ticks(ticks.values()))
    }

    /// The ticks of the x axis, to change how their labels look: `ax.xaxis().rotation(45)`.
    pub fn xaxis(self) -> Ticks {
        self.ticks(true)
    }

    /// The ticks of the y axis, to change how their labels look.
    pub fn yaxis(self) -> Ticks {
        self.ticks(false)
    }

    fn ticks(self, horizontal: bool) -> Ticks {
        Ticks { figure: self.figure, axes: self.index, horizontal }
    }

    /// The look of ticks and tick labels: `ax.tick_params().axis("x").labelsize(8)`.
    pub fn tick_params(self) -> TickParams {
        TickParams { axes: self, chosen: [true, true], major: true, minor: false }
    }

    /// Shows small ticks between the others.
    pub fn minorticks_on(self) {
        self.edit(|axes| (axes.x.tick.minor, axes.y.tick.minor) = (true, true));
    }

    /// Hides small ticks.
    pub fn minorticks_off(self) {
        self.edit(|axes| (axes.x.tick.minor, axes.y.tick.minor) = (false, false));
    }

    /// `"linear"`, `"log"`, `"symlog"` (logarithmic on both sides of zero) or `"logit"` (for probabilities).
    ///
    /// # Panics
    /// `ValueError` for any other scale.
    #[track_caller]
    pub fn set_xscale(self, scale: &str) -> AxisScale {
        AxisScale { axes: self, horizontal: true }.named(scale)
    }

    /// `"linear"`, `"log"`, `"symlog"` (logarithmic on both sides of zero) or `"logit"` (for probabilities).
    ///
    /// # Panics
    /// `ValueError` for any other scale.
    #[track_caller]
    pub fn set_yscale(self, scale: &str) -> AxisScale {
        AxisScale { axes: self, horizontal: false }.named(scale)
    }

    /// Turns the x axis round.
    pub fn invert_xaxis(self) {
        self.edit_shared(true, AxisData::invert);
    }

    /// Turns the y axis upside down.
    pub fn invert_yaxis(self) {
        self.edit_shared(false, AxisData::invert);
    }

    /// `"equal"` for units of the same length along x and y, `"auto"` to fill the space, or a number.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn set_aspect(self, aspect: impl AspectRatio) {
        let aspect = aspect.aspect();
        self.edit(|axes| axes.aspect = aspect.map_or(Aspect::Auto, Aspect::Box));
    }

    /// What the axes is filled with.
    #[track_caller]
    pub fn set_facecolor(self, color: impl IntoColor) {
        let color = colors::expect(color);
        self.edit(|axes| axes.face = color);
    }

    /// Hides spines, ticks and labels.
    pub fn set_axis_off(self) {
        self.edit(|axes| axes.visible = false);
    }

    /// Some of the spines, by name: `ax.spines(["top", "right"]).set_visible(false)`.
    ///
    /// # Panics
    /// `ValueError` for a name other than `"left"`, `"right"`, `"bottom"`, `"top"`.
    #[track_caller]
    pub fn spines(self, names: impl Names) -> Spines {
        Spines { figure: self.figure, axes: self.index, chosen: Spines::chosen(&names) }
    }

    /// `"off"` and `"on"` hide and show spines, ticks and labels; `"equal"`, `"scaled"`, `"image"`, `"square"` and
    /// `"auto"` choose the aspect ratio, `"tight"` takes the margins away; `[xmin, xmax, ymin, ymax]` sets the limits.
    ///
    /// # Panics
    /// `ValueError` for any other text.
    #[track_caller]
    pub fn axis(self, option: impl AxisOption) {
        valid(option.apply(self));
    }

    /// Shows or hides grid lines at the ticks; setters of what it returns choose which.
    pub fn grid(self, on: bool) -> Grid {
        let before = self.edit(|axes| [axes.x.grids, axes.y.grids]).unwrap_or_default();
        let grid = self.edit(|axes| on.then(|| GridData::new(&axes.rc))).flatten();
        let (figure, axes) = (self.figure, self.index);
        Grid { figure, axes, before, grid, chosen: [true; 2], ticks: [true, false] }.apply()
    }

    /// Shows the legend of everything with a label.
    pub fn legend(self) -> Legend {
        self.edit(|axes| axes.legend = Some(LegendData::new(axes)));
        Legend { figure: self.figure, axes: Some(self.index) }
    }

    /// Keeps a legend when another one is made: `ax.add_artist(first)`.
    pub fn add_artist(self, _legend: Legend) {
        self.edit(|axes| axes.kept_legends.extend(axes.legend.take()));
    }

    /// Removes everything from the axes.
    pub fn cla(self) {
        self.edit(|axes| *axes = AxesData::new(axes.place.clone()));
    }
}

impl AxisData {
    fn set_limits(&mut self, (first, second): (Option<f64>, Option<f64>)) {
        let finite = |v: &f64| v.is_finite();
        self.limits = (first.filter(finite).or(self.limits.0), second.filter(finite).or(self.limits.1));
    }

    fn invert(&mut self) {
        self.inverted = !self.inverted;
        self.limits = (self.limits.1, self.limits.0);
    }
}

/// The scale of one axis, for its options: `ax.set_yscale("symlog").linthresh(0.1)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AxisScale {
    axes: Axes,
    horizontal: bool,
}

impl AxisScale {
    #[track_caller]
    fn named(self, name: &str) -> Self {
        let scale = valid(Scale::parse(name));
        self.axes.edit_shared(self.horizontal, |axis| axis.scale = scale);
        self
    }

    #[track_caller]
    fn symlog(self, option: &str, value: f64, f: impl Fn(&mut f64, &mut f64)) -> Self {
        if value.is_nan() || value <= 0.0 {
            panic!("ValueError: '{option}' must be positive");
        }
        self.axes.edit_shared(self.horizontal, |axis| {
            if let Scale::SymLog { linthresh, linscale } = &mut axis.scale {
                f(linthresh, linscale);
            }
        });
        self
    }

    /// For `"symlog"`: between minus and plus this value the axis is linear (2 when not set).
    ///
    /// # Panics
    /// `ValueError` for a value that is not positive.
    #[track_caller]
    pub fn linthresh(self, value: impl Element) -> Self {
        let value = value.number();
        self.symlog("linthresh", value, |linthresh, _| *linthresh = value)
    }

    /// For `"symlog"`: how many decades long the linear part is on each side of zero (1 when not set).
    ///
    /// # Panics
    /// `ValueError` for a value that is not positive.
    #[track_caller]
    pub fn linscale(self, decades: impl Element) -> Self {
        let decades = decades.number();
        self.symlog("linscale", decades, |_, linscale| *linscale = decades)
    }
}

/// What [`axis`](Axes::axis) takes: a word, or four limits.
pub trait AxisOption {
    /// Does what is asked for.
    ///
    /// # Errors
    /// matplotlib's text for an unknown word.
    fn apply(&self, axes: Axes) -> Result<(), String>;
}

impl AxisOption for &str {
    fn apply(&self, axes: Axes) -> Result<(), String> {
        axes.edit(|axes| {
            match *self {
                "off" => axes.visible = false,
                "on" => axes.visible = true,
                "equal" => axes.aspect = Aspect::Limits(1.0),
                "scaled" | "image" | "square" => axes.aspect = Aspect::Box(1.0),
                "auto" => axes.aspect = Aspect::Auto,
                "tight" => axes.margins = (0.0, 0.0),
                _ => return Err(format!("ValueError: Unrecognized string '{self}' to axis; try 'on' or 'off'")),
            }
            Ok(())
        })
        .unwrap_or(Ok(()))
    }
}

impl<T: Element> AxisOption for [T; 4] {
    fn apply(&self, axes: Axes) -> Result<(), String> {
        let [a, b, c, d] = self.each_ref().map(Element::number);
        axes.set_xlim([a, b]);
        axes.set_ylim([c, d]);
        Ok(())
    }
}
