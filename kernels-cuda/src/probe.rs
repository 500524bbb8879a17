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

/// Emulated devices that are asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    count: usize,
    memory: usize,
    watched: bool,
}

impl Asked {
    fn open(&self, index: usize) -> Arc<dyn Device> {
        let device = Emulated::numbered(index, self.memory);
        Arc::new(if self.watched { device.watched() } else { device })
    }
}

/// What the environment says of emulated devices; `None` when it asks for none.
fn emulated() -> Option<Asked> {
    parse_emulated(&std::env::var("FLOWBOOK_CUDA").ok()?)
}

/// Reads `emulated` and what follows it after colons: plain digits are a number of devices, digits with a unit their memory,
/// `watched` has their accesses watched. What cannot be read is left out.
fn parse_emulated(asked: &str) -> Option<Asked> {
    let mut parts = asked.split(':');
    if parts.next() != Some("emulated") {
        return None;
    }
    let mut asked = Asked { count: 1, memory: EMULATED_MEMORY, watched: false };
    for part in parts {
        match part.parse::<usize>() {
            Ok(number) => asked.count = number.clamp(1, MOST_EMULATED),
            Err(_) if part == "watched" => asked.watched = true,
            Err(_) => asked.memory = bytes(part).unwrap_or(asked.memory),
        }
    }
    Some(asked)
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
/// emulated ones alone: `emulated:2` two of them, `emulated:64M` one with so much memory, `emulated:watched` one that looks at
/// every access of its kernels ([`Emulated::watched`]), `emulated:2:64M:watched` all of it.
pub fn devices() -> &'static [Arc<dyn Device>] {
    static DEVICES: OnceLock<Vec<Arc<dyn Device>>> = OnceLock::new();
    DEVICES.get_or_init(|| match (emulated(), found()) {
        (Some(asked), _) => (0..asked.count).map(|index| asked.open(index)).collect(),
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
            ("emulated", Some((1, EMULATED_MEMORY, false))),
            ("emulated:2", Some((2, EMULATED_MEMORY, false))),
            ("emulated:64M", Some((1, 64 << 20, false))),
            ("emulated:2:64M", Some((2, 64 << 20, false))),
            ("emulated:64K:3:watched", Some((3, 64 << 10, true))),
            ("emulated:0:what", Some((1, EMULATED_MEMORY, false))),
            ("emulatedly", None),
            ("", None),
        ] {
            let want = want.map(|(count, memory, watched)| Asked { count, memory, watched });
            assert_eq!(parse_emulated(asked), want, "{asked}");
        }
    }

    #[test]
    fn a_device_describes_itself_in_one_line() {
        let device = DeviceInfo { name: "Tesla T4".into(), compute_capability: (7, 5), memory: 15 << 30, index: 0 };
        assert_eq!(device.to_string(), "Tesla T4, compute capability 7.5, 15.0 GiB");
    }
}
