//! What tables of expressions beside TensorFlow's answers are written with: shorter names for operands, what a case prints, how
//! it is compared with what was recorded. The tables are in the tests.
#![allow(dead_code, unused_macros, unused_imports, reason = "each test takes what it needs")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use flowbook::v1::{self as tf, Graph, IntoTensor, Session, Tensor};
use flowbook::{Array, ArrayLike, Result, feed};

pub const NAN: f64 = f64::NAN;
pub const INF: f64 = f64::INFINITY;

pub fn t(value: impl ArrayLike) -> Tensor {
    tf::constant(value).tensor()
}

pub fn doubles<const N: usize>(values: [f64; N]) -> Tensor {
    tf::constant(values).with_dtype(tf::float64).tensor()
}

pub fn longs<const N: usize>(values: [i64; N]) -> Tensor {
    tf::constant(values).with_dtype(tf::int64).tensor()
}

/// What a case prints; the operand is for those that are fed one.
pub type Program = fn() -> Result<String>;

pub fn shown(tensor: impl IntoTensor) -> Result<String> {
    let tensor = tf::convert_to_tensor(tensor);
    Ok(format!("{tensor}\n{}", Session::new().run(tensor)?))
}

pub fn shown_with<T: IntoTensor>(value: Array, build: fn(Tensor) -> T) -> Result<String> {
    let x = tf::placeholder(value.dtype(), None).named("x");
    let tensor = tf::convert_to_tensor(build(x));
    Ok(format!("{tensor}\n{}", Session::new().run_with(tensor, feed! { x => value })?))
}

macro_rules! built {
    ($($title:literal => $expression:expr;)*) => {
        &[$(($title, || $crate::expressions::shown($expression))),*]
    };
}

macro_rules! fed {
    ($($title:literal => $value:expr, |$x:ident| $expression:expr;)*) => {
        &[$(($title, || $crate::expressions::shown_with($value.to_tensor(), |$x| $expression))),*]
    };
}

/// Expressions that run at once, shown as Python shows them.
macro_rules! at_once {
    ($($title:literal => $expression:expr;)*) => {
        &[$(($title, || Ok(flowbook::format::py(&$expression).to_string()))),*]
    };
}

pub(crate) use {at_once, built, fed};

fn answer(program: Program) -> String {
    match catch_unwind(AssertUnwindSafe(|| Graph::new().as_default(program))) {
        Ok(Ok(shown)) => shown,
        Ok(Err(error)) => error.to_string(),
        Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_default(),
    }
}

/// Compares every case with the recorded answer, or with the one that `different` gives.
pub fn agree(recorded: &str, different: &[(&str, &str)], tables: &[&[(&str, Program)]]) {
    let recorded: serde_json::Value = serde_json::from_str(recorded).unwrap();
    let mut wrong = Vec::new();
    let all = || tables.iter().copied().flatten();
    for (title, program) in all() {
        let ours = answer(*program);
        let meant = different.iter().find(|(t, _)| t == title).map(|(_, text)| *text);
        let theirs = meant.or_else(|| recorded[title].as_str()).unwrap_or("nothing recorded");
        if ours != theirs {
            wrong.push(format!("{title}\nours\n{ours}\nTensorFlow\n{theirs}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), all().count(), wrong.join("\n\n"));
}
