//! What is found where a driver, a compiler or a device is missing, old or hidden.

use std::fs;
use std::sync::Arc;

use flowbook_cuda::{Compiler, Device, Probe, device_name, devices, probe};

use crate::libraries::{Libraries, compiler, whole};

/// What other tests run as a child process.
#[test]
#[ignore = "a child process of other tests"]
fn say_what_is_found() {
    match probe() {
        Probe::Device(device) => println!("FOUND: {device} {:?} {}", device_name(), devices().len()),
        Probe::Unavailable(reason) => {
            assert_eq!((device_name(), devices().len()), (None, 0));
            println!("FOUND: {reason}");
        }
    }
}

#[test]
fn hidden_devices_are_not_looked_for() {
    let libraries = Libraries::new();
    for hidden in ["", "-1"] {
        let answer = libraries.answer(&[("CUDA_VISIBLE_DEVICES", hidden)]);
        assert_eq!(answer, "CUDA_VISIBLE_DEVICES hides every device");
    }
}

#[test]
fn an_old_driver_is_said_to_be_old() {
    let libraries = Libraries::new();
    if !libraries.add_driver(&["-DOLD"]) {
        return;
    }
    let answer = libraries.answer(&[]);
    assert!(answer.starts_with("the NVIDIA driver is too old (it has no cu"), "{answer}");
    assert!(answer.ends_with("CUDA 12 is needed: update the NVIDIA driver"), "{answer}");
    assert!(libraries.add_driver(&[]));
    let answer = libraries.answer(&[("FAKE_VERSION", "11080")]);
    assert_eq!(answer, "the NVIDIA driver is for CUDA 11.8; CUDA 12 is needed: update the NVIDIA driver");
}

#[test]
fn a_driver_without_a_device_or_without_a_compiler_is_not_enough() {
    let libraries = Libraries::new();
    if !libraries.add_driver(&[]) {
        return;
    }
    assert_eq!(libraries.answer(&[("FAKE_DEVICES", "0")]), "the NVIDIA driver sees no device");
    let missing = libraries.0.join("nothing.so").display().to_string();
    assert_eq!(
        libraries.answer(&[("FLOWBOOK_NVRTC", &missing)]),
        format!("{missing} is no library that can be opened")
    );
    let driver = libraries.0.join("libcuda.so.1").display().to_string();
    let answer = libraries.answer(&[("FLOWBOOK_NVRTC", &driver)]);
    assert!(answer.starts_with(&format!("{driver} is no CUDA run-time compiler that can be used")), "{answer}");
    if Compiler::find(12).is_ok() {
        crate::support::skipped("a driver without a compiler: this machine has one");
        return;
    }
    let answer = libraries.answer(&[]);
    assert!(answer.starts_with("the CUDA run-time compiler (libnvrtc) was not found; install"), "{answer}");
}

#[test]
fn emulated_devices_are_used_when_they_are_asked_for() {
    for (asked, found) in [
        ("emulated", "Some(\"/device:GPU:0\") [16384 MiB]"),
        ("emulated:64M", "Some(\"/device:GPU:0\") [64 MiB]"),
        ("emulated:2:64M", "Some(\"/device:GPU:0\") [64 MiB, 64 MiB]"),
    ] {
        let out = Libraries::new()
            .run("search::say_what_is_emulated", &[("FLOWBOOK_CUDA", asked), ("CUDA_VISIBLE_DEVICES", "")]);
        assert!(out.contains(&format!("FOUND: {found}")), "{asked}: {out}");
    }
}

/// What another test runs as a child process.
#[test]
#[ignore = "a child process of other tests"]
fn say_what_is_emulated() {
    let memory = |device: &Arc<dyn Device>| format!("{} MiB", device.info().memory >> 20);
    let memories: Vec<String> = devices().iter().map(memory).collect();
    println!("FOUND: {:?} [{}]", device_name(), memories.join(", "));
    for (i, device) in devices().iter().enumerate() {
        assert_eq!((&*device.info().name, device.info().index), ("emulated on the CPU", i));
    }
}

#[test]
fn a_device_is_described_in_one_line() {
    let Some(libraries) = whole() else { return };
    let answer = libraries.answer(&[("FLOWBOOK_NVRTC", &compiler(&libraries)), ("FAKE_DEVICES", "2")]);
    assert_eq!(answer, "Fake 0, compute capability 9.0, 0.2 GiB Some(\"/device:GPU:0\") 2");
}

/// What another test runs as a child process.
#[test]
#[ignore = "a child process of other tests"]
fn use_no_device() {
    assert!(matches!(probe(), Probe::Device(_)));
    println!("FOUND: {:?} {}", device_name(), devices().len());
}

#[test]
fn a_device_that_others_have_taken_is_named_in_a_line() {
    let Some(libraries) = whole() else { return };
    let variables = [("FLOWBOOK_NVRTC", &*compiler(&libraries)), ("FAKE_TAKEN", "1")];
    let (out, err) = libraries.run_and_hear("search::use_no_device", &variables);
    assert!(out.contains("FOUND: None 0"), "{out}");
    assert_eq!(err.matches("/device:GPU:0 cannot be used: cuDevicePrimaryCtxRetain failed").count(), 1, "{err}");
}

#[test]
fn a_compiler_in_pythons_packages_is_found() {
    let libraries = Libraries::new();
    if !libraries.add_driver(&[]) {
        return;
    }
    let packages = "environment/lib/python3.12/site-packages/nvidia/cu13/lib";
    fs::create_dir_all(libraries.0.join(packages)).unwrap();
    assert!(libraries.add(include_str!("../libraries/nvrtc.c"), "libnvrtc.so.13", &[]));
    fs::rename(libraries.0.join("libnvrtc.so.13"), libraries.0.join(packages).join("libnvrtc.so.13")).unwrap();
    let environment = libraries.0.join("environment").display().to_string();
    let answer = libraries.answer(&[("VIRTUAL_ENV", &environment), ("FAKE_VERSION", "13000")]);
    assert!(answer.starts_with("Fake 0, compute capability 9.0"), "{answer}");
    if Compiler::find(12).is_err() {
        // A compiler newer than the driver makes code that the driver does not know.
        let answer = libraries.answer(&[("VIRTUAL_ENV", &environment), ("FAKE_VERSION", "12080")]);
        assert!(answer.starts_with("the CUDA run-time compiler (libnvrtc) was not found"), "{answer}");
    }
}
