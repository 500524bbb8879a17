//! A lesson in the JupyterLab that `flowbook lab` sets up, driven in a browser as a learner drives it.

use std::fs;
use std::path::Path;
use std::process::Command;

use flowbook_tests::{Running, Scratch, chromium, profile_directory, python, script, succeed};

/// The picture stays beside the test programs, to be looked at; JupyterLab stays below the target directory.
#[test]
fn a_lesson_runs_completes_stops_and_starts_again() {
    let Some(chromium) = chromium("no lesson is opened in JupyterLab") else { return };
    let scratch = Scratch::new();
    let lesson = Path::new(env!("CARGO_MANIFEST_DIR")).join("../notebooks/02-xor.ipynb");
    scratch.file("lessons/02-xor.ipynb", &fs::read_to_string(lesson).unwrap());
    let further = ["--ServerApp.token=t", "--LabApp.expose_app_in_browser=True", "--ip=127.0.0.1"];
    let mut lab = scratch.flowbook(&["lab", "--no-browser", "lessons", "--"]);
    lab.args(further).env("XDG_DATA_HOME", profile_directory().join("flowbook-lab"));
    let (_server, line) = Running::start(&mut lab, "http://127.0.0.1:");
    let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap();
    let url = format!("http://{address}/lab/tree/02-xor.ipynb?token=t");
    let picture = profile_directory().join("flowbook-lab.png");
    succeed(Command::new(python()).arg(script("browse_lab.py")).arg(chromium).arg(url).arg(&picture));
    assert!(fs::metadata(&picture).unwrap().len() > 10_000, "the picture is all but empty");
}
