//! An axes' state: its place in the figure, its two axis, what it holds. Plain data; the limits that follow from it
//! are worked out in `limits`, drawing is in `draw`.

use std::sync::Arc;

use crate::artist::{Artist, Kind, LineStyle};
use crate::colors::Color;
use crate::geometry::Bbox;
use crate::legend::LegendData;
use crate::rc::{Rc, TickRc};
use crate::scale::Scale;
use crate::text::{HAlign, Variant};
use crate::ticker::{Formatter, Locator};

/// A title or a label: text, colour, size in points.
#[derive(Clone, Debug)]
pub(crate) struct Caption {
    pub text: String,
    pub color: Color,
    pub points: f64,
    pub pad: f64,
    pub variant: Variant,
    /// Degrees counter-clockwise, when turned otherwise than usual.
    pub angle: Option<f64>,
    /// Where along the axis it stands: at the start, in the middle, at the end.
    pub along: f64,
    /// A title's own height, in parts of the axes.
    pub y: Option<f64>,
}

impl Caption {
    pub fn new(points: f64, pad: f64, color: Color) -> Caption {
        let (variant, angle, along, y) = (Variant::Regular, None, 0.5, None);
        Caption { text: String::new(), color, points, pad, variant, angle, along, y }
    }
}

/// Lines across the axes at the ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct GridData {
    pub color: Color,
    pub width: f64,
    pub style: LineStyle,
}

impl GridData {
    pub fn new(rc: &Rc) -> GridData {
        GridData { color: rc.grid_color.with_alpha(rc.grid_alpha as f32), width: rc.grid_width, style: rc.grid_style }
    }
}

/// One of the two axis of an axes.
#[derive(Clone, Debug)]
pub(crate) struct AxisData {
    /// The ends that were set; the others follow the data.
    pub limits: (Option<f64>, Option<f64>),
    pub inverted: bool,
    pub scale: Scale,
    pub ticks: Option<Vec<f64>>,
    pub tick_labels: Option<Vec<String>>,
    /// What the last places and labels replaced, should they turn out to be those of small ticks.
    pub replaced: (Option<Vec<f64>>, Option<Vec<String>>),
    /// Where major and minor ticks go, when not by the axis' own rule.
    pub locators: [Option<Locator>; 2],
    /// What stands beside major and minor ticks, when not the axis' own numbers.
    pub formatters: [Option<Formatter>; 2],
    pub tick: TickRc,
    pub tick_points: f64,
    pub tick_angle: f64,
    pub tick_align: Option<HAlign>,
    /// Labels are aligned before they are turned.
    pub tick_anchor: bool,
    pub label: Caption,
    /// Lines at major and at minor ticks.
    pub grids: [Option<GridData>; 2],
    pub categories: Vec<String>,
    /// Axis with the same number have the same limits.
    pub group: Option<usize>,
    pub ticks_shown: bool,
    pub minor_ticks_shown: bool,
    pub labels_shown: bool,
    /// Ticks and labels on the other side as well.
    pub opposite: [bool; 2],
    /// Nothing of it is drawn when not.
    pub visible: bool,
    /// Ticks and labels are at the top or the right.
    pub far: bool,
}

impl AxisData {
    fn new(rc: &Rc, tick: &TickRc) -> AxisData {
        let grid = rc.grid.then(|| GridData::new(rc));
        AxisData {
            limits: (None, None),
            inverted: false,
            scale: Scale::Linear,
            ticks: None,
            tick_labels: None,
            replaced: (None, None),
            locators: [None, None],
            formatters: [None, None],
            tick: tick.clone(),
            tick_points: rc.points(tick.labelsize),
            tick_angle: 0.0,
            tick_align: None,
            tick_anchor: false,
            label: Caption {
                variant: rc.labelweight,
                ..Caption::new(rc.points(rc.labelsize), rc.labelpad, rc.label_color)
            },
            grids: [grid, None],
            categories: Vec::new(),
            group: None,
            ticks_shown: tick.near,
            minor_ticks_shown: tick.near,
            labels_shown: true,
            opposite: [tick.opposite, false],
            visible: true,
            far: false,
        }
    }

    /// The ticks and labels on the other side, when there are any.
    pub fn on_the_other_side(&self) -> Option<AxisData> {
        let [ticks, labels] = self.opposite;
        (ticks || labels).then(|| {
            let label = Caption { text: String::new(), ..self.label.clone() };
            AxisData {
                ticks_shown: ticks,
                minor_ticks_shown: ticks,
                labels_shown: labels,
                label,
                grids: [None; 2],
                ..self.clone()
            }
        })
    }

    /// Puts ticks at these places.
    pub fn set_ticks(&mut self, ticks: Vec<f64>) {
        self.replaced = (self.ticks.replace(ticks), self.tick_labels.take());
    }

    /// The colour of the tick labels.
    pub fn tick_label_color(&self) -> Color {
        self.tick.label_color.unwrap_or(self.tick.color)
    }

    /// The positions of categories on this axis; new ones are put at the end.
    pub fn places(&mut self, names: &[String]) -> Vec<f64> {
        names
            .iter()
            .map(|name| {
                let place = self.categories.iter().position(|c| c == name).unwrap_or_else(|| {
                    self.categories.push(name.clone());
                    self.categories.len() - 1
                });
                place as f64
            })
            .collect()
    }
}

/// Where an axes lies in its figure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    /// In a grid: rows, columns, and the first and last cell taken, counted from 0 along the rows.
    Grid { rows: usize, columns: usize, first: usize, last: usize },
    /// Left, bottom, width, height in parts of the figure.
    Rect([f64; 4]),
    /// Left, bottom, width, height in parts of another axes.
    Inset { axes: usize, bounds: [f64; 4] },
    /// Over another axes, with the same x axis (or y axis, when `upright` is not set) and another one of its own.
    Twin { axes: usize, upright: bool },
    /// The colour bar beside another axes, for one of its artists.
    Colorbar { axes: usize, artist: usize },
}

/// The room a colour bar takes from its axes, in parts of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ColorbarRoom {
    pub horizontal: bool,
    pub fraction: f64,
    pub pad: f64,
    pub shrink: f64,
    /// How much longer than wide it is.
    pub aspect: f64,
}

impl ColorbarRoom {
    pub const VERTICAL: ColorbarRoom =
        ColorbarRoom { horizontal: false, fraction: 0.15, pad: 0.05, shrink: 1.0, aspect: 20.0 };

    /// The gap to the axes; a constrained layout has its own for a bar below them.
    pub fn pad_of(&self, constrained: bool) -> f64 {
        if constrained && self.horizontal && self.pad == 0.15 { 0.05 } else { self.pad }
    }

    /// The part of a box it takes.
    pub fn of(&self, b: Bbox) -> Bbox {
        if self.horizontal {
            return Bbox { y1: b.y0 + self.fraction * b.height(), ..b };
        }
        Bbox { x0: b.x1 - self.fraction * b.width(), ..b }
    }
}

/// How long a unit of y is against one of x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Aspect {
    /// Whatever fills the axes.
    Auto,
    /// The axes shrinks to keep it.
    Box(f64),
    /// The limits grow to keep it.
    Limits(f64),
}

/// One side of an axes' frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SpineData {
    pub visible: bool,
    pub color: Color,
    pub width: f64,
    /// Where it stands instead of the edge.
    pub at: Option<SpinePlace>,
    /// The part of the axis it covers, in data, instead of all.
    pub bounds: Option<(f64, f64)>,
}

/// Where a spine stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SpinePlace {
    /// A value of the data.
    Data(f64),
    /// A part of the axes' width or height.
    Axes(f64),
    /// Points outside the edge.
    Outward(f64),
}

/// The order of an axes' spines.
pub(crate) const SPINES: [&str; 4] = ["left", "right", "bottom", "top"];

#[derive(Clone, Debug)]
pub(crate) struct AxesData {
    pub rc: Arc<Rc>,
    pub place: Place,
    pub x: AxisData,
    pub y: AxisData,
    pub artists: Vec<Artist>,
    /// At the left, in the middle, at the right.
    pub titles: [Caption; 3],
    pub legend: Option<LegendData>,
    /// Legends that stay beside the newest.
    pub kept_legends: Vec<LegendData>,
    pub aspect: Aspect,
    /// Spines, ticks and labels are drawn.
    pub visible: bool,
    pub face: Color,
    pub spines: [SpineData; 4],
    pub colorbar: Option<ColorbarRoom>,
    /// For a colour bar: whether it has pointed ends for what lies below and above its scale.
    pub extend: [bool; 2],
    /// The colour bar that takes its room from this axes and others.
    pub shared_bar: Option<usize>,
    pub margins: (f64, f64),
    pub lines_cycled: usize,
    pub patches_cycled: usize,
}

impl AxesData {
    pub fn new(place: Place) -> AxesData {
        let rc = crate::rc::current();
        let color = rc.titlecolor.unwrap_or(rc.text_color);
        let title = Caption { variant: rc.titleweight, ..Caption::new(rc.points(rc.titlesize), rc.titlepad, color) };
        let spine = |visible| SpineData { visible, color: rc.axes_edge, width: rc.axes_width, at: None, bounds: None };
        AxesData {
            place,
            x: AxisData::new(&rc, &rc.x),
            y: AxisData::new(&rc, &rc.y),
            artists: Vec::new(),
            titles: [title.clone(), title.clone(), title],
            legend: None,
            kept_legends: Vec::new(),
            aspect: Aspect::Auto,
            visible: true,
            face: rc.axes_face,
            spines: rc.spines.map(spine),
            colorbar: None,
            extend: [false; 2],
            shared_bar: None,
            margins: rc.margins,
            lines_cycled: 0,
            patches_cycled: 0,
            rc,
        }
    }

    /// The axes as if no colour bar took room from it.
    pub fn without_bar(self) -> AxesData {
        AxesData { shared_bar: None, ..self }
    }

    /// One of the two axis.
    pub fn axis(&self, horizontal: bool) -> &AxisData {
        if horizontal { &self.x } else { &self.y }
    }

    /// One of the two axis, to be changed.
    pub fn axis_mut(&mut self, horizontal: bool) -> &mut AxisData {
        if horizontal { &mut self.x } else { &mut self.y }
    }

    /// The next colour of the cycle for lines.
    pub fn next_line_color(&mut self) -> Color {
        self.lines_cycled += 1;
        self.rc.cycle[(self.lines_cycled - 1) % self.rc.cycle.len()]
    }

    /// The next colour of the cycle for bars, points and areas.
    pub fn next_patch_color(&mut self) -> Color {
        self.patches_cycled += 1;
        self.rc.cycle[(self.patches_cycled - 1) % self.rc.cycle.len()]
    }

    /// Adds an artist; `make` may take a colour of the cycle.
    pub fn add(&mut self, make: impl FnOnce(&mut AxesData) -> Kind) -> usize {
        let before = (self.lines_cycled, self.patches_cycled);
        let kind = make(self);
        let cycled = before != (self.lines_cycled, self.patches_cycled);
        self.artists.push(Artist { cycled, ..Artist::new(kind) });
        self.artists.len() - 1
    }

    /// The newest artist is given a colour of its own: the one it took from the cycle is for the next.
    pub fn return_color(&mut self, artist: usize) {
        let newer = self.artists.get(artist + 1..).unwrap_or_default();
        if newer.iter().any(|a| a.cycled) {
            return;
        }
        let Some(last) = self.artists.get_mut(artist).filter(|last| last.cycled) else { return };
        last.cycled = false;
        match last.kind {
            Kind::Line(_) | Kind::Errorbar(_) => self.lines_cycled -= 1,
            _ => self.patches_cycled -= 1,
        }
    }
}
