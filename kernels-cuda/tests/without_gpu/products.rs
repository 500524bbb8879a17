//! Products by cuBLAS and cuBLASLt.

use flowbook_cuda::{Activation, DType, Device, Product, Work};

/// Products of whole numbers with two transposes or none, a batch of two, or one with bias and relu.
pub fn multiply(device: &dyn Device) {
    for dtype in [DType::Float32, DType::Float64] {
        for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
            multiply_once(device, dtype, [ta, tb], 2, Activation::None, false);
            multiply_once(device, dtype, [ta, tb], 1, Activation::None, true);
            multiply_once(device, dtype, [ta, tb], 1, Activation::Relu, true);
            multiply_once(device, dtype, [ta, tb], 1, Activation::Relu, false);
        }
    }
}

fn multiply_once(
    device: &dyn Device,
    dtype: DType,
    [ta, tb]: [bool; 2],
    batch: usize,
    activation: Activation,
    bias: bool,
) {
    let [m, n, k] = [40, 33, 50];
    let whole = |count: usize, by: usize, of: usize| (0..count).map(|i| (i * by % of) as i64 - of as i64 / 2).collect();
    let (a, b, add): (Vec<i64>, Vec<i64>, Vec<i64>) =
        (whole(batch * m * k, 7, 11), whole(k * n, 5, 13), whole(n, 3, 40));
    let put = |values: &[i64]| {
        let bytes: Vec<u8> = match dtype {
            DType::Float64 => values.iter().flat_map(|v| (*v as f64).to_ne_bytes()).collect(),
            _ => values.iter().flat_map(|v| (*v as f32).to_ne_bytes()).collect(),
        };
        let buffer = device.alloc(bytes.len()).unwrap();
        device.upload(buffer.address(), &bytes).unwrap();
        buffer
    };
    let size = dtype.size();
    let (on_a, on_b, on_add, to) = (put(&a), put(&b), put(&add), device.alloc(batch * m * n * size).unwrap());
    let product = Product::new(dtype, [m, n, k], on_a.address(), on_b.address(), to.address()).transposed(ta, tb);
    let mut product = Product { batch, activation, bias: bias.then(|| on_add.address()), ..product };
    product.a.step = m * k;
    device.run(&device.prepare(&Work::Product(product)).unwrap()).unwrap();
    let mut bytes = vec![0; batch * m * n * size];
    device.download(to.address(), &mut bytes).unwrap();
    let got = bytes.chunks_exact(size).map(|b| match dtype {
        DType::Float64 => f64::from_ne_bytes(b.try_into().unwrap()),
        _ => f32::from_ne_bytes(b.try_into().unwrap()).into(),
    });
    let left = |z: usize, i: usize, p: usize| a[z * m * k + if ta { p * m + i } else { i * k + p }];
    let right = |p: usize, j: usize| b[if tb { j * k + p } else { p * n + j }];
    let cell = |e: usize| {
        let sum = (0..k).map(|p| left(e / n / m, e / n % m, p) * right(p, e % n)).sum::<i64>();
        let sum = if bias { sum + add[e % n] } else { sum };
        (if activation == Activation::Relu { sum.max(0) } else { sum }) as f64
    };
    let (got, want): (Vec<f64>, Vec<f64>) = (got.collect(), (0..batch * m * n).map(cell).collect());
    assert_eq!(got, want, "{dtype:?} {ta} {tb} {batch} {activation:?} {bias}");
}
