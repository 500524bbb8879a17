//! MIME bundles as Jupyter's JSON: text as strings, JSON as itself, everything else in base64.
//! Shared by the wire protocol and the notebook files.

use data_encoding::BASE64;
use flowbook_runtime::frame::{METADATA, MimeBundle};
use serde_json::{Map, Value};

/// The `data` object of a `display_data`, `execute_result` or `update_display_data`.
pub fn to_json(bundle: &MimeBundle) -> Map<String, Value> {
    bundle
        .iter()
        .filter(|(mime, _)| mime != METADATA)
        .map(|(mime, content)| (mime.clone(), value(mime, content)))
        .collect()
}

/// The `metadata` object that goes with the bundle, such as the size at which a picture is shown.
pub fn metadata(bundle: &MimeBundle) -> Value {
    let entry = bundle.iter().find(|(mime, _)| mime == METADATA);
    entry.and_then(|(_, content)| serde_json::from_slice(content).ok()).unwrap_or_else(|| Value::Object(Map::new()))
}

/// The plain-text form of a bundle, when it has one.
pub fn plain(bundle: &MimeBundle) -> Option<String> {
    let (_, content) = bundle.iter().find(|(mime, _)| mime == "text/plain")?;
    Some(String::from_utf8_lossy(content).into_owned())
}

/// Whether notebooks store this type as text, split into lines.
pub fn is_text(mime: &str) -> bool {
    mime.starts_with("text/") || matches!(mime, "image/svg+xml" | "application/javascript")
}

fn is_json(mime: &str) -> bool {
    mime == "application/json" || (mime.starts_with("application/") && mime.ends_with("+json"))
}

fn value(mime: &str, content: &[u8]) -> Value {
    if is_text(mime) {
        return Value::String(String::from_utf8_lossy(content).into_owned());
    }
    if is_json(mime) {
        return serde_json::from_slice(content)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(content).into_owned()));
    }
    Value::String(BASE64.encode(content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_kind_of_content_has_its_own_form() {
        let bundle = vec![
            ("text/plain".to_string(), b"9.0".to_vec()),
            ("image/png".to_string(), b"\x89PNG".to_vec()),
            ("application/json".to_string(), br#"{"a":1}"#.to_vec()),
            ("image/svg+xml".to_string(), b"<svg/>".to_vec()),
        ];
        // RFC 4648: 89 50 4e 47 is "iVBORw==" in base64.
        let expected = json!({
            "text/plain": "9.0", "image/png": "iVBORw==", "application/json": {"a": 1}, "image/svg+xml": "<svg/>",
        });
        assert_eq!(Value::Object(to_json(&bundle)), expected);
        assert_eq!(plain(&bundle).as_deref(), Some("9.0"));
        assert_eq!(metadata(&bundle), json!({}));
    }

    #[test]
    fn metadata_is_not_a_form() {
        let size = br#"{"image/png": {"width": 3}}"#.to_vec();
        let bundle = vec![("text/plain".to_string(), b"9".to_vec()), (METADATA.to_string(), size)];
        assert_eq!(Value::Object(to_json(&bundle)), json!({"text/plain": "9"}));
        assert_eq!(metadata(&bundle), json!({"image/png": {"width": 3}}));
    }
}
