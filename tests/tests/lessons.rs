//! The lessons: they run without Python and through Jupyter, print what is saved in them, print what TensorFlow printed
//! for the same computation, and are the same in both languages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use flowbook_tests::{Scratch, succeed};
use serde_json::Value;

/// Cells whose output depends on the machine carry this tag.
const MACHINE_DEPENDENT: &str = "nbval-ignore-output";

fn notebooks() -> Vec<PathBuf> {
    lessons_in("../notebooks")
}

fn lessons_in(directory: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
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

/// How far numbers of a cell's output may be apart, relative and absolute. The fifth digit, since the processors that run
/// these tests have different vector instructions and training carries the last bit onwards; for long training runs the
/// cell's metadata say more, `"flowbook": {"rtol": 0.01}`.
fn tolerance(cell: &Value) -> (f64, f64) {
    let said = &cell["metadata"]["flowbook"];
    (said["rtol"].as_f64().unwrap_or(1e-4), said["atol"].as_f64().unwrap_or(1e-5))
}

/// Compares word by word, numbers within the tolerance.
fn same(ours: &str, saved: &str, tolerance: (f64, f64)) -> bool {
    let words = |text: &str| {
        let words = text.split(|c: char| c.is_whitespace() || "[](),".contains(c));
        // Spaces align numbers, however many digits they have.
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let (ours, saved) = (words(ours), words(saved));
    ours.len() == saved.len() && ours.iter().zip(&saved).all(|(a, b)| same_word(a, b, tolerance))
}

fn same_word(a: &str, b: &str, (relative, absolute): (f64, f64)) -> bool {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= absolute + relative * b.abs(),
        _ => a == b,
    }
}

/// A notebook as Jupyter writes it: indented by one blank, with a line break at the end.
fn notebook_text(notebook: &Value) -> String {
    let text = serde_json::to_string_pretty(notebook).unwrap();
    let halved =
        |line: &str| format!("{}{}\n", " ".repeat((line.len() - line.trim_start().len()) / 2), line.trim_start());
    text.lines().map(halved).collect()
}

fn run(scratch: &Scratch, lesson: &Path) -> Value {
    let name = lesson.file_name().unwrap();
    fs::copy(lesson, scratch.join(name)).unwrap();
    let out = scratch.join("out.ipynb");
    succeed(with_generated_digits(scratch.flowbook(&["run"]).arg(name).arg("-o").arg(&out)));
    read(&out)
}

/// The saved outputs are those of the digits that the library draws where it finds none: what every machine has.
fn with_generated_digits(command: &mut Command) -> &mut Command {
    command.env("FLOWBOOK_OFFLINE", "1").env_remove("FLOWBOOK_DATA")
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
            assert_same_output(&lesson, ours, saved);
        }
    }
}

fn assert_same_output(lesson: &Path, ours: &Value, saved: &Value) {
    let (now, then, tolerance) = (shown(ours), shown(saved), tolerance(saved));
    let equal = now.len() == then.len() && now.iter().zip(&then).all(|(a, b)| same(a, b, tolerance));
    assert!(equal, "{}: {}\nnow:   {now:#?}\nsaved: {then:#?}", lesson.display(), joined(&saved["source"]));
}

#[test]
fn jupyter_gives_the_saved_outputs() {
    for lesson in notebooks() {
        let scratch = Scratch::new();
        let saved = read(&lesson);
        let name = lesson.file_name().unwrap();
        fs::copy(&lesson, scratch.join(name)).unwrap();
        let convert = ["-m", "nbconvert", "--execute", "--to", "notebook", "--output", "jupyter.ipynb"];
        let timeout = "--ExecutePreprocessor.timeout=300";
        let kernel = "--ExecutePreprocessor.kernel_name=flowbook";
        succeed(with_generated_digits(scratch.python(&convert).args([timeout, kernel]).arg(name)));
        let theirs = read(&scratch.join("jupyter.ipynb"));
        for (saved, theirs) in code_cells(&saved).into_iter().zip(code_cells(&theirs)) {
            if !is_machine_dependent(saved) {
                assert_same_output(&lesson, theirs, saved);
            }
        }
    }
}

/// A lesson has the same cells in English and in Korean; the code cells are equal, with their outputs. With
/// `FLOWBOOK_BLESS` in the environment they are copied from the English lesson to the Korean one.
#[test]
fn korean_lessons_share_cells_and_outputs_with_the_english_ones() {
    let korean = lessons_in("../notebooks/ko");
    let names = |lessons: &[PathBuf]| lessons.iter().map(|l| l.file_name().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&korean), names(&notebooks()), "a lesson is there in one language only");
    for path in korean {
        let english = path.parent().unwrap().with_file_name(path.file_name().unwrap());
        let (mut lesson, english) = (read(&path), read(&english));
        let ids = |notebook: &Value| {
            let cells = notebook["cells"].as_array().unwrap();
            cells.iter().map(|cell| (cell["id"].clone(), cell["cell_type"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(ids(&lesson), ids(&english), "{}: other cells", path.display());
        let cells = lesson["cells"].as_array_mut().unwrap();
        let mut differing = Vec::new();
        for (ours, theirs) in cells.iter_mut().zip(english["cells"].as_array().unwrap()) {
            if theirs["cell_type"] == "code" && ours != theirs {
                differing.push(theirs["id"].clone());
                ours.clone_from(theirs);
            }
        }
        if std::env::var_os("FLOWBOOK_BLESS").is_some() && !differing.is_empty() {
            fs::write(&path, notebook_text(&lesson)).unwrap();
            continue;
        }
        let advice = "run this test with FLOWBOOK_BLESS=1 in the environment";
        assert!(differing.is_empty(), "{}: cells {differing:?} are not the English ones; {advice}", path.display());
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
