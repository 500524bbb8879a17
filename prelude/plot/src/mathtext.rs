//! matplotlib's mathtext: `$x^2$`, `$\frac{1}{2}$`, `$\sqrt{x}$`, `$\sum_{i=1}^n$`. Formulas are boxes set side by side
//! and on top of each other by TeX's rules. Text with a formula that is not understood is left as written.

use crate::font;
use crate::geometry::Bbox;
use crate::math_boxes::{
    EM, Mark, Piece, RULE, SHRINK, Style, THIN, accented, character, fenced, stacked, with_limits, with_scripts,
};
use crate::math_symbols as symbols;
use crate::text::{Line, PlacedGlyph};

/// Reads a formula.
struct Parser<'a> {
    rest: &'a str,
    /// What was read before, without spaces, which decides about the space around operators.
    before: Option<char>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let ch = self.peek()?;
        self.rest = &self.rest[ch.len_utf8()..];
        if ch != ' ' {
            self.before = Some(ch);
        }
        Some(ch)
    }

    /// The name after a backslash.
    fn name(&mut self) -> &'a str {
        let end = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let end = if end == 0 { self.peek().map_or(0, char::len_utf8) } else { end };
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.before = name.chars().last();
        name
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    /// Everything up to the end, or to the character that closes the group.
    fn row(&mut self, style: Style, size: f64, close: Option<char>) -> Option<Piece> {
        let mut row = Piece::default();
        let mut style = style;
        loop {
            self.skip_spaces();
            match self.peek() {
                None => return close.is_none().then_some(row),
                Some('}') if close == Some('}') => {
                    self.next();
                    return Some(row);
                }
                Some('}') => return None,
                _ => {}
            }
            if close == Some('\\') && self.rest.starts_with("\\right") {
                return Some(row);
            }
            if let Some(rest) = self.rest.strip_prefix("\\rm ") {
                (self.rest, style) = (rest, Style::Upright);
                continue;
            }
            if let Some(rest) = self.rest.strip_prefix("\\bf ") {
                (self.rest, style) = (rest, Style::Bold);
                continue;
            }
            let nucleus = self.nucleus(style, size)?;
            row.push(self.scripts(nucleus, style, size)?);
        }
    }

    /// A group in braces, or the single thing that stands in its place.
    fn argument(&mut self, style: Style, size: f64) -> Option<Piece> {
        self.skip_spaces();
        if self.peek() == Some('{') {
            self.next();
            return self.row(style, size, Some('}'));
        }
        match self.peek()? {
            '\\' => self.nucleus(style, size),
            ch => {
                self.next();
                Some(character(ch, style, size))
            }
        }
    }

    /// The text of a group, as written.
    fn verbatim(&mut self) -> Option<&'a str> {
        self.skip_spaces();
        let inner = self.rest.strip_prefix('{')?;
        let (text, rest) = inner.split_once('}')?;
        self.rest = rest;
        self.before = Some('}');
        Some(text)
    }

    fn nucleus(&mut self, style: Style, size: f64) -> Option<Piece> {
        let before = self.before;
        match self.next()? {
            '{' => self.row(style, size, Some('}')),
            '\\' => self.command(style, size, before),
            // A script of nothing.
            '^' | '_' => None,
            '\'' => Some(character('′', style, size)),
            ch => Some(self.spaced(character(ch, style, size), before, size)),
        }
    }

    /// Space around operators and after commas.
    fn spaced(&self, piece: Piece, before: Option<char>, size: f64) -> Piece {
        let Some((_, _, ch)) = piece.last else { return piece };
        let space = || Piece::space(0.2 * EM * size);
        let follows = before.is_some_and(|b| b != '{' && !"([|<".contains(b) && !symbols::is_relation(b));
        if symbols::is_relation(ch) || (symbols::is_binary(ch) && follows) {
            return Piece::row([space(), piece, space()]);
        }
        let digits = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        if ch == ',' || ch == ';' || (ch == '.' && !(digits(before) && digits(self.peek()))) {
            return Piece::row([piece, space()]);
        }
        piece
    }

    fn command(&mut self, style: Style, size: f64, before: Option<char>) -> Option<Piece> {
        let name = self.name();
        if let Some(width) = symbols::space(name) {
            return Some(Piece::space(width * EM * size));
        }
        if let Some(ch) = symbols::symbol(name) {
            self.before = Some(ch);
            return Some(self.spaced(character(ch, style, size), before, size));
        }
        if symbols::is_function(name) {
            return Some(self.function(name, size));
        }
        if let Some(mark) = symbols::accent(name) {
            let body = self.argument(style, size)?;
            return Some(accented(body, mark, size));
        }
        match name {
            "frac" | "tfrac" => self.fraction(style, size, SHRINK * size),
            "dfrac" => self.fraction(style, size, size),
            "binom" => {
                let (top, bottom) = (self.argument(style, SHRINK * size)?, self.argument(style, SHRINK * size)?);
                Some(fenced(stacked(top, bottom, size, None), '(', ')', size))
            }
            "sqrt" => self.root(style, size),
            "mathrm" | "rm" | "mathdefault" | "mathregular" | "mathsf" => self.argument(Style::Upright, size),
            "mathbf" | "boldsymbol" | "mathbfit" => self.argument(Style::Bold, size),
            "mathit" | "mathcal" | "mathscr" | "mathfrak" | "mathtt" => self.argument(Style::Italic, size),
            "mathbb" => self.argument(Style::Blackboard, size),
            "text" | "operatorname" | "textrm" => {
                let text = self.verbatim()?;
                Some(Piece::row(text.chars().map(|ch| character(ch, Style::Upright, size))))
            }
            "left" => {
                let open = self.delimiter()?;
                let inner = self.row(style, size, Some('\\'))?;
                self.rest = self.rest.strip_prefix("\\right")?;
                let close = self.delimiter()?;
                Some(fenced(inner, open, close, size))
            }
            "{" | "}" | "$" | "%" | "_" | "#" | "&" | "|" => {
                let ch = if name == "|" { '‖' } else { name.chars().next()? };
                Some(character(ch, Style::Upright, size))
            }
            _ => None,
        }
    }

    /// The character of a fence after `\left` or `\right`; a full stop for none.
    fn delimiter(&mut self) -> Option<char> {
        match self.next()? {
            '\\' => {
                let name = self.name();
                symbols::symbol(name).or_else(|| name.chars().next().filter(|c| "{}|".contains(*c)))
            }
            ch => Some(ch),
        }
    }

    fn function(&mut self, name: &str, size: f64) -> Piece {
        let letters = Piece::row(name.chars().map(|ch| character(ch, Style::Upright, size)));
        let mut function = Piece { limits: symbols::takes_limits(name), ..letters };
        let next = self.rest.trim_start_matches(' ').chars().next();
        // A thin space, except before a bracket; after scripts it comes later.
        function.thin = next.is_some_and(|ch| "^_".contains(ch));
        if !next.is_none_or(|ch| "([{|^_/.}".contains(ch)) && !self.rest.starts_with("\\left") {
            let limits = function.limits;
            function.push(Piece::space(THIN * EM * size));
            function.limits = limits;
        }
        function
    }

    fn fraction(&mut self, style: Style, size: f64, inner: f64) -> Option<Piece> {
        let (top, bottom) = (self.argument(style, inner)?, self.argument(style, inner)?);
        Some(stacked(top, bottom, size, Some(RULE * size)))
    }

    fn root(&mut self, style: Style, size: f64) -> Option<Piece> {
        let mut index = None;
        if let Some(rest) = self.rest.strip_prefix('[') {
            let (text, rest) = rest.split_once(']')?;
            self.rest = rest;
            index = Some(Parser { rest: text, before: None }.row(style, SHRINK * SHRINK * size, None)?);
        }
        let body = self.argument(style, size)?;
        let rule = RULE * size;
        let (height, depth) = (body.height + 5.0 * rule, body.depth);
        let plain = character('√', Style::Upright, size);
        let scale = (height + depth) / (plain.height + plain.depth);
        let check = character('√', Style::Upright, size * scale);
        let drop = check.depth - depth;
        let check = check.shifted(0.0, drop);
        let (width, top) = (check.width, check.height + 0.012 * size);
        let start = index.as_ref().map_or(0.0, |i| (i.width - 0.5 * width).max(0.0));
        let mut root = Piece::default();
        if let Some(index) = index {
            let x = (start + 0.5 * width - index.width).max(0.0);
            root.take(index.shifted(x, 0.6 * top));
        }
        root.take(check.shifted(start, 0.0));
        let (from, wide) = (start + width, body.width + 4.0 * rule);
        root.rules.push(Bbox::new(from, top - rule, from + wide, top));
        root.take(body.shifted(from + 2.0 * rule, 0.0));
        root.width = from + wide;
        Some(root)
    }

    /// The sub- and superscripts that follow.
    fn scripts(&mut self, nucleus: Piece, style: Style, size: f64) -> Option<Piece> {
        let small = SHRINK * size;
        let (mut sub, mut sup): (Option<Piece>, Option<Piece>) = (None, None);
        loop {
            self.skip_spaces();
            match self.peek() {
                Some('_') if sub.is_none() => {
                    self.next();
                    self.before = Some('{');
                    sub = Some(self.argument(style, small)?);
                }
                Some('^') if sup.as_ref().is_none() => {
                    self.next();
                    self.before = Some('{');
                    sup = Some(self.argument(style, small)?);
                }
                Some('\'') => {
                    self.next();
                    sup.get_or_insert_default().push(character('′', style, small));
                }
                Some('_' | '^') => return None,
                _ => break,
            }
        }
        if sub.is_none() && sup.is_none() {
            return Some(nucleus);
        }
        let after = if nucleus.thin { THIN * EM * size } else { 0.0 };
        let mut set = if nucleus.limits {
            with_limits(nucleus, sub, sup, RULE * size)
        } else {
            with_scripts(nucleus, sub, sup, size)
        };
        set.width += after;
        Some(set)
    }
}

/// The line, when it holds formulas that can be set; `size` in pixels per em.
pub(crate) fn line(text: &str, size: f64) -> Option<Line> {
    let dollars = text.matches('$').count() - text.matches("\\$").count();
    if dollars == 0 || dollars % 2 == 1 {
        return None;
    }
    let mut row = Piece::default();
    // A dollar sign after a backslash is one.
    let text = text.replace("\\$", "\u{e000}");
    for (i, part) in text.split('$').enumerate() {
        let part = part.replace('\u{e000}', "$");
        if i % 2 == 1 {
            row.push(Parser { rest: &part, before: None }.row(Style::Italic, size, None)?);
        } else {
            part.chars().for_each(|ch| row.push(character_of_text(ch, size)));
        }
    }
    Some(finished(row))
}

/// A character outside formulas, where a hyphen stays one.
fn character_of_text(ch: char, size: f64) -> Piece {
    if ch != '-' {
        return character(ch, Style::Upright, size);
    }
    let (face, id) = font::lookup('-');
    let (low, high) = font::unhinted_y_range(face, id, size).unwrap_or((0.0, 0.0));
    let marks = vec![Mark { face, id, size, x: 0.0, y: 0.0 }];
    let width = font::linear_advance(face, id, size);
    Piece { marks, width, height: high, depth: -low, ..Piece::default() }
}

fn finished(row: Piece) -> Line {
    // matplotlib rounds the box up and aligns the glyphs to its top.
    let (height, depth) = (row.height.max(0.0), row.depth.max(0.0));
    let lift = height.ceil() - height;
    let glyphs = row
        .marks
        .into_iter()
        .map(|m| {
            let glyph = font::glyph(m.face, m.id, m.size);
            PlacedGlyph { glyph, x: m.x, y: m.y + lift, face: m.face, id: m.id, size: m.size }
        })
        .collect();
    let rules = row.rules.into_iter().map(|r| r.shifted(0.0, lift)).collect();
    Line { glyphs, rules, width: row.width.ceil(), ascent: height.ceil(), descent: depth.ceil(), origin: [0.0, 0.0] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math_boxes::AXIS;

    /// The numbers are those of matplotlib's own parser at 10 points and 100 dots per inch, within half a pixel.
    #[test]
    fn places_of_scripts() {
        let size = 1000.0 / 72.0;
        let line = line("$y = x^2$", size).unwrap();
        let at: Vec<(f64, f64)> = line.glyphs.iter().map(|g| (g.x, g.y)).collect();
        for ((x, y), (expected_x, expected_y)) in
            at.iter().zip([(0.0, 0.05), (10.93, 0.05), (25.27, 0.05), (34.11, 5.78)])
        {
            assert!((x - expected_x).abs() < 0.1 && (y - expected_y).abs() < 0.6, "{at:?}");
        }
        assert_eq!(line.width, 41.0);
    }

    /// A numerator lies above the bar, the bar at the height of a minus sign, the denominator below it.
    #[test]
    fn fractions_have_a_bar() {
        let line = line(r"$\frac{1}{2}$", 20.0).unwrap();
        let lift = line.ascent - (line.glyphs[0].y + line.glyphs[0].glyph.y_range.unwrap().1);
        let bar = (line.rules[0].y0 + line.rules[0].y1) / 2.0;
        assert!(line.glyphs[0].y > bar && line.glyphs[1].y < bar && lift < 1.0);
        assert!((bar - AXIS * 20.0).abs() < 1.0);
    }

    #[test]
    fn the_rest_is_left_as_written() {
        assert!(line("costs 5$", 14.0).is_none());
        assert!(line(r"$\nosuchthing{1}{2}$", 14.0).is_none());
        assert!(line(r"$\frac{1}$", 14.0).is_none());
        assert!(line("$x^2^3$", 14.0).is_none());
        assert!(line("${x$", 14.0).is_none());
        assert!(line("plain", 14.0).is_none());
        assert_eq!(line(r"$x$ costs 5\$", 14.0).unwrap().glyphs.len(), 10);
    }
}
