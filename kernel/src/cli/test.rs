//! `flowbook test`: runs notebooks and compares what their cells show with what was saved.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::execute::{Unseen, enter_directory_of, execute, interrupt_on_ctrl_c};
use crate::notebook::Notebook;
use crate::notebook::compare::{self, Tolerance};
use crate::{Error, evaluator};

#[derive(Args)]
pub(super) struct Arguments {
    /// Notebooks, and directories that hold some
    #[arg(required = true, value_name = "NB.ipynb|DIR")]
    paths: Vec<PathBuf>,
    /// How far a number may be from the saved one, relative to it
    #[arg(long, default_value_t = Tolerance::default().relative)]
    rtol: f64,
    /// How far a number near zero may be from the saved one
    #[arg(long, default_value_t = Tolerance::default().absolute)]
    atol: f64,
}

/// Prints a line for each notebook, and under it each cell that differs.
pub(super) fn test(arguments: &Arguments) -> Result<(), Error> {
    let tolerance = Tolerance { relative: arguments.rtol, absolute: arguments.atol };
    let notebooks = notebooks(&arguments.paths)?;
    let mut failed = 0;
    for path in &notebooks {
        let start = Instant::now();
        let problems = check(path, tolerance)?;
        let word = if problems.is_empty() { "ok    " } else { "FAILED" };
        println!("{word} {} ({:.1} s)", path.display(), start.elapsed().as_secs_f64());
        problems.iter().for_each(|problem| println!("       {problem}"));
        failed += usize::from(!problems.is_empty());
    }
    if failed > 0 {
        return Err(Error::Tests { failed, total: notebooks.len() });
    }
    Ok(())
}

/// Runs a notebook in a process of its own variables and returns what is not as it was saved.
fn check(path: &Path, tolerance: Tolerance) -> Result<Vec<String>, Error> {
    let saved = Notebook::read(path)?;
    enter_directory_of(path)?;
    let mut evaluator = evaluator::start()?;
    interrupt_on_ctrl_c(evaluator.interrupter())?;
    let mut new = saved.clone();
    let mut problems = Vec::new();
    let ended = execute(&mut new, evaluator.as_mut(), false, &mut Unseen);
    let ran = match &ended {
        Err(Error::Cell { name, .. }) if name == "KeyboardInterrupt" => return ended.map(|()| problems),
        Err(Error::Cell { cell, .. }) => *cell,
        _ => usize::MAX,
    };
    if !saved.never_run() {
        for (cell, number) in saved.code_cells().into_iter().zip(1..).filter(|(cell, n)| !cell.unchecked && *n < ran) {
            let found = compare::difference(saved.outputs(cell.index), new.outputs(cell.index), tolerance);
            problems.extend(found.map(|found| format!("cell {number}: {found}")));
        }
    }
    problems.extend(ended.err().map(|e| e.to_string()));
    Ok(problems)
}

/// The notebooks themselves and those in the directories, in alphabetical order, as absolute paths.
fn notebooks(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for path in paths {
        let path = std::path::absolute(path).map_err(Error::file("resolve", path))?;
        if path.is_dir() {
            collect(&path, &mut found)?;
        } else {
            found.push(path);
        }
    }
    if found.is_empty() {
        return Err(Error::Usage("there is no notebook in the directories given".to_string()));
    }
    Ok(found)
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let entries = std::fs::read_dir(directory).map_err(Error::file("read", directory))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "ipynb") {
            found.push(path);
        }
    }
    Ok(())
}
