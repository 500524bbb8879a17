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

#[test]
fn the_rest_of_the_protocol_is_there() {
    run("test_protocol.py");
}

#[test]
fn output_is_live_and_complete() {
    run("test_output.py");
}

#[test]
fn cells_can_ask_the_user() {
    run("test_input.py");
}

#[test]
fn variables_survive_interrupts_and_deaths() {
    run("test_survival.py");
}

#[test]
fn damaged_messages_and_many_cells_do_no_harm() {
    run("test_robustness.py");
}
