//! Who the kernel is: the content of `kernel_info_reply`.

use serde_json::{Value, json};

use super::sockets::PROTOCOL_VERSION;

/// The content of a `kernel_info_reply`.
pub fn kernel_info() -> Value {
    let version = env!("CARGO_PKG_VERSION");
    json!({
        "status": "ok",
        "protocol_version": PROTOCOL_VERSION,
        "implementation": "flowbook",
        "implementation_version": version,
        "language_info": {
            "name": "rust",
            "version": rust_version(),
            "mimetype": "text/rust",
            "file_extension": ".rs",
            "pygments_lexer": "rust",
            "codemirror_mode": "rust",
            "nbconvert_exporter": "script",
        },
        "banner": format!("Flowbook {version}: Rust with tensors, graphs and plots at hand (`tf`, `np`, `plt`)"),
        "debugger": false,
        "help_links": [
            {"text": "The Rust Book", "url": "https://doc.rust-lang.org/book/"},
            {"text": "The Rust standard library", "url": "https://doc.rust-lang.org/std/"},
            {"text": "TensorFlow API", "url": "https://www.tensorflow.org/api_docs/python/tf"},
        ],
        "supported_features": [],
    })
}

/// The version of the compiler that compiles cells, such as `1.95.0`: the one that built the library.
fn rust_version() -> &'static str {
    env!("FLOWBOOK_RUSTC_VERSION").split_whitespace().nth(1).unwrap_or_default()
}
