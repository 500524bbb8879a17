//! `flowbook test` on notebooks that are broken on purpose: what it finds, where it points, what it writes.

use std::fs;
use std::path::Path;

use flowbook_tests::{Scratch, notebook, succeed};
use serde_json::{Value, json};

/// A number, a picture, an error that is expected, and a cell after them.
const CELLS: &[(&str, &[&str])] = &[
    ("let x = [1.0, 2.0, 4.0];\nx.iter().sum::<f64>() / 3.0", &[]),
    ("plt::plot(&x, &x, \"r\");\nplt::title(\"A line\");\nplt::show();", &[]),
    ("let none: Option<i32> = None;\nnone.expect(\"there is nothing\")", &["raises-exception"]),
    ("println!(\"first\\nsecond\\nthird\");", &[]),
];

/// A notebook of [`CELLS`] with its outputs saved.
fn saved(scratch: &Scratch) -> Value {
    scratch.file("in.ipynb", &notebook(CELLS));
    succeed(&mut scratch.flowbook(&["test", "in.ipynb", "--update"]));
    read(&scratch.join("in.ipynb"))
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Tests the notebook and returns the report; it must fail.
fn report(scratch: &Scratch, notebook: &Value, options: &[&str]) -> String {
    scratch.file("in.ipynb", &notebook.to_string());
    let output = scratch.flowbook(&["test", "in.ipynb"]).args(options).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_wrong_number_is_found_and_its_cell_named() {
    let scratch = Scratch::new();
    let mut notebook = saved(&scratch);
    notebook["cells"][0]["outputs"][0]["data"]["text/plain"] = json!(["2.4333333333333336"]);
    let report = report(&scratch, &notebook, &[]);
    let expected = "cell [1] let x = [1.0, 2.0, 4.0];\n         text/plain: line 1\n           \
                    - 2.4333333333333336\n           + 2.3333333333333335\n";
    assert!(report.contains(expected), "{report}");
    assert_eq!(report.matches("cell [").count(), 1, "{report}");
}

#[test]
fn the_cells_own_tolerance_lets_a_number_pass() {
    let scratch = Scratch::new();
    let mut notebook = saved(&scratch);
    notebook["cells"][0]["outputs"][0]["data"]["text/plain"] = json!(["2.4333333333333336"]);
    notebook["cells"][0]["metadata"]["flowbook"] = json!({"rtol": 0.1});
    scratch.file("in.ipynb", &notebook.to_string());
    succeed(&mut scratch.flowbook(&["test", "in.ipynb"]));
    notebook["cells"][0]["metadata"]["flowbook"] = json!({"rtol": "wide"});
    let report = report(&scratch, &notebook, &[]);
    assert!(report.contains("the metadata `flowbook.rtol` is \"wide\""), "{report}");
}

#[test]
fn another_picture_is_found_and_both_are_stored() {
    let scratch = Scratch::new();
    let notebook = saved(&scratch);
    let mut changed = notebook.clone();
    changed["cells"][1]["source"] = json!(["plt::plot(&x, &x, \"b\");\nplt::title(\"A line\");\nplt::show();"]);
    let report = report(&scratch, &changed, &["--pictures", "pictures"]);
    assert!(report.contains("cell [2]") && report.contains("image/png: the picture differs around"), "{report}");
    for kind in ["saved", "new", "difference"] {
        let picture = fs::read(scratch.join(format!("pictures/in-cell-2-{kind}.png"))).unwrap();
        assert!(picture.starts_with(b"\x89PNG"), "{kind}");
    }
}

#[test]
fn an_error_that_does_not_come_is_found() {
    let scratch = Scratch::new();
    let mut notebook = saved(&scratch);
    notebook["cells"][2]["source"] = json!(["let none: Option<i32> = None;"]);
    let report = report(&scratch, &notebook, &[]);
    assert!(
        report.contains("cell [3]") && report.contains("the error did not come: Panic: there is nothing"),
        "{report}"
    );
}

#[test]
fn an_error_nobody_expects_ends_the_notebook_with_its_traceback() {
    let scratch = Scratch::new();
    let mut notebook = saved(&scratch);
    notebook["cells"][0]["source"] = json!(["let x = [1.0, 2.0, 4.0];\nmissing"]);
    let report = report(&scratch, &notebook, &[]);
    assert!(report.contains("it failed: CompileError: cannot find value `missing`"), "{report}");
    assert!(report.contains("cell [1]:2:1") && report.contains("3 further cells were not run"), "{report}");
}

#[test]
fn an_update_saves_what_differs_and_nothing_else() {
    let scratch = Scratch::new();
    let before = saved(&scratch);
    let mut notebook = before.clone();
    notebook["cells"][3]["outputs"][0]["text"] = json!(["first\n", "2nd\n", "third\n"]);
    notebook["cells"][0]["outputs"][0]["data"]["text/plain"] = json!(["2.33333"]);
    scratch.file("in.ipynb", &notebook.to_string());
    let text = succeed(&mut scratch.flowbook(&["test", "in.ipynb", "--update"]));
    assert!(text.starts_with("ok ") && text.contains("1 cell saved anew"), "{text}");
    let after = read(&scratch.join("in.ipynb"));
    assert_eq!(after["cells"][3], before["cells"][3]);
    assert_eq!(after["cells"][0], notebook["cells"][0], "a number within the tolerance stays as it was saved");
}

#[test]
fn a_cell_that_takes_too_long_is_stopped() {
    let scratch = Scratch::new();
    scratch.file("in.ipynb", &notebook(&[("let a = 1;", &[]), ("loop { std::hint::spin_loop() }", &[]), ("a", &[])]));
    let output = scratch.flowbook(&["test", "in.ipynb", "--timeout", "8"]).output().unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("cell [2] loop") && report.contains("it took longer than 8 s"), "{report}");
    assert!(report.contains("1 further cell was not run"), "{report}");
}

#[test]
fn cells_are_left_out_by_tag() {
    let scratch = Scratch::new();
    scratch.file("in.ipynb", &notebook(&[("panic!(\"no network\")", &["network"]), ("1 + 1", &[])]));
    let text = succeed(&mut scratch.flowbook(&["test", "in.ipynb", "--skip-tag", "network"]));
    assert!(text.contains("(1 cell,"), "{text}");
}

#[test]
fn several_notebooks_run_at_once_and_junit_xml_holds_every_cell() {
    let scratch = Scratch::new();
    scratch.file("all/a.ipynb", &notebook(&[("std::fs::read_to_string(\"data.txt\")?", &[])]));
    scratch.file("all/data.txt", "found");
    scratch.file("all/sub/b.ipynb", &notebook(&[("1 < 2", &[]), ("panic!(\"<&>\")", &[]), ("3", &[])]));
    scratch.file("all/c.ipynb", "{");
    let output = scratch.flowbook(&["test", "all", "-j", "3", "--junit", "out.xml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("ok     all/a.ipynb") && report.contains("c.ipynb is not a notebook"), "{report}");
    let read = "import sys, xml.etree.ElementTree as t\n\
                for s in t.parse(sys.argv[1]).getroot():\n \
                print(s.get('name'), *(s.get(k) for k in ('tests', 'failures', 'errors', 'skipped')))\n \
                for c in s: print(' ', c.get('name'), [f.get('message') for f in c])";
    let seen = succeed(scratch.python(&["-c", read]).arg(scratch.join("out.xml")));
    let lines: Vec<&str> = seen.lines().collect();
    assert_eq!(lines[0], "all/a.ipynb 1 0 0 0");
    assert_eq!(lines[2], "all/c.ipynb 1 0 1 0");
    assert_eq!(
        lines[4..],
        [
            "all/sub/b.ipynb 3 1 0 1",
            "  cell [1] 1 < 2 []",
            "  cell [2] panic!(\"<&>\") ['it failed: Panic: <&>']",
            "  cell [3] 3 [None]",
        ]
    );
}

#[test]
fn a_page_holds_prose_code_and_pictures() {
    let scratch = Scratch::new();
    let mut notebook: Value = serde_json::from_str(&notebook(CELLS)).unwrap();
    let prose = json!({"cell_type": "markdown", "id": "prose", "metadata": {}, "source": ["# 제목\n", "\n", "$x^2$"]});
    notebook["cells"].as_array_mut().unwrap().insert(0, prose);
    scratch.file("in.ipynb", &notebook.to_string());
    succeed(&mut scratch.flowbook(&["run", "in.ipynb", "--to", "html"]));
    let page = fs::read_to_string(scratch.join("in.html")).unwrap();
    for part in
        ["<title>제목</title>", "<msup>", "src=\"data:image/png;base64,", "2.3333333333333335", "there is nothing"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("http"), "the page needs nothing from elsewhere");
}
