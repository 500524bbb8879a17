//! What the tests of printed programs share: how they print, what a program printed or failed with, and the recorded
//! output of the lessons' listings (`fixtures/make_golden.py`). No test is here.
#![allow(dead_code, unused_macros, reason = "each test takes what it needs")]

pub mod softmax;

use std::panic::{AssertUnwindSafe, catch_unwind};

use flowbook::Result;
use flowbook::v1::Graph;

/// The recorded output of a listing.
macro_rules! recorded {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/golden/", $name, ".txt"))
    };
}

/// Python's `print` into a text.
macro_rules! say {
    ($out:ident, $($what:tt)*) => {{
        use std::fmt::Write;
        writeln!($out, $($what)*).expect("texts take everything");
    }};
}

/// What a program prints when it runs in a graph of its own.
pub fn printed(program: impl FnOnce(&mut String) -> Result<()>) -> String {
    let mut out = String::new();
    Graph::new().as_default(|| program(&mut out)).unwrap();
    out
}

/// The error a program ends with, raised while building or returned by a run.
pub fn failed(program: impl FnOnce() -> Result<()>) -> String {
    ended(|| Graph::new().as_default(program)).expect("the program ended without an error")
}

/// What a program prints in a graph of its own, and below it the error it ends with, if it does.
pub fn outcome(program: impl FnOnce(&mut String) -> Result<()>) -> String {
    let mut out = String::new();
    if let Some(error) = ended(|| Graph::new().as_default(|| program(&mut out))) {
        out += &without_addresses(&error);
        out.push('\n');
    }
    out
}

fn ended(program: impl FnOnce() -> Result<()>) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(program)) {
        Ok(returned) => returned.err().map(|error| error.to_string()),
        Err(panic) => Some(panic.downcast_ref::<String>().cloned().unwrap_or_default()),
    }
}

/// The text of an error that is raised while a graph is built.
pub fn raised<R>(body: impl FnOnce() -> R) -> String {
    let outcome = catch_unwind(AssertUnwindSafe(|| Graph::new().as_default(|| drop(body()))));
    outcome.expect_err("nothing was raised").downcast_ref::<String>().cloned().unwrap_or_default()
}

/// The text of a mistake that panics.
pub fn message<T>(mistake: impl FnOnce() -> T) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(mistake()))) else { return "no error".into() };
    payload.downcast_ref::<String>().cloned().or_else(|| payload.downcast_ref::<&str>().map(|s| (*s).into())).unwrap()
}

/// A text without the places of objects in memory.
pub fn without_addresses(text: &str) -> String {
    let mut parts = text.split("object at 0x");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + "object at 0x0" + part.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

/// Texts as Python prints a list of them.
pub fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| format!("'{}'", text.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

/// The names of everything in the default graph, as Python prints a list of texts.
pub fn operation_names() -> String {
    list(flowbook::v1::get_default_graph().get_operations().iter().map(|op| op.name()))
}
