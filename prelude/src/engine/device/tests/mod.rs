//! Device plans on the emulated GPU against the CPU.

mod table;
mod training;

use std::sync::{Arc, LazyLock};

use flowbook_cuda::{Device, Emulated};

use super::with_gpus;
use crate::ops::cast_array;
use crate::{Array, DType};

static EMULATED: LazyLock<Arc<dyn Device>> = LazyLock::new(|| Arc::new(Emulated::new()));

/// Whether there is a compiler for the emulated device; says so when there is none.
fn can_emulate() -> bool {
    let can = Emulated::is_available();
    if !can {
        println!("SKIPPED: no C++ compiler for the emulated device");
    }
    can
}

fn on_gpu<R>(body: impl FnOnce() -> R) -> R {
    with_gpus(vec![EMULATED.clone()], body)
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
