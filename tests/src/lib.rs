//! Helpers for tests that cross a process: the built `flowbook` program, a pinned Python environment, a kernel
//! registered in a directory of its own. All is found from the running test's path, so any target directory works.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

/// What the Python environment holds, with pinned versions.
const REQUIREMENTS: &str = include_str!("../requirements.txt");

/// The directory of the profile being tested, such as `target/release`.
pub fn profile_directory() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let directory = test.ancestors().find(|d| d.file_name().is_some_and(|n| n == "deps"));
    directory.and_then(Path::parent).expect("cargo puts tests into <profile>/deps").to_path_buf()
}

/// The `flowbook` program, which `cargo test --workspace` builds.
///
/// # Panics
/// When it has not been built, with the command that builds it.
pub fn flowbook() -> PathBuf {
    let program = profile_directory().join("flowbook");
    assert!(program.is_file(), "{} is missing: run `cargo test --workspace`, which builds it", program.display());
    program
}

/// The Python interpreter of an environment with the pinned requirements, made on first use and kept below the target
/// directory until the requirements change.
///
/// # Panics
/// When it cannot be made.
pub fn python() -> PathBuf {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(make_python).clone()
}

fn make_python() -> PathBuf {
    let mut hash = DefaultHasher::new();
    REQUIREMENTS.hash(&mut hash);
    let target = profile_directory().parent().expect("a profile lies in a target directory").to_path_buf();
    let environment = target.join(format!("flowbook-python-{:016x}", hash.finish()));
    let python = environment.join("bin/python");
    // Tests of several processes may come here at once; one makes it, the others wait.
    let lock = File::create(target.join("flowbook-python.lock")).expect("the target directory is writable");
    lock.lock().expect("files can be locked");
    let complete = environment.join("complete");
    if !complete.is_file() {
        let _ = fs::remove_dir_all(&environment);
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&environment));
        let list = environment.join("requirements.txt");
        fs::write(&list, REQUIREMENTS).expect("the new environment is writable");
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r"];
        succeed(Command::new(&python).args(pip).arg(&list));
        fs::write(&complete, "").expect("the new environment is writable");
    }
    python
}

/// Runs a command to its end and returns what it printed.
///
/// # Panics
/// When it fails, with everything it printed.
pub fn succeed(command: &mut Command) -> String {
    let output = output(command);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} ended with {}\n{out}\n{err}", output.status);
    out.into_owned()
}

/// Runs a command that must fail, and returns what it wrote to standard error.
///
/// # Panics
/// When it succeeds, or when it was ended by a signal.
pub fn fail(command: &mut Command) -> String {
    let output = output(command);
    assert!(output.status.code().is_some_and(|code| code != 0), "{command:?} ended with {}", output.status);
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn output(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?} does not start: {e}"))
}

/// A fresh directory that is removed when the value goes out of scope.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes the directory.
    ///
    /// # Panics
    /// When the system's temporary directory is not writable.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Scratch {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("flowbook-test-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary directory is writable");
        Scratch(path)
    }

    /// A path below the directory.
    pub fn join(&self, path: impl AsRef<Path>) -> PathBuf {
        self.0.join(path)
    }

    /// Writes a file below the directory and returns its path.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn file(&self, path: impl AsRef<Path>, content: &str) -> PathBuf {
        let path = self.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&self.0)).expect("the scratch directory is writable");
        fs::write(&path, content).expect("the scratch directory is writable");
        path
    }

    /// Writes an executable shell script.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn script(&self, path: impl AsRef<Path>, body: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.file(path, &format!("#!/bin/sh\n{body}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the scratch directory is writable");
        path
    }

    /// The `flowbook` program with all of the user's directories inside this one.
    pub fn flowbook(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(flowbook());
        command.args(arguments).current_dir(&self.0);
        self.isolate(&mut command);
        command
    }

    /// The pinned Python with the kernel registered and all of the user's directories inside this one.
    pub fn python(&self, arguments: &[&str]) -> Command {
        succeed(&mut self.flowbook(&["install"]));
        let mut command = Command::new(python());
        command.args(arguments).current_dir(&self.0);
        self.isolate(&mut command);
        command
    }

    fn isolate(&self, command: &mut Command) {
        command
            .env("XDG_DATA_HOME", self.join("data"))
            .env("XDG_CACHE_HOME", self.join("cache"))
            .env("JUPYTER_DATA_DIR", self.join("jupyter"))
            .env("JUPYTER_RUNTIME_DIR", self.join("runtime"))
            .env("JUPYTER_CONFIG_DIR", self.join("config"))
            .env("IPYTHONDIR", self.join("ipython"))
            .env_remove("JUPYTER_PATH");
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A notebook as Jupyter saves one, never run, of code cells with these sources and tags.
pub fn notebook(cells: &[(&str, &[&str])]) -> String {
    let cell = |(at, (source, tags)): (usize, &(&str, &[&str]))| {
        let metadata = if tags.is_empty() { json!({}) } else { json!({"tags": tags}) };
        let lines: Vec<&str> = source.split_inclusive('\n').collect();
        json!({
            "cell_type": "code", "execution_count": null, "id": format!("cell-{at}"), "metadata": metadata,
            "outputs": [], "source": lines,
        })
    };
    let cells: Vec<Value> = cells.iter().enumerate().map(cell).collect();
    json!({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).to_string()
}

/// A program in the background, in a process group of its own that ends with the value.
pub struct Running(Child);

impl Running {
    /// Starts the command and waits for a line on its standard error that contains `sign`; returns that line too.
    ///
    /// # Panics
    /// When it does not start, or ends before such a line.
    pub fn start(command: &mut Command, sign: &str) -> (Running, String) {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        let mut running = Running(command.spawn().unwrap_or_else(|e| panic!("{command:?} does not start: {e}")));
        let printed = running.0.stderr.take().expect("standard error is a pipe");
        let mut lines = BufReader::new(printed).lines().map_while(Result::ok);
        let mut seen = Vec::new();
        let found = lines.find(|line| {
            seen.push(line.clone());
            line.contains(sign)
        });
        // Whoever prints must not wait for us to read.
        std::thread::spawn(move || lines.for_each(drop));
        let line = found.unwrap_or_else(|| panic!("{command:?} ended without {sign:?}:\n{}", seen.join("\n")));
        (running, line)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.0.wait();
    }
}

/// Chromium, for tests that look at pages; `None`, and a line that says so, on a machine without it.
pub fn chromium(skipped: &str) -> Option<PathBuf> {
    let directories: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = names.iter().flat_map(|name| directories.iter().map(move |d| d.join(name))).find(|path| path.is_file());
    if found.is_none() {
        // Written to the stream itself, for what `eprintln!` writes in a test that passes is not shown.
        let _ = writeln!(std::io::stderr(), "SKIPPED: there is no Chromium on this machine: {skipped}");
    }
    found
}

/// A script of `tests/python`.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(name)
}
