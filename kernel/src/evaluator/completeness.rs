//! Whether a cell can run as it is or more must follow: brackets, strings and comments first, then the parser.

use super::Completeness;
use super::command;

/// What `is_complete_request` asks.
pub fn completeness(code: &str) -> Completeness {
    let (requests, code) = command::split(code);
    let code = code.as_str();
    if command::shell_command(code).is_some() || !requests.is_empty() && code.trim().is_empty() {
        return Completeness::Complete;
    }
    match unclosed(code) {
        Brackets::Open(depth) => Completeness::Incomplete("    ".repeat(depth)),
        Brackets::Mismatched => Completeness::Invalid,
        Brackets::Balanced => match super::cell::Cell::parse(code) {
            Ok(_) => Completeness::Complete,
            Err(error) if at_end(&error, code) => Completeness::Incomplete(String::new()),
            Err(_) => Completeness::Invalid,
        },
    }
}

/// Whether the parser stopped for want of more text.
fn at_end(error: &syn::Error, code: &str) -> bool {
    error.to_string().contains("unexpected end of input") || error.span().byte_range().start >= code.trim_end().len()
}

#[derive(Debug, PartialEq)]
enum Brackets {
    Balanced,
    /// This many brackets are open, at least one; an open string or comment counts as none.
    Open(usize),
    Mismatched,
}

/// A small lexer: enough of Rust's strings, characters, lifetimes and comments to count brackets.
fn unclosed(code: &str) -> Brackets {
    let mut open = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let skipped = match c {
            '/' if rest.starts_with("//") => Some(rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => quoted(rest, 1),
            'r' | 'b' | 'c' if !ends_in_word(&code[..code.len() - rest.len()]) => string_with_prefix(rest),
            '\'' => Some(character_or_lifetime(rest)),
            _ => Some(c.len_utf8()),
        };
        let Some(skipped) = skipped else { return Brackets::Open(open.len()) };
        match c {
            '(' | '[' | '{' => open.push(c),
            ')' | ']' | '}' => {
                let expected = match c {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                if open.pop() != Some(expected) {
                    return Brackets::Mismatched;
                }
            }
            _ => {}
        }
        rest = &rest[skipped..];
    }
    if open.is_empty() { Brackets::Balanced } else { Brackets::Open(open.len()) }
}

fn ends_in_word(before: &str) -> bool {
    before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Length of a (nested) block comment; `None` when it does not end.
fn block_comment(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut i = 0;
    while i < text.len() {
        if text[i..].starts_with("/*") {
            depth += 1;
            i += 2;
        } else if text[i..].starts_with("*/") {
            depth -= 1;
            i += 2;
            if depth == 0 {
                return Some(i);
            }
        } else {
            i += text[i..].chars().next()?.len_utf8();
        }
    }
    None
}

/// Length of a string literal whose opening quote ends at `from`; `None` when it does not end.
fn quoted(text: &str, from: usize) -> Option<usize> {
    let mut escaped = false;
    for (i, c) in text[from..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(from + i + 1),
            _ => {}
        }
    }
    None
}

/// Length of `r"..."`, `br#"..."#`, `b"..."`, `c"..."`, or of one character when it is no string.
fn string_with_prefix(text: &str) -> Option<usize> {
    let prefix = text.find(|c| !matches!(c, 'r' | 'b' | 'c')).unwrap_or(text.len());
    let raw = text[..prefix].contains('r');
    let hashes = text[prefix..].find(|c| c != '#').unwrap_or(0);
    if prefix > 2 || !text[prefix + hashes..].starts_with('"') || (hashes > 0 && !raw) {
        return Some(1);
    }
    if !raw {
        return quoted(text, prefix + 1);
    }
    let body = prefix + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    text[body..].find(&end).map(|i| body + i + end.len())
}

/// Length of `'x'`, `'\n'`, or of the quote of a lifetime.
fn character_or_lifetime(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => text[3.min(text.len())..].find('\'').map_or(1, |i| 3 + i + 1),
        Some((i, c)) if text[i + c.len_utf8()..].starts_with('\'') => i + c.len_utf8() + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_cells() {
        assert_eq!(completeness("!ls -l"), Completeness::Complete);
        assert_eq!(completeness(":vars"), Completeness::Complete);
        for code in
            ["", "1 + 1", "let x = '{';", "let s = r#\"(\"#;", "fn f<'a>(x: &'a str) {}", "// {", "let c = '\\'';"]
        {
            assert_eq!(completeness(code), Completeness::Complete, "{code}");
        }
    }

    #[test]
    fn cells_that_want_more() {
        for code in ["fn f() {", "let x = ", "println!(\"a", "/* a", "foo(1,", "let s = r#\"a\"", "1 +"] {
            assert!(matches!(completeness(code), Completeness::Incomplete(_)), "{code}");
        }
        assert_eq!(completeness("fn f() {"), Completeness::Incomplete("    ".into()));
    }

    #[test]
    fn cells_beyond_mending() {
        for code in ["let x = )", "fn f( {]", "import tensorflow as tf;"] {
            assert_eq!(completeness(code), Completeness::Invalid, "{code}");
        }
    }
}
