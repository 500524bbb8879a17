//! Random numbers: the published ones of the generator, and TensorFlow's ways of making numbers of them.

use flowbook_cuda::kernels::{Distribution, philox_state, random, random_integers};

use crate::bench::{Bench, Element, On, close};

/// The generator as published by Salmon et al., in whole.
fn philox(counter: u128, key: [u32; 2]) -> [u32; 4] {
    let mut x = [0, 1, 2, 3].map(|i| (counter >> (32 * i)) as u32);
    let mut key = key;
    for _ in 0..10 {
        let (a, b) = (u64::from(x[0]) * 0xD251_1F53, u64::from(x[2]) * 0xCD9E_8D57);
        x = [(b >> 32) as u32 ^ x[1] ^ key[0], b as u32, (a >> 32) as u32 ^ x[3] ^ key[1], a as u32];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    x
}

const KEY: [u32; 2] = [87654321, 7];
/// The low half overflows within the numbers that are made.
const COUNTER: u128 = (5 << 64) + (u64::MAX - 2) as u128;
const COUNTS: [usize; 4] = [1, 4, 7, 1001];

fn steps(count: usize, group: usize) -> impl Iterator<Item = [u32; 4]> {
    (0..count.div_ceil(group)).map(|i| philox(COUNTER + i as u128, KEY))
}

fn unit(x: u32) -> f32 {
    (x & 0x007f_ffff) as f32 / 8_388_608.0
}

fn unit2(a: u32, b: u32) -> f64 {
    ((u64::from(a & 0x000f_ffff) << 32) | u64::from(b)) as f64 / (1u64 << 52) as f64
}

fn box_muller(x0: u32, x1: u32) -> [f64; 2] {
    let u = f64::from(unit(x0).max(1.0e-7));
    let angle = f64::from((2.0 * std::f64::consts::PI * f64::from(unit(x1))) as f32);
    [angle.sin(), angle.cos()].map(|v| v * (-2.0 * u.ln()).sqrt())
}

fn box_muller2(x: [u32; 4]) -> [f64; 2] {
    let u = unit2(x[0], x[1]).max(1.0e-7);
    let angle = 2.0 * std::f64::consts::PI * unit2(x[2], x[3]);
    [angle.sin(), angle.cos()].map(|v| v * (-2.0 * u.ln()).sqrt())
}

struct Generator<'a> {
    bench: &'a Bench,
    state: On<u8>,
}

impl<'a> Generator<'a> {
    fn new(bench: &'a Bench) -> Generator<'a> {
        Generator { bench, state: bench.put(&philox_state(COUNTER, KEY)) }
    }

    fn floats<T: Element>(&self, distribution: Distribution, count: usize) -> Vec<f64> {
        let to = self.bench.room::<T>(count);
        self.bench.run(&random(distribution, T::DTYPE, count, self.state.at(), to.at()));
        self.bench.get(&to).iter().map(|x| x.number()).collect()
    }
}

/// The known-answer test of the Random123 distribution: `philox4x32 10`, counter and key zero.
#[test]
fn the_generator_gives_the_published_numbers() {
    assert_eq!(philox(0, [0, 0]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
    let Some(bench) = Bench::new() else { return };
    let (state, to) = (bench.put(&philox_state(0, [0, 0])), bench.room::<i32>(4));
    // With a range of 2^32 - 1 the numbers are the generator's own.
    bench.run(&random_integers(i32::DTYPE, 4, [0, u32::MAX.into()], state.at(), to.at()));
    assert_eq!(bench.get(&to).iter().map(|x| *x as u32).collect::<Vec<_>>(), philox(0, [0, 0]));
}

#[test]
fn uniform_numbers_are_exactly_those_of_the_bits() {
    let Some(bench) = Bench::new() else { return };
    for count in COUNTS {
        let mut want: Vec<f64> = steps(count, 4).flatten().map(|x| f64::from(unit(x))).collect();
        want.truncate(count);
        assert_eq!(Generator::new(&bench).floats::<f32>(Distribution::Uniform, count), want);
        let mut want: Vec<f64> = steps(count, 2).flat_map(|x| [unit2(x[0], x[1]), unit2(x[2], x[3])]).collect();
        want.truncate(count);
        assert_eq!(Generator::new(&bench).floats::<f64>(Distribution::Uniform, count), want);
    }
}

#[test]
fn normal_numbers_are_box_and_mullers() {
    let Some(bench) = Bench::new() else { return };
    for count in COUNTS {
        let pairs = |x: [u32; 4]| [box_muller(x[0], x[1]), box_muller(x[2], x[3])];
        let mut want: Vec<f64> = steps(count, 4).flat_map(pairs).flatten().collect();
        want.truncate(count);
        close(&Generator::new(&bench).floats::<f32>(Distribution::Normal, count), &want, 1e-6);
        let mut want: Vec<f64> = steps(count, 2).flat_map(box_muller2).collect();
        want.truncate(count);
        close(&Generator::new(&bench).floats::<f64>(Distribution::Normal, count), &want, 1e-14);
    }
}

#[test]
fn truncated_numbers_pass_over_those_outside_within_their_own_stretch() {
    let Some(bench) = Bench::new() else { return };
    for count in COUNTS {
        let stretch = |i: usize, group: usize| (0..).map(move |k| philox(COUNTER + (i * group * 64) as u128 + k, KEY));
        let group = |i: usize| {
            let all = stretch(i, 4).flat_map(|x| [box_muller(x[0], x[1]), box_muller(x[2], x[3])]).flatten();
            all.filter(|v| v.abs() < 2.0).take(4)
        };
        let want: Vec<f64> = (0..count.div_ceil(4)).flat_map(group).take(count).collect();
        close(&Generator::new(&bench).floats::<f32>(Distribution::Truncated, count), &want, 1e-6);
        let pair = |i: usize| stretch(i, 2).flat_map(box_muller2).filter(|v| v.abs() < 2.0).take(2);
        let want: Vec<f64> = (0..count.div_ceil(2)).flat_map(pair).take(count).collect();
        close(&Generator::new(&bench).floats::<f64>(Distribution::Truncated, count), &want, 1e-14);
    }
}

#[test]
fn whole_numbers_are_remainders() {
    let Some(bench) = Bench::new() else { return };
    for count in COUNTS {
        let (generator, to) = (Generator::new(&bench), bench.room::<i32>(count));
        bench.run(&random_integers(i32::DTYPE, count, [-3, 10], generator.state.at(), to.at()));
        let want: Vec<i32> = steps(count, 4).flatten().map(|x| (x % 13) as i32 - 3).take(count).collect();
        assert_eq!(bench.get(&to), want);
        let (generator, to) = (Generator::new(&bench), bench.room::<i64>(count));
        bench.run(&random_integers(i64::DTYPE, count, [-(1 << 40), 1 << 50], generator.state.at(), to.at()));
        let wide = |a: u32, b: u32| (u64::from(a) | u64::from(b) << 32) % ((1 << 50) + (1 << 40));
        let numbers = steps(count, 2).flat_map(|x| [wide(x[0], x[1]), wide(x[2], x[3])]);
        let want: Vec<i64> = numbers.map(|x| x as i64 - (1 << 40)).take(count).collect();
        assert_eq!(bench.get(&to), want);
    }
}

#[test]
fn each_run_spends_256_steps_for_each_number() {
    let Some(bench) = Bench::new() else { return };
    let generator = Generator::new(&bench);
    for _ in 0..2 {
        generator.floats::<f32>(Distribution::Uniform, 5);
    }
    generator.floats::<f64>(Distribution::Truncated, 0);
    let mut state = [0; 24];
    bench.device.download(generator.state.at(), &mut state).unwrap();
    assert_eq!(state, philox_state(COUNTER + 2 * 5 * 256, KEY));
}
