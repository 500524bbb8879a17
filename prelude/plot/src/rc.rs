//! The settings every new figure and axes starts from: `matplotlib.rcParams` and `matplotlib.style`. Each axes keeps
//! the settings it was made with; what they mean is known to whoever draws.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::artist::{Cap, LineStyle};
use crate::colormaps::Colormap;
use crate::colors::{self, Color};
use crate::figure::Layout;
use crate::marker::Marker;
use crate::rc_value::{RcValue, Reader};
use crate::text::Variant;

/// A font size: in points, or relative to `font.size`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FontSize {
    Points(f64),
    Scale(f64),
}

impl FontSize {
    /// Reads a number of points or a name such as `large`.
    pub fn parse(text: &str) -> Option<FontSize> {
        let scale = match text {
            "xx-small" => 0.579,
            "x-small" => 0.694,
            "small" | "smaller" => 0.833,
            "medium" => 1.0,
            "large" | "larger" => 1.2,
            "x-large" => 1.44,
            "xx-large" => 1.728,
            _ => return text.parse().ok().map(FontSize::Points),
        };
        Some(FontSize::Scale(scale))
    }
}

/// Settings of the ticks of one axis; lengths in points.
#[derive(Clone, Debug)]
pub(crate) struct TickRc {
    pub labelsize: FontSize,
    pub color: Color,
    pub label_color: Option<Color>,
    pub inward: bool,
    /// Ticks at the bottom or the left, and at the top or the right.
    pub near: bool,
    pub opposite: bool,
    pub length: f64,
    pub width: f64,
    pub pad: f64,
    pub minor: bool,
    pub minor_inward: bool,
    pub minor_color: Color,
    pub minor_length: f64,
    pub minor_width: f64,
}

/// All settings; the names are those of the keys.
#[derive(Clone, Debug)]
pub(crate) struct Rc {
    pub figsize: (f64, f64),
    pub dpi: f64,
    pub figure_face: Color,
    pub figure_titlesize: FontSize,
    pub layout: Layout,
    /// Left, right, bottom, top, wspace, hspace.
    pub subplot: [f64; 6],
    pub savefig_dpi: Option<f64>,
    pub savefig_tight: bool,
    pub savefig_transparent: bool,
    pub font_size: f64,
    pub text_color: Color,
    pub titlesize: FontSize,
    pub titlepad: f64,
    pub titlecolor: Option<Color>,
    pub titleloc: f64,
    pub titleweight: Variant,
    pub labelweight: Variant,
    pub figure_titleweight: Variant,
    pub labelsize: FontSize,
    pub labelpad: f64,
    pub label_color: Color,
    pub axes_face: Color,
    pub axes_edge: Color,
    pub axes_width: f64,
    /// Left, right, bottom, top.
    pub spines: [bool; 4],
    pub margins: (f64, f64),
    pub cycle: Vec<Color>,
    pub grid: bool,
    /// The zorder of ticks and grid.
    pub below: f64,
    pub grid_color: Color,
    pub grid_style: LineStyle,
    pub grid_width: f64,
    pub grid_alpha: f64,
    pub x: TickRc,
    pub y: TickRc,
    pub linewidth: f64,
    pub linestyle: LineStyle,
    pub capstyle: Cap,
    pub marker: Option<Marker>,
    pub markersize: f64,
    pub markeredgewidth: f64,
    pub patch_width: f64,
    pub patch_edge: Color,
    pub patch_force_edge: bool,
    pub scatter_marker: Marker,
    pub capsize: f64,
    pub hist_bins: usize,
    pub cmap: Colormap,
    pub interpolation: String,
    pub aspect_equal: bool,
    pub origin_upper: bool,
    pub legend_loc: String,
    pub legend_size: FontSize,
    pub legend_frame: bool,
    pub legend_alpha: f64,
    pub legend_round: bool,
    pub legend_face: Option<Color>,
    pub legend_edge: Color,
}

impl Rc {
    /// matplotlib's own defaults.
    pub fn new() -> Rc {
        let tick = TickRc {
            labelsize: FontSize::Scale(1.0),
            color: Color::BLACK,
            label_color: None,
            inward: false,
            near: true,
            opposite: false,
            length: 3.5,
            width: 0.8,
            pad: 3.5,
            minor: false,
            minor_inward: false,
            minor_color: Color::BLACK,
            minor_length: 2.0,
            minor_width: 0.6,
        };
        Rc {
            figsize: (6.4, 4.8),
            dpi: 100.0,
            figure_face: Color::WHITE,
            figure_titlesize: FontSize::Scale(1.2),
            layout: Layout::None,
            subplot: [0.125, 0.9, 0.11, 0.88, 0.2, 0.2],
            savefig_dpi: None,
            savefig_tight: false,
            savefig_transparent: false,
            font_size: 10.0,
            text_color: Color::BLACK,
            titlesize: FontSize::Scale(1.2),
            titlepad: 6.0,
            titlecolor: None,
            titleloc: 0.5,
            titleweight: Variant::Regular,
            labelweight: Variant::Regular,
            figure_titleweight: Variant::Regular,
            labelsize: FontSize::Scale(1.0),
            labelpad: 4.0,
            label_color: Color::BLACK,
            axes_face: Color::WHITE,
            axes_edge: Color::BLACK,
            axes_width: 0.8,
            spines: [true; 4],
            margins: (0.05, 0.05),
            cycle: colors::TAB10.iter().map(|(_, color)| *color).collect(),
            grid: false,
            below: 1.5,
            grid_color: Color::from_bytes(0xb0, 0xb0, 0xb0),
            grid_style: LineStyle::Solid,
            grid_width: 0.8,
            grid_alpha: 1.0,
            x: tick.clone(),
            y: tick,
            linewidth: 1.5,
            linestyle: LineStyle::Solid,
            capstyle: Cap::Projecting,
            marker: None,
            markersize: 6.0,
            markeredgewidth: 1.0,
            patch_width: 1.0,
            patch_edge: Color::BLACK,
            patch_force_edge: false,
            scatter_marker: Marker('o'),
            capsize: 0.0,
            hist_bins: 10,
            cmap: Colormap::named("viridis").expect("the default map is embedded"),
            interpolation: "auto".into(),
            aspect_equal: true,
            origin_upper: true,
            legend_loc: "best".into(),
            legend_size: FontSize::Scale(1.0),
            legend_frame: true,
            legend_alpha: 0.8,
            legend_round: true,
            legend_face: None,
            legend_edge: Color { r: 0.8, g: 0.8, b: 0.8, a: 1.0 },
        }
    }

    /// A font size in points.
    pub fn points(&self, size: FontSize) -> f64 {
        match size {
            FontSize::Points(points) => points,
            FontSize::Scale(scale) => scale * self.font_size,
        }
    }

    /// Sets one key.
    ///
    /// # Errors
    /// matplotlib's text for an unknown key or a value that does not fit it.
    pub fn set(&mut self, key: &str, value: &RcValue) -> Result<(), String> {
        let read = Reader { key, value };
        match key {
            "figure.figsize" => self.figsize = read.pair()?,
            "figure.dpi" => self.dpi = read.positive()?,
            "figure.facecolor" => self.figure_face = read.color()?,
            "figure.titlesize" => self.figure_titlesize = read.font_size()?,
            "figure.autolayout" => self.layout = if read.bool()? { Layout::Tight } else { Layout::None },
            "figure.constrained_layout.use" => {
                self.layout = if read.bool()? { Layout::Constrained } else { Layout::None };
            }
            "figure.subplot.left" => self.subplot[0] = read.number()?,
            "figure.subplot.right" => self.subplot[1] = read.number()?,
            "figure.subplot.bottom" => self.subplot[2] = read.number()?,
            "figure.subplot.top" => self.subplot[3] = read.number()?,
            "figure.subplot.wspace" => self.subplot[4] = read.number()?,
            "figure.subplot.hspace" => self.subplot[5] = read.number()?,
            "savefig.dpi" => self.savefig_dpi = if read.is("figure") { None } else { Some(read.positive()?) },
            "savefig.bbox" => self.savefig_tight = read.is("tight"),
            "savefig.transparent" => self.savefig_transparent = read.bool()?,
            "font.size" => self.font_size = read.positive()?,
            // Two families are embedded and chosen glyph by glyph.
            "font.family"
            | "font.sans-serif"
            | "figure.edgecolor"
            | "savefig.facecolor"
            | "savefig.edgecolor"
            | "svg.fonttype"
            | "mathtext.fontset"
            | "axes.unicode_minus"
            | "legend.numpoints"
            | "legend.scatterpoints"
            | "patch.antialiased"
            | "lines.color"
            | "patch.facecolor"
            | "boxplot.boxprops.color"
            | "boxplot.capprops.color"
            | "boxplot.flierprops.color"
            | "boxplot.flierprops.markeredgecolor"
            | "boxplot.whiskerprops.color" => {}
            "text.color" => self.text_color = read.color()?,
            "axes.titlesize" => self.titlesize = read.font_size()?,
            "axes.titlepad" => self.titlepad = read.number()?,
            "axes.titlecolor" => self.titlecolor = if read.is("auto") { None } else { Some(read.color()?) },
            "axes.titleweight" => self.titleweight = read.weight()?,
            "axes.labelweight" => self.labelweight = read.weight()?,
            "figure.titleweight" => self.figure_titleweight = read.weight()?,
            "axes.titlelocation" => self.titleloc = read.one_of(&["left", "center", "right"])? as f64 / 2.0,
            "axes.labelsize" => self.labelsize = read.font_size()?,
            "axes.labelpad" => self.labelpad = read.number()?,
            "axes.labelcolor" => self.label_color = read.color()?,
            "axes.facecolor" => self.axes_face = read.color()?,
            "axes.edgecolor" => self.axes_edge = read.color()?,
            "axes.linewidth" => self.axes_width = read.number()?,
            "axes.spines.left" => self.spines[0] = read.bool()?,
            "axes.spines.right" => self.spines[1] = read.bool()?,
            "axes.spines.bottom" => self.spines[2] = read.bool()?,
            "axes.spines.top" => self.spines[3] = read.bool()?,
            "axes.xmargin" => self.margins.0 = read.number()?,
            "axes.ymargin" => self.margins.1 = read.number()?,
            "axes.prop_cycle" => self.cycle = read.colors()?,
            "axes.grid" => self.grid = read.bool()?,
            "axes.axisbelow" if read.is("line") => self.below = 1.5,
            "axes.axisbelow" => self.below = if read.bool()? { 0.5 } else { 2.5 },
            "grid.color" => self.grid_color = read.color()?,
            "grid.linestyle" => self.grid_style = read.linestyle()?,
            "grid.linewidth" => self.grid_width = read.number()?,
            "grid.alpha" => self.grid_alpha = read.number()?,
            "lines.linewidth" => self.linewidth = read.number()?,
            "lines.linestyle" => self.linestyle = read.linestyle()?,
            "lines.solid_capstyle" => self.capstyle = read.cap()?,
            "lines.marker" => self.marker = Marker::parse(&read.text())?,
            "lines.markersize" => self.markersize = read.number()?,
            "lines.markeredgewidth" => self.markeredgewidth = read.number()?,
            "patch.linewidth" => self.patch_width = read.number()?,
            "patch.edgecolor" => self.patch_edge = read.color()?,
            "patch.force_edgecolor" => self.patch_force_edge = read.bool()?,
            "scatter.marker" => self.scatter_marker = Marker::parse(&read.text())?.unwrap_or(Marker('o')),
            "errorbar.capsize" => self.capsize = read.number()?,
            "hist.bins" => self.hist_bins = read.positive()? as usize,
            "image.cmap" => self.cmap = Colormap::named(&read.text())?,
            "image.interpolation" => self.interpolation = crate::resample::check_method(&read.text())?,
            "image.aspect" => self.aspect_equal = read.is("equal"),
            "image.origin" => self.origin_upper = read.one_of(&["upper", "lower"])? == 0,
            "legend.loc" => {
                crate::legend::LegendData::check_loc(&read.text())?;
                self.legend_loc = read.text();
            }
            "legend.fontsize" => self.legend_size = read.font_size()?,
            "legend.frameon" => self.legend_frame = read.bool()?,
            "legend.framealpha" => self.legend_alpha = read.number()?,
            "legend.fancybox" => self.legend_round = read.bool()?,
            "legend.facecolor" => self.legend_face = if read.is("inherit") { None } else { Some(read.color()?) },
            "legend.edgecolor" => self.legend_edge = read.color()?,
            _ => {
                if let Some(key) = key.strip_prefix("xtick.") {
                    return self.x.set(key, &read);
                }
                if let Some(key) = key.strip_prefix("ytick.") {
                    return self.y.set(key, &read);
                }
                return Err(unknown(key));
            }
        }
        Ok(())
    }
}

fn unknown(key: &str) -> String {
    format!("KeyError: '{key}' is not a valid value for rcParam")
}

impl TickRc {
    fn set(&mut self, key: &str, read: &Reader) -> Result<(), String> {
        match key {
            "labelsize" => self.labelsize = read.font_size()?,
            "color" => (self.color, self.minor_color) = (read.color()?, read.color()?),
            "labelcolor" => self.label_color = if read.is("inherit") { None } else { Some(read.color()?) },
            "direction" => {
                self.inward = read.one_of(&["in", "out"])? == 0;
                self.minor_inward = self.inward;
            }
            "top" | "right" => self.opposite = read.bool()?,
            "bottom" | "left" => self.near = read.bool()?,
            "major.size" => self.length = read.number()?,
            "major.width" => self.width = read.number()?,
            "major.pad" => self.pad = read.number()?,
            "minor.visible" => self.minor = read.bool()?,
            "minor.size" => self.minor_length = read.number()?,
            "minor.width" => self.minor_width = read.number()?,
            _ => {
                return Err(unknown(read.key));
            }
        }
        Ok(())
    }
}

static CURRENT: Mutex<Option<Arc<Rc>>> = Mutex::new(None);

fn lock() -> MutexGuard<'static, Option<Arc<Rc>>> {
    CURRENT.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The settings for what is made from now on.
pub(crate) fn current() -> Arc<Rc> {
    lock().get_or_insert_with(|| Arc::new(Rc::new())).clone()
}

/// Replaces the settings; `None` for the defaults.
pub(crate) fn replace(rc: Option<Arc<Rc>>) {
    *lock() = rc;
}

/// Changes the settings for what is made from now on.
pub(crate) fn change<E>(f: impl FnOnce(&mut Rc) -> Result<(), E>) -> Result<(), E> {
    let mut rc = (*current()).clone();
    f(&mut rc)?;
    replace(Some(Arc::new(rc)));
    Ok(())
}

/// Sets one key: `plt.rcParams[key] = value`.
///
/// ```
/// use flowbook_plot as plt;
/// plt::rc("figure.figsize", (8, 5));
/// plt::rc("lines.linewidth", 2);
/// plt::rc("axes.prop_cycle", ["r", "g", "b"]);
/// plt::rcdefaults();
/// ```
///
/// # Panics
/// `KeyError` for an unknown key, `ValueError` for a value that does not fit it.
#[track_caller]
pub fn rc(key: &str, value: impl Into<RcValue>) {
    let value = value.into();
    crate::handles::valid(change(|rc| rc.set(key, &value)));
}

/// Goes back to matplotlib's own settings.
pub fn rcdefaults() {
    replace(None);
}

/// Runs `f` and then restores the settings it changed: `with plt.rc_context(): ...`.
pub fn rc_context<R>(f: impl FnOnce() -> R) -> R {
    struct Restore(Option<Arc<Rc>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            replace(self.0.take());
        }
    }
    let _restore = Restore(Some(current()));
    f()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts and values are matplotlib's.
    #[test]
    fn keys_and_values() {
        let mut rc = Rc::new();
        rc.set("axes.titlesize", &"x-large".into()).unwrap();
        rc.set("font.size", &20.into()).unwrap();
        assert!((rc.points(rc.titlesize) - 28.8).abs() < 1e-9);
        rc.set("figure.figsize", &RcValue::Text("8.0, 5.5".into())).unwrap();
        assert_eq!(rc.figsize, (8.0, 5.5));
        assert!(rc.set("lines.width", &2.into()).unwrap_err().starts_with("KeyError: 'lines.width' is not a valid"));
        assert_eq!(
            rc.set("lines.linewidth", &"thick".into()).unwrap_err(),
            "ValueError: Key lines.linewidth: Could not convert 'thick' to float"
        );
        let red = crate::colors::expect("red");
        rc.set("axes.prop_cycle", &["red", "C1"].into()).unwrap();
        assert_eq!(rc.cycle[0], red);
    }

    #[test]
    fn every_sheet_applies() {
        rc_context(|| crate::style::available().into_iter().for_each(crate::style::use_));
    }
}
