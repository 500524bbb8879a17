//! Notebook files, nbformat 4: reading, filling in outputs, writing back exactly as Jupyter writes them.
//! Whatever is not touched keeps its bytes; running cells is not done here.

pub mod compare;
pub mod html;
mod outputs;

use std::path::Path;

use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value, json};

pub use outputs::Outputs;

use crate::Error;
use compare::Tolerance;

/// The tags of cells that are meant to fail, as nbclient, nbmake and nbval know them.
const MAY_FAIL: [&str; 2] = ["raises-exception", "nbval-raises-exception"];
/// The tags of cells that are not run, as nbclient and nbval know them.
const SKIPPED: [&str; 2] = ["skip-execution", "nbval-skip"];
/// The tag of cells whose outputs change from run to run, as nbval knows it.
const UNCHECKED: &str = "nbval-ignore-output";

/// A notebook in memory.
#[derive(Clone, Debug)]
pub struct Notebook {
    json: Value,
    /// Further tags of cells that are not run.
    skipped: Vec<String>,
}

/// A code cell, by reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeCell {
    /// Its place among all cells, from 0.
    pub index: usize,
    /// Its id; empty in notebooks from before nbformat 4.5.
    pub id: String,
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
        Ok(Notebook { json, skipped: Vec::new() })
    }

    /// Leaves out the cells with these tags too, beside those tagged `skip-execution`.
    pub fn skip(&mut self, tags: &[String]) {
        self.skipped.extend_from_slice(tags);
    }

    /// All cells, of every type, as nbformat stores them.
    pub fn cells(&self) -> &[Value] {
        self.json["cells"].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// The notebook's metadata.
    pub fn metadata(&self) -> &Value {
        &self.json["metadata"]
    }

    /// The code cells to run, in order: those that hold code and are not to be skipped.
    pub fn code_cells(&self) -> Vec<CodeCell> {
        let code =
            self.cells().iter().enumerate().filter(|(_, cell)| cell["cell_type"] == "code" && !self.is_skipped(cell));
        code.map(|(index, cell)| CodeCell {
            index,
            id: joined(&cell["id"]),
            source: joined(&cell["source"]),
            may_fail: MAY_FAIL.iter().any(|tag| tagged(cell, tag)),
            unchecked: tagged(cell, UNCHECKED),
        })
        // Front ends do not send a cell without code either.
        .filter(|cell| !cell.source.trim().is_empty())
        .collect()
    }

    fn is_skipped(&self, cell: &Value) -> bool {
        SKIPPED.into_iter().chain(self.skipped.iter().map(String::as_str)).any(|tag| tagged(cell, tag))
    }

    /// How far the outputs of the cell at `index` may be from the saved ones: `default`, but for what the metadata of
    /// the notebook and then of the cell say, `"flowbook": {"rtol": 1e-3, "atol": 1e-6, "picture": 20}`.
    ///
    /// # Errors
    /// What is wrong with the metadata.
    pub fn tolerance(&self, index: usize, default: Tolerance) -> Result<Tolerance, String> {
        let mut tolerance = default;
        for metadata in [self.metadata(), &self.cells()[index]["metadata"]] {
            for (name, value) in metadata["flowbook"].as_object().into_iter().flatten() {
                let field = match name.as_str() {
                    "rtol" => &mut tolerance.relative,
                    "atol" => &mut tolerance.absolute,
                    "picture" => &mut tolerance.picture,
                    _ => continue,
                };
                let number = value.as_f64().filter(|v| *v >= 0.0);
                *field =
                    number.ok_or_else(|| format!("the metadata `flowbook.{name}` is {value}, not a number >= 0"))?;
            }
        }
        Ok(tolerance)
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

    /// Removes the outputs and execution counts of the code cells that are not skipped.
    pub fn clear_outputs(&mut self) {
        let code = self.cells().iter().enumerate().filter(|(_, c)| c["cell_type"] == "code" && !self.is_skipped(c));
        for index in code.map(|(index, _)| index).collect::<Vec<_>>() {
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

fn tagged(cell: &Value, tag: &str) -> bool {
    cell["metadata"]["tags"].as_array().is_some_and(|tags| tags.iter().any(|t| t == tag))
}

/// A text field, which nbformat stores as one string or as a list of lines.
fn joined(text: &Value) -> String {
    match text {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().unwrap_or_default().to_string(),
    }
}

/// What a terminal still shows of each line after its carriage returns.
fn visible(text: &str) -> String {
    let lines = text.split('\n').map(|line| line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
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
        let expected = CodeCell {
            index: 1,
            id: "b".to_string(),
            source: "let a = 1;\na + 1".to_string(),
            may_fail: true,
            unchecked: false,
        };
        assert_eq!(cells, [expected]);
    }

    #[test]
    fn cells_are_left_out_by_tag_and_keep_their_outputs() {
        let text = r#"{"nbformat":4,"metadata":{},"cells":[
            {"cell_type":"code","metadata":{"tags":["slow"]},"source":"1","outputs":[2]},
            {"cell_type":"code","metadata":{"tags":["nbval-skip"]},"source":"2","outputs":[3]},
            {"cell_type":"code","metadata":{},"source":"3","outputs":[4]}]}"#;
        let mut notebook = Notebook::parse(text).unwrap();
        notebook.skip(&["slow".to_string()]);
        assert_eq!(notebook.code_cells().iter().map(|c| c.index).collect::<Vec<_>>(), [2]);
        notebook.clear_outputs();
        assert_eq!([0, 1, 2].map(|i| notebook.outputs(i).len()), [1, 1, 0]);
    }

    #[test]
    fn the_cells_tolerance_comes_before_the_notebooks() {
        let text = r#"{"nbformat":4,"metadata":{"flowbook":{"rtol":0.5,"atol":0.25}},"cells":[
            {"cell_type":"code","metadata":{"flowbook":{"rtol":0.125}},"source":"1","outputs":[]},
            {"cell_type":"code","metadata":{"flowbook":{"picture":"no"}},"source":"2","outputs":[]}]}"#;
        let notebook = Notebook::parse(text).unwrap();
        let default = Tolerance::default();
        let expected = Tolerance { relative: 0.125, absolute: 0.25, ..default };
        assert_eq!(notebook.tolerance(0, default), Ok(expected));
        assert!(notebook.tolerance(1, default).unwrap_err().contains("flowbook.picture"));
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
