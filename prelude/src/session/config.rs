//! How a session chooses devices: `tf.ConfigProto`.

use crate::engine::device::Placement;

/// Settings of a session: `tf.ConfigProto`, as far as they are about devices.
///
/// ```
/// use flowbook::v1 as tf;
/// let config = tf::ConfigProto::new().allow_soft_placement(true).log_device_placement(false);
/// let sess = tf::Session::with_config(config);
/// ```
#[derive(Clone, Default, Debug)]
pub struct ConfigProto {
    soft: bool,
    log: bool,
    gpus: Option<usize>,
}

impl ConfigProto {
    /// The settings that a session has without any.
    pub fn new() -> ConfigProto {
        ConfigProto::default()
    }

    /// Whether an operation whose device does not exist, or cannot run it, goes to another device in place of being an
    /// error: `allow_soft_placement=`.
    #[must_use]
    pub fn allow_soft_placement(mut self, yes: bool) -> ConfigProto {
        self.soft = yes;
        self
    }

    /// Whether the devices, and where each operation goes, are printed on standard error: `log_device_placement=`.
    #[must_use]
    pub fn log_device_placement(mut self, yes: bool) -> ConfigProto {
        self.log = yes;
        self
    }

    /// The number of devices of a kind that are used at most: `device_count={"GPU": 0}`. There is one CPU in any case.
    #[must_use]
    pub fn device_count(mut self, device_type: &str, count: usize) -> ConfigProto {
        if device_type.eq_ignore_ascii_case("GPU") {
            self.gpus = Some(count);
        }
        self
    }

    pub(super) fn placement(&self) -> Placement {
        Placement { soft: self.soft, log: self.log, most: self.gpus, ..Placement::default() }
    }
}
