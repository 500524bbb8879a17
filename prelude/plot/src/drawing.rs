//! A canvas for charts of the `plotters` crate: its `DrawingBackend` in plain pixels, with this library's lines and
//! fonts, shown under the cell.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};

use flowbook_runtime::display;
use flowbook_runtime::show::Rich;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontTransform,
};

use crate::backend::{Canvas, Pen, SUBPIXEL};
use crate::colors::Color;
use crate::png;
use crate::text::{self, HAlign, Layout, Setting, VAlign};

/// A picture charts of the `plotters` crate are drawn on: `drawing.clone().into_drawing_area()`. Clones are the same
/// picture; [`show`](Self::show) puts it under the cell, and so does having it as the cell's value.
#[derive(Clone)]
pub struct Drawing {
    canvas: Arc<Mutex<Canvas>>,
}

impl std::fmt::Debug for Drawing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (width, height) = self.get_size();
        write!(f, "<Drawing {width}x{height}>")
    }
}

impl Drawing {
    /// A white picture of `width` by `height` pixels.
    pub fn new(width: u32, height: u32) -> Drawing {
        Drawing { canvas: Arc::new(Mutex::new(Canvas::new(width, height, Color::WHITE))) }
    }

    fn lock(&self) -> MutexGuard<'_, Canvas> {
        self.canvas.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The picture as a PNG file's bytes.
    pub fn to_png(&self) -> Vec<u8> {
        png::encode(&self.lock().pixmap, 100.0)
    }

    /// Shows the picture under the cell.
    pub fn show(&self) {
        display::mime(self.mime_bundle());
    }
}

impl Rich for Drawing {
    fn mime_bundle(&self) -> flowbook_runtime::frame::MimeBundle {
        vec![("image/png".into(), self.to_png()), ("text/plain".into(), format!("{self:?}").into_bytes())]
    }
}

/// A style whose widths are counted in the canvas' units.
struct Fine(BackendColor, u32);

impl BackendStyle for Fine {
    fn color(&self) -> BackendColor {
        self.0
    }

    fn stroke_width(&self) -> u32 {
        self.1
    }
}

fn fine(style: &impl BackendStyle) -> Fine {
    Fine(style.color(), style.stroke_width() * SUBPIXEL as u32)
}

/// The middle of a pixel, or its corner, in the canvas' units.
fn unit((x, y): BackendCoord, within: i32) -> BackendCoord {
    let limit = |v: i32| v.clamp(-1_000_000, 1_000_000) * SUBPIXEL as i32 + within;
    (limit(x), limit(y))
}

fn middle(p: BackendCoord) -> BackendCoord {
    unit(p, SUBPIXEL as i32 / 2)
}

fn laid_out(text: &str, style: &impl BackendTextStyle) -> Layout {
    let ha = match style.anchor().h_pos {
        HPos::Left => HAlign::Left,
        HPos::Center => HAlign::Center,
        HPos::Right => HAlign::Right,
    };
    let va = match style.anchor().v_pos {
        VPos::Top => VAlign::Top,
        VPos::Center => VAlign::Center,
        VPos::Bottom => VAlign::Bottom,
    };
    let angle = match style.transform() {
        FontTransform::None => 0.0,
        FontTransform::Rotate90 => 270.0,
        FontTransform::Rotate180 => 180.0,
        FontTransform::Rotate270 => 90.0,
    };
    // plotters' sizes are the heights of lines; letters are about four fifths of that.
    let setting = Setting { angle, anchor_mode: true, ..Setting::new(style.size() * 0.8, ha, va) };
    text::layout(text, setting, 72.0)
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Drawing {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        let canvas = self.lock();
        (canvas.pixmap.width(), canvas.pixmap.height())
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        let (r, g, b) = color.rgb;
        self.lock().blend(point.0, point.1, Color::from_bytes(r, g, b), color.alpha as f32);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, a: BackendCoord, b: BackendCoord, style: &S, fill: bool) -> Drawn {
        if !fill {
            return self.draw_path([a, (b.0, a.1), b, (a.0, b.1), a], style);
        }
        // Both corners' pixels are filled.
        let (low, high) = ((a.0.min(b.0), a.1.min(b.1)), (a.0.max(b.0) + 1, a.1.max(b.1) + 1));
        let corners = [low, (high.0, low.1), high, (low.0, high.1)].map(|p| unit(p, 0));
        self.lock().fill_polygon(corners, &fine(style))
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let mut canvas = self.lock();
        canvas.pen = Pen::default();
        canvas.draw_path(path.into_iter().map(middle), &fine(style))
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let (x, y) = middle(center);
        let radius = f64::from(radius) * SUBPIXEL;
        let point = |k: i32| {
            let (sin, cos) = (f64::from(k) * std::f64::consts::TAU / 60.0).sin_cos();
            (x + (radius * cos).round() as i32, y + (radius * sin).round() as i32)
        };
        let outline = (0..=60).map(point);
        let mut canvas = self.lock();
        canvas.pen = Pen::default();
        if fill { canvas.fill_polygon(outline, &fine(style)) } else { canvas.draw_path(outline, &fine(style)) }
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, vert: I, style: &S) -> Drawn {
        self.lock().fill_polygon(vert.into_iter().map(middle), &fine(style))
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let layout = laid_out(text, style);
        let color = style.color();
        let (r, g, b) = color.rgb;
        let color = Color::from_bytes(r, g, b).with_alpha(color.alpha as f32);
        let mut canvas = self.lock();
        for line in &layout.lines {
            let origin = [f64::from(at.0) + line.origin[0], f64::from(at.1) - line.origin[1]];
            canvas.draw_line_of_text(line, origin, layout.angle, color);
        }
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let layout = laid_out(text, style);
        Ok((layout.bbox.width().ceil() as u32, layout.bbox.height().ceil() as u32))
    }
}
