//! What every notebook cell sees without an import, how the library's values show themselves there, and the child
//! process's way in. No functionality of its own.

pub use flowbook_plot as plt;
pub use flowbook_runtime as rt;
pub use flowbook_runtime::display;
pub use flowbook_runtime::input::{getpass, input};
// rustc writes the path of a type behind `plt` or `rt` with the crate's own name, and later cells use what it writes.
#[doc(hidden)]
pub use {flowbook_plot, flowbook_runtime};

use flowbook_runtime::frame::MimeBundle;
use flowbook_runtime::show::Rich;

use crate::array::Array;

/// The names that are in scope in every cell.
pub mod scope {
    pub use super::{display, getpass, input, plt};
    pub use crate::{Array, feed, keras, np, s, shape, v1 as tf};
}

impl Rich for Array {
    fn mime_bundle(&self) -> MimeBundle {
        let plain = ("text/plain".into(), self.repr().into_bytes());
        crate::np::display::table(self)
            .map(|html| ("text/html".into(), html.into_bytes()))
            .into_iter()
            .chain([plain])
            .collect()
    }
}

/// Entry of the child process that runs the cells; the kernel's executable calls it by name after loading this dylib.
#[cfg(target_os = "linux")]
#[unsafe(no_mangle)]
pub extern "C" fn flowbook_child_main() {
    flowbook_runtime::child::main();
}
