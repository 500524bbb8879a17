//! The evaluator: one rustc call for each cell, a child process that holds the variables, nothing compiled twice.
//! It decides what a cell needs and what stays afterwards; parsing, generating, compiling and reporting are elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

use flowbook_runtime::frame::{Command, Frame, Stored};

use super::assistant::Helper;
use super::board::Boards;
use super::cell::Cell;
use super::command::{self, Request};
use super::compiler::{Compiled, Compiler, Files, Optimise};
use super::dependencies::{self, Dependencies};
use super::diagnostic::{Diagnostic, Span};
use super::generate::{self, Plan};
use super::hints;
use super::items::Item;
use super::process::{self, Event, Process, Scope};
use super::report::{self, Executed};
use super::source::{Origin, Source};
use super::state::{Ready, State};
use super::toolchain::Toolchain;
use super::types::{self, Types};
use super::{Assistant, CellError, Evaluator, Host, Output};
use crate::Error;

/// How long a cell may take to notice an interrupt before its process is killed.
const GRACE: Duration = Duration::from_millis(200);

/// The number of what is run but is no cell.
const NO_CELL: u32 = u32::MAX;

/// The system brings the processor time of another process up to date every few milliseconds.
const CPU_RESOLUTION: Duration = Duration::from_millis(20);

/// The variable that names a directory where generated sources are kept, to be looked at.
const KEEP: &str = "FLOWBOOK_KEEP";

/// Runs cells in a child process.
pub struct Native {
    compiler: Compiler,
    /// Removed when the evaluator goes; holds all that is compiled.
    _dir: tempfile::TempDir,
    process: Option<Process>,
    dependencies: Dependencies,
    /// How long the last cell ran.
    spent: Option<Spent>,
    state: State,
    stop: Arc<Stop>,
    helper: Helper,
    boards: Boards,
}

/// The time that a cell's code took, without compiling and loading it.
#[derive(Clone, Copy)]
struct Spent {
    wall: Duration,
    cpu: Duration,
}

/// What an interrupt needs to know.
#[derive(Default)]
struct Stop {
    child: Arc<AtomicI32>,
    running: AtomicBool,
    requested: AtomicBool,
}

impl Native {
    /// Finds the toolchain and starts the child.
    ///
    /// # Errors
    /// What is missing, and how to get it.
    pub fn start(executable: &Path) -> Result<Native, Error> {
        let toolchain = Toolchain::find(executable)?;
        let files = if std::env::var_os(KEEP).is_some() { Files::Kept } else { Files::Removed };
        let dir = work_dir()
            .map_err(|e| Error::Evaluator(format!("no directory for temporary files: {e}; set TMPDIR to one")))?;
        let compiler = Compiler::new(toolchain, dir.path(), files);
        let mut native = Native {
            compiler,
            _dir: dir,
            process: None,
            dependencies: Dependencies::default(),
            spent: None,
            state: State::default(),
            stop: Arc::default(),
            helper: Helper::default(),
            boards: Boards::default(),
        };
        native.compiler.prepare();
        native.spawn()?;
        Ok(native)
    }

    /// Does what the lines above a cell's Rust ask for, and then runs that.
    fn cell_with_requests(&mut self, code: &str, count: u32, host: &mut dyn Host) -> Result<(), CellError> {
        let (requests, rest) = command::split(code);
        let mut crates = Vec::new();
        for request in &requests {
            match request {
                Request::Help => print(host, command::HELP),
                Request::Variables => {
                    let line = |(name, type_name): (&String, &String)| format!("{name}: {type_name}\n");
                    let lines: String = self.state.variables.iter().map(line).collect();
                    print(host, if lines.is_empty() { "there are no variables yet\n" } else { &lines });
                }
                Request::Dependency(line) => crates.push(dependencies::parse(line).map_err(command::misunderstood)?),
                Request::Unknown(name) => return Err(command::unknown(name)),
                Request::TensorBoard(logdir) => self.boards.show(logdir, &self.stop.child, host)?,
                Request::Time => {}
            }
        }
        if !crates.is_empty() {
            self.add_dependencies(&crates, host)?;
        }
        if rest.trim().is_empty() {
            return Ok(());
        }
        // Execution counts repeat when a front end asks that cells leave no history; ours do not.
        let number = self.state.cells.len() as u32;
        let code: Arc<str> = rest.into();
        self.state.cells.insert(number, Executed { count, code: code.clone() });
        let started = Instant::now();
        let ready = self.compile(&code, number, host)?;
        let compiled = started.elapsed();
        self.spent = None;
        let outcome = self.run(&ready, number, host);
        self.compiler.loaded(&ready.compiled);
        if requests.contains(&Request::Time)
            && let Some(Spent { wall, cpu }) = self.spent
        {
            let mut text = format!("Wall time: {wall:.2?} (compiled in {compiled:.2?})\n");
            if wall > CPU_RESOLUTION {
                text.insert_str(0, &format!("CPU time: {cpu:.2?}\n"));
            }
            print(host, &text);
        }
        outcome
    }

    /// Builds crates, has later cells compiled against them, and loads them.
    fn add_dependencies(&mut self, new: &[(String, String)], host: &mut dyn Host) -> Result<(), CellError> {
        let dependencies = self.dependencies.with(new, self.compiler.toolchain(), &self.stop.child, host)?;
        let Some(built) = &dependencies.built else { return Ok(()) };
        self.compiler.link_with(&built.crates, &built.directory);
        let ready = Ready::library(&built.library);
        self.dependencies = dependencies;
        self.run(&ready, NO_CELL, host)
    }

    fn spawn(&mut self) -> Result<(), Error> {
        let failed = |reason: String| Error::Evaluator(format!("the process for the cells did not start: {reason}"));
        let mut process =
            Process::start(self.compiler.toolchain(), self.stop.child.clone()).map_err(|e| failed(e.to_string()))?;
        let mut said = String::new();
        loop {
            match process.next().map_err(|e| failed(e.to_string()))? {
                Event::Frame(Frame::Ready) => break,
                Event::Printed(_, text) => said.push_str(&text),
                Event::Frame(_) | Event::Reads => {}
                Event::Ended(status) => return Err(failed(format!("{}: {said}", process.describe(status).1))),
            }
        }
        self.process = Some(process);
        self.load_dependencies()
    }

    /// A new process has to load the crates that the last one had.
    fn load_dependencies(&mut self) -> Result<(), Error> {
        let Some(library) = self.dependencies.built.as_ref().map(|built| built.library.clone()) else { return Ok(()) };
        let mut unheard = |_: Output| {};
        let loaded = self.run(&Ready::library(&library), NO_CELL, &mut unheard);
        loaded.map_err(|e| Error::Evaluator(format!("crates of `:dep` cannot be loaded: {}", e.value)))
    }

    /// Compiles a cell of Rust.
    fn compile(&mut self, code: &Arc<str>, number: u32, host: &mut dyn Host) -> Result<Ready, CellError> {
        let cell = match Cell::parse(code) {
            Ok(cell) => cell,
            Err(error) => return Err(self.syntax_error(code, number, &error)),
        };
        let own: Vec<Item> =
            cell.items.iter().map(|item| Item { cell: number, code: code.clone(), item: item.clone() }).collect();
        let mut items = self.state.items.clone();
        let changed = items.add(own);
        let stale = self.state.resting_on(&items, &changed);
        let mut plan = self.state.plan(code, number, &cell, &items, &stale);
        let has_loop = cell.has_loop || plan.items.iter().any(|item| item.item.has_loop);
        let optimise = if has_loop { Optimise::Yes } else { Optimise::No };
        let (source, compiled) = loop {
            let source = plan.source();
            match self.run_rustc(&source, optimise)? {
                Compiled::Ready(compiled) => break (source, compiled),
                Compiled::Interrupted => return Err(self.state.interrupted()),
                Compiled::Rejected(diagnostics) => {
                    let unkept = unkept_variables(&diagnostics, &source, &plan);
                    if unkept.is_empty() {
                        let hints = hints::hints(&diagnostics, &self.state.lost);
                        return Err(report::compile_error(&diagnostics, &source, &self.state.cells, &hints));
                    }
                    plan.drop_variables(&unkept);
                }
            }
        };
        for warning in compiled.warnings.iter().filter(|w| w.level == "warning" && w.code.is_some()) {
            let text = report::render(warning, &source, &self.state.cells);
            host.show(Output::Stream(super::Stream::Stderr, text + "\n"));
        }
        let question = types::question(&source, &plan);
        let statics = plan.defines_statics_of();
        let moved = plan.moved;
        let scope = if statics.is_empty() { Scope::Own } else { Scope::Global };
        self.state.items = items;
        self.state.sources.insert(compiled.file.clone(), source.without_text());
        Ok(Ready { compiled, stale, moved, defines: cell.defines, question, entry: generate::ENTRY, scope, statics })
    }

    fn run_rustc(&mut self, source: &Source, optimise: Optimise) -> Result<Compiled, CellError> {
        self.compiler.compile(source, optimise).map_err(|e| internal(e.to_string()))
    }

    fn syntax_error(&mut self, code: &str, number: u32, error: &syn::Error) -> CellError {
        let source = generate::unparsed(number, code);
        if let Ok(Compiled::Rejected(diagnostics)) = self.run_rustc(&source, Optimise::No) {
            let in_cell = |span| report::place(span, &source, &self.state.cells).is_some();
            if diagnostics.iter().flat_map(|d| &d.spans).any(in_cell) {
                return report::compile_error(&diagnostics, &source, &self.state.cells, &[]);
            }
        }
        let line = error.span().start().line as u32;
        report::runtime_error("CompileError", &error.to_string(), Some((number, line)), &self.state.cells)
    }

    /// Loads the compiled cell into the child and passes on what it shows.
    fn run(&mut self, ready: &Ready, number: u32, host: &mut dyn Host) -> Result<(), CellError> {
        if self.process.as_ref().is_some_and(Process::has_ended) && !self.recover() {
            self.process = None;
        }
        if self.process.is_none() {
            self.spawn().map_err(|e| internal(e.to_string()))?;
        }
        let Some(process) = &mut self.process else { return Ok(()) };
        let library = ready.compiled.object.to_string_lossy().into_owned();
        let sent = process
            .send(&ready.forget_stale())
            .and_then(|()| process.run(&library, ready.entry, ready.scope, host.can_answer()));
        sent.and_then(|()| self.pump(ready, number, host)).unwrap_or_else(|e| {
            self.process = None;
            Err(self.state.all_lost(ready, "ProcessLost", &e.to_string()))
        })
    }

    /// After the process has ended: puts its spare copy in its place, if there is one.
    fn recover(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.wake().unwrap_or(false))
    }

    /// The error of a cell whose process ended under it.
    fn died(&mut self, status: ExitStatus, ready: &Ready) -> CellError {
        let how = self.process.as_ref().map(|process| process.describe(status));
        let (mut class, mut how) = how.unwrap_or(("ProcessLost", String::new()));
        if self.stop.was_requested() {
            class = "KeyboardInterrupt";
            how = "the cell did not stop by itself".into();
        }
        if !self.recover() {
            self.process = None;
            return self.state.all_lost(ready, class, &how);
        }
        self.state.variables.retain(|name, _| !ready.stale.contains(name));
        if let Some(process) = &mut self.process {
            // Should this fail, the process has ended again, which the next cell finds out.
            let _ = process.send(&ready.forget_stale());
        }
        let text = format!("{how}; the process was ended, all variables are as they were before this cell");
        report::runtime_error(class, &text, None, &self.state.cells)
    }

    fn pump(&mut self, ready: &Ready, number: u32, host: &mut dyn Host) -> io::Result<Result<(), CellError>> {
        let Some(process) = &mut self.process else { return Ok(Ok(())) };
        let (started, cpu) = (Instant::now(), process.cpu_time());
        let mut outcome = Ok(());
        let mut stored = Vec::new();
        loop {
            let frame = match process.next()? {
                Event::Printed(stream, text) => {
                    host.show(Output::Stream(stream, text));
                    continue;
                }
                Event::Reads => {
                    process.answer_read(host.input("", false))?;
                    continue;
                }
                Event::Frame(Frame::Input { prompt, password }) => {
                    process.answer(host.input(&prompt, password))?;
                    continue;
                }
                Event::Frame(frame) => frame,
                Event::Ended(status) => {
                    return Ok(Err(self.died(status, ready)));
                }
            };
            match process::output(frame) {
                Ok(output) => host.show(output),
                Err(Frame::Error { name, value, file, line, .. }) => {
                    let at = self.state.sources.get(&file).map(|source| source.origin(line));
                    let at = match at {
                        Some(Origin::Cell { cell, line }) => Some((cell, line)),
                        _ => None,
                    };
                    outcome = outcome.and(Err(report::runtime_error(&name, &value, at, &self.state.cells)));
                }
                Err(Frame::Variables { stock }) => {
                    let cpu = process.cpu_time().saturating_sub(cpu);
                    self.spent = Some(Spent { wall: started.elapsed(), cpu });
                    stored = stock;
                }
                Err(Frame::Done) => break,
                Err(_) => {}
            }
        }
        let written = self.written_types(&stored, ready);
        let unnameable = self.state.settle(ready, &stored, &written, number);
        if let Some(process) = &mut self.process
            && !unnameable.is_empty()
        {
            process.send(&Command::Forget { names: unnameable })?;
        }
        Ok(outcome)
    }

    /// The types of the variables that a cell kept, as later cells write them, by the number of the line that kept
    /// them. A type with a part never seen before costs another compilation, in which rustc is asked.
    fn written_types(&mut self, stored: &[Stored], ready: &Ready) -> BTreeMap<u32, String> {
        let kept = || stored.iter().filter_map(|stored| stored.kept.as_ref());
        let known = |types: &Types| -> Option<BTreeMap<u32, String>> {
            kept().map(|(mark, type_name)| Some((*mark, types.written(type_name)?))).collect()
        };
        if let Some(written) = known(&self.state.types) {
            return written;
        }
        let Ok(Compiled::Ready(compiled)) = self.run_rustc(&ready.question, Optimise::No) else {
            return BTreeMap::new();
        };
        let answers = types::answers(&compiled.warnings, &ready.question);
        for (mark, type_name) in kept() {
            if let Some(answer) = answers.get(mark) {
                self.state.types.learn(type_name, answer);
            }
        }
        answers
    }
}

impl Evaluator for Native {
    fn execute(&mut self, code: &str, count: u32, host: &mut dyn Host) -> Result<(), CellError> {
        if code.trim().is_empty() {
            return Ok(());
        }
        self.stop.requested.store(false, Ordering::SeqCst);
        self.stop.running.store(true, Ordering::SeqCst);
        let outcome = match command::shell_command(code) {
            Some(line) => command::shell(line, &self.stop.child, host),
            None => self.cell_with_requests(code, count, host),
        };
        self.stop.running.store(false, Ordering::SeqCst);
        self.compiler.prepare();
        self.helper.update(self.state.known());
        match outcome {
            Err(error) if self.stop.was_requested() && error.name != "KeyboardInterrupt" => {
                Err(self.state.interrupted())
            }
            other => other,
        }
    }

    fn interrupter(&self) -> Box<dyn Fn() + Send + Sync> {
        let stop_compiler = self.compiler.interrupter();
        let stop = self.stop.clone();
        Box::new(move || {
            if !stop.running.load(Ordering::SeqCst) {
                return;
            }
            stop.requested.store(true, Ordering::SeqCst);
            stop_compiler();
            signal(&stop, libc::SIGINT);
            let stop = stop.clone();
            std::thread::spawn(move || {
                std::thread::sleep(GRACE);
                if stop.running.load(Ordering::SeqCst) && stop.was_requested() {
                    signal(&stop, libc::SIGKILL);
                }
            });
        })
    }

    fn assistant(&self) -> Arc<dyn Assistant> {
        Arc::new(self.helper.clone())
    }
}

impl Stop {
    fn was_requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }
}

/// Where the generated sources go.
fn work_dir() -> io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("flowbook-");
    match std::env::var_os(KEEP) {
        Some(dir) => builder.disable_cleanup(true).tempdir_in(dir),
        None => builder.tempdir(),
    }
}

/// Sends a signal to the child and whatever it has started.
fn signal(stop: &Stop, signal: i32) {
    let pid = stop.child.load(Ordering::SeqCst);
    if pid > 0 {
        // SAFETY: the child leads a process group of its own and has not been waited for while `pid` is set.
        unsafe { libc::kill(-pid, signal) };
    }
}

impl Plan<'_> {
    /// Gives up keeping these variables.
    fn drop_variables(&mut self, names: &BTreeSet<String>) {
        self.keeps.retain(|name| !names.contains(name));
        self.moved.extend(names.iter().filter(|name| self.takes.contains_key(*name)).cloned());
    }
}

/// The variables that rustc refuses to keep: moved away, or holding a borrow. Only errors that touch a keep line count.
fn unkept_variables(diagnostics: &[Diagnostic], source: &Source, plan: &Plan) -> BTreeSet<String> {
    let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.is_error()).collect();
    let kept_at = |diagnostic: &&Diagnostic| {
        let tracked = |span: &Span| match source.origin(span.line_start) {
            Origin::Keep(index) if span.file_name.starts_with("cell_") => plan.tracked(index).map(str::to_owned),
            _ => None,
        };
        let mut names: Vec<String> = diagnostic.all_spans().filter_map(tracked).collect();
        // A borrow touches two: the new variable that holds it goes, the one it borrows stays.
        names.sort_by_key(|name| !plan.keeps.contains(name));
        names.into_iter().next()
    };
    let unkept: BTreeSet<String> = errors.iter().filter_map(kept_at).collect();
    // With any other error left, compiling again would only say the same once more.
    if errors.iter().all(|d| kept_at(d).is_some()) { unkept } else { BTreeSet::new() }
}

fn print(host: &mut dyn Host, text: &str) {
    host.show(Output::Stream(super::Stream::Stdout, text.to_owned()));
}

fn internal(message: String) -> CellError {
    CellError { name: "KernelError".into(), traceback: vec![message.clone()], value: message }
}
