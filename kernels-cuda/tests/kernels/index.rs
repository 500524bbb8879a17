//! Gathered rows, one-hot rows, diagonals, running sums and products, the greatest elements, ranges.

use flowbook_cuda::kernels::{Gather, Scan, gather, linspace, matrix_diag, one_hot, range, scan, top_k};

use crate::bench::{Bench, Element, close, some};

fn check_gather<T: Element, N: Element>() {
    let Some(bench) = Bench::new() else { return };
    for [rows, width, count] in [[5, 3, 7], [1, 1, 1], [4, 300, 2], [3, 2, 0], [3, 0, 2]] {
        let (values, picks) = (some::<T>(rows * width, 1), (0..count).map(|i| i * 2 % rows).collect::<Vec<_>>());
        let numbers: Vec<N> = picks.iter().map(|p| N::of(*p as i64)).collect();
        let (on, on_numbers, fault) = (bench.put(&values), bench.put(&numbers), bench.put(&[-1i64]));
        let to = bench.room::<T>(count * width);
        let places = [on.at(), on_numbers.at(), to.at()];
        bench.run(&gather(size_of::<T>(), N::DTYPE, Gather::rows(rows, width, count), places, fault.at()));
        let want: Vec<T> = picks.iter().flat_map(|p| values[p * width..(p + 1) * width].to_vec()).collect();
        assert_eq!((bench.get(&to), bench.get(&fault)), (want, vec![-1]));
    }
}

#[test]
fn rows_are_gathered_by_number() {
    check_gather::<f32, i32>();
    check_gather::<f64, i64>();
    check_gather::<u8, i64>();
    check_gather::<bool, i32>();
}

/// Two batches of three tables: each table gives the rows that its batch asks for.
#[test]
fn tables_of_a_batch_share_its_numbers() {
    let Some(bench) = Bench::new() else { return };
    let sizes = Gather { batch: 2, tables: 3, rows: 4, width: 5, numbers: 2 };
    let (values, picks) = (some::<f32>(2 * 3 * 4 * 5, 2), [3i32, 0, 1, 1]);
    let (on, numbers, to) = (bench.put(&values), bench.put(&picks), bench.room::<f32>(2 * 3 * 2 * 5));
    bench.run(&gather(4, i32::DTYPE, sizes, [on.at(), numbers.at(), to.at()], 0));
    let row = |table: usize, pick: i32| values[(table * 4 + pick as usize) * 5..][..5].to_vec();
    let want = (0..6).flat_map(|table| picks[table / 3 * 2..][..2].iter().flat_map(move |pick| row(table, *pick)));
    assert_eq!(bench.get(&to), want.collect::<Vec<_>>());
}

#[test]
fn a_number_of_no_row_gives_zeros_and_is_found() {
    let Some(bench) = Bench::new() else { return };
    let (on, numbers, fault) = (bench.put(&[1, 2, 3, 4]), bench.put(&[1i64, 2, -1]), bench.put(&[-1i64]));
    let to = bench.room::<i32>(6);
    bench.run(&gather(4, i64::DTYPE, Gather::rows(2, 2, 3), [on.at(), numbers.at(), to.at()], fault.at()));
    assert_eq!((bench.get(&to), bench.get(&fault)), (vec![3, 4, 0, 0, 0, 0], vec![1]));
}

#[test]
fn one_hot_rows_have_a_one_at_the_number_and_none_for_a_number_outside() {
    let Some(bench) = Bench::new() else { return };
    fn check<T: Element, N: Element>(bench: &Bench) {
        let numbers: Vec<N> = [0, 2, 3, 1].map(N::of).to_vec();
        let (on, one, zero) = (bench.put(&numbers), bench.put(&[T::of(3)]), bench.put(&[T::of(1)]));
        let to = bench.room::<T>(12);
        bench.run(&one_hot(T::DTYPE, N::DTYPE, 4, 3, [on.at(), one.at(), zero.at(), to.at()]));
        assert_eq!(bench.get(&to), [3, 1, 1, 1, 1, 3, 1, 1, 1, 1, 3, 1].map(T::of));
    }
    check::<f32, i32>(&bench);
    check::<f64, u8>(&bench);
    check::<i32, i64>(&bench);
    check::<u8, u8>(&bench);
    assert!(one_hot(f32::DTYPE, i32::DTYPE, 4, 0, [0; 4]).is_empty());
    let (on, one, zero, to) = (bench.put(&[-1i32]), bench.put(&[1i64]), bench.put(&[0i64]), bench.room::<i64>(2));
    bench.run(&one_hot(i64::DTYPE, i32::DTYPE, 1, 2, [on.at(), one.at(), zero.at(), to.at()]));
    assert_eq!(bench.get(&to), [0, 0]);
}

#[test]
fn diagonals() {
    let Some(bench) = Bench::new() else { return };
    let (on, to) = (bench.put(&[1.0f32, 2.0, 3.0, 4.0]), bench.room::<f32>(8));
    bench.run(&matrix_diag(f32::DTYPE, [2, 2], on.at(), to.at()));
    assert_eq!(bench.get(&to), [1.0, 0.0, 0.0, 2.0, 3.0, 0.0, 0.0, 4.0]);
}

fn check_scan<T: Element>() {
    let Some(bench) = Bench::new() else { return };
    let scans = [
        (Scan { product: false, backwards: false, exclusive: false }, [2, 5, 3]),
        (Scan { product: false, backwards: true, exclusive: false }, [2, 5, 3]),
        (Scan { product: false, backwards: false, exclusive: true }, [3, 40, 1]),
        (Scan { product: true, backwards: false, exclusive: false }, [2, 3, 2]),
        (Scan { product: true, backwards: true, exclusive: true }, [2, 3, 2]),
        (Scan { product: false, backwards: true, exclusive: false }, [1, 0, 2]),
    ];
    for (how, [outer, axis, inner]) in scans {
        let values = some::<T>(outer * axis * inner, 6);
        let (on, to) = (bench.put(&values), bench.room::<T>(values.len()));
        bench.run(&scan(how, T::DTYPE, [outer, axis, inner], on.at(), to.at()));
        let at = |o: usize, k: usize, i: usize| values[(o * axis + k) * inner + i].number() as i64;
        let mut want = Vec::new();
        for o in 0..outer {
            for k in 0..axis {
                for i in 0..inner {
                    let own = usize::from(!how.exclusive);
                    let terms = if how.backwards { k + 1 - own..axis } else { 0..k + own };
                    let terms = terms.map(|k| at(o, k, i));
                    want.push(T::of(if how.product { terms.product() } else { terms.sum() }));
                }
            }
        }
        assert_eq!(bench.get(&to), want);
    }
}

#[test]
fn running_sums_and_products() {
    check_scan::<f32>();
    check_scan::<f64>();
    check_scan::<i32>();
    check_scan::<i64>();
    check_scan::<u8>();
}

fn check_top<T: Element + PartialOrd>() {
    let Some(bench) = Bench::new() else { return };
    for (rows, width, k) in [(3, 7, 4), (1, 1, 1), (2, 40, 40), (2, 3, 0)] {
        let values = some::<T>(rows * width, 2);
        let (on, to, places) = (bench.put(&values), bench.room::<T>(rows * k), bench.room::<i32>(rows * k));
        bench.run(&top_k(T::DTYPE, [rows, width], k, [on.at(), to.at(), places.at()]));
        let (mut want, mut want_places) = (Vec::new(), Vec::new());
        for row in values.chunks(width) {
            let mut order: Vec<usize> = (0..width).collect();
            order.sort_by(|a, b| row[*b].partial_cmp(&row[*a]).unwrap());
            want.extend(order[..k].iter().map(|i| row[*i]));
            want_places.extend(order[..k].iter().map(|i| *i as i32));
        }
        assert_eq!((bench.get(&to), bench.get(&places)), (want, want_places));
    }
}

#[test]
fn the_greatest_elements_come_in_falling_order_and_equals_as_they_stood() {
    check_top::<f32>();
    check_top::<f64>();
    check_top::<i32>();
    check_top::<i64>();
    check_top::<u8>();
}

#[test]
fn what_is_no_number_is_behind_the_greatest() {
    let Some(bench) = Bench::new() else { return };
    let from = bench.put(&[f32::NAN, 1.0, f32::NAN, f32::NEG_INFINITY, 2.0]);
    let (values, places) = (bench.room::<f32>(5), bench.room::<i32>(5));
    bench.run(&top_k(f32::DTYPE, [1, 5], 5, [from.at(), values.at(), places.at()]));
    assert_eq!(bench.get(&values)[..3], [2.0, 1.0, f32::NEG_INFINITY]);
    assert_eq!(bench.get(&places), [4, 1, 3, 0, 2]);
}

#[test]
fn ranges_and_evenly_spaced_numbers() {
    let Some(bench) = Bench::new() else { return };
    let (start, delta, to) = (bench.put(&[7i64]), bench.put(&[-2i64]), bench.room::<i64>(4));
    bench.run(&range(i64::DTYPE, 4, [start.at(), delta.at(), to.at()]));
    assert_eq!(bench.get(&to), [7, 5, 3, 1]);
    let (start, delta, to) = (bench.put(&[0.5f32]), bench.put(&[0.1f32]), bench.room::<f32>(300));
    bench.run(&range(f32::DTYPE, 300, [start.at(), delta.at(), to.at()]));
    let sums: Vec<f32> = std::iter::successors(Some(0.5f32), |x| Some(x + 0.1)).take(300).collect();
    assert_eq!(bench.get(&to), sums);
    let (start, stop, to) = (bench.put(&[-1.0f64]), bench.put(&[2.0f64]), bench.room::<f64>(7));
    bench.run(&linspace(f64::DTYPE, 7, [start.at(), stop.at(), to.at()]));
    close(&bench.get(&to), &[-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0], 1e-15);
    bench.run(&linspace(f64::DTYPE, 1, [start.at(), stop.at(), to.at()]));
    assert_eq!(bench.get(&to)[0], -1.0);
}
