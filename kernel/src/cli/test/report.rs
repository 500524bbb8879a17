//! What running a notebook as a test found, cell by cell: passed from the process that ran it to the one that asked,
//! and shown to people.

use serde::{Deserialize, Serialize};

/// A line on the standard output of the process that runs one notebook.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Event {
    /// A cell begins.
    Cell {
        /// Its number among the code cells, from 1.
        number: usize,
        /// How many there are.
        total: usize,
    },
    /// The notebook is through.
    Done(Report),
}

/// A notebook's result.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Report {
    /// How long it took.
    pub seconds: f64,
    /// Each cell that was to run.
    pub cells: Vec<Cell>,
    /// Why it could not be run at all.
    pub broken: Option<String>,
    /// Whether the user stopped it.
    pub stopped: bool,
    /// How many cells' outputs were saved anew.
    pub updated: usize,
}

/// A cell's result.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Cell {
    /// Its number among the code cells, from 1: the `[n]` that front ends show beside it.
    pub number: usize,
    /// Its first line of code.
    pub line: String,
    /// How long it ran.
    pub seconds: f64,
    /// How it went.
    pub outcome: Outcome,
}

/// How a cell went.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Outcome {
    /// As saved, or nothing was saved to compare with.
    Same,
    /// Not run, as an earlier cell failed.
    NotRun,
    /// It showed something else; what, and the lines that show it.
    Different(String, Vec<String>),
    /// It failed and may not; the error, and its traceback.
    Failed(String, Vec<String>),
}

impl Cell {
    /// What is wrong, in one line, and what explains it.
    pub(super) fn problem(&self) -> Option<(String, &[String])> {
        match &self.outcome {
            Outcome::Same | Outcome::NotRun => None,
            Outcome::Different(what, lines) => Some((what.clone(), lines)),
            Outcome::Failed(error, traceback) => Some((format!("it failed: {error}"), traceback)),
        }
    }
}

impl Report {
    pub(super) fn passed(&self) -> bool {
        self.broken.is_none() && !self.stopped && self.cells.iter().all(|cell| cell.problem().is_none())
    }

    /// The lines for people, for the notebook of this name.
    pub(super) fn text(&self, name: &str, colour: bool) -> String {
        let paint =
            |code: &str, text: &str| if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() };
        let word = match self.passed() {
            true => paint("32", "ok    "),
            false => paint("1;31", "FAILED"),
        };
        let updated = match self.updated {
            0 => String::new(),
            1 => ", 1 cell saved anew".to_string(),
            n => format!(", {n} cells saved anew"),
        };
        let cells = match self.cells.len() {
            1 => "1 cell".to_string(),
            n => format!("{n} cells"),
        };
        let mut text = format!("{word} {name} ({cells}, {:.1} s{updated})\n", self.seconds);
        if let Some(reason) = &self.broken {
            text += &format!("       {reason}\n");
        }
        if self.stopped {
            text += "       it was stopped\n";
        }
        for cell in &self.cells {
            let Some((what, lines)) = cell.problem() else { continue };
            text += &format!("       {} {}\n", paint("1", &format!("cell [{}]", cell.number)), paint("2", &cell.line));
            text += &format!("         {what}\n");
            for line in lines {
                let painted = match line.as_bytes().first() {
                    Some(b'-') => paint("31", line),
                    Some(b'+') => paint("32", line),
                    _ => line.clone(),
                };
                text += &format!("           {painted}\n");
            }
        }
        let left = self.cells.iter().filter(|cell| cell.outcome == Outcome::NotRun).count();
        match left {
            0 => {}
            1 => text += "       1 further cell was not run\n",
            n => text += &format!("       {n} further cells were not run\n"),
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(number: usize, outcome: Outcome) -> Cell {
        Cell { number, line: format!("line {number}"), seconds: 0.0, outcome }
    }

    #[test]
    fn a_report_points_at_the_cell_and_shows_both_versions() {
        let lines = vec!["- 1".to_string(), "+ 2".to_string()];
        let cells = vec![
            cell(1, Outcome::Same),
            cell(2, Outcome::Different("stdout: line 1".into(), lines)),
            cell(3, Outcome::Failed("Panic: no".into(), vec![])),
            cell(4, Outcome::NotRun),
        ];
        let report = Report { cells, seconds: 1.0, ..Report::default() };
        let expected = "FAILED a.ipynb (4 cells, 1.0 s)\n       cell [2] line 2\n         stdout: line 1\n           - 1\n           + 2\n       \
                        cell [3] line 3\n         it failed: Panic: no\n       1 further cell was not run\n";
        assert_eq!(report.text("a.ipynb", false), expected);
    }

    #[test]
    fn a_notebook_passes_when_all_is_as_saved() {
        let mut report = Report { cells: vec![cell(1, Outcome::Same)], ..Report::default() };
        assert!(report.passed());
        report.broken = Some("it is not JSON".into());
        assert!(!report.passed());
    }
}
