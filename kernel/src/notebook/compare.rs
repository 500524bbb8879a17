//! Whether a cell shows what it showed when the notebook was saved: numbers within a tolerance, pictures by eye,
//! everything else exactly.

mod picture;
mod text;

use serde_json::{Map, Value};

use super::joined;

/// How far a number may be from the saved one: `|new - saved| <= absolute + relative * |saved|`, as `np.allclose`.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// Relative to the saved number.
    pub relative: f64,
    /// For numbers near zero.
    pub absolute: f64,
}

impl Default for Tolerance {
    fn default() -> Self {
        Tolerance { relative: 1e-4, absolute: 1e-6 }
    }
}

/// The first difference between saved and new outputs of a cell, in words; `None` when they agree.
///
/// Text is compared stream by stream, so that an update in between does not matter; of errors class and message.
pub fn difference(saved: &[Value], new: &[Value], tolerance: Tolerance) -> Option<String> {
    for stream in ["stdout", "stderr"] {
        let (saved, new) = (printed(saved, stream), printed(new, stream));
        if let Some(found) = text::difference(&saved, &new, tolerance) {
            return Some(format!("{stream}: {found}"));
        }
    }
    let (saved, new): (Vec<&Value>, Vec<&Value>) = (rich(saved), rich(new));
    if saved.len() != new.len() {
        return Some(format!("{} rich outputs instead of {}", new.len(), saved.len()));
    }
    saved.into_iter().zip(new).find_map(|(saved, new)| one(saved, new, tolerance))
}

fn printed(outputs: &[Value], stream: &str) -> String {
    outputs.iter().filter(|o| o["name"] == stream).map(|o| joined(&o["text"])).collect()
}

fn rich(outputs: &[Value]) -> Vec<&Value> {
    outputs.iter().filter(|o| o["output_type"] != "stream").collect()
}

fn one(saved: &Value, new: &Value, tolerance: Tolerance) -> Option<String> {
    if saved["output_type"] != new["output_type"] {
        return Some(format!("{} instead of {}", new["output_type"], saved["output_type"]));
    }
    if saved["output_type"] == "error" {
        return ["ename", "evalue"].into_iter().find_map(|field| {
            let found = text::difference(&joined(&saved[field]), &joined(&new[field]), tolerance)?;
            Some(format!("{field}: {found}"))
        });
    }
    let empty = Map::new();
    let (saved, new) = (saved["data"].as_object().unwrap_or(&empty), new["data"].as_object().unwrap_or(&empty));
    if let Some(missing) = saved.keys().find(|mime| !new.contains_key(*mime)) {
        return Some(format!("{missing} is missing"));
    }
    saved.iter().find_map(|(mime, saved)| {
        let found = match mime.as_str() {
            "image/png" => picture::difference(&joined(saved), &joined(&new[mime])),
            _ if saved.is_object() => (*saved != new[mime]).then(|| "the JSON differs".to_string()),
            _ => text::difference(&joined(saved), &joined(&new[mime]), tolerance),
        };
        Some(format!("{mime}: {}", found?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn differ(saved: Value, new: Value) -> Option<String> {
        difference(saved.as_array().unwrap(), new.as_array().unwrap(), Tolerance::default())
    }

    fn result(text: &str) -> Value {
        json!({"output_type": "execute_result", "data": {"text/plain": [text]}})
    }

    #[test]
    fn text_may_come_in_other_pieces() {
        let whole = json!([{"output_type": "stream", "name": "stdout", "text": "a\nb\n"}]);
        let pieces = json!([
            {"output_type": "stream", "name": "stdout", "text": ["a\n"]},
            {"output_type": "stream", "name": "stdout", "text": ["b\n"]},
        ]);
        assert_eq!(differ(whole, pieces), None);
    }

    #[test]
    fn outputs_are_compared_one_by_one() {
        assert_eq!(differ(json!([result("3")]), json!([result("3")])), None);
        assert!(differ(json!([result("3")]), json!([result("4")])).unwrap().starts_with("text/plain: "));
        assert_eq!(differ(json!([result("3")]), json!([])).unwrap(), "0 rich outputs instead of 1");
    }

    #[test]
    fn of_errors_class_and_message_count() {
        let error = |name: &str, traceback: &str| json!([{"output_type": "error", "ename": name, "evalue": "v", "traceback": [traceback]}]);
        assert_eq!(differ(error("Panic", "here"), error("Panic", "there")), None);
        assert!(differ(error("Panic", ""), error("ValueError", "")).unwrap().starts_with("ename"));
    }
}
