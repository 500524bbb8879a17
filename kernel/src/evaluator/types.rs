//! The types of variables, written so that a later cell can name them. A running cell knows where a type is defined
//! (`std::any::type_name`), which is often a private module; what the path is for everyone, rustc has to say once.

use std::collections::BTreeMap;

use super::diagnostic::Diagnostic;
use super::generate::Plan;
use super::source::{Origin, Source};

/// Where everyday types are defined, and the paths they go by.
const KNOWN: [(&str, &str); 37] = [
    ("alloc::borrow::Cow", "std::borrow::Cow"),
    ("alloc::boxed::Box", "std::boxed::Box"),
    ("alloc::collections::binary_heap::BinaryHeap", "std::collections::BinaryHeap"),
    ("alloc::collections::btree::map::BTreeMap", "std::collections::BTreeMap"),
    ("alloc::collections::btree::set::BTreeSet", "std::collections::BTreeSet"),
    ("alloc::collections::vec_deque::VecDeque", "std::collections::VecDeque"),
    ("alloc::rc::Rc", "std::rc::Rc"),
    ("alloc::string::String", "std::string::String"),
    ("alloc::sync::Arc", "std::sync::Arc"),
    ("alloc::vec::Vec", "std::vec::Vec"),
    ("core::cell::Cell", "std::cell::Cell"),
    ("core::cell::RefCell", "std::cell::RefCell"),
    ("core::cmp::Ordering", "std::cmp::Ordering"),
    ("core::error::Error", "std::error::Error"),
    ("core::fmt::Debug", "std::fmt::Debug"),
    ("core::fmt::Display", "std::fmt::Display"),
    ("core::marker::Send", "std::marker::Send"),
    ("core::marker::Sync", "std::marker::Sync"),
    ("core::num::wrapping::Wrapping", "std::num::Wrapping"),
    ("core::ops::function::Fn", "std::ops::Fn"),
    ("core::ops::function::FnMut", "std::ops::FnMut"),
    ("core::ops::function::FnOnce", "std::ops::FnOnce"),
    ("core::ops::range::Range", "std::ops::Range"),
    ("core::ops::range::RangeInclusive", "std::ops::RangeInclusive"),
    ("core::option::Option", "std::option::Option"),
    ("core::result::Result", "std::result::Result"),
    ("core::sync::atomic::AtomicBool", "std::sync::atomic::AtomicBool"),
    ("core::sync::atomic::AtomicUsize", "std::sync::atomic::AtomicUsize"),
    ("core::time::Duration", "std::time::Duration"),
    ("std::collections::hash::map::HashMap", "std::collections::HashMap"),
    ("std::collections::hash::set::HashSet", "std::collections::HashSet"),
    ("std::fs::File", "std::fs::File"),
    ("std::path::PathBuf", "std::path::PathBuf"),
    ("std::sync::poison::mutex::Mutex", "std::sync::Mutex"),
    ("std::thread::join_handle::JoinHandle", "std::thread::JoinHandle"),
    ("std::time::Instant", "std::time::Instant"),
    ("flowbook::array::Array", "flowbook::Array"),
];

/// The crate that every cell is.
const CELL: &str = "cell::";

/// The paths of types, those seen so far added to [`KNOWN`].
#[derive(Debug)]
pub struct Types {
    public: BTreeMap<String, String>,
}

impl Default for Types {
    fn default() -> Types {
        Types { public: KNOWN.iter().map(|(own, public)| ((*own).to_owned(), (*public).to_owned())).collect() }
    }
}

impl Types {
    /// A type as a later cell writes it; `None` when a part of it has not been seen before.
    pub fn written(&self, type_name: &str) -> Option<String> {
        if type_name.is_empty() {
            return None;
        }
        let mut written = String::new();
        for token in tokens(type_name) {
            match token {
                Token::Path(path) => written.push_str(self.public(path)?),
                Token::Other(text) => written.push_str(text),
            }
        }
        Some(written)
    }

    fn public<'a>(&'a self, path: &'a str) -> Option<&'a str> {
        if !path.contains("::") {
            return Some(path);
        }
        match path.strip_prefix(CELL) {
            Some(own) => own.starts_with(char::is_uppercase).then_some(own).filter(|own| !own.contains("::")),
            None => self.public.get(path).map(String::as_str),
        }
    }

    /// Takes the paths in a type as rustc writes it for those in the type's own name.
    pub fn learn(&mut self, type_name: &str, written: &str) {
        let (own, public): (Vec<Token>, Vec<Token>) = (tokens(type_name).collect(), tokens(written).collect());
        let alike = |(a, b): (&Token, &Token)| match (a, b) {
            (Token::Path(_), Token::Path(_)) => true,
            (a, b) => a == b,
        };
        if own.len() != public.len() || !own.iter().zip(&public).all(alike) {
            return;
        }
        for (own, public) in own.iter().zip(&public) {
            if let (Token::Path(own), Token::Path(public)) = (own, public)
                && own.contains("::")
                && !own.starts_with(CELL)
            {
                self.public.insert((*own).to_owned(), (*public).to_owned());
            }
        }
    }
}

/// The source changed so that rustc tells the types of all variables it keeps: it warns of references that are dropped
/// and says what type they have.
pub fn question(source: &Source, plan: &Plan) -> Source {
    let kept = |index: usize| plan.keeps.get(index);
    source
        .with_prefix_on_keeps(|index| kept(index).map_or(String::new(), |name| format!("::core::mem::drop(&{name}); ")))
}

/// The answers in rustc's warnings, by the number of the line that keeps the variable.
pub fn answers(warnings: &[Diagnostic], source: &Source) -> BTreeMap<u32, String> {
    let dropped = |d: &&Diagnostic| d.code.as_ref().is_some_and(|code| code.code == "dropping_references");
    let ours = |line: u32| matches!(source.origin(line), Origin::Keep(_));
    let answer = |d: &Diagnostic| {
        d.spans.iter().filter(|span| ours(span.line_start)).find_map(|span| {
            let type_name = span.label.as_deref()?.strip_prefix("argument has type `&")?.strip_suffix('`')?;
            Some((span.line_start, type_name.to_owned()))
        })
    };
    warnings.iter().filter(dropped).filter_map(answer).collect()
}

/// Whether a type can be written at all: closures, functions and hidden types cannot.
pub fn can_be_written(written: &str) -> bool {
    !written.contains(['{', '?', '@']) && !written.contains("impl ")
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    /// Names joined by `::`, or a single one.
    Path(&'a str),
    Other(&'a str),
}

fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let in_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '#');
        let is_path = in_path(first);
        let end = rest.find(|c| in_path(c) != is_path).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        rest = after;
        Some(if is_path { Token::Path(token) } else { Token::Other(token) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_types_need_no_question() {
        let types = Types::default();
        let written = |name: &str| types.written(name);
        assert_eq!(
            written("alloc::boxed::Box<dyn core::ops::function::Fn(i32, &str) -> [f64; 2]>").as_deref(),
            Some("std::boxed::Box<dyn std::ops::Fn(i32, &str) -> [f64; 2]>")
        );
        assert_eq!(written("(cell::Point, cell::점)").as_deref(), None, "a name without case may be a function");
        assert_eq!(written("core::option::Option<cell::Point>").as_deref(), Some("std::option::Option<Point>"));
        for unknown in ["cell::square", "cell::inner::Point", "some::hidden::Type", ""] {
            assert_eq!(written(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn what_rustc_says_once_is_known_afterwards() {
        let mut types = Types::default();
        types.learn("rand::rngs::small::SmallRng", "rand::rngs::SmallRng");
        types.learn("alloc::vec::Vec<a::b::C>", "impl Iterator<Item = a::C>");
        assert_eq!(types.written("[rand::rngs::small::SmallRng; 2]").as_deref(), Some("[rand::rngs::SmallRng; 2]"));
        assert_eq!(types.written("a::b::C"), None);
    }
}
