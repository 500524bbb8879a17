//! `tf.Summary`: the message with tagged values, for reading what a summary op gave and for writing without a graph.

use std::fmt;
use std::ops::Deref;

use flowbook_summary::Message;
use flowbook_summary::proto;
use flowbook_summary::proto::summary::{Value, value};

use crate::error::{Error, Result};
use crate::{Array, bytes};

/// Tagged values: `tf.Summary`. It prints in the protocol buffers' text form.
///
/// ```
/// use flowbook::v1 as tf;
/// let summary = tf::Summary::new().simple_value("loss", 0.5).simple_value("accuracy", 0.9);
/// assert_eq!(summary.value[1].tag, "accuracy");
/// assert_eq!(summary.value[1].simple_value(), 0.9);
/// assert_eq!(summary.value[0].to_string(), "tag: \"loss\"\nsimple_value: 0.5\n");
/// ```
#[derive(Clone, PartialEq, Default)]
pub struct Summary(pub(super) proto::Summary);

impl Summary {
    /// Without values.
    pub fn new() -> Summary {
        Summary::default()
    }

    /// Adds a number under a tag: `tf.Summary.Value(tag=tag, simple_value=number)`.
    #[must_use]
    pub fn simple_value(mut self, tag: &str, number: f64) -> Summary {
        let value = value::Value::SimpleValue(number as f32);
        self.0.value.push(Value { tag: tag.into(), value: Some(value), ..Default::default() });
        self
    }

    /// Reads what a summary op gave: `tf.Summary.FromString(s)`.
    ///
    /// # Errors
    /// `ValueError` when it is no summary.
    pub fn from_string(serialized: impl ToSummary) -> Result<Summary> {
        serialized.to_summary()
    }

    /// The message's bytes: `summary.SerializeToString()`.
    pub fn serialize_to_string(&self) -> Vec<u8> {
        self.0.encode_to_vec()
    }
}

impl Deref for Summary {
    type Target = proto::Summary;
    fn deref(&self) -> &proto::Summary {
        &self.0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Summary {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What stands for a summary: the value of a summary op, a [`Summary`], the message's bytes.
pub trait ToSummary {
    /// The summary.
    ///
    /// # Errors
    /// `ValueError` when it is none.
    fn to_summary(self) -> Result<Summary>;
}

impl ToSummary for Summary {
    fn to_summary(self) -> Result<Summary> {
        Ok(self)
    }
}

impl ToSummary for &Summary {
    fn to_summary(self) -> Result<Summary> {
        Ok(self.clone())
    }
}

impl ToSummary for &[u8] {
    fn to_summary(self) -> Result<Summary> {
        let failed = |_| Error::Value("Error parsing message with type 'tensorflow.Summary'".into());
        proto::Summary::decode(self).map(Summary).map_err(failed)
    }
}

impl ToSummary for &Array {
    fn to_summary(self) -> Result<Summary> {
        match self.as_slice::<String>() {
            Some([text]) => bytes::of_text(text).to_summary(),
            _ => Err(Error::Value(format!(
                "a summary is the value of a summary op, a string scalar; got {} of shape {:?}",
                self.dtype().name(),
                self.shape(),
            ))),
        }
    }
}

impl ToSummary for Array {
    fn to_summary(self) -> Result<Summary> {
        (&self).to_summary()
    }
}
