//! `flowbook run`: executes a notebook without Jupyter, shows its outputs in the terminal, stores them when asked.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::execute::{Watch, enter_directory_of, execute, interrupt_on_ctrl_c};
use crate::evaluator::{self, CellError, Output, Stream};
use crate::notebook::Notebook;
use crate::{Error, mime};

#[derive(Args)]
pub(super) struct Arguments {
    /// The notebook
    notebook: PathBuf,
    /// Store the notebook with its new outputs here
    #[arg(short, long, value_name = "OUT.ipynb")]
    output: Option<PathBuf>,
    /// Go on after a cell that fails
    #[arg(long)]
    allow_errors: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut notebook = Notebook::read(&arguments.notebook)?;
    let output = arguments.output.as_deref().map(absolute).transpose()?;
    if let Some(directory) = output.as_ref().and_then(|o| o.parent()).filter(|d| !d.is_dir()) {
        return Err(Error::Usage(format!("the directory {} does not exist; create it first", directory.display())));
    }
    enter_directory_of(&arguments.notebook)?;
    let mut evaluator = evaluator::start()?;
    interrupt_on_ctrl_c(evaluator.interrupter())?;
    let result = execute(&mut notebook, evaluator.as_mut(), arguments.allow_errors, &mut Terminal::new());
    if let Some(output) = output {
        notebook.write(&output)?;
    }
    result
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    if path.extension().is_none_or(|e| e != "ipynb") {
        let reason = "outputs are stored as a notebook, OUT.ipynb";
        return Err(Error::Usage(format!("cannot write {}: {reason}", path.display())));
    }
    std::path::absolute(path).map_err(Error::file("resolve", path))
}

/// Where outputs are seen: what cells print goes to the streams they print to; headings only to a person.
struct Terminal {
    headings: bool,
    colour: bool,
    mid_line: bool,
}

impl Terminal {
    fn new() -> Terminal {
        let colour = std::io::stderr().is_terminal();
        Terminal { headings: std::io::stdout().is_terminal(), colour, mid_line: false }
    }

    fn print(&mut self, text: &str) {
        // A closed pipe (`| head`) must not stop the run: its outputs may be stored.
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        if let Some(last) = text.chars().last() {
            self.mid_line = last != '\n';
        }
    }

    fn end_line(&mut self) {
        if std::mem::take(&mut self.mid_line) {
            self.print("\n");
        }
    }
}

impl Watch for Terminal {
    fn begin(&mut self, count: u32, total: usize, source: &str) {
        self.end_line();
        if self.headings {
            let first = source.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
            eprintln!("\x1b[2m[{count}/{total}] {first}\x1b[0m");
        }
    }

    fn show(&mut self, output: &Output) {
        match output {
            Output::Stream(Stream::Stdout, text) => self.print(text),
            Output::Stream(Stream::Stderr, text) => eprint!("{text}"),
            Output::Display(data, _) | Output::Result(data) => {
                let text = mime::plain(data).unwrap_or_else(|| {
                    let kinds: Vec<&str> = data.iter().map(|(mime, _)| mime.as_str()).collect();
                    format!("<{}>", kinds.join(", "))
                });
                self.end_line();
                self.print(&text);
                self.end_line();
            }
            // A terminal cannot take back what it shows; the stored notebook has the final state.
            Output::UpdateDisplay(..) | Output::ClearOutput(_) => {}
        }
    }

    fn error(&mut self, error: &CellError) {
        self.end_line();
        let text = error.traceback.join("\n");
        eprintln!("{}", if self.colour { text } else { without_colours(&text) });
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.end_line();
    }
}

/// The text without ANSI escape sequences of the form `ESC [ ... letter`.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\x1b' {
            plain.push(c);
        } else if chars.next() == Some('[') {
            chars.by_ref().find(char::is_ascii_alphabetic);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_can_be_removed() {
        assert_eq!(without_colours("\x1b[31mPanic\x1b[0m: \x1b[1;4mx"), "Panic: x");
    }
}
