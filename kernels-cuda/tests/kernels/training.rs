//! The updates of optimizers against their formulas.

use flowbook_cuda::kernels::{Update, update};

use crate::bench::{Bench, Element, On, close, floats, some};

/// The state of a variable's update: numbers as a rule's inputs, in order; the first `written` arrays are changed.
struct Case {
    rule: fn(&[u64]) -> Update,
    /// For each input: a number, or an array of as many as the variable has.
    inputs: Vec<Option<f64>>,
    /// From all inputs of one element to what the written ones become.
    formula: fn(&[f64]) -> Vec<f64>,
}

fn cases() -> Vec<Case> {
    let at = |numbers: &[f64]| numbers.iter().map(|n| if n.is_nan() { None } else { Some(*n) }).collect();
    let x = f64::NAN;
    vec![
        Case {
            rule: |a| Update::GradientDescent(a.try_into().unwrap()),
            inputs: at(&[x, 0.1, x]),
            formula: |i| vec![i[0] - i[1] * i[2]],
        },
        Case {
            rule: |a| Update::Momentum(a.try_into().unwrap(), false),
            inputs: at(&[x, x, 0.1, x, 0.9]),
            formula: |i| {
                let a = i[1] * i[4] + i[3];
                vec![i[0] - i[2] * a, a]
            },
        },
        Case {
            rule: |a| Update::Momentum(a.try_into().unwrap(), true),
            inputs: at(&[x, x, 0.1, x, 0.9]),
            formula: |i| {
                let a = i[1] * i[4] + i[3];
                vec![i[0] - (i[2] * i[3] + i[2] * i[4] * a), a]
            },
        },
        Case {
            rule: |a| Update::Adagrad(a.try_into().unwrap()),
            inputs: at(&[x, x, 0.1, x]),
            formula: |i| {
                let a = i[1] + i[3] * i[3];
                vec![i[0] - i[2] * i[3] / a.sqrt(), a]
            },
        },
        Case {
            rule: |a| Update::Adadelta(a.try_into().unwrap()),
            inputs: at(&[x, x, x, 0.1, 0.95, 1e-2, x]),
            formula: |i| {
                let a = i[1] * i[4] + i[6] * i[6] * (1.0 - i[4]);
                let step = (i[2] + i[5]).sqrt() / (a + i[5]).sqrt() * i[6];
                vec![i[0] - i[3] * step, a, i[2] * i[4] + step * step * (1.0 - i[4])]
            },
        },
        Case {
            rule: |a| Update::RmsProp(a.try_into().unwrap()),
            inputs: at(&[x, x, x, 0.1, 0.9, 0.5, 1e-2, x]),
            formula: |i| {
                let ms = i[1] + (i[7] * i[7] - i[1]) * (1.0 - i[4]);
                let mom = i[2] * i[5] + i[3] * i[7] / (ms + i[6]).sqrt();
                vec![i[0] - mom, ms, mom]
            },
        },
        Case {
            rule: |a| Update::CenteredRmsProp(a.try_into().unwrap()),
            inputs: at(&[x, x, x, x, 0.1, 0.9, 0.5, 20.0, x]),
            formula: |i| {
                let ms = i[2] + (i[8] * i[8] - i[2]) * (1.0 - i[5]);
                let mg = i[1] + (i[8] - i[1]) * (1.0 - i[5]);
                let mom = i[3] * i[6] + i[4] * i[8] / (ms - mg * mg + i[7]).sqrt();
                vec![i[0] - mom, mg, ms, mom]
            },
        },
        Case {
            rule: |a| Update::Adam(a.try_into().unwrap(), false),
            inputs: at(&[x, x, x, 0.81, 0.998, 0.01, 0.9, 0.999, 1e-3, x]),
            formula: |i| {
                let (m, v) = (i[1] + (i[9] - i[1]) * (1.0 - i[6]), i[2] + (i[9] * i[9] - i[2]) * (1.0 - i[7]));
                let rate = i[5] * (1.0 - i[4]).sqrt() / (1.0 - i[3]);
                vec![i[0] - m * rate / (v.sqrt() + i[8]), m, v]
            },
        },
        Case {
            rule: |a| Update::Adam(a.try_into().unwrap(), true),
            inputs: at(&[x, x, x, 0.81, 0.998, 0.01, 0.9, 0.999, 1e-3, x]),
            formula: |i| {
                let (m, v) = (i[1] + (i[9] - i[1]) * (1.0 - i[6]), i[2] + (i[9] * i[9] - i[2]) * (1.0 - i[7]));
                let rate = i[5] * (1.0 - i[4]).sqrt() / (1.0 - i[3]);
                vec![i[0] - (m * i[6] + i[9] * (1.0 - i[6])) * rate / (v.sqrt() + i[8]), m, v]
            },
        },
    ]
}

fn check<T: Element>(of: fn(f64) -> T, tolerance: f64) {
    let Some(bench) = Bench::new() else { return };
    for (number, case) in cases().into_iter().enumerate() {
        for count in [1, 301, 0] {
            let values = |k: usize, fixed: &Option<f64>| match fixed {
                Some(value) => vec![of(*value)],
                // Running means of squares are positive.
                None => floats(count, k as u64).into_iter().map(|x| of(x.abs() + 0.1)).collect(),
            };
            let inputs: Vec<Vec<T>> = case.inputs.iter().enumerate().map(|(k, fixed)| values(k, fixed)).collect();
            let on: Vec<On<T>> = inputs.iter().map(|v| bench.put(v)).collect();
            let places: Vec<u64> = on.iter().map(On::at).collect();
            bench.run(&update(&(case.rule)(&places), T::DTYPE, count));
            let at = |k: usize, e: usize| inputs[k][if case.inputs[k].is_some() { 0 } else { e }].number();
            for e in 0..count {
                let element: Vec<f64> = (0..inputs.len()).map(|k| at(k, e)).collect();
                let want = (case.formula)(&element);
                let got: Vec<f64> = (0..want.len()).map(|k| bench.get(&on[k])[e].number()).collect();
                assert!(count < 2 || want[0] != element[0], "rule {number} does nothing");
                close(&got, &want, tolerance);
            }
        }
    }
}

#[test]
fn every_rule_follows_its_formula() {
    check::<f32>(|x| x as f32, 1e-5);
    check::<f64>(|x| x, 1e-13);
}

fn check_assign<T: Element>() {
    let Some(bench) = Bench::new() else { return };
    let (a, b) = (some::<T>(77, 1), some::<T>(77, 2));
    let (on_a, on_b) = (bench.put(&a), bench.put(&b));
    bench.run(&update(&Update::AssignAdd([on_a.at(), on_b.at()]), T::DTYPE, 77));
    let sum = |i: usize| T::of(a[i].number() as i64 + b[i].number() as i64);
    assert_eq!(bench.get(&on_a), (0..77).map(sum).collect::<Vec<_>>());
    bench.run(&update(&Update::AssignSub([on_a.at(), on_b.at()]), T::DTYPE, 77));
    assert_eq!(bench.get(&on_a), a);
}

#[test]
fn variables_of_every_type_are_added_to_and_subtracted_from() {
    check_assign::<f32>();
    check_assign::<f64>();
    check_assign::<i32>();
    check_assign::<i64>();
    check_assign::<u8>();
}
