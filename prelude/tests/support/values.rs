//! Comparing named results with what NumPy gave for the same names: lines of `name<TAB>dtype<TAB>repr`, with line breaks
//! as `\n`, as `fixtures/make_docs_np.py` writes them.

use std::collections::HashMap;

use flowbook::Array;

/// Compares each named result with the recorded one: element type and text.
#[track_caller]
pub fn check(lines: &'static str, results: &[(&str, Array)]) {
    let recorded: HashMap<&str, (&str, String)> = lines
        .lines()
        .map(|line| {
            let mut parts = line.splitn(3, '\t');
            let mut next = || parts.next().expect("three columns");
            (next(), (next(), next().replace("\\n", "\n")))
        })
        .collect();
    let mut wrong = String::new();
    for (name, ours) in results {
        let Some((dtype, text)) = recorded.get(name) else { panic!("{name} was not recorded") };
        if ours.repr() != *text || ours.dtype().name() != *dtype {
            wrong += &format!("{name}: {} {}\nNumPy: {dtype} {text}\n", ours.dtype().name(), ours.repr());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
