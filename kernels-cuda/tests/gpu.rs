//! A real GPU, where there is one: its memory, its products, its recordings. The kernels themselves are `tests/kernels`,
//! which run on the GPU too where there is one. `cargo test --release -p flowbook-cuda` is all that it takes.

#[path = "support/mod.rs"]
mod support;

use flowbook_cuda::kernels::{Distribution, Reduction, philox_state, random, reduce, reduce_scratch};
use flowbook_cuda::{Buffer, DType, Device, Error, Probe, Product, Work, devices, probe};

/// The first GPU; without one a visible line.
fn gpu() -> Option<&'static dyn Device> {
    match probe() {
        Probe::Device(_) => Some(&**devices().first().expect("a GPU that was found can be opened")),
        Probe::Unavailable(reason) => {
            support::skipped(&format!("no test on a GPU: {reason}"));
            None
        }
    }
}

fn put(device: &dyn Device, values: &[f32]) -> Buffer {
    let buffer = device.alloc(values.len() * 4).unwrap();
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_ne_bytes()).collect();
    device.upload(buffer.address(), &bytes).unwrap();
    buffer
}

fn get(device: &dyn Device, buffer: &Buffer) -> Vec<f32> {
    let mut bytes = vec![0; buffer.bytes()];
    device.download(buffer.address(), &mut bytes).unwrap();
    bytes.chunks_exact(4).map(|b| f32::from_ne_bytes(b.try_into().unwrap())).collect()
}

/// Numbers between -1 and 1 with all bits of their mantissa in use.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    (0..count as u32)
        .map(|i| ((i.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 8) as f32 / 8_388_608.0) - 1.0)
        .collect()
}

/// The greatest error of a product of these sizes, relative to what its terms add up to without their signs.
fn error(device: &dyn Device, [m, n, k]: [usize; 3], tf32: bool) -> f64 {
    let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
    let (on_a, on_b, to) = (put(device, &a), put(device, &b), device.alloc(m * n * 4).unwrap());
    let product = Product::new(DType::Float32, [m, n, k], on_a.address(), on_b.address(), to.address());
    let work = device.prepare(&Work::Product(Product { tf32, ..product })).unwrap();
    device.run(&work).unwrap();
    let first = get(device, &to);
    device.run(&work).unwrap();
    assert_eq!(get(device, &to), first, "a product is the same from run to run");
    let error = |e: usize| {
        let terms = (0..k).map(|p| f64::from(a[e / n * k + p]) * f64::from(b[p * n + e % n]));
        let (sum, size) = terms.fold((0.0, 0.0), |(s, z), t: f64| (s + t, z + t.abs()));
        (f64::from(first[e]) - sum).abs() / size
    };
    (0..m * n).map(error).fold(0.0, f64::max)
}

#[test]
fn products_are_of_true_floats_unless_tf32_is_asked_for() {
    let Some(device) = gpu() else { return };
    // Single precision has 24 bits of mantissa, TF32 has 11.
    for sizes in [[129, 65, 257], [256, 512, 300], [1000, 10, 784], [784, 10, 100]] {
        assert!(error(device, sizes, false) < 1e-6, "{sizes:?}");
    }
    if device.info().compute_capability >= (8, 0) {
        let error = error(device, [512, 512, 512], true);
        assert!(error < 1e-3 && error > 1e-6, "TF32 is used when it is asked for: {error:e}");
    }
}

#[test]
fn a_recording_gives_what_its_works_give_and_goes_on_with_random_numbers() {
    let Some(device) = gpu() else { return };
    let (count, n) = (10_000, 64);
    let state = device.alloc(24).unwrap();
    let (values, sums) = (device.alloc(count * 4).unwrap(), device.alloc(4).unwrap());
    let squares = device.alloc(n * n * 4).unwrap();
    let scratch = device.alloc(reduce_scratch(&[count], &[true])).unwrap();
    let mut works = random(Distribution::Normal, DType::Float32, count, state.address(), values.address());
    let places = [values.address(), sums.address(), scratch.address()];
    works.extend(reduce(Reduction::Mean, DType::Float32, &[count], &[true], places));
    let (a, to) = (values.address(), squares.address());
    works.push(Work::Product(Product::new(DType::Float32, [n, n, n], a, a, to)));
    let ready: Vec<_> = works.iter().map(|work| device.prepare(work).unwrap()).collect();
    let results = || (get(device, &values), get(device, &sums), get(device, &squares));
    let begin = || device.upload(state.address(), &philox_state(0, [1, 2])).unwrap();
    begin();
    let mut plain = Vec::new();
    for _ in 0..3 {
        ready.iter().for_each(|work| device.run(work).unwrap());
        plain.push(results());
    }
    assert!(plain[0].0 != plain[1].0 && plain[0].1[0].abs() < 0.1);
    let recording = device.capture(&ready).unwrap();
    begin();
    for want in &plain {
        device.replay(&recording).unwrap();
        assert!(results() == *want, "a replay gives other results than the works one by one");
    }
}

#[test]
fn running_out_of_memory_is_an_error_with_the_sizes_and_the_device_goes_on() {
    let Some(device) = gpu() else { return };
    let total = device.memory().unwrap().total;
    let Err(Error::OutOfMemory { asked, free, total: said, .. }) = device.alloc(2 * total) else { panic!("it fits") };
    assert!(asked == 2 * total && free <= said && said == total);
    let mut pieces = Vec::new();
    while let Ok(piece) = device.alloc(total / 16) {
        pieces.push(piece);
        assert!(pieces.len() <= 16, "more memory than there is");
    }
    drop(pieces);
    let buffer = put(device, &[1.0, 2.0]);
    assert_eq!(get(device, &buffer), [1.0, 2.0]);
}

#[test]
fn a_thousand_buffers_and_recordings_leave_nothing_behind() {
    let Some(device) = gpu() else { return };
    let cycle = || {
        let buffer = device.alloc(3 << 20).unwrap();
        let zero = device.prepare(&Work::Zero { to: buffer.address(), bytes: 3 << 20 }).unwrap();
        device.replay(&device.capture(&[zero]).unwrap()).unwrap();
        device.synchronize().unwrap();
    };
    (0..20).for_each(|_| cycle());
    let before = device.memory().unwrap().free;
    (0..1000).for_each(|_| cycle());
    let after = device.memory().unwrap().free;
    // Other processes may use the device meanwhile; a leak would be 3 GiB.
    assert!(before.saturating_sub(after) < 1 << 30, "{before} bytes were free, then {after}");
}

#[test]
fn large_arrays_go_there_and_come_back() {
    let Some(device) = gpu() else { return };
    let values = numbers(20_000_001, 3);
    let buffer = put(device, &values);
    let copy = device.alloc(buffer.bytes()).unwrap();
    let work = Work::Copy { from: buffer.address(), to: copy.address(), bytes: buffer.bytes() };
    device.run(&device.prepare(&work).unwrap()).unwrap();
    drop(buffer);
    assert!(get(device, &copy) == values);
}
