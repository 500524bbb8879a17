//! What we can add to rustc's errors about names it does not know: where a variable went, in which module of the library
//! a name is, and what a name from Python is in Rust.

use std::collections::BTreeMap;

use super::assistant::{any_in_library, is_in_library};
use super::diagnostic::Diagnostic;

/// rustc's errors about a name that is not there.
const UNKNOWN_NAME: [&str; 6] = ["E0425", "E0423", "E0433", "E0412", "E0432", "E0531"];

/// Where a name may be that stands alone, and how it is written then.
const MODULES: [&str; 4] = ["tf", "np", "plt", "keras"];

/// The two generations of `tf`: how the index of names writes each, its name, and the line that chooses it.
const GENERATIONS: [(&str, &str, &str); 2] =
    [("tf", "TensorFlow 1", "use flowbook::v1 as tf;"), ("v2", "TensorFlow 2", "use flowbook::v2 as tf;")];

/// What Python calls these, Rust calls otherwise.
const PYTHON: [(&str, &str); 9] = [
    ("False", "in Rust it is `false`"),
    ("True", "in Rust it is `true`"),
    ("float", "a number is converted by `x as f64`, text by `s.parse::<f64>()?`"),
    ("int", "a number is converted by `x as i64`, text by `s.parse::<i64>()?`"),
    ("len", "the length of `x` is `x.len()`"),
    ("print", "to print, write `println!(\"{x}\");`"),
    ("range", "the numbers from 0 to n - 1 are `0..n`"),
    ("str", "text is made by `x.to_string()` or `format!(\"{x}\")`"),
    ("sum", "the sum of `x` is `x.iter().sum::<f64>()`"),
];

/// Lines to show below the errors. `lost` tells why variables are no longer there.
pub fn hints(diagnostics: &[Diagnostic], lost: &BTreeMap<String, String>) -> Vec<String> {
    let unknown = |d: &&Diagnostic| d.code.as_ref().is_some_and(|c| UNKNOWN_NAME.contains(&c.code.as_str()));
    let named = diagnostics.iter().filter(unknown).filter_map(|d| hint(&d.message, lost));
    let other = |d| unfinished(d).or_else(|| number_on_the_left(&d.message)).or_else(|| fewer_arguments(d));
    let others = diagnostics.iter().filter_map(other);
    let mut hints: Vec<String> = named.chain(others).collect();
    hints.dedup();
    hints
}

fn hint(message: &str, lost: &BTreeMap<String, String>) -> Option<String> {
    // "cannot find function `f` in module `m`", "could not find `f` in `m`", "cannot find value `x` in this scope"
    let mut quoted = message.split('`').skip(1).step_by(2);
    let name = quoted.next()?.rsplit("::").next()?;
    let module = quoted.next();
    if let Some(reason) = lost.get(name) {
        return Some(format!("`{name}` is gone: {reason}"));
    }
    match module {
        Some("tf" | "v1" | "v2") => other_generation(name),
        Some(_) => None,
        None => elsewhere(name).or_else(|| in_python(name)),
    }
}

/// A call with settings that was given a `?` before it was told to run.
fn unfinished(diagnostic: &Diagnostic) -> Option<String> {
    let labels = diagnostic.spans.iter().filter_map(|span| span.label.as_deref());
    let mut types = labels.filter_map(|label| label.strip_prefix("the `?` operator cannot be applied to type `"));
    let name = types.next()?.split(['<', '`']).next()?.rsplit("::").next()?;
    let run = format!("::{name}.run");
    any_in_library(|path| path.ends_with(&run)).then(|| "a call with settings ends in `.run()`: write `.run()?`".into())
}

/// Arithmetic that is there for literals only: "cannot multiply `f32` by `flowbook::v2::Tensor`".
fn number_on_the_left(message: &str) -> Option<String> {
    const NUMBERS: [&str; 8] = ["f32", "i64", "usize", "u8", "i8", "u32", "u64", "isize"];
    let operation = message.strip_prefix("cannot ")?;
    let types: Vec<&str> = operation.split('`').skip(1).step_by(2).collect();
    let number = types.iter().find(|name| NUMBERS.contains(name))?;
    types.iter().any(|name| name.contains("flowbook::")).then(|| {
        format!(
            "a number to the left of a tensor or an array is `f64` or `i32`: convert the `{number}`, as in `n as f64`"
        )
    })
}

/// A function called with too few arguments, beside which there is a macro that takes them: `np::arange(5)`.
fn fewer_arguments(diagnostic: &Diagnostic) -> Option<String> {
    let is_about_arguments = diagnostic.code.as_ref().is_some_and(|c| c.code == "E0061");
    let called = diagnostic.spans.iter().find(|span| is_about_arguments && span.is_primary)?.code()?;
    is_in_library(&format!("{called}!")).then(|| format!("with fewer arguments it is a macro: `{called}!(...)`"))
}

/// A name of the other TensorFlow than the one that `tf` is.
fn other_generation(name: &str) -> Option<String> {
    let has = |(index, ..): &&(&str, &str, &str)| is_in_library(&format!("{index}::{name}"));
    let (_, generation, choose) = GENERATIONS.iter().find(has)?;
    Some(format!("`{name}` belongs to {generation}: begin with `{choose}`"))
}

fn elsewhere(name: &str) -> Option<String> {
    let paths: Vec<String> = MODULES.iter().map(|module| format!("{module}::{name}")).collect();
    let found: Vec<String> = paths.iter().filter(|path| is_in_library(path)).map(|path| format!("`{path}`")).collect();
    (!found.is_empty()).then(|| format!("the library has {}", found.join(" and ")))
}

fn in_python(name: &str) -> Option<String> {
    let (_, hint) = PYTHON.iter().find(|(python, _)| *python == name)?;
    Some((*hint).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(message: &str) -> Option<String> {
        let lost = BTreeMap::from([("v".to_owned(), "it was moved away".to_owned())]);
        hint(message, &lost)
    }

    #[test]
    fn names_are_found_where_they_are() {
        let hint = about("cannot find function `arange` in this scope");
        assert_eq!(hint.as_deref(), Some("the library has `np::arange`"));
        let hint = about("cannot find function `matmul` in this scope").unwrap_or_default();
        assert!(hint.contains("`tf::matmul`"), "{hint}");
        assert_eq!(about("cannot find value `unheard_of` in this scope"), None);
    }

    #[test]
    fn a_call_that_was_not_told_to_run_is_explained() {
        let about = |found: &str| -> Option<String> {
            let label = format!("the `?` operator cannot be applied to type `{found}`");
            let span = serde_json::json!({
                "file_name": "cell", "line_start": 1, "line_end": 1, "column_start": 1, "column_end": 2,
                "is_primary": true, "label": label,
            });
            let diagnostic = serde_json::json!({"message": "", "code": null, "level": "error", "spans": [span]});
            unfinished(&serde_json::from_value(diagnostic).ok()?)
        };
        assert!(about("flowbook::keras::models::Predict<'_>").is_some_and(|hint| hint.contains("`.run()?`")));
        assert_eq!(about("i32"), None);
    }

    #[test]
    fn a_macro_that_takes_fewer_arguments_is_named() {
        let about = |line: &str, code: &str| -> Option<String> {
            let end = line.find('(')? + 1;
            let text = serde_json::json!([{"text": line, "highlight_start": 1, "highlight_end": end}]);
            let span = serde_json::json!({
                "file_name": "cell", "line_start": 1, "line_end": 1, "column_start": 1, "column_end": end,
                "is_primary": true, "text": text,
            });
            let diagnostic =
                serde_json::json!({"message": "", "code": {"code": code}, "level": "error", "spans": [span]});
            fewer_arguments(&serde_json::from_value(diagnostic).ok()?)
        };
        assert!(about("np::arange(5)", "E0061").is_some_and(|hint| hint.contains("`np::arange!(...)`")));
        assert_eq!(about("np::linspace(5)", "E0061"), None);
        assert_eq!(about("np::arange(5)", "E0308"), None);
    }

    #[test]
    fn numbers_of_other_types_are_explained() {
        let hint = number_on_the_left("cannot multiply `f32` by `flowbook::v2::Tensor`").unwrap_or_default();
        assert!(hint.contains("`f32`") && hint.contains("as f64"), "{hint}");
        assert!(number_on_the_left("cannot subtract `&flowbook::Array` from `usize`").is_some());
        assert_eq!(number_on_the_left("cannot add `f32` to `i32`"), None);
    }

    #[test]
    fn the_other_generation_is_named() {
        let hint = about("failed to resolve: could not find `Session` in `tf`").unwrap_or_default();
        assert!(hint.contains("TensorFlow 1") && hint.contains("use flowbook::v1 as tf;"), "{hint}");
    }

    #[test]
    fn lost_variables_and_pythons_words_are_explained() {
        assert_eq!(about("cannot find value `v` in this scope").as_deref(), Some("`v` is gone: it was moved away"));
        assert!(about("cannot find function `print` in this scope").is_some_and(|hint| hint.contains("println!")));
        assert!(about("cannot find value `True` in this scope").is_some_and(|hint| hint.contains("`true`")));
    }
}
