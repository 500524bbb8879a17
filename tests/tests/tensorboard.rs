//! Event files under TensorBoard itself: its reader, its graph page in a browser, and the commands that start it.

use std::fs;
use std::path::Path;
use std::process::Command;

use flowbook_tests::{Running, Scratch, chromium, fail, notebook, profile_directory, python, script, succeed};
use serde_json::{Value, json};

/// Writes a notebook of these cells; one that aborts is meant to.
fn write(scratch: &Scratch, cells: &[&str]) {
    let tags: fn(&str) -> &[&str] = |code| if code.contains("abort()") { &["raises-exception"] } else { &[] };
    let cells: Vec<_> = cells.iter().map(|code| (*code, tags(code))).collect();
    scratch.file("a.ipynb", &notebook(&cells));
}

/// What each cell of the notebook shows first when it is run.
fn shown(scratch: &Scratch, path: &str) -> Vec<Value> {
    succeed(scratch.flowbook(&["run", "a.ipynb", "-o", "out.ipynb"]).env("PATH", path));
    let out: Value = serde_json::from_str(&fs::read_to_string(scratch.join("out.ipynb")).unwrap()).unwrap();
    out["cells"].as_array().unwrap().iter().map(|cell| cell["outputs"][0]["data"].clone()).collect()
}

fn path() -> String {
    std::env::var("PATH").unwrap_or_default()
}

/// Runs the fixture's cells, which leave `board` and `expected` in the directory.
fn board() -> Scratch {
    let scratch = Scratch::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tensorboard_cells.rs");
    let source = fs::read_to_string(source).unwrap();
    write(&scratch, &source.split("// ----\n").collect::<Vec<_>>());
    succeed(&mut scratch.flowbook(&["run", "a.ipynb"]));
    scratch
}

#[test]
fn tensorboard_reads_back_what_a_notebook_wrote() {
    let scratch = board();
    succeed(scratch.python(&[]).arg(script("test_tensorboard.py")).arg("-v").env("BOARD", scratch.join("")));
}

/// A path that begins with the pinned environment's programs.
fn path_with_tensorboard() -> String {
    let programs = python().parent().unwrap().display().to_string();
    format!("{programs}:{}", path())
}

/// Starts TensorBoard by our own command and reads its address.
fn start(scratch: &Scratch) -> (Running, String) {
    let further = ["tensorboard", "board", "--", "--host", "localhost", "--port", "0"];
    let mut command = scratch.flowbook(&further);
    let (running, line) = Running::start(command.env("PATH", path_with_tensorboard()), " at http://");
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned();
    (running, url)
}

/// The picture stays beside the test programs, to be looked at.
#[test]
fn the_graph_page_shows_the_scopes() {
    let Some(chromium) = chromium("TensorBoard's page is not looked at") else { return };
    let scratch = board();
    let (_running, url) = start(&scratch);
    let picture = profile_directory().join("flowbook-tensorboard.png");
    let mut browse = Command::new(python());
    browse.arg(script("browse_tensorboard.py")).arg(chromium).arg(format!("{url}#graphs")).arg(&picture);
    succeed(browse.args(["input", "weight", "bias", "layer1", "y_", "cost", "train"]));
    assert!(fs::metadata(&picture).unwrap().len() > 10_000, "the picture is all but empty");
}

#[test]
fn the_way_to_tensorboard_is_shown() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.join("logs")).unwrap();
    let empty = scratch.join("empty");
    let message = fail(scratch.flowbook(&["tensorboard", "logs"]).env("PATH", &empty));
    assert_eq!(
        message,
        "flowbook: TensorBoard was not found; `flowbook tensorboard --install` sets it up for Flowbook alone, `pip \
         install tensorboard` for all of Python\n"
    );
    let message = fail(&mut scratch.flowbook(&["tensorboard", "absent"]));
    assert!(message.starts_with("flowbook: there is no directory absent; event files are written by"), "{message}");
    let message = fail(scratch.flowbook(&["tensorboard", "logs", "--install"]).env("PATH", &empty));
    assert!(message.contains("TensorBoard could not be set up: python3 was not found"), "{message}");
}

#[test]
fn tensorboard_gets_the_directory_and_further_arguments() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.join("logs")).unwrap();
    scratch.script("bin/tensorboard", "echo \"$@\"");
    let mut command = scratch.flowbook(&["tensorboard", "logs", "--", "--port", "6007"]);
    assert_eq!(succeed(command.env("PATH", scratch.join("bin"))), "--logdir logs --port 6007\n");
}

/// `:tensorboard` shows the page below the cell; the program stands for TensorBoard and says what that says.
#[test]
fn a_cell_shows_tensorboard() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.join("logs")).unwrap();
    let says = "echo 'TensorBoard 2.21.0 at http://localhost:6123/ (Press CTRL+C to quit)' >&2; exec sleep 600";
    scratch.script("bin/tensorboard", says);
    write(&scratch, &[":tensorboard logs", ":tensorboard logs"]);
    for data in shown(&scratch, &format!("{}:{}", scratch.join("bin").display(), path())) {
        assert_eq!(data["text/plain"], json!(["TensorBoard at http://localhost:6123/"]), "{data}");
        assert!(data["text/html"].to_string().contains("<iframe src=\\\"http://localhost:6123/\\\""), "{data}");
    }
}

#[test]
fn a_cell_draws_a_graph() {
    let scratch = Scratch::new();
    let build = "tf::name_scope(\"layer1\", || tf::add(2, 3));\ntf::get_default_graph()";
    write(&scratch, &[build, "tf::Session::new().graph().show();"]);
    for data in shown(&scratch, &path()) {
        let picture = data["image/svg+xml"].to_string();
        assert!(picture.contains("<svg ") && picture.contains(">layer1</text>"), "{data}");
        assert_eq!(data["text/plain"], json!(["<tf.Graph with 3 operations>"]), "{data}");
    }
}
