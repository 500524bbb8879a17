//! Products and convolutions against their definitions, and products against themselves on several threads.

use super::{images, product};
use crate::ops::matmul::Sizes;
use crate::ops::windows::{Slide, Windows};

const SHAPES: [[usize; 3]; 14] = [
    [1, 1, 1],
    [3, 5, 7],
    [14, 16, 32],
    [15, 17, 33],
    [6, 40, 65],
    [50, 300, 70],
    [100, 784, 10],
    [70, 64, 130],
    [200, 513, 100],
    [33, 1030, 257],
    [5, 2000, 40],
    [300, 70, 20],
    [20, 1024, 300],
    [2, 0, 3],
];

fn sizes() -> impl Iterator<Item = Sizes> {
    let transposed = [(false, false), (true, false), (false, true), (true, true)];
    SHAPES.into_iter().flat_map(move |shape| transposed.map(|(ta, tb)| Sizes::new(shape, ta, tb)))
}

/// Integers in `float32` are exact as long as they are small, so every order of the sum must give the same numbers.
#[test]
fn products_of_integers_are_exact() {
    for s in sizes() {
        let a: Vec<f32> = (0..s.m * s.k).map(|i| (i % 7) as f32 - 3.0).collect();
        let b: Vec<f32> = (0..s.k * s.n).map(|i| (i % 5) as f32 - 2.0).collect();
        let bias: Vec<f32> = (0..s.n).map(|i| i as f32).collect();
        let mut out = vec![f32::NAN; s.m * s.n];
        if !product(&s, &a, &b, Some(&bias), &mut out, false) {
            return;
        }
        for i in 0..s.m {
            for j in 0..s.n {
                let at = |l: usize| a[i * s.a.0 + l * s.a.1] * b[l * s.b.0 + j * s.b.1];
                let want = (0..s.k).map(at).sum::<f32>() + bias[j];
                assert_eq!(out[i * s.n + j], want, "element {i}, {j} of {:?}", (s.m, s.k, s.n, s.a, s.b));
            }
        }
    }
}

/// The order of the sums may depend on the sizes only.
#[test]
fn threads_do_not_change_a_bit() {
    let shapes = [[300, 700, 300], [40, 1300, 900], [900, 1300, 40]];
    for s in shapes.into_iter().flat_map(|shape| [Sizes::new(shape, false, false), Sizes::new(shape, true, true)]) {
        let a: Vec<f32> = (0..s.m * s.k).map(|i| (i * 37 % 1009) as f32 / 1009.0 - 0.5).collect();
        let b: Vec<f32> = (0..s.k * s.n).map(|i| (i * 53 % 997) as f32 / 997.0 - 0.5).collect();
        let mut alone = vec![0.0; s.m * s.n];
        let mut together = alone.clone();
        let ran = product(&s, &a, &b, None, &mut alone, false) && product(&s, &a, &b, None, &mut together, true);
        assert!(!ran || alone.iter().zip(&together).all(|(x, y)| x.to_bits() == y.to_bits()));
    }
}

/// A convolution by its definition: calls `f` with the places of pixel, weight and result of every product.
fn visit(w: &Windows, depth: usize, count: usize, mut f: impl FnMut(usize, usize, usize)) {
    let place = |slide: Slide, i: usize, k: usize| {
        (i * slide.stride + k).checked_sub(slide.before).filter(|place| *place < slide.size)
    };
    for image in 0..count {
        for (y, x) in (0..w.rows.count).flat_map(|y| (0..w.columns.count).map(move |x| (y, x))) {
            for (k, l) in (0..w.rows.window).flat_map(|k| (0..w.columns.window).map(move |l| (k, l))) {
                let (Some(row), Some(column)) = (place(w.rows, y, k), place(w.columns, x, l)) else { continue };
                let pixel = ((image * w.rows.size + row) * w.columns.size + column) * w.channels;
                let weight = (k * w.columns.window + l) * w.channels;
                let result = ((image * w.rows.count + y) * w.columns.count + x) * depth;
                for (c, o) in (0..w.channels).flat_map(|c| (0..depth).map(move |o| (c, o))) {
                    f(pixel + c, (weight + c) * depth + o, result + o);
                }
            }
        }
    }
}

/// Convolutions of small integers and their gradients, with borders, strides, and windows larger than an image.
#[test]
fn convolutions_of_integers_are_exact() {
    let integers = |n: usize, m: usize| (0..n).map(|i| (i * 7 % m) as f32 - (m / 2) as f32).collect::<Vec<f32>>();
    let cases = [
        (2, [5, 6, 3], [3, 2], 4, [1, 1], "SAME"),
        (1, [7, 7, 2], [3, 3], 33, [2, 2], "SAME"),
        (3, [9, 8, 12], [4, 3], 70, [1, 1], "VALID"),
        (9, [14, 14, 32], [5, 5], 64, [1, 1], "SAME"),
        (1, [8, 8, 4], [1, 1], 8, [2, 2], "SAME"),
        (2, [6, 5, 3], [2, 2], 3, [1, 2], "VALID"),
        (3, [4, 4, 8], [7, 6], 8, [1, 1], "SAME"),
        (1, [12, 13, 300], [5, 5], 40, [1, 1], "SAME"),
    ];
    for (count, [height, width, channels], [rows, columns], depth, strides, padding) in cases {
        let slide = |size, window, stride| Slide::new(size, window, stride, padding).unwrap();
        let w = Windows { channels, rows: slide(height, rows, strides[0]), columns: slide(width, columns, strides[1]) };
        let (x, filter) = (integers(count * w.image_len(), 5), integers(w.len() * depth, 3));
        let (bias, dy) = (integers(depth, 9), integers(count * w.count() * depth, 3));
        let mut want: Vec<f32> = (0..dy.len()).map(|i| bias[i % depth]).collect();
        let (mut dx, mut dw) = (vec![0.0; x.len()], vec![0.0; filter.len()]);
        visit(&w, depth, count, |pixel, weight, result| {
            want[result] += x[pixel] * filter[weight];
            dx[pixel] += dy[result] * filter[weight];
            dw[weight] += dy[result] * x[pixel];
        });
        let case = format!("{height}x{width}x{channels}, window {rows}x{columns}x{depth}, {padding}");
        let mut out = vec![f32::NAN; want.len()];
        if !images::convolve(&w, depth, &x, &filter, Some(&bias), &mut out) {
            return;
        }
        assert!(out == want, "{case}");
        let mut out = vec![f32::NAN; dw.len()];
        assert!(
            images::gradient_of_filter(&w, depth, &x, &dy, &mut out) && out == dw,
            "gradient of the filter, {case}"
        );
        let mut out = vec![f32::NAN; dx.len()];
        let ran = images::gradient_of_images(&w, depth, &filter, &dy, &mut out);
        assert!(!ran || out == dx, "gradient of the images, {case}");
    }
}
