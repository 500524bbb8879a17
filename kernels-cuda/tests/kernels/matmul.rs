//! Products: every element type, transposes, batches, bias, activations.

use flowbook_cuda::{Activation, Error, Product, Work};

use crate::bench::{Bench, Element, close, floats, some};

/// Row-major element `(i, j)` of a matrix of `rows` by `columns`, or of its transpose.
fn at<T: Copy>(m: &[T], transposed: bool, [rows, columns]: [usize; 2], i: usize, j: usize) -> T {
    if transposed { m[j * rows + i] } else { m[i * columns + j] }
}

fn check<T: Element>([m, n, k]: [usize; 3], ta: bool, tb: bool) {
    let Some(bench) = Bench::new() else { return };
    let (a, b) = (some::<T>(m * k, 1), some::<T>(k * n, 2));
    let (on_a, on_b, to) = (bench.put(&a), bench.put(&b), bench.room::<T>(m * n));
    let product = Product::new(T::DTYPE, [m, n, k], on_a.at(), on_b.at(), to.at()).transposed(ta, tb);
    bench.run(&[Work::Product(product)]);
    let mut want = Vec::new();
    for i in 0..m {
        for j in 0..n {
            let terms = (0..k).map(|p| at(&a, ta, [m, k], i, p).number() * at(&b, tb, [k, n], p, j).number());
            want.push(T::of(terms.sum::<f64>() as i64));
        }
    }
    assert_eq!(bench.get(&to), want, "{:?} {m}x{n}x{k} {ta} {tb}", T::DTYPE);
}

#[test]
fn products_of_small_whole_numbers_are_exact_in_every_type() {
    for sizes in [[1, 1, 1], [3, 5, 7], [65, 2, 17], [2, 70, 33], [64, 64, 16]] {
        for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
            check::<f32>(sizes, ta, tb);
            check::<f64>(sizes, ta, tb);
            check::<i32>(sizes, ta, tb);
            check::<i64>(sizes, ta, tb);
            check::<u8>([sizes[0], sizes[1], sizes[2].min(3)], ta, tb);
        }
    }
}

#[test]
fn a_product_without_terms_is_zero_and_one_without_results_is_nothing() {
    check::<f32>([2, 3, 0], false, false);
    check::<f32>([0, 3, 2], false, false);
    check::<f32>([2, 0, 2], true, true);
}

#[test]
fn integers_wrap_around() {
    let Some(bench) = Bench::new() else { return };
    let (a, b, to) = (bench.put(&[i32::MAX, 2]), bench.put(&[2, 3]), bench.room::<i32>(1));
    bench.run(&[Work::Product(Product::new(i32::DTYPE, [1, 1, 2], a.at(), b.at(), to.at()))]);
    assert_eq!(bench.get(&to), [i32::MAX.wrapping_mul(2).wrapping_add(6)]);
}

#[test]
fn a_batch_has_bias_and_activation_and_may_share_an_operand() {
    let Some(bench) = Bench::new() else { return };
    let [m, n, k, batch] = [3, 5, 4, 3];
    let (a, b, bias) = (floats(batch * m * k, 1), floats(k * n, 2), floats(n, 3));
    let plain: Vec<f64> = (0..batch * m * n)
        .map(|e| (0..k).map(|p| a[e / n * k + p] * b[p * n + e % n]).sum::<f64>() + bias[e % n])
        .collect();
    let (on_a, on_b, on_bias) = (bench.put(&a), bench.put(&b), bench.put(&bias));
    type Function = fn(f64) -> f64;
    let functions: [(Activation, Function); 4] = [
        (Activation::None, |x| x),
        (Activation::Relu, |x| x.max(0.0)),
        (Activation::Sigmoid, |x| 1.0 / (1.0 + (-x).exp())),
        (Activation::Tanh, f64::tanh),
    ];
    for (activation, function) in functions {
        let to = bench.room::<f64>(batch * m * n);
        let mut product = Product::new(f64::DTYPE, [m, n, k], on_a.at(), on_b.at(), to.at());
        (product.batch, product.a.step) = (batch, m * k);
        (product.bias, product.activation) = (Some(on_bias.at()), activation);
        bench.run(&[Work::Product(product)]);
        let want: Vec<f64> = plain.iter().map(|x| function(*x)).collect();
        close(&bench.get(&to), &want, 1e-12);
    }
}

#[test]
fn what_has_no_product_is_refused() {
    let Some(bench) = Bench::new() else { return };
    let product = Product::new(bool::DTYPE, [1, 1, 1], 0, 0, 0);
    assert!(matches!(bench.device.prepare(&Work::Product(product)), Err(Error::Invalid(_))));
}
