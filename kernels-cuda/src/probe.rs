//! Finding a CUDA device. cudarc panics when a library is missing, so each library is asked for before the first call,
//! and the device is opened where a panic is caught.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use cudarc::driver::CudaContext;

use crate::device::{Device, DeviceInfo};
use crate::emulate::Emulated;

/// What the search for a device found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// A device that can be used.
    Device(DeviceInfo),
    /// Why there is none, as a clause.
    Unavailable(String),
}

/// Looks for a device, once for each process. Never panics.
///
/// ```
/// match flowbook_cuda::probe() {
///     flowbook_cuda::Probe::Device(device) => println!("{device}"),
///     flowbook_cuda::Probe::Unavailable(reason) => println!("no CUDA: {reason}"),
/// }
/// ```
pub fn probe() -> &'static Probe {
    static PROBE: OnceLock<Probe> = OnceLock::new();
    PROBE.get_or_init(|| match find(std::env::var("CUDA_VISIBLE_DEVICES").ok().as_deref()) {
        Ok(device) => Probe::Device(device),
        Err(reason) => Probe::Unavailable(reason),
    })
}

/// The devices that the process may use. With `FLOWBOOK_CUDA=emulated` in the environment it is the emulated one alone.
pub fn devices() -> &'static [Arc<dyn Device>] {
    static DEVICES: OnceLock<Vec<Arc<dyn Device>>> = OnceLock::new();
    DEVICES.get_or_init(|| {
        let emulated = std::env::var_os("FLOWBOOK_CUDA").is_some_and(|v| v == "emulated");
        if emulated { vec![Arc::new(Emulated::new())] } else { vec![] }
    })
}

/// The device's TensorFlow name, `/device:GPU:0`, as `tf.test.gpu_device_name()` gives it; `None` without a device.
pub fn device_name() -> Option<String> {
    matches!(probe(), Probe::Device(_)).then(|| "/device:GPU:0".to_string())
}

/// `visible` is the value of `CUDA_VISIBLE_DEVICES`: empty or beginning with a negative number, it hides every device.
fn find(visible: Option<&str>) -> Result<DeviceInfo, String> {
    if visible.is_some_and(|v| v.trim().is_empty() || v.trim().starts_with('-')) {
        return Err("CUDA_VISIBLE_DEVICES hides every device".to_string());
    }
    // SAFETY: the call only tries to open a shared library by name.
    if !unsafe { cudarc::driver::sys::is_culib_present() } {
        return Err("the NVIDIA driver (libcuda) was not found".to_string());
    }
    quietly(|| catch_unwind(AssertUnwindSafe(open)))
        .unwrap_or_else(|_| Err("the driver lacks functions of CUDA 12; update it".to_string()))
}

fn open() -> Result<DeviceInfo, String> {
    let failed = |e: cudarc::driver::DriverError| format!("the driver refuses: {e}");
    if CudaContext::device_count().map_err(failed)? == 0 {
        return Err("the driver sees no device".to_string());
    }
    let context = CudaContext::new(0).map_err(failed)?;
    Ok(DeviceInfo {
        name: context.name().map_err(failed)?,
        compute_capability: context.compute_capability().map_err(failed)?,
        memory: context.total_mem().map_err(failed)?,
        index: 0,
    })
}

/// Runs `work` without the panic hook's message: an old driver is an answer here, not a failure to report.
fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let result = work();
    std::panic::set_hook(hook);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_ends_with_an_answer_and_not_with_a_panic() {
        match probe() {
            Probe::Device(device) => {
                assert!(device.memory > 0 && device.compute_capability.0 >= 3, "{device}");
                assert_eq!(device_name().as_deref(), Some("/device:GPU:0"));
            }
            Probe::Unavailable(reason) => {
                assert!(!reason.is_empty());
                assert_eq!(device_name(), None);
            }
        }
    }

    #[test]
    fn hidden_devices_are_not_looked_for() {
        for hidden in ["", "  ", "-1", "-1,0"] {
            assert!(find(Some(hidden)).unwrap_err().contains("CUDA_VISIBLE_DEVICES"), "{hidden:?}");
        }
    }

    #[test]
    fn a_device_describes_itself_in_one_line() {
        let device = DeviceInfo { name: "Tesla T4".into(), compute_capability: (7, 5), memory: 15 << 30, index: 0 };
        assert_eq!(device.to_string(), "Tesla T4, compute capability 7.5, 15.0 GiB");
    }
}
