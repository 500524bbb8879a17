//! Writes `../src/proto.rs` from `../proto/event.proto`. Nothing of this is needed to build Flowbook:
//! `cargo run --manifest-path prelude/summary/codegen/Cargo.toml`, then `cargo fmt`, and commit what it wrote.

use std::error::Error;
use std::fs;
use std::path::Path;

const HEAD: &str = "\
//! The messages of event files. Written by `codegen` from `proto/event.proto`; do not edit.
#![allow(clippy::all, missing_docs)]

";

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let proto = root.join("proto");
    let files = protox::compile(["event.proto"], [&proto])?;
    let out = std::env::temp_dir().join(format!("flowbook-codegen-{}", std::process::id()));
    fs::create_dir_all(&out)?;
    // Maps in the order of their keys: the same graph is always the same bytes.
    prost_build::Config::new().btree_map(["."]).out_dir(&out).compile_fds(files)?;
    let generated = fs::read_to_string(out.join("tensorflow.rs"))?;
    fs::write(root.join("src/proto.rs"), format!("{HEAD}{generated}"))?;
    fs::remove_dir_all(out)?;
    Ok(())
}
