//! Running one notebook as a test, in a process of its own: it has a working directory, a time limit and an end that
//! no other notebook shares. What it finds goes to standard output, one JSON value a line.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Settings;
use super::report::{Cell, Event, Outcome, Report};
use crate::Error;
use crate::cli::execute::{Watch, enter_directory_of, execute, interrupt_on_ctrl_c, without_colours};
use crate::evaluator::{self, CellError, Output};
use crate::notebook::compare::{self, Difference, Pictures};
use crate::notebook::{CodeCell, Notebook};

/// Runs the notebook and reports, on standard output, to the process that started this one.
pub(super) fn report(path: &Path, settings: &Settings) {
    let start = Instant::now();
    let mut report =
        check(path, settings).unwrap_or_else(|e| Report { broken: Some(e.to_string()), ..Report::default() });
    report.seconds = start.elapsed().as_secs_f64();
    tell(&Event::Done(report));
}

/// Writes an event; when nobody reads any more, the process has no reason to go on.
fn tell(event: &Event) {
    let mut line = serde_json::to_string(event).expect("reports are plain data");
    line.push('\n');
    let mut out = std::io::stdout().lock();
    if out.write_all(line.as_bytes()).and_then(|()| out.flush()).is_err() {
        std::process::exit(1);
    }
}

fn check(path: &Path, settings: &Settings) -> Result<Report, Error> {
    let mut saved = Notebook::read(path)?;
    saved.skip(&settings.skip_tags);
    enter_directory_of(path)?;
    let mut evaluator = evaluator::start()?;
    let stop: Arc<dyn Fn() + Send + Sync> = evaluator.interrupter().into();
    let by_user = stop.clone();
    interrupt_on_ctrl_c(Box::new(move || by_user()))?;
    let mut progress = Progress { limit: TimeLimit::start(settings.timeout(), stop), begun: Vec::new(), error: None };
    let mut new = saved.clone();
    let ended = execute(&mut new, evaluator.as_mut(), false, &mut progress);
    let mut report = Report::default();
    let ran = progress.begun.len();
    progress.begun.push(Instant::now());
    for (at, cell) in saved.code_cells().into_iter().enumerate() {
        let outcome = match &progress.error {
            _ if at >= ran => Outcome::NotRun,
            Some(error) if at + 1 == ran && ended.is_err() => progress.limit.judge(error),
            _ => compared(path, &saved, &new, &cell, at + 1, settings)?,
        };
        let seconds = if at < ran { (progress.begun[at + 1] - progress.begun[at]).as_secs_f64() } else { 0.0 };
        let line = cell.source.lines().find(|l| !l.trim().is_empty()).unwrap_or_default().to_string();
        report.cells.push(Cell { number: at + 1, line, seconds, outcome });
    }
    report.stopped = progress.error.is_some_and(|e| e.name == "KeyboardInterrupt") && !progress.limit.is_over();
    if settings.update && ended.is_ok() {
        report.updated = update(path, saved, &new, &mut report.cells)?;
    }
    Ok(report)
}

fn compared(
    path: &Path,
    saved: &Notebook,
    new: &Notebook,
    cell: &CodeCell,
    number: usize,
    settings: &Settings,
) -> Result<Outcome, Error> {
    if saved.never_run() || cell.unchecked {
        return Ok(Outcome::Same);
    }
    let tolerance = match saved.tolerance(cell.index, settings.tolerance()) {
        Ok(tolerance) => tolerance,
        Err(reason) => return Ok(Outcome::Different(reason, Vec::new())),
    };
    let found = compare::difference(saved.outputs(cell.index), new.outputs(cell.index), tolerance);
    let Some(Difference { what, mut lines, pictures }) = found else { return Ok(Outcome::Same) };
    if let (Some(pictures), Some(directory)) = (pictures, &settings.pictures) {
        lines.extend(store(&pictures, directory, path, number)?);
    }
    Ok(Outcome::Different(what, lines))
}

/// Writes the two pictures and where they differ beside each other; returns lines that name the files.
fn store(pictures: &Pictures, directory: &Path, notebook: &Path, cell: usize) -> Result<Vec<String>, Error> {
    std::fs::create_dir_all(directory).map_err(Error::file("create", directory))?;
    let stem = notebook.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let files = [
        ("-", "saved", Some(&pictures.saved)),
        ("+", "new", Some(&pictures.new)),
        (" ", "difference", pictures.difference.as_ref()),
    ];
    let mut lines = Vec::new();
    for (mark, kind, bytes) in files {
        let Some(bytes) = bytes else { continue };
        let file = directory.join(format!("{stem}-cell-{cell}-{kind}.png"));
        std::fs::write(&file, bytes).map_err(Error::file("write", &file))?;
        lines.push(format!("{mark} {}", file.display()));
    }
    Ok(lines)
}

/// Saves the new outputs of the cells that show something else, and only theirs; returns how many there are.
fn update(path: &Path, mut saved: Notebook, new: &Notebook, cells: &mut [Cell]) -> Result<usize, Error> {
    let first = saved.never_run();
    let mut updated = 0;
    for (cell, result) in saved.code_cells().iter().zip(cells) {
        let different = result.problem().is_some();
        if first || different {
            saved.set_outputs(cell.index, Some(result.number as u32), new.outputs(cell.index).to_vec());
            result.outcome = Outcome::Same;
            updated += 1;
        }
    }
    if updated > 0 {
        saved.write(path)?;
    }
    Ok(updated)
}

/// Sees when cells begin and how the run fails.
struct Progress {
    limit: TimeLimit,
    begun: Vec<Instant>,
    error: Option<CellError>,
}

impl Watch for Progress {
    fn begin(&mut self, count: u32, total: usize, _: &str) {
        self.begun.push(Instant::now());
        self.error = None;
        self.limit.restart();
        tell(&Event::Cell { number: count as usize, total });
    }

    fn show(&mut self, _: &Output) {}

    fn error(&mut self, error: &CellError) {
        self.error = Some(error.clone());
    }
}

/// Stops a cell that takes too long.
struct TimeLimit {
    limit: Duration,
    clock: Arc<(Mutex<Clock>, Condvar)>,
}

#[derive(Default)]
struct Clock {
    /// When the running cell has to be done.
    deadline: Option<Instant>,
    /// Whether it was not.
    over: bool,
}

impl TimeLimit {
    fn start(limit: Duration, stop: Arc<dyn Fn() + Send + Sync>) -> TimeLimit {
        let clock = Arc::new((Mutex::new(Clock::default()), Condvar::new()));
        let watched = clock.clone();
        std::thread::spawn(move || watch(&watched, &*stop));
        TimeLimit { limit, clock }
    }

    fn restart(&self) {
        let deadline = Instant::now().checked_add(self.limit);
        *self.clock.0.lock().unwrap_or_else(PoisonError::into_inner) = Clock { deadline, over: false };
        self.clock.1.notify_one();
    }

    fn is_over(&self) -> bool {
        self.clock.0.lock().unwrap_or_else(PoisonError::into_inner).over
    }

    /// The outcome of a cell that ended the run.
    fn judge(&self, error: &CellError) -> Outcome {
        if self.is_over() {
            let seconds = self.limit.as_secs_f64();
            return Outcome::Failed(format!("it took longer than {seconds} s; --timeout sets the limit"), Vec::new());
        }
        let traceback = without_colours(&error.traceback.join("\n"));
        let message = error.value.lines().next().unwrap_or_default();
        Outcome::Failed(format!("{}: {message}", error.name), traceback.lines().map(String::from).collect())
    }
}

fn watch((clock, changed): &(Mutex<Clock>, Condvar), stop: &dyn Fn()) -> ! {
    let mut now = clock.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let left = now.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        now = match left {
            None => changed.wait(now).unwrap_or_else(PoisonError::into_inner),
            Some(Duration::ZERO) => {
                *now = Clock { deadline: None, over: true };
                stop();
                now
            }
            Some(left) => changed.wait_timeout(now, left).unwrap_or_else(PoisonError::into_inner).0,
        };
    }
}
