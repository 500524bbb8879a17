//! Which devices there are. Nothing here panics or needs CUDA: what is missing is a reason to work on the CPU.

use std::sync::{Arc, OnceLock};

use crate::cuda::{self, Found};
use crate::device::{Device, DeviceInfo};
use crate::emulate::Emulated;

/// What the search for a device found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// A device that can be used, the first one.
    Device(DeviceInfo),
    /// Why there is none, as a clause.
    Unavailable(String),
}

/// Looks for a device, once for each process. Never panics, and uses no device yet.
///
/// ```
/// match flowbook_cuda::probe() {
///     flowbook_cuda::Probe::Device(device) => println!("{device}"),
///     flowbook_cuda::Probe::Unavailable(reason) => println!("no CUDA: {reason}"),
/// }
/// ```
pub fn probe() -> &'static Probe {
    static PROBE: OnceLock<Probe> = OnceLock::new();
    PROBE.get_or_init(|| match found() {
        Ok(found) => Probe::Device(found.devices[0].clone()),
        Err(reason) => Probe::Unavailable(reason.clone()),
    })
}

fn found() -> &'static Result<Found, String> {
    static FOUND: OnceLock<Result<Found, String>> = OnceLock::new();
    FOUND.get_or_init(|| {
        if is_hidden(std::env::var("CUDA_VISIBLE_DEVICES").ok().as_deref()) {
            return Err("CUDA_VISIBLE_DEVICES hides every device".into());
        }
        cuda::find()
    })
}

/// `visible` is the value of `CUDA_VISIBLE_DEVICES`: empty or beginning with a negative number, it hides every device.
fn is_hidden(visible: Option<&str>) -> bool {
    visible.is_some_and(|v| v.trim().is_empty() || v.trim().starts_with('-'))
}

fn is_emulated() -> bool {
    std::env::var("FLOWBOOK_CUDA").is_ok_and(|v| v == "emulated" || v.starts_with("emulated:"))
}

/// The devices that the process may use, opened at the first call. With `FLOWBOOK_CUDA=emulated` in the environment it is
/// the emulated one alone.
pub fn devices() -> &'static [Arc<dyn Device>] {
    static DEVICES: OnceLock<Vec<Arc<dyn Device>>> = OnceLock::new();
    DEVICES.get_or_init(|| match found() {
        _ if is_emulated() => vec![Arc::new(Emulated::new())],
        Ok(found) => found.open(),
        Err(_) => vec![],
    })
}

/// The first device's TensorFlow name, `/device:GPU:0`, as `tf.test.gpu_device_name()` gives it; `None` without a device.
pub fn device_name() -> Option<String> {
    (is_emulated() || matches!(probe(), Probe::Device(_))).then(|| "/device:GPU:0".to_string())
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
    fn devices_are_hidden_by_the_environment() {
        for hidden in ["", "  ", "-1", "-1,0"] {
            assert!(is_hidden(Some(hidden)), "{hidden:?}");
        }
        assert!(!is_hidden(None) && !is_hidden(Some("0")) && !is_hidden(Some("1,-1")));
    }

    #[test]
    fn a_device_describes_itself_in_one_line() {
        let device = DeviceInfo { name: "Tesla T4".into(), compute_capability: (7, 5), memory: 15 << 30, index: 0 };
        assert_eq!(device.to_string(), "Tesla T4, compute capability 7.5, 15.0 GiB");
    }
}
