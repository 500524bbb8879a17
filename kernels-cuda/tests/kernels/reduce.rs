//! Reductions along any axes, and the places of extremes.

use flowbook_cuda::kernels::{Reduction, arg_extreme, reduce, reduce_scratch};

use crate::bench::{Bench, Element, close, some};

/// The elements of each result, in order.
fn groups<T: Element>(values: &[T], shape: &[usize], reduced: &[bool]) -> Vec<Vec<T>> {
    let count = shape.iter().zip(reduced).filter(|(_, r)| !**r).map(|(n, _)| n).product();
    let mut groups = vec![Vec::new(); count];
    for (i, value) in values.iter().enumerate() {
        let (mut rest, mut at, mut step) = (i, 0, 1);
        for (n, reduced) in shape.iter().zip(reduced).rev() {
            if !reduced {
                at += rest % n * step;
                step *= n;
            }
            rest /= n;
        }
        groups[at].push(*value);
    }
    groups
}

fn run<T: Element>(bench: &Bench, op: Reduction, values: &[T], shape: &[usize], reduced: &[bool]) -> Vec<T> {
    let from = bench.put(values);
    let to = bench.room::<T>(groups(values, shape, reduced).len());
    let scratch = bench.device.alloc(reduce_scratch(shape, reduced)).unwrap();
    bench.run(&reduce(op, T::DTYPE, shape, reduced, [from.at(), to.at(), scratch.address()]));
    bench.get(&to)
}

const SHAPES: [(&[usize], &[bool]); 12] = [
    (&[7], &[true]),
    (&[], &[]),
    (&[5, 3], &[false, true]),
    (&[5, 3], &[true, false]),
    (&[5, 3], &[false, false]),
    (&[3, 1100], &[false, true]),
    (&[9001], &[true]),
    (&[9001, 3], &[true, false]),
    (&[2, 33, 5], &[false, true, false]),
    (&[3, 4, 5, 6], &[true, false, true, false]),
    (&[2, 40, 2], &[true, true, true]),
    (&[70, 3, 65], &[true, false, true]),
];

fn check<T: Element>(op: Reduction, want: impl Fn(&[T]) -> f64) {
    let Some(bench) = Bench::new() else { return };
    for (shape, reduced) in SHAPES {
        let values = some::<T>(shape.iter().product(), 5);
        let got: Vec<f64> = run(&bench, op, &values, shape, reduced).iter().map(|x| x.number()).collect();
        let want: Vec<f64> = groups(&values, shape, reduced).iter().map(|g| want(g)).collect();
        close(&got, &want, 1e-6);
    }
}

fn total<T: Element>(group: &[T]) -> f64 {
    group.iter().map(|x| x.number()).sum()
}

fn greatest<T: Element>(group: &[T]) -> f64 {
    group.iter().map(|x| x.number()).fold(f64::NEG_INFINITY, f64::max)
}

fn least<T: Element>(group: &[T]) -> f64 {
    group.iter().map(|x| x.number()).fold(f64::INFINITY, f64::min)
}

#[test]
fn sums_and_means() {
    check::<f32>(Reduction::Sum, total);
    check::<f64>(Reduction::Sum, total);
    check::<i32>(Reduction::Sum, total);
    check::<i64>(Reduction::Sum, total);
    check::<u8>(Reduction::Sum, |g| f64::from(total(g) as u64 as u8));
    check::<f32>(Reduction::Mean, |g| total(g) / g.len() as f64);
    check::<f64>(Reduction::Mean, |g| total(g) / g.len() as f64);
    check::<i32>(Reduction::Mean, |g| (total(g) / g.len() as f64).trunc());
    check::<i64>(Reduction::Mean, |g| (total(g) / g.len() as f64).trunc());
    check::<u8>(Reduction::Mean, |g| (total(g) / g.len() as f64).trunc());
}

#[test]
fn extremes() {
    check::<f32>(Reduction::Max, greatest);
    check::<f64>(Reduction::Max, greatest);
    check::<i32>(Reduction::Max, greatest);
    check::<i64>(Reduction::Max, greatest);
    check::<u8>(Reduction::Max, greatest);
    check::<f32>(Reduction::Min, least);
    check::<f64>(Reduction::Min, least);
    check::<i32>(Reduction::Min, least);
    check::<i64>(Reduction::Min, least);
    check::<u8>(Reduction::Min, least);
}

#[test]
fn products_wrap_and_squares_add_up() {
    check::<i32>(Reduction::Prod, |g| f64::from(g.iter().fold(1i32, |a, x| a.wrapping_mul(*x))));
    check::<i64>(Reduction::Prod, |g| g.iter().fold(1i64, |a, x| a.wrapping_mul(*x)) as f64);
    check::<u8>(Reduction::Prod, |g| f64::from(g.iter().fold(1u8, |a, x| a.wrapping_mul(*x))));
    check::<f32>(Reduction::HalfSumOfSquares, |g| g.iter().map(|x| f64::from(x * x)).sum::<f64>() / 2.0);
    check::<f64>(Reduction::HalfSumOfSquares, |g| g.iter().map(|x| x * x).sum::<f64>() / 2.0);
    let Some(bench) = Bench::new() else { return };
    assert_eq!(run(&bench, Reduction::Prod, &[1.5f32, -2.0, 4.0], &[3], &[true]), [-12.0]);
    assert_eq!(run(&bench, Reduction::Prod, &[1.5f64, -2.0, 4.0], &[3], &[true]), [-12.0]);
}

#[test]
fn logic() {
    check::<bool>(Reduction::All, |g| f64::from(u8::from(g.iter().all(|b| *b))));
    check::<bool>(Reduction::Any, |g| f64::from(u8::from(g.iter().any(|b| *b))));
}

#[test]
fn nothing_reduces_to_what_the_reduction_starts_from() {
    let Some(bench) = Bench::new() else { return };
    let (shape, reduced): (&[usize], &[bool]) = (&[2, 0, 3], &[false, true, false]);
    assert_eq!(run::<f32>(&bench, Reduction::Sum, &[], shape, reduced), [0.0; 6]);
    assert_eq!(run::<i32>(&bench, Reduction::Prod, &[], shape, reduced), [1; 6]);
    assert_eq!(run::<f64>(&bench, Reduction::Max, &[], shape, reduced), [f64::NEG_INFINITY; 6]);
    assert_eq!(run::<i64>(&bench, Reduction::Min, &[], shape, reduced), [i64::MAX; 6]);
    assert!(run::<f32>(&bench, Reduction::Mean, &[], shape, reduced).iter().all(|x| x.is_nan()));
    assert_eq!(run::<u8>(&bench, Reduction::Mean, &[], shape, reduced), [0; 6]);
    assert_eq!(run::<bool>(&bench, Reduction::All, &[], shape, reduced), [true; 6]);
    assert_eq!(run::<f32>(&bench, Reduction::Sum, &[], &[0, 3], &[false, true]), []);
}

#[test]
fn extremes_are_no_number_when_an_element_is_none() {
    let Some(bench) = Bench::new() else { return };
    for place in [0, 1, 31, 1500, 2999] {
        let mut values = some::<f32>(3000, 5);
        values[place] = f32::NAN;
        for op in [Reduction::Max, Reduction::Min] {
            assert!(run(&bench, op, &values, &[3000], &[true])[0].is_nan(), "{op:?} {place}");
            let columns = run(&bench, op, &values, &[1000, 3], &[true, false]);
            assert_eq!((0..3).filter(|c| columns[*c].is_nan()).collect::<Vec<_>>(), [place % 3], "{op:?} {place}");
        }
    }
}

/// Which of the elements that are numbers comes first among the greatest, as a loop over them finds it.
fn place<T: PartialOrd + Copy>(values: &[T], greatest: bool) -> i64 {
    let better = |x: T, y: T| if greatest { x > y } else { x < y };
    let numbers = (0..values.len()).filter(|i| values[*i].partial_cmp(&values[*i]).is_some());
    numbers.reduce(|best, i| if better(values[i], values[best]) { i } else { best }).unwrap_or(0) as i64
}

fn check_places<T: Element + PartialOrd>(values: &[T], shape: [usize; 3]) {
    let Some(bench) = Bench::new() else { return };
    let groups = groups(values, &shape, &[false, true, false]);
    for greatest in [true, false] {
        let want: Vec<i64> = groups.iter().map(|g| place(g, greatest)).collect();
        let (from, long, short) = (bench.put(values), bench.room::<i64>(want.len()), bench.room::<i32>(want.len()));
        bench.run(&arg_extreme(greatest, [T::DTYPE, i64::DTYPE], shape, from.at(), long.at()));
        assert_eq!(bench.get(&long), want, "{:?} {shape:?} {greatest}", T::DTYPE);
        bench.run(&arg_extreme(greatest, [T::DTYPE, i32::DTYPE], shape, from.at(), short.at()));
        let short: Vec<i64> = bench.get(&short).into_iter().map(i64::from).collect();
        assert_eq!(short, want, "{:?} {shape:?} {greatest}", T::DTYPE);
    }
}

#[test]
fn places_of_extremes_are_those_of_the_first_of_equals() {
    for shape in [[3, 7, 1], [9, 100, 1], [2, 5, 3], [1, 1, 1], [0, 3, 1]] {
        let count = shape.iter().product();
        check_places(&some::<f32>(count, 3), shape);
        check_places(&some::<f64>(count, 3), shape);
        check_places(&some::<i32>(count, 3), shape);
        check_places(&some::<i64>(count, 3), shape);
        check_places(&some::<u8>(count, 3), shape);
    }
}

#[test]
fn a_place_is_never_that_of_what_is_no_number() {
    let mut values = some::<f32>(80, 4);
    (values[3], values[41], values[50]) = (f32::NAN, f32::NAN, 9.0);
    check_places(&values, [2, 40, 1]);
    values[40] = f32::NAN;
    check_places(&values, [2, 40, 1]);
    (values[0], values[1]) = (f32::NAN, f32::NAN);
    check_places(&values, [2, 40, 1]);
    check_places(&values, [1, 40, 2]);
    check_places(&[f32::NEG_INFINITY; 40], [1, 40, 1]);
    check_places(&[f32::NAN; 40], [1, 40, 1]);
}
