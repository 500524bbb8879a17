//! Asking the user: Python's `input` and `getpass`. In a notebook the front end shows a field for the answer, which
//! then comes as a line on standard input; elsewhere it is typed in the terminal.

use std::io::{self, Write};

use crate::channel::{self, Receipt};
use crate::frame::Frame;

/// Asks for a line of text, as Python's `input`. The line's end is not part of the answer.
///
/// ```no_run
/// # use flowbook_runtime::input::input;
/// let name = input("Your name: ");
/// println!("Hello, {name}");
/// ```
///
/// # Panics
/// `StdinNotImplementedError` when the front end cannot ask, `EOFError` at the end of the input, `KeyboardInterrupt`
/// when the cell is interrupted meanwhile.
#[track_caller]
pub fn input(prompt: &str) -> String {
    ask(prompt, false)
}

/// Asks for a line that is not shown while it is typed, as Python's `getpass.getpass`. In a terminal it does show.
///
/// # Panics
/// As [`input`].
#[track_caller]
pub fn getpass(prompt: &str) -> String {
    ask(prompt, true)
}

#[track_caller]
fn ask(prompt: &str, password: bool) -> String {
    if channel::connected() {
        match channel::ask(&Frame::Input { prompt: prompt.to_owned(), password }) {
            Receipt::Taken => {}
            Receipt::Refused => panic!(
                "StdinNotImplementedError: input was called, but nobody is there to answer: the front end does not \
                 support input requests, or the input has ended"
            ),
            Receipt::Interrupted => panic!("KeyboardInterrupt: the cell was interrupted while it waited for input"),
        }
    } else {
        print!("{prompt}");
        let _ = io::stdout().flush();
    }
    let mut line = String::new();
    match io::stdin().read_line(&mut line) {
        Ok(0) => panic!("EOFError: the input has ended"),
        Ok(_) => line.trim_end_matches(['\n', '\r']).to_owned(),
        Err(error) => panic!("EOFError: the input cannot be read: {error}"),
    }
}
