//! Questions about code that has not run: is it complete, what may follow, what is this.

use serde_json::{Value, json};

use super::history::History;
use super::message::Message;
use super::words;
use crate::evaluator::{Assistant, Completeness};
use crate::mime;

/// The content of the reply. Without an assistant, completion falls back on the session's words and the rest is empty.
pub fn reply(request: &Message, assistant: Option<&dyn Assistant>, history: &History) -> Value {
    let code = request.text("code");
    let cursor = byte_offset(code, request.number("cursor_pos"));
    match request.kind() {
        "is_complete_request" => is_complete(assistant.map(|a| a.completeness(code))),
        "complete_request" => complete(code, cursor, assistant, history),
        _ => inspect(code, cursor, assistant),
    }
}

fn is_complete(completeness: Option<Completeness>) -> Value {
    match completeness {
        Some(Completeness::Complete) => json!({"status": "complete"}),
        Some(Completeness::Incomplete(indent)) => json!({"status": "incomplete", "indent": indent}),
        Some(Completeness::Invalid) => json!({"status": "invalid"}),
        None => json!({"status": "unknown"}),
    }
}

fn complete(code: &str, cursor: usize, assistant: Option<&dyn Assistant>, history: &History) -> Value {
    let known = assistant.map(|a| a.complete(code, cursor)).filter(|found| !found.matches.is_empty());
    let found = known.unwrap_or_else(|| words::complete(code, cursor, history.session_inputs()));
    json!({
        "status": "ok",
        "matches": found.matches,
        "cursor_start": char_offset(code, found.replace.start),
        "cursor_end": char_offset(code, found.replace.end),
        "metadata": {},
    })
}

fn inspect(code: &str, cursor: usize, assistant: Option<&dyn Assistant>) -> Value {
    let found = assistant.and_then(|a| a.inspect(code, cursor));
    let data = found.as_ref().map(mime::to_json).unwrap_or_default();
    json!({"status": "ok", "found": found.is_some(), "data": data, "metadata": {}})
}

/// Jupyter counts Unicode code points; the assistant counts bytes.
fn byte_offset(code: &str, chars: Option<i64>) -> usize {
    let chars = chars.map_or(usize::MAX, |c| c.max(0) as usize);
    code.char_indices().nth(chars).map_or(code.len(), |(at, _)| at)
}

fn char_offset(code: &str, byte: usize) -> usize {
    code.char_indices().take_while(|(at, _)| *at < byte).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_positions_count_code_points() {
        let code = "가나.x";
        assert_eq!(byte_offset(code, Some(2)), 6);
        assert_eq!(char_offset(code, 6), 2);
        assert_eq!(byte_offset(code, Some(99)), code.len());
        assert_eq!(byte_offset(code, None), code.len());
        assert_eq!(char_offset(code, code.len()), 4);
    }
}
