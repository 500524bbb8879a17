//! Comparing named results with what NumPy gave for the same names: lines of `name<TAB>dtype<TAB>repr` (the dtype is
//! `text` for a text), with line breaks as `\n`, as `fixtures/make_docs_np.py` writes them.

use std::collections::HashMap;

use flowbook::Array;

/// Compares each named result with the recorded one: element type and text.
#[track_caller]
#[allow(dead_code, reason = "not every test has arrays")]
pub fn check(lines: &'static str, results: &[(&str, Array)]) {
    compare(lines, results.iter().map(|(name, ours)| (*name, ours.dtype().name(), ours.repr())));
}

/// Compares named texts with the recorded ones.
#[track_caller]
#[allow(dead_code, reason = "not every test has texts")]
pub fn check_texts(lines: &'static str, texts: &[(&str, String)]) {
    compare(lines, texts.iter().map(|(name, text)| (*name, "text", text.clone())));
}

#[track_caller]
fn compare<'a>(lines: &'static str, results: impl Iterator<Item = (&'a str, &'static str, String)>) {
    let recorded: HashMap<&str, (&str, String)> = lines
        .lines()
        .map(|line| {
            let mut parts = line.splitn(3, '\t');
            let mut next = || parts.next().expect("three columns");
            (next(), (next(), next().replace("\\n", "\n")))
        })
        .collect();
    let mut wrong = String::new();
    for (name, our_dtype, ours) in results {
        let Some((dtype, text)) = recorded.get(name) else { panic!("{name} was not recorded") };
        if ours != *text || our_dtype != *dtype {
            wrong += &format!("{name}: {our_dtype} {ours}\nNumPy: {dtype} {text}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
