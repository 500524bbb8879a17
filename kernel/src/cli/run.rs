//! `flowbook run`: executes a notebook without Jupyter, shows its outputs in the terminal, stores them when asked.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::execute::{Watch, enter_directory_of, execute, interrupt_on_ctrl_c, without_colours};
use crate::evaluator::{self, Answer, CellError, Output, Stream};
use crate::notebook::{Notebook, html};
use crate::{Error, mime};

#[derive(Args)]
pub(super) struct Arguments {
    /// The notebook
    notebook: PathBuf,
    /// Store the notebook with its new outputs here, as a notebook or as a web page
    #[arg(short, long, value_name = "OUT.ipynb|OUT.html")]
    output: Option<PathBuf>,
    /// Store it in this form; without --output, beside the notebook
    #[arg(long, value_enum, value_name = "FORM")]
    to: Option<Form>,
    /// Go on after a cell that fails
    #[arg(long)]
    allow_errors: bool,
}

/// What a notebook with its outputs can be stored as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A notebook file
    Notebook,
    /// One self-contained web page
    Html,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut notebook = Notebook::read(&arguments.notebook)?;
    let target = target(arguments)?;
    if let Some(directory) = target.as_ref().and_then(|(path, _)| path.parent()).filter(|d| !d.is_dir()) {
        return Err(Error::Usage(format!("the directory {} does not exist; create it first", directory.display())));
    }
    enter_directory_of(&arguments.notebook)?;
    let mut evaluator = evaluator::start()?;
    interrupt_on_ctrl_c(evaluator.interrupter())?;
    let result = execute(&mut notebook, evaluator.as_mut(), arguments.allow_errors, &mut Terminal::new());
    match target {
        Some((path, Form::Notebook)) => notebook.write(&path)?,
        Some((path, Form::Html)) => {
            let name = arguments.notebook.file_stem().unwrap_or_default().to_string_lossy();
            // The notebook's directory is the working directory by now.
            let page = html::page(&notebook, &name, Path::new("."));
            crate::files::write_atomically(&path, page.as_bytes()).map_err(Error::file("write", &path))?;
        }
        None => {}
    }
    result
}

/// Where the outputs are to be stored, and in which form.
fn target(arguments: &Arguments) -> Result<Option<(PathBuf, Form)>, Error> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(Error::file("resolve", path));
    let (path, form) = match (&arguments.output, arguments.to) {
        (None, None) => return Ok(None),
        (None, Some(Form::Html)) => (arguments.notebook.with_extension("html"), Form::Html),
        (None, Some(Form::Notebook)) => (arguments.notebook.clone(), Form::Notebook),
        (Some(path), Some(form)) => (path.clone(), form),
        (Some(path), None) => (path.clone(), form_of(path)?),
    };
    Ok(Some((absolute(&path)?, form)))
}

fn form_of(path: &Path) -> Result<Form, Error> {
    match path.extension().and_then(|e| e.to_str()) {
        Some("ipynb") => Ok(Form::Notebook),
        Some("html" | "htm") => Ok(Form::Html),
        _ => {
            let reason = "outputs are stored as a notebook, OUT.ipynb, or as a page, OUT.html";
            Err(Error::Usage(format!("cannot write {}: {reason}", path.display())))
        }
    }
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

    fn input(&mut self, prompt: &str) -> Answer {
        self.read_line(prompt)
    }

    fn error(&mut self, error: &CellError) {
        self.end_line();
        let text = error.traceback.join("\n");
        eprintln!("{}", if self.colour { text } else { without_colours(&text) });
    }
}

impl Terminal {
    /// Reads a line from where the program's own input comes from, a person or a file.
    fn read_line(&mut self, prompt: &str) -> Answer {
        self.print(prompt);
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(n) if n > 0 => {
                self.mid_line = false;
                Answer::Line(line.trim_end_matches(['\n', '\r']).to_owned())
            }
            _ => Answer::Refused,
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.end_line();
    }
}
