//! The lessons: they run without Python and through Jupyter, print what is saved in them, and print what TensorFlow
//! printed for the same computation.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use flowbook_tests::{Scratch, succeed};
use serde_json::Value;

/// Cells whose output depends on the machine carry this tag.
const MACHINE_DEPENDENT: &str = "nbval-ignore-output";

fn notebooks() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../notebooks");
    let entries = fs::read_dir(directory).expect("the lessons are there").map(|entry| entry.unwrap().path());
    let mut lessons: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|e| e == "ipynb")).collect();
    lessons.sort();
    assert!(!lessons.is_empty());
    lessons
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn code_cells(notebook: &Value) -> Vec<&Value> {
    notebook["cells"].as_array().unwrap().iter().filter(|cell| cell["cell_type"] == "code").collect()
}

fn is_machine_dependent(cell: &Value) -> bool {
    cell["metadata"]["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag == MACHINE_DEPENDENT))
}

/// A multi-line string of a notebook, which may be stored as a list of lines.
fn joined(text: &Value) -> String {
    match text {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

/// What a person reads below a cell, one string for each output; a picture is only said to be there. Text of one
/// stream that came in several messages, as it does when a cell takes its time, reads as one.
fn shown(cell: &Value) -> Vec<String> {
    let outputs = cell["outputs"].as_array().unwrap();
    let is_stream =
        |output: &Value, other: &Value| output["output_type"] == "stream" && output["name"] == other["name"];
    let groups = outputs.chunk_by(|a, b| is_stream(a, b) && is_stream(b, a));
    groups.map(|group| group.iter().map(show).collect()).collect()
}

fn show(output: &Value) -> String {
    match output["output_type"].as_str() {
        Some("stream") => joined(&output["text"]),
        Some("error") => format!("{}: {}", joined(&output["ename"]), joined(&output["evalue"])),
        _ if !output["data"]["image/png"].is_null() => "<picture>".to_owned(),
        _ => joined(&output["data"]["text/plain"]),
    }
}

/// Compares word by word; numbers may differ in the fifth digit, since the processors that run these tests have
/// different vector instructions and long training runs carry the last bit onwards.
fn same(ours: &str, saved: &str) -> bool {
    let words = |text: &str| {
        text.split(|c: char| c.is_whitespace() || "[](),".contains(c)).map(str::to_owned).collect::<Vec<_>>()
    };
    let (ours, saved) = (words(ours), words(saved));
    ours.len() == saved.len() && ours.iter().zip(&saved).all(|(a, b)| same_word(a, b))
}

fn same_word(a: &str, b: &str) -> bool {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-5 + 1e-4 * b.abs(),
        _ => a == b,
    }
}

fn run(scratch: &Scratch, lesson: &Path) -> Value {
    let name = lesson.file_name().unwrap();
    fs::copy(lesson, scratch.join(name)).unwrap();
    let out = scratch.join("out.ipynb");
    succeed(scratch.flowbook(&["run"]).arg(name).arg("-o").arg(&out));
    read(&out)
}

#[test]
fn lessons_print_what_is_saved_in_them() {
    for lesson in notebooks() {
        let scratch = Scratch::new();
        let (saved, ours) = (read(&lesson), run(&scratch, &lesson));
        for (saved, ours) in code_cells(&saved).into_iter().zip(code_cells(&ours)) {
            if is_machine_dependent(saved) {
                continue;
            }
            let (now, then) = (shown(ours), shown(saved));
            let equal = now.len() == then.len() && now.iter().zip(&then).all(|(a, b)| same(a, b));
            assert!(equal, "{}: {}\nnow:   {now:#?}\nsaved: {then:#?}", lesson.display(), joined(&saved["source"]));
        }
    }
}

#[test]
fn jupyter_gives_the_same_outputs_as_flowbook_run() {
    for lesson in notebooks() {
        let scratch = Scratch::new();
        let ours = run(&scratch, &lesson);
        let name = lesson.file_name().unwrap();
        let convert = ["-m", "nbconvert", "--execute", "--to", "notebook", "--output", "jupyter.ipynb"];
        let timeout = "--ExecutePreprocessor.timeout=300";
        let kernel = "--ExecutePreprocessor.kernel_name=flowbook";
        succeed(scratch.python(&convert).args([timeout, kernel]).arg(name));
        let theirs = read(&scratch.join("jupyter.ipynb"));
        for (ours, theirs) in code_cells(&ours).into_iter().zip(code_cells(&theirs)) {
            assert_eq!(shown(ours), shown(theirs), "{}: {}", lesson.display(), joined(&ours["source"]));
        }
    }
}

/// The fixture holds what TensorFlow printed for a computation, and the id of the cell that does the same one.
#[test]
fn lessons_print_what_tensorflow_prints() {
    let fixture = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tensorflow_outputs.json"));
    let cases = fixture["cases"].as_array().unwrap();
    let lessons: Vec<(PathBuf, Value)> = notebooks().into_iter().map(|path| (path.clone(), read(&path))).collect();
    for case in cases {
        let (lesson, id) = (case["lesson"].as_str().unwrap(), &case["cell"]);
        let (_, notebook) = lessons.iter().find(|(path, _)| path.ends_with(lesson)).expect(lesson);
        let cell = code_cells(notebook).into_iter().find(|cell| cell["id"] == *id);
        let cell = cell.unwrap_or_else(|| panic!("{lesson} has no cell {id}"));
        let shown = shown(cell).concat();
        for expected in case["prints"].as_array().unwrap() {
            let expected = expected.as_str().unwrap();
            assert!(shown.contains(expected), "{lesson}, cell {id}\nTensorFlow: {expected}\nours: {shown}");
        }
    }
    assert!(cases.len() >= 30, "the fixture is incomplete");
}

/// A teacher's machine may have no Python at all.
#[test]
fn lessons_run_without_python() {
    let scratch = Scratch::new();
    let lesson = &notebooks()[0];
    let name = lesson.file_name().unwrap();
    fs::copy(lesson, scratch.join(name)).unwrap();
    let linker = Command::new("sh").args(["-c", "command -v ld"]).output().unwrap();
    let linker = PathBuf::from(String::from_utf8_lossy(&linker.stdout).trim());
    fs::create_dir(scratch.join("bin")).unwrap();
    std::os::unix::fs::symlink(linker, scratch.join("bin/ld")).unwrap();
    succeed(scratch.flowbook(&["run"]).arg(name).env("PATH", scratch.join("bin")));
}
