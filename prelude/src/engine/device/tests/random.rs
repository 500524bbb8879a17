//! Random graphs of ops that change shapes, on both sides: sizes that fit no block, axes from both ends, operands that are
//! broadcast, and the gradients of all of it. `FLOWBOOK_RANDOM_GRAPHS` asks for more of them than a test should take.

use super::{has_device, on_cpu, on_gpu};
use crate::graph::{Graph, Tensor, gradients};
use crate::ops::shape::transpose_by;
use crate::session::{Feeds, Session};
use crate::{Array, DType, Shape, v1 as tf};

/// How many elements a tensor may have.
const ELEMENTS: std::ops::RangeInclusive<usize> = 1..=6000;

/// A small generator of its own, so that graphs stay the same for ever.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn array(&mut self, sizes: &[usize]) -> Array {
        let count = sizes.iter().product();
        Array::new((0..count).map(|_| self.below(4001) as f32 / 1000.0 - 2.0).collect(), sizes)
    }

    fn permutation(&mut self, rank: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..rank).collect();
        (1..rank).rev().for_each(|i| all.swap(i, self.below(i + 1)));
        all
    }
}

fn sizes(x: Tensor) -> Vec<usize> {
    x.shape().sizes().expect("sizes are known")
}

fn ints(numbers: impl IntoIterator<Item = usize>) -> Vec<i32> {
    numbers.into_iter().map(|n| n as i32).collect()
}

/// Something of the tensor, by an op that changes its shape or goes along an axis.
fn turned(dice: &mut Dice, x: Tensor) -> Tensor {
    let n = sizes(x);
    let (rank, axis) = (n.len(), dice.below(n.len()));
    let end = (axis as i32) - if dice.below(2) == 0 { rank as i32 } else { 0 };
    match dice.below(15) {
        0 => {
            let order = ints(dice.permutation(rank));
            transpose_by(x, tf::constant(order).tensor())
        }
        1 => tf::reshape(x, ints([n[..axis].iter().product(), n[axis..].iter().product()])),
        2 => {
            let begin: Vec<usize> = n.iter().map(|n| dice.below(*n)).collect();
            let size = n.iter().zip(&begin).map(|(n, b)| 1 + dice.below(n - b)).collect::<Vec<_>>();
            tf::slice(x, ints(begin), ints(size))
        }
        3 => tf::reverse(x, [end]),
        4 => tf::concat([x, x * 0.5, tf::reverse(x, [end])], end),
        5 => {
            let axis = dice.below(rank + 1) as i32;
            tf::stack([x, -x]).axis(axis).tensor()
        }
        6 => tf::tile(x, ints((0..rank).map(|_| 1 + dice.below(2)))),
        7 => {
            let pads: Vec<i32> = (0..2 * rank).map(|_| dice.below(4) as i32).collect();
            tf::pad(x, Array::new(pads, &[rank, 2])).constant_values(dice.of(&[0.0, 1.5])).tensor()
        }
        8 => {
            let mode = dice.of(&["REFLECT", "SYMMETRIC"]);
            let most = |n: usize| if mode == "REFLECT" { n } else { n + 1 };
            let pads: Vec<i32> = n.iter().flat_map(|n| [*n, *n]).map(|n| dice.below(most(n).min(4)) as i32).collect();
            tf::pad(x, Array::new(pads, &[rank, 2])).mode(mode).tensor()
        }
        9 => {
            let picks = (0..1 + dice.below(6)).map(|_| dice.below(n[axis])).collect::<Vec<_>>();
            tf::gather(x, ints(picks)).axis(end).tensor()
        }
        10 => tf::tanh(tf::cumsum(x, end).exclusive(dice.below(2) == 0).reverse(dice.below(2) == 0)),
        11 => tf::math::cumprod(tf::tanh(x), end).exclusive(dice.below(2) == 0).reverse(dice.below(2) == 0).tensor(),
        12 => {
            let first = 1 + dice.below(n[axis]);
            let parts = tf::split(x, ints([first, n[axis] - first]), end);
            tf::reduce_sum(parts[0]).axis(end).keepdims(true) + parts[1]
        }
        13 => tf::nn::softmax(x).tensor(),
        _ => tf::expand_dims(x, dice.below(rank + 1) as i32),
    }
}

/// Something of fewer elements.
fn reduced(dice: &mut Dice, x: Tensor) -> Tensor {
    let rank = sizes(x).len();
    let axes = dice.permutation(rank)[..1 + dice.below(rank)].to_vec();
    let (axes, keep) = (ints(axes), dice.below(2) == 0);
    match dice.below(4) {
        0 => tf::tanh(tf::reduce_sum(x).axis(axes).keepdims(keep)),
        1 => tf::reduce_mean(x).axis(axes).keepdims(keep).tensor(),
        2 => tf::reduce_prod(tf::sigmoid(x) + 0.4).axis(axes).keepdims(keep).tensor(),
        _ => tf::reduce_sum(tf::square(x) * 0.1).axis(axes).keepdims(keep).tensor(),
    }
}

/// A product, a convolution or a pool of the tensor, as its rank allows.
fn multiplied(dice: &mut Dice, x: Tensor) -> Tensor {
    let n = sizes(x);
    let columns = dice.of(&[1, 3, 10, 65]);
    let weight = |dice: &mut Dice, sizes: &[usize]| tf::constant(dice.array(sizes)) * 0.3f32;
    match (n.len(), dice.below(4)) {
        (1, _) => tf::tanh(tf::reduce_sum(tf::expand_dims(x, 1) * weight(dice, &[n[0], columns])).axis(0)),
        (4, 0) => {
            let window = [1 + dice.below(3), 1 + dice.below(3), n[3], dice.of(&[1, 2, 5])];
            let filter = weight(dice, &window);
            let step = dice.of(&[1, 2]);
            tf::tanh(tf::nn::conv2d(x, filter, [1, step, step, 1], "SAME"))
        }
        (4, 1) => tf::nn::avg_pool(x, [1, 2, 2, 1], [1, dice.of(&[1, 2]), 2, 1], "SAME"),
        (2, 0) => tf::tanh(tf::matmul(weight(dice, &[columns, n[1]]), x).transpose_b(true)),
        (2, 1) => tf::tanh(tf::matmul(x, weight(dice, &[n[0], columns])).transpose_a(true)),
        (rank, _) => {
            let weight = weight(dice, &[n[rank - 1], columns]);
            let rows: usize = n[..rank - 1].iter().product();
            tf::tanh(tf::matmul(tf::reshape(x, ints([rows, n[rank - 1]])), weight))
        }
    }
}

fn elementwise(dice: &mut Dice, x: Tensor, all: &[Tensor]) -> Tensor {
    let n = sizes(x);
    // One of the same shape, or its mean along an axis, or a constant.
    let like: Vec<Tensor> = all.iter().copied().filter(|t| sizes(*t) == n).collect();
    let y = match dice.below(3) {
        0 => dice.of(&like),
        1 => tf::reduce_mean(x).axis(dice.below(n.len()) as i32).keepdims(true).tensor(),
        _ => {
            let first = dice.below(n.len());
            tf::constant(dice.array(&n[first..])).tensor()
        }
    };
    match dice.below(7) {
        0 => x + y,
        1 => x * y,
        2 => tf::sigmoid(x) - y,
        3 => x / (tf::square(y) + 1.0),
        4 => tf::log(tf::abs(x) + 0.5) + tf::exp(tf::minimum(y, 1.0)),
        5 => tf::nn::relu(x) + y,
        _ => tf::sqrt(tf::square(x) + tf::square(y) + 0.1),
    }
}

/// Whether two arrays are alike, as far as sums in another order can be.
fn assert_alike(what: &str, got: &Array, want: &Array) {
    assert_eq!((got.dtype(), got.shape()), (want.dtype(), want.shape()), "{what}");
    let (got, want) = (got.as_slice::<f32>().unwrap(), want.as_slice::<f32>().unwrap());
    let scale = want.iter().fold(1e-3f32, |most, x| most.max(x.abs()));
    for (i, (x, y)) in got.iter().zip(want).enumerate() {
        let same = x == y || x.is_nan() && y.is_nan() || (x - y).abs() <= 1e-4 * (y.abs() + scale);
        assert!(same, "{what}[{i}] = {x}, not {y}");
    }
}

fn random_graph(seed: u64) {
    let mut dice = Dice(seed);
    Graph::new().as_default(|| {
        let rank = 1 + dice.below(4);
        let start: Vec<usize> = (0..rank).map(|_| dice.of(&[1, 2, 3, 5, 7, 9])).collect();
        let long = vec![dice.of(&[33, 257, 1100]), dice.of(&[1, 3])];
        let given: Vec<Array> = [start, long].iter().map(|sizes| dice.array(sizes)).collect();
        let inputs: Vec<Tensor> =
            given.iter().map(|a| tf::placeholder(DType::Float32, Shape::from(a.shape()))).collect();
        let mut all = inputs.clone();
        for _ in 0..10 {
            let fit: Vec<Tensor> = all.iter().copied().filter(|t| (1..5).contains(&sizes(*t).len())).collect();
            let x = dice.of(&fit);
            let y = match dice.below(7) {
                0..3 => turned(&mut dice, x),
                3 => reduced(&mut dice, x),
                4 => multiplied(&mut dice, x),
                _ => elementwise(&mut dice, x, &all),
            };
            if ELEMENTS.contains(&sizes(y).iter().product()) {
                all.push(y);
            }
        }
        let costs: Vec<Tensor> = all.iter().map(|t| tf::reduce_mean(tf::square(tf::tanh(*t))).tensor()).collect();
        let cost = costs.iter().skip(1).fold(costs[0], |sum, cost| sum + *cost);
        let slopes = gradients([cost], &inputs).into_iter().flatten();
        let fetches: Vec<Tensor> = all.iter().copied().chain([cost]).chain(slopes).collect();
        let feeds = || inputs.iter().zip(&given).fold(Feeds::default(), |f, (t, v)| f.with(*t, v));
        // As it is, then recorded.
        let run = || {
            let session = Session::new();
            let results: Vec<Vec<Array>> = (0..2).map(|_| session.run_with(&fetches, feeds()).unwrap()).collect();
            session.close();
            results
        };
        let (got, want) = (on_gpu(run), on_cpu(run));
        for (got, want) in got.iter().zip(&want) {
            for ((g, w), tensor) in got.iter().zip(want).zip(&fetches) {
                assert_alike(&format!("seed {seed}: {}", tensor.name()), g, w);
            }
        }
    });
}

#[test]
fn random_graphs_give_on_the_device_what_they_give_on_the_cpu() {
    if !has_device() {
        return;
    }
    let asked = std::env::var("FLOWBOOK_RANDOM_GRAPHS").ok().and_then(|count| count.parse().ok());
    (0..asked.unwrap_or(12)).for_each(random_graph);
}
