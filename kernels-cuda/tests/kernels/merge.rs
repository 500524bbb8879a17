//! Small launches as one: the same results, and everything else left alone.

use flowbook_cuda::kernels::*;
use flowbook_cuda::{Activation, Product, Work};

use crate::bench::{Bench, Element, On, close, floats, some};

const F: flowbook_cuda::DType = flowbook_cuda::DType::Float32;

/// A training step of two dense layers on four examples, with dropout's random numbers and copies here and there.
struct Step {
    arrays: Vec<On<f32>>,
    state: On<u8>,
}

impl Step {
    const SIZES: [usize; 18] = [8, 4, 4, 2, 2, 1, 8, 4, 4, 4, 2, 1, 4, 8, 4, 2, 1, 8];

    fn new(bench: &Bench) -> Step {
        let values = |(i, n): (usize, &usize)| floats(*n, i as u64).iter().map(|x| *x as f32 / 4.0).collect::<Vec<_>>();
        let arrays = Step::SIZES.iter().enumerate().map(values).map(|v| bench.put(&v)).collect();
        Step { arrays, state: bench.put(&philox_state(7, [1, 2])) }
    }

    fn works(&self) -> Vec<Work> {
        let at = |i: usize| self.arrays[i].at();
        let [x, labels, w, b, v] = [0, 1, 2, 3, 4].map(at);
        let [rate, hidden, logits, losses, slope] = [5, 6, 7, 8, 9].map(at);
        let [by_v, by_hidden, by_w, by_b, noise] = [10, 13, 14, 15, 17].map(at);
        let first =
            Product { bias: Some(b), activation: Activation::Sigmoid, ..Product::new(F, [4, 2, 2], x, w, hidden) };
        let mut works = vec![Work::Product(first), Work::Product(Product::new(F, [4, 1, 2], hidden, v, logits))];
        works.extend(cross_entropy(F, [4, 1], [logits, labels, losses, slope]));
        works.push(Work::Product(Product::new(F, [2, 1, 4], hidden, slope, by_v).transposed(true, false)));
        works.push(Work::Product(Product::new(F, [4, 2, 1], slope, v, by_hidden).transposed(false, true)));
        works.extend(random(Distribution::Uniform, F, 8, self.state.at(), noise));
        let operand = |address| Operand { dtype: F, address, scalar: false };
        works.extend(map("x0 * x1 * (1 - x1) + x2", &[by_hidden, hidden, noise].map(operand), F, by_hidden, 8));
        works.push(Work::Product(Product::new(F, [2, 2, 4], x, by_hidden, by_w).transposed(true, false)));
        works.push(Work::Zero { to: by_b, bytes: 8 });
        works.extend(reduce(Reduction::Sum, F, &[4, 2], &[true, false], [by_hidden, by_b, 0]));
        works.extend(update(&Update::GradientDescent([v, rate, by_v]), F, 2));
        works.extend(update(&Update::GradientDescent([w, rate, by_w]), F, 4));
        works.extend(update(&Update::GradientDescent([b, rate, by_b]), F, 2));
        works.push(Work::Copy { from: w, to: self.arrays[12].at(), bytes: 16 });
        works
    }

    fn results(&self, bench: &Bench) -> Vec<f64> {
        self.arrays.iter().flat_map(|a| bench.get(a)).map(f64::from).collect()
    }
}

#[test]
fn a_step_of_a_small_network_is_one_launch_with_the_same_results() {
    let Some(bench) = Bench::new() else { return };
    let (apart, together) = (Step::new(&bench), Step::new(&bench));
    let merged = merge(together.works());
    assert_eq!((apart.works().len(), merged.len()), (15, 1));
    for _ in 0..3 {
        bench.run(&apart.works());
        bench.run(&merged);
    }
    // A compiler may round otherwise where it sees more at once.
    close(&together.results(&bench), &apart.results(&bench), 1e-6);
    assert_eq!(bench.get(&together.state), bench.get(&apart.state));
    assert_ne!(together.results(&bench), Step::new(&bench).results(&bench));
}

#[test]
fn large_launches_stay_between_the_small_ones() {
    let Some(bench) = Bench::new() else { return };
    let values = some::<f32>(1000, 3);
    let (on, to, sum) = (bench.put(&values), bench.room::<f32>(1000), bench.put(&[0f32; 4]));
    let operand = |address, scalar| Operand { dtype: F, address, scalar };
    let add = |k: u64| map("x0 + 1", &[operand(sum.at() + 4 * k, false)], F, sum.at() + 4 * k, 1);
    let mut works: Vec<Work> = (0..4).flat_map(add).collect();
    works.extend(map("x0 + x1", &[operand(on.at(), false), operand(sum.at(), true)], F, to.at(), 1000));
    works.extend((0..2).flat_map(add));
    let merged = merge(works.clone());
    assert_eq!(merged.len(), 4, "four small ones as one, a large one, two small ones as they are");
    assert_eq!(merged[1..], works[4..]);
    bench.run(&merged);
    assert_eq!(bench.get(&sum), [2.0, 2.0, 1.0, 1.0]);
    assert_eq!(bench.get(&to), values.iter().map(|x| x + 1.0).collect::<Vec<_>>());
}

#[test]
fn a_launch_of_two_blocks_is_both_of_them() {
    let Some(bench) = Bench::new() else { return };
    let (on, to) = (bench.put(&some::<i32>(300, 1)), bench.room::<i32>(300));
    let operand = Operand { dtype: i32::DTYPE, address: on.at(), scalar: false };
    let works: Vec<Work> =
        (1..=3).flat_map(|k| map(&format!("x0 * {k}"), &[operand], i32::DTYPE, to.at(), 300)).collect();
    let merged = merge(works);
    assert_eq!(merged.len(), 1);
    bench.run(&merged);
    assert_eq!(bench.get(&to), bench.get(&on).iter().map(|x| x * 3).collect::<Vec<_>>());
}

#[test]
fn more_launches_than_one_takes_become_several() {
    let Some(bench) = Bench::new() else { return };
    let on = bench.put(&[0i64]);
    let operand = Operand { dtype: i64::DTYPE, address: on.at(), scalar: false };
    let works: Vec<Work> = (0..130).flat_map(|_| map("x0 + 1", &[operand], i64::DTYPE, on.at(), 1)).collect();
    let merged = merge(works);
    // 64, 64, and two as they are.
    assert_eq!(merged.len(), 4);
    bench.run(&merged);
    assert_eq!(bench.get(&on), [130]);
}
