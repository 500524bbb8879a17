//! Keras under its own names: layers, models, losses, metrics, optimizers, callbacks. A model's training step is traced
//! with `v2` and compiled by the engine. This file only collects the names.

pub mod activations;
pub mod callbacks;
pub mod datasets;
pub mod initializers;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod models;
pub mod optimizers;
mod progress;
pub mod regularizers;
mod tensor;
pub mod utils;

pub use models::{Model, Sequential};
pub use tensor::{Input, KerasTensor};

/// The version of Keras whose behaviour this follows: `keras.__version__`.
pub const VERSION: &str = "3.15.1";

/// The version of Keras whose behaviour this follows: `keras.__version__`.
pub fn version() -> &'static str {
    VERSION
}

/// `keras.backend`.
pub mod backend {
    /// Lets the names of layers and models start anew: `keras.backend.clear_session()`.
    pub fn clear_session() {
        super::layers::forget_names();
    }
}
