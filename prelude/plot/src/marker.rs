//! The shapes of markers, as outlines around the origin. `matplotlib.markers`.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// A marker, named by matplotlib's character for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Marker(pub char);

/// A marker's strokes or filled outline for a size of 1.
pub(crate) struct Shape {
    pub outlines: Vec<Vec<[f64; 2]>>,
    pub filled: bool,
    /// Whether its corners go to whole pixels.
    pub snap: bool,
    pub miter: bool,
}

impl Shape {
    /// Whether all its sides are level or upright.
    pub fn rectilinear(&self) -> bool {
        let straight = |w: &[[f64; 2]]| w[0][0] == w[1][0] || w[0][1] == w[1][1];
        self.snap && self.outlines.iter().all(|o| o.windows(2).all(straight))
    }
}

impl Marker {
    /// The marker of a character, when there is one.
    pub fn of(ch: char) -> Option<Marker> {
        ".,ov^<>12348spP*hH+xXDd|_".contains(ch).then_some(Marker(ch))
    }

    /// Reads a marker; `""`, `" "` and `"None"` stand for none.
    pub fn parse(text: &str) -> Result<Option<Marker>, String> {
        if matches!(text, "" | " " | "None" | "none") {
            return Ok(None);
        }
        let mut chars = text.chars();
        match (chars.next().and_then(Marker::of), chars.next()) {
            (Some(marker), None) => Ok(Some(marker)),
            _ => Err(format!("ValueError: Unrecognized marker style '{text}'")),
        }
    }

    pub fn shape(self) -> Shape {
        let filled = |points: Vec<[f64; 2]>, snap: bool, miter: bool| Shape {
            outlines: vec![points],
            filled: true,
            snap,
            miter,
        };
        let strokes = |lines: &[[[f64; 2]; 2]], snap: bool| Shape {
            outlines: lines.iter().map(|l| l.to_vec()).collect(),
            filled: false,
            snap,
            miter: false,
        };
        let triangle = |turn: usize| {
            let corners = [[0.0, 0.5], [-0.5, -0.5], [0.5, -0.5]];
            filled(corners.map(|p| quarter_turns(p, turn)).to_vec(), true, true)
        };
        let tri = |turn: usize| {
            let ends = [[0.0, -0.5], [0.4, 0.25], [-0.4, 0.25]];
            strokes(&ends.map(|p| [[0.0, 0.0], quarter_turns(p, turn)]), false)
        };
        match self.0 {
            '.' => filled(circle(0.25), false, false),
            ',' => filled(square(0.5), true, true),
            's' => filled(square(0.5), true, true),
            'D' => filled(diamond(FRAC_1_SQRT_2), false, true),
            'd' => filled(diamond(FRAC_1_SQRT_2).iter().map(|p| [p[0] * 0.6, p[1]]).collect(), false, true),
            '^' => triangle(0),
            '<' => triangle(1),
            'v' => triangle(2),
            '>' => triangle(3),
            '1' => tri(0),
            '2' => tri(2),
            '3' => tri(3),
            '4' => tri(1),
            'p' => filled(regular(5, 0.0), false, true),
            'h' => filled(regular(6, 0.0), false, true),
            'H' => filled(regular(6, PI / 6.0), false, true),
            '8' => filled(regular(8, PI / 8.0), false, true),
            '*' => filled(star(), false, false),
            '+' => strokes(&[[[-0.5, 0.0], [0.5, 0.0]], [[0.0, -0.5], [0.0, 0.5]]], true),
            'x' => strokes(&[[[-0.5, -0.5], [0.5, 0.5]], [[-0.5, 0.5], [0.5, -0.5]]], false),
            '|' => strokes(&[[[0.0, -0.5], [0.0, 0.5]]], true),
            '_' => strokes(&[[[-0.5, 0.0], [0.5, 0.0]]], true),
            'P' => filled(cross(), false, true),
            'X' => filled(cross().into_iter().map(eighth_turn).collect(), false, true),
            _ => filled(circle(0.5), false, false),
        }
    }
}

fn quarter_turns([x, y]: [f64; 2], n: usize) -> [f64; 2] {
    (0..n).fold([x, y], |[x, y], _| [-y, x])
}

fn eighth_turn([x, y]: [f64; 2]) -> [f64; 2] {
    [(x - y) * FRAC_1_SQRT_2, (x + y) * FRAC_1_SQRT_2]
}

fn circle(radius: f64) -> Vec<[f64; 2]> {
    (0..48).map(|k| 2.0 * PI * f64::from(k) / 48.0).map(|a| [radius * a.cos(), radius * a.sin()]).collect()
}

fn square(half: f64) -> Vec<[f64; 2]> {
    vec![[-half, -half], [half, -half], [half, half], [-half, half]]
}

fn diamond(half: f64) -> Vec<[f64; 2]> {
    vec![[0.0, -half], [half, 0.0], [0.0, half], [-half, 0.0]]
}

fn regular(corners: u32, turn: f64) -> Vec<[f64; 2]> {
    (0..corners)
        .map(|k| 2.0 * PI * f64::from(k) / f64::from(corners) + PI / 2.0 + turn)
        .map(|a| [0.5 * a.cos(), 0.5 * a.sin()])
        .collect()
}

fn star() -> Vec<[f64; 2]> {
    (0..10)
        .map(|k| {
            let (a, r) = (PI * f64::from(k) / 5.0 + PI / 2.0, if k % 2 == 0 { 0.5 } else { 0.5 * 0.381_966 });
            [r * a.cos(), r * a.sin()]
        })
        .collect()
}

fn cross() -> Vec<[f64; 2]> {
    let (a, b) = (1.0 / 6.0, 0.5);
    vec![[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [-a, -a]]
}
