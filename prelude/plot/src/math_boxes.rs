//! The boxes mathematics is made of: characters, rows, scripts, fractions, fences, accents, set by TeX's rules. What a
//! formula says is read in `mathtext`.

use crate::font::{self, FaceIndex};
use crate::geometry::Bbox;
use crate::math_symbols as symbols;

/// The size of what is set smaller.
pub(crate) const SHRINK: f64 = 0.7;
/// Parts of the size: the thickness of rules, an em.
pub(crate) const RULE: f64 = 0.0625;
pub(crate) const EM: f64 = 0.9744;
/// Parts of an em: an x-height, and the height of the middle of a minus sign, where fractions have their bar.
pub(crate) const X_HEIGHT: f64 = 1120.0 / 2048.0;
pub(crate) const AXIS: f64 = 0.25;
/// Parts of an em: TeX's distances for scripts, as DejaVu Sans has them.
pub(crate) const SUP_DROP: f64 = 0.386;
pub(crate) const SUB_DROP: f64 = 0.05;
pub(crate) const SUP: f64 = 0.413;
pub(crate) const SUB: f64 = 0.15;
pub(crate) const SUB_WITH_SUP: f64 = 0.309;
/// Parts of an x-height: room after and before scripts.
pub(crate) const SCRIPT_SPACE: f64 = 0.05;
pub(crate) const DELTA: f64 = 0.025;
pub(crate) const DELTA_SLANTED: f64 = 0.2;
pub(crate) const DELTA_INTEGRAL: f64 = 0.1;
/// Parts of an em: how far a numerator goes up and a denominator down.
pub(crate) const NUMERATOR: f64 = 0.424;
pub(crate) const DENOMINATOR: f64 = 0.375;
/// A thin space, in ems.
pub(crate) const THIN: f64 = 0.16667;

/// How letters look.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Style {
    Italic,
    Upright,
    Bold,
    Blackboard,
}

/// A glyph in a box, from the start of its baseline.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    pub face: FaceIndex,
    pub id: u16,
    pub size: f64,
    pub x: f64,
    pub y: f64,
}

/// Something set: a character or a formula.
#[derive(Clone, Default)]
pub(crate) struct Piece {
    pub marks: Vec<Mark>,
    pub rules: Vec<Bbox>,
    pub width: f64,
    pub height: f64,
    pub depth: f64,
    /// The character at its end: its height, whether it leans, and what it is.
    pub last: Option<(f64, bool, char)>,
    /// One character alone.
    pub lone: bool,
    /// Its limits stand above and below.
    pub limits: bool,
    /// A thin space follows its scripts.
    pub thin: bool,
}

impl Piece {
    pub fn space(width: f64) -> Piece {
        Piece { width, ..Piece::default() }
    }

    pub fn shifted(mut self, x: f64, y: f64) -> Piece {
        self.marks.iter_mut().for_each(|m| (m.x, m.y) = (m.x + x, m.y + y));
        self.rules.iter_mut().for_each(|r| *r = r.shifted(x, y));
        self.height += y;
        self.depth -= y;
        self
    }

    /// Takes in another piece as it stands, which widens nothing.
    pub fn take(&mut self, other: Piece) {
        self.height = self.height.max(other.height);
        self.depth = self.depth.max(other.depth);
        self.marks.extend(other.marks);
        self.rules.extend(other.rules);
    }

    /// Sets another piece to the right.
    pub fn push(&mut self, other: Piece) {
        let (x, width, last) = (self.width, other.width, other.last);
        self.lone = self.marks.is_empty() && other.lone;
        self.limits = self.marks.is_empty() && other.limits;
        self.take(other.shifted(x, 0.0));
        self.width += width;
        self.last = last.or(self.last);
    }

    pub fn row(pieces: impl IntoIterator<Item = Piece>) -> Piece {
        let mut row = Piece::default();
        pieces.into_iter().for_each(|p| row.push(p));
        row
    }
}

/// A character in a style.
pub(crate) fn character(ch: char, style: Style, size: f64) -> Piece {
    let ch = if ch == '-' { '\u{2212}' } else { ch };
    let ch = if style == Style::Blackboard { symbols::blackboard(ch) } else { ch };
    let slanted = style == Style::Italic && ch.is_alphabetic() && !('Α'..='Ω').contains(&ch) && ch < 'ℂ';
    let (face, id) = match style {
        _ if slanted => font::lookup_slanted(ch),
        _ if symbols::is_big(ch) || symbols::is_integral(ch) => font::lookup_display(ch),
        Style::Bold => font::lookup_bold(ch),
        _ => font::lookup(ch),
    };
    let (low, high) = font::unhinted_y_range(face, id, size).unwrap_or((0.0, 0.0));
    Piece {
        marks: vec![Mark { face, id, size, x: 0.0, y: 0.0 }],
        width: font::linear_advance(face, id, size),
        height: high,
        depth: -low,
        last: Some((high, slanted, ch)),
        lone: true,
        limits: symbols::is_big(ch),
        ..Piece::default()
    }
}

/// Limits above and below, in the middle.
pub(crate) fn with_limits(nucleus: Piece, sub: Option<Piece>, sup: Option<Piece>, rule: f64) -> Piece {
    let gap = 3.0 * rule;
    let width = [&sub, &sup].into_iter().flatten().map(|p| p.width).fold(nucleus.width, f64::max);
    let (height, depth, last) = (nucleus.height, nucleus.depth, nucleus.last);
    let middle = |p: &Piece| (width - p.width) / 2.0;
    let mut set = Piece { last, ..Piece::default() };
    if let Some(sup) = sup {
        let (x, y) = (middle(&sup), height + gap + sup.depth);
        set.take(sup.shifted(x, y));
    }
    if let Some(sub) = sub {
        let (x, y) = (middle(&sub), -(depth + gap + sub.height));
        set.take(sub.shifted(x, y));
    }
    let x = middle(&nucleus);
    set.take(nucleus.shifted(x, 0.0));
    set.width = width;
    set
}

/// Scripts to the right, by TeX's rules 18a to 18f.
pub(crate) fn with_scripts(nucleus: Piece, sub: Option<Piece>, sup: Option<Piece>, size: f64) -> Piece {
    let (x, rule) = (X_HEIGHT * size, RULE * size);
    let (last_height, slanted, last) = nucleus.last.unwrap_or((nucleus.height, false, ' '));
    let integral = symbols::is_integral(last);
    let mut sup_kern = DELTA * x;
    let mut sub_kern = DELTA * x;
    if integral {
        sub_kern = (3.0 * DELTA - DELTA_INTEGRAL) * last_height;
        sup_kern = (3.0 * DELTA + DELTA_INTEGRAL) * last_height;
    } else if slanted {
        sup_kern += DELTA * x + DELTA_SLANTED * (last_height - x * 2.0 / 3.0);
        sub_kern = 0.0;
    }
    let small = SHRINK * size;
    let (mut up, mut down) =
        if nucleus.lone { (0.0, 0.0) } else { (nucleus.height - SUP_DROP * small, nucleus.depth + SUB_DROP * small) };
    let start = nucleus.width;
    let depth = nucleus.depth;
    let mut set = nucleus;
    let mut width: f64 = 0.0;
    let (kern_up, kern_down) = (SHRINK * sup_kern, SHRINK * sub_kern);
    if let Some(sup) = &sup {
        up = if integral { last_height - SUB_DROP * size } else { up.max(SUP * size).max(sup.depth + x / 4.0) };
    }
    if let Some(sub) = &sub {
        down = match (integral, &sup) {
            (true, _) => depth + SUB_DROP * size,
            (_, Some(_)) => down.max(SUB_WITH_SUP * size),
            _ => down.max(SUB * size).max(sub.height - x * 4.0 / 5.0),
        };
        if let Some(sup) = &sup {
            // The two must not touch.
            let mut close = 4.0 * rule - ((up - sup.depth) - (sub.height - down));
            if close > 0.0 {
                down += close;
                close = x * 4.0 / 5.0 - up + sup.depth;
                if close > 0.0 {
                    up += close;
                    down -= close;
                }
            }
        }
    }
    if let Some(sup) = sup {
        width = width.max(kern_up + sup.width);
        set.take(sup.shifted(start + kern_up, up));
    }
    if let Some(sub) = sub {
        width = width.max(kern_down + sub.width);
        set.take(sub.shifted(start + kern_down, -down));
    }
    set.width = start + width + if integral { 0.0 } else { SCRIPT_SPACE * x };
    set.last = None;
    set.lone = false;
    set
}

/// A numerator over a denominator, with a bar between them or none.
pub(crate) fn stacked(top: Piece, bottom: Piece, size: f64, rule: Option<f64>) -> Piece {
    let (axis, small, thin) = (AXIS * size, SHRINK * size, RULE * size);
    let width = top.width.max(bottom.width);
    let half = rule.unwrap_or(0.0) / 2.0;
    let least = rule.unwrap_or(3.0 * thin);
    let above = ((NUMERATOR * small - top.depth) - (axis + half)).max(least);
    let below = ((axis - half) - (bottom.height - DENOMINATOR * small)).max(least);
    let mut set = Piece { width: width + 2.0 * thin, ..Piece::default() };
    let up = axis + half + above + top.depth;
    let down = axis - half - below - bottom.height;
    let (left_top, left_bottom) = ((width - top.width) / 2.0 + thin, (width - bottom.width) / 2.0 + thin);
    set.take(top.shifted(left_top, up));
    set.take(bottom.shifted(left_bottom, down));
    if rule.is_some() {
        set.rules.push(Bbox::new(thin, axis - half, thin + width, axis + half));
    }
    set
}

/// A formula between fences as high as it is; a full stop is no fence.
pub(crate) fn fenced(inner: Piece, open: char, close: char, size: f64) -> Piece {
    let fence = |ch: char| {
        if ch == '.' {
            return Piece::default();
        }
        let plain = character(ch, Style::Upright, size);
        let total = inner.height + inner.depth;
        let own = plain.height + plain.depth;
        let high = character(ch, Style::Upright, size * total / own);
        let drop = high.depth - inner.depth;
        high.shifted(0.0, drop)
    };
    let (left, right) = (fence(open), fence(close));
    Piece::row([left, inner, right])
}

/// A mark over a piece.
pub(crate) fn accented(body: Piece, mark: char, size: f64) -> Piece {
    let rule = RULE * size;
    if mark == '\u{305}' {
        let (top, width) = (body.height + 2.5 * rule, body.width);
        let mut set = body;
        set.rules.push(Bbox::new(0.05 * width, top, 0.98 * width, top + 0.9 * rule));
        set.height = top + rule;
        set.lone = false;
        return set;
    }
    let scale = if mark == '→' { 0.6 } else { 1.0 };
    let (face, id) = font::lookup(mark);
    let bounds = font::unhinted_bounds(face, id, size * scale).unwrap_or(Bbox::new(0.0, 0.0, 0.0, 0.0));
    let x = body.width / 2.0 + body.width / 8.0 - (bounds.x0 + bounds.x1) / 2.0;
    let y = body.height + 2.0 * rule - bounds.y0;
    let mut set = body;
    set.marks.push(Mark { face, id, size: size * scale, x, y });
    set.height = y + bounds.y1;
    set.lone = false;
    set
}
