//! Notes which compiler builds the library: cells must be compiled by the same one, and finding it again at run time
//! through rustup's proxy would cost every start some milliseconds.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    println!("cargo:rustc-env=FLOWBOOK_SYSROOT={}", run(&rustc, &["--print", "sysroot"]));
    println!("cargo:rustc-env=FLOWBOOK_RUSTC_VERSION={}", run(&rustc, &["-V"]));
    println!("cargo:rustc-env=FLOWBOOK_TARGET={}", std::env::var("TARGET").unwrap_or_default());
}

fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().expect("the compiler that builds this runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
