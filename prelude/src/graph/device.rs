//! Device scopes: where the user wants operations to run, in TensorFlow's notation. Whether there is such a device is
//! found out when a run is compiled.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use super::Operation;
use crate::error::{Error, Result};

/// What a device string says; what it leaves out is open.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct DeviceSpec {
    job: Option<String>,
    replica: Option<u32>,
    task: Option<u32>,
    /// `CPU` or `GPU`, in capitals.
    pub kind: Option<String>,
    pub index: Option<u32>,
}

impl DeviceSpec {
    /// Reads `/gpu:0`, `GPU:0`, `/device:GPU:0`, `/job:localhost/replica:0/task:0/device:GPU:0` and the like.
    pub fn parse(text: &str) -> Result<DeviceSpec> {
        let unknown = |part: &str| {
            Error::Value(format!("Unknown attribute '{part}' is encountered while parsing the device spec: '{text}'."))
        };
        let mut spec = DeviceSpec::default();
        for part in text.split('/').filter(|p| !p.is_empty()) {
            let fields: Vec<&str> = part.split(':').collect();
            let number = |field: &str| field.parse::<u32>().map_err(|_| unknown(fields[0]));
            let index = |field: &str| if field == "*" { Ok(None) } else { number(field).map(Some) };
            match fields[..] {
                ["job", name] => spec.job = Some(name.to_owned()),
                ["replica", n] => spec.replica = Some(number(n)?),
                ["task", n] => spec.task = Some(number(n)?),
                ["device", kind, n] => (spec.kind, spec.index) = (Some(kind.to_uppercase()), index(n)?),
                [kind] if is_kind(kind) => spec.kind = Some(kind.to_uppercase()),
                [kind, n] if is_kind(kind) => (spec.kind, spec.index) = (Some(kind.to_uppercase()), index(n)?),
                _ => return Err(unknown(fields[0])),
            }
        }
        Ok(spec)
    }

    /// A device by its kind, in capitals, and its number.
    pub fn of(kind: &str, index: u32) -> DeviceSpec {
        DeviceSpec { kind: Some(kind.into()), index: Some(index), ..DeviceSpec::default() }
    }

    /// With everything that it leaves open as it is in this process.
    pub fn in_full(self) -> DeviceSpec {
        let local =
            DeviceSpec { job: Some("localhost".into()), replica: Some(0), task: Some(0), ..DeviceSpec::of("CPU", 0) };
        let spec = self.within(local);
        DeviceSpec { index: spec.index.or(Some(0)), ..spec }
    }

    /// This one, with what it leaves open from an outer one.
    fn within(self, outer: DeviceSpec) -> DeviceSpec {
        let (kind, index) = if self.kind.is_some() { (self.kind, self.index) } else { (outer.kind, outer.index) };
        DeviceSpec {
            job: self.job.or(outer.job),
            replica: self.replica.or(outer.replica),
            task: self.task.or(outer.task),
            kind,
            index,
        }
    }
}

fn is_kind(text: &str) -> bool {
    matches!(text.to_ascii_uppercase().as_str(), "CPU" | "GPU" | "TPU" | "XLA_CPU" | "XLA_GPU")
}

impl fmt::Display for DeviceSpec {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if let Some(job) = &self.job {
            write!(f, "/job:{job}")?;
        }
        if let Some(replica) = self.replica {
            write!(f, "/replica:{replica}")?;
        }
        if let Some(task) = self.task {
            write!(f, "/task:{task}")?;
        }
        match (&self.kind, self.index) {
            (Some(kind), Some(index)) => write!(f, "/device:{kind}:{index}"),
            (Some(kind), None) => write!(f, "/device:{kind}:*"),
            (None, _) => Ok(()),
        }
    }
}

/// Runs `body` with every new operation meant for that device: `with tf.device("/gpu:0"):`. What the name leaves open
/// is as the scopes around it say.
///
/// ```
/// use flowbook::v1 as tf;
/// let a = tf::device("/cpu:0", || tf::constant([1.0, 2.0]).named("a"));
/// assert_eq!(a.op().device(), "/device:CPU:0");
/// ```
///
/// # Panics
/// `ValueError` for what is no name of a device.
#[track_caller]
pub fn device<R>(name: &str, body: impl FnOnce() -> R) -> R {
    let spec = DeviceSpec::parse(name).unwrap_or_else(|error| error.raise());
    let inner = match current() {
        Some(outer) => Some(Arc::new(spec.within(DeviceSpec::clone(&outer)))),
        None => Some(Arc::new(spec)),
    };
    let _restore = Restore(SCOPE.replace(inner));
    body()
}

/// Puts the outer scope back, also when the body panics.
struct Restore(Option<Arc<DeviceSpec>>);

impl Drop for Restore {
    fn drop(&mut self) {
        SCOPE.set(self.0.take());
    }
}

thread_local! {
    static SCOPE: RefCell<Option<Arc<DeviceSpec>>> = const { RefCell::new(None) };
}

/// What the scopes say, for those who build no operations.
pub(crate) fn current_device<R>(look: impl FnOnce(Option<&DeviceSpec>) -> R) -> R {
    SCOPE.with_borrow(|spec| look(spec.as_deref()))
}

/// What the innermost scope says of new operations.
pub(super) fn current() -> Option<Arc<DeviceSpec>> {
    SCOPE.with_borrow(Clone::clone)
}

impl Operation {
    /// The device it is meant for, `"/device:GPU:0"`, or `""` when the choice is the library's: `op.device`.
    pub fn device(self) -> String {
        self.graph.node(self.node).device.as_ref().map_or(String::new(), ToString::to_string)
    }
}

#[cfg(test)]
mod tests {
    use super::DeviceSpec;

    fn spec(text: &str) -> DeviceSpec {
        DeviceSpec::parse(text).unwrap()
    }

    /// The forms of `tf.DeviceSpec.from_string(...).to_string()`.
    #[test]
    fn names_are_written_in_full() {
        for (given, full) in [
            ("/gpu:0", "/device:GPU:0"),
            ("GPU:1", "/device:GPU:1"),
            ("/device:CPU:0", "/device:CPU:0"),
            ("/gpu", "/device:GPU:*"),
            ("/job:localhost/replica:0/task:0/device:GPU:0", "/job:localhost/replica:0/task:0/device:GPU:0"),
            ("", ""),
        ] {
            assert_eq!(spec(given).to_string(), full);
        }
        assert_eq!(spec("/cpu:0").within(spec("/job:ps/gpu:1")).to_string(), "/job:ps/device:CPU:0");
        assert!(DeviceSpec::parse("/fpga:0").is_err());
    }
}
