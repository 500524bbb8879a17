//! rustc's diagnostics as it prints them in JSON. Only the fields we use; rendering is in `report`.

use serde::Deserialize;

/// One error, warning, note or help.
#[derive(Clone, Debug, Deserialize)]
pub struct Diagnostic {
    /// The message.
    pub message: String,
    /// The code, such as `E0425`.
    pub code: Option<Code>,
    /// `error`, `warning`, `note`, `help`, `failure-note`.
    pub level: String,
    /// The places it speaks of.
    pub spans: Vec<Span>,
    /// Notes and helps that belong to it.
    #[serde(default)]
    pub children: Vec<Diagnostic>,
}

/// An error code.
#[derive(Clone, Debug, Deserialize)]
pub struct Code {
    /// `E0425`, or the name of a lint.
    pub code: String,
}

/// A place in the source.
#[derive(Clone, Debug, Deserialize)]
pub struct Span {
    /// The file.
    pub file_name: String,
    /// First line, from 1.
    pub line_start: u32,
    /// Last line.
    pub line_end: u32,
    /// First column, from 1, in characters.
    pub column_start: usize,
    /// The column after the last.
    pub column_end: usize,
    /// Whether this is the place of the error itself.
    pub is_primary: bool,
    /// What is said of the place.
    pub label: Option<String>,
    /// The lines it is in.
    #[serde(default)]
    pub text: Vec<Line>,
    /// The text that would mend it.
    pub suggested_replacement: Option<String>,
    /// The macro call that the place lies in.
    pub expansion: Option<Box<Expansion>>,
}

/// A line with a place in it.
#[derive(Clone, Debug, Deserialize)]
pub struct Line {
    text: String,
    /// First column of the place, from 1, in characters.
    highlight_start: usize,
    /// The column after the last.
    highlight_end: usize,
}

/// A macro expansion.
#[derive(Clone, Debug, Deserialize)]
pub struct Expansion {
    /// Where the macro was called.
    pub span: Span,
}

impl Span {
    /// What stands at the place, if that is one line.
    pub fn code(&self) -> Option<String> {
        let [line] = &self.text[..] else { return None };
        let length = line.highlight_end.checked_sub(line.highlight_start)?;
        Some(line.text.chars().skip(line.highlight_start.checked_sub(1)?).take(length).collect())
    }
}

impl Diagnostic {
    /// Whether it is an error rather than a warning or a closing remark.
    pub fn is_error(&self) -> bool {
        self.level == "error" && !self.message.starts_with("aborting due to")
    }

    /// Its places, and those of its children.
    pub fn all_spans(&self) -> impl Iterator<Item = &Span> {
        self.spans.iter().chain(self.children.iter().flat_map(|c| &c.spans))
    }
}
