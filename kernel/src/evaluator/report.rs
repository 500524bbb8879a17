//! How errors look: rustc's diagnostics over the cell's own lines, and tracebacks as IPython prints them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use super::CellError;
use super::diagnostic::{Diagnostic, Span};
use super::source::{Origin, Source};

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

/// The cells so far, by their number in the order of execution.
pub type Cells = BTreeMap<u32, Executed>;

/// A cell that ran.
#[derive(Clone, Debug)]
pub struct Executed {
    /// Its execution count, which is what people know it by.
    pub count: u32,
    /// Its text.
    pub code: Arc<str>,
}

/// A place in a cell: its number and the bytes.
type Place = (u32, Range<usize>);

/// Turns rustc's errors into the cell's error. `hints` are lines of our own, shown after them.
pub fn compile_error(diagnostics: &[Diagnostic], source: &Source, cells: &Cells, hints: &[String]) -> CellError {
    let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.is_error()).collect();
    let mut blocks: Vec<String> = errors.iter().map(|d| render(d, source, cells)).collect();
    blocks.extend(hints.iter().map(|hint| format!("{BOLD}{GREEN}help{RESET}{BOLD}: {hint}{RESET}")));
    let value = errors.first().map_or("the cell does not compile".to_owned(), |first| match &first.code {
        Some(code) => format!("{} [{}]", first.message, code.code),
        None => first.message.clone(),
    });
    CellError { name: "CompileError".into(), value, traceback: blocks }
}

/// Draws one diagnostic over the cells' text.
pub fn render(diagnostic: &Diagnostic, source: &Source, cells: &Cells) -> String {
    let level = if diagnostic.is_error() { Level::ERROR } else { Level::WARNING };
    let mut title = level.primary_title(diagnostic.message.as_str());
    if let Some(code) = &diagnostic.code {
        title = title.id(code.code.as_str());
    }
    let mut group = Group::with_title(title).elements(snippets(&diagnostic.spans, source, cells));
    let mut groups = Vec::new();
    // Where a lint was switched on is our own doing, in a line that the cell's author never wrote.
    let ours = |child: &&Diagnostic| child.message.starts_with("the lint level is defined here");
    for child in diagnostic.children.iter().filter(|child| !ours(child)) {
        let level = if child.level == "help" { Level::HELP } else { Level::NOTE };
        let patches = patches(&child.spans, source, cells);
        if patches.is_empty() {
            group = group.element(level.message(with_suggestion(child)));
            group = group.elements(snippets(&child.spans, source, cells));
        } else {
            groups.push(Group::with_title(level.secondary_title(child.message.clone())).elements(patches));
        }
    }
    groups.insert(0, group);
    Renderer::styled().render(&groups)
}

/// A suggestion for a line that is not the cell's (an import, mostly) is given in words.
fn with_suggestion(child: &Diagnostic) -> String {
    let suggestion = child.spans.iter().find_map(|s| s.suggested_replacement.as_deref()).map(str::trim);
    match suggestion {
        Some(text) if !text.is_empty() => format!("{}: `{text}`", child.message),
        _ => child.message.clone(),
    }
}

fn snippets<'a>(
    spans: &'a [Span],
    source: &Source,
    cells: &'a Cells,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut by_cell: BTreeMap<u32, Vec<annotate_snippets::Annotation<'a>>> = BTreeMap::new();
    for span in spans {
        let Some((cell, range)) = place(span, source, cells) else { continue };
        let kind = if span.is_primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        by_cell.entry(cell).or_default().push(kind.span(range).label(span.label.as_deref()));
    }
    let snippet = |(cell, annotations): (u32, Vec<_>)| {
        let Executed { count, code } = &cells[&cell];
        Snippet::source(&**code).path(format!("cell [{count}]")).annotations(annotations)
    };
    by_cell.into_iter().map(snippet).collect()
}

fn patches<'a>(spans: &'a [Span], source: &Source, cells: &'a Cells) -> Vec<Snippet<'a, Patch<'a>>> {
    let mut by_cell: BTreeMap<u32, Vec<Patch<'a>>> = BTreeMap::new();
    for span in spans {
        let Some(replacement) = span.suggested_replacement.as_deref() else { continue };
        let Some((cell, range)) = place(span, source, cells) else { continue };
        by_cell.entry(cell).or_default().push(Patch::new(range, replacement));
    }
    let snippet = |(cell, patches): (u32, Vec<_>)| {
        let Executed { count, code } = &cells[&cell];
        Snippet::source(&**code).path(format!("cell [{count}]")).patches(patches)
    };
    by_cell.into_iter().map(snippet).collect()
}

/// The place in a cell that a span speaks of; a span inside a macro speaks of the macro's call.
pub fn place(span: &Span, source: &Source, cells: &Cells) -> Option<Place> {
    match (source.origin(span.line_start), source.origin(span.line_end)) {
        (Origin::Cell { cell, line }, Origin::Cell { cell: same, line: last })
            if cell == same && span.file_name.starts_with("cell_") =>
        {
            let code = &cells.get(&cell)?.code;
            let start = offset(code, line, span.column_start)?;
            let end = offset(code, last, span.column_end)?;
            Some((cell, start..end.max(start)))
        }
        _ => place(&span.expansion.as_ref()?.span, source, cells),
    }
}

/// The byte offset of a line and column (both from 1, the column in characters).
fn offset(code: &str, line: u32, column: usize) -> Option<usize> {
    let start = match line {
        1 => 0,
        _ => code.match_indices('\n').nth(line as usize - 2)?.0 + 1,
    };
    let text = code[start..].split('\n').next()?;
    let within = text.char_indices().nth(column - 1).map_or(text.len(), |(i, _)| i);
    Some(start + within)
}

/// The error of a cell that ran, with an arrow at its line when that is known.
pub fn runtime_error(name: &str, value: &str, at: Option<(u32, u32)>, cells: &Cells) -> CellError {
    let rule = format!("{RED}{}{RESET}", "-".repeat(75));
    let heading = "Traceback (most recent call last)";
    let gap = " ".repeat(75usize.saturating_sub(name.chars().count() + heading.len()).max(1));
    let mut traceback = vec![rule, format!("{RED}{name}{RESET}{gap}{heading}")];
    if let Some((cell, line)) = at
        && let Some(Executed { count, code }) = cells.get(&cell)
    {
        traceback.push(excerpt(*count, line, code));
    }
    traceback.push(format!("{RED}{name}{RESET}: {value}"));
    CellError { name: name.to_owned(), value: value.to_owned(), traceback }
}

/// The lines around one line of a cell, with an arrow at it.
fn excerpt(count: u32, line: u32, code: &str) -> String {
    let mut text = format!("{GREEN}cell [{count}]{RESET}, line {line}\n");
    let first = line.saturating_sub(2).max(1);
    for (number, content) in (1u32..).zip(code.lines()).skip(first as usize - 1).take_while(|(n, _)| *n <= line + 2) {
        let mark = if number == line { format!("{GREEN}----> {number}{RESET}") } else { format!("      {number}") };
        text.push_str(&format!("{mark} {content}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let code = "let 값 = 1;\n한글 + x";
        assert_eq!(&code[offset(code, 2, 6).unwrap()..], "x");
    }

    #[test]
    fn a_traceback_points_at_the_line() {
        let cells = Cells::from([(0, Executed { count: 3, code: Arc::from("let a = 1;\nsess.run(a)?;\nlet b = 2;") })]);
        let error = runtime_error("ValueError", "no", Some((0, 2)), &cells);
        let text = error.traceback.join("\n");
        assert!(text.contains("cell [3]") && text.contains("----> 2\x1b[0m sess.run(a)?;"), "{text}");
        assert!(text.ends_with("ValueError\x1b[0m: no"));
    }
}
