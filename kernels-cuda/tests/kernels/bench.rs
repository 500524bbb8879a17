//! What the tests share: a device, arrays that go there and come back, numbers to compute with.

use std::sync::Arc;

use flowbook_cuda::{Address, Buffer, DType, Device, Emulated, Work, devices};

use crate::support;

/// An element type of Rust and its kernel type.
pub trait Element: Copy + PartialEq + std::fmt::Debug + 'static {
    const DTYPE: DType;
    fn of(value: i64) -> Self;
    fn number(self) -> f64;
}

macro_rules! elements {
    ($($t:ty = $dtype:ident),*) => { $(impl Element for $t {
        const DTYPE: DType = DType::$dtype;
        fn of(value: i64) -> $t { value as $t }
        fn number(self) -> f64 { self as f64 }
    })* };
}
elements!(f32 = Float32, f64 = Float64, i32 = Int32, i64 = Int64, u8 = UInt8);

impl Element for bool {
    const DTYPE: DType = DType::Bool;
    fn of(value: i64) -> bool {
        value != 0
    }
    fn number(self) -> f64 {
        f64::from(u8::from(self))
    }
}

/// A device to run kernels on: a real one where there is one, else the emulated one.
pub struct Bench {
    pub device: Arc<dyn Device>,
    emulated: Option<Arc<Emulated>>,
}

/// An array in the device's memory.
pub struct On<T> {
    buffer: Buffer,
    count: usize,
    element: std::marker::PhantomData<T>,
}

impl<T> On<T> {
    pub fn at(&self) -> Address {
        self.buffer.address()
    }
}

impl Bench {
    /// `None`, with a visible line, where there is no device and kernels cannot be compiled for the CPU either.
    pub fn new() -> Option<Bench> {
        if let Some(device) = devices().first() {
            return Some(Bench { device: device.clone(), emulated: None });
        }
        if !Emulated::is_available() {
            support::skipped("the emulated device needs a C++ compiler, and there is none");
            return None;
        }
        let emulated = Arc::new(Emulated::new().watched());
        Some(Bench { device: emulated.clone(), emulated: Some(emulated) })
    }

    pub fn put<T: Element>(&self, values: &[T]) -> On<T> {
        let on = self.room(values.len());
        // SAFETY: the elements are plain numbers without padding.
        let bytes = unsafe { std::slice::from_raw_parts(values.as_ptr().cast::<u8>(), std::mem::size_of_val(values)) };
        self.device.upload(on.at(), bytes).unwrap();
        on
    }

    pub fn room<T: Element>(&self, count: usize) -> On<T> {
        let buffer = self.device.alloc(count * size_of::<T>()).unwrap();
        On { buffer, count, element: std::marker::PhantomData }
    }

    pub fn get<T: Element>(&self, on: &On<T>) -> Vec<T> {
        let mut bytes = vec![0u8; on.count * size_of::<T>()];
        self.device.download(on.at(), &mut bytes).unwrap();
        if T::DTYPE == DType::Bool {
            assert!(bytes.iter().all(|b| *b < 2), "a bool is 0 or 1");
        }
        // SAFETY: as many elements were copied; every pattern is a number, and bools were looked at.
        bytes.chunks_exact(size_of::<T>()).map(|b| unsafe { b.as_ptr().cast::<T>().read_unaligned() }).collect()
    }

    pub fn run(&self, works: &[Work]) {
        for work in works {
            let ready = self.device.prepare(work).unwrap_or_else(|error| panic!("{error}"));
            self.device.run(&ready).unwrap();
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(emulated) = self.emulated.as_ref().filter(|_| !std::thread::panicking()) {
            assert_eq!(emulated.overruns(), 0, "a kernel wrote past the end of a buffer");
        }
    }
}

/// Small numbers that look random, always the same ones.
pub fn some<T: Element>(count: usize, seed: u64) -> Vec<T> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i64
    };
    let low = if T::DTYPE == DType::UInt8 { 0 } else { -4 };
    (0..count).map(|_| T::of(next() % 9 + low)).collect()
}

/// Floats between -2 and 2.
pub fn floats(count: usize, seed: u64) -> Vec<f64> {
    some::<i64>(count, seed)
        .iter()
        .zip(some::<i64>(count, seed + 77))
        .map(|(a, b)| *a as f64 / 2.0 + b as f64 / 37.0)
        .collect()
}

/// Asserts that floats differ by rounding only.
pub fn close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        let near = (g - w).abs() <= tolerance * w.abs().max(1.0) || g.is_nan() && w.is_nan() || g == w;
        assert!(near, "element {i} is {g}, not {w}");
    }
}
