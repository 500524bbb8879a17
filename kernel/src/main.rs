//! The `flowbook` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    // The evaluator starts this same program as the process that holds a notebook's variables.
    if flowbook_kernel::evaluator::child_main_if_requested() {
        return ExitCode::SUCCESS;
    }
    flowbook_kernel::cli::main()
}
