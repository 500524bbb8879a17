//! Text as matplotlib lays it out: shaping into glyphs, several lines, alignment, rotation, bounding boxes.
//! Coordinates are display coordinates: pixels, y upwards. Drawing the glyphs is the backend's.

use std::sync::Arc;

use crate::font::{self, FaceIndex, Glyph};
use crate::geometry::Bbox;
use crate::hangul;
use crate::mathtext;

/// Where the anchor lies horizontally in the text's box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum HAlign {
    Left,
    Center,
    Right,
}

impl HAlign {
    /// Reads `"left"`, `"center"`, `"right"`.
    pub fn parse(text: &str) -> Result<HAlign, String> {
        match text {
            "left" => Ok(HAlign::Left),
            "center" => Ok(HAlign::Center),
            "right" => Ok(HAlign::Right),
            _ => Err(format!(
                "ValueError: '{text}' is not a valid value for align. Supported values are 'center', 'right', 'left'"
            )),
        }
    }
}

/// Where the anchor lies vertically in the text's box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum VAlign {
    Top,
    Center,
    Bottom,
    Baseline,
    CenterBaseline,
}

impl VAlign {
    /// Reads `"top"`, `"center"`, `"bottom"`, `"baseline"`, `"center_baseline"`.
    pub fn parse(text: &str) -> Result<VAlign, String> {
        match text {
            "top" => Ok(VAlign::Top),
            "center" => Ok(VAlign::Center),
            "bottom" => Ok(VAlign::Bottom),
            "baseline" => Ok(VAlign::Baseline),
            "center_baseline" => Ok(VAlign::CenterBaseline),
            _ => Err(format!(
                "ValueError: '{text}' is not a valid value for align. Supported values are \
                 'bottom', 'baseline', 'center', 'center_baseline', 'top'"
            )),
        }
    }
}

/// Which of the family's fonts a text is set in.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Variant {
    #[default]
    Regular,
    Bold,
    Italic,
}

impl Variant {
    /// Reads a weight: `"normal"`, `"bold"`, their relatives, or a number as a text; 600 and more is bold.
    pub fn weight(weight: &str) -> Result<Variant, String> {
        match weight {
            "ultralight" | "light" | "normal" | "regular" | "book" | "medium" | "roman" => Ok(Variant::Regular),
            "semibold" | "demibold" | "demi" | "bold" | "heavy" | "extra bold" | "black" => Ok(Variant::Bold),
            number => match number.parse::<f64>() {
                Ok(v) if v >= 600.0 => Ok(Variant::Bold),
                Ok(_) => Ok(Variant::Regular),
                Err(_) => {
                    Err(format!("ValueError: '{weight}' is not a valid weight: write 'normal', 'bold' or 0-1000"))
                }
            },
        }
    }

    /// Reads a style: `"normal"`, `"italic"`, `"oblique"`.
    pub fn style(style: &str) -> Result<Variant, String> {
        crate::furniture::one_of("style", style, &["normal", "italic", "oblique"])?;
        Ok(if style == "normal" { Variant::Regular } else { Variant::Italic })
    }

    fn lookup(self, ch: char) -> (FaceIndex, u16) {
        match self {
            Variant::Regular => font::lookup(ch),
            Variant::Bold => font::lookup_bold(ch),
            Variant::Italic => font::lookup_slanted(ch),
        }
    }
}

/// How a text is set: size in points, angle in degrees counter-clockwise, alignment of its box to the anchor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub points: f64,
    pub angle: f64,
    pub ha: HAlign,
    pub va: VAlign,
    /// Align before rotating, as `rotation_mode="anchor"`.
    pub anchor_mode: bool,
    pub variant: Variant,
}

impl Setting {
    /// An upright text of `points` points.
    pub fn new(points: f64, ha: HAlign, va: VAlign) -> Setting {
        Setting { points, angle: 0.0, ha, va, anchor_mode: false, variant: Variant::Regular }
    }
}

/// A glyph and where its origin lies, in pixels from the start of the line's baseline.
#[derive(Clone)]
pub(crate) struct PlacedGlyph {
    pub glyph: Arc<Glyph>,
    pub x: f64,
    pub y: f64,
    pub face: FaceIndex,
    pub id: u16,
    /// Pixels per em.
    pub size: f64,
}

/// One line, shaped.
#[derive(Clone)]
pub(crate) struct Line {
    pub glyphs: Vec<PlacedGlyph>,
    /// Bars of fractions and roots, relative to the start of the baseline.
    pub rules: Vec<Bbox>,
    pub width: f64,
    pub ascent: f64,
    pub descent: f64,
    /// The start of the baseline, relative to the anchor.
    pub origin: [f64; 2],
}

/// A text ready to be drawn at an anchor: its lines and its box, both relative to the anchor.
#[derive(Clone)]
pub(crate) struct Layout {
    pub lines: Vec<Line>,
    pub bbox: Bbox,
    pub angle: f64,
}

/// DejaVu Sans' typographic ascender and descender, parts of an em.
const ASCENT: f64 = 1556.0 / 2048.0;
const DESCENT: f64 = 492.0 / 2048.0;
const LINE_GAP: f64 = 410.0 / 2048.0;

const LIGATURES: [(&str, char); 5] =
    [("ffi", '\u{fb03}'), ("ffl", '\u{fb04}'), ("ff", '\u{fb00}'), ("fi", '\u{fb01}'), ("fl", '\u{fb02}')];

/// Lays out `text` for a figure of `dpi` dots per inch.
pub(crate) fn layout(text: &str, setting: Setting, dpi: f64) -> Layout {
    let size = setting.points * dpi / 72.0;
    let text = hangul::composed(text);
    let parts: Vec<&str> = text.split('\n').collect();
    let gap = if parts.len() == 1 { 0.0 } else { LINE_GAP * size };
    let mut lines: Vec<Line> = parts.iter().map(|part| shape(part, size, setting.variant)).collect();

    let mut y = 0.0;
    let mut first_ascent = 0.0;
    let mut last_descent = 0.0;
    for (i, line) in lines.iter_mut().enumerate() {
        let ascent = line.ascent.max(ASCENT * size) + gap / 2.0;
        let descent = line.descent.max(DESCENT * size) + gap / 2.0;
        y -= ascent;
        line.origin = [0.0, y];
        y -= descent;
        if i == 0 {
            first_ascent = ascent;
        }
        last_descent = descent;
    }
    let width = lines.iter().map(|line| line.width).fold(0.0, f64::max);
    for line in &mut lines {
        line.origin[0] = match setting.ha {
            HAlign::Left => 0.0,
            HAlign::Center => (width - line.width) / 2.0,
            HAlign::Right => width - line.width,
        };
    }
    let (bottom, top) = (y, 0.0);
    // matplotlib's `baseline` is that of the last line, measured from the top.
    let baseline = if lines.len() == 1 { first_ascent } else { -y - last_descent };

    let rotate = |p: [f64; 2]| {
        let (sin, cos) = setting.angle.to_radians().sin_cos();
        [p[0] * cos - p[1] * sin, p[0] * sin + p[1] * cos]
    };
    let rotated = Bbox::around([[0.0, bottom], [0.0, top], [width, top], [width, bottom]].map(rotate));
    let offset = if setting.anchor_mode {
        let x = match setting.ha {
            HAlign::Left => 0.0,
            HAlign::Center => width / 2.0,
            HAlign::Right => width,
        };
        let y = match setting.va {
            VAlign::Bottom => bottom,
            VAlign::Top => top,
            VAlign::Center => (bottom + top) / 2.0,
            VAlign::Baseline => top - baseline,
            VAlign::CenterBaseline => top - baseline / 2.0,
        };
        rotate([x, y])
    } else {
        let x = match setting.ha {
            HAlign::Left => rotated.x0,
            HAlign::Center => (rotated.x0 + rotated.x1) / 2.0,
            HAlign::Right => rotated.x1,
        };
        let y = match setting.va {
            VAlign::Bottom => rotated.y0,
            VAlign::Top => rotated.y1,
            VAlign::Center => (rotated.y0 + rotated.y1) / 2.0,
            VAlign::Baseline => rotated.y0 + last_descent,
            VAlign::CenterBaseline => rotated.y1 - baseline / 2.0,
        };
        [x, y]
    };
    for line in &mut lines {
        let p = rotate(line.origin);
        line.origin = [p[0] - offset[0], p[1] - offset[1]];
    }
    Layout { lines, bbox: rotated.shifted(-offset[0], -offset[1]), angle: setting.angle }
}

/// Turns one line into glyphs: ligatures, the font for each character, kerning.
fn shape(text: &str, size: f64, variant: Variant) -> Line {
    if let Some(line) = mathtext::line(text, size) {
        return line;
    }
    let mut glyphs = Vec::new();
    let mut pen = 0.0;
    let mut previous: Option<(FaceIndex, u16)> = None;
    let (mut low, mut high): (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (ch, len) = LIGATURES
            .iter()
            .find(|(letters, _)| rest.starts_with(letters))
            .map_or((first, first.len_utf8()), |(letters, ligature)| (*ligature, letters.len()));
        rest = &rest[len..];
        let (face, id) = variant.lookup(ch);
        if let Some((before, left)) = previous
            && before == face
        {
            pen += font::kerning(face, left, id, size);
        }
        let glyph = font::glyph(face, id, size);
        if let Some((a, b)) = glyph.y_range {
            low = low.min(a);
            high = high.max(b);
        }
        let advance = glyph.advance;
        glyphs.push(PlacedGlyph { glyph, x: pen, y: 0.0, face, id, size });
        pen += advance;
        previous = Some((face, id));
    }
    if low > high {
        (low, high) = (0.0, 0.0);
    }
    Line { glyphs, rules: Vec::new(), width: pen, ascent: high, descent: -low, origin: [0.0, 0.0] }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Widths and heights are those of matplotlib's `FT2Font` for the same texts at 100 dots per inch.
    #[test]
    fn sizes_are_freetypes() {
        let size = |text: &str, points: f64| {
            let line = shape(text, points * 100.0 / 72.0, Variant::Regular);
            (line.width, line.ascent + line.descent, line.descent)
        };
        assert_eq!(size("Title", 10.0), (30.578125, 11.0, 0.0));
        assert_eq!(size("Sigmoid Function", 10.0), (122.234375, 14.0, 3.0));
        assert_eq!(size("Sigmoid Function", 12.0), (148.09375, 17.0, 4.0));
        assert_eq!(size("\u{2212}4", 12.0), (25.0, 12.0, 0.0));
        assert_eq!(size("Tijo AV To", 10.0), (68.328125, 14.0, 3.0));
        assert_eq!(size("fi ffi", 12.0), (32.0, 13.0, 0.0));
    }

    /// Hangul comes from the Korean font, the minus sign beside it from DejaVu; only what neither has is a box.
    #[test]
    fn hangul_is_drawn() {
        let fonts: Vec<(FaceIndex, bool)> =
            "한\u{2212}글A\u{10ffff}".chars().map(font::lookup).map(|(f, id)| (f, id == 0)).collect();
        assert_eq!(fonts, [(1, false), (0, false), (1, false), (0, false), (0, true)]);
    }
}
