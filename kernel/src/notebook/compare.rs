//! Whether a cell shows what it showed when the notebook was saved: numbers within a tolerance, pictures by eye,
//! everything else exactly.

mod picture;
mod text;

use serde_json::{Map, Value};

use super::joined;
pub use picture::Pictures;

/// How far outputs may be from the saved ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// For numbers, relative to the saved one: `|new - saved| <= absolute + relative * |saved|`, as `np.allclose`.
    pub relative: f64,
    /// For numbers near zero.
    pub absolute: f64,
    /// For pictures: the mean difference, of 255, that a square of 16 x 16 pixels may have.
    pub picture: f64,
}

impl Default for Tolerance {
    fn default() -> Self {
        // A line that moved by half a pixel stays below 20, a missing letter does not.
        Tolerance { relative: 1e-4, absolute: 1e-6, picture: 20.0 }
    }
}

/// What differs between the saved and the new outputs of a cell.
#[derive(Debug, PartialEq)]
pub struct Difference {
    /// Where and what, in one line.
    pub what: String,
    /// The lines that differ, as saved and as they are now, each marked by `-` or `+`.
    pub lines: Vec<String>,
    /// Two pictures that look different.
    pub pictures: Option<Pictures>,
}

impl Difference {
    fn new(what: impl Into<String>) -> Difference {
        Difference { what: what.into(), lines: Vec::new(), pictures: None }
    }

    fn within(mut self, place: &str) -> Difference {
        self.what = format!("{place}: {}", self.what);
        self
    }
}

/// The first difference between saved and new outputs of a cell; `None` when they agree.
///
/// Text is compared stream by stream, so that an update in between does not matter; of errors class and message.
pub fn difference(saved: &[Value], new: &[Value], tolerance: Tolerance) -> Option<Difference> {
    for stream in ["stdout", "stderr"] {
        let (saved, new) = (printed(saved, stream), printed(new, stream));
        if let Some(found) = text::difference(&saved, &new, tolerance) {
            return Some(found.within(stream));
        }
    }
    let (saved, new): (Vec<&Value>, Vec<&Value>) = (rich(saved), rich(new));
    if let Some(found) = unlike(&saved, &new) {
        return Some(found);
    }
    saved.into_iter().zip(new).find_map(|(saved, new)| one(saved, new, tolerance))
}

fn printed(outputs: &[Value], stream: &str) -> String {
    outputs.iter().filter(|o| o["name"] == stream).map(|o| joined(&o["text"])).collect()
}

fn rich(outputs: &[Value]) -> Vec<&Value> {
    outputs.iter().filter(|o| o["output_type"] != "stream").collect()
}

/// Whether there are other outputs than before, or outputs of another kind.
fn unlike(saved: &[&Value], new: &[&Value]) -> Option<Difference> {
    let error = |outputs: &[&Value]| outputs.iter().find(|o| o["output_type"] == "error").map(|o| named(o));
    match (error(saved), error(new)) {
        (Some(saved), None) => return Some(Difference::new(format!("the error did not come: {saved}"))),
        (None, Some(new)) => return Some(Difference::new(format!("an error came that was not saved: {new}"))),
        _ => {}
    }
    let kinds = |outputs: &[&Value]| outputs.iter().map(|o| kind(o)).collect::<Vec<_>>();
    let (saved, new) = (kinds(saved), kinds(new));
    let shown = |kinds: &[String]| if kinds.is_empty() { "nothing".to_string() } else { kinds.join(", ") };
    (saved != new).then(|| Difference::new(format!("it shows {} instead of {}", shown(&new), shown(&saved))))
}

/// The error in one line.
fn named(error: &Value) -> String {
    let message = joined(&error["evalue"]);
    format!("{}: {}", joined(&error["ename"]), message.lines().next().unwrap_or_default())
}

/// What an output is, for people.
fn kind(output: &Value) -> String {
    let types = ["image/png", "image/svg+xml", "text/html", "text/markdown", "text/plain"];
    let name = match output["output_type"].as_str() {
        Some("error") => return "an error".to_string(),
        Some("execute_result") => "a result",
        _ => "a display",
    };
    match types.iter().find(|mime| !output["data"][**mime].is_null()) {
        Some(mime) => format!("{name} ({mime})"),
        None => name.to_string(),
    }
}

fn one(saved: &Value, new: &Value, tolerance: Tolerance) -> Option<Difference> {
    if saved["output_type"] == "error" {
        return [("ename", "the error's class"), ("evalue", "the error's message")].into_iter().find_map(
            |(field, name)| {
                let found = text::difference(&joined(&saved[field]), &joined(&new[field]), tolerance)?;
                Some(found.within(name))
            },
        );
    }
    let empty = Map::new();
    let (saved, new) = (saved["data"].as_object().unwrap_or(&empty), new["data"].as_object().unwrap_or(&empty));
    if let Some(missing) = saved.keys().find(|mime| !new.contains_key(*mime)) {
        return Some(Difference::new(format!("{missing} is missing")));
    }
    saved.iter().find_map(|(mime, saved)| {
        let found = match mime.as_str() {
            "image/png" => picture::difference(&joined(saved), &joined(&new[mime]), tolerance.picture),
            _ if saved.is_object() => (*saved != new[mime]).then(|| Difference::new("the JSON differs")),
            _ => text::difference(&joined(saved), &joined(&new[mime]), tolerance),
        };
        Some(found?.within(mime))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn differ(saved: Value, new: Value) -> Option<String> {
        let found = difference(saved.as_array().unwrap(), new.as_array().unwrap(), Tolerance::default());
        found.map(|d| d.what)
    }

    fn result(text: &str) -> Value {
        json!({"output_type": "execute_result", "data": {"text/plain": [text]}})
    }

    fn error(name: &str, traceback: &str) -> Value {
        json!({"output_type": "error", "ename": name, "evalue": "v", "traceback": [traceback]})
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
        assert_eq!(differ(json!([result("3")]), json!([result("4")])).unwrap(), "text/plain: line 1");
        let shown = differ(json!([result("3")]), json!([])).unwrap();
        assert_eq!(shown, "it shows nothing instead of a result (text/plain)");
    }

    #[test]
    fn of_errors_class_and_message_count() {
        assert_eq!(differ(json!([error("Panic", "here")]), json!([error("Panic", "there")])), None);
        let found = differ(json!([error("Panic", "")]), json!([error("ValueError", "")])).unwrap();
        assert_eq!(found, "the error's class: line 1");
    }

    #[test]
    fn an_error_that_is_missing_or_new_is_named() {
        let missing = differ(json!([error("Panic", "")]), json!([])).unwrap();
        assert_eq!(missing, "the error did not come: Panic: v");
        let new = differ(json!([]), json!([error("Panic", "")])).unwrap();
        assert_eq!(new, "an error came that was not saved: Panic: v");
    }
}
