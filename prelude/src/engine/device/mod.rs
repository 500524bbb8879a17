//! Plans on a GPU. `place` decides what runs where, `text` writes the kernels of elementwise groups, `lower` gives
//! values their places, `emit` makes the steps, `plan` runs them and
//! `batch` what is the device's of them; `twin` and `storage` are memory that host and device both
//! have. The devices themselves are `flowbook_cuda`'s.

mod all_reduce;
mod batch;
mod emit;
mod guards;
mod lower;
mod place;
mod plan;
mod storage;
#[cfg(test)]
mod tests;
mod text;
mod twin;

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use flowbook_cuda::Device;

pub(crate) use all_reduce::{Reduce, all_reduce};
pub(super) use lower::lower;
pub(crate) use place::Placement;
pub(super) use place::place;
pub(super) use plan::DevicePlan;
pub(crate) use storage::{Storage, any_copies};

use crate::error::Error;

/// Where something lies or runs: on the host, or on the GPU of that number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Side {
    Host,
    Device(usize),
}

/// The GPUs of this process, found when the first run is compiled.
static GPUS: LazyLock<Vec<Arc<dyn Device>>> = LazyLock::new(|| {
    let gpus = flowbook_cuda::devices().to_vec();
    USED.store(!gpus.is_empty(), Ordering::Relaxed);
    gpus
});

/// Whether the process had a GPU when it looked for one.
static USED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The GPUs that this thread is to see in the place of the process's.
    static CHOSEN: RefCell<Option<Vec<Arc<dyn Device>>>> = const { RefCell::new(None) };
}

/// The GPUs that new plans may use: none in a copy of the process that took over, where no context survived.
pub(crate) fn gpus() -> Vec<Arc<dyn Device>> {
    if flowbook_runtime::checkpoint::woken() {
        if USED.swap(false, Ordering::Relaxed) {
            eprintln!(
                "The GPU went with the process that died: from here on the CPU does the work. Restart the kernel to use the GPU."
            );
        }
        return Vec::new();
    }
    CHOSEN.with_borrow(Clone::clone).unwrap_or_else(|| GPUS.clone())
}

/// Runs `body` with these GPUs as the machine's.
#[cfg(test)]
pub(crate) fn with_gpus<R>(gpus: Vec<Arc<dyn Device>>, body: impl FnOnce() -> R) -> R {
    struct Restore(Option<Vec<Arc<dyn Device>>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CHOSEN.set(self.0.take());
        }
    }
    let _restore = Restore(CHOSEN.replace(Some(gpus)));
    body()
}

/// Something of a device's, which is not given back in a copy of the process that took over: there is no device there.
pub(crate) struct Held<T>(ManuallyDrop<T>);

impl<T> Held<T> {
    pub fn new(value: T) -> Held<T> {
        Held(ManuallyDrop::new(value))
    }
}

impl<T> Deref for Held<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Held<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        if !flowbook_runtime::checkpoint::woken() {
            // SAFETY: nobody uses the value after this.
            unsafe { ManuallyDrop::drop(&mut self.0) };
        }
    }
}

/// A device's error under TensorFlow's class.
pub(crate) fn device_error(error: flowbook_cuda::Error) -> Error {
    match error {
        flowbook_cuda::Error::OutOfMemory { .. } => Error::ResourceExhausted(error.to_string()),
        other => Error::Runtime(other.to_string()),
    }
}
