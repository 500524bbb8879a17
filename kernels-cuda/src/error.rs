//! What can go wrong on a device. Every message says what was asked for and what the way out is.

use std::fmt;

/// The result of what this crate does.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a device did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// There is no device that can be used; the text is the reason, as a clause.
    #[error("no CUDA device: {0}")]
    Unavailable(String),
    /// The device has not enough memory left. It can be used as before.
    #[error(
        "out of memory on {device}: {} were asked for, {} of {} are free; use smaller batches or drop what is not needed",
        Size(*asked), Size(*free), Size(*total)
    )]
    OutOfMemory {
        /// The device's name, `/device:GPU:0`.
        device: String,
        /// The bytes asked for.
        asked: usize,
        /// The bytes free when they were asked for.
        free: usize,
        /// The device's memory in bytes.
        total: usize,
    },
    /// A kernel's text does not compile.
    #[error("the kernel {name} does not compile:\n{log}")]
    Compile {
        /// The kernel's name.
        name: String,
        /// What the compiler said.
        log: String,
    },
    /// A call of one of CUDA's libraries failed.
    #[error("{call} failed: {reason}")]
    Library {
        /// The function, `cuLaunchKernel`.
        call: &'static str,
        /// The library's own name of the error, and its text.
        reason: String,
    },
    /// The work itself is wrong: an address outside of every buffer, an argument of another type.
    #[error("{0}")]
    Invalid(String),
}

/// A number of bytes in the unit that suits it.
struct Size(usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("GiB", 1usize << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
        match units.into_iter().find(|(_, unit)| self.0 >= *unit) {
            Some((name, unit)) => write!(f, "{:.2} {name}", self.0 as f64 / unit as f64),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn out_of_memory_is_said_with_all_three_sizes() {
        let error = Error::OutOfMemory { device: "/device:GPU:0".into(), asked: 3 << 30, free: 5 << 19, total: 700 };
        assert_eq!(
            error.to_string(),
            "out of memory on /device:GPU:0: 3.00 GiB were asked for, 2.50 MiB of 700 bytes are free; use smaller \
             batches or drop what is not needed"
        );
    }
}
