//! What every notebook cell sees without an import, and the child process's way in. No functionality of its own.

pub use flowbook_plot as plt;
pub use flowbook_runtime as rt;
pub use flowbook_runtime::display;

/// The names that are in scope in every cell.
pub mod scope {
    pub use super::{display, plt};
}

/// Entry of the child process that runs the cells; the kernel's executable calls it by name after loading this dylib.
#[unsafe(no_mangle)]
pub extern "C" fn flowbook_child_main() {
    flowbook_runtime::child::main();
}
