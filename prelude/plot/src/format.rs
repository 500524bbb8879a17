//! Format strings of `plot`: colour, marker and line in a few letters, such as `"r--"`, `"go"`, `"k:"`.

use crate::artist::LineStyle;
use crate::colors::{self, Color, IntoColor};
use crate::marker::Marker;

/// What a format string says; nothing where it is silent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Format {
    pub color: Option<Color>,
    pub marker: Option<Marker>,
    pub style: Option<LineStyle>,
}

impl Format {
    /// Reads a format string.
    ///
    /// # Errors
    /// matplotlib's text, naming the letter that is not understood.
    pub fn parse(text: &str) -> Result<Format, String> {
        // A text that is a colour as a whole is one, but a digit is a marker.
        if text.parse::<u32>().is_err()
            && text.chars().count() > 1
            && let Ok(color) = text.into_color()
        {
            return Ok(Format { color: Some(color), ..Format::default() });
        }
        let wrong = |why: &str| Err(format!("ValueError: '{text}' is not a valid format string ({why})"));
        let mut format = Format::default();
        let mut rest = text;
        while let Some(ch) = rest.chars().next() {
            let two = rest.get(..2).filter(|t| matches!(*t, "--" | "-."));
            if let Some(style) = two.or(rest.get(..1).filter(|t| matches!(*t, "-" | ":"))) {
                if format.style.is_some() {
                    return wrong("two linestyle symbols");
                }
                format.style = LineStyle::parse(style).ok();
                rest = &rest[style.len()..];
                continue;
            }
            if let Some(marker) = Marker::of(ch) {
                if format.marker.is_some() {
                    return wrong("two marker symbols");
                }
                format.marker = Some(marker);
            } else if let Some(color) = colors::letter(ch) {
                if format.color.is_some() {
                    return wrong("two color symbols");
                }
                format.color = Some(color);
            } else if ch == 'C' && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
                let digits = rest[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - 1);
                format.color = rest[..=digits].into_color().ok();
                rest = &rest[digits + 1..];
                continue;
            } else {
                return wrong(&format!("unrecognized character '{ch}'"));
            }
            rest = &rest[ch.len_utf8()..];
        }
        if format.marker.is_some() && format.style.is_none() {
            format.style = Some(LineStyle::None);
        }
        Ok(format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_any_order() {
        let f = Format::parse("r--").unwrap();
        assert_eq!((f.color, f.marker, f.style), (colors::letter('r'), None, Some(LineStyle::Dashed)));
        let f = Format::parse("o-.g").unwrap();
        assert_eq!((f.color, f.marker, f.style), (colors::letter('g'), Marker::of('o'), Some(LineStyle::DashDot)));
        assert_eq!(Format::parse("x").unwrap().style, Some(LineStyle::None));
        assert_eq!(Format::parse("C1:").unwrap().color, Some(colors::cycle(1)));
        assert_eq!(Format::parse("green").unwrap().color.map(Color::to_bytes), Some([0, 128, 0, 255]));
        assert_eq!(Format::parse("").unwrap(), Format::default());
    }

    /// The texts are matplotlib's own.
    #[test]
    fn wrong_letters() {
        assert_eq!(
            Format::parse("rz").unwrap_err(),
            "ValueError: 'rz' is not a valid format string (unrecognized character 'z')"
        );
        assert_eq!(
            Format::parse("rg").unwrap_err(),
            "ValueError: 'rg' is not a valid format string (two color symbols)"
        );
    }
}
