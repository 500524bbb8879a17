//! A request as it arrived: who sent it, its header, its content. Contents stay JSON and are read leniently, because
//! front ends differ in which optional fields they send.

use bytes::Bytes;
use serde_json::Value;

pub use jupyter_protocol::Header;

/// A request from a front end.
#[derive(Clone, Debug)]
pub struct Message {
    /// ZeroMQ's routing frames, needed for the reply.
    pub identities: Vec<Bytes>,
    /// The header, which becomes the parent header of everything the request causes.
    pub header: Header,
    /// The content.
    pub content: Value,
}

impl Message {
    /// Reads the JSON frames: header, parent header, metadata, content.
    pub(super) fn parse(identities: Vec<Bytes>, frames: &[Bytes]) -> Result<Message, String> {
        let [header, _, _, content, ..] = frames else {
            return Err(format!("it has {} frames instead of 4", frames.len()));
        };
        let header = serde_json::from_slice(header).map_err(|e| format!("its header is malformed: {e}"))?;
        let content: Value = serde_json::from_slice(content).map_err(|e| format!("its content is malformed: {e}"))?;
        if !content.is_object() {
            return Err("its content is not an object".to_string());
        }
        Ok(Message { identities, header, content })
    }

    /// The message type, such as `execute_request`.
    pub fn kind(&self) -> &str {
        &self.header.msg_type
    }

    /// A text field, empty when absent.
    pub fn text(&self, field: &str) -> &str {
        self.content[field].as_str().unwrap_or_default()
    }

    /// A truth value.
    pub fn flag(&self, field: &str, default: bool) -> bool {
        self.content[field].as_bool().unwrap_or(default)
    }

    /// A whole number, when present.
    pub fn number(&self, field: &str) -> Option<i64> {
        self.content[field].as_i64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] =
        br#"{"msg_id":"1","username":"u","session":"s","msg_type":"execute_request","version":"5.3"}"#;

    fn parse(frames: &[&'static [u8]]) -> Result<Message, String> {
        let frames: Vec<Bytes> = frames.iter().map(|f| Bytes::from_static(f)).collect();
        Message::parse(vec![], &frames)
    }

    #[test]
    fn optional_fields_have_defaults() {
        let message = parse(&[HEADER, b"{}", b"{}", br#"{"code":"1"}"#]).unwrap();
        assert_eq!(message.kind(), "execute_request");
        assert_eq!(message.text("code"), "1");
        assert!(message.flag("store_history", true));
        assert_eq!(message.number("cursor_pos"), None);
    }

    #[test]
    fn damage_is_named() {
        assert!(parse(&[HEADER, b"{}"]).unwrap_err().contains("2 frames"));
        assert!(parse(&[b"{", b"{}", b"{}", b"{}"]).unwrap_err().contains("header"));
        assert!(parse(&[HEADER, b"{}", b"{}", b"[1"]).unwrap_err().contains("content"));
        assert!(parse(&[HEADER, b"{}", b"{}", b"[1]"]).unwrap_err().contains("not an object"));
    }
}
