//! Softmax, its logarithm, and the cross entropies, in rows of a few and of many elements.

use flowbook_cuda::kernels::{cross_entropy, log_softmax, softmax, sparse_cross_entropy};

use crate::bench::{Bench, Element, On, close, floats};

const SIZES: [[usize; 2]; 5] = [[3, 10], [9, 1], [2, 33], [2, 2500], [0, 4]];

fn numbers<T: Element>(bench: &Bench, on: &On<T>) -> Vec<f64> {
    bench.get(on).iter().map(|x| x.number()).collect()
}

/// The floats as the type has them, and in the device's memory.
fn put<T: Element>(bench: &Bench, values: &[f64], of: fn(f64) -> T) -> (Vec<f64>, On<T>) {
    let values: Vec<T> = values.iter().map(|x| of(*x)).collect();
    (values.iter().map(|x| x.number()).collect(), bench.put(&values))
}

/// The logarithm of the sum of a row's exponentials.
fn log_sum(row: &[f64]) -> f64 {
    row.iter().map(|x| x.exp()).sum::<f64>().ln()
}

fn check<T: Element>(of: fn(f64) -> T, tolerance: f64) {
    let Some(bench) = Bench::new() else { return };
    for [rows, width] in SIZES {
        let (x, on) = put(&bench, &floats(rows * width, 1), of);
        let (to, logs) = (bench.room::<T>(rows * width), bench.room::<T>(rows * width));
        bench.run(&softmax(T::DTYPE, [rows, width], on.at(), to.at()));
        bench.run(&log_softmax(T::DTYPE, [rows, width], on.at(), logs.at()));
        let want: Vec<f64> = x.chunks(width).flat_map(|row| row.iter().map(|x| x - log_sum(row))).collect();
        close(&numbers(&bench, &logs), &want, tolerance);
        close(&numbers(&bench, &to), &want.iter().map(|x| x.exp()).collect::<Vec<_>>(), tolerance);

        let (labels, on_labels) = put(&bench, &floats(rows * width, 2), of);
        let (losses, gradient) = (bench.room::<T>(rows), bench.room::<T>(rows * width));
        bench.run(&cross_entropy(T::DTYPE, [rows, width], [on.at(), on_labels.at(), losses.at(), gradient.at()]));
        let pairs = || x.chunks(width).zip(labels.chunks(width));
        let want: Vec<f64> =
            pairs().map(|(row, l)| row.iter().zip(l).map(|(x, l)| l * (log_sum(row) - x)).sum()).collect();
        close(&numbers(&bench, &losses), &want, 10.0 * tolerance);
        let slope = |(row, l): (&[f64], &[f64])| {
            row.iter().zip(l).map(|(x, l)| (x - log_sum(row)).exp() - l).collect::<Vec<_>>()
        };
        close(&numbers(&bench, &gradient), &pairs().flat_map(slope).collect::<Vec<_>>(), 10.0 * tolerance);
    }
}

#[test]
fn softmax_and_cross_entropy_with_labels_for_every_class() {
    check::<f32>(|x| x as f32, 2e-6);
    check::<f64>(|x| x, 1e-13);
}

fn check_sparse<T: Element, L: Element>(of: fn(f64) -> T, tolerance: f64) {
    let Some(bench) = Bench::new() else { return };
    for [rows, width] in SIZES {
        let (x, on) = put(&bench, &floats(rows * width, 1), of);
        let classes: Vec<usize> = (0..rows).map(|i| i * 7 % width).collect();
        let labels: Vec<L> = classes.iter().map(|c| L::of(*c as i64)).collect();
        let (on_labels, fault) = (bench.put(&labels), bench.put(&[-1i64]));
        let (losses, gradient) = (bench.room::<T>(rows), bench.room::<T>(rows * width));
        let places = [on.at(), on_labels.at(), losses.at(), gradient.at()];
        bench.run(&sparse_cross_entropy(T::DTYPE, L::DTYPE, [rows, width], places, fault.at()));
        let rows_of = || x.chunks(width).zip(&classes);
        close(
            &numbers(&bench, &losses),
            &rows_of().map(|(row, c)| log_sum(row) - row[*c]).collect::<Vec<_>>(),
            tolerance,
        );
        let slope = |(row, c): (&[f64], &usize)| {
            let one = |i: usize| f64::from(u8::from(i == *c));
            row.iter().enumerate().map(|(i, x)| (x - log_sum(row)).exp() - one(i)).collect::<Vec<_>>()
        };
        close(&numbers(&bench, &gradient), &rows_of().flat_map(slope).collect::<Vec<_>>(), tolerance);
        assert_eq!(bench.get(&fault), [-1]);
    }
}

#[test]
fn cross_entropy_with_class_numbers() {
    check_sparse::<f32, i32>(|x| x as f32, 2e-6);
    check_sparse::<f32, i64>(|x| x as f32, 2e-6);
    check_sparse::<f64, i64>(|x| x, 1e-13);
}

#[test]
fn a_number_that_is_no_class_is_found() {
    let Some(bench) = Bench::new() else { return };
    let (on, labels, fault) = (bench.put(&[0.5f32; 12]), bench.put(&[1i32, 3, -1, 2]), bench.put(&[-1i64]));
    let (losses, gradient) = (bench.room::<f32>(4), bench.room::<f32>(12));
    let places = [on.at(), labels.at(), losses.at(), gradient.at()];
    bench.run(&sparse_cross_entropy(f32::DTYPE, i32::DTYPE, [4, 3], places, fault.at()));
    assert_eq!(bench.get(&fault), [1]);
    let none: Vec<bool> = bench.get(&losses).iter().map(|x| x.is_nan()).collect();
    assert_eq!(none, [false, true, true, false]);
}

/// Logits far apart neither over- nor underflow: the greatest has all.
#[test]
fn large_logits_keep_their_order() {
    let Some(bench) = Bench::new() else { return };
    let (on, to) = (bench.put(&[1000.0f32, -1000.0, 0.0]), bench.room::<f32>(3));
    bench.run(&softmax(f32::DTYPE, [1, 3], on.at(), to.at()));
    assert_eq!(bench.get(&to), [1.0, 0.0, 0.0]);
}
