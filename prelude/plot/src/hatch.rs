//! Hatches: the patterns of lines, rings and stars on bars and areas. `matplotlib.hatch`, whose tile of one inch is
//! repeated from the picture's upper left corner.

use std::f64::consts::PI;

/// Lines or shapes for each letter of a pattern within one tile.
const DENSITY: usize = 6;

/// The letters of patterns.
const LETTERS: &str = "-+|/\\xXoO.*";

/// A path of a tile: its points, from 0 to 1 with y downwards, and whether it is filled as well as stroked.
pub(crate) struct TilePath {
    pub points: Vec<[f64; 2]>,
    pub filled: bool,
}

/// Checks a pattern.
///
/// # Errors
/// A text for the user when it has a letter that stands for nothing.
pub(crate) fn check(pattern: &str) -> Result<String, String> {
    if let Some(wrong) = pattern.chars().find(|c| !LETTERS.contains(*c)) {
        return Err(format!(
            "ValueError: hatch must consist of a string of \"*+-./OX\\ox|\" or an empty string, but found the \
             following invalid values \"{wrong}\"."
        ));
    }
    Ok(pattern.to_owned())
}

/// Checks several patterns.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_all(patterns: &[String]) -> Result<Vec<String>, String> {
    patterns.iter().map(|p| check(p)).collect()
}

/// The paths of one tile.
pub(crate) fn tile(pattern: &str) -> Vec<TilePath> {
    let count = |letters: &str| DENSITY * pattern.chars().filter(|c| letters.contains(*c)).count();
    let mut paths = Vec::new();
    let mut line = |a: [f64; 2], b: [f64; 2]| {
        paths.push(TilePath { points: [a, b].map(|[x, y]| [x, 1.0 - y]).to_vec(), filled: false });
    };
    let steps = |n: usize| (0..n).map(move |k| (k as f64 + 0.5) / n as f64);
    steps(count("-+")).for_each(|y| line([0.0, y], [1.0, y]));
    steps(count("|+")).for_each(|x| line([x, 0.0], [x, 1.0]));
    let slants = |n: usize| (0..=n).filter(move |_| n > 0).map(move |k| k as f64 / n as f64 - 0.5);
    slants(count("/xX")).for_each(|s| line([s, -s], [1.0 + s, 1.0 - s]));
    slants(count("\\xX")).for_each(|s| line([s, 1.0 + s], [1.0 + s, s]));
    for (letter, size, filled, corners) in [
        ("o", 0.2, false, circle(1.0)),
        ("O", 0.35, false, circle(1.0)),
        (".", 0.1, true, circle(1.0)),
        ("*", 1.0 / 3.0, true, star()),
    ] {
        shapes(&mut paths, count(letter), size, filled, &corners);
    }
    paths
}

/// Rows of shapes, every other one between those of its neighbours.
fn shapes(paths: &mut Vec<TilePath>, rows: usize, size: f64, filled: bool, corners: &[[f64; 2]]) {
    let offset = 1.0 / rows as f64;
    for row in 0..=rows {
        if rows == 0 {
            return;
        }
        let (first, columns) = if row % 2 == 0 { (0.0, rows + 1) } else { (offset / 2.0, rows) };
        for column in 0..columns {
            let at = [first + column as f64 * offset, row as f64 * offset];
            let placed = |scale: f64| {
                let scale = scale * offset * size;
                corners.iter().map(|p| [at[0] + p[0] * scale, 1.0 - at[1] - p[1] * scale]).collect()
            };
            paths.push(TilePath { points: placed(1.0), filled });
            if !filled {
                // matplotlib's rings are two circles.
                paths.push(TilePath { points: placed(0.9), filled });
            }
        }
    }
}

fn circle(radius: f64) -> Vec<[f64; 2]> {
    (0..=32).map(|k| 2.0 * PI * f64::from(k) / 32.0).map(|a| [radius * a.cos(), radius * a.sin()]).collect()
}

fn star() -> Vec<[f64; 2]> {
    (0..=10)
        .map(|k| (PI * f64::from(k) / 5.0 + PI / 2.0, if k % 2 == 0 { 1.0 } else { 0.381_966 }))
        .map(|(a, r)| [r * a.cos(), r * a.sin()])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of paths are those of `matplotlib.hatch.get_path`'s lines and shapes at density 6.
    #[test]
    fn tiles() {
        assert_eq!(tile("-").len(), 6);
        assert_eq!(tile("//").len(), 13);
        assert_eq!(tile("x").len(), 14);
        assert_eq!(tile(".").len(), 4 * 7 + 3 * 6);
        assert_eq!(tile("o").len(), 2 * (4 * 7 + 3 * 6));
        assert!(check("/z").unwrap_err().contains("invalid values \"z\""));
    }
}
