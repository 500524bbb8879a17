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

mod artist;
mod axes;
mod axes_api;
mod axis;
mod backend;
mod bars;
mod colormaps;
mod colors;
mod draw;
mod figure;
mod font;
mod format;
mod furniture;
mod geometry;
mod handles;
mod image;
mod legend;
mod marker;
mod mathtext;
mod pie;
mod png;
pub mod pyplot;
mod scene;
mod series;
mod stamp;
mod state;
mod text;
pub mod ticks;

pub use axes_api::{Axes, Limits};
pub use bars::{BarContainer, Rectangle};
pub use colormaps::{Colormap, cm};
pub use colors::{Color, ColorError, IntoColor};
pub use furniture::{Colorbar, Grid, Label, Legend, Ticks};
pub use handles::{AxesImage, Line2D, PathCollection, PolyCollection, Sizes, Text};
pub use pie::Pie;
pub use pyplot::*;
pub use series::{Element, Image, Pixels, Series};
