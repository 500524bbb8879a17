//! The frame around a cell's code: its error type, what `?` and panics turn into, and the guard that catches both.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::error::Error;
use std::panic::{self, AssertUnwindSafe, Location};

use crate::channel;
use crate::frame::Frame;

/// Why a cell stopped: any error that `?` met, with its class and the place of the `?`.
#[derive(Debug)]
pub struct Failure {
    name: String,
    value: String,
    at: &'static Location<'static>,
}

/// What a cell's code evaluates to; `?` on any error works in it.
pub type CellResult = Result<(), Failure>;

impl<E: Into<Box<dyn Error>>> From<E> for Failure {
    #[track_caller]
    fn from(error: E) -> Failure {
        Failure::new(std::any::type_name::<E>(), error.into(), Location::caller())
    }
}

impl Failure {
    fn new(type_name: &'static str, error: Box<dyn Error>, at: &'static Location<'static>) -> Failure {
        let message = error.to_string();
        let (name, value) = split_class(&message).unwrap_or((short_type_name(type_name), &message));
        Failure { name: name.to_owned(), value: value.to_owned(), at }
    }
}

/// `std::num::ParseIntError` -> `ParseIntError`; a type without a name of its own is just an `Error`.
fn short_type_name(full: &str) -> &str {
    let path = full.split('<').next().unwrap_or(full);
    match path.rsplit("::").next() {
        Some(last) if last.starts_with(char::is_uppercase) && !matches!(last, "Box" | "String") => last,
        _ => "Error",
    }
}

/// Splits `ValueError: message`: a message that begins with a class name carries its own class.
fn split_class(message: &str) -> Option<(&str, &str)> {
    let (class, rest) = message.split_once(": ")?;
    let is_class = class.starts_with(|c: char| c.is_ascii_uppercase())
        && class.chars().all(|c| c.is_ascii_alphanumeric())
        && (class.ends_with("Error") || class.ends_with("Exception") || class == "KeyboardInterrupt");
    is_class.then_some((class, rest))
}

struct PanicNote {
    file: String,
    line: u32,
    column: u32,
}

thread_local! {
    static IN_CELL: RefCell<Option<Option<PanicNote>>> = const { RefCell::new(None) };
}

/// Has panics of the cell's own thread noted instead of printed; those of other threads print as ever.
pub(crate) fn install_panic_hook() {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let noted = IN_CELL.with_borrow_mut(|state| {
            let Some(note) = state else { return false };
            *note = info.location().map(|at| match calling_cell(at) {
                Some((file, line)) => PanicNote { file, line, column: 0 },
                None => PanicNote { file: at.file().to_owned(), line: at.line(), column: at.column() },
            });
            true
        });
        if !noted {
            default(info);
        }
    }));
}

/// For a panic that is not the cell's own: the innermost line of a cell among the callers, from the line tables that
/// cells are compiled with.
fn calling_cell(at: &Location) -> Option<(String, u32)> {
    if is_cell(at.file()) {
        return None;
    }
    let callers = Backtrace::force_capture().to_string();
    callers.lines().find_map(|line| {
        let mut place = line.trim_start().strip_prefix("at ")?.rsplit('/').next()?.split(':');
        let file = place.next().filter(|file| is_cell(file))?;
        Some((file.to_owned(), place.next()?.parse().ok()?))
    })
}

fn is_cell(file: &str) -> bool {
    file.starts_with("cell_") && file.ends_with(".rs")
}

/// Runs a cell's code, once; an error or a panic is reported to the kernel and goes no further. Not generic, so that
/// the unwinding around it is not compiled again in every cell.
pub fn guard(code: &mut dyn FnMut() -> CellResult) {
    let outer = IN_CELL.replace(Some(None));
    let outcome = panic::catch_unwind(AssertUnwindSafe(code));
    let note = IN_CELL.replace(outer).flatten();
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(failure)) => channel::send(&Frame::Error {
            name: failure.name,
            value: failure.value,
            file: failure.at.file().to_owned(),
            line: failure.at.line(),
            column: failure.at.column(),
        }),
        Err(payload) => channel::send(&panic_frame(payload.as_ref(), note)),
    }
}

fn panic_frame(payload: &(dyn Any + Send), note: Option<PanicNote>) -> Frame {
    let message = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("the panic carried no text");
    let (name, value) = split_class(message).unwrap_or(("Panic", message));
    let note = note.unwrap_or(PanicNote { file: String::new(), line: 0, column: 0 });
    Frame::Error {
        name: name.to_owned(),
        value: value.to_owned(),
        file: note.file,
        line: note.line,
        column: note.column,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(result: CellResult) -> (String, String) {
        let failure = result.unwrap_err();
        (failure.name, failure.value)
    }

    #[test]
    fn an_error_keeps_its_type_as_class() {
        let run = || -> CellResult {
            "x".parse::<i32>()?;
            Ok(())
        };
        assert_eq!(failure(run()), ("ParseIntError".into(), "invalid digit found in string".into()));
    }

    #[test]
    fn a_message_may_carry_its_own_class() {
        let run = || -> CellResult { Err("ValueError: shapes differ")? };
        assert_eq!(failure(run()), ("ValueError".into(), "shapes differ".into()));
    }

    #[test]
    fn plain_text_is_just_an_error() {
        let run = || -> CellResult { Err("oh: no")? };
        assert_eq!(failure(run()), ("Error".into(), "oh: no".into()));
    }

    #[test]
    fn the_place_is_that_of_the_question_mark() {
        let run = || -> CellResult {
            Err("x")?;
            Ok(())
        };
        assert_eq!(run().unwrap_err().at.line(), line!() - 3);
    }
}
