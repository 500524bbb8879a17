//! Completion from what the session has already said: the names in its cells, Rust's keywords, the preloaded names.
//! It knows where a name stood (after `tf::`, after a dot, on its own), not what it means.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::evaluator::{Completion, Completions};

/// What every cell may begin with.
const KNOWN: &[&str] = &[
    "as", "async", "await", "bool", "break", "char", "const", "continue", "crate", "display", "else", "enum", "extern",
    "f32", "f64", "false", "fn", "for", "format!", "i32", "i64", "if", "impl", "in", "keras", "let", "loop", "match",
    "mod", "move", "mut", "np", "plt", "println!", "pub", "ref", "return", "self", "static", "str", "struct", "tf",
    "trait", "true", "type", "u8", "unsafe", "use", "usize", "vec!", "where", "while",
];

/// Where a name stands.
#[derive(PartialEq)]
enum Place<'a> {
    Alone,
    AfterDot,
    /// After this name and `::`.
    In(&'a str),
}

/// The names that may stand at the cursor (a byte offset), from `code` itself and from `earlier` cells.
pub fn complete<'a>(code: &'a str, cursor: usize, earlier: impl Iterator<Item = &'a str>) -> Completions {
    let before = &code[..cursor];
    let start = before.char_indices().rev().take_while(|(_, c)| in_name(*c)).last().map_or(cursor, |(at, _)| at);
    let prefix = &before[start..];
    let place = place(&before[..start]);
    if prefix.is_empty() && place == Place::Alone {
        return Completions { matches: Vec::new(), replace: cursor..cursor };
    }
    let typed = start..code[cursor..].find(|c| !in_name(c)).map_or(code.len(), |length| cursor + length);
    let mut found = BTreeSet::new();
    collect(code, Some(&typed), &place, prefix, &mut found);
    earlier.for_each(|cell| collect(cell, None, &place, prefix, &mut found));
    if place == Place::Alone {
        found.extend(KNOWN.iter().filter(|name| name.starts_with(prefix)));
    }
    Completions {
        matches: found.into_iter().map(|name| Completion { text: name.to_string(), ..Completion::default() }).collect(),
        replace: start..cursor,
    }
}

fn collect<'a>(
    text: &'a str,
    typed: Option<&Range<usize>>,
    wanted: &Place,
    prefix: &str,
    found: &mut BTreeSet<&'a str>,
) {
    let mut at = 0;
    while let Some(skipped) = text[at..].find(in_name) {
        let start = at + skipped;
        let end = text[start..].find(|c| !in_name(c)).map_or(text.len(), |length| start + length);
        at = end;
        let name = &text[start..end];
        let is_number = name.starts_with(|c: char| c.is_ascii_digit());
        if !is_number && name.starts_with(prefix) && typed != Some(&(start..end)) && place(&text[..start]) == *wanted {
            found.insert(name);
        }
    }
}

fn place(before: &str) -> Place<'_> {
    if let Some(path) = before.strip_suffix("::") {
        let start = path.char_indices().rev().take_while(|(_, c)| in_name(*c)).last().map_or(path.len(), |(at, _)| at);
        return Place::In(&path[start..]);
    }
    // `0..n` is a range, not a member.
    if before.ends_with('.') && !before.ends_with("..") {
        return Place::AfterDot;
    }
    Place::Alone
}

fn in_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARLIER: [&str; 2] = ["let count = tf::constant(2);", "sess.run(count); np::concat(&x); let 값 = 3.5;"];

    fn texts(found: Completions) -> Vec<String> {
        found.matches.into_iter().map(|found| found.text).collect()
    }

    fn matches(code: &str) -> Vec<String> {
        texts(complete(code, code.len(), EARLIER.into_iter()))
    }

    #[test]
    fn names_are_offered_where_they_stood_before() {
        assert_eq!(matches("co"), ["const", "continue", "count"]);
        assert_eq!(matches("tf::co"), ["constant"]);
        assert_eq!(matches("np::"), ["concat"]);
        assert_eq!(matches("other.r"), ["run"]);
        assert_eq!(matches("값"), ["값"]);
        assert_eq!(matches("0..co"), ["const", "continue", "count"]);
    }

    #[test]
    fn nothing_is_offered_for_nothing() {
        assert!(matches("").is_empty());
        assert!(matches("zzz").is_empty());
        assert!(matches("let a = ").is_empty());
    }

    #[test]
    fn the_name_being_typed_is_no_candidate_of_its_own() {
        let code = "let total = 1; tot";
        let found = complete(code, code.len(), std::iter::empty());
        assert_eq!((found.replace.clone(), texts(found)), (15..18, vec!["total".to_string()]));
        // In the middle of a name: the rest of it stays.
        assert_eq!(texts(complete("xyz", 1, std::iter::empty())), Vec::<String>::new());
    }
}
