//! A small part of matplotlib's mathtext: `$x^2$`, `$L_{max}$`, `$\sigma$`. Text with anything more is left as written.

use crate::font;
use crate::text::{Line, PlacedGlyph};

/// Sub- and superscripts: their size, how far they are moved, in parts of the base size.
const SCRIPT: f64 = 0.7;
const RAISED: f64 = 0.413;
const LOWERED: f64 = 0.15;
const SCRIPT_SPACE: f64 = 0.02734;
const SUPER_KERN: f64 = 0.00957;
const SLANTED_SUPER_KERN: f64 = 0.0446;
/// The space on each side of an operator: a fifth of an italic m.
const OPERATOR_SPACE: f64 = 0.2 * 0.974_4;

const SYMBOLS: [(&str, char); 41] = [
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("epsilon", 'ϵ'),
    ("varepsilon", 'ε'),
    ("zeta", 'ζ'),
    ("eta", 'η'),
    ("theta", 'θ'),
    ("kappa", 'κ'),
    ("lambda", 'λ'),
    ("mu", 'μ'),
    ("nu", 'ν'),
    ("xi", 'ξ'),
    ("pi", 'π'),
    ("rho", 'ρ'),
    ("sigma", 'σ'),
    ("tau", 'τ'),
    ("phi", 'ϕ'),
    ("varphi", 'φ'),
    ("chi", 'χ'),
    ("psi", 'ψ'),
    ("omega", 'ω'),
    ("Gamma", 'Γ'),
    ("Delta", 'Δ'),
    ("Theta", 'Θ'),
    ("Lambda", 'Λ'),
    ("Sigma", 'Σ'),
    ("Phi", 'Φ'),
    ("Psi", 'Ψ'),
    ("Omega", 'Ω'),
    ("times", '×'),
    ("cdot", '⋅'),
    ("leq", '≤'),
    ("geq", '≥'),
    ("neq", '≠'),
    ("pm", '±'),
    ("infty", '∞'),
    ("partial", '∂'),
    ("nabla", '∇'),
    ("rightarrow", '→'),
];

#[derive(Clone, Copy, PartialEq)]
enum Level {
    Base,
    Super,
    Sub,
}

#[derive(Clone, Copy)]
struct Atom {
    ch: char,
    level: Level,
    slanted: bool,
    operator: bool,
}

/// The line, when it holds mathematics that can be set; `size` in pixels per em.
pub(crate) fn line(text: &str, size: f64) -> Option<Line> {
    let dollars = text.matches('$').count();
    if dollars == 0 || dollars % 2 == 1 {
        return None;
    }
    let mut atoms = Vec::new();
    for (i, part) in text.split('$').enumerate() {
        if i % 2 == 1 {
            math(part, &mut atoms)?;
        } else {
            atoms.extend(part.chars().map(|ch| Atom { ch, level: Level::Base, slanted: false, operator: false }));
        }
    }
    Some(set(&atoms, size))
}

fn math(mut rest: &str, atoms: &mut Vec<Atom>) -> Option<()> {
    let start = atoms.len();
    while let Some(ch) = rest.chars().next() {
        rest = &rest[ch.len_utf8()..];
        match ch {
            ' ' => {}
            '^' | '_' => {
                let level = if ch == '^' { Level::Super } else { Level::Sub };
                let (group, after) = group(rest)?;
                let from = atoms.len();
                math(group, atoms)?;
                for atom in &mut atoms[from..] {
                    if atom.level != Level::Base {
                        return None;
                    }
                    atom.level = level;
                    atom.operator = false;
                }
                rest = after;
            }
            '\\' => {
                let (symbol, after) = command(rest)?;
                atoms.push(symbol);
                rest = after;
            }
            '{' | '}' => return None,
            _ => atoms.push(atom(ch, atoms.len() > start)),
        }
    }
    Some(())
}

/// What a sub- or superscript applies to, and the rest.
fn group(text: &str) -> Option<(&str, &str)> {
    if let Some(inner) = text.strip_prefix('{') {
        return inner.split_once('}');
    }
    if let Some(name) = text.strip_prefix('\\') {
        let end = name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len());
        return Some(text.split_at(end + 1));
    }
    Some(text.split_at(text.chars().next()?.len_utf8()))
}

fn command(text: &str) -> Option<(Atom, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    let (_, ch) = SYMBOLS.iter().find(|(n, _)| *n == name)?;
    Some((atom(*ch, true), after))
}

/// Letters are slanted, but capital Greek ones are not; an operator at the start stands close.
fn atom(ch: char, follows: bool) -> Atom {
    let ch = if ch == '-' { '\u{2212}' } else { ch };
    let slanted = ch.is_alphabetic() && !('Α'..='Ω').contains(&ch);
    let relation = "=<>≤≥≠→".contains(ch);
    let binary = "+\u{2212}*×⋅±".contains(ch) && follows;
    Atom { ch, level: Level::Base, slanted, operator: relation || binary }
}

fn set(atoms: &[Atom], size: f64) -> Line {
    let mut glyphs: Vec<PlacedGlyph> = Vec::new();
    let mut pen = 0.0;
    let (mut height, mut depth): (f64, f64) = (0.0, 0.0);
    // Where the scripts of the present base start: both at the same place.
    let mut scripts_from = 0.0;
    let mut previous: Option<Atom> = None;
    for atom in atoms {
        let (scale, y) = match atom.level {
            Level::Base => (size, 0.0),
            Level::Super => (size * SCRIPT, size * RAISED),
            Level::Sub => (size * SCRIPT, -size * LOWERED),
        };
        if let Some(before) = previous.filter(|before| before.level != atom.level) {
            match (before.level, atom.level) {
                (Level::Base, _) => scripts_from = pen,
                (_, Level::Base) => pen += SCRIPT_SPACE * size,
                _ => pen = scripts_from,
            }
            if atom.level == Level::Super {
                pen +=
                    size * if before.slanted && before.level == Level::Base { SLANTED_SUPER_KERN } else { SUPER_KERN };
            }
        }
        let space = if atom.operator { OPERATOR_SPACE * size } else { 0.0 };
        pen += space;
        let (face, id) = if atom.slanted { font::lookup_slanted(atom.ch) } else { font::lookup(atom.ch) };
        let glyph = font::glyph(face, id, scale);
        // matplotlib measures mathematics without hinting, though it draws it hinted.
        if let Some((low, high)) = font::unhinted_y_range(face, id, scale) {
            height = height.max(high + y);
            depth = depth.max(-(low + y));
        }
        glyphs.push(PlacedGlyph { glyph, x: pen, y, face, id, size: scale });
        pen += font::linear_advance(face, id, scale) + space;
        previous = Some(*atom);
    }
    if previous.is_some_and(|last| last.level != Level::Base) {
        pen += SCRIPT_SPACE * size;
    }
    // matplotlib rounds the box up and aligns the glyphs to its top.
    let lift = height.ceil() - height;
    glyphs.iter_mut().for_each(|g| g.y += lift);
    Line {
        glyphs,
        rules: Vec::new(),
        width: pen.ceil(),
        ascent: height.ceil(),
        descent: depth.ceil(),
        origin: [0.0, 0.0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn the_rest_is_left_as_written() {
        assert!(line("costs 5$", 14.0).is_none());
        assert!(line(r"$\frac{1}{2}$", 14.0).is_none());
        assert!(line("plain", 14.0).is_none());
    }
}
