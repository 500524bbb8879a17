//! What a running cell and the kernel have in common: the framed output channel, displays, the variable store and
//! the loop of the child process. It knows nothing of tensors and nothing of Jupyter's wire protocol.

pub mod cell;
pub mod channel;
pub mod checkpoint;
pub mod child;
mod code;
pub mod display;
pub mod frame;
pub mod input;
pub mod interrupt;
mod picture;
pub mod show;
pub mod store;
