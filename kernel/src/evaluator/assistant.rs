//! Completion and help: the library's names with their signatures and documentation (`library.tsv`, written by
//! `kernel/tools/make_library_index.py`), and the variables and items of the session with their types.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use flowbook_runtime::frame::MimeBundle;

use super::{Assistant, Completeness, Completion, Completions, completeness};

static LIBRARY: LazyLock<Vec<Entry>> =
    LazyLock::new(|| include_str!("library.tsv").lines().filter_map(Entry::parse).collect());

/// A public name of the library.
#[derive(Debug)]
struct Entry {
    /// As a cell writes it: `tf::add`; a method stands behind a dot: `tf::Session.run`.
    path: &'static str,
    /// `function`, `class`, `module`, `instance`, `macro`: Jupyter's words.
    kind: &'static str,
    signature: &'static str,
    docs: &'static str,
}

impl Entry {
    fn parse(line: &'static str) -> Option<Entry> {
        let mut fields = line.split('\t');
        let mut next = || fields.next();
        Some(Entry { path: next()?, kind: next()?, signature: next()?, docs: next()? })
    }

    /// The path before the last `::` or `.`, and the name after it.
    fn split(&self) -> (&'static str, &'static str) {
        let dot = self.path.rfind('.').map(|at| (at, at + 1));
        let colons = self.path.rfind("::").map(|at| (at, at + 2));
        match dot.max(colons) {
            Some((end, start)) => (&self.path[..end], &self.path[start..]),
            None => ("", self.path),
        }
    }

    fn is_method(&self) -> bool {
        self.path.rfind('.') > self.path.rfind("::")
    }

    fn completion(&self) -> Completion {
        Completion { text: self.split().1.to_owned(), kind: self.kind.to_owned(), signature: self.signature.to_owned() }
    }
}

/// Whether the library has a name, written as in a cell: `np::arange`.
pub fn is_in_library(path: &str) -> bool {
    any_in_library(|known| known == path)
}

/// Whether the library has a name of this kind.
pub fn any_in_library(is_meant: impl Fn(&str) -> bool) -> bool {
    LIBRARY.iter().any(|entry| is_meant(entry.path))
}

/// What the session has defined so far.
#[derive(Debug, Default)]
pub struct Known {
    /// Type of each variable.
    pub variables: BTreeMap<String, String>,
    /// Source of each named item.
    pub items: BTreeMap<String, String>,
}

/// Answers from the library's index and from what the session has defined.
#[derive(Clone, Debug, Default)]
pub struct Helper {
    known: Arc<Mutex<Known>>,
}

impl Helper {
    /// Takes note of what is defined now.
    pub fn update(&self, known: Known) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    fn with_known<T>(&self, f: impl FnOnce(&Known) -> T) -> T {
        f(&self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The names that a type's methods may stand under in the index: the last word of its path, and `Tensor` for the
    /// builders that are tensors in every other respect.
    fn type_of(&self, variable: &str) -> Option<Vec<String>> {
        let full = self.with_known(|known| known.variables.get(variable).cloned())?;
        let path = full.split('<').next().unwrap_or(&full);
        let name = path.rsplit("::").next().unwrap_or(path).to_owned();
        Some(if name == "Built" { vec![name, "Tensor".to_owned()] } else { vec![name] })
    }

    fn methods(&self, receiver: Option<&str>) -> Vec<&'static Entry> {
        let types = receiver.and_then(|name| self.type_of(name));
        let belongs = |entry: &&Entry| match &types {
            Some(types) => types.iter().any(|name| last_word(entry.split().0) == name),
            None => true,
        };
        LIBRARY.iter().filter(|entry| entry.is_method()).filter(belongs).collect()
    }

    fn alone(&self, prefix: &str) -> Vec<Completion> {
        let mut found: Vec<Completion> = self.with_known(|known| {
            let variables =
                known.variables.iter().map(|(name, type_name)| (name, "instance", format!("{name}: {type_name}")));
            let items = known.items.iter().map(|(name, source)| (name, "function", first_line(source)));
            let all = variables.chain(items).filter(|(name, _, _)| name.starts_with(prefix));
            all.map(|(name, kind, signature)| Completion { text: name.clone(), kind: kind.into(), signature }).collect()
        });
        let top = LIBRARY.iter().filter(|entry| entry.split().0.is_empty() && entry.path.starts_with(prefix));
        found.extend(top.map(Entry::completion));
        found
    }

    /// The entry that the name ending at `end` means, judged by what stands before it.
    fn entry(&self, before: &str, name: &str) -> Option<&'static Entry> {
        match Place::of(before) {
            Place::In(path) => within(path).find(|entry| entry.split().1 == name),
            Place::After(receiver) => self.methods(receiver).into_iter().find(|entry| entry.split().1 == name),
            Place::Alone => LIBRARY.iter().find(|entry| entry.path.trim_end_matches('!') == name),
        }
    }
}

impl Assistant for Helper {
    fn completeness(&self, code: &str) -> Completeness {
        completeness::completeness(code)
    }

    fn complete(&self, code: &str, cursor: usize) -> Completions {
        let start = name_start(code, cursor);
        let prefix = &code[start..cursor];
        let mut matches: Vec<Completion> = match Place::of(&code[..start]) {
            Place::In(path) => within(path).map(Entry::completion).collect(),
            Place::After(receiver) => self.methods(receiver).into_iter().map(Entry::completion).collect(),
            Place::Alone if prefix.is_empty() => Vec::new(),
            Place::Alone => self.alone(prefix),
        };
        let mut seen = BTreeSet::new();
        matches.retain(|found| found.text.starts_with(prefix) && seen.insert(found.text.clone()));
        Completions { matches, replace: start..cursor }
    }

    fn inspect(&self, code: &str, cursor: usize) -> Option<MimeBundle> {
        // Inside the brackets of a call, the question is about what is called.
        let cursor =
            if name_start(code, cursor) == cursor { call_before(code, cursor).unwrap_or(cursor) } else { cursor };
        let start = name_start(code, cursor);
        let end = code[cursor..].find(|c| !in_name(c)).map_or(code.len(), |length| cursor + length);
        let name = &code[start..end];
        if name.is_empty() {
            return None;
        }
        if let Some(entry) = self.entry(&code[..start], name) {
            return Some(help(entry.path, entry.signature, entry.docs));
        }
        self.with_known(|known| {
            let variable =
                known.variables.get(name).map(|type_name| help(name, &format!("let {name}: {type_name}"), ""));
            variable.or_else(|| known.items.get(name).map(|source| help(name, source, "")))
        })
    }
}

/// Where a name stands.
enum Place<'a> {
    Alone,
    /// After this path and `::`.
    In(&'a str),
    /// After a dot, behind this variable when it is as simple as that.
    After(Option<&'a str>),
}

impl Place<'_> {
    fn of(before: &str) -> Place<'_> {
        if let Some(path) = before.strip_suffix("::") {
            let start = path
                .rfind(|c| !in_name(c) && c != ':')
                .map_or(0, |at| at + path[at..].chars().next().map_or(1, char::len_utf8));
            return Place::In(&path[start..]);
        }
        let Some(receiver) = before.strip_suffix('.').filter(|rest| !rest.ends_with('.')) else { return Place::Alone };
        let start = name_start(receiver, receiver.len());
        let simple = start < receiver.len() && !receiver[..start].ends_with(['.', ':']);
        Place::After(simple.then(|| &receiver[start..]))
    }
}

/// The entries directly in a module or type; `Session` finds what is in `tf::Session`.
fn within(path: &str) -> impl Iterator<Item = &'static Entry> {
    let path = path.to_owned();
    LIBRARY.iter().filter(move |entry| {
        let (parent, _) = entry.split();
        parent == path || (!path.contains("::") && parent.contains("::") && last_word(parent) == path)
    })
}

fn last_word(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn in_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn name_start(code: &str, cursor: usize) -> usize {
    code[..cursor].char_indices().rev().take_while(|(_, c)| in_name(*c)).last().map_or(cursor, |(at, _)| at)
}

/// The end of the name whose call's brackets enclose the cursor.
fn call_before(code: &str, cursor: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in code[..cursor].char_indices().rev() {
        match c {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' | '{' if depth > 0 => depth -= 1,
            '(' | '[' | '{' => return Some(code[..at].trim_end().trim_end_matches('!').len()).filter(|end| *end > 0),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn help(path: &str, signature: &str, docs: &str) -> MimeBundle {
    let gap = if docs.is_empty() { "" } else { "\n\n" };
    let plain = format!("{path}\n{signature}{gap}{docs}");
    let markdown = format!("**{path}**\n\n```rust\n{signature}\n```{gap}{docs}");
    vec![("text/plain".into(), plain.into_bytes()), ("text/markdown".into(), markdown.into_bytes())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn helper() -> Helper {
        let helper = Helper::default();
        let variables =
            [("sess", "flowbook::session::Session"), ("c", "flowbook::graph::Built<flowbook::ops::array::Constant>")];
        let variables = variables.map(|(name, type_name)| (name.to_owned(), type_name.to_owned())).into();
        let items = BTreeMap::from([("dense".to_owned(), "fn dense(x: tf::Tensor) -> tf::Tensor {\n}".to_owned())]);
        helper.update(Known { variables, items });
        helper
    }

    fn completed(code: &str) -> Vec<String> {
        helper().complete(code, code.len()).matches.into_iter().map(|found| found.text).collect()
    }

    fn inspected(code: &str) -> String {
        let at = code.find('|').unwrap();
        let found = helper().inspect(&code.replace('|', ""), at);
        found.map_or(String::new(), |data| String::from_utf8(data[0].1.clone()).unwrap())
    }

    #[test]
    fn the_index_names_the_library() {
        assert!(LIBRARY.len() > 500, "{}", LIBRARY.len());
        for path in ["tf::add", "tf::Session.run", "np::arange", "plt::plot", "display::html", "feed!", "Array.shape"] {
            assert!(LIBRARY.iter().any(|entry| entry.path == path), "{path}");
        }
    }

    #[test]
    fn paths_complete_to_what_is_in_them() {
        assert_eq!(completed("let c = tf::matm"), ["matmul"]);
        assert_eq!(completed("tf::train::GradientDescentO"), ["GradientDescentOptimizer"]);
        assert!(completed("tf::Session::").contains(&"new".to_owned()));
        assert!(completed("np::").contains(&"linspace".to_owned()));
        assert!(!completed("np::").contains(&"matmul::".to_owned()));
    }

    #[test]
    fn methods_are_those_of_the_variables_type() {
        assert_eq!(completed("sess.run"), ["run", "run_with"]);
        assert!(completed("c.").contains(&"get_shape".to_owned()));
        assert!(!completed("c.").contains(&"run_with".to_owned()));
    }

    #[test]
    fn names_of_the_session_complete() {
        assert_eq!(completed("den"), ["dense"]);
        assert_eq!(completed("1 + ses"), ["sess"]);
        assert!(completed("").is_empty());
    }

    #[test]
    fn help_shows_signature_and_words() {
        assert!(inspected("tf::a|dd(1, 2)").starts_with("tf::add\nfn add("));
        assert!(inspected("tf::reduce_sum(x, |)").starts_with("tf::reduce_sum\n"));
        assert!(inspected("sess.ru|n(c)").starts_with("tf::Session.run\n"));
        assert_eq!(inspected("se|ss"), "sess\nlet sess: flowbook::session::Session");
        assert!(inspected("dense(|").contains("fn dense(x: tf::Tensor)"));
        assert_eq!(inspected("unheard_|of"), "");
    }
}
