//! The Flowbook kernel: cells in, Jupyter messages out.
//!
//! `evaluator` runs cells and knows nothing of Jupyter; the protocol, the notebook files and the command line
//! reach it only through its trait.

#[cfg(not(target_os = "linux"))]
compile_error!(
    "the kernel runs on Linux: use WSL 2 on Windows, a container on macOS; the library `flowbook` builds alone"
);

pub mod cli;
mod environment;
mod error;
pub mod evaluator;
mod files;
mod mime;
pub mod notebook;
pub mod protocol;

pub use error::Error;
