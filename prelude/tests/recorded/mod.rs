//! What the lessons' listings printed in TensorFlow 2.21, Keras 3.15 and NumPy 2.4 (`fixtures/make_golden.py`), and how
//! the tests print beside it.

/// The recorded output of a listing.
macro_rules! recorded {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/golden/", $name, ".txt"))
    };
}

/// Python's `print` into a text.
#[allow(unused_macros, reason = "not every test prints into a text")]
macro_rules! say {
    ($out:ident, $($what:tt)*) => {{
        use std::fmt::Write;
        writeln!($out, $($what)*).expect("texts take everything");
    }};
}
