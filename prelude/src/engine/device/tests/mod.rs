//! Device plans against the CPU: on the machine's GPU when there is one, else on the emulated one.

#[path = "../../../../../kernels-cuda/tests/without_gpu/libraries.rs"]
#[expect(dead_code, reason = "what the tests of devices themselves need")]
mod libraries;
mod optimizers;
mod process;
mod random;
mod replicas;
mod scatter;
mod several;
mod stand_in;
#[path = "../../../../../kernels-cuda/tests/support/mod.rs"]
mod support;
mod table;
mod training;

use std::sync::{Arc, LazyLock};

use flowbook_cuda::{Device, Emulated};

use super::with_gpus;
use crate::ops::cast_array;
use crate::{Array, DType};

/// The device under test.
static DEVICE: LazyLock<Arc<dyn Device>> =
    LazyLock::new(|| flowbook_cuda::devices().first().cloned().unwrap_or_else(|| Arc::new(Emulated::new().watched())));

/// Whether there is a device to test on; says so when there is none.
fn has_device() -> bool {
    let has = !flowbook_cuda::devices().is_empty() || Emulated::is_available();
    if !has {
        support::skipped("device plans: there is neither a GPU nor a C++ compiler for the emulated one");
    }
    has
}

fn on_gpu<R>(body: impl FnOnce() -> R) -> R {
    with_gpus(vec![DEVICE.clone()], body)
}

fn on_cpu<R>(body: impl FnOnce() -> R) -> R {
    with_gpus(Vec::new(), body)
}

/// Whether two arrays are the same, floats up to a few units in the last place.
fn assert_close(what: &str, got: &Array, want: &Array, tolerance: f64) {
    assert_eq!((got.dtype(), got.shape()), (want.dtype(), want.shape()), "{what}");
    if !got.dtype().is_floating() {
        assert_eq!(got, want, "{what}");
        return;
    }
    let (a, b) = (cast_array(got, DType::Float64), cast_array(want, DType::Float64));
    for (i, (x, y)) in a.as_slice::<f64>().unwrap().iter().zip(b.as_slice::<f64>().unwrap()).enumerate() {
        let same = x == y || x.is_nan() && y.is_nan() || (x - y).abs() <= tolerance * (y.abs() + 1e-3);
        assert!(same, "{what}[{i}] = {x}, not {y}");
    }
}
