//! A pyplot for notebooks: matplotlib's functions and look, pictures in milliseconds.
//!
//! ```
//! use flowbook_plot as plt;
//! let x: Vec<f64> = (-50..50).map(|k| f64::from(k) / 10.0).collect();
//! let y: Vec<f64> = x.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect();
//! plt::plot(&x, &y, "g");
//! plt::title("Sigmoid Function");
//! plt::show();
//! ```
//!
//! Python's optional arguments are setters on what a function returns: `plt::plot(&x, &y, "").linestyle("--")`.
//! This file only names the modules; each of them opens by saying what lives in it.

mod arrow;
mod artist;
mod axes;
mod axes_api;
mod axis;
mod backend;
mod bars;
mod boxplot;
mod colorbar;
mod colormaps;
mod colors;
mod contour;
pub mod current;
mod draw;
mod drawing;
mod errorbar;
mod fields;
mod figure;
mod font;
mod format;
mod furniture;
mod geometry;
mod handles;
mod hangul;
mod histogram;
mod layout;
mod legend;
mod limits;
mod live;
mod log_ticks;
mod look;
mod marker;
mod math_boxes;
mod math_symbols;
mod mathtext;
mod pictures;
mod pie;
mod png;
pub mod pyplot;
mod quiver;
mod raster;
mod rc;
mod rc_value;
mod resample;
mod save;
mod scene;
mod series;
mod setters;
mod stamp;
mod state;
mod statistics;
mod svg;
mod system_fonts;
mod text;
pub mod ticks;

pub use arrow::{ArrowProps, arrowprops};
pub use axes_api::Axes;
pub use bars::{BarContainer, Rectangle};
pub use colormaps::{Colormap, cm};
pub use colors::{Color, ColorError, IntoColor, IntoColors, PointColors, Points};
pub use current::*;
pub use drawing::Drawing;
pub use fields::Levels;
pub use furniture::{Colorbar, FontPoints, Grid, Label, Legend, SpineNames, Spines, Ticks};
pub use handles::{AxesImage, Boxplot, ContourSet, ErrorbarContainer, Line2D, LineCollection};
pub use handles::{PathCollection, PolyCollection, Quiver, Sizes, Text};
pub use histogram::{Bins, Hist};
pub use image;
pub use live::{FigureDisplay, draw, figure_format, ioff, ion, isinteractive, pause};
pub use look::{AxisOption, Limits, TickParams};
pub use pictures::{Images, imread, imshow_grid, stack};
pub use pie::{Autopct, Percent, Pie};
pub use pyplot::*;
pub use rc::{rc, rc_context, rcdefaults, style};
pub use rc_value::RcValue;
pub use save::Savefig;
pub use series::{Element, Image, Pixels, Series};
pub use setters::AspectRatio;
pub use statistics::{Errors, Groups};
pub use svg::base64;
