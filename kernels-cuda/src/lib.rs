//! The CUDA side of Flowbook: devices, their memory, and the kernels that run on them. Nothing in this crate needs CUDA
//! at build time, and nothing panics where its libraries are missing.

mod cache;
mod cuda;
mod device;
mod emulate;
mod error;
pub mod kernels;
mod launch;
mod probe;

pub use cuda::{Collective, Compiler, Shared};
pub use device::{Buffer, Device, DeviceInfo, Fed, MemoryReport, Prepared, Recording, Stream};
pub use emulate::Emulated;
pub use error::{Error, Result};
pub use launch::{Activation, Address, Arg, Convolution, Convolved, DType, Launch, Matrix, Product, Work};
pub use probe::{Probe, device_name, devices, probe};
