//! Terminal text as HTML: colours of ANSI escape sequences become classes, overwritten text disappears.

use super::push_escaped;
use crate::notebook::visible;

const COLOURS: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

#[derive(Clone, Copy, Default, PartialEq)]
struct Style {
    bold: bool,
    dim: bool,
    colour: Option<usize>,
}

impl Style {
    /// Follows one sequence `ESC [ numbers m`.
    fn apply(&mut self, numbers: &str) {
        for number in numbers.split(';') {
            match number.parse().unwrap_or(0) {
                0 => *self = Style::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                22 => (self.bold, self.dim) = (false, false),
                n @ 30..=37 => self.colour = Some(n - 30),
                39 => self.colour = None,
                n @ 90..=97 => self.colour = Some(n - 90),
                // A colour of 256 or of millions: its parameters follow and mean nothing here.
                38 | 48 => return,
                _ => {}
            }
        }
    }

    fn classes(self) -> String {
        let bold = self.bold.then_some("bold");
        let dim = self.dim.then_some("dim");
        let colour = self.colour.map(|n| COLOURS[n]);
        [bold, dim, colour].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// The text as HTML.
pub(super) fn html(text: &str) -> String {
    let text = visible(text);
    let mut html = String::with_capacity(text.len());
    let mut style = Style::default();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('\x1b') {
        push(&mut html, &rest[..at], style);
        rest = &rest[at + 1..];
        let Some(sequence) = rest.strip_prefix('[') else { continue };
        let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(sequence.len());
        if sequence[end..].starts_with('m') {
            style.apply(&sequence[..end]);
        }
        rest = sequence.get(end + 1..).unwrap_or_default();
    }
    push(&mut html, rest, style);
    html
}

fn push(html: &mut String, text: &str, style: Style) {
    if text.is_empty() {
        return;
    }
    if style == Style::default() {
        return push_escaped(html, text);
    }
    *html += &format!("<span class=\"{}\">", style.classes());
    push_escaped(html, text);
    *html += "</span>";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_classes() {
        assert_eq!(html("a\x1b[1;31mb<\x1b[0mc"), "a<span class=\"bold red\">b&lt;</span>c");
        assert_eq!(html("\x1b[38;5;9mx\x1b[Ky"), "xy");
        assert_eq!(html("\x1b[94mx"), "<span class=\"blue\">x</span>");
    }

    #[test]
    fn overwritten_text_is_gone() {
        assert_eq!(html("10%\r100%\nend"), "100%\nend");
    }
}
