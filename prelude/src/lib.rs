//! Flowbook: tensors, graphs and sessions with TensorFlow's names, values and printing.
//!
//! [`v1`] is TensorFlow 1.x (graph and session) and is what a notebook has as `tf`; [`v2`] is TensorFlow 2.x (eager); [`np`] is NumPy's side of it.
//! This file only names the modules; each of them opens by saying what lives in it.

pub mod array;
mod bytes;
pub mod data;
pub mod dtype;
mod engine;
pub mod error;
pub mod format;
pub mod graph;
pub mod keras;
pub mod literal;
pub mod notebook;
pub mod np;
pub mod ops;
mod plot;
pub mod session;
pub mod shape;
pub mod summary;
mod team;
pub mod v1;
pub mod v2;

pub use array::Array;
pub use dtype::DType;
pub use error::{Error, Result};
pub use flowbook_runtime::interrupt;
pub use literal::ArrayLike;
pub use ndarray::s;
pub use ops::covered;
pub use shape::Shape;
