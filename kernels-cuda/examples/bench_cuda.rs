//! How fast a GPU does what training is made of: `cargo run --release -p flowbook-cuda --example bench_cuda`. Each line is
//! the median of several measurements, each of which replays a recording until 50 ms are over.

use std::time::{Duration, Instant};

use flowbook_cuda::kernels::*;
use flowbook_cuda::{
    Activation, Buffer, Convolution, Convolved, DType, Device, Probe, Product, Result, Work, devices, probe,
};

const F: DType = DType::Float32;

fn main() -> Result<()> {
    match (probe(), devices().first()) {
        (_, Some(device)) => {
            println!("{}", device.info());
            run(&**device)
        }
        (Probe::Unavailable(reason), None) => {
            println!("nothing was measured: {reason}");
            Ok(())
        }
        (Probe::Device(device), None) => {
            println!("nothing was measured: {device} cannot be opened");
            Ok(())
        }
    }
}

struct Bench<'a> {
    device: &'a dyn Device,
    buffers: Vec<Buffer>,
}

impl Bench<'_> {
    fn room(&mut self, count: usize) -> Result<u64> {
        let buffer = self.device.alloc(count * 4)?;
        let address = buffer.address();
        self.device.run(&self.device.prepare(&Work::Zero { to: address, bytes: count * 4 })?)?;
        self.buffers.push(buffer);
        Ok(address)
    }

    /// Measures and prints a line; `amount` of a run's `unit`s make its speed.
    fn line(&mut self, name: &str, works: Vec<Work>, amount: f64, unit: &str) -> Result<()> {
        let ready = works.iter().map(|work| self.device.prepare(work)).collect::<Result<Vec<_>>>()?;
        ready.iter().try_for_each(|work| self.device.run(work))?;
        let recording = self.device.capture(&ready)?;
        let mut times = Vec::new();
        for _ in 0..7 {
            self.device.synchronize()?;
            let (start, mut runs) = (Instant::now(), 0);
            while start.elapsed() < Duration::from_millis(50) {
                for _ in 0..10 {
                    self.device.replay(&recording)?;
                }
                runs += 10;
                self.device.synchronize()?;
            }
            times.push(start.elapsed().as_secs_f64() / f64::from(runs));
        }
        times.sort_by(f64::total_cmp);
        let time = times[times.len() / 2];
        println!("{name:<44} {:>10.2} us {:>10.2} {unit}", time * 1e6, amount / time / 1e9);
        self.buffers.clear();
        Ok(())
    }
}

fn run(device: &dyn Device) -> Result<()> {
    let mut b = Bench { device, buffers: Vec::new() };
    for (size, tf32) in [(1024, false), (4096, false), (4096, true)] {
        let (x, y, z) = (b.room(size * size)?, b.room(size * size)?, b.room(size * size)?);
        let product = Product { tf32, ..Product::new(F, [size; 3], x, y, z) };
        let name = format!("product {size}x{size}x{size}{}", if tf32 { ", TF32" } else { "" });
        b.line(&name, vec![Work::Product(product)], 2.0 * (size as f64).powi(3), "GFLOP/s")?;
    }
    dense_step(&mut b, "XOR step: 4x2, 2 and 1 units", [4, 2, 2, 1])?;
    dense_step(&mut b, "MNIST step: 100x784, 10 units", [100, 784, 10, 10])?;
    let n = 1 << 26;
    let (x, y) = (b.room(n)?, b.room(1)?);
    let scratch = b.room(reduce_scratch(&[n], &[true]) / 4)?;
    b.line("sum of 2^26", reduce(Reduction::Sum, F, &[n], &[true], [x, y, scratch]), 4.0 * n as f64, "GB/s")?;
    let (x, y) = (b.room(n)?, b.room(1 << 13)?);
    let scratch = b.room(reduce_scratch(&[1 << 13, 1 << 13], &[true, false]) / 4)?;
    let work = reduce(Reduction::Sum, F, &[1 << 13, 1 << 13], &[true, false], [x, y, scratch]);
    b.line("column sums of 8192x8192", work, 4.0 * n as f64, "GB/s")?;
    let (x, y) = (b.room(n)?, b.room(n)?);
    let turned = Strided { address: x, strides: vec![1, 1 << 13] };
    let work = strided_copy(4, &[1 << 13, 1 << 13], &turned, &Strided::whole(y, &[1 << 13, 1 << 13]));
    b.line("transpose of 8192x8192", work, 8.0 * n as f64, "GB/s")?;
    let (x, y) = (b.room(n)?, b.room(n)?);
    b.line("softmax of 65536 rows of 1024", softmax(F, [1 << 16, 1 << 10], x, y), 8.0 * n as f64, "GB/s")?;
    let state = b.room(6)?;
    let y = b.room(n)?;
    b.line("2^26 normal numbers", random(Distribution::Normal, F, n, state, y), 4.0 * n as f64, "GB/s")?;
    let places = [(); 10].map(|()| 0);
    let mut at = places;
    for (i, place) in at.iter_mut().enumerate() {
        *place = b.room(if matches!(i, 0 | 1 | 2 | 9) { 1 << 24 } else { 1 })?;
    }
    b.line("Adam on 2^24", update(&Update::Adam(at, false), F, 1 << 24), 28.0 * (1 << 24) as f64, "GB/s")?;
    convolutions(&mut b)
}

/// Forward, loss, gradients and update of one dense layer, or of two when the hidden one has other sizes.
fn dense_step(b: &mut Bench, name: &str, [rows, inputs, hidden, classes]: [usize; 4]) -> Result<()> {
    let (x, labels) = (b.room(rows * inputs)?, b.room(rows * classes)?);
    let (w, bias) = (b.room(inputs * classes)?, b.room(classes)?);
    let (logits, losses, slope) = (b.room(rows * classes)?, b.room(rows)?, b.room(rows * classes)?);
    let (by_w, by_bias, rate) = (b.room(inputs * classes)?, b.room(classes)?, b.room(1)?);
    let mut works = Vec::new();
    let mut input = (x, inputs);
    if hidden != classes {
        let (v, u, h) = (b.room(inputs * hidden)?, b.room(hidden)?, b.room(rows * hidden)?);
        let product = Product::new(F, [rows, hidden, inputs], x, v, h);
        works.push(Work::Product(Product { bias: Some(u), activation: Activation::Sigmoid, ..product }));
        input = (h, hidden);
    }
    let product = Product::new(F, [rows, classes, input.1], input.0, w, logits);
    works.push(Work::Product(Product { bias: Some(bias), ..product }));
    works.extend(cross_entropy(F, [rows, classes], [logits, labels, losses, slope]));
    let product = Product::new(F, [input.1, classes, rows], input.0, slope, by_w).transposed(true, false);
    works.push(Work::Product(product));
    works.extend(reduce(Reduction::Sum, F, &[rows, classes], &[true, false], [slope, by_bias, 0]));
    works.extend(update(&Update::GradientDescent([w, rate, by_w]), F, input.1 * classes));
    works.extend(update(&Update::GradientDescent([bias, rate, by_bias]), F, classes));
    let steps = 1e9;
    b.line(name, works, steps, "steps/s")
}

fn convolutions(b: &mut Bench) -> Result<()> {
    for (sizes, filters) in [([100, 28, 28, 1], 32), ([100, 14, 14, 32], 64)] {
        let Some(windows) = Windows::new(sizes, [5, 5], [1, 1], true) else { continue };
        let flops = 2.0 * (windows.batch * windows.windows() * windows.under() * filters) as f64;
        let images = windows.batch * windows.image_len();
        let (weights, results) = (windows.under() * filters, windows.batch * windows.windows() * filters);
        let (x, filter, y) = (b.room(images)?, b.room(weights)?, b.room(results)?);
        let scratch = b.room(convolution_scratch(F, &windows, filters) / 4)?;
        let work = |what| {
            let (dtype, images, result) = (F, x, y);
            let (bias, tf32) = (None, false);
            convolution(Convolution { what, dtype, windows, filters, images, filter, result, scratch, bias, tf32 })
        };
        let [forward, by_images, by_filters] = [Convolved::Result, Convolved::Images, Convolved::Filter].map(work);
        let name = format!("convolution {sizes:?}, 5x5, {filters} filters");
        // One buffer list serves all three, so that none is dropped before it was measured.
        let kept = std::mem::take(&mut b.buffers);
        b.line(&name, forward, flops, "GFLOP/s")?;
        b.line("  its gradient by the images", by_images, flops, "GFLOP/s")?;
        b.line("  its gradient by the filters", by_filters, flops, "GFLOP/s")?;
        drop(kept);
        let (x, y) = (b.room(results)?, b.room(results / 4)?);
        let Some(pool) = Windows::new([sizes[0], sizes[1], sizes[2], filters], [2, 2], [2, 2], true) else { continue };
        b.line("  max pooling of its result", max_pool(F, &pool, x, y), 5.0 * results as f64, "GB/s")?;
    }
    Ok(())
}
