//! Keras' names for things that work on plain arrays. Layers and models are not here yet.

pub mod activations;
pub mod initializers;
pub mod utils;
