//! `flowbook run`: executes a notebook without Jupyter, shows its outputs in the terminal, stores them when asked.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use crate::evaluator::{self, CellError, Evaluator, Output, Stream};
use crate::notebook::{CodeCell, Notebook, Outputs};
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

/// Runs the code cells in order and fills their outputs in; stops at the first cell that fails and may not.
fn execute(
    notebook: &mut Notebook,
    evaluator: &mut dyn Evaluator,
    allow_errors: bool,
    terminal: &mut Terminal,
) -> Result<(), Error> {
    notebook.clear_outputs();
    // A cell without code is no execution: front ends do not send it either.
    let cells: Vec<CodeCell> = notebook.code_cells().into_iter().filter(|c| !c.source.trim().is_empty()).collect();
    let mut outputs = Outputs::default();
    let mut failure = None;
    for (cell, count) in cells.iter().zip(1..) {
        terminal.begin(count, cells.len(), &cell.source);
        outputs.begin_cell();
        let result = evaluator.execute(&cell.source, count, &mut |output| {
            terminal.show(&output);
            outputs.add(output, count);
        });
        let Err(error) = result else { continue };
        terminal.error(&error);
        outputs.fail(error.clone());
        if !cell.may_fail && !allow_errors {
            failure = Some(Error::Cell { cell: count as usize, name: error.name, value: error.value });
            break;
        }
    }
    for ((cell, shown), count) in cells.iter().zip(outputs.into_cells()).zip(1..) {
        notebook.set_outputs(cell.index, Some(count), shown);
    }
    failure.map_or(Ok(()), Err)
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    if path.extension().is_none_or(|e| e != "ipynb") {
        return Err(Error::Usage(format!("cannot write {}: outputs are stored as a notebook, OUT.ipynb", path.display())));
    }
    std::path::absolute(path).map_err(Error::file("resolve", path))
}

/// Jupyter runs a notebook in its own directory, so that `data/x.csv` means the same everywhere.
fn enter_directory_of(notebook: &Path) -> Result<(), Error> {
    match notebook.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => {
            std::env::set_current_dir(directory).map_err(Error::file("enter", directory))
        }
        _ => Ok(()),
    }
}

/// Ctrl-C ends the running cell like Jupyter's stop button, so that the outputs so far are still stored.
fn interrupt_on_ctrl_c(interrupt: Box<dyn Fn() + Send + Sync>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let mut signals = {
        let _inside = runtime.enter();
        signal(SignalKind::interrupt())?
    };
    std::thread::Builder::new().name("ctrl-c".to_string()).spawn(move || {
        runtime.block_on(async {
            while signals.recv().await.is_some() {
                interrupt();
            }
        });
    })?;
    Ok(())
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
    use crate::evaluator::{Assistant, Completeness};
    use serde_json::{Value, json};
    use std::sync::Arc;

    /// Answers a cell with its own text; the cell `fail` fails.
    struct Echo;

    impl Evaluator for Echo {
        fn execute(&mut self, code: &str, _: u32, sink: &mut dyn FnMut(Output)) -> Result<(), CellError> {
            if code == "fail" {
                return Err(CellError { name: "Panic".into(), value: "told to".into(), traceback: vec![] });
            }
            sink(Output::Result(vec![("text/plain".into(), code.into())]));
            Ok(())
        }
        fn interrupter(&self) -> Box<dyn Fn() + Send + Sync> {
            Box::new(|| ())
        }
        fn assistant(&self) -> Arc<dyn Assistant> {
            Arc::new(Echo)
        }
    }

    impl Assistant for Echo {
        fn completeness(&self, _: &str) -> Completeness {
            Completeness::Complete
        }
    }

    fn notebook(cells: &[(&str, &[&str])]) -> Notebook {
        let cell = |(source, tags): &(&str, &[&str])| {
            json!({"cell_type": "code", "execution_count": 9, "metadata": {"tags": tags}, "outputs": [1], "source": source})
        };
        let cells: Vec<Value> = cells.iter().map(cell).collect();
        Notebook::parse(&json!({"cells": cells, "nbformat": 4}).to_string()).unwrap()
    }

    fn executed(notebook: &mut Notebook, allow_errors: bool) -> (Result<(), Error>, Value) {
        let mut terminal = Terminal { headings: false, colour: false, mid_line: false };
        let result = execute(notebook, &mut Echo, allow_errors, &mut terminal);
        (result, serde_json::from_str(&notebook.text()).unwrap())
    }

    #[test]
    fn an_unexpected_error_stops_the_run() {
        let mut nb = notebook(&[("a", &[]), ("fail", &[]), ("b", &[])]);
        let (result, json) = executed(&mut nb, false);
        assert!(matches!(result, Err(Error::Cell { cell: 2, .. })));
        assert_eq!(json["cells"][0]["outputs"][0]["data"]["text/plain"], json!(["a"]));
        assert_eq!(json["cells"][1]["outputs"][0]["ename"], "Panic");
        assert_eq!(json["cells"][2]["outputs"], json!([]));
        assert_eq!(json["cells"][2]["execution_count"], Value::Null);
    }

    #[test]
    fn expected_errors_do_not() {
        let mut tagged = notebook(&[("fail", &["raises-exception"]), ("b", &[])]);
        let (result, json) = executed(&mut tagged, false);
        assert!(result.is_ok());
        assert_eq!(json["cells"][1]["execution_count"], 2);
        let mut allowed = notebook(&[("fail", &[]), ("", &[]), ("b", &[])]);
        let (result, json) = executed(&mut allowed, true);
        assert!(result.is_ok());
        assert_eq!(json["cells"][1]["execution_count"], Value::Null);
        assert_eq!(json["cells"][2]["execution_count"], 2);
    }

    #[test]
    fn colours_can_be_removed() {
        assert_eq!(without_colours("\x1b[31mPanic\x1b[0m: \x1b[1;4mx"), "Panic: x");
    }
}
