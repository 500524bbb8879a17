//! The command line's answers to bad input, and the kernelspec's round trip, with the real program.

use std::fs;
use std::net::TcpListener;

use flowbook_tests::{Scratch, fail, flowbook, succeed};
use serde_json::{Value, json};

/// Asserts that a failure is told in one line that names the way out.
#[track_caller]
fn assert_one_line(message: &str, parts: &[&str]) {
    assert_eq!(message.trim_end().lines().count(), 1, "{message}");
    assert!(message.starts_with("flowbook: "), "{message}");
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in {message}");
    }
}

fn connection_file(shell_port: u16) -> String {
    // Port 0 lets the system choose.
    json!({
        "shell_port": shell_port, "iopub_port": 0, "stdin_port": 0, "control_port": 0, "hb_port": 0,
        "ip": "127.0.0.1", "key": "k", "transport": "tcp", "signature_scheme": "hmac-sha256",
    })
    .to_string()
}

#[test]
fn a_damaged_connection_file_is_named() {
    let scratch = Scratch::new();
    let whole = connection_file(0);
    for damaged in ["", &whole[..whole.len() / 2], "{}"] {
        scratch.file("connection.json", damaged);
        let message = fail(&mut scratch.flowbook(&["kernel", "connection.json"]));
        assert_one_line(&message, &["connection.json", "damaged or truncated", "flowbook lab"]);
    }
    let message = fail(&mut scratch.flowbook(&["kernel", "absent.json"]));
    assert_one_line(&message, &["absent.json", "No such file"]);
}

#[test]
fn a_port_in_use_is_named() {
    let scratch = Scratch::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    scratch.file("connection.json", &connection_file(port));
    let message = fail(&mut scratch.flowbook(&["kernel", "connection.json"]));
    assert_one_line(&message, &[&port.to_string(), "shell", "already in use"]);
}

#[test]
fn what_is_no_notebook_is_refused() {
    let scratch = Scratch::new();
    for (content, reason) in [("not json", "not JSON"), ("[1]", "nbformat"), (r#"{"nbformat": 3}"#, "format 3")] {
        scratch.file("a.ipynb", content);
        assert_one_line(&fail(&mut scratch.flowbook(&["run", "a.ipynb"])), &["a.ipynb", reason]);
    }
    assert_one_line(&fail(&mut scratch.flowbook(&["run", "absent.ipynb"])), &["absent.ipynb", "No such file"]);
}

#[test]
fn outputs_go_to_notebooks_in_existing_directories_only() {
    let scratch = Scratch::new();
    scratch.file("a.ipynb", r#"{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"#);
    let message = fail(&mut scratch.flowbook(&["run", "a.ipynb", "-o", "a.pdf"]));
    assert_one_line(&message, &["a.pdf", "OUT.ipynb"]);
    let message = fail(&mut scratch.flowbook(&["run", "a.ipynb", "-o", "absent/a.ipynb"]));
    assert_one_line(&message, &["absent", "create it first"]);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let scratch = Scratch::new();
    // A file where a directory is needed stops root as well, which permissions would not.
    scratch.file("occupied", "");
    let message = fail(&mut scratch.flowbook(&["install", "--prefix", "occupied"]));
    assert_one_line(&message, &["cannot write the kernelspec", "occupied", "--prefix"]);
    let message = fail(scratch.flowbook(&["install"]).env("JUPYTER_DATA_DIR", scratch.join("occupied")));
    assert_one_line(&message, &["cannot write the kernelspec", "--user"]);
}

#[test]
fn the_kernelspec_comes_and_goes() {
    let scratch = Scratch::new();
    let directory = scratch.join("jupyter/kernels/flowbook");
    for _ in 0..2 {
        succeed(&mut scratch.flowbook(&["install", "--user"]));
    }
    let spec: Value = serde_json::from_str(&fs::read_to_string(directory.join("kernel.json")).unwrap()).unwrap();
    assert_eq!(spec["argv"], json!([flowbook(), "kernel", "{connection_file}"]));
    assert_eq!(spec["display_name"], "Rust (Flowbook)");
    assert_eq!(spec["language"], "rust");
    assert_eq!(spec["interrupt_mode"], "message");
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "temporary files were left behind");
    succeed(&mut scratch.flowbook(&["uninstall"]));
    assert!(!directory.exists());
    assert_one_line(&fail(&mut scratch.flowbook(&["uninstall"])), &["no kernel is installed"]);
}

#[test]
fn without_a_toolchain_the_way_to_one_is_shown() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.join("notebooks")).unwrap();
    scratch.file("a.ipynb", r#"{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"#);
    for arguments in [&["lab"][..], &["run", "a.ipynb"]] {
        let message = fail(scratch.flowbook(arguments).env("FLOWBOOK_SYSROOT", scratch.join("empty")));
        assert_one_line(&message, &["no Rust toolchain", "rustup.rs", "flowbook doctor"]);
    }
    let report = scratch.flowbook(&["doctor"]).env("FLOWBOOK_SYSROOT", scratch.join("empty")).output().unwrap();
    assert!(!report.status.success());
    let text = String::from_utf8(report.stdout).unwrap();
    let rustc = text.lines().find(|line| line.starts_with("rustc")).unwrap();
    assert!(rustc.contains("missing: ") && rustc.contains("rustup.rs"), "{text}");
}

#[test]
fn the_doctor_finds_nothing_missing_where_cells_run() {
    let scratch = Scratch::new();
    let report = succeed(&mut scratch.flowbook(&["doctor"]));
    assert!(report.lines().any(|line| line.starts_with("rustc") && line.contains("ok: rustc 1.")), "{report}");
    assert!(report.lines().any(|line| line.starts_with("library") && line.contains("ok: ")), "{report}");
    assert!(!report.contains("missing: "), "{report}");
}

#[test]
fn the_doctor_sees_whether_the_kernelspec_still_works() {
    let scratch = Scratch::new();
    let line = || {
        let report = succeed(&mut scratch.flowbook(&["doctor"]));
        report.lines().find(|line| line.starts_with("kernelspec")).unwrap().to_string()
    };
    assert!(line().contains("not there: `flowbook install`"), "{}", line());
    succeed(&mut scratch.flowbook(&["install"]));
    assert!(line().contains("ok: "), "{}", line());
    scratch.file("jupyter/kernels/flowbook/kernel.json", r#"{"argv": ["/gone/flowbook"]}"#);
    assert!(line().contains("/gone/flowbook, which is gone"), "{}", line());
}

/// A path with a linker and the given programs, and nothing else.
fn path_with(scratch: &Scratch, programs: &[(&str, &str)]) -> String {
    scratch.script("bin/ld", "exit 0");
    for (name, body) in programs {
        scratch.script(format!("bin/{name}"), body);
    }
    scratch.join("bin").to_string_lossy().into_owned()
}

#[test]
fn lab_starts_the_jupyterlab_it_finds_with_the_kernel_as_default() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.join("notebooks")).unwrap();
    let path = path_with(&scratch, &[("jupyter-lab", "echo \"$@\"")]);
    let started = succeed(scratch.flowbook(&["lab", "--no-browser", "--", "--port", "9000"]).env("PATH", &path));
    for argument in ["default_kernel_name=flowbook --no-browser ", " --port 9000 "] {
        assert!(started.contains(argument), "{started}");
    }
    assert!(started.trim_end().ends_with("/notebooks"), "{started}");
    assert!(scratch.join("jupyter/kernels/flowbook/kernel.json").is_file());
    let message = fail(scratch.flowbook(&["lab", "absent"]).env("PATH", &path));
    assert_one_line(&message, &["no directory absent"]);
}

#[test]
fn a_failed_setup_of_jupyterlab_leaves_nothing_behind() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.join("notebooks")).unwrap();
    let lab = |path: &str| fail(scratch.flowbook(&["lab"]).env("PATH", path));
    let without_python = lab(&path_with(&scratch, &[]));
    assert!(without_python.contains("python3 was not found"), "{without_python}");
    let without_venv = lab(&path_with(&scratch, &[("python3", "exit 1")]));
    assert!(without_venv.contains("apt install python3-venv"), "{without_venv}");
    // A Python whose environments have a pip that always fails, as without a network.
    let fake = "/bin/mkdir -p \"$3/bin\" && printf '#!/bin/sh\\nexit 1\\n' > \"$3/bin/python\"\n\
                /bin/chmod +x \"$3/bin/python\"";
    let without_network = lab(&path_with(&scratch, &[("python3", fake)]));
    assert!(without_network.contains("check the network connection"), "{without_network}");
    assert!(!scratch.join("data/flowbook/jupyter").exists());
}
