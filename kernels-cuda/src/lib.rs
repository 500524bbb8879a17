//! The CUDA side of Flowbook: finding a device. Nothing in this crate needs CUDA at build time, and nothing panics
//! where its libraries are missing.

mod probe;

pub use probe::{Device, Probe, device_name, probe};
