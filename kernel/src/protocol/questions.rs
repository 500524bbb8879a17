//! Questions about code that has not run: is it complete, what may follow, what is this.

use serde_json::{Value, json};

use super::history::History;
use super::message::Message;
use super::words;
use crate::evaluator::{Assistant, Completeness, Completion};
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
    let words = words::complete(code, cursor, history.session_inputs());
    let mut found = assistant.map(|a| a.complete(code, cursor)).unwrap_or_default();
    if found.matches.is_empty() {
        found.replace = words.replace.clone();
    }
    if found.replace == words.replace {
        let new = words.matches.into_iter().filter(|word| found.matches.iter().all(|known| known.text != word.text));
        let new: Vec<Completion> = new.collect();
        found.matches.extend(new);
    }
    let (start, end) = (char_offset(code, found.replace.start), char_offset(code, found.replace.end));
    let texts: Vec<&str> = found.matches.iter().map(|found| found.text.as_str()).collect();
    let typed = |found: &Completion| json!({"text": found.text, "type": found.kind, "signature": found.signature, "start": start, "end": end});
    let types: Vec<Value> = found.matches.iter().map(typed).collect();
    json!({
        "status": "ok",
        "matches": texts,
        "cursor_start": start,
        "cursor_end": end,
        "metadata": {"_jupyter_types_experimental": types},
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
