//! Notebook files, nbformat 4: reading, filling in outputs, writing back exactly as Jupyter writes them.
//! Whatever is not touched keeps its bytes; running cells is not done here.

pub mod compare;
mod outputs;

use std::path::Path;

use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value, json};

pub use outputs::Outputs;

use crate::Error;

/// The tag of cells that are meant to fail, as nbclient and nbmake know it.
const MAY_FAIL: &str = "raises-exception";
/// The tag of cells that are not run, as nbclient knows it.
const SKIPPED: &str = "skip-execution";
/// The tag of cells whose outputs change from run to run, as nbval knows it.
const UNCHECKED: &str = "nbval-ignore-output";

/// A notebook in memory.
#[derive(Clone, Debug)]
pub struct Notebook {
    json: Value,
}

/// A code cell, by reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeCell {
    /// Its place among all cells, from 0.
    pub index: usize,
    /// The code.
    pub source: String,
    /// Whether it may fail (the tag `raises-exception`).
    pub may_fail: bool,
    /// Whether its outputs need not be the saved ones (the tag `nbval-ignore-output`).
    pub unchecked: bool,
}

impl Notebook {
    /// Reads a notebook file.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read, [`Error::NotANotebook`] when it is not JSON or not nbformat 4.
    pub fn read(path: &Path) -> Result<Notebook, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::file("read", path))?;
        Self::parse(&text).map_err(|reason| Error::NotANotebook { path: path.to_path_buf(), reason })
    }

    /// Reads a notebook from its text.
    ///
    /// # Errors
    /// The reason, as a clause.
    pub fn parse(text: &str) -> Result<Notebook, String> {
        let json: Value = serde_json::from_str(text).map_err(|e| format!("it is not JSON ({e})"))?;
        match json["nbformat"].as_u64() {
            Some(4) => {}
            Some(n) => {
                return Err(format!(
                    "it has format {n}, and only 4 is read; open and save it in JupyterLab to convert it"
                ));
            }
            None => return Err("it has no `nbformat`".to_string()),
        }
        if !json["cells"].as_array().is_some_and(|cells| cells.iter().all(Value::is_object)) {
            return Err("it has no list of `cells`".to_string());
        }
        Ok(Notebook { json })
    }

    /// The code cells to run, in order: those that hold code and are not tagged `skip-execution`.
    pub fn code_cells(&self) -> Vec<CodeCell> {
        let tagged = |cell: &Value, tag: &str| {
            cell["metadata"]["tags"].as_array().is_some_and(|tags| tags.iter().any(|t| t == tag))
        };
        let cells = self.json["cells"].as_array().map(Vec::as_slice).unwrap_or_default();
        let code = cells.iter().enumerate().filter(|(_, cell)| cell["cell_type"] == "code" && !tagged(cell, SKIPPED));
        code.map(|(index, cell)| CodeCell {
            index,
            source: joined(&cell["source"]),
            may_fail: tagged(cell, MAY_FAIL),
            unchecked: tagged(cell, UNCHECKED),
        })
        // Front ends do not send a cell without code either.
        .filter(|cell| !cell.source.trim().is_empty())
        .collect()
    }

    /// The saved outputs of the cell at `index`.
    pub fn outputs(&self, index: usize) -> &[Value] {
        self.json["cells"][index]["outputs"].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether the notebook was saved without ever having been run.
    pub fn never_run(&self) -> bool {
        self.code_cells().iter().all(|cell| {
            self.outputs(cell.index).is_empty() && self.json["cells"][cell.index]["execution_count"].is_null()
        })
    }

    /// Removes the outputs and execution counts of every code cell.
    pub fn clear_outputs(&mut self) {
        let cells = self.json["cells"].as_array().map_or(0, Vec::len);
        for index in (0..cells).filter(|&i| self.json["cells"][i]["cell_type"] == "code").collect::<Vec<_>>() {
            self.set_outputs(index, None, Vec::new());
        }
    }

    /// Replaces what the cell at `index` shows.
    pub fn set_outputs(&mut self, index: usize, count: Option<u32>, outputs: Vec<Value>) {
        let cell = &mut self.json["cells"][index];
        cell["execution_count"] = json!(count);
        cell["outputs"] = Value::Array(outputs);
    }

    /// The file's text: one space of indentation and a newline at the end, as nbformat writes it.
    pub fn text(&self) -> String {
        let mut bytes = Vec::new();
        let mut to = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b" "));
        serde::Serialize::serialize(&self.json, &mut to).expect("a JSON value always serialises into memory");
        bytes.push(b'\n');
        String::from_utf8(bytes).expect("JSON text is UTF-8")
    }

    /// Writes the notebook, whole or not at all.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        crate::files::write_atomically(path, self.text().as_bytes()).map_err(Error::file("write", path))
    }
}

/// A text field, which nbformat stores as one string or as a list of lines.
fn joined(text: &Value) -> String {
    match text {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().unwrap_or_default().to_string(),
    }
}

/// The form nbformat stores text in: a list of lines, each with its end, as Python's `splitlines(True)` makes them.
fn lines(text: &str) -> Value {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\r' && chars.peek().is_some_and(|(_, next)| *next == '\n') {
            continue;
        }
        if is_line_end(c) {
            let end = at + c.len_utf8();
            lines.push(Value::from(&text[start..end]));
            start = end;
        }
    }
    if start < text.len() {
        lines.push(Value::from(&text[start..]));
    }
    Value::Array(lines)
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A `data` object with its texts split into lines and its keys in nbformat's order.
fn stored_bundle(data: Map<String, Value>) -> Value {
    let mut entries: Vec<(String, Value)> = data
        .into_iter()
        .map(|(mime, value)| match value {
            Value::String(text) if crate::mime::is_text(&mime) => (mime, lines(&text)),
            value => (mime, value),
        })
        .collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Object(entries.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    // As nbformat 5.10 writes it: keys sorted, one space, non-ASCII text as it is, a newline at the end.
    const SAVED: &str = include_str!("fixtures/saved.ipynb");

    #[test]
    fn a_notebook_survives_reading_and_writing_byte_for_byte() {
        assert_eq!(Notebook::parse(SAVED).unwrap().text(), SAVED);
    }

    #[test]
    fn code_cells_know_their_tags() {
        let cells = Notebook::parse(SAVED).unwrap().code_cells();
        let expected = CodeCell { index: 1, source: "let a = 1;\na + 1".to_string(), may_fail: true, unchecked: false };
        assert_eq!(cells, [expected]);
    }

    #[test]
    fn outputs_go_where_they_belong() {
        let mut notebook = Notebook::parse(SAVED).unwrap();
        notebook.set_outputs(1, Some(1), vec![json!({"output_type": "stream"})]);
        let filled = "\"execution_count\": 1,\n   \"id\": \"b\"";
        assert!(notebook.text().contains(filled));
        notebook.clear_outputs();
        assert_eq!(notebook.text(), SAVED);
    }

    #[test]
    fn what_is_no_notebook_is_refused_with_the_reason() {
        for (text, reason) in [
            ("{", "not JSON"),
            ("[]", "no `nbformat`"),
            (r#"{"nbformat":3,"worksheets":[]}"#, "format 3"),
            (r#"{"nbformat":4,"cells":[1]}"#, "`cells`"),
        ] {
            assert!(Notebook::parse(text).unwrap_err().contains(reason), "{text}");
        }
    }

    #[test]
    fn lines_end_where_python_ends_them() {
        // CPython: "a\r\nb\rc\nd".splitlines(True) == ['a\r\n', 'b\r', 'c\n', 'd']
        assert_eq!(lines("a\r\nb\rc\nd"), json!(["a\r\n", "b\r", "c\n", "d"]));
        assert_eq!(lines(""), json!([]));
    }
}
