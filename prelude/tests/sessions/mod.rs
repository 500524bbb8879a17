//! The programs that were recorded, in Rust, a file for each family; and what they are written with. How they are
//! compared is `v1_sessions.rs`'s.

pub mod feeds;
pub mod fetches;
pub mod rates;
pub mod runs;
pub mod saver;
pub mod scopes;
pub mod training;
pub mod variables;

use flowbook::v1::{self as tf, Feeds, Fetch, IntoDType, Operation, Session, Tensor, TensorShape, Variable};
use flowbook::{Array, Result};

/// Prints into a text, as the Python program prints.
pub type Program = fn(&mut String) -> Result<()>;

/// The programs of one subject under their titles, and where they are not TensorFlow's.
pub struct Family {
    pub programs: &'static [(&'static str, Program)],
    /// What we answer where we mean to differ.
    pub different: &'static [(&'static str, &'static str)],
    /// What no Rust program does, with the reason.
    pub impossible: &'static [(&'static str, &'static str)],
    /// Whether the output of the program of that title is the recorded one.
    pub same: fn(&str, &str, &str) -> bool,
}

pub fn exactly(_: &str, ours: &str, theirs: &str) -> bool {
    ours == theirs
}

/// The same, where floats may differ in their last places: other machines take sums in another order, and a cosine less 1
/// shows what is behind its last place. Of doubles the last four of sixteen digits are left for that.
pub fn closely(title: &str, ours: &str, theirs: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| c.is_whitespace() || ",[]()".contains(c));
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let (ours, theirs) = (words(ours), words(theirs));
    let (relative, absolute) = if title.contains("doubles") { (1e-12, 0.0) } else { (5e-7, 2e-8) };
    let near = |(a, b): (&String, &String)| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(x), Ok(y)) if x.is_finite() => (x - y).abs() <= relative * y.abs() + absolute,
        _ => a == b,
    };
    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(near)
}

macro_rules! programs {
    ($($title:literal => |$out:ident| $body:block)*) => {
        &[$(($title, |$out: &mut String| {
            let _ = &$out;
            $body;
            Ok(())
        })),*]
    };
}
pub(crate) use programs;

/// A placeholder of that name.
pub fn input(name: &str, dtype: impl IntoDType, shape: impl Into<TensorShape>) -> Tensor {
    tf::placeholder(dtype, shape).named(name)
}

/// A placeholder `x` for floats of any shape.
pub fn any() -> Tensor {
    input("x", tf::float32, None)
}

/// The value of a fetch in a new session.
pub fn run<F: Fetch>(fetch: F) -> Result<F::Value> {
    Session::new().run(fetch)
}

pub fn run_with<F: Fetch>(fetch: F, feeds: Feeds) -> Result<F::Value> {
    Session::new().run_with(fetch, feeds)
}

/// A session in which every variable has its initial value.
pub fn started() -> Result<Session> {
    let session = Session::new();
    session.run(tf::global_variables_initializer())?;
    Ok(session)
}

/// A truth value as Python prints it.
pub fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// The names of variables as Python prints a list of texts.
pub fn names(variables: &[Variable]) -> String {
    crate::support::list(variables.iter().map(|v| v.name()))
}

pub fn operation_names(operations: &[Operation]) -> String {
    crate::support::list(operations.iter().map(|op| op.name()))
}

/// An array that `zeros` and `ones` of NumPy give.
pub fn filled(value: f64, sizes: &[usize]) -> Array {
    Array::new(vec![value; sizes.iter().product()], sizes)
}
