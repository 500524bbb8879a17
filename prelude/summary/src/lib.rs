//! TensorBoard's event files: their messages, the framing of records, histograms and pictures as TensorFlow makes them,
//! the writer; and a drawing of graphs. It knows nothing of tensors and graphs; what turns those into messages is in the library.

pub mod drawing;
pub mod histogram;
pub mod image;
pub mod proto;
pub mod record;
mod text;
mod writer;

pub use prost::Message;
pub use text::escape;
pub use writer::{EventWriter, Naming};
