//! Digits that stand in for MNIST: strokes of a pen, moved, turned, slanted and shaken by random numbers that are the
//! same every time, drawn into 28 x 28 pixels.

use super::Labelled;
use crate::Array;
use crate::ops::random::Philox;

const SIDE: usize = 28;

type Point = [f32; 2];

/// A stroke through points of the unit square, x to the right and y down: straight between them, or curved.
enum Stroke {
    Straight(&'static [Point]),
    Curved(&'static [Point]),
}
use Stroke::{Curved, Straight};

static DIGITS: [&[Stroke]; 10] = [
    &[Curved(&[
        [0.5, 0.04],
        [0.26, 0.2],
        [0.2, 0.5],
        [0.26, 0.82],
        [0.5, 0.96],
        [0.74, 0.82],
        [0.8, 0.5],
        [0.74, 0.2],
        [0.5, 0.04],
    ])],
    &[Straight(&[[0.36, 0.2], [0.55, 0.05], [0.55, 0.95]])],
    &[
        Curved(&[[0.22, 0.28], [0.3, 0.1], [0.5, 0.04], [0.72, 0.14], [0.74, 0.34], [0.55, 0.6], [0.22, 0.94]]),
        Straight(&[[0.22, 0.94], [0.8, 0.94]]),
    ],
    &[
        Curved(&[[0.22, 0.14], [0.45, 0.04], [0.72, 0.14], [0.7, 0.36], [0.45, 0.48]]),
        Curved(&[[0.45, 0.48], [0.75, 0.58], [0.78, 0.8], [0.52, 0.96], [0.2, 0.86]]),
    ],
    &[Straight(&[[0.62, 0.96], [0.62, 0.05], [0.18, 0.65], [0.85, 0.65]])],
    &[
        Straight(&[[0.75, 0.06], [0.32, 0.06], [0.28, 0.44]]),
        Curved(&[[0.28, 0.44], [0.5, 0.38], [0.76, 0.52], [0.74, 0.82], [0.48, 0.96], [0.2, 0.86]]),
    ],
    &[Curved(&[
        [0.68, 0.06],
        [0.4, 0.25],
        [0.24, 0.6],
        [0.3, 0.88],
        [0.52, 0.96],
        [0.74, 0.8],
        [0.7, 0.58],
        [0.5, 0.5],
        [0.28, 0.66],
    ])],
    &[Straight(&[[0.2, 0.07], [0.8, 0.07], [0.42, 0.95]])],
    &[Curved(&[
        [0.5, 0.5],
        [0.27, 0.36],
        [0.28, 0.13],
        [0.5, 0.04],
        [0.72, 0.13],
        [0.73, 0.36],
        [0.5, 0.5],
        [0.24, 0.68],
        [0.26, 0.88],
        [0.5, 0.97],
        [0.74, 0.88],
        [0.76, 0.68],
        [0.5, 0.5],
    ])],
    &[Curved(&[
        [0.72, 0.34],
        [0.52, 0.5],
        [0.28, 0.4],
        [0.28, 0.16],
        [0.5, 0.04],
        [0.72, 0.16],
        [0.72, 0.4],
        [0.66, 0.75],
        [0.5, 0.96],
    ])],
];

/// Random numbers of one drawing.
struct Hand {
    generator: Philox,
    numbers: Vec<u32>,
}

impl Hand {
    fn new(seed: i64) -> Hand {
        Hand { generator: Philox::new(1998, seed), numbers: Vec::new() }
    }

    fn below(&mut self, n: u32) -> u32 {
        if self.numbers.is_empty() {
            self.numbers = self.generator.next().to_vec();
        }
        ((u64::from(self.numbers.pop().unwrap_or(0)) * u64::from(n)) >> 32) as u32
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.below(1 << 24) as f32 / (1 << 24) as f32
    }
}

/// `count` pictures with their classes; other seeds give other pictures.
pub(super) fn draw(count: usize, seed: i64) -> Labelled {
    let mut hand = Hand::new(seed);
    let mut pixels = vec![0u8; count * SIDE * SIDE];
    let mut labels = Vec::with_capacity(count);
    for picture in pixels.chunks_exact_mut(SIDE * SIDE) {
        let digit = hand.below(10);
        labels.push(digit as u8);
        write_digit(&mut hand, DIGITS[digit as usize], picture);
    }
    Labelled { images: Array::new(pixels, &[count, SIDE, SIDE]), labels: Array::new(labels, &[count]) }
}

fn write_digit(hand: &mut Hand, strokes: &[Stroke], picture: &mut [u8]) {
    let angle = hand.between(-0.32, 0.32);
    let (sin, cos) = angle.sin_cos();
    let slant = hand.between(-0.25, 0.5);
    let (width, height) = (hand.between(12.0, 21.0), hand.between(15.0, 21.0));
    let (right, down) = (hand.between(-2.0, 2.0), hand.between(-2.0, 2.0));
    let radius = hand.between(0.8, 1.7);
    let ink = hand.between(215.0, 255.0);
    let place = |[x, y]: Point| {
        let (x, y) = (((x - 0.5) - slant * (y - 0.5)) * width, (y - 0.5) * height);
        [14.0 + right + cos * x - sin * y, 14.0 + down + sin * x + cos * y]
    };
    for stroke in strokes {
        let (Straight(points) | Curved(points)) = stroke;
        let shaken: Vec<Point> =
            points.iter().map(|[x, y]| place([x + hand.between(-0.07, 0.07), y + hand.between(-0.07, 0.07)])).collect();
        let line = if matches!(stroke, Curved(_)) { curve(&shaken) } else { shaken };
        line.windows(2).for_each(|ends| pen(ends[0], ends[1], radius, ink, picture));
    }
}

/// Points of the Catmull-Rom spline through `points`, four to a piece.
fn curve(points: &[Point]) -> Vec<Point> {
    let at = |i: isize| points[i.clamp(0, points.len() as isize - 1) as usize];
    let mut line = vec![points[0]];
    for i in 0..points.len() as isize - 1 {
        let (before, from, to, after) = (at(i - 1), at(i), at(i + 1), at(i + 2));
        for step in 1..=4 {
            let t = step as f32 / 4.0;
            line.push(std::array::from_fn(|k| {
                let (a, b, c, d) = (before[k], from[k], to[k], after[k]);
                0.5 * (2.0 * b
                    + (c - a) * t
                    + (2.0 * a - 5.0 * b + 4.0 * c - d) * t * t
                    + (3.0 * b - a - 3.0 * c + d) * t * t * t)
            }));
        }
    }
    line
}

/// Draws a line with a round pen, whose edge fades over one pixel.
fn pen(from: Point, to: Point, radius: f32, ink: f32, picture: &mut [u8]) {
    let reach = radius + 1.0;
    let range = |a: f32, b: f32| {
        let (low, high) = (a.min(b) - reach, a.max(b) + reach);
        low.max(0.0) as usize..(high.max(0.0) as usize + 1).min(SIDE)
    };
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let length = (dx * dx + dy * dy).max(1e-6);
    for row in range(from[1], to[1]) {
        for column in range(from[0], to[0]) {
            let (x, y) = (column as f32 + 0.5 - from[0], row as f32 + 0.5 - from[1]);
            let along = ((x * dx + y * dy) / length).clamp(0.0, 1.0);
            let (x, y) = (x - along * dx, y - along * dy);
            let cover = (radius + 0.5 - (x * x + y * y).sqrt()).clamp(0.0, 1.0);
            let cell = &mut picture[row * SIDE + column];
            *cell = (*cell).max((cover * ink) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each class looks like itself: pictures are nearer to the mean of their own class than to any other's, mostly.
    #[test]
    fn digits_of_a_class_resemble_each_other() {
        let set = draw(2000, 3);
        let (pixels, labels) = (set.images.as_slice::<u8>().unwrap(), set.labels.as_slice::<u8>().unwrap());
        let mut means = vec![[0f64; SIDE * SIDE]; 10];
        for (picture, label) in pixels.chunks(SIDE * SIDE).zip(labels) {
            let count = labels.iter().filter(|l| *l == label).count() as f64;
            let mean = &mut means[usize::from(*label)];
            mean.iter_mut().zip(picture).for_each(|(m, p)| *m += f64::from(*p) / count);
        }
        let distance = |mean: &[f64], picture: &[u8]| -> f64 {
            mean.iter().zip(picture).map(|(m, p)| (m - f64::from(*p)).powi(2)).sum()
        };
        let right = pixels.chunks(SIDE * SIDE).zip(labels).filter(|(picture, label)| {
            let nearest =
                (0..10).min_by(|a, b| distance(&means[*a], picture).total_cmp(&distance(&means[*b], picture)));
            nearest == Some(usize::from(**label))
        });
        assert!(right.count() > 1000);
        assert!((0..10).all(|class| labels.iter().filter(|l| **l == class).count() > 100));
    }

    #[test]
    fn they_are_the_same_every_time() {
        let (a, b) = (draw(5, 7), draw(5, 7));
        assert_eq!(a.images.as_slice::<u8>(), b.images.as_slice::<u8>());
        assert_ne!(a.images.as_slice::<u8>(), draw(5, 8).images.as_slice::<u8>());
    }
}
