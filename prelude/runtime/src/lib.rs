//! What a running cell and the kernel have in common: the framed output channel, displays, the variable store and
//! the loop of the child process. It knows nothing of tensors and nothing of Jupyter's wire protocol. The child and its
//! copies are Linux's; the rest is for every Unix, where the library may run without a kernel.
#![cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "what only the child uses"))]

pub mod cell;
pub mod channel;
pub mod checkpoint;
#[cfg(target_os = "linux")]
pub mod child;
#[cfg(target_os = "linux")]
mod code;
pub mod display;
pub mod frame;
pub mod input;
pub mod interrupt;
mod picture;
pub mod show;
pub mod store;

#[doc(hidden)]
pub use flowbook_next_cell::next_cell;
