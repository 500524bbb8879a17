//! Which devices there are. Nothing here panics or needs CUDA: what is missing is a reason to work on the CPU.

use std::sync::{Arc, OnceLock};

use crate::cuda::{self, Found};
use crate::device::{Device, DeviceInfo};
use crate::emulate::{EMULATED_MEMORY, Emulated};

/// More emulated devices than this help nobody.
const MOST_EMULATED: usize = 64;

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

/// What the environment says of emulated devices: how many, and with how much memory; `None` when it asks for none.
fn emulated() -> Option<(usize, usize)> {
    parse_emulated(&std::env::var("FLOWBOOK_CUDA").ok()?)
}

/// Reads `emulated`, `emulated:2`, `emulated:64M` and `emulated:2:64M`: plain digits are a number of devices, digits with a
/// unit their memory. What cannot be read is left out.
fn parse_emulated(asked: &str) -> Option<(usize, usize)> {
    let mut parts = asked.split(':');
    if parts.next() != Some("emulated") {
        return None;
    }
    let (mut count, mut memory) = (1, EMULATED_MEMORY);
    for part in parts {
        match part.parse::<usize>() {
            Ok(number) => count = number.clamp(1, MOST_EMULATED),
            Err(_) => memory = bytes(part).unwrap_or(memory),
        }
    }
    Some((count, memory))
}

/// A size with its unit: `64K`, `64M`, `2G`.
fn bytes(text: &str) -> Option<usize> {
    let (digits, unit) = text.split_at(text.len().checked_sub(1)?);
    let shift = match unit {
        "K" | "k" => 10,
        "M" | "m" => 20,
        "G" | "g" => 30,
        _ => return None,
    };
    digits.parse::<usize>().ok()?.checked_mul(1 << shift)
}

/// The devices that the process may use, opened at the first call. With `FLOWBOOK_CUDA=emulated` in the environment they are
/// emulated ones alone: `emulated:2` two of them, `emulated:64M` one with so much memory, `emulated:2:64M` both.
pub fn devices() -> &'static [Arc<dyn Device>] {
    static DEVICES: OnceLock<Vec<Arc<dyn Device>>> = OnceLock::new();
    DEVICES.get_or_init(|| match (emulated(), found()) {
        (Some((count, memory)), _) => {
            (0..count).map(|index| Arc::new(Emulated::numbered(index, memory)) as Arc<dyn Device>).collect()
        }
        (None, Ok(found)) => found.open(),
        (None, Err(_)) => vec![],
    })
}

/// The first device's TensorFlow name, `/device:GPU:0`, as `tf.test.gpu_device_name()` gives it; `None` without a device.
pub fn device_name() -> Option<String> {
    devices().first().map(|device| device.info().tensorflow_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_ends_with_an_answer_and_not_with_a_panic() {
        match probe() {
            Probe::Device(device) => {
                assert!(device.memory > 0 && device.compute_capability.0 >= 3, "{device}");
                // A device that was found may still be one that cannot be used.
                assert_eq!(device_name(), devices().first().map(|device| device.info().tensorflow_name()));
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
    fn emulated_devices_are_asked_for_by_number_and_memory() {
        for (asked, want) in [
            ("emulated", Some((1, EMULATED_MEMORY))),
            ("emulated:2", Some((2, EMULATED_MEMORY))),
            ("emulated:64M", Some((1, 64 << 20))),
            ("emulated:2:64M", Some((2, 64 << 20))),
            ("emulated:64K:3", Some((3, 64 << 10))),
            ("emulated:0:what", Some((1, EMULATED_MEMORY))),
            ("emulatedly", None),
            ("", None),
        ] {
            assert_eq!(parse_emulated(asked), want, "{asked}");
        }
    }

    #[test]
    fn a_device_describes_itself_in_one_line() {
        let device = DeviceInfo { name: "Tesla T4".into(), compute_capability: (7, 5), memory: 15 << 30, index: 0 };
        assert_eq!(device.to_string(), "Tesla T4, compute capability 7.5, 15.0 GiB");
    }
}
