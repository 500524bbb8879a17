//! What tests need from outside: NVIDIA's run-time compiler, and a way to say that something was left out.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flowbook_cuda::Compiler;

/// The wheel with the compiler that kernels are checked with where no other is named or installed.
const WHEEL: &str = "nvidia-cuda-nvrtc-cu12==12.8.93";

/// Says on the terminal, also when the test's output is captured, that something was not tested.
pub fn skipped(reason: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {reason}");
}

/// The compiler that `FLOWBOOK_NVRTC` names, one that is installed, or one from the Python package index, kept below the
/// target directory. `None`, with a visible line, where there is none.
pub fn nvrtc() -> Option<Compiler> {
    match Compiler::find(13) {
        Ok(compiler) => return Some(compiler),
        Err(reason) if std::env::var_os("FLOWBOOK_NVRTC").is_some() => panic!("{reason}"),
        Err(_) => {}
    }
    match fetched() {
        Ok(path) => Some(Compiler::open(&path).unwrap_or_else(|reason| panic!("{reason}"))),
        Err(reason) => {
            skipped(&format!(
                "kernels are not compiled with NVRTC: none is installed, and {WHEEL} cannot be fetched ({reason})"
            ));
            None
        }
    }
}

/// The path of the library in the wheel.
fn fetched() -> Result<PathBuf, String> {
    let test = std::env::current_exe().map_err(|e| e.to_string())?;
    let target = test.ancestors().find(|d| d.file_name().is_some_and(|n| n == "deps"));
    let target = target.and_then(|deps| deps.parent()?.parent()).ok_or("the test lies in no target directory")?;
    let home = target.join(format!("flowbook-{}", WHEEL.replace("==", "-")));
    // Several tests may come here at once; one fetches, the others wait.
    let lock = File::create(target.join("flowbook-nvrtc.lock")).map_err(|e| e.to_string())?;
    lock.lock().map_err(|e| e.to_string())?;
    let library = home.join("packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.12");
    if !home.join("complete").is_file() {
        let _ = fs::remove_dir_all(&home);
        run(Command::new("python3").args(["-m", "venv"]).arg(home.join("python")))?;
        let pip =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--target"];
        run(Command::new(home.join("python/bin/python")).args(pip).arg(home.join("packages")).arg(WHEEL))?;
        fs::write(home.join("complete"), "").map_err(|e| e.to_string())?;
    }
    if library.is_file() { Ok(library) } else { Err(format!("{} is not in it", name(&library))) }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = said.lines().last().unwrap_or("it failed without a word").to_string();
    if output.status.success() { Ok(()) } else { Err(last) }
}
