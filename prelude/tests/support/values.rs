//! Comparing named results with what NumPy gave for the same names: lines of `name<TAB>dtype<TAB>repr` (the dtype is
//! `text` for a text), with line breaks as `\n`, as `fixtures/make_docs_np.py` writes them.

use std::collections::HashMap;

use flowbook::{Array, np};

/// Checks results by their names in the file's `RECORDED`.
#[allow(unused_macros, reason = "not every test has arrays")]
macro_rules! results {
    ($($name:ident: $value:expr;)*) => {
        values::check(RECORDED, &[$((stringify!($name).trim_start_matches("r#"), Array::from($value))),*])
    };
}

/// Checks the texts of errors by their names in the file's `RECORDED`; needs the file's `support` for them.
#[allow(unused_macros, reason = "not every test has errors")]
macro_rules! errors {
    ($($name:ident: $value:expr;)*) => {
        values::check_texts(RECORDED, &[$((stringify!($name), support::message(|| $value))),*])
    };
}

/// The arrays of `fixtures/make_docs_np.py`, by its names.
#[allow(dead_code, reason = "not every test takes all")]
pub struct Inputs {
    pub m: Array,
    pub f: Array,
    pub h: Array,
    pub cube: Array,
    pub v: Array,
    pub t: Array,
    pub u: Array,
    pub s: Array,
}

#[allow(dead_code, reason = "not every test takes them")]
pub fn inputs() -> Inputs {
    Inputs {
        m: np::array([[3, 8, -2], [7, 0, 5]]),
        f: np::array([[0.5, -1.25, 3.0], [2.75, 10.0, -0.1]]),
        h: np::array([[4.5, np::nan, 1.0], [np::nan, np::nan, 6.5]]),
        cube: np::array(0..24).reshape((2, 3, 4)),
        v: np::array([9, 4, 7, 4, 1]),
        t: np::array([true, false, true, true]),
        u: np::array([250u8, 3, 17]),
        s: np::array([1.5f32, 2.25, 4.0]),
    }
}

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
