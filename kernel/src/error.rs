//! Everything that can go wrong outside a cell, in words that say what to do next.

/// Why the kernel or one of the `flowbook` commands could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The evaluator could not start.
    #[error("cells cannot run: {0}; `flowbook doctor` shows what is missing")]
    Evaluator(String),
}
