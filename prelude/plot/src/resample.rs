//! The kernels pictures are enlarged and reduced with, and where a picture's cells lie on the pixels. Numbers only.
//! `matplotlib`'s `interpolation`.

use std::f64::consts::PI;

/// A kernel: its reach in cells and its weight at a distance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kernel {
    radius: f64,
    weight: fn(f64) -> f64,
}

const KERNELS: [(&str, f64, fn(f64) -> f64); 11] = [
    ("bilinear", 1.0, |d| 1.0 - d),
    ("hanning", 1.0, hanning),
    ("hamming", 1.0, |d| 0.54 + 0.46 * (PI * d).cos()),
    ("hermite", 1.0, |d| (2.0 * d - 3.0) * d * d + 1.0),
    ("bicubic", 2.0, |d| {
        let cube = |v: f64| if v <= 0.0 { 0.0 } else { v * v * v };
        (cube(d + 2.0) - 4.0 * cube(d + 1.0) + 6.0 * cube(d) - 4.0 * cube(d - 1.0)) / 6.0
    }),
    ("catrom", 2.0, |d| {
        if d < 1.0 { 0.5 * (2.0 + d * d * (-5.0 + d * 3.0)) } else { 0.5 * (4.0 + d * (-8.0 + d * (5.0 - d))) }
    }),
    ("mitchell", 2.0, |d| {
        let (b, c) = (1.0 / 3.0, 1.0 / 3.0);
        if d < 1.0 {
            ((12.0 - 9.0 * b - 6.0 * c) * d * d * d + (-18.0 + 12.0 * b + 6.0 * c) * d * d + 6.0 - 2.0 * b) / 6.0
        } else {
            ((-b - 6.0 * c) * d * d * d
                + (6.0 * b + 30.0 * c) * d * d
                + (-12.0 * b - 48.0 * c) * d
                + 8.0 * b
                + 24.0 * c)
                / 6.0
        }
    }),
    ("spline16", 2.0, |d| {
        if d < 1.0 {
            ((d - 9.0 / 5.0) * d - 1.0 / 5.0) * d + 1.0
        } else {
            let d = d - 1.0;
            ((-1.0 / 3.0 * d + 4.0 / 5.0) * d - 7.0 / 15.0) * d
        }
    }),
    ("gaussian", 2.0, |d| (-2.0 * d * d).exp() * (2.0 / PI).sqrt()),
    ("quadric", 1.5, |d| if d < 0.5 { 0.75 - d * d } else { 0.5 * (d - 1.5) * (d - 1.5) }),
    ("lanczos", 4.0, |d| {
        let sinc = |v: f64| if v == 0.0 { 1.0 } else { (PI * v).sin() / (PI * v) };
        sinc(d) * sinc(d / 4.0)
    }),
];

fn hanning(d: f64) -> f64 {
    0.5 + 0.5 * (PI * d).cos()
}

/// Checks the name of an interpolation.
///
/// # Errors
/// matplotlib's text for an unknown one.
pub(crate) fn check_method(name: &str) -> Result<String, String> {
    const PLAIN: [&str; 4] = ["auto", "antialiased", "nearest", "none"];
    let lower = name.to_ascii_lowercase();
    if PLAIN.contains(&lower.as_str()) || KERNELS.iter().any(|k| k.0 == lower) {
        return Ok(lower);
    }
    let known: Vec<String> = PLAIN.iter().chain(KERNELS.iter().map(|k| &k.0)).map(|n| format!("'{n}'")).collect();
    Err(format!(
        "ValueError: '{name}' is not a valid value for interpolation. Supported values are {}",
        known.join(", ")
    ))
}

/// One direction of a picture: its cells and the pixels they lie over.
pub(crate) struct Span {
    start: f64,
    cells: usize,
    /// Cells per pixel.
    scale: f64,
    pixels: std::ops::Range<i32>,
}

impl Span {
    pub fn new(start: f64, end: f64, cells: usize, canvas: u32) -> Span {
        let nearest = |v: f64| (v + 0.5).floor().clamp(0.0, f64::from(canvas)) as i32;
        Span { start, cells, scale: cells as f64 / (end - start), pixels: nearest(start)..nearest(end) }
    }

    pub fn pixels(&self) -> std::ops::Range<i32> {
        self.pixels.clone()
    }

    /// How many times the picture is enlarged.
    pub fn grown(&self) -> f64 {
        1.0 / self.scale
    }

    /// Where a pixel's middle lies, in cells.
    fn position(&self, pixel: i32) -> f64 {
        (f64::from(pixel) + 0.5 - self.start) * self.scale
    }

    pub fn cell(&self, pixel: i32) -> usize {
        (self.position(pixel).floor().max(0.0) as usize).min(self.cells - 1)
    }

    /// matplotlib's 'auto' smooths unless the picture grows more than three times or exactly 1 or 2 times.
    fn smooth(&self) -> bool {
        let grown = self.grown();
        !(grown > 3.0 || (grown - 2.0).abs() < 1e-9 || (grown - 1.0).abs() < 1e-9)
    }

    /// The cells that add to a pixel and their weights; beyond the edges the picture is mirrored.
    pub fn weights(&self, pixel: i32, kernel: Kernel) -> Vec<(usize, f32)> {
        let stretch = self.scale.max(1.0);
        let radius = kernel.radius * stretch;
        let centre = self.position(pixel) - 0.5;
        let (first, last) = ((centre - radius).ceil() as i64, (centre + radius).floor() as i64);
        let n = self.cells as i64;
        let mirrored = |k: i64| {
            let k = k.rem_euclid(2 * n);
            (if k < n { k } else { 2 * n - 1 - k }) as usize
        };
        let weight = |k: i64| (kernel.weight)(((k as f64 - centre) / stretch).abs().min(kernel.radius)) as f32;
        let mut w: Vec<(usize, f32)> = (first..=last).map(|k| (mirrored(k), weight(k))).collect();
        let total: f32 = w.iter().map(|w| w.1).sum();
        if total > 0.0 {
            w.iter_mut().for_each(|w| w.1 /= total);
        }
        w
    }
}

/// The kernel for a picture over these spans; none when each pixel takes its nearest cell.
pub(crate) fn kernel(method: &str, across: &Span, down: &Span) -> Option<Kernel> {
    if let Some((_, radius, weight)) = KERNELS.iter().find(|k| k.0 == method) {
        return Some(Kernel { radius: *radius, weight: *weight });
    }
    let smooth = matches!(method, "auto" | "antialiased") && (across.smooth() || down.smooth());
    smooth.then_some(Kernel { radius: 1.0, weight: hanning })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kernels that interpolate are 1 at 0 and 0 at 1; all weights of a pixel add up to 1.
    #[test]
    fn kernels_interpolate() {
        for (name, radius, weight) in KERNELS {
            let span = Span::new(0.0, 50.0, 5, 100);
            let total: f32 = span.weights(23, Kernel { radius, weight }).iter().map(|w| w.1).sum();
            assert!((total - 1.0).abs() < 1e-5, "{name}");
        }
        for name in ["bilinear", "hanning", "hermite", "catrom", "spline16", "lanczos"] {
            let (_, _, weight) = KERNELS.iter().find(|k| k.0 == name).unwrap();
            assert!((weight(0.0) - 1.0).abs() < 1e-12 && weight(1.0).abs() < 1e-12, "{name}");
        }
        assert!(check_method("bilnear").unwrap_err().starts_with("ValueError: 'bilnear' is not a valid value for"));
    }
}
