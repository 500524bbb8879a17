//! Figures as files and as outputs of a notebook: which format, how fine, how much of the figure.

use std::io;
use std::path::{Path, PathBuf};

use flowbook_runtime::frame::MimeBundle;

use crate::colors::{self, Color, IntoColor};
use crate::figure::{FigureData, PAD};
use crate::furniture::one_of;
use crate::handles::{edit_figure, valid};
use crate::png;
use crate::pyplot::Figure;
use crate::series::Element;
use crate::state::{self, Format};
use crate::svg;

/// How a figure is saved; [`run`](Self::run) writes the file.
#[derive(Clone, Debug)]
#[must_use = "the file is written by `.run()?`"]
pub struct Savefig {
    figure: Figure,
    path: PathBuf,
    format: Option<String>,
    dpi: Option<f64>,
    tight: Option<bool>,
    pad: f64,
    transparent: Option<bool>,
    face: Option<Color>,
}

impl Savefig {
    pub(crate) fn new(figure: Figure, path: &Path) -> Savefig {
        let (format, dpi, tight, transparent, face) = (None, None, None, None, None);
        Savefig { figure, path: path.to_owned(), format, dpi, tight, pad: PAD, transparent, face }
    }

    /// Dots per inch; the figure's own when not set.
    pub fn dpi(self, dpi: impl Element) -> Savefig {
        Savefig { dpi: Some(dpi.number()), ..self }
    }

    /// `"tight"` for only what is drawn, with a small margin; `"standard"` for the whole figure.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn bbox_inches(self, bbox: &str) -> Savefig {
        valid(one_of("bbox_inches", bbox, &["tight", "standard"]));
        Savefig { tight: Some(bbox == "tight"), ..self }
    }

    /// Inches around a tight picture (0.1 when not set).
    pub fn pad_inches(self, inches: impl Element) -> Savefig {
        Savefig { pad: inches.number(), ..self }
    }

    /// Leaves out the backgrounds of figure and axes.
    pub fn transparent(self, on: bool) -> Savefig {
        Savefig { transparent: Some(on), ..self }
    }

    /// What the figure is filled with.
    #[track_caller]
    pub fn facecolor(self, color: impl IntoColor) -> Savefig {
        Savefig { face: Some(colors::expect(color)), ..self }
    }

    /// `"png"` or `"svg"`, whatever the file's name says.
    pub fn format(self, format: &str) -> Savefig {
        Savefig { format: Some(format.to_ascii_lowercase()), ..self }
    }

    /// Writes the file.
    ///
    /// # Errors
    /// When the file cannot be written, the format is unknown, or the picture would be too large.
    pub fn run(self) -> io::Result<()> {
        let invalid = |text: String| io::Error::new(io::ErrorKind::InvalidInput, text);
        let extension = self.path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        let format = self.format.clone().or(extension.clone()).unwrap_or_else(|| "png".into());
        if format != "png" && format != "svg" {
            return Err(invalid(format!(
                "ValueError: Format '{format}' is not supported (supported formats: png, svg)"
            )));
        }
        let path = if extension.is_none() { self.path.with_extension(&format) } else { self.path.clone() };
        let Some(mut figure) = edit_figure(self.figure.id, |figure| figure.clone()) else { return Ok(()) };
        let rc = figure.rc.clone();
        figure.dpi = self.dpi.or(rc.savefig_dpi).unwrap_or(figure.dpi);
        FigureData::check_size(figure.size, figure.dpi).map_err(invalid)?;
        figure.face = self.face.unwrap_or(figure.face);
        let tight = self.tight.unwrap_or(rc.savefig_tight).then_some(self.pad);
        let transparent = self.transparent.unwrap_or(rc.savefig_transparent);
        let bytes = match format.as_str() {
            "svg" => document(&figure, tight, transparent).into_bytes(),
            _ => picture(&figure, tight, transparent),
        };
        std::fs::write(&path, bytes).map_err(|error| in_file(&path, &error))
    }
}

/// A failure as Python reports it, with the file's name.
fn in_file(path: &Path, error: &io::Error) -> io::Error {
    let class = match error.kind() {
        io::ErrorKind::NotFound => "FileNotFoundError",
        io::ErrorKind::PermissionDenied => "PermissionError",
        io::ErrorKind::IsADirectory => "IsADirectoryError",
        _ => "OSError",
    };
    let number = error.raw_os_error().map_or(String::new(), |n| format!("[Errno {n}] "));
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    io::Error::new(error.kind(), format!("{class}: {number}{text}: '{}'", path.display()))
}

/// A figure as a PNG; `tight` are the inches around it.
fn picture(figure: &FigureData, tight: Option<f64>, transparent: bool) -> Vec<u8> {
    let (mut scene, window) = figure.framed(tight);
    let face = if transparent {
        scene.drop_backgrounds();
        figure.face.with_alpha(0.0)
    } else {
        figure.face
    };
    png::encode(&scene.paint(window, face).pixmap, figure.dpi)
}

/// A figure as an SVG document; `tight` are the inches around it.
fn document(figure: &FigureData, tight: Option<f64>, transparent: bool) -> String {
    let (mut scene, window) = figure.framed(tight);
    if transparent {
        scene.drop_backgrounds();
    }
    svg::write(scene, window, if transparent { figure.face.with_alpha(0.0) } else { figure.face }, figure.dpi)
}

/// A figure as an SVG document, tight or whole.
pub(crate) fn svg(figure: &FigureData, tight: bool, transparent: bool) -> String {
    document(figure, tight.then_some(PAD), transparent)
}

/// The PNG a notebook shows of a figure.
pub(crate) fn tight_png(figure: &FigureData) -> Vec<u8> {
    png::encode(&figure.draw_tight().pixmap, figure.dpi)
}

/// A figure's forms in a notebook.
pub(crate) fn bundle(figure: &FigureData) -> MimeBundle {
    let plain = ("text/plain".to_owned(), figure.plain().into_bytes());
    let format = state::lock().format;
    match format {
        Format::Png => vec![("image/png".into(), tight_png(figure)), plain],
        Format::Svg => vec![("image/svg+xml".into(), svg(figure, true, false).into_bytes()), plain],
        Format::Retina => {
            let canvas = figure.finer(2.0).draw_tight();
            let (width, height) = (canvas.pixmap.width() / 2, canvas.pixmap.height() / 2);
            let size = format!(r#"{{"image/png": {{"width": {width}, "height": {height}}}}}"#);
            let picture = png::encode(&canvas.pixmap, figure.dpi * 2.0);
            vec![("image/png".into(), picture), plain, (flowbook_runtime::frame::METADATA.into(), size.into_bytes())]
        }
    }
}
