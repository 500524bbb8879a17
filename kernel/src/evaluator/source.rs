//! The Rust source generated for a cell, and the way back from its lines to the lines of the cells they came from.
//! Columns never change: a piece of a cell is put on lines of its own, moved right to where it stood.

use std::ops::Range;

/// Where a generated line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Written by us.
    Generated,
    /// Line `line` (from 1) of the cell of this number.
    Cell {
        /// The cell's number, in the order of execution.
        cell: u32,
        /// The line in it, from 1.
        line: u32,
    },
    /// The generated line that keeps the variable of this index in the list of kept variables.
    Keep(usize),
}

/// Generated source with the origin of each of its lines.
#[derive(Debug, Default)]
pub struct Source {
    text: String,
    origins: Vec<Origin>,
}

impl Source {
    /// Adds a line of our own.
    pub fn line(&mut self, text: &str) {
        self.line_from(text, Origin::Generated);
    }

    /// Adds the line that keeps a variable.
    pub fn keep_line(&mut self, text: &str, index: usize) {
        self.line_from(text, Origin::Keep(index));
    }

    fn line_from(&mut self, text: &str, origin: Origin) {
        debug_assert!(!text.contains('\n'));
        self.text.push_str(text);
        self.text.push('\n');
        self.origins.push(origin);
    }

    /// Adds a piece of a cell, line by line, its first line indented to the column where it stood.
    pub fn piece(&mut self, cell: u32, code: &str, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let before = &code[..range.start];
        let first = before.matches('\n').count() as u32 + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count();
        let mut indent = " ".repeat(column);
        // `split`, not `lines`: a bare `\r` inside a string literal must stay as it is.
        for (i, line) in code[range].split('\n').enumerate() {
            self.line_from(&format!("{indent}{line}"), Origin::Cell { cell, line: first + i as u32 });
            indent.clear();
        }
    }

    /// The same lines, with `prefix` before each that keeps a variable.
    pub fn with_prefix_on_keeps(&self, prefix: impl Fn(usize) -> String) -> Source {
        let mut source = Source::default();
        for (line, origin) in self.text.split('\n').zip(&self.origins) {
            match origin {
                Origin::Keep(index) => source.line_from(&(prefix(*index) + line), *origin),
                other => source.line_from(line, *other),
            }
        }
        source
    }

    /// Gives the text up, which is needed no more once it is compiled; the way back from its lines stays.
    pub fn without_text(mut self) -> Source {
        self.text = String::new();
        self.origins.shrink_to_fit();
        self
    }

    /// The number that the next line will have, from 1.
    pub fn next_line(&self) -> usize {
        self.origins.len() + 1
    }

    /// The generated text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a line (from 1) of the generated text came from.
    pub fn origin(&self, line: u32) -> Origin {
        (line as usize).checked_sub(1).and_then(|i| self.origins.get(i)).copied().unwrap_or(Origin::Generated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_keep_their_line_and_column() {
        let code = "let 가 = 1; let b = 2;\nb";
        let mut source = Source::default();
        source.line("fn f() {");
        source.piece(7, code, 13..23);
        source.piece(7, code, 24..25);
        assert_eq!(source.text(), "fn f() {\n           let b = 2;\nb\n");
        assert_eq!(source.origin(1), Origin::Generated);
        assert_eq!(source.origin(2), Origin::Cell { cell: 7, line: 1 });
        assert_eq!(source.origin(3), Origin::Cell { cell: 7, line: 2 });
    }
}
