//! Summaries on disk: the writers of `tf.summary`, of TensorFlow 1 ([`FileWriter`]) and of TensorFlow 2 ([`v2`]), over
//! the event files of `flowbook_summary`. The ops that make summaries in a graph are in `ops::summary`.

mod file_writer;
mod graph_def;
mod message;
pub mod v2;

pub use file_writer::{FileWriter, GlobalStep};
pub(crate) use graph_def::{graph_def, tensor_proto};
pub use message::{Summary, ToSummary};

use crate::error::Error;

/// A failure of the file system as Python would name it.
fn os_error(what: &std::path::Path, error: &std::io::Error) -> Error {
    Error::Os(format!("{}: {error}", what.display()))
}
