//! Strided copies: transposes, slices, reversals, padding, tiling, and all that together.

use flowbook_cuda::kernels::{Operand, Strided, fill, map, strided_copy};

use crate::bench::{Bench, Element, close, some};

/// Where each element of a strided place lies, in order.
fn places(shape: &[usize], strides: &[isize]) -> Vec<isize> {
    let count = shape.iter().product::<usize>();
    let place = |mut i: usize| {
        let mut at = 0;
        for (n, stride) in shape.iter().zip(strides).rev() {
            at += (i % n) as isize * stride;
            i /= n;
        }
        at
    };
    (0..count).map(place).collect()
}

/// Copies between two arrays of `room` elements, from and to the places given by offsets and strides.
fn check<T: Element>(room: usize, shape: &[usize], from: (usize, &[isize]), to: (usize, &[isize])) {
    let Some(bench) = Bench::new() else { return };
    let (source, before) = (some::<T>(room, 8), some::<T>(room, 9));
    let (on, target) = (bench.put(&source), bench.put(&before));
    let strided = |at: u64, (offset, strides): (usize, &[isize])| Strided {
        address: at + (offset * size_of::<T>()) as u64,
        strides: strides.to_vec(),
    };
    bench.run(&strided_copy(size_of::<T>(), shape, &strided(on.at(), from), &strided(target.at(), to)));
    let mut want = before;
    for (a, b) in places(shape, from.1).into_iter().zip(places(shape, to.1)) {
        want[(to.0 as isize + b) as usize] = source[(from.0 as isize + a) as usize];
    }
    assert_eq!(bench.get(&target), want, "{:?} {shape:?} {from:?} {to:?}", T::DTYPE);
}

fn check_all(room: usize, shape: &[usize], from: (usize, &[isize]), to: (usize, &[isize])) {
    check::<f32>(room, shape, from, to);
    check::<f64>(room, shape, from, to);
    check::<bool>(room, shape, from, to);
}

#[test]
fn transposes() {
    check_all(35, &[5, 7], (0, &[1, 5]), (0, &[7, 1]));
    check_all(70 * 33, &[70, 33], (0, &[1, 70]), (0, &[33, 1]));
    // Three matrices of 5 by 40, each transposed.
    check_all(600, &[3, 40, 5], (0, &[200, 1, 40]), (0, &[200, 5, 1]));
    // [2, 3, 4, 5] with its axes in the order 3, 1, 0, 2.
    check_all(120, &[5, 3, 2, 4], (0, &[1, 20, 60, 5]), (0, &[24, 8, 4, 1]));
}

#[test]
fn slices_reversals_padding_and_repetition() {
    check_all(60, &[2, 3], (21, &[20, 2]), (0, &[3, 1]));
    check_all(60, &[3, 5], (14, &[-5, -1]), (0, &[5, 1]));
    check_all(60, &[2, 3], (0, &[3, 1]), (13, &[12, 1]));
    check_all(60, &[4, 3, 2], (0, &[0, 1, 0]), (0, &[6, 2, 1]));
    check_all(60, &[1, 1], (5, &[9, 9]), (7, &[3, 3]));
    check_all(60, &[0, 3], (0, &[3, 1]), (0, &[3, 1]));
    check_all(60, &[], (3, &[]), (5, &[]));
}

#[test]
fn elements_alike_are_one_copy_whatever_their_axes() {
    check_all(60, &[3, 4, 5], (0, &[20, 5, 1]), (0, &[20, 5, 1]));
    check_all(60, &[2, 5], (3, &[5, 1]), (11, &[5, 1]));
}

#[test]
fn maps_and_fills() {
    let Some(bench) = Bench::new() else { return };
    let (a, b, c) = (some::<f32>(301, 1), some::<i32>(301, 2), [0.25f64]);
    let (on_a, on_b, on_c, to) = (bench.put(&a), bench.put(&b), bench.put(&c), bench.room::<f64>(301));
    let operand = |dtype, address| Operand { dtype, address, scalar: false };
    let operands = [
        operand(f32::DTYPE, on_a.at()),
        operand(i32::DTYPE, on_b.at()),
        Operand { scalar: true, ..operand(f64::DTYPE, on_c.at()) },
    ];
    bench.run(&map("x0 * x2 + x1", &operands, f64::DTYPE, to.at(), 301));
    let want: Vec<f64> = a.iter().zip(&b).map(|(a, b)| f64::from(*a) * 0.25 + f64::from(*b)).collect();
    close(&bench.get(&to), &want, 1e-12);
    let (ones, zeros) = (bench.room::<u8>(77), bench.room::<i64>(3));
    bench.run(&fill(u8::DTYPE, 1.0, ones.at(), 77));
    bench.run(&fill(i64::DTYPE, 0.0, zeros.at(), 3));
    assert_eq!((bench.get(&ones), bench.get(&zeros)), (vec![1; 77], vec![0; 3]));
}
