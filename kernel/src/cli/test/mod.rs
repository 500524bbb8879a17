//! `flowbook test`: runs notebooks, several at once, and compares what their cells show with what was saved.
//! Each notebook runs in a process of its own (`check`); here they are started, watched and summed up.

mod check;
mod junit;
mod report;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Args;

use super::execute::interrupt_on_ctrl_c;
use super::progress::Progress;
use crate::Error;
use crate::notebook::compare::Tolerance;
use report::{Event, Report};

#[derive(Args)]
pub(super) struct Arguments {
    /// Notebooks, and directories that hold some
    #[arg(required = true, value_name = "NB.ipynb|DIR")]
    paths: Vec<PathBuf>,
    /// How many notebooks run at once [default: one for each processor]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Write the results to this file as JUnit XML
    #[arg(long, value_name = "FILE.xml")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    /// Run one notebook and report to the process that asked
    #[arg(long, hide = true)]
    worker: bool,
}

/// How a notebook is run and compared.
#[derive(Args, Clone, Debug)]
struct Settings {
    /// Save the new outputs of cells that show something else
    #[arg(long)]
    update: bool,
    /// How far a number may be from the saved one, relative to it
    #[arg(long, default_value_t = Tolerance::default().relative, value_name = "R")]
    rtol: f64,
    /// How far a number near zero may be from the saved one
    #[arg(long, default_value_t = Tolerance::default().absolute, value_name = "A")]
    atol: f64,
    /// How long a cell may take, in seconds
    #[arg(long, default_value_t = 600.0, value_name = "SECONDS")]
    timeout: f64,
    /// Do not run cells with this tag (may be given several times)
    #[arg(long = "skip-tag", value_name = "TAG")]
    skip_tags: Vec<String>,
    /// Write pictures that differ into this directory: as saved, as they are now, and the difference
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
}

impl Settings {
    fn tolerance(&self) -> Tolerance {
        Tolerance { relative: self.rtol, absolute: self.atol, ..Tolerance::default() }
    }

    /// The limit for a cell; numbers that are no time mean the longest.
    fn timeout(&self) -> Duration {
        Duration::try_from_secs_f64(self.timeout).unwrap_or(Duration::MAX)
    }

    /// The same settings as arguments, for another process.
    fn arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::new();
        for (name, value) in [("--rtol", self.rtol), ("--atol", self.atol), ("--timeout", self.timeout)] {
            arguments.push(format!("{name}={value:e}").into());
        }
        arguments.extend(self.skip_tags.iter().map(|tag| format!("--skip-tag={tag}").into()));
        arguments.extend(self.pictures.iter().flat_map(|directory| ["--pictures".into(), directory.into()]));
        arguments.extend(self.update.then(|| "--update".into()));
        arguments
    }
}

/// Prints a line for each notebook, and under it each cell that differs.
pub(super) fn test(arguments: &Arguments) -> Result<(), Error> {
    let mut settings = arguments.settings.clone();
    if arguments.worker {
        arguments.paths.iter().for_each(|path| check::report(path, &settings));
        return Ok(());
    }
    let absolute = |path: &PathBuf| std::path::absolute(path).map_err(Error::file("resolve", path));
    settings.pictures = settings.pictures.as_ref().map(absolute).transpose()?;
    let notebooks = notebooks(&arguments.paths)?;
    let jobs = arguments.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let reports = run_all(&notebooks, &settings, jobs)?;
    if let Some(file) = &arguments.junit {
        std::fs::write(file, junit::xml(&reports)).map_err(Error::file("write", file))?;
    }
    let failed = reports.iter().filter(|(_, report)| !report.passed()).count();
    if failed > 0 || reports.len() < notebooks.len() {
        return Err(Error::Tests { failed, total: notebooks.len() });
    }
    Ok(())
}

/// Runs the notebooks, `jobs` at a time, and prints each result when it is there; returns them in the order of names.
fn run_all(notebooks: &[PathBuf], settings: &Settings, jobs: usize) -> Result<Vec<(String, Report)>, Error> {
    let running = Arc::new(Running::default());
    let to_stop = running.clone();
    interrupt_on_ctrl_c(Box::new(move || to_stop.stop()))?;
    let queue: Mutex<VecDeque<&PathBuf>> = Mutex::new(notebooks.iter().collect());
    let progress = Progress::new(notebooks.len());
    let results = Mutex::new(Vec::new());
    let work = || {
        while !running.is_stopped() {
            let Some(path) = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front() else { return };
            let name = short(path);
            let report = run_one(path, settings, &running, |number, total| progress.cell(&name, number, total))
                .unwrap_or_else(|e| Report { broken: Some(e.to_string()), ..Report::default() });
            progress.done(&name, &report.text(&name, progress.colour()));
            results.lock().unwrap_or_else(PoisonError::into_inner).push((name, report));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(notebooks.len()) {
            scope.spawn(work);
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(results)
}

/// Has a process of its own run the notebook; `begun` hears of each cell.
fn run_one(path: &Path, settings: &Settings, running: &Running, begun: impl Fn(usize, usize)) -> Result<Report, Error> {
    let mut command = Command::new(super::program());
    command.args(["test", "--worker"]).args(settings.arguments()).arg("--").arg(path);
    // In a group of its own, Ctrl-C reaches it only through us, once.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
    // What a notebook shows must not depend on whether a data set can be fetched today.
    command.env("FLOWBOOK_OFFLINE", "1");
    let mut child = command.spawn()?;
    running.add(child.id());
    let mut report = None;
    if let Some(events) = child.stdout.take() {
        for line in BufReader::new(events).lines().map_while(Result::ok) {
            match serde_json::from_str(&line) {
                Ok(Event::Cell { number, total }) => begun(number, total),
                Ok(Event::Done(done)) => report = Some(done),
                Err(_) => {}
            }
        }
    }
    running.remove(child.id());
    let status = child.wait()?;
    Ok(report.unwrap_or_else(|| {
        let broken = Some(format!("the process that ran it ended without a result ({status})"));
        Report { broken, ..Report::default() }
    }))
}

/// The processes that run notebooks, none of which has been waited for.
#[derive(Default)]
struct Running {
    stopped: AtomicBool,
    processes: Mutex<Vec<u32>>,
}

impl Running {
    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    fn add(&self, process: u32) {
        self.processes.lock().unwrap_or_else(PoisonError::into_inner).push(process);
    }

    fn remove(&self, process: u32) {
        self.processes.lock().unwrap_or_else(PoisonError::into_inner).retain(|p| *p != process);
    }

    /// Ends the running cells and begins no further notebook.
    fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        for process in self.processes.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            // SAFETY: a signal to a child of ours that has not been waited for, so the number still means it.
            unsafe { libc::kill(*process as i32, libc::SIGINT) };
        }
    }
}

/// The path as a person would type it from here.
fn short(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// The notebooks themselves and those in the directories, in alphabetical order, as absolute paths.
fn notebooks(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for path in paths {
        let path = std::path::absolute(path).map_err(Error::file("resolve", path))?;
        if path.is_dir() {
            collect(&path, &mut found)?;
        } else if path.is_file() {
            found.push(path);
        } else {
            return Err(Error::Usage(format!("there is no notebook or directory {}", path.display())));
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
        if hidden {
            continue;
        }
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "ipynb") {
            found.push(path);
        }
    }
    Ok(())
}
