//! `flowbook run` against Jupyter: the same notebook, the same outputs, the same bytes on disk.

use std::fs;

use flowbook_tests::{Scratch, fail, notebook, script, succeed};
use serde_json::{Value, json};

fn outputs(path: &std::path::Path) -> Vec<(Value, Value)> {
    let notebook: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let cells = notebook["cells"].as_array().unwrap();
    cells.iter().map(|cell| (cell["execution_count"].clone(), cell["outputs"].clone())).collect()
}

const SHOWING: &[(&str, &[&str])] = &[
    ("let a = 40;\nprintln!(\"a is {a}\");\na + 2", &[]),
    ("print!(\"no end of line\");", &[]),
    ("println!(\"out\"); display::html(\"<b>bold\\ntext</b>\"); println!(\"한글\");", &[]),
    ("let shown = display::markdown(\"before\");\ndisplay::markdown(\"second\");", &[]),
    ("shown.update(vec![(\"text/plain\".into(), b\"after\".to_vec())]);", &[]),
    ("println!(\"gone\"); display::clear_output(true); println!(\"stays\");", &[]),
    ("panic!(\"on purpose\")", &["raises-exception"]),
    ("a", &[]),
];

#[test]
fn outputs_are_those_of_a_run_through_jupyter() {
    let scratch = Scratch::new();
    let input = scratch.file("in.ipynb", &notebook(SHOWING));
    succeed(&mut scratch.flowbook(&["run", "in.ipynb", "-o", "flowbook.ipynb"]));
    succeed(scratch.python(&[]).arg(script("execute.py")).arg(&input).arg(scratch.join("jupyter.ipynb")));
    let (ours, theirs) = (outputs(&scratch.join("flowbook.ipynb")), outputs(&scratch.join("jupyter.ipynb")));
    for ((ours, theirs), (source, _)) in ours.iter().zip(&theirs).zip(SHOWING) {
        assert_eq!(ours, theirs, "{source}");
    }
    assert_eq!(ours.len(), theirs.len());
}

#[test]
fn what_is_written_stays_the_same_when_jupyter_saves_it() {
    let scratch = Scratch::new();
    scratch.file("in.ipynb", &notebook(SHOWING));
    succeed(&mut scratch.flowbook(&["run", "in.ipynb", "-o", "out.ipynb"]));
    let (ours, theirs) = (scratch.join("out.ipynb"), scratch.join("saved.ipynb"));
    succeed(scratch.python(&[]).arg(script("rewrite.py")).arg(&ours).arg(&theirs));
    assert_eq!(fs::read_to_string(ours).unwrap(), fs::read_to_string(theirs).unwrap());
}

#[test]
fn a_failing_cell_stops_the_run_and_the_outputs_so_far_are_stored() {
    let scratch = Scratch::new();
    scratch.file("in.ipynb", &notebook(&[("println!(\"first\");", &[]), ("Err(\"no luck\")?;", &[]), ("1", &[])]));
    let message = fail(&mut scratch.flowbook(&["run", "in.ipynb", "-o", "out.ipynb"]));
    assert!(message.contains("flowbook: cell 2 failed"), "{message}");
    assert!(!message.contains('\x1b'), "colours belong on terminals only: {message:?}");
    let cells = outputs(&scratch.join("out.ipynb"));
    assert_eq!(cells[0].1[0]["text"], json!(["first\n"]));
    assert_eq!(cells[1].1[0]["output_type"], "error");
    assert_eq!(cells[2], (Value::Null, json!([])));
    let printed = succeed(&mut scratch.flowbook(&["run", "in.ipynb", "--allow-errors"]));
    assert_eq!(printed, "first\n1\n");
}

#[test]
fn saved_outputs_are_the_test() {
    let scratch = Scratch::new();
    scratch.file("a/in.ipynb", &notebook(&[("1.0 / 3.0", &[]), ("println!(\"text\");", &[])]));
    let in_a = scratch.join("a/in.ipynb");
    // A notebook that was never run only has to run.
    assert!(succeed(&mut scratch.flowbook(&["test", "a"])).starts_with("ok "));
    succeed(scratch.flowbook(&["run", "a/in.ipynb", "-o"]).arg(&in_a));
    assert!(succeed(&mut scratch.flowbook(&["test", "a/in.ipynb"])).starts_with("ok "));
    let saved = fs::read_to_string(&in_a).unwrap();
    scratch.file("a/in.ipynb", &saved.replacen("0.3333333333333333", "0.33333", 1));
    assert!(succeed(&mut scratch.flowbook(&["test", "a"])).starts_with("ok "), "within the tolerance");
    let message = fail(&mut scratch.flowbook(&["test", "a", "--rtol", "1e-9"]));
    assert!(message.starts_with("flowbook: 1 of 1 notebooks failed"), "{message}");
    scratch.file("a/in.ipynb", &saved.replacen("\"text\\n\"", "\"other\\n\"", 1));
    let report = scratch.flowbook(&["test", "a"]).output().unwrap();
    assert!(!report.status.success());
    let report = String::from_utf8(report.stdout).unwrap();
    let expected = "cell [2] println!(\"text\");\n         stdout: line 1\n           - other\n           + text\n";
    assert!(report.contains("FAILED") && report.contains(expected), "{report}");
    assert!(fail(&mut scratch.flowbook(&["test", "absent.ipynb"])).contains("absent.ipynb"));
}

#[test]
fn tags_say_which_cells_are_skipped_may_fail_or_change() {
    let scratch = Scratch::new();
    let cells: &[(&str, &[&str])] = &[
        ("std::process::abort()", &["skip-execution"]),
        ("panic!(\"expected\")", &["raises-exception"]),
        ("std::process::id()", &["nbval-ignore-output"]),
    ];
    scratch.file("in.ipynb", &notebook(cells));
    succeed(&mut scratch.flowbook(&["run", "in.ipynb", "-o", "in.ipynb"]));
    assert!(succeed(&mut scratch.flowbook(&["test", "in.ipynb"])).starts_with("ok "));
}

#[test]
fn a_notebook_runs_in_its_own_directory() {
    let scratch = Scratch::new();
    scratch.file("lessons/data.txt", "found");
    let read = "std::fs::read_to_string(\"data.txt\")?";
    scratch.file("lessons/in.ipynb", &notebook(&[(read, &[])]));
    assert_eq!(succeed(&mut scratch.flowbook(&["run", "lessons/in.ipynb"])), "\"found\"\n");
}

/// A crate with a counter, a type whose module is private, and a macro; it needs no network.
const COUNTER: &str = "
    use std::sync::atomic::{AtomicUsize, Ordering};
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    pub fn count() -> usize { COUNT.fetch_add(1, Ordering::SeqCst) }
    mod hidden { #[derive(Debug)] pub struct Deep(pub u8); }
    pub use hidden::Deep;
    #[macro_export] macro_rules! twice { ($e:expr) => { $e + $e } }
";

#[test]
fn crates_of_dep_lines_are_built_once_and_share_their_state() {
    let scratch = Scratch::new();
    scratch.file("own/Cargo.toml", "[package]\nname = \"own-crate\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    scratch.file("own/src/lib.rs", COUNTER);
    let cells: &[(&str, &[&str])] = &[
        (":dep own-crate = { path = \"own\" }\nuse own_crate::Deep;\nlet d = Deep(own_crate::count() as u8);", &[]),
        ("own_crate::count()", &[]),
        ("(&d, own_crate::twice!(4))", &[]),
        ("std::process::abort()", &["raises-exception"]),
        ("own_crate::count()", &[]),
        (":dep nothing-here = { path = \"nowhere\" }", &["raises-exception"]),
        (":vars", &[]),
    ];
    scratch.file("in.ipynb", &notebook(cells));
    succeed(&mut scratch.flowbook(&["run", "in.ipynb", "-o", "out.ipynb"]));
    let shown = outputs(&scratch.join("out.ipynb"));
    let text = |cell: usize| shown[cell].1[0]["data"]["text/plain"][0].clone();
    assert!(shown[0].1.to_string().contains("Compiling own-crate"), "{}", shown[0].1);
    assert_eq!([text(1), text(2), text(4)], [json!("1"), json!("(Deep(0), 8)"), json!("2")]);
    assert_eq!(shown[5].1[1]["ename"], "DependencyError", "{}", shown[5].1);
    assert_eq!(shown[6].1[0]["text"], json!(["d: own_crate::Deep\n"]));
    // The second time nothing is built.
    succeed(&mut scratch.flowbook(&["run", "in.ipynb", "-o", "out.ipynb"]));
    assert!(!outputs(&scratch.join("out.ipynb"))[0].1.to_string().contains("Compiling"));
}

#[test]
fn answers_come_from_standard_input() {
    let scratch = Scratch::new();
    let read = "let mut rest = String::new(); std::io::Read::read_to_string(&mut std::io::stdin(), &mut rest)?;";
    let cells = [("let name = input(\"name? \");", &[][..]), (read, &[]), ("(name, rest)", &[])];
    scratch.file("in.ipynb", &notebook(&cells));
    let answers = scratch.file("answers", "홍길동\none\ntwo\n");
    let run = scratch.flowbook(&["run", "in.ipynb"]).stdin(fs::File::open(answers).unwrap()).output().unwrap();
    assert!(run.status.success(), "{run:?}");
    let printed = String::from_utf8(run.stdout).unwrap();
    assert!(printed.ends_with("(\"홍길동\", \"one\\ntwo\\n\")\n"), "{printed}");
    let message = fail(&mut scratch.flowbook(&["run", "in.ipynb"]));
    assert!(message.contains("StdinNotImplementedError"), "{message}");
}
