"""Jupyter's own conformance suite, with this kernel's samples."""

import unittest

import jupyter_kernel_test


class FlowbookTests(jupyter_kernel_test.KernelTests):
    kernel_name = "flowbook"
    language_name = "rust"
    file_extension = ".rs"
    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("oops");'
    complete_code_samples = ["1", "let a = 1;", "fn f() -> i32 { 1 }", "use std::fmt;\nlet b = 2;"]
    incomplete_code_samples = ["fn f() {", "let a = (", 'println!("']
    invalid_code_samples = ["let = 1;", "fn )("]
    completion_samples = [
        {"text": "zzz", "matches": []},
        {"text": "whi", "matches": ["while"]},
        {"text": "np", "matches": ["np"]},
        {"text": "tf::matm", "matches": ["matmul"]},
    ]
    code_generate_error = 'panic!("on purpose")'
    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": "[1, 2]", "result": "[1, 2]"},
        {"code": '"text"', "result": '"text"'},
    ]
    code_display_data = [{"code": 'display::html("<b>hi</b>");', "mime": "text/html"}]
    code_inspect_sample = "tf::matmul"
    code_clear_output = "display::clear_output(false);"
    code_history_pattern = "1?+*"
    supported_history_operations = ("tail", "range", "search")


class FlowbookWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "flowbook"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main()
