//! Scatters and segment sums against loops over the updates in their order.

use flowbook_cuda::kernels::{Scatter, scatter};

use crate::bench::{Bench, Element, some};

const HOW: [Scatter; 3] = [Scatter::Put, Scatter::Add, Scatter::Subtract];

/// The sizes of the axes, of a row, and the number of updates: few of many rows and many of few, none, wide ones.
const CASES: [(&[usize], usize, usize); 9] = [
    (&[5], 3, 7),
    (&[50], 3, 7),
    (&[4], 1, 300),
    (&[400], 1, 70),
    (&[3, 4], 130, 5),
    (&[2, 3, 2], 131, 40),
    (&[1], 300, 33),
    (&[6], 2, 0),
    (&[6], 0, 2),
];

fn check<T: Element, N: Element>(add: fn(T, T) -> T, subtract: fn(T, T) -> T) {
    let Some(bench) = Bench::new() else { return };
    for ((axes, width, count), how) in CASES.into_iter().flat_map(|case| HOW.map(|how| (case, how))) {
        let rows: usize = axes.iter().product();
        // Now and then a number is outside, along one axis only.
        let index = |i: usize, k: usize| (i * (7 + k) + i / 3) as i64 % (axes[k] as i64 + i64::from(i % 5 == 4));
        let numbers: Vec<N> = (0..count).flat_map(|i| (0..axes.len()).map(move |k| N::of(index(i, k)))).collect();
        let (before, updates) = (some::<T>(rows * width, 1), some::<T>(count * width, 2));
        for fresh in [false, true] {
            let (on_numbers, on_updates) = (bench.put(&numbers), bench.put(&updates));
            let to = bench.put(&before);
            let places = [on_numbers.at(), on_updates.at(), to.at()];
            bench.run(&scatter(how, T::DTYPE, N::DTYPE, (axes, width, count), fresh, places));
            let mut want = if fresh { vec![T::of(0); rows * width] } else { before.clone() };
            for i in 0..count {
                if (0..axes.len()).any(|k| index(i, k) >= axes[k] as i64) {
                    continue;
                }
                let row = (0..axes.len()).fold(0, |row, k| row * axes[k] + index(i, k) as usize);
                for c in 0..width {
                    let (at, update) = (row * width + c, updates[i * width + c]);
                    want[at] = match how {
                        Scatter::Put => update,
                        Scatter::Add => add(want[at], update),
                        Scatter::Subtract => subtract(want[at], update),
                    };
                }
            }
            assert_eq!(bench.get(&to), want, "{how:?} {axes:?} {width} {count} {fresh}");
        }
    }
}

#[test]
fn updates_of_a_row_are_taken_in_their_order() {
    // One after the other, as the loop does: also sums of floats are the same.
    check::<f32, i32>(|x, y| x + y, |x, y| x - y);
    check::<f64, i64>(|x, y| x + y, |x, y| x - y);
    check::<i32, i64>(i32::wrapping_add, i32::wrapping_sub);
    check::<u8, i32>(u8::wrapping_add, u8::wrapping_sub);
}

#[test]
fn of_two_updates_of_a_row_the_later_one_stays() {
    let Some(bench) = Bench::new() else { return };
    let (numbers, updates, to) = (bench.put(&[1i32, 0, 1]), bench.put(&[true, true, false]), bench.put(&[false; 2]));
    let places = [numbers.at(), updates.at(), to.at()];
    bench.run(&scatter(Scatter::Put, bool::DTYPE, i32::DTYPE, (&[2], 1, 3), false, places));
    assert_eq!(bench.get(&to), [true, false]);
}
