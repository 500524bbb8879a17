//! Every kernel of this crate compiles with NVIDIA's own compiler, for the architectures of three generations. Needs no
//! device.

#[path = "../support/mod.rs"]
mod support;
mod texts;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use flowbook_cuda::Error;

/// Turing (T4), Ampere (A100), Hopper (H100, H200).
const ARCHITECTURES: [i32; 3] = [75, 80, 90];

#[test]
fn every_kernel_compiles_for_every_architecture() {
    let Some(compiler) = support::nvrtc() else { return };
    let texts = texts::all();
    let jobs: Vec<(&str, i32)> = texts.iter().flat_map(|t| ARCHITECTURES.map(|a| (&**t, a))).collect();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((text, architecture)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match compiler.compile(text, *architecture) {
                        // A CUBIN is an ELF file.
                        Ok(code) => assert!(code.starts_with(b"\x7fELF"), "the code for sm_{architecture} is none"),
                        Err(error) => failures.lock().unwrap().push(format!("sm_{architecture}: {error}\n{text}")),
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), jobs.len(), failures[0]);
    assert!(texts.len() > 100, "only {} texts", texts.len());
}

#[test]
fn a_wrong_text_fails_with_the_compilers_log() {
    let Some(compiler) = support::nvrtc() else { return };
    let text = "extern \"C\" __global__ void wrong(float* to) { to[0] = unknown; }";
    let Err(Error::Compile { name, log }) = compiler.compile(text, 80) else { panic!("an unknown name compiles") };
    assert!(name == "wrong" && log.contains("unknown"), "{name}: {log}");
}

#[test]
fn the_architecture_is_the_newest_that_the_device_runs() {
    let Some(compiler) = support::nvrtc() else { return };
    assert_eq!(compiler.architecture((7, 5)), Ok(75));
    assert_eq!(compiler.architecture((9, 0)), Ok(90));
    assert!(matches!(compiler.architecture((99, 0)), Err(Error::Unavailable(_))));
}
