//! The kernel under Jupyter's own client and test suite.

use flowbook_tests::{Scratch, script, succeed};

fn run(name: &str) {
    let scratch = Scratch::new();
    succeed(scratch.python(&[]).arg(script(name)).arg("-v"));
}

#[test]
fn jupyter_client_can_work_with_the_kernel() {
    run("test_client.py");
}

#[test]
fn the_jupyter_kernel_test_suite_passes() {
    run("test_suite.py");
}
