//! `tf.config`: the machine's devices, how they are chosen, and what their memory holds.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::engine::device::gpus;

/// A device of the machine: `tf.config.PhysicalDevice`.
#[derive(Clone, PartialEq, Eq)]
pub struct PhysicalDevice {
    /// `/physical_device:CPU:0`
    pub name: String,
    /// `CPU` or `GPU`
    pub device_type: String,
}

impl fmt::Debug for PhysicalDevice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "PhysicalDevice(name='{}', device_type='{}')", self.name, self.device_type)
    }
}

impl fmt::Display for PhysicalDevice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A device that operations can be sent to: `tf.config.LogicalDevice`.
#[derive(Clone, PartialEq, Eq)]
pub struct LogicalDevice {
    /// `/device:CPU:0`
    pub name: String,
    /// `CPU` or `GPU`
    pub device_type: String,
}

impl fmt::Debug for LogicalDevice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "LogicalDevice(name='{}', device_type='{}')", self.name, self.device_type)
    }
}

impl fmt::Display for LogicalDevice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The kinds and numbers of the devices of a kind, `""` for all.
fn devices(device_type: &str) -> Vec<(&'static str, usize)> {
    let all = std::iter::once(("CPU", 0)).chain((0..gpus().len()).map(|i| ("GPU", i)));
    all.filter(|(kind, _)| device_type.is_empty() || *kind == device_type).collect()
}

/// The devices of a kind, `"CPU"` or `"GPU"`; `""` asks for all of them: `tf.config.list_physical_devices`.
///
/// ```
/// use flowbook::v2 as tf;
/// let cpus = tf::config::list_physical_devices("CPU");
/// assert_eq!(format!("{cpus:?}"), "[PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]");
/// ```
pub fn list_physical_devices(device_type: &str) -> Vec<PhysicalDevice> {
    let device = |(kind, i): (&str, usize)| PhysicalDevice {
        name: format!("/physical_device:{kind}:{i}"),
        device_type: kind.into(),
    };
    devices(device_type).into_iter().map(device).collect()
}

/// The same devices under the names that [`device`](super::device) takes: `tf.config.list_logical_devices`.
pub fn list_logical_devices(device_type: &str) -> Vec<LogicalDevice> {
    let device =
        |(kind, i): (&str, usize)| LogicalDevice { name: format!("/device:{kind}:{i}"), device_type: kind.into() };
    devices(device_type).into_iter().map(device).collect()
}

static SOFT: AtomicBool = AtomicBool::new(true);
static LOG: AtomicBool = AtomicBool::new(false);

/// Whether an operation that its device cannot run, or whose device does not exist, goes to another one without a word.
/// That is so unless it is switched off: `tf.config.set_soft_device_placement`.
pub fn set_soft_device_placement(enabled: bool) {
    SOFT.store(enabled, Ordering::Relaxed);
}

/// Whether operations print where they run, and functions compiled from now on where theirs go:
/// `tf.debugging.set_log_device_placement`.
pub fn set_log_device_placement(enabled: bool) {
    LOG.store(enabled, Ordering::Relaxed);
}

/// Whether placement is soft.
pub(super) fn is_soft() -> bool {
    SOFT.load(Ordering::Relaxed)
}

/// Whether placement is printed.
pub(super) fn is_logged() -> bool {
    LOG.load(Ordering::Relaxed)
}

/// How functions choose devices.
pub(super) fn placement() -> crate::engine::device::Placement {
    let (soft, log) = (SOFT.load(Ordering::Relaxed), LOG.load(Ordering::Relaxed));
    crate::engine::device::Placement {
        soft,
        log,
        function: true,
        most: None,
        default: super::distribute::default_device(),
    }
}

/// `tf.config.experimental`.
pub mod experimental {
    use crate::engine::device::{device_error, gpus};
    use crate::error::{Error, Result};

    /// What a device's memory holds, in bytes.
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub struct MemoryInfo {
        /// What is in use.
        pub current: usize,
        /// The most that ever was.
        pub peak: usize,
    }

    impl std::fmt::Display for MemoryInfo {
        fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
            write!(f, "{{'current': {}, 'peak': {}}}", self.current, self.peak)
        }
    }

    impl std::fmt::Debug for MemoryInfo {
        fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
            std::fmt::Display::fmt(self, f)
        }
    }

    /// What the memory of a device such as `"GPU:0"` holds: `tf.config.experimental.get_memory_info`. The CPU's is not
    /// counted, as in TensorFlow.
    ///
    /// # Errors
    /// `ValueError` when there is no such device.
    pub fn get_memory_info(device: &str) -> Result<MemoryInfo> {
        let missing = || Error::Value(format!("No matching devices found for '{device}'"));
        let spec = crate::graph::DeviceSpec::parse(device)?;
        match (spec.kind.as_deref(), spec.index.unwrap_or(0)) {
            (Some("CPU"), 0) => Ok(MemoryInfo { current: 0, peak: 0 }),
            (Some("GPU"), index) => {
                let gpus = gpus();
                let report = gpus.get(index as usize).ok_or_else(missing)?.memory().map_err(device_error)?;
                Ok(MemoryInfo { current: report.held, peak: report.peak })
            }
            _ => Err(missing()),
        }
    }

    /// Lets products and convolutions of `float32` on GPUs round their factors to TensorFloat-32, which is several times
    /// as fast and leaves about three digits: `tf.config.experimental.enable_tensor_float_32_execution`. It is off
    /// unless it is switched on (TensorFlow has it on), and counts for what is compiled from then on.
    pub fn enable_tensor_float_32_execution(enabled: bool) {
        crate::ops::device::set_tensor_float_32(enabled);
    }

    /// Whether it is on: `tf.config.experimental.tensor_float_32_execution_enabled`.
    pub fn tensor_float_32_execution_enabled() -> bool {
        crate::ops::device::tensor_float_32()
    }
}
