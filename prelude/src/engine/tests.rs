//! Plans against the obvious way: random graphs run compiled and node by node must give the same bits.

use super::{Program, Request, State, interpret};
use crate::graph::{Graph, Operation, Output, Tensor, Variable};
use crate::{Array, DType, Shape, v1 as tf};

/// A small generator of its own, so that graphs stay the same for ever.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }

    fn array(&mut self, shape: &[usize]) -> Array {
        let n = shape.iter().product();
        Array::new((0..n).map(|_| self.below(4001) as f32 / 1000.0 - 2.0).collect(), shape)
    }
}

/// Runs the fetches, in the given order, compiled and node by node, each from a fresh state, `rounds` times.
fn compare(name: &str, graph: Graph, runs: &[(Vec<(u32, Option<u32>)>, Vec<(Output, Array)>)], rounds: usize) {
    let data = graph.data();
    let (mut compiled, mut plain) = (State::default(), State::default());
    for round in 0..rounds {
        for (i, (fetches, feeds)) in runs.iter().enumerate() {
            let shapes: Vec<_> = feeds.iter().map(|(o, a)| (*o, a.shape().to_vec())).collect();
            let plan = Program::new(&data, &mut compiled, fetches, &shapes).unwrap();
            let request = Request { fetches: fetches.clone(), feeds: feeds.clone() };
            let mut plan = plan.expect("all sizes are known");
            let got = plan.run(&mut compiled, feeds, 1).unwrap();
            let want = interpret(&data, &mut plain, &request).unwrap();
            assert_eq!(got.len(), want.len());
            for (k, (got, want)) in got.iter().zip(&want).enumerate() {
                assert_eq!(got.shape(), want.shape(), "{name}: run {i}, fetch {k}");
                same_bits(&format!("{name}: round {round}, run {i}, fetch {k}"), got, want);
            }
        }
    }
}

fn same_bits(what: &str, got: &Array, want: &Array) {
    assert_eq!(got.dtype(), want.dtype(), "{what}");
    if got.dtype() != DType::Float32 {
        return assert_eq!(got.to_string(), want.to_string(), "{what}");
    }
    let (got, want) = (got.as_slice::<f32>().unwrap(), want.as_slice::<f32>().unwrap());
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!(g.to_bits() == w.to_bits() || g.is_nan() && w.is_nan(), "{what}: element {i} is {g}, not {w}");
    }
}

fn fetch(tensor: Tensor) -> (u32, Option<u32>) {
    (tensor.node, Some(tensor.index))
}

fn run(operation: Operation) -> (u32, Option<u32>) {
    (operation.node, None)
}

/// A tensor of the shape `[rows, columns]` made of some of those there are.
fn step(dice: &mut Dice, all: &[Tensor], others: &[Tensor], [rows, columns]: [usize; 2]) -> Tensor {
    let x = all[dice.below(all.len())];
    let y = match dice.below(3) {
        0 => others[dice.below(others.len())],
        _ => all[dice.below(all.len())],
    };
    let weight = |dice: &mut Dice| tf::constant(dice.array(&[columns, columns])) * (1.0 / columns as f32);
    match dice.below(18) {
        0 => x + y,
        1 => x - y,
        2 => x * y,
        3 => tf::maximum(x, y),
        4 => tf::sigmoid(x),
        5 => tf::tanh(x),
        6 => tf::exp(tf::minimum(x, 3.0)),
        7 => tf::square(tf::tanh(x)),
        8 => tf::nn::relu(x),
        9 => tf::log(tf::abs(x) + 0.5),
        10 => tf::select(tf::greater(x, y + tf::zeros([rows, columns])), x, x * 0.5),
        11 => x * tf::reduce_mean(y + x),
        12 => x - tf::reduce_sum(x * 0.01).axis(0),
        13 => x - tf::reduce_mean(x).axis(1).keepdims(true),
        14 => tf::cast(tf::cast(x, DType::Float64) * 0.3, DType::Float32),
        15 => tf::tanh(tf::matmul(x, weight(dice)) + tf::constant(dice.array(&[columns]))),
        16 => tf::nn::softmax(x).tensor(),
        _ => tf::reshape(-tf::reshape(x, [-1]), [rows as i32, columns as i32]),
    }
}

/// Random graphs of one size, with everything that there is to fetch.
fn random_graphs(seed: u64, sizes: [usize; 2], count: usize) {
    let mut dice = Dice(seed);
    for trial in 0..count {
        let graph = Graph::new();
        let runs = graph.as_default(|| {
            let [rows, columns] = sizes;
            let x = tf::placeholder(DType::Float32, Shape::from(vec![None, Some(columns)]));
            let w = Variable::new(tf::constant(dice.array(&[rows, columns])));
            let row = Variable::new(tf::constant(dice.array(&[columns])));
            let mut all = vec![x, w.value(), x + w];
            let others =
                [row.value(), tf::constant(dice.array(&[rows, 1])).tensor(), tf::constant(dice.array(&[])).tensor()];
            for _ in 0..12 {
                let next = step(&mut dice, &all, &others, sizes);
                all.push(next);
            }
            let last = all[all.len() - 1];
            let cost = tf::reduce_mean(tf::square(last)) + tf::reduce_sum(all[5] * 0.001 + w * 0.01);
            let update = tf::assign_sub(w, tf::tanh(all[all.len() - 2]) * 0.1);
            let train = tf::train::GradientDescentOptimizer::new(0.05).minimize(cost);
            let x_fed = vec![(x.output(), dice.array(&sizes))];
            vec![
                (vec![run(tf::global_variables_initializer())], vec![]),
                (all.iter().map(|t| fetch(*t)).chain([fetch(cost)]).collect(), x_fed.clone()),
                (vec![fetch(last)], x_fed.clone()),
                (vec![fetch(update), fetch(cost)], x_fed.clone()),
                (vec![run(train)], x_fed.clone()),
                (vec![fetch(w.value()), fetch(row.value())], vec![]),
            ]
        });
        compare(&format!("seed {seed}, graph {trial} of {sizes:?}"), graph, &runs, 2);
    }
}

#[test]
fn plans_of_small_graphs_give_the_same_bits() {
    random_graphs(1, [1, 1], 20);
    random_graphs(2, [4, 2], 40);
    random_graphs(3, [5, 16], 20);
    random_graphs(4, [17, 10], 20);
}

#[test]
fn plans_of_graphs_longer_than_a_block_give_the_same_bits() {
    random_graphs(5, [40, 33], 15);
    random_graphs(6, [64, 32], 15);
    random_graphs(7, [2100, 1], 10);
}

#[test]
fn plans_on_several_cores_give_the_same_bits() {
    random_graphs(8, [600, 1000], 2);
}

/// A large fetched value is the steps' own memory: what the caller holds must not change in a later run.
#[test]
fn fetched_values_stay_as_they_are() {
    let graph = Graph::new();
    graph.as_default(|| {
        let x = tf::placeholder(DType::Float32, Shape::from(vec![None]));
        let y = x * 2.0;
        let sess = tf::Session::new();
        let of = |v: f32| Array::new(vec![v; 10_000], &[10_000]);
        let first = sess.run_with(y, crate::feed! { x => of(1.0) }).unwrap();
        let second = sess.run_with(y, crate::feed! { x => of(2.0) }).unwrap();
        drop(sess.run_with(y, crate::feed! { x => of(3.0) }).unwrap());
        let third = sess.run_with(y, crate::feed! { x => of(4.0) }).unwrap();
        for (array, want) in [(first, 2.0), (second, 4.0), (third, 8.0)] {
            assert!(array.as_slice::<f32>().unwrap().iter().all(|v| *v == want));
        }
    });
}

/// A value fed as another type goes through a conversion; the next one of the right type is read where it lies.
#[test]
fn large_feeds_of_any_type_are_taken() {
    let graph = Graph::new();
    graph.as_default(|| {
        let x = tf::placeholder(DType::Float32, Shape::from(vec![None]));
        let total = tf::reduce_sum(x);
        let sess = tf::Session::new();
        let n = 8192;
        for round in 1..4 {
            let floats = Array::new(vec![round as f32; n], &[n]);
            let doubles = Array::new(vec![round as f64 + 0.5; n], &[n]);
            let sum = |feed: Array| {
                let sum = sess.run_with(total, crate::feed! { x => feed }).unwrap();
                sum.as_slice::<f32>().unwrap()[0]
            };
            assert_eq!(sum(floats), (n * round) as f32);
            assert_eq!(sum(doubles), n as f32 * (round as f32 + 0.5));
        }
    });
}

/// Values past the caches: `2 x + 1` and its sum are exact here.
#[test]
fn values_larger_than_the_caches_are_whole() {
    let graph = Graph::new();
    graph.as_default(|| {
        let x = tf::placeholder(DType::Float32, Shape::from(vec![None]));
        let y = x * 2.0 + 1.0;
        let total = tf::reduce_sum(y);
        let sess = tf::Session::new();
        let n = 2_200_001;
        let data = Array::new((0..n).map(|i| (i % 5) as f32).collect(), &[n]);
        let mut held = Vec::new();
        for _ in 0..3 {
            let (y, total) = sess.run_with((y, total), crate::feed! { x => &data }).unwrap();
            let values = y.as_slice::<f32>().unwrap();
            assert!(values.iter().enumerate().all(|(i, v)| *v == (i % 5 * 2 + 1) as f32));
            assert_eq!(total.as_slice::<f32>(), Some(&[(n / 5 * 25 + 1) as f32][..]));
            held.push(y);
        }
    });
}

/// Many turns of a small plan at once, which is one chain, against one turn at a time.
#[test]
fn turns_of_a_chain_give_the_same_bits() {
    let graph = Graph::new();
    let runs = graph.as_default(|| {
        let mut dice = Dice(9);
        let x = tf::constant(dice.array(&[4, 2])).tensor();
        let w = Variable::new(tf::constant(dice.array(&[2, 3])));
        let b = Variable::new(tf::constant(dice.array(&[3])));
        let y = tf::sigmoid(tf::matmul(x, w) + b);
        let cost = tf::reduce_mean(tf::square(y - tf::constant(dice.array(&[4, 3]))));
        let train = tf::train::GradientDescentOptimizer::new(0.1).minimize(cost);
        [vec![run(tf::global_variables_initializer())], vec![run(train)], vec![fetch(w.value()), fetch(b.value())]]
    });
    let data = graph.data();
    let after = |times: &[usize]| {
        let mut state = State::default();
        let plan = |fetches: &[(u32, Option<u32>)], state: &mut State| {
            Program::new(&data, state, fetches, &[]).unwrap().expect("all sizes are known")
        };
        plan(&runs[0], &mut state).run(&mut state, &[], 1).unwrap();
        let mut train = plan(&runs[1], &mut state);
        times.iter().for_each(|times| _ = train.run(&mut state, &[], *times).unwrap());
        plan(&runs[2], &mut state).run(&mut state, &[], 1).unwrap()
    };
    let (together, apart) = (after(&[600]), after(&[1; 600]));
    for (together, apart) in together.iter().zip(&apart) {
        same_bits("600 turns", together, apart);
    }
}
