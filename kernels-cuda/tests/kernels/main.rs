//! Every family of kernels on the emulated device, against the plainest code for the same thing: odd sizes, sizes of
//! nothing, every element type.

mod bench;
mod copy;
mod images;
mod index;
mod matmul;
mod merge;
mod random;
mod reduce;
mod scatter;
mod softmax;
#[path = "../support/mod.rs"]
mod support;
mod training;
