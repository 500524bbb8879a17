//! Running a notebook's cells in order, which `flowbook run` and `flowbook test` have in common.

use std::path::Path;

use tokio::signal::unix::{SignalKind, signal};

use crate::Error;
use crate::evaluator::{Answer, CellError, Evaluator, Host, Output};
use crate::notebook::{Notebook, Outputs};

/// Someone who watches the cells run.
pub(super) trait Watch {
    /// A cell begins: the `count`-th of `total`.
    fn begin(&mut self, count: u32, total: usize, source: &str);
    /// It shows something.
    fn show(&mut self, output: &Output);
    /// It failed.
    fn error(&mut self, error: &CellError);
    /// It asks for a line.
    fn input(&mut self, _prompt: &str) -> Answer {
        Answer::Refused
    }
}

/// The host of one cell: who watches sees its outputs, and they are collected.
struct Watched<'a> {
    watch: &'a mut dyn Watch,
    outputs: &'a mut Outputs,
    count: u32,
}

impl Host for Watched<'_> {
    fn show(&mut self, output: Output) {
        self.watch.show(&output);
        self.outputs.add(output, self.count);
    }
    fn can_answer(&self) -> bool {
        true
    }
    fn input(&mut self, prompt: &str, _password: bool) -> Answer {
        self.watch.input(prompt)
    }
}

/// Runs the code cells in order and fills their outputs in; stops at the first cell that fails and may not.
pub(super) fn execute(
    notebook: &mut Notebook,
    evaluator: &mut dyn Evaluator,
    allow_errors: bool,
    watch: &mut dyn Watch,
) -> Result<(), Error> {
    notebook.clear_outputs();
    let cells = notebook.code_cells();
    let mut outputs = Outputs::default();
    let mut failure = None;
    for (cell, count) in cells.iter().zip(1..) {
        watch.begin(count, cells.len(), &cell.source);
        outputs.begin_cell();
        let result = evaluator.execute(&cell.source, count, &mut Watched { watch, outputs: &mut outputs, count });
        let Err(error) = result else { continue };
        watch.error(&error);
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

/// Jupyter runs a notebook in its own directory, so that `data/x.csv` means the same everywhere.
pub(super) fn enter_directory_of(notebook: &Path) -> Result<(), Error> {
    match notebook.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => {
            std::env::set_current_dir(directory).map_err(Error::file("enter", directory))
        }
        _ => Ok(()),
    }
}

/// Ctrl-C ends the running cell like Jupyter's stop button, so that the outputs so far are still stored.
pub(super) fn interrupt_on_ctrl_c(interrupt: Box<dyn Fn() + Send + Sync>) -> Result<(), Error> {
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

/// The text without ANSI escape sequences of the form `ESC [ ... letter`.
pub(super) fn without_colours(text: &str) -> String {
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

    /// Nobody watches.
    struct Unseen;

    impl Watch for Unseen {
        fn begin(&mut self, _: u32, _: usize, _: &str) {}
        fn show(&mut self, _: &Output) {}
        fn error(&mut self, _: &CellError) {}
    }

    /// Answers a cell with its own text; the cell `fail` fails.
    struct Echo;

    impl Evaluator for Echo {
        fn execute(&mut self, code: &str, _: u32, host: &mut dyn Host) -> Result<(), CellError> {
            if code == "fail" {
                return Err(CellError { name: "Panic".into(), value: "told to".into(), traceback: vec![] });
            }
            host.show(Output::Result(vec![("text/plain".into(), code.into())]));
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
            json!({
                "cell_type": "code", "execution_count": 9, "metadata": {"tags": tags}, "outputs": [1], "source": source,
            })
        };
        let cells: Vec<Value> = cells.iter().map(cell).collect();
        Notebook::parse(&json!({"cells": cells, "nbformat": 4}).to_string()).unwrap()
    }

    fn executed(notebook: &mut Notebook, allow_errors: bool) -> (Result<(), Error>, Value) {
        let result = execute(notebook, &mut Echo, allow_errors, &mut Unseen);
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
