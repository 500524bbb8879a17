//! Running cells: the trait the rest of the kernel sees, and the values that cross it.
//! Nothing here knows Jupyter's wire format.

mod assistant;
mod board;
mod cell;
mod command;
mod compiler;
mod completeness;
mod dependencies;
mod diagnostic;
mod generate;
mod hints;
mod items;
mod native;
mod pipes;
mod process;
mod report;
mod server;
mod source;
mod state;
pub(crate) mod toolchain;
mod types;

pub use process::child_main_if_requested;
pub use toolchain::Toolchain;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use flowbook_runtime::frame::MimeBundle;

use crate::Error;

/// Which stream a piece of printed text belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What a cell shows while it runs, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Printed text, as it came: partial lines and `\r` included.
    Stream(Stream, String),
    /// A rich output, with its display id (empty: none).
    Display(MimeBundle, String),
    /// New content for the outputs of a display id.
    UpdateDisplay(MimeBundle, String),
    /// Remove the outputs so far; `true`: wait for the next one.
    ClearOutput(bool),
    /// The value of the last expression.
    Result(MimeBundle),
}

/// What comes of asking the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What was typed, without the end of the line.
    Line(String),
    /// Nobody can be asked.
    Refused,
    /// The cell was interrupted first.
    Interrupted,
}

/// Whom a cell runs for: sees what it shows and answers what it asks. A function of outputs is one that is never asked.
pub trait Host {
    /// Takes an output, as soon as it appears.
    fn show(&mut self, output: Output);

    /// Whether it can be asked.
    fn can_answer(&self) -> bool {
        false
    }

    /// Asks the user for a line and waits for it; `password` when it must not show.
    fn input(&mut self, _prompt: &str, _password: bool) -> Answer {
        Answer::Refused
    }
}

impl<F: FnMut(Output)> Host for F {
    fn show(&mut self, output: Output) {
        self(output);
    }
}

/// Why a cell failed, in the three fields of a Jupyter `error`.
#[derive(Clone, Debug, PartialEq)]
pub struct CellError {
    /// The class: `CompileError`, `Panic`, `FailedPreconditionError`, `KeyboardInterrupt`, ...
    pub name: String,
    /// The message.
    pub value: String,
    /// What a front end prints, with ANSI colours: one entry for each block of lines.
    pub traceback: Vec<String>,
}

/// Whether a piece of code can be run as it is, as `is_complete_reply` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// Ready to run.
    Complete,
    /// More must follow; the next line is indented by this text.
    Incomplete(String),
    /// More text will not mend it.
    Invalid,
}

/// Something that runs cells one after another and keeps their variables.
pub trait Evaluator: Send {
    /// Runs a cell for `host`. `count` is the cell's execution count.
    ///
    /// # Errors
    /// The cell's own failure: it did not compile, returned an error, panicked, was interrupted, or killed its process.
    fn execute(&mut self, code: &str, count: u32, host: &mut dyn Host) -> Result<(), CellError>;

    /// A handle that stops the running cell from another thread.
    fn interrupter(&self) -> Box<dyn Fn() + Send + Sync>;

    /// A handle that answers questions about code from other threads, also while a cell runs.
    fn assistant(&self) -> Arc<dyn Assistant>;
}

/// A name that could be typed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The name.
    pub text: String,
    /// What it is, in Jupyter's words: `function`, `class`, `module`, `instance`, `macro`; empty when unknown.
    pub kind: String,
    /// Its signature or type; empty when unknown.
    pub signature: String,
}

/// Code that could stand in place of a part of what was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// The candidates, best first.
    pub matches: Vec<Completion>,
    /// The byte range of the typed code that a candidate takes the place of.
    pub replace: Range<usize>,
}

/// Something that knows code without running it. Cursor positions are byte offsets into the code.
pub trait Assistant: Send + Sync {
    /// Whether the code can be run as it is.
    fn completeness(&self, code: &str) -> Completeness;

    /// What may stand at the cursor; by default nothing.
    fn complete(&self, _code: &str, cursor: usize) -> Completions {
        Completions { matches: Vec::new(), replace: cursor..cursor }
    }

    /// What is known about the name at the cursor; by default nothing.
    fn inspect(&self, _code: &str, _cursor: usize) -> Option<MimeBundle> {
        None
    }
}

/// Starts the evaluator: finds the toolchain, starts the process that holds the variables.
///
/// # Errors
/// What is missing, and how to get it.
pub fn start() -> Result<Box<dyn Evaluator>, Error> {
    let executable = std::env::current_exe()
        .map_err(|e| Error::Evaluator(format!("the system does not tell where this program is: {e}")))?;
    start_with(&executable)
}

/// The same with a `flowbook` executable that is not the running program.
///
/// # Errors
/// As [`start`].
pub fn start_with(executable: &Path) -> Result<Box<dyn Evaluator>, Error> {
    Ok(Box::new(native::Native::start(executable)?))
}
