//! What happens where something is missing, and that CUDA's libraries are called as they must be: in child processes that
//! find libraries made for it, since a process looks for a device once.

mod collective;
mod convolutions;
mod device;
mod libraries;
mod products;
mod search;
#[path = "../support/mod.rs"]
mod support;
